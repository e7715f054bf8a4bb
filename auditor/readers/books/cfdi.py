"""Mexico's invoices, CFDI 3.2 to 4.0, laid out as UBL's are (formats.md §3).

A line for each concepto, its taxes added (`Traslados`) as the line's tax; taxes that the buyer keeps back
(`Retenciones`) and discounts are lines of their own, below zero. All values are attributes, of older versions in small
letters.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from decimal import InvalidOperation
from typing import TypeAlias
from xml.etree.ElementTree import Element

from auditor.core.problems import AuditorError
from auditor.readers.books.xml_elements import HEADS
from auditor.readers.books.xml_elements import Party
from auditor.readers.books.xml_elements import XmlTable
from auditor.readers.books.xml_elements import element_name
from auditor.readers.books.xml_elements import row_of

ROOT = "Comprobante"
_Facts: TypeAlias = Mapping[str, str]
_TYPES = {"I": "invoice", "E": "credit_memo", "ingreso": "invoice", "egreso": "credit_memo"}
_TAXES = {"001": "ISR", "002": "IVA", "003": "IEPS"}
_HOME = "MXN"
# Its own profile knows it by the one head that is not UBL's.
_HEADS = tuple("Traslado" if head == "TaxScheme" else head for head in HEADS)
_DAY = len("2026-10-31")


def cfdi_table(root: Element) -> XmlTable:
    """Give a CFDI as a table. Raises `AuditorError`: `cfdi_charges_nothing` for what is no invoice or credit note."""
    facts = _attributes(root)
    kind = facts.get("tipodecomprobante", "")
    conceptos = _all(root, "Conceptos", "Concepto")
    if kind not in _TYPES or not conceptos:
        raise AuditorError("cfdi_charges_nothing", kind=kind)
    usual = _usual(root, facts, _TYPES[kind])
    lines = [line for concepto in conceptos for line in _lines(concepto, usual)]
    lines += _rest(root, facts, lines, usual)
    total = {"Description": "Total", "LineExtensionAmount": facts.get("total", "")}
    rows = [[text] for text in _notes(root)] + [list(_HEADS), *map(row_of, lines), row_of(total)]
    customer = _attributes(next(iter(_all(root, "Receptor")), None))
    return XmlTable(rows, list(_remarks(facts)), Party(customer.get("nombre", ""), customer.get("rfc", "")))


def _usual(root: Element, facts: _Facts, kind: str) -> dict[str, str]:
    """Give what holds for every line of the document."""
    issuer = _attributes(next(iter(_all(root, "Emisor")), None))
    number = "-".join(filter(None, (facts.get("serie", ""), facts.get("folio", ""))))
    return {
        "ID": number or _stamp(root),
        "DocumentType": kind,
        "IssueDate": facts.get("fecha", "")[:_DAY],
        "RegistrationName": issuer.get("nombre", ""),
        "CompanyID": issuer.get("rfc", ""),
        "currencyID": facts.get("moneda", _HOME),
    }


def _stamp(root: Element) -> str:
    """Give the fiscal folio (UUID) that the tax office's stamp states."""
    return _attributes(next(iter(_all(root, "Complemento", "TimbreFiscalDigital")), None)).get("uuid", "")


def _notes(root: Element) -> Iterator[str]:
    if uuid := _stamp(root):
        yield f"UUID {uuid}"


def _remarks(facts: _Facts) -> Iterator[tuple[str, dict[str, str]]]:
    """Say the exchange rate that a document in another currency states: nothing is converted by it."""
    currency, rate = facts.get("moneda", _HOME), facts.get("tipocambio", "")
    if rate and currency != _HOME:
        yield "document_exchange_rate", {"rate": rate, "currency": currency, "other": _HOME}


def _lines(concepto: Element, usual: _Facts) -> Iterator[_Facts]:
    """Give the line of a concepto, then its discount and what is kept back of its taxes."""
    own = _attributes(concepto)
    said = {**usual, "Description": own.get("descripcion", "")}
    added = [_attributes(one).get("importe", "") for one in _all(concepto, "Impuestos", "Traslados", "Traslado")]
    yield {
        **said,
        "Quantity": own.get("cantidad", ""),
        "unitCode": own.get("claveunidad", own.get("unidad", "")),
        "PriceAmount": own.get("valorunitario", ""),
        "LineExtensionAmount": own.get("importe", ""),
        "TaxAmount": _sum(added),
    }
    discount = own.get("descuento", "")
    if discount.strip("0."):
        yield {**said, "Description": f"Descuento: {said['Description']}", "Layer": "credit", **_less(discount)}
    for kept in _all(concepto, "Impuestos", "Retenciones", "Retencion"):
        yield _kept(_attributes(kept), usual)


def _kept(tax: _Facts, usual: _Facts) -> _Facts:
    name = _TAXES.get(tax.get("impuesto", ""), tax.get("impuesto", tax.get("implocretenido", "")))
    amount = tax.get("importe", "")
    return {**usual, "Description": f"Retención {name}", "Layer": "tax", **_less(amount)}


def _less(amount: str) -> dict[str, str]:
    return {"LineExtensionAmount": amount[1:] if amount.startswith("-") else f"-{amount}"}


def _rest(root: Element, facts: _Facts, lines: Sequence[_Facts], usual: _Facts) -> list[_Facts]:
    """Give what the document states beyond its conceptos: local taxes, and before CFDI 3.3 discount and all taxes."""
    found = [*_document_taxes(root, lines, usual), *_local_taxes(root, usual)]
    discount = facts.get("descuento", "")
    if discount.strip("0.") and not any(line.get("Layer") == "credit" for line in lines):
        found.append({**usual, "Description": "Descuento", "Layer": "credit", **_less(discount)})
    return found


def _document_taxes(root: Element, lines: Sequence[_Facts], usual: _Facts) -> Iterator[_Facts]:
    """Give how far the document's taxes are from those of its lines: they are rounded for the document as a whole."""
    totals = _attributes(next(iter(_all(root, "Impuestos")), None))
    of_lines = [line["TaxAmount"] for line in lines if line.get("TaxAmount")]
    added = _beyond(totals.get("totalimpuestostrasladados", ""), of_lines)
    if added.strip("-0."):
        yield {**usual, "Description": "IVA", "Layer": "tax", "LineExtensionAmount": added}
    kept = [line["LineExtensionAmount"].removeprefix("-") for line in lines if line.get("Layer") == "tax"]
    back = _beyond(totals.get("totalimpuestosretenidos", ""), kept)
    if back.strip("-0."):
        yield {**usual, "Description": "Retenciones", "Layer": "tax", **_less(back)}


def _local_taxes(root: Element, usual: _Facts) -> Iterator[_Facts]:
    """Give taxes of a state or a town, which stand in a complement."""
    for tax in map(_attributes, _all(root, "Complemento", "ImpuestosLocales", "TrasladosLocales")):
        name = tax.get("imploctrasladado", "")
        yield {**usual, "Description": name, "Layer": "tax", "LineExtensionAmount": tax.get("importe", "")}
    for tax in map(_attributes, _all(root, "Complemento", "ImpuestosLocales", "RetencionesLocales")):
        yield _kept(tax, usual)


def _beyond(stated: str, known: Sequence[str]) -> str:
    """Give a stated sum less its known parts; empty if it is not stated, or none of them can be read."""
    try:
        return f"{Decimal(stated) - sum(map(Decimal, known)):f}" if stated else ""
    except InvalidOperation:
        return ""


def _sum(texts: Sequence[str]) -> str:
    """Give the sum of several taxes on a line, one as it is written; the first of those that cannot be added."""
    stated = [text for text in texts if text]
    try:
        return f"{sum(map(Decimal, stated)):f}" if len(stated) > 1 else "".join(stated)
    except InvalidOperation:
        return stated[0]


def _all(element: Element, *names: str) -> list[Element]:
    """Give the elements at the end of a path; of each step there may be several."""
    found = [element]
    for name in names:
        found = [child for one in found for child in one if element_name(child) == name]
    return found


def _attributes(element: Element | None) -> _Facts:
    return {name.lower(): " ".join(text.split()) for name, text in element.items()} if element is not None else {}

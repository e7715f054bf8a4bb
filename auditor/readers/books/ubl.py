"""UBL 2.1 invoices, credit and debit notes, such as Peru's factura electrónica, laid out as a table (formats.md §3).

The file is taken apart in a process of its own, and nothing it names is fetched.
"""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from decimal import InvalidOperation
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from typing import TypeAlias
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml import ElementTree

from auditor.core.problems import AuditorError
from auditor.readers.books.cfdi import ROOT as CFDI
from auditor.readers.books.cfdi import cfdi_table
from auditor.readers.books.ecb_rates import ecb_rates
from auditor.readers.books.xml_elements import HEADS
from auditor.readers.books.xml_elements import Party
from auditor.readers.books.xml_elements import XmlTable
from auditor.readers.books.xml_elements import element_name as _name
from auditor.readers.books.xml_elements import row_of as _row
from auditor.readers.values.vocabulary import described

_FINEST = Decimal("1e-12")
_LARGEST = 32 << 20
_DEEPEST = 64
_LINES = {"Invoice": "InvoiceLine", "CreditNote": "CreditNoteLine", "DebitNote": "DebitNoteLine"}
_TYPES = {"Invoice": "invoice", "CreditNote": "credit_memo", "DebitNote": "debit_memo"}
# In UN/CEFACT's list 1001, Colombia's and Turkey's: some countries state a note as an `Invoice` of that type.
_BY_CODE = {
    **dict.fromkeys(
        ("81", "83", "91", "261", "262", "296", "308", "381", "396", "420", "458", "532", "IADE"), "credit_memo"
    ),
    **dict.fromkeys(("80", "82", "84", "92", "383"), "debit_memo"),
}
# SUNAT's catalogue 53: advances; perceptions of the seller and what the buyer withholds of the tax.
_ADVANCES = frozenset({"04", "05", "06", "20"})
_FEES = frozenset({"provider_fee", "subscription"})
_APART = frozenset({"51", "52", "53", "62"})
_RUC = 11
# SUNAT's tax scheme of what is given free of charge, as in the profile `ubl_invoice`.
_GIFT = "9996"
_AMOUNTS = ("LineExtensionAmount", "TaxAmount")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_QUANTITIES = ("InvoicedQuantity", "CreditedQuantity", "DebitedQuantity")
_TOTALS = ("LegalMonetaryTotal", "RequestedMonetaryTotal")
_Facts: TypeAlias = Mapping[str, str]


def document_table(path: str) -> XmlTable:
    """Give a document as a table: its notes, the heads, its lines, and its totals.

    That of an AttachedDocument, in which Colombia's suppliers send theirs, is the one within; a CFDI is read by
    `cfdi_table`; the ECB's rates are a table of their own. To be done apart. Raises `AuditorError`: `xml_too_large`,
    `xml_unsafe` (a document type, an entity), `file_damaged`, `xml_kind_unknown` for any other XML,
    `xml_without_lines`, `cfdi_charges_nothing`.
    """
    if Path(path).stat().st_size > _LARGEST:
        raise AuditorError("xml_too_large", size=_LARGEST >> 20)
    with Path(path).open("rb") as file:
        root = _root(file)
    if _name(root) == "AttachedDocument":
        root = _attached(root)
    kind = _name(root)
    if kind == CFDI:
        return cfdi_table(root)
    if rates := ecb_rates(root):
        return XmlTable(rates, [])
    if kind not in _LINES:
        raise AuditorError("xml_kind_unknown", root=kind)
    if not any(_name(child) == _LINES[kind] for child in root):
        raise AuditorError("xml_without_lines", root=kind, line=_LINES[kind])
    return XmlTable(list(_rows(root, kind)), list(_remarks(root, kind)), _customer(root))


def _attached(root: Element) -> Element:
    """Give the document within another; that one itself if it holds none."""
    text = _path(root, "Attachment", "ExternalReference", "Description")
    inner = ((text.text if text is not None else "") or "").strip()
    # The text is decoded already: what its declaration says of that holds no more.
    inner = re.sub(r"\A<\?xml[^>]*\?>\s*", "", inner)
    return _root(BytesIO(inner.encode())) if inner.startswith("<") else root


def _remarks(root: Element, kind: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Say what is stated but no part of the total, and which sign is in doubt."""
    for element in _allowances(root):
        if _is_apart(element, root):
            text = _text(element, "AllowanceChargeReason") or _text(element, "AllowanceChargeReasonCode")
            yield "amount_apart", {"text": text, "amount": _text(element, "Amount")}
    if kind == "CreditNote" and _payable(root).startswith("-"):
        yield "credit_note_negative", {"amount": _payable(root)}


def _root(file: BinaryIO) -> Element:
    depth = 0
    root: Element | None = None
    try:
        for event, element in ElementTree.iterparse(file, events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if depth > _DEEPEST:
                raise AuditorError("file_damaged")
    except DefusedXmlException as error:
        raise AuditorError("xml_unsafe") from error
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise AuditorError("file_damaged") from error
    if root is None:
        raise AuditorError("file_damaged")
    return root


def _rows(root: Element, kind: str) -> Iterator[list[str]]:
    """Give the rows; the lines' sum, charges, discounts, advances and rounding come to the total to pay."""
    yield from ([text] for element in root if _name(element) == "Note" and (text := _own(element)))
    yield list(HEADS)
    facts = _facts(root, kind)
    lines = [_line(element, facts) for element in root if _name(element) == _LINES[kind]]
    yield from map(_row, lines)
    yield from map(_row, _beside(root, facts, lines))
    if payable := _payable(root):
        yield _row({"Description": "Total", "LineExtensionAmount": payable})


def _facts(root: Element, kind: str) -> _Facts:
    """Give what holds for every line of the document."""
    supplier = _path(root, "AccountingSupplierParty", "Party")
    return {
        "ID": _text(root, "ID"),
        "DocumentType": _BY_CODE.get(_text(root, "InvoiceTypeCode"), _TYPES[kind]),
        "IssueDate": _text(root, "IssueDate"),
        "DueDate": _text(root, "DueDate") or _deep(root, "PaymentMeans", "PaymentDueDate"),
        "RegistrationName": _deep(supplier, "PartyLegalEntity", "RegistrationName"),
        "CompanyID": _deep(supplier, "PartyIdentification", "ID") or _deep(supplier, "PartyTaxScheme", "CompanyID"),
        "StartDate": _deep(root, "InvoicePeriod", "StartDate"),
        "EndDate": _deep(root, "InvoicePeriod", "EndDate"),
        "currencyID": _text(root, "DocumentCurrencyCode"),
    }


def _customer(root: Element) -> Party:
    """Give whom the document is made out to."""
    party = _path(root, "AccountingCustomerParty", "Party")
    return Party(
        _deep(party, "PartyLegalEntity", "RegistrationName") or _deep(party, "PartyName", "Name"),
        _deep(party, "PartyIdentification", "ID") or _deep(party, "PartyTaxScheme", "CompanyID"),
    )


def _line(element: Element, facts: _Facts) -> _Facts:
    """Give one line; its tax is the sum of its tax totals."""
    quantity = next((child for child in element if _name(child) in _QUANTITIES), None)
    amount = next((child for child in element if _name(child) == "LineExtensionAmount"), None)
    own = {
        "StartDate": _deep(element, "InvoicePeriod", "StartDate"),
        "EndDate": _deep(element, "InvoicePeriod", "EndDate"),
        "currencyID": amount.get("currencyID", "") if amount is not None else "",
    }
    return {
        **facts,
        **{name: text for name, text in own.items() if text},
        "Description": " ".join(_texts(_path(element, "Item"), "Description")) or _deep(element, "Item", "Name"),
        "Quantity": _own(quantity),
        "unitCode": quantity.get("unitCode", "") if quantity is not None else "",
        "PriceAmount": _price(element),
        "LineExtensionAmount": _own(amount),
        "TaxAmount": _tax(element, own["currencyID"]),
        "TaxScheme": _deep(element, "TaxTotal", "TaxSubtotal", "TaxCategory", "TaxScheme", "ID"),
    }


def _price(line: Element) -> str:
    """Give the price of one unit, where that of several (`BaseQuantity`) may be stated; empty if it is no decimal."""
    stated, base = _deep(line, "Price", "PriceAmount"), _deep(line, "Price", "BaseQuantity")
    if not stated or not base.strip("0."):
        return stated
    try:
        price = Decimal(stated) / Decimal(base)
        return f"{price.quantize(_FINEST).normalize():f}" if price == price.quantize(_FINEST) else ""
    except InvalidOperation:
        return stated


def _tax(element: Element, currency: str) -> str:
    """Give the sum of the tax totals in a currency; the same tax may be stated in another one besides."""
    found = [child for total in element if _name(total) == "TaxTotal" for child in total if _name(child) == "TaxAmount"]
    texts = [_own(child) for child in found if child.get("currencyID", currency) == currency]
    if len(texts) < 2:
        return next(iter(texts), "")
    try:
        return str(sum(map(Decimal, texts)))
    except InvalidOperation:
        return texts[0]


def _beside(root: Element, facts: _Facts, lines: Sequence[_Facts]) -> list[_Facts]:
    """Give what the document adds to its lines, or takes off: discounts and charges, tax, advances, rounding.

    SUNAT has an advance stated twice, without its tax as a discount and with it as what was paid: one of them counts.
    A tax beyond that of the lines counts unless the document comes to its total without, as where that of gifts is in.
    """
    taken = [_allowance(element, facts) for element in _allowances(root) if not _is_apart(element, root)]
    tax, paid = _rest_of_tax(root, facts, lines), _in_totals(root, facts, "PrepaidAmount", "top_up", "-")
    rounding = _in_totals(root, facts, "PayableRoundingAmount", "other", "")
    discounts = [one for one in taken if one["Layer"] != "top_up"]
    usual = [*taken, *tax, *(paid if len(discounts) == len(taken) else ()), *rounding]
    other = [*discounts, *paid, *rounding]
    payable, taxed = _decimal(_payable(root)), any(line["TaxAmount"] for line in lines)
    comes_to_it = [_sum([*lines, *way]) == payable for way in (usual, other)]
    return other if taxed and comes_to_it == [False, True] else usual


def _allowances(root: Element) -> Iterator[Element]:
    return (child for child in root if _name(child) == "AllowanceCharge")


def _allowance(element: Element, facts: _Facts) -> _Facts:
    """Give a discount, a charge, or an advance that is stated as a discount."""
    charge = _text(element, "ChargeIndicator").lower() == "true"
    reason = _text(element, "AllowanceChargeReason") or ("Charge" if charge else "Discount")
    advance = _text(element, "AllowanceChargeReasonCode") in _ADVANCES
    layer, sign = (_layer_of(reason), "") if charge else ("top_up" if advance else "credit", "-")
    amount = _signed(sign, _text(element, "Amount"))
    return {**facts, "Description": reason, "Layer": layer, "LineExtensionAmount": amount}


def _layer_of(reason: str) -> str:
    """Give the layer of a charge by its reason: a fee of the provider's, or nothing that we know."""
    layer = described(reason).layer
    return layer if layer in _FEES else "other"


def _is_apart(element: Element, root: Element) -> bool:
    """Tell what SUNAT has stated in this place, but is withheld or collected for the state: no part of the total."""
    supplier = _path(root, "AccountingSupplierParty", "Party", "PartyIdentification", "ID")
    peruvian = supplier is not None and supplier.get("schemeID") == "6" and len(_own(supplier)) == _RUC
    return peruvian and _text(element, "AllowanceChargeReasonCode") in _APART


def _rest_of_tax(root: Element, facts: _Facts, lines: Sequence[_Facts]) -> list[_Facts]:
    """Give the document's tax where its lines state none, or how far it is from theirs: of discounts and advances."""
    stated = _tax(root, facts["currencyID"])
    of_lines = [line["TaxAmount"] for line in lines if line["TaxAmount"] and line["TaxScheme"] != _GIFT]
    tax, known = _decimal(stated), [_decimal(text) for text in of_lines]
    rest = stated
    if of_lines:
        rest = "" if tax is None or None in known else f"{tax - sum(filter(None, known)):f}"
    if not rest.strip("-0."):
        return []
    scheme = _deep(root, "TaxTotal", "TaxSubtotal", "TaxCategory", "TaxScheme", "Name")
    return [{**facts, "Description": scheme or "Tax", "Layer": "tax", "LineExtensionAmount": rest}]


def _in_totals(root: Element, facts: _Facts, name: str, layer: str, sign: str) -> list[_Facts]:
    amount = _text(_totals(root), name)
    if not amount.strip("0."):
        return []
    return [{**facts, "Description": name, "Layer": layer, "LineExtensionAmount": _signed(sign, amount)}]


def _totals(root: Element) -> Element | None:
    return next((element for element in root if _name(element) in _TOTALS), None)


def _payable(root: Element) -> str:
    return _text(_totals(root), "PayableAmount")


def _sum(lines: Iterable[_Facts]) -> Decimal | None:
    """Give what lines come to with their tax; None if an amount cannot be read."""
    texts = [line.get(name, "") for line in lines if line.get("TaxScheme") != _GIFT for name in _AMOUNTS]
    found = [_decimal(text) for text in texts if text]
    return None if None in found else sum(filter(None, found), Decimal(0))


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def _signed(sign: str, amount: str) -> str:
    return amount[1:] if sign and amount.startswith("-") else f"{sign}{amount}"


def _own(element: Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _texts(element: Element | None, name: str) -> list[str]:
    return [_own(child) for child in element if _name(child) == name] if element is not None else []


def _text(element: Element | None, name: str) -> str:
    return next(iter(_texts(element, name)), "")


def _path(element: Element | None, *names: str) -> Element | None:
    for name in names:
        element = next((child for child in element if _name(child) == name), None) if element is not None else None
    return element


def _deep(element: Element | None, *names: str) -> str:
    return _own(_path(element, *names))

"""UBL 2.1 invoices, credit and debit notes, such as Peru's factura electrónica, laid out as a table (formats.md §3).

The table's heads are UBL's own names; the profile `ubl_invoice` says what they mean, so that the lines are read and
previewed as any other table's. The file is taken apart in a process of its own, and nothing it names is fetched.
"""

from collections.abc import Iterator
from decimal import Decimal
from decimal import InvalidOperation
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml import ElementTree

from auditor.core.problems import AuditorError

_FINEST = Decimal("1e-12")
_LARGEST = 32 << 20
_DEEPEST = 64
_LINES = {"Invoice": "InvoiceLine", "CreditNote": "CreditNoteLine", "DebitNote": "DebitNoteLine"}
_TYPES = {"Invoice": "invoice", "CreditNote": "credit_memo", "DebitNote": "debit_memo"}
_QUANTITIES = ("InvoicedQuantity", "CreditedQuantity", "DebitedQuantity")
_TOTALS = ("LegalMonetaryTotal", "RequestedMonetaryTotal")
HEADS = (
    "ID", "DocumentType", "IssueDate", "DueDate", "RegistrationName", "CompanyID", "StartDate", "EndDate",
    "Description", "Layer", "Quantity", "unitCode", "PriceAmount", "LineExtensionAmount", "TaxAmount", "TaxScheme",
    "currencyID",
)  # fmt: skip


def ubl_rows(path: str) -> list[list[str]]:
    """Give the rows of a document: its notes, the heads, its lines, and its totals.

    To be done apart. Raises `AuditorError`: `xml_too_large`, `xml_unsafe` (a document type, an entity), `file_damaged`,
    `xml_kind_unknown` for any other XML, `xml_without_lines`.
    """
    if Path(path).stat().st_size > _LARGEST:
        raise AuditorError("xml_too_large", size=_LARGEST >> 20)
    root = _root(path)
    kind = _name(root)
    if kind not in _LINES:
        raise AuditorError("xml_kind_unknown", root=kind)
    if not any(_name(child) == _LINES[kind] for child in root):
        raise AuditorError("xml_without_lines", root=kind, line=_LINES[kind])
    return list(_rows(root, kind))


def _root(path: str) -> Element:
    depth = 0
    root: Element | None = None
    try:
        with Path(path).open("rb") as file:
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
    yield from map(_row, _beside(root, facts, taxed=any(line["TaxAmount"] for line in lines)))
    totals = next((element for element in root if _name(element) in _TOTALS), None)
    payable = _text(totals, "PayableAmount") if totals is not None else ""
    if payable:
        yield _row({"Description": "Total", "LineExtensionAmount": payable})


def _facts(root: Element, kind: str) -> dict[str, str]:
    """Give what holds for every line of the document."""
    supplier = _path(root, "AccountingSupplierParty", "Party")
    return {
        "ID": _text(root, "ID"),
        "DocumentType": _TYPES[kind],
        "IssueDate": _text(root, "IssueDate"),
        "DueDate": _text(root, "DueDate") or _deep(root, "PaymentMeans", "PaymentDueDate"),
        "RegistrationName": _deep(supplier, "PartyLegalEntity", "RegistrationName"),
        "CompanyID": _deep(supplier, "PartyIdentification", "ID") or _deep(supplier, "PartyTaxScheme", "CompanyID"),
        "StartDate": _deep(root, "InvoicePeriod", "StartDate"),
        "EndDate": _deep(root, "InvoicePeriod", "EndDate"),
        "currencyID": _text(root, "DocumentCurrencyCode"),
    }


def _line(element: Element, facts: dict[str, str]) -> dict[str, str]:
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


def _beside(root: Element, facts: dict[str, str], *, taxed: bool) -> Iterator[dict[str, str]]:
    """Give what the document adds to its lines, or takes off: discounts and charges, tax, advances, rounding."""
    for element in (child for child in root if _name(child) == "AllowanceCharge"):
        charge = _text(element, "ChargeIndicator").lower() == "true"
        amount = _text(element, "Amount")
        reason = _text(element, "AllowanceChargeReason") or ("Charge" if charge else "Discount")
        layer, sign = ("other", "") if charge else ("credit", "-")
        yield {**facts, "Description": reason, "Layer": layer, "LineExtensionAmount": _signed(sign, amount)}
    tax = _tax(root, facts["currencyID"])
    if tax and not taxed:
        scheme = _deep(root, "TaxTotal", "TaxSubtotal", "TaxCategory", "TaxScheme", "Name")
        yield {**facts, "Description": scheme or "Tax", "Layer": "tax", "LineExtensionAmount": tax}
    totals = next((element for element in root if _name(element) in _TOTALS), None)
    for name, layer, sign in (("PrepaidAmount", "top_up", "-"), ("PayableRoundingAmount", "other", "")):
        amount = _text(totals, name) if totals is not None else ""
        if amount.strip("0."):
            yield {**facts, "Description": name, "Layer": layer, "LineExtensionAmount": _signed(sign, amount)}


def _signed(sign: str, amount: str) -> str:
    return amount[1:] if sign and amount.startswith("-") else f"{sign}{amount}"


def _row(facts: dict[str, str]) -> list[str]:
    return [facts.get(head, "") for head in HEADS]


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


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

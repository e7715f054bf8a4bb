"""Peru's factura electrónica (UBL 2.1) comes in line by line; an XML that could do harm does not."""

from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.tables.layouts import ReadOptions
from auditor.verbs.inspection import inspect
from tests.readers.fixtures.accounts import andina

_SPACES = (
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)


def _line(kind: str, description: str, quantity: str, price: str, amount: str, tax: str, scheme: str = "1000") -> str:
    counted = {"Invoice": "Invoiced", "CreditNote": "Credited"}[kind]
    return f"""
  <cac:{kind}Line><cbc:ID>1</cbc:ID><cbc:{counted}Quantity unitCode="NIU">{quantity}</cbc:{counted}Quantity>
    <cbc:LineExtensionAmount currencyID="USD">{amount}</cbc:LineExtensionAmount>
    <cac:TaxTotal><cbc:TaxAmount currencyID="USD">{tax}</cbc:TaxAmount><cac:TaxSubtotal><cac:TaxCategory>
      <cac:TaxScheme><cbc:ID>{scheme}</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
    <cac:Item><cbc:Description><![CDATA[{description}]]></cbc:Description></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="USD">{price}</cbc:PriceAmount></cac:Price></cac:{kind}Line>"""


def _document(lines: str, payable: str, kind: str = "Invoice", beside: str = "", total: str = "") -> str:
    return f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2" {_SPACES}>
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:ID>F001-123</cbc:ID><cbc:IssueDate>2026-11-03</cbc:IssueDate>
  <cbc:DueDate>2026-11-18</cbc:DueDate><cbc:Note>Consumo del periodo: octubre 2026</cbc:Note>
  <cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyIdentification><cbc:ID schemeID="6">20555555555</cbc:ID></cac:PartyIdentification>
    <cac:PartyLegalEntity><cbc:RegistrationName>Mensajería Ñandú S.A.C.</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>{beside}
  <cac:LegalMonetaryTotal>{total}<cbc:PayableAmount currencyID="USD">{payable}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>{lines}
</{kind}>"""


_LINES = _line("Invoice", "WhatsApp marketing - Perú", "1000", "0.0703", "70.30", "12.65") + _line(
    "Invoice", "WhatsApp utilidad - Perú", "500", "0.02", "10.00", "1.80"
)


def _written(folder: Path, text: str) -> Path:
    path = folder / "20555555555-01-F001-123.xml"
    path.write_bytes(text.encode("latin-1"))
    return path


def _said(invoice: Invoice) -> list[str]:
    return [f"{line.layer.value}|{line.category}|{line.country or line.market}|{line.amount}" for line in invoice.lines]


def test_that_a_factura_comes_in_with_its_tax_and_total(tmp_path: Path) -> None:
    invoice = read_invoice(_written(tmp_path, _document(_LINES, "94.75")), andina())
    assert _said(invoice) == [
        "meta|marketing|Peru|70.30",
        "tax||Peru|12.65",
        "meta|utility|Peru|10.00",
        "tax||Peru|1.80",
    ]
    first = invoice.lines[0]
    assert (first.document, first.supplier, first.supplier_tax_id) == (
        "F001-123",
        "Mensajería Ñandú S.A.C.",
        "20555555555",
    )
    assert (first.quantity, first.unit_rate, first.currency) == (Decimal(1000), Decimal("0.0703"), "USD")
    assert [str(day) for day in (first.document_date, first.due_date, first.period_start, first.period_end)] == [
        "2026-11-03",
        "2026-11-18",
        "2026-10-01",
        "2026-10-31",
    ]
    assert [(control.amount, control in invoice.agreed) for control in invoice.controls] == [(Decimal("94.75"), True)]
    assert not invoice.report.problems


def test_that_discounts_advances_and_gifts_are_what_they_are(tmp_path: Path) -> None:
    # 70.30 + 12.65 + 10.00 + 1.80 - 5.00 of discount - 20.00 paid before; the gift of 2.00 costs nothing: 69.75
    gift = _line("Invoice", "WhatsApp utilidad - Chile", "100", "0.02", "2.00", "0.00", "9996")
    discount = """<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
      <cbc:AllowanceChargeReason>Descuento global</cbc:AllowanceChargeReason><cbc:Amount>5.00</cbc:Amount>
    </cac:AllowanceCharge>"""
    prepaid = '<cbc:PrepaidAmount currencyID="USD">20.00</cbc:PrepaidAmount>'
    text = _document(_LINES + gift, "69.75", beside=discount, total=prepaid)
    invoice = read_invoice(_written(tmp_path, text), andina())
    assert _said(invoice)[4:] == ["meta|utility|Chile|0", "credit|||-5.00", "top_up|||-20.00"]
    assert len(invoice.agreed) == 1


def _allowance(code: str, amount: str) -> str:
    return f"""<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
      <cbc:AllowanceChargeReasonCode>{code}</cbc:AllowanceChargeReasonCode><cbc:Amount>{amount}</cbc:Amount>
    </cac:AllowanceCharge>"""


def _tax(amount: str) -> str:
    return f"""<cac:TaxTotal><cbc:TaxAmount currencyID="USD">{amount}</cbc:TaxAmount></cac:TaxTotal>"""


def test_that_what_is_withheld_is_no_part_of_the_total(tmp_path: Path) -> None:
    # 70.30 + 12.65 + 10.00 + 1.80 = 94.75, of which the customer keeps back 3 %.
    text = _document(_LINES, "94.75", beside=_allowance("62", "2.84"))
    invoice = read_invoice(_written(tmp_path, text), andina())
    assert sum(line.amount for line in invoice.lines) == Decimal("94.75")
    assert [(one.code, one.values) for one in invoice.report.problems] == [
        ("amount_apart", {"text": "62", "amount": "2.84"})
    ]
    # Elsewhere the same code is a discount (UN/CEFACT 5189).
    abroad = read_invoice(_written(tmp_path, text.replace('schemeID="6"', 'schemeID="31"')), andina())
    assert [str(line.amount) for line in abroad.lines][-1] == "-2.84"


@pytest.mark.parametrize(
    ("prepaid", "tax", "beside"),
    [
        # 94.75 less 20.00 of advance and its tax of 3.60; SUNAT has it stated with its tax, without, or both.
        ("23.60", "14.45", ""),
        ("23.60", "10.85", _allowance("04", "20.00")),
        ("23.60", "14.45", _allowance("04", "20.00")),
        ("", "10.85", _allowance("04", "20.00")),
    ],
)
def test_that_an_advance_is_taken_off_once(tmp_path: Path, prepaid: str, tax: str, beside: str) -> None:
    total = f'<cbc:PrepaidAmount currencyID="USD">{prepaid}</cbc:PrepaidAmount>' if prepaid else ""
    text = _document(_LINES, "71.15", beside=beside + _tax(tax), total=total)
    invoice = read_invoice(_written(tmp_path, text), andina())
    assert sum(line.amount for line in invoice.lines) == Decimal("71.15")
    assert len(invoice.agreed) == 1
    assert "top_up" in {line.layer.value for line in invoice.lines}


def test_that_the_tax_of_a_discount_is_what_the_document_has_less_than_its_lines(tmp_path: Path) -> None:
    # 80.30 - 10.00 = 70.30, of which 18 % are 12.65: 82.95.
    text = _document(_LINES, "82.95", beside=_allowance("02", "10.00") + _tax("12.65"))
    invoice = read_invoice(_written(tmp_path, text), andina())
    assert _said(invoice)[4:] == ["credit|||-10.00", "tax|||-1.80"]
    assert len(invoice.agreed) == 1


def test_that_the_tax_of_gifts_in_the_documents_tax_is_not_to_pay(tmp_path: Path) -> None:
    gift = _line("Invoice", "WhatsApp utilidad - Chile", "100", "0.02", "2.00", "0.36", "9996")
    # 12.65 + 1.80, and 0.36 of the gift, which nobody pays: 94.75.
    invoice = read_invoice(_written(tmp_path, _document(_LINES + gift, "94.75", beside=_tax("14.81"))), andina())
    assert sum(line.amount for line in invoice.lines) == Decimal("94.75")
    assert len(invoice.agreed) == 1


@pytest.mark.parametrize("code", ["381", "91", "IADE"])
def test_that_an_invoice_of_the_type_credit_note_is_one(tmp_path: Path, code: str) -> None:
    note = _document(_LINES, "94.75", beside=f"<cbc:InvoiceTypeCode>{code}</cbc:InvoiceTypeCode>")
    invoice = read_invoice(_written(tmp_path, note), andina())
    assert {line.document_type for line in invoice.lines} == {"credit_memo"}
    assert sum(line.amount for line in invoice.lines) == Decimal("-94.75")


def test_that_a_document_within_another_is_read(tmp_path: Path) -> None:
    space = "urn:oasis:names:specification:ubl:schema:xsd:AttachedDocument-2"
    around = f"""<?xml version="1.0" encoding="ISO-8859-1"?><AttachedDocument xmlns="{space}" {_SPACES}><cac:Attachment>
      <cac:ExternalReference><cbc:Description><![CDATA[{{}}]]></cbc:Description></cac:ExternalReference>
    </cac:Attachment></AttachedDocument>"""
    plain = _document(_LINES, "94.75").replace("<![CDATA[", "").replace("]]>", "")
    outer = read_invoice(_written(tmp_path, around.format(plain)), andina())
    assert (outer.lines[0].supplier, len(outer.lines), len(outer.agreed)) == ("Mensajería Ñandú S.A.C.", 4, 1)
    for text, code in (
        ("", "xml_kind_unknown"),
        ("<Order/>", "xml_kind_unknown"),
        (_ENTITY.format('"a"'), "xml_unsafe"),
    ):
        with pytest.raises(AuditorError) as refused:
            read_invoice(_written(tmp_path, around.format(text)), andina())
        assert refused.value.code == code


def test_that_a_credit_note_counts_negative(tmp_path: Path) -> None:
    line = _line("CreditNote", "WhatsApp marketing - Perú", "10", "0.0703", "0.70", "0.13")
    invoice = read_invoice(_written(tmp_path, _document(line, "0.83", "CreditNote")), andina())
    assert _said(invoice) == ["meta|marketing|Peru|-0.70", "tax||Peru|-0.13"]
    assert {line.document_type for line in invoice.lines} == {"credit_memo"}


def test_that_the_preview_shows_a_factura_as_a_table(tmp_path: Path) -> None:
    seen = inspect(_written(tmp_path, _document(_LINES, "94.75")), ReadOptions(), andina())
    assert (seen.kind, seen.profile) == ("invoice", "UBL 2.1")
    assert seen.rows[2].fields["amount"] == "70.3"


_ENTITY = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x {}>]><Invoice>&x;</Invoice>'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (_ENTITY.format('SYSTEM "file:///etc/passwd"'), "xml_unsafe"),
        (_ENTITY.format('"ha"'), "xml_unsafe"),
        ('<?xml version="1.0"?><!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/a.dtd"><Invoice/>', "xml_unsafe"),
        ('<?xml version="1.0"?><Invoice><cac:InvoiceLine>', "file_damaged"),
        ('<?xml version="1.0"?>' + "<a>" * 100_000, "file_damaged"),
        ('<?xml version="1.0" encoding="none-such"?><Invoice></Invoice>', "file_damaged"),
        ('<?xml version="1.0"?><Factura xmlns="urn:other"/>', "xml_kind_unknown"),
        ('<?xml version="1.0"?><Invoice><ID>1</ID></Invoice>', "xml_without_lines"),
    ],
)
def test_that_any_other_xml_is_refused_in_a_sentence(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(AuditorError) as refused:
        read_invoice(_written(tmp_path, text), andina())
    assert refused.value.code == code
    for language in LANGUAGES:
        assert Language(language).error(refused.value)


def test_that_thousands_prices_of_several_units_and_several_taxes_of_a_line_are_read(tmp_path: Path) -> None:
    line = _line("Invoice", "WhatsApp marketing - Perú", "12.5", "70.30", "878.75", "158.18")
    more = '<cac:TaxTotal><cbc:TaxAmount currencyID="{}">{}</cbc:TaxAmount></cac:TaxTotal><cac:Item>'
    line = line.replace("<cac:Item>", more.format("USD", "0.50")).replace("<cac:Item>", more.format("PEN", "600.00"))
    base = line.replace(
        "</cbc:PriceAmount>", '</cbc:PriceAmount><cbc:BaseQuantity unitCode="NIU">1000</cbc:BaseQuantity>'
    )
    for text, quantity in ((line.replace('"NIU"', '"MIL"'), "12500"), (base.replace("12.5<", "12500<"), "12500")):
        first, tax = read_invoice(_written(tmp_path, _document(text, "1037.43")), andina()).lines
        assert (first.quantity, first.unit_rate) == (Decimal(quantity), Decimal("0.0703"))
        assert (tax.layer.value, tax.amount) == ("tax", Decimal("158.68"))

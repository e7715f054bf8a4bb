"""A PDF receipt gives its number, date and total, and no lines; one whose total is open gives nothing."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import fpdf
import pytest

from auditor.core.problems import AuditorError
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.invoices.receipts import read_receipt
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import recognise
from auditor.verbs.inspection import inspect
from tests.readers.fixtures.accounts import andina

BRAZILIAN = """Meta
Recibo de WhatsApp Business
Número de referência: ABCDE12345
Data da fatura: 9 de jul de 2026
Valor pago
US$ 1.234,56
"""
SPANISH = """Meta Platforms Ireland Limited
Factura número: FBADS-108-100234567
Fecha de la factura: 9 de julio de 2026
Subtotal: 221,27 EUR
IVA (0 %): 0,00 EUR
Pagado: 221,27 EUR
"""
ENGLISH = """Receipt for Andina Retail
Reference number: QWERT98765
Invoice date: Oct 9, 2026
WhatsApp messages, October 2026   USD 1.22
Total   USD 1.22
"""
# As Meta's own: labels above what they state, the currency on both sides, the lines on a second page.
CARD = """Meta
Receipt for Andina Retail
Invoice/Payment Date
Oct 31, 2026, 10:05 AM
Transaction ID
7812345-9912
Paid
$80.30 USD
\fMarketing Peru 1000   $70.30
Utility Peru 500   $10.00
Total   $80.30
"""


def _pdf(folder: Path, text: str) -> Path:
    document = fpdf.FPDF()
    document.set_font("helvetica", size=11)
    for page in text.split("\f"):
        document.add_page()
        for line in page.splitlines():
            document.cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
    document.output(str(folder / "receipt.pdf"))
    return folder / "receipt.pdf"


@pytest.mark.parametrize(
    ("text", "number", "day", "total", "currency"),
    [
        (BRAZILIAN, "ABCDE12345", date(2026, 7, 9), "1234.56", "USD"),
        (SPANISH, "FBADS-108-100234567", date(2026, 7, 9), "221.27", "EUR"),
        (ENGLISH, "QWERT98765", date(2026, 10, 9), "1.22", "USD"),
        (CARD, "7812345-9912", date(2026, 10, 31), "80.30", "USD"),
        ("Receipt R-7\nDate: 2026-10-31\nTotal CHF 1'080.30\n", "R-7", date(2026, 10, 31), "1080.30", "CHF"),
    ],
    ids=["pt", "es", "en", "two pages", "apostrophe"],
)
def test_that_a_receipt_states_its_number_date_and_total(
    tmp_path: Path, text: str, number: str, day: date, total: str, currency: str
) -> None:
    control, titles = read_receipt(_pdf(tmp_path, text), 2027)
    assert (control.kind, control.amount, control.currency) == ("total", Decimal(total), currency)
    assert (titles.document, titles.document_date) == (number, day)


def test_that_a_receipt_is_a_control_total_without_lines(tmp_path: Path) -> None:
    path = _pdf(tmp_path, ENGLISH)
    assert recognise(path) == INVOICE
    invoice = read_invoice(path, andina())
    assert (invoice.lines, [str(control.amount) for control in invoice.controls]) == ((), ["1.22"])
    assert (invoice.report.read, invoice.report.left_out) == (1, 1)
    seen = inspect(path, ReadOptions(), andina())
    assert [(total.label, str(total.amount)) for total in seen.totals] == [("Total", "1.22")]


@pytest.mark.parametrize(
    "text",
    [
        "Total: USD 1.22\nTotal: USD 1.33\n",
        "Total: 1.234\n",
        "Gracias por su compra\n",
        "",
        "WhatsApp USD 1.22\n",
        "Total: USD 5.00\n" + "\f" * 24 + "Grand total: USD 80.30\n",
        "Total   500   USD 70.30\n",
        "Total 500 700.30\n",
        "Total   USD 70.30\nPaid   PEN 70.30\n",
    ],
    ids=[
        "two totals",
        "an open figure",
        "none",
        "a picture",
        "no label",
        "far apart",
        "a count",
        "one figure or two",
        "two moneys",
    ],
)
def test_that_a_total_which_is_open_is_not_guessed(tmp_path: Path, text: str) -> None:
    with pytest.raises(AuditorError) as refused:
        read_invoice(_pdf(tmp_path, text), andina())
    assert refused.value.code == "file_is_pdf"
    for language in LANGUAGES:
        assert Language(language).error(refused.value)


def test_that_a_broken_pdf_ends_in_a_sentence(tmp_path: Path) -> None:
    sound = _pdf(tmp_path, ENGLISH).read_bytes()
    path = tmp_path / "b.pdf"
    for content in (sound[:200], b"%PDF-1.7\n...", b"%PDF-1.4\n" + b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(AuditorError):
            read_invoice(path, andina())

"""Tables of other columns on other sheets: read where a total or mere fees show that they belong (§4)."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina

Sheets = dict[str, list[list[Any]]]
_MESSAGES: Sheets = {
    "WhatsApp": [
        ["Category", "Country", "Qty", "Rate", "Amount (USD)"],
        ["Marketing", "PE", 1000, 0.0703, 70.3],
        ["Utility", "PE", 2000, 0.02, 40],
        ["Total", None, 3000, None, 110.3],
    ]
}
_PAGES: Sheets = {
    "Page 1": [
        ["Item", "Description", "Quantity", "Price", "Amount"],
        ["1", "WhatsApp Marketing Peru", "1,000", "USD 0.0703", "USD 70.30"],
    ],
    "Page 2": [
        ["Item", None, "Description", None, "Quantity", "Price", None, "Amount"],
        ["2", None, "WhatsApp Utility Peru", None, "2,000", "USD 0.0200", None, "USD 40.00"],
    ],
}


def _read(folder: Path, sheets: Sheets) -> Invoice:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "invoice.xlsx"
    book.save(path)
    return read_invoice(path, andina())


def _codes(invoice: Invoice) -> set[str]:
    return {one.code for one in invoice.report.problems}


def _by_layer(invoice: Invoice) -> dict[str, Decimal]:
    layers = dict.fromkeys((line.layer.value for line in invoice.lines), Decimal(0))
    for line in invoice.lines:
        layers[line.layer.value] += line.amount
    return layers


def test_that_the_pages_of_a_printed_invoice_are_read_where_a_total_holds_all(tmp_path: Path) -> None:
    # 70.30 + 40.00 = 110.30
    invoice = _read(tmp_path, {**_PAGES, "Totals": [["Subtotal", "USD 110.30"]]})
    assert [(line.source.sheet, line.quantity, line.amount) for line in invoice.lines] == [
        ("Page 1", Decimal(1000), Decimal("70.30")),
        ("Page 2", Decimal(2000), Decimal("40.00")),
    ]
    assert not {"other_table", "total_differs"} & _codes(invoice)
    assert (invoice.report.kept, invoice.report.total) == (2, Decimal("110.30"))
    assert "110.3" in {f"{one.amount.normalize():f}" for one in invoice.agreed}


@pytest.mark.parametrize("total", [[], [["Subtotal", "USD 40.00"]], [["Subtotal", "USD 150.00"]]])
def test_that_pages_no_total_holds_are_said_and_left_out(tmp_path: Path, total: list[list[Any]]) -> None:
    invoice = _read(tmp_path, {**_PAGES, "Totals": total})
    assert (len(invoice.lines), "other_table" in _codes(invoice)) == (1, True)


def test_that_a_sheet_of_mere_fees_is_read_beside_the_messages(tmp_path: Path) -> None:
    fees: list[list[Any]] = [
        ["Fee", "Units", "Price", "Amount (USD)"],
        ["Platform licence", 1, 250, 250],
        ["Extra agent", 2, 20, 40],
    ]
    invoice = _read(tmp_path, {**_MESSAGES, "Fees": fees})
    assert _by_layer(invoice) == {"meta": Decimal("110.3"), "subscription": Decimal(290)}
    assert "other_table" not in _codes(invoice)


def test_that_a_sheet_that_names_messages_again_is_not_added(tmp_path: Path) -> None:
    again: list[list[Any]] = [
        ["Charge", "Amount (USD)"],
        ["WhatsApp marketing", 70.3],
        ["WhatsApp utility", 40],
        ["Platform fee", 250],
    ]
    invoice = _read(tmp_path, {**_MESSAGES, "Summary": again})
    assert _by_layer(invoice)["meta"] == Decimal("110.3")


_BARE: list[list[Any]] = [["Category", "Qty", "Amount"], ["Marketing", 1000, 70.3], ["Utility", 2000, 40]]


def test_that_tax_and_discount_stated_on_a_summary_alone_are_lines(tmp_path: Path) -> None:
    # 70.30 + 40.00 = 110.30; less 10.30 is 100.00; 18 % of that is 18.00; together 118.00.
    summary: list[list[Any]] = [["Messages", 110.3], ["Discount", 10.3], ["Subtotal", 100], ["IGV 18%", 18]]
    invoice = _read(tmp_path, {"Summary": [*summary, ["Total USD", 118]], "Detail": _BARE})
    assert [(line.layer.value, line.amount, line.currency) for line in invoice.lines] == [
        ("meta", Decimal("70.3"), "USD"),
        ("meta", Decimal(40), "USD"),
        ("credit", Decimal("-10.3"), "USD"),
        ("tax", Decimal(18), "USD"),
    ]
    assert invoice.report.kept == 4
    assert not {"total_differs", "currency_supposed"} & _codes(invoice)


def test_that_charges_on_a_summary_whose_total_does_not_hold_them_are_no_lines(tmp_path: Path) -> None:
    invoice = _read(tmp_path, {"Summary": [["Messages", 110.3], ["IGV 18%", 19.85], ["Total", 110.3]], "Detail": _BARE})
    assert {line.layer.value for line in invoice.lines} == {"meta"}


@pytest.mark.parametrize(("label", "currency"), [("Total S/", "PEN"), ("Total US$", "USD"), ("Total", "USD")])
def test_that_the_currency_is_that_of_the_total_on_a_summary(tmp_path: Path, label: str, currency: str) -> None:
    invoice = _read(tmp_path, {"Summary": [[label, 110.3]], "Detail": _BARE})
    assert {line.currency for line in invoice.lines} == {currency}  # the account's is USD
    assert ("currency_supposed" in _codes(invoice)) == (label == "Total")
    assert ("currency_not_account" in _codes(invoice)) == (currency == "PEN")

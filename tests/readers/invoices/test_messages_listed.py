"""Bills that list messages one by one: what names a message, or whom it went to, is no number, place or day of ours."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.core.records import InvoiceLine
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina

# Four messages, two of them to the same customer; the last row bills the first one again.
_ROWS = (
    ("wamid.HBgLNTE5MTEx", "51911111111"),
    ("wamid.HBgLNTE5MjIy", "51922222222"),
    ("wamid.HBgLNTE5MzMz", "51911111111"),
    ("wamid.HBgLNTE5NDQ0", "51933333333"),
    ("wamid.HBgLNTE5MTEx", "51911111111"),
)


def _read(folder: Path, heads: str, rows: tuple[tuple[str, ...], ...] = _ROWS) -> Invoice:
    path = folder / "mensajes.csv"
    lines = [f"2026-10-01,{','.join(row)},Marketing,Peru,0.07" for row in rows]
    path.write_text("\n".join([f"Date,{heads},Category,Market,Amount", *lines]), encoding="utf-8")
    return read_invoice(path, andina())


def _fields(invoice: Invoice) -> Mapping[str, str]:
    return {column.head: column.field for column in invoice.layout.columns}


def _messages(lines: tuple[InvoiceLine, ...]) -> list[int]:
    return [line.message for line in lines]


@pytest.mark.parametrize("head", ["Teléfono", "Phone number", "Número destino", "To", "Recipient", "Cliente"])
def test_that_whom_messages_went_to_is_no_number_of_ours_nor_a_country_nor_a_day(tmp_path: Path, head: str) -> None:
    invoice = _read(tmp_path, f"Message ID,{head}")
    assert _fields(invoice)[head] == "user"
    assert _messages(invoice.lines) == [1, 2, 3, 4, 1]
    assert {(line.phone_number_id, line.country, line.market) for line in invoice.lines} == {("", "", "Peru")}
    assert [str(line.quantity) for line in invoice.lines] == ["1"] * 5  # each row names its message, and counts none


def test_that_the_number_messages_went_out_from_stays_the_accounts(tmp_path: Path) -> None:
    rows = tuple((message, "+51 987 654 321") for message, _ in _ROWS)
    invoice = _read(tmp_path, "ID del mensaje,Teléfono", rows)
    assert _fields(invoice)["Teléfono"] == "phone_number_id"
    assert {line.phone_number_id for line in invoice.lines} == {"106540352242922"}
    assert _messages(invoice.lines) == [1, 2, 3, 4, 1]


def test_that_numbers_of_an_invoice_that_lists_no_messages_stay_the_accounts(tmp_path: Path) -> None:
    invoice = _read(tmp_path, "Phone number", tuple((number,) for _, number in _ROWS))
    assert _fields(invoice)["Phone number"] == "phone_number_id"
    assert _messages(invoice.lines) == [0] * 5


@pytest.mark.parametrize("head", ["Plantilla", "Template", "Campaña", "Modelo"])
def test_that_lines_of_different_templates_are_told_apart_and_a_tax_below_them_is_none(
    tmp_path: Path, head: str
) -> None:
    rows = ("codigo,Utility,Peru,3,0.06", "aviso,Utility,Peru,3,0.06", "codigo,Utility,Peru,3,0.06", "IGV 18%,,,,0.03")
    path = tmp_path / "plantillas.csv"
    path.write_text("\n".join([f"{head},Category,Market,Quantity,Amount", *rows]), encoding="utf-8")
    invoice = read_invoice(path, andina())
    assert _fields(invoice)[head] == "template_name"
    assert [(line.layer.value, line.message, str(line.amount)) for line in invoice.lines] == [
        ("meta", 1, "0.06"), ("meta", 2, "0.06"), ("meta", 1, "0.06"), ("tax", 0, "0.03"),
    ]  # fmt: skip


def _to(folder: Path, amounts: list[str], mark: str = "+") -> tuple[InvoiceLine, ...]:
    rows = [f"2026-10-01,{mark}519000000{place:02},{amount}" for place, amount in enumerate(amounts, 1)]
    path = folder / "destinatarios.csv"
    path.write_text("\n".join(["Date,Recipient,Cost (USD)", *rows]), encoding="utf-8")
    return read_invoice(path, andina()).lines


def test_that_the_price_of_a_message_to_a_recipient_is_its_amount(tmp_path: Path) -> None:
    path = tmp_path / "precios.csv"
    path.write_text("Date,Recipient,Category,Price (USD)\n2026-10-01,+51900000001,Marketing,0.07\n", encoding="utf-8")
    assert [str(line.amount) for line in read_invoice(path, andina()).lines] == ["0.07"]


def test_that_rows_of_a_recipient_each_bill_one_message_where_the_prices_come_again(tmp_path: Path) -> None:
    assert {line.quantity for line in _to(tmp_path, ["0.07", "0.02"] * 4)} == {1}
    # What each customer cost in all: of 8 figures 8 are different.
    assert {line.quantity for line in _to(tmp_path, [f"0.{cents}" for cents in range(11, 19)])} == {None}


def test_that_the_country_is_that_of_the_recipient_where_no_column_says_it(tmp_path: Path) -> None:
    assert {line.country for line in _to(tmp_path, ["0.07"] * 4)} == {"PE"}
    # 98 is the code of Iran: without the plus it may be a number as it is dialled at home.
    assert {line.country for line in _to(tmp_path, ["0.07"] * 4, mark="")} == {""}

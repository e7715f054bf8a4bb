"""Totals are held against the lines that they are of: of a category with its tax, of counts, of another sheet (§4)."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina
from tests.readers.fixtures.written import invoice_of
from tests.readers.fixtures.written import remarks


def _agreed(invoice: Invoice) -> list[tuple[str, str]]:
    return [(one.label, str(one.amount)) for one in invoice.agreed]


def test_that_the_total_of_a_category_may_hold_its_own_tax(tmp_path: Path) -> None:
    heads = "País,Mensajes,Precio,Importe USD"
    invoice = invoice_of(
        tmp_path,
        f"MARKETING\n{heads}\nMéxico,100,0.05,5.00\nSubtotal,,,5.00\nIVA 16%,,,0.80\nTotal marketing,,,5.80\n\n"
        f"UTILIDAD\n{heads}\nMéxico,200,0.01,2.00\nSubtotal,,,2.00\nIVA 16%,,,0.32\nTotal utilidad,,,2.32\n\n"
        "TOTAL,,,8.12\n",  # 5.80 + 2.32
    )
    assert ("Total utilidad", "2.32") in _agreed(invoice)
    assert remarks(invoice) == []


@pytest.mark.parametrize(("words", "layer"), [("IGV 18%", "tax"), ("Mensajes sin IGV", "meta")])
def test_that_a_tax_beside_a_category_is_a_tax(tmp_path: Path, words: str, layer: str) -> None:
    rows = f"Marketing,Mensajes,1000,70.30\nMarketing,{words},,12.65\nTotal,,,82.95\n"
    invoice = invoice_of(tmp_path, f"Categoría,Concepto,Cantidad,Importe USD\n{rows}")
    assert [(line.layer, str(line.amount)) for line in invoice.lines] == [("meta", "70.30"), (layer, "12.65")]


def test_that_a_total_of_money_below_counts_is_of_money(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["Marketing", None, None, None, "Utilidad"],
        ["País", "Cant.", "US$", None, "País", "Cant.", "US$"],
        ["Perú", 1000, 70.3, None, "Perú", 2000, 40],
        ["Chile", 100, 8.89, None, "Chile", 100, 2],
        ["Total", 1100, 79.19, None, "Total", 2100, 42],
        [],
        ["Total general US$", 121.19],  # 79.19 + 42.00
    ):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    invoice = read_invoice(tmp_path / "a.xlsx", andina())
    assert ("Total general US$", "121.19") in _agreed(invoice)
    assert remarks(invoice) == []


@pytest.mark.parametrize(("stated", "codes"), [(80.3, []), (81.0, ["other_table"])])
def test_that_a_summary_that_comes_to_the_lines_is_no_table_left_aside(
    tmp_path: Path, stated: float, codes: list[str]
) -> None:
    book = openpyxl.Workbook()
    summary = book.worksheets[0]
    summary.title = "Resumen"
    lines = book.create_sheet("Detalle")
    for stating in (["Concepto", "Cantidad", "Importe USD"], ["Marketing", 1000, 70.3], ["Total", 1500, stated]):
        summary.append(stating)
    for row in (
        ["País", "Categoría", "Mensajes", "Tarifa USD", "Importe USD"],
        ["Perú", "Marketing", 1000, 0.0703, 70.3],
        ["Perú", "Utilidad", 500, 0.02, 10.0],
        ["Total", None, 1500, None, 80.3],
    ):
        lines.append(row)
    book.save(tmp_path / "a.xlsx")
    assert remarks(read_invoice(tmp_path / "a.xlsx", andina())) == codes


@pytest.mark.parametrize(
    ("label", "day"), [("Fecha de emisión", date(2026, 11, 5)), ("Data de emissão", date(2026, 11, 5)), ("Date", None)]
)
def test_that_words_in_spanish_or_portuguese_tell_that_the_day_stands_first(
    tmp_path: Path, label: str, day: date | None
) -> None:
    invoice = invoice_of(
        tmp_path, f"{label}: 05/11/2026\n\nMarket,Category,Quantity,Amount USD\nPeru,Marketing,10,0.70\n"
    )
    assert {line.document_date for line in invoice.lines} == {day}
    assert ("title_date_ambiguous" in remarks(invoice)) == (day is None)


def test_that_a_column_of_total_counts_is_no_money_left_aside(tmp_path: Path) -> None:
    invoice = invoice_of(
        tmp_path,
        ",Marketing,Marketing,Utilidad,Utilidad,Total,Total\n"
        "País,Cantidad,Monto USD,Cantidad,Monto USD,Cantidad,Monto USD\n"
        "Perú,1000,70.30,2000,40.00,3000,110.30\nChile,500,44.45,100,2.00,600,46.45\n",
    )
    assert "money_unread" not in remarks(invoice)


def test_that_thousands_of_totals_are_each_found_among_the_lines_at_once(tmp_path: Path) -> None:
    count = 4_000  # to add the lines up for each of them took two minutes
    rows = "".join(f"Marketing,PE,1,1.005\nTotal,,{one},{one * 1.005:.3f}\n" for one in range(1, count + 1))
    invoice = invoice_of(tmp_path, f"Category,Country,Quantity,Amount USD\n{rows}Subtotal,,2,2.01\nSubtotal,,,9.99\n")
    agreed = [one for one in invoice.agreed if one.kind == "total"]
    assert (len(invoice.lines), len(agreed)) == (count, count)
    # Of the last two lines 2.01, rounded as money is; nothing of them comes to 9.99.
    assert [(one.label, str(one.amount)) for one in invoice.agreed if one.kind == "subtotal"] == [("Subtotal", "2.01")]
    assert remarks(invoice).count("total_differs") == 1


def test_that_a_column_of_no_known_head_may_name_the_categories(tmp_path: Path) -> None:
    invoice = invoice_of(
        tmp_path,
        "Product,Traffic,Units,Price,Net amount USD\nWhatsApp,Outbound Marketing,1000,0.0703,70.30\n"
        "WhatsApp,Outbound Utility,2000,0.0200,40.00\nWhatsApp,Inbound,700,0.0050,3.50\n"
        "SMS,Outbound,500,0.0300,15.00\n",
    )
    assert [(line.layer, line.category) for line in invoice.lines] == [
        ("meta", "marketing"),
        ("meta", "utility"),
        ("provider_fee", ""),
        ("other", ""),
    ]


def test_that_a_row_called_anything_is_the_subtotal_of_its_section(tmp_path: Path) -> None:
    # 7.03 + 14.06 = 21.09 and 21.09 + 28.12 = 49.21; `Week 41` is no day and no charge.
    days = (
        "2026-10-01,7.03",
        "2026-10-02,14.06",
        "Week 40,21.09",
        "2026-10-08,21.09",
        "2026-10-09,28.12",
        "Week 41,49.21",
    )
    invoice = invoice_of(tmp_path, "Date,Marketing USD\n" + "\n".join(days) + "\nTotal,70.30\n")
    assert [str(line.amount) for line in invoice.lines] == ["7.03", "14.06", "21.09", "28.12"]
    assert invoice.report.refused == 0


def test_that_a_charge_without_a_category_beside_others_with_one_is_said(tmp_path: Path) -> None:
    rows = "Sub product,Units,Unit price (EUR),Total (EUR)\nWhatsApp,3000,0.0001,0.30\nMarketing,1000,0.0601,60.10\n"
    invoice = invoice_of(tmp_path, f"{rows}Utility,2000,0.0170,34.00\n")
    assert [one.place.row for one in invoice.report.problems if one.code == "category_unnamed"] == [2]


def test_that_the_amounts_of_parts_are_in_the_currency_of_their_sum(tmp_path: Path) -> None:
    rows = "Country,Category,Meta charges,Platform fee,Total EUR\nPeru,Marketing,70.30,5.00,75.30\n"
    invoice = invoice_of(tmp_path, f"{rows}Peru,Utility,40.00,10.00,50.00\n")
    assert {line.currency for line in invoice.lines} == {"EUR"}
    assert "currency_supposed" not in remarks(invoice)
    other = invoice_of(tmp_path, f"{rows}Peru,Utility,40.00,10.00,55.00\n")  # not their sum, of whatever it is
    assert "EUR" not in {line.currency for line in other.lines if line.layer == "provider_fee"}


def test_that_a_row_is_taken_for_a_total_without_a_doubt_only_where_one_says_so(tmp_path: Path) -> None:
    rows = "Campaign,Amount USD\nSpring,10.00\nSummer,10.00\nAutumn,20.00\n"
    assert "row_taken_for_total" in remarks(invoice_of(tmp_path, rows))
    assert "row_taken_for_total" not in remarks(invoice_of(tmp_path, f"{rows}Total,20.00\n"))  # of the two lines alone
    # 10 + 10 + 20 = 40: the row is no total then, and the total differs from the lines without it.
    assert "total_differs" in remarks(invoice_of(tmp_path, f"{rows}Total,40.00\n"))


def test_that_the_price_of_a_unit_without_tax_is_no_amount(tmp_path: Path) -> None:
    heads = "Description,Quantity,Unit price excl. VAT (GBP),VAT (GBP),Total incl. VAT (GBP)\n"
    rows = "Marketing,1000,0.0382,7.64,45.84\nUtility,2000,0.0159,6.36,38.16\n"
    with pytest.raises(AuditorError) as caught:
        invoice_of(tmp_path, heads + rows)
    assert caught.value.code == "amount_holds_tax"


def test_that_a_subtotal_may_be_before_a_discount_that_the_lines_are_without(tmp_path: Path) -> None:
    """18 % of 100.30 is 18.05; the subtotal is of the column before each discount, 110.30."""
    head = "Descripción,Cantidad,Precio,Importe USD,Descuento,Base USD,IVA USD\n"
    rows = "Marketing Perú,1000,0.0703,70.30,0,70.30,12.65\nPlan mensual,1,40.00,40.00,10.00,30.00,5.40\n"
    foot = ",,Subtotal,110.30\n,,Descuento,{0}\n,,IVA,18.05\n,,Total,118.35\n"
    for discount, differs in (("10.00", False), ("11.00", True)):
        invoice = invoice_of(tmp_path, head + rows + foot.format(discount))
        assert ("total_differs" in remarks(invoice)) == differs


@pytest.mark.parametrize(("charge", "credit"), [("PI", "PC"), ("FAC", "NC"), ("Bill", "CN")])
@pytest.mark.parametrize("head", ["Type", "Tipo", "Document type"])
def test_that_the_letters_of_a_bookkeeping_program_tell_its_credit_notes(
    tmp_path: Path, charge: str, credit: str, head: str
) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(
        f"{head},Reference,Details,Net Amount,Tax Amount\n"
        f"{charge},SI-1,WhatsApp marketing UK,634.80,126.96\n{credit},SC-1,WhatsApp marketing UK,26.45,5.29\n",
        encoding="utf-8",
    )
    lines = read_invoice(path, andina()).lines
    assert [(line.document_type, str(line.amount)) for line in lines] == [
        ("invoice", "634.80"), ("invoice", "126.96"), ("credit_memo", "-26.45"), ("credit_memo", "-5.29"),
    ]  # fmt: skip


def test_that_letters_in_a_column_of_something_else_are_no_documents(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text("Obs,Details,Amount\nNC,WhatsApp marketing Peru,7.03\n", encoding="utf-8")
    assert [str(line.amount) for line in read_invoice(path, andina()).lines] == ["7.03"]

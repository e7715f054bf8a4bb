"""What documents of other makers state in places of their own: dates, currencies, totals, digits of doubles (§4)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.rates.fx import read_fx

_OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


def _read(folder: Path, text: str) -> Invoice:
    path = folder / "factura.csv"
    path.write_text(text, encoding="utf-8")
    return read_invoice(path)


def _codes(invoice: Invoice) -> list[str]:
    return [problem.code for problem in invoice.report.problems]


def _periods(invoice: Invoice) -> set[tuple[date | None, date | None]]:
    return {(line.period_start, line.period_end) for line in invoice.lines}


def test_that_the_date_of_a_document_is_no_day_of_its_charges(tmp_path: Path) -> None:
    heads = "Fecha,{}Descripcion,Cantidad,Importe USD\n"
    named = (
        "2026-11-02,WhatsApp marketing Perú octubre 2026,1000,70.30\n"
        "2026-11-02,WhatsApp utilidad Perú octubre 2026,500,10.00\n"
    )
    assert _periods(_read(tmp_path, heads.format("") + named)) == {_OCTOBER}
    titled = named.replace(" octubre 2026", "")
    assert _periods(_read(tmp_path, f"Periodo: octubre 2026\n{heads.format('')}{titled}")) == {_OCTOBER}
    numbered = titled.replace("-02,", "-02,F001-7,")
    read = _read(tmp_path, heads.format("Num,") + numbered)
    assert _periods(read) == {(None, None)}
    assert {(line.document, line.document_date) for line in read.lines} == {("F001-7", date(2026, 11, 2))}
    # Lines numbered one by one are no documents, and charges of each day are of that day.
    daily = titled.replace("2026-11-02,", "2026-10-05,1,", 1).replace("2026-11-02,", "2026-10-06,2,")
    assert _periods(_read(tmp_path, heads.format("No,") + daily)) == {
        (date(2026, 10, 5),) * 2,
        (date(2026, 10, 6),) * 2,
    }


def test_that_the_month_and_the_currency_of_an_export_of_documents_hold_for_their_lines(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Number,Invoice Date,Invoice lines/Product,Invoice lines/Label,Invoice lines/Quantity,Invoice lines/Subtotal,"
        "Currency\n"
        "INV/1,2026-11-03,WA Marketing,WhatsApp marketing Mexico Oct 2026,20000,620.00,USD\n"
        ",,WA Utility,WhatsApp utility Mexico Oct 2026,15000,135.00,\n"
        "INV/2,2026-11-03,WA Marketing,WhatsApp marketing Mexico Oct 2026,100,3.10,EUR\n",
    )
    assert [line.currency for line in invoice.lines] == ["USD", "USD", "EUR"]
    assert _periods(invoice) == {_OCTOBER}


@pytest.mark.parametrize("total", ["Invoice total (USD),,80.30", "Total,,US$ 80.30", "Total US$,,80.30"])
def test_that_a_total_names_the_currency_of_its_lines(tmp_path: Path, total: str) -> None:
    rows = "Marketing Peru,1000,70.30\nUtility Peru,500,10.00\n"
    assert {line.currency for line in _read(tmp_path, f"Item,Qty,Amount\n{rows}{total}\n").lines} == {"USD"}


def test_that_a_total_in_other_money_or_of_what_is_none_contradicts_nothing(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Servicio,Plantillas enviadas,Tarifa,Total US$\n"
        "Marketing Perú,1000,0.0703,70.30\nUtilidad Perú,500,0.02,10.00\n"
        "Subtotal 0%,,,0.00\nTotal IVA,,,0.00\nTotal,,,80.30\n\n"
        "Tipo de cambio referencial:,3.745,,\nTotal en soles:,S/ 300.72,,\n",
    )
    assert [line.quantity for line in invoice.lines] == [Decimal(1000), Decimal(500)]
    assert _codes(invoice) == []


def test_that_the_sum_of_a_tax_is_held_against_the_taxes(tmp_path: Path) -> None:
    rows = "Messages marketing,1800,154.62,30.92\nMessages utilitaires,2500,75.00,15.00\nTotal HT,,229.62,\n{}\n"
    heads = "Désignation,Qté,Montant HT (€),TVA 20 %\n"
    assert _codes(_read(tmp_path, heads + rows.format("Total TVA,,45.92,"))) == []
    wrong = _read(tmp_path, heads + rows.format("Total TVA,,46.92,"))
    assert [(one.code, one.values["read"]) for one in wrong.report.problems] == [("total_differs", "45.92")]


def test_that_all_digits_of_a_double_are_read_as_programs_show_them(tmp_path: Path) -> None:
    rows = "PE,marketing,1000,0.07029999999999999,70.30000000000001\nPE,utility,500,0.02,10.0\n"
    invoice = _read(tmp_path, f"country,category,messages,rate,cost\n{rows}")
    assert [(line.unit_rate, line.amount) for line in invoice.lines] == [
        (Decimal("0.0703"), Decimal("70.3")),
        (Decimal("0.02"), Decimal("10.0")),
    ]


def test_that_three_rows_of_heads_of_a_pivot_are_read(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        ",amount_usd,amount_usd,volume,volume\ncategory,MARKETING,UTILITY,MARKETING,UTILITY\ncountry,,,,\n"
        "PE,70.3,10.0,1000,500\nMX,30.5,8.5,1000,1000\n",
    )
    assert [(one.country, one.category, one.quantity, one.amount) for one in invoice.lines] == [
        ("PE", "marketing", Decimal(1000), Decimal("70.3")),
        ("PE", "utility", Decimal(500), Decimal("10.0")),
        ("MX", "marketing", Decimal(1000), Decimal("30.5")),
        ("MX", "utility", Decimal(1000), Decimal("8.5")),
    ]


def test_that_numbers_of_lines_are_no_soles_and_that_millionths_and_codes_are_told(tmp_path: Path) -> None:
    naira = _read(
        tmp_path,
        'S/N,Item,Qty,Line Value (₦)\n1,Marketing Nigeria,"10,000","825,000.00"\n2,Utility Nigeria,100,"1,072.00"\n',
    )
    assert [(line.amount, line.currency) for line in naira.lines] == [(Decimal(825000), "NGN"), (Decimal(1072), "NGN")]
    micros = _read(
        tmp_path,
        "category,units,unit_price_micros,amount_cents,currency\nmarketing,1000,70300,7030,usd\nutility,500,20000,1000,usd\n",
    )
    assert [(line.unit_rate, line.amount) for line in micros.lines] == [
        (Decimal("0.0703"), Decimal("70.30")),
        (Decimal("0.02"), Decimal(10)),
    ]
    coded = _read(tmp_path, "Text;Menge;Betrag in HW;HWähr\nWhatsApp Marketing;100;11,31;EUR\n")
    assert {line.currency for line in coded.lines} == {"EUR"}


def test_that_one_date_of_a_title_shows_the_order_of_the_others(tmp_path: Path) -> None:
    rows = "Concepto,Importe USD\nMarketing Perú,70.30\n"
    invoice = _read(tmp_path, f"Fecha de emisión: 03/11/2026\nConsumo del 01/10/2026 al 31/10/2026\n{rows}")
    assert [(line.document_date, line.period_end) for line in invoice.lines] == [
        (date(2026, 11, 3), date(2026, 10, 31))
    ]


def test_that_a_list_of_currencies_of_one_day_is_a_table_of_exchange_rates(tmp_path: Path) -> None:
    path = tmp_path / "sbs.csv"
    path.write_text(
        "Cotización al 31/10/2026,,\nMoneda,Compra (S/),Venta (S/)\nDólar de N.A.,3.741,3.748\n"
        "Dólar Canadiense,2.650,2.810\nFranco Suizo,4.550,4.690\n",
        encoding="utf-8",
    )
    rates = read_fx(path, "sell")
    assert [(one.day, one.source_currency, one.target_currency, one.rate) for one in rates] == [
        (date(2026, 10, 31), "USD", "PEN", Decimal("3.748")),
        (date(2026, 10, 31), "CAD", "PEN", Decimal("2.810")),
        (date(2026, 10, 31), "CHF", "PEN", Decimal("4.690")),
    ]

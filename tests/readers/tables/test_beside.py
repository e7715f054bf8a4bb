"""What stands beside, above and around the lines: summaries, sums of a pivot table, cover sheets (formats.md §4)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import nobody
from auditor.readers.invoices.invoices import read_invoice

Rows = Sequence[Sequence[str | float | None]]


def _read(folder: Path, **sheets: Rows) -> Invoice:
    book = openpyxl.Workbook()
    book.remove(book.active or book.create_sheet())
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "bill.xlsx")
    return read_invoice(folder / "bill.xlsx", nobody("es"))


def _codes(invoice: Invoice) -> list[str]:
    return [one.code for one in invoice.report.problems]


@pytest.mark.parametrize("summary_first", [False, True])
def test_that_a_summary_beside_the_details_takes_no_line_from_them(tmp_path: Path, *, summary_first: bool) -> None:
    details: Rows = (
        ("Fecha", "Categoría", "Mensajes", "Costo USD"),
        ("2026-10-01", "Marketing", 100, 7.03),
        ("2026-10-02", "Marketing", 200, 14.06),
        ("2026-10-03", "Utilidad", 100, 2.0),
    )
    summary: Rows = (("Resumen", "Costo USD"), ("Marketing", 21.09), ("Utilidad", 2.0), ("Total", 23.09))
    sides = (summary, details) if summary_first else (details, summary)
    invoice = _read(tmp_path, Hoja=[(*one, None, *other) for one, other in zip(*sides, strict=True)])
    assert [str(line.amount) for line in invoice.lines] == ["7.03", "14.06", "2"]
    # 7.03 + 14.06 + 2.00, which the summary states as its total.
    assert [one.amount for one in invoice.agreed] == [Decimal("23.09")]
    assert _codes(invoice) == []


def test_that_the_sums_of_a_pivot_table_with_months_across_are_no_lines(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        Pivot=(
            ("Suma de costo_usd", "Etiquetas de columna"),
            ("Etiquetas de fila", "2026-09", "2026-10", "Total general"),
            ("MARKETING", 100.3, 105.45, 205.75),
            ("Chile", 30, 35.15, 65.15),
            ("Perú", 70.3, 70.3, 140.6),
            ("UTILITY", 45, 60, 105),
            ("Chile", 5, 20, 25),
            ("Perú", 40, 40, 80),
            ("Total general", 145.3, 165.45, 310.75),
        ),
    )
    assert [(line.category, line.market, str(line.period_start), str(line.amount)) for line in invoice.lines] == [
        ("marketing", "Chile", "2026-09-01", "30"),
        ("marketing", "Chile", "2026-10-01", "35.15"),
        ("marketing", "Peru", "2026-09-01", "70.3"),
        ("marketing", "Peru", "2026-10-01", "70.3"),
        ("utility", "Chile", "2026-09-01", "5"),
        ("utility", "Chile", "2026-10-01", "20"),
        ("utility", "Peru", "2026-09-01", "40"),
        ("utility", "Peru", "2026-10-01", "40"),
    ]
    assert {line.currency for line in invoice.lines} == {"USD"}
    assert _codes(invoice) == ["rows_sum_others"]


def test_that_a_cover_sheet_states_what_the_sheet_of_the_lines_does_not(tmp_path: Path) -> None:
    cover: Rows = (
        ("Estado de cuenta", None), ("Periodo facturado:", "octubre de 2026"), ("Moneda:", "Dólares americanos"),
    )  # fmt: skip
    lines: Rows = (("Categoría", "Cantidad", "Importe"), ("Marketing", 10, 0.7), ("Utilidad", 10, 0.2))
    invoice = _read(tmp_path, Portada=cover, Detalle=lines)
    assert {(line.currency, line.period_start, line.period_end) for line in invoice.lines} == {
        ("USD", date(2026, 10, 1), date(2026, 10, 31))
    }
    own = _read(tmp_path, Portada=cover, Detalle=[("Periodo", "2026-09"), ("Moneda", "PEN"), *lines])
    assert {(line.currency, line.period_start) for line in own.lines} == {("PEN", date(2026, 9, 1))}


@pytest.mark.parametrize("label", ["Traffic period", "Período de medición", "Statement period", "Periodo de reporte:"])
def test_that_a_cover_may_call_the_period_by_what_is_billed(tmp_path: Path, label: str) -> None:
    lines: Rows = (("Categoría", "Cantidad", "Importe"), ("Marketing", 10, 0.7), ("Utilidad", 10, 0.2))
    invoice = _read(tmp_path, Portada=((label, "2026-10-01 00:00 – 2026-10-31 23:59"),), Detalle=lines)
    assert {(line.period_start, line.period_end) for line in invoice.lines} == {(date(2026, 10, 1), date(2026, 10, 31))}


def test_that_what_one_page_states_holds_for_the_others_of_its_table(tmp_path: Path) -> None:
    heads: Rows = (("Descripción", "Cantidad", "Importe"),)
    first: Rows = (("Factura N°", "F001-7"), ("Periodo", "Octubre 2026"), *heads, ("Marketing Perú", 10, 0.7))
    second: Rows = (("Moneda", "Soles"), *heads, ("Utilidad Perú", 10, 0.2))
    invoice = _read(tmp_path, Uno=first, Dos=second)
    assert [(line.document, line.period_start, line.currency) for line in invoice.lines] == [
        ("F001-7", date(2026, 10, 1), "PEN"),
        ("F001-7", date(2026, 10, 1), "PEN"),
    ]
    other: Rows = (("Factura N°", "F001-8"), ("Periodo", "2026-10-16 al 2026-10-31"), *heads, ("Utilidad", 10, 0.2))
    apart = _read(tmp_path, Uno=first, Dos=other, Tres=second)
    assert [line.document for line in apart.lines] == ["F001-7", "F001-8", ""]

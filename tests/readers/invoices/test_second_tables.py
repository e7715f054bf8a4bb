"""A second table below the first on a sheet: read where a stated total holds the lines of both (formats.md §4)."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.readers.books.cells import Sheet
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.invoices.second_tables import with_second_tables

FIRST = (
    "Consumo de octubre 2026\nCategoría;País;Cantidad;Tarifa;Importe USD\nMarketing;Perú;1000;0,0703;70,30\n"
    "Utilidad;Perú;500;0,0200;10,00\nSubtotal mensajes;;1500;;80,30\n"
)
SECOND = (
    "Otros cargos\nConcepto;Cantidad;Precio;Importe USD\nPlan mensual;1;99,00;99,00\nNúmero adicional;2;15,00;30,00\n"
)


def _read(folder: Path, text: str, options: ReadOptions | None = None) -> Invoice:
    path = folder / "factura.csv"
    path.write_text(text, encoding="utf-8")
    return read_invoice(path, options=options)


def _codes(invoice: Invoice) -> list[str]:
    return [one.code for one in invoice.report.problems if one.code.startswith("second")]


def test_that_the_total_of_two_tables_may_be_rounded(tmp_path: Path) -> None:
    # 70.302 + 10.00 + 99.00 + 30.00 = 209.302
    first = FIRST.replace("70,30", "70,302")
    assert first != FIRST
    invoice = _read(tmp_path, f"{first}\n{SECOND}\nTOTAL;;;209,30\n")
    assert invoice.report.total == Decimal("209.302")
    assert (len(invoice.lines), _codes(invoice)) == (4, [])


def test_that_a_table_below_is_read_where_the_total_holds_both(tmp_path: Path) -> None:
    invoice = _read(tmp_path, f"{FIRST}\n{SECOND}Subtotal otros;;;129,00\n\nTOTAL;;;209,30\n")
    assert [(line.source.row, line.layer.value, line.quantity, line.amount) for line in invoice.lines] == [
        (3, "meta", Decimal(1000), Decimal("70.30")),
        (4, "meta", Decimal(500), Decimal("10.00")),
        (9, "subscription", Decimal(1), Decimal("99.00")),
        (10, invoice.lines[3].layer.value, Decimal(2), Decimal("30.00")),
    ]
    # The title above the first table dates the lines of both.
    assert {str(line.period_start) for line in invoice.lines} == {"2026-10-01"}
    # Four lines, three totals and the heading `Otros cargos` between the tables; heads are not counted.
    report = invoice.report
    assert (report.kept, report.left_out, report.refused, report.read) == (4, 4, 0, 8)
    assert report.total == Decimal("209.30")
    assert _codes(invoice) == []
    assert "total_differs" not in {one.code for one in report.problems}
    assert Decimal("209.30") in {one.amount for one in invoice.agreed}
    said = {one.code.rpartition(".")[2]: one.values for one in report.decisions}
    assert said["second_table"] == {"row": "8", "label": "TOTAL", "stated": "209.30"}
    assert "second_table" not in said["rows_left_out"]


@pytest.mark.parametrize(
    ("below", "code"),
    [
        (f"{SECOND}Subtotal otros;;;129,00\n", "second_table_unproven"),
        (f"{SECOND}TOTAL;;;210,00\n", "second_table_unproven"),
        ("País;Mensajes;Monto USD\nPerú;1500;80,30\nTotal;;80,30\n", "second_table_again"),
    ],
)
def test_that_a_table_below_is_left_out_and_said_where_no_total_holds_both(
    tmp_path: Path, below: str, code: str
) -> None:
    invoice = _read(tmp_path, f"{FIRST}\n{below}")
    assert [line.amount for line in invoice.lines] == [Decimal("70.30"), Decimal("10.00")]
    assert _codes(invoice) == [code]


def test_that_a_stated_header_row_reads_that_table_alone(tmp_path: Path) -> None:
    invoice = _read(tmp_path, f"{FIRST}\n{SECOND}TOTAL;;;209,30\n", ReadOptions(header_row=2))
    assert len(invoice.lines) == 2
    assert _codes(invoice) == ["second_table"]


def test_that_a_third_table_is_read_as_the_second_is(tmp_path: Path) -> None:
    third = "Ajustes\nDetalle;Monto USD;Motivo\nReembolso de mensajes;-9,30;incidencia\nTOTAL FACTURA;200,00;\n"
    invoice = _read(tmp_path, f"{FIRST}\n{SECOND}\n{third}")
    assert [str(line.amount) for line in invoice.lines] == ["70.30", "10.00", "99.00", "30.00", "-9.30"]
    assert _codes(invoice) == []


def test_that_a_table_above_the_one_that_fits_best_is_read_with_it(tmp_path: Path) -> None:
    plans = "Concepto;Importe USD\nPlan mensual;99,00\nNúmero adicional;30,00\n"
    invoice = _read(tmp_path, f"{plans}\n{FIRST.partition(chr(10))[2]}TOTAL;;;;209,30\n")
    assert [str(line.amount) for line in invoice.lines] == ["99.00", "30.00", "70.30", "10.00"]
    assert not {"other_table", "second_table"} & {one.code for one in invoice.report.problems}


def test_that_a_table_above_stays_left_out_where_no_total_holds_both(tmp_path: Path) -> None:
    plans = "Concepto;Importe USD\nPlan mensual;99,00\nNúmero adicional;30,00\n"
    invoice = _read(tmp_path, f"{plans}\n{FIRST.partition(chr(10))[2]}")
    assert [str(line.amount) for line in invoice.lines] == ["70.30", "10.00"]
    assert "other_table" in {one.code for one in invoice.report.problems}


def test_that_fifty_tables_of_a_sheet_are_read_and_those_further_down_are_said(tmp_path: Path) -> None:
    invoice = _read(tmp_path, FIRST)
    follows = ProblemCount("second_table", 1, Place("factura.csv", row=6), {})
    endless = replace(invoice, report=replace(invoice.report, problems=(follows,)))
    asked: list[Sheet] = []

    def read(sheet: Sheet) -> Invoice:
        asked.append(sheet)
        if len(asked) == 100:
            raise AuditorError("no_lines")
        return endless

    found = with_second_tables(endless, read, lambda _: endless)
    assert len(asked) == 49
    assert _codes(found) == ["second_table_again"]

"""Several sheets of one layout are one table, and columns of counts are no money."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import Number
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.invoices.usage import read_usage
from tests.readers.fixtures.accounts import WABA
from tests.readers.fixtures.accounts import andina
from tests.saying import sentences

_HEADS = ["Periodo", "Categoría", "Mensajes", "Importe USD"]


def _book(folder: Path, amounts: Mapping[str, float]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, amount in amounts.items():
        page = book.create_sheet(name)
        page.append(_HEADS)
        page.append(["2026-10", "Marketing", 100, amount])
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def test_that_a_sheet_that_differs_from_the_sheets_it_sums_up_is_said(tmp_path: Path) -> None:
    read = read_invoice(_book(tmp_path, {"Total": 11.0, "Ventas": 7.03, "Soporte": 3.52}), andina())
    assert [line.amount for line in read.lines] == [Decimal("7.03"), Decimal("3.52")]
    differs = next(problem for problem in read.report.problems if problem.code == "total_differs")
    assert dict(differs.values) == {"label": "Total", "stated": "11", "read": "10.55"}


@pytest.mark.parametrize(
    ("names", "sums"),
    [
        (("Semana 1", "Semana 2", "Semana 3"), False),
        (("Perú", "Chile", "México"), False),
        (("Hoja1", "Hoja2", "Hoja3"), True),  # as a program calls sheets that nobody named
        (("Ventas", "Soporte", "Ambos"), True),
    ],
)
def test_that_a_sheet_called_like_its_peers_is_no_sum_of_theirs(
    names: tuple[str, str, str], sums: bool, tmp_path: Path
) -> None:
    one, other, third = names  # 7.03 + 14.06 = 21.09
    read = read_invoice(_book(tmp_path, {one: 7.03, other: 14.06, third: 21.09}), andina())
    assert [str(line.amount) for line in read.lines] == ["7.03", "14.06", *([] if sums else ["21.09"])]


@pytest.mark.parametrize(("stated", "agrees"), [([70.3, 10, 80.3], True), ([70.3, 20, 90.3], False)])
def test_that_lines_are_held_against_the_total_on_a_sheet_without_lines(
    stated: Sequence[float], agrees: bool, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(_book(tmp_path, {"Detalle": 80.3}))
    page = book.create_sheet("Carátula")
    page.append(["Factura F001-555"])
    page.append(["Total a pagar", *stated])
    book.save(tmp_path / "a.xlsx")
    read = read_invoice(tmp_path / "a.xlsx", andina())
    assert [str(control.amount) for control in read.agreed] == (["80.3"] if agrees else [])
    values = [dict(one.values) for one in read.report.problems if one.code == "total_differs"]
    assert values == ([] if agrees else [{"label": "Total a pagar", "stated": "90.3", "read": "80.3"}])


def test_that_sheets_called_by_months_without_a_year_are_of_those_months(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, amount in {"Ago": 63.27, "Set": 56.24, "Oct": 70.3}.items():
        page = book.create_sheet(name)
        page.append(["Categoría", "País", "Mensajes", "US$"])
        page.append(["Marketing", "Perú", 1000, amount])
    book.save(tmp_path / "a.xlsx")
    lines = read_invoice(tmp_path / "a.xlsx", andina()).lines
    assert [(str(line.amount), str(line.period_start)) for line in lines] == [("70.3", "2026-10-01")]


def test_that_a_hidden_cost_is_not_what_is_charged(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in (
        ["Categoría", "País", "Mensajes", "Costo US$", "Precio US$"],
        ["Marketing", "Perú", 1000, 60.1, 70.3],
        ["Utilidad", "Perú", 500, 8, 10],
    ):
        page.append(row)
    page.column_dimensions["D"].hidden = True
    book.save(tmp_path / "a.xlsx")
    lines = read_invoice(tmp_path / "a.xlsx", andina()).lines
    assert [str(line.amount) for line in lines] == ["70.3", "10"]


def test_that_a_sheet_for_each_number_tells_whose_its_rows_are(tmp_path: Path) -> None:
    numbers = (Number("1", name="Ventas"), Number("2", name="Soporte"))
    account = replace(andina(), wabas=(replace(andina().wabas[0], numbers=numbers),))
    lines = read_invoice(_book(tmp_path, {"Ventas": 7.03, "Soporte": 3.52}), account).lines
    assert [(line.waba_id, line.phone_number_id) for line in lines] == [(WABA, "1"), (WABA, "2")]


def test_that_a_copy_of_a_sheet_does_not_count_twice(tmp_path: Path) -> None:
    read = read_invoice(_book(tmp_path, {"Hoja1": 7.03, "Hoja1 (2)": 7.03}), andina())
    assert [line.source.sheet for line in read.lines] == ["Hoja1"]
    assert (read.report.kept, read.report.left_out) == (1, 1)


def test_that_a_sheet_of_another_month_is_left_out_and_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, amount in (("Septiembre 2026", 6.0), ("Octubre 2026", 7.03)):
        page = book.create_sheet(name)
        page.append(["Categoría", "Mensajes", "Importe USD"])
        page.append(["Marketing", 100, amount])
    book.save(tmp_path / "a.xlsx")
    read = read_invoice(tmp_path / "a.xlsx", andina())
    assert [(str(line.amount), str(line.period_start)) for line in read.lines] == [("7.03", "2026-10-01")]
    assert (read.report.kept, read.report.left_out) == (1, 1)
    assert any("Septiembre 2026" in decision for decision in sentences(read.report.decisions))


def test_that_counts_in_a_column_for_each_country_are_no_money(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Categoría;Perú;Chile;Total\nMarketing;100;20;120\nUtilidad;50;10;60\n", encoding="utf-8")
    with pytest.raises(AuditorError, match="parts_without_money"):
        read_invoice(path, andina())
    lines = read_usage(path, andina()).lines
    assert [f"{line.country} {line.quantity}" for line in lines] == ["PE 100", "CL 20", "PE 50", "CL 10"]


def test_that_months_in_columns_are_said_to_be_the_period(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Category,Country,Sep 2026 (USD),Oct 2026 (USD)\nMarketing,Peru,65.10,70.30\n", encoding="utf-8")
    read = read_invoice(path, andina())
    assert [(str(line.period_start), str(line.amount)) for line in read.lines] == [("2026-10-01", "70.30")]
    said = " ".join(sentences(read.report.decisions))
    assert "2026-09" in said
    assert "states no period" not in said


def test_that_months_without_a_year_take_the_one_above_them_or_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    table = "Categoría;País;Septiembre;Octubre;Total\nMarketing;Perú;65,10;70,30;135,40\n"
    path.write_text(f"Consumo WhatsApp 2026 (USD)\n{table}", encoding="utf-8")
    lines = read_invoice(path, andina()).lines
    assert [(str(line.period_start), str(line.amount)) for line in lines] == [("2026-10-01", "70.30")]
    path.write_text(table, encoding="utf-8")
    with pytest.raises(AuditorError, match="months_without_year"):
        read_invoice(path, andina())


@pytest.mark.parametrize("names", [("Dólares", "Soles"), ("Detalle PEN", "Detalle USD")])
def test_that_of_sheets_that_say_the_same_in_two_currencies_the_account_s_is_read(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name in names:
        page = book.create_sheet(name)
        rate = 1 if name in {"Dólares", "Detalle USD"} else 4
        for row in (["Categoría", "Mensajes", "Importe"], ["Marketing", 1000, 70 * rate], ["Utilidad", 500, 10 * rate]):
            page.append(row)
    book.save(tmp_path / "a.xlsx")
    read = read_invoice(tmp_path / "a.xlsx", andina())
    assert [(line.amount, line.currency) for line in read.lines] == [(Decimal(70), "USD"), (Decimal(10), "USD")]
    assert [problem.code for problem in read.report.problems] == ["other_table", "amounts_unconfirmed"]


def test_that_a_sheet_called_by_a_number_and_other_words_is_that_numbers(tmp_path: Path) -> None:
    account = andina()
    waba = account.wabas[0]
    other = Number("106540352242999", phone="51912345678", name="Soporte")
    two = replace(account, wabas=(replace(waba, numbers=(*waba.numbers, other)),))
    phone = waba.numbers[0].phone
    read = read_invoice(_book(tmp_path, {f"Ventas {phone}": 7.03, "Soporte 912345678": 3.52}), two)
    assert [(line.phone_number_id, str(line.amount)) for line in read.lines] == [
        (waba.numbers[0].id, "7.03"),
        (other.id, "3.52"),
    ]

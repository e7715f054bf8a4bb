"""What each business number was expected to cost, by its cost centre (R): formats.md §7's `cost_centre`."""

from dataclasses import replace
from decimal import Decimal

from auditor.core.records import Number
from auditor.core.report.workpaper import Report
from auditor.core.results import Reconciliation
from auditor.language import Language
from tests.core.report.test_pages import made_of
from tests.core.report.test_workpaper import placed
from tests.core.report.test_workpaper import sheet
from tests.writers.sample_result import sample_result


def _of_two_numbers() -> Reconciliation:
    """Take the sample's first three charges for 10, 4 and 1 units of two numbers: 1.00, 0.20 and 0.05 dollars."""
    result = sample_result("USD", 12)
    waba = replace(
        result.account.wabas[0], numbers=(Number("500", "51999000111", "Sales"), Number("600", "", "Help", "CC-20"))
    )
    figures = (("500", 10, "1.00"), ("600", 4, "0.20"), ("600", 1, "0.05"))
    cells = [
        replace(cell, waba_id=waba.id, phone_number_id=number, period="2026-10", quantity=units, amount=Decimal(amount),
                currency="USD")
        for cell, (number, units, amount) in zip(result.cells, figures, strict=False)
    ]  # fmt: skip
    return replace(result, account=replace(result.account, wabas=(waba,)), cells=tuple(cells), differences=())


def _rows(made: Report) -> list[list[object]]:
    return [[entry.value for entry in row] for row in placed(made, "R").rows]


def test_that_the_charges_stand_by_cost_centre_and_number_those_without_one_last() -> None:
    rows = _rows(made_of(_of_two_numbers()))
    none = Language("en").text("workbook.r.no_cost_centre")
    assert [(row[0], *row[2:4], *row[5:]) for row in rows] == [
        ("CC-20", "600", "Help", 5, Decimal("0.25")),
        (none, "51999000111", "Sales", 10, Decimal("1.00")),
    ]


def test_that_a_number_the_account_does_not_list_has_its_charges_too() -> None:
    result = _of_two_numbers()
    bare = replace(result.account, wabas=(replace(result.account.wabas[0], numbers=()),))
    assert [row[2] for row in _rows(made_of(replace(result, account=bare)))] == ["500", "600"]


def test_that_the_tie_out_agrees_the_numbers_with_the_charges() -> None:
    said = Language("en").text("workbook.d.check.numbers")
    cells = sheet(made_of(_of_two_numbers()), "D").cells
    row = next(row for (row, _), entry in cells.items() if entry.value == said)
    assert (cells[row, 3].value, cells[row, 5].value) == (Decimal("1.25"), Decimal("1.25"))
    assert cells[row, 3].formula == "=SUM(R_amount)"
    assert cells[row, 8].value is True


def test_that_sheets_name_a_number_with_its_telephone_beside_it() -> None:
    made = made_of(sample_result())
    owners = [row[1].value for row in placed(made, "I").rows]
    assert "Andina Lima (51987654321)" in owners
    days = {row[0].value for row in placed(made, "K", 2).rows}
    assert days == {"Andina Lima (51987654321)", "Tienda Trujillo (51944332211)"}

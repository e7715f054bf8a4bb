"""Tables with a row for each figure of a charge: its count in one, its cost in the next."""

from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import InvoiceLine
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina


def _read(folder: Path, *rows: str) -> tuple[InvoiceLine, ...]:
    path = folder / "invoice.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return read_invoice(path, andina()).lines


def test_that_one_value_a_row_makes_a_line_of_each_charge(tmp_path: Path) -> None:
    lines = _read(
        tmp_path,
        *("Period,Category,Metric,Value", "2026-10,Marketing,Messages,1000", "2026-10,Marketing,Cost USD,70.30"),
        *("2026-10,Utility,Messages,2000", "2026-10,Utility,Cost USD,40.00"),
    )
    assert [(line.category, str(line.quantity), str(line.amount), line.source.row) for line in lines] == [
        ("marketing", "1000", "70.30", 3),
        ("utility", "2000", "40.00", 5),
    ]


@pytest.mark.parametrize("again", ["Marketing", ""])  # a pivot table writes a name once
def test_that_measures_in_rows_and_months_across_are_lines_of_each_month(tmp_path: Path, again: str) -> None:
    lines = _read(
        tmp_path,
        *("Category;Measure;Sep 2026;Oct 2026;Total", "Marketing;Messages;900;1000;1900"),
        *(
            f"{again};Cost US$;63.27;70.30;133.57",
            "Utility;Messages;200;2000;2200",
            "Utility;Cost US$;4.00;40.00;44.00",
        ),
    )
    assert [(str(line.period_start), line.category, str(line.quantity), str(line.amount)) for line in lines] == [
        ("2026-10-01", "marketing", "1000", "70.30"),
        ("2026-10-01", "utility", "2000", "40.00"),
    ]


def test_that_a_charge_with_one_figure_twice_is_not_put_together(tmp_path: Path) -> None:
    rows = ("Category,Metric,Value", *("Marketing,Messages,1000", "Marketing,Cost USD,70.30") * 2)
    try:
        amounts = [str(line.amount) for line in _read(tmp_path, *rows)]
    except AuditorError:
        amounts = []
    assert amounts != ["70.30"]


def test_that_what_came_of_messages_and_a_total_name_no_figures(tmp_path: Path) -> None:
    rows = [f"2026-10-{day:02};Marketing;Delivered;0.07" for day in range(1, 6)]
    lines = _read(tmp_path, "Date;Category;Status;Cost USD", *rows, ";;Total;0.35")
    assert [str(line.amount) for line in lines] == ["0.07"] * 5

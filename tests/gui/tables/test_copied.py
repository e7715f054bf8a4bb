"""What is copied from a table, as a spreadsheet reads it: numbers, days and times as such, ids whole, no formulas."""

from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.gui.tables.copied import copied
from auditor.gui.tables.copied import copied_line
from auditor.gui.tables.rows import sort_key
from auditor.gui.window import MainWindow
from tests.stories.hands import first_evidence

LIMA = timezone(timedelta(hours=-5))
NOON = datetime(2026, 10, 31, 12, tzinfo=LIMA)


class Cells(HTMLParser):
    """The cells of a table as rows of (text, attributes)."""

    def __init__(self, table: str) -> None:
        """Read a table."""
        super().__init__()
        self.rows: list[list[tuple[str, dict[str, str | None]]]] = []
        self.inside = False
        self.feed(table)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        if tag == "tr":
            self.rows.append([])
        self.inside = tag == "td"
        if self.inside:
            self.rows[-1].append(("", dict(attrs)))

    def handle_endtag(self, _tag: str) -> None:
        """End it."""
        self.inside = False

    def handle_data(self, data: str) -> None:
        """Take a cell's text."""
        if self.inside:
            text, attributes = self.rows[-1][-1]
            self.rows[-1][-1] = (text + data, attributes)


def test_that_a_spreadsheet_of_any_language_is_told_what_a_cell_is() -> None:
    # 1 January 2026 is day 46,023 of spreadsheets, 31 October the 304th of the year: 46,326, and half of it at noon.
    line = copied_line([Decimal("0.0703"), 1936, NOON.date(), NOON, "51987654321012345"])
    assert line.text == "0.0703\t1936\t2026-10-31\t2026-10-31 12:00:00\t51987654321012345"
    (row,) = Cells(copied([line]).html()).rows
    assert [text for text, _ in row] == line.text.split("\t")
    values = [(cell.get("x:num"), cell.get("sdval"), cell["sdnum"]) for _, cell in row]
    assert values == [
        ("0.0703", "0.0703", "1033;0;General"),
        ("1936", "1936", "1033;0;General"),
        ("46326", "46326", "1033;0;YYYY-MM-DD"),
        ("46326.5", "46326.5", "1033;0;YYYY-MM-DD HH:MM:SS"),
        (None, None, "1033;0;@"),
    ]


@pytest.mark.parametrize("text", ["=1+1", "+51 987", "-x", "@SUM(A1)"])
def test_that_no_text_becomes_a_formula_where_it_is_pasted(text: str) -> None:
    line = copied_line([text, "<b>&"])
    assert line.text == f"'{text}\t<b>&"
    (row,) = Cells(copied([line]).html()).rows
    assert [text for text, _ in row] == [f"'{text}", "<b>&"]


def test_that_a_difference_below_zero_stays_a_number() -> None:
    assert copied_line([Decimal("-1.50"), "-1.50"]).text == "-1.50\t-1.50"


def test_that_moments_of_one_day_stand_in_their_order() -> None:
    assert sort_key(NOON) < sort_key(NOON + timedelta(seconds=1))
    assert sort_key(date(2026, 10, 30)) < sort_key(NOON.date())


def test_that_the_evidence_is_copied_with_its_times_as_times(qtbot: QtBot, sample: MainWindow) -> None:
    sample.go("reconciliation")
    sample.reconciliation.table.selectRow(0)
    first = first_evidence(qtbot, sample)
    table = sample.reconciliation.detail.evidence.table
    table.selectRow(0)
    table.copy(heads=True)
    data = QApplication.clipboard().mimeData()
    heads, row = Cells(data.html()).rows
    at = datetime.fromtimestamp(first.record.billed_at // 1_000_000, LIMA)
    cells = {head: cell for (head, _), cell in zip(heads, row, strict=True)}
    assert next(iter(cells.values()))[0] == f"{at:%Y-%m-%d %H:%M:%S}"
    assert data.text().splitlines()[0].split("\t") == list(cells)
    assert (first.record.unit_id, "1033;0;@") in [(text, marks["sdnum"]) for text, marks in row]

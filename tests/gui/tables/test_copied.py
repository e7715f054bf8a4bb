"""What is copied from a table, as a spreadsheet reads it: numbers, days and times as such, no formulas."""

from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from decimal import Decimal

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.gui.tables.copied import copied_line
from auditor.gui.tables.rows import sort_key
from auditor.gui.window import MainWindow
from tests.stories.hands import first_evidence

LIMA = timezone(timedelta(hours=-5))
NOON = datetime(2026, 10, 31, 12, tzinfo=LIMA)


@pytest.mark.parametrize("mark", [".", ","])
def test_that_numbers_have_the_mark_of_the_system_and_days_are_the_same_everywhere(mark: str) -> None:
    # Excel in Madrid or Bogotá takes 0.0703 for a text, and 21.30 for a time of day.
    line = copied_line([Decimal("0.0703"), 1936, NOON.date(), NOON, "1.5 %"], mark)
    assert line == f"0{mark}0703\t1936\t2026-10-31\t2026-10-31 12:00:00\t1.5 %"


@pytest.mark.parametrize("text", ["=1+1", "+51 987", "-x", "@SUM(A1)"])
def test_that_no_text_becomes_a_formula_where_it_is_pasted(text: str) -> None:
    assert copied_line([text, "<b>&"], ".") == f"'{text}\t<b>&"


def test_that_a_difference_below_zero_stays_a_number() -> None:
    assert copied_line([Decimal("-1.50"), "-1.50"], ".") == "-1.50\t-1.50"


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
    heads, row = (line.split("\t") for line in QApplication.clipboard().text().splitlines())
    at = datetime.fromtimestamp(first.record.billed_at // 1_000_000, LIMA)
    assert row[0] == f"{at:%Y-%m-%d %H:%M:%S}"
    assert len(heads) == len(row)
    assert first.record.unit_id in row


def test_that_a_table_is_copied_by_the_locale_of_the_system(
    qtbot: QtBot, sample: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale("es_ES"))
    sample.go("reconciliation")
    table = sample.reconciliation.table
    table.selectRow(0)
    table.copy()
    qtbot.waitUntil(lambda: "," in QApplication.clipboard().text())
    # The sample's largest difference is 44.22: 62.73 billed, 18.51 due.
    assert {"62,73", "18,51", "44,22"} <= {*QApplication.clipboard().text().split("\t")}

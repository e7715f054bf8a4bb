"""What a person sets by hand in the window, on the sample audit and the real engine: a rate, a match, evidence."""

from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.gui.differences.evidence import EvidencePane
from auditor.gui.window import MainWindow
from tests.gui.conftest import settle

REASON = "Clause 4 of the contract"


def select_rate(window: MainWindow, market: str, category: str) -> None:
    """Go to the rate of a market and category as the way from a charge does."""
    window.go("rates")
    window.rates.show_rate(market, category, "")


def line_of(window: MainWindow, market: str, category: str) -> int:
    """Give the row of a market's and category's line in the table of differences."""
    rows = [row.record.difference for row in window.reconciliation.model.rows]
    return next(n for n, one in enumerate(rows) if (one.market, one.category) == (market, category))


def expected(window: MainWindow, market: str, category: str) -> Decimal:
    """Give what a line is expected to cost."""
    return window.reconciliation.model.rows[line_of(window, market, category)].record.difference.expected


def test_that_a_rate_set_by_hand_prices_the_messages_until_it_is_withdrawn(qtbot: QtBot, sample: MainWindow) -> None:
    before = expected(sample, "Peru", "authentication")
    select_rate(sample, "Peru", "authentication")
    row = sample.rates.tables["rates"].current_row()
    assert row is not None
    units = row.record.units
    sample.rates.override.click()
    sample.rates.form.rate.setText("0.05")
    sample.rates.form.set.click()
    assert sample.rates.bar.isVisible()  # no reason was given
    QTest.keyClicks(sample.rates.form.reason, REASON)
    QTest.keyClick(sample.rates.form.reason, Qt.Key.Key_Return)
    settle(qtbot, sample)
    assert expected(sample, "Peru", "authentication") == units * Decimal("0.05")
    assert sample.rates.tabs.tabText(3) == "Set by hand (1)"
    assert sample.actions_.by_key["undo"].text() == "&Undo: Set a rate by hand"
    sample.rates.tabs.setCurrentIndex(3)
    sample.rates.tables["by_hand"].selectRow(0)
    QTest.keyClicks(sample.rates.withdraw.reason, "The clause has ended")
    sample.rates.withdraw.go.click()
    settle(qtbot, sample)
    assert expected(sample, "Peru", "authentication") == before


def test_that_of_lines_nobody_chose_from_the_first_is_shown_and_a_chosen_one_stays(
    qtbot: QtBot, sample: MainWindow
) -> None:
    def shown() -> list[str]:
        return [line.record.difference.key for line in sample.reconciliation.selected_lines()]

    first = shown()
    select_rate(sample, "Peru", "authentication")
    sample.rates.override.click()
    sample.rates.form.rate.setText("0.20")
    QTest.keyClicks(sample.rates.form.reason, REASON)
    QTest.keyClick(sample.rates.form.reason, Qt.Key.Key_Return)
    settle(qtbot, sample)
    # 930 units at 0.20 are 186.00, and 28.05 was billed: no other line differs by as much.
    assert shown() == ["102290129340398|2026-10|Peru||authentication|"]
    sample.context.workspace.undo()
    settle(qtbot, sample)
    assert shown() == first
    sample.reconciliation.table.selectRow(2)
    chosen = shown()
    sample.context.workspace.redo()  # the answer was kept: nothing is computed twice
    settle(qtbot, sample)
    assert shown() == chosen


def test_that_the_row_stays_in_view_when_its_rate_is_set_by_hand(qtbot: QtBot, sample: MainWindow) -> None:
    sample.go("rates")
    table = sample.rates.tables["rates"]
    settle(qtbot, sample)
    # The last row that is in view: the form takes its place.
    last = table.rowAt(table.viewport().height() - 30)
    assert last > 0
    table.selectRow(last)
    sample.rates.override.click()
    assert sample.rates.form.isVisible()
    settle(qtbot, sample)
    shown = table.visualRect(table.currentIndex())
    assert table.viewport().rect().contains(shown.center())
    # Over the other tabs the form is not in the way; what was typed into it waits.
    sample.rates.form.reason.setText(REASON)
    sample.rates.tabs.setCurrentIndex(1)
    assert not sample.rates.form.isVisible()
    sample.rates.tabs.setCurrentIndex(0)
    assert sample.rates.form.isVisible()
    assert sample.rates.form.reason.text() == REASON
    sample.rates.form.leave.click()
    sample.rates.tabs.setCurrentIndex(1)
    sample.rates.tabs.setCurrentIndex(0)
    assert not sample.rates.form.isVisible()


def test_that_a_line_is_matched_by_hand_and_the_match_taken_back(qtbot: QtBot, sample: MainWindow) -> None:
    lines = sample.reconciliation
    place = line_of(sample, "Argentina", "marketing")
    billed = lines.model.rows[place].record.difference.billed
    mexico = lines.model.rows[line_of(sample, "Mexico", "marketing")].record.difference.billed
    lines.table.selectRow(place)
    lines.detail.tabs.setCurrentIndex(1)
    bar = lines.detail.match
    name = next(
        bar.target.itemText(n) for n in range(bar.target.count()) if "Mexico · Marketing" in bar.target.itemText(n)
    )
    bar.target.setEditText(name)
    bar.match.click()
    assert "reason" in bar.said.text().lower()
    QTest.keyClicks(bar.reason, "Numbers ported from Mexico")
    bar.match.click()
    settle(qtbot, sample)
    place = line_of(sample, "Mexico", "marketing")
    assert lines.model.rows[place].record.difference.billed == mexico + billed
    lines.table.selectRow(place)
    assert bar.unmatch.isEnabled()
    QTest.keyClicks(bar.reason, "They were not")
    bar.unmatch.click()
    settle(qtbot, sample)
    assert lines.model.rows[line_of(sample, "Mexico", "marketing")].record.difference.billed == mexico


def test_that_attached_evidence_is_listed_and_undone(qtbot: QtBot, sample: MainWindow, tmp_path: Path) -> None:
    letter = tmp_path / "reply.txt"
    letter.write_text("We shall credit it.", encoding="utf-8")
    lines = sample.reconciliation
    lines.table.selectRow(0)
    lines.attach([letter])
    settle(qtbot, sample)
    assert "reply.txt" in lines.detail.why.text()
    sample.actions_.by_key["undo"].trigger()
    settle(qtbot, sample)
    assert "reply.txt" not in lines.detail.why.text()


def test_that_a_condition_is_recorded_with_the_file_that_shows_it(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    proof = tmp_path / "verified.png"
    proof.write_bytes(b"picture")
    sample.actions_.by_key["checklist"].trigger()
    pane = sample.sources.checklist
    assert {row.record.status for row in pane.model.rows} == {"not_recorded"}
    pane.table.selectRow(2)
    pane.record.click()
    settle(qtbot, sample)
    assert "evidence" in sample.sources.bar.label.text()  # met, and nothing shows it
    pane.take_file(proof)
    pane.record.click()
    settle(qtbot, sample)
    row = pane.table.current_row()
    assert row is not None
    assert (row.record.status, row.record.found.evidence) == ("met", "verified.png")
    assert sample.actions_.by_key["undo"].text() == "&Undo: Record a condition"


def opened_evidence(qtbot: QtBot, sample: MainWindow) -> EvidencePane:
    """Open the charges behind the first line."""
    lines = sample.reconciliation
    sample.go("reconciliation")
    lines.table.selectRow(0)
    lines.detail.tabs.setCurrentIndex(2)
    pane = lines.detail.evidence
    qtbot.waitUntil(lambda: pane.table.current_row() is not None, timeout=60_000)
    return pane


def test_that_evidence_is_sorted_and_searched_over_all_its_pages(qtbot: QtBot, sample: MainWindow) -> None:
    pane = opened_evidence(qtbot, sample)
    users = pane.model.columns.index(next(column for column in pane.model.columns if column.key == "user"))
    pane.table.sortByColumn(users, Qt.SortOrder.DescendingOrder)

    def shown_users() -> list[str]:
        rows = (pane.model.row(place) for place in range(min(pane.model.PAGE, pane.model.rowCount())))
        return [row.record.user for row in rows if row is not None]

    before = shown_users()
    assert before != sorted(before, reverse=True)
    qtbot.waitUntil(lambda: bool(shown_users()) and shown_users() != before, timeout=60_000)
    shown = shown_users()
    assert shown == sorted(shown, reverse=True)
    pane.search.setText(shown[0])
    qtbot.waitUntil(lambda: pane.model.rowCount() == shown.count(shown[0]), timeout=60_000)


def test_that_a_copy_holds_every_charge_however_few_were_in_view(qtbot: QtBot, sample: MainWindow) -> None:
    pane = opened_evidence(qtbot, sample)
    settle(qtbot, sample)
    count = pane.model.rowCount()
    assert count > pane.model.PAGE
    QApplication.clipboard().clear()
    pane.table.selectAll()
    pane.table.copy(heads=True)
    settle(qtbot, sample)
    head, *copied = QApplication.clipboard().text().split("\n")
    assert head.startswith("Billed at\tAmount\tCustomer\t")
    assert len(copied) == count
    assert all(line.count("\t") == head.count("\t") and line.split("\t")[2] for line in copied)

"""The claims' days: set in the window, said in the list, added up by how pressing they are."""

from datetime import timedelta

from PySide6.QtCore import QDate
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.signing.claims_pane import COLUMNS
from auditor.gui.window import MainWindow
from tests.gui.conftest import settle
from tests.gui.signing.test_hand_over import dispute_first

_DUE = [column.key for column in COLUMNS].index("due")


def test_that_a_claim_gets_the_day_it_is_due_and_the_list_says_how_far_off_that_is(
    qtbot: QtBot, sample: MainWindow
) -> None:
    pane = sample.sign_off.claims
    assert not pane.set_due.isEnabled()
    assert not pane.clear_due.isEnabled()
    dispute_first(qtbot, sample)
    sample.actions_.by_key["claims"].trigger()
    settle(qtbot, sample)
    (row,) = pane.model.rows
    assert row.texts[_DUE] == "—"
    assert pane.ages.text() == "Without a due date: US$\N{NO-BREAK SPACE}44.22 (claims: 1)"
    assert pane.day.minimumDate().toPython() == row.record.claim.raised
    due = row.record.today + timedelta(days=12)
    pane.day.setDate(QDate(due.year, due.month, due.day))
    QTest.mouseClick(pane.set_due, Qt.MouseButton.LeftButton)
    settle(qtbot, sample)
    (row,) = pane.model.rows
    assert row.texts[_DUE].endswith("(days left: 12)")
    assert pane.ages.text() == "Due within 30 days: US$\N{NO-BREAK SPACE}44.22 (claims: 1)"
    assert pane.day.date() == QDate(due.year, due.month, due.day)
    assert sample.actions_.by_key["undo"].text() == "&Undo: Set when a claim is due"
    QTest.mouseClick(pane.clear_due, Qt.MouseButton.LeftButton)
    settle(qtbot, sample)
    assert pane.model.rows[0].texts[_DUE] == "—"
    assert not pane.clear_due.isEnabled()
    sample.context.workspace.undo()
    settle(qtbot, sample)
    assert pane.model.rows[0].texts[_DUE].endswith("(days left: 12)")
    sample.context.workspace.undo()
    settle(qtbot, sample)
    assert pane.model.rows[0].texts[_DUE] == "—"


def test_that_no_column_of_the_claims_is_out_of_view_on_the_smallest_laptop(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(1280, 720)
    for code in ("en", "es"):
        opened.context.speech.switch(code)
        opened.show_sign_off("claims")
        settle(qtbot, opened)
        assert opened.sign_off.claims.table.horizontalScrollBar().maximum() == 0, code
    opened.show_sign_off("journal")
    settle(qtbot, opened)
    assert opened.sign_off.journal.table.horizontalScrollBar().maximum() == 0

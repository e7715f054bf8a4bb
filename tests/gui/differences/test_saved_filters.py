"""Filters under a name: saved from what is filtered, kept for the user, asked for again whole, and forgotten."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.differences.saved_filters import KeptFilter
from auditor.gui.differences.saved_filters import read
from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.gui.conftest import settle

# Lists that pop up, where there is no display.
pytestmark = pytest.mark.qt_log_ignore("does not support", extend=True)


def _shown(window: MainWindow) -> set[str]:
    return {row.record.difference.key for row in window.reconciliation.model.lines}


def _save(window: MainWindow, name: str) -> None:
    saved = window.reconciliation.filter.saved
    saved.open_list()
    assert saved.name.isVisible()
    saved.name.setText(name)  # letters with accents cannot be typed by the test's own keys
    QTest.keyClick(saved.name, Qt.Key.Key_Return)


def _choose(window: MainWindow, text: str) -> None:
    saved = window.reconciliation.filter.saved
    saved.fill()
    next(action for action in saved.menu().actions() if action.text() == text).trigger()


def test_that_a_filter_is_saved_whole_and_asked_for_again(qtbot: QtBot, opened: MainWindow) -> None:
    lines, bar = opened.reconciliation, opened.reconciliation.filter
    everything = _shown(opened)
    market = lines.model.lines[0].record.difference.market
    bar.menus["market"].choose(frozenset({market}))
    bar.chips.choose(frozenset({"different"}))
    bar.slider.setValue(1)
    lines.show_column_filters()
    QTest.keyClicks(lines.table.head.fields[lines.model.place_of("billed")], "> 1")
    asked, least = _shown(opened), bar.wanted.least
    # By hand: those of the market that differ by something and were billed more than 1.
    assert asked == {
        row.record.difference.key
        for row in lines._all
        if row.record.difference.market == market
        and row.record.difference.status == "different"
        and abs(row.record.difference.difference) >= least.size
        and row.record.difference.billed > 1
    }
    assert asked
    assert asked < everything
    _save(opened, "Mine & yours")
    assert bar.saved.in_force() == "Mine & yours"
    assert bar.saved.accessibleName() == "Saved: Mine & yours"
    bar.clear()
    assert _shown(opened) == everything
    assert bar.saved.in_force() == ""
    bar.text.setText("no line has this")
    _choose(opened, "Mine && yours")
    assert (_shown(opened), bar.wanted.least, bar.text.text()) == (asked, least, "")
    assert lines.table.head.fields[lines.model.place_of("billed")].text() == "> 1"
    assert bar.saved.in_force() == "Mine & yours"
    # Forgotten, it is still what is shown.
    _choose(opened, "Forget “Mine && yours”")
    assert (bar.saved.in_force(), _shown(opened)) == ("", asked)
    assert not opened.context.preferences.settings.filters


def test_that_a_saved_filter_is_there_when_the_program_starts_again(
    opened: MainWindow, preferences: Preferences
) -> None:
    opened.reconciliation.filter.text.setText("peru")
    _save(opened, "Perú")
    again = Preferences(preferences._file)
    assert read(again.settings.filters["Perú"]) == KeptFilter("peru", measure="money")


def test_that_what_is_no_filter_holds_nothing_back() -> None:
    for written in ("", "[]", "{}", '{"text": "x", "facets": 1, "columns": {}, "measure": "", "least": "1"}'):
        assert read(written) == KeptFilter()
    kept = KeptFilter("x", {"market": ("Chile", "Peru")}, "percent", Decimal(5), {"billed": "> 1"})
    assert read(kept.written()) == kept


def test_that_nothing_is_saved_where_nothing_is_filtered_and_the_keys_open_the_list(
    qtbot: QtBot, opened: MainWindow
) -> None:
    saved = opened.reconciliation.filter.saved
    saved.fill()
    assert [action.text() for action in saved.menu().actions() if not action.isSeparator()] == [
        "No filter saved yet",
        "Filter the lines, then save that here",
    ]
    opened.go("charts")
    settle(qtbot, opened)
    opened.actions_.by_key["saved_filters"].trigger()
    assert opened.place == "reconciliation"
    assert saved.menu().isVisible()
    saved.menu().close()


def test_that_a_filter_of_another_audit_takes_the_next_step_of_the_slider(opened: MainWindow) -> None:
    bar = opened.reconciliation.filter
    sizes = sorted({abs(row.record.difference.difference) for row in opened.reconciliation._all} - {Decimal(0)})
    bar.show_kept(KeptFilter(measure="money", least=(sizes[0] + sizes[1]) / 2))
    assert bar.wanted.least.size == sizes[1]


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_what_is_to_be_typed_is_said_whole(qtbot: QtBot, opened: MainWindow, code: str) -> None:
    opened.context.speech.switch(code)
    bar = opened.reconciliation.filter
    bar.text.setText("chile")
    settle(qtbot, opened)
    bar.saved.open_list()
    said = bar.saved.name.fontMetrics().horizontalAdvance(bar.saved.name.placeholderText())
    # The field keeps its frame, and room at the sides of its words.
    assert bar.saved.name.width() >= said + 24
    bar.saved.menu().close()

"""Panes: an edge that was drawn stays where it was left."""

from PySide6.QtCore import QPoint
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.gui.pieces.panes import Panes
from auditor.settings import Preferences


def panes(qtbot: QtBot, preferences: Preferences) -> Panes:
    """Give two panes of 300 and 100 pixels, shown."""
    left, right = QWidget(), QWidget()
    for pane in (left, right):
        pane.setMinimumWidth(50)
    made = Panes("two", Qt.Orientation.Horizontal, {left: 300, right: 100}, left, preferences)
    qtbot.addWidget(made)
    made.resize(400 + made.handleWidth(), 100)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_that_an_edge_is_where_it_was_left(qtbot: QtBot, preferences: Preferences) -> None:
    first = panes(qtbot, preferences)
    assert first.sizes() == [300, 100]
    handle = first.handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(1, 50))
    QTest.mouseMove(handle, QPoint(-99, 50))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(1, 50))
    drawn = first.sizes()
    assert drawn[0] < 300
    qtbot.waitUntil(lambda: "two" in preferences.settings.panes)
    assert panes(qtbot, preferences).sizes() == drawn


def test_that_no_pane_can_be_drawn_out_of_sight(qtbot: QtBot, preferences: Preferences) -> None:
    made = panes(qtbot, preferences)
    made.moveSplitter(0, 1)
    assert made.sizes() == [50, 350]


def test_that_a_pane_has_no_more_room_than_it_needs_until_an_edge_is_drawn(
    qtbot: QtBot, preferences: Preferences
) -> None:
    made = panes(qtbot, preferences)
    right = made.widget(1)
    assert right is not None
    made.fit(right, 60)
    assert made.sizes() == [340, 60]
    made.fit(right, 900)
    assert made.sizes() == [300, 100]
    preferences.remember_panes("two", bytes(made.saveState().toBase64().data()).decode("ascii"))
    made.fit(right, 60)
    assert made.sizes() == [300, 100]

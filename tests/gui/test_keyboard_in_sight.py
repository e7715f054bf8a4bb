"""By Tab alone through every view: one always sees where the keyboard is, nothing holds it, and it comes round."""

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtCore import QRect
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.gui.conftest import settle
from tests.gui.tour import tour

# Links in a page of the help and parts of a date are stops, too; a thin cursor alone is not seen.
_MOST_STOPS, _SEEN = 600, 25


def stops(window: MainWindow) -> Iterator[QWidget]:
    """Press Tab until it comes round, and give what has the keyboard each time."""
    window.setFocus()
    QTest.keyClick(window, Qt.Key.Key_Tab)
    first = at = QApplication.focusWidget()
    for _ in range(_MOST_STOPS):
        assert at is not None, "the keyboard is nowhere"
        yield at
        QTest.keyClick(at, Qt.Key.Key_Tab)
        at = QApplication.focusWidget()
        if at is first:
            return
    raise AssertionError(f"{at} keeps the keyboard")


def pixels(window: MainWindow, widget: QWidget) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
    """Give what is seen of a control and close around it."""
    QApplication.processEvents()
    place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-3, -3, 3, 3)
    image = window.grab(place).toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).copy()


def test_that_one_sees_where_the_keyboard_is_and_that_it_comes_round(qtbot: QtBot, opened: MainWindow) -> None:
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    met: set[tuple[type[QWidget], str, bool]] = set()
    unseen = []
    for name in tour(qtbot, opened):
        for widget in stops(opened):
            kind = (type(widget), widget.accessibleName(), bool(widget.property("told")))
            if kind in met:
                continue
            met.add(kind)
            with_it = pixels(opened, widget)
            widget.clearFocus()
            without = pixels(opened, widget)
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            if np.count_nonzero(with_it != without) < _SEEN:
                unseen.append(f"{name}: {type(widget).__name__} {widget.accessibleName()}")
    assert len(met) > 100
    assert not unseen, "\n".join(unseen)


def test_that_the_keyboard_stays_in_its_place_when_what_had_it_goes_away(qtbot: QtBot, opened: MainWindow) -> None:
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    lines, top = opened.reconciliation, opened.top.tabs.values()
    lines.show_column_filters()
    assert QApplication.focusWidget() in lines.table.head.fields
    lines.show_column_filters()
    assert QApplication.focusWidget() is lines.table
    opened.go("sign_off")
    settle(qtbot, opened)
    for gone in (opened.sign_off.signatures["reviewer"].who, opened.sign_off.exports["claim_pack"]):
        gone.setFocus()
        gone.setEnabled(False)
        assert QApplication.focusWidget() not in top
        gone.setEnabled(True)
    last = opened.sign_off.fixed.seal
    for hide in (last.hide, lambda: last.setEnabled(False)):
        last.show()
        last.setEnabled(True)
        last.setFocus()
        assert last.hasFocus()
        hide()
        assert QApplication.focusWidget() not in top

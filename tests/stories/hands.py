"""What hands do in a story: click, drop files, answer a file dialog; and wait, as people do, for what comes of it."""

from pathlib import Path

from PySide6.QtCore import QDate
from PySide6.QtCore import QMimeData
from PySide6.QtCore import QPoint
from PySide6.QtCore import QPointF
from PySide6.QtCore import Qt
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QComboBox
from PySide6.QtWidgets import QFileDialog
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.gui.tables.rows import Row
from auditor.gui.tables.table import Table
from auditor.gui.window import MainWindow
from auditor.verbs.evidence import EvidenceRow

LONG = 60_000
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def settled(qtbot: QtBot, window: MainWindow) -> None:
    """Wait for the worker, and for the place that it led to."""
    qtbot.waitUntil(lambda: window.context.workspace.worker.waiting == 0 and not window.bound, timeout=LONG)
    QApplication.processEvents()


def click(widget: QWidget, at: QPoint | None = None) -> None:
    """Click a control with the mouse, in its middle or where told. One that nobody could click fails the story."""
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, _LEFT, pos=at or widget.rect().center())


def click_row(table: Table, place: int, keys: Qt.KeyboardModifier = _NONE) -> None:
    """Click a row of a table."""
    index = table.model().index(place, 0)
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), _LEFT, keys, table.visualRect(index).center())


def choose(box: QComboBox, data: str) -> None:
    """Choose from a list by its keys: arrows to the entry, Enter on it."""
    box.setFocus()
    steps = box.findData(data) - box.currentIndex()
    for _ in range(abs(steps)):
        QTest.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    assert box.currentData() == data


def drop(window: MainWindow, *files: Path) -> None:
    """Drag files over the window and let them fall."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(window, QDragEnterEvent(QPointF(400, 400), copy, data, _LEFT, _NONE))
    QApplication.sendEvent(window, QDropEvent(QPointF(400, 400), copy, data, _LEFT, _NONE))


def name_file(qtbot: QtBot, window: MainWindow, name: Path) -> None:
    """Give a name to the file dialog that is open, and wait for what is done with it."""
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None, timeout=LONG)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(field, QLineEdit)
    # Typed letter by letter, the dialog would open its list of suggestions, which takes the keyboard.
    field.setText(str(name))
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None, timeout=LONG)
    # A desktop gives the keyboard back to the window beneath; a display without one does not.
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LONG)
    settled(qtbot, window)


def first_evidence(qtbot: QtBot, window: MainWindow) -> Row[EvidenceRow]:
    """Turn to the evidence of the selected line, and give the row it begins with."""
    detail = window.reconciliation.detail
    detail.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: detail.evidence.table.current_row() is not None, timeout=LONG)
    settled(qtbot, window)
    first = detail.evidence.table.current_row()
    assert first is not None
    return first


def make_the_audit(qtbot: QtBot, window: MainWindow) -> None:
    """Fill in the form of a new audit: the sample's, October 2026."""
    click(window.start.ways["new"])
    form = window.start.form
    QTest.keyClicks(form.entity, "Andina Retail S.A.C.")
    QTest.keyClicks(form.tax_id, "20601234567")
    form.period.setDate(QDate(2026, 10, 1))
    QTest.keyClicks(form.wabas[0].id, "102290129340398")
    QTest.keyClicks(form.wabas[0].numbers, "106540352242922, 106540352242923")
    click(form.submit)
    settled(qtbot, window)

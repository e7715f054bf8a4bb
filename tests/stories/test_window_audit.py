"""A user's first audit in the window, from the empty screen to the saved workbook, on the real engine."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import QDate
from PySide6.QtCore import QMimeData
from PySide6.QtCore import QPointF
from PySide6.QtCore import Qt
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QFileDialog
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor import paths
from auditor.gui.application import make_application
from auditor.gui.application import make_window
from auditor.gui.views import start
from auditor.gui.window import MainWindow
from auditor.sample import write_sample
from auditor.settings import Preferences

_LONG = 60_000
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """Give the program as it starts for the first time, in Spanish, with a user folder of its own."""
    for module in (start, paths):
        monkeypatch.setattr(module, "user_data", lambda: tmp_path / "user")
    make_application()
    preferences = Preferences(tmp_path / "settings.json")
    preferences.change(language="es", theme="light", folder=str(tmp_path))
    made = make_window(preferences)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


def settled(qtbot: QtBot, window: MainWindow) -> None:
    """Wait for the worker, and for the place that it led to."""
    qtbot.waitUntil(lambda: window.context.workspace.worker.waiting == 0 and not window.bound, timeout=_LONG)
    QApplication.processEvents()


def click(qtbot: QtBot, widget: QWidget) -> None:
    """Click a control with the mouse."""
    QTest.mouseClick(widget, _LEFT)


def drop(window: MainWindow, *files: Path) -> None:
    """Drag files over the window and let them fall."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(window, QDragEnterEvent(QPointF(400, 400), copy, data, _LEFT, _NONE))
    QApplication.sendEvent(window, QDropEvent(QPointF(400, 400), copy, data, _LEFT, _NONE))


def test_that_a_first_audit_goes_from_the_empty_screen_to_a_saved_workbook(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "files")
    _make_the_audit(qtbot, window)
    assert window.place == "sources"

    told = window.sources.next
    drop(window, sample.invoice)
    settled(qtbot, window)
    assert told.label.text().startswith("Ahora agregue el registro de mensajes")
    window.go("reconciliation")
    shown = [label.text() for label in window.reconciliation.findChildren(QLabel) if label.isVisible()]
    assert "Está la factura; falta el registro de mensajes" in shown
    window.go("sources")
    drop(window, sample.messages)
    settled(qtbot, window)
    assert {row.record.kind for row in window.sources.model.rows} == {"log", "invoice"}
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.result is not None

    assert told.label.text() == "Comparado: difieren 13 de 21 líneas; en total, +US$ 50.87."
    click(qtbot, told.action)
    assert window.place == "reconciliation"
    lines = window.reconciliation
    qtbot.waitUntil(lambda: len(lines.model.rows) > 10, timeout=_LONG)
    billed = opened.result.billed
    assert lines.footer.figures["invoiced"].text() == window.context.speech.language.money(billed, "USD")

    _look_into_a_difference(qtbot, window)
    _export(qtbot, window, tmp_path / "conciliacion.xlsx")
    book = openpyxl.load_workbook(tmp_path / "conciliacion.xlsx", read_only=True)
    assert len(book.sheetnames) == 15
    book.close()


def _make_the_audit(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window.start.ways["new"])
    form = window.start.form
    QTest.keyClicks(form.entity, "Andina Retail S.A.C.")
    QTest.keyClicks(form.tax_id, "20601234567")
    form.period.setDate(QDate(2026, 10, 1))
    QTest.keyClicks(form.wabas[0].id, "102290129340398")
    QTest.keyClicks(form.wabas[0].numbers, "106540352242922, 106540352242923")
    click(qtbot, form.submit)
    settled(qtbot, window)


def _look_into_a_difference(qtbot: QtBot, window: MainWindow) -> None:
    """Find the line by typing, read why, go down to a message, dispute it, take that back and do it again."""
    lines = window.reconciliation
    QTest.keyClicks(lines.filter.text, "chile marketing")
    assert [row.record.difference.market for row in lines.model.rows] == ["Chile"]
    place = lines.table.visualRect(lines.model.index(0, 1)).center()
    QTest.mouseClick(lines.table.viewport(), _LEFT, pos=place)
    assert "Línea facturada dos veces" in lines.detail.why.text()
    assert lines.detail.invoice.rowCount() == 2

    lines.detail.tabs.setCurrentIndex(2)
    evidence = lines.detail.evidence
    qtbot.waitUntil(lambda: evidence.table.current_row() is not None, timeout=_LONG)
    settled(qtbot, window)
    first = evidence.table.current_row()
    assert first is not None
    assert first.record.file == "messages.csv"
    assert first.record.source_row > 1

    click(qtbot, lines.detail.decision.dispute)
    settled(qtbot, window)
    assert lines.model.rows[0].record.decision.decision == "disputed"
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, window)
    assert lines.model.rows[0].record.decision.decision == ""
    click(qtbot, window.reconciliation.filter.clear_button)
    assert lines.model.rowCount() > 10


def _export(qtbot: QtBot, window: MainWindow, target: Path) -> None:
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None, timeout=_LONG)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(name, QLineEdit)
    # Typed letter by letter, the dialog would open its list of suggestions, which takes the keyboard.
    name.setText(str(target))
    QTest.keyClick(name, Qt.Key.Key_Return)
    qtbot.waitUntil(target.exists, timeout=_LONG)
    settled(qtbot, window)
    assert "conciliacion.xlsx" in window.reconciliation.bar.label.text()


def test_that_an_audit_closed_with_decisions_reopens_as_it_was(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window.start.ways["sample"])
    settled(qtbot, window)
    lines = window.reconciliation
    assert window.place == "reconciliation"
    click(qtbot, lines.detail.decision.accept)
    settled(qtbot, window)
    accepted = [row.record.difference.key for row in lines.model.rows if row.record.decision.decision == "accepted"]
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.path is not None

    again = make_window(window.context.preferences)
    qtbot.addWidget(again)
    window.close()
    again.show()
    again.open(opened.path)
    settled(qtbot, again)
    assert again.place == "reconciliation"
    rows = again.reconciliation.model.rows
    assert [row.record.difference.key for row in rows if row.record.decision.decision] == accepted
    _look_behind_a_kept_answer(qtbot, again)
    again.close()


def _look_behind_a_kept_answer(qtbot: QtBot, window: MainWindow) -> None:
    """Look at evidence where the answer was kept and not computed: the charges come with the first look."""
    workspace, lines = window.context.workspace, window.reconciliation
    assert workspace.opened is not None
    assert not workspace.opened.charged
    lines.table.selectRow(0)
    lines.detail.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: lines.detail.evidence.table.current_row() is not None, timeout=_LONG)
    settled(qtbot, window)
    charged = lines.model.rows[0].record.difference.expected_quantity
    assert lines.detail.evidence.model.rowCount() == charged
    assert workspace.opened.charged

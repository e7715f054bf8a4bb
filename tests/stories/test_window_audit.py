"""A user's first audit in the window, from the empty screen to the saved workbook, on the real engine."""

from pathlib import Path

import openpyxl
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from auditor.gui.application import make_window
from auditor.gui.window import MainWindow
from auditor.sample import write_sample
from tests.stories.hands import LONG
from tests.stories.hands import click
from tests.stories.hands import drop
from tests.stories.hands import first_evidence
from tests.stories.hands import make_the_audit
from tests.stories.hands import name_file
from tests.stories.hands import settled

_LEFT = Qt.MouseButton.LeftButton


def test_that_a_first_audit_goes_from_the_empty_screen_to_a_saved_workbook(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "files")
    make_the_audit(qtbot, window)
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

    assert told.label.text() == "Comparado: difieren 13 de 21 líneas; en total, +US$\N{NO-BREAK SPACE}50.87."
    click(told.action)
    assert window.place == "reconciliation"
    lines = window.reconciliation
    qtbot.waitUntil(lambda: len(lines.model.rows) > 10, timeout=LONG)
    words = window.context.words()
    assert words is not None
    assert lines.footer.figures["invoiced"].text() == words.money(opened.result.billed)

    _look_into_a_difference(qtbot, window)
    _export(qtbot, window, tmp_path / "conciliacion.xlsx")
    book = openpyxl.load_workbook(tmp_path / "conciliacion.xlsx", read_only=True)
    assert len(book.sheetnames) == 17
    book.close()


def _look_into_a_difference(qtbot: QtBot, window: MainWindow) -> None:
    """Find the line by typing, read why, go down to a message, dispute it, take that back and do it again."""
    lines = window.reconciliation
    QTest.keyClicks(lines.filter.text, "chile marketing")
    assert [row.record.difference.market for row in lines.model.rows] == ["Chile"]
    place = lines.table.visualRect(lines.model.index(0, lines.model.place_of("market"))).center()
    QTest.mouseClick(lines.table.viewport(), _LEFT, pos=place)
    assert "Línea repetida" in lines.detail.why.text()
    assert lines.detail.invoice.rowCount() == 2

    first = first_evidence(qtbot, window)
    assert first.record.file == "messages.csv"
    assert first.record.source_row > 1

    click(lines.detail.decision.dispute)
    settled(qtbot, window)
    assert lines.model.rows[0].record.decision.decision == "disputed"
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, window)
    assert lines.model.rows[0].record.decision.decision == ""
    click(window.reconciliation.filter.clear_button)
    assert lines.model.rowCount() > 10


def _export(qtbot: QtBot, window: MainWindow, target: Path) -> None:
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    name_file(qtbot, window, target)
    qtbot.waitUntil(target.exists, timeout=LONG)
    settled(qtbot, window)
    assert "conciliacion.xlsx" in window.reconciliation.bar.label.text()


def test_that_an_audit_closed_with_decisions_reopens_as_it_was(qtbot: QtBot, window: MainWindow) -> None:
    click(window.start.ways["sample"])
    settled(qtbot, window)
    lines = window.reconciliation
    assert window.place == "reconciliation"
    click(lines.detail.decision.accept)
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
    found = (row.record.difference for row in lines.model.rows)  # free units are shown where more is billed than due
    place, charged = next((n, one.expected_quantity) for n, one in enumerate(found) if one.difference < 0)
    lines.table.selectRow(place)
    lines.detail.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: lines.detail.evidence.table.current_row() is not None, timeout=LONG)
    settled(qtbot, window)
    assert charged
    assert lines.detail.evidence.model.rowCount() == charged
    assert workspace.opened.charged

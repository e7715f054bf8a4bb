"""An invoice of heads that nobody knows: its columns are said once, and the next month's comes in by itself."""

from pathlib import Path

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.pieces.controls import Choice
from auditor.gui.window import MainWindow
from tests.stories.hands import choose
from tests.stories.hands import click
from tests.stories.hands import drop
from tests.stories.hands import make_the_audit
from tests.stories.hands import settled

_HEADS = "País;Categoría;Cantidad;Columna D\n"
_FIRST = _HEADS + "Perú;Utilidad;2;0,06\nChile;Utilidad;3;0,06\n"
_NEXT = _HEADS + "Perú;Utilidad;4;0,12\nChile;Marketing;7;0,62\n"
_MEANINGS = ("market", "category", "quantity", "amount")


def test_that_a_layout_is_said_once_and_the_next_file_of_it_is_read_by_itself(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    first, later = tmp_path / "uno.csv", tmp_path / "dos.csv"
    first.write_text(_FIRST, encoding="utf-8")
    later.write_text(_NEXT, encoding="utf-8")
    make_the_audit(qtbot, window)
    drop(window, first)
    settled(qtbot, window)
    settled(qtbot, window)
    preview = window.sources.preview
    assert preview.isVisible()
    assert preview.path == first
    for row, meaning in enumerate(_MEANINGS):
        box = preview.columns.cellWidget(row, 1)
        assert isinstance(box, Choice)
        if box.currentData() != meaning:
            choose(box, meaning)
            box.activated.emit(box.currentIndex())
            qtbot.wait(400)
            settled(qtbot, window)
    QTest.keyClicks(preview.profile, "ejemplo")
    click(preview.save)
    settled(qtbot, window)
    click(preview.take)
    settled(qtbot, window)
    assert [row.record.kept for row in window.sources.model.rows] == [2]

    drop(window, later)
    settled(qtbot, window)
    reports = {row.record.file: row.record for row in window.sources.model.rows}
    assert (reports["dos.csv"].kept, reports["dos.csv"].profile) == (2, "ejemplo")
    opened = window.context.workspace.opened
    assert opened is not None
    assert format(reports["dos.csv"].total, "f") == "0.74"  # 0.12 + 0.62

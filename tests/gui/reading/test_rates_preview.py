"""Exchange rates in the preview: what their columns mean, and of which type these are, is stated there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.pieces.controls import Choice
from auditor.gui.reading.import_preview import ImportPreview
from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.gui.conftest import settle
from tests.gui.conftest import window_of

_ACCOUNT = """
[audit]
name = "Comercial Sur"
currency = "PEN"
period = "2026-10"
[[waba]]
id = "102290129340398"
time_zone = "America/Lima"
currency = "USD"
"""
_FX = "Jornada;Cotiza\n02/10/2026;3,75\n03/10/2026;3,76\n"


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences, tmp_path: Path) -> Iterator[MainWindow]:
    """Give a window with an audit of one account, and no file in it."""
    yield from window_of(qtbot, preferences, tmp_path, _ACCOUNT)


def choose(qtbot: QtBot, window: MainWindow, box: Choice, value: str) -> None:
    assert box.findData(value) >= 0
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())
    preview = window.sources.preview
    qtbot.waitUntil(lambda: not preview._later.isActive(), timeout=10_000)
    settle(qtbot, window)


def box_of(preview: ImportPreview, row: int, column: int) -> Choice:
    box = preview.columns.cellWidget(row, column)
    assert isinstance(box, Choice)
    return box


def test_that_a_price_list_without_a_day_is_read_once_its_first_day_is_chosen(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    file = tmp_path / "anexo.csv"
    file.write_text("Tarifario 2026\nPaís,Categoría,Tarifa S/\nPerú,Marketing,0.285\n", encoding="utf-8")
    window.add([file])
    settle(qtbot, window)
    preview = window.sources.preview
    assert "Hold from" in preview.bar.label.text()
    assert preview.fields.since.isVisible()
    choose(qtbot, window, preview.fields.since, "2026-10-01")
    preview.take.click()
    settle(qtbot, window)
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert [(source.kind, source.kept) for source in opened.sources] == [("card", 1)]
    # It is shown as it was said to be read.
    assert preview.fields.since.currentText() == "01 Oct 2026"
    assert preview.rows.rows[0].record.fields["effective_from"] == "2026-10-01"
    assert "01 Oct 2026" in preview.rows.rows[0].texts
    # Who reviews is told that the day stands nowhere in the list.
    assert "As a person stated, the prices hold from 01 Oct 2026." in window.sources.detail.text()


def test_that_exchange_rates_of_unknown_heads_are_read_once_columns_currencies_and_types_are_stated(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    file = tmp_path / "banco.csv"
    file.write_text(_FX, encoding="utf-8")
    window.add([file])
    settle(qtbot, window)
    preview = window.sources.preview
    window.sources.tabs.setCurrentWidget(preview)
    choose(qtbot, window, preview.fields.kind, "fx")
    assert "State below what each column means" in preview.bar.label.text()
    choose(qtbot, window, box_of(preview, 0, 1), "day")
    choose(qtbot, window, box_of(preview, 1, 1), "rate")
    choose(qtbot, window, preview.fields.pair, "USD/PEN")
    assert preview.take.isEnabled()
    preview.take.click()
    settle(qtbot, window)
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert [(source.kind, source.kept) for source in opened.sources] == [("fx", 2)]
    # It is shown as it was said to be read, and can be read another way: the month first.
    assert (box_of(preview, 1, 1).currentText(), preview.fields.pair.currentData()) == ("exchange rate", "USD/PEN")
    assert preview.rows.rows[0].record.fields["day"] == "2026-10-02"
    choose(qtbot, window, box_of(preview, 0, 2), "mdy")
    assert preview.rows.rows[0].record.fields["day"] == "2026-02-10"
    preview.take.click()
    settle(qtbot, window)
    settle(qtbot, window)
    assert box_of(preview, 0, 2).currentData() == "mdy"
    assert preview.rows.rows[0].record.fields["day"] == "2026-02-10"
    # A type that the meaning cannot be of is told with the columns in view, and nothing can be taken in so.
    choose(qtbot, window, box_of(preview, 1, 2), "text")
    assert "State a number as its type" in preview.bar.label.text()
    assert not preview.take.isEnabled()
    choose(qtbot, window, box_of(preview, 1, 2), "")
    assert not preview.bar.isVisibleTo(preview)


def test_that_a_click_on_the_file_that_is_selected_shows_it_in_the_place_of_one_that_waits(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    good, unknown = tmp_path / "fx.csv", tmp_path / "banco.csv"
    good.write_text("date,from,to,rate\n2026-10-02,USD,PEN,3.75\n", encoding="utf-8")
    unknown.write_text(_FX, encoding="utf-8")
    window.add([good])
    settle(qtbot, window)
    window.add([unknown])
    settle(qtbot, window)
    preview, table = window.sources.preview, window.sources.table
    assert preview.path == unknown
    table.setFocus()
    place = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    settle(qtbot, window)
    assert preview.path != unknown
    assert preview.rows.rowCount() == 1

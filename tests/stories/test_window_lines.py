"""An afternoon among the lines: narrowed, weighed, sorted, grouped, copied, matched by hand; from a chart and back."""

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.gui.tables.lines import COLUMNS
from auditor.gui.window import MainWindow
from tests.stories.hands import LONG
from tests.stories.hands import click
from tests.stories.hands import click_row
from tests.stories.hands import name_file
from tests.stories.hands import settled

Key = Qt.Key
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_KEYS = [column.key for column in COLUMNS]


def _shown(window: MainWindow, key: str) -> list[str]:
    return [row.texts[_KEYS.index(key)] for row in window.reconciliation.model.rows]


def test_that_lines_are_narrowed_weighed_sorted_and_copied(qtbot: QtBot, sample: MainWindow) -> None:
    lines = sample.reconciliation
    chip = lines.filter.chips.chips["different"]
    click(chip)
    assert lines.model.rowCount() == 11
    # The three largest hold 44.22, 17.49 and 14.31 without their signs: drawn until they are left, of all
    # lines the slider leaves a fourth, which is not of that status.
    lines.filter.slider.setFocus()
    while lines.model.rowCount() > 3:
        QTest.keyClick(lines.filter.slider, Key.Key_Right)
    assert _shown(sample, "difference") == ["+44.22", "-17.49", "+14.31"]
    assert "US$\N{NO-BREAK SPACE}5.93 · 4 de 21 líneas" in lines.filter.slider_text.text()

    header = lines.table.horizontalHeader()
    middle = header.sectionViewportPosition(_KEYS.index("difference")) + 30
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle, header.height() // 2))
    assert _shown(sample, "difference") == ["-17.49", "+14.31", "+44.22"]
    lines.table.setFocus()
    QTest.keyClick(lines.table, Key.Key_A, _CTRL)
    QTest.keyClick(lines.table, Key.Key_C, _CTRL | _SHIFT)
    qtbot.waitUntil(lambda: QApplication.clipboard().text().count("\n") == 3, timeout=LONG)
    heads, *rows = [line.split("\t") for line in QApplication.clipboard().text().split("\n")]
    place = heads.index("Diferencia, USD")
    assert [row[place] for row in rows] == ["-17.49", "14.31", "44.22"]  # numbers, as a spreadsheet takes them
    assert "diferencia +41.04" in lines.selected_text.text()  # 44.22 - 17.49 + 14.31

    click(lines.filter.clear_button)
    assert lines.model.rowCount() == 21


def test_that_a_bar_of_a_chart_narrows_the_lines_and_a_line_marks_its_bar(qtbot: QtBot, sample: MainWindow) -> None:
    lines, charts = sample.reconciliation, sample.charts
    click(sample.top.tabs["charts"])
    qtbot.waitUntil(lambda: not charts.picture.image.isNull(), timeout=LONG)
    settled(qtbot, sample)
    charts.picture.setFocus()
    while charts.picture.current != "cause:free_allowance":
        QTest.keyClick(charts.picture, Key.Key_Right)
    QTest.keyClick(charts.picture, Key.Key_Return)
    assert sample.place == "reconciliation"
    # The allowance was not granted in five markets.
    assert sorted(_shown(sample, "market")) == ["Chile", "Colombia", "México", "Norteamérica", "Perú"]
    assert set(_shown(sample, "category")) == {"Servicio"}
    click_row(lines.table, 0)
    click(sample.top.tabs["charts"])
    settled(qtbot, sample)
    assert len(charts.picture.marked()) == 1


def test_that_a_line_under_another_name_is_matched_by_hand_for_a_reason_and_undone(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    lines = sample.reconciliation
    QTest.keyClicks(lines.filter.text, "argentina")
    assert _shown(sample, "status") == ["No esperado"]
    click_row(lines.table, 0)
    QTest.keyClicks(lines.filter.text, "")
    tabs = lines.detail.tabs.tabBar()
    click(tabs, tabs.tabRect(1).center())
    match = lines.detail.match
    typed = match.target.lineEdit()
    assert typed is not None
    typed.setText(
        next(
            match.target.itemText(n)
            for n in range(match.target.count())
            if "Colombia · Utilidad" in match.target.itemText(n)
        )
    )
    click(match.match)
    assert match.said.text().startswith("Indique el motivo") or match.reason.hasFocus()
    QTest.keyClicks(match.reason, "El proveedor lo puso en Argentina")
    click(match.match)
    settled(qtbot, sample)
    click(lines.filter.clear_button)
    opened = sample.context.workspace.opened
    assert opened is not None
    assert len(opened.matches) == 1
    # 96 units of Argentina's marketing stand now against 173 of Colombia's utility: 5.93 against 0.14.
    at = next(n for n, row in enumerate(lines.model.rows) if {"Colombia", "Utilidad"} <= set(row.texts))
    assert lines.model.rows[at].texts[_KEYS.index("difference")] == "+5.79"

    proof = tmp_path / "correo.txt"
    proof.write_text("Es lo mismo.", encoding="utf-8")
    click_row(lines.table, at)
    QTest.keyClick(lines.table, Key.Key_M, _CTRL | _SHIFT)
    name_file(qtbot, sample, proof)
    assert "correo.txt" in lines.detail.why.text()
    for _ in range(2):
        QTest.keyClick(sample, Key.Key_Z, _CTRL)
        settled(qtbot, sample)
    opened = sample.context.workspace.opened
    assert opened is not None
    assert (len(opened.matches), len(opened.attachments)) == (0, 0)

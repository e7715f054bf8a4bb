"""A chart by keyboard: from bar to bar by arrows, each said in words, and Enter shows its lines."""

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.pieces import picture as pictures
from auditor.gui.pieces.picture import rendered
from auditor.gui.window import MainWindow
from tests.gui.conftest import settle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Key = Qt.Key


def test_that_a_chart_is_gone_through_by_arrows_and_enter_shows_the_lines_of_a_bar(
    qtbot: QtBot, sample: MainWindow
) -> None:
    sample.go("charts")
    picture = sample.charts.picture
    qtbot.waitUntil(lambda: not picture.image.isNull(), timeout=60_000)
    settle(qtbot, sample)
    # What is written over the chart is what is heard of it first.
    assert picture.accessibleDescription().startswith("Invoiced US$ 275.69 is US$ 50.87 more than expected")
    QTest.keyClick(picture, Key.Key_Right)
    first = picture.accessibleDescription()
    assert first == "Cause: Month cut-off"
    QTest.keyClick(picture, Key.Key_Right)
    assert picture.accessibleDescription() == "Cause: Rate card"
    QTest.keyClick(picture, Key.Key_Left)
    QTest.keyClick(picture, Key.Key_Left)
    assert picture.accessibleDescription() == "Cause: Unexplained"
    QTest.keyClick(picture, Key.Key_Right)
    assert picture.accessibleDescription() == first
    QTest.keyClick(picture, Key.Key_Return)
    assert sample.place == "reconciliation"
    assert [row.record.difference.category for row in sample.reconciliation.model.lines] == ["authentication"]


def test_that_another_chart_begins_at_no_bar_and_its_lines_are_named(qtbot: QtBot, sample: MainWindow) -> None:
    sample.go("charts")
    picture = sample.charts.picture
    qtbot.waitUntil(lambda: not picture.image.isNull(), timeout=60_000)
    QTest.keyClick(picture, Key.Key_Right)
    assert picture.current
    largest = next(
        n for n in range(sample.charts.names.count()) if sample.charts.names.item(n).text() == "Largest differences"
    )
    sample.charts.names.setCurrentRow(largest)
    assert not picture.current
    qtbot.waitUntil(lambda: not picture.image.isNull(), timeout=60_000)
    QTest.keyClick(picture, Key.Key_Down)
    assert "Peru · Service" in picture.accessibleDescription()


def test_that_a_chart_is_drawn_once_for_as_long_as_its_figures_stand(
    qtbot: QtBot, sample: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []

    def counted(figure: "Figure", size: QSize, ratio: float) -> pictures.Drawn:
        drawn.append(figure)
        return rendered(figure, size, ratio)

    monkeypatch.setattr(pictures, "rendered", counted)
    charts = sample.charts
    sample.go("charts")
    qtbot.waitUntil(lambda: not charts.picture.image.isNull(), timeout=60_000)
    settle(qtbot, sample)
    for place in (1, 0):
        charts.names.setCurrentRow(place)
        qtbot.waitUntil(lambda: not charts.picture.image.isNull(), timeout=60_000)
        settle(qtbot, sample)
    drawn.clear()
    for place in (1, 0):
        charts.names.setCurrentRow(place)
        assert not charts.picture.image.isNull()  # it is there at once
    # A decision changes no figure of any chart.
    sample.go("reconciliation")
    sample.reconciliation.table.selectRow(0)
    sample.reconciliation.detail.decision.accept.click()
    settle(qtbot, sample)
    sample.go("charts")
    settle(qtbot, sample)
    assert not drawn
    sample.actions_.by_key["language_es"].trigger()
    settle(qtbot, sample)
    assert len(drawn) == 1
    assert "supera lo esperado" in charts.picture.accessibleDescription()

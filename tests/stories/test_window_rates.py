"""A rate that the contract knows and no card: set by hand for a reason, in force at once, and taken back."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.stories.hands import click
from tests.stories.hands import click_row
from tests.stories.hands import settled


def _difference(window: MainWindow, market: str, category: str) -> str:
    rows = window.reconciliation.model.rows
    row = next(
        row for row in rows if (row.record.difference.market, row.record.difference.category) == (market, category)
    )
    return format(row.record.difference.difference, "f")


def test_that_a_rate_of_the_contract_is_set_for_a_reason_and_taken_back(qtbot: QtBot, sample: MainWindow) -> None:
    assert _difference(sample, "Peru", "marketing") == "0.00"
    click(sample.top.tabs["rates"])
    settled(qtbot, sample)
    rates = sample.rates
    # In October 2026 service began to be charged (pricing.md §2).
    in_force = [label.text() for label in rates.findChildren(QLabel) if "desde el 01/10/2026" in label.text()]
    assert len(in_force) == 1
    assert "Mensajes, servicio con cargo" in in_force[0]
    place = next(
        n for n, row in enumerate(rates.rates.rows) if (row.record.market, row.record.category) == ("Peru", "marketing")
    )
    click_row(rates.tables["rates"], place)
    click(rates.override)
    assert rates.form.rate.hasFocus() or rates.form.isVisible()
    rates.form.rate.selectAll()
    QTest.keyClicks(rates.form.rate, "0.07")
    click(rates.form.set)
    assert rates.bar.isVisible()  # why is asked first
    QTest.keyClicks(rates.form.reason, "Adenda 2 del contrato")
    QTest.keyClick(rates.form.reason, Qt.Key.Key_Return)
    settled(qtbot, sample)
    # 1,387 at 0.07 are 97.09; billed are 97.51.
    assert _difference(sample, "Peru", "marketing") == "0.42"

    tabs = rates.tabs.tabBar()
    click(tabs, tabs.tabRect(3).center())
    assert [row.record[1].reason for row in rates.by_hand.rows] == ["Adenda 2 del contrato"]
    click_row(rates.tables["by_hand"], 0)
    QTest.keyClicks(rates.withdraw.reason, "La adenda no se firmo")
    click(rates.withdraw.go)
    settled(qtbot, sample)
    assert _difference(sample, "Peru", "marketing") == "0.00"
    QTest.keyClick(sample, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, sample)
    assert _difference(sample, "Peru", "marketing") == "0.42"

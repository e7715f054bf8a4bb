"""What the place of the rates says of the pricing models in force."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.audit_files import ACCOUNT
from tests.audit_files import write_files
from tests.gui.conftest import settle
from tests.gui.conftest import window_on


def test_that_the_source_of_the_rate_that_is_selected_is_said_whole(qtbot: QtBot, sample: MainWindow) -> None:
    sample.go("rates")
    table = sample.rates.tables["rates"]
    table.selectRow(3)
    row = table.current_row()
    assert row is not None
    assert sample.rates.source.text() == f"Source: {row.texts[-1]}"
    assert len(row.texts[-1]) > 40
    sample.rates.tabs.setCurrentIndex(1)
    assert sample.rates.source.text() == ""


def test_that_no_card_is_cut_and_no_source_of_two_lines_and_columns_that_say_nothing_take_no_room(
    qtbot: QtBot, sample: MainWindow
) -> None:
    workspace, rates = sample.context.workspace, sample.rates
    assert workspace.opened is not None
    assert workspace.opened.result is not None
    own = "tarifas_del_contrato_octubre_2026.csv"
    result = workspace.opened.result
    workspace.opened = replace(
        workspace.opened, result=replace(result, rates=(replace(result.rates[0], card=own), *result.rates[1:]))
    )
    sample.resize(1366, 768)
    sample.go("rates")
    rates.refresh()
    settle(qtbot, sample)
    table, model = rates.tables["rates"], rates.rates
    metrics = table.fontMetrics()
    for key in ("market", "category", "basis", "card"):
        place = model.place_of(key)
        longest = max(metrics.horizontalAdvance(row.texts[place]) for row in model.rows)
        assert table.columnWidth(place) >= longest + 19, key
    assert own in {row.texts[model.place_of("card")] for row in model.rows}
    source = model.place_of("source")
    assert table.columnViewportPosition(source) + table.columnWidth(source) <= table.viewport().width()
    for row in model.rows:
        lines = metrics.horizontalAdvance(row.texts[source]) / (table.columnWidth(source) - 19)
        assert lines < 2, row.texts[source]
        assert table.rowHeight(model.rows.index(row)) >= metrics.lineSpacing() * (2 if lines > 1 else 1)
    assert "rates" not in sample.context.preferences.settings.tables  # nobody set a width by hand
    # The sample's rates have neither a last day nor tiers; one that has brings the columns back.
    assert [table.isColumnHidden(model.place_of(key)) for key in ("last", "tier_from")] == [True, True]
    ended = replace(result.rates[0], last=result.account.last)
    workspace.opened = replace(workspace.opened, result=replace(result, rates=(ended,)))
    rates.refresh()
    assert [table.isColumnHidden(model.place_of(key)) for key in ("last", "tier_from")] == [False, True]


def test_that_a_source_of_many_lines_takes_two_of_a_small_window(qtbot: QtBot, sample: MainWindow) -> None:
    sample.resize(960, 500)
    sample.go("rates")
    settle(qtbot, sample)
    table = sample.rates.tables["rates"]
    assert {table.rowHeight(row) for row in range(4)} == {table.fontMetrics().lineSpacing() * 2 + 10}


def test_that_the_days_of_every_model_in_force_are_said(qtbot: QtBot, opened: MainWindow) -> None:
    workspace = opened.context.workspace
    assert workspace.opened is not None
    assert workspace.opened.result is not None
    # Whoever audits January and February of 2022 together meets the first two; the third is two rows of one name.
    result = replace(workspace.opened.result, regimes=("notification", "conversation-v1", "message-v1"))
    workspace.opened = replace(workspace.opened, result=result)
    opened.go("rates")
    opened.rates.refresh()
    settle(qtbot, opened)
    said = "\n".join(label.text() for label in opened.rates.findChildren(QLabel))
    # pricing.md §2: conversations from 1 February 2022, by category from 1 June 2023; messages from 1 July 2025, and
    # service charged from 1 October 2026.
    assert "until 31 Jan 2022" in said
    assert "01 Feb 2022 – 31 May 2023" in said
    assert "01 Jul 2025 – 30 Sep 2026" in said


def test_that_a_rate_that_no_card_has_can_be_set_by_hand(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    # A provider's own prices in soles stand on no card that there is.
    files = write_files(tmp_path / "in")
    own = tmp_path / "own.toml"
    own.write_text(ACCOUNT.replace("USD", "PEN").partition("[rates]")[0], encoding="utf-8")
    window = window_on(qtbot, preferences, own, tmp_path / "own.audit")
    window.add([files.log])
    settle(qtbot, window)
    window.go("rates")
    rates, table = window.rates, window.rates.tables["rates"]
    lacking = {row.texts[1]: row.texts[:5] for row in rates.rates.rows}
    assert lacking["Marketing"] == ("Peru", "Marketing", "PEN", "—", "10")
    assert lacking["Utility"] == ("Peru", "Utility", "PEN", "—", "5")
    table.selectRow([row.texts[1] for row in rates.rates.rows].index("Marketing"))
    rates.override.click()
    assert rates.form.title.text() == "On no card: Peru · Marketing · PEN"
    assert rates.form.rate.text() == ""
    rates.form.rate.setText("0.10")
    rates.form.reason.setText("Annex 1 of the contract")
    rates.form.set.click()
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.result is not None
    # 10 x 0.10; what the others are to cost is still unknown.
    assert opened.result.expected == Decimal("1.00")
    assert {row.texts[1]: row.texts[3] for row in rates.rates.rows} == {
        name: "0.1000" if name == "Marketing" else "—" for name in lacking
    }
    window.close()


def test_that_escape_leaves_the_form_of_a_rate_and_clears_what_is_looked_for(qtbot: QtBot, sample: MainWindow) -> None:
    sample.activateWindow()
    qtbot.waitUntil(sample.isActiveWindow)
    sample.go("rates")
    sample.rates.show_rate("Peru", "marketing", "")
    sample.rates.override.click()
    QTest.keyClick(sample.rates.form.rate, Qt.Key.Key_Escape)
    assert sample.rates.form.isHidden()
    sample.go("reconciliation")
    lines = sample.reconciliation
    every = lines.model.rowCount()
    lines.filter.text.setFocus()
    QTest.keyClicks(lines.filter.text, "Chile")
    qtbot.waitUntil(lambda: lines.model.rowCount() < every)
    QTest.keyClick(lines.filter.text, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: lines.model.rowCount() == every)
    assert lines.filter.text.hasFocus()

"""What the place of the rates says of the pricing models in force."""

from dataclasses import replace

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.gui.conftest import settle


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

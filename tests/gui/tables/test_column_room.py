"""How the table of lines lays its columns out: whose a line is stands in view where there are several accounts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from auditor.core.records import ImportReport
from auditor.core.results import Reconciliation
from auditor.gui.tables.lines_model import AccountDelegate
from auditor.gui.window import MainWindow
from tests.gui import fake_audit
from tests.gui.conftest import settle
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import sample_result


@pytest.fixture
def two_accounts(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MainWindow:
    """Give a window on lines of which every other one is the second account's."""

    def shared(imports: tuple[ImportReport, ...] = ()) -> Reconciliation:
        made = sample_result(imports)
        lines = [replace(line, waba_id=ACCOUNT.wabas[n % 2].id) for n, line in enumerate(made.differences)]
        return replace(made, differences=tuple(lines))

    monkeypatch.setattr(fake_audit, "sample_result", shared)
    window.open(_file(tmp_path / "two.audit"))
    qtbot.waitUntil(lambda: window.reconciliation.model.rowCount() > 0, timeout=60_000)
    window.go("reconciliation")
    settle(qtbot, window)
    return window


def _file(path: Path) -> Path:
    path.write_text("", encoding="utf-8")
    return path


def _in_view(window: MainWindow, keys: Sequence[str]) -> list[str]:
    """Give those of some columns that are whole in view."""
    table, model = window.reconciliation.table, window.reconciliation.model
    ends = {
        key: table.columnViewportPosition(at) + table.columnWidth(at) for key in keys for at in [model.place_of(key)]
    }
    shown = [key for key in keys if not table.isColumnHidden(model.place_of(key))]
    return [key for key in shown if ends[key] <= table.viewport().width()]


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_whose_a_line_is_is_in_view_with_what_was_in_view_before(
    qtbot: QtBot, two_accounts: MainWindow, code: str
) -> None:
    two_accounts.context.speech.switch(code)
    settle(qtbot, two_accounts)
    keys = ["account", "market", "billed", "expected", "difference", "unexplained", "decision", "causes"]
    assert _in_view(two_accounts, keys) == keys
    table, model = two_accounts.reconciliation.table, two_accounts.reconciliation.model
    longest = max(table.fontMetrics().horizontalAdvance(word) for word in ("Express", "Retail", "Andina"))
    assert table.columnWidth(model.place_of("account")) >= longest + 18
    assert {row.texts[model.place_of("account")] for row in model.rows} == {"Andina Retail", "Andina Express"}


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_the_causes_and_decisions_of_two_accounts_are_read_beside_the_detail_on_the_smallest_laptop(
    qtbot: QtBot, two_accounts: MainWindow, code: str
) -> None:
    two_accounts.context.speech.switch(code)
    two_accounts.resize(1280, 720)
    settle(qtbot, two_accounts)
    lines = two_accounts.reconciliation
    assert not lines.detail.isHidden()
    keys = ["account", "market", "billed", "expected", "difference", "unexplained", "decision", "causes"]
    assert _in_view(two_accounts, keys) == keys
    # Words are broken, none is cut.
    metrics = lines.table.fontMetrics()
    for key in ("market", "category", "causes"):
        place = lines.model.place_of(key)
        words = {word for row in lines.model.rows for word in row.texts[place].split()}
        assert lines.table.columnWidth(place) >= max(map(metrics.horizontalAdvance, words)) + 19, key


def test_that_one_account_takes_no_column(opened: MainWindow) -> None:
    assert _in_view(opened, ["account", "difference"]) == ["difference"]


def test_that_who_hides_the_accounts_keeps_them_hidden_until_another_audit_comes(
    qtbot: QtBot, two_accounts: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = two_accounts.reconciliation
    place = lines.model.place_of("account")
    lines.table.columns_menu().actions()[place].trigger()
    lines.refresh()
    settle(qtbot, two_accounts)
    assert lines.table.isColumnHidden(place)
    lines.table._reset()
    assert not lines.table.isColumnHidden(place)
    monkeypatch.setattr(fake_audit, "sample_result", sample_result)
    two_accounts.open(_file(tmp_path / "one.audit"))
    qtbot.waitUntil(lambda: lines.table.isColumnHidden(place), timeout=60_000)
    lines.table._reset()
    assert lines.table.isColumnHidden(place)  # nothing to tell apart


def test_that_the_name_of_a_group_has_the_room_of_the_accounts_too(qtbot: QtBot, two_accounts: MainWindow) -> None:
    lines = two_accounts.reconciliation
    lines.filter.group_button.choose("market")
    settle(qtbot, two_accounts)
    head = lines.table.visualRect(lines.model.index(0, 0))
    assert head.right() == lines.table.columnViewportPosition(lines.model.place_of("billed")) - 1


def test_that_an_accounts_id_keeps_both_its_ends(two_accounts: MainWindow) -> None:
    table, place = two_accounts.reconciliation.table, two_accounts.reconciliation.model.place_of("account")
    option = QStyleOptionViewItem()
    delegate = table.itemDelegateForColumn(place)
    assert isinstance(delegate, AccountDelegate)
    delegate.initStyleOption(option, two_accounts.reconciliation.model.index(0, place))
    told = table.fontMetrics().elidedText("104996122399160", option.textElideMode, 80)
    assert told[:3] == "104"
    assert told[-3:] == "160"


def test_that_the_rates_need_no_scrolling_sideways_on_a_small_laptop(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(1300, 720)
    opened.go("rates")
    settle(qtbot, opened)
    assert opened.rates.tables["rates"].horizontalScrollBar().maximum() == 0


def test_that_a_text_that_just_lacks_room_is_broken_and_one_that_just_has_it_is_not(
    qtbot: QtBot, opened: MainWindow
) -> None:
    """Measured on the drawn cell: with 18 beside a text its end is left out, with 19 it is not."""
    table, model = opened.reconciliation.table, opened.reconciliation.model
    place, heights = model.place_of("causes"), table.verticalHeader()
    row, text = next((at, one.texts[place]) for at, one in enumerate(model.rows) if " " in one.texts[place])
    wide = table.fontMetrics().horizontalAdvance(text)
    for beside, broken in ((18, True), (19, False)):
        table.setColumnWidth(place, wide + beside)
        settle(qtbot, opened)
        qtbot.waitUntil(lambda: (heights.sectionSize(row) > heights.defaultSectionSize()) is broken)  # noqa: B023

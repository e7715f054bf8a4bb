"""What comes next is said wherever one looks: what was handed in and waits comes before what could be added."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from auditor.gui.pieces.controls import Choice
from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.gui.conftest import settle
from tests.gui.conftest import window_on

_ACCOUNT = """
[audit]
name = "Boticas Santa Rosa"
currency = "USD"
period = "2026-10"
language = "en"
[[waba]]
id = "Boticas"
time_zone = "America/Lima"
currency = "USD"
"""
_ODD_LOG = "quando;quem;que\n15/10/2026 10:00:00;51911111111;oi\n"
_HEADS = "message_id,waba_id,phone_number_id,user,direction,{kind},sent_at,delivered_at"
_ROW = "m1,Boticas,51987654321,51911111111,outbound,{kind},2026-10-15T10:00:00-05:00,2026-10-15T10:00:02-05:00"
_INVOICE = "market,category,quantity,rate,amount\nPeru,marketing,1,0.0703,0.07\n"


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences, tmp_path: Path) -> MainWindow:
    """Give a window on a new audit of one account."""
    (tmp_path / "account.toml").write_text(_ACCOUNT, encoding="utf-8")
    return window_on(qtbot, preferences, tmp_path / "account.toml", tmp_path / "boticas.audit")


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _add(qtbot: QtBot, window: MainWindow, *files: Path) -> None:
    window.add(files)
    settle(qtbot, window)


def test_that_no_place_asks_for_a_log_while_one_waits_for_how_it_is_read(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    _add(qtbot, window, _written(tmp_path, "bill.csv", _INVOICE), _written(tmp_path, "diario.csv", _ODD_LOG))
    for place in ("rates", "reconciliation", "charts"):
        window.go(place)
        empty = window.view(place).empty  # type: ignore[attr-defined]  # each of these places has one
        assert empty.title.text() == "It cannot be compared yet"
        assert "how they are read: diario.csv." in empty.text.text()
        assert (empty.add.isHidden(), empty.leave.isHidden()) == (True, False)
    window.go("sign_off")
    assert "how they are read: diario.csv." in window.next.label.text()
    window.next.action.click()
    assert window.place == "sources"
    assert window.next.isHidden()  # Sources says it itself
    window.sources.next.closed.emit()  # it is given up
    window.go("reconciliation")
    assert window.reconciliation.empty.title.text() == "The invoice is in, the message log is not"
    assert window.reconciliation.empty.leave.isHidden()
    window.close()


def test_that_the_invoice_is_asked_for_over_what_is_expected_until_that_is_closed(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    log = "\n".join((_HEADS.format(kind="template_category"), _ROW.format(kind="marketing"), ""))
    _add(qtbot, window, _written(tmp_path, "log.csv", log))
    window.go("reconciliation")
    bar = window.next
    assert bar.label.text().startswith("Now add the month's invoice")
    bar.action.click()
    assert window.findChildren(QFileDialog)
    bar.closed.emit()
    for place in ("rates", "charts", "reconciliation"):
        window.go(place)
        assert bar.isHidden(), place
    window.close()


def test_that_a_comparison_with_a_log_that_names_no_template_is_doubted_until_its_column_is_stated(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    log = "\n".join((_HEADS.format(kind="clase"), _ROW.format(kind="marketing"), ""))
    _add(qtbot, window, _written(tmp_path, "log.csv", log), _written(tmp_path, "bill.csv", _INVOICE))
    told = window.sources.next
    assert told.label.text().startswith("The log names no template")
    window.go("reconciliation")
    assert window.next.label.text() == told.label.text()
    window.next.action.click()
    told.action.click()
    settle(qtbot, window)
    preview = window.sources.preview
    assert window.sources.tabs.currentWidget() is preview
    meaning = preview.columns.cellWidget(5, 1)
    assert isinstance(meaning, Choice)
    meaning.setCurrentIndex(meaning.findData("template_category"))
    meaning.activated.emit(meaning.currentIndex())
    qtbot.waitUntil(preview.take.isEnabled, timeout=10_000)
    preview.take.click()
    settle(qtbot, window)
    assert told.label.text() == "Compared: the one line agrees."
    window.go("reconciliation")
    assert window.next.isHidden()
    window.close()

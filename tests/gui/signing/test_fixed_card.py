"""What is fixed beforehand, by hand in the window: thresholds with their time, and the seal before the invoice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.audit_files import Files
from tests.audit_files import write_files
from tests.gui.conftest import settle
from tests.gui.conftest import window_on


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "in")


@pytest.fixture
def own(qtbot: QtBot, preferences: Preferences, files: Files, tmp_path: Path) -> Iterator[MainWindow]:
    made = window_on(qtbot, preferences, files.account, tmp_path / "own.audit")
    made.go("sign_off")
    yield made
    made.close()


def test_that_an_expectation_is_sealed_before_the_invoice_comes_in(qtbot: QtBot, own: MainWindow, files: Files) -> None:
    card = own.sign_off.fixed
    assert not card.seal.isEnabled()
    assert "Add the message log first" in card.sealed.text()
    own.add([files.log])
    settle(qtbot, own)
    assert "can be sealed now" in card.sealed.text()
    own.go("sign_off")
    own.activateWindow()
    qtbot.waitUntil(own.isActiveWindow)
    card.seal.setFocus()
    card.seal.click()
    settle(qtbot, own)
    assert card.set.hasFocus()
    # 10 x 0.10 of marketing and 5 x 0.02 of utility.
    assert "before any invoice was known: US$\N{NO-BREAK SPACE}1.10." in card.sealed.text()
    assert "Sealed by Rosa Quispe" in card.sealed.text()
    assert not card.seal.isEnabled()
    own.add([files.invoice])
    settle(qtbot, own)
    assert "are the same since" in card.sealed.text()
    assert not card.seal.isEnabled()


def test_that_who_has_seen_the_invoice_is_told_why_nothing_can_be_sealed(
    qtbot: QtBot, own: MainWindow, files: Files
) -> None:
    own.add([files.log, files.invoice])
    settle(qtbot, own)
    assert not own.sign_off.fixed.seal.isEnabled()
    assert "cannot seal an expectation any more" in own.sign_off.fixed.sealed.text()


def test_that_thresholds_are_set_with_their_time_and_undone(qtbot: QtBot, own: MainWindow, files: Files) -> None:
    card = own.sign_off.fixed
    card.fields["materiality_amount"].setText("50")
    card.set.click()
    settle(qtbot, own)
    assert "no invoice is known yet" in card.thresholds.text()
    own.add([files.log, files.invoice])
    settle(qtbot, own)
    assert "before any invoice was added" in card.thresholds.text()
    # Utility is billed 0.25 too much.
    card.fields["tolerance_amount"].setText("0.25")
    card.set.click()
    settle(qtbot, own)
    opened = own.context.workspace.opened
    assert opened is not None
    assert opened.result is not None
    assert {line.status for line in opened.result.differences} == {"matched", "within_tolerance"}
    assert "after an invoice was added" in card.thresholds.text()
    own.context.workspace.undo()
    settle(qtbot, own)
    assert card.fields["tolerance_amount"].text() == "0.01"
    assert card.fields["materiality_amount"].text() == "50"


def test_that_what_is_no_number_is_said_and_nothing_is_set(qtbot: QtBot, own: MainWindow) -> None:
    card = own.sign_off.fixed
    for text in ("some", "NaN", "Infinity"):
        card.fields["tolerance_percent"].setText(text)
        card.set.click()
        settle(qtbot, own)
        assert f"“{text}” is not a number" in own.sign_off.bar.label.text()
    card.fields["tolerance_percent"].setText("-3")
    card.set.click()
    settle(qtbot, own)
    assert "-3 cannot be negative" in own.sign_off.bar.label.text()
    opened = own.context.workspace.opened
    assert opened is not None
    assert opened.account.tolerance.percent == 0

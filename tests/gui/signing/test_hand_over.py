"""What follows on an audit in the window, on the real engine: claims, the next month, copies to be sent, the proof."""

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from auditor import paths
from auditor.gui.actions import PLACES
from auditor.gui.signing.hand_over import following
from auditor.gui.theme import DARK
from auditor.gui.theme import LIGHT
from auditor.gui.window import MainWindow
from tests.audit_files import write_table
from tests.gui.conftest import settle

# Not a secret: it locks a file that is gone after the test.
PASSPHRASE = "four words of no meaning"  # noqa: S105
LONG = 60_000


def dispute_first(qtbot: QtBot, window: MainWindow) -> str:
    """Dispute the largest difference, and give its key."""
    lines = window.reconciliation
    lines.table.selectRow(0)
    row = lines.table.current_row()
    assert row is not None
    lines.detail.decision.dispute.click()
    settle(qtbot, window)
    return str(row.record.difference.key)


def save_copy(qtbot: QtBot, window: MainWindow, target: Path) -> None:
    """Press Save copy and choose where to."""
    window.sign_off.hand_over.send.save.click()
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None, timeout=60_000)
    dialog = window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(target))
    dialog.close()
    qtbot.waitUntil(target.exists, timeout=LONG)
    settle(qtbot, window)


def test_that_a_claim_goes_into_the_next_month_and_is_settled_by_its_credit(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "user_data", lambda: tmp_path)
    pane = sample.sign_off.claims
    sample.sign_off.refresh()
    assert not pane.pack.isEnabled()  # there is nothing to write a letter about
    rows = sample.reconciliation.model.rows
    undercharged = next(n for n, row in enumerate(rows) if row.record.difference.difference < 0)
    sample.reconciliation.table.selectRow(undercharged)
    sample.reconciliation.detail.decision.dispute.click()
    settle(qtbot, sample)
    assert pane.model.rowCount() == 0  # it is owed, not claimed: 17.49 + 0.72 + 0.14
    assert "US$\N{NO-BREAK SPACE}18.35 (lines: 3)" in pane.owed.text()
    assert not pane.pack.isEnabled()
    dispute_first(qtbot, sample)
    sample.actions_.by_key["claims"].trigger()
    assert sample.sign_off.tabs.tabText(1) == "Claims (1)"
    assert not pane.settle.isEnabled()
    pane.pack.click()
    dialog = sample.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.close()

    sample.actions_.by_key["next_period"].trigger()
    sample.sign_off.hand_over.next.begin.click()
    settle(qtbot, sample)
    opened = sample.context.workspace.opened
    assert opened is not None
    assert (opened.account.first, opened.account.last) == (date(2026, 11, 1), date(2026, 11, 30))
    assert sample.place == "sources"
    assert not pane.pack.isEnabled()  # the claim was made in its own month
    (row,) = pane.model.rows
    assert (row.record.claim.period, format(row.record.claim.open, "f")) == ("2026-10", "44.22")

    columns = ("Document", "Document type", "Market", "Category", "Quantity", "Unit price (USD)", "Amount (USD)")
    note = ("NC-1", "credit_memo", "Peru", "Service", "1", "-44.22", "-44.22")
    sample.add([write_table(tmp_path / "credit.csv", columns, [note])])
    settle(qtbot, sample)
    sample.actions_.by_key["claims"].trigger()
    assert pane.settle.isEnabled()
    pane.settle.click()
    assert sample.sign_off.bar.isVisible()  # no reason was given
    QTest.keyClicks(pane.reason, "Credit note NC-1")
    pane.settle.click()
    settle(qtbot, sample)
    assert pane.model.rowCount() == 0
    assert sample.actions_.by_key["undo"].text() == "&Undo: Settle a claim"


def test_that_a_locked_copy_without_customers_opens_with_its_passphrase_only(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "user_data", lambda: tmp_path / "user")
    before = sample.context.workspace.opened
    assert before is not None
    assert before.result is not None
    sample.actions_.by_key["send_copy"].trigger()
    send = sample.sign_off.hand_over.send
    send.without_people.setChecked(False)
    send.save.click()
    assert sample.sign_off.bar.isVisible()  # an open copy with the customers is no copy to send
    send.without_people.setChecked(True)
    send.passphrase.setText(PASSPHRASE)
    target = tmp_path / "copy.audit"
    save_copy(qtbot, sample, target)

    sample.open(target)
    settle(qtbot, sample)
    assert sample.place == "start"
    assert sample.start.unlock.isVisible()
    for words in ("some other words", PASSPHRASE):
        sample.start.passphrase.setText(words)
        sample.start.passphrase.returnPressed.emit()
        settle(qtbot, sample)
    after = sample.context.workspace.opened
    assert after is not None
    assert after.result is not None
    assert after.path == tmp_path / "user" / "audits" / "copy.audit"
    assert (after.result.billed, after.result.expected) == (before.result.billed, before.result.expected)
    assert not sample.start.unlock.isVisible()


def test_that_an_audit_is_verified_where_it_is_open_and_nothing_keeps_the_ink_of_another_theme(
    qtbot: QtBot, sample: MainWindow
) -> None:
    for place in PLACES:
        sample.go(place)
    sample.actions_.by_key["verify"].trigger()
    settle(qtbot, sample)
    assert "The audit holds" in sample.sign_off.hand_over.proof.said.text()
    sample.actions_.by_key["theme_dark"].trigger()
    settle(qtbot, sample)
    light = {colour for colour in LIGHT if str(colour).startswith("#")} - set(DARK)
    texts = [label.text() for label in sample.findChildren(QLabel)]
    assert any(DARK.muted in text for text in texts)
    assert [text for text in texts if any(colour in text for colour in light)] == []
    sample.context.speech.switch("es")
    assert "The audit holds" not in sample.sign_off.hand_over.proof.said.text()


def test_that_the_next_audits_name_is_in_the_language_spoken_until_another_is_typed(
    qtbot: QtBot, sample: MainWindow
) -> None:
    sample.show_sign_off("hand_over")
    name = sample.sign_off.hand_over.next.name
    assert name.text() == "Andina Retail S.A.C., Nov 2026"
    sample.context.speech.switch("es")
    assert name.text() == "Andina Retail S.A.C., nov 2026"
    QTest.keyClicks(name, "Tiendas, ")
    sample.context.speech.switch("en")
    assert name.text() == "Tiendas, Andina Retail S.A.C., nov 2026"


def test_that_the_period_after_a_month_is_the_next_month_and_after_days_as_many_days() -> None:
    assert following(date(2026, 12, 1), date(2026, 12, 31)) == (date(2027, 1, 1), date(2027, 1, 31))
    assert following(date(2028, 1, 1), date(2028, 1, 31)) == (date(2028, 2, 1), date(2028, 2, 29))
    assert following(date(2026, 10, 6), date(2026, 11, 5)) == (date(2026, 11, 6), date(2026, 12, 6))


def test_that_what_is_disputed_becomes_a_claim_pack(qtbot: QtBot, sample: MainWindow, tmp_path: Path) -> None:
    dispute_first(qtbot, sample)
    sample.go("sign_off")
    sample.sign_off.exports["claim_pack"].click()
    qtbot.waitUntil(lambda: sample.findChild(QFileDialog) is not None, timeout=LONG)
    dialog = sample.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    settle(qtbot, sample)
    assert {file.suffix for file in tmp_path.iterdir()} >= {".docx", ".pdf", ".xlsx"}
    assert str(tmp_path.parent) in sample.sign_off.bar.label.text()
    # A letter that was gone over by hand is replaced only when that is wanted.
    letter = next(tmp_path.glob("*.docx"))
    letter.write_bytes(b"gone over")
    for wanted in (QMessageBox.ButtonRole.RejectRole, QMessageBox.ButtonRole.AcceptRole):
        sample.files._claim_to(tmp_path)
        box = next(box for box in sample.findChildren(QMessageBox) if box.isVisible())
        assert letter.read_bytes() == b"gone over"
        next(button for button in box.buttons() if box.buttonRole(button) == wanted).click()
        settle(qtbot, sample)
    assert letter.read_bytes().startswith(b"PK")

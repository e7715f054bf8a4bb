"""From a dispute to its money: the claim pack, the next month, the credit note, and the reviewer's workbook between."""

from pathlib import Path

import openpyxl
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.audit_files import write_table
from tests.stories.hands import choose
from tests.stories.hands import click
from tests.stories.hands import click_row
from tests.stories.hands import drop
from tests.stories.hands import name_file
from tests.stories.hands import settled
from tests.verbs.reviewing import typed

Key = Qt.Key
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_that_what_is_disputed_is_claimed_carried_on_and_settled_by_its_credit(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    lines, sign_off = sample.reconciliation, sample.sign_off
    click_row(lines.table, 0)
    click(lines.detail.decision.dispute)
    settled(qtbot, sample)
    QTest.keyClicks(lines.detail.decision.note, "No dieron las 1000 gratuitas")
    QTest.keyClick(lines.detail.decision.note, Key.Key_Return)
    settled(qtbot, sample)
    pack = tmp_path / "reclamo"
    pack.mkdir()
    click(sample.top.tabs["sign_off"])
    settled(qtbot, sample)
    click(sign_off.exports["claim_pack"])
    name_file(qtbot, sample, pack)
    assert {file.suffix for file in pack.iterdir()} >= {".docx", ".pdf", ".xlsx", ".csv"}

    QTest.keyClick(sample, Key.Key_N, _CTRL | _SHIFT)
    settled(qtbot, sample)
    click(sign_off.hand_over.next.begin)
    settled(qtbot, sample)
    columns = ("Document", "Document type", "Market", "Category", "Quantity", "Unit price (USD)", "Amount (USD)")
    note = ("NC-1", "credit_memo", "Peru", "Service", "1", "-44.22", "-44.22")
    drop(sample, write_table(tmp_path / "credit.csv", columns, [note]))
    settled(qtbot, sample)
    QTest.keyClick(sample, Key.Key_L, _CTRL | _SHIFT)
    settled(qtbot, sample)
    (row,) = sign_off.claims.model.rows
    assert (row.record.claim.note, row.record.exact) == ("No dieron las 1000 gratuitas", True)
    assert sign_off.claims.amount.text() == "44.22"
    QTest.keyClicks(sign_off.claims.reason, "NC-1")
    click(sign_off.claims.settle)
    settled(qtbot, sample)
    assert sign_off.claims.model.rowCount() == 0


def test_that_a_reviewers_workbook_comes_back_and_what_is_wanted_of_it_is_taken_over(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    lines, review = sample.reconciliation, sample.sign_off.review
    key = lines.model.rows[0].record.difference.key
    QTest.keyClick(sample, Key.Key_E, _CTRL)
    name_file(qtbot, sample, tmp_path / "octubre.xlsx")
    drop(sample, typed(tmp_path / "octubre.xlsx", {key: ("Observada", "Falta la cuota")}))
    settled(qtbot, sample)
    assert sample.place == "sign_off"
    assert review.isVisible()
    assert not lines.model.rows[0].record.decision.decision
    click(review.take)
    settled(qtbot, sample)
    decision = lines.model.rows[0].record.decision
    assert (decision.decision, decision.note) == ("disputed", "Falta la cuota")
    QTest.keyClick(sample, Key.Key_Z, _CTRL)
    settled(qtbot, sample)
    assert not lines.model.rows[0].record.decision.decision


def test_that_a_condition_of_a_number_is_recorded_with_its_evidence_and_printed(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    QTest.keyClick(sample, Key.Key_B, _CTRL | _SHIFT)
    settled(qtbot, sample)
    checklist = sample.sources.checklist
    assert checklist.isVisible()
    click_row(checklist.table, 2)
    choose(checklist.status, "met")
    proof = tmp_path / "verificado.pdf"
    proof.write_bytes(b"%PDF-1.4 seen")
    click(checklist.file)
    name_file(qtbot, sample, proof)
    checklist.who.clear()
    QTest.keyClicks(checklist.who, "Rosa Quispe")
    click(checklist.record)
    settled(qtbot, sample)
    found = checklist.model.rows[2].record.found
    assert found is not None
    assert (found.status, found.evidence, found.who) == ("met", "verificado.pdf", "Rosa Quispe")
    QTest.keyClick(sample, Key.Key_E, _CTRL)
    name_file(qtbot, sample, tmp_path / "octubre.xlsx")
    book = openpyxl.load_workbook(tmp_path / "octubre.xlsx", read_only=True)
    cells = [cell for sheet in book for row in sheet.values for cell in row]
    book.close()
    assert "verificado.pdf" in cells

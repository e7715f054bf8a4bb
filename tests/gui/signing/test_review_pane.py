"""A reviewed workbook dropped on the window: its proposals are shown, and taken over when they are wanted."""

from pathlib import Path

import openpyxl
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.gui.conftest import settle
from tests.verbs.reviewing import typed


def test_that_a_dropped_workbook_is_shown_as_proposals_and_taken_over(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    opened = sample.context.workspace.opened
    assert opened is not None
    assert opened.result is not None
    keys = [line.key for line in opened.result.differences if line.difference][:2]
    book = tmp_path / "october.xlsx"
    sample.context.workspace.export_workbook(book)
    settle(qtbot, sample)
    words = {"en": ("Disputed", "Accepted"), "es": ("Observada", "Aceptada")}[opened.account.language]
    sample.add([typed(book, {keys[0]: (words[0], "see contract"), keys[1]: (words[1], None)})])
    settle(qtbot, sample)
    pane = sample.sign_off.review
    assert sample.place == "sign_off"
    assert sample.sign_off.tabs.currentWidget() is pane
    proposed = [getattr(row.record.proposal, "key", "") for row in pane.model.rows]
    assert sorted(proposed) == sorted(keys)
    assert "2" in pane.hint.text()
    assert not sample.context.workspace.opened.decisions  # type: ignore[union-attr]

    pane.table.selectRow(proposed.index(keys[0]))
    pane.take.click()
    settle(qtbot, sample)
    decisions = sample.context.workspace.opened.decisions  # type: ignore[union-attr]
    assert {key: (one.decision, one.note) for key, one in decisions.items()} == {keys[0]: ("disputed", "see contract")}
    # On the other one nothing was said yet: it is still there to be applied or discarded.
    assert [getattr(row.record.proposal, "key", "") for row in pane.model.rows] == [keys[1]]
    pane.drop.click()  # nothing is selected: by a slip, all would be gone without a way back
    assert pane.model.rowCount() == 1
    pane.table.selectRow(0)
    pane.drop.click()
    settle(qtbot, sample)
    assert set(sample.context.workspace.opened.decisions) == {keys[0]}  # type: ignore[union-attr]
    assert pane.model.rowCount() == 0
    assert not pane.take.isEnabled()


def test_that_another_audits_workbook_is_refused_with_a_sentence(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    book = tmp_path / "october.xlsx"
    sample.context.workspace.export_workbook(book)
    settle(qtbot, sample)
    changed = openpyxl.load_workbook(book)
    title = changed[changed.sheetnames[5]]["A1"]
    title.value = str(title.value).replace("2026", "2025")
    changed.save(book)
    sample.add([book])
    settle(qtbot, sample)
    assert sample.sign_off.review.model.rowCount() == 0
    assert sample.sign_off.bar.isVisible()

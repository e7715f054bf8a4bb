"""A reviewed workbook dropped on the window: its proposals are shown, and taken over when they are wanted."""

from pathlib import Path
from shutil import copyfile

import pytest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from auditor.verbs import Audit
from tests.audit_files import write_files
from tests.gui.conftest import settle
from tests.gui.conftest import window_on
from tests.verbs.reviewing import typed
from tests.verbs.test_reasoning import LINES
from tests.verbs.test_reasoning import MARKETING


@pytest.fixture(scope="module")
def exported(sample_audit: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the workbook of the sample audit: to be copied, it is made once."""
    folder = tmp_path_factory.mktemp("book")
    audit = Audit.open(Path(copyfile(sample_audit, folder / "sample.audit")))
    try:
        audit.recall(sample_audit.parent / "answers")
        audit.export_workbook(folder / "sample.xlsx")
    finally:
        audit.close()
    return folder / "sample.xlsx"


def test_that_a_dropped_workbook_is_shown_as_proposals_and_taken_over(
    qtbot: QtBot, sample: MainWindow, exported: Path, tmp_path: Path
) -> None:
    opened = sample.context.workspace.opened
    assert opened is not None
    assert opened.result is not None
    keys = [line.key for line in opened.result.differences if line.difference][:2]
    book = Path(copyfile(exported, tmp_path / "october.xlsx"))
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
    qtbot: QtBot, preferences: Preferences, exported: Path, tmp_path: Path
) -> None:
    files = write_files(tmp_path / "in", MARKETING, LINES)
    window = window_on(qtbot, preferences, files.account, tmp_path / "own.audit")
    window.add([files.log, files.invoice])
    settle(qtbot, window)
    window.add([exported])
    settle(qtbot, window)
    assert window.sign_off.review.model.rowCount() == 0
    assert window.sign_off.bar.isVisible()
    window.close()

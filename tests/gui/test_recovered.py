"""An audit whose window was ended before it was closed says up to which step it is there, until the next one."""

import shutil
from pathlib import Path

from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.project.store import Store
from tests.gui.conftest import settle


def broken_off(whole: Path, path: Path) -> None:
    """Leave a copy of an audit as a program that is killed does: its last step lies beside the file still."""
    shutil.copyfile(whole, path)
    store = Store(path)
    store.write("annotate", "Rosa Quispe", {"keys": ["k|2026-10|Peru||utility|"], "note": "n"})
    for ending in ("", ".wal"):
        shutil.copyfile(f"{path}{ending}", f"{path}{ending}.kept")
    store.close()
    for ending in ("", ".wal"):
        Path(f"{path}{ending}.kept").replace(f"{path}{ending}")


def test_that_a_file_that_was_broken_off_is_known_by_its_last_step_and_one_that_was_closed_is_not(
    sample_audit: Path, tmp_path: Path
) -> None:
    path = tmp_path / "broken.audit"
    broken_off(sample_audit, path)
    again = Store(path)
    assert again.recovered == again.digest == again.journal()[-1].digest
    assert again.journal()[-1].verb == "annotate"
    again.close()
    closed = Store(path)
    assert not closed.recovered
    closed.close()


def test_that_the_window_says_up_to_which_step_an_audit_is_there_again(
    qtbot: QtBot, sample: MainWindow, sample_audit: Path, tmp_path: Path
) -> None:
    quiet = "Everything is saved as you go. Any change can be undone."
    assert sample.hint.text() == quiet
    path = tmp_path / "broken.audit"
    broken_off(sample_audit, path)
    sample.open(path)
    settle(qtbot, sample)
    assert "It is there up to its last finished step: Write a note, " in sample.hint.text()
    sample.context.speech.switch("es")
    assert "Está completa hasta el último paso terminado: Escribir una nota, " in sample.hint.text()
    sample.context.speech.switch("en")
    sample.reconciliation.table.selectRow(0)
    sample.reconciliation.detail.decision.accept.click()
    settle(qtbot, sample)
    assert sample.hint.text() == quiet

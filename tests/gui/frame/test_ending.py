"""The end from outside: a signal or the end of the session leaves one whole file, with nothing beside it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

import pytest
from pytestqt.qtbot import QtBot

from auditor.gui.application import make_application
from auditor.gui.frame.ending import Ending
from auditor.gui.window import MainWindow
from auditor.verbs import Audit
from tests.gui.conftest import settle

ROOT = Path(__file__).resolve().parents[3]
# The program itself, with a note written on the first line as soon as the audit is there.
# Nothing is at rest meanwhile: what is at rest is made whole by itself.
# Whoever runs the tests may have told them to pass some signals over, as `nohup` does: the program would, too.
WORKS = """
import shutil
import signal
import sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
from PySide6.QtCore import QTimer
import auditor.gui.application as application
import auditor.gui.jobs as jobs
jobs._REST = 1_000_000
made = application.make_window
# It opens with the answer that was kept, as it mostly does.
answers = sys.argv[2]
def made_and_used(*given):
    shutil.copytree(answers, given[0].answers, dirs_exist_ok=True)
    window = made(*given)
    workspace = window.context.workspace
    def use():
        if workspace.opened is None or workspace.opened.result is None:
            QTimer.singleShot(20, use)
            return
        key = workspace.opened.result.differences[0].key
        workspace.do(lambda audit, _: audit.annotate([key], "seen"), lambda _: print("noted", flush=True))
    use()
    return window
application.make_window = made_and_used
sys.argv = ["auditor", sys.argv[1]]
from auditor.__main__ import program
sys.exit(program())
"""


def log_beside(file: Path) -> Path:
    """Give the log of changes that the database lays beside a file which is open."""
    return file.with_name(f"{file.name}.wal")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs through the session, not by signals")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_that_a_signal_closes_the_audit_and_leaves_one_whole_file(
    number: str, sample_audit: Path, tmp_path: Path
) -> None:
    file = Path(copyfile(sample_audit, tmp_path / "sample.audit"))
    own = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)} | own
    command = [sys.executable, "-c", WORKS, str(file), str(sample_audit.parent / "answers")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "noted\n"
        assert log_beside(file).exists()  # else nothing would be shown by its being gone
        program.send_signal(getattr(signal, number))
        assert program.wait(60) == 0
    assert not log_beside(file).exists()
    audit = Audit.open(file)
    try:
        assert [one.note for one in audit.decisions.values()] == ["seen"]
    finally:
        audit.close()


def test_that_a_file_that_is_copied_from_under_an_open_window_is_whole_once_it_is_at_rest(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    workspace = sample.context.workspace
    assert workspace.opened is not None
    assert workspace.opened.result is not None
    assert workspace.opened.path is not None
    key, path = workspace.opened.result.differences[0].key, workspace.opened.path
    workspace.annotate([key], "seen")
    settle(qtbot, sample)
    qtbot.waitUntil(lambda: not log_beside(path).exists(), timeout=10_000)
    audit = Audit.open(Path(copyfile(path, tmp_path / "sent.audit")))
    try:
        assert audit.decisions[key].note == "seen"
    finally:
        audit.close()


def test_that_the_end_of_the_session_makes_the_file_whole_and_leaves_it_open(qtbot: QtBot, sample: MainWindow) -> None:
    application, workspace = make_application(), sample.context.workspace
    workspace.worker._rest.setInterval(1_000_000)  # at rest it would be made whole by itself
    Ending(sample)
    assert workspace.opened is not None
    assert workspace.opened.result is not None
    key = workspace.opened.result.differences[0].key
    workspace.annotate([key], "seen")
    settle(qtbot, sample)
    path = workspace.opened.path
    assert path is not None
    assert log_beside(path).exists()
    application.commitDataRequest.emit(None)
    assert not log_beside(path).exists()
    workspace.annotate([key], "seen again")
    settle(qtbot, sample)
    assert workspace.opened.decisions[key].note == "seen again"

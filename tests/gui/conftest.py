"""What the window's tests share: a window on an audit in memory, with preferences of its own."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from shutil import copytree
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.gui.application import make_application
from auditor.gui.application import make_window
from auditor.gui.context import Context
from auditor.gui.speech import Speech
from auditor.gui.theme import Appearance
from auditor.gui.window import MainWindow
from auditor.gui.workspace import Workspace
from auditor.sample import write_sample
from auditor.settings import Preferences
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from tests.gui.fake_audit import FakeAudit

FAKE = cast("type[Audit]", FakeAudit)


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    """Give preferences that are forgotten after the test."""
    made = Preferences(tmp_path / "settings.json")
    made.change(language="en", theme="light")
    return made


@pytest.fixture
def context(qtbot: QtBot, preferences: Preferences) -> Iterator[Context]:
    """Give what a view is built with, without a window."""
    make_application()
    made = Context(Workspace(preferences.cache, FAKE), Speech("en"), Appearance("light"), preferences)
    yield made
    made.workspace.close()


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences) -> MainWindow:
    """Give a shown window at the size of a small laptop, with no audit open."""
    make_application()
    made = make_window(preferences, FAKE)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> MainWindow:
    """Give a window with the sample reconciliation in view."""
    file = tmp_path / "andina.audit"
    file.write_text("", encoding="utf-8")
    window.open(file)
    qtbot.waitUntil(lambda: len(window.reconciliation.model.rows) > 0, timeout=60_000)
    window.go("reconciliation")
    settle(qtbot, window)
    return window


@pytest.fixture(scope="session")
def sample_audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the sample audit, reconciled and closed, beside its files and its answer: to be copied, it is made once."""
    folder = tmp_path_factory.mktemp("sample")
    files = write_sample(folder)
    made = Audit.create(folder / "sample.audit", *read_account_file(files.account))
    made.add_files([files.messages, files.invoice])
    made.recall(folder / "answers")
    made.close()
    return folder / "sample.audit"


@pytest.fixture
def sample(qtbot: QtBot, preferences: Preferences, sample_audit: Path, tmp_path: Path) -> Iterator[MainWindow]:
    """Give a window with a copy of the sample audit: it opens with the answer that was kept, as it mostly does."""
    copytree(sample_audit.parent / "answers", preferences.answers)
    make_application()
    made = make_window(preferences)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    made.open(Path(copyfile(sample_audit, tmp_path / "sample.audit")))
    qtbot.waitUntil(lambda: made.reconciliation.model.rowCount() > 0, timeout=60_000)
    settle(qtbot, made)
    yield made
    made.close()


def window_on(qtbot: QtBot, preferences: Preferences, account: Path, path: Path) -> MainWindow:
    """Show a window on a new audit at `path`, of an account and the card that it names; the caller closes it."""
    make_application()
    made = make_window(preferences)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    made.context.workspace.open_account(account, path)
    settle(qtbot, made)
    return made


def window_of(qtbot: QtBot, preferences: Preferences, folder: Path, account: str) -> Iterator[MainWindow]:
    """Give a window with an audit of the account of a text and no file in it, and close it afterwards."""
    path = folder / "account.toml"
    path.write_text(account, encoding="utf-8")
    made = window_on(qtbot, preferences, path, folder / "sur.audit")
    yield made
    made.close()


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until the worker has nothing more to do, and the window is where that led it."""
    qtbot.waitUntil(lambda: window.context.workspace.worker.waiting == 0 and not window.bound, timeout=60_000)
    QApplication.processEvents()

"""The program as its user finds it, for stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from auditor import paths
from auditor.gui.application import make_application
from auditor.gui.application import make_window
from auditor.gui.views import start
from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.stories.hands import LONG
from tests.stories.hands import click
from tests.stories.hands import settled


@pytest.fixture
def language() -> str:
    """Give the language the program starts in: Spanish, where a module of stories names no other."""
    return "es"


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Iterator[MainWindow]:
    """Give the program as it starts for the first time, with a user folder of its own."""
    for module in (start, paths):
        monkeypatch.setattr(module, "user_data", lambda: tmp_path / "user")
    make_application()
    preferences = Preferences(tmp_path / "settings.json")
    preferences.change(language=language, theme="light", folder=str(tmp_path))
    made = make_window(preferences)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=LONG)
    yield made
    made.close()


@pytest.fixture
def sample(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """Give the window with the sample audit opened by its button, at the lines."""
    click(window.start.ways["sample"])
    settled(qtbot, window)
    qtbot.waitUntil(lambda: window.reconciliation.model.rowCount() > 0, timeout=LONG)
    return window

"""The program on a real display, as `auditor` without arguments opens it."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from auditor.gui.application import run

pytestmark = pytest.mark.window


def test_that_the_window_comes_up_on_a_real_display(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("auditor.settings.user_settings", lambda: tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    shown: list[str] = []

    def look() -> None:
        for window in QGuiApplication.topLevelWindows():
            if window.isExposed():
                shown.append(window.title())
                poll.stop()
                qapp.closeAllWindows()

    poll = QTimer()
    poll.setInterval(50)
    poll.timeout.connect(look)
    poll.start()
    assert run(None) == 0
    assert QGuiApplication.platformName() not in {"offscreen", "minimal"}
    assert len(shown) == 1
    assert shown[0]

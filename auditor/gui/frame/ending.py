"""The end from outside: the system's signals and the end of the session leave the audit whole, as closing it does."""

import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from auditor.gui.window import MainWindow

# What a system says to a program that is to end: on Windows it says so through the session only.
_SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT")


class Ending(QObject):
    """Closes the window when the process is told to end, and makes the audit's file whole when the session ends."""

    def __init__(self, window: "MainWindow") -> None:
        """Heed the end of the session from now on; `listen` heeds the signals, too."""
        super().__init__(window)
        QApplication.instance().commitDataRequest.connect(window.context.workspace.keep_whole)  # type: ignore[union-attr] # there is one: it has a window

    def listen(self) -> None:
        """Have signals write into a pipe that Qt watches: Python hears of them only when some of it runs."""
        if sys.platform == "win32":
            return
        self._ear, mouth = os.pipe()
        os.set_blocking(mouth, False)
        os.set_blocking(self._ear, False)
        signal.set_wakeup_fd(mouth)
        for name in _SIGNALS:
            number = getattr(signal, name)
            if signal.getsignal(number) is not signal.SIG_IGN:  # what `nohup` passes over stays passed over
                signal.signal(number, _heard)
        self._notifier = QSocketNotifier(self._ear, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._end)

    def _end(self) -> None:
        """Close every window, as the user would: what runs is stopped and the file left whole and free."""
        self._notifier.setEnabled(False)
        QApplication.closeAllWindows()
        QApplication.quit()


def _heard(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing more: the pipe has told the window."""

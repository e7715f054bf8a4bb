"""The program as a window: made, dressed, shown, and watched for faults."""

import gc
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from typing import cast

from PySide6.QtCore import QEvent
from PySide6.QtCore import Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from auditor import __version__
from auditor.collector import uncollected
from auditor.gui.context import Context
from auditor.gui.frame.ending import Ending
from auditor.gui.promptness import answer_at_once
from auditor.gui.speech import Speech
from auditor.gui.speech import system_language
from auditor.gui.theme import Appearance
from auditor.gui.window import MainWindow
from auditor.gui.workspace import Workspace
from auditor.settings import Preferences

if TYPE_CHECKING:
    from auditor.verbs import Audit


# Said as on a command line: to ask the application for its style loads all of Qt's names for parts of widgets.
_STYLE = ("-style", "fusion")


class Application(QApplication):
    """The application. `handed` brings a file that the desktop hands to it: so macOS opens what is double-clicked."""

    handed = Signal(object)

    def event(self, event: QEvent) -> bool:
        """Take a file that is handed over."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.handed.emit(Path(event.file()))
            return True
        return super().event(event)


def make_application() -> Application:
    """Make the application, or give the one there is, with its names and Fusion style, before all work beside it."""
    app = cast("Application | None", QApplication.instance())
    if app is None:
        app = Application([*sys.argv[:1], *_STYLE])
        answer_at_once(app)
    app.setApplicationName("auditor")
    app.setApplicationVersion(__version__)
    return app


def make_window(preferences: Preferences, audit_class: "type[Audit] | None" = None) -> MainWindow:
    """Make the window with the user's preferences; `audit_class` opens and makes audits (None: the real one)."""
    settings = preferences.settings
    speech = Speech(settings.language or system_language())
    speech.start()
    # The desktop's title bar adds it where a title does not end with it: it has to follow the language.
    speech.bind(make_application().setApplicationDisplayName, "app.name")
    appearance = Appearance(settings.theme)
    window = MainWindow(Context(Workspace(preferences.answers, audit_class), speech, appearance, preferences))
    appearance.dress(window)
    make_application().handed.connect(lambda path: window.take([path]))
    return window


def run(path: Path | None, sample: bool = False) -> int:
    """Open the window, on an audit or account file or on the sample if asked; give the exit status."""
    with uncollected():
        app = make_application()
        window = make_window(Preferences())
        _watch(window)
        Ending(window).listen()
        window.show_fitting()
        gc.freeze()  # the program itself is not searched for cycles
    window.complete_idly()
    window.context.workspace.warm_up()
    if path is not None:
        window.open(path)
    elif sample:
        window.start.open_sample()
    status = app.exec()
    # What was frozen would be there still when the libraries are taken apart, and told on the console as leaked.
    gc.unfreeze()
    return status


def _watch(window: MainWindow) -> None:
    """Bring any fault to the message bar, with a report to copy; the audit saves itself and stays open."""

    def told(_kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        window.tell_fault(error.with_traceback(trace))

    sys.excepthook = told

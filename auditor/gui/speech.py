"""The window's language: every text on screen is bound to its key here, so that a switch reaches all of them."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtCore import QLibraryInfo
from PySide6.QtCore import QLocale
from PySide6.QtCore import QObject
from PySide6.QtCore import QTranslator
from PySide6.QtCore import Signal

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.language import catalogue

# Plain `es` would be Spain, with the decimal comma; the accountants are in Peru.
_LOCALES = {"en": "en_US", "es": "es_PE"}


def system_language() -> str:
    """Give the language of the machine if the program speaks it, else English."""
    code = QLocale.system().name().split("_")[0]
    return code if code in LANGUAGES else "en"


class Speech(QObject):
    """Says things in the language of the window and tells its hearers when it changes."""

    switched = Signal()

    def __init__(self, code: str, parent: QObject | None = None) -> None:
        """Begin in `code` (en or es)."""
        super().__init__(parent)
        self.language = Language(code)
        self._bound: list[Callable[[], object]] = []
        self._qt_texts: QTranslator | None = None

    def start(self) -> None:
        """Load Qt's own words (dialogs, menus of text fields) for the present language."""
        app = QCoreApplication.instance()
        if app is None:
            return
        if self._qt_texts is not None:
            app.removeTranslator(self._qt_texts)
        texts = QTranslator(self)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if texts.load(f"qtbase_{self.language.code}", folder):
            app.installTranslator(texts)
        self._qt_texts = texts
        QLocale.setDefault(QLocale(_LOCALES[self.language.code]))

    def switch(self, code: str) -> None:
        """Speak `code` from now on: bound texts first, then everyone who listens to `switched`."""
        if code == self.language.code:
            return
        self.language = Language(code)
        self.start()
        for say in self._bound:
            say()
        self.switched.emit()

    def text(self, key: str, **values: object) -> str:
        """Give a text of the window: `start.open` stands for `window.start.open`.

        Where `count` is one thing and there is a text for that, `<key>_one`, it is given instead.
        """
        single = f"window.{key}_one"
        if str(values.get("count")) == "1" and single in catalogue(self.language.code):
            return self.language.text(single, **values)
        return self.language.text(f"window.{key}", **values)

    def problem(self, problem: Problem) -> str:
        """Say a problem with its place; what the command line would ask for by an option, in terms of the window."""
        own = f"window.problems.{problem.code}"
        if own not in catalogue(self.language.code):
            return self.language.problem(problem)
        place = self.language.place(problem.place)
        values = dict(problem.values)
        if problem.code == "log_columns_missing":
            # The window never shows the names of columns as the engine has them.
            names = str(values["columns"]).split(", ")
            values["columns"] = ", ".join(self.language.text(f"reading.field.{name}") for name in names)
        sentence = self.language.sentence(problem.code, values, own)
        return f"{place}: {sentence}" if place else sentence

    def error(self, error: AuditorError) -> str:
        """Say why a request was refused."""
        return self.problem(Problem(error.code, error.place or Place(""), error.values))

    def bind(self, setter: Callable[[str], object], key: str, **values: object) -> None:
        """Call `setter` with the text of `key` now and after every switch; for things that live with the window."""

        def say() -> None:
            setter(self.text(key, **values))

        self._bound.append(say)
        say()

"""Every action of the window in one table: its menu, text, icon and shortcut."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtGui import QActionGroup
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow
from PySide6.QtWidgets import QMenu

from auditor.gui.context import Context
from auditor.gui.theme import THEMES

_STANDARD = QKeySequence.StandardKey
# Where macOS has these, in the program's own menu. It would guess by the first word of any other, in English.
_ROLES = {"quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole}
LANGUAGE_NAMES = {"en": "English", "es": "Español"}
PLACES = ("start", "sources", "rates", "reconciliation", "charts", "sign_off")


@dataclass(frozen=True, slots=True)
class Entry:
    """An action: its key in the catalogue (`window.menu.<key>`), icon, and the shortcut of the platform or our own.

    Of several, apart by semicolons, the first stands in the menu. A `checkable` one is on or off, and nothing more.
    """

    key: str
    icon: str = ""
    shortcut: "QKeySequence.StandardKey | str" = ""
    checkable: bool = False


SEPARATOR = Entry("")
MENUS: Mapping[str, tuple[Entry, ...]] = {
    "file": (
        Entry("new", "new", _STANDARD.New),
        Entry("open", "open", _STANDARD.Open),
        Entry("sample", "sample"),
        SEPARATOR,
        Entry("add_files", "add", "Ctrl+Shift+O"),
        SEPARATOR,
        Entry("next_period", "new", "Ctrl+Shift+N"),
        Entry("send_copy", "lock", "Ctrl+Shift+S"),
        SEPARATOR,
        Entry("export_workbook", "export", "Ctrl+E"),
        Entry("export_charts", "image", "Ctrl+Shift+E"),
        Entry("export_claim_pack", "dispute", "Ctrl+Shift+R"),
        SEPARATOR,
        Entry("print", "print", _STANDARD.Print),
        Entry("save_pdf", "", "Ctrl+Shift+P"),
        Entry("customers", checkable=True),
        SEPARATOR,
        Entry("quit", "", "Ctrl+Q"),
    ),
    "edit": (
        Entry("undo", "undo", _STANDARD.Undo),
        Entry("redo", "redo", "Ctrl+Shift+Z; Ctrl+Y"),
        SEPARATOR,
        Entry("copy", "copy", _STANDARD.Copy),
        Entry("copy_heads", "copy", "Ctrl+Shift+C"),
        SEPARATOR,
        Entry("find", "search", _STANDARD.Find),
        Entry("column_filters", "columns", "Ctrl+Shift+K"),
        Entry("clear_filter", "close", "Ctrl+Shift+F"),
        Entry("saved_filters", "saved", "Ctrl+Shift+T"),
    ),
    "audit": (
        Entry("recompute", "refresh", "F5"),
        Entry("verify", "accept", "Ctrl+F5"),
        Entry("claims", "dispute", "Ctrl+Shift+L"),
        Entry("facts", "file", "Ctrl+I"),
        Entry("checklist", "matched", "Ctrl+Shift+B"),
        SEPARATOR,
        Entry("accept", "accept", "Ctrl+Shift+A"),
        Entry("dispute", "dispute", "Ctrl+Shift+D"),
        Entry("cause", "", "Ctrl+K"),
        Entry("note", "note", "Ctrl+M"),
        Entry("clear", "clear", "Ctrl+Backspace"),
        Entry("attach", "attach", "Ctrl+Shift+M"),
        SEPARATOR,
        Entry("next_open", "down", "F3"),
        Entry("previous_open", "", "Shift+F3"),
    ),
    "view": (),
    "help": (
        Entry("help", "help", "F1"),
        Entry("help_contents", "menu", "Ctrl+F1"),
        Entry("shortcuts", "info", "Shift+F1"),
        SEPARATOR,
        Entry("about", "auditor"),
    ),
}


class Actions:
    """The actions and their menus, in the window's menu bar."""

    def __init__(self, window: QMainWindow, context: Context) -> None:
        """Make them all; nothing happens on them before `connect`."""
        self._window, self._context = window, context
        self.by_key: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        self._bare: dict[QAction, str] = {}
        for name, entries in MENUS.items():
            menu = window.menuBar().addMenu("")
            context.speech.bind(menu.setTitle, f"menu.{name}_menu")
            menu.aboutToShow.connect(self.dress)
            self.menus[name] = menu
            for entry in entries:
                self._add(menu, entry)
        self._add_view()
        self.recent = QMenu(window)
        self.menus["file"].insertMenu(self.by_key["sample"], self.recent)
        context.speech.bind(self.recent.setTitle, "menu.recent")

    def connect(self, answers: Mapping[str, Callable[[], object]]) -> None:
        """Say what each action does."""
        for key, answer in answers.items():
            self.by_key[key].triggered.connect(lambda _checked=False, call=answer: call())

    def enable(self, keys: tuple[str, ...], *, on: bool) -> None:
        """Allow or forbid some actions."""
        for key in keys:
            self.by_key[key].setEnabled(on)

    def dress(self) -> None:
        """Give the actions their icons, when they are first shown: to draw them takes a tenth of the start."""
        for action, name in self._bare.items():
            self._context.appearance.bind_icon(action.setIcon, name)
        self._bare.clear()

    def _add(self, menu: QMenu, entry: Entry) -> None:
        if entry is SEPARATOR:
            menu.addSeparator()
            return
        action = QAction(self._window, checkable=entry.checkable)
        action.setMenuRole(_ROLES.get(entry.key, QAction.MenuRole.NoRole))
        if entry.shortcut:
            action.setShortcuts(_sequences(entry.shortcut))
        if entry.shortcut == _STANDARD.Copy:
            # Told in the menu only: whatever has the keyboard, a table or a text, copies what is selected in it.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        if entry.icon:
            self._bare[action] = entry.icon
        self._context.speech.bind(action.setText, f"menu.{entry.key}")
        menu.addAction(action)
        self.by_key[entry.key] = action

    def _add_view(self) -> None:
        """Fill the View menu: the places, the theme, the language."""
        menu = self.menus["view"]
        for number, place in enumerate(PLACES, start=1):
            self._add(menu, Entry(f"go_{place}", place, f"Ctrl+{number}"))
        menu.addSeparator()
        themes = self._choices(menu, "theme", dict.fromkeys(THEMES, ""), self._context.appearance.choice)
        for name, action in themes.items():
            self._context.speech.bind(action.setText, f"menu.theme_{name}")
        self._choices(menu, "language", LANGUAGE_NAMES, self._context.speech.language.code)

    def _choices(self, menu: QMenu, kind: str, names: Mapping[str, str], chosen: str) -> dict[str, QAction]:
        sub = menu.addMenu("")
        self._context.speech.bind(sub.setTitle, f"menu.{kind}_menu")
        group = QActionGroup(sub)
        made = {}
        for code, name in names.items():
            action = QAction(name, self._window, checkable=True, checked=code == chosen)
            group.addAction(action)
            sub.addAction(action)
            self.by_key[f"{kind}_{code}"] = made[code] = action
        return made


def _sequences(shortcut: QKeySequence.StandardKey | str) -> list[QKeySequence]:
    if isinstance(shortcut, str):
        return QKeySequence.listFromString(shortcut)
    return [QKeySequence(shortcut)]

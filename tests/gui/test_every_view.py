"""What must hold in every view: nothing cut, nothing untranslated, everything named for who cannot see it."""

import re
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtGui import QAccessibleInterface
from PySide6.QtGui import QFont
from PySide6.QtGui import QFontDatabase
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QComboBox
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QMenuBar
from PySide6.QtWidgets import QTabBar
from PySide6.QtWidgets import QTableView
from PySide6.QtWidgets import QToolButton
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.gui.actions import PLACES
from auditor.gui.tables.lines import STATUS_ORDER
from auditor.gui.window import MainWindow
from auditor.language import Catalogue
from auditor.language import catalogue
from tests.gui.conftest import settle
from tests.gui.tour import tour

Role = QAccessible.Role
# What a person acts on or reads: each must say what it is.
NAMED = {
    Role.Button,
    Role.ButtonMenu,
    Role.CheckBox,
    Role.ComboBox,
    Role.EditableText,
    Role.ListItem,
    Role.MenuItem,
    Role.PageTab,
    Role.RadioButton,
    Role.Slider,
    Role.StaticText,
    Role.Table,
}
# Parts that Qt builds into a control of its own, which names them.
INSIDE = (QComboBox, QLineEdit, QTabBar, QTableView)
MARKS = re.compile(r"<[^>]*>|&(?!\w+;)")
# The icon and the rounded ends of a status, and the gap to its column's edge.
_LABEL_EDGES = 44
# A column of statuses that is narrower has no room for a word beside the icon.
_ICON_ALONE = 82
# The frame and padding of a text field.
_FIELD_EDGES = 18
# What the audit itself says: its name, an amount.
DATA = re.compile(r"Andina Retail, octubre 2026|[+-]?US\$\s[\d,.]+|SHA-256")
LETTERS = re.compile(r"[^\W\d_]{2,}")
ALIKE = {"", "—", "-", "−", "=", "SHA-256"}


@pytest.fixture
def wide_letters() -> Iterator[None]:
    """Set every text in DejaVu Sans, a wide font that comes with matplotlib: the same letters on every machine."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.font()
    file = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    number = QFontDatabase.addApplicationFont(str(file))
    family = QFontDatabase.applicationFontFamilies(number)[0]
    app.setFont(QFont(family, 9))
    yield
    app.setFont(before)
    QFontDatabase.removeApplicationFont(number)


def visible(window: MainWindow, *kinds: type[QWidget]) -> list[QWidget]:
    """Give the widgets of some kinds that are in view."""
    return [widget for widget in window.findChildren(QWidget) if isinstance(widget, kinds) and widget.isVisible()]


def bare(text: str) -> str:
    """Give a text without marks and mnemonics."""
    return MARKS.sub("", text).strip()


def cut(window: MainWindow) -> Iterator[str]:
    """Name what does not fit: a label, button, tab, hint or column head that is wider than its place, or higher."""
    for widget in visible(window, QLabel, QAbstractButton, QLineEdit):
        if isinstance(widget, QLabel) and widget.wordWrap() and widget.text():
            needed = widget.heightForWidth(widget.width())
            yield from () if widget.height() >= needed - 1 else (f"{widget.text()} ({widget.height()} of {needed})",)
        elif isinstance(widget, QLabel) and not widget.wordWrap() and "<" not in widget.text():
            yield from _short(widget, widget.text(), widget.width() + 1)
        elif isinstance(widget, QAbstractButton) and widget.text():
            yield from () if widget.width() >= widget.sizeHint().width() - 1 else (f"button: {widget.text()}",)
        elif isinstance(widget, QLineEdit) and not widget.text():
            yield from _short(widget, widget.placeholderText(), widget.width() - _FIELD_EDGES)
    for bar in visible(window, QTabBar):
        assert isinstance(bar, QTabBar)
        for place in range(bar.count()):
            yield from _short(bar, bar.tabText(place), bar.tabRect(place).width())
    for table in visible(window, QTableView):
        assert isinstance(table, QTableView)
        yield from _short_heads(table)


def _short_heads(table: QTableView) -> Iterator[str]:
    header, model = table.horizontalHeader(), table.model()
    for section in range(header.count()):
        for line in str(model.headerData(section, header.orientation()) or "").split("\n"):
            if not header.isSectionHidden(section):
                yield from _short(header, line, header.sectionSize(section) - 10)


def _short(widget: QWidget, text: str, room: int) -> Iterator[str]:
    needed = widget.fontMetrics().horizontalAdvance(text.replace("&", ""))
    if room < needed:
        yield f"{type(widget).__name__}: {text} ({room} of {needed})"


@pytest.mark.usefixtures("wide_letters")
@pytest.mark.parametrize("language", ["en", "es"])
def test_that_nothing_is_cut_on_a_small_laptop(qtbot: QtBot, opened: MainWindow, language: str) -> None:
    opened.context.speech.switch(language)
    found = [f"{name}: {what}" for name in tour(qtbot, opened) for what in cut(opened)]
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("wide_letters")
@pytest.mark.parametrize("language", ["en", "es"])
def test_that_nothing_is_cut_where_no_audit_is_open(qtbot: QtBot, window: MainWindow, language: str) -> None:
    window.context.speech.switch(language)
    found = []
    for place in PLACES:
        window.go(place)
        settle(qtbot, window)
        found += [f"{place}: {what}" for what in cut(window)]
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("wide_letters")
@pytest.mark.parametrize("language", ["en", "es"])
def test_that_no_status_is_cut_in_its_column(opened: MainWindow, language: str) -> None:
    opened.context.speech.switch(language)
    table = opened.reconciliation.table
    assert table.columnWidth(0) < _ICON_ALONE  # on a small laptop the icon says it, so that the causes can be read
    opened.resize(1600, 768)
    QApplication.processEvents()
    room = table.columnWidth(0) - _LABEL_EDGES
    for status in STATUS_ORDER:
        name = opened.context.speech.language.text(f"domain.status.{status}")
        assert table.fontMetrics().horizontalAdvance(name) <= room, name


def said(window: MainWindow) -> Iterator[str]:
    """Give every text that the window says at the moment, hints and tips among them."""
    for widget in visible(window, QWidget):
        yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, QLineEdit):
            yield widget.placeholderText()
        elif isinstance(widget, QTabBar):
            yield from (widget.tabText(place) for place in range(widget.count()))
        elif isinstance(widget, QComboBox):
            yield from (widget.itemText(place) for place in range(min(widget.count(), 50)))
        elif isinstance(widget, QTableView):
            model, way = widget.model(), widget.horizontalHeader().orientation()
            yield from (str(model.headerData(n, way) or "") for n in range(model.columnCount()))
            yield from (
                str(model.index(row, column).data() or "")
                for row in range(min(model.rowCount(), 30))
                for column in range(model.columnCount())
            )


def test_that_spanish_is_all_there_is_in_spanish(qtbot: QtBot, opened: MainWindow) -> None:
    spanish = catalogue("es")
    english = {bare(text) for key, text in catalogue("en").items() if text != spanish[key]}
    english -= {bare(text) for text in spanish.values()} | ALIKE
    raw = {code for key in spanish if key.startswith("domain.") and "_" in (code := key.rsplit(".", 1)[-1])}
    opened.context.speech.switch("es")
    foreign = english | raw
    found = [f"{name}: {text}" for name in tour(qtbot, opened) for text in said(opened) if bare(text) in foreign]
    assert not found, "\n".join(found)
    for action in opened.actions_.by_key.values():
        assert bare(action.text()) not in english - {"English"}


def test_that_every_text_on_screen_comes_from_the_catalogue(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mark every sentence of the catalogue: what is shown without a mark is data of the audit, or written in code."""
    spanish = catalogue("es")
    assert isinstance(spanish, Catalogue)
    for key, text in list(spanish.items()):
        monkeypatch.setitem(spanish.files[key.partition(".")[0]], key, f"{text}\N{CURRENCY SIGN}")
    opened.context.speech.switch("es")
    found = {
        f"{name}: {type(widget).__name__}: {text}"
        for name in tour(qtbot, opened)
        for widget, text in fixed(opened)
        if "\N{CURRENCY SIGN}" not in text and LETTERS.search(bare(text)) and not DATA.fullmatch(bare(text))
    }
    assert not found, "\n".join(sorted(found))


def fixed(window: MainWindow) -> Iterator[tuple[QWidget, str]]:
    """Give the texts that are no data: of labels, buttons, tabs, hints and heads."""
    for widget in visible(window, QWidget):
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget, widget.text()
        elif isinstance(widget, QLineEdit):
            yield widget, widget.placeholderText()
        elif isinstance(widget, QTabBar):
            yield from ((widget, widget.tabText(place)) for place in range(widget.count()))
        elif isinstance(widget, QTableView):
            model, way = widget.model(), widget.horizontalHeader().orientation()
            yield from ((widget, str(model.headerData(n, way) or "")) for n in range(model.columnCount()))


def interfaces(of: QAccessibleInterface, depth: int = 0) -> Iterator[QAccessibleInterface]:
    """Walk the tree that a screen reader sees, cells apart; what is hidden is left out."""
    if not of.isValid() or of.state().invisible or depth > 40:
        return
    yield of
    if of.role() in {Role.Table, Role.Tree}:
        return
    for place in range(of.childCount()):
        child = of.child(place)
        if child is not None:
            yield from interfaces(child, depth + 1)


def unnamed(window: MainWindow) -> Iterator[str]:
    """Describe what a screen reader would meet without knowing what it is."""
    root = QAccessible.queryAccessibleInterface(window)
    assert root is not None
    for one in interfaces(root):
        behind = one.object()
        inside = isinstance(behind, QWidget) and isinstance(behind.parent(), INSIDE)
        if one.role() in NAMED and not inside and not one.text(QAccessible.Text.Name).strip():
            shown = one.text(QAccessible.Text.Value).strip()
            if not (one.role() == Role.StaticText and (shown or not getattr(behind, "text", str)())):
                yield f"{one.role().name} {behind}"


def test_that_all_a_screen_reader_meets_has_a_name(qtbot: QtBot, opened: MainWindow) -> None:
    found = [f"{name}: {what}" for name in tour(qtbot, opened) for what in unnamed(opened)]
    assert not found, "\n".join(found)


def test_that_no_cell_is_silent(qtbot: QtBot, opened: MainWindow) -> None:
    for name in tour(qtbot, opened):
        for table in visible(opened, QTableView):
            assert isinstance(table, QTableView)
            model = table.model()
            for row in range(min(model.rowCount(), 20)):
                for column in range(model.columnCount()):
                    text = model.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole)
                    assert text, f"{name}: {table.accessibleName()}, {row}, {column}"


def test_that_tab_reaches_every_control_and_comes_round(qtbot: QtBot, opened: MainWindow) -> None:
    for name in tour(qtbot, opened):
        chain: list[QWidget] = []
        widget = opened.nextInFocusChain()
        while widget is not None and widget is not opened and len(chain) < 5000:
            chain.append(widget)
            widget = widget.nextInFocusChain()
        assert widget is opened, name
        controls = [
            one for one in visible(opened, QAbstractButton, QLineEdit, QComboBox, QTableView) if one.isEnabled()
        ]
        wanted = [one for one in controls if one.focusPolicy() & one.focusPolicy().TabFocus]
        missing = [one for one in wanted if one not in chain]
        assert missing == [], name


@pytest.mark.qt_log_ignore("does not support", extend=True)  # menus, where there is no display
def test_that_enter_presses_the_small_buttons_as_the_space_bar_does(qtbot: QtBot, opened: MainWindow) -> None:
    opened.go("reconciliation")
    settle(qtbot, opened)
    lines, heard = opened.reconciliation, []
    over = lines.filter
    menus = (*over.menus.values(), over.saved, over.group_button, over.measure)
    for tool in visible(opened, QToolButton):
        assert isinstance(tool, QToolButton)
        if not tool.isEnabled() or isinstance(tool.parent(), (*INSIDE, QMenuBar)):
            continue
        tool.pressed.connect(lambda tool=tool: heard.append(tool))
        QTest.keyClick(tool, Qt.Key.Key_Return)
        assert tool.menu().isVisible() if tool in menus else heard[-1] is tool, tool.accessibleName()
        if tool in menus:
            tool.menu().close()
    assert len(heard) > len(PLACES)
    assert opened.place == PLACES[-1]


@pytest.mark.parametrize("language", ["en", "es"])
def test_that_no_two_entries_of_a_menu_answer_to_the_same_letter(window: MainWindow, language: str) -> None:
    window.context.speech.switch(language)
    menus = {name: [action.text() for action in menu.actions()] for name, menu in window.actions_.menus.items()}
    menus["bar"] = [menu.title() for menu in window.actions_.menus.values()]
    for name, texts in menus.items():
        letters = [text[text.index("&") + 1].lower() for text in texts if text]
        assert len(letters) == len(set(letters)), (name, sorted(letters))

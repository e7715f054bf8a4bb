"""Small pieces the views are built from: cards, headings, buttons, an empty place that says what to do next."""

from collections.abc import Callable
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtCore import QLocale
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtGui import QKeySequence
from PySide6.QtGui import QPaintEvent
from PySide6.QtGui import QShortcut
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox
from PySide6.QtWidgets import QFrame
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QScrollArea
from PySide6.QtWidgets import QStyle
from PySide6.QtWidgets import QStyleOptionComboBox
from PySide6.QtWidgets import QStylePainter
from PySide6.QtWidgets import QTabWidget
from PySide6.QtWidgets import QToolButton
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context

if TYPE_CHECKING:
    from PySide6.QtWidgets import QCompleter
    from PySide6.QtWidgets import QDateEdit

_SUGGESTED = "QListView { outline: none; } QListView::item { padding: 5px 8px; }"


def heading(context: Context, key: str, parent: QWidget | None = None) -> QLabel:
    """Make the heading of a place or of a part of it."""
    label = QLabel(parent)
    label.setProperty("role", "heading")
    context.speech.bind(label.setText, key)
    return label


def caption(context: Context, key: str, parent: QWidget | None = None) -> QLabel:
    """Make a line of quiet text that may wrap."""
    label = QLabel(parent, wordWrap=True)
    label.setProperty("role", "caption")
    context.speech.bind(label.setText, key)
    return label


def button(context: Context, key: str, icon: str = "", *, primary: bool = False, colour: str = "") -> QPushButton:
    """Make a button with text and icon (in `colour`, if not the usual); `key` also names it to a screen reader."""
    made = QPushButton()
    made.setAutoDefault(True)  # outside of a dialog, Enter would else do nothing on a button that has the focus
    context.speech.bind(made.setText, key)
    context.speech.bind(made.setAccessibleName, key)
    if icon:
        context.appearance.bind_icon(made.setIcon, icon, colour or ("on_accent" if primary else "text"))
        made.setIconSize(QSize(18, 18))
    made.setProperty("primary", primary)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


class Tool(QToolButton):
    """A small button that Enter presses as the space bar does: by itself Qt's hears the space bar alone."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it by Enter; one with a menu of its own opens that."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
        elif self.menu() is not None:
            self.menu().popup(self.mapToGlobal(self.rect().bottomLeft()))
        else:
            self.click()


def help_button(context: Context, page: str) -> Tool:
    """Make the small sign that brings a page of the help."""
    made = Tool(autoRaise=True)
    context.appearance.bind_icon(made.setIcon, "help", "muted")
    context.speech.bind(made.setToolTip, "help.here")
    context.speech.bind(made.setAccessibleName, "help.here")
    made.clicked.connect(lambda: context.guide.wanted.emit(page))
    return made


def fill_in(field: QLineEdit, text: str) -> None:
    """Put a text into a field that nobody types in: one that is longer shows its beginning."""
    field.setText(text)
    field.setCursorPosition(0)


def on_escape(widget: QWidget, leave: Callable[[], object]) -> None:
    """Leave what has the keyboard, or holds what has it, by Escape."""
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_Escape), widget)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(leave)


def refuse_drops(parent: QWidget) -> None:
    """Let files fall through text fields to the window, which takes them; a field would keep their names as text."""
    for field in parent.findChildren(QLineEdit):
        field.setAcceptDrops(False)


class Choice(QComboBox):
    """A list to choose from that a wheel rolling past does not change; opened, it is as wide as what it offers.

    Closed, what is chosen ends in dots where it has no room: cut, it would be read for another word.
    """

    def shown_text(self) -> str:
        """Give what is chosen as far as it has room."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        combo = QStyle.ComplexControl.CC_ComboBox
        room = self.style().subControlRect(combo, option, QStyle.SubControl.SC_ComboBoxEditField, self)
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room.width())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it with the text that has room."""
        option, painter = QStyleOptionComboBox(), QStylePainter(self)
        self.initStyleOption(option)
        option.currentText = self.shown_text()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:
        """Open the list wide enough for its longest line: below a narrow field it would be cut."""
        wanted = self.view().sizeHintForColumn(0) + self.view().verticalScrollBar().sizeHint().width()
        self.view().setMinimumWidth(max(self.width(), wanted))
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the wheel scroll what is around, unless the list has the keyboard."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def suggest(box: QComboBox) -> None:
    """Suggest what a box that is typed in offers, from anywhere in a word."""
    from PySide6.QtWidgets import QCompleter  # noqa: PLC0415 - the start does without

    completer = QCompleter(box.model(), box)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    dress_suggestions(completer)
    box.setCompleter(completer)


def dress_suggestions(completer: "QCompleter") -> None:
    """Give the lines of a list of suggestions their room: it is a window, which no style of one below reaches."""
    if (popup := completer.popup()) is not None:
        popup.setStyleSheet(_SUGGESTED)


@cache
def zones() -> tuple[str, ...]:
    """Give the time zones to choose from: that of the world, then those named for a place."""
    from zoneinfo import available_timezones  # noqa: PLC0415 - the start does without

    return ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone))


def day_field(context: Context) -> "QDateEdit":
    """Make a field for a day, written as days are in the window's language, with a calendar to choose it from."""
    from PySide6.QtWidgets import QDateEdit  # noqa: PLC0415 - the start does without

    made = QDateEdit()
    made.setCalendarPopup(True)

    def say(form: str) -> None:
        made.setLocale(QLocale())
        made.setDisplayFormat(form)

    context.speech.bind(say, "app.day_field")
    return made


def tabbed(context: Context, key: str) -> QTabWidget:
    """Make tabs without a line above them; `key` names, to a screen reader, what they are parts of."""
    made = QTabWidget(documentMode=True)
    made.tabBar().setDrawBase(False)
    for named in (made, made.tabBar()):
        context.speech.bind(named.setAccessibleName, key)
    # Qt names its arrows once, in the language of that moment.
    arrows = {end: made.tabBar().findChild(QToolButton, f"Scroll{end}Button") for end in ("Left", "Right")}

    def name_arrows() -> None:
        for end, arrow in arrows.items():
            if arrow is not None:
                arrow.setAccessibleName(QCoreApplication.translate("QTabBar", f"Scroll {end}"))

    context.speech.switched.connect(name_arrows)
    return made


def told_label(text_format: Qt.TextFormat = Qt.TextFormat.RichText) -> QLabel:
    """Make a label for a longer story, to be selected and copied from."""
    made = QLabel(wordWrap=True, textFormat=text_format)
    made.setProperty("told", True)
    made.setIndent(0)  # else the frame that shows the keyboard sets the text off from what stands above it
    made.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made


def in_scroll(inside: QWidget) -> QScrollArea:
    """Put a widget where it can be scrolled: what the keyboard goes to inside comes into view, and it is no stop."""
    scroll = QScrollArea(widgetResizable=True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidget(inside)
    return scroll


def listed(title: str, entries: Sequence[str]) -> str:
    """Give a heading and its points as rich text; nothing where there are none."""
    if not entries:
        return ""
    from html import escape  # noqa: PLC0415 - the start does without

    return f"<p style='margin-bottom:2px'><b>{escape(title)}</b></p>" + "".join(
        f"<p style='margin:2px 0 2px 12px'>•&nbsp; {entry}</p>" for entry in entries
    )


class Card(QFrame):
    """A raised sheet with a layout of its own."""

    def __init__(self, parent: QWidget | None = None, margin: int = 16, spacing: int = 8) -> None:
        """Make an empty card."""
        super().__init__(parent)
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(spacing)


class Empty(QWidget):
    """What a place shows before there is anything in it: a picture, what is missing, and the way on."""

    def __init__(self, context: Context, icon: str, key: str, *buttons: QPushButton) -> None:
        """Say `<key>.title` and `<key>.text` over the buttons."""
        super().__init__()
        picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        context.appearance.bind_picture(picture.setPixmap, icon, 56)
        self.title = title = heading(context, f"{key}.title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text = text = caption(context, f"{key}.text")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setFixedWidth(520)
        # Between stretches: a label that is aligned by the layout itself is not asked how high its wrapped text is.
        told = QHBoxLayout()
        told.addStretch(1)
        told.addWidget(text)
        told.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addStretch(1)
        for entry in buttons:
            row.addWidget(entry)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(2)
        layout.addWidget(picture)
        layout.addWidget(title)
        layout.addLayout(told)
        layout.addSpacing(8)
        layout.addLayout(row)
        layout.addStretch(3)

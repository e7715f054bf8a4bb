"""Start: a new audit, one that exists, a recent one, or the sample."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtGui import QResizeEvent
from PySide6.QtGui import QShortcut
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QListWidget
from PySide6.QtWidgets import QListWidgetItem
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.problems import AuditorError
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import heading
from auditor.gui.pieces.controls import in_scroll
from auditor.gui.pieces.message_bar import MessageBar
from auditor.paths import free_audit_file
from auditor.paths import user_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.gui.forms.account_form import AccountForm
    from auditor.verbs.glimpse import Glimpse

# Narrower than this there is no room for both the ways to begin and the recent audits.
_BOTH = 840
# At 125 % two lines are some pixels higher than they say.
_ROOM_BELOW = 10
_RECENT_HEIGHT = 380
_WAYS = ("new", "open", "sample")


class StartView(QWidget):
    """The first place. `open_wanted` and `files_wanted` ask the window for its file dialogs."""

    open_wanted = Signal()
    files_wanted = Signal()

    def __init__(self, context: Context) -> None:
        """Build the welcome."""
        super().__init__()
        self._context = context
        self.bar = MessageBar(context)
        self.ways: dict[str, QPushButton] = {}
        self.recent = QListWidget()
        self.recent.itemClicked.connect(self._open_recent)
        # A double click would also activate: by keyboard the list is opened with Enter alone.
        enter = QShortcut(QKeySequence(Qt.Key.Key_Return), self.recent)
        enter.setContext(Qt.ShortcutContext.WidgetShortcut)
        enter.activated.connect(lambda: self._open_recent(self.recent.currentItem()))
        context.speech.bind(self.recent.setAccessibleName, "start.recent")
        self._locked = Path()
        self.passphrase = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.passphrase.setAcceptDrops(False)  # as `refuse_drops` has it
        self.unlock = self._unlock_strip()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._welcome())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.bar)
        layout.addWidget(self.unlock)
        layout.addWidget(self._stack, 1)
        context.workspace.changed.connect(self.unlock.hide)
        self.show_welcome()

    @cached_property
    def form(self) -> "AccountForm":
        """The facts of a new audit; its lists of zones and currencies take as long to fill as all the rest here."""
        from auditor.gui.forms.account_form import AccountForm  # noqa: PLC0415 - the start does without

        form = AccountForm(self._context)
        form.submitted.connect(self._create)
        form.dismissed.connect(self.show_welcome)
        form.files_wanted.connect(self.files_wanted)
        self._stack.addWidget(form)
        return form

    def show_form(self) -> None:
        """Ask the facts of a new audit."""
        self._stack.setCurrentWidget(self.form)
        self.form.entity.setFocus()

    def fill_from(self, files: "Sequence[Path]") -> None:
        """Fill the form in from what files say, and say so, once they were looked into."""

        def look() -> "Glimpse":
            from auditor.verbs.glimpse import glimpse  # noqa: PLC0415 - loads the engine

            return glimpse(files)

        def looked(found: "Glimpse") -> None:
            if self._stack.currentWidget() is self.form and self.form.fill_from(found):
                # To what no file says, or to what is left to do.
                (self.form.submit if self.form.entity.text() else self.form.entity).setFocus()
                self.bar.tell(self._filled(found))

        self._context.workspace.compute(look, looked)

    def _filled(self, found: "Glimpse") -> str:
        """Say that the form is filled in, and what is left to say of names that an invoice has for accounts."""
        say = self._context.speech.text
        asked = [say("message.audit_names", names=", ".join(found.loose))] if found.loose else []
        told = "message.audit_whole_from_files" if found.entity else "message.audit_from_files"
        return " ".join([say(told), *asked])

    def show_welcome(self) -> None:
        """Show the ways to begin, with the recent audits as they now are."""
        self._fill_recent()
        self._stack.setCurrentIndex(0)
        self.ways["new"].setFocus()

    def ask_passphrase(self, path: Path) -> None:
        """Ask for the passphrase of a locked copy."""
        self._locked = path
        self.show_welcome()
        self.passphrase.clear()
        self.unlock.setVisible(True)
        self.passphrase.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the keyboard on the first way to begin; recent audits have what room the style gives by now."""
        super().showEvent(event)
        self._fit_recent()
        if self._stack.currentIndex() == 0:
            self.ways["new"].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the ways to begin, where the help takes most of it: recent audits are in the menu, too."""
        super().resizeEvent(event)
        self._card.setVisible(self.width() >= _BOTH)

    def _unlock(self) -> None:
        if self.passphrase.text():
            self._context.workspace.open_locked(
                self._locked, free_audit_file(self._locked.stem), self.passphrase.text()
            )
            self.passphrase.clear()

    def tell_error(self, error: Exception) -> None:
        """Say why it failed: beside the form's fields if they are shown."""
        if self._stack.currentIndex() and isinstance(error, AuditorError):
            self.form.refuse(error)
        else:
            self.bar.tell_error(error)

    def open_sample(self) -> None:
        """Open the sample audit, fresh, in the language of the window: its workbook is written in that, too."""
        self._context.workspace.open_sample(user_data() / "sample", self._context.speech.language.code)

    def _create(self, name: str, text: str) -> None:
        self._context.workspace.create(free_audit_file(name), text)

    def _unlock_strip(self) -> QWidget:
        """Make the line that asks for a passphrase, hidden until a locked copy is met."""
        strip = QWidget()
        row = QHBoxLayout(strip)
        row.setContentsMargins(48, 6, 48, 0)
        row.setSpacing(8)
        go = button(self._context, "start.unlock", "lock", primary=True)
        self._context.speech.bind(self.passphrase.setPlaceholderText, "start.passphrase")
        self._context.speech.bind(self.passphrase.setAccessibleName, "start.passphrase")
        row.addWidget(self.passphrase, 1)
        row.addWidget(go)
        go.clicked.connect(self._unlock)
        self.passphrase.returnPressed.connect(self._unlock)
        strip.hide()
        return strip

    def _welcome(self) -> QWidget:
        page = QWidget()
        self._card = self._recent_card()
        sides = QHBoxLayout()
        sides.setSpacing(32)
        sides.addStretch(1)
        sides.addLayout(self._ways_column(), 6)
        sides.addWidget(self._card, 5, Qt.AlignmentFlag.AlignTop)
        sides.addStretch(1)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(48, 12, 48, 12)
        layout.addStretch(1)
        layout.addLayout(sides)
        layout.addStretch(2)
        return in_scroll(page)  # texts that had no room would be cut: on a screen of 1920 x 1080 at 200 %, say

    def _ways_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(10)
        title = QLabel(wordWrap=True)
        title.setProperty("role", "title")
        self._context.speech.bind(title.setText, "start.title")
        column.addWidget(title)
        column.addWidget(caption(self._context, "start.text"))
        column.addSpacing(10)
        answers = {"new": self.show_form, "open": self.open_wanted.emit, "sample": self.open_sample}
        for way in _WAYS:
            column.addWidget(self._way(way))
            self.ways[way].clicked.connect(answers[way])
        column.addStretch(1)
        return column

    def _way(self, way: str) -> QWidget:
        card = Card(margin=14)
        row = QHBoxLayout()
        row.setSpacing(14)
        sign = QLabel()
        self._context.appearance.bind_picture(sign.setPixmap, way, 30)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        title = QLabel()
        title.setProperty("role", "strong")
        self._context.speech.bind(title.setText, f"start.{way}.title")
        texts.addWidget(title)
        texts.addWidget(caption(self._context, f"start.{way}.text"))
        self.ways[way] = button(self._context, f"start.{way}.button", primary=way == "new")
        self.ways[way].setMinimumWidth(130)
        row.addWidget(sign)
        row.addLayout(texts, 1)
        row.addWidget(self.ways[way])
        card.body.addLayout(row)
        return card

    def _recent_card(self) -> Card:
        card = Card()
        card.setMinimumWidth(320)
        self._none = caption(self._context, "start.no_recent")
        card.body.addWidget(heading(self._context, "start.recent"))
        card.body.addWidget(self._none)
        card.body.addWidget(self.recent)
        self.recent.setIconSize(QSize(20, 20))
        self.recent.setFrameShape(QListWidget.Shape.NoFrame)
        # A long path is cut in its middle, and whole in the tip.
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        return card

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in self._context.preferences.recent:
            item = QListWidgetItem(self._context.appearance.icon("file", "accent"), f"{path.stem}\n{path.parent}")
            item.setData(Qt.ItemDataRole.UserRole, str(path))
            item.setToolTip(str(path))
            self.recent.addItem(item)
        some = bool(self.recent.count())
        self._none.setVisible(not some)
        self.recent.setVisible(some)
        self._fit_recent()

    def _fit_recent(self) -> None:
        """Make the list as high as what it holds, up to what fits beside the ways to begin: the rest is scrolled."""
        heights = [self.recent.sizeHintForRow(row) for row in range(self.recent.count())]
        self.recent.setFixedHeight(min(sum(heights) + _ROOM_BELOW, _RECENT_HEIGHT))

    def _open_recent(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        self._context.workspace.open(Path(str(item.data(Qt.ItemDataRole.UserRole))))

"""Sign-off: what is still open, who stands behind the audit and what changed since, the lock, and the exports."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.message_bar import MessageBar
from auditor.gui.pieces import Card
from auditor.gui.pieces import Empty
from auditor.gui.pieces import button
from auditor.gui.pieces import caption
from auditor.gui.pieces import heading
from auditor.gui.pieces import help_button
from auditor.gui.pieces import in_scroll
from auditor.gui.pieces import told_label
from auditor.gui.words import Words
from auditor.gui.workspace import Opened

if TYPE_CHECKING:
    from auditor.verbs.open_points import OpenPoint
    from auditor.verbs.signoff import Change
    from auditor.verbs.signoff import SignOff

ROLES = ("preparer", "reviewer")
# Where a point of the checklist is worked on.
_LEADS_TO = {
    "log": "sources",
    "invoice": "sources",
    "refused_rows": "sources",
    "log_health": "health",
    "undecided": "undecided",
    "unexplained": "unexplained",
    "bare_disputes": "disputed",
}
EXPORTS = ("workbook", "charts")
_MOST_CHANGES = 12


class Signature(Card):
    """One signature: the name and the note to sign with, or who signed, whether it stands, and what changed."""

    def __init__(self, context: Context, role: str) -> None:
        """Begin unsigned."""
        super().__init__(margin=14, spacing=6)
        self._context, self.role = context, role
        self.who, self.note = QLineEdit(), QLineEdit()
        self.sign = button(context, f"sign.{role}_sign", "sign_off", primary=True)
        self.withdraw = button(context, "sign.withdraw", "undo")
        self.state = told_label()
        for field, key in ((self.who, f"sign.{role}_name"), (self.note, "sign.note")):
            context.speech.bind(field.setPlaceholderText, key)
            context.speech.bind(field.setAccessibleName, key)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.who, 2)
        row.addWidget(self.note, 3)
        row.addWidget(self.sign)
        row.addWidget(self.withdraw)
        title = QLabel()
        title.setProperty("role", "strong")
        context.speech.bind(title.setText, f"sign.{role}")
        self.body.addWidget(title)
        self.body.addWidget(self.state)
        self.body.addLayout(row)
        self.sign.clicked.connect(lambda: context.workspace.sign(role, self.who.text(), self.note.text()))
        self.withdraw.clicked.connect(lambda: context.workspace.withdraw(role, self.who.text(), self.note.text()))
        self.who.returnPressed.connect(self.sign.click)

    def show_state(self, signed: "SignOff | None", name: str, words: Words, *, locked: bool) -> None:
        """Show a signature, or the fields to give one; `name` is proposed for it."""
        if not self.who.text():
            self.who.setText(name)
        stands = signed is not None and signed.stands
        for widget in (self.who, self.note, self.sign):
            widget.setVisible(not stands and not locked)
        self.withdraw.setVisible(signed is not None and not locked)
        self.state.setText(self._told(signed, words))

    def _told(self, signed: "SignOff | None", words: Words) -> str:
        speech, theme = self._context.speech, self._context.appearance.theme
        if signed is None:
            return f"<span style='color:{theme.muted}'>{escape(speech.text('sign.unsigned'))}</span>"
        at = words.moment(signed.at)
        if signed.stands:
            said = speech.text("sign.stands", who=signed.who, at=at)
            note = f"<br>{escape(signed.note)}" if signed.note else ""
            return f"<span style='color:{theme.good}'><b>{escape(said)}</b></span>{note}"
        said = speech.text("sign.fallen", who=signed.who, at=at)
        changes = [self._change(change, words) for change in signed.changes[:_MOST_CHANGES]]
        if len(signed.changes) > _MOST_CHANGES:
            changes.append(speech.text("message.more", count=len(signed.changes) - _MOST_CHANGES))
        points = "".join(f"<br>•&nbsp; {escape(change)}" for change in changes)
        return f"<span style='color:{theme.over}'><b>{escape(said)}</b></span>{points}"

    def _change(self, change: "Change", words: Words) -> str:
        """Say a change: what kind of thing, which, and how."""
        speech = self._context.speech
        kind, how = speech.text(f"sign.kind.{change.kind}"), speech.text(f"sign.how.{change.how}")
        name = change.name
        if change.kind in {"decision", "attachment"}:
            name = words.line(name)
        elif change.kind == "file":
            name = name.partition(" ")[2]
        elif change.kind in {"rate", "match"}:
            name = ""
        return f"{kind}{f' ({name})' if name else ''}: {how}"


class SignOffView(QWidget):
    """The last place. `led` asks the window to go where an open point is worked on, `export_wanted` for a file."""

    led = Signal(str)
    export_wanted = Signal(str)

    def __init__(self, context: Context) -> None:
        """Build the place, empty."""
        super().__init__()
        self._context = context
        self.bar = MessageBar(context)
        self.points = QGridLayout()
        self.leads: dict[str, QPushButton] = {}
        self.signatures = {role: Signature(context, role) for role in ROLES}
        self.lock = button(context, "sign.lock", "lock")
        self.unlock = button(context, "sign.unlock", "lock")
        self.reason = QLineEdit()
        self.lock_text = told_label()
        self.exports = {
            name: button(context, f"sign.export.{name}", "export", primary=name == "workbook") for name in EXPORTS
        }
        self._build()
        context.workspace.changed.connect(self.refresh)
        context.speech.switched.connect(self.refresh)
        context.appearance.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how things stand."""
        opened, words = self._context.workspace.opened, self._context.words()
        self._stack.setCurrentIndex(1 if opened else 0)
        if opened is None or words is None:
            return
        self._show_points(opened, words)
        names = {"preparer": opened.account.preparer, "reviewer": opened.account.reviewer}
        for role, card in self.signatures.items():
            signed = next((one for one in opened.sign_offs if one.role == role), None)
            card.show_state(signed, names[role], words, locked=opened.lock is not None)
        self._show_lock(opened, words)
        for name in EXPORTS:
            self.exports[name].setEnabled(opened.result is not None)

    def _show_points(self, opened: Opened, words: Words) -> None:
        while (item := self.points.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.leads.clear()
        for row, point in enumerate(opened.points):
            self._show_point(row, point, words)

    def _show_point(self, row: int, point: "OpenPoint", words: Words) -> None:
        speech, appearance = self._context.speech, self._context.appearance
        sign = QLabel()
        sign.setPixmap(
            appearance.icon("matched" if point.met else "warning", "good" if point.met else "over").pixmap(20, 20)
        )
        sign.setAccessibleName(speech.text("sign.met" if point.met else "sign.open"))
        amount = words.money(point.amount) if point.amount is not None else ""
        key = f"sign.point.{point.code}_{'met' if point.met else 'open'}"
        text = QLabel(speech.text(key, count=words.count(point.count), amount=amount), wordWrap=True)
        self.points.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
        self.points.addWidget(text, row, 1)
        if not point.met:
            lead = QPushButton(speech.text("sign.go"))
            lead.setAccessibleName(f"{speech.text('sign.go')}: {text.text()}")
            lead.clicked.connect(lambda _=False, code=point.code: self.led.emit(_LEADS_TO[code]))
            self.leads[point.code] = lead
            self.points.addWidget(lead, row, 2, Qt.AlignmentFlag.AlignTop)

    def _show_lock(self, opened: Opened, words: Words) -> None:
        speech, lock = self._context.speech, opened.lock
        both = {one.role for one in opened.sign_offs if one.stands} == set(ROLES)
        self.lock.setVisible(lock is None)
        self.lock.setEnabled(both)
        self.unlock.setVisible(lock is not None)
        self.reason.setVisible(lock is not None)
        if lock is not None:
            text = speech.text("sign.locked", who=lock.who, at=words.moment(lock.at))
        else:
            text = speech.text("sign.may_lock" if both else "sign.lock_later")
        self.lock_text.setText(escape(text))

    def _signer(self) -> str:
        fields = [self.signatures[role].who.text() for role in reversed(ROLES)]
        return next((name for name in fields if name), "")

    # -- building

    def _build(self) -> None:
        self.lock.clicked.connect(lambda: self._context.workspace.lock(self._signer()))
        self.unlock.clicked.connect(self._unlock)
        self.reason.returnPressed.connect(self._unlock)
        for name, export in self.exports.items():
            export.clicked.connect(lambda _=False, name=name: self.export_wanted.emit(name))
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(self._left(), 1)
        columns.addLayout(self._right(), 1)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.addLayout(columns)
        layout.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(Empty(self._context, "sign_off", "sign.empty"))
        self._stack.addWidget(in_scroll(page))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.bar)
        whole.addWidget(self._stack, 1)

    def _unlock(self) -> None:
        self._context.workspace.unlock(self._signer(), self.reason.text())
        self.reason.clear()

    def _left(self) -> QVBoxLayout:
        card = self._card("sign.points", "sign.points_text")
        self.points.setHorizontalSpacing(10)
        self.points.setVerticalSpacing(9)
        self.points.setColumnStretch(1, 1)
        card.body.addLayout(self.points)
        export = self._card("sign.exports", "sign.exports_text")
        row = QHBoxLayout()
        row.setSpacing(8)
        for one in self.exports.values():
            row.addWidget(one)
        row.addStretch(1)
        export.body.addLayout(row)
        return _column(card, export)

    def _right(self) -> QVBoxLayout:
        signing = self._card("sign.signatures", "sign.signatures_text", help_page="sign-off")
        for card in self.signatures.values():
            signing.body.addWidget(card)
        lock = self._card("sign.lock_title", "")
        lock.body.addWidget(self.lock_text)
        row = QHBoxLayout()
        for widget in (self.reason, self.lock, self.unlock):
            row.addWidget(widget)
        row.addStretch(1)
        self._context.speech.bind(self.reason.setPlaceholderText, "sign.unlock_reason")
        self._context.speech.bind(self.reason.setAccessibleName, "sign.unlock_reason")
        lock.body.addLayout(row)
        return _column(signing, lock)

    def _card(self, title: str, text: str, help_page: str = "") -> Card:
        card = Card()
        head = QHBoxLayout()
        head.addWidget(heading(self._context, title))
        head.addStretch(1)
        if help_page:
            head.addWidget(help_button(self._context, help_page))
        card.body.addLayout(head)
        if text:
            card.body.addWidget(caption(self._context, text))
        return card


def _column(*cards: Card) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(12)
    for card in cards:
        column.addWidget(card)
    column.addStretch(1)
    return column

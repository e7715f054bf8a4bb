"""One signature of the sign-off: given, standing, or fallen with what changed beneath it."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QSizePolicy

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import fill_in
from auditor.gui.pieces.controls import told_label
from auditor.gui.theme import widened
from auditor.gui.words import Words

if TYPE_CHECKING:
    from auditor.verbs.signoff import Change
    from auditor.verbs.signoff import SignOff

_MOST_CHANGES = 12
# In less width a name and a note have no room beside the button.
_BESIDE = 460


class Signature(Card):
    """One signature: the name and the note to sign with, or who signed, whether it stands, and what changed.

    Beside one that stands there is a field for the reason that it is withdrawn for.
    """

    def __init__(self, context: Context, role: str) -> None:
        """Begin unsigned."""
        super().__init__(margin=14, spacing=6)
        self._context, self.role = context, role
        self._signed: SignOff | None = None
        self.who, self.note, self.reason = QLineEdit(), QLineEdit(), QLineEdit()
        self.sign = button(context, f"sign.{role}_sign", "sign_off", primary=True)
        self.withdraw = button(context, "sign.withdraw", "undo")
        self.state = told_label()
        named = {self.who: f"sign.{role}_name", self.note: "sign.note", self.reason: "sign.withdraw_reason"}
        for field, key in named.items():
            context.speech.bind(field.setPlaceholderText, key)
            context.speech.bind(field.setAccessibleName, key)
        fields, keys = QHBoxLayout(), QHBoxLayout()
        for field in named:
            field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            fields.addWidget(field, 1)
        keys.addStretch(1)
        keys.addWidget(self.sign)
        keys.addWidget(self.withdraw)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for layout, stretch in ((fields, 1), (keys, 0)):
            layout.setSpacing(8)
            self._row.addLayout(layout, stretch)
        self._row.setSpacing(8)
        title = QLabel()
        title.setProperty("role", "strong")
        context.speech.bind(title.setText, f"sign.{role}")
        self.body.addWidget(title)
        self.body.addWidget(self.state)
        self.body.addLayout(self._row)
        self.sign.clicked.connect(lambda: context.workspace.sign(role, self.who.text(), self.note.text()))
        self.withdraw.clicked.connect(self._withdraw)
        for field in (self.who, self.note):
            field.returnPressed.connect(self.sign.click)
        self.reason.returnPressed.connect(self.withdraw.click)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the fields where a name would be cut beside them."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.TopToBottom if self.width() < widened(_BESIDE) else ways.LeftToRight)

    def show_state(self, signed: "SignOff | None", name: str, words: Words, *, locked: bool) -> None:
        """Show a signature, or the fields to give one; `name` is proposed for it."""
        if not self.who.text():
            fill_in(self.who, name)
        if signed != self._signed:  # what was typed was about the one before
            self.note.clear()
            self.reason.clear()
        self._signed = signed
        stands = signed is not None and signed.stands
        for widget in (self.who, self.note, self.sign):
            widget.setVisible(not stands and not locked)
        self.reason.setVisible(stands and not locked)
        self.withdraw.setVisible(signed is not None and not locked)
        self.state.setText(self._told(signed, words))

    def _withdraw(self) -> None:
        if self._signed is not None:
            self._context.workspace.withdraw(self.role, self._signed.who, self.reason.text())

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
        if "|" in name and (change.kind == "condition" or name.startswith("condition|")):
            number, check = name.split("|")[-2:]
            name = f"{words.phone(number)}: {words.language.text(f'workbook.condition.{check}')}"
        elif change.kind == "lead_note":
            from auditor.verbs.decision import lead_as_line  # noqa: PLC0415 - loads the engine

            name = words.line(lead_as_line(name))
        elif change.kind in {"decision", "attachment"}:
            name = words.line(name)
        elif change.kind == "file":
            name = name.partition(" ")[2]
        elif change.kind in {"rate", "match"}:
            name = ""
        return f"{kind}{f' ({name})' if name else ''}: {how}"

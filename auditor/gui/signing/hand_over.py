"""What leaves the audit and what follows on it: the next period, a copy to be sent, and the proof that it holds."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox
from PySide6.QtWidgets import QGridLayout
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import day_field
from auditor.gui.pieces.controls import fill_in
from auditor.gui.pieces.controls import heading
from auditor.gui.pieces.controls import told_label
from auditor.gui.words import Words
from auditor.paths import free_audit_file

if TYPE_CHECKING:
    from auditor.verbs.proof import Verification


class NextPeriod(Card):
    """Begins the audit of the next period: accounts, contract, rates and open claims go along."""

    def __init__(self, context: Context) -> None:
        """Build the form; the dates follow the open audit."""
        super().__init__()
        self._context = context
        self._about: Path | None = None
        self.name = QLineEdit()
        self.first, self.last = day_field(context), day_field(context)
        self.begin = button(context, "next.begin", "new", primary=True)
        self.body.addWidget(heading(context, "next.title"))
        self.body.addWidget(caption(context, "next.text"))
        self.body.addLayout(_grid(context, {"next.first": self.first, "next.last": self.last, "next.name": self.name}))
        self.body.addLayout(_left(self.begin))
        self.begin.clicked.connect(self._begin)
        self.first.dateChanged.connect(self._rename)
        context.speech.switched.connect(self._say_again)

    def show_audit(self, words: Words | None) -> None:
        """Propose the period after the open audit's, once per audit: what was typed stays."""
        opened = self._context.workspace.opened
        self.begin.setEnabled(opened is not None and opened.result is not None)
        if opened is None or words is None or opened.path == self._about:
            return
        self._about = opened.path
        first, last = following(opened.account.first, opened.account.last)
        self.first.setDate(QDate(first.year, first.month, first.day))
        self.last.setDate(QDate(last.year, last.month, last.day))
        self._rename()

    def _rename(self) -> None:
        opened, words = self._context.workspace.opened, self._context.words()
        if opened is None or words is None:
            return
        day = self.first.date()
        whose = opened.account.entity or opened.account.name
        fill_in(self.name, f"{whose}, {words.period(f'{day.year()}-{day.month():02}')}")

    def _say_again(self) -> None:
        """Propose the name in the language that is spoken now, where nobody has typed another."""
        if not self.name.isModified():
            self._rename()

    def _begin(self) -> None:
        name = self.name.text().strip()
        first, last = (field.date().toPython() for field in (self.first, self.last))
        assert isinstance(first, date)
        assert isinstance(last, date)
        self._context.workspace.carry_forward(free_audit_file(name), name, first, last)


class SendCopy(Card):
    """Saves a copy to be sent: without the customers, locked with a passphrase, or both. `wanted` asks where to."""

    wanted = Signal()
    refused = Signal(str)

    def __init__(self, context: Context) -> None:
        """Propose a copy without the customers."""
        super().__init__()
        self._context = context
        self.without_people = QCheckBox()
        self.without_people.setChecked(True)
        self.passphrase = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.shown = QCheckBox()
        self.save = button(context, "send.save", "export", primary=True)
        for box, key in ((self.without_people, "send.without_people"), (self.shown, "send.shown")):
            context.speech.bind(box.setText, key)
        context.speech.bind(self.passphrase.setPlaceholderText, "send.passphrase_hint")
        self.body.addWidget(heading(context, "send.title"))
        self.body.addWidget(caption(context, "send.text"))
        self.body.addWidget(self.without_people)
        self.body.addLayout(_grid(context, {"send.passphrase": self.passphrase}))
        self.body.addWidget(self.shown)
        self.body.addLayout(_left(self.save))
        self.shown.toggled.connect(self._show_passphrase)
        self.save.clicked.connect(self._ask)

    def save_to(self, path: Path) -> None:
        """Save the copy as it was asked for."""
        self._context.workspace.save_copy(path, self.passphrase.text(), without_people=self.without_people.isChecked())
        self.passphrase.clear()

    def _ask(self) -> None:
        if self.passphrase.text() or self.without_people.isChecked():
            self.wanted.emit()
        else:
            self.refused.emit(self._context.speech.text("send.choose"))

    def _show_passphrase(self, shown: bool) -> None:
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)


class Proof(Card):
    """Performs the audit again from its inputs and says whether it holds."""

    def __init__(self, context: Context) -> None:
        """Begin unverified."""
        super().__init__()
        self._context = context
        self._about: Path | None = None
        self._shown: Verification | None = None
        self.verify = button(context, "proof.verify", "accept")
        self.said = told_label()
        self.said.hide()
        self.body.addWidget(heading(context, "proof.title"))
        self.body.addWidget(caption(context, "proof.text"))
        self.body.addLayout(_left(self.verify))
        self.body.addWidget(self.said)
        self.verify.clicked.connect(self.perform)
        context.appearance.changed.connect(self._say)
        context.speech.switched.connect(self._say)

    def perform(self) -> None:
        """Verify the open audit."""
        self._context.workspace.verify(self._tell)

    def show_audit(self) -> None:
        """Forget what was said of another audit."""
        opened = self._context.workspace.opened
        path = opened.path if opened else None
        if path != self._about:
            self._about, self._shown = path, None
            self._say()

    def _tell(self, shown: "Verification") -> None:
        self._shown = shown
        self._say()

    def _say(self) -> None:
        """Say what came of it, in the language and colours of now."""
        self.said.setVisible(self._shown is not None)
        if self._shown is None:
            return
        shown, language, theme = self._shown, self._context.speech.language, self._context.appearance.theme
        key, tone = ("differs", theme.over) if shown.problems else ("holds", theme.good)
        verdict = language.text(f"cli.verify.{key}", count=len(shown.problems))
        counts = language.text("cli.verify.counts", entries=shown.entries, files=shown.files, digest=shown.digest)
        findings = "".join(f"<br>•&nbsp; {escape(language.problem(one))}" for one in shown.problems)
        self.said.setText(
            f"<p style='color:{tone}'><b>{escape(verdict)}</b>{findings}</p>"
            f"<p style='color:{theme.muted}'>{escape(counts)}</p>"
        )


class HandOver(QWidget):
    """The three cards side by side; `refused` says what is wrong with what was typed."""

    def __init__(self, context: Context) -> None:
        """Build them."""
        super().__init__()
        self._context = context
        self.next, self.send, self.proof = NextPeriod(context), SendCopy(context), Proof(context)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, cards in ((left, (self.next, self.proof)), (right, (self.send,))):
            column.setSpacing(12)
            for card in cards:
                column.addWidget(card)
            column.addStretch(1)
            columns.addLayout(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.addLayout(columns)

    def show_audit(self, words: Words | None) -> None:
        """Bring the cards in line with the open audit."""
        self.next.show_audit(words)
        self.proof.show_audit()
        computed = words is not None and self._context.workspace.opened is not None
        for control in (self.send.save, self.proof.verify):
            control.setEnabled(computed)


def following(first: date, last: date) -> tuple[date, date]:
    """Give the period after one: the next month after a whole month, else as many days."""
    begin = last + timedelta(days=1)
    if (
        first.day == 1
        and last.day == monthrange(last.year, last.month)[1]
        and (first.year, first.month)
        == (
            last.year,
            last.month,
        )
    ):
        return begin, begin.replace(day=monthrange(begin.year, begin.month)[1])
    return begin, begin + (last - first)


def _grid(context: Context, fields: Mapping[str, QWidget]) -> QGridLayout:
    """Set fields side by side under their names; the last one takes the room that is left."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(3)
    for column, (key, field) in enumerate(fields.items()):
        label = QLabel()
        label.setBuddy(field)
        context.speech.bind(label.setText, key)
        context.speech.bind(field.setAccessibleName, key)
        grid.addWidget(label, 0, column)
        grid.addWidget(field, 1, column)
    grid.setColumnStretch(len(fields) - 1, 1)
    return grid


def _left(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(widget)
    row.addStretch(1)
    return row

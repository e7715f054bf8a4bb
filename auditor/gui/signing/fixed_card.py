"""What is fixed before the invoice is compared: the thresholds with their time, and the expectation that was sealed."""

from datetime import UTC
from datetime import datetime
from decimal import Decimal
from decimal import InvalidOperation
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QSizePolicy
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import heading
from auditor.gui.pieces.controls import told_label

if TYPE_CHECKING:
    from auditor.core.results import Sealed
    from auditor.gui.opened import Opened
    from auditor.gui.words import Words

FIELDS = ("materiality_amount", "materiality_percent", "tolerance_amount", "tolerance_percent")


class FixedCard(Card):
    """Sets materiality and tolerance, and seals what is expected. `refused` says what is wrong with what was typed."""

    refused = Signal(str)

    def __init__(self, context: Context) -> None:
        """Begin without an audit."""
        super().__init__()
        self._context = context
        self.fields = {name: QLineEdit() for name in FIELDS}
        self.set = button(context, "fixed.set", "accept")
        self.seal = button(context, "fixed.seal", "lock", primary=True)
        self.thresholds, self.sealed = told_label(), told_label()
        self._build()
        self.set.clicked.connect(self._set)
        self.seal.clicked.connect(context.workspace.seal)
        for field in self.fields.values():
            field.returnPressed.connect(self._set)

    def show_audit(self, opened: "Opened", words: "Words") -> None:
        """Show what is fixed in the open audit, and offer what can still be fixed."""
        account = opened.account
        stated = (account.materiality, account.tolerance)
        figures = [format(part, "f") for one in stated for part in (one.amount, one.percent)]
        for field, text in zip(self.fields.values(), figures, strict=True):
            field.setText(text)
        controls: tuple[QWidget, ...] = (*self.fields.values(), self.set)
        for control in controls:
            control.setEnabled(opened.lock is None)
        self.thresholds.setText(self._thresholds(opened, words))
        self.sealed.setText(self._seal(opened, words))
        may = self._may_seal(opened)
        if self.seal.hasFocus() and not may:
            self.set.setFocus()  # from a button that goes dead the keyboard would leap to the window's head
        self.seal.setEnabled(may)

    def _may_seal(self, opened: "Opened") -> bool:
        sealed = opened.fixed.sealed
        stands = sealed is not None and sealed.holds
        return not (opened.lock or opened.fixed.invoice_at or opened.result is None or stands)

    def _thresholds(self, opened: "Opened", words: "Words") -> str:
        """Say since when the thresholds are what they are, and whether that was in time."""
        fixed, speech = opened.fixed, self._context.speech
        key = "no_invoice" if fixed.invoice_at is None else "in_time" if fixed.in_time else "too_late"
        at = words.moment(_text(fixed.thresholds_at)) if fixed.thresholds_at else ""
        said = speech.text(f"fixed.{key}", at=at)
        narrower = len(opened.account.tolerances)
        more = f" {speech.text('fixed.narrower', count=words.count(narrower))}" if narrower else ""
        return self._said(said + more, good=fixed.in_time)

    def _seal(self, opened: "Opened", words: "Words") -> str:
        """Say what is sealed and whether it holds, or why nothing can be sealed now."""
        fixed, speech = opened.fixed, self._context.speech
        if fixed.sealed is not None:
            key = "holds" if fixed.sealed.holds else "broken" if fixed.invoice_at else "seal_again"
            return self._said(speech.text(f"fixed.{key}", **_facts(fixed.sealed, words)), good=fixed.sealed.holds)
        if fixed.invoice_at is not None:
            return self._said(speech.text("fixed.not_sealed"))
        return self._said(speech.text("fixed.needs_log" if opened.result is None else "fixed.may_seal"))

    def _said(self, text: str, *, good: bool = True) -> str:
        """Give a text, in the colour of a warning where it is none of the good ones."""
        return (
            escape(text) if good else f"<span style='color:{self._context.appearance.theme.over}'>{escape(text)}</span>"
        )

    def _set(self) -> None:
        values: list[Decimal] = []
        for field in self.fields.values():
            value = _number(field.text())
            if value is None:
                self.refused.emit(self._context.speech.text("fixed.unreadable", value=field.text()))
                field.setFocus()
                return
            values.append(value)
        self._context.workspace.set_thresholds((values[0], values[1]), (values[2], values[3]))

    def _build(self) -> None:
        speech, grid = self._context.speech, QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for column, (name, field) in enumerate(self.fields.items()):
            label = QLabel()
            label.setBuddy(field)
            speech.bind(label.setText, f"fixed.{name}")
            speech.bind(field.setAccessibleName, f"fixed.{name}")
            field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.set, 1, len(FIELDS))
        row = QHBoxLayout()
        row.addWidget(self.seal)
        row.addStretch(1)
        sides = QHBoxLayout()
        sides.setSpacing(32)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addLayout(grid)
        left.addWidget(self.thresholds)
        right.addWidget(self.sealed)
        right.addLayout(row)
        for side in (left, right):
            side.setSpacing(8)
            side.addStretch(1)
            sides.addLayout(side, 1)
        self.body.addWidget(heading(self._context, "fixed.title"))
        self.body.addWidget(caption(self._context, "fixed.text"))
        self.body.addLayout(sides)


def _number(text: str) -> Decimal | None:
    """Read a number, nothing as zero; None for what is none, endless or no figure at all."""
    try:
        value = Decimal(text.strip() or "0")
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _facts(sealed: "Sealed", words: "Words") -> dict[str, str]:
    amount = words.money(sealed.expected, sealed.currency)
    return {"amount": amount, "at": words.moment(_text(sealed.at)), "who": sealed.who}

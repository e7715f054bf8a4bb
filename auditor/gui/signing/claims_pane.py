"""Claims: what was disputed and is not credited yet, how old it is, when due, and the credits that may answer it."""

from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from decimal import InvalidOperation
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.money import ZERO
from auditor.core.records import InvoiceLine
from auditor.gui.context import Context
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import day_field
from auditor.gui.tables.lines import NEEDS_WORK
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.row_heights import RowHeights
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import day_column
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.words import Words

if TYPE_CHECKING:
    from auditor.gui.opened import Opened
    from auditor.verbs.claims import Claim


_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """A claim as the table shows it: the day of looking, and the credit proposed for it."""

    claim: "Claim"
    today: date
    line: InvoiceLine | None
    exact: bool


def _credit(row: OpenClaim, words: Words) -> str:
    if row.line is None:
        return BLANK
    key = "exact" if row.exact else "near"
    place = f"{row.line.source.file}, {words.count(row.line.source.row)}"
    amount = words.signed_money(row.line.amount)
    return words.language.text(f"window.claims.credit_{key}", amount=amount, place=place)


def _due(row: OpenClaim, words: Words) -> str:
    """Give the day on which a claim is due, and how far off it is."""
    left = row.claim.left(row.today)
    if row.claim.due is None or left is None:
        return BLANK
    key, day = "over" if left < 0 else "left", words.language.day(row.claim.due)
    return words.language.text(f"window.claims.due_{key}", day=day, count=words.count(abs(left)))


def _period(row: OpenClaim, words: Words) -> str:
    """Give a claim's month, or its first and last day where it is about another period."""
    first, _, last = row.claim.period.partition("/")
    if not last:
        return words.period(first)
    return " – ".join(words.language.day(date.fromisoformat(day)) for day in (first, last))


COLUMNS: "tuple[Column[OpenClaim], ...]" = (
    Column("period", _period, lambda row: row.claim.period, width=84),
    Column("line", lambda row, words: words.line(row.claim.key), width=220),
    Column(
        "amount",
        lambda row, words: words.figure(row.claim.amount),
        lambda row: row.claim.amount,
        numeric=True,
        width=90,
    ),
    Column(
        "settled",
        lambda row, words: words.figure(row.claim.settled),
        lambda row: row.claim.settled,
        numeric=True,
        width=90,
    ),
    Column("open", lambda row, words: words.figure(row.claim.open), lambda row: row.claim.open, numeric=True, width=90),
    day_column("raised", lambda row: row.claim.raised, 98),
    Column(
        "age",
        lambda row, words: words.count(row.claim.age(row.today)),
        lambda row: row.claim.age(row.today),
        numeric=True,
        width=60,
    ),
    Column("due", _due, lambda row: row.claim.due or date.max, width=150),
    Column("credit", _credit, width=180),
    Column("note", lambda row, _words: row.claim.note or BLANK, width=160),
)


class ClaimsPane(QWidget):
    """The open claims, their days, and the form that settles one. `refused` says what is wrong with what was typed."""

    refused = Signal(str)

    def __init__(self, context: Context) -> None:
        """Begin without claims."""
        super().__init__()
        self._context = context
        self.model: RecordModel[OpenClaim] = RecordModel("claims", COLUMNS, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        RowHeights(self.table, self.model, "line", "due", "credit", "note")
        self.amount, self.reason = QLineEdit(), QLineEdit()
        self.settle = button(context, "claims.settle", "accept", primary=True)
        self.pack = button(context, "sign.export.claim_pack", "export")
        self.day, self.set_due = day_field(context), button(context, "claims.set_due", "accept")
        self.clear_due = button(context, "claims.clear_due", "clear")
        self.hint, self.owed, self.ages = QLabel(wordWrap=True), QLabel(wordWrap=True), QLabel(wordWrap=True)
        self.hint.setProperty("role", "caption")
        context.speech.bind(self.table.setAccessibleName, "claims.name")
        context.speech.bind(self.day.setAccessibleName, "claims.day")
        for field, key in ((self.amount, "claims.amount"), (self.reason, "claims.reason")):
            context.speech.bind(field.setPlaceholderText, key)
            context.speech.bind(field.setAccessibleName, key)
        self.amount.setMaximumWidth(170)
        self._build()
        self.table.selectionModel().currentRowChanged.connect(self._picked)
        self.set_due.clicked.connect(self._set_due)
        self.clear_due.clicked.connect(self._clear_due)
        self.settle.clicked.connect(self._settle)
        self.reason.returnPressed.connect(self._settle)

    def show_claims(self, words: Words | None) -> int:
        """Show the claims that are open now, and give how many there are."""
        opened = self._context.workspace.opened
        if opened is None or words is None:
            self.model.show(())
            return 0
        # In the zone that claims are dated in.
        today = datetime.now(ZoneInfo(opened.account.wabas[0].time_zone)).date()
        rows = [_row(claim, today, opened) for claim in opened.claims]
        self.pack.setEnabled(any(not row.claim.carried for row in rows))
        kept = self.table.current_row()
        self.model.show(prepare(COLUMNS, rows, words), opened.account.currency)
        names = [row.record.claim.name for row in self.model.rows]
        if rows:
            self.table.selectRow(names.index(kept.record.claim.name) if kept and kept.record.claim.name in names else 0)
        self._picked()
        self._show_ages([row.claim for row in rows], today, words)
        self._show_owed(opened, words)
        return len(rows)

    def _show_ages(self, claims: "list[Claim]", today: date, words: Words) -> None:
        """Say how much is overdue, due soon, due later, and without a day."""
        from auditor.verbs.claims import ageing  # noqa: PLC0415 - loads the engine, which a start does without

        parts = [
            self._context.speech.text(
                f"claims.age.{age}",
                amount=words.money(sum((one.open for one in found), ZERO), currency),
                count=words.count(len(found)),
            )
            for (age, currency), found in ageing(claims, today).items()
        ]
        self.ages.setText("  ·  ".join(parts))
        self.ages.setVisible(bool(parts))

    def _show_owed(self, opened: "Opened", words: Words) -> None:
        """Say what was billed too little: it is owed and no claim, and who claims the rest will be asked about it."""
        lines = opened.result.differences if opened.result else ()
        under = [line.difference for line in lines if line.difference < 0 and line.status in NEEDS_WORK]
        amount, count = words.money(-sum(under, ZERO)), words.count(len(under))
        self.owed.setText(self._context.speech.text("claims.owed", amount=amount, count=count))
        self.owed.setVisible(bool(under))

    def _picked(self) -> None:
        """Offer to settle a claim that came along, by the credit that is proposed or by all that is open."""
        row = self.table.current_row()
        claim: OpenClaim | None = row.record if row else None
        may = claim is not None and claim.claim.carried
        for widget in (self.amount, self.reason, self.settle):
            widget.setEnabled(may)
        self.day.setEnabled(claim is not None)
        self.set_due.setEnabled(claim is not None)
        self.clear_due.setEnabled(claim is not None and claim.claim.due is not None)
        self._show_day(claim)
        if claim is None:
            self.hint.setText(self._context.speech.text("claims.none"))
            self.amount.clear()
            return
        self.hint.setText(self._context.speech.text("claims.settle_hint" if may else "claims.own_hint"))
        proposed = min(-claim.line.amount, claim.claim.open) if claim.line else claim.claim.open
        self.amount.setText(format(proposed, "f") if may else "")

    def _show_day(self, claim: OpenClaim | None) -> None:
        """Show the day on which a claim is due, or propose one: a month from now, and none before it was raised."""
        if claim is None:
            return
        raised, due = claim.claim.raised, claim.claim.due or claim.today + _MONTH
        self.day.setMinimumDate(QDate(raised.year, raised.month, raised.day))
        self.day.setDate(QDate(due.year, due.month, due.day))

    def _set_due(self) -> None:
        row, day = self.table.current_row(), self.day.date().toPython()
        if row is not None and isinstance(day, date):
            self._context.workspace.set_due(row.record.claim.name, day)

    def _clear_due(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self._context.workspace.set_due(row.record.claim.name, None)

    def _settle(self) -> None:
        row, text = self.table.current_row(), self.amount.text().strip()
        if row is None or not row.record.claim.carried:
            return
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal(0)
        say = self._context.speech.language.text
        if not amount:
            open_ = format(row.record.claim.open, "f")
            self.refused.emit(say("problems.claim_amount", amount=text or BLANK, open=open_))
            self.amount.setFocus()
        elif not self.reason.text().strip():
            self.refused.emit(say("problems.reason_missing"))
            self.reason.setFocus()
        else:
            self._context.workspace.settle(row.record.claim.name, amount, self.reason.text())
            self.reason.clear()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.day)
        row.addWidget(self.set_due)
        row.addWidget(self.clear_due)
        row.addSpacing(16)
        row.addWidget(self.amount)
        row.addWidget(self.reason, 1)
        row.addWidget(self.settle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(caption(self._context, "claims.text"), 1)
        head.addWidget(self.pack)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.ages)
        layout.addWidget(self.owed)
        layout.addWidget(self.hint)
        layout.addLayout(row)


def _row(claim: "Claim", today: date, opened: "Opened") -> OpenClaim:
    """Join a claim with the first credit proposed for it: those of the exact amount come first."""
    answer = next((credit for credit in opened.credits if credit.claim.name == claim.name), None)
    line = opened.invoice_lines[answer.line] if answer else None
    return OpenClaim(claim, today, line, bool(answer and answer.exact))

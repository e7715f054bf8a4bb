"""A rate set by hand over every card: which, how much, from when, and why; and the way back."""

from datetime import date
from decimal import Decimal
from decimal import InvalidOperation

from PySide6.QtCore import QDate
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox
from PySide6.QtWidgets import QGridLayout
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QWidget

from auditor.core.results import RateUsed
from auditor.gui.context import Context
from auditor.gui.forms.rate_lacking import RateLacking
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import day_field
from auditor.gui.pieces.controls import on_escape
from auditor.gui.words import Words


class RateForm(Card):
    """Asks for the rate that is to hold instead of `used`, while there is one. `refused` says what is wrong.

    `lacking_set` brings one that was lacking, and why it was set.
    """

    refused = Signal(str)
    lacking_set = Signal(object, str)

    def __init__(self, context: Context) -> None:
        """Begin hidden."""
        super().__init__(margin=12, spacing=8)
        self._context = context
        self.used: RateUsed | RateLacking | None = None
        self.title = QLabel()
        self.title.setProperty("role", "strong")
        self.rate, self.reason = QLineEdit(), QLineEdit()
        self.first, self.last = day_field(context), day_field(context)
        self.ends = QCheckBox()
        self.set = button(context, "rate_form.set", "accept", primary=True)
        self.leave = button(context, "rate_form.leave", "close")
        self._build()
        self.ends.toggled.connect(self.last.setEnabled)
        self.set.clicked.connect(self._set)
        self.rate.returnPressed.connect(self._set)
        self.reason.returnPressed.connect(self._set)
        self.leave.clicked.connect(self.leave_rate)
        on_escape(self, self.leave_rate)
        self.last.setEnabled(False)
        self.hide()

    def ask(self, used: RateUsed | RateLacking, words: Words) -> None:
        """Ask for another rate in the place of one that was used, or for one that is lacking."""
        self.used = used
        self.name_rate(words)
        self.rate.setText("" if used.rate is None else format(used.rate, "f"))
        opened = self._context.workspace.opened
        start = max(used.first, opened.account.first) if opened else used.first
        self.first.setDate(_to_qt(start))
        self.last.setDate(_to_qt(opened.account.last if opened else used.first))
        self.ends.setChecked(False)
        self.reason.clear()
        self.show()
        self.rate.setFocus()
        self.rate.selectAll()

    def name_rate(self, words: Words) -> None:
        """Say of which rate it is, in the present language."""
        if self.used is not None:
            category = words.domain("category", self.used.category)
            name = f"{words.market(self.used.market)} · {category} · {self.used.currency}"
            key = "rate_form.lacking" if self.used.rate is None else "rate_form.title"
            self.title.setText(self._context.speech.text(key, name=name, rate=words.rate(self.used.rate)))

    def leave_rate(self) -> None:
        """Ask no more."""
        self.used = None
        self.hide()

    def _set(self) -> None:
        from auditor.verbs import RateByHand  # noqa: PLC0415 - loads the engine, which the window does without at its start

        if self.used is None:
            return
        try:
            rate = Decimal(self.rate.text().strip())
        except InvalidOperation:
            sentence = self._context.speech.language.text(
                "problems.rate_negative", rate=self.rate.text().strip() or "—"
            )
            self.refused.emit(sentence)
            self.rate.setFocus()
            return
        if not self.reason.text().strip():
            self.refused.emit(self._context.speech.language.text("problems.reason_missing"))
            self.reason.setFocus()
            return
        last = _from_qt(self.last.date()) if self.ends.isChecked() else None
        used, first, reason = self.used, _from_qt(self.first.date()), self.reason.text().strip()
        self._context.workspace.set_rate(
            RateByHand(used.currency, used.market, used.category, rate, first, last, reason)
        )
        self.leave_rate()
        if used.rate is None:
            self.lacking_set.emit(used, reason)

    def _build(self) -> None:
        speech = self._context.speech
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        fields: tuple[tuple[str, QWidget], ...] = (
            ("rate", self.rate),
            ("first", self.first),
            ("last", self.last),
            ("reason", self.reason),
        )
        for column, (key, field) in enumerate(fields):
            speech.bind(field.setAccessibleName, f"rate_form.{key}")
            if field is self.last:
                speech.bind(self.ends.setText, "rate_form.last")
                grid.addWidget(self.ends, 0, column)
            else:
                label = QLabel()
                label.setBuddy(field)
                speech.bind(label.setText, f"rate_form.{key}")
                grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
        speech.bind(self.reason.setPlaceholderText, "rate_form.reason_hint")
        grid.setColumnStretch(3, 1)
        grid.addWidget(self.set, 1, 4)
        grid.addWidget(self.leave, 1, 5)
        self.body.addWidget(self.title)
        self.body.addLayout(grid)


class ReasonBar(QWidget):
    """Asks one line of reason before something is taken back. `given` hands it on."""

    given = Signal(str)

    def __init__(self, context: Context, key: str, icon: str) -> None:
        """Take the button's text and icon."""
        super().__init__()
        self.reason = QLineEdit()
        context.speech.bind(self.reason.setPlaceholderText, "rate_form.reason_hint")
        context.speech.bind(self.reason.setAccessibleName, "rate_form.reason")
        self.go = button(context, key, icon)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.reason, 1)
        row.addWidget(self.go)
        self.go.clicked.connect(self._give)
        self.reason.returnPressed.connect(self._give)

    def _give(self) -> None:
        self.given.emit(self.reason.text().strip())
        self.reason.clear()


def _to_qt(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)


def _from_qt(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())

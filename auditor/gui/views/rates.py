"""Rates: the pricing models in force, the rates that priced the messages and where each comes from."""

from datetime import timedelta
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING
from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.results import Allowance
from auditor.core.results import FxUsed
from auditor.core.results import RateUsed
from auditor.gui.context import Context
from auditor.gui.forms.rate_form import RateForm
from auditor.gui.forms.rate_form import ReasonBar
from auditor.gui.forms.rate_lacking import RateLacking
from auditor.gui.forms.rate_lacking import rates_lacking
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import tabbed
from auditor.gui.pieces.message_bar import MessageBar
from auditor.gui.reading.next_empty import NextEmpty
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.row_heights import RowHeights
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import day_column
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.words import Words

if TYPE_CHECKING:
    from auditor.verbs import RateByHand


Rate: TypeAlias = "RateUsed | RateLacking"
# The width at most of a column of sentences: where a rate was taken from stands on two lines at 1366 pixels.
_SENTENCE = 560


def _owner(use: Allowance, words: Words) -> str:
    """Name who owns an allowance: a number, a WABA or a portfolio."""
    phone = words.phone(use.owner)
    return phone if phone != use.owner else words.waba(use.owner)


RATE_COLUMNS: tuple[Column[Rate], ...] = (
    Column("market", lambda rate, words: words.market(rate.market), width=150),
    Column("category", lambda rate, words: words.domain("category", rate.category), width=170),
    Column("currency", lambda rate, _words: rate.currency, width=76),
    Column("rate", lambda rate, words: words.rate(rate.rate), lambda rate: rate.rate, numeric=True, width=84),
    Column("units", lambda rate, words: words.count(rate.units), lambda rate: rate.units, numeric=True, width=84),
    day_column("first", lambda rate: rate.first, 104),
    day_column("last", lambda rate: rate.last, 104),
    Column(
        "tier_from",
        lambda rate, words: words.count(rate.tier_from) if rate.tier_from else BLANK,
        lambda rate: rate.tier_from,
        numeric=True,
        width=92,
    ),
    Column("basis", lambda rate, words: words.domain("basis", rate.basis), width=108),
    Column("card", lambda rate, words: words.card(rate.card), width=140),
    Column("source", lambda rate, words: words.source(rate.source) or BLANK, width=200),
)
FX_COLUMNS: tuple[Column[FxUsed], ...] = (
    day_column("day", lambda fx: fx.day, 100),
    day_column("stated", lambda fx: fx.stated, 120),
    Column("pair", lambda fx, _words: f"{fx.source_currency} → {fx.target_currency}", width=120),
    Column("rate", lambda fx, words: words.rate(fx.rate), lambda fx: fx.rate, numeric=True, width=110),
    Column("source", lambda fx, _words: fx.source or BLANK, width=420),
)
ALLOWANCE_COLUMNS: tuple[Column[Allowance], ...] = (
    Column("owner", _owner, width=200),
    Column("period", lambda use, words: words.period(use.period), lambda use: use.period, width=92),
    Column("market", lambda use, words: words.market(use.market), width=140),
    Column("category", lambda use, words: words.domain("category", use.category), width=150),
    Column("size", lambda use, words: words.count(use.size), lambda use: use.size, numeric=True),
    Column("used", lambda use, words: words.count(use.used), lambda use: use.used, numeric=True),
    Column(
        "crossed",
        lambda use, words: words.instant(use.crossed_at, use.owner),
        width=170,
        moment=lambda use, words: words.local(use.crossed_at, use.owner),
    ),
)


HAND_COLUMNS: "tuple[Column[tuple[int, RateByHand]], ...]" = (
    Column("market", lambda one, words: words.market(one[1].market), width=150),
    Column("category", lambda one, words: words.domain("category", one[1].category), width=170),
    Column("currency", lambda one, _words: one[1].currency, width=76),
    Column("rate", lambda one, words: words.rate(one[1].rate), lambda one: one[1].rate, numeric=True, width=84),
    day_column("first", lambda one: one[1].first, 104),
    day_column("last", lambda one: one[1].last, 104),
    Column("reason", lambda one, _words: one[1].reason, width=420),
)


class RatesView(QWidget):
    """What the expected side was priced with, and the rates set by hand over it."""

    def __init__(self, context: Context) -> None:
        """Build the tables and the form."""
        super().__init__()
        self._context = context
        self.bar = MessageBar(context, flush=True)
        self.rates: RecordModel[Rate] = RecordModel("rates", RATE_COLUMNS, context.speech, self)
        self.fx: RecordModel[FxUsed] = RecordModel("fx", FX_COLUMNS, context.speech, self)
        self.allowances: RecordModel[Allowance] = RecordModel("allowances", ALLOWANCE_COLUMNS, context.speech, self)
        self.by_hand: RecordModel[tuple[int, RateByHand]] = RecordModel("by_hand", HAND_COLUMNS, context.speech, self)
        self.tabs = tabbed(context, "rates.parts")
        self.form = RateForm(context)
        self.override = button(context, "rate_form.open", "note")
        self.withdraw = ReasonBar(context, "rate_form.withdraw", "undo")
        # The lacking rate that was set last, until there is an answer with it, and why.
        self._set_before: tuple[RateLacking | None, str] = (None, "")
        self.tables: dict[str, Table] = {}
        # Where the selected rate was taken from: whole, as no column of a small laptop has room for it.
        self.source = QLabel(wordWrap=True)
        self.source.setProperty("role", "caption")
        self._regimes = QHBoxLayout()
        self._regimes.setSpacing(10)
        self._build()
        context.workspace.follow(self)
        context.speech.switched.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what the last reconciliation used."""
        opened, words = self._context.workspace.opened, self._context.words()
        result = opened.result if opened else None
        self._stack.setCurrentIndex(1 if result else 0)
        if result is None or words is None:
            return
        rates: tuple[Rate, ...] = (*rates_lacking(result, words), *result.rates)
        self.rates.show(prepare(RATE_COLUMNS, rates, words))
        room = self.tables["rates"].room
        room.show_where_of_use("last", of_use=any(rate.last for rate in rates))
        room.show_where_of_use("tier_from", of_use=any(rate.tier_from for rate in rates))
        self.fx.show(prepare(FX_COLUMNS, result.fx, words))
        self.allowances.show(prepare(ALLOWANCE_COLUMNS, result.allowances, words))
        by_hand = opened.rates_by_hand if opened else {}
        self.by_hand.show(prepare(HAND_COLUMNS, by_hand.items(), words))
        self._show_regimes(result.regimes, words)
        if self.form.used not in rates:
            self.form.leave_rate()
        self.form.name_rate(words)
        counts = {
            "rates": len(rates),
            "fx": len(result.fx),
            "allowances": len(result.allowances),
            "by_hand": len(by_hand),
        }
        for place, (name, count) in enumerate(counts.items()):
            self.tabs.setTabText(place, self._context.speech.text(f"{name}.tab", count=count))
        self._tab_changed()
        self._go_on()

    def show_rate(self, market: str, category: str, rate: str) -> None:
        """Select the rate that priced something."""
        self.tabs.setCurrentIndex(0)
        found = [
            place
            for place, row in enumerate(self.rates.rows)
            if (row.record.market, row.record.category) == (market, category)
        ]
        exact = [place for place in found if format(self.rates.rows[place].record.rate or 0, "f") == rate]
        for place in (exact or found)[:1]:
            self.tables["rates"].selectRow(place)
            self.tables["rates"].setFocus()

    def ask_lacking(self, reason: str = "") -> None:
        """Ask for the first rate that is lacking, with the reason that was given for the one before."""
        place = next((n for n, row in enumerate(self.rates.rows) if row.record.rate is None), None)
        if place is not None:
            self.tabs.setCurrentIndex(0)
            self.tables["rates"].selectRow(place)
            self._ask_rate()
            self.form.reason.setText(reason)

    def _note_set(self, lacked: RateLacking, reason: str) -> None:
        self._set_before = lacked, reason

    def _go_on(self) -> None:
        """Ask for the next rate that is lacking once one was set, while that is in view."""
        lacked, reason = self._set_before
        if lacked is not None and lacked not in {row.record for row in self.rates.rows}:
            self._set_before = None, ""
            if self.isVisible():
                self.ask_lacking(reason)

    def _ask_rate(self) -> None:
        table, words = self.tables["rates"], self._context.words()
        row = table.current_row()
        if row is None and self.rates.rows and self.rates.rows[0].record.rate is None:
            self.ask_lacking()
        elif row is None or words is None:
            self.bar.tell(self._context.speech.text("rate_form.select"))
        else:
            self.bar.hide()
            self.form.ask(row.record, words)
            # The form takes its room from the table: the row it speaks of stays in view.
            QTimer.singleShot(0, table, lambda: table.scrollTo(table.currentIndex()))

    def _withdraw(self, reason: str) -> None:
        row = self.tables["by_hand"].current_row()
        if row is None:
            self.bar.tell(self._context.speech.text("rate_form.select_hand"))
        else:
            self._context.workspace.withdraw_rate(row.record[0], reason)

    def _tab_changed(self) -> None:
        hand = self.tabs.currentWidget() is self.tables["by_hand"]
        self.withdraw.setVisible(hand and bool(self.by_hand.rows))
        rates = self.tabs.currentWidget() is self.tables["rates"]
        self.override.setVisible(rates)
        self._show_source()
        # What was begun to be typed is there again when one comes back to the rates.
        self.form.setVisible(rates and self.form.used is not None)

    def _show_source(self) -> None:
        row, words = self.tables["rates"].current_row(), self._context.words()
        source = words.source(row.record.source) if row and words else ""
        shown = source and self.tabs.currentWidget() is self.tables["rates"]
        self.source.setText(self._context.speech.text("rates.taken_from", source=source) if shown else "")

    def table_in_view(self) -> Table | None:
        """Give the table of the tab that is open."""
        table = self.tabs.currentWidget()
        return table if isinstance(table, Table) else None

    def _show_regimes(self, regimes: tuple[str, ...], words: Words) -> None:
        while (item := self._regimes.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        days = _regime_days(words)
        for regime in regimes:
            card = Card(margin=12, spacing=2)
            title, text = words.domain("regime", regime), self._context.speech.text(f"rates.regime.{regime}")
            told = f"<b>{escape(title)}</b> &nbsp;·&nbsp; {escape(days[regime])}<br>{escape(text)}"
            label = QLabel(told, wordWrap=True, textFormat=Qt.TextFormat.RichText)
            card.body.addWidget(label)
            self._regimes.addWidget(card, 1)

    def _build(self) -> None:
        for model in (self.rates, self.fx, self.allowances, self.by_hand):
            table = self.tables[model.name] = Table(model, self._context.speech, self._context.preferences)
            self._context.speech.bind(table.setAccessibleName, f"{model.name}.name")
            table.say_when_empty(f"{model.name}.none")
            self.tabs.addTab(table, "")
        RowHeights(self.tables["rates"], self.rates, "market", "card", "source", most=2)
        self.tables["rates"].room.fit_words("market", "category", "currency", "first", "basis", "card")
        self.tables["rates"].room.fill_with("source", _SENTENCE)
        RowHeights(self.tables["fx"], self.fx, "source")
        RowHeights(self.tables["by_hand"], self.by_hand, "reason")
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(10)
        inner.addLayout(self._regimes)
        inner.addWidget(self.tabs, 1)
        inner.addWidget(self.form)
        inner.addWidget(self.withdraw)
        foot = QHBoxLayout()
        foot.setSpacing(16)
        foot.addWidget(self.override)
        foot.addWidget(self.source, 1)
        inner.addLayout(foot)
        self.override.clicked.connect(self._ask_rate)
        self.withdraw.given.connect(self._withdraw)
        self.form.lacking_set.connect(self._note_set)
        self.form.refused.connect(lambda sentence: self.bar.tell(sentence, kind="problem"))
        self.tables["rates"].chosen.connect(self._ask_rate)
        self.tables["rates"].selectionModel().currentRowChanged.connect(self._show_source)
        self.tabs.currentChanged.connect(self._tab_changed)
        self._tab_changed()
        self._stack = QStackedWidget()
        self.empty = NextEmpty(self._context, "rates", "rates.empty")
        self._stack.addWidget(self.empty)
        self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        layout.addWidget(self.bar)
        layout.addWidget(self._stack, 1)


def _regime_days(words: Words) -> dict[str, str]:
    """Say from when to when every regime is in force; the first has always been, and the last has no end yet."""
    from auditor.readers.rulebook import regimes  # noqa: PLC0415 - loads the engine, which a start does without

    rows = regimes()
    firsts = {row.id: row.first for row in reversed(rows)}
    lasts = {row.id: after.first - timedelta(days=1) for row, after in pairwise(rows)}
    days = {code: words.days(first, lasts.get(code)) for code, first in firsts.items()}
    always = rows[0].id
    return days | {always: words.language.text("window.rates.regime.until", day=words.language.day(lasts[always]))}

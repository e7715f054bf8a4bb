"""The charges behind a line, a page at a time, and the thread of the one that is selected."""

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.report.facts import mask_unit
from auditor.core.report.facts import mask_user
from auditor.gui.context import Context
from auditor.gui.differences.timeline import ThreadTimeline
from auditor.gui.pieces.controls import Choice
from auditor.gui.pieces.controls import Tool
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.panes import Panes
from auditor.gui.tables.record_model import PagedModel
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import Row
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.theme import widened
from auditor.gui.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence

    from auditor.core.results import Reconciliation
    from auditor.verbs import Audit
    from auditor.verbs import EvidenceRow
    from auditor.verbs import Thread
    from auditor.verbs.choice import Wanted


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _reasons(entry: "EvidenceRow", words: Words) -> str:
    return ", ".join(words.domain("reason", reason) for reason in entry.reason.split(";") if reason) or BLANK


COLUMNS: "tuple[Column[EvidenceRow], ...]" = (
    Column(
        "billed_at",
        lambda entry, words: words.instant(entry.billed_at, entry.waba_id),
        width=150,
        moment=lambda entry, words: words.local(entry.billed_at, entry.waba_id),
    ),
    Column(
        "amount",
        lambda entry, words: words.count(_decimal(entry.amount)),
        lambda entry: _decimal(entry.amount),
        numeric=True,
        width=62,
    ),
    Column("user", lambda entry, _words: entry.user or BLANK, width=120, printed=lambda entry: mask_user(entry.user)),
    # A place in a file reads as the user's program shows it: without grouping.
    Column(
        "source_row",
        lambda entry, _words: str(entry.source_row) if entry.source_row else BLANK,
        lambda entry: entry.source_row,
        numeric=True,
        width=56,
    ),
    Column("file", lambda entry, _words: entry.file or BLANK, width=130),
    Column("category", lambda entry, words: words.domain("category", entry.category), width=100),
    Column("pricing_type", lambda entry, words: words.domain("pricing_type", entry.pricing_type), width=150),
    Column(
        "rate",
        lambda entry, words: words.rate(_decimal(entry.rate)),
        lambda entry: _decimal(entry.rate),
        numeric=True,
        width=66,
    ),
    Column("phone", lambda entry, words: words.phone(entry.phone_number_id), width=130),
    Column("market", lambda entry, words: words.market(entry.market), width=110),
    Column(
        "ends_at",
        lambda entry, words: words.instant(entry.ends_at, entry.waba_id),
        width=158,
        moment=lambda entry, words: words.local(entry.ends_at, entry.waba_id),
    ),
    Column(
        "messages",
        lambda entry, words: words.count(entry.messages),
        lambda entry: entry.messages,
        numeric=True,
        width=76,
    ),
    Column("certainty", lambda entry, words: words.domain("certainty", entry.certainty), width=84),
    Column("reason", _reasons, width=200),
    Column("regime", lambda entry, words: words.domain("regime", entry.regime), width=190),
    Column(
        "unit_id",
        lambda entry, _words: entry.unit_id,
        width=220,
        printed=lambda entry: mask_unit(entry.unit_id, entry.user),
    ),
)


# In less height the picture of the thread would leave the charges two rows.
_FOR_BOTH = 335
# The columns that are called otherwise in the engine; a pause in typing after which the charges are asked for, in ms.
_FIELDS = {"phone": "phone_number_id"}
_PAUSE = 150


def _nothing(_offset: int, _limit: int) -> None:
    """Bring nothing: there is no line."""


class EvidencePane(QWidget):
    """A table of charges over the picture of a thread. From a charge the way leads to its rate and its invoice line."""

    rate_wanted = Signal(str, str, str)
    invoice_wanted = Signal()

    def __init__(self, context: Context) -> None:
        """Begin with no line."""
        super().__init__()
        self._context = context
        self._key = ""
        self._result: Reconciliation | None = None
        self.model: PagedModel[EvidenceRow] = PagedModel("evidence", COLUMNS, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        self._by: tuple[str, bool] = ("", False)
        self.search = QLineEdit(clearButtonEnabled=True)
        self.only = Choice()
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        for field, key in ((self.search, "evidence.find"), (self.only, "evidence.only")):
            context.speech.bind(field.setAccessibleName, key)
        context.speech.bind(self.search.setPlaceholderText, "evidence.find")
        self._name_choices()
        self.timeline = ThreadTimeline(context)
        self.count = QLabel()
        self.count.setProperty("role", "caption")
        self.to_rate = button(context, "evidence.to_rate", "rates")
        self.to_invoice = button(context, "evidence.to_invoice", "file")
        self.to_rate.clicked.connect(self._to_rate)
        self.to_invoice.clicked.connect(self.invoice_wanted)
        context.speech.bind(self.table.setAccessibleName, "evidence.name")
        self.table.say_when_empty("evidence.none")
        self.to_thread = Tool(autoRaise=True)
        self.to_thread.setCheckable(True)
        self.to_thread.setChecked(True)
        context.appearance.bind_icon(self.to_thread.setIcon, "timeline", "muted")
        context.speech.bind(self.to_thread.setToolTip, "timeline.show")
        context.speech.bind(self.to_thread.setAccessibleName, "timeline.show")
        # Shown or not as there is height for it, until the user says which.
        self.to_thread.clicked.connect(self._keep_shown)
        self.to_thread.toggled.connect(self.timeline.setVisible)
        self._said: bool | None = None
        self._build()
        self.table.selectionModel().currentRowChanged.connect(self._picked)
        self.model.dataChanged.connect(self._arrived)
        self.model.ordered.connect(self._order)
        self.search.textChanged.connect(self._later.start)
        self.only.activated.connect(self._ask)
        self._later.timeout.connect(self._ask)
        context.speech.switched.connect(self._name_choices)
        context.speech.switched.connect(self._say_again)

    def _build(self) -> None:
        sides = {self.table: 220, self.timeline: 140}
        split = Panes("evidence", Qt.Orientation.Vertical, sides, self.table, self._context.preferences)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(2)
        wishes = QHBoxLayout()
        wishes.setSpacing(8)
        wishes.addWidget(self.search, 1)
        wishes.addWidget(self.only)
        layout.addLayout(wishes)
        layout.addWidget(self.count)
        layout.addWidget(split, 1)
        ways = QHBoxLayout()
        ways.setSpacing(8)
        ways.addWidget(self.to_rate)
        ways.addWidget(self.to_invoice)
        ways.addStretch(1)
        ways.addWidget(self.to_thread)
        layout.addLayout(ways)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the height to the charges where there is little."""
        super().resizeEvent(event)
        self.to_thread.setChecked(self.height() >= widened(_FOR_BOTH) if self._said is None else self._said)

    def _keep_shown(self, shown: bool) -> None:
        self._said = shown

    def show_line(self, key: str) -> None:
        """Bring the charges behind a line; an empty key shows none."""
        opened = self._context.workspace.opened
        result = opened.result if opened else None
        if key == self._key and result is self._result:
            return
        self._key, self._result = key, result
        self._open(0)
        self._ask()

    def _wanted(self) -> "Wanted":
        from auditor.verbs.choice import Wanted  # noqa: PLC0415 - loads the engine, which a start does without

        by, falling = self._by
        return Wanted(self.search.text().strip(), str(self.only.currentData() or ""), _FIELDS.get(by, by), falling)

    def _ask(self) -> None:
        """Bring the charges that are wanted, in the order that is wanted."""
        key, workspace = self._key, self._context.workspace
        if not key:
            return
        if workspace.opened is not None and not workspace.opened.charged:
            workspace.bring_charges(self._ask)
            return
        wanted = self._wanted()

        def counted(count: int) -> None:
            if key == self._key and wanted == self._wanted():
                self._open(count)

        workspace.ask(lambda audit: audit.evidence_count(key, wanted), counted)

    def _order(self, by: str, falling: bool) -> None:
        if (by, falling) != self._by:
            self._by = (by, falling)
            self._ask()

    def _name_choices(self) -> None:
        chosen = max(0, self.only.currentIndex())
        self.only.clear()
        for code in ("", "charged", "free", "uncertain"):
            self.only.addItem(self._context.speech.text(f"evidence.only_{code or 'all'}"), code)
        self.only.setCurrentIndex(chosen)

    def _to_rate(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self.rate_wanted.emit(row.record.market, row.record.category, row.record.rate)

    def _say_again(self) -> None:
        """Bring the same charges in the other language."""
        key, self._key = self._key, ""
        self.show_line(key)

    def _open(self, count: int) -> None:
        key, wanted = self._key, self._wanted()
        gather = partial(self._context.workspace.gather, self._page(key, wanted))
        self.model.open(count, partial(self._fetch, key, wanted) if key else _nothing, gather)
        self.timeline.show_thread(None, None)
        self.count.setText(self._counted(count) if self._key else "")
        self.to_rate.setEnabled(count > 0)

    def _counted(self, count: int) -> str:
        """Say how many charges there are, and which currency their amounts are in: not that of the invoice, maybe."""
        words, speech = self._context.words(), self._context.speech
        lines = self._result.differences if self._result else ()
        waba = next((line.waba_id for line in lines if line.key == self._key), "")
        currency = words.currency_of(waba) if words else ""
        return speech.text("evidence.count", count=speech.language.number(count), currency=currency)

    def _page(self, key: str, wanted: "Wanted") -> "Callable[[Audit, int, int], tuple[Row[EvidenceRow], ...]]":
        """Give what brings charges by their number, in the present language."""
        words = self._context.words()

        def page(audit: "Audit", offset: int, limit: int) -> "tuple[Row[EvidenceRow], ...]":
            return prepare(COLUMNS, audit.evidence(key, offset, limit, wanted), words) if words else ()

        return page

    def _fetch(self, key: str, wanted: "Wanted", offset: int, limit: int) -> None:
        page = self._page(key, wanted)

        def arrived(rows: "Sequence[Row[EvidenceRow]]") -> None:
            if key == self._key and wanted == self._wanted():
                self.model.take(offset, rows)

        self._context.workspace.ask(lambda audit: page(audit, offset, limit), arrived)

    def _arrived(self) -> None:
        """Pick the first charge as soon as it is there, so that the picture is never empty for no reason."""
        if not self.table.currentIndex().isValid() and self.model.row(0) is not None:
            self.table.selectRow(0)
        elif self.timeline.accessibleDescription() == self._context.speech.text("timeline.empty"):
            self._picked()

    def _picked(self) -> None:
        row, words = self.table.current_row(), self._context.words()
        if row is None or words is None:
            return
        charge: EvidenceRow = row.record

        def drawn(thread: "Thread") -> None:
            if self.table.current_row() is row:
                self.timeline.show_thread(thread, words, charge)

        self._context.workspace.ask(lambda audit: audit.thread(charge.phone_number_id, charge.user), drawn)

"""The pane beside the lines: why, which invoice lines, which charges, and what is decided about it."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.records import InvoiceLine
from auditor.gui.context import Context
from auditor.gui.differences.decision_card import DecisionCard
from auditor.gui.differences.evidence import EvidencePane
from auditor.gui.differences.match_bar import MatchBar
from auditor.gui.differences.reasons_pane import ReasonsPane
from auditor.gui.differences.why import Why
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import Tool
from auditor.gui.pieces.controls import in_scroll
from auditor.gui.pieces.controls import listed
from auditor.gui.pieces.controls import tabbed
from auditor.gui.pieces.controls import told_label
from auditor.gui.pieces.outside import open_attached
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import is_compared
from auditor.gui.tables.lines import totals
from auditor.gui.tables.lines_model import tone
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.words import Words
from auditor.working import kept_folder

INVOICE_COLUMNS: tuple[Column[InvoiceLine], ...] = (
    Column(
        "row",
        lambda line, _words: str(line.source.row) if line.source.row else BLANK,
        lambda line: line.source.row,
        numeric=True,
        width=44,
    ),
    Column(
        "quantity", lambda line, words: words.count(line.quantity), lambda line: line.quantity, numeric=True, width=66
    ),
    Column(
        "unit_rate",
        lambda line, words: words.rate(line.unit_rate),
        lambda line: line.unit_rate,
        numeric=True,
        width=62,
    ),
    Column("amount", lambda line, words: words.figure(line.amount), lambda line: line.amount, numeric=True, width=70),
    Column("currency", lambda line, _words: line.currency, width=64),
    Column("file", lambda line, _words: line.source.file, width=96),
    Column("description", lambda line, _words: line.description or BLANK, width=260),
    Column("document", lambda line, _words: line.document or BLANK, width=110),
    Column("sheet", lambda line, _words: line.source.sheet or BLANK, width=90),
)

# The tabs: why, the invoice's lines, the charges, the proof of the causes.
_INVOICE = 1
_TABS = ("why", "invoice", "evidence", "reasons")
# So many rows of a table stay in view in the lowest window; what has no room then is a scroll away.
_ROWS_IN_VIEW = 2
# In less height a decision with all its fields leaves no room for why.
_LOW = 370


class DetailPane(Card):
    """Shows the selected line or lines. `expanded` asks for the whole width."""

    expanded = Signal(bool)

    def __init__(self, context: Context, evidence: EvidencePane, reasons: ReasonsPane) -> None:
        """Build it empty, around its panes of charges and of proof."""
        super().__init__(margin=12, spacing=8)
        self._context = context
        self._rows: tuple[LineRow, ...] = ()
        self.title, self.place, self.amount = QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "heading")
        self.title.setWordWrap(True)
        self.place.setProperty("role", "caption")
        self.place.setWordWrap(True)
        self.amount.setProperty("role", "figure")
        self.why = told_label()
        self.why.setTextInteractionFlags(
            self.why.textInteractionFlags() | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.why.setTextInteractionFlags(
            self.why.textInteractionFlags() | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.why.linkActivated.connect(self._open_attachment)
        self.invoice: RecordModel[InvoiceLine] = RecordModel("invoice", INVOICE_COLUMNS, context.speech, self)
        self.invoice_table = Table(self.invoice, context.speech, context.preferences)
        self.invoice_table.keep_in_view(_ROWS_IN_VIEW)
        self.match = MatchBar(context, self._invoice_lines)
        self.evidence, self.reasons = evidence, reasons
        for pane in (self.evidence, self.reasons):
            pane.table.keep_in_view(_ROWS_IN_VIEW)
        self.decision = DecisionCard(context)
        self.expand = Tool(autoRaise=True)
        self.expand.setCheckable(True)
        self.tabs = tabbed(context, "detail.parts")
        self._build()
        self.tabs.currentChanged.connect(self._bring_evidence)
        self.expand.toggled.connect(self.expanded)
        self.invoice_table.selectionModel().selectionChanged.connect(self._offer_matches)
        self.evidence.invoice_wanted.connect(lambda: self.tabs.setCurrentIndex(_INVOICE))

    def show_rows(self, rows: Sequence[LineRow]) -> None:
        """Show the selected lines: one in full, several added up, none with a hint."""
        if _keys(rows) != _keys(self._rows):
            self._told.verticalScrollBar().setValue(0)  # another line is read from its head
        self._rows = tuple(rows)
        words = self._context.words()
        self.decision.show_rows(self._rows)
        if words is None or not rows:
            self._show_nothing()
        elif len(rows) == 1:
            self._show_one(rows[0], words)
        else:
            self._show_several(words)
        self._show_invoice(words)
        self._bring_evidence()

    def subject(self, table: QWidget) -> str:
        """Say what a table is about for who has but its print: the line and, of charges, their currency."""
        words = self._context.words()
        keys = _keys(self._rows)
        line = words.line(keys[0]) if words and len(keys) == 1 else ""
        return " · ".join(filter(None, [line, self.evidence.count.text() if table is self.evidence.table else ""]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the decision into what height there is."""
        super().resizeEvent(event)
        self._fit_decision()

    def _fit_decision(self) -> None:
        """Leave the cause and the note to their keys where there is no height for them; what has the keyboard stays."""
        low = self.height() < _LOW and not (self.decision.note.hasFocus() or self.decision.cause.hasFocus())
        self.decision.show_brief(brief=low or self.tabs.currentIndex() > 0)

    def _show_nothing(self) -> None:
        self.title.setText(self._context.speech.text("detail.none"))
        self.place.setText(self._context.speech.text("detail.none_text"))
        self.amount.clear()
        self.why.clear()

    def _show_one(self, row: LineRow, words: Words) -> None:
        entry = row.record.difference
        named = [words.place(entry.market, entry.country), words.domain("category", entry.category)]
        self.title.setText(" · ".join(name for name in named if name != BLANK) or words.waba(entry.waba_id))
        where = [words.waba(entry.waba_id), words.period(entry.period), words.domain("status", entry.status)]
        self.place.setText(" · ".join(part for part in where if part != BLANK))
        self._show_amount(words.signed_money(entry.difference) if is_compared(entry) else BLANK, tone(entry))
        told = Why(self._context.speech, self._context.appearance.theme, words).one(row)
        self.why.setText(told + self._attachments(entry.key))

    def _show_several(self, words: Words) -> None:
        total = totals(self._rows)
        count = words.count(total.lines)
        self.title.setText(self._context.speech.text("detail.several", count=count))
        billed, expected = words.money(total.billed), words.money(total.expected)
        self.place.setText(self._context.speech.text("detail.sums", billed=billed, expected=expected))
        self._show_amount(words.signed_money(total.difference), "over" if total.difference > 0 else "under")
        self.why.setText(Why(self._context.speech, self._context.appearance.theme, words).several(self._rows))

    def _show_amount(self, text: str, mark: str) -> None:
        self.amount.setText(text)
        self.amount.setProperty("tone", mark)
        self.amount.style().polish(self.amount)

    def _show_invoice(self, words: Words | None) -> None:
        opened = self._context.workspace.opened
        result = opened.result if opened else None
        places = self._all_places()
        lines = [result.invoice_lines[place] for place in places] if result else []
        self.invoice.show(prepare(INVOICE_COLUMNS, lines, words) if words else ())
        self._offer_matches()
        count = self._context.speech.language.number(len(lines))
        for tab, name in enumerate(_TABS):
            self.tabs.setTabText(tab, self._context.speech.text(f"detail.tab.{name}", count=count))

    def _offer_matches(self) -> None:
        """Offer what to match with, once the invoice lines are looked at: there may be many thousands of lines."""
        if self.tabs.currentIndex() == _INVOICE:
            self.match.show_lines({*_keys(self._rows)})

    def _all_places(self) -> list[int]:
        return [place for row in self._rows for place in row.record.difference.lines]

    def _invoice_lines(self) -> list[int]:
        """Give the places of the invoice lines that are selected, or of all that are shown."""
        opened = self._context.workspace.opened
        result = opened.result if opened else None
        chosen = [row.record for row in self.invoice_table.selected_rows()]
        places = self._all_places()
        if result is None or not chosen:
            return places
        return [place for place in places if any(result.invoice_lines[place] is line for line in chosen)]

    def _open_attachment(self, link: str) -> None:
        """Write an attached file out and open it with the program that the desktop has for it."""
        folder = kept_folder()
        self._context.workspace.ask(lambda audit: audit.write_attachment(int(link), folder), open_attached)

    def _attachments(self, key: str) -> str:
        """List the files attached to a line, each to be opened."""
        opened = self._context.workspace.opened
        files = opened.attachments.get(key, ()) if opened else ()
        links = [f"<a href='{file.number}'>{escape(file.name)}</a>" for file in files]
        return listed(self._context.speech.text("detail.attached"), links)

    def _bring_evidence(self) -> None:
        """Fetch charges, and charge the log again for the proof, only when they are looked at."""
        self._offer_matches()
        looked_at = _TABS[self.tabs.currentIndex()]
        line = self._rows[0].record.difference if len(self._rows) == 1 else None
        self._fit_decision()
        if looked_at == "evidence":
            self.evidence.show_line(line.key if line else "")
        elif looked_at == "reasons":
            self.reasons.show_line(line)

    def _build(self) -> None:
        told, head = QVBoxLayout(), QHBoxLayout()
        told.setSpacing(1)
        told.addLayout(head)
        told.addWidget(self.place)  # under the amount, too: beside it a status would take a second line
        head.addWidget(self.title, 1, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.amount, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.expand, 0, Qt.AlignmentFlag.AlignTop)
        self._context.appearance.bind_icon(self.expand.setIcon, "expand", "muted")
        self._context.speech.bind(self.expand.setToolTip, "detail.expand")
        self._context.speech.bind(self.expand.setAccessibleName, "detail.expand")
        self._context.speech.bind(self.invoice_table.setAccessibleName, "invoice.name")
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(2, 8, 8, 2)
        inner.addWidget(self.why)
        inner.addStretch(1)
        invoice = QWidget()
        below = QVBoxLayout(invoice)
        below.setContentsMargins(0, 6, 0, 0)
        below.addWidget(self.invoice_table, 1)
        below.addWidget(self.match)
        self._told = in_scroll(inside)
        for scroll in (self._told, *map(in_scroll, (invoice, self.evidence, self.reasons))):
            self.tabs.addTab(scroll, "")
        self.body.addLayout(told)
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self.decision)


def _keys(rows: Sequence[LineRow]) -> list[str]:
    return [row.record.difference.key for row in rows]

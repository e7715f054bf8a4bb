"""The proof of a line's causes: a sentence to paste, and the very messages, each as it is due and as it was billed.

A cause that is only possible has its messages, too: whether it holds can be checked on them alone.
"""

from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QComboBox
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.problems import Progress
from auditor.core.report.facts import mask_unit
from auditor.core.report.facts import mask_user
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Reconciliation
from auditor.gui.actions import LANGUAGE_NAMES
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Choice
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import told_label
from auditor.gui.tables.record_model import PagedModel
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import Row
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence

    from auditor.verbs import Audit
    from auditor.verbs.reasoning import BehindCause
    from auditor.verbs.reasoning import Reason

# A pause in going from line to line after which the log is charged again, in ms.
_PAUSE = 250
# The letters of a cause that are to be seen, at the least.
_NAME = 12


def _at(text: str, words: Words) -> str:
    return words.moment(text) if text else BLANK


def _moment(name: str) -> "Column[BehindCause]":
    """Give a column of times, of which some are not known."""

    def at(row: "BehindCause", words: Words) -> datetime | None:
        text = getattr(row, name)
        return words.at_home(text) if text else None

    return Column(name, lambda row, words: _at(getattr(row, name), words), width=136, moment=at)


def _as(category: str, pricing_type: str, words: Words) -> str:
    """Say what a charge is taken as; nothing where it is not billed."""
    named = (words.domain("category", category), words.domain("pricing_type", pricing_type))
    return " · ".join(name for name in named if name != BLANK) or words.language.text("window.reasons.not_billed")


def _figure(name: str, width: int) -> "Column[BehindCause]":
    """Give a column of exact amounts, which a rate's decimals go on to."""

    def value(row: "BehindCause") -> Decimal | None:
        text = getattr(row, name)
        return Decimal(text) if text else None

    return Column(name, lambda row, words: words.rate(value(row)), value, numeric=True, width=width)


COLUMNS: "tuple[Column[BehindCause], ...]" = (
    _moment("sent_at"),
    Column("user", lambda row, _words: row.user or BLANK, width=120, printed=lambda row: mask_user(row.user)),
    _figure("difference", 76),
    Column("due", lambda row, words: _as(row.due_category, row.due_pricing_type, words), width=215),
    _figure("due_amount", 70),
    Column("billed", lambda row, words: _as(row.billed_category, row.billed_pricing_type, words), width=215),
    _figure("billed_amount", 70),
    _moment("window_opened_at"),
    Column("due_month", lambda row, words: words.period(row.due_month), lambda row: row.due_month, width=76),
    Column("billed_month", lambda row, words: words.period(row.billed_month), lambda row: row.billed_month, width=76),
    Column("due_market", lambda row, words: words.market(row.due_market), width=100),
    Column("billed_market", lambda row, words: words.market(row.billed_market), width=100),
    Column("phone", lambda row, words: words.phone(row.phone_number_id), width=130),
    Column(
        "message_id",
        lambda row, _words: row.message_id or BLANK,
        width=200,
        printed=lambda row: mask_unit(row.message_id, row.user),
    ),
    Column("file", lambda row, _words: row.file or BLANK, width=130),
    # A place in a file reads as the user's program shows it: without grouping.
    Column("source_row", lambda row, _words: row.source_row, lambda row: int(row.source_row), numeric=True, width=56),
)


class ReasonsPane(QWidget):
    """Charges the log again as each cause of the line has it. `export_wanted` asks for a file to write it to."""

    export_wanted = Signal()

    def __init__(self, context: Context) -> None:
        """Begin with no line."""
        super().__init__()
        self._context = context
        self._line: Difference | None = None
        self._result: Reconciliation | None = None
        self._reasons: tuple[Reason, ...] = ()
        self._state, self._tongue = "choose", ""
        self.which, self.tongue = Choice(), Choice()
        self.sentence = told_label(Qt.TextFormat.PlainText)
        self.hint = QLabel(wordWrap=True)
        self.hint.setProperty("role", "caption")
        self.copy = button(context, "reasons.copy", "copy")
        self.save = button(context, "reasons.save", "export")
        self.again = button(context, "reasons.again", "refresh")
        self.model: PagedModel[BehindCause] = PagedModel("reasons", COLUMNS, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        # They come in the order of the log: other orders would have to bring them all.
        self.table.setSortingEnabled(False)
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._name()
        self._build()
        self._later.timeout.connect(self._ask)
        self.which.activated.connect(self._show_reason)
        self.tongue.activated.connect(self._choose_tongue)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.sentence.text()))
        self.save.clicked.connect(self.export_wanted)
        self.again.clicked.connect(self._ask)
        context.workspace.cancelled.connect(self._stopped)
        context.speech.switched.connect(self._show_reasons)
        self.show_line(None)

    def show_line(self, line: Difference | None) -> None:
        """Prove the causes of a line; None where it is not one line that is selected."""
        opened = self._context.workspace.opened
        result = opened.result if opened else None
        if line is self._line and result is self._result and line is not None:
            return
        self._line, self._result, self._reasons = line, result, ()
        proofs = {cause.proof for cause in line.causes if cause.cause != "log_gap"} if line else set()
        self._state = "choose" if line is None else "working" if proofs else "none"
        self._show_reasons()
        if proofs:
            self._later.start()

    def _stopped(self) -> None:
        """Offer to begin again what was cancelled."""
        if self._state == "working":
            self._show_state("stopped")

    def export(self, path: Path) -> None:
        """Write the messages behind the line's causes."""
        self._context.workspace.export_reasons(self._reasons, path)

    def _ask(self) -> None:
        line = self._line
        if line is None:
            return
        self._show_state("working")

        def query(audit: "Audit", progress: Progress) -> "tuple[Reason, ...]":
            # Who went on to another line meanwhile does not wait for this one.
            return audit.reasons(key=line.key, progress=progress, possible=True) if self._line is line else ()

        def found(reasons: "tuple[Reason, ...]") -> None:
            if self._line is line:
                proved = any(cause.proof == "found" for cause in line.causes)
                self._reasons, self._state = reasons, "none" if proved else "possible"
                self._show_reasons()

        self._context.workspace.find_out(query, found)

    # -- showing

    def _show_reasons(self) -> None:
        """Offer the causes that have messages, in the present language, and show the first."""
        words, place = self._context.words(), max(0, self.which.currentIndex())
        self._name()
        self.which.clear()
        for reason in self._reasons if words else ():
            assert words is not None
            part = CauseAmount(reason.cause, reason.amount, reason.proof)
            self.which.addItem(f"{words.cause(part)}: {words.signed(reason.amount)}")
        self.which.setCurrentIndex(min(place, len(self._reasons) - 1))
        self._show_state(self._state)
        self._show_reason()

    def _show_reason(self) -> None:
        self._say()
        reason = self._reason()
        gather = partial(self._context.workspace.gather, self._page(reason))
        self.model.open(len(reason.concerned) if reason else 0, partial(self._fetch, reason), gather)

    def _choose_tongue(self) -> None:
        self._tongue = str(self.tongue.currentData())
        self._say()

    def _say(self) -> None:
        reason = self._reason()
        self.sentence.setText(reason.sentences[str(self.tongue.currentData())] if reason else "")
        self._show_hint()

    def _show_state(self, state: str) -> None:
        """Show the proof or, where there is none to see, why."""
        self._state, shown = state, bool(self._reasons)
        for widget in (self.which, self.tongue, self.sentence, self.copy, self.save, self.table):
            widget.setVisible(shown)
        self.again.setVisible(not shown and state == "stopped")
        self._show_hint()

    def _show_hint(self) -> None:
        """Say why there are no messages or, of those of a cause that nothing proves, what they are good for."""
        reason = self._reason()
        self.hint.setVisible(reason is None or reason.proof != "found")
        self.hint.setText(self._context.speech.text(f"reasons.{'to_check' if reason else self._state}"))

    def _reason(self) -> "Reason | None":
        place = self.which.currentIndex()
        return self._reasons[place] if 0 <= place < len(self._reasons) else None

    def _page(self, reason: "Reason | None") -> "Callable[[Audit, int, int], tuple[Row[BehindCause], ...]]":
        """Give what brings messages by their number, in the present language."""
        words = self._context.words()

        def page(audit: "Audit", offset: int, limit: int) -> "tuple[Row[BehindCause], ...]":
            return prepare(COLUMNS, audit.behind(reason, offset, limit), words) if words and reason else ()

        return page

    def _fetch(self, reason: "Reason | None", offset: int, limit: int) -> None:
        page = self._page(reason)

        def arrived(rows: "Sequence[Row[BehindCause]]") -> None:
            if reason is self._reason():
                self.model.take(offset, rows)

        self._context.workspace.ask(lambda audit: page(audit, offset, limit), arrived)

    def _name(self) -> None:
        """Name the languages of the sentence, each in itself; it is the window's until another is chosen."""
        speech = self._context.speech
        chosen = self._tongue or speech.language.code
        self.tongue.clear()
        for code, name in LANGUAGE_NAMES.items():
            self.tongue.addItem(name, code)
        self.tongue.setCurrentIndex(self.tongue.findData(chosen))

    def _build(self) -> None:
        speech = self._context.speech
        for widget, key in ((self.which, "which"), (self.tongue, "tongue"), (self.table, "name")):
            speech.bind(widget.setAccessibleName, f"reasons.{key}")
        # The longest of the causes must not make the pane wider than there is room.
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.which.setMinimumContentsLength(_NAME)
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.which, 1)
        head.addWidget(self.tongue)
        foot.setSpacing(8)
        foot.addWidget(self.copy)
        foot.addWidget(self.save)
        foot.addWidget(self.again)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.hint)
        layout.addWidget(self.sentence)
        layout.addLayout(foot)
        layout.addWidget(self.table, 1)

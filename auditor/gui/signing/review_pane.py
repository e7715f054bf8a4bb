"""A reviewed workbook that was dropped back: what its reviewer would decide, applied or not, line by line or whole."""

from dataclasses import replace
from typing import TYPE_CHECKING
from typing import NamedTuple

from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.problems import Problem
from auditor.gui.context import Context
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.row_heights import RowHeights
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.verbs.review_words import Shown
    from auditor.verbs.reviewing import Proposal
    from auditor.verbs.reviewing import Reviewed


class Row(NamedTuple):
    """A proposal with its words."""

    proposal: "Proposal"
    shown: "Shown"


COLUMNS: tuple[Column[Row], ...] = (
    Column("line", lambda row, _words: row.shown.about, width=230),
    Column("now", lambda row, _words: row.shown.now or BLANK, width=116),
    Column("proposed", lambda row, _words: row.shown.proposed or BLANK, width=116),
    Column("note_now", lambda row, _words: row.shown.note_now or BLANK, width=190),
    Column("note", lambda row, _words: row.shown.note or BLANK, width=220),
    Column(
        "moved",
        lambda row, words: words.language.text("window.review.moved") if row.proposal.moved else BLANK,
        width=160,
    ),
    Column("sheet", lambda row, _words: row.proposal.place.sheet or BLANK, width=110),
    Column(
        "row",
        lambda row, words: words.count(row.proposal.place.row),
        lambda row: row.proposal.place.row,
        numeric=True,
        width=60,
    ),
)


class ReviewPane(QWidget):
    """The proposals of the workbook that was dropped last; nothing counts before it is taken over."""

    def __init__(self, context: Context) -> None:
        """Begin without a workbook."""
        super().__init__()
        self._context = context
        self._reviewed: Reviewed | None = None
        self.model: RecordModel[Row] = RecordModel("review", COLUMNS, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        self.take = button(context, "review.take", "accept", primary=True)
        self.drop = button(context, "review.drop", "clear")
        self.hint = QLabel(wordWrap=True)
        self.hint.setProperty("role", "caption")
        RowHeights(self.table, self.model, "line", "now", "proposed", "note_now", "note", "moved")
        context.speech.bind(self.table.setAccessibleName, "review.name")
        self.table.say_when_empty("review.none")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.drop)
        buttons.addWidget(self.take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        layout.addWidget(caption(context, "review.text"))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.hint)
        layout.addLayout(buttons)
        self.take.clicked.connect(self._take)
        self.drop.clicked.connect(lambda: self._leave(self._selected()))
        self.table.selectionModel().selectionChanged.connect(self._let_drop)
        context.speech.bind(self.drop.setToolTip, "review.drop_help")

    def show_reviewed(self, reviewed: "Reviewed | None") -> None:
        """Show the proposals of a workbook; None: of none."""
        self._reviewed = reviewed
        self.refresh()

    def refresh(self) -> None:
        """Show the proposals in the language of now."""
        words, speech = self._context.words(), self._context.speech
        proposals = self._reviewed.proposals if self._reviewed else ()
        self.model.show(prepare(COLUMNS, self._rows(proposals, words), words) if words else ())
        self.take.setEnabled(bool(proposals))
        self._let_drop()
        self.hint.setVisible(self._reviewed is not None)
        if self._reviewed is None:
            return
        problems = [
            speech.language.problem(Problem(one.code, one.place, one.values)) for one in self._reviewed.problems
        ]
        said = speech.text("review.read", count=len(proposals), file=self._reviewed.file)
        self.hint.setText("\n".join([said, *problems]))

    def _rows(self, proposals: "Sequence[Proposal]", words: Words) -> list[Row]:
        opened = self._context.workspace.opened
        if not proposals or opened is None:
            return []
        from auditor.verbs.review_words import shown  # noqa: PLC0415 - loads the engine

        return [Row(one, shown(one, words.language, opened.account, words.line)) for one in proposals]

    def _selected(self) -> "list[Proposal]":
        return [row.record.proposal for row in self.table.selected_rows()]

    def _let_drop(self) -> None:
        """Let go of what is selected only: unlike what is taken over, it could not be brought back by undo."""
        self.drop.setEnabled(bool(self._selected()))

    def _take(self) -> None:
        """Take over what is selected; everything, if nothing is."""
        if self._reviewed is None:
            return
        chosen = self._selected() or self._reviewed.proposals
        self._context.workspace.take_review(self._reviewed, chosen)
        self._leave(chosen)

    def _leave(self, chosen: "Sequence[Proposal]") -> None:
        """Go on with the proposals on which nothing was said yet."""
        if self._reviewed is None:
            return
        rest = tuple(one for one in self._reviewed.proposals if one not in chosen)
        self.show_reviewed(replace(self._reviewed, proposals=rest) if rest else None)

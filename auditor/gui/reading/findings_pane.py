"""What the invoice's lines say against themselves, each other, the cards and the contract: no message log is needed."""

from html import escape
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.results_checks import LineFinding
from auditor.gui.context import Context
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import in_scroll
from auditor.gui.pieces.controls import told_label
from auditor.gui.pieces.panes import Panes
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.row_heights import RowHeights
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.words import Words


class Said(NamedTuple):
    """A finding with its sentence and where it stands."""

    found: LineFinding
    sentence: str
    where: str


COLUMNS: tuple[Column[Said], ...] = (
    Column("finding", lambda row, _words: row.sentence, width=620),
    Column(
        "at_stake",
        lambda row, words: BLANK if row.found.amount is None else words.language.money(row.found.amount, _unit(row)),
        lambda row: row.found.amount,
        numeric=True,
        width=110,
    ),
    Column("where", lambda row, _words: row.where or BLANK, width=320),
)


def _unit(row: Said) -> str:
    return row.found.currency


class FindingsPane(QWidget):
    """The findings over the one selected in full."""

    def __init__(self, context: Context) -> None:
        """Begin without an invoice."""
        super().__init__()
        self._context = context
        self.model: RecordModel[Said] = RecordModel("findings", COLUMNS, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        self.text = told_label()
        RowHeights(self.table, self.model, "finding", "where")
        context.speech.bind(self.table.setAccessibleName, "findings.name")
        self.table.say_when_empty("findings.none")
        self.table.selectionModel().currentRowChanged.connect(self._tell)
        context.appearance.changed.connect(self._tell)
        sides: dict[QWidget, int] = {self.table: 200, in_scroll(self.text): 80}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(caption(context, "findings.text"))
        layout.addWidget(Panes("findings", Qt.Orientation.Vertical, sides, self.table, context.preferences), 1)

    def show_findings(self, words: Words | None) -> int:
        """Show what was found on the open audit's invoice, and give how much that is."""
        opened = self._context.workspace.opened
        found = opened.findings if opened else ()
        self.model.show(prepare(COLUMNS, [_said(one, words) for one in found], words) if words else ())
        if found:
            self.table.selectRow(0)
        self._tell()
        return len(found)

    def _tell(self) -> None:
        row = self.table.current_row()
        muted = self._context.appearance.theme.muted
        told = row.record if row else None
        self.text.setText(
            f"{escape(told.sentence)}<br><span style='color:{muted}'>{escape(told.where)}</span>" if told else ""
        )


def _said(found: LineFinding, words: Words) -> Said:
    from auditor.core.checks.lines import sentence  # noqa: PLC0415 - loads the engine

    language = words.language
    return Said(
        found,
        sentence(found, language.text, language.money),
        "; ".join(language.place(place) for place in found.places),
    )

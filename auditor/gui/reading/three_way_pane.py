"""The three-way tie-out: invoice, usage export and log side by side, and which of them stands alone."""

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.results import Reconciliation
from auditor.core.results_checks import ThreeWay
from auditor.gui.context import Context
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import told_label
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.words import Words


def _line(row: ThreeWay, words: Words) -> str:
    named = (words.waba(row.waba_id), words.market(row.market), words.domain("category", row.category))
    whole = words.language.text("window.three_way.all_lines")
    return " · ".join(name for name in named if name != BLANK) or whole


def _units(key: str, value: Callable[[ThreeWay], Decimal | int | None]) -> Column[ThreeWay]:
    return Column(key, lambda row, words: words.count(value(row)), value, numeric=True, width=84)


def _amount(key: str, value: Callable[[ThreeWay], Decimal | None]) -> Column[ThreeWay]:
    return Column(key, lambda row, words: words.figure(value(row)), value, numeric=True, width=92)


COLUMNS: tuple[Column[ThreeWay], ...] = (
    Column("line", _line, width=250),
    Column("door", lambda row, words: words.language.text(f"checks.door.{row.door}"), width=360),
    _units("billed_units", lambda row: row.billed_quantity),
    _units("exported_units", lambda row: row.exported_quantity),
    _units("expected_units", lambda row: row.expected_quantity),
    _units("all_units", lambda row: row.expected_all),
    _amount("billed", lambda row: row.billed),
    _amount("exported", lambda row: row.exported),
    _amount("expected", lambda row: row.expected),
)


class ThreeWayPane(QWidget):
    """The lines that all three sources state, and what Meta logged with its messages."""

    def __init__(self, context: Context) -> None:
        """Begin without a comparison."""
        super().__init__()
        self._context = context
        self.model: RecordModel[ThreeWay] = RecordModel("three_way", COLUMNS, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        self.text = told_label()
        context.speech.bind(self.table.setAccessibleName, "three_way.name")
        self.table.say_when_empty("three_way.none")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(caption(context, "three_way.text"))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.text)

    def show_result(self, result: Reconciliation | None, words: Words | None) -> int:
        """Show how the three compare, and give how many lines do not agree."""
        held = result.three_way if result else ()
        shown = prepare(COLUMNS, held, words) if words else ()
        self.model.show(shown, result.account.currency if result else "")
        said = self._said(result, words) if result and words else []
        self.text.setText("<br>".join(said))
        self.text.setVisible(bool(said))
        return sum(one.door != "agree" for one in held)

    def _said(self, result: Reconciliation, words: Words) -> list[str]:
        speech, cross = self._context.speech, result.cross_check
        said = [speech.text("three_way.free")] if any(one.counts_free for one in result.three_way) else []
        if cross.compared:
            compared, disagreeing = words.count(cross.compared), words.count(cross.disagreeing)
            said.append(speech.text("three_way.logged", compared=compared, disagreeing=disagreeing))
        return said

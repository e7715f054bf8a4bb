"""The account checklist: the platform's conditions of each business number, what shows them, when and who looked."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.records import CHECKS
from auditor.core.results import business_numbers
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Choice
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import day_field
from auditor.gui.pieces.controls import fill_in
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import day_column
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.words import Words

if TYPE_CHECKING:
    from auditor.verbs.conditions import Condition

_STATUSES = ("met", "unmet")


@dataclass(frozen=True, slots=True)
class Check:
    """A condition of a number, with what was recorded of it, if anything."""

    number: str
    check: str
    found: "Condition | None"

    @property
    def status(self) -> str:
        """Give `met`, `unmet` or `not_recorded`."""
        return self.found.status if self.found else "not_recorded"


COLUMNS: tuple[Column[Check], ...] = (
    Column("number", lambda one, words: words.phone(one.number), width=170),
    Column("condition", lambda one, words: words.language.text(f"workbook.condition.{one.check}"), width=460),
    Column("status", lambda one, words: words.language.text(f"workbook.m.{one.status}"), width=120),
    Column("evidence", lambda one, _words: one.found.evidence if one.found else BLANK, width=260),
    day_column("day", lambda one: one.found.day if one.found else None, 92),
    Column("who", lambda one, _words: one.found.who if one.found else BLANK, width=150),
)


class Checklist(QWidget):
    """The conditions as a table, and the form that records what was found of the selected one."""

    file_wanted = Signal()

    def __init__(self, context: Context) -> None:
        """Begin without numbers."""
        super().__init__()
        self._context = context
        self._file: Path | None = None
        self.model: RecordModel[Check] = RecordModel("checklist", COLUMNS, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        self.status = Choice()
        self.evidence, self.who = QLineEdit(), QLineEdit()
        self.day = day_field(context)
        self.file = button(context, "checklist.file", "attach")
        self.record = button(context, "checklist.record", "accept", primary=True)
        context.speech.bind(self.table.setAccessibleName, "checklist.name")
        self.table.say_when_empty("checklist.none")
        context.speech.bind(self.evidence.setPlaceholderText, "checklist.evidence_hint")
        self._build()
        self.table.selectionModel().currentRowChanged.connect(self._picked)
        self.file.clicked.connect(self.file_wanted)
        self.record.clicked.connect(self._record)
        context.speech.switched.connect(self._name_statuses)
        self._name_statuses()

    def show_account(self, words: Words | None) -> None:
        """Show the conditions of the open audit's numbers."""
        opened = self._context.workspace.opened
        at = max(0, self.table.currentIndex().row())
        numbers = business_numbers(opened.account, opened.result) if opened else ()
        rows = [
            Check(number.id, check, opened.conditions.get((number.id, check)) if opened else None)
            for _, number in numbers
            for check in CHECKS
        ]
        self.model.show(prepare(COLUMNS, rows, words) if words else ())
        self.setEnabled(bool(rows))
        if rows:
            self.table.selectRow(min(at, len(rows) - 1))
        self._picked()

    def take_file(self, file: Path) -> None:
        """Take a file as the evidence; it is kept in the audit when the finding is recorded."""
        self._file = file
        self.evidence.setText(file.name)

    def _picked(self) -> None:
        row, opened = self.table.current_row(), self._context.workspace.opened
        found: Condition | None = row.record.found if row else None
        self._file = None
        self.status.setCurrentIndex(_STATUSES.index(found.status) if found else 0)
        fill_in(self.evidence, found.evidence if found else "")
        fill_in(self.who, found.who if found else (opened.account.preparer if opened else ""))
        day = found.day if found else None
        self.day.setDate(QDate(day.year, day.month, day.day) if day else QDate.currentDate())

    def _record(self) -> None:
        from auditor.verbs.conditions import Condition  # noqa: PLC0415 - loads the engine, which a start does without

        row = self.table.current_row()
        if row is None:
            return
        day = self.day.date().toPython()
        assert isinstance(day, date)
        status = str(self.status.currentData())
        found = Condition(
            row.record.number, row.record.check, status, self.evidence.text().strip(), day, self.who.text().strip()
        )
        self._context.workspace.record(found, self._file)

    def _name_statuses(self) -> None:
        chosen = max(0, self.status.currentIndex())
        self.status.clear()
        for status in _STATUSES:
            self.status.addItem(self._context.speech.language.text(f"workbook.m.{status}"), status)
        self.status.setCurrentIndex(chosen)

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        fields = {"status": self.status, "evidence": self.evidence, "day": self.day, "who": self.who}
        for key, field in fields.items():
            column = grid.columnCount() if grid.count() else 0
            label = QLabel()
            label.setBuddy(field)
            self._context.speech.bind(label.setText, f"checklist.column.{key}")
            self._context.speech.bind(field.setAccessibleName, f"checklist.column.{key}")
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            if field is self.evidence:
                grid.setColumnStretch(column, 1)
                grid.addWidget(self.file, 1, column + 1)
        grid.addWidget(self.record, 1, grid.columnCount())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 8, 4, 4)
        layout.setSpacing(8)
        layout.addWidget(caption(self._context, "checklist.text"))
        layout.addWidget(self.table, 1)
        layout.addLayout(grid)

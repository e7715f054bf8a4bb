"""The rows of a previewed file as a table whose columns are the file's own."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtCore import Qt

from auditor.core.report.facts import mask_unit
from auditor.core.report.facts import mask_user
from auditor.core.timeline import instant
from auditor.gui.speech import Speech
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import Row
from auditor.gui.words import Words
from auditor.language import Language
from auditor.language import catalogue

if TYPE_CHECKING:
    from auditor.verbs.inspection import Inspection
    from auditor.verbs.seen import SeenColumn
    from auditor.verbs.seen import SeenRow

_FIXED = ("row", "kind")
_WHY = ("row", "cell", "reason", "cells")
_WIDTH, _TIME_WIDTH = 104, 144
_WIDTHS = {"row": 50, "kind": 190, "reason": 420, "cell": 120}
# What the fields of a message that are instants end in, and those of days.
_TIME = "_at"
_DAYS = frozenset({"document_date", "period_start", "period_end", "day", "effective_from", "effective_to"})
_OWN = frozenset({*_FIXED, *_WHY})
# What stands on paper of a log: the cells of a row that was not read are not known apart, and left out.
_PRINTED: "Mapping[str, Callable[[SeenRow], str]]" = {
    "user": lambda row: mask_user(row.fields.get("user", "")),
    "message_id": lambda row: mask_unit(row.fields.get("message_id", ""), row.fields.get("user", "")),
    "kind": lambda _row: "",
    "cell": lambda _row: "",
    "cells": lambda _row: "",
}


def seen_columns(seen: "Inspection") -> tuple[str, ...]:
    """Give the fields that any shown row has a value of, in the order of the file."""
    present = {name for row in seen.rows for name in row.fields}
    ordered = dict.fromkeys(column.field for column in seen.columns if column.field in present)
    return (*ordered, *sorted(present - set(ordered)))


class RowsModel(RecordModel["SeenRow"]):
    """Rows with their number and what they are; then a column per field, or the cell and reason of a refusal."""

    def __init__(self, name: str, speech: Speech, parent: QObject) -> None:
        """Begin without rows."""
        columns: list[Column[SeenRow]] = [_column(key) for key in (_FIXED if name == "seen" else _WHY)]
        super().__init__(name, columns, speech, parent)
        self._names: Mapping[str, str] = {}

    def show_rows(
        self,
        rows: "Sequence[SeenRow]",
        fields: Sequence[str],
        names: Mapping[str, str],
        language: Language,
        columns: "Sequence[SeenColumn]" = (),
        words: Words | None = None,
        *,
        of_log: bool = False,
    ) -> None:
        """Show other rows, with other columns if it must be; those `of_log` tell customers, and not on paper."""
        self._names = names
        if self.name == "seen":
            # Where all rows are lines, as in a log, it need not be said of each; nor where none has a number, which.
            told = {"row": not rows or any(row.row for row in rows), "kind": any(row.kind != "line" for row in rows)}
            keys = (*(key for key in _FIXED if told[key]), *fields)
            texts = [tuple(_shown(row, key, words, language) for key in keys) for row in rows]
        else:
            texts = [_why(row, columns, language) for row in rows]
            keys = _WHY
        self.beginResetModel()
        self.columns = tuple(_column(key, of_log=of_log) for key in keys)
        self.rows = [Row(row, text, text, "") for row, text in zip(rows, texts, strict=True)]
        self.endResetModel()
        self._heads_changed()

    def head(self, section: int) -> str:
        """Give a column's head: the field's name, or a word of our own."""
        key = self.columns[section].key
        if key in self._names:
            return self._names[key]
        return self._speech.text(f"preview.head.{key}") if key in _OWN else key

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a head; the columns of a file have no longer explanation than their name."""
        if role == Qt.ItemDataRole.ToolTipRole and orientation == Qt.Orientation.Horizontal:
            return self.head(section) if 0 <= section < len(self.columns) else None
        return super().headerData(section, orientation, role)


def _column(key: str, *, of_log: bool = False) -> "Column[SeenRow]":
    return Column(
        key,
        lambda _row, _words: "",
        width=_WIDTHS.get(key, _TIME_WIDTH if key.endswith(_TIME) else _WIDTH),
        printed=_PRINTED.get(key) if of_log else None,
    )


def _number(row: "SeenRow") -> str:
    return str(row.row) if row.row else BLANK


def _shown(row: "SeenRow", key: str, words: Words | None, language: Language) -> str:
    if key not in _FIXED:
        return _value(row, key, words)
    return _number(row) if key == "row" else _kind(row, language)


def _value(row: "SeenRow", name: str, words: Words | None) -> str:
    """Give a value in the reader's words: codes are for the engine."""
    value = row.fields.get(name, "")
    if words is None or not value:
        return value or BLANK
    if name == "market":
        return words.market(value)
    if name == "country":
        return words.country(value)
    if name in _DAYS:
        return words.language.day(date.fromisoformat(value))
    if name.endswith(_TIME):
        return words.instant(instant(datetime.fromisoformat(value)))
    known = catalogue(words.language.code)
    family = {"template_category": "category"}.get(name, name)
    return known.get(f"domain.{family}.{value}", value)


def _kind(row: "SeenRow", language: Language) -> str:
    """Say what a row is; one that is no line shows its cells instead of values."""
    word = language.text(f"window.preview.kind.{row.kind}")
    cells = " | ".join(cell for cell in row.cells if cell)
    return word if row.fields or not cells else f"{word}: {cells}"


def _why(row: "SeenRow", columns: "Sequence[SeenColumn]", language: Language) -> tuple[str, ...]:
    """Give a row that is no line: its number, the cell in question, the reason, and all it says."""
    problem = row.problem
    cell = BLANK
    if problem is not None:
        place = next((n for n, one in enumerate(columns) if problem.place.column in {one.letters, one.head}), None)
        if place is not None and place < len(row.cells):
            cell = row.cells[place] or BLANK
    reason = (
        language.text(f"problems.{problem.code}", **problem.values)
        if problem
        else language.text(f"window.preview.kind.{row.kind}")
    )
    return _number(row), cell, reason, " | ".join(text for text in row.cells if text) or BLANK

"""Tables with a row for each figure: the counts of a category in one, what they cost in the next (formats.md §4).

Pivot tables with their values in rows are written so, and exports of one value a row. The rows of a charge are put side
by side, and then it is a table like any other; each keeps the number of the last row it is made of.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import likeliest_field

_FIGURES = frozenset({"amount", "quantity", "unit_rate"})
_CERTAIN = 90.0
_LOOKED_AT, _LEAST = 60, 4


class _Table(NamedTuple):
    """A table with a row for each figure: its head, its rows, and the column that names the figures."""

    head: SheetRow
    rows: Sequence[SheetRow]
    measure: int


def with_measures_across(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Give the sheets with the rows of one charge side by side, where a table has a row for each figure."""
    return [_across(sheet) or sheet for sheet in sheets]


def _across(sheet: Sheet) -> Sheet | None:
    """Put a sheet's table so; None if it is no such table, or if nothing tells its rows apart."""
    table = _table(sheet)
    if table is None:
        return None
    values = [cell.column for cell in table.head.filled if _is_of_values(table, cell)]
    keys = [cell.column for cell in table.head.filled if cell.column not in (*values, table.measure)]
    groups = _groups(table, keys)
    if not (keys and values and groups) or sheet.troubles:
        return None
    measures = list(dict.fromkeys(name for group in groups for name in group))
    head = SheetRow(table.head.number, tuple(_heads(table, keys, values, measures)))
    made = [_row(group, keys, values, measures) for group in groups]
    first, last = table.head.number, table.rows[-1].number
    before = [row for row in sheet.rows if row.number < first]
    after = [row for row in sheet.rows if row.number > last]
    return replace(sheet, rows=MadeRows([*before, head, *made, *after]), merged=(), hidden_columns=frozenset())


def _table(sheet: Sheet) -> _Table | None:
    """Find the column that names in every row, from one below its head to the last such one, a figure of a charge."""
    first = [*sheet.rows[:_LOOKED_AT]]
    widest = max((len(row.cells) for row in first), default=0)
    counts = {column: sum(1 for row in first if _measured(row.cell(column))) for column in range(1, 1 + widest)}
    column = next((column for column, count in counts.items() if count >= _LEAST), 0)
    rows = [row for row in sheet.rows if row.filled] if column else []
    named = [place for place, row in enumerate(rows) if _measured(row.cell(column))]
    fields = {_measured(rows[place].cell(column)) for place in named}
    together = bool(named) and named[0] > 0 and named[-1] - named[0] == len(named) - 1
    if not together or not {"amount", "quantity"} <= fields or not is_label(rows[named[0] - 1].cell(column)):
        return None
    return _Table(rows[named[0] - 1], rows[named[0] : named[-1] + 1], column)


def _measured(cell: SheetCell) -> str:
    """Give the field of the figures that a cell beside them names for sure; empty if it names none."""
    if not is_label(cell) or total_kind(cell.text):
        return ""
    field = likeliest_field(cell.text)
    return field if field in _FIGURES and head_scores(cell.text)[field] >= _CERTAIN else ""


def _is_of_values(table: _Table, head: SheetCell) -> bool:
    """Tell a column of the figures, behind their names, from one of words, days or ids that say of what they are."""
    cells = [row.cell(head.column) for row in table.rows if row.cell(head.column).text]
    return head.column > table.measure and bool(cells) and all(map(is_number, cells))


def _groups(table: _Table, keys: Sequence[int]) -> list[Mapping[str, SheetRow]]:
    """Give the rows of each charge by the names of their figures; what is written once holds for the rows below it.

    None at all where a charge would have one figure twice, or lacks its count or its amount.
    """
    groups: dict[tuple[str, ...], dict[str, SheetRow]] = {}
    above: tuple[str, ...] = ("",) * len(keys)
    for row in table.rows:
        own = tuple(row.cell(column).text for column in keys)
        above = own if all(own) else tuple(text or before for text, before in zip(own, above, strict=True))
        groups.setdefault(above, {})[row.cell(table.measure).text] = row
    made = sorted(groups.values(), key=lambda group: max(row.number for row in group.values()))
    whole = sum(map(len, made)) == len(table.rows)
    fields = [{_measured(row.cell(table.measure)) for row in group.values()} for group in made]
    return [*made] if whole and all({"amount", "quantity"} <= one for one in fields) else []


def _heads(table: _Table, keys: Sequence[int], values: Sequence[int], measures: Sequence[str]) -> Iterator[SheetCell]:
    """Give the heads: of the words, and of each figure below each column of values."""
    number = table.head.number
    for place, column in enumerate(keys, 1):
        yield table.head.cell(column)._replace(column=place)
    over = {column: table.head.cell(column).text if len(values) > 1 else "" for column in values}
    pairs = ((column, measure) for column in values for measure in measures)
    for place, (column, measure) in enumerate(pairs, len(keys) + 1):
        yield SheetCell(measure, f"{over[column]} {measure}".strip(), number, place)


def _row(
    group: Mapping[str, SheetRow], keys: Sequence[int], values: Sequence[int], measures: Sequence[str]
) -> SheetRow:
    """Put the rows of a charge side by side."""
    first, number = next(iter(group.values())), max(row.number for row in group.values())
    cells = [first.cell(column) for column in keys]
    empty = SheetCell(None, "", number, 0)
    cells += [group[name].cell(column) if name in group else empty for column in values for name in measures]
    made = tuple(cell._replace(row=number, column=place) for place, cell in enumerate(cells, 1))
    return SheetRow(number, made, any(row.hidden for row in group.values()))

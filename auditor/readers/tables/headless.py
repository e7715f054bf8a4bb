"""Summaries of two columns without heads: what was charged, and beside it how much (formats.md §4).

Tried only where no table was found, and done only where the figures look like money, not counts, and words beside them
name what Meta charges.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from auditor.core.problems import Problem
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import total_kind

_MOST_ROWS = 200
_HEADS = ("Description", "Amount")
_CENTS = re.compile(r"[.,][0-9]{2}$")


def headed(sheet: Sheet) -> Sheet | None:
    """Put heads above the one block of words and amounts that a sheet holds; None for any other sheet.

    They take the place of the row above, and rows directly above that go up by one.
    """
    rows = sheet.rows[:_MOST_ROWS]
    pairs = [row for row in rows if _is_pair(row)]
    if len(sheet.rows) > _MOST_ROWS or not _are_charges(pairs) or not _is_one_block(rows, pairs):
        return None
    top, (words, figures) = pairs[0].number, (cell.column for cell in pairs[0].filled)
    cells = {words: _HEADS[0], figures: _HEADS[1]}
    head = _row(top - 1, [cells.get(column, "") for column in range(1, figures + 1)])
    above = [row for row in sheet.rows if row.number < top]
    moved = [_moved(row, place - len(above) + top - 1) for place, row in enumerate(above)]
    below = [row for row in sheet.rows if row.number >= top]
    said = Problem("heads_supposed", sheet.place(top), MappingProxyType({"count": str(len(pairs))}))
    return replace(sheet, rows=MadeRows([*moved, head, *below]), remarks=(*sheet.remarks, said))


def _is_pair(row: SheetRow) -> bool:
    filled = row.filled
    return len(filled) == 2 and is_label(filled[0]) and is_number(filled[1])


def _are_charges(pairs: Sequence[SheetRow]) -> bool:
    """Tell pairs of which two at least are no totals, all in two columns, some of categories and some with cents."""
    named = [row.filled[0].text for row in pairs if not total_kind(row.filled[0].text)]
    money = [row.filled[1] for row in pairs]
    stated = [taken for cell in money if isinstance(cell.value, str) and (taken := take_apart(cell.text))]
    return (
        len(named) > 1
        and len({tuple(cell.column for cell in row.filled) for row in pairs}) == 1
        and any(described(name).category for name in named)
        and (any(_CENTS.search(cell.text) for cell in money) or any(taken.currency for taken in stated))
    )


def _is_one_block(rows: Sequence[SheetRow], pairs: Sequence[SheetRow]) -> bool:
    """Tell pairs with nothing among them, and no other figures that stand beside words."""
    first, last = pairs[0].number, pairs[-1].number
    among = [row for row in rows if first <= row.number <= last and row.filled]
    return len(among) == len(pairs) and all(len(row.filled) <= 2 for row in rows)


def _row(number: int, texts: Sequence[str]) -> SheetRow:
    return SheetRow(number, tuple(SheetCell(text or None, text, number, at) for at, text in enumerate(texts, 1)))


def _moved(row: SheetRow, number: int) -> SheetRow:
    return SheetRow(number, tuple(cell._replace(row=number) for cell in row.cells), row.hidden)

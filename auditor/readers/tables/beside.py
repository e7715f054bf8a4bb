"""A summary that stands beside the details on one sheet, apart from them by a blank column: a sheet of its own (§4)."""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile
from itertools import pairwise
from itertools import permutations

from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import column_letters
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.words import plain

# More rows, columns or tables no sheet of details with a summary beside them has.
_MOST_ROWS, _MOST_COLUMNS, _MOST_BLOCKS = 20_000, 64, 6
_LEAST_HEADS = 2

_Block = tuple[int, int]


def with_summaries_apart(sheets: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """Give sheets with each summary beside the details on a sheet of its own, called by its columns as well.

    That is: it has other heads, names of its own, and a total in a row in which the details have figures and none. As
    the rows count through, the total of the one would make no line of the other's row.
    """
    return tuple(found for sheet in sheets for found in _apart(sheet))


def _apart(sheet: Sheet) -> Iterator[Sheet]:
    blocks = _blocks(sheet.rows) if len(sheet.rows) <= _MOST_ROWS and sheet.rows.width <= _MOST_COLUMNS else []
    pairs = permutations(blocks, 2) if len(blocks) <= _MOST_BLOCKS else ()
    summaries = dict.fromkeys(block for block, details in pairs if _is_summary(sheet.rows, block, details))
    if len(summaries) == len(blocks):
        summaries = {}
    inside = {column for first, last in summaries for column in range(first, last + 1)}
    yield replace(sheet, rows=_without(sheet.rows, inside)) if inside else sheet
    for first, last in summaries:
        others = {*range(1, sheet.rows.width + 1)} - {*range(first, last + 1)}
        name = f"{sheet.name} {column_letters(first)}:{column_letters(last)}".strip()
        yield replace(sheet, name=name, rows=_without(sheet.rows, others), remarks=())


def _without(rows: Sequence[SheetRow], columns: Collection[int]) -> MadeRows:
    return MadeRows([row.without(columns) for row in rows])


def _blocks(rows: Sequence[SheetRow]) -> list[_Block]:
    """Give the first and last column of each run of columns between wholly blank ones."""
    used = sorted({cell.column for row in rows for cell in row.filled})
    starts = [column for before, column in pairwise([0, *used]) if column > before + 1 or not before]
    ends = [before for before, column in pairwise(used) if column > before + 1] + used[-1:]
    return list(zip(starts, ends, strict=True))


def _is_summary(rows: Sequence[SheetRow], block: _Block, details: _Block) -> bool:
    """Tell a table whose total stands beside a line of the details, under other heads."""
    filled = ((row, _of(row, block)) for row in rows)
    mine = [*dropwhile(lambda one: len(one[1]) < _LEAST_HEADS, filled)]  # a title has one cell
    if len(mine) <= _LEAST_HEADS or not all(map(is_label, mine[0][1])):
        return False
    heads, others = ([plain(cell.text) for cell in _of(mine[0][0], one)] for one in (block, details))
    if len(heads) < _LEAST_HEADS or len(others) <= len(heads) or heads == others:
        return False
    return any(_is_total(cells) and _is_line(_of(row, details)) for row, cells in mine[1:])


def _of(row: SheetRow, block: _Block) -> list[SheetCell]:
    return [cell for cell in row.filled if block[0] <= cell.column <= block[1]]


def _is_total(cells: Sequence[SheetCell]) -> bool:
    return any(map(is_number, cells)) and any(is_label(cell) and total_kind(cell.text) for cell in cells)


def _is_line(cells: Sequence[SheetCell]) -> bool:
    return any(map(is_number, cells)) and not any(is_label(cell) and total_kind(cell.text) for cell in cells)

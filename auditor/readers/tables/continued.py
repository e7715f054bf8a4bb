"""Lines whose words stand on two rows: what each is for is said above or below its figures (formats.md §4)."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from auditor.core.records import Layer
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_number
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.line_cells import FREE_LAYERS
from auditor.readers.values.vocabulary import described

CONTINUED = "continued"
_OPEN = frozenset({*FREE_LAYERS, Layer.OTHER.value})


def continued(sheet: Sheet, layout: Layout) -> tuple[Sheet, Layout]:
    """Put the words of rows without figures into the lines that they belong to; as given where that is not plain.

    No line of messages says its category on its own row, and each has such words directly below it; or each has them
    directly above it, as notes (what divides the lines is a heading).
    """
    column = layout.field("description")
    notes = {row for row, reason in layout.left_out if reason == "note" and row > layout.header_row}
    divided = min(layout.headings, default=layout.header_row + 1) < layout.header_row
    if column is None or layout.applied or layout.field("category") or divided or not (notes or layout.headings):
        return sheet, layout
    rows = [row for row in sheet.rows if row.filled and row.number > layout.header_row]
    lines, spoken, at = set(layout.data), {*notes, *layout.headings}, column.column
    worded = {row.number for row in rows if row.number in spoken and _words(row, at)}
    own = {row.number: described(row.cell(at).text) for row in rows if row.number in lines}
    open_lines = [number for number, meaning in own.items() if meaning.layer in _OPEN]
    if not worded or not open_lines or any(meaning.category for meaning in own.values()):
        return sheet, layout
    below, above = _runs(rows, lines, worded), _runs(rows[::-1], lines, worded)
    noted = _runs(rows[::-1], lines, worded & notes)
    found = [runs for runs, other in ((below, above), (noted, below)) if _tells_all(runs, other, open_lines, at)]
    if len(found) != 1:
        return sheet, layout
    words = {number: sorted(found[0][number], key=lambda row: row.number) for number in open_lines}
    used = {row.number for run in words.values() for row in run}
    texts = {number: [_words(row, at) for row in run] for number, run in words.items()}
    kept = tuple(one for one in layout.left_out if one[0] not in used)
    joined = replace(
        layout,
        headings=tuple(row for row in layout.headings if row not in used),
        left_out=tuple(sorted((*kept, *((row, CONTINUED) for row in used)))),
    )
    return replace(sheet, rows=MadeRows(tuple(_with_words(sheet.rows, texts, at)))), joined


def _words(row: SheetRow, column: int) -> str:
    """Give the words of a row without figures but a number of its own; empty if it has others."""
    figures = [cell for cell in row.filled if is_number(cell)]
    text = row.cell(column).text or (row.filled[0].text if len(row.filled) == 1 else "")
    return text if len(figures) <= 1 and all(cell.column < column for cell in figures) else ""


def _runs(rows: Sequence[SheetRow], lines: set[int], worded: set[int]) -> Mapping[int, list[SheetRow]]:
    """Give for each line the rows of mere words that follow it directly, in the order of `rows`."""
    runs: dict[int, list[SheetRow]] = {}
    line = 0
    for row in rows:
        if row.number in lines:
            line = row.number
            runs[line] = []
        elif row.number in worded and line:
            runs[line].append(row)
        else:
            line = 0
    return runs


def _tells_all(
    runs: Mapping[int, Sequence[SheetRow]], other: Mapping[int, Sequence[SheetRow]], lines: Sequence[int], column: int
) -> bool:
    """Tell whether the words beside each line name a category, and on the `other` side some line has none."""
    told = (any(described(_words(row, column)).category for row in runs[line]) for line in lines)
    return all(told) and any(not other[line] for line in lines)


def _with_words(rows: Sequence[SheetRow], texts: Mapping[int, Sequence[str]], column: int) -> Iterator[SheetRow]:
    for row in rows:
        words = texts.get(row.number, ())
        if not words:
            yield row
            continue
        text = " · ".join(filter(None, chain([row.cell(column).text], words)))
        cells = list(row.cells)
        cells += [SheetCell(None, "", row.number, place) for place in range(len(cells) + 1, column + 1)]
        cells[column - 1] = SheetCell(text, text, row.number, column)
        yield replace(row, cells=tuple(cells))

"""What a reviewer typed or cleared where a workbook of ours invites nobody to: beside tables, over figures, on sheets.

Nothing of it can be taken over, so that each cell is said. The workbook is held against one that is written anew from
the same inputs. Rows are compared as wholes first, whatever their order: a sheet may have been sorted.
"""

import re
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.language import Language
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import column_letters
from auditor.readers.reviews.cells import typed_columns
from auditor.readers.reviews.parts import comments
from auditor.readers.reviews.parts import formula_cells

_TYPED, _CLEARED = "review_cell_elsewhere", "review_cell_cleared"
_MOST = 20
"""Cells of one sheet that are said one by one."""
_LIKEST = 200  # rows among which the one is sought that a changed row was
_OF_CLAIMS = ("D", "S")  # what is claimed stands on these sheets, with its checks
_HEADING = 6  # rows at the top of every sheet, whose first column holds who, when and the conclusion
_CLOSE = Decimal("1e-9")
_Plain = str | Decimal
_Row = tuple[str, ...]


class _Odd(NamedTuple):
    """A cell that was not written so: the problem that it is, its place, and what it holds or, if cleared, held."""

    code: str
    row: int
    column: int
    text: str


def typed_elsewhere(
    path: Path, back: Mapping[str, Sheet], fresh: Mapping[str, Sheet], language: Language, *, moved: bool
) -> list[ProblemCount]:
    """Say what was typed or cleared elsewhere in the workbook at `path`.

    `back` are its sheets, `fresh` those written anew; `moved`: something was decided since it was written.

    A program that saves a workbook computes it: formulas over a figure that was typed over give others, too, or
    none. They are said only where nothing but formulas has changed.
    """
    found = [
        ProblemCount("review_comment", 1, Place(path.name, sheet, *_row_and_column(cell)), {"word": text})
        for sheet, cell, text in comments(path)
    ]
    odd = {
        code: _odd(sheet, fresh[code], _Left(code, sheet, language)) for code, sheet in back.items() if code in fresh
    }
    found += [ProblemCount("review_claims_moved", 1, back[code].place()) for code in _moved(odd, moved=moved)]
    put_in = {code: _put_in(path, back[code], cells) for code, cells in odd.items() if cells}
    if not any(put_in.values()):
        put_in = {code: [cell for cell in cells if cell.code == _TYPED] for code, cells in odd.items()}
    for code, cells in put_in.items():
        found += _said(back[code], cells)
    for code, sheet in back.items():
        if code not in fresh and any(row.filled for row in sheet.rows):
            found.append(ProblemCount("review_sheet_added", 1, sheet.place()))
    gone = [sheet for code, sheet in fresh.items() if code not in back]
    found += [ProblemCount("review_sheet_gone", 1, Place(path.name), {"sheet": sheet.name}) for sheet in gone]
    return found


def _moved(odd: dict[str, list[_Odd]], *, moved: bool) -> list[str]:
    """Take out, and name, the sheets on which what was claimed since cannot be told from what was typed."""
    unseen = [code for code in _OF_CLAIMS if odd.get(code)] if moved and odd.get("S") else []
    for code in unseen:
        del odd[code]
    return unseen


def _put_in(path: Path, sheet: Sheet, cells: Sequence[_Odd]) -> list[_Odd]:
    """Give the cells that hold no formula."""
    formulas = formula_cells(path, sheet.name)
    return [cell for cell in cells if f"{column_letters(cell.column)}{cell.row}" not in formulas]


def _said(sheet: Sheet, cells: Sequence[_Odd]) -> Iterator[ProblemCount]:
    """Say the first cells one by one, and how many more there are."""
    for cell in cells[:_MOST]:
        yield ProblemCount(cell.code, 1, sheet.place(cell.row, cell.column), {"word": cell.text})
    if len(cells) > _MOST:
        more = len(cells) - _MOST
        yield ProblemCount("review_cells_elsewhere", more, sheet.place(cells[_MOST].row), {"count": str(more)})


def _row_and_column(cell: str) -> tuple[int, str]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :] or 0), letters


class _Left:
    """What is not compared: cells to be typed in, and what is another in every export, as its time is."""

    def __init__(self, code: str, sheet: Sheet, language: Language) -> None:
        self.columns = typed_columns(sheet, language, code)
        self._labels = {language.text(f"workbook.a.{key}") for key in _OF_AN_EXPORT} if code == "A" else set()
        self._lists_sheets = code == "B"
        self.grows = code == "N"  # the journal: what was decided since is in no earlier export

    def row(self, row: SheetRow) -> bool:
        """Tell whether a row is left out: on the cover by its label, in the index those that list the sheets."""
        first = row.cell(1).text
        return first in self._labels or (self._lists_sheets and re.fullmatch("[A-Z]", first) is not None)


_OF_AN_EXPORT = ("preparer", "reviewer", "locked", "version", "inputs", "state", "made_at")


def _odd(back: Sheet, fresh: Sheet, left: _Left) -> list[_Odd]:
    """Give the cells that were not written so, those of rows that are gone last."""
    rows, over = _odd_rows(back, fresh, left)
    cells = [cell for row, like in rows for cell in _odd_cells(row, like, left.columns)]
    seen = {like.number for _, like in rows if like is not None}
    gone = [] if left.grows else [row for row in over if row.number not in seen and not left.row(row)]
    return cells + [cell for row in gone for cell in _cleared(SheetRow(row.number, ()), row, left.columns)]


def _odd_rows(
    back: Sheet, fresh: Sheet, left: _Left
) -> tuple[list[tuple[SheetRow, SheetRow | None]], Sequence[SheetRow]]:
    """Give the rows that were not written so, each beside the written one that it is like, and the written ones left.

    Of those left, a row is held to be the one at its own number, else the one that it agrees with in most cells.
    """
    written: dict[_Row, list[int]] = defaultdict(list)
    for place, row in enumerate(fresh.rows):
        written[_key(row, left.columns)].append(place)
    counts = Counter({key: len(places) for key, places in written.items()})
    odd = []
    for row in back.rows:
        key = _key(row, left.columns)
        if counts[key]:
            counts[key] -= 1
        elif key and not left.row(row):
            odd.append(row)
    over = {fresh.rows[place].number: fresh.rows[place] for key in +counts for place in written[key]}
    pairs: list[tuple[SheetRow, SheetRow | None]] = []
    for row in odd:
        like = over.get(row.number)
        if not _likeness(row, like, left.columns) and len(over) <= _LIKEST:
            like = max(over.values(), key=lambda one: _likeness(row, one, left.columns), default=None)
        pairs.append((row, like if _likeness(row, like, left.columns) else None))
    return pairs, list(over.values())


def _odd_cells(row: SheetRow, like: SheetRow | None, columns: AbstractSet[int]) -> Iterator[_Odd]:
    for cell in row.filled:
        if cell.column in columns or (row.number <= _HEADING and cell.column == 1):
            continue
        if like is None or not _same(_plain(cell), _plain(like.cell(cell.column))):
            yield _Odd(_TYPED, cell.row, cell.column, cell.text)
    if like is not None:
        yield from _cleared(row, like, columns)


def _cleared(row: SheetRow, like: SheetRow, columns: AbstractSet[int]) -> Iterator[_Odd]:
    """Give the cells of a written row that are empty now."""
    for cell in like.filled:
        if cell.column not in columns and not row.cell(cell.column).text:
            yield _Odd(_CLEARED, row.number, cell.column, cell.text)


def _likeness(row: SheetRow, other: SheetRow | None, columns: AbstractSet[int]) -> int:
    """Count the cells in which two rows agree."""
    if other is None:
        return 0
    return sum(
        _same(_plain(cell), _plain(other.cell(cell.column))) for cell in row.filled if cell.column not in columns
    )


def _key(row: SheetRow, columns: AbstractSet[int]) -> _Row:
    """Give what a row says, without blanks at its end and what is not compared."""
    said = ["" if cell.column in columns else _rough(_plain(cell)) for cell in row.cells]
    if row.number <= _HEADING and said:
        said[0] = ""
    while said and not said[-1]:
        said.pop()
    return tuple(said)


def _rough(value: _Plain) -> str:
    return f"{float(value):.9g}" if isinstance(value, Decimal) else value


def _plain(cell: SheetCell) -> _Plain:
    """Give what a cell says, however the program that saved it keeps truth, times and ends of lines."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    if isinstance(value, datetime):
        return (value + timedelta(milliseconds=500)).replace(microsecond=0).isoformat()
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    return "\n".join(value.splitlines())


def _same(one: _Plain, other: _Plain) -> bool:
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return abs(one - other) <= _CLOSE * max(Decimal(1), abs(one))
    return one == other

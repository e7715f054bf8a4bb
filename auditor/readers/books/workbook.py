"""Reading a workbook (XLSX, XLSM, XLSB, XLS, ODS) by calamine, to be done apart (`apart.py`).

Plain tuples and lists go back to the parent, since they cross between processes.
"""

import csv
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from itertools import chain
from itertools import islice
from itertools import repeat
from pathlib import Path
from typing import Any
from typing import NamedTuple
from typing import TypeAlias
from typing import cast

import python_calamine as calamine

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.books.facts_xls import xls_facts
from auditor.readers.books.facts_xlsb import xlsb_facts
from auditor.readers.books.sheetscan import NO_FACTS
from auditor.readers.books.sheetscan import Facts

Raw: TypeAlias = int | float | str | bool | date | datetime | time | timedelta | None
# An invoice of a million lines and a dozen columns still goes; the rows of a log are never all in memory.
MOST_CELLS = 12_600_000
_MOST_SHEETS = 1_000
_BATCH = 4096
_LONGEST_EXACT = 10**14


class SheetHead(NamedTuple):
    """What is told of a sheet before its rows: merged areas are (top, left, bottom, right), counted from 1.

    `facts` of an XLSX file are empty here: they come of the look at its zip (`bookcheck`).
    """

    name: str
    hidden: bool
    merged: tuple[tuple[int, int, int, int], ...]
    height: int
    facts: Facts


def read_book(path: str, kind: str) -> Iterator[SheetHead | list[list[Any]]]:
    """Give every worksheet: its head, then its rows in batches, from the sheet's first row on.

    Raises `AuditorError`: `file_encrypted`, `file_damaged`, `book_extent`.
    """
    book = _open(path)
    if len(book.sheet_names) > _MOST_SHEETS:
        raise AuditorError("book_extent", Place(Path(path).name))
    beside = _facts(Path(path), kind)
    for meta, facts in zip(book.sheets_metadata, chain(beside, repeat(NO_FACTS)), strict=False):
        if meta.typ == calamine.SheetTypeEnum.WorkSheet:
            sheet = _sheet(book, meta.name)
            height, width = _extent(sheet)
            if height * width > MOST_CELLS:
                raise AuditorError("book_extent", Place(Path(path).name, meta.name))
            hidden = meta.visible != calamine.SheetVisibleEnum.Visible
            yield SheetHead(meta.name, hidden, _merged(sheet), height, facts)
            rows = _rows(sheet)
            while batch := list(islice(rows, _BATCH)):
                yield batch


def _facts(path: Path, kind: str) -> list[Facts]:
    """Give what stands beside the values of each sheet of a book that is no XLSX file, in the order of the book."""
    if kind == "ods":
        from auditor.readers.books.facts_ods import ods_facts  # noqa: PLC0415 - loads NumPy, which is half of a child

        return ods_facts(path)
    if kind == "xls":
        return xls_facts(path)
    return xlsb_facts(path) if kind == "xlsb" else []


def book_facts(path: str, kind: str) -> dict[str, Facts]:
    """Give what stands beside the values of each sheet of a book that is no XLSX file, by its name."""
    return dict(zip(_open(path).sheet_names, _facts(Path(path), kind), strict=False))


def first_rows(path: str, rows: int, columns: int) -> dict[str, list[list[str]]]:
    """Give the texts of the first rows and columns of every worksheet by its name."""
    book = _open(path)
    sheets = (_sheet(book, meta.name) for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet)
    return {sheet.name: [list(map(_text, row[:columns])) for row in islice(_rows(sheet), rows)] for sheet in sheets}


def book_to_csv(path: str, name: str, target: str) -> Iterator[tuple[str, int, int]]:
    """Write one sheet (no name: the first visible one with cells) as CSV (`cells.sheet_to_csv`).

    Gives its name, the rows written so far and the rows in all, from time to time.
    """
    book = _open(path)
    if name and name not in book.sheet_names:
        raise AuditorError("sheet_unknown", sheet=name, sheets=", ".join(_names(book)))
    for candidate in [name] if name else _names(book):
        sheet = _sheet(book, candidate)
        if name or sheet.start is not None:
            height, _ = _extent(sheet)
            yield candidate, 0, height
            for done in _write_csv(sheet, target):
                yield candidate, done, height
            return
    raise AuditorError("file_empty")


def _open(path: str) -> calamine.CalamineWorkbook:
    try:
        book = calamine.load_workbook(path)
    except calamine.PasswordError as error:
        raise AuditorError("file_encrypted") from error
    except (calamine.CalamineError, OSError) as error:
        raise AuditorError("file_damaged") from error
    if not book.sheet_names:  # the part that lists them is lost
        raise AuditorError("file_damaged")
    return book


def _sheet(book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError) as error:
        raise AuditorError("file_damaged") from error


def _names(book: calamine.CalamineWorkbook) -> list[str]:
    metas = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
    visible = [meta.name for meta in metas if meta.visible == calamine.SheetVisibleEnum.Visible]
    return visible or [meta.name for meta in metas]


def _extent(sheet: calamine.CalamineSheet) -> tuple[int, int]:
    """Give the last row and the last column that hold anything."""
    return (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)


def _rows(sheet: calamine.CalamineSheet) -> Iterator[list[Any]]:
    """Give the rows from the sheet's first row and column on; calamine leaves out empty columns at the left."""
    if sheet.start is None:
        return iter(())
    before: list[Any] = [""] * sheet.start[1]
    return (before + row for row in sheet.iter_rows()) if before else sheet.iter_rows()


def _merged(sheet: calamine.CalamineSheet) -> tuple[tuple[int, int, int, int], ...]:
    ranges = sheet.merged_cell_ranges or []
    return tuple((top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges)


def _write_csv(sheet: calamine.CalamineSheet, target: str) -> Iterator[int]:
    """Write the rows that hold anything, each with its number first, all of one width."""
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)  # its line ends are such that a cell with either half of one is quoted
        done, rows = 0, _rows(sheet)
        while batch := list(islice(rows, _BATCH)):
            plain = _plain_lines(batch, done + 1)
            if plain is None:
                texts = ((number, list(map(_text, row))) for number, row in enumerate(batch, done + 1))
                writer.writerows((number, *row) for number, row in texts if any(row))
            else:
                file.write(plain)
            done += len(batch)
            yield done


def _plain_lines(batch: Sequence[Sequence[Raw]], first: int) -> str | None:
    """Give rows of one width as the writer would write them; None where a cell wants quotation marks."""
    width = len(batch[0])  # of which a row of nothing is one comma less
    lines = [f"{number},{line}\r\n" for number, line in enumerate(map(_joined, batch), first) if len(line) >= width]
    text, rows = "".join(lines), len(lines)
    plain = (width * rows, rows, rows, 0)
    return text if tuple(map(text.count, (",", "\r", "\n", '"'))) == plain else None


def _joined(row: Sequence[Raw]) -> str:
    try:
        return ",".join(cast("Sequence[str]", row))
    except TypeError:  # most rows are texts throughout
        return ",".join(map(_text, row))


def _text(cell: Raw) -> str:
    return cell if type(cell) is str else raw_text(cell)


def raw_text(value: Raw) -> str:
    """Give a cell's value as text: dates in ISO form, whole numbers plain, others as the shortest exact decimal.

    A whole number of 15 digits or more keeps its exponent (`1.02290129340398e+14`): Excel keeps 15 digits, so an id
    of that length may have lost some, and must be seen to have been a number.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value)) if abs(value) < _LONGEST_EXACT else _exponent(value)
        return repr(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return "" if value is None else str(value)


def _exponent(value: float) -> str:
    mantissa, _, power = f"{value:.16e}".partition("e")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}e{power}"

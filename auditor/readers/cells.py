"""Spreadsheet cells that know their place, from XLSX and from delimited text (formats.md §4)."""

import csv
import io
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.apart import no_watch
from auditor.readers.apart import run_apart
from auditor.readers.sniff import Sniffed
from auditor.readers.sniff import sniff
from auditor.readers.workbook import Raw
from auditor.readers.workbook import RawSheet
from auditor.readers.workbook import book_sheets
from auditor.readers.workbook import book_to_csv
from auditor.readers.workbook import raw_text
from auditor.readers.workbook import read_book

Value: TypeAlias = str | Decimal | date | datetime | bool | None
_INVOICE_SECONDS = 120.0
_LOG_SECONDS = 1800.0
_LARGEST_TEXT = 256 << 20
_LONGEST_FIELD = 1 << 20


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell: its value, and the text it had in the file. `column` counts from 1."""

    value: Value
    raw: str
    row: int
    column: int

    @property
    def text(self) -> str:
        """Give the cell as text without blanks around it; empty for an empty cell."""
        return self.raw.strip()


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet. `number` counts from 1 as the user's program shows it; of a text it is the first line."""

    number: int
    cells: tuple[SheetCell, ...]
    hidden: bool = False

    @property
    def filled(self) -> tuple[SheetCell, ...]:
        """Give the cells that hold anything."""
        return tuple(cell for cell in self.cells if cell.text)

    def cell(self, column: int) -> SheetCell:
        """Give the cell of a column counted from 1; an empty one beyond the row's end."""
        if 0 < column <= len(self.cells):
            return self.cells[column - 1]
        return SheetCell(None, "", self.number, column)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of cells.

    `name` is empty for a delimited text. `merged` are areas (top, left, bottom, right) whose value stands in the
    first cell only; `troubles` gives, by (row, column), the error text of a cell (`#REF!`), or nothing for a formula
    without a stored value.
    """

    file: str
    name: str
    rows: tuple[SheetRow, ...]
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    troubles: dict[tuple[int, int], str] = field(default_factory=dict)

    def place(self, row: int = 0, column: int = 0) -> Place:
        """Name a place in this sheet; columns by their letters."""
        return Place(self.file, self.name, row, column_letters(column) if column else "")


def column_letters(column: int) -> str:
    """Turn 1, 26, 27 into `A`, `Z`, `AA`."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_sheets(path: Path, sniffed: Sniffed | None = None, watch: Callable[[], None] = no_watch) -> tuple[Sheet, ...]:
    """Read every sheet of an XLSX file, or the one table of a delimited text.

    Raises `AuditorError`: as `sniff` and `run_apart` do, `kind_not_read` for kinds without cells, `file_too_large`,
    `csv_quotes`, `file_not_text`.
    """
    sniffed = sniffed or sniff(path)
    if sniffed.kind == "xlsx":
        place = Place(path.name)
        raw = run_apart(read_book, str(path), place=place, seconds=_INVOICE_SECONDS, watch=watch)
        return tuple(_sheet(path.name, sheet) for sheet in raw)
    if sniffed.kind == "csv" and not sniffed.compression:
        return (_text_sheet(path, sniffed),)
    raise AuditorError("kind_not_read", Place(path.name), kind=(sniffed.compression or sniffed.kind).upper())


def sheet_names(path: Path) -> tuple[str, ...]:
    """Give the names of an XLSX file's visible worksheets. Raises `AuditorError` as `read_sheets` does."""
    return tuple(run_apart(book_sheets, str(path), place=Place(path.name), seconds=_INVOICE_SECONDS))


def sheet_to_csv(path: Path, sheet: str, target: Path, watch: Callable[[], None] = no_watch) -> str:
    """Stream one sheet of an XLSX file (up to 1,048,576 rows) to a UTF-8 CSV with commas, and give its name.

    No `sheet` takes the first visible one that holds cells. The first column is the row number in the sheet; rows
    without any cell are left out, and all rows are of one width. Dates become ISO texts, whole numbers plain, other
    numbers the shortest exact decimal, booleans `true` and `false`; whole numbers of 15 digits and more keep an
    exponent (`1.02290129340398e+14`), so that a damaged id can be told. `watch` may raise to stop the work. Raises
    `AuditorError` as `read_sheets` does, or `sheet_unknown`; `target` may then be left half written.
    """
    place = Place(path.name)
    arguments = str(path), sheet, str(target)
    return str(run_apart(book_to_csv, *arguments, place=place, seconds=_LOG_SECONDS, watch=watch))


def _sheet(file: str, raw: RawSheet) -> Sheet:
    """Turn what the child sent into cells."""
    rows = []
    for number, values in enumerate(raw.rows, 1):
        cells = tuple(_cell(value, number, column) for column, value in enumerate(values, 1))
        rows.append(SheetRow(number, cells, number in raw.facts.hidden_rows))
    return Sheet(
        file, raw.name, tuple(rows), raw.hidden, raw.facts.hidden_columns, raw.merged, dict(raw.facts.troubles)
    )


def _cell(value: Raw, row: int, column: int) -> SheetCell:
    """Make a cell; a number keeps the 15 digits that Excel itself keeps and shows, never its binary expansion."""
    if isinstance(value, str):
        return SheetCell(value.strip() or None, value, row, column)
    text = raw_text(value)
    if isinstance(value, bool) or value is None or isinstance(value, date):
        return SheetCell(value, text, row, column)
    if isinstance(value, (int, float)):
        return SheetCell(Decimal(f"{value:.15g}"), text, row, column)
    return SheetCell(text, text, row, column)


def _text_sheet(path: Path, sniffed: Sniffed) -> Sheet:
    """Read a delimited text; a quote that is never closed would swallow rows, so it is refused."""
    text = _decoded(path, sniffed.encoding)
    rows = []
    try:
        for number, texts in _numbered(text, sniffed.delimiter):
            cells = (SheetCell(cell.strip() or None, cell, number, column) for column, cell in enumerate(texts, 1))
            rows.append(SheetRow(number, tuple(cells)))
    except csv.Error as error:
        last = rows[-1].number + 1 if rows else 1
        raise AuditorError("csv_quotes", Place(path.name, row=last)) from error
    return Sheet(path.name, "", tuple(rows))


def _decoded(path: Path, encoding: str) -> str:
    """Decode a text; what is not UTF-8 after all, far beyond the sniffed samples, is Windows-1252."""
    if path.stat().st_size > _LARGEST_TEXT:
        raise AuditorError("file_too_large", Place(path.name), size=_LARGEST_TEXT >> 20)
    content = path.read_bytes()
    for attempt in (encoding, "cp1252"):
        try:
            return content.decode(attempt).lstrip("\ufeff")
        except UnicodeDecodeError:
            continue
    raise AuditorError("file_not_text", Place(path.name))


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows with the number of their first line; Excel's own `sep=;` line is passed over."""
    csv.field_size_limit(_LONGEST_FIELD)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    for row in lines:
        if not (before == 0 and len(row) <= 2 and row and row[0].lower().startswith("sep=")):
            yield before + 1, row
        before = lines.line_num

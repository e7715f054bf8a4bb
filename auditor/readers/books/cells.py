"""Spreadsheet cells that know their place, from workbooks and from delimited text (formats.md §4)."""

from bisect import bisect_left
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from typing import TypeAlias
from typing import TypeVar
from typing import overload

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.readers.apart import child_ready
from auditor.readers.apart import run_apart
from auditor.readers.apart import stream_apart
from auditor.readers.books.bookcheck import BookCheck
from auditor.readers.books.json_table import Scalar
from auditor.readers.books.json_table import json_table
from auditor.readers.books.sheetscan import NO_FACTS
from auditor.readers.books.sheetscan import Facts
from auditor.readers.books.shown import Runs
from auditor.readers.books.shown import currency_in
from auditor.readers.books.texts import text_of
from auditor.readers.books.texts import text_rows
from auditor.readers.books.ubl import document_table
from auditor.readers.books.workbook import Raw
from auditor.readers.books.workbook import SheetHead
from auditor.readers.books.workbook import book_facts
from auditor.readers.books.workbook import book_to_csv
from auditor.readers.books.workbook import first_rows
from auditor.readers.books.workbook import raw_text
from auditor.readers.books.workbook import read_book
from auditor.readers.books.xml_elements import NOBODY
from auditor.readers.books.xml_elements import Party
from auditor.readers.sniff import Sniffed
from auditor.readers.sniff import sniff
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.numbers import take_apart

Value: TypeAlias = str | Decimal | date | datetime | bool | None
STEP = "read_book"
BOOKS = frozenset({"xlsx", "xlsb", "xls", "ods"})
_ZIPPED = BOOKS - {"xls"}
_SECONDS = 600.0
_UNPACKED_INVOICE = 1 << 30
# A log of 1,048,576 rows unpacks to more than an invoice ever does; the child's memory bounds it all the same.
_UNPACKED_LOG = 4 << 30
# So many different figures of cells are remembered as they were read.
# No figure of any bill; beyond 28 digits decimals are no longer exact, and a remainder of them fails.
_MOST = 10**25
_REMEMBERED = 1 << 16
_END = object()
_Result = TypeVar("_Result")


class SheetCell(NamedTuple):
    """A cell: its value, and the text it had in the file, without blanks around it. `column` counts from 1."""

    value: Value
    text: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet. `number` counts from 1 as the user's program shows it; of a text it is the first line."""

    number: int
    cells: tuple[SheetCell, ...]
    hidden: bool = False

    @property
    def filled(self) -> tuple[SheetCell, ...]:
        """Give the cells that hold anything."""
        return tuple([cell for cell in self.cells if cell.text])

    def cell(self, column: int) -> SheetCell:
        """Give the cell of a column counted from 1; an empty one beyond the row's end."""
        if 0 < column <= len(self.cells):
            return self.cells[column - 1]
        return SheetCell(None, "", self.number, column)

    def without(self, columns: Collection[int]) -> "SheetRow":
        """Give the row with nothing in some columns, counted from 1."""
        kept = (SheetCell(None, "", self.number, one.column) if one.column in columns else one for one in self.cells)
        return SheetRow(self.number, tuple(kept), self.hidden)


class SheetRows(Sequence[SheetRow]):
    """The rows of a sheet, made into cells only while they are looked at, so that a million of them fit.

    `numbers` gives each row's number, in rising order.
    """

    def __init__(
        self,
        values: Sequence[Sequence[Raw]],
        numbers: Sequence[int],
        hidden: frozenset[int] = frozenset(),
        shown: Runs | None = None,
    ) -> None:
        """Take the values of the cells as they were read, and the currencies that some are shown in."""
        self._values = values
        self._numbers = numbers
        self._hidden = hidden
        self._shown = shown

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> SheetRow: ...

    @overload
    def __getitem__(self, place: slice) -> "SheetRows": ...

    def __getitem__(self, place: int | slice) -> "SheetRow | SheetRows":
        """Give a row by its place, or some of the rows."""
        if isinstance(place, slice):
            return SheetRows(self._values[place], self._numbers[place], self._hidden, self._shown)
        return self._made(self._values[place], self._numbers[place])

    def __iter__(self) -> Iterator[SheetRow]:
        """Give the rows in their order."""
        for number, values in zip(self._numbers, self._values, strict=True):
            yield self._made(values, number)

    def _made(self, values: Sequence[Raw], number: int) -> SheetRow:
        cells = _cells(values, number)
        cells = _in_currencies(cells, number, self._shown) if self._shown else cells
        return SheetRow(number, cells, number in self._hidden)

    def numbered(self, number: int) -> SheetRow | None:
        """Give the row of a number, None if there is none."""
        place = self.place(number)
        return self[place] if place < len(self) and self._numbers[place] == number else None

    def place(self, number: int) -> int:
        """Give the place of the first row that has this number, or a higher one."""
        return bisect_left(self._numbers, number)

    def where(self, is_wanted: Callable[[int], bool]) -> Iterator[SheetRow]:
        """Give the rows whose number is wanted; the others are not made into cells for it."""
        return (self[place] for place, number in enumerate(self._numbers) if is_wanted(number))

    @property
    def width(self) -> int:
        """Give the number of cells of the widest row."""
        return max(map(len, self._values), default=0)


class MadeRows(SheetRows):
    """Rows that were made already, as a profile puts a sheet into words; several may have one number."""

    def __init__(self, rows: Sequence[SheetRow]) -> None:
        """Take the rows in their order."""
        super().__init__((), [row.number for row in rows])
        self._rows = rows

    @overload
    def __getitem__(self, place: int) -> SheetRow: ...

    @overload
    def __getitem__(self, place: slice) -> "MadeRows": ...

    def __getitem__(self, place: int | slice) -> "SheetRow | MadeRows":
        """Give a row by its place, or some of the rows."""
        return MadeRows(self._rows[place]) if isinstance(place, slice) else self._rows[place]

    def __iter__(self) -> Iterator[SheetRow]:
        """Give the rows in their order."""
        return iter(self._rows)

    @property
    def width(self) -> int:
        """Give the number of cells of the widest row."""
        return max((len(row.cells) for row in self._rows), default=0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of cells.

    `name` is empty for a delimited text. `merged` are areas (top, left, bottom, right) whose value stands in the
    first cell only; `troubles` gives, by (row, column), the error text of a cell (`#REF!`), or nothing for a formula
    without a stored value. `remarks` say where its cells no longer lie as they do in the file, and what
    a UBL document states beside them; `customer` is whom a document in XML is made out to.
    """

    file: str
    name: str
    rows: SheetRows
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    troubles: dict[tuple[int, int], str] = field(default_factory=dict)
    remarks: tuple[Problem, ...] = ()
    customer: Party = NOBODY

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


def read_sheets(path: Path, sniffed: Sniffed | None = None, progress: Progress = unwatched) -> tuple[Sheet, ...]:
    """Read every sheet of a workbook, or the one table of a delimited text, an invoice in XML or a JSON list.

    `progress` may raise to stop the work. Raises `AuditorError`: as `sniff`, `BookCheck`, `stream_apart` and
    `document_table` do, `kind_not_read` for kinds without cells, `file_too_large`, `csv_quotes`, `file_not_text`.
    """
    sniffed = sniffed or sniff(path)
    if sniffed.kind in BOOKS and not sniffed.compression:
        return _book(path, sniffed.kind, progress)
    if sniffed.kind == "csv":
        rows, numbers, doubts = text_rows(path, sniffed)
        return (Sheet(path.name, "", SheetRows(rows, numbers), remarks=doubts),)
    if sniffed.kind == "xml" and not sniffed.compression:
        return (_document_sheet(path),)
    if sniffed.kind == "json" and (table := _json_table(path, sniffed)):
        return (Sheet(path.name, "", SheetRows(table, range(1, len(table) + 1))),)
    raise AuditorError("kind_not_read", Place(path.name), kind=(sniffed.compression or sniffed.kind).upper())


def _json_table(path: Path, sniffed: Sniffed) -> list[list[Scalar]] | None:
    try:
        return json_table(text_of(path, sniffed))
    except KeyTwiceError as error:
        raise AuditorError("json_key_twice", Place(path.name), name=error.key) from error


def _document_sheet(path: Path) -> Sheet:
    place = Place(path.name)
    rows, remarks, customer = run_apart(document_table, str(path), place=place, seconds=_SECONDS)
    said = tuple(Problem(code, place, values) for code, values in remarks)
    return Sheet(path.name, "", SheetRows(rows, range(1, len(rows) + 1)), remarks=said, customer=customer)


def book_awaited(paths: Sequence[Path]) -> AbstractContextManager[None]:
    """Make ready to read a workbook while other things are done, if there is one among the files to be read."""
    is_book = any(path.suffix[1:].lower() in BOOKS for path in paths)
    return child_ready(read_book) if is_book else nullcontext()


def _book(path: Path, kind: str, progress: Progress) -> tuple[Sheet, ...]:
    """Read a workbook in a child process, and meanwhile look through its zip."""
    check = _Check(path, kind, _UNPACKED_INVOICE)
    sheets: list[tuple[SheetHead, list[Sequence[Raw]]]] = []

    def watch() -> None:
        done = sum(len(rows) for _, rows in sheets)
        progress(STEP, done, sum(head.height for head, _ in sheets))

    place = Place(path.name)
    parts = stream_apart(read_book, str(path), kind, place=place, seconds=_SECONDS, watch=watch, beside=check.steps())
    for part in parts:
        if isinstance(part, SheetHead):
            sheets.append((part, []))
        else:
            sheets[-1][1].extend(part)
        watch()
    facts = check.facts()
    return tuple(_sheet(path.name, head, rows, facts.get(head.name, head.facts)) for head, rows in sheets)


class _Check:
    """The check of a workbook's zip, if it is one, whose refusals name the file."""

    def __init__(self, path: Path, kind: str, unpacked: int) -> None:
        self._place = Place(path.name)
        self._check = self._named(lambda: BookCheck(path, unpacked)) if kind in _ZIPPED else None

    def steps(self) -> Iterator[None]:
        steps = self._check.steps() if self._check else iter(())
        while self._named(lambda: next(steps, _END)) is not _END:
            yield

    def facts(self) -> dict[str, Facts]:
        return self._named(self._check.facts) if self._check else {}

    def _named(self, work: Callable[[], _Result]) -> _Result:
        try:
            return work()
        except AuditorError as error:
            raise AuditorError(error.code, error.place or self._place, error.problems, **error.values) from error


def first_rows_apart(path: Path, kind: str, rows: int, columns: int) -> dict[str, list[list[str]]]:
    """Give the texts of the first rows and columns of every worksheet by its name, the hidden ones too.

    Raises `AuditorError` as `read_sheets` does.
    """
    for _ in _Check(path, kind, _UNPACKED_LOG).steps():
        pass
    found: dict[str, list[list[str]]] = run_apart(
        first_rows, *(str(path), rows, columns), place=Place(path.name), seconds=_SECONDS
    )
    return found


def sheet_to_csv(path: Path, sheet: str, target: Path, progress: Progress = unwatched) -> tuple[str, Facts]:
    """Stream one sheet of a workbook (up to 1,048,576 rows) to a UTF-8 CSV with commas.

    Gives its name, and what stands beside the values.

    No `sheet` takes the first visible one that holds cells. The first column is the row number in the sheet; rows
    without any cell are left out, and all rows are of one width. Dates become ISO texts, whole numbers plain, other
    numbers the shortest exact decimal, booleans `true` and `false`; whole numbers of 15 digits and more keep an
    exponent (`1.02290129340398e+14`), so that a damaged id can be told. `progress` may raise to stop the work. Raises
    `AuditorError` as `read_sheets` does, or `sheet_unknown`; `target` may then be left half written.
    """
    kind = sniff(path).kind
    check = _Check(path, kind, _UNPACKED_LOG)
    name, done, rows = "", 0, 0

    def watch() -> None:
        progress(STEP, done, rows)

    parts = stream_apart(
        book_to_csv,
        *(str(path), sheet, str(target)),
        place=Place(path.name),
        seconds=_SECONDS,
        watch=watch,
        beside=check.steps(),
    )
    for name, done, rows in parts:  # noqa: B007 - `watch` tells them
        watch()
    facts = check.facts() or _facts_apart(path, kind)
    return name, facts.get(name, NO_FACTS)


def _facts_apart(path: Path, kind: str) -> dict[str, Facts]:
    if kind == "xlsx":
        return {}
    found: dict[str, Facts] = run_apart(book_facts, str(path), kind, place=Place(path.name), seconds=_SECONDS)
    return found


def _sheet(file: str, head: SheetHead, rows: Sequence[Sequence[Raw]], facts: Facts) -> Sheet:
    """Put together what the child sent and what the check saw."""
    known = SheetRows(rows, range(1, len(rows) + 1), facts.hidden_rows, facts.shown)
    return Sheet(file, head.name, known, head.hidden, facts.hidden_columns, head.merged, facts.troubles)


def _in_currencies(cells: tuple[SheetCell, ...], row: int, shown: Runs) -> tuple[SheetCell, ...]:
    """Put before the texts of figures the currencies in which their formats show them."""
    made = [*cells]
    for column, runs in shown.items():
        if column <= len(cells) and isinstance(cells[column - 1].value, Decimal) and (code := currency_in(runs, row)):
            made[column - 1] = cells[column - 1]._replace(text=f"{code} {cells[column - 1].text}")
    return tuple(made)


def _cells(values: Sequence[Raw], row: int) -> tuple[SheetCell, ...]:
    """Make the cells of a row; most are texts, and a large file has millions of them."""
    made = []
    for column, value in enumerate(values, 1):
        if type(value) is str:
            text = value.strip()
            made.append(tuple.__new__(SheetCell, (text or None, text, row, column)))
        else:
            known = _known(value) if value else _value_and_text(value)  # -0.0 is equal to 0.0, and another value
            made.append(tuple.__new__(SheetCell, (*known, row, column)))
    return tuple(made)


def _value_and_text(value: Raw) -> tuple[Value, str]:
    """Give a cell's value and text; a number keeps the 15 digits that Excel itself keeps and shows."""
    text = raw_text(value)
    if isinstance(value, bool) or value is None or isinstance(value, date):
        return value, text
    if isinstance(value, (int, float)) and -_MOST < value < _MOST:
        return Decimal(f"{value:.15g}"), text
    return text, text


# A table's days, rates and quantities are few, and its rows are made into cells several times.
_known = lru_cache(_REMEMBERED, typed=True)(_value_and_text)


def is_number(cell: SheetCell) -> bool:
    """Tell whether a cell holds a number, stored or as text."""
    return isinstance(cell.value, Decimal) or (isinstance(cell.value, str) and take_apart(cell.text) is not None)


def is_label(cell: SheetCell) -> bool:
    """Tell whether a cell holds words."""
    return isinstance(cell.value, str) and take_apart(cell.text) is None

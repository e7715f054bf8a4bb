"""What calamine does not tell of an old workbook (XLS): what is hidden, broken or never computed; shown currencies.

The records are those of [MS-XLS]: two bytes of kind, two of length, and the content.
"""

import io
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from struct import unpack_from
from typing import BinaryIO

import olefile

from auditor.core.problems import AuditorError
from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.books.sheetscan import MOST_TROUBLES
from auditor.readers.books.sheetscan import Facts
from auditor.readers.books.shown import ShownIn
from auditor.readers.books.shown import format_currency

_EOF, _FORMULA, _COLUMNS, _SHEET, _FAULT, _ROW = 0x0A, 0x06, 0x7D, 0x85, 0x205, 0x208
_FORMAT, _STYLE, _NUMBER, _SMALL, _SMALL_ONES = 0x41E, 0xE0, 0x203, 0x27E, 0xBD
_ROW_HIDDEN, _NO_DOUBLE, _ERROR, _ON_LOAD = 0x20, b"\xff\xff", 2, 2
_FIGURES = frozenset({_FORMULA, _NUMBER, _SMALL, _SMALL_ONES})
_BEGINNINGS = {0x009, 0x209, 0x409, 0x809}
_PLACE = 6
ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
"""The numbers of error values, which all of Excel's binary formats share."""


def xls_facts(path: Path) -> list[Facts]:
    """Give what stands beside the values of each sheet, in the order of the book. Raises `AuditorError` if damaged."""
    with path.open("rb") as file:
        stream = _book_stream(file)
    head = list(_records(stream, 0))
    starts = [unpack_from("<I", record)[0] for kind, record in head if kind == _SHEET]
    styles = _style_currencies(head)
    sheets = [_Sheet(stream, start, styles) for start in starts]
    # Some programs store no results and put zeros: each formula is then marked to be computed when the book is opened.
    computed = any(value for sheet in sheets for value in sheet.on_load.values())
    return [sheet.facts(computed=computed) for sheet in sheets]


def _book_stream(file: BinaryIO) -> bytes:
    try:
        with olefile.OleFileIO(file) as container:
            name = next(name for name in ("Workbook", "Book") if container.exists(name))
            content: bytes = container.openstream(name).read()
    except (OSError, StopIteration, ValueError) as error:
        raise AuditorError("file_damaged") from error
    return content


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Give kind and content of the records from a place on, until the end of the book's head or of a sheet."""
    view = io.BytesIO(stream)
    view.seek(start)
    depth = 0
    while len(head := view.read(4)) == 4:
        kind, length = unpack_from("<HH", head)
        content = view.read(length)
        if kind in _BEGINNINGS:  # a chart may lie within a sheet
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif len(content) == length and depth == 1 and length >= _PLACE:
            yield kind, content


def _style_currencies(head: Sequence[tuple[int, bytes]]) -> Mapping[int, str]:
    """Give the currencies that styles of cells show, by their numbers."""
    codes = {}
    for kind, record in head:
        if kind == _FORMAT:
            (number, length), wide = unpack_from("<HH", record), record[4] & 1
            text = record[5 : 5 + (length << wide)].decode("utf-16-le" if wide else "latin-1", "replace")
            codes[number] = format_currency(text)
    formats = (unpack_from("<H", record, 2)[0] for kind, record in head if kind == _STYLE)
    return {place: codes[number] for place, number in enumerate(formats) if codes.get(number)}


class _Sheet:
    """The records of one sheet, looked through once.

    `on_load` are the results of formulas, by (row, column), that are marked to be computed when the book is opened.
    """

    def __init__(self, stream: bytes, start: int, styles: Mapping[int, str]) -> None:
        self._rows: set[int] = set()
        self._columns: set[int] = set()
        self._troubles: dict[tuple[int, int], str] = {}
        self.on_load: dict[tuple[int, int], float] = {}
        self._styles = styles
        self._shown = ShownIn()
        for kind, record in _records(stream, start):
            if styles and kind in _FIGURES:
                self._take_styles(kind, record)
            if kind == _FORMULA and len(record) >= 16:
                self._take_formula(record)
            elif kind == _FAULT and len(record) >= 8 and record[7]:
                self._note(record, record[6])
            elif kind == _ROW and len(record) >= 16 and record[12] & _ROW_HIDDEN:
                self._rows.add(unpack_from("<H", record)[0] + 1)
            elif kind == _COLUMNS and len(record) >= 10 and record[8] & 1:
                first, last = unpack_from("<HH", record)
                self._columns.update(range(first + 1, min(last + 1, COLUMNS) + 1))

    def facts(self, *, computed: bool) -> Facts:
        never = {} if computed else dict.fromkeys(self.on_load, "")
        troubles = {**self._troubles, **never}
        return Facts(frozenset(self._rows), frozenset(self._columns), troubles, shown=self._shown.runs)

    def _take_styles(self, kind: int, record: bytes) -> None:
        """Put down the currencies of a cell, or of a row of cells in one record, that hold figures."""
        row, first = _place(record)
        places = range(4, len(record) - 2, 6) if kind == _SMALL_ONES else (4,)
        for column, at in enumerate(places, first):
            if currency := self._styles.get(unpack_from("<H", record, at)[0]):
                self._shown.note(row, column, currency)

    def _take_formula(self, record: bytes) -> None:
        result = record[6:14]
        if result[6:] == _NO_DOUBLE:
            if result[0] == _ERROR:
                self._note(record, result[2])
        elif record[14] & _ON_LOAD and len(self.on_load) < MOST_TROUBLES:
            self.on_load[_place(record)] = unpack_from("<d", result)[0]

    def _note(self, record: bytes, error: int) -> None:
        if len(self._troubles) < MOST_TROUBLES:
            self._troubles[_place(record)] = ERRORS.get(error, "#")


def _place(record: bytes) -> tuple[int, int]:
    row, column = unpack_from("<HH", record)
    return row + 1, column + 1

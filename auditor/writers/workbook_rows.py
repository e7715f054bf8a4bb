"""Streams the rows of long tables into a workbook that XlsxWriter has laid out (workpaper.md §2).

XlsxWriter writes everything else: styles, heads, tables, names, charts, how a sheet is seen and printed. The rows are
written as the sheet's own XML while the archive is packed anew: several times as fast, and a row is gone once written.
"""

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED
from zipfile import ZipFile

from auditor.core.report.cells import Value
from auditor.core.report.cells import letters

RowsXml = str
"""The XML of one or more rows, each from `<row>` to `</row>`."""

Height = Callable[[Sequence[Value | float]], float]

_BATCH = 2_000  # rows handed on at once
_LEVEL = 3  # compression: the highest levels take longer than all the rest and save little
_CACHED = 4_000  # different values of a column that are worth remembering
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone
_DAY = timedelta(days=1)
_LIKE_AN_ESCAPE = re.compile("_x[0-9a-fA-F]{4}_")
_ROW = re.compile(rb'<row r="(\d+)"')
_TABLE = re.compile(rb'displayName="([^"]+)"')
_REFERENCE = re.compile(rb'ref="([A-Z]+\d+:[A-Z]+)\d+"')
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')


@dataclass(frozen=True, slots=True)
class Link:
    """A click on a cell (row and column from 0) that leads to the first cell of a row of another sheet."""

    row: int
    column: int
    sheet: str
    target: int


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows to come into a table of a sheet: its name, `first` and `last` row, columns, and their XML when asked for."""

    table: str
    first: int
    last: int
    columns: int
    rows: Callable[[], Iterator[RowsXml]]
    links: Sequence[Link] = ()


def text_xml(value: str) -> str:
    """Give a text, already cleaned, as the inside of a cell."""
    if "_x" in value:  # Excel would read `_x000D_` as a character
        value = _LIKE_AN_ESCAPE.sub(lambda found: "_x005F" + found.group(), value)
    if "&" in value or "<" in value or ">" in value:
        value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    keep = ' xml:space="preserve"' if value != value.strip() else ""
    return f"<is><t{keep}>{value}</t></is>"


def serial(value: date) -> float:
    """Give a date or a wall clock time as days since 1899-12-30."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return (moment - _EPOCH) / _DAY


def cell_xml(place: str, style: int, value: Value | float, formula: str = "") -> str:
    """Give a cell with its style; a formula carries the value that it gives."""
    head = f'<c r="{place}" s="{style}"'
    said = f"<f>{_escaped(formula[1:])}</f>" if formula else ""
    if value is None or value == "":
        return f'{head} t="str">{said}<v></v></c>' if formula else f"{head}/>"
    if isinstance(value, bool):
        return f'{head} t="b">{said}<v>{int(value)}</v></c>'
    if isinstance(value, str):
        if formula:
            return f'{head} t="str">{said}<v>{_escaped(value)}</v></c>'
        return f'{head} t="inlineStr">{text_xml(value)}</c>'
    number = serial(value) if isinstance(value, date) else value
    return f"{head}>{said}<v>{_number(number)}</v></c>"


def _number(value: Decimal | float) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class ColumnXml:
    """Writes the cells of one column of plain values, all of one style, and remembers those that come again."""

    def __init__(self, column: int, style: int, clean: Callable[[str], str]) -> None:
        """Take the column (from 0), the style's number and what makes a text fit for a spreadsheet."""
        self._start, self._style, self._clean = f'<c r="{letters(column)}', style, clean
        self._known: dict[Value | float, str] = {}

    def cells(self, rows: Sequence[str], values: Sequence[Value | float]) -> list[str]:
        """Give the cells of these rows, named from 1."""
        start, known, made = self._start, self._known.get, self._made
        return [start + row + (known(value) or made(value)) for row, value in zip(rows, values, strict=True)]

    def _made(self, value: Value | float) -> str:
        """Give what follows a cell's place."""
        if type(value) is float:  # an instant seldom comes again
            return f'" s="{self._style}"><v>{value!r}</v></c>'
        rest = cell_xml("", self._style, self._clean(value) if isinstance(value, str) else value)[6:]
        if len(self._known) < _CACHED:
            self._known[value] = rest
        return rest


def plain_rows(
    first: int, rows: Iterable[Sequence[Value | float]], columns: Sequence[ColumnXml], height: Height
) -> Iterator[RowsXml]:
    """Give rows of plain values as XML, some thousand at once; `height` gives a row's height, 0 for the usual one."""
    walked = iter(rows)
    number = first + 1
    while batch := list(islice(walked, _BATCH)):
        names = [str(row) for row in range(number, number + len(batch))]
        cells = [column.cells(names, values) for column, values in zip(columns, zip(*batch, strict=True), strict=True)]
        highs = [height(values) for values in batch]
        yield "".join(
            [
                row_xml(name, high, "".join(parts))
                for name, high, parts in zip(names, highs, zip(*cells, strict=True), strict=True)
            ]
        )
        number += len(batch)


def row_xml(name: str, height: float, cells: str) -> str:
    """Give a row, named from 1, with its height where that is not the usual one."""
    tall = f' ht="{height:g}" customHeight="1"' if height else ""
    return f'<row r="{name}"{tall}>{cells}</row>'


def pack(laid_out: Path, file: Path, streams: Mapping[str, Sequence[Stream]], watch: Callable[[], None]) -> None:
    """Pack a laid-out workbook anew with the rows of its sheets put in; `watch` is called every so often.

    `streams` gives the streams of a part (`xl/worksheets/sheet8.xml`) in the order of their rows.
    """
    ends = {stream.table: stream.last + 1 for some in streams.values() for stream in some}
    with ZipFile(laid_out) as before, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as after:
        for name in before.namelist():
            with after.open(name, "w", force_zip64=name in streams) as part:
                if name in streams:
                    _fill(part, before.read(name), streams[name], watch)
                elif name.startswith("xl/tables/"):
                    part.write(_stretched(before.read(name), ends))
                else:
                    part.write(before.read(name))


def _stretched(table: bytes, ends: Mapping[str, int]) -> bytes:
    """Let a table reach to its last row: laid out is one row of it."""
    name = _TABLE.search(table)
    end = ends.get(name.group(1).decode()) if name else None
    return table if end is None else _REFERENCE.sub(rb'ref="\g<1>%d"' % end, table)


def _fill(part: IO[bytes], sheet: bytes, streams: Sequence[Stream], watch: Callable[[], None]) -> None:
    """Write a sheet with the rows of the streams between its own, its extent and its links set right."""
    sheet = _linked(_extended(sheet, streams), [link for stream in streams for link in stream.links])
    places = [(int(found.group(1)), found.start()) for found in _ROW.finditer(sheet)]
    end = sheet.index(b"</sheetData>")
    done = 0
    for stream in streams:
        at = next((start for row, start in places if row > stream.last + 1), end)
        part.write(sheet[done:at])
        done = at
        for rows in stream.rows():
            part.write(rows.encode())
            watch()
    part.write(sheet[done:])


def _extended(sheet: bytes, streams: Sequence[Stream]) -> bytes:
    """State how far the sheet reaches with its streams; what XlsxWriter states counts as it is."""
    found = _DIMENSION.search(sheet)
    assert found is not None
    own = re.search(rb":([A-Z]+)(\d+)", found.group())
    right, bottom = max(stream.columns for stream in streams), max(stream.last + 1 for stream in streams)
    if own:
        right, bottom = max(right, _number_of(own.group(1).decode())), max(bottom, int(own.group(2)))
    reference = f'<dimension ref="A1:{letters(right - 1)}{bottom}"/>'
    return sheet[: found.start()] + reference.encode() + sheet[found.end() :]


def _number_of(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


def _linked(sheet: bytes, links: Sequence[Link]) -> bytes:
    """Add links to those that the sheet has."""
    if not links:
        return sheet
    made = "".join(
        f'<hyperlink ref="{letters(link.column)}{link.row + 1}"'
        f" location=\"'{_escaped(link.sheet)}'!A{link.target + 1}\"/>"
        for link in links
    ).encode()
    if b"<hyperlinks>" in sheet:
        return sheet.replace(b"<hyperlinks>", b"<hyperlinks>" + made, 1)
    after = re.search(rb"<(printOptions|pageMargins)\b", sheet)
    assert after is not None
    return sheet[: after.start()] + b"<hyperlinks>" + made + b"</hyperlinks>" + sheet[after.start() :]

"""What calamine does not tell of an ODS workbook: what is hidden, broken or never computed, and shown currencies."""

import re
import zipfile
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from auditor.core.problems import AuditorError
from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.books.sheetscan import MOST_TROUBLES
from auditor.readers.books.sheetscan import ROWS
from auditor.readers.books.sheetscan import Facts
from auditor.readers.books.shown import ShownIn
from auditor.readers.values.currency_words import sign_currency
from auditor.readers.values.numbers import take_apart
from auditor.readers.zip_faults import XML_FAULTS
from auditor.readers.zip_faults import ZIP_FAULTS

_CONTENT, _STYLES = "content.xml", "styles.xml"
_FIGURES = {"float", "currency"}
_NOTABLE = (b"visibility=", b"formula=", b'value-type="currency"')
_BESIDE = re.compile(rb"<number:text[^<>]*>\s*([^<]{1,12}?)\s*<")
_BLOCK = 1 << 20
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
_HIDDEN = {"collapse", "filter"}
_VALUES = ("value", "string-value", "date-value", "time-value", "boolean-value")


def ods_facts(path: Path) -> list[Facts]:
    """Give what stands beside the values of each sheet, in the order of the book. Raises `AuditorError` if damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            with archive.open(_CONTENT) as stream:
                if not _is_notable(stream) and not _names_currency(archive):
                    return []
            with archive.open(_CONTENT) as stream:
                return _sheets(stream)
    except (*ZIP_FAULTS, *XML_FAULTS) as error:
        raise AuditorError("file_damaged") from error


def _is_notable(stream: IO[bytes]) -> bool:
    """Tell whether the bytes hold anything to look for: taking a million plain rows apart would take minutes."""
    tail = b""
    while block := stream.read(_BLOCK):
        if any(word in tail + block for word in _NOTABLE):
            return True
        tail = block[-16:]
    return False


def _names_currency(archive: zipfile.ZipFile) -> bool:
    """Tell whether a format puts the sign of a currency beside figures as it would any words."""
    styles = archive.open(_STYLES).read(_BLOCK) if _STYLES in archive.namelist() else b""
    return any(sign_currency(sign.decode(errors="replace")) for sign in set(_BESIDE.findall(styles)))


def _sheets(stream: IO[bytes]) -> list[Facts]:
    found: list[_Sheet] = []
    depth = 0
    for event, element in ElementTree.iterparse(stream, events=("start", "end"), forbid_dtd=True):
        if element.tag == f"{_TABLE}table":
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                found.append(_Sheet())
        elif depth == 1:  # a table may lie within a cell
            (found[-1].start if event == "start" else found[-1].end)(element)
    return [sheet.facts() for sheet in found]


class _Sheet:
    """One sheet, of which the elements come one after the other; rows and cells that repeat are written once."""

    def __init__(self) -> None:
        self._row = self._next_row = self._column = self._width = 0
        self._rows: set[int] = set()
        self._columns: set[int] = set()
        self._troubles: dict[tuple[int, int], str] = {}
        self._shown = ShownIn()

    def facts(self) -> Facts:
        return Facts(frozenset(self._rows), frozenset(self._columns), self._troubles, shown=self._shown.runs)

    def start(self, element: Element) -> None:
        hidden = element.get(f"{_TABLE}visibility") in _HIDDEN
        if element.tag == f"{_TABLE}table-column":
            first, self._width = self._width, _after(element, "columns", self._width, COLUMNS)
            if hidden:
                self._columns.update(range(first + 1, self._width + 1))
        elif element.tag == f"{_TABLE}table-row":
            self._row, self._next_row = self._next_row, _after(element, "rows", self._next_row, ROWS)
            self._column = 0
            if hidden:
                self._rows.update(range(self._row + 1, self._next_row + 1))

    def end(self, element: Element) -> None:
        if element.tag in _CELLS:
            first, self._column = self._column, _after(element, "columns", self._column, COLUMNS)
            trouble = _trouble(element)
            if trouble is not None:
                self._note(first, trouble)
            currency = _currency(element)
            for column in range(first + 1, self._column + 1) if currency else ():
                self._shown.note(self._row + 1, column, currency, self._next_row)
            element.clear()
        elif element.tag == f"{_TABLE}table-row":
            element.clear()

    def _note(self, first: int, trouble: str) -> None:
        for row in range(self._row + 1, self._next_row + 1):
            for column in range(first + 1, self._column + 1):
                if len(self._troubles) >= MOST_TROUBLES:
                    return
                self._troubles[row, column] = trouble


def _after(element: Element, what: str, before: int, most: int) -> int:
    """Give the number of the last row or column of those that an element stands for."""
    times = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return min(before + max(int(times) if times.isdecimal() else 1, 1), most)


def _shown(cell: Element) -> str:
    return "".join("".join(part.itertext()) for part in cell.findall(f"{_TEXT}p"))


def _currency(cell: Element) -> str:
    """Give the currency in whose sign a figure is shown; empty if there is none."""
    number = take_apart(_shown(cell)) if cell.get(f"{_OFFICE}value-type") in _FIGURES else None
    return number.currency if number else ""


def _trouble(cell: Element) -> str | None:
    """Give the error that a cell shows, or nothing where a formula has no result; None if all is well."""
    text = _shown(cell)
    if cell.get(f"{_CALC}value-type") == "error":
        return text or "#"
    computed = text or any(cell.get(f"{_OFFICE}{name}") is not None for name in _VALUES)
    return None if computed or cell.get(f"{_TABLE}formula") is None else ""

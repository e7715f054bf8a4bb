"""The first rows of a workbook's sheets, to tell what it is before all of it is read.

Of an XLSX file only the beginning of two parts is unpacked and nothing is resolved, so that one of a gigabyte, or a
hostile one, costs no more than a small one; those of other kinds are opened apart. What is wrong with a file is for its
reader to say.
"""

import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from auditor.core.problems import AuditorError
from auditor.readers.books.bookcheck import sheet_parts
from auditor.readers.books.cells import first_rows_apart
from auditor.readers.books.sheetscan import column_number
from auditor.readers.zip_faults import XML_FAULTS
from auditor.readers.zip_faults import ZIP_FAULTS

_MOST = 8 << 20
_MOST_SHEETS = 50
_ROWS, _COLUMNS = 100, 1_000
_REMEMBERED = 2


def first_book_rows(path: Path, kind: str, rows: int, columns: int) -> list[list[str]]:
    """Give the texts of the first rows and columns of the first sheet; none of a file that cannot be read.

    `kind` is one of `BOOKS`. No more than 100 rows and 1,000 columns are looked at.
    """
    return next(iter(_of_sheets(path, kind, rows, columns, 1).values()), [])


def first_rows_of_sheets(path: Path, kind: str, rows: int, columns: int) -> dict[str, list[list[str]]]:
    """Give the texts of the first rows of every sheet by its name, the hidden ones too; as `first_book_rows` does."""
    return _of_sheets(path, kind, rows, columns, _MOST_SHEETS)


def _of_sheets(path: Path, kind: str, rows: int, columns: int, sheets: int) -> dict[str, list[list[str]]]:
    try:
        if kind != "xlsx":
            stood = path.stat()
            found = _opened(path, kind, stood.st_size, stood.st_mtime_ns)
            return {name: [cells[:columns] for cells in top[:rows]] for name, top in found.items()}
        parts = sheet_parts(path)
    except AuditorError:
        return {}
    return {name: _first_rows(path, part, rows, columns) for name, part in list(parts.items())[:sheets]}


@lru_cache(_REMEMBERED)
def _opened(path: Path, kind: str, _size: int, _changed: int) -> dict[str, list[list[str]]]:
    """Open a book apart, which takes as long as to read it: once to tell what it is and once more to find its heads."""
    return first_rows_apart(path, kind, _ROWS, _COLUMNS)


def _first_rows(path: Path, part: str, rows: int, columns: int) -> list[list[str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            cells = _cells(archive, part, rows, columns)
            wanted = {int(text) for row in cells for kind, text in row if kind == "s" and text.isdecimal()}
            shared = _shared(archive, wanted) if wanted else {}
    except (*ZIP_FAULTS, *XML_FAULTS, AuditorError):
        return []
    return [[shared.get(text, "") if kind == "s" else text for kind, text in row] for row in cells]


class _Beginning:
    """A part of the zip, of which only so many bytes are read."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part = part
        self._left = _MOST

    def read(self, size: int = -1) -> bytes:
        block = self._part.read(min(size if size >= 0 else self._left, self._left))
        self._left -= len(block)
        return block


def _elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[Element]:
    """Give the elements of a name in the part's beginning, each dropped after it was looked at."""
    with archive.open(part) as stream:
        try:
            for _, element in ElementTree.iterparse(_Beginning(stream), events=("end",), forbid_dtd=True):
                if _name(element) == name:
                    yield element
                    element.clear()
        except ElementTree.ParseError:
            return  # the end of what is looked at, or of a damaged part


def _cells(archive: zipfile.ZipFile, part: str, rows: int, columns: int) -> list[list[tuple[str, str]]]:
    """Give type and text of the cells, row by row; an empty cell between others is an empty text."""
    found: list[list[tuple[str, str]]] = []
    for row in _elements(archive, part, "row"):
        cells: list[tuple[str, str]] = []
        for cell in (child for child in row if _name(child) == "c"):
            letters = cell.get("r", "").rstrip("0123456789").encode()
            column = column_number(letters) if letters else len(cells) + 1
            if column > columns:
                break
            cells += [("", "")] * (column - 1 - len(cells))
            cells.append((cell.get("t", ""), _text(cell, {"v", "t"})))
        found.append(cells)
        if len(found) == rows:
            break
    return found


def _shared(archive: zipfile.ZipFile, wanted: set[int]) -> dict[str, str]:
    """Give the shared texts that are wanted, by number."""
    found: dict[str, str] = {}
    part = next((name for name in archive.namelist() if name.lower() == "xl/sharedstrings.xml"), "")
    if part:
        for number, element in enumerate(_elements(archive, part, "si")):
            if number in wanted:
                found[str(number)] = _text(element, {"t"})
            if len(found) == len(wanted):
                break
    return found


def _text(element: Element, names: set[str]) -> str:
    return "".join(child.text or "" for child in element.iter() if _name(child) in names)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]

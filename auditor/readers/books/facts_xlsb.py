"""What calamine does not tell of a binary workbook of today (XLSB): what is hidden, broken or never computed.

The records are those of [MS-XLSB]: kind and length in seven bits a byte, and the content.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from struct import unpack_from
from typing import IO

from defusedxml import ElementTree

from auditor.core.problems import AuditorError
from auditor.readers.books.facts_xls import ERRORS
from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.books.sheetscan import MOST_TROUBLES
from auditor.readers.books.sheetscan import Facts
from auditor.readers.zip_faults import XML_FAULTS
from auditor.readers.zip_faults import ZIP_FAULTS

_ROW, _ERROR, _FORMULA, _FORMULA_ERROR, _COLUMNS, _SHEET = 0, 3, 9, 11, 60, 156
_ROW_HIDDEN, _ON_LOAD = 0x10, 2
_BOOK, _LINKS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
_LARGEST_INDEX = 16 << 20


def xlsb_facts(path: Path) -> list[Facts]:
    """Give what stands beside the values of each sheet, in the order of the book. Raises `AuditorError` if damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [_sheet(archive, part) for part in _parts(archive)]
    except (*ZIP_FAULTS, *XML_FAULTS) as error:
        raise AuditorError("file_damaged") from error
    # As in an old workbook: who stores no results puts zeros, and marks the formulas to be computed on opening.
    computed = any(result for _, on_load in sheets for result in on_load.values())
    return [
        facts if computed else facts._replace(troubles={**facts.troubles, **dict.fromkeys(on_load, "")})
        for facts, on_load in sheets
    ]


def _parts(archive: zipfile.ZipFile) -> Iterator[str]:
    """Give the part of every sheet; empty for one without."""
    links = ElementTree.fromstring(archive.open(_LINKS).read(_LARGEST_INDEX))
    targets = {link.get("Id"): str(link.get("Target", "")) for link in links}
    with archive.open(_BOOK) as stream:
        for kind, record in _records(stream):
            if kind == _SHEET:
                length = unpack_from("<I", record, 8)[0]
                target = targets.get(record[12 : 12 + 2 * length].decode("utf-16-le", "replace"), "")
                yield target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    while (kind := _sevens(stream, 2)) is not None and (length := _sevens(stream, 4)) is not None:
        content = stream.read(length)
        if len(content) == length:
            yield kind, content


def _sevens(stream: IO[bytes], most: int) -> int | None:
    """Read a number of seven bits a byte, None at the end."""
    number = 0
    for place in range(most):
        byte = stream.read(1)
        if not byte:
            return None
        number |= (byte[0] & 0x7F) << 7 * place
        if byte[0] < 0x80:
            break
    return number


def _sheet(archive: zipfile.ZipFile, part: str) -> tuple[Facts, dict[tuple[int, int], float]]:
    """Give the facts of a sheet, and the results of the formulas that are marked to be computed on opening."""
    on_load: dict[tuple[int, int], float] = {}
    if part not in archive.namelist():
        return Facts(), on_load
    rows: set[int] = set()
    columns: set[int] = set()
    troubles: dict[tuple[int, int], str] = {}
    row = 0
    with archive.open(part) as stream:
        for kind, record in _records(stream):
            if kind == _ROW and len(record) >= 12:
                row = unpack_from("<I", record)[0] + 1
                if record[11] & _ROW_HIDDEN:
                    rows.add(row)
            elif kind == _FORMULA and len(record) >= 18 and record[16] & _ON_LOAD and len(on_load) < MOST_TROUBLES:
                on_load[row, unpack_from("<I", record)[0] + 1] = unpack_from("<d", record, 8)[0]
            elif kind in (_ERROR, _FORMULA_ERROR) and len(record) >= 9 and len(troubles) < MOST_TROUBLES:
                troubles[row, unpack_from("<I", record)[0] + 1] = ERRORS.get(record[8], "#")
            elif kind == _COLUMNS and len(record) >= 18 and record[16] & 1:
                first, last = unpack_from("<II", record)
                columns.update(range(first + 1, min(last + 1, COLUMNS) + 1))
    return Facts(frozenset(rows), frozenset(columns), troubles), on_load

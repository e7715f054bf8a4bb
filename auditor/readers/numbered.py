"""A CSV that the fast reader cannot take as it is, copied with the number of every row in front.

For other encodings than UTF-8, blank or ragged rows, texts over several lines, Excel's `sep=` line: row by row and
slowly, but every row keeps the number that the user's program shows.
"""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.readers.sniff import Sniffed

_LONGEST_CELL = 1 << 24
_OFTEN = 50_000


def number_rows(path: Path, found: Sniffed, target: Path, progress: Progress) -> list[str]:
    """Copy to a UTF-8 CSV of row number, the heads' cells and whether the row holds more than that; give the heads.

    Raises `AuditorError`: `file_empty`, `file_not_csv` (an open quotation mark).
    """
    try:
        return _copy(path, found, found.encoding, target, progress)
    except UnicodeDecodeError:  # the samples looked like UTF-8, a later row is not
        return _copy(path, found, "cp1252", target, progress)


def _copy(path: Path, found: Sniffed, encoding: str, target: Path, progress: Progress) -> list[str]:
    with open_text(path, found, encoding) as source, target.open("w", encoding="utf-8", newline="") as copy:
        rows = _rows(source, found.delimiter or ",", Place(path.name))
        _, heads = next(rows, (0, []))
        if not heads:
            raise AuditorError("file_empty", Place(path.name))
        width = len(heads)
        writer = csv.writer(copy, lineterminator="\n")
        writer.writerow(["row", *heads, "more"])
        for count, (line, cells) in enumerate(rows):
            more = "1" if any(cells[width:]) else "0"
            writer.writerow([line, *cells[:width], *[""] * (width - len(cells)), more])
            if count % _OFTEN == 0:
                progress("read_log", count, 0)
    return heads


def open_text(path: Path, found: Sniffed, encoding: str) -> TextIO:
    """Open a text, unpacked and decoded; undefined bytes of Windows-1252 become a question mark in a box."""
    errors = "replace" if encoding == "cp1252" else "strict"
    if found.compression:
        return gzip.open(path, "rt", encoding=encoding, errors=errors, newline="")
    return path.open(encoding=encoding, errors=errors, newline="")


def _rows(source: TextIO, delimiter: str, place: Place) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LONGEST_CELL)
    lines = csv.reader(source, delimiter=delimiter)
    before = 0
    try:
        for row in lines:
            stated = before == 0 and len(row) <= 2 and bool(row) and row[0].lstrip("\ufeff").lower().startswith("sep=")
            if not stated and any(cell.strip() for cell in row):
                yield before + 1, row
            before = lines.line_num
    except csv.Error as error:
        raise AuditorError("file_not_csv", Place(place.file, row=lines.line_num)) from error

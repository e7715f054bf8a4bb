"""A CSV that the fast reader cannot take as it is, copied with the number of every row in front.

For other encodings than UTF-8, blank or ragged rows, texts over several lines, Excel's `sep=` line: row by row and
slowly, but every row keeps the number that the user's program shows.
"""

import codecs
import csv
import gzip
import re
from collections.abc import Iterator
from itertools import chain
from itertools import islice
from pathlib import Path
from typing import TextIO

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.csv_faults import TOO_LONG
from auditor.readers.csv_faults import csv_fault
from auditor.readers.files import CUT_SHORT
from auditor.readers.logs.faults import fault_number
from auditor.readers.logs.heads import ROWS_LOOKED_AT
from auditor.readers.logs.heads import LogHeads
from auditor.readers.sniff import Sniffed

_LONGEST_CELL = _LONGEST_LINE = 1 << 24
_OFTEN = 50_000
_ESCAPED = re.compile(r'(?<!\\)((?:\\\\)*)\\"')
_SHOWS_ESCAPES = re.compile(r'(?<!\\)(?:\\\\)*\\"[^",;|\t\r\n]')
MOST_BLANK = 5_000_000
"""So many blank rows in a row no program leaves: those of a sheet of Excel's are a fifth of it."""
MIXED = "utf-8 or cp1252"


def number_rows(path: Path, found: Sniffed, target: Path, known: LogHeads, progress: Progress) -> tuple[int, list[str]]:
    """Copy to a UTF-8 CSV of row number, the heads' cells and the number of a fault: that the row holds more.

    Gives the heads, found as they are `known`, with the number of their row; what stands above is left out. Raises
    `AuditorError`: `file_empty`, `file_not_csv` (an open quotation mark), `cell_too_long`, `log_rows_blank`.
    """
    try:
        return _copy(path, found, target, known, progress)
    except (UnicodeDecodeError, *CUT_SHORT) as error:
        raise AuditorError("file_damaged", Place(path.name)) from error


def _copy(path: Path, found: Sniffed, target: Path, known: LogHeads, progress: Progress) -> tuple[int, list[str]]:
    # Samples may look like UTF-8 where a later row is not.
    encoding = MIXED if found.encoding.startswith("utf-8") else found.encoding
    with open_text(path, found, encoding) as source, target.open("w", encoding="utf-8", newline="") as copy:
        rows = _rows(source, found.delimiter or ",", Place(path.name))
        first = list(islice(rows, ROWS_LOOKED_AT))
        if not first:
            raise AuditorError("file_empty", Place(path.name))
        place = known.place([cells for _, cells in first])
        number, heads = first[place]
        check_width(heads, path)
        width, too_long = len(heads), fault_number("log_row_too_long")
        writer = csv.writer(copy)  # its line ends are such that a cell with either half of one is quoted
        writer.writerow(["row", *heads, "fault"])
        for count, (line, cells) in enumerate(chain(first[place + 1 :], rows)):
            fault = too_long if any(cells[width:]) else 0
            writer.writerow([line, *cells[:width], *[""] * (width - len(cells)), fault])
            if count % _OFTEN == 0:
                progress("read_log", count, 0)
    return number, heads


def _of_windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as Windows-1252, undefined ones as a question mark in a box."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("auditor.windows-1252", _of_windows)


def decoding(encoding: str, *, lenient: bool = False) -> tuple[str, str]:
    """Give Python's words for an encoding and for what becomes of bytes that have no place in it.

    Rows of a text that is not UTF-8 throughout may come from two programs, so each letter is taken as what it is.
    """
    if encoding in (MIXED, "cp1252"):
        return "utf-8-sig", "auditor.windows-1252"
    return encoding, "replace" if lenient else "strict"


def open_text(path: Path, found: Sniffed, encoding: str, *, lenient: bool = False) -> TextIO:
    """Open a text, unpacked and decoded; `lenient`: undefined bytes become a question mark in a box."""
    encoding, errors = decoding(encoding, lenient=lenient)
    if found.compression:
        return gzip.open(path, "rt", encoding=encoding, errors=errors, newline="")
    return path.open(encoding=encoding, errors=errors, newline="")


def _rows(source: TextIO, delimiter: str, place: Place) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LONGEST_CELL)
    taken: list[str] = []
    lines = csv.reader(_noted(bounded_lines(source), taken), delimiter=delimiter)
    before, first, last, blank = 0, 0, [], 0
    try:
        for row in lines:
            stated = before == 0 and len(row) <= 2 and bool(row) and row[0].lstrip("\ufeff").lower().startswith("sep=")
            if not stated and any(cell.strip() for cell in row):
                yield before + 1, row
                blank = 0
            else:
                blank += 1
                if blank > MOST_BLANK:
                    raise AuditorError("log_rows_blank", Place(place.file, row=before + 1), rows=f"{MOST_BLANK:,}")
            first, last = before + 1, taken[:]
            before = lines.line_num
            taken.clear()
    except csv.Error as error:
        at = Place(place.file, row=before + 1)
        raise csv_fault(error, at, lines.line_num - before, "file_not_csv") from error
    if len(last) > 1 and is_open(last, delimiter):
        raise AuditorError("file_not_csv", Place(place.file, row=first))


def _noted(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    """Pass lines on, and note those of the row that is being read.

    Quotation marks that a backslash stands before, as MySQL writes them, are doubled from the first on that shows it:
    within a cell no other program has one there, for a mark that is not doubled ends the cell.
    """
    escaped = False
    for line in lines:
        if '\\"' in line:
            escaped = escaped or _SHOWS_ESCAPES.search(line) is not None
        read = _ESCAPED.sub(r'\1""', line) if escaped else line
        taken.append(read)
        yield read


def is_open(lines: list[str], delimiter: str) -> bool:
    """Tell whether the last row ends within quotation marks: all that follows one would be in its cell."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def bounded_lines(source: TextIO) -> Iterator[str]:
    """Give the lines of a text, none of them so long that it fills the memory."""
    while line := source.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise csv.Error(TOO_LONG)
        yield line


def check_width(heads: list[str], path: Path) -> None:
    """Refuse a head of more columns than any spreadsheet has."""
    if len(heads) > COLUMNS:
        raise AuditorError("too_many_columns", Place(path.name, row=1), columns=f"{COLUMNS:,}")

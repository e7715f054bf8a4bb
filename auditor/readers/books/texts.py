"""Delimited text as rows of texts, each with the number of its first line (formats.md §4)."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.books.sheetscan import ROWS
from auditor.readers.books.workbook import MOST_CELLS
from auditor.readers.csv_faults import csv_fault
from auditor.readers.encodings import WINDOWS
from auditor.readers.encodings import undecodable
from auditor.readers.encodings import written_elsewhere
from auditor.readers.sniff import Sniffed

_LARGEST_TEXT = 256 << 20
_LINE_END = re.compile(r"\r\n?|\n")
_LONGEST_FIELD = 1 << 20
# Most cells of a large file say what others do: they are one text in memory, for as many different ones.
_shared = lru_cache(1 << 16)(str)


def text_rows(path: Path, sniffed: Sniffed) -> tuple[list[list[str]], list[int], tuple[Problem, ...]]:
    """Read a delimited text; a quote that is never closed would swallow rows, so it is refused.

    Gives the rows, the number of each one's first line, and doubts of the encoding. Raises `AuditorError`: as `text_of`
    does, `cells_too_many`, `too_many_columns`, `csv_quotes`, `cell_too_long`.
    """
    content = _content(path, sniffed)
    doubts = tuple(_otherwise_written(content, Place(path.name))) if sniffed.encoding == WINDOWS else ()
    text = _decoded(content, sniffed, Place(path.name), doubts)
    # Of texts put together each brings its own mark of order, which is no part of the first cell of its first row.
    text = _without_blank_end(text.replace("\n\ufeff", "\n"), sniffed.delimiter)
    if text.count(sniffed.delimiter) > MOST_CELLS:
        raise _too_many(path)
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, texts in _numbered(text, sniffed.delimiter, Place(path.name)):
        if len(texts) > COLUMNS:
            raise AuditorError("too_many_columns", Place(path.name, row=number), columns=f"{COLUMNS:,}")
        if len(rows) >= ROWS:
            raise _too_many(path)
        rows.append(list(map(_shared, texts)))
        numbers.append(number)
    while rows and not any(text.strip() for text in rows[-1]):  # Excel saves a million of them below a formatted column
        del rows[-1], numbers[-1]
    return rows, numbers, doubts


def text_of(path: Path, sniffed: Sniffed) -> str:
    """Give a text, unpacked. Raises `AuditorError`: `file_too_large`, and those of `undecodable`."""
    return _decoded(_content(path, sniffed), sniffed, Place(path.name), ())


def _too_many(path: Path) -> AuditorError:
    return AuditorError("cells_too_many", Place(path.name), rows=f"{ROWS:,}", cells=f"{MOST_CELLS:,}")


def _without_blank_end(text: str, delimiter: str) -> str:
    """Cut off the rows at the end that hold nothing: five million of them took a gigabyte and a half as lists."""
    bare = len(text.rstrip(f"{delimiter} \t\r\n"))
    end = _LINE_END.search(text, bare)
    return text[: end.end()] if end else text


def _otherwise_written(content: bytes, place: Place) -> Iterator[Problem]:
    """Doubt that a text is Windows's, by a word that only another encoding makes of its bytes."""
    encoding, word = written_elsewhere(content)
    if word:
        yield Problem("encoding_doubtful", place, {"text": word, "encoding": encoding})


def _content(path: Path, sniffed: Sniffed) -> bytes:
    """Give the bytes of a text, unpacked."""
    try:
        with gzip.open(path) if sniffed.compression else path.open("rb") as file:
            content = file.read(_LARGEST_TEXT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise AuditorError("file_damaged", Place(path.name)) from error
    if len(content) > _LARGEST_TEXT:
        raise AuditorError("file_too_large", Place(path.name), size=_LARGEST_TEXT >> 20)
    return content


def _decoded(content: bytes, sniffed: Sniffed, place: Place, doubts: Sequence[Problem]) -> str:
    """Decode a text; what is not UTF-8 after all, far beyond the sniffed samples, is Windows-1252."""
    for attempt in (sniffed.encoding, *((WINDOWS,) if sniffed.encoding.startswith("utf-8") else ())):
        try:
            return content.decode(attempt).lstrip("\ufeff")
        except UnicodeDecodeError:
            continue
    for doubt in doubts:  # Windows leaves five bytes undefined; others write ç and è with them
        raise AuditorError(doubt.code, place, (), **doubt.values)
    raise AuditorError(undecodable(sniffed.encoding), place)


def _numbered(text: str, delimiter: str, place: Place) -> Iterator[tuple[int, list[str]]]:
    """Give the rows with the number of their first line; Excel's own `sep=;` line is passed over."""
    csv.field_size_limit(_LONGEST_FIELD)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in lines:
            if not (before == 0 and len(row) <= 2 and row and row[0].lower().startswith("sep=")):
                yield before + 1, row
            before = lines.line_num
    except csv.Error as error:
        raise csv_fault(error, replace(place, row=before + 1), lines.line_num - before, "csv_quotes") from error

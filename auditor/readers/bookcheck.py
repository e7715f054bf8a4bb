"""The look at a workbook's zip before any reader opens it: bombs, entities and absurd extents are refused here.

The limits are those a trial on nine hostile books showed to be enough; real ledgers stay far below them.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from auditor.core.problems import AuditorError

ROWS = 1_048_576
COLUMNS = 16_384
_PARTS = 5_000
_RATIO = 200
_RATIO_FROM = 1 << 20
_AREA = 50_000_000
_MERGED = 2_000_000
_CHUNK = 1 << 20
_OVERLAP = 256
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]+)["']""")
# What every real program writes is found four times as fast; any other spelling of it takes the slow road.
_USUAL_REFERENCE = re.compile(rb' r="([A-Za-z]*)([0-9]+)"')
_UNUSUAL = (b"\t", b"\r", b"\n", b"r='", b"r =", b"r= ")
_MERGE = re.compile(rb"""mergeCell\s[^>]*?ref\s*=\s*["']\$?([A-Za-z]+)\$?([0-9]+):\$?([A-Za-z]+)\$?([0-9]+)["']""")
_ENCODING = re.compile(rb"""\A[^<]*<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']""")
_PLAIN = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def check_book(path: Path, unpacked: int) -> None:
    """Refuse a workbook that is made to harm; `unpacked` bounds its unpacked size in bytes.

    Raises `AuditorError`: `book_too_big` (parts, size, ratio), `book_unsafe` (part names, entities, encodings),
    `book_extent` (cells or merged cells beyond what any reader should lay out), `file_damaged`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(parts, unpacked)
            for part in parts:
                _check_part(archive, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise AuditorError("file_damaged") from error


def _check_sizes(parts: list[zipfile.ZipInfo], unpacked: int) -> None:
    """Refuse too many parts, too much unpacked, and parts that unpack to absurd multiples of themselves."""
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > unpacked:
        raise AuditorError("book_too_big")
    for part in parts:
        if part.file_size > _RATIO_FROM and part.file_size > _RATIO * max(part.compress_size, 1):
            raise AuditorError("book_too_big")
        if ".." in part.filename.replace("\\", "/").split("/"):
            raise AuditorError("book_unsafe", part=part.filename)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read an XML part through: no entities, UTF-8 only, and cells within bounds. Pictures are left alone."""
    extent = _Extent()
    for first, block in _blocks(archive, part):
        if first and not _is_xml(block, part.filename):
            return
        if b"<!DOCTYPE" in block or b"<!ENTITY" in block:
            raise AuditorError("book_unsafe", part=part.filename)
        extent.take(block)


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[bool, bytes]]:
    """Give a part in blocks that overlap a little, so that nothing hides on a border, and which one is the first."""
    with archive.open(part) as stream:
        tail, first = b"", True
        while block := stream.read(_CHUNK):
            yield first, tail + block
            tail, first = block[-_OVERLAP:], False


def _is_xml(block: bytes, name: str) -> bool:
    """Tell an XML part from a picture; refuse an encoding in which a scan of the bytes would see nothing."""
    encoding = _ENCODING.match(block)
    if block.startswith(_UTF16) or (encoding and encoding[1].lower() not in _PLAIN):
        raise AuditorError("book_unsafe", part=name)
    return block.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


class _Extent:
    """The outermost row and column and the merged area seen in one part."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.row = self.column = 1
        self.merged = 0

    def take(self, block: bytes) -> None:
        """Add a block's cells; raise `book_extent` when they go too far."""
        unusual = any(mark in block for mark in _UNUSUAL)
        found = (_REFERENCE if unusual else _USUAL_REFERENCE).findall(block)
        self.row = max(self.row, *map(int, {row[:12] for _, row in found}), 1)
        self.column = max(self.column, *map(column_number, {letters for letters, _ in found}), 1)
        for left, top, right, bottom in _MERGE.findall(block) if b"mergeCell" in block else ():
            width = column_number(right) - column_number(left) + 1
            self.merged += max(width, 1) * max(int(bottom[:12]) - int(top[:12]) + 1, 1)
        if self.row > ROWS or self.column > COLUMNS or self.row * self.column > _AREA or self.merged > _MERGED:
            raise AuditorError("book_extent")


def column_number(letters: bytes) -> int:
    """Turn `A`, `Z`, `AA` into 1, 26, 27; no letters are 0."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number

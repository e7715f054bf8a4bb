"""The look at a workbook's zip beside any reader that opens it: bombs, entities and absurd extents are refused here.

The limits are those a trial on nine hostile books showed to be enough; real ledgers stay far below them.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from defusedxml import ElementTree

from auditor.core.problems import AuditorError
from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.books.sheetscan import ROWS
from auditor.readers.books.sheetscan import Facts
from auditor.readers.books.sheetscan import SheetScan
from auditor.readers.books.shown import style_currencies
from auditor.readers.zip_faults import XML_FAULTS
from auditor.readers.zip_faults import ZIP_FAULTS

_PARTS = 5_000
_RATIO = 200
_RATIO_FROM = 1 << 20
_CHUNK = 1 << 20
_OVERLAP = 256
_LARGEST_INDEX = 16 << 20
_STYLES = "xl/styles.xml"
_ENCODING = re.compile(rb"""\A[^<]*<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']""")
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_REPEATED = re.compile(rb"""number-(columns|rows)-repeated\s*=\s*["']\s*\+?([0-9]{5,})""")
_PLAIN = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
# The parts that are large and hold no cells of their own.
_NO_CELLS = re.compile(rb"<(?:[\w.-]+:)?(?:sst|styleSheet|document-content)[\s>]")


class BookCheck:
    """The check of one workbook: a zip of XML or binary parts.

    Making it refuses what the zip's directory tells already; `steps` reads everything through; `facts` then gives what
    was seen in the sheets. `unpacked` bounds the unpacked size in bytes. All raise `AuditorError`: `book_too_big`
    (parts, size, ratio), `book_unsafe` (part names, entities, encodings), `book_extent` (cells or merged cells beyond
    what any reader should lay out), `file_damaged`.
    """

    def __init__(self, path: Path, unpacked: int) -> None:
        """Take a workbook and look at its directory."""
        self._path = path
        self._found: dict[str, Facts] = {}
        with _opened(path) as archive:
            _check_sizes(archive.infolist(), unpacked)
            styles = archive.open(_STYLES).read(_LARGEST_INDEX) if _STYLES in archive.namelist() else b""
        self._styles = style_currencies(styles) if b"numFmts" in styles else {}

    def steps(self) -> Iterator[None]:
        """Read every part through, a block at a time, so that other work can go on between."""
        with _opened(self._path) as archive:
            for part in archive.infolist():
                yield from self._part(archive, part)

    def facts(self) -> dict[str, Facts]:
        """Give what was seen in each sheet, by its name; nothing of kinds other than XLSX."""
        parts = sheet_parts(self._path)
        return {name: self._found[part] for name, part in parts.items() if part in self._found}

    def _part(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[None]:
        """Read an XML part through: no entities, UTF-8 only, and cells within bounds. Pictures are left alone."""
        scan: SheetScan | None = None
        with archive.open(part) as stream:
            block, tail = stream.read(_CHUNK), b""
            if not block or not _is_xml(block, part.filename):
                return
            if not _NO_CELLS.search(block[:4096]):
                scan = SheetScan(block, self._styles)
            while block:
                if _declares(block) or _declares(tail + block[:_OVERLAP]):
                    raise AuditorError("book_unsafe", part=part.filename)
                if scan:
                    scan.take(block)
                elif part.filename == "content.xml":
                    _check_repeats(tail + block)
                yield
                tail, block = block[-_OVERLAP:], stream.read(_CHUNK)
        if scan:
            self._found[part.filename] = scan.facts()


def _declares(block: bytes) -> bool:
    """Tell whether a block declares a type or an entity; most have not even the one letter, which is soon found."""
    return b"!" in block and any(sign in block for sign in _DECLARATIONS)


def _check_repeats(block: bytes) -> None:
    """Refuse rows or columns of an ODS file that repeat more often than a sheet has room: readers lay them out."""
    for kind, times in _REPEATED.findall(block):
        if int(times[:12]) > (COLUMNS if kind == b"columns" else ROWS):
            raise AuditorError("book_extent")


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip; whatever is wrong with it is a damaged file."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except ZIP_FAULTS as error:
        raise AuditorError("file_damaged") from error


def _check_sizes(parts: list[zipfile.ZipInfo], unpacked: int) -> None:
    """Refuse too many parts, or two of one name, too much unpacked, and parts that unpack to absurd multiples."""
    names = Counter(part.filename.lower() for part in parts)
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > unpacked:
        raise AuditorError("book_too_big")
    for part in parts:
        if part.file_size > _RATIO_FROM and part.file_size > _RATIO * max(part.compress_size, 1):
            raise AuditorError("book_too_big")
        if names[part.filename.lower()] > 1:  # one reader would take the first of them, another the last
            raise AuditorError("book_unsafe", part=part.filename)
        if ".." in part.filename.replace("\\", "/").split("/"):
            raise AuditorError("book_unsafe", part=part.filename)


def _is_xml(block: bytes, name: str) -> bool:
    """Tell an XML part from a picture; refuse an encoding in which a scan of the bytes would see nothing."""
    encoding = _ENCODING.match(block)
    if block.startswith(_UTF16) or (encoding and encoding[1].lower() not in _PLAIN):
        raise AuditorError("book_unsafe", part=name)
    return block.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def sheet_parts(path: Path) -> dict[str, str]:
    """Give the part of the zip that holds each sheet of an XLSX file, in the order of the sheets.

    Raises `AuditorError`: `file_damaged`.
    """
    with _opened(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        try:
            book, links = (
                ElementTree.fromstring(archive.open(name).read(_LARGEST_INDEX))
                for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
            )
        except XML_FAULTS as error:
            raise AuditorError("file_damaged") from error
    targets = {link.get("Id"): str(link.get("Target", "")) for link in links}
    parts = {}
    for sheet in (element for element in book.iter() if str(element.tag).rpartition("}")[2] == "sheet"):
        link = next((value for name, value in sheet.items() if name.endswith("}id")), "")
        target = targets.get(link, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            parts[str(sheet.get("name"))] = part
    return parts

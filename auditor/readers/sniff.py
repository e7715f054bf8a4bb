"""What a file is, told from its content and never from its name (formats.md §4).

Meta's `.csv` downloads are XLSX, banks send HTML as `.xls`, logs come zipped: only the bytes can be believed.
"""

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from struct import unpack_from

import msoffcrypto
import msoffcrypto.exceptions
import olefile

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.paths import resources
from auditor.readers.encodings import encoding_shown
from auditor.readers.zip_faults import ZIP_FAULTS

_HEAD = 1 << 20
_BLOCK = 1 << 16
_SAMPLES = 16
_EDGE, _STRETCH = 64, 1 << 12
# A gzip file ends with the size that it unpacks to: of tables and logs, but for small ones, never so often its own.
_GZIP = 16 + zlib.MAX_WBITS
_SIZE_AT_END, _UNPACKS_TO, _UNPACKS_FROM, _UNPACKS_MOST = 4, 200, 16 << 20, 1032
# So many stretches of it are looked into, and held for odd if they pack once more to so small a part.
_STRETCHES, _AGAIN = 32, 4
# Of two that cut as many rows the first is it: a comma is also a decimal mark, and stands in titles.
DELIMITERS = (";", "\t", "|", ",")
_SEPARATOR_LINE = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Where an OLE file's head says how large its sectors are (a power of two), and how many of them hold its three lists.
_OLE_SECTOR, _OLE_LISTS, _OLE_HEAD = 30, (44, 64, 72), 512
# Excel 2 to 4 wrote a bare stream of records.
_OLDEST_XLS = (b"\x09\0\x04\0", b"\x09\x02\x06\0", b"\x09\x04\x06\0")
_HTML = re.compile(r"(?is)\A\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|table|meta|style)\b")
_FLAT_BOOK = re.compile(r"urn:schemas-microsoft-com:office:spreadsheet|oasis:names:tc:opendocument:xmlns:office")
_JSON = re.compile(r'\A\s*(\{\s*["}]|\[\s*([\[{"\]]|$))')
_REPR = re.compile(r"\A\s*\[?\s*\{\s*u?'\w+'\s*:")  # how Python prints an object
_MIN_TEXT_SHARE = 0.3
_CONTROLS = bytes((*range(1, 9), *range(14, 27), *range(28, 32)))
# How the app writes a chat that it exports: `12/3/25, 14:05 - Ana: hola`, `[12/03/25, 2:05:22 PM] Ana: hola`.
_SAID = re.compile(
    r"\W*[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4},? [0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?(?:\s?[ap]\.?\s?m\.?)?"
    r"(?:\] | - )(?P<said>[^:]{1,80}: )?",
    re.IGNORECASE,
)
_LINES_OF_CHAT = 20
# What a dump of a database begins with, and the statements in it that hold rows.
_DUMP = re.compile(
    r"\s*(?:--|/\*|(?:SET|COPY|INSERT|CREATE|BEGIN|DROP|USE|LOCK|START|SELECT|\\restrict)\b)", re.IGNORECASE
)
_ROWS_OF_DUMP = re.compile(
    r"^(?:COPY\s+\S+\s*(?:\([^()]*\)\s*)?FROM\s+stdin\b|INSERT\s+(?:IGNORE\s+)?INTO\s|CREATE\s+TABLE\s)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file is.

    `kind` is `xlsx`, `xlsb`, `xls`, `ods`, `parquet`, `json`, `xml` or `csv` (any delimited text); `encoding` and
    `delimiter` are set for texts; `encoding` is Python's name: `utf-8`, `utf-8-sig` (with its mark), `utf-16`
    (with its mark), `utf-16-le`, `utf-16-be`, `utf-32`, `utf-32-le`, `utf-32-be` or one of `ENCODINGS`. `compression`
    is empty or `gzip`, and the rest then speaks of what is inside.
    """

    kind: str
    encoding: str = ""
    delimiter: str = ""
    compression: str = ""


def sniff(path: Path) -> Sniffed:
    """Tell what a file is from its content.

    Raises `AuditorError` for what no reader takes: `file_name_no_text`, `file_missing`, `file_unreadable`,
    `file_is_folder`, `file_not_regular`, `link_not_followed`, `file_empty`, `file_is_pdf`, `file_is_html`,
    `file_is_flat_book`, `file_is_zip`, `file_is_image`, `file_encrypted`, `file_damaged`, `file_unpacks_too_far`,
    `file_binary`, `file_is_audit`, `file_is_chat`, `file_is_repr`, `file_is_sql`.
    """
    place = Place(path.name)
    head = _head(path)
    if head.startswith(b"\x1f\x8b"):
        return _inside_gzip(path, place)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise AuditorError("file_empty", place)
    _refuse_foreign(head, place)
    if head.startswith(b"PK"):
        return Sniffed(_zip_kind(path, place))
    if head.startswith(_OLE):
        return Sniffed(_ole_kind(path, place))
    if head.startswith(b"PAR1"):
        return Sniffed("parquet")
    return _text(head, _samples(path), place)


def check_name(path: Path) -> None:
    """Refuse a path with bytes that are no letters, or a zero: neither database nor audit file could name it.

    The program's own data are named to neither, and lie where the program was put: a plain C locale takes every accent
    of that folder for such a byte.
    """
    if path.is_relative_to(resources()):
        return
    said = str(path).encode(errors="replace").decode().replace("\0", "?")
    if said != str(path):
        raise AuditorError("file_name_no_text", Place(said))


def check_regular(path: Path) -> None:
    """Refuse a folder; a pipe or a device, which would be waited for without end; and a name that is no text."""
    check_name(path)
    try:
        if path.is_dir():
            raise AuditorError("file_is_folder", Place(str(path)))
        if path.exists() and not path.is_file():
            raise AuditorError("file_not_regular", Place(str(path)))
        if path.is_symlink() and not path.exists():
            raise AuditorError("link_not_followed", Place(str(path)))
    except OSError as error:
        raise AuditorError("file_unreadable", Place(str(path)), reason=error.strerror or "") from error


def _head(path: Path) -> bytes:
    """Read the first part of a file, or say why it cannot be read."""
    check_regular(path)
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except FileNotFoundError as error:
        raise AuditorError("file_missing", Place(str(path))) from error
    except OSError as error:
        raise AuditorError("file_unreadable", Place(str(path)), reason=error.strerror or "") from error


def _refuse_foreign(head: bytes, place: Place) -> None:
    """Refuse by name what people often hand in and nothing here reads."""
    if b"%PDF-" in head[:1024]:
        raise AuditorError("file_is_pdf", place)
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")):
        raise AuditorError("file_is_image", place)
    if head[:512].lstrip().startswith(b"MIME-Version:"):
        raise AuditorError("file_is_html", place)
    if head.startswith((b"{\\rtf", b"SQLite format 3\0", *_OLDEST_XLS)):
        raise AuditorError("file_binary", place)
    if head[8:12] == b"DUCK":  # behind the checksum of its first block
        raise AuditorError("file_is_audit", place)
    if head.startswith(b"PARE"):
        raise AuditorError("file_encrypted", place)
    if head[257:262] == b"ustar" or head.startswith((b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        raise AuditorError("file_is_zip", place)


def _inside_gzip(path: Path, place: Place) -> Sniffed:
    """Tell what a gzip file holds, unpacking no more than its head."""
    _check_unpacked(path, place)
    try:
        with gzip.open(path) as file:
            head = file.read(_HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise AuditorError("file_damaged", place) from error
    if not head.strip():
        raise AuditorError("file_empty", place)
    _refuse_foreign(head, place)
    if head.startswith((b"PK", b"PAR1", b"\x1f\x8b", _OLE)):
        raise AuditorError("file_is_zip", place)
    inner = _text(head, (), place)
    return Sniffed(inner.kind, inner.encoding, inner.delimiter, "gzip")


def _check_unpacked(path: Path, place: Place) -> None:
    """Refuse a gzip file that unpacks to absurd multiples, by its beginning or by all of it if that looks like it.

    It does by the size that it states at its end, or where what is packed packs once more. Of a file that was cut off
    the size may be any figure, and a hostile one states what it likes: what counts is what comes out.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _SIZE_AT_END))
        stated = int.from_bytes(file.read(), "little")
        whole = stated > max(_UNPACKS_FROM, _UNPACKS_TO * size) or any(map(_packs_again, _stretches(path)))
        file.seek(0)
        unpacker, read, unpacked = zlib.decompressobj(_GZIP), 0, 0
        while block := file.read(_STRETCH if whole else _BLOCK):  # what a false end is in is lost
            read += len(block)
            try:
                while block:
                    unpacked += len(unpacker.decompress(block))
                    block = unpacker.unused_data  # what another file joined to it begins with
                    unpacker = zlib.decompressobj(_GZIP) if unpacker.eof else unpacker
            except zlib.error as error:
                if unpacked:
                    return  # the reader tells what stands behind from what is damaged
                raise AuditorError("file_damaged", place) from error
            if unpacked > max(_UNPACKS_FROM, _UNPACKS_TO * read):
                raise AuditorError("file_unpacks_too_far", place)
            if not whole:
                return


def _stretches(path: Path) -> Iterator[bytes]:
    """Give stretches from all over a packed file, none of one too small to unpack to much: a bomb lies over one."""
    size = path.stat().st_size
    if size * _UNPACKS_MOST <= _UNPACKS_FROM:
        return
    with path.open("rb") as file:
        for start in range(0, size, max(_STRETCH, size // _STRETCHES)):
            file.seek(start)
            yield file.read(_STRETCH)


def _packs_again(packed: bytes) -> bool:
    """Tell a stretch of packed bytes that can be packed to a quarter: no text gives such, but one thing repeated."""
    return len(zlib.compress(packed, 1)) * _AGAIN < len(packed)


def _zip_kind(path: Path, place: Place) -> str:
    """Tell a workbook from another zip by the parts it lists."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
            kind = archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names else ""
            locked = any(info.flag_bits & 1 for info in archive.infolist())
    except ZIP_FAULTS as error:
        raise AuditorError("file_damaged", place) from error
    if locked:
        raise AuditorError("file_encrypted", place)
    if "opendocument.spreadsheet" in kind:
        return "ods"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "[content_types].xml" in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    raise AuditorError("file_is_zip", place)


def _ole_kind(path: Path, place: Place) -> str:
    """Tell an old workbook from an encrypted new one: Excel wraps the latter in an OLE file."""
    try:
        _check_ole(path)
        with path.open("rb") as file:
            book = msoffcrypto.OfficeFile(file)
            kind = "encrypted" if book.is_encrypted() else str(book.format)
    except AuditorError:
        raise
    except msoffcrypto.exceptions.FileFormatError as error:
        raise AuditorError("file_binary", place) from error
    except Exception as error:  # a hostile OLE file makes the library fail in any way it likes
        raise AuditorError("file_damaged", place) from error
    if kind == "xls97":
        return "xls"
    raise AuditorError("file_encrypted" if kind == "encrypted" else "file_binary", place)


def _check_ole(path: Path) -> None:
    """Refuse an OLE file that says to hold more than it is long: a chain of sectors in a circle would be all that."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_OLE_HEAD).ljust(_OLE_HEAD, b"\0")
    sector = 1 << min(unpack_from("<H", head, _OLE_SECTOR)[0], 16)
    lists = sum(unpack_from("<I", head, at)[0] for at in _OLE_LISTS)
    if lists * sector > size:
        raise AuditorError("file_damaged", Place(path.name))
    with olefile.OleFileIO(str(path)) as container:
        if any(entry.size > size for entry in container.direntries if entry):
            raise AuditorError("file_damaged", Place(path.name))


def _samples(path: Path) -> Iterable[bytes]:
    """Read blocks spread over a long file, so that one late accent does not contradict the head."""
    size = path.stat().st_size
    if size <= _HEAD:
        return
    with path.open("rb") as file:
        for part in range(1, _SAMPLES + 1):
            file.seek(max(0, size * part // _SAMPLES - _BLOCK))
            yield file.read(_BLOCK)


def _text(head: bytes, samples: Iterable[bytes], place: Place) -> Sniffed:
    """Tell the encoding and the kind of a text."""
    encoding = _encoding(head, samples, place)
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    if len(head) == _HEAD:
        text = text.rpartition("\n")[0] or text
    if _HTML.match(text):
        raise AuditorError("file_is_html", place)
    if text.lstrip().startswith(("<?xml", "<!DOCTYPE", "<!--")) or re.match(r"\s*<[A-Za-z][\w:.-]*[\s>]", text):
        if _FLAT_BOOK.search(text[:4096]):
            raise AuditorError("file_is_flat_book", place)
        if re.search(r"<(html|table)\b", text[:4096], re.IGNORECASE):
            raise AuditorError("file_is_html", place)
        return Sniffed("xml", encoding)
    if _JSON.match(text):
        return Sniffed("json", encoding)
    if _REPR.match(text):
        raise AuditorError("file_is_repr", place)
    if _is_chat(text):
        raise AuditorError("file_is_chat", place)
    if _DUMP.match(text) and _ROWS_OF_DUMP.search(text):
        raise AuditorError("file_is_sql", place)
    return Sniffed("csv", encoding, delimiter_of(text))


def _is_chat(text: str) -> bool:
    """Tell a chat that was exported from the app: its first line is stamped as the app does, and somebody speaks."""
    stamps = [_SAID.match(line) for line in text[:_BLOCK].split("\n") if line.strip()][:_LINES_OF_CHAT]
    return bool(stamps[:1]) and stamps[0] is not None and any(one and one["said"] for one in stamps)


def _encoding(head: bytes, samples: Iterable[bytes], place: Place) -> str:
    """Tell the encoding: by its mark, by the zeros of UTF-16, by being valid UTF-8, else by its words."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _check_wide(head, place)
        return "utf-16"
    if head[2::4].count(0) == head[3::4].count(0) == len(head) // 4 > 0:
        return "utf-32-le"
    if head[::4].count(0) == head[1::4].count(0) == -(-len(head) // 4) > 0:
        return "utf-32-be"
    zeros = head[1::2].count(0), head[::2].count(0)
    if max(zeros) > _MIN_TEXT_SHARE * len(head):
        _check_wide(head, place)
        return "utf-16-le" if zeros[0] > zeros[1] else "utf-16-be"
    if b"\0" in head or _control_share(head) > _MIN_TEXT_SHARE / 3:
        raise AuditorError("file_binary", place)
    blocks = (head, *samples)
    return "utf-8" if all(map(_is_utf8, blocks)) else encoding_shown(b"\n".join(blocks))


def _check_wide(head: bytes, place: Place) -> None:
    """Refuse a text of which a part is UTF-16 and another is not: every table has Latin letters or signs throughout."""
    parts = (head[:_EDGE], head[-_EDGE:], *(head[at : at + _STRETCH] for at in range(0, len(head) - _EDGE, _STRETCH)))
    if not all(b"\0" in part for part in parts):
        raise AuditorError("file_damaged", place)


def _control_share(head: bytes) -> float:
    """Give the part of the bytes that no text holds."""
    return (len(head) - len(head.translate(None, _CONTROLS))) / len(head)


def _is_utf8(block: bytes) -> bool:
    """Tell whether a block, perhaps cut through a letter at either end, is UTF-8."""
    start = next((at for at in range(min(4, len(block))) if block[at] & 0xC0 != 0x80), 0)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(block[start:])
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(text: str) -> str:
    """Choose the delimiter that cuts the most rows into as many fields as the one before; a comma if none does.

    Of two tables, one below the other, each has a width of its own; commas within numbers and words make uneven rows.
    """
    stated = _SEPARATOR_LINE.match(text)
    if stated:
        return stated[1]
    scores = {delimiter: _even_rows(text[:_BLOCK], delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best][0] else ","


def _even_rows(text: str, delimiter: str) -> tuple[int, int, int]:
    """Count the rows that are as wide as the one before, of those wider than one, and those of the commonest width."""
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        wide = [width for width in map(len, rows) if width > 1]
    except csv.Error:
        return 0, 0, 0
    even = len(wide[:1]) + sum(one == before for before, one in pairwise(wide))
    return even, *max(((count, width) for width, count in Counter(wide).items()), default=(0, 0))

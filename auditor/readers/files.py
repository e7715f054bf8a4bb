"""A file's bytes and lines, taken so that whatever is wrong with it ends in one sentence."""

import csv
import gzip
import hashlib
import io
import os
import threading
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.problems import Place
from auditor.readers.csv_faults import csv_fault
from auditor.readers.encodings import undecodable
from auditor.readers.sniff import Sniffed
from auditor.readers.sniff import check_regular
from auditor.readers.sniff import sniff
from auditor.readers.values.words import hides
from auditor.readers.values.words import seen

_BLOCK = 1 << 22
_BEAT = 0.1
_HEAD = 1 << 16
# Beyond this a text is no account file, no rate card and no table of exchange rates.
_LARGEST_TEXT = 64 << 20
_FIRST_ROWS = 20
# An audit that lies in a folder of logs is written to while they are read.
_OURS = (".audit", ".wal")
# What Office puts beside a document that is open in it, and what Windows puts into folders that are looked at.
_OPEN_IN_OFFICE = "~$"
_OF_WINDOWS = frozenset({"desktop.ini", "thumbs.db"})
CUT_SHORT = (EOFError, gzip.BadGzipFile, zlib.error)
"""What reading a packed file fails with where it is cut off or damaged."""


class Standing:
    """A file, or a folder with its files, as it stood when it was begun to be read."""

    def __init__(self, path: Path) -> None:
        """Note of each file which it is, its size, and when it was changed: also one of the same size in its place."""
        self._path, self._marks = path, _marks(path)

    def check(self) -> None:
        """Raise `AuditorError("file_changed")` if it stands otherwise now: what was read of it is of no one state."""
        if _marks(self._path) != self._marks:
            raise AuditorError("file_changed", Place(self._path.name))


def _marks(path: Path) -> list[tuple[str | int, ...]]:
    files = [one for one in folder_files(path) if one.suffix not in _OURS] if path.is_dir() else [path]
    try:
        return [
            (str(file), stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
            for file in files
            for stat in (file.stat(),)
        ]
    except OSError:  # taken away in the meantime
        return []


@contextmanager
def standing(*checks: Callable[[], None]) -> Iterator[None]:
    """See to it that what is read stands still: else that is told, whatever the reading came to or failed with."""
    try:
        yield
    except Cancelled:
        raise
    except Exception:
        for check in checks:
            check()
        raise
    for check in checks:
        check()


def digest(path: Path, watch: Callable[[], None] = lambda: None) -> tuple[str, int]:
    """Give the SHA-256 and the size in bytes of a file; of a folder, that of its files' sorted hashes and their sum.

    `watch` is called now and then; what it raises stops the reading. Raises `AuditorError`: `file_name_no_text`,
    `file_missing`, `file_unreadable`, `file_not_regular`.
    """
    if path.is_dir():
        parts = sorted(digest(file, watch) for file in folder_files(path))
        joined = "\n".join(sha for sha, _ in parts).encode()
        return hashlib.sha256(joined).hexdigest(), sum(size for _, size in parts)
    sha, size = hashlib.sha256(), 0
    check_regular(path)
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                watch()
                sha.update(block)
                size += len(block)
    except FileNotFoundError as error:
        raise AuditorError("file_missing", Place(str(path))) from error
    except OSError as error:
        raise AuditorError("file_unreadable", Place(str(path)), reason=error.strerror or "") from error
    return sha.hexdigest(), size


@contextmanager
def digested(path: Path) -> Iterator[Callable[[Callable[[], None]], tuple[str, int]]]:
    """Take the digest of a file on a thread of its own, beside whatever else is read of it meanwhile.

    Gives what waits for it, calling now and then what it is handed, and raises what `digest` does. On leaving, a digest
    nobody waited for is given up.
    """
    given_up = threading.Event()

    def watch() -> None:
        if given_up.is_set():
            raise Cancelled

    with ThreadPoolExecutor(1, "digest") as pool:
        work = pool.submit(digest, path, watch)

        def told(beat: Callable[[], None]) -> tuple[str, int]:
            while not wait([work], _BEAT).done:
                beat()
            return work.result()

        try:
            yield told
        finally:
            given_up.set()


def folder_files(folder: Path) -> list[Path]:
    """List the files below a folder in the order of their names, without those that systems hide from their owner.

    Raises `AuditorError("file_unreadable")` for one in it that may not be looked into: its files would be missed.
    """
    return [path for path in _entries(folder) if _is_file(path)]


def others_in(folder: Path) -> list[Path]:
    """List what below a folder is neither file nor folder: links that lead to no file, pipes, devices.

    Whoever wants to read them says what they are. Raises `AuditorError` as `folder_files` does.
    """
    return [path for path in _entries(folder) if not _is_file(path) and (path.is_symlink() or not path.is_dir())]


def _entries(folder: Path) -> list[Path]:
    found: list[Path] = []
    for top, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [Path(top, name) for name in (*folders, *names) if not _is_hidden(name)]
    return sorted(found)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # whoever reads it says what is wrong
        return not path.is_symlink()


def _unreadable(error: OSError) -> NoReturn:
    raise AuditorError("file_unreadable", Place(str(error.filename)), reason=error.strerror or "") from error


def _is_hidden(name: str) -> bool:
    return name.startswith((".", _OPEN_IN_OFFICE)) or name.lower() in _OF_WINDOWS


def read_text(path: Path) -> str:
    """Read a small text file in whatever encoding it is written; gzip is unpacked.

    Raises `AuditorError`: `text_too_large`, `file_not_text`, and those of `sniff`.
    """
    return _decode(path, sniff(path))


def read_rows(path: Path, found: Sniffed) -> tuple[list[str], Iterator[tuple[int, Mapping[str, str]]]]:
    """Give the heads (small letters, `_` for spaces) of a small CSV and its rows with the number of their first line.

    `found` is what `sniff` says of it: comma, semicolon or tab. Blank rows are passed over; a missing cell is an empty
    one. Raises `AuditorError`: `text_too_large`, `file_not_text`, `file_damaged`, `figures_hide`, `file_not_csv`,
    `cell_too_long`.
    """
    lines = _lines(_decode(path, found), found.delimiter or ",", Place(path.name))
    _, top = next(lines, (0, []))
    heads = [plain_head(head) for head in top]
    return heads, ((line, dict(zip(heads, row + [""] * len(heads), strict=False))) for line, row in lines)


def first_rows(path: Path, found: Sniffed) -> list[list[str]]:
    """Give the first rows of a delimited text, from its first bytes."""
    with (gzip.open if found.compression else open)(path, "rb") as file:
        text = file.read(_HEAD).decode(found.encoding or "utf-8", "replace").lstrip("\ufeff")
    return list(csv.reader(text.splitlines()[:_FIRST_ROWS], delimiter=found.delimiter or ","))


def _decode(path: Path, found: Sniffed) -> str:
    if not found.encoding:
        raise AuditorError("file_not_text", Place(path.name))
    try:
        with (gzip.open if found.compression else open)(path, "rb") as file:
            content = file.read(_LARGEST_TEXT + 1)
    except CUT_SHORT as error:
        raise AuditorError("file_damaged", Place(path.name)) from error
    if len(content) > _LARGEST_TEXT:
        raise AuditorError("text_too_large", Place(path.name), size=_LARGEST_TEXT >> 20)
    try:
        return content.decode(found.encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise AuditorError(undecodable(found.encoding), Place(path.name)) from error


def plain_head(head: str) -> str:
    """Make a column's name comparable: small letters, spaces as `_`."""
    return "_".join(seen(head).lower().replace("_", " ").split())


def _lines(text: str, delimiter: str, place: Place) -> Iterator[tuple[int, list[str]]]:
    """Give every row that holds something, its cells stripped, with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    try:
        for row in reader:
            for cell in filter(hides, row):
                raise AuditorError("figures_hide", Place(place.file, row=before + 1), value=seen(cell))
            cells = [seen(cell) for cell in row]
            if any(cells):
                yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        at = Place(place.file, row=before + 1)
        raise csv_fault(error, at, reader.line_num - before, "file_not_csv") from error

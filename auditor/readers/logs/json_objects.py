"""Finding the JSON objects of a file: one a line, in an array, one after the other, or with other text between them."""

import codecs
import csv
import json
import re
import zlib
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from itertools import repeat
from pathlib import Path
from typing import TypeAlias

import duckdb

from auditor.core.problems import Progress
from auditor.readers.logs.faults import fault_number
from auditor.readers.logs.json_wrapped import DEEP
from auditor.readers.logs.json_wrapped import LARGE
from auditor.readers.logs.json_wrapped import TWICE
from auditor.readers.logs.json_wrapped import payloads_within
from auditor.readers.logs.json_wrapped import unwrapped
from auditor.readers.logs.numbered import decoding
from auditor.readers.logs.numbered import open_text
from auditor.readers.logs.staging import Tally
from auditor.readers.logs.watched import STEP
from auditor.readers.sniff import Sniffed
from auditor.readers.sniff import delimiter_of
from auditor.readers.sql_text import path_sql
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.json_pairs import PairsNoted
from auditor.readers.values.json_pairs import whole

_HEAD = 1 << 16
_CHUNK = 1 << 22
LARGEST_OBJECT = 1 << 24
"""An object of more letters is not decoded."""
_SMALL = 64 << 20
_OVERLAP = 1 << 12
_GZIP = 16 + zlib.MAX_WBITS
_BROKEN = b"\n<\n"  # no object: it counts as a broken line
_OFTEN = 10_000
_KEYS = "object|entry|statuses|messages|contacts"
# Payloads as texts: in a table's cells (their quotation marks doubled, or in base64), or with a sign before each mark,
# or a number in its place, as a web server writes what it was sent: `{\x22object\x22:`.
_IN_CELLS = re.compile(rf'\{{\s*""({_KEYS})""\s*:|eyJ(?:vYmplY3Qi|lbnRyeSI)')
_ESCAPED = re.compile(rf'\{{(?:\s|\\[nrt]|\\x0[9AD])*\\(?:"|x22)({_KEYS})\\(?:"|x22)\s*:')
_TEXTS = re.compile(r'\[\s*"')
_SIGN = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))")
_SPACES = {"n": " ", "r": " ", "t": " "}
CELLS, ESCAPED = "cells", "escaped"
Inner: TypeAlias = Callable[[object, str], str]
Noted: TypeAlias = Callable[[int, Path, int], None]
_PAYLOAD = re.compile(rf'\{{\s*"({_KEYS})"\s*:')
# An object at the beginning of a line or behind a log's own words, or one that can only be a whole payload.
# Every way begins with a letter of its own, so that what lies between is passed over quickly.
_BEGINNING = re.compile(r'\n(?=\{)|\n(?=[^\s"{}\[\]][^\n{}"]*\{\s*")|\{(?=\s*"(?:object|entry)"\s*:)')
_SEPARATORS = ' \t\r\n,[]"'
# No list of webhooks lies in so many others; what opens more of them in one line is lost in there.
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A file with JSON objects in it; `layout` is the database's word for how they stand.

    `packing` tells how they are texts themselves: in the `cells` of a table, or `escaped`; empty: they are not.
    """

    path: Path
    sniffed: Sniffed
    layout: str
    has_objects_in_lines: bool
    packing: str = ""

    @property
    def reading(self) -> tuple[str, str]:
        """Give what the database has to be told: layout and compression."""
        return self.layout, self.sniffed.compression

    @property
    def is_plain(self) -> bool:
        """Tell whether the database can find the objects itself."""
        return self.sniffed.kind == "json" and not self.packing and self.sniffed.encoding.startswith("utf-8")


def json_file(path: Path, sniffed: Sniffed) -> JsonFile:
    """Look at the head of a text and tell how its objects stand."""
    head = ""
    if sniffed.encoding:
        with open_text(path, sniffed, sniffed.encoding, lenient=True) as file:
            head = file.read(_HEAD).lstrip("\ufeff \t\r\n")
    layout = "unstructured"
    if head.startswith("["):
        layout = "array"
    elif _is_object(head.partition("\n")[0]) or (len(head) == _HEAD and "\n" not in head):
        layout = "newline_delimited"
    packing = _packing(head, sniffed)
    return JsonFile(path, sniffed, layout, bool(packing or _PAYLOAD.search(head)), packing)


def _packing(head: str, sniffed: Sniffed) -> str:
    if _PAYLOAD.search(head) or (sniffed.kind == "json" and not _TEXTS.match(head)):
        return ""
    if sniffed.kind == "csv" and _IN_CELLS.search(head):
        return CELLS
    return ESCAPED if _ESCAPED.search(head) else ""


def _is_object(line: str) -> bool:
    return isinstance(_value(line), dict)


def _value(text: str) -> object:
    """Give the value that a JSON text stands for; None for what is none or too deep."""
    try:
        return json.loads(text, parse_int=whole)
    except (ValueError, RecursionError):
        return None


def objects_sql(files: Sequence[JsonFile], column: str = "json") -> str:
    """Give SQL of a relation with the column `json`: every object in order; a line that is not JSON is NULL.

    All files have to be read in one way: the database does not keep the order of a union. The `column` can be
    `filename` instead: which file each object is of.
    """
    lenient = ["ignore_errors = true"] if files[0].layout == "newline_delimited" else []
    named = ["filename = true"] if column == "filename" else []
    return f"SELECT {column} FROM {reading_sql('read_json_objects', files, ', '.join([*lenient, *named]))}"


def reading_sql(reader: str, files: Sequence[JsonFile], more: str) -> str:
    """Give SQL that calls one of the database's readers of JSON for files of one layout."""
    layout, compression = files[0].reading
    names = ", ".join(path_sql(file.path) for file in files)
    return (
        f"{reader}([{names}], format = '{layout}', compression = '{compression or 'none'}', "
        f"maximum_object_size = {LARGEST_OBJECT}{', ' + more if more else ''})"
    )


def share_of(code: str, found: Tally, files: Iterable[JsonFile]) -> bool:
    """Tell whether so many lines have a fault (no JSON, no payload) that they are worth a patient search."""
    broken = found.counts.get(fault_number(code), (0, 0, ""))[0]
    return bool(broken) and (broken * 100 > found.rows or are_small(files))


def are_small(files: Iterable[JsonFile]) -> bool:
    """Tell whether a search of them that takes its time costs little."""
    return size_of(files) < _SMALL


def size_of(files: Iterable[JsonFile]) -> int:
    """Give the bytes of files together, packed as they are."""
    return sum(file.path.stat().st_size for file in files)


def split_objects(files: Iterable[JsonFile], target: Path, progress: Progress, note: Noted) -> JsonFile:
    """Copy the objects of files one a line, wherever they stand; a broken one, or a line without one, is `null`.

    Of one with payloads somewhere within, these are copied; in place of one that is refused stands a word for the
    reason (`TWICE`, `DEEP`, `LARGE`). Where each stood is told to `note`, by the numbers of both.
    """
    placed = ((file.path, row, text) for file in files for row, text in enumerate(objects_in(file), 1))
    with target.open("w", encoding="utf-8", newline="") as copy:
        for count, (path, row, text) in enumerate(placed, 1):
            copy.write(text.replace("\r", " ").replace("\n", " ") + "\n")
            note(count, path, row)
            if count % _OFTEN == 0:
                progress(STEP, count, 0)
    return _copied(target)


def _copied(target: Path) -> JsonFile:
    return JsonFile(target, Sniffed("json", "utf-8"), "newline_delimited", has_objects_in_lines=True)


def unwrap_objects(
    connection: duckdb.DuckDBPyConnection, files: Sequence[JsonFile], target: Path, progress: Progress
) -> JsonFile | None:
    """Copy the objects that the database finds one a line, payloads in place of what holds them; None if none does.

    What it finds and cannot be decoded is nested too deeply.
    """
    changed, count = False, 0
    objects = connection.cursor().execute(objects_sql(files))
    with target.open("w", encoding="utf-8", newline="") as copy:
        while batch := objects.fetchmany(_OFTEN):
            for text in (text or "null" for (text,) in batch):
                value = _value(text)
                inner = DEEP if value is None and text.strip() != "null" else unwrapped(value, text)
                changed |= inner is not text
                copy.write(inner.replace("\r", " ").replace("\n", " ") + "\n")
            count += len(batch)
            progress(STEP, count, 0)
    return _copied(target) if changed else None


def objects_in(file: JsonFile, inner: Inner = unwrapped) -> Iterator[str]:
    """Give the texts of a file's objects, as `split_objects` writes them; `inner` is what to take of each."""
    if file.packing == CELLS:
        return _of_cells(file)
    return _objects(_without_signs(file) if file.packing == ESCAPED else _chunks(file), inner)


def as_it_stands(_: object, text: str) -> str:
    """Take the whole of an object (`objects_in`), since what stands around its list says whose it is."""
    return text


def objects_of_list(file: JsonFile, opening: re.Pattern[str]) -> tuple[str, Iterator[str]] | None:
    """Give what `opening` matches before the list that a text is, and its objects; None if it does not."""
    chunks = _chunks(file)
    head = next(chunks, "")
    found = opening.match(head)
    return (found[0], _without_end(_objects(chain([head[found.end() :]], chunks), as_it_stands))) if found else None


def _without_end(objects: Iterator[str]) -> Iterator[str]:
    """Leave out the lines behind the last object."""
    nulls = 0
    for text in objects:
        if text == "null":
            nulls += 1
            continue
        yield from repeat("null", nulls)
        yield text
        nulls = 0


def _of_cells(file: JsonFile) -> Iterator[str]:
    """Give the payloads of each row of a table below its heads, `null` for a row without one.

    A first line that is a payload itself is no head: `tail` of a queue gives a text in base64 on each line.
    """
    csv.field_size_limit(LARGEST_OBJECT)
    lines = _lines(file)
    heads = next(lines)
    mark = delimiter_of(heads)  # of its heads: payloads are full of commas
    rows = csv.reader(chain([heads], lines) if _IN_CELLS.search(heads) else lines, delimiter=mark)
    try:
        for row in rows:
            if row:
                yield _payloads_of(row)
    except csv.Error:
        yield "null"


def _payloads_of(row: Sequence[str]) -> str:
    try:
        found = [payload for cell in row for payload in payloads_within(cell)]
    except KeyTwiceError:
        return TWICE
    return json.dumps(found, ensure_ascii=False) if found else "null"


def _without_signs(file: JsonFile) -> Iterator[str]:
    """Give the lines of a text in which a sign stands before each quotation mark, without these signs."""
    for number, line in enumerate(_lines(file)):
        if number or "{" in line:  # else they are heads
            yield _SIGN.sub(_without_sign, line)


def _without_sign(found: re.Match[str]) -> str:
    """Give what a sign stood before or, of a number, its letter; what would end a line is a space."""
    if not found[1]:
        return _SPACES.get(found[2], found[2])
    letter = chr(int(found[1], 16))
    return max(letter, " ")


def _lines(file: JsonFile) -> Iterator[str]:
    """Give the lines of a text, none of them longer than an object may be."""
    rest = ""
    for chunk in _chunks(file):
        *whole, rest = (rest + chunk).splitlines(keepends=True) or [""]
        yield from whole
        if len(rest) > LARGEST_OBJECT:
            yield rest
            rest = ""
    yield rest


def _chunks(file: JsonFile) -> Iterator[str]:
    encoding, errors = decoding(file.sniffed.encoding, lenient=True)
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for block in _unpacked(file.path) if file.sniffed.compression else _blocks(file.path):
        if text := decoder.decode(block).lstrip("\ufeff"):
            yield text
    yield decoder.decode(b"", final=True)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            yield block


def _unpacked(path: Path) -> Iterator[bytes]:
    """Unpack gzip, one member after the other; of a file that is cut off or damaged what comes before, and a mark."""
    unpacker, whole = zlib.decompressobj(_GZIP), False
    for block in _blocks(path):
        packed = block
        while packed:
            try:
                yield unpacker.decompress(packed, _CHUNK)
            except zlib.error:
                yield _BROKEN
                return
            packed, whole = unpacker.unconsumed_tail, unpacker.eof
            if unpacker.eof:
                packed = unpacker.unused_data
                unpacker = zlib.decompressobj(_GZIP)
    if not whole:
        yield _BROKEN


def _objects(chunks: Iterator[str], inner: Inner) -> Iterator[str]:
    """Find objects in a text that comes in pieces."""
    decoder, text, at, ended = PairsNoted(), "", 0, False
    while not ended or at < len(text):
        start = text.find("{", at)
        if start < 0:
            if ended:
                yield from _lines_without(text[at:], whole=True)
                return
            kept = text[at:].rpartition("\n")
            yield from _lines_without(kept[0] + kept[1], whole=True)
            (text, ended), at = _more(kept[2], chunks), 0
            continue
        try:
            value, end, twice = decoder.decode(text, start)
        except (ValueError, RecursionError) as error:
            if not ended and _may_go_on(error, text, start):
                (text, ended), at = _more(text[at:], chunks), 0
                continue
            yield from _lines_without(text[at:start], whole=False)
            yield _refused(error, len(text) - start)
            (text, ended), at = _after_break(text, start + 1, chunks, ended=ended), 0
            continue
        yield from _lines_without(text[at:start], whole=False)
        yield TWICE if twice else inner(value, text[start:end])
        at = end


def _more(text: str, chunks: Iterator[str]) -> tuple[str, bool]:
    chunk = next(chunks, "")
    return text + chunk, not chunk


def _may_go_on(error: Exception, text: str, start: int) -> bool:
    """Tell whether an object is only cut by the end of what has been read so far."""
    if len(text) - start > LARGEST_OBJECT:
        return False
    if isinstance(error, json.JSONDecodeError):
        return error.msg.startswith("Unterminated") or error.pos > len(text) - 16
    return False


def _refused(error: Exception, size: int) -> str:
    """Give what stands in the place of an object that could not be decoded when so much of it was there."""
    if isinstance(error, RecursionError):
        return DEEP
    return LARGE if size > LARGEST_OBJECT else "null"


def _after_break(text: str, start: int, chunks: Iterator[str], *, ended: bool) -> tuple[str, bool]:
    """Go on behind a broken or endless object where another can begin that is not a part of it, however far that is."""
    while not (again := _BEGINNING.search(text, start)) and not ended:
        text, ended = _more(text[max(start, len(text) - _OVERLAP) :], chunks)
        start = 0
    return (text[again.start() :].lstrip("\n") if again else ""), ended


def _lines_without(text: str, *, whole: bool) -> Iterator[str]:
    """Give a `null` for every line that holds no object; what stands before one in its own line is its prefix."""
    lines = text.split("\n")
    for line in lines if whole else lines[:-1]:
        if line.strip(_SEPARATORS):
            yield "null"
        elif line.count("[") > _DEEPEST:
            yield DEEP

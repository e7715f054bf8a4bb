"""Finding the JSON objects of a file: one a line, in an array, one after the other, or with other text between them."""

import gzip
import json
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.core.problems import Progress
from auditor.readers.log_columns import fault_number
from auditor.readers.log_staging import STEP
from auditor.readers.log_staging import Tally
from auditor.readers.numbered import open_text
from auditor.readers.sniff import Sniffed
from auditor.readers.sql_text import path_sql

_HEAD = 1 << 16
_CHUNK = 1 << 22
_LARGEST_OBJECT = 1 << 24
_SMALL = 64 << 20
_OFTEN = 10_000
_PAYLOAD = re.compile(r'\{\s*"(object|entry|statuses|messages|contacts)"\s*:')
# An object at the beginning of a line or behind a log's own words, or one that can only be a whole payload.
_BEGINNING = re.compile(r'(?<=\n)\{|(?<=\n)[^\s"{}\[\]][^\n{}"]*\{\s*"|\{\s*"(object|entry)"\s*:')
_SEPARATORS = " \t\r\n,[]"


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A file with JSON objects in it; `layout` is the database's word for how they stand."""

    path: Path
    sniffed: Sniffed
    layout: str
    has_objects_in_lines: bool

    @property
    def reading(self) -> tuple[str, str]:
        """Give what the database has to be told: layout and compression."""
        return self.layout, self.sniffed.compression

    @property
    def is_plain(self) -> bool:
        """Tell whether the database can find the objects itself."""
        return self.sniffed.kind == "json" and self.sniffed.encoding.startswith("utf-8")


def json_file(path: Path, sniffed: Sniffed) -> JsonFile:
    """Look at the head of a text and tell how its objects stand."""
    head = ""
    if sniffed.encoding:
        with open_text(path, sniffed, sniffed.encoding) as file:
            head = file.read(_HEAD).lstrip("\ufeff \t\r\n")
    layout = "unstructured"
    if head.startswith("["):
        layout = "array"
    elif _is_object(head.partition("\n")[0]) or (len(head) == _HEAD and "\n" not in head):
        layout = "newline_delimited"
    return JsonFile(path, sniffed, layout, bool(_PAYLOAD.search(head)))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def objects_sql(files: Sequence[JsonFile]) -> str:
    """Give SQL of a relation with the column `json`: every object in order; a line that is not JSON is NULL.

    All files have to be read in one way: the database does not keep the order of a union.
    """
    layout, compression = files[0].reading
    names = ", ".join(path_sql(file.path) for file in files)
    lenient = ", ignore_errors = true" if layout == "newline_delimited" else ""
    return (
        f"SELECT json FROM read_json_objects([{names}], format = '{layout}', compression = '{compression or 'none'}', "
        f"maximum_object_size = {_LARGEST_OBJECT}{lenient})"
    )


def broken_share(found: Tally, files: Iterable[JsonFile]) -> bool:
    """Tell whether so many lines are no JSON that the objects are worth a patient search."""
    broken = found.counts.get(fault_number("webhook_not_json"), (0, 0, ""))[0]
    return bool(broken) and (broken * 100 > found.rows or sum(file.path.stat().st_size for file in files) < _SMALL)


def split_objects(files: Iterable[JsonFile], target: Path, progress: Progress) -> JsonFile:
    """Copy the objects of files one a line, wherever they stand; a broken one, or a line without one, is `null`."""
    with target.open("w", encoding="utf-8", newline="") as copy:
        for count, text in enumerate(text for file in files for text in _objects(_chunks(file))):
            copy.write(text.replace("\r", " ").replace("\n", " ") + "\n")
            if count % _OFTEN == 0:
                progress(STEP, count, 0)
    return JsonFile(target, Sniffed("json", "utf-8"), "newline_delimited", has_objects_in_lines=True)


def _chunks(file: JsonFile) -> Iterator[str]:
    try:
        with open_text(file.path, file.sniffed, file.sniffed.encoding) as source:
            while chunk := source.read(_CHUNK):
                yield chunk.lstrip("\ufeff")
    except (EOFError, gzip.BadGzipFile):
        yield "\n<"  # the packed file is cut off: what there was is used, and the end counts as broken


def _objects(chunks: Iterator[str]) -> Iterator[str]:
    """Find objects in a text that comes in pieces."""
    decoder, text, ended = json.JSONDecoder(), "", False
    while not ended or text:
        start = text.find("{")
        if start < 0:
            if ended:
                yield from _lines_without(text, whole=True)
                return
            kept = text.rpartition("\n")
            yield from _lines_without(kept[0] + kept[1], whole=True)
            text, ended = _more(kept[2], chunks)
            continue
        try:
            _, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            if not ended and _may_go_on(error, text, start):
                text, ended = _more(text, chunks)
                continue
            yield from _lines_without(text[:start], whole=False)
            yield "null"
            text = _after_break(text, start)
            continue
        yield from _lines_without(text[:start], whole=False)
        yield text[start:end]
        text = text[end:]


def _more(text: str, chunks: Iterator[str]) -> tuple[str, bool]:
    chunk = next(chunks, "")
    return text + chunk, not chunk


def _may_go_on(error: Exception, text: str, start: int) -> bool:
    """Tell whether an object is only cut by the end of what has been read so far."""
    if len(text) - start > _LARGEST_OBJECT:
        return False
    if isinstance(error, json.JSONDecodeError):
        return error.msg.startswith("Unterminated") or error.pos > len(text) - 16
    return False


def _after_break(text: str, start: int) -> str:
    """Go on behind a broken object, where another can begin that is not a part of it."""
    again = _BEGINNING.search(text, start + 1)
    return text[again.start() :] if again else ""


def _lines_without(text: str, *, whole: bool) -> Iterator[str]:
    """Give a `null` for every line that holds no object; what stands before one in its own line is its prefix."""
    lines = text.split("\n")
    for line in lines if whole else lines[:-1]:
        if line.strip(_SEPARATORS):
            yield "null"

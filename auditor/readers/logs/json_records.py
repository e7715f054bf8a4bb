"""Logs whose messages are plain JSON objects, laid out as a table (formats.md §2.3).

A platform's API gives a list of its messages, a database writes an object for each. Their keys mean what the heads of
a table would; those of an object within are joined to its own name (`price.currency`).
"""

import csv
import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any
from typing import TypeAlias

from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.records import NOTHING
from auditor.readers.logs.faults import fault_number
from auditor.readers.logs.heads import LogHeads
from auditor.readers.logs.json_history import history
from auditor.readers.logs.json_history import untyped
from auditor.readers.logs.json_objects import LARGEST_OBJECT
from auditor.readers.logs.json_objects import JsonFile
from auditor.readers.logs.json_objects import Noted
from auditor.readers.logs.json_objects import as_it_stands
from auditor.readers.logs.json_objects import objects_in
from auditor.readers.logs.json_objects import objects_of_list
from auditor.readers.logs.json_wrapped import DEEP
from auditor.readers.logs.json_wrapped import LARGE
from auditor.readers.logs.json_wrapped import TWICE
from auditor.readers.logs.json_wrapped import is_payload
from auditor.readers.logs.json_wrapped import payloads_within
from auditor.readers.logs.numbered import check_width
from auditor.readers.logs.staging import Staged
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.tables import stage_numbered
from auditor.readers.logs.watched import STEP
from auditor.readers.logs.whereabouts import Whereabouts
from auditor.readers.logs.words import hold_times
from auditor.readers.logs.words import may_report_messages
from auditor.readers.logs.words import speaks_of_messages
from auditor.readers.logs.words import spoken_fields
from auditor.readers.tables.profiles import squeezed
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.words import vocabulary
from auditor.working import working_folder

_Record: TypeAlias = tuple[Mapping[str, str], int]

_LOOKED_AT = 20
_OFTEN = 10_000
_NESTED = 4
# What an answer calls the list of its messages, and what an export calls the message itself.
_MESSAGES = ("messages", "mensajes", "mensagens")
_LISTS = frozenset((
    *_MESSAGES, "data", "results", "items", "records", "rows", "docs", "hits", "conversations", "conversaciones",
    "conversas", "chats", "threads", "payload", "documents",
))  # fmt: skip
# What holds each of whom they are of, and is named after these.
_PEOPLE = frozenset({"contacts", "contactos", "contatos", "customers", "clientes", "clients"})
_ANSWER = re.compile(rf'\s*\{{[^\[\]]*"(?:{"|".join(sorted(_LISTS))})"\s*:\s*\[', re.IGNORECASE)
_ITSELF = frozenset(
    {"source", "doc", "document", "record", "item", "node", "attributes", "properties", "fields", "data", "meta"}
)
# What an answer says of all its messages at once: whose they are, and where they passed through.
_OF_ALL = ("user", "phone_number_id", "waba_id", "channel")
# What tells whom one of them is of.
_OWN = {"user": {"user", "from", "to"}, "phone_number_id": {"phone_number_id", "from", "to"}}
# How a table within an answer says the name of a column.
_COLUMN = ("name", "field", "key", "title")
# Keys of Meta's webhooks, which are read as such.
_WEBHOOK = frozenset({"entry", "changes", "statuses"})
_REFUSED = {word: fault_number(json.loads(word)) for word in (TWICE, DEEP, LARGE)}
_BROKEN = fault_number("webhook_not_json")


def stage_records(staging: Staging, path: Path, files: Sequence[JsonFile], foreign: tuple[Said, ...]) -> Staged | None:
    """Stage the files of a log of plain objects (`json_files`); None where the first ones are no messages.

    A row's number is its object's, over all files in their order; `foreign` says which were none. Raises `AuditorError`
    as `stage_numbered` does, and `too_many_columns`.
    """
    known = LogHeads(staging.profiles, staging.mapping)
    if any(file.packing for file in files) or not _are_messages(files[0], known):
        return None
    where = Whereabouts(path)
    with working_folder() as folder:
        target = folder / "rows.csv"
        heads = _copy(files, target, where.note, staging.progress)
        staged = stage_numbered(staging, target, (0, heads), Place(path.name), faults=True)
    stretches = tuple(where.stretches) if path.is_dir() else ()
    return replace(staged, warnings=(*foreign, *staged.warnings), stretches=stretches)


def _are_messages(file: JsonFile, known: LogHeads) -> bool:
    """Tell by the first objects whether they are messages, and no webhooks."""
    of_all, texts = _objects(file)
    values = [_value(text) for text in islice(texts, _LOOKED_AT)]
    records = [fields for value in values for fields, fault in islice(_records(value, of_all), _LOOKED_AT) if not fault]
    if any(map(_is_webhook, values)) or not records:
        return False
    heads = _heads(records)
    if known.are(heads):
        return True
    is_answer = any(map(is_payload, values))  # an On-Premises webhook lists its messages, too
    times = hold_times([list(fields.values()) for fields in records])
    return not is_answer and may_report_messages(heads) and times


def _is_webhook(value: Any) -> bool:
    """Tell a webhook, and a record in which whoever kept it put a whole one: `{"id": 1, "payload": {"entry": ...}}`."""
    if isinstance(value, list):
        return any(map(_is_webhook, value))
    return isinstance(value, dict) and (not _WEBHOOK.isdisjoint(value) or _holds_webhook(value))


def _holds_webhook(record: Mapping[str, Any]) -> bool:
    try:
        return any(isinstance(payload.get("entry"), list) for payload in payloads_within(record))
    except (KeyTwiceError, RecursionError):
        return True


def _heads(records: Sequence[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for fields in records for name in fields))


def _copy(files: Sequence[JsonFile], target: Path, note: Noted, progress: Progress) -> list[str]:
    """Write the messages as rows of one width: their number, their fields, the number of a fault. Give the heads.

    A key may come up late, so that the objects are looked through before any is written. Where each stood is told to
    `note`.
    """
    names: dict[str, None] = {}
    for count, (_, _, (fields, _)) in enumerate(_all(files)):
        names.update(dict.fromkeys(fields))
        if count % _OFTEN == 0:
            progress(STEP, count, 0)
    heads = list(names)
    check_width(heads, files[0].path)
    with target.open("w", encoding="utf-8", newline="") as copy:
        writer = csv.writer(copy)
        writer.writerow(["row", *heads, "fault"])
        for count, (path, row, (fields, fault)) in enumerate(_all(files), 1):
            note(count, path, row)
            writer.writerow([count, *(fields.get(name, "") for name in heads), fault])
            if count % _OFTEN == 0:
                progress(STEP, count, 0)
    return heads


def _all(files: Sequence[JsonFile]) -> Iterator[tuple[Path, int, _Record]]:
    """Give all messages, each with its file and its number there."""
    return ((file.path, row, record) for file in files for row, record in enumerate(_of_file(file), 1))


def _of_file(file: JsonFile) -> Iterator[_Record]:
    of_all, texts = _objects(file)
    for text in texts:
        if fault := _REFUSED.get(text):
            yield {}, fault
        else:
            yield from _records(_value(text), of_all)


def _objects(file: JsonFile) -> tuple[Mapping[str, str], Iterator[str]]:
    """Give the texts of a file's objects, and what is said of all.

    Of one answer that is too large for one object they are those of the list in it, and what stands before that.
    """
    is_large = file.sniffed.compression or file.path.stat().st_size > LARGEST_OBJECT
    listed = objects_of_list(file, _ANSWER) if is_large else None
    if listed is None:
        return NOTHING, objects_in(file, as_it_stands)
    head, texts = listed
    around = _value(f"{head}]{'}' * (head.count('{') - head.count('}'))}")
    return _said_of_all(dict(_fields(around))) if isinstance(around, dict) else NOTHING, texts


def _value(text: str) -> Any:
    """Decode an object, its numbers as they are written; None for what is none."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _records(value: Any, of_all: Mapping[str, str] = NOTHING) -> Iterator[_Record]:
    """Give the messages of a list, of an answer that holds one, or the one that an object is; or that it is none.

    `of_all` is what the objects around them say of each (`_said_of_all`).
    """
    if isinstance(value, list):
        for one in value:
            yield from _records(one, of_all)
    elif isinstance(value, dict):
        fields = dict(_fields(value))
        listed = None if _is_message(tuple(fields)) else _listed(value)
        if listed is not None:
            yield from _records(listed, {**of_all, **_said_of_all(fields)})
        elif _is_text("".join((*fields, *fields.values()))):
            yield {**_but_own(of_all, fields), **fields}, 0
        else:
            yield {}, _BROKEN
    else:
        yield {}, _BROKEN


def _said_of_all(fields: Mapping[str, str]) -> Mapping[str, str]:
    """Give the fields of an answer by which all its messages are somebody's: `contact.phone`, `phone_number_id`.

    A bare `phone` may be the business's own.
    """
    told = _told(tuple(fields))
    bare = {squeezed(phone) for phone in vocabulary()["log_people"]["phone"]}
    return {told[name]: fields[told[name]] for name in _OF_ALL if name in told and squeezed(told[name]) not in bare}


def _but_own(of_all: Mapping[str, str], fields: Mapping[str, str]) -> Mapping[str, str]:
    """Leave out what a message says itself, under whatever name: one that tells who wrote needs nobody else to."""
    if not of_all:
        return of_all
    own, outer = _told(tuple(fields)), _told(tuple(of_all))
    return {head: of_all[head] for name, head in outer.items() if _OWN.get(name, {name}).isdisjoint(own)}


@lru_cache(1 << 10)
def _is_message(heads: tuple[str, ...]) -> bool:
    """Tell a message, which may have a list itself, of what was ordered, from an answer with a list of messages."""
    return speaks_of_messages(heads)


@lru_cache(1 << 10)
def _told(heads: tuple[str, ...]) -> Mapping[str, str]:
    return spoken_fields(heads)


def _is_text(text: str) -> bool:
    """Tell a text from one with halves of letters or zeros in it, which no table can hold."""
    return "\0" not in text and text.encode(errors="replace").decode() == text


def _listed(value: Mapping[str, Any], depth: int = 0) -> list[Any] | None:
    """Give the list of objects that an answer holds under a name for such, perhaps within another object.

    Or those that the rows of a table in it make, each under its heads: `{"cols": [...], "rows": [[...], ...]}`.
    """
    table = _table([inner for inner in value.values() if isinstance(inner, list) and inner])
    if table is not None:
        return table
    # Beside conversations, which are told of, stand their messages.
    for key, inner in sorted(value.items(), key=lambda one: one[0].lower() not in _MESSAGES):
        if key.lower() in _PEOPLE and isinstance(inner, list) and all(isinstance(one, dict) for one in inner):
            return [_of_person(one) for one in inner]
        if key.lower() not in _LISTS or depth > _NESTED:
            continue
        if isinstance(inner, list) and all(isinstance(one, dict) for one in inner):
            return inner
        found = _listed(inner, depth + 1) if isinstance(inner, dict) else None
        if found is not None:
            return found
    return None


def _of_person(stated: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what is listed of one person with all else as that person's: a `phone` there is the customer's."""
    lists = {key: value for key, value in stated.items() if isinstance(value, list)}
    return {"contact": {key: value for key, value in stated.items() if key not in lists}, **lists}


def _table(lists: Sequence[Sequence[Any]]) -> list[Any] | None:
    """Give the rows of a table, if one of these lists is of lists, and another names as many columns."""
    rows = next((one for one in lists if all(isinstance(row, list) for row in one)), None)
    if rows is None:
        return None
    named = [[_column(column) for column in one] for one in lists if one is not rows]
    width = max(map(len, rows))
    heads = next((names for names in named if all(names) and len(names) == width), None)
    return heads and [dict(zip(heads, row, strict=False)) for row in rows]


def _column(column: Any) -> str:
    found = next((column[key] for key in _COLUMN if key in column), "") if isinstance(column, dict) else column
    return found if isinstance(found, str) else ""


def _fields(record: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, str]]:
    """Give the fields of a message by name, a field of its own last, so that it goes before one of the same name."""
    own: list[tuple[str, str]] = []
    for key, stated in record.items():
        value = untyped(stated)
        if isinstance(value, dict):
            before = "" if squeezed(key) in _ITSELF else f"{key}."
            inner = _fields(value, depth + 1) if depth < _NESTED else ()
            yield from ((f"{before}{name}", text) for name, text in inner)
        elif isinstance(value, list):
            own += history(value)
        else:
            own.append((key, _text(value)))
    yield from own


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)

"""Meta's webhooks as a message log: Cloud API payloads of every age, and On-Premises ones (formats.md §2).

A payload holds entries, these hold changes, these hold statuses, messages and echoes: each becomes one row. The
statuses of one message are merged later, by whoever counts. Meta changes its payloads without notice: what is
usable is kept, and what is not carries its reason (`columns.FAULTS`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import Said
from auditor.core.records import Account
from auditor.readers.files import first_rows
from auditor.readers.files import folder_files
from auditor.readers.files import others_in
from auditor.readers.logs.faults import fault_number
from auditor.readers.logs.heads import LogHeads
from auditor.readers.logs.json_objects import JsonFile
from auditor.readers.logs.json_objects import are_small
from auditor.readers.logs.json_objects import json_file
from auditor.readers.logs.json_objects import objects_sql
from auditor.readers.logs.json_objects import share_of
from auditor.readers.logs.json_objects import size_of
from auditor.readers.logs.json_objects import split_objects
from auditor.readers.logs.json_objects import unwrap_objects
from auditor.readers.logs.payloads import Payloads
from auditor.readers.logs.payloads import payloads_of_objects
from auditor.readers.logs.payloads import payloads_read
from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.staging import Staged
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.staging import Tally
from auditor.readers.logs.watched import watch
from auditor.readers.logs.whereabouts import Whereabouts
from auditor.readers.logs.whereabouts import find_objects
from auditor.readers.sniff import Sniffed
from auditor.readers.sniff import sniff
from auditor.readers.sql_text import among_sql
from auditor.readers.sql_text import text_sql
from auditor.readers.values.json_pairs import twice_sql
from auditor.working import working_folder

# Webhooks up to this are read at once as any can be: to look first whether they are plain would cost more.
SMALL = 4 << 20
# Files of a folder that are no larger than this on the whole.
_SMALL_EACH = 256 << 10
_FOREIGN_SHOWN = 20
_TWICE_NUMBER = fault_number("webhook_key_twice")
_FIELDS = ("messages", "smb_message_echoes")
_EVENT_WORDS = ("statuses", "messages", "message_echoes")
_STATUSES = ("sent", "delivered", "read", "played", "failed")
# States of a message, of a payment or of a deletion that say nothing about delivery.
_OTHER_STATUSES = ("deleted", "warning", "pending", "captured", "accepted", "held_for_quality_assessment")
# What comes in as a message and is none: nobody wrote anything that opens a window.
_OTHER_TYPES = ("system", "request_welcome", "revoke", "edit")
_TEMPLATES = ("marketing", "utility", "authentication", "marketing_lite")
# What is said to be charged for, beside templates.
_OTHER_CATEGORIES = ("service", "referral_conversion", "business_initiated", "user_initiated", "general_purpose_ai")
_COLUMNS = {
    "source_row": "BIGINT",
    "fault": "INTEGER",
    "referral": "BOOLEAN",
    **dict.fromkeys(
        (
            "message_id",
            "waba_id",
            "phone_number_id",
            "user",
            "direction",
            "template_category",
            "origin",
            "group_id",
            "sent_at",
            "delivered_at",
            "read_at",
            "failed_at",
            "conversation_id",
            "conversation_origin",
            "conversation_expires_at",
            "pricing_model",
            "pricing_type",
            "pricing_category",
            "billable",
        ),
        "VARCHAR",
    ),
}


def holds_webhooks(path: Path, sniffed: Sniffed, known: LogHeads) -> bool:
    """Tell whether a file is JSON, or a log of lines with JSON somewhere in them.

    A table with JSON in its cells is one only where its heads are not `known` for those of a log.
    """
    if sniffed.kind == "json":
        return True
    if sniffed.kind != "csv":
        return False
    file = json_file(path, sniffed)
    return file.has_objects_in_lines and not (file.packing and any(map(known.are, first_rows(path, sniffed))))


def stage_webhooks(staging: Staging, path: Path, files: list[JsonFile], foreign: tuple[Said, ...]) -> Staged:
    """Stage the files of a log of webhooks (`json_files`), and say which were `foreign`.

    A row's number is that of its object, over all files in their order; of a few, the file is told that holds it.
    """
    place, split = Place(path.name), Whereabouts(path)
    with working_folder() as folder:
        found = _stage_whole(staging, files, place)
        copy = folder / "objects.jsonl"
        if found is None or share_of("webhook_not_json", found, files) or _TWICE_NUMBER in found.counts:
            found = _stage(staging, [split_objects(files, copy, staging.progress, split.note)])
        elif share_of("webhook_not_a_payload", found, files):
            unwrapped = unwrap_objects(staging.connection, files, copy, staging.progress)
            found = _stage(staging, [unwrapped]) if unwrapped else found
    where = split
    if path.is_dir() and not split.stretches:
        where = find_objects(staging.connection, path, files, staging.progress)
    return Staged(found, place, warnings=foreign, stretches=tuple(where.stretches) if path.is_dir() else ())


def json_files(path: Path) -> tuple[list[JsonFile], tuple[Said, ...]]:
    """Take a file, or those of a folder by name, that hold JSON, and say which do not.

    Raises `AuditorError`: `folder_empty`, and what is wrong with the first if none holds any.
    """
    names = sorted([*folder_files(path), *others_in(path)]) if path.is_dir() else [path]
    if not names:
        raise AuditorError("folder_empty", Place(path.name))
    files, said, first = [], [], None
    for name in names:
        try:
            files.append(_json_file(name))
        except AuditorError as error:
            first = first or error
            problem = Problem(error.code, error.place or Place(name.name), error.values)
            said.append(Said("reading_logs.decisions.foreign_file", problem=problem))
    if first and not files:
        raise first
    return files, _shortened(said)


def _shortened(said: list[Said]) -> tuple[Said, ...]:
    if len(said) <= _FOREIGN_SHOWN:
        return tuple(said)
    more = Said("reading_logs.decisions.foreign_more", {"count": len(said) - _FOREIGN_SHOWN})
    return (*said[:_FOREIGN_SHOWN], more)


def _json_file(path: Path) -> JsonFile:
    file = json_file(path, sniff(path))
    if file.sniffed.kind != "json" and not file.has_objects_in_lines:
        raise AuditorError("webhook_file_unknown", Place(path.name))
    return file


def _stage_whole(staging: Staging, files: list[JsonFile], place: Place) -> Tally | None:
    """Let the database find the objects; None if a file is not JSON as a whole, or they are not all of one layout.

    Raises `AuditorError("log_without_messages")` where a large log has none.
    """
    if not all(file.is_plain for file in files) or len({file.reading for file in files}) > 1:
        return None
    try:
        if _are_empty(staging, files):
            raise AuditorError("log_without_messages", place)
        return _stage_read(staging, files) or _stage(staging, files, twice_sql("json::VARCHAR"))
    except (duckdb.InvalidInputException, duckdb.IOException, UnicodeDecodeError):  # `working.database_words`
        return None


def _are_empty(staging: Staging, files: list[JsonFile]) -> bool:
    """Tell of objects that may be very many whether they hold no event at all, if the first thousand hold none.

    Forty million of them go into three megabytes; to keep a row for each would take minutes.
    """
    size = size_of(files)
    if size <= SMALL and not any(file.sniffed.compression for file in files):
        return False
    objects = objects_sql(files)
    words = " OR ".join(f"contains(json::VARCHAR, '{word}')" for word in _EVENT_WORDS)
    first = f"SELECT json FROM ({objects}) LIMIT {FIRST_ROWS}"
    begins = f"SELECT bool_and(coalesce(NOT ({words}), false)) FROM ({first})"
    if not staging.connection.execute(begins).fetchall()[0][0]:
        return False
    found = f"SELECT 1 FROM ({objects}) WHERE coalesce({words}, true) LIMIT 1"
    return not watch(staging.connection, found, staging.progress)


def _stage_read(staging: Staging, files: list[JsonFile]) -> Tally | None:
    """Let the database read of large files what is wanted while it finds their objects; None where one of them is odd.

    It tells by the way that no field is stated twice; to look for that in the text takes as long as to read it.
    """
    if are_small(files) or _are_many(files):
        return None
    try:
        found = _take(staging, files, payloads_read(files))
    except duckdb.InvalidInputException:
        return None
    return None if fault_number("webhook_not_a_payload") in found.counts else found


def _stage(staging: Staging, files: list[JsonFile], twice: str = "false") -> Tally:
    with _objects(staging, files) as objects:
        return _take(staging, files, payloads_of_objects(objects, twice))


def _take(staging: Staging, files: list[JsonFile], payloads: Payloads) -> Tally:
    few = rows_sql(payloads.first(FIRST_ROWS), staging.account) if size_of(files) > SMALL else ""
    return staging.take_parts(rows_sql(payloads, staging.account), _COLUMNS, few=few)


def _are_many(files: list[JsonFile]) -> bool:
    """Tell many small files, which the database works through one by one.

    Of five thousand files of one object each that took eight times the work, and a gigabyte.
    """
    return len(files) > 1 and size_of(files) <= _SMALL_EACH * len(files)


@contextmanager
def _objects(staging: Staging, files: list[JsonFile]) -> Iterator[str]:
    """Give SQL of the objects; of many small files these are put into a table first."""
    if not _are_many(files):
        yield objects_sql(files)
        return
    table = f'"{staging.view}_objects"'
    watch(staging.connection, f"CREATE TEMP TABLE {table} AS {objects_sql(files)}", staging.progress)
    try:
        yield f"SELECT json FROM {table}"
    finally:
        staging.connection.execute(f"DROP TABLE {table}")


def rows_sql(payloads: Payloads, account: Account) -> str:
    """Give SQL that turns payloads into raw log rows, a row per event or per trouble.

    `source_row` is 1 in the first row of each object, 0 in its others: to number the objects while they are read would
    keep all but one core from it.
    """
    numbers = [number.id for waba in account.wabas for number in waba.numbers]
    only_number = text_sql(numbers[0]) if len(numbers) == 1 else "NULL"
    return f"""
SELECT (first AND position = 1)::BIGINT AS source_row, {_fault_sql()} AS fault,
  {_scalar("s.id")} AS message_id, {_scalar("waba")} AS waba_id,
  coalesce({_scalar("number")}, {only_number}) AS phone_number_id, {_user_sql()} AS "user",
  CASE kind WHEN 'message' THEN 'inbound' ELSE 'outbound' END AS direction,
  CASE kind WHEN 'status' THEN {_category_sql()} END AS template_category,
  CASE kind WHEN 'message' THEN s.referral IS NOT NULL END AS referral,
  CASE kind WHEN 'echo' THEN 'app' END AS origin,
  CASE WHEN s.recipient_type = 'group' THEN {_scalar("s.recipient_id")} ELSE {_scalar("s.group_id")} END AS group_id,
  CASE WHEN kind <> 'status' OR s.status = 'sent' THEN s.timestamp END AS sent_at,
  CASE WHEN s.status = 'delivered' THEN s.timestamp END AS delivered_at,
  CASE WHEN s.status IN ('read', 'played') THEN s.timestamp END AS read_at,
  CASE WHEN s.status = 'failed' THEN s.timestamp END AS failed_at,
  {_scalar("s.conversation.id")} AS conversation_id, s.conversation.origin.type AS conversation_origin,
  {_known_time("s.conversation.expiration_timestamp")} AS conversation_expires_at,
  s.pricing.pricing_model AS pricing_model, s.pricing.type AS pricing_type, s.pricing.category AS pricing_category,
  {_known_flag("s.pricing.billable")} AS billable
FROM (
  SELECT *, {payloads.event} AS s,
    CASE WHEN position <= statuses THEN 'status' WHEN position <= statuses + messages THEN 'message' ELSE 'echo' END
      AS kind
  FROM ({_events_sql(_changes_sql(payloads.sql))})
)"""


def _changes_sql(payloads: str) -> str:
    """Give SQL for the changes of all payloads; one that is none, or has none, keeps a row with empty places."""
    return f"""
  SELECT broken, known, entry.id AS waba, unnest({_at_least_one("entry.changes")}) AS change,
    first AND {_places("entry.changes")} = 1 AS first
  FROM (
    SELECT broken, known, unnest(entries) AS entry, {_places("entries")} = 1 AS first
    FROM ({payloads})
  )"""


def _events_sql(changes: str) -> str:
    """Give SQL for the events of all changes, each with its position among its change's statuses, messages, echoes.

    A change has mostly events of one kind: to join lists copies each of their many fields, and takes as long as to
    read the webhooks.
    """
    value = "change.value"
    parts = [f"{value}.{name}" for name in ("statuses", "messages", "message_echoes")]
    counts = [f"coalesce(len({part}), 0)" for part in parts]
    joined = " || ".join(f"coalesce({part}, [])" for part in parts)
    alone = (
        f"WHEN {' + '.join(others)} = 0 THEN {part}"
        for part, others in zip(reversed(parts), combinations(counts, 2), strict=True)
    )
    events = f"CASE {' '.join(alone)} ELSE {joined} END"
    return f"""
    SELECT * EXCLUDE (events), unnest({_at_least_one("events")}) AS event,
      {_places("events")} AS position
    FROM (
      SELECT first, broken, known, waba, change.field AS field, {value}.metadata.phone_number_id AS number,
        {value}.contacts AS contacts, {value}.errors AS errors, {events} AS events,
        {" + ".join(counts)} AS many, {counts[0]} AS statuses, {counts[1]} AS messages
      FROM ({changes})
    )"""


def _at_least_one(items: str) -> str:
    return f"CASE WHEN len({items}) > 0 THEN {items} ELSE [NULL] END"


def _places(items: str) -> str:
    """Give the place of each item, counted from 1, beside `unnest` of `_at_least_one` of them."""
    return f"unnest(CASE WHEN len({items}) > 1 THEN range(1, len({items}) + 1) ELSE [1] END)"


def _scalar(text: str) -> str:
    """Pass over a list or an object where a text belongs, and an empty text."""
    return f"CASE WHEN {text} > '' AND NOT prefix({text}, '{{') AND NOT prefix({text}, '[') THEN {text} END"


def _known_time(text: str) -> str:
    """Pass over an expiry that is no time: the message itself is none the worse for it."""
    return f"CASE WHEN TRY_CAST({text} AS BIGINT) BETWEEN 1420070400 AND 9999999999999 THEN {text} END"


def _known_flag(text: str) -> str:
    return f"CASE WHEN lower({text}) IN ('true', 'false', '1', '0') THEN {text} END"


def _user_sql() -> str:
    """Find the customer: the number, else the business-scoped id, else the payload's one contact."""
    contact = " ".join(
        f"WHEN {_scalar(place)} IS NOT NULL THEN {_scalar(place)}"
        for place in ("contacts[1].wa_id", "contacts[1].user_id")
    )
    alone = f"CASE WHEN many > 1 THEN NULL {contact} END"
    named = {
        "status": ("s.recipient_id", "s.recipient_user_id"),
        "message": ('s."from"', "s.from_user_id"),
        "echo": ('s."to"', "s.to_user_id"),
    }
    cases = " ".join(
        f"WHEN '{kind}' THEN coalesce({', '.join(map(_scalar, places))}, {alone})" for kind, places in named.items()
    )
    member = ", ".join(map(_scalar, ("s.recipient_participant_id", "s.recipient_participant_user_id")))
    return f"CASE WHEN s.recipient_type = 'group' THEN coalesce({member}) ELSE CASE kind {cases} END END"


def _category_sql() -> str:
    """Find a template's category in the words of pricing, else of the conversation's origin (formats.md §2.1)."""
    cases = []
    for text in ("s.pricing.category", "s.conversation.origin.type"):
        word = _reduced(text)
        plain, reduced = among_sql(text, _TEMPLATES), among_sql(word, _TEMPLATES)
        cases.append(f"WHEN {plain} THEN {text} WHEN {reduced} THEN {word}")
    return f"CASE {' '.join(cases)} END"


def _reduced(text: str) -> str:
    return f"regexp_replace(replace(lower({text}), '-', '_'), '^group_|_international$', '', 'g')"


def _unknown_category_sql() -> str:
    """Tell a status that may cost something under a word that is not known: it would pass for a free service message.

    The flag of old pricing and the type of new tell what is free (Meta means to drop the flag).
    """
    said = "coalesce(nullif(s.pricing.category, ''), s.conversation.origin.type)"
    known = f"({among_sql(said, _OTHER_CATEGORIES)} OR {among_sql(_reduced(said), _OTHER_CATEGORIES)})"
    free = "(lower(s.pricing.billable) IN ('false', '0') OR prefix(lower(s.pricing.type), 'free'))"
    return f"{_category_sql()} IS NULL AND NOT {known} AND NOT coalesce({free}, false)"


def _fault_sql() -> str:
    """Tell what makes a row no event; what makes an event no usable row is the same for every log."""
    number = {
        code: fault_number(f"webhook_{code}")
        for code in (
            "not_a_payload",
            "other_event",
            "unreadable",
            "not_a_message",
            "unknown_status",
            "without_time",
            "unknown_category",
        )
    }
    no_delivery = f"(s.type = 'payment' OR {among_sql('s.status', _OTHER_STATUSES)})"
    return f"""CASE WHEN broken > 0 THEN broken WHEN NOT known THEN {number["not_a_payload"]}
    WHEN NOT {among_sql("field", _FIELDS)} OR (many = 0 AND errors IS NOT NULL) THEN {number["other_event"]}
    WHEN s IS NULL THEN {number["unreadable"]}
    WHEN kind = 'status' AND {no_delivery} THEN {number["not_a_message"]}
    WHEN kind <> 'status' AND {among_sql("s.type", _OTHER_TYPES)} THEN {number["not_a_message"]}
    WHEN kind = 'status' AND NOT coalesce({among_sql("s.status", _STATUSES)}, false) THEN {number["unknown_status"]}
    WHEN coalesce(s.timestamp, '') = '' THEN {number["without_time"]}
    WHEN kind = 'status' AND {_unknown_category_sql()} THEN {number["unknown_category"]} ELSE 0 END"""

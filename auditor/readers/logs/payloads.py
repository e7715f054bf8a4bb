"""The payloads of webhooks and what is wanted of each, as SQL: made of objects, or read by the database as such.

Of objects their events are made when each stands in a row of its own: as wide as they are then, in lists of any
length, they would take room for nothing where there are none. The database has read them by then where it reads them.
"""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from auditor.readers.logs.faults import fault_number
from auditor.readers.logs.json_objects import JsonFile
from auditor.readers.logs.json_objects import reading_sql
from auditor.readers.logs.json_wrapped import DEEP
from auditor.readers.logs.json_wrapped import LARGE
from auditor.readers.logs.json_wrapped import TWICE
from auditor.readers.sql_text import text_sql

_EVENT = {
    **dict.fromkeys(
        (
            "id",
            "status",
            "timestamp",
            "type",
            "from",
            "from_user_id",
            "to",
            "to_user_id",
            "group_id",
            "recipient_id",
            "recipient_user_id",
            "recipient_type",
            "recipient_participant_id",
            "recipient_participant_user_id",
        ),
        "VARCHAR",
    ),
    "referral": {"source_id": "VARCHAR"},
    "conversation": {"id": "VARCHAR", "expiration_timestamp": "VARCHAR", "origin": {"type": "VARCHAR"}},
    "pricing": {"billable": "VARCHAR", "pricing_model": "VARCHAR", "type": "VARCHAR", "category": "VARCHAR"},
}


def _shape(event: object) -> Mapping[str, Any]:
    """Give all that is wanted of a payload, with the shape of its events."""
    value = {
        "metadata": {"phone_number_id": "VARCHAR"},
        "contacts": [{"wa_id": "VARCHAR", "user_id": "VARCHAR"}],
        "errors": "JSON",
        "statuses": [event],
        "messages": [event],
        "message_echoes": [event],
    }
    return {"entry": [{"id": "VARCHAR", "changes": [{"field": "VARCHAR", "value": value}]}], **value}


@dataclass(frozen=True, slots=True)
class Payloads:
    """SQL of payloads, and of what makes an event of `event`.

    The relation has `broken` (the fault of an object as a whole, or 0), `known` (whether it is a payload), `entries`.
    """

    sql: str
    event: str

    def first(self, rows: int) -> "Payloads":
        """Give no more than so many."""
        return replace(self, sql=f"SELECT * FROM ({self.sql}) LIMIT {rows}")


def payloads_of_objects(objects: str, twice: str = "false") -> Payloads:
    """Give the payloads of objects (`json`), those within others too; what is not as it should be is nothing.

    `twice` is SQL that tells whether an object states a key with two values: which of them counts, nobody knows.
    """
    payload, event = (text_sql(json.dumps(shape)) for shape in (_shape("JSON"), _EVENT))
    values = "CASE json_type(json) WHEN 'ARRAY' THEN json_extract(json, '$[*]') ELSE json_extract(json, '$.*') END"
    packed = "CASE WHEN json_valid(v ->> '$') THEN v ->> '$' END"
    objects_within = f"CASE json_type(v) WHEN 'OBJECT' THEN v WHEN 'VARCHAR' THEN {packed} END"
    payloads = f"list_transform({values}, lambda v: from_json({objects_within}, {payload}))"
    unwrapped = f"list_filter({payloads}, lambda q: {_known('q')})"
    sql = f"""
      SELECT broken, known OR coalesce(len(within) > 0, false) AS known,
        CASE WHEN len(within) > 0 THEN flatten(list_transform(within, lambda q: {_entries_sql("q")}))
          ELSE {_entries_sql("p")} END AS entries
      FROM (
        SELECT broken, known, p, CASE WHEN broken = 0 AND NOT known THEN {unwrapped} END AS within
        FROM (
          SELECT *, {_known("p")} AS known
          FROM (SELECT json, {_broken_sql(twice)} AS broken, from_json(json, {payload}) AS p FROM ({objects}))
        )
      )"""
    return Payloads(sql, f"from_json(CASE WHEN prefix(event::VARCHAR, '{{') THEN event END, {event})")


def payloads_read(files: Sequence[JsonFile]) -> Payloads:
    """Give the payloads of files as the database reads them, which it does not do where a single one is odd.

    That is one with something else where a list, an object or a text should be, or with a field that is wanted and
    stated twice. An object that is none is not looked into. What other fields hold is passed over.
    """
    columns = ", ".join(f"{name}: {text_sql(_type(shape))}" for name, shape in _shape(_EVENT).items())
    source = reading_sql("read_json", files, f"columns = {{{columns}}}, auto_detect = false, hive_partitioning = false")
    return Payloads(
        f"SELECT 0 AS broken, {_known('p')} AS known, {_entries_sql('p')} AS entries FROM {source} AS p", "event"
    )


def _type(shape: Any) -> str:
    """Give the database's type of a shape."""
    if isinstance(shape, str):
        return shape
    if isinstance(shape, list):
        return f"{_type(shape[0])}[]"
    fields = (f'"{name}" {_type(inner)}' for name, inner in shape.items())
    return f"STRUCT({', '.join(fields)})"


def _entries_sql(payload: str) -> str:
    """Give the entries of a payload: an On-Premises one is an entry itself, and one without any keeps an empty one."""
    value = ", ".join(f"'{name}': {payload}.{name}" for name in _shape("JSON") if name != "entry")
    onpremises = f"[{{'id': NULL, 'changes': [{{'field': 'messages', 'value': {{{value}}}}}]}}]"
    return (
        f"CASE WHEN len({payload}.entry) > 0 THEN {payload}.entry "
        f"WHEN {payload}.entry IS NULL AND {_known(payload)} THEN {onpremises} ELSE [NULL] END"
    )


def _broken_sql(twice: str) -> str:
    """Give the fault of an object as a whole: it is none (`null`), too deep, too large, or states a key twice."""
    return (
        f"CASE WHEN coalesce(json = 'null', true) THEN {fault_number('webhook_not_json')} "
        f"WHEN json = {text_sql(DEEP)} THEN {fault_number('webhook_too_deep')} "
        f"WHEN json = {text_sql(LARGE)} THEN {fault_number('webhook_too_large')} "
        f"WHEN json = {text_sql(TWICE)} OR {twice} THEN {fault_number('webhook_key_twice')} ELSE 0 END"
    )


def _known(payload: str) -> str:
    """Tell whether an object is a payload: by its entries, or by what an On-Premises one has instead."""
    return f"({payload}.entry IS NOT NULL OR {payload}.statuses IS NOT NULL OR {payload}.messages IS NOT NULL)"

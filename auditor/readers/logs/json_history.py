"""The history of a message's statuses as a list within it: `[{"status": "sent", "at": ...}, ...]` (formats.md §2.3)."""

from collections.abc import Iterator
from collections.abc import Sequence
from functools import cache
from typing import Any

from auditor.readers.logs.faults import TIMES
from auditor.readers.logs.words import hold_times
from auditor.readers.tables.profiles import squeezed
from auditor.readers.values.words import vocabulary

_SENT, _RECEIVED = "sent_at", "received_at"
# How DynamoDB names the types of what it keeps: a text, a number, yes or no, nothing, an object; how Firestore does.
_NOTHING = frozenset({"NULL", "nullValue"})
_TYPES = _NOTHING | {
    "S", "N", "BOOL", "M",
    "stringValue", "integerValue", "doubleValue", "booleanValue", "timestampValue", "mapValue",
}  # fmt: skip


def untyped(value: Any) -> Any:
    """Take a value out of what a database writes around it to tell its type.

    MongoDB does it as `{"$date": ...}` and `{"$numberLong": ...}`, DynamoDB as `{"S": "..."}` and `{"NULL": true}`,
    Firestore as `{"stringValue": "..."}`.
    """
    while isinstance(value, dict) and len(value) == 1:
        ((name, inner),) = value.items()
        if not name.startswith("$") and name not in _TYPES:
            return value
        value = None if name in _NOTHING else inner
    return value


def history(listed: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Give the time of each status by the name of its field, the first of several; nothing of any other list.

    Every entry must tell a status in a text and one time: of two times nobody knows which is that of the status.
    """
    found: dict[str, str] = {}
    for entry in map(untyped, listed):
        if not isinstance(entry, dict):
            return
        said = [text for text in map(untyped, entry.values()) if isinstance(text, str) and text.strip()]
        statuses = [text for text in said if squeezed(text) in _statuses()]
        times = {text for text in said if text not in statuses and hold_times([[text]])}
        if len(statuses) != 1 or len(times) != 1:
            return
        found.setdefault(_statuses()[squeezed(statuses[0])], times.pop())
    if _RECEIVED in found:  # of what a customer wrote, it is when that was
        found.setdefault(_SENT, found[_RECEIVED])
    yield from ((name, time) for name, time in found.items() if name in TIMES)


@cache
def _statuses() -> dict[str, str]:
    """Give the field of the time of every status by its word; empty for one before it was sent, as `queued`."""
    words: dict[str, Sequence[str]] = vocabulary()["log_words"]["status"]
    named = {squeezed(word): f"{name}_at" for name, listed in words.items() for word in listed}
    return {**dict.fromkeys(map(squeezed, vocabulary()["log_history"]["earlier"]), ""), **named}

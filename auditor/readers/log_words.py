"""Message logs whose columns are called as people call them, in English, Spanish and Portuguese (formats.md §2.3, §4).

What is found is a profile like any other: it can be looked at, changed and saved.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache

from auditor.readers.log_columns import canonical_heads
from auditor.readers.log_faults import REQUIRED
from auditor.readers.profiles import LOG
from auditor.readers.profiles import Profile
from auditor.readers.profiles import ProfileColumn
from auditor.readers.profiles import fingerprint
from auditor.readers.profiles import squeezed
from auditor.readers.sql_text import among_sql
from auditor.readers.words import vocabulary

_STATUS, _SENT, DELIVERED, _FAILED = "status", "sent_at", "delivered_at", "failed_at"
SPOKEN = ("direction", "template_category")
"""Fields whose cells people fill with words of their own."""
# By these a table is a log: a business number need not stand in it, since an account may have but one.
_TELLING = frozenset(REQUIRED) - {"phone_number_id"}
_NONE = "-"
_DAYS_AND_CLOCKS = (("fecha", "hora"), ("data", "hora"), ("date", "time"))
_SERVICE = "service"  # our own logs have this word, too


def spoken_fields(heads: Sequence[str]) -> Mapping[str, str]:
    """Give the head of each field that the words of a log's heads name; of several, the one that says it best."""
    named = {name: head for name, head in zip(canonical_heads(heads), heads, strict=True) if name}
    found = {squeezed(head): head for head in reversed(heads) if head.strip() and head not in named.values()}
    for field, words in _heads().items():
        head = next((found[word] for word in words if word in found and found[word] not in named.values()), "")
        if head and field not in named:
            named[field] = head
    return named


def speaks_of_messages(heads: Sequence[str]) -> bool:
    """Tell whether these are the heads of a message log: who wrote what to whom, and when it came."""
    return _is_log(spoken_fields(heads))


def spoken_profile(heads: Sequence[str]) -> Profile | None:
    """Give the profile that the words of the heads make; None where they are not those of a log."""
    fields = spoken_fields(heads)
    if not _is_log(fields):
        return None
    columns = tuple(_columns(fields))
    return Profile("", fingerprint(heads), columns, LOG, values=words_of_cells(), missing=lacking(columns))


def lacking(columns: Sequence[ProfileColumn]) -> tuple[str, ...]:
    """Name what these columns do not tell and charges depend on; a time that another column stands for is not told."""
    told = {column.field for column in columns if not column.when}
    return tuple(name for name in (DELIVERED, "template_category") if name not in told)


def spoken_columns(heads: Sequence[str]) -> tuple[ProfileColumn, ...]:
    """Give the columns of which the words of the heads say what they mean, whether or not they make a log."""
    return tuple(_columns(spoken_fields(heads)))


def words_of_cells() -> Mapping[str, Mapping[str, str]]:
    """Give the words of a log's cells and what they mean, by field, in any case."""
    return _cells()


def is_spoken_sql(text: str, field: str) -> str:
    """Tell in SQL whether a cell of a field in `SPOKEN` has a word of people's that is not our own."""
    words = (word for word, own in _cells()[field].items() if word.replace(" ", "_") not in (own, _SERVICE))
    return among_sql(f"lower(trim({text}))", words)


def clock_heads(heads: Sequence[str]) -> Mapping[str, str]:
    """Give the head of the hours that stand beside each head of days: `Fecha de envío` and `Hora de envío`."""
    found = {squeezed(head): head for head in reversed(heads)}
    named = {
        head: found.get(squeezed(head).replace(day, clock, 1), "")
        for head in heads
        for day, clock in _DAYS_AND_CLOCKS
        if day in squeezed(head)
    }
    return {head: clock for head, clock in named.items() if clock}


def with_clock_sql(day: str, clock: str) -> str:
    """Give SQL of a day with the hour beside it, where it has none itself."""
    bare = f"regexp_replace(trim({day}), '[T ]00:00(:00)?$', '')"
    alone = f"coalesce({bare}, '') = '' OR contains({bare}, ':') OR coalesce(trim({clock}), '') = ''"
    return f"CASE WHEN {alone} THEN {day} ELSE {bare} || ' ' || trim({clock}) END"


def _is_log(fields: Mapping[str, str]) -> bool:
    times = DELIVERED in fields or {_STATUS, _SENT} <= fields.keys()
    return fields.keys() >= _TELLING and times


def _columns(fields: Mapping[str, str]) -> Iterator[ProfileColumn]:
    """Give a column for each field; without a time of delivery its status tells whether, and when it was sent when."""
    yield from (ProfileColumn(head, field) for field, head in fields.items() if field != _STATUS)
    sent, status = fields.get(_SENT, ""), fields.get(_STATUS, "")
    if not status or not sent:
        return
    for field, word in ((DELIVERED, "delivered"), (_FAILED, "failed")):
        if field not in fields:
            yield ProfileColumn(sent, field, when={status: tuple(_words(_STATUS)[word])})


def _words(field: str) -> Mapping[str, Sequence[str]]:
    words: Mapping[str, Sequence[str]] = vocabulary()["log_words"][field]
    return words


@cache
def _heads() -> Mapping[str, tuple[str, ...]]:
    return {field: tuple(map(squeezed, words)) for field, words in vocabulary()["log_heads"].items()}


@cache
def _cells() -> Mapping[str, Mapping[str, str]]:
    return {
        field: {word: "" if meaning == _NONE else meaning for meaning, words in _words(field).items() for word in words}
        for field in SPOKEN
    }

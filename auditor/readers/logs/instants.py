"""Times of a log as SQL: whatever is written becomes microseconds UTC, whole columns at a time (formats.md §1).

Local times are converted by the steps of the zone as Python's zone data has them, not by the database's own: a time
that occurs twice is the first, one that does not exist is no time.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from auditor.readers.sql_text import among_sql

_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EMPTY = '"NULL"'  # of a Parquet column that never held anything
_STRIDE = timedelta(days=3)  # no clock is put forward and back in less
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
_ZONED = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")  # the latter is what pandas writes
_SHORTEST = len("2026-10-01+00:00")  # of a day with a zone: a sign before its eleventh place parts year, month and day
# Of an offset that no clock on earth has: fifteen hours and more, or sixty minutes; the database would count with it.
_NO_OFFSET = (
    "(^|[0-9\\s\\x{a0}])[+-]((1[5-9]|[2-9][0-9])(:?[0-9]{2}){0,2}|[0-9]{2}:?[6-9][0-9](:?[0-9]{2})?)[\\s\\x{a0}]*$"
)
# The short names of zones that are the same everywhere. Others are not (CST, IST, AST), or are another zone to the
# database than to people (ART is Cairo's to it, ECT that of Paris).
_SURE_ZONES = ("UTC", "GMT", "UT", "UCT", "EST", "MST", "HST")
_SHORT_ZONE = "(?i)(?:^|[0-9\\s\\x{a0}])([a-z]{2,4})[\\s\\x{a0}]*$"
# From so many on, a number is milliseconds, microseconds, nanoseconds; beyond the last it must not overflow on its way
# to being refused.
_MILLIS, _MICROS, _NANOS, _LARGEST = 10**11, 10**14, 10**17, 4 * 10**18

# The earliest time a log can hold: WhatsApp's business platform began later.
EARLIEST = int((datetime(2015, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) * _SECOND


def latest(now: datetime) -> int:
    """Give the latest instant a log may hold: a year from now."""
    return int((now + timedelta(days=366) - _EPOCH).total_seconds()) * _SECOND


@cache
def steps(zone: str) -> tuple[tuple[int, int], ...]:
    """Give the offsets of a zone as (instant from which it holds, offset), both in microseconds, earliest first.

    Covers the years in which a log can lie; the first offset holds from the beginning.
    """
    info = ZoneInfo(zone)
    moment, end = datetime(2014, 12, 30, tzinfo=UTC), datetime.now(UTC) + timedelta(days=800)
    found = [(-(1 << 62), _offset(info, moment))]
    while moment < end:
        later = moment + _STRIDE
        if _offset(info, later) != found[-1][1]:
            at = _change(info, moment, later)
            found.append((int((at - _EPOCH).total_seconds()) * _SECOND, _offset(info, at)))
        moment = later
    return tuple(found)


def _offset(info: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(info).utcoffset()
    return int(offset.total_seconds()) * _SECOND if offset else 0


def _change(info: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Find the second at which the offset between two instants changes."""
    before = _offset(info, low)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if _offset(info, middle) == before else (low, middle)
    return high


def local_sql(local: str, zone: str) -> str:
    """Give SQL for the instant of a local time (microseconds as if it were UTC); NULL where it does not exist."""
    branches = list(_branches(local, zone))
    if len(branches) == 1:
        return f"({local} - ({branches[0][1]}))"
    cases = " ".join(f"WHEN {local} >= {start} THEN {value}" for start, value in reversed(branches[1:]))
    return f"CASE {cases} ELSE {local} - ({branches[0][1]}) END"


def _branches(local: str, zone: str) -> Iterator[tuple[int, str]]:
    """Give (local time from which it holds, SQL of the instant or NULL), the first one being the bare first offset."""
    known = steps(zone)
    yield known[0][0], str(known[0][1])
    for (_, before), (at, after) in pairwise(known):
        if after > before:
            yield at + before, "NULL"
        yield at + max(before, after), f"{local} - ({after})"
    # Clocks put back: the hour that occurs twice stays with the offset before, so the new one starts at its end.


def zone_sql(waba: str, zones: Mapping[str, str], local: str) -> str:
    """Give SQL for the instant of a local time in the zone of the row's WABA; `zones` is WABA id to zone.

    Without any zone, which only a preview without an account has, the time is taken as UTC.
    """
    distinct = sorted(set(zones.values())) or ["UTC"]
    if len(distinct) == 1:
        return local_sql(local, distinct[0])
    of_zone = {zone: among_sql(waba, [name for name, own in zones.items() if own == zone]) for zone in distinct}
    cases = " ".join(f"WHEN {of_zone[zone]} THEN {local_sql(local, zone)}" for zone in distinct)
    return f"CASE {cases} END"


def in_utc_sql(column: str) -> str:
    """Give SQL that tells a written time in UTC as programs write it: cheap, and never true of another.

    Where the first sign tells it, the second is not looked at, which `OR` would do.
    """
    offset = f"suffix({column}, '+00:00') AND strlen({column}) >= {_SHORTEST}"
    return f"CASE WHEN suffix({column}, 'Z') THEN true ELSE {offset} END"


def is_plain_time_sql(column: str) -> str:
    """Give SQL that tells a written time that `plain_time_sql` reads, by its cheapest signs.

    It is in UTC, or ten digits of seconds that begin with 1, as they do until 2033.
    """
    seconds = f"strlen({column}) = 10 AND coalesce(TRY_CAST({column} AS UINTEGER)::VARCHAR = {column}, false)"
    told = f"WHEN {column} < '2' THEN {seconds} ELSE {column} > '!' AND {in_utc_sql(column)}"
    return f"CASE WHEN {column} IS NULL THEN NULL {told} END"


def plain_time_sql(column: str) -> str:
    """Give SQL for a written time that is plain (`is_plain_time_sql`) as microseconds UTC."""
    seconds = f"TRY_CAST({column} AS BIGINT) * {_SECOND}"
    return f"CASE WHEN {column} IS NULL THEN NULL WHEN {column} < '2' THEN {seconds} ELSE {zoned_sql(column)} END"


def states_zone_sql(column: str) -> str:
    """Give SQL that tells whether a written time states its zone: `Z`, an offset or a zone's name after the day."""
    return f"(suffix({column}, 'Z') OR regexp_matches(substr({column}, 11), '[A-SU-Za-su-z+-]'))"


def _no_offset_sql(column: str) -> str:
    """Give SQL that tells whether a written time ends in an offset that no zone has, or in a name that several have."""
    name = f"nullif(upper(regexp_extract(substr({column}, 11), '{_SHORT_ZONE}', 1)), '')"
    unsure = f"coalesce(NOT {among_sql(name, _SURE_ZONES)}, false)"
    return f"(regexp_matches(substr({column}, 11), '{_NO_OFFSET}') OR {unsure})"


def is_epoch_sql(column: str) -> str:
    """Give SQL that tells whether a written time is a plain number."""
    return f"regexp_full_match({column}, '[0-9]+([.][0-9]+)?')"


def is_local_type(kind: str) -> bool:
    """Tell whether a column of this database type holds local times."""
    return kind == "DATE" or (kind.startswith("TIMESTAMP") and kind not in _ZONED)


def holds_times(kind: str) -> bool:
    """Tell whether a time can be read from a column of this database type: a date, a timestamp, a number or a text."""
    numbers = (*_INTEGERS, "UHUGEINT", "FLOAT", "DOUBLE")
    return kind.startswith(("TIMESTAMP", "DECIMAL")) or kind in {"DATE", "VARCHAR", _EMPTY, *numbers}


def local_time_sql(column: str, kind: str) -> str:
    """Give SQL for the digits of a local time as microseconds; NULL if it is not one."""
    if kind == "VARCHAR":
        return f"epoch_us(coalesce(TRY_CAST({column} AS TIMESTAMP), TRY_CAST({_plainer_sql(column)} AS TIMESTAMP)))"
    return f"epoch_us(CAST({column} AS TIMESTAMP))"


def _plainer_sql(column: str) -> str:
    """Give SQL that brings the rarer spellings of ISO 8601 to the one that the database reads.

    These are `z`, a space before the offset, an offset of one figure, a comma before the fraction, and the basic form
    without separators.
    """
    text = f"regexp_replace({column}, '[\\s\\x{{a0}}]+$', '')"
    text = f"regexp_replace({text}, '[\\s\\x{{a0}}]+([+-][0-9])', '\\1')"
    text = f"regexp_replace({text}, '(:[0-9.]+)([+-])([0-9])$', '\\1\\20\\3')"
    text = f"regexp_replace({text}, '(:?[0-9][0-9]),([0-9]+)', '\\1.\\2')"
    day, hour = "([0-9]{4})([0-9][0-9])([0-9][0-9])", "([0-9][0-9])([0-9][0-9])([0-9][0-9])"
    text = f"regexp_replace({text}, '^{day}[T ]{hour}', '\\1-\\2-\\3 \\4:\\5:\\6')"
    return f"regexp_replace({text}, '([0-9])z$', '\\1Z')"


def instant_sql(column: str, kind: str, waba: str, zones: Mapping[str, str]) -> str:
    """Give SQL for a time column of the given database type as microseconds UTC; NULL where it cannot be read."""
    if kind in _ZONED:
        return f"epoch_us({column}::TIMESTAMPTZ)"
    if is_local_type(kind):
        return zone_sql(waba, zones, local_time_sql(column, kind))
    if kind in _INTEGERS:
        return _epoch_sql(f"{column}::HUGEINT")
    if kind == "FLOAT":  # keeps seven digits, so that an epoch is off by a minute: no time
        return "NULL::BIGINT"
    if kind == "DOUBLE" or kind.startswith("DECIMAL"):
        return _epoch_sql(f"{column}::DOUBLE")
    local = zone_sql(waba, zones, local_time_sql(column, kind))
    zoned = zoned_sql(column)
    whole, broken = (_epoch_sql(f"TRY_CAST({column} AS {number})") for number in ("BIGINT", "DECIMAL(38, 6)"))
    # The common forms come first, each told by its cheapest sign.
    return (
        f"CASE WHEN {column} IS NULL THEN NULL WHEN {in_utc_sql(column)} THEN {zoned} "
        f"WHEN length({column}) < 17 AND regexp_full_match({column}, '[0-9]+') THEN {whole} "
        f"WHEN {states_zone_sql(column)} THEN CASE WHEN NOT {_no_offset_sql(column)} THEN {zoned} END "
        f"WHEN {is_epoch_sql(column)} THEN {broken} ELSE {local} END"
    )


def zoned_sql(column: str) -> str:
    """Give SQL for a written time that states its zone as microseconds UTC; NULL where it cannot be read."""
    plainer = f"TRY_CAST({_plainer_sql(column)} AS TIMESTAMPTZ)"
    return f"epoch_us(coalesce(TRY_CAST({column} AS TIMESTAMPTZ), {plainer}))"


def _epoch_sql(number: str) -> str:
    """Read a number as seconds or, from 12 digits on, milliseconds; only times come here, so a double does no harm.

    Of 15 digits and more it would be a time far from now: databases count microseconds, and some nanoseconds.
    """
    held = f"least(greatest({number}, -1), {_LARGEST})"
    return (
        f"CASE WHEN {number} IS NULL THEN NULL WHEN {number} >= {_NANOS} THEN ({held} / 1000)::BIGINT "
        f"WHEN {number} >= {_MICROS} THEN {held}::BIGINT WHEN {number} >= {_MILLIS} THEN ({held} * 1000)::BIGINT "
        f"ELSE ({held} * 1000000)::BIGINT END"
    )

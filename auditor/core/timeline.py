"""What is in force on a day, and an account's own days and months: elapsed time stays UTC, calendars are local.

Zones are turned into small tables of transitions, so that kernels find a local day by binary search.
"""

from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numba import njit

from auditor.core.tables import NEVER
from auditor.core.tables import Int32
from auditor.core.tables import Int64

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 2008, 2045
_STRIDE = 3 * 86_400  # seconds: no clock is put forward and back in less (Gaza's will be in a week, in 2040)


def day_number(day: date) -> int:
    """Give the days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """Give the date of a day number."""
    return EPOCH + timedelta(days=int(number))


def month_text(month: int) -> str:
    """Give a month, which is `year * 12 + month - 1`, as `YYYY-MM`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def months_of_days(days: Int32) -> Int32:
    """Give the month numbers of day numbers."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (months + 1970 * 12).astype(np.int32)


def instant(moment: datetime) -> int:
    """Give the microseconds UTC of an aware moment, exactly."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moment(instant_: int) -> datetime:
    """Give the UTC moment of an instant."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(instant_))


def date_in(zone_name: str, instant_: int) -> date:
    """Give the local date of an instant in a zone."""
    return moment(instant_).astimezone(ZoneInfo(zone_name)).date()


def iso(instant_: int) -> str:
    """Write an instant as formats.md §8 does: UTC, `Z`, microseconds only if there are any; `NEVER` is empty."""
    return "" if instant_ == NEVER else moment(instant_).isoformat().replace("+00:00", "Z")


def _offset(zone: ZoneInfo, seconds: int) -> int:
    offset = datetime.fromtimestamp(seconds, zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


@cache
def transitions(zone_name: str) -> tuple[tuple[int, int], ...]:
    """Give a zone's (first instant, offset) pairs, both in microseconds, in order; the first begins at `NEVER`.

    Found by bisection between every third day, so that any zone file works. Raises `ZoneInfoNotFoundError`.
    """
    zone = ZoneInfo(zone_name)
    at = int(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(_LAST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    current = _offset(zone, at)
    found = [(int(NEVER), current * SECOND)]
    if zone_name == "UTC" or zone_name.startswith("Etc/"):
        return tuple(found)  # these never change
    while at < end:
        after = at + _STRIDE
        if _offset(zone, after) != current:
            low, high = at, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if _offset(zone, middle) != current else (middle, high)
            current = _offset(zone, high)
            found.append((high * SECOND, current * SECOND))
            after = high
        at = after
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Zones:
    """The transition tables of several zones end to end: those of zone z are `first[z]` to `first[z + 1]`."""

    first: Int64
    starts: Int64
    offsets: Int64


def zones(names: tuple[str, ...]) -> Zones:
    """Build the tables of zones for the kernels, in the order of `names`."""
    tables = [transitions(name) for name in names]
    sizes = np.cumsum([0, *(len(table) for table in tables)]).astype(np.int64)
    flat = [pair for table in tables for pair in table] or [(int(NEVER), 0)]
    starts, offsets = zip(*flat, strict=True)
    return Zones(sizes, np.array(starts, np.int64), np.array(offsets, np.int64))


@njit(cache=True, nogil=True)
def local_time(instant_: int, zone: int, first: Int64, starts: Int64, offsets: Int64) -> int:
    """Give an instant as the clocks in zone number `zone` of `Zones` show it, counted like an instant of UTC."""
    low, high = first[zone], first[zone + 1]
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= instant_:
            low = middle
        else:
            high = middle
    return int(instant_ + offsets[low])


@njit(cache=True, nogil=True)
def local_day(instant_: int, zone: int, first: Int64, starts: Int64, offsets: Int64) -> int:
    """Give the local day number of an instant in zone number `zone` of `Zones` (pricing.md §1, billing instant)."""
    return int(local_time(instant_, zone, first, starts, offsets) // DAY)

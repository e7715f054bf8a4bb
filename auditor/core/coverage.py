"""The log's coverage: messages of every number on every local day of the period beside the usual (formats.md §6)."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auditor.core.activity import MINUTE
from auditor.core.activity import Activity
from auditor.core.records import Account
from auditor.core.results import CoverageDay
from auditor.core.tables import Int64
from auditor.core.timeline import HOUR
from auditor.core.timeline import instant

_FEWEST_DAYS = 3
_USUAL_EVENTS, _LEAST_EVENTS = 50, 15  # in an hour of comparable days: the middle and the least


def coverage(
    active: Activity, per_day: Mapping[tuple[str, date], int], numbers: Sequence[str], account: Account
) -> tuple[CoverageDay, ...]:
    """Give a row per number of the log and local day, in order. `per_day` has the messages of each."""
    length = (account.last - account.first).days + 1
    days = [account.first + timedelta(days=n) for n in range(length)]
    kinds = np.array([max(day.weekday() - 4, 0) for day in days])
    known = {number for number, _ in per_day}
    rows: list[CoverageDay] = []
    for name, number in sorted((name, number) for number, name in enumerate(numbers) if name in known):
        zone = account.wabas[int(active.waba[number])].time_zone
        starts = _midnights([*days, days[-1] + timedelta(days=1)], zone)
        messages = np.array([per_day.get((name, day), 0) for day in days], np.int64)
        silent = _silent_hours(active, number, starts, kinds)
        usual = [_usual(messages, kinds, n) for n in range(length)]
        facts = zip(days, messages.tolist(), usual, silent.tolist(), strict=True)
        rows += [CoverageDay(name, *fact) for fact in facts]
    return tuple(rows)


def _midnights(days: list[date], zone_name: str) -> Int64:
    zone = ZoneInfo(zone_name)
    return np.array([instant(datetime(day.year, day.month, day.day, tzinfo=zone)) for day in days], np.int64)


def _alike(kinds: npt.NDArray[np.int_], day: int) -> npt.NDArray[np.bool_]:
    """Choose the other days of a day's kind (working day, Saturday, Sunday)."""
    return np.asarray((kinds == kinds[day]) & (np.arange(len(kinds)) != day))


def _usual(messages: Int64, kinds: npt.NDArray[np.int_], day: int) -> int | None:
    """Give the middle one of the other days of its kind."""
    others = messages[_alike(kinds, day)]
    return int(np.median(others)) if len(others) >= _FEWEST_DAYS else None


def _silent_hours(active: Activity, number: int, starts: Int64, kinds: npt.NDArray[np.int_]) -> Int64:
    """Count, for each day, the hours without any event in which the number has many on other days of the kind."""
    width = active.minutes * MINUTE
    bins = active.counts[number]
    events = np.concatenate([[0], np.cumsum(bins, dtype=np.int64)])
    edges = starts[:-1, None] + np.arange(25) * HOUR
    places = np.clip((edges - active.start) // width, 0, len(bins))
    hours = np.diff(events[places], axis=1)
    silent = np.zeros(len(hours), np.int64)
    for day in range(len(hours)):
        others = hours[_alike(kinds, day)]
        if len(others) >= _FEWEST_DAYS:
            lively = (others.min(axis=0) >= _LEAST_EVENTS) & (np.median(others, axis=0) >= _USUAL_EVENTS)
            silent[day] = int(np.sum(lively & (hours[day] == 0)))
    return silent

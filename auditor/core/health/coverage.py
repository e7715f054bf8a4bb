"""The log's coverage: messages of every number on every local day of the period beside the usual (formats.md §6)."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auditor.core.health.activity import MINUTE
from auditor.core.health.activity import Activity
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
        facts = zip(days, messages.tolist(), _usual(messages, kinds), silent.tolist(), strict=True)
        rows += [CoverageDay(name, *fact) for fact in facts]
    return tuple(rows)


def _midnights(days: list[date], zone_name: str) -> Int64:
    zone = ZoneInfo(zone_name)
    return np.array([instant(datetime(day.year, day.month, day.day, tzinfo=zone)) for day in days], np.int64)


def _usual(messages: Int64, kinds: npt.NDArray[np.int_]) -> list[int | None]:
    """Give, for each day, the middle one of the other days of its kind (working day, Saturday, Sunday)."""
    usual: list[int | None] = [None] * len(messages)
    for kind in np.unique(kinds):
        days = np.flatnonzero(kinds == kind)
        left = len(days) - 1  # others
        if left < _FEWEST_DAYS:
            continue
        order = np.argsort(messages[days], kind="stable")
        ranked = messages[days][order]
        low, high = (left - 1) // 2, left // 2  # one place, or the two in the middle
        for rank, day in enumerate(days[order].tolist()):
            middle = ranked[low + (rank <= low)] + ranked[high + (rank <= high)]
            usual[day] = int(middle) // 2
    return usual


def _silent_hours(active: Activity, number: int, starts: Int64, kinds: npt.NDArray[np.int_]) -> Int64:
    """Count, for each day, the hours without any event in which the number has many on other days of the kind.

    On every other day of its kind there are some: so it is the only one of them with few.
    """
    width = active.minutes * MINUTE
    bins = active.counts[number]
    events = np.concatenate([[0], np.cumsum(bins, dtype=np.int64)])
    edges = starts[:-1, None] + np.arange(25) * HOUR
    places = np.clip((edges - active.start) // width, 0, len(bins))
    hours = np.diff(events[places], axis=1)
    silent = np.zeros(len(hours), np.int64)
    for kind in np.unique(kinds):
        days = np.flatnonzero(kinds == kind)
        if len(days) <= _FEWEST_DAYS:
            continue
        alone = (hours[days] < _LEAST_EVENTS).sum(axis=0) == 1
        for place, hour in zip(*np.nonzero((hours[days] == 0) & alone), strict=True):
            others = np.delete(hours[days, hour], place)
            silent[days[place]] += np.median(others) >= _USUAL_EVENTS
    return silent

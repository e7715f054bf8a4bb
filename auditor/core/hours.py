"""When things happened: messages and the units behind differences, by local day and hour (workpaper.md §3.3)."""

from collections.abc import Mapping
from datetime import date

import numpy as np
from numba import njit

from auditor.core.alike import value_at
from auditor.core.records import Account
from auditor.core.results import HourUse
from auditor.core.tables import NEVER
from auditor.core.tables import Bools
from auditor.core.tables import Int16
from auditor.core.tables import Int64
from auditor.core.threads import Folded
from auditor.core.timeline import HOUR
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import local_time
from auditor.core.timeline import zones


def by_hour(
    messages: Int64, differing: Int64, differing_waba: Int16, account: Account
) -> Mapping[tuple[date, int], HourUse]:
    """Give, for each hour of the period's local days that has any, its messages and the units that differ.

    `messages` are those of `messages_by_hour`; `differing` and `differing_waba` tell of each charge behind a
    difference when it was billed and for whom.
    """
    behind = _counted(differing, differing_waba, account)
    first = day_number(account.first)
    return {
        (day_of(first + hour // 24), hour % 24): HourUse(int(messages[hour]), int(behind[hour]))
        for hour in np.flatnonzero(messages + behind).tolist()
    }


def messages_by_hour(folded: Folded, account: Account) -> Int64:
    """Count messages by hour of the period; one counts when it was sent, or delivered where that is not known."""
    clock, counts = _clock(account)
    _count_messages(folded.live, folded.sent, folded.billed, folded.waba, *clock, counts)
    return counts


def _counted(at: Int64, waba: Int16, account: Account) -> Int64:
    """Count instants by hour of the period, each by its own account's clock."""
    clock, counts = _clock(account)
    _count(at, waba, *clock, counts)
    return counts


def _clock(account: Account) -> tuple[tuple[Int64, Int64, Int64, int], Int64]:
    """Give the zones of the accounts and the hour in which the period begins, and a count of nothing for each hour."""
    first = day_number(account.first)
    tables = zones(tuple(one.time_zone for one in account.wabas))
    counts = np.zeros(24 * (day_number(account.last) - first + 1), np.int64)
    return (tables.first, tables.starts, tables.offsets, first * 24), counts


@njit(cache=True, nogil=True)
def _add(at: int, waba: int, first: Int64, starts: Int64, offsets: Int64, begin: int, counts: Int64) -> None:
    """Count an instant in its hour, if that is one of the period's."""
    hour = local_time(at, waba, first, starts, offsets) // HOUR - begin
    if 0 <= hour < len(counts):
        counts[hour] += 1


@njit(cache=True, nogil=True)
def _count(at: Int64, waba: Int16, first: Int64, starts: Int64, offsets: Int64, begin: int, counts: Int64) -> None:
    for i in range(len(at)):
        if at[i] != NEVER:
            _add(at[i], value_at(waba, i), first, starts, offsets, begin, counts)


@njit(cache=True, nogil=True)
def _count_messages(
    live: Bools, sent: Int64, billed: Int64, waba: Int16, first: Int64, starts: Int64, offsets: Int64, begin: int,
    counts: Int64,
) -> None:  # fmt: skip
    for i in range(len(live)):
        at = sent[i] if sent[i] != NEVER else billed[i]
        if live[i] and at != NEVER:
            _add(at, value_at(waba, i), first, starts, offsets, begin, counts)

"""When a log's numbers were active, minute by minute, and which of its messages lack their `sent` (formats.md §6).

Events are counted as the rows of a log go by; what its statuses say adds up over its partitions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.kinds import GROUP
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import READ
from auditor.core.kinds import READ_ONLY
from auditor.core.kinds import UNSENT
from auditor.core.records import Account
from auditor.core.tables import NEVER
from auditor.core.tables import Bools
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import UInt16
from auditor.core.threads import Folded
from auditor.core.timeline import DAY
from auditor.core.timeline import SECOND
from auditor.core.timeline import instant

MINUTE = 60 * SECOND
DAY_BINS = 24 * 60
# A reseller's thousands of numbers are looked at in longer bins, so that the table stays small.
_LARGEST_TABLE = 20_000_000
_BINS = (1, 2, 5, 10, 20, 30, 60)


@dataclass(frozen=True, slots=True)
class Activity:
    """Events per number and bin of the audit's period: `counts[number, bin]`; the first bin begins at `start`.

    `begun[number, bin]` are those among them that begin a message: `sent`, also of a customer. `first` and `last` are
    the bins in which a number's own period begins and ends (its WABA's zone decides), `goes_on` tells whether it has
    events before (`[number, 0]`) or after (`[number, 1]`) the period; `waba` is its WABA.
    """

    start: int
    minutes: int
    counts: Int32
    begun: Int32
    first: Int64
    last: Int64
    goes_on: Bools
    waba: Int64

    @property
    def bins_a_day(self) -> int:
        """Give how many bins make 24 hours."""
        return DAY_BINS // self.minutes

    def instant_of(self, bin_: int) -> int:
        """Give the instant at which a bin begins."""
        return self.start + bin_ * self.minutes * MINUTE


@dataclass(frozen=True, slots=True)
class Statuses:
    """What the statuses of outbound messages say about lost events.

    A row per orphan, a message whose `sent` is missing: its `number`, `at` (its first event), and whether that is its
    `read_only`. `delivered[number, day]` counts messages with `delivered` per day from the period's start. Of messages
    with `sent`, `read` were read, and `skipped` of these have no `delivered`. `longest` is the longest time met from
    `sent` to `delivered`.
    """

    number: Int32
    at: Int64
    read_only: Bools
    delivered: Int64
    read: int
    skipped: int
    longest: int

    def __add__(self, other: "Statuses") -> "Statuses":
        """Add what another part of the same log says."""
        return Statuses(
            np.concatenate([self.number, other.number]),
            np.concatenate([self.at, other.at]),
            np.concatenate([self.read_only, other.read_only]),
            self.delivered + other.delivered,
            self.read + other.read,
            self.skipped + other.skipped,
            max(self.longest, other.longest),
        )


@njit(cache=True, nogil=True)
def _count(number: Int32, times: Int64, start: int, width: int, counts: Int32, goes_on: Bools) -> None:
    """Add to `counts[number, bin]` every known instant of `times` that falls into a bin; mark what lies beside."""
    for i in range(len(number)):
        if times[i] >= start:
            place = (times[i] - start) // width
            if place < counts.shape[1]:
                counts[number[i], place] += 1
            else:
                goes_on[number[i], 1] = True
        elif times[i] != NEVER:
            goes_on[number[i], 0] = True


class Counter:
    """Counts the events of every number in the audit's period, duplicates too, as the rows of a log go by."""

    def __init__(self, numbers: int, account: Account, of_all: int) -> None:
        """Begin a table for so many numbers `of_all` in the log; an account without a WABA has no period either."""
        self._spans = [_period(waba.time_zone, account) for waba in account.wabas] or [(0, 0)]
        self._start, end = min(span[0] for span in self._spans), max(span[1] for span in self._spans)
        whole = (end - self._start) // MINUTE
        self._minutes = next((size for size in _BINS if of_all * whole // size <= _LARGEST_TABLE), _BINS[-1])
        self._begun, self._went_on = (np.zeros((numbers, -(-whole // self._minutes)), np.int32) for _ in range(2))
        self._goes_on = np.zeros((numbers, 2), np.bool_)
        self._owner = np.zeros(numbers, np.int64)

    def add(self, batch: Mapping[str, npt.NDArray[Any]]) -> None:
        """Count what a batch of rows (`rows.ROW_KINDS`) holds."""
        number = batch["number"]
        self._owner[number] = batch["waba"]
        for name, counts in (("sent", self._begun), ("delivered", self._went_on), ("read", self._went_on)):
            _count(number, batch[name], self._start, self._minutes * MINUTE, counts, self._goes_on)

    def activity(self) -> Activity:
        """Give what was counted."""
        bounds = (np.array(self._spans, np.int64)[self._owner] - self._start) // (self._minutes * MINUTE)
        return Activity(
            self._start, self._minutes, self._begun + self._went_on, self._begun, bounds[:, 0], bounds[:, 1],
            self._goes_on, self._owner,
        )  # fmt: skip


def _period(zone_name: str, account: Account) -> tuple[int, int]:
    """Give the instants at which the audit's period begins and ends in a zone."""
    zone = ZoneInfo(zone_name)
    days = (account.first, account.last + timedelta(days=1))
    first, end = (instant(datetime(day.year, day.month, day.day, tzinfo=zone)) for day in days)
    return first, end


@njit(cache=True, nogil=True)
def _missing(
    live: Bools, kind: UInt16, number: Int32, sent: Int64, billed: Int64, start: int, delivered: Int64, orphans: Int64
) -> tuple[int, int, int, int]:
    """Fill `delivered` and, as far as they go, `orphans` (places); count all orphans, read, skipped, the longest."""
    found, read, skipped, longest = 0, 0, 0, 0
    for o in range(len(kind)):
        what = kind[o]
        if not live[o] or not what & OUTBOUND or what & GROUP or billed[o] == NEVER:
            continue
        if what & UNSENT:
            if found < len(orphans):
                orphans[found] = o
            found += 1
        elif what & READ:
            read += 1
            skipped += (what & READ_ONLY) != 0
        if not what & READ_ONLY:
            day = (billed[o] - start) // DAY
            if 0 <= day < delivered.shape[1]:
                delivered[number[o], day] += 1
            if not what & UNSENT:
                longest = max(longest, billed[o] - sent[o])
    return found, read, skipped, longest


def statuses(folded: Folded, active: Activity) -> Statuses:
    """Look for what is missing among the statuses of outbound messages; those of groups may have no `sent` each."""
    days = -(-active.counts.shape[1] // active.bins_a_day)
    orphans = np.empty(1024, np.int64)
    while True:
        delivered = np.zeros((len(active.counts), days), np.int64)
        count, read, skipped, longest = _missing(
            folded.live, folded.kind, folded.number, folded.sent, folded.billed, active.start, delivered, orphans
        )
        if count <= len(orphans):
            break
        orphans = np.empty(count, np.int64)
    places = orphans[:count]
    return Statuses(
        number=folded.number[places],
        at=folded.billed[places],
        read_only=(folded.kind[places] & READ_ONLY) != 0,
        delivered=delivered,
        read=read,
        skipped=skipped,
        longest=longest,
    )

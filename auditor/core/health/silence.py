"""Stretches in which a number is silent against its habit: blocks of events that never reached the log (formats.md §6).

Where whole messages are missing, the statuses of others go on: a stretch in which none begins, though those sent before
it are delivered and read, is judged in the same way, by the messages that begin.

A stretch without any event is held against the same hours of comparable days. How active these were gives the chance
that the number was silent by itself; only where that is next to nothing is the stretch a gap. Where messages turn up
afterwards that lack what they would have had during it (`Statuses`), less is enough.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from auditor.core.health.activity import MINUTE
from auditor.core.health.activity import Activity
from auditor.core.health.activity import Statuses
from auditor.core.tables import Int64
from auditor.core.timeline import DAY
from auditor.core.timeline import HOUR

Floats = npt.NDArray[np.float64]

_SHORTEST = 20  # minutes: shorter stretches cost next to nothing and are everywhere
IMPOSSIBLE = 0.02  # so many silences of the kind may be expected in the whole period
_UNLIKELY = 20.0  # enough where a message without its beginning bears witness
_EACH_WITNESS = 2.0  # so much less will do for each further one that comes to light soon after
_MOST_STRIKING, _FEWEST_STRIKING = 50, 10
_FLOOR = 1e-8  # a closed shop is silent whatever its habit: no silence is less likely than that
_FULL = 0.98  # even the liveliest hours have bins without an event now and then
_LEAST_USUAL = 3.0
_FEWEST_DAYS = 3
_FEW_ORPHANS = 10  # beside the witnesses: not enough to speak of loss at random
_LONGEST_SINCE, _MOST_CAMPAIGNS = 48, 60  # hours from a campaign to the end of a stretch; stretches looked at
_CAMPAIGN, _FEW_EVENTS = 3, 20  # an hour with so many times the events of others, and these more
_BURST = 4.0  # so many active bins an hour make no burst
WITNESS_DELIVERED = 2 * HOUR  # how long after a gap its messages are still delivered, or read
WITNESS_READ = 2 * DAY
_SOON = 12 * HOUR
_LONGEST_AT_ENDS = 26 * HOUR


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch of bins `[first, last)` of a number without events, and the days it is compared with.

    `others` are the offsets in bins of comparable days, the most alike first, and `events` what happened on each in the
    same hours, at the level of this day; `lively` tells which of them had a campaign, and `campaigns_expected` how many
    the gap would have by the number's habit. `witnesses` are the places of orphans (in `Statuses`) that must have begun
    in it, but for about `stray` of them. `chance` is how many such silences a complete log of the period would have.
    `campaigns` are offsets, to any hour, of stretches that hold a campaign, and what happened in each. `whole`: what is
    missing are the messages that begin in it, with all that came of them.
    """

    number: int
    first: int
    last: int
    others: tuple[int, ...]
    events: tuple[float, ...]
    lively: tuple[bool, ...]
    campaigns_expected: float
    witnesses: tuple[int, ...]
    stray: float
    chance: float
    campaigns: tuple[tuple[int, float], ...]
    whole: bool = False


def silences(active: Activity, seen: Statuses) -> tuple[Silence, ...]:
    """Give the gaps of every number, among the events that are counted, in order; none overlaps another."""
    found: list[Silence] = []
    spans = _Spans(active)
    for number in range(len(active.counts)):
        habit = _Habit(active, number, spans, seen)
        taken: list[Silence] = []
        candidates = [habit.silence(int(a), int(b), chance) for a, b, chance in habit.stretches()]
        for one in sorted((c for c in candidates if c is not None), key=lambda c: c.chance):
            mine = set(one.witnesses) - {w for other in taken for w in other.witnesses}
            stray = one.stray + 3 * one.stray**0.5 + (one.stray > 0)
            soon = habit.soon_after(mine, one.last) - stray
            witnessed = len(mine) > stray and one.chance < _UNLIKELY * _EACH_WITNESS ** max(0.0, soon - 1)
            if one.chance < IMPOSSIBLE or witnessed:
                taken.append(one)
        found += sorted(taken, key=lambda one: one.first)
    return tuple(found)


def without_beginnings(active: Activity, seen: Statuses, silent: Sequence[Silence]) -> tuple[Silence, ...]:
    """Give the gaps of a log whose rows are messages: the `silent` ones, and stretches in which no message begins.

    Statuses of messages sent before such a stretch may go on in it. A webhook's log that goes on so has no gap.
    """
    found = list(silent)
    for one in silences(replace(active, counts=active.begun), seen):
        met = [other for other in found if other.number == one.number and _overlap(one, other)]
        if not any(_is_witnessed(gap) for gap in (one, *met)) and not _has_orphans(one, active, seen):
            found = [other for other in found if other not in met]
            found.append(_in_events(one, active))
    return tuple(sorted(found, key=lambda one: (one.number, one.first)))


def _has_orphans(gap: Silence, active: Activity, seen: Statuses) -> bool:
    """Tell whether messages without a beginning come to light in a stretch: rows are not what is missing."""
    inside = (seen.at >= active.instant_of(gap.first)) & (seen.at < active.instant_of(gap.last))
    return bool(np.any(inside & (seen.number == gap.number)))


def _is_witnessed(gap: Silence) -> bool:
    return len(gap.witnesses) > gap.stray


def _overlap(one: Silence, other: Silence) -> bool:
    return one.first < other.last and other.first < one.last


def _in_events(gap: Silence, active: Activity) -> Silence:
    """Count what other days had by all events, of which messages that begin are a part."""
    scale = float(active.counts[gap.number].sum()) / float(active.begun[gap.number].sum())
    events = tuple(scale * count for count in gap.events)
    campaigns = tuple((offset, scale * count) for offset, count in gap.campaigns)
    return replace(gap, events=events, campaigns=campaigns, whole=True)


class _Spans:
    """The first and the last bin in which each number was active, to be asked of all numbers but one."""

    def __init__(self, active: Activity) -> None:
        busy = active.counts > 0
        some, bins = busy.any(axis=1), busy.shape[1]
        self._first = np.where(some, busy.argmax(axis=1), bins)
        self._last = np.where(some, bins - 1 - busy[:, ::-1].argmax(axis=1), -1)

    def begin(self, number: int) -> int:
        """Give the first bin in which another number was active (none was: beyond the period)."""
        return int(np.delete(self._first, number).min(initial=np.iinfo(np.int64).max))

    def end(self, number: int) -> int:
        """Give the last bin in which another number was active (-1: none was)."""
        return int(np.delete(self._last, number).max(initial=-1))


class _Habit:
    """How active a number is at every hour of comparable days."""

    def __init__(self, active: Activity, number: int, spans: _Spans, seen: Statuses) -> None:
        self._active, self._number, self._spans, self._seen = active, number, spans, seen
        self._from, self._to = int(active.first[number]), int(active.last[number])
        row = active.counts[number]
        self._events = np.concatenate([[0], np.cumsum(row, dtype=np.int64)])
        self._busy = np.concatenate([[0], np.cumsum(row > 0, dtype=np.int64)])
        self._active_bins = np.flatnonzero(row[self._from : self._to]) + self._from

    def stretches(self) -> Iterable[tuple[int, int, float]]:
        """Give striking stretches without events, and the chance of each by the others (`_by_longest`)."""
        if not len(self._active_bins):
            return []
        begins = np.concatenate([[self._from], self._active_bins + 1])
        ends = np.concatenate([self._active_bins, [self._to]])
        length = ends - begins
        usual = self._usual(begins, ends)
        chance = self._by_longest(usual)
        chosen = (length * self._active.minutes >= _SHORTEST) & (chance < _MOST_STRIKING)
        chosen[[0, -1]] &= self._is_known_beyond(length)
        return zip(begins[chosen], ends[chosen], chance[chosen], strict=True)

    def _usual(self, begins: Int64, ends: Int64) -> Floats:
        """Give, for many stretches at once, the active bins in them on the number's mean day of the kind."""
        day = self._active.bins_a_day
        days = -(-(self._to - self._from) // day)
        busy = np.zeros(days * day)
        busy[: self._to - self._from] = np.diff(self._busy)[self._from : self._to]
        kind = self._kinds(np.arange(days))
        usual = np.empty((days, day))
        for one in np.unique(kind):
            usual[kind == one] = _without_bursts(busy.reshape(days, 24, day // 24)[kind == one]).mean(axis=0)
        upto = np.concatenate([[0.0], np.cumsum(usual)])
        return np.asarray(upto[ends - self._from] - upto[begins - self._from], np.float64)

    @staticmethod
    def _by_longest(usual: Floats) -> Floats:
        """Give how many silences as striking as each a complete log would have, by the most striking of this one.

        Silences get rarer by a constant factor for each active bin that is usual in them; how fast, the most striking
        ones tell, of which the middle one is hardly moved by those that are gaps.
        """
        most = np.sort(usual)[::-1][:_MOST_STRIKING]
        if len(most) < _FEWEST_STRIKING:
            return np.full(len(usual), np.inf)
        scale = max(1.0, (np.median(most) - most[-1]) / np.log(2))
        return np.asarray(len(most) * np.exp(-np.maximum(usual - most[-1], 0.0) / scale), np.float64)

    def _is_known_beyond(self, length: Int64) -> npt.NDArray[np.bool_]:
        """Tell whether the stretches at the period's two ends may be gaps.

        A number that was not there before may be new; one that is not there after may have been given up. Where the
        whole log begins or ends so within a day, it was cut short.
        """
        beyond = self._active.goes_on
        first, last = self._from + int(length[0]), self._to - int(length[-1])
        alone = [self._spans.begin(self._number) >= first, self._spans.end(self._number) < last]
        short = length[[0, -1]] * self._active.minutes * MINUTE <= _LONGEST_AT_ENDS
        return np.asarray(beyond[self._number] | (short & alone & ~beyond.any(axis=0)))

    def silence(self, first: int, last: int, chance: float) -> Silence | None:
        """Judge a stretch; None where the number is not usually active then, or nothing can be compared.

        None as well where only witnesses could make it a gap (`silences`), and there are none.
        """
        witnesses = self._witnesses(last)
        if chance >= IMPOSSIBLE and not witnesses:
            return None
        offsets = self._comparable(first, last)
        if len(offsets) < _FEWEST_DAYS:
            return None
        busy = (self._busy[last + offsets] - self._busy[first + offsets]) * self._nearby(first, last, offsets)
        if busy.mean() < _LEAST_USUAL:
            return None
        scale = self._level(first, last, offsets)
        events = (self._events[last + offsets] - self._events[first + offsets]) * scale
        own_day = offsets % (7 * self._active.bins_a_day) == 0
        order = np.lexsort((np.abs(offsets), ~own_day))
        return Silence(
            number=self._number,
            first=first,
            last=last,
            others=tuple(offsets[order].tolist()),
            events=tuple(events[order].tolist()),
            lively=tuple(self._lively(first, last, offsets[order]).tolist()),
            campaigns_expected=self._campaigns_expected(first, last, offsets),
            witnesses=witnesses,
            stray=self._stray(last, len(witnesses)),
            chance=max(chance, self._chance(busy, own_day, first, last)),
            campaigns=self._campaigns(first, last),
        )

    def _chance(self, busy: Floats, own_day: npt.NDArray[np.bool_], first: int, last: int) -> float:
        """Give how many silences of this length a complete log of the period would have, where days are this `busy`.

        Each day's own activity is drawn towards the mean as far as chance alone explains their differences; very
        lively days count as twice the middle one. Days of the same weekday count double: a shop may close on Mondays.
        """
        length, together = last - first, max(self._clusters, self._by_silence(first, last))
        held = np.minimum(busy, 2 * np.median(busy))
        mean, variance = held.mean(), held.var(ddof=1)
        by_chance = mean * together
        own = max(0.0, (variance - by_chance) / variance) if variance > 0 else 0.0
        share = np.minimum((own * held + (1 - own) * mean) / length, _FULL)
        seldom = len(busy) * np.log1p(1 / len(busy))  # a few days tell little of what a day may be
        chance = np.average((1 - share) ** (length / together * seldom), weights=1 + own_day)
        places = (self._to - self._from) / length * max(1.0, mean / together)
        return float(max(chance, _FLOOR) * places)

    def _by_silence(self, first: int, last: int) -> float:
        """Give how many active bins come together by how often nothing happens, on days without the stretch.

        Where customers are few and chats long, hours are empty far more often than their activity, spread evenly, would
        leave them, and whole days where they are very few; campaigns, which make hours differ too, leave none empty.
        """
        day, found = self._active.bins_a_day, 1.0
        days = (self._to - self._from) // day
        busy = np.diff(self._busy)[self._from : self._from + days * day].reshape(days, 24, -1).astype(np.float64)
        kind = self._kinds(np.arange(days))
        apart = (np.arange(days) < (first - self._from) // day) | (np.arange(days) > (last - 1 - self._from) // day)
        for hours in (1, 2, 4, 8, 24):
            usual, empty = [], 0
            for one in np.unique(kind[apart]):
                some = _without_bursts(busy[apart & (kind == one)]).reshape(-1, 24 // hours, day // 24 * hours).sum(2)
                mean = some.mean(axis=0)
                usual.append(np.repeat(mean[mean >= 1], len(some)))
                empty += int((some[:, mean >= 1] == 0).sum())
            found = max(found, _together(np.concatenate(usual) if usual else np.zeros(0), empty))
        return found

    @cached_property
    def _clusters(self) -> float:
        """Give how many active bins come together: what makes hours differ beyond chance, over all hours of the day."""
        an_hour = self._active.bins_a_day // 24
        days = (self._to - self._from) // self._active.bins_a_day
        ends = self._from + np.arange(days * 24 + 1) * an_hour
        hours = np.diff(self._busy[ends]).reshape(days, 24).astype(np.float64)
        held = np.minimum(hours, 2 * np.median(hours, axis=0))
        weekday = (np.arange(days) + self._weekday_of_first()) % 7
        working = held[weekday < 5] if (weekday < 5).sum() > 2 else held
        if len(working) < _FEWEST_DAYS or not working.sum():
            return 1.0
        share = working.mean(axis=0) / an_hour
        # Bins are active or not: where nearly all are, they can hardly differ.
        return max(
            1.0, float(working.var(axis=0, ddof=1).sum() / (an_hour * np.maximum(share * (1 - share), 0.01)).sum())
        )

    @cached_property
    def _bursts(self) -> Int64:
        """Give the first bins of the hours with far more events than the same hour of other days: campaigns."""
        an_hour = self._active.bins_a_day // 24
        days = (self._to - self._from) // self._active.bins_a_day
        ends = self._from + np.arange(days * 24 + 1) * an_hour
        hours = np.diff(self._events[ends]).reshape(days, 24)
        others = (hours.sum(axis=0) - hours) / max(1, days - 1)
        return np.asarray(ends[:-1][(hours > _CAMPAIGN * others + _FEW_EVENTS).ravel()], np.int64)

    def _lively(self, first: int, last: int, offsets: Int64) -> npt.NDArray[np.bool_]:
        """Tell of each other day whether it had a campaign in the hours of the stretch."""
        before = np.searchsorted(self._bursts, first + offsets)
        return np.asarray(np.searchsorted(self._bursts, last + offsets) > before)

    def _campaigns_expected(self, first: int, last: int, offsets: Int64) -> float:
        """Give how many campaigns the stretch would have: as many of the log's as of its other activity."""
        begun = np.diff(self._bursts, prepend=-self._active.bins_a_day) > self._active.bins_a_day // 24
        usual = np.median(self._busy[last + offsets] - self._busy[first + offsets])
        return float(begun.sum() * usual / (self._busy[self._to] - self._busy[self._from]))

    def _campaigns(self, first: int, last: int) -> tuple[tuple[int, float], ...]:
        """Give the offsets of stretches as long as this one that hold a campaign, hours to days before their end."""
        an_hour, length = self._active.bins_a_day // 24, last - first
        since = np.arange(1, min(_LONGEST_SINCE, length // an_hour) + 1)
        ends = np.unique(self._bursts[:, None] + since * an_hour)
        begins = ends - length
        ends = ends[(begins >= self._from) & (ends <= self._to) & ((ends <= first) | (begins >= last))]
        ends = ends[:: -(-len(ends) // _MOST_CAMPAIGNS) or 1]
        return tuple((int(end) - last, float(self._events[end] - self._events[end - length])) for end in ends)

    @cached_property
    def _orphans(self) -> Int64:
        """Give the places, in what was seen, of the number's messages without a beginning."""
        return np.flatnonzero(self._seen.number == self._number)

    def soon_after(self, witnesses: Collection[int], last: int) -> int:
        """Count the witnesses that come to light within hours of a stretch: most messages are read soon, or never."""
        return int(np.sum(self._seen.at[list(witnesses)] < self._active.instant_of(last) + _SOON))

    def _stray(self, last: int, witnesses: int) -> float:
        """Give how many orphans come to light by chance as soon after a stretch as its witnesses do.

        Where events are lost at random, those without a beginning are spread as all events are.
        """
        own = self._orphans
        if len(own) - witnesses < _FEW_ORPHANS:
            return 0.0
        read, all_ = int(np.sum(self._seen.read_only[own])), self._events[self._to] - self._events[self._from]
        expected = 0.0
        for count, window in ((len(own) - read, WITNESS_DELIVERED), (read, WITNESS_READ)):
            end = min(self._to, last + window // (self._active.minutes * MINUTE))
            expected += count * float(self._events[end] - self._events[last]) / max(1, int(all_))
        return expected

    def _comparable(self, first: int, last: int) -> Int64:
        """Give the offsets of other days of the same kind (working day, Saturday, Sunday) within the period."""
        day = self._active.bins_a_day
        before, after = (first - self._from) // day, (self._to - last) // day
        days = np.concatenate([np.arange(-before, 0), np.arange(1, after + 1)]).astype(np.int64)
        days = days[np.abs(days) * day >= last - first]  # a stretch is not compared with a part of itself
        # The middle of the stretch tells the day, in the zone of the period's first instant.
        here = ((first + last) // 2 - self._from) // day
        (own,), kinds = self._kinds(np.array([here])), self._kinds(here + days)
        alike = days[kinds == own]
        if own and len(alike) < _FEWEST_DAYS:  # a short month: the weekend's two days stand in for each other
            alike = days[kinds > 0]
        return np.asarray(alike * day)

    def _kinds(self, days: Int64) -> Int64:
        """Tell of days, counted from the first, of what kind they are: working day (0), Saturday (1), Sunday (2)."""
        return np.maximum((days + self._weekday_of_first()) % 7 - 4, 0)

    def _weekday_of_first(self) -> int:
        """Give the weekday (Monday is 0) of the number's first local day: its midnight is nearest a UTC midnight.

        1970-01-01 was a Thursday.
        """
        return (round(self._active.instant_of(self._from) / DAY) + 3) % 7

    def _level(self, first: int, last: int, offsets: Int64) -> Floats:
        """Give how the day of the stretch compares with each other day, by what lies within 12 hours around it."""
        half = self._active.bins_a_day // 2

        def around(offset: Int64) -> Floats:
            low = np.clip(max(first - half, self._from) + offset, self._from, self._to)
            high = np.clip(min(last + half, self._to) + offset, self._from, self._to)
            inside = self._busy[last + offset] - self._busy[first + offset]
            return np.asarray(self._busy[high] - self._busy[low] - inside, np.float64)

        here, there = around(np.zeros(1, np.int64))[0], around(offsets)
        return np.asarray(np.clip((here + 20) / (there + 20), 0.5, 2.0), np.float64)

    def _nearby(self, first: int, last: int, offsets: Int64) -> float:
        """Give how active the number is right before and after the stretch, against other days, at most 1.

        Where it is hardly active there either, it is a quiet day: its few events show that the log goes on.
        """
        hour = self._active.bins_a_day // 24
        width = min(max(last - first, 2 * hour), 12 * hour)
        levels = [1.0]
        for low, high in ((max(first - width, self._from), first), (last, min(last + width, self._to))):
            here, *there = (
                self._busy[np.clip(high + days, self._from, self._to)]
                - self._busy[np.clip(low + days, self._from, self._to)]
                for days in (np.zeros(1, np.int64), offsets)
            )
            levels.append(float((here[0] + 2) / (there[0].mean() + 2)))
        return min(levels)

    def _witnesses(self, last: int) -> tuple[int, ...]:
        """Find the orphans of the number that come to light soon after the stretch."""
        own = self._orphans
        after = self._seen.at[own] - self._active.instant_of(last)
        near = np.where(self._seen.read_only[own], WITNESS_READ, WITNESS_DELIVERED)
        return tuple(own[(after >= 0) & (after < near)].tolist())


def _without_bursts(busy: Floats) -> Floats:
    """Thin hours of days alike (`[day, hour, bin]`) far livelier than on the others: a campaign is no habit."""
    hours = busy.sum(axis=2)
    others = (hours.sum(axis=0) - hours) / max(1, len(hours) - 1)
    most = 2 * others + _BURST
    thinned = busy * np.minimum(1.0, most / np.maximum(hours, 1.0))[:, :, None]
    return np.asarray(thinned.reshape(len(busy), -1), np.float64)


def _together(usual: Floats, empty: int) -> float:
    """Give how many events must come together for so many places of this usual activity to be empty by chance."""
    low, high = 1.0, 100.0
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if np.exp(-usual / middle).sum() < empty else (low, middle)
    return low

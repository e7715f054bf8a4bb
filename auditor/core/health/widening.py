"""How far the gaps of a log widen the expected range (formats.md §6, pricing.md §10); the central amount never moves.

The rule, in words: what was lost is lost once more on purpose, elsewhere in the same log, and what that does to the
total is what the gap did to it.

- A number's silent stretch (`silence.py`), or one in which no message begins: the same hours of other days are taken
  out, one day at a time, of days that would have left about as many messages without their beginning. The mean loss per
  event, times the events that are usual in the stretch, give or take what days differ by. Days with a campaign count
  where one may be expected in the stretch and would have left no more such messages; where no ordinary day leaves as
  many as there are, a campaign was in the gap, and stretches that hold one elsewhere are taken out.
- Events lost at random: of messages seen as delivered, the share without `sent` is the share of events lost. It is
  taken out again, once and twice over, many times; a line through none, once and twice leads back to the whole log.

A number is charged anew with those it shares an edge with (`sharing.py`). Where an allowance ends among the events that
are missing, as many units are taken for used up beforehand: what is lost then costs what the missing ones would have.

Everything is an estimate with a margin of two and a half standard errors. A log without these traces is not widened: it
may have lost events at random nevertheless only if it never holds `sent`.
"""

import math
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from functools import reduce
from typing import Any
from typing import Protocol

import numpy as np
import numpy.typing as npt

from auditor.core.health.activity import Activity
from auditor.core.health.activity import Statuses
from auditor.core.health.sharing import Sharing
from auditor.core.health.silence import IMPOSSIBLE
from auditor.core.health.silence import WITNESS_DELIVERED
from auditor.core.health.silence import WITNESS_READ
from auditor.core.health.silence import Silence
from auditor.core.health.silence import silences
from auditor.core.health.silence import without_beginnings
from auditor.core.kinds import FAILED
from auditor.core.kinds import OUTBOUND
from auditor.core.money import ZERO as _ZERO
from auditor.core.records import Account
from auditor.core.results import Allowance
from auditor.core.rows import Rows
from auditor.core.rows import in_memory
from auditor.core.tables import NEVER
from auditor.core.tables import Bools
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.timeline import DAY

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_TIMES = ("sent", "delivered", "read")
_MARGIN = Decimal("2.5")  # standard errors on the side that is asked for
_SEED = 20_220_201  # the same losses every time: an audit made again gives the same figures
_FEWEST_ORPHANS = 2
NOT_KEPT = 0.2  # a log where more than this lack `sent` does not keep them
_MOST_ROWS = 1_000_000
_ROWS_REPLAYED = 3_000_000
_REPLAYS = 60
_MOST_DAYS, _FEWEST_LOSSES, _MOST_LOSSES = 10, 3, 25
_NUMBERS_APART, _GAPS_APART = 8, _REPLAYS // _FEWEST_LOSSES
_FEWEST_ALIKE = 5
_MATCH = 2.5
_LATEST = np.iinfo(np.int64).max
_ENOUGH_READ = 10
_UNEXPECTED = 0.05  # so many campaigns are none


class Replay(Protocol):
    """Charges a log with fewer events under the audit's own terms and gives the exact total of the period."""

    def __call__(self, messages: Messages, drawn: int, weight: int) -> Decimal:
        """Take `drawn` units for used up of every allowance, and each user for `weight` users."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one gap did to the expected total: how far the truth may lie below and above it.

    A `block` lies within `[first, last)` of one number; a `loss` at random has no number and falls on the whole period.
    """

    kind: str
    number: str
    first: int
    last: int
    missing: int
    traces: int
    below: Decimal
    above: Decimal


class _Loser:
    """Loses parts of a log and tells what that does to its total. Each user stands for `weight` users."""

    def __init__(self, messages: Messages, weight: int, replay: Replay) -> None:
        self.messages, self.weight = messages, weight
        self.times = np.stack([getattr(messages, name) for name in _TIMES], axis=1)
        self._replay = replay
        self._before: dict[int, Decimal] = {}

    @cached_property
    def message(self) -> Ints:
        """Give each row the number of its message."""
        return np.asarray(np.unique(self.messages.id_hash, return_inverse=True)[1], np.intp)

    def loss(self, dropped: Bools, drawn: int = 0) -> Decimal:
        """Give by how much the total sinks without the dropped events (`[row, time]`, in the order of `_TIMES`)."""
        if drawn not in self._before:
            self._before[drawn] = self._replay(self.messages, drawn, self.weight)
        return self._before[drawn] - self._replay(without(self.messages, dropped), drawn, self.weight)

    def units(self, events: float) -> int:
        """Give how many units so many events are at most: as many as they have messages of ours that were delivered."""
        delivered = np.sum(((self.messages.kind & OUTBOUND) != 0) & (self.times[:, 1:] != NEVER).any(axis=1))
        return math.ceil(events * float(delivered) / max(1, int((self.times != NEVER).sum())))


def without(messages: Messages, dropped: Bools) -> Messages:
    """Give a log without some of its events (`[row, time]`); a row without any event left is gone."""
    times: dict[str, Any] = {
        name: np.where(dropped[:, n], NEVER, getattr(messages, name)) for n, name in enumerate(_TIMES)
    }
    left = (messages.failed != NEVER) | ((messages.kind & FAILED) != 0)
    for column in times.values():
        left |= column != NEVER
    return _chosen(replace(messages, **times), left)


def _chosen(messages: Messages, chosen: Bools) -> Messages:
    """Give some rows of a log."""
    columns = {one.name: getattr(messages, one.name) for one in fields(messages)}
    some: dict[str, Any] = {name: all_[chosen] for name, all_ in columns.items() if isinstance(all_, np.ndarray)}
    return replace(messages, **some)


def sample_weight(rows: int) -> int:
    """Tell of how many users one is looked at, in a log of so many rows."""
    return -(-rows // _MOST_ROWS)


def of_some_users(user: Int64, weight: int) -> Bools:
    """Choose every `weight`-th user by a hash."""
    mixed = user.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray((mixed >> np.uint64(40)) % np.uint64(weight) == 0)


def _some_users(rows: Rows, weight: int) -> Messages:
    """Give every `weight`-th user's messages: whole threads, from all over the log."""
    if weight == 1:
        return rows.whole()

    def chosen() -> Iterator[Mapping[str, npt.NDArray[Any]]]:
        for batch in rows.batches():
            own = of_some_users(batch["user"], weight)
            yield {name: column[own] for name, column in batch.items()}

    return in_memory(rows, chosen())


def estimates(
    rows: Rows, active: Activity, seen: Statuses, account: Account, counters: Sequence[Allowance], replay: Replay
) -> tuple[Estimate, ...]:
    """Estimate what every gap of a log did to its total. Without a trace of one nothing is replayed.

    `counters` are the log's own, of every month.
    """
    gaps = silences(active, seen)
    whole = without_beginnings(active, seen, gaps)
    if whole != gaps and _rows_are_messages(rows):
        gaps = whole
    share, counted = _lost_share(active, seen, gaps)
    if not gaps and not share:
        return ()
    weight = sample_weight(len(rows))
    messages = _some_users(rows, weight)
    sharing = Sharing(counters, gaps, active, rows.numbers, account)
    sets = sharing.sets(messages)
    every = _Loser(messages, weight, replay)
    mates: dict[tuple[int, ...], list[Silence]] = {}
    for gap in gaps:
        mates.setdefault(tuple(np.unique(sets[messages.number == gap.number]).tolist()), []).append(gap)
    days = max(_FEWEST_LOSSES, min(_MOST_DAYS, _REPLAYS // max(1, len(gaps))))
    found: list[Estimate] = []
    for own, some in mates.items():
        chosen = np.isin(sets, own)
        loser = every if chosen.all() else _Loser(_chosen(messages, chosen), weight, replay)
        found += _blocks(some, loser, active, days, loser.units(max(sharing.near(gap.number) for gap in some)))
    order = {number: n for n, number in enumerate(rows.numbers)}
    found.sort(key=lambda one: (order[one.number], one.first))
    return (*found, _at_random(share, counted, every, active)) if share else tuple(found)


def _rows_are_messages(rows: Rows) -> bool:
    """Tell whether a row holds all that became of a message: a webhook's log has a row for each of its events."""
    return any((np.sum([batch[name] != NEVER for name in _TIMES], axis=0) > 1).any() for batch in rows.batches())


# A number's silent stretch -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Trials:
    """How a gap is lost once more: the stretches `[start, end)` of other days, what of their events goes (`_inside`).

    `left` are the witnesses that each would have left, `usual` the events expected in the gap, give or take `spread`.
    """

    gap: Silence
    stretches: Sequence[tuple[int, int]]
    whole: bool
    left: Floats
    usual: Decimal
    spread: Decimal

    @classmethod
    def of(cls, gap: Silence, loser: _Loser, active: Activity, most_days: int) -> "_Trials":
        """Choose the days."""
        rows_are_messages = bool(np.any(np.sum(loser.times != NEVER, axis=1) > 1)) and not gap.witnesses
        ends = gap.last == active.last[gap.number] and not active.goes_on[gap.number, 1]
        whole, seen = rows_are_messages or ends or gap.whole, max(0, round(len(gap.witnesses) - gap.stray))
        offsets, events, ordinary = np.array(gap.others), np.array(gap.events), ~np.array(gap.lively)
        left = np.zeros(len(offsets)) if whole else _left_witnesses(gap, offsets, loser, active)
        after, happened = (np.array([one[n] for one in gap.campaigns]) for n in (0, 1))
        left_after = np.zeros(len(after)) if whole else _left_witnesses(gap, after, loser, active)
        if seen > _most_left(left) and len(after):
            offsets, events, left = after, happened, left_after
        elif ordinary.sum() >= _FEWEST_LOSSES and seen <= _most_left(left[ordinary]):
            # A campaign in the gap would have left witnesses, unless it was sent long before its end.
            unseen = np.mean(left_after - _MATCH * np.sqrt(left_after + 1) <= seen) if len(after) else 1.0
            if gap.campaigns_expected * unseen < _UNEXPECTED:
                offsets, events, left = offsets[ordinary], events[ordinary], left[ordinary]
        alike = _alike(left, seen)
        stretches = [
            (active.instant_of(gap.first + offset), active.instant_of(gap.last + offset))
            for offset in offsets[alike][:most_days].tolist()
        ]
        return cls(gap, stretches, whole, left[alike], *_usual(events[alike]))

    def dropped(self, trial: int, loser: _Loser) -> Bools:
        """Mark the events of one of the stretches, over and over again."""
        start, end = self.stretches[trial % len(self.stretches)]
        own = loser.messages.number == self.gap.number
        return _inside(loser.times, loser.message, own, start, end, whole=self.whole)


def _blocks(some: Sequence[Silence], loser: _Loser, active: Activity, most_days: int, drawn: int) -> list[Estimate]:
    """Take the same hours of other days out, for each gap of numbers that hang together.

    Where these are very many, a day of each is lost at a time, and the loss is shared out by events.
    """
    trials = [_Trials.of(gap, loser, active, most_days) for gap in some]
    together = len({gap.number for gap in some}) > _NUMBERS_APART and len(some) > _GAPS_APART
    groups = [trials] if together else [[one] for one in trials]
    found = []
    for group in groups:
        losses, events = [], []
        for trial in range(max(len(one.stretches) for one in group)):
            dropped = reduce(np.logical_or, (one.dropped(trial, loser) for one in group))
            losses.append(loser.loss(dropped, drawn))
            events.append(int(dropped.sum()))
        found += [_block(one, losses, events, loser, active) for one in group]
    return [one for one in found if one is not None]


def _block(
    trials: _Trials, losses: Sequence[Decimal], events: Sequence[int], loser: _Loser, active: Activity
) -> Estimate | None:
    """Estimate a gap by what was lost on purpose; None if other days left witnesses that are missing here."""
    gap, usual = trials.gap, trials.usual
    if not sum(events) or (not gap.witnesses and _is_real(gap, float(trials.left.mean()))):
        return None
    scale = usual / sum(events)
    rate = sum(losses, _ZERO) / sum(events)
    rest = sum(((loss - rate * count) ** 2 for loss, count in zip(losses, events, strict=True)), _ZERO)
    rest *= scale * (1 + Decimal(1) / len(losses)) * len(losses) / (len(losses) - 1)
    below, above = _range(rate * usual, ((rate * trials.spread) ** 2 + rest).sqrt(), losses)
    return Estimate(
        "block", loser.messages.numbers[gap.number], active.instant_of(gap.first), active.instant_of(gap.last),
        round(usual), len(gap.witnesses), below, above,
    )  # fmt: skip


def _usual(events: Floats) -> tuple[Decimal, Decimal]:
    """Give how many events are expected where other days had so many, and by how much one day differs from that."""
    spread = np.sqrt((events.var(ddof=1) + events.mean()) * (1 + 1 / len(events)))
    return Decimal(float(events.mean())), Decimal(float(spread))


def _is_real(gap: Silence, expected: float) -> bool:
    """Tell whether a silence that left no witnesses, where so many are expected, is likelier real than a gap."""
    return gap.chance * math.exp(min(expected, 50.0)) > IMPOSSIBLE


def _most_left(left: Floats) -> float:
    """Give how many witnesses such days leave at most."""
    return float((left + _MATCH * np.sqrt(left + 1)).max(initial=0.0))


def _alike(left: Floats, seen: int) -> Ints:
    """Choose the days that would have left about as many witnesses; where these are few, those that left more as well.

    A campaign shows in the messages that are read after it, also where its sending is not in the log.
    """
    off = np.abs(left - seen)
    near = off <= _MATCH * np.sqrt(left + 1)
    if near.sum() < _FEWEST_ALIKE:
        near |= (left > seen) & (off <= 2 * _MATCH * np.sqrt(left + 1))
    if near.sum() < _FEWEST_LOSSES:
        near[np.argsort(off, kind="stable")[:_FEWEST_LOSSES]] = True
    return np.flatnonzero(near)


def _inside(times: Int64, message: Ints, own: Bools, start: int, end: int, *, whole: bool) -> Bools:
    """Mark the events of a number in a stretch; `whole`: what begins in it goes with all its later events."""
    if not whole:
        return np.asarray(own[:, None] & (times >= start) & (times < end))
    first = np.full(int(message.max(initial=-1)) + 1, _LATEST)
    np.minimum.at(first, message, np.where(times == NEVER, _LATEST, times).min(axis=1))
    begins = first[message]
    return np.asarray((own & (begins >= start) & (begins < end))[:, None] & (times != NEVER))


def _left_witnesses(gap: Silence, offsets: Ints, loser: _Loser, active: Activity) -> Floats:
    """Count, for each other stretch, the orphans there would be had its events been lost (`silence.py`)."""
    log = loser.messages
    own = np.flatnonzero((log.number == gap.number) & ((log.kind & OUTBOUND) != 0))
    place = loser.message[own]
    sent, delivered, read = (np.full(int(place.max(initial=-1)) + 1, _LATEST) for _ in range(3))
    for n, earliest in enumerate((sent, delivered, read)):
        times = loser.times[own, n]
        np.minimum.at(earliest, place[times != NEVER], times[times != NEVER])
    counts = []
    for offset in offsets.tolist():
        start, end = active.instant_of(gap.first + offset), active.instant_of(gap.last + offset)
        began = (sent >= start) & (sent < end)
        still = (delivered >= end) & (delivered < end + WITNESS_DELIVERED)
        unseen = ((delivered < end) | (delivered == _LATEST)) & (read >= end) & (read < end + WITNESS_READ)
        counts.append(int(np.sum(began & (still | unseen))) * loser.weight)
    return np.array(counts, np.float64)


# Events lost at random -----------------------------------------------------------------------------------------------


def _lost_share(active: Activity, seen: Statuses, gaps: Sequence[Silence]) -> tuple[float, int]:
    """Give the share of events lost at random, and the orphans it is measured by (0, 0: no trace of any).

    Only messages seen delivered count: a `read` may come days later. Left out are the days at the beginning, and those
    of a number's silence and after it, on which messages sent before the log, or in the silence, may be delivered.
    """
    days = seen.delivered.shape[1]
    day = (seen.at - active.start) // DAY
    late = min(-(-seen.longest // DAY), days // 2)
    counted = np.ones(seen.delivered.shape, np.bool_)
    counted[:, :late] = False
    for gap in gaps:
        counted[gap.number, gap.first // active.bins_a_day : gap.last // active.bins_a_day + late + 1] = False
    chosen = np.flatnonzero(~seen.read_only & (day >= 0) & (day < days))
    orphans = int(counted[seen.number[chosen], day[chosen]].sum())
    delivered = int(seen.delivered[counted].sum())
    share = orphans / delivered if delivered else 0.0
    if orphans < _FEWEST_ORPHANS or share > NOT_KEPT:
        return 0.0, 0
    # What loses `sent` by chance loses `delivered` as well: where hardly any is missing, the log is made that way.
    expected = seen.read * share
    if expected >= _ENOUGH_READ and seen.skipped < expected / 3:
        return 0.0, 0
    return share, orphans


def _at_random(share: float, orphans: int, loser: _Loser, active: Activity) -> Estimate:
    """Lose the same share again, once and twice over; every event is lost in about one of the trials alike."""
    chance = np.random.default_rng(_SEED).random(loser.times.shape)
    trials = max(_FEWEST_LOSSES, min(_MOST_LOSSES, _ROWS_REPLAYED // max(1, len(chance))))
    once, twice = [], []
    for trial in range(trials):
        turned = (chance + trial / trials) % 1
        once.append(loser.loss(turned < share))
        twice.append(loser.loss(turned < 1 - (1 - share) ** 2))
    # Through the totals at none, once and twice the loss, back to minus once: 3 f(0) - 3 f(1) + f(2).
    back = [3 * one - two for one, two in zip(once, twice, strict=True)]
    centre = sum(back, _ZERO) * loser.weight / trials
    variance = _variance(once) * loser.weight + _variance(back) * loser.weight**2 / trials + centre**2 / orphans
    below, above = _range(centre, variance.sqrt(), once)
    events = int((loser.times != NEVER).sum()) * loser.weight
    return Estimate(
        "loss", "", active.instant_of(0), active.instant_of(active.counts.shape[1]),
        round(events * share / (1 - share)), orphans, below, above,
    )  # fmt: skip


# Figures -------------------------------------------------------------------------------------------------------------


def _variance(values: Sequence[Decimal]) -> Decimal:
    mean = sum(values, _ZERO) / len(values)
    return sum(((value - mean) ** 2 for value in values), _ZERO) / (len(values) - 1)


def _range(centre: Decimal, deviation: Decimal, seen: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Give how far the truth may lie below and above; below only where a loss was ever seen to raise the total."""
    below = max(_ZERO, _MARGIN * deviation - centre) if min(seen) < 0 else _ZERO
    above = max(_ZERO, centre + _MARGIN * deviation) if max(seen) > 0 else _ZERO
    return below, above

"""From log rows to threads: duplicates become one message, messages fall into threads in the order of delivery.

Rows are scattered into partitions by a hash of (business number, user), so that a partition holds whole threads and
fits the cache; partitions do not know each other and can be done in any order, on any machine (architecture.md §3).
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.alike import value_at
from auditor.core.groups import GroupWindows
from auditor.core.groups import group_events
from auditor.core.groups import group_windows
from auditor.core.groups import mark_shared
from auditor.core.groups import mixed_ids
from auditor.core.groups import shared_ids
from auditor.core.kinds import APP
from auditor.core.kinds import GROUP
from auditor.core.kinds import ORIGIN_MASK
from auditor.core.kinds import ORIGIN_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import REFERRAL
from auditor.core.merging import merge
from auditor.core.merging import settle
from auditor.core.merging import spread_statuses
from auditor.core.rows import ROW_KINDS
from auditor.core.rows import Rows
from auditor.core.scattering import Scattering
from auditor.core.scattering import place_of
from auditor.core.scattering import spread
from auditor.core.scattering import spread_numbers
from auditor.core.tables import NEVER
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import UInt16
from auditor.core.tables import UInt64

_ROWS_IN_A_PARTITION = 40_000
_WALKED_TOGETHER = 8  # partitions
_INSERTION_SORT_UP_TO = 32
_NAMES_REMEMBERED = 100_000

Watch = Callable[[Mapping[str, npt.NDArray[Any]]], None]
Names = Callable[[Int64], Sequence[tuple[str, str]]]
"""Gives message id and user of rows of `Messages` as text: ties in time are broken by them (pricing.md §1)."""

Ranked = Callable[[Int64], Int64]
"""Gives the order of rows of the log by message id, then user: of rows of one thread by message id alone."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Whole threads, ready to be walked: positions in `Folded` of delivered messages, and times of inbound ones.

    Thread t has the delivered outbound messages `outbound[outbound_first[t]:outbound_first[t + 1]]` in order of
    (delivery, id), the inbound times `inbound[...]` that open its window, and those with a referral.
    """

    outbound: Int64
    outbound_first: Int64
    inbound: Int64
    inbound_first: Int64
    referral: Int64
    referral_first: Int64


@dataclass(frozen=True, slots=True)
class Folded:
    """Messages without duplicates (formats.md §1), in partitions of whole threads. Columns as in `Messages`.

    Of `waba`, `country`, `expires`, `paid`, `limit`, `logged` and `group` any may be alike in all rows (`alike`).

    `row` is the first row of the message; `billed` its delivery (`NEVER`: not delivered); `group` is the place of its
    group's window in `group_first` (-1: none), whose inbound times are `group_times`. `live` marks the places that hold
    a message: duplicates leave empty ones behind, and what was sent by hand from the app is left out.
    """

    live: npt.NDArray[np.bool_]
    row: Int32
    number: Int32
    waba: Int16
    user: Int64
    country: Int16
    kind: UInt16
    sent: Int64
    billed: Int64
    expires: Int64
    paid: Int32
    limit: Int32
    logged: UInt16
    group: Int32
    group_first: Int64
    group_times: Int64
    partitions: tuple[Partition, ...]
    tells_templates: bool


@njit(cache=True, nogil=True)
def _sort_by_time(items: Int64, first: int, last: int, times: Int64, then: Int64) -> None:
    """Sort `items[first:last]` by (time, then), stably; a log is nearly in order, so insertion is tried first."""
    if last - first <= _INSERTION_SORT_UP_TO:
        for i in range(first + 1, last):
            item = items[i]
            j = i - 1
            while j >= first and (
                times[items[j]] > times[item] or (times[items[j]] == times[item] and then[items[j]] > then[item])
            ):
                items[j + 1] = items[j]
                j -= 1
            items[j + 1] = item
        return
    part = items[first:last].copy()
    part = part[np.argsort(then[part], kind="mergesort")]
    part = part[np.argsort(times[part], kind="mergesort")]
    items[first:last] = part


@njit(cache=True, nogil=True)
def _group_by_thread(thread: Int32, chosen: Int64, threads: int) -> tuple[Int64, Int64]:
    """Give `chosen` (positions) in order of thread, stably, and where each thread begins."""
    first = np.zeros(threads + 1, np.int64)
    for item in chosen:
        first[thread[item] + 1] += 1
    for t in range(threads):
        first[t + 1] += first[t]
    place = first[:-1].copy()
    items = np.empty(len(chosen), np.int64)
    for item in chosen:
        items[place[thread[item]]] = item
        place[thread[item]] += 1
    return items, first


@njit(cache=True, nogil=True)
def _arrange(
    chunks: Int64,
    count: int,
    threads: int,
    thread: Int32,
    kind: UInt16,
    sent: Int64,
    billed: Int64,
    turn: Int64,
    group: Int32,
) -> tuple[Int64, Int64, Int64, Int64, Int64, Int64]:
    """Sort a partition's messages into its threads: see `Partition`."""
    outbound = np.empty(count, np.int64)
    opening = np.empty(count, np.int64)
    referral = np.empty(count, np.int64)
    n_out, n_in, n_ref = 0, 0, 0
    for n in range(count):
        o = place_of(chunks, n)
        if kind[o] & OUTBOUND:
            if billed[o] != NEVER and (kind[o] & ORIGIN_MASK) >> ORIGIN_SHIFT != APP:
                outbound[n_out] = o
                n_out += 1
        else:
            if value_at(group, o) < 0:
                opening[n_in] = o
                n_in += 1
            if kind[o] & REFERRAL:
                referral[n_ref] = o
                n_ref += 1
    out, out_first = _group_by_thread(thread, outbound[:n_out], threads)
    inn, in_first = _group_by_thread(thread, opening[:n_in], threads)
    ref, ref_first = _group_by_thread(thread, referral[:n_ref], threads)
    for t in range(threads):
        _sort_by_time(out, out_first[t], out_first[t + 1], billed, turn)
        _sort_by_time(inn, in_first[t], in_first[t + 1], sent, sent)
        _sort_by_time(ref, ref_first[t], ref_first[t + 1], sent, sent)
    return out, out_first, sent[inn], in_first, sent[ref], ref_first


@njit(cache=True, nogil=True)
def _tied(outbound: Int64, first: Int64, billed: Int64, turn: Int64) -> Int64:
    """Give the places in `outbound` of messages that tie in (delivery, turn) with a neighbour of their thread."""
    found = np.empty(len(outbound), np.int64)
    n = 0
    for t in range(len(first) - 1):
        for k in range(first[t], first[t + 1]):
            here = outbound[k]
            before = k > first[t] and _same(outbound[k - 1], here, billed, turn)
            after = k + 1 < first[t + 1] and _same(outbound[k + 1], here, billed, turn)
            if before or after:
                found[n] = k
                n += 1
    return found[:n]


@njit(cache=True, nogil=True)
def _same(a: int, b: int, billed: Int64, turn: Int64) -> bool:
    return bool(billed[a] == billed[b] and turn[a] == turn[b])


def remembered(names: Names, known: dict[int, tuple[str, str]]) -> Names:
    """Give names of rows, asked for once as long as they are few: `known` keeps them."""

    def again(rows: Int64) -> Sequence[tuple[str, str]]:
        missing = [row for row in dict.fromkeys(rows.tolist()) if row not in known]
        if len(known) + len(missing) > _NAMES_REMEMBERED:
            return names(rows)
        if missing:
            known.update(zip(missing, names(np.array(missing, np.int64)), strict=True))
        return [known[row] for row in rows.tolist()]

    return again


def ranked_by(names: Names) -> Ranked:
    """Rank rows by their texts, asking for those of the given rows alone."""

    def ranked(rows: Int64) -> Int64:
        keys = names(rows)
        ranks = np.empty(len(keys), np.int64)
        ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
        return ranks

    return ranked


def _break_ties(parts: Sequence[Partition], row: Int32, billed: Int64, turn: Int64, ranked: Ranked) -> None:
    """Put tied messages in order of their ids, in place; the ids are asked for all at once."""
    places = [_tied(part.outbound, part.outbound_first, billed, turn) for part in parts]
    tied = np.concatenate([part.outbound[own] for part, own in zip(parts, places, strict=True)])
    ranks = ranked(row[tied].astype(np.int64)) if len(tied) else tied
    done = 0
    for part, own in zip(parts, places, strict=True):
        here = part.outbound[own]
        thread = np.searchsorted(part.outbound_first, own, side="right")
        part.outbound[own] = here[np.lexsort((ranks[done : done + len(own)], turn[here], billed[here], thread))]
        done += len(own)


def _scattered(
    rows: Rows, scattering: Scattering, pool: ThreadPoolExecutor, watchers: Sequence[Watch]
) -> dict[str, npt.NDArray[Any]]:
    """Read the rows batch by batch, each straight to the end of its partition. Places of no row hold zeros."""
    table: dict[str, npt.NDArray[Any]] = {
        name: np.array([rows.constants[name]], kind) if name in rows.constants else np.zeros(scattering.room, kind)
        for name, kind in ROW_KINDS.items()
        if name not in {"delivered", "read"}
    }
    table["billed"] = np.zeros(scattering.room, np.int64)
    table["row"] = np.zeros(scattering.room, np.int32)
    varying = [name for name in table if name not in rows.constants]
    plain = [name for name in varying if name not in {"kind", "billed", "row"}]
    at = 0
    for batch in rows.batches():
        count = len(batch["user"])
        beside = [pool.submit(watch, batch) for watch in watchers]
        place = scattering.take(batch["number"], batch["user"])
        beside += [pool.submit(spread, batch[name], place, table[name]) for name in plain]
        beside.append(pool.submit(spread_numbers, at, place, table["row"]))
        statuses = (batch["kind"], batch["delivered"], batch["read"])
        beside.append(pool.submit(spread_statuses, *statuses, place, table["kind"], table["billed"]))
        for one in beside:
            one.result()
        at += count
    return {name: column[: scattering.size] if name in varying else column for name, column in table.items()}


@dataclass(frozen=True, slots=True)
class Merged:
    """A log's rows merged into messages, `table` in partitions that have these `chunks`, not in threads yet.

    `counts` are the messages and threads of each partition, `thread` each message's; the rest is as in `Folded`.
    """

    table: dict[str, npt.NDArray[Any]]
    chunks: Sequence[Int64]
    counts: Sequence[tuple[int, int]]
    thread: Int32
    merged_into: Int32
    live: npt.NDArray[np.bool_]
    tells_templates: bool

    def mixed_ids(self) -> UInt64:
        """Give one word for number and id of each outbound message."""
        return mixed_ids(self.live, self.table["id_hash"], self.table["number"], self.table["kind"])

    def group_events(self, groups: int) -> tuple[Int64, Int64]:
        """Give key and time of every inbound message in one of so many groups."""
        t = self.table
        return group_events(t["number"], t["group"], t["kind"], t["sent"], groups)

    def mark_groups(self, shared: UInt64) -> None:
        """Set `GROUP` on outbound messages with a group id or with several users under one id (pricing.md §8).

        `shared` are the words of such ids, of the whole log: those of the messages are not wanted from then on.
        """
        group, kind = self.table["group"], self.table["kind"]
        if len(shared):
            mark_shared(self.live, self.table["id_hash"], self.table["number"], kind, shared)
        del self.table["id_hash"]
        members = np.flatnonzero(group >= 0)
        kind[members[self.live[members] & (kind[members] & OUTBOUND != 0)]] |= GROUP


@dataclass(frozen=True, slots=True)
class Common:
    """What is to be known of all threads before any is complete: ids of several users, windows of groups.

    `tells_templates` says whether any message tells that it is a template.
    """

    shared: UInt64
    windows: GroupWindows
    tells_templates: bool


def merged(rows: Rows, pool: ThreadPoolExecutor, watchers: Sequence[Watch] = ()) -> Merged:
    """Merge the rows of a log, or of whole threads of it."""
    n = len(rows)
    bits = max(0, int(np.ceil(np.log2(max(1, n / _ROWS_IN_A_PARTITION)))))
    scattering = Scattering(n, bits)
    t = _scattered(rows, scattering, pool, watchers)
    size = scattering.size
    thread, merged_into, live = np.empty(size, np.int32), np.empty(n, np.int32), np.empty(size, np.bool_)

    def one(chunks: Int64, count: int) -> tuple[int, int, bool]:
        messages, threads = merge(
            chunks, count, t["row"], t["number"], t["waba"], t["user"], t["country"], t["group"],
            t["id_hash"], t["kind"], t["sent"], t["billed"], t["expires"], t["paid"], t["limit"], t["logged"],
            thread, merged_into,
        )  # fmt: skip
        told = settle(chunks, messages, t["group"], t["kind"], t["sent"], t["billed"], live)
        return messages, threads, told

    partitions = scattering.partitions()
    found = list(pool.map(one, *zip(*partitions, strict=True)))
    chunks, counts = [own for own, _ in partitions], [one[:2] for one in found]
    return Merged(t, chunks, counts, thread, merged_into, live, any(one[2] for one in found))


def arranged(m: Merged, until: Int64, pool: ThreadPoolExecutor) -> tuple[Partition, ...]:
    """Arrange messages in threads, but for ties; `until` as in `fold`."""
    t, turn = m.table, _turn(m, until)

    def one(p: int) -> Partition:
        return Partition(
            *_arrange(m.chunks[p], *m.counts[p], m.thread, t["kind"], t["sent"], t["billed"], turn, t["group"])
        )

    return tuple(pool.map(one, range(len(m.counts))))


def _turn(m: Merged, until: Int64) -> Int64:
    """Give what comes before the id where two messages are billed at once.

    Where nothing does, the instant itself stands for it, and no more memory is wanted.
    """
    waba, billed = m.table["waba"], m.table["billed"]
    return _turns(waba, billed, m.table["sent"], until) if _early(waba, billed, until) else billed


@njit(cache=True, nogil=True)
def _early(waba: Int16, billed: Int64, until: Int64) -> int:
    """Count the messages billed while the time of sending still came before the id."""
    found = 0
    for o in range(len(billed)):
        found += billed[o] != NEVER and billed[o] < until[value_at(waba, o)]
    return found


@njit(cache=True, nogil=True)
def _turns(waba: Int16, billed: Int64, sent: Int64, until: Int64) -> Int64:
    """Give what comes before the id: the time of sending while that was so."""
    turn = np.zeros(len(billed), np.int64)
    for o in range(len(billed)):
        if billed[o] < until[value_at(waba, o)]:
            turn[o] = sent[o]
    return turn


def tied_rows(m: Merged, parts: Sequence[Partition], until: Int64) -> Int64:
    """Give the rows of messages, as `arranged`, whose order in their thread hangs on their ids."""
    billed, turn = m.table["billed"], _turn(m, until)
    places = [part.outbound[_tied(part.outbound, part.outbound_first, billed, turn)] for part in parts]
    return np.asarray(m.table["row"][np.concatenate(places)], np.int64)


def complete(
    m: Merged, partitions: tuple[Partition, ...], common: Common, groups: int, until: Int64, ranked: Ranked
) -> Folded:  # fmt: skip
    """Give marked and `arranged` messages their groups' windows and break ties, in place; `m` is used up."""
    t = m.table
    window = common.windows.of(t["number"], t.pop("group"), groups)
    _break_ties(partitions, t["row"], t["billed"], _turn(m, until), ranked)
    several = tuple(
        _together(partitions[first : first + _WALKED_TOGETHER]) for first in range(0, len(partitions), _WALKED_TOGETHER)
    )
    return Folded(
        **t, live=m.live, group=window, group_first=common.windows.first,
        group_times=common.windows.times, partitions=several, tells_templates=common.tells_templates,
    )  # fmt: skip


def _together(parts: Sequence[Partition]) -> Partition:
    """Put partitions together that were merged and arranged apart, so as to fit the cache.

    They are walked one after another all the same, but in one call: between two, each thread asks for the interpreter,
    and so does a window, which had to wait for three others.
    """
    if len(parts) == 1:
        return parts[0]
    columns = []
    for items, firsts in (("outbound", "outbound_first"), ("inbound", "inbound_first"), ("referral", "referral_first")):
        some = [getattr(part, items) for part in parts]
        ends = np.cumsum([0, *map(len, some)])
        begins = [getattr(part, firsts)[:-1] + end for part, end in zip(parts, ends.tolist(), strict=False)]
        columns += [np.concatenate(some), np.concatenate([*begins, ends[-1:]])]
    return Partition(*columns)


def fold(
    rows: Rows, ranked: Ranked, sent_orders_until: Int64, watchers: Sequence[Watch] = ()
) -> tuple[Folded, Int32]:  # fmt: skip
    """Merge duplicates and arrange the log in threads; also give, for each row, its message's place in the result.

    `watchers` are shown every batch of rows in passing, so that nobody has to read them again.

    Messages delivered in one instant are in order of their ids; before `sent_orders_until` of their WABA (the end of
    conversation-v1) the time of sending goes before the id (pricing.md §3).
    """
    with ThreadPoolExecutor(cpu_count()) as pool:
        m, groups = merged(rows, pool, watchers), len(rows.groups)
        shared = shared_ids([m.mixed_ids()])
        common = Common(shared, group_windows([m.group_events(groups)]), m.tells_templates)
        m.mark_groups(shared)
        partitions = arranged(m, sent_orders_until, pool)
        return complete(m, partitions, common, groups, sent_orders_until, ranked), m.merged_into

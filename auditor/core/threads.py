"""From log rows to threads: duplicates become one message, messages fall into threads in the order of delivery.

Rows are scattered into partitions by a hash of (business number, user), so that a partition holds whole threads and
fits the cache; partitions do not know each other and can be done in any order, on any machine (architecture.md §3).
"""

from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.kinds import APP
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import GROUP
from auditor.core.kinds import ORIGIN_MASK
from auditor.core.kinds import ORIGIN_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import READ_ONLY
from auditor.core.kinds import REFERRAL
from auditor.core.merging import merge as merge_rows
from auditor.core.merging import scatter
from auditor.core.merging import spread
from auditor.core.tables import NEVER
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.tables import UInt16
from auditor.core.tables import UInt64

_ROWS_IN_A_PARTITION = 40_000
_INSERTION_SORT_UP_TO = 32
# The columns of `Messages` in the order in which the merging kernel takes them, the row before them.
_MERGED = (
    "number", "waba", "user", "country", "group", "id_hash", "kind", "sent", "delivered", "read", "failed", "expires",
    "paid", "limit", "logged",
)  # fmt: skip

Names = Callable[[Int64], Sequence[tuple[str, str]]]
"""Gives message id and user of rows of `Messages` as text: ties in time are broken by them (pricing.md §1)."""


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

    `row` is the first row of the message; `billed` its delivery (`NEVER`: not delivered); `group` is the place of its
    group's window in `group_first` (-1: none), whose inbound times are `group_times`. `live` marks the places that hold
    a message: duplicates leave empty ones behind, and what was sent by hand from the app is left out.
    """

    live: npt.NDArray[np.bool_]
    row: Int64
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
    at: int,
    count: int,
    threads: int,
    thread: Int32,
    kind: UInt16,
    sent: Int64,
    billed: Int64,
    turn: Int64,
    in_group: npt.NDArray[np.bool_],
) -> tuple[Int64, Int64, Int64, Int64, Int64, Int64]:
    """Sort a partition's messages into its threads: see `Partition`."""
    outbound = np.empty(count, np.int64)
    opening = np.empty(count, np.int64)
    referral = np.empty(count, np.int64)
    n_out, n_in, n_ref = 0, 0, 0
    for o in range(at, at + count):
        if kind[o] & OUTBOUND:
            if billed[o] != NEVER and (kind[o] & ORIGIN_MASK) >> ORIGIN_SHIFT != APP:
                outbound[n_out] = o
                n_out += 1
        else:
            if not in_group[o]:
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


def _break_ties(parts: Sequence[Partition], row: Int64, billed: Int64, turn: Int64, names: Names) -> None:
    """Put tied messages in order of their ids, in place; the ids are asked for all at once."""
    places = [_tied(part.outbound, part.outbound_first, billed, turn) for part in parts]
    tied = np.concatenate([part.outbound[own] for part, own in zip(parts, places, strict=True)])
    ids = list(names(row[tied])) if len(tied) else []
    done = 0
    for part, own in zip(parts, places, strict=True):
        here = part.outbound[own]
        thread = np.searchsorted(part.outbound_first, own, side="right")
        mine = ids[done : done + len(own)]
        done += len(own)
        keys = zip(thread.tolist(), billed[here].tolist(), turn[here].tolist(), mine, range(len(own)), strict=True)
        part.outbound[own] = here[[key[-1] for key in sorted(keys)]]


def _group_windows(
    messages: Messages, number: Int32, group: Int32, kind: UInt16, sent: Int64
) -> tuple[Int32, Int64, Int64]:
    """Give each message's group window (-1: none) and each window's inbound times in order (pricing.md §8)."""
    window = np.full(len(group), -1, np.int32)
    members = np.flatnonzero(group >= 0)
    if not len(members):
        return window, np.zeros(1, np.int64), np.zeros(0, np.int64)
    keys = number[members].astype(np.int64) * len(messages.groups) + group[members]
    distinct, place = np.unique(keys, return_inverse=True)
    window[members] = place.astype(np.int32)
    inbound = members[(kind[members] & OUTBOUND) == 0]
    order = inbound[np.lexsort((sent[inbound], window[inbound]))]
    first = np.searchsorted(window[order], np.arange(len(distinct) + 1)).astype(np.int64)
    return window, first, sent[order]


def _mark_groups(id_hash: UInt64, number: Int32, group: Int32, kind: UInt16) -> None:
    """Set `GROUP` on outbound messages with a group id or with several users under one id (pricing.md §8)."""
    outbound = np.flatnonzero(kind & OUTBOUND)
    mixed = id_hash[outbound] ^ (number[outbound].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    ordered = np.sort(mixed)
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(shared):
        kind[outbound[np.isin(mixed, shared)]] |= GROUP
    kind[outbound[group[outbound] >= 0]] |= GROUP


def fold(messages: Messages, names: Names, sent_orders_until: Int64) -> tuple[Folded, Int64]:
    """Merge duplicates and arrange the log in threads; also give, for each row, its message's place in the result.

    Messages delivered in one instant are in order of their ids; before `sent_orders_until` of their WABA (the end of
    conversation-v1) the time of sending goes before the id (pricing.md §3).
    """
    n = len(messages)
    bits = max(0, int(np.ceil(np.log2(max(1, n / _ROWS_IN_A_PARTITION)))))
    place, first = scatter(messages.number, messages.user, bits)
    thread, merged_into = np.empty(n, np.int32), np.empty(n, np.int64)
    with ThreadPoolExecutor(cpu_count()) as pool:
        columns = [np.arange(n), *(getattr(messages, name) for name in _MERGED)]
        # Each column is written to its partitions in one pass, so that whatever follows reads what lies together.
        spread_out = list(pool.map(lambda column: spread(column, place), columns))
        row, number, waba, user, country, group, id_hash, kind = spread_out[:8]
        sent, delivered, read, failed, expires, paid, limit, logged = spread_out[8:]

        def merge(p: int) -> tuple[int, int]:
            return merge_rows(
                first[p], first[p + 1], row, number, waba, user, country, group, id_hash, kind,
                sent, delivered, read, failed, expires, paid, limit, logged, thread, merged_into,
            )  # fmt: skip

        spans = range(1 << bits)
        counts = list(pool.map(merge, spans))
        used = np.zeros(n, bool)
        for p in spans:
            used[first[p] : first[p] + counts[p][0]] = True
        kind[~used] = 0
        billed = np.where(delivered != NEVER, delivered, read)
        kind[(delivered == NEVER) & (billed != NEVER) & used] |= np.uint16(READ_ONLY)
        sent = np.where((sent == NEVER) & used, billed, sent)
        # Sent by hand from the phone app: as if it were not in the log (pricing.md §1, "Origin").
        by_app = ((kind & OUTBOUND) != 0) & ((kind & ORIGIN_MASK) >> ORIGIN_SHIFT == APP)
        live = used & ~by_app
        places = np.flatnonzero(live)
        live_group = np.where(used, group, np.int32(-1)).astype(np.int32)
        window, group_first, group_times = _group_windows(messages, number, live_group, kind, sent)
        live_kind = kind[places]
        _mark_groups(id_hash[places], number[places], live_group[places], live_kind)
        kind[places] = live_kind
        in_group = window >= 0
        turn = np.where(billed < sent_orders_until[waba], sent, 0)

        def arrange(p: int) -> Partition:
            return Partition(*_arrange(first[p], *counts[p], thread, kind, sent, billed, turn, in_group))

        partitions = tuple(pool.map(arrange, spans))
    _break_ties(partitions, row, billed, turn, names)
    tells_templates = bool(np.any(live_kind[(live_kind & OUTBOUND) != 0] & CATEGORY_MASK))
    folded = Folded(
        live=live, row=row, number=number, waba=waba, user=user, country=country, kind=kind, sent=sent, billed=billed,
        expires=expires, paid=paid, limit=limit, logged=logged, group=window, group_first=group_first,
        group_times=group_times, partitions=partitions, tells_templates=tells_templates,
    )  # fmt: skip
    return folded, merged_into[place]

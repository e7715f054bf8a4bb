"""The kernels that merge a log's rows into messages, partition by partition (formats.md §1)."""

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.alike import move
from auditor.core.alike import value_at
from auditor.core.kinds import APP
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import FAILED
from auditor.core.kinds import ORIGIN_MASK
from auditor.core.kinds import ORIGIN_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import READ
from auditor.core.kinds import READ_ONLY
from auditor.core.kinds import REFERRAL
from auditor.core.kinds import REFERRAL_KNOWN
from auditor.core.kinds import UNSENT
from auditor.core.logged import FIELDS
from auditor.core.scattering import CHUNK
from auditor.core.scattering import mix
from auditor.core.scattering import place_of
from auditor.core.tables import NEVER
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import UInt16
from auditor.core.tables import UInt64


@njit(cache=True, nogil=True)
def _table_size(n: int) -> int:
    size = 16
    while size < 2 * n:
        size *= 2
    return size


@njit(cache=True, nogil=True)
def _earlier(a: int, b: int) -> int:
    """Give the earlier of two instants, either of which may not be known."""
    if a == NEVER:
        return b
    return a if b == NEVER or a < b else b


@njit(cache=True, nogil=True)
def spread_statuses(
    kind: UInt16, delivered: Int64, read: Int64, place: Int64, to_kind: UInt16, to_billed: Int64
) -> None:  # fmt: skip
    """Put rows' kinds and billed times in their places.

    Billed is the reading where the row has no delivery: the kind says so, and that a row was read (formats.md §1).
    """
    for i in range(len(kind)):
        what, billed = kind[i], delivered[i]
        if read[i] != NEVER:
            what |= READ
            if billed == NEVER:
                what |= READ_ONLY
                billed = read[i]
        to_kind[place[i]] = what
        to_billed[place[i]] = billed


@njit(cache=True, nogil=True)
def _merge_billed(kind: UInt16, billed: Int64, o: int, r: int) -> None:
    """Merge the billed time of row r into that of o: a delivery counts before a reading, the earlier of two alike."""
    known, more = billed[o] != NEVER and not kind[o] & READ_ONLY, billed[r] != NEVER and not kind[r] & READ_ONLY
    if known == more:
        billed[o] = _earlier(billed[o], billed[r])
        kind[o] |= kind[r] & READ_ONLY
    elif more:
        billed[o] = billed[r]
        kind[o] ^= kind[o] & READ_ONLY
    kind[o] |= kind[r] & READ


@njit(cache=True, nogil=True)
def merge(
    chunks: Int64,
    count: int,
    row: Int32,
    number: Int32,
    waba: Int16,
    user: Int64,
    country: Int16,
    group: Int32,
    id_hash: UInt64,
    kind: UInt16,
    sent: Int64,
    billed: Int64,
    expires: Int64,
    paid: Int32,
    limit: Int32,
    logged: UInt16,
    thread: Int32,
    merged_into: Int32,
) -> tuple[int, int]:
    """Merge the `count` rows of a partition that has these `chunks` into messages, in its first places.

    Gives how many messages and threads they are. Rows of one (direction, number, id, user) are one message: times keep
    the earliest, other fields the first stated (formats.md §1). Two hash tables with open addressing: threads, then
    messages within them. A message never stands behind the row that it is made of, so nothing is overwritten unread.
    Of `waba`, `country`, `group`, `expires`, `paid`, `limit` and `logged` any may be alike in all rows (`alike`).
    """
    size = _table_size(count)
    mask = np.uint64(size - 1)
    thread_slots = np.full(size, -1, np.int32)
    thread_number, thread_user = np.empty(count, np.int32), np.empty(count, np.int64)
    message_slots = np.full(size, -1, np.int32)
    threads = 0
    messages = 0
    for n in range(count):
        r = place_of(chunks, n)
        own = row[r]
        slot = mix(number[r], user[r]) & mask
        while True:
            t = thread_slots[slot]
            if t < 0:
                t = threads
                thread_slots[slot] = t
                thread_number[t] = number[r]
                thread_user[t] = user[r]
                threads += 1
                break
            if thread_number[t] == number[r] and thread_user[t] == user[r]:
                break
            slot = (slot + np.uint64(1)) & mask
        way = kind[r] & OUTBOUND
        slot = mix(int(id_hash[r] >> np.uint64(1)), t * 2 + way) & mask
        while True:
            m = message_slots[slot]
            if m < 0:
                m = messages
                message_slots[slot] = m
                messages += 1
                o = place_of(chunks, m)
                row[o] = own
                number[o] = number[r]
                move(waba, r, o)
                user[o] = user[r]
                move(country, r, o)
                move(group, r, o)
                id_hash[o] = id_hash[r]
                kind[o] = kind[r]
                sent[o] = sent[r]
                billed[o] = billed[r]
                move(expires, r, o)
                move(paid, r, o)
                move(limit, r, o)
                move(logged, r, o)
                thread[o] = t
                break
            o = place_of(chunks, m)
            if thread[o] == t and id_hash[o] == id_hash[r] and (kind[o] & OUTBOUND) == way:
                sent[o] = _earlier(sent[o], sent[r])
                _merge_billed(kind, billed, o, r)
                if len(expires) > 1:
                    expires[o] = _earlier(expires[o], expires[r])
                kind[o] |= kind[r] & FAILED
                if kind[o] & CATEGORY_MASK == 0:
                    kind[o] |= kind[r] & CATEGORY_MASK
                if kind[o] & REFERRAL_KNOWN == 0:
                    kind[o] |= kind[r] & (REFERRAL_KNOWN | REFERRAL)
                if kind[o] & ORIGIN_MASK == 0:
                    kind[o] |= kind[r] & ORIGIN_MASK
                if value_at(waba, o) < 0:
                    move(waba, r, o)
                if value_at(country, o) < 0:
                    move(country, r, o)
                if value_at(group, o) < 0:
                    move(group, r, o)
                if value_at(paid, o) < 0:
                    move(paid, r, o)
                if value_at(limit, o) < 0:
                    move(limit, r, o)
                if len(logged) > 1:
                    for field in FIELDS:
                        if logged[o] & field == 0:
                            logged[o] |= logged[r] & field
                break
            slot = (slot + np.uint64(1)) & mask
        merged_into[own] = o
    return messages, threads


@njit(cache=True, nogil=True)
def settle(
    chunks: Int64,
    count: int,
    group: Int32,
    kind: UInt16,
    sent: Int64,
    billed: Int64,
    live: npt.NDArray[np.bool_],
) -> bool:
    """Finish a partition's `count` messages; tell whether one that was sent says which template it is.

    What was sent by hand from the phone app stays out, as if it were not in the log (pricing.md §1, "Origin"). Places
    of the `chunks` that have no message are made to look empty.
    """
    tells_templates = False
    for n in range(count):
        o = place_of(chunks, n)
        if sent[o] == NEVER:
            sent[o] = billed[o]
            kind[o] |= UNSENT
        outbound = kind[o] & OUTBOUND != 0
        live[o] = not (outbound and (kind[o] & ORIGIN_MASK) >> ORIGIN_SHIFT == APP)
        tells_templates |= live[o] and outbound and kind[o] & CATEGORY_MASK != 0
    for n in range(count, len(chunks) * CHUNK):
        o = place_of(chunks, n)
        live[o], kind[o], sent[o], billed[o] = False, 0, NEVER, NEVER
        if len(group) > 1:
            group[o] = -1
    return tells_templates

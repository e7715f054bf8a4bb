"""The kernels that merge a log's rows into messages, partition by partition (formats.md §1)."""

import numpy as np
from numba import njit

from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import FAILED
from auditor.core.kinds import ORIGIN_MASK
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import REFERRAL
from auditor.core.kinds import REFERRAL_KNOWN
from auditor.core.logged import FIELDS
from auditor.core.tables import NEVER
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import UInt16
from auditor.core.tables import UInt64


@njit(cache=True, nogil=True)
def _mix(a: int, b: int) -> np.uint64:
    """Hash two 64-bit values into one (the finaliser of splitmix64 over their combination)."""
    h = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F)
    h ^= h >> np.uint64(30)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(27)
    h *= np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@njit(cache=True, nogil=True)
def scatter(number: Int32, user: Int64, bits: int) -> tuple[Int64, Int64]:
    """Give the rows in order of partition (stable), and where each of the 2**bits partitions begins."""
    n, shift = len(user), np.uint64(64 - bits)
    first = np.zeros((1 << bits) + 1, np.int64)
    part = np.zeros(n, np.int32)
    if bits > 0:
        for i in range(n):
            part[i] = np.int32(_mix(number[i], user[i]) >> shift)
    for i in range(n):
        first[part[i] + 1] += 1
    for p in range(1 << bits):
        first[p + 1] += first[p]
    place = first[:-1].copy()
    rows = np.empty(n, np.int64)
    for i in range(n):
        rows[place[part[i]]] = i
        place[part[i]] += 1
    return rows, first


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
def merge(
    rows: Int64,
    at: int,
    number: Int32,
    waba: Int16,
    user: Int64,
    country: Int16,
    group: Int32,
    id_hash: UInt64,
    kind: UInt16,
    sent: Int64,
    delivered: Int64,
    read: Int64,
    failed: Int64,
    expires: Int64,
    paid: Int32,
    limit: Int32,
    logged: UInt16,
    to_row: Int64,
    to_number: Int32,
    to_waba: Int16,
    to_user: Int64,
    to_country: Int16,
    to_group: Int32,
    to_kind: UInt16,
    to_sent: Int64,
    to_delivered: Int64,
    to_read: Int64,
    to_expires: Int64,
    to_paid: Int32,
    to_limit: Int32,
    to_logged: UInt16,
    to_thread: Int32,
    merged_into: Int64,
) -> tuple[int, int]:
    """Merge a partition's rows into messages from place `at` on; give how many messages and threads they are.

    Rows of one (direction, number, id, user) are one message: times keep the earliest, other fields the first stated
    (formats.md §1). Two hash tables with open addressing: threads, then messages within them.
    """
    size = _table_size(len(rows))
    mask = np.uint64(size - 1)
    thread_slots = np.full(size, -1, np.int32)
    thread_row = np.empty(len(rows), np.int64)
    message_slots = np.full(size, -1, np.int32)
    threads = 0
    messages = 0
    for i in range(len(rows)):
        r = rows[i]
        slot = _mix(number[r], user[r]) & mask
        while True:
            t = thread_slots[slot]
            if t < 0:
                t = threads
                thread_slots[slot] = t
                thread_row[t] = r
                threads += 1
                break
            other = thread_row[t]
            if number[other] == number[r] and user[other] == user[r]:
                break
            slot = (slot + np.uint64(1)) & mask
        way = kind[r] & OUTBOUND
        slot = _mix(int(id_hash[r] >> np.uint64(1)), t * 2 + way) & mask
        while True:
            m = message_slots[slot]
            if m < 0:
                m = messages
                message_slots[slot] = m
                messages += 1
                o = at + m
                to_row[o] = r
                to_number[o] = number[r]
                to_waba[o] = waba[r]
                to_user[o] = user[r]
                to_country[o] = country[r]
                to_group[o] = group[r]
                to_kind[o] = kind[r]
                to_sent[o] = sent[r]
                to_delivered[o] = delivered[r]
                to_read[o] = read[r]
                to_expires[o] = expires[r]
                to_paid[o] = paid[r]
                to_limit[o] = limit[r]
                to_logged[o] = logged[r]
                to_thread[o] = t
                if failed[r] != NEVER:
                    to_kind[o] |= FAILED
                break
            o = at + m
            if to_thread[o] == t and id_hash[to_row[o]] == id_hash[r] and (to_kind[o] & OUTBOUND) == way:
                to_sent[o] = _earlier(to_sent[o], sent[r])
                to_delivered[o] = _earlier(to_delivered[o], delivered[r])
                to_read[o] = _earlier(to_read[o], read[r])
                to_expires[o] = _earlier(to_expires[o], expires[r])
                if failed[r] != NEVER:
                    to_kind[o] |= FAILED
                if to_kind[o] & CATEGORY_MASK == 0:
                    to_kind[o] |= kind[r] & CATEGORY_MASK
                if to_kind[o] & REFERRAL_KNOWN == 0:
                    to_kind[o] |= kind[r] & (REFERRAL_KNOWN | REFERRAL)
                if to_kind[o] & ORIGIN_MASK == 0:
                    to_kind[o] |= kind[r] & ORIGIN_MASK
                if to_waba[o] < 0:
                    to_waba[o] = waba[r]
                if to_country[o] < 0:
                    to_country[o] = country[r]
                if to_group[o] < 0:
                    to_group[o] = group[r]
                if to_paid[o] < 0:
                    to_paid[o] = paid[r]
                if to_limit[o] < 0:
                    to_limit[o] = limit[r]
                for field in FIELDS:
                    if to_logged[o] & field == 0:
                        to_logged[o] |= logged[r] & field
                break
            slot = (slot + np.uint64(1)) & mask
        merged_into[r] = at + m
    return messages, threads

"""What those in a group have in common across threads: its window, and the ids they share (pricing.md §8).

Both are gathered from whole threads, in any number of parts, and then hold for all of them.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.kinds import GROUP
from auditor.core.kinds import OUTBOUND
from auditor.core.scattering import spread
from auditor.core.scattering import take_places
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import UInt16
from auditor.core.tables import UInt64

_SLOTS_A_WORD = 12


@dataclass(frozen=True, slots=True)
class GroupWindows:
    """The inbound times `times[first[k]:first[k + 1]]` of each group, in order; the last one is of all without any.

    `keys` are the numbers and groups that have some, in order (see `_keys`).
    """

    keys: Int64
    first: Int64
    times: Int64

    def of(self, number: Int32, group: Int32, groups: int) -> Int32:
        """Give the place of each message's window (-1: none)."""
        members = np.flatnonzero(group >= 0)
        if not len(members):
            return group
        window = np.full(len(group), -1, np.int32)
        keys = _keys(number[members], group[members], groups)
        place = np.searchsorted(self.keys, keys)
        there = place < len(self.keys)
        there[there] = self.keys[place[there]] == keys[there]
        window[members] = np.where(there, place, len(self.keys))
        return window


def _keys(number: Int32, group: Int32, groups: int) -> Int64:
    """Give one word for a group of a number, of `groups` in all."""
    return number.astype(np.int64) * groups + group


def group_events(number: Int32, group: Int32, kind: UInt16, sent: Int64, groups: int) -> tuple[Int64, Int64]:
    """Give key and time of every inbound message in a group."""
    inbound = np.flatnonzero((group >= 0) & ((kind & OUTBOUND) == 0))
    return _keys(number[inbound], group[inbound], groups), sent[inbound]


def group_windows(events: Sequence[tuple[Int64, Int64]]) -> GroupWindows:
    """Put the inbound messages of all parts together."""
    none = np.zeros(0, np.int64)
    keys = np.concatenate([none, *(own for own, _ in events)])
    times = np.concatenate([none, *(own for _, own in events)])
    order = np.lexsort((times, keys))
    distinct, first = np.unique(keys[order], return_index=True)
    ends = np.array([len(keys), len(keys)], np.int64)
    return GroupWindows(distinct, np.concatenate([first.astype(np.int64), ends]), times[order])


@njit(cache=True, nogil=True)
def _mixed(id_hash: int, number: int) -> np.uint64:
    return np.uint64(id_hash) ^ np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def mixed_ids(live: npt.NDArray[np.bool_], id_hash: UInt64, number: Int32, kind: UInt16) -> UInt64:
    """Give one word for number and id of each outbound message."""
    words = np.empty(len(live), np.uint64)
    n = 0
    for o in range(len(live)):
        if live[o] and kind[o] & OUTBOUND:
            words[n] = _mixed(id_hash[o], number[o])
            n += 1
    return words[:n]


@njit(cache=True, nogil=True)
def mark_shared(live: npt.NDArray[np.bool_], id_hash: UInt64, number: Int32, kind: UInt16, shared: UInt64) -> None:
    """Set `GROUP` on outbound messages whose word is one of `shared`, which are in order."""
    for o in range(len(live)):
        if live[o] and kind[o] & OUTBOUND:
            word = _mixed(id_hash[o], number[o])
            place = np.searchsorted(shared, word)
            if place < len(shared) and shared[place] == word:
                kind[o] |= GROUP


def in_shares(mixed: UInt64, shares: int) -> Iterable[UInt64]:
    """Give the words share by share: alike ones are in one share."""
    share = ((mixed >> np.uint64(32)) % np.uint64(shares)).astype(np.uint16)
    ends = np.cumsum(np.bincount(share, minlength=shares))
    ordered = np.empty_like(mixed)
    spread(mixed, take_places(share, np.concatenate([np.zeros(1, np.int64), ends[:-1]])), ordered)
    return np.split(ordered, ends[:-1])


def shared_ids(shares: Iterable[UInt64]) -> UInt64:
    """Give the words that several messages have, in order; a share has all that are alike."""
    found = [np.zeros(0, np.uint64)]
    for share in shares:
        ordered = np.sort(_suspects(share))
        found.append(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]))
    return np.sort(np.concatenate(found))


@njit(cache=True, nogil=True)
def _suspects(words: UInt64) -> UInt64:
    """Give all words but most of those that are there once: few are left to be sorted.

    Every word has one of many slots of two bits: whether a word fell there, and whether a second one did. Words are
    hashes, so that slots are met by chance only: there are so many that but one word in a dozen or so is.
    """
    slots = 32
    while slots < _SLOTS_A_WORD * len(words):
        slots *= 2
    mask, bits = np.uint64(slots - 1), np.zeros(slots >> 5, np.uint64)
    one, two, low = np.uint64(1), np.uint64(2), np.uint64(31)
    for word in words:
        slot = word & mask
        shift = (slot & low) << one
        held = bits[slot >> np.uint64(5)]
        bits[slot >> np.uint64(5)] = held | ((held >> shift & one) << one | one) << shift
    n = 0
    found = np.empty(len(words), np.uint64)
    for word in words:
        slot = word & mask
        if bits[slot >> np.uint64(5)] >> ((slot & low) << one) & two:
            found[n] = word
            n += 1
    return found[:n]

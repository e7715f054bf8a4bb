"""Units that are alike in all that decides their price become one lot, counted: pricing looks at lots, not at units.

A log has millions of units and some thousands of lots. Lots of partitions add up, in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.alike import value_at
from auditor.core.kinds import GROUP
from auditor.core.regimes import MESSAGE
from auditor.core.regimes import Regime
from auditor.core.tables import Category
from auditor.core.tables import Int8
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import UInt16
from auditor.core.tables import UInt64
from auditor.core.threads import Folded
from auditor.core.windows import Units

_MARKETING, _MARKETING_LITE = int(Category.MARKETING), int(Category.MARKETING_LITE)
_REGULAR = int(PricingType.REGULAR)
_WORDS = 3
# Fields of the words that tell lots apart, with their bits, the last one lowest; all but `conversation`, `grouped` and
# `covered` are stored one higher, for they may be -1.
_WHERE = (("waba", 15), ("number", 24), ("day", 25))
_WHAT = (
    ("conversation", 1), ("grouped", 1), ("covered", 13), ("place", 14), ("category", 5), ("pricing_type", 4),
    ("regime", 6), ("reasons", 16),
)  # fmt: skip
_LOGGED = (("paid", 32), ("limit", 32))


@dataclass(frozen=True, slots=True)
class Lots:
    """One row per lot. `paid` and `limit` are places in the log's amounts (-1: none, or of no account)."""

    waba: Int16
    number: Int32
    day: Int32
    conversation: npt.NDArray[np.bool_]
    grouped: npt.NDArray[np.bool_]
    covered: UInt16
    place: Int16
    category: Int8
    pricing_type: Int8
    regime: Int8
    reasons: UInt16
    paid: Int32
    limit: Int32
    count: Int64

    def __len__(self) -> int:
        """Give the number of lots."""
        return len(self.count)


@njit(cache=True, nogil=True)
def _find(a: np.uint64, b: np.uint64, c: np.uint64, words: UInt64, slots: Int32) -> int:
    """Give the slot of a lot in the table, or the empty one where it belongs."""
    mask = np.uint64(len(slots) - 1)
    h = (a ^ b * np.uint64(0xC2B2AE3D27D4EB4F) ^ c * np.uint64(0x165667B19E3779F9)) * np.uint64(0x9E3779B97F4A7C15)
    slot = (h ^ (h >> np.uint64(29))) & mask
    while True:
        g = slots[slot]
        if g < 0 or (words[g, 0] == a and words[g, 1] == b and words[g, 2] == c):
            return int(slot)
        slot = (slot + np.uint64(1)) & mask


@njit(cache=True, nogil=True)
def _alike(
    opener: Int64,
    conversation: npt.NDArray[np.bool_],
    regime: Int8,
    category: Int8,
    pricing_type: Int8,
    place: Int16,
    day: Int32,
    reasons: UInt16,
    covered: UInt16,
    waba: Int16,
    number: Int32,
    kind: UInt16,
    paid: Int32,
    limit: Int32,
    by_message: npt.NDArray[np.bool_],
) -> tuple[Int32, UInt64, Int64]:
    """Give each unit's lot, the words that tell the lots apart, and their counts."""
    n = len(opener)
    size = 16
    while size < 2 * n:
        size *= 2
    slots = np.full(size, -1, np.int32)
    lot = np.empty(n, np.int32)
    words = np.empty((n, _WORDS), np.uint64)
    count = np.zeros(n, np.int64)
    lots = 0
    for u in range(n):
        m = opener[u]
        where = (np.int64(value_at(waba, m)) + 1) << 49 | (np.int64(number[m]) + 1) << 25 | (np.int64(day[u]) + 1)
        grouped = np.int64(1 if kind[m] & GROUP else 0)
        what = np.int64(1 if conversation[u] else 0) << 59 | grouped << 58 | np.int64(covered[u]) << 45
        what |= (np.int64(place[u]) + 1) << 31 | (np.int64(category[u]) + 1) << 26
        what |= (np.int64(pricing_type[u]) + 1) << 22 | (np.int64(regime[u]) + 1) << 16 | np.int64(reasons[u])
        logged = np.int64(0)
        marketing = category[u] == _MARKETING or category[u] == _MARKETING_LITE
        if value_at(limit, m) >= 0 and marketing and pricing_type[u] == _REGULAR and by_message[regime[u]]:
            logged = (np.int64(value_at(paid, m)) + 1) << 32 | (np.int64(value_at(limit, m)) + 1)
        a, b, c = np.uint64(where), np.uint64(what), np.uint64(logged)
        slot = _find(a, b, c, words, slots)
        g = slots[slot]
        if g < 0:
            g = lots
            slots[slot] = g
            words[g, 0], words[g, 1], words[g, 2] = a, b, c
            lots += 1
        lot[u] = g
        count[g] += 1
    return lot, words[:lots].copy(), count[:lots].copy()


def lots_of(units: Units, folded: Folded, rules: Sequence[Regime]) -> tuple[Int32, UInt64, Int64]:
    """Give each unit's lot, the words that tell the lots apart (for `LotTable.add`), and their counts."""
    return _alike(
        units.opener, units.conversation, units.regime, units.category, units.pricing_type, units.place, units.day,
        units.reasons, units.covered, folded.waba, folded.number, folded.kind, folded.paid, folded.limit,
        np.array([regime.unit == MESSAGE for regime in rules]),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _enter(words: UInt64, count: Int64, into: UInt64, counts: Int64, slots: Int32, lots: int) -> tuple[Int32, int]:
    """Add lots to a table that has room for them; give their places in it and how many lots there are now."""
    places = np.empty(len(words), np.int32)
    for i in range(len(words)):
        slot = _find(words[i, 0], words[i, 1], words[i, 2], into, slots)
        g = slots[slot]
        if g < 0:
            g = lots
            slots[slot] = g
            into[g, :] = words[i, :]
            lots += 1
        counts[g] += count[i]
        places[i] = g
    return places, lots


class LotTable:
    """The lots of a log, added up from its partitions in any order."""

    def __init__(self) -> None:
        """Begin without a lot."""
        self._lots = 0
        self._words, self._counts, self._slots = _empty_table(1 << 12)

    def __len__(self) -> int:
        """Give how many lots there are."""
        return self._lots

    def _make_room(self, size: int) -> None:
        words, counts, slots = _empty_table(size)
        _enter(self._words[: self._lots], self._counts[: self._lots], words, counts, slots, 0)
        self._words, self._counts, self._slots = words, counts, slots

    def add(self, words: UInt64, count: Int64) -> Int32:
        """Add lots and give their places in the table."""
        size = len(self._counts)
        while self._lots + len(words) > size:
            size *= 2
        if size > len(self._counts):
            self._make_room(size)
        places, self._lots = _enter(words, count, self._words, self._counts, self._slots, self._lots)
        return places

    def after(self, known: int) -> Lots:
        """Give the lots but for the first so many, as columns."""
        words = self._words[known : self._lots]
        fields = {
            name: column
            for place, layout in enumerate((_WHERE, _WHAT, _LOGGED))
            for name, column in _fields(words[:, place], layout).items()
        }
        return Lots(
            waba=(fields["waba"] - 1).astype(np.int16),
            number=(fields["number"] - 1).astype(np.int32),
            day=(fields["day"] - 1).astype(np.int32),
            conversation=fields["conversation"].astype(bool),
            grouped=fields["grouped"].astype(bool),
            covered=fields["covered"].astype(np.uint16),
            place=(fields["place"] - 1).astype(np.int16),
            category=(fields["category"] - 1).astype(np.int8),
            pricing_type=(fields["pricing_type"] - 1).astype(np.int8),
            regime=(fields["regime"] - 1).astype(np.int8),
            reasons=fields["reasons"].astype(np.uint16),
            paid=(fields["paid"] - 1).astype(np.int32),
            limit=(fields["limit"] - 1).astype(np.int32),
            count=self._counts[known : self._lots].copy(),
        )


def _empty_table(size: int) -> tuple[UInt64, Int64, Int32]:
    return np.zeros((size, _WORDS), np.uint64), np.zeros(size, np.int64), np.full(2 * size, -1, np.int32)


def _fields(words: UInt64, layout: Sequence[tuple[str, int]]) -> dict[str, Int64]:
    fields = {}
    rest = words.astype(np.int64)
    for name, bits in reversed(layout):
        fields[name] = rest & ((1 << bits) - 1)
        rest = rest >> bits
    return fields

"""Which units an allowance or a tier needs in order: those around its edges (pricing.md §§3.5, 7).

Lots have a day, so the day of an edge is known from counts alone: the units of the days around it are looked at, those
of other days are stood in for by their number. What is looked at does not grow with the log.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Protocol

import numpy as np
import numpy.typing as npt

from auditor.core.charges import Plan
from auditor.core.counters import Counted
from auditor.core.counters import Counter
from auditor.core.lots import Lots
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.timeline import DAY

# A day of one zone and the same day of another lie up to 26 hours apart.
_DAYS_AROUND = 2


def stand_ins(lots: Lots, stood_in: Int64) -> Counted:
    """Give as many units as some lots have, each in the middle of its day and of no row.

    That is before every unit of an edge some days later, after every one of some days before.
    """
    lot = np.repeat(stood_in, lots.count[stood_in]).astype(np.int32)
    at = lots.day[lot].astype(np.int64) * DAY + DAY // 2
    return Counted(lot, at, np.full(len(lot), -1, np.int64))


def joined(some: Sequence[Counted]) -> Counted:
    """Put units together."""
    return Counted(*(np.concatenate([getattr(one, name) for one in some]) for name in Counted.__slots__))


def around_edges(lots: Lots, made: Plan) -> tuple[Int64, Int64]:
    """Give the lots whose units lie around some edge, and those before the last edge that need not be looked at."""
    looked_at, stood_in = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    # Where the opening volume ends a tier, the first unit is beyond its edge.
    # An allowance that is not used up has no unit beyond it.
    counters = [(use.counter, [use.size]) for use in made.uses if use.size < use.units]
    counters += [(tier, [*tier.edges, *([0] if tier.opening else [])]) for tier in made.tiers]
    for counter, edges in counters:
        own = counter.lots
        days = _edge_days(lots, counter, edges)
        if not len(days):
            continue
        near = np.abs(lots.day[own][:, None] - days[None, :]).min(axis=1) <= _DAYS_AROUND
        looked_at.append(own[near])
        stood_in.append(own[~near & (lots.day[own] < days.max())])
    return np.unique(np.concatenate(looked_at)), np.unique(np.concatenate(stood_in))


def _edge_days(lots: Lots, counter: Counter, edges: Sequence[int]) -> npt.NDArray[np.int32]:
    """Give the days on which the units before and after each edge are counted."""
    own = counter.lots[lots.pricing_type[counter.lots] == int(PricingType.REGULAR)]
    days, place = np.unique(lots.day[own], return_inverse=True)
    before = np.cumsum(np.bincount(place, weights=lots.count[own], minlength=len(days))).astype(np.int64)
    if not len(before) or not edges or min(edges) > before[-1]:
        return days[:0]
    wanted = np.array(sorted({n for edge in edges for n in (edge, edge + 1) if 1 <= n <= before[-1]}), np.int64)
    return np.unique(days[np.searchsorted(before, wanted)])


class Gathering(Protocol):
    """Keeps the units that some counter may count until it is known which of them have to be put in order."""

    def put(self, units: Counted) -> None:
        """Keep some more."""

    def __len__(self) -> int:
        """Give how many are kept in memory."""

    def near(self, lots: Lots, made: Plan) -> Counted:
        """Give the units of some lots as far as edges need them (see `counters.cut`)."""


class Gathered:
    """Keeps units in memory."""

    def __init__(self) -> None:
        """Begin without any."""
        self._kept: list[Counted] = []

    def put(self, units: Counted) -> None:
        """Keep some more."""
        self._kept.append(units)

    def __len__(self) -> int:
        """Give how many there are."""
        return sum(map(len, self._kept))

    def near(self, lots: Lots, made: Plan) -> Counted:
        """Give the units around the edges, and as many as there are before them."""
        return _near(self._kept, lots, made)


class Shelf(Protocol):
    """Keeps columns, batch by batch, and gives the batches back in their order, as often as wanted."""

    def put(self, columns: Mapping[str, npt.NDArray[Any]]) -> None:
        """Keep a batch."""

    def batches(self) -> Iterable[Mapping[str, npt.NDArray[Any]]]:
        """Give the batches."""

    def clear(self) -> None:
        """Take all batches away, so that others can have their room."""


class Shelved:
    """Keeps units on a shelf, and gives those around the edges, the others stood in for."""

    def __init__(self, shelf: Shelf) -> None:
        """Take a shelf that holds nothing yet."""
        self._shelf = shelf

    def put(self, units: Counted) -> None:
        """Keep some more."""
        self._shelf.put({name: getattr(units, name) for name in Counted.__slots__})

    def __len__(self) -> int:
        """Give how many are kept in memory: none."""
        return 0

    def near(self, lots: Lots, made: Plan) -> Counted:
        """Give the units around the edges, and as many as there are before them."""
        return _near((Counted(**batch) for batch in self._shelf.batches()), lots, made)


def _near(kept: Iterable[Counted], lots: Lots, made: Plan) -> Counted:
    """Give those of the units that were kept that lie around some edge, the others before one stood in for."""
    looked_at, stood_in = around_edges(lots, made)
    wanted = np.zeros(len(lots), np.bool_)
    wanted[looked_at] = True
    return joined([stand_ins(lots, stood_in), *(some.of(wanted) for some in kept)])

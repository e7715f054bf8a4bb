"""Counting units through a month: free allowances (pricing.md §§3.5, 4.4, 6) and volume tiers (§7).

The order of billing decides which unit is the thousandth. Ties in time are broken by id, then user (§1). A counter adds
up lots; only where an edge falls inside it are its units looked at, and of these only the one at the edge is sought.
"""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.lots import Lots
from auditor.core.rates import TIERED
from auditor.core.rates import Price
from auditor.core.records import Account
from auditor.core.regimes import MESSAGE
from auditor.core.regimes import Regime
from auditor.core.results import Allowance
from auditor.core.tables import NEVER
from auditor.core.tables import Bools
from auditor.core.tables import Category
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import Reason
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.timeline import day_of
from auditor.core.timeline import month_text
from auditor.core.windows import last_not_after

Ranked = Callable[[Int64], Int64]
"""Gives the order of rows of the log by message id, then user: the tie-break of pricing.md §1."""

_REGULAR = int(PricingType.REGULAR)


@dataclass(frozen=True, slots=True)
class Counted:
    """Units that some counter may count, in no order: each one's lot, instant, and the row of its opener."""

    lot: Int32
    at: Int64
    row: Int64

    def __len__(self) -> int:
        """Give the number of units."""
        return len(self.lot)

    def of(self, wanted: Bools) -> "Counted":
        """Give the units of the lots that are wanted."""
        chosen = np.flatnonzero(wanted[self.lot])
        return Counted(self.lot[chosen], self.at[chosen], self.row[chosen])


@dataclass(frozen=True, slots=True)
class Cut:
    """An edge within a counter: units before `at`, and those at `at` whose row is in `rows` (sorted), lie before it."""

    at: int
    rows: Int64


@dataclass(frozen=True, slots=True)
class Counter:
    """Lots that are counted together, and the numbers of charged units after which an edge lies, in order.

    `opening` is how many were counted before the log began, None where that is not known.
    """

    lots: Int64
    edges: Sequence[int]
    opening: int | None = 0


@dataclass(frozen=True, slots=True)
class Pieces:
    """Lots cut at the edges of their counters: each piece's lot, how many edges lie before it, and its count.

    `first` is each lot's first piece, `counter` its counter (-1: none), `cuts` the edges of each counter.
    """

    lot: Int64
    step: Int64
    count: Int64
    first: Int64
    counter: Int32
    cuts: Sequence[Sequence[Cut]]

    def of(self, lot: Int32, at: Int64, row: Int64) -> Int32:
        """Give the piece of each of some units, known by their lot, instant and the row of their opener."""
        flat = [cut for some in self.cuts for cut in some]
        first = np.cumsum([0, *(len(some) for some in self.cuts)]).astype(np.int64)
        rows_first = np.cumsum([0, *(len(cut.rows) for cut in flat)]).astype(np.int64)
        rows = np.concatenate([np.zeros(0, np.int64), *(cut.rows for cut in flat)])
        cut_at = np.array([cut.at for cut in flat], np.int64)
        return _pieces_of(lot, at, row, self.first, self.counter, first, cut_at, rows_first, rows)


@dataclass(frozen=True, slots=True)
class Use:
    """A free allowance in one month: its counter and the units in it, its size, and what a free unit is called."""

    counter: Counter
    units: int
    size: int
    free_as: int
    regime: Regime
    per_waba: bool


def may_count(lots: Lots, terms: Terms) -> npt.NDArray[np.bool_]:
    """Tell which lots some allowance or tier counts, whatever their sizes and rates."""
    chosen = np.zeros(len(lots), bool)
    for n, regime in enumerate(terms.regimes):
        if regime.allowance:
            chosen |= (lots.regime == n) & _allowed(lots, regime)
    return chosen | tier_eligible(lots, terms)


def _allowed(lots: Lots, regime: Regime) -> npt.NDArray[np.bool_]:
    regular = lots.pricing_type == _REGULAR
    if regime.allowance and regime.allowance.of == "service":
        return np.asarray(regular & (lots.category == Category.SERVICE))
    return np.asarray(regular)


def tier_eligible(lots: Lots, terms: Terms) -> npt.NDArray[np.bool_]:
    """Tell which lots volume tiers concern: charged, or charged but for a split window (§§5.4, 7); no groups (§8)."""
    tiers = np.array([regime.tiers for regime in terms.regimes])
    tiered = np.isin(lots.category, np.array(sorted(TIERED), np.int8))
    due = (lots.pricing_type == _REGULAR) | ((lots.reasons & Reason.WINDOW_SPLIT) != 0)
    return np.asarray(tiers[lots.regime] & tiered & due & ~lots.grouped)


@njit(cache=True, nogil=True)
def those_counted(
    lot: Int32, places: Int32, counts: Bools, opener: Int64, billed: Int64, row: Int32
) -> tuple[Int32, Int64, Int64]:
    """Give the columns of `Counted` for those units of a partition whose `lot` counts; `places` are its lots'.

    `opener` is each unit's message, `billed` and `row` are those of messages.
    """
    n = 0
    for one in lot:
        n += counts[one]
    lots, at, rows = np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n, np.int64)
    n = 0
    for u in range(len(lot)):
        if counts[lot[u]]:
            lots[n], at[n], rows[n] = places[lot[u]], billed[opener[u]], row[opener[u]]
            n += 1
    return lots, at, rows


# Units within a counter ----------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _members(lot: Int32, counter: Int32, counters: int) -> tuple[Int64, Int64]:
    """Give the units of every counter one after another, and where each counter's begin."""
    first = np.zeros(counters + 1, np.int64)
    for one in lot:
        if counter[one] >= 0:
            first[counter[one] + 1] += 1
    for c in range(counters):
        first[c + 1] += first[c]
    place = first[:-1].copy()
    members = np.empty(first[-1], np.int64)
    for i in range(len(lot)):
        c = counter[lot[i]]
        if c >= 0:
            members[place[c]] = i
            place[c] += 1
    return members, first


@njit(cache=True, nogil=True)
def _pieces_of(
    lot: Int32, at: Int64, row: Int64, piece: Int64, counter: Int32, first: Int64, cut_at: Int64, rows_first: Int64,
    rows: Int64,
) -> Int32:  # fmt: skip
    """Give the piece of each unit: the first one of its lot, and as many on as edges of its counter lie before it."""
    found = np.empty(len(lot), np.int32)
    for i in range(len(lot)):
        found[i] = piece[lot[i]]
        c = counter[lot[i]]
        if c < 0:
            continue
        for e in range(first[c], first[c + 1]):
            if at[i] < cut_at[e]:
                break
            # Not numpy's own search: a kernel that is kept would load all of numpy's for it.
            if at[i] == cut_at[e] and last_not_after(rows, rows_first[e], rows_first[e + 1], row[i]) == row[i]:
                break
            found[i] += 1
    return found


def cut(lots: Lots, counters: Sequence[Counter], counted: Counted, ranked: Ranked) -> Pieces:
    """Cut the lots of each counter at its edges; no lot may be in two counters."""
    counter = np.full(len(lots), EMPTY, np.int32)
    for n, one in enumerate(counters):
        if one.edges:
            counter[one.lots] = n
    members, first = _members(counted.lot, counter, len(counters))
    charged = lots.pricing_type == _REGULAR

    def edges_of(n: int) -> list[_Edge]:
        own = members[first[n] : first[n + 1]]
        at, row, counts = counted.at[own], counted.row[own], charged[counted.lot[own]]
        return [_edge_after(edge, at, row, counts) for edge in counters[n].edges]

    found = [edges_of(n) for n in range(len(counters))]
    asked = [edge.tied for edges in found for edge in edges]
    if sum(map(len, asked)):
        ranked(np.unique(np.concatenate(asked)))  # all at once: whoever looks ids up remembers them
    cuts = [[_cut(edge, ranked) for edge in edges] for edges in found]
    steps = np.array([*(len(some) for some in cuts), 0], np.int64)[counter] + 1
    starts = np.cumsum(steps) - steps
    lot = np.repeat(np.arange(len(lots)), steps)
    pieces = Pieces(lot, np.arange(len(lot)) - starts[lot], lots.count[lot], starts, counter, cuts)
    inside = counter[counted.lot] >= 0
    of = pieces.of(counted.lot[inside], counted.at[inside], counted.row[inside])
    count = np.bincount(of, minlength=len(lot)).astype(np.int64)
    # The last piece of a lot has what the others leave: units far beyond every edge need not have been looked at.
    last = starts + steps - 1
    counted_in = np.zeros(len(lots), np.int64)
    np.add.at(counted_in, lot, count)
    count[last] += lots.count - counted_in
    return Pieces(lot, pieces.step, count, starts, counter, cuts)


@dataclass(frozen=True, slots=True)
class _Edge:
    """What lies at an edge: `rows` billed at `moment`, the edge after the `inside`-th `charged` one (0: after all).

    `tied` are the rows that have to be ranked, to find it or the first unit beyond it.
    """

    moment: int
    rows: Int64
    charged: npt.NDArray[np.bool_]
    inside: int
    tied: Int64


def _edge_after(n: int, at: Int64, row: Int64, charged: npt.NDArray[np.bool_]) -> _Edge:
    """Find the edge after the `n`-th charged unit (from 1) in order of billing."""
    moments = at[charged]
    following = min(n, len(moments) - 1)
    ordered = np.partition(moments, [n - 1, following])
    moment = int(ordered[n - 1])
    beyond = row[at == ordered[following]]
    inside = n - int(np.sum(moments < moment))
    here = np.flatnonzero(at == moment)
    rows, own = row[here], charged[here]
    across = inside < int(own.sum()) or not own.all()
    tied = np.concatenate([rows if across else rows[:0], beyond if len(beyond) > 1 else beyond[:0]])
    return _Edge(moment, rows, own, inside if across else 0, tied)


def _cut(edge: _Edge, ranked: Ranked) -> Cut:
    """Give the cut at an edge; ties are ranked only across it."""
    if not edge.inside:
        return Cut(edge.moment, np.sort(edge.rows))
    order = np.argsort(ranked(edge.rows))
    before = order[: np.flatnonzero(edge.charged[order])[edge.inside - 1] + 1]
    return Cut(edge.moment, np.sort(edge.rows[before]))


# Free allowances -----------------------------------------------------------------------------------------------------


def uses(lots: Lots, month: Int32, terms: Terms) -> list[Use]:
    """Give the free allowances that the lots draw on: one for each owner and month."""
    by_id: dict[str, list[int]] = {}
    for n, regime in enumerate(terms.regimes):
        if regime.allowance:
            by_id.setdefault(regime.id, []).append(n)
    found = []
    for rows in by_id.values():
        regime = terms.regimes[rows[0]]
        assert regime.allowance is not None
        size = regime.allowance.size if terms.allowance_size is None else terms.allowance_size
        size = max(0, size - terms.allowance_drawn) // terms.allowance_weight
        per_waba = (terms.allowance_per or regime.allowance.per) == "waba"
        free = PricingType.FREE_CUSTOMER_SERVICE if regime.unit == MESSAGE else PricingType.FREE_TIER
        chosen = np.flatnonzero(np.isin(lots.regime, np.array(rows, np.int8)) & _allowed(lots, regime))
        owner = (lots.waba if per_waba else lots.number)[chosen].astype(np.int64)
        for group in _groups(owner * 100_000 + month[chosen]):
            own = chosen[group]
            units = int(lots.count[own].sum())
            edges = (size,) if 0 < size < units else ()
            found.append(Use(Counter(own, edges), units, size, int(free), regime, per_waba))
    return found


def allowance(use: Use, lots: Lots, month: Int32, counted: Counted, terms: Terms, ranked: Ranked) -> Allowance:
    """Tell how a free allowance was used, and which unit was the first beyond it."""
    own = use.counter.lots
    owner = terms.account.wabas[lots.waba[own[0]]].id if use.per_waba else terms.numbers[lots.number[own[0]]]
    category = "" if use.regime.allowance and use.regime.allowance.of == "any" else Category.SERVICE.word
    made = Allowance("allowance", owner, "", "", category, use.size, use.units, int(NEVER), EMPTY)
    return _used(made, own, use.size, lots, month, counted, ranked)


def _used(
    made: Allowance, own: Int64, edge: int, lots: Lots, month: Int32, counted: Counted, ranked: Ranked
) -> Allowance:
    """Complete a counter: its month, the units of each day, and the first unit beyond the edge, if one is."""
    first = int(lots.day[own].min())
    counts = np.zeros(int(lots.day[own].max()) - first + 1, np.int64)
    np.add.at(counts, lots.day[own] - first, lots.count[own])
    crossed_at, crossing_row = int(NEVER), EMPTY
    if 0 <= edge < int(counts.sum()):
        crossed_at, crossing_row = _next_after(edge, own, counted, ranked)
    return replace(
        made,
        period=month_text(int(month[own[0]])),
        crossed_at=crossed_at,
        crossing_row=crossing_row,
        daily=tuple((day_of(first + day), int(counts[day])) for day in np.flatnonzero(counts).tolist()),
    )


def _next_after(n: int, lots: Int64, counted: Counted, ranked: Ranked) -> tuple[int, int]:
    """Give the instant and the row of the unit after the `n`-th in order of billing."""
    among = np.zeros(int(counted.lot.max()) + 1, bool)
    among[lots[lots < len(among)]] = True
    own = np.flatnonzero(among[counted.lot])
    at, row = counted.at[own], counted.row[own]
    moment = int(np.partition(at, n)[n])
    tied = row[at == moment]
    place = n - int(np.sum(at < moment))
    return moment, int(tied[np.argsort(ranked(tied))[place]]) if len(tied) > 1 else int(tied[0])


def _groups(keys: Int64) -> list[Int64]:
    """Give the places of each distinct key."""
    order = np.argsort(keys, kind="stable")
    if not len(order):
        return []
    edges = np.flatnonzero(np.diff(keys[order])) + 1
    return list(np.split(order, edges))


# Volume tiers --------------------------------------------------------------------------------------------------------


def tier_counters(
    lots: Lots, market: npt.NDArray[np.int16], month: Int32, keys: Int64, prices: Sequence[Price], terms: Terms
) -> list[Counter]:
    """Give the counters of pricing.md §7 that some tier row prices: one for each portfolio, market, category and month.

    `keys` are the lots' places in `prices`, -1 where nothing is due.
    """
    tiered = np.array([bool(price.tiers) for price in prices] or [False])
    chosen = np.flatnonzero(tier_eligible(lots, terms) & (keys >= 0))
    portfolio = np.array(_portfolios(terms.account), np.int64)[lots.waba[chosen]]
    counter = np.minimum(lots.category[chosen], Category.UTILITY + 1)  # both authentications share one
    code = ((portfolio * 1000 + market[chosen] + 1) * 16 + counter) * 100_000 + month[chosen]
    found = []
    for group in _groups(code):
        own = chosen[group]
        if tiered[keys[own]].any():
            opening = _opening(lots, market, month, int(own[0]), terms)
            charged = lots.pricing_type[own] == _REGULAR
            total = int(lots.count[own[charged]].sum())
            # What only would be charged comes after the last that is, and may lie beyond an edge there (§5.4).
            last = total if charged.all() else total + 1
            edges = _edges(keys[own], prices, opening or 0)
            found.append(Counter(own, [edge for edge in edges if 0 < edge < last and edge <= total], opening))
    return found


def _portfolios(account: Account) -> list[int]:
    """Give each WABA's portfolio as a number; a WABA without one stands alone."""
    names = [waba.portfolio or f"\0{n}" for n, waba in enumerate(account.wabas)]
    return [names.index(name) for name in names]


def _opening(lots: Lots, market: npt.NDArray[np.int16], month: Int32, lot: int, terms: Terms) -> int | None:
    """Give the stated opening volume for a lot's counter and month, None where none is stated.

    That of a WABA without a portfolio is stated by its id.
    """
    waba = terms.account.wabas[lots.waba[lot]]
    name = terms.markets.names[market[lot]] if market[lot] >= 0 else ""
    counter = Category.UTILITY if lots.category[lot] == Category.UTILITY else Category.AUTHENTICATION
    stated = [
        volume.volume
        for volume in terms.account.opening_volumes
        if (volume.portfolio, volume.market, volume.category, volume.month)
        == (waba.portfolio or waba.id, name, counter.word, month_text(int(month[lot])))
    ]
    return sum(stated) if stated else None


def _edges(keys: Int64, prices: Sequence[Price], opening: int) -> list[int]:
    return sorted({tier.first - 1 - opening for key in np.unique(keys).tolist() for tier in prices[key].tiers})


def tiers_used(
    counters: Sequence[Counter], lots: Lots, market: npt.NDArray[np.int16], month: Int32, keys: Int64,
    prices: Sequence[Price], counted: Counted, terms: Terms, ranked: Ranked,
) -> list[Allowance]:  # fmt: skip
    """Note the use of the tiers of each counter: every tier that was reached, and the next one."""
    found = []
    for counter in counters:
        own = counter.lots[lots.pricing_type[counter.lots] == _REGULAR]
        if not len(own):
            continue
        price = next(prices[key] for key in np.unique(keys[counter.lots]).tolist() if prices[key].tiers)
        opening = counter.opening or 0
        used = opening + int(lots.count[own].sum())
        waba, place = terms.account.wabas[lots.waba[own[0]]], market[own[0]]
        category = Category.UTILITY if lots.category[own[0]] == Category.UTILITY else Category.AUTHENTICATION
        name = terms.markets.names[place] if place >= 0 else ""
        bounds = sorted({tier.first - 1 for tier in price.tiers if tier.first > 1})
        reached = [bound for n, bound in enumerate(bounds) if not n or bounds[n - 1] < used]
        for bound in reached:
            made = Allowance(
                "tier", waba.portfolio or waba.id, "", name, category.word, bound, used, int(NEVER), EMPTY, opening
            )
            found.append(_used(made, own, bound - opening, lots, month, counted, ranked))
    return found


def numbers(pieces: Pieces, counters: Sequence[Counter], lots: Lots, terms: Terms) -> Int64:
    """Give for each piece the number of its first unit within its tier counter; 0 outside tiers.

    Where the tier reached holds for all (`Terms.tiers_reached`), it is that of the counter's last unit. A month without
    a stated opening volume has the number negated: it may be later in truth (pricing.md §7).
    """
    found = np.zeros(len(pieces.lot), np.int64)
    for counter in counters:
        charged = counter.lots[lots.pricing_type[counter.lots] == _REGULAR]
        last = max(1, int(lots.count[charged].sum()))
        for lot in counter.lots.tolist():
            first = pieces.first[lot]
            for step, before in enumerate((0, *counter.edges)):
                number = (last if terms.tiers_reached else before + 1) + (counter.opening or 0)
                found[first + step] = number if counter.opening is not None else -number
    return found

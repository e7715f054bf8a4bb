"""Counting units through a month: free allowances (pricing.md §§3.5, 4.4, 6) and volume tiers (§7).

The order of billing decides which unit is the thousandth. Ties in time are broken by id, then user (§1).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from auditor.core.rates import Price
from auditor.core.regimes import MESSAGE
from auditor.core.regimes import Regime
from auditor.core.tables import NEVER
from auditor.core.tables import Account
from auditor.core.tables import Allowance
from auditor.core.tables import Category
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.terms import EMPTY
from auditor.core.terms import Priced
from auditor.core.terms import Ranked
from auditor.core.terms import Terms
from auditor.core.threads import Folded
from auditor.core.timeline import day_of
from auditor.core.timeline import month_text
from auditor.core.windows import Units


def allow(units: Units, folded: Folded, priced: Priced, terms: Terms, ranked: Ranked) -> None:
    """Let the first so many units of each owner and month pass free, in order of billing."""
    by_id: dict[str, list[int]] = {}
    for n, regime in enumerate(terms.regimes):
        if regime.allowance:
            by_id.setdefault(regime.id, []).append(n)
    for rows in by_id.values():
        regime = terms.regimes[rows[0]]
        allowance = regime.allowance
        if allowance is None:
            continue
        counted = np.isin(units.regime, np.array(rows, np.int8)) & (priced.pricing_type == PricingType.REGULAR)
        if allowance.of == "service":
            counted &= priced.category == Category.SERVICE
        size = allowance.size if terms.allowance_size is None else terms.allowance_size
        per_waba = (terms.allowance_per or allowance.per) == "waba"
        _allow_of(np.flatnonzero(counted), size, regime, per_waba, units, folded, priced, terms, ranked)


def _allow_of(
    counted: Int64, size: int, regime: Regime, per_waba: bool, units: Units, folded: Folded, priced: Priced,
    terms: Terms, ranked: Ranked,
) -> None:  # fmt: skip
    opener = units.opener[counted]
    owner = folded.waba[opener].astype(np.int64) if per_waba else folded.number[opener].astype(np.int64)
    free = PricingType.FREE_CUSTOMER_SERVICE if regime.unit == MESSAGE else PricingType.FREE_TIER
    for group in _groups(owner * 100_000 + priced.month[counted]):
        chosen = counted[group]
        ordered = chosen if len(chosen) <= size else _ordered(chosen, (size,), units, folded, ranked)
        priced.pricing_type[ordered[:size]] = free
        owned = _owner(owner[group[0]], per_waba, terms)
        category = "" if regime.allowance and regime.allowance.of == "any" else Category.SERVICE.word
        made = Allowance("allowance", owned, "", "", category, size, len(chosen), int(NEVER), EMPTY)
        priced.allowances.append(_used(made, ordered, size, units, folded, priced))


def _used(made: Allowance, ordered: Int64, edge: int, units: Units, folded: Folded, priced: Priced) -> Allowance:
    """Complete a counter: its month, the units of each day, and the first unit beyond the edge, if one is."""
    crossing = units.opener[ordered[edge]] if 0 <= edge < len(ordered) else EMPTY
    first = int(units.day[ordered].min())
    counts = np.bincount(units.day[ordered] - first)
    return replace(
        made,
        period=month_text(int(priced.month[ordered[0]])),
        crossed_at=int(folded.billed[crossing]) if crossing >= 0 else int(NEVER),
        crossing_row=int(folded.row[crossing]) if crossing >= 0 else EMPTY,
        daily=tuple((day_of(first + day), int(counts[day])) for day in np.flatnonzero(counts).tolist()),
    )


def _owner(index: int, per_waba: bool, terms: Terms) -> str:
    return terms.account.wabas[index].id if per_waba else terms.numbers[index]


def _groups(keys: Int64) -> list[Int64]:
    """Give the places of each distinct key."""
    order = np.argsort(keys, kind="stable")
    if not len(order):
        return []
    edges = np.flatnonzero(np.diff(keys[order])) + 1
    return list(np.split(order, edges))


def _ordered(chosen: Int64, edges: Sequence[int], units: Units, folded: Folded, ranked: Ranked) -> Int64:
    """Give units in order of billing; ties are broken by id only across an edge: elsewhere they change nothing."""
    at = folded.billed[units.opener[chosen]]
    ordered = chosen[np.argsort(at, kind="stable")]
    at = np.sort(at)
    for edge in edges:
        if 0 < edge < len(at) and at[edge - 1] == at[edge]:
            first, last = np.searchsorted(at, at[edge], "left"), np.searchsorted(at, at[edge], "right")
            tied = ordered[first:last]
            ordered[first:last] = tied[np.argsort(ranked(units.opener[tied]), kind="stable")]
    return ordered


def count_tiers(
    due: Int64, eligible: npt.NDArray[np.bool_], would_be: npt.NDArray[np.bool_], keys: Int64, prices: Sequence[Price],
    units: Units, folded: Folded, priced: Priced, terms: Terms, ranked: Ranked,
) -> Int64:  # fmt: skip
    """Give each due unit its number in the month of its (portfolio, market, category); 0 outside tiers.

    A unit whose month has no stated opening volume has the number negated: it may be later in truth (pricing.md §7).
    A unit that only `would_be` charged has the number that comes next, and does not use it (§5.4).
    """
    numbers = np.zeros(len(due), np.int64)
    tiered = np.array([bool(p.tiers) for p in prices] or [False])
    counted = np.flatnonzero(eligible)
    if not len(counted) or not tiered[keys[counted]].any():
        return numbers
    chosen = due[counted]
    portfolio = np.array(_portfolios(terms.account), np.int64)[folded.waba[units.opener[chosen]]]
    counter = np.minimum(priced.category[chosen], Category.UTILITY + 1)  # both authentications share one
    code = ((portfolio * 1000 + priced.market[chosen] + 1) * 16 + counter) * 100_000 + priced.month[chosen]
    for group in _groups(code):
        if not tiered[keys[counted[group]]].any():
            continue
        some = chosen[group]
        opening = _opening(some[0], units, folded, priced, terms)
        edges = _edges(keys[counted[group]], prices, opening or 0)
        free = would_be[counted[group]]
        ordered = _ordered(some, range(1, len(some)) if free.any() else edges, units, folded, ranked)
        places = np.searchsorted(due, ordered)
        number = np.cumsum(~would_be[places]) + would_be[places] + (opening or 0)
        numbers[places] = number if opening is not None else -number
        using = ordered[~would_be[places]]
        price = next(prices[key] for key in np.unique(keys[counted[group]]).tolist() if prices[key].tiers)
        _note_tiers(using, price, opening or 0, units, folded, priced, terms)
    return numbers


def _note_tiers(
    using: Int64, price: Price, opening: int, units: Units, folded: Folded, priced: Priced, terms: Terms
) -> None:
    """Note the use of the tiers of one counter: every tier that was reached, and the next one."""
    if not len(using):
        return
    waba = terms.account.wabas[folded.waba[units.opener[using[0]]]]
    market, used = priced.market[using[0]], opening + len(using)
    category = Category.UTILITY if priced.category[using[0]] == Category.UTILITY else Category.AUTHENTICATION
    bounds = sorted({tier.first - 1 for tier in price.tiers if tier.first > 1})
    for place, bound in enumerate(bounds):
        if place and bounds[place - 1] >= used:
            break
        name = terms.markets.names[market] if market >= 0 else ""
        owner = waba.portfolio or waba.id
        made = Allowance("tier", owner, "", name, category.word, bound, used, int(NEVER), EMPTY, opening)
        priced.allowances.append(_used(made, using, bound - opening, units, folded, priced))


def _portfolios(account: Account) -> list[int]:
    """Give each WABA's portfolio as a number; a WABA without one stands alone."""
    names = [waba.portfolio or f"\0{n}" for n, waba in enumerate(account.wabas)]
    return [names.index(name) for name in names]


def _opening(unit: int, units: Units, folded: Folded, priced: Priced, terms: Terms) -> int | None:
    """Give the stated opening volume for a unit's counter and month, None where none is stated."""
    waba = terms.account.wabas[folded.waba[units.opener[unit]]]
    market = terms.markets.names[priced.market[unit]] if priced.market[unit] >= 0 else ""
    counter = Category.UTILITY if priced.category[unit] == Category.UTILITY else Category.AUTHENTICATION
    month = month_text(int(priced.month[unit]))
    stated = [
        volume.volume
        for volume in terms.account.opening_volumes
        if waba.portfolio
        and (volume.portfolio, volume.market, volume.category, volume.month)
        == (waba.portfolio, market, counter.word, month)
    ]
    return sum(stated) if stated else None


def _edges(keys: Int64, prices: Sequence[Price], opening: int) -> list[int]:
    firsts = {tier.first - 1 - opening for key in np.unique(keys).tolist() for tier in prices[key].tiers}
    return sorted(firsts)

"""Rates of a card of which a decimal point was lost: 703 for 0.0703 (formats.md §5).

A rate passes every sum, however large it is; only beside others of its kind can it be seen to be none.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

from auditor.core.problems import Problem
from auditor.core.records import Card
from auditor.core.records import RateRow
from auditor.readers.rates.cards import meta_card

# No reseller asks ten times the price of the dearest market, and none a fiftieth of what Meta asks in the same one.
_ABOVE, _BELOW = 10, 50
# Of a currency that Meta does not bill in, the card's own other markets are the measure, which lie further apart.
_ABOVE_OTHERS, _BELOW_OTHERS, _LEAST_OTHERS = 100, 1000, 4


class _Reach(NamedTuple):
    """Between what a rate may be, and the least and the highest of those that show it."""

    least: Decimal
    most: Decimal
    low: Decimal
    high: Decimal


def odd_rates(card: Card) -> Iterator[Problem]:
    """Remark each row whose rate is of another magnitude than Meta's of its currency and category, or the card's own.

    It is not refused: whatever was agreed is the rate. One of nothing is not odd.
    """
    shown, own = _by_kind(meta_card().rows), _by_kind(card.rows)
    usual = {kind: _by_others(rates) for kind, rates in own.items() if kind not in shown}
    near = {
        (*kind, market): _by_known(market, shown[kind])
        for kind, rates in own.items()
        if kind in shown
        for market in rates
    }
    for row in card.rows:
        kind = row.currency, row.category
        reach = near.get((*kind, row.market)) or usual.get(kind)
        if row.rate and reach and not reach.least <= row.rate <= reach.most:
            values = {"rate": f"{row.rate:f}", "currency": row.currency, "category": row.category}
            values |= {"low": f"{reach.low:f}", "high": f"{reach.high:f}"}
            code = "card_rate_high" if row.rate > reach.most else "card_rate_low"
            yield Problem(code, row.place, MappingProxyType(values))


def _by_kind(rows: Iterable[RateRow]) -> Mapping[tuple[str, str], Mapping[str, Sequence[Decimal]]]:
    """Give the rates by currency and category, and within these by market; those of nothing are left out."""
    found: dict[tuple[str, str], dict[str, list[Decimal]]] = {}
    for row in rows:
        if row.rate:
            found.setdefault((row.currency, row.category), defaultdict(list))[row.market].append(row.rate)
    return found


def _by_known(market: str, known: Mapping[str, Sequence[Decimal]]) -> _Reach:
    """Give the reach that Meta's rates of every market, or below those of this one, leave."""
    every = [rate for rates in known.values() for rate in (min(rates), max(rates))]
    here = known.get(market) or every
    return _Reach(min(here) / _BELOW, max(every) * _ABOVE, min(every), max(every))


def _by_others(rates: Mapping[str, Sequence[Decimal]]) -> _Reach | None:
    """Give the reach that the usual rate of the card's own leaves, where there are enough of them."""
    every = [rate for of_market in rates.values() for rate in of_market]
    usual = median(every) if len(every) >= _LEAST_OTHERS else None
    return _Reach(usual / _BELOW_OTHERS, usual * _ABOVE_OTHERS, usual, usual) if usual else None

"""Counted charges added up: units by line and price, and what they come to there."""

from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal

from auditor.core.causes.view import Item
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.reconcile import Side
from auditor.core.reconcile import UnitPrice

_FEW = 32  # prices of a line, up to which its units are told apart by them: at daily exchange rates there are hundreds

Counted = dict[str, dict[UnitPrice | None, int]]
"""Units by line and price."""


def count(items: Iterable[Item], away: Iterable[Item] = ()) -> Counted:
    """Count units by line and price, and take those `away` from them. Free ones are under keys of their own."""
    made: Counted = {}
    for sign, some in ((-1, away), (1, items)):
        for item in some:
            price = item.price
            for key, units in item.lines:
                own = made.get(key)
                if own is None:
                    made[key] = {price: sign * units}
                else:
                    own[price] = own.get(price, 0) + sign * units
    return made


def step_of(counted: Mapping[UnitPrice | None, int]) -> tuple[int, Decimal]:
    """Give how many units have a rate, and what they come to, exactly."""
    quantity, amount = 0, ZERO
    for price, units in counted.items():
        if price is not None:
            quantity += units
            amount = EXACT.fma(price.each, units, amount)
    return quantity, amount


def side_of(counted: Mapping[UnitPrice | None, int]) -> Side:
    """Give what units come to on a line, by their prices if these are a few; those without a rate are counted apart."""
    quantity, amount = step_of(counted)
    rates = frozenset().union(*(price.rates for price in counted if price is not None))
    prices: frozenset[tuple[UnitPrice, int]] = frozenset()
    if 1 < len(counted) <= _FEW:
        prices = frozenset((price, units) for price, units in counted.items() if price is not None and units)
    return Side(quantity, amount, rates=rates, unrated=counted.get(None, 0), prices=prices)

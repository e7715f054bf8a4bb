"""Whether what one message comes to on an invoice can be a price at all, by Meta's own cards (formats.md §4).

Amounts in cents, quantities in packets and a currency taken for another pass every sum; a price of a message does not.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import islice
from types import MappingProxyType

from auditor.core.problems import Problem
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.rates.cards import meta_card
from auditor.readers.rulebook import market_table
from auditor.readers.tables.layouts import Layout

_LOOKED_AT = 500
# No reseller asks four times the price of the dearest market, and no discount is nine tenths of the cheapest one's.
_ABOVE, _BELOW = 4, 10
_ROUNDED = Decimal("0.011")
_LEAST, _OF_MONEY = 2, 2
_THOUSAND = Decimal(1000)


def check_prices(sheet: Sheet, layout: Layout, lines: Iterable[InvoiceLine]) -> tuple[Problem, ...]:
    """Remark amounts of which most of the first lines are for messages of a price far from any on Meta's cards.

    Only where a card is in the invoice's currency; lines free of charge, or of no category, show nothing.
    """
    stated = [line for line in islice(lines, _LOOKED_AT) if _shows_price(line)]
    beyond = [line for line in stated if _is_beyond(line)]
    amount = layout.field("amount")
    if not amount or 2 * len(beyond) <= len(stated) or not beyond:
        return ()
    low, high = _ends()[beyond[0].currency, beyond[0].category]
    price = beyond[0].amount / (beyond[0].quantity or Decimal(1))
    values = {
        "count": str(len(beyond)),
        "of": str(len(stated)),
        "price": f"{price:.4g}" if price < 1 else f"{price:.2f}",
        "currency": beyond[0].currency,
        "low": str(low),
        "high": str(high),
    }
    place = sheet.place(layout.header_row, amount.column)
    return (Problem("price_implausible", place, MappingProxyType(values)),)


def check_rates_alone(sheet: Sheet, layout: Layout, lines: Iterable[InvoiceLine]) -> tuple[Problem, ...]:
    """Remark amounts without any quantity or rate that are all below one, most with decimals that no money has.

    So a list of what a message costs looks, in each place and category. One of thousands has Meta's prices.
    """
    shown = [line for line in islice(lines, _LOOKED_AT) if line.layer == Layer.META and line.amount]
    amount = layout.field("amount")
    if not amount or len(shown) < _LEAST or any(line.quantity or line.unit_rate for line in shown):
        return ()
    fine = [line for line in shown if int(line.amount.normalize().as_tuple().exponent) < -_OF_MONEY]
    priced = shown if all(is_on_card(line, _THOUSAND) for line in shown) else []
    rates = priced if any(line.amount >= 1 for line in shown) else fine
    place = sheet.place(layout.header_row, amount.column)
    return (Problem("amounts_like_rates", place),) if 2 * len(rates) > len(shown) else ()


def _shows_price(line: InvoiceLine) -> bool:
    """Tell a charge for messages whose category is on a card in its currency."""
    charged = line.layer == Layer.META and line.amount > 0 and (line.quantity or 0) > 0
    return charged and (line.currency, line.category) in _ends()


def _is_beyond(line: InvoiceLine) -> bool:
    low, high = _ends()[line.currency, line.category]
    quantity = line.quantity or Decimal(1)
    return not low / _BELOW * quantity <= line.amount <= high * _ABOVE * quantity


def is_on_card(line: InvoiceLine, quantity: Decimal) -> bool:
    """Tell whether an amount is what so many messages cost at a price that Meta's cards ask or asked for them."""
    return any(abs(quantity * price - line.amount) <= _ROUNDED for price in prices_of(line))


def prices_of(line: InvoiceLine) -> frozenset[Decimal]:
    """Give every price of Meta's cards for a line's market and category in its currency; none if they are not known."""
    market = line.market
    if not market and line.country:
        market = market_table().market_of_country(line.country, line.period_end or date.max)
    return rates_on_cards().get((line.currency, market, line.category), frozenset())


@cache
def rates_on_cards() -> Mapping[tuple[str, str, str], frozenset[Decimal]]:
    """Give, by currency, market and category, every rate that any of Meta's cards has had."""
    found: dict[tuple[str, str, str], set[Decimal]] = {}
    for row in meta_card().rows:
        if row.rate:
            found.setdefault((row.currency, row.market, row.category), set()).add(row.rate)
    return {name: frozenset(rates) for name, rates in found.items()}


@cache
def _ends() -> Mapping[tuple[str, str], tuple[Decimal, Decimal]]:
    """Give, by currency and category, the least and the highest price on any of Meta's cards."""
    found: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for (currency, _, category), rates in rates_on_cards().items():
        low, high = found.get((currency, category), (min(rates), max(rates)))
        found[currency, category] = min(low, *rates), max(high, *rates)
    return found

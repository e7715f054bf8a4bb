"""Counted charges priced and put on the lines of an invoice, as the rules have it or under another reading.

What a view changes comes after the messages were charged: the label a unit is billed under, the card its rate is
taken from, the exchange rate, and what is put on top. Everything is exact; nothing is rounded but where a reading says
that the biller rounds (pricing.md §9.2).
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN
from decimal import Decimal

from auditor.core.exchange import Exchange
from auditor.core.explain_grain import FineGrain
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import rounded
from auditor.core.money import times
from auditor.core.rates import TIERED
from auditor.core.rates import Tariff
from auditor.core.reconcile import Side
from auditor.core.results import Cell
from auditor.core.tables import PricingType

_FREE = {kind.word for kind in PricingType if kind.is_free}
_TIERED = frozenset(category.word for category in TIERED)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Billed:
    """What counted charges become on an invoice: the cell they are labelled as, and the one they are priced as."""

    label: Cell
    priced: Cell


Relabel = Callable[[Billed], Billed]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where a rate is looked up: which cards, as of which day (None: the unit's own), in which currency ("": its own).

    `tier` is a number of the month to price every tiered unit as (0: its own tier); `converted` tells whether a rate
    of another currency is exchanged or taken as it stands.
    """

    tariff: Tariff
    as_of: date | None = None
    currency: str = ""
    converted: bool = True
    tier: Callable[[Cell], int] | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One way to price counted charges. `rate_day` gives the day whose exchange rate serves.

    `factor` and `per_unit` are put on converted amounts; `unit_digits` rounds every unit's price, with what is put on
    it, to so many decimals (half up, or down where `cut_off`), `listed_digits` its rate before that is exchanged.
    """

    lookup: Lookup
    exchange: Exchange
    relabels: tuple[Relabel, ...] = ()
    rate_day: Callable[[date], date] | None = None
    factor: Decimal = _ONE
    per_unit: Decimal = ZERO
    unit_digits: int | None = None
    cut_off: bool = False
    listed_digits: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A counted cell as billed: the key of its line, its units and amount (None: unrated), and its price a unit.

    `listed` is the price before what is put on top: an invoice may show either.
    """

    key: str
    charged: bool
    quantity: int
    amount: Decimal | None
    rate: Decimal | None
    listed: Decimal | None = None

    def taken_away(self) -> "Item":
        """Give what takes it from its line again."""
        amount = None if self.amount is None else -self.amount
        return replace(self, quantity=-self.quantity, amount=amount)


def _labelled(cell: Cell, view: View) -> Billed:
    billed = Billed(cell, cell)
    for relabel in view.relabels:
        billed = relabel(billed)
    return billed


class Pricer:
    """Prices tallies under views, for one grain and invoice currency."""

    def __init__(self, grain: FineGrain, base: Lookup, currency: str, document: date | None) -> None:
        """Take the grain of the invoice and the tariff as it is in force."""
        self._grain = grain
        self._base = base
        self._currency = currency
        self._document = document

    def items(self, cells: Sequence[Cell], view: View) -> list[Item]:
        """Price every cell; raises `AuditorError` where an exchange rate is missing."""
        return [self._item(cell, view) for cell in cells]

    def relabelled(self, due: Sequence[tuple[Cell, Item]], view: View) -> list[tuple[Cell, Item]]:
        """Price cells that were priced without the labels of a view: what it leaves as it is stays as it was."""
        made = []
        for cell, item in due:
            billed = _labelled(cell, view)
            same = billed.label is cell and billed.priced is cell
            made.append((cell, item if same else self._billed(cell, billed, view)))
        return made

    def _item(self, cell: Cell, view: View) -> Item:
        return self._billed(cell, _labelled(cell, view), view)

    def _billed(self, cell: Cell, billed: Billed, view: View) -> Item:
        key = self._grain.key_of(billed.label)
        if billed.priced.pricing_type in _FREE:
            return Item(key, False, cell.quantity, ZERO, ZERO)
        rate = self._rate(cell, billed.priced, view)
        if rate is None:
            return Item(key, True, cell.quantity, None, None)
        if view.listed_digits is not None:
            rate = rounded(rate, view.listed_digits)
        rate = self._converted(rate, cell, view)
        price = EXACT.add(EXACT.multiply(rate, view.factor), view.per_unit)
        if view.unit_digits is not None:
            price = self._unit_rounded(price, view)
        return Item(key, True, cell.quantity, times(price, cell.quantity), price, rate)

    @staticmethod
    def _unit_rounded(price: Decimal, view: View) -> Decimal:
        digits = view.unit_digits or 0
        if view.cut_off:
            return price.quantize(_ONE.scaleb(-digits), rounding=ROUND_DOWN)
        return rounded(price, digits)

    def _rate(self, cell: Cell, priced: Cell, view: View) -> Decimal | None:
        """Give a unit's rate before conversion: its own, unless the view takes it from elsewhere."""
        same = priced.market == cell.market and priced.category == cell.category
        same = same and priced.pricing_type == cell.pricing_type
        if same and view.lookup is self._base:
            return cell.rate
        if same and cell.rate is not None and self._look_up(cell, cell, self._base) != cell.rate:
            return cell.rate  # what the log states it cost (a maximum price) is on no card
        found = self._look_up(cell, priced, view.lookup)
        return cell.rate if found is None and same else found

    @staticmethod
    def _look_up(cell: Cell, priced: Cell, lookup: Lookup) -> Decimal | None:
        price = lookup.tariff.price(
            lookup.currency or cell.currency, priced.market, priced.category, lookup.as_of or cell.day
        )
        number = lookup.tier(cell) if lookup.tier else cell.tier_from
        if not number and price.tiers and priced.category in _TIERED and cell.regime.startswith("message"):
            own = lookup.tariff.price(cell.currency, cell.market, cell.category, cell.day)
            number = 0 if own.tiers else 1  # a group's unit stays outside tiers; where there were none it is the first
        rate, _ = price.at(number) if number else (price.listed, 0)
        return None if rate is None else rate.value

    def _converted(self, rate: Decimal, cell: Cell, view: View) -> Decimal:
        lookup = view.lookup
        source = lookup.currency if lookup.currency and lookup.converted else cell.currency
        if source == self._currency or not rate:
            return rate
        day = view.rate_day(cell.day) if view.rate_day else cell.day
        return view.exchange.convert(rate, source, self._currency, day, self._document)


def gather(items: Sequence[Item]) -> Mapping[str, Side]:
    """Add items up by line. Units without a rate are counted apart, free ones under keys of their own."""
    quantities: dict[str, int] = {}
    amounts: dict[str, Decimal] = {}
    rates: dict[str, set[Decimal]] = {}
    unrated: dict[str, int] = {}
    for item in items:
        key = item.key
        quantities.setdefault(key, 0)
        if item.amount is None:
            unrated[key] = unrated.get(key, 0) + item.quantity
            continue
        quantities[key] += item.quantity
        amounts[key] = EXACT.add(amounts[key], item.amount) if key in amounts else item.amount
        rates.setdefault(key, set()).update(rate for rate in (item.rate, item.listed) if rate is not None)
    return {
        key: Side(quantity, amounts.get(key, ZERO), rates=frozenset(rates.get(key, ())), unrated=unrated.get(key, 0))
        for key, quantity in quantities.items()
    }

"""Counted charges priced and put on the lines of an invoice, as the rules have it or under another reading.

What a view changes comes after the messages were charged: the label a unit is billed under, the card its rate is
taken from, the exchange rate, and what is put on top. Everything is exact; nothing is rounded but where a reading says
that the biller rounds (pricing.md §9.2).
"""

from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Iterable
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
_FOR_NOTHING = frozenset({ZERO})


@dataclass(frozen=True, slots=True)
class Billed:
    """What counted charges become on an invoice: the cell they are labelled as, and the one they are priced as."""

    label: Cell
    priced: Cell


Relabel = Callable[[Billed], Billed]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Counted cells that differ in their days alone, with no change of a rate, market or rule between these.

    `cell` stands for all, with the units of all; `days` are the units of each day, which exchange rates hang on.
    """

    cell: Cell
    days: tuple[tuple[date, int], ...]


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
    """Counted charges as billed: the key of their line, their units and amount (None: unrated), their prices a unit.

    `rates` are prices with and without what is put on top: an invoice may show either.
    """

    key: str
    charged: bool
    quantity: int
    amount: Decimal | None
    rates: frozenset[Decimal] = frozenset()

    def taken_away(self) -> "Item":
        """Give what takes it from its line again."""
        amount = None if self.amount is None else -self.amount
        return replace(self, quantity=-self.quantity, amount=amount)


Priced = list[tuple[Group, Item]]
"""Counted charges, each group with what it is billed as."""
_Exchanged = tuple[tuple[Decimal, int], ...]
"""Exchange rates, and the units that each holds for."""


def _labelled(cell: Cell, view: View) -> Billed:
    billed = Billed(cell, cell)
    for relabel in view.relabels:
        billed = relabel(billed)
    return billed


class Pricer:
    """Prices tallies under views, for one grain and invoice currency."""

    def __init__(
        self, grain: FineGrain, base: Lookup, currency: str, document: date | None, breaks: Sequence[date]
    ) -> None:
        """Take the grain of the invoice and the tariff as it is in force; on `breaks` a rate or rule may change."""
        self._grain = grain
        self._base = base
        self._currency = currency
        self._document = document
        self._breaks = breaks
        self._groups: dict[int, tuple[Sequence[Cell], tuple[Group, ...]]] = {}
        self._exchanged: dict[tuple[Exchange, Callable[[date], date] | None, str], dict[Group, _Exchanged]] = {}

    def items(self, cells: Sequence[Cell], view: View) -> Priced:
        """Price all cells; raises `AuditorError` where an exchange rate is missing."""
        return [(group, self._billed(group, _labelled(group.cell, view), view)) for group in self._grouped(cells)]

    def one(self, cell: Cell, view: View) -> Item:
        """Price one cell; raises `AuditorError` where an exchange rate is missing."""
        return self._billed(_group((cell,)), _labelled(cell, view), view)

    def relabelled(self, due: Priced, view: View) -> Priced:
        """Price cells that were priced without the labels of a view: what it leaves as it is stays as it was."""
        made = []
        for group, item in due:
            billed = _labelled(group.cell, view)
            same = billed.label is group.cell and billed.priced is group.cell
            made.append((group, item if same else self._billed(group, billed, view)))
        return made

    def _grouped(self, cells: Sequence[Cell]) -> tuple[Group, ...]:
        """Put cells together that lie on other days only; each by itself where lines tell days apart."""
        known = self._groups.get(id(cells))
        if known is None:
            apart: dict[Sequence[object], list[Cell]] = {}
            for n, cell in enumerate(cells):
                apart.setdefault((n,) if self._grain.by_day else self._but_for_the_day(cell), []).append(cell)
            known = self._groups[id(cells)] = (cells, tuple(_group(some) for some in apart.values()))
        return known[1]

    def _but_for_the_day(self, cell: Cell) -> Sequence[object]:
        return (
            cell.waba_id, cell.phone_number_id, cell.period, cell.regime, cell.market, cell.country, cell.category,
            cell.pricing_type, cell.tier_from, cell.rate, cell.currency, bisect_right(self._breaks, cell.day),
        )  # fmt: skip

    def _billed(self, group: Group, billed: Billed, view: View) -> Item:
        cell = group.cell
        key = self._grain.key_of(billed.label)
        if billed.priced.pricing_type in _FREE:
            return Item(key, False, cell.quantity, ZERO, _FOR_NOTHING)
        rate = self._rate(cell, billed.priced, view)
        if rate is None:
            return Item(key, True, cell.quantity, None)
        if view.listed_digits is not None:
            rate = rounded(rate, view.listed_digits)
        amount, rates = None, set()
        for listed, units in self._converted(rate, group, view):
            price = EXACT.add(EXACT.multiply(listed, view.factor), view.per_unit)
            if view.unit_digits is not None:
                price = self._unit_rounded(price, view)
            part = times(price, units)
            amount = part if amount is None else EXACT.add(amount, part)
            rates |= {price, listed}
        return Item(key, True, cell.quantity, amount, frozenset(rates))

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

    def _converted(self, rate: Decimal, group: Group, view: View) -> Iterable[tuple[Decimal, int]]:
        """Give a rate in the invoice's currency, as often as days have another, with the units of each."""
        lookup = view.lookup
        source = lookup.currency if lookup.currency and lookup.converted else group.cell.currency
        if source == self._currency or not rate:
            return ((rate, group.cell.quantity),)
        known = self._exchanged.setdefault((view.exchange, view.rate_day, source), {})
        if group not in known:
            known[group] = self._rates_of_days(group, view, source)
        return [(EXACT.multiply(rate, one), units) for one, units in known[group]]

    def _rates_of_days(self, group: Group, view: View, source: str) -> _Exchanged:
        made: dict[Decimal, int] = {}
        for own, units in group.days:
            day = view.rate_day(own) if view.rate_day else own
            rate = view.exchange.rate(source, self._currency, day, self._document).rate
            made[rate] = made.get(rate, 0) + units
        return tuple(made.items())


def _group(cells: Sequence[Cell]) -> Group:
    days = tuple((cell.day, cell.quantity) for cell in cells)
    return Group(cells[0] if len(cells) == 1 else replace(cells[0], quantity=sum(units for _, units in days)), days)


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
        rates.setdefault(key, set()).update(item.rates)
    return {
        key: Side(quantity, amounts.get(key, ZERO), rates=frozenset(rates.get(key, ())), unrated=unrated.get(key, 0))
        for key, quantity in quantities.items()
    }

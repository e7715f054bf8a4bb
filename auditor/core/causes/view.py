"""Counted charges priced and put on the lines of an invoice, as the rules have it or under another reading.

What a view changes comes after the messages were charged: the label a unit is billed under, the card its rate is
taken from, the exchange rate, and what is put on top. Everything is exact; nothing is rounded but where a reading says
that the biller rounds (pricing.md §9.2).
"""

from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from functools import reduce

from auditor.core.causes.forgetting import forget
from auditor.core.causes.grain import FineGrain
from auditor.core.exchange import Exchange
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import rounded
from auditor.core.money import times
from auditor.core.rates import TIERED
from auditor.core.rates import Tariff
from auditor.core.reconcile import FREE
from auditor.core.reconcile import UnitPrice
from auditor.core.results import Cell

_TIERED = frozenset(category.word for category in TIERED)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Billed:
    """What counted charges become on an invoice: the cell they are labelled as, and the one they are priced as."""

    label: Cell
    priced: Cell


def told_as(
    cell: Cell, market: str | None = None, country: str | None = None, category: str | None = None,
    pricing_type: str | None = None, quantity: int | None = None,
) -> Cell:  # fmt: skip
    """Give a cell with other words on it, or as many units as stated (None: its own).

    A search makes thousands; `replace` takes thrice as long.
    """
    return Cell(
        cell.waba_id, cell.phone_number_id, cell.period, cell.day, cell.regime,
        cell.market if market is None else market,
        cell.country if country is None else country,
        cell.category if category is None else category,
        cell.pricing_type if pricing_type is None else pricing_type,
        cell.tier_from, cell.rate, cell.currency,
        cell.quantity if quantity is None else quantity,
        cell.amount, cell.low, cell.high, cell.certain, cell.reasons,
    )  # fmt: skip


def both_as(billed: Billed, category: str | None = None, pricing_type: str | None = None) -> Billed:
    """Label and price counted charges by other words; what is both is one cell: to copy it takes longest."""
    label = told_as(billed.label, category=category, pricing_type=pricing_type)
    if billed.priced is billed.label:
        return Billed(label, label)
    return Billed(label, told_as(billed.priced, category=category, pricing_type=pricing_type))


Relabel = Callable[[Billed], Billed]
"""Bills a unit as what it is not; of a cell only the market, country, category and pricing type may become others."""


@dataclass(frozen=True, slots=True)
class InMarket:
    """Bills units of one market as what they are not; units that are not due there it leaves, wherever billed."""

    market: str
    change: Relabel

    def __call__(self, billed: Billed) -> Billed:
        """Bill a unit so."""
        return self.change(billed)


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Units, and how many of them each day has: lines and exchange rates hang on it."""

    units: int
    by_day: tuple[tuple[date, int], ...]

    @classmethod
    def of(cls, by_day: Sequence[tuple[date, int]]) -> "Days":
        """Add days up."""
        return cls(sum(units for _, units in by_day), tuple(by_day))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Counted cells that differ in their days alone, with no change of a rate, market or rule between these.

    `due` is a cell that stands for all, with the units of all, as it is billed by the rules.
    """

    due: Billed
    days: Days

    @property
    def cell(self) -> Cell:
        """Give the cell that stands for all."""
        return self.due.label


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where a rate is looked up: which cards, as of which day (None: the unit's own), in which currency ("": its own).

    `at_first_tier` prices every tiered unit as the first of its month; `converted` tells whether a rate of another
    currency is exchanged or taken as it stands. What stands on no card there keeps its own rate, or is not billed at
    all (`only_listed`).
    """

    tariff: Tariff
    as_of: date | None = None
    currency: str = ""
    converted: bool = True
    at_first_tier: bool = False
    only_listed: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One way to price counted charges. `rate_day` gives the day whose exchange rate serves.

    `factor` and `per_unit` are put on converted amounts; `unit_digits` rounds every unit's price, with what is put on
    it, to so many decimals (half up, or as `unit_mode` says), `listed_digits` its rate before that is exchanged (or as
    `listed_mode` says); `listed_plus` is added to that rate, and `bare_digits` rounds what it comes to before anything
    is put on it.
    """

    lookup: Lookup
    exchange: Exchange
    relabels: tuple[Relabel, ...] = ()
    rate_day: Callable[[date], date] | None = None
    factor: Decimal = _ONE
    per_unit: Decimal = ZERO
    unit_digits: int | None = None
    unit_mode: str = ""
    listed_digits: int | None = None
    listed_mode: str = ""
    listed_plus: Decimal = ZERO
    bare_digits: int | None = None


Lines = tuple[tuple[str, int], ...]
"""The keys of lines, and how many units each holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """Counted charges as billed at one price (None: unrated), on the lines that their days are on."""

    lines: Lines
    price: UnitPrice | None

    def taken_away(self) -> "Item":
        """Give what takes it from its lines again."""
        return Item(tuple((key, -units) for key, units in self.lines), self.price)


Items = tuple[Item, ...]
"""A group as billed: an item for each of its prices, of which exchange rates by day make several."""
Priced = list[tuple[Group, Items]]
"""Counted charges, each group with what it is billed as."""
Known = dict[tuple[object, ...], Items]
"""What groups come to under labels that were met before, priced in one way."""
_Share = tuple[int, int, tuple[int, ...]]
"""The place of an exchange rate, how many units of a group it holds for, and the places of their days."""


@dataclass(slots=True)
class _Exchanged:
    """Exchange `rates` from one currency under one reading, each known by its place, and what they come to.

    `of_day` gives the place of a day's. `prices` keeps, for a rate and what is put on top, the price under each.
    """

    rates: list[Decimal] = field(default_factory=list)
    of_day: dict[date, int] = field(default_factory=dict)
    shares: dict[Group, tuple[_Share, ...]] = field(default_factory=dict)
    prices: dict[tuple[object, ...], dict[int, UnitPrice]] = field(default_factory=dict)

    def place(self, rate: Decimal) -> int:
        """Give the place of a rate: the same one for the same rate of several days."""
        if rate not in self.rates:
            self.rates.append(rate)
        return self.rates.index(rate)


_GIVEN = UnitPrice(ZERO, frozenset({ZERO}))


def _labelled(due: Billed, view: View) -> Billed:
    own = {due.label.market, due.priced.market}
    some = (one for one in view.relabels if not isinstance(one, InMarket) or one.market in own)
    return reduce(lambda billed, relabel: relabel(billed), some, due)


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
        self._group_of: dict[tuple[object, ...], Group] = {}
        self._places: dict[int, tuple[Priced, dict[str | None, list[int]]]] = {}
        self._lines: dict[tuple[object, ...], Lines] = {}
        self._prices: dict[tuple[Decimal, Decimal, Decimal], UnitPrice] = {}
        self._keys: dict[tuple[object, ...], Sequence[str]] = {}
        self._exchanged: dict[tuple[Exchange, Callable[[date], date] | None, str], _Exchanged] = {}

    def forget(self) -> None:
        """Let go of the groups and their lines, a piece at a time (see `forgetting.py`)."""
        forget(self._groups, self._group_of, self._places, self._lines)

    def items(self, cells: Sequence[Cell], view: View, known: Known) -> Priced:
        """Price all cells; raises `AuditorError` where an exchange rate is missing.

        `known` is what the same view, whatever it labels, made of groups before: replays have most of theirs in common.
        """
        grouped = self._grouped(cells)
        return [(group, self._known_or_billed(group, _labelled(group.due, view), view, known)) for group in grouped]

    def one(self, cell: Cell, view: View) -> tuple[str, Decimal | None]:
        """Give the key and the amount (None: unrated) of one cell; raises `AuditorError` as `items` does.

        What is not billed has no key.
        """
        group = _group((cell,))
        items = self._billed(group, _labelled(group.due, view), view)
        if not items:
            return "", ZERO
        (key, units), price = items[0].lines[0], items[0].price
        return key, None if price is None else times(price.each, units)

    def relabelled(self, due: Priced, view: View, known: Known) -> Priced:
        """Price cells that were priced without the labels of a view: what it leaves as it is stays as it was.

        `known` is what the same view made of them under other labels.
        """
        made = due.copy()
        for place in self._concerned(due, view):
            group = due[place][0]
            billed = _labelled(group.due, view)
            if billed is not group.due and not (billed.label is group.cell and billed.priced is group.cell):
                made[place] = (group, self._known_or_billed(group, billed, view, known))
        return made

    def _concerned(self, due: Priced, view: View) -> Iterable[int]:
        """Give the places of the groups that labels may change: most labels are for one market, and there are many."""
        markets = {one.market if isinstance(one, InMarket) else None for one in view.relabels}
        if None in markets:
            return range(len(due))
        if id(due) not in self._places:
            places: dict[str | None, list[int]] = {}
            for place, (group, _) in enumerate(due):
                places.setdefault(group.cell.market, []).append(place)
            self._places[id(due)] = (due, places)
        by_market = self._places[id(due)][1]
        return [place for market in markets for place in by_market.get(market, ())]

    def _known_or_billed(self, group: Group, billed: Billed, view: View, known: Known) -> Items:
        label, priced = billed.label, billed.priced
        facts = (
            group, label.market, label.country, label.category, label.pricing_type,
            priced.market, priced.category, priced.pricing_type,
        )  # fmt: skip
        if facts not in known:
            known[facts] = self._billed(group, billed, view)
        return known[facts]

    def _grouped(self, cells: Sequence[Cell]) -> tuple[Group, ...]:
        """Put cells together that lie on other days only."""
        known = self._groups.get(id(cells))
        if known is None:
            apart: dict[Sequence[object], list[Cell]] = {}
            for cell in cells:
                apart.setdefault(self._but_for_the_day(cell), []).append(cell)
            groups = tuple(self._shared(kind, some) for kind, some in apart.items())
            known = self._groups[id(cells)] = (cells, groups)
        return known[1]

    def _shared(self, kind: Sequence[object], cells: Sequence[Cell]) -> Group:
        """Give cells of one kind together, as the same group that other replays have with as many on each day."""
        facts = (kind, tuple((cell.day, cell.quantity) for cell in cells))
        if facts not in self._group_of:
            self._group_of[facts] = _group(cells)
        return self._group_of[facts]

    def _but_for_the_day(self, cell: Cell) -> Sequence[object]:
        return (
            cell.waba_id, cell.phone_number_id, cell.period, cell.regime, cell.market, cell.country, cell.category,
            cell.pricing_type, cell.tier_from, cell.rate, cell.currency, bisect_right(self._breaks, cell.day),
        )  # fmt: skip

    def _billed(self, group: Group, billed: Billed, view: View) -> Items:
        if billed.priced.pricing_type in FREE:
            return (Item(self._lines_of(group.days, billed.label), _GIVEN),)
        rate = self._rate(group.cell, billed.priced, view)
        if rate is None and group.cell.rate is not None and view.lookup.only_listed:
            return ()
        if rate is None:
            return (Item(self._lines_of(group.days, billed.label), None),)
        if view.listed_digits is not None:
            rate = _rounded(rate, view.listed_digits, view.listed_mode)
        rate = EXACT.add(rate, view.listed_plus)
        lookup = view.lookup
        source = lookup.currency if lookup.currency and lookup.converted else group.cell.currency
        if source == self._currency or not rate:
            return (Item(self._lines_of(group.days, billed.label), self._price(rate, view)),)
        return self._converted(rate, group, billed.label, view, source)

    def _lines_of(self, days: Days, label: Cell) -> Lines:
        """Give the lines that the days of a group are on under a label."""
        if not self._grain.by_day:
            return ((self._keys_of(days, label)[0], days.units),)
        facts = (days, label.market, label.country, label.category, label.pricing_type)
        if facts not in self._lines:
            keys = self._keys_of(days, label)
            self._lines[facts] = _on_lines(keys, days, days.units, range(len(keys)))
        return self._lines[facts]

    def _keys_of(self, days: Days, label: Cell) -> Sequence[str]:
        """Give the line of each of a group's days under a label; a single one where lines know no days."""
        if not self._grain.by_day:
            return self._grain.keys_of(label, (label.day,))
        facts = (days, label.market, label.country, label.category, label.pricing_type)
        if facts not in self._keys:
            self._keys[facts] = self._grain.keys_of(label, (day for day, _ in days.by_day))
        return self._keys[facts]

    def _price(self, listed: Decimal, view: View) -> UnitPrice:
        """Give the price of a unit from its rate in the invoice's currency, also before it is rounded itself."""
        if view.bare_digits is not None:
            listed = rounded(listed, view.bare_digits)
        exact = EXACT.add(EXACT.multiply(listed, view.factor), view.per_unit)
        each = exact if view.unit_digits is None else _rounded(exact, view.unit_digits, view.unit_mode)
        if (each, exact, listed) not in self._prices:
            self._prices[each, exact, listed] = UnitPrice(each, frozenset({each, exact, listed}))
        return self._prices[each, exact, listed]

    def _rate(self, cell: Cell, priced: Cell, view: View) -> Decimal | None:
        """Give a unit's rate before conversion: its own, unless the view takes it from elsewhere."""
        same = priced.market == cell.market and priced.category == cell.category
        same = same and priced.pricing_type == cell.pricing_type
        if same and view.lookup is self._base:
            return cell.rate
        if same and cell.rate is not None and self._look_up(cell, cell, self._base) != cell.rate:
            return cell.rate  # what the log states it cost (a maximum price) is on no card
        found = self._look_up(cell, priced, view.lookup)
        return cell.rate if found is None and same and not view.lookup.only_listed else found

    @staticmethod
    def _look_up(cell: Cell, priced: Cell, lookup: Lookup) -> Decimal | None:
        tariff = lookup.tariff.listed_in(lookup.currency, cell.currency, sums=not lookup.converted)
        currency = lookup.currency or cell.currency
        price = tariff.price(currency, priced.market, priced.category, lookup.as_of or cell.day)
        number = min(cell.tier_from, 1) if lookup.at_first_tier else cell.tier_from
        if not number and price.tiers and priced.category in _TIERED and cell.regime.startswith("message"):
            own = lookup.tariff.price(cell.currency, cell.market, cell.category, cell.day)
            number = 0 if own.tiers else 1  # a group's unit stays outside tiers; where there were none it is the first
        rate, _ = price.at(number) if number else (price.listed, 0)
        return None if rate is None else rate.value

    def _converted(self, rate: Decimal, group: Group, label: Cell, view: View, source: str) -> Items:
        """Bill a rate of another currency, as often as days have another rate of exchange."""
        known = self._exchanged.setdefault((view.exchange, view.rate_day, source), _Exchanged())
        if group not in known.shares:
            known.shares[group] = self._shares(group.days, view, source, known)
        shares, keys = known.shares[group], self._keys_of(group.days, label)
        kind = (rate, view.factor, view.per_unit, view.unit_digits, view.unit_mode, view.bare_digits)
        prices = known.prices.setdefault(kind, {})
        for place, _, _ in shares:
            if place not in prices:
                prices[place] = self._price(EXACT.multiply(rate, known.rates[place]), view)
        if len(shares) == 1:
            return (Item(self._lines_of(group.days, label), prices[shares[0][0]]),)
        if len(keys) == 1:
            (key,) = keys
            return tuple([Item(((key, units),), prices[place]) for place, units, _ in shares])
        return tuple(Item(_on_lines(keys, group.days, units, days), prices[place]) for place, units, days in shares)

    def _shares(self, days: Days, view: View, source: str, known: _Exchanged) -> tuple[_Share, ...]:
        """Put days together that have one rate of exchange."""
        made: dict[int, list[int]] = {}
        sums: dict[int, int] = {}
        for n, (own, units) in enumerate(days.by_day):
            place = known.of_day.get(own)
            if place is None:
                day = view.rate_day(own) if view.rate_day else own
                rate = view.exchange.rate(source, self._currency, day, self._document).rate
                place = known.of_day[own] = known.place(rate)
            made.setdefault(place, []).append(n)
            sums[place] = sums.get(place, 0) + units
        return tuple((place, sums[place], tuple(some)) for place, some in made.items())


def _on_lines(keys: Sequence[str], days: Days, units: int, chosen: Sequence[int]) -> Lines:
    """Count the `units` of chosen days by their lines."""
    if len(chosen) == 1:
        return ((keys[chosen[0]], units),)
    made: dict[str, int] = {}
    for n in chosen:
        made[keys[n]] = made.get(keys[n], 0) + days.by_day[n][1]
    return tuple(made.items())


def _group(cells: Sequence[Cell]) -> Group:
    days = Days.of([(cell.day, cell.quantity) for cell in cells])
    cell = cells[0] if len(cells) == 1 else told_as(cells[0], quantity=days.units)
    return Group(Billed(cell, cell), days)


def _rounded(amount: Decimal, digits: int, mode: str) -> Decimal:
    """Round half up, or as a mode says."""
    return amount.quantize(_ONE.scaleb(-digits), rounding=mode) if mode else rounded(amount, digits)

"""What lines of the invoice state together, added up once: they are held against hundreds of expected sides."""

from collections import Counter
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from math import log2

from auditor.core.causes.rates import LISTED
from auditor.core.causes.rates import decimals
from auditor.core.causes.rates import half_of_last
from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import rounded
from auditor.core.money import times
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import Side
from auditor.core.reconcile import UnitPrice
from auditor.core.reconcile import rounding_reach
from auditor.core.records import Account
from auditor.core.records import InvoiceLine

_DIGIT = 3.3
_ODD = 20  # of so many amounts one may have more decimals than the others
_SHARED = 1000  # to a thousandth an exchange rate, or an average of them, is stated at least
_REMEMBERED = 1 << 12
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Rounding:
    """How an invoice's amounts are rounded: so many `figures` of each line, and to what place in each file (`finest`).

    A file that states more decimals than the currency has is rounded there; others are not in `finest`.
    """

    figures: int
    finest: Mapping[str, int]

    @classmethod
    def of(cls, lines: Iterable[InvoiceLine], account: Account) -> "Rounding":
        """Look at the amounts of each file; an odd one tells nothing of the others (formats.md §8).

        Tax that is taken out of an amount rounds it a second time, and leaves it decimals that nobody stated.
        """
        if account.tax and account.tax.included:
            return cls(2, {})
        counts: dict[str, Counter[int]] = {}
        for line in lines:
            counts.setdefault(line.source.file, Counter())[decimals(line.amount.normalize())] += 1
        finest = {file: _finest(count) for file, count in counts.items()}
        return cls(1, {file: places for file, places in finest.items() if places > minor_digits(account.currency)})

    def reach(self, lines: Sequence[InvoiceLine], currency: str) -> Decimal:
        """Give how far rounding alone puts the sum of lines off: half a minor unit for each rounded figure.

        Where more decimals are stated each unit may be off in the last of them, rounded or cut: half a cent for each
        row of one message would take in a fee on every message. A figure that all are multiplied by may be rounded
        besides, but none so coarsely that a row of a few cents is off by half a one.
        """
        most, off = rounding_reach(len(lines) * self.figures, currency), self.of_last_place(lines, currency)
        shared = abs(total(one.amount for one in lines)) / _SHARED
        return min(most, min(rounding_reach(self.figures, currency), shared) + off)

    def of_last_place(self, lines: Sequence[InvoiceLine], currency: str) -> Decimal:
        """Give the same where no figure that all are multiplied by was rounded, as where one is solved for."""
        most = rounding_reach(len(lines) * self.figures, currency)
        if not lines or any(one.source.file not in self.finest for one in lines):
            return most
        return min(most, total(Decimal(1).scaleb(-self.finest[one.source.file]) * _units(one) for one in lines))

    def places(self, files: Collection[str], currency: str) -> int:
        """Give the place to which a line of some files is rounded: the minor unit's, unless all state more decimals."""
        return min((self.finest.get(file, 0) for file in files), default=0) or minor_digits(currency)

    def again(self, more: int) -> "Rounding":
        """Give the same where each line's figures are rounded so many times more."""
        return replace(self, figures=self.figures + more)


def _units(line: InvoiceLine) -> Decimal:
    return max(Decimal(1), abs(line.quantity or ZERO))


def _finest(count: Mapping[int, int]) -> int:
    """Give the most decimals that more than a few of so many amounts have."""
    places = sorted(count, reverse=True)
    met = accumulate(count[one] for one in places)
    return next(one for one, so_far in zip(places, met, strict=True) if so_far * _ODD >= sum(count.values()))


@dataclass(frozen=True, slots=True)
class Stated:
    """Lines with their sums: the amount, the units (None where they are no guide), and the rates that they state.

    `units` are those stated, by however few; `by_rate` those of each rate, where every line states both and there are
    several rates. `reach` is how far rounding alone puts the amount off; `belied` are the places of the lines whose own
    quantity and rate do not come to their amount. `prices` is how many different ones lines of one unit state, which
    are no average.
    """

    lines: tuple[InvoiceLine, ...]
    amount: Decimal
    quantity: Decimal | None
    units: Decimal
    rates: frozenset[Decimal]
    reach: Decimal
    currency: str
    belied: tuple[int, ...]
    by_rate: Mapping[Decimal, Decimal]
    prices: int

    @classmethod
    def of(cls, lines: Sequence[InvoiceLine], rounding: Rounding, currency: str, *, quantities: bool) -> "Stated":
        """Add lines up. Without `quantities` those that they state are no guide."""
        stated = [one.quantity for one in lines if one.quantity is not None]
        units = total(stated)
        each = rounding_reach(rounding.figures, currency)
        guided = quantities and bool(lines) and len(stated) == len(lines)
        return cls(
            tuple(lines),
            total(one.amount for one in lines),
            units if guided else None,
            units,
            frozenset(one.unit_rate for one in lines if one.unit_rate is not None),
            rounding.reach(lines, currency),
            currency,
            tuple(n for n, one in enumerate(lines) if quantities and belies_itself(one, each)),
            _by_rate(lines) if guided else {},
            len({one.unit_rate for one in lines if one.quantity == 1 and one.unit_rate != one.amount}),
        )

    def placed(self, side: Side) -> Mapping[Decimal, UnitPrice | None] | None:
        """Give the price that each rate states, None for one that no price has; None where they do not tell prices.

        They do where each states no more than one price, by the decimals that the rates have, and half of them one.
        """
        if not self.by_rate or not side.prices:
            return None
        of_figure = {rate: price for price, _ in side.prices for rate in price.rates}
        if len(of_figure) != sum(len(price.rates) for price, _ in side.prices):
            return None  # a figure is that of two prices
        places = max(map(decimals, self.by_rate))
        stated = {rate: _by_figure(side.rates, places).get(rate, frozenset()) for rate in self.by_rate}
        found = {rate: {of_figure[one] for one in some if one in of_figure} for rate, some in stated.items()}
        known = [prices for prices in found.values() if prices]
        if any(len(prices) > 1 for prices in known) or 2 * len(known) < len(found):
            return None
        return {rate: next(iter(prices), None) for rate, prices in found.items()}

    def by_price(self, side: Side) -> Mapping[UnitPrice | None, Sequence[InvoiceLine]] | None:
        """Give the lines of each price of a side, and those of none; None where their rates do not tell these."""
        placed = self.placed(side)
        if placed is None:
            return None
        made: dict[UnitPrice | None, list[InvoiceLine]] = {price: [] for price, _ in side.prices}
        for line in self.lines:
            if line.unit_rate is not None:
                made.setdefault(placed[line.unit_rate], []).append(line)
        return made

    def off_by_price(self, side: Side) -> Mapping[UnitPrice | None, Decimal]:
        """Give by how many units each price has more lines than are due, or what is stated for none; but the right.

        Nothing where the rates do not tell prices apart.
        """
        placed = self.placed(side)
        return {} if placed is None else self._off(placed, side)

    def _off(self, placed: Mapping[Decimal, UnitPrice | None], side: Side) -> Mapping[UnitPrice | None, Decimal]:
        off: dict[UnitPrice | None, Decimal] = {price: Decimal(-units) for price, units in side.prices if price.each}
        for rate, price in placed.items():
            if price is None or price.each:
                off[price] = off.get(price, ZERO) + self.by_rate[rate]
        return {price: units for price, units in off.items() if units}

    def fits(self, side: Side) -> bool:
        """Tell whether the lines bill exactly a side: the amount within rounding; quantity and rate, if billed, too."""
        if not self.lines:
            return to_minor(side.amount, self.currency) == 0
        if abs(self.amount - side.amount) > self.reach:
            return False
        if (self.quantity is not None and self.quantity != side.quantity) or self.prices > max(1, len(side.rates)):
            return False
        off = self.off_by_price(side)
        return all(states(rate, side) for rate in self.rates) and None not in off and not _misplaced(off)

    def evidence(self, side: Side) -> float:
        """Give the bits that a reading accounts for when it turns a side that does not fit into one that does.

        Units that are billed at the usual rate say nothing more by their amount, nor a rate by what it comes to.
        """
        if self.quantity is not None and self.quantity != side.quantity:
            usual = side.amount / side.quantity if side.quantity else ZERO
            left = self.amount - self.quantity * usual
            return 2 + log2(2 * float(abs(self.quantity - side.quantity)) + 1) + self._bits(left, self.reach)
        placed = self.placed(side) or {}
        odd = (rate for rate in self.rates if not states(rate, side) or placed.get(rate, rate) is None)
        due = min(LISTED, max(map(decimals, side.rates), default=0))
        others = [digits_of(rate, due) for rate in odd if rate]
        if placed:
            others.append(2 + log2(2 * float(_misplaced(self._off(placed, side))) + 1))
        return max(self._bits(self.amount - side.amount), *others) if others else self._bits(self.amount - side.amount)

    def _bits(self, amount: Decimal, reach: Decimal = ZERO) -> float:
        """Give the bits to write down an amount that is off; within `reach` there is nothing to write."""
        unit = Decimal(1).scaleb(-minor_digits(self.currency))
        return log2(2 * float(abs(amount) / unit) + 1) if abs(amount) > reach else 0.0


def _misplaced(off: Mapping[UnitPrice | None, Decimal]) -> Decimal:
    """Count the units that are stated for other prices than are due, where all rates are those of some."""
    return ZERO if None in off else total(max(ZERO, units) for units in off.values())


def _by_rate(lines: Sequence[InvoiceLine]) -> Mapping[Decimal, Decimal]:
    """Add the units of lines up by the rate that they state; nothing where one states none, or all the same."""
    made: dict[Decimal, Decimal] = {}
    for line in lines:
        if line.unit_rate is None or line.quantity is None:
            return {}
        made[line.unit_rate] = made.get(line.unit_rate, ZERO) + line.quantity
    return made if len(made) > 1 else {}


def belies_itself(line: InvoiceLine, reach: Decimal) -> bool:
    """Tell whether a line's own quantity and rate do not come to its amount."""
    if line.unit_rate is None or line.quantity is None:
        return False
    return abs(line.quantity * line.unit_rate - line.amount) > reach + abs(line.quantity) * half_of_last(line.unit_rate)


def digits_of(rate: Decimal, places: int = 0) -> float:
    """Give the bits of a figure's significant digits, of noughts at its end those up to so many decimal places."""
    short = rate.normalize()
    return _DIGIT * (len(short.as_tuple().digits) + max(0, places - decimals(short)))


def states(stated: Decimal, side: Side) -> bool:
    """Tell whether a stated rate is the side's, as far as its decimals go; where units have several it settles nothing.

    Units of one price have two rates where something is put on top of what is listed: an invoice may state either.
    """
    return bool(stated_of(stated, side.rates)) or (len(side.rates) != 1 and not at_one_price(side))


def is_of_all(stated: Decimal, side: Side) -> bool:
    """Tell whether a stated rate is that of all units of a side, of which something is put on top of some."""
    return bool(side.prices) and all(stated_of(stated, price.rates) for price, _ in side.prices)


def is_among(stated: Decimal, side: Side) -> bool:
    """Tell whether a stated rate is one of a side's, or what its units come to on average.

    An average that is rounded to no more decimals than the rates have is any figure between them: it tells nothing.
    """
    if stated_of(stated, side.rates) or times(stated, side.quantity) == side.amount:
        return True
    averaged = decimals(stated) > max(decimals(rate) for rate in side.rates)
    return averaged and bool(stated_of(stated, frozenset({side.amount / side.quantity})))


def stated_of(stated: Decimal, rates: frozenset[Decimal]) -> frozenset[Decimal]:
    """Give those of some rates that a stated one may be, as far as its decimals go."""
    return _by_figure(rates, decimals(stated)).get(stated, frozenset())


@lru_cache(_REMEMBERED)
def _by_figure(rates: frozenset[Decimal], digits: int) -> Mapping[Decimal, frozenset[Decimal]]:
    """Give what is stated for some rates with so many decimals.

    At daily exchange rates each message of a month has its own, and each line is held against all of them. What lies
    half way between two figures is stated as either: many programs round it to the even one.
    """
    made: dict[Decimal, set[Decimal]] = {}
    half = Decimal(5).scaleb(-digits - 1)
    for rate in rates:
        figure = rounded(rate, digits)
        made.setdefault(figure, set()).add(rate)
        if abs(figure - rate) == half:
            made.setdefault(rate + rate - figure, set()).add(rate)
    return {figure: frozenset(some) for figure, some in made.items()}


def at_one_price(side: Side) -> bool:
    """Tell whether all units of a side have one price."""
    return any(times(rate, side.quantity) == side.amount for rate in side.rates)


def once(lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Give the lines without repetitions: alike in everything but the document and the place where they stand."""
    seen = set()
    kept = []
    for line in lines:
        same = (*_about(line), line.quantity, line.unit_rate, line.amount)
        if same not in seen:
            kept.append(line)
        seen.add(same)
    return tuple(kept)


def with_a_copy(lines: Sequence[InvoiceLine]) -> Sequence[tuple[InvoiceLine, InvoiceLine]]:
    """Give each of two lines with the other, where they are alike in everything but their figures."""
    if len(lines) != _PAIR or _about(lines[0]) != _about(lines[1]):
        return ()
    return (lines[0], lines[1]), (lines[1], lines[0])


def _about(line: InvoiceLine) -> tuple[object, ...]:
    """Give all that a line says but its figures, the document and the place where it stands."""
    return (
        line.period_start, line.period_end, line.waba_id, line.phone_number_id, line.market, line.country,
        line.category, line.pricing_type, line.tier, line.unit, line.description, line.message,
    )  # fmt: skip


def uncovered(lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Give the lines whose days do not lie within the days of another line that has more of them."""
    stretches = {(one.period_start, one.period_end) for one in lines if one.period_start and one.period_end}
    covered, furthest = set(), date.min
    # From the first day on, of those that begin together the longest first: one that ends no later than any before it
    # lies within that one.
    for first, last in sorted(stretches, key=lambda days: (days[0], -days[1].toordinal())):
        if last <= furthest:
            covered.add((first, last))
        furthest = max(furthest, last)
    return tuple(line for line in lines if (line.period_start, line.period_end) not in covered)

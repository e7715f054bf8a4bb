"""What a line of the invoice bears witness to by itself, held against an expected side (formats.md §8).

How much is explained is measured in bits: what it takes to write down a line's error when nothing accounts for it,
against what it takes to name an error that does. A digit transposed is one of a few, an arbitrary amount one of many.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import log2

from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import plain
from auditor.core.money import rounded
from auditor.core.money import times
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import Side
from auditor.core.reconcile import rounding_reach
from auditor.core.records import NOTHING
from auditor.core.records import InvoiceLine
from auditor.core.terms import Terms

# That a line is wrong at all, and that it is wrong in a way that is named.
WRONG = 10.0
_NAMED = 9.0
_DIGIT = 3.3
_LONGEST_FIGURE = 12  # what is longer is an average, which nobody types
NO_SIDE = Side()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line's difference by the line's own evidence: a cause code, its amount, and the figures."""

    cause: str
    amount: Decimal
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a line stands against an expected side: `bits` to write down what is left, and the parts that are named.

    `fits` when nothing is left but rounding; `whole` when all of it is named. `hint` is the same against this
    very side, which tells a search how near it is; what is left unnamed is always written down against the rules.
    """

    bits: float
    hint: float
    parts: tuple[Part, ...] = ()
    fits: bool = False
    whole: bool = False


def joined(parts: Sequence[Part]) -> list[Part]:
    """Put parts of one cause together: amounts added up, figures said one after another."""
    made: dict[str, Part] = {}
    for part in parts:
        known = made.get(part.cause)
        if known is None:
            made[part.cause] = part
            continue
        names = {**known.values, **part.values}
        values = {name: _both(name, known.values.get(name, ""), part.values.get(name, "")) for name in names}
        made[part.cause] = Part(part.cause, known.amount + part.amount, values)
    return list(made.values())


def _both(name: str, one: str, other: str) -> str:
    if name == "count":
        return str(int(one or 0) + int(other or 0))
    return ", ".join(text for text in dict.fromkeys((one, other)) if text)


_FITS = Verdict(0.0, 0.0, (), fits=True, whole=True)


def _named(bits: float, *parts: Part) -> Verdict:
    return Verdict(bits, bits, parts, whole=True)


class RatesAbout:
    """The rates that a line may state without a slip of the pen: of its market or its category, a year around.

    What stands on cards for something else, as long ago or in another currency, explains nothing: there are so many
    that every short figure is one.
    """

    def __init__(self, terms: Terms) -> None:
        """Take the cards and the account."""
        account = terms.account
        self._terms = terms
        self._rows = terms.tariff.near({waba.currency for waba in account.wabas}, account.first, account.last)
        self._known: dict[tuple[str, str], frozenset[Decimal]] = {}

    def of(self, key: str) -> frozenset[Decimal]:
        """Give them for what a key of the reconciliation names; where it names neither, all."""
        _, _, market, country, category, _ = key.split("|")
        about = (market or self._terms.markets.market_of_country(country, self._terms.account.first), category)
        if about not in self._known:
            own = {about[0], "*"} - {""} if about[0] else set()
            self._known[about] = frozenset(
                row.rate
                for row in self._rows
                if row.rate is not None and (row.market in own or row.category == category or about == ("", ""))
            )
        return self._known[about]


class Witness:
    """The lines that the invoice has under one key, against whatever is expected there."""

    def __init__(
        self, key: str, own: Sequence[InvoiceLine], currency: str, figures: int, card_rates: frozenset[Decimal],
        base: Side, *, quantities: bool,
    ) -> None:  # fmt: skip
        """Take the lines, and what the rules expect.

        `figures` are rounded figures per line; without `quantities` what they state is no guide.
        """
        self.key = key
        self.own = tuple(own)
        self._currency = currency
        self._figures = figures
        self._card_rates = card_rates
        self._quantities = quantities
        self._unit = Decimal(1).scaleb(-minor_digits(currency))
        self._once = once(own)
        self._apart = uncovered(self._once)
        self.billed = total(one.amount for one in own)
        self.reach = rounding_reach(len(self.own) * figures, currency)
        self._unnamed = self.surprise(base)
        self._belied = len(base.rates) <= 1 and any(self._belies(one) for one in own)
        self._known: dict[Side, Verdict] = {}

    def verdict(self, side: Side) -> Verdict:
        """Give the cheapest account of these lines where `side` is expected."""
        if side not in self._known:
            self._known[side] = self._judge(side)
        return self._known[side]

    def _judge(self, side: Side) -> Verdict:
        if self.fits(self.own, side):
            return _FITS
        if not self.own:
            amount = -to_minor(side.amount, self._currency)
            if not amount:
                return _FITS
            return _named(_NAMED, Part("missing_line", amount))
        if not side.quantity and not side.amount:
            amount = to_minor(self.billed, self._currency)
            return _named(self.surprise(side) - 1, Part("unexpected_line", amount))
        found = [Verdict(self._unnamed, self.surprise(side)), *self._named(self.own, side)]
        if len(self._once) < len(self.own):
            found += self._doubled(self._once, side)
        if len(self._apart) < len(self._once):
            found += self._doubled(self._apart, side, overlap=True)
        charged = [one for one in self.own if one.amount >= 0]
        if 0 < len(charged) < len(self.own) and self.fits(charged, side):
            taken = to_minor(self.billed - total(one.amount for one in charged), self._currency)
            found.append(_named(_NAMED, Part("unexpected_line", taken)))
        return min(found, key=lambda verdict: verdict.bits)

    def surprise(self, side: Side) -> float:
        """Give the bits to write down how the lines differ from a side when nothing is known."""
        return WRONG + self.evidence(side)

    def evidence(self, side: Side) -> float:
        """Give the bits that a reading accounts for when it turns a side that does not fit into one that does.

        Units that are billed at the usual rate say nothing more by their amount, nor a rate by what it comes to.
        """
        off = self._bits(self.billed - side.amount)
        quantity = self._quantity(self.own)
        if quantity is not None and quantity != side.quantity:
            usual = side.amount / side.quantity if side.quantity else ZERO
            left = self.billed - quantity * usual
            return 2 + log2(2 * float(abs(quantity - side.quantity)) + 1) + self._bits(left, self.reach)
        stated = [_digits(one.unit_rate) for one in self.own if one.unit_rate and not states(one.unit_rate, side)]
        return max(off, *stated) if stated else off

    def _bits(self, amount: Decimal, reach: Decimal = ZERO) -> float:
        """Give the bits to write down an amount that is off; within `reach` there is nothing to write."""
        return log2(2 * float(abs(amount) / self._unit) + 1) if abs(amount) > reach else 0.0

    def fits(self, lines: Sequence[InvoiceLine], side: Side) -> bool:
        """Tell whether lines bill exactly a side: the amount within rounding; quantity and rate, if billed, too."""
        if not lines:
            return to_minor(side.amount, self._currency) == 0
        billed = self.billed if lines is self.own else total(one.amount for one in lines)
        if abs(billed - side.amount) > (self.reach if lines is self.own else self._reach_of(lines)):
            return False
        quantity = self._quantity(lines)
        if quantity is not None and quantity != side.quantity:
            return False
        if self._belied and not _at_one_price(side):
            return False  # it states one rate for what this side has at several
        return all(one.unit_rate is None or states(one.unit_rate, side) for one in lines)

    def _belies(self, line: InvoiceLine) -> bool:
        """Tell whether a line's own quantity and rate do not come to its amount."""
        if line.unit_rate is None or line.quantity is None or not self._quantities:
            return False
        digits = Decimal(5).scaleb(int(line.unit_rate.as_tuple().exponent) - 1)
        return abs(line.quantity * line.unit_rate - line.amount) > self._reach_of([line]) + abs(line.quantity) * digits

    @property
    def counted(self) -> Decimal | None:
        """Give the units billed, where they are a guide."""
        return self._quantity(self.own)

    def _reach_of(self, lines: Sequence[InvoiceLine]) -> Decimal:
        return rounding_reach(len(lines) * self._figures, self._currency)

    def _quantity(self, lines: Sequence[InvoiceLine]) -> Decimal | None:
        if not lines or not self._quantities or any(one.quantity is None for one in lines):
            return None
        return total(one.quantity for one in lines if one.quantity is not None)

    def _doubled(self, kept: Sequence[InvoiceLine], side: Side, *, overlap: bool = False) -> list[Verdict]:
        """Take lines that say twice what those `kept` say, with or without an error in these.

        Either they repeat them, or their days lie within the days of another line (`overlap`).
        """
        extra = to_minor(self.billed - total(one.amount for one in kept), self._currency)
        rows = ", ".join(str(one.source.row) for one in self.own)
        values = {"count": str(len(self.own) - len(kept)), "rows": rows} | ({"kind": "overlap"} if overlap else {})
        part = Part("duplicate_line", extra, values)
        bits = _NAMED - 1 if overlap else _NAMED - 2
        if self.fits(kept, side):
            return [_named(bits, part)]
        return [_named(one.bits + bits, *one.parts, part) for one in self._named(kept, side)]

    # One line among others that are right -------------------------------------------------------------------------

    def _named(self, lines: Sequence[InvoiceLine], side: Side) -> list[Verdict]:
        found: list[Verdict] = []
        for place, line in enumerate(lines):
            others = [one for n, one in enumerate(lines) if n != place]
            quantity = total(one.quantity for one in others if one.quantity is not None)
            rest = replace(
                side,
                amount=side.amount - total(one.amount for one in others),
                quantity=side.quantity - int(quantity) if quantity == int(quantity) else side.quantity,
            )
            if rest.quantity > 0:
                extra = log2(len(lines)) if others else 0.0
                found += [_named(one.bits + extra, *one.parts) for one in self._errors(line, rest)]
        return found

    def _errors(self, line: InvoiceLine, side: Side) -> Iterator[Verdict]:
        """Give the errors of pen or sum that account for one line."""
        reach = self._reach_of([line])
        usual = min(side.rates) if len(side.rates) == 1 else side.amount / side.quantity
        expected = Decimal(side.quantity)
        stated = line.quantity if self._quantities else None
        billed = expected if stated is None else stated
        rate, right = line.unit_rate, line.unit_rate is None or states(line.unit_rate, side)
        by_rate = abs(billed * usual - line.amount) <= reach
        quantity_values = {"billed": plain(billed), "expected": plain(expected)}
        if stated is not None and billed != expected and misread(billed, expected):
            made = to_minor(billed * usual, self._currency) - to_minor(side.amount, self._currency)
            part = Part("quantity", made, quantity_values)
            if right and by_rate:
                amount = self._above(line, side)
                yield _named(_NAMED + 2, replace(part, amount=amount))
            elif rate is not None and not right and abs(billed * rate - line.amount) <= reach:
                slip = self._slip(rate, usual, side)
                if slip:
                    yield _named(2 * _NAMED + slip, part, self._rate_part(line, side, rate, usual, made))
            elif rate is None:
                for other in misreadings(usual):
                    if abs(billed * other - line.amount) <= reach:
                        bits = 2 * _NAMED + 4
                        yield _named(bits, part, self._rate_part(line, side, other, usual, made))
            elif right:
                sum_part = self._product(line, billed * usual, made, side)
                yield _named(2 * _NAMED + self.evidence(side), part, sum_part)
        if billed != expected:
            return
        yield from self._rate_errors(line, side, usual, rate, right, reach)

    def _rate_errors(
        self, line: InvoiceLine, side: Side, usual: Decimal, rate: Decimal | None, right: bool, reach: Decimal
    ) -> Iterator[Verdict]:
        expected = Decimal(side.quantity)
        if rate is not None and not right and abs(expected * rate - line.amount) <= reach:
            slip = self._slip(rate, usual, side)
            if slip:
                yield _named(_NAMED + slip, self._rate_part(line, side, rate, usual, ZERO))
        elif rate is not None and right:
            yield _named(self.surprise(side) - 1, self._product(line, expected * usual, ZERO, side))
        elif rate is None and line.quantity is not None:
            for other in misreadings(usual):
                if abs(expected * other - line.amount) <= reach:
                    yield _named(_NAMED + 4, self._rate_part(line, side, other, usual, ZERO))

    def _slip(self, rate: Decimal, usual: Decimal, side: Side) -> float:
        """Give the bits of a rate that is a slip of the pen or stands on no card; 0 where it is neither."""
        if misread(rate, usual):
            return 4.0
        return 1 + _digits(rate) / 2 if rate not in self._card_rates and rate not in side.rates else 0.0

    def _rate_part(self, line: InvoiceLine, side: Side, rate: Decimal, usual: Decimal, before: Decimal) -> Part:
        amount = self._above(line, side) - before
        return Part("rate", amount, {"billed": plain(rate), "expected": plain(rounded(usual, 8))})

    def _above(self, line: InvoiceLine, side: Side) -> Decimal:
        """Give what a line bills above a side that is rounded as a line of it would be."""
        return to_minor(line.amount, self._currency) - to_minor(side.amount, self._currency)

    def _product(self, line: InvoiceLine, product: Decimal, before: Decimal, side: Side) -> Part:
        amount = self._above(line, side) - before
        values = {"billed": plain(line.amount), "expected": plain(to_minor(product, self._currency)), "kind": "product"}
        return Part("rate", amount, values)


def _digits(rate: Decimal) -> float:
    """Give the bits of a figure's significant digits."""
    return _DIGIT * len(rate.normalize().as_tuple().digits)


def states(stated: Decimal, side: Side) -> bool:
    """Tell whether a stated rate is the side's, as far as its decimals go; where units have several it settles nothing.

    Units of one price have two rates where something is put on top of what is listed: an invoice may state either.
    """
    digits = max(0, -int(stated.as_tuple().exponent))
    if any(rounded(rate, digits) == rounded(stated, digits) for rate in side.rates):
        return True
    return len(side.rates) != 1 and not _at_one_price(side)


def _at_one_price(side: Side) -> bool:
    """Tell whether all units of a side have one price."""
    return any(times(rate, side.quantity) == side.amount for rate in side.rates)


def once(lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Give the lines without repetitions: alike in everything but the document and the place where they stand."""
    seen = set()
    kept = []
    for line in lines:
        same = (
            line.period_start, line.period_end, line.waba_id, line.phone_number_id, line.market, line.country,
            line.category, line.pricing_type, line.tier, line.unit, line.quantity, line.unit_rate, line.amount,
            line.description,
        )  # fmt: skip
        if same not in seen:
            kept.append(line)
        seen.add(same)
    return tuple(kept)


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


def misread(billed: Decimal, expected: Decimal) -> bool:
    """Tell whether one figure is the other with neighbouring digits swapped, its point shifted, or its sign turned."""
    return billed in set(misreadings(expected))


def misreadings(figure: Decimal) -> Iterator[Decimal]:
    """Give what a figure becomes with two neighbouring digits swapped, shifted by a power of ten, its sign turned."""
    if not figure:
        return
    yield -figure
    text = plain(figure)
    for n in range(len(text) - 1 if len(text) <= _LONGEST_FIGURE else 0):
        pair = text[n : n + 2]
        if pair[0] != pair[1] and "." not in pair and "-" not in pair:
            yield Decimal(text[:n] + pair[1] + pair[0] + text[n + 2 :])
    for power in (-3, -2, -1, 1, 2, 3):
        yield figure.scaleb(power)

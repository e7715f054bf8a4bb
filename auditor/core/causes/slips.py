"""Slips of the pen: lines as they are due, but for a figure that was misread or a product worked out wrongly.

Of several lines under one key a single one is taken to be wrong and the others to be right. Where a line gives itself
away, by figures that do not come to its amount or by a rate that nothing due has, it is that line and no other.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from math import log2
from operator import ne

from auditor.core.causes.stated import Rounding
from auditor.core.causes.stated import Stated
from auditor.core.causes.stated import at_one_price
from auditor.core.causes.stated import belies_itself
from auditor.core.causes.stated import digits_of
from auditor.core.causes.stated import stated_of
from auditor.core.causes.stated import states
from auditor.core.causes.verdict import NAMED
from auditor.core.causes.verdict import WRONG
from auditor.core.causes.verdict import Part
from auditor.core.causes.verdict import Verdict
from auditor.core.causes.verdict import named
from auditor.core.money import ZERO
from auditor.core.money import plain
from auditor.core.money import rounded
from auditor.core.money import times
from auditor.core.money import to_minor
from auditor.core.reconcile import Side
from auditor.core.reconcile import rounding_reach
from auditor.core.records import InvoiceLine

MISREAD = 4.0  # bits to say how a figure was misread
_LONGEST_FIGURE = 12  # what is longer is an average, which nobody types
_ONE_DIGIT = 9
_SHORT = 2  # digits
_REMEMBERED = 10_000  # figures
_ONE = Decimal(1)
_LONG = 6  # digits of a rate
_MANY = 100  # of more lines, some fit any slip by chance


@dataclass(frozen=True, slots=True)
class Slips:
    """Finds slips. Without `quantities` those that lines state are no guide."""

    currency: str
    rounding: Rounding
    card_rates: frozenset[Decimal]
    quantities: bool

    def of(self, own: Stated, side: Side) -> Iterator[Verdict]:
        """Give the slips of one line that account for what the lines bill otherwise than a side."""
        suspects = [0] if len(own.lines) == 1 else self._suspects(own, side)
        if len(suspects) > 1 or (not suspects and len(own.lines) > _MANY):
            return
        extra = 0.0 if suspects else log2(len(own.lines))
        for place in suspects or range(len(own.lines)):
            line = own.lines[place]
            rest = self._rest(own, line, side)
            if rest is not None and rest.quantity > 0:
                # What the others lost by rounding is in the rest, unless all of it has one price.
                blur = own.reach if len(own.lines) > 1 and len(rest.rates) > 1 else ZERO
                yield from (named(one.bits + extra, *one.parts) for one in self._errors(line, rest, blur))

    # One line among others that are right -------------------------------------------------------------------------

    def _suspects(self, own: Stated, side: Side) -> list[int]:
        """Give the places of the lines that give themselves away, two at most: then more than one is wrong."""
        odd = {rate for rate in own.rates if not stated_of(rate, side.rates)}
        few = len(own.lines) <= _MANY
        places = (n for n, line in enumerate(own.lines) if line.unit_rate in odd or (few and self._belies(line, side)))
        return list(islice(places, 2)) if few or odd else list(own.belied[:2])

    def _belies(self, line: InvoiceLine, side: Side) -> bool:
        """Tell whether a line's quantity, at the rate that it states, does not come to its amount."""
        if not self.quantities or line.quantity is None or line.unit_rate is None:
            return False
        rates = stated_of(line.unit_rate, side.rates)
        return len(rates) == 1 and self._off(line, min(rates) * line.quantity)

    def _belies_itself(self, line: InvoiceLine) -> bool:
        return belies_itself(line, rounding_reach(self.rounding.figures, self.currency))

    def _off(self, line: InvoiceLine, amount: Decimal, blur: Decimal = ZERO) -> bool:
        return abs(amount - line.amount) > rounding_reach(self.rounding.figures, self.currency) + blur

    @staticmethod
    def _rest(own: Stated, line: InvoiceLine, side: Side) -> Side | None:
        """Give what is left of a side for one line, where the others are right; None where they are not."""
        if len(own.lines) == 1:
            return side
        counted = own.units - (line.quantity or ZERO)
        amount = side.amount - (own.amount - line.amount)
        quantity = side.quantity - int(counted) if counted == int(counted) else side.quantity
        rates = side.rates if at_one_price(side) else _rates_left(own, line, side.rates)
        if len(rates) > 1 and line.unit_rate is not None:  # the one at which its units come to what the others leave
            near = frozenset(rate for rate in rates if abs(times(rate, quantity) - amount) <= own.reach)
            rates = near if len(near) == 1 else rates
        # Where something is put on top of what is listed, units of one price have two rates.
        each = {rate for rate in side.rates if times(rate, side.quantity) == side.amount} or rates
        if len(each) == 1:
            due = times(min(each), quantity)
            if abs(due - amount) > own.reach:
                return None
            amount = due  # without what the others gained or lost by rounding
        return replace(side, amount=amount, quantity=quantity, rates=rates)

    def _errors(self, line: InvoiceLine, side: Side, blur: Decimal) -> Iterator[Verdict]:
        """Give the errors of pen or sum that account for one line, of which the side is known to within some `blur`."""
        usual = min(side.rates) if len(side.rates) == 1 else side.amount / side.quantity
        expected = Decimal(side.quantity)
        stated = line.quantity if self.quantities else None
        billed = expected if stated is None else stated
        if billed == expected:
            yield from self._rate_errors(line, side, usual)
        elif miscounted(billed, expected):
            yield from self._quantity_errors(line, side, usual, billed, blur * max(_ONE, abs(billed / expected)))

    def _quantity_errors(
        self, line: InvoiceLine, side: Side, usual: Decimal, billed: Decimal, blur: Decimal
    ) -> Iterator[Verdict]:
        rate, right = line.unit_rate, line.unit_rate is None or states(line.unit_rate, side)
        made = to_minor(billed * usual, self.currency) - to_minor(side.amount, self.currency)
        part = Part("quantity", made, {"billed": plain(billed), "expected": plain(Decimal(side.quantity))})
        if right and not self._off(line, billed * usual, blur):
            yield named(NAMED + 2, replace(part, amount=self._above(line, side)))
        elif rate is not None and not right and not self._off(line, billed * rate):
            slip = self._slip(rate, usual, side)
            if slip:
                yield named(2 * NAMED + slip, part, self._rate_part(line, side, rate, usual, made))
        elif rate is None and len(side.rates) == 1:  # an average is no figure that anyone misreads
            for other in misreadings(usual):
                if not self._off(line, billed * other):
                    yield named(2 * NAMED + MISREAD, part, self._rate_part(line, side, other, usual, made))
        elif right and self._belies_itself(line):
            sum_part = self._product(line, billed * usual, made, side)
            yield named(2 * NAMED + self.sums([line]).evidence(side), part, sum_part)

    def _rate_errors(self, line: InvoiceLine, side: Side, usual: Decimal) -> Iterator[Verdict]:
        expected = Decimal(side.quantity)
        rate, right = line.unit_rate, line.unit_rate is None or states(line.unit_rate, side)
        if rate is not None and not right and not self._off(line, expected * rate):
            slip = self._slip(rate, usual, side)
            if slip:
                yield named(NAMED + slip, self._rate_part(line, side, rate, usual, ZERO))
        elif right and line.quantity is not None and self._is_mistyped(line, side):
            bits = NAMED + 1 + MISREAD * (rate is None)  # which may as well be what was misread
            yield named(bits, self._product(line, expected * usual, ZERO, side))
        elif rate is not None and right and self._belies_itself(line):
            bits = WRONG + self.sums([line]).evidence(side) - 1
            yield named(bits, self._product(line, expected * usual, ZERO, side))
        if rate is None and line.quantity is not None and len(side.rates) == 1:
            for other in misreadings(usual):
                if not self._off(line, expected * other):
                    yield named(NAMED + MISREAD, self._rate_part(line, side, other, usual, ZERO))

    def _is_mistyped(self, line: InvoiceLine, side: Side) -> bool:
        """Tell whether an amount is the one due with two of its digits swapped, of three at least: two are soon met."""
        due = to_minor(side.amount, self.currency)
        return len(due.as_tuple().digits) > _SHORT and line.amount in _mistyped(due)

    def sums(self, lines: Sequence[InvoiceLine]) -> Stated:
        """Add lines up."""
        return Stated.of(lines, self.rounding, self.currency, quantities=self.quantities)

    def _slip(self, rate: Decimal, usual: Decimal, side: Side) -> float:
        """Give the bits of a rate that is a slip of the pen or stands on no card, if both the fewer; 0 if neither.

        A long one of which several digits are others than of what is due was worked out at another price.
        """
        typed = not _is_worked_out(rate, {usual, *side.rates})
        odd = 1 + digits_of(rate) / 2 if typed and rate not in self.card_rates and rate not in side.rates else 0.0
        if misread(rate, usual):
            return min(MISREAD, odd) if odd else MISREAD
        return odd

    def _rate_part(self, line: InvoiceLine, side: Side, rate: Decimal, usual: Decimal, before: Decimal) -> Part:
        amount = self._above(line, side) - before
        return Part("rate", amount, {"billed": plain(rate), "expected": plain(rounded(usual, 8))})

    def _above(self, line: InvoiceLine, side: Side) -> Decimal:
        """Give what a line bills above a side that is rounded as a line of it would be."""
        return to_minor(line.amount, self.currency) - to_minor(side.amount, self.currency)

    def _product(self, line: InvoiceLine, product: Decimal, before: Decimal, side: Side) -> Part:
        amount = self._above(line, side) - before
        values = {"billed": plain(line.amount), "expected": plain(to_minor(product, self.currency)), "kind": "product"}
        return Part("rate", amount, values)


def _rates_left(own: Stated, line: InvoiceLine, rates: frozenset[Decimal]) -> frozenset[Decimal]:
    """Give the rate that a line has: the one that it states, else the one that no other line states; else all."""
    stated = stated_of(line.unit_rate, rates) if line.unit_rate is not None else frozenset()
    others: Sequence[frozenset[Decimal]] = [stated_of(rate, rates) for rate in own.rates if rate != line.unit_rate]
    left = rates.difference(*others)
    return next((some for some in (stated, left) if len(some) == 1), rates)


def _is_worked_out(rate: Decimal, due: Iterable[Decimal]) -> bool:
    """Tell whether a rate has more digits than anybody types, and several are others than those of each that is due."""
    places = max(0, -int(rate.normalize().as_tuple().exponent))
    if len(rate.normalize().as_tuple().digits) < _LONG:
        return False
    texts = (plain(rounded(one, places)) for one in due)
    return all(sum(map(ne, *_of_one_length(plain(rate), text))) > 1 for text in texts)


def _of_one_length(one: str, other: str) -> tuple[str, str]:
    longer = max(len(one), len(other))
    return one.rjust(longer, "0"), other.rjust(longer, "0")


def misread(billed: Decimal, expected: Decimal) -> bool:
    """Tell whether one figure is the other with neighbouring digits swapped, its point shifted, or its sign turned."""
    return billed in _misread(expected)


def miscounted(billed: Decimal, expected: Decimal) -> bool:
    """Tell whether one count is the other misread, or with one of its digits lost or typed twice.

    A count of a single digit is that of too many others with one digit lost, but for the last.
    """
    if 0 < billed <= _ONE_DIGIT:
        return misread(billed, expected) or billed == expected // 10
    return billed in _misread(expected) or billed in _one_digit_off(expected)


@lru_cache(_REMEMBERED)
def _misread(figure: Decimal) -> frozenset[Decimal]:
    """Give what a figure becomes; a search asks for the same ones again and again."""
    return frozenset(misreadings(figure))


@lru_cache(_REMEMBERED)
def _one_digit_off(count: Decimal) -> frozenset[Decimal]:
    return frozenset(_with_one_digit_off(count))


def _with_one_digit_off(count: Decimal) -> Iterator[Decimal]:
    text = plain(count)
    for n, digit in enumerate(text if text.isdecimal() and len(text) <= _LONGEST_FIGURE else ""):
        yield Decimal(text[:n] + text[n + 1 :] or 0)
        yield Decimal(text[:n] + digit + text[n:])


@lru_cache(_REMEMBERED)
def _mistyped(amount: Decimal) -> frozenset[Decimal]:
    return frozenset(transposed(f"{amount:f}"))


def misreadings(figure: Decimal) -> Iterator[Decimal]:
    """Give what a figure becomes with two neighbouring digits swapped, shifted by a power of ten, its sign turned."""
    if not figure:
        return
    yield -figure
    yield from transposed(plain(figure))
    for power in (-3, -2, -1, 1, 2, 3):
        yield figure.scaleb(power)


def transposed(text: str) -> Iterator[Decimal]:
    """Give what a figure becomes with two neighbouring digits swapped; nothing where it is too long to be typed."""
    for n in range(len(text) - 1 if len(text) <= _LONGEST_FIGURE else 0):
        pair = text[n : n + 2]
        if pair[0] != pair[1] and "." not in pair and "-" not in pair:
            yield Decimal(text[:n] + pair[1] + pair[0] + text[n + 2 :])

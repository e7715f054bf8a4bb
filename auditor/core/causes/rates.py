"""What the rates of an invoice say that its amounts do not: a price column may be these, divided (formats.md §8).

A rate says something only as far as the amount and the quantity of its own line do not imply it. Whether a column was
divided out of these is told by all its lines together: a listed price, times a few units and rounded, hardly ever
gives itself back when it is divided again to all its decimals.
"""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from math import log2

from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import to_minor
from auditor.core.records import InvoiceLine

LISTED = 4  # decimals of prices that are listed; what has more was as a rule worked out
_CHANCE = 4.0  # bits by which it must be no chance that a column of no more decimals looks divided
_FLOAT = 9  # decimals after which the digits of a binary float need not be those of the quotient
_ODD = 10  # of so many lines one may be wrong by itself
_THOUSAND = -3


def as_said(lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
    """Give lines without the rates that say nothing, and with those for a thousand units as for one.

    Each sheet is judged by itself: what one biller's program prints tells nothing of another's.
    """
    sheets: dict[tuple[str, str], list[int]] = {}
    for place, line in enumerate(lines):
        sheets.setdefault((line.source.file, line.source.sheet), []).append(place)
    made = list(lines)
    for places in sheets.values():
        for place, line in zip(places, _without_quotients(_for_one([lines[n] for n in places])), strict=True):
            made[place] = line
    return made


def decimals(figure: Decimal) -> int:
    """Count the decimals of a figure."""
    return max(0, -int(figure.as_tuple().exponent))


def half_of_last(rate: Decimal) -> Decimal:
    """Give half a unit of the last place that is stated: so far a figure may be rounded."""
    return Decimal(5).scaleb(int(rate.as_tuple().exponent) - 1)


def _for_one(lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
    """Give rates by the unit where most are by the thousand."""
    rated = [line for line in lines if line.unit_rate and line.quantity and line.amount]
    by_thousand = [line for line in rated if _comes_to(line, _THOUSAND) and not _comes_to(line, 0)]
    if 2 * len(by_thousand) <= len(rated):
        return list(lines)
    return [
        line if line.unit_rate is None else replace(line, unit_rate=line.unit_rate.scaleb(_THOUSAND)) for line in lines
    ]


def _comes_to(line: InvoiceLine, power: int) -> bool:
    """Tell whether a line's quantity and rate come to its amount, as far as their decimals go."""
    half = half_of_last(line.unit_rate or ZERO) * abs(line.quantity or ZERO)
    reach = Decimal(5).scaleb(-minor_digits(line.currency) - 1)
    return abs(_product(line).scaleb(power) - line.amount) <= reach + half.scaleb(power)


def _without_quotients(lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
    """Leave the rates out where they were divided, or are so short that their amounts say as much.

    Of a line that is odd the rate stays, for it says what is wrong.
    """
    rated = [line for line in lines if line.unit_rate is not None and line.quantity]
    places = max((decimals(line.unit_rate) for line in rated if line.unit_rate is not None), default=0)
    divided = [line for line in rated if _is_quotient(line, places)]
    if _are_quotients(rated, divided, places):
        odd = {id(line) for line in rated} - {id(line) for line in divided}
        silent = {id(line) for line in lines} - odd
    elif _are_short(rated, places):
        silent = {id(line) for line in divided if _chance(line, places) <= 0}
    else:
        return list(lines)
    return [replace(line, unit_rate=None) if id(line) in silent else line for line in lines]


def _are_quotients(rated: Collection[InvoiceLine], divided: Collection[InvoiceLine], places: int) -> bool:
    """Tell whether a column was divided: all but an odd line are quotients, and some are no listed price by chance."""
    telling = [line for line in divided if _product(line) != line.amount]
    if not telling or _ODD * (len(rated) - len(divided)) > len(rated):
        return False
    return places > LISTED or sum(max(0.0, _chance(line, places)) for line in telling) >= _CHANCE


def _are_short(rated: Collection[InvoiceLine], places: int) -> bool:
    """Tell whether a column has too few decimals to give the amounts: more than an odd line comes to others by it."""
    off = [line for line in rated if to_minor(_product(line), line.currency) != line.amount]
    divided = [line for line in off if _is_quotient(line, places)]
    return _ODD * len(divided) > len(rated) and _ODD * (len(off) - len(divided)) <= len(rated)


def _product(line: InvoiceLine) -> Decimal:
    return (line.quantity or ZERO) * (line.unit_rate or ZERO)


def _is_quotient(line: InvoiceLine, places: int) -> bool:
    """Tell whether a rate is an amount divided by its quantity, rounded to the decimals of the column or to its own."""
    assert line.unit_rate is not None
    assert line.quantity
    own = decimals(line.unit_rate)
    digits = min(own if own > LISTED else places, _FLOAT)
    return abs(line.unit_rate - line.amount / line.quantity) <= Decimal(5).scaleb(-digits - 1)


def _chance(line: InvoiceLine, places: int) -> float:
    """Give the bits by which a listed price would not be the quotient of its line, to so many decimals.

    None are left where the units are so many that their amount says the price to all of these.
    """
    spare = places - minor_digits(line.currency)
    return log2(10.0**spare / float(abs(line.quantity or ZERO) or 1))

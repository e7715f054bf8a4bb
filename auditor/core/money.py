"""Exact money: decimals that refuse to be inexact, and the one place where they are rounded (pricing.md §9.2).

Rates and amounts are `Decimal`. Sums over millions of units never add millions of numbers: units that are alike are
counted, and a sum is count times value, in a context that raises rather than lose a digit.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP
from decimal import Context
from decimal import Decimal
from decimal import DivisionByZero
from decimal import Inexact
from decimal import InvalidOperation
from decimal import Overflow

EXACT = Context(prec=80, rounding=ROUND_HALF_UP, traps=[Inexact, InvalidOperation, Overflow, DivisionByZero])
_ROUNDING = Context(prec=80, rounding=ROUND_HALF_UP, traps=[InvalidOperation, Overflow])
ZERO = Decimal(0)

# Minor units other than two decimals, of the currencies that a bill for WhatsApp can be in (ISO 4217).
_MINOR_DIGITS = {
    "BHD": 3, "CLP": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0,
    "TND": 3, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0,
}  # fmt: skip


def minor_digits(currency: str) -> int:
    """Give the decimals of a currency's minor unit: 2 for PEN and USD, 0 for CLP."""
    return _MINOR_DIGITS.get(currency, 2)


def rounded(amount: Decimal, digits: int) -> Decimal:
    """Round half up, away from zero for negatives, to so many decimals (pricing.md §9.2); zero has no sign."""
    made = amount.quantize(Decimal(1).scaleb(-digits), context=_ROUNDING)
    return made or made.copy_abs()


def to_minor(amount: Decimal, currency: str) -> Decimal:
    """Round an amount to its currency's minor unit."""
    return rounded(amount, minor_digits(currency))


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts exactly."""
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def lowered(low: Decimal, below: Decimal) -> Decimal:
    """Take off a low total what gaps of the log may have added to it: charges come to nothing at the least."""
    return max(EXACT.subtract(low, below), min(low, ZERO))


def times(amount: Decimal, count: int) -> Decimal:
    """Multiply an amount by a count, exactly."""
    return EXACT.multiply(amount, Decimal(count))


def plain(amount: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros after the point: `0.07`, `3.5`, `0`."""
    text = format(amount or ZERO, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

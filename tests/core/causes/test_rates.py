"""A price column that is the amounts divided by the quantities says nothing; a list of prices does (formats.md §8)."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from auditor.core.causes.rates import as_said
from auditor.core.problems import Place
from auditor.core.records import InvoiceLine

Figures = tuple[str, str, str]
# 7, 11, 13 and 29 units at 0.0703 each: 0.4921, 0.7733, 0.9139 and 2.0387, rounded to the cent.
UNITS = (("7", "0.49"), ("11", "0.77"), ("13", "0.91"), ("29", "2.04"))


def lines(*figures: Figures, currency: str = "USD", sheet: str = "") -> list[InvoiceLine]:
    """Make lines of quantities, rates ("": none) and amounts."""
    return [
        InvoiceLine(
            Decimal(amount), currency, Place("invoice.xlsx", sheet, n + 2), quantity=Decimal(quantity),
            unit_rate=Decimal(rate) if rate else None,
        )
        for n, (quantity, rate, amount) in enumerate(figures)
    ]  # fmt: skip


def with_rates(*rates: str) -> list[InvoiceLine]:
    """Print rates for the same units."""
    return lines(*((quantity, rate, amount) for (quantity, amount), rate in zip(UNITS, rates, strict=True)))


def said(some: Sequence[InvoiceLine]) -> list[str]:
    """Give the rates that are left."""
    return [f"{line.unit_rate or ''}" for line in as_said(some)]


@pytest.mark.parametrize(
    "rates",
    [
        ("0.07", "0.07", "0.07", "0.070345"),  # six decimals, the zeros at the end cut off
        ("0.07", "0.07", "0.07", "0.0703448275862069"),  # a float
        ("0.0700000001", "0.07000000000000001", "0.07", "0.07034483"),  # what is left of one
    ],
)
def test_that_rates_that_are_their_amounts_divided_by_their_quantities_say_nothing(rates: Sequence[str]) -> None:
    assert said(with_rates(*rates)) == ["", "", "", ""]


def test_that_rates_that_are_listed_say_what_they_are() -> None:
    assert said(with_rates("0.0703", "0.0703", "0.0703", "0.0703")) == ["0.0703"] * 4


def test_that_four_decimals_of_a_quotient_are_told_by_several_lines_together() -> None:
    # 0.59 / 7 = 0.08428..., 0.92 / 11 = 0.08363..., 1.09 / 13 = 0.08384..., 2.43 / 29 = 0.08379...: of 0.0838 each.
    # A listed price is its line's quotient by a chance of 7, 11, 13 and 29 in 100: one line alone proves little.
    rated = [("7", "0.0843", "0.59"), ("11", "0.0836", "0.92"), ("13", "0.0838", "1.09"), ("29", "0.0838", "2.43")]
    assert said(lines(*rated)) == ["", "", "", ""]
    assert said(lines(rated[3])) == ["0.0838"]


def test_that_a_line_of_a_divided_column_that_is_no_quotient_keeps_its_rate() -> None:
    # Ten lines of 7 units at 0.49, and one whose rate does not come to its amount: one of eleven may be wrong.
    column = [("7", "0.07", "0.49")] * 9 + [("29", "0.070345", "2.04")]
    assert said(lines(*column, ("11", "0.08", "0.77"))) == [""] * 10 + ["0.08"]
    assert said(lines(*column[-2:], ("11", "0.08", "0.77"))) == ["0.07", "0.070345", "0.08"]


def test_that_each_sheet_is_judged_by_itself() -> None:
    divided, listed = lines(("29", "0.070345", "2.04")), lines(("29", "0.0703", "2.04"), sheet="other")
    assert said([*divided, *listed]) == ["", "0.0703"]


def test_that_rates_for_a_thousand_units_are_said_for_one() -> None:
    # 2,900 units at 70.3 a thousand are 203.87; a line of nothing says nothing else.
    assert said(lines(("2900", "70.3", "203.87"), ("1100", "70.3", "77.33"), ("0", "70.3", "0"))) == ["0.0703"] * 3


def test_that_rates_too_short_to_give_their_amounts_say_nothing_where_the_amounts_say_as_much() -> None:
    # 2 x 0.0649 is 0.13, shown at 0.07 each; 29 x 0.0649 is 1.88, at 0.06, as 1,000 are. 29 x 0.06 would be 1.74.
    assert said(lines(("2", "0.07", "0.13"), ("29", "0.06", "1.88"), ("1000", "0.06", "64.90"))) == ["", "", ""]
    assert said(lines(("2", "0.07", "0.14"), ("29", "0.07", "2.03"), ("1000", "0.07", "70.00"))) == ["0.07"] * 3
    # Four decimals are too short for 1,234 units and not for 29, whose quotient is 0.0648: of the latter they say more.
    assert said(lines(("29", "0.0649", "1.88"), ("1234", "0.0649", "80.06"), ("1234", "0.0801", "98.84"))) == [
        "0.0649", "", "",
    ]  # fmt: skip

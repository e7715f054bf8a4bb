"""Exact money and where it is rounded (pricing.md §9.2)."""

from decimal import Decimal
from decimal import Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.core.money import EXACT
from auditor.core.money import minor_digits
from auditor.core.money import plain
from auditor.core.money import rounded
from auditor.core.money import times
from auditor.core.money import to_minor
from auditor.core.money import total

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=8)


@pytest.mark.parametrize(
    ("amount", "currency", "wanted"),
    [
        ("0.005", "PEN", "0.01"),
        ("0.00499999", "PEN", "0.00"),
        ("-0.005", "PEN", "-0.01"),
        ("2.675", "USD", "2.68"),
        ("1234.5", "CLP", "1235"),
        ("-1234.5", "CLP", "-1235"),
        ("1.0005", "KWD", "1.001"),
    ],
)
def test_that_amounts_are_rounded_half_up_away_from_zero(amount: str, currency: str, wanted: str) -> None:
    assert to_minor(Decimal(amount), currency) == Decimal(wanted)
    assert -to_minor(Decimal(amount), currency).as_tuple().exponent == minor_digits(currency)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.0703000", "0.0703"), ("3.50", "3.5"), ("0.00", "0"), ("1E+3", "1000"), ("1E-7", "0.0000001"), ("100", "100"),
     ("-0.00", "0"), ("-3.50", "-3.5")],
)  # fmt: skip
def test_that_decimals_are_written_plainly(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


def test_that_a_digit_is_never_lost_in_silence() -> None:
    with pytest.raises(Inexact):
        EXACT.divide(Decimal(1), Decimal(3))
    assert times(Decimal("0.0703"), 10**15) == Decimal(70300000000000)
    assert total([Decimal("1e30"), Decimal("1e-30"), Decimal("-1e30")]) == Decimal("1e-30")
    assert total([]) == 0


def test_that_nothing_has_no_sign() -> None:
    assert str(to_minor(Decimal("-0.004"), "PEN")) == "0.00"


def test_that_rounding_works_for_any_number_of_digits() -> None:
    assert rounded(Decimal("3.7654325"), 6) == Decimal("3.765433")


@given(AMOUNTS)
def test_that_rounding_is_off_by_half_a_minor_unit_at_most(amount: Decimal) -> None:
    assert abs(to_minor(amount, "PEN") - amount) <= Decimal("0.005")
    assert to_minor(-amount, "PEN") == -to_minor(amount, "PEN")


@given(AMOUNTS)
def test_that_a_plain_decimal_is_the_same_decimal(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert "e" not in plain(amount).lower()

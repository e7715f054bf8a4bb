"""A fee of the contract that stands among the messages is that fee, and leaves every line its own (formats.md §7, §8).

Prices: `invoicing.py`. Marketing costs 0.10, utility 0.02.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.core.records import Fee
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import only
from tests.core.invoicing import sent

ROWS = [*sent("marketing", 40), *sent("utility", 50, "2026-10-06 10:00")]
RIGHT = [line("4.00", "40", row=1, category="marketing"), line("1.00", "50", row=2, category="utility")]
MONTHLY = replace(ACCOUNT, fees=(Fee("provider_fee", Decimal("120.00"), "USD", "month"),))


@pytest.mark.parametrize(("quantity", "rate"), [("", ""), ("1", "120.00")])
def test_that_a_monthly_fee_among_the_messages_is_that_fee(quantity: str, rate: str) -> None:
    found = by_name(audited(ROWS, [*RIGHT, line("120.00", quantity, rate, 3)], MONTHLY))
    assert {name: causes(one) for name, one in found.items()} == {
        ("marketing",): {}, ("utility",): {}, (): {"provider_fee": Decimal("120.00")},
    }  # fmt: skip


def test_that_what_is_wrong_with_a_line_beside_a_fee_is_found() -> None:
    # The card of before: 40 x 0.08 = 3.20, 50 x 0.01 = 0.50.
    cheap = [replace(one, amount=Decimal(amount)) for one, amount in zip(RIGHT, ("3.20", "0.50"), strict=True)]
    found = by_name(audited(ROWS, [*cheap, line("120.00", row=3)], MONTHLY))
    assert causes(found["marketing",]) == {"rate_card": Decimal("-0.80")}
    assert causes(found["utility",]) == {"rate_card": Decimal("-0.50")}
    assert causes(found[()]) == {"provider_fee": Decimal("120.00")}


@pytest.mark.parametrize("fees", [(), MONTHLY.fees])
def test_that_a_line_that_names_nothing_and_is_no_fee_is_compared_with_all_of_them(fees: tuple[Fee, ...]) -> None:
    one = only(audited(ROWS, [*RIGHT, line("119.00", row=3)], replace(ACCOUNT, fees=fees)))
    assert one.difference == Decimal("119.00")


def test_that_a_monthly_fee_inside_a_line_is_that_fee() -> None:
    lines = [replace(RIGHT[0], amount=Decimal("124.00")), RIGHT[1]]
    found = by_name(audited(ROWS, lines, MONTHLY))
    assert causes(found["marketing",]) == {"provider_fee": Decimal("120.00")}
    assert causes(found["utility",]) == {}


def test_that_a_monthly_fee_inside_a_line_is_found_beside_what_else_is_wrong_there() -> None:
    # The card of before: 40 x 0.08 + 120.00 = 123.20, 50 x 0.01 = 0.50.
    lines = [replace(one, amount=Decimal(amount)) for one, amount in zip(RIGHT, ("123.20", "0.50"), strict=True)]
    found = by_name(audited(ROWS, lines, MONTHLY))
    assert causes(found["marketing",]) == {"rate_card": Decimal("-0.80"), "provider_fee": Decimal("120.00")}
    assert causes(found["utility",]) == {"rate_card": Decimal("-0.50")}


@pytest.mark.parametrize(("quantity", "found"), [("40", {"provider_fee": Decimal("0.50")}), ("", {}), ("45", {})])
def test_that_a_small_fee_inside_a_line_is_told_by_its_units_alone(quantity: str, found: dict[str, Decimal]) -> None:
    # Five more units of marketing come to 0.50 as well.
    account = replace(ACCOUNT, fees=(Fee("subscription", Decimal("0.50"), "USD", "month"),))
    lines = [line("4.50", quantity, row=1, category="marketing"), RIGHT[1]]
    assert causes(by_name(audited(ROWS, lines, account))["marketing",]) == found


@pytest.mark.parametrize(
    ("amount", "quantity", "rate", "found"),
    [
        ("160.00", "400", "", {"quantity": Decimal("36.00"), "provider_fee": Decimal("120.00")}),  # a nought too many
        ("160.00", "40", "1.00", {"rate": Decimal("36.00"), "provider_fee": Decimal("120.00")}),  # a point shifted
        ("160.00", "40", "", {}),  # nothing says what else is wrong
        ("160.01", "400", "", {}),
    ],
)
def test_that_a_monthly_fee_is_found_inside_a_line_that_states_a_figure_misread(
    amount: str, quantity: str, rate: str, found: dict[str, Decimal]
) -> None:
    # 40 x 0.10 = 4.00 are due, 400 x 0.10 or 40 x 1.00 = 40.00 are billed, and the fee.
    lines = [line(amount, quantity, rate, row=1, category="marketing"), RIGHT[1]]
    assert causes(by_name(audited(ROWS, lines, MONTHLY))["marketing",]) == found


@pytest.mark.parametrize(("units", "found"), [("40", {"provider_fee": Decimal("120.00")}), ("17", {})])
def test_that_a_monthly_fee_on_a_line_of_free_units_is_that_fee(units: str, found: dict[str, Decimal]) -> None:
    # 40 answers are of the thousand that are free; for 120.00 no 17 of them are billed, nor any other number.
    lines = [*RIGHT, line("120.00", units, "0", row=3, category="service")]
    rows = [*ROWS, *sent("", 40, "2026-10-07 10:00")]
    assert causes(by_name(audited(rows, lines, MONTHLY))["service",]) == found

"""How far rounding alone may put rows off together: as far as their own figures are rounded (formats.md §8)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.core.causes.stated import Rounding
from auditor.core.causes.stated import Stated
from auditor.core.causes.stated import stated_of
from auditor.core.problems import Place
from auditor.core.reconcile import Side
from auditor.core.records import InvoiceLine
from auditor.core.records import Tax
from tests.core.invoicing import ACCOUNT


def rows(amount: str, count: int, file: str = "invoice.csv", quantity: str = "1") -> list[InvoiceLine]:
    """Bill so many rows, of one message each unless more are stated."""
    return [
        InvoiceLine(Decimal(amount), "USD", Place(file, "", n + 2), quantity=Decimal(quantity)) for n in range(count)
    ]


def reach(lines: list[InvoiceLine], among: list[InvoiceLine] | None = None) -> Decimal:
    """Give how far rounding puts lines off, in an invoice that has these (or others as well)."""
    return Rounding.of(among or lines, ACCOUNT).reach(lines, "USD")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.07", "0.5"),  # half a cent each
        ("0.0700", "0.5"),  # zeros were put there
        ("0.0703", "0.015"),  # 100 times the last place, and half a cent where the sum is compared
        ("0.070325", "0.0051"),
    ],
)
def test_that_a_hundred_rows_are_off_by_their_own_last_place_each(amount: str, expected: str) -> None:
    assert reach(rows(amount, 100)) == Decimal(expected)


def test_that_each_unit_may_be_off_but_no_row_by_more_than_half_a_cent() -> None:
    # 20 rows of 10 units: 200 times 0.0001, and half a cent; of 1,000 units each it would be 2: 20 times half a cent.
    assert reach(rows("0.7031", 20, quantity="10")) == Decimal("0.025")
    assert reach(rows("70.3001", 20, quantity="1000")) == Decimal("0.1")


def test_that_a_place_is_the_files_and_not_that_of_an_odd_row() -> None:
    fine, whole = rows("0.0703", 30), rows("0.02", 30)
    # 0.0200 without its zeros: 30 of the last place, and a thousandth of the 0.60 that they come to.
    assert reach(whole, [*fine, *whole]) == Decimal("0.0036")
    assert reach(whole, [*rows("0.0703", 1), *whole]) == Decimal("0.15")
    assert reach(whole, [*rows("0.0703", 30, "other.csv"), *whole]) == Decimal("0.15")


def test_that_tax_taken_out_leaves_decimals_that_nobody_stated() -> None:
    rounding = Rounding.of(rows("0.0703", 100), replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=True)))
    assert rounding.reach(rows("0.0703", 100), "USD") == Decimal(1)  # two figures of half a cent each


def test_that_a_fee_on_every_message_is_no_rounding() -> None:
    side = Side(100, Decimal("7.03"), rates=frozenset({Decimal("0.0703")}))
    for amount, fits in (("0.0704", True), ("0.0705", False), ("0.0733", False)):
        lines = rows(amount, 100)
        assert Stated.of(lines, Rounding.of(lines, ACCOUNT), "USD", quantities=True).fits(side) is fits


@pytest.mark.parametrize(
    ("quantity", "amount", "fits"), [("1", "0.15", False), ("1", "0.151", True), ("2", "0.3", True)]
)
def test_that_lines_of_one_unit_state_no_more_prices_than_there_are(quantity: str, amount: str, fits: bool) -> None:
    # Units of 0.10 and 0.20 are 0.15 on average, of which lines of two units may state any part of them; one alone has
    # a price, unless its rate is but its amount once more. Three prices are stated, and there are two.
    each = [InvoiceLine(Decimal(amount), "USD", Place("a.csv", "", n), quantity=Decimal(quantity)) for n in range(3)]
    rates = ["0.1508", "0.1512", "0.1515"] if amount != "0.151" else ["0.151"] * 3
    lines = [replace(one, unit_rate=Decimal(rate)) for one, rate in zip(each, rates, strict=True)]
    side = Side(3 * int(quantity), 3 * Decimal(amount), rates=frozenset({Decimal("0.10"), Decimal("0.20")}))
    assert Stated.of(lines, Rounding.of(lines, ACCOUNT), "USD", quantities=True).fits(side) is fits


def test_that_a_rate_half_way_between_two_figures_is_stated_as_either() -> None:
    # 0.0305 x 3.657 = 0.1115385 and 0.0411 x 3.657 = 0.1503027: the last is nearer to one of its two neighbours.
    half, other = Decimal("0.1115385"), Decimal("0.1503027")
    for figure, rate in (("0.111538", half), ("0.111539", half), ("0.150303", other)):
        assert stated_of(Decimal(figure), frozenset({half, other})) == {rate}
    for figure in ("0.111537", "0.111540", "0.150302"):
        assert not stated_of(Decimal(figure), frozenset({half, other}))

"""The sums that window, workbook and charts share."""

from dataclasses import replace
from decimal import Decimal

from auditor.core.totals import LineSum
from auditor.core.totals import Pair
from auditor.core.totals import sum_of
from auditor.core.totals import sum_of_all
from auditor.core.totals import unrated_of
from tests.writers.sample_result import sample_result


def test_that_all_lines_together_come_to_the_audits_totals_and_not_to_the_sum_of_rounded_lines() -> None:
    # As in the workbook: 6,393.56 line by line, 6,393.54 rounded once.
    result = sample_result("PEN")
    assert sum(line.expected for line in result.differences) == Decimal("6393.56")
    whole = sum_of(result.differences)
    assert whole == sum_of_all(result)
    assert whole.expected == Decimal("6393.54")
    assert whole.difference == whole.billed - whole.expected == whole.explained + whole.unexplained


def test_that_what_is_explained_and_what_is_not_add_up_as_they_are_shown() -> None:
    # 0.016 of 23.81 is unexplained: shown as 0.02, so that 23.79 and not 23.794 is explained.
    result = replace(
        sample_result(), billed=Decimal("123.81"), expected=Decimal(100), difference=Decimal("23.81"),
        unexplained=Decimal("0.016"),
    )  # fmt: skip
    total = sum_of_all(result)
    assert (total.explained, total.unexplained) == (Decimal("23.79"), Decimal("0.02"))


def test_that_without_an_invoice_lines_have_no_difference_to_add_up() -> None:
    accrued = [
        replace(line, lines=(), billed=Decimal(0), difference=Decimal(0), causes=())
        for line in sample_result().differences
    ]
    total = sum_of(accrued)
    assert total.difference == 0
    assert total.expected > 0


def test_that_no_lines_come_to_nothing() -> None:
    assert sum_of([]) == LineSum(0, *[Decimal(0)] * 5)


def test_that_a_difference_is_a_part_of_what_is_expected_and_no_part_of_nothing() -> None:
    # 5 too much upon 20 is a quarter; 15 upon 20 is a quarter too little.
    assert Pair(Decimal(25), Decimal(20)).relative == Decimal("0.25")
    assert Pair(Decimal(15), Decimal(20)).relative == Decimal("-0.25")
    assert Pair(Decimal(25), Decimal(0)).relative is None


def test_that_charges_that_no_card_prices_are_told_from_those_that_cost_nothing() -> None:
    priced = sample_result().cells[0]
    free, unrated = (replace(priced, pricing_type=kind) for kind in ("free_customer_service", "unrated"))
    assert unrated_of([priced, unrated, free]) == [unrated]

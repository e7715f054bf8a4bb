"""A sum on each unit that no contract states, and several lines imply (formats.md §8, `mark_up`).

Prices: `invoicing.py`. In Peru marketing costs 0.10, utility 0.02, authentication 0.03.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.audit import Audited
from auditor.core.records import FxRate
from auditor.core.records import Layer
from auditor.core.records import Tax
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import sent

NAMES = ("marketing", "utility", "authentication")


def billed(rows: Sequence[Row], figures: Sequence[tuple[str, str, str]], currency: str = "USD") -> Audited:
    """Audit an invoice of amounts, quantities and rates by category."""
    lines = [
        line(amount, count, rate, row, category=name, currency=currency)
        for row, ((amount, count, rate), name) in enumerate(zip(figures, NAMES, strict=True), 1)
    ]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal(rate)) for day, rate in ((10, "3.8003"), (20, "3.7701"))]
    return audited(rows, lines, replace(ACCOUNT, currency=currency), fx=fx)


def named(answer: Audited) -> dict[str, Decimal]:
    return {step.cause: step.amount for step in answer.result.bridge if step.amount}


def said(answer: Audited) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(cause.values.items()) for one in answer.result.differences for cause in one.causes if cause.values}


@pytest.mark.parametrize("rates", [("", "", ""), ("0.103", "0.023", "0.033")])
def test_that_a_sum_on_each_unit_is_found(rates: Sequence[str]) -> None:
    # 40, 150 and 70 units, 0.003 more on each: 4.00 + 0.12, 3.00 + 0.45 and 2.10 + 0.21.
    rows = [row for name, count in zip(NAMES, (40, 150, 70), strict=True) for row in sent(name, count)]
    figures = zip(("4.12", "3.45", "2.31"), ("40", "150", "70"), rates, strict=True)
    answer = billed(rows, list(figures))
    assert named(answer) == {"mark_up": Decimal("0.78")}
    assert said(answer) == {(("kind", "sum"), ("plus", "0.003"), ("currency", "USD"))}


def test_that_a_sum_is_found_that_is_exchanged_with_the_rate() -> None:
    # Due are 50 + 50, 40 + 60 and 30 + 90 units at 3.8003 and 3.7701: 37.852, 7.56436 and 13.59954. 0.005 USD more on
    # each are 1.8926, 1.89109 and 2.26659: 39.74, 9.46 and 15.87 in place of 37.85, 7.56 and 13.60, 6.06 more. Due in
    # all are 59.0159, a cent more than by lines.
    counts = ((50, 50), (40, 60), (30, 90))
    rows = [
        row
        for name, some in zip(NAMES, counts, strict=True)
        for day, count in zip((10, 20), some, strict=True)
        for row in sent(name, count, f"2026-10-{day} 10:00")
    ]
    answer = billed(rows, [("39.74", "100", ""), ("9.46", "100", ""), ("15.87", "120", "")], "PEN")
    assert named(answer) == {"mark_up": Decimal("6.06"), "rounding": Decimal("-0.01")}
    assert said(answer) == {(("kind", "sum"), ("plus", "0.005"), ("currency", "USD"))}


def test_that_two_lines_alone_imply_no_sum() -> None:
    # As above; marketing is right.
    rows = [row for name, count in zip(NAMES, (40, 150, 70), strict=True) for row in sent(name, count)]
    answer = billed(rows, [("4.00", "40", ""), ("3.45", "150", ""), ("2.31", "70", "")])
    assert named(answer) == {"unexplained": Decimal("0.66")}


def test_that_a_sum_on_each_unit_is_found_on_two_lines_that_leave_it_no_room() -> None:
    # 0.013 on each of 100 of marketing and 200 of utility, whose lines state 0.1130 and 0.0330: 3.90, and no two slips.
    rows = [*sent("marketing", 100), *sent("utility", 200, "2026-10-06 10:00")]
    lines = [
        line("11.30", "100", "0.1130", 1, category="marketing"),
        line("6.60", "200", "0.0330", 2, category="utility"),
    ]
    found = audited(rows, lines).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"mark_up": Decimal("3.90")}


def test_that_a_factor_that_the_stated_tax_comes_to_is_the_tax_though_a_line_states_it_as_well() -> None:
    # 10.00 and 4.00 are due and billed at 1.18 times as much, 2.52 more, beside a line of the tax.
    rows = [*sent("marketing", 100), *sent("utility", 200, "2026-10-06 10:00")]
    lines = [
        line("11.80", "100", row=1, category="marketing"),
        line("4.72", "200", row=2, category="utility"),
        line("2.97", row=3, layer=Layer.TAX),
    ]
    found = audited(rows, lines, replace(ACCOUNT, tax=Tax("IGV", Decimal(18)))).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"tax_included": Decimal("2.52")}

"""An invoice that lists free units beside charged ones, and says so by their amount alone (formats.md §8, SUMMARY).

Prices: `invoicing.py`. Marketing in Peru costs 0.10 and cost 0.08 before, utility 0.02.
"""

from decimal import Decimal

import pytest

from auditor.core.results import Status
from tests.core.invoicing import CHILE
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import line
from tests.core.invoicing import sent
from tests.core.invoicing import wrote


def visited(category: str, count: int) -> list[Row]:
    """Send messages that are free: the user came from an ad."""
    rows = wrote("2026-10-20 08:00", CHILE, referral="true")
    return [*rows, *sent(category, count, "2026-10-20 09:00", CHILE)]


@pytest.mark.parametrize("rate", ["0", ""])
def test_that_free_units_on_a_line_of_their_own_are_none_of_those_billed(rate: str) -> None:
    # 40 of marketing and 50 of utility at the prices of before: 40 x 0.02 and 50 x 0.01 less. 6 of either are free.
    rows = [*sent("marketing", 40), *sent("utility", 50, "2026-10-06 10:00")]
    rows += [*visited("marketing", 6), *sent("utility", 6, "2026-10-21 09:00", CHILE)]
    lines = [
        line("3.20", "40", row=1, category="marketing"),
        line("0", "6", rate, row=2, category="marketing"),
        line("0.50", "50", row=3, category="utility"),
        line("0", "6", rate, row=4, category="utility"),
    ]
    found = audited(rows, lines)
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {"rate_card": Decimal("-1.30")}
    assert {one.billed_quantity for one in found.result.differences} == {40, 50}


def test_that_a_line_of_free_units_alone_has_no_cause() -> None:
    rows = [*sent("utility", 50), *visited("marketing", 6)]
    lines = [line("1.00", "50", row=1, category="utility"), line("0", "6", row=2, category="marketing")]
    found = by_name(audited(rows, lines))["marketing",]
    assert (found.status, found.causes) == (Status.MATCHED, ())


def test_that_units_billed_at_nothing_that_are_due_are_counted() -> None:
    # 50 x 0.02 is due.
    found = by_name(audited(sent("utility", 50), [line("0", "50", category="utility")]))["utility",]
    assert found.billed_quantity == 50
    assert found.difference == Decimal("-1.00")

"""Which units are billed at all, and which are free (formats.md §8: `duplicate_billed`, `free_entry_point`).

Prices: `invoicing.py`. Marketing in Peru costs 0.10, utility 0.02.
"""

from decimal import Decimal

import pytest

from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import sent
from tests.core.invoicing import wrote


@pytest.mark.parametrize(
    ("marketing", "utility", "kind", "amount"),
    # Three of marketing are reported three times, two of utility four times: 6 x 0.10 and 6 x 0.02, or 3 and 2 of them.
    [("1.60", "0.32", "again", "0.72"), ("1.30", "0.24", "once", "0.34")],
)
def test_that_repeated_reports_are_billed_each_or_as_one(marketing: str, utility: str, kind: str, amount: str) -> None:
    campaign, notices = sent("marketing", 10), sent("utility", 10, "2026-10-06 10:00")
    rows = [*campaign, *notices, *campaign[:3] * 2, *notices[:2] * 3]
    found = audited(rows, [line(marketing, row=1, category="marketing"), line(utility, row=2, category="utility")])
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {
        "duplicate_billed": Decimal(amount)
    }
    assert {cause.values["kind"] for one in found.result.differences for cause in one.causes} == {kind}


@pytest.mark.parametrize(
    ("marketing", "utility", "hours", "amount"),
    # 10 and 5 have nothing to do with it; 4 of marketing come after 36 hours, 2 and 3 after 60; 1 and 2 after 100
    # hours are due with the first, 1.10 and 0.14 together.
    [("1.70", "0.20", "24", "0.66"), ("1.30", "0.20", "48", "0.26"), ("1.00", "0.10", "168", "-0.14")],
)
def test_that_another_length_of_free_entry_points_is_found(
    marketing: str, utility: str, hours: str, amount: str
) -> None:
    rows = [*sent("marketing", 10, "2026-10-05 10:00"), *sent("utility", 5, "2026-10-06 10:00")]
    user = "51955555555"
    rows += [*wrote("2026-10-20 08:00", user, referral="true"), *sent("marketing", 1, "2026-10-20 08:05", user)]
    for category, count, at in (
        ("marketing", 4, "2026-10-21 20:00"),
        ("marketing", 2, "2026-10-22 20:00"),
        ("utility", 3, "2026-10-22 20:00"),
        ("marketing", 1, "2026-10-24 12:00"),
        ("utility", 2, "2026-10-24 12:00"),
    ):
        rows += sent(category, count, at, user)
    found = audited(rows, [line(marketing, row=1, category="marketing"), line(utility, row=2, category="utility")])
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {
        "free_entry_point": Decimal(amount)
    }
    assert {cause.values["hours"] for one in found.result.differences for cause in one.causes} == {hours}

"""Which units are billed at all, and which are free (formats.md §8: `duplicate_billed`, `free_entry_point`).

Prices: `invoicing.py`. Marketing in Peru costs 0.10, utility 0.02.
"""

from datetime import date
from decimal import Decimal

import pytest

from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

RATES = {"2026-09": ("0.08", "0.01"), "2026-10": ("0.10", "0.02")}


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


def test_that_a_period_that_begins_and_ends_a_day_early_is_found_in_lines_of_each_day() -> None:
    # Five of marketing and six of utility are sent on 30 September, at 0.08 and 0.01, which is billed: 0.40 and 0.06;
    # two and eight on 31 October, which is not: 0.20 and 0.16 less. What lies between is billed as it is due.
    units = {"2026-09-30": (5, 6), "2026-10-05": (3, 7), "2026-10-20": (4, 4), "2026-10-31": (2, 8)}
    rows = [
        row
        for day, (marketing, utility) in units.items()
        for row in (*sent("marketing", marketing, f"{day} 10:00"), *sent("utility", utility, f"{day} 10:00"))
    ]
    billed = [
        (amount, count, category, date.fromisoformat(day))
        for day, some in list(units.items())[:-1]
        for category, rate, count in zip(("marketing", "utility"), RATES[day[:7]], some, strict=True)
        for amount in [str(count * Decimal(rate))]
    ]
    lines = [
        line(amount, str(count), row=row, category=category, period_start=day, period_end=day)
        for row, (amount, count, category, day) in enumerate(billed, 1)
    ]
    found = audited(rows, lines).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"month_cut": Decimal("0.10")}
    named = {tuple(cause.values.values()) for one in found.differences for cause in one.causes}
    assert named == {("period", "2026-09-30", "2026-10-30")}

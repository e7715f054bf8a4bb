"""Amounts that are rounded day by day and then added up (formats.md §8: `rounding`)."""

from datetime import date
from decimal import Decimal

import pytest

from auditor.core.results import CauseAmount
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent

# Units a day, days, price; what is due for all, and where the amount of each day is rounded.
UNITS = {
    "marketing": (1, 29, "0.0144", "0.42", "0.29"),  # 29 x 0.0144 = 0.4176; 29 x 0.01
    "utility": (1, 30, "0.0276", "0.83", "0.90"),  # 30 x 0.0276 = 0.828; 30 x 0.03
    "authentication": (2, 24, "0.0333", "1.60", "1.68"),  # 48 x 0.0333 = 1.5984; 24 x 0.07, for 2 x 0.0333 = 0.0666
}
ROWS = [
    row
    for name, (count, days, *_) in UNITS.items()
    for day in range(1, days + 1)
    for row in sent(name, count, f"2026-10-{day:02} 10:00")
]
PRICES = [priced("*", name, rate) for name, (_, _, rate, *_) in UNITS.items()]


def found(*, rated: bool = False, **other: str) -> dict[str, list[CauseAmount]]:
    """Give the causes by category where each day is rounded, or another amount is billed; lines may be `rated`."""
    lines = [
        line(other.get(name, billed), str(count * days), rate * rated, row, category=name)
        for row, (name, (count, days, rate, _, billed)) in enumerate(UNITS.items(), 1)
    ]
    differences = by_name(audited(ROWS, lines, prices=PRICES))
    return {name: [one for one in differences[name,].causes if one.proof == "found"] for name in UNITS}


@pytest.mark.parametrize("rated", [False, True])
def test_that_amounts_rounded_day_by_day_are_found(rated: bool) -> None:
    # Quantity times rate is then not the amount: 29 x 0.0144 is 0.42, billed are 0.29.
    made = {
        name: {(one.cause, one.amount, one.values.get("kind")) for one in causes}
        for name, causes in found(rated=rated).items()
    }
    assert made == {
        name: {("rounding", Decimal(billed) - Decimal(due), "day")} for name, (_, _, _, due, billed) in UNITS.items()
    }


def test_that_a_line_that_is_off_by_more_than_its_days_may_be_is_no_rounding() -> None:
    # 30 days may come to 0.15 at most: 1.05 instead of 0.83 is 0.22 more.
    assert not any(one.values.get("kind") == "day" for causes in found(utility="1.05").values() for one in causes)


def test_that_a_day_is_missing_although_its_market_is_billed_on_one_other_day_alone() -> None:
    # Utility on three days, marketing on two: of the latter the 3rd is billed, at 0.0144, and the 9th is not.
    rows = [row for day in (2, 5, 7) for row in sent("utility", at=f"2026-10-{day:02} 10:00")]
    rows += [row for day in (3, 9) for row in sent("marketing", 50, f"2026-10-{day:02} 10:00")]
    billed = {2: ("utility", "0.03"), 5: ("utility", "0.03"), 7: ("utility", "0.03"), 3: ("marketing", "0.72")}
    lines = [
        line(amount, row=day, period_start=date(2026, 10, day), period_end=date(2026, 10, day), category=category)
        for day, (category, amount) in billed.items()
    ]
    causes_of = by_name(audited(rows, lines, prices=PRICES))["marketing",].causes
    # 50 x 0.0144 = 0.72 on each of the two days.
    assert [(one.cause, one.proof, one.amount) for one in causes_of] == [("missing_line", "found", Decimal("-0.72"))]

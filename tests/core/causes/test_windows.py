"""Utility billed inside the window where it is free: of one template, or in another market (formats.md §8).

Marketing in Peru costs 0.08 in September 2026, utility 0.02 everywhere.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import PRICES
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

SEPTEMBER = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
UTILITY = [*(row for row in PRICES if row["category"] != "utility"), priced("*", "utility", "0.02", "2026-09-01")]
PERU = [f"519{n:08}" for n in range(12)]
CHILE = [f"569{n:08}" for n in range(9)]
# Outside any window 30 are due in Peru and 5 in Chile. All 12 and 9 receipts in a window are billed besides, 0.42; no
# offer in one is.
LINES = [
    line("0.80", "10", row=1, category="marketing", market="Peru"),
    line("0.84", "42", row=2, category="utility", market="Peru"),
    line("0.28", "14", row=3, category="utility", market="Chile"),
]


def month() -> list[Row]:
    rows = sent("marketing", 10, "2026-09-05 10:00")
    for user in (*PERU, *CHILE):
        rows += wrote("2026-09-07 10:00", user) + sent("utility", 1, "2026-09-07 11:00", user, template_name="receipt")
    for user in (*PERU[:8], *CHILE[:5]):
        rows += sent("utility", 1, "2026-09-07 12:00", user, template_name="offer")
    rows += sent("utility", 18, "2026-09-20 10:00", template_name="receipt")
    rows += sent("utility", 12, "2026-09-20 11:00", template_name="offer")
    return rows + sent("utility", 5, "2026-09-20 10:00", CHILE[0], template_name="offer")


def found(rows: list[Row]) -> dict[str, tuple[Decimal, set[str]]]:
    result = audited(rows, LINES, SEPTEMBER, UTILITY).result
    kinds: dict[str, set[str]] = {}
    for cause in (cause for one in result.differences for cause in one.causes):
        kinds.setdefault(cause.cause, set()).add(cause.values.get("template") or cause.values["zone"])
    return {step.cause: (step.amount, kinds[step.cause]) for step in result.bridge if step.amount}


def test_that_one_template_billed_in_the_window_is_found() -> None:
    assert found(month()) == {"window_utility": (Decimal("0.42"), {"receipt"})}


def test_that_one_template_billed_in_the_window_is_found_beside_a_month_cut_elsewhere() -> None:
    # In UTC the last evening is October's: 4 of marketing and 3 of utility are not billed, 0.32 and 0.06 less; nor are
    # two more receipts that are free in a window.
    rows = [*month(), *sent("marketing", 4, "2026-09-30 20:00"), *sent("utility", 3, "2026-09-30 20:00")]
    for user in PERU[:2]:
        rows += wrote("2026-09-30 19:30", user) + sent("utility", 1, "2026-09-30 20:30", user, template_name="receipt")
    assert found(rows) == {
        "month_cut": (Decimal("-0.38"), {"UTC"}), "window_utility": (Decimal("0.42"), {"receipt"})
    }  # fmt: skip


def test_that_utility_in_the_window_is_found_where_its_market_is_mistaken_as_well() -> None:
    # On each of 12 days one of utility is due in Chile, at 0.03, and two in the window are free. All three are billed
    # in Peru, at 0.02: 12 x 0.01 less, for what is due is counted there, and 24 x 0.02 more.
    prices = [*UTILITY, priced("Chile", "utility", "0.03", "2026-09-01")]
    rows, days = sent("marketing", 10, "2026-09-05 10:00"), [date(2026, 9, day) for day in range(3, 27, 2)]
    for day, user in zip(days, [f"569{n:08}" for n in range(12)], strict=True):
        rows += wrote(f"{day} 10:00", user) + sent("utility", 2, f"{day} 11:00", user)
        rows += sent("utility", 1, f"{day} 12:00", "56999999999")
    lines = [
        line("0.06", "3", row=row, category="utility", market="Peru", period_start=day, period_end=day)
        for row, day in enumerate(days, 1)
    ]
    on_that_day = {"period_start": date(2026, 9, 5), "period_end": date(2026, 9, 5)}
    lines.append(line("0.80", "10", "0.08", 20, category="marketing", market="Peru", **on_that_day))
    result = audited(rows, lines, SEPTEMBER, prices).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {
        "market": Decimal("-0.12"), "window_utility": Decimal("0.48")
    }  # fmt: skip

"""One template billed otherwise, where another cause moves units of it besides (formats.md §8).

Prices: `invoicing.py`. In September marketing in Peru costs 0.08, utility 0.01 outside an open window.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.causes.messages import amount_of
from auditor.core.records import Tax
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import PRICES
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

SEPTEMBER = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
LATE = "2026-09-30 20:00"  # October's at UTC


def test_that_a_template_of_another_category_is_found_where_the_month_is_cut_within_it() -> None:
    # Cut at UTC 7 offers and 5 receipts of the last evening are October's, 12 x 0.01, as are 3 of marketing in Peru at
    # 0.08 and 6 in Chile at 0.20: 0.12 + 0.24 + 1.20 = 1.56 less. The 30 offers that are left and charged are billed as
    # marketing: 30 x (0.08 - 0.01) = 2.10 more. The 40 inside the open window stay free.
    rows = [*wrote("2026-09-05 09:00"), *sent("utility", 60, at="2026-09-05 10:00", template_name="receipt")]
    rows += sent("utility", 40, at="2026-09-05 12:00", template_name="offer")
    rows += sent("utility", 30, at="2026-09-20 12:00", template_name="offer")
    rows += sent("utility", 20, at="2026-09-20 13:00", template_name="receipt")
    rows += sent("utility", 7, LATE, template_name="offer")
    rows += sent("utility", 5, "2026-09-30 21:00", template_name="receipt")
    for user, count, late in (("51987654321", 4, 3), (CHILE, 8, 6)):
        rows += sent("marketing", count, "2026-09-10 10:00", user, template_name="news")
        rows += sent("marketing", late, LATE, user, template_name="news")
    billed = [
        line("0.20", "20", market="Peru", category="utility"),
        line("2.72", "34", market="Peru", category="marketing", row=2),
        line("1.60", "8", market="Chile", category="marketing", row=3),
    ]
    prices = [*PRICES, priced("*", "marketing", "0.20", "2025-07-01", "2026-09-30")]
    audit = audited(rows, billed, SEPTEMBER, prices)
    steps = {step.cause: step.amount for step in audit.result.bridge if step.amount}
    assert steps == {"month_cut": Decimal("-1.56"), "category": Decimal("2.10")}
    assert audit.causes is not None
    behind = {one.cause: audit.causes.of(one) for one in audit.causes.readings}
    assert [len(behind[cause]) for cause in ("month_cut", "category")] == [7 + 5 + 3 + 6, 30]


OFFERS = [
    row
    for day, count, name in (("05", 30, "news"), ("06", 12, "offer"), ("07", 9, "invitation"))
    for row in sent("marketing", count, f"2026-10-{day} 10:00", template_name=name)
]


@pytest.mark.parametrize(
    ("figures", "found"),
    [
        ([("3.00", "30"), ("0.90", "9")], {"missing_line": Decimal("-1.20")}),
        ([("3.00", "30")], {}),  # 21 units too few are no template
        ([("3.10", "31"), ("0.90", "9")], {}),  # nor are 11
        ([("3.00", "30"), ("0.90", "9"), ("0.40", "4")], {}),
        ([("3.60", "30"), ("1.08", "9")], {"missing_line": Decimal("-1.44"), "tax_included": Decimal("1.02")}),
    ],
)
def test_that_a_template_without_a_line_is_found_where_each_of_the_others_has_one(
    figures: list[tuple[str, str]], found: dict[str, Decimal]
) -> None:
    # 30 + 12 + 9 = 51 of marketing at 0.10; with a tax of 20 % in each price at 0.12, on all 51 before one is missing.
    lines = [
        line(amount, count, row=n, category="marketing", message=n)
        for n, (amount, count) in enumerate(figures, start=1)
    ]
    taxed = "tax_included" in found
    utility = ["1.20", "0.48"] if taxed else ["1.00", "0.40"]
    rows = [*OFFERS, *sent("utility", 50, "2026-10-08 10:00", template_name="receipt")]
    rows += sent("utility", 20, "2026-10-09 10:00", template_name="reminder")
    lines += [
        line(amount, count, row=n, category="utility", message=n)
        for n, (amount, count) in enumerate(zip(utility, ("50", "20"), strict=True), start=4)
    ]
    account = replace(ACCOUNT, tax=Tax("IGV", Decimal(20)))
    audit = audited(rows, lines, account)
    made = causes(by_name(audit)["marketing",])
    assert made == found


@pytest.mark.parametrize("count", [12, 137])
def test_that_a_template_is_not_of_another_category_where_nothing_is_billed_of_that(count: int) -> None:
    # All of one template is wanting: that it was billed as authentication, and that line left out, nothing says.
    rows = [*sent("marketing", 39, template_name="news"), *sent("utility", 50, "2026-10-08 10:00")]
    rows += sent("marketing", count, "2026-10-06 10:00", template_name="offer")
    lines = [
        line("3.90", "39", category="marketing", market="Peru"),
        line("1.00", "50", row=2, category="utility", market="Peru"),
    ]
    found = audited(rows, lines).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"unexplained": -count * Decimal("0.1")}


BEFORE = [*PRICES, priced("Peru", "authentication", "0.02", "2025-07-01", "2026-09-30")]
# 216 of news, 444 of offers, 162 receipts and 78 codes: 66.00 of marketing, 3.24 of utility, 2.34 of authentication.
DAILY = [
    row
    for day in range(1, 31)
    for hour, category, name, until, since in (
        (10, "marketing", "news", 6, 8), (11, "marketing", "offer", 7, 20), (12, "utility", "receipt", 9, 3),
        (13, "authentication", "code", 2, 3),
    )
    for row in sent(category, until if day <= 12 else since, f"2026-10-{day:02} {hour}:00", template_name=name)
]  # fmt: skip


@pytest.mark.parametrize(
    ("figures", "found", "said"),
    [
        # At the prices of before until the 12th, 156 x 0.02 + 108 x 0.01 + 24 x 0.01 = 4.44 less. 84 offers are at 0.02
        # there instead of 0.08, from then on 360 at 0.03 instead of 0.10: 30.24 less.
        (
            [("20.16", "216"), ("2.16", "162"), ("14.58", "522")],
            {"rate_card": Decimal("-4.44"), "category": Decimal("-30.24")},
            ("until", "2026-10-12"),
        ),
        # 360 offers from the 13th on at 0.03 instead of 0.10.
        (
            [("30.00", "300"), ("3.24", "162"), ("13.14", "438")],
            {"category": Decimal("-25.20")},
            ("since", "2026-10-13"),
        ),
    ],
)
def test_that_a_template_of_another_category_and_a_day_are_found_together(
    figures: list[tuple[str, str]], found: dict[str, Decimal], said: tuple[str, str]
) -> None:
    names = ("marketing", "utility", "authentication")
    lines = [
        line(amount, count, row=n, category=name)
        for n, ((amount, count), name) in enumerate(zip(figures, names, strict=True), 1)
    ]
    audit = audited(DAILY, lines, prices=BEFORE)
    assert {step.cause: step.amount for step in audit.result.bridge if step.amount} == found
    assert audit.causes is not None
    assert [one.scope for one in audit.causes.readings if one.scope] == [said]
    behind = {one.cause: amount_of(audit.causes.of(one)) for one in audit.causes.readings}
    assert behind == found


def test_that_a_template_billed_as_service_is_found() -> None:
    # The 30 of the news, 3.00 of marketing, are billed at the price of answers, 0.30; the other 21 as marketing, 2.10.
    rows = [*OFFERS, *sent("utility", 50, "2026-10-08 10:00", template_name="receipt")]
    billed = {"marketing": ("2.10", "21"), "service": ("0.30", "30"), "utility": ("1.00", "50")}
    lines = [line(*said, row=row, category=name) for row, (name, said) in enumerate(billed.items())]
    found = by_name(audited(rows, lines))
    assert causes(found["marketing",]) == {"category": Decimal("-3.00")}
    assert causes(found["service",]) == {"category": Decimal("0.30")}
    assert found["service",].causes[0].values["template"] == "news"

"""One category billed as another in one market alone: its units there, or their price, and nothing elsewhere."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.results import Difference
from tests.core.causes.test_moved import BRAZIL
from tests.core.causes.test_moved import CARD
from tests.core.causes.test_moved import both
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent

ELSEWHERE = {
    ("Brazil", "marketing"): ("2.10", "30"),  # at 0.07
    ("Brazil", "utility"): ("1.20", "40"),  # at 0.03
    ("Chile", "marketing"): ("1.80", "20"),  # at 0.09
    ("Chile", "utility"): ("3.00", "60"),  # at 0.05
}
Peru = dict[tuple[str, str], tuple[str, str]]


def explained(rows: list[Row], peru: Peru) -> dict[tuple[str, ...], Difference]:
    """Bill Peru as stated, where marketing costs 0.10 and utility 0.02, and two other markets as they are due."""
    billed = {**peru, **ELSEWHERE}
    lines = [line(*said, market=market, category=category) for (market, category), said in billed.items()]
    return by_name(audited([*rows, *both(BRAZIL, 30, 40), *both(CHILE, 20, 60)], lines, prices=CARD))


def where(one: Difference) -> set[str]:
    return {cause.values["scope"] for cause in one.causes if cause.cause == "category" and cause.proof == "found"}


@pytest.mark.parametrize("due", [0, 50])
def test_that_a_category_of_one_market_billed_as_another_is_found(due: int) -> None:
    # Peru's 37 units of marketing, 3.70, stand on the line of utility: 0.74 more there.
    billed = due + 37
    found = explained(
        [*sent("marketing", 37), *sent("utility", due)],
        {("Peru", "utility"): (f"{billed * Decimal('0.02'):f}", str(billed))},
    )
    assert causes(found["Peru", "marketing"]) == {"category": Decimal("-3.70")}
    assert causes(found["Peru", "utility"]) == {"category": Decimal("0.74")}
    assert where(found["Peru", "marketing"]) == where(found["Peru", "utility"]) == {"Peru"}


def test_that_a_category_of_one_market_at_the_price_of_another_is_found() -> None:
    # Peru's 300 units of marketing, 30.00, are billed at 0.02.
    found = explained(
        both("51987654321", 300, 50), {("Peru", "marketing"): ("6.00", "300"), ("Peru", "utility"): ("1.00", "50")}
    )
    assert causes(found["Peru", "marketing"]) == {"category": Decimal("-24.00")}
    assert where(found["Peru", "marketing"]) == {"Peru"}


def test_that_a_category_is_said_of_no_market_where_no_other_has_it() -> None:
    # All marketing is Peru's: that it is billed as utility there is as much as to say that it is billed as utility.
    rows = [*both("51987654321", 37, 50), *sent("utility", 40, user=BRAZIL)]
    lines = [
        line("1.74", "87", market="Peru", category="utility"),
        line("1.20", "40", market="Brazil", category="utility"),
    ]
    found = by_name(audited(rows, lines, prices=CARD))
    assert causes(found["Peru", "marketing"]) == {"category": Decimal("-3.70")}
    assert all("scope" not in cause.values for cause in found["Peru", "marketing"].causes)


def test_that_a_line_at_a_price_that_no_category_of_its_market_has_is_none_of_another() -> None:
    # Peru's 300 units of marketing are billed at 0.05, which is utility's price in Chile alone.
    found = explained(
        both("51987654321", 300, 50), {("Peru", "marketing"): ("15.00", "300"), ("Peru", "utility"): ("1.00", "50")}
    )
    assert "category" not in causes(found["Peru", "marketing"])


def test_that_notifications_billed_as_the_conversations_that_came_after_are_found() -> None:
    # January 2022: 30 and 20 notifications at 0.05 are 1.50 and 1.00; billed as conversations at 0.08, 2.40 and 1.60.
    january = replace(ACCOUNT, first=date(2022, 1, 1), last=date(2022, 1, 31))
    due = {"notification": "0.05", "business_initiated": "0.08"}
    prices = [priced("*", word, rate, "2021-01-01") for word, rate in due.items()]
    at = "2022-01-05 10:00"
    rows = [*sent("utility", 30, at), *sent("marketing", 20, at, user=CHILE)]
    lines = [
        line(amount, count, row=row, market=market, category="business_initiated")
        for row, (market, count, amount) in enumerate((("Peru", "30", "2.40"), ("Chile", "20", "1.60")))
    ]
    found = by_name(audited(rows, lines, january, prices))
    assert {key: causes(one) for key, one in found.items()} == {
        ("Peru", "notification"): {"category": Decimal("-1.50")},
        ("Peru", "business_initiated"): {"category": Decimal("2.40")},
        ("Chile", "notification"): {"category": Decimal("-1.00")},
        ("Chile", "business_initiated"): {"category": Decimal("1.60")},
    }

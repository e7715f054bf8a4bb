"""The markets of all customers by an older table, or by the countries that the log states (formats.md §8, `market`).

Bangladesh and Sri Lanka (till 30 September 2026 in Rest of Asia Pacific) and Iraq (in Rest of Middle East) are markets
of their own from October on. Marketing in Peru costs 0.10 (`invoicing.py`).
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent

BANGLADESH, IRAQ, SRI_LANKA = "8801712345678", "9647701234567", "94712345678"
BRAZIL = "5511912345678"
ASIA, EAST = "Rest of Asia Pacific", "Rest of Middle East"
NOW = (
    *PRICES,
    priced("Bangladesh", "marketing", "0.05"),
    priced("Iraq", "marketing", "0.07"),
    priced(ASIA, "marketing", "0.09"),
    priced(EAST, "marketing", "0.12"),
)
# 10 x 0.05 and 20 x 0.07 are due; at the prices of before 10 x 0.09 and 20 x 0.12, 1.40 more. Peru's 30 x 0.10 stay.
CAMPAIGN = [*sent("marketing", 10, user=BANGLADESH), *sent("marketing", 20, user=IRAQ), *sent("marketing", 30)]
HOME = line("3.00", "30", row=3, category="marketing", market="Peru")
BY_MARKET = [
    line("0.90", "10", row=1, category="marketing", market=ASIA),
    line("2.40", "20", row=2, category="marketing", market=EAST),
    HOME,
]
BY_COUNTRY = [
    line("0.90", "10", row=1, category="marketing", country="BD"),
    line("2.40", "20", row=2, category="marketing", country="IQ"),
    line("3.00", "30", row=3, category="marketing", country="PE"),
]


def found(
    rows: Sequence[Row], lines: Sequence[InvoiceLine], prices: Sequence[Mapping[str, str]], account: Account = ACCOUNT,
    day: str = "2026-09-30",
) -> dict[str, Decimal]:  # fmt: skip
    """Give the steps from what is due to what is billed, and check what is said of each."""
    answer = audited(rows, lines, account, prices).result
    said = {tuple(cause.values.items()) for one in answer.differences for cause in one.causes}
    assert said == {(("kind", "table"), ("day", day))}
    return {step.cause: step.amount for step in answer.bridge if step.amount}


@pytest.mark.parametrize("lines", [BY_MARKET, BY_COUNTRY])
def test_that_all_countries_that_became_markets_are_billed_where_they_were(lines: Sequence[InvoiceLine]) -> None:
    assert found(CAMPAIGN, lines, NOW) == {"market": Decimal("1.40")}


def test_that_they_are_counted_in_the_tiers_of_where_they_were() -> None:
    # 8 and 6 at 0.03 are due. Counted as one market, 10 of the 14 cost 0.02 and 4 cost 0.01: 0.24 of 0.42.
    tiers = [
        priced(ASIA, "utility", rate) | {"tier_from": lower, "tier_to": upper}
        for lower, upper, rate in (("1", "10", "0.02"), ("11", "", "0.01"))
    ]
    own = [
        priced(market, "utility", "0.03") | {"tier_from": "1", "tier_to": ""} for market in ("Bangladesh", "Sri Lanka")
    ]
    rows = [*sent("utility", 8, user=BANGLADESH), *sent("utility", 6, user=SRI_LANKA), *sent("marketing", 30)]
    lines = [line("0.24", "14", row=1, category="utility", market=ASIA), HOME]
    assert found(rows, lines, [*NOW, *tiers, *own]) == {"market": Decimal("-0.18")}


def test_that_a_table_of_later_months_is_used_too_early() -> None:
    # In September 10 x 0.09 and 20 x 0.12 are due; billed is as in October, 1.40 less. Peru's 30 x 0.08 stay.
    prices = [
        row | {"effective_from": "2026-09-01"} for row in NOW if row["market"] in {"Bangladesh", "Iraq", ASIA, EAST}
    ]
    month = {"at": "2026-09-05 10:00"}
    rows = [*sent("marketing", 10, user=BANGLADESH, **month), *sent("marketing", 20, user=IRAQ, **month)]
    lines = [
        line("0.50", "10", row=1, category="marketing", market="Bangladesh"),
        line("1.40", "20", row=2, category="marketing", market="Iraq"),
        line("2.40", "30", row=3, category="marketing", market="Peru"),
    ]
    account = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
    rows += sent("marketing", 30, **month)
    assert found(rows, lines, [*PRICES, *prices], account, "2026-10-01") == {"market": Decimal("-1.40")}


def test_that_the_country_that_the_log_states_is_taken_for_that_of_the_number() -> None:
    # Of 30 with numbers of Peru, 10 are said to be in Chile and 4 in Mexico, at 0.20 in place of 0.10: 1.40 more. 6 of
    # 20 with numbers of Chile are said to be in Peru: 0.60 less.
    rows = [*sent("marketing", 16), *sent("utility", 50, country="PE")]
    rows += sent("marketing", 10, "2026-10-06 10:00", country="CL") + sent(
        "marketing", 4, "2026-10-07 10:00", country="MX"
    )
    rows += sent("marketing", 14, user=CHILE) + sent("marketing", 6, "2026-10-06 10:00", user=CHILE, country="PE")
    # 16 and 6 in Peru, 14 and 10 in Chile, 4 in Mexico.
    lines = [
        line("2.20", "22", row=1, category="marketing", market="Peru"),
        line("4.80", "24", row=2, category="marketing", market="Chile"),
        line("0.80", "4", row=3, category="marketing", market="Mexico"),
        line("1.00", "50", row=4, category="utility", market="Peru"),
    ]
    answer = audited(rows, lines).result
    assert {step.cause: step.amount for step in answer.bridge if step.amount} == {"market": Decimal("0.80")}
    assert {cause.values["kind"] for one in answer.differences for cause in one.causes} == {"stated"}


def test_that_a_market_is_found_mistaken_for_one_category_alone() -> None:
    # Of Mexico's utility 30 at 0.02 are due, 0.60: they are billed as Chile's, whose price is 0.04, 1.20. Its marketing
    # and authentication, 20 at 0.20 and 10 at 0.03, are right.
    sizes = {"marketing": 20, "utility": 30, "authentication": 10}
    rows = [row for name, count in sizes.items() for row in sent(name, count, user=MEXICO)]
    lines = [
        line("4.00", "20", market="Mexico", category="marketing"),
        line("0.30", "10", market="Mexico", category="authentication", row=2),
        line("1.20", "30", market="Chile", category="utility", row=3),
    ]
    result = audited(rows, lines, prices=[*PRICES, priced("Chile", "utility", "0.04")]).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {"market": Decimal("0.60")}
    causes = [cause for one in result.differences for cause in one.causes]
    assert [cause.amount for cause in causes] == [Decimal("1.20"), Decimal("-0.60")]
    assert {cause.values["scope"] for cause in causes} == {"utility"}


def test_that_two_markets_are_found_mistaken_each_for_another() -> None:
    # Mexico's 20 are billed in Chile and Brazil's 15 in Peru: 30 in Chile at 0.20, 6.00 where 2.00 is due, and 45 in
    # Peru at 0.10, 4.50 where 3.00 is due. Mexico's 4.00 and Brazil's 3.00 have no line: 1.50 less in all.
    due = {PERU: 30, CHILE: 10, MEXICO: 20, BRAZIL: 15}
    rows = [row for user, count in due.items() for row in sent("marketing", count, user=user)]
    lines = [
        line("6.00", "30", market="Chile", category="marketing"),
        line("4.50", "45", market="Peru", category="marketing", row=2),
    ]
    result = audited(rows, lines).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {"market": Decimal("-1.50")}
    stated = {cause.values["country"]: cause.values["market"] for one in result.differences for cause in one.causes}
    assert stated == {"Mexico": "Chile", "Brazil": "Peru"}


def test_that_two_markets_are_found_taken_for_each_other() -> None:
    # Peru's 30 and 25 are billed in Chile, 6.00 and 0.75, Chile's 10 and 40 in Peru, 1.00 and 0.80: 8.55 together. Due
    # were 3.00 and 0.50, 2.00 and 1.20: 6.70. Mexico's are right.
    sizes = {PERU: (30, 25), CHILE: (10, 40), MEXICO: (20, 20)}
    rows = [row for user, (many, _) in sizes.items() for row in sent("marketing", many, user=user)]
    rows += [row for user, (_, many) in sizes.items() for row in sent("utility", many, "2026-10-06 10:00", user)]
    billed = {"Peru": ("1.00", "10", "0.80", "40"), "Chile": ("6.00", "30", "0.75", "25")}
    billed["Mexico"] = ("4.00", "20", "0.40", "20")
    lines = [
        line(*figures, row=2 * n + m, market=market, category=category)
        for n, (market, some) in enumerate(billed.items(), 1)
        for m, (category, figures) in enumerate({"marketing": some[:2], "utility": some[2:]}.items())
    ]
    result = audited(rows, lines, prices=[*PRICES, priced("Chile", "utility", "0.03")]).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {"market": Decimal("1.85")}

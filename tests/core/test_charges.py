"""Allowances, tiers and prices by hand (pricing.md §§3.5, 4.4-4.5, 6-10). The whole rules are in tests/scenarios."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.core.charging import Charged
from auditor.core.charging import charge
from auditor.core.charging import prepare
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import OpeningVolume
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import PricingType
from auditor.core.tables import Reason
from auditor.core.terms import Terms
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from tests.core.as_columns import card_of
from tests.core.as_columns import messages_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import priced
from tests.core.invoicing import sent


def charged(
    rows: Sequence[Row],
    account: Account = ACCOUNT,
    prices: Sequence[Row] = PRICES,
    allowance: int | None = None,
    per: str = "",
    taken_as: tuple[tuple[Category, Category], ...] = (),
) -> Charged:
    names = [(row["message_id"], row["user"]) for row in rows]
    terms = Terms(account, regimes(), market_table(), Tariff([card_of(prices, "card")]), (), allowance, per, taken_as)
    log = prepare(messages_of(rows, account), lambda some: [names[n] for n in some], account, regimes())
    return charge(log, terms, with_allowances=True)


def amounts(found: Charged) -> list[str]:
    charges = found.charges
    order = sorted(range(len(charges)), key=lambda n: (charges.billed_at[n], charges.row[n]))
    return ["" if charges.amount[n] < 0 else str(charges.values[charges.amount[n]]) for n in order]


# Allowances


def test_that_the_first_services_of_a_number_are_free_in_order_of_delivery() -> None:
    rows = [*sent("", 2, at="2026-10-05 10:02"), *sent("", 2, at="2026-10-05 10:00", user=CHILE)]
    found = charged(rows, allowance=3)
    assert amounts(found) == ["0", "0", "0", "0.01"]
    (allowance,) = found.allowances
    assert (allowance.owner, allowance.period, allowance.size, allowance.used) == ("number", "2026-10", 3, 4)
    assert (allowance.crossing_row, allowance.crossed_at) == (1, found.charges.billed_at.max())


def test_that_an_allowance_that_is_not_used_up_is_not_crossed() -> None:
    (allowance,) = charged(sent("", 3), allowance=3).allowances
    assert (allowance.used, allowance.crossed_at, allowance.crossing_row) == (3, int(NEVER), -1)


def test_that_ties_at_the_edge_are_broken_by_id_then_user() -> None:
    rows = [row | {"message_id": name} for name in ("c", "a", "b") for row in sent("", 1)]
    assert amounts(charged(rows, allowance=2)) == ["0.01", "0", "0"]  # in the order of import: c, a, b


def test_that_each_number_and_month_has_an_allowance_of_its_own() -> None:
    account = replace(ACCOUNT, wabas=(WABA, SECOND_WABA))
    rows = [*sent("", 2), *sent("", 2, number="number2"), *sent("", 2, at="2026-11-05 10:00")]
    found = charged(rows, account, allowance=1)
    assert sorted(amounts(found)) == ["0", "0", "0", "0.01", "0.01", "0.01"]
    assert {(one.owner, one.period) for one in found.allowances} == {
        ("number", "2026-10"), ("number2", "2026-10"), ("number", "2026-11"),
    }  # fmt: skip


def test_that_an_allowance_may_be_read_per_account_instead() -> None:
    both = replace(WABA, numbers=(*WABA.numbers, *SECOND_WABA.numbers))
    rows = [*sent("", 2), *sent("", 2, number="number2", at="2026-10-05 11:00")]
    account = replace(ACCOUNT, wabas=(both,))
    assert amounts(charged(rows, account, allowance=1)) == ["0", "0.01", "0", "0.01"]
    assert amounts(charged(rows, account, allowance=1, per="waba")) == ["0", "0.01", "0.01", "0.01"]


# Tiers


def tier(rate: str, first: str, last: str = "", market: str = "Peru", category: str = "utility") -> Row:
    return priced(market, category, rate) | {"tier_from": first, "tier_to": last}


TIERS = [tier("0.05", "1", "2"), tier("0.03", "3", "4"), tier("0.01", "5"), *PRICES]


def opened(volume: int, **more: str) -> Account:
    facts = {"portfolio": "p", "market": "Peru", "category": "utility", "month": "2026-10"} | more
    return replace(
        ACCOUNT,
        wabas=(replace(WABA, portfolio="p"), replace(SECOND_WABA, portfolio="p")),
        opening_volumes=(OpeningVolume(**facts, volume=volume),),
    )


def test_that_each_message_is_priced_by_the_tier_that_holds_it() -> None:
    found = charged(sent("utility", 6), opened(0), TIERS)
    assert amounts(found) == ["0.05", "0.05", "0.03", "0.03", "0.01", "0.01"]
    assert not found.charges.reasons.any()
    assert found.charges.tier_from.tolist() == [1, 1, 3, 3, 5, 5]


def test_that_an_opening_volume_comes_before_the_first_message() -> None:
    assert amounts(charged(sent("utility", 3), opened(3), TIERS)) == ["0.03", "0.01", "0.01"]


def test_that_the_accounts_of_a_portfolio_count_together() -> None:
    rows = [*sent("utility", 2), *sent("utility", 2, number="number2", at="2026-10-05 11:00")]
    assert amounts(charged(rows, opened(0), TIERS)) == ["0.05", "0.05", "0.03", "0.03"]


def test_that_an_unknown_opening_volume_makes_a_tiered_charge_uncertain() -> None:
    found = charged(sent("utility", 3), ACCOUNT, TIERS).charges
    assert [str(found.values[place]) for place in found.low] == ["0.01", "0.01", "0.01"]
    assert [str(found.values[place]) for place in found.high] == ["0.05", "0.05", "0.03"]
    assert set(found.reasons.tolist()) == {int(Reason.TIER_VOLUME_UNKNOWN)}


@pytest.mark.parametrize("more", [{"market": "Chile"}, {"month": "2026-09"}, {"category": "authentication"}])
def test_that_an_opening_volume_of_something_else_does_not_count(more: dict[str, str]) -> None:
    found = charged(sent("utility", 1), opened(3, **more), TIERS)
    assert amounts(found) == ["0.05"]
    assert found.charges.reasons.tolist() == [int(Reason.TIER_VOLUME_UNKNOWN)]


def test_that_marketing_has_no_tiers_and_a_group_stands_outside() -> None:
    prices = [tier("0.05", "1", category="marketing"), *TIERS]
    assert amounts(charged(sent("marketing", 1), prices=prices)) == ["0.10"]
    assert amounts(charged(sent("utility", 1, group_id="g"), prices=TIERS)) == ["0.02"]


def test_that_what_the_list_rate_prices_for_want_of_tiers_is_counted() -> None:
    meta = [one | {"basis": "read"} for one in PRICES]
    assert charged(sent("utility", 3), prices=meta).untiered == {"Peru / utility": 3}
    assert charged(sent("utility", 3)).untiered == {}  # a contract has the rates it has
    assert charged(sent("utility", 3), opened(0), [*TIERS[:3], *meta]).untiered == {}


def test_that_mixed_tiers_are_replayed_in_order_when_a_month_is_split_by_a_window() -> None:
    # Sent inside the window and delivered after it (message-v1): free, and it does not use its number.
    rows = [
        {"message_id": "in", "phone_number_id": "number", "user": CHILE, "direction": "inbound",
         "sent_at": "2026-09-05 09:00"},
        *sent("utility", 1, at="2026-09-05 10:00"),
        sent("utility", 1, user=CHILE)[0] | {"sent_at": "2026-09-06 08:00", "delivered_at": "2026-09-06 10:00"},
    ]  # fmt: skip
    prices = [one | {"effective_from": "2025-07-01", "market": "*"} for one in TIERS if one.get("tier_from")]
    found = charged(rows, prices=prices).charges
    split = found.reasons.tolist().index(int(Reason.WINDOW_SPLIT))
    assert (found.pricing_type[split], found.amount[split]) == (PricingType.FREE_CUSTOMER_SERVICE, 0)
    assert str(found.values[found.high[split]]) == "0.05"


# Rates, certainty and what the card does not decide


def test_that_a_unit_without_a_rate_or_a_market_is_never_nothing_in_silence() -> None:
    named = [one for one in PRICES if one["market"] != "*"]
    found = charged([*sent("marketing", 1, user=CHILE), *sent("marketing", 1, user="US.123")], prices=named).charges
    assert sorted(found.reasons.tolist()) == [int(Reason.NO_RATE), int(Reason.NO_MARKET)]
    assert set(found.pricing_type.tolist()) == {int(PricingType.UNRATED)}
    assert found.amount.tolist() == found.low.tolist() == found.high.tolist() == [-1, -1]


def test_that_a_rate_for_every_market_prices_an_unknown_one() -> None:
    assert amounts(charged(sent("marketing", 1, user="US.123"))) == ["0.20"]


@pytest.mark.parametrize(
    ("logged", "amount", "reason"),
    [("0.04", "0.04", 0), ("0.06", "0.06", int(Reason.ABOVE_MAX_PRICE)), ("", "", int(Reason.MAX_PRICE_UNKNOWN))],
)
def test_that_a_maximum_price_is_charged_as_logged(logged: str, amount: str, reason: int) -> None:
    found = charged(sent("marketing", 1, max_price="0.05", logged_amount=logged))
    assert (amounts(found), found.charges.reasons.tolist()) == ([amount], [reason])


def test_that_a_maximum_price_in_a_conversation_from_before_the_switch_may_be_nothing() -> None:
    # A marketing conversation of 30 June 2025 is still open on 1 July: free by the old rules, 0.04 by the new.
    rows = [
        *sent("marketing", 1, at="2025-06-30 20:00"),
        *sent("marketing", 1, at="2025-07-01 10:00", max_price="0.05", logged_amount="0.04"),
    ]
    found = charged(rows).charges
    late = found.reasons.tolist().index(int(Reason.ERA_CROSSING))
    places = (found.low[late], found.amount[late], found.high[late])
    assert [str(found.values[place]) for place in places] == ["0", "0.04", "0.04"]


def test_that_authentication_is_international_from_the_stated_start_on() -> None:
    start = 1_791_212_400_000_000  # 2026-10-05 10:00 in Lima
    account = replace(ACCOUNT, wabas=(replace(WABA, authentication_international={"CL": start}),))
    prices = [*PRICES, priced("*", "authentication_international", "0.5")]
    rows = [
        *sent("authentication", 1, at="2026-10-05 09:59", user=CHILE),
        *sent("authentication", 1, at="2026-10-05 10:00", user=CHILE),
        *sent("authentication", 1, at="2026-10-05 10:01", user=PERU),
    ]
    assert amounts(charged(rows, account, prices)) == ["0.03", "0.5", "0.03"]
    at_home = replace(account.wabas[0], primary_location="CL")
    nowhere = replace(account.wabas[0], primary_location="")
    for waba in (at_home, nowhere):
        assert amounts(charged(rows, replace(account, wabas=(waba,)), prices)) == ["0.03", "0.03", "0.03"]


def test_that_what_is_taken_as_authentication_or_not_any_more_is_so_at_home_and_abroad() -> None:
    account = replace(ACCOUNT, wabas=(replace(WABA, authentication_international={"CL": 0}),))
    prices = [*PRICES, priced("*", "authentication_international", "0.5")]
    rows = [
        *sent("marketing", 1, at="2026-10-05 10:00", user=CHILE),
        *sent("marketing", 1, at="2026-10-05 10:01", user=PERU),
        *sent("authentication", 1, at="2026-10-05 10:02", user=CHILE),
        *sent("authentication", 1, at="2026-10-05 10:03", user=PERU),
    ]
    to, back = (Category.MARKETING, Category.AUTHENTICATION), (Category.AUTHENTICATION, Category.UTILITY)
    assert amounts(charged(rows, account, prices, taken_as=(to,))) == ["0.5", "0.03", "0.5", "0.03"]
    assert amounts(charged(rows, account, prices, taken_as=(back,))) == ["0.20", "0.10", "0.02", "0.02"]


def test_that_an_invoice_is_not_needed_to_charge() -> None:
    assert audited(sent("marketing", 3)).result.expected == Decimal("0.30")

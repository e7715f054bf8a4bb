"""Which rate is in force: layers, markets, tiers, mark-ups, days (pricing.md §§7, 9)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.rates import Price
from auditor.core.rates import Tariff
from tests.core.as_columns import card_of
from tests.core.invoicing import Row

DAY = date(2026, 10, 5)


def row(rate: str = "", market: str = "*", category: str = "utility", **more: str) -> Row:
    facts = {"effective_from": "2026-10-01", "currency": "USD", "market": market, "category": category, "rate": rate}
    return facts | more


def price(*cards: Sequence[Row], market: str = "Peru", category: str = "utility", day: date = DAY) -> Price:
    return Tariff([card_of(card, f"card{n}") for n, card in enumerate(cards)]).price("USD", market, category, day)


def listed(found: Price) -> str:
    return "" if found.listed is None else str(found.listed.value)


def tiers(found: Price) -> list[tuple[int, str, int]]:
    return [(tier.first, str(tier.rate and tier.rate.value), tier.lower) for tier in found.tiers]


def test_that_a_named_market_goes_before_every_market() -> None:
    card = [row("0.02"), row("0.03", "Peru")]
    assert listed(price(card)) == "0.03"
    assert listed(price(card, market="Chile")) == "0.02"
    assert listed(price(card, market="")) == "0.02"
    assert price([row("0.03", "Peru")], market="") == Price((), None)


def test_that_a_later_card_goes_before_an_earlier_one_row_by_row() -> None:
    below, above = [row("0.03", "Peru"), row("0.04", "Peru", "marketing")], [row("0.02")]
    assert listed(price(below, above)) == "0.02"
    assert listed(price(below, above, category="marketing")) == "0.04"


@pytest.mark.parametrize(
    ("day", "rate"),
    [(date(2026, 9, 30), ""), (date(2026, 10, 1), "0.02"), (date(2026, 10, 31), "0.02"), (date(2026, 11, 1), "0.05")],
)
def test_that_dates_are_inclusive_on_both_ends(day: date, rate: str) -> None:
    card = [row("0.02", effective_to="2026-10-31"), row("0.05", effective_from="2026-11-01")]
    assert listed(price(card, day=day)) == rate


def test_that_a_rate_is_never_taken_from_another_currency() -> None:
    assert Tariff([card_of([row("0.02")], "card")]).price("PEN", "Peru", "utility", DAY) == Price((), None)


def test_that_a_mark_up_stands_on_the_card_beneath() -> None:
    # 0.0300 x 1.25 + 0.005 = 0.0425.
    found = price([row("0.0300", "Peru")], [row(factor="1.25", plus="0.005")])
    assert found.listed is not None
    assert (found.listed.value, found.listed.card) == (Decimal("0.0425"), "card1")
    assert [one.market for one in found.listed.rows] == ["*", "Peru"]


def test_that_a_mark_up_may_only_add() -> None:
    assert listed(price([row("0.0300")], [row(plus="0.005")])) == "0.0350"


def test_that_mark_ups_stand_on_each_other() -> None:
    assert listed(price([row("0.02")], [row(factor="2")], [row(plus="0.01")])) == "0.05"


def test_that_a_mark_up_on_nothing_leaves_no_rate() -> None:
    assert listed(price([row(factor="1.25")])) == ""


def test_that_a_mark_up_alone_stands_on_metas_own_card() -> None:
    tariff = Tariff([card_of([row(factor="2")], "contract")], base=card_of([row("0.03", "Peru")], "meta"))
    assert listed(tariff.price("USD", "Peru", "utility", DAY)) == "0.06"


def test_that_a_mark_up_on_tiers_alone_finds_the_list_rate_on_metas_own_card() -> None:
    # Of a card of tiers 0.02 x 2 = 0.04; of groups and of conversations, which have none, 0.03 x 2 = 0.06.
    cards = [card_of([row("0.02", "Peru", tier_from="1")], "tiers"), card_of([row(factor="2")], "contract")]
    found = Tariff(cards, base=card_of([row("0.03", "Peru")], "meta")).price("USD", "Peru", "utility", DAY)
    assert (tiers(found), listed(found)) == ([(1, "0.04", 1)], "0.06")


def test_that_the_source_and_basis_are_told() -> None:
    found = price([row("0.03", basis="read", source="Meta")], [row(factor="2", source="contract")])
    assert found.listed is not None
    assert (found.listed.source, found.listed.basis) == ("contract + Meta", "read")
    assert found.listed.stated_as == "marked_up_read"
    bare = price([row("0.03", basis="read", source="Meta")])
    assert bare.listed is not None
    assert bare.listed.stated_as == "read"


TIERS = [
    row("0.02", tier_from="1", tier_to="100"), row("0.01", tier_from="101", tier_to="1000"),
    row("0.005", tier_from="1001"), row("0.03"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "rate", "lower"),
    [(1, "0.02", 1), (100, "0.02", 1), (101, "0.01", 101), (1000, "0.01", 101), (1001, "0.005", 1001),
     (10**9, "0.005", 1001), (0, "0.03", 0)],
)  # fmt: skip
def test_that_the_tier_that_holds_the_message_prices_it(number: int, rate: str, lower: int) -> None:
    found, tier = price(TIERS).at(number)
    assert (str(found and found.value), tier) == (rate, lower)


def test_that_the_lowest_rate_is_that_of_this_tier_or_a_later_one() -> None:
    rising = [row("0.01", tier_from="1", tier_to="10"), row("0.05", tier_from="11", tier_to="20"),
              row("0.02", tier_from="21")]  # fmt: skip
    assert [price(rising).lowest_from(first) for first in (1, 11, 21)] == [
        Decimal("0.01"), Decimal("0.02"), Decimal("0.02"),
    ]  # fmt: skip


def test_that_tiers_of_every_market_go_before_the_list_row_beneath() -> None:
    found = price([row("0.03", "Peru")], [row("0.02", tier_from="1")])
    assert (tiers(found), listed(found)) == ([(1, "0.02", 1)], "0.03")


def test_that_a_mark_up_marks_up_every_tier() -> None:
    found = price(TIERS, [row(factor="2")])
    assert tiers(found) == [(1, "0.04", 1), (101, "0.02", 101), (1001, "0.010", 1001)]
    assert listed(found) == "0.06"


def test_that_a_mark_up_of_one_tier_stands_on_what_is_beneath_it() -> None:
    # From the 51st on doubled: 51 to 100 are 0.04, 101 to 1000 0.02, then 0.010; all state the bound 51.
    found = price(TIERS, [row(factor="1", tier_from="1", tier_to="50"), row(factor="2", tier_from="51")])
    assert tiers(found) == [(1, "0.02", 1), (51, "0.04", 51), (101, "0.02", 51), (1001, "0.010", 51)]


def test_that_a_mark_up_of_a_tier_stands_on_the_list_row_where_there_are_no_tiers() -> None:
    found = price([row("0.03")], [row(factor="2", tier_from="1", tier_to="10"), row(factor="3", tier_from="11")])
    assert tiers(found) == [(1, "0.06", 1), (11, "0.09", 11)]


def test_that_marketing_lite_is_marketing_from_july_2025_where_a_card_has_none() -> None:
    card = [row("0.10", category="marketing", effective_from="2025-01-01")]
    assert listed(price(card, category="marketing_lite", day=date(2025, 7, 1))) == "0.10"
    assert listed(price(card, category="marketing_lite", day=date(2025, 6, 30))) == ""
    own = [*card, row("0.07", category="marketing_lite")]
    assert listed(price(own, category="marketing_lite")) == "0.07"


def test_that_prices_hold_between_the_days_on_which_a_rate_may_change() -> None:
    tariff = Tariff([card_of([row("0.02", effective_to="2026-10-31")], "card")])
    assert tariff.breaks == (date(2025, 7, 1), date(2026, 10, 1), date(2026, 11, 1))


def test_that_what_cards_state_in_a_currency_within_a_year_is_near() -> None:
    rows = [
        row("0.02", effective_from="2020-01-01", effective_to="2025-09-30"),
        row("0.03", effective_from="2025-10-01", effective_to="2025-10-31"),
        row("0.04", effective_from="2026-12-01"),
        row("0.05", effective_from="2027-12-01"),
        row("0.06", currency="INR"),
        row(factor="2"),
    ]
    tariff = Tariff([card_of(rows[:3], "contract")], base=card_of(rows[3:], "meta"))
    near = tariff.near({"USD"}, date(2026, 10, 1), date(2026, 10, 31))
    assert {near_row.rate for near_row in near} == {Decimal("0.03"), Decimal("0.04")}


def test_that_a_card_may_be_read_a_step_too_early_or_too_late() -> None:
    cards = [card_of([
        row("0.01", effective_from="2025-08-01", effective_to="2025-12-31"),
        row("0.02", effective_from="2026-01-01", effective_to="2026-06-30"),
        row("0.02", effective_from="2026-07-01", effective_to="2026-12-31"), row("0.04", effective_from="2027-01-01"),
    ], "card")]  # fmt: skip
    own = Tariff(cards)
    previous, following = own.neighbour(later=False), own.neighbour(later=True)
    ask = ("USD", "Peru", "utility", DAY)
    assert [listed(one.price(*ask)) for one in (previous, own, following)] == ["0.01", "0.02", "0.04"]
    first, last = ("USD", "Peru", "utility", date(2025, 8, 1)), ("USD", "Peru", "utility", date(2027, 5, 1))
    assert listed(previous.price(*first)) == "0.01"  # there was none before
    assert listed(following.price(*last)) == "0.04"
    assert previous.price("USD", "Peru", "marketing", DAY) == Price((), None)

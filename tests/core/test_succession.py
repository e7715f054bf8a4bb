"""Cards of one issuer in succession: each day is spoken of once, by what began last."""

from datetime import date
from decimal import Decimal

from auditor.core.problems import Place
from auditor.core.rates import Tariff
from auditor.core.records import Card
from auditor.core.records import RateRow
from auditor.core.succession import in_succession


def rate(
    first: str, value: str, last: str = "", tier: tuple[int, int | None] | None = None, market: str = "Peru"
) -> RateRow:
    low, high = tier or (None, None)
    return RateRow(
        first=date.fromisoformat(first),
        last=date.fromisoformat(last) if last else None,
        currency="USD",
        market=market,
        category="utility",
        tier_from=low,
        tier_to=high,
        rate=Decimal(value),
        factor=None,
        plus=Decimal(0),
        basis="read",
        source="",
        place=Place("card.csv"),
    )


def said(*cards: list[RateRow]) -> list[tuple[str, str, int | None, str]]:
    """Give the rows in succession as (first, last, tier, rate)."""
    rows = in_succession(cards)
    return [(str(row.first), str(row.last or ""), row.tier_from, str(row.rate)) for row in rows]


def test_that_a_newer_card_ends_the_older_one_and_leaves_its_past() -> None:
    built_in = [rate("2026-07-01", "0.02", "2026-09-30"), rate("2026-10-01", "0.03")]
    imported = [rate("2026-12-01", "0.04")]
    assert said(built_in, imported) == [
        ("2026-07-01", "2026-09-30", None, "0.02"),
        ("2026-10-01", "2026-11-30", None, "0.03"),
        ("2026-12-01", "", None, "0.04"),
    ]


def test_that_a_built_in_card_of_a_later_quarter_ends_an_older_import() -> None:
    built_in = [rate("2026-10-01", "0.03"), rate("2027-01-01", "0.05")]
    imported = [rate("2026-10-01", "0.031")]
    assert said(built_in, imported) == [("2026-10-01", "2026-12-31", None, "0.031"), ("2027-01-01", "", None, "0.05")]


def test_that_a_card_with_an_end_hands_back_to_the_one_before() -> None:
    promotion = [rate("2026-11-01", "0.01", "2026-11-30")]
    assert said([rate("2026-10-01", "0.03")], promotion) == [
        ("2026-10-01", "2026-10-31", None, "0.03"),
        ("2026-11-01", "2026-11-30", None, "0.01"),
        ("2026-12-01", "", None, "0.03"),
    ]


def test_that_an_older_row_that_ends_while_a_newer_one_holds_cuts_nothing() -> None:
    # The older card's price for November ends on the 30th; since October the newer card speaks.
    older = [rate("2026-07-01", "0.02", "2026-11-30"), rate("2026-12-01", "0.05", "2026-12-31")]
    assert said([older[0]], [rate("2026-10-01", "0.03")]) == [
        ("2026-07-01", "2026-09-30", None, "0.02"),
        ("2026-10-01", "", None, "0.03"),
    ]
    # One that begins later than the newer card's row holds for its days, and hands back.
    assert said(older, [rate("2026-10-01", "0.03")]) == [
        ("2026-07-01", "2026-09-30", None, "0.02"),
        ("2026-10-01", "2026-11-30", None, "0.03"),
        ("2026-12-01", "2026-12-31", None, "0.05"),
        ("2027-01-01", "", None, "0.03"),
    ]


def test_that_list_and_tiers_of_a_quarter_stand_side_by_side_whichever_comes_first() -> None:
    listed = [rate("2026-10-01", "0.03")]
    tiers = [rate("2026-10-01", "0.03", tier=(1, 1000)), rate("2026-10-01", "0.02", tier=(1001, None))]
    wanted = [
        ("2026-10-01", "", None, "0.03"),
        ("2026-10-01", "", 1, "0.03"),
        ("2026-10-01", "", 1001, "0.02"),
    ]
    assert said(listed, tiers) == wanted
    assert said(tiers, listed) == wanted


def test_that_tiers_end_with_their_list() -> None:
    tiers = [rate("2026-07-01", "0.03", tier=(1, 1000)), rate("2026-07-01", "0.02", tier=(1001, None))]
    built_in = [rate("2026-07-01", "0.03"), *tiers]
    tariff = Tariff((Card("meta", in_succession([built_in, [rate("2026-10-01", "0.04")]])),))
    before, after = (tariff.price("USD", "Peru", "utility", date(2026, month, 30)) for month in (9, 10))
    assert [price.at(1001)[0].value for price in (before, after) if price.at(1001)[0]] == [  # type: ignore[union-attr]
        Decimal("0.02"),
        Decimal("0.04"),
    ]
    assert after.tiers == ()


def test_that_other_markets_are_left_alone() -> None:
    chile = rate("2026-10-01", "0.06", market="Chile")
    assert said([chile], [rate("2026-12-01", "0.04")]) == [
        ("2026-10-01", "", None, "0.06"),
        ("2026-12-01", "", None, "0.04"),
    ]

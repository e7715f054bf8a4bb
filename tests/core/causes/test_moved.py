"""Missing and unexpected lines whose units may stand on other lines: their names are possible, and prove nothing."""

from datetime import date
from decimal import Decimal

import pytest

from auditor.core.results import Difference
from auditor.core.results import Status
from tests.core.invoicing import CHILE
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent

BRAZIL = "5511987654321"
RATES = {"Peru": ("0.10", "0.02"), "Brazil": ("0.07", "0.03"), "Chile": ("0.09", "0.05")}
CARD = [
    priced(market, category, rate)
    for market, rates in RATES.items()
    for category, rate in zip(("marketing", "utility"), rates, strict=True)
]


def both(user: str, marketing: int, utility: int, at: str = "2026-10-05 10:00") -> list[Row]:
    return [*sent("marketing", marketing, at, user), *sent("utility", utility, at, user)]


def explained(rows: list[Row], billed: dict[tuple[str, str], tuple[str, str]]) -> dict[tuple[str, ...], Difference]:
    lines = [line(*said, market=market, category=category) for (market, category), said in billed.items()]
    return by_name(audited(rows, lines, prices=CARD))


def possible(one: Difference) -> set[str]:
    return {cause.cause for cause in one.causes if cause.proof == "possible"}


def test_that_markets_billed_in_rotation_are_two_markets_mistaken_and_no_missing_or_unexpected_lines() -> None:
    # Peru's 40 and 50 units are billed in Chile, at 0.09 and 0.05, and Brazil's 30 and 20 in Peru, at 0.10 and 0.02.
    found = explained(
        [*both(PERU, 40, 50), *both(BRAZIL, 30, 20)],
        {
            ("Peru", "marketing"): ("3.00", ""),
            ("Peru", "utility"): ("0.40", ""),
            ("Chile", "marketing"): ("3.60", ""),
            ("Chile", "utility"): ("2.50", ""),
        },
    )
    assert {cause.cause for line in found.values() for cause in line.causes} == {"market"}
    # Due were 30 x 0.07 and 20 x 0.03 in Brazil; 40 x 0.10 and 50 x 0.02 in Peru.
    for category, amounts in (
        ("marketing", ("-2.10", "3.00", "-4.00", "3.60")),
        ("utility", ("-.6", ".4", "-1", "2.5")),
    ):
        markets = (found[market, category].causes for market in ("Brazil", "Peru", "Chile"))
        assert tuple(cause.amount for causes_ in markets for cause in causes_) == tuple(map(Decimal, amounts))


@pytest.mark.parametrize(("units", "cause"), [("", "market"), ("10", "market"), ("60", "unexpected_line")])
def test_that_a_market_billed_as_another_from_a_day_on_makes_no_unexpected_lines(units: str, cause: str) -> None:
    # Of Peru's 40 and 40 units 16 and 10, of the 20th, are billed in Chile: 16 at 0.09, 10 at 0.05. Lines of Chile that
    # state more units than Peru's lack are more than what was moved.
    rows = [*both(PERU, 24, 30), *both(PERU, 16, 10, "2026-10-20 10:00")]
    found = explained(
        rows,
        {
            ("Peru", "marketing"): ("2.40", "24" if units else ""),
            ("Peru", "utility"): ("0.60", "30" if units else ""),
            ("Chile", "marketing"): ("1.44", units and "16"),
            ("Chile", "utility"): ("0.50", units),
        },
    )
    assert causes(found["Chile", "utility"]) == {cause: Decimal("0.50")}


def test_that_a_line_is_not_missing_where_one_that_cannot_be_compared_has_its_units() -> None:
    # Peru's 6 units of utility are billed with its 7 of marketing: 14 with one of Chile, which has no rate on file.
    card = [
        priced("Peru", "marketing", "0.10"),
        priced("Peru", "utility", "0.02"),
        priced("*", "authentication", "0.03"),
    ]
    rows = [*both(PERU, 7, 6), *sent("marketing", 1, user=CHILE), *sent("authentication", 4)]
    lines = [line("1.50", "14", category="marketing"), line("0.12", "4", category="authentication")]
    found = by_name(audited(rows, lines, prices=card))
    assert found["utility",].difference == Decimal("-0.12")
    assert causes(found["utility",]) == {}
    assert "missing_line" in possible(found["utility",])


def test_that_a_category_that_two_markets_lack_is_not_missing_where_both_have_another_too_many() -> None:
    # 50 and 20 of utility are due and not billed; marketing, of which nothing is due, is billed for no round figure.
    rows = [*sent("utility", 50), *sent("utility", 20, user=CHILE), *both(BRAZIL, 30, 40)]
    found = explained(
        rows,
        {
            ("Peru", "marketing"): ("7.77", ""),
            ("Chile", "marketing"): ("8.88", ""),
            ("Brazil", "marketing"): ("2.10", ""),
            ("Brazil", "utility"): ("1.20", ""),
        },
    )
    for market in ("Peru", "Chile"):
        assert "missing_line" in possible(found[market, "utility"])
        assert "unexpected_line" in possible(found[market, "marketing"])


@pytest.mark.parametrize("due", [0, 50])
def test_that_a_category_is_not_missing_where_another_of_its_market_has_just_as_many_units_too_many(due: int) -> None:
    # Peru's 3 units of marketing, 0.30, are billed as utility: not at 0.02 each, but for 0.10, which is no price.
    rows = [*sent("marketing", 3), *sent("utility", due), *both(BRAZIL, 30, 40), *both(CHILE, 20, 60)]
    found = explained(
        rows,
        {
            ("Peru", "utility"): (f"{due * Decimal('0.02') + Decimal('0.10'):f}", str(due + 3)),
            ("Brazil", "marketing"): ("2.10", "30"),
            ("Brazil", "utility"): ("1.20", "40"),
            ("Chile", "marketing"): ("1.80", "20"),
            ("Chile", "utility"): ("3.00", "60"),
        },
    )
    assert found["Peru", "marketing"].difference == Decimal("-0.30")
    assert "missing_line" in possible(found["Peru", "marketing"])
    assert causes(found["Peru", "marketing"]) == causes(found["Peru", "utility"]) == {}


def test_that_a_category_is_missing_where_another_of_its_market_has_other_units_too_many() -> None:
    # Of Peru's utility 31 units too many are billed, for its 37 of marketing, 3.70, none.
    rows = [*sent("marketing", 37), *sent("utility", 50), *both(BRAZIL, 30, 40), *both(CHILE, 20, 60)]
    found = explained(
        rows,
        {
            ("Peru", "utility"): ("1.62", "81"),
            ("Brazil", "marketing"): ("2.10", "30"),
            ("Brazil", "utility"): ("1.20", "40"),
            ("Chile", "marketing"): ("1.80", "20"),
            ("Chile", "utility"): ("3.00", "60"),
        },
    )
    assert causes(found["Peru", "marketing"]) == {"missing_line": Decimal("-3.70")}


def test_that_one_missing_and_one_unexpected_line_are_found_where_nothing_says_that_units_moved() -> None:
    rows = [*sent("marketing", 40), *sent("utility", 50), *sent("marketing", 30, user=CHILE)]
    lines = [
        line("4.00", "40", market="Peru", category="marketing"),
        line("1.00", "50", market="Peru", category="utility"),
        line("9.99", "111", market="Brazil", category="marketing"),
    ]
    found = by_name(audited(rows, lines, prices=PRICES))
    assert causes(found["Chile", "marketing"]) == {"missing_line": Decimal("-6.00")}
    assert causes(found["Brazil", "marketing"]) == {"unexpected_line": Decimal("9.99")}


def test_that_units_tell_their_category_where_another_price_is_wrong_besides() -> None:
    # All 50 units of utility are billed as marketing: 150 in place of 100, at 0.10. What is billed for them,
    # 14.37, comes of no price: 0.63 less.
    rows = both(PERU, 100, 50)
    result = audited(rows, [line("14.37", "150", market="Peru", category="marketing")], prices=CARD).result
    found = {step.cause: step.amount for step in result.bridge if step.amount}
    assert found == {"category": Decimal("4.00"), "unexplained": Decimal("-0.63")}


def test_that_two_causes_keep_the_step_that_each_makes_on_a_line_of_neither_side() -> None:
    # Brazil's 40 and 20 units are billed in Chile: 3.60 and 1.00 for 2.80 and 0.60, 1.20 too much. All utility is
    # billed as marketing: Chile's 20 units 0.80 too much, Peru's 25 come to 2.00. No line of utility is left in Chile.
    found = audited(
        [*both(PERU, 30, 25), *both(BRAZIL, 40, 20)],
        [
            line("5.50", "55", market="Peru", category="marketing", row=1),
            line("5.40", "60", market="Chile", category="marketing", row=2),
        ],
        prices=CARD,
    )
    steps = {step.cause: step.amount for step in found.result.bridge if step.amount}
    assert steps == {"market": Decimal("1.20"), "category": Decimal("2.80")}
    between = by_name(found)["Chile", "utility"]
    assert causes(between) == {"market": Decimal("1.00"), "category": Decimal("-1.00")}
    assert (between.expected_quantity, between.billed, between.difference) == (0, Decimal(0), Decimal(0))
    assert (between.status, between.lines, between.cells) == (Status.MATCHED, (), ())
    assert [one.key for one in found.result.differences] == sorted(one.key for one in found.result.differences)
    assert causes(by_name(found)["Chile", "marketing"]) == {"market": Decimal("3.60"), "category": Decimal("1.80")}


@pytest.mark.parametrize(("units", "named"), [("40", False), ("39", True)])
def test_that_a_line_is_not_missing_where_one_of_another_market_has_just_as_many_units_too_many(
    units: str, named: bool
) -> None:
    # Brazil's 40 of marketing, 2.80, are not billed; in Chile as many are, for 3.33, which is no price of any.
    rows = [*both(BRAZIL, 40, 20), *both(PERU, 30, 60)]
    billed = {("Peru", "marketing"): ("3.00", "30"), ("Peru", "utility"): ("1.20", "60")}
    billed |= {("Brazil", "utility"): ("0.60", "20"), ("Chile", "marketing"): ("3.33", units)}
    found = explained(rows, billed)
    assert causes(found["Brazil", "marketing"]) == ({"missing_line": Decimal("-2.80")} if named else {})


@pytest.mark.parametrize(("marketing", "named"), [("0.23", False), ("0.50", True)])
def test_that_a_day_of_a_line_is_not_unexpected_where_another_category_has_too_little(
    marketing: str, named: bool
) -> None:
    # On the 7th five of marketing, 0.50, are due and no utility. Three of the latter are billed, and of the former two,
    # for no price; or all five.
    rows = [*sent("marketing", 5, "2026-10-07 10:00"), *sent("utility", 30, "2026-10-05 10:00")]
    said = (
        (7, "marketing", marketing, "5" if named else "2"),
        (5, "utility", "0.60", "30"),
        (7, "utility", "0.06", "3"),
    )
    lines = [
        line(amount, units, row=n, category=category, period_start=day, period_end=day)
        for n, (number, category, amount, units) in enumerate(said)
        for day in [date(2026, 10, number)]
    ]
    found = by_name(audited(rows, lines))["utility",]
    assert [(one.cause, one.proof) for one in found.causes] == [("unexpected_line", "found" if named else "possible")]


@pytest.mark.parametrize(("utility", "named"), [("0.43", True), ("1.03", False)])
def test_that_what_a_line_takes_off_stands_elsewhere_only_where_another_bills_as_much_too_much(
    utility: str, named: bool
) -> None:
    # 10 x 0.10 = 1.00 are due, billed, and taken off. Utility is due 20 x 0.02 = 0.40: three cents too much hold of no
    # unit's price sixteen times its own what is worth 1.00; 0.63 may be its units at another price.
    rows = [*sent("marketing", 10), *sent("utility", 20)]
    lines = [line(amount, row=n, category="marketing") for n, amount in ((1, "1.00"), (2, "-1.00"))]
    found = by_name(audited(rows, [*lines, line(utility, row=3, category="utility")]))["marketing",]
    assert [(one.cause, one.amount, one.proof) for one in found.causes if one.cause == "unexpected_line"] == [
        ("unexpected_line", Decimal("-1.00"), "found" if named else "possible")
    ]

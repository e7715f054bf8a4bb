"""Which card, or which row of one, lines were priced by (formats.md §8: `rate_card`, `mark_up`, `market`)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.records import FxRate
from auditor.core.records import Layer
from auditor.core.records import Tax
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PRICES
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent


@pytest.mark.parametrize("named", [("Peru",), ("Peru", "Mexico")])
def test_that_rates_for_all_markets_in_place_of_those_for_one_are_another_card(named: tuple[str, ...]) -> None:
    # 10 x 0.10 for Peru, 8 x 0.15 for Mexico if it has a rate of its own, and 5 x 0.20 for Chile are due. Billed is all
    # at 0.20: 1.00 more for Peru, 0.40 more for Mexico. No other market is named where it was taken from.
    prices = [*PRICES, *(priced("Mexico", "marketing", "0.15") for market in named if market == "Mexico")]
    rows = [*sent("marketing", 10), *sent("marketing", 8, user=MEXICO), *sent("marketing", 5, user=CHILE)]
    rows += sent("utility", 20, "2026-10-06 10:00")
    lines = [
        line("2.00", "10", "0.20", 1, category="marketing", market="Peru"),
        line("1.60", "8", "0.20", 2, category="marketing", market="Mexico"),
        line("1.00", "5", "0.20", 3, category="marketing", market="Chile"),
        line("0.40", "20", "0.02", 4, category="utility", market="Peru"),
    ]
    found = audited(rows, lines, prices=prices).result
    more = Decimal("1.40") if "Mexico" in named else Decimal("1.00")
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"rate_card": more}
    assert {cause.values["card"] for one in found.differences for cause in one.causes} == {"every"}


@pytest.mark.parametrize("named", [("Peru",), ("Peru", "Mexico")])
def test_that_rates_for_all_markets_are_contested_where_lines_name_none_and_one_market_is_as_likely(
    named: tuple[str, ...],
) -> None:
    # As above, but for the markets: 3.60 of marketing are due, 4.60 billed, or 3.20 where Mexico has a rate of its own.
    # All in Chile would come to that as well; so it would where Peru alone has a rate.
    prices = [*PRICES, *(priced("Mexico", "marketing", "0.15") for market in named if market == "Mexico")]
    rows = [*sent("marketing", 10), *sent("marketing", 8, user=MEXICO), *sent("marketing", 5, user=CHILE)]
    rows += sent("utility", 20, "2026-10-06 10:00")
    lines = [line("4.60", "23", row=1, category="marketing"), line("0.40", "20", row=2, category="utility")]
    found = audited(rows, lines, prices=prices).result
    more = Decimal("1.40") if "Mexico" in named else Decimal("1.00")
    proofs = {one.cause: (one.proof, one.amount) for line_ in found.differences for one in line_.causes}
    assert proofs == {"rate_card": ("possible", more), "market": ("possible", more)}
    assert found.unexplained == more


def test_that_a_mark_up_that_is_left_out_is_no_card_of_before_the_contract() -> None:
    # The contract adds a tenth from October on; the list has not changed. 10 x 0.10 and 50 x 0.02 are billed, 1.00
    # each, where 1.10 each is due.
    listed = [priced("Peru", word, rate, "2025-07-01") for word, rate in (("marketing", "0.10"), ("utility", "0.02"))]
    contract = [priced("*", word, "") | {"factor": "1.1"} for word in ("marketing", "utility")]
    rows = [*sent("marketing", 10), *sent("utility", 50, "2026-10-06 10:00")]
    lines = [line("1.00", "10", row=1, category="marketing"), line("1.00", "50", row=2, category="utility")]
    found = audited(rows, lines, prices=contract, listed=listed).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"mark_up": Decimal("-0.20")}
    assert {(one.cause, one.values["kind"]) for line in found.differences for one in line.causes} == {
        ("mark_up", "none")
    }


def test_that_tiers_that_are_left_out_are_no_card_of_before_they_began() -> None:
    # From October on units above 50 cost half; what is listed has not changed. 50 x 0.02 and 30 x 0.01 of 80 are due in
    # Peru, 1.30, and 50 x 0.03 and 20 x 0.015 of 70 in Mexico, 1.80: billed are 1.60 and 2.10, as without tiers.
    listed = [priced(place, "utility", rate, "2025-07-01") for place, rate in (("Peru", "0.02"), ("Mexico", "0.03"))]
    tiers = [
        priced(place, "utility", rate) | {"tier_from": low, "tier_to": high}
        for place, rates in (("Peru", ("0.02", "0.02", "0.01")), ("Mexico", ("0.03", "0.03", "0.015")))
        for low, high, rate in zip(("", "1", "51"), ("", "50", ""), rates, strict=True)
    ]
    rows = [*sent("utility", 80), *sent("utility", 70, "2026-10-06 10:00", user=MEXICO)]
    lines = [
        line("1.60", "80", row=1, market="Peru", category="utility"),
        line("2.10", "70", row=2, market="Mexico", category="utility"),
    ]
    found = audited(rows, lines, prices=tiers, listed=listed).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"tier": Decimal("0.60")}


@pytest.mark.parametrize(("amounts", "named"), [(("0.6307", "0.4500"), True), (("0.64", "0.45"), False)])
def test_that_an_amount_that_comes_right_to_the_last_of_its_decimals_bears_a_card_out(
    amounts: tuple[str, str], named: bool
) -> None:
    # 53 of utility are due at 0.0123: 0.6519; at 0.0119, as before October, 0.6307 are 0.02 less. Of amounts of whole
    # cents 0.64 is one that many a reading comes to; of those of four decimals only one in a hundred would.
    card = [*PRICES[2:4], *PRICES[5:], priced("*", "utility", "0.0119", "2025-07-01", "2026-09-30")]
    card += [priced("*", "utility", "0.0123")]
    rows = [*sent("utility", 53), *sent("authentication", 15), *sent("marketing", 7, "2026-10-06 10:00")]
    lines = [
        line(amounts[0], "53", row=1, category="utility"),
        line(amounts[1], "15", row=2, category="authentication"),
        line("0.9000", "7", row=3, category="marketing"),  # 0.70 are due: of these nobody knows why
    ]
    found = audited(rows, lines, prices=card).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == (
        {"rate_card": Decimal("-0.02"), "unexplained": Decimal("0.20")} if named else {"unexplained": Decimal("0.19")}
    )


@pytest.mark.parametrize(
    ("amounts", "mark_up", "kind"),
    [
        # At a quarter instead of a tenth: 1.20, 0.30 and 1.80 more than 8.80, 2.20 and 13.20.
        (("10.00", "2.50", "15.00"), "3.30", "factor"),
        # Without it: 0.80, 0.20 and 1.20 less.
        (("8.00", "2.00", "12.00"), "-2.20", "none"),
    ],
)
def test_that_the_card_of_before_is_found_beside_another_mark_up(
    amounts: tuple[str, str, str], mark_up: str, kind: str
) -> None:
    # A tenth more than 100 x 0.10, 200 x 0.02 and 400 x 0.03 is due. At what was listed before, 100 x 0.08, 200 x 0.01
    # and 400 x 0.03, that is 2.20 less of each of the first two.
    now = {"marketing": ("100", "0.08", "0.10"), "utility": ("200", "0.01", "0.02")}
    now["authentication"] = ("400", "0.03", "0.03")
    listed = [priced("*", word, rate, "2025-07-01", "2026-09-30") for word, (_, rate, _) in now.items()]
    listed += [priced("*", word, rate) for word, (_, _, rate) in now.items()]
    contract = [priced("*", word, "", "2025-07-01") | {"factor": "1.1"} for word in now]
    rows = [
        row for n, (word, (count, *_)) in enumerate(now.items(), 5) for row in sent(word, int(count), f"2026-10-0{n}")
    ]
    lines = [
        line(amount, count, row=n, category=word)
        for n, (amount, (word, (count, *_))) in enumerate(zip(amounts, now.items(), strict=True), 1)
    ]
    found = audited(rows, lines, prices=contract, listed=listed).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {
        "rate_card": Decimal("-4.40"), "mark_up": Decimal(mark_up),
    }  # fmt: skip
    said = {one.values["kind"] for line_ in found.differences for one in line_.causes if one.cause == "mark_up"}
    assert said == {kind}


@pytest.mark.parametrize("rate", ["0.300104", "0.3001"])
def test_that_an_exchanged_rate_of_another_card_is_no_slip_of_the_one_line_that_has_it(rate: str) -> None:
    # 20 x 0.10 x 3.7513 = 7.50 and 50 x 0.02 x 3.7513 = 3.75 are due; for marketing alone 20 x 0.08 x 3.7513 = 6.00 is
    # billed, as before October. To the last digit of the rate hardly another reading comes to it.
    account = replace(ACCOUNT, currency="PEN")
    fx = [FxRate(date(2026, 10, 5), "USD", "PEN", Decimal("3.7513"))]
    rows = [*sent("marketing", 20), *sent("utility", 50)]
    lines = [
        line("6.00", "20", rate, 1, category="marketing", currency="PEN"),
        line("3.75", "50", "0.075026", 2, category="utility", currency="PEN"),
    ]
    found = audited(rows, lines, account, fx=fx).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"rate_card": Decimal("-1.50")}


def test_that_a_stated_tax_inside_the_lines_is_no_mark_up_that_hardly_differs_from_it() -> None:
    # The contract adds a quarter: 5 x 0.125 = 0.63, 20 x 0.025 = 0.50 and 10 x 0.0375 = 0.38 are due. With 18 % on them
    # 0.74, 0.59 and 0.44 are billed, which a mark-up of 1.48 comes to as well; the tax stands on a line besides. The
    # lines gain a cent by rounding: 1.50 is due in all.
    words = (("marketing", "0.10"), ("utility", "0.02"), ("authentication", "0.03"))
    listed = [priced("Peru", word, rate, "2025-07-01") for word, rate in words]
    contract = [priced("*", word, "") | {"factor": "1.25"} for word, _ in words]
    rows = [*sent("marketing", 5), *sent("utility", 20), *sent("authentication", 10)]
    lines = [
        line("0.74", "5", row=1, category="marketing"),
        line("0.59", "20", row=2, category="utility"),
        line("0.44", "10", row=3, category="authentication"),
        line("0.32", row=4, layer=Layer.TAX),
    ]
    account = replace(ACCOUNT, tax=Tax("IGV", Decimal(18)))
    found = audited(rows, lines, account, contract, listed=listed).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {
        "tax_included": Decimal("0.26"),
        "rounding": Decimal("0.01"),
    }

"""Slips of the pen that other lines show to be none, and steps that no rounding takes from (formats.md §8).

Prices: `invoicing.py`: marketing in Peru 0.10, utility 0.02, authentication 0.03.
"""

from datetime import date
from decimal import Decimal

import pytest

from auditor.core.money import ZERO
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import only
from tests.core.invoicing import priced
from tests.core.invoicing import sent


@pytest.mark.parametrize(("utility", "authentication", "named"), [(26, 35, False), (34, 35, True), (30, 35, True)])
def test_that_a_count_with_its_digits_swapped_is_no_slip_where_others_are_as_short(
    utility: int, authentication: int, named: bool
) -> None:
    # Due are 21, 30 and 40. 12 for 21 is nine short, as one in a few counts would be with its digits swapped: where two
    # more lines are short in no way that has a name, it is as they are; where one is, or another is over, it is a slip.
    rows = [
        *sent("marketing", 21),
        *sent("utility", 30, "2026-10-06 10:00"),
        *sent("authentication", 40, "2026-10-07 10:00"),
    ]
    lines = [
        line("1.20", "12", "0.10", row=2, category="marketing"),
        line(str(utility * Decimal("0.02")), str(utility), "0.02", row=3, category="utility"),
        line(str(authentication * Decimal("0.03")), str(authentication), "0.03", row=4, category="authentication"),
    ]
    found = by_name(audited(rows, lines))["marketing",]
    assert causes(found) == ({"quantity": Decimal("-0.90")} if named else {})
    assert found.unexplained == (ZERO if named else Decimal("-0.90"))


@pytest.mark.parametrize("named", [False, True])
def test_that_a_count_with_its_digits_swapped_is_no_slip_where_more_than_a_few_lines_are_off(named: bool) -> None:
    # 12 for 21 of marketing is nine short; of the others four, or two, are some units over in no way that has a name.
    over = {("Peru", "utility"): 4, ("Peru", "authentication"): 5}
    over |= {("Mexico", "utility"): 0 if named else 3, ("Mexico", "authentication"): 0 if named else 7}
    rates = {"utility": Decimal("0.02"), "authentication": Decimal("0.03")}
    rows, lines = sent("marketing", 21), [line("1.20", "12", "0.10", row=1, market="Peru", category="marketing")]
    for n, ((market, category), more) in enumerate(over.items(), 3):
        rows += sent(category, 10 * n, f"2026-10-{n:02d} 10:00", PERU if market == "Peru" else MEXICO)
        units, rate = 10 * n + more, rates[category]
        lines.append(line(str(units * rate), str(units), str(rate), row=n, market=market, category=category))
    found = by_name(audited(rows, lines))["Peru", "marketing"]
    assert causes(found) == ({"quantity": Decimal("-0.90")} if named else {})


@pytest.mark.parametrize(("billed", "amount", "missing"), [("43", "0.88", True), ("36", "0.74", False)])
def test_that_a_line_that_is_left_out_lacks_all_units_of_its_price(billed: str, amount: str, missing: bool) -> None:
    # Due are 43 to Peru at 0.0205 and 20 to Chile at 0.0200: 1.2815. Without the latter 0.8815 are billed. 36 to Peru,
    # 0.738, are 27 short; at 0.0200 these come to what is lacking, 0.54, to a fifth of a cent: but only 20 are due.
    rows = [*sent("utility", 43), *sent("utility", 20, user=CHILE)]
    card = [*PRICES[2:4], priced("Peru", "utility", "0.0205"), priced("*", "utility", "0.0200")]
    found = only(audited(rows, [line(amount, billed, "0.0205", category="utility")], prices=card))
    assert causes(found) == ({"missing_line": Decimal("-0.40")} if missing else {})


@pytest.mark.parametrize(("authentication", "named"), [(44, False), (40, True)])
def test_that_a_line_is_not_surely_missing_where_several_are_off_by_as_many_units(
    authentication: int, named: bool
) -> None:
    # Three of marketing are due and not billed. Of utility 26 are billed for 30: where 44 of authentication are for 40
    # besides, nobody knows why, and why none is billed of marketing is open like that.
    rows = [*sent("marketing", 3), *sent("utility", 30), *sent("authentication", 40)]
    lines = [
        line("0.52", "26", row=2, category="utility"),
        line(str(authentication * Decimal("0.03")), str(authentication), row=3, category="authentication"),
    ]
    found = by_name(audited(rows, lines))["marketing",]
    assert [cause.proof for cause in found.causes if cause.cause == "missing_line"] == [
        "found" if named else "possible"
    ]


@pytest.mark.parametrize(("authentication", "named"), [(44, False), (40, True)])
def test_that_a_line_is_not_surely_unexpected_where_several_are_off_by_as_many_units(
    authentication: int, named: bool
) -> None:
    # Three of marketing are billed and none is due, and 34 of utility for 30: where 44 of authentication are for 40
    # besides, nobody knows why, and the log may lack the three as it may lack these.
    rows = [*sent("utility", 30), *sent("authentication", 40)]
    lines = [
        line("0.30", "3", row=1, category="marketing"),
        line("0.68", "34", row=2, category="utility"),
        line(str(authentication * Decimal("0.03")), str(authentication), row=3, category="authentication"),
    ]
    found = by_name(audited(rows, lines))["marketing",]
    assert [cause.proof for cause in found.causes if cause.cause == "unexpected_line"] == [
        "found" if named else "possible"
    ]


@pytest.mark.parametrize(("chile", "named"), [("21", False), ("20", True)])
def test_that_a_line_is_not_surely_unexpected_where_more_than_a_few_are_off_by_a_unit_or_two(
    chile: str, named: bool
) -> None:
    # Billed are 31 and 41 for 30 and 40 in Peru, 22 for 20 in Mexico, and 21 for 20 in Chile: the log may lack a day,
    # and with it the two of marketing that are billed and not due. Of three such lines none says so.
    rows = [*sent("utility", 30), *sent("authentication", 40, "2026-10-06 10:00")]
    rows += [*sent("utility", 20, "2026-10-07 10:00", user=MEXICO), *sent("utility", 20, user=CHILE)]
    units = [("Peru", "utility", "31"), ("Mexico", "utility", "22"), ("Chile", "utility", chile)]
    lines = [
        line("1.23", "41", row=1, market="Peru", category="authentication"),
        line("0.40", "2", row=2, market="Chile", category="marketing"),
    ]
    lines += [
        line(str(Decimal(count) * Decimal("0.02")), count, row=row, market=market, category=word)
        for row, (market, word, count) in enumerate(units, 3)
    ]
    found = by_name(audited(rows, lines))["Chile", "marketing"]
    assert [cause.proof for cause in found.causes if cause.cause == "unexpected_line"] == [
        "found" if named else "possible"
    ]


@pytest.mark.parametrize(
    ("amounts", "named"),
    [
        (("4.04", "2.97", "2.02"), False),  # 4.00, 3.00 and 2.00 are due: each day was rounded
        (("4.04", "3.00", "2.00"), True),
        (("4.24", "2.97", "2.02"), True),  # more than half a cent for each of 31 days
    ],
)
def test_that_sums_that_days_rounded_one_by_one_would_come_to_are_no_wrong_ones(
    amounts: tuple[str, ...], named: bool
) -> None:
    units = {"marketing": (40, "0.1000"), "authentication": (100, "0.0300"), "utility": (100, "0.0200")}
    rows, lines = [], []
    for n, ((category, (count, rate)), amount) in enumerate(zip(units.items(), amounts, strict=True)):
        rows += sent(category, count, f"2026-10-{n + 5:02d} 10:00")
        lines.append(line(amount, str(count), rate, row=n + 2, category=category))
    found = by_name(audited(rows, lines))["marketing",]
    assert causes(found) == ({"rate": Decimal(amounts[0]) - 4} if named else {})


@pytest.mark.parametrize(("units", "named"), [(27, False), (30, True)])
def test_that_one_unit_whose_price_has_no_line_is_none_left_out_where_others_are_short(units: int, named: bool) -> None:
    # Marketing lacks the one message to Chile, 0.20, beside ten to Peru and 4 to Mexico. Where 3 of utility and 5 of
    # authentication are lacking as well, it is no line that was left out.
    rows = [
        *sent("marketing", 10),
        *sent("marketing", 1, user=CHILE),
        *sent("marketing", 4, user=MEXICO),
        *sent("utility", 30, "2026-10-06 10:00"),
        *sent("authentication", 40, "2026-10-07 10:00"),
    ]
    lines = [
        line("1.00", "10", "0.10", row=2, category="marketing"),
        line("0.20", "4", "0.05", row=3, category="marketing"),
        line(str(units * Decimal("0.02")), str(units), "0.02", row=4, category="utility"),
        line("1.05", "35", "0.03", row=5, category="authentication"),
    ]
    card = [*PRICES, priced("Mexico", "marketing", "0.05", "2025-07-01")]
    found = by_name(audited(rows, lines, prices=card))["marketing",]
    assert causes(found) == ({"missing_line": Decimal("-0.20")} if named else {})


@pytest.mark.parametrize(("service", "named"), [("0.0139", False), ("0.0100", True), ("0.0010", True)])
def test_that_rates_that_are_no_misreadings_are_no_slips_on_more_than_three_lines(service: str, named: bool) -> None:
    # 0.1234 for 0.10, 0.0231 for 0.02, 0.0377 for 0.03 and 0.0139 for 0.01 stand on no card and have no factor in
    # common. Three may be slips, four are prices that nobody knows; 0.001 is 0.01 with its point shifted, and no more.
    units = {"marketing": (40, "0.1234"), "utility": (100, "0.0231"), "authentication": (100, "0.0377")}
    units["service"] = (200, service)  # beside 1,000 that are free
    rows = [*sent("marketing", 40), *sent("utility", 100), *sent("authentication", 100), *sent("", 1200)]
    lines = [
        line(str(round(count * Decimal(rate), 2)), str(count), rate, row=n, category=category)
        for n, (category, (count, rate)) in enumerate(units.items())
    ]
    found = by_name(audited(rows, lines))
    for category, amount in (("marketing", "0.94"), ("utility", "0.31"), ("authentication", "0.77")):
        assert causes(found[category,]) == ({"rate": Decimal(amount)} if named else {})
    assert causes(found["service",]) == ({"rate": Decimal("-1.80")} if service == "0.0010" else {})


def test_that_a_step_is_exact_however_many_days_a_line_has() -> None:
    # Two of utility a day at 0.523 are 1.046, at 0.419 as before 0.838: ten days come to 10.46 and 8.38. Each day
    # rounded would be 1.05 and 0.84, and 0.02 of the step a rounding that nobody did.
    card = [row for row in PRICES if row["category"] != "utility"]
    card += [priced("*", "utility", "0.419", "2025-07-01", "2026-09-30"), priced("*", "utility", "0.523")]
    days = [date(2026, 10, n) for n in range(1, 11)]
    rows = [row for day in days for row in sent("utility", 2, f"{day} 10:00")]
    lines = [
        line("0.8380", "2", row=n + 2, category="utility", period_start=day, period_end=day)
        for n, day in enumerate(days)
    ]
    one = only(audited(rows, lines, prices=card))
    assert (causes(one), one.unexplained) == ({"rate_card": Decimal("-2.08")}, ZERO)


@pytest.mark.parametrize(("wrong", "named"), [(3, True), (4, False)])
def test_that_products_of_more_than_three_lines_are_not_worked_out_wrongly(wrong: int, named: bool) -> None:
    # 100 of each at the rate that is stated: above what they come to 1.37, 0.71, 0.97 and 2.43 are billed.
    units = {
        ("Peru", "marketing"): ("0.10", "1.37"),
        ("Peru", "utility"): ("0.02", "0.71"),
        ("Peru", "authentication"): ("0.03", "0.97"),
        ("Mexico", "marketing"): ("0.20", "2.43"),
    }
    rows = [row for place, name in units for row in sent(name, 100, user=PERU if place == "Peru" else MEXICO)]
    lines = [
        line(str(100 * Decimal(rate) + Decimal(more) * (n < wrong)), "100", rate, n, market=place, category=category)
        for n, ((place, category), (rate, more)) in enumerate(units.items())
    ]
    found = [causes(one) for one in audited(rows, lines).result.differences if one.difference]
    assert len(found) == wrong
    assert all(set(one) == ({"rate"} if named else set()) for one in found)


@pytest.mark.parametrize(("authentication", "found"), [(12, {}), (9, {"missing_line": Decimal("-0.20")})])
def test_that_a_price_has_no_missing_line_where_several_lines_are_off_by_as_many_units(
    authentication: int, found: dict[str, Decimal]
) -> None:
    # Of marketing 20 are due in Peru at 0.10, and one in Chile at 0.20 has no line. Ten too many are billed of utility,
    # and three of authentication: the log may lack messages, and what made that one free.
    rows = [*sent("marketing", 20), *sent("marketing", 1, "2026-10-08 10:00", CHILE)]
    rows += [*sent("utility", 30, "2026-10-06 10:00"), *sent("authentication", 9, "2026-10-07 10:00")]
    lines = [
        line("2.00", "20", "0.10", row=2, category="marketing"),
        line("0.80", "40", "0.02", row=3, category="utility"),
        line(str(authentication * Decimal("0.03")), str(authentication), "0.03", row=4, category="authentication"),
    ]
    assert causes(by_name(audited(rows, lines))["marketing",]) == found

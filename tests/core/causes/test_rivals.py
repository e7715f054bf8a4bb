"""What speaks for causes that compete, and against them: over the whole invoice, in lines and amounts (formats.md §8).

Prices: `invoicing.py`. Marketing in Peru costs 0.10, utility 0.02, authentication 0.03.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.audit import Audited
from auditor.core.causes.account import Account
from auditor.core.causes.reading import Reading
from auditor.core.causes.rivals import support_of
from auditor.core.causes.verdict import FITS
from auditor.core.causes.verdict import Verdict
from auditor.core.reconcile import Side
from auditor.core.records import Layer
from auditor.core.records import Number
from auditor.core.records import Tax
from auditor.core.results import Difference
from auditor.core.results import Support
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import WABA
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

AT = "2024-12-05 10:00"
TEN = sent("marketing", 10)
CUT = sent("marketing", 2, at="2026-09-30 20:00")  # October in UTC
BARE = [row | {"delivered_at": ""} for row in sent("marketing", 2, at="2026-10-06 10:00")]
TWELVE = line("1.20", "12", "0.10", category="marketing")
RATES = (Decimal("0.10"), Decimal("0.02"), Decimal("0.03"))
OPEN = Verdict(10.0, 10.0)


def support(one: Difference) -> Mapping[str, Support | None]:
    return {cause.cause: cause.support for cause in one.causes}


def marketing(found: Audited) -> Difference:
    return by_name(found)["marketing",]


def test_that_two_causes_of_the_one_line_that_differs_have_the_same_to_say_for_themselves() -> None:
    rest = line("0.06", "3", "0.02", 2, category="utility")
    found = audited([*TEN, *CUT, *BARE, *sent("utility", 3)], [TWELVE, rest])
    same = Support(1, 1, Decimal(1), 0)
    assert support(marketing(found)) == {"month_cut": same, "undelivered_billed": same}


def test_that_two_ways_of_one_cause_leave_room_for_another_that_comes_to_the_same() -> None:
    # Two of marketing and one of utility are October's in UTC, as many are not delivered. Two more of the former alone
    # are billed: by either, for all but one line or for marketing.
    few = [*sent("utility", 3), *sent("utility", 1, at="2026-09-30 20:00")]
    bare = [row | {"delivered_at": ""} for row in sent("utility", 1, at="2026-10-06 11:00")]
    rest = line("0.06", "3", "0.02", 2, category="utility")
    found = marketing(audited([*TEN, *CUT, *BARE, *few, *bare], [TWELVE, rest]))
    assert {cause.cause: cause.amount for cause in found.causes if cause.proof == "possible"} == {
        "month_cut": Decimal("0.20"),
        "undelivered_billed": Decimal("0.20"),
    }


def test_that_a_cause_is_told_with_those_beside_it() -> None:
    # The cut takes two of utility, 0.04 less; two of marketing were not delivered, and two others are reported twice.
    late = sent("utility", 2, at="2026-10-31 20:00")
    rows = [*TEN, *TEN[:2], *BARE, *sent("utility", 3), *late]
    found = audited(rows, [TWELVE, line("0.06", "3", "0.02", 2, category="utility")])
    both = Support(2, 2, Decimal(1), 0, ("month_cut",))
    assert support(marketing(found)) == {"undelivered_billed": both, "duplicate_billed": both}


def test_that_a_line_that_stays_open_makes_the_share_smaller() -> None:
    # Twelve of 13 are billed, as the cut in UTC has it: 0.10 less. Authentication, 0.30, is billed 0.97: 0.67 more.
    rows = [*TEN, *CUT, *sent("marketing", 3, at="2026-10-31 20:00"), *sent("authentication", 10)]
    found = audited(rows, [line("1.20", "12", category="marketing"), line("0.97", row=2, category="authentication")])
    assert support(marketing(found)) == {"month_cut": Support(1, 2, Decimal("0.129"), 0)}


def test_that_a_line_that_a_cause_changes_and_that_does_not_come_right_speaks_against_it() -> None:
    # Billed are 12 of marketing, 4 of utility and 10 of authentication; 13, 5 and 10 are due, and 12, 3 and 9 are under
    # the reading: one of the two lines that differ comes right, 0.10 of 0.12, and the two others are changed and wrong.
    names = ("marketing", "utility", "authentication")
    rows = [*sent("marketing", 13), *sent("utility", 5), *sent("authentication", 10)]
    billed = [line(amount, row=row, category=name) for row, (name, amount) in
              enumerate(zip(names, ("1.20", "0.08", "0.30"), strict=True), 1)]  # fmt: skip
    lines = by_name(audited(rows, billed))
    keys = [lines[name,].key for name in names]
    reading = Reading("month_cut", "UTC", {}, 3.0)
    sides: dict[tuple[Reading, ...], dict[str, Side]] = {
        chosen: {key: Side(units, units * rate) for key, units, rate in zip(keys, counts, RATES, strict=True)}
        for chosen, counts in (((), (13, 5, 10)), ((reading,), (12, 3, 9)))
    }
    account = Account(
        20.0, 20.0, 3.0, (reading,), {}, dict.fromkeys(keys, (reading,)),
        dict(zip(keys, (FITS, OPEN, OPEN), strict=True)),
    )  # fmt: skip
    assert support_of(account, lambda chosen: sides[chosen], lines.values()) == {
        "month_cut": Support(1, 2, Decimal("0.833"), 2)
    }


def test_that_lines_are_not_missing_which_two_readings_bill_elsewhere() -> None:
    # Four of marketing and six of utility, 0.40 and 0.12, are sent on the last evening: November in UTC, and within a
    # week of an ad that was answered. Which of the two the biller took is open, and so is that lines are missing.
    ad = [*wrote("2026-10-28 10:00", referral="true"), *sent("", at="2026-10-28 10:05")]
    late = [*sent("marketing", 4, "2026-10-31 20:00"), *sent("utility", 6, "2026-10-31 20:10")]
    found = by_name(audited([*ad, *late, *sent("authentication", 10)], [line("0.30", "10", category="authentication")]))
    for category, unexplained in (("marketing", "-0.40"), ("utility", "-0.12")):
        one = found[category,]
        assert one.unexplained == Decimal(unexplained)
        assert {cause.cause for cause in one.causes} == {"missing_line", "month_cut", "free_entry_point"}


def test_that_what_all_accounts_have_in_common_is_found_and_only_the_rest_is_open() -> None:
    # 17 of authentication, 0.51, are billed as utility, 0.34. Of utility three more are sent on the last evening of
    # September, October in UTC, and three others never arrive: which of these are billed too, 0.06, nobody can tell.
    rows = [*sent("authentication", 17), *sent("utility", 12, "2026-10-06 10:00"), *sent("marketing", 10)]
    rows += sent("utility", 3, "2026-09-30 20:00")
    rows += [row | {"delivered_at": ""} for row in sent("utility", 3, "2026-10-07 10:00")]
    lines = [line("1.00", "10", row=1, category="marketing"), line("0.64", "32", row=2, category="utility")]
    found = audited(rows, lines)
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {
        "category": Decimal("-0.17"), "unexplained": Decimal("0.06")
    }  # fmt: skip
    open_ = by_name(found)["utility",]
    assert {cause.cause: cause.proof for cause in open_.causes} == {
        "category": "found", "month_cut": "possible", "undelivered_billed": "possible"
    }  # fmt: skip


def test_that_accounts_that_compete_on_every_line_have_nothing_in_common() -> None:
    # Nine of marketing, 0.90, and eight of utility, 0.16, are billed over what is due, 1.00 and 0.24. Of marketing nine
    # are October in UTC and nine never arrive; of utility eight are reported twice and eight follow an answered ad.
    rows = [*sent("marketing", 10), *sent("marketing", 9, "2026-09-30 20:00")]
    rows += [row | {"delivered_at": ""} for row in sent("marketing", 9, "2026-10-06 10:00")]
    rows += [*sent("utility", 12, "2026-10-07 10:00"), *sent("utility", 12, "2026-10-07 10:00")[:8]]
    rows += [*wrote("2026-10-20 09:00", referral="true"), *sent("", at="2026-10-20 09:05")]
    rows += sent("utility", 8, "2026-10-20 10:00")
    lines = [line("1.90", "19", row=1, category="marketing"), line("0.40", "20", row=2, category="utility")]
    found = audited(rows, lines)
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {"unexplained": Decimal("1.06")}
    for category, rivals in (("marketing", {"month_cut", "undelivered_billed"}),
                             ("utility", {"duplicate_billed", "free_entry_point"})):  # fmt: skip
        one = by_name(found)[category,]
        assert {cause.proof for cause in one.causes} == {"possible"}
        told = {name: (own.exact, own.off) for name, own in support(one).items() if own}
        assert told == dict.fromkeys(rivals, (2, 2)), category  # beside the first of the other line's


def test_that_a_line_is_not_unexpected_to_which_a_reading_comes_that_is_not_proved() -> None:
    # Five codes at home, each at 0.0004, are due and come to nothing; as international ones at 0.05 they are 0.25:
    # it is all that the line says, and too little to prove why.
    prices = [*PRICES[2:], priced("India", "authentication", "0.0004")]
    prices.append(priced("*", "authentication_international", "0.05"))
    waba = replace(WABA, primary_location="IN", authentication_international={"IN": 0})
    lines = [line("0.25", category="authentication_international"), line("0.60", row=2, category="utility")]
    rows = [*sent("authentication", 5, user="919876543210"), *sent("utility", 30)]
    one = by_name(audited(rows, lines, replace(ACCOUNT, wabas=(waba,)), prices))["authentication_international",]
    assert one.unexplained == Decimal("0.25")
    assert {cause.cause for cause in one.causes} == {"unexpected_line", "authentication_international"}


def test_that_a_slip_is_not_contested_by_a_reading_that_only_what_is_proved_beside_it_bears_out() -> None:
    # Of December 2024: 20 conversations at 0.20, and of authentication 8 and 21 at 0.03, are 4.00, 0.24 and 0.63; with
    # 18 % 4.72, 0.28 and 0.74. For 21 units 12 are billed, 0.42: a digit swapped, or 9 of one number for Peru that
    # were billed otherwise, of which no other line tells.
    both = replace(WABA, numbers=(*WABA.numbers, Number("number2")))
    month = replace(
        ACCOUNT, wabas=(both,), first=date(2024, 12, 1), last=date(2024, 12, 31), tax=Tax("IGV", Decimal(18))
    )
    rows = [row for n in range(20) for row in sent("marketing", 1, AT, f"519876543{n:02}")]
    rows += [row for n in range(8) for row in sent("authentication", 1, AT, f"569876543{n:02}", "number2")]
    rows += [row for n in range(9) for row in sent("authentication", 1, AT, f"519876543{n:02}")]
    rows += [row for n in range(12) for row in sent("authentication", 1, AT, f"519876544{n:02}", "number2")]
    prices = [priced("*", "marketing", "0.20", "2024-12-01"), priced("*", "authentication", "0.03", "2024-12-01")]
    lines = [
        line("4.72", "20", row=1, category="marketing", market="Peru"),
        line("0.28", "8", row=2, category="authentication", market="Chile"),
        line("0.42", "12", row=3, category="authentication", market="Peru"),
    ]
    found = by_name(audited(rows, lines, month, prices))
    assert causes(found["Peru", "authentication"]) == {"tax_included": Decimal("0.11"), "quantity": Decimal("-0.32")}


def test_that_what_leaves_a_price_wrong_is_no_rival_of_what_makes_it_right() -> None:
    # Utility at the price of before: 100 and 150 x 0.01 less. Of marketing no line is there, 10 in each of four markets
    # for both numbers; all in one market, of which two lines would be missing, takes less to say than eight.
    account = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("number2"))),))
    users = (PERU, CHILE, MEXICO, "5491123456789")
    rows = [*sent("utility", 100, number="number"), *sent("utility", 150, number="number2")]
    for number in ("number", "number2"):
        rows += [one for user in users for one in sent("marketing", 10, "2026-10-07 10:00", user, number)]
    billed = (("1.00", "100", "number"), ("1.50", "150", "number2"))
    lines = [
        line(amount, count, row=n, category="utility", market="Peru", phone_number_id=number)
        for n, (amount, count, number) in enumerate(billed, 1)
    ]
    prices = [priced("*", "marketing", "0.20", "2025-07-01"), priced("*", "utility", "0.02")]
    prices.append(priced("*", "utility", "0.01", "2025-07-01", "2026-09-30"))
    result = audited(rows, lines, account, prices).result
    # 8 x 10 x 0.20 of marketing.
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {
        "rate_card": Decimal("-2.50"), "missing_line": Decimal("-16.00"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "said"),
    [("0.0236", {("rate", "possible"), ("tax_included", "possible")}), ("0.0238", {("rate", "found")})],
)
def test_that_a_rate_is_no_slip_that_the_shortest_account_has_by_a_stated_tax(
    rate: str, said: set[tuple[str, str]]
) -> None:
    # Five of utility, at 0.02, are billed at 0.0236, which is 0.02 and 18 % on it, or at 0.0238, which is on no card:
    # 0.12 either way for 0.10. The tax on 5.02 stands on a line of its own, too.
    account = replace(ACCOUNT, tax=Tax("IGV", Decimal(18)))
    rows = [*sent("utility", 5), *sent("marketing", 40, "2026-10-06 10:00"), *sent("authentication", 4)]
    lines = [
        line("0.12", "5", rate, row=1, category="utility"),
        line("4.00", "40", "0.10", row=2, category="marketing"),
        line("0.12", "4", "0.03", row=3, category="authentication"),
        line("0.76", row=4, layer=Layer.TAX),
    ]
    found = by_name(audited(rows, lines, account))["utility",]
    assert {(one.cause, one.proof) for one in found.causes} == said


def test_that_what_holds_in_part_is_not_found_where_one_day_twice_comes_to_the_same_on_every_line() -> None:
    # Four of marketing, three of utility and two of authentication failed; four of marketing and three of utility were
    # delivered on the 8th. As many too many of the two are billed, and none of the third: 0.40 and 0.06.
    rows = [one for day in range(9, 29) for one in sent("authentication", 1, f"2026-10-{day:02d} 10:00")]
    for category, failed, days in (("marketing", 4, {5: 16, 8: 4}), ("utility", 3, {7: 17, 8: 3})):
        rows += sent(category, failed, "2026-10-20 09:00", delivered_at="", failed_at="2026-10-20 10:00")
        rows += [one for day, count in days.items() for one in sent(category, count, f"2026-10-{day:02d} 10:00")]
    rows += sent("authentication", 2, "2026-10-20 09:00", delivered_at="", failed_at="2026-10-20 10:00")
    lines = [
        line("2.40", "24", category="marketing"),
        line("0.46", "23", row=3, category="utility"),
        line("0.60", "20", row=4, category="authentication"),
    ]
    found = by_name(audited(rows, lines))
    for category in ("marketing", "utility"):
        one = found[category,]
        assert (causes(one), one.unexplained) == ({}, one.difference)
        assert {cause.cause for cause in one.causes} >= {"undelivered_billed", "duplicate_billed"}


def test_that_what_does_the_same_alone_is_no_rival_where_units_that_count_many_times_tell_the_two_apart() -> None:
    # Of ten of utility the first two cost a little more; September had no tiers, and prices slightly higher still. Ten
    # come to 0.10 and 0.102 in Peru, 0.20 and 0.203, 0.08 and 0.083: the same cents. Each is reported eight times, and
    # billed so at the first price: 80 of it are 0.80, 1.60 and 0.64, at September's 0.82, 1.62 and 0.66.
    # Due are 0.092, 0.188 and 0.0736; eight times that is 0.736, 1.504 and 0.5888: 0.74 + 1.50 + 0.59 - 0.35 = 2.48.
    places = {
        "Peru": (PERU, "0.0100", "0.0090", "0.0102"),
        "Chile": (CHILE, "0.0200", "0.0185", "0.0203"),
        "Mexico": (MEXICO, "0.0080", "0.0072", "0.0083"),
    }
    prices, rows, lines = [], [], []
    for place, (user, first, then, before) in places.items():
        prices.append(priced(place, "utility", before, "2025-07-01", "2026-09-30"))
        for low, high, rate in (("1", "2", first), ("3", "", then)):
            prices.append(priced(place, "utility", rate) | {"tier_from": low, "tier_to": high})
        rows += sent("utility", 10, user=user) * 8
        lines.append(line(str(80 * Decimal(first)), "80", row=len(rows), category="utility", market=place))
    steps = {step.cause: step.amount for step in audited(rows, lines, prices=prices).result.bridge if step.amount}
    assert steps == {"duplicate_billed": Decimal("2.48"), "tier": Decimal("0.21")}

"""Which units are billed at all, and which are free (formats.md §8: `duplicate_billed`, `free_entry_point`).

Prices: `invoicing.py`. Marketing in Peru costs 0.10, utility 0.02.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.audit import Audited
from auditor.core.records import Number
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

NAMES = ("marketing", "utility", "authentication")
BOTH = replace(ACCOUNT, wabas=(WABA, SECOND_WABA))
JUNE = replace(ACCOUNT, first=date(2022, 6, 1), last=date(2022, 6, 30))
BY_INITIATOR = [
    priced("*", f"{who}_initiated", rate, "2022-01-01") for who, rate in (("user", "0.07"), ("business", "0.10"))
]
RATES = {"2026-09": ("0.08", "0.01"), "2026-10": ("0.10", "0.02")}


@pytest.mark.parametrize(
    ("marketing", "utility", "kind", "amount"),
    # Three of marketing are reported three times, two of utility four times: 6 x 0.10 and 6 x 0.02, or 3 and 2 of them.
    [("1.60", "0.32", "again", "0.72"), ("1.30", "0.24", "once", "0.34")],
)
def test_that_repeated_reports_are_billed_each_or_as_one(marketing: str, utility: str, kind: str, amount: str) -> None:
    campaign, notices = sent("marketing", 10), sent("utility", 10, "2026-10-06 10:00")
    rows = [*campaign, *notices, *campaign[:3] * 2, *notices[:2] * 3]
    found = audited(rows, [line(marketing, row=1, category="marketing"), line(utility, row=2, category="utility")])
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {
        "duplicate_billed": Decimal(amount)
    }
    assert {cause.values["kind"] for one in found.result.differences for cause in one.causes} == {kind}


@pytest.mark.parametrize(
    ("marketing", "utility", "hours", "amount"),
    # 10 and 5 have nothing to do with it; 4 of marketing come after 36 hours, 2 and 3 after 60; 1 and 2 after 100
    # hours are due with the first, 1.10 and 0.14 together.
    [("1.70", "0.20", "24", "0.66"), ("1.30", "0.20", "48", "0.26"), ("1.00", "0.10", "168", "-0.14")],
)
def test_that_another_length_of_free_entry_points_is_found(
    marketing: str, utility: str, hours: str, amount: str
) -> None:
    rows = [*sent("marketing", 10, "2026-10-05 10:00"), *sent("utility", 5, "2026-10-06 10:00")]
    user = "51955555555"
    rows += [*wrote("2026-10-20 08:00", user, referral="true"), *sent("marketing", 1, "2026-10-20 08:05", user)]
    for category, count, at in (
        ("marketing", 4, "2026-10-21 20:00"),
        ("marketing", 2, "2026-10-22 20:00"),
        ("utility", 3, "2026-10-22 20:00"),
        ("marketing", 1, "2026-10-24 12:00"),
        ("utility", 2, "2026-10-24 12:00"),
    ):
        rows += sent(category, count, at, user)
    found = audited(rows, [line(marketing, row=1, category="marketing"), line(utility, row=2, category="utility")])
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {
        "free_entry_point": Decimal(amount)
    }
    assert {cause.values["hours"] for one in found.result.differences for cause in one.causes} == {hours}


def test_that_a_free_entry_point_counted_from_the_referral_is_found() -> None:
    # The ad is answered 12 hours later. 2 of marketing and 1 of utility come 70 hours after the customer wrote; 4 and 3
    # come 76 hours after that, 64 after the answer: free as well, and billed, 0.40 and 0.06.
    rows = [*sent("marketing", 10, "2026-10-05 10:00"), *sent("utility", 5, "2026-10-06 10:00")]
    user = "51955555555"
    rows += [*wrote("2026-10-20 08:00", user, referral="true"), *sent("marketing", 1, "2026-10-20 20:00", user)]
    for category, early, late in (("marketing", 2, 4), ("utility", 1, 3)):
        rows += sent(category, early, "2026-10-23 06:00", user) + sent(category, late, "2026-10-23 12:00", user)
    found = audited(rows, [line("1.40", row=1, category="marketing"), line("0.16", row=2, category="utility")])
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {
        "free_entry_point": Decimal("0.46")
    }
    values = {tuple(cause.values.values()) for one in found.result.differences for cause in one.causes}
    assert values == {("referral", "72")}


@pytest.mark.parametrize("authentication", ["6", ""])
def test_that_a_small_error_is_singled_out_beside_a_line_that_is_missing(authentication: str) -> None:
    # As above 3 of marketing come 64 hours after the answer, 76 after the referral, and are billed, 0.30. That no other
    # reading comes to three of this one line is as telling where the 6 of authentication, 0.18, are not billed at all.
    rows = [*sent("marketing", 10, "2026-10-05 10:00"), *sent("authentication", 6), *sent("utility", 5)]
    user = "51955555555"
    rows += [*wrote("2026-10-20 08:00", user, referral="true"), *sent("marketing", 1, "2026-10-20 20:00", user)]
    rows += sent("marketing", 3, "2026-10-23 12:00", user)
    lines = [line("1.30", "13", row=1, category="marketing"), line("0.10", "5", row=2, category="utility")]
    lines += [line("0.18", authentication, row=3, category="authentication")] if authentication else []
    found = audited(rows, lines)
    missing = {} if authentication else {"missing_line": Decimal("-0.18")}
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {
        "free_entry_point": Decimal("0.30")
    } | missing


@pytest.mark.parametrize(("units", "name", "amount"), [("26", "window_utility", "0.64"), ("27", "unexplained", "0.68")])
def test_that_a_reading_that_holds_for_one_line_alone_is_singled_out(units: str, name: str, amount: str) -> None:
    # In windows that customers opened 9 of utility are free in Peru and are not billed, 16 in Chile, which are beside
    # the 10 outside: 0.64 at 0.04. No other reading comes to 16 there, and none at all to the 17 of 0.68.
    month = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
    cards = [priced("Peru", "utility", "0.02", "2025-07-01"), priced("Chile", "utility", "0.04", "2025-07-01")]
    rows = [*sent("utility", 25, "2026-09-07 10:00"), *sent("utility", 10, "2026-09-07 10:00", CHILE)]
    for user, count in ((PERU, 9), (CHILE, 16)):
        rows += [*wrote("2026-09-20 08:00", user), *sent("utility", count, "2026-09-20 09:00", user)]
    billed = str(Decimal(units) * Decimal("0.04"))
    lines = [line("0.50", "25", row=1, category="utility", market="Peru")]
    lines.append(line(billed, units, row=2, category="utility", market="Chile"))
    found = audited(rows, lines, month, cards)
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {name: Decimal(amount)}


@pytest.mark.parametrize(("more", "name"), [(75, "undelivered_billed"), (74, "")])
def test_that_a_reading_is_singled_out_beside_a_line_for_which_two_others_account_alike(more: int, name: str) -> None:
    # 75 messages to Mexico failed and are billed, 10 to Chile did as well and are not: 15.00. 200 of utility there at
    # 0.025 are billed at 0.03, which was the price before, and is this one rounded to cents, but not in Peru: 1.00 of
    # which nobody knows.
    cards = [priced("*", "utility", *one) for one in (("0.03", "2025-07-01", "2026-09-30"), ("0.025", "2026-10-01"))]
    rows = [*sent("marketing", 1500, user=MEXICO), *sent("marketing", 80, user=CHILE), *sent("utility", 40)]
    rows += sent("utility", 200, "2026-10-08 10:00", MEXICO)
    for user, count in ((MEXICO, 75), (CHILE, 10)):
        failed = sent("marketing", count, "2026-10-20 10:00", user)
        rows += [row | {"delivered_at": "", "failed_at": row["sent_at"]} for row in failed]
    too_much = more * Decimal("0.20")
    lines = [line(str(300 + too_much), str(1500 + more), row=1, category="marketing", market="Mexico")]
    lines.append(line("16.00", "80", row=2, category="marketing", market="Chile"))
    lines.append(line("1.00", "40", row=3, category="utility", market="Peru"))
    lines.append(line("6.00", "200", row=4, category="utility", market="Mexico"))
    found = audited(rows, lines, prices=[priced("*", "marketing", "0.20"), *cards])
    steps = {step.cause: step.amount for step in found.result.bridge if step.amount}
    assert steps == ({name: too_much} if name else {}) | {"unexplained": Decimal(1) + (0 if name else too_much)}
    possible = {one.cause for each in found.result.differences for one in each.causes if one.proof == "possible"}
    assert possible >= {"rate_card", "rounding"}


@pytest.mark.parametrize("late", [1, 6])
def test_that_a_unit_too_many_says_no_more_on_a_line_that_has_other_prices_as_well(late: int) -> None:
    # All is billed at the prices of September, 0.08 and 0.01. One of marketing that comes 64 hours after the answer and
    # 76 after the referral is one unit too many; six are hardly met by chance.
    rows = [*sent("marketing", 10, "2026-10-05 10:00"), *sent("utility", 100, "2026-10-06 10:00")]
    user = "51955555555"
    rows += [*wrote("2026-10-20 08:00", user, referral="true"), *sent("marketing", 1, "2026-10-20 20:00", user)]
    rows += sent("marketing", late, "2026-10-23 12:00", user)
    units = 10 + late
    lines = [line(str(units * Decimal("0.08")), str(units), row=1, category="marketing")]
    lines.append(line("1.00", "100", row=2, category="utility"))
    found = audited(rows, lines)
    steps = {step.cause: step.amount for step in found.result.bridge if step.amount}
    assert steps == (
        {"rate_card": Decimal("-1.20"), "free_entry_point": Decimal("0.48")}
        if late > 1
        else {"rate_card": Decimal("-1.00"), "unexplained": Decimal("-0.12")}
    )


def test_that_a_period_that_begins_and_ends_a_day_early_is_found_in_lines_of_each_day() -> None:
    # Five of marketing and six of utility are sent on 30 September, at 0.08 and 0.01, which is billed: 0.40 and 0.06;
    # two and eight on 31 October, which is not: 0.20 and 0.16 less. What lies between is billed as it is due.
    units = {"2026-09-30": (5, 6), "2026-10-05": (3, 7), "2026-10-20": (4, 4), "2026-10-31": (2, 8)}
    rows = [
        row
        for day, (marketing, utility) in units.items()
        for row in (*sent("marketing", marketing, f"{day} 10:00"), *sent("utility", utility, f"{day} 10:00"))
    ]
    billed = [
        (amount, count, category, date.fromisoformat(day))
        for day, some in list(units.items())[:-1]
        for category, rate, count in zip(("marketing", "utility"), RATES[day[:7]], some, strict=True)
        for amount in [str(count * Decimal(rate))]
    ]
    lines = [
        line(amount, str(count), row=row, category=category, period_start=day, period_end=day)
        for row, (amount, count, category, day) in enumerate(billed, 1)
    ]
    found = audited(rows, lines).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"month_cut": Decimal("0.10")}
    named = {tuple(cause.values.values()) for one in found.differences for cause in one.causes}
    assert named == {("period", "2026-09-30", "2026-10-30")}


def named(answer: Audited) -> tuple[dict[str, Decimal], set[str]]:
    """Give the steps from what is due to what is billed, and the kinds of what is said of them."""
    steps = {step.cause: step.amount for step in answer.result.bridge if step.amount}
    return steps, {cause.values["kind"] for one in answer.result.differences for cause in one.causes}


def answered(users: Iterable[str], at: str) -> list[Row]:
    """Let each customer write, and be answered a minute later."""
    return [row for user in users for row in (*wrote(f"{at} 10:00", user), *sent("", 1, f"{at} 10:01", user))]


def people(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{90_000_000 + n}" for n in range(count)]


def test_that_messages_are_counted_in_the_month_in_which_they_were_sent() -> None:
    # Three of marketing and four of utility are sent in September's last minutes and delivered in October: due, and not
    # billed. Two and one are sent in October's and delivered in November: billed. -0.30 - 0.08 + 0.20 + 0.02 = -0.16.
    before, after = ("2026-09-30 23:50", "2026-10-01 00:10"), ("2026-10-31 23:50", "2026-11-01 00:10")
    rows = [*sent("marketing", 10), *sent("utility", 5, "2026-10-06 10:00")]
    for (at, delivered), counts in ((before, (3, 4)), (after, (2, 1))):
        for category, count in zip(("marketing", "utility"), counts, strict=True):
            rows += sent(category, count, at, delivered_at=delivered)
    lines = [line("1.20", "12", row=1, category="marketing"), line("0.12", "6", row=2, category="utility")]
    assert named(audited(rows, lines)) == ({"month_cut": Decimal("-0.16")}, {"sent"})


def test_that_what_is_charged_is_billed_once_more_for_being_read() -> None:
    # Six of ten of marketing and three of eight of utility are read: 6 x 0.10 and 3 x 0.02. Of 1,005 answers, all read,
    # 1,000 are free and five are billed twice: 5 x 0.01. Together 0.71.
    read = {"read_at": "2026-10-07 10:00"}
    rows = [*sent("marketing", 6, **read), *sent("marketing", 4, "2026-10-05 11:00")]
    rows += [*sent("utility", 3, **read), *sent("utility", 5, "2026-10-05 11:00")]
    rows += [row | read for row in answered(people("519", 1005), "2026-10-06") if row["direction"] == "outbound"]
    lines = [
        line("1.60", "16", row=1, category="marketing"),
        line("0.22", "11", row=2, category="utility"),
        line("0.10", "10", row=3, category="service"),
    ]
    assert named(audited(rows, lines)) == ({"duplicate_billed": Decimal("0.71")}, {"read"})


def test_that_free_units_are_counted_for_all_accounts_together() -> None:
    # Two numbers, each with 1,000 free answers of its own, answer 600 customers each: none is charged. Of 1,000 for
    # both, the second's last 200 would be: 200 x 0.01.
    rows = answered(people("519", 600), "2026-10-06")
    rows += [row | {"phone_number_id": "number2"} for row in answered(people("518", 600), "2026-10-07")]
    rows += sent("marketing", 10)
    lines = [
        line("1.00", "10", row=1, category="marketing", waba_id="waba"),
        line("2.00", "200", row=2, category="service", waba_id="waba2"),
    ]
    assert named(audited(rows, lines, BOTH)) == ({"free_allowance": Decimal("2.00")}, {"together"})


def test_that_free_units_counted_for_all_accounts_are_found_beside_a_line_that_is_not_expected() -> None:
    # As above, by market; and 37 of marketing are billed for Chile, where nothing was sent: 1.85. Other readings bring
    # up lines of service there, for which nothing is due and nothing billed.
    rows = answered(people("519", 600), "2026-10-06")
    rows += [row | {"phone_number_id": "number2"} for row in answered(people("518", 600), "2026-10-07")]
    rows += sent("marketing", 10)
    lines = [
        line("1.00", "10", row=1, category="marketing", market="Peru", waba_id="waba"),
        line("1.85", "37", "0.05", row=2, category="marketing", market="Chile", waba_id="waba"),
        line("2.00", "200", row=3, category="service", market="Peru", waba_id="waba2"),
    ]
    found = {step.cause: step.amount for step in audited(rows, lines, BOTH).result.bridge if step.amount}
    assert found == {"free_allowance": Decimal("2.00"), "unexpected_line": Decimal("1.85")}


@pytest.mark.parametrize(("count", "proof"), [(600, "possible"), (1150, "found")])
def test_that_a_line_is_not_missing_where_all_of_it_is_free_by_another_allowance(count: int, proof: str) -> None:
    # In August 2024 1,200 answers of two numbers are 200 beyond the 1,000 of their account, at 0.01. By number 600 and
    # 600 are all free; of 1,150 and 50 another 150 are due, and there would be a line.
    rows = answered(people("519", count), "2024-08-06")
    rows += [row | {"phone_number_id": "number2"} for row in answered(people("518", 1200 - count), "2024-08-07")]
    rows += sent("marketing", 10, "2024-08-08 10:00")
    august = replace(ACCOUNT, first=date(2024, 8, 1), last=date(2024, 8, 31))
    august = replace(august, wabas=(replace(WABA, numbers=(Number("number"), Number("number2"))),))
    prices = [priced("*", name, rate, "2024-01-01") for name, rate in (("marketing", "0.10"), ("service", "0.01"))]
    found = by_name(audited(rows, [line("0.10", "1", category="marketing")], august, prices))["service",]
    missing = [one for one in found.causes if one.cause == "missing_line"]
    assert [(one.amount, one.proof) for one in missing] == [(Decimal("-2.00"), proof)]


@pytest.mark.parametrize(("free", "cause", "kind"), [(900, "free_allowance", "size"), (928, "unexplained", "units")])
def test_that_no_other_number_of_units_is_granted_than_a_round_one(free: int, cause: str, kind: str) -> None:
    # Of 1,005 answers 5 are due. If 900 are free, 105 are billed; that 928 are nobody would grant: 72 are not logged.
    rows = [*answered(people("519", 1005), "2026-10-06"), *sent("marketing", 10)]
    lines = [
        line("1.00", "10", row=1, category="marketing"),
        line(f"{(1005 - free) * Decimal('0.01')}", f"{1005 - free}", row=2, category="service"),
    ]
    more = (1000 - free) * Decimal("0.01")
    assert named(audited(rows, lines)) == ({cause: more}, {kind})


def test_that_fewer_free_units_of_one_number_are_found_in_lines_of_several() -> None:
    # Each number has 1,000 free answers. Of 500 for the first alone its last 100 of 600 in Peru would be charged, and
    # all 200 in Chile: 1.00 and 2.00. The second's 650 stay free, of which 150 would not if it had 500 as well.
    rows = [*answered(people("519", 600), "2026-10-06"), *answered(people("569", 200), "2026-10-07")]
    rows += [row | {"phone_number_id": "number2"} for row in answered(people("518", 650), "2026-10-08")]
    rows += sent("marketing", 10)
    lines = [
        line("1.00", "10", row=1, category="marketing", market="Peru"),
        line("1.00", "100", row=2, category="service", market="Peru"),
        line("2.00", "200", row=3, category="service", market="Chile"),
    ]
    account = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("number2"))),))
    result = audited(rows, lines, account).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {"free_allowance": Decimal("3.00")}
    assert [dict(cause.values) for one in result.differences for cause in one.causes] == [
        {"kind": "size", "size": "500", "scope": "number"}
    ] * 2


@pytest.mark.parametrize(
    ("counts", "lines", "amount"),
    [
        # 40 conversations that the business began, 1,050 that users did, 20 of the business again: the first 1,000 are
        # free, 90 x 0.07 + 20 x 0.10 are due. If only those of users are, 50 and all 60 are billed: 9.50 - 8.30.
        (
            (40, 1050, 20),
            [("3.50", "50", "user_initiated", "Chile"), ("6.00", "60", "business_initiated", "Peru")],
            "1.20",
        ),
        # Of 990 and then 30, 20 x 0.07 are due. If only those of users are free, none of them is billed, and no line of
        # theirs is missing; and all 990 are: 99.00 - 1.40.
        ((990, 30, 0), [("99.00", "990", "business_initiated", "Peru")], "97.60"),
    ],
)
def test_that_free_units_are_those_of_one_initiator_alone(
    counts: tuple[int, int, int], lines: Sequence[tuple[str, str, str, str]], amount: str
) -> None:
    first, then, last = counts
    began = [
        row
        for at, prefix, count in (("02", "519", first), ("20", "518", last))
        for user in people(prefix, count)
        for row in sent("utility", 1, f"2022-06-{at} 10:00", user)
    ]
    rows = [*began, *answered(people("569", then), "2022-06-10")]
    billed = [
        line(amount, count, row=row, category=category, market=market)
        for row, (amount, count, category, market) in enumerate(lines, 1)
    ]
    found = audited(rows, billed, JUNE, BY_INITIATOR)
    assert named(found) == ({"free_allowance": Decimal(amount)}, {"initiated"})


def test_that_a_window_is_not_prolonged_by_what_a_customer_writes_in_it() -> None:
    # In September utility is free in the window. Customers write at ten, and five hours on: till three the next day all
    # of it is free. What is sent at noon then is billed, for 12 customers in Peru and 9 in Chile: 12 and 9 x 0.02.
    rows, prices = sent("marketing", 10, "2026-09-05 10:00"), [priced("*", "utility", "0.02", "2026-09-01")]
    for user in (*people("519", 12), *people("569", 9)):
        for at in ("2026-09-07 10:00", "2026-09-07 15:00"):
            rows += wrote(at, user)
        for at in ("2026-09-07 16:00", "2026-09-08 12:00"):
            rows += sent("utility", 1, at, user)
    rows += sent("utility", 30, "2026-09-20 10:00")
    lines = [
        line("0.80", "10", row=1, category="marketing", market="Peru"),
        line("0.84", "42", row=2, category="utility", market="Peru"),
        line("0.18", "9", row=3, category="utility", market="Chile"),
    ]
    september = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
    found = audited(rows, lines, september, [*(row for row in PRICES if row["category"] != "utility"), *prices])
    assert named(found) == ({"window_utility": Decimal("0.42")}, {"first"})


def test_that_the_last_units_of_a_month_are_free_and_not_the_first() -> None:
    # 100 answers in Chile, 600 in Peru, 500 in Chile: the last 200, at 0.03, are due. Billed are the first 200, 100 at
    # 0.03 and 100 at 0.01: 4.00 of 6.00.
    rows = [*answered(people("569", 100), "2026-10-05"), *answered(people("519", 600), "2026-10-06")]
    rows += [*answered(people("568", 500), "2026-10-07"), *sent("marketing", 10)]
    lines = [
        line("1.00", "10", row=1, category="marketing", market="Peru"),
        line("1.00", "100", row=2, category="service", market="Peru"),
        line("3.00", "100", row=3, category="service", market="Chile"),
    ]
    found = audited(rows, lines, prices=[*PRICES, priced("Chile", "service", "0.03")])
    assert named(found) == ({"free_allowance": Decimal("-2.00")}, {"last"})


def test_that_service_conversations_are_charged_that_are_free_by_now() -> None:
    # 40 x 0.01 and 12 x 0.01 are billed, of what has been free since November 2024.
    prices = [
        priced("*", name, rate, "2024-11-01", "2025-06-30")
        for name, rate in (("marketing", "0.10"), ("service", "0.01"))
    ]
    rows = [*answered(people("519", 40), "2025-02-06"), *answered(people("569", 12), "2025-02-07")]
    rows += [row for user in people("518", 10) for row in sent("marketing", 1, "2025-02-05 10:00", user)]
    lines = [
        line("1.00", "10", row=1, category="marketing", market="Peru"),
        line("0.40", "40", row=2, category="service", market="Peru"),
        line("0.12", "12", row=3, category="service", market="Chile"),
    ]
    february = replace(ACCOUNT, first=date(2025, 2, 1), last=date(2025, 2, 28))
    assert named(audited(rows, lines, february, prices)) == ({"free_allowance": Decimal("0.52")}, {"service"})


def test_that_whatever_is_charged_billed_twice_is_found_beside_a_slip() -> None:
    # 20 of marketing, 30 of utility and 40 of authentication are billed as 40, 60 and 80; codes at 0.30 for 0.03.
    rows = [*sent("marketing", 20), *sent("utility", 30, "2026-10-06 10:00")]
    rows += sent("authentication", 40, "2026-10-07 10:00")
    lines = [
        line("4.00", "40", "0.10", row=1, category="marketing"),
        line("1.20", "60", "0.02", row=2, category="utility"),
        line("24.00", "80", "0.30", row=3, category="authentication"),
    ]
    # 20 x 0.10 + 30 x 0.02 + 40 x 0.03 = 3.80 more; then 80 x 0.27 = 21.60.
    steps = {step.cause: step.amount for step in audited(rows, lines).result.bridge if step.amount}
    assert steps == {"duplicate_billed": Decimal("3.80"), "rate": Decimal("21.60")}


@pytest.mark.parametrize(
    ("first", "last", "kinds"),
    [(100, date(2026, 11, 30), {"earlier"}), (60, date(2026, 11, 30), set()), (60, date(2026, 12, 31), set())],
)
def test_that_no_other_allowance_is_found_where_the_log_may_lack_what_used_it_up(
    first: int, last: date, kinds: set[str]
) -> None:
    # 600 answers in October, 100 on each of seven days of November: with October's 400 of them are free, and the last
    # three days are billed. Where of the fifth 60 are, 440 are free: 560 that the log lacks have used up the rest. Of
    # December's 450, where these are audited with them, it lacks none: all are free.
    rows = answered(people("518", 600), "2026-10-06")
    rows += [row for n in range(1, 8) for row in answered(people(f"51{n}", 100), f"2026-11-{n:02d}")]
    rows += answered(people("519", 450), "2026-12-06") if last.month == 12 else []
    lines = [
        line(f"{units * Decimal('0.01')}", str(units), row=n, category="service", period_start=day, period_end=day)
        for n, units in ((5, first), (6, 100), (7, 100))
        for day in [date(2026, 11, n)]
    ]
    november = replace(ACCOUNT, first=date(2026, 11, 1), last=last)
    more = (first + 200) * Decimal("0.01")
    assert named(audited(rows, lines, november)) == ({"free_allowance" if kinds else "unexplained": more}, kinds)


def test_that_an_allowance_goes_on_from_the_regime_of_the_month_before() -> None:
    # In March 2023 another regime begins, with the same 1,000 for an account. 800 conversations of February
    # leave 200 of March's 250: 50 x 0.07 are billed, of which nothing is due.
    rows = [*answered(people("518", 800), "2023-02-26"), *answered(people("519", 200), "2023-03-06")]
    rows += answered(people("569", 50), "2023-03-07")
    march = replace(ACCOUNT, first=date(2023, 3, 1), last=date(2023, 3, 31))
    billed = [line("3.50", "50", category="user_initiated", market="Chile")]
    found = audited(rows, billed, march, BY_INITIATOR)
    assert named(found) == ({"free_allowance": Decimal("3.50")}, {"earlier"})


def test_that_units_billed_twice_are_found_by_their_number_where_prices_are_wrong_besides() -> None:
    # Twice 40 x 0.10, 100 x 0.02 and 60 x 0.03 are 8.00, 4.00 and 3.60. Of the last two less is billed, by no factor.
    units = {"marketing": (40, "8.00"), "utility": (100, "3.93"), "authentication": (60, "3.41")}
    rows = [row for name, (count, _) in units.items() for row in sent(name, count)]
    lines = [
        line(amount, str(2 * count), row=n, category=name) for n, (name, (count, amount)) in enumerate(units.items())
    ]
    found = by_name(audited(rows, lines))
    for name, due in (("marketing", "4.00"), ("utility", "2.00"), ("authentication", "1.80")):
        assert causes(found[name,]) == {"duplicate_billed": Decimal(due)}
        assert found[name,].unexplained == Decimal(units[name][1]) - 2 * Decimal(due)


def test_that_conversations_which_are_free_speak_against_no_reading() -> None:
    # In September twelve customers have two codes within the hour, nine two notices, two write before they have theirs,
    # and six come by an ad. 24 x 0.03 = 0.72 and 18 x 0.05 = 0.90 are due; by conversation 12 x 0.03 = 0.36 and, for
    # the two as well, 11 x 0.05 = 0.55 are charged. The six are conversations that cost nothing, as their line says.
    september = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
    prices = [priced("*", word, rate, "2025-07-01") for word, rate in (("authentication", "0.03"), ("utility", "0.05"))]
    rows = []
    for n in range(12):
        rows += sent("authentication", 2, "2026-09-05 10:00", f"519511111{n:02}")
    for n in range(11):
        rows += wrote("2026-09-06 10:00", f"519522222{n:02}") if n >= 9 else []
        rows += sent("utility", 2, "2026-09-06 11:00", f"519522222{n:02}")
    for n in range(6):
        user = f"519533333{n:02}"
        rows += [*wrote("2026-09-20 08:00", user, referral="true"), *sent("", 1, "2026-09-20 08:05", user)]
    lines = [
        line("0.36", "12", row=1, category="authentication", pricing_type="regular"),
        line("0.55", "11", row=2, category="utility", pricing_type="regular"),
        line("0.00", "6", row=3, category="referral_conversion", pricing_type="free_entry_point"),
    ]
    found = audited(rows, lines, september, prices).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"unit": Decimal("-0.71")}


def test_that_a_month_cut_elsewhere_takes_its_free_units_elsewhere() -> None:
    # In Lima 990 + 8 + 7 answers of October are counted, of which the last five, at 0.01, are beyond the thousand. By
    # a calendar nine hours ahead the 20 of 30 September count first: 8 to Chile and 17 to Peru are beyond it then. Cut
    # there alone, with all that is free as it is, the month has no more to charge.
    rows = [*sent("", 20, "2026-09-30 15:00"), *sent("", 990), *sent("", 8, "2026-10-06 10:00", CHILE)]
    rows += [*sent("", 7, "2026-10-06 11:00"), *sent("marketing", 40, "2026-10-07 10:00")]
    lines = [
        line("0.17", "17", row=1, market="Peru", category="service"),
        line("0.08", "8", row=2, market="Chile", category="service"),
        line("4.00", "40", row=3, market="Peru", category="marketing"),
    ]
    found = audited(rows, lines).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"month_cut": Decimal("0.20")}
    assert {one.values["zone"] for line_ in found.differences for one in line_.causes} == {"UTC+04:00"}


def test_that_conversations_are_billed_by_the_rules_of_messages_before_these_hold() -> None:
    # June 2025. Of authentication 3 and 4 messages are a conversation each, of utility 2 in an open window and 5, of
    # marketing 2: 2 x 0.03 + 2 x 0.02 + 0.20 are due. By the rules of July each message is charged but for the 2 in the
    # window: 7 x 0.03, 5 x 0.02 and 2 x 0.20.
    prices = [priced("*", name, rate, "2025-01-01") for name, rate in zip(NAMES, ("0.20", "0.02", "0.03"), strict=True)]
    rows = [*sent("authentication", 3, "2025-06-05 10:00"), *sent("authentication", 4, "2025-06-07 10:00")]
    rows += [*wrote("2025-06-05 09:00", CHILE), *sent("utility", 2, "2025-06-05 10:00", CHILE)]
    rows += [*sent("utility", 5, "2025-06-10 10:00", CHILE), *sent("marketing", 2, "2025-06-12 10:00")]
    amounts = (("0.40", "2"), ("0.10", "5"), ("0.21", "7"))
    lines = [
        line(amount, units, row=n, category=category)
        for n, (category, (amount, units)) in enumerate(zip(NAMES, amounts, strict=True))
    ]
    account = replace(ACCOUNT, first=date(2025, 6, 1), last=date(2025, 6, 30))
    found = audited(rows, lines, account, prices)
    assert named(found) == ({"unit": Decimal("0.41")}, {"message"})


def test_that_templates_counted_for_conversations_are_found_where_some_are_of_the_next_month() -> None:
    # In March 2024 one conversation holds 20 notices from 23:50 on, ten of them in April, and 5 answers; another 7
    # codes. Due are 0.02 and 0.03, and billed by template 20 x 0.02 = 0.40 and 7 x 0.03 = 0.21. By message it would be
    # 25, or 10 in March.
    march = replace(ACCOUNT, first=date(2024, 3, 1), last=date(2024, 3, 31))
    prices = [priced("*", word, rate, "2023-06-01") for word, rate in (("utility", "0.02"), ("authentication", "0.03"))]
    rows = [*sent("utility", 20, "2024-03-31 23:50"), *sent("", 5, "2024-03-31 23:55")]
    rows += sent("authentication", 7, "2024-03-05 10:00")
    lines = [line("0.40", "20", row=1, category="utility"), line("0.21", "7", row=2, category="authentication")]
    found = audited(rows, lines, march, prices).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"unit": Decimal("0.56")}
    assert {cause.values["kind"] for one in found.differences for cause in one.causes} == {"template"}


def test_that_an_allowance_of_another_size_is_found_for_all_numbers_though_a_line_of_one_stands_twice() -> None:
    # Each number has 1,000 free, and is billed what is beyond 500. Of 400, 300 and 250 answers of the first these are
    # 200 to Chile, 2.00, and 250 to Mexico, 2.50; of 300 and 400 of the second 200 to Chile, 2.00, which stand twice.
    both = replace(ACCOUNT, wabas=(replace(WABA, numbers=(*WABA.numbers, Number("number2"))),))
    rows = [*sent("", 400), *sent("", 300, "2026-10-06 10:00", CHILE), *sent("", 250, "2026-10-07 10:00", MEXICO)]
    rows += [*sent("", 300, number="number2"), *sent("", 400, "2026-10-06 10:00", CHILE, "number2")]
    billed = [("number", "Chile", "2.00", "200"), ("number", "Mexico", "2.50", "250")]
    billed += [("number2", "Chile", "2.00", "200")] * 2
    lines = [
        line(amount, count, row=row, market=market, category="service", phone_number_id=number)
        for row, (number, market, amount, count) in enumerate(billed)
    ]
    found = audited(rows, lines, both).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {
        "free_allowance": Decimal("6.50"),
        "duplicate_line": Decimal("2.00"),
    }


def test_that_an_allowance_of_another_size_is_found_where_every_message_of_a_conversation_is_billed() -> None:
    # Of 960 conversations in Peru, of two messages each, and 60 in Chile, of three, the last 20 are due: 20 x 0.05.
    # Where 900 are free, 60 in Peru are charged, 6.00, and all 60 in Chile, 3.00: 120 and 180 messages, 12.00 and 9.00.
    rows = [row for user in people("519", 960) for row in sent("utility", 2, "2022-06-02 10:00", user)]
    rows += [row for user in people("569", 60) for row in sent("utility", 3, "2022-06-20 10:00", user)]
    card = [priced("Peru", "business_initiated", "0.10", "2022-06-01")]
    card += [priced("Chile", "business_initiated", "0.05", "2022-06-01")]
    lines = [
        line("12.00", "120", row=1, category="business_initiated", market="Peru"),
        line("9.00", "180", row=2, category="business_initiated", market="Chile"),
    ]
    found = audited(rows, lines, JUNE, card).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {
        "free_allowance": Decimal("8.00"),  # 6.00 + 3.00 - 1.00
        "unit": Decimal("12.00"),
    }
    sizes = {one.values.get("size") for line in found.differences for one in line.causes if one.cause != "unit"}
    assert sizes == {"900"}


def test_that_an_allowance_of_another_size_is_found_beside_a_line_that_bills_more_than_all_of_its_own() -> None:
    # Of 60 answers to Peru, 30 to Chile, and 20 to Mexico 50 are free, in place of all: 10, 30 and 20 are charged at
    # 0.01, the latter as 200.
    rows = [*answered(people("519", 60), "2026-10-06"), *answered(people("569", 30), "2026-10-07")]
    rows += [*answered(people("521", 20), "2026-10-08"), *sent("marketing", 10)]
    lines = [
        line("1.00", "10", row=1, category="marketing", market="Peru"),
        line("0.10", "10", row=2, category="service", market="Peru"),
        line("0.30", "30", row=3, category="service", market="Chile"),
        line("2.00", "200", row=4, category="service", market="Mexico"),
    ]
    found = audited(rows, lines).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {
        "free_allowance": Decimal("0.60"),
        "quantity": Decimal("1.80"),
    }
    sizes = {one.values.get("size") for line in found.differences for one in line.causes if one.cause != "quantity"}
    assert sizes == {"50"}


def test_that_two_small_errors_are_singled_out_together() -> None:
    # As above 3 of marketing come 64 hours after the answer, 76 after the referral, and are billed, 0.30. Of
    # authentication 3 failed and are billed, 0.09: neither is borne out by as much as is asked of two.
    rows = [*sent("marketing", 10, "2026-10-05 10:00"), *sent("utility", 5), *sent("authentication", 6)]
    failed = sent("authentication", 3, "2026-10-20 10:00")
    rows += [row | {"delivered_at": "", "failed_at": row["sent_at"]} for row in failed]
    user = "51955555555"
    rows += [*wrote("2026-10-20 08:00", user, referral="true"), *sent("marketing", 1, "2026-10-20 20:00", user)]
    rows += sent("marketing", 3, "2026-10-23 12:00", user)
    billed = [("marketing", "1.30", "13"), ("utility", "0.10", "5"), ("authentication", "0.27", "9")]
    lines = [line(amount, count, row=n, category=name) for n, (name, amount, count) in enumerate(billed, 1)]
    found = audited(rows, lines)
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {
        "free_entry_point": Decimal("0.30"), "undelivered_billed": Decimal("0.09"),
    }  # fmt: skip

"""Days and numbers of which the log has nothing: what is billed for them is left open (formats.md §6, §8).

Twelve marketing messages in Peru at 0.10 on each of the log's days; October 2026 has 31 days.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import Number
from auditor.core.results import Reconciliation
from auditor.core.results import Unlogged
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import FIRST
from tests.core.invoicing import LAST
from tests.core.invoicing import PERU
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import sent

FAILED_AT = "2026-10-16 15:00"
MARKETING: dict[str, Any] = {"market": "Peru", "category": "marketing"}
TWO_NUMBERS = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("other", phone="51900000001"))),))
TWO_ACCOUNTS = replace(ACCOUNT, wabas=(WABA, SECOND_WABA))


def on_days(days: Sequence[int], number: str = "number", month: str = "2026-10") -> list[Row]:
    return [row for day in days for row in sent("marketing", 12, f"{month}-{day:02} 10:00", number=number)]


def result(rows: Sequence[Row], *lines: InvoiceLine, account: Account = ACCOUNT) -> Reconciliation:
    return audited(rows, lines, account).result


def said(made: Reconciliation) -> list[tuple[str, str, str]]:
    return [(one.cause, str(one.amount), one.proof) for found in made.differences for one in found.causes]


@pytest.mark.parametrize(
    ("days", "beyond"),
    [
        (range(1, 32), []),
        (range(1, 31), []),  # one silent day: (1 - 31/32) = 0.03
        (range(1, 30), []),  # two: (1 - 30/31)^2 = 0.00104
        (range(1, 29), [(29, 31)]),  # three: (1 - 29/30)^3 = 0.00004
        (range(1, 17), [(17, 31)]),
        (range(10, 32), [(1, 9)]),
        ([*range(1, 11), *range(21, 32)], [(11, 20)]),
        (range(1, 5), []),  # four days are no habit
        ([1, 6, 11, 16, 21], []),  # once in five days: ten silent days at the end are no wonder, (1 - 6/23)^10 = 0.05
        (
            [*range(1, 6), *range(8, 13), *range(15, 20), *range(22, 27), *range(29, 32)],
            [],
        ),  # a shop that closes at weekends
    ],
)
def test_that_silent_days_count_where_the_habit_makes_them_next_to_impossible(
    days: Sequence[int], beyond: list[tuple[int, int]]
) -> None:
    found = result(on_days(days)).health
    assert [(one.first.day, one.last.day) for one in found.unlogged] == beyond
    named = [(one.day, one.count) for one in found.findings if one.code == "days_not_in_log"]
    assert named == [(date(2026, 10, first), last - first + 1) for first, last in beyond]


def test_that_a_month_after_the_log_is_beyond_it_and_its_lines_are_not_proved_wrong() -> None:
    # The log is of September, the invoice of October: 372 at 0.10 are 37.20. Nothing is due by this log.
    rows = on_days(range(1, 31), month="2026-09")
    made = result(rows, line("37.20", "372", "0.10", **MARKETING, period_start=FIRST, period_end=LAST))
    assert made.health.unlogged == (Unlogged("waba", "", FIRST, LAST),)
    assert said(made) == [("unexpected_line", "37.20", "possible")]
    assert (made.expected, made.unexplained) == (Decimal(0), Decimal("37.20"))


def test_that_a_log_of_one_day_outside_the_period_proves_no_line_of_it_wrong() -> None:
    # A day is no habit, but of October there is nothing at all: 12 at 0.10 are 1.20.
    rows = on_days([5], month="2026-11")
    made = result(rows, line("1.20", "12", "0.10", **MARKETING, period_start=FIRST, period_end=LAST))
    assert made.health.unlogged == (Unlogged("waba", "", FIRST, LAST),)
    assert (made.expected, made.unexplained) == (Decimal(0), Decimal("1.20"))


def test_that_units_above_those_of_half_a_log_are_left_open_and_lines_of_the_days_it_has_are_not() -> None:
    # 16 days of 12 are 192 or 19.20; the whole month would be 37.20.
    rows = on_days(range(1, 17))
    whole = result(rows, line("37.20", "372", "0.10", **MARKETING, period_start=FIRST, period_end=LAST))
    assert whole.unexplained == whole.difference == Decimal("18.00")
    assert {proof for _, _, proof in said(whole)} <= {"possible"}
    once = line("19.20", "192", "0.10", **MARKETING, period_start=FIRST, period_end=date(2026, 10, 16))
    twice = result(rows, once, replace(once, source=replace(once.source, row=2)))
    assert said(twice) == [("duplicate_line", "19.20", "found")]
    beside = replace(
        once, source=replace(once.source, row=2), category="utility", quantity=Decimal(5), amount=Decimal(1)
    )
    made = result(rows, once, replace(beside, unit_rate=Decimal("0.20")))
    assert said(made) == [("unexpected_line", "1.00", "found")]


def test_that_charging_the_log_otherwise_is_proof_where_it_accounts_for_every_line() -> None:
    # 16 days of 12, and of the 16th 30 more that failed: 222 at 0.10 are 22.20, to the unit and for all the invoice.
    failed = [row | {"delivered_at": "", "failed_at": row["delivered_at"]} for row in sent("marketing", 30, FAILED_AT)]
    rows = [*on_days(range(1, 17)), *failed]
    right = line("22.20", "222", "0.10", 1, **MARKETING)
    assert said(result(rows, right)) == [("undelivered_billed", "3.00", "found")]
    # Beside a line for which the log has nothing, it might as well be chance.
    made = result(rows, right, line("20.00", "1000", "0.02", 2, market="Peru", category="utility"))
    assert {proof for _, _, proof in said(made)} == {"possible"}
    assert made.unexplained == Decimal("23.00")


@pytest.mark.parametrize("count", [3, 4])
def test_that_a_line_for_which_the_log_has_nothing_leaves_no_four_open_that_come_right(count: int) -> None:
    # Beside 16 days of marketing in Peru 30 failed of each kind: 222 at 0.10, 30 at 0.20 in Chile, at 0.03, at 0.02.
    # Of service the log has nothing. Four lines in five come right, and three in four are not enough.
    kinds = (("marketing", PERU), ("marketing", CHILE), ("authentication", PERU), ("utility", PERU))[:count]
    sums = (("22.20", "222"), ("6.00", "30"), ("0.90", "30"), ("0.60", "30"))
    rows, lines = on_days(range(1, 17)), [line("10.00", "1000", row=9, market="Peru", category="service")]
    for n, ((name, user), (amount, units)) in enumerate(zip(kinds, sums, strict=False)):
        rows += [row | {"delivered_at": "", "failed_at": FAILED_AT} for row in sent(name, 30, FAILED_AT, user)]
        market = "Peru" if user == PERU else "Chile"
        lines.append(line(amount, units, row=n + 1, market=market, category=name))
    made = result(rows, *lines)
    found = {amount for cause, amount, proof in said(made) if (cause, proof) == ("undelivered_billed", "found")}
    assert found == ({"3.00", "6.00", "0.90", "0.60"} if count == 4 else set())
    assert made.unexplained == Decimal("10.00") + (0 if count == 4 else Decimal("9.90"))


def test_that_units_moved_to_a_line_that_is_left_open_are_not_found_where_they_are_taken_away() -> None:
    # Fifty of utility, 1.00, are billed with the 192 of marketing: 242 at 0.10. Chile's 20 at 0.20 are billed 5.77.
    rows = [*on_days(range(1, 17)), *sent("utility", 50), *sent("marketing", 20, user=CHILE)]
    lines = [line("24.20", "242", "0.10", 1, **MARKETING), line("5.77", row=2, market="Chile", category="marketing")]
    made = result(rows, *lines)
    assert made.unexplained == made.difference == Decimal("24.20") - Decimal("20.20") + Decimal("1.77")
    assert ("category", "-1.00", "possible") in said(made)


def test_that_a_few_days_do_not_hold_many_times_their_share() -> None:
    # Twelve on each of 28 days; the three that the log lacks may hold 3 x (0 + 1) of what it never has, and no 50.
    rows = on_days(range(1, 29))
    for units, proof in ((3, "possible"), (50, "found")):
        extra = line(f"{units * 2 / 100:.2f}", str(units), "0.02", 2, market="Peru", category="utility")
        made = result(rows, line("33.60", "336", "0.10", 1, **MARKETING), extra)
        assert [(one[0], one[2]) for one in said(made)] == [("unexpected_line", proof)]


def test_that_what_a_line_says_against_itself_stays_found() -> None:
    # The line of half a log twice: 2 x 19.20. The repetition is proved by the invoice alone.
    once = line("19.20", "192", "0.10", **MARKETING, period_start=FIRST, period_end=LAST)
    made = result(on_days(range(1, 17)), once, replace(once, source=replace(once.source, row=2)))
    assert said(made) == [("duplicate_line", "19.20", "found")]
    assert made.unexplained == 0


def test_that_a_rate_is_wrong_whatever_the_log_lacks_where_units_agree() -> None:
    # All 192 units are in the log; 1.00 is 0.10 with its point shifted: 192 x 0.90 = 172.80 too much.
    made = result(on_days(range(1, 17)), line("192.00", "192", "1.00", **MARKETING))
    assert [one for one in said(made) if one[2] == "found"] == [("rate", "172.80", "found")]


def test_that_an_account_of_which_the_log_has_nothing_is_left_open_and_the_other_is_not() -> None:
    rows = on_days(range(1, 32))
    lines = [
        line("37.30", "373", "0.10", 1, **MARKETING, waba_id="waba"),
        line("5.00", "50", "0.10", 2, **MARKETING, waba_id="waba2"),
    ]
    made = result(rows, *lines, account=TWO_ACCOUNTS)
    assert made.health.unlogged == (Unlogged("waba2", "", FIRST, LAST),)
    (other,) = [one for one in made.differences if one.waba_id == "waba2"]
    assert [(one.cause, one.proof) for one in other.causes] == [("unexpected_line", "possible")]


@pytest.mark.parametrize(
    ("named", "proofs"),
    [("number", {"found"}), ("other", {"possible"}), ("51900000001", {"possible"}), ("", {"possible"})],
)
def test_that_a_number_that_the_log_never_names_leaves_open_what_may_be_its_own(named: str, proofs: set[str]) -> None:
    # 31 days of 12 are 37.20. Five units of utility at 0.02 are billed besides, for one number or for none.
    rows, facts = on_days(range(1, 32)), {"market": "Peru", "category": "utility", "phone_number_id": named}
    right = line("37.20", "372", "0.10", 1, **MARKETING, phone_number_id="number")
    made = result(rows, right, line("0.10", "5", "0.02", 2, **facts), account=TWO_NUMBERS)
    assert made.health.unlogged == (Unlogged("waba", "other", FIRST, LAST),)
    assert [one.code for one in made.health.findings if one.phone_number_id == "other"] == ["number_not_in_log"]
    assert {proof for cause, _, proof in said(made) if cause == "unexpected_line"} == proofs

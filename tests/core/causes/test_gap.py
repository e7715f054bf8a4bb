"""A gap of the log is possible at most, and reaches no further than the range of the days it names (formats.md §8)."""

from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal

import pytest

from auditor.core.causes.gap import with_gaps
from auditor.core.records import InvoiceLine
from auditor.core.records import Number
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Widened
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import FIRST
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

# Of the 5th at most 0.75 is missing, of the 6th 0.50; below nothing is.
WIDENED = [
    Widened("number", date(2026, 10, 5), Decimal(0), Decimal("0.7599")),
    Widened("number", date(2026, 10, 6), Decimal(0), Decimal("0.50")),
]


UNITS = {"marketing": 50, "authentication": 40, "utility": 30}


def differing(*lines: InvoiceLine) -> tuple[tuple[InvoiceLine, ...], list[Difference]]:
    """Bill ten marketing messages, due at 1.00, and ten of utility, due at 0.20, otherwise than any rule has it."""
    result = audited([*sent("marketing", 10), *sent("utility", 10)], lines).result
    return result.invoice_lines, list(result.differences)


def gaps(differences: list[Difference]) -> dict[str, list[CauseAmount]]:
    return {one.category: [cause for cause in one.causes if cause.cause == "log_gap"] for one in differences}


def test_that_a_gap_reaches_as_far_as_the_range_of_its_days_and_proves_nothing() -> None:
    lines, found = differing(line("2.63", category="marketing"), line("0.20", category="utility"))
    made = with_gaps(found, lines, WIDENED, ACCOUNT)
    values = {"first": "2026-10-05", "last": "2026-10-06"}
    # 1.63 are too many; 0.75 and 0.50 may be missing.
    assert gaps(made) == {"marketing": [CauseAmount("log_gap", Decimal("1.25"), "possible", values)], "utility": []}
    assert [one.unexplained for one in made] == [one.unexplained for one in found]


def test_that_what_one_line_takes_no_other_can() -> None:
    lines, found = differing(line("2.01", category="marketing"), line("0.83", category="utility"))
    made = gaps(with_gaps(found, lines, WIDENED, ACCOUNT))
    # 1.01 for the larger; of 0.75 + 0.50 there is 0.24 left for the other.
    assert [one.amount for some in made.values() for one in some] == [Decimal("1.01"), Decimal("0.24")]


def test_that_a_line_of_another_day_or_that_is_too_low_takes_nothing() -> None:
    first, last = date(2026, 10, 7), date(2026, 10, 31)
    later = line("2.63", category="marketing", period_start=first, period_end=last)
    for one in (later, line("0.37", category="marketing")):
        lines, found = differing(one, line("0.20", category="utility"))
        assert gaps(with_gaps(found, lines, WIDENED, ACCOUNT))["marketing"] == []


def test_that_a_line_of_another_month_or_account_takes_nothing() -> None:
    lines, found = differing(line("2.63", category="marketing"), line("0.20", category="utility"))
    for period, reached in (("2026-10", True), ("2026-09", False)):
        of_month = [replace(one, period=period) for one in found]
        assert bool(gaps(with_gaps(of_month, lines, WIDENED, ACCOUNT))["marketing"]) is reached
    account = replace(ACCOUNT, wabas=(WABA, SECOND_WABA))
    for waba, reached in (("waba", True), ("waba2", False), ("", True)):
        of_waba = [replace(one, waba_id=waba) for one in found]
        assert bool(gaps(with_gaps(of_waba, lines, WIDENED, account))["marketing"]) is reached


def test_that_a_missing_line_is_open_where_so_much_less_may_be_due_and_else_found() -> None:
    # Utility, due at 0.20, is not billed; 0.15 and 0.05 less may be due of the 5th and the 6th, or a cent less than so.
    lines, found = differing(line("1.00", category="marketing"))
    for less, proof in (("0.05", "possible"), ("0.04", "found")):
        below = [replace(one, below=Decimal(sum_)) for one, sum_ in zip(WIDENED, ("0.15", less), strict=True)]
        made = {one.category: one for one in with_gaps(found, lines, below, ACCOUNT)}["utility"]
        assert made.causes[0] == CauseAmount("missing_line", Decimal("-0.20"), proof)
        assert made.unexplained == (Decimal("-0.20") if proof == "possible" else 0)
        offered = [one.amount for one in made.causes if one.cause == "log_gap"]
        assert offered == ([Decimal("-0.20")] if proof == "possible" else [])


@pytest.mark.parametrize(("units", "proof"), [("6", "possible"), ("7", "found")])
def test_that_a_line_of_another_number_is_not_surely_unexpected_where_a_gap_may_hold_it(units: str, proof: str) -> None:
    # Of one number at most 0.75 + 0.50 is missing; of another nothing is due, and 6 x 0.20 or 7 x 0.20 are billed.
    amount = str(int(units) * Decimal("0.20"))
    lines, found = differing(
        line("1.00", "10", category="marketing"),
        line("0.20", "10", row=2, category="utility"),
        line(amount, units, row=3, category="authentication", phone_number_id="number2"),
    )
    made = {one.category: one for one in with_gaps(found, lines, WIDENED, TWO)}["authentication"]
    assert [one for one in made.causes if one.cause == "unexpected_line"] == [
        CauseAmount("unexpected_line", Decimal(amount), proof)
    ]


@pytest.mark.parametrize(("logged", "proof"), [(False, "possible"), (True, "found")])
def test_that_no_line_is_surely_missing_by_a_log_that_has_nothing_of_days_that_are_billed(
    logged: bool, proof: str
) -> None:
    # Four of authentication on the 8th are not billed. Three of marketing on the 7th are: of that day the log has
    # nothing, so it may lack what made them free; or what a customer wrote.
    rows = [*sent("marketing", 10), *sent("authentication", 4, "2026-10-08 10:00"), *sent("authentication", 9)]
    rows += [*sent("authentication", 5, "2026-10-06 10:00"), *(wrote("2026-10-07 10:00") if logged else ())]
    billed = [(5, "marketing", "1.00", "10"), (7, "marketing", "0.30", "3")]
    billed += [(5, "authentication", "0.27", "9"), (6, "authentication", "0.15", "5")]
    lines = [
        line(amount, units, row=n, category=category, period_start=day, period_end=day)
        for n, (number, category, amount, units) in enumerate(billed)
        for day in [date(2026, 10, number)]
    ]
    causes = [one for found in audited(rows, lines).result.differences for one in found.causes]
    missing = [(one.amount, one.proof) for one in causes if one.cause == "missing_line"]
    assert missing == [(Decimal("-0.12"), proof)]


def test_that_a_line_is_missing_also_where_another_cause_would_have_billed_it() -> None:
    # Mexico is billed as Chile, whose prices are 0.15, 0.05 and 0.04: 7.50 for 10.00 of marketing, 2.00 for 1.20 of
    # authentication; of utility 1.20 for 0.60, and that line is left out. Less by no gap may be due.
    rows = [*sent("marketing", 20)]
    rows += [row for name, count in UNITS.items() for row in sent(name, count, user=MEXICO)]
    prices = [
        *PRICES,
        *(priced("Chile", name, rate) for name, rate in zip(UNITS, ("0.15", "0.05", "0.04"), strict=True)),
    ]
    lines = [
        line("2.00", "20", market="Peru", category="marketing"),
        line("7.50", "50", market="Chile", category="marketing", row=2),
        line("2.00", "40", market="Chile", category="authentication", row=3),
    ]
    result = audited(rows, lines, prices=prices).result
    steps = {step.cause: step.amount for step in result.bridge if step.amount}
    assert steps == {"market": Decimal("-2.50") + Decimal("0.80") + Decimal("0.60"), "missing_line": Decimal("-1.20")}


# Other causes beside a gap --------------------------------------------------------------------------------------------

TWO = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("number2"))),))
LOST = date(2026, 10, 14)
BEFORE = (("marketing", "0.1012"), ("authentication", "0.0314"))


def busy(number: str, without: date | None = None) -> list[Row]:
    """Give a marketing message, due at 0.10, at each of the thirteen hours from 8 to 20 of all days but one."""
    days = [FIRST + timedelta(days=n) for n in range(31)]
    hours = [f"{day} {hour:02d}:30" for day in days if day != without for hour in range(8, 21)]
    return [row for at in hours for row in sent("marketing", at=at, number=number)]


def billed(*units_and_amounts: tuple[str, str]) -> list[InvoiceLine]:
    """Bill the marketing of the first number and of the second: so many units, this amount."""
    numbers = ("number", "number2")
    return [
        line(amount, units, row=n + 2, phone_number_id=number, category="marketing")
        for n, (number, (units, amount)) in enumerate(zip(numbers, units_and_amounts, strict=True))
    ]


def told(rows: list[Row], lines: list[InvoiceLine]) -> tuple[set[tuple[str, str, Decimal]], Decimal]:
    """Give the causes of the one line that the two are compared under, and what stays unexplained of it."""
    (found,) = audited(rows, lines, TWO).result.differences
    return {(one.cause, one.proof, one.amount) for one in found.causes}, found.unexplained


def test_that_a_cause_is_found_on_the_lines_that_a_gap_leaves_alone_and_for_what_is_logged_of_the_others() -> None:
    # 403 messages of each number, of which the log lacks the thirteen of a day of the first. All are billed at the 0.08
    # of September: 32.24 and 32.24, where 39.00 and 40.30 are due by the log.
    rows = [*busy("number", LOST), *busy("number2")]
    causes, unexplained = told(rows, billed(("403", "32.24"), ("403", "32.24")))
    # 0.02 less for each of 390 + 403; what is left is thirteen at 0.08.
    assert ("rate_card", "found", Decimal("-15.86")) in causes
    assert ("log_gap", "possible", Decimal("1.04")) in causes
    assert unexplained == Decimal("1.04")


def test_that_units_are_found_although_a_line_is_off_by_what_the_log_lost_besides() -> None:
    # Forty messages of the first number and thirty of the second stand in the log twice, and are billed twice.
    rows = [*busy("number", LOST), *busy("number2")]
    twice = [*rows[:40], *rows[-30:]]
    causes, unexplained = told([*rows, *twice], billed(("443", "44.30"), ("433", "43.30")))
    assert ("duplicate_billed", "found", Decimal("7.00")) in causes
    assert ("log_gap", "possible", Decimal("1.30")) in causes
    assert unexplained == Decimal("1.30")


def test_that_a_cause_is_not_found_where_the_gap_may_hold_as_much() -> None:
    # Thirteen messages of the first number failed. Thirteen too many are billed: these, or those that the log lacks.
    failed = sent("marketing", 13, "2026-10-20 09:00", failed_at="2026-10-20 10:00", delivered_at="")
    lines = billed(("403", "40.30"), ("403", "40.30"))
    causes, unexplained = told([*busy("number", LOST), *busy("number2"), *failed], lines)
    assert ("log_gap", "possible", Decimal("1.30")) in causes
    assert {proof for _, proof, _ in causes} == {"possible"}
    assert unexplained == Decimal("1.30")
    # Where the log has every message it is the former.
    lines = billed(("416", "41.60"), ("403", "40.30"))
    causes, unexplained = told([*busy("number"), *busy("number2"), *failed], lines)
    assert causes == {("undelivered_billed", "found", Decimal("1.30"))}
    assert unexplained == 0


def test_that_a_gap_holds_no_amounts_that_units_at_their_prices_do_not_come_to() -> None:
    # Due are 39.00 for 390 of marketing and 3.00 for 100 of authentication. At 0.1012 and 0.0314, as before October,
    # they are 39.468 and 3.14: 0.468 are no messages at 0.10, nor 0.14 at 0.03. Four of each would be 0.40 and 0.12.
    card = [*PRICES[2:], *(priced("*", name, rate, "2025-07-01", "2026-09-30") for name, rate in BEFORE)]
    rows = [*busy("number", LOST), *sent("authentication", 100)]
    for amounts, named in ((("39.4680", "3.1400"), True), (("39.4000", "3.1200"), False)):
        lines = [line(amount, category=name) for (name, _), amount in zip(BEFORE, amounts, strict=True)]
        causes = [one for found in audited(rows, lines, prices=card).result.differences for one in found.causes]
        assert {one.cause for one in causes if one.proof == "found"} == ({"rate_card"} if named else set())
        assert {one.cause for one in causes if one.proof == "possible"} == (set() if named else {"log_gap"})


@pytest.mark.parametrize(
    ("marketing", "times", "proof"), [("403", 1, "possible"), ("390", 1, "found"), ("403", 6, "found")]
)
def test_that_a_cause_is_not_found_on_lines_of_a_gap_that_leaves_others_of_them_open(
    marketing: str, times: int, proof: str
) -> None:
    # Three of utility, four of authentication, two to Mexico failed, and as many too many are billed. The gap may hold
    # these as it holds the thirteen of marketing to Peru; where none of these is billed, nothing is left for a gap.
    # Where each is six times as many, 0.36 + 0.72 + 2.40 and the 1.30 are more than the gap holds: at most 4.29.
    few = (("utility", PERU, 3, "0.02"), ("authentication", PERU, 4, "0.03"), ("marketing", MEXICO, 2, "0.20"))
    rows = busy("number", LOST)
    lines = [line(str(int(marketing) * Decimal("0.10")), marketing, market="Peru", category="marketing")]
    for n, (category, user, each, rate) in enumerate(few):
        failed = times * each
        rows += sent(category, 20, f"2026-10-0{n + 5} 09:00", user)
        rows += sent(category, failed, "2026-10-20 09:00", user, failed_at="2026-10-20 10:00", delivered_at="")
        units, market = 20 + failed, "Peru" if user == PERU else "Mexico"
        lines.append(line(str(units * Decimal(rate)), str(units), row=n + 2, market=market, category=category))
    causes = [one for found in audited(rows, lines).result.differences for one in found.causes]
    assert {one.proof for one in causes if one.cause == "undelivered_billed"} == {proof}


@pytest.mark.parametrize(
    ("logged", "proof"),
    [
        ([], "possible"),
        (wrote("2026-10-07 10:00"), "found"),
        (sent("utility", 1, "2026-10-06 23:50", delivered_at="", failed_at="2026-10-07 00:10"), "possible"),
    ],
)
def test_that_a_line_of_a_day_of_which_the_log_has_nothing_is_not_surely_unexpected(
    logged: list[Row], proof: str
) -> None:
    # Ten on the 5th are due and billed. Three on the 7th are billed besides: of that day the log has nothing, or what a
    # customer wrote; or that one failed which was sent ten minutes before it.
    rows = [*sent("marketing", 10), *logged]
    lines = [
        line(amount, units, row=n, category="marketing", period_start=day, period_end=day)
        for n, amount, units in ((5, "1.00", "10"), (7, "0.30", "3"))
        for day in [date(2026, 10, n)]
    ]
    causes = [one for found in audited(rows, lines).result.differences for one in found.causes]
    assert [(one.cause, one.amount, one.proof) for one in causes] == [("unexpected_line", Decimal("0.30"), proof)]


def test_that_a_line_of_one_day_is_not_missing_where_another_day_has_one_too_many() -> None:
    # 31 are due on the 20th and 17 billed on the 19th: what was lost of the one may have moved them to the other. Of
    # utility the 45 that are due on the 20th are not billed either.
    rows = [*sent("marketing", 31, "2026-10-20 10:00"), *wrote("2026-10-19 10:00"), *sent("utility", 5)]
    rows += [*sent("utility", 6, "2026-10-06 10:00"), *sent("utility", 45, "2026-10-20 12:00")]
    rows += sent("marketing", 8, "2026-10-08 10:00")
    billed = [(8, "marketing", "0.80", "8"), (19, "marketing", "1.70", "17")]
    billed += [(5, "utility", "0.10", "5"), (6, "utility", "0.12", "6")]
    lines = [
        line(amount, units, row=n, category=category, period_start=day, period_end=day)
        for n, category, amount, units in billed
        for day in [date(2026, 10, n)]
    ]
    found = {one.category: one.causes for one in audited(rows, lines).result.differences}
    assert [(one.cause, one.proof) for one in found["utility"]] == [("missing_line", "found")]
    assert {(one.cause, one.proof) for one in found["marketing"]} == {
        ("missing_line", "possible"),
        ("unexpected_line", "possible"),
    }


@pytest.mark.parametrize(
    ("silent", "units", "amount", "proof"),
    [
        (None, "1", "0.03", "found"),
        (LOST, "1", "0.03", "possible"),
        (date(2026, 10, 15), "1", "0.03", "found"),
        (LOST, "8", "0.24", "possible"),
        (LOST, "9", "0.27", "found"),
    ],
)
def test_that_a_line_of_a_day_on_which_the_log_lacks_a_number_is_not_surely_unexpected(
    silent: date | None, units: str, amount: str, proof: str
) -> None:
    # Each of two numbers sends one of marketing a day, the second on one day none. Authentication at 0.03 is billed of
    # the 14th, and named is neither number. By the log 61 are due in 31 days: three times as many and one more for each
    # are 3 x (61 / 31 + 1) = 8.9. Eight may be of one day, nine are not.
    days = [FIRST + timedelta(days=n) for n in range(31)]
    rows = [row for day in days for row in sent("marketing", at=f"{day} 10:00")]
    rows += [row for day in days if day != silent for row in sent("marketing", at=f"{day} 11:00", number="number2")]
    due = {day: ("0.10", "1") if day == silent else ("0.20", "2") for day in days}
    billed = [(day, "marketing", *figures) for day, figures in due.items()]
    lines = [
        line(money, count, row=n, period_start=day, period_end=day, category=category)
        for n, (day, category, money, count) in enumerate([*billed, (LOST, "authentication", amount, units)], 2)
    ]
    causes = [one for found in audited(rows, lines, TWO).result.differences for one in found.causes]
    assert [(one.cause, one.amount, one.proof) for one in causes] == [("unexpected_line", Decimal(amount), proof)]

"""Days on which the log is silent against the habit of a number: a few units too many may be of these (formats.md §8).

Twelve marketing messages in Peru at 0.10 on each day of October 2026 but one.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from auditor.core.causes import silent as silent_days
from auditor.core.causes.room import names_of
from auditor.core.causes.silent import SilentDays
from auditor.core.records import Account
from auditor.core.records import Number
from auditor.core.results import Reconciliation
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import sent

DAYS = range(1, 32)
BUT_THE_NINTH = [day for day in DAYS if day != 9]
BUT_THE_FIRST = DAYS[1:]  # of which nothing shows that it is lost: the log may begin then


def per_day(days: Sequence[int], count: int = 12, number: str = "number") -> Mapping[tuple[str, date], int]:
    return {(number, date(2026, 10, day)): count for day in days}


@pytest.mark.parametrize(
    ("days", "count", "units"),
    [
        (DAYS, 12, 0),
        (BUT_THE_NINTH, 12, 6),  # 3 x (30 x 1 / 30 + 1)
        ([day for day in DAYS if day > 3], 12, "12.64286"),  # 3 x (30 x 3 / 28 + 1): the log begins late
        ([day for day in DAYS if day % 7 != 4], 12, 0),  # closed on Sundays: the 4th, 11th, 18th and 25th
        (range(1, 32, 2), 1, 0),  # of one a day on average a third of the days has none
        (range(1, 5), 12, 0),  # four days are no habit
    ],
)
def test_that_a_silent_day_counts_where_so_busy_a_number_has_none(
    days: Sequence[int], count: int, units: int | str
) -> None:
    made = SilentDays(per_day(days, count), ACCOUNT).units("waba", "", (), 30)
    assert round(made, 5) == Decimal(units)


def test_that_the_names_of_silent_numbers_are_looked_up_once_for_all_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two numbers, silent on the 9th and on the 5th and 6th; lines may call the first by its phone, or name neither.
    numbers = (Number("number", PERU), Number("number2"))
    account = replace(ACCOUNT, wabas=(replace(WABA, numbers=numbers),))
    two = {**per_day(BUT_THE_NINTH), **per_day([day for day in DAYS if day not in {5, 6}], number="number2")}
    silent, asked = SilentDays(two, account), list[str]()

    def counted(number: str, waba_id: str, account: Account) -> frozenset[str]:
        asked.append(number)
        return names_of(number, waba_id, account)

    monkeypatch.setattr(silent_days, "names_of", counted)
    found = [
        silent.units("waba", "2026-10", [line("1.00", phone_number_id=name)], 30)
        for name in (PERU, "number", "number2", "", "number3")
    ]
    # 3 x (30 x 1 / 30 + 1), 3 x (30 x 2 / 29 + 1), and of a line that names none the most that either lacks.
    assert [round(one, 5) for one in found] == [6, 6, Decimal("9.20690"), Decimal("9.20690"), 0]
    assert asked == ["number", "number2"]


def test_that_days_which_differ_much_are_silent_by_chance() -> None:
    # 1 and 11 by turns: mean 6.1, variance 26: (6.1 / 26) ** (37 / 20) = 0.07, two days of a month.
    by_turns = {(number, day): 1 + 10 * (day.day % 2) for number, day in per_day(BUT_THE_NINTH)}
    assert SilentDays(by_turns, ACCOUNT).units("", "", (), 30) == 0


def test_that_only_lines_of_the_number_and_of_the_days_may_be_of_them() -> None:
    two = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("other"))),))
    silent = SilentDays({**per_day(BUT_THE_NINTH), **per_day(DAYS, number="other")}, two)
    week: dict[str, Any] = {"period_start": date(2026, 10, 5), "period_end": date(2026, 10, 11)}
    for units, own in (
        (6, line("1.00")),
        (6, line("1.00", phone_number_id="number")),
        (0, line("1.00", phone_number_id="other")),
        (18, line("1.00", **week)),  # 3 x (30 x 1 / 6 + 1)
        (0, line("1.00", period_start=date(2026, 10, 10), period_end=date(2026, 10, 31))),
    ):
        assert silent.units("waba", "", [own], 30) == units
    assert silent.units("waba", "2026-11", [line("1.00")], 30) == 0
    assert silent.units("waba2", "", [line("1.00")], 30) == 0


def logged(days: Sequence[int]) -> list[Row]:
    return [row for day in days for row in sent("marketing", 12, f"2026-10-{day:02} 10:00")]


def said(made: Reconciliation) -> list[tuple[str, str, str]]:
    return [(one.cause, str(one.amount), one.proof) for found in made.differences for one in found.causes]


@pytest.mark.parametrize(
    ("days", "units", "proof"), [(BUT_THE_FIRST, 3, "possible"), (BUT_THE_FIRST, 4, "found"), (DAYS, 3, "found")]
)
def test_that_a_month_s_line_is_not_surely_unexpected_where_the_log_may_lack_a_day_of_it(
    days: Sequence[int], units: int, proof: str
) -> None:
    # Of utility at 0.02 nothing is due; of a day that is lost it may be 3 x (0 + 1).
    amount = str(Decimal("0.02") * units)
    lines = [
        line(str(Decimal("1.20") * len(days)), str(12 * len(days)), market="Peru", category="marketing"),
        line(amount, str(units), row=2, market="Peru", category="utility"),
    ]
    assert said(audited(logged(days), lines).result) == [("unexpected_line", amount, proof)]


@pytest.mark.parametrize(("days", "proof"), [(BUT_THE_FIRST, "possible"), (DAYS, "found")])
def test_that_a_reading_for_a_part_of_the_lines_is_not_proved_by_what_a_silent_day_may_hold(
    days: Sequence[int], proof: str
) -> None:
    # Of each line five were delivered and one was not. Four of six bill one more: that, or one of the 1st.
    users = {"Peru": PERU, "Chile": CHILE, "Mexico": MEXICO}
    prices = {"utility": "0.02", "authentication": "0.03"}
    rows, lines = (
        logged(days),
        [line(str(Decimal("1.20") * len(days)), str(12 * len(days)), market="Peru", category="marketing")],
    )
    for n, (market, category) in enumerate((market, category) for category in prices for market in users):
        rows += sent(category, 5, "2026-10-14 12:00", users[market])
        rows += [{**row, "delivered_at": ""} for row in sent(category, 1, "2026-10-15 12:00", users[market])]
        billed = 5 + (n < 4)
        lines.append(
            line(str(billed * Decimal(prices[category])), str(billed), row=n + 2, market=market, category=category)
        )
    made = audited(rows, lines).result
    assert {(cause, way) for cause, _, way in said(made)} == {("undelivered_billed", proof)}

"""What a gap costs where numbers share a free allowance, or where it ends among the events that are missing.

Every number sends the same every day, to a new customer each time, so what a day is worth is known by hand.
"""

from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal

import pytest

from auditor.core.money import total
from auditor.core.records import Account
from auditor.core.records import Number
from auditor.core.records import Waba
from auditor.core.results import LogGap
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import priced
from tests.core.invoicing import sent

AUGUST = Account("Case", date(2022, 8, 1), date(2022, 8, 31), "USD", ())
OF_2022 = (priced("*", "business_initiated", "0.05", "2022-02-01"),)


def account_of(numbers: int) -> Account:
    """Give an account in Lima that has so many numbers, audited for August 2022 (`conversation-v1`)."""
    owned = tuple(Number(f"number{n}") for n in range(numbers))
    return replace(AUGUST, wabas=(Waba("waba", "America/Lima", "USD", numbers=owned),))


def days_of(number: str, first: date, category: str, a_day: int, silent: int) -> list[Row]:
    """Give so many messages a day through 31 days from 8:00, every 20 minutes; on one day there are none."""
    rows: list[Row] = []
    for day in range(31):
        start = datetime(first.year, first.month, first.day, 8) + timedelta(days=day)  # noqa: DTZ001 - local, as text
        for n in range(a_day if day + 1 != silent else 0):
            user = f"51{number[6:]:0>3}{day:02}{n:04}"
            rows += sent(category, 1, str(start + timedelta(minutes=20 * n)), user, number)
    return rows


def gaps_of(rows: list[Row], account: Account, prices: tuple[Row, ...]) -> tuple[LogGap, ...]:
    """Audit a log and give its gaps."""
    return audited(rows, (), account, prices).result.health.gaps


@pytest.mark.parametrize("numbers", [9, 22])
def test_that_what_many_silent_numbers_of_one_account_lost_is_not_free_for_being_few_of_each(numbers: int) -> None:
    # 30 conversations a day are 900 in the log: under the 1,000 that are free, but these are the account's, which has
    # 8,100 or more. Each number lost 30 x 0.05.
    rows = [row for n in range(numbers) for row in days_of(f"number{n}", AUGUST.first, "marketing", 30, 10)]
    gaps = gaps_of(rows, account_of(numbers), OF_2022)
    assert [gap.phone_number_id for gap in gaps] == [f"number{n}" for n in range(numbers)]
    for gap in gaps:
        assert Decimal("1.50") <= gap.above < 3 * Decimal("1.50")
        assert gap.below == 0


def test_that_a_gap_costs_something_where_the_allowance_ends_among_what_is_missing() -> None:
    # 33 conversations a day are 990 in the log, all of them free; with the missing day 1,023: 23 x 0.05 were charged.
    gaps = gaps_of(days_of("number0", AUGUST.first, "marketing", 33, 10), account_of(1), OF_2022)
    assert Decimal("1.15") <= total(gap.above for gap in gaps) < 3 * Decimal("1.15")


def test_that_a_gap_costs_nothing_where_what_is_missing_is_free_as_well() -> None:
    # 20 a day: 600 in the log, and 620 with what is missing.
    (gap,) = gaps_of(days_of("number0", AUGUST.first, "marketing", 20, 10), account_of(1), OF_2022)
    assert gap.below == gap.above == 0


def test_that_where_some_users_are_looked_at_the_allowance_is_theirs_in_proportion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # 36 service messages a day at 0.01: 1,080 in the log, of which every third customer's are looked at; 36 were lost.
    monkeypatch.setattr("auditor.core.health.widening._MOST_ROWS", 400)
    rows = days_of("number", ACCOUNT.first, "", 36, 14)
    gaps = gaps_of(rows, ACCOUNT, (priced("*", "service", "0.01"),))
    assert Decimal("0.36") <= total(gap.above for gap in gaps) < 3 * Decimal("0.36")

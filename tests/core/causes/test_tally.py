"""Charges counted by quarters of an hour are cut by any calendar as they would be one by one."""

import pytest

from auditor.core.causes.tally import by_quarter
from auditor.core.causes.tally import tally_quarters
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import audited
from tests.core.invoicing import sent

# October ends at 18:15 UTC in Kathmandu, five hours and three quarters ahead of UTC: at 13:15 of the 31st in Lima.
ROWS = [
    *sent("marketing", 7),
    *sent("marketing", 2, at="2026-10-31 13:13:59"),  # the second one at 13:14:59, the last second of October there
    *sent("marketing", 1, at="2026-10-31 13:15:00"),  # November's
    *sent("marketing", 4, at="2026-09-30 13:15:00"),  # the first minutes of October
    *sent("marketing", 1, at="2026-09-30 13:14:59"),  # September's
    *sent("marketing", 3, at="2026-10-31 23:57:00"),  # October's in Lima and in no place to its east
]


@pytest.mark.parametrize("by_day", [False, True])
def test_that_a_calendar_of_quarters_of_an_hour_cuts_to_the_second(by_day: bool) -> None:
    answer = audited(ROWS)
    quarters = by_quarter(answer.charged.charges, None, ACCOUNT, by_day=by_day)
    units = {
        cut: sum(
            cell.quantity
            for cell in tally_quarters(quarters, answer.terms, ACCOUNT, by_day=by_day, cut=cut, dated=by_day)
        )
        for cut in ("", "America/Lima", "Asia/Kathmandu", "UTC", "Etc/GMT-5")
    }
    # Lima 7 + 2 + 1 + 3; Kathmandu 7 + 2 + 4; in UTC October ends at 19:00 in Lima, and at UTC+5 at 14:00.
    assert units == {"": 13, "America/Lima": 13, "Asia/Kathmandu": 13, "UTC": 10, "Etc/GMT-5": 10}


def test_that_quarters_far_from_the_edges_of_the_month_count_as_one_unless_days_are_kept_apart() -> None:
    rows = [row for hour in range(10, 20) for row in sent("marketing", at=f"2026-10-15 {hour}:00")]
    charges = audited(rows).charged.charges
    assert by_quarter(charges, None, ACCOUNT, by_day=False).counts.tolist() == [10]
    assert by_quarter(charges, None, ACCOUNT, by_day=True).counts.tolist() == [1] * 10


def test_that_no_charges_make_no_quarters() -> None:
    assert not len(by_quarter(audited([]).charged.charges, None, ACCOUNT, by_day=False).counts)

"""Use by hour and by day: messages and differing units by the account's clock, counters through the month."""

from dataclasses import replace
from datetime import date

from auditor.core.records import OpeningVolume
from auditor.core.results import HourUse
from auditor.core.timeline import instant
from auditor.core.timeline import moment
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import PRICES
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

FIFTH, SIXTH = date(2026, 10, 5), date(2026, 10, 6)


def test_that_messages_and_differing_units_are_counted_by_the_accounts_own_hour() -> None:
    rows = [
        *sent("marketing", 3, at="2026-10-05 23:58"),  # 23:58, 23:59 and 00:00 of the sixth, in Lima
        *sent("utility", 2, at="2026-10-06 04:59"),
        *wrote("2026-10-06 04:10"),
        *sent("marketing", 1, at="2026-11-01 00:00"),  # another month's
    ]
    lines = [line("0.90", "9", category="marketing"), line("0.04", "2", category="utility")]
    assert audited(rows, lines).result.hours == {
        (FIFTH, 23): HourUse(2, 2),
        (SIXTH, 0): HourUse(1, 1),
        (SIXTH, 4): HourUse(2, 0),
        (SIXTH, 5): HourUse(1, 0),
    }


def test_that_a_free_allowance_says_how_much_of_it_each_day_used() -> None:
    rows: list[Row] = []
    for at, count in (("2026-10-05 09:00", 2), ("2026-10-06 09:00", 3)):
        rows += wrote(at) + sent("", count, at=at.replace("09:00", "09:05"))
    (allowance,) = audited(rows).result.allowances
    assert (allowance.used, allowance.daily) == (5, ((FIFTH, 2), (SIXTH, 3)))


def test_that_tiers_reached_and_the_next_one_are_listed_with_their_use_and_the_crossing_message() -> None:
    tiers = [
        priced("Peru", "utility", rate) | {"tier_from": first, "tier_to": last}
        for first, last, rate in (("1", "3", "0.02"), ("4", "6", "0.018"), ("7", "60", "0.016"), ("61", "", "0.01"))
    ]
    account = replace(
        ACCOUNT,
        wabas=(replace(WABA, portfolio="andina"),),
        opening_volumes=(OpeningVolume("andina", "Peru", "utility", "2026-10", 2),),
    )
    rows = sent("utility", 3, at="2026-10-05 10:00") + sent("utility", 2, at="2026-10-06 10:00")
    found = audited(rows, account=account, prices=[*tiers, *PRICES]).result.allowances
    # Two were charged elsewhere: the first of these five is number 3, the second number 4, the fifth number 7.
    assert [(one.kind, one.owner, one.market, one.category, one.size, one.used) for one in found] == [
        ("tier", "andina", "Peru", "utility", 3, 7),
        ("tier", "andina", "Peru", "utility", 6, 7),
        ("tier", "andina", "Peru", "utility", 60, 7),
    ]
    assert [one.crossing_row for one in found] == [1, 4, -1]
    assert moment(found[1].crossed_at).isoformat() == "2026-10-06T15:01:00+00:00"
    assert found[0].crossed_at < instant(moment(found[1].crossed_at))
    assert {(one.opening, one.daily) for one in found} == {(2, ((FIFTH, 3), (SIXTH, 2)))}

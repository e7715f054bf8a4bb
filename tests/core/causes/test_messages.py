"""The messages behind a cause are those that it bills otherwise, and they come to its amount.

Prices as in `invoicing.py`: in October 2026 marketing in Peru 0.10, utility 0.02, service 0.01; before, marketing 0.08.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from auditor.core.audit import Audited
from auditor.core.causes.messages import Concerned
from auditor.core.causes.messages import amount_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import sent
from tests.core.invoicing import wrote


def behind(answer: Audited, key: str = "") -> Mapping[str, tuple[Concerned, ...]]:
    """Give the messages behind each cause."""
    assert answer.causes is not None
    return {reading.cause: answer.causes.of(reading, key) for reading in answer.causes.readings}


def test_that_a_month_cut_in_another_zone_names_the_messages_that_it_moves() -> None:
    # Lima is five hours behind: 4 of 20:00 on 31 October are November's in UTC and left out; 3 of 30 September come in.
    rows = [
        *sent("marketing", 20),
        *sent("marketing", 4, at="2026-10-31 20:00"),
        *sent("marketing", 3, at="2026-09-30 20:00"),
    ]
    # By the rules 24 x 0.10 = 2.40; cut in UTC 20 + 3 = 23 are October's, at 0.10.
    answer = audited(rows, [line("2.30", "23", "0.10", category="marketing", market="Peru")])
    found = behind(answer)
    assert set(found) == {"month_cut"}
    moved = found["month_cut"]
    assert [(one.row, one.due.times, one.billed.times) for one in moved] == [
        *((row, 1, 0) for row in range(20, 24)),
        *((row, 0, 1) for row in range(24, 27)),
    ]
    assert amount_of(moved) == Decimal("-0.10")
    assert {one.amount for one in moved} == {Decimal("-0.10"), Decimal("0.10")}


def test_that_failed_messages_that_are_billed_are_named() -> None:
    rows = [*sent("marketing", 10), *sent("marketing", 3, at="2026-10-06 10:00")]
    failed = [row | {"delivered_at": "", "failed_at": row["delivered_at"]} for row in rows[10:]]
    answer = audited([*rows[:10], *failed], [line("1.30", "13", "0.10", category="marketing", market="Peru")])
    found = behind(answer)
    assert [one.row for one in found["undelivered_billed"]] == [10, 11, 12]
    assert amount_of(found["undelivered_billed"]) == Decimal("0.30")


def test_that_each_of_two_causes_that_compete_names_its_own_messages() -> None:
    # Ten are due, 1.00, and twelve are billed: two that were sent on the last evening of September, which is October in
    # UTC and then costs 0.10, or two that were not delivered. Nothing tells which.
    late, bare = sent("marketing", 2, at="2026-09-30 20:00"), sent("marketing", 2, at="2026-10-06 10:00")
    rows = [*sent("marketing", 10), *late, *(row | {"delivered_at": ""} for row in bare)]
    answer = audited(rows, [line("1.20", "12", "0.10", category="marketing", market="Peru")])
    assert answer.causes is not None
    (wrong,) = answer.result.differences
    assert {one.proof for one in wrong.causes} == {"possible"}
    concerned = {one.cause: answer.causes.possible(one, wrong.key) for one in wrong.causes}
    named = {cause: [one.row for one in some] for cause, some in concerned.items() if some}
    assert named == {"month_cut": [10, 11], "undelivered_billed": [12, 13]}
    assert {amount_of(some) for some in concerned.values() if some} == {Decimal("0.20")}
    assert all(answer.causes.possible(one, "another") == () for one in wrong.causes)


def test_that_a_mark_up_concerns_every_charge_of_its_lines() -> None:
    # 10 x 0.10 and 4 x 0.20, each half as much again: 1.50 and 1.20.
    rows = [*sent("marketing", 10), *sent("marketing", 4, user=CHILE)]
    lines = [
        line("1.50", "10", market="Peru", category="marketing"),
        line("1.20", "4", market="Chile", category="marketing"),
    ]
    answer = audited(rows, lines)
    found = behind(answer)
    assert set(found) == {"mark_up"}
    assert [one.row for one in found["mark_up"]] == list(range(14))
    assert amount_of(found["mark_up"]) == Decimal("0.90")
    key = next(one.key for one in answer.result.differences if one.market == "Chile")
    assert [one.row for one in behind(answer, key)["mark_up"]] == [10, 11, 12, 13]


def test_that_one_template_billed_as_another_category_is_told_by_its_messages() -> None:
    # 6 receipts and 5 reminders are utility at 0.02; the receipts are billed as marketing at 0.10.
    receipts = [row | {"template_name": "receipt"} for row in sent("utility", 6)]
    reminders = [row | {"template_name": "reminder"} for row in sent("utility", 5, at="2026-10-07 10:00")]
    offers = [row | {"template_name": "offer"} for row in sent("marketing", 9, at="2026-10-08 10:00")]
    lines = [
        line("0.10", "5", "0.02", market="Peru", category="utility"),
        line("1.50", "15", "0.10", market="Peru", category="marketing"),
    ]
    found = behind(audited([*receipts, *reminders, *offers], lines))
    assert set(found) == {"category"}
    assert [(one.row, one.due.category, one.billed.category) for one in found["category"]] == [
        (row, "utility", "marketing") for row in range(6)
    ]
    assert amount_of(found["category"]) == Decimal("0.48")


def test_that_of_two_causes_each_has_its_own_messages() -> None:
    # 3 failed ones are billed, and all at half as much again: 10 x 0.10 = 1.00; + 0.30; x 1.5 = 1.95.
    rows = sent("marketing", 13)
    failed = [row | {"delivered_at": "", "failed_at": row["delivered_at"]} for row in rows[10:]]
    more = sent("utility", 50, at="2026-10-07 10:00")
    lines = [
        line("1.95", "13", market="Peru", category="marketing"),
        line("1.50", "50", market="Peru", category="utility"),
    ]
    found = behind(audited([*rows[:10], *failed, *more], lines))
    assert set(found) == {"undelivered_billed", "mark_up"}
    assert [one.row for one in found["undelivered_billed"]] == [10, 11, 12]
    # 0.30 for those that failed; half of 1.30, and half of 50 x 0.02 = 1.00.
    assert (amount_of(found["undelivered_billed"]), amount_of(found["mark_up"])) == (Decimal("0.30"), Decimal("1.15"))


def test_that_utility_in_a_window_billed_too_early_is_told_without_what_is_free_anyway() -> None:
    rows = [*wrote("2025-08-05 09:00"), *sent("utility", 4, at="2025-08-05 10:00"), *sent("", 2, at="2025-08-05 11:00")]
    account = replace(ACCOUNT, first=date(2025, 8, 1), last=date(2025, 8, 31))
    answer = audited(rows, [line("0.04", "4", "0.01", market="Peru", category="utility")], account)
    found = behind(answer)
    assert [(one.row, one.due.pricing_type, one.billed.amount) for one in found["window_utility"]] == [
        (row, "free_customer_service", Decimal("0.01")) for row in range(1, 5)
    ]

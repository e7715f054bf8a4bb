"""Windows and conversations at their first and last second (pricing.md §§2-6). All rules are in tests/scenarios."""

from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import timedelta

import numpy as np
import pytest

from auditor.core.tables import NEVER
from auditor.core.timeline import DAY
from auditor.core.windows import last_not_after
from auditor.core.windows import window_open
from tests.core.as_columns import charge_rows
from tests.core.invoicing import PERU
from tests.core.invoicing import Row
from tests.core.invoicing import wrote

FACTS = {"waba": [{"id": "waba", "time_zone": "America/Lima", "currency": "USD", "numbers": ["number"]}]}
CATEGORIES = (
    "notification", "user_initiated", "business_initiated", "marketing", "utility", "authentication", "service",
)  # fmt: skip
ONE_EACH = [
    {"effective_from": "2020-01-01", "currency": "USD", "market": "*", "category": category, "rate": "1"}
    for category in CATEGORIES
]
SECOND = timedelta(seconds=1)
NOTIFICATIONS, V1, V1_72, V2, FREE_SERVICE, M1, M2 = (
    "2021-12-15 10:00", "2022-06-15 10:00", "2023-04-15 10:00", "2023-09-15 10:00", "2025-02-15 10:00",
    "2025-09-15 10:00", "2026-10-15 10:00",
)  # fmt: skip


def after(start: str, hours: float, off: timedelta = timedelta(0)) -> str:
    return str(datetime.fromisoformat(start) + timedelta(hours=hours) + off)


def out(category: str, at: str, sent_at: str = "", **more: str) -> Row:
    facts = {"message_id": f"{category or 'text'} {at}", "phone_number_id": "number", "user": PERU}
    facts |= {"direction": "outbound", "template_category": category, "sent_at": sent_at or at, "delivered_at": at}
    return facts | more


def charged(*parts: Row | Sequence[Row], allowance: int = 0) -> list[tuple[str, str, str]]:
    """Charge a few messages at 1 each without free units; give category, pricing type and messages of each charge."""
    rows: list[Row] = []
    for part in parts:
        rows.extend([part] if isinstance(part, dict) else part)
    found = charge_rows(rows, FACTS, [ONE_EACH], allowance)
    return [(row["category"], row["pricing_type"], row["messages"]) for row in found]


def kinds(*parts: Row | Sequence[Row]) -> list[tuple[str, str]]:
    return [charge[:2] for charge in charged(*parts)]


def test_that_the_last_time_not_after_an_instant_is_found() -> None:
    times = np.array([10, 20, 20, 30], np.int64)
    assert [last_not_after(times, 0, 4, at) for at in (9, 10, 25, 99)] == [NEVER, 10, 20, 30]
    assert last_not_after(times, 3, 4, 25) == NEVER


def test_that_a_window_is_open_for_a_day_after_the_last_inbound_message() -> None:
    times = np.array([0, DAY], np.int64)
    assert [window_open(times, 0, 1, at) for at in (-1, 0, DAY - 1, DAY)] == [False, True, True, False]
    assert window_open(times, 0, 2, 2 * DAY - 1)


def test_that_before_conversations_each_template_is_charged_and_answers_are_free() -> None:
    assert kinds(out("utility", NOTIFICATIONS), out("", after(NOTIFICATIONS, 1))) == [
        ("notification", "regular"), ("service", "free_customer_service"),
    ]  # fmt: skip


@pytest.mark.parametrize(("off", "charges"), [(-SECOND, ["2"]), (timedelta(0), ["1", "1"])])
def test_that_a_first_conversation_lasts_24_hours(off: timedelta, charges: list[str]) -> None:
    found = charged(out("", V1), out("marketing", after(V1, 24, off)))
    assert [messages for _, _, messages in found] == charges


@pytest.mark.parametrize(("off", "kind"), [(-SECOND, "user_initiated"), (timedelta(0), "business_initiated")])
def test_that_who_wrote_in_the_last_24_hours_began_the_conversation(off: timedelta, kind: str) -> None:
    assert kinds(wrote(V1), out("utility", after(V1, 24, off))) == [(kind, "regular")]


@pytest.mark.parametrize(("start", "hours"), [(V1, 24), (V1_72, 72), (V2, 72), (FREE_SERVICE, 72)])
def test_that_a_free_entry_point_lasts_as_long_as_its_regime_says(start: str, hours: int) -> None:
    answer = out("", after(start, 1))
    for off, count in ((-SECOND, 1), (timedelta(0), 2)):
        later = out("marketing", after(start, 1 + hours, off))
        found = charged(wrote(start, referral="true"), answer, later)
        assert found[0][:2] == ("referral_conversion", "free_entry_point")
        assert len(found) == count


@pytest.mark.parametrize(("off", "free"), [(-SECOND, True), (timedelta(0), False)])
@pytest.mark.parametrize("start", [V1, V1_72, V2, M1, M2])
def test_that_a_referral_is_answered_within_24_hours(start: str, off: timedelta, free: bool) -> None:
    (found,) = kinds(wrote(start, referral="true"), out("marketing", after(start, 24, off)))
    assert (found[1] == "free_entry_point") is free


@pytest.mark.parametrize("start", [M1, M2])
def test_that_all_is_free_for_72_hours_from_the_answer_in_the_message_regimes(start: str) -> None:
    answer = out("", after(start, 1))
    for off, kind in ((-SECOND, "free_entry_point"), (timedelta(0), "regular")):
        found = kinds(wrote(start, referral="true"), answer, out("marketing", after(start, 73, off)))
        assert found == [("service", "free_entry_point"), ("marketing", kind)]


def test_that_categories_run_side_by_side_and_answers_join_the_one_opened_last() -> None:
    rows = [out("marketing", V2), out("utility", after(V2, 1)), out("", after(V2, 2)), out("marketing", after(V2, 3))]
    assert charged(*rows) == [("marketing", "regular", "2"), ("utility", "regular", "2")]


def test_that_an_answer_without_a_conversation_opens_a_service_one() -> None:
    assert charged(out("", V2), out("", after(V2, 24, -SECOND)), out("", after(V2, 24))) == [
        ("service", "regular", "2"), ("service", "regular", "1"),
    ]  # fmt: skip
    assert kinds(out("", FREE_SERVICE)) == [("service", "free_service")]


def test_that_a_free_entry_point_closes_what_is_open() -> None:
    rows = [out("marketing", V2), *wrote(after(V2, 1), referral="true"), out("", after(V2, 2))]
    found = charge_rows(rows, FACTS, [ONE_EACH], 0)
    assert [row["category"] for row in found] == ["marketing", "referral_conversion"]
    assert found[0]["ends_at"] == found[1]["billed_at"]


def test_that_the_expiry_that_was_logged_ends_a_conversation_if_it_is_later_than_its_opening() -> None:
    for expiry, count in ((after(V2, 2), 2), (after(V2, 30), 1), (after(V2, -1), 1), (V2, 1)):
        rows = [out("marketing", V2, conversation_expires_at=expiry), out("marketing", after(V2, 23))]
        assert len(charged(*rows)) == count, expiry


@pytest.mark.parametrize(("start", "kind"), [(M1, "free_customer_service"), (M2, "regular")])
def test_that_utility_in_the_window_is_free_only_until_october_2026(start: str, kind: str) -> None:
    assert kinds(wrote(start), out("utility", after(start, 24, -SECOND))) == [("utility", kind)]
    assert kinds(wrote(start), out("utility", after(start, 24))) == [("utility", "regular")]
    assert kinds(wrote(start), out("marketing", after(start, 1))) == [("marketing", "regular")]


def test_that_utility_sent_in_the_window_and_delivered_after_it_is_free_and_uncertain() -> None:
    row = out("utility", after(M1, 25), sent_at=after(M1, 23))
    (found,) = charge_rows([*wrote(M1), row], FACTS, [ONE_EACH], 0)
    assert (found["pricing_type"], found["amount"], found["amount_high"]) == ("free_customer_service", "0", "1")
    assert (found["certainty"], found["reason"]) == ("uncertain", "window_split")


@pytest.mark.parametrize(
    ("day", "before", "since"),
    [
        ("2022-02-01", "notification", "conversation-v1"),
        ("2023-06-01", "conversation-v1", "conversation-v2"),
        ("2024-11-01", "conversation-v2", "conversation-v2-free-service"),
        ("2025-07-01", "conversation-v2-free-service", "message-v1"),
        ("2026-10-01", "message-v1", "message-v2"),
    ],
)
def test_that_regimes_switch_at_the_accounts_own_midnight(day: str, before: str, since: str) -> None:
    last, first = str(datetime.fromisoformat(f"{day} 00:00") - SECOND), f"{day} 00:00"
    rows = [out("marketing", last), out("marketing", first) | {"user": "51911111111"}]
    assert [row["regime"] for row in charge_rows(rows, FACTS, [ONE_EACH], 0)] == [before, since]


@pytest.mark.parametrize(("home", "high"), [("US", "6"), ("PE", "4")])
def test_that_authentication_under_a_conversation_of_before_the_switch_may_cost_what_it_does_abroad(
    home: str, high: str
) -> None:
    # The conversation costs 1. After the switch it covers authentication, which is 5 where it is international, else 3.
    waba = FACTS["waba"][0] | {"primary_location": home, "authentication_international": {"PE": date(2023, 1, 1)}}
    card = [row for row in ONE_EACH if row["category"] != "authentication"]
    card += [ONE_EACH[0] | {"category": "authentication", "rate": "3"}]
    card += [ONE_EACH[0] | {"category": "authentication_international", "rate": "5"}]
    rows = [out("marketing", "2023-05-31 23:00"), out("authentication", "2023-06-01 09:00")]
    (found,) = charge_rows(rows, {"waba": [waba]}, [card], 0)
    assert (found["amount"], found["amount_low"], found["amount_high"]) == ("1", "1", high)


@pytest.mark.parametrize("start", [NOTIFICATIONS, V1, V2, M1, M2])
def test_that_metas_agent_is_outside_the_audit_and_opens_nothing(start: str) -> None:
    found = kinds(wrote(start, referral="true"), out("", start, origin="agent"), out("", after(start, 1)))
    assert found[0] == ("service", "outside_audit")
    if start != NOTIFICATIONS:
        assert found[1][1] == "free_entry_point"  # the referral is still to be answered


def test_that_failed_after_delivery_stays_delivered() -> None:
    (found,) = charge_rows([out("marketing", M2, failed_at=M2)], FACTS, [ONE_EACH], 0)
    assert (found["pricing_type"], found["certainty"], found["reason"]) == (
        "regular", "certain", "failed_after_delivery",
    )  # fmt: skip

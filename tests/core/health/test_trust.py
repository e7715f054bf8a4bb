"""Signs that a log is not whole are counted as they are (formats.md §6)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from auditor.core.health.activity import statuses
from auditor.core.records import Account
from auditor.core.results import Health
from auditor.core.tables import NEVER
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

ONE_DAY = replace(ACCOUNT, first=date(2026, 10, 5), last=date(2026, 10, 5))


def health(rows: Sequence[Row], account: Account = ONE_DAY) -> Health:
    return audited(rows, account=account).result.health


def counts(rows: Sequence[Row], account: Account = ONE_DAY) -> dict[str, int]:
    return {one.code: one.count for one in health(rows, account).findings}


def test_that_a_whole_log_has_no_findings() -> None:
    assert counts([*wrote("2026-10-05 09:00"), *sent("marketing", 3)]) == {}


def test_that_rows_of_a_message_seen_before_are_duplicates() -> None:
    rows = sent("marketing", 3)
    assert counts([*rows, *rows[:2]]) == {"duplicates": 2}


def test_that_messages_sent_by_hand_repeat_none() -> None:
    by_hand = [row | {"message_id": f"hand {place}", "origin": "app"} for place, row in enumerate(sent("marketing", 3))]
    assert counts([*sent("marketing", 3), *by_hand]) == {}
    assert counts([*sent("marketing", 3), *by_hand, by_hand[0]]) == {"duplicates": 1}


def test_that_messages_read_and_never_delivered_are_counted_however_their_statuses_come() -> None:
    whole = {"message_id": "a", "phone_number_id": "number", "user": PERU, "direction": "outbound",
             "template_category": "utility"}  # fmt: skip
    read, delivered = "2026-10-05 10:02", "2026-10-05 10:01"
    assert counts([whole | {"sent_at": delivered, "read_at": read}]) == {"read_without_delivered": 1}
    assert counts([whole | {"delivered_at": delivered}, whole | {"read_at": read}]) == {
        "duplicates": 1, "times_of_sending_not_kept": 1,
    }  # fmt: skip
    rows = [whole | {"sent_at": delivered}, whole | {"read_at": read}, whole | {"read_at": read}]
    assert counts(rows) == {"duplicates": 2, "read_without_delivered": 1}


def test_that_messages_sent_without_an_end_are_counted() -> None:
    at = "2026-10-05 10:00"
    whole = {"phone_number_id": "number", "user": PERU, "direction": "outbound", "sent_at": at,
             "template_category": "utility"}  # fmt: skip
    rows = [whole | {"message_id": "a"}, whole | {"message_id": "b", "failed_at": at},
            whole | {"message_id": "c", "delivered_at": at}]  # fmt: skip
    assert counts(rows) == {"sent_without_end": 1}


def test_that_failed_after_delivery_is_counted() -> None:
    assert counts(sent("marketing", 2, failed_at="2026-10-05 11:00")) == {"failed_after_delivery": 2}


def test_that_users_of_no_known_market_are_counted_where_that_leaves_them_without_a_rate() -> None:
    rows = [*sent("marketing", 2), *sent("marketing", 1, user="US.123")]
    assert counts(rows) == {}  # the contract has a price for every market
    named = [one for one in PRICES if one["market"] != "*"]
    findings = audited(rows, account=ONE_DAY, prices=named).result.health.findings
    assert [(one.code, one.count) for one in findings] == [("unmapped_users", 1)]


def test_that_a_day_of_a_busy_number_without_messages_is_named() -> None:
    account = replace(ACCOUNT, first=date(2026, 10, 4), last=date(2026, 10, 6), wabas=(WABA, SECOND_WABA))
    rows = [*sent("marketing", 1), *sent("marketing", 1, number="number2"),
            *sent("marketing", 1, at="2026-10-04 23:59"), *sent("marketing", 1, at="2026-10-06 00:00")]  # fmt: skip
    found = health(rows, account)
    assert [(one.code, one.phone_number_id, one.day) for one in found.findings] == [
        ("day_without_messages", "number2", date(2026, 10, 4)),
        ("day_without_messages", "number2", date(2026, 10, 6)),
    ]
    assert dict(found.per_day) == {
        ("number", date(2026, 10, 4)): 1, ("number", date(2026, 10, 5)): 1, ("number", date(2026, 10, 6)): 1,
        ("number2", date(2026, 10, 5)): 1,
    }  # fmt: skip


def test_that_the_usual_of_a_day_is_the_middle_of_the_others_of_its_kind() -> None:
    # Saturdays 2, 4, 7, 10, 1: beside the first 1, 4, 7, 10 with 5.5 in the middle, whose whole part is taken.
    # Sundays 3, 0, 9, 6: beside the first 0, 6, 9.
    october = replace(ACCOUNT, first=date(2026, 10, 1), last=date(2026, 10, 31))
    counts_of = {3: 2, 10: 4, 17: 7, 24: 10, 31: 1, 4: 3, 18: 9, 25: 6}
    rows = [row for day, n in counts_of.items() for row in sent("marketing", n, at=f"2026-10-{day:02} 10:00")]
    usual = {one.day.day: one.usual for one in health(rows, october).coverage}
    assert [usual[day] for day in (3, 10, 17, 24, 31)] == [5, 4, 3, 3, 5]
    assert [usual[day] for day in (4, 11, 18, 25)] == [6, 6, 3, 3]


def test_that_an_hour_is_silent_only_where_every_other_such_day_is_lively_in_it() -> None:
    october = replace(ACCOUNT, first=date(2026, 10, 1), last=date(2026, 10, 31))
    lively = [row for day in (3, 10, 17) for row in sent("marketing", 60, at=f"2026-10-{day:02} 10:00")]
    rest = sent("marketing", 1, at="2026-10-31 12:00")
    # A message is two events, sent and delivered; lively are fifteen.
    for at_ten, wanted in ((60, 1), (8, 1), (7, 0), (0, 0)):  # messages on the 24th
        rows = [*lively, *rest, *sent("marketing", at_ten, at="2026-10-24 10:00")]
        silent = {one.day.day: one.silent_hours for one in health(rows, october).coverage}
        assert (silent[31], sum(silent.values())) == (wanted, wanted)


def test_that_days_are_local_and_the_span_is_told() -> None:
    abroad = replace(SECOND_WABA, time_zone="Asia/Tokyo")
    rows = [*sent("marketing", 1, at="2026-10-05 23:00"), *wrote("2026-10-06 08:00", number="number2")]
    found = health(rows, replace(ONE_DAY, wabas=(WABA, abroad)))
    assert set(found.per_day) == {("number", date(2026, 10, 5)), ("number2", date(2026, 10, 6))}
    assert (found.messages, found.last - found.first) == (2, 5 * 3600 * 10**6)  # 23:00Z, and 04:00Z the day after


def test_that_an_empty_log_has_no_span() -> None:
    found = health([])
    assert (found.messages, found.first, found.last) == (0, int(NEVER), int(NEVER))
    assert [(one.code, one.day, one.count) for one in found.findings] == [("days_not_in_log", date(2026, 10, 5), 1)]


def test_that_messages_without_their_sending_are_found_however_many() -> None:
    # 1,300 a minute apart from 0:00 on, of which every twelfth has its time of sending: 109 do, and 1,191 have none.
    rows = sent("marketing", 1_300, at="2026-10-05 00:00")
    rows = [row if n % 12 == 0 else row | {"sent_at": ""} for n, row in enumerate(rows)]
    log = audited(rows, account=ONE_DAY).whole
    found = statuses(log.folded, log.active)
    assert len(found.number) == len(set(found.at.tolist())) == 1_191
    assert int(found.delivered.sum()) == 1_300

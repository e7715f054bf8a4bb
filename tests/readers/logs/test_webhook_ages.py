"""Payloads as Meta sent them in each age, written out whole: what becomes of each, field by field (formats.md §2)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.readers.logs.test_webhooks import MICROS
from tests.readers.logs.test_webhooks import NOON
from tests.readers.logs.test_webhooks import change
from tests.readers.logs.test_webhooks import inbound
from tests.readers.logs.test_webhooks import lines
from tests.readers.logs.test_webhooks import payload
from tests.readers.logs.test_webhooks import rows
from tests.readers.logs.test_webhooks import stage
from tests.readers.logs.test_webhooks import status
from tests.readers.logs.test_webhooks import statuses

DAY = 86_400_000_000
LOGGED = (
    "template_category", "conversation_id", "conversation_origin", "conversation_expires_at", "pricing_model",
    "pricing_type", "pricing_category", "billable",
)  # fmt: skip


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def conversation(origin: str, *, expires: object = None) -> dict[str, object]:
    made: dict[str, object] = {"id": "c1", "origin": {"type": origin}}
    return made if expires is None else {**made, "expiration_timestamp": expires}


def pricing(model: str, category: str, kind: str = "", *, billable: object = True) -> dict[str, object]:
    made = {"billable": billable, "pricing_model": model, "category": category}
    return {**made, "type": kind} if kind else made


@pytest.mark.parametrize(
    ("fields", "logged"),
    [
        (
            {"pricing": {"billable": True, "pricing_model": "NBP"}, "conversation": {"id": "c1"}},
            (None, "c1", None, None, "NBP", None, None, True),
        ),
        (
            {
                "conversation": conversation("business_initiated", expires=str(NOON + 86_400)),
                "pricing": pricing("CBP", "business_initiated"),
            },
            (None, "c1", "business_initiated", MICROS + DAY, "CBP", None, "business_initiated", True),
        ),
        (
            {
                "conversation": conversation("referral_conversion", expires=NOON + 3 * 86_400),
                "pricing": pricing("CBP", "referral_conversion", billable=False),
            },
            (None, "c1", "referral_conversion", MICROS + 3 * DAY, "CBP", None, "referral_conversion", False),
        ),
        (
            {"conversation": conversation("utility"), "pricing": pricing("CBP", "utility")},
            ("utility", "c1", "utility", None, "CBP", None, "utility", True),
        ),
        (
            {"conversation": conversation("service"), "pricing": pricing("CBP", "service", billable="false")},
            (None, "c1", "service", None, "CBP", None, "service", False),
        ),
        (
            {"conversation": conversation("marketing"), "pricing": pricing("PMP", "marketing", "regular")},
            ("marketing", "c1", "marketing", None, "PMP", "regular", "marketing", True),
        ),
        (
            {"pricing": pricing("PMP", "utility", "free_customer_service", billable=False)},
            ("utility", None, None, None, "PMP", "free_customer_service", "utility", False),
        ),
        (
            {
                "conversation": conversation("referral_conversion", expires=str(NOON + 86_400)),
                "pricing": pricing("PMP", "referral_conversion", "free_entry_point", billable=False),
            },
            (None, "c1", "referral_conversion", MICROS + DAY, "PMP", "free_entry_point", "referral_conversion", False),
        ),
        (
            {
                "conversation": conversation("referral_conversion"),
                "pricing": pricing("PMP", "marketing", "free_entry_point"),
            },
            ("marketing", "c1", "referral_conversion", None, "PMP", "free_entry_point", "marketing", True),
        ),
        (
            {"pricing": {"pricing_model": "PMP", "type": "regular", "subtype": "paid_exempt", "category": "service"}},
            (None, None, None, None, "PMP", "regular", "service", None),
        ),
        (
            {"pricing": pricing("PMP", "authentication-international", "regular")},
            ("authentication", None, None, None, "PMP", "regular", "authentication-international", True),
        ),
        (
            {"pricing": pricing("PMP", "group_service", "free_group_customer_service", billable=False)},
            (None, None, None, None, "PMP", "free_group_customer_service", "group_service", False),
        ),
        ({}, (None,) * 8),
    ],
    ids=[
        "on-premises 2021", "2022 template", "2022 ad", "2023 utility", "2024 service", "july 2025", "in the window",
        "entry point", "template in an entry point", "2026 without billable", "international", "group", "bare sent",
    ],
)  # fmt: skip
def test_that_what_meta_logged_in_each_age_is_kept(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, fields: dict[str, Any], logged: tuple[object, ...]
) -> None:
    stage(connection, lines(tmp_path, statuses(status("sent", **fields))))
    assert rows(connection, *LOGGED) == [logged]


def test_that_a_template_that_changes_its_category_keeps_what_each_message_was_sent_as(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    update = {"message_template_id": 5, "previous_category": "UTILITY", "new_category": "MARKETING"}
    report = stage(
        connection,
        lines(
            tmp_path,
            statuses(status(id="before", pricing=pricing("PMP", "utility", "regular"))),
            payload({"field": "template_category_update", "value": update}),
            statuses(status(id="after", pricing=pricing("PMP", "marketing", "regular"))),
            payload({"field": "template_category_update", "value": {"new_category": "UTILITY"}}),
            statuses(status(id="again", pricing=pricing("PMP", "utility", "regular"))),
        ),
    )
    assert rows(connection, "message_id", "template_category") == [
        ("before", "utility"), ("after", "marketing"), ("again", "utility"),
    ]  # fmt: skip
    assert (report.kept, report.left_out, report.refused) == (3, 2, 0)


def test_that_notices_on_the_account_calls_and_queued_messages_are_left_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    tier = {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": {"tier": "1:1000"}}
    call = {"calls": [{"id": "k", "event": "terminate", "timestamp": NOON}]}
    objects = [
        payload({"field": "account_update", "value": tier}),
        payload({"field": "account_update", "value": {"event": "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE"}}),
        payload({"field": "calls", "value": call}),
        statuses(status("held_for_quality_assessment"), status("accepted"), status("deleted")),
        statuses(status()),
    ]
    report = stage(connection, lines(tmp_path, *objects))
    assert (report.kept, report.left_out, report.refused) == (1, 6, 0)


def test_that_the_statuses_of_one_message_stay_rows_of_their_own_also_those_that_come_twice(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    # Delivery in the second of the sending, in another order, and the whole payload sent again.
    one = statuses(status("delivered", pricing=pricing("PMP", "marketing", "regular")), status("sent"))
    stage(connection, lines(tmp_path, one, one))
    assert rows(connection, "message_id", "sent_at", "delivered_at", "template_category") == [
        ("wamid.A", None, MICROS, "marketing"), ("wamid.A", MICROS, None, None),
    ] * 2  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "user"),
    [
        ({"recipient_id": "51999888777", "recipient_user_id": "PE.12ab"}, "51999888777"),
        ({"recipient_id": "", "recipient_user_id": "PE.12ab"}, "PE.12ab"),
        ({"recipient_id": "PE.12ab"}, "PE.12ab"),
        ({"recipient_id": None, "recipient_user_id": "user." + "0f" * 32}, "user." + "0f" * 32),
        ({"recipient_id": "US.ENT.5199"}, "US.ENT.5199"),
        ({"recipient_id": "+51 999 888 777"}, "51999888777"),
    ],
)
def test_that_digits_of_a_business_scoped_id_are_never_taken_for_a_number(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, fields: dict[str, Any], user: str
) -> None:
    stage(connection, lines(tmp_path, statuses({**status(), **fields})))
    assert rows(connection, "user") == [user]


def test_that_the_contact_of_a_payload_names_the_user_only_where_it_is_of_one_event(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    contacts = [{"wa_id": "51911", "user_id": "PE.1"}]
    nobody = {**inbound(), "from": ""}
    one = payload(change(messages=[nobody], contacts=contacts))
    two = payload(change(messages=[nobody, {**inbound(), "from": "51922"}], contacts=contacts))
    report = stage(connection, lines(tmp_path, one, two))
    assert rows(connection, "user") == ["51911", "51922"]
    assert [(problem.code, problem.count) for problem in report.problems] == [("log_no_user", 1)]


def test_that_an_ad_opens_an_entry_point_by_any_kind_of_referral(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    referrals: list[object] = [
        {"source_url": "https://fb.me/x", "source_type": "ad", "source_id": "1", "ctwa_clid": "y"},
        {"source_type": "post", "source_id": 7},
        {"headline": "without a source"},
    ]
    stage(connection, lines(tmp_path, payload(change(messages=[inbound(referral=one) for one in referrals]))))
    assert rows(connection, "referral") == [True, True, True]


def test_that_every_age_may_stand_in_one_file(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    old = {"statuses": [status("sent", id="old", pricing={"billable": True, "pricing_model": "NBP"})]}
    cbp = statuses(status(id="cbp", conversation=conversation("utility"), pricing=pricing("CBP", "utility")))
    pmp = statuses(status(id="pmp", pricing=pricing("PMP", "utility", "regular")))
    path = tmp_path / "log.json"
    path.write_text(json.dumps([old, cbp, {"body": pmp}]))
    stage(connection, path)
    assert rows(connection, "message_id", "pricing_model") == [("old", "NBP"), ("cbp", "CBP"), ("pmp", "PMP")]


def test_that_the_age_in_which_templates_alone_were_charged_does_not_say_which_these_were(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    old = {"statuses": [status("sent", id="old", pricing={"billable": True, "pricing_model": "NBP"})]}
    assert [one.code for one in stage(connection, lines(tmp_path, old)).problems] == ["log_lacks_template_category"]

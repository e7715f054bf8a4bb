"""Logs of plain JSON objects: what a platform's API answers, what a database exports (formats.md §2.3)."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import ImportReport
from auditor.core.timeline import iso
from auditor.readers.logs.messages import stage_log
from auditor.readers.recognise import LOG
from auditor.readers.recognise import recognise
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import WABA
from tests.readers.fixtures.accounts import andina


def _staged(path: Path) -> tuple[list[tuple[str, ...]], ImportReport]:
    assert recognise(path) == LOG
    with duckdb.connect() as connection:
        report = stage_log(connection, path, andina(), "log", lambda *_: None)
        rows = connection.execute(
            'SELECT source_row::VARCHAR, message_id, "user", direction, sent_at, delivered_at, failed_at, '
            "template_category FROM log ORDER BY source_row"
        ).fetchall()
    return [tuple(iso(one)[11:19] if isinstance(one, int) else str(one or "") for one in row) for row in rows], report


def _log(folder: Path, *objects: Any, text: str = "") -> Path:
    path = folder / "log.json"
    path.write_text(text or "\n".join(map(json.dumps, objects)), encoding="utf-8")
    return path


def _codes(report: ImportReport) -> Sequence[str]:
    return [problem.code for problem in report.problems]


def _twilio(sid: str, way: str, sender: str, receiver: str, status: str) -> dict[str, Any]:
    return {
        "sid": sid, "direction": way, "from": sender, "to": receiver, "status": status, "price": "-0.0753",
        "date_sent": "Mon, 05 Oct 2026 15:00:00 +0000", "error_code": None, "subresource_uris": {"media": "/m"},
    }  # fmt: skip


def test_that_twilios_list_of_messages_is_read_as_its_csv_is(tmp_path: Path) -> None:
    ours, customer = "whatsapp:+5116409120", "whatsapp:+51911111111"
    messages = [
        _twilio("SM1", "outbound-api", ours, customer, "delivered"),
        _twilio("SM2", "inbound", customer, ours, "received"),
        _twilio("SM3", "outbound-api", "+5116409120", "+51911111111", "delivered"),
        _twilio("SM4", "outbound-reply", ours, customer, "failed"),
    ]
    rows, report = _staged(_log(tmp_path, {"page": 0, "messages": messages, "uri": "/2010-04-01"}))
    assert rows == [
        ("1", "SM1", "51911111111", "outbound", "15:00:00", "15:00:00", "", ""),
        ("2", "SM2", "51911111111", "inbound", "15:00:00", "", "", ""),
        ("4", "SM4", "51911111111", "outbound", "15:00:00", "", "15:00:00", ""),
    ]
    assert (report.kept, report.left_out, report.refused) == (3, 1, 0)


def test_that_types_of_mongodb_are_taken_out_and_a_broken_line_is_named(tmp_path: Path) -> None:
    sent = {
        "_id": {"$oid": "65"}, "wamid": "w1", "direction": "outbound", "to": {"$numberLong": "51911111111"},
        "from": "5116409120", "category": "marketing", "sent_at": {"$date": "2026-10-05T15:00:00Z"},
        "delivered_at": {"$date": {"$numberLong": "1791212402000"}},
    }  # fmt: skip
    came = {
        "_id": {"$oid": "66"}, "wamid": "w2", "direction": "inbound", "from": "51911111111", "to": "5116409120",
        "sent_at": {"$date": "2026-10-05T15:10:00Z"},
    }  # fmt: skip
    text = (
        f"{json.dumps(sent)}\n{{broken\n{json.dumps(came)}\n" + '{"wamid": "\\ud800", "to": "1"}\n{"to": "\\u0000"}\n'
    )
    rows, report = _staged(_log(tmp_path, text=text))
    assert rows == [
        ("1", "w1", "51911111111", "outbound", "15:00:00", "15:00:02", "", "marketing"),
        ("3", "w2", "51911111111", "inbound", "15:10:00", "", "", ""),
    ]
    assert [(one.code, one.place.row) for one in report.problems if one.code.startswith("webhook")] == [
        ("webhook_not_json", 2)
    ]
    assert report.refused == 3


def test_that_objects_within_an_answer_and_a_message_are_looked_into(tmp_path: Path) -> None:
    reports = [
        {
            "messageId": f"m{number}", "to": "51911111111", "sentAt": "2026-10-05T15:00:00Z",
            "doneAt": "2026-10-05T15:00:03Z", "price": {"currency": "USD"}, "status": {"groupName": status},
        }
        for number, status in enumerate(["DELIVERED", "UNDELIVERABLE"], 1)
    ]  # fmt: skip
    rows, report = _staged(_log(tmp_path, {"data": {"results": reports}}))
    assert rows == [
        ("1", "m1", "51911111111", "outbound", "15:00:00", "15:00:03", "", ""),
        ("2", "m2", "51911111111", "outbound", "15:00:00", "", "15:00:03", ""),
    ]
    assert "log_lacks_direction" in _codes(report)


def test_that_an_on_premises_webhook_is_no_list_of_messages(tmp_path: Path) -> None:
    message = {"from": "51911111111", "id": "w1", "timestamp": "1791212400", "type": "text", "text": {"body": "hola"}}
    path = _log(tmp_path, {"contacts": [{"wa_id": "51911111111"}], "messages": [message]})
    rows, _ = _staged(path)
    assert rows == [("1", "w1", "51911111111", "inbound", "15:00:00", "", "", "")]


def test_that_objects_that_are_no_messages_are_refused_as_before(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        _staged(_log(tmp_path, {"name": "a", "value": 1}, {"name": "b", "value": 2}))
    assert (refused.value.code, refused.value.problems[0].code) == ("log_nothing_usable", "webhook_not_a_payload")


def _message(number: int) -> dict[str, Any]:
    return {
        "message_id": f"w{number}", "direction": "outbound", "user": "51911111111", "phone_number_id": NUMBER,
        "sent_at": "2026-10-05T15:00:00Z", "delivered_at": None,
    }  # fmt: skip


def _ids(path: Path) -> tuple[list[tuple[str, str]], ImportReport]:
    rows, report = _staged(path)
    return [(row, name) for row, name, *_ in rows], report


def test_that_a_folder_of_plain_objects_is_one_log(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps([_message(3), _message(4)]), encoding="utf-8")
    (tmp_path / "a.json").write_text("\n".join(json.dumps(_message(number)) for number in (1, 2)), encoding="utf-8")
    (tmp_path / "notas.txt").write_text("no log", encoding="utf-8")
    found, report = _ids(tmp_path)
    assert found == [("1", "w1"), ("2", "w2"), ("3", "w3"), ("4", "w4")]
    assert [one.problem.place.file for one in report.warnings if one.problem] == ["notas.txt"]


def test_that_an_answer_too_large_for_one_object_is_read_message_by_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"page": 0, "data": {"messages": [_message(1), _message(2)]}, "next": None, "size": 2}
    text = json.dumps(answer, indent=1)
    monkeypatch.setattr("auditor.readers.logs.json_objects.LARGEST_OBJECT", len(text) // 2)
    monkeypatch.setattr("auditor.readers.logs.json_records.LARGEST_OBJECT", len(text) // 2)
    found, report = _ids(_log(tmp_path, text=text))
    assert (found, report.refused) == ([("1", "w1"), ("2", "w2")], 0)
    (tmp_path / "log.json").write_bytes(gzip.compress(text.encode()))
    assert _ids(tmp_path / "log.json")[0] == found


def test_that_chatwoots_numbers_tell_who_wrote_and_what_became_of_it(tmp_path: Path) -> None:
    def message(number: int, kind: int, status: int, private: object = False) -> dict[str, object]:
        return {
            "id": number, "source_id": f"wamid.{number}", "message_type": kind, "status": status, "private": private,
            "created_at": "2026-10-05 15:00:00", "conversation_id": 5, "inbox_id": 4, "contact_phone": "+51911111111",
        }  # fmt: skip

    path = _log(
        tmp_path, message(1, 3, 1), message(2, 0, 0), message(3, 1, 2), message(4, 1, 3), message(5, 2, 0),
        message(6, 1, 0, private=True),
    )  # fmt: skip
    rows, report = _staged(path)
    when = "15:00:00"
    assert rows == [
        ("1", "wamid.1", "51911111111", "outbound", when, when, "", ""),
        ("2", "wamid.2", "51911111111", "inbound", when, "", "", ""),
        ("3", "wamid.3", "51911111111", "outbound", when, when, "", ""),
        ("4", "wamid.4", "51911111111", "outbound", when, "", when, ""),
    ]
    assert report.left_out == 2


def _gupshup(kind: str, seconds: int, **payload: Any) -> dict[str, Any]:
    return {"app": "Andina", "timestamp": (1791212400 + seconds) * 1000 + 7, "type": kind, "payload": payload}


def _charged(wamid: str, own: str, user: str, category: str) -> dict[str, Any]:
    deductions = {"type": "regular", "model": "PMP", "billable": True, "category": category}
    references = {"id": wamid, "gsId": own, "destination": user}
    return _gupshup("billing-event", 9, deductions=deductions, references=references)


def test_that_gupshups_events_of_one_message_are_one(tmp_path: Path) -> None:
    user, went = "51911111111", 1791212402
    path = _log(
        tmp_path,
        _gupshup("message", 0, id="A1", source="51911111111", type="text", payload={"text": "Hola"}),
        _gupshup("message-event", 1, id="g1", type="enqueued", destination="51911111111", payload={}),
        _gupshup("message-event", 3, id="w1", gsId="g1", type="delivered", destination=user, payload={"ts": went}),
        _charged("w1", "g1", "51911111111", "marketing"),
        _gupshup("message-event", 5, id="g2", type="failed", destination="51922222222", payload={"code": 1002}),
        _gupshup("user-event", 6, phone="51911111111", type="opted-in"),
    )  # fmt: skip
    rows, report = _staged(path)
    assert rows == [
        ("1", "A1", "51911111111", "inbound", "15:00:00", "", "", ""),
        ("2", "g1", "51911111111", "outbound", "", "", "", ""),
        ("3", "g1", "51911111111", "outbound", "", "15:00:02", "", ""),
        ("4", "g1", "51911111111", "outbound", "", "", "", "marketing"),
        ("5", "g2", "51922222222", "outbound", "", "", "15:00:05", ""),
    ]
    assert (report.left_out, _codes(report)[0]) == (1, "log_lacks_referral")


def test_that_a_platforms_log_without_its_column_of_categories_says_so(tmp_path: Path) -> None:
    event = _gupshup("message-event", 3, id="w1", gsId="g1", type="delivered", destination="51911111111", payload={})
    _, report = _staged(_log(tmp_path, event))
    assert _codes(report) == ["log_lacks_referral", "log_lacks_template_category"]


def test_that_watis_owner_tells_who_wrote_and_is_no_number(tmp_path: Path) -> None:
    both = {"conversationId": "c", "waId": "51911111111", "channelPhoneNumber": "5116409120"}
    came = {**both, "id": "w1", "owner": False, "statusString": "SENT", "created": "2026-10-05T15:00:00.1234567Z"}
    went = {**both, "id": "w2", "owner": True, "statusString": "Delivered", "created": "2026-10-05T15:01:00Z"}
    rows, _ = _staged(_log(tmp_path, {**came, "timestamp": "1791212400"}, {**went, "timestamp": "1791212463"}))
    assert rows == [
        ("1", "w1", "51911111111", "inbound", "15:00:00", "", "", ""),
        ("2", "w2", "51911111111", "outbound", "15:01:00", "15:01:03", "", ""),
    ]


def test_that_watis_events_say_by_their_names_who_wrote(tmp_path: Path) -> None:
    def event(name: str, status: str, seconds: int, wamid: str, **more: object) -> dict[str, object]:
        return {
            **more,
            "eventType": name, "statusString": status, "timestamp": str(1791212400 + seconds), "id": f"own{seconds}",
            "whatsappMessageId": wamid, "waId": "51911111111",
        }  # fmt: skip

    path = _log(
        tmp_path, event("templateMessageSent_v2", "SENT", 0, "w1"),
        event("sentMessageDELIVERED_v2", "Delivered", 4, "w1"),
        event("message", "SENT", 9, "w2"), event("newContactMessageReceived", "SENT", 10, "w2"),
        event("sentMessageFAILED", "Failed", 12, "w3"), event("ticketClosed", "", 13, ""),
        event("message", "Read", 14, "w4", owner=True), event("message", "Read", 15, "w5", owner=False),
    )  # fmt: skip
    rows, report = _staged(path)
    assert rows == [
        ("1", "w1", "51911111111", "outbound", "15:00:00", "", "", ""),
        ("2", "w1", "51911111111", "outbound", "", "15:00:04", "", ""),
        ("3", "w2", "51911111111", "inbound", "15:00:09", "", "", ""),
        ("4", "w2", "51911111111", "inbound", "15:00:10", "", "", ""),
        ("5", "w3", "51911111111", "outbound", "", "", "15:00:12", ""),
        ("7", "w4", "51911111111", "outbound", "", "", "", ""),
        ("8", "w5", "51911111111", "inbound", "15:00:15", "", "", ""),
    ]
    assert (report.left_out, _codes(report)[0]) == (1, "log_lacks_template_category")


def test_that_an_owner_is_the_number_where_another_column_tells_who_wrote(tmp_path: Path) -> None:
    row = {"keyId": "k1", "remoteJid": "51911111111@s.whatsapp.net", "fromMe": "true", "status": "DELIVERY_ACK"}
    path = _log(tmp_path, {**row, "messageTimestamp": "1791212400", "owner": "51987654321"})
    assert _staged(path)[0] == [("1", "k1", "51911111111", "outbound", "15:00:00", "15:00:00", "", "")]
    with duckdb.connect() as connection:
        stage_log(connection, path, andina(), "log", lambda *_: None)
        assert connection.execute("SELECT phone_number_id FROM log").fetchall() == [(NUMBER,)]


def test_that_of_conversations_beside_their_messages_the_messages_are_read(tmp_path: Path) -> None:
    message = {"id": "m1", "direction": "out", "to": {"phone": "51911111111"}, "from": {"phone": "51987654321"}}
    done = {"createdAt": "2026-10-05T15:00:00Z", "status": {"name": "delivered", "at": "2026-10-05T15:00:02Z"}}
    answer = {"conversations": [{"id": "c1"}], "messages": [{**message, **done}]}
    assert [row[:5] for row in _staged(_log(tmp_path, answer))[0]] == [
        ("1", "m1", "51911111111", "outbound", "15:00:00"),
    ]


def _history(number: str, contact: str, *messages: Any) -> dict[str, Any]:
    return {"line": {"phone": number}, "contact": {"name": "Ana", "phone": contact}, "id": "c1", "messages": messages}


def _said_by(name: str, way: str, clock: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "direction": way, "sent_at": f"2026-10-05T{clock}Z", "delivered_at": None, **more}


def test_that_messages_within_conversations_are_those_of_their_contact(tmp_path: Path) -> None:
    first = _history(NUMBER, "+51 911 111 111", _said_by("m1", "in", "15:00:00"), _said_by("m2", "out", "15:00:09"))
    # What a message says of itself goes before what is said around it.
    other = _history(NUMBER, "+51922222222", _said_by("m3", "out", "15:00:10", contact={"phone": "51933333333"}))
    rows, _ = _staged(_log(tmp_path, {"total": 2, "conversations": [first, other]}))
    assert [row[:5] for row in rows] == [
        ("1", "m1", "51911111111", "inbound", "15:00:00"),
        ("2", "m2", "51911111111", "outbound", "15:00:09"),
        ("3", "m3", "51933333333", "outbound", "15:00:10"),
    ]


def test_that_messages_within_the_conversations_of_a_contact_are_the_contacts(tmp_path: Path) -> None:
    people = [
        {"phone": phone, "conversations": [{"id": "c", "messages": [_said_by(name, "in", "15:00:00")]}]}
        for name, phone in (("m1", "+51 911 111 111"), ("m2", "51922222222"))
    ]
    rows, _ = _staged(_log(tmp_path, {"export": {"by": "x"}, "contacts": people}))
    assert [row[1:4] for row in rows] == [("m1", "51911111111", "inbound"), ("m2", "51922222222", "inbound")]


def test_that_whose_the_messages_of_a_large_answer_are_stands_before_them(tmp_path: Path) -> None:
    answer = {"contact": {"phone": "51911111111"}, "messages": [_said_by("m1", "out", "15:00:00")]}
    (tmp_path / "log.json").write_bytes(gzip.compress(json.dumps(answer).encode()))
    rows, _ = _staged(tmp_path / "log.json")
    assert [row[:4] for row in rows] == [("1", "m1", "51911111111", "outbound")]


def test_that_the_phone_around_messages_that_say_to_whom_they_went_is_nobodys(tmp_path: Path) -> None:
    message = {"id": "m1", "direction": "outbound", "from": "5116409120", "to": "51911111111", "status": "delivered"}
    rows, _ = _staged(
        _log(tmp_path, {"phone": "5116409120", "items": [{**message, "sent_at": "2026-10-05T15:00:00Z"}]})
    )
    assert rows == [("1", "m1", "51911111111", "outbound", "15:00:00", "15:00:00", "", "")]


@pytest.mark.parametrize("columns", [["id", "direction", "to", "sent_at", "delivered_at"], None])
def test_that_rows_that_are_lists_stand_under_the_names_of_their_columns(
    tmp_path: Path, columns: list[str] | None
) -> None:
    names = ("id", "direction", "to", "sent_at", "delivered_at")
    heads: Sequence[Any] = columns or [{"name": name, "type": "text"} for name in names]
    cells = ["q1", "outbound", "51911111111", "2026-10-05T15:00:00Z", "1791212401000000"]
    rows, _ = _staged(_log(tmp_path, {"data": {"cols": heads, "rows": [cells]}, "row_count": 1}))
    assert rows == [("1", "q1", "51911111111", "outbound", "15:00:00", "15:00:01", "", "")]


def test_that_a_message_with_a_list_of_its_own_is_one(tmp_path: Path) -> None:
    rows, _ = _staged(_log(tmp_path, _said_by("m1", "out", "15:00:00", to="51911111111", items=[{"sku": "1"}])))
    assert [row[:4] for row in rows] == [("1", "m1", "51911111111", "outbound")]


def test_that_a_bare_phone_around_messages_may_be_the_businesss_and_is_no_customer(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        _staged(_log(tmp_path, {"phone": "5116409120", "messages": [_said_by("m1", "out", "15:00:00")]}))
    assert refused.value.code in {"log_columns_missing", "log_nothing_usable"}


def test_that_a_record_around_a_whole_webhook_is_no_message_itself(tmp_path: Path) -> None:
    status = {"id": "w1", "status": "sent", "timestamp": "1791212400", "recipient_id": "51911111111"}
    value = {"metadata": {"phone_number_id": NUMBER}, "statuses": [status]}
    hook = {"entry": [{"id": WABA, "changes": [{"field": "messages", "value": value}]}]}
    record = {"id": 1, "received_at": "2026-10-05 15:00:09", "payload": hook}
    for stated in ([record, {**record, "id": 2}], [{**record, "payload": json.dumps(hook)}] * 2):
        rows, _ = _staged(_log(tmp_path, stated))
        assert rows == [(str(row), "w1", "51911111111", "outbound", "15:00:00", "", "", "") for row in (1, 2)]


def test_that_types_of_dynamodb_are_taken_out(tmp_path: Path) -> None:
    def item(wamid: str, way: str, seconds: int, **more: object) -> dict[str, object]:
        times = {"sentAt": {"N": f"{(1791212400 + seconds) * 1000}"}}
        own = {"messageId": {"S": wamid}, "userPhone": {"S": "51911111111"}, "direction": {"S": way}}
        return {"Item": {**own, **times, "template": {"BOOL": True}, **more}}

    sent = item("w1", "outbound", 0, category={"S": "UTILITY"}, deliveredAt={"N": "1791212402000"})
    rows, _ = _staged(_log(tmp_path, sent, item("w2", "inbound", 600, category={"NULL": True})))
    # 1791212400 is three in the afternoon, UTC, of 2026-10-05.
    assert rows == [
        ("1", "w1", "51911111111", "outbound", "15:00:00", "15:00:02", "", "utility"),
        ("2", "w2", "51911111111", "inbound", "15:10:00", "", "", ""),
    ]


def test_that_a_history_may_tell_the_types_of_its_times(tmp_path: Path) -> None:
    steps = (("sent", "15:00:00"), ("delivered", "15:00:02"))
    history = [{"status": name, "at": {"$date": f"2026-10-05T{at}Z"}} for name, at in steps]
    shared = {"to": "51911111111", "timestamp": {"$numberLong": "1791212400"}}  # 15:00:00
    sent = {"messageId": "a", "direction": "outbound", **shared, "statusHistory": history}
    came = {"messageId": "b", "direction": "inbound", "from": "51911111111", **shared, "statusHistory": []}
    rows, _ = _staged(_log(tmp_path, {**sent, "from": "5116409120"}, {**came, "to": "5116409120"}))
    assert [row[1:6] for row in rows] == [
        ("a", "51911111111", "outbound", "15:00:00", "15:00:02"),
        ("b", "51911111111", "inbound", "15:00:00", ""),
    ]


def test_that_one_object_within_says_who_wrote_to_whom_and_its_id_is_the_messages(tmp_path: Path) -> None:
    sent = {"whatsapp": {"id": "w1", "to": "51911111111"}, "direction": "OUTGOING", "sentAt": "1791212400"}
    came = {"whatsapp": {"id": "w2", "from": "51911111111"}, "direction": "INCOMING", "sentAt": "1791213000"}
    answered = {"context": {"id": "w0", "from": "51999999999"}}
    rows, _ = _staged(_log(tmp_path, {"_id": "a", **sent}, {"_id": "b", **came, **answered}))
    logged = {
        "time": 1791299999000,
        "ctx": {"wamid": "w1", "to": "51911111111", "direction": "out", "sentAt": 1791212400},
    }
    own, _ = _staged(_log(tmp_path, logged))  # the time is when the line was written
    assert [row[1:5] for row in own] == [("w1", "51911111111", "outbound", "15:00:00")]
    assert [row[1:5] for row in rows] == [
        ("w1", "51911111111", "outbound", "15:00:00"),
        ("w2", "51911111111", "inbound", "15:10:00"),
    ]


def test_that_what_firestore_writes_around_its_values_is_taken_off(tmp_path: Path) -> None:
    sent = {
        "wamid": {"stringValue": "a"}, "phone": {"stringValue": "51911111111"},
        "direction": {"stringValue": "outbound"}, "category": {"stringValue": "utility"},
        "sentAt": {"timestampValue": "2026-10-05T15:00:00Z"}, "deliveredAt": {"integerValue": "1791212402"},
    }  # fmt: skip
    came = {
        **sent, "wamid": {"stringValue": "b"}, "direction": {"stringValue": "inbound"},
        "category": {"nullValue": None}, "deliveredAt": {"nullValue": None},
    }  # fmt: skip
    documents = [{"name": f"projects/x/documents/messages/{at}", "fields": one} for at, one in enumerate((sent, came))]
    rows, report = _staged(_log(tmp_path, {"documents": documents}))
    assert rows == [
        ("1", "a", "51911111111", "outbound", "15:00:00", "15:00:02", "", "utility"),
        ("2", "b", "51911111111", "inbound", "15:00:00", "", "", ""),
    ]
    assert _codes(report) == []


def test_that_of_a_status_and_its_group_the_group_tells_what_became_of_the_message(tmp_path: Path) -> None:
    """Infobip's names are many (UNDELIVERABLE_NOT_DELIVERED, EXPIRED_DLR_UNKNOWN), its groups are five."""
    groups = ("DELIVERED", "DELIVERED_TO_HANDSET"), ("EXPIRED", "EXPIRED_DLR_UNKNOWN")
    sent = [
        {
            "messageId": str(at), "to": "51911111111", "from": "5116409120", "sentAt": "2026-10-05T15:00:00.000+0000",
            "doneAt": "2026-10-05T15:00:02.000+0000", "status": {"groupId": 3, "groupName": group, "name": name},
        }
        for at, (group, name) in enumerate(groups)
    ]  # fmt: skip
    rows, report = _staged(_log(tmp_path, {"results": sent}))
    assert [row[5:7] for row in rows] == [("15:00:02", ""), ("", "15:00:02")]
    assert "log_status_unknown" not in _codes(report)

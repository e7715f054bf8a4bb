"""Meta's webhooks of every age and in every kind of file (formats.md §2)."""

import base64
import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import Number
from auditor.core.records import Waba
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.language import Language
from auditor.readers.logs.messages import stage_log
from auditor.readers.recognise import LOG
from auditor.readers.recognise import recognise
from tests.saying import sentences

ACCOUNT = Account(
    "Test",
    date(2026, 10, 1),
    date(2026, 10, 31),
    "USD",
    (Waba("100", "America/Lima", "USD", numbers=(Number("500"),)),),
)
NOON = 1_790_856_000  # 2026-10-01 12:00 UTC
MICROS = NOON * 1_000_000


def unwatched(step: str, done: int, total: int) -> None:
    """Watch nothing."""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def status(word: str = "delivered", **fields: object) -> dict[str, object]:
    return {"id": "wamid.A", "status": word, "timestamp": str(NOON), "recipient_id": "51999888777", **fields}


def inbound(**fields: object) -> dict[str, object]:
    return {"from": "51999888777", "id": "wamid.B", "timestamp": str(NOON), "type": "text", **fields}


def change(field: str = "messages", **value: object) -> dict[str, object]:
    metadata = {"display_phone_number": "51999000111", "phone_number_id": "500"}
    return {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def payload(*changes: dict[str, object], waba: object = "100") -> dict[str, object]:
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": list(changes)}]}


def statuses(*items: object) -> dict[str, object]:
    return payload(change(statuses=list(items)))


def lines(folder: Path, *objects: object) -> Path:
    path = folder / "webhooks.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in objects), encoding="utf-8")
    return path


def stage(connection: duckdb.DuckDBPyConnection, path: Path, account: Account = ACCOUNT) -> ImportReport:
    return stage_log(connection, path, account, "log", unwatched)


def rows(connection: duckdb.DuckDBPyConnection, *columns: str) -> list[Any]:
    """Give the staged columns in order; a single column as bare values."""
    found = connection.table("log").project(*map(duckdb.ColumnExpression, columns)).fetchall()
    return [row[0] for row in found] if len(columns) == 1 else found


def refusals(report: ImportReport) -> list[tuple[str, int, int]]:
    """Give code, count and first object of each kind, and see that both languages have its sentence."""
    for problem in report.problems:
        for language in ("en", "es"):
            assert Language(language).problem(Problem(problem.code, problem.place, problem.values))
    return [(problem.code, problem.count, problem.place.row) for problem in report.problems]


def test_that_a_status_and_a_message_become_rows(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    report = stage(connection, lines(tmp_path, payload(change(messages=[inbound()])), statuses(status("sent"))))
    described = [(row[0], row[1]) for row in connection.execute("DESCRIBE log").fetchall()]
    assert sorted(described) == sorted([*MESSAGE_COLUMNS.items(), ("place", "BIGINT"), ("phones", "BOOLEAN")])
    columns = ("source_row", "message_id", "waba_id", "phone_number_id", "user", "direction", "referral", "sent_at")
    assert rows(connection, *columns) == [
        (1, "wamid.B", "100", "500", "51999888777", "inbound", False, MICROS),
        (2, "wamid.A", "100", "500", "51999888777", "outbound", None, MICROS),
    ]
    assert (report.read, report.kept, report.left_out, report.refused) == (2, 2, 0, 0)
    assert (report.first, report.last) == (MICROS, MICROS)


def test_that_each_status_fills_its_own_time(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    words = ("sent", "delivered", "read", "played", "failed")
    stage(connection, lines(tmp_path, statuses(*map(status, words))))
    assert rows(connection, "sent_at", "delivered_at", "read_at", "failed_at") == [
        (MICROS, None, None, None),
        (None, MICROS, None, None),
        (None, None, MICROS, None),
        (None, None, MICROS, None),
        (None, None, None, MICROS),
    ]


def test_that_several_entries_changes_and_events_are_all_taken_in_order(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = change(statuses=[status(id="a"), status(id="b")], messages=[inbound(id="c")])
    second, third = change(messages=[inbound(id="d")]), change(messages=[inbound(id="e")])
    whole = {"object": "x", "entry": [{"id": "100", "changes": [first, second]}, {"id": 100, "changes": [third]}]}
    stage(connection, lines(tmp_path, whole, statuses(status(id="f"))))
    assert rows(connection, "message_id", "source_row") == [
        ("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1), ("f", 2),
    ]  # fmt: skip


def test_that_conversation_and_pricing_are_kept_as_logged(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    event = status(
        conversation={"id": "c1", "expiration_timestamp": NOON + 86_400, "origin": {"type": "utility"}},
        pricing={"billable": True, "pricing_model": "CBP", "category": "utility"},
    )
    stage(connection, lines(tmp_path, statuses(event)))
    columns = (
        "conversation_id", "conversation_origin", "conversation_expires_at", "pricing_model", "pricing_type",
        "pricing_category", "billable", "template_category",
    )  # fmt: skip
    wanted = ("c1", "utility", MICROS + 86_400_000_000, "CBP", None, "utility", True, "utility")
    assert rows(connection, *columns) == [wanted]


@pytest.mark.parametrize(
    ("pricing", "origin", "template"),
    [
        ("marketing", None, "marketing"),
        ("MARKETING", None, "marketing"),
        ("marketing_lite", None, "marketing_lite"),
        ("authentication-international", None, "authentication"),
        ("group_utility", None, "utility"),
        (None, "authentication", "authentication"),
        ("referral_conversion", "marketing", "marketing"),
        ("service", "service", None),
        ("referral_conversion", "referral_conversion", None),
        ("business_initiated", "business_initiated", None),
        ("user_initiated", "user_initiated", None),
        ("general_purpose_ai", None, None),
        (None, None, None),
    ],
)
def test_that_a_template_is_told_by_what_meta_logged(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, pricing: str | None, origin: str | None, template: str | None
) -> None:
    event = status(pricing={"category": pricing}, conversation={"origin": {"type": origin}})
    stage(connection, lines(tmp_path, statuses(event)))
    assert rows(connection, "template_category", "pricing_category") == [(template, pricing)]


@pytest.mark.parametrize(
    ("pricing", "kept"),
    [
        ({"category": "promo"}, False),
        ({"category": "promo", "billable": True}, False),
        ({"category": "group_promo", "type": "regular"}, False),
        ({"category": ["utility"]}, False),
        ({"category": "promo", "billable": "FALSE"}, True),
        ({"category": "promo", "type": "free_customer_service"}, True),
        ({"category": "group_service", "billable": True}, True),
        ({"category": "", "billable": True}, True),
        ({"billable": True, "pricing_model": "NBP"}, True),
    ],
)
def test_that_a_billed_category_that_is_not_known_is_refused_and_no_free_service_message(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, pricing: dict[str, object], *, kept: bool
) -> None:
    report = stage(connection, lines(tmp_path, statuses(status(id="a"), status(pricing=pricing))))
    assert report.kept == 1 + kept
    found = [one for one in refusals(report) if one[0] != "log_lacks_template_category"]
    assert found == ([] if kept else [("webhook_unknown_category", 1, 1)])


def test_that_a_payload_of_version_24_needs_no_conversation(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    event = status(pricing={"billable": "true", "pricing_model": "PMP", "type": "regular", "category": "marketing"})
    stage(connection, lines(tmp_path, statuses(event)))
    assert rows(connection, "pricing_model", "pricing_type", "billable", "conversation_id") == [
        ("PMP", "regular", True, None)
    ]


def test_that_an_ad_is_known_by_its_referral(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    objects = [inbound(referral=referral) for referral in ({"source_type": "ad", "source_id": "1"}, {}, None)]
    stage(connection, lines(tmp_path, payload(change(messages=[*objects, inbound()]))))
    assert rows(connection, "referral") == [True, True, False, False]


def test_that_an_echo_of_the_phone_app_is_outbound_from_the_app(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    echo = {"from": "51999000111", "to": "51999888777", "id": "e", "timestamp": str(NOON), "type": "text"}
    revoked = {**echo, "id": "r", "type": "revoke"}
    report = stage(connection, lines(tmp_path, payload(change("smb_message_echoes", message_echoes=[echo, revoked]))))
    assert rows(connection, "message_id", "direction", "origin", "user", "sent_at") == [
        ("e", "outbound", "app", "51999888777", MICROS)
    ]
    assert report.left_out == 1


def test_that_a_group_message_has_a_row_for_each_participant(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    members = ({"recipient_participant_id": "51911"}, {"recipient_participant_user_id": "US.1"})
    events = [status(recipient_id="group-1", recipient_type="group", **member) for member in members]
    stage(connection, lines(tmp_path, statuses(*events), payload(change(messages=[inbound(group_id="group-1")]))))
    assert rows(connection, "group_id", "user", "direction") == [
        ("group-1", "51911", "outbound"),
        ("group-1", "US.1", "outbound"),
        ("group-1", "51999888777", "inbound"),
    ]


def test_that_a_business_scoped_id_stands_in_for_a_missing_number(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    contact = [{"wa_id": "", "user_id": "US.3"}]
    stage(
        connection,
        lines(
            tmp_path,
            statuses(status(recipient_id="", recipient_user_id="US.1")),
            payload(change(messages=[{**inbound(), "from": "", "from_user_id": "US.2"}])),
            payload(change(messages=[{**inbound(), "from": None}], contacts=contact)),
            payload(change(messages=[{**inbound(), "from": "US.4"}])),
        ),
    )
    assert rows(connection, "user") == ["US.1", "US.2", "US.3", "US.4"]


def test_that_numbers_may_be_texts_and_texts_numbers(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    event = {"id": 77, "status": "delivered", "timestamp": NOON, "recipient_id": 51999888777}
    whole = payload(
        {"field": "messages", "value": {"metadata": {"phone_number_id": 500}, "statuses": [event]}}, waba=100
    )
    stage(connection, lines(tmp_path, whole))
    assert rows(connection, "message_id", "waba_id", "phone_number_id", "user", "delivered_at") == [
        ("77", "100", "500", "51999888777", MICROS)
    ]


def test_that_an_on_premises_payload_is_of_the_accounts_only_number(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    old = {"statuses": [status("sent", pricing={"billable": True, "pricing_model": "NBP"}, conversation={"id": "c"})]}
    answer = {"contacts": [{"wa_id": "51999888777"}], "messages": [inbound()]}
    stage(connection, lines(tmp_path, old, answer))
    assert rows(connection, "waba_id", "phone_number_id", "direction", "pricing_model") == [
        ("100", "500", "outbound", "NBP"),
        ("100", "500", "inbound", None),
    ]


def test_that_an_on_premises_payload_of_one_of_several_numbers_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    waba = Waba("100", "America/Lima", "USD", numbers=(Number("500"), Number("501")))
    account = Account("Test", date(2026, 10, 1), date(2026, 10, 31), "USD", (waba,))
    report = stage(connection, lines(tmp_path, statuses(status()), {"statuses": [status()]}), account)
    assert refusals(report) == [("log_no_phone_number_id", 1, 2)]


def test_that_what_is_no_message_is_left_out_and_said(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    report = stage(
        connection,
        lines(
            tmp_path,
            statuses(status()),
            payload({"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT"}}),
            payload({"field": "calls", "value": {"statuses": [{"id": "x", "status": "RINGING"}]}}),
            payload(change(errors=[{"code": 1}])),
            payload(change(messages=[inbound(type="system"), inbound(type="request_welcome")])),
            statuses(status("deleted"), status("captured", type="payment"), status("failed", type="payment")),
        ),
    )
    assert (report.read, report.kept, report.left_out, report.refused) == (9, 1, 8, 0)
    assert sentences(report.decisions) == [
        "8 rows or events were left out because they are no messages (blank rows, notices of the platform)."
    ]


def test_that_what_cannot_be_used_is_refused_with_its_reason(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    report = stage(
        connection,
        lines(
            tmp_path,
            statuses(status(), 5, None, "text", []),
            {"hello": "world"},
            ["nothing"],
            7,
            payload({"field": "messages", "value": {"statuses": {"id": "a"}}}),
            payload({"field": "messages", "value": "text"}),
            {"object": "x", "entry": []},
            statuses(status("teleported"), status(None)),  # type: ignore[arg-type]
            statuses({**status(), "timestamp": None}),
            statuses({**status(), "timestamp": {"seconds": 1}}),
            statuses({**status(), "id": {"wamid": "a"}}),
            payload(change(statuses=[status()]), waba="999"),
        ),
    )
    assert set(refusals(report)) == {
        ("webhook_unreadable", 7, 1),
        ("webhook_not_a_payload", 3, 2),
        ("webhook_unknown_status", 2, 8),
        ("webhook_without_time", 1, 9),
        ("time_unreadable", 1, 10),
        ("log_no_message_id", 1, 11),
        ("log_unknown_waba", 1, 12),
    }
    assert (report.read, report.kept, report.refused) == (17, 1, 16)


def test_that_a_wrong_expiry_or_flag_does_not_cost_the_message(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    event = status(
        conversation={"id": "c", "expiration_timestamp": "soon", "origin": "utility"},
        pricing={"billable": "perhaps", "category": "utility"},
        surprise={"deep": [1, 2]},
    )
    stage(connection, lines(tmp_path, statuses(event)))
    assert rows(connection, "conversation_id", "conversation_expires_at", "billable") == [("c", None, None)]


THREE = [statuses(status(id=name)) for name in ("a", "b", "c")]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(item) for item in THREE),
        "\n\n".join(json.dumps(item) for item in THREE) + "\n\n",
        json.dumps(THREE),
        json.dumps(THREE, indent=2),
        "".join(json.dumps(item) for item in THREE),
        "\n".join(json.dumps(item, indent=2) for item in THREE),
        "}\n" + json.dumps(THREE[0]) + "}" + json.dumps(THREE[1], indent=1) + "\n" + json.dumps(THREE[2]),
        "\n".join(f"2026-10-01 12:00:0{at} INFO webhook {json.dumps(item)}" for at, item in enumerate(THREE)),
        json.dumps({"first": THREE[0], "second": THREE[1], "third": THREE[2]}),
        "\n".join(json.dumps({"received": NOON, "body": item}) for item in THREE),
        "\n".join(json.dumps({"received": NOON, "body": json.dumps(item)}) for item in THREE),
    ],
    ids=[
        "lines", "blank lines", "array", "pretty array", "one after the other", "pretty objects", "stray braces",
        "log lines", "named payloads", "wrapped payloads", "payloads as text",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16", "gzip"])
def test_that_objects_are_found_however_the_file_holds_them(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, form: str
) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(gzip.compress(text.encode()) if form == "gzip" else text.encode(form))
    stage(connection, path)
    assert rows(connection, "message_id") == ["a", "b", "c"]


def test_that_a_damaged_line_is_refused_and_the_rest_is_read(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.jsonl"
    whole = [json.dumps(item) for item in THREE]
    path.write_text("\n".join((whole[0], whole[1][:90], whole[2], "server restarted", whole[1])) + "\n")
    report = stage(connection, path)
    assert rows(connection, "message_id") == ["a", "c", "b"]
    assert refusals(report) == [("webhook_not_json", 2, 2)]


def test_that_an_array_cut_short_gives_what_it_holds(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(THREE, indent=1)[:-60])
    report = stage(connection, path)
    assert rows(connection, "message_id") == ["a", "b"]
    assert refusals(report) == [("webhook_not_json", 1, 3)]


def test_that_a_folder_is_read_in_the_order_of_its_names(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    folder = tmp_path / "hooks"
    (folder / "b").mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps(THREE[:2]))
    (folder / "b" / "c.json").write_text(json.dumps(THREE[2], indent=1))
    for name in (".hidden", "Thumbs.db", "desktop.ini", "~$invoice.xlsx"):
        (folder / name).write_text("nothing")
    report = stage(connection, folder)
    assert rows(connection, "message_id", "source_row") == [("a", 1), ("b", 2), ("c", 3)]
    assert (report.file, report.read, report.kept) == ("hooks", 3, 3)
    sizes = sum(path.stat().st_size for path in (folder / "a.json", folder / "b" / "c.json"))
    assert (report.size, len(report.sha256)) == (sizes, 64)
    (folder / "a.json").rename(folder / "z.json")
    assert stage(connection, folder).sha256 == report.sha256


@pytest.mark.parametrize(
    ("names", "code"),
    [({}, "folder_empty"), ({"a.txt": "hello\nthere"}, "webhook_file_unknown"), ({"a.json": ""}, "file_empty")],
)
def test_that_a_folder_of_nothing_else_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, names: dict[str, str], code: str
) -> None:
    folder = tmp_path / "hooks"
    folder.mkdir()
    for name, text in names.items():
        (folder / name).write_text(text)
    with pytest.raises(AuditorError) as caught:
        stage(connection, folder)
    assert caught.value.code == code


def test_that_a_folder_is_read_but_for_foreign_files_which_are_said(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = tmp_path / "hooks"
    folder.mkdir()
    (folder / "a.jsonl").write_text(json.dumps(THREE[0]))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    (folder / "loop").symlink_to(folder)
    (folder / "nowhere").symlink_to(tmp_path / "nothing")
    for n in range(21):
        (folder / f"notes{n:02}.txt").write_text("hello")
    (folder / "z.jsonl").write_text(json.dumps(THREE[1]))
    report = stage(connection, folder)
    assert rows(connection, "message_id") == ["a", "b"]
    said = sentences(report.warnings)
    assert "loop: This is a folder" in said[0]
    assert said[1].startswith("Not read: notes00.txt: The file holds no webhook of Meta.")
    # 21 notes, a picture, a link to the folder itself and one to nothing; files in order of their names.
    assert (len(said), said[-1]) == (21, "Not read either: 4 more files.")
    assert (report.kept, report.refused) == (2, 0)


def test_that_a_file_of_notices_only_is_said_to_hold_no_message(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(AuditorError) as caught:
        stage(connection, lines(tmp_path, payload({"field": "account_update", "value": {}})))
    assert caught.value.code == "log_without_messages"


def test_that_the_text_of_messages_is_nowhere_kept(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    stage(connection, lines(tmp_path, payload(change(messages=[inbound(text={"body": "my secret"})]))))
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    stored = [connection.table(name).fetchall() for (name,) in tables]
    assert stored
    assert "secret" not in str(stored)


def _table(payloads: list[object], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["id", "received", "payload", "status"])
    writer.writerows([at, "2026-10-05 10:00:00+00", payload, 200] for at, payload in enumerate(payloads))
    return text.getvalue()


def _in_base64(item: object) -> str:
    return base64.b64encode(json.dumps(item).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"json": {"headers": {"a": "b"}, "body": item}} for item in THREE], indent=1),
        json.dumps({"logEvents": [{"timestamp": 1, "message": "INFO hook " + json.dumps(item)} for item in THREE]}),
        json.dumps({"events": [{"message": "INFO " + json.dumps({"body": json.dumps(item)})} for item in THREE]}),
        "\n".join(json.dumps({"Records": [{"messageId": "x", "body": json.dumps(item)}]}) for item in THREE),
        json.dumps({"hits": {"total": 3, "hits": [{"_source": item} for item in THREE]}}),
        "\n".join(json.dumps({"body": _in_base64(item), "isBase64Encoded": True}) for item in THREE),
        "\n".join(map(_in_base64, THREE)),  # the first is no head
        "\n".join(json.dumps(item["entry"][0]) for item in THREE),  # type: ignore[index]
        "\n".join(json.dumps(json.dumps(item)) for item in THREE),
        json.dumps([json.dumps(item) for item in THREE]),
        _table([json.dumps(item) for item in THREE]),
        _table([json.dumps(item, indent=1) for item in THREE], ";"),
        _table([_in_base64(item) for item in THREE]),
        "id,payload\n" + "\n".join('1,"' + json.dumps(item).replace('"', '\\"') + '"' for item in THREE),
        "\n".join('[5/Oct] "POST /hook" "' + json.dumps(item).replace('"', r"\x22") + '"' for item in THREE),
    ],
    ids=[
        "n8n", "cloud log", "body in cloud log", "queue", "search index", "base64", "lines in base64", "entries",
        "lines of texts", "array of texts", "cells", "pretty cells", "cells in base64", "cells with signs",
        "web server",
    ],
)  # fmt: skip
def test_that_payloads_are_found_within_what_a_platform_put_around_them(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "log.txt"
    path.write_text(text)
    assert recognise(path) == LOG
    assert refusals(stage(connection, path)) == []
    assert rows(connection, "message_id") == ["a", "b", "c"]


def test_that_a_log_with_payloads_beside_its_columns_is_read_by_its_columns(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    heads = "message_id,phone_number_id,user,direction,delivered_at,raw\n"
    raw = json.dumps(THREE[0]).replace('"', '""')
    path = tmp_path / "log.csv"
    path.write_text(f'{heads}own,500,51999888777,outbound,2026-10-05T15:00:00Z,"{raw}"\n')
    stage(connection, path)
    assert rows(connection, "message_id") == ["own"]


def test_that_a_row_without_a_payload_is_refused_by_its_place(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(_table([json.dumps(THREE[0]), "restarted", json.dumps(THREE[1])]))
    assert refusals(stage(connection, path)) == [("webhook_not_json", 1, 2)]
    assert rows(connection, "message_id") == ["a", "b"]

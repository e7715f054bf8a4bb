"""Large webhooks that the database reads as payloads are read as one by one, and hide nothing that is to be refused."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from auditor.readers.logs import json_objects
from auditor.readers.logs import webhooks
from tests.readers.logs.test_messages import LIMA
from tests.readers.logs.test_messages import account
from tests.readers.logs.test_messages import stage
from tests.readers.logs.test_webhooks import change
from tests.readers.logs.test_webhooks import inbound
from tests.readers.logs.test_webhooks import payload
from tests.readers.logs.test_webhooks import status
from tests.readers.logs.test_webhooks import statuses
from tests.readers.test_hostile_logs import STATED_TWICE

_PRICED = status(id="two", pricing={"billable": True, "category": "marketing", "type": "regular"})
_CONTACT = {"profile": {"name": "Ana"}, "wa_id": "51999888777"}
_WHOLE = json.dumps(statuses(_PRICED))


def _read(path: Path) -> object:
    with duckdb.connect() as connection:
        report = stage(connection, path, account(LIMA))
        rows = connection.execute("SELECT * EXCLUDE place FROM log_all ORDER BY source_row").fetchall()
        return report.read, report.kept, report.problems, report.decisions, rows


def _read_as_large(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, bool]:
    """Read a file as if it were large, and tell whether the database read its payloads."""
    taken: list[bool] = []
    read = webhooks._stage_read  # which way a log went shows nowhere else

    def watched(*asked: Any) -> Any:
        found = read(*asked)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(webhooks, "_stage_read", watched)
    monkeypatch.setattr(json_objects, "_SMALL", -1)
    return _read(path), any(taken)


@pytest.mark.parametrize(
    ("text", "at_once"),
    [
        (_WHOLE, True),
        (json.dumps(payload(change(messages=[inbound(referral={"source_id": "1"})], contacts=[_CONTACT]))), True),
        (json.dumps(payload(change(messages=[inbound() | {"from": None}], contacts=[_CONTACT]))), True),
        (json.dumps(payload(change(statuses=[_PRICED, None], messages=[inbound()]), change())), True),
        (json.dumps(payload(change(message_echoes=[inbound()], messages=[], statuses=None))), True),
        (json.dumps(payload(change(errors=[{"code": 1}]))), True),
        ('{"entry": []}', True),
        (json.dumps({"statuses": [status("read", id="z")], "errors": None}), True),
        (json.dumps(payload({"field": "account_update", "value": {"event": "X", "statuses": None}})), True),
        (json.dumps(statuses(_PRICED | {"timestamp": 1_790_856_000, "id": 1.50, "recipient_id": True})), True),
        (json.dumps(statuses(_PRICED | {"recipient_id": {"x": 1}, "conversation": {"id": ["y"]}})), True),
        (json.dumps(statuses(_PRICED | {"text": {"body": '{"status": 1}'}, "x": {"y": 1}})) + "\n", True),
        (_WHOLE.replace('"status"', r'"st\u0061tus"'), True),
        (_WHOLE.replace('"status"', '"Status"'), True),
        ("[" + _WHOLE + "]", False),
        ("null", False),
        ("{", False),
        (json.dumps({"body": statuses(_PRICED)}), False),
        (json.dumps({"body": _WHOLE}), False),
        (json.dumps(statuses("none")), False),
        (json.dumps(payload(change(statuses=_PRICED))), False),
        (json.dumps(statuses(_PRICED | {"pricing": "free"})), False),
    ],
)
def test_that_payloads_are_read_by_the_database_where_every_one_has_their_shape_and_come_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, at_once: bool
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(f"{_WHOLE}\n{text}\n{_WHOLE}\n", encoding="utf-8")
    assert _read_as_large(path, monkeypatch) == (_read(path), at_once)


@pytest.mark.parametrize(("told", "again", "refused"), STATED_TWICE)
def test_that_a_field_stated_with_two_values_is_refused_in_large_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, again: str, refused: int
) -> None:
    hook = _WHOLE.replace(told, again if told.endswith(("{", "[", ":")) else f"{told}, {again}", 1)
    path = tmp_path / "log.jsonl"
    path.write_text(f"{_WHOLE}\n{hook}\n", encoding="utf-8")
    monkeypatch.setattr(json_objects, "_SMALL", -1)
    with duckdb.connect() as connection:
        report = stage(connection, path, account(LIMA))
    assert [problem.code for problem in report.problems] == ["webhook_key_twice"] * refused
    assert (report.kept, report.refused) == (2 - refused, refused)


def test_that_a_list_of_large_payloads_is_read_by_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.json"
    path.write_text(f"[{_WHOLE},\n{_WHOLE}]", encoding="utf-8")
    assert _read_as_large(path, monkeypatch) == (_read(path), True)

"""Message logs that are broken or meant to harm: read as far as they can be, or refused in one sentence.

`FUZZ=100 python3 packaging/dev.py test tests/readers -k hostile_logs` tries a hundred times as much.
"""

import gzip
import json
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import ImportReport
from auditor.readers.logs import numbered
from auditor.readers.logs.messages import stage_log
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import andina
from tests.readers.fixtures.spoilt import FOR_SO_LONG
from tests.readers.fixtures.spoilt import seeds
from tests.readers.fixtures.spoilt import spoilt
from tests.readers.fixtures.spoilt import survives
from tests.readers.logs.test_webhooks import ACCOUNT
from tests.readers.logs.test_webhooks import change
from tests.readers.logs.test_webhooks import inbound
from tests.readers.logs.test_webhooks import payload
from tests.readers.logs.test_webhooks import status
from tests.readers.logs.test_webhooks import statuses
from tests.readers.logs.test_webhooks import unwatched

HEAD = "message_id,waba_id,phone_number_id,user,direction,template_category,referral,sent_at,delivered_at,logged_amount"
ROWS = (
    'm1,100,500,+51 999 888 777,inbound,,true,2026-10-05T10:00:00-05:00,,\n"m2, ""x""",100,500,51999888777,outbound,'
    "utility,,2026-10-05 10:00:00,1791212400,0.0200\nm3,100,500,whatsapp:+51999888777,outbound,,no,,1791212400000,\n"
)
CSV = f"{HEAD}\n{ROWS}".encode()
HOOKS = [
    statuses(
        status(
            pricing={"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"},
            conversation={"id": "c", "expiration_timestamp": "1791000000", "origin": {"type": "marketing"}},
        ),
        status("sent", id="b", recipient_type="group", recipient_participant_id="5191"),
    ),
    payload(change(messages=[inbound(referral={"source_id": "1"}, text={"body": "\u00f1"})])),
    {"statuses": [status("read", id="z")]},
]
LINES = "".join(json.dumps(hook) + "\n" for hook in HOOKS).encode()
ONE = json.dumps(statuses(status(id="one"))).encode() + b"\n"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def parquet(connection: duckdb.DuckDBPyConnection, folder: Path) -> bytes:
    (folder / "sound.csv").write_bytes(CSV)
    target = folder / "sound.parquet"
    connection.execute(f"COPY (FROM read_csv('{folder / 'sound.csv'}', all_varchar = true)) TO '{target}'")
    return target.read_bytes()


def stage(connection: duckdb.DuckDBPyConnection, path: Path) -> ImportReport:
    return stage_log(connection, path, ACCOUNT, "log", unwatched)


@FOR_SO_LONG
@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("csv", 30), ("semicolons", 15), ("utf16", 15), ("gzip", 15), ("parquet", 30), ("lines", 10), ("array", 5),
        ("packed_lines", 10),
    ],
)  # fmt: skip
def test_that_no_spoilt_log_breaks_its_reader(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, count: int
) -> None:
    sound = {
        "csv": lambda: CSV,
        "semicolons": lambda: CSV.replace(b",", b";"),
        "utf16": lambda: CSV.decode().encode("utf-16"),
        "gzip": lambda: gzip.compress(CSV, mtime=0),
        "parquet": lambda: parquet(connection, tmp_path),
        "lines": lambda: LINES,
        "array": lambda: json.dumps(HOOKS, indent=1).encode(),
        "packed_lines": lambda: gzip.compress(LINES, mtime=0),
    }[kind]()
    path = tmp_path / "log"
    for seed in seeds(count):
        path.write_bytes(spoilt(sound, seed))

        def read() -> None:
            stage(connection, path)
            connection.execute("FROM log").fetchall()

        survives(read)
    path.write_bytes(sound)
    assert stage(connection, path).kept >= 2  # and the connection is still good


def test_that_parquet_with_encrypted_columns_is_told_from_a_damaged_one(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    sound = parquet(connection, tmp_path)
    footer = sound[-8 - int.from_bytes(sound[-8:-4], "little") : -8]
    # Field 8 of the footer (Thrift, compact): the algorithm by which columns are encrypted, AES_GCM_V1.
    told = footer[:-1] + b"\x0c\x10\x1c\x00\x00\x00"
    path = tmp_path / "log.parquet"
    for end, code in ((footer, "file_damaged"), (told, "file_encrypted")):
        columns = b"PAR1" + b"\xff" * (len(sound) - len(footer) - 12)
        path.write_bytes(columns + end + len(end).to_bytes(4, "little") + b"PAR1")
        with pytest.raises(AuditorError) as refused:
            stage(connection, path)
        assert refused.value.code == code


# ------------------------------------------------------------------ logs that are meant to harm, one by one


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (HEAD.encode() + b"\n" + b"x" * 20_000_000, "cell_too_long"),
        (b"x" * 20_000_000, "cell_too_long"),
        (HEAD.encode() + b'\n"' + (b"x" * 99 + b"\n") * 180_000, "file_not_csv"),
        (HEAD.encode() + b",x" * 20_000 + b"\n1", "too_many_columns"),
        (CSV[:200] + b"\0" * 9 + CSV[200:], "file_binary"),
        (CSV.decode().encode("utf-16")[:-1], "file_damaged"),
        (gzip.compress(CSV * 500, mtime=0)[:900], "file_damaged"),
        (gzip.compress(HEAD.encode() + b"\n" + b"0" * 40_000_000), "file_unpacks_too_far"),
        (f"{HEAD}\n1.02290129340398E+14,100,500,51,inbound\n".encode(), "log_id_damaged"),
        (f"{HEAD}\nm,100,500,51,inbound,,,1899-12-31T00:00:00Z\n".encode(), "log_nothing_usable"),
        (CSV + b'"m,100,500,51,inbound,,,2026-10-05T00:00:00Z\n' + b"m,100,500,51,inbound\n" * 3, "file_not_csv"),
    ],
    ids=[
        "one line", "one cell", "an open cell", "columns", "nul", "half a letter", "cut gzip", "gzip bomb", "17 digits",
        "1899", "quote",
    ],
)  # fmt: skip
def test_that_a_hostile_table_ends_in_a_sentence(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(AuditorError) as refused:
        stage(connection, path)
    assert refused.value.code == code


def test_that_a_log_that_goes_on_upon_another_sheet_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for name, rows in (("Octubre", 2), ("Octubre (2)", 1), ("Notas", 0)):
        page = book.create_sheet(name)
        page.append(HEAD.split(",") if rows else ["Notas"])
        for row in range(rows):
            page.append([f"m{row}", "100", "500", "51999888777", "inbound", "", "", "2026-10-05T10:00:00Z"])
    book.remove(book.worksheets[0])
    book.save(tmp_path / "log.xlsx")
    with pytest.raises(AuditorError) as refused:
        stage(connection, tmp_path / "log.xlsx")
    assert (refused.value.code, refused.value.values) == ("log_on_sheets", {"sheets": "Octubre (2)"})
    book.remove(book["Octubre (2)"])
    book.save(tmp_path / "log.xlsx")
    assert stage(connection, tmp_path / "log.xlsx").kept == 2


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["2026-10-05", "2026-10-06"], True),
        (["2026-10-05", "2026-10-05 10:00"], False),
        (["2026-10-05T00:00:00Z"], False),  # an instant is an instant
    ],
)
def test_that_days_in_place_of_times_are_said(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, times: list[str], said: bool
) -> None:
    rows = "".join(f"m{place},100,500,51999888777,inbound,,,{time}\n" for place, time in enumerate(times))
    (tmp_path / "log.csv").write_text(f"{HEAD}\n{rows}")
    report = stage(connection, tmp_path / "log.csv")
    assert [one.code for one in report.problems] == (["log_times_are_days"] if said else [])


@pytest.mark.parametrize(
    ("hostile", "refused"),
    [
        (b'{"entry":' * 100_000 + b"1" + b"}" * 100_000, 1),
        (b'{"entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 1),
        (b'{"entry":' + b"9" * 1_000_000 + b"}", 1),
        (b"[" * 200_000, 1),
        (b'{"entry":NaN}', 1),
        (b'{"entry":"' + b"x" * 20_000_000 + b'"}', 1),
        (json.dumps(statuses(*[status()] * 100_000)).encode(), 0),
        (json.dumps(statuses({**status(), **{f"k{n}": n for n in range(100_000)}})).encode(), 0),
        (json.dumps(statuses(status(id="\ud800"))).encode(), 1),
        (b'{"entry":"\xff\xfe\xe9"}', 1),
        (b"\n" * 1_000_000, 0),
    ],
    ids=[
        "deep objects", "deep lists", "digits", "opened lists", "no number", "one line", "large payload", "keys",
        "half a letter", "no utf-8", "nothing",
    ],
)  # fmt: skip
def test_that_a_hostile_object_costs_itself_and_no_other(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, hostile: bytes, refused: int
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(ONE + hostile + b"\n" + ONE)
    report = stage(connection, path)
    assert [row[0] for row in connection.execute("SELECT message_id FROM log WHERE message_id = 'one'").fetchall()] == [
        "one",
        "one",
    ]
    assert report.refused == refused


TOLD = json.dumps(statuses(status(id="two", pricing={"category": "marketing", "billable": True})))


# A field, how it is stated again, and whether the object is refused for it.
STATED_TWICE = (
    ('"category": "marketing"', '"category": "utility"', 1),
    ('"category": "marketing"', '"category": "marketing"', 0),  # said twice, it is what it was
    ('"id": "two"', '"id": "three"', 1),
    ('"pricing": {', '"pricing": {"category": "utility"}, "pricing": {', 1),
    ('"entry": [', '"entry": [], "entry": [', 1),
    # What seems to stand in one object stands in two: braces in texts belong to nobody.
    ('"status":', '"x": "{{", "y": {"z": "}}", "status": "read"}, "status":', 0),
)


@pytest.mark.parametrize(
    ("told", "again", "refused"), STATED_TWICE, ids=["price", "agreed", "id", "object", "list", "braces"]
)
@pytest.mark.parametrize(
    "around",
    [str, "[{}]".format, '{{"body": {}}}'.format, lambda hook: json.dumps({"Message": hook})],
    ids=["plain", "list", "object", "text"],
)
def test_that_a_field_stated_with_two_values_is_counted_as_neither(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    told: str,
    again: str,
    refused: int,
    around: Callable[[str], str],
) -> None:
    hook = TOLD.replace(told, again if told.endswith(("{", "[", ":")) else f"{told}, {again}", 1)
    path = tmp_path / "log.jsonl"
    path.write_bytes(ONE + around(hook).encode() + b"\n")
    report = stage(connection, path)
    assert [problem.code for problem in report.problems] == ["webhook_key_twice"] * refused
    assert (report.kept, report.refused) == (2 - refused, refused)


def test_that_a_folder_of_many_small_files_is_read_in_the_order_of_their_names(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for number in range(1000):
        (tmp_path / f"{number:04}.json").write_text(json.dumps(statuses(status(id=f"{number:04}"))))
    assert stage(connection, tmp_path).kept == 1000
    rows = connection.execute("SELECT message_id FROM log ORDER BY source_row").fetchall()
    assert [int(row[0]) for row in rows] == list(range(1000))
    assert connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name <> 'log_rows'").fetchall() == [
        (0,)
    ]


def test_that_an_object_too_large_to_be_one_is_called_so(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    endless = b'{"entry": [' + (b'"%s", ' % (b"x" * 1000)) * 20_000
    path.write_bytes(ONE + endless + b"\n" + ONE)
    report = stage(connection, path)
    assert (report.kept, [(one.code, one.count) for one in report.problems]) == (2, [("webhook_too_large", 1)])


@pytest.mark.parametrize("empty", [b'{"entry":[]}\n', b"{}           \n"])
def test_that_many_objects_without_an_event_are_not_kept_one_by_one(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, empty: bytes
) -> None:
    path, many = tmp_path / "log.jsonl.gz", empty * 1_000_000
    path.write_bytes(gzip.compress(many, 1))
    connection.execute("SET memory_limit = '100MB'")  # a row for each takes more
    connection.execute("SET temp_directory = ''")
    with pytest.raises(AuditorError) as refused:
        stage(connection, path)
    assert refused.value.code == "log_without_messages"
    path.write_bytes(gzip.compress(many[: 10_000 * len(empty)] + ONE, 1))
    report = stage(connection, path)
    assert (report.kept, report.refused) == (1, 10_000)
    path.write_bytes(gzip.compress(many[: 10_000 * len(empty)] + b"oops\n", 1))
    with pytest.raises(AuditorError) as refused:
        stage(connection, path)
    assert refused.value.code == "log_nothing_usable"  # what is broken may have been a message


def test_that_a_large_payload_is_not_kept_for_each_of_its_events(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    # Nine megabytes and a half of one object: beside each of its first thousand events they would be 9.5 GB.
    path = tmp_path / "log.jsonl"
    path.write_bytes(ONE + json.dumps(statuses(*[status()] * 100_000)).encode() + b"\n" + ONE)
    connection.execute("SET temp_directory = ''")
    connection.execute("SET memory_limit = '1GB'")
    assert stage(connection, path).kept == 100_002


def test_that_a_packed_log_cut_short_gives_what_it_holds(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    lines = b"".join(json.dumps(statuses(status(id=f"wamid.{n * 7919 % 9973}"))).encode() + b"\n" for n in range(9000))
    packed = gzip.compress(lines)
    path.write_bytes(gzip.compress(ONE) + packed[: len(packed) // 2])
    report = stage(connection, path)
    assert report.kept > 500
    assert [(problem.code, problem.count) for problem in report.problems] == [("webhook_not_json", 1)]


@pytest.mark.parametrize(
    "time", [-1, 0, 1e300, 10**30, "9" * 20, 1.5, True, "1899-12-31", 253_402_300_800, 1_400_000_000]
)
def test_that_an_impossible_time_is_refused_by_itself(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, time: object
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(ONE + json.dumps(statuses(status(timestamp=time))).encode() + b"\n")
    report = stage(connection, path)
    assert (report.kept, report.refused) == (1, 1)
    assert report.problems[0].code in {"time_unreadable", "time_out_of_range"}


@pytest.mark.parametrize("text", ["repeat('x', 200000)", "row::VARCHAR || repeat('x', 200000)"])
def test_that_a_text_that_no_log_needs_is_not_read_in_every_row_of_parquet(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, text: str
) -> None:
    # The first is kept once for a thousand rows; of the second there are two hundred million letters.
    path = tmp_path / "log.parquet"
    messages = connection.sql("FROM range(1000) AS _(row)").project(f"{text} AS message_id, 'outbound' AS direction")
    messages.to_parquet(str(path))
    with pytest.raises(AuditorError, match="cell_too_long") as refused:
        stage(connection, path)
    assert refused.value.place == Place("log.parquet", column="message_id")


def test_that_a_packed_text_is_not_unpacked_to_find_that_its_line_never_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpacked(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("auditor.readers.logs.tables._stage_plain", unpacked)
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(HEAD.encode() + b"\n" + b"0" * 20_000_000, 0))
    with duckdb.connect() as connection, pytest.raises(AuditorError, match="cell_too_long"):
        stage_log(connection, path, ACCOUNT, "log", unwatched)


def test_that_blank_rows_without_end_are_not_gone_through(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbered, "MOST_BLANK", 50)
    path = tmp_path / "log.csv"
    row = f"a,{NUMBER},51999888777,outbound,1790856000,1790856001\n"
    head = "message_id,phone_number_id,user,direction,sent_at,delivered_at\n"
    path.write_text(head + row + ",,,\n" * 50 + row.replace("a,", "b,", 1) + "\n" * 50, encoding="utf-8")
    assert stage_log(connection, path, andina(), "log", lambda *_: None).kept == 2
    path.write_text(head + row + "\n" * 52 + row.replace("a,", "b,", 1), encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        stage_log(connection, path, andina(), "blank", lambda *_: None)
    assert (refused.value.code, refused.value.values["rows"]) == ("log_rows_blank", "50")


@pytest.mark.parametrize("deep", [b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 3_000 + b"1" + b"}" * 3_000])
def test_that_a_file_of_nothing_but_depth_is_refused_for_that(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, deep: bytes
) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(deep)
    with pytest.raises(AuditorError) as refused:
        stage(connection, path)
    assert [problem.code for problem in refused.value.problems] == ["webhook_too_deep"]

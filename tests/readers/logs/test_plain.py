"""Cells told plain by a cheap sign are read as the long way reads them, and hide nothing that is to be refused."""

import csv
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from auditor.readers.logs import columns as log_columns
from auditor.readers.logs import staging as log_staging
from auditor.readers.logs import tables as log_tables
from auditor.readers.logs import webhooks
from auditor.readers.logs.plain import plain_tests
from auditor.readers.sql_text import text_sql
from tests.readers.logs.test_messages import LIMA
from tests.readers.logs.test_messages import account
from tests.readers.logs.test_messages import stage
from tests.readers.logs.test_webhooks import lines
from tests.readers.logs.test_webhooks import status
from tests.readers.logs.test_webhooks import statuses

# Of each column spellings that are plain, that want repair, and that are refused.
_CELLS = {
    "message_id": (
        "wamid.a",
        " wamid.b",
        "12345",
        "NULL",
        "",
        "nan",
        "\ufeffwamid.a",
        "undefined",
        "#N/A",
        "'wamid.a",
        '="wamid.a"',
    ),
    "waba_id": ("100", "100.0", " 100", "999", ""),
    "phone_number_id": ("500", "500.0", "0500", "5 00", "five", ""),
    "user": (
        *("51999888777", "51 999 888 777", "+51 999 888 777", "whatsapp:+51999888777"),
        *("1e2", "1x", "007", "US.abc", "+", ""),
    ),
    "direction": ("inbound", "OUTBOUND", " outbound", "sideways", ""),
    "template_category": ("marketing", "Utility ", "service", "promo", ""),
    "origin": ("api", "APP", "robot", ""),
    "sent_at": (
        *("2026-10-01T12:00:00Z", " 2026-10-01T12:00:00Z", "2026-13-01T12:00:00Z", "2026-10-01 12:00:00", ""),
        *("2026-10-01T12:00:00+00:00", " 2026-10-01T12:00:00+00:00", "2026-13-01T12:00:00+00:00", "2026-1-1+00:00"),
        *("1790856000", " 1790856000", "1790856000000", "179085600.", "1.790856e9", "0x6abe1234", "1420000000"),
    ),
}


def _written(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "log.parquet"
    values = ", ".join("(" + ", ".join(text_sql(cell) for cell in row.values()) + ")" for row in rows)
    names = ", ".join(f'"{name}"' for name in _CELLS)
    query = f"SELECT * FROM (VALUES {values}) AS log({names})"  # noqa: S608 - own cells
    duckdb.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def _read(path: Path) -> object:
    with duckdb.connect() as connection:
        report = stage(connection, path, account(LIMA))
        rows = connection.execute("SELECT * EXCLUDE place FROM log_all ORDER BY source_row").fetchall()
        return report.read, report.kept, report.problems, report.decisions, rows


@pytest.mark.parametrize("seed", range(12))
def test_that_plain_cells_are_read_as_the_long_way_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    odd = chance.sample(list(_CELLS), 1 + seed % 3)
    rows = [{name: cells[0] for name, cells in _CELLS.items()} for _ in range(40)]
    for row in chance.sample(rows, 12):
        row.update({name: chance.choice(_CELLS[name]) for name in odd})
    path = _written(tmp_path, rows)
    short = _read(path)
    monkeypatch.setattr(log_columns, "plain_tests", lambda *asked: dict.fromkeys(plain_tests(*asked), "false"))
    assert short == _read(path)


@pytest.mark.parametrize("seed", range(12))
def test_that_a_csv_taken_for_plain_is_read_as_one_that_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    cells = _CELLS | {
        "message_id": ("wamid.HBgLNTE5OT", *_CELLS["message_id"], "wamid.HBgLNTE5OT "),
        "delivered_at": _CELLS["sent_at"],
        "referral": ("", "false", "TRUE", "maybe"),
        "group_id": ("", "G1", " G1", "#N/A"),
        "logged_amount": ("", "0.0703", "0,0703", "7,03", "money"),
        "pricing_category": ("", "utility", " utility"),
        "conversation_expires_at": ("", "2026-10-02T12:00:00Z", "1759400000", "2999-01-01T00:00:00Z"),
    }
    rows = [{name: own[0] for name, own in cells.items()} for _ in range(40)]
    # Some logs are plain throughout, some in their first rows only, some nowhere.
    for row in chance.sample(rows[(0, 20, 40)[seed % 3] :], (4, 4, 0)[seed % 3]):
        name = chance.choice(list(cells))
        row[name] = chance.choice(cells[name])
    path = tmp_path / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, cells, delimiter=",;"[seed % 2])
        writer.writeheader()
        writer.writerows(rows)
    known = _read(path)
    monkeypatch.setattr(log_tables, "SMALL", -1)
    monkeypatch.setattr(log_staging, "FIRST_ROWS", 20)
    assert _read(path) == known
    # However many are not plain, each may be read anew from the cells that it kept.
    monkeypatch.setattr(log_staging, "_MOST_ODD", 1)
    assert _read(path) == known


@pytest.mark.parametrize("seed", range(6))
def test_that_webhooks_taken_for_plain_are_read_as_those_that_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    good = status(id="wamid.HBgLNTE5OT", pricing={"billable": True, "category": "marketing", "type": "regular"})
    odd = (
        {"timestamp": "2026-10-01 12:00:00"},
        {"timestamp": ""},
        {"timestamp": 1_790_856_000_000},
        {"id": 17},
        {"id": " wamid.b "},
        {"recipient_id": "+51 999 888 777"},
        {"recipient_id": None, "recipient_user_id": "US.abc"},
        {"status": "deleted"},
        {"status": "mislaid"},
        {"pricing": {"billable": "maybe", "category": "Utility"}},
        {"conversation": {"id": "NULL", "expiration_timestamp": "soon", "origin": {"type": "service"}}},
    )
    items = [good for _ in range(40)]
    for place in chance.sample(range((0, 10, 40)[seed % 3], 40), (6, 6, 0)[seed % 3]):
        items[place] = good | chance.choice(odd)
    # Several events of one object share its number; some objects are none.
    objects: list[object] = [statuses(*items[n : n + 1 + seed % 2]) for n in range(0, 40, 1 + seed % 2)]
    if seed % 3 == 1:
        objects[15] = {"object": "page"}
    path = lines(tmp_path, *objects)
    known = _read(path)
    monkeypatch.setattr(webhooks, "SMALL", -1)
    monkeypatch.setattr(log_staging, "FIRST_ROWS", 10)
    assert _read(path) == known
    monkeypatch.setattr(log_staging, "_MOST_ODD", 1)
    assert _read(path) == known


@pytest.mark.parametrize("most", [0, 1])
def test_that_a_csv_taken_for_plain_with_a_time_out_of_range_refuses_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(log_staging, "_MOST_ODD", most)
    monkeypatch.setattr(log_tables, "SMALL", -1)
    monkeypatch.setattr(log_staging, "FIRST_ROWS", 2)
    good = "wamid.HBgLNTE5OT{n},500,51999888777,outbound,marketing,{year}-10-01T12:00:00Z\n"
    heads = "message_id,phone_number_id,user,direction,template_category,delivered_at\n"
    years = (2026, 2026, 2026, 2014, 2026)
    path = tmp_path / "log.csv"
    path.write_text(heads + "".join(good.format(n=n, year=year) for n, year in enumerate(years)), encoding="utf-8")
    with duckdb.connect() as connection:
        report = stage(connection, path, account(LIMA))
    assert [(one.code, one.place.row, one.place.column) for one in report.problems] == [
        ("time_out_of_range", 5, "delivered_at")
    ]
    assert (report.read, report.kept) == (5, 4)


def test_that_users_of_a_csv_taken_for_plain_are_known_as_phone_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "message_id,phone_number_id,user,direction,delivered_at\n"
        "wamid.HBgLNTE5OT,500,51999888777,outbound,2026-10-01T12:00:00+00:00\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(log_tables, "SMALL", -1)
    with duckdb.connect() as connection:
        stage(connection, path, account(LIMA))
        found = connection.execute("SELECT phones, source_row, delivered_at FROM log").fetchall()
    assert found == [(True, 2, 1_790_856_000_000_000)]


@pytest.mark.parametrize(
    ("spelling", "instant", "problems", "at_once"),
    [
        ("2026-10-01T12:00:00Z", 1_790_856_000_000_000, [], True),
        (" 2026-10-01T12:00:00Z", 1_790_856_000_000_000, [], True),
        ("2026-10-1T12:0:0Z", 1_790_856_000_000_000, [], True),
        ("", None, [], True),
        ("2999-10-01T12:00:00Z", 32_495_774_400_000_000, ["time_out_of_range"], True),
        ("2026-10-01T12:00:00", 1_790_874_000_000_000, [], False),
        ("2026-10-01T12:00:00.5Z", 1_790_856_000_500_000, [], False),
        ("2026-10-01T07:00:00-05:00", 1_790_856_000_000_000, [], False),
        ("1790856000", 1_790_856_000_000_000, [], False),
        ("0001-01-01T00:00:00Z", None, [], False),
        ("infinity", None, ["time_unreadable"], False),
        ("epoch", 18_000_000_000, ["time_out_of_range"], False),
        ("2026-02-30T12:00:00Z", None, ["time_unreadable"], False),
    ],
)
def test_that_times_of_a_csv_are_read_with_the_file_only_where_all_are_written_in_utc_as_programs_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str, instant: int | None, problems: list[str],
    *, at_once: bool,
) -> None:  # fmt: skip
    path = tmp_path / "log.csv"
    heads = "message_id,phone_number_id,user,direction,delivered_at,read_at\n"
    row = "wamid.HBgLNTE5OT{n},500,51999888777,outbound,2026-10-01T12:00:00Z,{read}\n"
    rows = [row.format(n=n, read=spelling if n == 3 else "") for n in range(6)]
    path.write_text(heads + "".join(rows), encoding="utf-8")
    taken: list[bool] = []
    take = log_tables._take_times  # which way a log went shows nowhere else

    def watched(*asked: Any, **how: Any) -> Any:
        found = take(*asked, **how)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(log_tables, "_take_times", watched)
    monkeypatch.setattr(log_tables, "SMALL", -1)
    with duckdb.connect() as connection:
        report = stage(connection, path, account(LIMA))
        found = connection.execute("SELECT read_at FROM log_all ORDER BY source_row").fetchall()
    assert found == [(instant if n == 3 else None,) for n in range(6)]
    assert [one.code for one in report.problems] == problems
    assert taken == [at_once]


@pytest.mark.parametrize("spelling", ["51 999 888 777", "51-999-888-777", "51.999.888.777", "+51999888777"])
def test_that_one_number_written_otherwise_among_plain_ones_is_the_same_user(tmp_path: Path, spelling: str) -> None:
    rows = [{name: cells[0] for name, cells in _CELLS.items()} for _ in range(9)]
    rows[6]["user"] = spelling
    with duckdb.connect() as connection:
        stage(connection, _written(tmp_path, rows), account(LIMA))
        users = connection.execute('SELECT DISTINCT "user" FROM log_all').fetchall()
    assert users == [("51999888777",)]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("user", "1e2e", None),
        ("user", "", "log_no_user"),
        ("direction", "sideways", "log_unknown_direction"),
        ("template_category", "promo", "log_unknown_category"),
        ("waba_id", "999", "log_unknown_waba"),
        ("sent_at", "2026-13-01T12:00:00Z", "time_unreadable"),
        ("sent_at", "2014-12-31T23:59:59Z", "time_out_of_range"),
    ],
)
def test_that_one_odd_cell_among_plain_ones_keeps_its_refusal_and_its_place(
    tmp_path: Path, column: str, cell: str, code: str | None
) -> None:
    rows = [{name: cells[0] for name, cells in _CELLS.items()} for _ in range(9)]
    rows[6][column] = cell
    with duckdb.connect() as connection:
        report = stage(connection, _written(tmp_path, rows), account(LIMA))
    found = [(problem.code, problem.count, problem.place.row, problem.place.column) for problem in report.problems]
    assert found == ([(code, 1, 7, column)] if code else [])
    assert report.kept == (8 if code else 9)


@pytest.mark.parametrize(
    ("user", "phones"),
    [
        ("56999888777", True),
        ("123456789012345678", True),
        ("1234567890123456789", False),
        ("0", False),
        ("007", False),
        ("1e2", False),
        ("56 999 888 777", False),
        ("US.abc", False),
        ("", False),
    ],
)
def test_that_users_are_known_as_phone_numbers_only_where_each_is_a_number_that_a_key_holds(
    tmp_path: Path, user: str, *, phones: bool
) -> None:
    good = {name: cells[0] for name, cells in _CELLS.items()}
    with duckdb.connect() as connection:
        stage(connection, _written(tmp_path, [good, good | {"user": user}]), account(LIMA))
        assert connection.execute("SELECT DISTINCT phones FROM log").fetchall() == [(phones,)]

"""Canonical message logs as CSV, Parquet and XLSX: every rule of formats.md §1, and what is refused and why."""

import gzip
import threading
from collections.abc import Iterator
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import Number
from auditor.core.records import Waba
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.core.tables import NEVER
from auditor.language import Language
from auditor.readers.logs import tables as log_tables
from auditor.readers.logs.columns import canonical_sql
from auditor.readers.logs.faults import FAULTS
from auditor.readers.logs.messages import stage_log
from auditor.readers.logs.payloads import payloads_of_objects
from auditor.readers.logs.staging import drop_log
from auditor.readers.logs.watched import watch
from auditor.readers.logs.webhooks import rows_sql
from auditor.readers.recognise import LOG
from auditor.readers.recognise import recognise
from tests.readers.fixtures.xls import write_xls
from tests.readers.fixtures.xlsb import write_xlsb
from tests.saying import sentences

LIMA = Waba("100", "America/Lima", "USD", numbers=(Number("500"),))
YORK = Waba("200", "America/New_York", "USD", numbers=(Number("600"),))
HEAD = "message_id,waba_id,phone_number_id,user,direction,sent_at"


def unwatched(step: str, done: int, total: int) -> None:
    """Watch nothing."""


def account(*wabas: Waba, language: str = "en") -> Account:
    return Account("Test", date(2026, 10, 1), date(2026, 10, 31), "USD", wabas or (LIMA,), language=language)


def micros(*parts: int) -> int:
    """Give an instant UTC in microseconds."""
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[arg-type,misc]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def csv_log(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "log.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def stage(connection: duckdb.DuckDBPyConnection, path: Path, owner: Account | None = None) -> ImportReport:
    return stage_log(connection, path, owner or account(), "log", unwatched)


def values(connection: duckdb.DuckDBPyConnection, *columns: str) -> list[Any]:
    """Give the staged columns in order; a single column as bare values."""
    rows = connection.table("log").project(*map(duckdb.ColumnExpression, columns)).fetchall()
    return [row[0] for row in rows] if len(columns) == 1 else rows


def refusals(report: ImportReport) -> list[tuple[str, int, int, str]]:
    """Give code, count, first row and column of each kind, and see that both languages have its sentence."""
    for problem in report.problems:
        for language in ("en", "es"):
            assert Language(language).problem(Problem(problem.code, problem.place, problem.values))
    return [(problem.code, problem.count, problem.place.row, problem.place.column) for problem in report.problems]


def failure(connection: duckdb.DuckDBPyConnection, path: Path, owner: Account | None = None) -> AuditorError:
    """Give the refusal of a file, and see that nothing of it stays behind."""
    with pytest.raises(AuditorError) as caught:
        stage(connection, path, owner)
    for language in ("en", "es"):
        assert Language(language).error(caught.value)
    assert connection.execute("SELECT count(*) FROM duckdb_views() WHERE view_name LIKE 'log%'").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)
    return caught.value


def test_that_every_problem_of_a_row_has_its_sentence_in_both_languages() -> None:
    for fault in FAULTS:
        if not fault.left_out:
            for language in ("en", "es"):
                assert Language(language).text(f"problems.{fault.code}", waba="1", value="2")


def test_that_the_view_has_the_columns_of_the_canonical_log_and_the_place_of_each_row(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    report = stage(connection, csv_log(tmp_path, "a,100,500,51999888777,outbound,2026-10-01T12:00:00Z"))
    described = [(row[0], row[1]) for row in connection.execute("DESCRIBE log").fetchall()]
    assert sorted(described) == sorted([*MESSAGE_COLUMNS.items(), ("place", "BIGINT"), ("phones", "BOOLEAN")])
    assert (report.kind, report.read, report.kept, report.refused, report.left_out) == ("log", 1, 1, 0, 0)
    assert report.file == "log.csv"
    assert (len(report.sha256), report.size) == (64, (tmp_path / "log.csv").stat().st_size)
    assert (report.first, report.last) == (micros(2026, 10, 1, 12), micros(2026, 10, 1, 12))
    drop_log(connection, "log")
    assert connection.execute("SELECT count(*) FROM duckdb_views() WHERE view_name LIKE 'log%'").fetchone() == (0,)


def test_that_every_canonical_column_is_read(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    head = ",".join(name for name in MESSAGE_COLUMNS if name != "source_row")
    row = (
        "m1,100,500,51999888777,pe,OUTBOUND,Utility,order_1,,API,g1,2026-10-01T12:00:00Z,1790856001,1790856002000,"
        "2026-10-01T12:00:03+00:00,c1,Utility,1790942400,PMP,regular,authentication-international,TRUE,0.0200,1.5"
    )
    stage(connection, csv_log(tmp_path, row, head=head))
    noon = micros(2026, 10, 1, 12)
    assert connection.execute("SELECT * EXCLUDE (place, phones) FROM log").fetchone() == (
        2, "m1", "100", "500", "51999888777", "PE", "outbound", "utility", "order_1", None, "api", "g1",
        noon, noon + 1_000_000, noon + 2_000_000, noon + 3_000_000, "c1", "Utility", micros(2026, 10, 2, 12),
        "PMP", "regular", "authentication-international", True, "0.0200", "1.5",
    )  # fmt: skip


def test_that_heads_may_differ_in_case_spaces_and_order(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    head = "User,DIRECTION,Message ID,phone number_id,Body,sent at"
    report = stage(connection, csv_log(tmp_path, "51999888777,Inbound,m1,500,secret text,1790856000", head=head))
    assert values(connection, "message_id", "direction", "waba_id") == [("m1", "inbound", "100")]
    assert sentences(report.decisions) == ["These columns are not part of the message log and were not read: Body."]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-10-01T12:00:00Z", micros(2026, 10, 1, 12)),
        ("2026-10-01T12:00:00.123456Z", micros(2026, 10, 1, 12) + 123_456),
        ("2026-10-01T12:00:00-05:00", micros(2026, 10, 1, 17)),
        ("2026-10-01 12:00:00+0530", micros(2026, 10, 1, 6, 30)),
        ("2026-10-01 12:00:00.5-05", micros(2026, 10, 1, 17) + 500_000),
        ("2026-10-01 12:00:00 UTC", micros(2026, 10, 1, 12)),
        ("2026-10-01 12:00:00 EST", micros(2026, 10, 1, 17)),
        ("2026-10-01 12:00:00 GMT-5", micros(2026, 10, 1, 17)),
        ("2026-10-01 12:00:00 America/Lima", micros(2026, 10, 1, 17)),
        ("1790856000", micros(2026, 10, 1, 12)),
        ("1790856000.25", micros(2026, 10, 1, 12) + 250_000),
        ("1790856000123", micros(2026, 10, 1, 12) + 123_000),
        ("1790856000123.5", micros(2026, 10, 1, 12) + 123_500),
        ("2026-10-01T12:00:00", micros(2026, 10, 1, 17)),
        ("2026-10-01 12:00", micros(2026, 10, 1, 17)),
        ("2026-10-01", micros(2026, 10, 1, 5)),
        ("2026-10-01T12:00:00z", micros(2026, 10, 1, 12)),
        ("2026-10-01 12:00:00 -05:00", micros(2026, 10, 1, 17)),
        ("2026-10-01T12:00:00\u00a0-0500", micros(2026, 10, 1, 17)),
        ("2026-10-01T12:00:00+14:00", micros(2026, 9, 30, 22)),
        ("2026-10-01T12:00:00-00:00", micros(2026, 10, 1, 12)),
        ("2026-10-01T12:00:00+05:45", micros(2026, 10, 1, 6, 15)),
        ("20261001T120000Z", micros(2026, 10, 1, 12)),
        ("20261001T120000", micros(2026, 10, 1, 17)),
        ('"2026-10-01T12:00:00,25Z"', micros(2026, 10, 1, 12) + 250_000),
        ('"2026-10-01 12:00:00,5"', micros(2026, 10, 1, 17) + 500_000),
    ],
)
def test_that_a_time_is_read_however_it_is_written(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, written: str, instant: int
) -> None:
    connection.execute("SET TimeZone = 'Asia/Tokyo'")  # the session's zone must not matter
    stage(connection, csv_log(tmp_path, f"a,100,500,51999888777,inbound,{written}"))
    assert values(connection, "sent_at") == [instant]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("yesterday", "time_unreadable"),
        ("1.79E+09", "time_unreadable"),
        ("2026-13-01", "time_unreadable"),
        ("2026-10-01T12:00:00+25:00", "time_unreadable"),
        ("2026-10-01T12:00:00-15:00", "time_unreadable"),
        ("2026-10-01T12:00:00+05:60", "time_unreadable"),
        ("2026-10-01 12:00:00 -0575", "time_unreadable"),
        ("2026-10-01+99", "time_unreadable"),
        ("2026-10-01 12:00:00 ART", "time_unreadable"),
        ("2026-10-01T12:00:00 ect", "time_unreadable"),
        ("2026-10-01 12:00 CST", "time_unreadable"),
        ("2014-12-31T23:59:59Z", "time_out_of_range"),
        ("2126-10-01T12:00:00Z", "time_out_of_range"),
        ("0", "time_out_of_range"),
        ("179085600012", "time_out_of_range"),
        ("99999999999999999999", "time_out_of_range"),
    ],
)
def test_that_a_time_that_is_none_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, written: str, code: str
) -> None:
    rows = ("a,100,500,1,inbound,1790856000", f"b,100,500,1,outbound,{written}", f"c,100,500,1,outbound,{written}")
    report = stage(connection, csv_log(tmp_path, *rows))
    assert refusals(report) == [(code, 2, 3, "sent_at")]
    assert (report.read, report.kept, report.refused) == (3, 1, 2)


def test_that_one_time_written_day_first_among_others_costs_its_row_only(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [f"{name},100,500,1,inbound,1790856000" for name in "abc"]
    report = stage(connection, csv_log(tmp_path, *rows, "d,100,500,1,inbound,16/10/2026 12:00"))
    assert refusals(report) == [("time_unreadable", 1, 5, "sent_at")]


def test_that_local_times_are_read_in_the_zone_of_the_rows_waba(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = csv_log(
        tmp_path,
        "a,100,500,1,inbound,2026-10-01 12:00:00",
        "b,200,600,1,inbound,2026-10-01 12:00:00",
        "c,,600,1,inbound,2026-12-01 12:00:00",
        "d,,500,1,inbound,2026-12-01T12:00:00Z",
    )
    path.write_text(path.read_text().replace("2026-12", "2025-12"))
    report = stage(connection, path, account(LIMA, YORK, language="es"))
    assert values(connection, "waba_id", "sent_at") == [
        ("100", micros(2026, 10, 1, 17)),
        ("200", micros(2026, 10, 1, 16)),
        ("200", micros(2025, 12, 1, 17)),
        ("100", micros(2025, 12, 1, 12)),
    ]
    assert sentences(report.decisions, "es") == [
        "3 filas tienen horas sin zona; se leyeron como hora local de la cuenta (America/Lima, America/New_York)."
    ]


def test_that_a_local_time_that_occurs_twice_is_the_first(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = ("a,200,600,1,inbound,2025-11-02 01:30:00", "b,200,600,1,inbound,2025-11-02 02:00:00")
    stage(connection, csv_log(tmp_path, *rows), account(YORK))
    # 01:30 first occurs in summer time (UTC-4); at 02:00 the clocks have been put back (UTC-5).
    assert values(connection, "sent_at") == [micros(2025, 11, 2, 5, 30), micros(2025, 11, 2, 7)]


def test_that_a_local_time_that_does_not_exist_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = (
        "a,200,600,1,inbound,2026-03-08 01:59:59",
        "b,200,600,1,inbound,2026-03-08 02:00:00",
        "c,200,600,1,inbound,2026-03-08 02:59:59.999999",
        "d,200,600,1,inbound,2026-03-08 03:00:00",
    )
    report = stage(connection, csv_log(tmp_path, *rows), account(YORK))
    assert refusals(report) == [("time_does_not_exist", 2, 3, "sent_at")]
    assert values(connection, "sent_at") == [micros(2026, 3, 8, 6, 59, 59), micros(2026, 3, 8, 7)]


@pytest.mark.parametrize(
    ("written", "user"),
    [
        ("51999888777", "51999888777"),
        ("+51 999 888 777", "51999888777"),
        ("whatsapp:+51999888777", "51999888777"),
        ("whatsapp:+ 51 999 888 777", "51999888777"),
        ("+ 51999888777", "51999888777"),
        ("WhatsApp: +51-999-888-777", "51999888777"),
        ("+1 (212) 555.0100", "12125550100"),
        ("(51) 999888777", "51999888777"),
        ("51999888777.0", "51999888777"),
        ("US.13491208655302741918", "US.13491208655302741918"),
        ("user.0a1b2c", "user.0a1b2c"),
        ("whatsapp:US.1349", "US.1349"),
        ("'51999888777", "51999888777"),
        ('"=""51999888777"""', "51999888777"),
        ('="+51 999 888 777"', "51999888777"),
        ("0051 999 888 777", "51999888777"),
        ("0051999888777", "51999888777"),
        ("0999888777", "0999888777"),
        ("tel:+51999888777", "51999888777"),
        ("51999888777@c.us", "51999888777"),
        ("51999888777:12@s.whatsapp.net", "51999888777"),
        ("https://wa.me/51999888777", "51999888777"),
    ],
)
def test_that_a_user_is_digits_or_a_business_scoped_id(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, written: str, user: str
) -> None:
    stage(connection, csv_log(tmp_path, f"a,100,500,{written},inbound,1790856000"))
    assert values(connection, "user") == [user]


@pytest.mark.parametrize(
    ("word", "flag"),
    [("true", True), ("TRUE", True), ("1", True), ("Yes", True), ("sí", True), ("SÍ", True), ("si", True),
     ("VERDADERO", True), ("false", False), ("0", False), ("No", False), ("FALSO", False),
     ("t", True), ("f", False), ("Y", True), ("n", False), ("", None), ("NULL", None), ("\\N", None)],
)  # fmt: skip
def test_that_yes_and_no_are_read_in_two_languages(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, word: str, flag: bool | None
) -> None:
    stage(connection, csv_log(tmp_path, f"a,100,500,1,inbound,1790856000,{word}", head=HEAD + ",referral"))
    assert values(connection, "referral") == [flag]


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("MARKETING", "marketing"),
        ("marketing-lite", "marketing_lite"),
        ("Authentication International", "authentication"),
        ("service", None),
        ("", None),
    ],
)
def test_that_a_category_is_one_of_a_template(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, word: str, category: str | None
) -> None:
    stage(connection, csv_log(tmp_path, f"a,100,500,1,outbound,1790856000,{word}", head=HEAD + ",template_category"))
    assert values(connection, "template_category") == [category]


@pytest.mark.parametrize(
    ("written", "amount"),
    [("0.0703", "0.0703"), (".0703", "0.0703"), ("+0.0703", "0.0703"), ("7.03E-2", "0.0703"), ('"0,0703"', "0.0703"),
     ('"-0,5"', "-0.5"), ("-.5", "-0.5"), ("NULL", None), ("null", None)],
)  # fmt: skip
def test_that_an_amount_is_exact_however_it_is_written(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, written: str, amount: str | None
) -> None:
    stage(connection, csv_log(tmp_path, f"a,100,500,1,outbound,1790856000,{written}", head=HEAD + ",logged_amount"))
    found = values(connection, "logged_amount")
    assert [Decimal(one) if one else one for one in found] == [Decimal(amount) if amount else None]


def test_that_every_refusal_is_counted_with_its_first_place(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    head = HEAD + ",template_category,origin,referral,billable,logged_amount,max_price"
    bad = {
        ",100,500,1,outbound,1790856000,,,,,,": ("log_no_message_id", "message_id"),
        "b,100,,1,outbound,1790856000,,,,,,": ("log_no_phone_number_id", "phone_number_id"),
        "c,100,500,,outbound,1790856000,,,,,,": ("log_no_user", "user"),
        "d,100,500,1,,1790856000,,,,,,": ("log_no_direction", "direction"),
        "e,100,500,1,sideways,1790856000,,,,,,": ("log_unknown_direction", "direction"),
        "f,100,500,1,outbound,1790856000,promo,,,,,": ("log_unknown_category", "template_category"),
        "g,100,500,1,outbound,1790856000,,fax,,,,": ("log_unknown_origin", "origin"),
        "h,100,500,1,inbound,1790856000,,,perhaps,,,": ("log_bad_flag", "referral"),
        "i,100,500,1,outbound,1790856000,,,,perhaps,,": ("log_bad_flag", "billable"),
        'j,100,500,1,outbound,1790856000,,,,,"1,07",': ("log_bad_amount", "logged_amount"),
        "k,100,500,1,outbound,1790856000,,,,,,$1": ("log_bad_amount", "max_price"),
        "l,999,500,1,outbound,1790856000,,,,,,": ("log_unknown_waba", "waba_id"),
        "m,100,500,1,inbound,,,,,,,": ("log_inbound_without_time", "sent_at"),
        "n,100,500,1,outbound,never,,,,,,": ("time_unreadable", "sent_at"),
    }
    good = "z,100,500,1,outbound,,,,,,7.03E-2,"
    report = stage(connection, csv_log(tmp_path, good, *bad, head=head))
    wanted = {(code, 1, row, column) for row, (code, column) in enumerate(bad.values(), 3)}
    assert set(refusals(report)) == wanted
    assert (report.read, report.kept, report.refused) == (15, 1, 14)
    assert (report.first, report.last) == (NEVER, NEVER)
    assert [float(amount) for amount in values(connection, "logged_amount")] == [0.0703]


def test_that_a_row_without_waba_is_filled_from_the_account_or_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = ("a,,500,1,inbound,1790856000", "b,,600,1,inbound,1790856000", "c,,700,1,inbound,1790856000")
    report = stage(connection, csv_log(tmp_path, *rows), account(LIMA, YORK))
    assert values(connection, "waba_id", "source_row") == [("100", 2), ("200", 3)]
    assert refusals(report) == [("log_no_waba", 1, 4, "waba_id")]


def test_that_a_number_the_account_does_not_list_is_kept(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert stage(connection, csv_log(tmp_path, "a,100,777,1,inbound,1790856000")).kept == 1


def test_that_a_log_of_foreign_accounts_only_is_refused_with_their_id(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    error = failure(connection, csv_log(tmp_path, "a,999,500,1,inbound,1790856000", "b,998,500,1,inbound,1790856000"))
    assert (error.code, error.values["waba"]) == ("log_all_of_unknown_waba", "999")


def test_that_a_log_without_a_usable_row_is_refused_with_its_reasons(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    error = failure(connection, csv_log(tmp_path, "a,100,500,1,inbound,never", "b,100,500,1,inbound,never"))
    assert (error.code, [problem.code for problem in error.problems]) == ("log_nothing_usable", ["time_unreadable"])


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ("b,1.02290129340398E+14,500,1,inbound,1790856000", "waba_id", "1.02290129340398E+14"),
        ('b,100,"1,06E+14",1,inbound,1790856000', "phone_number_id", "1,06E+14"),
        ("b,100,500,5.19999E10,inbound,1790856000", "user", "5.19999E10"),
        ("1.2e+17,100,500,1,inbound,1790856000", "message_id", "1.2e+17"),
        ("b,10229012934039812.0,500,1,inbound,1790856000", "waba_id", "10229012934039812.0"),
    ],
)
def test_that_ids_turned_into_numbers_refuse_the_file_with_the_cell(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, row: str, column: str, value: str
) -> None:
    error = failure(connection, csv_log(tmp_path, "a,100,500,1,inbound,1790856000", row))
    assert error.code == "log_id_damaged"
    assert error.place is not None
    assert (error.place.row, error.place.column, error.values["value"]) == (3, column, value)


def test_that_a_missing_column_is_named_with_those_seen(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    error = failure(connection, csv_log(tmp_path, "a,1,2", head="Sid,From,Direction"))
    assert error.code == "log_columns_missing"
    # The account has one number: that need not be told.
    assert error.values == {"columns": "message_id, user", "seen": "Sid, From, Direction"}


def test_that_two_columns_of_one_name_are_refused(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    error = failure(connection, csv_log(tmp_path, "a,100,500,1,inbound,,2", head=HEAD + ",Sent At"))
    assert (error.code, error.values) == ("log_column_twice", {"column": "sent_at"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "file_empty"),
        ("\n\n", "file_empty"),
        (HEAD + "\n", "log_only_heads"),
        (HEAD + "\u2028a,100,500,1,inbound,1790856000\u2028", "log_only_heads"),
    ],
)
def test_that_a_file_without_rows_is_said_to_be_empty_or_to_hold_heads_only(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, code: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    assert failure(connection, path).code == code


@pytest.mark.parametrize("word", ["NULL", "nan", "None", "<NA>", "undefined", "-", "N/A"])
def test_that_a_word_for_nothing_is_no_id_that_rows_have_in_common(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, word: str
) -> None:
    head = HEAD + ",group_id,conversation_id"
    good = f"wamid.a,100,500,1,outbound,1790856000,{word},{word}"
    bad = [f"{word},100,500,1,outbound,1790856000,,", f"wamid.b,100,500,{word},outbound,1790856000,,"]
    report = stage(connection, csv_log(tmp_path, good, *bad, head=head))
    assert refusals(report) == [("log_no_message_id", 1, 3, "message_id"), ("log_no_user", 1, 4, "user")]
    assert values(connection, "group_id", "conversation_id") == [(None, None)]


@pytest.mark.parametrize("word", ["#N/A", "#REF!", "#¡VALOR!", "#¿NOMBRE?", "#DIV/0!", "#N/D"])
def test_that_an_error_of_a_spreadsheet_is_no_id(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, word: str
) -> None:
    rows = ["wamid.a,100,500,1,outbound,1790856000,#1", f"{word},100,500,1,outbound,1790856000,"]
    rows += [f"wamid.b,100,500,{word},outbound,1790856000,", f"wamid.c,100,500,1,outbound,1790856000,{word}"]
    report = stage(connection, csv_log(tmp_path, *rows, head=HEAD + ",group_id"))
    found = [(row, column) for code, count, row, column in refusals(report) if (code, count) == ("log_id_error", 1)]
    assert found == [(5, "group_id"), (3, "message_id"), (4, "user")]
    assert values(connection, "group_id") == ["#1"]


@pytest.mark.parametrize("user", ["5199\u202e9888777", "51\u200b999888777", "\u202e777888999\u202c"])
def test_that_an_id_with_a_mark_that_is_not_seen_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, user: str
) -> None:
    rows = ["wamid.a,100,500,51999888777,outbound,1790856000", f"wamid.b,100,500,{user},outbound,1790856000"]
    rows += ["wamid\u200b.c,100,500,51999888777,outbound,1790856000"]
    report = stage(connection, csv_log(tmp_path, *rows))
    assert refusals(report) == [("log_id_hides", 1, 4, "message_id"), ("log_id_hides", 1, 3, "user")]
    assert values(connection, "message_id") == ["wamid.a"]


@pytest.mark.parametrize("mark", ["\ufeff", "\u200b", "\u202a", "\t", "\u00a0"])
def test_that_what_cannot_be_seen_around_an_id_does_not_make_another_of_it(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, mark: str
) -> None:
    rows = ["wamid.a,100,500,51999888777,outbound,1790856000", "7,100,500,US.a,outbound,1790856000"]
    marked = [f"{mark}wamid.a,100,500{mark},{mark}51999888777{mark},outbound,1790856000"]
    marked += [f"7{mark},100,{mark}500,{mark}US.a,outbound,1790856000"]
    stage(connection, csv_log(tmp_path, *rows, *marked))
    one, two, *others = values(connection, "message_id", "phone_number_id", "user")
    assert others == [one, two] == [("wamid.a", "500", "51999888777"), ("7", "500", "US.a")]


@pytest.mark.parametrize("user", ["51987654321.5", "+51987654321.25", '"51987654321,5"'])
def test_that_a_broken_number_is_no_phone(connection: duckdb.DuckDBPyConnection, tmp_path: Path, user: str) -> None:
    error = failure(connection, csv_log(tmp_path, f"a,100,500,{user},outbound,1790856000"))
    assert (error.code, error.place and error.place.column) == ("log_id_damaged", "user")
    assert error.values == {"value": user.strip('"')}


@pytest.mark.parametrize("user", ["51987654321.0", '"51987654321,00"', "51.987.654.321", "5198765.4321.0"])
def test_that_a_whole_or_grouped_number_is_a_phone(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, user: str
) -> None:
    stage(connection, csv_log(tmp_path, f"a,100,500,{user},outbound,1790856000"))
    assert values(connection, "user")[0].startswith("51987654321")


def test_that_a_row_without_end_is_named(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = ["a,100,500,1,inbound,1790856000,", f"b,100,500,1,inbound,1790856000,{'x' * 2_100_000}"]
    error = failure(connection, csv_log(tmp_path, *rows, head=HEAD + ",body"))
    assert (error.code, error.place and error.place.row) == ("log_row_endless", 3)


def test_that_a_missing_file_is_one_sentence(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert failure(connection, tmp_path / "none.csv").code == "file_missing"


def test_that_rows_keep_the_number_the_users_program_shows(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        HEAD + ",note\na,100,500,1,inbound,1790856000,x\n\n"
        'b,100,500,1,inbound,1790856000,"two\nlines"\nc,100,500,1,inbound,1790856000,x\n',
        encoding="utf-8",
    )
    stage(connection, path)
    assert values(connection, "message_id", "source_row") == [("a", 2), ("b", 4), ("c", 6)]


def test_that_short_rows_are_filled_and_long_ones_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = ("a,100,500,1,outbound", "b,100,500,1,inbound,1790856000,more", "c,100,500,1,inbound,1790856000,,")
    report = stage(connection, csv_log(tmp_path, *rows))
    assert values(connection, "message_id", "source_row") == [("a", 2), ("c", 4)]
    assert refusals(report) == [("log_row_too_long", 1, 3, "")]


def test_that_rows_of_bare_commas_are_left_out_and_said(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    report = stage(connection, csv_log(tmp_path, "a,100,500,1,inbound,1790856000", ",,,,,", ",,,,,"))
    assert (report.read, report.kept, report.left_out, report.refused) == (3, 1, 2, 0)
    assert sentences(report.decisions)[0].startswith("2 rows or events were left out")


@pytest.mark.parametrize("before", [0, 40_000], ids=["at once", "late"])
def test_that_rows_of_two_encodings_in_one_file_are_each_read_right(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, before: int
) -> None:
    line = "{},100,500,51999888777,inbound,2026-10-01T12:00:00Z,{}\n"
    rows = [line.format(f"m{n}", "x") for n in range(before)]
    utf8, windows = line.format("a", "promoción ñ").encode(), line.format("b", "promoción €").encode("cp1252")
    path = tmp_path / "log.csv"
    path.write_bytes(f"{HEAD},template_name\n{''.join(rows)}".encode() + utf8 + windows)
    report = stage(connection, path)
    assert values(connection, "message_id", "template_name")[-2:] == [("a", "promoción ñ"), ("b", "promoción €")]
    assert before or "Windows-1252" in sentences(report.decisions)[-1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_that_encodings_and_delimiters_are_found_by_content(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "log.txt"
    text = f"{HEAD},template_name\na,100,500,1,outbound,1790856000,año_nuevo\nb,100,500,1,outbound,1790856000,é\n"
    path.write_bytes(text.replace(",", delimiter).encode(encoding))
    stage(connection, path)
    assert values(connection, "template_name", "source_row") == [("año_nuevo", 2), ("é", 3)]


@pytest.mark.parametrize("encoding", ["cp850", "mac-roman"])
def test_that_letters_of_a_log_are_read_as_stated(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(f"{HEAD},template_name\na,100,500,1,outbound,1790856000,promoción_año\n".encode(encoding))
    report = stage_log(connection, path, account(), "log", unwatched, encoding=encoding)
    assert values(connection, "template_name") == ["promoción_año"]
    assert not any("Windows-1252" in said for said in sentences(report.decisions))


def test_that_a_semicolon_file_has_decimal_commas_and_says_so(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    head = f"{HEAD},logged_amount".replace(",", ";")
    report = stage(connection, csv_log(tmp_path, "a;100;500;1;outbound;1790856000;0,0703", head=head))
    assert values(connection, "logged_amount") == ["0.0703"]
    assert "decimal comma" in sentences(report.decisions)[0]


def test_that_excels_separator_line_is_passed_over(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = csv_log(tmp_path, HEAD.replace(",", ";"), "a;100;500;1;inbound;1790856000", head="sep=;")
    stage(connection, path)
    assert values(connection, "message_id", "source_row") == [("a", 3)]


def test_that_a_packed_csv_is_read(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(gzip.compress(f"{HEAD}\na,100,500,1,inbound,1790856000\n".encode()))
    stage(connection, path)
    assert values(connection, "message_id", "source_row") == [("a", 2)]


def test_that_a_large_csv_is_read_in_place_with_the_same_rows(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv_log(tmp_path, "a,100,500,1,inbound,1790856000", "b,100,500,1,inbound,never", "c,,500,1,outbound,")
    monkeypatch.setattr(log_tables, "LARGE", 0)
    report = stage(connection, path)
    assert values(connection, "message_id", "source_row") == [("a", 2), ("c", 4)]
    assert (report.read, report.kept, report.refused) == (3, 2, 1)
    assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)


def test_that_rows_stay_in_the_order_of_the_file_however_many_accounts(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = (f"m{number},{100 + number % 7},500,1,inbound,{1790856000 - number}" for number in range(50_000))
    wabas = [Waba(str(100 + place), "America/Lima", "USD", numbers=(Number(f"9{place}"),)) for place in range(7)]
    stage(connection, csv_log(tmp_path, *rows), account(*wabas))
    staged = values(connection, "source_row", "message_id", "sent_at")
    assert staged == [(row + 2, f"m{row}", (1790856000 - row) * 1_000_000) for row in range(50_000)]


@pytest.mark.parametrize("spelling", ["message-id", "MessageId", "Message ID", "messageID", "MESSAGE.ID"])
def test_that_a_canonical_head_is_known_in_other_spellings(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, spelling: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        f"{spelling},PhoneNumberId,User,Direction,SentAt\nm1,500,51999888777,inbound,2026-10-01T12:00:00Z\n"
    )
    assert recognise(path) == LOG
    report = stage(connection, path)
    assert values(connection, "message_id", "phone_number_id", "sent_at") == [("m1", "500", micros(2026, 10, 1, 12))]
    assert report.decisions == ()


def test_that_a_head_to_the_letter_goes_before_other_spellings(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("MessageId,message_id,phone_number_id,user,direction,UserId\nother,m1,500,51999888777,outbound,u\n")
    report = stage(connection, path)
    assert values(connection, "message_id", "user") == [("m1", "51999888777")]
    assert "MessageId, UserId" in sentences(report.decisions)[0]


def test_that_two_other_spellings_of_one_head_are_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("MessageId,message-id,phone_number_id,user,direction\nother,m1,500,51999888777,outbound\n")
    error = failure(connection, path)
    assert (error.code, error.values) == ("log_column_twice", {"column": "message_id"})


def test_that_the_database_never_joins_since_that_would_lose_the_order(connection: duckdb.DuckDBPyConnection) -> None:
    wabas = [Waba(str(place), "America/Lima", "USD", numbers=(Number(f"9{place}"),)) for place in range(20)]
    named = [name for name in MESSAGE_COLUMNS if name != "source_row"]
    connection.execute(f"CREATE TABLE raw ({', '.join(f'{name} VARCHAR' for name in quoted(named))})")
    select = canonical_sql("FROM raw", dict.fromkeys(named, "VARCHAR"), account(*wabas, YORK), datetime.now(UTC))
    connection.execute("CREATE TABLE objects (json JSON)")
    for statement in (select, rows_sql(payloads_of_objects("FROM objects"), account(*wabas))):
        plan = connection.execute(f"EXPLAIN {statement}").fetchall()
        assert "join" not in str(plan).lower()


def quoted(names: list[str]) -> list[str]:
    """Write column names as SQL."""
    return [f'"{name}"' for name in names]


def parquet(connection: duckdb.DuckDBPyConnection, folder: Path, columns: str) -> Path:
    path = folder / "log.parquet"
    connection.sql(f"SELECT {columns} FROM range(2) AS rows(i)").write_parquet(str(path))  # noqa: S608 - our own text
    return path


PARQUET = """'m' || i AS message_id, 102290129340398 AS waba_id, 500::BIGINT AS phone_number_id,
    51999888777 + i AS "user" """
LONG_ID = account(Waba("102290129340398", "America/New_York", "USD"))


@pytest.mark.parametrize(
    ("time", "instant"),
    [
        ("TIMESTAMPTZ '2026-10-01 12:00:00Z'", micros(2026, 10, 1, 12)),
        ("TIMESTAMP '2026-10-01 12:00:00'", micros(2026, 10, 1, 16)),
        ("TIMESTAMP_NS '2026-10-01 12:00:00'", micros(2026, 10, 1, 16)),
        ("TIMESTAMPTZ_NS '2026-10-01 12:00:00Z'", micros(2026, 10, 1, 12)),
        ("DATE '2026-10-01'", micros(2026, 10, 1, 4)),
        ("1790856000::BIGINT", micros(2026, 10, 1, 12)),
        ("1790856000::INTEGER", micros(2026, 10, 1, 12)),
        ("1790856000123::BIGINT", micros(2026, 10, 1, 12) + 123_000),
        ("1790856000.5::DOUBLE", micros(2026, 10, 1, 12) + 500_000),
        ("'2026-10-01T12:00:00Z'", micros(2026, 10, 1, 12)),
    ],
)
def test_that_parquet_columns_are_read_by_their_type(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, time: str, instant: int
) -> None:
    columns = (
        f"{PARQUET}, 'inbound' AS direction, {time} AS sent_at, true AS referral, 0.0703::DECIMAL(8, 4) AS max_price"
    )
    report = stage(connection, parquet(connection, tmp_path, columns), LONG_ID)
    assert values(connection, "source_row", "message_id", "waba_id", "user", "sent_at", "referral", "max_price") == [
        (1, "m0", "102290129340398", "51999888777", instant, True, "0.0703"),
        (2, "m1", "102290129340398", "51999888778", instant, True, "0.0703"),
    ]
    assert report.kept == 2


@pytest.mark.parametrize("kind", ["DECIMAL(20, 0)", "DECIMAL(20, 2)", "DECIMAL(38, 6)", "UBIGINT"])
def test_that_ids_kept_as_decimals_are_whole_numbers(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str
) -> None:
    columns = f"""102290129340398000 + i::{kind} AS message_id, 102290129340398::{kind} AS waba_id,
        500::{kind} AS phone_number_id, 51999888770::{kind} AS "user", 'inbound' AS direction, 1790856000 AS sent_at"""
    stage(connection, parquet(connection, tmp_path, columns), LONG_ID)
    assert values(connection, "message_id", "waba_id", "phone_number_id", "user") == [
        ("102290129340398000", "102290129340398", "500", "51999888770"),
        ("102290129340398001", "102290129340398", "500", "51999888770"),
    ]


@pytest.mark.parametrize("zeros", [".0", ".00", ".000000"])
def test_that_a_number_that_went_through_a_table_of_decimals_loses_its_zeros(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, zeros: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "message_id,phone_number_id,user,direction,sent_at\n"
        f"a,500{zeros},51999888770{zeros},inbound,2026-10-01T12:00:00Z\n"
        "b,500,+51 999.888.770,inbound,2026-10-01T12:00:00Z\n"
    )
    stage(connection, path, LONG_ID)
    assert values(connection, "phone_number_id", "user") == [("500", "51999888770")] * 2


@pytest.mark.parametrize("kind", ["BIGINT", "INTEGER", "UBIGINT", "DOUBLE", "DECIMAL(18, 3)", "TIMESTAMP", "VARCHAR"])
def test_that_an_empty_time_stays_unknown(connection: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str) -> None:
    columns = f"{PARQUET}, 'outbound' AS direction, NULL::{kind} AS sent_at, NULL AS read_at"
    report = stage(connection, parquet(connection, tmp_path, columns), LONG_ID)
    assert values(connection, "sent_at", "read_at") == [(None, None)] * 2
    assert (report.decisions, report.first) == ((), NEVER)


def test_that_no_number_is_an_unknown_time_though_the_files_statistics_hide_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    # As pyarrow writes it: messages a, b and c of 500 to 51999888777, sent at 1790856000.0, NaN and 1790856060.0.
    report = stage(connection, Path(__file__).parents[1] / "fixtures" / "logs" / "nan_between.parquet", LONG_ID)
    assert values(connection, "sent_at") == [micros(2026, 10, 1, 12), None, micros(2026, 10, 1, 12, 1)]
    assert (report.kept, report.refused) == (3, 0)


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("sent_at", "{'seconds': 1790856000}", "STRUCT"),
        ("sent_at", "[1790856000]", "INTEGER[]"),
        ("sent_at", "TIME '12:00:00'", "TIME"),
        ("sent_at", "true", "BOOLEAN"),
        ("user", "{'wa_id': '51999888777'}", "STRUCT"),
        ("country", "MAP {'code': 'PE'}", "MAP"),
    ],
)
def test_that_a_parquet_column_of_a_type_that_says_nothing_is_named(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, column: str, value: str, kind: str
) -> None:
    cells = {
        "message_id": "'m'", "phone_number_id": "'500'", "user": "'1'", "direction": "'outbound'", column: value
    }  # fmt: skip
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in cells.items())
    error = failure(connection, parquet(connection, tmp_path, columns))
    assert (error.code, error.values) == ("log_column_odd_kind", {"column": column, "kind": kind})


def test_that_parquet_texts_of_older_writers_are_texts(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = f"{PARQUET}, 'inbound' AS direction, '2026-10-01T12:00:00Z'::BLOB AS sent_at, 'ñ'::BLOB AS group_id"
    stage(connection, parquet(connection, tmp_path, columns.replace("'ñ'::BLOB", "encode('ñ')")), LONG_ID)
    assert values(connection, "sent_at", "group_id") == [(micros(2026, 10, 1, 12), "ñ")] * 2


def test_that_a_time_of_seven_digits_is_refused(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = f"{PARQUET}, 'inbound' AS direction, 1790856000::FLOAT AS sent_at"
    error = failure(connection, parquet(connection, tmp_path, columns), LONG_ID)
    assert error.code == "log_nothing_usable"
    assert error.place is not None
    assert error.place.column == "sent_at"


def test_that_a_local_parquet_time_that_does_not_exist_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    columns = f"{PARQUET}, 'inbound' AS direction, TIMESTAMP '2026-03-08 01:30:00' + to_hours(i) AS sent_at"
    report = stage(connection, parquet(connection, tmp_path, columns), LONG_ID)
    assert refusals(report) == [("time_does_not_exist", 1, 2, "sent_at")]
    assert "2 rows" not in sentences(report.decisions)[0]


@pytest.mark.parametrize(
    "value", ["106540352242922000::DOUBLE", "1065403522429220::DOUBLE", "500.5::DOUBLE", "51999888::FLOAT"]
)
def test_that_parquet_ids_as_floating_numbers_that_may_have_lost_digits_are_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, value: str
) -> None:
    columns = f"'m' AS message_id, {value} AS phone_number_id, '1' AS \"user\", 'outbound' AS direction"
    error = failure(connection, parquet(connection, tmp_path, columns))
    assert error.code == "log_id_damaged"
    assert error.place is not None
    assert (error.place.row, error.place.column) == (1, "phone_number_id")


def test_that_parquet_ids_as_floating_numbers_that_keep_all_digits_are_read(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    columns = """'m' || i AS message_id, CASE WHEN i = 0 THEN 102290129340398::DOUBLE END AS waba_id,
        106540352242922::DOUBLE AS phone_number_id, 51999888770::DOUBLE AS "user", 'outbound' AS direction"""
    stage(connection, parquet(connection, tmp_path, columns), LONG_ID)
    ids = ("102290129340398", "106540352242922", "51999888770")
    assert values(connection, "waba_id", "phone_number_id", "user") == [ids, ids]


def test_that_an_empty_parquet_column_of_floating_numbers_is_harmless(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    columns = (
        "'m' || i AS message_id, 'nan'::DOUBLE AS waba_id, '500' AS phone_number_id, '1' AS \"user\", "
        "'outbound' AS direction, 'nan'::DOUBLE AS sent_at, NULL::DOUBLE AS read_at, 1.0::DOUBLE AS billable"
    )
    stage(connection, parquet(connection, tmp_path, columns))
    assert values(connection, "waba_id", "sent_at", "read_at", "billable") == [("100", None, None, True)] * 2


def test_that_a_damaged_parquet_file_is_one_sentence(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")
    assert failure(connection, path).code == "file_damaged"


def workbook(folder: Path, *rows: tuple[object, ...]) -> Path:
    path = folder / "log.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("Messages")
        for number, row in enumerate((tuple(HEAD.split(",")), *rows)):
            sheet.write_row(number, 0, row)
    return path


def test_that_a_workbook_is_read_with_its_own_row_numbers(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = workbook(
        tmp_path,
        ("a", "100", "500", "51999888777", "inbound", datetime(2026, 10, 1, 12)),  # noqa: DTZ001 - Excel's are local
        (),
        ("b", "100", "500", 51999888778, "outbound", 1790856000),
    )
    report = stage(connection, path)
    assert values(connection, "source_row", "message_id", "user", "sent_at") == [
        (2, "a", "51999888777", micros(2026, 10, 1, 17)),
        (4, "b", "51999888778", micros(2026, 10, 1, 12)),
    ]
    assert (report.read, report.kept) == (2, 2)


def test_that_a_long_id_kept_as_a_number_in_a_workbook_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = workbook(tmp_path, ("a", 102290129340398123, "500", "1", "inbound", 1790856000))
    error = failure(connection, path)
    assert error.code == "log_id_damaged"
    assert error.place is not None
    assert (error.place.sheet, error.place.row, error.place.column) == ("Messages", 2, "waba_id")


def test_that_a_refused_kind_of_file_is_one_sentence(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text('<?xml version="1.0"?><Invoice/>', encoding="utf-8")
    assert failure(connection, path).code == "log_kind_unknown"


def test_that_work_can_be_stopped_and_leaves_nothing(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    def stop(step: str, done: int, total: int) -> None:
        assert step == "read_log"
        if total:
            raise Cancelled

    path = csv_log(tmp_path, "a,100,500,1,inbound,1790856000")
    with pytest.raises(Cancelled):
        stage_log(connection, path, account(), "log", stop)
    assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)
    stage(connection, path)
    assert values(connection, "message_id") == ["a"]


def test_that_work_can_be_stopped_at_its_very_end(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = csv_log(tmp_path, "a,100,500,1,inbound,1790856000")
    stage_log(connection, path, account(), "log", lambda *step: told.append(step))
    drop_log(connection, "log")
    assert told[-1] == ("read_log", 100, 100)

    def stop(step: str, done: int, total: int) -> None:
        if done == total > 0:  # the rows are in; what the file is known by is being made
            raise Cancelled

    with pytest.raises(Cancelled):
        stage_log(connection, path, account(), "log", stop)
    assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)


@pytest.mark.parametrize(("begun", "end"), [(True, KeyboardInterrupt), (False, KeyboardInterrupt), (True, SystemExit)])
def test_that_nothing_is_at_work_on_a_database_after_a_statement_was_stopped_as_it_began(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, begun: bool, end: type[BaseException]
) -> None:
    # On a busy machine a thread takes long to begin, and Ctrl-C may come before its start is known, or even made.
    class Interrupted(threading.Thread):
        def start(self) -> None:
            if begun:
                super().start()
            raise end

    monkeypatch.setattr(threading, "Thread", Interrupted)
    endless = "SELECT count(*) FROM range(1000000000000) AS made(n) WHERE n % 7 = 3"
    with pytest.raises(end):
        watch(connection, endless, unwatched)
    drop_log(connection, "log")
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_that_odd_names_are_no_danger(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "o'log 1.csv").write_text("something else", encoding="utf-8")
    path = tmp_path / "o'log [1].csv"
    path.write_text(f"{HEAD},it's \"odd\"\na,o'100,500,1,inbound,1790856000,x\n", encoding="utf-8")
    stage(connection, path, account(Waba("o'100", "America/Lima", "USD")))
    assert values(connection, "waba_id") == ["o'100"]


def test_that_a_log_is_read_from_workbooks_of_other_kinds(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    heads = ("message_id", "phone_number_id", "user", "direction", "sent_at", "delivered_at")
    rows = [heads, ("m1", "n1", "51999888777", "outbound", "2026-10-05T15:00:00Z", "2026-10-05T15:00:02Z"),
            ("m2", "n1", "51999888777", "inbound", "2026-10-05T15:01:00Z", None)]  # fmt: skip
    for path in (write_xlsb(tmp_path / "log.xlsb", {"Log": rows}), write_xls(tmp_path / "log.xls", {"Log": rows}, {})):
        assert recognise(path) == LOG
        stage(connection, path)
        assert values(connection, "message_id", "direction", "source_row") == [
            ("m1", "outbound", 2),
            ("m2", "inbound", 3),
        ]
        drop_log(connection, "log")

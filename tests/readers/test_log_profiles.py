"""Other platforms' message logs come in by themselves, and say what they do not hold."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.timeline import iso
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.messages import stage_log
from auditor.readers.recognise import LOG
from auditor.readers.recognise import recognise
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import WABA
from tests.readers.fixtures.accounts import andina

_LOGS = Path(__file__).parent / "fixtures" / "logs"


_RAPIDPRO = """
Date|Contact UUID|Contact Name|URN Scheme|URN Value|Flow|Direction|Text|Status|Channel
2026-10-05 10:00:00|u1|Ana|whatsapp|51911111111||OUT|hola|delivered|Ventas
2026-10-05 10:02:00|u1|Ana|whatsapp|51911111111||IN|si|handled|Ventas
2026-10-05 10:03:00|u2|Luis|telegram|123||IN|hi|handled|Bot
"""


def _staged(path: Path, account: Account) -> tuple[list[tuple[str, ...]], ImportReport]:
    assert recognise(path) == LOG
    with duckdb.connect() as connection:
        report = stage_log(connection, path, account, "log", lambda *_: None)
        rows = connection.execute(
            'SELECT message_id, waba_id, phone_number_id, "user", direction, sent_at, delivered_at, failed_at '
            "FROM log ORDER BY source_row"
        ).fetchall()
    return [tuple(_said(value) for value in row) for row in rows], report


def _said(value: object) -> str:
    return iso(value)[11:19] if isinstance(value, int) else str(value or "")


def _sent(name: str, user: str, sent: str, delivered: str = "", failed: str = "") -> tuple[str, ...]:
    return (name, WABA, NUMBER, user, "outbound", sent, delivered, failed)


def _came(name: str, user: str, sent: str) -> tuple[str, ...]:
    return (name, WABA, NUMBER, user, "inbound", sent, "", "")


@pytest.mark.parametrize(
    ("name", "expected", "left_out"),
    [
        ("twilio", [_sent("SM1", "51911111111", "15:00:00", "15:00:00"),
                  _sent("SM2", "51911111112", "15:01:00", "", "15:01:00"),
                  _came("SM3", "51911111111", "15:02:00")], 1),
        ("vonage", [_sent("m1", "51911111111", "15:00:00", "15:00:09"),
                  _sent("m2", "51911111112", "15:01:00", "", "15:01:02"),
                  _came("m3", "51911111111", "15:02:00")], 1),
        ("kaleyra", [_sent("m1", "51911111111", "15:00:00", "15:00:09"),
                   _sent("m2", "51911111112", "15:01:00", "", "15:01:02"),
                   _came("m3", "51911111111", "15:02:00")], 0),
        ("route_mobile", [_sent("m1", "51911111111", "15:00:00", "15:00:09"),
                 _sent("m2", "51911111112", "15:01:00", "", "15:01:02")], 0),
    ],
)  # fmt: skip
def test_that_a_platforms_log_comes_in_by_itself(name: str, expected: Sequence[tuple[str, ...]], left_out: int) -> None:
    rows, report = _staged(_LOGS / f"{name}.csv", andina())
    assert rows == list(expected)
    assert (report.kept, report.left_out, report.refused) == (len(expected), left_out, 0)
    assert report.profile
    assert "log_lacks_template_category" in [problem.code for problem in report.problems]
    for language in LANGUAGES:
        for problem in report.problems:
            assert Language(language).text(f"problems.{problem.code}", **problem.values)


def test_that_an_export_without_ids_counts_its_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for line in _RAPIDPRO.strip().splitlines():
        page.append(line.split("|"))
    book.save(tmp_path / "a.xlsx")
    rows, report = _staged(tmp_path / "a.xlsx", andina())
    # Lima is five hours behind UTC.
    assert rows == [
        _sent("row 2", "51911111111", "15:00:00", "15:00:00"),
        _came("row 3", "51911111111", "15:02:00"),
    ]
    assert report.left_out == 1


def test_that_a_log_that_names_no_number_needs_an_account_of_one() -> None:
    account = Account("x", andina().first, andina().last, "USD", ())
    with pytest.raises(AuditorError, match="log_columns_missing"):
        _staged(_LOGS / "route_mobile.csv", account)


@pytest.mark.parametrize("user", ["'whatsapp:+51911111111'", "51911111111::BIGINT", "51911111111::DOUBLE"])
@pytest.mark.parametrize(
    "time", ["TIMESTAMP '2026-10-05 15:00:00'", "TIMESTAMPTZ '2026-10-05 15:00:00+00'", "1791212400::BIGINT"]
)
def test_that_a_platforms_parquet_may_hold_times_and_numbers_as_such(tmp_path: Path, user: str, time: str) -> None:
    path = tmp_path / "twilio.parquet"
    cells = {"From": "'whatsapp:+51900000000'", "To": user, "Status": "'sent'", "Direction": "'outbound-api'",
             "Sid": "'SM1'", "SentDate": time}  # fmt: skip
    with duckdb.connect() as connection:
        columns = ", ".join(f'{sql} AS "{head}"' for head, sql in cells.items())
        connection.sql(f"SELECT {columns}").write_parquet(str(path))
        connection.execute("SET TimeZone = 'Asia/Kolkata'")
        report = stage_log(connection, path, andina(), "log", lambda *_: None)
        rows = connection.execute('SELECT "user", sent_at FROM log').fetchall()
    assert (report.profile, report.kept) == ("Twilio messages", 1)
    assert [(row[0], iso(row[1])) for row in rows] == [("51911111111", "2026-10-05T15:00:00Z")]

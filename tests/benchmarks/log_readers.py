"""A message log taken in, with every check of every row, against the readers beneath it doing nothing else.

    .venv/bin/python -m tests.benchmarks.log_readers [ROWS] [RUNS]

CSV: DuckDB reads the file into a table, with the types that it guesses (ids become numbers) and with ours. Webhooks,
one a line: DuckDB parses them into a table, or only tells them apart. A workbook of the same rows, at most half a
million: calamine gives its cells. All in turn, each in a process of its own. Read the ratios, not the seconds.
"""

# ruff: noqa: T201 - a benchmark prints

import json
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb
import xlsxwriter

from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.records import Number
from auditor.core.records import Waba
from auditor.readers.logs.messages import stage_log

_ROWS, _BOOK_ROWS, _RUNS = 1_000_000, 500_000, 3
_BEGIN = 1_790_856_000
_WABA = Waba("100", "America/Lima", "USD", numbers=(Number("500"),))
_ACCOUNT = Account("Log", date(2026, 10, 1), date(2026, 10, 31), "USD", (_WABA,))
_CSV = """
SELECT 'wamid.HBgLNTE5OTk4ODg3NzcVAgARGBI' || i AS message_id, '100' AS waba_id, '500' AS phone_number_id,
  '519' || (10000000 + hash(i) % 90000000) AS "user", 'outbound' AS direction,
  ['marketing', 'utility', 'authentication'][1 + i % 3] AS template_category, '' AS referral,
  strftime(make_timestamp((1790856000 + i) * 1000000), '%Y-%m-%dT%H:%M:%SZ') AS sent_at,
  strftime(make_timestamp((1790856003 + i) * 1000000), '%Y-%m-%dT%H:%M:%SZ') AS delivered_at, '' AS read_at,
  '' AS failed_at
FROM range({rows}) AS _(i)
"""


def write_csv(path: Path, rows: int) -> None:
    """Write a canonical log, one message a row."""
    duckdb.execute(f"COPY ({_CSV.format(rows=rows)}) TO '{path}' (FORMAT csv, HEADER)")


def write_book(path: Path, rows: int) -> None:
    """Write the same log as a workbook."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Log")
        found = duckdb.execute(_CSV.format(rows=rows))
        sheet.write_row(0, 0, [column[0] for column in found.description])
        for number in range(1, rows + 1):
            row = found.fetchone() or ()
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(number, column, text)


def write_webhooks(path: Path, rows: int) -> None:
    """Write a delivery a line, as Meta sends it."""
    pricing = {"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"}
    with path.open("w", encoding="utf-8") as file:
        for n in range(rows):
            user = f"519{n * 7919 % 100_000_000:08d}"
            status = {
                "id": f"wamid.HBgLNTE5OTk4ODg3NzcVAgARGBI{n:08d}", "status": "delivered",
                "timestamp": str(_BEGIN + n), "recipient_id": user, "pricing": pricing,
            }  # fmt: skip
            metadata = {"display_phone_number": "51999000111", "phone_number_id": "500"}
            value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
            entry = {"id": "100", "changes": [{"value": value, "field": "messages"}]}
            file.write(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, separators=(",", ":")))
            file.write("\n")


_TEXTS = ("message_id", "waba_id", "phone_number_id", "user", "direction", "template_category", "referral")
_TIMES = ("sent_at", "delivered_at", "read_at", "failed_at")
_COLUMNS = dict.fromkeys(_TEXTS, "VARCHAR") | dict.fromkeys(_TIMES, "TIMESTAMPTZ")
_BARE = {
    "csv": "CREATE TABLE log AS FROM read_csv('{path}')",
    "csv, our types": "CREATE TABLE log AS FROM read_csv('{path}', columns = {columns})",
    "json": "CREATE TABLE log AS FROM read_json('{path}', format = 'newline_delimited')",
    "json objects": (
        "SELECT count(*), sum(length(json)) FROM read_json_objects('{path}', format = 'newline_delimited')"
    ),
}


def _read(way: str, path: Path) -> None:
    with duckdb.connect() as connection:
        if way == "ours":
            stage_log(connection, path, _ACCOUNT, "log", unwatched)
        elif way == "calamine":
            import python_calamine

            for _ in python_calamine.load_workbook(str(path)).get_sheet_by_index(0).iter_rows():
                pass
        else:
            connection.execute(_BARE[way].format(path=path, columns=_COLUMNS))


def _timed(way: str, path: Path) -> tuple[float, float, float]:
    """Give the seconds by the clock and by the processor, and the peak MiB, those of its own child with them."""
    child = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.log_readers", way, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    clock, processor, peak = map(float, child.stdout.split())
    return clock, processor, peak


def _compared(path: Path, ways: tuple[str, ...], runs: int) -> None:
    taken: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
    for _ in range(runs):
        for way, times in taken.items():
            times.append(_timed(way, path))
    ours = [median(column) for column in zip(*taken["ours"], strict=True)]
    print(f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB")
    for way, times in taken.items():
        clock, processor, peak = (median(column) for column in zip(*times, strict=True))
        ratio = f"ours {ours[0] / clock:.2f} times by the clock, {ours[1] / processor:.2f} by the processor"
        print(f"  {way:<14} {clock:5.2f} s, processor {processor:5.2f} s, peak {peak:,.0f} MiB; {ratio}")


def main() -> None:
    """Run all in turn and say the medians."""
    if sys.argv[1:2] and not sys.argv[1].isdigit():
        begin, start = time.perf_counter(), time.process_time()
        _read(sys.argv[1], Path(sys.argv[2]))
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        processor = sum(one.ru_utime + one.ru_stime for one in used) - start
        print(time.perf_counter() - begin, processor, sum(one.ru_maxrss for one in used) / 1024)
        return
    rows, runs = (int(sys.argv[1]) if sys.argv[1:] else _ROWS), (int(sys.argv[2]) if sys.argv[2:] else _RUNS)
    with TemporaryDirectory() as folder:
        csv, webhooks, book = (Path(folder) / name for name in ("log.csv", "log.jsonl", "log.xlsx"))
        write_csv(csv, rows)
        _compared(csv, ("csv", "csv, our types", "ours"), runs)
        csv.unlink()
        write_webhooks(webhooks, rows)
        _compared(webhooks, ("json objects", "json", "ours"), runs)
        webhooks.unlink()
        write_book(book, min(rows, _BOOK_ROWS))
        _compared(book, ("calamine", "ours"), runs)


if __name__ == "__main__":
    main()

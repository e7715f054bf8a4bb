"""Texts on Spark: lines are read as on the desktop, whatever a program made of them; what no line tells is refused."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.verbs import read_account_file
from tests.audit_files import LOG_COLUMNS
from tests.audit_files import ROWS
from tests.audit_files import write_files
from tests.cluster.nasty_logs import MASTER

pytestmark = pytest.mark.spark

FACTS = ("read", "kept", "left_out", "refused")


def table(delimiter: str = ",", **more: str) -> str:
    """Write the small audit's log as a CSV; `more` is said in its last row."""
    text = io.StringIO()
    lines = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    rows = [*ROWS[:-1], ROWS[-1] | more]
    lines.writerows([LOG_COLUMNS, *([row.get(name, "") for name in LOG_COLUMNS] for row in rows)])
    return text.getvalue()


def charged(account: Path, log: Path) -> Any:
    """Charge a log on Spark."""
    from auditor.cluster.engine import Cluster
    from auditor.cluster.engine import charge_on_spark
    from auditor.cluster.engine import terms_of

    terms = terms_of(read_account_file(account)[0], [])
    return charge_on_spark([str(log)], terms, Cluster(MASTER, partitions=2))


def of_desktop(account: Path, log: Path) -> dict[str, Any]:
    """Give the SUMMARY of the desktop."""
    summary = account.parent / "summary.json"
    assert main(["charges", "--account", str(account), "--messages", str(log), "--summary", str(summary)]) == 0
    found: dict[str, Any] = json.loads(summary.read_text(encoding="utf-8"))
    return found


LAST = table().splitlines()[-1]
TEXTS = {
    "semicolons, marks and returns": b"\xef\xbb\xbf" + table(";").replace("\n", "\r\n").encode(),
    "rows too long and too short": f"{table()}{LAST},,,too long\n{','.join(LAST.split(',')[:9])}\n".encode(),
    "quotation marks": (table(group_id='a "group", so called') + LAST.replace(",,", ',5" wide,', 1) + "\n").encode(),
    "letters of Windows": table(group_id="peña").encode("cp1252"),
    "no line's end at the end, blank lines": table().replace("\n", "\n\n", 3).rstrip("\n").encode(),
}


@pytest.mark.parametrize("name", TEXTS)
def test_that_rows_of_an_odd_csv_are_those_of_the_desktop(tmp_path: Path, spark: Any, name: str) -> None:
    account = write_files(tmp_path).account
    log = tmp_path / "odd.csv"
    log.write_bytes(TEXTS[name])
    wanted, found = of_desktop(account, log), charged(account, log)
    (read,) = [one for one in wanted["imports"] if one["kind"] == "log"]
    assert {name: getattr(found.report, name) for name in FACTS} == {name: read[name] for name in FACTS}
    assert {**found.summary, "imports": []} == {**wanted, "imports": []}


def test_that_values_of_json_are_found_by_their_keys_and_broken_lines_are_counted(tmp_path: Path, spark: Any) -> None:
    account, log = write_files(tmp_path).account, tmp_path / "log.jsonl"
    spelled = {"message_id": "messageId", "delivered_at": "Delivered At"}
    rows: list[dict[str, Any]] = [{spelled.get(name, name): value for name, value in row.items()} for row in ROWS[:-1]]
    rows[0]["user"] = int(rows[0]["user"])
    lines = [*map(json.dumps, rows), '{"message_id": "cut of', "[1]", json.dumps({**ROWS[-1], "referral": None})]
    log.write_text("\n".join(lines), encoding="utf-8")
    found = charged(account, log)
    assert [getattr(found.report, name) for name in FACTS] == [len(ROWS) + 2, len(ROWS), 0, 2]
    assert [(one.code, one.count) for one in found.report.problems] == [("webhook_not_json", 2)]
    # 10 of marketing at 0.10, 5 of utility at 0.02, a free answer (see `audit_files.py`).
    assert (found.charges, found.summary["expected"]["USD"]["amount"]) == (16, "1.10")


def swapped() -> str:
    """Give the same log with two of its columns the other way round."""
    one, other = LOG_COLUMNS.index("sent_at"), LOG_COLUMNS.index("delivered_at")
    rows = [line.split(",") for line in table().splitlines()]
    for row in rows:
        row[one], row[other] = row[other], row[one]
    return "\n".join(map(",".join, rows)) + "\n"


REFUSED: dict[str, tuple[str, dict[str, str]]] = {
    "file_missing": ("nowhere.csv", {}),
    "spark_unread": ("log.parquet", {"log.parquet": "no table"}),
    "log_heads_differ": ("log.csv", {"log.csv/a.csv": table(), "log.csv/b.csv": swapped()}),
    "spark_cell_over_lines": ("log.csv", {"log.csv": table(group_id="two\nlines")}),
    "log_column_odd_kind": ("log.jsonl", {"log.jsonl": json.dumps(ROWS[0] | {"user": {"wa_id": "51987654321"}})}),
    "log_column_twice": ("log.csv", {"log.csv": table().replace("country", "User", 1).replace("user", "USER", 1)}),
}


@pytest.mark.parametrize("code", REFUSED)
def test_that_a_text_is_refused_that_no_line_tells_how_to_read(tmp_path: Path, spark: Any, code: str) -> None:
    account = write_files(tmp_path).account
    name, files = REFUSED[code]
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(AuditorError) as caught:
        charged(account, tmp_path / name)
    assert caught.value.code == code
    assert caught.value.place is not None
    assert name in caught.value.place.file


def test_that_ids_of_a_parquet_file_that_lost_digits_are_refused(tmp_path: Path, spark: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    account = write_files(tmp_path).account
    users = {"user": pa.array([5.1987654321e16] * len(ROWS))}
    columns = {name: pa.array([row.get(name) for row in ROWS], "string") for name in LOG_COLUMNS}
    pyarrow.parquet.write_table(pa.table(columns | users), tmp_path / "log.parquet")
    with pytest.raises(AuditorError) as caught:
        charged(account, tmp_path / "log.parquet")
    assert caught.value.code == "log_id_damaged"


def test_that_a_number_in_the_name_of_a_folder_keeps_its_zeros(tmp_path: Path, spark: Any) -> None:
    files = write_files(tmp_path)
    files.account.write_text(files.account.read_text(encoding="utf-8").replace('"number"', '"0106"'), encoding="utf-8")
    folder = tmp_path / "log.csv" / "phone_number_id=0106"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text(table().replace("phone_number_id", "nothing", 1), encoding="utf-8")
    found = charged(files.account, tmp_path / "log.csv")
    assert [cell.phone_number_id for cell in found.cells] == ["0106"] * len(found.cells)

"""Bad input, seen through the command line: refused or told, each with its place, and never a zero in silence."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from tests.audit_files import ACCOUNT
from tests.audit_files import ROWS
from tests.audit_files import Files
from tests.audit_files import write_card
from tests.audit_files import write_files
from tests.core.invoicing import Row
from tests.core.invoicing import priced

TIERS = [
    priced("Peru", "utility", "0.03") | {"tier_from": "1", "tier_to": "1000"},
    priced("Peru", "utility", "0.02") | {"tier_from": "1000", "tier_to": ""},
]
FX_ACCOUNT = ACCOUNT.replace('period = "2026-10"\ncurrency = "USD"', 'period = "2026-10"\ncurrency = "PEN"')


def charging(files: Files) -> tuple[int, dict[str, Any]]:
    """Charge the log; give the status and, where it was written, the summary."""
    target = files.log.with_name("summary.json")
    words = ["charges", "--account", files.account, "--messages", files.log, "--summary", target]
    status = main([str(word) for word in words])
    return status, json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}


def changed(**facts: str) -> list[Row]:
    """Give the log with other facts in its fourth row, the second of ten marketing messages (row 5 of the file)."""
    return [row | facts if n == 3 else row for n, row in enumerate(ROWS)]


@pytest.mark.parametrize(
    ("rows", "place", "words"),
    [
        ([priced("Peru", "marketing", "0.1"), priced("Peru", "marketing", "0.2")], "row 3", "already states a rate"),
        (TIERS, "row 3", "already states a rate"),
        ([priced("Peru", "marketing", "-0.1")], "row 2, column rate", "cannot be negative"),
        ([priced("Narnia", "marketing", "0.1")], "row 2, column market", "“Narnia” is not a market"),
        ([priced("Peru", "sms", "0.1")], "row 2, column category", "“sms” is not a category"),
        ([priced("Peru", "marketing", "0,1")], "row 2, column rate", "“0,1” is not a number"),
        ([priced("Peru", "marketing", "")], "row 2, column rate", "neither a rate nor a mark-up"),
    ],
)
def test_that_an_unsound_card_is_refused_with_its_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: Sequence[Row], place: str, words: str
) -> None:
    files = write_files(tmp_path)
    write_card(files.card, rows)
    status, summary = charging(files)
    said = capsys.readouterr().err
    assert (status, summary) == (2, {})
    assert f"contract.csv, {place}:" in said
    assert words in said


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (ACCOUNT.replace("America/Lima", "America/Atlantis"), "“America/Atlantis” is not a time zone"),
        (
            ACCOUNT + "\n[[opening_volume]]\nportfolio = 'waba'\nmarket = 'Narnia'\ncategory = 'utility'\n"
            "month = '2026-10'\nvolume = 1\n",
            "“Narnia” is not a market",
        ),
    ],
)
def test_that_a_zone_or_a_market_that_does_not_exist_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], account: str, words: str
) -> None:
    status, _ = charging(write_files(tmp_path, account=account))
    said = capsys.readouterr().err
    assert status == 2
    assert "account.toml" in said
    assert words in said


def test_that_a_day_without_exchange_rate_is_refused_by_date_and_pair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = write_files(tmp_path, account=f'{FX_ACCOUNT}\n[fx]\nmethod = "daily"\nfile = "fx.csv"\n')
    # Eight days before the messages of the fifth.
    (tmp_path / "fx.csv").write_text("date,from,to,rate\n2026-09-27,USD,PEN,3.75\n", encoding="utf-8")
    words = ["reconcile", "--account", files.account, "--messages", files.log]
    assert main([str(word) for word in words]) == 2
    said = capsys.readouterr().err
    assert "from USD to PEN" in said
    assert "05 Oct 2026" in said


@pytest.mark.parametrize(
    ("facts", "place", "words"),
    [
        ({"sent_at": "2031-01-01T00:00:00Z"}, "row 5, column sent_at", "more than a year ahead"),
        ({"delivered_at": "2014-12-31T23:59:59Z"}, "row 5, column delivered_at", "before 2015"),
        ({"sent_at": "1969-01-01T00:00:00Z"}, "row 5, column sent_at", "before 2015"),
        ({"sent_at": "yesterday"}, "row 5, column sent_at", "cannot be read"),
        ({"user": "PE.44521", "country": "Narnia"}, "row 5, column country", "not a code of two letters"),
        ({"template_category": "sms"}, "row 5, column template_category", "category"),
        ({"user": ""}, "row 5, column user", ""),
    ],
)
def test_that_a_row_that_cannot_be_used_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], facts: dict[str, str], place: str, words: str
) -> None:
    status, summary = charging(write_files(tmp_path, rows=changed(**facts)))
    said = capsys.readouterr().err
    assert status == 0
    assert "1 of 17 rows could not be used" in said
    assert f"messages.csv, {place}:" in said
    assert words in said
    # Nine of the ten marketing messages at 0.10, five of utility at 0.02.
    assert summary["expected"]["USD"]["amount"] == "1.00"
    assert [file["refused"] for file in summary["imports"] if file["kind"] == "log"] == [1]


def test_that_every_kind_of_trouble_with_a_logs_rows_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However many there are: what is counted as unused and not told cannot be put right."""
    wrong = [
        {"message_id": ""},
        {"phone_number_id": ""},
        {"user": ""},
        {"direction": ""},
        {"direction": "sideways"},
        {"sent_at": "yesterday"},
        {"template_category": "sms"},
    ]
    rows = [row | facts for row, facts in zip(ROWS[2:], wrong, strict=False)]
    charging(write_files(tmp_path, rows=[*ROWS[:2], *rows, *ROWS[2 + len(wrong) :]]))
    said = capsys.readouterr().err
    assert "7 of 17 rows could not be used" in said
    assert said.count("(rows: 1)") == len(wrong)


def test_that_a_country_of_any_spelling_may_stand_beside_a_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, summary = charging(write_files(tmp_path, rows=changed(country="Perú")))
    assert summary["expected"]["USD"]["amount"] == "1.10"
    assert "row" not in capsys.readouterr().err.split("\n", 1)[1]


def test_that_a_status_before_its_message_counts_once_and_is_told(tmp_path: Path) -> None:
    rows = changed(sent_at="2026-10-05 10:01", delivered_at="2026-10-05 09:59")
    early = {"message_id": ROWS[4]["message_id"], "phone_number_id": "number", "user": ROWS[4]["user"]}
    rows = [early | {"direction": "outbound", "delivered_at": "2026-10-05 09:58"}, *rows]
    _, summary = charging(write_files(tmp_path, rows=rows))
    assert summary["expected"]["USD"]["amount"] == "1.10"
    found = {finding["code"]: finding["count"] for finding in summary["health"]["findings"]}
    assert (found["delivered_before_sent"], found["duplicates"]) == (2, 1)


def test_that_a_charge_without_a_rate_is_told_and_no_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write_files(tmp_path)
    # The card begins a day late for the ten marketing messages of the fifth, and has no utility at all.
    write_card(files.card, [priced("Peru", "marketing", "0.1", "2026-10-06")])
    status, summary = charging(files)
    assert status == 0
    assert "Charges without a rate on file: 15." in capsys.readouterr().err
    unrated = {line["category"]: line for line in summary["lines"] if line["pricing_type"] == "unrated"}
    assert {name: line["expected_quantity"] for name, line in unrated.items()} == {"marketing": 10, "utility": 5}
    assert {line["expected_amount"] for line in unrated.values()} == {None}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes that are named like files")
@pytest.mark.parametrize("word", ["--account", "--messages", "--rates"])
def test_that_no_pipe_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str], word: str) -> None:
    files = write_files(tmp_path)
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    stated = {"--account": files.account, "--messages": files.log, "--rates": files.card} | {word: pipe}
    status = main(
        ["charges", *(str(part) for pair in stated.items() for part in pair), "--out", str(tmp_path / "o.csv")]
    )
    assert status == 2
    assert "pipe.toml: This is a device or a pipe, not a file." in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes that are named like files")
def test_that_no_pipe_of_charges_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write_files(tmp_path)
    os.mkfifo(tmp_path / "charges.csv")
    given = ["--account", str(files.account), "--expected", str(tmp_path / "charges.csv")]
    assert main(["reconcile", *given, "--invoice", str(files.invoice)]) == 2
    assert "charges.csv: This is a device or a pipe, not a file." in capsys.readouterr().err


@pytest.mark.parametrize("table", ['[fx]\nmethod = "daily"\nfile = "circle.csv"', '[rates]\ncard = "circle.csv"'])
def test_that_a_link_in_a_circle_is_told_where_the_account_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    files = write_files(tmp_path)
    (tmp_path / "circle.csv").symlink_to("circle.csv")
    kept = files.account.read_text(encoding="utf-8").partition("[rates]")[0]
    other = "" if "[rates]" in table else '[rates]\ncard = "meta"\n'
    files.account.write_text(f"{kept.replace('USD', 'PEN', 1)}{other}{table}\n", encoding="utf-8")
    given = ["--account", files.account, "--messages", files.log, "--invoice", files.invoice]
    assert main(["reconcile", *map(str, given)]) == 2
    said = capsys.readouterr().err
    assert "circle.csv: " in said
    assert len(said.splitlines()) == 1


def test_that_charging_the_log_of_another_month_is_no_zero_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{name: value.replace("2026-10", "2026-09") for name, value in row.items()} for row in ROWS]
    status, summary = charging(write_files(tmp_path, rows))
    assert (status, summary["expected"]) == (0, {})
    said = "The charges have nothing of waba from 01 Oct 2026 to 31 Oct 2026: what was due then is not in expected."
    assert said in capsys.readouterr().err

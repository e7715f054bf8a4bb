"""Invoices against charges made before: the same answer as from the log, and many accounts at once (formats.md §8)."""

import json
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from auditor.cli import main
from auditor.core.audit import Invoice
from auditor.core.expected import reconcile_expected
from auditor.core.problems import AuditorError
from auditor.core.rates import Tariff
from auditor.core.results import Difference
from auditor.core.terms import Terms
from auditor.readers.account import read_account
from auditor.readers.invoices.charge_files import charge_files
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.rates.cards import meta_card
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.sample import write_sample
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.accounts import cases
from auditor.writers.charge_file import CHARGE_COLUMNS
from tests.audit_files import ACCOUNT
from tests.audit_files import INVOICE_COLUMNS
from tests.audit_files import write_card
from tests.audit_files import write_table
from tests.writers.strictness import faults

_OF_CELLS = {"causes", "cells"}


def seen(line: Difference) -> dict[str, object]:
    """Give all of a line but its causes and the places of its cells."""
    return {field.name: getattr(line, field.name) for field in fields(line) if field.name not in _OF_CELLS}


def test_that_charges_give_the_lines_that_their_log_gives(tmp_path: Path) -> None:
    files = write_sample(tmp_path / "sample", "en")
    account, text = read_account_file(files.account)
    audit = Audit.create(None, account, text)
    try:
        audit.add_files([files.messages], kind="log")
        audit.add_files([files.invoice], kind="invoice")
        direct = audit.recompute()
        charges = [audit.export_charges(tmp_path / f"charges.{ending}") for ending in ("csv", "parquet")]
    finally:
        audit.close()
    read = read_invoice(files.invoice, account)
    terms = Terms(account, regimes(), market_table(), Tariff([meta_card()], meta_card()))
    cells = []
    for path in charges:
        with charge_files(path) as expected:
            cells.append(expected.cells(account))
    assert cells[0] == cells[1]
    made = reconcile_expected(cells[0], terms, Invoice(read.lines, read.controls), (), ())
    assert [seen(line) for line in made.differences] == [seen(line) for line in direct.differences]
    assert len(made.differences) > 20
    for name in ("expected", "billed", "difference", "by_layer", "control_totals", "regimes"):
        assert getattr(made, name) == getattr(direct, name)
    assert made.rates == direct.rates
    # What only a replay could prove is not said to be found, and the bridge still adds up.
    assert {cause.cause for line in made.differences for cause in line.causes if cause.proof == "found"} <= {
        "duplicate_line",
        "rounding",
    }
    assert sum(step.amount for step in made.bridge) == made.difference
    assert abs(made.unexplained) > abs(direct.unexplained)


def charge(unit: int, waba: str, category: str, amount: str, day: str = "2026-10-05", **more: str) -> list[str]:
    """Give a row of CHARGES: a message to Peru."""
    row = {
        "unit": "message", "unit_id": f"m{unit}", "waba_id": waba, "phone_number_id": f"number-{waba}", "user": "u",
        "regime": "message-v2", "market": "Peru", "category": category, "pricing_type": "regular",
        "billed_at": f"{day}T15:00:00Z", "local_date": day, "period": day[:7], "messages": "1", "rate": amount,
        "currency": "USD", "amount": amount, "amount_low": amount, "amount_high": amount, "certainty": "certain",
    }  # fmt: skip
    return [(row | more).get(name, "") for name in CHARGE_COLUMNS]


def write_charges(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write a part file of CHARGES."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        return write_table(path, CHARGE_COLUMNS, rows)
    table = write_table(path.with_suffix(".tmp"), CHARGE_COLUMNS, rows)
    duckdb.sql(f"copy (from read_csv('{table}', header = true, all_varchar = true)) to '{path}' (format parquet)")
    table.unlink()
    return path


def write_accounts(folder: Path, names: Sequence[str], currency: str = "USD") -> Path:
    """Write an account file for each name, whose WABA goes by the same name."""
    folder.mkdir(exist_ok=True)
    write_card(folder / "contract.csv")
    for name in names:
        text = ACCOUNT.replace('"waba"', f'"{name}"').replace('"number"', f'"number-{name}"').replace("Case", name)
        (folder / f"{name}.toml").write_text(text.replace("USD", currency, 1), encoding="utf-8")
    return folder


def write_bill(path: Path, marketing: str, utility: str) -> None:
    """Write an invoice of 10 marketing and 5 utility messages to Peru, with its total."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [("Peru", "Marketing", "10", "", marketing), ("Peru", "Utility", "5", "", utility)]
    total = ("Total", "", "", "", str(Decimal(marketing) + Decimal(utility)))
    write_table(path, INVOICE_COLUMNS, [*lines, total])


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """Write five accounts: each has 10 x 0.10 of marketing and 5 x 0.02 of utility, 1.10 in all, over two parts."""
    names = ["a", "b", "c", "d", "e"]
    write_accounts(tmp_path / "accounts", names)
    for part in (0, 1):
        rows = [charge(100 * part + n, name, "marketing", "0.1") for name in names for n in range(5)]
        rows += [charge(200 + 100 * part + n, name, "utility", "0.02") for name in names for n in range(2 + part)]
        write_charges(tmp_path / "charges" / f"part-0000{part}.parquet", rows)
    (tmp_path / "charges" / "_SUCCESS").touch()
    bills = tmp_path / "bills"
    write_bill(bills / "a.csv", "1.00", "0.10")
    write_bill(bills / "b.2026-10.csv", "1.50", "0.10")  # 0.50 too much
    write_bill(bills / "c" / "invoice.csv", "1.00", "7.10")  # 7.00 too much
    bills.joinpath("d.xlsx").write_bytes(b"PK\x03\x04 torn")
    write_bill(bills / "e.csv", "0.98", "0.10")  # 0.02 too little
    return tmp_path


def reconciling(batch: Path, *more: object) -> int:
    """Reconcile the batch from the command line."""
    words = ["--expected", batch / "charges", "--account", batch / "accounts", "--invoice", batch / "bills", *more]
    return main(["reconcile", *map(str, words)])


def test_that_one_broken_account_of_five_is_listed_and_stops_no_other(
    batch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = batch / "out"
    assert reconciling(batch, "--out", out) == 2
    said = capsys.readouterr()
    assert [line.split(":")[0] for line in said.out.splitlines()[:4]] == ["c", "b", "e", "a"]
    assert "Accounts reconciled: 4; not reconciled: 1." in said.out
    assert "without the log" in said.out
    assert said.err.startswith("d: ")
    assert len(said.err.splitlines()) == 1
    assert sorted(path.name for path in (out / "accounts").iterdir()) == ["a.xlsx", "b.xlsx", "c.xlsx", "e.xlsx"]
    assert faults(out / "accounts.xlsx") == []
    sheet = openpyxl.load_workbook(out / "accounts.xlsx").worksheets[0]
    heads = [cell.value for cell in sheet[5]]
    total = openpyxl.load_workbook(out / "accounts.xlsx", data_only=True).worksheets[0]
    rows = [dict(zip(heads, row, strict=True)) for row in total.iter_rows(min_row=6, max_row=10, values_only=True)]
    assert [sheet.cell(row, 11).value for row in (6, 10)] == ["=G6-H6", None]
    assert [(row["Workbook"], row["Invoiced"], row["Expected"], row["Difference"]) for row in rows] == [
        ("c", 8.1, 1.1, 7.0),
        ("b", 1.6, 1.1, 0.5),
        ("e", 1.08, 1.1, -0.02),
        ("a", 1.1, 1.1, 0),
        ("d", None, None, None),
    ]
    assert rows[4]["Status, or why not reconciled"] == said.err.strip().removeprefix("d: ")
    assert [row["To review"] for row in rows] == [1, 1, 1, 0, None]
    # Each bill has two lines; of three of them one is wrong.
    assert [(row["Lines"], row["Lines that agree"]) for row in rows] == [(2, 0.5)] * 3 + [(2, 1), (None, None)]
    links = [sheet.cell(row, 2).hyperlink for row in range(6, 11)]
    assert [str(link.target).replace("\\", "/") if link else None for link in links] == [
        *(f"accounts/{name}.xlsx" for name in "cbea"),
        None,
    ]
    assert [total.cell(12, column).value for column in (2, 6, 7, 8, 11)] == ["Total", "USD", 11.88, 4.4, 7.48]


def test_that_the_exit_status_tells_differences_where_nothing_was_refused(batch: Path) -> None:
    (batch / "bills" / "d.xlsx").unlink()
    write_bill(batch / "bills" / "d.csv", "1.00", "0.10")
    assert reconciling(batch) == 0
    assert reconciling(batch, "--exit-code") == 1
    for name in ("b.2026-10.csv", "c/invoice.csv", "e.csv"):
        write_bill(batch / "bills" / name, "1.00", "0.10")
    assert reconciling(batch, "--exit-code") == 0


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_that_amounts_are_exact_whatever_their_decimals(tmp_path: Path, ending: str) -> None:
    """0.012345678901234567890123 x 3 + 0.1 x 10 = 1.037037036703703703670369; another month and WABA do not count."""
    fine = "0.012345678901234567890123"
    rows = [charge(n, "a", "utility", fine) for n in range(3)]
    rows += [charge(10 + n, "a", "marketing", "0.1", amount_low="0", certainty="uncertain") for n in range(10)]
    rows += [charge(30, "a", "marketing", "0.1", "2026-09-30"), charge(31, "other", "marketing", "0.1")]
    rows += [charge(40, "a", "service", "0", pricing_type="free_service")]
    path = write_charges(tmp_path / "charges" / f"part.{ending}", rows)
    account = read_account(write_accounts(tmp_path / "accounts", ["a"]) / "a.toml")
    with charge_files(path.parent) as expected:
        cells = expected.cells(account)
    charged = [cell for cell in cells if cell.pricing_type == "regular"]
    assert sum(cell.quantity for cell in charged) == 13
    assert sum(cell.quantity for cell in cells) == 14
    amounts, lows = ([getattr(cell, name) for cell in charged] for name in ("amount", "low"))
    assert sum(amounts) == Decimal("1.037037036703703703670369")
    assert sum(lows) == Decimal("0.037037036703703703670369")


def test_that_a_folder_named_like_a_pattern_stands_for_no_other(tmp_path: Path) -> None:
    path = write_charges(tmp_path / "october[1]" / "part.csv", [charge(1, "a", "utility", "0.02")])
    write_charges(tmp_path / "october1" / "part.csv", [charge(n, "a", "utility", "0.02") for n in range(5)])
    account = read_account(write_accounts(tmp_path / "accounts", ["a"]) / "a.toml")
    with charge_files(path.parent) as expected:
        assert sum(cell.quantity for cell in expected.cells(account)) == 1


def test_that_only_what_the_invoice_itself_proves_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line of 1.00 stands twice: found. Utility is 50 x 0.02 for 5 x 0.02: possible, so 0.90 is unexplained."""
    accounts = write_accounts(tmp_path / "accounts", ["a"])
    rows = [charge(n, "a", "marketing", "0.1") for n in range(10)]
    write_charges(tmp_path / "charges.csv", rows + [charge(20 + n, "a", "utility", "0.02") for n in range(5)])
    line = ("Peru", "Marketing", "10", "0.10", "1.00")
    write_table(tmp_path / "a.csv", INVOICE_COLUMNS, [line, line, ("Peru", "Utility", "50", "0.02", "1.00")])
    words = ["--expected", tmp_path / "charges.csv", "--account", accounts / "a.toml", "--invoice", tmp_path / "a.csv"]
    assert main(["reconcile", *map(str, words)]) == 0
    assert "difference US$ 1.90, unexplained US$ 0.90" in capsys.readouterr().out


def test_that_a_country_on_the_invoice_is_compared_under_its_market(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = write_accounts(tmp_path / "accounts", ["a"])
    write_charges(tmp_path / "charges.csv", [charge(n, "a", "marketing", "0.1") for n in range(10)])
    heads = ("Country", *INVOICE_COLUMNS[1:])
    write_table(tmp_path / "a.csv", heads, [("PE", "Marketing", "10", "0.10", "1.00")])
    words = ["--expected", tmp_path / "charges.csv", "--account", accounts, "--invoice", tmp_path / "a.csv"]
    assert main(["reconcile", *map(str, words), "--exit-code"]) == 0
    assert "difference US$ 0.00" in capsys.readouterr().out


def test_that_each_account_that_cannot_be_reconciled_has_its_reason(
    batch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (batch / "bills" / "a.csv").rename(batch / "bills" / "nobody.csv")
    write_accounts(batch / "accounts", ["f"])
    write_bill(batch / "bills" / "f.csv", "1.00", "0.10")
    (batch / "bills" / "b.copy.csv").write_bytes((batch / "bills" / "b.2026-10.csv").read_bytes())
    (batch / "accounts" / "e.toml").write_text("[audit", encoding="utf-8")
    assert reconciling(batch) == 2
    said = dict(line.split(": ", 1) for line in capsys.readouterr().err.splitlines() if not line.startswith(" "))
    assert sorted(said) == ["a", "b", "d", "e", "f", "nobody.csv"]
    assert "no invoice of this account" in said["a"]
    assert "already" in said["b"]
    assert "nothing of f in the period" in said["f"]
    assert "No account goes by the name" in said["nobody.csv"]


def _unfinished(folder: Path) -> None:
    (folder / "_temporary").mkdir()


def _mixed(folder: Path) -> None:
    write_charges(folder / "more.csv", [charge(1, "a", "marketing", "0.1")])


def _twice(folder: Path) -> None:
    (folder / "again.parquet").write_bytes((folder / "part-00000.parquet").read_bytes())


def _some_again(folder: Path) -> None:
    write_charges(
        folder / "october" / "a.parquet", [charge(3, "a", "marketing", "0.1"), charge(999, "a", "utility", "0.02")]
    )


def _others(folder: Path) -> None:
    duckdb.sql(f"copy (select 1 as x) to '{folder / 'x.parquet'}' (format parquet)")
    for part in folder.glob("part-*"):
        part.unlink()


def _inexact(folder: Path) -> None:
    part = folder / "part-00000.parquet"
    duckdb.read_parquet(str(part)).project("* replace (amount::double as amount)").write_parquet(f"{part}.new")
    Path(f"{part}.new").replace(part)
    (folder / "part-00001.parquet").unlink()


def _empty(folder: Path) -> None:
    for part in folder.glob("part-*"):
        part.unlink()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_unfinished, "charges_unfinished"),
        (_mixed, "charges_mixed"),
        (_twice, "file_twice"),
        (_some_again, "charges_twice"),
        (_others, "charges_without"),
        (_inexact, "charges_odd"),
        (_empty, "charges_not_found"),
    ],
)
def test_that_charges_which_cannot_be_trusted_are_refused(batch: Path, spoil: object, code: str) -> None:
    assert callable(spoil)
    spoil(batch / "charges")
    with pytest.raises(AuditorError) as refused, charge_files(batch / "charges"):
        pass
    assert refused.value.code == code


@pytest.mark.parametrize("amount", ["NaN", "9e999", "3e-2", "-0.10", "Infinity"])
def test_that_an_amount_that_no_charge_has_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], amount: str
) -> None:
    write_accounts(tmp_path / "accounts", ["a"])
    write_charges(tmp_path / "charges.csv", [charge(1, "a", "marketing", "0.1"), charge(2, "a", "marketing", amount)])
    write_bill(tmp_path / "a.csv", "1.00", "0.10")
    words = ["--expected", "charges.csv", "--account", "accounts/a.toml", "--invoice", "a.csv"]
    assert main(["reconcile", *(str(tmp_path / one) if "." in one else one for one in words)]) == 2
    assert (
        f"charges.csv: These are not the charges that “auditor charges” writes ({amount})." in capsys.readouterr().err
    )


@pytest.mark.parametrize("content", ["[" * 100_000, '{"health": ' * 50_000])
def test_that_a_summary_nested_without_end_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    write_accounts(tmp_path / "accounts", ["a"])
    write_charges(tmp_path / "charges.csv", [charge(1, "a", "marketing", "0.1")])
    write_bill(tmp_path / "a.csv", "1.00", "0.10")
    (tmp_path / "deep.json").write_text(content)
    words = ["--expected", "charges.csv", "--account", "accounts/a.toml", "--invoice", "a.csv", "--gaps", "deep.json"]
    assert main(["reconcile", *(str(tmp_path / one) if "." in one else one for one in words)]) == 2
    assert "deep.json: This is not the summary that" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--charges", "s.csv"), "--charges cannot be used"),
        (("--summary", "nowhere/s.json"), "folder for this file does not exist"),
        (("--gaps", "nowhere/s.json"), "There is no such file"),
        (("--out", "all.xlsx"), "--out is a folder"),
        (("--out", "nowhere/all"), "folder for this file does not exist"),
    ],
)
def test_that_what_takes_a_log_is_refused(
    batch: Path, capsys: pytest.CaptureFixture[str], more: Sequence[str], words: str
) -> None:
    assert reconciling(batch, *more) == 2
    assert words in capsys.readouterr().err


def test_that_the_summary_of_a_batch_has_every_account_and_the_totals(batch: Path) -> None:
    """Billed 8.10 + 1.60 + 1.08 + 1.10 = 11.88, due 4 x 1.10 = 4.40: 7.48 too much."""
    path = batch / "batch.json"
    assert reconciling(batch, "--summary", path) == 2
    made = json.loads(path.read_text(encoding="utf-8"))
    assert made["totals"] == {
        "USD": {
            "accounts": 4, "invoiced": "11.88", "expected": "4.40", "low": "4.40", "high": "4.40", "difference": "7.48",
            "unexplained": "7.48",
        },
    }  # fmt: skip
    assert [(one["name"], one["difference"], one["beyond_tolerance"]) for one in made["accounts"]] == [
        ("c", "7.00", True),
        ("b", "0.50", True),
        ("e", "-0.02", True),
        ("a", "0.00", False),
    ]
    assert made["accounts"][0]["wabas"] == ["c"]
    assert [one["name"] for one in made["refused"]] == ["d"]
    assert all(one["code"] and one["reason"] for one in made["refused"])


def test_that_a_number_without_charges_is_named_with_its_account(
    batch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account, path = batch / "accounts" / "a.toml", batch / "batch.json"
    account.write_text(
        account.read_text(encoding="utf-8").replace('"number-a"', '"number-a", "lost"'), encoding="utf-8"
    )
    assert reconciling(batch, "--summary", path) == 2
    assert "a: The charges have nothing of number lost of a: what was due for it is" in capsys.readouterr().err
    made = {one["name"]: one["not_in_charges"] for one in json.loads(path.read_text(encoding="utf-8"))["accounts"]}
    lost = {"waba_id": "a", "phone_number_id": "lost", "first": "2026-10-01", "last": "2026-10-31"}
    assert made == {"a": [lost], "b": [], "c": [], "e": []}


def write_gaps(path: Path, currency: str = "USD") -> Path:
    """Write what a SUMMARY of charges says of gaps: 0.30 of account b in its period, others of none of its days."""
    rows = [
        ("number-b", "2026-10-05", "0.10", "0.30"),
        ("number-b", "2026-09-30", "0", "5"),
        ("x", "2026-10-05", "0", "7"),
    ]
    names = ("phone_number_id", "day", "below", "above")
    widened = [dict(zip(names, row, strict=True)) for row in rows]
    path.write_text(json.dumps({"health": {"currency": currency, "widened": widened}}), encoding="utf-8")
    return path


def test_that_gaps_of_the_log_widen_the_range_of_their_account(batch: Path) -> None:
    """B is due 1.10, by the gaps 1.00 to 1.40; of the 0.50 too much they may account for 0.30."""
    path = batch / "batch.json"
    assert (
        reconciling(batch, "--summary", path, "--gaps", write_gaps(batch / "charges.json"), "--out", batch / "out") == 2
    )
    ranges = {
        one["name"]: (one["low"], one["expected"], one["high"]) for one in json.loads(path.read_text())["accounts"]
    }
    assert ranges == dict.fromkeys("ace", ("1.10", "1.10", "1.10")) | {"b": ("1.00", "1.10", "1.40")}
    book = openpyxl.load_workbook(batch / "out" / "accounts" / "b.xlsx", data_only=True)
    texts = {str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert any(text.startswith("Gap in the log") and text.endswith("0.30") for text in texts)
    assert not any("its gaps cannot be seen" in text for text in texts)


def test_that_gaps_in_another_currency_than_the_invoice_are_converted(batch: Path) -> None:
    """0.10 below and 0.30 above in PEN, at 0.20 to the dollar: 1.10 - 0.02 and 1.10 + 0.06."""
    path, account = batch / "batch.json", batch / "accounts" / "b.toml"
    rate = '\n[fx]\nmethod = "invoice_rate"\nrate = "0.20"\nfrom = "PEN"\nto = "USD"\nsource = "bank"\n'
    account.write_text(account.read_text(encoding="utf-8") + rate, encoding="utf-8")
    assert reconciling(batch, "--summary", path, "--gaps", write_gaps(batch / "charges.json", "PEN")) == 2
    found = {one["name"]: (one["low"], one["high"]) for one in json.loads(path.read_text())["accounts"]}
    assert found["b"] == ("1.08", "1.16")


@pytest.mark.parametrize(
    ("content", "words"), [("{}", "is not the summary"), ("EUR", "No exchange rate from EUR to USD")]
)
def test_that_gaps_that_cannot_be_used_are_refused(
    batch: Path, capsys: pytest.CaptureFixture[str], content: str, words: str
) -> None:
    path = write_gaps(batch / "gaps.json", content)
    if content == "{}":
        path.write_text(content, encoding="utf-8")
    assert reconciling(batch, "--gaps", path) == 2
    assert words in capsys.readouterr().err


def test_that_the_longest_name_that_fits_has_the_invoice(tmp_path: Path) -> None:
    accounts = write_accounts(tmp_path / "accounts", ["acme", "acme.north"])
    bills = [tmp_path / name for name in ("acme.csv", "acme.north.csv", "acme.south.csv", "acmes.csv")]
    for bill in bills:
        bill.touch()
    made = {case.name: case.invoices for case in cases(accounts, bills)}
    assert made == {"acme": (bills[0], bills[2]), "acme.north": (bills[1],), "acmes.csv": (bills[3],)}

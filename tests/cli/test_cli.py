"""The command line: exit statuses, one clear sentence, nothing half written (formats.md §8)."""

import csv
import errno
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from auditor.__main__ import main as program
from auditor.cli import main
from auditor.cli.console import known
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import Said
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.language import catalogue
from auditor.verbs import Audit
from tests.audit_files import ACCOUNT
from tests.audit_files import LINES
from tests.audit_files import LOG_COLUMNS
from tests.audit_files import ROWS
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_card
from tests.audit_files import write_files
from tests.audit_files import write_invoice
from tests.audit_files import write_log
from tests.audit_files import write_table
from tests.core.invoicing import CHILE
from tests.core.invoicing import priced
from tests.core.invoicing import sent

ROOT = Path(__file__).resolve().parents[2]
CORRECT = (LINES[0], ("Peru", "Utility", "5", "0.02", "0.10"))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "in")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def reconciling(files: Files, *more: object) -> list[str]:
    """Give the arguments that reconcile the files."""
    words = ["reconcile", "--account", files.account, "--messages", files.log, "--invoice", files.invoice, *more]
    return [str(word) for word in words]


def run(*arguments: object, language: str = "en") -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    environment = os.environ | {"LC_ALL": f"{language}_PE.UTF-8", "PYTHONIOENCODING": "utf-8"}
    words = [sys.executable, "-m", "auditor", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, encoding="utf-8", cwd=ROOT, env=environment, check=False)


def granted(language: str) -> str:
    """Give what is said of the log's times, which have no zone."""
    return Language(language).said(
        Said("reading_logs.decisions.local_times", {"rows": len(ROWS), "zones": "America/Lima"})
    )


def charges(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# The answer


def test_that_reconciling_says_what_was_found(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(reconciling(files)) == 0
    said, wrong = capsys.readouterr()
    assert wrong == f"messages.csv: {granted('en')}\n"
    for figure in (
        "US$ 1.35",
        "US$ 1.10  (US$ 1.10 – US$ 1.10)",
        "US$ 0.25",
        "US$ 0.00",
        "Lines by status: different 1; matched 1",
    ):
        assert figure in said


def test_that_what_speaks_for_each_of_the_causes_that_compete_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Two of the twelve are of October in UTC, or two that were sent and never delivered; utility is right.
    cut = sent("marketing", 2, at="2026-09-30 20:00")
    bare = [row | {"delivered_at": ""} for row in sent("marketing", 2, at="2026-10-06 10:00")]
    files = write_files(
        tmp_path / "in", [*ROWS, *cut, *bare], [("Peru", "Marketing", "12", "0.10", "1.20"), CORRECT[1]]
    )
    assert main(reconciling(files)) == 0
    said = capsys.readouterr().out
    for cause in ("Month cut-off", "Undelivered but billed"):
        assert (
            f"Possible: {cause} US$ 0.20. For it: lines that differ and come right: 1 of 1, with 100\N{NO-BREAK SPACE}%"
            in said
        )


def test_that_what_the_invoice_bills_beside_messages_is_said(
    files: Files, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    head = "Description,Category,Quantity,Amount,Currency\n"
    some, none = tmp_path / "some.csv", tmp_path / "none.csv"
    some.write_text(f"{head},utility,45,0.90,USD\nMonthly subscription,,1,75.00,USD\n", encoding="utf-8")
    none.write_text(f"{head}Monthly subscription,,1,75.00,USD\nIGV 18 %,,,13.50,USD\n", encoding="utf-8")
    command = ["reconcile", "--account", str(files.account), "--messages", str(files.log), "--invoice"]
    said = {}
    for path in (some, none):
        assert main([*command, str(path)]) == 0
        said[path] = capsys.readouterr().out
    assert "Also on the invoice, and not compared with messages: Subscription US$ 75.00\n" in said[some]
    assert (
        "was read as a charge for messages, so none was compared: Subscription US$ 75.00; Tax US$ 13.50." in said[none]
    )
    assert "compared" not in said[some].replace("not compared with messages", "")


def test_that_every_output_is_written(files: Files, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    targets = [out / name for name in ("r.xlsx", "charges.csv", "summary.json", "charts", "case.audit")]
    options = [part for name, target in zip(("out", "charges", "summary", "charts", "audit"), targets, strict=True)
               for part in (f"--{name}", target)]  # fmt: skip
    assert main(reconciling(files, *options)) == 0
    assert sorted(out.iterdir()) == sorted(targets)
    said = capsys.readouterr().out
    assert [str(target) in said for target in targets] == [True] * 5
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (summary["expected"]["amount"], summary["invoiced"]["amount"], summary["difference"]) == (
        "1.10", "1.35", "0.25",
    )  # fmt: skip
    assert summary["bridge"] == [{"cause": "rate", "amount": "0.25"}, {"cause": "unexplained", "amount": "0.00"}]
    assert len(charges(out / "charges.csv")) == 16
    assert any((out / "charts").iterdir())


def test_that_usage_is_taken_in_and_said(files: Files, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    usage = out / "usage.json"
    point = {"start": 1791176400, "end": 1791262800, "pricing_category": "UTILITY", "volume": 5}
    usage.write_text(json.dumps({"data": [{"data_points": [point]}]}), encoding="utf-8")
    assert main(reconciling(files, "--usage", usage, "--summary", out / "s.json")) == 0
    summary = json.loads((out / "s.json").read_text(encoding="utf-8"))
    assert [(one["file"], one["kept"]) for one in summary["imports"]][-1] == ("usage.json", 1)
    # The export counts 5 of utility, as log and invoice do, and no marketing; it states no costs and no kinds of price.
    found = [(one["category"], one["exported_quantity"], one["stands_alone"]) for one in summary["three_way"]]
    assert found == [("marketing", 0, "export"), ("utility", 5, "billing")]
    assert "Three-way" in capsys.readouterr().out
    assert main(["inspect", str(usage)]) == 0
    assert "usage export" in capsys.readouterr().out
    assert main(reconciling(files, "--usage", usage, "--summary", usage)) == 2
    assert "overwritten" in capsys.readouterr().err


def test_that_without_an_invoice_the_month_is_accrued(
    files: Files, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["reconcile", "--account", files.account, "--messages", files.log, "--summary", out / "s.json"]
    assert main([str(word) for word in words]) == 0
    assert "US$ 1.10" in capsys.readouterr().out
    summary = json.loads((out / "s.json").read_text(encoding="utf-8"))
    assert (summary["invoiced"]["amount"], summary["difference"], summary["bridge"]) == (None, None, [])


@pytest.mark.parametrize(
    ("lines", "tolerance", "status"),
    [(LINES, "0.01", 1), (LINES, "0.25", 0), (LINES, "0.24", 1), (CORRECT, "0.01", 0)],
)
def test_that_differences_beyond_tolerance_are_a_status_if_asked_for(
    tmp_path: Path, lines: Sequence[Sequence[str]], tolerance: str, status: int
) -> None:
    text = ACCOUNT.replace('language = "en"', f'tolerance = {{ amount = "{tolerance}", percent = "0" }}')
    files = write_files(tmp_path, lines=lines, account=text)
    assert main(reconciling(files, "--exit-code")) == status
    assert main(reconciling(files)) == 0


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_that_charges_alone_are_written(files: Files, out: Path, kind: str) -> None:
    target = out / f"charges.{kind}"
    words = ["charges", "--account", files.account, "--messages", files.log, "--out", target, "--summary",
             out / "s.json"]  # fmt: skip
    assert main([str(word) for word in words]) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted([target.name, "s.json"])
    summary = json.loads((out / "s.json").read_text(encoding="utf-8"))
    assert "invoiced" not in summary


def test_that_cards_handed_in_go_before_the_accounts(files: Files, out: Path) -> None:
    card = write_card(out / "card.csv", [priced("Peru", "utility", "0.07")])
    assert main(reconciling(files, "--rates", card, "--exit-code")) == 0


def test_that_several_logs_and_invoices_are_one_audit(files: Files, tmp_path: Path, out: Path) -> None:
    log = write_log(tmp_path / "more.csv", sent("marketing", 4, user=CHILE))
    invoice = write_invoice(tmp_path / "more_invoice.csv", [("Chile", "Marketing", "4", "0.20", "0.80")])
    words = ["reconcile", "--account", files.account, "--messages", files.log, log, "--invoice", files.invoice,
             invoice, "--summary", out / "s.json"]  # fmt: skip
    assert main([str(word) for word in words]) == 0
    summary = json.loads((out / "s.json").read_text(encoding="utf-8"))
    assert (summary["expected"]["amount"], summary["invoiced"]["amount"]) == ("1.90", "2.15")


# The audit file


def test_that_an_option_given_again_adds_its_files_and_drops_none(files: Files, tmp_path: Path, out: Path) -> None:
    more = write_invoice(tmp_path / "second.csv", [("Chile", "Marketing", "10", "0.20", "2.00")])
    assert main(reconciling(files, "--invoice", more, "--summary", out / "summary.json")) == 0
    # 1.00 + 0.35 of the first, 2.00 of the second.
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["invoiced"]["amount"] == "3.35"


def test_that_an_audit_is_made_and_then_updated_after_a_backup(files: Files, tmp_path: Path, out: Path) -> None:
    target = out / "case.audit"
    assert main(reconciling(files, "--audit", target)) == 0
    first = Audit.open(target)
    first.dispute([UTILITY], "too much")
    first.close()
    before = target.read_bytes()
    more = write_log(tmp_path / "more.csv", sent("utility", 3, user=CHILE))
    words = reconciling(files, "--audit", target)
    words.insert(words.index("--invoice"), str(more))
    assert main(words) == 0
    (backup,) = [path for path in out.iterdir() if path != target]
    assert backup.name.endswith(".backup.audit")
    assert backup.read_bytes() == before
    again = Audit.open(target)
    assert [source.file for source in again.sources if source.kind == "log"] == ["messages.csv", "more.csv"]
    assert again.decisions[UTILITY].note == "too much"
    assert again.recompute().expected == Decimal("1.16")
    again.close()


def test_that_a_refused_run_leaves_an_audit_as_it_was(files: Files, tmp_path: Path, out: Path) -> None:
    target = out / "case.audit"
    assert main(reconciling(files, "--audit", target)) == 0
    before = target.read_bytes()
    bad = write_invoice(tmp_path / "bad.csv", [("Peru", "Marketing", "10", "0.10", "#REF!")])
    refused = reconciling(Files(files.account, files.log, bad, files.card), "--audit", target)
    assert main(refused) == 2
    assert target.read_bytes() == before
    assert list(out.iterdir()) == [target]


def test_that_a_refused_run_makes_no_audit(files: Files, out: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("", encoding="utf-8")
    refused = reconciling(Files(files.account, files.log, bad, files.card), "--audit", out / "new.audit")
    assert main(refused) == 2
    assert list(out.iterdir()) == []


def test_that_a_file_that_is_no_audit_is_refused_and_left_as_it_is(files: Files, out: Path) -> None:
    target = out / "case.audit"
    target.write_text("a letter", encoding="utf-8")
    assert main(reconciling(files, "--audit", target)) == 2
    assert target.read_text(encoding="utf-8") == "a letter"
    assert list(out.iterdir()) == [target]


def test_that_an_audit_that_is_open_elsewhere_is_not_updated(files: Files, out: Path) -> None:
    target = out / "case.audit"
    assert main(reconciling(files, "--audit", target)) == 0
    before = target.read_bytes()
    code = (
        "import sys; from pathlib import Path; from auditor.verbs import Audit\n"
        "audit = Audit.open(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read(); audit.close()"
    )
    words = [sys.executable, "-c", code, str(target)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "open"
        done = run(*reconciling(files, "--audit", target))
        other.communicate()
    assert done.returncode == 2
    assert "open in another program" in done.stderr
    assert target.read_bytes() == before
    assert list(out.iterdir()) == [target]


def test_that_steps_finished_before_a_crash_are_kept_when_the_audit_is_updated(files: Files, out: Path) -> None:
    target = out / "case.audit"
    assert main(reconciling(files, "--audit", target)) == 0
    code = (
        "import os, sys; from pathlib import Path; from auditor.verbs import Audit\n"
        f"audit = Audit.open(Path(sys.argv[1])); audit.dispute(['{UTILITY}'], 'before the crash'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(target)], cwd=ROOT, check=False)
    assert target.with_name("case.audit.wal").exists()
    assert main(reconciling(files, "--audit", target)) == 0
    again = Audit.open(target)
    assert again.decisions[UTILITY].note == "before the crash"
    again.close()
    assert not [path for path in out.iterdir() if path.suffix == ".wal"]


# Refusals


def damaged_ids(folder: Path) -> Files:
    rows = [dict(row) for row in ROWS]
    for row in rows:
        row["phone_number_id"] = "1.02290129340398E+14"
    return write_files(folder, rows=rows)


def missing_column(folder: Path) -> Files:
    files = write_files(folder)
    columns = [name for name in LOG_COLUMNS if name != "direction"]
    write_table(files.log, columns, [[row.get(name, "") for name in columns] for row in ROWS])
    return files


def pdf_as_xlsx(folder: Path) -> Files:
    files = write_files(folder)
    invoice = folder / "invoice.xlsx"
    invoice.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n")
    return Files(files.account, files.log, invoice, files.card)


def empty_log(folder: Path) -> Files:
    files = write_files(folder)
    files.log.write_text("", encoding="utf-8")
    return files


def heads_only(folder: Path) -> Files:
    return write_files(folder, rows=())


def no_invoice(folder: Path) -> Files:
    files = write_files(folder)
    files.invoice.unlink()
    return files


def no_account(folder: Path) -> Files:
    files = write_files(folder)
    files.account.unlink()
    return files


def changed_account(old: str, new: str) -> object:
    def write(folder: Path) -> Files:
        return write_files(folder, account=ACCOUNT.replace(old, new))

    return write


def unknown_waba(folder: Path) -> Files:
    return write_files(folder, rows=[row | {"waba_id": "999"} for row in ROWS])


def bad_card(folder: Path) -> Files:
    files = write_files(folder)
    write_card(files.card, [priced("Peru", "marketing", "-1")])
    return files


def other_currency(folder: Path) -> Files:
    files = write_files(folder)
    write_table(files.invoice, ("Market", "Category", "Quantity", "Amount (EUR)"), [("Peru", "Marketing", "1", "0.1")])
    return files


REFUSALS = {
    "missing column": (missing_column, "log_columns_missing", "direction"),
    "wrong zone": (changed_account("America/Lima", "America/Lime"), "settings_unknown_zone", "America/Lime"),
    "unknown currency": (changed_account('currency = "USD"', 'currency = "USA"'), "settings_unknown_currency", "USA"),
    "unknown key": (changed_account("preparer", "prepared"), "settings_unknown_key", "prepared"),
    "broken toml": (changed_account("[[waba]]", "[[waba]"), "settings_syntax", "account.toml"),
    "empty file": (empty_log, "file_empty", "messages.csv"),
    "heads only": (heads_only, "", "messages.csv"),
    "a PDF named .xlsx": (pdf_as_xlsx, "file_is_pdf", "invoice.xlsx"),
    "ids damaged by Excel": (damaged_ids, "log_id_damaged", "1.02290129340398E+14"),
    "no such invoice": (no_invoice, "file_missing", "invoice.csv"),
    "no such account": (no_account, "file_missing", "account.toml"),
    "log of another account": (unknown_waba, "log_all_of_unknown_waba", "999"),
    "unsound card": (bad_card, "card_refused", "contract.csv"),
    "invoice in another currency": (other_currency, "", "EUR"),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_that_trouble_is_one_clear_sentence(
    tmp_path: Path, out: Path, name: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make, code, word = REFUSALS[name]
    files = make(tmp_path / "in")  # type: ignore[operator]  # each makes the files of its trouble
    if files.account.exists():
        text = files.account.read_text(encoding="utf-8").replace('language = "en"', f'language = "{language}"')
        files.account.write_text(text, encoding="utf-8")
    outputs = ("--out", out / "r.xlsx", "--charges", out / "c.csv", "--summary", out / "s.json", "--audit",
               out / "a.audit")  # fmt: skip
    assert main(reconciling(files, *outputs)) == 2
    said, wrong = capsys.readouterr()
    assert said == ""
    assert word in wrong
    sentence, *findings = wrong.splitlines()
    apart = catalogue(language)["cli.stated_apart"]
    assert all(finding.startswith("  ") or finding == apart for finding in findings)
    assert (apart in findings) == ("--map" in sentence)
    assert len(findings) <= 5
    assert sentence.endswith((".", ".csv", ".xlsx"))
    assert "Traceback" not in wrong
    assert "{" not in wrong
    assert list(out.iterdir()) == []
    if code and language == "en":
        beginning = catalogue("en")[f"problems.{code}"].split("{")[0]
        assert beginning in wrong


@pytest.mark.parametrize(
    ("option", "target", "code"),
    [
        ("--charges", "charges.txt", "charges_kind_unknown"),
        ("--charges", "nowhere/charges.csv", "folder_missing"),
        ("--summary", "", "target_is_folder"),
        ("--summary", "summary.csv", "summary_kind_unknown"),
        ("--summary", "summary", "summary_kind_unknown"),
    ],
)
def test_that_a_target_that_cannot_be_is_refused_before_any_work(
    files: Files, out: Path, option: str, target: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files.log.unlink()  # nobody comes to look for it
    assert main(reconciling(files, option, out / target)) == 2
    assert catalogue("en")[f"problems.{code}"].split("{")[0] in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--charges", "--summary", "--out", "--audit"])
@pytest.mark.parametrize("source", ["log", "invoice", "account", "card"])
def test_that_no_source_is_written_over(
    files: Files, option: str, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target: Path = getattr(files, source)
    before = target.read_bytes()
    assert main(reconciling(files, "--rates", files.card, option, target.parent / "x" / ".." / target.name)) == 2
    assert capsys.readouterr().err != ""
    assert main(reconciling(files, "--rates", files.card, option, target)) == 2
    assert catalogue("en")["problems.target_is_source"] in capsys.readouterr().err
    assert target.read_bytes() == before


def test_that_no_source_is_written_over_by_its_name_in_other_letters(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a disk that knows no case one file answers to both names; a second link to it stands in for that here."""
    other = files.log.with_name(files.log.name.upper())
    if not other.exists():
        other.hardlink_to(files.log)
    assert main(reconciling(files, "--summary", other)) == 2
    assert catalogue("en")["problems.target_is_source"] in capsys.readouterr().err


def test_that_charges_need_no_exchange_rate(files: Files, tmp_path: Path) -> None:
    """An account in dollars whose invoice comes in soles: charges stay in the currency of their rates."""
    text = files.account.read_text(encoding="utf-8").replace('currency = "USD"', 'currency = "PEN"', 1)
    files.account.write_text(text, encoding="utf-8")
    target = tmp_path / "summary.json"
    done = run("charges", "--account", files.account, "--messages", files.log, "--summary", target)
    assert done.returncode == 0
    expected = json.loads(target.read_text(encoding="utf-8"))["expected"]
    # 10 x 0.10 of marketing and 5 x 0.02 of utility.
    assert expected == {"USD": {"amount": "1.10", "low": "1.10", "high": "1.10"}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_a_zone_that_was_granted_to_the_times_is_said(files: Files, tmp_path: Path, language: str) -> None:
    """A time without an offset is read in the WABA's zone and the import says so (formats.md §1)."""
    account = files.account.read_text(encoding="utf-8")
    files.account.write_text(account.replace('language = "en"', f'language = "{language}"'), encoding="utf-8")
    target = tmp_path / "summary.json"
    done = run("charges", "--account", files.account, "--messages", files.log, "--summary", target)
    assert (done.returncode, done.stderr) == (0, f"messages.csv: {granted(language)}\n")
    imports = json.loads(target.read_text(encoding="utf-8"))["imports"]
    assert [one["decisions"] for one in imports if one["kind"] == "log"] == [[granted(language)]]


def test_that_both_directions_are_said_gross_beside_the_net(
    files: Files, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Marketing 9 x 0.10 instead of 10, 0.10 too little; utility 5 x 0.07 instead of 0.02, 0.25 too much: net 0.15.
    write_invoice(files.invoice, (("Peru", "Marketing", "9", "0.10", "0.90"), ("Peru", "Utility", "5", "0.07", "0.35")))
    assert main(reconciling(files, "--summary", out / "s.json", "--out", out / "w.xlsx")) == 0
    summary = json.loads((out / "s.json").read_text(encoding="utf-8"))
    assert summary["difference"] == "0.15"
    # The rate of utility stands on no card, which explains its 0.25; why 9 were billed nothing tells.
    unexplained = {"unexplained_over": "0.00", "unexplained_under": "-0.10"}
    assert summary["gross"] == {"overcharged": "0.25", "undercharged": "-0.10"} | unexplained
    assert "lines undercharged" in capsys.readouterr().out
    cover = load_workbook(out / "w.xlsx", data_only=True).worksheets[0]
    gross = [row[1].value for row in cover.iter_rows() if "gross" in str(row[0].value)]
    assert gross == [0.25, -0.1, 0, -0.1]


def test_that_unexplained_parts_that_cancel_are_no_part_within_materiality(
    files: Files, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Marketing 7 x 0.10 instead of 10, 0.30 too little; utility 20 x 0.02 instead of 5, 0.30 too much: net nothing.
    text = files.account.read_text(encoding="utf-8")
    stated = 'language = "en"\nmateriality = { amount = "0.20", percent = "0" }'
    files.account.write_text(text.replace('language = "en"', stated), encoding="utf-8")
    write_invoice(
        files.invoice, (("Peru", "Marketing", "7", "0.10", "0.70"), ("Peru", "Utility", "20", "0.02", "0.40"))
    )
    assert main(reconciling(files, "--summary", out / "s.json", "--out", out / "w.xlsx")) == 0
    summary = json.loads((out / "s.json").read_text(encoding="utf-8"))
    assert (summary["difference"], summary["unexplained"]) == ("0.00", "0.00")
    assert (summary["gross"]["unexplained_over"], summary["gross"]["unexplained_under"]) == ("0.30", "-0.30")
    said = capsys.readouterr().out
    assert "billed too much" in said
    assert "billed too little" in said
    cover = [cell for row in load_workbook(out / "w.xlsx", data_only=True).worksheets[0].iter_rows() for cell in row]
    words = [str(cell.value) for cell in cover]
    assert Language("en").text("workbook.light.above") in words
    assert any("US$ 0.30 too much and US$ 0.30 too little" in word for word in words)


def test_that_an_invoice_alone_is_checked_by_itself(
    files: Files, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Utility 5 x 0.07, and the card has 0.02: 5 x 0.05 = 0.25 more, which needs no log to be told.
    targets = ("--summary", out / "s.json", "--out", out / "w.xlsx")
    given = ("reconcile", "--account", files.account, "--invoice", files.invoice, *targets)
    assert main([str(part) for part in given]) == 0
    summary = json.loads((out / "s.json").read_text(encoding="utf-8"))
    assert summary["expected"] == {"amount": None, "low": None, "high": None}
    assert (summary["invoiced"]["amount"], summary["difference"], summary["bridge"]) == ("1.35", None, [])
    assert {line["status"] for line in summary["lines"]} == {"not_comparable"}
    assert [(one["check"], one["amount"]) for one in summary["line_findings"]] == [("card_rate", "0.25")]
    said = capsys.readouterr().out
    assert "No message log" in said
    assert summary["line_findings"][0]["text"] in said


@pytest.mark.parametrize(
    ("command", "named"), [(["reconcile", "--account", "{account}", "--invoice"], True), (["inspect"], False)]
)
def test_that_options_of_another_command_are_said_to_be_so(
    files: Files, command: list[str], named: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = files.invoice.with_name("odd.csv")
    odd.write_text("Foo,Bar\nUtility,5\n", encoding="utf-8")
    words = [one.format(account=files.account) for one in command]
    assert main([*words, str(odd)]) == 2
    said = capsys.readouterr().err
    assert "--header-row" in said
    assert (catalogue("en")["cli.stated_apart"] in said) == named


def test_that_there_must_be_something_to_reconcile(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reconcile", "--account", str(files.account)]) == 2
    assert "--messages, --invoice" in capsys.readouterr().err


def test_that_charges_need_somewhere_to_go(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["charges", "--account", str(files.account), "--messages", str(files.log)]) == 2
    assert "--out, --summary" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["guess"], ["reconcile"], ["charges", "--account", "a.toml"]])
def test_that_words_that_are_not_understood_are_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["demo", "a", "b"], "auditor demo: unrecognized arguments: b."),
        (["verify", "a.audit", "--fix", "--now"], "auditor verify: unrecognized arguments: --fix --now."),
        (["rates", "list", "x"], "auditor rates list: unrecognized arguments: x."),
        # A required option that is misspelt is missing, and not known either.
        (
            ["charges", "--acount=a.toml", "--messages", "log.csv", "--out", "c.csv"],
            "auditor charges: the following arguments are required: --account; unrecognized arguments: --acount.",
        ),
        (
            ["charges", "--account", "a.toml", "--mesages", "log.csv"],
            "auditor charges: one of the arguments --messages is required; unrecognized arguments: --mesages.",
        ),
        (["claim", "a.audit", "--", "--ou"], "auditor claim: the following arguments are required: --out."),
    ],
)
def test_that_what_is_not_known_is_said_of_the_command_that_does_not_know_it(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    command = said.partition(":")[0]
    assert capsys.readouterr().err == f"{said} What can be given is shown by: {command} --help\n"


@pytest.mark.parametrize(
    ("arguments", "command", "after"),
    [
        (["charges", "--account", "a.toml", "--messages", "", "--out", "c.csv"], "auditor charges", "--messages"),
        (
            ["charges", "--account", "a.toml", "--messages", "log.csv", "", "--out", "c.csv"],
            "auditor charges",
            "log.csv",
        ),
        (["charges", "--account", "a.toml", "--messages=", "--out", "c.csv"], "auditor charges", "--messages="),
        (["inspect", ""], "auditor inspect", "auditor inspect"),
        (["inspect", "log.csv", "--save-profile", ""], "auditor inspect", "--save-profile"),
        (["rates", "diff", "meta", "", "--account", "a.toml", "--messages", "log.csv"], "auditor rates diff", "meta"),
    ],
)
def test_that_an_argument_of_a_variable_without_a_value_is_refused_and_is_no_folder(
    arguments: list[str], command: str, after: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err == (
        f"{command}: what follows {after} is empty, perhaps because a variable has no value: "
        "state it, or leave it out. "
        f"What can be given is shown by: {command} --help\n"
    )


def test_that_an_option_of_one_value_is_not_taken_twice(capsys: pytest.CaptureFixture[str]) -> None:
    for again in (["--sheet", "2"], ["--sheet=2"], ["--she", "2"]):
        with pytest.raises(SystemExit) as caught:
            main(["inspect", "book.xlsx", "--sheet", "1", *again])
        assert caught.value.code == 2
        said = "auditor inspect: --sheet is given twice, and takes one value: state it once"
        assert capsys.readouterr().err == f"{said}. What can be given is shown by: auditor inspect --help\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["reconcile", "--help"], ["rates", "import", "--version"]]
)
def test_that_help_is_at_hand(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert "auditor" in capsys.readouterr().out


def test_that_help_and_refusals_speak_the_systems_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "es_PE.UTF-8")
    for arguments in (["claim", "--help"], ["claim", "october.audit"]):
        with pytest.raises(SystemExit):
            main(arguments)
    said = capsys.readouterr()
    assert said.out.startswith("uso: auditor claim [-h] [--version] --out CARPETA ARCHIVO.audit")
    assert "muestra esta ayuda y termina" in said.out
    assert "faltan los siguientes argumentos: --out" in said.err
    for english in ("usage", "options", "arguments", "required"):
        assert english not in said.out + said.err


@pytest.mark.parametrize(
    "arguments", [["inspect", "a", "--header-row", "0"], ["rates", "check", "a", "--from", "soon"]]
)
def test_that_a_row_or_a_day_that_is_none_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert {"0": "'0' is no row: rows count from 1", "soon": "'soon' is not a date: write it like 2026-10-01"}[
        arguments[-1]
    ] in capsys.readouterr().err


def test_that_the_built_in_cards_are_no_file_to_name(
    files: Files, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`meta` is a word of the account file and of `rates diff`; a card's file of that name is taken as one."""
    monkeypatch.chdir(out)
    with pytest.raises(SystemExit) as caught:
        main(reconciling(files, "--rates", "meta"))
    assert caught.value.code == 2
    assert "meta is no file: the built-in cards are used without being named" in capsys.readouterr().err
    Path("meta").write_bytes(files.card.read_bytes())
    assert main(reconciling(files, "--rates", "meta")) == 0


@pytest.mark.parametrize("arguments", [[], ["october.audit"]])
def test_that_the_window_without_a_screen_is_refused_in_words(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "argv", ["auditor", *arguments])
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert program() == 2
    assert capsys.readouterr().err.strip() == Language("en").text("problems.no_screen")


@pytest.mark.skipif(sys.platform != "linux", reason="Qt is linked to the system's libraries on Linux only")
def test_that_a_library_that_the_window_lacks_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacks(_plugin: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("ctypes.CDLL", lacks)
    monkeypatch.setattr(sys, "argv", ["auditor"])
    monkeypatch.setenv("DISPLAY", ":7")
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert program() == 2
    said = Language("en").text("problems.window_library_missing", library="libxcb-cursor.so.0")
    assert capsys.readouterr().err.strip() == said


def test_that_ctrl_c_leaves_nothing_behind(files: Files, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Audit, "export_workbook", interrupt)
    assert main(reconciling(files, "--audit", out / "a.audit", "--out", out / "r.xlsx")) == 130
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("module", ["auditor.cli.arguments", "auditor.cli.rates"])
def test_that_ctrl_c_while_the_program_loads_ends_it_without_a_word(module: str) -> None:
    code = f"""
import os, signal, sys
import auditor.__main__ as begun

class Interrupt:
    def find_spec(name, *_):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # else passed over, as in what a shell puts behind
sys.meta_path.insert(0, Interrupt)
sys.argv = ["auditor", "rates", "list"]
begun.program()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_a_fault_of_ours_is_a_sentence_too(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from auditor.cli import console

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    files = write_files(tmp_path, account=ACCOUNT.replace('language = "en"', f'language = "{language}"'))
    monkeypatch.setattr(console, "user_data", lambda: tmp_path)
    monkeypatch.setattr(Audit, "recompute", fail)
    assert main(reconciling(files)) == 2
    wrong = capsys.readouterr().err
    assert len(wrong.splitlines()) == 1
    assert wrong.strip() == Language(language).text("problems.unexpected_fault", report=str(tmp_path / "fault.txt"))
    assert "ZeroDivisionError" in (tmp_path / "fault.txt").read_text(encoding="utf-8")


def test_that_a_link_to_itself_is_a_file_that_cannot_be_opened(
    files: Files, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = out / "loop.csv"
    try:
        loop.symlink_to(loop)
    except OSError:  # Windows makes links for few
        return
    assert main(["charges", "--account", str(files.account), "--messages", str(loop), "--out", str(out / "c.csv")]) == 2
    wrong = capsys.readouterr().err
    assert str(loop) in wrong
    assert "fault" not in wrong


def test_that_a_fault_is_reported_where_its_words_are_no_letters(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from auditor.cli import console

    def fail(*_: object) -> None:
        raise ZeroDivisionError("pe\udcf1on")

    monkeypatch.setattr(console, "user_data", lambda: tmp_path)
    monkeypatch.setattr(Audit, "recompute", fail)
    assert main(reconciling(files)) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert "pe\\udcf1on" in (tmp_path / "fault.txt").read_text(encoding="utf-8")


def test_that_a_command_runs_where_there_is_nothing_to_print_on(
    files: Files, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as under the task scheduler of Windows, without a console
    monkeypatch.setattr(sys, "stderr", None)
    assert main(reconciling(files, "--summary", out / "s.json")) == 0
    assert main(reconciling(files, "--summary", out / "nowhere" / "s.json")) == 2
    assert [path.name for path in out.iterdir()] == ["s.json"]


def test_that_without_a_home_a_fault_is_reported_in_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auditor.cli import console

    monkeypatch.setattr(console, "user_data", lambda: tmp_path / "nowhere")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said = console.known(ZeroDivisionError("per unit")).values["report"]
    assert Path(said).parent.parent == tmp_path
    assert "per unit" in Path(said).read_text(encoding="utf-8")


# As a user runs it


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_that_an_answer_is_said_where_the_terminal_lacks_its_letters(
    files: Files, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding, write_through=True))
    assert main(reconciling(files)) == 0
    assert b" \\u2013 " in written.getvalue()


def test_that_json_is_said_in_utf_8_whatever_the_terminal_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, "ascii", write_through=True))
    (tmp_path / "a.csv").write_text("Categoría,Importe USD\nPromoción 😀,7.03\n", encoding="utf-8")
    assert main(["inspect", "--json", str(tmp_path / "a.csv")]) == 0
    assert "Promoción 😀" in str(json.loads(written.getvalue().decode()))


def test_that_the_program_says_the_answer_in_the_accounts_language(tmp_path: Path) -> None:
    files = write_files(tmp_path, account=ACCOUNT.replace('language = "en"', 'language = "es"'))
    done = run(*reconciling(files))
    assert (done.returncode, done.stderr) == (0, f"messages.csv: {granted('es')}\n")
    assert "Diferencia" in done.stdout
    assert "US$ 0.25" in done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_the_program_refuses_without_a_traceback(tmp_path: Path, language: str) -> None:
    files = pdf_as_xlsx(tmp_path)
    text = files.account.read_text(encoding="utf-8").replace('language = "en"', f'language = "{language}"')
    files.account.write_text(text, encoding="utf-8")
    done = run(*reconciling(files))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "PDF" in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_before_an_account_is_read_the_systems_language_is_spoken(tmp_path: Path, language: str) -> None:
    done = run(*reconciling(no_account(tmp_path)), language=language)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert catalogue(language)["problems.file_missing"] in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_a_folder_is_not_taken_for_an_audit(tmp_path: Path, language: str) -> None:
    done = run("verify", str(tmp_path), language=language)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert catalogue(language)["problems.file_is_folder"] in done.stderr


def test_that_the_status_tells_of_differences_if_asked_for(files: Files) -> None:
    assert run(*reconciling(files, "--exit-code")).returncode == 1


def test_that_the_command_line_loads_no_window(files: Files) -> None:
    code = (
        "import sys; from auditor.cli import main; status = main(sys.argv[1:])\n"
        "print(status, [name for name in sys.modules if name.startswith(('PySide6', 'shiboken6'))], file=sys.stderr)"
    )
    words = [sys.executable, "-c", code, *reconciling(files)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr.splitlines()[-1] == "0 []"


def test_that_letters_are_stated_only_of_a_text_that_is_not_unicode(
    tmp_path: Path, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    invoice = tmp_path / "factura.csv"
    invoice.write_text("País;Categoría;Cantidad;Importe USD\nPerú;Utilidad;2;0,06\n", encoding="cp850")
    assert main(["inspect", str(invoice), "--encoding", "cp850"]) == 0
    assert "Categoría" in capsys.readouterr().out
    assert main(["inspect", str(files.invoice), "--encoding", "cp850"]) == 2
    assert "--encoding" in capsys.readouterr().err


def test_that_a_row_of_heads_that_cannot_be_is_not_passed_over(files: Files) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["inspect", str(files.invoice), "--header-row", "0"])
    assert refused.value.code == 2


def test_that_a_sentence_repeats_no_more_of_a_cell_than_one_can_take_in() -> None:
    said = Language("es").problem(Problem("cell_error", Place("a.xlsx"), {"value": "x" * 40_000}))
    assert len(said) < 1_000


def test_that_nothing_of_a_name_or_a_cell_ends_the_line_or_commands_the_terminal() -> None:
    place = Place("a\nb\x1b[31m.xlsx", "Hoja\u202e1", column="Im\rporte")
    said = Language("en").problem(Problem("cell_error", place, {"value": "#N/A\x07\n\ttotal 0"}))
    assert said.startswith(
        "a b\ufffd[31m.xlsx, sheet Hoja\ufffd1, column Im porte: The cell holds the error #N/A\ufffd  total 0."
    )
    assert said.isprintable()


def test_that_ctrl_c_within_the_database_is_no_fault(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_parsed: object) -> int:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("auditor.cli.inspecting.inspect", stopped)
    assert main(["inspect", str(files.invoice)]) == 130


# The end of the process


def test_that_a_full_disk_beneath_what_is_printed_is_no_fault_of_the_program() -> None:
    assert known(OSError(errno.ENOSPC, "No space left on device")).code == "output_full"


class _Full(io.RawIOBase):
    """What an output goes to that takes nothing, as the pipe to a program that keeps it on a full disk."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("words", [["--version"], ["reconcile", "--help"], ["rates", "list"]])
@pytest.mark.parametrize("at_once", [True, False])
def test_that_words_that_cannot_be_written_end_in_a_sentence(
    words: Sequence[str], *, at_once: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = io.BufferedWriter(_Full(), 1 if at_once else io.DEFAULT_BUFFER_SIZE)
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(full, "utf-8", write_through=at_once))
    assert main(words) == 2
    assert "output goes to takes no more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("system", "fault", "status"),
    [("linux", errno.EPIPE, 0), ("win32", errno.EPIPE, 0), ("win32", errno.EINVAL, 0), ("linux", errno.EINVAL, 2)],
)
def test_that_a_reader_who_has_enough_is_no_fault(
    system: str, fault: int, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(_parsed: object) -> int:
        raise OSError(fault, "closed")

    monkeypatch.setattr("auditor.cli.rates.rates_list", closed)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert main(["rates", "list"]) == status
    sys.stdout.close()
    assert (capsys.readouterr().err == "") == (status == 0)


@pytest.mark.parametrize("words", [["why", "nowhere.audit"], ["rates", "nothing"]])
def test_that_a_refusal_that_cannot_be_written_is_told_by_its_status(
    words: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(io.BufferedWriter(_Full(), 1), "utf-8", write_through=True))
    assert main(words) == 2


@pytest.mark.parametrize(
    ("place", "said"),
    [("file", "a folder is needed here to write into"), ("file/within", "could not be written (Not a directory)")],
)
def test_that_a_sample_goes_into_a_folder(
    place: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert main(["demo", str(tmp_path / place)]) == 2
    assert said in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_that_a_command_ends_with_its_status_after_what_was_put_off_to_the_end() -> None:
    words = (
        "import atexit, sys, auditor.__main__ as it; it.main = lambda: atexit.register(print, 'put off') and 3;"
        "sys.exit(it.program())"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "put off\n", "")

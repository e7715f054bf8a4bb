"""An audit proves itself: performed again from its inputs it gives the same, and whatever was changed is named."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from auditor.__main__ import main
from auditor.core.problems import AuditorError
from auditor.core.problems import unwatched
from auditor.core.records import InvoiceLine
from auditor.language import Language
from auditor.project.lines import from_columns
from auditor.project.plain import to_plain
from auditor.project.store import Store
from auditor.readers.tables.layouts import ReadOptions
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.proof import verify
from tests.audit_files import UTILITY
from tests.audit_files import write_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give an audit that was computed and decided on, and closed."""
    files = write_files(tmp_path / "files")
    audit = Audit.create(tmp_path / "case.audit", *read_account_file(files.account))
    audit.add_files([files.log, files.invoice])
    audit.recompute()
    audit.dispute([UTILITY], "ask")
    audit.close()
    return tmp_path / "case.audit"


def tamper(path: Path, statement: str) -> None:
    connection = duckdb.connect(str(path))
    connection.execute(statement)
    connection.close()


def found(path: Path) -> list[str]:
    problems = verify(path, unwatched).problems
    for language in (Language("en"), Language("es")):
        assert all(path.name in language.problem(problem) for problem in problems)
    return [problem.code for problem in problems]


def test_that_an_untouched_audit_holds_and_the_file_is_not_touched(path: Path) -> None:
    before = path.read_bytes()
    shown = verify(path, unwatched)
    assert (shown.problems, shown.entries, shown.files) == ((), 3, 3)
    # 10 x 0.10 + 5 x 0.02 expected; 10 x 0.10 + 5 x 0.07 billed.
    assert (Decimal(shown.figures["expected"]), Decimal(shown.figures["billed"])) == (Decimal("1.10"), Decimal("1.35"))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir() if file.is_file()] == [path.name]


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ("update journal set facts = replace(facts, 'ask', 'pay') where verb = 'dispute'", ["journal_tampered"]),
        ("update file set content = replace(content::varchar, '0.35', '0.30')::blob where kind = 'invoice'",
         ["file_tampered", "reading_differs"]),
        ("update file set facts = replace(facts, '0.35', '0.30') where kind = 'invoice'",
         ["file_tampered", "reading_differs", "result_differs", "result_differs", "result_differs", "result_differs"]),
        ("update message set delivered_at = null where template_category = 'marketing'",
         ["file_tampered", *["result_differs"] * 6]),
        ("update result set facts = replace(facts, '\"expected\": \"1.1\"', '\"expected\": \"1.00\"')",
         ["result_differs"]),
        ("delete from result", ["result_never_computed"]),
    ],
)  # fmt: skip
def test_that_what_was_changed_is_named(path: Path, statement: str, codes: list[str]) -> None:
    tamper(path, statement)
    seen = found(path)
    assert seen[0] == codes[0]
    assert set(seen) == set(codes)


def test_that_other_rules_are_named_as_the_reason(path: Path) -> None:
    tamper(path, 'update result set facts = regexp_replace(facts, \'"rules": "[0-9a-f]+"\', \'"rules": "other"\')')
    tamper(path, 'update result set facts = replace(facts, \'"expected": "1.1"\', \'"expected": "1.00"\')')
    assert found(path) == ["rules_differ", "result_differs"]


def test_that_the_command_says_so_and_exits_with_1(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["auditor", "verify", str(path)])
    assert main() == 0
    tamper(path, "update journal set who = 'Luis' where number = 2")
    assert main() == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert len([line for line in shown.out.splitlines() if path.name in line]) == 1


def test_that_an_audit_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.audit"
    other.write_bytes(b"no audit")
    for place, code in ((tmp_path / "none.audit", "file_missing"), (other, "not_an_audit")):
        with pytest.raises(AuditorError) as caught:
            verify(place, unwatched)
        assert caught.value.code == code


def test_that_a_name_in_an_audit_leads_nowhere(path: Path) -> None:
    change = "update file set facts = replace(facts, 'invoice.csv', 'AT/victim.csv') where kind = 'invoice'"
    tamper(path, change.replace("AT", str(path.parent)))
    assert "file_tampered" in found(path)
    assert not (path.parent / "victim.csv").exists()


def test_that_lines_which_an_earlier_version_kept_one_by_one_are_read_and_proved_all_the_same(
    path: Path,
) -> None:
    store = Store(path)
    [(number,)] = store.connection.execute("select number from file where kind = 'invoice'").fetchall()
    facts = store.facts_of(number)
    facts["lines"] = to_plain(from_columns(InvoiceLine, facts["lines"]))
    store.connection.execute("update file set facts = ? where number = ?", [json.dumps(facts), number])
    store.seal_again()
    store.connection.execute("update about set value = '3' where name = 'version'")
    store.close()
    audit = Audit.open(path)
    audit.recompute()
    audit.close()
    shown = verify(path, unwatched)
    assert (shown.problems, Decimal(shown.figures["billed"])) == ((), Decimal("1.35"))


def test_that_what_a_person_stated_of_rates_is_proved_also_where_an_earlier_version_did_not_say_it(
    path: Path, tmp_path: Path
) -> None:
    table = tmp_path / "rates.csv"
    table.write_text("Day;Rate\n2026-10-01;3.75\n2026-10-02;3.76\n", encoding="utf-8")
    audit = Audit.open(path)
    (report,) = audit.add_files([table], kind="fx", options=ReadOptions(pair="USD/PEN"))
    assert [(said.code, dict(said.values)) for said in report.decisions] == [
        ("reading.decision.pair", {"pair": "USD/PEN"})
    ]
    audit.recompute()
    audit.close()
    assert found(path) == []
    store = Store(path)
    [(number,)] = store.connection.execute("select number from file where kind = 'fx'").fetchall()
    facts = store.facts_of(number)
    facts["report"]["decisions"] = []
    store.connection.execute("update file set facts = ? where number = ?", [json.dumps(facts), number])
    store.seal_again()
    store.close()
    assert "reading_differs" not in found(path)

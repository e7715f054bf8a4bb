"""A reviewed workbook dropped back: what was typed comes as proposals, and counts only once it is accepted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.readers.reviews import holds_review
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.decision import Decision
from auditor.verbs.reviewing import Reviewed
from tests.audit_files import ACCOUNT
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_files
from tests.reviewing import places
from tests.reviewing import typed
from tests.writers.recalculation import convert

if TYPE_CHECKING:
    from collections.abc import Callable

MARKETING = "||Peru||marketing|"
REVIEWER = 'preparer = "Rosa Quispe"\nreviewer = "Luis Paredes"\n'


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path, account=ACCOUNT.replace('preparer = "Rosa Quispe"\n', REVIEWER))


def exported(audit: Audit, folder: Path) -> Path:
    return audit.export_workbook(folder / "october.xlsx")


def proposed(reviewed: Reviewed) -> dict[str, Decision]:
    return {one.key: one.proposed for one in reviewed.proposals}


def test_that_a_workbook_nobody_typed_in_proposes_nothing(audit: Audit, tmp_path: Path) -> None:
    audit.dispute([UTILITY], "rate of no card")
    audit.assign_cause([UTILITY], "rate")
    book = exported(audit, tmp_path)
    assert holds_review(book)
    reviewed = audit.read_reviewed(book)
    assert (reviewed.proposals, reviewed.problems) == ((), ())


def test_that_what_was_typed_is_proposed_and_taken_over_as_one_step(audit: Audit, tmp_path: Path) -> None:
    audit.accept([UTILITY], "too small")
    audit.assign_cause([UTILITY], "rate")
    book = typed(
        exported(audit, tmp_path), {UTILITY: ("Disputed", "Rate; ask for the contract"), MARKETING: ("Accepted", None)}
    )
    reviewed = audit.read_reviewed(book)
    assert proposed(reviewed) == {
        UTILITY: Decision("disputed", "rate", "ask for the contract"), MARKETING: Decision("accepted", "", ""),
    }  # fmt: skip
    assert not any(one.moved for one in reviewed.proposals)
    assert audit.decisions[UTILITY].decision == "accepted"
    audit.take_review(reviewed, reviewed.proposals)
    assert audit.decisions[UTILITY] == Decision("disputed", "rate", "ask for the contract")
    entry = audit.journal[-1]
    assert (entry.verb, entry.who, entry.facts["names"]) == ("review", "Luis Paredes", ["october.xlsx"])
    assert audit.undo_count == 2
    assert [claim.amount for claim in audit.claims] == [Decimal("0.25")]
    assert audit.read_reviewed(book).proposals == ()
    audit.undo()
    assert audit.decisions == {UTILITY: Decision("accepted", "rate", "too small")}


def test_that_only_accepted_proposals_are_taken_over(audit: Audit, tmp_path: Path) -> None:
    book = typed(exported(audit, tmp_path), {UTILITY: ("Disputed", None), MARKETING: ("Accepted", "seen")})
    reviewed = audit.read_reviewed(book)
    before = audit.store.digest
    audit.take_review(reviewed, [])
    assert audit.store.digest == before
    audit.take_review(reviewed, [one for one in reviewed.proposals if one.key == MARKETING], "Ana Ruiz")
    assert audit.decisions == {MARKETING: Decision("accepted", "", "seen")}
    assert audit.journal[-1].who == "Ana Ruiz"


def test_that_what_was_decided_since_the_export_is_said_and_never_reverted(audit: Audit, tmp_path: Path) -> None:
    book = exported(audit, tmp_path)
    audit.dispute([UTILITY], "decided after the export")
    assert audit.read_reviewed(book).proposals == ()
    (one,) = audit.read_reviewed(typed(book, {UTILITY: ("Accepted", "fine")})).proposals
    assert one.moved
    assert one.now == Decision("disputed", "", "decided after the export")


def test_that_a_workbook_may_be_sorted_and_saved_by_another_program(audit: Audit, tmp_path: Path) -> None:
    def turned(sheet: Worksheet) -> None:
        top, _ = places(sheet)
        rows = [[cell.value for cell in sheet[row]] for row in (top + 1, top + 2)]
        for row, values in zip((top + 2, top + 1), rows, strict=True):
            for column, value in enumerate(values, 1):
                sheet.cell(row, column).value = value

    book = typed(exported(audit, tmp_path), {UTILITY: ("disputed ", "línea 1\nlínea 2")}, turned)
    again = convert(book, tmp_path, "xlsx:Calc MS Excel 2007 XML")
    assert proposed(audit.read_reviewed(again)) == {UTILITY: Decision("disputed", "", "línea 1\nlínea 2")}


def test_that_a_spanish_workbook_comes_back_in_spanish(files: Files, tmp_path: Path) -> None:
    account, text = read_account_file(files.account)
    spanish = Audit.create(tmp_path / "octubre.audit", replace(account, language="es"), text)
    spanish.add_files([files.log, files.invoice])
    spanish.recompute()
    book = typed(exported(spanish, tmp_path), {UTILITY: ("Observada", None)})
    assert proposed(spanish.read_reviewed(book)) == {UTILITY: Decision("disputed", "", "")}
    spanish.close()


def test_that_what_cannot_be_taken_is_said_with_its_row(audit: Audit, tmp_path: Path) -> None:
    def gone(sheet: Worksheet) -> None:
        top, heads = places(sheet)
        for row in (top + 1, top + 2):
            if sheet.cell(row, heads["Key"]).value == MARKETING:
                sheet.cell(row, heads["Key"]).value = "||Chile||marketing|"

    book = typed(exported(audit, tmp_path), {UTILITY: ("Perhaps", None), MARKETING: ("Accepted", None)}, gone)
    reviewed = audit.read_reviewed(book)
    assert reviewed.proposals == ()
    assert [problem.code for problem in reviewed.problems] == ["review_word_unknown", "review_line_gone"]
    assert all(problem.place.sheet == "Differences" and problem.place.row for problem in reviewed.problems)


def test_that_another_audits_workbook_and_other_files_are_refused(audit: Audit, files: Files, tmp_path: Path) -> None:
    book = exported(audit, tmp_path)
    account, text = read_account_file(files.account)
    other = Audit.create(None, replace(account, first=date(2026, 11, 1), last=date(2026, 11, 30)), text)
    attempts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("review_other_audit", lambda: other.read_reviewed(book)),
        ("review_without_lines", lambda: audit.read_reviewed(files.invoice)),
        ("file_missing", lambda: audit.read_reviewed(tmp_path / "none.xlsx")),
        ("workbook_is_ours", lambda: audit.add_files([book])),
    )
    for code, attempt in attempts:
        with pytest.raises(AuditorError) as refused:
            attempt()
        assert refused.value.code == code
    other.close()


def test_that_the_command_shows_proposals_and_takes_them_over_when_told(
    audit: Audit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = typed(exported(audit, tmp_path), {UTILITY: ("Disputed", "see contract")})
    path = audit.store.path
    audit.close()
    assert main(["review", str(path), str(book)]) == 0
    said = capsys.readouterr().out
    assert "Peru · utility: Open → Disputed; see contract" in said
    assert "1 proposals. Nothing was changed" in said
    assert main(["review", str(path), str(book), "--accept", "--who", "Ana Ruiz"]) == 0
    opened = Audit.open(path)
    assert opened.decisions == {UTILITY: Decision("disputed", "", "see contract")}
    assert opened.journal[-1].who == "Ana Ruiz"
    opened.close()

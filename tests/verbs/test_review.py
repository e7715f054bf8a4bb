"""A reviewed workbook dropped back: what was typed comes as proposals, and counts only once it is accepted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import ANY
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.language import Language
from auditor.readers.recognise import REVIEW
from auditor.readers.recognise import recognise
from auditor.verbs import Audit
from auditor.verbs import export
from auditor.verbs import read_account_file
from auditor.verbs.conditions import Condition
from auditor.verbs.decision import Decision
from auditor.verbs.reviewing import ConditionProposal
from auditor.verbs.reviewing import LineProposal
from auditor.verbs.reviewing import NoteProposal
from auditor.verbs.reviewing import Reviewed
from auditor.verbs.reviewing import SignatureProposal
from tests.audit_files import ACCOUNT
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_files
from tests.audit_files import write_invoice
from tests.verbs.reviewing import filled
from tests.verbs.reviewing import places
from tests.verbs.reviewing import signed
from tests.verbs.reviewing import typed
from tests.writers.recalculation import convert

if TYPE_CHECKING:
    from collections.abc import Callable

MARKETING = "||Peru||marketing|"
REVIEWER = 'preparer = "Rosa Quispe"\nreviewer = "Luis Paredes"\n'


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path, account=ACCOUNT.replace('preparer = "Rosa Quispe"\n', REVIEWER))


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the place of pictures in the workbooks free: nobody types in them, and to draw them takes longest."""
    lay = export._pictures
    monkeypatch.setattr(export, "_pictures", lambda answer, **_: lay(answer, drawn=False))


def exported(audit: Audit, folder: Path) -> Path:
    return audit.export_workbook(folder / "october.xlsx")


def proposed(reviewed: Reviewed) -> dict[str, Decision]:
    return {one.key: one.proposed for one in reviewed.proposals if isinstance(one, LineProposal)}


def test_that_a_workbook_nobody_typed_in_proposes_nothing(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # drawn as always
    audit.dispute([UTILITY], "rate of no card")
    audit.assign_cause([UTILITY], "rate")
    book = exported(audit, tmp_path)
    assert recognise(book) == REVIEW
    reviewed = audit.read_reviewed(book)
    assert (reviewed.proposals, reviewed.problems) == ((), ())
    with ZipFile(book) as parts:  # what it was held against has none
        assert "xl/media/image1.png" in parts.namelist()


def test_that_evidence_beside_a_workbook_is_not_written_anew_to_read_it_back(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "EVIDENCE_SHOWN", 3)  # of five, so that all of it stands beside the workbook
    book = exported(audit, tmp_path).rename(tmp_path / "october, seen by Luis.xlsx")
    steps: list[str] = []
    reviewed = audit.read_reviewed(book, lambda step, _done, _total: steps.append(step))
    assert (reviewed.proposals, reviewed.problems) == ((), ())
    assert "workbook" in steps
    assert "evidence" not in steps


def test_that_what_was_typed_is_proposed_and_taken_over_as_one_step(audit: Audit, tmp_path: Path) -> None:
    audit.accept([UTILITY], "too small")
    audit.assign_cause([UTILITY], "rate")
    book = typed(
        exported(audit, tmp_path), {UTILITY: ("Disputed", "ask for the contract"), MARKETING: ("Accepted", None)}
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
    audit.take_review(
        reviewed,
        [one for one in reviewed.proposals if isinstance(one, LineProposal) and one.key == MARKETING],
        "Ana Ruiz",
    )
    assert audit.decisions == {MARKETING: Decision("accepted", "", "seen")}
    assert audit.journal[-1].who == "Ana Ruiz"


def test_that_what_was_decided_since_the_export_is_said_and_never_reverted(audit: Audit, tmp_path: Path) -> None:
    book = exported(audit, tmp_path)
    audit.dispute([UTILITY], "decided after the export")
    assert audit.read_reviewed(book).proposals == ()
    (one,) = audit.read_reviewed(typed(book, {UTILITY: ("Accepted", "fine")})).proposals
    assert isinstance(one, LineProposal)
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


LEAD = "||utility"
CONDITION = "number|business_verified"
FOUND = {"Status": "Met", "Evidence": "letter.pdf", "Date": date(2026, 11, 12), "Who": "Luis Paredes"}


def test_that_causes_lead_notes_and_the_checklist_come_back_and_stand_in_the_next_workbook(
    audit: Audit, tmp_path: Path
) -> None:
    book = filled(exported(audit, tmp_path), "F", {UTILITY: {"Decision": "Disputed", "Cause, by the reviewer": "rate"}})
    filled(filled(book, "C", {LEAD: {"Note": "see the contract"}}), "M", {CONDITION: FOUND})
    reviewed = audit.read_reviewed(convert(book, tmp_path, "xlsx:Calc MS Excel 2007 XML"))
    assert reviewed.problems == ()
    line, note, condition = reviewed.proposals
    assert isinstance(line, LineProposal)
    assert line.proposed == Decision("disputed", "rate", "")
    assert isinstance(note, NoteProposal)
    assert (note.key, note.now, note.proposed, note.moved) == (LEAD, "", "see the contract", False)
    assert isinstance(condition, ConditionProposal)
    found = Condition("number", "business_verified", "met", "letter.pdf", date(2026, 11, 12), "Luis Paredes")
    assert (condition.now, condition.proposed) == (None, found)
    audit.take_review(reviewed, reviewed.proposals)
    assert audit.lead_notes == {LEAD: "see the contract"}
    assert audit.conditions == {("number", "business_verified"): found}
    again = audit.export_workbook(tmp_path / "again.xlsx")
    assert (audit.read_reviewed(again).proposals, audit.read_reviewed(book).proposals) == ((), ())
    audit.undo()
    assert (audit.lead_notes, audit.conditions, audit.decisions) == ({}, {}, {})
    back = audit.read_reviewed(book).proposals
    assert [one.place.sheet for one in back] == ["Differences", "Lead schedule", "Account checklist"]
    assert audit.read_reviewed(again).proposals == ()


def test_that_a_note_taken_over_lets_a_signature_fall(audit: Audit, tmp_path: Path) -> None:
    audit.sign("preparer", "Rosa Quispe")
    reviewed = audit.read_reviewed(filled(exported(audit, tmp_path), "C", {LEAD: {"Note": "look again"}}))
    audit.take_review(reviewed, reviewed.proposals)
    (signature,) = audit.sign_offs
    assert [(one.kind, one.how, one.name) for one in signature.changes] == [("lead_note", "added", LEAD)]


def test_that_a_day_typed_as_text_is_read_as_people_and_the_workbook_write_it(audit: Audit, tmp_path: Path) -> None:
    checks = (CONDITION, "number|number_free", "number|policies_accepted", "number|display_name_approved")
    written = ("12/11/2026", "2026-11-12", "12 Nov 2026", "12 de noviembre de 2026")
    days = {check: FOUND | {"Date": day} for check, day in zip(checks, written, strict=True)}
    proposals = audit.read_reviewed(filled(exported(audit, tmp_path), "M", days)).proposals
    found = {one.proposed.check: one.proposed.day for one in proposals if isinstance(one, ConditionProposal)}
    assert found == {check.removeprefix("number|"): date(2026, 11, 12) for check in checks}


def test_that_what_is_typed_wrongly_or_in_part_is_said_with_its_cell(audit: Audit, tmp_path: Path) -> None:
    book = filled(exported(audit, tmp_path), "F", {UTILITY: {"Cause, by the reviewer": "whim"}})
    filled(book, "C", {LEAD: {"Note": "=ask the supplier"}})
    filled(
        book,
        "M",
        {
            CONDITION: FOUND | {"Evidence": None},
            "number|number_free": {"Status": "Perhaps"},
            "number|policies_accepted": {"Status": "Not met", "Date": "soon"},
            "number|display_name_approved": {"Status": "Not met", "Who": "Luis Paredes"},
        },
    )
    reviewed = audit.read_reviewed(book)
    assert reviewed.proposals == ()
    assert sorted((one.code, one.place.sheet, one.values.get("word", "")) for one in reviewed.problems) == [
        ("review_cause_unknown", "Differences", "whim"),
        ("review_condition_incomplete", "Account checklist", ""),
        ("review_condition_incomplete", "Account checklist", ""),
        ("review_date_unknown", "Account checklist", "soon"),
        ("review_formula", "Lead schedule", ""),
        ("review_status_unknown", "Account checklist", "Perhaps"),
    ]
    assert all(problem.place.row for problem in reviewed.problems)


def test_that_a_note_that_a_spreadsheet_took_for_a_formula_clears_no_note(audit: Audit, tmp_path: Path) -> None:
    audit.dispute([UTILITY], "rate of no card")
    book = filled(exported(audit, tmp_path), "F", {UTILITY: {"Note": "=1+1"}})
    reviewed = audit.read_reviewed(book)
    assert (reviewed.proposals, [problem.code for problem in reviewed.problems]) == ((), ["review_formula"])


def test_that_a_signature_on_the_cover_is_proposed_for_what_was_signed_and_nothing_else(
    audit: Audit, tmp_path: Path
) -> None:
    audit.sign("preparer", "Rosa Quispe")
    book = signed(exported(audit, tmp_path), "Reviewer", day=date(2026, 11, 12), extent="all lines")
    (one,) = audit.read_reviewed(book).proposals
    assert one == SignatureProposal("reviewer", "Luis Paredes", "all lines; signed in the workbook on 12/11/2026", ANY)
    audit.annotate([UTILITY], "decided after the export")
    assert [problem.code for problem in audit.read_reviewed(book).problems] == ["review_signature_moved"]
    audit.undo()
    reviewed = audit.read_reviewed(book)
    audit.take_review(reviewed, reviewed.proposals)
    assert [(own.role, own.who, own.stands) for own in audit.sign_offs] == [
        ("preparer", "Rosa Quispe", True), ("reviewer", "Luis Paredes", True),
    ]  # fmt: skip
    again = audit.read_reviewed(audit.export_workbook(tmp_path / "again.xlsx"))
    assert (audit.read_reviewed(book).proposals, again.proposals, again.problems) == ((), (), ())


@pytest.mark.parametrize(
    ("typed_in", "code"),
    [
        ({"name": "Rosa Quispe", "signature": "RQ"}, "sign_same_person"),
        ({"extent": "all lines"}, "review_signature_incomplete"),
        ({"name": "Ana Ruiz"}, "review_signature_incomplete"),
    ],
)
def test_that_a_signature_that_cannot_be_is_said(
    audit: Audit, tmp_path: Path, typed_in: dict[str, str], code: str
) -> None:
    audit.sign("preparer", "Rosa Quispe")
    reviewed = audit.read_reviewed(signed(exported(audit, tmp_path), "Reviewer", **typed_in))
    assert (reviewed.proposals, [one.code for one in reviewed.problems]) == ((), [code])


def test_that_who_signs_and_changes_in_one_workbook_is_told_to_sign_the_next(audit: Audit, tmp_path: Path) -> None:
    audit.sign("preparer", "Rosa Quispe")
    book = typed(signed(exported(audit, tmp_path), "Reviewer", signature="LP"), {UTILITY: ("Disputed", None)})
    reviewed = audit.read_reviewed(book)
    assert [type(one) for one in reviewed.proposals] == [LineProposal]
    assert [one.code for one in reviewed.problems] == ["review_signature_moved"]


def elsewhere(book: Path) -> Path:
    """Type where nothing is taken back: beside F, over a figure of it, under G, on an own sheet, and as a comment."""
    opened = openpyxl.load_workbook(book)
    differences, charges = opened[opened.sheetnames[5]], opened[opened.sheetnames[6]]
    top, heads = places(differences)
    differences.cell(top + 1, heads["Note as exported"] + 2).value = "who says so?"
    row = next(n for n in (top + 1, top + 2) if differences.cell(n, heads["Key"]).value == UTILITY)
    differences.cell(row, heads["Rate invoiced"]).value = 0.05
    differences.cell(row, heads["Market"]).comment = Comment("not Peru", "Luis")
    charges.cell(charges.max_row + 3, 2).value = "checked, LP"
    opened.create_sheet("Mine")["A1"] = "my own sums"
    opened.save(book)
    return book


@pytest.mark.parametrize("through", ["openpyxl", "LibreOffice"])
def test_that_what_is_typed_elsewhere_is_said_with_its_cell(audit: Audit, tmp_path: Path, through: str) -> None:
    book = typed(elsewhere(exported(audit, tmp_path)), {UTILITY: ("Disputed", None)})
    if through == "LibreOffice":
        book = convert(book, tmp_path, "xlsx:Calc MS Excel 2007 XML")
    audit.annotate([MARKETING], "decided after the export, which changes nothing of it")
    reviewed = audit.read_reviewed(book)
    assert proposed(reviewed) == {UTILITY: Decision("disputed", "", "")}
    said = sorted((one.code, one.place.sheet, one.values.get("word", "")) for one in reviewed.problems)
    assert said == [
        ("review_cell_elsewhere", "Differences", "0.05"),
        ("review_cell_elsewhere", "Differences", "who says so?"),
        ("review_cell_elsewhere", "Expected charges", "checked, LP"),
        ("review_comment", "Differences", "not Peru"),
        ("review_sheet_added", "Mine", ""),
    ]
    assert all(one.place.row and one.place.column for one in reviewed.problems if one.code != "review_sheet_added")


@pytest.mark.parametrize("through", ["openpyxl", "LibreOffice"])
def test_that_what_is_cleared_elsewhere_is_said_with_its_cell(audit: Audit, tmp_path: Path, through: str) -> None:
    def clear(sheet: Worksheet) -> None:
        top, heads = places(sheet)
        sheet.cell(top + 1, heads["Rate invoiced"]).value = None

    book = typed(exported(audit, tmp_path), {UTILITY: ("Disputed", None)}, clear)
    opened = openpyxl.load_workbook(book)
    del opened["Journal"]
    charges = opened["Expected charges"]
    last = charges.max_row
    held = [cell.column_letter for cell in charges[last] if cell.value is not None]
    for cell in charges[last]:
        cell.value = None
    opened.save(book)
    if through == "LibreOffice":
        book = convert(book, tmp_path, "xlsx:Calc MS Excel 2007 XML")
    audit.annotate([MARKETING], "decided after the export")
    reviewed = audit.read_reviewed(book)
    assert proposed(reviewed) == {UTILITY: Decision("disputed", "", "")}
    *cleared, gone = reviewed.problems
    assert {one.code for one in cleared} == {"review_cell_cleared"}
    assert (gone.code, gone.values) == ("review_sheet_gone", {"sheet": "Journal"})
    rate = next(one for one in cleared if one.place.sheet == "Differences")
    assert (rate.place.row, rate.place.column, rate.values) == (10, "K", {"word": "0.1"})
    charge = [one.place for one in cleared if one.place.sheet == "Expected charges"]
    assert [(place.row, place.column) for place in charge] == [(last, column) for column in held]
    assert len(cleared) == 1 + len(held)


def test_that_what_is_claimed_after_the_export_is_not_taken_for_typed(audit: Audit, tmp_path: Path) -> None:
    """A claim stands on its own sheet and in the tie-out. What was typed on other sheets is told as ever."""
    book = exported(audit, tmp_path)
    audit.dispute([UTILITY], "claimed while the workbook was with the reviewer")
    untouched = audit.read_reviewed(book).problems
    unseen = [("review_claims_moved", "Tie-out"), ("review_claims_moved", "Open claims")]
    assert [(one.code, one.place.sheet) for one in untouched] == unseen
    told = audit.read_reviewed(elsewhere(book)).problems
    words = {(one.place.sheet, one.values["word"]) for one in told if one.code == "review_cell_elsewhere"}
    assert words == {("Differences", "0.05"), ("Differences", "who says so?"), ("Expected charges", "checked, LP")}


def test_that_very_much_typed_elsewhere_is_counted(audit: Audit, tmp_path: Path) -> None:
    def many(sheet: Worksheet) -> None:
        for row in range(60, 90):
            sheet.cell(row, 3).value = f"note {row}"

    problems = audit.read_reviewed(typed(exported(audit, tmp_path), {}, many)).problems
    assert [one.code for one in problems] == ["review_cell_elsewhere"] * 20 + ["review_cells_elsewhere"]
    last = problems[-1]
    assert (last.count, last.place.row) == (10, 80)
    assert "10 more cells" in Language("en").problem(Problem(last.code, last.place, last.values))


def test_that_a_workbook_of_other_inputs_says_that_the_rest_of_it_was_not_seen(
    audit: Audit, files: Files, tmp_path: Path
) -> None:
    book = elsewhere(exported(audit, tmp_path))
    audit.add_files([write_invoice(tmp_path / "second.csv", [("Chile", "Utility", "1", "0.02", "0.02")])])
    audit.recompute()
    assert [one.code for one in audit.read_reviewed(book).problems] == ["review_elsewhere_unseen"]


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
    assert "Peru · Utility: Open → Disputed; see contract" in said
    assert "1 proposals. Nothing was changed" in said
    assert main(["review", str(path), str(book), "--accept", "--who", "Ana Ruiz"]) == 0
    opened = Audit.open(path)
    assert opened.decisions == {UTILITY: Decision("disputed", "", "see contract")}
    assert opened.journal[-1].who == "Ana Ruiz"
    opened.close()


def test_that_a_line_that_stands_twice_is_taken_once_and_said(audit: Audit, tmp_path: Path) -> None:
    def doubled(sheet: Worksheet) -> None:
        top, heads = places(sheet)
        for row in (top + 1, top + 2):
            sheet.cell(row, heads["Key"]).value = UTILITY
            sheet.cell(row, heads["Decision"]).value = ("Accepted", "Disputed")[row - top - 1]

    reviewed = audit.read_reviewed(typed(exported(audit, tmp_path), {}, doubled))
    assert proposed(reviewed) == {UTILITY: Decision("accepted", "", "")}
    assert "review_line_twice" in [problem.code for problem in reviewed.problems]

"""The account checklist: recorded with its evidence, undone, carried into the workbook, and part of what is signed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import Number
from auditor.core.results import business_numbers
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.carry import carry_forward
from auditor.verbs.conditions import Condition
from tests.audit_files import ACCOUNT
from tests.audit_files import write_files

DAY = date(2026, 11, 3)


def met(audit: Audit, evidence: str = "https://business.facebook.com/verification") -> Condition:
    """Give a condition of the first number as met."""
    return Condition(audit.account.wabas[0].numbers[0].id, "business_verified", "met", evidence, DAY, "R. Quispe")


def test_that_the_last_record_of_a_condition_stands_and_undo_brings_the_one_before(audit: Audit) -> None:
    found = met(audit)
    audit.record(found)
    later = Condition(found.number, found.check, "unmet", "", DAY, "L. Paredes")
    audit.record(later)
    assert audit.conditions == {(found.number, found.check): later}
    audit.undo()
    assert audit.conditions == {(found.number, found.check): found}


def test_that_a_file_that_shows_a_condition_is_kept(audit: Audit, tmp_path: Path) -> None:
    proof = tmp_path / "verified.png"
    proof.write_bytes(b"picture")
    found = met(audit, proof.name)
    audit.record(found, proof)
    (kept,) = audit.attachments[found.key]
    (tmp_path / "out").mkdir()
    assert audit.write_attachment(kept.number, tmp_path / "out").read_bytes() == b"picture"


def test_that_a_condition_without_evidence_or_name_is_refused(audit: Audit) -> None:
    found = met(audit)
    number, check = found.number, found.check
    for code, refused in (
        ("condition_evidence", met(audit, " ")),
        ("condition_who", Condition(number, check, "unmet", "", DAY, "")),
        ("condition_unknown", Condition("1", check, "unmet", "", DAY, "R.")),
    ):
        with pytest.raises(AuditorError) as raised:
            audit.record(refused)
        assert raised.value.code == code
    assert audit.conditions == {}


def test_that_a_signature_falls_when_the_checklist_changes_and_the_answer_stands(audit: Audit) -> None:
    audit.recompute()
    before = audit.kept_outcome()
    audit.sign("preparer", "R. Quispe", "")
    audit.record(met(audit))
    (signed,) = audit.sign_offs
    assert [(change.kind, change.how) for change in signed.changes] == [("condition", "added")]
    assert audit.kept_outcome() == before


def test_that_the_checklist_goes_along_into_the_next_month(audit: Audit, tmp_path: Path) -> None:
    audit.recompute()
    audit.record(met(audit))
    november = carry_forward(audit, tmp_path / "november.audit", "November", date(2026, 11, 1), date(2026, 11, 30))
    assert dict(november.conditions) == dict(audit.conditions)
    november.close()


def test_that_a_number_that_the_log_alone_names_has_its_conditions(tmp_path: Path) -> None:
    files = write_files(tmp_path, account=ACCOUNT.replace('numbers = ["number"]', ""))
    audit = Audit.create(tmp_path / "bare.audit", *read_account_file(files.account))
    audit.add_files([files.log, files.invoice])
    assert business_numbers(audit.account, audit.result) == ()
    audit.recompute()
    assert business_numbers(audit.account, audit.result) == (("waba", Number("number")),)
    audit.record(Condition("number", "business_verified", "met", "screenshot", DAY, "R. Quispe"))
    book = openpyxl.load_workbook(audit.export_workbook(tmp_path / "bare.xlsx"))
    rows = [[cell.value for cell in row] for row in book["Account checklist"].iter_rows()]
    assert [row[:6] for row in rows if "number" in row and row[4] == "Met"] == [
        ["waba", "number", None, "The business is verified", "Met", "screenshot"]
    ]
    assert any("Business numbers: 1; what was not recorded is open." in str(row[0]) for row in rows)
    audit.close()


def test_that_a_number_without_charges_comes_after_those_listed_and_names_no_account(audit: Audit) -> None:
    result = audit.recompute()
    health = replace(result.health, per_day={("number", DAY): 1, ("9", DAY): 2, ("", DAY): 3})
    numbers = business_numbers(audit.account, replace(result, health=health))
    assert numbers == (("waba", Number("number")), ("", Number("9")))


def test_that_the_workbook_prints_what_was_recorded(audit: Audit, tmp_path: Path) -> None:
    audit.record(met(audit))
    book = openpyxl.load_workbook(audit.export_workbook(tmp_path / "book.xlsx"))
    rows = [[cell.value for cell in row] for sheet in book.worksheets for row in sheet.iter_rows()]
    (found,) = (row for row in rows if "https://business.facebook.com/verification" in row and "Met" in row)
    assert "R. Quispe" in found
    assert any(isinstance(value, date) and (value.year, value.month, value.day) == (2026, 11, 3) for value in found)

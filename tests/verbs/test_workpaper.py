"""The workpaper of a real audit: signatures on its cover, the same file each time, and all the evidence beside it."""

import csv
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from auditor.core.problems import Cancelled
from auditor.sample import write_sample
from auditor.verbs import Audit
from auditor.verbs import export
from auditor.verbs import read_account_file
from tests.audit_files import UTILITY
from tests.audit_files import write_files
from tests.core.invoicing import sent
from tests.core.invoicing import wrote
from tests.writers.recalculation import recalculated


def cover_of(audit: Audit, path: Path) -> dict[object, tuple[object, ...]]:
    """Export the workbook and give its cover's rows by their first cell."""
    rows = openpyxl.load_workbook(audit.export_workbook(path), data_only=True)["Cover"].values
    return {row[0]: row[1:] for row in rows}


def test_that_the_cover_says_who_signed_on_what_extent_and_whether_it_stands(audit: Audit, tmp_path: Path) -> None:
    before = cover_of(audit, tmp_path / "before.xlsx")
    assert before["Preparer"][0] == "Rosa Quispe"
    assert before["Preparer"][3] is None
    audit.sign("preparer", "Rosa Quispe", "all lines")
    audit.sign("reviewer", "Luis Paredes", "lines above materiality")
    audit.lock("Luis Paredes", "closed")
    signed = cover_of(audit, tmp_path / "signed.xlsx")
    assert signed["Reviewer"][0] == "Luis Paredes"
    assert signed["Reviewer"][2:4] == ("lines above materiality", "Signed; nothing it covers has changed since")
    assert (signed["Locked"][0], signed["Locked"][2]) == ("Luis Paredes", "closed")
    audit.unlock("Luis Paredes", "a note was missing")
    audit.annotate([UTILITY], "ask for the contract")
    fallen = cover_of(audit, tmp_path / "fallen.xlsx")
    assert fallen["Preparer"][3] == "Lapsed; changes since to what it covers: 1"
    assert "Locked" not in fallen


def test_that_the_same_audit_exported_again_is_the_same_file_but_for_the_time(audit: Audit, tmp_path: Path) -> None:
    audit.dispute([UTILITY], "rate of no card")
    audit.sign("preparer", "Rosa Quispe")
    path = audit.store.path
    first = audit.export_workbook(tmp_path / "first.xlsx")
    audit.close()
    opened = Audit.open(path)
    second = opened.export_workbook(tmp_path / "second.xlsx")
    opened.close()
    with ZipFile(first) as one, ZipFile(second) as two:
        assert one.namelist() == two.namelist()
        changed = {name for name in one.namelist() if one.read(name) != two.read(name)}
    assert changed <= {"docProps/core.xml", "xl/worksheets/sheet1.xml"}


def test_that_evidence_beyond_what_the_sheet_shows_is_written_beside_it(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = audit.export_workbook(tmp_path / "whole.xlsx")
    assert not list(tmp_path.glob("*.evidence.csv"))
    monkeypatch.setattr(export, "EVIDENCE_SHOWN", 3)
    book = audit.export_workbook(tmp_path / "october.xlsx")
    with (tmp_path / "october.evidence.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert {row["Category"] for row in rows} == {"Utility"}
    assert all("•" in row["Customer (masked)"] for row in rows)
    sheet = openpyxl.load_workbook(book, data_only=True)["Evidence"]
    said = [str(cell) for row in sheet.iter_rows(max_row=5, max_col=1, values_only=True) for cell in row]
    assert any("october.evidence.csv" in text and "2" in text for text in said)


@pytest.mark.parametrize("given_up_at", ["evidence", "workbook"])
def test_that_an_export_given_up_leaves_no_evidence_behind(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given_up_at: str
) -> None:
    def stop(step: str, done: int, total: int) -> None:
        if step == given_up_at and total:
            raise Cancelled(step, total)

    monkeypatch.setattr(export, "EVIDENCE_SHOWN", 3)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        audit.export_workbook(tmp_path / "october.xlsx", stop)
    assert sorted(tmp_path.iterdir()) == before


def test_that_evidence_names_the_window_that_each_message_was_sent_in(tmp_path: Path) -> None:
    """The customer writes at 09:00 of the 5th: the window is open for less than 24 hours, and again from the 8th."""
    times = ("2026-10-05 08:59", "2026-10-05 09:00", "2026-10-06 08:59:59", "2026-10-06 09:00", "2026-10-08 10:30")
    rows = [*wrote("2026-10-05 09:00"), *wrote("2026-10-08 10:00"), *wrote("2026-10-08 10:15")]
    rows += [row for at in times for row in sent("utility", at=at)]
    files = write_files(tmp_path / "files", rows, [("Peru", "Utility", "5", "0.07", "0.35")])
    audit = Audit.create(tmp_path / "case.audit", *read_account_file(files.account))
    audit.add_files([files.log, files.invoice])
    audit.recompute()
    book = openpyxl.load_workbook(audit.export_workbook(tmp_path / "case.xlsx"), data_only=True)
    audit.close()
    cells = [[cell for cell in row if isinstance(cell, datetime)] for row in book["Evidence"].values]
    first, second = datetime(2026, 10, 5, 9), datetime(2026, 10, 8, 10, 15)  # noqa: DTZ001 - wall clock
    assert [row[1:] for row in cells if row] == [
        [], [first, first + timedelta(1)], [first, first + timedelta(1)], [], [second, second + timedelta(1)],
    ]  # fmt: skip


def test_that_an_accrual_without_an_invoice_is_a_workpaper_too(tmp_path: Path) -> None:
    """Peru: 10 x 0.10 + 5 x 0.02 = 1.10 is expected, and none of it is invoiced yet."""
    files = write_files(tmp_path)
    made = Audit.create(None, *read_account_file(files.account))
    made.add_files([files.log])
    made.recompute()
    cover = cover_of(made, tmp_path / "accrual.xlsx")
    made.close()
    assert (cover["Invoiced"][0], cover["Expected"][0]) == (0, 1.1)
    assert cover["Difference (invoiced less expected)"][0] == -1.1
    assert cover["Unexplained"][0] == 0
    compared = recalculated(tmp_path / "accrual.xlsx", tmp_path)
    assert compared.different == ()


def test_that_the_message_that_passed_an_allowance_is_found_in_its_file(tmp_path: Path) -> None:
    files = write_sample(tmp_path / "sample", "en")
    account, text = read_account_file(files.account)
    made = Audit.create(None, account, text)
    made.add_files([files.messages], kind="log")
    made.recompute()
    book = openpyxl.load_workbook(made.export_workbook(tmp_path / "audit.xlsx"), read_only=True, data_only=True)
    made.close()
    heads, *rows = book["Free allowances"].iter_rows(min_row=8, max_row=12, values_only=True)
    book.close()
    shown = [dict(zip(heads, row, strict=True)) for row in rows]
    passed = next(one for one in shown if isinstance(one["Passed at (local time)"], datetime))
    at, file, row = (passed[head] for head in ("Passed at (local time)", "Log file", "Row"))
    assert file == files.messages.name
    with files.messages.open(encoding="utf-8", newline="") as lines:
        message = next(one for number, one in enumerate(csv.DictReader(lines), 2) if number == row)
    assert message["direction"] == "outbound"
    assert datetime.fromisoformat(message["delivered_at"]).replace(tzinfo=None) == at  # the log is in Lima's time

"""What a new file has in common with those that are there is said, and journalled, before anything counts twice."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.core.problems import unwatched
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.proof import verify
from tests.audit_files import INVOICE_COLUMNS
from tests.audit_files import LINES
from tests.audit_files import ROWS
from tests.audit_files import Files
from tests.audit_files import write_invoice
from tests.audit_files import write_log
from tests.audit_files import write_table
from tests.core.invoicing import sent
from tests.saying import sentences

# One of the log's own messages, and the next day's ten.
AGAIN = (ROWS[0], *sent("marketing", 10, at="2026-10-06 09:00"))


@pytest.fixture
def audit(files: Files, tmp_path: Path) -> Iterator[Audit]:
    made = Audit.create(tmp_path / "case.audit", *read_account_file(files.account))
    yield made
    made.close()


def documents(folder: Path, name: str, document: str, start: str, end: str) -> Path:
    columns = ("Invoice number", "Period start", "Period end", *INVOICE_COLUMNS)
    return write_table(folder / name, columns, [(document, start, end, *line) for line in LINES])


def test_that_a_log_of_the_same_time_is_said_and_each_message_counts_once(
    audit: Audit, files: Files, tmp_path: Path
) -> None:
    (first,) = audit.add_files([files.log])
    other = write_log(tmp_path / "other.csv", [ROWS[0], ROWS[1], *sent("marketing", 3, at="2026-10-05 09:01")])
    (report,) = audit.add_files([other])
    assert first.warnings == ()
    (said,) = sentences(report.warnings)
    assert said.startswith("It covers the same time as messages.csv (05 Oct 2026 to 05 Oct 2026); 2 of its rows are")
    # 1.10 as before, and 3 x 0.10 of marketing.
    assert audit.recompute().expected == Decimal("1.40")
    assert audit.sources[-1].warnings == report.warnings  # as the journal has it
    audit.undo()
    assert audit.recompute().expected == Decimal("1.10")
    assert [source.file for source in audit.sources if source.kind == "log"] == ["messages.csv"]


def test_that_logs_of_different_times_and_logs_taken_in_together_are_told_apart(
    audit: Audit, files: Files, tmp_path: Path
) -> None:
    later = write_log(tmp_path / "later.csv", sent("marketing", 2, at="2026-10-20 09:00"))
    both = write_log(tmp_path / "both.csv", [ROWS[0], *sent("marketing", 2, at="2026-10-25 09:00")])
    reports = audit.add_files([files.log, later, both])
    assert [len(report.warnings) for report in reports] == [0, 0, 2]


def test_that_a_day_whose_messages_are_read_on_the_next_is_no_overlap(
    audit: Audit, files: Files, tmp_path: Path
) -> None:
    monday = [row | {"read_at": "2026-10-06T10:00:00-05:00"} for row in sent("utility", 3, at="2026-10-05 20:00")]
    tuesday = [row | {"read_at": "2026-10-07T10:00:00-05:00"} for row in sent("utility", 3, at="2026-10-06 09:30")]
    reports = audit.add_files([write_log(tmp_path / "5.csv", monday), write_log(tmp_path / "6.csv", tuesday)])
    assert [report.warnings for report in reports] == [(), ()]


def test_that_an_invoice_of_a_period_that_is_billed_already_is_said(audit: Audit, tmp_path: Path) -> None:
    audit.add_files([documents(tmp_path, "a.csv", "F-1", "2026-10-01", "2026-10-31")])
    (same,) = audit.add_files([documents(tmp_path, "b.csv", "F-2", "2026-10-31", "2026-11-30")])
    (next_,) = audit.add_files([documents(tmp_path, "c.csv", "F-3", "2026-12-01", "2026-12-31")])
    (again,) = audit.add_files([documents(tmp_path, "d.csv", "F-1", "2027-01-01", "2027-01-31")])
    (said,) = sentences(same.warnings)
    assert said.startswith("2 of its lines, from row 2, bill what a.csv bills already for the same time.")
    assert next_.warnings == ()
    assert [one.startswith("The document F-1 is in a.csv already") for one in sentences(again.warnings)] == [True]


def test_that_an_audit_of_invoices_with_days_in_common_holds(audit: Audit, files: Files, tmp_path: Path) -> None:
    audit.add_files([files.log])
    for name, document in (("a.csv", "F-1"), ("b.csv", "F-2")):
        audit.add_files([documents(tmp_path, name, document, "2026-10-01", "2026-10-31")])
    audit.recompute()
    audit.close()
    assert verify(tmp_path / "case.audit", unwatched).problems == ()


def test_that_invoices_without_a_period_bill_the_same_one(audit: Audit, files: Files, tmp_path: Path) -> None:
    other = write_invoice(tmp_path / "other.csv", [*LINES, ("Chile", "Marketing", "1", "0.20", "0.20")])
    _, report = audit.add_files([files.invoice, other])
    assert len(report.warnings) == 1
    assert sentences(report.warnings)[0].startswith("2 of its lines, from row 2, bill what invoice.csv bills already")


def _usage(folder: Path, name: str, *points: dict[str, object], waba: str = "waba") -> Path:
    day = {"start": 1791176400, "end": 1791262800}  # 5 October in Lima
    answer = {"id": waba, "pricing_analytics": {"data": [{"data_points": [day | point for point in points]}]}}
    (folder / name).write_text(json.dumps(answer), encoding="utf-8")
    return folder / name


def test_that_usage_which_another_export_counts_already_is_said(audit: Audit, tmp_path: Path) -> None:
    split = _usage(tmp_path, "a.json", {"country": "PE", "volume": 5}, {"country": "CL", "volume": 7})
    whole = _usage(tmp_path, "b.json", {"volume": 12})
    later = _usage(tmp_path, "c.json", {"start": 1791262800, "end": 1791349200, "volume": 4})
    talks = _usage(tmp_path, "d.json", {"country": "PE", "conversation": 3})
    again = _usage(tmp_path, "e.json", {"country": "CL", "pricing_category": "UTILITY", "volume": 2})
    reports = audit.add_files([split, whole, later, talks])
    assert [len(report.warnings) for report in reports] == [0, 1, 0, 0]
    (said,) = sentences(reports[1].warnings)
    assert said.startswith("1 of its lines, from row 1, count units that a.json may count already")
    (report,) = audit.add_files([again])
    assert ["a.json" in one for one in sentences(report.warnings)] == [True, False]


def test_that_the_command_line_says_it(files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_log(tmp_path / "other.csv", AGAIN)
    words = ["reconcile", "--account", files.account, "--messages", files.log, other, "--invoice", files.invoice]
    assert main([str(word) for word in words]) == 0
    assert "other.csv: It covers the same time as messages.csv (05 Oct 2026" in capsys.readouterr().err

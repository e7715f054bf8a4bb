"""What is fixed before comparing: thresholds with their time, and an expectation sealed before the invoice is known."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.core.records import Tolerance
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.carry import carry_forward
from auditor.verbs.sharing import save_without_people
from tests.audit_files import Files
from tests.audit_files import write_files
from tests.audit_files import write_log
from tests.core.invoicing import sent


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "in")


def opened(files: Files) -> Audit:
    return Audit.create(None, *read_account_file(files.account))


def refused(audit: Audit) -> str:
    with pytest.raises(AuditorError) as caught:
        audit.seal()
    return caught.value.code


def in_time(audit: Audit) -> bool:
    return audit.fixed.in_time


def holds(audit: Audit) -> bool:
    assert audit.fixed.sealed is not None
    return audit.fixed.sealed.holds


def test_that_an_expectation_is_sealed_before_the_invoice_and_holds(files: Files) -> None:
    audit = opened(files)
    assert refused(audit) == "seal_needs_log"
    audit.add_files([files.log], kind="log")
    assert refused(audit) == "seal_needs_result"
    audit.recompute()
    audit.seal("Rosa Quispe")
    audit.add_files([files.invoice], kind="invoice")
    fixed = audit.fixed
    assert fixed.sealed is not None
    assert fixed.invoice_at is not None
    # 10 x 0.10 of marketing and 5 x 0.02 of utility.
    assert (fixed.sealed.expected, fixed.sealed.who, fixed.sealed.holds) == (Decimal("1.10"), "Rosa Quispe", True)
    assert fixed.sealed.at <= fixed.invoice_at
    audit.close()


def test_that_sealing_again_keeps_the_first_time_as_long_as_the_seal_holds(files: Files, tmp_path: Path) -> None:
    audit = opened(files)
    audit.add_files([files.log], kind="log")
    audit.recompute()
    audit.seal("Rosa Quispe")
    audit.seal("Luis Rojas")
    assert [(entry.verb, entry.who) for entry in audit.journal if entry.verb == "seal"] == [("seal", "Rosa Quispe")]
    # Two more marketing messages: what was sealed is no longer what is expected.
    more = write_log(tmp_path / "more.csv", sent("marketing", 2, at="2026-10-20 10:00"))
    audit.add_files([more], kind="log")
    audit.recompute()
    audit.seal("Luis Rojas")
    assert [entry.who for entry in audit.journal if entry.verb == "seal"] == ["Rosa Quispe", "Luis Rojas"]
    assert audit.fixed.sealed is not None
    assert (audit.fixed.sealed.expected, audit.fixed.sealed.holds) == (Decimal("1.30"), True)  # 1.10 + 2 x 0.10
    audit.close()


def test_that_whoever_has_seen_an_invoice_cannot_seal(files: Files) -> None:
    audit = opened(files)
    audit.add_files([files.log], kind="log")
    (report,) = audit.add_files([files.invoice], kind="invoice")
    audit.recompute()
    assert refused(audit) == "seal_after_invoice"
    audit.remove_file(report.sha256)
    audit.recompute()
    assert refused(audit) == "seal_after_invoice"
    audit.close()


def test_that_a_seal_is_broken_by_what_the_expectation_is_made_of_and_by_nothing_else(files: Files) -> None:
    audit = opened(files)
    (log,) = audit.add_files([files.log], kind="log")
    audit.recompute()
    audit.seal()
    audit.add_files([files.invoice], kind="invoice")
    audit.recompute()
    audit.dispute([audit.answer().result.differences[0].key])
    assert holds(audit)
    audit.set_thresholds(Tolerance(Decimal(5), Decimal(1)), Tolerance(Decimal("0.25"), Decimal(0)))
    assert audit.undo_name == "set_thresholds"  # the account's facts are another matter, of the same kind of entry
    audit.undo()
    assert (audit.undo_name, audit.redo_name) == ("dispute", "set_thresholds")
    audit.redo()
    assert holds(audit)
    audit.remove_file(log.sha256)
    assert not holds(audit)
    audit.close()


def test_that_thresholds_changed_after_the_invoice_are_said_to_be(files: Files) -> None:
    audit = opened(files)
    account, text = read_account_file(files.account)
    audit.add_files([files.log], kind="log")
    audit.add_files([files.invoice], kind="invoice")
    made = audit.fixed
    audit.set_account(replace(account, entity="Another name"), text)
    assert (audit.fixed.thresholds_at, audit.fixed.in_time) == (made.thresholds_at, True)
    audit.set_account(replace(account, tolerance=Tolerance(Decimal(5), Decimal(0))), text)
    assert not audit.fixed.in_time
    audit.close()


def test_that_the_command_line_seals_and_the_summary_says_so(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, summary = str(tmp_path / "kept.audit"), tmp_path / "s.json"
    given = ["reconcile", "--account", str(files.account), "--audit", kept]
    assert main([*given, "--messages", str(files.log), "--seal"]) == 0
    assert "Sealed: US$ 1.10" in capsys.readouterr().out
    assert main([*given, "--invoice", str(files.invoice), "--summary", str(summary)]) == 0
    fixed = json.loads(summary.read_text(encoding="utf-8"))["fixed"]
    assert (fixed["sealed"]["expected"], fixed["sealed"]["holds"]) == ("1.10", True)
    assert fixed["thresholds_before_invoice"]
    assert fixed["sealed"]["at"] <= fixed["invoice_at"]
    said = capsys.readouterr().out
    assert "Sealed before any invoice was known: US$ 1.10. What it was made of is the same since." in said
    assert "after the invoice" not in said
    assert main([*given, "--seal"]) == 2
    assert "before the invoice is known" in capsys.readouterr().err
    assert main(["reconcile", "--account", str(files.account), "--messages", str(files.log), "--seal"]) == 2
    assert "--audit" in capsys.readouterr().err
    # Another tolerance, and more messages, come after the invoice: both are said.
    text = files.account.read_text(encoding="utf-8")
    stated = 'language = "en"\ntolerance = { amount = "5.00", percent = "0" }'
    files.account.write_text(text.replace('language = "en"', stated), encoding="utf-8")
    more = write_log(tmp_path / "more.csv", sent("marketing", 2, at="2026-10-20 10:00"))
    assert main([*given, "--messages", str(more)]) == 0
    said = capsys.readouterr().out
    assert "so that the seal does not cover this comparison" in said
    assert "Tolerance or materiality were set after the invoice was known." in said


def test_that_thresholds_set_by_hand_are_stamped_and_leave_cards_and_invoice_as_they_are(files: Files) -> None:
    audit = opened(files)
    audit.add_files([files.log, files.invoice])
    audit.recompute()
    before, cards = audit.answer().result, audit.brought()
    assert in_time(audit)
    # Utility is billed 0.25 too much: a tolerance of a quarter reaches it.
    audit.set_thresholds(Tolerance(Decimal(5), Decimal(1)), Tolerance(Decimal("0.25"), Decimal(0)))
    after = audit.recompute()
    assert (after.expected, after.billed, audit.brought()) == (before.expected, before.billed, cards)
    assert {line.status for line in after.differences} == {"matched", "within_tolerance"}
    assert after.account.materiality == Tolerance(Decimal(5), Decimal(1))
    # An invoice was known: this is not what was fixed beforehand.
    assert not in_time(audit)
    audit.undo()
    assert in_time(audit)
    assert audit.recompute().differences == before.differences
    audit.close()


def test_that_a_negative_threshold_is_refused(files: Files) -> None:
    audit = opened(files)
    with pytest.raises(AuditorError) as caught:
        audit.set_thresholds(Tolerance(Decimal(0), Decimal(0)), Tolerance(Decimal(-1), Decimal(0)))
    assert (caught.value.code, caught.value.values["value"]) == ("settings_negative", "-1")
    audit.close()


def test_that_the_next_period_begins_unsealed_with_the_thresholds_and_can_be_sealed(
    files: Files, tmp_path: Path
) -> None:
    audit = opened(files)
    audit.add_files([files.log])
    audit.recompute()
    audit.seal()
    audit.set_thresholds(Tolerance(Decimal(7), Decimal(0)), Tolerance(Decimal("0.02"), Decimal(0)))
    audit.recompute()
    audit.add_files([files.invoice])
    audit.recompute()
    following = carry_forward(audit, tmp_path / "next.audit", "November", date(2026, 11, 1), date(2026, 11, 30))
    audit.close()
    before = following.fixed.sealed
    assert before is None
    assert (following.fixed.invoice_at, following.fixed.in_time) == (None, True)
    assert following.account.materiality.amount == Decimal(7)
    # The contract card went along: without it nothing in November would be priced alike.
    following.add_files([write_log(tmp_path / "november.csv", sent("utility", 3, at="2026-11-05 10:00"))])
    following.recompute()
    following.seal("Rosa Quispe")
    assert following.fixed.sealed is not None
    # 3 x 0.02.
    assert (following.fixed.sealed.expected, following.fixed.sealed.holds) == (Decimal("0.06"), True)
    following.close()


def test_that_a_seal_holds_in_a_copy_without_the_customers(files: Files, tmp_path: Path) -> None:
    audit = Audit.create(tmp_path / "own.audit", *read_account_file(files.account))
    audit.add_files([files.log])
    audit.recompute()
    audit.seal("Rosa Quispe")
    audit.add_files([files.invoice])
    audit.recompute()
    save_without_people(audit, tmp_path / "copy.audit")
    audit.close()
    copy = Audit.open(tmp_path / "copy.audit")
    copy.recompute()
    assert holds(copy)
    copy.close()

"""What a person sets over what the program found: rates, matches, evidence, another reading; each with undo."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.results import Status
from auditor.readers.tables.layouts import ReadOptions
from auditor.verbs import Audit
from auditor.verbs import RateByHand
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_invoice

# 5 utility messages to Peru are billed at 0.07 = 0.35; the contract says 0.02, so 0.10 is expected.
RATE = RateByHand("USD", "Peru", "utility", Decimal("0.07"), date(2026, 10, 1), None, "Addendum 3 of the contract")


def difference(audit: Audit, key: str = UTILITY) -> Decimal:
    return next(line.difference for line in audit.recompute().differences if line.key == key)


def test_that_a_rate_set_by_hand_goes_before_every_card_and_undo_takes_it_back(audit: Audit) -> None:
    audit.set_rate(RATE)
    assert audit.result is None
    # 5 x 0.07 = 0.35 is now expected too.
    assert difference(audit) == 0
    used = next(rate for rate in audit.recompute().rates if rate.category == "utility")
    assert (used.rate, used.basis, used.source) == (Decimal("0.07"), "by_hand", "Addendum 3 of the contract")
    audit.undo()
    assert difference(audit) == Decimal("0.25")
    audit.redo()
    assert list(audit.rates_by_hand.values()) == [RATE]


def test_that_a_rate_set_by_hand_holds_from_its_first_day_to_its_last(audit: Audit) -> None:
    audit.set_rate(replace(RATE, first=date(2026, 9, 1), last=date(2026, 9, 30)))
    assert difference(audit) == Decimal("0.25")


def test_that_the_later_of_two_rates_for_one_key_holds(audit: Audit) -> None:
    audit.set_rate(RATE)
    audit.set_rate(replace(RATE, rate=Decimal("0.05")))
    # 0.35 billed - 5 x 0.05 = 0.10.
    assert difference(audit) == Decimal("0.10")


def test_that_a_withdrawn_rate_lets_the_cards_hold_again(audit: Audit) -> None:
    audit.set_rate(RATE)
    audit.withdraw_rate(next(iter(audit.rates_by_hand)), "The addendum was not signed")
    assert not audit.rates_by_hand
    assert difference(audit) == Decimal("0.25")
    assert audit.journal[-1].facts["reason"] == "The addendum was not signed"


@pytest.mark.parametrize(
    ("rate", "code"),
    [
        (replace(RATE, reason="  "), "reason_missing"),
        (replace(RATE, rate=Decimal("-0.01")), "rate_negative"),
        (replace(RATE, rate=Decimal("NaN")), "rate_negative"),
        (replace(RATE, last=date(2026, 9, 30)), "rate_dates"),
    ],
)
def test_that_a_rate_without_reason_or_sense_is_refused(audit: Audit, rate: RateByHand, code: str) -> None:
    before = len(audit.journal)
    with pytest.raises(AuditorError) as refused:
        audit.set_rate(rate)
    assert refused.value.code == code
    assert len(audit.journal) == before


def test_that_a_line_matched_by_hand_is_held_against_the_other_charges(audit: Audit, tmp_path: Path) -> None:
    audit.remove_file(audit.sources[-1].sha256)
    # The supplier billed the 5 utility messages under another country: a line nothing gives rise to, one missing.
    lines = (("Peru", "Marketing", "10", "0.10", "1.00"), ("Chile", "Utility", "5", "0.02", "0.10"))
    audit.add_files([write_invoice(tmp_path / "other.csv", lines)])
    before = {line.key: line.status for line in audit.recompute().differences}
    assert before[UTILITY] == Status.MISSING
    audit.match([1], UTILITY, "Agreed with the supplier by mail")
    after = {line.key: line for line in audit.recompute().differences}
    assert after[UTILITY].status == Status.MATCHED
    assert after[UTILITY].lines == (1,)
    assert "||Chile||utility|" not in after
    assert audit.matches == {1}
    audit.unmatch([1], "The mail was about another month")
    assert {line.key: line.status for line in audit.recompute().differences} == before


def test_that_a_match_with_what_is_not_there_is_refused(audit: Audit) -> None:
    with pytest.raises(AuditorError) as refused:
        audit.match([0], "||Nowhere||utility|", "why")
    assert refused.value.code == "difference_unknown"


def test_that_attached_evidence_is_kept_whole_and_undone_away(audit: Audit, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"Subject: the rate\r\n\r\nagreed")
    audit.attach([UTILITY], mail)
    mail.unlink()
    (kept,) = audit.attachments[UTILITY]
    assert kept.name == "mail.eml"
    assert audit.write_attachment(kept.number, tmp_path).read_bytes() == b"Subject: the rate\r\n\r\nagreed"
    audit.undo()
    assert not audit.attachments


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("factura: octubre.pdf", "factura octubre.pdf"),
        ("nota.p?d*f", "nota.p d f"),
        ("con.pdf", "_con.pdf"),
        ("sin final", "sin final"),
    ],
)
def test_that_evidence_is_written_under_a_name_that_every_system_takes(
    audit: Audit, tmp_path: Path, name: str, written: str
) -> None:
    (tmp_path / name).write_bytes(b"agreed")
    audit.attach([UTILITY], tmp_path / name)
    (kept,) = audit.attachments[UTILITY]
    (tmp_path / "out").mkdir()
    assert audit.write_attachment(kept.number, tmp_path / "out") == tmp_path / "out" / written


def test_that_evidence_that_is_not_there_is_named(audit: Audit, tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        audit.attach([UTILITY], tmp_path / "none.pdf")
    assert refused.value.code == "file_missing"


def test_that_a_file_read_another_way_takes_the_place_of_the_first_reading(audit: Audit) -> None:
    invoice = audit.sources[-1]
    audit.read_again(invoice.sha256, ReadOptions(mapping={"Unit price (USD)": "ignore"}))
    # Without the rate column the amounts stand: nothing is lost but the rate.
    line = next(line for line in audit.recompute().differences if line.key == UTILITY)
    assert (line.billed, line.billed_quantity) == (Decimal("0.35"), Decimal(5))
    assert [source.file for source in audit.sources].count(invoice.file) == 1
    audit.undo()
    assert audit.sources[-1] == invoice


def test_that_a_reading_that_fails_leaves_the_file_as_it_was(audit: Audit) -> None:
    before = audit.sources
    with pytest.raises(AuditorError):
        audit.read_again(before[-1].sha256, ReadOptions(mapping={"Amount (USD)": "ignore"}))
    assert audit.sources == before


def test_that_a_log_cannot_be_read_again_from_the_audit(audit: Audit) -> None:
    log = next(source for source in audit.sources if source.kind == "log")
    with pytest.raises(AuditorError) as refused:
        audit.read_again(log.sha256, ReadOptions())
    assert refused.value.code == "file_not_kept"


def test_that_a_log_that_changed_since_it_was_read_is_no_longer_that_log(audit: Audit, files: Files) -> None:
    log = next(source for source in audit.sources if source.kind == "log")
    files.log.write_text(files.log.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        audit.read_again(log.sha256, ReadOptions(), log=files.log)
    assert refused.value.code == "log_file_changed"


def test_that_undo_says_how_much_it_takes_back(audit: Audit, tmp_path: Path) -> None:
    audit.accept([UTILITY, "||Peru||marketing|"])
    assert (audit.undo_name, audit.undo_count) == ("accept", 2)
    audit.undo()
    assert (audit.redo_name, audit.redo_count) == ("accept", 2)
    assert (audit.undo_name, audit.undo_count) == ("add_files", 2)

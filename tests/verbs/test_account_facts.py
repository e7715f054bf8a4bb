"""Other facts of the account: what is in the audit is read anew under them, in one step that can be undone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Said
from auditor.core.records import Account
from auditor.core.records import FxMethod
from auditor.core.records import Number
from auditor.core.records import OpeningVolume
from auditor.core.records import Tolerance
from auditor.core.records import Waba
from auditor.project.plain import to_plain
from auditor.readers.invoices.invoices import ReadOptions
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.account_facts import typed_over
from auditor.verbs.proof import verify
from tests.audit_files import ACCOUNT
from tests.audit_files import LINES
from tests.audit_files import Files
from tests.audit_files import write_table

MARKETING = "||Peru||marketing|"
# Amounts in soles, and amounts that state no currency.
HEADS = ("Market", "Category", "Quantity", "Unit price", "Amount", "Currency")
SOLES = (("Peru", "Marketing", "10", "0.10", "1.00", "PEN"), ("Peru", "Utility", "5", "0.07", "0.35", "PEN"))
BARE_HEADS = HEADS[:-1]


def in_zone(account: Account, zone: str) -> Account:
    return replace(account, wabas=(replace(account.wabas[0], time_zone=zone),))


def matched(audit: Audit) -> list[tuple[str, str]]:
    """Give the lines that are matched by hand, as market and category of what they are held against."""
    result = audit.recompute()
    return [(line.market, line.category) for n, line in enumerate(result.invoice_lines) if n in audit.matches]


def test_that_other_facts_are_one_step_and_undone_as_one(audit: Audit) -> None:
    before, sources = audit.account, audit.sources
    audit.change_account(replace(before, entity="Otra S.A.C.", tax_id="20123456789"))
    assert (audit.account.entity, audit.undo_name, audit.sources) == ("Otra S.A.C.", "set_account", sources)
    audit.undo()
    assert audit.account == before


def test_that_the_same_facts_leave_no_entry(audit: Audit) -> None:
    entries = len(audit.journal)
    audit.change_account(audit.account)
    assert len(audit.journal) == entries


def test_that_the_card_that_an_account_named_stays_in_force(audit: Audit) -> None:
    expected = audit.recompute().expected
    audit.change_account(replace(audit.account, entity="Otra S.A.C."))
    assert audit.recompute().expected == expected == Decimal("1.10")


def test_that_an_invoice_in_another_currency_is_read_anew_with_it_in_one_step(files: Files, tmp_path: Path) -> None:
    invoice = write_table(tmp_path / "soles.csv", HEADS, SOLES)
    audit = Audit.create(tmp_path / "soles.audit", *read_account_file(files.account))
    audit.add_files([invoice])
    entries = len(audit.journal)
    audit.set_currency("PEN")
    assert [entry.verb for entry in audit.journal[entries:]] == ["set_account"]
    assert {line.currency for line in audit.recompute().invoice_lines} == {"PEN"}
    audit.undo()
    assert audit.account.currency == "USD"
    audit.close()


def test_that_a_log_is_read_anew_where_its_rows_hang_on_the_facts(audit: Audit, files: Files) -> None:
    (before, *_) = (source for source in audit.sources if source.kind == "log")
    audit.change_account(in_zone(audit.account, "Asia/Tokyo"), [files.log])
    (now, *_) = (source for source in audit.sources if source.kind == "log")
    # Its hours state no zone: fourteen hours earlier in Tokyo than in Lima.
    assert before.first - now.first == 14 * 3600 * 1_000_000
    assert (now.kept, len(audit.sources)) == (before.kept, 3)
    audit.undo()
    assert before in audit.sources


def test_that_without_its_file_a_log_keeps_the_facts_it_was_read_by(audit: Audit, files: Files) -> None:
    before, entries = audit.account, len(audit.journal)
    with pytest.raises(AuditorError) as refused:
        audit.change_account(in_zone(before, "Asia/Tokyo"))
    assert (refused.value.code, refused.value.place and refused.value.place.file) == ("log_not_at_hand", "messages.csv")
    files.log.write_text(files.log.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(AuditorError):
        audit.change_account(in_zone(before, "Asia/Tokyo"), [files.log])
    assert (audit.account, len(audit.journal)) == (before, entries)


def test_that_an_account_file_with_another_zone_reads_the_log_of_an_old_audit_anew(
    audit: Audit, files: Files, tmp_path: Path
) -> None:
    files.account.write_text(ACCOUNT.replace("America/Lima", "Asia/Tokyo"), encoding="utf-8")
    account = read_account_file(files.account)
    (before, *_) = (source for source in audit.sources if source.kind == "log")
    with pytest.raises(AuditorError):
        audit.set_account(*account)
    audit.set_account(*account, logs=[files.log])
    (now, *_) = (source for source in audit.sources if source.kind == "log")
    assert before.first - now.first == 14 * 3600 * 1_000_000
    audit.recompute()
    audit.close()
    assert not verify(tmp_path / "case.audit", lambda *_: None).problems


def test_that_lines_matched_by_hand_stay_so_when_their_file_is_read_anew(audit: Audit) -> None:
    audit.match([1], MARKETING, "The offer by mail")
    assert matched(audit) == [("Peru", "marketing")]
    audit.read_again(audit.sources[-1].sha256, ReadOptions(mapping={"Unit price (USD)": "ignore"}))
    assert matched(audit) == [("Peru", "marketing")]
    audit.undo()
    assert matched(audit) == [("Peru", "marketing")]
    audit.undo()
    assert not matched(audit)


def test_that_lines_matched_by_hand_stay_so_under_other_facts(files: Files, tmp_path: Path) -> None:
    audit = Audit.create(tmp_path / "soles.audit", *read_account_file(files.account))
    audit.add_files([files.log, write_table(tmp_path / "bare.csv", BARE_HEADS, LINES)])
    audit.recompute()
    audit.match([1], MARKETING, "The offer by mail")
    file = audit.files[-1]
    audit.change_account(
        replace(audit.account, currency="PEN", fx=FxMethod("invoice_rate", "", Decimal(4), "USD", "PEN"))
    )
    # An amount without a currency is in that of the account: it is read otherwise, under a number of its own.
    assert audit.files[-1] != file
    assert matched(audit) == [("Peru", "marketing")]
    assert audit.recompute().expected == Decimal("4.40")
    audit.close()


def test_that_a_match_whose_row_is_read_no_more_is_told(files: Files, tmp_path: Path) -> None:
    audit = Audit.create(tmp_path / "heads.audit", *read_account_file(files.account))
    audit.add_files([files.log, write_table(tmp_path / "heads.csv", BARE_HEADS, [LINES[1], BARE_HEADS, LINES[0]])])
    audit.recompute()
    audit.match([0], MARKETING, "The offer by mail")
    # With the heads that stand again in row 3, the line above them is left out.
    report = audit.read_again(audit.sources[-1].sha256, ReadOptions(header_row=3))
    assert (report.kept, report.warnings) == (1, (Said("verbs.matches_lost", {"count": 1}),))
    audit.close()


KNOWN = Account(
    "Case", date(2026, 10, 5), date(2026, 11, 4), "USD",
    (
        Waba("1", "America/Lima", "USD", "North", portfolio="P", numbers=(Number("11", "+51 1", "Shop", "CC7"),)),
        Waba("2", "America/Lima", "USD", numbers=(Number("21"),)),
        Waba("3", "America/Lima", "USD"),
    ),
    reviewer="Luis", materiality=Tolerance(Decimal(5), Decimal(2)),
    opening_volumes=tuple(OpeningVolume(owner, "Peru", "utility", "2026-10", 7) for owner in ("P", "2", "3")),
)  # fmt: skip
TYPED = Account(
    "Renamed", date(2026, 10, 1), date(2026, 10, 31), "PEN",
    (
        Waba("1", "America/Bogota", "USD", "South", numbers=(Number("11", "+51 9", "Store", "CC7"), Number("12"))),
        Waba("22", "America/Lima", "USD", numbers=(Number("21"),)),
    ),
    preparer="Rosa",
)  # fmt: skip


def test_that_a_short_form_changes_what_it_asks_for_and_keeps_the_rest() -> None:
    made = typed_over(KNOWN, TYPED)
    assert (made.name, made.currency, made.preparer, made.reviewer) == ("Renamed", "PEN", "Rosa", "Luis")
    assert (made.first, made.last) == (KNOWN.first, KNOWN.last)
    assert made.materiality == Tolerance(Decimal(0), Decimal(2))
    north, two = made.wabas
    assert (north.time_zone, north.name, north.portfolio) == ("America/Bogota", "South", "P")
    assert north.numbers == (Number("11", "+51 9", "Store", "CC7"), Number("12"))
    # The second, whose id was wrong, takes its volume along; the third is gone with its own.
    assert (two.id, [one.portfolio for one in made.opening_volumes]) == ("22", ["P", "22"])


def test_that_another_month_is_taken_whole() -> None:
    made = typed_over(KNOWN, replace(TYPED, first=date(2026, 9, 1), last=date(2026, 9, 30)))
    assert (made.first, made.last) == (date(2026, 9, 1), date(2026, 9, 30))


def test_that_what_a_form_shows_and_gives_back_is_what_was_there() -> None:
    bare = [replace(one, portfolio="") for one in KNOWN.wabas]
    assert to_plain(typed_over(KNOWN, replace(KNOWN, wabas=tuple(bare), reviewer=""))) == to_plain(KNOWN)

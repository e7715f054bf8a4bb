"""Claims outlive their audit: carried into the next one, aged, matched with credits, settled with a reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.by_hand import RateByHand
from auditor.verbs.carry import carry_forward
from auditor.verbs.claims import ageing
from auditor.verbs.open_points import open_points
from tests.audit_files import LINES
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_invoice
from tests.audit_files import write_table

NOVEMBER = ("November", date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def october(files: Files, tmp_path: Path) -> Iterator[Audit]:
    """Give an audit in which 0.25 of utility is disputed: 5 x 0.07 billed, 5 x 0.02 expected."""
    made = Audit.create(tmp_path / "october.audit", *read_account_file(files.account))
    made.add_files([files.log, files.invoice])
    made.recompute()
    made.dispute([UTILITY], "rate of no card")
    yield made
    made.close()


@pytest.fixture
def november(october: Audit, tmp_path: Path) -> Iterator[Audit]:
    made = carry_forward(october, tmp_path / "november.audit", *NOVEMBER)
    yield made
    made.close()


def test_that_a_disputed_difference_is_a_claim_of_its_amount(october: Audit) -> None:
    (claim,) = october.claims
    assert (claim.key, claim.period, claim.amount, claim.open) == (UTILITY, "2026-10", Decimal("0.25"), Decimal("0.25"))
    assert claim.age(claim.raised.replace(year=claim.raised.year + 1)) in {365, 366}
    october.clear([UTILITY])
    assert october.claims == ()


def test_that_what_was_billed_too_little_is_no_claim_though_it_is_disputed(files: Files, tmp_path: Path) -> None:
    # Utility at 5 x 0.01 where 5 x 0.02 is due: 0.05 too little.
    invoice = write_invoice(tmp_path / "low.csv", [LINES[0], ("Peru", "Utility", "5", "0.01", "0.05")])
    made = Audit.create(tmp_path / "low.audit", *read_account_file(files.account))
    made.add_files([files.log, invoice])
    made.recompute()
    made.dispute([UTILITY], "")
    assert made.decisions[UTILITY].decision == "disputed"
    assert made.claims == ()
    later = carry_forward(made, tmp_path / "later.audit", *NOVEMBER)
    assert later.carried_claims == ()
    later.close()
    made.close()


def test_that_a_claim_is_dated_by_the_day_of_its_account(files: Files, tmp_path: Path) -> None:
    raised: list[date] = []
    account = files.account.read_text(encoding="utf-8")
    # 25 hours apart: it is never the same day in both.
    for zone in ("Pacific/Pago_Pago", "Pacific/Kiritimati"):
        files.account.write_text(account.replace("America/Lima", zone), encoding="utf-8")
        made = Audit.create(tmp_path / f"{len(raised)}.audit", *read_account_file(files.account))
        made.add_files([files.log, files.invoice])
        made.recompute()
        made.dispute([UTILITY])
        raised.append(made.claims[0].raised)
        made.close()
    assert (raised[1] - raised[0]).days in {1, 2}


def test_that_the_next_audit_begins_with_accounts_cards_and_open_claims(october: Audit, november: Audit) -> None:
    account = november.account
    assert (account.name, account.first, account.last) == NOVEMBER
    assert account.wabas == october.account.wabas
    assert [source.kind for source in november.sources] == ["card"]
    assert november.recompute().expected == 0
    (claim,) = november.claims
    assert (claim.period, claim.amount, claim.note) == ("2026-10", Decimal("0.25"), "rate of no card")
    assert november.journal[-1].facts["digest"] == october.store.digest
    assert november.store.tampered() == []


def test_that_a_rate_set_by_hand_goes_along_while_it_holds(october: Audit, tmp_path: Path) -> None:
    for last in (date(2026, 10, 31), None):
        october.set_rate(RateByHand("USD", "Peru", "utility", Decimal("0.03"), date(2026, 10, 1), last, "agreed"))
    october.recompute()
    november = carry_forward(october, tmp_path / "november.audit", *NOVEMBER)
    assert [rate.last for rate in november.rates_by_hand.values()] == [None]
    november.close()


def credit_note(tmp_path: Path, market: str, amount: str) -> Path:
    columns = ("Document", "Document type", "Market", "Category", "Quantity", "Unit price (USD)", "Amount (USD)")
    row = ("NC-1", "credit_memo", market, "Utility", "1", f"-{amount}", f"-{amount}")
    return write_table(tmp_path / "credit.csv", columns, [row])


@pytest.mark.parametrize(("amount", "exact"), [("0.25", True), ("0.20", False)])
def test_that_a_credit_is_proposed_for_the_claim_it_may_answer(
    november: Audit, tmp_path: Path, amount: str, exact: bool
) -> None:
    november.add_files([credit_note(tmp_path, "Peru", amount)])
    november.recompute()
    assert [(one.claim.key, one.exact) for one in november.credits()] == [(UTILITY, exact)]


def test_that_a_credit_of_another_market_and_amount_answers_nothing(november: Audit, tmp_path: Path) -> None:
    november.add_files([credit_note(tmp_path, "Chile", "0.10")])
    november.recompute()
    assert november.credits() == ()


def test_that_a_claim_is_settled_in_parts_and_then_closed(november: Audit) -> None:
    (claim,) = november.claims
    november.settle(claim.name, Decimal("0.20"), "credit note NC-1")
    assert november.claims[0].open == Decimal("0.05")
    november.settle(claim.name, Decimal("0.05"), "given up")
    assert not november.claims
    november.undo()
    assert [one.open for one in november.claims] == [Decimal("0.05")]


def refused(audit: Audit, name: str, amount: str, reason: str = "because") -> str:
    with pytest.raises(AuditorError) as caught:
        audit.settle(name, Decimal(amount), reason)
    return caught.value.code


def test_that_what_cannot_be_settled_is_refused(november: Audit) -> None:
    name = november.claims[0].name
    for amount in ("0", "-0.01", "0.26", "NaN"):
        assert refused(november, name, amount) == "claim_amount"
    assert refused(november, "another", "0.25") == "claim_unknown"
    assert refused(november, name, "0.25", " ") == "reason_missing"


def test_that_claims_are_carried_on_until_they_are_settled(november: Audit, tmp_path: Path) -> None:
    november.recompute()
    november.settle(november.claims[0].name, Decimal("0.20"), "credit note NC-1")
    december = carry_forward(november, tmp_path / "december.audit", "December", date(2026, 12, 1), date(2026, 12, 31))
    (claim,) = december.claims
    assert (claim.period, claim.open) == ("2026-10", Decimal("0.05"))
    december.close()


def test_that_an_audit_is_not_carried_where_it_cannot_be(october: Audit, tmp_path: Path) -> None:
    attempts = (
        ("carry_goes_back", tmp_path / "n.audit", date(2026, 10, 31)),
        ("audit_exists", october.store.path, date(2026, 11, 1)),
    )
    for code, path, first in attempts:
        with pytest.raises(AuditorError) as caught:
            carry_forward(october, path, "November", first, date(2026, 11, 30))
        assert caught.value.code == code
    october.remove_file(october.sources[-1].sha256)
    with pytest.raises(AuditorError) as caught:
        carry_forward(october, tmp_path / "n.audit", *NOVEMBER)
    assert caught.value.code == "carry_needs_result"
    assert not (tmp_path / "n.audit").exists()


def lost_decisions(audit: Audit) -> int:
    """Count the decisions whose line is gone, as the checklist before a signature does."""
    points = open_points(audit.result, audit.sources, audit.decisions)
    return next(point.count for point in points if point.code == "lost_decisions")


def test_that_a_decision_whose_line_has_gone_is_kept_and_named(october: Audit, files: Files) -> None:
    october.accept(["||Peru||marketing|"])
    invoice = next(one for one in october.sources if one.kind == "invoice")
    log = next(one for one in october.sources if one.kind == "log")
    october.remove_file(invoice.sha256)
    october.remove_file(log.sha256)
    october.recompute()
    assert lost_decisions(october) == 2
    october.add_files([files.log, files.invoice])
    october.recompute()
    assert lost_decisions(october) == 0
    assert october.decisions[UTILITY].decision == "disputed"


def test_that_the_day_on_which_a_claim_is_due_goes_along_is_changed_there_and_undone(
    october: Audit, tmp_path: Path
) -> None:
    (claim,) = october.claims
    assert (claim.due, claim.left(date(2026, 12, 1))) == (None, None)
    october.set_due(claim.name, date(2026, 12, 15))
    assert october.undo_name == "set_due"
    (claim,) = october.claims
    assert [claim.left(date(2026, 12, day)) for day in (1, 15, 18)] == [14, 0, -3]
    november = carry_forward(october, tmp_path / "november.audit", *NOVEMBER)
    assert [one.due for one in november.claims] == [date(2026, 12, 15)]
    november.set_due(claim.name, date(2027, 1, 15))
    assert [one.due for one in november.claims] == [date(2027, 1, 15)]
    november.undo()
    assert [one.due for one in november.claims] == [date(2026, 12, 15)]
    november.set_due(claim.name, None)
    assert [one.due for one in november.claims] == [None]
    november.undo()
    assert [one.due for one in november.claims] == [date(2026, 12, 15)]
    with pytest.raises(AuditorError, match="claim_unknown"):
        november.set_due("another", date(2027, 1, 15))
    november.close()


def test_that_the_workbook_lists_the_open_claims_with_their_days(
    october: Audit, november: Audit, tmp_path: Path
) -> None:
    (claim,) = october.claims
    october.set_due(claim.name, date(2030, 12, 15))
    (row,) = _claims_in(october, tmp_path / "october.xlsx")
    # 0.25 claimed, nothing credited: 0.25 is open.
    assert row[:7] == ("October 2026", "Peru · Utility", "This audit", "USD", 0.25, 0, 0.25)
    assert row[7:9] == (datetime.combine(claim.raised, time()), datetime(2030, 12, 15))  # noqa: DTZ001 - a cell's day
    assert row[10] == "rate of no card"
    november.settle(claim.name, Decimal("0.10"), "NC-1")
    carried = [row[2:7] for row in _claims_in(november, tmp_path / "november.xlsx")]
    assert carried == [("An earlier audit", "USD", 0.25, 0.1, 0.15)]


def _claims_in(audit: Audit, path: Path) -> list[tuple[object, ...]]:
    """Give the rows of the sheet of open claims as they are stored."""
    book = openpyxl.load_workbook(audit.export_workbook(path), data_only=True)
    rows = list(book["Open claims"].iter_rows(values_only=True))
    head = next(place for place, row in enumerate(rows) if row[0] == "Month")
    return [row for row in rows[head + 1 :] if row[0]]


def test_that_claims_are_put_together_by_how_they_stand_to_their_day(october: Audit) -> None:
    (claim,) = october.claims
    on = date(2026, 12, 1)
    days = (None, date(2026, 11, 30), on, date(2026, 12, 31), date(2027, 1, 1))
    found = ageing([*(replace(claim, due=day) for day in days), replace(claim, currency="EUR")], on)
    # Yesterday is overdue; today and the 30th day from now are soon, the 31st is later.
    assert {key: len(some) for key, some in found.items()} == {
        ("overdue", "USD"): 1, ("soon", "USD"): 2, ("later", "USD"): 1, ("undated", "EUR"): 1, ("undated", "USD"): 1,
    }  # fmt: skip
    assert [age for age, _ in found] == ["overdue", "soon", "later", "undated", "undated"]

"""An invoice against charges that were made before: the same totals as with the log, and fewer causes.

Charged by hand: in October 2026 thirty marketing messages in Peru at 0.10 are 3.00, ten of utility at 0.02 are 0.20.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from auditor.core.audit import Invoice
from auditor.core.expected import reconcile_expected
from auditor.core.expected import totals_of
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import Number
from auditor.core.records import Tax
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.core.results import Widened
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import sent

LOG = [*sent("marketing", 30), *sent("utility", 10, "2026-10-06 10:00")]
MARKETING: dict[str, Any] = {"market": "Peru", "category": "marketing"}
UTILITY: dict[str, Any] = {"market": "Peru", "category": "utility"}


def held(
    *lines: InvoiceLine,
    account: Account = ACCOUNT,
    rows: Sequence[Row] = LOG,
    prices: Sequence[Row] = PRICES,
    widened: Sequence[Widened] | None = None,
) -> Reconciliation:
    """Hold an invoice against the charges of a log, as they are when the log itself is gone."""
    made = audited(rows, (), account, prices)
    cells = [replace(cell, country="") for cell in made.result.cells]
    return reconcile_expected(cells, made.terms, Invoice(lines), (), (), widened)


def said(result: Reconciliation) -> list[tuple[str, str, str]]:
    """Give each cause of each line with its amount and how far it is proved."""
    return [(one.cause, str(one.amount), one.proof) for found in result.differences for one in found.causes]


def test_that_an_invoice_that_holds_has_no_difference() -> None:
    made = held(line("3.00", "30", "0.10", 1, **MARKETING), line("0.20", "10", "0.02", 2, **UTILITY))
    assert (made.billed, made.expected, made.difference) == (Decimal("3.20"), Decimal("3.20"), Decimal("0.00"))
    assert {one.status for one in made.differences} == {Status.MATCHED}
    assert (made.low, made.high, made.unexplained) == (Decimal("3.20"), Decimal("3.20"), Decimal(0))
    assert said(made) == []


def test_that_what_a_credit_note_takes_off_is_counted_so_without_the_log_too() -> None:
    # 33 x 0.10 less 3 x 0.10: the 30 that were sent.
    lines = (line("3.30", "33", "0.10", 1, **MARKETING), line("-0.30", "3", "0.10", 2, **MARKETING))
    made, whole = held(*lines), audited(LOG, lines).result
    billed = [[one.billed_quantity for one in result.differences if one.lines] for result in (made, whole)]
    assert billed == [[Decimal(30)], [Decimal(30)]]


def test_that_totals_are_those_of_the_audit_with_the_log() -> None:
    lines = (line("4.00", "40", "0.10", 1, **MARKETING), line("0.20", "10", "0.02", 2, **UTILITY))
    made, whole = held(*lines), audited(LOG, lines).result
    for name in ("billed", "expected", "difference", "low", "high", "by_layer", "regimes", "rates"):
        assert getattr(made, name) == getattr(whole, name), name


def test_that_a_line_that_stands_twice_is_found_without_the_log() -> None:
    once, utility = line("3.00", "30", "0.10", 1, **MARKETING), line("0.20", "10", "0.02", 3, **UTILITY)
    made = held(once, replace(once, source=replace(once.source, row=2)), utility)
    assert made.difference == Decimal("3.00")
    assert said(made) == [("duplicate_line", "3.00", "found")]
    steps = {step.cause: step.amount for step in made.bridge}
    assert steps == {"duplicate_line": Decimal("3.00"), "unexplained": Decimal(0)}


FINE = [row | {"rate": "0.1003"} if row["category"] == "marketing" else row for row in PRICES]


def test_that_what_other_lines_lose_by_rounding_is_told_apart_from_a_line_that_stands_twice() -> None:
    # 30 at 0.1003 are 3.009, so 3.01. As three lines: 1.003, 0.9027 and 1.1033, so 1.00 + 0.90 + 1.10 = 3.00.
    # The last one twice: 4.10 - 3.01 = 1.09, which is 1.10 less the cent that the lines lose.
    ten, nine, eleven = (
        line(amount, quantity, "0.1003", row, **MARKETING)
        for row, (quantity, amount) in enumerate((("10", "1.00"), ("9", "0.90"), ("11", "1.10")), 1)
    )
    again = replace(eleven, source=replace(eleven.source, row=4))
    made = held(ten, nine, eleven, again, line("0.20", "10", "0.02", 5, **UTILITY), prices=FINE)
    assert made.difference == Decimal("1.09")
    assert said(made) == [("duplicate_line", "1.10", "found"), ("rounding", "-0.01", "found")]
    assert made.unexplained == 0


@pytest.mark.parametrize("cut", ["3.00", "2.99"])
def test_that_a_line_is_found_twice_behind_a_cent_that_was_cut_off(cut: str) -> None:
    # 30 at 0.1003 are 3.009: cut to 3.00 it is a cent too low, which the tolerance allows. Of 2.99 two cents stay open;
    # that it stands twice its units tell, which once are those due.
    once = line(cut, "30", "", 1, **MARKETING)
    again = replace(once, source=replace(once.source, row=2))
    made = held(once, again, line("0.20", "10", "0.02", 3, **UTILITY), prices=FINE)
    assert made.difference == 2 * Decimal(cut) - Decimal("3.01")
    assert said(made) == [("duplicate_line", cut, "found")]
    assert made.unexplained == Decimal(cut) - Decimal("3.01")


def test_that_units_that_only_a_replay_could_account_for_stay_unexplained() -> None:
    made = held(line("4.00", "40", "0.10", 1, **MARKETING), line("0.20", "10", "0.02", 2, **UTILITY))
    assert made.difference == made.unexplained == Decimal("1.00")
    assert [one for one in said(made) if one[2] == "found"] == []


def test_that_a_wrong_rate_is_possible_and_not_proved() -> None:
    # Thirty at 0.12 are 3.60: 0.60 too much. The log could tell more than the line does.
    made = held(line("3.60", "30", "0.12", 1, **MARKETING), line("0.20", "10", "0.02", 2, **UTILITY))
    assert made.difference == made.unexplained == Decimal("0.60")
    assert {proof for _, _, proof in said(made)} <= {"possible"}


def test_that_a_country_is_held_against_its_market() -> None:
    made = held(
        line("3.00", "30", "0.10", 1, country="PE", category="marketing"), line("0.20", "10", "0.02", 2, **UTILITY)
    )
    assert {(one.market, one.country, one.status) for one in made.differences} == {("Peru", "", Status.MATCHED)}


def test_that_tax_inside_the_lines_is_taken_out_first() -> None:
    # 3.00 and 18 % are 3.54; 0.20 and 18 % are 0.236, printed 0.24, which without tax is 0.20.
    account = replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=True))
    lines = (line("3.54", "30", "", 1, **MARKETING), line("0.24", "10", "", 2, **UTILITY))
    made = held(*lines, account=account)
    assert made.billed == made.expected == Decimal("3.20")
    assert made.unexplained == Decimal(0)


def test_that_gaps_of_the_log_widen_the_range_and_are_known_or_said_not_to_be() -> None:
    lines = (line("3.00", "30", "0.10", 1, **MARKETING), line("0.20", "10", "0.02", 2, **UTILITY))
    gap = Widened("number", date(2026, 10, 7), Decimal("0.05"), Decimal("1.25"))
    made = held(*lines, widened=[gap])
    assert (made.low, made.high) == (Decimal("3.15"), Decimal("4.45"))
    assert (made.health.findings, made.health.widened) == ((), (gap,))
    assert held(*lines, widened=[replace(gap, below=Decimal("5.00"))]).low == Decimal("0.00")  # not 3.20 - 5.00
    (finding,) = held(*lines).health.findings
    assert (finding.code, finding.count) == ("log_not_read", 40)


def test_that_days_and_numbers_are_named_of_which_the_charges_have_nothing() -> None:
    # Two messages on each of 16 days are charged, and two on each of 31 billed: 3.20 and 6.20. The other 15 days have
    # none, nor has the second number.
    rows = [row for day in range(1, 17) for row in sent("marketing", 2, f"2026-10-{day:02} 10:00")]
    account = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("other"))),))
    made = held(line("6.20", "62", "0.10", 1, **MARKETING), account=account, rows=rows)
    assert [(one.code, one.phone_number_id, one.day, one.count) for one in made.health.findings] == [
        ("log_not_read", "", None, 32),
        ("days_not_in_charges", "", date(2026, 10, 17), 15),
        ("number_not_in_charges", "other", date(2026, 10, 1), 31),
    ]
    assert totals_of(made).unlogged == made.health.unlogged
    assert made.unexplained == Decimal("3.00")


def test_that_units_without_a_rate_are_counted_and_their_line_is_not_compared() -> None:
    prices = [row for row in PRICES if row["category"] != "utility"]
    made = held(line("3.00", "30", "0.10", 1, **MARKETING), line("0.20", "10", "0.02", 2, **UTILITY), prices=prices)
    assert [one.status for one in made.differences if one.category == "utility"] == [Status.NOT_COMPARABLE]
    totals = totals_of(made)
    assert (totals.unrated, totals.review, totals.billed, totals.expected) == (10, 1, Decimal("3.20"), Decimal("3.00"))


@pytest.mark.parametrize(("billed", "review", "beyond"), [("3.00", 0, False), ("3.01", 0, False), ("3.50", 1, True)])
def test_that_totals_tell_what_to_review_and_whether_a_line_is_beyond_its_tolerance(
    billed: str, review: int, beyond: bool
) -> None:
    made = totals_of(held(line(billed, "30", "", 1, **MARKETING), rows=sent("marketing", 30, user=PERU)))
    assert (made.account.name, made.review, made.unrated, made.beyond) == ("Case", review, 0, beyond)
    assert made.difference == Decimal(billed) - 3
    assert (made.low, made.high) == (Decimal("3.00"), Decimal("3.00"))


def test_that_units_that_are_free_are_not_called_unexpected_without_their_log() -> None:
    # All 40 answers are of the 1,000 free ones; 17 of them are billed, 17 x 0.01. No message is of authentication.
    rows = [*sent("marketing", 30), *sent("", 40, at="2026-10-06 10:00")]
    lines = [line("3.00", "30", row=1, category="marketing"), line("0.17", "17", row=2, category="service")]
    lines.append(line("0.30", "10", row=3, category="authentication"))
    found = {one.category: [cause.cause for cause in one.causes] for one in held(*lines, rows=rows).differences}
    assert found == {"marketing": [], "service": [], "authentication": ["unexpected_line"]}

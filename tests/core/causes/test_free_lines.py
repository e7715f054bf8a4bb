"""An invoice that lists free units beside charged ones, and says so by their amount alone (formats.md §8, SUMMARY).

Prices: `invoicing.py`. Marketing in Peru costs 0.10 and cost 0.08 before, utility 0.02.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.core.causes.lines import Witness
from auditor.core.causes.stated import Rounding
from auditor.core.reconcile import Side
from auditor.core.records import Number
from auditor.core.results import Status
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import sent
from tests.core.invoicing import wrote


def visited(category: str, count: int) -> list[Row]:
    """Send messages that are free: the user came from an ad."""
    rows = wrote("2026-10-20 08:00", CHILE, referral="true")
    return [*rows, *sent(category, count, "2026-10-20 09:00", CHILE)]


@pytest.mark.parametrize("rate", ["0", ""])
def test_that_free_units_on_a_line_of_their_own_are_none_of_those_billed(rate: str) -> None:
    # 40 of marketing and 50 of utility at the prices of before: 40 x 0.02 and 50 x 0.01 less. 6 of either are free.
    rows = [*sent("marketing", 40), *sent("utility", 50, "2026-10-06 10:00")]
    rows += [*visited("marketing", 6), *sent("utility", 6, "2026-10-21 09:00", CHILE)]
    lines = [
        line("3.20", "40", row=1, category="marketing"),
        line("0", "6", rate, row=2, category="marketing"),
        line("0.50", "50", row=3, category="utility"),
        line("0", "6", rate, row=4, category="utility"),
    ]
    found = audited(rows, lines)
    assert {step.cause: step.amount for step in found.result.bridge if step.amount} == {"rate_card": Decimal("-1.30")}
    assert {one.billed_quantity for one in found.result.differences} == {40, 50}


def test_that_a_line_of_free_units_alone_has_no_cause() -> None:
    rows = [*sent("utility", 50), *visited("marketing", 6)]
    lines = [line("1.00", "50", row=1, category="utility"), line("0", "6", row=2, category="marketing")]
    found = by_name(audited(rows, lines))["marketing",]
    assert (found.status, found.causes) == (Status.MATCHED, ())


def test_that_units_billed_at_nothing_that_are_due_are_counted() -> None:
    # 50 x 0.02 is due.
    found = by_name(audited(sent("utility", 50), [line("0", "50", category="utility")]))["utility",]
    assert found.billed_quantity == 50
    assert found.difference == Decimal("-1.00")


def test_that_units_that_are_free_are_not_unexpected_where_some_are_charged() -> None:
    # All 40 answers are of the 1,000 free ones. 17 of them are billed, 17 x 0.01 = 0.17: no reading gives so many.
    rows = [*sent("utility", 50), *sent("", 40, "2026-10-06 10:00")]
    lines = [line("1.00", "50", row=1, category="utility"), line("0.17", "17", row=2, category="service")]
    found = by_name(audited(rows, lines))["service",]
    assert (found.status, found.expected_quantity, found.unexplained) == (Status.UNEXPECTED, 0, Decimal("0.17"))
    assert "unexpected_line" not in {cause.cause for cause in found.causes}


def test_that_a_line_of_another_number_than_that_of_the_free_units_is_unexpected() -> None:
    # The 40 free answers are of the first number; 17 x 0.01 are billed for the second, which sent 30 of utility alone.
    both = replace(WABA, numbers=(*WABA.numbers, Number("number2")))
    rows = [*sent("utility", 50), *sent("", 40, "2026-10-06 10:00"), *sent("utility", 30, number="number2")]
    lines = [
        line("1.00", "50", row=1, category="utility", phone_number_id="number"),
        line("0.60", "30", row=2, category="utility", phone_number_id="number2"),
        line("0.17", "17", row=3, category="service", phone_number_id="number2"),
    ]
    found = by_name(audited(rows, lines, replace(ACCOUNT, wabas=(both,))))["waba", "service"]
    assert causes(found) == {"unexpected_line": Decimal("0.17")}


@pytest.mark.parametrize(("amount", "due", "fits"), [("0", "0", True), ("0", "0.14", False), ("0.24", "0", False)])
def test_that_units_given_for_nothing_may_be_counted_otherwise(amount: str, due: str, fits: bool) -> None:
    # 12 are billed for 7, as by messages for conversations: of two times nothing.
    own = [line(amount, "12", category="service")]
    side = Side(7, Decimal(due), rates=frozenset({Decimal(due) / 7}))
    witness = Witness("key", own, "USD", Rounding(1, {}), frozenset(), side, quantities=True)
    assert witness.verdict(side).fits is fits


@pytest.mark.parametrize(("units", "fits"), [("19", True), ("1", False), ("", True)])
def test_that_of_units_that_the_rules_charge_all_or_none_are_given(units: str, fits: bool) -> None:
    # 19 of utility are due at 0.0032; were they service, nothing would be. A line of one says that the others are lost.
    due = Side(19, Decimal("0.0608"), rates=frozenset({Decimal("0.0032")}))
    own = [line("0.00", units, category="utility")]
    witness = Witness("key", own, "USD", Rounding(1, {}), frozenset(), due, quantities=True)
    assert witness.verdict(Side()).fits is fits


@pytest.mark.parametrize(("units", "fits"), [("483", True), ("54", True), ("482", False)])
def test_that_units_given_instead_of_charged_may_be_counted_with_those_that_the_rules_give(
    units: str, fits: bool
) -> None:
    # Of 483 conversations the rules charge 54, at 0.0316, and give 429: by another count of the free ones all are.
    due = Side(54, Decimal("1.7064"), rates=frozenset({Decimal("0.0316")}))
    own = [line("0.00", units, category="user_initiated")]
    witness = Witness("key", own, "USD", Rounding(1, {}), frozenset(), due, quantities=True, free=429)
    assert witness.verdict(Side()).fits is fits


@pytest.mark.parametrize(("listed", "cause"), [("7", {"missing_line": Decimal("-0.30")}), ("6", {})])
def test_that_a_line_is_missing_beside_one_that_lists_the_free_units(listed: str, cause: dict[str, Decimal]) -> None:
    # 10 of authentication are due, at 0.03, and not billed. 7 are free: those that a line lists. 6 are neither.
    rows = [*sent("utility", 50), *sent("authentication", 10, "2026-10-06 10:00"), *visited("authentication", 7)]
    lines = [
        line("1.00", "50", "0.02", row=1, category="utility"),
        line("0", listed, "0", row=2, category="authentication"),
    ]
    found = by_name(audited(rows, lines))["authentication",]
    assert {one.cause: one.amount for one in found.causes if one.proof == "found"} == cause


@pytest.mark.parametrize(("apart", "named"), [(True, {"missing_line": Decimal("-0.60")}), (False, {})])
def test_that_a_line_is_missing_beside_a_few_free_units_where_others_are_listed_beside_what_is_charged(
    apart: bool, named: dict[str, Decimal]
) -> None:
    # 20 of authentication are due, at 0.03, and not billed. 7 are free; a line lists 6. Of utility 50 are charged and 6
    # free, which stand on a line of their own, or on none.
    rows = [*sent("utility", 50), *sent("authentication", 20, "2026-10-06 10:00"), *visited("authentication", 7)]
    rows += sent("utility", 6, "2026-10-21 09:00", CHILE)
    lines = [
        line("1.00", "50", "0.02", row=1, category="utility"),
        line("0", "6", "0", row=2, category="authentication"),
        *([line("0", "6", "0", row=3, category="utility")] if apart else []),
    ]
    found = by_name(audited(rows, lines))["authentication",]
    assert {one.cause: one.amount for one in found.causes if one.proof == "found"} == named

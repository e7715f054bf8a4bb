"""Errors planted by the slow twin are found with their exact amounts, and nothing else is (formats.md §8)."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from auditor.core.results import Reconciliation
from tests.core.causes.planted import CENT
from tests.core.causes.planted import QUOTIENTS
from tests.core.causes.planted import as_quotients
from tests.core.causes.planted import noisy_case
from tests.core.causes.planted import planted_case
from tests.core.causes.planted_score import CAUSES
from tests.core.causes.planted_score import Score
from tests.core.causes.planted_score import audited
from tests.core.causes.planted_score import named
from tests.core.causes.planted_uncovered import SLIPS
from tests.core.causes.planted_uncovered import uncovered_case


@pytest.mark.parametrize("cause", CAUSES)
def test_that_a_planted_cause_is_found_with_its_exact_amount(cause: str) -> None:
    case = next(case for seed in range(50) if (case := planted_case(seed, [cause])) is not None)
    answer, score = audited(case), Score()
    assert score.add(case, named(answer), answer.result), (case.planted, named(answer))
    check_that_it_adds_up(answer.result)


# Every third cause, each with other decimals.
@pytest.mark.parametrize(
    ("cause", "digits"), [(cause, QUOTIENTS[n % len(QUOTIENTS)]) for n, cause in enumerate(CAUSES[::3])]
)
def test_that_a_planted_cause_is_found_where_rates_are_amounts_divided_by_quantities(cause: str, digits: int) -> None:
    case = next(case for seed in range(100, 150) if (case := planted_case(seed, [cause])) is not None)
    case = as_quotients(case, digits)
    answer, score = audited(case), Score()
    assert score.add(case, named(answer), answer.result), (case.planted, named(answer))
    check_that_it_adds_up(answer.result)


@pytest.mark.parametrize(
    ("seed", "planted", "factor"),
    [
        (90311, {"mark_up": "-0.76"}, "1.05"),  # the contract adds something besides
        (1, {"mark_up": "-0.25"}, "1.18"),  # it does not: said as its factor, and not as one upon it
        (57333, {"mark_up": "-0.54", "fx": "-0.05"}, "1.22"),  # and exchanged a day late: neither alone looks like much
    ],
)
def test_that_another_factor_is_found_for_the_one_of_the_contract(
    seed: int, planted: dict[str, str], factor: str
) -> None:
    case = planted_case(seed, list(planted))
    assert case is not None
    answer, score = audited(case), Score()
    assert score.add(case, named(answer), answer.result), (case.planted, named(answer))
    assert case.planted == {cause: Decimal(amount) for cause, amount in planted.items()}
    causes = [cause for line in answer.result.differences for cause in line.causes if cause.cause == "mark_up"]
    found = [cause.values for cause in causes if cause.proof == "found"]
    assert found
    assert all(values == {"kind": "factor", "factor": factor} for values in found), found
    check_that_it_adds_up(answer.result)


def test_that_a_flat_exchange_is_found_beside_tax_and_fee() -> None:
    case = planted_case(7, ["fx", "tax_included", "provider_fee"])
    assert case is not None
    answer = audited(case)
    assert case.planted == {"fx": Decimal("-1.10"), "tax_included": Decimal("12.94"), "provider_fee": Decimal("1.19")}
    # Bare amounts bear out more than one rate: the shortest is told, which is two cents off over all lines.
    found = named(answer)
    assert set(found) == {*case.planted, "rounding"}
    assert all(abs(found[cause] - amount) <= 2 * CENT for cause, amount in case.planted.items()), found
    check_that_it_adds_up(answer.result)


def test_that_prices_are_rounded_with_the_tax_that_is_in_them() -> None:
    case = planted_case(446, ["tax_included", "rounding"])
    assert case is not None
    answer, score = audited(case), Score()
    assert score.add(case, named(answer), answer.result), (case.planted, named(answer))
    assert case.planted == {"tax_included": Decimal("0.59"), "rounding": Decimal("-0.19")}


@pytest.mark.parametrize(
    ("seed", "causes"),
    [
        (600, ("duplicate_billed", "authentication_international")),
        (601, ("window_utility", "missing_line")),
        (602, ("free_entry_point", "tier")),
        (606, ("market", "authentication_international")),
        (612, ("window_utility", "undelivered_billed")),
        (771216, ("market", "provider_fee")),  # neither comes near what is billed without the other
    ],
)
def test_that_pairs_of_causes_are_told_apart_with_their_exact_amounts(seed: int, causes: Sequence[str]) -> None:
    case = planted_case(seed, list(causes))
    assert case is not None
    answer, score = audited(case), Score()
    assert score.add(case, named(answer), answer.result), (case.planted, named(answer))
    check_that_it_adds_up(answer.result)


def test_that_no_cause_is_named_where_lines_are_simply_wrong() -> None:
    cases = [case for seed in range(5) if (case := noisy_case(seed)) is not None]
    assert len(cases) > 3
    for case in cases:
        answer = audited(case)
        assert set(named(answer)) <= {"rounding", "unexplained", "rate"}
        check_that_it_adds_up(answer.result)


@pytest.mark.parametrize(
    ("seed", "kind"),
    [
        (110, "some_twice"),  # four lines, of which three readings made one each come right
        (181, "surcharge"),  # every line is off, and three of ten fit what everything in Indonesia would cost
        (1, "users_twice"),
        (2, "day_left_out"),
        (3, "digit"),
        (30, "swapped"),
    ],
)
def test_that_no_cause_is_named_for_an_error_that_no_code_covers(seed: int, kind: str) -> None:
    case = next(case for n in range(seed, seed + 20) if (case := uncovered_case(n, kind)) is not None)
    answer = audited(case)
    assert set(named(answer)) <= SLIPS
    assert any(line.unexplained for line in answer.result.differences)
    check_that_it_adds_up(answer.result)


def check_that_it_adds_up(result: Reconciliation) -> None:
    """Hold the parts of every line, and the bridge, to the whole."""
    for line in result.differences:
        found = [cause.amount for cause in line.causes if cause.proof == "found"]
        assert sum(found, line.unexplained) == line.difference
    assert sum((step.amount for step in result.bridge), Decimal(0)) == result.difference

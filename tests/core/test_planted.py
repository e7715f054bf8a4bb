"""Errors planted by the slow twin are found with their exact amounts, and nothing else is (formats.md §8)."""

import pytest

from tests.core.planted import planted_case
from tests.core.planted_score import CAUSES
from tests.core.planted_score import Score
from tests.core.planted_score import audited
from tests.core.planted_score import named


@pytest.mark.parametrize("cause", CAUSES)
def test_that_a_planted_cause_is_found_with_its_exact_amount(cause: str) -> None:
    case = next(case for seed in range(50) if (case := planted_case(seed, [cause])) is not None)
    answer, score = audited(case), Score()
    assert score.add(case, named(answer), answer.result), (case.planted, named(answer))

"""Errors made in a part of the business alone are found with their exact amounts (formats.md §8)."""

from collections.abc import Sequence

import pytest

from tests.core.causes.planted_parts import in_a_part
from tests.core.causes.planted_score import Score
from tests.core.causes.planted_score import audited
from tests.core.causes.planted_score import named


@pytest.mark.parametrize(
    ("part", "seeds"),
    [
        ("a day again", (0,)),
        ("undelivered of a number", (0,)),
        ("undelivered of a category", (0,)),
        ("a day free after an ad", (1, 5)),
        ("three days from an ad", (1,)),
        ("ads as marketing", (7,)),
        ("an old card for a category", (0, 4)),
        ("a day off", (3, 5)),
    ],
)
def test_that_an_error_in_a_part_of_the_business_is_found(part: str, seeds: Sequence[int]) -> None:
    for seed in seeds:
        case, score = in_a_part(seed, part), Score()
        assert case is not None
        answer = audited(case)
        assert score.add(case, named(answer), answer.result), (case.planted, named(answer))

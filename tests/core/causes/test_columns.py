"""How lines stand under several sets of readings, each written down in the shortest way (formats.md §8)."""

import numpy as np
import pytest

from auditor.core.causes.columns import ByLine
from auditor.core.causes.columns import Standing
from auditor.core.causes.columns import nearest
from auditor.core.causes.verdict import FITS
from auditor.core.causes.verdict import Verdict


def standing(*verdicts: Verdict) -> Standing:
    return Standing.of(verdicts, list(range(len(verdicts))))


def open_(bits: float, hint: float) -> Verdict:
    return Verdict(bits, hint)


def test_that_a_line_stands_in_the_first_way_unless_another_is_shorter_or_as_short_and_nearer() -> None:
    first = standing(open_(12, 12), open_(12, 12), open_(12, 12), open_(12, 12), FITS)
    second = standing(FITS, open_(12, 11), open_(12, 10.9), open_(13, 2), open_(12, 12))
    third = standing(FITS, open_(12, 11.5), open_(11, 15), open_(12, 12), FITS)
    # Of the first line the second way is shorter, and the third no shorter than that; a hint that is nearer by one bit
    # is not enough, by 1.1 it is, and then fewer bits are; a longer one never is.
    ways, best = nearest([first, second, third], 1.0)
    assert ways.tolist() == [1, 0, 2, 0, 0]
    assert best.bits.tolist() == [0, 12, 11, 12, 0]
    assert best.hints.tolist() == [0, 12, 15, 12, 0]
    assert best.whole.tolist() == [True, False, False, False, True]


def test_that_lines_are_put_in_the_place_of_others_and_leave_these_as_they_were() -> None:
    by_rule = standing(FITS, FITS, FITS)
    made = by_rule.put(np.array([2, 0]), standing(open_(12, 11), open_(14, 13)))
    assert made.bits.tolist() == [14, 0, 12]
    assert made.figures.tolist() == [1, 1, 0]
    assert by_rule.bits.tolist() == [0, 0, 0]
    assert by_rule.put(np.zeros(0, np.int64), standing()) is by_rule


def test_that_what_holds_for_a_line_is_made_when_asked_for() -> None:
    made = ByLine({"a": 0, "b": 1}, lambda key, place: f"{key}{place}")
    assert dict(made) == {"a": "a0", "b": "b1"}
    assert len(made) == 2
    assert made.get("c") is None
    with pytest.raises(KeyError):
        made["c"]

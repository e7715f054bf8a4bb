"""Sorting by packed numbers gives what sorting by texts would."""

import numpy as np
import pytest

from auditor.verbs.orders import first_in_order
from auditor.verbs.orders import stable_order

_SECOND = 1_000_000


@pytest.mark.parametrize("spread", [3, 70_000, 1 << 40, 1 << 62])
def test_that_equal_keys_keep_their_order_whatever_their_size(spread: int) -> None:
    keys = np.random.default_rng(7).integers(-spread, spread, 5_000)
    assert stable_order(keys).tolist() == sorted(range(5_000), key=lambda place: keys[place])


def test_that_instants_of_whole_seconds_are_ordered_as_others() -> None:
    keys = np.random.default_rng(8).integers(0, 1 << 42, 2_000) // _SECOND * _SECOND + (1 << 61) // _SECOND * _SECOND
    assert stable_order(keys).tolist() == sorted(range(2_000), key=lambda place: keys[place])


def test_that_nothing_has_an_order() -> None:
    assert stable_order(np.zeros(0, np.int64)).tolist() == []


def test_that_what_is_sorted_by_halves_keeps_the_order_of_equal_keys() -> None:
    keys = np.random.default_rng(9).integers(0, 100_000, 1_000_001)
    assert (stable_order(keys) == np.argsort(keys, kind="stable")).all()


@pytest.mark.parametrize("spread", [1, 3, 70_000, 1 << 62])
@pytest.mark.parametrize("count", [0, 1, 500, 4_999, 5_000, 9_000])
def test_that_the_first_in_an_order_are_those_that_the_whole_order_begins_with(spread: int, count: int) -> None:
    keys = np.random.default_rng(10).integers(-spread, spread, 5_000)
    assert first_in_order(keys, count).tolist() == sorted(range(5_000), key=lambda place: keys[place])[:count]

"""Which scopes a figure is looked for: a replay of each of thousands of numbers would take longer than all else."""

import numpy as np

from auditor.core.causes.screen import Share
from auditor.core.causes.shares import may_serve


def _share(*held: tuple[int, float, float]) -> Share:
    """Make a share of lines by their numbers, with its amounts and units there."""
    lines, amounts, units = zip(*held, strict=True)
    return Share(("phone_number_id", "500"), 9, np.array(lines), np.array(amounts), np.array(units))


_CENT = 0.005


def test_that_a_factor_upon_the_amounts_of_a_share_is_looked_for() -> None:
    # A tenth more upon 10, 20 and 35 is 1, 2 and 3.50 too much.
    share = _share((1, 10.0, 300), (2, 20.0, 100), (3, 35.0, 900))
    over = {1: (1.0, _CENT), 2: (2.0, _CENT), 3: (3.5, _CENT)}
    assert may_serve(share, over, mixed=False)
    assert not may_serve(share, {**over, 2: (2.5, _CENT)}, mixed=False)  # two of three lines alone


def test_that_a_sum_upon_the_units_of_a_share_is_looked_for() -> None:
    # A hundredth upon each of 300, 100 and 900 units is 3, 1 and 9 too much.
    share = _share((1, 10.0, 300), (2, 20.0, 100), (3, 35.0, 900))
    assert may_serve(share, {1: (3.0, _CENT), 2: (1.0, _CENT), 3: (9.0, _CENT)}, mixed=False)


def test_that_a_share_of_fewer_lines_than_are_wrong_is_passed_over() -> None:
    share = _share((1, 10.0, 300), (2, 20.0, 100), (3, 35.0, 900))
    over = {1: (1.0, _CENT), 2: (2.0, _CENT), 3: (3.5, _CENT), 4: (1.0, _CENT), 5: (1.0, _CENT)}
    assert not may_serve(share, over, mixed=False)  # three of five are less than three quarters


def test_that_where_contracts_have_both_a_factor_and_a_sum_every_share_of_enough_lines_is_looked_at() -> None:
    share = _share((1, 10.0, 300), (2, 20.0, 100), (3, 35.0, 900))
    over = {1: (1.0, _CENT), 2: (9.0, _CENT), 3: (0.1, _CENT)}
    assert may_serve(share, over, mixed=True)
    assert not may_serve(share, {4: (1.0, _CENT), 5: (1.0, _CENT), 6: (1.0, _CENT)}, mixed=True)

"""Rows are grouped by all their columns, in the order of their figures."""

import numpy as np

from auditor.core.equal_rows import equal_rows


def test_that_rows_are_grouped_by_all_their_columns_however_far_their_figures_lie_apart() -> None:
    # Three columns of 2**32 figures each: numbered in one row after another the first would be lost beyond 64 bits.
    far = 2**32 - 1
    rows = [(0, 0, 0), (far, 0, 0), (0, far, 0), (0, 0, far), (0, 0, 0), (0, far, 0)]
    group, first = equal_rows([np.array(column, np.int64) for column in zip(*rows, strict=True)])
    assert [rows[place] for place in first.tolist()] == sorted(set(rows))
    assert [rows[first[n]] for n in group.tolist()] == rows
    assert sorted(first.tolist()) == [0, 1, 2, 3]
    group, first = equal_rows([np.zeros(0, np.int64), np.zeros(0, np.int64)])
    assert (len(group), len(first)) == (0, 0)

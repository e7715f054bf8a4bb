"""Lots of a log's partitions add up in one table, however many there are."""

import numpy as np

from auditor.core.lots import LotTable

# The words of a lot: waba 15 bits, number 24, day 25; then what it is; then what was logged. All but flags are one
# higher: of account 0, number n and day 7.
FIRST_ROOM = 1 << 12


def words(numbers: range) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    """Give a lot of each number, alike but for that."""
    where = [1 << 49 | (number + 1) << 25 | 8 for number in numbers]
    return np.array([(one, 1 << 31 | 1 << 26 | 1 << 22 | 1 << 16, 0) for one in where], np.uint64)


def test_that_a_table_grows_with_its_lots_and_finds_each_again() -> None:
    # Ten partitions of 1,000 lots, of which each has half in common with the one before: 5,500 in all.
    table = LotTable()
    for first in range(0, 5_000, 500):
        numbers = range(first, first + 1_000)
        assert table.add(words(numbers), np.full(1_000, 2, np.int64)).tolist() == list(numbers)
    lots = table.after(0)
    assert FIRST_ROOM < len(table) == len(lots) == 5_500
    assert lots.number.tolist() == list(range(5_500))
    assert lots.count.tolist() == [2] * 500 + [4] * 4_500 + [2] * 500
    assert (set(lots.waba.tolist()), set(lots.day.tolist()), set(lots.paid.tolist())) == ({0}, {7}, {-1})
    assert len(table.after(5_400)) == 100
    # One that is there has its place, wherever it was met.
    assert table.add(words(range(17, 18)), np.ones(1, np.int64)).tolist() == [17]
    assert int(table.after(0).count[17]) == 3

"""Rows that sum up those below them are no lines, where the stated total proves it, and only there."""

from decimal import Decimal

from auditor.readers.tables.parents import Row
from auditor.readers.tables.parents import parents


def _rows(*amounts: str, fields: str = "ab") -> list[Row]:
    return [Row(number, Decimal(amount), fields) for number, amount in enumerate(amounts, 1)]


def test_that_parents_are_found_by_the_total() -> None:
    assert parents(_rows("3", "1", "2", "7", "3", "4"), [Decimal(10)]) == {1, 4}


def test_that_a_single_child_counts_where_only_so_the_total_is_met() -> None:
    assert parents(_rows("3", "1", "2", "5", "5"), [Decimal(8)]) == {1, 4}


def test_that_lines_which_come_to_the_total_have_no_parents() -> None:
    assert parents(_rows("3", "1", "2"), [Decimal(6)]) == frozenset()


def test_that_nothing_is_left_out_without_proof() -> None:
    assert parents(_rows("3", "1", "2"), [Decimal(5)]) == frozenset()
    assert parents(_rows("3", "1", "2"), []) == frozenset()


def test_that_a_row_which_says_more_than_the_next_is_no_parent_of_it() -> None:
    rows = [Row(1, Decimal(3), "abc"), Row(2, Decimal(1), "a"), Row(3, Decimal(2), "a")]
    assert parents(rows, [Decimal(3)]) == frozenset()

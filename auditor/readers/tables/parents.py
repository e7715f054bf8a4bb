"""Rows that sum up the rows below them: a category above its countries, item 1 above items 1.1 and 1.2 (formats.md §4).

Nothing but arithmetic tells them from lines, so they are left out only where that makes the lines come to the total
that the table states, and without them they do not; or, where it states none, where the whole table consists of rows
that each sum up those below and say another thing than they do: a place above categories.
"""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

MOST = 2_000
"""A table of more rows has no parents among its lines."""


class Row(NamedTuple):
    """A row of lines: its number, amount, the fields that it fills, and what its words name.

    That is `category`, `place`, both, none, or `other` for a charge of another kind, such as a tax.
    """

    number: int
    amount: Decimal
    fields: Collection[str]
    says: frozenset[str] = frozenset()


def parents(rows: Sequence[Row], totals: Collection[Decimal]) -> frozenset[int]:
    """Give the numbers of the rows that sum up those below; none unless the rest comes to one of the totals."""
    every = sum((row.amount for row in rows), Decimal(0))
    if not totals or every in totals or len(rows) > MOST:
        return frozenset()
    for least in (2, 1):
        found = list(_sums(rows, least))
        if found and every - sum((row.amount for row in found), Decimal(0)) in totals:
            return frozenset(row.number for row in found)
    return frozenset()


def heads_of_groups(rows: Sequence[Row]) -> frozenset[int]:
    """Give the numbers of the rows above groups, of a table that wholly consists of groups with their sums above them.

    What all rows of the groups name, a category or a place, is something that no row above them names. Charges of
    another kind belong to no group.
    """
    rows = [row for row in rows if "other" not in row.says]
    if not 2 < len(rows) <= MOST:
        return frozenset()
    above = rows[0].says
    heads = [place for place, row in enumerate(rows) if row.says == above]
    groups = [rows[start:end] for start, end in zip(heads, (*heads[1:], len(rows)), strict=True)]
    within = {row.says for group in groups for row in group[1:]}
    whole = len(within) == 1 and bool(next(iter(within)) - above) and any(len(group) > 2 for group in groups)
    summed = all(len(group) > 1 and sum(row.amount for row in group[1:]) == group[0].amount for group in groups)
    return frozenset(group[0].number for group in groups) if whole and summed else frozenset()


def _sums(rows: Sequence[Row], least: int) -> Iterator[Row]:
    """Give each row that is the sum of the next ones, so many at least, which say no less than it does."""
    place = 0
    while place < len(rows):
        count = _parts(rows, place, least)
        if count:
            yield rows[place]
        place += 1 + count


def _parts(rows: Sequence[Row], place: int, least: int) -> int:
    """Count the rows below that add up to a row; 0 if none do."""
    total = Decimal(0)
    for count, row in enumerate(rows[place + 1 :], 1):
        if len(row.fields) < len(rows[place].fields):
            return 0
        total += row.amount
        if count >= least and total == rows[place].amount and total:
            return count
    return 0

"""Columns that stand beside the amount and change it: a tax added to it, a credit taken off it (formats.md §4).

Of `Base`, `IGV` and `Total` the charge is the base. Whatever the heads are called, the figures tell: where base and tax
make the total in every row, the total holds a tax that is a line of its own, and would count twice. Of `Charges` and
`Credits` the charge is their difference, which must stand in a column of its own.
"""

import re
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from itertools import combinations
from itertools import groupby
from itertools import pairwise
from itertools import product
from math import prod

from auditor.readers.books.cells import SheetRow
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.total_words import total_kind

_ROUNDED = Decimal("0.011")
_MOST_TAXES = 4
_MOST_PARTS = 8
_LEAST_RUNNING = 3
_PERCENT = re.compile(r"([0-9]{1,2}(?:[.,][0-9]{1,2})?)\s*%?(?![0-9])")


def base_column(
    below: Sequence[SheetRow], amount: int, taxes: Sequence[int], taken: Collection[int], kept_back: Sequence[int] = ()
) -> int:
    """Find the column, none of those `taken`, that with the taxes makes the amount; 0 if there is none.

    Or it is the amount when what one of the columns `kept_back` says is taken off, which the customer withholds.
    """
    free = [column for column in _columns(below) if column not in (*taken, *taxes, *kept_back)]
    less = [(), *((column,) for column in kept_back)]
    return next((one for other, one in product(less, free) if _make(below, one, taxes, amount, other)), 0)


def added_taxes(below: Sequence[SheetRow], amount: int, first: int, others: Sequence[int]) -> Sequence[int]:
    """Give the columns of taxes that are added along with the `first`, as another column with the sum of all proves.

    None where the first alone makes a sum: the others are parts of it, or inside the charge.
    """
    others = others[:_MOST_TAXES]
    for count in range(len(others) + 1):
        for more in combinations(others, count):
            taxes = (first, *more)
            rest = [column for column in _columns(below) if column not in (amount, *taxes)]
            if any(_make(below, amount, taxes, one) or _make(below, one, taxes, amount) for one in rest):
                return more
    return ()


def summed_column(below: Sequence[SheetRow], amount: int, document: int, taken: Collection[int]) -> int:
    """Find the column, none of those `taken`, whose figures the amount repeats the sum of beside each; 0 if none.

    Rows of one `document` (its column, 0 if there is none) with the same amount follow each other: two or more in some
    case. Of rows cut off below, the last ones are not counted.
    """
    free = [column for column in _columns(below) if column not in taken]
    marked = ((column, mark) for column in free for mark in MARKS)
    return next((column for column, mark in marked if _is_summed(below, column, amount, document, mark)), 0)


def _is_summed(below: Sequence[SheetRow], column: int, amount: int, document: int, mark: str) -> bool:
    figures = [
        (row.cell(document).text, total, part)
        for row in below
        if (total := read_value(row.cell(amount).value, mark)) is not None
        and (part := read_value(row.cell(column).value, mark)) is not None
    ]
    groups = [
        (stated[1], [part for *_, part in rows]) for stated, rows in groupby(figures, key=lambda one: (one[0], one[1]))
    ]
    several = [parts for total, parts in groups if len(parts) > 1 and total]
    # A column of the very same figures is repeated, too, and of counts and of zeros nothing is shown.
    summed = all(total == sum(parts, Decimal(0)) for total, parts in groups)
    return bool(several) and summed and any(len({*parts}) > 1 for parts in several)


def running_column(below: Sequence[SheetRow], amount: int, taken: Collection[int]) -> int:
    """Find the column, none of those `taken`, of which each amount is the sum down to it; 0 if there is none.

    Three rows at least show it, in which the column is not itself the amount.
    """
    free = (column for column in _columns(below) if column not in taken)
    return next((column for column in free if any(_is_running(below, column, amount, mark) for mark in MARKS)), 0)


def _is_running(below: Sequence[SheetRow], column: int, amount: int, mark: str) -> bool:
    figures = [(read_value(row.cell(column).value, mark), read_value(row.cell(amount).value, mark)) for row in below]
    stated = [(part, total) for part, total in figures if part is not None and total is not None]
    sums = accumulate(part for part, _ in stated)
    running = all(total == so_far for (_, total), so_far in zip(stated, sums, strict=True))
    return len(stated) >= _LEAST_RUNNING and running and sum(1 for part, _ in stated if part) >= _LEAST_RUNNING


def goes_down_by(below: Sequence[SheetRow], balance: int, spent: int) -> bool:
    """Tell whether a column falls from row to row by what another one states, in three rows at least."""
    return any(_goes_down_by(below, balance, spent, mark) for mark in MARKS)


def _goes_down_by(below: Sequence[SheetRow], balance: int, spent: int, mark: str) -> bool:
    figures = [[read_value(row.cell(column).value, mark) for column in (balance, spent)] for row in below]
    whole = [(left, taken) for left, taken in figures if left is not None and taken is not None]
    steps = [(one - other, taken) for (one, _), (other, taken) in pairwise(whole)]
    moved = len({taken for _, taken in whole}) > 1 and sum(bool(taken) for _, taken in whole) >= _LEAST_RUNNING
    return len(whole) == len(below) and moved and all(step == taken for step, taken in steps)


def is_figures(below: Sequence[SheetRow], column: int) -> bool:
    """Tell whether a column holds figures only, one at least."""
    cells = [row.cell(column) for row in below if row.cell(column).text]
    return bool(cells) and all(any(read_value(cell.value, mark) is not None for mark in MARKS) for cell in cells)


def holds_fractions(below: Sequence[SheetRow], column: int) -> bool:
    """Tell whether a figure of a column is not whole, whichever its decimal mark is."""
    values = ([read_value(row.cell(column).value, mark) for mark in MARKS] for row in below if row.cell(column).text)
    return any(
        read and all(value % 1 for value in read) for one in values if (read := [v for v in one if v is not None])
    )


def repeats(below: Sequence[SheetRow], column: int, other: int) -> bool:
    """Tell whether a column holds another's figures, or nothing, in every row."""
    pairs = [(row.cell(column).value, row.cell(other).value) for row in below]
    stated = [(read_value(one, mark), read_value(another, mark)) for one, another in pairs for mark in MARKS if one]
    return any(one for one, _ in stated) and all(one == another for one, another in stated if one)


def is_never_below(below: Sequence[SheetRow], column: int, other: int) -> bool:
    """Tell whether a column's figures are at least another's in every row that states both, two or more."""
    return any(_is_never_below(below, column, other, mark) for mark in MARKS)


def _is_never_below(below: Sequence[SheetRow], column: int, other: int, mark: str) -> bool:
    pairs = ((read_value(row.cell(column).value, mark), read_value(row.cell(other).value, mark)) for row in below)
    stated = [(one, another) for one, another in pairs if one and another]
    return len(stated) > 1 and all(one >= another for one, another in stated)


def is_totalled(below: Sequence[SheetRow], column: int) -> bool:
    """Tell whether a row that is called a total states the sum of a column, of two figures or more above it."""
    return any(_is_totalled(below, column, mark) for mark in MARKS)


def _is_totalled(below: Sequence[SheetRow], column: int, mark: str) -> bool:
    above: list[Decimal] = []
    for row in below:
        figure = read_value(row.cell(column).value, mark)
        if any(total_kind(cell.text) for cell in row.filled if isinstance(cell.value, str)):
            if len([one for one in above if one]) > 1 and figure == sum(above):
                return True
        elif figure is not None:
            above.append(figure)
    return False


def holds_tax(below: Sequence[SheetRow], columns: Mapping[str, int], taxes: Sequence[int]) -> bool:
    """Tell whether the amount of every row is quantity x unit rate and, on top of it, the taxes of other columns."""
    names = ("quantity", "unit_rate", "amount")
    if not taxes or not set(names) <= columns.keys():
        return False
    factors = [columns[name] for name in names]
    return any(_is_taxed([_taxed(row, factors, taxes, mark) for row in below]) for mark in MARKS)


def taxed_at(below: Sequence[SheetRow], columns: Mapping[str, int], rate: int) -> bool:
    """Tell whether the amount of every row is quantity x unit rate and the percentage that a column names, of a tax."""
    factors = [columns[name] for name in ("quantity", "unit_rate", "amount") if name in columns]
    if len(factors) < 3:
        return False
    percents = [_PERCENT.search(row.cell(rate).text) for row in below]
    shares = [Decimal(one[1].replace(",", ".")) / 100 if one else None for one in percents]
    return any(_is_taxed_at(below, factors, shares, mark) for mark in MARKS)


def _is_taxed_at(
    below: Sequence[SheetRow], factors: Sequence[int], shares: Sequence[Decimal | None], mark: str
) -> bool:
    rows = [[read_value(row.cell(column).value, mark) for column in factors] for row in below]
    whole = [
        (*(figure for figure in row if figure is not None), share)
        for row, share in zip(rows, shares, strict=True)
        if None not in row and share is not None
    ]
    taxed = any(count * price * share > _ROUNDED for count, price, _, share in whole)
    return taxed and all(abs(count * price * (1 + share) - gross) <= _ROUNDED for count, price, gross, share in whole)


def parts_of_amount(below: Sequence[SheetRow], amount: int, free: Sequence[int]) -> tuple[int, int] | None:
    """Find two of some columns that make the amount in every row that states it, two or more; None if there are none.

    Of two pairs nothing is said.
    """
    rows = [row for row in below if any(read_value(row.cell(amount).value, mark) for mark in MARKS)]
    if len(rows) < 2:
        return None
    pairs = combinations(free[:_MOST_PARTS], 2)
    found = [pair for pair in pairs if any(_is_whole(rows, pair, amount, mark) for mark in MARKS)]
    return found[0] if len(found) == 1 else None


def _is_whole(rows: Sequence[SheetRow], pair: tuple[int, int], amount: int, mark: str) -> bool:
    figures = [[read_value(row.cell(column).value, mark) for column in (*pair, amount)] for row in rows]
    whole = [[figure for figure in row if figure is not None] for row in figures]
    both = any(all(row[:2]) for row in whole)
    return both and all(len(row) == 3 and min(row) >= 0 and row[0] + row[1] == row[2] for row in whole)


def adds_to(below: Sequence[SheetRow], amount: int, more: int, whole: int) -> bool:
    """Tell whether two columns make a third in every row that states the whole, two or more, and not by zeros alone."""
    return any(_adds_to(below, (amount, more, whole), mark) for mark in MARKS)


def _adds_to(below: Sequence[SheetRow], columns: Sequence[int], mark: str) -> bool:
    rows = [[read_value(row.cell(column).value, mark) for column in columns] for row in below]
    stated = [row for row in rows if row[2] is not None]
    whole = [[figure for figure in row if figure is not None] for row in stated]
    added = any(len(row) == 3 and row[1] for row in whole)
    return len(stated) > 1 and added and all(len(row) == 3 and row[0] + row[1] == row[2] for row in whole)


def makes_amount(below: Sequence[SheetRow], quantity: int, rate: int, amount: int) -> bool:
    """Tell whether quantity x rate is the amount in every row that states all three, to a cent, and in some row."""
    return any(_all_products(below, (quantity, rate, amount), mark) for mark in MARKS)


def _all_products(below: Sequence[SheetRow], columns: Sequence[int], mark: str) -> bool:
    rows = ([read_value(row.cell(column).value, mark) for column in columns] for row in below)
    whole = [[figure for figure in row if figure is not None] for row in rows if None not in row]
    return bool(whole) and all(abs(count * rate - amount) <= _ROUNDED for count, rate, amount in whole)


def _columns(below: Sequence[SheetRow]) -> range:
    return range(1, max((len(row.cells) for row in below), default=0) + 1)


def _make(below: Sequence[SheetRow], base: int, taxes: Sequence[int], total: int, less: Sequence[int] = ()) -> bool:
    return any(_adds_up(below, base, taxes, total, less, mark) for mark in MARKS)


def leaves_out(below: Sequence[SheetRow], columns: Mapping[str, int], credit: int) -> bool:
    """Tell whether figures under a column of credits are not taken off the amounts: a bill would come out too high.

    They are where another column, or quantity x unit rate, less the credit makes the amount in every row.
    """
    rows = [row for row in below if any(read_value(row.cell(credit).value, mark) for mark in MARKS)]
    width = max((len(row.cells) for row in rows), default=0)
    grosses = [[column] for column in range(1, width + 1) if column not in (columns["amount"], credit)]
    if {"quantity", "unit_rate"} <= columns.keys():
        grosses.append([columns["quantity"], columns["unit_rate"]])
    readings = [(factors, mark) for factors in grosses for mark in MARKS]
    taken_off = any(all(_is_less(row, columns, credit, *reading) for row in rows) for reading in readings)
    return bool(rows) and not taken_off


def net_column(below: Sequence[SheetRow], amount: int, credit: int, taken: Collection[int]) -> int:
    """Find the column, none of those `taken`, that is the amount less the credit in every row; 0 if there is none."""
    free = (column for column in _columns(below) if column not in (*taken, credit))
    return next((column for column in free if any(_is_net(below, column, amount, credit, mark) for mark in MARKS)), 0)


def _is_net(below: Sequence[SheetRow], net: int, amount: int, credit: int, mark: str) -> bool:
    rows = [row for row in below if read_value(row.cell(credit).value, mark) is not None]
    taken_off = any(read_value(row.cell(credit).value, mark) for row in rows)
    return taken_off and all(_is_less(row, {"amount": net}, credit, [amount], mark) for row in rows)


def _is_less(row: SheetRow, columns: Mapping[str, int], credit: int, factors: Sequence[int], mark: str) -> bool:
    """Tell whether the amount of a row is the product of columns, less the credit."""
    figures = [read_value(row.cell(column).value, mark) for column in (columns["amount"], credit, *factors)]
    whole = [figure for figure in figures if figure is not None]
    if len(whole) < len(figures):
        return False
    net, taken, *gross = whole
    return abs(prod(gross) - abs(taken) - net) <= _ROUNDED


def _taxed(row: SheetRow, factors: Sequence[int], taxes: Sequence[int], mark: str) -> tuple[Decimal | None, ...]:
    """Give quantity, unit rate and amount of a row, and the sum of its taxes; None for what it does not state."""
    figures = [read_value(row.cell(column).value, mark) for column in factors]
    added = [read_value(row.cell(column).value, mark) for column in taxes]
    stated = [tax for tax in added if tax is not None]
    return (*figures, sum(stated, Decimal(0)) if stated else None)


def _is_taxed(rows: Sequence[Sequence[Decimal | None]]) -> bool:
    whole = [[figure for figure in row if figure is not None] for row in rows if None not in row]
    taxed = any(abs(tax) > _ROUNDED for *_, tax in whole)
    return taxed and all(abs(count * rate + tax - gross) <= _ROUNDED for count, rate, gross, tax in whole)


def _adds_up(
    below: Sequence[SheetRow], base: int, taxes: Sequence[int], amount: int, less: Sequence[int], mark: str
) -> bool:
    """Tell whether columns make another in every row that has figures in all, and are not merely equal to it.

    Of several taxes, each is found in some row; in others it may be blank.
    """
    seen: set[int] = set()
    for row in below:
        net, gross = (read_value(row.cell(column).value, mark) for column in (base, amount))
        stated = {column: tax for column in taxes if (tax := read_value(row.cell(column).value, mark)) is not None}
        if net is None or gross is None or not stated:
            continue
        taken = {column: abs(read_value(row.cell(column).value, mark) or Decimal(0)) for column in less}
        if abs(net + sum(stated.values()) - sum(taken.values()) - gross) > _ROUNDED:
            return False
        seen |= {column for column, tax in (stated | taken).items() if abs(tax) > _ROUNDED}
    return seen == {*taxes, *less}

"""Columns that stand beside the amount and change it: a tax added to it, a credit taken off it (formats.md §4).

Of `Base`, `IGV` and `Total` the charge is the base. Whatever the heads are called, the figures tell: where base and tax
make the total in every row, the total holds a tax that is a line of its own, and would count twice. Of `Charges` and
`Credits` the charge is their difference, which must stand in a column of its own.
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from math import prod

from auditor.readers.cells import SheetRow
from auditor.readers.numbers import MARKS
from auditor.readers.numbers import read_value

_ROUNDED = Decimal("0.011")


def base_column(below: Sequence[SheetRow], amount: int, tax: int, taken: Collection[int]) -> int:
    """Find the column, none of those `taken`, that with the tax makes the amount; 0 if there is none."""
    width = max((len(row.cells) for row in below), default=0)
    free = [column for column in range(1, width + 1) if column not in taken]
    return next((column for column in free if any(_adds_up(below, column, tax, amount, mark) for mark in MARKS)), 0)


def holds_tax(below: Sequence[SheetRow], columns: Mapping[str, int]) -> bool:
    """Tell whether the amount of every row is quantity x unit rate and, on top of it, the tax of another column."""
    names = ("quantity", "unit_rate", "tax_amount", "amount")
    if not set(names) <= columns.keys():
        return False
    found = [[[read_value(row.cell(columns[name]).value, mark) for name in names] for row in below] for mark in MARKS]
    return any(_is_taxed(rows) for rows in found)


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


def _is_less(row: SheetRow, columns: Mapping[str, int], credit: int, factors: Sequence[int], mark: str) -> bool:
    """Tell whether the amount of a row is the product of columns, less the credit."""
    figures = [read_value(row.cell(column).value, mark) for column in (columns["amount"], credit, *factors)]
    whole = [figure for figure in figures if figure is not None]
    if len(whole) < len(figures):
        return False
    net, taken, *gross = whole
    return abs(prod(gross) - abs(taken) - net) <= _ROUNDED


def _is_taxed(rows: Sequence[Sequence[Decimal | None]]) -> bool:
    whole = [[figure for figure in row if figure is not None] for row in rows if None not in row]
    taxed = any(abs(tax) > _ROUNDED for _, _, tax, _ in whole)
    return taxed and all(abs(count * rate + tax - gross) <= _ROUNDED for count, rate, tax, gross in whole)


def _adds_up(below: Sequence[SheetRow], base: int, tax: int, amount: int, mark: str) -> bool:
    """Tell whether two columns make a third in every row that has figures in all, and are not merely equal to it."""
    taxed = False
    for row in below:
        figures = [read_value(row.cell(column).value, mark) for column in (base, tax, amount)]
        net, added, gross = figures
        if net is None or added is None or gross is None:
            continue
        if abs(net + added - gross) > _ROUNDED:
            return False
        taxed = taxed or abs(added) > _ROUNDED
    return taxed

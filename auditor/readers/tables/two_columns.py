"""Amounts that stand in two columns, the units and beside them the cents, as forms have them (formats.md §4)."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from auditor.core.problems import Problem
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_number
from auditor.readers.tables.factors import factor_of
from auditor.readers.tables.factors import says_cents
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import read_whole
from auditor.readers.values.vocabulary import likeliest_field

_HEAD_WITHIN = 200
_HUNDRED = Decimal(100)


def in_one_column(sheets: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """Give sheets with the cents of an amount behind its units, in the column of those, and a remark of it.

    Only where a head says cents right of one of money that does not, and below them every figure of either is whole,
    the cents less than a hundred.
    """
    return tuple(map(_joined, sheets))


def _joined(sheet: Sheet) -> Sheet:
    for place, row in enumerate(sheet.rows[:_HEAD_WITHIN]):
        for cell in row.filled:
            units = row.cell(cell.column - 1) if cell.column > 1 else None
            if units is None or not says_cents(cell.text) or not _names_money(units):
                continue
            below = sheet.rows[place + 1 :]
            if all(_may_be_parts(one, cell.column) for one in below) and any(
                is_number(one.cell(cell.column)) for one in below
            ):
                return _with_cents(sheet, place, cell)
    return sheet


def _names_money(head: SheetCell) -> bool:
    """Tell the head of units of money, not in cents themselves."""
    named = text_currency(head.text) or likeliest_field(head.text) == "amount"
    return isinstance(head.value, str) and bool(named) and factor_of(head.text, "amount") is None


def _may_be_parts(row: SheetRow, column: int) -> bool:
    """Tell a row that has no figure of cents, or whole units, and less than a hundred cents."""
    if not is_number(row.cell(column)):
        return not row.cell(column).text or not is_number(row.cell(column - 1))
    units, cents = (_whole(row.cell(one)) for one in (column - 1, column))
    return units is not None and cents is not None and 0 <= cents < _HUNDRED


def _whole(cell: SheetCell) -> Decimal | None:
    """Give the whole number of a cell, nothing in it being zero; None for any other figure or word."""
    return read_whole(cell.value) if cell.text else Decimal(0)


def _with_cents(sheet: Sheet, place: int, head: SheetCell) -> Sheet:
    top = sheet.rows[place]
    rows = [*sheet.rows[:place], _row(top, head.column, top.cell(head.column - 1))]
    rows += [_row(row, head.column, _sum(row, head.column)) for row in sheet.rows[place + 1 :]]
    values = {"units": top.cell(head.column - 1).text, "cents": head.text}
    said = Problem("cents_joined", sheet.place(head.row, head.column), MappingProxyType(values))
    return replace(sheet, rows=MadeRows(rows), remarks=(*sheet.remarks, said))


def _sum(row: SheetRow, column: int) -> SheetCell:
    """Give the cell of units and cents together, a minus before the units holding for both; as it is without cents."""
    units, cents = row.cell(column - 1), row.cell(column)
    if not is_number(cents):
        return units
    whole, parts = _whole(units) or Decimal(0), _whole(cents) or Decimal(0)
    less = whole < 0 or units.text.lstrip().startswith(("-", "("))
    figure = whole - parts / _HUNDRED if less else whole + parts / _HUNDRED
    return SheetCell(figure, f"{figure:.2f}", row.number, column - 1)


def _row(row: SheetRow, column: int, units: SheetCell) -> SheetRow:
    """Give a row with other units, and nothing in the column of the cents."""
    cells = list(row.cells)
    if len(cells) >= column and (cells[column - 1].text or cells[column - 2] is not units):
        cells[column - 2], cells[column - 1] = units, SheetCell(None, "", row.number, column)
    return SheetRow(row.number, tuple(cells), row.hidden)

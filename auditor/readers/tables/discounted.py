"""Amounts from which the discounts beside them are still to be taken off, where the sheet's own figures prove it (§4).

`Net | Discount | VAT | Total`: where the first less the second and with the tax is the total in every row, or a total
below is that of all amounts less all discounts, what is charged is the difference, which no column holds.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import NamedTuple

from auditor.core.problems import Problem
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import is_credit_head

_ROWS_LOOKED_AT = 200
_MOST_LINES = 2_000
_MOST_AMOUNTS = 4
_ROUNDED = Decimal("0.011")
_A_CHARGE = "charge"


class _Discounts(NamedTuple):
    """The columns of amounts before discounts, of discounts, of taxes, and of totals (0 if there is none)."""

    gross: int
    credit: int
    taxes: Sequence[int]
    total: int


def discounted(sheet: Sheet) -> Sheet | None:
    """Take the discounts off the amounts beside them; None if the sheet has none, or does not prove it in one way."""
    for place, head in enumerate(sheet.rows[:_ROWS_LOOKED_AT]):
        below = sheet.rows[place + 1 :]
        choices = [*_choices(head)] if len(below) <= _MOST_LINES else []
        found = [(one, mark) for one in choices for mark in MARKS if _is_proved(one, below, mark)]
        if len({one.gross for one, _ in found}) == 1:
            return _net(sheet, head, *found[0])
    return None


def _choices(head: SheetRow) -> Iterator[_Discounts]:
    """Give what the columns may be by their heads."""
    credits_ = [cell.column for cell in head.filled if is_credit_head(cell.text, _A_CHARGE)]
    taxes = [cell.column for cell in head.filled if "tax_amount" in head_scores(cell.text)]
    amounts = [cell.column for cell in head.filled if "amount" in head_scores(cell.text)]
    amounts = [one for one in amounts if one not in (*credits_, *taxes)][:_MOST_AMOUNTS]
    if len(credits_) == 1:
        yield from (_Discounts(gross, credits_[0], taxes, total) for gross, total in permutations(amounts, 2) if taxes)
        yield from (_Discounts(gross, credits_[0], (), 0) for gross in amounts[:1] if len(amounts) == 1)


def _is_total(row: SheetRow) -> bool:
    return any(total_kind(cell.text) for cell in row.filled if is_label(cell))


def _figure(row: SheetRow, column: int, mark: str) -> Decimal:
    return read_value(row.cell(column).value, mark) or Decimal(0)


def _is_proved(one: _Discounts, below: Sequence[SheetRow], mark: str) -> bool:
    """Tell whether the totals are those of amounts less discounts, of which there is one at least."""
    lines = [row for row in below if not _is_total(row) and read_value(row.cell(one.gross).value, mark) is not None]
    taken = [abs(_figure(row, one.credit, mark)) for row in lines]
    if not any(taken):
        return False
    if one.total:
        taxed = [sum((_figure(row, tax, mark) for tax in one.taxes), Decimal(0)) for row in lines]
        nets = [_figure(row, one.gross, mark) - off for row, off in zip(lines, taken, strict=True)]
        totals = [_figure(row, one.total, mark) for row in lines]
        figures = zip(nets, taxed, totals, strict=True)
        return any(taxed) and all(abs(net + tax - total) <= _ROUNDED for net, tax, total in figures)
    net = sum((_figure(row, one.gross, mark) for row in lines), Decimal(0)) - sum(taken)
    return len(lines) > 1 and any(
        read_value(cell.value, mark) == net for row in below if _is_total(row) for cell in row.filled
    )


def _net(sheet: Sheet, head: SheetRow, one: _Discounts, mark: str) -> Sheet:
    """Give the sheet with its amounts less the discounts, in lines and totals of both, and a remark of that."""
    rows = [_less(row, one, mark) if row.number > head.number else row for row in sheet.rows]
    values = {"head": head.cell(one.gross).text, "credit": head.cell(one.credit).text}
    said = Problem("discounts_taken_off", sheet.place(head.number), values)
    return replace(sheet, rows=MadeRows(rows), remarks=(*sheet.remarks, said))


def _less(row: SheetRow, one: _Discounts, mark: str) -> SheetRow:
    gross, taken = (read_value(row.cell(column).value, mark) for column in (one.gross, one.credit))
    if gross is None or not taken:
        return row
    net = gross - abs(taken)
    made = SheetCell(net, str(net), row.number, one.gross)
    return SheetRow(row.number, (*row.cells[: one.gross - 1], made, *row.cells[one.gross :]), row.hidden)

"""Tables that lie on their side, ledgers of debits and credits, and those without heads, laid out as tables of lines.

All are tried only where no table of lines was found, and done only where nothing is open: a table is turned if its
rows are called as columns are and its columns are categories or places; debits less credits are the amounts where the
sheet's own totals or running balance prove it.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.tables.discounted import discounted
from auditor.readers.tables.headless import headed
from auditor.readers.tables.layouts import DATES
from auditor.readers.tables.layouts import NUMBERS
from auditor.readers.tables.wide import bare_months
from auditor.readers.tables.wide import is_day
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.places import place_named
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.vocabulary import side_of
from auditor.readers.values.vocabulary import side_said
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_ROWS_LOOKED_AT = 200
_CERTAIN = 80.0
_LEAST_RUNNING = 3  # of two entries any pair of figures may be a balance
_MOST_LINES = 2_000  # a longer ledger, or a wider table on its side, is no invoice


def relaid(sheets: Sequence[Sheet]) -> tuple[Sheet, ...] | None:
    """Lay out otherwise every sheet whose table can be; None if there is none. What was done is a remark of the sheet.

    In a table that was turned, the rows count as they lie in it after that.
    """
    found = [turned(sheet) or netted(sheet) or discounted(sheet) or headed(sheet) for sheet in sheets]
    if not any(found):
        return None
    return tuple(new or sheet for new, sheet in zip(found, sheets, strict=True))


# ---------------------------------------------------------------- on its side


class _Block(NamedTuple):
    """A table on its side: its rows, the column of their names, and those of the charges; `heads` names each row."""

    rows: Sequence[SheetRow]
    names: int
    charges: Sequence[int]
    heads: Sequence[str]


def turned(sheet: Sheet) -> Sheet | None:
    """Turn the one table that lies on its side; None if there is none, or if its columns are not plain charges."""
    block = _block(sheet)
    if block is None:
        return None
    first, last = block.rows[0].number, block.rows[-1].number
    before = [row for row in sheet.rows if row.number < first]
    lines = [_turned_row(sheet, block, first + place, column) for place, column in enumerate(block.charges, 1)]
    head = SheetRow(first, tuple(_placed(text, first, column) for column, text in enumerate(block.heads, 1)))
    shift = max(first + len(lines) - last, 0)
    after = [_moved(row, row.number + shift) for row in sheet.rows if row.number > last]
    troubles = {
        (first + place, column): sheet.troubles[row.number, charge]
        for place, charge in enumerate(block.charges, 1)
        for column, row in enumerate(block.rows, 1)
        if (row.number, charge) in sheet.troubles
    }
    said = Problem("table_turned", sheet.place(first), {"count": str(len(lines))})
    rows = MadeRows([*before, head, *lines, *after])
    return replace(
        sheet, rows=rows, troubles=troubles, hidden_columns=frozenset(), merged=(), remarks=(*sheet.remarks, said)
    )


def _turned_row(sheet: Sheet, block: _Block, number: int, column: int) -> SheetRow:
    cells = (row.cell(column) for row in block.rows)
    made = tuple(SheetCell(cell.value, cell.text, number, place) for place, cell in enumerate(cells, 1))
    return SheetRow(number, made, column in sheet.hidden_columns)


def _moved(row: SheetRow, number: int) -> SheetRow:
    return SheetRow(number, tuple(cell._replace(row=number) for cell in row.cells), row.hidden)


def _placed(text: str, row: int, column: int) -> SheetCell:
    return SheetCell(text or None, text.strip(), row, column)


def _block(sheet: Sheet) -> _Block | None:
    """Find the rows that are called amount, quantity or rate, with the words directly above them."""
    rows = sheet.rows[:_ROWS_LOOKED_AT]
    named = [place for place, row in enumerate(rows) if _figures_called(row)]
    if not named or named[-1] - named[0] != len(named) - 1:
        return None
    names = rows[named[0]].filled[0].column
    meanings = [_figures_called(rows[place]) for place in named]
    if "amount" not in meanings or len(set(meanings)) != len(meanings) or len(meanings) < 2:
        return None
    first = named[0]
    while first and _is_of_words(rows[first - 1], names):
        first -= 1
    found = list(rows[first : named[-1] + 1])
    charges = sorted({cell.column for row in found for cell in row.filled if cell.column > names})
    heads = [_head(row, names) for row in found]
    merged = any(top <= found[-1].number and bottom >= found[0].number for top, _, bottom, _ in sheet.merged)
    plain = all(heads) and len(set(heads)) == len(heads) and first < named[0] and not merged
    return _Block(found, names, charges, heads) if plain and 1 < len(charges) <= _MOST_LINES else None


def _figures_called(row: SheetRow) -> str:
    """Give the field that a row's first cell names, if figures alone follow; empty if it is no such row."""
    filled = row.filled
    if len(filled) < 3 or not is_label(filled[0]) or not all(map(is_number, filled[1:])):
        return ""
    field = _meaning(filled[0].text)
    return field if field in NUMBERS and not total_kind(filled[0].text) else ""


def _meaning(head: str) -> str:
    scores = head_scores(head)
    best = max(scores, key=lambda field: scores[field], default="")
    return best if scores.get(best, 0.0) >= _CERTAIN else ""


def _is_of_words(row: SheetRow, names: int) -> bool:
    words = [cell for cell in row.filled if cell.column > names]
    return len(words) > 1 and all(map(is_label, words))


def _head(row: SheetRow, names: int) -> str:
    """Give what a row is to be called as a column: as it is called, or as what all its words are; empty if neither."""
    called = row.cell(names).text
    if _figures_called(row):
        return called
    words = [cell.text for cell in row.filled if cell.column > names and not total_kind(cell.text)]
    if all((meaning := category_meaning(word)) and meaning.category for word in words):
        return called if _meaning(called) == "category" else "Category"
    if all(any(place_named(word, prefer_country=True) or ()) for word in words):
        return called if _meaning(called) in {"market", "country"} else "Country"
    months = any(is_day(cell) or bare_months([cell]) for cell in row.filled if cell.column > names)
    field = _meaning(called)
    return called if field not in {"", *NUMBERS} and (field in DATES or not months) else ""


# ---------------------------------------------------------------- debits and credits


class _Ledger(NamedTuple):
    """A ledger: the row of its heads, the columns of debits and credits, and the rows below.

    Both may be one column, beside which another, `side`, tells debits from credits.
    """

    head: SheetRow
    debit: int
    credit: int
    below: Sequence[SheetRow]
    side: int = 0

    def figures(self, row: SheetRow, mark: str) -> tuple[Decimal, Decimal]:
        """Give debit and credit of a row, 0 where there is none."""
        debit, credit = (read_value(row.cell(column).value, mark) for column in (self.debit, self.credit))
        if self.side:
            credit, debit = (credit, None) if side_of(row.cell(self.side).text) == "credit" else (None, debit)
        return debit or Decimal(0), credit or Decimal(0)

    def is_credit(self, row: SheetRow) -> bool:
        """Tell an entry that is a credit."""
        return side_of(row.cell(self.side).text) == "credit" if self.side else not is_number(row.cell(self.debit))

    def names(self) -> tuple[str, str]:
        """Give what debits and credits are called."""
        debit, credit = (self.head.cell(column).text for column in (self.debit, self.credit))
        if not self.side:
            return debit, credit
        told = {side_of(text): text for row in self.below if (text := row.cell(self.side).text)}
        return f"{debit} {told['debit']}", f"{credit} {told['credit']}"

    def entries(self) -> list[SheetRow]:
        """Give the rows that are entries: a figure in one of both columns, and no word of a total or balance."""
        return [row for row in self.below if self._has_one(row) and not _sums_up(row)]

    def _has_one(self, row: SheetRow) -> bool:
        if self.side:
            return is_number(row.cell(self.debit)) and bool(row.cell(self.side).text)
        return is_number(row.cell(self.debit)) != is_number(row.cell(self.credit))


def netted(sheet: Sheet) -> Sheet | None:
    """Put debits less credits in a column of their own; None if the sheet is no ledger, or does not prove it."""
    ledger = next(_ledgers(sheet), None)
    if ledger is None:
        return None
    nets = [net for mark in MARKS if (net := _proved(ledger, mark)) is not None]
    if not nets:
        return None
    width = ledger.debit if ledger.side else sheet.rows.width + 1
    entries = {row.number for row in ledger.entries()}
    cells = {number: _net_cell(ledger, row, width) for row in ledger.below if (number := row.number) in entries}
    cells |= {row.number: _total_cell(row, nets[0], width) for row in ledger.below if _is_total(row)}
    debit, credit = ledger.names()
    if not ledger.side:
        cells[ledger.head.number] = _placed(f"Amount {text_currency(debit)}".strip(), ledger.head.number, width)
    values = {"debit": debit, "credit": credit, "amount": str(nets[0])}
    said = Problem("debits_less_credits", sheet.place(ledger.head.number), values)
    rows = [_widened(row, cells.get(row.number), width) for row in sheet.rows]
    return replace(sheet, rows=MadeRows(rows), remarks=(*sheet.remarks, said))


def refuse_ledgers(sheets: Sequence[Sheet]) -> None:
    """Raise `ledger_open` for the first ledger among sheets none of which could be laid out otherwise."""
    for sheet in sheets:
        for ledger in _ledgers(sheet):
            debit, credit = ledger.names()
            raise AuditorError("ledger_open", sheet.place(ledger.head.number), debit=debit, credit=credit)


def _ledgers(sheet: Sheet) -> Iterator[_Ledger]:
    for place, row in enumerate(sheet.rows[:_ROWS_LOOKED_AT]):
        named = [(cell.column, _side(cell.text)) for cell in row.filled]
        sides = [[column for column, side in named if side == one] for one in ("debit", "credit")]
        if all(len(columns) == 1 for columns in sides) and len(sheet.rows) - place <= _MOST_LINES:
            yield _Ledger(row, sides[0][0], sides[1][0], sheet.rows[place + 1 :])
        elif len(sheet.rows) - place <= _MOST_LINES:
            yield from _with_sides(row, sheet.rows[place + 1 :])


def _with_sides(head: SheetRow, below: Sequence[SheetRow]) -> Iterator[_Ledger]:
    """Give the ledger whose column of amounts has one beside it that tells debits from credits: `Dr`, `Cr`."""
    told = {cell.column: set[str]() for cell in head.filled}
    for row in below:
        if not told:
            return
        for cell in row.filled:
            if cell.column in told and (side := side_of(cell.text)):
                told[cell.column].add(side)
            else:
                told.pop(cell.column, None)
    amounts = [cell.column for cell in head.filled if likeliest_field(cell.text) == "amount"]
    for column, sides in told.items():
        if len(sides) > 1 and len(amounts) == 1:
            yield _Ledger(head, amounts[0], amounts[0], below, column)


def _side(head: str) -> str:
    """Tell a head of debits from one of credits, whatever currency it names; empty if it is neither."""
    said = side_said(head)
    return next((side for side in ("debit", "credit") if said in lists("ledger")[side]), "")


def _is_total(row: SheetRow) -> bool:
    return any(total_kind(cell.text) for cell in row.filled if is_label(cell))


def _sums_up(row: SheetRow) -> bool:
    """Tell a row of totals, or of a balance."""
    words = [key(cell.text) for cell in row.filled if is_label(cell)]
    return _is_total(row) or any(word in lists("ledger")["balance"] for word in words)


def _proved(ledger: _Ledger, mark: str) -> Decimal | None:
    """Give the debits less the credits if the sheet states them, in a total or as a running balance; else None."""
    entries = ledger.entries()
    figures = [ledger.figures(row, mark) for row in entries]
    sides = [sum((pair[side] for pair in figures), Decimal(0)) for side in (0, 1)]
    net = sides[0] - sides[1]
    if len(entries) < 2 or not any(sides):
        return None
    balances = list(accumulate(debit - credit for debit, credit in figures))
    others = {cell.column for row in entries for cell in row.filled} - {ledger.debit, ledger.credit}
    if any(_runs([read_value(row.cell(column).value, mark) for row in entries], balances) for column in others):
        return net
    for row in ledger.below:
        stated = [value for cell in row.filled if (value := read_value(cell.value, mark)) is not None]
        if _sums_up(row) and ((net and net in stated) or list(ledger.figures(row, mark)) == sides):
            return net
    # The last row may be the sum of all above it under a name that is no word of ours.
    return balances[-2] if len(balances) > 2 and 2 * balances[-2] == balances[-1] != 0 else None


def _runs(stated: Sequence[Decimal | None], sums: Sequence[Decimal]) -> bool:
    """Tell a balance that is what the entries come to down to each, or that they take more and more off."""
    pairs = [(balance, so_far) for balance, so_far in zip(stated, sums, strict=True) if balance is not None]
    if len(pairs) < max(len(sums), _LEAST_RUNNING):
        return [*stated] == [*sums]
    return any(len({balance - sign * so_far for balance, so_far in pairs}) == 1 for sign in (1, -1))


def _net_cell(ledger: _Ledger, row: SheetRow, column: int) -> SheetCell:
    """Give an entry's amount as it is written, a credit with a minus."""
    debit, credit = row.cell(ledger.debit), row.cell(ledger.credit)
    if not ledger.is_credit(row):
        return SheetCell(debit.value, debit.text, row.number, column)
    value = -credit.value if isinstance(credit.value, Decimal) else f"-{credit.text}"
    return SheetCell(value, f"-{credit.text}", row.number, column)


def _total_cell(row: SheetRow, net: Decimal, column: int) -> SheetCell:
    """Give what a row of totals states: the net of both sides, or its one figure."""
    figures = [cell for cell in row.filled if is_number(cell)]
    if len(figures) == 1:
        return SheetCell(figures[0].value, figures[0].text, row.number, column)
    return SheetCell(net, str(net), row.number, column)


def _widened(row: SheetRow, cell: SheetCell | None, width: int) -> SheetRow:
    """Put a cell at the end of a row, beyond all others of the sheet, or in its place among them."""
    if cell and cell.column <= len(row.cells):
        return SheetRow(row.number, (*row.cells[: cell.column - 1], cell, *row.cells[cell.column :]), row.hidden)
    empty = (SheetCell(None, "", row.number, column) for column in range(len(row.cells) + 1, width))
    return SheetRow(row.number, (*row.cells, *empty, cell), row.hidden) if cell else row

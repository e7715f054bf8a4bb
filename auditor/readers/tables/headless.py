"""Tables without heads, tried only where no table was found (formats.md §4).

Of two columns, what was charged and beside it how much, they are supposed where the figures look like money, not
counts, and the words name what Meta charges. Of others a person says by the columns' letters what they mean, once if it
is kept as a profile.
"""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from auditor.core.problems import Problem
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import column_letters
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.books.sheetscan import column_number
from auditor.readers.tables.layouts import DATES
from auditor.readers.tables.layouts import NUMBERS
from auditor.readers.tables.profiles import Profile
from auditor.readers.values.dates import names_period
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import described

_MOST_ROWS = 200
_HEADS = ("Description", "Amount")
_LETTERS = re.compile(r"[A-Z]{1,3}")
_CENTS = re.compile(r"[.,][0-9]{2}$")


def headed(sheet: Sheet) -> Sheet | None:
    """Put heads above the one block of words and amounts that a sheet holds; None for any other sheet.

    They take the place of the row above, and rows directly above that go up by one.
    """
    rows = sheet.rows[:_MOST_ROWS]
    pairs = [row for row in rows if _is_pair(row)]
    if len(sheet.rows) > _MOST_ROWS or not _are_charges(pairs) or not _is_one_block(rows, pairs):
        return None
    words, figures = (cell.column for cell in pairs[0].filled)
    made = _with_heads(sheet, pairs[0].number, {words: _HEADS[0], figures: _HEADS[1]})
    said = Problem("heads_supposed", sheet.place(pairs[0].number), MappingProxyType({"count": str(len(pairs))}))
    return replace(made, remarks=(*sheet.remarks, said))


def lettered(sheet: Sheet, mapping: Mapping[str, str]) -> Sheet | None:
    """Put the letters of columns above those that a `mapping` names by them; None where it names no figures so.

    The table begins with the first row that has a figure in the column said to hold the amounts.
    """
    columns = {column_number(name.encode()): field for name, field in mapping.items() if _LETTERS.fullmatch(name)}
    amount = next((column for column, field in columns.items() if field == "amount"), 0)
    top = next((row.number for row in sheet.rows[:_MOST_ROWS] if amount and is_number(row.cell(amount))), 0)
    return _with_heads(sheet, top, {column: column_letters(column) for column in columns}) if top else None


def known_by_profile(sheet: Sheet, profiles: Sequence[Profile]) -> Sheet | None:
    """Put the letters of columns above those that a profile kept of a table without heads; None where none fits.

    It does where figures and days stand in the columns for such, words in that of the category, and no figure beyond.
    """
    for profile in profiles:
        heads = {column.head: column.field for column in profile.columns}
        made = lettered(sheet, heads) if all(map(_LETTERS.fullmatch, heads)) else None
        if made and _fits(made, {column_number(head.encode()): field for head, field in heads.items()}):
            return made
    return None


def _fits(sheet: Sheet, fields: Mapping[int, str]) -> bool:
    amount = next(column for column, field in fields.items() if field == "amount")
    rows = [row for row in sheet.rows[:_MOST_ROWS] if is_number(row.cell(amount))]
    cells = [(fields[cell.column], cell) for row in rows for cell in row.filled if cell.column in fields]
    named = [cell.text for field, cell in cells if field == "category"]
    beyond = any(is_number(cell) for row in rows for cell in row.cells[max(fields) :])
    return (
        not beyond
        and all(is_number(cell) for field, cell in cells if field in NUMBERS)
        and all(names_period(cell.text) for field, cell in cells if field in DATES)
        and ("category" not in fields.values() or any(map(category_meaning, named)))
    )


def _with_heads(sheet: Sheet, top: int, heads: Mapping[int, str]) -> Sheet:
    head = _row(top - 1, [heads.get(column, "") for column in range(1, max(heads) + 1)])
    above = [row for row in sheet.rows if row.number < top]
    moved = [_moved(row, place - len(above) + top - 1) for place, row in enumerate(above)]
    below = [row for row in sheet.rows if row.number >= top]
    return replace(sheet, rows=MadeRows([*moved, head, *below]))


def _is_pair(row: SheetRow) -> bool:
    filled = row.filled
    return len(filled) == 2 and is_label(filled[0]) and is_number(filled[1])


def _are_charges(pairs: Sequence[SheetRow]) -> bool:
    """Tell pairs of which two at least are no totals, all in two columns, some of categories and some with cents."""
    named = [row.filled[0].text for row in pairs if not total_kind(row.filled[0].text)]
    money = [row.filled[1] for row in pairs]
    stated = [taken for cell in money if isinstance(cell.value, str) and (taken := take_apart(cell.text))]
    return (
        len(named) > 1
        and len({tuple(cell.column for cell in row.filled) for row in pairs}) == 1
        and any(described(name).category for name in named)
        and (any(_CENTS.search(cell.text) for cell in money) or any(taken.currency for taken in stated))
    )


def _is_one_block(rows: Sequence[SheetRow], pairs: Sequence[SheetRow]) -> bool:
    """Tell pairs with nothing among them, and no other figures that stand beside words."""
    first, last = pairs[0].number, pairs[-1].number
    among = [row for row in rows if first <= row.number <= last and row.filled]
    return len(among) == len(pairs) and all(len(row.filled) <= 2 for row in rows)


def _row(number: int, texts: Sequence[str]) -> SheetRow:
    return SheetRow(number, tuple(SheetCell(text or None, text, number, at) for at, text in enumerate(texts, 1)))


def _moved(row: SheetRow, number: int) -> SheetRow:
    return SheetRow(number, tuple(cell._replace(row=number) for cell in row.cells), row.hidden)

"""Signs of currencies in columns of their own beside the figures: `S/ | 245.00` (formats.md §4).

So printed invoices come out of PDF, and heads are merged over both.
"""

from collections.abc import Collection
from collections.abc import Sequence

from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.values.currency_words import sign_currency
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.vocabulary import likeliest_field

_LOOKED_AT = 8


def with_signs(sheet: Sheet, row: SheetRow) -> SheetRow:
    """Give a row of heads with those over signs where their figures are, and with the currency that all signs name."""
    if len(row.filled) < 2 or not all(map(is_label, row.filled)):
        return row
    place = sheet.rows.place(row.number) + 1
    below = sheet.rows[place : place + _LOOKED_AT]
    made = {column: row.cell(column) for column in range(1, len(row.cells) + 2)}
    cells = dict(made)
    for signs in range(1, len(row.cells) + 1):
        heads = [cell for cell in (cells[signs], cells[signs + 1]) if cell.text]
        codes = _signs_beside(below, signs) if len(heads) == 1 and likeliest_field(heads[0].text) != "currency" else ()
        if codes:
            cells[signs] = SheetCell(None, "", row.number, signs)
            cells[signs + 1] = _named(heads[0], signs + 1, codes)
    return row if cells == made else SheetRow(row.number, tuple(cells.values()), row.hidden)


def _signs_beside(below: Sequence[SheetRow], column: int) -> frozenset[str]:
    """Give the currencies of a column of mere signs, each beside a figure; nothing if it is no such column."""
    pairs = [(row.cell(column), row.cell(column + 1)) for row in below if row.cell(column).text]
    codes = {sign_currency(sign.text) for sign, figure in pairs if is_label(sign) and is_number(figure)}
    of_signs = all(is_label(sign) and is_number(figure) for sign, figure in pairs)
    return frozenset(code for code in codes if code is not None) if of_signs and None not in codes else frozenset()


def _named(head: SheetCell, column: int, codes: Collection[str]) -> SheetCell:
    """Give a head over figures, with the currency of the signs beside them if they are of one, and it names none."""
    code = next(iter(codes)) if len(codes) == 1 and not text_currency(head.text) else ""
    text = f"{head.text} ({code})" if code else head.text
    return SheetCell(text, text, head.row, column)

"""Heads that take two rows, and tables that have a column, or a group of columns, for each category (formats.md §4)."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from auditor.readers.cells import Sheet
from auditor.readers.cells import SheetCell
from auditor.readers.cells import SheetRow
from auditor.readers.cells import is_label
from auditor.readers.vocabulary import head_category
from auditor.readers.vocabulary import head_scores
from auditor.readers.vocabulary import text_currency

_FIGURES = ("amount", "quantity", "unit_rate")


class CategoryColumn(NamedTuple):
    """A column that holds one figure of one category: `Marketing (USD)`, or `Cost` under `Marketing`."""

    category: str
    field: str


def joined_head(sheet: Sheet, lower: SheetRow) -> SheetRow | None:
    """Join a row of heads with the one directly above it, which may span several columns; None if there is none.

    A head above reaches over the merged or empty cells to its right, as far as there are heads below them. The value
    of each cell is the lower head alone, its text both.
    """
    upper = sheet.rows.numbered(lower.number - 1)
    if upper is None or len(upper.filled) < 2 or not lower.filled:
        return None
    if not all(map(is_label, (*upper.filled, *lower.filled))):
        return None
    cells, spanning = [], ""
    for column in range(1, max(len(upper.cells), len(lower.cells)) + 1):
        over, under = upper.cell(column).text, lower.cell(column).text
        spanning = over or (spanning if under else "")
        text = f"{spanning} {under}".strip()
        cells.append(SheetCell(under or spanning or None, text, lower.number, column))
    return SheetRow(lower.number, tuple(cells), lower.hidden)


def speaking_head(cell: SheetCell) -> str:
    """Give the head that says most of a column: both rows of it, or the lower alone."""
    lower = str(cell.value or "")
    return max((cell.text, lower), key=lambda text: max(head_scores(text).values(), default=0.0))


def category_columns(heads: Sequence[SheetCell], below: Sequence[SheetRow]) -> Mapping[int, CategoryColumn]:
    """Tell which columns hold a figure of one category each; none unless two categories have their own amounts.

    `below` are some of the rows under the heads: a head that is a category's mere name is told by its figures.
    """
    found = {
        cell.column: CategoryColumn(category, _figure(cell, below))
        for cell in heads
        if (category := head_category(cell.text))
    }
    # The last of two columns for the same figure of a category is of another kind than we know.
    groups = {one: column for column, one in reversed(found.items())}
    with_amount = {one.category for one in groups if one.field == "amount"}
    if len(with_amount) < 2:
        return {}
    return {column: one for one, column in groups.items() if one.category in with_amount}


def _figure(cell: SheetCell, below: Sequence[SheetRow]) -> str:
    """Tell what figure a category's column holds, by its head, else by its values: whole ones are counts."""
    scores = {field: score for field, score in head_scores(speaking_head(cell)).items() if field in _FIGURES}
    if scores:
        return max(scores, key=lambda field: scores[field])
    if text_currency(cell.text):
        return "amount"
    values = [row.cell(cell.column).value for row in below]
    numbers = [value for value in values if isinstance(value, Decimal)]
    whole = all(value == value.to_integral_value() for value in numbers)
    return "quantity" if numbers and whole else "amount"

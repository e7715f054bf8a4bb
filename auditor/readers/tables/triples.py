"""Which three columns of a table are quantity, unit rate and amount, whatever their heads are called (formats.md §4).

Quantity x rate is the amount in every row that states them: where one choice of columns alone makes it so, that is it.
"""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations
from typing import NamedTuple

from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.tables.bases import is_figures
from auditor.readers.tables.factors import factor_of
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import says_of_other_figures

_MOST_COLUMNS = 9
_ROUNDED = Decimal("0.011")
_ONE = Decimal(1)


class Triple(NamedTuple):
    """The columns of quantity, unit rate and amount."""

    quantity: int
    unit_rate: int
    amount: int


def triples(row: SheetRow, below: Sequence[SheetRow], free: Collection[int], known: Mapping[str, int]) -> list[Triple]:
    """Give every choice of columns in which quantity x rate is the amount in all rows, two or more where there are two.

    `free` are the columns to choose from, `known` those whose field is sure. A quantity is whole, of no currency, and
    stands wherever rate and amount do.
    """
    lines = [one for one in _to_the_end(below) if not _is_total(one)]
    columns = [one for one in free if is_figures(lines, one)][:_MOST_COLUMNS]
    found: dict[Triple, None] = {}
    for mark in sorted(MARKS):
        figures = {one: [read_value(line.cell(one).value, mark) for line in lines] for one in columns}
        found |= dict.fromkeys(_made(row, figures, known))
    return list(found)


def _to_the_end(below: Sequence[SheetRow]) -> Sequence[SheetRow]:
    """Give the rows down to a total with a blank row behind it: what follows are notes on the whole."""
    for place, row in enumerate(below[:-1]):
        if not below[place + 1].filled and _is_total(row):
            return below[:place]
    return below


def _is_total(row: SheetRow) -> bool:
    return any(total_kind(cell.text) for cell in row.filled if is_label(cell))


def _made(row: SheetRow, figures: Mapping[int, Sequence[Decimal | None]], known: Mapping[str, int]) -> Iterator[Triple]:
    counts = {one for one, column in figures.items() if _may_count(row.cell(one).text, column)}
    for choice in permutations(figures, 3):
        triple = Triple(*choice)
        fits = all(known.get(name, column) == column for name, column in triple._asdict().items())
        if (
            fits
            and triple.quantity in counts
            and any(_is_made(triple, figures, scale) for scale in {_scale(row, triple), _ONE})
        ):
            yield triple


def _may_count(head: str, figures: Sequence[Decimal | None]) -> bool:
    whole = all(one is None or (one % 1 == 0 and one >= 0) for one in figures) or bool(factor_of(head, "quantity"))
    return whole and not text_currency(head) and not says_of_other_figures(head)


def _scale(row: SheetRow, triple: Triple) -> Decimal:
    """Give what quantity x rate is to be multiplied by, by the heads of all: `Packets of 100`, `CPM`, `(miles)`."""
    told = [factor_of(row.cell(column).text, name) or _ONE for name, column in triple._asdict().items()]
    return told[0] * told[1] / told[2]


def _is_made(triple: Triple, figures: Mapping[int, Sequence[Decimal | None]], scale: Decimal) -> bool:
    """Tell whether the product is the amount in every row.

    A quantity or rate of one shows nothing, nor does a single row of whole numbers.
    """
    shown, fractions = 0, 0
    for quantity, rate, amount in zip(*(figures[column] for column in triple), strict=True):
        if rate is None or amount is None:
            continue
        if quantity is None or rate == amount:
            if amount and quantity != 1:
                return False
            continue
        if abs(quantity * rate * scale - amount) > _ROUNDED:
            return False
        shown += bool(amount) and quantity != 1 and rate != 1
        fractions += rate % 1 != 0
    return shown > 1 or (shown == 1 and fractions > 0)

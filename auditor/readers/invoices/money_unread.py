"""Columns of money beside the amounts that are not read: none is left aside without a word (formats.md §3, §4).

A column that is the amount once more, in another currency or with the tax, a price, a balance, or what the customer
keeps back is no charge of its own; any other may be one.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice

from auditor.core.problems import Problem
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.tables.layouts import Decision
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import read_value
from auditor.readers.values.total_words import is_no_line
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import is_credit_head
from auditor.readers.values.vocabulary import is_of_exchange
from auditor.readers.values.vocabulary import names_tax
from auditor.readers.values.vocabulary import says_of_other_figures

OWN_WORD = frozenset({"stated", "profile"})
"""What a column's field rests on where the user or a profile has said what each is."""
_LOOKED_AT = 500
_MOST_FREE = 64
_MOST_NAMED = 6
_ROUNDED = Decimal("0.011")
# An amount that another currency's is so many times of is that amount; below it may be a fee in percent.
_LEAST_RATIO = Decimal("1.5")
_NO_CHARGE = frozenset({Layer.TOP_UP.value, Layer.TAX.value})


def free_columns(layout: Layout) -> list[LayoutColumn]:
    """Give the columns that are not read, the first where there are more than any table of charges has."""
    free = (column for column in layout.columns if column.head and not column.field and not column.added)
    return [*islice(free, _MOST_FREE)]


def other_money(sheet: Sheet, layout: Layout) -> list[LayoutColumn]:
    """Give the columns, not read, that may be of money: several figures below a head of amounts, or with fractions."""
    return [column for column, _ in _money(sheet, layout)]


def money_unread(
    sheet: Sheet,
    layout: Layout,
    lines: Sequence[InvoiceLine],
    agreed: Sequence[ControlTotal],
    proofs: Sequence[Decision],
    said: Sequence[Problem],
) -> list[Problem]:
    """Remark the columns of money that are not read and that nothing shows to be no charge of their own.

    Not where the user or a profile has said what each column is, nor those that proofs or other remarks name, nor
    where a total of the whole invoice is all that the lines come to.
    """
    amount, whole = layout.field("amount"), any(one.kind == "total" and not _at_foot(one, layout) for one in agreed)
    if amount is None or whole or layout.profile or amount.basis in OWN_WORD:
        return []
    stated = [*(one.values for one in proofs), *(one.values for one in said)]
    values = {str(value) for one in stated for value in one.values()}
    named = {part for value in values for part in (value, *value.split("; "))}
    amounts = _amounts(layout, lines)
    documents = {line.source.row: line.document for line in lines if line.source.sheet == layout.sheet}
    found = [
        f"{column.head} ({sum(figures.values()):f})"
        for column, figures in _money(sheet, layout)
        if column.head not in named
        and not column.basis
        and not _is_no_charge(column, amount)
        and not _repeats(column, figures, amounts)
        and not _sums_documents(figures, documents, amounts)
    ]
    if not found:
        return []
    values_said = {"heads": "; ".join(found[:_MOST_NAMED]), "head": amount.head}
    return [Problem("money_unread", sheet.place(layout.header_row), values_said)]


def _at_foot(total: ControlTotal, layout: Layout) -> bool:
    """Tell a total that stands below the lines, of the columns that are read alone."""
    return total.source.sheet == layout.sheet and total.source.row in layout.totals


def _money(sheet: Sheet, layout: Layout) -> Iterator[tuple[LayoutColumn, Mapping[int, Decimal]]]:
    """Give the columns that are not read and may be of money, with their figures by row."""
    amount = layout.field("amount")
    rows = [sheet.rows[sheet.rows.place(row)] for row in layout.data[:_LOOKED_AT]]
    mark = (amount.decimal if amount else "") or "."
    for column in free_columns(layout):
        cells = [row.cell(column.column) for row in rows if row.cell(column.column).text]
        read = {cell.row: read_value(cell.value, mark) for cell in cells}
        figures = {row: figure for row, figure in read.items() if figure is not None}
        if len(figures) < len(cells) or not any(figures.values()) or says_of_other_figures(column.head):
            continue
        scores = head_scores(column.head)
        headed = text_currency(column.head) or scores.get("amount", 0.0) > scores.get("quantity", 0.0)
        if headed or any(figure % 1 for figure in figures.values()):
            yield column, figures


def _amounts(layout: Layout, lines: Sequence[InvoiceLine]) -> list[Mapping[int, Decimal]]:
    """Give what is charged by row: Meta's and other charges, and these with their taxes."""
    bare: dict[int, Decimal] = {}
    taxed: dict[int, Decimal] = {}
    for line in lines:
        if line.source.sheet == layout.sheet:
            row = line.source.row
            taxed[row] = taxed.get(row, Decimal(0)) + line.amount
            bare[row] = bare.get(row, Decimal(0)) + (line.amount if line.layer != Layer.TAX else 0)
    return [bare, taxed]


def _is_no_charge(column: LayoutColumn, amount: LayoutColumn) -> bool:
    """Tell by its head a price, a rate of exchange, a balance, or what is taken off, added or kept back as tax."""
    head, scores = column.head, head_scores(column.head)
    price = scores.get("unit_rate", 0.0) > scores.get("amount", 0.0)
    taken = is_credit_head(head, beside=amount.head) or names_tax([head]) or described(head).layer in _NO_CHARGE
    return price or taken or is_no_line(head) or is_of_exchange(head)


def _repeats(column: LayoutColumn, figures: Mapping[int, Decimal], charged: Sequence[Mapping[int, Decimal]]) -> bool:
    """Tell whether a column says what is charged once more, perhaps in another currency."""
    return any(_is_times(column, [(figures[row], one[row]) for row in figures if row in one]) for one in charged)


def _sums_documents(
    figures: Mapping[int, Decimal], documents: Mapping[int, str], charged: Sequence[Mapping[int, Decimal]]
) -> bool:
    """Tell whether a column says what its document comes to, beside each of the lines or the first alone."""
    return any(_are_sums(figures, documents, one) for one in charged)


def _are_sums(figures: Mapping[int, Decimal], documents: Mapping[int, str], charged: Mapping[int, Decimal]) -> bool:
    sums: dict[str, Decimal] = {}
    for row, amount in charged.items():
        sums[documents[row]] = sums.get(documents[row], Decimal(0)) + amount
    stated = [(figure, sums[documents[row]]) for row, figure in figures.items() if row in documents]
    return len(stated) == len(figures) and all(abs(figure - total) <= _ROUNDED for figure, total in stated)


def _is_times(column: LayoutColumn, pairs: Sequence[tuple[Decimal, Decimal]]) -> bool:
    most, of = max(pairs, key=lambda pair: abs(pair[1]), default=(Decimal(0), Decimal(0)))
    if not of:
        return False
    ratio = most / of
    same = ratio == 1 or abs(ratio) >= _LEAST_RATIO or bool(text_currency(column.head))
    return same and all(
        abs(figure - amount * ratio) <= _ROUNDED * max(Decimal(1), abs(ratio)) for figure, amount in pairs
    )

"""What shows that a column taken for the quantity counts what is charged, beside others that count (formats.md §4).

Quantity x rate, or a price of Meta's cards, shows it; without either, what else is counted is named.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from auditor.core.problems import Problem
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.invoices.prices import is_on_card
from auditor.readers.tables.factors import counts_no_charge
from auditor.readers.tables.factors import says_billed
from auditor.readers.tables.layouts import Decision
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import read_whole
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import is_credit_head
from auditor.readers.values.vocabulary import says_of_other_figures
from auditor.readers.values.words import holds
from auditor.readers.values.words import key

_LOOKED_AT = 500
_LEAST, _MOST_NAMED = 2, 6
_SHOWN_BY = frozenset({
    "confirmed_by_product", "confirmed_by_rounding", "confirmed_by_discount", "confirmed_by_card",
})  # fmt: skip
# Below a cent for each of so many parts, nearly every count would meet some price of a card.
_SHOWS_PRICE = Decimal(1)
# From here on a whole number is rather an id than a count.
_IDS = 10**9


def check_quantity(
    sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine], proofs: Sequence[Decision]
) -> list[Problem]:
    """Remark a quantity that nothing shows, where other columns count as well.

    If one of those makes of every amount a price of Meta's cards, it is named alone. Nothing is remarked where the
    user, a profile or the head itself says that the column is of what is charged; nor beside what was sent, where it is
    of what was delivered: that is when Meta charges.
    """
    quantity = layout.field("quantity")
    shown = [line for line in lines[:_LOOKED_AT] if line.layer == Layer.META and line.source.sheet == layout.sheet]
    counted = [line for line in shown if line.quantity]
    if quantity is None or quantity.basis not in {"head", "values"} or quantity.part or len(counted) < _LEAST:
        return []
    if {one.key for one in proofs} & _SHOWN_BY or layout.field("unit_rate") or says_billed(quantity.head):
        return []
    others = {
        column: counts
        for column in layout.columns
        if not column.field and not column.added and (counts := _counts(sheet, column, counted))
    }
    place = sheet.place(layout.header_row, quantity.column)
    priced = next((column.head for column, counts in others.items() if _are_priced(counted, counts)), "")
    if priced:
        return [Problem("quantity_elsewhere", place, MappingProxyType({"head": quantity.head, "other": priced}))]
    delivered = _counts_those(quantity.head, "delivered")
    heads = [column.head for column in others if not (delivered and _counts_those(column.head, "sent"))][:_MOST_NAMED]
    values = {"head": quantity.head, "others": "; ".join(heads), "other": heads[0] if heads else ""}
    return [Problem("quantity_unconfirmed", place, MappingProxyType(values))] if heads else []


def _counts_those(head: str, how: str) -> bool:
    """Tell whether a head counts the messages that were `sent`, or `delivered`."""
    return holds(f" {key(head)} ", "came_to_be", how)


def _counts(sheet: Sheet, column: LayoutColumn, lines: Sequence[InvoiceLine]) -> Mapping[int, Decimal]:
    """Give the whole numbers of a column by row, where it may count what is charged; nothing if it does not."""
    scores = head_scores(column.head)
    named = max(scores, key=lambda field: scores[field], default="quantity") == "quantity"
    other = text_currency(column.head) or says_of_other_figures(column.head) or counts_no_charge(column.head)
    if not column.head or other or not named or is_credit_head(column.head, beside=""):
        return {}
    rows = {line.source.row: sheet.rows[sheet.rows.place(line.source.row)].cell(column.column) for line in lines}
    figures = {row: read_whole(cell.value) for row, cell in rows.items()}
    known = {row: figure for row, figure in figures.items() if figure is not None and 0 <= figure < _IDS}
    in_order = all(following - one == 1 for one, following in pairwise(known.values()))
    varied = len({*known.values()}) > 1
    differs = any(line.quantity != known.get(line.source.row) for line in lines)
    return known if len(known) == len(rows) and varied and differs and not in_order else {}


def _are_priced(lines: Sequence[InvoiceLine], counts: Mapping[int, Decimal]) -> bool:
    """Tell whether with these counts every amount, two or more, is at a price of Meta's cards."""
    paid = [line for line in lines if line.amount >= _SHOWS_PRICE and counts[line.source.row]]
    return len(paid) >= _LEAST and all(is_on_card(line, counts[line.source.row]) for line in paid)

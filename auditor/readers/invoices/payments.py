"""Lists of payments, which are no bill: each row says how it was paid, and none what for (formats.md §3)."""

from collections.abc import Sequence

from auditor.core.problems import AuditorError
from auditor.readers.books.cells import Sheet
from auditor.readers.tables.layouts import DATES
from auditor.readers.tables.layouts import Layout
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

# What a payment states as well as a charge does.
_OF_BOTH = frozenset({*DATES, "amount", "currency", "document", "document_type", "supplier", "supplier_tax_id"})


def refuse_payments(tables: Sequence[tuple[Sheet, Layout]]) -> None:
    """Refuse a table with a column of how each row was paid and none of what was charged. Raises `table_of_payments`.

    Meta's own list of what it took from a card is one: it takes an amount when a limit is reached, not by month.
    """
    for sheet, layout in tables:
        if layout.profile or not {column.field for column in layout.columns if column.field} <= _OF_BOTH:
            continue
        for column in layout.columns:
            if not column.field and key(column.head) in lists("payments")["heads"]:
                raise AuditorError("table_of_payments", sheet.place(layout.header_row, column.column), head=column.head)

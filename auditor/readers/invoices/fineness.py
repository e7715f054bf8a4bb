"""How fine an invoice is: lines that are told apart are each compared with the log, explained and proved."""

from collections.abc import Sequence

from auditor.core.problems import AuditorError
from auditor.core.records import MOST_APART
from auditor.readers.books.cells import Sheet
from auditor.readers.tables.layouts import Layout

_TELLING = (
    "period_start", "period_end", "waba_id", "phone_number_id", "market", "country", "category", "pricing_type", "tier",
)  # fmt: skip


def refuse_too_fine(tables: Sequence[tuple[Sheet, Layout]]) -> None:
    """Refuse an invoice by far more days, numbers and places than can be compared; lines that are alike are one.

    Where each month, place or category has a column, a row has as many lines. No line is made yet. Raises
    `AuditorError("lines_too_many")`.
    """
    told: set[tuple[str, ...]] = set()
    for sheet, layout in tables:
        columns = [column.column for column in layout.columns if column.field in _TELLING]
        parts = len({column.part for column in layout.columns if column.part}) or 1
        lines = len(layout.data) * parts
        for number in layout.data if lines > MOST_APART else ():
            row = sheet.rows[sheet.rows.place(number)]
            told.add((sheet.name, *(row.cell(column).text for column in columns)))
            if len(told) * parts > MOST_APART:
                place = sheet.place(layout.header_row)
                raise AuditorError("lines_too_many", place, rows=f"{lines:,}", lines=f"{MOST_APART:,}")

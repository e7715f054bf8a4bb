"""Lines that a column says are not billed, though they state an amount: `Facturable: No` (formats.md §4)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from auditor.core.problems import Problem
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.readers.books.cells import Sheet
from auditor.readers.invoices.controls import check_controls
from auditor.readers.tables.layouts import Decision
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.values.words import key
from auditor.readers.values.words import lists


class Billed(NamedTuple):
    """The lines that are billed, the rows of those that are not, and what is to be said of it."""

    lines: list[InvoiceLine]
    left_out: frozenset[int] = frozenset()
    decisions: tuple[Decision, ...] = ()
    remarks: tuple[Problem, ...] = ()


def billed_lines(sheet: Sheet, layout: Layout, lines: list[InvoiceLine], controls: Sequence[ControlTotal]) -> Billed:
    """Leave out the lines said not to be billed where the totals are without them; remark them where nothing tells."""
    column = _column(sheet, layout)
    rows = {row for row, text in _texts(sheet, layout, column) if _says(text) == "no"} if column else set()
    unbilled = [line for line in lines if line.source.row in rows and line.amount]
    if column is None or not unbilled:
        return Billed(lines)
    left_out = frozenset(line.source.row for line in unbilled)
    rest = [line for line in lines if line.source.row not in left_out]
    among, without = (
        {one for one in check_controls(controls, some)[0] if one.kind == "total"} for some in (lines, rest)
    )
    values = {
        "head": column.head,
        "count": str(len(left_out)),
        "sum": str(sum((one.amount for one in unbilled), Decimal(0))),
    }
    if without - among:
        return Billed(rest, left_out, (Decision("not_billable", values),))
    remark = Problem("not_billable_counted", unbilled[0].source, values)
    return Billed(lines, remarks=() if among else (remark,))


def _column(sheet: Sheet, layout: Layout) -> LayoutColumn | None:
    """Give the column, not read, that says of every line whether it is billed."""
    free = [] if layout.profile else [one for one in layout.columns if not one.field and one.head]
    named = (one for one in free if key(one.head) in lists("billable")["heads"])
    return next((one for one in named if all(_says(text) for _, text in _texts(sheet, layout, one) if text)), None)


def _texts(sheet: Sheet, layout: Layout, column: LayoutColumn) -> list[tuple[int, str]]:
    return [(row, sheet.rows[sheet.rows.place(row)].cell(column.column).text) for row in layout.data]


def _says(text: str) -> str:
    return next((name for name in ("yes", "no") if key(text) in lists("billable")[name]), "")

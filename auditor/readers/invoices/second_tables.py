"""A second table below the first on a sheet: read too where a stated total holds the lines of both (formats.md §4).

It has columns of its own, and often charges of another kind: subscriptions below messages. It may as well say the same
charges again, or tell of payments. What no total shows to belong to the invoice is said and left out.
"""

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from functools import reduce
from typing import TYPE_CHECKING

from auditor.core.money import to_minor
from auditor.core.problems import AuditorError
from auditor.core.problems import ProblemCount
from auditor.core.problems import Said
from auditor.core.records import ControlTotal
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet

if TYPE_CHECKING:
    from auditor.readers.invoices.invoices import Invoice

# Tables of a sheet that are read, for each is looked for in all that is below; those further down are said to follow.
_MOST = 50
_OTHERS = frozenset({"second_table", "other_table"})
_SECOND, _LEFT_OUT = "second_table", "reading.decision.rows_left_out"
# What a table by itself cannot know of a total that holds more than its own lines.
_OF_TOTALS = frozenset({"total_differs", "line_below_total"})


def with_second_tables(
    invoice: "Invoice", read: Callable[[Sheet], "Invoice"], read_from: Callable[[int], "Invoice"]
) -> "Invoice":
    """Add the lines of other tables on the sheet of an invoice, or say what the next comes to and that it is left out.

    `read` reads a sheet of which tables were taken, but for the titles above them; `read_from` reads the invoice from
    the table whose header is in a row. What cannot be read as lines of an invoice stays at the remark that a table
    begins there.
    """
    sheet = next((one for one in invoice.sheets if one.name == invoice.layout.sheet), None)
    if sheet is None or any(line.source.sheet != sheet.name for line in invoice.lines):
        return invoice
    above = _above(invoice)
    first = read_if_possible(lambda: read_from(above)) if above else None
    tables = _tables(first or invoice, sheet, read)
    totals = [one for table in tables for one in table.controls if one.kind in {"total", "subtotal"}]
    for count in range(len(tables), 1, -1):
        total = _total_of([sum_of(table) for table in tables[:count]], totals)
        rows = {line.source.row for table in tables[:count] for line in table.lines}
        if total and rows >= {line.source.row for line in invoice.lines}:
            return _said_of_next(reduce(partial(_together, total=total), tables[:count]), tables[count:])
    return invoice if first else _said_of_next(invoice, tables[1:])


def _above(invoice: "Invoice") -> int:
    """Give the header's row of a table above the one that was read, 0 if there is none on its sheet."""
    found = (one.place for one in invoice.report.problems if one.code == "other_table")
    return next((place.row for place in found if place.sheet == invoice.layout.sheet), 0)


def _tables(invoice: "Invoice", sheet: Sheet, read: Callable[[Sheet], "Invoice"]) -> list["Invoice"]:
    """Give an invoice and the tables below it, each read by itself, as long as they are lines in its currency."""
    tables = [invoice]
    while row := next((one.place.row for one in tables[-1].report.problems if one.code == _SECOND), 0):
        if len(tables) == _MOST:
            break
        rest = _without_first(sheet, invoice.layout.header_row, row)
        below = read_if_possible(partial(read, rest))
        if below is None or below.refusals or len({line.currency for line in (*invoice.lines, *below.lines)}) > 1:
            break
        tables.append(below)
    return tables


def read_if_possible(read: Callable[[], "Invoice"]) -> "Invoice | None":
    """Read a table, None if it cannot be read as lines of an invoice."""
    try:
        return read()
    except AuditorError:
        return None


def _total_of(sums: Sequence[Decimal], totals: Sequence[ControlTotal]) -> ControlTotal | None:
    """Give the stated total that is the sum of tables, exactly or rounded, and of none of them alone."""
    every = sum(sums, Decimal(0))
    return next(
        (one for one in totals if one.amount in {every, to_minor(every, one.currency)} - set(sums)),
        None,
    )


def _said_of_next(invoice: "Invoice", left: Sequence["Invoice"]) -> "Invoice":
    """Say of the first table that is left out what it comes to."""
    if not left:
        return invoice
    code = "second_table_again" if sum_of(left[0]) == sum_of(invoice) else "second_table_unproven"
    values = {"sum": f"{sum_of(left[0]):f}", "count": str(len(left[0].lines))}
    problems = (
        replace(one, code=code, values=values) if one.code == _SECOND else one for one in invoice.report.problems
    )
    return replace(invoice, report=replace(invoice.report, problems=tuple(problems)))


def _without_first(sheet: Sheet, header_row: int, second_row: int) -> Sheet:
    rows = sheet.rows
    above, below = rows[: rows.place(header_row)], rows[rows.place(second_row) :]
    return replace(sheet, rows=MadeRows((*above, *below)), remarks=())


def sum_of(invoice: "Invoice") -> Decimal:
    """Give what the lines of a table come to."""
    return sum((line.amount for line in invoice.lines), Decimal(0))


def _together(invoice: "Invoice", second: "Invoice", total: ControlTotal) -> "Invoice":
    first, below = invoice.layout, second.layout
    inside = Counter(kind for _, kind in first.left_out)[_SECOND]
    layout = replace(
        first,
        data=first.data + below.data,
        totals=first.totals + below.totals,
        headings=first.headings + below.headings,
        left_out=(*(one for one in first.left_out if one[1] != _SECOND), *below.left_out),
    )
    one, other = invoice.report, second.report
    problems = [found for found in one.problems if found.code not in _OTHERS and not _is_of(found, total)]
    # That a table follows the second one goes on to hold.
    problems += [found for found in other.problems if found.code not in _OF_TOTALS]
    left_out = one.left_out - inside + other.left_out
    report = replace(
        one,
        read=one.kept + other.kept + left_out + one.refused,
        kept=one.kept + other.kept,
        left_out=left_out,
        total=sum_of(invoice) + sum_of(second),
        decisions=(*_without_second(one.decisions), *_of_both(second, total)),
        problems=counted_once(problems),
    )
    agreed = {id(each): each for each in (*invoice.agreed, *second.agreed, total)}
    return replace(
        invoice,
        lines=invoice.lines + second.lines,
        controls=invoice.controls + second.controls,
        agreed=tuple(agreed.values()),
        layout=layout,
        report=report,
    )


def _is_of(problem: ProblemCount, total: ControlTotal) -> bool:
    """Tell the remark on a total that it is not what one of its tables comes to."""
    return problem.code == "total_differs" and Decimal(problem.values["stated"]) == total.amount


def _without_second(decisions: Sequence[Said]) -> tuple[Said, ...]:
    """Leave the rows of the second table out of those that are said to be left out."""
    found = []
    for said in decisions:
        values = {name: value for name, value in said.values.items() if name != _SECOND}
        if said.code != _LEFT_OUT or values:
            found.append(replace(said, values=values) if said.code == _LEFT_OUT else said)
    return tuple(found)


def _of_both(second: "Invoice", total: ControlTotal) -> tuple[Said, ...]:
    values = {"row": str(second.layout.header_row), "label": total.label or total.kind, "stated": f"{total.amount:f}"}
    return (Said("reading.decision.second_table", values),)


def counted_once(problems: Sequence[ProblemCount]) -> tuple[ProblemCount, ...]:
    """Give the problems of several tables, each code once with the first place and how often it is."""
    counts: Counter[str] = Counter()
    for one in problems:
        counts[one.code] += one.count
    firsts = {one.code: one for one in reversed(problems)}
    return tuple(replace(firsts[code], count=counts[code]) for code in dict.fromkeys(one.code for one in problems))

"""Tables of other columns on other sheets: read too where the file shows that they belong (formats.md §4).

The pages of a printed invoice come as sheets whose columns differ, and a provider's fees on a sheet of their own. What
nothing shows to belong stays left out, and is said.
"""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from auditor.core.problems import Said
from auditor.core.records import ControlTotal
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.invoices.controls import totals_stated
from auditor.readers.invoices.second_tables import counted_once
from auditor.readers.invoices.second_tables import read_if_possible
from auditor.readers.invoices.second_tables import sum_of

if TYPE_CHECKING:
    from auditor.readers.invoices.invoices import Invoice

# Sheets that are read for it.
_MOST = 50
_FEES = frozenset({Layer.PROVIDER_FEE, Layer.SUBSCRIPTION})
# What of one sheet is said until its lines are seen together with those of others.
_OF_ONE = frozenset({"other_table", "total_differs"})
_SUPPOSED = "currency_supposed"


def with_other_sheets(invoice: "Invoice", read: Callable[[Sheet], "Invoice"]) -> "Invoice":
    """Add the lines of other sheets: of all that have any, if a stated total is their sum, or of those of mere fees.

    `read` reads the table of one sheet.
    """
    if not any(one.code == "other_table" for one in invoice.report.problems):
        return invoice
    used = {line.source.sheet for line in invoice.lines}
    rest = [sheet for sheet in invoice.sheets if sheet.name not in used and not sheet.hidden][:_MOST]
    read_alone = (read_if_possible(partial(read, sheet)) for sheet in rest)
    alike = (_in_its_currency(one, invoice) for one in read_alone if one and not one.refusals)
    found = [one for one in alike if _currencies(one) == _currencies(invoice)]
    tables = [invoice, *found]
    total = _total_of(tables, rest)
    if found and total:
        return _together(tables, total)
    layers = [{line.layer for line in one.lines} for one in found]
    apart = not any(line.layer in _FEES for line in invoice.lines)
    fees = all(one & _FEES and one <= {*_FEES, Layer.OTHER} for one in layers)
    return _together(tables) if found and apart and fees else invoice


def _currencies(invoice: "Invoice") -> set[str]:
    return {line.currency for line in invoice.lines}


def _in_its_currency(other: "Invoice", invoice: "Invoice") -> "Invoice":
    """Give another table, of which nothing says the currency, in the one currency of the invoice."""
    codes = _currencies(invoice)
    if len(codes) != 1 or not any(one.code == _SUPPOSED for one in other.report.problems):
        return other
    said = tuple(one for one in other.report.problems if one.code != _SUPPOSED)
    lines = tuple(replace(line, currency=next(iter(codes))) for line in other.lines)
    return replace(other, lines=lines, report=replace(other.report, problems=said))


def _total_of(tables: Sequence["Invoice"], sheets: Sequence[Sheet]) -> ControlTotal | None:
    """Give the total stated on one of the sheets that is the sum of all tables, and of none of them alone."""
    sums = [sum_of(one) for one in tables]
    lines = [line for one in tables for line in one.lines]
    stated = [one for table in tables for one in table.controls if one.kind in {"total", "subtotal"}]
    stated += [one for row in totals_stated(sheets, tables[0].layout, lines) for one in row]
    return next((one for one in stated if one.amount == sum(sums) and one.amount not in sums), None)


def _together(tables: Sequence["Invoice"], total: ControlTotal | None = None) -> "Invoice":
    """Put tables together under the layout of the first."""
    first, reports = tables[0], [one.report for one in tables]
    problems = [found for one in reports for found in one.problems if found.code not in _OF_ONE]
    problems += [found for found in reports[0].problems if found.code == "total_differs" and not total]
    values = {"sheets": ", ".join(one.layout.sheet for one in tables[1:])}
    proof = {"label": total.label or total.kind, "stated": f"{total.amount:f}"} if total else {}
    said = Said(f"reading.decision.{'other_sheets' if total else 'fee_sheets'}", {**values, **proof})
    report = replace(
        reports[0],
        read=sum(one.read for one in reports),
        kept=sum(one.kept for one in reports),
        left_out=sum(one.left_out for one in reports),
        refused=sum(one.refused for one in reports),
        total=sum(map(sum_of, tables), Decimal(0)),
        decisions=(*reports[0].decisions, said),
        problems=counted_once(problems),
    )
    return replace(
        first,
        lines=tuple(line for one in tables for line in one.lines),
        controls=tuple(control for one in tables for control in one.controls),
        agreed=(*(control for one in tables for control in one.agreed), *([total] if total else [])),
        report=report,
    )

"""What sheets without lines state of the whole invoice: its currency, and charges at its foot such as tax (§4).

The pages of a printed invoice come as sheets, and a summary may stand before its details: what is charged besides them
is stated there alone. Only what a total there proves is taken.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import NamedTuple

from auditor.core.problems import ProblemCount
from auditor.core.problems import Said
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.invoices.controls import currencies_named
from auditor.readers.invoices.controls import is_in_other_money
from auditor.readers.invoices.controls import last_figure
from auditor.readers.invoices.controls import totals_stated
from auditor.readers.tables.layouts import Layout
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import described

if TYPE_CHECKING:
    from auditor.readers.invoices.invoices import Invoice

# At the foot of an invoice there are a few rows.
_MOST = 10
_LAYERS = {layer.value: layer for layer in (Layer.TAX, Layer.CREDIT, Layer.PROVIDER_FEE, Layer.SUBSCRIPTION)}


class Foot(NamedTuple):
    """Charges that a sheet without lines states below what the lines come to, and the total of all."""

    charges: tuple[InvoiceLine, ...]
    total: ControlTotal


class _Stated(NamedTuple):
    row: SheetRow
    label: str
    figure: Decimal


def currency_stated(sheets: Sequence[Sheet], layout: Layout, lines: Sequence[InvoiceLine]) -> str:
    """Give the one currency of the totals on sheets without lines that the lines, or they and a foot, come to.

    Empty if there is none; of the lines nothing says in which currency they are.
    """
    whole = sum((line.amount for line in lines), Decimal(0))
    agreed = [one for stated in totals_stated(sheets, layout, lines) for one in stated if one.amount == whole]
    foot = _foot_on(sheets, layout, lines, "")
    places = {(one.source.sheet, one.source.row) for one in (*agreed, *([foot.total] if foot else []))}
    rows = {sheet.name: sheet.rows for sheet in sheets}
    found = {code for name, row in places for code in currencies_named(rows[name][rows[name].place(row)])}
    return found.pop() if len(found) == 1 else ""


def with_foot(invoice: "Invoice") -> "Invoice":
    """Add the charges that a sheet without lines states below what the lines come to, where a total holds both.

    Each must be of a kind that we know; one that is given back is taken off whatever its sign.
    """
    lines, report = invoice.lines, invoice.report
    currencies, read = {line.currency for line in lines}, {line.source.sheet for line in lines}
    if len(currencies) != 1 or any(line.layer == Layer.TAX for line in lines):
        return invoice
    sheets = [sheet for sheet in invoice.sheets if sheet.name not in read and not sheet.hidden]
    foot = _foot_on(sheets, invoice.layout, lines, *currencies)
    if foot is None:
        return invoice
    stated = {"label": foot.total.label, "stated": f"{foot.total.amount:f}"}
    report = replace(
        report,
        read=report.read + len(foot.charges),
        kept=report.kept + len(foot.charges),
        total=foot.total.amount,
        decisions=(*report.decisions, Said("reading.decision.total_agrees", stated)),
        problems=tuple(one for one in report.problems if not _is_of(one, foot.total)),
    )
    return replace(invoice, lines=(*lines, *foot.charges), agreed=(*invoice.agreed, foot.total), report=report)


def _is_of(remark: ProblemCount, total: ControlTotal) -> bool:
    """Tell the remark that the lines do not come to a total."""
    return remark.code == "total_differs" and remark.place == total.source


def _foot_on(sheets: Sequence[Sheet], layout: Layout, lines: Sequence[InvoiceLine], currency: str) -> Foot | None:
    found = (_foot(sheet, list(_stated(sheet, layout, currency)), lines) for sheet in sheets)
    return next((one for one in found if one), None)


def _stated(sheet: Sheet, layout: Layout, currency: str) -> Iterator[_Stated]:
    """Give the rows of a sheet that state a figure behind words, and in no other currency (empty: whichever)."""
    for row in sheet.rows:
        label = next((cell.text for cell in row.filled if is_label(cell)), "")
        figure = last_figure(row, layout) if label else None
        if figure is not None and not is_in_other_money(row, currency):
            yield _Stated(row, label, figure)


def _foot(sheet: Sheet, stated: Sequence[_Stated], lines: Sequence[InvoiceLine]) -> Foot | None:
    """Find the last total that lines and the charges above it come to: a tax may follow what it is worked out from."""
    whole = sum((line.amount for line in lines), Decimal(0))
    base = next((place for place, one in enumerate(stated) if one.figure == whole), len(stated))
    charges: list[InvoiceLine] = []
    found = None
    for row, label, figure in stated[base + 1 :][:_MOST]:
        place, layer = sheet.place(row.number), _LAYERS.get(described(label).layer)
        if total_kind(label):
            comes_to_it = charges and figure == whole + sum(one.amount for one in charges)
            total = ControlTotal("total", figure, lines[0].currency, place, label)
            found = Foot(tuple(charges), total) if comes_to_it else found
        elif layer:
            amount = -abs(figure) if layer == Layer.CREDIT else figure
            charges.append(replace(_document(lines[0]), amount=amount, layer=layer, source=place, description=label))
    return found


def _document(line: InvoiceLine) -> InvoiceLine:
    """Give what a line says of its document, and nothing of what it charges."""
    return InvoiceLine(
        amount=Decimal(0),
        currency=line.currency,
        source=line.source,
        document=line.document,
        document_type=line.document_type,
        document_date=line.document_date,
        due_date=line.due_date,
        supplier=line.supplier,
        supplier_tax_id=line.supplier_tax_id,
        period_start=line.period_start,
        period_end=line.period_end,
    )

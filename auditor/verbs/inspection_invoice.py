"""The preview of an invoice's table: where it lies, what its columns mean, its rows as they will be read."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import Progress
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import UsageLine
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import column_letters
from auditor.readers.books.cells import read_sheets
from auditor.readers.invoices.invoices import NO_CURRENCY
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import counted
from auditor.readers.invoices.invoices import invoice_of
from auditor.readers.invoices.invoices import receipt
from auditor.readers.invoices.receipts import is_pdf
from auditor.readers.invoices.usage import is_no_money
from auditor.readers.recognise import INVOICE
from auditor.readers.sniff import Sniffed
from auditor.readers.tables.finding import find_columns
from auditor.readers.tables.finding import save_profile
from auditor.readers.tables.finding import sheets_looked_at
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.written import as_written
from auditor.verbs.seen import ROWS_LISTED
from auditor.verbs.seen import ROWS_SHOWN
from auditor.verbs.seen import Inspection
from auditor.verbs.seen import SeenColumn
from auditor.verbs.seen import SeenRow
from auditor.verbs.seen import SeenSheet
from auditor.verbs.seen import SeenSum
from auditor.verbs.seen import SeenTotal
from auditor.verbs.seen import empty_report
from auditor.verbs.seen import said_plainly

_FIELDS = (
    "document", "document_date", "layer", "period_start", "period_end", "waba_id", "phone_number_id", "market",
    "country", "category", "pricing_type", "tier", "unit", "quantity", "unit_rate", "amount", "currency", "description",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """What of a table is known: its sheet and columns, its lines by row, and what became of every other row."""

    sheet: Sheet
    layout: Layout
    lines: Mapping[int, Sequence[InvoiceLine]]
    refusals: Mapping[int, Problem]
    kinds: Mapping[int, str]
    helps: Mapping[int, str]

    def is_no_line(self, number: int) -> bool:
        """Tell by its number whether a row below the header was left out, if it holds anything."""
        left_out = number not in self.refusals and self.kinds.get(number, "total") not in {"line", "unread"}
        return left_out and number > self.layout.header_row

    def rows(self, row: SheetRow) -> Iterator[SeenRow]:
        """Show a row, once for each line it holds. Figures without words that are no line were taken for a total."""
        kind = self.kinds.get(row.number, "total")
        seen = SeenRow(
            row.number,
            "above" if row.number < self.layout.header_row else kind,
            tuple(cell.text for cell in row.cells),
            hidden=row.hidden,
            problem=self.refusals.get(row.number),
        )
        lines = self.lines.get(row.number, ())
        yield from (replace(seen, fields=said_line(line)) for line in lines)
        if not lines:
            yield seen


def see_invoice(path: Path, options: ReadOptions, account: Account, save_as: str, progress: Progress) -> Inspection:
    """Read an invoice, or a table of usage, as far as it can be read."""
    if is_pdf(path):
        paid = receipt(path, account)
        return Inspection(path.name, INVOICE, Sniffed("pdf"), paid.report, **_sums_up(paid))
    form = as_written(path, options.encoding, options.profile)
    sheets = read_sheets(path, form, progress)
    try:
        invoice = invoice_of(path, sheets, account, options)
    except AuditorError as error:
        found = _unread(sheets, options, error.problems)
        doubts = counted(remark for sheet in sheets for remark in sheet.remarks)
        report = replace(empty_report(path, INVOICE), problems=doubts)
        seen = Inspection(path.name, INVOICE, form, report, **_table(found))
        seen = replace(seen, stopped=Problem(error.code, error.place or Place(path.name), error.values))
    else:
        invoice = _as_usage(invoice) if options.usage else invoice
        sheets = invoice.sheets
        found = _read(sheets, invoice)
        seen = Inspection(path.name, INVOICE, form, invoice.report, **_table(found), **_sums_up(invoice))
        seen = replace(seen, saved=save_profile(save_as, invoice.layout, options.encoding).name if save_as else "")
    return replace(seen, sheets=tuple(_sheets(sheets, found.sheet)))


def _as_usage(invoice: Invoice) -> Invoice:
    """Take the lines of usage as usage: credits, or no amount at all, are no money."""
    lines = tuple(replace(line, currency=NO_CURRENCY) if is_no_money(line, invoice) else line for line in invoice.lines)
    return replace(invoice, lines=lines)


def _unread(sheets: Sequence[Sheet], options: ReadOptions, problems: Sequence[Problem]) -> _Found:
    """Take the cells, and what the columns seem to be, of a table that cannot be read as it is."""
    try:
        sheet, layout = find_columns(sheets, options)
    except AuditorError:
        named = [sheet for sheet in sheets if sheet.name == options.sheet]
        sheet = (named or sheets_looked_at(sheets, ReadOptions()))[0]
        layout = Layout("", 0, tuple(_without_heads(sheet, options)), "")
    refusals = {problem.place.row: problem for problem in problems}
    rows = {row.number: "unread" for row in sheet.rows}
    return _Found(
        sheet, layout, {}, refusals, {**rows, layout.header_row: "header", **dict.fromkeys(refusals, "refused")}, {}
    )


def _without_heads(sheet: Sheet, options: ReadOptions) -> Iterator[LayoutColumn]:
    """Give the columns of a sheet whose heads are not known, to be named by their letters."""
    widest = max((len(row.cells) for row in sheet.rows[:ROWS_SHOWN]), default=0)
    for column in range(1, widest + 1):
        field = options.mapping.get(column_letters(column), "")
        yield LayoutColumn(column, "", field, basis="stated" if field else "")


def _read(sheets: Sequence[Sheet], invoice: Invoice) -> _Found:
    """Take an invoice that was read."""
    layout = invoice.layout
    lines: dict[int, list[InvoiceLine]] = {}
    for line in invoice.lines:
        if line.source.sheet == layout.sheet:
            lines.setdefault(line.source.row, []).append(line)
    refusals = {problem.place.row: problem for problem in invoice.refusals if problem.place.sheet == layout.sheet}
    kinds = {
        layout.header_row: "header",
        **dict(layout.left_out),
        **dict.fromkeys(layout.totals, "total"),
        **dict.fromkeys(layout.headings, "heading"),
        **dict.fromkeys(refusals, "refused"),
        **dict.fromkeys(lines, "line"),
    }
    return _Found(
        next(sheet for sheet in sheets if sheet.name == layout.sheet), layout, lines, refusals, kinds, invoice.helps
    )


def _table(found: _Found) -> dict[str, Any]:
    """Show where a table lies, its columns and its rows."""
    layout, sheet = found.layout, found.sheet
    begin = sheet.rows.place(layout.header_row + 1)
    above = [row for row in sheet.rows[:begin] if row.filled][-ROWS_SHOWN:]
    below = islice((row for row in sheet.rows[begin:] if row.filled), ROWS_SHOWN)
    refused = islice(sheet.rows.where(found.refusals.__contains__), ROWS_LISTED)
    no_lines = (row for row in sheet.rows.where(found.is_no_line) if row.filled)
    return {
        "sheet": sheet.name,
        "header_row": layout.header_row,
        "first_row": min(found.lines, default=0),
        "last_row": max(found.lines, default=0),
        "columns": tuple(_columns(found)),
        "rows": tuple(seen for row in (*above, *below) for seen in found.rows(row)),
        "refused": tuple(seen for row in refused for seen in found.rows(row)),
        "left_out": tuple(seen for row in islice(no_lines, ROWS_LISTED) for seen in found.rows(row)),
        "profile": layout.profile,
        "fingerprint": layout.fingerprint,
    }


def _columns(found: _Found) -> Iterator[SeenColumn]:
    for one in found.layout.columns:
        yield SeenColumn(
            "" if one.added else column_letters(one.column),
            one.head,
            one.field,
            one.kind,
            one.decimal,
            one.dates,
            one.currency,
            one.basis,
            one.sure,
            hidden=one.column in found.sheet.hidden_columns,
            helps=found.helps.get(one.column, ""),
            stated=one.stated,
        )


def said_line(line: InvoiceLine | UsageLine) -> dict[str, str]:
    """Give the values of a line as texts, those it states."""
    unsaid = {"amount", "currency"} if line.currency == NO_CURRENCY and line.amount == 0 else set()
    values = ((name, getattr(line, name, None)) for name in _FIELDS if name not in unsaid)
    return {name: said_plainly(value) for name, value in values if value not in {None, "", NO_CURRENCY}}


def _sums_up(invoice: Invoice) -> dict[str, Any]:
    """Show totals, sums and span of an invoice that was read."""
    days = sorted(day for line in invoice.lines for day in (line.period_start, line.period_end) if day)
    return {
        "totals": tuple(
            SeenTotal(one.source.row, one.label, one.kind, one.amount, one.currency, one in invoice.agreed)
            for one in invoice.controls
        ),
        "sums": tuple(_sums(invoice.lines)),
        "first": days[0].isoformat() if days else "",
        "last": days[-1].isoformat() if days else "",
        "remarks": invoice.report.problems,
    }


def _sums(lines: Sequence[InvoiceLine]) -> Iterator[SeenSum]:
    """Add the lines up, per currency and layer."""
    for currency, layer in sorted({(line.currency, line.layer.value) for line in lines}):
        mine = [line for line in lines if (line.currency, line.layer.value) == (currency, layer)]
        quantity = sum((line.quantity for line in mine if line.quantity is not None), Decimal(0))
        stated = "" if currency == NO_CURRENCY else currency
        yield SeenSum(stated, layer, len(mine), quantity, sum((line.amount for line in mine), Decimal(0)))


def _sheets(sheets: Sequence[Sheet], chosen: Sheet) -> Iterator[SeenSheet]:
    for sheet in sheets:
        height = sheet.rows[-1].number if sheet.rows else 0
        yield SeenSheet(sheet.name, sheet.hidden, height, sheet.rows.width, sheet is chosen)

"""Usage exports, the third source beside log and invoice (formats.md §3): what the platform itself counted.

Meta's analytics come as JSON (`analytics.py`); any platform's table is read as an invoice's is (`invoices.py`), but
that its figures are units first, and money only where it is stated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import UsageLine
from auditor.core.timeline import instant
from auditor.readers.files import digest
from auditor.readers.invoices.analytics import Points
from auditor.readers.invoices.analytics import holds_analytics
from auditor.readers.invoices.analytics import read_points
from auditor.readers.invoices.invoices import NOBODY
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import counted
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.sniff import sniff
from auditor.readers.tables.layouts import Layout

_SHARED = [field.name for field in fields(UsageLine) if field.name in {one.name for one in fields(InvoiceLine)}]


@dataclass(frozen=True, slots=True)
class Usage:
    """A usage export as read: lines, the report, every refused row, and how a table was read (None for JSON)."""

    lines: tuple[UsageLine, ...]
    report: ImportReport
    refusals: tuple[Problem, ...] = ()
    layout: Layout | None = None


def read_usage(
    path: Path,
    account: Account | None = None,
    options: ReadOptions | None = None,
    progress: Progress = unwatched,
) -> Usage:
    """Read a usage export; without an account, a preview that knows no ids, zones and currencies.

    Raises `AuditorError` where the file as a whole cannot be read: `usage_not_json`, `usage_not_read`, `no_lines`,
    and as `read_invoice` does.
    """
    account = account or NOBODY
    sniffed = sniff(path)
    if sniffed.kind == "json" and holds_analytics(path, sniffed):
        return _analytics(path, read_points(path, sniffed, account))
    try:
        invoice = read_invoice(path, account, replace(options or ReadOptions(), usage=True), progress)
    except AuditorError as error:
        if error.code != "kind_not_read":
            raise
        if sniffed.kind == "json":
            raise AuditorError("usage_kind_unknown", Place(path.name)) from error
        raise AuditorError("usage_not_read", error.place, kind=error.values["kind"]) from error
    lines = tuple(_usage_line(line, invoice) for line in invoice.lines)
    asks = any(map(_is_of_an_invoice, invoice.lines)) or (
        not invoice.layout.profile and any(map(_is_priced, invoice.lines))
    )
    said = (Said("reading.usage.invoice"),) if asks else ()
    report = replace(invoice.report, kind="usage", warnings=invoice.report.warnings + said)
    return Usage(lines, report, invoice.refusals, invoice.layout)


def _is_of_an_invoice(line: InvoiceLine) -> bool:
    """Tell whether a line states what invoices do and no count of units does."""
    return bool(line.document or line.due_date or line.supplier_tax_id) or line.layer is Layer.TAX


def _is_priced(line: InvoiceLine) -> bool:
    """Tell whether a line says what was counted, what each costs, and what all do, as a bill does."""
    return bool(line.quantity and line.unit_rate and line.amount)


def _usage_line(line: InvoiceLine, invoice: Invoice) -> UsageLine:
    """Take an invoice's line as usage; one without an amount in the file has none."""
    stated = {name: getattr(line, name) for name in _SHARED}
    amount = None if is_no_money(line, invoice) else line.amount
    return UsageLine(export=invoice.layout.profile or "table", **{**stated, "amount": amount})


def is_no_money(line: InvoiceLine, invoice: Invoice) -> bool:
    """Tell whether a line of a usage export states no amount, or one of credits of no stated worth."""
    profile = invoice.layout.applied
    return "amount" not in line.raw or (profile is not None and profile.credit == 0)


def _analytics(path: Path, points: Points) -> Usage:
    if not points.lines:
        raise AuditorError("usage_without_points", Place(path.name), points.refusals)
    sha256, size = digest(path)
    days = [day for line in points.lines for day in (line.period_start, line.period_end) if day]
    report = ImportReport(
        file=path.name,
        kind="usage",
        sha256=sha256,
        size=size,
        read=len(points.lines) + len(points.refusals),
        kept=len(points.lines),
        left_out=0,
        refused=len(points.refusals),
        first=instant(datetime.combine(min(days), time(), UTC)),
        last=instant(datetime.combine(max(days) + timedelta(days=1), time(), UTC)) - 1,
        total=_cost(points.lines),
        decisions=tuple(_decisions(points.lines)),
        problems=counted([*points.refusals, *points.remarks]),
    )
    return Usage(tuple(points.lines), report, tuple(points.refusals))


def _cost(lines: list[UsageLine]) -> Decimal | None:
    """Give the sum of the stated costs; None where there is none, or in several currencies."""
    costs = [line.amount for line in lines if line.amount is not None]
    return sum(costs, Decimal(0)) if costs and len({line.currency for line in lines}) == 1 else None


def _decisions(lines: list[UsageLine]) -> Iterator[Said]:
    """Say what was understood: which endpoint, in whose days, in what money."""
    exports = ", ".join(sorted({line.export for line in lines}))
    zones = ", ".join(sorted({line.zone for line in lines if line.zone})) or "-"
    yield Said("reading.usage.analytics", {"exports": exports, "zones": zones})
    codes = sorted({line.currency for line in lines if line.currency})
    if all(line.amount is None for line in lines):
        yield Said("reading.usage.no_cost")
    elif codes:
        yield Said("reading.usage.currency", {"currency": ", ".join(codes)})
    else:
        yield Said("reading.usage.no_currency")

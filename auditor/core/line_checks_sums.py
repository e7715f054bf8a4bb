"""Sums that an invoice states of its own lines: totals, subtotals, and percentages that a line is worded by."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal

from auditor.core.money import EXACT
from auditor.core.money import plain
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import rounding_reach
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.results import LineFinding

_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?) ?%")
_GROUPS = ("layer", "category", "market", "country", "waba_id", "phone_number_id", "period_start", "pricing_type")
_WORDED = (Layer.CREDIT, Layer.PROVIDER_FEE)


def against_totals(
    lines: Sequence[InvoiceLine], controls: Sequence[ControlTotal], account: Account
) -> Iterator[LineFinding]:
    """Hold each total that a file states against the sums that it may be, a receipt's against all lines, and subtotals.

    A total may be of the lines above it or of those since the total before, with or without taxes and what was paid in.
    """
    for control in controls:
        own = [line for line in lines if line.source.file == control.source.file]
        above = [one for one in own if one.source.sheet == control.source.sheet and one.source.row < control.source.row]
        if control.kind == "total":
            own = own or list(lines)
            section = [line for line in above if line.source.row > _row_before(control, controls, "total")]
            possible = {total_ for some in (own, above, section) for total_ in _totals(some, account)}
            if lines and control.amount not in possible:
                yield _differs("total", control, _sum(own))
        elif control.kind == "subtotal" and control.amount:
            yield from _subtotal(control, own, above, controls)


def _totals(lines: Sequence[InvoiceLine], account: Account) -> Iterator[Decimal]:
    """Give what a total of some lines may be: of all, or without taxes, and without what was paid in; units, too."""
    if not lines:
        return
    for some in (lines, [line for line in lines if line.layer != Layer.TOP_UP]):
        net = _sum(_untaxed(some))
        yield from (_sum(some), net)
        if account.tax and not account.tax.included:
            yield to_minor(EXACT.multiply(net, 1 + account.tax.rate / 100), account.currency)
    units = [line.quantity for line in lines if line.quantity is not None]
    if len(units) == len(lines):
        yield total(units)


def _row_before(control: ControlTotal, controls: Sequence[ControlTotal], *kinds: str) -> int:
    """Give the row of the last of some totals above one, on its sheet; 0 if there is none."""
    rows = [one.source.row for one in controls if one.source.sheet == control.source.sheet and one.kind in kinds]
    return max((row for row in rows if row < control.source.row), default=0)


def _subtotal(
    control: ControlTotal, own: Sequence[InvoiceLine], above: Sequence[InvoiceLine], controls: Sequence[ControlTotal]
) -> Iterator[LineFinding]:
    """Hold a subtotal against what it may be of: the last lines above it, or what any lines have in common."""
    possible = {*_runs(above), *_runs(_untaxed(above)), _sum(own), _sum(_untaxed(own))}
    possible |= {_sum(group) for some in (above, own) for group in _groups(some)}
    if not above or control.amount in possible:
        return
    start = _row_before(control, controls, "total", "subtotal")
    section = [line for line in above if line.source.row > start]
    if section:
        yield _differs("subtotal", control, _sum(section))


def _differs(code: str, control: ControlTotal, summed: Decimal) -> LineFinding:
    values = {"stated": _money(control.amount, control.currency), "sum": _money(summed, control.currency)}
    if code == "subtotal":
        values["label"] = control.label
    return LineFinding(code, (control.source,), control.currency, control.amount - summed, values)


def _runs(lines: Sequence[InvoiceLine]) -> Iterator[Decimal]:
    """Give the sums of the last line, the last two, and so on."""
    running = Decimal(0)
    for line in reversed(lines):
        running += line.amount
        yield running


def _groups(lines: Sequence[InvoiceLine]) -> Iterator[list[InvoiceLine]]:
    """Give the lines that state the same of something."""
    for name in _GROUPS:
        found: dict[object, list[InvoiceLine]] = {}
        for line in lines:
            found.setdefault(getattr(line, name), []).append(line)
        yield from found.values()


def against_percentages(lines: Sequence[InvoiceLine]) -> Iterator[LineFinding]:
    """Hold discounts and fees that are worded by a percentage against what it may be of.

    That is any line, any lines that have something in common, and all others, with or without taxes.
    """
    for line in lines:
        stated = _PERCENT.findall(line.description) if line.layer in _WORDED and line.amount else []
        if len(stated) != 1:
            continue
        percent = Decimal(stated[0].replace(",", "."))
        own = [one for one in lines if one is not line and one.source.file == line.source.file]
        bases = {*(one.amount for one in own), _sum(own), _sum(_untaxed(own)), *map(_sum, _groups(own))}
        # Lines of messages that others take something off are also what is left of them.
        bases |= {_sum(one for one in own if one.layer in {Layer.META, Layer.CREDIT})}
        reach = rounding_reach(1, line.currency)
        if not percent or any(abs(abs(line.amount) - _part(base, percent)) <= reach for base in bases):
            continue
        right = _part(_sum(one for one in own if one.layer == Layer.META), percent).copy_sign(line.amount)
        if right:
            values = {"percent": plain(percent), "billed": _money(line.amount, line.currency)}
            off = line.amount - to_minor(right, line.currency)
            values |= {"right": _money(right, line.currency)}
            yield LineFinding("percent", (line.source,), line.currency, off, values)


def _part(base: Decimal, percent: Decimal) -> Decimal:
    return abs(EXACT.multiply(base, percent / 100))


def _untaxed(lines: Iterable[InvoiceLine]) -> list[InvoiceLine]:
    return [line for line in lines if line.layer != Layer.TAX]


def _sum(lines: Iterable[InvoiceLine]) -> Decimal:
    return total(line.amount for line in lines)


def _money(amount: Decimal, currency: str) -> str:
    return format(to_minor(amount, currency), "f")

"""Fees and tax of an invoice against what the account states of them: the contract beyond messages (formats.md §7)."""

from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal

from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import FREE
from auditor.core.reconcile import rounding_reach
from auditor.core.records import Account
from auditor.core.records import Fee
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.results_checks import LineFinding

_FEES = (Layer.PROVIDER_FEE, Layer.SUBSCRIPTION)


def against_contract(lines: Sequence[InvoiceLine], account: Account) -> Iterator[LineFinding]:
    """Hold the fees and the tax of an invoice against the account; a fee inside the messages' lines is not seen."""
    if not lines:
        return
    for layer in _FEES:
        own = [line for line in lines if line.layer == layer]
        stated = [fee for fee in account.fees if fee.layer == layer]
        for currency in sorted({line.currency for line in own} | {fee.currency for fee in stated}):
            yield from _fee(lines, account, layer, currency)
    yield from _tax(lines, account)


def _fee(lines: Sequence[InvoiceLine], account: Account, layer: Layer, currency: str) -> Iterator[LineFinding]:
    among = [line for line in lines if (fee := account.fee_of(line)) and fee.layer == layer]
    own = [*among, *(line for line in lines if line.layer == layer)]
    own = [line for line in own if line.currency == currency]
    stated = [fee for fee in account.fees if fee.layer == layer and fee.currency == currency]
    billed, places = total(line.amount for line in own), tuple(line.source for line in own)
    name = {"billed": _money(billed, currency), "layer": layer.value}
    if not stated:
        yield LineFinding("fee_not_stated", places, currency, billed, name)
        return
    counts = [_counts(fee, lines, account) for fee in stated]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts) or (not own and all(fee.per == "unit" for fee in stated)):
        return
    least, most = (
        total(EXACT.multiply(fee.amount, count) for fee, count in zip(stated, some, strict=True))
        for some in zip(*known, strict=True)
    )
    due = min(max(billed, least), most)
    if abs(billed - due) > rounding_reach(len(own), currency):
        off = to_minor(billed, currency) - to_minor(due, currency)
        yield LineFinding(
            "fee" if own else "fee_missing", places, currency, off, name | {"right": _money(due, currency)}
        )


def _counts(fee: Fee, lines: Sequence[InvoiceLine], account: Account) -> tuple[Decimal, Decimal] | None:
    """Give how often a fee is due, at least and at most: by month, by month and number, or by unit that is charged."""
    if fee.per == "unit":
        billed = [line for line in lines if line.layer == Layer.META and line.pricing_type not in FREE]
        # Few units of a low rate come to less than half a cent: their line has no amount, and is charged all the same.
        charged = [line for line in billed if line.amount or line.unit_rate]
        known = [line.quantity for line in charged if line.quantity is not None]
        least = total(known)
        return (least, least + _slight(billed, charged)) if len(known) == len(charged) else None
    count = Decimal(account.times_due(fee))
    return count, count


def _slight(billed: Sequence[InvoiceLine], charged: Sequence[InvoiceLine]) -> Decimal:
    """Count the units of lines without amount or rate that come to none at the lowest price that others pay."""
    prices = [price for line in charged if line.quantity and (price := line.amount / line.quantity) > 0]
    lowest = min(prices, default=ZERO)
    none = [line for line in billed if not line.amount and line.unit_rate is None]
    return total(
        line.quantity for line in none if line.quantity and not to_minor(line.quantity * lowest, line.currency)
    )


def _tax(lines: Sequence[InvoiceLine], account: Account) -> Iterator[LineFinding]:
    """Hold the tax that a file bills on lines of its own against the stated rate on all the rest of the file."""
    if account.tax is None or account.tax.included:
        return
    for file in dict.fromkeys(line.source.file for line in lines if line.layer == Layer.TAX):
        own = [line for line in lines if line.source.file == file]
        taxes = [line for line in own if line.layer == Layer.TAX]
        base = [line for line in own if line.layer not in {Layer.TAX, Layer.TOP_UP}]
        due = EXACT.multiply(total(line.amount for line in base), account.tax.rate / 100)
        billed, currency = total(line.amount for line in taxes), taxes[0].currency
        if base and abs(billed - due) > rounding_reach(len(base), currency):
            values = {"name": account.tax.name, "billed": _money(billed, currency), "right": _money(due, currency)}
            places = tuple(line.source for line in taxes)
            yield LineFinding("tax", places, currency, billed - to_minor(due, currency), values)


def _money(amount: Decimal, currency: str) -> str:
    return format(to_minor(amount, currency), "f")

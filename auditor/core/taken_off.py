"""Units that a credit note takes off again: programs print them, as the amount, without a minus or with one."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal

from auditor.core.money import minor_digits
from auditor.core.reconcile import net_of_tax
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer

_WHAT = ("waba_id", "phone_number_id", "market", "country", "category", "pricing_type", "currency")
_What = tuple[str, ...]


@dataclass(slots=True)
class _Billed:
    """At what prices the same is billed: the rates that lines state, and all, also those that only amounts tell."""

    stated: set[Decimal] = field(default_factory=set)
    prices: list[Decimal] = field(default_factory=list)

    def has(self, line: InvoiceLine) -> bool:
        """Tell whether a line takes units off at one of these prices, to the minor unit."""
        if line.unit_rate is not None and self.stated:
            return abs(line.unit_rate) in self.stated
        units, within = line.quantity or Decimal(1), Decimal(1).scaleb(-minor_digits(line.currency))
        place = bisect_left(self.prices, (-line.amount - within) / units)
        return place < len(self.prices) and self.prices[place] <= (-line.amount + within) / units


def as_compared(lines: Sequence[InvoiceLine], account: Account) -> tuple[InvoiceLine, ...]:
    """Give invoice lines as they are held against charges: net of tax, and with the units that are taken off."""
    return units_taken_off(net_of_tax(lines, account))


def units_taken_off(lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Give invoice lines, of which those below zero count their units so where they take these off at what they cost.

    A hundred messages credited at the price at which they were billed are a hundred fewer, and not a hundred more. What
    is credited at another price stays what it says: the price was too high, and the messages were sent.
    """
    billed: dict[_What, _Billed] = {}
    for line in lines:
        if line.layer == Layer.META and line.quantity and min(line.amount, line.quantity) > 0:
            same = billed.setdefault(_what(line), _Billed())
            same.prices.append(line.amount / line.quantity if line.unit_rate is None else line.unit_rate)
            same.stated |= set() if line.unit_rate is None else {line.unit_rate}

    for same in billed.values():
        same.prices.sort()

    def counted(line: InvoiceLine) -> InvoiceLine:
        if line.layer != Layer.META or not line.quantity or not line.amount < 0 < line.quantity:
            return line
        if not any(_may_be(line, what) and same.has(line) for what, same in billed.items()):
            return line
        rate = None if line.unit_rate is None else abs(line.unit_rate)
        return replace(line, quantity=-line.quantity, unit_rate=rate)

    return tuple(map(counted, lines))


def _what(line: InvoiceLine) -> _What:
    return tuple(getattr(line, name) for name in _WHAT)


def _may_be(line: InvoiceLine, what: _What) -> bool:
    """Tell whether a credit may be for what is billed: nothing that both name differs."""
    return all(not one or not other or one == other for one, other in zip(_what(line), what, strict=True))

"""The three-way tie-out: invoice, the platform's usage export, and the log charged by the rules (formats.md §3).

Compared over the audit's period, at the dimensions that every line of invoice and export states. Two that agree against
the third lay the difference at its door. An export's cost is approximate, so counts decide; its cost only settles
whether a price that is billed differently is borne out.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from auditor.core.markets import Markets
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import to_minor
from auditor.core.reconcile import FREE
from auditor.core.reconcile import tolerance_of
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import UsageLine
from auditor.core.results import Cell
from auditor.core.results import ThreeWay
from auditor.core.tables import Category

DIMENSIONS = ("waba_id", "market", "category")
_MARKETING, _LITE = Category.MARKETING.word, Category.MARKETING_LITE.word
_APPROXIMATE = Decimal("0.01")
_Key = tuple[str, ...]
_Line = InvoiceLine | UsageLine
_Some = TypeVar("_Some", InvoiceLine, UsageLine)


@dataclass(slots=True)
class _Sums:
    """One source's units and amount under a key; None once a line does not state them."""

    quantity: Decimal | None = ZERO
    amount: Decimal | None = ZERO

    def add(self, quantity: Decimal | None, amount: Decimal | None) -> None:
        """Add what a line states."""
        self.quantity = None if None in (self.quantity, quantity) else (self.quantity or ZERO) + (quantity or ZERO)
        self.amount = None if None in (self.amount, amount) else EXACT.add(self.amount or ZERO, amount or ZERO)


@dataclass(slots=True)
class _Three:
    """The three sources under one key, and all units of the log, free ones included."""

    billed: _Sums = field(default_factory=_Sums)
    exported: _Sums = field(default_factory=_Sums)
    expected: _Sums = field(default_factory=_Sums)
    every: int = 0


def three_way(
    lines: Sequence[InvoiceLine], usage: Sequence[UsageLine], cells: Iterable[Cell], account: Account,
    markets: Markets, convert: Callable[[Cell], Decimal | None],
) -> tuple[ThreeWay, ...]:  # fmt: skip
    """Hold reconciled lines, export and cells of the period against each other; nothing where one of them is missing.

    `convert` gives a cell's amount in the invoice's currency.
    """
    own = [_placed(line, account, markets) for line in lines]
    theirs = [_placed(line, account, markets) for line in usage if _within(line, account)]
    if not own or not theirs:
        return ()
    stated: list[_Line] = [*own, *theirs]
    used = tuple(name for name in DIMENSIONS if all(getattr(line, name) for line in stated))
    counts_free = any(not line.pricing_type for line in theirs)
    found: dict[_Key, _Three] = {}
    for line in stated:
        if line.pricing_type not in FREE:
            three = found.setdefault(_key(line, used), _Three())
            source = three.exported if isinstance(line, UsageLine) else three.billed
            source.add(line.quantity, _money(line, account))
    splits_lite = any(line.category == _LITE for line in stated)
    for cell in cells:
        shown = replace(cell, category=_MARKETING) if cell.category == _LITE and not splits_lite else cell
        three = found.setdefault(_key(shown, used), _Three())
        three.every += cell.quantity
        if cell.pricing_type not in FREE:
            three.expected.add(Decimal(cell.quantity), convert(cell))
    return tuple(
        _compared(key, three, account, counts_free=counts_free)
        for key, three in sorted(found.items())
        if three.expected.quantity or three.billed.amount or three.exported.quantity
    )


def _within(line: UsageLine, account: Account) -> bool:
    first, last = line.period_start or account.first, line.period_end or account.last
    return account.first <= first and last <= account.last


def _placed(line: _Some, account: Account, markets: Markets) -> _Some:
    """Give a line with its account and market, where a number or a country tells them."""
    owners = [waba.id for waba in account.wabas if any(one.id == line.phone_number_id for one in waba.numbers)]
    only = [waba.id for waba in account.wabas] if len(account.wabas) == 1 else []
    waba = line.waba_id or next(iter(owners or only), "")
    day = line.period_start or account.first
    market = line.market or (markets.market_of_country(markets.main_country(line.country), day) if line.country else "")
    return replace(line, waba_id=waba, market=market)


def _key(one: _Line | Cell, used: Sequence[str]) -> _Key:
    return tuple(getattr(one, name) if name in used else "" for name in DIMENSIONS)


def _money(line: _Line, account: Account) -> Decimal | None:
    """Give a line's amount in the invoice's currency; an export that names none is in its accounts'."""
    if isinstance(line, InvoiceLine) or line.amount is None:
        return line.amount
    owners = {waba.currency for waba in account.wabas if line.waba_id in {"", waba.id}}
    return line.amount if (line.currency or (owners.pop() if len(owners) == 1 else "")) == account.currency else None


def _compared(key: _Key, three: _Three, account: Account, *, counts_free: bool) -> ThreeWay:
    waba, market, category = key
    return ThreeWay(
        waba_id=waba,
        market=market,
        category=category,
        billed_quantity=three.billed.quantity,
        billed=to_minor(three.billed.amount or ZERO, account.currency),
        exported_quantity=three.exported.quantity,
        exported=three.exported.amount,
        expected_quantity=int(three.expected.quantity or ZERO),
        expected_all=three.every,
        expected=None if three.expected.amount is None else to_minor(three.expected.amount, account.currency),
        counts_free=counts_free,
        door=_door(three, category, market, account, counts_free=counts_free),
    )


def _door(three: _Three, category: str, market: str, account: Account, *, counts_free: bool) -> str:
    """Say which of the three stands alone: `billing`, `export`, `log`, the `rates` on file, or none or all of them."""
    billed, exported, expected = three.billed, three.exported, three.expected
    if expected.amount is None:
        return "open"
    tolerance = tolerance_of(account, category, market, expected.amount)
    off = abs(to_minor(billed.amount or ZERO, account.currency) - to_minor(expected.amount, account.currency))
    own_units = three.every if counts_free else expected.quantity
    counted = exported.quantity is not None
    units_billed = billed.quantity is None or billed.quantity == expected.quantity
    right = off <= tolerance and units_billed
    as_expected = exported.quantity == own_units if counted else _near(exported, expected, account)
    comparable = counted and billed.quantity is not None and not counts_free
    as_billed = exported.quantity == billed.quantity if comparable else _near(exported, billed, account)
    if as_expected and not right and units_billed and _near(exported, billed, account):
        return "open" if _near(exported, expected, account) else "rates"
    if as_expected:
        return "agree" if right else "billing"
    return "export" if right else "log" if as_billed else "open"


def _near(exported: _Sums, other: _Sums, account: Account) -> bool:
    """Tell whether the export's approximate cost bears out an amount; not where it states none."""
    if exported.amount is None or other.amount is None:
        return False
    cent = Decimal(1).scaleb(-minor_digits(account.currency))
    return abs(exported.amount - other.amount) <= max(cent, abs(other.amount) * _APPROXIMATE)


def doors(found: Iterable[ThreeWay]) -> dict[str, int]:
    """Count the lines by what stands alone."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.door] = counts.get(one.door, 0) + 1
    return counts

"""The three-way tie-out: invoice, the platform's usage export, and the log charged by the rules (formats.md §3).

Compared over the audit's period, at the dimensions that every line of invoice and export states. Two that agree against
the third lay the difference at its door. An export's cost is approximate, so counts decide; its cost only settles
whether a price that is billed differently is borne out. An export that lacks days or accounts, or cuts its days at
another midnight, is no witness against anybody for what it has not.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from auditor.core.markets import Markets
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import to_minor
from auditor.core.reconcile import FREE
from auditor.core.reconcile import rounding_reach
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import UsageLine
from auditor.core.results import Cell
from auditor.core.results_checks import ThreeWay
from auditor.core.tables import Category
from auditor.core.tolerances import tolerance_of

DIMENSIONS = ("waba_id", "market", "category")
_MARKETING, _LITE = Category.MARKETING.word, Category.MARKETING_LITE.word
_APPROXIMATE = Decimal("0.01")
_Key = tuple[str, ...]
_Line = InvoiceLine | UsageLine
_Some = TypeVar("_Some", InvoiceLine, UsageLine)


@dataclass(slots=True)
class _Sums:
    """One source's units and amount under a key, None once a line does not state them, and how many lines those are."""

    quantity: Decimal | None = ZERO
    amount: Decimal | None = ZERO
    lines: int = 0

    def add(self, quantity: Decimal | None, amount: Decimal | None) -> None:
        """Add what a line states."""
        self.lines += 1
        self.quantity = None if None in (self.quantity, quantity) else (self.quantity or ZERO) + (quantity or ZERO)
        self.amount = None if None in (self.amount, amount) else EXACT.add(self.amount or ZERO, amount or ZERO)


@dataclass(slots=True)
class _Three:
    """The three sources under one key, and units of the log: all, free ones included, and those the export may have.

    `beyond` are units that may be in the invoice, of days, accounts or numbers that the export does not have.
    """

    billed: _Sums = field(default_factory=_Sums)
    exported: _Sums = field(default_factory=_Sums)
    expected: _Sums = field(default_factory=_Sums)
    every: int = 0
    within: int = 0
    every_within: int = 0

    def count(self, cell: Cell, amount: Decimal | None, *, has: bool) -> None:
        """Count a cell of the log; `has` tells whether the export has its account and day at all."""
        charged = 0 if cell.pricing_type in FREE else cell.quantity
        self.every += cell.quantity
        if charged:
            self.expected.add(Decimal(charged), amount)
        if has:
            self.within += charged
            self.every_within += cell.quantity

    def beyond(self, *, counts_free: bool) -> bool:
        """Tell whether the log has units, of those that an export would count, where this one has nothing."""
        units = self.every - self.every_within if counts_free else int(self.expected.quantity or 0) - self.within
        return units > 0


class _Reach:
    """The days that an export has of each account and number, from its first to its last.

    What its lines do not tell apart it has of all.
    """

    def __init__(self, theirs: Sequence[UsageLine], account: Account) -> None:
        self._account = account
        self._zones = {waba.id: waba.time_zone for waba in account.wabas}
        self._spans: dict[tuple[str, str], list[tuple[date, date]]] = {}
        self._hulls: dict[tuple[str, str], tuple[date, date] | None] = {}
        self._elsewhere: set[str] = set()
        for line in theirs:
            span = (line.period_start or account.first, line.period_end or account.last)
            self._spans.setdefault((line.waba_id, line.phone_number_id), []).append(span)
            if line.zone and line.zone != self._zones.get(line.waba_id, line.zone):
                self._elsewhere |= {line.waba_id, ""}

    def has(self, cell: Cell) -> bool:
        """Tell whether the export has the account, number and day of a cell."""
        place = (cell.waba_id, cell.phone_number_id)
        if place not in self._hulls:
            names = ((waba, number) for waba in (place[0], "") for number in (place[1], ""))
            self._hulls[place] = _hull(span for name in names for span in self._spans.get(name, ()))
        stretch = self._hulls[place]
        return stretch is not None and stretch[0] <= cell.day <= stretch[1]

    def days(self, waba: str) -> tuple[date, date] | None:
        """Give the first and last day that the export has of an account (empty: of all); None if it has nothing."""
        return _hull(self._of(waba))

    def falls_short(self, waba: str) -> bool:
        """Tell whether the period goes on before or after an account's days for longer than the export is silent."""
        spans = sorted(self._of(waba))
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        silent = max(((after[0] - before[1]).days for before, after in pairwise(spans)), default=1)
        return max((first - self._account.first).days, (self._account.last - last).days) >= max(silent, 1)

    def cuts_elsewhere(self, waba: str) -> bool:
        """Tell whether the export cuts the days of an account in another zone than the account's own."""
        return waba in self._elsewhere

    def _of(self, waba: str) -> list[tuple[date, date]]:
        return [span for (own, _), spans in self._spans.items() for span in spans if waba in {"", own} or not own]


def _hull(spans: Iterable[tuple[date, date]]) -> tuple[date, date] | None:
    found = list(spans)
    return (min(span[0] for span in found), max(span[1] for span in found)) if found else None


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
    reach = _Reach(theirs, account)
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
        three.count(cell, None if cell.pricing_type in FREE else convert(cell), has=reach.has(cell))
    return tuple(
        _compared(key, three, account, reach, counts_free=counts_free)
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


def _compared(key: _Key, three: _Three, account: Account, reach: _Reach, *, counts_free: bool) -> ThreeWay:
    waba, market, category = key
    first, last = reach.days(waba) or (None, None)
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
        door=_door(three, key, account, reach, counts_free=counts_free),
        first=first,
        last=last,
    )


def _door(three: _Three, key: _Key, account: Account, reach: _Reach, *, counts_free: bool) -> str:
    """Say which of the three stands alone, as far as the export has what the others have (`ThreeWay.door`)."""
    waba = key[0]
    door = _alone(three, key, account, counts_free=counts_free)
    if door == "agree":
        return door
    if reach.days(waba) is None:
        return "absent"
    more = door == "billing" and three.billed.quantity != three.expected.quantity
    if (more and reach.falls_short(waba)) or three.beyond(counts_free=counts_free):
        counts = {three.within, three.every_within} if counts_free else {three.within}
        return "part" if three.exported.quantity is None or three.exported.quantity in counts else "part_off"
    if door in {"export", "log"} and reach.cuts_elsewhere(waba):
        return f"{door}_days"
    return door


def _alone(three: _Three, key: _Key, account: Account, *, counts_free: bool) -> str:
    """Say which of the three stands alone: `billing`, `export`, `log`, the `rates` on file, or none or all of them.

    An export that does not tell free units apart may count them or not. Amounts of many lines may be off by as many
    roundings.
    """
    billed, exported, expected = three.billed, three.exported, three.expected
    if expected.amount is None:
        return "open"
    tolerance = tolerance_of(account, key[2], key[1], expected.amount)
    off = abs(to_minor(billed.amount or ZERO, account.currency) - to_minor(expected.amount, account.currency))
    counts = {expected.quantity, Decimal(three.every)} if counts_free else {expected.quantity}
    counted = exported.quantity is not None
    units_billed = billed.quantity is None or billed.quantity == expected.quantity
    right = off <= max(tolerance, rounding_reach(billed.lines, account.currency)) and units_billed
    as_expected = exported.quantity in counts if counted else _near(exported, expected, account)
    comparable = counted and billed.quantity is not None
    as_billed = comparable and exported.quantity == billed.quantity
    as_billed = as_billed or ((counts_free or not comparable) and _near(exported, billed, account))
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

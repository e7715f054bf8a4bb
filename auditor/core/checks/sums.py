"""Sums that an invoice states of its own lines: totals, subtotals, and percentages that a line is worded by."""

import re
from bisect import bisect_left
from bisect import bisect_right
from collections import Counter
from collections import deque
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import plain
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import rounding_reach
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.results_checks import LineFinding

_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?) ?%")
_GROUPS = ("layer", "category", "market", "country", "waba_id", "phone_number_id", "period_start", "pricing_type")
_WORDED = (Layer.CREDIT, Layer.PROVIDER_FEE)


def against_totals(
    lines: Sequence[InvoiceLine], controls: Sequence[ControlTotal], account: Account
) -> Iterator[LineFinding]:
    """Hold each total that a file states against the sums that it may be, a receipt's against all lines, and subtotals.

    A total may be of the lines above it or of those since the total before, with or without taxes and what was paid in.
    Findings come in the order of the controls.
    """
    sheets: dict[tuple[str, str], list[int]] = {}
    for place, control in enumerate(controls):
        sheets.setdefault((control.source.file, control.source.sheet), []).append(place)
    files = by_file(lines)
    wholes = {file: _Running(files.get(file) or lines) for file, _ in sheets}
    found: dict[int, LineFinding] = {}
    for (file, sheet), places in sheets.items():
        own = sorted((one for one in files.get(file, ()) if one.source.sheet == sheet), key=lambda one: one.source.row)
        walk = _Walk(own, wholes[file], account)
        for place in sorted(places, key=lambda place: controls[place].source.row):
            off = walk.hold(controls[place])
            if off is not None and lines:
                found[place] = _differs(controls[place], off)
    yield from (found[place] for place in sorted(found))


def by_file(lines: Iterable[InvoiceLine]) -> dict[str, list[InvoiceLine]]:
    """Give the lines of each file, in their order."""
    files: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        files.setdefault(line.source.file, []).append(line)
    return files


@dataclass(frozen=True, slots=True)
class _Sums:
    """Lines added up: all, without taxes, each also without what was paid in (`kept`); and units, of how many lines."""

    lines: int = 0
    all: Decimal = ZERO
    net: Decimal = ZERO
    kept: Decimal = ZERO
    kept_net: Decimal = ZERO
    counted: int = 0
    units: Decimal = ZERO

    def plus(self, line: InvoiceLine) -> "_Sums":
        """Add a line."""
        net = line.amount if line.layer != Layer.TAX else ZERO
        kept, kept_net = (line.amount, net) if line.layer != Layer.TOP_UP else (ZERO, ZERO)
        return _Sums(
            self.lines + 1, EXACT.add(self.all, line.amount), EXACT.add(self.net, net), EXACT.add(self.kept, kept),
            EXACT.add(self.kept_net, kept_net), self.counted + (line.quantity is not None),
            EXACT.add(self.units, line.quantity or ZERO),
        )  # fmt: skip

    def since(self, before: "_Sums") -> "_Sums":
        """Give the sums of the lines that came after others."""
        return _Sums(
            self.lines - before.lines, EXACT.subtract(self.all, before.all), EXACT.subtract(self.net, before.net),
            EXACT.subtract(self.kept, before.kept), EXACT.subtract(self.kept_net, before.kept_net),
            self.counted - before.counted, EXACT.subtract(self.units, before.units),
        )  # fmt: skip

    def totals(self, account: Account) -> Iterator[Decimal]:
        """Give what a total of these lines may be: all, or without taxes, and without what was paid in; units, too."""
        if not self.lines:
            return
        for whole, net in ((self.all, self.net), (self.kept, self.kept_net)):
            yield from _as_stated(whole, account.currency)
            yield from _as_stated(net, account.currency)
            if account.tax and not account.tax.included:
                yield to_minor(EXACT.multiply(net, 1 + account.tax.rate / 100), account.currency)
        if self.counted == self.lines:
            yield self.units


class _Running:
    """Lines added up one after another, and by what they have in common: an invoice may have thousands of subtotals."""

    def __init__(self, lines: Iterable[InvoiceLine] = ()) -> None:
        self.sums = _Sums()
        self._before: tuple[set[Decimal], set[Decimal]] = (set(), set())
        self._groups: dict[tuple[str, object], Decimal] = {}
        self._of_groups: Counter[Decimal] = Counter()
        for line in lines:
            self.add(line)

    def add(self, line: InvoiceLine) -> None:
        """Add a line."""
        self._before[0].add(self.sums.all)
        if line.layer != Layer.TAX:
            self._before[1].add(self.sums.net)
        self.sums = self.sums.plus(line)
        for name in _GROUPS:
            key = (name, getattr(line, name))
            had = self._groups.get(key)
            if had is not None:
                self._of_groups[had] -= 1
            self._groups[key] = EXACT.add(had or ZERO, line.amount)
            self._of_groups[self._groups[key]] += 1

    def ends_with(self, amount: Decimal) -> bool:
        """Tell whether the last line, the last two, and so on, with or without taxes, come to an amount."""
        pairs = zip((self.sums.all, self.sums.net), self._before, strict=True)
        return any(EXACT.subtract(summed, amount) in before for summed, before in pairs)

    def has_group(self, amount: Decimal) -> bool:
        """Tell whether all lines that state the same of something come to an amount."""
        return self._of_groups[amount] > 0

    def groups_rounded(self, currency: str) -> set[Decimal]:
        """Give, rounded to a currency, what all lines come to that state the same of something."""
        return {to_minor(summed, currency) for summed in self._groups.values()}


class _Walk:
    """Goes down a sheet and holds each control against the lines above it, or the `whole` file's."""

    def __init__(self, lines: Iterable[InvoiceLine], whole: _Running, account: Account) -> None:
        self._lines, self._whole, self._account = deque(lines), whole, account
        self._above = _Running()
        self._since_total = self._since_any = _Sums()
        self._passed: dict[str, int] = {}
        self._rounded: set[Decimal] | None = None

    def hold(self, control: ControlTotal) -> Decimal | None:
        """Give what the lines come to where a control differs from all that they may come to; None where it does not.

        Controls come by their rows.
        """
        row = control.source.row
        if self._passed and row > max(self._passed.values()):
            self._go_beyond(max(self._passed.values()))
            self._since_any = self._above.sums
            self._since_total = self._above.sums if "total" in self._passed else self._since_total
            self._passed = {}
        self._go_beyond(row - 1)
        if control.kind not in {"total", "subtotal"}:
            return None
        self._passed[control.kind] = row
        if control.kind == "total":
            return self._total(control.amount)
        return self._subtotal(control.amount) if control.amount else None

    def _go_beyond(self, row: int) -> None:
        while self._lines and self._lines[0].source.row <= row:
            self._above.add(self._lines.popleft())

    def _total(self, amount: Decimal) -> Decimal | None:
        whole, above = self._whole.sums, self._above.sums
        section = above.since(self._since_total)
        if any(amount in some.totals(self._account) for some in (whole, above, section)):
            return None
        return whole.all

    def _subtotal(self, amount: Decimal) -> Decimal | None:
        """Hold a subtotal against what it may be of: the last lines above it, or what any lines have in common.

        Rounded, it may be of the lines since the last figure, of all, or of those that have something in common.
        """
        whole, above = self._whole, self._above
        section = above.sums.since(self._since_any)
        sums = (whole.sums.all, whole.sums.net, section.all, section.net)
        currency = self._account.currency
        if not section.lines or above.ends_with(amount) or any(amount in _as_stated(one, currency) for one in sums):
            return None
        if above.has_group(amount) or whole.has_group(amount):
            return None
        if self._rounded is None:
            self._rounded = whole.groups_rounded(currency)
        return None if amount in self._rounded else section.all


def _as_stated(summed: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """Give how a sum may be stated: exactly, and rounded where lines have more decimals than their currency."""
    return summed, to_minor(summed, currency)


def _differs(control: ControlTotal, summed: Decimal) -> LineFinding:
    values = {"stated": _money(control.amount, control.currency), "sum": _money(summed, control.currency)}
    if control.kind == "subtotal":
        values["label"] = control.label
    return LineFinding(control.kind, (control.source,), control.currency, control.amount - summed, values)


def against_percentages(lines: Sequence[InvoiceLine]) -> Iterator[LineFinding]:
    """Hold discounts and fees that are worded by a percentage against what it may be of.

    That is any line, any lines that have something in common, and all others, with or without taxes.
    """
    worded = [(line, stated[0]) for line in lines if (stated := _percentages(line)) and len(stated) == 1]
    files = by_file(lines) if worded else {}
    bases = {file: _Bases(files[file]) for file in {line.source.file for line, _ in worded}}
    for line, figure in worded:
        percent, others = Decimal(figure.replace(",", ".")), bases[line.source.file]
        if not percent or others.has(line, percent, rounding_reach(1, line.currency)):
            continue
        right = abs(EXACT.multiply(others.messages, percent / 100)).copy_sign(line.amount)
        if right:
            values = {"percent": plain(percent), "billed": _money(line.amount, line.currency)}
            off = line.amount - to_minor(right, line.currency)
            values |= {"right": _money(right, line.currency)}
            yield LineFinding("percent", (line.source,), line.currency, off, values)


def _percentages(line: InvoiceLine) -> list[str]:
    return _PERCENT.findall(line.description) if line.layer in _WORDED and line.amount else []


class _Bases:
    """What a percentage may be of: the amounts of a file's lines, and sums of them, but for the line that states it."""

    def __init__(self, lines: Sequence[InvoiceLine]) -> None:
        self.messages = total(line.amount for line in lines if line.layer == Layer.META)
        self._sums = _Running(lines).sums
        # Lines of messages that others take something off are also what is left of them.
        self._left = total(line.amount for line in lines if line.layer in {Layer.META, Layer.CREDIT})
        self._amounts = sorted(abs(line.amount) for line in lines)
        self._groups: dict[str, dict[object, tuple[Decimal, int]]] = {name: {} for name in _GROUPS}
        for line in lines:
            for name, groups in self._groups.items():
                amount, count = groups.get(value := getattr(line, name), (ZERO, 0))
                groups[value] = (EXACT.add(amount, line.amount), count + 1)
        self._grouped = {
            name: sorted(abs(amount) for amount, _ in groups.values()) for name, groups in self._groups.items()
        }

    def has(self, line: InvoiceLine, percent: Decimal, reach: Decimal) -> bool:
        """Tell whether some percentage of anything but the line itself comes to its amount."""
        own = line.amount

        def near(base: Decimal, less: Decimal = ZERO) -> bool:
            base = EXACT.subtract(base, less)
            return abs(abs(own) - abs(EXACT.multiply(base, percent / 100))) <= reach

        def met(ordered: Sequence[Decimal]) -> int:
            low, high = (abs(own) + side for side in (-reach, reach))
            return bisect_right(ordered, high, key=at) - bisect_left(ordered, low, key=at)

        def at(base: Decimal) -> Decimal:
            return EXACT.multiply(base, percent / 100)

        left = own if line.layer == Layer.CREDIT else ZERO
        if near(self._sums.all, own) or near(self._sums.net, own) or near(self._left, left):
            return True
        if met(self._amounts) > near(own):
            return True
        for name, groups in self._groups.items():
            amount, count = groups[getattr(line, name)]
            if met(self._grouped[name]) > near(amount) or (count > 1 and near(amount, own)):
                return True
        return False


def _money(amount: Decimal, currency: str) -> str:
    return format(to_minor(amount, currency), "f")

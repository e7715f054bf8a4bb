"""The sums of an invoice's lines down to each of its rows, among which a stated total is found at once (§4)."""

from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from itertools import takewhile
from types import MappingProxyType

from auditor.core.money import minor_digits
from auditor.core.money import to_minor
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer

# What a total may rightly be the sum of, by its kind; the first is what is said of it.
_OF = MappingProxyType({
    "total": ("amount", "untaxed"), "subtotal": ("amount", "untaxed"), "tax": ("tax",), "quantity": ("quantity",),
})  # fmt: skip
_ZERO = Decimal(0)
_TWO = 2


class RunningSums:
    """The sums of lines, by their rows: with and without their taxes, of these alone, and of the quantities.

    Sums of money may be stated rounded, where lines have more decimals than their currency.
    """

    def __init__(self, lines: Sequence[InvoiceLine]) -> None:
        """Add the lines up."""
        inorder = sorted(lines, key=lambda line: line.source.row)
        taxes = [line.layer == Layer.TAX for line in inorder]
        self._rows = [line.source.row for line in inorder]
        self._currency = lines[0].currency if lines else ""
        figures = {
            "amount": [line.amount for line in inorder],
            "untaxed": [_ZERO if tax else line.amount for line, tax in zip(inorder, taxes, strict=True)],
            "tax": [line.amount if tax else _ZERO for line, tax in zip(inorder, taxes, strict=True)],
            "quantity": [line.quantity or _ZERO for line in inorder],
        }
        self._down = {name: list(accumulate(found, initial=_ZERO)) for name, found in figures.items()}

    @property
    def count(self) -> int:
        """Count the lines."""
        return len(self._rows)

    def above(self, row: int) -> int:
        """Count the lines above a row."""
        return bisect_left(self._rows, row)

    def down_to(self, row: int) -> int:
        """Count the lines down to a row, with those in it."""
        return bisect_right(self._rows, row)

    def read(self, kind: str, end: int) -> Decimal:
        """Give what the first lines, so many, come to."""
        return self._down[_OF[kind][0]][end]

    def sums(self, kind: str, start: int, end: int) -> set[Decimal]:
        """Give what a total of the lines from one count to another may rightly state."""
        found = {self._down[name][end] - self._down[name][start] for name in _OF[kind]}
        return found | {to_minor(one, self._currency) for one in found} if self._is_money(kind) else found

    def ends_with(self, kind: str, amount: Decimal, end: int) -> bool:
        """Tell whether some of the last of the first lines, so many, come to an amount."""
        reach = Decimal("0.5").scaleb(-minor_digits(self._currency)) if self._is_money(kind) else _ZERO
        for name in _OF[kind]:
            target = self._down[name][end] - amount
            values = self._by_value[name]
            start = bisect_left(values, (target - reach, 0))
            near = takewhile(lambda one: one[0] <= target + reach, values[start:])  # noqa: B023 - used at once
            if any(place <= end for _, place in near):
                return True
        return False

    def _is_money(self, kind: str) -> bool:
        return kind != "quantity" and bool(self._rows)

    @cached_property
    def _by_value(self) -> dict[str, list[tuple[Decimal, int]]]:
        """Give each sum once, with the first count of lines that comes to it, in their order."""
        found: dict[str, list[tuple[Decimal, int]]] = {}
        for name, sums in self._down.items():
            firsts: dict[Decimal, int] = {}
            for place, one in enumerate(sums):
                firsts.setdefault(one, place)
            found[name] = sorted(firsts.items())
        return found


class SumsSoFar:
    """The sums of an invoice's lines while they are read, among which a row without words is found to be a total."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self._down, self._untaxed, self._closed, self._currency = [_ZERO], _ZERO, 0, ""
        self._firsts = {_ZERO: 0}

    def add(self, lines: Sequence[InvoiceLine]) -> None:
        """Add the lines of a row."""
        for line in lines:
            self._untaxed += _ZERO if line.layer == Layer.TAX else line.amount
            self._down.append(self._down[-1] + line.amount)
            self._firsts.setdefault(self._down[-1], len(self._down) - 1)
            self._currency = self._currency or line.currency

    def close(self) -> None:
        """End a section: a total or heading stands below its lines."""
        self._closed = len(self._down) - 1

    def are_all(self, amount: Decimal) -> bool:
        """Tell whether an amount is the sum of all lines, two or more, with or without the taxes, perhaps rounded."""
        sums = {self._down[-1], self._untaxed}
        return len(self._down) > _TWO and amount in sums | {to_minor(one, self._currency) for one in sums}

    def are_section(self, amount: Decimal) -> bool:
        """Tell whether an amount is the sum of all lines, two or more, since the last total or heading."""
        return len(self._down) - self._closed > _TWO and amount == self._down[-1] - self._down[self._closed]

    def are_last(self, amount: Decimal, least: int) -> bool:
        """Tell whether an amount is the sum of so many of the last lines or more."""
        return self._firsts.get(self._down[-1] - amount, len(self._down)) < len(self._down) - least

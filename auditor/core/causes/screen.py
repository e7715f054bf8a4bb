"""Which readings are worth weighing: a quick guess of what each would leave over, over all lines at once.

What a reading does alone is known exactly. On top of others it is guessed: as much as it adds alone, or in the same
proportion, whichever comes nearer to what is billed. Guesses are in floats and only choose what is then weighed
exactly; no figure that is shown comes from here.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import Reading
from auditor.core.causes.verdict import WRONG
from auditor.core.causes.view import Priced
from auditor.core.money import times
from auditor.core.reconcile import Side
from auditor.core.tables import Int64

Float64 = npt.NDArray[np.float64]
_ALIKE = 1e-9
_PARTLY = 2.0
_SEVERAL = 2
_GUESSED = 0.05  # share of a step by which it is guessed wrongly on top of others at most


@dataclass(frozen=True, slots=True)
class Change:
    """What a reading changes alone: for each line concerned (by number), units and amount more than by the rules."""

    reading: Reading
    lines: Int64
    quantities: Float64
    amounts: Float64

    @property
    def mark(self) -> bytes:
        """Tell changes apart that do not come to the same."""
        return self.lines.tobytes() + self.quantities.tobytes() + np.round(self.amounts, 9).tobytes()


class Stack:
    """Changes in columns, one below the other, to be looked over many times: `starts` is where each begins."""

    def __init__(self, changes: Sequence[Change]) -> None:
        """Take the changes; there may be none."""
        self.changes = changes
        self.lines = _stacked([change.lines for change in changes], np.int64)
        self.quantities = _stacked([change.quantities for change in changes], np.float64)
        self.amounts = _stacked([change.amounts for change in changes], np.float64)
        self.starts = np.cumsum([0, *(len(change.lines) for change in changes[:-1])])
        self.is_whole = np.array([change.reading.whole for change in changes], np.bool_)
        self.bits = np.array([change.reading.bits for change in changes], np.float64)
        self.causes = np.array([change.reading.cause for change in changes], np.str_)


def _stacked(columns: Sequence[npt.NDArray[Any]], kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate([np.zeros(0, kind), *columns])


@dataclass(frozen=True, slots=True)
class Rows:
    """Counted cells as billed: the line of each (-1: of none that counts), units and amounts.

    They stand by groups, of which `sizes` has the lengths and `codes` what columns of cells hold.
    """

    lines: Int64
    quantities: Float64
    amounts: Float64
    sizes: Int64
    codes: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Share:
    """What a scope, one of so many, holds of some lines by the rules: its amounts there, and its charged units."""

    scope: tuple[str, str]
    among: int
    lines: Int64
    amounts: Float64
    units: Float64


class Screen:
    """Guesses what readings would leave over. Lines are added as readings bring them up."""

    def __init__(self, unit: float) -> None:
        """Take the minor unit of the currency."""
        self._unit = unit
        self._numbers: dict[str, int] = {}
        self._billed: list[float] = []
        self._reach: list[float] = []
        self._counted: list[float] = []

    def number(self, witness: Witness) -> int:
        """Give a line's number."""
        if witness.key not in self._numbers:
            self._numbers[witness.key] = len(self._billed)
            self._billed.append(float(witness.billed))
            self._reach.append(float(witness.reach) * (1 + _ALIKE))
            counted = witness.counted
            self._counted.append(np.nan if counted is None else float(counted))
        return self._numbers[witness.key]

    def change(
        self, reading: Reading, steps: Mapping[str, tuple[int, Decimal]], lines: Mapping[str, Witness]
    ) -> Change | None:
        """Give what a reading changes, from the units and the amount that it adds to lines; None if nothing."""
        made = []
        for key, (units, amount) in steps.items():
            if (units or amount) and key in lines:
                made.append((self.number(lines[key]), float(units), float(amount)))
        if not made:
            return None
        numbers, quantities, amounts = zip(*sorted(made), strict=True)
        return Change(reading, np.array(numbers), np.array(quantities), np.array(amounts))

    def rows(self, priced: Priced, scopes: Sequence[str]) -> Rows:
        """Give counted cells as columns, with what some columns of cells hold for each group."""
        parts = [(key, units, item.price) for _, items in priced for item in items for key, units in item.lines]
        return Rows(
            np.array([self._numbers.get(key, -1) for key, _, _ in parts], np.int64),
            np.array([0.0 if price is None else float(units) for _, units, price in parts]),
            np.array([0.0 if price is None else float(times(price.each, units)) for _, units, price in parts]),
            np.array([sum(len(item.lines) for item in items) for _, items in priced], np.int64),
            {name: [getattr(group.cell, name) for group, _ in priced] for name in scopes},
        )

    def parted(
        self, before: Rows, after: Rows, name: str, values: Sequence[str]
    ) -> Iterator[tuple[str, Int64, Float64, Float64]]:
        """Give what changes from some rows to others for each of the values of a scope alone, if there are several."""
        if len(values) < _SEVERAL:
            return
        place, size = {value: n for n, value in enumerate(values)}, len(self._billed)
        old_cells, *old = _by_value(before, name, place, size)
        new_cells, *new = _by_value(after, name, place, size)
        # Only those that meet: a table of all values and lines, of hundreds and thousands, takes longer than all else.
        met, at = np.unique(np.concatenate([old_cells, new_cells]), return_inverse=True)
        was, comes = np.split(at, [len(old_cells)])
        quantities, amounts = (
            np.subtract(np.bincount(comes, more, len(met)), np.bincount(was, less, len(met)), dtype=np.float64)
            for more, less in zip(new, old, strict=True)
        )
        moved = np.flatnonzero((np.abs(quantities) > _ALIKE) | (np.abs(amounts) > _ALIKE))
        own, lines = np.divmod(met[moved], size)
        for some in np.split(np.arange(len(moved)), np.flatnonzero(np.diff(own)) + 1):
            if len(some):
                yield values[own[some[0]]], lines[some], quantities[moved[some]], amounts[moved[some]]

    def shares(self, rows: Rows, name: str, values: Sequence[str]) -> Iterator["Share"]:
        """Give what each value of a scope holds of lines, if some put it together with others, most money first."""
        place, size = {value: n for n, value in enumerate(values)}, len(self._billed)
        cells, units, amounts = _by_value(rows, name, place, size)
        charged = amounts > 0
        met, at = np.unique(cells[charged], return_inverse=True)
        money, each = (np.bincount(at, part[charged], len(met)).astype(np.float64) for part in (amounts, units))
        own, lines = np.divmod(met, size)
        whole = np.bincount(lines, money, size)
        beside = money < whole[lines] * (1 - _ALIKE)
        parts = np.split(np.arange(len(own)), np.flatnonzero(np.diff(own)) + 1)
        for some in sorted((part for part in parts if beside[part].any()), key=lambda part: -float(money[part].sum())):
            yield Share((name, values[own[some[0]]]), len(values), lines[some], money[some], each[some])

    def best(
        self, stack: "Stack", base: Mapping[str, Side], sides: Mapping[str, Side], count: int,
        causes: AbstractSet[str] = frozenset(),
    ) -> list[Reading]:  # fmt: skip
        """Give the readings that would leave least over on top of `sides`, without those that surely leave more.

        Those of some causes are passed over.
        """
        if not stack.changes:
            return []
        amounts, quantities = self._columns(sides)
        by_rule, _ = self._columns(base)
        at, added = stack.lines, stack.amounts
        units = quantities[at] + stack.quantities
        known = by_rule[at] != 0
        added_up = amounts[at] + added
        scaled = amounts[at] * (1 + np.divide(added, by_rule[at], out=np.zeros_like(added), where=known))
        off = np.abs(np.array(self._billed)[at] - [added_up, scaled])
        left = self._costs(np.where(known & (off[1] < off[0]), scaled, added_up), units, at)
        spared = self._costs(amounts, quantities, np.arange(len(amounts)))[at] - left
        whole = np.add.reduceat(spared, stack.starts)
        partly = np.add.reduceat(np.maximum(spared, 0), stack.starts) - _PARTLY - np.log2(len(amounts) + 1)
        gains = np.where(stack.is_whole, whole, np.maximum(whole, partly)) - stack.bits
        for cause in causes:
            gains[stack.causes == cause] = -np.inf
        order = np.argsort(-gains, kind="stable")[:count]
        return [stack.changes[n].reading for n in order if gains[n] > -WRONG]

    def left_in_part(
        self, stack: "Stack", base: Mapping[str, Side], every: Iterable["Change | Mapping[str, Side]"]
    ) -> Iterator[Float64]:
        """Give by change the bits left where it holds for a part of what it would change, on top of each of others.

        These are changes by the rules, or sides.

        Infinite where some line that it changes is billed as it comes to by no part, or where fewer than two are off.
        """
        by_rule, due_units = self._columns(base)
        at, all_of_them = stack.lines, np.arange(len(by_rule))
        billed, reach, counted = (np.array(column) for column in (self._billed, self._reach, self._counted))
        for other in every:
            amounts, units = self._moved(by_rule, due_units, base, other)
            scale = np.divide(amounts[at], by_rule[at], out=np.ones(len(at)), where=by_rule[at] != 0)
            steps, over = stack.amounts * scale, counted[at] - units[at]
            within = _between(billed[at] - amounts[at], steps, reach[at] + _GUESSED * np.abs(steps))
            within &= np.isnan(over) | _between(over, stack.quantities, np.zeros(len(at)))
            costs = self._costs(amounts, units, all_of_them)
            several = np.add.reduceat(costs[at] > 0, stack.starts) >= _SEVERAL
            possible = np.logical_and.reduceat(within, stack.starts) & several
            left = sum(costs.tolist()) + stack.bits - np.add.reduceat(costs[at], stack.starts)
            yield np.where(possible, left, np.inf)

    def _moved(
        self, amounts: Float64, units: Float64, base: Mapping[str, Side], other: "Change | Mapping[str, Side]"
    ) -> tuple[Float64, Float64]:
        """Give what is expected in columns where it is in them by the rules: most lines stay as they are."""
        amounts, units = amounts.copy(), units.copy()
        if isinstance(other, Change):
            amounts[other.lines] += other.amounts
            units[other.lines] += other.quantities
            return amounts, units
        changed = {key: side for key, side in other.items() if base.get(key) is not side}
        for key, side in (changed | dict.fromkeys(base.keys() - other.keys(), Side())).items():
            place = self._numbers.get(key)
            if place is not None:
                amounts[place], units[place] = float(side.amount), side.quantity
        return amounts, units

    def pairs(self, changes: Sequence[Change], base: Mapping[str, Side], count: int) -> list[tuple[Reading, Reading]]:
        """Give the likeliest pairs of readings that leave nothing over together; neither need come near it alone.

        What the two add is added up, or what one adds is scaled as the other scales the line.
        """
        amounts, quantities = self._columns(base)
        off = np.flatnonzero(np.abs(np.array(self._billed) - amounts) > self._reach)
        if not len(off) or not changes:
            return []
        table = _Table(changes)
        pivot = max(off.tolist(), key=table.touching)
        found: set[tuple[int, int]] = set()
        for scaled in (False, True):
            one, other = self._adding_up(table.amounts(pivot), pivot, float(amounts[pivot]), scaled=scaled)
            for n in [*off.tolist(), *range(len(amounts))]:
                if not len(one):
                    break
                more, units = table.amounts(n), table.units(n)
                due = amounts[n] + more[one] + more[other]
                if scaled and amounts[n]:
                    due += more[one] * more[other] / amounts[n]
                surplus = np.abs(quantities[n] + units[one] + units[other] - self._counted[n])
                fits = (np.abs(due - self._billed[n]) <= self._reach[n]) & ~(surplus > 0)
                one, other = one[fits], other[fits]
            found.update(zip(one.tolist(), other.tolist(), strict=True))
        pairs = [(changes[n].reading, changes[k].reading) for n, k in sorted(found)]
        return sorted(pairs, key=lambda pair: pair[0].bits + pair[1].bits)[:count]

    def _adding_up(self, steps: Float64, line: int, due: float, *, scaled: bool) -> tuple[Int64, Int64]:
        """Give the places of all pairs of steps that lead from what is due on a line to what is billed."""
        billed, within = self._billed[line], self._reach[line]
        want = billed - due
        if scaled:
            if min(billed, due) <= 0:
                return (np.zeros(0, np.int64), np.zeros(0, np.int64))
            steps, want, within = np.log(np.maximum(1 + steps / due, _ALIKE)), np.log(billed / due), within / billed
        order = np.argsort(steps)
        starts = np.searchsorted(steps[order], want - steps - within)
        sizes = np.searchsorted(steps[order], want - steps + within, side="right") - starts
        one = np.repeat(np.arange(len(steps)), sizes)
        other = order[np.arange(len(one)) - np.repeat(np.cumsum(sizes) - sizes - starts, sizes)]
        return one[one < other], other[one < other]

    def _columns(self, sides: Mapping[str, Side]) -> tuple[Float64, Float64]:
        amounts, quantities = np.zeros(len(self._billed)), np.zeros(len(self._billed))
        for key, side in sides.items():
            place = self._numbers.get(key)
            if place is not None:
                amounts[place], quantities[place] = float(side.amount), side.quantity
        return amounts, quantities

    def _costs(self, amounts: Float64, quantities: Float64, at: Int64) -> Float64:
        billed, reach, counted = (np.array(column)[at] for column in (self._billed, self._reach, self._counted))
        off = np.abs(billed - amounts)
        units = np.nan_to_num(np.abs(counted - quantities))
        bits = WRONG + np.log2(2 * off / self._unit + 1) + np.where(units > 0, 2 + np.log2(2 * units + 1), 0)
        return np.where((off > reach) | (units > 0), bits, 0.0)


def _between(off: Float64, steps: Float64, reach: Float64) -> npt.NDArray[np.bool_]:
    return (off >= np.minimum(steps, 0) - reach) & (off <= np.maximum(steps, 0) + reach)


def _by_value(rows: Rows, name: str, place: Mapping[str, int], size: int) -> tuple[Int64, Float64, Float64]:
    """Give the rows of lines that count: the cell of value and line, `size` lines to a value, units and amounts."""
    counts = rows.lines >= 0
    codes = np.repeat(np.array([place[value] for value in rows.codes[name]], np.int64), rows.sizes)[counts]
    return codes * size + rows.lines[counts], rows.quantities[counts], rows.amounts[counts]


class _Table:
    """What changes come to, line by line."""

    def __init__(self, changes: Sequence[Change]) -> None:
        lines = np.concatenate([change.lines for change in changes])
        order = np.argsort(lines, kind="stable")
        self._size, self._lines = len(changes), lines[order]
        self._changes = np.repeat(np.arange(len(changes)), [len(change.lines) for change in changes])[order]
        self._amounts = np.concatenate([change.amounts for change in changes])[order]
        self._units = np.concatenate([change.quantities for change in changes])[order]

    def touching(self, line: int) -> int:
        """Count the changes that concern a line."""
        return len(self._changes[self._rows(line)])

    def amounts(self, line: int) -> Float64:
        """Give what each change adds to the amount of a line."""
        return self._column(line, self._amounts)

    def units(self, line: int) -> Float64:
        """Give what each change adds to the units of a line."""
        return self._column(line, self._units)

    def _column(self, line: int, figures: Float64) -> Float64:
        rows = self._rows(line)
        made = np.zeros(self._size)
        made[self._changes[rows]] = figures[rows]
        return made

    def _rows(self, line: int) -> slice:
        first, last = np.searchsorted(self._lines, (line, line + 1)).tolist()
        return slice(first, last)


def distinct(changes: Iterable[Change]) -> list[Change]:
    """Give the changes that differ, of those that come to the same the likeliest."""
    seen: dict[bytes, Change] = {}
    for change in sorted(changes, key=lambda one: one.reading.bits):
        seen.setdefault(change.mark, change)
    return list(seen.values())

"""The free allowance of another size that the lines imply: of a month's units so many fewer, or more, are free.

The size is a figure that nothing states. It is solved for from the units that the lines charge, which single it out;
where they state none, from the amounts, of several sizes that round to these taking the roundest (formats.md §8). One
that is not round nobody grants: what is billed would be as much where the log lacks some units of those that are free.
"""

from bisect import bisect_left
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from decimal import ROUND_HALF_EVEN
from decimal import Decimal
from functools import partial
from math import log2

from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import CHARGED
from auditor.core.causes.reading import Reading
from auditor.core.causes.units import ROUND
from auditor.core.causes.units import granted
from auditor.core.money import ZERO
from auditor.core.money import total
from auditor.core.regimes import MESSAGE
from auditor.core.regimes import Regime
from auditor.core.results import Cell
from auditor.core.tables import Category
from auditor.core.tables import PricingType
from auditor.core.terms import Terms

_TRIES = 4
_OWNERS, _NUMBERS = 3, 8
_LARGEST = 10**6
_WRONG = 1  # line that may be so for a reason of its own
_COUNTED = frozenset({"unit", "duplicate_billed"})  # by which a charge counts for several: then none tells of a size


def sizes_implied(bench: Bench, terms: Terms, lines: Sequence[Witness], chosen: Chosen) -> Iterator[Reading]:
    """Propose the one size of the free allowance by which lines that it concerns would be right, upon some readings.

    Where a charge is billed as several units, or a line states more than all of its own, what lines state together does
    not tell how many charges are free: it is tried.
    """
    drawn = _Drawn.of(bench.replayed(chosen), terms)
    if not drawn.totals or any(one.cause == "free_allowance" for one in chosen):
        return
    steps = bench.steps(in_order((*chosen, granted(0))), chosen) or {}
    concerned = [line for line in lines if steps.get(line.key, (0, ZERO))[0] > 0]  # free units stand apart
    sides = bench.sides(chosen) or {}
    if all(line.fits(sides.get(line.key, NO_SIDE)) for line in concerned):
        return
    if any(line.own and line.counted is None for line in concerned):
        yield from _by_amounts(bench, concerned, chosen, drawn)
        return
    over = {line.key: (line.counted or ZERO) - sides.get(line.key, NO_SIDE).quantity for line in concerned}
    if not _COUNTED.isdisjoint(one.cause for one in chosen) or any(steps[key][0] < over[key] for key in over):
        size = _round_size(bench, terms, lines, chosen, ())
        yield from [granted(size)] if size else []
        return
    more = sum(over.values())
    size = drawn.size_for(drawn.free - int(more))
    if more == int(more) and size and size % ROUND[-1] == 0 and drawn.free_at(size) == drawn.free - more:
        yield granted(size)


def sizes_of_one_number(bench: Bench, terms: Terms, lines: Sequence[Witness], chosen: Chosen) -> Iterator[Reading]:
    """Propose the round size of the allowance by which lines that one number concerns would be right: for it, or all.

    Only where lines state units: of so many numbers and sizes some come to any amount.
    """
    rules = _rules(terms)
    numbers = sorted({cell.phone_number_id for cell in bench.replayed(chosen) if cell.regime in rules})
    if not 1 < len(numbers) <= _NUMBERS or any(one.cause == "free_allowance" for one in chosen):
        return
    for number in numbers:
        size = _round_size(bench, terms, lines, chosen, ("phone_number_id", number))
        if size:
            one = granted(size)
            yield one  # for all as well: a line of another number may be wrong besides
            values = {**one.values, "scope": number}
            yield replace(one, bits=one.bits + 2 + log2(len(numbers)), scope=("phone_number_id", number), values=values)


def _round_size(
    bench: Bench, terms: Terms, lines: Sequence[Witness], chosen: Chosen, scope: tuple[str, ...]
) -> int | None:
    """Give the round size by which the lines charge just the units that they state more in a scope, each none fewer.

    One that states more than all that is free there is wrong besides, and tells nothing.
    """
    sides = bench.sides(chosen) or {}
    over = {one.key: one.counted - sides.get(one.key, NO_SIDE).quantity for one in lines if one.counted is not None}
    largest = max(rule.allowance.size for rule in _rules(terms).values() if rule.allowance)
    sizes = range(ROUND[-1], largest, ROUND[-1])
    more = partial(_charged_more, bench, scope, chosen)
    most = more(0)
    told = {key: over.get(key, ZERO) for key, units in most.items() if over.get(key, ZERO) <= units}
    want = total(told.values())
    if not want or len(told) < len(most) - _WRONG or min(told.values()) < 0:
        return None

    def charged(size: int) -> int:
        return sum(units for key, units in more(size).items() if key in told)

    place = bisect_left(sizes, -int(want), key=lambda size: -charged(size))
    return sizes[place] if place < len(sizes) and charged(sizes[place]) == want else None


def _charged_more(bench: Bench, scope: tuple[str, ...], chosen: Chosen, size: int) -> Mapping[str, int]:
    """Give the units that lines charge more where the allowance has some size in a scope; free ones stand apart."""
    steps = bench.steps(in_order((*chosen, replace(granted(size), scope=scope))), chosen) or {}
    return {key: units for key, (units, _) in steps.items() if units > 0}


def lacking(bench: Bench, terms: Terms, lines: Mapping[str, Witness], chosen: Chosen) -> Chosen:
    """Give as many free units fewer as lines charge more, upon some readings: for each owner if lines tell these apart.

    Where there is one, for each month. So it would be if the log lacked some of those that are free: whatever the
    number, nothing is granted otherwise.
    """
    rules = _rules(terms)
    ruled = [cell for cell in bench.replayed(chosen) if cell.regime in rules]
    owners: list[tuple[str, ...]] = sorted({_owner(cell, rules[cell.regime]) for cell in ruled})
    if len(owners) == 1:
        owners = [("period", month) for month in sorted({cell.period for cell in ruled})]
    concerned = [_concerned(bench, chosen, owner) for owner in owners]
    if len(owners) > _OWNERS or len(set[str]().union(*concerned)) < sum(map(len, concerned)):
        owners, concerned = [()], [_concerned(bench, chosen, ())]
    sides, made = bench.sides(chosen) or {}, list[Reading]()
    for owner, keys in zip(owners, concerned, strict=True):
        own = [lines[key] for key in keys if key in lines]
        drawn = _Drawn.of([one for one in ruled if not owner or owner in _groups(one, rules[one.regime])], terms)
        more = total((line.counted or ZERO) - sides.get(line.key, NO_SIDE).quantity for line in own)
        size = drawn.size_for(drawn.free - int(more))
        if more > 0 and size is not None and all(line.counted is not None for line in own if line.own):
            made.append(replace(granted(size), scope=owner))
    return tuple(made)


def _concerned(bench: Bench, chosen: Chosen, owner: Sequence[str]) -> AbstractSet[str]:
    """Name the lines that have units of an owner which are free by an allowance."""
    none = replace(granted(0), scope=tuple(owner))
    return {key for key, (units, _) in (bench.steps(in_order((*chosen, none)), chosen) or {}).items() if units > 0}


class _Drawn:
    """What is drawn on the allowances of a period: the units of each owner and month, and how many are free by rule."""

    def __init__(self, totals: Sequence[int], free: int) -> None:
        self.totals, self.free = totals, free

    @classmethod
    def of(cls, cells: Sequence[Cell], terms: Terms) -> "_Drawn":
        """Count the units that allowances are for, charged or free by them."""
        rules = _rules(terms)
        totals: dict[tuple[str, str, str], int] = {}
        sizes: dict[tuple[str, str, str], int] = {}
        for cell in cells:
            rule = rules.get(cell.regime)
            if rule and rule.allowance and _is_drawn(cell, rule):
                key = (rule.id, cell.period, _owner(cell, rule)[1])
                totals[key] = totals.get(key, 0) + cell.quantity
                sizes[key] = rule.allowance.size
        return cls(list(totals.values()), sum(min(units, sizes[key]) for key, units in totals.items()))

    def free_at(self, size: int) -> int:
        """Give how many units are free where an allowance has some size."""
        return sum(min(units, size) for units in self.totals)

    def size_for(self, free: int) -> int | None:
        """Give the least size by which so many units are free; None where it is none of the units or all."""
        if not 0 < free < sum(self.totals):
            return None
        return bisect_left(range(max(self.totals)), free, key=self.free_at)


def _rules(terms: Terms) -> Mapping[str, Regime]:
    return {regime.id: regime for regime in terms.regimes if regime.allowance}


def _owner(cell: Cell, rule: Regime) -> tuple[str, str]:
    """Give whose allowance units draw on: the column of cells that names it, and the name."""
    name = "waba_id" if rule.allowance and rule.allowance.per == "waba" else "phone_number_id"
    return name, getattr(cell, name)


def _groups(cell: Cell, rule: Regime) -> AbstractSet[tuple[str, ...]]:
    """Give what a unit counts for where the log may lack some like it: all of its owner, or of its month."""
    return {_owner(cell, rule), ("period", cell.period)}


def _is_drawn(cell: Cell, rule: Regime) -> bool:
    if rule.allowance and rule.allowance.of == "service" and cell.category != Category.SERVICE.word:
        return False
    free = PricingType.FREE_CUSTOMER_SERVICE if rule.unit == MESSAGE else PricingType.FREE_TIER
    return cell.pricing_type == free.word or cell.pricing_type in CHARGED


def _by_amounts(bench: Bench, lines: Sequence[Witness], chosen: Chosen, drawn: _Drawn) -> Iterator[Reading]:
    """Draw near the size by what a unit comes to, as far as amounts tell it."""
    every = bench.steps(in_order((*chosen, granted(0))), chosen) or {}
    units, amount = (total(Decimal(every[line.key][n]) for line in lines) for n in (0, 1))
    if not units or not amount:
        return
    each, free = amount / units, Decimal(drawn.free)
    within = total(line.reach for line in lines) / each
    for _ in range(_TRIES):
        size = _roundest(drawn, free, within)
        if size is None or size % ROUND[-1]:
            return
        sides = bench.sides(in_order((*chosen, granted(size)))) or {}
        left = total(line.billed - sides.get(line.key, NO_SIDE).amount for line in lines) / each
        if abs(left) <= within:
            yield granted(size)
            return
        free = drawn.free_at(size) - left


def _roundest(drawn: _Drawn, free: Decimal, within: Decimal) -> int | None:
    """Give the size with the fewest digits by which about so many units are free."""
    ends = [drawn.size_for(int((free + off).to_integral_value(ROUND_HALF_EVEN))) for off in (-within, within)]
    low, high = ends
    if low is None or high is None:
        return None
    step = _LARGEST
    while -(-low // step) * step > high:
        step //= 10
    return -(-low // step) * step

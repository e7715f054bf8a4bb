"""How surely the lines of an invoice single one reading out of all (formats.md §8): where nothing else is wrong.

A small error bears little witness by its size. A careful person believes it all the same where one reading comes to it
to the minor unit, leaves every other line as it is billed, and hardly any other would have come to such a figure. How
many would is counted here, over all that were tried, where bits tell it beforehand for any log.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from math import log2

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Sides
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import Reading
from auditor.core.causes.scales import alike
from auditor.core.causes.search import Search
from auditor.core.causes.verdict import Verdict

_FIGURES = 2
_IN_PART = 1.5  # bits that it is less likely that a reading holds for these lines and not for others
Step = tuple[tuple[int, Decimal], ...]
"""What a reading adds to the units and the amount of each line."""


def singled_out(search: Search, account: Account, reading: Reading, aside: AbstractSet[str] = frozenset()) -> float:
    """Give by how many bits lines single a reading out of those that are no less likely; 0 where they do not.

    Each line must be accounted for, but those set `aside`, and be right that is right without the reading. Those that
    are no more without it must be billed, and be all that it changes; other lines must be there that are right. Of
    errors as large that no rule makes, one in two to the power of these bits would be met by some reading that leaves
    all other lines alone; or, where this one holds in part, by some that would change others too if it did not. What a
    silent day may hold singles out none of these.
    """
    rest = tuple(one for one in account.chosen if one is not reading)
    without = search.judged(rest)
    if without is None:
        return 0.0
    wrong, met = _singling(search, account, reading, without, aside)
    return max(0.0, _said(search, wrong, rest) - met) if wrong else 0.0


def singled_out_together(search: Search, account: Account) -> tuple[float, float]:
    """Give by how many bits lines single the readings of an account out: all together, and the least of each.

    Together they say once what they say, also of lines that need several; each is one of as many as might be met there.
    Of fewer lines than readings some two come to any figure.
    """
    start, lines, chances, each = search.judged(()), set[str](), 0.0, list[float]()
    for reading in account.chosen if start else ():
        rest = tuple(one for one in account.chosen if one is not reading)
        without = search.judged(rest)
        wrong, met = _singling(search, account, reading, without, frozenset()) if without else ((), 0.0)
        if not wrong:
            return 0.0, 0.0
        lines.update(wrong)
        chances += met
        each.append(_said(search, wrong, rest) - met)
    if not lines or len(lines) < len(account.chosen):
        return 0.0, 0.0
    return _said(search, sorted(lines), ()) - chances, min(each)


def _said(search: Search, keys: Sequence[str], chosen: Chosen) -> float:
    """Give the bits by which lines are off under some readings."""
    sides, lines = search.bench.sides(chosen) or {}, [search.lines[key] for key in keys]
    return sum(line.evidence(sides.get(line.key, NO_SIDE)) - _blur(line, search.unit) for line in lines)


def _singling(
    search: Search, account: Account, reading: Reading, without: Account, aside: AbstractSet[str]
) -> tuple[Sequence[str], float]:
    """Name the lines that single a reading out (`singled_out`), and give the bits of all that might be met there."""
    nothing: tuple[Sequence[str], float] = (), 0.0
    rest = without.chosen
    in_part = reading in account.partial or bool(reading.scope)
    spoilt = (without.verdicts[key].fits and not verdict.fits for key, verdict in account.verdicts.items())
    whole = all(verdict.whole or key in aside for key, verdict in account.verdicts.items())
    if reading.is_solved or not whole or any(spoilt):
        return nothing
    wrong = {key: verdict for key, verdict in without.verdicts.items() if not (verdict.whole or key in aside)}
    alone = not any(line.own and without.verdicts[key].fits for key, line in search.lines.items() if key not in wrong)
    if alone or not wrong or any(verdict.lost or not search.lines[key].own for key, verdict in wrong.items()):
        return nothing
    lines = [search.lines[key] for key in wrong]
    before = search.bench.sides(rest) or {}
    if in_part and any(line.may_be_silent(before.get(line.key, NO_SIDE)) for line in lines):
        return nothing
    largest = _step(lines, before, search.bench.sides(account.chosen) or {})
    figures = {_rounded(largest, search.unit)}
    for rival, sides in _changing(search, wrong, rest, in_part=in_part).items():
        step = _step(lines, before, sides)
        if rival.cause != reading.cause and all(line.fits(sides.get(line.key, NO_SIDE)) for line in lines):
            return nothing
        if rival.bits <= reading.bits and _within(step, largest, lines):
            figures.add(_rounded(step, search.unit))
    return [*wrong], log2(len(figures)) + (_IN_PART if in_part else 0.0)


def _changing(search: Search, wrong: Mapping[str, Verdict], rest: Chosen, *, in_part: bool) -> Mapping[Reading, Sides]:
    """Give the readings that change all of some lines, with what they come to.

    Unless they may hold `in_part`, those alone that as far as is seen change no other.
    """
    causes = {one.cause for one in rest}
    made = {}
    for rival in search.tried:
        alone = search.bench.sides((rival,)) or {}
        if rival.cause in causes or any(alike(alone.get(key), search.base.get(key)) for key in wrong):
            continue
        others = (line for key, line in search.lines.items() if key not in wrong)
        if in_part or all(_is_unseen(line, alone, search.base) for line in others):
            sides = search.bench.sides(in_order((*rest, rival)))
            if sides is not None:
                made[rival] = sides
    return made


def _is_unseen(line: Witness, after: Sides, before: Sides) -> bool:
    """Tell whether what is expected of a line changes by no more than rounding makes."""
    one, other = before.get(line.key, NO_SIDE), after.get(line.key, NO_SIDE)
    return one is other or (abs(other.amount - one.amount) <= line.reach and other.quantity == one.quantity)


def _step(lines: Sequence[Witness], before: Sides, after: Sides) -> Step:
    sides = [(before.get(line.key, NO_SIDE), after.get(line.key, NO_SIDE)) for line in lines]
    return tuple((other.quantity - one.quantity, other.amount - one.amount) for one, other in sides)


def _within(step: Step, largest: Step, lines: Sequence[Witness]) -> bool:
    """Tell whether a step is no larger than another on any line: in units where they are stated, and in amount."""
    return all(
        (line.counted is None or abs(units) <= abs(most)) and abs(amount) <= abs(limit) + line.reach
        for line, (units, amount), (most, limit) in zip(lines, step, largest, strict=True)
    )


def _rounded(step: Step, unit: Decimal) -> Step:
    return tuple((units, amount.quantize(unit)) for units, amount in step)


def _blur(line: Witness, unit: Decimal) -> float:
    """Give the bits that a line's amount says less where several figures of it are rounded: each hides a unit."""
    return max(0.0, log2(float(_FIGURES * line.reach / unit)))

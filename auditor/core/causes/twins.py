"""Readings that do what others do, or take it back: what they come to proves none of them (formats.md §8)."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import replace

from auditor.core.causes.account import Account
from auditor.core.causes.bench import NO_STEP
from auditor.core.causes.bench import Step
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import AS_LIKELY
from auditor.core.causes.reading import Reading
from auditor.core.causes.search import Search


def made_up_for(search: Search, account: Account, reading: Reading) -> bool:
    """Tell whether another reading takes back on every line, to within a minor unit, what a reading does there."""
    bench, unit = search.bench, search.unit
    whole = bench.sides(account.chosen) or {}
    for other in account.chosen:
        rest = tuple(one for one in account.chosen if one not in {reading, other})
        neither, alone = bench.sides(rest) or {}, bench.sides(in_order((*rest, reading))) or {}
        sides = [(neither.get(key, NO_SIDE), alone.get(key, NO_SIDE), whole.get(key, NO_SIDE)) for key in search.lines]
        back = all(
            abs(before.amount - after.amount) <= unit and before.quantity == after.quantity
            for before, _, after in sides
        )
        if other is not reading and back and any(abs(before.amount - one.amount) > unit for before, one, _ in sides):
            return True
    return False


def twin_of(search: Search, account: Account, reading: Reading) -> Reading | None:
    """Give a reading of another cause that does the same as one: on the one line on which that does anything.

    What does something on several lines has a twin in one that does the same on each, and is about as likely.
    """
    held = [key for key, some in account.holds.items() if reading in some]
    causes = {one.cause for one in account.chosen}
    others = [one for one in search.tried if one.cause not in causes]
    if len(held) != 1:
        return _twin_everywhere(search, others, reading)
    key = held[0]
    step = _steps(search, reading).get(key, NO_STEP)
    for rival in others:
        steps = {one: step for one, step in _steps(search, rival).items() if one in search.lines and any(step)}
        if _is_same(search.lines[key], steps.pop(key, NO_STEP), step) and not steps:
            return rival
    return None


def _twin_everywhere(search: Search, others: Iterable[Reading], reading: Reading) -> Reading | None:
    """Give one of other readings that does the same on every line; in the same scope it does so, too."""
    plain = next((one for one in search.tried if one == replace(reading, scope=())), None)
    if plain is None:
        return None
    steps = {key: step for key, step in _steps(search, plain).items() if key in search.lines}
    for rival in others if any(map(any, steps.values())) else ():
        likely = not rival.scope and not rival.is_solved and rival.bits <= plain.bits + AS_LIKELY
        if likely and _are_same(search.lines, steps, _steps(search, rival)):
            scope = {name: value for name, value in reading.values.items() if name not in plain.values}
            bits = rival.bits + reading.bits - plain.bits
            return replace(rival, scope=reading.scope, bits=bits, values={**rival.values, **scope}, leads=())
    return None


def _are_same(lines: Mapping[str, Witness], steps: Mapping[str, Step], other: Mapping[str, Step]) -> bool:
    """Tell whether two readings do the same on each of some lines; of the first only the steps on these are given."""
    alike = all(_is_same(lines[key], step, other.get(key, NO_STEP)) for key, step in steps.items())
    return alike and all(key in steps or _is_same(lines[key], NO_STEP, other[key]) for key in other if key in lines)


def _is_same(line: Witness, one: Step, other: Step) -> bool:
    return one[0] == other[0] and abs(one[1] - other[1]) <= line.reach


def _steps(search: Search, reading: Reading) -> Mapping[str, Step]:
    """Give by how much a reading alone changes lines."""
    return search.bench.steps((reading,), ()) or {}

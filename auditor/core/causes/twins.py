"""Readings that do what others do, or take it back: what they come to proves none of them (formats.md §8)."""

from collections.abc import Mapping

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Step
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.reading import Reading
from auditor.core.causes.search import Search
from auditor.core.money import ZERO


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
    """Give a reading of another cause that does the same, where all that a reading does is on one line."""
    held = [key for key, some in account.holds.items() if reading in some]
    if len(held) != 1:
        return None
    key = held[0]
    units, amount = _steps(search, reading).get(key, (0, ZERO))
    causes = {one.cause for one in account.chosen}
    for rival in search.tried:
        if rival.cause in causes:
            continue
        steps = {one: step for one, step in _steps(search, rival).items() if one in search.lines and any(step)}
        more, other = steps.pop(key, (0, ZERO))
        if not steps and more == units and abs(other - amount) <= search.lines[key].reach:
            return rival
    return None


def _steps(search: Search, reading: Reading) -> Mapping[str, Step]:
    """Give by how much a reading alone changes lines."""
    return search.bench.steps((reading,), ()) or {}

"""Days of the period that were billed twice: all of them, or of one business number (formats.md §8).

Which days is a figure that nothing states, so they are held to stricter proof than a reading of the whole period: of
the lines that the days touch two at least must come right, and three for one that is wrong besides.
"""

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import islice
from math import log2

import numpy as np

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Step
from auditor.core.causes.bench import Steps
from auditor.core.causes.bench import added
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import USUAL
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import count_units
from auditor.core.causes.search import READINGS
from auditor.core.causes.search import Search
from auditor.core.causes.unit_counts import twice
from auditor.core.causes.words import ON
from auditor.core.money import ZERO
from auditor.core.reconcile import Side

_BITS = 3.0
_FEWEST = 2
_TO_ONE = 3  # lines that must come right for one that is wrong besides
_LONGEST = 7  # days on end
_LIKELY, _GROUNDS = 40, 6  # accounts of which it is asked, and upon which it is tried, that days were billed twice
_FIGURES = 1_000_000  # by which that is guessed at most
_NEARLY = 0.2  # share by which what days come to is guessed wrongly at most
_PRICED = frozenset({"fx", "mark_up"})  # what may be wrong with every price where days were billed twice
Scope = tuple[str, ...]
Near = tuple[int, Decimal, int]
"""How near days come to what is billed: by most lines that come right, by what rounding leaves, by fewest days."""


def accounts_with_days_twice(search: Search, best: Account) -> Iterator[Account]:
    """Give accounts by which days were billed twice: beside what else accounts for lines, or by the units alone."""
    for chosen in _grounds(search, best):
        days = _by_amounts(search, chosen)
        account = search.weigh(in_order((*chosen, days))) if days else None
        if account:
            yield account
    days = _by_units(search)
    if days:
        priced = (one for one in search.tried if one.cause in _PRICED and not one.scope)
        weighed = (search.weigh(in_order((days, one))) for one in (*search.implied((days,)), *priced))
        yield from (account for account in weighed if account)
        weighed = (search.weigh(in_order((days, one))) for one in _likely_prices(search))
        yield from (account for account in weighed if account and not account.partial)


def _likely_prices(search: Search) -> list[Reading]:
    """Give what comes nearest by itself of all that leaves units as they are, and prices them otherwise."""
    alone = (one for one in search.accounts.values() if len(one.chosen) == 1)
    nearest = (one.chosen[0] for one in sorted(alone, key=lambda one: one.hint))
    return list(islice((one for one in nearest if one.setting is None and not one.whole), _GROUNDS))


def _grounds(search: Search, best: Account) -> list[Chosen]:
    """Give what else may be wrong where days were billed twice: the best, nothing, and what is promising.

    What some days come nearest to make up for is guessed from what lines have on each by the rules, which other prices
    scale.
    """
    likely = sorted(search.accounts.values(), key=lambda one: one.hint)[:_LIKELY]
    tried = ((one,) for one in search.tried if not one.scope)
    alone = (chosen for chosen in search.accounts if len(chosen) == 1)
    every = [*filter(_leaves_room, dict.fromkeys((*(one.chosen for one in likely), *tried, *alone)))]
    promise = _Promise(search)
    promising = {chosen: promise.of(chosen) for chosen in every}
    likeliest = sorted(promising, key=lambda chosen: -promising[chosen])[:_GROUNDS]
    usual = filter(_leaves_room, (best.chosen, ()))
    return [*dict.fromkeys((*usual, *(chosen for chosen in likeliest if promising[chosen] >= _FEWEST)))]


class _Promise:
    """Guesses how many lines some days make up for, and how many not, where other readings hold as well."""

    def __init__(self, search: Search) -> None:
        """Look at what lines have on each stretch of days by the rules: on most of them nothing."""
        self._search = search
        self._lines = {key: line for key, line in search.lines.items() if line.own}
        places = {key: n for n, key in enumerate(self._lines)}
        some = islice(_stretches(search, (), lambda _steps: True), _FIGURES // max(1, len(places)))
        cells = [
            (n, places[key], float(amount))
            for n, (_, _, steps) in enumerate(some)
            for key, (_, amount) in steps.items()
            if amount and key in places
        ]
        self._stretch = np.array([n for n, _, _ in cells], np.int64)
        self._line = np.array([place for _, place, _ in cells], np.int64)
        self._amounts = np.array([amount for _, _, amount in cells], np.float64)
        self._reach = np.array([float(line.reach) for line in self._lines.values()])
        usual = [self._off(line, due := search.base.get(key, NO_SIDE), due) for key, line in self._lines.items()]
        self._usual = np.array(usual, np.float64).reshape(len(usual), 2)

    def of(self, chosen: Chosen) -> int:
        """Give by how many more lines come right on the days that suit best beside some readings."""
        base, sides = self._search.base, self._search.bench.sides(chosen) or {}
        made = self._usual.copy()
        for n, (key, line) in enumerate(self._lines.items()):
            side, usual = sides.get(key, NO_SIDE), base.get(key, NO_SIDE)
            if side is not usual:
                made[n] = self._off(line, side, usual)
        more, scale = made[self._line].T
        amounts = self._amounts * scale
        right = np.abs(amounts - more) <= self._reach[self._line] + _NEARLY * amounts
        return int(np.max(np.bincount(self._stretch, np.where(right, 1, -1)), initial=0))

    @staticmethod
    def _off(line: Witness, side: Side, usual: Side) -> tuple[float, float]:
        """Give what a line bills above a side, and how often this is what is due by the rules."""
        return float(line.billed - side.amount), float(side.amount / usual.amount) if usual.amount else 1.0


def _leaves_room(chosen: Chosen) -> bool:
    """Tell whether it may be tried beside some readings that days were billed twice."""
    return len(chosen) < READINGS and not any(one.cause == "duplicate_billed" for one in chosen)


def _by_amounts(search: Search, upon: Chosen) -> Reading | None:
    """Give the days by which most lines come right; a line that is missing bills no day of them."""
    sides = search.bench.sides(upon) or {}
    due = {key: sides.get(key, NO_SIDE) for key in search.lines}
    off = {key: line for key, line in search.lines.items() if not line.fits(due[key])}

    def touched(steps: Steps) -> Steps:
        some = {key: step for key, step in steps.items() if step[1] or (key in search.lines and step[0])}
        return {key: step for key, step in some.items() if key not in off or off[key].own}

    def may(steps: Steps) -> bool:
        some = touched(steps)
        room = (off[key].billed - due[key].amount + off[key].reach for key in some if key in off)
        within = sum(step[1] <= most for step, most in zip(some.values(), room, strict=False))
        return off.keys() >= some.keys() and 2 * within >= len(some)

    fitting: dict[Scope, Near] = {}
    for scope, length, steps in _stretches(search, upon, may) if len(off) >= _FEWEST else ():
        some = touched(steps)
        left = [abs(off[key].billed - due[key].amount - some[key][1]) for key in some]
        right = [one for one, key in zip(left, some, strict=True) if off[key].comes_right(due[key], *some[key])]
        if len(right) >= max(_FEWEST, _TO_ONE * (len(some) - len(right))):
            fitting[scope] = (-len(right), sum(right, ZERO), length)
    return _nearest(search, fitting)


def _by_units(search: Search) -> Reading | None:
    """Give the days by the units alone, which the lines all state: what units cost besides is another matter."""
    billed = {key: line for key, line in search.lines.items() if line.billed}
    off = {
        key: line.counted - due
        for key, line in billed.items()
        if line.counted is not None and line.counted != (due := search.base.get(key, NO_SIDE).quantity)
    }
    if len(off) < _FEWEST or any(line.counted is None for line in billed.values()):
        return None

    def may(steps: Steps) -> bool:
        return all(units <= off.get(key, ZERO) for key, (units, _) in steps.items() if key in billed)

    fitting = {
        scope: (0, ZERO, length)
        for scope, length, steps in _stretches(search, (), may)
        if {key: Decimal(units) for key, (units, _) in steps.items() if units and key in billed} == off
    }
    return _nearest(search, fitting)


def _stretches(search: Search, upon: Chosen, may: Callable[[Steps], bool]) -> Iterator[tuple[Scope, int, Steps]]:
    """Give days on end each of which `may` be billed twice: their scope, how many they are, what lines have on them.

    Of everything first, then of each business number.
    """
    parts = search.bench.by(lambda cell: (cell.day, cell.phone_number_id), upon) or {}
    of_number = defaultdict[Scope, dict[date, dict[str, Step]]](dict)
    for (day, number), steps in sorted(parts.items()):
        of_number[number,][day] = dict(steps)
        # Added where it stands: a copy a number would take the square of the time, of which there may be hundreds.
        together = of_number[()].setdefault(day, {})
        together.update(added({key: together[key] for key in steps if key in together}, steps))
    for number_scope, days in sorted(of_number.items()):
        ordered = [(day, may(steps)) for day, steps in days.items()]
        for n, (first, _) in enumerate(ordered):
            held: Steps = {}
            for last, possible in ordered[n : n + _LONGEST]:
                length = (last - first).days + 1
                if not possible or length > _LONGEST:
                    break
                held = added(held, days[last])
                yield (ON, first.isoformat(), last.isoformat(), *number_scope), length, held


def _nearest(search: Search, fitting: Mapping[Scope, Near]) -> Reading | None:
    """Give the reading of the nearest of some days; None where other days, which do not hold them, come as near."""
    nearest = min(fitting, key=lambda scope: fitting[scope], default=None)
    if nearest is None:
        return None
    _, first, last, *number = nearest
    as_near = [scope for scope, near in fitting.items() if near[0] == fitting[nearest][0]]
    if not all((one[1] <= first and last <= one[2]) or (first <= one[1] and one[2] <= last) for one in as_near):
        return None
    days = {"kind": "day", "day": first} if first == last else {"kind": "days", "first": first, "last": last}
    values = days | ({"scope": number[0]} if number else {})
    bits = USUAL + _BITS + log2(len(search.bench.by_day(()) or {})) + fitting[nearest][2] - 1
    setting = count_units(twice)
    return Reading("duplicate_billed", "twice", values, bits, setting, whole=True, scope=nearest)

"""Readings that hold from a day of the period on, until one, or on one (formats.md §8).

A biller changed in the middle, or billed a day twice. The day is a figure that nothing states, so it is held to
stricter proof than a reading of the whole period: every line that the reading changes must fit exactly, two at least
that did not fit before, and not from one day on as well as until another. Of neighbouring days between which nothing
changes by more than rounding makes the nearest is said.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import log2

from auditor.core.causes.account import Account
from auditor.core.causes.bench import NO_STEP
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Step
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
from auditor.core.causes.words import SINCE
from auditor.core.causes.words import UNTIL
from auditor.core.money import ZERO
from auditor.core.money import total
from auditor.core.reconcile import Side

# What is counted over a month, or is about its edges, does not begin on a day of it.
_OF_THE_MONTH = frozenset({"month_cut", "free_allowance", "tier", "rounding"})
_FEWEST, _FEWEST_DAYS = 2, 2
_BITS = 3.0
_TWICE = Reading("duplicate_billed", "twice", {"kind": "day"}, USUAL + _BITS, count_units(twice), whole=True)
_ON_A_DAY = 2  # words of a scope that say so; a third is a business number
_TO_ONE = 3  # lines that must come right for one that is wrong besides
_GROUNDS = 6  # readings upon which it is tried that a day was billed twice
_PRICED = frozenset({"fx", "mark_up"})  # what may be wrong with every price where a day was billed twice
Lines = Sequence[tuple[Witness, Side]]
"""The lines that a reading changes, with what is due on each by the rules."""
Steps = Mapping[str, Step]


def with_days(search: Search, best: Account) -> Account:
    """Give the best account where readings may hold for a part of the period: the one given, or one by a day.

    Only where that one leaves lines open, or says of a reading for which lines it holds and not why.
    """
    if all(verdict.fits for verdict in best.verdicts.values()) and not best.partial:
        return best
    found = [best]
    for reading in dict.fromkeys((*search.tried, *best.chosen)):
        dated = _dated(search, reading, best.bits)
        account = search.weigh((dated,)) if dated else None
        if dated and account:
            search.tried.append(dated)
            found.append(account)
    for chosen in _twice_upon(search, best):
        twice_on = _twice_on_a_day(search, chosen)
        account = search.weigh(in_order((*chosen, twice_on))) if twice_on else None
        if account:
            found.append(account)
    found += [account for chosen in dict.fromkeys((best.chosen, ())) if (account := _rounded_by_day(search, chosen))]
    by_units = _twice_by_units(search)
    if by_units:
        priced = (
            *search.implied((by_units,)),
            *(one for one in search.tried if one.cause in _PRICED and not one.scope),
        )
        weighed = (search.weigh(in_order((by_units, one))) for one in priced)
        found += [account for account in weighed if account]
    return min(found, key=lambda one: one.bits)


def _rounded_by_day(search: Search, upon: Chosen) -> Account | None:
    """Weigh that the amount of each day was rounded, where no line is off by more than that may come to."""
    if len(upon) == READINGS or any(one.cause == "rounding" or one.scope or one.part for one in upon):
        return None
    sides, days = search.bench.sides(upon) or {}, search.bench.by_day(upon) or {}
    for key, line in search.lines.items():
        own = sum(key in steps for steps in days.values())
        if abs(line.billed - sides.get(key, NO_SIDE).amount) > own * search.unit / 2 + line.reach:
            return None
    digits = str(-int(search.unit.as_tuple().exponent))
    rounding = Reading("rounding", "by day", {"kind": "day", "digits": digits}, USUAL + 1, whole=True)
    return search.weigh(in_order((*upon, rounding)))


def _dated(search: Search, reading: Reading, shortest: float) -> Reading | None:
    """Give a reading with the one day from which, or until which, it fits all lines that it changes.

    None as well where that could give no account shorter than the `shortest`, in bits: to count by days is dear.
    """
    if reading.scope or reading.part or reading.cause in _OF_THE_MONTH or reading == _TWICE:
        return None
    lines = _concerned(search, reading)
    if sum(not line.fits(due) for line, due in lines) < _FEWEST:
        return None
    concerned = {line.key for line, _ in lines}
    others = (verdict.bits for key, verdict in search.accounts[()].verdicts.items() if key not in concerned)
    if reading.bits + _BITS + log2(2 * _FEWEST_DAYS) + sum(others) >= shortest:
        return None
    due, other = search.bench.by_day(()) or {}, search.bench.by_day((reading,)) or {}
    days = sorted({*due, *other})
    changed = [_less(other.get(day, {}), due.get(day, {})) for day in days]
    fitting = sorted(_fitting(days, changed, lines))
    if len({name for _, name, _ in fitting}) != 1:
        return None
    _, name, day = fitting[0]
    text = day.isoformat()
    bits = reading.bits + _BITS + log2(2 * len(days))
    values = {**reading.values, name: text}
    return replace(reading, bits=bits, whole=True, scope=(name, text), values=values, leads=())


def _twice_upon(search: Search, best: Account) -> list[Chosen]:
    """Give what else may be wrong where a day was billed twice: under a reading no line is billed less than is due."""
    whole = [(one,) for one in search.tried if not one.scope]
    more: dict[Chosen, Decimal] = {}
    for chosen in whole:
        sides = search.bench.sides(chosen) or {}
        off = [(line, sides.get(key, NO_SIDE)) for key, line in search.lines.items()]
        if all(line.billed - due.amount >= -line.reach for line, due in off):
            more[chosen] = sum((line.billed - due.amount for line, due in off), ZERO)
    nearest = sorted(more, key=lambda chosen: more[chosen])[:_GROUNDS]
    return [
        chosen
        for chosen in dict.fromkeys((best.chosen, (), *nearest))
        if len(chosen) < READINGS and not any(one.scope or one.part or one.cause == _TWICE.cause for one in chosen)
    ]


def _twice_on_a_day(search: Search, upon: Chosen) -> Reading | None:
    """Give the one day on which everything, or everything of one business number, was billed twice.

    Of several the one by which most lines come right; a line that is missing bills no day of them.
    """
    sides = search.bench.sides(upon) or {}
    off = {key: (line, due) for key, line in search.lines.items() if not line.fits(due := sides.get(key, NO_SIDE))}
    days = _by_day_and_number(search, upon) if len(off) >= _FEWEST else {}
    fitting: dict[tuple[str, ...], int] = {}
    for scope, steps in days.items():
        left = {key: step for key, step in steps.items() if step[1] or (key in search.lines and step[0])}
        left = {key: step for key, step in left.items() if key not in off or off[key][0].own}
        right = sum(key in off and _fits(*off[key], step) for key, step in left.items())
        if off.keys() >= left.keys() and right >= max(_FEWEST, _TO_ONE * (len(left) - right)):
            fitting[scope] = right
    most = max(fitting.values(), default=0)
    return _twice_in([scope for scope, right in fitting.items() if right == most], len(days))


def _twice_by_units(search: Search) -> Reading | None:
    """Give the same by the units alone, which the lines all state: what units cost besides is another matter."""
    billed = {key: line for key, line in search.lines.items() if line.billed}
    off = {
        key: line.counted - due
        for key, line in billed.items()
        if line.counted is not None and line.counted != (due := search.base.get(key, NO_SIDE).quantity)
    }
    if len(off) < _FEWEST or any(line.counted is None for line in billed.values()):
        return None
    days = _by_day_and_number(search, ())
    fitting = [
        scope
        for scope, steps in days.items()
        if {key: Decimal(units) for key, (units, _) in steps.items() if units and key in billed} == off
    ]
    return _twice_in(fitting, len(days))


def _by_day_and_number(search: Search, upon: Chosen) -> Mapping[tuple[str, ...], Steps]:
    """Give what lines have on each day, and on each by each business number, by the scope that says so."""
    parts = search.bench.by(lambda cell: (cell.day, cell.phone_number_id), upon)
    days: dict[tuple[str, ...], Steps] = {}
    for (day, number), steps in sorted((parts or {}).items()):
        days[ON, day.isoformat()] = _added(days.get((ON, day.isoformat()), {}), steps)
        days[ON, day.isoformat(), number] = steps
    return days


def _twice_in(fitting: Sequence[tuple[str, ...]], count: int) -> Reading | None:
    """Give the reading of the first of some scopes of `count`, if they are all of one day: all of it stands first."""
    if not fitting or {one[:_ON_A_DAY] for one in fitting} != {fitting[0][:_ON_A_DAY]}:
        return None
    _, day_text, *number_id = fitting[0]
    values = {**_TWICE.values, "day": day_text} | ({"scope": number_id[0]} if number_id else {})
    return replace(_TWICE, bits=_TWICE.bits + log2(count), scope=fitting[0], values=values)


def _added(one: Steps, other: Steps) -> Steps:
    return {key: _more(one.get(key, NO_STEP), other.get(key, NO_STEP)) for key in {**one, **other}}


def _concerned(search: Search, reading: Reading) -> Lines:
    """Give the lines that a reading changes; none where one is billed as it comes to by no part of the period."""
    lines = []
    for key, (units, amount) in (search.bench.steps((reading,), ()) or {}).items():
        line = search.lines.get(key)
        if line is None or not (units or amount):
            continue
        due = search.base.get(key, NO_SIDE)
        if not _between(line.billed - due.amount, amount, line.reach):
            return []
        if line.counted is not None and not _between(line.counted - due.quantity, Decimal(units), ZERO):
            return []
        lines.append((line, due))
    return lines


def _between(off: Decimal, step: Decimal, reach: Decimal) -> bool:
    return min(ZERO, step) - reach <= off <= max(ZERO, step) + reach


def _fitting(days: Sequence[date], changed: Sequence[Steps], lines: Lines) -> Iterator[tuple[Decimal, str, date]]:
    """Give the days from which on, or until which, what a reading changes fits every line; never the whole period.

    Each with what is left of all lines by rounding.
    """
    for name, ordered, steps in ((SINCE, days, changed), (UNTIL, days[::-1], changed[::-1])):
        left = dict.fromkeys((line.key for line, _ in lines), NO_STEP)
        for place in range(len(ordered) - 1, 0, -1):
            day, step = ordered[place], steps[place]
            if not any(any(step.get(key, NO_STEP)) for key in left):
                continue  # as well the day before: nothing lies between
            left = {key: _more(left[key], step.get(key, NO_STEP)) for key in left}
            whole = not any(any(step.get(key, NO_STEP)) for step in steps[:place] for key in left)
            if not whole and all(_fits(line, due, left[line.key]) for line, due in lines):
                off = (line.billed - due.amount - left[line.key][1] for line, due in lines)
                yield total(map(abs, off)), name, day


def _fits(line: Witness, due: Side, step: Step) -> bool:
    units, amount = step
    right = line.counted is None or line.counted == due.quantity + units
    return right and abs(line.billed - due.amount - amount) <= line.reach


def _more(one: Step, other: Step) -> Step:
    return one[0] + other[0], one[1] + other[1]


def _less(one: Steps, other: Steps) -> Steps:
    """Give by how much lines have more on one side than on another."""
    pairs = {key: (one.get(key, NO_STEP), other.get(key, NO_STEP)) for key in {**one, **other}}
    return {key: (more[0] - less[0], more[1] - less[1]) for key, (more, less) in pairs.items()}

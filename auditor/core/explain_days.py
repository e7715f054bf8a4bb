"""Readings that hold from a day of the period on, or until one (formats.md §8): a biller who changed in the middle.

The day is a figure that nothing states, so it is held to stricter proof than a reading of the whole period: every line
that the reading changes must fit exactly, two at least that did not fit before, and by no other day as well.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import log2

from auditor.core.cause_words import SINCE
from auditor.core.cause_words import UNTIL
from auditor.core.explain_account import Account
from auditor.core.explain_bench import Step
from auditor.core.explain_lines import NO_SIDE
from auditor.core.explain_lines import Witness
from auditor.core.explain_reading import Reading
from auditor.core.explain_search import Search
from auditor.core.money import ZERO
from auditor.core.reconcile import Side

# What is counted over a month, or is about its edges, does not begin on a day of it.
_OF_THE_MONTH = frozenset({"month_cut", "free_allowance", "tier", "rounding"})
_FEWEST, _FEWEST_DAYS = 2, 2
_BITS = 3.0
_NO_STEP: Step = (0, ZERO)
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
    return min(found, key=lambda one: one.bits)


def _dated(search: Search, reading: Reading, shortest: float) -> Reading | None:
    """Give a reading with the one day from which, or until which, it fits all lines that it changes.

    None as well where that could give no account shorter than the `shortest`, in bits: to count by days is dear.
    """
    if reading.scope or reading.part or reading.cause in _OF_THE_MONTH:
        return None
    lines = _concerned(search, reading)
    if sum(not line.fits(due) for line, due in lines) < _FEWEST:
        return None
    concerned = {line.key for line, _ in lines}
    others = (verdict.bits for key, verdict in search.accounts[()].verdicts.items() if key not in concerned)
    if reading.bits + _BITS + log2(2 * _FEWEST_DAYS) + sum(others) >= shortest:
        return None
    due, other = search.bench.by_day(()), search.bench.by_day((reading,))
    if due is None or other is None:
        return None
    days = sorted({*due, *other})
    changed = [_less(other.get(day, {}), due.get(day, {})) for day in days]
    fitting = list(_fitting(days, changed, lines))
    if len(fitting) != 1:
        return None
    name, day = fitting[0]
    text = day.isoformat()
    bits = reading.bits + _BITS + log2(2 * len(days))
    values = {**reading.values, name: text}
    return replace(reading, bits=bits, whole=True, scope=(name, text), values=values, leads=())


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


def _fitting(days: Sequence[date], changed: Sequence[Steps], lines: Lines) -> Iterator[tuple[str, date]]:
    """Give the days from which on, or until which, what a reading changes fits every line; never the whole period."""
    for name, ordered, steps in ((SINCE, days, changed), (UNTIL, days[::-1], changed[::-1])):
        left = dict.fromkeys((line.key for line, _ in lines), _NO_STEP)
        for place in range(len(ordered) - 1, 0, -1):
            day, step = ordered[place], steps[place]
            if not any(any(step.get(key, _NO_STEP)) for key in left):
                continue  # as well the day before: nothing lies between
            left = {key: _more(left[key], step.get(key, _NO_STEP)) for key in left}
            whole = not any(any(step.get(key, _NO_STEP)) for step in steps[:place] for key in left)
            if not whole and all(_fits(line, due, left[line.key]) for line, due in lines):
                yield name, day


def _fits(line: Witness, due: Side, step: Step) -> bool:
    units, amount = step
    right = line.counted is None or line.counted == due.quantity + units
    return right and abs(line.billed - due.amount - amount) <= line.reach


def _more(one: Step, other: Step) -> Step:
    return one[0] + other[0], one[1] + other[1]


def _less(one: Steps, other: Steps) -> Steps:
    """Give by how much lines have more on one side than on another."""
    pairs = {key: (one.get(key, _NO_STEP), other.get(key, _NO_STEP)) for key in {**one, **other}}
    return {key: (more[0] - less[0], more[1] - less[1]) for key, (more, less) in pairs.items()}

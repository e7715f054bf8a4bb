"""Readings that hold from a day of the period on, or until one (formats.md §8).

A biller changed in the middle. The day is a figure that nothing states, so it is held to
stricter proof than a reading of the whole period: every line that the reading changes must fit exactly, two at least
that did not fit before, and not from one day on as well as until another; one of four and more may be wrong for a
reason of its own besides that it tells, and what is billed twice fits once. Of neighbouring days between which nothing
changes by more than rounding makes the nearest is said.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from math import log2

from auditor.core.causes.account import Account
from auditor.core.causes.bench import NO_STEP
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Steps
from auditor.core.causes.bench import added
from auditor.core.causes.bench import in_order
from auditor.core.causes.days_beside import likely_beside
from auditor.core.causes.days_figures import accounts_with_figures_by_day
from auditor.core.causes.days_figures import held_by
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import USUAL
from auditor.core.causes.reading import Reading
from auditor.core.causes.search import READINGS
from auditor.core.causes.search import Search
from auditor.core.causes.twice import accounts_with_days_twice
from auditor.core.causes.words import SINCE
from auditor.core.causes.words import UNTIL
from auditor.core.money import total
from auditor.core.reconcile import Side

# What is counted over a month, or is about its edges, does not begin on a day of it.
_OF_THE_MONTH = frozenset({"month_cut", "free_allowance", "tier", "rounding"})
_FEWEST, _FEWEST_DAYS = 2, 2
_ONE_OF = 4  # lines: of fewer each must fit
_BITS = 3.0
Lines = Sequence[tuple[Witness, Side]]
"""The lines that a reading changes, with what is due on each by the rules."""


def with_days(search: Search, best: Account) -> Account:
    """Give the best account where readings may hold for a part of the period: the one given, or one by a day.

    Only where that one leaves lines open, says of a reading for which lines it holds and not why, or is put together of
    several readings of which some hold for a part of the invoice: one that holds from a day on is shorter.
    """
    pieced = len(best.chosen) > 1 and any(one.scope for one in best.chosen)
    if all(verdict.fits for verdict in best.verdicts.values()) and not (best.partial or pieced):
        return best
    found = [best]
    for reading in dict.fromkeys((*search.tried, *best.chosen)):
        dated = _dated(search, reading, (), best.bits)
        account = search.weigh((dated,)) if dated else None
        if dated and account:
            search.tried.append(dated)
            found.append(account)
    found += _beside_others(search, best)
    found += accounts_with_figures_by_day(search, best)
    found += accounts_with_days_twice(search, best)
    found += [account for chosen in dict.fromkeys((best.chosen, ())) if (account := _rounded_by_day(search, chosen))]
    return min(found, key=lambda one: one.bits)


def _beside_others(search: Search, best: Account) -> Iterator[Account]:
    """Weigh readings by a day upon other causes: where the two together may come nearest, and each of the best."""
    may = [one for one in dict.fromkeys((*search.tried, *best.chosen)) if _may_be_dated(one)]
    own = [(tuple(one for one in best.chosen if one is not reading), reading) for reading in best.chosen]
    for upon, reading in dict.fromkeys((*own, *likely_beside(search, may))):
        dated = _dated(search, reading, upon, best.bits)
        account = search.weigh(in_order((*upon, dated))) if dated else None
        if account:
            yield account


def _may_be_dated(reading: Reading) -> bool:
    return not (reading.scope or reading.cause in _OF_THE_MONTH)


def _rounded_by_day(search: Search, upon: Chosen) -> Account | None:
    """Weigh that the amount of each day was rounded, where no line is off by more than that may come to."""
    if len(upon) == READINGS or any(one.cause == "rounding" or one.scope for one in upon):
        return None
    sides, days = search.bench.sides(upon) or {}, search.bench.by_day(upon) or {}
    for key, line in search.lines.items():
        own = sum(key in steps for steps in days.values())
        if abs(line.billed - sides.get(key, NO_SIDE).amount) > own * search.unit / 2 + line.reach:
            return None
    digits = str(-int(search.unit.as_tuple().exponent))
    rounding = Reading("rounding", "by day", {"kind": "day", "digits": digits}, USUAL + 1, whole=True)
    return search.weigh(in_order((*upon, rounding)))


def _dated(search: Search, reading: Reading, upon: Chosen, shortest: float) -> Reading | None:
    """Give a reading with the one day from which, or until which, it fits all lines that it changes upon others.

    None as well where that could give no account shorter than the `shortest`, in bits: to count by days is dear.
    """
    both, beside = in_order((*upon, reading)), search.judged(upon)
    lines = _concerned(search, both, upon) if _may_be_dated(reading) else []
    if beside is None or sum(not line.fits(due) for line, due in lines) < _FEWEST:
        return None
    concerned = {line.key for line, _ in lines}
    others = (verdict.bits for key, verdict in beside.verdicts.items() if key not in concerned)
    prior = reading.bits + sum(one.bits for one in upon)
    if prior + _BITS + log2(2 * _FEWEST_DAYS) + sum(others) >= shortest:
        return None
    due, other = search.bench.by_day(upon) or {}, search.bench.by_day(both) or {}
    days = sorted({*due, *other})
    changed = [_less(other.get(day, {}), due.get(day, {})) for day in days]
    fitting = sorted(_fitting(days, changed, lines))
    least = [one for one in fitting if one[0] == fitting[0][0]]
    if len({name for _, _, name, _ in least}) != 1:
        return None
    wrong, _, name, day = least[0]
    dated = held_by(reading, name, day.isoformat(), len(days))
    return dated if not wrong or _is_told(search, in_order((*upon, dated)), lines) else None


def _is_told(search: Search, chosen: Chosen, lines: Lines) -> bool:
    """Tell whether lines that do not fit say themselves what is wrong with them."""
    account = search.judged(chosen)
    return account is not None and all(account.verdicts[line.key].whole for line, _ in lines)


def _concerned(search: Search, both: Chosen, upon: Chosen) -> Lines:
    """Give the lines that a reading changes upon others; none where more are billed as by no part of the period."""
    lines, again, beyond = [], sum(one.rounds_again for one in both), 0
    sides = search.bench.sides(upon) or {}
    for key, (units, amount) in (search.bench.steps(both, upon) or {}).items():
        line = search.lines.get(key)
        if line is None or not (units or amount):
            continue
        line, due = line.rounded_again(again), sides.get(key, NO_SIDE)
        if not line.own and due.amount and due.amount + amount:
            continue  # it is missing whatever is due there
        beyond += not line.comes_right_in_part(due, units, amount)
        lines.append((line, due))
    return lines if beyond <= _may_be_wrong(lines) else []


def _may_be_wrong(lines: Lines) -> int:
    """Give how many of some lines may be wrong for a reason of their own besides."""
    return int(len(lines) >= _ONE_OF)


def _fitting(days: Sequence[date], changed: Sequence[Steps], lines: Lines) -> Iterator[tuple[int, Decimal, str, date]]:
    """Give the days from which on, or until which, what a reading changes fits the lines; never the whole period.

    Each with how many it does not fit, and what is left of all others by rounding.
    """
    for name, ordered, steps in ((SINCE, days, changed), (UNTIL, days[::-1], changed[::-1])):
        left: Steps = dict.fromkeys((line.key for line, _ in lines), NO_STEP)
        for place in range(len(ordered) - 1, 0, -1):
            day, step = ordered[place], steps[place]
            if not any(any(step.get(key, NO_STEP)) for key in left):
                continue  # as well the day before: nothing lies between
            left = added(left, {key: step[key] for key in left if key in step})
            off = [
                abs(line.billed - due.amount - left[line.key][1])
                for line, due in lines
                if line.comes_right(due, *left[line.key])
            ]
            wrong = len(lines) - len(off)
            whole = not any(any(step.get(key, NO_STEP)) for step in steps[:place] for key in left)
            if not whole and wrong <= _may_be_wrong(lines):
                yield wrong, total(off), name, day


def _less(one: Steps, other: Steps) -> Steps:
    """Give by how much lines have more on one side than on another."""
    pairs = {key: (one.get(key, NO_STEP), other.get(key, NO_STEP)) for key in {**one, **other}}
    return {key: (more[0] - less[0], more[1] - less[1]) for key, (more, less) in pairs.items()}

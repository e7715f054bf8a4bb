"""A figure that nothing states and that lines imply from a day of the period on, or until one (formats.md §8).

Of a day and a figure some fit any three lines nearly; those are proposed by which most lines come right to the last.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from math import log2

import numpy as np

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Steps
from auditor.core.causes.bench import added
from auditor.core.causes.bench import in_order
from auditor.core.causes.reading import CLOSE
from auditor.core.causes.reading import Reading
from auditor.core.causes.screen import Share
from auditor.core.causes.search import PRICED
from auditor.core.causes.search import READINGS
from auditor.core.causes.search import Search
from auditor.core.causes.shares import off_of
from auditor.core.causes.shares import over_of
from auditor.core.causes.shares import spread
from auditor.core.causes.words import SINCE
from auditor.core.causes.words import UNTIL

_BITS = 3.0
_NEAREST = 4  # days that are tried: to count by days is dear
_MOST_LINES = 2000  # of invoices by day and more it is not asked


def accounts_with_figures_by_day(search: Search, best: Account) -> Iterator[Account]:
    """Weigh a figure by a day upon the best account, and upon nothing."""
    for upon in dict.fromkeys((best.chosen, ())):
        if len(upon) == READINGS or any(one.is_dated or one.is_implied for one in upon):
            continue
        due = search.bench.sides(upon) or {}
        over = {search.number(one.key): over_of(one, due) for one in off_of(search.lines.values(), due)}
        if len(search.lines) > _MOST_LINES or not over:
            continue
        nearest = sorted(_shares(search, upon), key=lambda share: spread(share, over))[:_NEAREST]
        weighed = [search.weigh(in_order((*upon, one))) for one in search.implied_in(nearest, upon)]
        found = _told_apart([account for account in weighed if account])
        if found:
            yield found
            yield from _by_what_is_stated(search, upon, found)


def held_by(reading: Reading, name: str, day: str, among: int) -> Reading:
    """Give a reading that holds since a day, or until it, which is one `among` so many."""
    values = {**reading.values, name: day}
    bits = reading.bits + _BITS + log2(2 * among)
    return replace(reading, bits=bits, whole=True, scope=(name, day), values=values, leads=())


def _by_what_is_stated(search: Search, upon: Chosen, found: Account) -> Iterator[Account]:
    """Weigh on the same days what prices units by what is stated: a figure comes near to that by itself."""
    among = len(search.bench.by_day(upon) or {})
    (name, day), *_ = (one.scope for one in found.chosen if one.is_dated)
    for reading in search.tried:
        if reading.cause in PRICED and not (reading.scope or reading.part or reading.is_implied):
            account = search.weigh(in_order((*upon, held_by(reading, name, day, among))))
            if account:
                yield account


def _told_apart(found: Sequence[Account]) -> Account | None:
    """Give the shortest of accounts by a day; None where another day fits as many lines by a figure hardly longer.

    Where each day has as much as the others, half of the days bear twice the figure.
    """
    best = min(found, key=lambda one: one.bits, default=None)
    if best is None:
        return None
    figure = {_figure(one) for one in best.chosen if one.is_dated}
    others = [one for one in found if {_figure(some) for some in one.chosen if some.is_dated} != figure]
    fitting = _fitting(best)
    near = (one for one in others if _fitting(one) >= fitting and one.bits <= best.bits + CLOSE)
    return None if any(near) else best


def _fitting(account: Account) -> int:
    return sum(verdict.fits for verdict in account.verdicts.values())


def _figure(reading: Reading) -> tuple[str, ...]:
    return (reading.cause, *(value for name, value in reading.values.items() if name not in {SINCE, UNTIL}))


def _shares(search: Search, upon: Chosen) -> Iterator[Share]:
    """Give what lines have since each day, and until each, but for those of which nothing lies without."""
    days = search.bench.by_day(upon) or {}
    for name, ordered in ((SINCE, sorted(days, reverse=True)), (UNTIL, sorted(days))):
        held: Steps = {}
        for day in ordered[:-1]:
            held = added(held, days[day])
            some = [(search.number(key), *step) for key, step in held.items() if key in search.lines and step[1] > 0]
            if some:
                lines, units, amounts = (np.array(column) for column in zip(*some, strict=True))
                among = 2 * len(ordered)
                yield Share((name, day.isoformat()), among, lines, amounts.astype(np.float64), units.astype(np.float64))

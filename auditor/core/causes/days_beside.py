"""Beside what else a reading may hold from a day on, or until one: guessed over all lines at once (formats.md §8).

To count by days is dear, so it is done only for the likeliest pairs.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from auditor.core.causes.bench import Chosen
from auditor.core.causes.reading import Reading
from auditor.core.causes.screen import Stack
from auditor.core.causes.search import READINGS
from auditor.core.causes.search import Search

_GROUNDS = 60  # accounts of which it is asked what may stand beside them
_PAIRS, _ALIKE = 24, 3  # that are tried, and those of them by the same causes


def likely_beside(search: Search, readings: Sequence[Reading]) -> list[tuple[Chosen, Reading]]:
    """Give the likeliest pairs of other readings and one more of another cause that may hold on a part of the days.

    Other readings are those that came nearest, and each alone that was tried or weighed for a part. Of the same causes
    only the likeliest: a price of another market, of which there are hundreds, comes in part to anything.
    """
    stack = Stack(search.changes(readings))
    nearest = sorted(search.accounts.values(), key=lambda one: one.hint)[:_GROUNDS]
    alone = (chosen for chosen in search.accounts if len(chosen) == 1)
    grounds = dict.fromkeys((*(one.chosen for one in nearest), *((one,) for one in search.tried), *alone))
    found: list[tuple[float, Chosen, Reading]] = []
    some = [*filter(_leaves_room, grounds)] if stack.changes else []
    for chosen, left in search.left_in_part(stack, some):
        left[np.isin(stack.causes, [one.cause for one in chosen])] = np.inf
        least = np.argsort(left, kind="stable")[:_PAIRS]
        found += [(float(left[n]), chosen, stack.changes[n].reading) for n in least if np.isfinite(left[n])]
    met, kept = Counter[frozenset[str]](), list[tuple[Chosen, Reading]]()
    for _, chosen, reading in sorted(found, key=lambda one: one[0]):
        causes = frozenset(one.cause for one in (*chosen, reading))
        met[causes] += 1
        kept += [(chosen, reading)] if met[causes] <= _ALIKE else []
    return kept[:_PAIRS]


def _leaves_room(chosen: Chosen) -> bool:
    """Tell whether a reading may stand beside some that are told apart by no days themselves."""
    return 0 < len(chosen) < READINGS and not any(one.is_dated for one in chosen)

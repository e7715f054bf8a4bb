"""Rates that cannot be right beside the others of their table: a digit or a decimal mark is misplaced (§7)."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.records import FxRate
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

STRONG = frozenset({"USD", "EUR", "GBP"})
STRONG_COSTS = 2
"""What one of the `STRONG` currencies costs at least of any that bills are in: at less, which is meant stays open."""

_FAR, _NEAR = 3, 2


def states_rate(text: str) -> bool:
    """Tell a cell that states a rate, or should, from one of a day without any: empty, `n.d.`, `N/E`."""
    return bool(key(text)) and key(text) not in lists("fx_heads")["none"]


def far_off(rates: Iterable[FxRate], place: Place) -> Iterator[Problem]:
    """Give the rates that are thrice those of the days beside them, or less than a third, where these agree.

    No currency jumps there and back: 37.52 between 3.75 and 3.76 was meant otherwise.
    """
    inorder = sorted(rates, key=lambda one: (one.source_currency, one.target_currency, one.day))
    for _, group in groupby(inorder, key=lambda one: (one.source_currency, one.target_currency)):
        yield from _spikes(list(group), place)


def sound(path: Path, found: Sequence[FxRate | Problem]) -> tuple[FxRate, ...]:
    """Give the rates that a table was found to state, each once.

    Raises `AuditorError("fx_refused")` with every row at fault: what was found to be, is stated twice, or is far off.
    """
    rates, twice = _once(path, [one for one in found if isinstance(one, FxRate)])
    problems = [*(one for one in found if isinstance(one, Problem)), *twice, *far_off(rates, Place(path.name))]
    if problems:
        raise AuditorError("fx_refused", problems[0].place, problems, count=len(problems))
    return tuple(rates)


def _once(path: Path, rates: Sequence[FxRate]) -> tuple[list[FxRate], list[Problem]]:
    """Take each day and currency once; one stated twice, and differently, is a problem."""
    kept: dict[tuple[object, ...], FxRate] = {}
    problems = []
    for rate in rates:
        earlier = kept.setdefault((rate.day, rate.source_currency, rate.target_currency, rate.source), rate)
        if earlier.rate != rate.rate:
            values = {"rate": str(rate.rate), "other": str(earlier.rate)}
            problems.append(Problem("fx_stated_twice", Place(path.name), values))
    return list(kept.values()), problems


def _spikes(rates: Sequence[FxRate], place: Place) -> Iterator[Problem]:
    for at, rate in enumerate(rates):
        start = min(max(at - 1, 0), max(len(rates) - _FAR, 0))
        beside = sorted(other.rate for other in rates[start : start + _FAR] if other is not rate)
        if len(beside) < _NEAR or beside[-1] > _NEAR * beside[0]:
            continue
        if rate.rate > _FAR * beside[-1] or _FAR * rate.rate < beside[0]:
            values = {"day": str(rate.day), "rate": str(rate.rate), "other": str(beside[0])}
            yield Problem("fx_far_off", place, values)

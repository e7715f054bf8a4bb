"""Points of a usage export that speak of the same messages, so that none counts twice (formats.md §3).

One answer breaks a volume down by the dimensions that were asked for, and its points are parts of one whole. Two
answers in one file may break the same volume down in two ways: twice in the same way, in part (a country) and as a
whole (none), or across each other (countries, categories).
"""

from bisect import bisect_left
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from typing import TypeAlias

Span: TypeAlias = tuple[datetime, datetime]
METRICS = ("volume", "conversation")
POINT_KEYS = frozenset({*METRICS, "cost", "sent"})
# Points of one answer lack these where they have none: a free message has no tier.
_SOMETIMES = frozenset({"tier", "conversation_direction"})
_DIMENSIONS = _SOMETIMES | {
    "phone_number", "country", "pricing_type", "pricing_category", "conversation_type", "conversation_category",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """A point that is counted: its number, whose units it counts, by what its answer breaks down, itself, its time."""

    number: int
    whose: str
    breakdown: frozenset[str]
    point: Mapping[str, Any]
    span: Span


class Spans:
    """The times that points of one WABA and one breakdown cover, none twice."""

    def __init__(self) -> None:
        """Begin with no point."""
        self._known: dict[frozenset[tuple[str, str]], list[Span]] = {}

    def is_new(self, point: Mapping[str, Any], whose: str, span: Span) -> bool:
        """Tell whether no point before covers any of this one's time, and note it."""
        what = {key: str(value) for key, value in point.items() if key not in (*POINT_KEYS, "start", "end")}
        spans = self._known.setdefault(frozenset({*what.items(), ("", whose)}), [])
        place = bisect_left(spans, span)
        before, after = spans[place - 1 : place] if place else [], spans[place : place + 1]
        if (before and before[0][1] > span[0]) or (after and after[0][0] < span[1]):
            return False
        spans.insert(place, span)
        return True


def whose_units(point: Mapping[str, Any], waba: str) -> str:
    """Give what tells points apart that count different things: messages or conversations, of which WABA."""
    return f"{next((key for key in METRICS if key in point), '')} {waba}"


def breakdown(point: Mapping[str, Any]) -> frozenset[str]:
    """Give the dimensions that a point states."""
    return frozenset(_DIMENSIONS & point.keys())


def stated_sometimes(answer: Iterable[Any]) -> frozenset[str]:
    """Give the dimensions of an answer that only those of its points state that have them."""
    return frozenset(key for point in answer if isinstance(point, dict) for key in _SOMETIMES & point.keys())


def counted_otherwise(points: Iterable[Taken]) -> set[int]:
    """Give the numbers of the points whose units, or a part of them, other points break down in another way.

    What is broken down further counts; of two that cross, the first.
    """
    ways: dict[str, dict[frozenset[str], list[Taken]]] = {}
    for point in points:
        ways.setdefault(point.whose, {}).setdefault(point.breakdown, []).append(point)
    again: set[int] = set()
    for of_one in ways.values():
        finer: list[tuple[frozenset[str], list[Taken]]] = []
        for way in sorted(of_one, key=len, reverse=True):
            kept = of_one[way]
            for other, theirs in finer:
                covers = _covering(theirs, sorted(way & other))
                kept = [point for point in kept if not covers(point)]
            again.update({point.number for point in of_one[way]} - {point.number for point in kept})
            finer.append((way, kept))
    return again


def counted_by(points: Sequence[Taken], others: Iterable[Taken]) -> list[int]:
    """Give the numbers of the points whose units, or a part of them, others of the same kind may count, too."""
    ways: dict[tuple[str, frozenset[str]], list[Taken]] = {}
    for other in others:
        ways.setdefault((other.whose, other.breakdown), []).append(other)
    again: set[int] = set()
    for mine in {(point.whose, point.breakdown) for point in points}:
        alike = [point for point in points if (point.whose, point.breakdown) == mine]
        for (whose, way), theirs in ways.items():
            covers = _covering(theirs, sorted(mine[1] & way)) if whose == mine[0] else _nothing
            again |= {point.number for point in alike if covers(point)}
    return sorted(again)


def _nothing(_: Taken) -> bool:
    return False


def _covering(points: Iterable[Taken], shared: Sequence[str]) -> Callable[[Taken], bool]:
    """Give what tells whether any of these points may count the units of another: then, and alike in the shared."""
    times: dict[tuple[str, ...], list[Span]] = {}
    for point in sorted(points, key=lambda one: one.span):
        known = times.setdefault(_values(point, shared), [])
        if known and point.span[0] <= known[-1][1]:
            known[-1] = (known[-1][0], max(known[-1][1], point.span[1]))
        else:
            known.append(point.span)

    def covers(point: Taken) -> bool:
        known = times.get(_values(point, shared), [])
        place = bisect_left(known, point.span[1], key=lambda span: span[0])
        return place > 0 and known[place - 1][1] > point.span[0]

    return covers


def _values(point: Taken, shared: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(point.point.get(key, "")).casefold() for key in shared)

"""How all lines stand under some readings, in columns: hundreds of hypotheses are held against tens of thousands."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from auditor.core.causes.verdict import Verdict
from auditor.core.tables import Int64

_Held = TypeVar("_Held")
Flags = npt.NDArray[np.bool_]
Places = Mapping[str, int]
"""The place of each line, in the order of their keys."""


class ByLine(Mapping[str, _Held]):
    """What holds for each line, made when it is asked for: of most hypotheses nobody asks."""

    __slots__ = ("_give", "_places")

    def __init__(self, places: Places, give: Callable[[str, int], _Held]) -> None:
        """Take the place of each line, and what gives what holds for a key and place."""
        self._places = places
        self._give = give

    def __getitem__(self, key: str) -> _Held:
        """Give what holds for a line."""
        return self._give(key, self._places[key])

    def __iter__(self) -> Iterator[str]:
        """Give the keys of all lines."""
        return iter(self._places)

    def __len__(self) -> int:
        """Count the lines."""
        return len(self._places)


@dataclass(frozen=True, slots=True)
class Standing:
    """How lines stand: the bits and the hint of their verdicts, whether these are whole, and numbers for their figures.

    Units and amount that are expected have the same number where they are the same.
    """

    bits: npt.NDArray[np.float64]
    hints: npt.NDArray[np.float64]
    whole: Flags
    figures: Int64

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], figures: Sequence[int]) -> "Standing":
        """Put verdicts and numbers into columns."""
        some = list(verdicts)
        return cls(
            _column(some, "bits", np.float64), _column(some, "hint", np.float64), _column(some, "whole", np.bool_),
            np.array(figures, np.int64),
        )  # fmt: skip

    def put(self, at: npt.NDArray[Any], other: "Standing") -> "Standing":
        """Give the same with the lines at some places as others stand."""
        if not at.size:
            return self
        made = Standing(self.bits.copy(), self.hints.copy(), self.whole.copy(), self.figures.copy())
        made.bits[at], made.hints[at], made.whole[at] = other.bits, other.hints, other.whole
        made.figures[at] = other.figures
        return made


@dataclass(frozen=True, slots=True)
class Moved:
    """The lines that stand otherwise under some readings than by the rules: their verdicts, places and columns."""

    verdicts: Mapping[str, Verdict]
    at: Int64
    standing: Standing


def nearest(ways: Sequence[Standing], closer: float) -> tuple[npt.NDArray[np.uint8], Standing]:
    """Give the way in which each line is written down shortest, and how it stands then; where alike, the first.

    Unless its hint is `closer` in another.
    """
    first, *others = ways
    chosen, best = np.zeros(len(first.bits), np.uint8), first
    for n, other in enumerate(others, start=1):
        shorter = other.bits < best.bits
        at = np.flatnonzero(shorter | ((other.bits == best.bits) & (other.hints + closer < best.hints)))
        chosen[at] = n
        best = best.put(at, Standing(other.bits[at], other.hints[at], other.whole[at], other.figures[at]))
    return chosen, best


def _column(verdicts: Sequence[Verdict], name: str, kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.fromiter(map(attrgetter(name), verdicts), kind, len(verdicts))

"""How a hypothesis accounts for an invoice: what its readings, and what is left of lines, take in bits (formats.md §8).

Most readings leave most lines as they are: those that stand as by the rules are not looked at again.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from math import comb
from math import log2

import numpy as np

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Sides
from auditor.core.causes.bench import Step
from auditor.core.causes.columns import ByLine
from auditor.core.causes.columns import Flags
from auditor.core.causes.columns import Moved
from auditor.core.causes.columns import Places
from auditor.core.causes.columns import Standing
from auditor.core.causes.columns import nearest
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import Reading
from auditor.core.causes.verdict import Verdict
from auditor.core.reconcile import Side

# Bits to say that a reading holds for a part of the lines; and where it is known which of these are wrong.
PARTIAL, IN_PART = 2.0, 4.0
# Bits by which a line that does not fit must come nearer without a reading than with it.
_CLOSER = 1.0


class Scales:
    """Weighs hypotheses. Lines are added as readings bring them up."""

    def __init__(
        self, bench: Bench, witnesses: Sequence[Witness], new_witness: Callable[[str], Witness | None],
        number: Callable[[Witness], object],
    ) -> None:  # fmt: skip
        """Take the lines, how to make one for a key that is not listed, and who is to know of each that is made."""
        self._bench = bench
        self.lines = {witness.key: witness for witness in witnesses}
        self.base = bench.sides(()) or {}
        self._new, self._number = new_witness, number
        self._passed: set[str] = set()  # keys that do not count
        self._due: Mapping[str, Verdict] = {}  # how each line stands by the rules, in the order of their keys
        self._places: Places = {}
        self._by_rule = Standing.of((), ())
        self._wrong: Flags = np.zeros(0, np.bool_)
        self._moved: dict[Chosen, Moved] = {}
        self._figures: dict[Step, int] = {}
        self._figure: dict[int, tuple[Side, int]] = {}  # by identity, as witnesses know sides
        for witness in witnesses:
            number(witness)

    def meet(self, keys: Iterable[str]) -> None:
        """Make a line of each key that readings bring up and that counts."""
        for key in keys:
            if key in self.lines or key in self._passed:
                continue
            made = self._new(key)
            if made is None:
                self._passed.add(key)
            else:
                self.lines[key] = made
                self._number(made)

    def judged(self, chosen: Chosen) -> Account | None:
        """Give how a hypothesis accounts for the invoice; None for one that cannot be tried.

        A line may stand under all of its readings or all but one; what carries units from line to line holds for every
        line.
        """
        options = self._options(chosen)
        if not options:
            return None
        whole, *others = (self._by_rule.put(one.at, one.standing) for one in options)
        may = [n for n, reading in enumerate(chosen) if not reading.whole]
        ways, best = nearest([whole, *(others[n] for n in may)], _CLOSER)
        told = price = 0.0
        held = np.zeros(len(ways), np.uint8)  # a bit for each reading
        partial, shown = set[Reading](), set[Reading]()
        for n, (reading, without) in enumerate(zip(chosen, others, strict=True)):
            changing = whole.figures != without.figures
            holding = changing & (ways != may.index(n) + 1) if n in may else changing
            concerned = changing if reading.whole else changing & best.whole
            took = concerned & holding
            told += reading.bits + _left_out(PARTIAL, concerned, took)
            in_part = bool((concerned & ~holding).any())
            price += reading.bits + _left_out(IN_PART, concerned & self._wrong, took & self._wrong, sure=in_part)
            held |= holding.astype(np.uint8) << n
            partial.update((reading,) if in_part else ())
            shown.update((reading,) if holding.any() else ())
        return Account(
            told + sum(best.bits.tolist()), told + sum(best.hints.tolist()), price, chosen,
            *self._by_line(chosen, ways.tobytes(), held.tobytes(), [options[0], *(options[n + 1] for n in may)], may),
            frozenset(partial), frozenset(shown),
        )  # fmt: skip

    def _by_line(
        self, chosen: Chosen, ways: bytes, held: bytes, moved: Sequence[Moved], may: Sequence[int]
    ) -> tuple[Mapping[str, Chosen], Mapping[str, Chosen], Mapping[str, Verdict]]:
        """Give the readings that show on each line, those that it stands under, and its verdict."""
        stands = [chosen, *(tuple(one for one in chosen if one is not chosen[n]) for n in may)]
        due, of_way = self._due, [one.verdicts for one in moved]

        def holds(_key: str, place: int) -> Chosen:
            return tuple(one for n, one in enumerate(chosen) if held[place] >> n & 1)

        def verdict(key: str, place: int) -> Verdict:
            return of_way[ways[place]].get(key) or due[key]

        def stand(_key: str, place: int) -> Chosen:
            return stands[ways[place]]

        return ByLine(self._places, holds), ByLine(self._places, stand), ByLine(self._places, verdict)

    def _options(self, chosen: Chosen) -> list[Moved]:
        """Give how lines stand under all of the readings first, then all but one; nothing if none can be."""
        sets = [chosen, *(tuple(one for one in chosen if one is not left) for left in chosen)]
        sides = {some: self._bench.sides(some) for some in sets}
        if None in sides.values():
            return []
        changed = {some: self._changed(sides[some] or {}) for some in sets if some not in self._moved}
        self.meet(sorted(set[str]().union(*changed.values()) - self.lines.keys()))
        if len(self._due) != len(self.lines):
            self._begin()
        for some in sets:
            if some not in self._moved:
                other = changed[some] if some in changed else self._changed(sides[some] or {})
                self._moved[some] = self._judged(some, other)
        return [self._moved[some] for some in sets]

    def _begin(self) -> None:
        """Judge the lines by the rules, in the order of their keys; that some were new sets all to nought."""
        self._due = {key: self.lines[key].verdict(self.base.get(key, NO_SIDE)) for key in sorted(self.lines)}
        self._places = {key: n for n, key in enumerate(self._due)}
        due = [self._figure_of(self.base.get(key, NO_SIDE)) for key in self._due]
        self._by_rule = Standing.of(self._due.values(), due)
        self._wrong = np.array([not verdict.fits for verdict in self._due.values()], np.bool_)
        self._moved.clear()

    def _judged(self, chosen: Chosen, changed: Sides) -> Moved:
        again = sum(one.rounds_again for one in chosen)
        sides = {key: changed.get(key, self.base.get(key, NO_SIDE)) for key in self._due} if again else changed
        some = {key: side for key, side in sides.items() if key in self._places}
        lines = self.lines
        verdicts = {key: lines[key].rounded_again(again).verdict(side) for key, side in some.items()}
        figures = [self._figure_of(side) for side in some.values()]
        at = np.fromiter((self._places[key] for key in some), np.int64, len(some))
        return Moved(verdicts, at, Standing.of(verdicts.values(), figures))

    def _changed(self, sides: Sides) -> Sides:
        """Give what is expected under some readings where it is something else than by the rules."""
        base = self.base
        made = {key: side for key, side in sides.items() if base.get(key) is not side}
        return made | dict.fromkeys(base.keys() - sides.keys(), NO_SIDE)

    def _figure_of(self, side: Side) -> int:
        """Give the number of what a side comes to, which others may come to as well."""
        known = self._figure.get(id(side))
        if known is None:
            number = self._figures.setdefault((side.quantity, side.amount), len(self._figures))
            known = self._figure[id(side)] = (side, number)
        return known[1]


def alike(one: Side | None, other: Side | None) -> bool:
    """Tell whether two sides come to the same units and amount."""
    one, other = one or NO_SIDE, other or NO_SIDE
    return one is other or (one.amount, one.quantity) == (other.amount, other.quantity)


def _left_out(bits: float, concerned: Flags, took: Flags, *, sure: bool = False) -> float:
    """Give the bits that it takes to say for which lines a reading does not hold, if there are any (or if `sure`)."""
    some, taken = int(np.count_nonzero(concerned)), int(np.count_nonzero(took))
    return bits + log2(comb(some, taken)) if sure or taken < some else 0.0

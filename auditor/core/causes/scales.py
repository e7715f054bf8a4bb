"""How a hypothesis accounts for an invoice: what its readings, and what is left of lines, take in bits (formats.md §8).

Most readings leave most lines as they are: those that stand as by the rules are not looked at again.
"""

from collections import ChainMap
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import comb
from math import log2
from operator import attrgetter

from auditor.core.causes.account import Account
from auditor.core.causes.account import Mostly
from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Sides
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import Reading
from auditor.core.causes.verdict import Verdict
from auditor.core.reconcile import Side

_PARTIAL = 2.0
_IN_PART = 4.0
# Bits by which a line that does not fit must come nearer without a reading than with it.
_CLOSER = 1.0


@dataclass(frozen=True, slots=True)
class Way:
    """What a line may stand under: some readings, what is expected under them, and whether they put a tax on it.

    `left` is the one that is left out, if one is; of the lines that are `changed` other is expected than by the rules.
    """

    chosen: Chosen
    left: Reading | None
    sides: Sides
    changed: AbstractSet[str]
    taxed: bool


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
        self._due: dict[str, Verdict] = {}
        self._known: dict[Chosen, AbstractSet[str]] = {}
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
        """Give how a hypothesis accounts for the invoice; None for one that cannot be tried."""
        options = self._options(chosen)
        if not options:
            return None
        due = self._as_due()
        holds: dict[str, Chosen] = {}
        stands: dict[str, Chosen] = {}
        verdicts: dict[str, Verdict] = {}
        used: dict[Reading, dict[str, bool]] = {reading: {} for reading in chosen}
        whole, *others = options
        # What carries units from line to line holds for every line.
        ways = [whole, *(way for one, way in zip(chosen, others, strict=True) if not one.whole)]
        changed = set[str]().union(*(way.changed for way in options))
        for key in (key for key in due if whole.taxed or key in changed):
            here, without = whole.sides.get(key, NO_SIDE), [way.sides.get(key, NO_SIDE) for way in others]
            if not whole.taxed and all(side is here for side in without):
                verdicts[key] = self.lines[key].verdict(here)
                continue
            way, verdicts[key] = self._choose(self.lines[key], ways)
            stands[key] = way.chosen
            changing = [one for one, side in zip(chosen, without, strict=True) if not alike(here, side)]
            for reading in changing if verdicts[key].whole else [one for one in changing if one.whole]:
                used[reading][key] = reading is not way.left
            holds[key] = tuple(one for one in changing if one is not way.left)
        told = sum(reading.bits + _left_out(used[reading].values()) for reading in chosen)
        price = sum(reading.bits + self._left_out_of_wrong(used[reading]) for reading in chosen)
        stated = {**due, **verdicts}.values()
        bits = told + sum(map(attrgetter("bits"), stated))
        hint = told + sum(map(attrgetter("hint"), stated))
        partial = frozenset(reading for reading, took in used.items() if False in took.values())
        return Account(
            bits, hint, price, chosen, Mostly(due.keys(), (), holds), Mostly(due.keys(), chosen, stands),
            ChainMap(verdicts, due), partial, frozenset().union(*holds.values()),
        )  # fmt: skip

    def _left_out_of_wrong(self, took: Mapping[str, bool]) -> float:
        """Give the bits that it takes to say for which of the lines that are wrong by the rules a reading holds."""
        if all(took.values()):
            return 0.0
        wrong = [took[key] for key in took if not self.lines[key].verdict(self.base.get(key, NO_SIDE)).fits]
        return _IN_PART + log2(comb(len(wrong), sum(wrong)))

    def _as_due(self) -> dict[str, Verdict]:
        """Give how each line stands by the rules, in the order of their keys."""
        if len(self._due) != len(self.lines):
            self._due = {key: self.lines[key].verdict(self.base.get(key, NO_SIDE)) for key in sorted(self.lines)}
        return self._due

    def _options(self, chosen: Chosen) -> list[Way]:
        """Give what a line may stand under: all of the readings first, then all but one; nothing if none can be."""
        made = []
        for left in (None, *chosen):
            some = tuple(one for one in chosen if one is not left)
            sides = self._bench.sides(some)
            if sides is None:
                return []
            made.append(Way(some, left, sides, self._changed(some, sides), _is_taxed(some)))
        self.meet(sorted(set[str]().union(*(way.changed for way in made)) - self.lines.keys()))
        return made

    def _changed(self, chosen: Chosen, sides: Sides) -> AbstractSet[str]:
        """Give the keys of which something else is expected under some readings than by the rules."""
        if chosen not in self._known:
            gone = self.base.keys() - sides.keys()
            self._known[chosen] = gone.union(key for key, side in sides.items() if self.base.get(key) is not side)
        return self._known[chosen]

    @staticmethod
    def _choose(witness: Witness, ways: Sequence[Way]) -> tuple[Way, Verdict]:
        """Give under which readings a line is written down shortest; where alike, under all or the nearer ones."""
        best: tuple[Way, Verdict] | None = None
        weighed: set[tuple[int, bool]] = set()
        for way in ways:
            side = way.sides.get(witness.key, NO_SIDE)
            if (id(side), way.taxed) in weighed:
                continue  # the same again is no nearer
            weighed.add((id(side), way.taxed))
            verdict = (witness.with_tax if way.taxed else witness).verdict(side)
            if best is None or (verdict.bits, verdict.hint + _CLOSER) < (best[1].bits, best[1].hint):
                best = (way, verdict)
            if verdict.fits:
                break
        assert best is not None
        return best


def alike(one: Side | None, other: Side | None) -> bool:
    """Tell whether two sides come to the same units and amount."""
    one, other = one or NO_SIDE, other or NO_SIDE
    return one is other or (one.amount, one.quantity) == (other.amount, other.quantity)


def _is_taxed(chosen: Chosen) -> bool:
    return any(one.cause == "tax_included" for one in chosen)


def _left_out(took: Collection[bool]) -> float:
    """Give the bits that it takes to say for which lines a reading does not hold."""
    return _PARTIAL + log2(comb(len(took), sum(took))) if False in took else 0.0

"""What is expected under any set of readings, each worked out once: replayed, priced and put on lines."""

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from functools import reduce
from itertools import product
from typing import TypeVar

from auditor.core.causes.counted import Counted
from auditor.core.causes.counted import count
from auditor.core.causes.counted import side_of
from auditor.core.causes.counted import step_of
from auditor.core.causes.forgetting import forget
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.reading import Reading
from auditor.core.causes.replay import Replays
from auditor.core.causes.replay import Setting
from auditor.core.causes.view import Item
from auditor.core.causes.view import Known
from auditor.core.causes.view import Priced
from auditor.core.causes.view import Pricer
from auditor.core.causes.view import View
from auditor.core.causes.words import ORDER
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import rounded
from auditor.core.problems import AuditorError
from auditor.core.reconcile import Side
from auditor.core.reconcile import UnitPrice
from auditor.core.results import Cell

Chosen = tuple[Reading, ...]
Sides = Mapping[str, Side]
_Part = TypeVar("_Part", bound=Hashable)
Step = tuple[int, Decimal]
"""Units and amount by which a line has more."""
Steps = Mapping[str, Step]
NO_STEP: Step = (0, ZERO)


class Bench:
    """Works out what is expected under any set of readings, each once."""

    def __init__(self, replays: Replays, pricer: Pricer, setting: Setting, view: View) -> None:
        """Take the replays and the pricing, and how both are by the rules."""
        self._replays = replays
        self._pricer = pricer
        self._setting = setting
        self._view = view
        self._items: dict[Chosen, Priced | None] = {}
        self._sides: dict[Chosen, Sides | None] = {}
        # What units by price come to, and each side once: hypotheses have most of their lines in common.
        self._of_units: dict[frozenset[tuple[UnitPrice | None, int]], Side] = {}
        self._side: dict[Side, Side] = {}
        # Readings that only label; sets worked out from what some of them come to; what these come to by line
        # and price; and what groups come to under the readings of a set that price them otherwise.
        self._labels: dict[Reading, bool] = {}
        self._worked_out: dict[Chosen, Chosen] = {}
        self._counted: dict[Chosen, Counted] = {}
        self._known: dict[Chosen, Known] = {}

    def forget(self) -> None:
        """Let go of all that was worked out, a piece at a time (see `forgetting.py`)."""
        forget(self._items, self._sides, self._of_units, self._side, self._counted, self._known)
        self._pricer.forget()
        self._replays.forget()

    def sides(self, chosen: Chosen) -> Sides | None:
        """Give the expected side of every line under some readings; None where an exchange rate is missing."""
        if chosen not in self._sides:
            self._replays.goes_on()
            self._sides[chosen] = self._gathered(chosen)
        return self._sides[chosen]

    def unrated(self, chosen: Chosen) -> int:
        """Count the units that have no rate under some readings: what they come to there is in no side."""
        return sum(side.unrated for side in (self.sides(chosen) or {}).values())

    def steps(self, chosen: Chosen, upon: Chosen) -> Steps | None:
        """Give what lines have more under some readings than under a part of these; None as `sides` does."""
        if self.items(chosen) is None:
            return None
        if chosen not in self._sides and chosen in self._worked_out:
            return {key: step_of(units) for key, units in self._moved(chosen, upon).items()}
        before, after = self.sides(upon) or {}, self.sides(chosen) or {}
        made = {}
        for key in {**after, **before}:
            one, other = before.get(key, NO_SIDE), after.get(key, NO_SIDE)
            same = one is other
            made[key] = NO_STEP if same else (other.quantity - one.quantity, EXACT.subtract(other.amount, one.amount))
        return made

    def apart(self, chosen: Chosen, upon: Chosen) -> tuple[Priced, Priced]:
        """Give counted cells as billed under a part of some readings, and under all: those that differ, where known."""
        before, after = self.items(upon) or [], self.items(chosen) or []
        if chosen not in self._worked_out or len(before) > len(after):
            return before, after
        moved = [(one, other) for one, other in zip(before, after, strict=False) if one is not other]
        return [one for one, _ in moved], [*(other for _, other in moved), *after[len(before) :]]

    def of_template(self, place: int) -> Steps:
        """Give the units and the amount that lines have of one template, by the rules."""
        cells = self._replays.of_template(place, *self._set(()))
        counted = count(_items_of(self._pricer.items(cells, self._view, {})))
        return {key: step_of(units) for key, units in counted.items()}

    def _gathered(self, chosen: Chosen) -> Sides | None:
        if self.items(chosen) is None:
            return None
        daily = next((one for one in chosen if one.rounds_days_to is not None), None)
        if daily is not None:
            return self._rounded_by_day(tuple(one for one in chosen if one is not daily), daily.rounds_days_to or 0)
        rest = self._worked_out.get(chosen)
        before = None if rest is None else self.sides(rest)
        if rest is None or before is None:
            return {key: self._side_of(units) for key, units in self._by_price(chosen).items()}
        if rest not in self._counted:
            self._counted[rest] = self._by_price(rest)
        due, moved = self._counted[rest], self._moved(chosen, rest)
        made = {key: side for key, side in before.items() if key not in moved}
        for key, more in moved.items():
            units = dict(due.get(key, {}))
            for price, some in more.items():
                units[price] = units.get(price, 0) + some
            left = {price: some for price, some in units.items() if some}
            if left:
                made[key] = self._side_of(left)
        return made

    def _rounded_by_day(self, rest: Chosen, digits: int) -> Sides | None:
        """Give the sides under some readings with what each line comes to on each day rounded."""
        sides, days = self.sides(rest), self.by_day(rest)
        if sides is None or days is None:
            return None
        sums: dict[str, Decimal] = {}
        for steps in days.values():
            for key, (_, amount) in steps.items():
                sums[key] = EXACT.add(sums.get(key, ZERO), rounded(amount, digits))
        return {key: self._shared(replace(side, amount=sums.get(key, ZERO))) for key, side in sides.items()}

    def _by_price(self, chosen: Chosen) -> Counted:
        """Count units by line and price."""
        return count(_items_of(self.items(chosen) or []))

    def _moved(self, chosen: Chosen, rest: Chosen) -> Counted:
        """Give by line and price the units that labels add to what the rest comes to, and take from it."""
        before, after = self.apart(chosen, rest)
        return count(_items_of(after), _items_of(before))

    def _side_of(self, units: Mapping[UnitPrice | None, int]) -> Side:
        """Give what units by price come to, each once."""
        known = frozenset(units.items())
        if known not in self._of_units:
            self._of_units[known] = self._shared(side_of(units))
        return self._of_units[known]

    def _shared(self, side: Side) -> Side:
        """Give equal sides as one and the same: that a reading leaves a line alone is then seen at a glance."""
        return self._side.setdefault(side, side)

    def items(self, chosen: Chosen) -> Priced | None:
        """Give the counted cells as billed. A reading with a scope holds for the cells in it only."""
        if chosen in self._items:
            return self._items[chosen]
        scoped = next((reading for reading in chosen if reading.scope), None)
        made = self._scoped(scoped, chosen) if scoped else self._priced(chosen)
        self._items[chosen] = made
        return made

    def _scoped(self, scoped: Reading, chosen: Chosen) -> Priced | None:
        """Price what lies in the scope of a reading under all readings, what lies outside under the rest."""
        if any(reading.is_dated for reading in chosen):
            return self._dated(chosen)
        rest = tuple(reading for reading in chosen if reading is not scoped)
        all_of_it = in_order((*rest, replace(scoped, scope=())))
        outside, inside = self.items(rest), self.items(all_of_it)
        if outside is None or inside is None:
            return None
        if len(outside) == len(inside) and all(one[0] is other[0] for one, other in zip(outside, inside, strict=True)):
            self._worked_out[chosen] = rest
            pairs = zip(outside, inside, strict=True)  # most are the same in both, and need no look at the scope
            return [other if one is not other and scoped.concerns(one[0].cell) else one for one, other in pairs]
        made = [pair for pair in outside if not scoped.concerns(pair[0].cell)]
        return made + [pair for pair in inside if scoped.concerns(pair[0].cell)]

    def _dated(self, chosen: Chosen) -> Priced | None:
        """Price what lies in each scope, and outside, under readings of which some hold on certain days."""
        try:
            return [
                (group, tuple(item.taken_away() for item in items) if away else items)
                for cells, view, known, away in self._by_scope(chosen)
                for group, items in self._pricer.items(cells, view, known)
            ]
        except AuditorError:
            return None

    def _by_scope(self, chosen: Chosen) -> Iterator[tuple[tuple[Cell, ...], View, Known, bool]]:
        """Give the counted cells day by day, how they are seen in the scope in which they lie, and what is known there.

        Parts that are billed otherwise than the rest are taken `away`, and then given as they are seen.
        """
        for held, lies in by_scope(chosen):
            rest = tuple(one for one in held if not one.part)
            view = _seen(self._view, rest)
            yield (
                tuple(cell for cell in self.replayed(rest, by_day=True) if lies(cell)),
                view,
                self._known_of(held),
                False,
            )
            for part, reading in self._parts(held, by_day=True):
                own = tuple(cell for cell in part if lies(cell))
                if reading.view:
                    yield own, view, {}, True
                yield own, reading.view(view) if reading.view else view, {}, False

    def _parts(self, chosen: Chosen, *, by_day: bool = False) -> Iterator[tuple[tuple[Cell, ...], Reading]]:
        """Give the counted cells of what is billed otherwise than the rest, each with the reading that does so."""
        rest = tuple(one for one in chosen if not one.part)
        for reading in chosen:
            if reading.part is not None:
                every = self._replays.of_template(reading.part.template, *self._set(rest), by_day=by_day)
                yield tuple(cell for cell in every if reading.part.holds(cell)), reading

    def by_day(self, chosen: Chosen) -> Mapping[date, Steps] | None:
        """Give the units and the amount of every line by day, under readings for all; None as `sides` does."""
        return self.by(lambda cell: cell.day, chosen)

    def by(self, part_of: Callable[[Cell], _Part], chosen: Chosen) -> Mapping[_Part, Steps] | None:
        """Give the same by parts that tell days apart."""
        made: dict[_Part, list[Item]] = {}
        for cells, view, _, away in self._by_scope(chosen):
            days = dict[_Part, list[Cell]]()
            for cell in cells:
                days.setdefault(part_of(cell), []).append(cell)
            try:
                for day, some in days.items():
                    items = _items_of(self._pricer.items(tuple(some), view, {}))
                    made.setdefault(day, []).extend(item.taken_away() if away else item for item in items)
            except AuditorError:
                return None
        return {day: {key: step_of(units) for key, units in count(some).items()} for day, some in made.items()}

    def _priced(self, chosen: Chosen) -> Priced | None:
        if any(reading.part for reading in chosen):
            return self._with_parts(chosen)
        if (rest := tuple(one for one in chosen if not self._only_labels(one))) != chosen:
            made = self._labelled(chosen, rest)
            if made is not None:
                return made
        try:
            return self._pricer.items(self.replayed(chosen), _seen(self._view, chosen), self._known_of(chosen))
        except AuditorError:
            return None  # the reading moves units to days without an exchange rate: it cannot be tried

    def _with_parts(self, chosen: Chosen) -> Priced | None:
        """Bill parts otherwise than the rest has them, or once more where their readings change nothing in them."""
        rest = tuple(one for one in chosen if not one.part)
        due = self.items(rest)
        if due is None:
            return None
        made, view = list(due), _seen(self._view, rest)
        for part, reading in self._parts(chosen):
            own = self._pricer.items(part, view, {})
            if reading.view:
                made += [(group, tuple(item.taken_away() for item in items)) for group, items in own]
                own = self._pricer.items(part, reading.view(view), {})
            made += own
        self._worked_out[chosen] = rest
        return made

    def _labelled(self, chosen: Chosen, rest: Chosen) -> Priced | None:
        """Price anew what some readings label otherwise, upon the rest; most cells are none of their concern."""
        due = self.items(rest)
        if due is None:
            return None
        view = _seen(self._view, chosen)
        if len(view.relabels) > len(chosen) - len(rest):
            return None  # the rest labels too: what comes first matters
        try:
            made = self._pricer.relabelled(due, view, self._known_of(rest))
        except AuditorError:
            return None
        self._worked_out[chosen] = rest
        return made

    def _known_of(self, chosen: Chosen) -> Known:
        """Give what became of groups under those of some readings that price units otherwise."""
        priced = tuple(one for one in chosen if one.view and not one.part and not self._only_labels(one))
        return self._known.setdefault(priced, {})

    def _only_labels(self, reading: Reading) -> bool:
        """Tell whether a reading does nothing but to label counted cells otherwise."""
        if reading not in self._labels:
            plain = reading.view is not None and reading.setting is None and not (reading.part or reading.scope)
            made = reading.view(self._view) if plain and reading.view else self._view
            changed = made.relabels is not self._view.relabels
            self._labels[reading] = changed and replace(made, relabels=self._view.relabels) == self._view
        return self._labels[reading]

    def replayed(self, chosen: Chosen, *, by_day: bool = False) -> tuple[Cell, ...]:
        """Give the replay under those of the readings that need one; `by_day` keeps days apart in any case."""
        return self._replays.replay(*self._set(chosen), by_day=by_day)

    def _set(self, chosen: Chosen) -> tuple[tuple[str, ...], Setting]:
        """Give the setting under some readings, and the names that tell it from others but for its cut."""
        names: list[str] = []
        setting = self._setting
        for reading in chosen:
            before = setting
            setting = reading.setting(before) if reading.setting else before
            if reading.setting and setting.cut == before.cut:
                names.append(reading.name)
        return tuple(names), setting


def _items_of(priced: Priced) -> Iterator[Item]:
    return (item for _, items in priced for item in items)


def _seen(view: View, readings: Iterable[Reading]) -> View:
    """Give a view with what readings change in it."""
    return reduce(lambda made, reading: reading.view(made) if reading.view else made, readings, view)


def by_scope(chosen: Chosen) -> Iterator[tuple[Chosen, Callable[[Cell], bool]]]:
    """Give the readings that hold together in and outside each scope, without it, and which cells lie there."""
    scoped = [one for one in chosen if one.scope]
    for some in product((False, True), repeat=len(scoped)):
        inside = dict(zip(scoped, some, strict=True))
        held = in_order(replace(one, scope=()) for one in chosen if inside.get(one, True))
        yield held, partial(_lies, inside)


def _lies(inside: Mapping[Reading, bool], cell: Cell) -> bool:
    return all(one.concerns(cell) == within for one, within in inside.items())


def added(one: Steps, other: Steps) -> Steps:
    """Add up what lines have more."""
    pairs = {key: (one.get(key, NO_STEP), other.get(key, NO_STEP)) for key in {**one, **other}}
    return {key: (some[0] + more[0], some[1] + more[1]) for key, (some, more) in pairs.items()}


def in_order(readings: Iterable[Reading]) -> Chosen:
    """Put readings in the order in which their parts are told."""
    return tuple(sorted(readings, key=lambda one: (ORDER.index(one.cause), one.variant)))

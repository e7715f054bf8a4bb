"""What is expected under any set of readings, each worked out once: replayed, priced and put on lines."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import replace
from functools import reduce

from auditor.core.cause_words import ORDER
from auditor.core.explain_reading import Reading
from auditor.core.explain_replay import Replays
from auditor.core.explain_replay import Setting
from auditor.core.explain_view import Priced
from auditor.core.explain_view import Pricer
from auditor.core.explain_view import View
from auditor.core.explain_view import gather
from auditor.core.problems import AuditorError
from auditor.core.reconcile import Side
from auditor.core.results import Cell

Chosen = tuple[Reading, ...]
Sides = Mapping[str, Side]


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
        self._side: dict[Side, Side] = {}
        # Readings that only label; and sets worked out from what the others of them come to.
        self._labels: dict[Reading, bool] = {}
        self._relabelled: dict[Chosen, Chosen] = {}

    def sides(self, chosen: Chosen) -> Sides | None:
        """Give the expected side of every line under some readings; None where an exchange rate is missing."""
        if chosen not in self._sides:
            self._sides[chosen] = self._gathered(chosen)
        return self._sides[chosen]

    def _gathered(self, chosen: Chosen) -> Sides | None:
        items = self.items(chosen)
        if items is None:
            return None
        rest = self._relabelled.get(chosen)
        before = None if rest is None else self.sides(rest)
        if rest is None or before is None:
            return self._shared(gather([item for _, item in items]))
        pairs = zip(self.items(rest) or (), items, strict=True)
        moved = {item.key for (_, one), (_, other) in pairs if one is not other for item in (one, other)}
        kept = {key: side for key, side in before.items() if key not in moved}
        return {**kept, **self._shared(gather([item for _, item in items if item.key in moved]))}

    def _shared(self, sides: Sides) -> Sides:
        """Give equal sides as one and the same: that a reading leaves a line alone is then seen at a glance."""
        return {key: self._side.setdefault(side, side) for key, side in sides.items()}

    def items(self, chosen: Chosen) -> Priced | None:
        """Give the counted cells as billed. A reading with a scope holds for the cells in it only."""
        if chosen in self._items:
            return self._items[chosen]
        scoped = next((reading for reading in chosen if reading.scope), None)
        made: Priced | None
        if scoped is None:
            made = self._priced(chosen)
        else:
            name, value = scoped.scope
            rest = tuple(reading for reading in chosen if reading is not scoped)
            unscoped = replace(scoped, scope=())
            outside, inside = self.items(rest), self.items(in_order((*rest, unscoped)))
            made = None
            if outside is not None and inside is not None:
                made = [pair for pair in outside if getattr(pair[0].cell, name) != value]
                made += [pair for pair in inside if getattr(pair[0].cell, name) == value]
        self._items[chosen] = made
        return made

    def _priced(self, chosen: Chosen) -> Priced | None:
        moved = [reading for reading in chosen if reading.part]
        if moved and any(reading.setting for reading in chosen):
            return None  # another replay has no such part
        if not moved and (rest := tuple(one for one in chosen if not self._only_labels(one))) != chosen:
            made = self._labelled(chosen, rest)
            if made is not None:
                return made
        cells = self.replayed(chosen)
        view = _seen(self._view, [reading for reading in chosen if not reading.part])
        try:
            made = self._pricer.items(cells, view)
            for reading in moved:
                made += [(group, item.taken_away()) for group, item in self._pricer.items(reading.part, view)]
                made += self._pricer.items(reading.part, _seen(view, [reading]))
        except AuditorError:
            return None  # the reading moves units to days without an exchange rate: it cannot be tried
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
            made = self._pricer.relabelled(due, view)
        except AuditorError:
            return None
        self._relabelled[chosen] = rest
        return made

    def _only_labels(self, reading: Reading) -> bool:
        """Tell whether a reading does nothing but to label counted cells otherwise."""
        if reading not in self._labels:
            plain = reading.view is not None and reading.setting is None and not (reading.part or reading.scope)
            made = reading.view(self._view) if plain and reading.view else self._view
            changed = made.relabels is not self._view.relabels
            self._labels[reading] = changed and replace(made, relabels=self._view.relabels) == self._view
        return self._labels[reading]

    def replayed(self, chosen: Chosen) -> tuple[Cell, ...]:
        """Give the replay under those of the readings that need one."""
        names: list[str] = []
        setting = self._setting
        for reading in chosen:
            before = setting
            setting = reading.setting(before) if reading.setting else before
            if reading.setting and setting.cut == before.cut:
                names.append(reading.name)
        return self._replays.replay(tuple(names), setting)


def _seen(view: View, readings: Iterable[Reading]) -> View:
    """Give a view with what readings change in it."""
    return reduce(lambda made, reading: reading.view(made) if reading.view else made, readings, view)


def in_order(readings: Iterable[Reading]) -> Chosen:
    """Put readings in the order in which their parts are told."""
    return tuple(sorted(readings, key=lambda one: (ORDER.index(one.cause), one.variant)))

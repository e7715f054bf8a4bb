"""The messages behind a cause: each unit that a reading bills otherwise than the readings told before it.

A cause's amount is the step from one replay to the next (`explain.py`). Here both replays are made charge by charge,
and the charges in which they differ are the proof: what each is due as, what it was billed as, and by how much.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import reduce

import numpy as np

from auditor.core.cells import cells
from auditor.core.exchange import Exchange
from auditor.core.explain_bench import Chosen
from auditor.core.explain_bench import in_order
from auditor.core.explain_grain import FineGrain
from auditor.core.explain_reading import Reading
from auditor.core.explain_replay import Engine
from auditor.core.explain_replay import LogLike
from auditor.core.explain_replay import Setting
from auditor.core.explain_search import Account as Accounted
from auditor.core.explain_tally import local_days
from auditor.core.explain_view import Billed
from auditor.core.explain_view import Lookup
from auditor.core.explain_view import Pricer
from auditor.core.explain_view import View
from auditor.core.money import ZERO
from auditor.core.money import times
from auditor.core.money import total
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.results import Cell
from auditor.core.terms import Terms
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import month_text
from auditor.core.timeline import months_of_days

_OUTSIDE = "outside_audit"


@dataclass(frozen=True, slots=True)
class Unit:
    """What a charge is billed as under some readings: where, at what price, how often; nothing if `times` is 0."""

    key: str = ""
    category: str = ""
    market: str = ""
    pricing_type: str = ""
    month: str = ""
    price: Decimal | None = ZERO
    times: int = 0

    @property
    def amount(self) -> Decimal:
        """Give what it comes to, in the invoice's currency; 0 where it has no rate."""
        return times(self.price or ZERO, self.times)


NOT_BILLED = Unit()


@dataclass(frozen=True, slots=True)
class Concerned:
    """A charge that a cause is about: the row of its message in the log, and its two sides."""

    row: int
    due: Unit
    billed: Unit

    @property
    def amount(self) -> Decimal:
        """Give billed minus due."""
        return self.billed.amount - self.due.amount


class CauseMessages:
    """Makes the charges behind the causes of one answer; each replay is made anew when asked for."""

    def __init__(
        self, log: LogLike, terms: Terms, engine: Engine, grain: FineGrain, exchange: Exchange,
        document: date | None, accounted: Accounted,
    ) -> None:  # fmt: skip
        """Take what the answer was made from, and the readings that account for it."""
        self._log, self._terms, self._engine = log, terms, engine
        self._accounted = accounted
        lookup = Lookup(terms.tariff)
        self._view = View(lookup, exchange)
        self._pricer = Pricer(grain, lookup, terms.account.currency, document)

    @property
    def readings(self) -> Chosen:
        """Give the readings that were found, in the order in which their parts are told."""
        return self._accounted.chosen

    def of(self, reading: Reading, key: str = "", progress: Progress = unwatched) -> tuple[Concerned, ...]:
        """Give the charges that a reading bills otherwise, by row; those of one difference where a `key` is given."""
        before = self.readings[: self.readings.index(reading)]
        sides = [self._units(chosen, progress) for chosen in (before, in_order((*before, reading)))]
        made = (
            Concerned(row, sides[0].get(row, NOT_BILLED), sides[1].get(row, NOT_BILLED))
            for row in sorted({*sides[0], *sides[1]})
        )
        return tuple(one for one in made if one.due != one.billed and self._holds(one, reading, key))

    def _holds(self, one: Concerned, reading: Reading, key: str) -> bool:
        """Tell whether a line that the charge is on is taken under the reading, and is the one asked for."""
        lines = [unit.key for unit in (one.due, one.billed) if unit.times]
        stands = any(reading in self._accounted.stands.get(line, ()) for line in lines)
        return stands and (not key or any(FineGrain.coarse(line) == key for line in lines))

    # One replay, charge by charge -------------------------------------------------------------------------------------

    def _units(self, chosen: Chosen, progress: Progress) -> Mapping[int, Unit]:
        """Give what each row of the log is billed as; a reading with a scope holds for the cells in it only."""
        scoped = next((reading for reading in chosen if reading.scope), None)
        if scoped is None:
            return {row: unit for row, unit, _ in self._charged(chosen, progress)}
        name, value = scoped.scope
        rest = tuple(reading for reading in chosen if reading is not scoped)
        unscoped = tuple(replace(one, scope=()) if one is scoped else one for one in chosen)
        outside = {row: unit for row, unit, cell in self._charged(rest, progress) if getattr(cell, name) != value}
        inside = {row: unit for row, unit, cell in self._charged(unscoped, progress) if getattr(cell, name) == value}
        return outside | inside

    def _charged(self, chosen: Chosen, progress: Progress) -> Iterator[tuple[int, Unit, Cell]]:
        setting = reduce(lambda made, one: one.setting(made) if one.setting else made, chosen, Setting(self._terms))
        log = reduce(lambda made, edit: edit(made, self._engine), setting.edits, self._log)
        charges = self._engine.charges(log, setting.terms, setting.zone, progress)
        counts = reduce(
            lambda made, count: made * count(log, charges, setting.terms),
            setting.units,
            np.ones(len(charges), np.int64),
        )
        days = local_days(charges.billed_at, setting.cut) if setting.cut else charges.day.astype(np.int64)
        account = self._terms.account
        inside = (counts != 0) & (days >= day_number(account.first)) & (days <= day_number(account.last))
        made, cell_of = cells(charges.kinds, setting.terms, self._terms.numbers)
        parts = [self._part_of(reading) for reading in chosen if reading.part]
        known: dict[tuple[int, ...], tuple[Unit, Cell]] = {}
        for place in np.flatnonzero(inside).tolist():
            row, day = int(charges.row[place]), int(days[place])
            moved = tuple(int(part(row)) for part in parts)
            code = (int(cell_of[charges.kind[place]]), day if setting.cut else 0, *moved)
            if code not in known:
                cell = _alone(made[code[0]], day if setting.cut else None)
                known[code] = (self._unit(cell, chosen, moved), cell)
            unit, cell = known[code]
            if cell.pricing_type != _OUTSIDE:
                yield row, unit if counts[place] == 1 else replace(unit, times=int(counts[place])), cell

    def _part_of(self, reading: Reading) -> Callable[[int], bool]:
        """Give what tells the rows of the template that a reading moves."""
        names, of_row = self._log.templates()
        return lambda row: bool(of_row[row] >= 0 and names[of_row[row]] == reading.values["template"])

    def _unit(self, cell: Cell, chosen: Chosen, moved: Sequence[int]) -> Unit:
        parts = [reading for reading in chosen if reading.part]
        off = {
            reading for reading, here in zip(parts, moved, strict=True)
            if not here or cell.category not in {one.category for one in reading.part}
        }  # fmt: skip
        view = reduce(lambda made, one: one.view(made) if one.view and one not in off else made, chosen, self._view)
        (item,) = self._pricer.items((cell,), view)
        label = reduce(lambda made, change: change(made), view.relabels, Billed(cell, cell)).label
        return Unit(item.key, label.category, label.market, label.pricing_type, cell.period, item.rate, 1)


def _alone(cell: Cell, day: int | None) -> Cell:
    """Give one charge of a cell, on the day on which another calendar has it."""
    one = replace(cell, quantity=1)
    if day is None:
        return one
    month = int(months_of_days(np.array([day], np.int32))[0])
    return replace(one, day=day_of(day), period=month_text(month))


def amount_of(concerned: Sequence[Concerned]) -> Decimal:
    """Add up by how much charges are billed otherwise, exactly."""
    return total(one.amount for one in concerned)

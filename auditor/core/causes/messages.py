"""The messages behind a cause: each unit that a reading bills otherwise than the readings told before it.

A cause's amount is the step from one replay to the next (`explain.py`). Here both replays are made charge by charge,
and the charges in which they differ are the proof: what each is due as, what it was billed as, and by how much.
"""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import reduce

import numpy as np
import numpy.typing as npt

from auditor.core.causes.account import Account as Accounted
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import by_scope
from auditor.core.causes.bench import in_order
from auditor.core.causes.grain import FineGrain
from auditor.core.causes.reading import Reading
from auditor.core.causes.replay import Engine
from auditor.core.causes.replay import LogLike
from auditor.core.causes.replay import Setting
from auditor.core.causes.tally import breaks_of
from auditor.core.causes.tally import days_cut
from auditor.core.causes.tally import period_cut
from auditor.core.causes.view import Billed
from auditor.core.causes.view import Lookup
from auditor.core.causes.view import Pricer
from auditor.core.causes.view import View
from auditor.core.cells import cells
from auditor.core.equal_rows import equal_rows
from auditor.core.exchange import Exchange
from auditor.core.money import ZERO
from auditor.core.money import times
from auditor.core.money import total
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.results import CauseAmount
from auditor.core.results import Cell
from auditor.core.tables import Int32
from auditor.core.tables import Int64
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


@dataclass(frozen=True, slots=True)
class _Charged:
    """A replay, charge by charge: rows of the log, and of each the place among the few ways in which it is billed."""

    rows: Int64
    ways: Int64
    units: Sequence[Unit]
    cells: Sequence[Cell]

    def where(self, holds: Callable[[Cell], bool]) -> npt.NDArray[np.bool_]:
        """Tell which charges lie in cells of a kind."""
        return np.array([holds(cell) for cell in self.cells], np.bool_)[self.ways]


class CauseMessages:
    """Makes the charges behind the causes of one answer: replays are made when asked for, once each."""

    def __init__(
        self, log: LogLike, terms: Terms, engine: Engine, grain: FineGrain, exchange: Exchange,
        document: date | None, accounts: Sequence[Accounted],
    ) -> None:  # fmt: skip
        """Take what the answer was made from, and the accounts of it: first what is proved, then what competes."""
        self._log, self._terms, self._engine = log, terms, engine
        self._accounts = accounts
        lookup = Lookup(terms.tariff)
        self._view = View(lookup, exchange)
        self._dated = grain.by_day
        self._pricer = Pricer(grain, lookup, terms.account.currency, document, breaks_of(terms))
        # Ways to be billed, the first being not at all; by replay, the place of each row's among them.
        self._places: dict[Unit, int] = {NOT_BILLED: 0}
        self._made: dict[Chosen, Int32] = {}

    @property
    def readings(self) -> Chosen:
        """Give the readings that were found, in the order in which their parts are told."""
        return self._accounts[0].chosen

    def of(self, reading: Reading, key: str = "", progress: Progress = unwatched) -> tuple[Concerned, ...]:
        """Give the charges that a reading bills otherwise, by row; those of one difference where a `key` is given."""
        return self._of(self._accounts[0], reading, key, progress)

    def possible(self, part: CauseAmount, key: str, progress: Progress = unwatched) -> tuple[Concerned, ...]:
        """Give the charges of one difference that a cause which is only possible would bill otherwise.

        Accounts may share a reading: they are those of the one by which it comes nearest to its amount there.
        """
        made = (
            self._of(account, reading, key, progress)
            for account in self._accounts
            for reading in account.chosen
            if (reading.cause, reading.values) == (part.cause, part.values)
        )
        return min(filter(None, made), key=lambda some: abs(amount_of(some) - part.amount), default=())

    def _of(self, account: Accounted, reading: Reading, key: str, progress: Progress) -> tuple[Concerned, ...]:
        before = account.chosen[: account.chosen.index(reading)]
        due, billed = (self._replayed(chosen, progress) for chosen in (before, in_order((*before, reading))))
        size = max(len(due), len(billed))
        due, billed = (np.pad(side, (0, size - len(side))) for side in (due, billed))
        rows = np.flatnonzero(due != billed)
        units = list(self._places)
        pairs, pair_of = np.unique(due[rows].astype(np.int64) * len(units) + billed[rows], return_inverse=True)
        sides = [(units[pair // len(units)], units[pair % len(units)]) for pair in pairs.tolist()]
        wanted = np.array([_holds(account, side, reading, key) for side in sides], np.bool_)[pair_of]
        chosen_pairs = zip(rows[wanted].tolist(), pair_of[wanted].tolist(), strict=True)
        return tuple(Concerned(row, *sides[pair]) for row, pair in chosen_pairs)

    # One replay, charge by charge -------------------------------------------------------------------------------------

    def _replayed(self, chosen: Chosen, progress: Progress) -> Int32:
        """Give the way in which each row of the log is billed, as its place among `_places`; kept once it is made."""
        if chosen not in self._made:
            self._made[chosen] = self._ways(chosen, progress)
        return self._made[chosen]

    def _ways(self, chosen: Chosen, progress: Progress) -> Int32:
        """Replay; a reading with a scope holds for the cells in it only."""
        parts = []
        for held, lies in by_scope(chosen):
            charged = self._charged(held, progress)
            parts.append((charged, charged.where(lies)))
        return self._laid_out(parts)

    def _laid_out(self, parts: Sequence[tuple[_Charged, npt.NDArray[np.bool_]]]) -> Int32:
        """Lay replays out over the rows of the log, the charges that count of each; what comes later goes before."""
        size = max((int(charged.rows.max()) + 1 for charged, _ in parts if len(charged.rows)), default=0)
        made = np.zeros(size, np.int32)
        for charged, wanted in parts:
            count = wanted & charged.where(lambda cell: cell.pricing_type != _OUTSIDE)
            places = [self._places.setdefault(unit, len(self._places)) for unit in charged.units]
            made[charged.rows[count]] = np.array(places, np.int32)[charged.ways[count]]
        return made

    def _charged(self, chosen: Chosen, progress: Progress) -> _Charged:
        setting = reduce(lambda made, one: one.setting(made) if one.setting else made, chosen, Setting(self._terms))
        log = reduce(lambda made, edit: edit(made, self._engine), setting.edits, self._log)
        charges = self._engine.charges(log, setting.terms, setting.zone, progress)
        counts = reduce(
            lambda made, count: made * count(log, charges, setting.terms),
            setting.units,
            np.ones(len(charges), np.int64),
        )
        account, days = self._terms.account, charges.day.astype(np.int64)
        if setting.cut:
            days = days_cut(days, charges.billed_at, setting.cut, account)
            account = period_cut(setting.cut, account)
        inside = (counts != 0) & (days >= day_number(account.first)) & (days <= day_number(account.last))
        made, cell_of = cells(charges.kinds, setting.terms, self._terms.numbers)
        parts = [reading for reading in chosen if reading.part]
        places = np.flatnonzero(inside)
        rows = charges.row[places].astype(np.int64)
        held = [self._in_part(reading, rows).astype(np.int64) for reading in parts]
        again = sum(some for reading, some in zip(parts, held, strict=True) if reading.view is None)
        counts = counts[places] * (1 + again)
        facts = [cell_of[charges.kind[places]], days[places] if setting.cut else np.zeros_like(rows), counts, *held]
        ways, firsts = equal_rows(facts)
        units, own = [], []
        for cell_place, day, count, *moved in zip(*(fact[firsts].tolist() for fact in facts), strict=True):
            cell = _alone(made[cell_place], day if setting.cut else None, dated=self._dated)
            unit = self._unit(cell, chosen, moved)
            units.append(replace(unit, times=count) if unit.key else NOT_BILLED)
            own.append(cell)
        return _Charged(rows, ways, units, own)

    def _in_part(self, reading: Reading, rows: Int64) -> npt.NDArray[np.bool_]:
        """Tell which rows have the template that a reading moves."""
        of_row = self._log.templates()[1]
        return np.array(of_row[rows] == (-1 if reading.part is None else reading.part.template))

    def _unit(self, cell: Cell, chosen: Chosen, moved: Sequence[int]) -> Unit:
        parts = [reading for reading in chosen if reading.part]
        off = {
            reading for reading, here in zip(parts, moved, strict=True)
            if not here or not (reading.part and reading.part.holds(cell))
        }  # fmt: skip
        view = reduce(lambda made, one: one.view(made) if one.view and one not in off else made, chosen, self._view)
        key, amount = self._pricer.one(cell, view)
        label = reduce(lambda made, change: change(made), view.relabels, Billed(cell, cell)).label
        return Unit(key, label.category, label.market, label.pricing_type, cell.period, amount, 1)


def _holds(account: Accounted, sides: tuple[Unit, Unit], reading: Reading, key: str) -> bool:
    """Tell whether a line that a charge is on is taken under the reading, and is the one asked for."""
    lines = [unit.key for unit in sides if unit.times]
    stands = any(reading in account.stands.get(line, ()) for line in lines)
    return stands and (not key or any(FineGrain.coarse(line) == key for line in lines))


def _alone(cell: Cell, day: int | None, *, dated: bool) -> Cell:
    """Give one charge of a cell, in the month that another calendar has it in; on its day where lines are `dated`."""
    one = replace(cell, quantity=1)
    if day is None:
        return one
    month = int(months_of_days(np.array([day], np.int32))[0])
    return replace(one, day=day_of(day) if dated else one.day, period=month_text(month))


def amount_of(concerned: Sequence[Concerned]) -> Decimal:
    """Add up by how much charges are billed otherwise, exactly."""
    return total(one.amount for one in concerned)

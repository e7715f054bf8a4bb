"""The grain at which causes are sought: that of the reconciliation, and finer where the invoice is.

Lines are compared at the dimensions of `reconcile.Grain`. Where all lines under one of its keys name a business number,
or stretches of days that do not overlap, their causes are sought number by number and stretch by stretch: a day that is
missing shows there, and not in the sum of a month.
"""

from bisect import bisect_right
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

from auditor.core.reconcile import Grain
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.results import Cell

_BETWEEN = "\t"
Stretch = tuple[date, date]


@dataclass(frozen=True)
class _Split:
    """How the lines under one key are told apart: by number, and by stretches of days in order."""

    by_number: bool
    stretches: tuple[Stretch, ...]

    def name_of(self, day: date) -> str:
        """Name the stretch that a day lies in; a day without a line would have had a line of its own."""
        place = bisect_right(self._firsts, day) - 1
        if place >= 0 and day <= self.stretches[place][1]:
            return self._names[place]
        return day.isoformat() if self._daily else ""

    @cached_property
    def _firsts(self) -> list[date]:
        return [first for first, _ in self.stretches]

    @cached_property
    def _names(self) -> list[str]:
        return [first.isoformat() for first in self._firsts]

    @cached_property
    def _daily(self) -> bool:
        return all(first == last for first, last in self.stretches)


class FineGrain:
    """Names what is compared in search of causes; `coarse` gives back the key of the reconciliation."""

    def __init__(self, grain: Grain, lines: Sequence[InvoiceLine], account: Account) -> None:
        """Take the reconciled lines, in the order in which `grain` knows them; `lines` gives each with its key."""
        self._grain = grain
        self._numbers = {known.phone: known.id for waba in account.wabas for known in waba.numbers if known.phone}
        self._known: dict[tuple[str, ...], str] = {}
        own: dict[str, list[InvoiceLine]] = {}
        for n, line in enumerate(lines):
            own.setdefault(grain.line_of(n).text(), []).append(line)
        # What no line covers would stand on lines like the others.
        self._usual = _split_of([line for line in lines if account.fee_of(line) is None])
        usual = self._usual.stretches if self._usual else ()
        self._splits = {key: _split_of(some, usual) for key, some in own.items()}
        keys = (self._fine(grain.line_of(n).text(), *self._place(line)) for n, line in enumerate(lines))
        self.lines = tuple(zip(keys, lines, strict=True))

    @cached_property
    def by_day(self) -> bool:
        """Tell whether days must be kept apart."""
        return any(split is not None and split.stretches for split in self._splits.values())

    @property
    def places(self) -> frozenset[tuple[str, str]]:
        """Give the markets that lines name, with the country where they name one."""
        return self._grain.places

    def places_of(self, category: str) -> frozenset[tuple[str, str]]:
        """Give those of lines of one category."""
        return frozenset((line.market, line.country) for _, line in self.lines if line.category == category)

    def keys_of(self, cell: Cell, days: Iterable[date]) -> list[str]:
        """Give the keys under which a cell would be compared on some days, whatever its own."""
        facts = (cell.waba_id, cell.period, cell.market, cell.country, cell.category, cell.pricing_type)
        if facts not in self._known:
            self._known[facts] = self._grain.key_of(cell).text()
        return [self._fine(self._known[facts], cell.phone_number_id, day) for day in days]

    @staticmethod
    def coarse(key: str) -> str:
        """Give the key of the reconciliation that a key belongs to."""
        return key.rsplit(_BETWEEN, 1)[-1]

    def _place(self, line: InvoiceLine) -> tuple[str, date | None]:
        return self._numbers.get(line.phone_number_id, line.phone_number_id), line.period_start

    def _fine(self, coarse: str, number: str, day: date | None) -> str:
        split = self._splits.get(coarse, self._usual)
        if split is None:
            return coarse
        parts = [number] if split.by_number else []
        if split.stretches and day is not None:
            parts.append(split.name_of(day))
        return _BETWEEN.join((*parts, coarse))


def _split_of(lines: Sequence[InvoiceLine], usual: tuple[Stretch, ...] = ()) -> _Split | None:
    """Tell how lines are told apart; of one day alone that is seen by the `usual` stretches of the invoice."""
    numbers = {line.phone_number_id for line in lines}
    by_number = "" not in numbers
    stated = {(line.period_start, line.period_end) for line in lines}
    stretches = usual if stated.issubset(usual) else _apart(stated)
    return _Split(by_number, stretches) if lines and (by_number or stretches) else None


def _apart(stated: Iterable[tuple[date | None, date | None]]) -> tuple[Stretch, ...]:
    """Give the stretches of days in order; none where a line states none, all state the same, or some overlap."""
    found: set[Stretch] = set()
    for first, last in stated:
        if first is None or last is None:
            return ()
        found.add((first, last))
    ordered = sorted(found)
    overlap = any(after[0] <= before[1] for before, after in pairwise(ordered))
    return () if overlap or len(ordered) == 1 else tuple(ordered)


def together(keys: Iterable[str]) -> Mapping[str, list[str]]:
    """Gather keys under those of the reconciliation."""
    made: dict[str, list[str]] = {}
    for key in sorted(keys):
        made.setdefault(FineGrain.coarse(key), []).append(key)
    return made

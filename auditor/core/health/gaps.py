"""What a log has lost, in money: the gaps of `widening.py` in one currency, by number and local day."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import ROUND_CEILING
from decimal import Decimal
from zoneinfo import ZoneInfo

from auditor.core.health.activity import Activity
from auditor.core.health.activity import Statuses
from auditor.core.health.widening import Estimate
from auditor.core.health.widening import Replay
from auditor.core.health.widening import estimates
from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.records import Account
from auditor.core.results import Allowance
from auditor.core.results import Cell
from auditor.core.results import LogGap
from auditor.core.results import Widened
from auditor.core.rows import Rows
from auditor.core.timeline import instant

Place = tuple[str, date]
"""A number's id and a local day."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The gaps of a log, what of them falls on each number and day, and when its numbers were active (None: no log)."""

    gaps: tuple[LogGap, ...] = ()
    widened: tuple[Widened, ...] = ()
    active: Activity | None = None

    @property
    def below(self) -> Decimal:
        """Give how far the true total may lie under the computed one."""
        return total(gap.below for gap in self.gaps)

    @property
    def above(self) -> Decimal:
        """Give how far the true total may lie over the computed one."""
        return total(gap.above for gap in self.gaps)


def lost(
    rows: Rows, active: Activity, seen: Statuses, account: Account, currency: str, cells: Sequence[Cell],
    counters: Sequence[Allowance], replay: Replay,
) -> Lost:  # fmt: skip
    """Look for gaps and estimate what they cost, in the `currency` of `replay`.

    `cells` are the period's: a loss at random falls on what they hold.

    `counters` are the allowances and tiers of every month, for what numbers share. `rows` are asked for their number
    only, unless there is a trace of a gap.
    """
    if not len(rows) or not account.wabas:
        return Lost()
    found = estimates(rows, active, seen, account, counters, replay)
    digits = minor_digits(currency)
    gaps = tuple(_gap(one, digits) for one in found)
    shares: dict[Place, list[Decimal]] = {}
    for gap in gaps:
        places = _of_block(gap, account) if gap.kind == "block" else _of_cells(cells)
        for side in (0, 1):
            amount = (gap.below, gap.above)[side]
            for place, part in _apportioned(amount, places, currency):
                shares.setdefault(place, [ZERO, ZERO])[side] += part
    widened = tuple(Widened(*place, below, above) for place, (below, above) in sorted(shares.items()) if below or above)
    return Lost(gaps, widened, active)


def _gap(found: Estimate, digits: int) -> LogGap:
    """Round an estimate to the minor unit, so that the range does not shrink."""
    unit = Decimal(1).scaleb(-digits)
    below, above = (side.quantize(unit, ROUND_CEILING) for side in (found.below, found.above))
    return LogGap(found.kind, found.number, found.first, found.last, found.missing, found.traces, below, above)


def _of_block(gap: LogGap, account: Account) -> list[tuple[Place, Decimal]]:
    """Give the local days a silent stretch touches, weighed by how long."""
    owner = next((w for w in account.wabas if gap.phone_number_id in {n.id for n in w.numbers}), account.wabas[0])
    zone = ZoneInfo(owner.time_zone)
    shares = []
    for n in range((account.last - account.first).days + 1):
        day = account.first + timedelta(days=n)
        start, end = (
            instant(datetime(d.year, d.month, d.day, tzinfo=zone)) for d in (day, day + timedelta(days=1))
        )  # fmt: skip
        inside = min(end, gap.last) - max(start, gap.first)
        if inside > 0:
            shares.append(((gap.phone_number_id, day), Decimal(inside)))
    return shares


def _of_cells(cells: Iterable[Cell]) -> list[tuple[Place, Decimal]]:
    """Give numbers and days weighed by their charges."""
    sums: dict[Place, Decimal] = {}
    for cell in cells:
        if cell.amount:
            place = (cell.phone_number_id, cell.day)
            sums[place] = sums.get(place, ZERO) + cell.amount
    return sorted(sums.items())


def _apportioned(
    amount: Decimal, weights: Sequence[tuple[Place, Decimal]], currency: str
) -> list[tuple[Place, Decimal]]:  # fmt: skip
    """Split an amount by weight in minor units; the parts add up to it exactly."""
    whole = sum((weight for _, weight in weights), ZERO)
    parts, reached, given = [], ZERO, ZERO
    for place, weight in weights:
        reached += weight
        upto = to_minor(amount * reached / whole, currency)
        parts.append((place, upto - given))
        given = upto
    return parts

"""What decides the price of a unit, apart from the log; and the columns that pricing fills in."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal

from auditor.core.markets import Markets
from auditor.core.money import ZERO
from auditor.core.rates import Tariff
from auditor.core.regimes import Regime
from auditor.core.tables import Account
from auditor.core.tables import Allowance
from auditor.core.tables import Int8
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import UInt16

Ranked = Callable[[Int64], Int64]
"""Gives the order of messages (places in `Folded`) by message id, then user: the tie-break of pricing.md §1."""

EMPTY = -1


class Values:
    """A growing table of distinct exact amounts; charges hold places in it."""

    def __init__(self) -> None:
        """Begin with zero, at place 0."""
        self.table: list[Decimal] = [ZERO]
        self._places: dict[Decimal, int] = {ZERO: 0}

    def place(self, value: Decimal) -> int:
        """Give the place of a value, adding it if it is new."""
        if value not in self._places:
            self._places[value] = len(self.table)
            self.table.append(value)
        return self._places[value]


@dataclass(slots=True)
class Priced:
    """What pricing adds to `Units`, row for row; places in `values` (-1: empty). `market` and `place` -1: unknown."""

    category: Int8
    pricing_type: Int8
    reasons: UInt16
    place: Int16
    market: Int16
    month: Int32
    tier_from: Int64
    rate: Int32
    amount: Int32
    low: Int32
    high: Int32
    values: Values
    allowances: list[Allowance] = field(default_factory=list)
    untiered: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that decides the price of a unit, apart from the log: the account, the rules and the rates.

    `numbers` are the business numbers that `Folded.number` points into.
    `allowance_size` and `allowance_per` replace the regime's own, for replays under another reading.
    """

    account: Account
    regimes: tuple[Regime, ...]
    markets: Markets
    tariff: Tariff
    numbers: tuple[str, ...] = ()
    allowance_size: int | None = None
    allowance_per: str = ""

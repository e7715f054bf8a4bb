"""What decides the price of a unit, apart from the log; and the table of exact amounts that prices are."""

from dataclasses import dataclass
from decimal import Decimal

from auditor.core.markets import Markets
from auditor.core.money import ZERO
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.regimes import Regime
from auditor.core.tables import Category

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


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that decides the price of a unit, apart from the log: the account, the rules and the rates.

    `numbers` are the business numbers that `Folded.number` points into.
    `allowance_size` and `allowance_per` replace the regime's own, and `taken_as` gives categories that are counted and
    priced as others, and with `tiers_reached` every unit of a month has the tier that the last one reaches: for replays
    under another reading. `allowance_drawn` units of each allowance are taken for used up
    before the log begins, and of what is left one in `allowance_weight` is given: for logs that have lost a part.
    """

    account: Account
    regimes: tuple[Regime, ...]
    markets: Markets
    tariff: Tariff
    numbers: tuple[str, ...] = ()
    allowance_size: int | None = None
    allowance_per: str = ""
    taken_as: tuple[tuple[Category, Category], ...] = ()
    tiers_reached: bool = False
    allowance_drawn: int = 0
    allowance_weight: int = 1

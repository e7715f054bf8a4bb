"""The words of the program for what is checked beside the comparison of invoice and log.

An invoice by itself, a usage export as a third source, and the prices that Meta logged. Frozen records, in the units of
`tables`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal

from auditor.core.problems import Place
from auditor.core.records import NOTHING


@dataclass(frozen=True, slots=True)
class LoggedPattern:
    """Messages of the period for which Meta logged another verdict than the engine's, alike in both (pricing.md §11).

    `category` and `pricing_type` are the engine's; the `logged_...` words and `billable` Meta's, empty or None where
    its log is silent. `covered` messages fell under a conversation that was open: they cost nothing of their own.
    `expected` is what the engine charges for the messages in `currency`, `logged` what Meta's verdict would cost by
    the list rates on file (None: not to be told), `unrated` how many of them have no amount. `row` is the first.
    """

    regime: str
    category: str
    pricing_type: str
    covered: bool
    logged_model: str
    logged_category: str
    logged_type: str
    billable: bool | None
    currency: str
    messages: int
    unrated: int
    expected: Decimal
    logged: Decimal | None
    row: int

    @property
    def difference(self) -> Decimal | None:
        """Give what Meta's verdict would cost more (or less) than the engine's, None where that cannot be told."""
        return None if self.logged is None else self.logged - self.expected


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """How Meta's logged pricing compares: messages of the period that say anything, and those that disagree."""

    compared: int = 0
    disagreeing: int = 0
    patterns: tuple[LoggedPattern, ...] = ()


@dataclass(frozen=True, slots=True)
class LineFinding:
    """What lines of the invoice say against themselves, each other or the contract (`checks/lines.py`).

    `code` names its sentence (`checks.<code>`), `values` fill it: amounts to the minor unit of `currency`, exact rates.
    `amount` is what is at stake, billed minus right, None where the lines cannot tell.
    """

    code: str
    places: tuple[Place, ...]
    currency: str
    amount: Decimal | None
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """Invoice, usage export and log under one key (`checks/`); an empty text is a dimension not all three state.

    Quantities are charged units, None where a source states none; an export that `counts_free` units is compared with
    `expected_all`. Amounts are in the invoice's currency; the export's is approximate. `door` says which of the three
    stands alone: `billing`, `export`, `log`, the `rates` on file, nobody (`agree`), or all of them (`open`);
    `export_days` and `log_days` where the export's days are cut in another zone than the account's. An export that
    lacks some of the period is held against the log alone, for what it has: `part` (they agree), `part_off`; `absent`
    where it has nothing of the account. `first` and `last` are the days that it has.
    """

    waba_id: str
    market: str
    category: str
    billed_quantity: Decimal | None
    billed: Decimal
    exported_quantity: Decimal | None
    exported: Decimal | None
    expected_quantity: int
    expected_all: int
    expected: Decimal | None
    counts_free: bool
    door: str
    first: date | None = None
    last: date | None = None

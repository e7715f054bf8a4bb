"""What a reading is: another way to read the rules, as a change of a replay or of its pricing.

Each has a cause code (formats.md §8), a variant that tells it from others of that code, the figures with which it is
said, and `bits`: how unlikely it is before anything is seen, as the binary logarithm of its odds.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import ceil

from auditor.core.causes.replay import Edit
from auditor.core.causes.replay import LogLike
from auditor.core.causes.replay import Setting
from auditor.core.causes.replay import Units
from auditor.core.causes.tally import Quarters
from auditor.core.causes.view import Billed
from auditor.core.causes.view import Lookup
from auditor.core.causes.view import View
from auditor.core.causes.words import ON
from auditor.core.causes.words import SINCE
from auditor.core.causes.words import UNTIL
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import RateRow
from auditor.core.results import Cell
from auditor.core.tables import Charges
from auditor.core.tables import PricingType
from auditor.core.terms import Terms

REGULAR = PricingType.REGULAR.word
CHARGED = frozenset({REGULAR, PricingType.UNRATED.word})
STATED, USUAL, RARE = 1.0, 3.0, 5.0
CLOSE = 3.0  # bits within which another account is shown
AS_LIKELY = 2.0  # bits within which another is as likely: four to one proves nothing
_IMPLIED = frozenset({"implied", "factor", "factor_alone", "factor_plus", "plus", "sum"})


@dataclass(frozen=True, slots=True)
class Part:
    """What is billed of one template, by its place among those that the log names: all of it that a cell `holds`."""

    template: int
    holds: Callable[[Cell], bool]


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the rules: what it does to a replay (`setting`) or to its pricing (`view`).

    `whole` readings carry units from line to line, so they cannot hold for one line and not for another. A `scope` is a
    column of cells and the value there for which alone the reading holds, or the day since or until which it does, or
    the first and the last day on which, if need be for one business number alone. A reading `leads` to others that cost
    a walk and are worth trying where it is promising. Its view is for all counted charges, or for those of a `part`
    that is counted apart.
    """

    cause: str
    variant: str
    values: Mapping[str, str] = field(compare=False)
    bits: float = field(compare=False)
    setting: Callable[[Setting], Setting] | None = field(compare=False, default=None)
    view: Callable[[View], View] | None = field(compare=False, default=None)
    whole: bool = field(compare=False, default=False)
    scope: tuple[str, ...] = ()
    leads: tuple["Reading", ...] = field(compare=False, default=())
    part: Part | None = field(compare=False, default=None)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out the hash once: what a set of readings comes to is looked up by them a hundred thousand times."""
        object.__setattr__(self, "_hash", hash((self.cause, self.variant, self.scope)))

    def __hash__(self) -> int:
        """Give what tells it from others, as equality has it."""
        return self._hash

    @property
    def name(self) -> str:
        """Name it uniquely."""
        return f"{self.cause} {self.variant}"

    @property
    def is_dated(self) -> bool:
        """Tell whether it holds since, until or on days of the period."""
        return self.scope[:1] in {(SINCE,), (UNTIL,), (ON,)}

    def concerns(self, cell: Cell) -> bool:
        """Tell whether a cell lies in the scope."""
        name, value, *more = self.scope
        if name == ON:
            last, *number = more
            return value <= cell.day.isoformat() <= last and number in ([], [cell.phone_number_id])
        if name == SINCE:
            return cell.day.isoformat() >= value
        return cell.day.isoformat() <= value if name == UNTIL else bool(getattr(cell, name) == value)

    @property
    def is_implied(self) -> bool:
        """Tell whether it is a figure that nothing states and the amounts billed imply."""
        return self.cause in {"fx", "mark_up", "card_currency"} and self.values.get("kind") in _IMPLIED

    @property
    def is_solved(self) -> bool:
        """Tell whether its figure was made to fit the lines: one that they imply, or the size of an allowance."""
        return self.is_implied or (self.cause == "free_allowance" and self.values.get("kind") == "size")

    @property
    def is_shared_out(self) -> bool:
        """Tell whether it is one sum that is shared out over all lines: it holds for every one, or was not done."""
        return self.cause == "provider_fee" and self.values.get("kind") == "shared"

    @property
    def rounds_again(self) -> int:
        """Give how many more roundings it puts on a line: what was rounded before is multiplied, and rounded again."""
        if self.is_shared_out:
            return ceil(Decimal(self.values["factor"]))
        return 1 if self.cause == "tax_included" else 0

    @property
    def rounds_units_to(self) -> int | None:
        """Give the decimals to which it rounds the price of every unit half up; None where it does no such thing."""
        known = self.cause == "rounding" and self.variant == f"unit {self.values['digits']}"
        return int(self.values["digits"]) if known else None

    @property
    def rounds_days_to(self) -> int | None:
        """Give the decimals to which it rounds what a line comes to on each day; None where it does no such thing."""
        known = self.cause == "rounding" and self.values.get("kind") == "day"
        return int(self.values["digits"]) if known else None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the readings are drawn from: the log, its charges as due: singly, by quarters, of one template, in cells.

    Places are the markets and countries that lines name: all of them, and those of international authentication.
    `taxed_apart` where the invoice states a tax on a line of its own, `repeated` where some line stands twice,
    `refused` where rows of it could not be read. `per_day` are the messages of each number and local day.
    """

    log: LogLike
    singly: Callable[[], Charges]
    quarters: Callable[[], Quarters]
    of_template: Callable[[int], tuple[Cell, ...]]
    terms: Terms
    cells: Sequence[Cell]
    places_billed: frozenset[tuple[str, str]]
    places_abroad: frozenset[tuple[str, str]]
    document: date | None
    by_day: bool
    taxed_apart: bool = False
    repeated: bool = False
    refused: bool = False
    per_day: Mapping[tuple[str, date], int] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        """Give the account."""
        return self.terms.account

    @property
    def regimes(self) -> frozenset[str]:
        """Name the regimes that the period lies in."""
        return frozenset(cell.regime for cell in self.cells)


def change_terms(change: Callable[[Terms], Terms]) -> Callable[[Setting], Setting]:
    """Let a replay be charged under other terms."""
    return lambda setting: replace(setting, terms=change(setting.terms))


def edit_log(edit: Edit) -> Callable[[Setting], Setting]:
    """Let the log of a replay be edited before it is charged."""
    return lambda setting: replace(setting, edits=(*setting.edits, edit))


def count_units(count: Units) -> Callable[[Setting], Setting]:
    """Let the charges of a replay be billed as other units than one."""
    return lambda setting: replace(setting, units=(*setting.units, count))


def relabel(change: Callable[[Billed], Billed]) -> Callable[[View], View]:
    """Let counted charges be billed as what they are not."""
    return lambda view: replace(view, relabels=(*view.relabels, change))


def change_lookup(change: Callable[[Lookup], Lookup]) -> Callable[[View], View]:
    """Let rates be looked up elsewhere."""
    return lambda view: replace(view, lookup=change(view.lookup))


def change_mark_ups(change: Callable[[RateRow], RateRow]) -> Callable[[View], View]:
    """Let other mark-ups be put on the cards at which rates are looked up: another reading may have put others there.

    For each cards once: what is looked up on them is remembered there.
    """
    known = dict[int, tuple[Tariff, Tariff]]()  # by identity; each is kept, so that no other takes its place

    def made(lookup: Lookup) -> Lookup:
        cards = lookup.tariff
        if id(cards) not in known:
            known[id(cards)] = (cards, cards.with_mark_ups(change))
        return replace(lookup, tariff=known[id(cards)][1])

    return change_lookup(made)

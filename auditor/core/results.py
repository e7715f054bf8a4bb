"""The words of the program for what comes out: cells, differences with their causes, log health, the whole answer.

Frozen records, in the units of `tables`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from auditor.core.money import total
from auditor.core.problems import ProblemCount
from auditor.core.records import NOTHING
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import Number
from auditor.core.records import UsageLine
from auditor.core.results_checks import CrossCheck
from auditor.core.results_checks import LineFinding
from auditor.core.results_checks import ThreeWay
from auditor.core.tables import NEVER
from auditor.core.tables import Category


class Status(StrEnum):
    """How a reconciled line ended (formats.md §8)."""

    MATCHED = "matched"
    WITHIN_TOLERANCE = "within_tolerance"
    DIFFERENT = "different"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    NOT_COMPARABLE = "not_comparable"


SETTLED = frozenset({Status.MATCHED, Status.WITHIN_TOLERANCE})
"""The statuses of a line that nobody need look at."""


ABROAD = {Category.AUTHENTICATION_INTERNATIONAL.word: Category.AUTHENTICATION.word}


@dataclass(frozen=True, slots=True)
class Cell:
    """Charges that are alike, counted: the smallest thing that reconciliation, workbook and charts add up.

    Amounts are sums in the rate's currency, None where the units are unrated; `day` is local to the account.
    """

    waba_id: str
    phone_number_id: str
    period: str
    day: date
    regime: str
    market: str
    country: str
    category: str
    pricing_type: str
    tier_from: int
    rate: Decimal | None
    currency: str
    quantity: int
    amount: Decimal | None
    low: Decimal | None
    high: Decimal | None
    certain: bool
    reasons: str

    @property
    def template_category(self) -> str:
        """Name the category that a template has: authentication abroad has a price of its own, and is no other."""
        return ABROAD.get(self.category, self.category)


@dataclass(frozen=True, slots=True)
class Support:
    """What speaks for a cause that is only possible, over the whole invoice.

    Of `off` lines that differ it makes `exact` fit, the causes `beside` it being taken together with it: `share` of all
    that differs, in amounts whatever their sign, between 0 and 1. `against` are the lines that it changes and that do
    not fit.
    """

    exact: int
    off: int
    share: Decimal
    against: int
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CauseAmount:
    """A cause of a line's difference: a code of formats.md §8 and its part of `difference` (billed - expected).

    `proof` is `found` or `possible`; `values` are the figures that prove it (zone, card, rows, billed, expected ...).
    Of one that competes with others without being found, `support` tells what speaks for it.
    """

    cause: str
    amount: Decimal
    proof: str = "found"
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    support: Support | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A reconciled line: billed and expected at the coarsest grain both sides have. Empty = not broken down.

    Amounts are in the invoice's currency; `expected`, `low`, `high`, `billed` and `difference` are rounded to its
    minor unit, `expected_exact` is not. Quantities count charged units unless the invoice lists free ones; None is
    not stated. `lines` and `cells` are places in the reconciliation's lists.
    """

    key: str
    waba_id: str
    period: str
    market: str
    country: str
    category: str
    pricing_type: str
    expected_quantity: int | None
    expected_rate: Decimal | None
    expected: Decimal
    expected_exact: Decimal
    low: Decimal
    high: Decimal
    billed_quantity: Decimal | None
    billed_rate: Decimal | None
    billed: Decimal
    difference: Decimal
    quantity_effect: Decimal | None
    rate_effect: Decimal | None
    tolerance: Decimal
    status: Status
    causes: tuple[CauseAmount, ...]
    lines: tuple[int, ...]
    cells: tuple[int, ...]

    @property
    def unexplained(self) -> Decimal:
        """Give what no cause accounts for."""
        return self.difference - sum((cause.amount for cause in self.causes if cause.proof == "found"), Decimal(0))


@dataclass(frozen=True, slots=True)
class RateUsed:
    """A rate that priced something: where it holds, what it is and where it comes from (workbook sheet J)."""

    currency: str
    market: str
    category: str
    first: date
    last: date | None
    tier_from: int
    rate: Decimal
    basis: str
    source: str
    card: str
    units: int


@dataclass(frozen=True, slots=True)
class FxUsed:
    """An exchange rate that converted something on `day`; `stated` is the day it was stated for (at most 7 before)."""

    day: date
    stated: date
    source_currency: str
    target_currency: str
    rate: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """The use of a free allowance or tier counter in one month (workbook sheet I).

    `owner` is the WABA, phone number or portfolio; `size` is the allowance or the tier's lower bound; `used` the units
    counted; `crossed_at` the instant (or `NEVER`) and `crossing_row` the message of the first unit beyond it.
    `opening` of the units `used` were counted elsewhere before; `daily` gives those of each day that has any.
    """

    kind: str
    owner: str
    period: str
    market: str
    category: str
    size: int
    used: int
    crossed_at: int
    crossing_row: int
    opening: int = 0
    daily: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """A step of the bridge from expected to invoiced: a cause code and what it adds."""

    cause: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """A sign that the log may not be whole, or is odd: what, where, and how much."""

    code: str
    phone_number_id: str
    day: date | None
    count: int
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """The messages of a number on a local day of the period, beside the usual of such a day (None: no usual).

    `silent_hours` are hours without any event in which the number has many on other such days.
    """

    phone_number_id: str
    day: date
    messages: int
    usual: int | None
    silent_hours: int


@dataclass(frozen=True, slots=True)
class Unlogged:
    """Local days from `first` to `last` of which the log has nothing of an account, or of a number that it never names.

    What was due for them is in no total and no range: nothing tells it.
    """

    waba_id: str
    phone_number_id: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class LogGap:
    """A trace of lost events and by how much it widens the expected total, in `Account.currency` (formats.md §6).

    `kind` is `block` (a number's events are missing from `first` to `last`, UTC) or `loss` (events are missing at
    random: `phone_number_id` empty). `missing` is the estimated number of lost events, `traces` what it is seen by.
    The true total lies up to `below` under and `above` over what is computed.
    """

    kind: str
    phone_number_id: str
    first: int
    last: int
    missing: int
    traces: int
    below: Decimal
    above: Decimal


@dataclass(frozen=True, slots=True)
class Widened:
    """What of the widening falls on a number and local day, in `Account.currency`; rows add up to the whole."""

    phone_number_id: str
    day: date
    below: Decimal
    above: Decimal


@dataclass(frozen=True, slots=True)
class Health:
    """How far the log can be trusted (formats.md §6): findings, messages per number and day, and what may be missing.

    `near_ends` messages lie within a day of the period's ends, where another cut would move them. `gaps` widen the
    range of totals; `widened` breaks that down by number and day, for whoever may blame a gap. `unlogged` days are
    beyond the log, and no range has them.
    """

    messages: int
    findings: tuple[HealthFinding, ...]
    per_day: Mapping[tuple[str, date], int]
    first: int = NEVER
    last: int = NEVER
    near_ends: int = 0
    coverage: tuple[CoverageDay, ...] = ()
    gaps: tuple[LogGap, ...] = ()
    widened: tuple[Widened, ...] = ()
    unlogged: tuple[Unlogged, ...] = ()


@dataclass(frozen=True, slots=True)
class HourUse:
    """What happened in one hour of one local day: messages, and the units behind lines that differ."""

    messages: int
    differing: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """An expectation that was sealed before any invoice was there; it `holds` while it is made of the same."""

    at: datetime
    who: str
    expected: Decimal
    low: Decimal
    high: Decimal
    currency: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was fixed before comparing: when the thresholds were set, when an invoice was first there, and the seal.

    `in_time` tells that the thresholds were set before any invoice was known.
    """

    thresholds_at: datetime | None = None
    invoice_at: datetime | None = None
    sealed: Sealed | None = None
    in_time: bool = True


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole answer: what every shell and every writer renders. All totals are in `account.currency`.

    `difference` = `billed` - `expected`; the bridge's steps add up to it exactly, `rounding` and `unexplained` last.
    `by_layer` holds every layer of the invoice; `billed` the reconciled ones only. `invoice_lines` and `cells` are what
    the differences point into. `usage_lines` are the platform's own counts, if they were handed in, and `three_way`
    holds them against both sides; `cross_check` says where what Meta logged with its statuses disagrees.
    `line_findings` are the invoice's own errors; without a log (`has_log`) they are all there is: nothing is expected,
    and no line is compared.
    """

    account: Account
    differences: tuple[Difference, ...]
    bridge: tuple[BridgeStep, ...]
    expected: Decimal
    low: Decimal
    high: Decimal
    billed: Decimal
    difference: Decimal
    unexplained: Decimal
    by_layer: Mapping[str, Decimal]
    invoice_lines: tuple[InvoiceLine, ...]
    control_totals: tuple[ControlTotal, ...]
    cells: tuple[Cell, ...]
    rates: tuple[RateUsed, ...]
    fx: tuple[FxUsed, ...]
    allowances: tuple[Allowance, ...]
    health: Health
    imports: tuple[ImportReport, ...]
    problems: tuple[ProblemCount, ...]
    regimes: tuple[str, ...]
    tiers_not_on_file: Mapping[str, int]
    usage_lines: tuple[UsageLine, ...] = ()
    hours: Mapping[tuple[date, int], HourUse] = field(default_factory=dict)
    cross_check: CrossCheck = field(default_factory=CrossCheck)
    line_findings: tuple[LineFinding, ...] = ()
    has_log: bool = True
    three_way: tuple[ThreeWay, ...] = ()

    @property
    def overcharged(self) -> Decimal:
        """Give what lines were billed too much in all, nothing set off against it."""
        return total(line.difference for line in self.differences if line.difference > 0)

    @property
    def undercharged(self) -> Decimal:
        """Give what lines were billed too little in all, below zero, nothing set off against it."""
        return total(line.difference for line in self.differences if line.difference < 0)

    @property
    def unexplained_over(self) -> Decimal:
        """Give what no cause accounts for on lines billed too much, nothing set off against it."""
        return total(line.unexplained for line in self.differences if line.unexplained > 0)

    @property
    def unexplained_under(self) -> Decimal:
        """Give what no cause accounts for on lines billed too little, below zero, nothing set off against it."""
        return total(line.unexplained for line in self.differences if line.unexplained < 0)

    @property
    def offset(self) -> bool:
        """Tell whether unexplained parts of lines hide one another in the total."""
        return self.has_log and bool(self.unexplained_over and self.unexplained_under)

    @property
    def moved_by_rounding(self) -> Decimal:
        """Give what the totals, rounded once (pricing.md §9.2), differ by beyond the lines' own differences."""
        return self.difference - self.overcharged - self.undercharged


def business_numbers(account: Account, result: Reconciliation | None) -> tuple[tuple[str, Number], ...]:
    """Give business numbers with their WABA's id: those that an account lists, then those that the log alone names.

    Of a number that nothing was charged for the log tells no WABA: the id is then empty.
    """
    listed = tuple((waba.id, number) for waba in account.wabas for number in waba.numbers)
    if result is None:
        return listed
    known = {number.id for _, number in listed}
    owners = {cell.phone_number_id: cell.waba_id for cell in result.cells}
    named = {*owners, *(number for number, _ in result.health.per_day)} - known - {""}
    return (*listed, *((owners.get(number, ""), Number(number)) for number in sorted(named)))

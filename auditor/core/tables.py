"""The words of the program: the columns and records that every floor of the house speaks in.

Big things (messages, charges) are columns: numpy arrays of one length, a row being the same place in each.
Small things (accounts, invoice lines, differences) are frozen records. Instants are microseconds since
1970-01-01 UTC as int64, days are days since that date, months are `year * 12 + month - 1`; `NEVER` stands for
a time that is not known. Money is `Decimal`, exact, in the currency that stands beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from auditor.core.problems import Place
from auditor.core.problems import ProblemCount

Int64: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Int32: TypeAlias = npt.NDArray[np.int32]
Int16: TypeAlias = npt.NDArray[np.int16]
Int8: TypeAlias = npt.NDArray[np.int8]
UInt32: TypeAlias = npt.NDArray[np.uint32]
UInt64: TypeAlias = npt.NDArray[np.uint64]
UInt16: TypeAlias = npt.NDArray[np.uint16]

CHECKS = ("number_free", "policies_accepted", "business_verified", "display_name_approved")
"""The platform's conditions of a business number (window.md §3)."""
NEVER = np.iinfo(np.int64).min
NOTHING: Mapping[str, str] = MappingProxyType({})

# The canonical message log as a table: formats.md §1, every name as there. A log reader hands on a DuckDB
# relation of exactly these columns. Times are microseconds UTC; amounts stay text until they are money.
MESSAGE_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "source_row": "BIGINT",
        "message_id": "VARCHAR",
        "waba_id": "VARCHAR",
        "phone_number_id": "VARCHAR",
        "user": "VARCHAR",
        "country": "VARCHAR",
        "direction": "VARCHAR",
        "template_category": "VARCHAR",
        "template_name": "VARCHAR",
        "referral": "BOOLEAN",
        "origin": "VARCHAR",
        "group_id": "VARCHAR",
        "sent_at": "BIGINT",
        "delivered_at": "BIGINT",
        "read_at": "BIGINT",
        "failed_at": "BIGINT",
        "conversation_id": "VARCHAR",
        "conversation_origin": "VARCHAR",
        "conversation_expires_at": "BIGINT",
        "pricing_model": "VARCHAR",
        "pricing_type": "VARCHAR",
        "pricing_category": "VARCHAR",
        "billable": "BOOLEAN",
        "logged_amount": "VARCHAR",
        "max_price": "VARCHAR",
    }
)


class Category(IntEnum):
    """What a unit is charged as (formats.md §8). The first five are also what a message can be."""

    SERVICE = 0
    MARKETING = 1
    UTILITY = 2
    AUTHENTICATION = 3
    MARKETING_LITE = 4
    AUTHENTICATION_INTERNATIONAL = 5
    USER_INITIATED = 6
    BUSINESS_INITIATED = 7
    REFERRAL_CONVERSION = 8
    NOTIFICATION = 9

    @property
    def word(self) -> str:
        """Give the word of formats.md §8."""
        return self.name.lower()


class PricingType(IntEnum):
    """Why a unit is charged or free (formats.md §8)."""

    REGULAR = 0
    FREE_TIER = 1
    FREE_CUSTOMER_SERVICE = 2
    FREE_ENTRY_POINT = 3
    FREE_SERVICE = 4
    UNRATED = 5
    OUTSIDE_AUDIT = 6

    @property
    def word(self) -> str:
        """Give the word of formats.md §8."""
        return self.name.lower()

    @property
    def is_free(self) -> bool:
        """Tell whether the unit costs nothing by rule."""
        return PricingType.FREE_TIER <= self <= PricingType.FREE_SERVICE


class Reason(IntEnum):
    """Bits of a charge's reasons (pricing.md §10): the first six make it uncertain, the rest are remarks."""

    ERA_CROSSING = 1
    WINDOW_SPLIT = 2
    TIER_VOLUME_UNKNOWN = 4
    NO_RATE = 8
    NO_MARKET = 16
    MAX_PRICE_UNKNOWN = 32
    FAILED_AFTER_DELIVERY = 64
    OUTSIDE_WINDOW = 128
    ABOVE_MAX_PRICE = 256
    CARRIED_OVER = 512


UNCERTAIN = 63


def reason_words(bits: int) -> str:
    """Give the reasons of a bit set as formats.md §8 writes them: sorted, joined by `;`."""
    return ";".join(sorted(reason.name.lower() for reason in Reason if bits & reason))


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


class Layer(StrEnum):
    """What an invoice line is for (formats.md §3): only `meta` is reconciled, the rest tie to the total."""

    META = "meta"
    PROVIDER_FEE = "provider_fee"
    SUBSCRIPTION = "subscription"
    TAX = "tax"
    CREDIT = "credit"
    TOP_UP = "top_up"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Number:
    """A business phone number of a WABA."""

    id: str
    phone: str = ""
    name: str = ""
    cost_centre: str = ""


@dataclass(frozen=True, slots=True)
class Waba:
    """A WhatsApp Business Account: one currency, one zone (pricing.md §1).

    `authentication_international` holds, per ISO country, the instant from which that category applies.
    """

    id: str
    time_zone: str
    currency: str
    name: str = ""
    portfolio: str = ""
    primary_location: str = ""
    numbers: tuple[Number, ...] = ()
    authentication_international: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class OpeningVolume:
    """Units charged elsewhere in a portfolio before this log's first message of a month (pricing.md §7)."""

    portfolio: str
    market: str
    category: str
    month: str
    volume: int


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a line may be off: the larger of an amount and a percentage of the expected amount."""

    amount: Decimal
    percent: Decimal
    category: str = ""
    market: str = ""


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax on the invoice; `included` when the lines' amounts already hold it."""

    name: str
    rate: Decimal
    included: bool = False


@dataclass(frozen=True, slots=True)
class Fee:
    """What a reseller's contract charges beside messages. `per` is month, number or unit."""

    layer: str
    amount: Decimal
    currency: str
    per: str


@dataclass(frozen=True, slots=True)
class FxMethod:
    """How a rate's currency becomes the invoice's (pricing.md §9.5). `file` is a path; `rate` for invoice_rate.

    `side` is `buy` or `sell`, of a table that states both.
    """

    method: str = "daily"
    file: str = ""
    rate: Decimal | None = None
    source_currency: str = ""
    target_currency: str = ""
    source: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class FxRate:
    """A stated rate: one unit of `source_currency` is `rate` units of `target_currency` on `day`."""

    day: date
    source_currency: str
    target_currency: str
    rate: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What a log cannot say (formats.md §7): `account.toml`, read and checked. `first`..`last` is the period."""

    name: str
    first: date
    last: date
    currency: str
    wabas: tuple[Waba, ...]
    entity: str = ""
    tax_id: str = ""
    preparer: str = ""
    reviewer: str = ""
    language: str = "en"
    tolerance: Tolerance = Tolerance(Decimal("0.01"), Decimal(0))
    tolerances: tuple[Tolerance, ...] = ()
    materiality: Tolerance = Tolerance(Decimal(0), Decimal(0))
    tax: Tax | None = None
    fees: tuple[Fee, ...] = ()
    opening_volumes: tuple[OpeningVolume, ...] = ()
    cards: tuple[str, ...] = ("meta",)
    fx: FxMethod = FxMethod()


@dataclass(frozen=True, slots=True)
class RateRow:
    """A row of a rate card (formats.md §5); `last` None is still in force, `tier_to` None is no end.

    Either `rate` is stated, or `factor` and `plus`: a mark-up over the card beneath.
    """

    first: date
    last: date | None
    currency: str
    market: str
    category: str
    tier_from: int | None
    tier_to: int | None
    rate: Decimal | None
    factor: Decimal | None
    plus: Decimal
    basis: str
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Card:
    """One layer of rates, as read from one file; a later layer goes before an earlier one, row by row."""

    name: str
    rows: tuple[RateRow, ...]


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line of an invoice (formats.md §3); an empty text or None is "not broken down".

    `period_end` is inclusive. `raw` keeps the text of every number and date as it stood in the file.
    """

    amount: Decimal
    currency: str
    source: Place
    layer: Layer = Layer.META
    document: str = ""
    document_type: str = "invoice"
    document_date: date | None = None
    due_date: date | None = None
    supplier: str = ""
    supplier_tax_id: str = ""
    period_start: date | None = None
    period_end: date | None = None
    waba_id: str = ""
    phone_number_id: str = ""
    market: str = ""
    country: str = ""
    category: str = ""
    pricing_type: str = ""
    tier: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    unit_rate: Decimal | None = None
    description: str = ""
    raw: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class UsageLine:
    """A line of a usage export (formats.md §3): what the platform counted, the third source beside log and invoice.

    Named as in `InvoiceLine` and empty as there. `quantity` is units and `amount` the approximate cost, None where it
    is withheld; `currency` is the WABA's, for an export seldom states one. `period_end` is inclusive; both are days as
    the export cuts them, in `zone` (empty: not known). `export` names the layout: `pricing_analytics`,
    `conversation_analytics`, or the profile of a table.
    """

    quantity: Decimal | None
    source: Place
    export: str
    amount: Decimal | None = None
    currency: str = ""
    layer: Layer = Layer.META
    period_start: date | None = None
    period_end: date | None = None
    zone: str = ""
    waba_id: str = ""
    phone_number_id: str = ""
    market: str = ""
    country: str = ""
    category: str = ""
    pricing_type: str = ""
    tier: str = ""
    unit: str = ""
    description: str = ""
    raw: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """A total the file itself states: what it is of (`total`, `subtotal`, `quantity`, `tax`) and where it stands."""

    kind: str
    amount: Decimal
    currency: str
    source: Place
    label: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: journalled, shown in Sources and on the workbook's imports sheet.

    `kind` is log, invoice, usage, card, fx or account; `first`/`last` are microseconds UTC of the log's span;
    `total` is the sum of the kept lines' amounts; `decisions` say how numbers, dates and zones were read, `warnings`
    what is to be judged: what the file has in common with others that are there, files of a folder that were not read.
    """

    file: str
    kind: str
    sha256: str
    size: int
    read: int
    kept: int
    left_out: int
    refused: int
    profile: str = ""
    first: int = NEVER
    last: int = NEVER
    total: Decimal | None = None
    decisions: tuple[str, ...] = ()
    problems: tuple[ProblemCount, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Messages:
    """The log as columns, a row per canonical row (duplicates not yet merged), in the order of import.

    `number`, `waba`, `country`, `group` are places in the lists of `names` (-1: not stated). `user` is the
    phone number itself when it is one, else a negative hash. `id_hash` is 64 bits of the message id. `kind`
    packs direction, template category, referral and origin (see `kinds.py`). `logged` packs Meta's logged
    pricing words (see `logged.py`). `paid` is the place in `amounts` of the logged amount, `limit`
    of the maximum price.
    """

    number: Int32
    waba: Int16
    user: Int64
    country: Int16
    group: Int32
    id_hash: UInt64
    kind: UInt16
    sent: Int64
    delivered: Int64
    read: Int64
    failed: Int64
    expires: Int64
    paid: Int32
    limit: Int32
    logged: UInt16
    numbers: tuple[str, ...]
    wabas: tuple[str, ...]
    countries: tuple[str, ...]
    groups: tuple[str, ...]
    amounts: tuple[Decimal, ...]

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.sent)


@dataclass(frozen=True, slots=True)
class ChargeKinds:
    """Charges that are alike but for who, when and how many messages, counted; one row per kind.

    `waba` and `number` are places in the account's lists, `market` and `country` in the tariff's (-1: unknown).
    `rate`, `amount`, `low` and `high` are places in `values` (-1: empty). `tier_from` is 0 outside tiers. `reasons`
    are bits of `Reason`; `grouped` marks group messages (pricing.md §8).
    """

    conversation: npt.NDArray[np.bool_]
    regime: Int8
    waba: Int16
    number: Int32
    market: Int16
    country: Int16
    category: Int8
    pricing_type: Int8
    day: Int32
    month: Int32
    tier_from: Int64
    rate: Int32
    amount: Int32
    low: Int32
    high: Int32
    reasons: UInt16
    grouped: npt.NDArray[np.bool_]
    count: Int64
    values: tuple[Decimal, ...]

    def __len__(self) -> int:
        """Give the number of kinds."""
        return len(self.count)


@dataclass(frozen=True, slots=True)
class Charges:
    """One row per conversation or delivered outbound message (formats.md §8), free ones included.

    `row` is the message (place in `Messages`) that opened it, `ends_at` is `NEVER` for messages, `kind` the place in
    `kinds` of all that it shares with others. `belongs` gives, for each message row, the charge it falls under
    (-1: none).
    """

    row: Int64
    billed_at: Int64
    ends_at: Int64
    messages: Int32
    kind: Int32
    kinds: ChargeKinds
    belongs: Int64

    def __len__(self) -> int:
        """Give the number of charges."""
        return len(self.row)

    @property
    def values(self) -> tuple[Decimal, ...]:
        """Give the exact amounts that `rate`, `amount`, `low` and `high` are places in."""
        return self.kinds.values

    # What a charge shares with others of its kind, one value per charge ----------------------------------------------

    @property
    def conversation(self) -> npt.NDArray[np.bool_]:
        """Tell which charges are conversations."""
        return self.kinds.conversation[self.kind]

    @property
    def regime(self) -> Int8:
        """Give each charge's regime, as a row of the table of regimes."""
        return self.kinds.regime[self.kind]

    @property
    def waba(self) -> Int16:
        """Give each charge's WABA, as a place in the account's list."""
        return self.kinds.waba[self.kind]

    @property
    def number(self) -> Int32:
        """Give each charge's business number, as a place in the log's list."""
        return self.kinds.number[self.kind]

    @property
    def market(self) -> Int16:
        """Give each charge's market, as a place in the table of markets (-1: unknown)."""
        return self.kinds.market[self.kind]

    @property
    def country(self) -> Int16:
        """Give each charge's place in the table of markets (-1: unknown)."""
        return self.kinds.country[self.kind]

    @property
    def category(self) -> Int8:
        """Give each charge's `Category`."""
        return self.kinds.category[self.kind]

    @property
    def pricing_type(self) -> Int8:
        """Give each charge's `PricingType`."""
        return self.kinds.pricing_type[self.kind]

    @property
    def day(self) -> Int32:
        """Give each charge's local day, counted from 1970."""
        return self.kinds.day[self.kind]

    @property
    def month(self) -> Int32:
        """Give each charge's local month, counted from the year 0."""
        return self.kinds.month[self.kind]

    @property
    def tier_from(self) -> Int64:
        """Give the lower bound of each charge's tier (0: outside tiers)."""
        return self.kinds.tier_from[self.kind]

    @property
    def rate(self) -> Int32:
        """Give each charge's rate, as a place in `values`."""
        return self.kinds.rate[self.kind]

    @property
    def amount(self) -> Int32:
        """Give each charge's amount, as a place in `values`."""
        return self.kinds.amount[self.kind]

    @property
    def low(self) -> Int32:
        """Give each charge's low amount, as a place in `values`."""
        return self.kinds.low[self.kind]

    @property
    def high(self) -> Int32:
        """Give each charge's high amount, as a place in `values`."""
        return self.kinds.high[self.kind]

    @property
    def reasons(self) -> UInt16:
        """Give each charge's bits of `Reason`."""
        return self.kinds.reasons[self.kind]

    @property
    def grouped(self) -> npt.NDArray[np.bool_]:
        """Tell which charges are messages to a group (pricing.md §8)."""
        return self.kinds.grouped[self.kind]


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


@dataclass(frozen=True, slots=True)
class CauseAmount:
    """A cause of a line's difference: a code of formats.md §8 and its part of `difference` (billed - expected).

    `proof` is `found` or `possible`; `values` are the figures that prove it (zone, card, rows, billed, expected ...).
    """

    cause: str
    amount: Decimal
    proof: str = "found"
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)


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
    range of totals; `widened` breaks that down by number and day, for whoever may blame a gap.
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


@dataclass(frozen=True, slots=True)
class HourUse:
    """What happened in one hour of one local day: messages, and the units behind lines that differ."""

    messages: int
    differing: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole answer: what every shell and every writer renders. All totals are in `account.currency`.

    `difference` = `billed` - `expected`; the bridge's steps add up to it exactly, `rounding` and `unexplained` last.
    `by_layer` holds every layer of the invoice; `billed` the reconciled ones only. `invoice_lines` and `cells` are what
    the differences point into. `usage_lines` are the platform's own counts, if they were handed in;
    `cross_check` says where what Meta logged with its statuses disagrees.
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
    cross_check: CrossCheck = CrossCheck()

"""The words of the program for what is handed in beside the log: account, rates, invoice and usage lines, imports.

Frozen records, in the units of `tables`.
"""

from bisect import bisect_right
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.core.problems import Said
from auditor.core.tables import NEVER

CHECKS = ("number_free", "policies_accepted", "business_verified", "display_name_approved")
"""The platform's conditions of a business number (window.md §3)."""
NOTHING: Mapping[str, str] = MappingProxyType({})


class Layer(StrEnum):
    """What an invoice line is for (formats.md §3): only `meta` is reconciled, the rest tie to the total."""

    META = "meta"
    PROVIDER_FEE = "provider_fee"
    SUBSCRIPTION = "subscription"
    TAX = "tax"
    CREDIT = "credit"
    TOP_UP = "top_up"
    OTHER = "other"


MOST_APART = 100_000
"""Lines of invoices that are told apart, at most: each takes some 40 kB where causes are searched for."""


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

    @property
    def charged_in(self) -> str:
        """Give the currency in which charges add up: that of all its WABAs, or its own where they have several."""
        several = {waba.currency for waba in self.wabas}
        return several.pop() if len(several) == 1 else self.currency

    def times_due(self, fee: Fee) -> int:
        """Give how often a fee falls due that is no fee of units: by month, or by month and number."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return months * (sum(len(waba.numbers) for waba in self.wabas) if fee.per == "number" else 1)

    def fee_of(self, line: "InvoiceLine") -> Fee | None:
        """Give the fee that a line bills among the messages, of which it names none: to the cent what is stated."""
        if line.layer != Layer.META or line.category or line.market or line.country or line.quantity not in {None, 1}:
            return None
        stated = (fee for fee in self.fees if fee.per != "unit" and fee.currency == line.currency)
        return next((fee for fee in stated if line.amount in self.amounts_of(fee)), None)

    def fees_within(self, currency: str) -> tuple[Decimal, ...]:
        """Give what may be billed in a currency of the fees that are none of units."""
        some = (fee for fee in self.fees if fee.per != "unit" and fee.currency == currency)
        return tuple(dict.fromkeys(amount for fee in some for amount in self.amounts_of(fee)))

    def amounts_of(self, fee: Fee) -> tuple[Decimal, ...]:
        """Give what is billed of a fee that is none of units: once, or as often as it falls due."""
        return tuple(dict.fromkeys((fee.amount * self.times_due(fee), fee.amount)))


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

    `period_end` is inclusive. `raw` keeps the text of every number and date as it stood in the file. `message` tells
    apart the messages, recipients or templates that the lines of a file name, without naming them: 0 is none.
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
    message: int = 0
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
class Stretch:
    """Rows of a folder that follow each other in one `file` of it: the `first` among all rows, and its `row` there."""

    file: str
    first: int
    row: int


def place_among(stretches: Sequence[Stretch], file: str, row: int) -> tuple[str, int]:
    """Give the file in which a row stands and its number there; of what is no folder that is `file` itself."""
    at = bisect_right(stretches, row, key=lambda one: one.first) - 1
    if at < 0:
        return file, row
    found = stretches[at]
    return found.file, found.row + row - found.first


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: journalled, shown in Sources and on the workbook's imports sheet.

    `kind` is log, invoice, usage, card, fx or account; `first`/`last` are microseconds UTC of the log's span;
    `total` is the sum of the kept lines' amounts; `decisions` say how numbers, dates and zones were read, `warnings`
    what is to be judged: what the file has in common with others that are there, files of a folder that were not read.
    `stretches` tell in which file the rows of a folder stand, which are numbered over all of them.
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
    decisions: tuple[Said, ...] = ()
    problems: tuple[ProblemCount, ...] = ()
    warnings: tuple[Said, ...] = ()
    stretches: tuple[Stretch, ...] = ()

    def place_of(self, row: int) -> tuple[str, int]:
        """Give the file in which a row of the log stands, and its number there."""
        return place_among(self.stretches, self.file, row)

"""The words of the program for big things: the columns of messages and charges, and what their numbers mean.

Columns are numpy arrays of one length, a row being the same place in each. Instants are microseconds since
1970-01-01 UTC as int64, days are days since that date, months are `year * 12 + month - 1`; `NEVER` stands for
a time that is not known. Money is `Decimal`, exact, in the currency that stands beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Int64: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Int32: TypeAlias = npt.NDArray[np.int32]
Int16: TypeAlias = npt.NDArray[np.int16]
Int8: TypeAlias = npt.NDArray[np.int8]
UInt32: TypeAlias = npt.NDArray[np.uint32]
UInt64: TypeAlias = npt.NDArray[np.uint64]
UInt16: TypeAlias = npt.NDArray[np.uint16]

NEVER = np.iinfo(np.int64).min

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
    belongs: Int32

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

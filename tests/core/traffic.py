"""A month of traffic as webhook events, of several shapes and in every regime; and ways to lose some of it.

Events are what a webhook reports singly: a customer's message, or a status (sent, delivered, read, failed) of ours. A
log of them is complete; `without_block` and `without_some` lose events as a stopped or a flaky receiver does.
"""

from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import REFERRAL
from auditor.core.kinds import REFERRAL_KNOWN
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import Number
from auditor.core.records import Waba
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import Messages
from auditor.core.terms import Terms
from auditor.core.timeline import HOUR
from auditor.core.timeline import SECOND
from auditor.core.timeline import instant
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from tests.core.as_columns import card_of

ZONE = "America/Lima"
SENT, DELIVERED, READ, FAILED, WROTE = range(5)
MINUTE = 60 * SECOND
DAY = 24 * HOUR
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# A contract with a price for everything, so that each loss of a chargeable message costs something.
PRICES = {
    "marketing": "0.07", "utility": "0.02", "authentication": "0.025", "service": "0.01",
    "user_initiated": "0.03", "business_initiated": "0.05", "marketing_lite": "0.06", "notification": "0.04",
}  # fmt: skip
MONTHS = {
    "notification": date(2021, 11, 1),
    "conversation-v1": date(2022, 8, 1),
    "conversation-v2": date(2024, 3, 1),
    "conversation-v2-free-service": date(2025, 2, 1),
    "message-v1": date(2025, 9, 1),
    "message-v2": date(2026, 10, 1),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a number's traffic goes: customers a day, templates a day, when in day and week, and its campaigns."""

    chats: float
    utility: float
    authentication: float
    campaigns: int = 0
    campaign_size: int = 0
    night: float = 0.3  # activity from 23 to 7 against the rest
    weekend: float = 1.0  # activity on Saturday and Sunday against the rest
    numbers: int = 1


SHAPES = {
    "steady": Shape(120, 250, 200),
    "weekend_shy": Shape(120, 250, 150, weekend=0.15),
    "campaigns": Shape(100, 150, 100, campaigns=6, campaign_size=900),
    "quiet_nights": Shape(60, 120, 60, night=0.0),
    "several": Shape(60, 130, 90, campaigns=2, campaign_size=300, numbers=3),
    "few_customers": Shape(8, 6, 2, campaigns=1, campaign_size=400, night=0.1, weekend=0.4, numbers=3),
    "a_shop": Shape(40, 40, 20, campaigns=2, campaign_size=500, night=0.05, weekend=0.5),
    "busy": Shape(500, 1200, 900, campaigns=4, campaign_size=3000),
}


@dataclass(frozen=True, slots=True)
class Events:
    """Events as columns, in order of time."""

    number: npt.NDArray[np.int32]
    user: npt.NDArray[np.int64]
    message: npt.NDArray[np.int64]
    kind: npt.NDArray[np.uint16]
    what: npt.NDArray[np.int8]
    at: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Give the number of events."""
        return len(self.at)

    def chosen(self, which: npt.NDArray[np.bool_]) -> "Events":
        """Give some of the events."""
        return Events(*(getattr(self, name)[which] for name in self.__slots__))


def account_of(regime: str, shape: Shape) -> Account:
    """Give the account of a month of this regime."""
    first = MONTHS[regime]
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    numbers = tuple(Number(f"number{n}") for n in range(shape.numbers))
    return Account("Traffic", first, last, "USD", (Waba("waba", ZONE, "USD", numbers=numbers),))


def terms_of(account: Account) -> Terms:
    """Give the rules and the contract's prices."""
    rows = [
        {"effective_from": "2019-01-01", "currency": "USD", "market": "*", "category": category, "rate": rate}
        for category, rate in PRICES.items()
    ]
    return Terms(account, regimes(), market_table(), Tariff([card_of(rows, "contract")]))


class _Maker:
    """Draws a month, number by number."""

    def __init__(self, account: Account, shape: Shape, rng: np.random.Generator) -> None:
        self.shape, self.rng = shape, rng
        first = account.first - timedelta(days=2)  # what is under way when the month begins is part of the log
        zone = ZoneInfo(ZONE)
        self.start = instant(datetime(first.year, first.month, first.day, tzinfo=zone))
        self.days = (account.last - first).days + 2
        self.parts: list[tuple[npt.NDArray[np.int64], ...]] = []
        self.messages = 0
        self.users = 0
        self.weights = np.concatenate([self._day(first + timedelta(days=n)) for n in range(self.days)])

    def _day(self, day: date) -> Floats:
        hours = np.ones(24)
        hours[[23, 0, 1, 2, 3, 4, 5, 6]] = self.shape.night
        return np.asarray(hours / hours.sum() * (self.shape.weekend if day.weekday() >= 5 else 1.0), np.float64)

    def times(self, a_day: float) -> npt.NDArray[np.int64]:
        """Draw instants at so many a working day, by hour of day and week."""
        counts = self.rng.poisson(self.weights * a_day)
        hours = np.repeat(np.arange(len(counts)), counts)
        return np.asarray(self.start + hours * HOUR + self.rng.integers(0, HOUR, len(hours)), np.int64)

    def people(self, count: int, fresh: float = 0.7) -> npt.NDArray[np.int64]:
        """Draw users: new ones, or any met before."""
        known = max(1, self.users)
        new = self.rng.random(count) < fresh
        users = np.where(new, self.users + np.cumsum(new), self.rng.integers(0, known, count))
        self.users += int(new.sum())
        return np.asarray(51_900_000_000 + users, np.int64)

    def write(self, number: int, at: npt.NDArray[np.int64], user: npt.NDArray[np.int64], referral: Bools) -> None:
        """Let users write to us."""
        kind = np.where(referral, REFERRAL_KNOWN | REFERRAL, REFERRAL_KNOWN)
        self._add(number, user, self._ids(len(at)), kind, WROTE, at)

    def send(self, number: int, at: npt.NDArray[np.int64], user: npt.NDArray[np.int64], category: Category) -> None:
        """Send messages, with the statuses that they come to have."""
        rng, n = self.rng, len(at)
        ids, kind = self._ids(n), np.full(n, OUTBOUND | category << CATEGORY_SHIFT)
        self._add(number, user, ids, kind, SENT, at)
        fate = rng.random(n)
        fails, arrives = fate < 0.02, fate > 0.05  # the rest is sent and never heard of again
        self._add(number, user, ids, kind, FAILED, at + 5 * SECOND, fails)
        late = rng.random(n) < 0.06
        delay = np.where(late, rng.exponential(3 * HOUR, n), rng.exponential(4 * SECOND, n)).astype(np.int64) + SECOND
        delivered = at + delay
        reads = arrives & (rng.random(n) < 0.65)
        skips = reads & (rng.random(n) < 0.03)  # the chat is open: read, and never reported delivered
        self._add(number, user, ids, kind, DELIVERED, delivered, arrives & ~skips)
        pause = np.exp(rng.normal(np.log(20), 1.6, n)) * MINUTE
        self._add(number, user, ids, kind, READ, delivered + np.minimum(pause, 4 * DAY).astype(np.int64), reads)

    def _ids(self, count: int) -> npt.NDArray[np.int64]:
        self.messages += count
        return np.arange(self.messages - count, self.messages)

    def _add(
        self, number: int, user: npt.NDArray[np.int64], ids: npt.NDArray[np.int64], kind: npt.NDArray[np.int64],
        what: int, at: npt.NDArray[np.int64], which: npt.NDArray[np.bool_] | None = None,
    ) -> None:  # fmt: skip
        chosen = np.ones(len(at), bool) if which is None else which
        n = int(chosen.sum())
        self.parts.append((np.full(n, number), user[chosen], ids[chosen], kind[chosen], np.full(n, what), at[chosen]))

    def number(self, number: int) -> None:
        """Draw the month of one number."""
        rng, shape = self.rng, self.shape
        at = self.times(shape.chats)
        user = self.people(len(at))
        self.write(number, at, user, rng.random(len(at)) < 0.05)
        reply = at
        for turn in range(4):  # a chat: they write, we answer, some go on
            reply = reply + (rng.exponential(3 * MINUTE, len(reply))).astype(np.int64) + 10 * SECOND
            self.send(number, reply, user, Category.SERVICE)
            goes_on = rng.random(len(reply)) < 0.6
            reply, user = reply[goes_on], user[goes_on]
            if turn == 1:
                self.send(number, reply + 10 * MINUTE, user, Category.UTILITY)
            reply = reply + (rng.exponential(5 * MINUTE, len(reply))).astype(np.int64)
            self.write(number, reply, user, np.zeros(len(reply), bool))
        for category, a_day in ((Category.UTILITY, shape.utility), (Category.AUTHENTICATION, shape.authentication)):
            at = self.times(a_day)
            self.send(number, at, self.people(len(at)), category)
        for _ in range(shape.campaigns):
            day, hour = int(rng.integers(2, self.days)), int(rng.integers(9, 19))
            at = self.start + day * DAY + hour * HOUR + rng.integers(0, HOUR, shape.campaign_size)
            user = self.people(len(at))
            self.send(number, at, user, Category.MARKETING)
            answers = rng.random(len(at)) < 0.08
            back = at[answers] + rng.exponential(HOUR, int(answers.sum())).astype(np.int64)
            self.write(number, back, user[answers], np.zeros(len(back), bool))
            self.send(number, back + 2 * MINUTE, user[answers], Category.SERVICE)

    def events(self) -> Events:
        """Give everything in order of time."""
        number, user, message, kind, what, at = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        order = np.argsort(at, kind="stable")
        return Events(
            number[order].astype(np.int32), user[order], message[order], kind[order].astype(np.uint16),
            what[order].astype(np.int8), at[order],
        )  # fmt: skip


def month(regime: str, shape: Shape, seed: int) -> tuple[Account, Events]:
    """Draw a month of complete traffic, with the two days before it; the log ends with the month's own last instant."""
    account = account_of(regime, shape)
    maker = _Maker(account, shape, np.random.default_rng(seed))
    for number in range(shape.numbers):
        maker.number(number)
    events = maker.events()
    return account, events


def log_of(events: Events, account: Account) -> Messages:
    """Make the log as a reader of webhooks does: a row per event."""
    n = len(events)
    never = np.full(n, NEVER, np.int64)
    nothing = np.full(n, -1, np.int32)

    def time(*which: int) -> npt.NDArray[np.int64]:
        return np.where(np.isin(events.what, which), events.at, never)

    return Messages(
        number=events.number, waba=np.zeros(n, np.int16), user=events.user, country=np.full(n, -1, np.int16),
        group=nothing, id_hash=events.message.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15), kind=events.kind,
        sent=time(SENT, WROTE), delivered=time(DELIVERED), read=time(READ), failed=time(FAILED), expires=never,
        paid=nothing, limit=nothing, logged=np.zeros(n, np.uint16),
        numbers=tuple(number.id for number in account.wabas[0].numbers), wabas=("waba",),
        countries=(), groups=(), amounts=(),
    )  # fmt: skip


def merged_log_of(events: Events, account: Account) -> Messages:
    """Make the log as many platforms export it: a row per message, with all its times."""
    single = log_of(events, account)
    _, first, place = np.unique(events.message, return_index=True, return_inverse=True)
    times: dict[str, Any] = {}
    for name in ("sent", "delivered", "read", "failed"):
        earliest = np.full(len(first), np.iinfo(np.int64).max)
        column = getattr(single, name)
        known = column != NEVER
        np.minimum.at(earliest, place[known], column[known])
        times[name] = np.where(earliest == np.iinfo(np.int64).max, NEVER, earliest)
    columns = ("number", "waba", "user", "country", "group", "id_hash", "kind", "expires", "paid", "limit", "logged")
    times |= {name: getattr(single, name)[first] for name in columns}
    return replace(single, **times)


def without_block(events: Events, number: int, start: int, length: int) -> Events:
    """Lose every event of a number for a while."""
    return events.chosen(~((events.number == number) & (events.at >= start) & (events.at < start + length)))


def without_rows(events: Events, number: int, start: int, length: int) -> Events:
    """Lose the messages of a number that begin in a while, with all that became of them."""
    begins = np.full(int(events.message.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(begins, events.message, events.at)
    lost = (begins >= start) & (begins < start + length)
    return events.chosen(~((events.number == number) & lost[events.message]))


def without_some(events: Events, share: float, rng: np.random.Generator) -> Events:
    """Lose single events, each by chance."""
    return events.chosen(rng.random(len(events)) >= share)


def price_of(category: str) -> Decimal:
    """Give the contract's price."""
    return Decimal(PRICES[category])

"""Random small logs that hit every boundary of pricing.md, for holding the engine to its readable twin.

`nasty_case(seed)` gives the rows of a log (formats.md §1), an account (as `tomllib` gives one, formats.md §7) and
layered cards (formats.md §5). A seed fixes an era and a theme, so any stretch of `CASES` seeds meets every era with
every theme. Users are already bare, times are ISO 8601 in UTC, so only the pricing is put to the test. Run both
sides with a small allowance (`SMALL_ALLOWANCE`), or the 1,000 free units are never used up.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.core.nasty_cards import TIER_MARKETS
from tests.core.nasty_cards import Card
from tests.core.nasty_cards import nasty_cards
from tests.core.twin_log import COLUMNS

Row = dict[str, str]
Case = tuple[list[Row], dict[str, Any], list[Card]]

SMALL_ALLOWANCE = 3
ZONES = (
    "America/Lima",
    "Asia/Kolkata",
    "America/Santiago",
    "Europe/Madrid",
    "Australia/Lord_Howe",
    "America/Los_Angeles",
    "Asia/Kathmandu",
    "UTC",
)
DAYS = (  # local days whose midnight the times gather around; twice where most can happen
    date(2021, 11, 30),
    date(2022, 2, 1),  # notification -> conversation-v1
    date(2022, 9, 11),  # Santiago's midnight does not exist
    date(2023, 3, 1),  # 24 h -> 72 h entry points
    date(2023, 3, 26),  # Madrid springs forward
    date(2023, 5, 1),
    date(2023, 6, 1),  # conversation-v1 -> v2
    date(2023, 6, 1),
    date(2024, 4, 7),  # Santiago and Lord Howe fall back
    date(2024, 8, 1),
    date(2024, 11, 1),  # free service
    date(2025, 3, 1),
    date(2025, 7, 1),  # conversations -> messages
    date(2025, 7, 1),
    date(2025, 10, 1),  # Zimbabwe changes market
    date(2026, 7, 1),  # six new markets, tiers
    date(2026, 10, 1),  # message-v1 -> v2, nine new markets
    date(2026, 10, 25),  # Madrid falls back
    date(2026, 11, 1),
)
USERS = (
    "51911111111",
    "51922222222",
    "525511111111",
    "919811111111",
    "263771111111",
    "85251111111",
    "212611111111",
    "447911111111",
    "441481111111",
    "18091111111",
    "12421111111",
    "14161111111",
    "77011111111",
    "74951111111",
    "243811111111",
    "6281111111111",
    "99911111111",
    "MX.777",
    "US.13491208655302741918",
    "PE.20481208655302741918",
)
COUNTRIES = ("", "", "PE", "IN", "KZ", "ZW", "ZZ")
SECOND = timedelta(seconds=1)
STEPS = (
    timedelta(0),
    timedelta(0),
    SECOND,
    -SECOND,
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(hours=5),
    timedelta(hours=24) - SECOND,
    timedelta(hours=24),
    timedelta(hours=24) + SECOND,
    timedelta(hours=48),
    timedelta(hours=72) - SECOND,
    timedelta(hours=72),
    timedelta(hours=72) + SECOND,
)
LAGS = (
    timedelta(0),
    timedelta(0),
    SECOND,
    timedelta(seconds=7),
    timedelta(hours=1),
    timedelta(hours=19),
    timedelta(hours=24) - SECOND,
    timedelta(hours=24),
)


@dataclass(frozen=True)
class Theme:
    """How often each nastiness occurs (0 to 1), and how many threads and messages there are at most."""

    name: str
    inbound: float = 0.35
    templates: float = 0.5
    referral: float = 0.1
    group: float = 0.02
    origin: float = 0.03
    expires: float = 0.1
    max_price: float = 0.05
    split: float = 0.15
    late: float = 0.15
    undelivered: float = 0.08
    contract: float = 0.35
    tiers: float = 0.2
    international: float = 0.25
    identity: float = 0.15
    microseconds: float = 0.03
    pace: float = 0.3  # how often a time stays close to the midnight
    users: int = 3
    wabas: int = 2
    messages: int = 40


THEMES = (
    Theme("windows", users=1, wabas=1, messages=25),
    Theme("entry points", referral=0.7, users=2, expires=0.25),
    Theme("allowance", templates=0.15, users=6, wabas=2, messages=60, late=0.05),
    Theme("tiers", templates=0.95, tiers=1, users=4, wabas=3, messages=60, contract=0.3, inbound=0.15),
    Theme("statuses", split=0.7, late=0.5, undelivered=0.3, microseconds=0.3),
    Theme("groups", group=0.5, users=4),
    Theme("international", international=1, templates=0.9, identity=0.3, users=4),
    Theme("contract", contract=1, tiers=0.3, identity=0.4, max_price=0.2),
    Theme("origin and price", origin=0.3, max_price=0.6, templates=0.7),
    Theme("identity", identity=1, users=6, contract=0.6),
    Theme("expirations", expires=0.9, users=1, wabas=1, messages=25),
    Theme("switch", users=1, wabas=1, templates=0.75, inbound=0.25, pace=0.8, contract=0.2),
    Theme("late", late=1, templates=0.8, pace=0.6, undelivered=0.02, users=2),
    Theme("tiny", users=1, wabas=1, messages=4, contract=0.5),
)
CASES = len(DAYS) * len(THEMES)


def nasty_case(seed: int) -> Case:
    """Make the case of a seed: its rows in the order of import, its account and its cards, bottom layer first."""
    day = DAYS[seed % len(DAYS)]
    theme = THEMES[seed // len(DAYS) % len(THEMES)]
    random = Random(seed)
    account = _account(random, theme, day)
    rows = _Log(random, theme, day, account).rows()
    return rows, account, nasty_cards(random, theme.contract, theme.tiers, day, account["waba"][0]["currency"])


def rows_by_import(rows: Iterable[Row]) -> list[Row]:
    """Give every row all its columns, empty where unknown, as a log reader would hand them on."""
    return [{column: row.get(column, "") for column in COLUMNS} for row in rows]


# ---------------------------------------------------------------- account


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _account(random: Random, theme: Theme, day: date) -> dict[str, Any]:
    currency = random.choices(("USD", "PEN", "INR", "EUR"), (8, 3 * theme.contract, 0.5, 0.5))[0]
    wabas = [_waba(random, theme, day, place, currency) for place in range(random.randint(1, theme.wabas))]
    account: dict[str, Any] = {
        "audit": {"name": "nasty", "period": f"{day:%Y-%m}", "currency": currency, "language": "en"},
        "waba": wabas,
        "rates": {"card": "meta"},
    }
    portfolios = sorted({waba["portfolio"] for waba in wabas if waba.get("portfolio")})
    if portfolios and random.random() < max(theme.tiers, 0.1):
        stated = _opening_volumes(random, portfolios, day)
        # What stands alone has the same volumes, stated by its id.
        alone = [waba["id"] for waba in wabas if not waba.get("portfolio")]
        again = [{**one, "portfolio": owner} for owner in alone for one in stated if one["portfolio"] == portfolios[0]]
        account["opening_volume"] = [*stated, *again]
    return account


def _waba(random: Random, theme: Theme, day: date, place: int, currency: str) -> dict[str, Any]:
    zone = random.choice(ZONES)
    numbers = [f"{place}{digit}0{place}5" for digit in range(1, random.randint(2, 3))]
    waba: dict[str, Any] = {"id": f"waba{place}", "time_zone": zone, "currency": currency, "numbers": numbers}
    if random.random() < 0.7:
        waba["portfolio"] = random.choice(("north", "north", "south"))
    if random.random() < 0.8:
        waba["primary_location"] = random.choice(("PE", "US", "IN", "GG", "CA"))
    if random.random() < theme.international:
        start = _midnight(day, zone) + random.choice((*STEPS, timedelta(days=-30)))
        waba["authentication_international"] = {
            country: start for country in ("IN", "PE", "GB", "US", "ID") if random.random() < 0.6
        }
    return waba


def _opening_volumes(random: Random, portfolios: Sequence[str], day: date) -> list[dict[str, Any]]:
    months = sorted({f"{day:%Y-%m}", f"{day - timedelta(days=1):%Y-%m}"})
    return [
        {"portfolio": portfolio, "market": market, "category": category, "month": month, "volume": random.randint(0, 4)}
        for portfolio in portfolios
        for market in TIER_MARKETS[:-1]
        for category in ("utility", "authentication")
        for month in months
        if random.random() < 0.5
    ]


# ---------------------------------------------------------------- log


class _Log:
    """A log in the making: every new time is a nasty step away from a midnight or from an earlier time."""

    def __init__(self, random: Random, theme: Theme, day: date, account: Mapping[str, Any]) -> None:
        self.random = random
        self.theme = theme
        self.numbers = [(waba["id"], number) for waba in account["waba"] for number in waba["numbers"]]
        zones = {waba["time_zone"] for waba in account["waba"]}
        self.anchors = sorted(_midnight(day, zone) for zone in zones)
        self.recent = list(self.anchors)
        self.users = self._pick_users()
        self.heard: dict[tuple[str, str], list[datetime]] = {}
        self.made = 0

    def _pick_users(self) -> list[tuple[str, str]]:
        strange = self.random.random() < self.theme.identity
        pool = USERS if strange else USERS[:4]
        users = self.random.sample(pool, k=min(self.random.randint(1, self.theme.users), len(pool)))
        if strange:
            users[0] = self.random.choice(USERS[-4:])
        return [(user, self._country(user)) for user in users]

    def _country(self, user: str) -> str:
        often = 0.2 if user.isdecimal() else 1
        return self.random.choice(COUNTRIES) if self.random.random() < often else ""

    def rows(self) -> list[Row]:
        """Write the messages, then spoil their order."""
        rows = [row for _ in range(self.random.randint(1, self.theme.messages)) for row in self._message()]
        if self.random.random() < 0.5:
            self.random.shuffle(rows)
        return rows_by_import(rows)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _moment(self) -> datetime:
        """Pick a time: a step after a midnight, after one of the latest times, or within thirty hours of either."""
        close = self._chance(self.theme.pace)
        start = self.random.choice(self.anchors if close else self.recent[-6:])
        if close and self._chance(0.5):
            start -= self.random.choice((timedelta(hours=30), timedelta(hours=20), timedelta(hours=3), SECOND))
        step = self.random.choice(STEPS[:8] if close else STEPS)
        if self._chance(0.25):
            step = timedelta(seconds=self.random.randint(0, 30 * 3600))
        return self._near(start + step)

    def _answer(self, message: Row) -> datetime:
        """Pick a time at a nasty step after something the user wrote, if he did."""
        heard = self.heard.get((message["phone_number_id"], message["user"]))
        return self._near(self.random.choice(heard) + self.random.choice(STEPS[:10])) if heard else self._moment()

    def _near(self, moment: datetime) -> datetime:
        """Keep a time within twelve days of the midnight, note it for later ones, and now and then split a second."""
        if abs(moment - self.anchors[0]) > timedelta(days=12):
            moment = self.random.choice(self.anchors)
        if self._chance(self.theme.microseconds):
            moment += timedelta(microseconds=self.random.choice((1, 500_000, 999_999)))
        self.recent.append(moment)
        return moment

    def _identity(self) -> Row:
        waba, number = self.random.choice(self.numbers)
        user, country = self.random.choice(self.users)
        self.made += 1
        name = self.random.choice(("m", "a", "z")) + str(self.random.randint(1, 99)) + f".{self.made}"
        row = {"message_id": name, "phone_number_id": number, "user": user, "country": country}
        if self._chance(0.7):
            row["waba_id"] = waba
        if self._chance(self.theme.group):
            row["group_id"] = self.random.choice(("", "g1", "g2"))
        return row

    def _message(self) -> list[Row]:
        message = self._identity()
        if self._chance(self.theme.inbound):
            return self._inbound(message)
        message["direction"] = "outbound"
        if self._chance(self.theme.templates):
            message["template_category"] = self._category()
        if self._chance(self.theme.origin):
            message["origin"] = self.random.choice(("app", "agent", "api"))
        participants = [message]
        if self._chance(self.theme.group):
            others = [{"user": user, "country": country} for user, country in self.users if user != message["user"]]
            participants += [message | other for other in others if self._chance(0.6)]
        return [row for one in participants for row in self._split(self._outbound(one))]

    def _category(self) -> str:
        weights = (3, 4, 3 + 3 * self.theme.international, 1)
        return self.random.choices(("marketing", "utility", "authentication", "marketing_lite"), weights)[0]

    def _inbound(self, message: Row) -> list[Row]:
        moment = self._moment()
        self.heard.setdefault((message["phone_number_id"], message["user"]), []).append(moment)
        message |= {"direction": "inbound", "sent_at": _text(moment)}
        if self._chance(self.theme.referral):
            message["referral"] = "true"
        return [message, dict(message)] if self._chance(self.theme.split) else [message]

    def _outbound(self, message: Row) -> Row:
        """Add the statuses, complete, late, missing or contradictory, and what Meta may have logged."""
        message = dict(message)
        sent = self._answer(message) if self._chance(0.4) else self._moment()
        lag = self.random.choice(LAGS if self._chance(self.theme.late) else LAGS[:4])
        delivered = self._near(sent + lag) if lag else sent
        if self._chance(self.theme.late * 0.3):
            delivered = max(self._moment(), sent)
        if self._chance(0.9):
            message["sent_at"] = _text(sent)
        if not self._chance(self.theme.undelivered):
            message[self.random.choice(("delivered_at", "delivered_at", "read_at"))] = _text(delivered)
        if self._chance(0.2):
            message.setdefault("read_at", _text(delivered + self.random.choice(LAGS)))
        if self._chance(self.theme.undelivered):
            message["failed_at"] = _text(self._moment())
        self._logged(message, delivered)
        return message

    def _logged(self, message: Row, delivered: datetime) -> None:
        if self._chance(self.theme.expires):
            whole = delivered.replace(second=0, microsecond=0)
            ends = self.random.choice((timedelta(hours=24, minutes=1), timedelta(hours=72), timedelta(hours=-1)))
            message["conversation_expires_at"] = _text(self.random.choice((delivered, whole + ends, whole + ends)))
        if message.get("template_category", "").startswith("marketing") and self._chance(self.theme.max_price):
            message["max_price"] = "0.05"
            message["logged_amount"] = self.random.choice(("", "0.041", "0.05", "0.0500001", "0.0703"))

    def _split(self, message: Row) -> list[Row]:
        """Spread the statuses over rows as webhooks do, repeat some of them later, leave facts out of some."""
        if not self._chance(self.theme.split):
            return [message]
        key = {name: message[name] for name in ("message_id", "phone_number_id", "user", "direction")}
        rows = [message]
        for status in ("sent_at", "delivered_at", "read_at", "failed_at"):
            if status in message and self._chance(0.5):
                rows.append(key | {status: message[status]})
                rows[0] = {name: text for name, text in rows[0].items() if name != status}
            if status in message and self._chance(0.3):
                again = datetime.fromisoformat(message[status]) + self.random.choice((timedelta(0), SECOND))
                rows.append(key | {status: _text(again)})
        if self._chance(0.1) and message.get("template_category"):
            rows.append(key | {"template_category": "marketing"})
        if self._chance(0.5):
            rows.reverse()
        return rows


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"

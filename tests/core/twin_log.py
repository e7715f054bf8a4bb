"""The readable twin's log: canonical rows made messages, duplicates merged (formats.md §1, pricing.md §1)."""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.core.twin_tariff import Rows

REGIMES = (  # §2: the local date from which each holds
    (date.min, "notification"),
    (date(2022, 2, 1), "conversation-v1"),
    (date(2023, 6, 1), "conversation-v2"),
    (date(2024, 11, 1), "conversation-v2-free-service"),
    (date(2025, 7, 1), "message-v1"),
    (date(2026, 10, 1), "message-v2"),
)
COLUMNS = (  # formats.md §1
    "message_id",
    "waba_id",
    "phone_number_id",
    "user",
    "country",
    "direction",
    "template_category",
    "template_name",
    "referral",
    "origin",
    "group_id",
    "sent_at",
    "delivered_at",
    "read_at",
    "failed_at",
    "conversation_id",
    "conversation_origin",
    "conversation_expires_at",
    "pricing_model",
    "pricing_type",
    "pricing_category",
    "billable",
    "logged_amount",
    "max_price",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND_DIGITS = 12


@dataclass(frozen=True)
class Waba:
    """A WhatsApp Business Account as the account file states it (§1)."""

    id: str
    zone: ZoneInfo
    currency: str
    portfolio: str
    primary_location: str
    international_from: Mapping[str, datetime]

    def day(self, moment: datetime) -> date:
        """Give the local date of an instant; months, cards and regimes go by it."""
        return moment.astimezone(self.zone).date()


@dataclass(eq=False)
class Message:
    """One message (per participant), its duplicate rows merged."""

    id: str
    waba: Waba
    number: str
    user: str
    outbound: bool
    facts: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    in_group: bool = False

    @property
    def template(self) -> str:
        """Give the template category; empty for a non-template."""
        return self.facts.get("template_category", "")

    @property
    def delivered(self) -> datetime | None:
        """Give the delivery: earliest delivered, else earliest read (§1, Delivered at)."""
        return self.times.get("delivered_at") or self.times.get("read_at")

    @property
    def billed(self) -> datetime:
        """Give T of a message known to be delivered (§1, Billing instant)."""
        moment = self.delivered
        if moment is None:
            raise ValueError(self.id)
        return moment

    @property
    def sent(self) -> datetime:
        """Give the sent time; where missing, the delivery stands in for it (§1, Sent at)."""
        return self.times.get("sent_at") or self.billed

    @property
    def day(self) -> date:
        """Give the local date of T."""
        return self.waba.day(self.billed)

    @property
    def regime(self) -> str:
        """Give the regime of T (§2)."""
        return next(name for first, name in reversed(REGIMES) if first <= self.day)

    @property
    def referral(self) -> bool:
        """Tell whether the user came from an ad or Page button."""
        return self.facts.get("referral", "").lower() in ("true", "1", "yes", "sí", "si")

    @property
    def unit_id(self) -> str:
        """Give the id of the unit that this message opens or is; groups add the participant (§8)."""
        return f"{self.id}#{self.user}" if self.in_group else self.id


def merge(rows: Rows, account: Mapping[str, Any]) -> list[Message]:
    """Make messages of rows: rows of one (direction, number, id, user) are one; earliest times, first facts."""
    wabas = {waba["id"]: _waba(waba) for waba in account["waba"]}
    of_number = {_number_id(number): waba["id"] for waba in account["waba"] for number in waba.get("numbers", ())}
    stated: dict[tuple[str, str, str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        key = (row["direction"].lower(), row["phone_number_id"], row["message_id"], bare_user(row["user"]))
        if all(key) and (key[0] == "outbound" or row.get("sent_at")):
            stated[key].append(row)
    messages = []
    for (direction, number, message_id, user), same in stated.items():
        waba_id = next((row["waba_id"] for row in same if row.get("waba_id")), None) or of_number[number]
        waba = wabas[waba_id]
        message = Message(message_id, waba, number, user, direction == "outbound")
        for row in same:
            for column, text in row.items():
                _take(message, column, text)
        messages.append(message)
    _mark_groups(messages)
    return messages


def bare_user(text: str) -> str:
    """Strip what is not part of a number: `whatsapp:`, a leading `+`, spaces (formats.md §1)."""
    return text.replace("whatsapp:", "").replace(" ", "").removeprefix("+")


def _waba(stated: Mapping[str, Any]) -> Waba:
    starts = stated.get("authentication_international", {})
    return Waba(
        stated["id"],
        ZoneInfo(stated["time_zone"]),
        stated["currency"],
        stated.get("portfolio", ""),
        stated.get("primary_location", ""),
        {country: parse_time(str(start), ZoneInfo(stated["time_zone"])) for country, start in starts.items()},
    )


def _number_id(stated: str | Mapping[str, str]) -> str:
    return stated if isinstance(stated, str) else stated["id"]


def _take(message: Message, column: str, text: str) -> None:
    if not text:
        return
    if column.endswith("_at"):
        moment = parse_time(text, message.waba.zone)
        message.times[column] = min(moment, message.times.get(column, moment))
    else:
        message.facts.setdefault(column, text)


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """Read an instant: ISO 8601, without an offset in the WABA's zone, or epoch seconds or milliseconds."""
    if text.isdecimal():
        unit = timedelta(milliseconds=1) if len(text) >= MILLISECOND_DIGITS else timedelta(seconds=1)
        return EPOCH + int(text) * unit
    stated = datetime.fromisoformat(text)
    return (stated if stated.tzinfo else stated.replace(tzinfo=zone)).astimezone(UTC)


def _mark_groups(messages: Sequence[Message]) -> None:
    """Mark group messages: a group id, or several users under one outbound id (§8)."""
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for message in messages:
        if message.outbound and message.facts.get("origin") != "app":
            users[message.number, message.id].add(message.user)
    for message in messages:
        several = len(users[message.number, message.id]) > 1
        message.in_group = message.outbound and (several or bool(message.facts.get("group_id")))

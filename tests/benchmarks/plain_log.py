"""Rows of a CSV log, checked and merged as formats.md §1 has it: the first half of `plain_charges.py`."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

EPOCH, OLDEST, NEWEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2015, 1, 1, tzinfo=UTC), timedelta(days=366)
YES, NO = ("true", "1", "yes", "sí", "si"), ("false", "0", "no")
DAMAGED = re.compile(r"[0-9][.,][0-9]+[eE][+]?[0-9]+$")
DIRECTIONS, ORIGINS = ("inbound", "outbound"), ("api", "app", "agent", "")
TEMPLATES = ("marketing", "utility", "authentication", "marketing_lite", "")
TIMES = ("sent_at", "delivered_at", "read_at", "failed_at")
FIRST_STATED = ("waba", "country", "category", "referral", "origin", "group", "paid", "limit")


class FaultError(Exception):
    """Why a row cannot be used."""


@dataclass(slots=True)
class Waba:
    """A WABA of the account file."""

    id: str
    zone: ZoneInfo
    currency: str
    owner: str
    home: str | None
    abroad: Mapping[str, datetime]


@dataclass(slots=True)
class Message:
    """A message to or from one user; times are in UTC."""

    id: str
    number: str
    user: str
    direction: str
    waba: Waba
    country: str | None
    category: str | None
    referral: bool | None
    origin: str | None
    group: str | None
    paid: Decimal | None
    limit: Decimal | None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def billed(self) -> datetime | None:
        """Give when it was delivered."""
        return self.delivered_at or self.read_at


def table(path: Path) -> Iterator[dict[str, str]]:
    """Give the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def instant(text: str, zone: ZoneInfo) -> datetime:
    """Read a time: ISO 8601, local to the zone where it has no offset, or epoch seconds or milliseconds."""
    try:
        if text.isdigit():
            return EPOCH + (timedelta(milliseconds=int(text)) if len(text) >= 12 else timedelta(seconds=int(text)))
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise FaultError("time unreadable") from None
    if at.tzinfo:
        return at.astimezone(UTC)
    found = at.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != at:
        raise FaultError("time unreadable")  # the clocks went over it
    return found


def flag(text: str, name: str) -> bool | None:
    """Read a boolean."""
    if not text:
        return None
    if text.lower() not in YES + NO:
        raise FaultError(f"bad {name}")
    return text.lower() in YES


def number(text: str, name: str) -> Decimal | None:
    """Read an amount."""
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]+([.][0-9]+)?", text):
        raise FaultError(f"bad {name}")
    return Decimal(text)


class Account:
    """The account file: WABAs, numbers and opening volumes."""

    def __init__(self, stated: Mapping[str, Any]) -> None:
        """Take what the file says."""
        self.wabas: dict[str, Waba] = {}
        self.owners: dict[str, Waba] = {}
        for one in stated["waba"]:
            zone = ZoneInfo(one["time_zone"])
            since = one.get("authentication_international", {}).items()
            abroad = {country: instant(str(start), zone) for country, start in since}
            owner = one.get("portfolio") or f"\0{one['id']}"
            waba = Waba(one["id"], zone, one["currency"], owner, one.get("primary_location"), abroad)
            self.wabas[waba.id] = waba
            for own in one.get("numbers", ()):
                self.owners[own if isinstance(own, str) else own["id"]] = waba
        keys = ("portfolio", "market", "category", "month")
        self.opening = {tuple(one[key] for key in keys): int(one["volume"]) for one in stated.get("opening_volume", ())}

    def waba(self, stated: str, phone_number_id: str) -> Waba:
        """Give the WABA that a row names, or that has its number; the only one has every number."""
        found = self.wabas.get(stated) if stated else self.owners.get(phone_number_id)
        if found is None and not stated and len(self.wabas) == 1:
            found = next(iter(self.wabas.values()))
        if found is None:
            raise FaultError("unknown waba" if stated else "no waba")
        return found


@dataclass
class Log:
    """What was read: messages in the order of their first rows, and what became of the rows."""

    messages: dict[tuple[str, str, str, str], Message] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, str | None], account: Account, newest: datetime) -> None:
        """Check a row and merge it: times keep the earliest, other fields the first stated."""
        try:
            message = self.checked({name: (text or "").strip() for name, text in row.items() if name}, account, newest)
        except FaultError as fault:
            self.rows[str(fault)] += 1
            return
        self.rows[""] += 1
        key = (message.direction, message.number, message.id, message.user)
        before = self.messages.setdefault(key, message)
        if before is not message:
            for name in FIRST_STATED:
                if getattr(before, name) is None:
                    setattr(before, name, getattr(message, name))
            for name in TIMES:
                old, new = getattr(before, name), getattr(message, name)
                if new and (old is None or new < old):
                    setattr(before, name, new)

    def checked(self, row: Mapping[str, str], account: Account, newest: datetime) -> Message:
        """Read a row; raises `FaultError`."""
        name, phone, direction = row["message_id"], row["phone_number_id"], row["direction"].lower()
        user = row["user"]
        if not user.isdigit():
            user = re.sub(r"^whatsapp:|[+ ]", "", user, flags=re.IGNORECASE)
        check_ids(name, phone, user, direction, row.get("waba_id", ""))
        category, origin = row.get("template_category", "").lower(), row.get("origin", "").lower()
        country = row.get("country", "").upper()
        check_words(direction, category, origin, country if not user.isdigit() else "")
        referral = flag(row.get("referral", ""), "referral")
        flag(row.get("billable", ""), "billable")
        paid, limit = (number(row.get(what, ""), what) for what in ("logged_amount", "max_price"))
        waba = account.waba(row.get("waba_id", ""), phone)
        stated = (country or None, category or None, referral, origin or None, row.get("group_id") or None, paid, limit)
        message = Message(name, phone, user, direction, waba, *stated)
        for what in (*TIMES, "conversation_expires_at"):
            if text := row.get(what):
                at = instant(text, waba.zone)
                if not OLDEST <= at <= newest:
                    raise FaultError("time out of range")
                if what in TIMES:
                    setattr(message, what, at)
        if direction == "inbound" and not message.sent_at:
            raise FaultError("inbound without time")
        return message


def check_ids(name: str, phone: str, user: str, direction: str, waba: str) -> None:
    """Refuse a row that lacks a required field, or whose ids a spreadsheet has turned into numbers."""
    if not (name or phone or user or direction):
        raise FaultError("blank")
    if any(map(DAMAGED.search, (name, phone, user, waba))):
        raise FaultError("id damaged")
    for what, text in (("message_id", name), ("phone_number_id", phone), ("user", user), ("direction", direction)):
        if not text:
            raise FaultError(f"no {what}")


def check_words(direction: str, category: str, origin: str, country: str) -> None:
    """Refuse words that are none of the canonical log's."""
    for what, word, words in (
        ("direction", direction, DIRECTIONS), ("category", category, TEMPLATES), ("origin", origin, ORIGINS)
    ):  # fmt: skip
        if word not in words:
            raise FaultError(f"unknown {what}")
    if country and not re.fullmatch("[A-Z]{2}", country):
        raise FaultError("unknown country")

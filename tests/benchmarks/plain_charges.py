"""`auditor charges --summary` of a log of the message eras as a careful user would write it: dictionaries and loops.

`python plain_charges.py LOG.csv ACCOUNT.toml MARKETS.csv CARD ... [--out CHARGES.csv]` prints a SUMMARY (formats.md §8)
as JSON. Cards go from the lowest layer to the highest; a folder of files is one layer.

Written from pricing.md and formats.md with what Python brings along: a pass over the rows, which checks and merges them
(`plain_log.py`), and one over the delivered messages in order. It has every rule of message-v1 and message-v2 and
leaves out what `sql_charges.py` leaves out: what the log lacks, Meta's own verdicts, and spellings that formats.md §1
does not name. A log with a charge of an earlier era is refused.
"""

import argparse
import csv
import hashlib
import json
import sys
import tomllib
from bisect import bisect_right
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.benchmarks.plain_log import NEWEST
from tests.benchmarks.plain_log import Account
from tests.benchmarks.plain_log import Log
from tests.benchmarks.plain_log import Message
from tests.benchmarks.plain_log import table
from tests.benchmarks.plain_rates import Atlas
from tests.benchmarks.plain_rates import Tariff
from tests.benchmarks.plain_rates import shared

DAY, THREE_DAYS = timedelta(hours=24), timedelta(hours=72)
MESSAGE_V1, MESSAGE_V2 = date(2025, 7, 1), date(2026, 10, 1)
FREE = 1000
TIERED = ("utility", "authentication", "authentication_international")


@dataclass(slots=True)
class Charge:
    """What a message costs that was delivered at `at`."""

    unit_id: str
    message: Message
    at: datetime
    day: date
    place: str
    market: str
    category: str
    remarks: list[str]
    pricing_type: str = ""
    tier_from: int | None = None
    basis: str = ""
    amount: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def month(self) -> str:
        """Give the local month."""
        return f"{self.day:%Y-%m}"

    @property
    def reason(self) -> str:
        """Give the reasons, in order."""
        return ";".join(sorted(self.remarks))

    def costs(self, amount: Decimal | None) -> None:
        """Set what it costs for certain."""
        self.amount = self.low = self.high = amount


class Thread:
    """The free entry points of a number and a user."""

    def __init__(self) -> None:
        """Begin without any."""
        self.pending: list[datetime] = []
        self.ends: datetime | None = None

    def covers(self, at: datetime, said: datetime) -> bool:
        """Tell whether an entry point is open for a delivered message, which may be the one that opens it."""
        if self.pending:
            answered = [one for one in self.pending if one <= said < one + DAY]
            self.pending = [one for one in self.pending if one not in answered]
            if answered and (self.ends is None or at >= self.ends):
                self.ends = at + THREE_DAYS
                self.pending = [one for one in self.pending if not at <= one < self.ends]
        return self.ends is not None and at < self.ends


class Charging:
    """The pass over the delivered messages, and what it counts."""

    def __init__(self, log: Log, account: Account, atlas: Atlas, tariff: Tariff, free: int) -> None:
        """Note who wrote when, and which messages went to several users."""
        self.account, self.atlas, self.tariff, self.free = account, atlas, tariff, free
        self.messages = [one for one in log.messages.values() if one.direction == "inbound" or one.origin != "app"]
        self.heard: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self.threads: dict[tuple[str, str], Thread] = defaultdict(Thread)
        self.used: Counter[tuple[str, str]] = Counter()
        self.volumes: Counter[tuple[str, ...]] = Counter()
        users: Counter[tuple[str, str]] = Counter()
        for one in self.messages:
            if one.direction == "outbound":
                users[one.number, one.id] += 1
            elif one.sent_at:
                self.heard[one.number, written_to(one)].append(one.sent_at)
                if one.referral:
                    self.threads[one.number, one.user].pending.append(one.sent_at)
        for times in self.heard.values():
            times.sort()
        self.several = {key for key, count in users.items() if count > 1}

    def charges(self) -> Iterator[Charge]:
        """Charge the delivered messages, in order."""
        outbound = (one for one in self.messages if one.direction == "outbound")
        units = [(one.billed, one.id, one.user, one) for one in outbound if one.billed]
        units.sort(key=lambda unit: unit[:3])
        for at, _, _, message in units:
            yield self.charge(message, at)

    def open_at(self, message: Message, at: datetime) -> bool:
        """Tell whether the customer service window was open."""
        times = self.heard.get((message.number, written_to(message)), [])
        place = bisect_right(times, at)
        return place > 0 and at < times[place - 1] + DAY

    def charge(self, message: Message, at: datetime) -> Charge:
        """Charge a message that was delivered."""
        day = at.astimezone(message.waba.zone).date()
        if day < MESSAGE_V1:
            raise ValueError("the log has charges of an era before messages were charged singly")
        place = self.atlas.place(message)
        remarks = ["failed_after_delivery"] if message.failed_at else []
        unit_id = f"{message.id}#{message.user}" if self.grouped(message) else message.id
        market = self.atlas.market(place, day)
        one = Charge(unit_id, message, at, day, place, market, message.category or "service", remarks)
        if message.origin == "agent":
            one.pricing_type = "outside_audit"
            return one
        one.pricing_type = self.free_type(one)
        if one.pricing_type:
            one.costs(Decimal(0))
            if one.pricing_type == "free_customer_service" and message.category and not self.open_at(message, at):
                one.high = self.price(one, one.category, counted=False)[0] or Decimal(0)
                remarks.append("window_split")
        elif message.limit is not None and one.category in ("marketing", "marketing_lite"):
            self.limited(one, message.limit)
        else:
            self.rated(one)
        return one

    def grouped(self, message: Message) -> bool:
        """Tell whether it is one of a group's."""
        return message.group is not None or (message.number, message.id) in self.several

    def free_type(self, one: Charge) -> str:
        """Give why a message is free, or nothing, and use up what it uses up."""
        message = one.message
        said = message.sent_at or one.at
        in_window = self.open_at(message, said)
        if self.threads[message.number, message.user].covers(one.at, said):
            return "free_entry_point"
        if message.category is None and not in_window:
            one.remarks.append("outside_window")
        if one.day < MESSAGE_V2:
            free = message.category is None or (message.category == "utility" and in_window)
        elif free := message.category is None:
            self.used[message.number, one.month] += 1
            free = self.used[message.number, one.month] <= self.free
        return "free_customer_service" if free else ""

    @staticmethod
    def limited(one: Charge, limit: Decimal) -> None:
        """Charge a message with a maximum price: what the log says."""
        paid = one.message.paid
        one.costs(paid)
        one.pricing_type = "unrated" if paid is None else "regular"
        if paid is None:
            one.remarks.append("max_price_unknown")
        elif paid > limit:
            one.remarks.append("above_max_price")

    def rated(self, one: Charge) -> None:
        """Charge a message at its rate."""
        if one.category == "authentication" and self.abroad(one):
            one.category = "authentication_international"
        rate, one.tier_from, one.basis, lowest = self.price(one, one.category, counted=True)
        one.costs(rate)
        one.pricing_type = "unrated" if rate is None else "regular"
        if rate is None:
            one.remarks.append("no_rate" if one.market else "no_market")
        elif lowest is not None:
            one.low = lowest
            one.remarks.append("tier_volume_unknown")

    def price(
        self, one: Charge, category: str, *, counted: bool
    ) -> tuple[Decimal | None, int | None, str, Decimal | None]:
        """Give rate, tier and basis, and the lowest rate where the volume before the log is not known."""
        waba, ordinal, opened = one.message.waba, 0, False
        tiered = (waba.currency, shared(category)) in self.tariff.tiered
        if tiered and category in TIERED and not self.grouped(one.message):
            counter = (waba.owner, one.market, shared(category), one.month)
            opened = counter in self.account.opening
            ordinal = self.account.opening.get(counter, 0) + self.volumes[counter] + 1
            self.volumes[counter] += counted
        key = (waba.currency, one.market, category, one.day, ordinal)
        rate, tier_from, basis = self.tariff.price(*key) or (None, None, "")
        unknown = tier_from is not None and ordinal and not opened
        return rate, tier_from, basis, self.tariff.lowest(*key) if unknown else None

    def abroad(self, one: Charge) -> bool:
        """Tell whether it went to another country, to which other prices hold by then."""
        waba = one.message.waba
        countries = self.atlas.countries.get(one.place, {one.place})
        if waba.home is None or waba.home in countries:
            return False
        return any(country in countries and since <= one.at for country, since in waba.abroad.items())


def written_to(message: Message) -> str:
    """Give who shares a customer service window: a group's members, or a user alone."""
    return f"group {message.group}" if message.group else message.user


def charge(log: Path, account: Mapping[str, Any], markets: Path, cards: Sequence[Path], free: int = FREE) -> Any:
    """Read and charge a log; gives what was read, the pass and its charges."""
    stated, read = Account(account), Log()
    newest = datetime.now(UTC) + NEWEST
    for row in table(log):
        read.add(row, stated, newest)
    charging = Charging(read, stated, Atlas(markets), Tariff(cards), free)
    return read, charging, charging.charges()


def money(amount: Decimal | None) -> str | None:
    """Round to cents, half up."""
    return None if amount is None else str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


class Sums:
    """Amounts, lows and highs of some charges; none where none is known."""

    def __init__(self) -> None:
        """Begin with no charge."""
        self.count = 0
        self.sums: list[Decimal | None] = [None, None, None]

    def add(self, charge: Charge) -> None:
        """Add a charge."""
        self.count += 1
        for place, amount in enumerate((charge.amount, charge.low, charge.high)):
            if amount is not None:
                self.sums[place] = (self.sums[place] or Decimal(0)) + amount


def summary(log: Log, charging: Charging, charges: Iterator[Charge], first: date, last: date) -> dict[str, Any]:
    """Give SUMMARY's totals, lines, imports and counts of the log's health."""
    expected: dict[str, Sums] = defaultdict(Sums)
    lines: dict[tuple[str, ...], Sums] = defaultdict(Sums)
    untiered: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for one in charges:
        found.update(one.reason.split(";") if one.reason else ())
        if one.pricing_type == "outside_audit" or not first <= one.day <= last:
            continue
        waba = one.message.waba
        line = (waba.id, f"{one.day:%Y-%m}", one.market, one.category, one.pricing_type, waba.currency)
        expected[waba.currency].add(one)
        lines[line].add(one)
        listed = one.pricing_type == "regular" and one.tier_from is None and one.basis != "contract"
        counts = listed and one.category in TIERED and not charging.grouped(one.message)
        if counts and not charging.tariff.has_tiers(waba.currency, one.market, one.category, one.day):
            untiered[f"{one.market} / {one.category}"] += 1
    times: list[datetime] = []
    coverage: Counter[tuple[str, date]] = Counter()
    for message in charging.messages:
        outbound, billed = message.direction == "outbound", message.billed
        found["read_without_delivered"] += outbound and not message.delivered_at and message.read_at is not None
        found["unsent"] += outbound and billed is not None and not message.sent_at
        found["sent_without_end"] += outbound and not billed and not message.failed_at
        found["delivered_before_sent"] += bool(outbound and billed and message.sent_at and billed < message.sent_at)
        if at := message.sent_at or billed:
            times.append(at)
            coverage[message.number, at.astimezone(message.waba.zone).date()] += 1
    found["duplicates"] = log.rows[""] - len(log.messages)
    return {
        "expected": {
            currency: dict(zip(("amount", "low", "high"), map(money, own.sums), strict=True))
            for currency, own in sorted(expected.items())
        },
        "lines": [[*line, own.count, *map(money, own.sums)] for line, own in sorted(lines.items())],
        "tiers_not_on_file": dict(sorted(untiered.items())),
        "health": {**found, "first": str(min(times, default="")), "last": str(max(times, default=""))},
        "coverage": len(coverage),
        "imports": dict(log.rows),
    }


def kept(charges: Iterator[Charge], path: Path) -> Iterator[Charge]:
    """Pass charges on and write them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = ("unit_id", "phone_number_id", "user", "market", "category", "pricing_type", "billed_at")
        writer.writerow((*names, "local_date", "amount", "amount_low", "amount_high", "reason"))
        for one in charges:
            message = one.message
            own = (one.unit_id, message.number, message.user, one.market, one.category, one.pricing_type)
            writer.writerow((*own, message.billed, one.day, one.amount, one.low, one.high, one.reason))
            yield one


def main() -> None:
    """Charge the log and write its SUMMARY."""
    words = argparse.ArgumentParser()
    for name in ("log", "account", "markets"):
        words.add_argument(name, type=Path)
    words.add_argument("cards", type=Path, nargs="+")
    words.add_argument("--out", type=Path)
    given = words.parse_args()
    account = tomllib.loads(given.account.read_text(encoding="utf-8"))
    first = date.fromisoformat(f"{account['audit']['period']}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    log, charging, charges = charge(given.log, account, given.markets, given.cards)
    if given.out:
        charges = kept(charges, given.out)
    content = summary(log, charging, charges, first, last)
    with given.log.open("rb") as file:
        content["imports"]["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    json.dump(content, sys.stdout, indent=1)


if __name__ == "__main__":
    main()

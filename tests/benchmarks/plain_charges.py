"""What a careful user would write instead: message-v2 charges of a CSV log with dictionaries and loops (pricing.md §6).

`python plain_charges.py LOG.csv CARD.csv MARKETS.csv OUT.csv` does duplicates, windows of free entry points, the 1,000
free service messages, markets and rates, as the program does, for one zone and without tiers, groups or maximum prices.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

LIMA = ZoneInfo("America/Lima")
DAY, THREE_DAYS = timedelta(hours=24), timedelta(hours=72)
TIMES = ("sent_at", "delivered_at", "read_at")
FREE = 1000


def read(path: str) -> Iterator[dict[str, str]]:
    """Give the rows of a CSV file."""
    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123 - as such a script is written
        yield from csv.DictReader(file)


def messages_of(path: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Merge the rows of one message: times keep the earliest."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in read(path):
        key = (row["direction"], row["phone_number_id"], row["message_id"], row["user"])
        message = found.get(key)
        if message is None:
            message = found[key] = {"category": row["template_category"], "referral": row["referral"] == "true"}
        for name in TIMES:
            if row[name]:
                at = datetime.fromisoformat(row[name])
                old = message.get(name)
                message[name] = at if old is None else min(at, old)
    return found


def threads_of(
    messages: dict[tuple[str, ...], dict[str, Any]],
) -> dict[tuple[str, str], tuple[list[datetime], list[tuple[datetime, str, datetime, str]]]]:
    """Give, for each business number and user, the referrals and the delivered messages in order."""
    threads: dict[tuple[str, str], tuple[list[datetime], list[tuple[datetime, str, datetime, str]]]] = {}
    for (direction, number, name, user), message in messages.items():
        referrals, sent = threads.setdefault((number, user), ([], []))
        at = message.get("delivered_at") or message.get("read_at")
        if direction == "inbound":
            if message["referral"]:
                referrals.append(message["sent_at"])
        elif at:
            sent.append((at, name, message.get("sent_at") or at, str(message["category"])))
    for referrals, sent in threads.values():
        referrals.sort()
        sent.sort()
    return threads


def units_of(threads: dict[Any, Any]) -> list[tuple[datetime, str, str, str, str, bool]]:
    """Give every delivered message in order: when, id, number, user, category, and whether an entry point is open."""
    units = []
    for (number, user), (referrals, sent) in threads.items():
        pending = list(referrals)
        entry_end = None
        for at, name, said, category in sent:
            answered = [one for one in pending if one <= said < one + DAY]
            pending = [one for one in pending if one not in answered]
            if answered and (entry_end is None or at >= entry_end):
                entry_end = at + THREE_DAYS
                pending = [one for one in pending if not at <= one < entry_end]
            units.append((at, name, number, user, category, entry_end is not None and at < entry_end))
    units.sort()
    return units


def main(log: str, card: str, markets: str, out: str) -> None:
    """Charge the log and write and sum the charges."""
    rates = {(row["market"], row["category"]): Decimal(row["rate"]) for row in read(card)}
    prefixes = {code: row["market"] for row in read(markets) for code in row["calling_code"].split("|")}
    used: dict[tuple[str, str], int] = defaultdict(int)
    total = Decimal(0)
    with open(out, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - as such a script is written
        writer = csv.writer(file)
        writer.writerow(("unit_id", "phone_number_id", "user", "market", "category", "billed_at", "period", "amount"))
        for at, name, number, user, category, free in units_of(threads_of(messages_of(log))):
            market = next((prefixes[user[:n]] for n in (4, 3, 2, 1) if user[:n] in prefixes), "Other")
            month = f"{at.astimezone(LIMA):%Y-%m}"
            amount = Decimal(0)
            if not free and not category:
                used[number, month] += 1
            if not free and (category or used[number, month] > FREE):
                amount = rates.get((market, category or "service"), rates["*", category or "service"])
            total += amount
            writer.writerow((name, number, user, market, category or "service", at.astimezone(UTC), month, amount))
    sys.stdout.write(f"{total}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""How each cause of formats.md §8 is planted: a biller's error, done to the twin's books or to the lines themselves."""

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.core.causes.planted import Books
from tests.core.causes.planted import Line
from tests.core.causes.planted import Row
from tests.core.causes.planted import cents
from tests.core.causes.planted import invoice
from tests.core.twin_tariff import Place
from tests.core.twin_threads import Unit
from tests.core.twin_till import Till

MESSAGE = ("message-v1", "message-v2")
CONVERSATION = ("conversation-v1", "conversation-v2", "conversation-v2-free-service")
ROOM: Mapping[str, Mapping[str, Any]] = {
    "free_allowance": {"regimes": ("message-v2", "conversation-v2", "conversation-v1"), "service": 1150},
    "window_utility": {"regimes": MESSAGE},
    "authentication_international": {"regimes": ("message-v1", "message-v2", "conversation-v2")},
    "tier": {"regimes": MESSAGE, "contracts": ("USD", "PEN")},
    "mark_up": {"contracts": ("mark-up",)},
    "category": {"regimes": (*MESSAGE, "conversation-v2", "conversation-v2-free-service")},
    "card_currency": {"regimes": ("message-v1",), "contracts": ("meta",)},
    "rate_card": {"regimes": (*MESSAGE, "conversation-v2-free-service")},
    "fx": {"contracts": ("meta", "USD", "mark-up")},
}
FOREIGN = {"fx"}


# What the contract states, so that it can be got wrong ---------------------------------------------------------------


def _tax_agreed(random: Random, books: Books) -> Books:
    return replace(books, account={**books.account, "tax": {"name": "IGV", "rate": "18", "included": False}})


def _fee_agreed(random: Random, books: Books) -> Books:
    amount = random.choice(("0.005", "0.01", "0.002"))
    fee = {"layer": "provider_fee", "amount": amount, "currency": books.account["audit"]["currency"], "per": "unit"}
    return replace(books, account={**books.account, "fee": [fee]})


def _tiers_agreed(random: Random, books: Books) -> Books:
    """Put tiers on utility and authentication, low enough to be reached."""
    rows = []
    for row in books.cards[-1]:
        rows.append(row)
        if row["category"] in {"utility", "authentication"} and row.get("rate"):
            for lower, upper, part in ((1, 8, "1"), (9, 20, "0.9"), (21, "", "0.75")):
                rate = str(Decimal(row["rate"]) * Decimal(part))
                rows.append({**row, "tier_from": str(lower), "tier_to": str(upper), "rate": rate})
    return replace(books, cards=[*books.cards[:-1], rows])


AGREED: Mapping[str, Callable[[Random, Books], Books]] = {
    "tax_included": _tax_agreed,
    "provider_fee": _fee_agreed,
    "tier": _tiers_agreed,
}


# What is done to the books -------------------------------------------------------------------------------------------


def _with_wabas(books: Books, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Books:
    return replace(books, account={**books.account, "waba": [change(waba) for waba in books.account["waba"]]})


def _month_cut(random: Random, books: Books) -> Books:
    zone = random.choice(("UTC", "UTC", "America/Los_Angeles", "Etc/GMT-3"))
    return _with_wabas(books, lambda waba: {**waba, "time_zone": zone})


def _market(random: Random, books: Books) -> Books | None:
    """Count a country in another market."""
    atlas = {"51": ("PE", "Peru"), "56": ("CL", "Chile"), "57": ("CO", "Colombia"), "52": ("MX", "Mexico"),
             "91": ("IN", "India"), "34": ("ES", "Spain"), "55": ("BR", "Brazil"), "54": ("AR", "Argentina"),
             }  # fmt: skip
    prefix, other = random.sample(sorted(atlas), 2)

    def change(units: list[Unit]) -> None:
        for unit in units:
            if unit.message.user.startswith(prefix):
                unit.place = Place(atlas[other][1], frozenset({atlas[other][0]}))

    return replace(books, units=(*books.units, change))


def _rate_card(random: Random, books: Books) -> Books | None:
    """Price by the card that held on the day before the month, or after it; what it lacks may not be billed."""
    later = random.random() < 0.3
    lacking = random.random() < 0.7
    day = (books.last + timedelta(days=1) if later else books.first - timedelta(days=1)).isoformat()
    cards = []
    for card in books.cards:
        held = [row for row in card if row["effective_from"] <= day <= (row.get("effective_to") or "9999")]
        known = {(row["currency"], row["market"], row["category"]) for row in held}
        rest = [row for row in card if lacking and (row["currency"], row["market"], row["category"]) not in known]
        cards.append([*({**row, "effective_from": "2020-01-01", "effective_to": ""} for row in held), *rest])
    return replace(books, cards=cards)


def _card_currency(random: Random, books: Books) -> Books | None:
    """Take the rates of the rupee card as they stand, or exchanged at a plain rate."""
    rows = [row for row in books.cards[0] if row["currency"] == "EUR"]
    day = books.first.isoformat()
    held = [row for row in rows if row["effective_from"] <= day <= (row.get("effective_to") or "9999")]
    if not held:
        return None
    return replace(books, cards=[books.cards[0], [{**row, "currency": "USD"} for row in held]])


class _ByAccount(Till):
    def _within(self, _kind: str, _owner: str, unit: Unit) -> bool:
        return super()._within("waba", unit.message.waba.id, unit)


class _ByNumber(Till):
    def _within(self, _kind: str, _owner: str, unit: Unit) -> bool:
        return super()._within("number", unit.message.number, unit)


class _Forever(Till):
    """Never begins a month anew."""

    def _within(self, kind: str, owner: str, _unit: Unit) -> bool:
        key = (kind, owner, "")
        self.used[key] += 1
        return self.used[key] <= self.allowance


def _free_allowance(random: Random, books: Books) -> Books:
    kind = random.choice(("none", "none", "waba", "number", "forever"))
    if kind == "none":
        return replace(books, allowance=0)
    return replace(books, till={"waba": _ByAccount, "number": _ByNumber, "forever": _Forever}[kind])


def _free_entry_point(random: Random, books: Books) -> Books:
    return replace(books, rows=[{**row, "referral": ""} for row in books.rows])


def _window_utility(random: Random, books: Books) -> Books:
    """Bill utility inside the window in message-v1; leave it free in message-v2."""

    def change(units: list[Unit]) -> None:
        by_thread: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        for row in books.rows:
            if row["direction"] == "inbound":
                by_thread[row["phone_number_id"], row["user"]].append(datetime.fromisoformat(row["sent_at"]))
        for unit in units:
            message = unit.message
            if message.template != "utility" or unit.free not in {"", "free_customer_service"}:
                continue
            if message.regime == "message-v1" and "carried_over" not in unit.reasons:
                unit.free = ""
            if message.regime == "message-v2":
                times = by_thread[message.number, message.user]
                if any(at <= message.sent < at + timedelta(hours=24) for at in times):
                    unit.free = "free_customer_service"

    return replace(books, units=(*books.units, change))


def _undelivered(random: Random, books: Books) -> Books:
    kind = random.choice(("failed", "sent", "all"))

    def change(row: Row) -> Row:
        if row["direction"] != "outbound" or row.get("delivered_at"):
            return row
        failed = bool(row.get("failed_at"))
        if kind == "all" or failed == (kind == "failed"):
            return {**row, "delivered_at": row["sent_at"]}
        return row

    return replace(books, rows=[change(row) for row in books.rows])


def _duplicate(random: Random, books: Books) -> Books:
    def count(books: Books, rows: list[Row]) -> list[int]:
        reports: dict[str, int] = defaultdict(int)
        for row in books.rows:
            if row.get("delivered_at"):
                reports[row["message_id"]] += 1
        return [max(1, reports[row["unit_id"]]) for row in rows]

    return replace(books, counts=(*books.counts, count))


def _unit(random: Random, books: Books) -> Books:
    """Bill conversations by their messages, and messages once in 24 hours."""

    def count(books: Books, rows: list[Row]) -> list[int]:
        counts = [int(row["messages"]) if row["unit"] == "conversation" else 1 for row in rows]
        opened: dict[tuple[str, str, str], datetime] = {}
        for n, row in sorted(enumerate(rows), key=lambda pair: pair[1]["billed_at"]):
            if row["unit"] == "conversation" or row["pricing_type"] != "regular":
                continue
            key = (row["phone_number_id"], row["user"], row["category"])
            at = datetime.fromisoformat(row["billed_at"])
            if key in opened and at < opened[key] + timedelta(hours=24):
                counts[n] = 0
            else:
                opened[key] = at
        return counts

    return replace(books, counts=(*books.counts, count))


def _category(random: Random, books: Books) -> Books:
    source, target = random.sample(("marketing", "utility", "authentication"), 2)
    if random.random() < 0.3:
        rows = [{**row, "template_category": target} if row.get("template_category") == source else row
                for row in books.rows]  # fmt: skip
        return replace(books, rows=rows)

    def change(units: list[Unit]) -> None:
        for unit in units:
            if unit.category == source and not unit.free:
                unit.category = target

    return replace(books, units=(*books.units, change))


def _international(random: Random, books: Books) -> Books:
    stated = any("authentication_international" in waba for waba in books.account["waba"])
    starts = (
        {}
        if stated
        else dict.fromkeys(("IN", "CL", "MX", "CO", "ES", "BR", "AR", "DO", "GB"), datetime(2020, 1, 1, tzinfo=UTC))
    )
    return _with_wabas(books, lambda waba: {**waba, "authentication_international": starts})


def _tier(random: Random, books: Books) -> Books:
    if random.random() < 0.4 and len(books.account["waba"]) > 1:
        return _with_wabas(books, lambda waba: {**waba, "portfolio": ""})
    return replace(books, cards=[[row for row in card if not row.get("tier_from")] for card in books.cards])


def _mark_up(random: Random, books: Books) -> Books | None:
    if len(books.cards) < 2 or any("factor" not in row for row in books.cards[1]):
        return None
    kind = random.choice(("none", "twice", "other"))
    other = str(Decimal(random.choice((105, 130, 118, 122))) / 100)

    def change(row: Mapping[str, str]) -> Mapping[str, str]:
        factor, plus = Decimal(row["factor"]), Decimal(row["plus"] or 0)
        if kind == "none":
            return {**row, "factor": "1", "plus": ""}
        if kind == "twice":
            return {**row, "factor": str(factor * factor), "plus": str(plus * factor + plus)}
        return {**row, "factor": other}

    return replace(books, cards=[books.cards[0], [change(row) for row in books.cards[1]]])


def _fx(random: Random, books: Books) -> Books | None:
    if not books.fx:
        return None
    kind = random.choice(("previous", "average", "end", "own"))
    own = Decimal(random.randint(36000, 39000)) / 10000
    month_rates = [rate for day, rate in books.fx.items() if books.first <= day <= books.last]
    off = timedelta(days=random.choice((-5, -3, -2, 2, 4)))
    if random.random() < 0.4:
        kind = random.choice(("off", "one"))
    average = (sum(month_rates, Decimal(0)) / len(month_rates)).quantize(Decimal("0.000001"), "ROUND_HALF_UP")

    def convert(books: Books, day: Any) -> Decimal:
        if kind == "previous":
            return books.fx[day - timedelta(days=1)]
        if kind == "off":
            return books.fx[day + off]
        one = books.fx[books.first + timedelta(days=10)]
        return {"average": average, "end": books.fx[books.last], "own": own, "one": one}[kind]

    return replace(books, convert=convert)


def _tax(random: Random, books: Books) -> Books:
    return replace(books, price=(*books.price, lambda rate: rate * Decimal("1.18")))


def _fee(random: Random, books: Books) -> Books:
    fee = Decimal(books.account["fee"][0]["amount"])
    return replace(books, price=(*books.price, lambda rate: rate + fee))


def _rounding(random: Random, books: Books) -> Books:
    return replace(books, price=(*books.price, cents))


PLANTS: Mapping[str, Callable[[Random, Books], Books | None]] = {
    "month_cut": _month_cut,
    "market": _market,
    "rate_card": _rate_card,
    "card_currency": _card_currency,
    "free_allowance": _free_allowance,
    "free_entry_point": _free_entry_point,
    "window_utility": _window_utility,
    "undelivered_billed": _undelivered,
    "duplicate_billed": _duplicate,
    "unit": _unit,
    "category": _category,
    "authentication_international": _international,
    "tier": _tier,
    "mark_up": _mark_up,
    "fx": _fx,
    "tax_included": _tax,
    "provider_fee": _fee,
    "rounding": _rounding,
}


# What is done to the lines -------------------------------------------------------------------------------------------


def _slipped(random: Random, figure: str) -> str | None:
    """Swap two neighbouring digits of a figure, or shift it by a power of ten."""
    places = [n for n in range(len(figure) - 1) if figure[n] != figure[n + 1] and "." not in figure[n : n + 2]]
    if places and random.random() < 0.7:
        n = random.choice(places)
        return figure[:n] + figure[n + 1] + figure[n] + figure[n + 2 :]
    return str(Decimal(figure) * random.choice((10, 10, 100)))


def _quantity(
    random: Random, lines: list[Line], books: Books, with_quantity: bool, with_rate: bool
) -> list[Line] | None:
    fit = [n for n, line in enumerate(lines) if line.quantity > 1 and line.rate is not None]
    if not fit:
        return None
    n = random.choice(fit)
    line = lines[n]
    quantity = int(Decimal(_slipped(random, str(line.quantity)) or "0"))
    if quantity in {0, line.quantity}:
        return None
    lines[n] = replace(line, quantity=quantity, amount=cents((line.rate or Decimal(0)) * quantity))
    return lines


def _rate(random: Random, lines: list[Line], books: Books, with_quantity: bool, with_rate: bool) -> list[Line] | None:
    fit = [n for n, line in enumerate(lines) if line.quantity > 1 and line.rate]
    if not fit:
        return None
    n = random.choice(fit)
    line = lines[n]
    rate = Decimal(_slipped(random, f"{line.rate:f}") or "0")
    if not rate or rate == line.rate:
        return None
    lines[n] = replace(line, rate=rate, amount=cents(rate * line.quantity))
    return lines


def _duplicate_line(
    random: Random, lines: list[Line], books: Books, with_quantity: bool, with_rate: bool
) -> list[Line] | None:
    n = random.randrange(len(lines))
    return [*lines[: n + 1], lines[n], *lines[n + 1 :]]


def _missing_line(
    random: Random, lines: list[Line], books: Books, with_quantity: bool, with_rate: bool
) -> list[Line] | None:
    """Leave out a line on which something is due: of one that only another error brought up nothing is missing."""
    if len(lines) < 2:
        return None
    due = {line.about for line in invoice(books, [name for name, _ in lines[0].about])}
    fit = [n for n, line in enumerate(lines) if line.about in due]
    if not fit:
        return None
    n = random.choice(fit)
    return lines[:n] + lines[n + 1 :]


def _unexpected_line(
    random: Random, lines: list[Line], books: Books, with_quantity: bool, with_rate: bool
) -> list[Line] | None:
    about = dict(lines[0].about)
    if "market" in about:
        about["market"] = "Japan"
    elif "country" in about:
        about["country"] = "JP"
    else:
        about["category"] = "marketing_lite"
        return None
    quantity = random.randint(3, 90)
    rate = Decimal(random.randint(100, 900)) / 10000
    return [*lines, Line(tuple(about.items()), quantity, rate, cents(rate * quantity))]


LINES: Mapping[str, Callable[[Random, list[Line], Books, bool, bool], list[Line] | None]] = {
    "quantity": _quantity,
    "rate": _rate,
    "duplicate_line": _duplicate_line,
    "missing_line": _missing_line,
    "unexpected_line": _unexpected_line,
}

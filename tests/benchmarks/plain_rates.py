"""Markets and rates by day, from their tables: what `plain_charges.py` looks up."""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.benchmarks.plain_log import Message
from tests.benchmarks.plain_log import table


@dataclass(slots=True)
class Rate:
    """A row of a card."""

    first: date
    last: date
    market: str
    category: str
    tier_from: int | None
    tier_to: int | None
    rate: Decimal | None
    factor: Decimal
    plus: Decimal
    basis: str

    def holds(self, day: date, ordinal: int) -> bool:
        """Tell whether it is for a day and, if it is of a tier, for the message that is number `ordinal`."""
        if not self.first <= day <= self.last:
            return False
        if self.tier_from is None:
            return True
        return ordinal > 0 and ordinal >= self.tier_from and (self.tier_to is None or ordinal <= self.tier_to)


Price = tuple[Decimal | None, int | None, str]
"""Rate, the tier's first message, and basis."""


class Atlas:
    """Markets of calling codes and countries, by day."""

    def __init__(self, path: Path) -> None:
        """Read `markets.csv`."""
        self.markets: dict[str, dict[date, str]] = defaultdict(dict)
        self.countries: dict[str, set[str]] = defaultdict(set)
        for row in table(path):
            for place in (row["iso2"], *("+" + code for code in row["calling_code"].split("|"))):
                self.markets[place].setdefault(date.fromisoformat(row["valid_from"]), row["market"])
                self.countries[place].add(row["iso2"])

    def place(self, message: Message) -> str:
        """Give the longest calling code that a user's number begins with, or the stated country, or nothing."""
        if not message.user.isdigit():
            return message.country or ""
        codes = ("+" + message.user[:length] for length in (4, 3, 2, 1))
        return next((code for code in codes if code in self.markets), "+")

    def market(self, place: str, day: date) -> str:
        """Give a place's market on a day; before its first day the first row holds."""
        if place not in self.markets:
            return "Other" if place else ""
        own = self.markets[place]
        return own[max((first for first in own if first <= day), default=min(own))]


class Tariff:
    """Cards in layers."""

    def __init__(self, cards: Sequence[Path]) -> None:
        """Read the cards, from the lowest layer to the highest."""
        self.layers: list[dict[tuple[str, str, str], list[Rate]]] = []
        self.tiered: set[tuple[str, str]] = set()
        self.known: dict[tuple[str, str, str, date], Price | None] = {}
        for card in cards:
            layer: dict[tuple[str, str, str], list[Rate]] = defaultdict(list)
            for file in sorted(card.glob("*.csv")) if card.is_dir() else [card]:
                for row in table(file):
                    rate = self.read(row)
                    layer[row["currency"], rate.market, rate.category].append(rate)
                    if rate.tier_from is not None:
                        self.tiered.add((row["currency"], shared(rate.category)))
            self.layers.append(layer)

    @staticmethod
    def read(row: Mapping[str, str]) -> Rate:
        """Read a row of a card."""
        return Rate(
            date.fromisoformat(row["effective_from"]),
            date.fromisoformat(row["effective_to"]) if row["effective_to"] else date.max,
            row["market"],
            row["category"],
            int(row["tier_from"]) if row["tier_from"] else None,
            int(row["tier_to"]) if row["tier_to"] else None,
            Decimal(row["rate"]) if row["rate"] else None,
            Decimal(row.get("factor") or 1),
            Decimal(row.get("plus") or 0),
            row.get("basis", "contract"),
        )

    def rows(self, layer: int, currency: str, market: str, category: str) -> list[Rate]:
        """Give the rows of a layer for a market, and for all of them."""
        own = self.layers[layer]
        return own.get((currency, market, category), []) + own.get((currency, "*", category), [])

    def price(self, currency: str, market: str, category: str, day: date, ordinal: int) -> Price | None:
        """Give the price of a message, which is number `ordinal` of its month or 0 where nobody counts."""
        if ordinal:
            return self.found(len(self.layers) - 1, currency, market, category, day, ordinal)
        key = (currency, market, category, day)
        if key not in self.known:
            self.known[key] = self.found(len(self.layers) - 1, *key, 0)
        return self.known[key]

    def found(self, layer: int, currency: str, market: str, category: str, day: date, ordinal: int) -> Price | None:
        """Look a price up in a layer and those beneath."""
        if layer < 0:
            return None
        rows = self.rows(layer, currency, market, category)
        if category == "marketing_lite":
            rows = rows + self.rows(layer, currency, market, "marketing")
        rows = [row for row in rows if row.holds(day, ordinal)]
        if not rows:
            return self.found(layer - 1, currency, market, category, day, ordinal)
        row = min(rows, key=lambda one: (one.category != category, one.market == "*", one.tier_from is None))
        if row.rate is not None:
            return row.rate, row.tier_from, row.basis
        rate, tier_from, _ = self.found(layer - 1, currency, market, row.category, day, ordinal) or (None, None, "")
        marked_up = None if rate is None else rate * row.factor + row.plus
        return marked_up, tier_from if row.tier_from is None else row.tier_from, row.basis

    def lowest(self, currency: str, market: str, category: str, day: date, ordinal: int) -> Decimal | None:
        """Give the lowest rate of the tier of a message, or a later one."""
        starts = {ordinal}
        for layer in range(len(self.layers)):
            for row in self.rows(layer, currency, market, category):
                if row.tier_from is not None and row.tier_from > ordinal and row.first <= day <= row.last:
                    starts.add(row.tier_from)
        prices = (self.price(currency, market, category, day, start) for start in starts)
        return min((one[0] for one in prices if one and one[0] is not None), default=None)

    def has_tiers(self, currency: str, market: str, category: str, day: date) -> bool:
        """Tell whether some card has tiers for a market and category on a day."""
        rows = [row for layer in range(len(self.layers)) for row in self.rows(layer, currency, market, category)]
        return any(row.tier_from is not None and row.first <= day <= row.last for row in rows)


def shared(category: str) -> str:
    """Give the category whose counter of tiers it shares."""
    return category.removesuffix("_international")

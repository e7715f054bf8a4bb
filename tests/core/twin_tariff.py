"""What a unit costs and where its recipient is, for the readable twin: markets and layered rate cards.

Plain dicts and `Decimal`, standard library only; slow and obvious on purpose (architecture.md §3). Implements
pricing.md §1 (market), §7 (tiers), §9.1 and §9.4 (cards). The readings chosen where the page is open stand in
the docstring of `twin.py`.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from decimal import localcontext
from functools import cache
from pathlib import Path

Rows = Sequence[Mapping[str, str]]

TARIFFS = Path(__file__).resolve().parents[2] / "resources" / "tariffs"
MARKETING_LITE_ENDS = date(2025, 7, 1)
EXACT_DIGITS = 200


@cache
def meta_card() -> tuple[dict[str, str], ...]:
    """Load Meta's card: every row of every file of `resources/tariffs/rates/`, one layer (formats.md §5)."""
    return tuple(row for file in sorted((TARIFFS / "rates").glob("*.csv")) for row in _table(file))


@cache
def markets() -> tuple[dict[str, str], ...]:
    """Load the calling codes of `resources/tariffs/markets.csv` (pricing.md §1, Market)."""
    return tuple(_table(TARIFFS / "markets.csv"))


def _table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@dataclass(frozen=True)
class Place:
    """Where a recipient is: the market ('' = unknown) and the countries that his number or country stand for."""

    market: str
    countries: frozenset[str]


class Atlas:
    """The markets by calling code and by country, dated (pricing.md §1, Market)."""

    def __init__(self, rows: Rows) -> None:
        """Index the rows of `markets.csv`; a code may hold alternatives joined by `|`."""
        self.by_code: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        self.by_country: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for row in rows:
            self.by_country[row["iso2"]].append(row)
            for code in row["calling_code"].split("|"):
                self.by_code[code].append(row)

    def place(self, user: str, country: str, day: date) -> Place:
        """Find a user's market on a local day: the number decides, then the stated country, then nothing does."""
        if user.isdecimal():
            return self._of_number(user, day)
        if not country:
            return Place("", frozenset())
        return Place(self._market(self.by_country.get(country, []), day), frozenset({country}))

    def _of_number(self, digits: str, day: date) -> Place:
        for length in range(len(digits), 0, -1):
            rows = self.by_code.get(digits[:length])
            if rows:
                return Place(self._market(rows, day), frozenset(row["iso2"] for row in rows))
        return Place("Other", frozenset())

    @staticmethod
    def _market(rows: Rows, day: date) -> str:
        """Choose the row in force; before its first day the first row holds; no row at all is `Other`."""
        begun = [row for row in rows if date.fromisoformat(row["valid_from"]) <= day]
        if begun:
            return max(begun, key=lambda row: row["valid_from"])["market"]
        return min(rows, key=lambda row: row["valid_from"])["market"] if rows else "Other"


@dataclass(frozen=True)
class Key:
    """What a rate is looked up by (pricing.md §9.1), the tier apart."""

    currency: str
    market: str
    category: str
    day: date


@dataclass(frozen=True)
class Price:
    """A rate found, and the lower bound of its tier when it is a tiered one."""

    rate: Decimal
    tier_from: int | None


class Tariff:
    """Layered rate cards, bottom layer first: a later card goes before an earlier one, row by row (§9.4)."""

    def __init__(self, cards: Sequence[Iterable[Mapping[str, str]]]) -> None:
        """Index every card by currency, market and category."""
        self.layers = [self._index(card) for card in cards]

    @staticmethod
    def _index(card: Iterable[Mapping[str, str]]) -> dict[tuple[str, str, str], list[Mapping[str, str]]]:
        index: dict[tuple[str, str, str], list[Mapping[str, str]]] = defaultdict(list)
        for row in card:
            index[row["currency"], row["market"], row["category"]].append(row)
        return index

    def price(self, key: Key, ordinal: int | None) -> Price | None:
        """Find the rate of the unit; `ordinal` is its number in the tier counter, None outside tiers."""
        return self._price(key, ordinal, len(self.layers))

    def lowest(self, key: Key, ordinal: int) -> Decimal:
        """Give the lowest rate of this unit's tier or a later one (§7)."""
        later = {start for start in self._tier_starts(key) if start > ordinal}
        prices = [self.price(key, number) for number in (ordinal, *later)]
        return min(price.rate for price in prices if price)

    def _price(self, key: Key, ordinal: int | None, depth: int) -> Price | None:
        """Search the layers under `depth`, the topmost first."""
        for level in reversed(range(depth)):
            for category in _categories(key):
                wanted = Key(key.currency, key.market, category, key.day)
                row = self._row(level, wanted, ordinal)
                if row:
                    return self._priced(row, wanted, ordinal, level)
        return None

    def _priced(self, row: Mapping[str, str], key: Key, ordinal: int | None, level: int) -> Price | None:
        """Read a row: its rate, or its mark-up (`factor`, then `plus`) over the layers beneath its card (§9.4)."""
        own_tier = int(row["tier_from"]) if row.get("tier_from") else None
        if row.get("rate"):
            return Price(Decimal(row["rate"]), own_tier)
        beneath = self._price(key, ordinal, level)
        if beneath is None:
            return None
        with localcontext() as exact:
            exact.prec = EXACT_DIGITS
            rate = beneath.rate * Decimal(row.get("factor") or 1) + Decimal(row.get("plus") or 0)
        return Price(rate, beneath.tier_from if own_tier is None else own_tier)

    def _row(self, level: int, key: Key, ordinal: int | None) -> Mapping[str, str] | None:
        """Find a card's row: a named market before `*` (§9.4), its tier rows before its list row (§7)."""
        for market in (key.market, "*") if key.market else ("*",):
            rows = [row for row in self.layers[level].get((key.currency, market, key.category), ()) if _holds(row, key)]
            tiers = [row for row in rows if ordinal is not None and _in_tier(row, ordinal)]
            lists = [row for row in rows if not row.get("tier_from")]
            if tiers or lists:
                return (tiers or lists)[0]
        return None

    def _tier_starts(self, key: Key) -> set[int]:
        return {
            int(row["tier_from"])
            for layer in self.layers
            for market in (key.market, "*")
            for row in layer.get((key.currency, market, key.category), ())
            if row.get("tier_from") and _holds(row, key)
        }


def _categories(key: Key) -> tuple[str, ...]:
    """Name the categories a card is asked for: `marketing_lite` falls back on marketing from 2025-07-01 (§5)."""
    if key.category == "marketing_lite" and key.day >= MARKETING_LITE_ENDS:
        return ("marketing_lite", "marketing")
    return (key.category,)


def _holds(row: Mapping[str, str], key: Key) -> bool:
    """Tell whether the row is in force on the day; both of its dates are inclusive (formats.md §5)."""
    last = row.get("effective_to")
    return date.fromisoformat(row["effective_from"]) <= key.day and (not last or key.day <= date.fromisoformat(last))


def _in_tier(row: Mapping[str, str], ordinal: int) -> bool:
    if not row.get("tier_from"):
        return False
    return int(row["tier_from"]) <= ordinal and (not row.get("tier_to") or ordinal <= int(row["tier_to"]))

"""From a phone number to its market on a day, by longest calling-code prefix (pricing.md §1, "Market").

A *place* is a calling code or a stated country. Its market can change with the date; the place does not.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date

import numpy as np
from numba import njit

from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.timeline import day_number

OTHER = "Other"
UNKNOWN_PLACE = -1
_LONGEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A row of `markets.csv`: which market a country's calling code belongs to, `first` to `last` (None: still)."""

    iso2: str
    country: str
    calling_code: str
    market: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Place:
    """A calling code, or a stated country, with the countries that share it (the main one first)."""

    code: str
    countries: tuple[str, ...]


class Markets:
    """The dated table of markets. `names` are the markets, `places` the calling codes and stated countries.

    `market_at[place, n]` is the market in force in the n-th stretch of days, `breaks` the first days of stretches
    1, 2, ...; a place's first row also holds before its first day (pricing.md §1).
    """

    def __init__(self, rows: Iterable[MarketRow]) -> None:
        """Take the rows of the table, in the file's order (of countries that share a code the first is named)."""
        rows = tuple(rows)
        self.names = tuple(sorted({row.market for row in rows} | {OTHER}))
        self._index = {name: place for place, name in enumerate(self.names)}
        self.breaks: Int32 = np.array(sorted({day_number(row.first) for row in rows})[1:], np.int32)
        by_code: dict[str, list[MarketRow]] = {}
        by_country: dict[str, list[MarketRow]] = {}
        for row in rows:
            by_code.setdefault(row.calling_code, []).append(row)
            by_country.setdefault(row.iso2, []).append(row)
        other = MarketRow("", "", "", OTHER, rows[0].first, None)
        groups = [("", [other]), *by_code.items(), *by_country.items()]
        self.places = tuple(Place(code, tuple(dict.fromkeys(r.iso2 for r in some if r.iso2))) for code, some in groups)
        self.market_at: Int16 = np.array([self._stretches(some) for _, some in groups], np.int16)
        self.country_place: Mapping[str, int] = {iso2: 1 + len(by_code) + n for n, iso2 in enumerate(by_country)}
        self.prefixes = _prefix_tables({code: 1 + n for n, code in enumerate(by_code)})
        self._code_place = {code: 1 + n for n, code in enumerate(by_code)}
        self._codes_of = {iso2: tuple(row.calling_code for row in some) for iso2, some in by_country.items()}

    def _stretches(self, rows: list[MarketRow]) -> list[int]:
        ordered = sorted(rows, key=lambda row: row.first)
        starts = [None, *self.breaks.tolist()]
        return [self._index[_in_force(ordered, start).market] for start in starts]

    def index(self, name: str) -> int:
        """Give the place of a market's name in `names`; `KeyError` for no such market."""
        return self._index[name]

    def place_of_stated(self, stated: str) -> int:
        """Give the place of a stated ISO country (not in the table: Other), or of the `+digits` of a long number."""
        if not stated.startswith("+"):
            return self.country_place.get(stated, 0)
        return 0 if stated.startswith("+0") else int(place_of_number(int(stated[1:]), self.prefixes))

    def main_country(self, iso2: str) -> str:
        """Give the country under which charges to `iso2` are listed: the main one of a shared calling code."""
        codes = self._codes_of.get(iso2)
        return self.country_of(self._code_place[codes[0]]) if codes else iso2

    def country_of(self, place: int) -> str:
        """Give the (main) ISO country of a place; empty where no country is known."""
        countries = self.places[place].countries if place >= 0 else ()
        return countries[0] if countries else ""

    def market_of_country(self, iso2: str, day: date) -> str:
        """Give the market of a country on a day; empty for a country that is not in the table."""
        place = self.country_place.get(iso2)
        if place is None:
            return ""
        return self.names[int(self.market_at[place, np.searchsorted(self.breaks, day_number(day), side="right")])]

    def counted_in(self, country: str, market: str, target: str) -> "Markets":
        """Give the table with a country of a market (empty: all of them) in another market; places are the same."""
        moved = copy(self)
        named = np.array([country in {"", *place.countries[:1]} for place in self.places])
        own = named[:, np.newaxis] & (self.market_at == self._index[market])
        moved.market_at = np.where(own, np.int16(self._index[target]), self.market_at)
        return moved

    def as_of(self, day: date) -> "Markets":
        """Give the table with every place, on whatever day, in the market that it has on one; places are the same."""
        held = copy(self)
        own = np.searchsorted(self.breaks, day_number(day), side="right")
        held.market_at = np.repeat(self.market_at[:, own : own + 1], self.market_at.shape[1], axis=1)
        return held

    def of(self, places: Int16, days: Int32) -> Int16:
        """Give the market of each place on its day (-1 for an unknown place)."""
        found = self.market_at[places, np.searchsorted(self.breaks, days, side="right")]
        return np.where(places == UNKNOWN_PLACE, np.int16(-1), found)


def _in_force(rows: list[MarketRow], day: int | None) -> MarketRow:
    """Give the row in force on a day; before the first row's day the first holds (None: before all)."""
    held = [row for row in rows if day is not None and day_number(row.first) <= day]
    return held[-1] if held else rows[0]


def _prefix_tables(codes: Mapping[str, int]) -> Int16:
    """Give, for each length 1 to 4 and each number of that many digits, the place of its longest prefix (0: Other)."""
    tables = np.zeros((_LONGEST_PREFIX + 1, 10**_LONGEST_PREFIX), np.int16)
    for length in range(1, _LONGEST_PREFIX + 1):
        numbers = np.arange(10 ** (length - 1), 10**length)
        tables[length, numbers] = tables[length - 1, numbers // 10]
        for code, place in codes.items():
            if len(code) == length and not code.startswith("0"):
                tables[length, int(code)] = place
    return tables


@njit(cache=True, nogil=True)
def place_of_number(user: int, prefixes: Int16) -> int:
    """Give the place of a phone number (its digits as an integer), 0 where no prefix matches."""
    length = 1
    bound = 10
    while user >= bound and length < _LONGEST_PREFIX:
        bound *= 10
        length += 1
    while user >= bound:
        user //= 10
    return int(prefixes[length, user])


@njit(cache=True, nogil=True)
def place_of(user: int, country: int, country_places: Int16, prefixes: Int16) -> int:
    """Give a customer's place: by number, else by stated country, else unknown (pricing.md §1, "Market").

    `user` above zero is a phone number; `country` is a place in `country_places`, -1 where none is stated.
    """
    if user > 0:
        return int(place_of_number(user, prefixes))
    return int(country_places[country]) if country >= 0 else UNKNOWN_PLACE

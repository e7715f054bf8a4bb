"""Charges counted: those that are alike become one cell."""

from collections.abc import Iterator
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.money import times
from auditor.core.results import Cell
from auditor.core.results import RateUsed
from auditor.core.tables import UNCERTAIN
from auditor.core.tables import Category
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import UInt64
from auditor.core.tables import reason_words
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import month_text


@njit(cache=True, nogil=True)
def _alike(codes: UInt64) -> tuple[Int64, Int64]:
    """Group equal rows of `codes` (n x k): give each row's group and each group's first row."""
    n, k = codes.shape
    size = 16
    while size < 2 * n:
        size *= 2
    slots = np.full(size, -1, np.int64)
    group = np.empty(n, np.int64)
    first = np.empty(n, np.int64)
    groups = 0
    for i in range(n):
        h = np.uint64(0)
        for j in range(k):
            h = (h ^ codes[i, j]) * np.uint64(0x9E3779B97F4A7C15)
            h ^= h >> np.uint64(29)
        slot = h & np.uint64(size - 1)
        while True:
            g = slots[slot]
            if g < 0:
                g = groups
                slots[slot] = g
                first[g] = i
                groups += 1
                break
            same = True
            for j in range(k):
                if codes[first[g], j] != codes[i, j]:
                    same = False
                    break
            if same:
                break
            slot = (slot + np.uint64(1)) & np.uint64(size - 1)
        group[i] = g
    return group, first[:groups].copy()


def _codes(c: ChargeKinds, terms: Terms) -> UInt64:
    """Pack what makes charges alike into a few words a row; a country is one, whatever code it was known by."""
    first: dict[str, int] = {}
    places = [first.setdefault(terms.markets.country_of(n), n) for n in range(len(terms.markets.places))]
    country = np.array([*places, EMPTY], np.int16)[c.country]

    def packed(*fields: tuple[npt.NDArray[np.integer[Any]], int]) -> UInt64:
        word = np.zeros(len(c), np.uint64)
        for column, bits in fields:
            word = (word << np.uint64(bits)) | (column.astype(np.int64) + 1).astype(np.uint64)
        return word

    where = packed((c.waba, 15), (c.number, 24), (c.day, 24))
    what = packed((country, 14), (c.market, 10), (c.category, 5), (c.pricing_type, 4), (c.regime, 6), (c.reasons, 16))
    central, around = packed((c.rate, 32), (c.amount, 32)), packed((c.low, 32), (c.high, 32))
    return np.stack([where, what, central, around, c.tier_from.astype(np.uint64)], axis=1)


def cells(kinds: ChargeKinds, terms: Terms, numbers: Sequence[str]) -> tuple[tuple[Cell, ...], Int64]:
    """Count charges that are alike, in a fixed order; also give, for each kind, its cell (-1: it has no charge)."""
    places = np.full(len(kinds), EMPTY, np.int64)
    filled = np.flatnonzero(kinds.count)
    if not len(filled):
        return (), places
    group, first = _alike(_codes(kinds, terms)[filled])
    count = np.zeros(len(first), np.int64)
    np.add.at(count, group, kinds.count[filled])
    made = [_cell(kinds, int(row), int(n), terms, numbers) for row, n in zip(filled[first], count, strict=True)]
    order = sorted(range(len(made)), key=lambda g: _cell_key(made[g]))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    places[filled] = rank[group]
    return tuple(made[g] for g in order), places


def amounts_by_day(kinds: ChargeKinds, terms: Terms) -> Iterator[tuple[date, str, Decimal]]:
    """Give what the charges of the audit's period come to, by day and currency, in several parts (`cells` in short).

    Thousands of numbers have a cell for nearly every charge, and a replay asks for the total alone.
    """
    days, account = kinds.day, terms.account
    own = (days >= day_number(account.first)) & (days <= day_number(account.last)) & (kinds.amount != EMPTY)
    rows = np.flatnonzero(own & (kinds.pricing_type != PricingType.OUTSIDE_AUDIT))
    currencies = {currency: n for n, currency in enumerate(dict.fromkeys(waba.currency for waba in account.wabas))}
    of_waba = np.array([currencies[waba.currency] for waba in account.wabas], np.uint64)
    codes = np.stack([days[rows].astype(np.uint64), of_waba[kinds.waba[rows]], kinds.amount[rows].astype(np.uint64)])
    group, first = _alike(np.ascontiguousarray(codes.T))
    count = np.zeros(len(first), np.int64)
    np.add.at(count, group, kinds.count[rows])
    for row, units in zip(rows[first].tolist(), count.tolist(), strict=True):
        yield (
            day_of(int(days[row])),
            account.wabas[kinds.waba[row]].currency,
            times(kinds.values[kinds.amount[row]], units),
        )


def _cell_key(cell: Cell) -> tuple[str, ...]:
    rate = "" if cell.rate is None else f"{cell.rate:030.12f}"
    return (
        cell.waba_id, cell.period, cell.market, cell.category, cell.pricing_type, f"{cell.tier_from:012d}", rate,
        str(cell.day), cell.phone_number_id, cell.country, cell.reasons, str(cell.low), str(cell.high),
    )  # fmt: skip


def _cell(c: ChargeKinds, row: int, count: int, terms: Terms, numbers: Sequence[str]) -> Cell:
    waba = terms.account.wabas[c.waba[row]]

    def sum_of(place: int) -> Decimal | None:
        return None if place == EMPTY else times(c.values[place], count)

    return Cell(
        waba_id=waba.id,
        phone_number_id=numbers[c.number[row]],
        period=month_text(int(c.month[row])),
        day=day_of(int(c.day[row])),
        regime=terms.regimes[c.regime[row]].id,
        market=terms.markets.names[c.market[row]] if c.market[row] >= 0 else "",
        country=terms.markets.country_of(int(c.country[row])),
        category=Category(c.category[row]).word,
        pricing_type=PricingType(c.pricing_type[row]).word,
        tier_from=int(c.tier_from[row]),
        rate=None if c.rate[row] == EMPTY else c.values[c.rate[row]],
        currency=waba.currency,
        quantity=count,
        amount=sum_of(c.amount[row]),
        low=sum_of(c.low[row]),
        high=sum_of(c.high[row]),
        certain=not c.reasons[row] & UNCERTAIN,
        reasons=reason_words(int(c.reasons[row])),
    )


def rates_used(cells_: Sequence[Cell], terms: Terms) -> tuple[RateUsed, ...]:
    """Give every rate that priced a cell, with the card's row that states it and the units it priced."""
    found: dict[tuple[object, ...], RateUsed] = {}
    for cell in cells_:
        if cell.rate is None or cell.pricing_type != PricingType.REGULAR.word:
            continue
        price = terms.tariff.price(cell.currency, cell.market, cell.category, cell.day)
        # A marked-up tier may hold several rates; what no card states (a maximum price) was logged.
        stated = (
            [tier.rate for tier in price.tiers if tier.lower == cell.tier_from] if cell.tier_from else [price.listed]
        )
        rate = next((one for one in stated if one is not None and one.value == cell.rate), None)
        if rate is None:
            continue
        row = rate.rows[0]
        key = (cell.currency, cell.market, cell.category, row.first, row.last, cell.tier_from, cell.rate, rate.card)
        units = cell.quantity + (found[key].units if key in found else 0)
        found[key] = RateUsed(
            cell.currency, cell.market, cell.category, row.first, row.last, cell.tier_from, cell.rate, rate.stated_as,
            rate.source, rate.card, units,
        )  # fmt: skip
    return tuple(found[key] for key in sorted(found, key=str))

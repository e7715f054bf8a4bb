"""The audit on one page: log -> threads -> units -> charges -> cells. Reconciliation and causes build on the cells.

    prepare   duplicates merged, messages in threads, in order            (threads.py)
    charge    windows and conversations, then allowances, tiers and rates  (windows.py, charges.py)
    cells     charges that are alike, counted                              (here)

A replay under another reading of the rules is one more `charge` on the same `Log`: nothing is read or sorted again.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from os import cpu_count
from zoneinfo import ZoneInfo

import numpy as np
from numba import njit

from auditor.core.charges import EMPTY
from auditor.core.charges import Priced
from auditor.core.charges import Terms
from auditor.core.charges import price
from auditor.core.markets import places_of
from auditor.core.money import plain
from auditor.core.money import times
from auditor.core.problems import Progress
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import Regime
from auditor.core.regimes import RegimeColumns
from auditor.core.regimes import columns
from auditor.core.tables import NEVER
from auditor.core.tables import UNCERTAIN
from auditor.core.tables import Account
from auditor.core.tables import Allowance
from auditor.core.tables import Category
from auditor.core.tables import Cell
from auditor.core.tables import Charges
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.tables import PricingType
from auditor.core.tables import UInt64
from auditor.core.tables import reason_words
from auditor.core.threads import GROUP
from auditor.core.threads import Folded
from auditor.core.threads import Names
from auditor.core.threads import Partition
from auditor.core.threads import fold
from auditor.core.timeline import Zones
from auditor.core.timeline import day_of
from auditor.core.timeline import instant
from auditor.core.timeline import iso
from auditor.core.timeline import month_text
from auditor.core.timeline import zones
from auditor.core.windows import Units
from auditor.core.windows import join
from auditor.core.windows import walk


def _quiet(step: str, done: int, total: int) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True)
class Log:
    """A message log made ready to be charged, as often as wanted. `merged_into` gives each row's message."""

    messages: Messages
    folded: Folded
    merged_into: Int64
    names: Names


@dataclass(frozen=True, slots=True)
class Charged:
    """The outcome of one reading: the charges, what they count against, and volumes that tiers may have priced lower."""

    charges: Charges
    allowances: tuple[Allowance, ...]
    untiered: Mapping[str, int]


def prepare(messages: Messages, names: Names, account: Account, regimes: Sequence[Regime]) -> Log:
    """Merge duplicates and arrange the log in threads, in order."""
    by_initiator = [n for n, regime in enumerate(regimes) if regime.unit == INITIATOR]
    end = regimes[by_initiator[-1] + 1].first
    until = [instant(datetime(end.year, end.month, end.day, tzinfo=ZoneInfo(w.time_zone))) for w in account.wabas]
    folded, merged_into = fold(messages, names, np.array(until, np.int64))
    return Log(messages, folded, merged_into, names)


def charge(log: Log, terms: Terms, zone: str = "", progress: Progress = _quiet) -> Charged:
    """Charge the whole log. A `zone` replaces the accounts' own, to see what a month cut elsewhere would have billed."""
    terms = replace(terms, numbers=log.messages.numbers)
    names = tuple(zone or waba.time_zone for waba in terms.account.wabas)
    belongs = np.full(len(log.folded.row), EMPTY, np.int64)
    units = _walk_all(log.folded, zones(names), columns(terms.regimes), belongs, progress)
    priced = price(
        units, log.folded, belongs, _places(units, log, terms), log.messages.amounts, terms, _Ranked(log)
    )
    return Charged(_charges(units, priced, log, belongs), tuple(priced.allowances), dict(priced.untiered))


def _walk_all(folded: Folded, zone_tables: Zones, rules: RegimeColumns, belongs: Int64, progress: Progress) -> Units:
    """Walk every partition, on every core, and number the units through."""
    done = 0
    found: list[Units] = []
    base = 0

    def one(part: Partition) -> Units:
        return walk(folded, part, zone_tables, rules, belongs)

    with ThreadPoolExecutor(cpu_count()) as pool:
        for part, units in zip(folded.partitions, pool.map(one, folded.partitions), strict=True):
            belongs[part.outbound] += np.where(belongs[part.outbound] >= 0, base, 0)
            base += len(units)
            found.append(units)
            done += len(part.outbound)
            progress("charge", done, len(folded.row))
    return join(found)


def _places(units: Units, log: Log, terms: Terms) -> Int16:
    """Give the place (calling code or stated country) of each unit's opener."""
    known = [terms.markets.place_of_stated(stated) for stated in log.messages.countries]
    countries = np.array(known or [EMPTY], np.int16)
    users, stated = log.folded.user[units.opener], log.folded.country[units.opener]
    return places_of(users, stated, countries, terms.markets.prefixes)


class _Ranked:
    """Ranks messages by id, then user, asking for the texts only of those that tie."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __call__(self, openers: Int64) -> Int64:
        keys = self._log.names(self._log.folded.row[openers])
        order = sorted(range(len(keys)), key=keys.__getitem__)
        ranks = np.empty(len(keys), np.int64)
        ranks[order] = np.arange(len(keys))
        return ranks


def _charges(units: Units, priced: Priced, log: Log, belongs: Int64) -> Charges:
    folded = log.folded
    return Charges(
        row=folded.row[units.opener],
        conversation=units.conversation,
        regime=units.regime,
        waba=folded.waba[units.opener],
        number=folded.number[units.opener],
        market=priced.market,
        country=priced.place,
        category=priced.category,
        pricing_type=priced.pricing_type,
        billed_at=folded.billed[units.opener],
        day=units.day,
        month=priced.month,
        ends_at=units.ends_at,
        messages=units.messages,
        tier_from=priced.tier_from,
        rate=priced.rate,
        amount=priced.amount,
        low=priced.low,
        high=priced.high,
        reasons=priced.reasons,
        grouped=(folded.kind[units.opener] & GROUP) != 0,
        values=tuple(priced.values.table),
        belongs=belongs[log.merged_into],
    )


# Cells --------------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _alike(codes: UInt64) -> tuple[Int64, Int64, Int64]:
    """Group equal rows of `codes` (n x k): give each row's group, each group's first row and its size."""
    n, k = codes.shape
    size = 16
    while size < 2 * min(n, 1 << 22):
        size *= 2
    slots = np.full(size, -1, np.int64)
    group = np.empty(n, np.int64)
    first = np.empty(n, np.int64)
    count = np.zeros(n, np.int64)
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
        count[g] += 1
    return group, first[:groups].copy(), count[:groups].copy()


def _codes(c: Charges) -> UInt64:
    """Pack what makes charges alike into three words a row."""

    def packed(*fields: tuple[Int64 | Int32 | Int16, int]) -> UInt64:
        word = np.zeros(len(c), np.uint64)
        for column, bits in fields:
            word = (word << np.uint64(bits)) | (column.astype(np.int64) + 1).astype(np.uint64)
        return word

    where = packed((c.waba, 15), (c.number, 24), (c.day, 24))
    what = packed((c.country, 14), (c.market, 10), (c.category, 5), (c.pricing_type, 4), (c.regime, 6), (c.reasons, 16))
    money = packed((c.rate, 16), (c.amount, 16), (c.low, 16), (c.high, 16))
    return np.stack([where, what, money, c.tier_from.astype(np.uint64)], axis=1)


def cells(charges: Charges, terms: Terms, numbers: Sequence[str]) -> tuple[tuple[Cell, ...], Int64]:
    """Count charges that are alike, in a fixed order; also give, for each charge, its cell."""
    if not len(charges):
        return (), np.zeros(0, np.int64)
    group, first, count = _alike(_codes(charges))
    made = [_cell(charges, int(row), int(n), terms, numbers) for row, n in zip(first, count, strict=True)]
    order = sorted(range(len(made)), key=lambda g: _cell_key(made[g]))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return tuple(made[g] for g in order), rank[group]


def _cell_key(cell: Cell) -> tuple[str, ...]:
    rate = "" if cell.rate is None else f"{cell.rate:030.12f}"
    return (
        cell.waba_id, cell.period, cell.market, cell.category, cell.pricing_type, f"{cell.tier_from:012d}", rate,
        str(cell.day), cell.phone_number_id, cell.country, cell.reasons, str(cell.low), str(cell.high),
    )  # fmt: skip


def _cell(c: Charges, row: int, count: int, terms: Terms, numbers: Sequence[str]) -> Cell:
    waba = terms.account.wabas[c.waba[row]]

    def sum_of(place: int) -> object:
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
        amount=sum_of(c.amount[row]),  # type: ignore[arg-type]
        low=sum_of(c.low[row]),  # type: ignore[arg-type]
        high=sum_of(c.high[row]),  # type: ignore[arg-type]
        certain=not c.reasons[row] & UNCERTAIN,
        reasons=reason_words(int(c.reasons[row])),
    )


def charge_row(c: Charges, row: int, terms: Terms, numbers: Sequence[str], name: tuple[str, str]) -> dict[str, str]:
    """Write one charge as a row of CHARGES (formats.md §8); `name` is its message id and user."""

    def amount(place: int) -> str:
        return "" if place == EMPTY else plain(c.values[place])

    message_id, user = name
    waba = terms.account.wabas[c.waba[row]]
    return {
        "unit": "conversation" if c.conversation[row] else "message",
        "unit_id": f"{message_id}#{user}" if c.grouped[row] else message_id,
        "waba_id": waba.id,
        "phone_number_id": numbers[c.number[row]],
        "user": user,
        "regime": terms.regimes[c.regime[row]].id,
        "market": terms.markets.names[c.market[row]] if c.market[row] >= 0 else "",
        "category": Category(c.category[row]).word,
        "pricing_type": PricingType(c.pricing_type[row]).word,
        "billed_at": iso(int(c.billed_at[row])),
        "local_date": day_of(int(c.day[row])).isoformat(),
        "period": month_text(int(c.month[row])),
        "ends_at": "" if c.ends_at[row] == NEVER else iso(int(c.ends_at[row])),
        "messages": str(c.messages[row]),
        "tier_from": str(c.tier_from[row]) if c.tier_from[row] else "",
        "rate": amount(c.rate[row]),
        "currency": waba.currency,
        "amount": amount(c.amount[row]),
        "amount_low": amount(c.low[row]),
        "amount_high": amount(c.high[row]),
        "certainty": "uncertain" if c.reasons[row] & UNCERTAIN else "certain",
        "reason": reason_words(int(c.reasons[row])),
    }

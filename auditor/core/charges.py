"""From lots to charges: market, allowance, tier, rate, amount with low and high (pricing.md §§3.5, 4.7, 7-10).

What is priced is not the single unit but the lot of units that are alike, cut where an allowance or a tier ends. Exact
amounts stand in a small table that everything else points into.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from decimal import Decimal

import numpy as np

from auditor.core.counters import Counted
from auditor.core.counters import Counter
from auditor.core.counters import Pieces
from auditor.core.counters import Ranked
from auditor.core.counters import Use
from auditor.core.counters import allowance
from auditor.core.counters import cut
from auditor.core.counters import numbers
from auditor.core.counters import tier_counters
from auditor.core.counters import tier_eligible
from auditor.core.counters import tiers_used
from auditor.core.counters import uses
from auditor.core.lots import Lots
from auditor.core.money import EXACT
from auditor.core.rates import Price
from auditor.core.rates import Rate
from auditor.core.results import Allowance
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import Int8
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import Reason
from auditor.core.tables import UInt16
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.terms import Values
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import months_of_days
from auditor.core.windows import covered_days

_REGULAR, _UNRATED = int(PricingType.REGULAR), int(PricingType.UNRATED)


@dataclass(slots=True)
class Priced:
    """What pricing adds to lots, one row per piece; places in `values` (-1: empty). `market` -1: unknown."""

    lots: Lots
    pieces: Pieces
    pricing_type: Int8
    reasons: UInt16
    market: Int16
    month: Int32
    tier_from: Int64
    rate: Int32
    amount: Int32
    low: Int32
    high: Int32
    values: Values
    allowances: Sequence[Allowance] = ()
    untiered: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What pricing knows from the lots alone: markets, months, prices (`keys` point into them), and what is counted."""

    market: Int16
    month: Int32
    uses: Sequence[Use]
    keys: Int64
    prices: Sequence[Price]
    tiers: Sequence[Counter]


def plan(lots: Lots, terms: Terms) -> Plan:
    """Look up the prices of lots, and find the counters in which their units have to be put in order."""
    market, month = terms.markets.of(lots.place, lots.day), months_of_days(lots.day)
    due = (lots.pricing_type == _REGULAR) | ((lots.reasons & Reason.WINDOW_SPLIT) != 0)
    keys, prices = _price_table(np.flatnonzero(due), lots, market, terms)
    tiers = tier_counters(lots, market, month, keys, prices, terms)
    return Plan(market, month, uses(lots, month, terms), keys, prices, tiers)


def price(
    lots: Lots, made: Plan, counted: Counted, amounts: Sequence[Decimal], terms: Terms, ranked: Ranked, *,
    with_allowances: bool = False,
) -> Priced:  # fmt: skip
    """Price every lot by its plan; `with_allowances`, tell as well how far each allowance and tier was used.

    `counted` are the units of the lots that `counters.may_count` names, `amounts` what `lots.paid` points into.
    """
    market, month, drawn, keys, prices, tiers = made.market, made.month, made.uses, made.keys, made.prices, made.tiers
    free_as, free_steps = np.full(len(lots), EMPTY, np.int8), np.zeros(len(lots), np.int64)
    for use in drawn:
        free_as[use.counter.lots], free_steps[use.counter.lots] = use.free_as, min(use.size, 1)
    pieces = cut(lots, [*(use.counter for use in drawn), *tiers], counted, ranked)
    lot = pieces.lot
    priced = Priced(
        lots=lots,
        pieces=pieces,
        pricing_type=np.where(pieces.step < free_steps[lot], free_as[lot], lots.pricing_type[lot]),
        reasons=lots.reasons[lot],
        market=market[lot],
        month=month[lot],
        tier_from=np.zeros(len(lot), np.int64),
        rate=np.full(len(lot), EMPTY, np.int32),
        amount=np.full(len(lot), EMPTY, np.int32),
        low=np.full(len(lot), EMPTY, np.int32),
        high=np.full(len(lot), EMPTY, np.int32),
        values=Values(),
        allowances=_allowances(lots, made, counted, terms, ranked) if with_allowances else (),
    )
    _rate(priced, keys[lot], prices, numbers(pieces, tiers, lots, terms), terms)
    _limit(priced, amounts)
    _cross_eras(priced, terms)
    return priced


def _allowances(lots: Lots, made: Plan, counted: Counted, terms: Terms, ranked: Ranked) -> list[Allowance]:
    used = [
        *(allowance(use, lots, made.month, counted, terms, ranked) for use in made.uses),
        *tiers_used(made.tiers, lots, made.market, made.month, made.keys, made.prices, counted, terms, ranked),
    ]
    return sorted(used, key=lambda one: (one.kind, one.period, one.owner, one.market, one.category, one.size))


def abroad_from(terms: Terms) -> Int64:
    """Give, for each WABA and place, the instant from which authentication is international (pricing.md §4.5).

    `NEVER`: it is not.
    """
    table = np.full((len(terms.account.wabas), len(terms.markets.places)), NEVER, np.int64)
    for w, waba in enumerate(terms.account.wabas):
        if not waba.primary_location or not waba.authentication_international:
            continue
        for p, place in enumerate(terms.markets.places):
            stated = [
                waba.authentication_international[c] for c in place.countries if c in waba.authentication_international
            ]
            if stated and waba.primary_location not in place.countries:
                table[w, p] = min(stated)
    return table


# Tiers and rates: pricing.md §§7, 9 ----------------------------------------------------------------------------


def _rate(priced: Priced, keys: Int64, prices: Sequence[Price], number: Int64, terms: Terms) -> None:
    """Give every piece its rate and amounts: free ones zero, charged ones by key, day and tier."""
    lots, lot = priced.lots, priced.pieces.lot
    free = (priced.pricing_type >= PricingType.FREE_TIER) & (priced.pricing_type <= PricingType.FREE_SERVICE)
    for column in (priced.rate, priced.amount, priced.low, priced.high):
        column[free] = 0
    split = free & ((priced.reasons & Reason.WINDOW_SPLIT) != 0)
    charged = np.flatnonzero(priced.pricing_type == _REGULAR)
    _note_untiered(charged, keys, prices, priced, terms)
    _fill(charged, keys[charged], prices, number[charged], priced)
    for piece in np.flatnonzero(split).tolist():
        rate, _ = prices[keys[piece]].at(abs(int(number[piece])))
        if rate is not None:
            priced.high[piece] = priced.values.place(rate.value)
    crossing = charged[(priced.reasons[charged] & Reason.ERA_CROSSING) != 0]
    crossing = crossing[~lots.conversation[lot[crossing]] & (priced.amount[crossing] != EMPTY)]
    priced.low[crossing] = 0


def _price_table(chosen: Int64, lots: Lots, market: Int16, terms: Terms) -> tuple[Int64, list[Price]]:
    """Give each chosen lot's place in a list of prices: one per distinct (currency, market, category, stretch of days).

    The others have the place -1.
    """
    currencies = sorted({waba.currency for waba in terms.account.wabas})
    of_waba = np.array([currencies.index(waba.currency) for waba in terms.account.wabas], np.int64)
    breaks = np.array([day_number(day) for day in terms.tariff.breaks], np.int64)
    stretch = np.searchsorted(breaks, lots.day[chosen], side="right")
    markets, categories = len(terms.markets.names) + 1, len(Category)
    code = of_waba[lots.waba[chosen]]
    code = (code * markets + market[chosen] + 1) * categories + lots.category[chosen]
    code = code * (len(breaks) + 1) + stretch
    distinct, place = np.unique(code, return_inverse=True)
    prices = []
    for packed in distinct.tolist():
        rest, s = divmod(packed, len(breaks) + 1)
        rest, category = divmod(rest, categories)
        currency, at = divmod(rest, markets)
        day = terms.tariff.breaks[s - 1] if s else day_of(int(breaks[0]) - 1)
        name = terms.markets.names[at - 1] if at else ""
        prices.append(terms.tariff.price(currencies[currency], name, Category(category).word, day))
    keys = np.full(len(lots), EMPTY, np.int64)
    keys[chosen] = place
    return keys, prices


def _fill(charged: Int64, keys: Int64, prices: Sequence[Price], numbers: Int64, priced: Priced) -> None:
    """Write rate, amount, low, high and tier of charged pieces, key by key and tier by tier."""
    listed = np.array([_place(p.listed, priced) for p in prices] or [0], np.int32)
    rate = listed[keys] if len(keys) else np.zeros(0, np.int32)
    low = rate.copy()
    number = np.abs(numbers)
    for key in np.unique(keys[numbers != 0]).tolist():
        for tier in prices[key].tiers:
            inside = (keys == key) & (number >= tier.first) & (number <= tier.last)
            rate[inside] = low[inside] = _place(tier.rate, priced)
            priced.tier_from[charged[inside]] = tier.lower
            if tier.rate is None or not inside.any():
                continue
            unsure = inside & (numbers < 0)
            low[unsure] = priced.values.place(prices[key].lowest_from(tier.first))
            priced.reasons[charged[unsure]] |= np.uint16(Reason.TIER_VOLUME_UNKNOWN)
    priced.rate[charged] = priced.amount[charged] = priced.high[charged] = rate
    priced.low[charged] = low
    lacking = charged[rate == EMPTY]
    priced.pricing_type[lacking] = _UNRATED
    priced.reasons[lacking] |= np.where(priced.market[lacking] < 0, Reason.NO_MARKET, Reason.NO_RATE).astype(np.uint16)


def _place(rate: Rate | None, priced: Priced) -> int:
    return EMPTY if rate is None else priced.values.place(rate.value)


def _note_untiered(charged: Int64, keys: Int64, prices: Sequence[Price], priced: Priced, terms: Terms) -> None:
    """Count, by market and category, what of the period the list rate priced for want of tier rows (pricing.md §7)."""
    lots, pieces = priced.lots, priced.pieces
    day = lots.day[pieces.lot[charged]]
    inside = (day >= day_number(terms.account.first)) & (day <= day_number(terms.account.last))
    counted = charged[inside & tier_eligible(lots, terms)[pieces.lot[charged]]]
    for key in np.unique(keys[counted]).tolist():
        listed = prices[key].listed
        if listed is None or prices[key].tiers or listed.basis == "contract":
            continue
        own = counted[keys[counted] == key]
        name = f"{terms.markets.names[priced.market[own[0]]]} / {Category(lots.category[pieces.lot[own[0]]]).word}"
        priced.untiered[name] = priced.untiered.get(name, 0) + int(pieces.count[own].sum())


# What the card does not decide: pricing.md §§8, 4.7 ------------------------------------------------------------------


def _limit(priced: Priced, amounts: Sequence[Decimal]) -> None:
    """Charge marketing with a maximum price what the log says it cost (pricing.md §8)."""
    lots = priced.lots
    for piece in np.flatnonzero(lots.limit[priced.pieces.lot] >= 0).tolist():
        lot = priced.pieces.lot[piece]
        paid, limit = lots.paid[lot], amounts[lots.limit[lot]]
        priced.reasons[piece] &= ~np.uint16(Reason.NO_RATE | Reason.NO_MARKET)
        if paid < 0:
            place = EMPTY
            priced.pricing_type[piece] = _UNRATED
            priced.reasons[piece] |= Reason.MAX_PRICE_UNKNOWN
        else:
            place = priced.values.place(amounts[paid])
            priced.pricing_type[piece] = _REGULAR
            if amounts[paid] > limit:
                priced.reasons[piece] |= Reason.ABOVE_MAX_PRICE
        for column in (priced.rate, priced.amount, priced.low, priced.high):
            column[piece] = place
        if paid >= 0 and priced.reasons[piece] & Reason.ERA_CROSSING:
            priced.low[piece] = 0


def _cross_eras(priced: Priced, terms: Terms) -> None:
    """Widen v1 conversations that covered the next era's messages: a rate more per category (pricing.md §4.7)."""
    lots = priced.lots
    crossing = (lots.covered[priced.pieces.lot] != 0) & (priced.amount != EMPTY)
    for piece in np.flatnonzero(crossing).tolist():
        lot, market = priced.pieces.lot[piece], priced.market[piece]
        high = priced.values.table[priced.amount[piece]]
        for category, days in covered_days(int(lots.covered[lot])):
            day = day_of(int(lots.day[lot])) + timedelta(days=days)
            name = terms.markets.names[market] if market >= 0 else ""
            currency = terms.account.wabas[lots.waba[lot]].currency
            rate = terms.tariff.price(currency, name, category.word, day).listed
            if rate is not None:
                high = EXACT.add(high, rate.value)
        priced.high[piece] = priced.values.place(high)

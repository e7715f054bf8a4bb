"""From units to charges: market, allowance, tier, rate, amount with low and high (pricing.md §§3.5, 4.4-4.5, 7-10).

Every charge points into a small table of exact amounts, so that millions of rows hold no numbers to add up wrongly.
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from auditor.core.counters import allow
from auditor.core.counters import count_tiers
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import GROUP
from auditor.core.money import EXACT
from auditor.core.rates import TIERED
from auditor.core.rates import Price
from auditor.core.rates import Rate
from auditor.core.regimes import CATEGORY
from auditor.core.regimes import MESSAGE
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import Int16
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import Reason
from auditor.core.terms import EMPTY
from auditor.core.terms import Priced
from auditor.core.terms import Ranked
from auditor.core.terms import Terms
from auditor.core.terms import Values
from auditor.core.threads import Folded
from auditor.core.timeline import date_in
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import months_of_days
from auditor.core.windows import Units

_REGULAR, _UNRATED = int(PricingType.REGULAR), int(PricingType.UNRATED)


def price(
    units: Units,
    folded: Folded,
    belongs: Int64,
    places: Int16,
    amounts: Sequence[Decimal],
    terms: Terms,
    ranked: Ranked,
) -> Priced:
    """Price every unit.

    `belongs` gives each message's unit, `places` are the units' places in `terms.markets`, `amounts` what
    `folded.paid` points into.
    """
    n = len(units)
    priced = Priced(
        category=units.category.copy(),
        pricing_type=units.pricing_type.copy(),
        reasons=units.reasons.copy(),
        place=places,
        market=terms.markets.of(places, units.day),
        month=months_of_days(units.day),
        tier_from=np.zeros(n, np.int64),
        rate=np.full(n, EMPTY, np.int32),
        amount=np.full(n, EMPTY, np.int32),
        low=np.full(n, EMPTY, np.int32),
        high=np.full(n, EMPTY, np.int32),
        values=Values(),
    )
    allow(units, folded, priced, terms, ranked)
    _internationalise(units, folded, priced, terms)
    _rate(units, folded, priced, terms, ranked)
    _limit(units, folded, priced, amounts, terms)
    _cross_eras(units, folded, priced, belongs, terms)
    return priced


# Authentication-international: pricing.md §4.5 -----------------------------------------------------------------------


def _internationalise(units: Units, folded: Folded, priced: Priced, terms: Terms) -> None:
    """Turn charged authentication into authentication-international where the account's start times say so."""
    chosen = np.flatnonzero((priced.category == Category.AUTHENTICATION) & (priced.pricing_type == _REGULAR))
    starts = _starts(terms)
    if not len(chosen) or not np.any(starts != NEVER):
        return
    opener = units.opener[chosen]
    start = starts[folded.waba[opener], priced.place[chosen]]
    known = (priced.place[chosen] >= 0) & (start != NEVER) & (folded.billed[opener] >= start)
    priced.category[chosen[known]] = Category.AUTHENTICATION_INTERNATIONAL


def _starts(terms: Terms) -> Int64:
    """Give, for each WABA and place, the instant from which it is international (`NEVER`: it is not)."""
    table = np.full((len(terms.account.wabas), len(terms.markets.places)), NEVER, np.int64)
    for w, waba in enumerate(terms.account.wabas):
        if not waba.primary_location:
            continue
        for p, place in enumerate(terms.markets.places):
            stated = [
                waba.authentication_international[c] for c in place.countries if c in waba.authentication_international
            ]
            if stated and waba.primary_location not in place.countries:
                table[w, p] = min(stated)
    return table


# Tiers and rates: pricing.md §§7, 9 ----------------------------------------------------------------------------


def _rate(units: Units, folded: Folded, priced: Priced, terms: Terms, ranked: Ranked) -> None:
    """Give every unit its rate and amounts: free ones zero, charged ones by key, day and tier."""
    free = (priced.pricing_type >= PricingType.FREE_TIER) & (priced.pricing_type <= PricingType.FREE_SERVICE)
    for column in (priced.rate, priced.amount, priced.low, priced.high):
        column[free] = 0
    split = (priced.reasons & Reason.WINDOW_SPLIT) != 0
    due = np.flatnonzero((priced.pricing_type == _REGULAR) | split)
    would_be = split[due]
    keys, prices = _price_table(due, units, folded, priced, terms)
    eligible = _eligible(due, units, folded, priced, terms)
    numbers = count_tiers(due, eligible, would_be, keys, prices, units, folded, priced, terms, ranked)
    _fill(due[~would_be], keys[~would_be], prices, numbers[~would_be], priced)
    days = units.day[due]
    in_period = (days >= day_number(terms.account.first)) & (days <= day_number(terms.account.last))
    counted = eligible & ~would_be & in_period
    _note_untiered(due[counted], keys[counted], prices, priced, terms)
    for unit, key, number in zip(*(column[would_be].tolist() for column in (due, keys, numbers)), strict=True):
        rate, _ = prices[key].at(abs(number))
        if rate is not None:
            priced.high[unit] = priced.values.place(rate.value)
    crossing = due[((priced.reasons[due] & Reason.ERA_CROSSING) != 0) & ~would_be]
    crossing = crossing[~units.conversation[crossing] & (priced.amount[crossing] != EMPTY)]
    priced.low[crossing] = 0


def _price_table(
    chosen: Int64, units: Units, folded: Folded, priced: Priced, terms: Terms
) -> tuple[Int64, list[Price]]:
    """Give each unit's place in a list of prices: one per distinct (currency, market, category, stretch of days)."""
    currencies = sorted({waba.currency for waba in terms.account.wabas})
    of_waba = np.array([currencies.index(waba.currency) for waba in terms.account.wabas], np.int64)
    breaks = np.array([day_number(day) for day in terms.tariff.breaks], np.int64)
    stretch = np.searchsorted(breaks, units.day[chosen], side="right")
    markets, categories = len(terms.markets.names) + 1, len(Category)
    code = of_waba[folded.waba[units.opener[chosen]]]
    code = (code * markets + priced.market[chosen] + 1) * categories + priced.category[chosen]
    code = code * (len(breaks) + 1) + stretch
    used = np.zeros(len(currencies) * markets * categories * (len(breaks) + 1), bool)
    used[code] = True
    place = np.cumsum(used) - 1
    prices = []
    for packed in np.flatnonzero(used).tolist():
        rest, s = divmod(packed, len(breaks) + 1)
        rest, category = divmod(rest, categories)
        currency, market = divmod(rest, markets)
        day = terms.tariff.breaks[s - 1] if s else day_of(int(breaks[0]) - 1)
        name = terms.markets.names[market - 1] if market else ""
        prices.append(terms.tariff.price(currencies[currency], name, Category(category).word, day))
    return place[code], prices


def _eligible(charged: Int64, units: Units, folded: Folded, priced: Priced, terms: Terms) -> npt.NDArray[np.bool_]:
    """Tell which charged units count towards volume tiers (pricing.md §7; groups stay outside, §8)."""
    tiers = np.array([regime.tiers for regime in terms.regimes])
    tiered = np.isin(priced.category[charged], np.array(sorted(TIERED), np.int8))
    in_group = (folded.kind[units.opener[charged]] & GROUP) != 0
    return np.asarray(tiers[units.regime[charged]] & tiered & ~in_group)


def _fill(charged: Int64, keys: Int64, prices: Sequence[Price], numbers: Int64, priced: Priced) -> None:
    """Write rate, amount, low, high and tier of charged units, key by key and tier by tier."""
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


def _note_untiered(eligible: Int64, keys: Int64, prices: Sequence[Price], priced: Priced, terms: Terms) -> None:
    """Count, by market and category, what of the period the list rate priced for want of tier rows (pricing.md §7)."""
    for key, count in zip(*np.unique(keys, return_counts=True), strict=True):
        listed = prices[key].listed
        if listed is None or prices[key].tiers or listed.basis == "contract":
            continue
        unit = eligible[np.flatnonzero(keys == key)[0]]
        name = f"{terms.markets.names[priced.market[unit]]} / {Category(priced.category[unit]).word}"
        priced.untiered[name] = priced.untiered.get(name, 0) + int(count)


# What the card does not decide: pricing.md §§8, 4.7 ------------------------------------------------------------------


def _limit(units: Units, folded: Folded, priced: Priced, amounts: Sequence[Decimal], terms: Terms) -> None:
    """Charge marketing with a maximum price what the log says it cost (pricing.md §8)."""
    by_message = np.array([regime.unit == MESSAGE for regime in terms.regimes])[units.regime]
    marketing = np.isin(priced.category, np.array([Category.MARKETING, Category.MARKETING_LITE], np.int8))
    due = (priced.pricing_type == _REGULAR) | (priced.pricing_type == _UNRATED)
    chosen = np.flatnonzero(by_message & marketing & due & (folded.limit[units.opener] >= 0))
    for unit in chosen.tolist():
        opener = units.opener[unit]
        paid, limit = folded.paid[opener], amounts[folded.limit[opener]]
        priced.reasons[unit] &= ~np.uint16(Reason.NO_RATE | Reason.NO_MARKET)
        if paid < 0:
            place = EMPTY
            priced.pricing_type[unit] = _UNRATED
            priced.reasons[unit] |= Reason.MAX_PRICE_UNKNOWN
        else:
            place = priced.values.place(amounts[paid])
            priced.pricing_type[unit] = _REGULAR
            if amounts[paid] > limit:
                priced.reasons[unit] |= Reason.ABOVE_MAX_PRICE
        for column in (priced.rate, priced.amount, priced.low, priced.high):
            column[unit] = place
        if paid >= 0 and priced.reasons[unit] & Reason.ERA_CROSSING:
            priced.low[unit] = 0


def _cross_eras(units: Units, folded: Folded, priced: Priced, belongs: Int64, terms: Terms) -> None:
    """Widen v1 conversations that covered the next era's messages: a rate more per category (pricing.md §4.7)."""
    crossing = np.flatnonzero(((priced.reasons & Reason.ERA_CROSSING) != 0) & units.conversation)
    if not len(crossing):
        return
    covered = np.flatnonzero(np.isin(belongs, crossing))
    covered = covered[np.argsort(folded.billed[covered], kind="stable")]
    for unit in crossing.tolist():
        if priced.amount[unit] != EMPTY:
            high = priced.values.table[priced.amount[unit]]
            for rate in _would_be(unit, covered[belongs[covered] == unit], folded, priced, terms):
                high = EXACT.add(high, rate.value)
            priced.high[unit] = priced.values.place(high)


def _would_be(unit: int, covered: Int64, folded: Folded, priced: Priced, terms: Terms) -> list[Rate]:
    """Give the rate (if any is on file) of the first template of each category that a v1 row covered after its era."""
    starts = _starts(terms)
    rates: dict[Category, Rate | None] = {}
    for message in covered.tolist():
        waba = terms.account.wabas[folded.waba[message]]
        day = date_in(waba.time_zone, int(folded.billed[message]))
        template = Category((folded.kind[message] & CATEGORY_MASK) >> CATEGORY_SHIFT)
        regime = max(n for n, row in enumerate(terms.regimes) if row.first <= day)
        if terms.regimes[regime].unit != CATEGORY or template == Category.SERVICE or template in rates:
            continue
        place, market = priced.place[unit], priced.market[unit]
        start = starts[folded.waba[message], place] if place >= 0 else NEVER
        international = template == Category.AUTHENTICATION and start != NEVER and folded.billed[message] >= start
        category = Category.AUTHENTICATION_INTERNATIONAL if international else template
        name = terms.markets.names[market] if market >= 0 else ""
        rates[template] = terms.tariff.price(waba.currency, name, category.word, day).listed
    return [rate for rate in rates.values() if rate]

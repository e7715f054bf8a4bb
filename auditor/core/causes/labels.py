"""Readings that bill units as what they are not: in another market, in another category, at home or abroad."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date
from functools import partial
from math import comb
from math import log2

from auditor.core.causes.reading import CHARGED
from auditor.core.causes.reading import RARE
from auditor.core.causes.reading import REGULAR
from auditor.core.causes.reading import USUAL
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import change_terms
from auditor.core.causes.reading import relabel
from auditor.core.causes.replay import Setting
from auditor.core.causes.tally import local_day
from auditor.core.causes.view import Billed
from auditor.core.causes.view import InMarket
from auditor.core.causes.view import View
from auditor.core.causes.view import both_as
from auditor.core.causes.view import told_as
from auditor.core.markets import OTHER
from auditor.core.markets import Markets
from auditor.core.rates import ANY_MARKET
from auditor.core.records import RateRow
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.terms import Terms
from auditor.core.timeline import day_of

AT_HOME, ABROAD = Category.AUTHENTICATION.word, Category.AUTHENTICATION_INTERNATIONAL.word
_AUTHENTICATION = frozenset({AT_HOME, ABROAD})
_TWO = 2
COUNTED = 0.25  # what is billed elsewhere is more likely counted there than not


# Markets -------------------------------------------------------------------------------------------------------------


def markets_mistaken(facts: Facts) -> Iterator[Reading]:
    """Count a country, or a whole market, in another market; or price it there and leave it where it is."""
    sources, targets = places_charged(facts), _places_priced(facts)
    listed = {market for market, _ in facts.places_billed}
    bits = RARE + log2(max(len(sources) * len(targets), 1)) / 2
    authenticates = any(cell.category in _AUTHENTICATION for cell in facts.cells)
    tiered = any(cell.tier_from for cell in facts.cells)
    for country, market in sources:
        for target, target_country in targets:
            if target == market and target_country in {"", country}:
                continue
            values = {"country": country or market, "market": target_country or target}
            name = f"{country or market} as {target_country or target}"
            if not listed or (target, target_country) in facts.places_billed:
                moved = InMarket(market, partial(_in_market, country, market, (target, target_country)))
                counted = _counted_in(facts, (country, market), target, (target, target_country))
                leads = (Reading("market", f"{name}, counted", values, bits - COUNTED, *counted, whole=True),) * tiered
                yield Reading("market", name, values, bits, view=relabel(moved), whole=True, leads=leads)
                if any(waba.authentication_international for waba in facts.account.wabas):
                    there = InMarket(market, partial(as_there, _starts_there(facts, target), moved, False))
                    yield Reading("market", f"{name}, rules too", values, bits + 0.5, view=relabel(there), whole=True)
            if listed and not target_country and not _is_general(facts, {market}, target):
                priced_as = InMarket(market, partial(_priced_in_market, country, market, target))
                counted = _counted_in(facts, (country, market), target, None)
                leads = (Reading("market", f"{name}, rate, counted", values, bits + 1 - COUNTED, *counted),) * tiered
                yield Reading("market", f"{name}, rate", values, bits + 1, view=relabel(priced_as), leads=leads)
                if authenticates:
                    there = InMarket(market, partial(as_there, _starts_there(facts, target), priced_as, False))
                    yield Reading("market", f"{name}, rate, rules", values, bits + 1, view=relabel(there), whole=True)


def _is_general(facts: Facts, markets: AbstractSet[str], target: str) -> bool:
    """Tell whether to price markets as another is to take a card's rates for all markets, and not those for each.

    Which market that was nobody can say: it is another row of the card.
    """
    price, day = facts.terms.tariff.price, facts.account.first
    charged = {(c.currency, c.market, c.category) for c in facts.cells if c.pricing_type == REGULAR}
    rates = [
        (price(currency, market, category, day).listed, price(currency, target, category, day).listed)
        for currency, market, category in charged
        if market in markets
    ]
    pairs = [(own.rows[0], other.rows[0]) for own, other in rates if own and other and own.rows != other.rows]
    return bool(pairs) and all(own.market != ANY_MARKET and other.market == ANY_MARKET for own, other in pairs)


def markets_all_alike(facts: Facts) -> Iterator[Reading]:
    """Bill whatever is sent, wherever to, in one market; or price it there and leave it where it is."""
    charged = {cell.market for cell in facts.cells if cell.market and cell.pricing_type in CHARGED}
    if len(charged) <= _TWO:
        return  # of two, one market billed as the other
    listed = {market for market, _ in facts.places_billed}
    international = any(waba.authentication_international for waba in facts.account.wabas)
    for target, country in _places_priced(facts):
        values = {"market": country or target, "kind": "every"}
        ways: list[tuple[str, float, Callable[[Billed], Billed]]] = []
        if not listed or (target, country) in facts.places_billed:
            ways.append((f"all as {country or target}", RARE, partial(_all_in_market, (target, country))))
        if listed and not country and not _is_general(facts, charged, target):
            ways.append((f"all as {target}, rate", RARE + 1, partial(_all_priced_in_market, target)))
        for name, bits, moved in ways:
            yield Reading("market", name, values, bits, view=relabel(moved), whole=True)
            if international:
                there = partial(as_there, _starts_there(facts, target), moved, False)
                yield Reading("market", f"{name}, rules too", values, bits + 0.5, view=relabel(there), whole=True)


def _all_in_market(target: tuple[str, str], billed: Billed) -> Billed:
    if not billed.label.market:
        return billed
    return moved_to(billed, target)


def moved_to(billed: Billed, target: tuple[str, str]) -> Billed:
    """Bill a unit in a market, and country; what is labelled as it is priced is one cell: to copy it takes longest."""
    label = told_as(billed.label, market=target[0], country=target[1])
    return Billed(label, label if billed.priced is billed.label else told_as(billed.priced, market=target[0]))


def _all_priced_in_market(target: str, billed: Billed) -> Billed:
    return Billed(billed.label, told_as(billed.priced, market=target)) if billed.priced.market else billed


def places_charged(facts: Facts) -> list[tuple[str, str]]:
    """Give the countries of markets that have several, and every market as a whole (country empty)."""
    charged = {(cell.country, cell.market) for cell in facts.cells if cell.market and cell.pricing_type in CHARGED}
    alone = {market for market, some in Counter(market for country, market in charged if country).items() if some == 1}
    by_country = any(country for _, country in facts.places_billed)
    return sorted(
        {("", market) for _, market in charged}
        | {(country, market) for country, market in charged if market not in alone or by_country}
    )


def _places_priced(facts: Facts) -> list[tuple[str, str]]:
    """Give the markets, and countries of lines, that something may have been counted in."""
    billed = {market for market, _ in facts.places_billed}
    markets = billed | {OTHER if row.market == "*" else row.market for row in in_force(facts)}
    return sorted({(market, "") for market in markets} | set(facts.places_billed))


def in_force(facts: Facts) -> Iterator[RateRow]:
    """Give the rows of the cards that state a rate within the period, in a currency of its charges.

    What nothing is priced as, nothing is billed as: units would have no price there, and whatever of them is missing
    would be accounted for.
    """
    currencies = {cell.currency for cell in facts.cells}
    first, last = facts.account.first, facts.account.last
    for row in (row for card in facts.terms.tariff.cards for row in card.rows):
        if row.currency in currencies and row.first <= last and (row.last is None or row.last >= first):
            yield row


def _in_market(country: str, market: str, target: tuple[str, str], billed: Billed) -> Billed:
    if billed.label.market != market or (country and billed.label.country != country):
        return billed
    return moved_to(billed, target)


def _counted_in(
    facts: Facts, source: tuple[str, str], target: str, label: tuple[str, str] | None
) -> tuple[Callable[[Setting], Setting], Callable[[View], View]]:
    """Count units of a country, or market, in another market's tiers; and say under which label they are billed.

    Without a label it is their own: they are counted and priced elsewhere, and left where they are.
    """
    markets = facts.terms.markets
    change = change_terms(lambda terms: replace(terms, markets=terms.markets.counted_in(*source, target)))
    return change, relabel(partial(_labelled, markets, source, label))


def _labelled(markets: Markets, source: tuple[str, str], label: tuple[str, str] | None, billed: Billed) -> Billed:
    country, market = source
    own = billed.label.country
    if country != own if country else market != markets.market_of_country(own, billed.label.day):
        return billed
    place = label or (market, own)
    return Billed(told_as(billed.label, market=place[0], country=place[1]), billed.priced)


def starts_of(facts: Facts) -> Mapping[tuple[str, str], date]:
    """Give, for each account and country, the day from which authentication is international there."""
    return {
        (waba.id, country): day_of(local_day(start, waba.time_zone))
        for waba in facts.account.wabas
        for country, start in waba.authentication_international.items()
        if waba.primary_location not in {"", country}
    }


def _starts_there(facts: Facts, market: str) -> Mapping[tuple[str, str], date]:
    """Give the same for a market: the earliest day of its countries, under no country."""
    made: dict[tuple[str, str], date] = {}
    for (waba, country), day in starts_of(facts).items():
        if facts.terms.markets.market_of_country(country, facts.account.first) == market:
            made[waba, ""] = min(day, made.get((waba, ""), day))
    return made


def as_there(
    starts: Mapping[tuple[str, str], date], moved: Callable[[Billed], Billed], by_country: bool, billed: Billed
) -> Billed:
    """Bill a unit otherwise, and let authentication be international as it would be then."""
    made = moved(billed)
    if made is billed or made.label.category not in _AUTHENTICATION or made.label.pricing_type not in CHARGED:
        return made
    start = starts.get((made.label.waba_id, made.label.country if by_country else ""))
    category = ABROAD if start is not None and made.label.day >= start else AT_HOME
    if made.label.category == made.priced.category == category:
        return made
    return both_as(made, category=category)


def _priced_in_market(country: str, market: str, target: str, billed: Billed) -> Billed:
    if billed.priced.market != market or (country and billed.priced.country != country):
        return billed
    return Billed(billed.label, told_as(billed.priced, market=target))


# Categories ----------------------------------------------------------------------------------------------------------


def as_category(source: str, target: str, billed: Billed) -> Billed:
    """Bill a charged unit of one category under another, at its price."""
    if billed.label.category != source or billed.label.pricing_type not in CHARGED:
        return billed
    return both_as(billed, category=target)


def priced_as_category(source: str, target: str, billed: Billed) -> Billed:
    """Bill a charged unit of one category at the price of another, and leave it where it is."""
    if billed.priced.category != source or billed.priced.pricing_type not in CHARGED:
        return billed
    return Billed(billed.label, told_as(billed.priced, category=target))


def international_mistaken(facts: Facts) -> Iterator[Reading]:
    """Price authentication as international nowhere, everywhere abroad, where billed so, or from the beginning."""
    categories = {cell.category for cell in facts.cells} & _AUTHENTICATION
    if not categories:
        return
    cause = "authentication_international"
    if ABROAD in categories:
        yield Reading(cause, "none", {"kind": "none"}, USUAL, change_terms(partial(_abroad, ())), whole=True)
        priced = partial(priced_as_category, ABROAD, AT_HOME)
        yield Reading(cause, "none, rate", {"kind": "none"}, USUAL + 1, view=relabel(priced))
    if AT_HOME in categories:
        countries = sorted({cell.country for cell in facts.cells if cell.category in _AUTHENTICATION and cell.country})
        listed = [one for one in countries if _is_listed_abroad(facts, one)]
        if listed:
            change = change_terms(partial(_abroad, tuple(listed)))
            which = log2(comb(len(countries), len(listed)))  # bits to say in which: else it would take in any
            yield Reading(cause, "listed", {"kind": "listed"}, USUAL + 1 + which, change, whole=True)
            if any(waba.primary_location in listed for waba in facts.account.wabas):
                change = change_terms(partial(_abroad, tuple(listed), home_too=True))
                values, bits = {"kind": "listed"}, USUAL + 1.5 + which
                yield Reading(cause, "listed, home too", values, bits, change, whole=True)
        named = tuple(one for one in countries if _has_rate_abroad(facts, one))
        if named and named != tuple(countries):
            yield Reading(cause, "named", {"kind": "named"}, USUAL, change_terms(partial(_abroad, named)), whole=True)
        if any(waba.primary_location in named for waba in facts.account.wabas):
            change = change_terms(partial(_abroad, named, home_too=True))
            yield Reading(cause, "named, home too", {"kind": "named_home"}, USUAL + 1, change, whole=True)
        yield Reading(
            cause, "all", {"kind": "all"}, USUAL, change_terms(partial(_abroad, tuple(countries))), whole=True
        )
        priced = partial(priced_as_category, AT_HOME, ABROAD)
        yield Reading(cause, "all, rate", {"kind": "all"}, USUAL + 1, view=relabel(priced))
        moved = partial(as_category, AT_HOME, ABROAD)
        yield Reading(cause, "all, home too", {"kind": "all"}, USUAL + 1, view=relabel(moved), whole=True)
        if any(waba.authentication_international for waba in facts.account.wabas):
            change = change_terms(_from_the_beginning)
            yield Reading(cause, "early", {"kind": "early"}, USUAL + 1, change, whole=True)
        if any(waba.primary_location in waba.authentication_international for waba in facts.account.wabas):
            change = change_terms(_wherever_from)
            yield Reading(cause, "stated, home too", {"kind": "home"}, USUAL + 1, change, whole=True)


def _is_listed_abroad(facts: Facts, country: str) -> bool:
    """Tell whether lines bill authentication as international in a country, or in its market."""
    market = facts.terms.markets.market_of_country(country, facts.account.first)
    return not facts.places_abroad.isdisjoint({(market, ""), (market, country), ("", country)})


def _has_rate_abroad(facts: Facts, country: str) -> bool:
    """Tell whether a card in force names a country's market among those of international authentication.

    In whatever currency: a contract may price all that is international alike, and Meta's cards say where it is.
    """
    first, last = facts.account.first, facts.account.last
    market = facts.terms.markets.market_of_country(country, first)
    return any(
        row.category == ABROAD and row.market == market and row.first <= last and (row.last or last) >= first
        for card in facts.terms.tariff.cards
        for row in card.rows
    )


def _abroad(countries: Sequence[str], terms: Terms, *, home_too: bool = False) -> Terms:
    """Let authentication be international in these countries and no other; in an account's own only if `home_too`."""
    starts = dict.fromkeys(countries, int(NEVER) + 1)
    wabas = tuple(
        replace(
            waba,
            authentication_international=starts,
            primary_location="-" if home_too else waba.primary_location or "-",
        )
        for waba in terms.account.wabas
    )
    return replace(terms, account=replace(terms.account, wabas=wabas))


def _wherever_from(terms: Terms) -> Terms:
    """Let authentication be international in the countries that an account states, also in its own."""
    wabas = tuple(replace(waba, primary_location="-") for waba in terms.account.wabas)
    return replace(terms, account=replace(terms.account, wabas=wabas))


def _from_the_beginning(terms: Terms) -> Terms:
    wabas = tuple(
        replace(waba, authentication_international=dict.fromkeys(waba.authentication_international, int(NEVER) + 1))
        for waba in terms.account.wabas
    )
    return replace(terms, account=replace(terms.account, wabas=wabas))

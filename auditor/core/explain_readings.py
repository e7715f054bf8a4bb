"""Other ways to read the rules: what a biller may have done otherwise, as changes of a replay or of its pricing.

Each reading has a cause code (formats.md §8), a variant that tells it from others of that code, the figures with which
it is said, and `bits`: how unlikely it is before anything is seen, as the binary logarithm of its odds. Only readings
that the log can tell from the rules are offered: where nothing was undelivered, nothing undelivered was billed.
"""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal
from functools import partial
from math import log2

import numpy as np

from auditor.core.explain_replay import Edit
from auditor.core.explain_replay import LogLike
from auditor.core.explain_replay import Setting
from auditor.core.explain_replay import Units
from auditor.core.explain_replay import apart
from auditor.core.explain_replay import beyond_allowance
from auditor.core.explain_replay import by_delivery
from auditor.core.explain_replay import by_message
from auditor.core.explain_replay import by_session
from auditor.core.explain_replay import deliveries
from auditor.core.explain_replay import recategorised
from auditor.core.explain_replay import undelivered
from auditor.core.explain_replay import without_referrals
from auditor.core.explain_tally import local_day
from auditor.core.explain_tally import local_days
from auditor.core.explain_view import Billed
from auditor.core.explain_view import Lookup
from auditor.core.explain_view import View
from auditor.core.kinds import FAILED
from auditor.core.kinds import OUTBOUND
from auditor.core.markets import OTHER
from auditor.core.money import minor_digits
from auditor.core.money import plain
from auditor.core.money import rounded
from auditor.core.rates import Tariff
from auditor.core.regimes import CATEGORY
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import MESSAGE
from auditor.core.tables import NEVER
from auditor.core.tables import Account
from auditor.core.tables import Category
from auditor.core.tables import Cell
from auditor.core.tables import Charges
from auditor.core.tables import FxMethod
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import RateRow
from auditor.core.terms import Terms
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of

# Steps of the bridge come in this order, rounding and the unexplained rest last.
ORDER = (
    "month_cut", "market", "rate_card", "card_currency", "free_allowance", "free_entry_point", "window_utility",
    "undelivered_billed", "duplicate_billed", "unit", "category", "authentication_international", "tier", "mark_up",
    "fx", "tax_included", "provider_fee", "log_gap", "quantity", "rate", "duplicate_line", "missing_line",
    "unexpected_line", "rounding", "unexplained",
)  # fmt: skip
_FREE_ENTRY = PricingType.FREE_ENTRY_POINT.word
_REGULAR = PricingType.REGULAR.word
_CHARGED = frozenset({_REGULAR, PricingType.UNRATED.word})
_AT_HOME, _ABROAD = Category.AUTHENTICATION.word, Category.AUTHENTICATION_INTERNATIONAL.word
_AUTHENTICATION = frozenset({_AT_HOME, _ABROAD})
_TEMPLATES = (Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION)
_STATED, _USUAL, _RARE = 1.0, 3.0, 5.0
_FACTOR_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the rules: what it does to a replay (`setting`) or to its pricing (`view`).

    `whole` readings carry units from line to line, so they cannot hold for one line and not for another. A `scope` is a
    column of cells and the value there for which alone the reading holds. A reading `leads` to others that cost a walk
    and are worth trying where it is promising.
    """

    cause: str
    variant: str
    values: Mapping[str, str] = field(compare=False)
    bits: float = field(compare=False)
    setting: Callable[[Setting], Setting] | None = field(compare=False, default=None)
    view: Callable[[View], View] | None = field(compare=False, default=None)
    whole: bool = field(compare=False, default=False)
    scope: tuple[str, ...] = ()
    leads: tuple["Reading", ...] = field(compare=False, default=())

    @property
    def name(self) -> str:
        """Name it uniquely."""
        return f"{self.cause} {self.variant}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the readings are drawn from: the log, its single charges as they are due, and the cells of the period."""

    log: LogLike
    singly: Callable[[], Charges]
    terms: Terms
    cells: Sequence[Cell]
    places_billed: frozenset[tuple[str, str]]
    document: date | None
    by_day: bool

    @property
    def account(self) -> Account:
        """Give the account."""
        return self.terms.account

    @property
    def regimes(self) -> frozenset[str]:
        """Name the regimes that the period lies in."""
        return frozenset(cell.regime for cell in self.cells)


def readings(facts: Facts) -> list[Reading]:
    """Give the readings that the log and the contract allow, in the order of `ORDER`."""
    makers = (
        _month_cuts, _markets, _cards, _currencies, _allowances, _entry_points, _window_utility, _undelivered,
        _duplicates, _units, _categories, _international, _tiers, _mark_ups, _exchange_rates, _taxes, _fees, _roundings,
    )  # fmt: skip
    return [reading for make in makers for reading in make(facts)]


def _terms(change: Callable[[Terms], Terms]) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, terms=change(setting.terms))


def _edit(edit: Edit) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, edits=(*setting.edits, edit))


def _units_by(count: Units) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, units=(*setting.units, count))


def _relabel(change: Callable[[Billed], Billed]) -> Callable[[View], View]:
    return lambda view: replace(view, relabels=(*view.relabels, change))


def _lookup(change: Callable[[Lookup], Lookup]) -> Callable[[View], View]:
    return lambda view: replace(view, lookup=change(view.lookup))


# Months --------------------------------------------------------------------------------------------------------------


def _month_cuts(facts: Facts) -> Iterator[Reading]:
    """Cut the month elsewhere: at UTC, at Meta's head office, at any whole hour; windows and rates with it or not."""
    own = {waba.time_zone for waba in facts.account.wabas}
    places = [("UTC", "UTC", _USUAL), ("America/Los_Angeles", "America/Los_Angeles", _USUAL + 2)]
    places += [(zone, zone, _RARE) for zone in sorted(own) if len(own) > 1]
    offsets = sorted(range(-14, 13), key=abs)
    places += [(f"Etc/GMT{n:+d}", f"UTC{-n:+03d}:00", _RARE + 3) for n in offsets if n]
    first, last = day_number(facts.account.first), day_number(facts.account.last)

    def mark(days: Int64) -> bytes:
        inside = (days >= first) & (days <= last)
        return bytes(np.where(inside, days if facts.by_day else 1, 0))

    charges = facts.singly()
    seen = {mark(charges.day.astype(np.int64))}
    for zone, shown, bits in places:
        cut = mark(local_days(charges.billed_at, zone))
        if cut in seen:
            continue
        seen.add(cut)
        values = {"zone": shown}
        moved = Reading("month_cut", zone, values, bits, _in_zone(zone))
        rare = zone.startswith("Etc/")
        if not rare:
            yield moved
        yield Reading("month_cut", f"{zone} period", values, bits + 1, _cut_in(zone), leads=(moved,) * rare)


def _in_zone(zone: str) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, zone=zone)


def _cut_in(zone: str) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, cut=zone)


# Markets -------------------------------------------------------------------------------------------------------------


def _markets(facts: Facts) -> Iterator[Reading]:
    """Count a country, or a whole market, in another market; or price it there and leave it where it is."""
    sources, targets = _places_charged(facts), _places_priced(facts)
    listed = {market for market, _ in facts.places_billed}
    bits = _RARE + log2(max(len(sources) * len(targets), 1)) / 2
    for country, market in sources:
        for target, target_country in targets:
            if target == market and target_country in {"", country}:
                continue
            values = {"country": country or market, "market": target_country or target}
            name = f"{country or market} as {target_country or target}"
            if not listed or (target, target_country) in facts.places_billed:
                moved = partial(_in_market, country, market, (target, target_country))
                yield Reading("market", name, values, bits, view=_relabel(moved), whole=True)
                if any(waba.authentication_international for waba in facts.account.wabas):
                    there = partial(_as_there, _starts_there(facts, target), moved, False)
                    yield Reading("market", f"{name}, rules too", values, bits + 0.5, view=_relabel(there), whole=True)
            if listed and not target_country:
                priced_as = partial(_priced_in_market, country, market, target)
                yield Reading("market", f"{name}, rate", values, bits + 1, view=_relabel(priced_as))


def _places_charged(facts: Facts) -> list[tuple[str, str]]:
    """Give the countries of markets that have several, and every market as a whole (country empty)."""
    charged = {(cell.country, cell.market) for cell in facts.cells if cell.market and cell.pricing_type in _CHARGED}
    alone = {market for market, some in Counter(market for country, market in charged if country).items() if some == 1}
    by_country = any(country for _, country in facts.places_billed)
    return sorted(
        {("", market) for _, market in charged}
        | {(country, market) for country, market in charged if market not in alone or by_country}
    )


def _places_priced(facts: Facts) -> list[tuple[str, str]]:
    """Give the markets, and countries of lines, that something may have been counted in."""
    currencies = {cell.currency for cell in facts.cells}
    markets = {market for market, _ in facts.places_billed}.union(
        *(_markets_of(facts.terms.tariff, currency) for currency in currencies)
    )
    return sorted({(market, "") for market in markets} | set(facts.places_billed))


def _markets_of(tariff: Tariff, currency: str) -> set[str]:
    """Give the markets for which cards state a rate in a currency; `Other` stands for all under `*`."""
    rows = (row for card in tariff.cards for row in card.rows)
    return {OTHER if row.market == "*" else row.market for row in rows if row.currency == currency}


def _in_market(country: str, market: str, target: tuple[str, str], billed: Billed) -> Billed:
    if billed.label.market != market or (country and billed.label.country != country):
        return billed
    label = replace(billed.label, market=target[0], country=target[1])
    return Billed(label, replace(billed.priced, market=target[0]))


def _starts(facts: Facts) -> Mapping[tuple[str, str], date]:
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
    for (waba, country), day in _starts(facts).items():
        if facts.terms.markets.market_of_country(country, facts.account.first) == market:
            made[waba, ""] = min(day, made.get((waba, ""), day))
    return made


def _as_there(
    starts: Mapping[tuple[str, str], date], moved: Callable[[Billed], Billed], by_country: bool, billed: Billed
) -> Billed:
    """Bill a unit otherwise, and let authentication be international as it would be then."""
    made = moved(billed)
    if made is billed or made.label.category not in _AUTHENTICATION or made.label.pricing_type not in _CHARGED:
        return made
    start = starts.get((made.label.waba_id, made.label.country if by_country else ""))
    category = _ABROAD if start is not None and made.label.day >= start else _AT_HOME
    return Billed(replace(made.label, category=category), replace(made.priced, category=category))


def _priced_in_market(country: str, market: str, target: str, billed: Billed) -> Billed:
    if billed.priced.market != market or (country and billed.priced.country != country):
        return billed
    return Billed(billed.label, replace(billed.priced, market=target))


# Cards ---------------------------------------------------------------------------------------------------------------


def _cards(facts: Facts) -> Iterator[Reading]:
    """Price by another card: each key's price before or after its own, or all as of another stretch of days."""
    tariff = facts.terms.tariff
    for which, bits in (("previous", _USUAL), ("next", _USUAL + 1)):
        near = tariff.neighbour(later=which == "next")
        yield Reading("rate_card", which, {"card": which}, bits, view=_lookup(partial(_with_cards, near)))
    first = [number for number, day in enumerate(tariff.breaks) if day <= facts.account.first]
    at = first[-1] if first else -1
    for number, day in enumerate(tariff.breaks):
        if number == at or abs(number - at) > 6:
            continue
        which = "previous" if number < at else "next"
        values = {"card": which, "day": day.isoformat()}
        as_of = partial(_as_of, day)
        bits = _USUAL + 0.5 * abs(number - at)
        yield Reading("rate_card", f"as of {day}", values, bits, view=_lookup(as_of))
    mid = [day for day in tariff.breaks if facts.account.first < day <= facts.account.last]
    if mid:
        values = {"card": "previous", "day": facts.account.first.isoformat()}
        as_of = partial(_as_of, facts.account.first)
        yield Reading("rate_card", "as of the first day", values, _USUAL + 1, view=_lookup(as_of))
    if len(tariff.all_cards) > 1:
        lowest = Tariff(tariff.all_cards[:1])
        yield Reading("rate_card", "lowest", {"card": "lowest"}, _RARE, view=_lookup(partial(_with_cards, lowest)))


def _with_cards(tariff: Tariff, lookup: Lookup) -> Lookup:
    return replace(lookup, tariff=tariff)


def _as_of(day: date, lookup: Lookup) -> Lookup:
    return replace(lookup, as_of=day)


def _currencies(facts: Facts) -> Iterator[Reading]:
    """Take the rates from another currency's card: converted, or as if they were in the account's own."""
    own = {waba.currency for waba in facts.account.wabas}
    rows = (row for card in facts.terms.tariff.all_cards for row in card.rows)
    for currency in sorted({row.currency for row in rows} - own):
        values = {"currency": currency}
        for converted in (True, False):
            name = currency if converted else f"{currency} as it stands"
            take = partial(_in_currency, currency, converted)
            yield Reading("card_currency", name, values, _RARE, view=_lookup(take))


def _in_currency(currency: str, converted: bool, lookup: Lookup) -> Lookup:
    return replace(lookup, currency=currency, converted=converted, tariff=Tariff(lookup.tariff.all_cards))


# What is free --------------------------------------------------------------------------------------------------------


def _allowances(facts: Facts) -> Iterator[Reading]:
    """Grant no free units, count them for another owner, in another month, or with the months before."""
    owners = {regime.allowance.per for regime in facts.terms.regimes if regime.allowance and regime.id in facts.regimes}
    if not owners:
        return
    yield Reading(
        "free_allowance", "none", {"kind": "none"}, _USUAL, _terms(lambda terms: replace(terms, allowance_size=0))
    )
    for per in ("waba", "number"):
        if owners != {per}:
            change = _terms(partial(_counted_per, per))
            yield Reading("free_allowance", per, {"kind": per}, _USUAL + 0.5, change)
    yield Reading("free_allowance", "UTC", {"kind": "calendar", "zone": "UTC"}, _RARE, partial(_by_calendar, "UTC"))
    yield Reading("free_allowance", "earlier", {"kind": "earlier"}, _RARE, partial(_by_calendar, "all"))


def _by_calendar(month: str, setting: Setting) -> Setting:
    units = partial(beyond_allowance, month=month)
    return replace(setting, terms=replace(setting.terms, allowance_size=0), units=(*setting.units, units))


def _counted_per(owner: str, terms: Terms) -> Terms:
    return replace(terms, allowance_per=owner)


def _entry_points(facts: Facts) -> Iterator[Reading]:
    """Bill what came through a free entry point: as if there were none, at its category's price, or after 24 hours."""
    if not any(cell.pricing_type == _FREE_ENTRY for cell in facts.cells):
        return
    yield Reading("free_entry_point", "none", {"kind": "none"}, _USUAL, _edit(without_referrals))
    yield Reading("free_entry_point", "charged", {"kind": "charged"}, _USUAL + 1, view=_relabel(_entry_point_charged))
    shorter = _terms(partial(_regimes_with, hours=24))
    yield Reading("free_entry_point", "24 hours", {"kind": "hours", "hours": "24"}, _RARE, shorter)


def _entry_point_charged(billed: Billed) -> Billed:
    if billed.label.pricing_type != _FREE_ENTRY or billed.label.category == "referral_conversion":
        return billed
    return Billed(replace(billed.label, pricing_type=_REGULAR), replace(billed.priced, pricing_type=_REGULAR))


def _regimes_with(terms: Terms, *, hours: int) -> Terms:
    made = (
        replace(one, free_entry_point_hours=hours) if one.free_entry_point_hours > hours else one
        for one in terms.regimes
    )
    return replace(terms, regimes=tuple(made))


def _window_utility(facts: Facts) -> Iterator[Reading]:
    """Bill utility templates inside the service window where they are free, or leave them free where they are not."""
    for free in (True, False):
        regimes = {one.id for one in facts.terms.regimes if one.unit == MESSAGE and one.free_utility_in_window == free}
        if regimes & facts.regimes:
            change = _terms(partial(_window, not free))
            variant = "charged" if free else "free"
            yield Reading("window_utility", variant, {"kind": variant}, _USUAL, change)


def _window(free: bool, terms: Terms) -> Terms:
    made = (replace(one, free_utility_in_window=free) if one.unit == MESSAGE else one for one in terms.regimes)
    return replace(terms, regimes=tuple(made))


# What is billed at all -----------------------------------------------------------------------------------------------


def _undelivered(facts: Facts) -> Iterator[Reading]:
    """Bill what failed, what was merely sent, or both."""
    folded = facts.log.folded
    bare = folded.live & ((folded.kind & OUTBOUND) != 0) & (folded.billed == NEVER)
    has_failed = (folded.kind & FAILED) != 0
    some_failed, some_sent = bool(np.any(bare & has_failed)), bool(np.any(bare & ~has_failed))
    variants = [("failed", True, False)] if some_failed else []
    variants += [("sent", False, True)] if some_sent else []
    variants += [("all", True, True)] if some_failed and some_sent else []
    for kind, failed, sent in variants:
        edit = _edit(partial(undelivered, failed=failed, merely_sent=sent))
        yield Reading("undelivered_billed", kind, {"kind": kind}, _USUAL + 0.5, edit)


def _duplicates(facts: Facts) -> Iterator[Reading]:
    """Bill every repeated report of a delivery: as one more unit of its charge, or as a message of its own."""
    if not np.any(deliveries(facts.log) > 1):
        return
    again = _units_by(by_delivery)
    leads = (Reading("duplicate_billed", "apart", {"kind": "apart"}, _USUAL + 0.5, _edit(apart)),)
    yield Reading("duplicate_billed", "again", {"kind": "again"}, _USUAL, again, leads=leads)


def _units(facts: Facts) -> Iterator[Reading]:
    """Count messages where conversations apply, or conversations where messages do."""
    kinds = {one.unit for one in facts.terms.regimes if one.id in facts.regimes}
    if kinds & {INITIATOR, CATEGORY}:
        values = {"kind": "message"}
        yield Reading("unit", "messages", values, _USUAL + 1, _units_by(by_message))
        yield Reading("unit", "by message", values, _USUAL + 1.5, _terms(partial(_counted_by, MESSAGE)))
    if MESSAGE in kinds:
        values = {"kind": "conversation"}
        yield Reading("unit", "sessions", values, _USUAL + 1, _units_by(by_session))
        yield Reading("unit", "by conversation", values, _USUAL + 1, _terms(partial(_counted_by, CATEGORY)))
        service = _terms(partial(_counted_by, CATEGORY, free_service=True))
        yield Reading("unit", "by conversation, service free", values, _USUAL + 1.5, service)


def _counted_by(unit: int, terms: Terms, *, free_service: bool = False) -> Terms:
    """Replace the unit of regimes of the other kind, by category or by message."""
    others = {MESSAGE: {CATEGORY}, CATEGORY: {MESSAGE}}[unit]
    made = (
        replace(one, unit=unit, free_service=one.free_service or free_service) if one.unit in others else one
        for one in terms.regimes
    )
    return replace(terms, regimes=tuple(made))


# Categories ----------------------------------------------------------------------------------------------------------


def _categories(facts: Facts) -> Iterator[Reading]:
    """Bill one category as another: its charged units, its templates before they are charged, or its price alone."""
    present = {cell.category for cell in facts.cells if cell.pricing_type in _CHARGED}
    words = [category.word for category in (*_TEMPLATES, Category.SERVICE)]
    if facts.regimes == {"conversation-v1"}:
        words = [Category.USER_INITIATED.word, Category.BUSINESS_INITIATED.word]
    for source in words:
        for target in words:
            if source == target or (source not in present and source == Category.SERVICE.word):
                continue
            values = {"from": source, "to": target}
            name = f"{source} as {target}"
            if source in present:
                moved, priced = partial(_as_category, source, target), partial(_priced_as_category, source, target)
                yield Reading("category", name, values, _RARE, view=_relabel(moved), whole=True)
                yield Reading("category", f"{name}, rate", values, _RARE + 1, view=_relabel(priced))
                yield from _authentication_moved(facts, source, target, moved)
            codes = {one.word: one for one in _TEMPLATES}
            if source in codes and target in codes:
                edit = partial(recategorised, pairs={codes[source]: codes[target]})
                yield Reading("category", f"{name}, sent", values, _RARE + 1, _edit(edit), whole=True)
    yield from _swapped(words, present)


def _authentication_moved(
    facts: Facts, source: str, target: str, moved: Callable[[Billed], Billed]
) -> Iterator[Reading]:
    """Bill authentication as another category or the reverse, at home and abroad alike."""
    starts = _starts(facts)
    if _AT_HOME not in {source, target} or not starts:
        return
    change = partial(_as_there, starts, moved, True)
    if source == _AT_HOME:
        change = partial(_either, moved, partial(_as_category, _ABROAD, target))
    values = {"from": source, "to": target}
    name = f"{source} as {target}, abroad too"
    yield Reading("category", name, values, _RARE + 0.5, view=_relabel(change), whole=True)


def _either(one: Callable[[Billed], Billed], other: Callable[[Billed], Billed], billed: Billed) -> Billed:
    made = one(billed)
    return other(billed) if made is billed else made


def _swapped(words: Sequence[str], present: set[str]) -> Iterator[Reading]:
    for place, source in enumerate(words):
        for target in words[place + 1 :]:
            if {source, target} <= present:
                values = {"from": source, "to": target, "kind": "swapped"}
                swap = partial(_swap_categories, source, target)
                yield Reading("category", f"{source} and {target}", values, _RARE, view=_relabel(swap), whole=True)


def _as_category(source: str, target: str, billed: Billed) -> Billed:
    if billed.label.category != source or billed.label.pricing_type not in _CHARGED:
        return billed
    return Billed(replace(billed.label, category=target), replace(billed.priced, category=target))


def _priced_as_category(source: str, target: str, billed: Billed) -> Billed:
    if billed.priced.category != source or billed.priced.pricing_type not in _CHARGED:
        return billed
    return Billed(billed.label, replace(billed.priced, category=target))


def _swap_categories(one: str, other: str, billed: Billed) -> Billed:
    if billed.label.category == one:
        return _as_category(one, other, billed)
    return _as_category(other, one, billed)


def _international(facts: Facts) -> Iterator[Reading]:
    """Price authentication as international nowhere, everywhere abroad, or from the beginning."""
    categories = {cell.category for cell in facts.cells} & _AUTHENTICATION
    if not categories:
        return
    cause = "authentication_international"
    if _ABROAD in categories:
        yield Reading(cause, "none", {"kind": "none"}, _USUAL, _terms(partial(_abroad, ())), whole=True)
        priced = partial(_priced_as_category, _ABROAD, _AT_HOME)
        yield Reading(cause, "none, rate", {"kind": "none"}, _USUAL + 1, view=_relabel(priced))
    if _AT_HOME in categories:
        countries = sorted({cell.country for cell in facts.cells if cell.category in _AUTHENTICATION and cell.country})
        yield Reading(cause, "all", {"kind": "all"}, _USUAL, _terms(partial(_abroad, tuple(countries))), whole=True)
        priced = partial(_priced_as_category, _AT_HOME, _ABROAD)
        yield Reading(cause, "all, rate", {"kind": "all"}, _USUAL + 1, view=_relabel(priced))
        moved = partial(_as_category, _AT_HOME, _ABROAD)
        yield Reading(cause, "all, home too", {"kind": "all"}, _USUAL + 1, view=_relabel(moved), whole=True)
        if any(waba.authentication_international for waba in facts.account.wabas):
            change = _terms(_from_the_beginning)
            yield Reading(cause, "early", {"kind": "early"}, _USUAL + 1, change, whole=True)


def _abroad(countries: Sequence[str], terms: Terms) -> Terms:
    """Let authentication be international in these countries and no other."""
    starts = dict.fromkeys(countries, int(NEVER) + 1)
    wabas = tuple(
        replace(waba, authentication_international=starts, primary_location=waba.primary_location or "-")
        for waba in terms.account.wabas
    )
    return replace(terms, account=replace(terms.account, wabas=wabas))


def _from_the_beginning(terms: Terms) -> Terms:
    wabas = tuple(
        replace(waba, authentication_international=dict.fromkeys(waba.authentication_international, int(NEVER) + 1))
        for waba in terms.account.wabas
    )
    return replace(terms, account=replace(terms.account, wabas=wabas))


# Prices --------------------------------------------------------------------------------------------------------------


def _tiers(facts: Facts) -> Iterator[Reading]:
    """Apply no volume tiers, count them by account, without what was used elsewhere, or back to the first unit."""
    tiers: dict[tuple[str, str, str, str], int] = {}
    for cell in facts.cells:
        if cell.tier_from:
            key = (cell.waba_id, cell.period, cell.market, cell.category)
            tiers[key] = max(tiers.get(key, 0), cell.tier_from)
    if not tiers:
        return
    yield Reading("tier", "none", {"kind": "none"}, _USUAL, _terms(_without_tiers))
    yield Reading("tier", "waba", {"kind": "waba"}, _USUAL, _terms(_tiers_by_account))
    if facts.account.opening_volumes:
        change = _terms(lambda terms: replace(terms, account=replace(terms.account, opening_volumes=())))
        yield Reading("tier", "opening", {"kind": "opening"}, _USUAL, change)
    if any(lower > 1 for lower in tiers.values()):
        yield Reading("tier", "first", {"kind": "first"}, _USUAL + 1, view=_lookup(partial(_at_tier, lambda _: 1)))
        last = partial(_at_tier, partial(_reached, tiers))
        yield Reading("tier", "reached", {"kind": "reached"}, _USUAL + 1, view=_lookup(last))


def _without_tiers(terms: Terms) -> Terms:
    return replace(terms, regimes=tuple(replace(one, tiers=False) for one in terms.regimes))


def _tiers_by_account(terms: Terms) -> Terms:
    wabas = tuple(replace(waba, portfolio="") for waba in terms.account.wabas)
    return replace(terms, account=replace(terms.account, wabas=wabas))


def _at_tier(tier: Callable[[Cell], int], lookup: Lookup) -> Lookup:
    return replace(lookup, tier=lambda cell: tier(cell) if cell.tier_from else 0)


def _reached(tiers: Mapping[tuple[str, str, str, str], int], cell: Cell) -> int:
    return tiers.get((cell.waba_id, cell.period, cell.market, cell.category), cell.tier_from)


def _mark_ups(facts: Facts) -> Iterator[Reading]:
    """Leave out a stated mark-up or a part of it, apply it twice, or in the other order."""
    tariff = facts.terms.tariff
    currencies = {waba.currency for waba in facts.account.wabas}
    rows = [row for card in tariff.cards for row in card.rows if row.rate is None and row.currency in currencies]
    if not rows:
        return
    variants: list[tuple[str, Callable[[RateRow], RateRow]]] = [("none", _no_mark_up)]
    if any(row.plus for row in rows) and any(row.factor not in {None, 1} for row in rows):
        variants += [("no_plus", _no_plus), ("no_factor", _no_factor), ("plus_first", _plus_first)]
    variants.append(("twice", _twice))
    for kind, change in variants:
        made = tariff.with_rows(change)
        view = _lookup(partial(_with_cards, made))
        yield Reading("mark_up", kind, {"kind": kind}, _USUAL + 0.5, view=view)


def _no_mark_up(row: RateRow) -> RateRow:
    return row if row.rate is not None else replace(row, factor=Decimal(1), plus=Decimal(0))


def _no_plus(row: RateRow) -> RateRow:
    return row if row.rate is not None else replace(row, plus=Decimal(0))


def _no_factor(row: RateRow) -> RateRow:
    return row if row.rate is not None else replace(row, factor=Decimal(1))


def _plus_first(row: RateRow) -> RateRow:
    return row if row.rate is not None else replace(row, plus=row.plus * (row.factor or 1))


def _twice(row: RateRow) -> RateRow:
    if row.rate is not None:
        return row
    factor = Decimal(1) if row.factor is None else row.factor
    return replace(row, factor=factor * factor, plus=row.plus * factor + row.plus)


def _exchange_rates(facts: Facts) -> Iterator[Reading]:
    """Exchange by another method, or at the rate of another day."""
    account = facts.account
    if all(waba.currency == account.currency for waba in account.wabas):
        return
    methods = [one for one in ("daily", "month_average", "document_date") if one != account.fx.method]
    for method in methods:
        if method == "document_date" and facts.document is None:
            continue
        change = partial(_by_method, replace(account.fx, method=method))
        yield Reading("fx", method, {"kind": method}, _USUAL, view=change)
    days: list[tuple[str, Callable[[date], date]]] = [
        ("previous_day", lambda day: day - timedelta(days=1)),
        ("next_day", lambda day: day + timedelta(days=1)),
        ("period_end", lambda _: account.last),
        ("period_start", lambda _: account.first),
        ("month_before", lambda day: day.replace(day=1) - timedelta(days=1)),
    ]
    for kind, day in days:
        change = partial(_by_day, FxMethod("daily", account.fx.file), day)
        yield Reading("fx", kind, {"kind": kind}, _USUAL + 0.5, view=change)
    change = partial(_by_day, FxMethod("month_average", account.fx.file), days[-1][1])
    yield Reading("fx", "average of the month before", {"kind": "month_before"}, _USUAL + 1, view=change)
    if facts.document is not None:
        before = facts.document - timedelta(days=1)
        change = partial(_by_day, FxMethod("daily", account.fx.file), lambda _: before)
        yield Reading("fx", "day before the document", {"kind": "previous_day"}, _USUAL + 1, view=change)
    change = partial(_by_rate, Decimal(1))
    yield Reading("fx", "none", {"kind": "none"}, _USUAL + 1, view=change)


def _by_method(method: FxMethod, view: View) -> View:
    return replace(view, exchange=view.exchange.by(method))


def _by_day(method: FxMethod, day: Callable[[date], date], view: View) -> View:
    return replace(view, exchange=view.exchange.by(method), rate_day=day)


def _by_rate(rate: Decimal, view: View) -> View:
    return replace(view, exchange=view.exchange.flat(rate))


def implied_exchange(rate: Decimal, bits: float) -> Reading:
    """Exchange everything at one rate that no table states, which the amounts billed imply."""
    values = {"kind": "implied", "rate": plain(rate)}
    return Reading("fx", f"implied {plain(rate)}", values, bits, view=partial(_by_rate, rate))


def implied_mark_up(factor: Decimal, bits: float) -> Reading:
    """Multiply everything by a factor that no contract states, which the amounts billed imply."""
    values = {"kind": "implied", "factor": plain(factor)}
    return Reading("mark_up", f"implied {plain(factor)}", values, bits, view=partial(_times, factor))


def _times(factor: Decimal, view: View) -> View:
    return replace(view, factor=view.factor * factor)


# What is put on top --------------------------------------------------------------------------------------------------


def _taxes(facts: Facts) -> Iterator[Reading]:
    """Put the stated tax inside the amounts; or leave it out of amounts that are said to hold it."""
    tax = facts.account.tax
    if tax is None:
        return
    values = {"tax": tax.name, "rate": plain(tax.rate)}
    factor = 1 + tax.rate / 100
    if tax.included:
        factor = rounded(1 / factor, _FACTOR_DIGITS)
    variant = "outside" if tax.included else "inside"
    yield Reading(
        "tax_included",
        variant,
        {**values, **({"kind": variant} if tax.included else {})},
        _STATED,
        view=partial(_times, factor),
    )


def _fees(facts: Facts) -> Iterator[Reading]:
    """Put a fee per unit that the contract states inside the lines: on charged units, or on free ones as well."""
    for fee in facts.account.fees:
        if fee.per != "unit" or fee.layer != "provider_fee" or fee.currency != facts.account.currency:
            continue
        values = {"fee": plain(fee.amount)}
        yield Reading("provider_fee", plain(fee.amount), values, _STATED, view=partial(_plus, fee.amount))


def _plus(fee: Decimal, view: View) -> View:
    return replace(view, per_unit=view.per_unit + fee)


def _roundings(facts: Facts) -> Iterator[Reading]:
    """Round every unit's price, up and down or always down, to the minor unit or one or two decimals more."""
    own = minor_digits(facts.account.currency)
    for digits in (own, own + 1, own + 2):
        for cut_off in (False, True):
            values = {"kind": "unit", "digits": str(digits)}
            change = partial(_unit_rounded, digits, cut_off)
            bits = _USUAL + 1 + (digits - own) + 2 * cut_off
            yield Reading("rounding", f"unit {digits}{' down' * cut_off}", values, bits, view=change)


def _unit_rounded(digits: int, cut_off: bool, view: View) -> View:
    return replace(view, unit_digits=digits, cut_off=cut_off)

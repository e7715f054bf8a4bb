"""Readings that bill one category as another: everywhere, or in one market or country alone."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from itertools import permutations
from math import log2

from auditor.core.causes.edits import recategorised
from auditor.core.causes.labels import ABROAD
from auditor.core.causes.labels import AT_HOME
from auditor.core.causes.labels import COUNTED
from auditor.core.causes.labels import as_category
from auditor.core.causes.labels import as_there
from auditor.core.causes.labels import in_force
from auditor.core.causes.labels import places_charged
from auditor.core.causes.labels import priced_as_category
from auditor.core.causes.labels import starts_of
from auditor.core.causes.reading import CHARGED
from auditor.core.causes.reading import RARE
from auditor.core.causes.reading import REGULAR
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import change_terms
from auditor.core.causes.reading import edit_log
from auditor.core.causes.reading import relabel
from auditor.core.causes.view import Billed
from auditor.core.causes.view import InMarket
from auditor.core.causes.view import both_as
from auditor.core.regimes import CATEGORY
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import MESSAGE
from auditor.core.regimes import NOTIFICATION
from auditor.core.results import Cell
from auditor.core.tables import Category
from auditor.core.tables import PricingType

_TEMPLATES = (Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION)
_INITIATED = (Category.USER_INITIATED, Category.BUSINESS_INITIATED)
_LET_PASS = frozenset(
    kind.word for kind in (PricingType.FREE_TIER, PricingType.FREE_SERVICE, PricingType.FREE_CUSTOMER_SERVICE)
)


def categories_mistaken(facts: Facts) -> Iterator[Reading]:
    """Bill one category as another: its charged units, its templates before they are charged, or its price alone."""
    present = {cell.category for cell in facts.cells if cell.pricing_type in CHARGED}
    words = _words(facts)
    priced = {row.category for row in in_force(facts)}
    for source in words:
        for target in words:
            if source == target or target not in priced or (source not in present and source == Category.SERVICE.word):
                continue
            values = {"from": source, "to": target}
            name = f"{source} as {target}"
            if source in present:
                moved, there = partial(as_category, source, target), partial(priced_as_category, source, target)
                leads = tuple(_counted_as(facts, source, target, values))
                yield Reading("category", name, values, RARE, view=relabel(moved), whole=True, leads=leads)
                yield Reading("category", f"{name}, rate", values, RARE + 1, view=relabel(there))
                yield from _authentication_moved(facts, source, target, moved)
            codes = {one.word: one for one in _TEMPLATES}
            if source in codes and target in codes:
                edit = partial(recategorised, pairs={codes[source]: codes[target]})
                yield Reading("category", f"{name}, sent", values, RARE + 1, edit_log(edit), whole=True)
    yield from _swapped(words, present)
    yield from _service_charged(facts, priced)


def _words(facts: Facts) -> list[str]:
    """Name the categories that may be taken for each other under the rules of the period.

    Who bills a notification otherwise takes it for one of the conversations that came after.
    """
    units = {one.unit for one in facts.terms.regimes if one.id in facts.regimes}
    words = (Category.NOTIFICATION,) * (NOTIFICATION in units)
    words += _INITIATED * (not units.isdisjoint({NOTIFICATION, INITIATOR}))
    words += (*_TEMPLATES, Category.SERVICE) * (not units.isdisjoint({CATEGORY, MESSAGE}))
    return [category.word for category in words]


def categories_mistaken_in_place(facts: Facts) -> Iterator[Reading]:
    """Bill one category of one market, or country, alone as another: its charged units, or their price alone.

    Where that is promising, also as if its templates were sent so: windows and tiers may then differ.
    """
    charged = [cell for cell in facts.cells if cell.pricing_type in CHARGED]
    places = places_charged(facts)
    for country, market in places:
        here = {cell.category for cell in charged if cell.market == market and country in {"", cell.country}}
        priced = {row.category for row in in_force(facts) if row.market in {market, "*"}}
        for source, target in permutations(_words(facts), 2):
            if target in priced and source in _at_home(here):
                yield from _in_place(facts, (country, market), source, target, RARE + log2(len(places)))


def _at_home(categories: AbstractSet[str]) -> AbstractSet[str]:
    """Give categories, and authentication for what of it is international."""
    return categories | ({AT_HOME} if ABROAD in categories else set())


def _in_place(facts: Facts, place: tuple[str, str], source: str, target: str, bits: float) -> Iterator[Reading]:
    country, market = place
    values = {"from": source, "to": target, "scope": country or market}
    name = f"{source} as {target} in {country or market}"
    moved = partial(as_category, source, target)
    priced = partial(priced_as_category, source, target)
    starts = starts_of(facts)
    if source == AT_HOME:
        moved = partial(_either, moved, partial(as_category, ABROAD, target))
        priced = partial(_either, priced, partial(priced_as_category, ABROAD, target))
    elif target == AT_HOME and starts:
        there = relabel(_of(place, partial(as_there, starts, moved, True)))
        yield Reading("category", f"{name}, abroad too", values, bits + 0.5, view=there, whole=True)
    sent = tuple(_sent_in_place(facts, place, source, target, bits))
    yield Reading("category", name, values, bits, view=relabel(_of(place, moved)), whole=True, leads=sent)
    yield Reading("category", f"{name}, rate", values, bits + 1, view=relabel(_of(place, priced)))


def _of(place: tuple[str, str], change: Callable[[Billed], Billed]) -> InMarket:
    return InMarket(place[1], partial(_where, place, change))


def _where(place: tuple[str, str], change: Callable[[Billed], Billed], billed: Billed) -> Billed:
    """Bill a unit otherwise that is billed in a market, or country."""
    country, market = place
    if billed.label.market != market or (country and billed.label.country != country):
        return billed
    return change(billed)


def _sent_in_place(facts: Facts, place: tuple[str, str], source: str, target: str, bits: float) -> Iterator[Reading]:
    """Let templates be sent as another category, or be counted in its tiers, and hold that for one place alone."""
    country, market = place
    codes = {one.word: one for one in _TEMPLATES}
    if source not in codes or target not in codes:
        return
    scope = ("country", country) if country else ("market", market)
    values = {"from": source, "to": target, "scope": country or market}
    edit = partial(recategorised, pairs={codes[source]: codes[target]})
    name = f"{source} as {target}"
    yield Reading("category", f"{name}, sent", values, bits + 1, edit_log(edit), whole=True, scope=scope)
    for one in _counted_as(facts, source, target, values):
        yield replace(one, bits=bits - COUNTED, scope=scope)


def _service_charged(facts: Facts, priced: AbstractSet[str]) -> Iterator[Reading]:
    """Bill service as a category of templates, also what of it is free.

    Not where messages of it have an allowance: what is beyond that is charged, often at utility's own price, and not
    to grant it is what comes to the same.
    """
    bounded = frozenset(one.id for one in facts.terms.regimes if one.unit == MESSAGE and one.allowance)
    if not any(_is_let_pass(cell, bounded) for cell in facts.cells):
        return
    for target in (one.word for one in _TEMPLATES if one.word in priced):
        change = partial(_service_as, target, bounded)
        values = {"from": Category.SERVICE.word, "to": target}
        yield Reading("category", f"service as {target}, free too", values, RARE + 1, view=relabel(change), whole=True)


def _is_let_pass(cell: Cell, bounded: AbstractSet[str]) -> bool:
    """Tell whether a cell is of service that is free of itself or by an allowance of conversations."""
    return cell.category == Category.SERVICE.word and cell.pricing_type in _LET_PASS and cell.regime not in bounded


def _service_as(target: str, bounded: AbstractSet[str], billed: Billed) -> Billed:
    if not _is_let_pass(billed.label, bounded):
        return as_category(Category.SERVICE.word, target, billed)
    return both_as(billed, category=target, pricing_type=REGULAR)


def _counted_as(facts: Facts, source: str, target: str, values: Mapping[str, str]) -> Iterator[Reading]:
    """Bill a category as another that is counted in the other's tiers."""
    codes = {one.word: one for one in _TEMPLATES}
    if source in codes and target in codes and any(cell.tier_from for cell in facts.cells):
        pairs = ((codes[source], codes[target]),)
        change = change_terms(lambda terms: replace(terms, taken_as=pairs))
        yield Reading("category", f"{source} as {target}, counted", values, RARE - COUNTED, change, whole=True)


def _authentication_moved(
    facts: Facts, source: str, target: str, moved: Callable[[Billed], Billed]
) -> Iterator[Reading]:
    """Bill authentication as another category or the reverse, at home and abroad alike."""
    starts = starts_of(facts)
    if AT_HOME not in {source, target} or not starts:
        return
    change = partial(as_there, starts, moved, True)
    if source == AT_HOME:
        change = partial(_either, moved, partial(as_category, ABROAD, target))
    values = {"from": source, "to": target}
    name = f"{source} as {target}, abroad too"
    yield Reading("category", name, values, RARE + 0.5, view=relabel(change), whole=True)


def _either(one: Callable[[Billed], Billed], other: Callable[[Billed], Billed], billed: Billed) -> Billed:
    made = one(billed)
    return other(billed) if made is billed else made


def _swapped(words: Sequence[str], present: set[str]) -> Iterator[Reading]:
    for place, source in enumerate(words):
        for target in words[place + 1 :]:
            if {source, target} <= present:
                values = {"from": source, "to": target, "kind": "swapped"}
                swap = partial(_swap_categories, source, target)
                yield Reading("category", f"{source} and {target}", values, RARE, view=relabel(swap), whole=True)


def _swap_categories(one: str, other: str, billed: Billed) -> Billed:
    if billed.label.category == one:
        return as_category(one, other, billed)
    return as_category(other, one, billed)

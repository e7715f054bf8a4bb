"""Readings that find the markets of all customers otherwise: by the table of another time, by what the log states."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from datetime import timedelta
from functools import partial

import numpy as np

from auditor.core.causes.edits import by_stated_country
from auditor.core.causes.labels import COUNTED
from auditor.core.causes.labels import moved_to
from auditor.core.causes.reading import CHARGED
from auditor.core.causes.reading import USUAL
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import change_terms
from auditor.core.causes.reading import edit_log
from auditor.core.causes.reading import relabel
from auditor.core.causes.view import Billed
from auditor.core.causes.view import told_as
from auditor.core.terms import Terms
from auditor.core.timeline import day_of

_SEVERAL = 2
Moves = Mapping[tuple[str, str], str]
"""The market in which a country of a market is counted instead."""


def market_tables_mistaken(facts: Facts) -> Iterator[Reading]:
    """Count every country where an earlier or later table of markets has it; or price it there and leave it.

    Only tables that move several countries: of one alone that is said (`markets_mistaken`).
    """
    listed = {market for market, _ in facts.places_billed}
    tiered = any(cell.tier_from for cell in facts.cells)
    seen: set[frozenset[tuple[tuple[str, str], str]]] = set()
    for day, bits in _other_days(facts):
        moves = _moves(facts, day)
        known, charged = frozenset(moves.items()), {cell for cell in _charged(facts) if cell in moves}
        if len({country for country, _ in charged}) < _SEVERAL or known in seen:
            continue
        seen.add(known)
        name, values = f"as of {day}", {"kind": "table", "day": day.isoformat()}
        targets = {(moves[place], country) for place in charged for country in ("", place[0])}
        if not listed or not targets.isdisjoint(facts.places_billed):
            counted = change_terms(partial(_under_table, day))
            leads = (Reading("market", f"{name}, counted", values, bits - COUNTED, counted, whole=True),) * tiered
            yield Reading("market", name, values, bits, view=relabel(partial(_moved, moves)), whole=True, leads=leads)
        if listed:
            yield Reading("market", f"{name}, rate", values, bits + 1, view=relabel(partial(_priced, moves)))


def stated_countries_believed(facts: Facts) -> Iterator[Reading]:
    """Take the country that the log states for a customer's, where the number says another (pricing.md §1)."""
    folded = facts.log.folded
    if np.any(folded.live & (folded.country >= 0) & (folded.user > 0)):
        values = {"kind": "stated"}
        yield Reading("market", "as stated", values, USUAL + 1, edit_log(by_stated_country), whole=True)


def _other_days(facts: Facts) -> Iterator[tuple[date, float]]:
    """Give a day of each table that was in force before the period, the latest first, and of each after it, in bits."""
    breaks = [day_of(number) for number in facts.terms.markets.breaks.tolist()]
    before = [day - timedelta(1) for day in reversed(breaks) if day <= facts.account.last]
    after = [day for day in breaks if day > facts.account.first]
    for days, bits in ((before, USUAL), (after, USUAL + 1)):
        yield from ((day, bits + n / 2) for n, day in enumerate(days))


def _moves(facts: Facts, day: date) -> Moves:
    markets = facts.terms.markets
    places = {(cell.country, cell.market) for cell in facts.cells if cell.country and cell.market}
    targets = {place: markets.market_of_country(place[0], day) for place in places}
    return {place: target for place, target in targets.items() if target not in {"", place[1]}}


def _charged(facts: Facts) -> set[tuple[str, str]]:
    return {(cell.country, cell.market) for cell in facts.cells if cell.pricing_type in CHARGED}


def _under_table(day: date, terms: Terms) -> Terms:
    return replace(terms, markets=terms.markets.as_of(day))


def _moved(moves: Moves, billed: Billed) -> Billed:
    target = moves.get((billed.label.country, billed.label.market))
    return billed if target is None else moved_to(billed, (target, billed.label.country))


def _priced(moves: Moves, billed: Billed) -> Billed:
    target = moves.get((billed.priced.country, billed.priced.market))
    return billed if target is None else Billed(billed.label, told_as(billed.priced, market=target))

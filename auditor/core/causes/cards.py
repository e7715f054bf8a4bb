"""Readings that price units by another rate card: of another day, or by other rows (formats.md §8, `rate_card`)."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from auditor.core.causes.prices import no_mark_up
from auditor.core.causes.reading import RARE
from auditor.core.causes.reading import REGULAR
from auditor.core.causes.reading import USUAL
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import change_lookup
from auditor.core.causes.view import Lookup
from auditor.core.rates import Price
from auditor.core.rates import Tariff

_Card = tuple[str, Mapping[str, str], float, Callable[[Lookup], Lookup]]
"""Another card: its variant, the figures with which it is said, bits, and where rates are looked up."""


def other_cards(facts: Facts) -> Iterator[Reading]:
    """Price by another card: each key's price before or after its own, all as of other days, or by other rows.

    What comes to a mark-up left out is no other card: a contract that says no more was not there before it began. Nor
    is what comes to volume tiers left out: of a card that lists the same and has none, all that says itself is that.
    """
    own = Lookup(facts.terms.tariff)
    bare = _listed(_prices(facts, replace(own, tariff=facts.terms.tariff.with_mark_ups(no_mark_up))))
    now = _prices(facts, own)
    due, tiered = _listed(now), any(one.tiers for one in now)
    for variant, values, bits, change in (*_cards_by_time(facts), *_cards_by_row(facts)):
        then = _prices(facts, change(own))
        bare_of_mark_ups = bare != due and _listed(then) == bare
        bare_of_tiers = tiered and _listed(then) == due and not any(one.tiers for one in then)
        if not bare_of_mark_ups and not bare_of_tiers:
            yield Reading("rate_card", variant, values, bits, view=change_lookup(change))


def _prices(facts: Facts, lookup: Lookup) -> Sequence[Price]:
    """Give what everything that is charged costs."""
    keys = sorted({(c.currency, c.market, c.category, c.day) for c in facts.cells if c.pricing_type == REGULAR})
    price = lookup.tariff.price
    return [price(currency, market, word, lookup.as_of or day) for currency, market, word, day in keys]


def _listed(prices: Sequence[Price]) -> Sequence[Decimal | None]:
    return [None if one.listed is None else one.listed.value for one in prices]


def _cards_by_time(facts: Facts) -> Iterator[_Card]:
    tariff = facts.terms.tariff
    for which, bits in (("previous", USUAL), ("next", USUAL + 1)):
        near = tariff.neighbour(later=which == "next")
        yield which, {"card": which}, bits, partial(_with_cards, near)
    first = [number for number, day in enumerate(tariff.breaks) if day <= facts.account.first]
    at = first[-1] if first else -1
    for number, day in enumerate(tariff.breaks):
        if number == at or abs(number - at) > 6:
            continue
        which = "previous" if number < at else "next"
        values = {"card": which, "day": day.isoformat()}
        bits = USUAL + 0.5 * abs(number - at)
        yield f"as of {day}", values, bits, partial(_as_of, day)
        if _is_unlisted(facts, day):
            yield f"as of {day}, listed", values, bits + 0.5, partial(_as_of, day, only_listed=True)
    mid = [day for day in tariff.breaks if facts.account.first < day <= facts.account.last]
    if mid:
        values = {"card": "previous", "day": facts.account.first.isoformat()}
        yield "as of the first day", values, USUAL + 1, partial(_as_of, facts.account.first)


def _cards_by_row(facts: Facts) -> Iterator[_Card]:
    """Give the lowest card alone, and the rows for every market where a card has some for one of its own besides."""
    tariff = facts.terms.tariff
    if any(row.rate is not None for card in tariff.all_cards[1:] for row in card.rows):  # else that is no mark-up
        yield "lowest", {"card": "lowest"}, RARE, partial(_with_cards, Tariff(tariff.all_cards[:1]))
    general = tariff.for_every_market()
    if general is not tariff:
        yield "every", {"card": "every"}, USUAL + 1, partial(_with_cards, general)


def _with_cards(tariff: Tariff, lookup: Lookup) -> Lookup:
    return replace(lookup, tariff=tariff)


def _as_of(day: date, lookup: Lookup, *, only_listed: bool = False) -> Lookup:
    return replace(lookup, as_of=day, only_listed=only_listed)


def _is_unlisted(facts: Facts, day: date) -> bool:
    """Tell whether the cards of another day have no rate for some of what is charged, and another for some.

    By these cards the former is not billed; were all the rest alike, it would be as if lines were left out.
    """
    tariff = facts.terms.tariff
    charged = {
        (cell.currency, cell.market, cell.category, cell.rate) for cell in facts.cells if cell.pricing_type == REGULAR
    }
    listed = [
        (tariff.price(currency, market, category, day).listed, rate) for currency, market, category, rate in charged
    ]
    return any(one is None for one, _ in listed) and any(one and one.value != rate for one, rate in listed)

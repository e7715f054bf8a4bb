"""Random rate cards for nasty logs: reseller prices, mark-ups, tiers with bounds of a few messages (pricing.md §9.4).

Every card is one that formats.md §5 accepts: no two rows for one key and day, tiers without overlap or hole.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import timedelta
from random import Random
from typing import TypeAlias

from tests.core.twin_tariff import meta_card

Card: TypeAlias = Sequence[Mapping[str, str]]

CATEGORIES = (
    "notification",
    "user_initiated",
    "business_initiated",
    "marketing",
    "marketing_lite",
    "utility",
    "authentication",
    "authentication_international",
    "service",
)
TIER_MARKETS = ("Peru", "Mexico", "India", "United Kingdom", "*")


def nasty_cards(random: Random, contract: float, tiers: float, day: date, currency: str) -> list[Card]:
    """Lay cards, bottom layer first; `contract` and `tiers` say how often each kind is among them (0 to 1)."""
    cards: list[Card] = [meta_card()] if random.random() < 0.9 else []
    if random.random() < contract:
        cards.append(_contract(random, currency, day))
    if random.random() < tiers:
        cards.append(_tier_card(random, currency))
    if random.random() < contract * 0.6:
        cards.append(_mark_up(random, currency))
    return cards or [meta_card()]


def _card_row(currency: str, market: str, category: str, **stated: str) -> dict[str, str]:
    row = dict.fromkeys(
        ("effective_from", "effective_to", "currency", "market", "category", "tier_from", "tier_to", "rate", "factor"),
        "",
    )
    row.update(plus="", basis="contract", source="contract", effective_from="2020-01-01")
    row.update(currency=currency, market=market, category=category, **stated)
    return row


def _contract(random: Random, currency: str, day: date) -> list[dict[str, str]]:
    """Make a reseller's own prices: for every market or one, some categories missing, some changing on the day."""
    card = []
    before = (day - timedelta(days=1)).isoformat()
    for category in CATEGORIES:
        for market in ("*", random.choice(("Peru", "India", "Other"))):
            if random.random() < 0.3:
                continue
            cents = random.randint(1, 400000)
            if random.random() < 0.7:
                card.append(_card_row(currency, market, category, rate=_decimal(cents)))
                continue
            card.append(_card_row(currency, market, category, rate=_decimal(cents), effective_to=before))
            card.append(_card_row(currency, market, category, rate=_decimal(cents + 7), effective_from=day.isoformat()))
    return card


def _mark_up(random: Random, currency: str) -> list[dict[str, str]]:
    """Make a mark-up over whatever lies beneath: factor, plus, or both."""
    card = []
    for category in CATEGORIES:
        for market in ("*", "Peru"):
            if random.random() < 0.4:
                factor = random.choice(("1.15", "0.9", "1", "1.234567"))
                card.append(
                    _card_row(currency, market, category, factor=factor, plus=random.choice(("", "0.002", "0.015")))
                )
    return card


def _tier_card(random: Random, currency: str) -> list[dict[str, str]]:
    """Tiers with bounds so small that a few messages cross them, with or without a list row beside."""
    card = []
    for market in TIER_MARKETS:
        for category in ("utility", "authentication", "authentication_international"):
            if random.random() < 0.25:
                continue
            starts = random.choice(((1, 3, 6), (1, 2), (1, 3, 4, 9), (1,)))
            rates = [random.randint(1000, 90000) for _ in starts]
            if random.random() < 0.8:
                rates.sort(reverse=True)
            ends = [str(start - 1) for start in starts[1:]] + [""]
            for start, end, rate in zip(starts, ends, rates, strict=True):
                card.append(
                    _card_row(currency, market, category, tier_from=str(start), tier_to=end, rate=_decimal(rate))
                )
            if random.random() < 0.5:
                card.append(_card_row(currency, market, category, rate=_decimal(rates[0])))
    return card


def _decimal(millionths: int) -> str:
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"

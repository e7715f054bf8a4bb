"""Rate cards in layers: which rate is in force for (currency, market, category, day, tier) (pricing.md §§7, 9).

A later card goes before an earlier one, row by row; within a card a named market goes before `*`, and tier rows before
the list row. A mark-up row (`factor`, `plus`) stands on what the cards beneath it say. Rates are exact decimals.
"""

from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from auditor.core.money import EXACT
from auditor.core.records import Card
from auditor.core.records import RateRow
from auditor.core.tables import Category

ANY_MARKET = "*"
# From this day a card without rates for marketing_lite prices it as marketing (pricing.md §5).
_LITE_AS_MARKETING_FROM = date(2025, 7, 1)
NO_END = 2**62
_A_DAY = timedelta(days=1)
_A_YEAR = timedelta(days=365)
TIERED = frozenset({Category.UTILITY, Category.AUTHENTICATION, Category.AUTHENTICATION_INTERNATIONAL})


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with the rows that state it, from the mark-up (if any) down to the card beneath."""

    value: Decimal
    rows: tuple[RateRow, ...]
    card: str

    @property
    def basis(self) -> str:
        """Give how the lowest row was come by: read, derived, corrected, suspect or contract."""
        return self.rows[-1].basis

    @property
    def stated_as(self) -> str:
        """Give the word for what the rate is as a whole: its basis, or a mark-up over one of that basis."""
        return self.basis if len(self.rows) == 1 else f"marked_up_{self.basis}"

    @property
    def source(self) -> str:
        """Give where the rate comes from, mark-up first."""
        return " + ".join(row.source for row in self.rows if row.source)


@dataclass(frozen=True, slots=True)
class Tier:
    """A rate for the units `first` to `last` of a month (`NO_END`: all later ones), counted from 1.

    `lower` is the bound that the card states; `rate` None leaves the units unrated (a mark-up on nothing).
    """

    first: int
    last: int
    rate: Rate | None
    lower: int


@dataclass(frozen=True, slots=True)
class Price:
    """What a key costs on a day: its tiers, if the card in force has any, and its list rate."""

    tiers: tuple[Tier, ...]
    listed: Rate | None

    def at(self, number: int) -> tuple[Rate | None, int]:
        """Give the rate of the `number`-th charged unit of the month and its tier's lower bound (0: the list rate)."""
        for tier in self.tiers:
            if tier.first <= number <= tier.last:
                return tier.rate, tier.lower
        return self.listed, 0

    def lowest_from(self, first: int) -> Decimal:
        """Give the lowest rate of the tier that begins at `first` or of a later one (pricing.md §7)."""
        return min(tier.rate.value for tier in self.tiers if tier.first >= first and tier.rate)


class Tariff:
    """The cards in force for an account, bottom layer first. Answers are remembered, so ask as often as you like.

    `base` is Meta's own card: a mark-up row finds its list rate there when no layer beneath has one.
    """

    def __init__(self, cards: Sequence[Card], base: Card | None = None) -> None:
        """Take the layers, the one that goes first last."""
        self.cards = tuple(cards)
        self._layers = [_Layer(card) for card in cards]
        self._base = Tariff((base,)) if base else None
        self._known: dict[tuple[str, str, str, int], Price] = {}
        self._listed_in: dict[tuple[str, str, bool], Tariff] = {}

    @cached_property
    def breaks(self) -> tuple[date, ...]:
        """Give the days on which some rate may change: between two of them every price is the same."""
        beneath = self._base.breaks if self._base else (_LITE_AS_MARKETING_FROM,)
        return tuple(sorted({*beneath, *(day for layer in self._layers for day in layer.breaks)}))

    def near(self, currencies: Collection[str], first: date, last: date) -> list[RateRow]:
        """Give the rows of cards that state a rate in some currencies, a year or less from some days."""
        earliest, latest = first - _A_YEAR, last + _A_YEAR
        return [
            row
            for card in self.all_cards
            for row in card.rows
            if row.rate is not None
            and row.currency in currencies
            and row.first <= latest
            and (row.last is None or row.last >= earliest)
        ]

    @property
    def all_cards(self) -> tuple[Card, ...]:
        """Give the layers with Meta's own card at the bottom, whether or not the account names it."""
        base = self._base.cards[0] if self._base else None
        return self.cards if base is None or base in self.cards else (base, *self.cards)

    def with_mark_ups(self, change: Callable[[RateRow], RateRow]) -> "Tariff":
        """Give the same cards with every mark-up row changed; what a card lists is looked up where it was."""
        return self._of([layer.with_mark_ups(change) for layer in self._layers])

    def for_every_market(self) -> "Tariff":
        """Give the same cards without what they list for one market beside what they list for all; itself if none."""
        if all(layer.for_every_market is layer for layer in self._layers):
            return self
        return self._of([layer.for_every_market for layer in self._layers])

    def _of(self, layers: list["_Layer"]) -> "Tariff":
        """Give a tariff of other layers over the same base."""
        made = Tariff(())
        made._layers, made._base = layers, self._base
        made.cards = tuple(layer.card for layer in layers)
        return made

    def listed_in(self, currency: str, own: str, *, sums: bool) -> "Tariff":
        """Give all cards with what marks up the `own` currency's rates put on those of another; itself for none.

        A sum on each unit is of the own currency: rows with one are put there only if `sums`.
        """
        if currency in {"", own}:
            return self
        key = (currency, own, sums)
        if key not in self._listed_in:
            self._listed_in[key] = Tariff([_marking_up(card, currency, own, sums=sums) for card in self.all_cards])
        return self._listed_in[key]

    def neighbour(self, *, later: bool) -> "NeighbourTariff":
        """Give the same cards read a step too early or too late."""
        return NeighbourTariff(self.cards, self._base.cards[0] if self._base else None, later=later)

    def price(self, currency: str, market: str, category: str, day: date) -> Price:
        """Give the price of a key on a day; an empty `market` (unknown) is met by `*` rows only (pricing.md §1)."""
        stretch = bisect_right(self.breaks, day)
        key = (currency, market, category, stretch)
        if key not in self._known:
            self._known[key] = self._find(len(self._layers), currency, market, category, day)
        return self._known[key]

    def _find(self, depth: int, currency: str, market: str, category: str, day: date) -> Price:
        """Look through the layers below `depth`, highest first; a list row ends the search."""
        tiers: tuple[Tier, ...] = ()
        for n in range(depth - 1, -1, -1):
            for rows in self._layers[n].candidates(currency, market, category, day):
                price = self._priced(n, rows, currency, market, day)
                tiers = tiers or price.tiers
                if any(row.tier_from is None for row in rows):
                    return Price(tiers, price.listed)
        return Price(tiers, None)

    def _priced(self, layer: int, rows: Sequence[RateRow], currency: str, market: str, day: date) -> Price:
        """Turn rows of one card and one key into a price, mark-ups worked out over the layers beneath."""
        tiers: list[Tier] = []
        listed: Rate | None = None
        for row in rows:
            if row.rate is not None:
                made = Price((), Rate(row.rate, (row,), self.cards[layer].name))
            else:
                made = self._marked_up(layer, row, currency, market, day)
            if row.tier_from is None:
                listed = made.listed
                tiers.extend(made.tiers)
            else:
                tiers.extend(_within(made, row.tier_from, row.tier_to or NO_END))
        return Price(tuple(sorted(tiers, key=lambda tier: tier.first)), listed)

    def _marked_up(self, layer: int, row: RateRow, currency: str, market: str, day: date) -> Price:
        beneath = self._find(layer, currency, market, row.category, day)
        if beneath.listed is None and self._base:
            bottom = self._base.price(currency, market, row.category, day)
            beneath = Price(beneath.tiers or bottom.tiers, bottom.listed)
        name = self.cards[layer].name

        def over(rate: Rate | None) -> Rate | None:
            if rate is None:
                return None
            factor = Decimal(1) if row.factor is None else row.factor
            return Rate(EXACT.add(EXACT.multiply(factor, rate.value), row.plus), (row, *rate.rows), name)

        tiers = tuple(Tier(tier.first, tier.last, over(tier.rate), tier.lower) for tier in beneath.tiers)
        return Price(tiers, over(beneath.listed))


def _marking_up(card: Card, currency: str, own: str, *, sums: bool) -> Card:
    """Let what a card puts on rates of its own currency be put on those of another, for which it states nothing."""
    marks = [row for row in card.rows if row.rate is None]
    if any(row.currency == currency for row in marks):
        return card
    moved = (replace(row, currency=currency) for row in marks if row.currency == own and (sums or not row.plus))
    return Card(card.name, (*card.rows, *moved))


def _within(price: Price, first: int, last: int) -> list[Tier]:
    """Give what a price says for the units `first` to `last`, as tiers that state the bound `first`."""
    pieces = []
    number = first
    while number <= last:
        tier = next((tier for tier in price.tiers if tier.first <= number <= tier.last), None)
        later = [tier.first - 1 for tier in price.tiers if tier.first > number]
        end = min(tier.last if tier else min(later, default=NO_END), last)
        pieces.append(Tier(number, end, tier.rate if tier else price.listed, first))
        number = end + 1
    return pieces


class NeighbourTariff(Tariff):
    """The same cards read a step too early or too late: each key at its price before (or after) the one in force."""

    def __init__(self, cards: Sequence[Card], base: Card | None, *, later: bool) -> None:
        """Take the layers; `later` looks ahead instead of back."""
        super().__init__(cards, base)
        self._later = later

    def with_mark_ups(self, change: Callable[[RateRow], RateRow]) -> Tariff:
        """Give the same cards with every mark-up row changed, read too early or late as well."""
        return super().with_mark_ups(change).neighbour(later=self._later)

    def price(self, currency: str, market: str, category: str, day: date) -> Price:
        """Give the nearest other price of a key; the one in force where there was never another."""
        own = super().price(currency, market, category, day)
        at = bisect_right(self.breaks, day)
        days = self.breaks[at:] if self._later else [first - timedelta(days=1) for first in reversed(self.breaks[:at])]
        for other in days:
            price = super().price(currency, market, category, other)
            if price.listed is not None and own.listed is not None and price.listed.value != own.listed.value:
                return price
        return own


class _Layer:
    """One card, indexed by key."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self._rows: dict[tuple[str, str, str], list[RateRow]] = {}
        for row in card.rows:
            self._rows.setdefault((row.currency, row.market, row.category), []).append(row)

    @cached_property
    def breaks(self) -> frozenset[date]:
        """Give the first day of every row, and the day after its last."""
        ends = {row.last for row in self.card.rows if row.last is not None and row.last < date.max}
        return frozenset({row.first for row in self.card.rows} | {last + _A_DAY for last in ends})

    @cached_property
    def marks_up(self) -> bool:
        """Tell whether some row is a mark-up."""
        return any(row.rate is None for row in self.card.rows)

    def with_mark_ups(self, change: Callable[[RateRow], RateRow]) -> "_Layer":
        """Give the card with its mark-up rows changed; itself where it has none."""
        if not self.marks_up:
            return self
        rows = (row if row.rate is not None else change(row) for row in self.card.rows)
        return _Layer(Card(self.card.name, tuple(rows)))

    @cached_property
    def for_every_market(self) -> "_Layer":
        """Give the card without rows of single markets for what it also has rows of every market for."""
        general = {(row.currency, row.category) for row in self.card.rows if row.market == ANY_MARKET}
        rows = tuple(
            row for row in self.card.rows if row.market == ANY_MARKET or (row.currency, row.category) not in general
        )
        return self if len(rows) == len(self.card.rows) else _Layer(Card(self.card.name, rows))

    def candidates(self, currency: str, market: str, category: str, day: date) -> Iterable[Sequence[RateRow]]:
        """Give the rows in force of each key that fits, best key first."""
        categories = [category]
        if category == Category.MARKETING_LITE.word and day >= _LITE_AS_MARKETING_FROM:
            categories.append(Category.MARKETING.word)
        for word in categories:
            for name in (market, ANY_MARKET) if market else (ANY_MARKET,):
                rows = [row for row in self._rows.get((currency, name, word), ()) if _holds(row, day)]
                if rows:
                    yield rows


def _holds(row: RateRow, day: date) -> bool:
    return row.first <= day and (row.last is None or day <= row.last)

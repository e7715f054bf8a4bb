"""Rate cards looked at by themselves: what is on file, what another card would change, and the import of one."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from auditor.core.cells import cells
from auditor.core.charging import charge
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.problems import Progress
from auditor.core.rates import Tariff
from auditor.core.reconcile import in_period
from auditor.core.records import Account
from auditor.core.records import Card
from auditor.core.records import RateRow
from auditor.core.succession import in_succession
from auditor.core.succession import rate_key
from auditor.core.tables import PricingType
from auditor.readers.rates.cards import meta_card
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.kept_cards import imported_layer
from auditor.readers.rates.kept_cards import kept_card
from auditor.readers.rates.kept_cards import kept_cards
from auditor.verbs.audit import Audit
from auditor.verbs.export import Answer


@dataclass(frozen=True, slots=True)
class CardOnFile:
    """A stretch of a card on file: whose (`meta` or an imported file), its days, what it covers, how it is known."""

    card: str
    currency: str
    first: date
    last: date | None
    markets: int
    categories: tuple[str, ...]
    rows: int
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RateChange:
    """What two cards make of the same traffic: units and exact amounts, None where nothing is rated."""

    currency: str
    market: str
    category: str
    units: int
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal:
        """Give after - before; what is not rated counts nothing."""
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True, slots=True)
class NewRate:
    """A rate that a card brings from a day on, beside the one that is on file for that day (None: none is)."""

    row: RateRow
    before: Decimal | None
    after: Decimal | None


_Key = tuple[str, str, str]
_Sum = tuple[int, Decimal | None]


def cards_on_file() -> tuple[CardOnFile, ...]:
    """List the rates on file by card, currency and days in force, the built-in ones first and the newest last.

    What an imported card speaks of ends, or is ended by, what other cards say of the same (formats.md §5).
    """
    cards = [meta_card(), *map(kept_card, kept_cards())]
    spoken_of = {rate_key(row) for card in cards[1:] for row in card.rows}
    shared = [[row for row in card.rows if rate_key(row) in spoken_of] for card in cards]
    in_force = in_succession(shared)
    found: list[CardOnFile] = []
    for card in cards:
        places = {row.place for row in card.rows}
        alone = [row for row in card.rows if rate_key(row) not in spoken_of]
        found += _stretches(card.name, [*alone, *(row for row in in_force if row.place in places)])
    return tuple(found)


def _on_file() -> list[Card]:
    """Give what `meta` stands for: the built-in card, and what was imported on top of it."""
    imported = imported_layer()
    return [meta_card(), *([read_card(imported)] if imported else [])]


def _stretches(name: str, in_force: Sequence[RateRow]) -> tuple[CardOnFile, ...]:
    stretches: dict[tuple[str, date, date], list[RateRow]] = {}
    for row in in_force:
        stretches.setdefault((row.currency, row.first, row.last or date.max), []).append(row)
    return tuple(
        CardOnFile(
            card=name,
            currency=rows[0].currency,
            first=rows[0].first,
            last=rows[0].last,
            markets=len({row.market for row in rows}),
            categories=tuple(sorted({row.category for row in rows})),
            rows=len(rows),
            basis=tuple(sorted({row.basis for row in rows})),
        )
        for _, rows in sorted(stretches.items())
    )


def new_rates(card: Card) -> tuple[NewRate, ...]:
    """Give the rows of a card that say something else than what is on file for their first day."""
    before = Tariff(_on_file(), meta_card())
    found = [NewRate(row, _rate(before, row), row.rate) for row in card.rows]
    return tuple(one for one in found if one.before != one.after)


def _rate(tariff: Tariff, row: RateRow) -> Decimal | None:
    price = tariff.price(row.currency, row.market, row.category, row.first)
    rate = price.listed if row.tier_from is None else price.at(row.tier_from)[0]
    return rate.value if rate else None


def changes(answer: Answer, before: Card | None, after: Card | None, progress: Progress) -> tuple[RateChange, ...]:
    """Charge an audit's traffic by two cards (None: those on file), and give what differs, the largest change first.

    A card is taken as if in force: next quarter's card is tried on last month's traffic. Where it states nothing, the
    cards on file stand.
    """
    old, new = (_sums(answer, card, progress) for card in (before, after))
    found = [_change(key, old.get(key), new.get(key)) for key in sorted(set(old) | set(new))]
    differing = [change for change in found if change.before != change.after]
    return tuple(sorted(differing, key=lambda change: -abs(change.change)))


@contextmanager
def traffic(account: Account, account_text: str, logs: Sequence[Path], progress: Progress) -> Iterator[Answer]:
    """Charge a log, for as long as its charges are looked at."""
    audit = Audit.create(None, account, account_text)
    try:
        audit.add_files(logs, progress, "log")
        audit.recompute(progress, charges_only=True)
        yield audit.answer(progress)
    finally:
        audit.close()


@contextmanager
def traffic_of_audit(path: Path, progress: Progress) -> Iterator[Answer]:
    """Charge the log of an audit file, which is not touched, for as long as its charges are looked at."""
    audit = Audit.open(path, read_only=True)
    try:
        audit.recompute(progress, charges_only=True)
        yield audit.answer(progress)
    finally:
        audit.close()


def _change(
    key: _Key, before: tuple[int, Decimal | None] | None, after: tuple[int, Decimal | None] | None
) -> RateChange:
    units = max(side[0] for side in (before, after) if side)
    return RateChange(*key, units, before[1] if before else None, after[1] if after else None)


def _sums(answer: Answer, card: Card | None, progress: Progress) -> Mapping[_Key, tuple[int, Decimal | None]]:
    """Count and sum what a card charges in the period."""
    account = answer.audited.terms.account
    layers = [*_on_file(), *([_undated(card)] if card else [])]
    terms = replace(answer.audited.terms, tariff=Tariff(layers, meta_card()))
    charged = charge(answer.audited.log, terms, "", progress)
    found, _ = cells(charged.kinds, terms, terms.numbers)
    sums: dict[_Key, _Sum] = {}
    for cell in in_period(found, account.first, account.last):
        if PricingType[cell.pricing_type.upper()].is_free:
            continue
        key = (cell.currency, cell.market, cell.category)
        units, amount = sums.get(key, (0, None))
        added = amount if cell.amount is None else EXACT.add(amount or ZERO, cell.amount)
        sums[key] = (units + cell.quantity, added)
    return sums


def _undated(card: Card) -> Card:
    """Give a card's newest row of every key as if it had always been in force."""
    newest: dict[tuple[object, ...], RateRow] = {}
    for row in sorted(card.rows, key=lambda row: row.first):
        newest[row.currency, row.market, row.category, row.tier_from] = row
    return Card(card.name, tuple(replace(row, first=date.min, last=None) for row in newest.values()))

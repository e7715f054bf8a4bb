"""Rate cards looked at by themselves: what is on file, and what another card would change on given traffic."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from auditor.core.audit import recharge
from auditor.core.cells import cells
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.problems import Progress
from auditor.core.rates import Tariff
from auditor.core.reconcile import in_period
from auditor.core.tables import Account
from auditor.core.tables import Card
from auditor.core.tables import PricingType
from auditor.core.tables import RateRow
from auditor.readers.cards import meta_card
from auditor.readers.cards import read_card
from auditor.verbs.audit import META
from auditor.verbs.audit import Audit
from auditor.verbs.audit import no_progress
from auditor.verbs.export import Answer


@dataclass(frozen=True, slots=True)
class CardOnFile:
    """A stretch of the built-in card: its currency and days, what it covers, and how its rates are known."""

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


_Key = tuple[str, str, str]
_Sum = tuple[int, Decimal | None]


def cards_on_file() -> tuple[CardOnFile, ...]:
    """List the built-in rates by currency and days in force, the newest last."""
    stretches: dict[tuple[str, date, str], list[RateRow]] = {}
    for row in meta_card().rows:
        stretches.setdefault((row.currency, row.first, str(row.last or "")), []).append(row)
    return tuple(
        CardOnFile(
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


def changes(
    names: tuple[str, str], account: Account, account_text: str, logs: Sequence[Path], progress: Progress = no_progress
) -> tuple[RateChange, ...]:
    """Charge the period's traffic by two cards (`meta` or files) and give what differs, the largest change first.

    A card from a file is taken as if in force: next quarter's card is tried on last month's traffic. Where it states
    nothing, Meta's card stands.
    """
    cards = [None if name == META else read_card(Path(name)) for name in names]
    audit = Audit.create(None, account, account_text)
    try:
        audit.add_files(logs, progress, "log")
        answer = audit.answer(progress)
        before, after = (_sums(answer, card, account, progress) for card in cards)
    finally:
        audit.close()
    found = [_change(key, before.get(key), after.get(key)) for key in sorted(set(before) | set(after))]
    differing = [change for change in found if change.before != change.after]
    return tuple(sorted(differing, key=lambda change: -abs(change.change)))


def _change(
    key: _Key, before: tuple[int, Decimal | None] | None, after: tuple[int, Decimal | None] | None
) -> RateChange:
    units = max(side[0] for side in (before, after) if side)
    return RateChange(*key, units, before[1] if before else None, after[1] if after else None)


def _sums(
    answer: Answer, card: Card | None, account: Account, progress: Progress
) -> Mapping[_Key, tuple[int, Decimal | None]]:
    """Count and sum what a card charges in the period."""
    layers = [meta_card(), *([_undated(card)] if card else [])]
    terms = replace(answer.audited.terms, tariff=Tariff(layers, meta_card()))
    charged = recharge(answer.audited.log, terms, "", progress)
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

"""The rates that no card has for what the log charges: they stand among those that were used, to be set by hand."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from auditor.core.results import Reconciliation
from auditor.core.totals import unrated_of
from auditor.gui.words import Words


@dataclass(frozen=True, slots=True)
class RateLacking:
    """A rate that units of the log lack, with the fields of one that was used."""

    currency: str
    market: str
    category: str
    first: date
    units: int
    last: date | None = None
    tier_from: int = 0
    rate: None = None
    basis: str = ""
    source: str = ""
    card: str = ""


def rates_lacking(result: Reconciliation, words: Words) -> tuple[RateLacking, ...]:
    """Give what units of each currency, market and category lack, from the first of their days."""
    units: Counter[tuple[str, str, str]] = Counter()
    days: dict[tuple[str, str, str], date] = {}
    for cell in unrated_of(result.cells):
        key = (words.currency_of(cell.waba_id), cell.market, cell.category)
        units[key] += cell.quantity
        days[key] = min(cell.day, days.get(key, cell.day))
    return tuple(RateLacking(*key, days[key], count) for key, count in sorted(units.items()))

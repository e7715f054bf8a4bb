"""Charges that are free by the rules, as they would be billed if they were charged (formats.md §8)."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from auditor.core.causes.grain import FineGrain
from auditor.core.causes.view import told_as
from auditor.core.reconcile import FREE
from auditor.core.results import Cell
from auditor.core.tables import PricingType

_REGULAR = PricingType.REGULAR.word


def free_as_charged(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Give the cells that are free, as they would be if they were charged."""
    return (told_as(cell, pricing_type=_REGULAR) for cell in cells if cell.pricing_type in FREE)


def free_by_key(cells: Iterable[Cell], grain: FineGrain) -> Mapping[str, int]:
    """Count units that are free by what they would be billed under if they were charged."""
    made: dict[str, int] = {}
    for cell in free_as_charged(cells):
        (key,) = grain.keys_of(cell, (cell.day,))
        made[key] = made.get(key, 0) + cell.quantity
    return made

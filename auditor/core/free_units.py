"""The free units that a line of an invoice may bill: they cost nothing, so that they are in no line, but are its proof.

Who is billed 2,091 units where 617 are due disputes the other 1,474: these are what has to be looked at.
"""

from collections.abc import Mapping

from auditor.core.reconcile import FREE
from auditor.core.results import Cell
from auditor.core.results import Difference
from auditor.core.results import Reconciliation
from auditor.core.tables import Category
from auditor.core.tables import PricingType

_DIMENSIONS = ("waba_id", "period", "market", "country", "category")
_MARKETING = (Category.MARKETING_LITE.word, Category.MARKETING.word)


def free_units(result: Reconciliation) -> Mapping[str, tuple[int, ...]]:
    """Give, by line, the places of the free cells that it covers; only of lines that bill more units than are due.

    Free units that the invoice lists have a line of their own, and stay there.
    """
    lines = {_stated(line): line.key for line in result.differences if _bills_more(line)}
    if not lines:
        return {}
    patterns = {tuple(bool(part) for part in stated) for stated in lines}
    listed = {place for line in result.differences for place in line.cells}
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(result.cells):
        if cell.pricing_type in FREE and place not in listed:
            key = next((lines[one] for pattern in patterns for one in _said(cell, pattern) if one in lines), None)
            if key is not None:
                found.setdefault(key, []).append(place)
    return {key: tuple(places) for key, places in found.items()}


def _bills_more(line: Difference) -> bool:
    more = line.billed_quantity is None or line.billed_quantity > (line.expected_quantity or 0)
    return more and line.difference > 0 and line.pricing_type in ("", PricingType.REGULAR.word)


def _stated(line: Difference) -> tuple[str, ...]:
    return tuple(getattr(line, name) for name in _DIMENSIONS)


def _said(cell: Cell, pattern: tuple[bool, ...]) -> tuple[tuple[str, ...], ...]:
    """Give what a line would state that covers a cell; one of marketing holds the lite messages that no line names."""
    stated = tuple(getattr(cell, name) if said else "" for name, said in zip(_DIMENSIONS, pattern, strict=True))
    lite, plain = _MARKETING
    return (stated, (*stated[:-1], plain)) if stated[-1] == lite else (stated,)

"""What is typed over a column: words to be in it, or for figures `>10`, `<=5`, `=0`, `1..5`; `!` turns words around."""

import re
from collections.abc import Callable
from decimal import Decimal
from decimal import InvalidOperation
from operator import eq
from operator import ge
from operator import gt
from operator import le
from operator import lt
from operator import ne
from typing import Any
from typing import TypeAlias

from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import Row
from auditor.gui.tables.rows import folded

Passes: TypeAlias = Callable[[Row[Any]], bool]
_SIGNS = {">=": ge, "≥": ge, "<=": le, "≤": le, "!=": ne, "≠": ne, ">": gt, "<": lt, "=": eq}
_COMPARED = re.compile(rf"\s*({'|'.join(_SIGNS)})(.+)")
_BETWEEN = re.compile(r"(.+?)\.\.(.+)")


def column_passes(text: str, place: int, column: Column[Any]) -> Passes | None:
    """Give the test that a text typed over the column at `place` stands for; None where it lets all through.

    A figure is typed as the window writes it (`1,234.5`). What is no figure is looked for in the text, figures too.
    """
    text = text.strip()
    if not text:
        return None
    return (_figures(text, place) if column.numeric else None) or _words(text, place)


def _figures(text: str, place: int) -> Passes | None:
    compared, between = _COMPARED.fullmatch(text), _BETWEEN.fullmatch(text)
    if compared:
        sign, bound = _SIGNS[compared[1]], _figure(compared[2])
        return None if bound is None else lambda row: _holds(row.values[place], lambda value: sign(value, bound))
    if between:
        low, high = _figure(between[1]), _figure(between[2])
        if low is not None and high is not None:
            return lambda row: _holds(row.values[place], lambda value: low <= value <= high)
    return None


def _holds(value: object, test: Callable[[Decimal], bool]) -> bool:
    return isinstance(value, Decimal | int) and test(Decimal(value))


def _figure(text: str) -> Decimal | None:
    try:
        figure = Decimal(text.strip().replace(",", "").replace("−", "-"))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None


def _words(text: str, place: int) -> Passes:
    turned = text.startswith("!")
    terms = folded(text.removeprefix("!")).split()
    return lambda row: all(term in folded(row.texts[place]) for term in terms) != (turned and bool(terms))

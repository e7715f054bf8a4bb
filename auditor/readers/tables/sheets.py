"""Sheets of one layout: a workbook with a sheet for each month, country, category or number is one table (§4).

What a sheet's name says holds for its rows where no column says it. A sheet that sums the others up is a control total.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from auditor.core.records import InvoiceLine
from auditor.readers.tables.identity import Identities
from auditor.readers.tables.identity import Named
from auditor.readers.values.places import place_named
from auditor.readers.values.vocabulary import Meaning
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_CENT = Decimal("0.01")
_DIGITS = re.compile(r"[0-9]+")
_TWO = 2


class SheetMeaning(NamedTuple):
    """What a sheet's name says of its rows; empty where it, or the name of any sheet beside it, does not."""

    category: str = ""
    place: tuple[str, str] = ("", "")
    waba_id: str = ""
    number_id: str = ""


NO_MEANING = SheetMeaning()


def sheet_meanings(names: Sequence[str], ids: Identities) -> list[SheetMeaning]:
    """Tell what the names of sheets of one layout say; of a single sheet, nothing."""
    meanings = [_meaning(name, ids) for name in names]
    if len(names) < 2:
        return [NO_MEANING]
    unsaid = {
        name: none
        for name, none in NO_MEANING._asdict().items()
        if any(one._asdict()[name] == none for one in meanings)
    }
    return [one._replace(**unsaid) for one in meanings]


def _meaning(name: str, ids: Identities) -> SheetMeaning:
    category = category_meaning(name)
    place = place_named(name, prefer_country=True) or ("", "")
    waba, number, _ = ids.named(name) or Named()
    return SheetMeaning(category.category if category else "", place, waba, number)


def same_lines(one: Sequence[InvoiceLine], other: Sequence[InvoiceLine]) -> bool:
    """Tell whether two sheets hold lines of the very same units at other prices: one charge said in two currencies."""
    counted = sum(1 for line in one if line.quantity)
    return counted > 1 and len(one) == len(other) and all(map(_is_same, one, other))


def _are_numbered(names: Sequence[str]) -> bool:
    """Tell sheets called alike but for a number: `Semana 1`, `Semana 2`; programs number those that nobody named."""
    bare = {key(_DIGITS.sub("", name)) for name in names}
    return len(bare) == 1 and all(map(_DIGITS.search, names)) and not bare & {*lists("sheets_unnamed")["words"]}


def _names_part(name: str) -> bool:
    """Tell the name of a sheet that is a place or a category."""
    return any(place_named(name, prefer_country=True) or ()) or bool((category_meaning(name) or Meaning()).category)


def _is_same(one: InvoiceLine, other: InvoiceLine) -> bool:
    names = ("category", "market", "country", "quantity", "waba_id", "phone_number_id", "period_start", "description")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def sum_of_others(names: Sequence[str], lines: Sequence[Sequence[InvoiceLine]]) -> int | None:
    """Give the place of the sheet whose lines only sum up the others', or None.

    It is named so (`Consolidado`, `Total`), or it comes to what the others come to: to the cent for each line of
    theirs, and of two sheets exactly. Of two that are the same, the one with fewer lines is the sum. One of many that
    are numbered, or that each are called by a place or a category, is no sum, whatever it comes to.
    """
    named = [place for place, name in enumerate(names) if key(name) in lists("sheets_of_sums")["words"]]
    if len(names) > 1 and len(named) == 1:
        return named[0]
    if len(names) > _TWO and (_are_numbered(names) or all(map(_names_part, names))):
        return None
    totals = [sum((line.amount for line in found), Decimal(0)) for found in lines]
    if len({line.currency for found in lines for line in found}) > 1:
        return None
    if len(totals) == 2:
        return None if totals[0] != totals[1] else 0 if len(lines[0]) < len(lines[1]) else 1
    allowed = _CENT * sum(map(len, lines))
    fits = [place for place, total in enumerate(totals) if total and abs(2 * total - sum(totals)) <= allowed]
    return fits[0] if len(totals) > 2 and len(fits) == 1 else None

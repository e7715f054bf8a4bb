"""What the titles above a table say of all its lines: the category, perhaps with a place (formats.md §4).

`Facturación - Utilidad México - Octubre 2026` stands above the tiers of one category. Only what a title says by itself
counts: a part of it that is the words of a category, with those for messages or the name of a place at most. Marketing
is also what departments are called, so that it must be said of messages.
"""

import re
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from auditor.core.tables import Category
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRow
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.sheets import SheetMeaning
from auditor.readers.values.currency_words import without_signs
from auditor.readers.values.dates import month_names
from auditor.readers.values.places import place_named
from auditor.readers.values.vocabulary import described
from auditor.readers.values.words import exact
from auditor.readers.values.words import holds
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_PARTS = re.compile(r"\s[-\u2013\u2014/|\u00b7]\s|[,;()]")
_NO_PLACE = ("", "")


class TitleWords(NamedTuple):
    """The category of all lines and their place, as a title says them, and its text; empty if none does."""

    category: str = ""
    place: tuple[str, str] = _NO_PLACE
    text: str = ""


def said_in_titles(sheet: Sheet, layout: Layout, around: Sequence[SheetRow], of_sheet: SheetMeaning) -> TitleWords:
    """Give the one category that titles say, where neither columns, headings, the sheet nor any line names one."""
    stated = of_sheet.category or layout.headings or layout.field("category")
    if layout.profile or stated or any(column.part and column.part.category for column in layout.columns):
        return TitleWords()
    above = (cell for row in around if row.number < layout.header_row for cell in row.filled)
    found = [said for cell in above if isinstance(cell.value, str) for said in _said(cell.text)]
    one = found[0] if len({(said.category, said.place) for said in found}) == 1 else TitleWords()
    return one if one.category and not _named_by_lines(sheet, layout) else TitleWords()


def _named_by_lines(sheet: Sheet, layout: Layout) -> bool:
    """Tell whether the words of any line name a category."""
    lines = {*layout.data}
    texts = {cell.text for row in sheet.rows if row.number in lines for cell in row.filled}
    return any(described(text).category for text in texts)


def _said(title: str) -> Iterator[TitleWords]:
    """Give what each part of a title says of messages."""
    of_messages = holds(f" {key(title)} ", "meta_signs", "words")
    parts = [part for part in _PARTS.split(title) if key(part)]
    places = {place for part in parts if any(place := place_named(part, prefer_country=False) or _NO_PLACE)}
    apart = places.pop() if len(places) == 1 else _NO_PLACE
    for part in parts:
        words = key(without_signs(part)).split()
        said = _category_and_place([word for word in words if not _is_beside(word)])
        # `Utilidad del mes` is a profit, and marketing a department.
        alone = {*words}.isdisjoint(lists("category_titles")["beside"])
        if said and (of_messages or (alone and said.category != Category.MARKETING.word)):
            yield said._replace(place=said.place if any(said.place) else apart, text=title)


def _is_beside(word: str) -> bool:
    """Tell a word that says what is counted, of which month, or how the figures are ordered."""
    said = word in lists("category_filler")["words"] or word in lists("category_titles")["beside"]
    return said or word in month_names() or word.isdecimal()


def _category_and_place(words: Sequence[str]) -> TitleWords | None:
    """Take words for a category and a place beside it, on either side; None if they say anything else.

    Service may be whatever the supplier sells.
    """
    cuts = [(words[:cut], words[cut:]) for cut in range(1, len(words) + 1)]
    for named, rest in (*cuts, *((after, before) for before, after in cuts)):
        category = exact(" ".join(named), "categories")
        place = place_named(" ".join(rest), prefer_country=False) if rest else _NO_PLACE
        if category and category != Category.SERVICE.word and place is not None:
            return TitleWords(category, place)
    return None

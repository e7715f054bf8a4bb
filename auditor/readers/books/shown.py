"""The currencies in whose signs spreadsheet programs show figures: `[$£-809]#,##0.00` (formats.md §4)."""

import re
from bisect import bisect_right
from bisect import insort
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias

from defusedxml import ElementTree

from auditor.readers.values.currency_words import sign_currency
from auditor.readers.zip_faults import XML_FAULTS

Runs: TypeAlias = Mapping[int, Sequence[tuple[int, int, str]]]
"""By column, the first and the last row of cells shown in a currency, and that currency."""

# A sign with the language it is of, words, a single letter; what only takes room; the end of the format of charges.
_PIECE = re.compile(
    r'\[\$(?P<sign>[^\]-]*)[^\]]*\]|"(?P<words>[^"]*)"|\\(?P<letter>.)|[_*].|(?P<end>;)|(?P<bare>[$\u00a3\u00a5\u20a0-\u20cf])'
)


@lru_cache(1 << 12)
def format_currency(code: str) -> str:
    """Give the currency in whose sign a format shows a figure; empty if it names none, or only a bare `$`."""
    return sign_currency("".join(_signs(code)).strip()) or ""


def _signs(code: str) -> Iterator[str]:
    for piece in _PIECE.finditer(code):
        if piece["end"]:
            return
        yield piece["sign"] or piece["words"] or piece["letter"] or piece["bare"] or ""


def style_currencies(styles: bytes) -> Mapping[bytes, str]:
    """Give, by the number of a style of XLSX cells, the currency it shows; nothing of styles that cannot be read."""
    try:
        root = ElementTree.fromstring(styles)
    except XML_FAULTS:
        return {}
    named = {str(element.tag).rpartition("}")[2]: element for element in root}
    codes = {one.get("numFmtId"): format_currency(one.get("formatCode", "")) for one in named.get("numFmts", ())}
    formats = (one.get("numFmtId") for one in named.get("cellXfs", ()))
    return {b"%d" % place: codes[number] for place, number in enumerate(formats) if codes.get(number)}


def currency_in(runs: Sequence[tuple[int, int, str]], row: int) -> str:
    """Give the currency that a column's cell is shown in, by the runs of the column; empty if in none."""
    place = bisect_right(runs, row, key=itemgetter(0))
    return runs[place - 1][2] if place and row <= runs[place - 1][1] else ""


class ShownIn:
    """The currencies of one sheet's cells, noted one after the other."""

    def __init__(self) -> None:
        """Begin without any."""
        self.runs: dict[int, list[tuple[int, int, str]]] = {}

    def note(self, row: int, column: int, currency: str, last: int = 0) -> None:
        """Put down the currency of a cell, or of those below it to the `last` row."""
        runs = self.runs.setdefault(column, [])
        if runs and runs[-1][1] == row - 1 and runs[-1][2] == currency:
            runs[-1] = (runs[-1][0], last or row, currency)
        else:
            insort(runs, (row, last or row, currency))

"""Texts whose columns are set apart by spaces alone, as reports for a printer are: refused for what they are (§4)."""

import re
from collections.abc import Sequence
from itertools import islice

from auditor.core.problems import AuditorError
from auditor.readers.books.cells import Sheet

# A word or a figure, and what stands between two of them where no column ends: a single space.
_APART = re.compile(r"(?<=\S) {2,}(?=\S)")
_ROWS_LOOKED_AT = 200
_GAPS, _LEAST_ROWS = 2, 3


def refuse_spaced(sheets: Sequence[Sheet]) -> None:
    """Raise `columns_by_spaces` for a text most of whose lines are columns set apart by spaces.

    Where a column ends nobody can tell for sure: a name may have two spaces in it, and an empty cell has no mark.
    """
    for sheet in sheets:
        rows = [row for row in islice(sheet.rows, _ROWS_LOOKED_AT) if row.filled] if not sheet.name else []
        spaced = [row for row in rows if len(_APART.findall(",".join(cell.text for cell in row.cells))) >= _GAPS]
        if len(spaced) >= _LEAST_ROWS and len(spaced) * 2 > len(rows):
            raise AuditorError("columns_by_spaces", sheet.place(spaced[0].number))

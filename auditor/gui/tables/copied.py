"""Rows for the clipboard: text with tabs, and a table that tells a spreadsheet what each cell is.

Of text alone a spreadsheet guesses: an id of 17 digits loses its last ones, and `0.0703` is a text, or a day, where the
decimal mark is a comma. In the table Excel reads a cell's value in `x:num` and its format in `mso-number-format`,
LibreOffice both in `sdval` and `sdnum`.
"""

from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import time
from decimal import Decimal
from html import escape
from typing import NamedTuple
from typing import TypeAlias

from PySide6.QtCore import QMimeData

from auditor.writers.csv_table import harmless

Cell: TypeAlias = Decimal | int | str | date
# A table of more rows would come to many times the room of its text.
_MOST_WITH_TABLE = 20_000
# Day 0 of spreadsheets, and the seconds of a day.
_DAY_0, _DAY = date(1899, 12, 30), 86_400
_TABLE = (
    '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8"><style>'
    '.t{{mso-number-format:"\\@"}}.d{{mso-number-format:"yyyy\\-mm\\-dd"}}'
    '.m{{mso-number-format:"yyyy\\-mm\\-dd\\ hh\\:mm\\:ss"}}'
    "</style></head><body><table>{}</table></body></html>"
)


class CopiedLine(NamedTuple):
    """A row as text with tabs, and as a row of the table."""

    text: str
    cells: str


def copied_line(cells: Sequence[Cell]) -> CopiedLine:
    """Give a row for the clipboard: heads are texts as any other."""
    texts = [_text(cell) for cell in cells]
    marked = (_marked(cell, text) for cell, text in zip(cells, texts, strict=True))
    return CopiedLine("\t".join(texts), f"<tr>{''.join(marked)}</tr>")


def copied(lines: Sequence[CopiedLine]) -> QMimeData:
    """Give the rows as the clipboard holds them."""
    data = QMimeData()
    data.setText("\n".join(line.text for line in lines))
    if len(lines) <= _MOST_WITH_TABLE:
        data.setHtml(_TABLE.format("".join(line.cells for line in lines)))
    return data


def _text(cell: Cell) -> str:
    """Say a cell in a way that every program reads alike; no text of others becomes a formula."""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def _marked(cell: Cell, text: str) -> str:
    if isinstance(cell, str):
        return f'<td class=t x:str sdnum="1033;0;@">{escape(text)}</td>'
    if isinstance(cell, datetime):
        return _number(_serial(cell), text, " class=m", "YYYY-MM-DD HH:MM:SS")
    if isinstance(cell, date):
        return _number(str((cell - _DAY_0).days), text, " class=d", "YYYY-MM-DD")
    return _number(text, text, "", "General")


def _number(value: str, text: str, kind: str, form: str) -> str:
    return f'<td{kind} x:num="{value}" sdval="{value}" sdnum="1033;0;{form}">{text}</td>'


def _serial(moment: datetime) -> str:
    """Count days, with the part of the last one that is over."""
    seconds = (moment.replace(tzinfo=None) - datetime.combine(moment.date(), time())).seconds
    return str((moment.date() - _DAY_0).days + Decimal(seconds) / _DAY)

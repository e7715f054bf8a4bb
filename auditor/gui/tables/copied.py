"""Rows for the clipboard: text with tabs, in which a spreadsheet finds numbers and days.

It reads numbers by the decimal mark of the system, whatever the language of this window, and days by their order.
"""

from collections.abc import Sequence
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from auditor.writers.csv_table import harmless

Cell: TypeAlias = Decimal | int | str | date


def copied_line(cells: Sequence[Cell], mark: str) -> str:
    """Give a row for the clipboard, decimals behind a `mark`; no text of others becomes a formula."""
    return "\t".join(_text(cell, mark) for cell in cells)


def _text(cell: Cell, mark: str) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return format(cell, "f").replace(".", mark) if isinstance(cell, Decimal) else str(cell)

"""Rows for the clipboard: text with tabs, in which numbers and days read alike in every program."""

from collections.abc import Sequence
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from auditor.writers.csv_table import harmless

Cell: TypeAlias = Decimal | int | str | date


def copied_line(cells: Sequence[Cell]) -> str:
    """Give a row for the clipboard; no text of others becomes a formula."""
    return "\t".join(map(_text, cells))


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)

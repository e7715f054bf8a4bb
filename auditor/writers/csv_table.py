"""Tables for other programs as CSV, which a spreadsheet may open: no text of others becomes a formula in it."""

import csv
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from auditor.writers.whole_file import whole_file

_BEGINNINGS = frozenset("=+-@\t\r")
_OFTEN = 10_000
Beat = Callable[[int], None]


def write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[str]], beat: Beat) -> Path:
    """Write a table, whole or not at all; a text that a spreadsheet would take for a formula is kept from it.

    `beat` is told now and then how many rows are written; what it raises ends the work.
    """
    with whole_file(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        # Looked at here, not in the function: a large table has millions of cells, of which hardly any is in question.
        writer.writerows(
            [harmless(cell) if cell[:1] in _BEGINNINGS else cell for cell in row] for row in _told(rows, beat)
        )
    return path


def _told(rows: Iterable[Sequence[str]], beat: Beat) -> Iterator[Sequence[str]]:
    for done, row in enumerate(rows):
        if done % _OFTEN == 0:
            beat(done)
        yield row


def harmless(value: str) -> str:
    """Keep a text from being a formula, unless it is a number."""
    if value[:1] not in _BEGINNINGS:
        return value
    try:
        Decimal(value)
    except ArithmeticError:
        return f"'{value}"
    return value

"""Tables for other programs as CSV, which a spreadsheet may open: no text of others becomes a formula in it."""

import csv
from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """Write a table, whole or not at all; a text that a spreadsheet would take for a formula is kept from it."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heads)
            writer.writerows([_harmless(value) for value in row] for row in rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _harmless(value: str) -> str:
    if not value.startswith(_BEGINNINGS):
        return value
    try:
        Decimal(value)
    except ArithmeticError:
        return f"'{value}"
    return value

"""Rate cards laid out as Meta's downloads are: notes, heads broken over lines, `n/a`, groups side by side."""

import csv
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

Rows = Sequence[Sequence[str]]

LIST_HEADS = (
    "Market", "Currency", "Marketing", "Utility", "Authentication", "Authentication-\nInternational", "Service"
)  # fmt: skip
LIST: Rows = (
    ("Cost per message in USD, effective October 1, 2026",),
    ("Note: Authentication templates are available in India as of July 1, 2024.",),
    (),
    LIST_HEADS,
    ("Peru", "$US", "0.0703", "0.0300", "0.0300", "n/a", "0.0300"),
    ("India", "$US", "0.0118", "0.0014", "0.0014", "0.0304", "n/a"),
    ("Rates exclude taxes.",),
)
_GROUP = ("From", "To", "Rate type", "Rate", "vs. List rate")
TIERS: Rows = (
    ("Volume tier rates in USD",),
    ("See the developer documentation",),
    ("", "", "Utility", "", "", "", "", "Authentication", "", "", "", "", "Authentication-International"),
    ("", "", "Messages per month", "", "What we charge", "", "", "Messages per month"),
    ("Market\n(per rate card)", "Currency", *_GROUP, *_GROUP, *_GROUP),
    (
        "Peru", "$US", "0", "250,000", "List rate", "0.0300", "0%", "0", "250,000", "List rate", "0.0300", "0%",
        *("n/a",) * 5,
    ),
    (
        "", "$US", "250,001", "--", "Tier rate", "0.0285", "-5%", "250,001", "2,000,000", "Tier rate", "0.0285", "-5%",
        *("n/a",) * 5,
    ),
    ("", "$US", *("n/a",) * 5, "2,000,001", "--", "Tier rate", "0.0270", "-10%", *("n/a",) * 5),
    ("India", "RP", *("n/a",) * 10, "0", "--", "List rate", "1,940.13", "0%"),
)  # fmt: skip


def as_text(path: Path, rows: Rows) -> Path:
    """Write the rows as the CSV that the name promises."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def as_book(path: Path, rows: Rows) -> Path:
    """Write the rows as the workbook that is really in the file, numbers as numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([_number(cell) for cell in row])
    with path.open("wb") as file:
        book.save(file)
    return path


def _number(cell: str) -> str | float | int | None:
    plain = cell.replace(",", "")
    if plain.isdecimal():
        return int(plain)
    try:
        return float(plain)
    except ValueError:
        return cell or None

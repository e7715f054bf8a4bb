"""A small audit as files: account, log, contract card and invoice of October 2026 (see `core/invoicing.py`)."""

import csv
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.core.invoicing import PRICES
from tests.core.invoicing import Row
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

ACCOUNT = """\
[audit]
name = "Case"
entity = "Case S.A.C."
preparer = "Rosa Quispe"
period = "2026-10"
currency = "USD"
language = "en"

[[waba]]
id = "waba"
time_zone = "America/Lima"
currency = "USD"
primary_location = "PE"
numbers = ["number"]

[rates]
card = "contract.csv"
"""
LOG_COLUMNS = (
    "message_id", "waba_id", "phone_number_id", "user", "country", "direction", "template_category", "referral",
    "origin", "group_id", "sent_at", "delivered_at", "read_at", "failed_at",
)  # fmt: skip
CARD_COLUMNS = ("effective_from", "effective_to", "currency", "market", "category", "tier_from", "tier_to", "rate")
INVOICE_COLUMNS = ("Market", "Category", "Quantity", "Unit price (USD)", "Amount (USD)")

# Peru: 10 x 0.10 = 1.00 of marketing; 5 x 0.02 = 0.10 of utility; one answer is free.
ROWS = (*wrote("2026-10-05 09:00"), *sent("", 1, at="2026-10-05 09:05"), *sent("marketing", 10), *sent("utility", 5))
# Billed: marketing right, utility 5 x 0.07 = 0.35, so 0.25 too much, at a rate that stands on no card.
LINES = (("Peru", "Marketing", "10", "0.10", "1.00"), ("Peru", "Utility", "5", "0.07", "0.35"))
UTILITY = "||Peru||utility|"


@dataclass(frozen=True)
class Files:
    """Where the files of an audit are."""

    account: Path
    log: Path
    invoice: Path
    card: Path


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """Write a CSV table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def write_log(path: Path, rows: Sequence[Row]) -> Path:
    """Write a canonical log."""
    return write_table(path, LOG_COLUMNS, [[row.get(name, "") for name in LOG_COLUMNS] for row in rows])


def write_card(path: Path, rows: Sequence[Mapping[str, str]] = PRICES) -> Path:
    """Write a rate card."""
    return write_table(path, CARD_COLUMNS, [[row.get(name, "") for name in CARD_COLUMNS] for row in rows])


def write_invoice(path: Path, lines: Sequence[Sequence[str]] = LINES) -> Path:
    """Write an invoice with a line per row."""
    return write_table(path, INVOICE_COLUMNS, lines)


def write_files(
    folder: Path,
    rows: Sequence[Row] = ROWS,
    lines: Sequence[Sequence[str]] = LINES,
    account: str = ACCOUNT,
) -> Files:
    """Write all files of an audit into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "account.toml"
    path.write_text(account, encoding="utf-8")
    return Files(
        path,
        write_log(folder / "messages.csv", rows),
        write_invoice(folder / "invoice.csv", lines),
        write_card(folder / "contract.csv"),
    )

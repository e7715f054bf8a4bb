"""What the figures of a column are to be multiplied by, as its head says: thousands, a hundred each, cents (§4)."""

import re
from decimal import Decimal
from functools import lru_cache

from auditor.readers.vocabulary import MONEY
from auditor.readers.words import key
from auditor.readers.words import lists
from auditor.readers.words import padded

_THOUSAND, _OF_A_THOUSAND, _CENT = Decimal(1000), Decimal("0.001"), Decimal("0.01")
_MICRO = Decimal("0.000001")
_PACKETS = re.compile(r" (100{1,5}) $")
_REMEMBERED = 1 << 14


@lru_cache(_REMEMBERED)
def factor_of(head: str, field: str) -> Decimal | None:
    """Give what a figure is to be multiplied by, whose head says thousands, a hundred each, cents or millionths."""
    spaced = f" {key(head)} "
    if field in lists("thousands") and _says(spaced, "thousands", field):
        return _OF_A_THOUSAND if field == "unit_rate" else _THOUSAND
    packets = _PACKETS.search(spaced) if field in {"quantity", "unit_rate"} else None
    if packets:
        return Decimal(packets[1]) if field == "quantity" else 1 / Decimal(packets[1])
    if field in MONEY and _says(spaced, "cents", "micros"):
        return _MICRO
    return _CENT if field in MONEY and says_cents(head) else None


def says_cents(head: str) -> bool:
    """Tell a head that says that its figures are cents: `Céntimos`, `Amount (cents)`."""
    return _says(f" {key(head)} ", "cents", "words")


def counts_thousands(unit: str) -> bool:
    """Tell whether a cell of a column of units says that its row counts thousands: `MILLAR`, UN/ECE's `MIL`."""
    return key(unit) in lists("thousands")["unit"]


def _says(spaced: str, table: str, name: str) -> bool:
    """Tell whether a text, a blank before and behind it, holds a phrase of the vocabulary."""
    return any(phrase in spaced for phrase in padded(table)[name])

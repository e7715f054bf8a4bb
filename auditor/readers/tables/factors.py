"""What a head says of the figures below it: thousands, a hundred each, cents; counts that are charged or not (§4)."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from auditor.readers.values.vocabulary import MONEY
from auditor.readers.values.words import holds
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_THOUSAND, _OF_A_THOUSAND, _CENT = Decimal(1000), Decimal("0.001"), Decimal("0.01")
_MICRO = Decimal("0.000001")
_PACKETS = re.compile(r"(?<![0-9]) (100{1,5}) $")
_IN_THOUSANDS = re.compile(
    r"\b(?:en|in|em)\s+(?:miles|millones|thousands|millions|milhares|milh[oõ]es|tausend|migliaia|milliers)\b"
    r"|\b(?:miles|millones|thousands|millions|milhares|milh[oõ]es)\s+(?:de|of)\s+"
    r"(?:s/|us\$|r\$|soles|d[oó]lares|pesos|rea(?:i|le)s|euros|usd|pen|eur|dollars)"
    r"|\b(?:usd|us\$|s/|pen|eur|€|\$)\s*(?:thousands|'?000s?)\b",
    re.IGNORECASE,
)
# `S/ 1,000` is an amount of money.
_PER_MANY = re.compile(
    r"(?:\b(?:por|per|pro|je|cada)\s+|(?:(?<!\bs)/|\bx)\s?)(?:cada\s+|un\s+|um\s+)?(?:"
    r"(?P<million>1[.,\s]?000[.,\s]?000|1mm?|mill[oó]n|milh[aã]o|million|mio)"
    r"|1[.,\s]?000|1k|mil|millar|thousand|milh(?:eiro|ar)|mille|tausend)(?![\d.,]*\d|\s000\b|\w)|\bcpm\b",
    re.IGNORECASE,
)
_BRACKETS_LEFT = re.compile(r"[(\[]\s*[)\]]")
_PAISE = re.compile(r"\bpaise\b", re.IGNORECASE)  # whose key is that of `países`, too
_REMEMBERED = 1 << 14


@lru_cache(_REMEMBERED)
def factor_of(head: str, field: str) -> Decimal | None:
    """Give what a figure is to be multiplied by, whose head says thousands, a hundred each, cents or millionths."""
    spaced = f" {key(head)} "
    if field in lists("thousands") and holds(spaced, "thousands", field):
        return _OF_A_THOUSAND if field == "unit_rate" else _THOUSAND
    packets = _packets(spaced) if field in {"quantity", "unit_rate"} else None
    if packets:
        return Decimal(packets[1]) if field == "quantity" else 1 / Decimal(packets[1])
    if field in MONEY and holds(spaced, "cents", "micros"):
        return _MICRO
    return _CENT if field in MONEY and says_cents(head) else None


def _packets(spaced: str) -> re.Match[str] | None:
    """Find how many a packet holds: at the end of a head, or behind the word for one."""
    named = (re.search(rf" {word} (100{{1,5}}) ", spaced) for word in lists("packets")["words"])
    return next(filter(None, named), None) or _PACKETS.search(spaced)


@lru_cache(_REMEMBERED)
def says_cents(head: str) -> bool:
    """Tell a head that says that its figures are cents: `Céntimos`, `Amount (cents)`."""
    return holds(f" {key(head)} ", "cents", "words") or bool(_PAISE.search(head))


def without_thousand(head: str) -> str:
    """Give a head of prices without what it says they are of: `Marketing (USD/1K)` is `Marketing (USD)`."""
    return _BRACKETS_LEFT.sub("", _PER_MANY.sub("", head)).strip()


def rate_factor(head: str, titles: Iterable[str]) -> Decimal:
    """Give what the prices of a list are to be multiplied by, whose head or titles say `per 1,000 messages`, `cents`.

    The head of a column says it of that column, and is heard before the titles.
    """
    for text in (head, *titles):
        if many := _PER_MANY.search(text):
            return _MICRO if many["million"] else _OF_A_THOUSAND
        if says_cents(text):
            return _CENT
    return Decimal(1)


def says_thousands(title: str) -> bool:
    """Tell a title that says that figures are thousands or millions: `(cifras en miles de soles)`, `USD thousands`."""
    return _IN_THOUSANDS.search(title) is not None


def counts_thousands(unit: str) -> bool:
    """Tell whether a cell of a column of units says that its row counts thousands: `MILLAR`, UN/ECE's `MIL`."""
    return key(unit) in lists("thousands")["unit"]


def counts_no_charge(head: str) -> bool:
    """Tell the head of counts that nobody charges for: `Read`, `Failed`, `Clicks`."""
    return holds(f" {key(head)} ", "not_charged", "words")


def says_billed(head: str) -> bool:
    """Tell the head of counts that are those charged, by its own words: `Facturados`, `Billable messages`."""
    return holds(f" {key(head)} ", "billed_counts", "words")

"""Exchange rates as the services that sell them answer: JSON of rates by day, by currency, or both (formats.md §3)."""

import json
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from typing import TypeAlias

from auditor.core.problems import AuditorError
from auditor.language import currencies
from auditor.readers.books.cells import read_sheets
from auditor.readers.files import read_text
from auditor.readers.rates.fx_series import holds_series
from auditor.readers.rates.fx_series import names_pairs
from auditor.readers.rates.fx_tables import holds_sides
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.json_pairs import each_once

FIELDS = ("date", "from", "to", "rate")
_BASES = ("base", "base_code", "base_currency", "source", "from")
_TARGETS = ("target", "target_code", "to", "quote", "symbol", "currency")
_RATES = ("rates", "conversion_rates", "quotes", "data")
_LARGEST, _LOOKED_AT = 2 << 20, 20
_Found: TypeAlias = list[tuple[str, str, Any]]


def json_rates(path: Path) -> list[Mapping[str, str]]:
    """Give rates by our own columns, each number as it is written; nothing for any other JSON.

    `{"base": "USD", "target": "PEN", "rates": {"2026-10-01": 3.459}}`, or each day an object of currencies, or these
    alone beside the `date` that they are of.
    """
    return _rows_of(*_by_day(path))


def rates_without_pair(path: Path) -> str:
    """Name the first day of rates by day that do not say of which two currencies; empty for any other JSON."""
    return _open_day(*_by_day(path))


def _rows_of(base: str, found: _Found) -> list[Mapping[str, str]]:
    whole = bool(base) and all(day and target and isinstance(rate, str) for day, target, rate in found)
    rows: list[Mapping[str, str]]
    rows = [dict(zip(FIELDS, (day, base, target, rate), strict=True)) for day, target, rate in found if target != base]
    return rows if whole else []


def _open_day(base: str, found: _Found) -> str:
    whole = found and all(day and isinstance(rate, str) for day, _, rate in found)
    return found[0][0] if whole and not (base and all(target for _, target, _ in found)) else ""


def _by_day(path: Path) -> tuple[str, _Found]:
    """Give the currency whose unit costs so much, and day, currency and rate of each entry; empty what is not said."""
    if path.stat().st_size > _LARGEST:
        return "", []
    try:
        stated = json.loads(read_text(path), parse_float=str, parse_int=str, object_pairs_hook=each_once)
    except (AuditorError, KeyTwiceError, ValueError, RecursionError):
        return "", []
    rates = next((stated[name] for name in _RATES if name in stated), None) if isinstance(stated, dict) else None
    if not isinstance(rates, dict):
        return "", []
    return _code(stated, _BASES), list(_of_each(rates, _day_in(stated), _code(stated, _TARGETS)))


def holds_rates(path: Path) -> bool:
    """Tell rates, by day, of a central bank's series or as a list of both sides of each currency, from other JSON."""
    if path.stat().st_size > _LARGEST:
        return False
    stated = _by_day(path)
    if _rows_of(*stated) or _open_day(*stated):
        return True
    with suppress(AuditorError):
        rows = [row for sheet in read_sheets(path) for row in sheet.rows[:_LOOKED_AT]]
        texts = [[cell.text for cell in row.cells] for row in rows]
        return holds_sides(texts) or holds_series(texts) or names_pairs(texts)
    return False


def _of_each(rates: Mapping[str, Any], day: str, target: str) -> Iterator[tuple[str, str, Any]]:
    """Give day, currency and rate of each entry, one of them empty where the entry does not say it."""
    for name, value in rates.items():
        if is_day(name):
            yield from _of_each(value, name, target) if isinstance(value, dict) else [(name, target, value)]
        else:
            yield day, name if name in currencies() else "", value


def _code(stated: Mapping[str, Any], names: tuple[str, ...]) -> str:
    said = (stated[name] for name in names if isinstance(stated.get(name), str))
    return next((code for code in said if code in currencies()), "")


def _day_in(stated: Mapping[str, Any]) -> str:
    day = stated.get("date")
    return day if isinstance(day, str) and is_day(day) else ""


def is_day(text: str) -> bool:
    """Tell a day as our own columns write it."""
    try:
        return len(text) == len("2026-10-01") and bool(date.fromisoformat(text))
    except ValueError:
        return False

"""Tables of exchange rates: `date,from,to,rate,source` (formats.md §7, pricing.md §9.5)."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.tables import FxRate
from auditor.language import currencies
from auditor.readers.files import read_rows

_REQUIRED = ("date", "from", "to", "rate")
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")


def read_fx(path: Path) -> tuple[FxRate, ...]:
    """Read a table of stated rates, in the file's order: one unit of `from` is `rate` units of `to` on that day.

    Raises `AuditorError` with every row at fault as a `Problem`; a day and pair stated twice is one, unless both
    rows say the same rate.
    """
    heads, lines = read_rows(path)
    missing = [head for head in _REQUIRED if head not in heads]
    if missing:
        raise AuditorError("fx_columns_missing", Place(path.name, row=1), columns=", ".join(missing))
    rates: dict[tuple[date, str, str], FxRate] = {}
    problems: list[Problem] = []
    for line, cells in lines:
        place = Place(path.name, row=line)
        found = _problems(cells, place)
        if not found:
            rate = _rate(cells)
            earlier = rates.setdefault((rate.day, rate.source_currency, rate.target_currency), rate)
            if earlier.rate != rate.rate:
                found.append(Problem("fx_stated_twice", place, {"rate": str(rate.rate), "other": str(earlier.rate)}))
        problems += found
    if problems:
        raise AuditorError("fx_refused", problems[0].place, problems, count=len(problems))
    if not rates:
        raise AuditorError("file_empty", Place(path.name))
    return tuple(rates.values())


def _rate(cells: Mapping[str, str]) -> FxRate:
    return FxRate(
        day=date.fromisoformat(cells["date"]),
        source_currency=cells["from"].upper(),
        target_currency=cells["to"].upper(),
        rate=Decimal(cells["rate"]),
        source=cells.get("source", ""),
    )


def _problems(cells: Mapping[str, str], place: Place) -> list[Problem]:
    checks = {
        "date": ("fx_not_a_date", _is_day(cells["date"])),
        "from": ("fx_unknown_currency", cells["from"].upper() in currencies()),
        "to": ("fx_unknown_currency", cells["to"].upper() in currencies()),
        "rate": ("fx_not_a_rate", bool(_DECIMAL.fullmatch(cells["rate"])) and Decimal(cells["rate"]) > 0),
    }
    found = [
        Problem(code, Place(place.file, row=place.row, column=column), {"value": cells[column]})
        for column, (code, right) in checks.items()
        if not right
    ]
    if not found and cells["from"].upper() == cells["to"].upper():
        found.append(Problem("fx_same_currency", place, {"value": cells["from"]}))
    return found


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-10-01") and bool(date.fromisoformat(text))
    except ValueError:
        return False

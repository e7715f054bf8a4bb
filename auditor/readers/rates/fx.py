"""Tables of exchange rates: `date,from,to,rate,source` (formats.md §7, pricing.md §9.5)."""

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.records import FxRate
from auditor.language import currencies
from auditor.readers.books.cells import BOOKS
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import read_sheets
from auditor.readers.files import first_rows
from auditor.readers.files import read_rows
from auditor.readers.rates.book_rows import book_rows
from auditor.readers.rates.book_rows import plain_text
from auditor.readers.rates.fx_checks import far_off
from auditor.readers.rates.fx_checks import states_rate
from auditor.readers.rates.fx_json import FIELDS
from auditor.readers.rates.fx_json import is_day
from auditor.readers.rates.fx_json import json_rates
from auditor.readers.rates.fx_json import rates_without_pair
from auditor.readers.rates.fx_long import in_our_words
from auditor.readers.rates.fx_long import long_heads
from auditor.readers.rates.fx_months import holds_months
from auditor.readers.rates.fx_months import read_months
from auditor.readers.rates.fx_series import holds_series
from auditor.readers.rates.fx_series import read_series
from auditor.readers.rates.fx_tables import BOTH
from auditor.readers.rates.fx_tables import holds_sides
from auditor.readers.rates.fx_tables import read_sides
from auditor.readers.rates.stated_rates import RateTable
from auditor.readers.rates.stated_rates import stated_table
from auditor.readers.sniff import sniff
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profiles import FX
from auditor.readers.values.numbers import is_too_long
from auditor.readers.values.rate_fields import SIDES
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_LOOKED_AT = 20
# Our heads, by the fields that columns are stated to be; which is the rate is chosen.
_FIELDS = {"date": "day", "from": "source_currency", "to": "target_currency", "rate": "rate", "source": "source"}
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")


def read_fx(path: Path, side: str = "", options: ReadOptions | None = None) -> tuple[FxRate, ...]:
    """Read a table of stated rates, in the file's order: one unit of `from` is `rate` units of `to` on that day.

    `options` are what a person states of its columns. Of a table that states what is paid and what is asked, `side` is
    the one that serves. Raises `AuditorError` with every row at fault as a `Problem`; a day and pair stated twice is
    one, unless both rows say the same rate.
    """
    stated = options or ReadOptions()
    table = stated_table(path, stated, FX)
    if table is None:
        return _shown(path, side)
    return _checked(path, *_stated(table, side, stated.pair or table.pair or _pair_shown(path)))


def _shown(path: Path, side: str) -> tuple[FxRate, ...]:
    """Read a table as it shows by itself."""
    heads, lines = _rows(path)
    if heads is None:
        return read_series(path) or read_months(path, side) or read_sides(path, side)
    if named := long_heads(heads):
        rows = [(number, {name: cells[head] for head, name in named.items()}) for number, cells in lines]
        heads, lines = [*FIELDS], in_our_words({name: head for head, name in named.items()}, rows)
    return _checked(path, heads, lines)


def _checked(path: Path, heads: Sequence[str], lines: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[FxRate, ...]:
    """Take the rows of a table under our own heads."""
    missing = [head for head in FIELDS if head not in heads]
    if missing:
        dated = any(key(head) in lists("fx_heads")["day"] for head in heads)  # `Fecha` need not be called otherwise
        missing = [name for name in missing if name != "date" or not dated]
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
    problems += far_off(rates.values(), Place(path.name))
    if problems:
        raise AuditorError("fx_refused", problems[0].place, problems, count=len(problems))
    if not rates:
        raise AuditorError("file_empty", Place(path.name))
    return tuple(rates.values())


def _stated(table: RateTable, side: str, pair: str) -> tuple[list[str], Iterable[tuple[int, Mapping[str, str]]]]:
    """Give the heads and rows of a table whose columns are stated; without columns of currencies all are of a `pair`.

    Of two columns of rates the one of the `side` serves. Raises `AuditorError`: `fx_side_open`.
    """
    columns = {one.field: one for one in table.columns if one.field}
    rates = [field for field in ("rate", SIDES.get(side, ""), *SIDES.values()) if field in columns]
    if rates and rates[0] != "rate" and side not in SIDES and len({*rates}) > 1:
        raise AuditorError("fx_side_open", table.sheet.place())
    of = {**_FIELDS, "rate": next(iter(rates), "")}
    used = {name: columns[field] for name, field in of.items() if field in columns}
    both = dict(zip(("from", "to"), pair.split("/"), strict=True)) if pair else {}
    heads = [name for name in of if name in {*used, *both}]
    if not {*FIELDS} <= {*heads}:
        return heads, ()
    rows = ((row.number, {name: plain_text(row.cell(one.column)) for name, one in used.items()}) for row in table.rows)
    lines = [(number, {**both, **cells}) for number, cells in rows if states_rate(cells["rate"])]
    # What is stated of the pair is in no language: it is the file's own heads that tell how it writes its days.
    own = {name: used[name].head if name in used else "" for name in heads}
    return heads, in_our_words(own, lines, used["date"].dates, used["rate"].decimal)


def _pair_shown(path: Path) -> str:
    """Give the pair that a table would show by itself; empty where it shows none, or several."""
    with suppress(AuditorError):
        pairs = {f"{one.source_currency}/{one.target_currency}" for one in _shown(path, BOTH)}
        return pairs.pop() if len(pairs) == 1 else ""
    return ""


def _rows(path: Path) -> tuple[list[str] | None, Iterable[tuple[int, Mapping[str, str]]]]:
    """Give heads and rows of a text or a workbook; no heads for a table as banks publish them."""
    found = sniff(path)
    if found.kind == "json" and (stated := json_rates(path)):
        return [*FIELDS], enumerate(stated, 1)
    if found.kind not in {*BOOKS, "json", "xml"}:
        return (None, ()) if found.kind == "csv" and _is_published(first_rows(path, found)) else read_rows(path, found)
    rows = [row for sheet in _sheets(path) for row in sheet.rows if row.filled]
    if _is_published([[cell.text for cell in row.cells] for row in rows[:_LOOKED_AT]]):
        return None, ()
    if found.kind == "json" and (day := rates_without_pair(path)):
        raise AuditorError("fx_base_open", Place(path.name), heads=f"{day}, …")
    return book_rows(rows)


def _sheets(path: Path) -> Sequence[Sheet]:
    """Give the sheets of a file, none of JSON that is no table: it has then no column of rates."""
    try:
        return read_sheets(path)
    except AuditorError as error:
        if error.code == "kind_not_read":
            return ()
        raise


def _is_published(rows: Sequence[Sequence[str]]) -> bool:
    return holds_sides(rows) or holds_series(rows) or holds_months(rows)


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
        "date": ("fx_not_a_date", is_day(cells["date"])),
        "from": ("fx_unknown_currency", cells["from"].upper() in currencies()),
        "to": ("fx_unknown_currency", cells["to"].upper() in currencies()),
        "rate": ("fx_not_a_rate", bool(_DECIMAL.fullmatch(cells["rate"])) and Decimal(cells["rate"]) > 0),
    }
    found = [
        Problem(code, Place(place.file, row=place.row, column=column), {"value": cells[column]})
        for column, (code, right) in checks.items()
        if not right
    ]
    if is_too_long(cells["rate"]):
        found.append(
            Problem("decimal_too_long", Place(place.file, row=place.row, column="rate"), {"value": cells["rate"]})
        )
    if not found and cells["from"].upper() == cells["to"].upper():
        found.append(Problem("fx_same_currency", place, {"value": cells["from"]}))
    return found

"""Exchange rates of a year as tax offices publish them: the days stand below each other, the months side by side (§3).

Such are Chile's dólar observado, Mexico's FIX, and lists of one side of Peru's rate. What costs what the title says.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.records import FxRate
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import read_sheets
from auditor.readers.rates.fx_checks import sound
from auditor.readers.rates.fx_checks import states_rate
from auditor.readers.rates.fx_series import decimal_mark
from auditor.readers.tables.wide import month_headed
from auditor.readers.tables.wide import year_above
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import read_value
from auditor.readers.values.words import find_phrase
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_SIDES = ("buy", "sell")
_USUAL = ("USD", "PEN")
_SEVERAL = 2
_ANY_YEAR = 2000
_RATE = re.compile(r"[0-9][.,][0-9]")


class _Title(NamedTuple):
    """What a title says: what costs how much of what, and what a bank pays or asks for it (empty: one rate for all)."""

    source: str
    target: str
    side: str


def holds_months(rows: Sequence[Sequence[str]]) -> bool:
    """Tell such a table by the first rows of a file: a title of exchange rates, and heads of a day and of months."""
    made = [[SheetCell(text, text, 0, column) for column, text in enumerate(row, 1) if text.strip()] for row in rows]
    heads = next((place for place, cells in enumerate(made) if _months(cells, _ANY_YEAR)), 0)
    return any(_is_of_exchange(" ".join(row)) for row in rows[:heads])


def read_months(path: Path, side: str) -> tuple[FxRate, ...] | None:
    """Read the rates of such a table; None where the file holds none.

    Raises `AuditorError`: `fx_columns_missing` where no title says what costs so much, `fx_side_missing` where it is
    not the `side` that is wanted, and `fx_refused` with every row at fault.
    """
    found = [one for sheet in read_sheets(path) for one in _read(sheet, side)]
    return sound(path, found) if found else None


def _read(sheet: Sheet, side: str) -> Iterator[FxRate | Problem]:
    for place, row in enumerate(sheet.rows):
        if not _months(row.filled, _ANY_YEAR):
            continue
        above = sheet.rows[:place]
        titles = [" ".join(cell.text for cell in one.filled) for one in above]
        months = _months(row.filled, year_above(above)) if any(map(_is_of_exchange, titles)) else {}
        if not months or _are_sides(sheet.rows[place + 1 : place + 2]):
            continue
        title = _titled(titles)
        if title is None:
            raise AuditorError("fx_columns_missing", sheet.place(row.number), columns="from, to, rate")
        if side in _SIDES and title.side not in {side, ""}:
            raise AuditorError("fx_side_missing", sheet.place(row.number))
        yield from _rates(sheet, row.number, row.filled[0].column, months, title)
        return


def _months(cells: Sequence[SheetCell], year: int) -> Mapping[int, tuple[date, date]]:
    """Give the month of each column in a row of heads; none for other heads than those of days and of months."""
    if len(cells) <= _SEVERAL or key(cells[0].text) not in lists("fx_heads")["day"]:
        return {}
    months = {cell.column: month for cell in cells[1:] if (month := month_headed(cell, year))}
    return months if len(months) == len(cells) - 1 else {}


def _are_sides(below: Sequence[SheetRow]) -> bool:
    """Tell a row below the months that says of each what a bank pays and what it asks: another reader's table."""
    words = {word for side in _SIDES for word in lists("fx_heads")[side]}
    return any(key(cell.text) in words for row in below for cell in row.filled)


def _is_of_exchange(title: str) -> bool:
    """Tell the title of a table of rates from a sentence that states one: `Tipo de cambio: 3.75`."""
    text = key(title)
    named = any(f" {phrase} " in f" {text} " for phrase in lists("fx_heads")["titles"])
    return (named or bool(find_phrase(text, "fx_series"))) and not _RATE.search(title)


def _titled(titles: Sequence[str]) -> _Title | None:
    """Give what titles say of the rates: a series of a central bank, or one side of what a currency costs in soles."""
    series = next((found for title in titles if (found := find_phrase(key(title), "fx_series"))), "")
    if series:
        source, _, target = series.upper().partition("_")
        return _Title(source, target, "")
    words = {word for title in titles for word in key(title).split()}
    sides = [side for side in _SIDES if not words.isdisjoint(lists("fx_heads")[side])]
    others = {code for title in titles if (code := text_currency(title))} - {*_USUAL}
    return _Title(*_USUAL, sides[0]) if len(sides) == 1 and not others else None


def _rates(
    sheet: Sheet, head: int, days: int, months: Mapping[int, tuple[date, date]], title: _Title
) -> Iterator[FxRate | Problem]:
    """Give the rate of every cell beside the number of a day; other rows sum the days up."""
    rows = [row for row in sheet.rows if row.number > head and _number(row.cell(days))]
    cells = [row.cell(column) for row in rows for column in months if states_rate(row.cell(column).text)]
    mark = decimal_mark(cells, (title.source, title.target))
    for row in rows:
        for column, (first, last) in months.items():
            cell, day = row.cell(column), _number(row.cell(days))
            if not states_rate(cell.text):
                continue
            rate = read_value(cell.value, mark) if mark else None
            if day > last.day:
                yield Problem("fx_not_a_date", sheet.place(row.number, column), {"value": f"{day}/{first:%m/%Y}"})
            elif rate is None or rate <= 0:
                yield Problem("fx_not_a_rate", sheet.place(row.number, column), {"value": cell.text})
            else:
                yield FxRate(first.replace(day=day), title.source, title.target, rate, sheet.file)


def _number(cell: SheetCell) -> int:
    """Give the number of a day, 0 for what is none."""
    text = cell.text.removesuffix(".0")
    return int(text) if text.isdecimal() and len(text) <= _SEVERAL else 0

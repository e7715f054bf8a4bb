"""Exchange rates as a central bank publishes a series: a day and one figure (formats.md §3).

Banxico's FIX, Colombia's TRM, which holds from one day to another, Chile's dólar observado. The pair is told by the
name of the series, or by its codes (`USD/PEN`) and figures: no other currency is worth two dollars, euros or pounds, so
figures of two and more are what one of these costs. A table with a column for each of several currencies does not say
of what they are, but where the one of the great currencies that it lacks is what so many yen are paid for (the ECB's).
"""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.records import FxRate
from auditor.language import currencies
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import read_sheets
from auditor.readers.rates.fx_checks import STRONG
from auditor.readers.rates.fx_checks import STRONG_COSTS
from auditor.readers.rates.fx_checks import sound
from auditor.readers.rates.fx_checks import states_rate
from auditor.readers.values.dates import parse_day
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.vocabulary import is_of_exchange
from auditor.readers.values.words import exact
from auditor.readers.values.words import find_phrase
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_SEVERAL, _SPAN_HEADS = 3, 3
_PAIR = re.compile(r"\b([A-Z]{3})(?:[ /-]?| (?:per|por|to|a) )([A-Z]{3})\b")
_GREAT = frozenset({"USD", "EUR", "GBP", "JPY", "CHF"})
_YEN, _FEWEST_YEN = "JPY", 75  # neither a dollar nor a euro nor a pound ever cost fewer
_DEAREST = frozenset({"KWD", "BHD", "OMR", "JOD"})
# Strong currencies, the dearest first: what one costs of a later one was never so little the other way round, nor more.
_DEARER, _COSTS_STRONG = ("GBP", "EUR", "USD"), (Decimal("1.06"), Decimal("2.2"))
_FEW = frozenset({"PEN", "BRL", "MXN"})  # of which a dollar, a euro or a pound never cost a thousand
_LONGEST = 31  # days for which one rate may hold: weekends and holidays, never more than a month
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Series:
    """The columns of a table: the first day, the last one (0: that day alone), and the figures of each pair."""

    first: int
    last: int
    pairs: tuple[tuple[int, str, str], ...]
    unit: int = 0
    in_codes: bool = False


def holds_series(rows: Sequence[Sequence[str]]) -> bool:
    """Tell a series of a central bank, or a table with a column for each currency, by the first rows of a file."""
    filled = [[(column, text) for column, text in enumerate(cells, 1) if text.strip()] for cells in rows]
    return any(_series(cells, filled[:place]) or _lists_currencies(cells) for place, cells in enumerate(filled))


def names_pairs(rows: Sequence[Sequence[str]]) -> bool:
    """Tell heads of a day and of rates alone: `Fecha, USD/MXN`, `Fecha, TC`, `Date, Close`, `Fecha, Dólar, Euro`.

    Of what in what they are stays open.
    """
    return any(_names_pairs([text for text in cells if text.strip()]) for cells in rows)


def _names_pairs(heads: Sequence[str]) -> bool:
    days = [text for text in heads if key(text) in lists("fx_heads")["day"]]
    others = [text for text in heads if text not in days]
    beside = [text for text in others if key(text.replace("%", "")) in lists("fx_heads")["of_the_day"]]
    rates = [text for text in others if text not in beside]
    return len(days) == 1 and bool(rates) and all(map(_names_rate, rates))


def _names_rate(head: str) -> bool:
    """Tell the head of rates: what they are called, a pair, or a currency that costs so much."""
    called = key(head) in {*lists("fx_heads")["bare"], *lists("fx_heads")["dollar"]}
    known = called or is_of_exchange(head) or exact(key(head), "currencies")
    return bool(known) or head.strip() in currencies() or any({*pair} <= currencies() for pair in _PAIR.findall(head))


def read_series(path: Path) -> tuple[FxRate, ...] | None:
    """Read the rates of a series; None where the file holds none.

    Raises `AuditorError`: `fx_base_open` for columns of currencies, `fx_columns_missing` for pairs whose figures do not
    tell what costs so much, `fx_column_open` for several rates of one pair, and `fx_refused` with every row at fault.
    """
    found = [one for sheet in read_sheets(path) for one in _read(sheet)]
    return sound(path, found) if found else None


def _read(sheet: Sheet) -> Iterator[FxRate | Problem]:
    """Give every rate below the heads of a sheet, its decimal mark decided by all of them."""
    series: _Series | None = None
    rows: list[SheetRow] = []
    above: list[SheetRow] = []
    heads: SheetRow | None = None
    for row in sheet.rows:
        cells = [(cell.column, cell.text) for cell in row.filled]
        if series:
            rows.append(row)
        elif _lists_currencies(cells):
            series = _of_great(cells, sheet.rows)
            if series is None:
                raise AuditorError("fx_base_open", sheet.place(row.number), heads=", ".join(text for _, text in cells))
        else:
            series = _series(cells, [[(cell.column, cell.text) for cell in one.filled] for one in above])
            above.append(row)
        heads = heads if rows else row
    if series is None or heads is None:
        return
    _refuse_several(series, heads, sheet, rows)
    for pair in series.pairs:
        column = pair[0]
        stated = [row for row in rows if states_rate(row.cell(column).text)]
        mark = decimal_mark([row.cell(column) for row in stated], pair[1:])
        if series.in_codes and not _costs_the_strong(stated, column, mark, pair[2]):
            raise AuditorError("fx_columns_missing", Place(sheet.file, row=1), columns="from, to, rate")
        for row in stated:
            yield from _row(sheet, row, series, pair, mark)


def _refuse_several(series: _Series, heads: SheetRow, sheet: Sheet, rows: Sequence[SheetRow]) -> None:
    """Refuse several rates of one pair that differ, as Banxico determines it, publishes it, and has it paid with."""
    for at, (column, *pair) in enumerate(series.pairs):
        other = next((before for before, *known in series.pairs[:at] if known == pair and pair[-1]), 0)
        stated = [(row.cell(other).text, row.cell(column).text) for row in rows] if other else []
        if any(one != later for one, later in stated if one and later):
            named, again = heads.cell(other).text, heads.cell(column).text
            raise AuditorError("fx_column_open", sheet.place(heads.number), column=named, other=again)


def _of_great(cells: Sequence[tuple[int, str]], rows: Sequence[SheetRow]) -> _Series | None:
    """Find what columns of currencies are the price of: the one great currency that is not among them."""
    columns = {text.strip(): column for column, text in cells if text.strip() in currencies()}
    (base,) = found if len(found := _GREAT - columns.keys()) == 1 else ("",)
    yen = [read_value(row.cell(columns[_YEN]).value, ".") for row in rows] if base in STRONG else []
    if not any(yen) or any(figure < _FEWEST_YEN for figure in yen if figure):
        return None
    day = next(column for column, text in cells if text.strip() not in columns)
    return _Series(day, 0, tuple((column, base, code) for code, column in columns.items()))


def _costs_the_strong(rows: Iterable[SheetRow], column: int, mark: str, target: str) -> bool:
    """Tell whether all figures can only be what the strong currency costs, whichever of both is named first."""
    figures = [read_value(row.cell(column).value, mark) for row in rows] if mark else []
    least, most = _COSTS_STRONG if target in STRONG else (STRONG_COSTS, Decimal("Infinity"))
    return bool(figures) and all(figure is not None and least <= figure <= most for figure in figures)


def _series(cells: Sequence[tuple[int, str]], above: Sequence[Sequence[tuple[int, str]]] = ()) -> _Series | None:
    """Find the columns of a row of heads, each of which must be known; `above` are the rows above it.

    Beside the days for which a rate holds it need not be called more than a value, if a title says what it is.
    """
    named = {key(text): column for column, text in cells}
    first, last, unit, value = (
        next((named[word] for word in lists("fx_spans")[name] if word in named), 0)
        for name in ("first", "last", "unit", "value")
    )
    if first and last and unit and value:
        return _Series(first, last, ((value, "USD", ""),), unit)
    if first and last and value and len(cells) == _SPAN_HEADS:
        titled = {pair for row in above for _, text in row if (pair := find_phrase(key(text), "fx_series"))}
        return _Series(first, last, _in_pairs([(value, titled.pop())])) if len(titled) == 1 else None
    rest = [(column, exact(word, "fx_series")) for word, column in named.items() if column not in (first, last)]
    if first and last and rest and all(pair for _, pair in rest):
        return _Series(first, last, _in_pairs(rest))
    day = next((named[word] for word in lists("fx_heads")["day"] if word in named), 0)
    sure = {pair for word in named if (pair := exact(word, "fx_series"))}
    pairs = [
        (column, exact(word, "fx_series") or (beside if (beside := exact(word, "fx_beside")) in sure else ""))
        for word, column in named.items()
        if column != day
    ]
    if not day or not pairs or not all(pair for _, pair in pairs):
        coded = [(column, *_in_codes(text)) for column, text in cells if day and column != day]
        return _Series(day, 0, tuple(coded), in_codes=True) if coded and all(source for _, source, _ in coded) else None
    return _Series(day, 0, _in_pairs(pairs))


def _in_pairs(named: Sequence[tuple[int, str]]) -> tuple[tuple[int, str, str], ...]:
    """Give the columns of named series with both currencies of each: `usd_cop`."""
    codes = ((column, pair.upper().partition("_")) for column, pair in named)
    return tuple((column, source, target) for column, (source, _, target) in codes)


def _in_codes(head: str) -> tuple[str, str]:
    """Give the strong currency of a head that is a pair of codes, and the other; both empty if it is no such pair.

    Of two strong ones it is the dearer.
    """
    found = _PAIR.fullmatch(head.strip())
    pair = {*found.groups()} & currencies() if found else set[str]()
    strong, others = pair & STRONG, pair - STRONG - _DEAREST
    if len(strong) > 1:
        dearer, other = (code for code in _DEARER if code in strong)
        return dearer, other
    return (strong.pop(), others.pop()) if len(strong) == len(others) == 1 else ("", "")


def _lists_currencies(cells: Sequence[tuple[int, str]]) -> bool:
    """Tell heads of a day and of nothing but currencies: `Date, USD, JPY, GBP`."""
    days = [text for _, text in cells if key(text) in lists("fx_heads")["day"]]
    codes = [text for _, text in cells if text.strip() in currencies()]
    return len(days) == 1 and len(codes) >= _SEVERAL and len(days) + len(codes) == len(cells)


def decimal_mark(cells: Sequence[SheetCell], pair: Sequence[str]) -> str:
    """Give the decimal mark with which all figures of a pair can be read; empty where both serve, and say otherwise.

    Of a pair in which no rate has thousands it is the only mark in each.
    """
    found = {mark: [read_value(cell.value, mark) for cell in cells] for mark in sorted(MARKS)}
    able = [mark for mark, figures in found.items() if None not in figures]
    if len(able) == 1 or (able and found[able[0]] == found[able[-1]]):
        return able[0]
    texts = [cell.text for cell in cells] if {*pair} <= STRONG | _FEW else []
    return next((mark for mark in sorted(MARKS) if texts and all(text.count(mark) == 1 for text in texts)), "")


def _row(
    sheet: Sheet, row: SheetRow, series: _Series, pair: tuple[int, str, str], mark: str
) -> Iterator[FxRate | Problem]:
    """Give the rate of every day for which a row states it."""
    column, source, target = pair
    target = target or row.cell(series.unit).text.strip().upper()
    stated = row.cell(series.first)
    first = parse_day(stated.value, "dmy")
    last = parse_day(row.cell(series.last).value, "dmy") if series.last else first
    rate = read_value(row.cell(column).value, mark) if mark else None
    if first is None or last is None or not timedelta(0) <= last - first < _LONGEST * _DAY:
        yield Problem("fx_not_a_date", sheet.place(row.number, series.first), {"value": stated.text})
    elif target not in currencies():
        yield Problem("fx_unknown_currency", sheet.place(row.number, series.unit), {"value": target})
    elif rate is None or rate <= 0:
        yield Problem("fx_not_a_rate", sheet.place(row.number, column), {"value": row.cell(column).text})
    else:
        yield from (FxRate(day, source, target, rate, sheet.file) for day in _days(first, last))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY

"""Exchange rates as Peru's SUNAT and SBS publish them: a day, what the bank pays and what it asks (formats.md §3).

Any workbook or text with a column for the day and one for buying (Compra) or selling (Venta); also with several such
blocks side by side, with the bare day of a month that a title names, and SUNAT's text without heads. Rates are soles
for one unit, but reais where the heads are Portuguese (`Venda`), and in the text of Brazil's central bank (PTAX).
"""

import re
from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
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
from auditor.readers.tables.titles import month_in
from auditor.readers.tables.titles import month_of
from auditor.readers.tables.wide import month_headed
from auditor.readers.tables.wide import year_above
from auditor.readers.values.currency_words import sign_currency
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.dates import parse_day
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.total_words import is_no_line
from auditor.readers.values.words import exact
from auditor.readers.values.words import hides
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import seen

BUY, SELL, BOTH = "buy", "sell", "both"
_SIDES = (BUY, SELL)
_SOLES, _REAIS, _USUAL = "PEN", "BRL", "USD"
_VENDA = "venda"
_BEYOND = 1 << 20
_ANY_YEAR = 2000
# Among so many rows below heads a day must stand, where nothing is written over the days.
_FIRST = 4
_PER = re.compile(r"\bpor ([^)]+)\)")
_BARE = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/20[0-9]{2}")
_PTAX_DAY = re.compile(r"([0-3][0-9])([01][0-9])(20[0-9]{2})")
_PTAX_CURRENCY = re.compile(r"[A-Z]{3}")
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DECIMALS = re.compile(r"[0-9]+([.,][0-9]+)?")
_DEAR, _WEAK_COSTS = frozenset({"CHF", "KWD", "BHD", "OMR", "JOD", "KYD", "GIP", "FKP", "SHP", "XDR"}), 5
# No currency is worth so many soles: a program took the decimal mark for one of thousands, and 3,748 became 3748.
_TOO_DEAR = 100


@dataclass(frozen=True, slots=True)
class _Block:
    """The columns of one block: where the day and each side stand, and the currency if a column names it.

    No column of days (0) where the table lists the currencies of the one day that its title names. `code` is the
    currency where the heads of the sides name it: `Compra EUR`; `target` is that of the rates. `parts` are the columns
    of month and year, where these stand beside the day, and `month` is that of a block whose days are bare.
    """

    day: int
    sides: tuple[tuple[str, int], ...]
    currency: int = 0
    code: str = ""
    target: str = _SOLES
    parts: tuple[int, int] = (0, 0)
    month: tuple[date, date] | None = None


_SUNAT = _Block(1, ((BUY, 2), (SELL, 3)))
_PTAX = _Block(1, ((BUY, 5), (SELL, 6)), currency=4, target=_REAIS)


def holds_sides(rows: Sequence[Sequence[str]]) -> bool:
    """Tell a table of exchange rates by the first rows of a file: heads of day and side alone, or SUNAT's text."""
    heads = [[(column, text) for column, text in enumerate(cells, 1) if text.strip()] for cells in rows]
    if any(_blocks(_with_day(cells, heads[place + 1 :])) for place, cells in enumerate(heads)):
        return True
    if any(_by_months(*pair, _ANY_YEAR) for pair in pairwise(map(_cells, heads))):
        return True
    full = [[cell for cell in cells if cell.strip()] for cells in rows if any(cell.strip() for cell in cells)]
    return bool(full) and all(map(_bare, full))


def read_sides(path: Path, side: str) -> tuple[FxRate, ...]:
    """Read the stated rates of one side (`buy` or `sell`; empty: the only one there is; or `both`, to be looked at).

    Raises `AuditorError`: `fx_side_open` if both are there and none is chosen, `fx_side_missing`, and `fx_refused` with
    every row at fault.
    """
    found = [one for sheet in read_sheets(path) for one in _read(sheet)]
    seen = {name for name, _ in found}
    wanted = [rate for name, rate in found if side in {name, BOTH, ""}]
    if side in _SIDES and seen and side not in seen:
        raise AuditorError("fx_side_missing", Place(path.name))
    if not side and len(seen) > 1:
        raise AuditorError("fx_side_open", Place(path.name))
    rates = sound(path, wanted)
    if not rates:
        raise AuditorError("file_empty", Place(path.name))
    return rates


def _cells(head: Sequence[tuple[int, str]]) -> list[SheetCell]:
    return [SheetCell(text, text, 0, column) for column, text in head]


def _read(sheet: Sheet) -> Iterator[tuple[str, FxRate | Problem]]:
    """Give every rate of a sheet with its side. Raises `fx_columns_missing` for months of a year that nothing names."""
    blocks: list[_Block] = []
    month: tuple[date, date] | None = None
    titled: date | None = None
    currency = _USUAL
    above: Sequence[SheetCell] = ()
    for place, row in enumerate(sheet.rows):
        filled = row.filled
        below = ([(cell.column, cell.text) for cell in one.filled] for one in sheet.rows[place + 1 : place + _FIRST])
        found = _blocks(_with_day([(cell.column, cell.text) for cell in filled], below))
        if not found and _by_months(above, filled, _ANY_YEAR):
            found = _by_months(above, filled, year_above(sheet.rows[:place]))
            if not found:
                raise AuditorError("fx_columns_missing", sheet.place(row.number), columns="date")
        above = filled
        if found:
            blocks = found
        elif not blocks and (bare := _bare([cell.text for cell in filled])):
            yield from _row(sheet, row, bare, month, currency)
        elif blocks and any(_is_rate(row, block) for block in blocks):
            for block in blocks:
                yield from _row(sheet, row, block, month, currency, titled)
        else:
            titled = next((day for cell in filled if (day := _day_in(cell))), titled)
            month = next((named for cell in filled if (named := month_in(cell.text))), month)
            currency = next((code for cell in filled if (code := _currency(cell.text))), currency)


def _with_day(
    cells: Sequence[tuple[int, str]], below: Iterable[Sequence[tuple[int, str]]]
) -> Sequence[tuple[int, str]]:
    """Add the head of days that stands empty before the sides, as the central bank of Peru has it, above days alone."""
    sided = any(_names(text, side, beside=False) for _, text in cells for side in _SIDES)
    if not sided or cells[0][0] == 1:
        return cells
    column = cells[0][0] - 1
    texts = [text for row in below for at, text in row if at == column]
    return [(column, lists("fx_heads")["day"][0]), *cells] if texts and parse_day(texts[0], "dmy") else cells


def _day_in(cell: SheetCell) -> date | None:
    """Give the one day that a title names: `Fecha: 31/10/2026`, `Cotización al 31/10/2026`."""
    found = {day for word in cell.text.split() if (day := parse_day(word.strip("():;,."), "dmy"))}
    return found.pop() if len(found) == 1 else parse_day(cell.value, "dmy")


def _blocks(cells: Sequence[tuple[int, str]]) -> list[_Block]:
    """Find the blocks of a row of heads: from each day's column to the next, or the one of a list of currencies."""
    cells = [(column, _JOINED.sub(" ", text)) for column, text in cells]
    if parts := _parts_of_days(cells):
        rest = [(column, text) for column, text in cells if column not in parts]
        return [replace(block, parts=parts) for block in _blocks(rest)]
    days = [column for column, text in cells if key(text) in lists("fx_heads")["day"]]
    days = days or ([0] if any(key(text) in lists("fx_heads")["currency"] for _, text in cells) else [])
    ends = [*days, _BEYOND][1:]
    columns = [column for column, _ in cells]
    target = _REAIS if any(_VENDA in key(text).split() for _, text in cells) else _SOLES
    blocks = []
    for day, end in zip(days, ends, strict=True):
        inside = cells[bisect_right(columns, day) : bisect_left(columns, end)]
        inside = inside if len(days) > 1 else [cell for cell in cells if cell[0] != day]  # it may stand behind them
        if day and (named := _by_currency(inside, target)):
            blocks += [_Block(day, sides, code=code, target=target) for code, sides in named.items()]
        elif block := _block(day, inside, target):
            blocks.append(block)
    return blocks


def _by_months(above: Sequence[SheetCell], below: Sequence[SheetCell], year: int) -> list[_Block]:
    """Find the blocks of heads over two rows: a day, and months of a `year` side by side, each over its sides."""
    day = above[0].column if above and key(above[0].text) in lists("fx_heads")["day"] else 0
    months = {cell.column: month for cell in above[1:] if (month := month_headed(cell, year))}
    sides = {cell.column: side for cell in below for side in _SIDES if _is_side(cell.text, side)}
    if not (day and months) or len(months) < len(above) - 1 or sides.keys() != {cell.column for cell in below} - {day}:
        return []
    found: dict[tuple[date, date], dict[str, int]] = {}
    for column, side in sides.items():
        over = [month for start, month in months.items() if start <= column][-1:]
        if not over or found.setdefault(over[0], {}).setdefault(side, column) != column:
            return []
    return [_Block(day, tuple(columns.items()), month=month) for month, columns in found.items()]


def _parts_of_days(cells: Sequence[tuple[int, str]]) -> tuple[int, int] | None:
    """Give the columns of month and year, where days stand in three columns: `Día | Mes | Año`."""
    named = {key(text): column for column, text in cells}
    month, year = (
        next((named[word] for word in words if word in named), 0)
        for words in (lists("fx_heads")["month"], lists("years")["words"])
    )
    return (month, year) if month and year else None


def _block(day: int, cells: Sequence[tuple[int, str]], target: str) -> _Block | None:
    """Give the block of the heads behind a day, if they are known, each side once; only both may have more words."""
    loosely = tuple((side, column) for side in _SIDES for column, text in cells if _is_side(text, side))
    sides = tuple(
        (side, column) for side in _SIDES for column, text in cells if _names(text, side, beside=len(cells) == 1)
    )
    sides = loosely if [side for side, _ in loosely] == [*_SIDES] else sides
    both = len(sides) == len(_SIDES)
    currency = next((column for column, text in cells if key(text) in lists("fx_heads")["currency"]), 0)
    taken = {currency, *(column for _, column in sides)}
    known = all(column in taken or (both and _says_nothing(text)) for column, text in cells)
    once_each = len({side for side, _ in sides}) == len(sides)
    if not currency and any(key(text) in lists("fx_heads")["parity"] for _, text in cells):
        return None  # what one of another currency is worth in dollars, and not which it is
    return _Block(day, sides, currency, target=target) if sides and (day or both) and once_each and known else None


def _says_nothing(head: str) -> bool:
    return key(head) in {*lists("fx_heads")["beside"], *lists("fx_heads")["parity"]}


def _is_side(text: str, side: str) -> bool:
    """Tell whether a head names a side among words about rates: `Precio de compra`, `Taxa Venda`."""
    words = key(re.sub(r"\(.*?\)", " ", text)).split()
    return " ".join(word for word in words if word not in lists("fx_heads")["around"]) in lists("fx_heads")[side]


def _by_currency(cells: Sequence[tuple[int, str]], target: str) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Give the sides of each currency, where every head names one of both: `Dólar compra`, `Venta EUR`."""
    found: dict[str, dict[str, int]] = {}
    for column, text in (cell for cell in cells if not _says_nothing(cell[1])):
        words = [(word, {side for side in _SIDES if key(word) in lists("fx_heads")[side]}) for word in text.split()]
        sides = frozenset[str]().union(*(said for _, said in words))
        code = _named(
            " ".join(word for word, said in words if not said and key(word) not in lists("fx_heads")["around"])
        )
        if len(sides) != 1 or code in {"", target}:
            return {}
        (side,) = sides
        if found.setdefault(code, {}).setdefault(side, column) != column:
            return {}
    return {code: tuple(sides.items()) for code, sides in found.items()}


def _named(text: str) -> str:
    """Give the currency that words are, and no more than that: a name, a code or a sign; empty if they are none."""
    bare = text.strip("()[]- ")
    code = bare.upper() if bare.upper() in currencies() else exact(key(bare), "currencies") or sign_currency(bare) or ""
    return "USD" if key(bare) in lists("fx_heads")["dollar"] else code


def _names(text: str, side: str, *, beside: bool) -> bool:
    """Tell whether a head names a side: `Compra`, `Venta (S/)`; alone beside the day also within words on rates.

    Peru's central bank adds the series and its code: `TC Sistema bancario SBS (S/ por US$) - Venta - PD04640PD`.
    """
    bare = key(re.sub(r"\(.*?\)|S/\.?", " ", text))
    words = lists("fx_heads")[side]
    if bare in words:
        return True
    per = _PER.search(text)
    named = {name for name in _SIDES if lists("fx_heads")[name][0] in bare.split()}
    on_rates = "tipo cambio" in bare or "tc" in bare.split() or bare.startswith("t c ")
    return (beside or per is not None) and on_rates and named == {side} and (not per or _currency(per[1]) == _USUAL)


def _bare(cells: Sequence[str]) -> _Block | None:
    """Tell a row of a text without heads: a day, what is paid and what is asked, `01/10/2026|3.750|3.760|`.

    Such is SUNAT's; the PTAX of Brazil's central bank is `01102026;220;A;USD;5,3190;5,3196;1,0000;1,0000`.
    """
    full = [cell.strip() for cell in cells if cell.strip()]
    if len(full) == 8 and _PTAX_DAY.fullmatch(full[0]) and _PTAX_CURRENCY.fullmatch(full[3]):
        return _PTAX if all(_DECIMALS.fullmatch(cell) for cell in full[4:]) else None
    sunat = len(full) == 3 and bool(_BARE.fullmatch(full[0])) and all(_DECIMALS.fullmatch(cell) for cell in full[1:])
    return _SUNAT if sunat else None


def _is_rate(row: SheetRow, block: _Block) -> bool:
    """Tell a row with a day, or its currency, and a rate; one that sums the others up (`Promedio`) states none."""
    named = row.cell(block.day or block.currency).text
    sums_up = is_no_line(named) or key(named) in lists("fx_heads")["ends"]
    return bool(named) and not sums_up and any(row.cell(column).text for _, column in block.sides)


def _row(
    sheet: Sheet,
    row: SheetRow,
    block: _Block,
    month: tuple[date, date] | None,
    currency: str,
    titled: date | None = None,
) -> Iterator[tuple[str, FxRate | Problem]]:
    """Read a row of one block; a day without any rate, a holiday, says nothing."""
    filled = ((side, row.cell(column)) for side, column in block.sides)
    cells = [(side, cell) for side, cell in filled if states_rate(cell.text)]
    month = block.month or month
    if any(block.parts):
        month = month_of(*(row.cell(column).text.removesuffix(".0") for column in block.parts))
    day = _day(row.cell(block.day), month) if block.day else titled
    stated = row.cell(block.currency).text
    source = (_currency(stated) if stated else block.code or currency) or ""
    for side, cell in cells:
        rate = _rate(cell)
        place = sheet.place(row.number, block.day or block.currency if day is None else cell.column)
        if day is None:
            yield side, Problem("fx_not_a_date", place, {"value": row.cell(block.day or block.currency).text})
        elif not source:
            yield side, Problem("fx_unknown_currency", sheet.place(row.number, block.currency), {"value": stated})
        elif rate is None:
            code = "figures_hide" if hides(cell.text) else "fx_not_a_rate"
            yield side, Problem(code, place, {"value": seen(cell.text)})
        elif source != block.target and _is_open(source, rate):
            yield side, Problem("fx_base_open", place, {"heads": source})
        elif source != block.target:
            yield side, FxRate(day, source, block.target, rate, f"{sheet.file} ({lists('fx_heads')[side][0]})")


def _is_open(source: str, rate: Decimal) -> bool:
    """Tell a rate at which one of a currency costs so much, or so little, in soles or reais as it never did."""
    return rate < STRONG_COSTS if source in STRONG else rate >= _WEAK_COSTS and source not in _DEAR


def _day(cell: SheetCell, month: tuple[date, date] | None) -> date | None:
    """Read a day; a bare number is that day of the month in the title. These tables always write the day first."""
    if month and cell.text.removesuffix(".0").isdecimal() and int(cell.text) <= month[1].day:
        return month[0].replace(day=int(cell.text)) if int(cell.text) else None
    if packed := _PTAX_DAY.fullmatch(cell.text):
        return parse_day("/".join(packed.groups()), "dmy")
    return parse_day(cell.value, "dmy")


def _rate(cell: SheetCell) -> Decimal | None:
    """Read a rate; its only separator is that of decimals, since no rate in soles or reais has thousands."""
    if isinstance(cell.value, Decimal):
        return cell.value if 0 < cell.value < _TOO_DEAR else None
    number = take_apart(cell.text) if isinstance(cell.value, str) else None
    if number is None or number.negative or not _DECIMALS.fullmatch(number.body):
        return None
    rate = Decimal(number.body.replace(",", "."))
    return rate if 0 < rate < _TOO_DEAR else None


def _currency(text: str) -> str:
    return "USD" if key(text) in lists("fx_heads")["dollar"] else text_currency(text)

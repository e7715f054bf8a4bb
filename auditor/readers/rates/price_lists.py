"""Price lists as resellers and contracts write them: places and categories in people's words (formats.md §5).

A row for each price, or a row for each place and a column for each category. Each is turned into rows of the canonical
card, which are then checked like any other.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import chain
from itertools import islice
from pathlib import Path

from auditor.core.money import plain
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import column_letters
from auditor.readers.books.cells import read_sheets
from auditor.readers.rates.card_downloads import TOP
from auditor.readers.rates.card_downloads import CardLine
from auditor.readers.rates.card_downloads import card_currency
from auditor.readers.rates.card_downloads import is_nothing
from auditor.readers.rates.list_days import day_order
from auditor.readers.rates.list_days import day_text
from auditor.readers.rates.list_days import headed_days
from auditor.readers.rates.list_days import validity
from auditor.readers.rates.list_heads import CATEGORY
from auditor.readers.rates.list_heads import CURRENCY
from auditor.readers.rates.list_heads import FROM
from auditor.readers.rates.list_heads import PLACE
from auditor.readers.rates.list_heads import RATE
from auditor.readers.rates.list_heads import SMALL_RATE
from auditor.readers.rates.list_heads import TIER
from auditor.readers.rates.list_heads import TO
from auditor.readers.rates.list_heads import Below
from auditor.readers.rates.list_heads import category_above
from auditor.readers.rates.list_heads import category_of
from auditor.readers.rates.list_heads import is_long
from auditor.readers.rates.list_heads import list_columns
from auditor.readers.rates.list_heads import mark_up_head
from auditor.readers.rates.list_heads import metas_and_own
from auditor.readers.rates.list_heads import place_columns
from auditor.readers.rates.list_heads import price_heads
from auditor.readers.rates.list_heads import with_places
from auditor.readers.rates.stated_rates import RateTable
from auditor.readers.rates.tier_bounds import TIER_FROM
from auditor.readers.rates.tier_bounds import TIER_TO
from auditor.readers.rates.tier_bounds import are_tiers
from auditor.readers.rates.tier_bounds import bound
from auditor.readers.rates.tier_bounds import counted_from_one
from auditor.readers.rates.tier_bounds import stepped
from auditor.readers.rates.tier_bounds import tier
from auditor.readers.rates.title_markets import speaks_of_prices
from auditor.readers.rates.title_markets import titled_markets
from auditor.readers.tables.factors import rate_factor
from auditor.readers.tables.factors import without_thousand
from auditor.readers.values.currency_words import sure_currency
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import column_marks
from auditor.readers.values.numbers import currency_beside
from auditor.readers.values.numbers import read_number
from auditor.readers.values.numbers import read_value
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.places import market_called
from auditor.readers.values.places import place_named
from auditor.readers.values.rate_fields import CATEGORY_RATES
from auditor.readers.values.total_words import says_tax_inside
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import is_no_charge
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.vocabulary import says_of_other_figures

_INSTEAD, _BESIDE = ("factor", "plus"), ("basis", "source")


@dataclass(frozen=True, slots=True)
class _List:
    """The table of a price list: the row of its heads, the field of each column, and the parts of other columns.

    These are categories, or places beside a column of categories. `tiers` are those of columns below a category, in
    words; they stand in the row `at`, below that of the heads. `currencies` are those of several columns of prices,
    each in another. `written` are decimal marks and orders of dates that are stated, by their columns.
    `chosen` is the head of one's own prices beside Meta's.
    """

    sheet: Sheet
    at: int
    heads: Mapping[int, str]
    columns: Mapping[str, int]
    categories: Mapping[int, str]
    places: Mapping[int, str]
    tiers: Mapping[int, str]
    currencies: Mapping[int, str] = field(default_factory=dict)
    written: Mapping[int, str] = field(default_factory=dict)
    chosen: str = ""

    @property
    def titles(self) -> list[str]:
        """Give the texts above the heads."""
        rows = (row for row in islice(self.sheet.rows, TOP) if row.number < self.at)
        return [" ".join(cell.text for cell in row.filled) for row in rows if row.filled]

    @property
    def notes(self) -> list[str]:
        """Give the lone texts below the heads."""
        return [row.filled[0].text for row in self.sheet.rows if row.number > self.at and len(row.filled) == 1]


def is_price_list(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the top of a table is that of a price list: heads of places, categories and rates, and of no bill.

    Columns for categories may hold amounts as well: a title says that they are prices, or the figures are small. A
    list without places holds for all of them, and is known by its title.
    """
    for place, row in enumerate(rows):
        others = [dict(enumerate(one)) for one in rows[place + 1 :]]
        heads = with_places({column: head for column, head in enumerate(row) if head.strip()}, others)
        under = _below(heads, others)
        columns, categories = list_columns(heads, under)
        titles = [" ".join(filter(None, above)) for above in rows[:place] if any(above)]
        if is_long(columns, titles) or mark_up_head(heads, under):
            return True
        parts, named = (categories, PLACE) if categories else (place_columns(heads, columns), CATEGORY)
        if parts and named in columns:
            below = [one for one in rows[place + 1 :] if not are_tiers(one)]
            figures = [[one[at].strip() for at in parts if at < len(one)] for one in below]
            firsts = [one[columns[named]] for one in rows[place + 1 :] if columns[named] < len(one)]
            of_thousands = all(head != without_thousand(head) for head in map(heads.get, parts) if head)
            titled = of_thousands or any(map(speaks_of_prices, titles))
            return not any(map(total_kind, firsts)) and (titled or _are_rates(figures))
    return False


def _below(heads: Mapping[int, str], rows: Sequence[Mapping[int, str]]) -> Below:
    """Give the texts below each head: not those of notes, headings, and the heads once more."""
    filled = [{column: text for column, text in row.items() if text.strip()} for row in rows]
    lines = [row for row in filled if len(row) > 1 and row != heads]
    return {column: [row[column] for row in lines if column in row] for column in heads}


def _are_rates(rows: Iterable[Sequence[str]]) -> bool:
    """Tell whether each row holds figures that are no amounts, or says that there is none."""
    stated = [cells for row in rows if (cells := [cell for cell in row if cell])]
    return bool(stated) and all(
        all(SMALL_RATE(cell) or is_nothing(cell) or is_no_charge(cell) for cell in row) for row in stated
    )


def price_lines(path: Path, first: date | None) -> Iterator[CardLine] | None:
    """Give the lines of a price list, of every sheet that is one; None where the file is no such thing.

    `first` is the first day, for a list that does not state it. Raises `AuditorError`:
    `price_list_no_first_day`, `price_list_market_open`, `price_list_column_open`, `card_first_day_differs`,
    `card_no_currency`, `card_tax_inside`, `card_prices_twice`, `card_in_percent`.
    """
    lists = [_beside_metas(found) for sheet in read_sheets(path) if not sheet.hidden and (found := _find(sheet))]
    for found in lists:
        if any(map(says_tax_inside, (*found.titles, *found.heads.values()))):
            raise AuditorError("card_tax_inside", found.sheet.place(found.at))
        prices = [found.heads[column] for column in _of_prices(found)]
        if len(prices) > 1 and not found.currencies:
            place = found.sheet.place(found.at)
            raise AuditorError("card_prices_twice", place, column=prices[0], other=prices[1])
        if unread := next(_unread_prices(found), ""):
            raise AuditorError("price_list_column_open", found.sheet.place(found.at), column=unread)
    return chain.from_iterable([_lines(found, first) for found in lists]) if lists else None


def stated_lines(table: RateTable, first: date | None) -> Iterator[CardLine]:
    """Give the lines of a card whose columns are stated. Raises `AuditorError`: `card_columns_missing`, as above."""
    places, written = table.places, {one.column: one.decimal or one.dates for one in table.columns}
    heads = {cell.column: cell.text for cell in table.head.filled}
    categories = {places[field]: word for field, word in CATEGORY_RATES.items() if field in places}
    columns = {field: column for field, column in places.items() if field not in CATEGORY_RATES}
    prices = bool(categories or {RATE, *_INSTEAD} & columns.keys())
    left = {one.column for one in table.columns if one.basis == "stated" and not one.field}
    open_ = {column: head for column, head in heads.items() if column not in left and not prices}
    markets = place_columns(open_, columns)
    found = _List(table.sheet, table.head.number, heads, columns, categories, markets, {}, written=written)
    if not prices and not markets:
        raise AuditorError("card_columns_missing", table.sheet.place(table.head.number), columns=RATE)
    return _lines(found, first)


def _of_prices(found: _List) -> Sequence[int]:
    """Give the columns of prices of whatever a row names."""
    return [] if found.categories else [*price_heads(found.heads)]


def _beside_metas(found: _List) -> _List:
    """Leave out Meta's own prices beside those of whoever bills them, none of which is lower: `Meta rate, Your rate`.

    What is charged besides, such as a platform's fee, is no such price.
    """
    both = metas_and_own({column: found.heads[column] for column in _of_prices(found)})
    rows = [row for row in _priced(found) if row.cell(both[1]).text] if both else []
    mark = _mark(row.cell(column).text for row in rows for column in both)
    pairs = [[read_value(row.cell(column).value, mark) for column in both] for row in rows]
    if not pairs or any(meta is None or own is None or own < meta for meta, own in pairs):
        return found
    heads = {column: head for column, head in found.heads.items() if column != both[0]}
    return replace(found, heads=heads, columns={**found.columns, RATE: both[1]}, chosen=heads[both[1]])


def _in_currencies(found: _List) -> _List:
    """Take each column of prices where their heads name as many currencies: one price, and again in another money."""
    named = {column: text_currency(found.heads[column]) for column in _of_prices(found)}
    apart = CURRENCY not in found.columns and len({*named.values()} - {""}) == len(named) > 1
    return replace(found, currencies=named) if apart else found


def _unread_prices(found: _List) -> Iterator[str]:
    """Give the heads beside those of categories that are not understood, above figures as small as prices."""
    known = {*found.categories, *found.columns.values()}
    rows = [row for row in found.sheet.rows if row.number > found.at and len(row.filled) > 1]
    for column, head in found.heads.items() if found.categories else ():
        if column in known or likeliest_field(head) or says_of_other_figures(head):
            continue
        cells = [row.cell(column) for row in rows if row.cell(column).text]
        mark = _mark(cell.text for cell in cells)
        figures = [read_value(cell.value, mark) for cell in cells]
        if figures and all(figure is not None and 0 < figure < 1 for figure in figures):
            yield head


def _find(sheet: Sheet) -> _List | None:
    cells = [{cell.column: cell.text for cell in row.filled} for row in sheet.rows]
    for place, row in enumerate(islice(sheet.rows, TOP)):
        heads = with_places(cells[place], cells[place + 1 : place + TOP])
        under = _below(heads, cells[place + 1 :])
        if named := mark_up_head(heads, under):
            raise AuditorError("card_in_percent", sheet.place(row.number), head=named)
        columns, categories = list_columns(heads, under)
        found = _List(sheet, row.number, heads, columns, categories, {}, {})
        if is_long(found.columns, found.titles):
            return _in_currencies(replace(found, categories={}))
        if found.categories and PLACE in found.columns:
            return _with_tiers(found, sheet.rows[place + 1 : place + 2])
        if places := place_columns(heads, found.columns):
            return replace(found, places=places)
    return None


def _with_tiers(found: _List, below: Sequence[SheetRow]) -> _List:
    """Take the tiers of each category that stand side by side in the row below it: `Utility | 0-100K | 100K+`."""
    stated = {cell.column: cell.text for row in below for cell in row.filled}
    if not are_tiers([*stated.values()]):
        return found
    over = {column: max((one for one in found.categories if one <= column), default=0) for column in stated}
    ends = [*sorted({*found.columns.values()} - {found.columns[PLACE]})]
    if not all(over.values()) or any(start < end <= column for column, start in over.items() for end in ends):
        return found
    categories = {**found.categories, **{column: found.categories[start] for column, start in over.items()}}
    heads = {**{column: found.heads[start] for column, start in over.items()}, **found.heads}
    return replace(found, at=below[0].number, heads=heads, categories=categories, tiers=stated)


def _lines(found: _List, first: date | None) -> Iterator[CardLine]:
    """Turn every row below the heads into canonical lines; a lone text below the prices is a note."""
    rows = [*_priced(found)]
    prices = found.categories or found.places or dict.fromkeys(found.currencies or [found.columns.get(RATE, 0)], "")
    mark = _mark(row.cell(column).text for row in rows for column in prices)
    usual, order = _usual(found), day_order(_days_stated(found, rows), found.heads.values())
    days = _days_by_row(found, first)
    scales = {column: rate_factor(found.heads.get(column, ""), found.titles) for column in prices}
    currency, above, markets = "", _headings(found), _markets(found, rows)
    ladders = {
        row.number: (
            markets[row.number], _category(found, row) or above[row.number],
            *(_stated(found, row, name) for name in (CURRENCY, FROM, TO)),
        )
        for row in rows
    }  # fmt: skip
    tiers = stepped({row.number: _tier(found, row) for row in rows}, ladders)
    across = {column: tier(text) for column, text in found.tiers.items()}
    ends = {high for _, high in (*tiers.values(), *across.values())}
    for row in rows:
        currency = card_currency(_stated(found, row, CURRENCY)) or currency
        own = {
            PLACE: markets[row.number],
            **days[row.number],
            **{name: text for name in (FROM, TO) if (text := _day(found, row, name, order))},
        }
        for column, part in prices.items():
            cell = row.cell(column)
            if (found.categories or found.places) and (is_nothing(cell.text) or not cell.text):
                continue
            headed = text_currency(found.heads.get(column, ""))
            named = currency or headed or currency_beside(cell.text) or usual[CURRENCY]
            if not named:
                raise AuditorError("card_no_currency", found.sheet.place(row.number, column))
            low, high = counted_from_one(across.get(column, tiers[row.number]), ends)
            cells = {**usual, **own, CURRENCY: named, CATEGORY: _category(found, row) or above[row.number]}
            cells |= {TIER_FROM: low, TIER_TO: high} if low or high else {}
            cells |= {PLACE: part} if found.places else {CATEGORY: part} if part else {}
            price = {RATE: _number(cell, found.written.get(column) or mark, scales[column])} if column else {}
            yield _line(found, row, {**cells, **_further(found, row), **price}, column)


def _further(found: _List, row: SheetRow) -> dict[str, str]:
    """Give what a card of ours may say besides, where a column of it is stated."""
    there = {name: found.columns[name] for name in (*_INSTEAD, *_BESIDE) if name in found.columns}
    cells = {name: cell for name, at in there.items() if (cell := row.cell(at)).text}
    marks = {name: found.written.get(there[name]) or _mark([cell.text]) for name, cell in cells.items()}
    return {name: cell.text if name in _BESIDE else _number(cell, marks[name]) for name, cell in cells.items()}


def _usual(found: _List) -> dict[str, str]:
    """Give what holds for every price: the currency that the titles state, and the source, with which prices it has.

    The currency may be the one that the heads of other categories name: what is free needs none.
    """
    named = {code for title in found.titles if (code := _currency_of(title))}
    named = named or {code for column in found.categories if (code := text_currency(found.heads[column]))}
    source = ": ".join([found.sheet.file, *found.titles[:1], *filter(None, [found.chosen])])
    return {
        CURRENCY: named.pop() if len(named) == 1 else "",
        "source": source,
    }


def _currency_of(title: str) -> str:
    """Give the currency of a title; a word that may be another (`sol`) is one where the title speaks of prices."""
    return sure_currency(title) or (text_currency(title) if speaks_of_prices(title) else "")


def _days_by_row(found: _List, given: date | None) -> Mapping[int, dict[str, str]]:
    """Give the first and the last day that titles, notes or a heading above it state for each row below the heads."""
    place, rows = Place(found.sheet.file, found.sheet.name), [*_priced(found)]
    of_all = validity(found.titles, found.notes, place, given) or (None, None)
    days, by_row = of_all, {}
    headed = headed_days(found.sheet.rows, [row.number for row in rows])
    for row in found.sheet.rows:
        if row.number in headed:
            days = validity([headed[row.number]], (), place, given) or of_all
        by_row[row.number] = {name: day.isoformat() for name, day in zip((FROM, TO), days, strict=True) if day}
    if FROM not in found.columns and any(FROM not in by_row[row.number] for row in rows):
        raise AuditorError("price_list_no_first_day", place)
    return by_row


def _stated(found: _List, row: SheetRow, name: str) -> str:
    return row.cell(found.columns[name]).text if name in found.columns else ""


def _days_stated(found: _List, rows: Sequence[SheetRow]) -> Collection[str]:
    return {text for row in rows for name in (FROM, TO) if (text := _stated(found, row, name))}


def _day(found: _List, row: SheetRow, name: str, order: str) -> str:
    return day_text(_stated(found, row, name), found.written.get(found.columns.get(name, 0)) or order)


def _priced(found: _List) -> Iterator[SheetRow]:
    """Give the rows of prices below the heads: no note, no heading, and not the heads once more."""
    for row in found.sheet.rows:
        is_head = {cell.column: cell.text for cell in row.filled} == found.heads
        if row.number > found.at and len(row.filled) > 1 and not is_head:
            yield row


def _headings(found: _List) -> Mapping[int, str]:
    """Give for each row below the heads the category that a heading, or else the titles, say; empty where none does."""
    said: dict[int, str] = {}
    category = "" if CATEGORY in found.columns else category_above(found.titles)
    for row in found.sheet.rows:
        if row.number > found.at:
            category = (len(row.filled) == 1 and category_of(row.filled[0].text)) or category
            said[row.number] = category
    return said


def _tier(found: _List, row: SheetRow) -> tuple[str, str]:
    """Give the bounds of a row's tier, from the columns of bounds or from that of words; empty if it has none."""
    said = tier(_stated(found, row, TIER))
    return said if any(said) else (bound(_stated(found, row, TIER_FROM)), bound(_stated(found, row, TIER_TO)))


def _market(found: _List, row: SheetRow) -> str:
    """Give Meta's name of a row's market, `*` for all; as it stands if it is not known, empty if none is stated."""
    text = _stated(found, row, PLACE)
    named = place_named(text, prefer_country=False) if text else None
    return "*" if named == ("", "") else (named[0] or market_called(named[1]) if named else "") or text


def _markets(found: _List, rows: Sequence[SheetRow]) -> Mapping[int, str]:
    """Give the market of each row: its own, else that of the row above, else of the list."""
    market, markets = _market_of_all(found), {}
    for row in rows:
        market = _market(found, row) or market
        markets[row.number] = market
    return markets


def _market_of_all(found: _List) -> str:
    """Give the market of a list without places: the one that a title of prices names; every market if none does."""
    if PLACE in found.columns or found.places:
        return ""
    markets, unclear = titled_markets(found.titles)
    if unclear or len(markets) > 1:
        title = unclear or " / ".join(found.titles)
        raise AuditorError("price_list_market_open", found.sheet.place(found.at), title=title)
    return next(iter(markets), "*")


def _category(found: _List, row: SheetRow) -> str:
    text = _stated(found, row, CATEGORY)
    return category_of(text) or text


def _mark(texts: Iterable[str]) -> str:
    """Give the decimal mark of the prices; empty where nothing tells it."""
    allowed, demanded = column_marks(texts)
    marks = demanded or allowed
    return next(iter(marks)) if len(marks) == 1 else ""


def _number(cell: SheetCell, mark: str, scale: Decimal = Decimal(1)) -> str:
    """Give a price as a plain decimal, `free` being nothing; what is none stays as it is, to be refused."""
    taken = take_apart(cell.text)
    value = read_number(taken, mark) if taken else None
    return (cell.text if not is_no_charge(cell.text) else "0") if value is None else plain(value * scale)


def _line(found: _List, row: SheetRow, cells: Mapping[str, str], rate: int) -> CardLine:
    columns = {**found.columns, RATE: rate}
    columns |= {CATEGORY: rate} if found.categories else {PLACE: rate} if found.places else {}
    letters = {name: column_letters(column) for name, column in columns.items()}
    return CardLine(found.sheet.place(row.number), cells, letters)

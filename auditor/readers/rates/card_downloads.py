"""Meta's own downloads of a rate card, list and tiers: workbooks that are named `.csv` (formats.md §5).

Notes stand above the heads and the first day stands in them, in words. The list card has a column per category, the
tier card a group of columns per category, side by side, with the market named once. Each is turned into rows of the
canonical card, which are then checked like any other.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from itertools import islice
from pathlib import Path

from auditor.core.money import plain
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.tables import Category
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import column_letters
from auditor.readers.books.cells import read_sheets
from auditor.readers.rates.tariffs import markets
from auditor.readers.tables.factors import rate_factor
from auditor.readers.values.currency_words import sign_currency
from auditor.readers.values.dates import parse_day
from auditor.readers.values.numbers import possible_marks
from auditor.readers.values.numbers import read_number
from auditor.readers.values.numbers import take_apart

TOP = 40
"""So many rows of a sheet are looked at for heads."""
_WORDS = frozenset(category.word for category in Category)
_TIER_HEADS = ("from", "to", "rate_type", "rate", "vs_list_rate", "vs_list")
_NOTHING = frozenset({"", "n/a", "na", "-", "--", "—", "–"})
_NO_END = frozenset({"max", "∞", "unlimited"})
_DAY = (
    r"[a-z]+\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
    r"|\d{1,2}(?:st|nd|rd|th)?,? (?:of |de )?[a-z]+\.?,? (?:de )?\d{4}"
    r"|\d{4}-\d\d-\d\d"
)
_EFFECTIVE = re.compile(
    r"\b(?:effective|vigentes?|valid|v[aá]lid[oa]s?)\b[\s:]*(?:as of|from|on|desde|a partir del?)?[\s:]*(?:el )?("
    + _DAY
    + ")",
    re.IGNORECASE,
)
_OF_RATES = re.compile(r"\b(rates?|cost|pricing)\b")
# Amounts have no more than two decimals, rates have.
_RATE = re.compile(r"[0-9]*[.,][0-9]{3,}")
_BRACKETS = re.compile(r"\([^)]*\)")
_SHORT = {"auth_intl": "authentication_international"}
# As Meta writes them, beside the signs of the vocabulary; GBD is its slip for GBP.
_CURRENCIES = {"GBD": "GBP", "RP": "IDR"}


@dataclass(frozen=True, slots=True)
class CardLine:
    """A line on its way to a row of a card: canonical columns with their texts, and the file's own name for each."""

    place: Place
    cells: Mapping[str, str]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """The table in a download: its heads by column, and for a tier card the category over each group."""

    sheet: Sheet
    at: int
    heads: Mapping[int, str]
    groups: Sequence[tuple[str, Mapping[str, int]]]
    mark: str

    def rate(self, cell: SheetCell) -> str:
        """Give the price of one message: notes may say that prices are of a thousand."""
        titles = (" ".join(one.text for one in row.filled) for row in _above(self))
        return _number(cell, self.mark, rate_factor("", titles))


def is_download(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the top of a table is that of a card of Meta's: heads of nothing else, over rates."""
    for place, row in enumerate(rows):
        heads = [head for head in map(_head, row) if head]
        said = " ".join(cell for above in rows[:place] for cell in above).lower()
        if {"market", "currency"} <= set(heads):
            known = {*_WORDS, *_TIER_HEADS, "market", "currency"}
            of_rates = {*_TIER_HEADS[:4]} <= set(heads) or _OF_RATES.search(said) or _hold_rates(rows[place + 1 :])
            return set(heads) <= known and len(heads) > 2 and bool(of_rates)
    return False


def _hold_rates(rows: Sequence[Sequence[str]]) -> bool:
    """Tell rates from amounts, where no note does: each row with figures has one that no amount would have, or `n/a`.

    So an invoice with a column of amounts for each category is none.
    """
    figures = [[cell.strip() for cell in row if cell.strip()][2:] for row in rows]
    stated = [cells for cells in figures if cells]
    told = [any(_RATE.fullmatch(cell) or cell.lower() in _NOTHING for cell in cells) for cells in stated]
    return bool(told) and all(told)


def download_lines(path: Path, first: date | None) -> Iterator[CardLine] | None:
    """Give the lines of a download, of every sheet that is one; None where the file is no such thing.

    `first` is the first day, for a download that does not state it. Raises `AuditorError`: `card_no_first_day`,
    `card_first_day_differs`, and `card_refused` for columns that are not understood.
    """
    cards = [found for sheet in read_sheets(path) if not sheet.hidden and (found := _find(sheet))]
    for found in cards:
        if problems := list(_odd_heads(found)):
            raise AuditorError("card_refused", problems[0].place, problems, count=len(problems), rows=str(found.at))
    days = [_first_day(found, first) for found in cards]
    lines = (_lines(found, day, _source(found)) for found, day in zip(cards, days, strict=True))
    return chain.from_iterable(lines) if cards else None


def _head(text: str) -> str:
    """Make a head comparable: small letters, `_` between words, what stands in brackets left out."""
    bare = _BRACKETS.sub(" ", text).lower()
    # A head may be broken over two lines behind its hyphen.
    head = "_".join(re.sub(r"[-_.\s]+", " ", bare).split())
    return _SHORT.get(head, head)


def _find(sheet: Sheet) -> _Found | None:
    """Find the row of heads: it names the market, the currency, and categories or, below those, tiers."""
    for place, row in enumerate(islice(sheet.rows, TOP)):
        heads = {cell.column: _head(cell.text) for cell in row.filled}
        named = set(heads.values())
        if {"market", "currency"} <= named:
            above = [sheet.rows[n] for n in range(place)]
            groups = tuple(_groups(heads, above))
            # A `From` of any other table is a day, or who sent.
            of_tiers = any(category for category, _ in groups) or named <= {"market", "currency", *_TIER_HEADS}
            if of_tiers or named & _WORDS:
                return _Found(sheet, row.number, heads, groups if of_tiers else (), _mark(sheet, place))
    return None


def _mark(sheet: Sheet, place: int) -> str:
    """Give the decimal mark below the heads: Meta writes a point, a spreadsheet that saves the card may write a comma.

    A comma is that where no figure can have it between thousands, as `0,0703` cannot.
    """
    texts = [cell.text for row in islice(sheet.rows, place + 1, None) for cell in row.filled]
    bodies = [taken.body for text in texts if (taken := take_apart(text)) and not taken.body.isdecimal()]
    marks = [possible_marks(body) for body in bodies]
    return "," if {","} in marks and {"."} not in marks else "."


def _groups(heads: Mapping[int, str], above: Sequence[SheetRow]) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Give each group of a tier card: the category written over it, and where its columns are."""
    starts = [column for column, head in heads.items() if head == "from"]
    over = {cell.column: _head(cell.text) for row in above for cell in row.filled if _head(cell.text) in _WORDS}
    for start, end in zip(starts, [*starts[1:], max(heads) + 1], strict=False):
        named = [column for column in over if column <= start]
        category = over[max(named)] if named else ""
        yield category, {heads[column]: column for column in range(start, end) if column in heads}


def _odd_heads(found: _Found) -> Iterator[Problem]:
    known = {"market", "currency", *(_TIER_HEADS if found.groups else _WORDS)}
    for column, head in found.heads.items():
        if head not in known:
            yield Problem("card_column_unknown", found.sheet.place(found.at, column), {"value": head})
    for category, columns in found.groups:
        if not category or not {"from", "to", "rate"} <= columns.keys():
            yield Problem("card_group_unknown", found.sheet.place(found.at, columns["from"]))


def _first_day(found: _Found, given: date | None) -> date:
    """Give the first day that the notes above the heads state, once."""
    # A text that is not quoted parts its sentences at their commas.
    above = [" ".join(cell.text for cell in row.filled) for row in _above(found)]
    stated = {day for text in above for words in _EFFECTIVE.findall(text) if (day := parse_day(words))}
    if len(stated) == 1:
        (day,) = stated
        if given and given != day:
            place = Place(found.sheet.file, found.sheet.name)
            raise AuditorError("card_first_day_differs", place, stated=day.isoformat(), given=given.isoformat())
        return day
    if given is None:
        raise AuditorError("card_no_first_day", Place(found.sheet.file, found.sheet.name))
    return given


def _above(found: _Found) -> Iterator[SheetRow]:
    return (row for row in islice(found.sheet.rows, TOP) if row.number < found.at)


def _source(found: _Found) -> str:
    title = next((" ".join(cell.text.split()) for row in _above(found) for cell in row.filled), "")
    return f"{found.sheet.file}: {title}" if title else found.sheet.file


def _lines(found: _Found, first: date, source: str) -> Iterator[CardLine]:
    """Turn every row below the heads into canonical lines; a lone text that names no market is a note."""
    named = {head: column for column, head in found.heads.items()}
    market = currency = ""
    for row in found.sheet.rows:
        if row.number <= found.at or not row.filled:
            continue
        own = row.cell(named["market"]).text
        if len(row.filled) == 1 and own.casefold() not in markets():
            continue
        market = own or market
        currency = card_currency(row.cell(named["currency"]).text) or currency
        usual = {"effective_from": first.isoformat(), "market": market, "currency": currency}
        usual |= {"basis": "read", "source": source}
        yield from (_tier_lines if found.groups else _list_lines)(found, row, usual)


def _list_lines(found: _Found, row: SheetRow, usual: Mapping[str, str]) -> Iterator[CardLine]:
    """Give a line for each rate; where not even "n/a" is said, one without any, which is then refused."""
    columns = [(column, head) for column, head in found.heads.items() if head in _WORDS]
    is_blank = not any(row.cell(column).text for column, _ in columns)
    for column, category in columns[:1] if is_blank else columns:
        cell = row.cell(column)
        if is_blank or not is_nothing(cell.text):
            yield _line(found, row, {**usual, "category": category, "rate": found.rate(cell)}, {"rate": column})


def _tier_lines(found: _Found, row: SheetRow, usual: Mapping[str, str]) -> Iterator[CardLine]:
    for category, columns in found.groups:
        if all(is_nothing(row.cell(column).text) for column in columns.values()):
            continue
        low, high, rate = (row.cell(columns[head]) for head in ("from", "to", "rate"))
        no_end = is_nothing(high.text) or high.text.lower() in _NO_END
        cells = {
            **usual,
            "category": category,
            "tier_from": _number(low, found.mark),
            "tier_to": "" if no_end else _number(high, found.mark),
            "rate": "" if is_nothing(rate.text) else found.rate(rate),
        }
        yield _line(found, row, cells, {"tier_from": low.column, "tier_to": high.column, "rate": rate.column})


def _line(found: _Found, row: SheetRow, cells: Mapping[str, str], columns: Mapping[str, int]) -> CardLine:
    letters = {name: column_letters(column) for name, column in columns.items()}
    return CardLine(Place(found.sheet.file, found.sheet.name, row.number), cells, letters)


def is_nothing(text: str) -> bool:
    """Tell what stands where a price would if there is none: `n/a`, a dash."""
    return text.lower() in _NOTHING


def _number(cell: SheetCell, mark: str, factor: Decimal = Decimal(1)) -> str:
    """Give a figure as a plain decimal; what is none stays as it is, to be refused with its place."""
    taken = take_apart(cell.text)
    value = read_number(taken, mark) if taken else None
    return cell.text if value is None else plain(value * factor)


def card_currency(text: str) -> str:
    """Give the currency that a cell of a card names, by its code or as Meta writes it; else the text as it is."""
    return _CURRENCIES.get(text.upper()) or sign_currency(text) or text

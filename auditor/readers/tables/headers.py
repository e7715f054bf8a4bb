"""Rows that may be the head of a table, and what the columns below them would be (formats.md §4).

A head is recognised by its words, by a saved profile, by the values below it, or by what the user states.
"""

import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.language import currencies
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import column_letters
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.tables.assigned import Assigned
from auditor.readers.tables.by_values import by_values
from auditor.readers.tables.by_values import in_parts
from auditor.readers.tables.layouts import NUMBERS
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profile_files import IGNORE
from auditor.readers.tables.profiles import INVOICE
from auditor.readers.tables.profiles import USAGE
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import fitting
from auditor.readers.tables.sign_columns import with_signs
from auditor.readers.tables.spans import with_spans
from auditor.readers.tables.wide import is_cross_head
from auditor.readers.tables.wide import is_day
from auditor.readers.tables.wide import joined_head
from auditor.readers.tables.wide import says_units
from auditor.readers.tables.wide import speaking_head
from auditor.readers.tables.wide import with_index_names
from auditor.readers.tables.wide import year_above
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.dates import parse_period
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.places import place_named
from auditor.readers.values.vocabulary import EXACT
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.vocabulary import says_nothing
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import plain

# What a column of mere figures cannot be.
_WORDS = frozenset({
    "category", "pricing_type", "layer", "market", "currency", "unit", "description", "supplier",
})  # fmt: skip
# What a layout may leave to the columns that it does not know.
_LEFT_OPEN = frozenset({"description", "category", "country"})
# What a column without any day cannot be: `From` and `To` are also the ends of a tier.
_SPAN = frozenset({"period_start", "period_end"})
_DAYS = frozenset({"period", "day"})
_DIGIT = re.compile(r"[0-9]")
_FRACTION = re.compile(r"[.,][0-9]{1,2}$")
_PHONE = re.compile(r"\+[0-9][0-9 ().-]{7,}|[1-9][0-9]{9,15}")
# By so many rows below it a column is judged; by fewer where there are thousands of columns.
_VALUES_LOOKED_AT, _LEAST_LOOKED_AT, _CELLS_LOOKED_AT = 50, 8, 25_000
# Among so many rows the head is looked for; among fewer, of thousands of columns, each judged by the rows below it.
_HEADER_WITHIN, _LEAST_WITHIN, _CELLS_JUDGED = 200, 6, 400_000
_CERTAIN = 90.0
_AMOUNT_BONUS = 100.0
_PROFILE_BONUS = 1000.0
_CURRENCY_BONUS = 0.05
_LESS_SURE = 0.9


class Header(NamedTuple):
    """A row that may be the header, and what its columns would be; `ignored` are those that the user leaves out.

    `made` are the first rows below, once they were asked for: each column is judged by them, and there may be sixteen
    thousand.
    """

    sheet: Sheet
    row: SheetRow
    fields: Mapping[int, Assigned]
    score: float
    profile: Profile | None
    ignored: frozenset[int]
    made: list[SheetRow]

    @property
    def has_amount(self) -> bool:
        """Tell whether a column would be the amount."""
        return self.has("amount")

    def has(self, field: str) -> bool:
        """Tell whether a column would be a field, or a profile takes it from one."""
        lines = self.profile.lines if self.profile else ()
        return any(one.field == field for one in self.fields.values()) or any(field in line.heads for line in lines)

    def has_part(self, column: int) -> bool:
        """Tell whether a column is that of a category, a month, a place or a layer of its own."""
        return column in self.fields and self.fields[column].part is not None

    def rows_below(self) -> Sequence[SheetRow]:
        """Give the first rows below, by which columns are judged, without what the user leaves out."""
        if not self.made:
            most = min(_VALUES_LOOKED_AT, max(_LEAST_LOOKED_AT, _CELLS_LOOKED_AT // max(len(self.row.cells), 1)))
            below = self.sheet.rows[self.sheet.rows.place(self.row.number) + 1 :][:most]
            self.made.extend(row.without(self.ignored) if self.ignored else row for row in below)
        return self.made

    def unread(self) -> Sequence[SheetCell]:
        """Give the heads of the columns that are not read, though nobody said to leave them out."""
        return [cell for cell in self.row.filled if cell.column not in {*self.fields, *self.ignored}]


def headers_of(sheet: Sheet, options: ReadOptions, profiles: Sequence[Profile], currency: str) -> list[Header]:
    """Give every row that may be the header; two rows that say more together are one."""
    found: list[Header] = []
    above: Header | None = None
    for written in sheet.rows if options.header_row else _first_rows(sheet):
        if options.header_row not in {0, written.number}:
            continue
        row = with_signs(sheet, written)
        header = _header(sheet, row, options, profiles, currency)
        joined = joined_head(sheet, row)
        both = _header(sheet, joined, options, profiles, currency) if joined else None
        least = max(len(header.fields), len(above.fields) if above else 0)
        joins = (above in found and says_units(row)) or (_says_twice(row) and both and len(both.fields) == least)
        if both and (len(both.fields) > least or joins) and _is_header(both):
            found = [one for one in found if one is not above]
            header = both
        elif above and row.number == above.row.number + 1 and len(header.fields) > len(above.fields):
            found = [one for one in found if one is not above]  # what spans the columns of the head below it
        named = (with_index_names(sheet, one) for one in (joined, row) if one and not options.header_row)
        indexed = [_header(sheet, one, options, profiles, currency) for one in named if one]
        best = max(indexed, key=lambda one: one.score, default=header)
        more = (best.score, len(best.fields)) > (header.score, len(header.fields))
        if more and len(best.fields) >= len(header.fields) and _is_header(best):
            found = [one for one in found if one is not above]
            header = best
        above = header
        if options.header_row or _is_header(header):
            found.append(header)
    return found


def _first_rows(sheet: Sheet) -> Sequence[SheetRow]:
    """Give the rows among which the head is looked for."""
    rows = sheet.rows[:_HEADER_WITHIN]
    widest = max((len(row.cells) for row in rows), default=0)
    return rows[: max(_LEAST_WITHIN, _CELLS_JUDGED // (max(widest, 1) * _VALUES_LOOKED_AT))]


def _header(sheet: Sheet, row: SheetRow, options: ReadOptions, profiles: Sequence[Profile], currency: str) -> Header:
    """Work out what the columns under a row would be."""
    heads = [cell.text for cell in row.cells]
    profile = fitting(profiles, heads, (INVOICE, USAGE))
    saved = {column: profile.column(column, head) for column, head in enumerate(heads, 1)} if profile else {}
    fixed = {column: Assigned(one.field, "profile", EXACT) for column, one in saved.items() if one}
    spoken = [speaking_head(cell) for cell in row.cells]
    fixed |= {
        column: Assigned(field, "stated", EXACT)
        for name, field in options.mapping.items()
        if (column := named_column(heads, name))
    }
    left_open = _left_open(profile, fixed) if profile else None
    fields, score = assign_fields(spoken, fixed, currency, among=left_open)
    ignored = frozenset(column for column, one in fixed.items() if one.field == IGNORE)
    header = _scored(Header(sheet, row, fields, score, profile, ignored, []))
    if left_open:
        unknown = {column: frozenset({field}) for column, field in _not_understood(header)}
        fields, _ = assign_fields(spoken, fixed, currency, among=left_open, unfit=unknown)
        header = header._replace(fields=fields)
    if profile is None and (options.header_row or _may_be_header(header)):
        below = header.rows_below()
        unfit = _unfit(row, below)
        fields, score = assign_fields(spoken, fixed, currency, unfit=unfit)
        fields = with_spans(spoken, fields, frozenset(column for column, no in unfit.items() if not _SPAN & no))
        year = year_above(sheet.rows[: sheet.rows.place(row.number)])
        fields = by_values(row.without(ignored), fields, below, year, currency, sheet.hidden_columns)
        header = _scored(header._replace(fields=fields, score=score))
    if profile is not None and not profile.lines:
        year = year_above(sheet.rows[: sheet.rows.place(row.number)])
        header = header._replace(fields=in_parts(row, fields, header.rows_below(), year))
        _refuse_twice(header)
    return header


def _left_open(profile: Profile, fixed: Mapping[int, Assigned]) -> frozenset[str]:
    """Give the words of lines that a layout leaves to heads of which it does not know: its columns may be chosen."""
    stated = {*profile.constants, *(part for split in profile.splits for part in split.parts)}
    stated |= {one.field for one in fixed.values()} | {name for rule in profile.rules for name in rule.put}
    return _LEFT_OPEN - stated if profile.heads and not profile.lines else frozenset()


def _not_understood(header: Header) -> Iterator[tuple[int, str]]:
    """Give the columns told by their heads alone, in whose rows there are other words than those of their field."""
    understood: Mapping[str, Callable[[str], object]] = {
        "category": category_meaning, "country": partial(place_named, prefer_country=True)
    }  # fmt: skip
    for column, one in header.fields.items():
        texts = [text for row in header.rows_below() if (text := row.cell(column).text)]
        if one.basis == "head" and one.field in understood and not all(map(understood[one.field], texts)):
            yield column, one.field


def _refuse_twice(header: Header) -> None:
    """Raise `profile_field_twice` where a profile has two columns for one field that are of no parts.

    What rows are called may stand in several.
    """
    firsts: dict[tuple[str, object], int] = {}
    for column, one in header.fields.items():
        if one.field == "description":
            continue
        first = firsts.setdefault((one.field, one.part), column)
        if first != column:
            place = header.sheet.place(header.row.number, column)
            raise AuditorError(
                "profile_field_twice",
                place,
                name=header.profile.name if header.profile else "",
                field=one.field,
                first=header.row.cell(first).text,
                second=header.row.cell(column).text,
            )


def _says_twice(row: SheetRow) -> bool:
    """Tell whether a head of amounts stands over two columns, which only what stands above can tell apart."""
    heads = [plain(cell.text) for cell in row.filled if "amount" in head_scores(cell.text)]
    return len({*heads}) < len(heads)


def _scored(header: Header) -> Header:
    """Let an amount, and a profile, count for a header."""
    bonus = (_AMOUNT_BONUS if header.has_amount else 0) + (_PROFILE_BONUS if header.profile else 0)
    return header._replace(score=header.score + bonus)


def named_column(heads: Sequence[str], name: str) -> int:
    """Find a column by its head or its letter, counted from 1; 0 if there is none."""
    for column, head in enumerate(heads, 1):
        if plain(head) == plain(name) and plain(head):
            return column
    for column in range(1, len(heads) + 1):
        if column_letters(column) == name.strip().upper():
            return column
    return 0


def _unfit(heads: SheetRow, below: Sequence[SheetRow]) -> Mapping[int, frozenset[str]]:
    """Give the fields that a column's values rule out: words are no figures, and figures are no words.

    Figures with decimals, or under a numbered head (`Week 41`), are no days either; nor are others that name none,
    unless a column of years makes months of them.
    """
    yearly = any(key(cell.text) in lists("years")["words"] for cell in heads.filled)
    numbered = {cell.column for cell in heads.filled if _DIGIT.search(cell.text)}
    numbers: set[int] = set()
    words: set[int] = set()
    days: set[int] = set()
    broken: set[int] = set()
    for row in below:
        numbers |= {cell.column for cell in row.filled if is_number(cell)}
        broken |= {cell.column for cell in row.filled if _is_broken(cell)}
        words |= {cell.column for cell in row.filled if is_label(cell)}
        days |= {cell.column for cell in row.filled if cell.column not in days and is_day(cell)}
    seen = {cell.column for row in below for cell in row.filled}
    figures = dict.fromkeys(numbers - words, _WORDS)
    figures |= {column: frozenset(NUMBERS) for column in words - numbers}
    undated = numbers if not yearly else broken | (numbered & numbers)
    figures |= dict.fromkeys(undated - words - days, _WORDS | _DAYS)
    for column in _no_categories(heads, below):
        figures[column] = figures.get(column, frozenset()) | {"category"}
    return {column: figures.get(column, frozenset()) | (frozenset() if column in days else _SPAN) for column in seen}


def _no_categories(heads: SheetRow, below: Sequence[SheetRow]) -> frozenset[int]:
    """Give the columns headed as categories with words that are none, beside one all of whose words are.

    Of one without a single category it is enough that texts under another head name some: `MeterCategory | MeterName`.
    """
    headed = [cell.column for cell in heads.filled if "category" in head_scores(cell.text)]
    if not headed:
        return frozenset()
    texts = {
        cell.column: {row.cell(cell.column).text for row in below if is_label(row.cell(cell.column))}
        for cell in heads.filled
    }
    meanings = {column: [category_meaning(text) for text in texts[column]] for column in headed}
    strange = frozenset(column for column, found in meanings.items() if None in found)
    if any(found for column, found in meanings.items() if column not in strange and any(found)):
        return strange
    alien = frozenset(column for column in strange if not any(meanings[column]))
    others = (text for column, found in texts.items() if column not in headed for text in found)
    return alien if alien and any(described(text).category for text in others) else frozenset()


def _is_broken(cell: SheetCell) -> bool:
    """Tell a number that is not whole, stored or as text."""
    if isinstance(cell.value, Decimal):
        return bool(cell.value % 1)
    return isinstance(cell.value, str) and bool(_FRACTION.search(cell.text)) and is_number(cell)


def assign_fields(
    heads: Sequence[str],
    fixed: Mapping[int, Assigned],
    currency: str = "",
    *,
    among: frozenset[str] | None = None,
    unfit: Mapping[int, frozenset[str]] = MappingProxyType({}),
) -> tuple[Mapping[int, Assigned], float]:
    """Give each column (from 1) its field, the best word first, and the score of the whole; `fixed` goes before.

    `among` are the only fields that heads may have; None: whichever they name.
    """
    offers = [
        (score + (_CURRENCY_BONUS if currency and text_currency(head) == currency else 0), -column, field)
        for column, head in enumerate(heads, 1)
        if column not in fixed and among != frozenset() and take_apart(head) is None
        for field, score in _head_offers(head).items()
        if field not in unfit.get(column, ()) and (among is None or field in among)
    ]
    fields = {column: assigned for column, assigned in fixed.items() if assigned.field != IGNORE}
    taken = {assigned.field for assigned in fields.values()}
    total = EXACT * len(fields)
    for score, column, field in sorted(offers, reverse=True):
        if -column not in fields and field not in taken:
            fields[-column] = Assigned(field, "head", min(score, EXACT))
            taken.add(field)
            total += score
    return fields, total


def _head_offers(head: str) -> Mapping[str, float]:
    """Score what a head may mean; what is stated in a currency is no count: `Consumo USD` is money.

    Nor is `Unit USD` what is counted: it is the price of one.
    """
    scores = head_scores(head)
    if "unit" in scores and text_currency(head):
        scores = {"unit_rate": scores["unit"], **{field: score for field, score in scores.items() if field != "unit"}}
    if "quantity" not in scores or not text_currency(head):
        return scores
    money = {"amount": max(scores.get("amount", 0.0), scores["quantity"] * _LESS_SURE)}
    return {field: score for field, score in scores.items() if field != "quantity"} | money


def _is_header(header: Header) -> bool:
    """Tell whether a row of texts names at least two fields."""
    if header.profile:
        return True
    return len(header.fields) >= 2 and _may_be_header(header) and not _states_fact(header.row)


def _states_fact(row: SheetRow) -> bool:
    """Tell a row that says no more than currency or period of what stands below: `Moneda | USD`, `Mes | 2026-10`."""
    texts = [cell.text for cell in row.filled]
    field = likeliest_field(texts[0]) if len(texts) == 2 else ""
    return (field == "currency" and texts[1] in currencies()) or (
        field == "period" and parse_period(texts[1], "dmy") is not None
    )


def _may_be_header(header: Header) -> bool:
    """Tell whether a row holds only texts, or dates over columns, and sure words for a head among them."""
    filled = header.row.filled
    sure = header.score >= _CERTAIN or any(says_nothing(cell.text) for cell in filled[:1])
    sure = sure or (is_cross_head(header.row) and not _stands_again(header))
    return sure and not any(map(_is_figure, filled))


def _stands_again(header: Header) -> bool:
    """Tell whether the same heads stand once more below: two cross tables, of counts and of money perhaps."""
    texts = [cell.text for cell in header.row.filled]
    return any([cell.text for cell in row.filled] == texts for row in header.rows_below())


def _is_figure(cell: SheetCell) -> bool:
    """Tell a figure, which is no head; a date over a column and a phone number may be one, alone or above another."""
    if not isinstance(cell.value, str):
        return not isinstance(cell.value, date) and not _PHONE.fullmatch(cell.text)
    return take_apart(cell.value) is not None and not _PHONE.fullmatch(cell.value)

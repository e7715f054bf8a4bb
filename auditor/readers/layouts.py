"""Finding the table of an invoice: its sheet, header row, columns and end (formats.md §4).

A table is recognised by the words of its heads, or by a saved profile with their fingerprint. How its numbers and
dates are written is decided in `readings.py`.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.tables import NOTHING
from auditor.core.tables import Layer
from auditor.readers.cells import Sheet
from auditor.readers.cells import SheetCell
from auditor.readers.cells import SheetRow
from auditor.readers.cells import column_letters
from auditor.readers.cells import is_label
from auditor.readers.cells import is_number
from auditor.readers.numbers import take_apart
from auditor.readers.profile_files import IGNORE
from auditor.readers.profile_files import load_profiles
from auditor.readers.profile_files import write_profile
from auditor.readers.profile_rows import BESIDE
from auditor.readers.profile_rows import AddedColumn
from auditor.readers.profile_rows import Prepared
from auditor.readers.profile_rows import prepared
from auditor.readers.profiles import INVOICE
from auditor.readers.profiles import USAGE
from auditor.readers.profiles import Profile
from auditor.readers.profiles import ProfileColumn
from auditor.readers.profiles import fingerprint
from auditor.readers.profiles import fitting
from auditor.readers.vocabulary import EXACT
from auditor.readers.vocabulary import category_meaning
from auditor.readers.vocabulary import head_scores
from auditor.readers.vocabulary import is_no_line
from auditor.readers.vocabulary import place_named
from auditor.readers.vocabulary import text_currency
from auditor.readers.vocabulary import total_kind
from auditor.readers.wide import Part
from auditor.readers.wide import joined_head
from auditor.readers.wide import layer_columns
from auditor.readers.wide import part_columns
from auditor.readers.wide import speaking_head
from auditor.readers.words import lists
from auditor.readers.words import plain

NUMBERS = ("amount", "quantity", "unit_rate", "tax_amount")
DATES = ("document_date", "due_date", "period", "period_start", "period_end", "day")
# What a column of mere figures cannot be.
_WORDS = frozenset({
    "category", "pricing_type", "layer", "market", "currency", "unit", "description", "supplier", "document_type",
})  # fmt: skip
_VALUES_LOOKED_AT = 50
_HEADER_WITHIN = 200
_CERTAIN = 90.0
_AMOUNT_BONUS = 100.0
_CURRENCY_BONUS = 0.05
_LESS_SURE = 0.9


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user states about a file, each over what the reader would find by itself; empty is not stated.

    `decimal` is `,` or `.`; `dates` is `dmy`, `mdy` or `ymd`; `mapping` gives fields by head or column letter;
    `profile` names saved profiles or their files, each applied where its fingerprint fits. `usage` reads a usage
    export: units first, amounts only where there are any.
    """

    sheet: str = ""
    header_row: int = 0
    decimal: str = ""
    dates: str = ""
    mapping: Mapping[str, str] = dataclass_field(default_factory=lambda: NOTHING)
    profile: tuple[str, ...] = ()
    usage: bool = False


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """A column of the table: `field` is empty if it is not used; `kind` is text, number or date.

    `decimal` and `dates` say how its texts are read, `currency` is what its head states. `basis` tells what the field
    rests on: `stated`, `profile`, `head` (its words) or `values`; `sure` is how well they fit, in percent. `part`
    is that of all its figures, in a table with columns for each category, month, place or layer.
    An `added` one is no column of the file: a profile puts it in.
    """

    column: int
    head: str
    field: str = ""
    kind: str = "text"
    decimal: str = ""
    dates: str = ""
    currency: str = ""
    basis: str = ""
    sure: int = 0
    part: Part | None = None
    added: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Something the reader decided: a key of `reading.decision` in the catalogue, and its values."""

    key: str
    values: Mapping[str, str] = dataclass_field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table is and how its rows are understood. All rows are numbers of the sheet, counted from 1.

    `data` are the rows to become lines; `totals` and `headings` (with their texts) are used but are no lines;
    `left_out` gives every other filled row below the header with the reason it is left out. `profile` names the
    profile applied, `applied` is it.
    """

    sheet: str
    header_row: int
    columns: tuple[LayoutColumn, ...]
    fingerprint: str
    profile: str = ""
    data: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()
    headings: tuple[int, ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()
    decisions: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()
    applied: Profile | None = None

    @property
    def first_row(self) -> int:
        """Give the first data row, 0 if there is none."""
        return min(self.data, default=0)

    @property
    def last_row(self) -> int:
        """Give the last data row, 0 if there is none."""
        return max(self.data, default=0)

    def parts(self) -> tuple["Layout", ...]:
        """Give the layout of each part where each has its own columns; else the layout alone."""
        parts = dict.fromkeys(column.part for column in self.columns if column.part)
        return tuple(self._of_part(part) for part in parts) or (self,)

    def _of_part(self, part: Part) -> "Layout":
        """Leave out the columns of other parts; what was counted, and its price, belong to Meta's part."""
        units = {"quantity", "unit_rate"} if part.layer not in {"", Layer.META.value} else set()
        columns = (
            column
            if column.part in {None, part} and column.field not in units
            else replace(column, field="", kind="text", part=None)
            for column in self.columns
        )
        return replace(self, columns=tuple(columns))

    @property
    def part(self) -> Part:
        """Give what the figures of the layout of one part have in common; nothing if it is the whole table's."""
        return next((column.part for column in self.columns if column.part), Part())

    def field(self, name: str) -> LayoutColumn | None:
        """Give the column of a field, None if no column has it."""
        return next((column for column in self.columns if column.field == name), None)


class Assigned(NamedTuple):
    """The field of a column, what that rests on (see `LayoutColumn`) and how well it fits, in percent."""

    field: str
    basis: str
    sure: float
    part: Part | None = None


class _Header(NamedTuple):
    """A row that may be the header, and what its columns would be."""

    sheet: Sheet
    row: SheetRow
    fields: Mapping[int, Assigned]
    score: float
    profile: Profile | None

    @property
    def has_amount(self) -> bool:
        """Tell whether a column would be the amount."""
        return self.has("amount")

    def has(self, field: str) -> bool:
        """Tell whether a column would be a field, or a profile takes it from one."""
        lines = self.profile.lines if self.profile else ()
        return any(one.field == field for one in self.fields.values()) or any(field in line.heads for line in lines)


def save_profile(name: str, layout: Layout) -> Path:
    """Save how a table was read, to be applied by itself to the next file with the same heads; give the file."""
    columns = tuple(
        ProfileColumn(column.head, column.field or IGNORE, column.decimal, column.dates)
        for column in layout.columns
        if not column.added
    )
    made = layout.applied or Profile(name, layout.fingerprint, columns)
    return write_profile(replace(made, name=name, fingerprint=layout.fingerprint, columns=columns))


def find_layouts(sheets: Sequence[Sheet], options: ReadOptions, currency: str = "") -> list[tuple[Sheet, Layout]]:
    """Find the table of an invoice, and its like on other sheets; of two amount columns, that in `currency` goes first.

    Raises `AuditorError` as `find_columns` does, and `no_amount_column`, `map_unknown_column`.
    """
    best, others = _best_header(sheets, options, currency)
    _check_columns(best, options)
    alike = {header.sheet.name: header for header in reversed(others) if _is_alike(header, best)}
    alike[best.sheet.name] = best
    tables = [alike[sheet.name] for sheet in sheets if sheet.name in alike]
    problems = _other_tables(tables, others)
    return [_sorted_out(header, options, problems if place == 0 else ()) for place, header in enumerate(tables)]


def _is_alike(header: _Header, best: _Header) -> bool:
    """Tell whether another sheet's table has the same heads."""
    heads = [[plain(cell.text) for cell in one.row.cells if cell.text] for one in (header, best)]
    return header.sheet is not best.sheet and header.fields == best.fields and heads[0] == heads[1]


def _sorted_out(header: _Header, options: ReadOptions, problems: Sequence[Problem]) -> tuple[Sheet, Layout]:
    ready = _ready(header, options)
    layout = replace(_layout(header, ready), problems=(*problems, *ready.problems))
    return ready.sheet, _Rows(ready.sheet, layout, ready.left_out).sorted_out()


def find_columns(sheets: Sequence[Sheet], options: ReadOptions, currency: str = "") -> tuple[Sheet, Layout]:
    """Find the header and what its columns would be, whether or not a table could be read with them.

    Raises `AuditorError`: `sheet_unknown`, `no_header`, `map_unknown_field`, and those of `load_profiles`.
    """
    best, _ = _best_header(sheets, options, currency)
    ready = _ready(best, options)
    return ready.sheet, _layout(best, ready)


def _best_header(sheets: Sequence[Sheet], options: ReadOptions, currency: str) -> tuple[_Header, list[_Header]]:
    """Give the header that fits best, and all that might be one."""
    _check_mapping(options)
    chosen = sheets_looked_at(sheets, options)
    profiles = load_profiles(options.profile)
    headers = [found for sheet in chosen for found in _headers(sheet, options, profiles, currency)]
    if not headers:
        raise AuditorError("no_header", chosen[0].place() if chosen else None)
    return max(headers, key=lambda header: (header.score, -header.row.number)), headers


def _check_mapping(options: ReadOptions) -> None:
    known = [*lists("heads"), IGNORE]
    for head, field in options.mapping.items():
        if field not in known:
            raise AuditorError("map_unknown_field", column=head, field=field, known=", ".join(sorted(known)))


def sheets_looked_at(sheets: Sequence[Sheet], options: ReadOptions) -> list[Sheet]:
    """Give the sheets to look in: the one named, else those that are not hidden."""
    if options.sheet:
        named = [sheet for sheet in sheets if plain(sheet.name) == plain(options.sheet)]
        if not named:
            names = ", ".join(sheet.name for sheet in sheets) or "-"
            raise AuditorError("sheet_unknown", Place(sheets[0].file), sheet=options.sheet, sheets=names)
        return named
    return [sheet for sheet in sheets if not sheet.hidden] or list(sheets)


def _headers(sheet: Sheet, options: ReadOptions, profiles: Sequence[Profile], currency: str) -> list[_Header]:
    """Give every row that may be the header; two rows that say more together are one."""
    found: list[_Header] = []
    above: _Header | None = None
    for row in sheet.rows if options.header_row else sheet.rows[:_HEADER_WITHIN]:
        if options.header_row not in {0, row.number}:
            continue
        header = _header(sheet, row, options, profiles, currency)
        joined = joined_head(sheet, row)
        both = _header(sheet, joined, options, profiles, currency) if joined else None
        least = max(len(header.fields), len(above.fields) if above else 0)
        if both and len(both.fields) > least and _is_header(both):
            found = [one for one in found if one is not above]
            header = both
        above = header
        if options.header_row or _is_header(header):
            found.append(header)
    return found


def _header(sheet: Sheet, row: SheetRow, options: ReadOptions, profiles: Sequence[Profile], currency: str) -> _Header:
    """Work out what the columns under a row would be."""
    heads = [cell.text for cell in row.cells]
    profile = fitting(profiles, heads, (INVOICE, USAGE))
    saved = {column: profile.column(column, head) for column, head in enumerate(heads, 1)} if profile else {}
    fixed = {column: Assigned(one.field, "profile", EXACT) for column, one in saved.items() if one}
    spoken = [speaking_head(cell) for cell in row.cells]
    fixed |= {
        column: Assigned(field, "stated", EXACT)
        for name, field in options.mapping.items()
        if (column := _named_column(heads, name))
    }
    fields, score = assign_fields(spoken, fixed, currency, only_fixed=profile is not None)
    header = _Header(sheet, row, fields, score, profile)
    if profile is None and (options.header_row or _may_be_header(header)):
        below = sheet.rows[sheet.rows.place(row.number) + 1 :][:_VALUES_LOOKED_AT]
        fields, score = assign_fields(spoken, fixed, currency, unfit=_unfit(below))
        header = _Header(sheet, row, _by_parts(row, fields, below), score, profile)
    return header._replace(score=score + (_AMOUNT_BONUS if header.has_amount else 0) + (1000 if profile else 0))


def _named_column(heads: Sequence[str], name: str) -> int:
    """Find a column by its head or its letter, counted from 1; 0 if there is none."""
    for column, head in enumerate(heads, 1):
        if plain(head) == plain(name) and plain(head):
            return column
    for column in range(1, len(heads) + 1):
        if column_letters(column) == name.strip().upper():
            return column
    return 0


def _by_parts(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Give the fields of a table with columns for each part, whose sums over them are not read; else as given."""
    if any(one.basis == "stated" for one in fields.values()):
        return fields
    columns = {one.field: column for column, one in fields.items()}
    found = part_columns(row.cells, below, columns)
    if found and all(one.field == "quantity" for one in found.values()) and not _is_mere_sum(row, columns):
        return fields
    kept: Collection[str] = ()
    if not found:
        found, kept = layer_columns(row.cells, below, columns), ("quantity", "unit_rate", "tax_amount")
    if not found:
        return fields
    shared = {
        column: one
        for column, one in fields.items()
        if (one.field not in NUMBERS or one.field in kept) and column not in found
    }
    return shared | {column: Assigned(one.field, "head", _CERTAIN, one.part) for column, one in found.items()}


def _is_mere_sum(row: SheetRow, columns: Mapping[str, int]) -> bool:
    """Tell whether the amount's column, if any, is but a `Total` of no currency: of counts, it is no money."""
    head = row.cell(columns.get("amount", 0)).text
    return not head or bool(total_kind(head) and not text_currency(head))


def _unfit(below: Sequence[SheetRow]) -> Mapping[int, frozenset[str]]:
    """Give the fields that a column's values rule out: words are no figures, and figures are no words."""
    numbers: set[int] = set()
    words: set[int] = set()
    for row in below:
        numbers |= {cell.column for cell in row.filled if is_number(cell)}
        words |= {cell.column for cell in row.filled if is_label(cell)}
    return dict.fromkeys(numbers - words, _WORDS) | {column: frozenset(NUMBERS) for column in words - numbers}


def assign_fields(
    heads: Sequence[str],
    fixed: Mapping[int, Assigned],
    currency: str = "",
    *,
    only_fixed: bool = False,
    unfit: Mapping[int, frozenset[str]] = MappingProxyType({}),
) -> tuple[Mapping[int, Assigned], float]:
    """Give each column (from 1) its field, the best word first, and the score of the whole; `fixed` goes before."""
    offers = [
        (score + (_CURRENCY_BONUS if currency and text_currency(head) == currency else 0), -column, field)
        for column, head in enumerate(heads, 1)
        if column not in fixed and not only_fixed and take_apart(head) is None
        for field, score in _head_offers(head).items()
        if field not in unfit.get(column, ())
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
    """Score what a head may mean; what is stated in a currency is no count: `Consumo USD` is money."""
    scores = head_scores(head)
    if "quantity" not in scores or not text_currency(head):
        return scores
    money = {"amount": max(scores.get("amount", 0.0), scores["quantity"] * _LESS_SURE)}
    return {field: score for field, score in scores.items() if field != "quantity"} | money


def _is_header(header: _Header) -> bool:
    """Tell whether a row of texts names at least two fields."""
    if header.profile:
        return True
    return len(header.fields) >= 2 and _may_be_header(header)


def _may_be_header(header: _Header) -> bool:
    """Tell whether a row holds only texts, or dates over columns, and sure words for a field among them."""
    figures = any(
        not isinstance(cell.value, date) if not isinstance(cell.value, str) else take_apart(cell.text) is not None
        for cell in header.row.filled
    )
    return not figures and header.score >= _CERTAIN


def _check_columns(header: _Header, options: ReadOptions) -> None:
    """Refuse a mapping of columns that are not there, and a table without an amount."""
    heads = [cell.text for cell in header.row.cells]
    seen = ", ".join(head for head in heads if head) or "-"
    for name in options.mapping:
        if not _named_column(heads, name):
            raise AuditorError("map_unknown_column", header.sheet.place(header.row.number), column=name, seen=seen)
    if not header.has_amount and not (options.usage and header.has("quantity")):
        raise AuditorError("no_amount_column", header.sheet.place(header.row.number), seen=seen)


def _other_tables(chosen: Sequence[_Header], headers: Iterable[_Header]) -> tuple[Problem, ...]:
    """Name the other tables with amounts, which are not read: on other sheets, or above a chosen one."""
    below = {header.sheet.name: header.row.number for header in chosen}
    return tuple(
        Problem("other_table", header.sheet.place(header.row.number))
        for header in headers
        if header.has_amount and header.row.number < below.get(header.sheet.name, header.row.number + 1)
    )


def _ready(header: _Header, options: ReadOptions) -> Prepared:
    """Give the sheet with its table in our words, if a profile is to put it so, else as it is."""
    if header.profile is None:
        return Prepared(header.sheet)
    fields = {column: assigned.field for column, assigned in header.fields.items()}
    return prepared(header.sheet, header.row, fields, header.profile, USAGE if options.usage else INVOICE)


def _layout(header: _Header, ready: Prepared) -> Layout:
    """Lay the table's columns out, with those that a profile adds."""
    taken = {column.field for column in ready.added}
    own = (_column(header, cell, taken) for cell in header.row.cells)
    return Layout(
        header.sheet.name,
        header.row.number,
        (*own, *(_added_column(header, column) for column in ready.added)),
        fingerprint([cell.text for cell in header.row.cells]),
        header.profile.name if header.profile else "",
        applied=header.profile,
    )


def _column(header: _Header, cell: SheetCell, taken: Collection[str]) -> LayoutColumn:
    """Make a column of the file; a field that is `taken` comes from a column that the profile adds."""
    field, basis, sure, part = header.fields.get(cell.column, Assigned("", "", 0))
    if field in taken:
        field, basis, sure, part = "", "", 0, None
    column = LayoutColumn(
        cell.column,
        " ".join(cell.text.split()),
        field,
        kind=_kind(field),
        currency=text_currency(cell.text),
        basis=basis,
        sure=round(sure),
        part=part,
    )
    saved = header.profile.column(cell.column, cell.text) if header.profile else None
    return replace(column, decimal=saved.decimal, dates=saved.dates) if saved else column


def _added_column(header: _Header, added: AddedColumn) -> LayoutColumn:
    head = added.head.partition(BESIDE)[0]
    saved = header.profile.column(0, head) if header.profile and header.profile.heads else None
    return LayoutColumn(
        added.column,
        added.head,
        added.field,
        _kind(added.field),
        saved.decimal if saved else "",
        saved.dates if saved else "",
        basis="profile",
        sure=round(EXACT),
        added=True,
    )


def _kind(field: str) -> str:
    return "number" if field in NUMBERS else "date" if field in DATES else "text"


class _Rows:
    """The rows below a header, sorted into lines, totals, headings and what is left out."""

    def __init__(self, sheet: Sheet, layout: Layout, left_out: Mapping[int, str]) -> None:
        """Take the table's sheet and columns, and the rows that a profile leaves out."""
        self.sheet = sheet
        self.by_profile = left_out
        self.layout = layout
        self.fields = {column.field: column.column for column in reversed(layout.columns) if column.field}
        self.numbers = [column.column for column in layout.columns if column.kind == "number"]
        self.heads = [plain(column.head) for column in layout.columns if column.head and not column.added]
        self.kinds: dict[str, list[int]] = {"data": [], "total": [], "heading": []}
        self.left_out: list[tuple[int, str]] = []
        self.divided_labels_are_lines = False

    def sorted_out(self) -> Layout:
        """Sort every row and give the layout with them; a second table below ends the first."""
        problems = list(self.layout.problems)
        ended = False
        for row in self.sheet.rows:
            if row.number <= self.layout.header_row or not row.filled:
                continue
            kind = "second_table" if ended else self.by_profile.get(row.number) or self.kind(row)
            if kind == "second_table" and not ended:
                ended = True
                problems.append(Problem("second_table", self.sheet.place(row.number)))
            if kind in self.kinds:
                # A row may hold several lines: it comes as often, under one number.
                self.kinds[kind] += [row.number] if row.number not in self.kinds[kind][-1:] else []
            else:
                self.left_out.append((row.number, kind))
        data, totals, headings = (tuple(rows) for rows in self.kinds.values())
        return replace(
            self.layout,
            data=data,
            totals=totals,
            headings=headings,
            left_out=tuple(self.left_out),
            problems=tuple(problems),
        )

    def kind(self, row: SheetRow) -> str:
        """Tell what a filled row is."""
        texts = [plain(cell.text) for cell in row.filled]
        if texts == self.heads:
            return "repeated_header"
        if self._is_other_header(row):
            return "second_table"
        labels = [cell.text for cell in row.filled if is_label(cell)]
        if labels and self._is_total(row, labels):
            return "total"
        if labels and is_no_line(labels[0]):
            return "note"
        if row.cell(self.fields.get("amount", 0)).text or self._has_figures(row):
            return "data"
        return self._kind_without_figures(row, labels)

    def _kind_without_figures(self, row: SheetRow, labels: Sequence[str]) -> str:
        """Tell a heading that divides the table, a line that lacks its amount, and a note."""
        if len(row.filled) == 1:
            return "heading" if labels and self._divides(labels[0]) else "note"
        named = [row.cell(self.fields[name]).text for name in ("category", "market", "country") if name in self.fields]
        understood = any(text and (category_meaning(text) or place_named(text, prefer_country=False)) for text in named)
        return "data" if understood else "note"

    def _divides(self, text: str) -> bool:
        """Tell whether a text on a line of its own names a category or place that has no column."""
        meaning = category_meaning(text)
        if meaning and meaning.category:
            return "category" not in self.fields
        return place_named(text, prefer_country=False) is not None and not {"market", "country"} & set(self.fields)

    def _has_figures(self, row: SheetRow) -> bool:
        return any(is_number(row.cell(column)) for column in self.numbers)

    def _is_total(self, row: SheetRow, labels: Sequence[str]) -> bool:
        """Tell a total by its label; a row with a unit rate is never one."""
        if "unit_rate" in self.fields and is_number(row.cell(self.fields["unit_rate"])):
            return False
        kinds = [total_kind(label) for label in labels]
        if not any(kinds) or not any(is_number(cell) for cell in row.filled):
            return False
        if "subtotal" in kinds and not self.kinds["data"]:
            # "Total marketing" before any line: this invoice words its very lines so.
            self.divided_labels_are_lines = True
        return not (self.divided_labels_are_lines and "subtotal" in kinds)

    def _is_other_header(self, row: SheetRow) -> bool:
        """Tell the header of another table: three texts or more, none a number, and sure heads among them.

        A text where the amount belongs makes one sure head enough; the name of a category is no head here.
        """
        filled = row.filled
        if len(filled) < 3 or not all(is_label(cell) for cell in filled):
            return False
        fields = {
            max(scores, key=lambda field: scores[field])
            for cell in filled
            if (scores := head_scores(cell.text))
            and max(scores.values()) >= _CERTAIN
            and not category_meaning(cell.text)
        }
        amount = bool(row.cell(self.fields.get("amount", 0)).text)
        return len(fields) >= (1 if amount else 2)

"""Finding the table of an invoice: its sheet, header row, columns and end (formats.md §4).

A table is recognised by the words of its heads, or by a saved profile with their fingerprint.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.tables.assigned import Assigned
from auditor.readers.tables.bases import holds_tax
from auditor.readers.tables.bases import leaves_out
from auditor.readers.tables.bases import taxed_at
from auditor.readers.tables.column_types import with_types
from auditor.readers.tables.continued import continued
from auditor.readers.tables.factors import factor_of
from auditor.readers.tables.factors import says_thousands
from auditor.readers.tables.headers import Header
from auditor.readers.tables.headers import headers_of
from auditor.readers.tables.headers import named_column
from auditor.readers.tables.layouts import DATES
from auditor.readers.tables.layouts import NUMBERS
from auditor.readers.tables.layouts import TAXES
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profile_files import IGNORE
from auditor.readers.tables.profile_files import known_fields
from auditor.readers.tables.profile_files import load_profiles
from auditor.readers.tables.profile_files import write_profile
from auditor.readers.tables.profile_rows import BESIDE
from auditor.readers.tables.profile_rows import AddedColumn
from auditor.readers.tables.profile_rows import Prepared
from auditor.readers.tables.profile_rows import prepared
from auditor.readers.tables.profiles import INVOICE
from auditor.readers.tables.profiles import USAGE
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import ProfileColumn
from auditor.readers.tables.profiles import fingerprint
from auditor.readers.tables.relaid import netted
from auditor.readers.tables.row_kinds import RowKinds
from auditor.readers.tables.titles import document_type
from auditor.readers.tables.unread import unread
from auditor.readers.tables.wide import add_up
from auditor.readers.tables.wide import bare_months
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import EXACT
from auditor.readers.values.vocabulary import counts_credits
from auditor.readers.values.vocabulary import holds_tax_by_name
from auditor.readers.values.vocabulary import is_credit_head
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.vocabulary import names_tax
from auditor.readers.values.vocabulary import side_of
from auditor.readers.values.words import hides
from auditor.readers.values.words import plain
from auditor.readers.values.words import seen

# Tables beside the table under the same heads: each is held against the first, row by row.
_MOST_ALIKE = 16
# So many rows of a table that cannot be read are searched for what is wrong with them.
_LOOKED_AT = 200
_KINDS = frozenset({"layer", "document_type"})
# Of a sheet whose credits were taken off its debits, or its discounts off its amounts.
_NETTED = frozenset({"debits_less_credits", "discounts_taken_off"})


def save_profile(name: str, layout: Layout, encoding: str = "") -> Path:
    """Save how a table was read, to be applied by itself to the next file with the same heads; give the file.

    `encoding` is that of a text that is not Unicode, where it is stated or a profile said it.
    """
    columns = tuple(
        ProfileColumn(column.head, column.field or IGNORE, column.decimal, column.dates)
        for column in layout.columns
        if not column.added
    )
    made = layout.applied or Profile(name, layout.fingerprint, columns)
    made = replace(made, encoding=encoding or made.encoding)
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
    problems = (*_other_tables(tables, others), *_hidden_tables(sheets, options, currency))
    return [_sorted_out(header, options, problems if place == 0 else ()) for place, header in enumerate(tables)]


def _is_alike(header: Header, best: Header) -> bool:
    """Tell whether another sheet's table has the same heads."""
    heads = [[plain(cell.text) for cell in one.row.cells if cell.text] for one in (header, best)]
    return header.sheet is not best.sheet and header.fields == best.fields and heads[0] == heads[1]


def _sorted_out(header: Header, options: ReadOptions, problems: Sequence[Problem]) -> tuple[Sheet, Layout]:
    ready = _ready(header, options)
    layout = replace(_layout(header, ready, options), problems=(*problems, *unread(header), *ready.problems))
    # What follows goes over the rows again and again.
    sheet = replace(ready.sheet, rows=MadeRows(tuple(ready.sheet.rows)))
    return continued(sheet, RowKinds(sheet, layout, ready.left_out).sorted_out())


def find_columns(sheets: Sequence[Sheet], options: ReadOptions, currency: str = "") -> tuple[Sheet, Layout]:
    """Find the header and what its columns would be, whether or not a table could be read with them.

    Raises `AuditorError`: `sheet_unknown`, `no_header`, `map_unknown_field`, and those of `load_profiles`.
    """
    best, _ = _best_header(sheets, options, currency)
    ready = _ready(best, options)
    return ready.sheet, _layout(best, ready, options)


def _best_header(sheets: Sequence[Sheet], options: ReadOptions, currency: str) -> tuple[Header, list[Header]]:
    """Give the header that fits best, and all that might be one."""
    _check_mapping(options)
    chosen = sheets_looked_at(sheets, options)
    profiles = load_profiles(options.profile)
    headers = [found for sheet in chosen for found in headers_of(sheet, options, profiles, currency)]
    if not headers:
        _refuse_hidden(chosen)
        raise AuditorError("no_header", chosen[0].place() if chosen else None)
    return max(headers, key=lambda header: (header.score, -header.row.number)), headers


def _check_mapping(options: ReadOptions) -> None:
    known = known_fields(INVOICE)
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


def _check_columns(header: Header, options: ReadOptions) -> None:
    """Refuse a mapping of columns that are not there, and a table without an amount."""
    heads = [cell.text for cell in header.row.cells]
    seen = ", ".join(head for head in heads if head) or "-"
    for name in options.mapping:
        if not named_column(heads, name):
            raise AuditorError("map_unknown_column", header.sheet.place(header.row.number), column=name, seen=seen)
    if _is_transposed(header, options):
        raise AuditorError("table_transposed", header.sheet.place(header.row.number))
    columns = {one.field: column for column, one in header.fields.items()}
    taxes = [columns[name] for name in TAXES if name in columns]
    if header.profile is None and (holds_tax(header.rows_below(), columns, taxes) or _is_gross(header, columns)):
        names = {name: header.row.cell(columns[name]).text for name in ("amount", "tax_amount")}
        place = header.sheet.place(header.row.number)
        raise AuditorError("amount_holds_tax", place, head=names["amount"], tax=names["tax_amount"])
    _check_taxed_at(header, columns)
    _check_in_credits(header, columns)
    _check_credits(header, columns, options)
    _check_twice(header, columns)
    _check_thousands(header, columns)
    _check_computed(header, columns)
    _check_sides(header, columns, options)
    divided = any(header.has_part(column) for column in header.fields)
    if not divided and not options.mapping and header.profile is None and bare_months(header.row.cells) > 1:
        raise AuditorError("months_without_year", header.sheet.place(header.row.number))
    if not header.has_amount and not (options.usage and header.has("quantity")):
        _refuse_hidden([header.sheet])
        _refuse_unreadable(header)
        if divided:
            parts = ", ".join(cell.text for cell in header.row.filled if header.has_part(cell.column))
            raise AuditorError("parts_without_money", header.sheet.place(header.row.number), heads=parts)
        raise AuditorError("no_amount_column", header.sheet.place(header.row.number), seen=seen)


def _is_gross(header: Header, columns: Mapping[str, int]) -> bool:
    """Tell whether the head of the amounts says that they hold the tax, which is a line of its own besides."""
    both = {"amount", "tax_amount"} <= columns.keys()
    return both and holds_tax_by_name(header.row.cell(columns["amount"]).text)


def _check_taxed_at(header: Header, columns: Mapping[str, int]) -> None:
    """Refuse amounts that hold a tax which only a percentage tells: `IVA (19%)` beside what is charged with it."""
    if header.profile is not None or any(name in columns for name in TAXES):
        return
    for cell in header.row.filled:
        if cell.column in columns.values() or not names_tax([cell.text, *_texts_below(header, cell.column)]):
            continue
        if taxed_at(header.rows_below(), columns, cell.column):
            head = header.row.cell(columns["amount"]).text
            raise AuditorError("amount_holds_tax", header.sheet.place(header.row.number), head=head, tax=cell.text)


def _texts_below(header: Header, column: int) -> list[str]:
    return [cell.text for row in header.rows_below() if (cell := row.cell(column)).text]


def _check_in_credits(header: Header, columns: Mapping[str, int]) -> None:
    """Refuse amounts that by their head are a provider's credits: nothing says what one is worth.

    They are money where the user or a profile says so, beside a column of currencies, and in a credit note.
    """
    amount = header.fields.get(columns.get("amount", 0))
    if amount is None or amount.basis not in {"head", "values"} or {"currency", "document_type"} & columns.keys():
        return
    cell = header.row.cell(columns["amount"])
    above = header.sheet.rows[: header.sheet.rows.place(header.row.number)]
    if counts_credits(cell.text) and document_type(above) != "credit_memo":
        raise AuditorError("amount_in_credits", header.sheet.place(header.row.number, cell.column), head=cell.text)


def _check_twice(header: Header, columns: Mapping[str, int]) -> None:
    """Refuse a second column of amounts under the same head that says otherwise: a table beside the table."""
    amount = header.fields.get(columns.get("amount", 0))
    if amount is None or amount.basis not in {"head", "values"} or amount.part:
        return
    head = header.row.cell(columns["amount"])
    alike = (
        one for one in header.row.filled if one.column not in header.fields and plain(one.text) == plain(head.text)
    )
    for other in islice(alike, _MOST_ALIKE):
        if not any(_says_the_same(header, head.column, other.column, mark) for mark in MARKS):
            place = header.sheet.place(header.row.number, other.column)
            raise AuditorError("amounts_twice", place, head=head.text)


def _check_thousands(header: Header, columns: Mapping[str, int]) -> None:
    """Refuse figures that a title says are thousands, where no head does: of which columns, it does not tell."""
    if (
        header.profile is not None
        or "amount" not in columns
        or factor_of(header.row.cell(columns["amount"]).text, "amount")
    ):
        return
    for row in header.sheet.rows[: header.sheet.rows.place(header.row.number)]:
        for cell in row.filled:
            if says_thousands(cell.text):
                raise AuditorError("figures_in_thousands", header.sheet.place(row.number, cell.column), text=cell.text)


def _check_computed(header: Header, columns: Mapping[str, int]) -> None:
    """Refuse amounts that are all formulas which nobody computed: no row would look like a line."""
    amount = columns.get("amount", 0)
    if not amount or any(row.cell(amount).text for row in header.rows_below()):
        return
    found = [at for at, error in header.sheet.troubles.items() if not error and at[0] > header.row.number]
    if row := min((row for row, column in found if column == amount), default=0):
        raise AuditorError("formula_no_value", header.sheet.place(row, amount))


def _check_sides(header: Header, columns: Mapping[str, int], options: ReadOptions) -> None:
    """Refuse a column that tells debits from credits beside amounts that are positive on either side.

    Which side is the charge is not the same in an account of costs and in one of a supplier. Where the column is also
    one of kinds, its words may say no more than that: it tells sides if the sheet proves it.
    """
    if header.profile is not None or "amount" not in columns:
        return
    others = {column for field, column in columns.items() if field not in _KINDS}
    for cell in header.row.filled:
        stated = any(plain(name) == plain(cell.text) for name in options.mapping)
        if cell.column in others or stated:
            continue
        marked = [(row.cell(columns["amount"]), row.cell(cell.column)) for row in header.rows_below()]
        sides = [(side_of(mark.text), amount) for amount, mark in marked if mark.text and is_label(mark)]
        positive = {side for side, amount in sides if any((read_value(amount.value, one) or 0) > 0 for one in MARKS)}
        told = sides and all(side for side, _ in sides) and positive == {"debit", "credit"}
        if told and (cell.column not in columns.values() or netted(header.sheet)):
            raise AuditorError("sides_open", header.sheet.place(header.row.number, cell.column), head=cell.text)


def _says_the_same(header: Header, amount: int, other: int, mark: str) -> bool:
    """Tell whether a column repeats the amounts, row by row, or sums them up beside them."""
    rows = header.sheet.rows[header.sheet.rows.place(header.row.number) + 1 :]
    amounts, others = ([read_value(row.cell(column).value, mark) for row in rows] for column in (amount, other))
    stated = {figure for figure in others if figure}
    total = sum((figure for figure in amounts if figure), Decimal(0))
    texts = ((row.cell(amount).text, row.cell(other).text) for row in rows)
    return (
        all(one == another for one, another in texts if another) or total in stated or total / 2 in stated
    )  # the table may hold its total, too


def _refuse_hidden(sheets: Sequence[Sheet]) -> None:
    """Refuse the first figures that hide a mark: as they are no numbers, no column of amounts is seen either."""
    for sheet in sheets:
        for cell in (cell for row in sheet.rows[:_LOOKED_AT] for cell in row.filled if hides(cell.text)):
            raise AuditorError("figures_hide", sheet.place(cell.row, cell.column), value=seen(cell.text))


def _refuse_unreadable(header: Header) -> None:
    """Name the column that is headed as the amount and the first of its cells, if none of them is a number."""
    for head in header.row.filled:
        if head.column in header.fields or likeliest_field(head.text) != "amount":
            continue
        cells = [row.cell(head.column) for row in header.rows_below() if row.cell(head.column).text]
        if cells and not any(map(is_number, cells)):
            place = header.sheet.place(cells[0].row, head.column)
            raise AuditorError("amounts_unreadable", place, head=head.text, value=cells[0].text[:60])


def _check_credits(header: Header, columns: Mapping[str, int], options: ReadOptions) -> None:
    """Refuse a column of credits that are not read and not taken off the amounts either, as those of a ledger are."""
    netted_already = any(one.code in _NETTED for one in header.sheet.remarks)
    if header.profile is not None or "amount" not in columns or netted_already:
        return
    amount = header.row.cell(columns["amount"]).text
    for cell in header.row.cells:
        stated = any(plain(name) == plain(cell.text) for name in options.mapping)
        if cell.column in header.fields or stated or not is_credit_head(cell.text, beside=amount):
            continue
        if leaves_out(header.rows_below(), columns, cell.column):
            place = header.sheet.place(header.row.number)
            raise AuditorError("credits_left_out", place, head=cell.text, amount=amount)


def _is_transposed(header: Header, options: ReadOptions) -> bool:
    """Tell a table that lies on its side: its rows are called as columns are, quantity and amount among them."""
    if options.mapping or header.profile:
        return False
    rows = header.rows_below()
    names = [row.filled[0].text for row in rows if len(row.filled) > 1 and not total_kind(row.filled[0].text)]
    said = [likeliest_field(name) for name in names]
    if any(header.has_part(column) for column in header.fields):
        # Counts by day, say, and below them a row of rates and one of amounts.
        return {"unit_rate", "amount"} <= {*said}
    return bool(said) and all(field in NUMBERS for field in said) and "amount" in said and len(set(said)) > 1


def _other_tables(chosen: Sequence[Header], headers: Iterable[Header]) -> tuple[Problem, ...]:
    """Name the other tables with amounts, which are not read: on other sheets, or above a chosen one."""
    below = {header.sheet.name: header.row.number for header in chosen}
    return tuple(
        Problem("other_table", header.sheet.place(header.row.number))
        for header in headers
        if header.has_amount and header.row.number < below.get(header.sheet.name, header.row.number + 1)
    )


def _hidden_tables(sheets: Sequence[Sheet], options: ReadOptions, currency: str) -> tuple[Problem, ...]:
    """Name the tables with amounts on sheets that are hidden, and so were not looked at, if nobody named a place."""
    looked_at = [] if options.sheet or options.header_row else sheets_looked_at(sheets, options)
    hidden = [sheet for sheet in sheets if looked_at and all(sheet is not one for one in looked_at)]
    tables = (one for sheet in hidden for one in headers_of(sheet, options, (), currency)[:1] if _has_amounts(one))
    return tuple(Problem("sheet_hidden", one.sheet.place(one.row.number)) for one in tables)


def _has_amounts(header: Header) -> bool:
    """Tell whether there are figures in a column of amounts."""
    amounts = [column for column, one in header.fields.items() if one.field == "amount"]
    return any(is_number(row.cell(column)) for row in header.rows_below() for column in amounts)


def _ready(header: Header, options: ReadOptions) -> Prepared:
    """Give the sheet with its table in our words, if a profile is to put it so, else as it is."""
    if header.profile is None:
        return Prepared(header.sheet)
    fields = {column: assigned.field for column, assigned in header.fields.items()}
    return prepared(header.sheet, header.row, fields, header.profile, USAGE if options.usage else INVOICE)


def _layout(header: Header, ready: Prepared, options: ReadOptions) -> Layout:
    """Lay the table's columns out, with those that a profile adds, and the types stated of them."""
    taken = {column.field for column in ready.added}
    own = _in_money_of_sum(header, [_column(header, cell, taken) for cell in header.row.cells])
    heads = [cell.text for cell in header.row.cells]
    own = with_types(own, heads, options.types)
    return Layout(
        header.sheet.name,
        header.row.number,
        (*own, *(_added_column(header, column) for column in ready.added)),
        fingerprint(heads),
        header.profile.name if header.profile else "",
        applied=header.profile,
    )


def _in_money_of_sum(header: Header, columns: Sequence[LayoutColumn]) -> Sequence[LayoutColumn]:
    """Give the amounts of parts whose heads name no currency that of a column, not read, which is their sum."""
    parts = [one for one in columns if one.part and one.field == "amount"]
    if not parts or any(one.currency for one in parts):
        return columns
    places, rows = [one.column for one in parts], header.rows_below()
    sums = (one for one in columns if one.currency and not one.field and add_up(places, one.column, rows))
    code = next((one.currency for one in sums), "")
    return [replace(one, currency=code) if one in parts else one for one in columns]


def _column(header: Header, cell: SheetCell, taken: Collection[str]) -> LayoutColumn:
    """Make a column of the file; a field that is `taken` comes from a column that the profile adds."""
    unused = Assigned("", "stated" if cell.column in header.ignored else "", 0)
    field, basis, sure, part = header.fields.get(cell.column, unused)
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


def _added_column(header: Header, added: AddedColumn) -> LayoutColumn:
    known = header.profile if header.profile and header.profile.heads else None
    saved = known.column(0, added.head.partition(BESIDE)[0]) if known else None
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

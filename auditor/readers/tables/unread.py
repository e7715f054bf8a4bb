"""Columns of a table that are not read, though they may tell what is counted or charged (formats.md §4)."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from itertools import permutations

from auditor.core.problems import Problem
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.tables.bases import adds_to
from auditor.readers.tables.bases import is_figures
from auditor.readers.tables.bases import makes_amount
from auditor.readers.tables.bases import parts_of_amount
from auditor.readers.tables.headers import Header
from auditor.readers.tables.layouts import TAXES
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.wide import is_day
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.places import may_be_languages
from auditor.readers.values.places import place_named
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import is_credit_head
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.vocabulary import says_of_other_figures
from auditor.readers.values.vocabulary import unit_named
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_SURE = 90.0
# So near to the head of the column that is read another one's may be as well what is charged.
_AS_LIKELY = 0.8
_MOST_FREE = 8
_LOOKED_AT = 500
_COUNTED = frozenset({"", "quantity", "tier"})
# From here on a whole number is rather an id than a count.
_IDS = 10**9


def unread(header: Header) -> tuple[Problem, ...]:
    """Name the columns below a header that are not read and may tell what is counted, or what the amounts consist of.

    A profile has said of each column what it is.
    """
    if header.profile is not None:
        return ()
    columns = {one.field: column for column, one in header.fields.items()}
    found = (*_unread_figures(header), *_other_units(header, columns))
    counts = (*_unread_counts(header, columns), *_counts_apart(header, columns))
    return (*found, *_parts(header, columns), *counts, *_unread_amounts(header, columns))


def check_place(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> list[Problem]:
    """Remark the one column not read that names one place beside every charge, where nothing says to where they went.

    It may as well be where the customer is, or who billed: several places in one column are read as destinations.
    """
    charges = [line for line in lines if line.layer == Layer.META]
    if not charges or any(line.market or line.country for line in charges):
        return []
    rows = [sheet.rows[sheet.rows.place(line.source.row)] for line in charges[:_LOOKED_AT]]
    free = [column for column in layout.columns if column.head and not column.field and not column.added]
    named = {column: {row.cell(column.column).text for row in rows} for column in free}
    codes = lists("unit_codes")["words"]
    alone = [(column, min(texts)) for column, texts in named.items() if len(texts) == 1]
    found = [(column, text) for column, text in alone if _is_place(text) and key(text) not in codes]
    if len(found) != 1:
        return []
    ((column, place),) = found
    values = {"head": column.head, "place": place[:60]}
    return [Problem("place_unread", sheet.place(layout.header_row, column.column), values)]


def check_totals(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> list[Problem]:
    """Remark the totals in whose place an error stands, `#REF!`: nothing holds the lines against them."""
    amounts = [column.column for column in layout.columns if column.field == "amount"] if lines else []
    places = [(row, column) for row, _ in layout.left_out for column in amounts if (row, column) in sheet.troubles]
    return [
        Problem("cell_error", sheet.place(row, column), {"value": sheet.troubles[row, column]})
        for row, column in places
        if any(total_kind(cell.text) for cell in sheet.rows[sheet.rows.place(row)].filled)
    ]


def check_words(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> list[Problem]:
    """Remark columns of words that are not read, where nothing says of any line what it is for, nor where."""
    charges = [line for line in lines if line.layer == Layer.META]
    if not charges or any(line.category or line.market or line.country or line.description for line in charges):
        return []
    rows = [sheet.rows[sheet.rows.place(line.source.row)] for line in charges[:_LOOKED_AT]]
    free = [column for column in layout.columns if column.head and not column.field and not column.added]
    heads = [one.head for one in free if all(is_label(row.cell(one.column)) for row in rows)]
    values = {"heads": "; ".join(heads), "head": heads[0]} if heads else {}
    return [Problem("words_unread", sheet.place(layout.header_row), values)] if heads else []


def check_categories(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> list[Problem]:
    """Remark the charges whose words name no category, where those of most others do: they may be a provider's fee."""
    charges = [line for line in lines if line.layer == Layer.META and line.amount]
    blank = [line for line in charges if not line.category]
    if layout.field("category") or 2 * len(blank) >= len(charges):
        return []
    return [Problem("category_unnamed", line.source, {"text": line.description[:60] or sheet.name}) for line in blank]


def check_dates(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> list[Problem]:
    """Remark the one column of several days or periods that is not read, where nothing says when the charges arose."""
    charges = [line for line in lines if line.layer == Layer.META]
    if not charges or any(line.period_start for line in charges):
        return []
    rows = [sheet.rows[sheet.rows.place(line.source.row)] for line in charges[:_LOOKED_AT]]
    free = [column for column in layout.columns if column.head and not column.field and not column.added]
    dated = [one for one in free if _are_days([row.cell(one.column) for row in rows])]
    if len(dated) != 1:
        return []
    place = sheet.place(layout.header_row, dated[0].column)
    return [Problem("dates_unread", place, {"head": dated[0].head})]


def _are_days(cells: Sequence[SheetCell]) -> bool:
    return len({cell.text for cell in cells}) > 1 and all(map(is_day, cells))


def _is_place(text: str) -> bool:
    """Tell the name or code of a place that is none of a language of templates, too."""
    return any(place_named(text, prefer_country=True) or ()) and not may_be_languages([text.upper()])


def _unread_figures(header: Header) -> Iterator[Problem]:
    """Name a column that is headed as quantity or rate and holds figures, none of which can be read as a number."""
    taken = {one.field for one in header.fields.values()}
    for head in header.unread():
        field = likeliest_field(head.text)
        if field not in {"quantity", "unit_rate"} - taken:
            continue
        cells = [row.cell(head.column) for row in header.rows_below() if row.cell(head.column).text]
        if any(map(_has_digit, cells)) and not any(map(is_number, cells)):
            values = {"head": head.text, "value": cells[0].text[:60]}
            yield Problem("column_unreadable", header.sheet.place(cells[0].row, head.column), values)


def _other_units(header: Header, columns: Mapping[str, int]) -> Iterator[Problem]:
    """Name a column that counts other units than the one read, if no rate tells which of them are charged."""
    if "quantity" not in columns or header.fields[columns["quantity"]].basis != "head" or _is_rated(header, columns):
        return
    head = header.row.cell(columns["quantity"]).text
    for cell in header.unread():
        named = head_scores(cell.text).get("quantity", 0) >= _SURE
        if named and {unit_named(cell.text), unit_named(head)} == {"conversation", "message"}:
            place = header.sheet.place(header.row.number)
            yield Problem("units_of_two", place, {"head": head, "other": cell.text})


def _is_rated(header: Header, columns: Mapping[str, int]) -> bool:
    """Tell whether quantity x rate proves that those are the units charged."""
    return {"quantity", "unit_rate", "amount"} <= columns.keys() and makes_amount(
        header.rows_below(), columns["quantity"], columns["unit_rate"], columns["amount"]
    )


def _parts(header: Header, columns: Mapping[str, int]) -> Iterator[Problem]:
    """Name two columns that are not read and in every row make the amount, or the quantity.

    One may be a fee of the provider, or what is free of charge.
    """
    if any(map(header.has_part, header.fields)):
        return
    codes = {"amount": "amount_of_two"} | ({} if _is_rated(header, columns) else {"quantity": "quantity_of_two"})
    free = [cell.column for cell in header.unread()]
    yield from _added_to(header, columns, free)
    for field, code in codes.items():
        found = parts_of_amount(header.rows_below(), columns[field], free) if field in columns else None
        if found:
            names = zip(("first", "second", "head"), (*found, columns[field]), strict=True)
            values = {name: header.row.cell(column).text for name, column in names}
            yield Problem(code, header.sheet.place(header.row.number), values)


def _added_to(header: Header, columns: Mapping[str, int], free: Sequence[int]) -> Iterator[Problem]:
    """Name a column that is not read and in every row is the amount with what another one adds or takes off."""
    if "amount" not in columns or header.fields[columns["amount"]].basis not in {"head", "values"} or len(free) < 2:
        return
    amount, place = columns["amount"], header.sheet.place(header.row.number)
    head = header.row.cell(amount).text
    for more, whole in permutations(free[:_MOST_FREE], 2):
        given_back = is_credit_head(header.row.cell(more).text, beside=head)  # the whole is what was before it
        if not given_back and adds_to(header.rows_below(), amount, more, whole):
            names = zip(("head", "more", "other"), (amount, more, whole), strict=True)
            yield Problem("amount_added_to", place, {name: header.row.cell(one).text for name, one in names})
            return


def _unread_counts(header: Header, columns: Mapping[str, int]) -> Iterator[Problem]:
    """Name the columns of whole numbers beside amounts of which no quantity is read: one may be it, or a part."""
    if "amount" not in columns or "quantity" in columns or any(map(header.has_part, header.fields)):
        return
    heads = [cell.text for cell in header.unread() if _may_count(header, cell)]
    if heads:
        place = header.sheet.place(header.row.number)
        yield Problem("quantity_unread", place, {"heads": "; ".join(heads), "head": heads[0]})


def _counts_apart(header: Header, columns: Mapping[str, int]) -> Iterator[Problem]:
    """Name a table above with the same heads, over whole numbers: the counts of the amounts, of which none is read."""
    heads = [cell.text for cell in header.row.filled]
    amounts = [column for column, one in header.fields.items() if one.field == "amount"]
    if "quantity" in columns or not amounts:
        return
    above = header.sheet.rows[: header.sheet.rows.place(header.row.number)]
    again = next((row for row in above if [cell.text for cell in row.filled] == heads), None)
    counts = [row.cell(column) for row in above if again and row.number > again.number for column in amounts]
    stated = [cell for cell in counts if cell.text]
    if again and stated and all(_whole(cell.value) is not None for cell in stated):
        yield Problem("counts_apart", header.sheet.place(header.row.number), {"row": str(again.number)})


def _unread_amounts(header: Header, columns: Mapping[str, int]) -> Iterator[Problem]:
    """Name a second column that is headed as the amounts are, where nothing proves the one that is read."""
    amount = columns.get("amount", 0)
    if not amount or header.fields[amount].basis != "head" or set(TAXES) & columns.keys() or _is_rated(header, columns):
        return
    head, rows, free = header.row.cell(amount), header.rows_below(), header.unread()
    if any(map(header.has_part, header.fields)) or any(is_credit_head(cell.text, beside=head.text) for cell in free):
        return
    for cell in free:
        same_money = text_currency(cell.text) == text_currency(head.text)
        if not same_money or head_scores(cell.text).get("amount", 0) < _AS_LIKELY * header.fields[amount].sure:
            continue
        others = [(row.cell(amount).text, row.cell(cell.column).text) for row in rows if row.cell(amount).text]
        several = len({other for _, other in others if other}) > 1
        if several and is_figures(rows, cell.column) and any(one != other for one, other in others):
            values = {"head": head.text, "other": cell.text}
            yield Problem("amounts_of_two", header.sheet.place(header.row.number), values)
            return


def _may_count(header: Header, head: SheetCell) -> bool:
    """Tell whether whole numbers below a head may be counts: no ids, no numbering, no one number in all rows."""
    if says_of_other_figures(head.text) or text_currency(head.text) or likeliest_field(head.text) not in _COUNTED:
        return False
    rows = [row for row in header.rows_below() if not any(total_kind(cell.text) for cell in row.filled)]
    if not is_figures(rows, head.column):
        return False
    known = [_whole(row.cell(head.column).value) for row in rows if row.cell(head.column).text]
    counts = [count for count in known if count is not None]
    numbered = all(following - count == 1 for count, following in pairwise(counts))
    return len(counts) == len(known) and len(set(counts)) > 1 and not numbered and max(counts) < _IDS


def _whole(value: object) -> Decimal | None:
    """Give a whole number, however its thousands are marked; None for what is none."""
    read = (read_value(value, mark) for mark in sorted(MARKS))
    return next((figure for figure in read if figure is not None and figure >= 0 and figure % 1 == 0), None)


def _has_digit(cell: SheetCell) -> bool:
    return any(map(str.isdecimal, cell.text))

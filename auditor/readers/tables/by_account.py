"""Columns that are known by the account alone: by its ids, phones or names in them, or by its months (§4)."""

from collections.abc import Sequence
from dataclasses import replace

from auditor.core.records import Account
from auditor.readers.books.cells import Sheet
from auditor.readers.tables.assigned import BY_VALUES
from auditor.readers.tables.identity import ID
from auditor.readers.tables.identity import Identities
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn


def with_account_columns(sheet: Sheet, layout: Layout, ids: Identities) -> Layout:
    """Take the columns, not read, of which every text is a WABA or a number of the account for those of the charges.

    Names and phones count only where there are several: the customer's own stands beside every line of an invoice.
    Of ids one that is known is enough, for a column of ids is of one kind.
    """
    if layout.profile:
        return layout
    for field, known in (("waba_id", ids.wabas), ("phone_number_id", ids.owners.keys())):
        means = ids.waba if field == "waba_id" else ids.number
        free = [one for one in layout.columns if not (one.field or one.basis or one.added)]
        for column in free if not layout.field(field) else ():
            texts = _texts(sheet, layout, column)
            found = [text for text in texts if means(text) in known]
            of_ids = any(text in known for text in found) and all(map(ID.fullmatch, texts))
            if of_ids or 1 < len(found) == len(texts):
                layout = _taken(layout, column, field)
                break
    return layout


def parts_of_the_period(parts: Sequence[Layout], account: Account) -> tuple[Sequence[Layout], Sequence[str]]:
    """Tell the columns of the audited months from those of others, which are named, if there are any of either."""
    inside: list[Layout] = []
    outside: list[Layout] = []
    for one in parts:
        first, last = one.part.period or (account.first, account.last)
        (inside if first <= account.last and last >= account.first else outside).append(one)
    months = dict.fromkeys(f"{one.part.period[0]:%Y-%m}" for one in outside if one.part.period)
    return (inside, tuple(months)) if inside else (parts, ())


def _texts(sheet: Sheet, layout: Layout, column: LayoutColumn) -> Sequence[str]:
    """Give the different texts of a column in the rows of lines; none where it has anything but texts."""
    cells = [sheet.rows[sheet.rows.place(row)].cell(column.column) for row in layout.data]
    filled = [cell for cell in cells if cell.text]
    return [*dict.fromkeys(cell.text for cell in filled)] if all(isinstance(one.value, str) for one in filled) else []


def _taken(layout: Layout, column: LayoutColumn, field: str) -> Layout:
    told = replace(column, field=field, basis="values", sure=round(BY_VALUES))
    return replace(layout, columns=tuple(told if one is column else one for one in layout.columns))

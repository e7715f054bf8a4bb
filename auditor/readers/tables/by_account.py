"""Columns that are known by the account alone: whatever their heads, their texts are its ids, phones or names (§4)."""

from collections.abc import Sequence
from dataclasses import replace

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


def _texts(sheet: Sheet, layout: Layout, column: LayoutColumn) -> Sequence[str]:
    """Give the different texts of a column in the rows of lines; none where it has anything but texts."""
    cells = [sheet.rows[sheet.rows.place(row)].cell(column.column) for row in layout.data]
    filled = [cell for cell in cells if cell.text]
    return [*dict.fromkeys(cell.text for cell in filled)] if all(isinstance(one.value, str) for one in filled) else []


def _taken(layout: Layout, column: LayoutColumn, field: str) -> Layout:
    told = replace(column, field=field, basis="values", sure=round(BY_VALUES))
    return replace(layout, columns=tuple(told if one is column else one for one in layout.columns))

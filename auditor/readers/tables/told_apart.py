"""Columns that tell lines apart and are not compared: the message, whom it went to, the template (formats.md §3).

Lines that are alike in everything else are not one billed twice where these differ. A customer's telephone must not be
taken for a number of the account, a country (`Número destino`) or a day (`To`).
"""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from functools import lru_cache

from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.rulebook import market_table
from auditor.readers.tables.assigned import BY_VALUES
from auditor.readers.tables.assigned import CERTAIN
from auditor.readers.tables.assigned import Assigned
from auditor.readers.tables.wide import is_day
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

MESSAGE = "message_id"
RECIPIENT = "user"
TEMPLATE = "template_name"
OF_MESSAGES = frozenset({MESSAGE, RECIPIENT})
"""The fields of lines that name the message they bill, or whom it went to."""
TOLD_APART = (MESSAGE, RECIPIENT, TEMPLATE)
"""The fields by which lines are told apart, and no more."""

_TELEPHONE = re.compile(r"(?:whatsapp:)?\+?[0-9][0-9 ().-]{5,18}[0-9]")
# A business writes from few numbers, and to many: below a plain `Phone` every fourth row at least has another.
_FEW = 4
_LONGEST_CODE = 4
_REMEMBERED = 1 << 14


def by_recipients(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the columns that name the message a line bills, or its recipient; its price is then the amount."""
    free = [cell for cell in row.filled if cell.column not in fields or fields[cell.column].basis == "head"]
    named = next((cell for cell in free if _is_one_of(cell, "message_ids") and cell.column not in fields), None)
    if named is not None:
        fields = {**fields, named.column: Assigned(MESSAGE, "head", CERTAIN)}
    to = next((cell for cell in free if _is_recipient(cell, fields, below, listed=named is not None)), None)
    if to is not None:
        fields = {**fields, to.column: Assigned(RECIPIENT, "values", BY_VALUES)}
    columns = {one.field: column for column, one in fields.items()}
    if not columns.keys() & OF_MESSAGES or {"amount", "quantity"} & columns.keys() or "unit_rate" not in columns:
        return fields
    return {**fields, columns["unit_rate"]: Assigned("amount", "values", BY_VALUES)}


def by_templates(row: SheetRow, fields: Mapping[int, Assigned]) -> Mapping[int, Assigned]:
    """Take the column of templates or campaigns for what it is, where nothing else is read from it."""
    named = next((cell for cell in row.filled if cell.column not in fields and _is_one_of(cell, "templates")), None)
    return fields if named is None else {**fields, named.column: Assigned(TEMPLATE, "head", CERTAIN)}


@lru_cache(_REMEMBERED)
def country_called(telephone: str) -> str:
    """Give the country of a telephone in international form, by its longest calling code; empty without the plus.

    A number as it is dialled within its country may begin with another one's code.
    """
    _, plus, number = telephone.partition("+")
    digits = re.sub(r"[^0-9]", "", number) if plus else ""
    codes = (digits[:length] for length in range(_LONGEST_CODE, 0, -1))
    return next((_countries()[code] for code in codes if code in _countries()), "")


@cache
def _countries() -> Mapping[str, str]:
    """Give the country of every calling code, of those that share one the main one."""
    return {place.code: place.countries[0] for place in market_table().places if place.code.isdecimal()}


def _is_one_of(cell: SheetCell, table: str) -> bool:
    return key(cell.text) in lists(table)["words"]


def _is_recipient(head: SheetCell, fields: Mapping[int, Assigned], below: Sequence[SheetRow], *, listed: bool) -> bool:
    """Tell a column of customers' telephones: by its head, or below a plain `Phone` where messages are listed."""
    cells = [cell for cell in (row.cell(head.column) for row in below) if cell.text]
    if not cells or not all(_TELEPHONE.fullmatch(cell.text) for cell in cells) or all(map(is_day, cells)):
        return False
    if _is_one_of(head, "recipients"):
        return True
    taken = fields.get(head.column)
    many = len({cell.text for cell in cells}) * _FEW > len(cells)
    return listed and many and taken is not None and taken.field == "phone_number_id"

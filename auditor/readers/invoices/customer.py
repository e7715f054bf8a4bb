"""Whom an invoice is made out to: the customer's name and tax number, where its titles or its XML state them surely."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.xml_elements import NOBODY
from auditor.readers.books.xml_elements import Party
from auditor.readers.tables.layouts import Layout
from auditor.readers.values.vocabulary import title_field
from auditor.readers.values.words import exact
from auditor.readers.values.words import key

# The number stands so many rows at most below the name: further down it is somebody else's.
_NEAR = 4
# So many rows at most are titles, and no name is longer.
_WITHIN, _LONGEST = 100, 300
_NUMBER = re.compile(r"[A-Z]{0,4}[- ]?[0-9][0-9A-Z.\-/]{5,17}")
_TRAILING = re.compile(r"^(?P<label>.*?)[\s:.#°º]*\b(?P<number>[A-Z]{0,4}[0-9][0-9A-Z.\-/]{5,17})$")
_APART = re.compile(r"\s+[-\u2013\u2014|\u00b7,;/]\s*|\s{2,}|[,;(]\s*|\s")
_LETTERS = 2


def customer_of(sheets: Sequence[Sheet], layout: Layout) -> Party:
    """Give whom an invoice is made out to; what several titles state in several ways is not told."""
    stated = [_of_titles(_outside(sheet, layout)) if sheet.customer == NOBODY else sheet.customer for sheet in sheets]
    names, numbers = ({one[place] for one in stated} - {""} for place in (0, 1))
    name = names.pop() if len(names) == 1 else ""
    return Party(name, numbers.pop() if name and len(numbers) == 1 else "")


def _outside(sheet: Sheet, layout: Layout) -> Iterator[SheetRow]:
    """Give the rows that are no part of the table: those above it, or all of a sheet without one."""
    first = layout.header_row if sheet.name == layout.sheet else 0
    return (row for row in sheet.rows[:_WITHIN] if not first or row.number < first)


def _of_titles(rows: Iterable[SheetRow]) -> Party:
    """Read the customer behind its label, beside it or below, and the number that stands nearest behind the name."""
    cells = [cell for row in rows for cell in row.filled if len(cell.text) <= _LONGEST]
    named = [(place, name) for place, cell in enumerate(cells) if (name := _name(cells, place))]
    if len({_bare(name) for _, name in named}) != 1:
        return NOBODY
    place, name = named[0]
    own = _bare(name), _number_in(name)
    near = [cell for cell in cells[place + 1 :] if cell.row - cells[place].row <= _NEAR]
    found = (number for at, cell in enumerate(near) if (number := _number(near, at, cell)))
    return Party(own[0], own[1] or _stated_apart(cells) or next(found, ""))


def _name(cells: Sequence[SheetCell], place: int) -> str:
    """Give the name that a cell's label announces: behind its colon, in the next cell, or in the one below."""
    cell = cells[place]
    label, _, rest = cell.text.partition(":")
    if exact(key(label), "customers") != "name":
        return ""
    if rest.strip():
        return rest.strip() if _is_name(rest) else ""
    beside = next((one for one in cells[place + 1 :] if one.row == cell.row), None)
    if beside is not None and not _is_label(beside):
        return beside.text.strip() if _is_name(beside.text) else ""
    below = next((one for one in cells[place + 1 :] if one.row == cell.row + 1 and one.column == cell.column), None)
    return below.text.strip() if below is not None and not _is_label(below) and _is_name(below.text) else ""


def _is_label(cell: SheetCell) -> bool:
    label = cell.text.partition(":")[0]
    return bool(title_field(label) or exact(key(label), "customers"))


def _is_name(text: str) -> bool:
    """Tell a name from a customer's code: it has letters, and more of them than figures."""
    bare = _bare(text)
    letters = sum(map(str.isalpha, bare))
    return letters >= _LETTERS and letters > sum(map(str.isdigit, bare))


def _bare(name: str) -> str:
    """Give a name without the tax number behind it in the same cell: `Farmacias del Sur - RUC 20609876543`."""
    found = _labelled(name)
    return found[0] if found else name.strip()


def _number_in(name: str) -> str:
    found = _labelled(name)
    return found[1] if found else ""


def _labelled(text: str) -> tuple[str, str] | None:
    """Part a text into what stands before the label of a tax number, and the number; None if there is none."""
    match = _TRAILING.match(text.strip().rstrip(")"))
    if match is None:
        return None
    for cut in _APART.finditer(match["label"]):
        if _is_number_label(match["label"][cut.end() :]):
            return match["label"][: cut.start()].strip(), match["number"]
    return ("", match["number"]) if _is_number_label(match["label"]) else None


def _is_number_label(text: str) -> bool:
    """Tell the label of a tax number, whose ever it is."""
    return exact(key(text), "customers") == "tax_id" or title_field(text) == "supplier_tax_id"


def _number(cells: Sequence[SheetCell], place: int, cell: SheetCell) -> str:
    """Give the tax number that a cell states with its label, or announces for the next cell of its row."""
    found = _labelled(cell.text)
    if found:
        return "" if found[0] else found[1]
    following = cells[place + 1] if place + 1 < len(cells) and cells[place + 1].row == cell.row else None
    if following is None or not _is_number_label(cell.text.rstrip(": ")):
        return ""
    return following.text.strip() if _NUMBER.fullmatch(following.text.strip()) else ""


def _stated_apart(cells: Sequence[SheetCell]) -> str:
    """Give the number that is said to be the customer's, wherever it stands: `RUC del cliente: 20609876543`."""
    for place, cell in enumerate(cells):
        label = cell.text.partition(":")[0]
        stated = label if ":" in cell.text else ((match := _TRAILING.match(cell.text)) and match["label"]) or cell.text
        if exact(key(stated), "customers") == "tax_id" and (number := _number(cells, place, cell)):
            return number
    return ""

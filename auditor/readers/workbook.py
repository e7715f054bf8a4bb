"""Reading an XLSX workbook, to be done apart (`apart.py`): values by calamine, and the facts calamine cannot tell.

Plain tuples go back to the parent, since they cross between processes.
"""

import csv
import io
import zipfile
from collections.abc import Callable
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from typing import NamedTuple
from typing import TypeAlias
from typing import TypeVar

import python_calamine as calamine
from defusedxml import DefusedXmlException
from defusedxml import ElementTree

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.bookcheck import check_book
from auditor.readers.bookcheck import column_number

Raw: TypeAlias = int | float | str | bool | date | datetime | time | timedelta | None
_Read = TypeVar("_Read")
_UNPACKED_INVOICE = 600 << 20
# A log of 1,048,576 rows unpacks to more than an invoice ever does; the child's memory bounds it all the same.
_UNPACKED_LOG = 4 << 30
_MOST_CELLS = 5_000_000
_LONGEST_EXACT = 10**14
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Facts(NamedTuple):
    """What stands in a sheet beside its values; rows and columns count from 1.

    `troubles` gives, for a cell without a usable value, its error text (`#REF!`) or nothing: a formula that no
    program has calculated yet.
    """

    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    troubles: dict[tuple[int, int], str]


class RawSheet(NamedTuple):
    """A sheet as calamine gives it: `rows[0]` is the sheet's first row; merged areas are (top, left, bottom, right)."""

    name: str
    hidden: bool
    rows: list[list[Any]]
    merged: tuple[tuple[int, int, int, int], ...]
    facts: Facts


def read_book(path: str) -> list[RawSheet]:
    """Read every worksheet of an XLSX file. Raises `AuditorError` as `check_book` does, or `file_damaged`."""
    check_book(Path(path), _UNPACKED_INVOICE)
    book = _open(path)
    parts = _sound(_sheet_parts, path)
    sheets = []
    for meta in book.sheets_metadata:
        if meta.typ == calamine.SheetTypeEnum.WorkSheet:
            sheet = _sheet(book, meta.name)
            if sheet.total_height * sheet.total_width > _MOST_CELLS:
                raise AuditorError("book_extent", Place(Path(path).name, meta.name))
            hidden = meta.visible != calamine.SheetVisibleEnum.Visible
            facts = _sound(_facts, path, parts.get(meta.name, ""))
            sheets.append(RawSheet(meta.name, hidden, _rows(sheet), _merged(sheet), facts))
    return sheets


def book_sheets(path: str) -> list[str]:
    """Give the names of the visible worksheets, or of all of them if none is visible."""
    check_book(Path(path), _UNPACKED_LOG)
    return _names(_open(path))


def book_to_csv(path: str, name: str, target: str) -> str:
    """Write one sheet (no name: the first visible one with cells) as CSV and give its name (`cells.sheet_to_csv`)."""
    check_book(Path(path), _UNPACKED_LOG)
    book = _open(path)
    if name and name not in book.sheet_names:
        raise AuditorError("sheet_unknown", sheet=name, sheets=", ".join(_names(book)))
    for candidate in [name] if name else _names(book):
        sheet = _sheet(book, candidate)
        if name or sheet.start is not None:
            _write_csv(sheet, target)
            return candidate
    raise AuditorError("file_empty")


def _open(path: str) -> calamine.CalamineWorkbook:
    try:
        return calamine.load_workbook(path)
    except calamine.PasswordError as error:
        raise AuditorError("file_encrypted") from error
    except (calamine.CalamineError, OSError) as error:
        raise AuditorError("file_damaged") from error


def _sheet(book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError) as error:
        raise AuditorError("file_damaged") from error


def _names(book: calamine.CalamineWorkbook) -> list[str]:
    metas = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
    visible = [meta.name for meta in metas if meta.visible == calamine.SheetVisibleEnum.Visible]
    return visible or [meta.name for meta in metas]


def _rows(sheet: calamine.CalamineSheet) -> list[list[Any]]:
    return sheet.to_python(skip_empty_area=False) if sheet.start is not None else []


def _merged(sheet: calamine.CalamineSheet) -> tuple[tuple[int, int, int, int], ...]:
    ranges = sheet.merged_cell_ranges or []
    return tuple((top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges)


def _sound(read: Callable[..., _Read], *arguments: str) -> _Read:
    """Read XML; whatever is wrong with it is a damaged file."""
    try:
        return read(*arguments)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, KeyError) as error:
        raise AuditorError("file_damaged") from error


def _sheet_parts(path: str) -> dict[str, str]:
    """Give the part of the zip that holds each sheet."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): str(link.get("Target", "")) for link in links}
    parts = {}
    for sheet in (element for element in book.iter() if _tag(element) == "sheet"):
        target = targets.get(sheet.get(_REL), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            parts[str(sheet.get("name"))] = part
    return parts


def _facts(path: str, part: str) -> Facts:
    """Walk through a sheet's XML for hidden rows and columns, uncalculated formulas and error cells."""
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    troubles: dict[tuple[int, int], str] = {}
    row = 0
    with zipfile.ZipFile(path) as archive, archive.open(part) if part else io.BytesIO(b"<none/>") as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):
            tag = _tag(element)
            if event == "start" and tag == "row":
                row = int(element.get("r", row + 1))
                if element.get("hidden") in {"1", "true"}:
                    hidden_rows.add(row)
            elif event == "end" and tag == "c":
                _note_trouble(element, troubles)
            elif event == "end" and tag == "col" and element.get("hidden") in {"1", "true"}:
                hidden_columns.update(range(int(element.get("min", 1)), int(element.get("max", 0)) + 1))
            if event == "end" and tag in {"row", "sheetData"}:
                element.clear()
    return Facts(frozenset(hidden_rows), frozenset(hidden_columns), troubles)


def _note_trouble(cell: Any, troubles: dict[tuple[int, int], str]) -> None:
    """Put down a cell that holds an error, or a formula without a stored value."""
    children = {_tag(child): child for child in cell}
    stored = children["v"].text if "v" in children else None
    kind = cell.get("t", "n")
    uncalculated = "f" in children and not stored and kind != "str" and "is" not in children
    if uncalculated or kind == "e":
        reference = str(cell.get("r", ""))
        letters = reference.rstrip("0123456789")
        if letters and letters != reference:
            place = int(reference[len(letters) :]), column_number(letters.encode())
            troubles[place] = stored or "" if kind == "e" else ""


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _write_csv(sheet: calamine.CalamineSheet, target: str) -> None:
    """Write the rows that hold anything, each with its number first, all of one width."""
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, row in enumerate(sheet.iter_rows(), 1):
            texts = _texts(row)
            if any(texts):
                writer.writerow([number, *texts])


def _texts(row: Sequence[Raw]) -> list[str]:
    return [cell if type(cell) is str else raw_text(cell) for cell in row]


def raw_text(value: Raw) -> str:
    """Give a cell's value as text: dates in ISO form, whole numbers plain, others as the shortest exact decimal.

    A whole number of 15 digits or more keeps its exponent (`1.02290129340398e+14`): Excel keeps 15 digits, so an id
    of that length may have lost some, and must be seen to have been a number.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value)) if abs(value) < _LONGEST_EXACT else _exponent(value)
        return repr(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return "" if value is None else str(value)


def _exponent(value: float) -> str:
    mantissa, _, power = f"{value:.16e}".partition("e")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}e{power}"

"""A reviewer at work: types decisions and notes into an exported workbook."""

from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

Typed = Mapping[str, tuple[str | None, str | None]]
"""Decision and note by the key of a line."""


def places(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """Give the row of the heads, and the columns by their heads."""
    for row in sheet.iter_rows(max_row=20):
        heads = {str(cell.value): cell.column for cell in row if cell.value}
        if {"Key", "Note"} <= set(heads) or {"Clave", "Nota"} <= set(heads):
            return int(row[0].row), heads  # type: ignore[arg-type]
    raise AssertionError("no heads")


def typed(book: Path, entries: Typed, change: Callable[[Worksheet], object] = lambda _sheet: None) -> Path:
    """Type decisions and notes into a workbook as a reviewer would, and save it."""
    opened = openpyxl.load_workbook(book)
    sheet = opened[opened.sheetnames[5]]
    top, heads = places(sheet)
    key, decision, note = (
        heads.get(en) or heads[es] for en, es in (("Key", "Clave"), ("Decision", "Decisión"), ("Note", "Nota"))
    )
    for row in range(top + 1, sheet.max_row + 1):
        entry = entries.get(str(sheet.cell(row, key).value))
        for column, said in zip((decision, note), entry or (), strict=False):
            sheet.cell(row, column).value = said
    change(sheet)
    opened.save(book)
    return book


def filled(book: Path, code: str, entries: Mapping[str, Mapping[str, object]]) -> Path:
    """Fill framed cells of the sheet of an index code: by the hidden key of a row, then by the head of a column."""
    opened = openpyxl.load_workbook(book)
    sheet = next(one for one in opened if str(one["A1"].value).startswith(f"{code} · "))
    for row in sheet.iter_rows(max_row=20):
        heads = {str(cell.value): int(cell.column) for cell in row if cell.value}
        if heads.keys() & {"Key", "Clave"}:
            break
    key = heads.get("Key") or heads["Clave"]
    rows = {str(sheet.cell(n, key).value): n for n in range(int(row[0].row or 0) + 1, sheet.max_row + 1)}
    for name, cells in entries.items():
        for head, value in cells.items():
            sheet.cell(rows[name], heads[head]).value = value  # type: ignore[assignment]
    opened.save(book)
    return book


def signed(book: Path, role: str, *, name: str = "", day: object = None, extent: str = "", signature: str = "") -> Path:
    """Sign on the cover, in the row of a role, as it is called there."""
    opened = openpyxl.load_workbook(book)
    cover = opened[opened.sheetnames[0]]
    (row,) = (one[0].row for one in cover.iter_rows(max_col=1) if one[0].value == role)
    for column, value in enumerate((name, day, extent, signature), 2):
        if value:
            cover.cell(int(row or 0), column).value = value  # type: ignore[assignment]
    opened.save(book)
    return book

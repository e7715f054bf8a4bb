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

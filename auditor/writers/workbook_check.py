"""Reads a written workbook back and holds it to the engine before it is said to be saved (workpaper.md §2)."""

from decimal import Decimal
from pathlib import Path

import openpyxl

from auditor.core.money import rounded
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.report.cells import Control
from auditor.core.report.cells import at
from auditor.core.report.workpaper import Report


def check_workbook(report: Report, file: Path, shown_as: Path) -> None:
    """Read a written workbook back and hold it to every figure the engine vouches for; refuses one that differs."""
    book = openpyxl.load_workbook(file, data_only=True, read_only=True)
    try:
        for sheet in report.sheets:
            controls = [control for control in report.controls if control.sheet == sheet.name]
            if not controls:
                continue
            rows = {control.row + 1 for control in controls}
            found = {
                row: values
                for row, values in enumerate(book[sheet.name].iter_rows(values_only=True, max_row=max(rows)), 1)
                if row in rows
            }
            for control in controls:
                _check(control, found.get(control.row + 1, ()), shown_as)
    finally:
        book.close()


def _check(control: Control, row: tuple[object, ...], path: Path) -> None:
    stored = row[control.column] if control.column < len(row) else None
    if not _same(stored, control.value):
        place = Place(str(path), control.sheet, control.row + 1, at(control.row, control.column))
        raise AuditorError("workbook_differs", place, stored=stored, expected=control.value)


def _same(stored: object, value: Decimal | bool) -> bool:
    """Tell whether a stored number is the nearest one to an exact figure (a spreadsheet keeps 15 digits)."""
    if isinstance(value, bool) or isinstance(stored, bool):
        return stored is value
    if not isinstance(stored, int | float):
        return False
    return rounded(Decimal(repr(stored)), 6) == rounded(value, 6) or float(value) == float(stored)

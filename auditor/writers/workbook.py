"""Writes a report as an Excel workbook, reads it back and checks it before it takes its place (workpaper.md §2).

Texts are written as texts, never as formulas; formulas carry the values that the core computed. The file replaces an
older one only when every figure that the engine vouches for was found again in it.
"""

from collections.abc import Hashable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.report.workpaper import Report
from auditor.writers.close_book import close_book
from auditor.writers.whole_file import whole_file
from auditor.writers.workbook_check import check_workbook
from auditor.writers.workbook_rows import Stream
from auditor.writers.workbook_rows import pack
from auditor.writers.workbook_sheet import SheetPainter
from auditor.writers.workbook_style import clean

_ROWS_OF_A_SHEET = 1_048_576


def write_workbook(report: Report, path: Path, progress: Progress = unwatched, *, checked: bool = True) -> Path:
    """Write the workbook to `path`, whole or not at all, and hold it to the engine if `checked`; gives the path.

    Raises `AuditorError`: `sheet_too_long`, `workbook_differs` if a stored figure is not the engine's,
    `file_not_writable` if the place cannot be written, or the old file is open in another program.
    """
    _check_lengths(report, path)
    with whole_file(path, ".xlsx") as beside:
        _write(report, beside, progress)
        if checked:
            check_workbook(report, beside, path)
    return path


def _check_lengths(report: Report, path: Path) -> None:
    """Refuse a sheet of more rows than a spreadsheet program opens."""
    for sheet in report.sheets:
        for table in sheet.tables:
            if table.last >= _ROWS_OF_A_SHEET:
                raise AuditorError("sheet_too_long", Place(str(path), sheet.name), rows=f"{table.last + 1:,}")


def _write(report: Report, file: Path, progress: Progress) -> None:
    """Let XlsxWriter lay the workbook out beside the file, and pack it with the rows of its long tables."""
    laid_out = file.with_suffix(".laid-out")
    try:
        streams = _lay_out(report, laid_out, progress)
        last = len(report.sheets)
        pack(laid_out, file, streams, lambda: progress("workbook", last, last))
    finally:
        laid_out.unlink(missing_ok=True)


def _lay_out(report: Report, file: Path, progress: Progress) -> Mapping[str, Sequence[Stream]]:
    """Write all but the rows of long tables, and give those by the part that they go into."""
    book = xlsxwriter.Workbook(
        str(file), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties(
        {
            "title": clean(report.title, "{text}"),
            "author": clean(report.author, "{text}"),
            "comments": report.context.version,
            "created": report.context.made_at.replace(tzinfo=None),
        }
    )
    book.set_size(2400, 1400)
    sheets = [book.add_worksheet(sheet.name) for sheet in report.sheets]
    for name in report.names:
        book.define_name(name.name, f"={name.reference}")
    formats: dict[Hashable, object] = {}
    streams: dict[str, Sequence[Stream]] = {}
    for number, (sheet, worksheet) in enumerate(zip(report.sheets, sheets, strict=True), 1):
        painter = SheetPainter(report, book, worksheet, sheet, formats)
        painter.paint()
        if painter.streams:
            streams[f"xl/worksheets/sheet{number}.xml"] = painter.streams
        progress("workbook", number, len(sheets))
    sheets[0].activate()
    close_book(book)
    return streams

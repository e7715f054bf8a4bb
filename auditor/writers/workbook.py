"""Writes a report as an Excel workbook, reads it back and checks it before it takes its place (workpaper.md §2).

Texts are written as texts, never as formulas; formulas carry the values that the core computed. The file replaces an
older one only when every figure that the engine vouches for was found again in it.
"""

import os
import tempfile
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from typing import TypeAlias

import openpyxl
import xlsxwriter

from auditor.core.money import rounded
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.report import Report
from auditor.core.report_cells import Control
from auditor.core.report_cells import Entry
from auditor.core.report_cells import Kind
from auditor.core.report_cells import Look
from auditor.core.report_cells import Sheet
from auditor.core.report_cells import Table
from auditor.core.report_cells import at
from auditor.writers.workbook_charts import insert_chart
from auditor.writers.workbook_style import Dress
from auditor.writers.workbook_style import clean
from auditor.writers.workbook_style import lines_of
from auditor.writers.workbook_style import width_of

# XlsxWriter brings no types.
_Workbook: TypeAlias = Any
_Worksheet: TypeAlias = Any
_Format: TypeAlias = Any

_A4, _A3 = 9, 8
_MOST_LINKS = 60_000  # a sheet of Excel holds 65,530
_BAND_WIDTH = 110  # characters over which the heading may run
_MOST_ROWS_OF_A_PAGE = 120


def _quiet(step: str, done: int, total: int) -> None:
    """Watch nothing."""


def write_workbook(report: Report, path: Path, progress: Progress = _quiet) -> Path:
    """Write the workbook to `path`, whole or not at all; gives the path.

    Raises `AuditorError`: `workbook_differs` if a stored figure is not the engine's, `file_not_writable` if the place
    cannot be written, or the old file is open in another program.
    """
    handle, name = _temporary(path)
    os.close(handle)
    temporary = Path(name)
    try:
        _write(report, temporary, progress)
        check_workbook(report, temporary, path)
        temporary.replace(path)
    except OSError as error:
        raise AuditorError("file_not_writable", Place(str(path)), reason=error.strerror or str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _temporary(path: Path) -> tuple[int, str]:
    """Make an empty file beside the target, so that it can take its place in one step."""
    try:
        return tempfile.mkstemp(prefix=".auditor-", suffix=".xlsx", dir=path.parent)
    except OSError as error:
        raise AuditorError("file_not_writable", Place(str(path)), reason=error.strerror or str(error)) from error


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


def _write(report: Report, file: Path, progress: Progress) -> None:
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
    formats: dict[Hashable, _Format] = {}
    for number, (sheet, worksheet) in enumerate(zip(report.sheets, sheets, strict=True), 1):
        _Painter(report, book, worksheet, sheet, formats).paint()
        progress("workbook", number, len(sheets))
    sheets[0].activate()
    book.close()


class _Painter:
    """Writes one sheet."""

    def __init__(
        self, report: Report, book: _Workbook, worksheet: _Worksheet, sheet: Sheet, formats: dict[Hashable, _Format]
    ) -> None:
        self._report, self._book, self._worksheet, self._sheet = report, book, worksheet, sheet
        self._formats = formats
        self._say: Callable[..., str] = report.context.say
        self._cut = report.context.say("workbook.cut")
        self._links = 0
        self._widths = self._measure()
        self._last_row = max([row for row, _ in sheet.cells] + [table.last for table in sheet.tables], default=0)

    def paint(self) -> None:
        """Write heading, cells, tables and charts, and set up how the sheet is seen and printed."""
        for column, width in self._widths.items():
            hidden = any(column < len(t.columns) and t.columns[column].hidden for t in self._sheet.tables)
            self._worksheet.set_column(column, column, width, None, {"hidden": hidden})
        self._heading()
        for (row, column), entry in self._sheet.cells.items():
            self._cell(row, column, entry)
        for table in self._sheet.tables:
            self._table(table)
        self._heights()
        for chart in self._sheet.charts:
            insert_chart(self._book, self._worksheet, self._sheet, chart, self._say)
        self._view()
        self._print()

    def _measure(self) -> Mapping[int, float]:
        """Give every column the width that shows its cells, or the one the sheet fixes."""
        columns: dict[int, list[Entry]] = {}
        for (_, column), entry in self._sheet.cells.items():
            columns.setdefault(column, []).append(entry)
        for table in self._sheet.tables:
            for place, head in enumerate(table.columns):
                entries = [row[place] for row in table.rows]
                columns.setdefault(place, []).extend([Entry(value=head.head, look=Look.HEAD), *entries])
        measured = {column: width_of(entries) for column, entries in sorted(columns.items())}
        return {column: self._sheet.widths.get(column, width) for column, width in measured.items()}

    # Heading -----------------------------------------------------------------------------------------------

    def _heading(self) -> None:
        last = self._band_end()
        title, who = self._sheet.heading
        self._worksheet.set_row(0, 24)
        self._worksheet.write_string(0, 0, self._clean(title), self._plain("title"))
        self._worksheet.write_string(1, 0, self._clean(who), self._plain("who"))
        width = sum(self._widths.get(column, 8.43) for column in range(last + 1))
        for row, (label, said) in enumerate(self._sheet.remarks, 2):
            text = f"{label}: {said}"
            self._worksheet.set_row(row, 13.5 * lines_of(text, width * 1.02) + 1.5)
            self._worksheet.merge_range(row, 0, row, last, "", self._plain("remark"))
            parts = [self._plain("bold"), f"{self._clean(label)}: ", self._plain("light"), self._clean(said) or " "]
            self._worksheet.write_rich_string(row, 0, *parts, self._plain("remark"))
        self._worksheet.set_row(5, 6)

    def _band_end(self) -> int:
        """Give the column to which the heading's remarks run."""
        column, width = 0, self._widths.get(0, 8.43)
        while width < _BAND_WIDTH:
            column += 1
            width += self._widths.get(column, 8.43)
        return max(column, 1)

    def _plain(self, name: str) -> _Format:
        if name not in self._formats:
            font = {"font_name": "Calibri", "font_size": 10, "font_color": "#22313A"}
            more: dict[str, dict[str, object]] = {
                "title": {"bold": True, "font_size": 15, "font_color": "#24404F", "valign": "vcenter"},
                "who": {"font_color": "#5A6B75"},
                "remark": {"text_wrap": True, "valign": "top"},
                "bold": {"bold": True, "font_color": "#24404F"},
                "light": {},
            }
            self._formats[name] = self._book.add_format(font | more[name])
        return self._formats[name]

    # Cells -------------------------------------------------------------------------------------------------

    def _clean(self, text: str) -> str:
        return clean(text, self._cut)

    def _format(self, entry: Entry, *, linked: bool) -> _Format:
        """Give the format of a cell's dress, looked up by a short key: there may be a million cells."""
        whole = entry.kind is not Kind.COUNT or not isinstance(entry.value, Decimal) or entry.value % 1 == 0
        key = (entry.kind, entry.look, entry.origin, entry.currency, entry.fill, entry.wrap, linked, whole)
        if key not in self._formats:
            dress = Dress.of(entry, self._report.context.language, linked=linked)
            if dress not in self._formats:
                self._formats[dress] = self._book.add_format(dress.properties())
            self._formats[key] = self._formats[dress]
        return self._formats[key]

    def _cell(self, row: int, column: int, entry: Entry) -> None:
        target = self._report.anchors.get(entry.link) if entry.link and self._links < _MOST_LINKS else None
        form = self._format(entry, linked=target is not None)
        value = entry.value
        if target is not None and value is not None:
            self._links += 1
            self._worksheet.write_url(
                row, column, f"internal:'{target[0]}'!A{target[1] + 1}", form, self._clean(str(value))
            )
        if entry.choices:
            self._worksheet.data_validation(
                row, column, row, column, {"validate": "list", "source": list(entry.choices), "error_type": "warning"}
            )
        self._value(row, column, entry, form, linked=target is not None)

    def _value(self, row: int, column: int, entry: Entry, form: _Format, *, linked: bool) -> None:
        value, sheet = entry.value, self._worksheet
        if value is None or value == "":
            if entry.formula:
                sheet.write_formula(row, column, entry.formula, form, "")
            else:
                sheet.write_blank(row, column, None, form)
        elif entry.formula:
            stored = value if isinstance(value, str | bool) else float(Decimal(str(value)))
            sheet.write_formula(row, column, entry.formula, form, stored)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, form)
        elif isinstance(value, Decimal | int):
            sheet.write_number(row, column, float(value), form)
        elif isinstance(value, date | datetime):
            sheet.write_datetime(row, column, value, form)
        elif not linked:
            sheet.write_string(row, column, self._clean(value), form)

    # Tables ------------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        heads = [self._format(Entry(column.kind, look=Look.HEAD), linked=False) for column in table.columns]
        self._worksheet.add_table(
            table.top,
            0,
            table.last,
            len(table.columns) - 1,
            {
                "name": table.name,
                "style": None,
                "columns": [
                    {"header": self._clean(one.head), "header_format": form}
                    for one, form in zip(table.columns, heads, strict=True)
                ],
            },
        )
        for row, entries in enumerate(table.rows, table.first):
            for column, entry in enumerate(entries):
                self._cell(row, column, entry)
        self._as_text(table)

    def _as_text(self, table: Table) -> None:
        """Keep Excel from marking ids, which are texts of digits, as numbers stored as text."""
        end = at(table.last, len(table.columns) - 1)
        areas = getattr(self, "_text_areas", "")
        self._text_areas = f"{areas} {at(table.first, 0)}:{end}".strip()
        self._worksheet.ignore_errors({"number_stored_as_text": self._text_areas})

    def _heights(self) -> None:
        """Make rows as high as their heads and wrapped texts need: not every program does so by itself."""
        heights: dict[int, float] = {}
        for row, column, entry in self._shown():
            if entry.look is Look.HEAD or (entry.wrap and isinstance(entry.value, str)):
                bold = 1.1 if entry.look is Look.HEAD else 1.0
                lines = lines_of(str(entry.value), (self._widths.get(column, 8.43) - 1) / bold)
                heights[row] = max(heights.get(row, 15), 13.2 * lines + 3)
            elif entry.look in (Look.SECTION, Look.HEADLINE):
                heights[row] = max(heights.get(row, 15), 20)
        for row, height in heights.items():
            self._worksheet.set_row(row, height)

    def _shown(self) -> Iterator[tuple[int, int, Entry]]:
        """Give every cell with its row and column, heads of tables included."""
        for (row, column), entry in self._sheet.cells.items():
            yield row, column, entry
        for table in self._sheet.tables:
            for column, head in enumerate(table.columns):
                if not head.hidden:
                    yield table.top, column, Entry(value=head.head, look=Look.HEAD)
            for row, entries in enumerate(table.rows, table.first):
                for column, entry in enumerate(entries):
                    yield row, column, entry

    # View and print ----------------------------------------------------------------------------------------

    def _view(self) -> None:
        self._worksheet.hide_gridlines(2)
        self._worksheet.set_default_row(15)
        self._worksheet.freeze_panes(*self._sheet.frozen)
        if self._sheet.protected:
            self._worksheet.protect("", {"format_columns": True, "format_rows": True})

    def _print(self) -> None:
        sheet, worksheet = self._sheet, self._worksheet
        entity = self._clean(sheet.heading[0].split(" — ", 1)[-1])[:100].replace("&", "&&")
        worksheet.set_landscape()
        worksheet.set_paper(_A3 if sheet.wide else _A4)
        worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        one_page = sheet.code in "ADE" and self._last_row <= _MOST_ROWS_OF_A_PAGE
        worksheet.fit_to_pages(sheet.pages_wide, int(one_page))
        if sheet.pages_wide > 1:
            worksheet.repeat_columns(0, 6)
        worksheet.set_footer(f"&L&8{sheet.code} · {entity}&C&8{self._say('workbook.page')}&R&8&A")
        if len(sheet.tables) == 1:
            worksheet.repeat_rows(sheet.tables[0].top)
        elif sheet.code in "CD":
            worksheet.repeat_rows(sheet.frozen[0] - 1)
        right = [*self._widths, self._band_end(), *(chart.at[1] + 12 for chart in sheet.charts)]
        bottom = [self._last_row, *(chart.at[0] + 18 for chart in sheet.charts)]
        worksheet.print_area(0, 0, max(bottom), max(right))

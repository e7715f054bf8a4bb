"""Writes one sheet of a report: heading, cells, tables, charts, and how it is seen and printed (workpaper.md §2)."""

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from itertools import count
from itertools import islice
from typing import Any
from typing import TypeAlias

from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import LongTable
from auditor.core.report.cells import Look
from auditor.core.report.cells import Sheet
from auditor.core.report.cells import Table
from auditor.core.report.cells import Value
from auditor.core.report.cells import at
from auditor.core.report.cells import letters
from auditor.core.report.workpaper import Report
from auditor.writers.workbook_charts import insert_chart
from auditor.writers.workbook_pages import repeated_columns
from auditor.writers.workbook_pages import set_up_pages
from auditor.writers.workbook_rows import ColumnXml
from auditor.writers.workbook_rows import Link
from auditor.writers.workbook_rows import Stream
from auditor.writers.workbook_rows import cell_xml
from auditor.writers.workbook_rows import plain_rows
from auditor.writers.workbook_rows import row_xml
from auditor.writers.workbook_style import Dress
from auditor.writers.workbook_style import clean
from auditor.writers.workbook_style import lines_of
from auditor.writers.workbook_style import lit
from auditor.writers.workbook_style import width_of

# XlsxWriter brings no types.
_Workbook: TypeAlias = Any
_Worksheet: TypeAlias = Any
_Format: TypeAlias = Any

_MOST_LINKS = 60_000  # a sheet of Excel holds 65,530
_HIGHEST = 409  # points: Excel repairs a file with a higher row
_BAND_WIDTH = 110  # characters over which the heading may run
_TITLE_LETTERS = 0.7  # of the title's letters, for one of a column's width
_MOST_PLACED = 500  # rows of a table that XlsxWriter places itself; those of longer ones are streamed
_BATCH = 500  # rows of dressed cells made at once
_SET_CLOSER = 1.1  # words take less room than as many digits, by which columns are measured
_MEASURED = 2_000  # rows by which the columns of a table are measured
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - stands for any time when a column is measured


_lines = lru_cache(10_000)(lines_of)


def _sample(table: Table | LongTable) -> Iterator[list[Entry]]:
    """Give, column by column, the cells by which it is measured: all of a short table, the first of a long one.

    What stands in a long table's column many times is given once.
    """
    if isinstance(table, Table):
        yield from ([row[place] for row in table.rows[:_MEASURED]] for place in range(len(table.columns)))
        return
    rows = list(islice(table.rows(), _MEASURED))
    for place, column in enumerate(table.columns):
        kind, currency, wrap = column.kind, column.currency, column.wrap
        times = kind is Kind.INSTANT
        distinct = dict.fromkeys(_EPOCH if times and row[place] else row[place] for row in rows)
        yield [Entry(kind, value, currency=currency, wrap=wrap) for value in distinct]  # type: ignore[arg-type]


class SheetPainter:
    """Writes one sheet; the rows of its long tables are left in `streams`, to come in when the file is packed."""

    def __init__(
        self, report: Report, book: _Workbook, worksheet: _Worksheet, sheet: Sheet, formats: dict[Hashable, _Format]
    ) -> None:
        """Take the report, the book being written, its empty sheet, and the formats that its sheets share."""
        self._report, self._book, self._worksheet, self._sheet = report, book, worksheet, sheet
        self._formats = formats
        self._say: Callable[..., str] = report.context.say
        self._cut = report.context.say("workbook.cut")
        self._links = 0
        self.streams: list[Stream] = []
        self._widths = self._measure()
        self._repeated = repeated_columns(sheet, self._seen_widths())
        self._last_row = max([row for row, _ in sheet.cells] + [table.last for table in sheet.tables], default=0)

    def paint(self) -> None:
        """Write heading, cells, tables and charts, and set up how the sheet is seen and printed."""
        seen = self._seen_widths()
        for column, width in self._widths.items():
            self._worksheet.set_column(column, column, width, None, {"hidden": column not in seen})
        self._heading()
        for (row, column), entry in self._sheet.cells.items():
            self._cell(row, column, entry)
        self._rules()
        for table in self._sheet.tables:
            self._table(table)
        self._heights()
        for chart in self._sheet.charts:
            insert_chart(self._book, self._worksheet, self._sheet, chart, self._say)
        self._shade()
        self._pictures()
        self._view()
        set_up_pages(self._worksheet, self._sheet, seen, (self._last_row, self._band_end()), self._say)

    def _measure(self) -> Mapping[int, float]:
        """Give every column the width that shows its cells (of a long table: its first), or the one the sheet fixes."""
        columns: dict[int, list[Entry]] = {}
        for (_, column), entry in self._sheet.cells.items():
            columns.setdefault(column, []).append(entry)
        for table in self._sheet.tables:
            for place, (head, entries) in enumerate(zip(table.columns, _sample(table), strict=True)):
                columns.setdefault(place, []).extend([Entry(value=head.head, look=Look.HEAD), *entries])
        measured = {column: width_of(entries) for column, entries in sorted(columns.items())}
        return {column: self._sheet.widths.get(column, width) for column, width in measured.items()}

    def _seen_widths(self) -> Mapping[int, float]:
        """Give the widths of the columns that are not hidden."""
        hidden = self._sheet.hidden | {
            column for table in self._sheet.tables for column, one in enumerate(table.columns) if one.hidden
        }
        return {column: width for column, width in self._widths.items() if column not in hidden}

    # Heading -----------------------------------------------------------------------------------------------

    def _heading(self) -> None:
        last = self._band_end()
        title, who = self._sheet.heading
        width = sum(self._widths.get(column, 8.43) for column in range(last + 1))
        self._title(title, last, width)
        self._worksheet.write_string(1, 0, self._clean(who), self._plain("who"))
        for row, (label, said) in enumerate(self._sheet.remarks, 2):
            text = f"{label}: {said}"
            self._worksheet.set_row(row, min(13.5 * lines_of(text, width * 1.02) + 1.5, _HIGHEST))
            self._worksheet.merge_range(row, 0, row, last, "", self._plain("remark"))
            parts = [self._plain("bold"), f"{self._clean(label)}: ", self._plain("light"), self._clean(said) or " "]
            self._worksheet.write_rich_string(row, 0, *parts, self._plain("remark"))
        self._worksheet.set_row(5, 6)

    def _title(self, title: str, last: int, width: float) -> None:
        """Write the title: in one line over what is beside it or, above columns that are repeated, within those."""
        lines = lines_of(title, width * _TITLE_LETTERS) if self._repeated else 1
        self._worksheet.set_row(0, max(24, 20 * lines))
        if lines == 1:
            self._worksheet.write_string(0, 0, self._clean(title), self._plain("title"))
        else:
            self._worksheet.merge_range(0, 0, 0, last, self._clean(title), self._plain("long_title"))

    def _band_end(self) -> int:
        """Give the column to which the heading's remarks run: on pages side by side as far as all have it."""
        column, width = 0, self._widths.get(0, 8.43)
        while width < _BAND_WIDTH:
            column += 1
            width += self._widths.get(column, 8.43)
        return max(min(column, self._repeated - 1) if self._repeated else column, 1)

    def _plain(self, name: str) -> _Format:
        if name not in self._formats:
            font = {"font_name": "Calibri", "font_size": 10, "font_color": "#22313A"}
            more: dict[str, dict[str, object]] = {
                "title": {"bold": True, "font_size": 15, "font_color": "#24404F", "valign": "vcenter"},
                "long_title": {
                    "bold": True,
                    "font_size": 15,
                    "font_color": "#24404F",
                    "valign": "top",
                    "text_wrap": True,
                },
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

    def _rules(self) -> None:
        """Draw the rule under a section's head: its words reach over their neighbours."""
        for (row, column), entry in self._sheet.cells.items():
            if entry.look is Look.SECTION and column == 0:
                form = self._format(entry, linked=False)
                for place in range(1, self._rule_end(row) + 1):
                    if (row, place) not in self._sheet.cells:
                        self._worksheet.write_blank(row, place, None, form)

    def _rule_end(self, row: int) -> int:
        """Give the column to which a head's rule runs: as far as the heading's or, beside a chart, its own figures."""
        for chart in self._sheet.charts:
            if chart.at[0] <= row < chart.below:
                rows, columns = range(row, chart.below), range(chart.at[1])
                return max(column for at, column in self._sheet.cells if at in rows and column in columns)
        return min(self._band_end(), max(self._widths, default=0))

    def _target(self, entry: Entry) -> tuple[str, int] | None:
        """Give the sheet and row that a click on a cell leads to, as long as the sheet can hold one more link."""
        target = self._report.anchors.get(entry.link) if entry.link and self._links < _MOST_LINKS else None
        self._links += target is not None
        return target

    def _cell(self, row: int, column: int, entry: Entry) -> None:
        target = self._target(entry)
        form = self._format(entry, linked=target is not None)
        value = entry.value
        if target is not None and value is not None:
            self._worksheet.write_url(
                row, column, f"internal:'{target[0]}'!A{target[1] + 1}", form, self._clean(str(value))
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

    def _table(self, table: Table | LongTable) -> None:
        heads = [self._format(Entry(column.kind, look=Look.HEAD), linked=False) for column in table.columns]
        streamed = isinstance(table, LongTable) or len(table.rows) > _MOST_PLACED
        self._worksheet.add_table(
            table.top,
            0,
            table.first if streamed else table.last,  # packing stretches it
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
        if isinstance(table, LongTable):
            self._stream_values(table)
        elif streamed:
            self._stream_entries(table)
        else:
            for row, entries in enumerate(table.rows, table.first):
                for column, entry in enumerate(entries):
                    self._cell(row, column, entry)
        if isinstance(table, Table):
            self._choices(table)
        self._as_text(table)

    def _choices(self, table: Table) -> None:
        """Offer the words that a column of typed cells may hold."""
        for column, entry in enumerate(table.rows[0]):
            if entry.choices:
                source = f"={entry.choices}" if isinstance(entry.choices, str) else list(entry.choices)
                self._worksheet.data_validation(
                    table.first, column, table.last, column,
                    {"validate": "list", "source": source, "error_type": "warning"},
                )  # fmt: skip

    def _style(self, entry: Entry, *, linked: bool = False) -> int:
        """Give the number of a cell's format in the written file."""
        return int(self._format(entry, linked=linked)._get_xf_index())  # noqa: SLF001 - XlsxWriter's sheets ask for it so

    def _stream_values(self, table: LongTable) -> None:
        """Leave the rows of plain values to the packing, each column in one format; the first rows give the links."""
        entries = [Entry(column.kind, currency=column.currency, wrap=column.wrap) for column in table.columns]
        columns = [ColumnXml(n, self._style(entry), self._clean) for n, entry in enumerate(entries)]
        wrapped = [(n, self._widths.get(n, 8.43) - 1) for n, column in enumerate(table.columns) if column.wrap]
        links = [
            Link(table.first + row, 0, *self._report.anchors[link])
            for row, link in islice(table.links.items(), _MOST_LINKS)
        ]

        def height(values: Sequence[object]) -> float:
            lines = max((_lines(str(values[n] or ""), width * _SET_CLOSER) for n, width in wrapped), default=1)
            return min(13.2 * lines + 3, _HIGHEST) if lines > 1 else 0

        def rows() -> Iterator[str]:
            return plain_rows(table.first, table.rows(), columns, height)

        self.streams.append(Stream(table.name, table.first, table.last, len(columns), rows, links))

    def _stream_entries(self, table: Table) -> None:
        """Leave rows of dressed cells to the packing; formats and links are settled now, while there is a workbook."""
        links: list[Link] = []
        styles: list[list[int]] = []
        for row, entries in enumerate(table.rows, table.first):
            line = []
            for column, entry in enumerate(entries):
                target = self._target(entry) if entry.value is not None else None
                if target is not None:
                    links.append(Link(row, column, *target))
                line.append(self._style(entry, linked=target is not None))
            styles.append(line)
        names = [letters(column) for column in range(len(table.columns))]

        def one(row: int, entries: Sequence[Entry], line: Sequence[int]) -> str:
            cells = [
                cell_xml(f"{name}{row}", style, self._cleaned(entry.value), entry.formula)
                for name, style, entry in zip(names, line, entries, strict=True)
            ]
            return row_xml(str(row), self._row_height(enumerate(entries)), "".join(cells))

        def rows() -> Iterator[str]:
            waiting = iter(zip(count(table.first + 1), table.rows, styles))
            while batch := list(islice(waiting, _BATCH)):
                yield "".join([one(*row) for row in batch])

        self.streams.append(Stream(table.name, table.first, table.last, len(table.columns), rows, links))

    def _cleaned(self, value: Value) -> Value:
        return self._clean(value) if isinstance(value, str) else value

    def _as_text(self, table: Table | LongTable) -> None:
        """Keep Excel from marking ids, which are texts of digits, as numbers stored as text."""
        end = at(table.last, len(table.columns) - 1)
        areas = getattr(self, "_text_areas", "")
        self._text_areas = f"{areas} {at(table.first, 0)}:{end}".strip()
        self._worksheet.ignore_errors({"number_stored_as_text": self._text_areas})

    def _heights(self) -> None:
        """Make rows as high as their heads and wrapped texts need: not every program does so by itself."""
        rows: dict[int, list[tuple[int, Entry]]] = {}
        for row, column, entry in self._placed():
            rows.setdefault(row, []).append((column, entry))
        for row, cells in rows.items():
            height = self._row_height(cells)
            if height:
                self._worksheet.set_row(row, height)

    def _row_height(self, cells: Iterable[tuple[int, Entry]]) -> float:
        """Give the height that a row's heads and wrapped texts need; 0 for the usual one."""
        height = 0.0
        for column, entry in cells:
            if entry.look is Look.HEAD or (entry.wrap and isinstance(entry.value, str)):
                width = self._widths.get(column, 8.43)
                lines = _lines(str(entry.value), width - 0.6 if entry.look is Look.HEAD else (width - 1) * _SET_CLOSER)
                height = max(height, min(13.2 * lines + 3, _HIGHEST) if lines > 1 or entry.look is Look.HEAD else 0)
            elif entry.look in (Look.SECTION, Look.HEADLINE):
                height = max(height, 20)
        return height

    def _placed(self) -> Iterator[tuple[int, int, Entry]]:
        """Give every cell that is not streamed with its row and column, heads of tables included."""
        for (row, column), entry in self._sheet.cells.items():
            yield row, column, entry
        for table in self._sheet.tables:
            for column, head in enumerate(table.columns):
                if not head.hidden:
                    yield table.top, column, Entry(value=head.head, look=Look.HEAD)
            if isinstance(table, Table) and len(table.rows) <= _MOST_PLACED:
                for row, entries in enumerate(table.rows, table.first):
                    for column, entry in enumerate(entries):
                        yield row, column, entry

    # Pictures ----------------------------------------------------------------------------------------------

    def _shade(self) -> None:
        """Shade figures by their size, and let lights go on and off; nothing hangs on either: the cells say it, too."""
        for area in self._sheet.scales:
            scale = {
                "type": "2_color_scale",
                "min_type": "num",
                "min_value": 0,
                "min_color": "#FFFFFF",
                "max_color": "#B4CBD7",
            }
            self._worksheet.conditional_format(*area, scale)
        for light in self._sheet.lights:
            form = self._book.add_format(lit(light.fill))
            self._worksheet.conditional_format(
                *light.area, {"type": "formula", "criteria": light.formula, "format": form}
            )

    def _pictures(self) -> None:
        for name, row in self._sheet.pictures:
            drawn = self._report.context.pictures[name]
            if not drawn:
                continue
            held, about = BytesIO(drawn), clean(self._say(f"charts.name.{name}"), "{text}")
            self._worksheet.insert_image(row, 0, f"{name}.png", {"image_data": held, "description": about})

    # View ----------------------------------------------------------------------------------------

    def _view(self) -> None:
        self._worksheet.hide_gridlines(2)
        self._worksheet.set_default_row(15)
        self._worksheet.freeze_panes(*self._sheet.frozen)
        if self._sheet.protected:
            self._worksheet.protect("", {"format_columns": True, "format_rows": True})

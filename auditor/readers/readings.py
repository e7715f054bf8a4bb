"""Deciding how a table's numbers and dates are written, from all of its values (formats.md §4).

The decimal mark is decided per column, the order of dates for the table, since one program wrote it. What the values
leave open is an error that names the option which states it; nothing is guessed.
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from auditor.core.problems import AuditorError
from auditor.readers.cells import Sheet
from auditor.readers.cells import SheetCell
from auditor.readers.dates import ORDERS
from auditor.readers.dates import date_orders
from auditor.readers.dates import parse_period
from auditor.readers.layouts import Decision
from auditor.readers.layouts import Layout
from auditor.readers.layouts import LayoutColumn
from auditor.readers.layouts import ReadOptions
from auditor.readers.numbers import MARKS
from auditor.readers.numbers import column_marks
from auditor.readers.numbers import is_unclear
from auditor.readers.numbers import possible_marks
from auditor.readers.numbers import settle
from auditor.readers.numbers import take_apart

_FACTORS = ("quantity", "unit_rate", "amount")


def decide_readings(sheet: Sheet, layout: Layout, options: ReadOptions, latest_year: int) -> Layout:
    """Give the layout with the decimal mark and date order of every column, and what was decided.

    Raises `AuditorError` with the cell: `decimal_ambiguous`, `decimal_conflict`, `dates_ambiguous`,
    `dates_conflict`.
    """
    texts = _Texts(sheet, layout)
    marks, decisions = _marks(sheet, layout, options, texts)
    order = _order(sheet, layout, options, texts, latest_year)
    if order and texts.dates():
        decisions.append(Decision("dates", {"order": order}))
    columns = tuple(
        replace(
            column,
            decimal=marks.get(column.field, "") if column.field else column.decimal,
            dates=order if column.kind == "date" else "",
        )
        for column in layout.columns
    )
    return replace(layout, columns=columns, decisions=(*layout.decisions, *decisions))


class _Texts:
    """The cells of a table's rows that are texts, column by column."""

    def __init__(self, sheet: Sheet, layout: Layout) -> None:
        """Take the table."""
        wanted = {*layout.data, *layout.totals}
        self.rows = [row for row in sheet.rows if row.number in wanted]
        data = set(layout.data)
        self.data = [row for row in self.rows if row.number in data]
        self.layout = layout

    def column(self, column: LayoutColumn) -> list[SheetCell]:
        """Give the text cells of a column."""
        cells = (row.cell(column.column) for row in self.rows)
        return [cell for cell in cells if isinstance(cell.value, str)]

    def dates(self) -> list[SheetCell]:
        """Give the text cells of all date columns."""
        return [cell for column in self.layout.columns if column.kind == "date" for cell in self.column(column)]

    def factors(self) -> list[Mapping[str, str | Decimal]]:
        """Give quantity, unit rate and amount of the rows that have all three."""
        columns = {name: self.layout.field(name) for name in _FACTORS}
        rows: list[Mapping[str, str | Decimal]] = []
        for row in self.data:
            cells = {name: row.cell(column.column).value for name, column in columns.items() if column}
            full = {name: value for name, value in cells.items() if isinstance(value, (str, Decimal))}
            if len(full) == len(_FACTORS):
                rows.append(full)
        return rows


def _marks(sheet: Sheet, layout: Layout, options: ReadOptions, texts: _Texts) -> tuple[dict[str, str], list[Decision]]:
    """Decide the decimal mark of every number column: stated, saved, from its values, or by multiplication."""
    marks: dict[str, str] = {}
    unclear: dict[str, SheetCell] = {}
    decisions: list[Decision] = []
    for column in (column for column in layout.columns if column.kind == "number"):
        cells = texts.column(column)
        stated = options.decimal or column.decimal
        mark = stated or _mark_of_values(sheet, column, cells)
        if mark:
            marks[column.field] = mark
            decisions.append(Decision("decimal_stated" if stated else "decimal", _said(column, mark)))
        elif any(is_unclear(cell.text) for cell in cells):
            unclear[column.field] = next(cell for cell in cells if is_unclear(cell.text))
    if unclear:
        found = _by_multiplication(layout, marks, unclear, texts) or {}
        for field, cell in unclear.items():
            column = next(column for column in layout.columns if column.field == field)
            if field not in found:
                place = sheet.place(cell.row, cell.column)
                raise AuditorError("decimal_ambiguous", place, head=column.head, value=cell.text)
            marks[field] = found[field]
            decisions.append(Decision("decimal_by_product", _said(column, found[field])))
    return marks, decisions


def _said(column: LayoutColumn, mark: str) -> dict[str, str]:
    return {"head": column.head, "mark": mark}


def _mark_of_values(sheet: Sheet, column: LayoutColumn, cells: Sequence[SheetCell]) -> str:
    """Decide a column's mark from its values; empty if they allow both. Values that contradict are an error."""
    allowed, demanded = column_marks(cell.text for cell in cells)
    if not allowed:
        firsts = [_first_demanding(cells, mark) for mark in sorted(demanded)]
        place = sheet.place(firsts[-1].row, firsts[-1].column)
        raise AuditorError("decimal_conflict", place, head=column.head, first=firsts[0].text, second=firsts[-1].text)
    return next(iter(demanded), "")


def _first_demanding(cells: Sequence[SheetCell], mark: str) -> SheetCell:
    for cell in cells:
        number = take_apart(cell.text)
        if number and possible_marks(number.body) == {mark}:
            return cell
    return cells[0]


def _by_multiplication(
    layout: Layout, marks: Mapping[str, str], unclear: Collection[str], texts: _Texts
) -> Mapping[str, str] | None:
    """Let quantity x unit rate = amount decide what the values leave open."""
    if not all(layout.field(name) for name in _FACTORS):
        return None
    candidates = {name: sorted(MARKS) if name in unclear else [marks.get(name, ".")] for name in _FACTORS}
    return settle(candidates, texts.factors())


def _order(sheet: Sheet, layout: Layout, options: ReadOptions, texts: _Texts, latest_year: int) -> str:
    """Decide the order of the table's dates; empty if no date needs one."""
    saved = next((column.dates for column in layout.columns if column.dates), "")
    if options.dates or saved:
        return options.dates or saved
    cells = texts.dates()
    allowed = frozenset(ORDERS)
    for cell in cells:
        orders = date_orders(cell.text, latest_year)
        if orders and not allowed & orders:
            raise AuditorError("dates_conflict", sheet.place(cell.row, cell.column), value=cell.text)
        allowed &= orders or allowed
    if len(allowed) == 1:
        return next(iter(allowed))
    for cell in cells:
        if len({parse_period(cell.text, order) for order in allowed}) > 1:
            raise AuditorError("dates_ambiguous", sheet.place(cell.row, cell.column), value=cell.text)
    return "ymd" if len(allowed) == len(ORDERS) else min(allowed)

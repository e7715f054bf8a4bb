"""Deciding how a table's numbers and dates are written, from all of its values (formats.md §4).

The decimal mark is decided per column, the order of dates for the table, since one program wrote it. What the values
leave open is an error that names the option which states it; nothing is guessed.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from auditor.core.problems import AuditorError
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.tables.column_types import check_type
from auditor.readers.tables.factors import factor_of
from auditor.readers.tables.layouts import TAXES
from auditor.readers.tables.layouts import Decision
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.titles import order_of_words
from auditor.readers.values.dates import ORDERS
from auditor.readers.values.dates import date_orders
from auditor.readers.values.dates import parse_period
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import column_marks
from auditor.readers.values.numbers import is_unclear
from auditor.readers.values.numbers import possible_marks
from auditor.readers.values.numbers import read_value
from auditor.readers.values.numbers import settle
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.types import mark_of
from auditor.readers.values.types import order_of
from auditor.readers.values.vocabulary import unit_named

_FACTORS = ("quantity", "unit_rate", "amount")
_COUNTED = frozenset({"", "message", "conversation"})


def decide_readings(
    sheet: Sheet,
    layout: Layout,
    options: ReadOptions,
    latest_year: int,
    audited: tuple[date, date] = (date.min, date.max),
) -> Layout:
    """Give the layout with the decimal mark and date order of every column, and what was decided.

    Of dates that may be read in several ways the `audited` days tell the order where the words of the sheet do, too.

    Raises `AuditorError` with the cell: `decimal_ambiguous`, `decimal_conflict`, `dates_ambiguous`,
    `dates_conflict`; and those of `check_type`.
    """
    for column in (one for one in layout.columns if one.field):
        check_type(column.head, column.stated, column.kind, sheet.place(layout.header_row, column.column))
    texts = _Texts(sheet, layout)
    marks, decisions = _marks(sheet, layout, options, texts)
    order = _order(sheet, layout, options, texts, latest_year)
    if not order and _are_of_days_first(sheet, layout, texts, audited):
        order = "dmy"
        decisions.append(Decision("dates_audited", {"order": order}))
    elif order and texts.dates():
        decisions.append(Decision("dates", {"order": order}))
    if not order:
        _refuse_open_dates(sheet, texts, latest_year)
    columns = tuple(
        replace(
            column,
            decimal=marks.get(column.column, "") if column.field else column.decimal,
            dates=texts.own_order(column) or order if column.kind == "date" else "",
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
        """Give the text cells of a column, of those with one text the first."""
        place = column.column - 1
        firsts: dict[str, SheetCell] = {}
        for row in self.rows:
            if place < len(row.cells):
                cell = row.cells[place]
                if cell.text not in firsts and isinstance(cell.value, str):
                    firsts[cell.text] = cell
        return [*firsts.values()]

    def lines(self, column: LayoutColumn) -> list[SheetCell]:
        """Give a column's filled cells in the rows of lines."""
        return [cell for row in self.data if (cell := row.cell(column.column)).text]

    def last_total(self, column: LayoutColumn) -> SheetCell | None:
        """Give a column's cell in the last row of totals that has one."""
        totals = set(self.layout.totals)
        cells = [row.cell(column.column) for row in self.rows if row.number in totals]
        return next((cell for cell in reversed(cells) if cell.text), None)

    def dates(self) -> list[SheetCell]:
        """Give the text cells of all date columns whose order is not stated, nor saved as another than theirs."""
        columns = (one for one in self.layout.columns if one.kind == "date" and not self.own_order(one))
        return [cell for column in columns for cell in self.column(column)]

    def own_order(self, column: LayoutColumn) -> str:
        """Give the order of dates of one column alone: as stated, or as saved where those of others are another."""
        saved = {one.dates for one in self.layout.columns} - {""}
        return order_of(column.stated) or (column.dates if len(saved) > 1 else "")

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


def _marks(sheet: Sheet, layout: Layout, options: ReadOptions, texts: _Texts) -> tuple[dict[int, str], list[Decision]]:
    """Decide the decimal mark of every number column: stated, saved, from its values, or by multiplication."""
    marks: dict[int, str] = {}
    unclear: dict[int, SheetCell] = {}
    decisions: list[Decision] = []
    numbers = [(column, texts.column(column)) for column in layout.columns if column.kind == "number"]
    kept = all(_holds(column.decimal, map(_marks_of, cells)) for column, cells in numbers)
    for column, cells in numbers:
        stated = mark_of(column.stated) or options.decimal or (column.decimal if kept else "")
        mark = stated or _mark_of_values(sheet, column, cells)
        if mark:
            marks[column.column] = mark
            decisions.append(Decision("decimal_stated" if stated else "decimal", _said(column, mark)))
        elif any(is_unclear(cell.text) for cell in cells):
            unclear[column.column] = next(cell for cell in cells if is_unclear(cell.text))
    for number, (key, mark) in _settled(layout, marks, unclear, texts).items():
        column = next(column for column in layout.columns if column.column == number)
        if not mark:
            cell = unclear[number]
            place = sheet.place(cell.row, cell.column)
            raise AuditorError("decimal_ambiguous", place, head=column.head, value=cell.text)
        marks[number] = mark
        decisions.append(Decision(key, _said(column, mark)))
    return marks, decisions


def _marks_of(cell: SheetCell) -> frozenset[str]:
    number = take_apart(cell.text)
    return possible_marks(number.body) if number else frozenset()


def _holds(saved: str, found: Iterable[frozenset[str]]) -> bool:
    """Tell whether what a profile says stands: not where some values can only be otherwise, and none can only be so.

    Who opens a file in a spreadsheet program and saves it again has its numbers and dates as that program writes them.
    """
    ways = {one for one in found if one}
    return not saved or frozenset({saved}) in ways or all(saved in one for one in ways)


def _by_total(column: LayoutColumn, texts: _Texts) -> str:
    """Let a column's last total decide: with one mark its lines add up to it, with the other they do not."""
    last = texts.last_total(column)
    lines = texts.lines(column)
    fits = [mark for mark in sorted(MARKS) if last and len(lines) > 1 and _adds_up(lines, last, mark)]
    return fits[0] if len(fits) == 1 else ""


def _adds_up(lines: Sequence[SheetCell], total: SheetCell, mark: str) -> bool:
    values = [read_value(cell.value, mark) for cell in (*lines, total)]
    return None not in values and sum(value for value in values[:-1] if value is not None) == values[-1]


def _settled(
    layout: Layout, marks: Mapping[int, str], unclear: Mapping[int, SheetCell], texts: _Texts
) -> Mapping[int, tuple[str, str]]:
    """Decide the marks that the values leave open: by what rests on them (a key of `Decision`), else with no mark."""
    found = {number: ("decimal_by_product", mark) for number, mark in _by_multiplication(layout, marks, unclear, texts)}
    counts = layout.field("quantity")
    if counts and counts.column in unclear and counts.column not in found:
        whole = _by_count(counts, texts)
        found[counts.column] = ("decimal_by_count", whole)
        rest = {number: cell for number, cell in unclear.items() if number != counts.column}
        if whole and rest:
            known = {**marks, counts.column: whole}
            found |= {
                number: ("decimal_by_product", mark) for number, mark in _by_multiplication(layout, known, rest, texts)
            }
    for number in unclear:
        column = next(column for column in layout.columns if column.column == number)
        if not found.get(number, ("", ""))[1]:
            amount = layout.field("amount")
            _, settled = found.get(amount.column, ("", "")) if amount else ("", "")
            of_amount = marks.get(amount.column, settled) if amount and column.field in TAXES else ""
            by_total = _by_total(column, texts)
            by_others = of_amount or _by_others(column, set(marks.values()))
            found[number] = ("decimal_by_total", by_total) if by_total else ("decimal_by_others", by_others)
    return {number: found[number] for number in unclear}


def _by_count(column: LayoutColumn, texts: _Texts) -> str:
    """Let counts of messages and conversations decide, which are whole: `2.500` is no two and a half of them."""
    if unit_named(column.head) not in _COUNTED:
        return ""
    values = {mark: [read_value(cell.value, mark) for cell in texts.lines(column)] for mark in sorted(MARKS)}
    whole = [mark for mark, found in values.items() if all(one is None or one % 1 == 0 for one in found)]
    return whole[0] if len(whole) == 1 else ""


def _by_others(column: LayoutColumn, others: Collection[str]) -> str:
    """Let the other columns decide a quantity: `1,000` is a thousand where all of them have a decimal point."""
    return next(iter(others)) if column.field == "quantity" and len(others) == 1 else ""


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
    layout: Layout, marks: Mapping[int, str], unclear: Collection[int], texts: _Texts
) -> Iterator[tuple[int, str]]:
    """Let quantity x unit rate = amount decide what the values leave open."""
    columns = {name: column.column for name in _FACTORS if (column := layout.field(name))}
    if len(columns) < len(_FACTORS) or not set(unclear) & set(columns.values()):
        return
    candidates = {
        name: sorted(MARKS) if column in unclear else [marks.get(column, ".")] for name, column in columns.items()
    }
    found = settle(candidates, texts.factors(), _scale(layout)) or {}
    yield from ((columns[name], mark) for name, mark in found.items() if columns[name] in unclear)


def _scale(layout: Layout) -> Decimal:
    """Give what quantity x unit rate is to be multiplied by for the amount, as for a rate headed `per 1,000`."""
    told = {name: factor_of(column.head, name) for name in _FACTORS if (column := layout.field(name))}
    quantity, unit_rate, amount = (told.get(name) or Decimal(1) for name in _FACTORS)
    return quantity * unit_rate / amount


def _order(sheet: Sheet, layout: Layout, options: ReadOptions, texts: _Texts, latest_year: int) -> str:
    """Decide the order of the table's dates; empty if it stays open, any if no date needs one."""
    saved = next((column.dates for column in layout.columns if column.dates), "")
    cells = texts.dates()
    if options.dates or (saved and _holds(saved, (date_orders(cell.text, latest_year) for cell in cells))):
        return options.dates or saved
    allowed = frozenset(ORDERS)
    for cell in cells:
        orders = date_orders(cell.text, latest_year)
        if orders and not allowed & orders:
            raise AuditorError("dates_conflict", sheet.place(cell.row, cell.column), value=cell.text)
        allowed &= orders or allowed
    if len(allowed) == 1:
        return next(iter(allowed))
    if any(len({parse_period(cell.text, order) for order in allowed}) > 1 for cell in cells):
        return ""
    return "ymd" if len(allowed) == len(ORDERS) else min(allowed)


def _are_of_days_first(sheet: Sheet, layout: Layout, texts: _Texts, audited: tuple[date, date]) -> bool:
    """Tell dates that read day first, and only so, are all in the audited days, on a sheet in whose language they are.

    One date alone does not tell: it may be when a document was issued.
    """
    rows = [row for row in sheet.rows if row.number <= layout.header_row]
    stated = {cell.text for cell in texts.dates()}
    first, other = ([_is_inside(parse_period(text, order), audited) for text in stated] for order in ("dmy", "mdy"))
    return len(stated) > 1 and order_of_words(rows) == "dmy" and all(first) and not all(other)


def _is_inside(span: tuple[date, date] | None, days: tuple[date, date]) -> bool:
    return span is not None and days[0] <= span[0] and span[1] <= days[1]


def _refuse_open_dates(sheet: Sheet, texts: _Texts, latest_year: int) -> None:
    """Raise `dates_ambiguous` with the first date that several orders read, and not alike."""
    for cell in texts.dates():
        if len({parse_period(cell.text, order) for order in date_orders(cell.text, latest_year)}) > 1:
            raise AuditorError("dates_ambiguous", sheet.place(cell.row, cell.column), value=cell.text)

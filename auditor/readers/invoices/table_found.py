"""What is said of how a table was found and understood, and of what in it was left out (formats.md §4)."""

from collections import Counter
from collections.abc import Sequence

from auditor.core.problems import APART
from auditor.core.problems import Problem
from auditor.core.records import InvoiceLine
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import column_letters
from auditor.readers.invoices.lines import LineReader
from auditor.readers.tables.layouts import Decision
from auditor.readers.tables.layouts import Layout
from auditor.readers.values.numbers import read_value

_MOST_NAMED = 8


def what_was_found(sheet: Sheet, layout: Layout, reader: LineReader, lines: Sequence[InvoiceLine]) -> list[Decision]:
    """Say where the table is and how its columns were understood."""
    used = [column for column in layout.columns if column.field]
    unused = [column.head for column in layout.columns if column.head and not column.field and not column.added]
    place = {"row": str(layout.header_row)} | ({"sheet": layout.sheet} if layout.sheet else {})
    supposed = any(remark.code == "heads_supposed" for remark in sheet.remarks)
    lettered = all(column.head in {"", column_letters(column.column)} for column in layout.columns)
    found = [] if supposed or lettered else [Decision("table" if layout.sheet else "table_alone", place)]
    if layout.profile:
        found.append(Decision("profile", {"name": layout.profile}))
    found.append(Decision("columns", {"columns": APART.join(f"{column.head}{APART}{column.field}" for column in used)}))
    found += [Decision("grouped", {"head": column.head}) for column in reader.grouped]
    thousands = ("unit",) if reader.thousands else ()
    factored = [reader.columns[name].head for name in (*reader.factors, *thousands)]
    found += [Decision("factored", {"columns": "; ".join(factored)})] if factored else []
    rate = reader.columns.get("unit_rate")
    if rate and not all(reader.is_priced_in(line.currency) for line in lines):
        found.append(Decision("rate_of_other", {"head": rate.head, "currency": rate.currency}))
    reasons = Counter(reason for _, reason in layout.left_out)
    reasons += Counter({"total": len(layout.totals)})
    if unused:
        found.append(Decision("columns_unused", {"columns": "; ".join(unused)}))
    if reasons:
        found.append(Decision("rows_left_out", {reason: str(count) for reason, count in sorted(reasons.items())}))
    return found + _figures_left_out(sheet, layout)


def _figures_left_out(sheet: Sheet, layout: Layout) -> list[Decision]:
    """Say which rows have an amount and were left out as notes, and what they come to."""
    amount = layout.field("amount")
    if amount is None:
        return []
    notes = [sheet.rows[sheet.rows.place(row)] for row, reason in layout.left_out if reason == "note"]
    read = [
        (row, row.cell(amount.column), read_value(row.cell(amount.column).value, amount.decimal or "."))
        for row in notes
    ]
    figures = [(f"{row.filled[0].text} {cell.text}", figure) for row, cell, figure in read if figure]
    if not figures:
        return []
    named = "; ".join(text for text, _ in figures[:_MOST_NAMED]) + ("; …" if len(figures) > _MOST_NAMED else "")
    return [Decision("figures_left_out", {"rows": named, "sum": str(sum(figure for _, figure in figures))})]


def hidden_parts(sheet: Sheet, layout: Layout) -> list[Problem]:
    """Say which rows and columns that were read are hidden in the sheet."""
    data = set(layout.data)
    rows = [row for row in sheet.rows if row.hidden and row.number in data]
    columns = [column for column in layout.columns if column.field and column.column in sheet.hidden_columns]
    return [Problem("rows_hidden", sheet.place(row.number)) for row in rows] + [
        Problem("column_hidden", sheet.place(0, column.column), {"head": column.head}) for column in columns
    ]

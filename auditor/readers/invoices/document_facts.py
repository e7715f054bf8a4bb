"""What is said of a whole document: around its table, by its sheet's name, and on a cover sheet (formats.md §4)."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRow
from auditor.readers.invoices.controls import currency_of_totals
from auditor.readers.invoices.lines import NO_CURRENCY
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.titles import Titles
from auditor.readers.tables.titles import currency_above
from auditor.readers.tables.titles import currency_of_sheet
from auditor.readers.tables.titles import month_in
from auditor.readers.tables.titles import month_of
from auditor.readers.tables.titles import read_titles
from auditor.readers.tables.titles import title_fields
from auditor.readers.tables.wide import year_above

_PERIODS = frozenset({"period", "period_start", "period_end"})
# What is stated on one page of a document, of all that stands on it.
_OF_PAGES = ("document", "document_date", "due_date", "supplier", "supplier_tax_id", "period", "currency")
_ANY_YEAR = "2000"
# A cover sheet is no longer than this.
_COVER_WITHIN = 100


class Cover(NamedTuple):
    """A sheet without lines, and its rows that state a fact of the document behind a label."""

    sheet: Sheet | None = None
    rows: Sequence[SheetRow] = ()


NO_COVER = Cover()


def cover_of(sheets: Sequence[Sheet], read: Collection[str]) -> Cover:
    """Find the first sheet that states facts of the document, among those in view of which no table is read."""
    for sheet in sheets:
        rows = [row for row in sheet.rows[:_COVER_WITHIN] if title_fields([row])]
        if rows and sheet.name not in read and not sheet.hidden:
            return Cover(sheet, rows)
    return NO_COVER


def facts_of_pages(tables: Sequence[tuple[Sheet, Layout]], account: Account, cover: Cover) -> list[Titles]:
    """Give the facts of each sheet of a table that goes over several; what one page alone states holds for all."""
    own = [_document_facts(sheet, layout, rows_around(sheet, layout), account, cover) for sheet, layout in tables]
    stated = {name: {fact for one in own if (fact := getattr(one, name))} for name in _OF_PAGES}
    alone = {name: next(iter(facts)) for name, facts in stated.items() if len(facts) == 1}
    if any(month_of(sheet.name, _ANY_YEAR) for sheet, _ in tables):
        alone.pop("period", None)
    return [replace(one, **{name: getattr(one, name) or fact for name, fact in alone.items()}) for one in own]


def _document_facts(sheet: Sheet, layout: Layout, rows: Sequence[SheetRow], account: Account, cover: Cover) -> Titles:
    """Give the facts that the rows around a table state, else its sheet's name, or the cover."""
    titles = read_titles(sheet, rows, account.tax_id, layout.date_order, account.last.year + 1)
    above = [row for row in rows if row.number < layout.header_row]
    titles = replace(
        titles,
        year=str(year_above(above) or ""),
        period=titles.period or month_in(sheet.name) or _month_named(sheet.name, account),
        currency=titles.currency
        or currency_above(above)
        or currency_of_sheet(sheet.name)
        or currency_of_totals(sheet, layout),
    )
    if cover.sheet is None:
        return titles
    stated = read_titles(cover.sheet, cover.rows, account.tax_id, layout.date_order, account.last.year + 1)
    return replace(
        titles,
        document=titles.document or stated.document,
        document_date=titles.document_date or stated.document_date,
        due_date=titles.due_date or stated.due_date,
        supplier=titles.supplier or stated.supplier,
        supplier_tax_id=titles.supplier_tax_id or stated.supplier_tax_id,
        period=titles.period or stated.period,
        currency=titles.currency or stated.currency,
        raw=tuple({**dict(stated.raw), **dict(titles.raw)}.items()),
        problems=(*titles.problems, *stated.problems),
    )


def _month_named(name: str, account: Account) -> tuple[date, date] | None:
    """Give the month that a sheet is called by without its year, which is the last one audited: `Oct`."""
    return None if account.currency == NO_CURRENCY else month_of(name, str(account.last.year))


def rows_around(sheet: Sheet, layout: Layout) -> list[SheetRow]:
    """Give the rows around the table: above its header, and the notes among and below its lines."""
    notes = {row for row, reason in layout.left_out if reason == "note"}
    return [row for row in sheet.rows if row.number < layout.header_row or row.number in notes]


def check_months(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> list[Problem]:
    """Remark lines that are all of one month, where titles, or else notes, name several, and none as the period."""
    months = {(line.period_start, line.period_end) for line in lines if line.period_start}
    rows = rows_around(sheet, layout)
    dated = {*_PERIODS, "day"} & {one.field for one in layout.columns} or layout.part.period
    if dated or len(months) != 1 or title_fields(rows) & _PERIODS:
        return []
    above = _months_named([row for row in rows if row.number < layout.header_row])
    named = above or _months_named(rows)
    ((first, last),) = months
    if len(named) < 2 or (first, last) not in named:
        return []
    values = {"months": ", ".join(sorted(f"{day:%Y-%m}" for day, _ in named)), "month": f"{first:%Y-%m}"}
    return [Problem("months_named", sheet.place(layout.header_row), values)]


def _months_named(rows: Sequence[SheetRow]) -> set[tuple[date, date]]:
    """Give the months that end the texts of rows."""
    return {
        month for row in rows for cell in row.filled if isinstance(cell.value, str) if (month := month_in(cell.text))
    }

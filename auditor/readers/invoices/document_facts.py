"""What is said of a whole document: around its table, by its sheet's name, and on a cover sheet (formats.md §4)."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from auditor.core.records import Account
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


def document_facts(sheet: Sheet, layout: Layout, rows: Sequence[SheetRow], account: Account, cover: Cover) -> Titles:
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

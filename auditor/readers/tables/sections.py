"""Sections of a table: what rows between its lines say of those below them, such as the account (formats.md §4).

One file may hold several invoices, or the consumption of several accounts, one below the other under like heads.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRow
from auditor.readers.tables.identity import ID_IN_TEXT
from auditor.readers.tables.identity import Identities
from auditor.readers.tables.sheets import SheetMeaning
from auditor.readers.tables.titles import Titles
from auditor.readers.tables.titles import month_in
from auditor.readers.tables.titles import month_of
from auditor.readers.tables.titles import read_titles
from auditor.readers.tables.titles import title_fields
from auditor.readers.values.dates import month_names
from auditor.readers.values.dates import parse_month
from auditor.readers.values.words import key
from auditor.readers.values.words import plain

_OF_THE_SECTION = ("document", "period")


def section_titles(sheet: Sheet, rows: Sequence[SheetRow], of_all: Titles, order: str, latest_year: int) -> Titles:
    """Give the facts of a section: those of the whole document, but for what the rows above the section state anew."""
    stated = title_fields(rows)
    if not stated & {*_OF_THE_SECTION}:
        return of_all
    own = read_titles(sheet, rows, of_all.supplier_tax_id, order, latest_year)
    return replace(
        of_all,
        document=own.document or of_all.document,
        document_type=own.document_type if "document" in stated else of_all.document_type,
        document_date=own.document_date or of_all.document_date,
        period=own.period or of_all.period,
        raw=own.raw or of_all.raw,
    )


def section_months(
    sections: Sequence[Sequence[SheetRow]], header_row: int, year: str
) -> list[tuple[date, date] | None]:
    """Give the month that the last such row above each section is called by; None for a section that has none.

    Such a row is a month and nothing else (`Octubre 2026`), or one of several that begin alike and end with different
    months: a note among the lines may end with a month, too. One alone above the header is of the whole table, and
    read with the other titles. `year` is that of months without one, empty if not known.
    """
    named = [[found for row in rows if (found := _month_named(row, year))] for rows in sections]
    months: dict[str, set[tuple[date, date]]] = {}
    for label, month in (found for each in named for found in each):
        months.setdefault(label, set()).add(month)
    counted = [[month for label, month in each if not label or len(months[label]) > 1] for each in named]
    several = len({month for each in counted for month in each}) > 1
    below = [several or rows[0].number > header_row for rows in sections]
    return [each[-1] if each and known else None for each, known in zip(counted, below, strict=True)]


def _month_named(row: SheetRow, year: str) -> tuple[str, tuple[date, date]] | None:
    """Give the first word of a row of one text and the month that ends it; no word if the text is a mere month."""
    if len(row.filled) != 1 or not isinstance(row.filled[0].value, str):
        return None
    text = row.filled[0].text.strip(" :-\u2013\u2014")
    bare = month_of(text, year) if year and plain(text) in month_names() else None
    month = bare or month_in(text)
    return ("" if bare or parse_month(text) else key(text).partition(" ")[0], month) if month else None


class _Named(NamedTuple):
    """Whom a row names: a WABA or number of the account, `by_id` or by its name or phone; `label` is its first word."""

    label: str
    waba: str
    number: str
    by_id: bool


def section_ids(sections: Sequence[Sequence[SheetRow]], of_sheet: SheetMeaning, ids: Identities) -> list[SheetMeaning]:
    """Give the account and number that the rows above each section name; one that names none goes on as before.

    A name or phone counts only where sections name several, for the customer's own stands above a whole invoice. Below
    a row that names an account, one that begins like it names another, even if we cannot tell which.
    """
    found = [_named(rows, ids) for rows in sections]
    several = len({(one.waba, one.number) for one in found if one}) > 1
    counted = [one if one and (one.by_id or several) else None for one in found]
    label = next((one.label for one in counted if one), "")
    meanings = [of_sheet]
    for rows, one in zip(sections, counted, strict=True):
        like = [text for row in rows if label and key(text := _text(row)).partition(" ")[0] == label]
        if one:
            waba = one.waba or ids.owners.get(one.number, "")
            meanings.append(of_sheet._replace(waba_id=waba, number_id=one.number))
        elif like:
            meanings.append(of_sheet._replace(waba_id=next(iter(ID_IN_TEXT.findall(" ".join(like))), ""), number_id=""))
        else:
            meanings.append(meanings[-1])
    return meanings[1:]


def _named(rows: Sequence[SheetRow], ids: Identities) -> _Named | None:
    """Give the one WABA or number of the account that rows name; None if they name none, or several."""
    found = [one for row in rows if (one := _named_in(row, ids))]
    named = max(found, key=lambda one: one.by_id, default=None)
    return named if len({(one.waba, one.number) for one in found}) == 1 else None


def _named_in(row: SheetRow, ids: Identities) -> _Named | None:
    text = _text(row)
    parts = [cell.text.rpartition(":")[2].strip() for cell in row.filled if isinstance(cell.value, str)]
    named = ids.named(text, *parts)
    return _Named(key(text).partition(" ")[0], *named) if named else None


def _text(row: SheetRow) -> str:
    return " ".join(cell.text for cell in row.filled if isinstance(cell.value, str))

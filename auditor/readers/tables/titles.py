"""Facts that stand above (or below) an invoice's table: its number, date, supplier, period, currency and totals."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from auditor.core.problems import Problem
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.values.currency_words import sure_currency
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.dates import ORDERS
from auditor.readers.values.dates import date_orders
from auditor.readers.values.dates import parse_day
from auditor.readers.values.dates import parse_month
from auditor.readers.values.dates import parse_period
from auditor.readers.values.total_words import is_no_line
from auditor.readers.values.vocabulary import title_field
from auditor.readers.values.words import exact
from auditor.readers.values.words import find_phrase
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import plain
from auditor.readers.values.words import small_words

_REMEMBERED = 1 << 14
_TRAILING_NUMBER = re.compile(r"^(?P<label>[^:#]*?)[\s#:.]*(?P<value>(?=[^\s]*\d)[A-Za-z0-9][\w./-]*)$")
# Between a number and what else a title says: `Factura F002-00012 · 30/06/2025`.
_BREAK_BEHIND = re.compile(r"\s[·•|–—-]\s|\s(?:del|de fecha|fecha|dated|of|de|del dia|du|vom|dal)\s(?=[0-9])|;")
_ISSUED_BY = re.compile(
    r"(?:(?:factura )?(?:emitid|facturad|faturad)[oa] (?:por|pel[oa])|(?:issued|billed|invoiced) by)\b[\s:]*",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"[:,()]|(?<!\S)[-–—]+(?!\S)")
_DIGIT = re.compile(r"[0-9]")
_DAY, _MONTH = timedelta(days=1), timedelta(days=30)
_DATED = ("document_date", "due_date", "period", "period_start", "period_end")
_WORDS_OF_A_TITLE = 30


@dataclass(frozen=True, slots=True)
class Titles:
    """What the rows around a table say of the whole document; empty or None if they do not.

    `raw` keeps the texts of the dates and of the period; `year` is the only one that stands above the table.
    """

    document: str = ""
    document_type: str = "invoice"
    document_date: date | None = None
    due_date: date | None = None
    supplier: str = ""
    supplier_tax_id: str = ""
    period: tuple[date, date] | None = None
    currency: str = ""
    year: str = ""
    raw: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


def read_titles(sheet: Sheet, rows: Iterable[SheetRow], own_tax_id: str, order: str, latest_year: int) -> Titles:
    """Read the facts of some rows; `own_tax_id` is the customer's, so that it is not taken for the supplier's.

    A date whose order is open, and that the table's `order` does not settle, is left out and is a problem.
    """
    rows = list(rows)
    facts: dict[str, SheetCell | str] = {}
    for field, value in _pairs(rows):
        text = value if isinstance(value, str) else value.text
        if field not in facts and text and not (field == "supplier_tax_id" and text == own_tax_id):
            facts[field] = value
    days = _Days(sheet, order or _order_shown(rows, latest_year) or order_of_words(rows), latest_year)
    return Titles(
        document=_text(facts.get("document")),
        document_type=document_type(rows),
        document_date=days.day(facts.get("document_date")),
        due_date=days.day(facts.get("due_date")),
        supplier=_text(facts.get("supplier")),
        supplier_tax_id=_text(facts.get("supplier_tax_id")),
        period=days.period(facts.get("period"))
        or _ends(facts, days)
        or _range_in_title(rows, days)
        or _loose_period(rows),
        currency=_currency(rows, facts.get("currency")),
        raw=tuple((name, _text(facts[name])) for name in _DATED if name in facts),
        problems=tuple(days.problems),
    )


def _order_shown(rows: Iterable[SheetRow], latest_year: int) -> str:
    """Give the order in which the dates of the titles are written, if some of them allow one order only."""
    words = [word.strip("():;,.") for row in rows for cell in row.filled for word in cell.text.split()]
    found = {frozenset(orders) for word in words if _DIGIT.search(word) and (orders := date_orders(word, latest_year))}
    sure = {next(iter(orders)) for orders in found if len(orders) == 1}
    return sure.pop() if len(sure) == 1 else ""


def order_of_words(rows: Iterable[SheetRow]) -> str:
    """Give the order of dates in a language in which nobody writes the month first; empty if no word is of one."""
    words = {
        word for row in rows for cell in row.filled if isinstance(cell.value, str) for word in key(cell.text).split()
    }
    return "" if words.isdisjoint(lists("day_first")["words"]) else "dmy"


def _ends(facts: Mapping[str, SheetCell | str], days: "_Days") -> tuple[date, date] | None:
    """Give the period whose ends stand behind labels of their own: `Desde: 01/10/2026`, `Hasta: 31/10/2026`."""
    first, last = (_text(facts.get(name)) for name in ("period_start", "period_end"))
    return days.range(f"{first} - {last}") if first and last else None


def day_of(text: str, month: tuple[date, date] | None) -> tuple[date, date] | None:
    """Give the day of the month that titles name, by its number; None if they name several or none, or it has none."""
    if not month or not text.isdecimal() or month[0].replace(day=1) != month[1].replace(day=1):
        return None
    day = month[0].replace(day=1) + timedelta(days=int(text[:3]) - 1)
    return (day, day) if month[0] <= day <= month[1] else None


def title_fields(rows: Iterable[SheetRow]) -> frozenset[str]:
    """Give the facts that rows state behind a label."""
    return frozenset(field for field, _ in _pairs(rows))


def _pairs(rows: Iterable[SheetRow]) -> Iterator[tuple[str, SheetCell | str]]:
    """Give (field, value) of every label: in one cell after a colon, in the next cell, or as the last word."""
    for row in rows:
        filled = row.filled
        for place, cell in enumerate(filled):
            label, colon, rest = cell.text.partition(":")
            following = filled[place + 1] if place + 1 < len(filled) else None
            field = title_field(label)
            if field and rest.strip():
                yield field, SheetCell(rest.strip(), rest.strip(), cell.row, cell.column)
            elif field and following is not None:
                yield field, following
            elif not colon or not field:
                yield from _labelled_number(cell)
                yield from _named_supplier(cell, following)


def _labelled_number(cell: SheetCell) -> Iterator[tuple[str, SheetCell | str]]:
    """Give the number in `Factura N° F001-123`, `Factura F001-123 · 30/06/2025` or `RUC 20123456789`."""
    for text in dict.fromkeys((cell.text, _BREAK_BEHIND.split(cell.text, maxsplit=1)[0].strip())):
        match = _TRAILING_NUMBER.match(text)
        field = title_field(match["label"]) if match else ""
        if match and field in {"document", "supplier_tax_id"}:
            yield field, match["value"]
            return


def _named_supplier(cell: SheetCell, following: SheetCell | None) -> Iterator[tuple[str, SheetCell | str]]:
    """Give whom a title says to have issued the document: `Emitida por ChatSur S.A.C.`, `Issued by: Kite Ltd`."""
    said = _ISSUED_BY.match(cell.text) if isinstance(cell.value, str) else None
    if said:
        yield "supplier", cell.text[said.end() :].strip() or following or ""


def _text(value: SheetCell | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else value.text


def document_type(rows: Iterable[SheetRow]) -> str:
    """Give the kind of document that the titles of a table name: an invoice, unless they name another.

    A bill that corrects an earlier one by taking its place is one, too.
    """
    text = " ".join(key(cell.text) for row in rows for cell in row.filled if isinstance(cell.value, str))
    for name in ("replaced", "credit_memo", "debit_memo", "pro_forma"):
        if any(f" {phrase} " in f" {text} " for phrase in lists("document_types")[name]):
            return "invoice" if name == "replaced" else name
    return "invoice"


def _currency(rows: Iterable[SheetRow], stated: SheetCell | str | None) -> str:
    """Give the currency that is stated after its label, or in a sentence about amounts."""
    if stated is not None and text_currency(_text(stated)):
        return text_currency(_text(stated))
    for row in rows:
        for cell in row.filled:
            if find_phrase(key(cell.text), "titles") == "currency" and text_currency(cell.text):
                return text_currency(cell.text)
    return ""


def currency_above(rows: Iterable[SheetRow]) -> str:
    """Give the one currency that the titles above a table name in passing: `Consumo de octubre (US$)`; else empty."""
    texts = [cell.text for row in rows if row.filled and not is_no_line(row.filled[0].text) for cell in row.filled]
    found = {code for text in texts if (code := sure_currency(text))}
    return found.pop() if len(found) == 1 else ""


def currency_of_sheet(name: str) -> str:
    """Give the currency that the name of a sheet is, or names: `Soles`, `Detalle US$`; empty if none."""
    return exact(key(name), "currencies") or sure_currency(name)


def _range_in_title(rows: Iterable[SheetRow], days: "_Days") -> tuple[date, date] | None:
    """Find a range of days within a title: `Consumo del 01/10/2026 al 31/10/2026`; not one beyond a month."""
    for row in rows:
        for cell in row.filled:
            words = cell.text.split()[:_WORDS_OF_A_TITLE] if _may_tell_days(cell) else []
            for start, end in combinations(range(len(words) + 1), 2):
                text = " ".join(words[start:end]).strip("():;,.")
                period = days.range(text) if _DIGIT.search(text) else None
                if period and _DAY < period[1] - period[0] <= _MONTH and not _ends_with_day(words[:start]):
                    return period
    return None


def _ends_with_day(words: Sequence[str]) -> bool:
    """Tell whether the words before a month end with the number of a day of it: `2 de` before `noviembre de 2026`."""
    last = next((word for word in reversed(words) if plain(word) not in small_words()), "")
    return last.rstrip("stndrhº°,").isdecimal()


def _loose_period(rows: Iterable[SheetRow]) -> tuple[date, date] | None:
    """Find a month that ends a title without a label: `Detalle de consumo - octubre 2026`; never a day's month."""
    cells = (cell for row in rows for cell in row.filled if _may_tell_days(cell))
    return next((period for cell in cells if (period := month_in(cell.text))), None)


def _may_tell_days(cell: SheetCell) -> bool:
    """Tell a text from one that ends in a document's number, as Colombia's `Factura de venta FEV-2026`."""
    words = cell.text.split() if isinstance(cell.value, str) else []
    last = words[-1] if words else ""
    numbered = "-" in last and last.isupper() and any(field == "document" for field, _ in _labelled_number(cell))
    return bool(last) and not numbered


@lru_cache(_REMEMBERED)
def month_in(text: str) -> tuple[date, date] | None:
    """Give the month that ends a text, None if none does; never a day's month."""
    words = [word for word in _BREAKS.sub(" ", text).split() if key(word)]
    for count in (1, 2):
        month = parse_month(" ".join(words[-count:]))
        if month and not _ends_with_day(words[:-count]):
            return parse_period(f"{month[0]}-{month[1]:02}")
    return None


def month_of(month: str, year: str) -> tuple[date, date] | None:
    """Give the month that two cells tell, its number or name in one and its year in the other; None if they do not."""
    return parse_period(f"{year}-{int(month):02}" if month.isdecimal() else f"{month.strip()} {year}")


class _Days:
    """Reads title dates; those whose order stays open become problems."""

    def __init__(self, sheet: Sheet, order: str, latest_year: int) -> None:
        """Take the order decided for the table, if any."""
        self.sheet = sheet
        self.order = order
        self.latest_year = latest_year
        self.problems: list[Problem] = []

    def day(self, value: SheetCell | str | None) -> date | None:
        """Read a day, None if there is none or it cannot be told."""
        cell = value if isinstance(value, SheetCell) else None
        order = self._order_of(cell) if cell else None
        return parse_day(cell.value, order) if cell and order is not None else None

    def period(self, value: SheetCell | str | None) -> tuple[date, date] | None:
        """Read a period, None if there is none or it cannot be told."""
        cell = value if isinstance(value, SheetCell) else None
        order = self._order_of(cell) if cell else None
        stated = cell.value if cell and not isinstance(cell.value, (bool, Decimal)) else None
        return parse_period(stated or (cell.text if cell else ""), order) if order is not None else None

    def range(self, text: str) -> tuple[date, date] | None:
        """Read a part of a title as a range, None if it is none or reads in several ways."""
        orders = {self.order} & date_orders(text, self.latest_year) or date_orders(text, self.latest_year)
        readings = {parse_period(text, order) for order in orders}
        return next(iter(readings)) if len(readings) == 1 else None

    def _order_of(self, cell: SheetCell) -> str | None:
        """Give the order in which a cell's date is to be read, None if that stays open."""
        allowed = date_orders(cell.text, self.latest_year)
        if self.order in allowed:
            return self.order
        readings = {parse_period(cell.text, order) for order in allowed}
        if len(readings) > 1:
            self.problems.append(
                Problem("title_date_ambiguous", self.sheet.place(cell.row, cell.column), {"value": cell.text})
            )
            return None
        return next((order for order in ORDERS if order in allowed), "")

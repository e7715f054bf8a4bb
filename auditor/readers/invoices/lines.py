"""A row of an invoice's table made a line, or refused with its reason (formats.md §3)."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.invoices.line_currency import LineCurrency
from auditor.readers.tables.bases import makes_amount
from auditor.readers.tables.factors import counts_thousands
from auditor.readers.tables.factors import factor_of
from auditor.readers.tables.identity import Identities
from auditor.readers.tables.identity import read_identifier
from auditor.readers.tables.layouts import DATES
from auditor.readers.tables.layouts import NUMBERS
from auditor.readers.tables.layouts import TAXES
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.line_cells import RowRefused
from auditor.readers.tables.line_cells import shared_texts
from auditor.readers.tables.sheets import NO_MEANING
from auditor.readers.tables.sheets import SheetMeaning
from auditor.readers.tables.titles import Titles
from auditor.readers.tables.titles import day_of
from auditor.readers.tables.titles import month_in
from auditor.readers.tables.titles import month_of
from auditor.readers.tables.told_apart import MESSAGE
from auditor.readers.tables.told_apart import RECIPIENT
from auditor.readers.tables.told_apart import TOLD_APART
from auditor.readers.tables.told_apart import country_called
from auditor.readers.tables.wide import is_tier
from auditor.readers.values.dates import counted_span
from auditor.readers.values.dates import parse_day
from auditor.readers.values.dates import parse_period
from auditor.readers.values.places import codes_apart
from auditor.readers.values.places import may_be_languages
from auditor.readers.values.places import place_in
from auditor.readers.values.total_words import is_rounding
from auditor.readers.values.vocabulary import MONEY
from auditor.readers.values.vocabulary import Meaning
from auditor.readers.values.vocabulary import document_named
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import plain

# ISO 4217 for "no currency": a preview without an account.
NO_CURRENCY = "XXX"
_BY_THOUSAND = MappingProxyType({"quantity": Decimal(1000), "unit_rate": Decimal("0.001")})
_LAYERS = MappingProxyType({layer.value: layer for layer in Layer})
_LOOKED_AT = 50
# Prices of messages come so often on a page of those; what each customer cost in all does not.
_OFTEN = 4
_SERVICE_FREE_FROM = date(2024, 11, 1)


class RowResult(NamedTuple):
    """What became of a row: its lines (none if `refusal` says why), and remarks on them."""

    lines: tuple[InvoiceLine, ...] = ()
    refusal: Problem | None = None
    remarks: tuple[Problem, ...] = ()


class _Said(NamedTuple):
    """What the words of a row say besides its meaning: as the fields of `InvoiceLine`."""

    document: str
    document_type: str
    supplier: str
    supplier_tax_id: str
    waba_id: str
    phone_number_id: str
    market: str
    country: str
    tier: str
    unit: str
    description: str


class LineReader(LineCurrency):
    """Reads the rows of one table. Headings above rows hold for the rows below them (`heading`)."""

    def __init__(
        self,
        sheet: Sheet,
        layout: Layout,
        titles: Titles,
        account: Account,
        meaning: SheetMeaning = NO_MEANING,
        *,
        usage: bool = False,
    ) -> None:
        """Take the table, what is known of the whole document and of its sheet; of `usage`, amounts may be missing."""
        super().__init__(sheet, layout, titles, account, meaning)
        self.usage = usage
        self.of_sheet = meaning
        self.ids = Identities(account)
        self.zone = account.wabas[0].time_zone if account.wabas else "UTC"
        self.factors = self._factors()
        kept = [name for name in (*NUMBERS, *DATES) if name in self.columns]
        self.kept_raw = {name: self.columns[name].column - 1 for name in kept}
        self.day_is_issue = self._day_is_issue()
        self.month_named = self._month_named()
        self.thousands = self._counts_thousands()
        self.one_each = self._bills_one_each()
        self._figures = [name for name in NUMBERS if name in self.columns]
        self.year = next(
            (one.column for one in layout.columns if not one.field and key(one.head) in lists("years")["words"]), 0
        )
        self._width = max((column.column for column in layout.columns), default=0)
        self._said: dict[tuple[object, ...], dict[str, Any]] = {}
        self._messages: dict[tuple[str, ...], int] = {}

    def _factors(self) -> dict[str, Decimal]:
        """Give what the figures of columns are to be multiplied by, as their heads say.

        A price beside packets of 100 is that of a packet where packets x price is the amount.
        """
        told = {name: factor_of(self.columns[name].head, name) for name in NUMBERS if name in self.columns}
        factors = {name: factor for name, factor in told.items() if factor}
        if "quantity" in factors and {"unit_rate", "amount"} <= told.keys() - factors.keys():
            rows = [self.rows[row] for row in self.layout.data[:_LOOKED_AT]]
            quantity, rate, amount = (self.columns[name].column for name in ("quantity", "unit_rate", "amount"))
            if makes_amount(rows, quantity, rate, amount):
                factors["unit_rate"] = 1 / factors["quantity"]
        return factors

    def _counts_thousands(self) -> bool:
        """Tell whether the column of units says of any row that it counts thousands."""
        unit = self.columns.get("unit")
        units = {self.rows[row].cell(unit.column).text for row in self.layout.data} if unit else ()
        return any(map(counts_thousands, units))

    def _bills_one_each(self) -> bool:
        """Tell whether rows that name a recipient bill a message each: the same few prices come again and again."""
        if RECIPIENT not in self.columns or {"quantity", MESSAGE} & self.columns.keys():
            return False
        rows = [self.rows[row] for row in self.layout.data[:_LOOKED_AT] if self._text(self.rows[row], RECIPIENT)]
        amounts = {self._text(row, "amount") for row in rows}
        return len(amounts) * _OFTEN <= len(rows)

    def _day_is_issue(self) -> bool:
        """Tell whether the one date on every line is when the document was issued.

        So it is outside the period audited, outside the one that the titles or the lines themselves name, where every
        document has its one date, and where each of several lines names a month.
        """
        column = self.columns.get("day")
        if column is None:
            return False
        cells = (self.rows[row].cell(column.column) for row in self.layout.data)
        days = {parse_day(cell.value, column.dates) for cell in cells if cell.text}
        day = next(iter(days)) if len(days) == 1 else None
        if day is None:
            return self._are_dated()
        named = [month_in(self.description(self.rows[row])) for row in self.layout.data[:_LOOKED_AT]]
        spoken = [one for one in (self.titles.period, *named) if one]
        outside = bool(spoken) and not any(first <= day <= last for first, last in spoken)
        return (
            outside
            or (len(named) > 1 and all(named))
            or self._are_dated()
            or not self.account.first <= day <= self.account.last
        )

    def _month_named(self) -> int:
        """Find the column, none that is read, whose texts all end with a month: `WhatsApp Peru Oct 2026`; 0 if none."""
        if self.titles.period or {*DATES} & {*self.columns} - {"document_date", "due_date"}:
            return 0
        rows = [self.rows[row] for row in self.layout.data[:_LOOKED_AT]]
        free = [one.column for one in self.layout.columns if one.head and not one.field]
        return next((one for one in free if rows and all(month_in(row.cell(one).text) for row in rows)), 0)

    def _are_dated(self) -> bool:
        """Tell whether each document, one of several lines among them, has one date on all its lines: its own."""
        column, day = self.columns.get("document"), self.columns["day"].column
        dates: dict[str, str] = {}
        several = False
        for row in (self.rows[number] for number in self.layout.data) if column else ():
            named, dated = row.cell(column.column if column else 0).text, row.cell(day).text
            several = several or named in dates
            if not named or dates.setdefault(named, dated) != dated:
                return False
        return several

    def section(self, titles: Titles, meaning: SheetMeaning) -> None:
        """Take what holds for the rows below."""
        self._said = {}
        self.titles, self.of_sheet = titles, meaning

    def heading(self, row: SheetRow) -> None:
        """Take a heading that names a category, a place or a month for the rows below."""
        self._said = {}
        super().heading(row)
        month = next((found for cell in row.filled if is_label(cell) and (found := month_in(cell.text))), None)
        self.titles = replace(self.titles, period=month) if month else self.titles

    def read(self, row: SheetRow) -> RowResult:
        """Read a row. Raises `AuditorError` for what damns the file: a damaged id, an unknown currency."""
        self.remarks = []
        try:
            lines = self._lines(row)
        except RowRefused as refused:
            return RowResult(refusal=refused.problem)
        return RowResult(lines, remarks=tuple(self.remarks))

    def _lines(self, row: SheetRow) -> tuple[InvoiceLine, ...]:
        """Make the row's line, and one more for each tax that stands in a column of its own."""
        self._check_width(row)
        numbers = dict.fromkeys(NUMBERS) | {name: self._number(row, name) for name in self._figures}
        meaning = self._meaning_of(row)
        if self.layout.applied:
            numbers |= {name: self._in_money(numbers[name]) for name in MONEY}
        if self.factors:
            numbers |= {name: number * factor for name, factor in self.factors.items() if (number := numbers[name])}
        if self.thousands and counts_thousands(self._text(row, "unit")):
            numbers |= {name: number * _BY_THOUSAND[name] for name in _BY_THOUSAND if (number := numbers[name])}
        amount = numbers["amount"]
        if amount is None and meaning.pricing_type.startswith("free"):
            amount = Decimal(0)
        if amount is None and self.usage and numbers["quantity"] is not None:
            amount = Decimal(0)
        if amount is None:
            raise self._refusal("amount_missing", row, "amount")
        if not self._words(row) and self.is_bare(row) and not self._has_heading():
            raise self._refusal("row_only_amount", row, "amount")
        line = self._line(row, amount, meaning, numbers)
        self._remark_on(line)
        return line, *self._taxes(line, numbers)

    def _taxes(self, line: InvoiceLine, numbers: Mapping[str, Decimal | None]) -> Iterator[InvoiceLine]:
        """Give the taxes that stand in columns of their own beside a line's amount."""
        for name in TAXES:
            amount = numbers[name]
            if amount:
                yield replace(
                    line, amount=amount, layer=Layer.TAX, quantity=None, unit_rate=None, category="", pricing_type="",
                    description=self.columns[name].head,
                )  # fmt: skip

    def _check_width(self, row: SheetRow) -> None:
        """Refuse a row of a text that has figures beyond the last head: `7,03` without quotes is two cells."""
        if self.sheet.name or self.layout.applied:
            return
        beyond = next((cell for cell in row.cells[self._width :] if is_number(cell)), None)
        if beyond:
            place = self.sheet.place(row.number, beyond.column)
            raise RowRefused(Problem("row_too_long", place, {"value": beyond.text, "columns": str(self._width)}))

    def _in_money(self, figure: Decimal | None) -> Decimal | None:
        """Turn a figure into money where the provider bills in credits, or writes charges as negative amounts."""
        profile = self.layout.applied
        if figure is None or profile is None:
            return figure
        if profile.credit == 0:
            if self.usage:
                return None
            raise AuditorError("credits_without_worth", self.sheet.place(self.layout.header_row), name=profile.name)
        return figure * (1 if profile.credit is None else profile.credit) * (-1 if profile.negative else 1)

    def _line(
        self, row: SheetRow, amount: Decimal, meaning: Meaning, numbers: Mapping[str, Decimal | None]
    ) -> InvoiceLine:
        period, raw, said = self._period(row), self._raw(row), self._what_is_said(row, meaning)
        currency = self.currency(row)
        if self.stated_once["document"]:
            said = {**said, "document": self.said_before(row, "document") or said["document"]}
        if RECIPIENT in self.columns and not (said["market"] or said["country"]):
            said = {**said, "country": country_called(self._text(row, RECIPIENT))}
        if numbers["amount"] is None and "amount" in raw:
            raw["credits"] = raw.pop("amount")
        return InvoiceLine(
            amount=amount,
            source=self.sheet.place(row.number),
            layer=self._layer_of(row, meaning, amount),
            period_start=period[0] if period else None,
            period_end=period[1] if period else None,
            category=meaning.category,
            pricing_type=self._free(meaning, period),
            quantity=numbers["quantity"] if "quantity" in self.columns else self._one_message(row),
            unit_rate=numbers["unit_rate"] if self.is_priced_in(currency) else None,
            message=self._message(row),
            raw=shared_texts(tuple(raw.items())),
            **said,
            currency=currency,
            document_date=self._issued(row) or self.titles.document_date,
            due_date=self._day(row, "due_date") or self.titles.due_date,
        )

    def _what_is_said(self, row: SheetRow, meaning: Meaning) -> Mapping[str, Any]:
        """Give what the words of a row say (`_Said`), worked out once for all rows with the same ones."""
        words = self._words(row)
        said = self._said.get(words) if words else None
        if said is None:
            market, country = self._place(row, meaning)
            waba, number = self._ids(row)
            said = _Said(
                document=self._text(row, "document") or self.titles.document,
                document_type=self._document_type(row),
                supplier=self._text(row, "supplier") or self.titles.supplier,
                supplier_tax_id=self._text(row, "supplier_tax_id") or self.titles.supplier_tax_id,
                waba_id=waba,
                phone_number_id=number,
                market=market,
                country=country,
                tier=self._text(row, "tier") or (self.part.label if is_tier(self.part.label) else ""),
                unit=self._unit(row),
                description=" ".join(filter(None, (self.description(row), self.part.label))),
            )._asdict()
            if words:
                self._said[words] = said
        return said

    # ---------------------------------------------------------------- what the line is

    def _layer_of(self, row: SheetRow, meaning: Meaning, amount: Decimal) -> Layer:
        """Give the layer of a line: a charge of no kind that we know is, with a minus, money given back."""
        layer = _LAYERS[meaning.layer or Layer.META]
        given_back = layer == Layer.OTHER and amount < 0 and not is_rounding(self.description(row))
        return Layer.CREDIT if given_back else layer

    def _free(self, meaning: Meaning, period: tuple[date, date] | None) -> str:
        """Name why a unit is free; a bare "free" was the monthly allowance until service became free of charge."""
        if meaning.pricing_type != "free":
            return meaning.pricing_type
        last = period[1] if period else self.account.last
        return "free_customer_service" if last >= _SERVICE_FREE_FROM else "free_tier"

    def _document_type(self, row: SheetRow) -> str:
        text = self._text(row, "document_type")
        return (document_named(text) if text else "") or self.titles.document_type

    def _span(self, row: SheetRow) -> tuple[date | None, date | None]:
        """Give the first and last day stated; a span from the first of a month to that of another ends before it.

        A published layout says by itself whether it does.
        """
        start, end = self._day(row, "period_start"), self._day(row, "period_end")
        if start is None or end is None:
            return start, end
        if start > end:
            raise self._refusal("period_backwards", row, "period_end", first=str(start), last=str(end))
        applied = self.layout.applied
        published = applied is not None and bool(applied.heads)
        if end > start and ((applied and applied.exclusive) or (not published and start.day == end.day == 1)):
            end -= timedelta(days=1)
        counted = counted_span(self._text(row, "period_start"), self._text(row, "period_end"), self.zone)
        return counted or (start, end)

    def _period(self, row: SheetRow) -> tuple[date, date] | None:
        """Give the period: its columns' part, its columns, else the title's. A single day is a period of one."""
        if self.part.period:
            return self.part.period
        start, end = self._span(row)
        if start and end:
            return start, end
        for name in ("period",) if self.day_is_issue else ("period", "day"):
            if name not in self.columns:
                continue
            cell = self._cell(row, name)
            period = self._period_in(row, cell, self.columns[name].dates) if cell.text else None
            period = period or (day_of(cell.text, self.titles.period) if name == "day" else None)
            if cell.text and period is None:
                raise self._refusal("date_unreadable", row, name, value=cell.text)
            if period:
                return period
        if start:
            return start, start
        return self.titles.period or month_in(self.description(row)) or month_in(row.cell(self.month_named).text)

    def _period_in(self, row: SheetRow, cell: SheetCell, order: str) -> tuple[date, date] | None:
        """Read the period of a cell, or of a month there and its year in a column or, of its name, in a title."""
        year = row.cell(self.year).text if self.year else self.titles.year * cell.text.isalpha()
        period = parse_period(cell.value, order) or (month_of(cell.text, year) if year else None)
        return period or self._audited_month(cell.text)

    def _audited_month(self, text: str) -> tuple[date, date] | None:
        """Give the month of a name whose year stands nowhere: the last one that begins before the audit ends."""
        if not text.isalpha() or self.account.currency == NO_CURRENCY:
            return None
        last = self.account.last
        months = (month_of(text, str(year)) for year in (last.year, last.year - 1))
        return next((month for month in months if month and month[0] <= last), None)

    def _issued(self, row: SheetRow) -> date | None:
        return self._day(row, "document_date") or (self._day(row, "day") if self.day_is_issue else None)

    def _raw(self, row: SheetRow) -> dict[str, str]:
        """Keep the text of every number and date as it stood."""
        raw = dict(self.titles.raw)
        cells = row.cells
        if self._is_plain and len(cells) >= self._width and self._text(row, "amount"):
            raw |= {name: text for name, place in self.kept_raw.items() if (text := cells[place].text)}
            return raw
        return raw | {name: text for name in self.kept_raw if (text := self._text(row, name))}

    # ---------------------------------------------------------------- whose it is, and in what money

    def _ids(self, row: SheetRow) -> tuple[str, str]:
        """Give WABA and number; a number that the account knows tells its WABA."""
        waba_cell, number_cell = self._cell(row, "waba_id"), self._cell(row, "phone_number_id")
        waba = self.ids.waba(read_identifier(self.sheet, waba_cell)) if waba_cell.text else ""
        stated = read_identifier(self.sheet, number_cell) if number_cell.text else self.part.number
        number = self.ids.number(stated) if stated else ""
        if number == self.part.number and number not in self.ids.owners:
            number = self.ids.number_names.get(plain(self.part.label), number)
        number = number or self.of_sheet.number_id
        return waba or self.ids.owners.get(number, "") or self.of_sheet.waba_id, number

    def _message(self, row: SheetRow) -> int:
        """Tell apart what rows name, a message, its recipient or template: by a number, as they first come; 0: none."""
        named = tuple(self._text(row, name) for name in TOLD_APART)
        return self._messages.setdefault(named, len(self._messages) + 1) if any(named) else 0

    def _one_message(self, row: SheetRow) -> Decimal | None:
        """Count what a row bills where no column does: one, if it names a message."""
        named = self._text(row, MESSAGE) or (self.one_each and self._text(row, RECIPIENT))
        return Decimal(1) if named else None

    def _remark_on(self, line: InvoiceLine) -> None:
        """Remark what is kept but must be looked at."""
        remarks: dict[str, str] = {}
        if line.currency != self.account.currency != NO_CURRENCY:
            remarks["currency_not_account"] = line.currency
        if line.waba_id and self.ids.wabas and line.waba_id not in self.ids.wabas:
            remarks["invoice_waba_unknown"] = line.waba_id
        if line.phone_number_id and self.ids.owners and line.phone_number_id not in self.ids.owners:
            remarks["invoice_number_unknown"] = line.phone_number_id
        if line.layer == Layer.META and "category" in self.columns and not line.category:
            remarks["category_blank"] = ""
        if self._apart and (line.market or line.country) and may_be_languages(self._apart):
            code = next(iter(codes_apart(line.description)), "")
            remarks |= {"place_or_language": code} if code and not place_in(line.description, coded=False) else {}
        self.remarks += [
            Problem(code, line.source, {"value": value} if value else {}) for code, value in remarks.items()
        ]

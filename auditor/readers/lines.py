"""A row of an invoice's table made a line, or refused with its reason (formats.md §3)."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.language import currencies
from auditor.readers.cells import Sheet
from auditor.readers.cells import SheetCell
from auditor.readers.cells import SheetRow
from auditor.readers.cells import is_label
from auditor.readers.cells import is_number
from auditor.readers.dates import parse_day
from auditor.readers.dates import parse_period
from auditor.readers.identity import Identities
from auditor.readers.identity import read_identifier
from auditor.readers.layouts import DATES
from auditor.readers.layouts import NUMBERS
from auditor.readers.layouts import TAXES
from auditor.readers.layouts import Layout
from auditor.readers.line_cells import FREE_LAYERS
from auditor.readers.line_cells import PLACES
from auditor.readers.line_cells import LineCells
from auditor.readers.line_cells import RowRefused
from auditor.readers.numbers import read_value
from auditor.readers.numbers import take_apart
from auditor.readers.parents import Row
from auditor.readers.sheets import NO_MEANING
from auditor.readers.sheets import SheetMeaning
from auditor.readers.titles import Titles
from auditor.readers.titles import month_in
from auditor.readers.vocabulary import MONEY
from auditor.readers.vocabulary import Meaning
from auditor.readers.vocabulary import are_languages
from auditor.readers.vocabulary import category_meaning
from auditor.readers.vocabulary import codes_apart
from auditor.readers.vocabulary import described
from auditor.readers.vocabulary import document_named
from auditor.readers.vocabulary import factor_of
from auditor.readers.vocabulary import is_rounding
from auditor.readers.vocabulary import layer_named
from auditor.readers.vocabulary import may_be_languages
from auditor.readers.vocabulary import place_in
from auditor.readers.vocabulary import place_named
from auditor.readers.vocabulary import text_currency
from auditor.readers.vocabulary import total_kind
from auditor.readers.vocabulary import unit_named
from auditor.readers.words import key
from auditor.readers.words import lists

# ISO 4217 for "no currency": a preview without an account.
NO_CURRENCY = "XXX"
_SERVICE_FREE_FROM = date(2024, 11, 1)


@dataclass(frozen=True, slots=True)
class RowResult:
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


class LineReader(LineCells):
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
        super().__init__(sheet, layout)
        self.usage = usage
        self.of_sheet = meaning
        self.titles = titles
        self.account = account
        self.ids = Identities(account)
        self.part = layout.part
        self.below = Meaning(self.part.category or meaning.category)
        self.below_place = meaning.place
        self.remarks: list[Problem] = []
        told = {name: factor_of(self.columns[name].head, name) for name in NUMBERS if name in self.columns}
        self.factors = {name: factor for name, factor in told.items() if factor}
        self.kept_raw = [name for name in (*NUMBERS, *DATES) if name in self.columns]
        self.day_is_issue = self._day_is_issue()
        self._figures = [name for name in NUMBERS if name in self.columns]
        self._width = max((column.column for column in layout.columns), default=0)
        self._apart: frozenset[str] | None = None
        self._known: dict[tuple[object, ...], Meaning] = {}
        self._said: dict[tuple[object, ...], _Said] = {}
        self._charges: dict[tuple[object, ...], bool] = {}

    def _day_is_issue(self) -> bool:
        """Tell whether the one date on every line, outside the period audited, is when the document was issued."""
        column = self.columns.get("day")
        if column is None:
            return False
        cells = (self.rows[row].cell(column.column) for row in self.layout.data)
        days = {parse_day(cell.value, column.dates) for cell in cells if cell.text}
        day = next(iter(days)) if len(days) == 1 else None
        return day is not None and not self.account.first <= day <= self.account.last

    def section(self, titles: Titles, meaning: SheetMeaning) -> None:
        """Take what holds for the rows below."""
        self._said = {}
        self.titles, self.of_sheet = titles, meaning

    def heading(self, row: SheetRow) -> None:
        """Take a heading that names a category or a place for the rows below."""
        self._known, self._said = {}, {}
        text = next((cell.text for cell in row.filled if is_label(cell)), "")
        meaning = category_meaning(text)
        if meaning and meaning.category:
            self.below = meaning
        elif text:
            self.below_place = place_named(text, prefer_country=False) or ("", "")

    def amount_of(self, row: SheetRow) -> Row | None:
        """Give a row as its amount and the fields it fills; None if it has no amount that can be read."""
        amount = self.columns.get("amount")
        cell = row.cell(amount.column) if amount else None
        value = read_value(cell.value, amount.decimal or ".") if cell and amount else None
        fields = [name for name, column in self.columns.items() if row.cell(column.column).text]
        if value is None:
            return None
        try:
            names = self._names(row)
        except RowRefused:  # for an error in its words, as is said when the row is read
            names = frozenset()
        return Row(row.number, value, fields, names)

    def _names(self, row: SheetRow) -> frozenset[str]:
        """Tell what the words of a row name: a category, a place, or a charge of another kind."""
        texts = [text for text in (self._text(row, "category"), self.description(row)) if text]
        meanings = [described(text) for text in texts]
        if any(one.layer not in {*FREE_LAYERS, Layer.OTHER.value} and not one.category for one in meanings):
            return frozenset({"other"})
        places = [self._stated_text(row, name) for name in PLACES]
        placed = any(places) or any(place_named(text, prefer_country=False) or place_in(text) for text in texts)
        named = {"category": any(one.category for one in meanings), "place": placed}
        return frozenset(name for name, found in named.items() if found)

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
        words = self._words(row)
        meaning = self._known.get(words) if words else None
        if meaning is None:
            meaning = self._meaning(row)
            if words:
                self._known[words] = meaning
        if self.layout.applied:
            numbers |= {name: self._in_money(numbers[name]) for name in MONEY}
        if self.factors:
            numbers |= {name: number * factor for name, factor in self.factors.items() if (number := numbers[name])}
        amount = numbers["amount"]
        if amount is None and meaning.pricing_type.startswith("free"):
            amount = Decimal(0)
        if amount is None and self.usage and numbers["quantity"] is not None:
            amount = Decimal(0)
        if amount is None:
            raise self._refusal("amount_missing", row, "amount")
        if not words and self.is_bare(row) and not self._has_heading():
            raise self._refusal("row_only_amount", row, "amount")
        line = self._line(row, amount, meaning, numbers)
        self._remark_on(line)
        return line, *self._taxes(line, numbers)

    def _taxes(self, line: InvoiceLine, numbers: Mapping[str, Decimal | None]) -> Iterator[InvoiceLine]:
        """Give the taxes that stand in columns of their own beside a line's amount."""
        for name in TAXES:
            amount = numbers[name]
            if amount:
                tax = replace(line, amount=amount, layer=Layer.TAX, quantity=None, unit_rate=None)
                yield replace(tax, category="", pricing_type="", description=self.columns[name].head)

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
        period, raw = self._period(row), self._raw(row)
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
            quantity=numbers["quantity"],
            unit_rate=numbers["unit_rate"],
            raw=MappingProxyType(raw),
            **self._what_is_said(row, meaning)._asdict(),
            currency=self.currency(row),
            document_date=self._issued(row) or self.titles.document_date,
            due_date=self._day(row, "due_date") or self.titles.due_date,
        )

    def _what_is_said(self, row: SheetRow, meaning: Meaning) -> _Said:
        """Give what the words of a row say, worked out once for all rows with the same ones."""
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
                tier=self._text(row, "tier"),
                unit=self._unit(row),
                description=self.description(row),
            )
            if words:
                self._said[words] = said
        return said

    # ---------------------------------------------------------------- what the row is

    def names_charge(self, row: SheetRow) -> bool:
        """Tell whether a row's words alone tell it from a total; they are looked at once for all rows with them."""
        words = self._words(row)
        if not words:
            return False
        known = self._charges.get(words)
        if known is None:
            known = self._charges[words] = not (self.is_of_everything(row) or self._is_worded_as_total(row))
        return known

    def may_be_total(self, row: SheetRow) -> bool:
        """Tell whether a row has an amount and words, but nothing that makes it a charge of any kind we know."""
        figures = any(_is_filled(self._cell(row, name)) for name in ("quantity", "unit_rate"))
        return not figures and self._is_worded_as_total(row)

    def _is_worded_as_total(self, row: SheetRow) -> bool:
        """Tell whether no word of a row makes it a charge of any kind we know."""
        if any(
            key(text) and place_named(text, prefer_country=True) for name in PLACES if (text := self._text(row, name))
        ):
            return False
        texts = (self._text(row, "category"), self.description(row))
        meanings = [described(text) for text in texts if text]
        free = {*FREE_LAYERS, Layer.OTHER.value}
        return all(not (one.category or one.pricing_type) and one.layer in free for one in meanings)

    def is_of_everything(self, row: SheetRow) -> bool:
        """Tell whether a row says "all" where the rows of single places or categories name theirs."""
        texts = (self._text(row, name) for name in ("category", *PLACES))
        return any(key(text) in lists("everything")["words"] for text in texts if text and key(text))

    def wording(self, row: SheetRow) -> str:
        """Give the words from which a row without a description has its meaning."""
        return next((text for name in ("layer", "category", "document_type") if (text := self._text(row, name))), "")

    def category(self, row: SheetRow) -> str:
        """Give the category of a row's column, empty if it names none."""
        meaning = category_meaning(self._text(row, "category"))
        return meaning.category if meaning else ""

    def _has_heading(self) -> bool:
        return bool(self.below.category or any(self.below_place))

    # ---------------------------------------------------------------- what the line is

    def _meaning(self, row: SheetRow) -> Meaning:
        """Work out category, free reason and layer from their columns, the heading above and the description."""
        if self.part.layer not in FREE_LAYERS:
            return Meaning(layer=self.part.layer)
        free = self._stated(row, "pricing_type")
        text = self.description(row)
        words = described(text or self._text(row, "layer"))
        # A subscription or a tax below a heading is none of what the heading names.
        below = self.below if words.layer in FREE_LAYERS or self.part.category else Meaning()
        stated = self._stated(row, "category") or below
        category = stated.category or ("" if stated.layer not in FREE_LAYERS else words.category)
        pricing = (free or stated).pricing_type or stated.pricing_type or words.pricing_type
        return Meaning(category, pricing, self._layer(row, stated, words, category))

    def _stated(self, row: SheetRow, name: str) -> Meaning | None:
        """Read a cell of the category or pricing type column; a dash is an empty cell."""
        text = self._text(row, name)
        if not key(text):
            return None
        meaning = category_meaning(text)
        if meaning is None:
            raise self._refusal(f"{name}_unknown", row, name, value=text)
        return meaning

    def _layer(self, row: SheetRow, stated: Meaning, words: Meaning, category: str) -> str:
        """Give the layer: stated; by the words; or Meta's, if anything shows that the line is for messages."""
        text = self._text(row, "layer")
        if text:
            layer = layer_named(text)
            if not layer:
                raise self._refusal("layer_unknown", row, "layer", value=text)
            return layer
        if self.part.layer:
            return self.part.layer
        if stated.layer or (words.layer and words.layer not in FREE_LAYERS and not category):
            return stated.layer or words.layer
        if category or words.layer:
            return words.layer if words.layer in {"provider_fee", "credit"} else Layer.META.value
        grain = ("market", "country", "waba_id", "phone_number_id", "pricing_type")
        # Without a word, as where a column for words is empty, units are what the account is for.
        units = self._text(row, "quantity") or "description" not in self.columns
        is_message = any(self._stated_text(row, name) for name in grain) or bool(units and not self.description(row))
        return Layer.META.value if is_message or self._has_heading() else Layer.OTHER.value

    def _layer_of(self, row: SheetRow, meaning: Meaning, amount: Decimal) -> Layer:
        """Give the layer of a line: a charge of no kind that we know is, with a minus, money given back."""
        layer = Layer(meaning.layer or Layer.META)
        given_back = layer == Layer.OTHER and amount < 0 and not is_rounding(self.description(row))
        return Layer.CREDIT if given_back else layer

    def _free(self, meaning: Meaning, period: tuple[date, date] | None) -> str:
        """Name why a unit is free; a bare "free" was the monthly allowance until service became free of charge."""
        if meaning.pricing_type != "free":
            return meaning.pricing_type
        last = period[1] if period else self.account.last
        return "free_customer_service" if last >= _SERVICE_FREE_FROM else "free_tier"

    def _place(self, row: SheetRow, meaning: Meaning) -> tuple[str, str]:
        """Give market and country: from their columns, the heading above, or the description of a message line."""
        market, country = self.part.market, self.part.country
        for name in ("market", "country"):
            text = self._stated_text(row, name)
            found = place_named(text, prefer_country=name == "country") if text else ("", "")
            if found is None and key(text) and not total_kind(text):
                raise self._refusal(f"{name}_unknown", row, name, value=text)
            market, country = market or (found or ("", ""))[0], country or (found or ("", ""))[1]
        if market or country or "market" in self.columns or "country" in self.columns:
            return market, country
        if any(self.below_place) and (meaning.category or meaning.layer in FREE_LAYERS):
            return self.below_place
        text = self.description(row)
        coded = bool(text and codes_apart(text)) and not are_languages(self._codes())
        return (place_in(text, coded=coded) if text and meaning.category else None) or ("", "")

    def _codes(self) -> frozenset[str]:
        """Give all the codes at the ends of the descriptions, which are countries or languages; found once."""
        if self._apart is None:
            column = self.columns["description"].column if "description" in self.columns else 0
            texts = {self.rows[row].cell(column).text for row in self.layout.data}
            self._apart = frozenset(code for text in texts for code in codes_apart(text))
        return self._apart

    def _unit(self, row: SheetRow) -> str:
        """Give the unit: its column, or the head over the quantities, or the description."""
        quantity = self.columns.get("quantity")
        stated = unit_named(self._text(row, "unit")) or (unit_named(quantity.head) if quantity else "")
        return stated or unit_named(self.description(row))

    def _document_type(self, row: SheetRow) -> str:
        text = self._text(row, "document_type")
        return (document_named(text) if text else "") or self.titles.document_type

    def _period(self, row: SheetRow) -> tuple[date, date] | None:
        """Give the period: its columns' part, its columns, else the title's. A single day is a period of one."""
        if self.part.period:
            return self.part.period
        start, end = self._day(row, "period_start"), self._day(row, "period_end")
        if start and end and end > start and self.layout.applied and self.layout.applied.exclusive:
            end -= timedelta(days=1)
        if start and end:
            if start > end:
                raise self._refusal("period_backwards", row, "period_end", first=str(start), last=str(end))
            return start, end
        for name in ("period",) if self.day_is_issue else ("period", "day"):
            if name not in self.columns:
                continue
            cell = self._cell(row, name)
            period = parse_period(cell.value, self.columns[name].dates) if cell.text else None
            if cell.text and period is None:
                raise self._refusal("date_unreadable", row, name, value=cell.text)
            if period:
                return period
        if start:
            return start, start
        return self.titles.period or month_in(self.description(row))

    def _issued(self, row: SheetRow) -> date | None:
        return self._day(row, "document_date") or (self._day(row, "day") if self.day_is_issue else None)

    def _raw(self, row: SheetRow) -> dict[str, str]:
        """Keep the text of every number and date as it stood."""
        raw = dict(self.titles.raw)
        return raw | {name: text for name in self.kept_raw if (text := self._text(row, name))}

    # ---------------------------------------------------------------- whose it is, and in what money

    def _ids(self, row: SheetRow) -> tuple[str, str]:
        """Give WABA and number; a number that the account knows tells its WABA."""
        waba_cell, number_cell = self._cell(row, "waba_id"), self._cell(row, "phone_number_id")
        waba = self.ids.waba(read_identifier(self.sheet, waba_cell)) if waba_cell.text else ""
        number = self.ids.number(read_identifier(self.sheet, number_cell)) if number_cell.text else ""
        number = number or self.of_sheet.number_id
        return waba or self.ids.owners.get(number, "") or self.of_sheet.waba_id, number

    def currency(self, row: SheetRow) -> str:
        """Give the currency: its column, the sign at the amount, the head, the titles, else the account's.

        Raises `currency_unknown` for a code that is none; refuses a row whose sign contradicts its column.
        """
        text = self._text(row, "currency")
        stated = self._currency_code(row, text) if text else ""
        amount = self.columns.get("amount")
        cell = row.cell(amount.column if amount else 0)
        # A figure that begins and ends with a digit has no sign beside it.
        beside = isinstance(cell.value, str) and not (cell.text[0].isdecimal() and cell.text[-1].isdecimal())
        number = take_apart(cell.text) if beside else None
        sign = number.currency if number else ""
        column = stated or (amount.currency if amount else "")
        if sign and column and sign != column:
            raise self._refusal("currency_conflict", row, "amount", sign=sign, column=column)
        return column or sign or self.titles.currency or self.account.currency

    def _currency_code(self, row: SheetRow, text: str) -> str:
        code = text.upper() if text.upper() in currencies() else text_currency(text)
        if not code and text.strip() != "$":
            place = self.sheet.place(row.number, self.columns["currency"].column)
            raise AuditorError("currency_unknown", place, value=text)
        return code

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


def _is_filled(cell: SheetCell) -> bool:
    """Tell whether a cell says anything; words where a figure belongs are a row's own."""
    return bool(cell.text) and (isinstance(cell.value, Decimal) or take_apart(cell.text) is not None)

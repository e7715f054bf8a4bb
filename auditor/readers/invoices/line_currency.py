"""The currency of an invoice's row, by its column, its sign, its head, the titles or its format (formats.md §3)."""

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.language import currencies
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRow
from auditor.readers.invoices.line_words import LineWords
from auditor.readers.tables.bases import makes_amount
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.sheets import SheetMeaning
from auditor.readers.tables.titles import Titles
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import take_apart

_FACTORS, _LOOKED_AT = 3, 50


class LineCurrency(LineWords):
    """Tells the currencies of a table's rows. `remarks` are those on the row at hand."""

    def __init__(self, sheet: Sheet, layout: Layout, titles: Titles, account: Account, meaning: SheetMeaning) -> None:
        """Take the table, and what is known of the whole document and of its sheet."""
        super().__init__(sheet, layout, meaning)
        self.titles = titles
        self.account = account
        self.remarks: list[Problem] = []
        self.currency_supposed = False
        self.stated_once = {name: self._rows_stating(name) for name in ("currency", "document")}
        self._priced_in = self._currency_of_prices()

    def currency(self, row: SheetRow) -> str:
        """Give the currency: its column, the sign at the amount, the head, the titles, the prices, else the account's.

        Before that the sign in which a format shows a stored figure, which words overrule: a program sets the currency
        of its country by itself. Raises `currency_unknown` for a code that is none; refuses a row whose sign
        contradicts its column.
        """
        text = self._text(row, "currency") or self.said_before(row, "currency")
        stated = self._currency_code(row, text) if text else ""
        amount = self.columns.get("amount")
        cell = row.cell(amount.column if amount else 0)
        # A figure that begins and ends with a digit has no sign beside it.
        beside = bool(cell.text) and not (cell.text[0].isdecimal() and cell.text[-1].isdecimal())
        number = take_apart(cell.text) if beside else None
        sign = number.currency if number else ""
        column = stated or (amount.currency if amount else "")
        if isinstance(cell.value, Decimal):
            said = self._or_supposed(column or self.titles.currency or self._priced_in or sign)
            if sign and sign != said:
                place = self.sheet.place(row.number, cell.column)
                self.remarks.append(Problem("currency_shown_otherwise", place, {"shown": sign, "said": said}))
            return said
        if sign and column and sign != column:
            raise self._refusal("currency_conflict", row, "amount", sign=sign, column=column)
        return self._or_supposed(column or sign or self.titles.currency or self._priced_in)

    def is_priced_in(self, currency: str) -> bool:
        """Tell whether the prices are in a currency: where their head names another, they are no prices of the amounts.

        So a reseller bills dollars in soles: `Tarifa US$` beside `Importe S/`.
        """
        rate = self.columns.get("unit_rate")
        return rate is None or rate.currency in {"", currency}

    def _or_supposed(self, said: str) -> str:
        """Give the currency that something in the file says, else the account's."""
        self.currency_supposed = self.currency_supposed or not said
        return said or self.account.currency

    def _currency_of_prices(self) -> str:
        """Give the currency that the head of the prices names, where quantity x price is the amount; empty if not."""
        named = [self.columns[name] for name in ("quantity", "unit_rate", "amount") if name in self.columns]
        if len(named) < _FACTORS or not named[1].currency:
            return ""
        rows = [self.rows[row] for row in self.layout.data[:_LOOKED_AT]]
        return named[1].currency if makes_amount(rows, *(one.column for one in named)) else ""

    def _rows_stating(self, name: str) -> Sequence[int]:
        """Give the rows that state a field where documents are told apart, if others leave it blank; else none.

        Programs export what is said of a document beside its first line alone.
        """
        column = self.columns.get(name)
        if column is None or not {"document", "document_date"} & {*self.columns}:
            return ()
        stating = [number for number in self.layout.data if self.rows[number].cell(column.column).text]
        return stating if len(stating) < len(self.layout.data) else ()

    def said_before(self, row: SheetRow, name: str) -> str:
        """Give a field of the line before, where this one leaves blank whatever is said of its document."""
        stating = self.stated_once[name]
        if not stating or self._text(row, "document") or self._text(row, "document_date"):
            return ""
        place = bisect_left(stating, row.number)
        return self.rows[stating[place - 1]].cell(self.columns[name].column).text if place else ""

    def _currency_code(self, row: SheetRow, text: str) -> str:
        code = text.upper() if text.upper() in currencies() else text_currency(text)
        if not code and text.strip() != "$":
            place = self.sheet.place(row.number, self.columns["currency"].column)
            raise AuditorError("currency_unknown", place, value=text)
        return code

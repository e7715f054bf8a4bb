"""The reading of one table, row by row: its lines, the totals it states, and what became of every row (§4)."""

from bisect import bisect
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain

from auditor.core.money import minor_digits
from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.invoices.confirming import all_zero
from auditor.readers.invoices.confirming import confirmations
from auditor.readers.invoices.confirming import unconfirmed
from auditor.readers.invoices.controls import below_total
from auditor.readers.invoices.controls import check_controls
from auditor.readers.invoices.controls import check_elsewhere
from auditor.readers.invoices.controls import is_sum_of_group
from auditor.readers.invoices.controls import last_figure
from auditor.readers.invoices.controls import possible_sums
from auditor.readers.invoices.controls import row_controls
from auditor.readers.invoices.controls import sum_of_group
from auditor.readers.invoices.controls import taken_for_totals
from auditor.readers.invoices.controls import title_controls
from auditor.readers.invoices.counts_shown import check_quantity
from auditor.readers.invoices.document_facts import check_months
from auditor.readers.invoices.document_facts import rows_around
from auditor.readers.invoices.lines import NO_CURRENCY
from auditor.readers.invoices.lines import LineReader
from auditor.readers.invoices.money_unread import money_unread
from auditor.readers.invoices.not_billable import billed_lines
from auditor.readers.invoices.prices import check_prices
from auditor.readers.invoices.prices import check_rates_alone
from auditor.readers.invoices.running_sums import SumsSoFar
from auditor.readers.invoices.signs import settle_signs
from auditor.readers.invoices.table_found import hidden_parts
from auditor.readers.invoices.table_found import what_was_found
from auditor.readers.tables.by_account import parts_of_the_period
from auditor.readers.tables.by_account import with_account_columns
from auditor.readers.tables.identity import Identities
from auditor.readers.tables.layouts import TAXES
from auditor.readers.tables.layouts import Decision
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.line_cells import RowRefused
from auditor.readers.tables.parents import MOST
from auditor.readers.tables.parents import Row
from auditor.readers.tables.parents import heads_of_groups
from auditor.readers.tables.parents import parents
from auditor.readers.tables.proofs import check_counts
from auditor.readers.tables.proofs import check_products
from auditor.readers.tables.sections import section_ids
from auditor.readers.tables.sections import section_months
from auditor.readers.tables.sections import section_titles
from auditor.readers.tables.sheets import SheetMeaning
from auditor.readers.tables.title_words import said_in_titles
from auditor.readers.tables.titles import Titles
from auditor.readers.tables.unread import check_categories
from auditor.readers.tables.unread import check_dates
from auditor.readers.tables.unread import check_place
from auditor.readers.tables.unread import check_totals
from auditor.readers.tables.unread import check_words
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.total_words import is_brought_forward
from auditor.readers.values.total_words import is_no_line
from auditor.readers.values.total_words import says_tax_inside
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import holds_tax_by_name

# What is looked at of every table whose columns no profile says.
_CHECKS = (
    check_products,
    check_counts,
    check_prices,
    check_rates_alone,
    check_place,
    check_totals,
    check_words,
    check_categories,
    check_dates,
    check_months,
)
_STATED_IN = {"quantity": "quantity", "unit_rate": "", **dict.fromkeys(TAXES, "tax")}


class TableReading:
    """The reading of one table, row by row."""

    def __init__(
        self,
        sheet: Sheet,
        layout: Layout,
        account: Account,
        meaning: SheetMeaning,
        titles: Titles,
        *,
        usage: bool,
    ) -> None:
        """Take the table, and the facts that the rows around it or other sheets state."""
        layout = with_account_columns(sheet, layout, Identities(account))
        self.sheet = sheet
        self.layout = layout
        self.account = account
        self.around = rows_around(sheet, layout)
        self.titles = titles
        self.in_title = said_in_titles(sheet, layout, self.around, meaning)
        if self.in_title.category:
            place = meaning.place if any(meaning.place) else self.in_title.place
            meaning = meaning._replace(category=self.in_title.category, place=place)
        self.parts, self.other_months = parts_of_the_period(layout.parts(), account)
        self.readers = [LineReader(sheet, part, self.titles, account, meaning, usage=usage) for part in self.parts]
        self.reader = self.readers[0]
        self.lines: list[InvoiceLine] = []
        self.sums = SumsSoFar()
        self.supposed: list[ControlTotal] = []
        self.controls: list[ControlTotal] = []
        self.brought_forward: ControlTotal | None = None
        self.refusals: list[Problem] = []
        self.remarks: list[Problem] = [*sheet.remarks, *layout.problems, *self.titles.problems]
        self.kept_rows: set[int] = set()
        self.left_out = len(layout.left_out)
        self.agreed: tuple[ControlTotal, ...] = ()
        self.decisions: list[Decision] = []

    @property
    def currency_supposed(self) -> bool:
        """Tell whether nothing said of a line yet in which currency it is."""
        return any(reader.currency_supposed for reader in self.readers)

    def is_of_the_period(self) -> bool:
        """Tell whether the sheet, by its titles or name, is of the audited period; one that names no period is."""
        first, last = self.titles.period or (self.account.first, self.account.last)
        return first <= self.account.last and last >= self.account.first

    def read_rows(self) -> None:
        """Read data, totals and headings in the order of the sheet."""
        data, totals, headings = set(self.layout.data), set(self.layout.totals), set(self.layout.headings)
        summing = self._parents()
        sections = self._sections()
        for row in self.sheet.rows:
            if row.number in sections:
                for reader in self.readers:
                    reader.section(*sections[row.number])
            if row.number in summing:
                self.left_out += 1
                for reader in self.readers:
                    reader.heading(row)
            elif row.number in data:
                self._data(row)
            elif row.number in totals:
                self.left_out += 1
                self._total(self._row_controls(row))
            elif row.number in headings:
                self.left_out += row.number > self.layout.header_row
                self.sums.close()
                for reader in self.readers:
                    reader.heading(row)
        self.controls += title_controls(self.sheet, self.layout, self.around, self._currency_above())

    def _total(self, stated: Sequence[ControlTotal]) -> None:
        """Take what a row of totals states; before any line it may be what the pages before came to."""
        money = next((one for one in stated if one.kind in {"total", "subtotal"}), None)
        if money and not self.lines and is_brought_forward(money.label):
            self.brought_forward = money
        else:
            self.controls += stated
        self.sums.close()

    def _sections(self) -> dict[int, tuple[Titles, SheetMeaning]]:
        """Give, by the first row of lines below them, what rows around the lines say of those: whose, and of when."""
        starts: dict[int, list[SheetRow]] = {}
        for row in self.around:
            place = bisect(self.layout.data, row.number)
            if place < len(self.layout.data):
                starts.setdefault(self.layout.data[place], []).append(row)
        meanings = section_ids(list(starts.values()), self.reader.of_sheet, self.reader.ids)
        months = section_months(list(starts.values()), self.layout.header_row, self.titles.year)
        found, titles = {}, self.titles
        for (start, rows), meaning, month in zip(starts.items(), meanings, months, strict=True):
            if rows[0].number > self.layout.header_row:
                titles = section_titles(self.sheet, rows, titles, self.layout.date_order, self.account.last.year + 1)
            titles = replace(titles, period=month) if month else titles
            found[start] = (titles, meaning)
        return found

    def _parents(self) -> frozenset[int]:
        """Find the rows that sum up those below them, by the totals that the table states, or by its build."""
        if len(self.layout.data) > MOST:
            return frozenset()
        totals, data = set(self.layout.totals), set(self.layout.data)
        stated = [
            control.amount
            for row in self.sheet.rows
            if row.number in totals
            for control in self._row_controls(row)
            if control.kind == "total"
        ]
        known = (self._amounts_of(row) for row in self.sheet.rows if row.number in data)
        rows = [row for row in known if row]
        found = parents(rows, stated) if self.layout.totals else heads_of_groups(rows)
        if found:
            code = "rows_sum_others" if self.layout.totals else "rows_sum_groups"
            numbers = ", ".join(map(str, sorted(found)))
            self.remarks.append(Problem(code, self.sheet.place(min(found)), {"rows": numbers}))
        return found

    def _amounts_of(self, row: SheetRow) -> Row | None:
        """Give a row with what its parts come to; None if it has no amount that can be read."""
        found = [one for reader in self.readers if (one := reader.amount_of(row))]
        return found[0]._replace(amount=sum((one.amount for one in found), Decimal(0))) if found else None

    def _currency_above(self) -> str:
        return self.lines[-1].currency if self.lines else self.titles.currency or self.account.currency

    def _row_controls(self, row: SheetRow) -> tuple[ControlTotal, ...]:
        """Read a totals row; what it states for each category is added up."""
        currency = self._currency_above()
        stating = [reader for reader in self.readers if reader.has_figures(row)] or self.readers[:1]
        first, *others = (self._of_part(reader, row, currency) for reader in stating)
        for found in others:
            amounts = {control.kind: control.amount for control in found}
            first = tuple(replace(one, amount=one.amount + amounts.get(one.kind, Decimal(0))) for one in first)
        return first

    def _of_part(self, reader: LineReader, row: SheetRow, currency: str) -> tuple[ControlTotal, ...]:
        """Read what a totals row states of one part, in the units in which its lines are read."""
        factors = {_STATED_IN.get(name, "total"): factor for name, factor in reader.factors.items()}
        found = row_controls(self.sheet, reader.layout, row, currency)
        kinds = ("total" if one.kind == "subtotal" else one.kind for one in found)
        return tuple(
            replace(one, amount=one.amount * factors.get(kind, 1)) for one, kind in zip(found, kinds, strict=True)
        )

    def _data(self, row: SheetRow) -> None:
        try:
            total = self._unworded_total(row)
        except RowRefused:  # whatever is wrong with the row, its reader says below
            total = ()
        if total:
            self.left_out += 1
            self.controls += total
            self.sums.close()
            return
        several = self.readers if len(self.readers) > 1 else ()
        readers = [reader for reader in several if reader.has_figures(row)] or [self.reader]
        results = [reader.read(row) for reader in readers]
        refusal = next((result.refusal for result in results if result.refusal), None)
        if refusal:
            self.refusals.append(refusal)
            return
        read = [line for result in results for line in result.lines]
        again = self._tax_again(row, read) or sum_of_group(read, self.lines)
        if again:
            self.left_out += 1
            self.controls.append(again)
            return
        self.kept_rows.add(row.number)
        for result in results:
            self.lines += result.lines
            self.sums.add(result.lines)
            self.remarks += result.remarks

    def _tax_again(self, row: SheetRow, lines: Sequence[InvoiceLine]) -> ControlTotal | None:
        """Read a row of mere tax as what the column of the tax comes to, where it does, to the rounding of its lines.

        Electronic invoices state the tax of each line and once more at the foot.
        """
        if len(lines) != 1 or lines[0].layer != Layer.TAX or "tax_amount" not in self.reader.columns:
            return None
        taxes = [line for line in self.lines if line.layer == Layer.TAX]
        each = [[one.amount for one in taxes if one.description == head] for head in {one.description for one in taxes}]
        half = Decimal("0.5").scaleb(-minor_digits(lines[0].currency))
        sums = [(sum(found), half * len(found)) for found in (*each, [one.amount for one in taxes]) if found]
        if not any(abs(found - lines[0].amount) <= reach for found, reach in sums):
            return None
        place = self.sheet.place(row.number)
        return ControlTotal("tax", lines[0].amount, lines[0].currency, place, lines[0].description)

    def _unworded_total(self, row: SheetRow) -> tuple[ControlTotal, ...]:
        """Read a row as a total if it adds up the lines above it.

        That is: mere figures, words that name no charge, the sum of whatever, or a place or category that is "all".
        Words that name no charge, such as `Week 2`, are of those since the last total or heading.
        """
        if self.reader.names_charge(row):
            return ()
        bare, everything = self.reader.is_bare(row), self.reader.is_of_everything(row)
        named = self.reader.names_sum(row)
        worded = bare or everything or named
        if not (worded or self.reader.may_be_total(row)):
            return ()
        found = self._row_controls(row)
        if not found:
            return ()
        amount = found[0].amount
        if self.sums.are_all(amount):
            words = [cell.text for cell in row.filled if is_label(cell) and not text_currency(cell.text)]
            self.supposed += [replace(found[0], label=words[0])] if words and not worded else []
            return found
        if everything and is_sum_of_group(amount, self.lines, self.reader.category(row)):
            return _as_subtotals(found)
        is_sum = worded and self.sums.are_last(amount, 1 if named else 2)
        return _as_subtotals(found) if is_sum or self.sums.are_section(amount) else ()

    def finish(self, before: Decimal = Decimal(0)) -> None:
        """Turn credit notes and statements of a balance, and hold the totals, and the columns, against the lines.

        `before` is what the sheets read before this one came to: its totals may hold them, if it states just that.
        Raises `amounts_running` and `quantity_running`.
        """
        signed = settle_signs(self.lines, self.controls, self._wording, by_profile=bool(self.layout.profile))
        billed = billed_lines(self.sheet, self.layout, [*signed.lines], signed.controls)
        self.lines, self.controls = billed.lines, signed.controls
        self.kept_rows -= billed.left_out
        self.left_out += len(billed.left_out)
        carried = self.brought_forward is not None and self.brought_forward.amount == before
        self.agreed, differing = check_controls(
            self.controls, self.lines, self._stated(is_no_line), before if carried else Decimal(0),
            self._stated(lambda text: described(text).layer == Layer.CREDIT),
        )  # fmt: skip
        decisions = [*self.layout.decisions, *signed.decisions, *billed.decisions, *map(_agreement, self.agreed)]
        self.remarks += [*signed.remarks, *billed.remarks, *differing, *below_total(self.agreed, self.lines)]
        self.remarks += taken_for_totals(self.supposed, self.agreed)
        self.remarks += [*hidden_parts(self.sheet, self.layout), *self._tax_inside()]
        if self.currency_supposed:  # the account's, if there is one: nothing in the file says it
            self.remarks.append(Problem("currency_supposed", self.sheet.place(self.layout.header_row)))
        checks = () if self.layout.profile else _CHECKS
        self.remarks += [one for check in checks for one in check(self.sheet, self.layout, self.lines)]
        self.remarks += () if any(one.kind == "total" for one in self.agreed) else possible_sums(self.lines)
        found = what_was_found(self.sheet, self.layout, self.reader, self.lines)
        self.decisions = [*found, *decisions, *self._sources()]

    def _tax_inside(self) -> list[Problem]:
        """Remark the first words that say that the amounts hold the tax: around the table, at its head or in a line."""
        amount = self.layout.field("amount")
        if amount and not self.layout.profile and holds_tax_by_name(amount.head):
            return [
                Problem("tax_inside", self.sheet.place(self.layout.header_row, amount.column), {"text": amount.head})
            ]
        around = ((cell.text, cell.row) for row in self.around for cell in row.filled if isinstance(cell.value, str))
        charged = (line for line in reversed(self.lines) if line.layer != Layer.TOP_UP)
        lines = {line.description: line.source.row for line in charged}  # each text where it stands first
        said = chain(around, reversed(lines.items()))
        found = next(((text, row) for text, row in said if says_tax_inside(text)), None)
        return [Problem("tax_inside", self.sheet.place(found[1]), {"text": found[0][:80]})] if found else []

    def _stated(self, named: Callable[[str], bool]) -> list[Decimal]:
        """Give the figures of rows that are no charges by their words: what is deposited, paid or taken off already."""
        rows = [row for row in self.around if (label := next(filter(is_label, row.filled), None)) and named(label.text)]
        figures = (last_figure(row, self.layout) for row in rows)
        return [abs(figure) for figure in figures if figure]

    def _wording(self, line: InvoiceLine) -> str:
        """Give the words that make a line a credit: its description, or those in the column of the category."""
        row = self.sheet.rows[self.sheet.rows.place(line.source.row)]
        return line.description or self.reader.wording(row)

    def helps(self) -> Mapping[int, str]:
        """Give the field that a column without one helps to tell: a year beside months, a month behind other words."""
        return {column: "period" for column in (self.reader.year, self.reader.month_named) if column}

    def hold_against(self, other: "TableReading", lines: Sequence[InvoiceLine]) -> None:
        """Hold the sum of another sheet against lines, as a total that the invoice states."""
        place = other.sheet.place(other.layout.header_row)
        stated = sum((line.amount for line in other.lines), Decimal(0))
        control = ControlTotal("total", stated, other.lines[0].currency, place, other.sheet.name)
        self.controls.append(control)
        if stated == sum((line.amount for line in lines), Decimal(0)):
            self.agreed += (control,)
            self.decisions.append(_agreement(control))
        else:
            values = {"label": control.label, "stated": str(stated), "read": str(sum(line.amount for line in lines))}
            self.remarks.append(Problem("total_differs", place, values))

    def take_currency(self, code: str) -> None:
        """Take a currency that the file states elsewhere for lines of which the table says none."""
        self.lines = [replace(line, currency=code) for line in self.lines]
        self.controls = [replace(one, currency=one.currency and code) for one in self.controls]
        for reader in self.readers:
            reader.currency_supposed = False
        if code != self.account.currency != NO_CURRENCY:
            self.remarks += [Problem("currency_not_account", line.source, {"value": code}) for line in self.lines]

    def hold_to_summaries(self, sheets: Sequence[Sheet], lines: Sequence[InvoiceLine]) -> None:
        """Hold the totals that sheets without lines state against lines; of a sheet remarked, only what agrees."""
        agreed, differing = check_elsewhere(sheets, self.layout, lines)
        self.agreed += agreed
        self.decisions += map(_agreement, agreed)
        sums = {one.source.sheet for one in agreed}
        self.remarks = [one for one in self.remarks if one.code != "other_table" or one.place.sheet not in sums]
        remarked = {one.place.sheet for one in self.remarks if one.code == "other_table"}
        self.remarks += [one for one in differing if one.place.sheet not in remarked]

    def confirm(self, lines: Sequence[InvoiceLine], agreed: Sequence[ControlTotal]) -> None:
        """Say what confirms an invoice's amounts, or that nothing does; `agreed` are the totals of all its sheets."""
        if not any(line.amount for line in lines):
            self.remarks += all_zero(self.sheet, self.layout)
            return
        proofs = confirmations(self.sheet, self.layout, lines)
        self.decisions += proofs
        totals = [one for one in agreed if one.kind in {"total", "subtotal"}]
        self.remarks += unconfirmed(self.sheet, self.layout, proofs, totals, self.remarks)
        self.remarks += money_unread(self.sheet, self.layout, lines, agreed, proofs, self.remarks)
        self.remarks += check_quantity(self.sheet, self.layout, lines, proofs)

    def _sources(self) -> list[Decision]:
        """Say where currency, period and category come from when no column states them."""
        found = []
        if self.other_months:
            found.append(Decision("months_left_out", {"months": ", ".join(self.other_months)}))
        if "currency" not in self.reader.columns:
            codes = sorted({line.currency for line in self.lines} - {NO_CURRENCY})
            found.append(Decision("currency", {"currency": ", ".join(codes)}) if codes else Decision("no_currency"))
        if self.reader.day_is_issue:
            found.append(Decision("day_is_issue", {"head": self.reader.columns["day"].head}))
        dated = bool({"period", "period_start", "day"} & set(self.reader.columns)) and not self.reader.day_is_issue
        if not dated and not self.reader.part.period:
            if period := self.titles.period:
                found.append(Decision("period", {"first": str(period[0]), "last": str(period[1])}))
            elif named := sum(line.period_start is not None for line in self.lines):
                found.append(Decision("period_in_words", {"count": str(named), "lines": str(len(self.lines))}))
            else:
                found.append(Decision("no_period"))
        if self.in_title.category:
            found.append(Decision("category_in_title", {"text": self.in_title.text[:80]}))
        elif "category" not in self.reader.columns and (named := sum(bool(line.category) for line in self.lines)):
            found.append(Decision("category_in_words", {"count": str(named), "lines": str(len(self.lines))}))
        return found

    def rows_counted(self) -> tuple[int, int, int]:
        """Count the rows kept, left out and refused; a row may hold several lines."""
        refused = {refusal.place.row for refusal in self.refusals}
        return len(self.kept_rows - refused), self.left_out, len(refused)


def _as_subtotals(controls: Iterable[ControlTotal]) -> tuple[ControlTotal, ...]:
    """Take totals of some of the lines above for what they are."""
    return tuple(replace(one, kind="subtotal") if one.kind == "total" else one for one in controls)


def _agreement(control: ControlTotal) -> Decision:
    return Decision("total_agrees", {"label": control.label or control.kind, "stated": str(control.amount)})

"""Invoices: a file becomes canonical lines, the totals it states, and a report of what became of every row.

formats.md §3 and §4. XLSX and delimited texts are read here; how a table is found is in `tables/layouts.py`, how its
figures are read in `tables/readings.py`, a row in `lines.py`.
"""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import ProblemCount
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import read_sheets
from auditor.readers.files import digest
from auditor.readers.invoices.document_facts import cover_of
from auditor.readers.invoices.document_facts import facts_of_pages
from auditor.readers.invoices.fineness import refuse_too_fine
from auditor.readers.invoices.lines import NO_CURRENCY
from auditor.readers.invoices.other_sheets import with_other_sheets
from auditor.readers.invoices.payments import refuse_payments
from auditor.readers.invoices.receipts import is_pdf
from auditor.readers.invoices.receipts import read_receipt
from auditor.readers.invoices.second_tables import with_second_tables
from auditor.readers.invoices.summaries import currency_stated
from auditor.readers.invoices.summaries import with_foot
from auditor.readers.invoices.table_reading import TableReading
from auditor.readers.reviews.reviews import is_review
from auditor.readers.tables.beside import with_summaries_apart
from auditor.readers.tables.finding import find_layouts
from auditor.readers.tables.headless import known_by_profile
from auditor.readers.tables.headless import lettered
from auditor.readers.tables.identity import Identities
from auditor.readers.tables.layouts import Decision
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.measures import with_measures_across
from auditor.readers.tables.profile_files import load_profiles
from auditor.readers.tables.readings import decide_readings
from auditor.readers.tables.relaid import refuse_ledgers
from auditor.readers.tables.relaid import relaid
from auditor.readers.tables.sheets import same_lines
from auditor.readers.tables.sheets import sheet_meanings
from auditor.readers.tables.sheets import sum_of_others
from auditor.readers.tables.spaced import refuse_spaced
from auditor.readers.tables.two_columns import in_one_column
from auditor.readers.written import as_written

__all__ = ["NOBODY", "NO_CURRENCY", "Invoice", "ReadOptions", "invoice_of", "nobody", "read_invoice", "receipt"]

_OPEN_SIDES = frozenset({"credits_left_out", "sides_open"})
_LAID_OUT_OTHERWISE = frozenset({"no_header", "no_amount_column", "table_transposed", *_OPEN_SIDES})
# Of so many lines that may be anything one at least is of messages, on a bill of them.
_FEW = 9
# A preview is read for nobody: no ids, no currency, every day audited.
NOBODY = Account("", date(2022, 2, 1), date(2098, 12, 31), NO_CURRENCY, ())


def nobody(language: str) -> Account:
    """Give the account that a preview without one is read for, to be told in a language."""
    return replace(NOBODY, language=language)


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as read: lines, the totals it states, the report, how it was read, and every refused row.

    `agreed` are the totals that the lines add up to, `sheets` the cells as the tables were read in them, and `helps`
    the field that a column without one helps to tell.
    """

    lines: tuple[InvoiceLine, ...]
    controls: tuple[ControlTotal, ...]
    report: ImportReport
    layout: Layout
    refusals: tuple[Problem, ...] = ()
    agreed: tuple[ControlTotal, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    helps: Mapping[int, str] = field(default_factory=dict)


def read_invoice(
    path: Path,
    account: Account | None = None,
    options: ReadOptions | None = None,
    progress: Progress = unwatched,
) -> Invoice:
    """Read an invoice; without an account, a preview that matches no ids and assumes no currency.

    Every row below the header becomes a line, a control total, or is left out or refused with its reason; all are
    counted in the report. `progress` may raise to stop. Raises `AuditorError` where the file as a whole cannot be
    read: as `read_sheets`, `find_layout` and `decide_readings` do, `lines_too_many`, `id_damaged`, `formula_no_value`,
    `currency_unknown`, `amounts_running`, `quantity_running`, `workbook_is_ours`, and `no_lines` with the refused rows
    as its problems.
    """
    if is_pdf(path):
        return receipt(path, account or NOBODY)
    form = as_written(path, options.encoding, options.profile) if options else as_written(path)
    return invoice_of(path, read_sheets(path, form, progress), account, options)


def receipt(path: Path, account: Account) -> Invoice:
    """Read a PDF receipt as a control total without lines. Raises `AuditorError` as `read_receipt` does."""
    control, titles = read_receipt(path, account.last.year + 1)
    if not control.currency and account.currency != NO_CURRENCY:
        control = replace(control, currency=account.currency)
    sha256, size = digest(path)
    values = {"number": titles.document or "-", "date": str(titles.document_date or "-")}
    report = ImportReport(
        file=path.name,
        kind="invoice",
        sha256=sha256,
        size=size,
        read=1,
        kept=0,
        left_out=1,
        refused=0,
        decisions=said([Decision("receipt", values)]),
        problems=counted(titles.problems),
    )
    return Invoice((), (control,), report, Layout("", 0, (), ""))


def invoice_of(
    path: Path, sheets: Sequence[Sheet], account: Account | None = None, options: ReadOptions | None = None
) -> Invoice:
    """Read an invoice from the sheets of its file, as `read_invoice` does."""
    return _invoice_of(path, sheets, account or NOBODY, options or ReadOptions())


def _invoice_of(path: Path, sheets: Sequence[Sheet], account: Account, options: ReadOptions) -> Invoice:
    if sheets and is_review([[cell.text for cell in row.cells] for row in sheets[0].rows[:1]]):
        raise AuditorError("workbook_is_ours", Place(path.name))
    invoice = _one_table(path, with_summaries_apart(with_measures_across(in_one_column(sheets))), account, options)
    if not options.header_row:
        # Of other tables nothing is stated: what is, is of the columns of the one that was found.
        other = replace(options, mapping={})
        invoice = with_second_tables(
            invoice,
            lambda sheet: _one_table(path, [sheet], account, replace(other, sheet="")),
            lambda row: _one_table(path, invoice.sheets, account, replace(other, header_row=row)),
        )
        if not options.sheet:
            invoice = with_other_sheets(invoice, lambda sheet: _one_table(path, [sheet], account, other))
        invoice = with_foot(invoice)
    return invoice if options.usage else _hardly_of_messages(invoice)


def _hardly_of_messages(invoice: Invoice) -> Invoice:
    """Remark an invoice of which hardly a line says that it is of what Meta charges: it may be no bill of messages."""
    layers = Counter(line.layer for line in invoice.lines)
    known, open_to_it = layers[Layer.META], layers[Layer.OTHER]
    if invoice.layout.profile or open_to_it <= _FEW * known:
        return invoice
    place = Place(invoice.report.file, invoice.layout.sheet, invoice.layout.header_row)
    said = counted([Problem("hardly_of_messages", place, {"known": str(known), "count": str(len(invoice.lines))})])
    return replace(invoice, report=replace(invoice.report, problems=(*invoice.report.problems, *said)))


def _one_table(path: Path, sheets: Sequence[Sheet], account: Account, options: ReadOptions) -> Invoice:
    """Read the table that fits best, and its like on other sheets."""
    sheets, tables = _tables(sheets, options, account.currency)
    if not options.usage:
        refuse_too_fine(tables)
        refuse_payments(tables)
    decided = _decided(tables, options, account)
    meanings = sheet_meanings([sheet.name for sheet, _ in decided], Identities(account))
    cover = cover_of(sheets, {sheet.name for sheet, _ in decided})
    facts = facts_of_pages(decided, account, cover)
    readings = [
        TableReading(sheet, layout, account, meaning, titles, usage=options.usage)
        for (sheet, layout), meaning, titles in zip(decided, meanings, facts, strict=True)
    ]
    inside, others = _of_the_period(readings)
    for reading in inside:
        reading.read_rows()
    found = [reading for reading in inside if reading.lines]
    if not found:
        refusals = [one for reading in readings for one in (*reading.refusals, *reading.sheet.remarks)]
        raise AuditorError("no_lines", decided[0][0].place(decided[0][1].header_row), refusals)
    kept, again = _in_one_currency(found, account.currency)
    read = {sheet.name for sheet, _ in decided}
    summaries = [sheet for sheet in sheets if sheet.name not in read and not sheet.hidden]
    return replace(_together(path, kept, [*others, *again], summaries), sheets=tuple(sheets))


def _tables(
    sheets: Sequence[Sheet], options: ReadOptions, currency: str
) -> tuple[Sequence[Sheet], Sequence[tuple[Sheet, Layout]]]:
    """Find the tables; where there are none, in the sheets laid out otherwise, if nothing is stated of the file.

    Of a table without heads that is the letters of its columns.
    """
    try:
        return sheets, find_layouts(sheets, options, currency)
    except AuditorError as error:
        open_to_it = error.code in _LAID_OUT_OTHERWISE and not (options.mapping or options.header_row)
        other = relaid(sheets) if open_to_it else None
        if error.code == "no_header" and options.mapping and not options.header_row:
            other = tuple(made for sheet in sheets if (made := lettered(sheet, options.mapping))) or None
        if error.code == "no_header" and other is None and open_to_it:
            known = load_profiles(options.profile)
            other = tuple(made for sheet in sheets if (made := known_by_profile(sheet, known))) or None
        if other is None and open_to_it and error.code not in _OPEN_SIDES:
            refuse_ledgers(sheets)
            refuse_spaced(sheets)
        if other is None:
            raise
        try:
            return other, find_layouts(other, options, currency)
        except AuditorError:
            raise error from None


def _in_one_currency(
    readings: Sequence[TableReading], currency: str
) -> tuple[Sequence[TableReading], Sequence[TableReading]]:
    """Tell the sheet in the account's currency from those that say its lines again in another; else remark them."""
    first = next((one for one in readings if one.lines[0].currency == currency), readings[0])
    again = [one for one in readings if one is not first and same_lines(first.lines, one.lines)]
    totals = {sum(line.amount for line in one.lines) for one in (first, *again)}
    if len(totals) == 1:
        return readings, ()
    names = {"sheets": ", ".join(one.sheet.name for one in (first, *again))}
    if any(one.lines[0].currency == first.lines[0].currency for one in again):
        first.remarks.append(Problem("sheets_alike", first.sheet.place(first.layout.header_row), names))
        return readings, ()
    first.remarks += [Problem("other_table", one.sheet.place(one.layout.header_row)) for one in again]
    return [one for one in readings if one not in again], again


def _of_the_period(readings: Sequence[TableReading]) -> tuple[Sequence[TableReading], Sequence[TableReading]]:
    """Tell the sheets of the audited period from those of other months, if there are any of either."""
    inside = [reading for reading in readings if reading.is_of_the_period()]
    outside = [reading for reading in readings if not reading.is_of_the_period()]
    return (inside, outside) if inside else (readings, ())


def _decided(
    tables: Sequence[tuple[Sheet, Layout]], options: ReadOptions, account: Account
) -> list[tuple[Sheet, Layout]]:
    """Decide how the numbers and dates of every table are written; what one leaves open, its like may tell."""
    dated = account.last.year + 1, (account.first, account.last)
    decided: dict[str, Layout] = {}
    stopped: AuditorError | None = None
    for sheet, layout in tables:
        try:
            decided[sheet.name] = decide_readings(sheet, layout, options, *dated)
        except AuditorError as error:
            stopped = error
    if stopped and not decided:
        raise stopped
    known = next(iter(decided.values()))
    for sheet, layout in tables:
        if sheet.name not in decided:
            columns = tuple(
                replace(column, decimal=other.decimal, dates=other.dates)
                for column, other in zip(layout.columns, known.columns, strict=True)
            )
            alike = replace(layout, columns=columns)
            decided[sheet.name] = decide_readings(sheet, alike, options, *dated)
    return [(sheet, decided[sheet.name]) for sheet, _ in tables]


def _together(
    path: Path, readings: Sequence[TableReading], others: Sequence[TableReading], summaries: Sequence[Sheet]
) -> Invoice:
    """Put the sheets of an invoice together; one that sums the others up, and `summaries`, are held against them."""
    place = sum_of_others([one.sheet.name for one in readings], [one.lines for one in readings])
    summing = None if place is None else readings[place]
    kept = [reading for reading in readings if reading is not summing]
    if all(reading.currency_supposed for reading in kept):
        code = currency_stated(summaries, kept[0].layout, [line for reading in kept for line in reading.lines])
        for reading in kept if code else ():
            reading.take_currency(code)
    before = Decimal(0)
    for reading in kept:
        reading.finish(before)
        before += sum(line.amount for line in reading.lines)
    if summing:
        kept[0].hold_against(summing, [line for reading in kept for line in reading.lines])
    else:
        kept[0].hold_to_summaries(summaries, [line for reading in kept for line in reading.lines])
    kept[0].confirm([line for reading in kept for line in reading.lines], [one for each in kept for one in each.agreed])
    if len(kept) > 1:
        kept[0].decisions.insert(0, Decision("sheets", {"sheets": ", ".join(one.sheet.name for one in kept)}))
    if others:
        kept[0].decisions.append(Decision("months_left_out", {"months": ", ".join(one.sheet.name for one in others)}))
    return Invoice(
        tuple(line for one in kept for line in one.lines),
        tuple(control for one in kept for control in one.controls),
        _report(path, kept, [*([summing] if summing else []), *others]),
        kept[0].layout,
        tuple(refusal for one in kept for refusal in one.refusals),
        tuple(control for one in kept for control in one.agreed),
        helps=kept[0].helps(),
    )


def _report(path: Path, readings: Sequence[TableReading], unused: Sequence[TableReading]) -> ImportReport:
    sha256, size = digest(path)
    kept, left_out, refused = map(sum, zip(*(one.rows_counted() for one in readings), strict=True))
    left_out += sum(sum(one.rows_counted()) or len(one.layout.data) for one in unused)
    return ImportReport(
        file=path.name,
        kind="invoice",
        sha256=sha256,
        size=size,
        read=kept + left_out + refused,
        kept=kept,
        left_out=left_out,
        refused=refused,
        profile=readings[0].layout.profile,
        total=_total([line for one in readings for line in one.lines]),
        decisions=said(decision for one in readings for decision in one.decisions),
        problems=counted([*(p for one in readings for p in (*one.refusals, *one.remarks))]),
    )


def said(decisions: Iterable[Decision]) -> tuple[Said, ...]:
    """Give what was decided as it is kept, each thing once."""
    found = {
        (decision.key, *sorted(decision.values.items())): Said(f"reading.decision.{decision.key}", decision.values)
        for decision in decisions
    }
    return tuple(found.values())


def counted(problems: Iterable[Problem]) -> tuple[ProblemCount, ...]:
    """Count problems by code; the first one gives place and values."""
    firsts: dict[str, Problem] = {}
    counts: Counter[str] = Counter()
    for problem in problems:
        firsts.setdefault(problem.code, problem)
        counts[problem.code] += 1
    return tuple(ProblemCount(code, counts[code], first.place, first.values) for code, first in firsts.items())


def _total(lines: Sequence[InvoiceLine]) -> Decimal | None:
    """Give the sum of the lines, None for amounts in several currencies."""
    if len({line.currency for line in lines}) > 1:
        return None
    return sum((line.amount for line in lines), Decimal(0))

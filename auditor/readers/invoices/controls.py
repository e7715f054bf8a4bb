"""The totals that an invoice states, and whether its lines add up to them (formats.md §4)."""

import re
from bisect import bisect_left
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import takewhile
from types import MappingProxyType

from auditor.core.money import to_minor
from auditor.core.problems import Problem
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.language import currencies
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.invoices.running_sums import RunningSums
from auditor.readers.tables.layouts import TAXES
from auditor.readers.tables.layouts import Layout
from auditor.readers.values.currency_words import sure_currency
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.numbers import possible_marks
from auditor.readers.values.numbers import read_number
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.total_words import sums_credits
from auditor.readers.values.total_words import sums_tax
from auditor.readers.values.total_words import tells_total
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import is_kept_back
from auditor.readers.values.vocabulary import unit_named
from auditor.readers.values.words import exact
from auditor.readers.values.words import key

_MOST_SUMS, _MOST_SUMMED = 200, 200
_LABEL = 80
_CENTS_EACH = 100
# A figure in a sentence, with the sign or code of its currency before or behind it.
_MONEY = re.compile(r"(?:[^\s\d(]{1,4} ?)?[0-9][0-9.,']*[0-9](?: ?(?:[A-Z]{3}\b|[^\s\w.,;:)]))?")
_KINDS = {"total": ("amount",), "quantity": ("quantity",), "tax": TAXES}


def row_controls(sheet: Sheet, layout: Layout, row: SheetRow, currency: str) -> tuple[ControlTotal, ...]:
    """Read a totals row: what it states in the amount, quantity and tax columns, else its last figure."""
    labels = [cell.text for cell in row.filled if isinstance(cell.value, str) and total_kind(cell.text)]
    label = labels[0] if labels else ""
    if is_in_other_money(row, currency):
        return ()
    taxed = bool(label) and sums_tax(label)
    kinds = {total_kind(text) for text in labels}
    found: list[ControlTotal] = []
    for kind, fields in _KINDS.items():
        if kind == "quantity" and not found and text_currency(label):
            continue  # it stands under the counts, as below a table beside another, and is money
        columns = [column for field in fields if (column := layout.field(field))]
        read = (_figure(row.cell(column.column), column.decimal) for column in columns)
        stated = [figure for figure in read if figure is not None]
        if stated:
            said = "tax" if taxed else "subtotal" if kind == "total" and "subtotal" in kinds else kind
            found.append(_control(said, sum(stated, Decimal(0)), currency, sheet, row, label))
    if not found:
        last = last_figure(row, layout)
        said = "tax" if taxed else "subtotal" if "subtotal" in kinds else "total"
        found += [_control(said, last, currency, sheet, row, label)] if last is not None else []
    return tuple(found)


def is_in_other_money(row: SheetRow, currency: str) -> bool:
    """Tell a total that names by word or sign a currency, and not the lines' own: `Total en soles: S/ 300.72`."""
    named = currencies_named(row)
    return bool(named) and currency in currencies() and currency not in named


def currencies_named(row: SheetRow) -> frozenset[str]:
    """Give the currencies that a total's label and the signs at its figures name."""
    words = [
        cell.text for cell in row.filled if isinstance(cell.value, str) and total_kind(cell.text.partition(":")[0])
    ]
    spoken = {exact(key(text.partition(":")[0]).split()[-1], "currencies") or sure_currency(text) for text in words}
    beside = {number.currency for cell in row.filled if (number := take_apart(cell.text))}
    return frozenset((spoken | beside) - {""})


def currency_of_totals(sheet: Sheet, layout: Layout) -> str:
    """Give the one currency that the totals of a table name: `Invoice total (USD)`; empty for none or several."""
    rows = (sheet.rows[sheet.rows.place(row)] for row in layout.totals)
    found = frozenset().union(*map(currencies_named, rows))
    return next(iter(found)) if len(found) == 1 else ""


def last_figure(row: SheetRow, layout: Layout) -> Decimal | None:
    """Give the last figure of a row, None if it has none."""
    figures = (_figure(cell, _mark(layout)) for cell in reversed(row.filled))
    return next((value for value in figures if value is not None), None)


def title_controls(sheet: Sheet, layout: Layout, rows: Iterable[SheetRow], currency: str) -> Iterator[ControlTotal]:
    """Give the totals stated around the table, such as `Total a pagar: 118.00`."""
    for row in rows:
        filled = row.filled if not is_in_other_money(row, currency) else ()
        for place, cell in enumerate(filled):
            label, _, rest = cell.text.partition(":")
            kind = total_kind(label) if isinstance(cell.value, str) else ""
            following = filled[place + 1] if place + 1 < len(filled) else None
            stated = SheetCell(rest.strip(), rest.strip(), cell.row, cell.column) if rest.strip() else following
            value = _figure(stated, _mark(layout)) if kind and stated else None
            if value is not None:
                of_units = (
                    bool(unit_named(label)) and stated is not None and not text_currency(f"{label} {stated.text}")
                )
                yield _control("quantity" if of_units else kind, value, currency, sheet, row, label.strip())
            spoken = _in_a_sentence(cell, _mark(layout)) if value is None else None
            if spoken is not None:
                yield _control("total", spoken, currency, sheet, row, cell.text[:_LABEL])


def _in_a_sentence(cell: SheetCell, mark: str) -> Decimal | None:
    """Give the one sum of money in a sentence that names it a total: `the invoice total is US$ 90.30`."""
    if not isinstance(cell.value, str) or not tells_total(cell.text):
        return None
    found = [SheetCell(text, text, cell.row, cell.column) for text in _MONEY.findall(cell.text) if _names_money(text)]
    return _figure(found[0], mark) if len(found) == 1 else None


def _names_money(text: str) -> bool:
    number = take_apart(text)
    return number is not None and bool(number.currency)


def check_elsewhere(
    sheets: Sequence[Sheet], layout: Layout, lines: Sequence[InvoiceLine]
) -> tuple[tuple[ControlTotal, ...], tuple[Problem, ...]]:
    """Hold the totals that sheets without lines state against the lines: what agrees, else the last as a problem.

    A summary may state the messages, the sum of each sheet and more: one figure that agrees is enough.
    """
    rows = totals_stated(sheets, layout, lines)
    money, counts = _sums(lines), {sum((line.quantity or Decimal(0) for line in lines), Decimal(0))}
    for sums in (money, counts):
        agreed = next((control for row in rows for control in row if control.amount in sums), None)
        if agreed is not None:
            return ((agreed,) if sums is money else ()), ()
    if not rows:
        return (), ()
    return (), (_differs(rows[-1][-1], _sum(lines)),)


def totals_stated(
    sheets: Sequence[Sheet], layout: Layout, lines: Sequence[InvoiceLine]
) -> list[Sequence[ControlTotal]]:
    """Give what each row of some sheets states that is labelled as a total, for lines in one currency."""
    currencies = {line.currency for line in lines}
    return [row for sheet in sheets for row in _totals_of(sheet, layout, *currencies)] if len(currencies) == 1 else []


def _totals_of(sheet: Sheet, layout: Layout, currency: str) -> Iterator[Sequence[ControlTotal]]:
    """Give what each row of a sheet states that is labelled as a total, figure by figure."""
    for row in sheet.rows:
        label = next((cell.text for cell in row.filled if isinstance(cell.value, str) and total_kind(cell.text)), "")
        figures = [figure for cell in row.filled if label and (figure := _figure(cell, _mark(layout)))]
        if figures:
            yield [_control("total", figure, currency, sheet, row, label) for figure in figures]


def _control(kind: str, amount: Decimal, currency: str, sheet: Sheet, row: SheetRow, label: str) -> ControlTotal:
    return ControlTotal(kind, amount, "" if kind == "quantity" else currency, sheet.place(row.number), label)


def _mark(layout: Layout) -> str:
    amount = layout.field("amount")
    return amount.decimal if amount else ""


def _figure(cell: SheetCell, mark: str) -> Decimal | None:
    """Read a figure; one whose text allows a single mark needs no other evidence."""
    if isinstance(cell.value, Decimal):
        return cell.value
    number = take_apart(cell.text) if isinstance(cell.value, str) else None
    if number is None:
        return None
    marks = possible_marks(number.body)
    return read_number(number, mark if mark in marks else next(iter(sorted(marks, reverse=True))))


def sum_of_group(read: Sequence[InvoiceLine], lines: Sequence[InvoiceLine]) -> ControlTotal | None:
    """Read a row as the subtotal of the lines above that share what it says, and also say what it leaves blank.

    `Peru` and no category, below the categories of Peru whose amounts come to its own.
    """
    if len(read) != 1 or read[0].layer != Layer.META or not lines:
        return None
    last, line = lines[-1], read[0]
    blank = "category" if not line.category and last.category else "place"
    placed = bool(line.market or line.country)
    if blank == "place" and (placed or not line.category or not (last.market or last.country)):
        return None
    same = {"category": _place_of, "place": _category_of}[blank]
    other = {"category": _category_of, "place": _place_of}[blank]
    if not same(line):
        return None
    group = list(takewhile(lambda one: same(one) == same(line) and other(one), reversed(lines)))
    if not _is_sum_of(line, group):
        return None
    texts = (line.description, line.country or line.market, line.category)
    return ControlTotal("subtotal", line.amount, line.currency, line.source, next(filter(None, texts), ""))


def _place_of(line: InvoiceLine) -> str:
    return line.country or line.market


def _category_of(line: InvoiceLine) -> str:
    return line.category


def _is_sum_of(line: InvoiceLine, group: Sequence[InvoiceLine]) -> bool:
    """Tell whether a line is the sum of lines: of two or more, or of one with the same quantity."""
    alone = len(group) == 1 and line.quantity is not None and line.quantity == group[0].quantity
    return (alone or len(group) > 1) and line.amount == sum(one.amount for one in group)


def is_sum_of_group(amount: Decimal, lines: Sequence[InvoiceLine], category: str) -> bool:
    """Tell whether a figure is the sum of the last lines, one or more, of a category (empty: of none)."""
    total = Decimal(0)
    for line in reversed(lines):
        if line.category != category:
            return False
        total += line.amount
        if total == amount:
            return True
    return False


def check_controls(
    controls: Sequence[ControlTotal],
    lines: Sequence[InvoiceLine],
    kept_back: Collection[Decimal] = (),
    carried: Decimal = Decimal(0),
    taken_off: Collection[Decimal] = (),
) -> tuple[tuple[ControlTotal, ...], tuple[Problem, ...]]:
    """Hold the stated amounts against the lines: give the totals that agree, and a problem for each that does not.

    A total of the lines since the one before is the subtotal of a section. `kept_back` are amounts that stand below
    and are no charges, such as a customer's deposit for taxes: a total less one of them is no contradiction. `carried`
    is what the pages before come to, as this one says: its sums of money may hold it. `taken_off` are discounts stated
    below that the lines are without already: a subtotal before one of them is no contradiction either.
    """
    agreed, problems = [], []
    ends = sorted(one.source.row for one in controls)
    totals = sorted(one.source.row for one in controls if one.kind == "total")
    running = RunningSums(lines)
    for control in controls:
        above = running.above(control.source.row)
        read = above or running.count
        own = replace(control, amount=control.amount - carried) if control.kind in {"total", "subtotal"} else control
        if any(_agrees(one, running, ends, totals) for one in (control, own)):
            agreed.append(control)
        elif control.kind == "subtotal" and not control.amount:
            continue  # of what there is none: `Subtotal 0 %`
        elif control.kind == "subtotal" and not running.sums("total", 0, read).isdisjoint(
            control.amount - one for one in taken_off
        ):
            continue
        elif sums_credits(control.label) and above == running.down_to(_row_before(control, ends)):
            continue  # at the foot, of what the lines are without already
        elif control.kind != "total" or not any(
            control.amount + one in running.sums("total", 0, end) for one in kept_back for end in (above, running.count)
        ):
            problems.append(_differs(control, running.read(control.kind, read)))
    return tuple(agreed), tuple(problems)


def _agrees(control: ControlTotal, running: RunningSums, ends: Sequence[int], totals: Sequence[int]) -> bool:
    """Tell whether the lines come to a total: all, those above it, or those since the one before (rows in `ends`).

    A subtotal or a count may also be of some of the last lines above it, perhaps with their taxes.
    """
    kind, amount, above = control.kind, control.amount, running.above(control.source.row)
    if amount in running.sums(kind, 0, above) or (
        (kind == "total" or not above) and amount in running.sums(kind, 0, running.count)
    ):
        return True
    section = running.down_to(_row_before(control, totals if kind == "total" else ends))
    if section < above and amount in running.sums(kind, section, above):
        return True
    return kind in {"subtotal", "quantity"} and running.ends_with(kind, amount, above or running.count)


def _differs(control: ControlTotal, read: Decimal) -> Problem:
    values = {"label": control.label or control.kind, "stated": str(control.amount), "read": str(read)}
    in_cents = control.kind != "quantity" and control.amount and read == control.amount * _CENTS_EACH
    return Problem("total_in_cents" if in_cents else "total_differs", control.source, MappingProxyType(values))


def _row_before(control: ControlTotal, rows: Sequence[int]) -> int:
    """Give the last of some totals' rows above one, 0 if there is none."""
    before = bisect_left(rows, control.source.row)
    return rows[before - 1] if before else 0


def _since(lines: Sequence[InvoiceLine], row: int) -> list[InvoiceLine]:
    return [line for line in lines if line.source.row > row]


def below_total(agreed: Sequence[ControlTotal], lines: Sequence[InvoiceLine]) -> tuple[Problem, ...]:
    """Remark the charges below the last total that the lines above it come to, and the whole invoice does not."""
    totals = [one for one in agreed if one.kind == "total"]
    last = max(totals, key=lambda one: one.source.row, default=None)
    sums = _sums(lines) if totals else set()
    if last is None or any(one.amount in sums for one in totals):
        return ()
    below = [line for line in _since(lines, last.source.row) if line.layer != Layer.TAX and line.amount]
    values = MappingProxyType({"label": last.label or last.kind, "stated": str(last.amount)})
    return tuple(Problem("line_below_total", line.source, values) for line in below)


def taken_for_totals(supposed: Sequence[ControlTotal], agreed: Sequence[ControlTotal]) -> tuple[Problem, ...]:
    """Remark the rows that are totals by no word of theirs, but only come to the lines above, where no total shows it.

    They may as well be charges of as much as all before them.
    """
    places = [one.source for one in supposed]
    if any(one.kind == "total" and one.source not in places for one in agreed):
        return ()
    values = (MappingProxyType({"label": one.label, "stated": str(one.amount)}) for one in supposed)
    return tuple(Problem("row_taken_for_total", place, said) for place, said in zip(places, values, strict=True))


def possible_sums(lines: Sequence[InvoiceLine]) -> tuple[Problem, ...]:
    """Remark a line that names no category and comes to what the next lines, or those before it, come to.

    Nothing tells whether it is a charge besides or their sum. There are few such lines, or the reader knows none.
    """
    open_to_it = [place for place, line in enumerate(lines) if not line.category and line.amount > 0]
    if len(open_to_it) > _MOST_SUMS:
        return ()
    found = []
    for place in open_to_it:
        if lines[place].layer not in {Layer.META, Layer.OTHER}:
            continue
        below, above = lines[place + 1 :][:_MOST_SUMMED], lines[:place][::-1][:_MOST_SUMMED]
        count = _summed(lines[place].amount, below) or _summed(lines[place].amount, above)
        if count:
            values = {"amount": str(lines[place].amount), "count": str(count)}
            found.append(Problem("line_may_be_sum", lines[place].source, MappingProxyType(values)))
    return tuple(found)


def _summed(amount: Decimal, lines: Sequence[InvoiceLine]) -> int:
    """Count the first lines, two or more and each of a category, that come to an amount; 0 if none do."""
    total = Decimal(0)
    for count, line in enumerate(takewhile(lambda line: line.category, lines), 1):
        total += line.amount
        if count > 1 and total == amount:
            return count
    return 0


def credits_taken_off(controls: Sequence[ControlTotal], lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Give the lines with their positive credits taken off, if only so they come to the totals; none if it is not so.

    Many programs print `Discount 9.03` below the charges and take it off in the total alone.
    """
    if not any(map(is_positive_credit, lines)):
        return ()
    turned = tuple(replace(line, amount=-line.amount) if is_positive_credit(line) else line for line in lines)
    before, after = (check_controls(controls, one)[0] for one in (lines, turned))
    better = any(control.kind == "total" for control in after if control not in before)
    return turned if better and set(before) <= {*after, *(one for one in before if one.kind == "subtotal")} else ()


def is_positive_credit(line: InvoiceLine) -> bool:
    """Tell a line that is worded as money given back or kept back, but has the sign of a charge."""
    taken_off = line.layer == Layer.CREDIT or (line.layer == Layer.TAX and is_kept_back(line.description))
    return taken_off and line.amount > 0


def _sum(lines: Iterable[InvoiceLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))


def _sums(lines: Sequence[InvoiceLine]) -> set[Decimal]:
    """Give the sums a stated total may rightly be: of all lines, or without taxes.

    They may be stated rounded, where lines have more decimals than their currency.
    """
    sums = {_sum(lines), _sum(line for line in lines if line.layer != Layer.TAX)}
    return sums | {to_minor(one, lines[0].currency) for one in sums} if lines else sums

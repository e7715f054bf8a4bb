"""What confirms the amounts that were read: proofs that the file itself, or Meta's cards, give (formats.md §4).

A reading that no proof holds for may be wrong without a sign of it, so that is said, with the columns left aside.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from auditor.core.problems import Problem
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.invoices.money_unread import OWN_WORD
from auditor.readers.invoices.money_unread import free_columns
from auditor.readers.invoices.money_unread import other_money
from auditor.readers.invoices.prices import is_on_card
from auditor.readers.invoices.prices import prices_of
from auditor.readers.tables.layouts import Decision
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.tables.proofs import products_shown
from auditor.readers.tables.proofs import taken_off
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.vocabulary import is_credit_head

_LOOKED_AT = 500
_ROUNDED = Decimal("0.011")
_LEAST, _MOST_NAMED = 2, 6
# Rates of exchange are stated to the hundredth, to the thousandth as SUNAT does, or finer.
_EXCHANGES = (Decimal("0.01"), Decimal("0.001"), Decimal("0.0001"))
# Below a cent for each of so many parts, nearly every count would meet some price of a card.
_SHOWS_PRICE = Decimal(1)
# A share of tax is a quarter of a percent or a multiple of it, up to what any country levies.
_SHARE_STEP, _HIGHEST_SHARE = Decimal("0.25"), Decimal(30)
# One amount alone shows a share where that is a whole one, and the amount large enough for no other to make its tax.
_LOWEST_ALONE, _SHOWS_SHARE = Decimal(5), Decimal(10)
# Remarks that already say of the amounts what speaks against them, or what proved them.
_SPOKEN_OF = frozenset({
    "products_differ", "products_times", "amounts_in_cents", "total_in_cents", "products_elsewhere",
    "price_implausible", "total_differs", "amounts_of_two", "amount_added_to", "amount_of_two", "debits_less_credits",
    "amounts_like_rates", "discounts_taken_off",
})  # fmt: skip


def confirmations(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> list[Decision]:
    """Give the proofs that hold for the amounts of most lines, each with the lines it was found in.

    That lines add up to a stated total is a proof besides, which is found where totals are read.
    """
    shown = [line for line in lines[:_LOOKED_AT] if line.layer == Layer.META]
    return [
        *_by_products(sheet, layout, shown),
        *_by_exchange(sheet, layout, shown),
        *_by_prices(shown),
        *_by_taxes(lines[: 2 * _LOOKED_AT]),
        *_by_sums(sheet, layout, lines[:_LOOKED_AT]),
        *_by_balance(sheet, layout, lines[:_LOOKED_AT]),
    ]


def all_zero(sheet: Sheet, layout: Layout) -> list[Problem]:
    """Remark a column of amounts that are all zero: so programs store formulas that nobody has computed yet."""
    amount = layout.field("amount")
    return [Problem("amounts_all_zero", sheet.place(layout.header_row, amount.column))] if amount else []


def unconfirmed(
    sheet: Sheet,
    layout: Layout,
    proofs: Sequence[Decision],
    agreed: Sequence[ControlTotal],
    remarks: Sequence[Problem],
) -> list[Problem]:
    """Remark amounts that nothing confirms, or nothing but the total of their own column beside other figures.

    Not where the user or a profile has said which column it is, nor where another remark speaks against it.
    """
    amount = layout.field("amount")
    if proofs or amount is None or amount.basis in OWN_WORD or {one.code for one in remarks} & _SPOKEN_OF:
        return []
    others = "; ".join(column.head for column in other_money(sheet, layout)[:_MOST_NAMED])
    place = sheet.place(layout.header_row, amount.column)
    totals = frozenset(layout.totals)
    elsewhere = any(one.source.row not in totals or one.source.sheet != layout.sheet for one in agreed)
    if elsewhere or (agreed and not others):
        return []
    head = "; ".join(column.head for column in layout.columns if column.field == "amount")
    if others:
        return [Problem("amounts_unconfirmed_of_many", place, {"head": head, "others": others})]
    return [Problem("amounts_unconfirmed", place, {"head": head})]


def _by_products(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> Iterator[Decision]:
    exact, rounded, of = products_shown(lines)
    heads = {name: column.head for name in ("quantity", "unit_rate", "amount") if (column := layout.field(name))}
    if len(heads) < 3:
        return
    if 2 * (exact + rounded) > of:
        code = "confirmed_by_rounding" if rounded else "confirmed_by_product"
        yield Decision(code, {**heads, "count": str(exact + rounded), "of": str(of)})
        return
    less, of = taken_off(sheet, layout, lines)
    if less:
        yield Decision("confirmed_by_discount", {**heads, "less": less, "of": str(of)})


def _by_exchange(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> Iterator[Decision]:
    """Tell whether one rate of exchange makes the amounts of prices that are in another currency."""
    heads = {name: column for name in ("quantity", "unit_rate", "amount") if (column := layout.field(name))}
    if len(heads) < 3 or not heads["unit_rate"].currency or any(line.unit_rate for line in lines):
        return
    prices = _figures(sheet, (line.source.row for line in lines), heads["unit_rate"], heads["unit_rate"].decimal or ".")
    made = [
        (line.quantity * prices[line.source.row], line.amount)
        for line in lines
        if line.quantity and prices.get(line.source.row) and line.source.sheet == layout.sheet
    ]
    if len(made) < _LEAST:
        return
    product, amount = max(made)
    for places in _EXCHANGES:
        exchange = (amount / product).quantize(places)
        right = sum(abs(one * exchange - billed) <= _ROUNDED for one, billed in made)
        if right == len(made):
            values = {name: column.head for name, column in heads.items()}
            yield Decision("confirmed_by_exchange", values | {"exchange": f"{exchange}", "of": str(len(made))})
            return


def _by_prices(lines: Sequence[InvoiceLine]) -> Iterator[Decision]:
    """Hold what a message comes to against Meta's cards, where market and category are known."""
    stated = [line for line in lines if _shows_price(line)]
    right = sum(is_on_card(line, line.quantity or Decimal(1)) for line in stated)
    if 2 * right > len(stated):
        yield Decision("confirmed_by_card", {"count": str(right), "of": str(len(stated))})


def _shows_price(line: InvoiceLine) -> bool:
    return bool(line.quantity and line.quantity > 0 and line.amount >= _SHOWS_PRICE and prices_of(line))


def _by_taxes(lines: Sequence[InvoiceLine]) -> Iterator[Decision]:
    """Tell whether a tax in a column of its own is one share of the amounts it stands beside."""
    bases = {(one.source.sheet, one.source.row): one.amount for one in lines if one.layer != Layer.TAX}
    taxes = [one for one in lines if one.layer == Layer.TAX and (one.source.sheet, one.source.row) in bases]
    for head in dict.fromkeys(one.description for one in taxes):
        pairs = [(bases[one.source.sheet, one.source.row], one.amount) for one in taxes if one.description == head]
        base, tax = max(pairs)
        share = (tax * 100 / base / _SHARE_STEP).quantize(Decimal(1)) * _SHARE_STEP if base else Decimal(0)
        right = sum(abs(base * share / 100 - tax) <= _ROUNDED for base, tax in pairs)
        shown = len({*pairs}) >= _LEAST or (share % 1 == 0 and share >= _LOWEST_ALONE and base >= _SHOWS_SHARE)
        if 0 < share <= _HIGHEST_SHARE and 2 * right > len(pairs) and shown:
            values = {"head": head, "share": f"{share.normalize():f}", "count": str(right), "of": str(len(pairs))}
            yield Decision("confirmed_by_tax", values)


def _by_balance(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> Iterator[Decision]:
    """Tell whether a column that is not read moves, from each line to the next, by the amount of one of the two."""
    mine = [line for line in lines if line.source.sheet == layout.sheet and line.layer != Layer.TAX]
    if len({line.amount for line in mine}) <= _LEAST:
        return
    rows = [sheet.rows[sheet.rows.place(line.source.row)] for line in mine]
    for column in free_columns(layout):
        for mark in sorted(MARKS):
            figures = [read_value(row.cell(column.column).value, mark) for row in rows]
            known = [figure for figure in figures if figure is not None]
            if len(known) == len(mine) and _moves_by([line.amount for line in mine], known):
                yield Decision("confirmed_by_balance", {"head": column.head})
                return


def _by_sums(sheet: Sheet, layout: Layout, lines: Sequence[InvoiceLine]) -> Iterator[Decision]:
    """Tell whether a column that is not read sums up the amounts of several columns, or is what a credit left of them.

    A sum of one amount and another figure is no proof: either may be what is charged.
    """
    sums: dict[int, list[Decimal]] = {}
    for line in lines:
        if line.source.sheet == layout.sheet:
            sums.setdefault(line.source.row, []).append(line.amount)
    mine = {row: sum(amounts, Decimal(0)) for row, amounts in sums.items()}
    several = any(column.part for column in layout.columns) and any(len(amounts) > 1 for amounts in sums.values())
    amount = layout.field("amount")
    for column in free_columns(layout):
        given = [one for one in free_columns(layout) if amount and is_credit_head(one.head, beside=column.head)]
        for mark in sorted(MARKS):
            whole = _figures(sheet, mine, column, mark)
            if several and _come_to(whole, mine):
                yield Decision("confirmed_by_sum", {"head": column.head})
                return
            for credit in given if not several else ():
                taken = _figures(sheet, mine, credit, mark)
                left = {row: figure - abs(taken.get(row, Decimal(0))) for row, figure in whole.items()}
                if any(taken.values()) and _come_to(left, mine):
                    yield Decision("confirmed_by_credit", {"head": column.head, "credit": credit.head})
                    return


def _figures(sheet: Sheet, rows: Iterable[int], column: LayoutColumn, mark: str) -> dict[int, Decimal]:
    read = {row: read_value(sheet.rows[sheet.rows.place(row)].cell(column.column).value, mark) for row in rows}
    return {row: figure for row, figure in read.items() if figure is not None}


def _come_to(stated: Mapping[int, Decimal], amounts: Mapping[int, Decimal]) -> bool:
    right = sum(abs(figure - amounts[row]) <= _ROUNDED for row, figure in stated.items())
    return 2 * right > len(amounts) and right == len(stated)


def _moves_by(amounts: Sequence[Decimal], balances: Sequence[Decimal]) -> bool:
    steps = [following - one for one, following in pairwise(balances)]
    made = (amounts[1:], [-one for one in amounts[1:]], amounts[:-1], [-one for one in amounts[:-1]])
    return any(steps == [*one] for one in made)

"""What the figures below its heads say of a table's columns, where the heads alone leave it open (formats.md §4).

Of base, tax and total the charge is the base; of several counts it is the one that at the rate makes the amounts.
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations
from itertools import product

from auditor.core.records import Layer
from auditor.language import currencies
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.tables.assigned import BY_VALUES
from auditor.readers.tables.assigned import CERTAIN
from auditor.readers.tables.assigned import Assigned
from auditor.readers.tables.bases import added_taxes
from auditor.readers.tables.bases import adds_to
from auditor.readers.tables.bases import base_column
from auditor.readers.tables.bases import goes_down_by
from auditor.readers.tables.bases import holds_fractions
from auditor.readers.tables.bases import is_figures
from auditor.readers.tables.bases import is_never_below
from auditor.readers.tables.bases import is_totalled
from auditor.readers.tables.bases import net_column
from auditor.readers.tables.bases import parts_of_amount
from auditor.readers.tables.bases import repeats
from auditor.readers.tables.bases import running_column
from auditor.readers.tables.bases import summed_column
from auditor.readers.tables.factors import says_billed
from auditor.readers.tables.layouts import TAXES
from auditor.readers.tables.triples import Triple
from auditor.readers.tables.triples import triples
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import is_added_tax
from auditor.readers.values.vocabulary import is_credit_head
from auditor.readers.values.vocabulary import says_of_other_figures
from auditor.readers.values.vocabulary import side_said
from auditor.readers.values.words import holds
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import padded
from auditor.readers.values.words import plain

_FACTORS = Triple._fields
_PAIR, _MOST_FREE = 2, 8
_A_CHARGE = "charge"  # beside which whatever may be a head of credits is one
# No tax is so small a part of its line: what looks so is the tax's rate.
_SHARE = Decimal("0.02")


def by_figures(
    row: SheetRow,
    fields: Mapping[int, Assigned],
    below: Sequence[SheetRow],
    currency: str,
    hidden: Collection[int] = (),
) -> Mapping[int, Assigned]:
    """Correct and complete the fields of columns of figures by some of the rows below their head.

    `currency` is the account's, empty if it is not known; `hidden` are the columns that the sheet does not show.
    """
    fields = _without_payments(row, fields, below)
    fields = _by_totals(fields, below, hidden)
    fields = _by_currency(row, fields, below, currency)
    fields = _by_currency_beside(row, fields, below, currency)
    fields = _by_balance(row, fields, below)
    fields = _by_repeats(fields, below)
    fields = _by_running_sums(fields, below)
    fields = _by_taxes(row, fields, below)
    fields = _by_credits(row, fields, below)
    fields = _by_neighbours(row, fields)
    fields = _by_delivery(row, fields)
    fields = _by_product(row, fields, below)
    return _by_billed_counts(row, fields, below)


def _without_payments(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]
) -> Mapping[int, Assigned]:
    """Take no column for counts whose head says but `Paid` and whose figures are money: the charge, if no other is."""
    columns = {one.field: column for column, one in fields.items() if one.basis == "head"}
    paid, amount = columns.get("quantity", 0), columns.get("amount", 0)
    if key(row.cell(paid).text) not in lists("billed_counts")["words"]:
        return fields
    if not holds_fractions(below, paid) and not (amount and repeats(below, paid, amount)):
        return fields
    kept = {column: one for column, one in fields.items() if column != paid}
    return kept if amount else {**kept, paid: Assigned("amount", "values", BY_VALUES)}


def _by_delivery(row: SheetRow, fields: Mapping[int, Assigned]) -> Mapping[int, Assigned]:
    """Take the counts of what was delivered, which alone Meta charges, where the head that fits is of what was sent."""
    column = next((one for one, (field, basis, *_) in fields.items() if (field, basis) == ("quantity", "head")), 0)
    if not holds(f" {key(row.cell(column).text)} ", "came_to_be", "sent"):
        return fields
    free = (cell for cell in row.filled if cell.column not in fields and "quantity" in head_scores(cell.text))
    found = [cell.column for cell in free if holds(f" {key(cell.text)} ", "came_to_be", "delivered")]
    if len(found) != 1:
        return fields
    return {found[0] if one == column else one: field for one, field in fields.items()}


def _by_totals(
    fields: Mapping[int, Assigned], below: Sequence[SheetRow], hidden: Collection[int]
) -> Mapping[int, Assigned]:
    """Take no column for unit rates that a total sums up: it is of amounts, those charged if no others are shown.

    So is a column of prices that are never below the amounts, if those are hidden.
    """
    columns = {one.field: column for column, one in fields.items()}
    rate, amount = columns.get("unit_rate", 0), columns.get("amount", 0)
    if not rate or fields[rate].basis != "head":
        return fields
    shown = not amount or (amount in hidden and fields[amount].basis == "head" and rate not in hidden)
    if not is_totalled(below, rate) and not (amount and shown and is_never_below(below, rate, amount)):
        return fields
    found = {column: one for column, one in fields.items() if column != rate and not (shown and column == amount)}
    return {**found, rate: Assigned("amount", "values", BY_VALUES)} if shown else found


def _by_repeats(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the amounts of lines, where the column whose head fits repeats the total of their document beside each."""
    columns = {one.field: column for column, one in fields.items() if one.basis == "head"}
    if "amount" not in columns:
        return fields
    better = summed_column(below, columns["amount"], columns.get("document", 0), fields)
    kept = {column: one for column, one in fields.items() if column != columns["amount"]}
    return {**kept, better: Assigned("amount", "values", BY_VALUES)} if better else fields


def _by_currency(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow], currency: str
) -> Mapping[int, Assigned]:
    """Take for the amount, if no head says it, the one column of figures whose head names a currency.

    Of several, it is the one in the account's: `US$ | T.C. | S/`.
    """
    if any(one.field == "amount" for one in fields.values()):
        return fields
    named = [
        cell
        for cell in row.filled
        if cell.column not in fields
        and text_currency(cell.text)
        and not is_credit_head(cell.text, beside="")
        and side_said(cell.text) not in lists("ledger")["balance"]
        and not says_of_other_figures(cell.text)
        and is_figures(below, cell.column)
    ]
    ours = [cell for cell in named if text_currency(cell.text) == currency]
    found = named if len(named) == 1 else ours
    return {**fields, found[0].column: Assigned("amount", "values", BY_VALUES)} if len(found) == 1 else fields


def _by_currency_beside(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow], currency: str
) -> Mapping[int, Assigned]:
    """Take the amounts beside the account's currency, of two columns each with a column of currencies behind it.

    Ledgers state what a document says and what that is in the books: `Amount | Curr. | Amount in LC | LCurr`.
    """
    amount = next((column for column, one in fields.items() if (one.field, one.basis) == ("amount", "head")), 0)
    coded = [cell.column for cell in row.filled if (found := _currencies(below, cell.column)) and len(found) == 1]
    behind = {one: next(iter(_currencies(below, one))) for one in coded if is_figures(below, one - 1)}
    ours = [one for one, code in behind.items() if code == currency]
    if not amount or amount + 1 not in behind or len(behind) < _PAIR or len(ours) != 1:
        return fields
    kept = {column: one for column, one in fields.items() if one.field not in {"amount", "currency"}}
    return {
        **kept,
        ours[0] - 1: Assigned("amount", "values", BY_VALUES),
        ours[0]: Assigned("currency", "values", BY_VALUES),
    }


def _currencies(below: Sequence[SheetRow], column: int) -> frozenset[str]:
    """Give the currencies that a column names; none if it says anything else."""
    texts = {cell.text for row in below if (cell := row.cell(column)).text}
    return frozenset(texts) if texts and texts <= currencies() else frozenset()


def _by_balance(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take for the amount, if no head says it, the one column of figures by which a balance goes down line by line."""
    if any(one.field == "amount" for one in fields.values()):
        return fields
    lines = [one for one in below if not any(total_kind(cell.text) for cell in one.filled)]
    free = [cell.column for cell in row.filled if cell.column not in fields and is_figures(lines, cell.column)]
    found = [spent for spent, balance in permutations(free[:_MOST_FREE], 2) if goes_down_by(lines, balance, spent)]
    return {**fields, found[0]: Assigned("amount", "values", BY_VALUES)} if len(found) == 1 else fields


def _by_running_sums(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the amounts of lines, where the column whose head fits holds what they come to down to each."""
    amount = next((column for column, one in fields.items() if (one.field, one.basis) == ("amount", "head")), 0)
    if not amount:
        return fields
    lines = [one for one in below if not any(total_kind(cell.text) for cell in one.filled)]
    better = running_column(lines, amount, fields)
    kept = {column: one for column, one in fields.items() if column != amount}
    return {**kept, better: Assigned("amount", "values", BY_VALUES)} if better else fields


def _by_taxes(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take every tax that is added to the amount, and the amount from the column before tax, not from their sum."""
    fields = _without_shares(_without_inner_taxes(row, fields, below), below)
    columns = {one.field: column for column, one in fields.items() if one.basis == "head"}
    amounts = {one.field: column for column, one in fields.items() if one.field == "amount"}
    if "tax_amount" in columns and not amounts:
        return {**fields, **_before_tax(row, fields, below, columns["tax_amount"])}
    if "tax_amount" in columns and "amount" not in columns:  # the amounts were told by figures: those before tax
        columns |= amounts
    if not {"amount", "tax_amount"} <= columns.keys():
        return fields
    amount, known = columns["amount"], [columns[name] for name in TAXES if name in columns]
    more = _more_taxes(row, fields, below, amount, known[0]) if len(known) == 1 else ()
    kept_back = [one.column for one in row.filled if one.column not in {*fields, *more} and _names_tax(one, below)]
    base = base_column(below, amount, (*known, *more), fields, kept_back)
    found = {column: one for column, one in fields.items() if not base or one.field != "amount"}
    found |= {column: Assigned(name, "head", CERTAIN) for column, name in zip(more, TAXES[1:], strict=False)}
    return {**found, base: Assigned("amount", "values", BY_VALUES)} if base else found


def _without_inner_taxes(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]
) -> Mapping[int, Assigned]:
    """Read no tax that is part of the amounts, as its head or the law says (Brazil's ISS), unless a sum adds it."""
    columns = {one.field: column for column, one in fields.items() if one.basis == "head"}
    amount, inner = columns.get("amount", 0), [columns[name] for name in TAXES if name in columns]
    inner = [column for column in inner if _is_inner_tax(row.cell(column).text)]
    free = [cell for cell in row.filled if cell.column not in fields]
    if not amount or not inner or base_column(below, amount, inner, fields):
        return fields
    others = [cell.column for cell in free if "tax_amount" in head_scores(cell.text)]
    if added_taxes(below, amount, inner[0], others):
        return fields
    if any(adds_to(below, amount, column, cell.column) for column in inner for cell in free):
        return fields
    return {column: one for column, one in fields.items() if column not in inner}


def _without_shares(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Read no tax from a column of its rate: a sheet keeps `19%` as 0.19, the same for lines of any amount."""
    columns = {one.field: column for column, one in fields.items() if one.basis == "head"}
    if not {"amount", "tax_amount"} <= columns.keys():
        return fields
    rows = [(row.cell(columns["amount"]).value, row.cell(columns["tax_amount"]).value) for row in below]
    taxed = [(amount, tax) for amount, tax in rows if isinstance(amount, Decimal) and isinstance(tax, Decimal) and tax]
    of_rate = len({tax for _, tax in taxed}) == 1 and all(
        0 < tax < 1 and tax < _SHARE * amount for amount, tax in taxed
    )
    return {column: one for column, one in fields.items() if column != columns["tax_amount"]} if of_rate else fields


def _is_inner_tax(head: str) -> bool:
    """Tell the head of a tax that the amounts hold: `ISS`, `IVA incluido`."""
    spaced = f" {key(head)} "
    return any(phrase in spaced for phrase in padded("inner_taxes")["words"])


def _names_tax(head: SheetCell, below: Sequence[SheetRow]) -> bool:
    return described(head.text).layer == Layer.TAX and is_figures(below, head.column)


def _before_tax(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow], tax: int
) -> Mapping[int, Assigned]:
    """Give the amount where no head says it: the one column that with the tax makes another, `Nett` and `Gross`."""
    free = [cell.column for cell in row.filled if cell.column not in fields and is_figures(below, cell.column)]
    made = [base for gross in free if (base := base_column(below, gross, (tax,), (*fields, gross)))]
    return {made[0]: Assigned("amount", "values", BY_VALUES)} if len(made) == 1 else {}


def _more_taxes(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow], amount: int, first: int
) -> Sequence[int]:
    """Give the columns of taxes that are added along with the first: proved by a sum, or always so by law."""
    free = (cell for cell in row.filled if cell.column not in fields)
    others = [cell.column for cell in free if "tax_amount" in head_scores(cell.text)]
    by_law = [column for column in others if is_added_tax(row.cell(column).text)]
    proved = added_taxes(below, amount, first, others)
    return (proved or (by_law if is_added_tax(row.cell(first).text) else ()))[: len(TAXES) - 1]


def _by_credits(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the amount from the column after discounts, where the one whose head fits is before them."""
    stated = {column for column, one in fields.items() if one.field == "amount"}
    headed = [column for column in stated if fields[column].basis == "head"]
    grosses = headed if stated else [cell.column for cell in row.filled if cell.column not in fields]
    credits_ = [cell for cell in row.filled if cell.column not in fields and is_credit_head(cell.text, _A_CHARGE)]
    for gross, cell in product(grosses, credits_):
        if cell.column != gross and is_credit_head(cell.text, beside=row.cell(gross).text):
            net = net_column(below, gross, cell.column, {gross, *fields})
            if net:
                kept = {column: one for column, one in fields.items() if column != gross}
                return {**kept, net: Assigned("amount", "values", BY_VALUES)}
    return fields


def _by_neighbours(row: SheetRow, fields: Mapping[int, Assigned]) -> Mapping[int, Assigned]:
    """Take quantity and rate from the group of columns that the amount is of, where groups have the same heads."""
    columns = {one.field: column for column, one in fields.items() if one.basis in {"head", "values"}}
    amount = columns.get("amount", 0)
    if not amount or len(_headed_alike(row, amount)) < 2:
        return fields
    found = dict(fields)
    for name in ("quantity", "unit_rate"):
        alike = [column for column in _headed_alike(row, columns.get(name, 0)) if column < amount]
        if len(alike) > 1 and alike[-1] not in found:
            found[alike[-1]] = found.pop(columns[name])
    return found


def _headed_alike(row: SheetRow, column: int) -> list[int]:
    """Give the columns with the (lower) head of a column, itself among them; none for no column."""
    head = plain(str(row.cell(column).value))
    return [cell.column for cell in row.filled if column and plain(str(cell.value)) == head]


def _by_product(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the columns in which quantity x rate is the amount, where heads leave one of them open or say another.

    Of several counts, that is what was delivered and not what was sent. Prices are not taken for amounts.
    """
    columns = {one.field: column for column, one in fields.items() if one.field in _FACTORS}
    settled = any(fields[one].basis not in {"head", "values"} or fields[one].part for one in columns.values())
    if settled or not {"quantity", "amount"} & columns.keys():
        return fields
    free = [cell.column for cell in row.filled if cell.column not in fields or _is_vague(fields[cell.column])]
    chosen = _chosen(row, [*free, *columns.values()], below, columns)
    if chosen is None:
        return fields
    kept = {one: found for one, found in fields.items() if found.field not in _FACTORS and one not in chosen}
    made = {column: Assigned(name, "values", BY_VALUES) for name, column in chosen._asdict().items()}
    return kept | made | {one: fields[one] for name, one in columns.items() if getattr(chosen, name) == one}


def _by_billed_counts(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]
) -> Mapping[int, Assigned]:
    """Take the counts that are charged, where the column whose head fits sums them up with those that are free.

    So of `Total messages`, `Free` and `Paid`, unless quantity x rate shows which of them makes the amounts.
    """
    columns = {one.field: column for column, one in fields.items() if one.basis == "head"}
    quantity = columns.get("quantity", 0)
    if not quantity or says_billed(row.cell(quantity).text) or any(one.field == "unit_rate" for one in fields.values()):
        return fields
    free = [cell.column for cell in row.filled if cell.column not in fields]
    pair = parts_of_amount(below, quantity, free) or ()
    billed = [column for column in pair if says_billed(row.cell(column).text)]
    if len(billed) != 1:
        return fields
    kept = {column: one for column, one in fields.items() if column != quantity}
    return {**kept, billed[0]: Assigned("quantity", "values", BY_VALUES)}


def _chosen(
    row: SheetRow, open_to_it: Sequence[int], below: Sequence[SheetRow], columns: Mapping[str, int]
) -> Triple | None:
    """Choose quantity, rate and amount: as the heads say, else with another count, or with the amounts as prices."""
    found = triples(row, below, open_to_it, columns)
    if found or "amount" not in columns:
        return found[0] if len(found) == 1 else None
    if len(columns) == len(_FACTORS):
        counts = [cell.column for cell in row.filled if head_scores(cell.text).get("quantity")]
        priced = {name: columns[name] for name in ("unit_rate", "amount")}
        others = triples(row, below, [one for one in open_to_it if one in {*counts, *priced.values()}], priced)
        rated = {name: columns[name] for name in ("quantity", "amount")}
        others = others or triples(row, below, open_to_it, rated)
        unnamed = triples(row, below, open_to_it, priced) if not others else []
        if others or len(unnamed) == 1:  # of what is called nothing that counts are, only one
            return (*others, *unnamed)[0]
    prices = {"unit_rate": columns["amount"]} | {name: columns[name] for name in ("quantity",) if name in columns}
    found = triples(row, below, open_to_it, prices)
    return found[0] if len(found) == 1 else None


def _is_vague(one: Assigned) -> bool:
    """Tell a column of tiers whose head is not quite one, and may count what is in each: `Messages in tier`."""
    return one.field == "tier" and one.basis == "head" and one.sure < CERTAIN

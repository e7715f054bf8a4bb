"""What the values below its heads say of a table's columns, where the heads alone leave it open (formats.md §4).

Of base, tax and total the charge is the base; of several counts it is the one that at the rate makes the amounts.
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from math import prod
from typing import NamedTuple

from auditor.readers.bases import added_taxes
from auditor.readers.bases import base_column
from auditor.readers.bases import is_figures
from auditor.readers.bases import is_never_below
from auditor.readers.bases import is_totalled
from auditor.readers.bases import makes_amount
from auditor.readers.bases import net_column
from auditor.readers.bases import running_column
from auditor.readers.bases import summed_column
from auditor.readers.cells import SheetRow
from auditor.readers.cells import is_label
from auditor.readers.currency_words import text_currency
from auditor.readers.layouts import NUMBERS
from auditor.readers.layouts import TAXES
from auditor.readers.places import place_named
from auditor.readers.vocabulary import Meaning
from auditor.readers.vocabulary import category_meaning
from auditor.readers.vocabulary import described
from auditor.readers.vocabulary import factor_of
from auditor.readers.vocabulary import head_scores
from auditor.readers.vocabulary import is_added_tax
from auditor.readers.vocabulary import is_credit_head
from auditor.readers.vocabulary import is_plain_line
from auditor.readers.vocabulary import names_destination
from auditor.readers.vocabulary import says_nothing
from auditor.readers.vocabulary import says_of_other_figures
from auditor.readers.vocabulary import total_kind
from auditor.readers.wide import Part
from auditor.readers.wide import layer_columns
from auditor.readers.wide import part_columns
from auditor.readers.words import exact
from auditor.readers.words import key
from auditor.readers.words import lists
from auditor.readers.words import plain

_CERTAIN = 90.0
_BY_VALUES = 80.0
_MOST_FREE = 8


class Assigned(NamedTuple):
    """The field of a column, what that rests on (see `LayoutColumn`) and how well it fits, in percent."""

    field: str
    basis: str
    sure: float
    part: Part | None = None


def by_values(
    row: SheetRow,
    fields: Mapping[int, Assigned],
    below: Sequence[SheetRow],
    year: int,
    currency: str,
    hidden: Collection[int] = (),
) -> Mapping[int, Assigned]:
    """Correct and complete the fields of columns by some of the rows below their head.

    `year` is that of months without one in heads, 0 if it is not known; `currency` is the account's, empty likewise.
    `hidden` are the columns that the sheet does not show.
    """
    fields = _by_totals(fields, below, hidden)
    fields = _by_currency(row, fields, below, currency)
    fields = _by_repeats(fields, below)
    fields = _by_running_sums(fields, below)
    fields = _by_taxes(row, fields, below)
    fields = _by_credits(row, fields, below)
    fields = _by_neighbours(row, fields)
    fields = _by_product(row, fields, below)
    fields = _by_destination(row, fields, below)
    fields = _by_places(fields, below)
    fields = _by_documents(fields, below)
    fields = _by_layers(row, fields, below)
    fields = _by_meaning(row, fields, below)
    fields = _by_words(row, fields, below)
    return _by_parts(row, fields, below, year)


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
    return {**found, rate: Assigned("amount", "values", _BY_VALUES)} if shown else found


def _by_repeats(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the amounts of lines, where the column whose head fits repeats the total of their document beside each."""
    columns = {one.field: column for column, one in fields.items() if one.basis == "head"}
    if "amount" not in columns:
        return fields
    better = summed_column(below, columns["amount"], columns.get("document", 0), fields)
    kept = {column: one for column, one in fields.items() if column != columns["amount"]}
    return {**kept, better: Assigned("amount", "values", _BY_VALUES)} if better else fields


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
        and key(cell.text) not in lists("ledger")["balance"]
        and not says_of_other_figures(cell.text)
        and is_figures(below, cell.column)
    ]
    ours = [cell for cell in named if text_currency(cell.text) == currency]
    found = named if len(named) == 1 else ours
    return {**fields, found[0].column: Assigned("amount", "values", _BY_VALUES)} if len(found) == 1 else fields


def _by_running_sums(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the amounts of lines, where the column whose head fits holds what they come to down to each."""
    amount = next((column for column, one in fields.items() if (one.field, one.basis) == ("amount", "head")), 0)
    if not amount:
        return fields
    lines = [one for one in below if not any(total_kind(cell.text) for cell in one.filled)]
    better = running_column(lines, amount, fields)
    kept = {column: one for column, one in fields.items() if column != amount}
    return {**kept, better: Assigned("amount", "values", _BY_VALUES)} if better else fields


def _by_taxes(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take every tax that is added to the amount, and the amount from the column before tax, not from their sum."""
    columns = {one.field: column for column, one in fields.items() if one.basis == "head"}
    if not {"amount", "tax_amount"} <= columns.keys():
        return fields
    amount, known = columns["amount"], [columns[name] for name in TAXES if name in columns]
    more = _more_taxes(row, fields, below, amount, known[0]) if len(known) == 1 else ()
    base = base_column(below, amount, (*known, *more), fields)
    found = {column: one for column, one in fields.items() if not base or one.field != "amount"}
    found |= {column: Assigned(name, "head", _CERTAIN) for column, name in zip(more, TAXES[1:], strict=False)}
    return {**found, base: Assigned("amount", "values", _BY_VALUES)} if base else found


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
    for gross, cell in product(grosses, row.filled):
        if cell.column not in {gross, *fields} and is_credit_head(cell.text, beside=row.cell(gross).text):
            net = net_column(below, gross, cell.column, {gross, *fields})
            if net:
                kept = {column: one for column, one in fields.items() if column != gross}
                return {**kept, net: Assigned("amount", "values", _BY_VALUES)}
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
    """Take of several columns of counts the one that at the rate makes the amounts: what was delivered, not sent.

    So is, where no head names the counts, the one column of figures that does.
    """
    columns = {one.field: column for column, one in fields.items() if one.basis in {"head", "values"}}
    if "quantity" in columns and not any(one.field == "amount" for one in fields.values()):
        return {**fields, **_amount_made(row, fields, below, columns)}
    if not {"unit_rate", "amount"} <= columns.keys():
        return fields
    if "quantity" not in columns:
        free = [cell.column for cell in row.filled if cell.column not in fields]
        rate, amount = columns["unit_rate"], columns["amount"]
        made = [one for one in free if makes_amount(below, one, rate, amount, _scale(row, one, rate))]
        return {**fields, made[0]: Assigned("quantity", "values", _BY_VALUES)} if len(made) == 1 else fields
    rate, amount, chosen = columns["unit_rate"], columns["amount"], columns["quantity"]
    others = [
        cell.column for cell in row.filled if cell.column not in fields and head_scores(cell.text).get("quantity")
    ]
    if not others or makes_amount(below, chosen, rate, amount, _scale(row, chosen, rate)):
        return fields
    better = next((one for one in others if makes_amount(below, one, rate, amount, _scale(row, one, rate))), 0)
    if not better:
        return fields
    kept = {column: one for column, one in fields.items() if column != chosen}
    return {**kept, better: Assigned("quantity", "values", _BY_VALUES)}


def _amount_made(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow], columns: Mapping[str, int]
) -> Mapping[int, Assigned]:
    """Give the amount, and the rate if no head says it, from the only columns where quantity x rate is it."""
    free = [cell.column for cell in row.filled if cell.column not in fields and is_figures(below, cell.column)]
    rates = [columns["unit_rate"]] if "unit_rate" in columns else free
    made = []
    for rate, amount in product(rates[:_MOST_FREE], free[:_MOST_FREE]):
        scale = _scale(row, columns["quantity"], rate)
        if rate != amount and makes_amount(below, columns["quantity"], rate, amount, scale):
            made.append((rate, amount))
    if len(made) != 1:
        return {}
    rate, amount = made[0]
    return {rate: Assigned("unit_rate", "values", _BY_VALUES), amount: Assigned("amount", "values", _BY_VALUES)}


def _scale(row: SheetRow, quantity: int, rate: int) -> Decimal:
    """Give what quantity x rate is to be multiplied by, by the heads of both: `Packets of 100`, `CPM`."""
    told = (factor_of(row.cell(quantity).text, "quantity"), factor_of(row.cell(rate).text, "unit_rate"))
    return prod((one or Decimal(1) for one in told), start=Decimal(1))


def _by_layers(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take a column that is not read, all of whose texts are kinds of lines, some of them no charges: `Recarga`."""
    if any(one.field in {"layer", "category"} for one in fields.values()):
        return fields
    for cell in row.filled:
        texts = _texts(below, cell.column) if cell.column not in fields else []
        layers = {exact(key(text), "layers") or ("meta" if is_plain_line(text) else "") for text in texts}
        if len(layers) > 1 and "" not in layers:
            return {**fields, cell.column: Assigned("layer", "values", _BY_VALUES)}
    return fields


def _by_documents(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the column of a `Type` whose texts all name a kind of document for that, not for the category."""
    column = next((column for column, one in fields.items() if (one.field, one.basis) == ("category", "head")), 0)
    texts = _texts(below, column) if column else []
    if not texts or any(one.field == "document_type" for one in fields.values()):
        return fields
    documents = all(exact(key(text), "document_types") for text in texts)
    return {**fields, column: Assigned("document_type", "values", _BY_VALUES)} if documents else fields


def _by_destination(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the country from the column of destinations, where a plain `Country` stands beside it: the sender's."""
    column = next((one for one, (field, basis, *_) in fields.items() if (field, basis) == ("country", "head")), 0)
    if not column or names_destination(row.cell(column).text):
        return fields
    for other in row.filled:
        if other.column not in fields and names_destination(other.text) and _are_places(_texts(below, other.column)):
            kept = {place: one for place, one in fields.items() if place != column}
            return {**kept, other.column: Assigned("country", "head", _CERTAIN)}
    return fields


def _are_places(texts: Sequence[str]) -> bool:
    """Tell whether texts, one at least, are all places."""
    return bool(texts) and all(any(place_named(text, prefer_country=True) or ()) for text in texts)


def _by_places(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the column of a `Country / category` whose texts tell charges and no mere places for the description."""
    headed = (column for column, one in fields.items() if one.field in {"market", "country"} and one.basis == "head")
    column = next(headed, 0)
    texts = _texts(below, column) if column else []
    known = any(one.field in {"category", "description"} for one in fields.values())
    if known or not _tell_charges(texts) or any(place_named(text, prefer_country=True) for text in texts):
        return fields
    return {**fields, column: Assigned("description", "values", _BY_VALUES)}


def _by_meaning(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the description from the column whose texts name charges, where those under the fitting head name fewer."""
    column = next((column for column, one in fields.items() if (one.field, one.basis) == ("description", "head")), 0)
    known = _categories(_texts(below, column)) if column else 0
    if not column or known == len(_texts(below, column)):
        return fields
    for other in row.filled:
        texts = _texts(below, other.column)
        may_be = other.column not in fields and "description" in head_scores(other.text)
        if may_be and _tell_charges(texts) and _categories(texts) > known:
            kept = {place: one for place, one in fields.items() if place != column}
            return {
                **kept,
                other.column: Assigned("description", "values", _BY_VALUES),
                **_as_place(fields, below, column),
            }
    return fields


def _categories(texts: Sequence[str]) -> int:
    """Count the texts that name a category."""
    return sum(1 for text in texts if described(text).category)


def _as_place(fields: Mapping[int, Assigned], below: Sequence[SheetRow], column: int) -> Mapping[int, Assigned]:
    """Take a column whose texts are all places for those of the charges, if no other column has them."""
    texts = _texts(below, column)
    taken = {"market", "country"} & {one.field for one in fields.values()}
    return {column: Assigned("country", "values", _BY_VALUES)} if _are_places(texts) and not taken else {}


def _by_words(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Give a column without a head, or with one that says nothing, the field of all its words: a country, a category.

    Below a head that says nothing, words of several kinds are descriptions, as those of a compact pivot table are. So
    are, below a head that we do not know, words that all name a charge, if no column is known to.
    """
    taken = {one.field for one in fields.values()}
    found = dict(fields)
    if not {"category", "description"} & taken:
        free = (cell.column for cell in row.filled if cell.column not in fields)
        told = next((column for column in free if _tell_charges(_texts(below, column))), 0)
        found |= {told: Assigned("description", "values", _BY_VALUES)} if told else {}
        taken = {one.field for one in found.values()}
    for column in range(1, max((len(one.cells) for one in below), default=0) + 1):
        head = row.cell(column).text
        if column in found or (head and not says_nothing(head)):
            continue
        cells = [one.cell(column) for one in below if one.cell(column).text and len(one.filled) > 2]
        texts = [cell.text for cell in cells if not total_kind(cell.text)]
        if not texts or not all(map(is_label, cells)):
            continue
        if not {"market", "country"} & taken and _are_places(texts):
            found[column] = Assigned("country", "values", _BY_VALUES)
        elif "category" not in taken and all((category_meaning(text) or Meaning()).category for text in texts):
            found[column] = Assigned("category", "values", _BY_VALUES)
        elif head and "description" not in taken:
            found[column] = Assigned("description", "values", _BY_VALUES)
        taken = {one.field for one in found.values()}
    return found


def _tell_charges(texts: Sequence[str]) -> bool:
    """Tell whether all words of a column say what a charge is for: a category, some of them another kind of charge."""
    meanings = [described(text) for text in texts]
    return any(one.category for one in meanings) and all(one.category or one.layer for one in meanings)


def _texts(below: Sequence[SheetRow], column: int) -> list[str]:
    """Give the words of a column, but for those of a total."""
    cells = (row.cell(column) for row in below if row.cell(column).text)
    return [cell.text for cell in cells if is_label(cell) and not total_kind(cell.text)]


def _by_parts(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow], year: int
) -> Mapping[int, Assigned]:
    """Give the fields of a table with columns for each part, whose sums over them are not read; else as given."""
    if any(one.basis == "stated" for one in fields.values()):
        return fields
    columns = {one.field: column for column, one in fields.items()}
    found = part_columns(row.cells, below, columns, year)
    if found and all(one.field == "quantity" for one in found.values()) and not _is_mere_sum(row, columns):
        return fields
    kept: Collection[str] = ()
    if not found:
        found, kept = layer_columns(row.cells, below, columns), ("quantity", "unit_rate", *TAXES)
    if not found:
        return fields
    shared = {
        column: one
        for column, one in fields.items()
        if (one.field not in NUMBERS or one.field in kept) and column not in found
    }
    return shared | {column: Assigned(one.field, "head", _CERTAIN, one.part) for column, one in found.items()}


def _is_mere_sum(row: SheetRow, columns: Mapping[str, int]) -> bool:
    """Tell whether the amount's column, if any, is but a `Total` of no currency: of counts, it is no money."""
    head = row.cell(columns.get("amount", 0)).text
    return not head or bool(total_kind(head) and not text_currency(head))

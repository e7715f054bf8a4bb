"""Heads that take two rows, and tables with a column, or a group of columns, for each part of a charge (formats.md §4).

Such a part is a category, a month, a country or market, a number of the business, or a layer (Meta's price beside the
provider's fee).
"""

import re
from calendar import monthrange
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from auditor.core.records import Layer
from auditor.language import currencies
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import Value
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.values.currency_words import sign_currency
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.dates import ORDERS
from auditor.readers.values.dates import date_orders
from auditor.readers.values.dates import month_names
from auditor.readers.values.dates import names_period
from auditor.readers.values.dates import parse_day
from auditor.readers.values.dates import parse_month
from auditor.readers.values.dates import parse_months
from auditor.readers.values.dates import parse_quarter
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value
from auditor.readers.values.places import is_short_name
from auditor.readers.values.places import place_named
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import head_category
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.vocabulary import names_provider
from auditor.readers.values.vocabulary import says_nothing
from auditor.readers.values.vocabulary import says_of_other_figures
from auditor.readers.values.vocabulary import title_field
from auditor.readers.values.vocabulary import without_figures
from auditor.readers.values.words import exact
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import plain

_FIGURES = ("amount", "quantity", "unit_rate")
_SHORTEST_PLACE = 4
# Of eight digits or more, parted at most by single signs; by no others beside it.
_NUMBER = re.compile(r"(?<![0-9.,/+-])\+?[0-9](?:[ ()-]{0,2}[0-9]){7,15}(?![0-9.,/-])")
_NO_BRACKETS = str.maketrans("()[]:-", "      ")
_DOLLAR = "$"  # or a peso: which currency it is does not matter here
_YEAR = re.compile(r"(?<!\d)20[1-9][0-9](?!\d)")
_NUMERIC_DAY = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{2,4}|\d{4}-\d\d-\d\d")
_TAXES = ("tax_amount", "tax_amount_2", "tax_amount_3")
_OF_TEMPLATES = frozenset({"template", "plantilla", "modelo"})
_OF_DOCUMENTS = frozenset({"document_date", "due_date"})
_FEES = frozenset({Layer.PROVIDER_FEE.value, Layer.SUBSCRIPTION.value})


class Part(NamedTuple):
    """What the figures of some columns have in common: one of these is stated, the others are empty.

    `label` is what a head above them is called, where it is none of the others: `Tramo 1`.
    """

    category: str = ""
    layer: str = ""
    market: str = ""
    country: str = ""
    period: tuple[date, date] | None = None
    label: str = ""
    number: str = ""


class PartColumn(NamedTuple):
    """A column that holds one figure of one part: `Marketing (USD)`, or `Cost` under `Sep 2026`."""

    part: Part
    field: str


def joined_head(sheet: Sheet, lower: SheetRow) -> SheetRow | None:
    """Join a row of heads with the one directly above it, which may span several columns; None if there is none.

    A head above reaches over the merged or empty cells to its right, as far as there are heads below them. The value
    of each cell is the lower head alone, its text both.
    """
    upper = sheet.rows.numbered(lower.number - 1)
    if upper is None or len(upper.filled) < 2 or not lower.filled:
        return None
    heads = (*(cell for cell in upper.filled if not number_headed(cell)), *lower.filled)
    if not all(map(is_label, heads)) or _states_facts(upper):
        return None
    cells, spanning = [], ""
    for column in range(1, max(len(upper.cells), len(lower.cells)) + 1):
        over, under = upper.cell(column).text, lower.cell(column).text
        # Over its rows and columns a pivot table writes what it sums, and words of its program's.
        over = "" if says_nothing(over) or says_nothing(under) else over
        spanning = over or (spanning if under else "")
        text = f"{spanning} {under}".strip()
        cells.append(SheetCell(under or spanning or None, text, lower.number, column))
    return SheetRow(lower.number, tuple(cells), lower.hidden)


def with_index_names(sheet: Sheet, upper: SheetRow) -> SheetRow | None:
    """Join a row of heads with the one directly below it that names the columns it leaves blank, all of them.

    So programs for statistics write the names of what a table is indexed by. None if the row below is no such one.
    """
    lower = sheet.rows.numbered(upper.number + 1)
    # Over the index, beside the second row of heads, stands what that row names.
    cornered = lower is not None and len(upper.filled) > len(lower.filled) and _is_corner(upper, lower)
    taken = set() if cornered else {cell.column for cell in upper.filled}
    if lower is None or not lower.filled or taken & {cell.column for cell in lower.filled}:
        return None
    said = [set(head_scores(cell.text)) for cell in lower.filled if is_label(cell)]
    if len(said) < len(lower.filled) or not all(said) or any(fields <= {*_FIGURES} for fields in said):
        return None
    cells = (
        lower.cell(column) if lower.cell(column).text else upper.cell(column)
        for column in range(1, max(len(upper.cells), len(lower.cells)) + 1)
    )
    return SheetRow(lower.number, tuple(cell._replace(row=lower.number) for cell in cells), lower.hidden)


def _is_corner(upper: SheetRow, lower: SheetRow) -> bool:
    """Tell whether all that a row names stands before the heads above it, but for what is over its last column."""
    last = max((cell.column for cell in lower.filled), default=0)
    over = [cell for cell in upper.filled if cell.column <= last]
    return [cell.column for cell in lower.filled] == [*range(1, last + 1)] and [cell.column for cell in over] == [last]


def says_units(row: SheetRow) -> bool:
    """Tell a row that says below the heads what their figures are in: `(US$)`, `US$/msg`, `%`."""
    return bool(row.filled) and all(map(_is_unit, row.filled))


def _is_unit(cell: SheetCell) -> bool:
    parts = [part.strip() for part in cell.text.strip("()[] ").split("/", 1)]
    return isinstance(cell.value, str) and all(map(_names_unit, parts))


def _names_unit(text: str) -> bool:
    named = exact(key(text), "units") or key(text) in lists("counts")["words"]
    return bool(named) or text == "%" or sign_currency(text) is not None


def _states_facts(row: SheetRow) -> bool:
    """Tell a row of titles from one of heads: `Periodo | 01-10-2026 al 31-10-2026`, `Moneda | USD`."""
    return any(
        (title_field(label.text.rstrip(": ")) or likeliest_field(label.text) in _OF_DOCUMENTS)
        and (is_day(value) or value.text in currencies())
        for label, value in pairwise(row.filled)
    )


def is_day(cell: SheetCell) -> bool:
    """Tell whether a cell holds a day or a period, in any order of day, month and year."""
    return names_period(cell.text)


def speaking_head(cell: SheetCell) -> str:
    """Give the head that says most of a column: both rows of it, or the lower alone.

    Both, too, where the upper says that it is of another time or of a plan.
    """
    if says_of_other_figures(cell.text):
        return cell.text
    lower = str(cell.value or "")
    return max((cell.text, lower), key=lambda text: max(head_scores(text).values(), default=0.0))


def part_columns(
    heads: Sequence[SheetCell], below: Sequence[SheetRow], fields: Collection[str], year: int = 0
) -> Mapping[int, PartColumn]:
    """Tell which columns hold a figure of one part each; none unless two parts have figures of their own.

    `below` are some of the rows under the heads: a head that is a part's mere name is told by its figures. `fields`
    are those that the table has as columns: it is not divided by what each row states. `year` is that of months
    without one, 0 if it is not known.
    """
    if "category" not in fields:
        found = _grouped({cell: Part(category) for cell in heads if (category := head_category(cell.text))}, below)
        if found:
            return found
    if not {"period", "period_start", "day"} & set(fields):
        periods = _dates_headed(heads) or {cell: month for cell in heads if (month := month_headed(cell, year))}
        found = _grouped({cell: Part(period=period) for cell, period in periods.items()}, below)
        if found:
            return found
    if not {"market", "country"} & set(fields):
        found = _grouped({cell: Part("", "", *place) for cell in heads if (place := _place(cell))}, below)
        if found:
            return found
    if "phone_number_id" in fields:
        return {}
    return _grouped({cell: number for cell in heads if (number := number_headed(cell))}, below)


def number_headed(cell: SheetCell) -> Part | None:
    """Give the number of the business that a head names, and its name: `+51 987 654 321`, `Ventas (987654321)`."""
    found = _NUMBER.search(cell.text)
    if not found or names_period(found[0]):
        return None
    rest = without_figures(f"{cell.text[: found.start()]} {cell.text[found.end() :]}".translate(_NO_BRACKETS))
    return Part(number=found[0], label=rest)


def _grouped(parts: Mapping[SheetCell, Part], below: Sequence[SheetRow]) -> Mapping[int, PartColumn]:
    """Give each part's columns, if two parts have amounts, or two have quantities and none an amount."""
    bare = [cell for cell in parts if not _said_figure(cell)]
    # One program wrote them all: a column of whole amounts is no count where those beside it have decimals.
    unsaid = "quantity" if bare and all(_are_whole(cell, below) for cell in bare) else "amount"
    found = {cell.column: PartColumn(part, _said_figure(cell) or unsaid) for cell, part in parts.items()}
    # The last of two columns for the same figure of a part is of another kind than we know.
    groups = {one: column for column, one in reversed(found.items())}
    for figure in ("amount", "quantity"):
        having = {one.part for one in groups if one.field == figure}
        if having:
            return {column: one for one, column in groups.items() if one.part in having} if len(having) > 1 else {}
    return {}


def is_cross_head(row: SheetRow) -> bool:
    """Tell the head of a table of two ways in whose corner nothing stands: places all, but for a sum over them."""
    if row.cell(1).text and row.filled[:1] == (row.cell(1),):
        return False
    named = [cell for cell in row.filled if not total_kind(cell.text)]
    return len(named) > 1 and all(is_label(cell) and _place(cell) for cell in named)


def year_above(rows: Sequence[SheetRow]) -> int:
    """Give the one year that the rows above a table name, 0 if they name none or several."""
    years = {int(year) for row in rows for cell in row.filled for year in _YEAR.findall(cell.text)}
    return years.pop() if len(years) == 1 else 0


def bare_months(heads: Sequence[SheetCell]) -> int:
    """Count the months that heads name without their year."""
    return len({plain(without_figures(cell.text)) for cell in heads} & month_names().keys())


def month_headed(cell: SheetCell, year: int) -> tuple[date, date] | None:
    """Give the month, quarter or range of months that a head names, in words or as a date that is its first day."""
    if isinstance(cell.value, date):
        return _whole(cell.value.year, cell.value.month) if cell.value.day == 1 else None
    bare = month_names().get(plain(without_figures(cell.text))) if year else None
    if bare:
        return _whole(year, bare)
    found = parse_month(cell.text) or parse_month(without_figures(cell.text))
    if found:
        return _whole(*found)
    texts = (cell.text, without_figures(cell.text))
    return next((span for text in texts if (span := parse_quarter(text) or parse_months(text))), None)


def _dates_headed(heads: Sequence[SheetCell]) -> Mapping[SheetCell, tuple[date, date]]:
    """Give the days that heads are, or their months if all are first days; none where their order is open."""
    dated = [cell for cell in heads if isinstance(cell.value, date) or _NUMERIC_DAY.fullmatch(cell.text)]
    orders = frozenset.intersection(frozenset(ORDERS), *(date_orders(cell.text) for cell in dated))
    order = next(iter(orders)) if len(orders) == 1 else ""
    found = {cell: day for cell in dated if (day := parse_day(cell.value, order))}
    if len(found) < len(dated):
        return {}
    of_days = any(day.day > 1 for day in found.values())
    return {cell: (day, day) if of_days else _whole(day.year, day.month) for cell, day in found.items()}


def _whole(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _place(cell: SheetCell) -> tuple[str, str] | None:
    """Give the market or country that a head names; most codes are too short to be told from other words."""
    name = without_figures(cell.text)
    named = len(name) >= _SHORTEST_PLACE or is_short_name(name)
    place = place_named(name, prefer_country=True) if named else None
    return place if place and any(place) else None


def _said_figure(cell: SheetCell) -> str:
    """Tell what figure a part's column holds by its head; empty if it does not say."""
    head = speaking_head(cell)
    for said in (head, _without_category(head)):
        scores = {field: score for field, score in head_scores(said).items() if field in _FIGURES}
        if scores:
            return max(scores, key=lambda field: scores[field])
    return "amount" if text_currency(cell.text) or _DOLLAR in cell.text else ""


def _without_category(head: str) -> str:
    """Give a head without the words of categories and templates: `Template marketing spend` is `spend`."""
    named = {word for phrases in lists("categories").values() for phrase in phrases for word in phrase.split()}
    return " ".join(word for word in head.split() if key(word) not in named | _OF_TEMPLATES)


def _are_whole(cell: SheetCell, below: Sequence[SheetRow]) -> bool:
    """Tell whether the figures under a head, if any, are whole ones: they may be counts."""
    figures = [value for row in below if is_number(row.cell(cell.column)) and (value := row.cell(cell.column).value)]
    return all(map(_may_be_whole, figures))


def _may_be_whole(figure: Value) -> bool:
    values = (read_value(figure, mark) for mark in MARKS)
    return any(value is not None and value == value.to_integral_value() for value in values)


def layer_columns(
    heads: Sequence[SheetCell], below: Sequence[SheetRow], fields: Mapping[str, int]
) -> Mapping[int, PartColumn]:
    """Tell which columns hold the amounts of Meta and of the provider; none unless both are there.

    Either they add up to the column that would be the amount, in every row, perhaps with taxes, or one of them is that
    column itself. Where no head names Meta, its column is the one that with the provider's makes the whole.
    """
    amount = fields.get("amount", 0)
    others = {column for field, column in fields.items() if field != "amount"}
    layers = {
        cell.column: _layer(cell.text)
        for cell in heads
        if cell.text and cell.column not in others and _may_be_layer(cell, below)
    }
    metas = [column for column, layer in layers.items() if layer == Layer.META.value]
    fees = [column for column, layer in layers.items() if layer in _FEES]
    if "layer" in fields or not amount or not fees:
        return {}
    if not metas:
        metas = _rest_of_whole([column for column, layer in layers.items() if not layer], fees, amount, below)
    fees = _without_their_sum(metas, fees, amount, below)
    taxes = [fields[name] for name in _TAXES if name in fields]
    whole = any(add_up((*metas, *fees, *more), amount, below) for more in ((), taxes))
    if len(metas) != 1 or not (amount in (*metas, *fees) or whole):
        return {}
    parts = dict.fromkeys(metas, Layer.META.value) | {column: layers[column] for column in fees}
    return {column: PartColumn(Part(layer=layer), "amount") for column, layer in parts.items()}


def fee_columns(
    heads: Sequence[SheetCell], below: Sequence[SheetRow], parts: Mapping[int, PartColumn]
) -> Mapping[int, PartColumn]:
    """Tell which columns beside those of parts hold fees: with the amounts they make another one in every row."""
    amounts = [column for column, one in parts.items() if one.field == "amount"]
    free = [cell for cell in heads if cell.text and cell.column not in parts]
    fees = {cell.column: layer for cell in free if (layer := _layer(cell.text)) in _FEES and _may_be_layer(cell, below)}
    whole = any(add_up((*amounts, *fees), cell.column, below) for cell in free if cell.column not in fees)
    if not amounts or not fees or not whole:
        return {}
    return {column: PartColumn(Part(layer=layer), "amount") for column, layer in fees.items()}


def _without_their_sum(metas: Sequence[int], fees: list[int], amount: int, below: Sequence[SheetRow]) -> list[int]:
    """Leave out the amount's column, called like a fee, where Meta's and the other fees make it: `Total fee`."""
    others = [column for column in fees if column != amount]
    return others if metas and others and add_up((*metas, *others), amount, below) else fees


def labelled_columns(heads: Sequence[SheetCell], below: Sequence[SheetRow]) -> Mapping[int, PartColumn]:
    """Tell which columns hold figures of parts that heads above them name in words of their own: `Tramo 1`.

    None unless they are tiers, or a column beside them is what their amounts come to: a plan and what came of it, say,
    are no parts of a charge.
    """
    labels = {cell: label for cell in heads if (label := _label_above(cell))}
    found = _grouped({cell: Part(label=label) for cell, label in labels.items()}, below)
    amounts = [column for column, one in found.items() if one.field == "amount"]
    others = [cell.column for cell in heads if cell.text and cell.column not in found]
    of_tiers = all(is_tier(one.part.label) for one in found.values())
    return found if amounts and (of_tiers or any(add_up(amounts, one, below) for one in others)) else {}


def is_tier(label: str) -> bool:
    """Tell the name of a tier, which begins with the word for it."""
    return key(label).partition(" ")[0] in lists("heads")["tier"]


def _label_above(cell: SheetCell) -> str:
    """Give what stands above the head of a figure, no sum of others; empty if nothing does."""
    lower = str(cell.value or "")
    label = cell.text.removesuffix(lower).strip() if lower else ""
    return label if label and likeliest_field(lower) in _FIGURES and not total_kind(label) else ""


def _rest_of_whole(free: Sequence[int], fees: Sequence[int], amount: int, below: Sequence[SheetRow]) -> list[int]:
    """Give the columns that with the provider's make the amount, or of which, as the amount, a third column is made."""
    if amount in fees:
        return []
    others = [column for column in free if column != amount]
    if any(add_up((amount, *fees), whole, below) for whole in others):
        return [amount]
    return [column for column in others if add_up((column, *fees), amount, below)]


def _layer(head: str) -> str:
    """Tell whose amounts a head announces: `Meta fee`, `Mark-up`, `Kaleyra charges`."""
    provider = names_provider(head) and "amount" in head_scores(head)
    return described(head).layer or (Layer.PROVIDER_FEE.value if provider else "")


def _may_be_layer(cell: SheetCell, below: Sequence[SheetRow]) -> bool:
    """Tell whether a column may hold amounts: figures, no percentages, and a head of no price or count."""
    texts = [row.cell(cell.column).text for row in below]
    scores = head_scores(cell.text)
    is_money = scores.get("amount", 0) >= max(scores.get("unit_rate", 0), scores.get("quantity", 0))
    figures = any(is_number(row.cell(cell.column)) for row in below)
    return (
        is_money and figures and not says_of_other_figures(cell.text) and not any(text.endswith("%") for text in texts)
    )


def add_up(parts: Sequence[int], whole: int, below: Sequence[SheetRow]) -> bool:
    """Tell whether the parts add up to the whole in every row that states it, under one decimal mark."""
    return any(_all_add_up(parts, whole, below, mark) for mark in MARKS)


def _all_add_up(parts: Sequence[int], whole: int, below: Sequence[SheetRow], mark: str) -> bool:
    sums = [
        (total, sum(value for column in parts if (value := read_value(row.cell(column).value, mark)) is not None))
        for row in below
        if (total := read_value(row.cell(whole).value, mark)) is not None and not _is_at_foot(row, parts)
    ]
    return bool(sums) and all(total == found for total, found in sums)


def _is_at_foot(row: SheetRow, parts: Sequence[int]) -> bool:
    """Tell a total or a tax that is of no part."""
    words = [cell.text for cell in row.filled if is_label(cell)]
    named = any(total_kind(text) or described(text).layer == Layer.TAX for text in words)
    return named and not any(row.cell(column).text for column in parts)

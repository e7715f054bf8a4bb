"""What the values below its heads say of a table's columns, where the heads alone leave it open (formats.md §4).

Its figures are looked at in `by_figures.py`; here it is the words: what is a place, a kind of charge, a description.
"""

import re
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence

from auditor.core.records import Layer
from auditor.language import currencies
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.tables.assigned import BY_VALUES
from auditor.readers.tables.assigned import CERTAIN
from auditor.readers.tables.assigned import Assigned
from auditor.readers.tables.by_figures import by_figures
from auditor.readers.tables.layouts import NUMBERS
from auditor.readers.tables.layouts import TAXES
from auditor.readers.tables.told_apart import by_recipients
from auditor.readers.tables.told_apart import by_templates
from auditor.readers.tables.wide import PartColumn
from auditor.readers.tables.wide import fee_columns
from auditor.readers.tables.wide import labelled_columns
from auditor.readers.tables.wide import layer_columns
from auditor.readers.tables.wide import part_columns
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.places import may_be_languages
from auditor.readers.values.places import place_named
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import Meaning
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import is_plain_line
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.vocabulary import names_destination
from auditor.readers.values.vocabulary import says_nothing
from auditor.readers.values.vocabulary import side_of
from auditor.readers.values.words import exact
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

# The number of a document that is no telephone's: `FACTU/2026/11/0012`, `F001-4410`.
_LETTERED_NUMBER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ /-]+[A-Za-z0-9]+)*[/-]?[0-9]+")

_MOST_COLUMNS = 512


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
    `hidden` are the columns that the sheet does not show. Only the first columns are held against each other, more than
    any table of charges has but one that is divided.
    """
    whole, all_below = row, below
    row, below = _first_columns(row), [*map(_first_columns, below)]
    fields = by_figures(row, fields, below, currency, hidden)
    fields = by_recipients(row, fields, below)
    fields = _by_destination(row, fields, below)
    fields = _by_places(fields, below)
    fields = _by_unknown_places(row, fields, below)
    fields = _without_sides(fields, below)
    fields = _by_codes(row, fields, below)
    fields = _by_documents(row, fields, below)
    fields = _by_document_numbers(row, fields, below)
    fields = _by_currency_codes(row, fields, below)
    fields = _by_layers(row, fields, below)
    fields = _by_meaning(row, fields, below)
    fields = _by_words(row, fields, below)
    fields = by_templates(row, fields)
    return _by_parts(whole, fields, all_below, year)


def _first_columns(row: SheetRow) -> SheetRow:
    return row if len(row.cells) <= _MOST_COLUMNS else SheetRow(row.number, row.cells[:_MOST_COLUMNS], row.hidden)


def _by_layers(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take a column that is not read, all of whose texts are kinds of lines, some of them no charges: `Recarga`.

    Beside a column of categories only where each is a kind by its very name, `Meta fee`, `Platform fee`, and they are
    no mere channels.
    """
    taken = {one.field for one in fields.values()}
    if "layer" in taken:
        return fields
    plainly = "category" not in taken
    for cell in row.filled:
        texts = _texts(below, cell.column) if cell.column not in fields else []
        layers = {exact(key(text), "layers") or ("meta" if plainly and is_plain_line(text) else "") for text in texts}
        told = plainly or not layers <= {Layer.META.value, Layer.OTHER.value}
        if told and len(layers) > 1 and "" not in layers:
            return {**fields, cell.column: Assigned("layer", "values", BY_VALUES)}
    return fields


def _by_documents(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the column of a `Type` whose texts all name a kind of document for that, not for the category."""
    kinds = [cell.column for cell in row.filled if likeliest_field(cell.text) == "category"]
    column = next((one for one in kinds if one not in fields or fields[one].basis == "head"), 0)
    texts = _texts(below, column) if column else []
    if not texts or any(one.field == "document_type" for one in fields.values()):
        return fields
    named = (exact(key(text), "document_types") or exact(key(text), "document_letters") for text in texts)
    documents = all(named)
    return {**fields, column: Assigned("document_type", "values", BY_VALUES)} if documents else fields


def _by_document_numbers(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]
) -> Mapping[int, Assigned]:
    """Take a column of mere numbers for those of documents, where one is that of several lines: `Num`, `Ref`.

    Where each line has its own, they number the lines. Programs write it but once, beside the first line. A `Número`
    may also be that of a telephone, which has no letters and no series beside it.
    """
    if any(one.field == "document" for one in fields.values()):
        return fields
    series = any(key(cell.text) in lists("document_numbers")["series"] for cell in row.filled)
    for cell in row.filled:
        if key(cell.text) not in lists("document_numbers")["words"]:
            continue
        texts = [one.cell(cell.column).text for one in below if one.cell(cell.column).text]
        lettered = bool(texts) and all(map(_LETTERED_NUMBER.fullmatch, texts))
        taken = fields.get(cell.column)
        if taken and not ((lettered or series) and (taken.field, taken.basis) == ("phone_number_id", "head")):
            continue
        several = 0 < len({*texts}) < len(texts)
        if several or (texts and series) or (lettered and len(texts) < len(below)):
            return {**fields, cell.column: Assigned("document", "values", BY_VALUES)}
    return fields


def _by_currency_codes(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]
) -> Mapping[int, Assigned]:
    """Take the one column that is not read, all of whose texts are codes of currencies, for those of the amounts."""
    if any(one.field == "currency" for one in fields.values()) or not any(
        one.field == "amount" for one in fields.values()
    ):
        return fields
    free = [cell.column for cell in row.filled if cell.column not in fields]
    found = [column for column in free if (texts := _texts(below, column)) and {*texts} <= currencies()]
    alone = len(found) == 1 and text_currency(_texts(below, found[0])[0])
    return {**fields, found[0]: Assigned("currency", "values", BY_VALUES)} if alone else fields


def _by_destination(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the country from the column of destinations, where a plain `Country` stands beside it: the sender's."""
    column = next((one for one, (field, basis, *_) in fields.items() if (field, basis) == ("country", "head")), 0)
    if not column or names_destination(row.cell(column).text):
        return fields
    for other in row.filled:
        if other.column not in fields and names_destination(other.text) and _are_places(_texts(below, other.column)):
            kept = {place: one for place, one in fields.items() if place != column}
            return {**kept, other.column: Assigned("country", "head", CERTAIN)}
    return fields


def _are_places(texts: Sequence[str]) -> bool:
    """Tell whether texts, one at least, are all places."""
    return bool(texts) and all(any(place_named(text, prefer_country=True) or ()) for text in texts)


def _by_places(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the column of a `Country / category` whose texts tell charges and no mere places for the description."""
    headed = (column for column, one in fields.items() if one.field in {"market", "country"} and one.basis == "head")
    column = next(headed, 0)
    texts = _texts([row for row in below if len(row.filled) > 1], column) if column else []  # no titles of sections
    known = any(one.field in {"category", "description"} for one in fields.values())
    if known or not _tell_charges(texts) or any(place_named(text, prefer_country=True) for text in texts):
        return fields
    return {**fields, column: Assigned("description", "values", BY_VALUES)}


def _by_unknown_places(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]
) -> Mapping[int, Assigned]:
    """Take the one column below a head that we do not know whose words are all places, of more than one, for those.

    Where the sender is stands the same beside every line. Two letters may also be the languages of templates.
    """
    if any(one.field in {"market", "country"} for one in fields.values()):
        return fields
    free = (cell for cell in row.filled if cell.column not in fields and not head_scores(cell.text))
    texts = {cell.column: _texts(below, cell.column) for cell in free}
    found = [one for one, words in texts.items() if len({*words}) > 1 and _are_places(words)]
    plainly = len(found) == 1 and not may_be_languages([text.casefold() for text in texts[found[0]]])
    return {**fields, found[0]: Assigned("country", "values", BY_VALUES)} if plainly else fields


def _without_sides(fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take no column of a `Type` for the category that tells debits from credits."""
    column = next((column for column, one in fields.items() if (one.field, one.basis) == ("category", "head")), 0)
    texts = _texts(below, column) if column else []
    if not texts or not all(map(side_of, texts)):
        return fields
    return {other: one for other, one in fields.items() if other != column}


def _by_codes(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take no column for categories none of whose words is one, where those of another tell the charges: item codes."""
    column = next((column for column, one in fields.items() if (one.field, one.basis) == ("category", "head")), 0)
    texts = _texts(below, column) if column else []
    if not texts or any((category_meaning(text) or Meaning()).category for text in texts):
        return fields
    told = {one.column for one in row.filled if one.column != column and _tell_most(_texts(below, one.column))}
    known = next((one for one, found in fields.items() if found.field == "description"), 0)
    kept = {one: found for one, found in fields.items() if one != column}
    if known:
        return kept if known in told else fields
    free = told - {*kept}
    return {**kept, min(free): Assigned("description", "values", BY_VALUES)} if free else fields


def _by_meaning(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Take the description from the column whose texts name charges, where those under the fitting head name fewer."""
    column = next((column for column, one in fields.items() if (one.field, one.basis) == ("description", "head")), 0)
    known = _categories(_texts(below, column)) if column else 0
    if not column or 0 < known == len(_texts(below, column)):
        return fields
    for other in row.filled:
        texts = _texts(below, other.column)
        scores = head_scores(other.text)
        # Where the fitting head has none at all, a head that we do not know will do: `Product`, and beside it `Meter`.
        may_be = other.column not in fields and ("description" in scores or (not known and not scores))
        if may_be and _tell_charges(texts) and _categories(texts) > known:
            kept = {place: one for place, one in fields.items() if place != column}
            return {
                **kept,
                other.column: Assigned("description", "values", BY_VALUES),
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
    return {column: Assigned("country", "values", BY_VALUES)} if _are_places(texts) and not taken else {}


def _by_words(row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow]) -> Mapping[int, Assigned]:
    """Give a column without a head, or with one that says nothing, the field of all its words: a country, a category.

    Below a head that says nothing, words of several kinds are descriptions, as those of a compact pivot table are. So
    are, below a head that we do not know, words that all name a charge, or most of them its kind, if no column is known
    to.
    """
    taken = {one.field for one in fields.values()}
    found = dict(fields)
    if not {"category", "description"} & taken:
        free = [cell.column for cell in row.filled if cell.column not in fields]
        told = next((one for tell in (_tell_charges, _tell_kinds) for one in free if tell(_texts(below, one))), 0)
        found |= {told: Assigned("description", "values", BY_VALUES)} if told else {}
        taken = {one.field for one in found.values()}
    full = [one for one in below if len(one.filled) > 2]
    for column in range(1, max((len(one.cells) for one in below), default=0) + 1):
        head = row.cell(column).text
        if column in found or (head and not says_nothing(head)):
            continue
        cells = [one.cell(column) for one in full if one.cell(column).text]
        texts = [cell.text for cell in cells if not total_kind(cell.text)]
        if not texts or not all(map(is_label, cells)):
            continue
        if not {"market", "country"} & taken and _are_places(texts):
            found[column] = Assigned("country", "values", BY_VALUES)
        elif "category" not in taken and all((category_meaning(text) or Meaning()).category for text in texts):
            found[column] = Assigned("category", "values", BY_VALUES)
        elif (head or _outline(texts)) and "description" not in taken:
            found[column] = Assigned("description", "values", BY_VALUES)
        taken = {one.field for one in found.values()}
    return found


def _outline(texts: Sequence[str]) -> bool:
    """Tell categories below the places that they are of, in one column, as pivot tables write them."""
    named = [bool((category_meaning(text) or Meaning()).category) for text in texts]
    places = [text for text, is_category in zip(texts, named, strict=True) if not is_category]
    return any(named) and bool(places) and _are_places(places)


def _tell_charges(texts: Sequence[str]) -> bool:
    """Tell whether all words of a column say what a charge is for: a category, some of them another kind of charge."""
    meanings = [described(text) for text in texts]
    return any(one.category for one in meanings) and all(one.category or one.layer for one in meanings)


def _tell_most(texts: Sequence[str]) -> bool:
    """Tell whether words of a column name a category, and most of them what the charge is for."""
    meanings = [described(text) for text in texts]
    telling = [one for one in meanings if one.category or one.layer]
    return any(one.category for one in telling) and 2 * len(telling) > len(texts)


def _tell_kinds(texts: Sequence[str]) -> bool:
    """Tell whether most words of a column say of what kind a charge is: `Platform licence`, `Message fee`."""
    meanings = [described(text) for text in texts]
    return 2 * sum(1 for one in meanings if one.category or one.layer not in {"", Layer.OTHER.value}) > len(texts)


def _texts(below: Sequence[SheetRow], column: int) -> list[str]:
    """Give the words of a column, but for those of a total."""
    cells = (row.cell(column) for row in below if row.cell(column).text)
    return [cell.text for cell in cells if is_label(cell) and not total_kind(cell.text)]


def _by_parts(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow], year: int
) -> Mapping[int, Assigned]:
    """Give the fields of a table with columns for each part, whose sums over them are not read; else as given."""
    columns = {one.field: column for column, one in fields.items()}
    below = _until_heads_again(row, below)
    found = part_columns(row.cells, below, columns, year)
    if found and all(one.field == "quantity" for one in found.values()) and not _is_mere_sum(row, columns):
        return fields
    found = {**found, **fee_columns(row.cells, below, found)}
    kept: Collection[str] = ()
    if not found:
        found, kept = layer_columns(row.cells, below, columns), ("quantity", "unit_rate", *TAXES)
    if not found:
        found, kept = labelled_columns(row.cells, below), ()
    if not found or _stated_otherwise(fields, found):
        return fields
    shared = {
        column: one
        for column, one in fields.items()
        if (one.field not in NUMBERS or one.field in kept) and column not in found
    }
    return shared | {column: Assigned(one.field, "head", CERTAIN, one.part) for column, one in found.items()}


def _stated_otherwise(fields: Mapping[int, Assigned], found: Mapping[int, PartColumn]) -> bool:
    """Tell whether somebody states a figure of the whole table, or of a part's column that it is another."""
    stated = {column: one.field for column, one in fields.items() if one.basis == "stated"}
    return any(
        (found[column].field if column in found else "") != field
        for column, field in stated.items()
        if column in found or field in NUMBERS
    )


def in_parts(
    row: SheetRow, fields: Mapping[int, Assigned], below: Sequence[SheetRow], year: int
) -> Mapping[int, Assigned]:
    """Give the fields of a table as a profile has them, with the part of each column where several are one figure.

    What they are parts of is told by their heads as in any table, `year` as in `by_values`; as given where it is not.
    """
    firsts = {one.field: column for column, one in reversed([*fields.items()])}
    found = _by_parts(row, {column: one for column, one in fields.items() if firsts[one.field] == column}, below, year)
    parts = {column: one.part for column, one in found.items() if one.part}
    again = {one.field for column, one in fields.items() if firsts[one.field] != column}
    told = {column for column, one in fields.items() if one.field in again}
    if not told or any(column not in parts or found[column].field != fields[column].field for column in told):
        return fields
    return {column: one._replace(part=parts.get(column)) for column, one in fields.items()}


def _until_heads_again(row: SheetRow, below: Sequence[SheetRow]) -> Sequence[SheetRow]:
    """Give the rows above a table with the same heads: of counts may be the one, and of money the next."""
    heads = [cell.text for cell in row.filled]
    again = (place for place, one in enumerate(below) if [cell.text for cell in one.filled] == heads)
    return below[: next(again, len(below))]


def _is_mere_sum(row: SheetRow, columns: Mapping[str, int]) -> bool:
    """Tell whether the amount's column, if any, is but a `Total` of no currency: of counts, it is no money."""
    head = row.cell(columns.get("amount", 0)).text
    return not head or bool(total_kind(head) and not text_currency(head))

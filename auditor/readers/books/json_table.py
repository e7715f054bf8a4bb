"""A table that is written as JSON: a list of objects, whose names are the heads of its columns (formats.md §3).

Names within an object of a line are joined to its own (`tax.rate`), and an amount beside its currency is one cell. What
the objects around the list say of the whole, such as its currency, stands in rows above the heads, and below the lines
what they come to and what is added to them.
"""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from itertools import islice
from typing import Any
from typing import TypeAlias

from auditor.language import currencies
from auditor.readers.books.json_keyed import unfolded
from auditor.readers.books.json_series import series_table
from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.books.workbook import MOST_CELLS
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.json_pairs import each_once
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import layer_named
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.vocabulary import title_field
from auditor.readers.values.words import exact
from auditor.readers.values.words import key

Scalar: TypeAlias = int | float | str | bool | None
_LARGEST = 64 << 20
# A number of more digits is no money that a spreadsheet could hold, but an id: it keeps all its digits as a text.
_DIGITS = 15
_FIRST = re.compile(r"(?:\[\s*|^\s*)(?=\{)")
# An object on a line of its own, and another below it.
_LINES = re.compile(r"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")
_NESTED = 4
_AMOUNTS = ("amount", "value")
# With three decimals it could as well be thousands, which no JSON writes.
_THREE_DECIMALS = re.compile(r"-?[0-9]+\.[0-9]{3}")
_FIGURE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def json_table(text: str) -> list[list[Scalar]] | None:
    """Give the head and the rows of a table that is written as JSON; None for any other text, or one of too much.

    It is a list of objects in none of which is a list, alone, as the only list within objects, or on a line each. The
    head holds their names in the order in which they first stand; above it and below all lines are the facts of the
    objects around the list, each in a row. It has no more cells than a workbook. Raises `KeyTwiceError`.
    """
    if len(text) > _LARGEST:
        return None
    try:
        stated = _stated(text)
        if series := series_table(stated):
            return series
        facts, lists = _taken_apart(unfolded(stated))
    except KeyTwiceError:
        raise
    except (ValueError, RecursionError):
        return None
    found = [_flat(one) for one in lists[0]] if len(lists) == 1 else []
    records = [one for one in found if one is not None]
    if len(records) < len(found):
        return None
    heads = list(dict.fromkeys(chain.from_iterable(records)))
    if not heads or len(heads) > COLUMNS or len(heads) * len(records) > MOST_CELLS:
        return None
    amount = next((place for place, head in enumerate(heads) if likeliest_field(head) == "amount"), 0)
    sums = [one for one in facts if amount and (total_kind(one[0]) or layer_named(one[0]))]
    above = ([name, fact] for name, fact in facts if (name, fact) not in sums)
    rows = ([record.get(head) for head in heads] for record in records)
    below = ([name, *[None] * (amount - 1), fact] for name, fact in sums)
    # The blank row keeps facts from being read as the upper part of the heads.
    return [*above, *([[]] if facts else []), [*heads], *rows, *below]


def _stated(text: str) -> Any:
    """Give what a text of JSON states, of one with an object on each line a list; other texts raise `ValueError`."""
    each = text.splitlines() if _LINES.match(text) else [text]
    found = [
        json.loads(one, parse_float=_figure, parse_int=_figure, object_pairs_hook=each_once)
        for one in each
        if one.strip()
    ]
    return found if len(found) > 1 else found[0]


def json_heads(head: str) -> tuple[str, ...]:
    """Give the names of a table's first row by the whole file, or its first part; none where that is no flat object."""
    with suppress(ValueError, RecursionError):
        _, lists = _taken_apart(unfolded(_stated(head)))
        if len(lists) == 1 and (record := _flat(lists[0][0])):
            return tuple(record)
    for start in islice(_FIRST.finditer(head), _NESTED):
        try:
            record = _flat(json.JSONDecoder(parse_int=str).raw_decode(head, start.end())[0])
        except (ValueError, RecursionError):
            record = None
        if record:
            return tuple(record)
    return ()


def _taken_apart(stated: Any, name: str = "") -> tuple[list[tuple[str, Scalar]], list[Sequence[Any]]]:
    """Give the facts of the objects around lists, and the lists that are not empty.

    An object without any says something of the whole where it is called as the document, its period or its totals are.
    """
    if money := _money(stated):
        return [(name, money)], []
    if not isinstance(stated, dict):
        return ([], [stated] if stated else []) if isinstance(stated, list) else ([(name, stated)], [])
    parts = {key: _taken_apart(value, key) for key, value in stated.items()}
    lists = [one for _, found in parts.values() for one in found]
    said = (
        facts
        for key, (facts, found) in parts.items()
        if found or not isinstance(stated[key], dict) or _money(stated[key]) or _is_of_document(key)
    )
    facts = list(chain.from_iterable(said))
    if title_field(name) == "period" and len(facts) == 2:
        facts = [(name, " - ".join(str(fact) for _, fact in facts))]
    return facts, lists


def _is_of_document(name: str) -> bool:
    """Tell the name of what holds facts of the whole document: itself, its period, its totals."""
    known = title_field(name) or total_kind(name) or exact(key(name), "sheets_of_sums")
    return bool(known) or "document" in {exact(key(name), "heads"), exact(key(name), "parts_of_documents")}


def _flat(record: Any, depth: int = 0) -> dict[str, Scalar] | None:
    """Give the fields of a line, of objects within it, too; None for what is no object, or holds a list."""
    if not isinstance(record, dict) or depth > _NESTED:
        return None
    fields: dict[str, Scalar] = {}
    for name, value in record.items():
        money = _money(value)
        if money or not isinstance(value, (dict, list)):
            fields[name] = money or value
        elif (inner := _flat(value, depth + 1)) is not None:
            fields |= {f"{name}.{key}": one for key, one in inner.items()}
        else:
            return None
    return fields


def _money(value: Any) -> str:
    """Give an amount with its currency, which an object states together; empty for any other value."""
    if not isinstance(value, dict):
        return ""
    codes = [one for one in value.values() if isinstance(one, str) and one.upper() in currencies()]
    figures = {name: str(one) for name, one in value.items() if _FIGURE.fullmatch(str(one))}
    stated = next((figures[name] for name in _AMOUNTS if name in figures), "")
    figure = stated or (next(iter(figures.values())) if len(figures) == 1 else "")
    if len(codes) != 1 or not figure or len(codes) + len(figures) < len(value):
        return ""
    return f"{codes[0].upper()} {figure}0" if _THREE_DECIMALS.fullmatch(figure) else f"{codes[0].upper()} {figure}"


def _figure(text: str) -> Scalar:
    """Give a number as a workbook would hold it, so that its mark is never in doubt; as text where that is too long."""
    if sum(map(str.isdigit, text)) > _DIGITS:
        return text
    return float(text) if set(text) & set(".eE") else int(text)

"""A table that is written as JSON: a list of flat objects, whose names are the heads of its columns (formats.md §3).

What the objects around the list say of the whole, such as its currency, stands in rows above the heads, and below the
lines what they come to and what is added to them.
"""

import json
import re
from collections.abc import Sequence
from itertools import chain
from typing import Any
from typing import TypeAlias

from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.books.workbook import MOST_CELLS
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.json_pairs import each_once
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import layer_named
from auditor.readers.values.vocabulary import likeliest_field

Scalar: TypeAlias = int | float | str | bool | None
_LARGEST = 64 << 20
# A number of more digits is no money that a spreadsheet could hold, but an id: it keeps all its digits as a text.
_DIGITS = 15
_FIRST = re.compile(r"\[\s*(?P<record>\{[^{}\[\]]*\})")


def json_table(text: str) -> list[list[Scalar]] | None:
    """Give the head and the rows of a table that is written as JSON; None for any other text, or one of too much.

    It is a list of objects none of whose values is a list or an object, alone or as the only list within objects. The
    head holds their names in the order in which they first stand; above it and below all lines are the facts of the
    objects around the list, each in a row. It has no more cells than a workbook. Raises `KeyTwiceError`.
    """
    if len(text) > _LARGEST:
        return None
    try:
        stated = json.loads(text, parse_float=_figure, parse_int=_figure, object_pairs_hook=each_once)
        facts, lists = _taken_apart(stated)
    except KeyTwiceError:
        raise
    except (ValueError, RecursionError):
        return None
    records = lists[0] if len(lists) == 1 and all(map(_is_flat, lists[0])) else ()
    heads = list(dict.fromkeys(chain.from_iterable(records)))
    if not heads or len(heads) > COLUMNS or len(heads) * len(records) > MOST_CELLS:
        return None
    amount = next((place for place, head in enumerate(heads) if likeliest_field(head) == "amount"), 0)
    sums = [one for one in facts if amount and (total_kind(one[0]) or layer_named(one[0]))]
    above = ([name, fact] for name, fact in facts if (name, fact) not in sums)
    rows = ([record.get(head) for head in heads] for record in records)
    below = ([name, *[None] * (amount - 1), fact] for name, fact in sums)
    return [*above, [*heads], *rows, *below]


def json_heads(head: str) -> tuple[str, ...]:
    """Give the names of a table's first row by the first part of the file; none where that is no flat object."""
    found = _FIRST.search(head)
    try:
        return tuple(json.loads(found["record"], parse_int=str)) if found else ()
    except ValueError:
        return ()


def _taken_apart(stated: Any, name: str = "") -> tuple[list[tuple[str, Scalar]], list[Sequence[Any]]]:
    """Give the facts of the objects around lists, and the lists that are not empty; an object without any says none."""
    if not isinstance(stated, dict):
        return ([], [stated] if stated else []) if isinstance(stated, list) else ([(name, stated)], [])
    parts = {key: _taken_apart(value, key) for key, value in stated.items()}
    lists = [one for _, found in parts.values() for one in found]
    inner = (
        fact for key, (facts, found) in parts.items() if found or not isinstance(stated[key], dict) for fact in facts
    )
    return list(inner), lists


def _is_flat(record: Any) -> bool:
    return isinstance(record, dict) and not any(isinstance(value, (dict, list)) for value in record.values())


def _figure(text: str) -> Scalar:
    """Give a number as a workbook would hold it, so that its mark is never in doubt; as text where that is too long."""
    if sum(map(str.isdigit, text)) > _DIGITS:
        return text
    return float(text) if set(text) & set(".eE") else int(text)

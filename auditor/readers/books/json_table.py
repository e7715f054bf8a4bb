"""A table that is written as JSON: a list of flat objects, whose names are the heads of its columns (formats.md §3)."""

import json
import re
from collections.abc import Sequence
from itertools import chain
from typing import Any
from typing import TypeAlias

from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.json_pairs import each_once

Scalar: TypeAlias = int | float | str | bool | None
_LARGEST = 64 << 20
# A number of more digits is no money that a spreadsheet could hold, but an id: it keeps all its digits as a text.
_DIGITS = 15
_FIRST = re.compile(r"\s*(?:\{[^{}\[\]]*)?\[\s*(?P<record>\{[^{}\[\]]*\})")


def json_table(text: str) -> list[list[Scalar]] | None:
    """Give the head and the rows of a table that is written as JSON; None for any other text, or one beyond 64 MB.

    It is a list of objects none of whose values is a list or an object, alone or as the only list of an object. The
    head holds their names in the order in which they first stand. Raises `KeyTwiceError`.
    """
    if len(text) > _LARGEST:
        return None
    try:
        stated = json.loads(text, parse_float=_figure, parse_int=_figure, object_pairs_hook=each_once)
    except KeyTwiceError:
        raise
    except (ValueError, RecursionError):
        return None
    records = _records(stated)
    heads = list(dict.fromkeys(chain.from_iterable(records)))
    return [[*heads], *([record.get(head) for head in heads] for record in records)] if heads else None


def json_heads(head: str) -> tuple[str, ...]:
    """Give the names of a table's first row by the first part of the file; none where that is no flat object."""
    found = _FIRST.match(head)
    try:
        return tuple(json.loads(found["record"], parse_int=str)) if found else ()
    except ValueError:
        return ()


def _records(stated: Any) -> Sequence[dict[str, Scalar]]:
    """Give the flat objects of the one list; nothing where there are several lists, or others in it."""
    lists = [value for value in stated.values() if isinstance(value, list)] if isinstance(stated, dict) else [stated]
    records = lists[0] if len(lists) == 1 and isinstance(lists[0], list) else ()
    return records if all(map(_is_flat, records)) else ()


def _is_flat(record: Any) -> bool:
    return isinstance(record, dict) and not any(isinstance(value, (dict, list)) for value in record.values())


def _figure(text: str) -> Scalar:
    """Give a number as a workbook would hold it, so that its mark is never in doubt; as text where that is too long."""
    if sum(map(str.isdigit, text)) > _DIGITS:
        return text
    return float(text) if set(text) & set(".eE") else int(text)

"""JSON whose objects are called by what they are of, `{"PE": {"marketing": {}}}`, as lists (formats.md §3)."""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from auditor.readers.values.places import place_named
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import likeliest_field

_NESTED = 6
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def unfolded(stated: Any, depth: int = 0) -> Any:
    """Give JSON with a list of objects for each object all of whose parts are objects called by one kind of name.

    That is days, categories or countries: the name becomes a field, and in a list that holds such objects what stands
    beside them holds for each.
    """
    if depth > _NESTED or not isinstance(stated, (dict, list)):
        return stated
    if isinstance(stated, list):
        made = [unfolded(one, depth + 1) for one in stated]
        return made if made == stated and not _are_groups(stated) else [line for one in made for line in _spread(one)]
    parts = {name: unfolded(value, depth + 1) for name, value in stated.items()}
    field = _field_of(stated)
    if not field:
        return parts
    return [{field: name, **line} for name, value in parts.items() for line in _spread(value)]


def _field_of(stated: Mapping[str, Any]) -> str:
    """Give the field that all names of an object's parts are of; empty if they are of none, or not all are objects."""
    if not stated or not all(isinstance(value, dict) and value for value in stated.values()):
        return ""
    fields = {_named(name) for name in stated}
    return fields.pop() if len(fields) == 1 else ""


def _named(name: str) -> str:
    meaning = category_meaning(name)
    if meaning and meaning.category:
        return "category"
    if any(place_named(name, prefer_country=True) or ()):
        return "country"
    return "date" if _DAY.fullmatch(name) else ""


def _are_groups(records: list[Any]) -> bool:
    """Tell objects that each hold the lines of one, such as an account, from lines that each hold their taxes.

    A line states an amount itself, beside any list within it.
    """
    lists = [[name for name, value in one.items() if _is_lines(value)] for one in records if isinstance(one, dict)]
    named = {name for one in records if isinstance(one, dict) for name, value in one.items() if not _is_lines(value)}
    fields = {*map(likeliest_field, named)}
    return (
        len(lists) == len(records) > 0 and all(len(one) == 1 for one in lists) and not fields & {"amount", "quantity"}
    )


def _spread(record: Any) -> Iterator[Any]:
    """Give a record as it is, or one for each line of the one list of objects within it."""
    if isinstance(record, list):
        yield from record
        return
    lists = [name for name, value in record.items() if _is_lines(value)] if isinstance(record, dict) else []
    if len(lists) != 1:
        yield record
        return
    beside = {name: value for name, value in record.items() if name != lists[0]}
    yield from ({**beside, **line} for line in record[lists[0]])


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)

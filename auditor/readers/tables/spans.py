"""Two columns of days that are beginning and end of a period (formats.md §4): `Periodo desde`, `Periodo hasta`."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from auditor.readers.tables.assigned import Assigned
from auditor.readers.values.vocabulary import EXACT
from auditor.readers.values.words import plain
from auditor.readers.values.words import vocabulary

_START, _END = "period_start", "period_end"
_OPEN = frozenset({"period", "day", _START, _END})


def with_spans(
    heads: Sequence[str], fields: Mapping[int, Assigned], with_days: frozenset[int]
) -> Mapping[int, Assigned]:
    """Give the fields of columns (from 1) with beginning and end of the period, of those `with_days` below them.

    They are two heads that the words for both tell apart and nothing else, or a period beside an end.
    """
    named = {one.field: column for column, one in fields.items() if one.basis == "head"}
    if {_START, _END} <= {one.field for one in fields.values()}:
        return fields
    headed = (column for column in with_days if column <= len(heads))
    free = frozenset(column for column in headed if column not in fields or _is_open(fields[column]))
    for start, end in _pairs(heads, free):
        others = {column: one for column, one in fields.items() if one.field not in {_START, _END}}
        return others | {start: Assigned(_START, "head", EXACT), end: Assigned(_END, "head", EXACT)}
    period = named.get("period", 0)
    if _END in named and period in with_days and fields[period].part is None:
        return {**fields, period: fields[period]._replace(field=_START)}
    return fields


def _is_open(assigned: Assigned) -> bool:
    return assigned.basis == "head" and assigned.field in _OPEN and assigned.part is None


def _pairs(heads: Sequence[str], free: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Give the columns whose heads are alike but for a word of beginning and one of end."""
    words = vocabulary()["spans"]
    ends: dict[tuple[str, ...], int] = {}
    for column in sorted(free, reverse=True):
        ends |= dict.fromkeys(_without(heads[column - 1], words["end"]), column)
    for column in sorted(free):
        for rest in _without(heads[column - 1], words["start"]):
            if ends.get(rest, column) != column:
                yield column, ends[rest]


def _without(head: str, marks: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Give the words of a head without one of these marks, if it has one."""
    words = plain(head).split()
    for place, word in enumerate(words):
        if word in marks:
            yield (*words[:place], *words[place + 1 :])

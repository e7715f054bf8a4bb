"""Messages that go both ways are a log, whatever they cost (formats.md §2).

A bill may name who wrote to whom beside each amount, too. It lists what was charged, which the business sent: where one
telephone stands as the sender of some rows and as the recipient of others, what customers wrote is there as well.
"""

import re
from collections.abc import Sequence

from auditor.readers.logs.words import STATUS
from auditor.readers.logs.words import hold_times
from auditor.readers.logs.words import spoken_fields

_TELEPHONE = re.compile(r"(?:whatsapp:)?\+?[0-9][0-9 ().-]{6,18}[0-9]")
_ENDS = ("from", "to")


def go_both_ways(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell a table of telephones that write and are written to, with the time and the status of each message."""
    fields = spoken_fields(heads)
    if STATUS not in fields or not {*_ENDS} <= fields.keys() or not hold_times(rows):
        return False
    sender, recipient = (_telephones(rows, [*heads].index(fields[end])) for end in _ENDS)
    return not sender.isdisjoint(recipient)


def _telephones(rows: Sequence[Sequence[str]], column: int) -> frozenset[str]:
    """Give the telephones of a column, by their digits."""
    cells = (row[column].strip() for row in rows if column < len(row))
    return frozenset(re.sub(r"[^0-9]", "", cell) for cell in cells if _TELEPHONE.fullmatch(cell))

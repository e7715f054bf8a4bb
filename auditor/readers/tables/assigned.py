"""What is known of a column before a table is read: its field, and what that rests on (formats.md §4)."""

from typing import NamedTuple

from auditor.readers.tables.wide import Part

CERTAIN = 90.0
"""How well a column fits, in percent, whose head leaves no doubt."""
BY_VALUES = 80.0
"""How well one fits whose values alone tell it."""


class Assigned(NamedTuple):
    """The field of a column, what that rests on (see `LayoutColumn`) and how well it fits, in percent."""

    field: str
    basis: str
    sure: float
    part: Part | None = None

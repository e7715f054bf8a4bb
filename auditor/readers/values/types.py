"""The types that a person may state of a column: text, number or date, and how these are written (window.md §1.2)."""

from auditor.readers.values.dates import ORDERS

TEXT, NUMBER, DATE = "text", "number", "date"
_MARKS = {"number_point": ".", "number_comma": ","}
TYPES = (TEXT, NUMBER, *_MARKS, DATE, *ORDERS)
"""A bare number or date is written as all of its column show; an order of day, month and year is a date's."""


def kind_of(stated: str) -> str:
    """Give the kind of a type: text, number or date; empty if none is stated."""
    return DATE if stated in ORDERS else NUMBER if stated in _MARKS else stated


def mark_of(stated: str) -> str:
    """Give the decimal mark that a type states; empty if it states none."""
    return _MARKS.get(stated, "")


def order_of(stated: str) -> str:
    """Give the order of day, month and year that a type states; empty if it states none."""
    return stated if stated in ORDERS else ""

"""Holding the types that a person states of columns against what these mean (window.md §1.2)."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.tables.headers import named_column
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.values.types import kind_of


def types_of(heads: Sequence[str], types: Mapping[str, str]) -> dict[int, str]:
    """Give the type stated of each column, by its place from 1.

    A column that is not there states nothing: of several sheets with the same heads one may have more of them.
    """
    return {column: stated for name, stated in types.items() if (column := named_column(heads, name))}


def with_types(columns: Sequence[LayoutColumn], heads: Sequence[str], types: Mapping[str, str]) -> list[LayoutColumn]:
    """Give columns of a table with the types stated of them."""
    stated = types_of(heads, types)
    return [replace(one, stated=stated.get(one.column, "")) for one in columns]


def check_type(head: str, stated: str, kind: str, place: Place) -> None:
    """Refuse a type that a column cannot be of by its meaning, whose values are of a kind: an amount is no text.

    Raises `AuditorError`: `column_no_text`, `column_no_number`, `column_no_date`.
    """
    if stated and kind_of(stated) != kind:
        raise AuditorError(f"column_no_{kind}", place, column=head)

"""Tables that are no message log as they stand: a column is lacking, twice there, or of a kind that loses what it held.

What is refused is refused whole, with what was looked for and what was found (formats.md §§1, 4).
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.logs.faults import IDS
from auditor.readers.logs.faults import REQUIRED
from auditor.readers.logs.faults import TIMES
from auditor.readers.logs.instants import holds_times
from auditor.readers.logs.words import DELIVERED
from auditor.readers.sql_text import FLOATS
from auditor.readers.sql_text import parquet_sql
from auditor.readers.sql_text import path_sql
from auditor.readers.sql_text import whole_sql
from auditor.readers.tables.profiles import squeezed

_SAYS_DELIVERED = ("deliver", "entreg")
# Letters of a text in Parquet: what one writes to another has 65,536 at most.
_LONGEST_TEXT = 1 << 17


def column_positions(names: Sequence[str], place: Place) -> dict[str, int]:
    """Find the position of each canonical column among the names of all. Refuses what is double."""
    found: dict[str, int] = {}
    for position, name in enumerate(names):
        if name in found:
            raise AuditorError("log_column_twice", place, column=name)
        if name:
            found[name] = position
    return found


def check_required(
    fields: Collection[str], heads: Sequence[str], place: Place, told: Collection[str] = frozenset()
) -> None:
    """Refuse a log without a column that none can do without; those that are `told` in other words it does not lack.

    One that tells everything but the business's number may be of the only one that the account names.
    """
    if not set(REQUIRED) <= set(fields):
        missing = [name for name in REQUIRED if name not in fields and name not in told] or [DELIVERED]
        if missing == ["phone_number_id"]:
            raise AuditorError("log_number_open", place, seen=_seen(heads))
        raise _lacking(missing, heads, place)


def _seen(heads: Sequence[str]) -> str:
    return ", ".join(filter(None, heads))[:500]


def _lacking(missing: Sequence[str], heads: Sequence[str], place: Place) -> AuditorError:
    seen = _seen(heads)
    return AuditorError("log_columns_missing", place, columns=", ".join(missing), seen=seen)


def refuse_unread_delivery(others: Sequence[str], heads: Sequence[str], place: Place) -> None:
    """Refuse a log whose only times of delivery stand under a head that is not understood: nothing would be charged."""
    if any(squeezed(head).startswith(_SAYS_DELIVERED) for head in others):
        raise _lacking([DELIVERED], heads, place)


def refuse_odd_kinds(kinds: dict[str, str], place: Place) -> None:
    """Refuse columns that hold lists or records, and such as should be times and are of a type that holds none."""
    for name, kind in kinds.items():
        if (
            kind.endswith("]")
            or kind.startswith(("STRUCT", "MAP", "UNION"))
            or (name in TIMES and not holds_times(kind))
        ):
            said = kind.partition("(")[0]
            raise AuditorError("log_column_odd_kind", replace(place, column=name), column=name, kind=said)


def refuse_float_ids(connection: duckdb.DuckDBPyConnection, raw: str, kinds: dict[str, str], place: Place) -> None:
    """Refuse ids held as floating numbers that may have lost digits: from the sixteenth on, or a part of one."""
    for name in IDS:
        kind = kinds.get(name, "")
        if kind in FLOATS:
            cell = f'"{name}"'
            lossy = f"NOT isnan({cell}) AND NOT ({whole_sql(cell, kind)})"
            first = connection.execute(
                f"SELECT source_row, {cell} FROM ({raw}) WHERE {lossy} ORDER BY source_row LIMIT 1"
            ).fetchone()
            if first:
                raise AuditorError("log_id_damaged", Place(place.file, row=first[0], column=name), value=first[1])


def refuse_endless_texts(connection: duckdb.DuckDBPyConnection, texts: Mapping[str, str], path: Path) -> None:
    """Refuse a Parquet file with a text that no table needs: kept once, it may stand in each of millions of rows.

    `texts` gives the SQL of each column of texts by head. No text is longer than all that a column keeps, so that only
    large columns are gone through, unless their texts are too long on average.
    """
    large = connection.execute(
        f"SELECT path_in_schema, bool_or(total_uncompressed_size > {_LONGEST_TEXT} * num_values) "
        f"FROM parquet_metadata({path_sql(path)}) WHERE total_uncompressed_size > {_LONGEST_TEXT} GROUP BY ALL"
    ).fetchall()
    for head, on_average in large:
        if head in texts and (on_average or _longest(connection, texts[head], path) > _LONGEST_TEXT):
            raise AuditorError("cell_too_long", Place(path.name, column=head), letters=f"{_LONGEST_TEXT:,}")


def _longest(connection: duckdb.DuckDBPyConnection, text: str, path: Path) -> int:
    found = connection.execute(f"SELECT max(strlen({text})) FROM {parquet_sql(path)}").fetchall()
    return found[0][0] or 0

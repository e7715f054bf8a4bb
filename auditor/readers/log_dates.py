"""Times of a log that are written day or month first, as spreadsheets write them: `05/11/2026 3:15:00 p. m.`.

Which comes first is decided by all times of the table together, never by one; where nothing decides it, it is asked.
"""

from collections.abc import Sequence

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.sql_text import text_sql

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
ORDERS = (DAY_FIRST, MONTH_FIRST)
_WRITTEN = "^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})"
_MONTHS = 12
_NOON = "(?i)^(.*[T ][0-9:.]+) *([ap])[. ]*m[.]?$"
_CLOCKS = ["%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p"]


def written_order(connection: duckdb.DuckDBPyConnection, source: str, cells: Sequence[str], place: Place) -> str:
    """Give the order in which the times in `cells` (SQL of text columns of `source`) are written; empty: none needed.

    Raises `AuditorError`: `dates_ambiguous`, `dates_conflict`.
    """
    if not cells:
        return ""
    each = " UNION ALL ".join(f"SELECT trim({cell}) AS t FROM {source}" for cell in cells)
    first, second = (f"regexp_extract(t, {text_sql(_WRITTEN)}, {part})::INTEGER" for part in (1, 2))
    found = connection.execute(
        f"SELECT max({first}), arg_max(t, {first}), max({second}), arg_max(t, {second}) FROM ({each}) "
        f"WHERE regexp_matches(t, {text_sql(_WRITTEN)})"
    ).fetchone()
    if found is None or found[0] is None:
        return ""
    by_day, by_month = found[0] > _MONTHS, found[2] > _MONTHS
    if by_day and by_month:
        raise AuditorError("dates_conflict", place, value=found[3])
    if not by_day and not by_month:
        raise AuditorError("dates_ambiguous", place, value=found[1])
    return DAY_FIRST if by_day else MONTH_FIRST


def in_order_sql(text: str, order: str) -> str:
    """Give SQL of a time with the year first and hours up to 24, where it is written otherwise."""
    month, day = ("\\2", "\\1") if order == DAY_FIRST else ("\\1", "\\2")
    turned = f"regexp_replace({text}, {text_sql(_WRITTEN)}, '\\3-{month}-{day}')"
    noon = f"regexp_replace({turned}, {text_sql(_NOON)}, '\\1 \\2m')"
    clocks = ", ".join(map(text_sql, _CLOCKS))
    halved = f"strftime(try_strptime({noon}, [{clocks}]), '%Y-%m-%d %H:%M:%S')"
    return f"CASE WHEN regexp_matches({text}, {text_sql(_NOON)}) THEN coalesce({halved}, {text}) ELSE {turned} END"

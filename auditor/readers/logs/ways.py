"""Telling from a log's cells who wrote to whom, where the words of its heads do not (formats.md §2.3)."""

from collections.abc import Mapping
from collections.abc import Sequence

import duckdb

from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.words import DIRECTION
from auditor.readers.logs.words import sender_head
from auditor.readers.logs.words import spoken_profile
from auditor.readers.logs.words import tells_way
from auditor.readers.sql_text import among_sql
from auditor.readers.tables.profiles import Profile


def profile_by_words(
    connection: duckdb.DuckDBPyConnection, heads: Sequence[str], texts: Mapping[str, str], source: str, numbers: int
) -> Profile | None:
    """Give the profile that the words of the heads make; where none tells directions, a column of such words does.

    Without one a table is taken for a report of what was sent, unless it has more senders than the account `numbers`:
    then customers wrote, too, and None is given. `texts` are the SQL of each column's text, `source` of the table.
    """
    profile = spoken_profile(heads)
    if profile is None or DIRECTION not in profile.missing:
        return profile
    few = f"(SELECT * FROM {source} LIMIT {FIRST_ROWS})"
    for head, words in tells_way(heads).items():
        cell = f"nullif(lower(trim({texts[head]})), '')"
        told = connection.execute(f"SELECT bool_and({among_sql(cell, words)}) FROM {few}").fetchall()
        if told[0][0]:
            return spoken_profile(heads, head)
    sender = sender_head(heads)
    if not sender:
        return profile
    senders = connection.execute(f"SELECT count(DISTINCT {texts[sender]}) FROM {few}").fetchall()
    return profile if senders[0][0] <= max(1, numbers) else None

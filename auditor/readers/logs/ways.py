"""Telling from a log's cells who wrote to whom, and what of, where the words of its heads do not (formats.md §2.3)."""

from collections.abc import Mapping
from collections.abc import Sequence

import duckdb

from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.words import DIRECTION
from auditor.readers.logs.words import SPOKEN
from auditor.readers.logs.words import sender_head
from auditor.readers.logs.words import spoken_profile
from auditor.readers.logs.words import tells
from auditor.readers.sql_text import among_sql
from auditor.readers.tables.profiles import Profile


def profile_by_words(
    connection: duckdb.DuckDBPyConnection, heads: Sequence[str], texts: Mapping[str, str], source: str, numbers: int
) -> Profile | None:
    """Give the profile that the words of the heads make; where none tells directions, a column of such words does.

    So does one of categories. Without directions a table is taken for a report of what was sent, unless it has more
    senders than the account `numbers`: then customers wrote, too, and None is given. `texts` are the SQL of each
    column's text, `source` of the table.
    """
    profile = spoken_profile(heads)
    if profile is None:
        return None
    few = f"(SELECT * FROM {source} LIMIT {FIRST_ROWS})"
    told = {}
    for field in (name for name in SPOKEN if name in profile.missing):
        for head, (words, decisive) in tells(field, heads).items():
            cell = f"nullif(lower(trim({texts[head]})), '')"
            test = f"bool_and({among_sql(cell, words)}) AND bool_or({among_sql(cell, decisive)})"
            if connection.execute(f"SELECT {test} FROM {few}").fetchall()[0][0]:
                told[field] = head
                break
    if told:
        profile = spoken_profile(heads, told) or profile
    sender = sender_head(heads)
    if DIRECTION not in profile.missing or not sender:
        return profile
    senders = connection.execute(f"SELECT count(DISTINCT {texts[sender]}) FROM {few}").fetchall()
    return profile if senders[0][0] <= max(1, numbers) else None

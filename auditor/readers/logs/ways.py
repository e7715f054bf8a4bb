"""Telling from a log's cells who wrote to whom, and what of, where the words of its heads do not (formats.md §2.3)."""

from collections.abc import Mapping
from collections.abc import Sequence
from itertools import islice

import duckdb

from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.words import DIRECTION
from auditor.readers.logs.words import SPOKEN
from auditor.readers.logs.words import sender_head
from auditor.readers.logs.words import spoken_profile
from auditor.readers.logs.words import tells
from auditor.readers.sql_text import among_sql
from auditor.readers.tables.profiles import Profile

# So many columns of which the head says nothing are looked into.
_MOST_OFFERS = 64


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
    told: dict[str, str] = {}
    for field in (name for name in SPOKEN if name in profile.missing):
        offers = dict(islice(tells(field, heads).items(), _MOST_OFFERS))
        tests = [_tells_sql(texts[head], *words) for head, words in offers.items()]
        answers = connection.execute(f"SELECT {', '.join(tests)} FROM {few}").fetchall()[0] if tests else ()
        found = next((head for head, answer in zip(offers, answers, strict=True) if answer), "")
        told |= {field: found} if found else {}
    if told:
        profile = spoken_profile(heads, told) or profile
    sender = sender_head(heads)
    if DIRECTION not in profile.missing or not sender:
        return profile
    senders = connection.execute(f"SELECT count(DISTINCT {texts[sender]}) FROM {few}").fetchall()
    return profile if senders[0][0] <= max(1, numbers) else None


def _tells_sql(text: str, words: Sequence[str], decisive: Sequence[str]) -> str:
    """Tell in SQL whether every cell of a column is one of the words, and one at least one that decides."""
    cell = f"nullif(lower(trim({text})), '')"
    return f"bool_and({among_sql(cell, words)}) AND bool_or({among_sql(cell, decisive)})"

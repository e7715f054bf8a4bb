"""Telling from a log's cells who wrote to whom, and what of, where the words of its heads do not (formats.md §2.3)."""

from collections.abc import Mapping
from collections.abc import Sequence
from itertools import islice

import duckdb

from auditor.core.records import Account
from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.words import DIRECTION
from auditor.readers.logs.words import SPOKEN
from auditor.readers.logs.words import parties
from auditor.readers.logs.words import spoken_profile
from auditor.readers.logs.words import tells
from auditor.readers.sql_text import among_sql
from auditor.readers.tables.identity import digits
from auditor.readers.tables.profiles import Profile

# So many columns of which the head says nothing are looked into.
_MOST_OFFERS = 64


def profile_by_words(
    connection: duckdb.DuckDBPyConnection,
    heads: Sequence[str],
    texts: Mapping[str, str],
    source: str,
    account: Account,
) -> Profile | None:
    """Give the profile that the words of the heads make; where none tells directions, a column of such words does.

    So does one of categories, and who wrote, where the account's numbers stand among senders and receivers. Without
    directions a table is taken for a report of what was sent, unless it has more senders than the account numbers:
    then customers wrote, too, and None is given. `texts` are the SQL of each column's text, `source` of the table.
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
    sender, receiver = parties(heads)
    if DIRECTION not in profile.missing or not sender:
        return profile
    own = _own_senders(connection, texts[sender], texts[receiver], source, account) if receiver else ()
    if own:
        return spoken_profile(heads, told, own)
    numbers = sum(len(waba.numbers) for waba in account.wabas)
    senders = connection.execute(f"SELECT count(DISTINCT {texts[sender]}) FROM {few}").fetchall()
    return profile if senders[0][0] <= max(1, numbers) else None


def _own_senders(
    connection: duckdb.DuckDBPyConnection, sender: str, receiver: str, source: str, account: Account
) -> Sequence[str]:
    """Give the senders, as they are written, that are the account's numbers; none unless they tell every direction.

    That is: one of both is the account's in every row, and both ways were taken.
    """
    numbers = [one for waba in account.wabas for one in waba.numbers]
    known = {known for one in numbers for known in (digits(one.phone), one.id, one.name.strip().lower())} - {""}
    bare = "coalesce(nullif(regexp_replace({0}, '[^0-9]', '', 'g'), ''), lower(trim({0})))"
    ours, theirs = (among_sql(bare.format(text), known) for text in (sender, receiver))
    asked = f"bool_and(({ours}) <> ({theirs})), bool_or({ours}), bool_or({theirs})"
    told = connection.execute(f"SELECT {asked} FROM {source}").fetchall()[0] if known else (False,)
    if not all(told):
        return ()
    found = connection.execute(f"SELECT DISTINCT lower(trim({sender})) FROM {source} WHERE {ours}").fetchall()
    return [text for (text,) in found]


def _tells_sql(text: str, words: Sequence[str], decisive: Sequence[str]) -> str:
    """Tell in SQL whether every cell of a column is one of the words, and one at least one that decides."""
    cell = f"nullif(lower(trim({text})), '')"
    return f"bool_and({among_sql(cell, words)}) AND bool_or({among_sql(cell, decisive)})"

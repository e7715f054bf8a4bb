"""Telling from a log's cells who wrote to whom, and what of, where the words of its heads do not (formats.md §2.3)."""

from collections.abc import Mapping
from collections.abc import Sequence
from itertools import islice

import duckdb

from auditor.core.records import Account
from auditor.readers.logs.clocks import clock_heads
from auditor.readers.logs.clocks import is_clock_sql
from auditor.readers.logs.clocks import with_clock_sql
from auditor.readers.logs.clocks import with_day_sql
from auditor.readers.logs.faults import TIMES
from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.words import DIRECTION
from auditor.readers.logs.words import SENT
from auditor.readers.logs.words import SPOKEN
from auditor.readers.logs.words import parties
from auditor.readers.logs.words import spoken_profile
from auditor.readers.logs.words import tells
from auditor.readers.sql_text import among_sql
from auditor.readers.tables.identity import digits
from auditor.readers.tables.profiles import Profile

# So many columns of which the head says nothing are looked into.
_MOST_OFFERS = 64
# Whom a cell names: its digits or, without any, its words.
_BARE = "coalesce(nullif(regexp_replace({0}, '[^0-9]', '', 'g'), ''), lower(trim({0})))"


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
    for field in (name for name in SPOKEN if name in profile.missing or name in profile.constants):
        offers = dict(islice(tells(field, heads).items(), _MOST_OFFERS))
        tests = [_tells_sql(texts[head], *words) for head, words in offers.items()]
        answers = connection.execute(f"SELECT {', '.join(tests)} FROM {few}").fetchall()[0] if tests else ()
        found = next((head for head, answer in zip(offers, answers, strict=True) if answer), "")
        told |= {field: found} if found else {}
    if told:
        profile = spoken_profile(heads, told) or (None if DIRECTION in told else profile)
    if profile is None:
        return None
    sender, receiver = parties(heads)
    if DIRECTION not in profile.missing or not sender:
        known = _own_names(account)
        ours = among_sql(_BARE.format(texts[sender]), known) if sender and known else "false"
        mixed = profile.constants and connection.execute(f"SELECT bool_or({ours}) FROM {few}").fetchall()[0][0]
        return None if mixed else profile
    own = _own_senders(connection, texts[sender], texts[receiver], source, account) if receiver else ()
    if own:
        return spoken_profile(heads, told, own)
    numbers = sum(len(waba.numbers) for waba in account.wabas)
    senders = connection.execute(f"SELECT count(DISTINCT {texts[sender]}) FROM {few}").fetchall()
    return profile if senders[0][0] <= max(1, numbers) else None


def with_days(
    connection: duckdb.DuckDBPyConnection, heads: Sequence[str], texts: Mapping[str, str], source: str, profile: Profile
) -> Mapping[str, str]:
    """Give the SQL of each column's text with the hour beside its day, and times of day on the day of their row."""
    clocks = clock_heads(heads)
    told = {**texts, **{day: with_clock_sql(texts[day], texts[clock]) for day, clock in clocks.items()}}
    by_field = {one.field: one.head for one in reversed(profile.columns) if one.field in TIMES and one.head in told}
    sent = by_field.pop(SENT, "")
    others = [head for head in dict.fromkeys(by_field.values()) if sent and head not in (sent, *clocks)]
    if not others:
        return told
    tests = ", ".join(f"coalesce(bool_or({is_clock_sql(told[head])}), false)" for head in others)
    found = connection.execute(f"SELECT {tests} FROM (SELECT * FROM {source} LIMIT {FIRST_ROWS})").fetchall()[0]
    bare = [head for head, alone in zip(others, found, strict=True) if alone]
    return {**told, **{head: with_day_sql(told[head], told[sent]) for head in bare}}


def _own_senders(
    connection: duckdb.DuckDBPyConnection, sender: str, receiver: str, source: str, account: Account
) -> Sequence[str]:
    """Give the senders, as they are written, that are the account's numbers; none unless they tell every direction.

    That is: one of both is the account's in every row, and both ways were taken.
    """
    known = _own_names(account)
    ours, theirs = (among_sql(_BARE.format(text), known) for text in (sender, receiver))
    asked = f"bool_and(({ours}) <> ({theirs})), bool_or({ours}), bool_or({theirs})"
    told = connection.execute(f"SELECT {asked} FROM {source}").fetchall()[0] if known else (False,)
    if not all(told):
        return ()
    found = connection.execute(f"SELECT DISTINCT lower(trim({sender})) FROM {source} WHERE {ours}").fetchall()
    return [text for (text,) in found]


def _own_names(account: Account) -> frozenset[str]:
    """Give the digits, ids and names of the account's numbers."""
    numbers = [one for waba in account.wabas for one in waba.numbers]
    return frozenset(
        known for one in numbers for known in (digits(one.phone), one.id, one.name.strip().lower()) if known
    )


def _tells_sql(text: str, words: Sequence[str], decisive: Sequence[str]) -> str:
    """Tell in SQL whether every cell of a column is one of the words, and one at least one that decides."""
    cell = f"nullif(lower(trim({text})), '')"
    return f"bool_and({among_sql(cell, words)}) AND bool_or({among_sql(cell, decisive)})"

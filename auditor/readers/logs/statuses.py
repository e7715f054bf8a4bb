"""What the cells of a log's statuses say in other words than ours: `message.delivered`, `DELIVRD` (§2.3)."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import duckdb

from auditor.core.records import NOTHING
from auditor.readers.logs.cell_words import words_for
from auditor.readers.logs.words import DELIVERED
from auditor.readers.logs.words import STATUS
from auditor.readers.logs.words import spoken_fields
from auditor.readers.tables.profiles import Conditions
from auditor.readers.tables.profiles import Profile
from auditor.readers.values.words import plain
from auditor.readers.values.words import vocabulary

# So many different words of a column are looked at, the commonest first, and so many of those that nobody knows named.
_MOST, _MOST_NAMED = 256, 12


class Statuses(NamedTuple):
    """The cells of a column of statuses: which word of ours each of them stands for, and which are of none.

    `came` are those of messages that customers wrote. `unread` tell what nobody understands, where delivery depends on
    it: no column but this one says what was delivered.
    """

    head: str = ""
    known: Mapping[str, str] = NOTHING
    came: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


NO_STATUSES = Statuses()


def statuses(
    connection: duckdb.DuckDBPyConnection, heads: Sequence[str], texts: Mapping[str, str], source: str, few: str
) -> Statuses:
    """Look at the statuses of a table: `texts` are the SQL of each column's text, `source` of the table.

    Those of its first rows (`few`) will do where another column tells what was delivered; else each may cost a charge.
    """
    fields = spoken_fields(heads)
    head = fields.get(STATUS, "")
    if not head:
        return NO_STATUSES
    rows = few if DELIVERED in fields else source
    asked = f"SELECT lower(trim({texts[head]})) AS c FROM {rows} WHERE trim({texts[head]}) <> ''"
    cells = [
        cell
        for (cell,) in connection.execute(
            f"SELECT c FROM ({asked}) GROUP BY c ORDER BY count(*) DESC, c LIMIT {_MOST}"
        ).fetchall()
    ]
    came = tuple(cell for cell in cells if plain(cell) in _incoming())
    known = {cell: word for cell in cells if cell not in came and (word := _word_of(cell))}
    others = sorted(cell for cell in cells if cell not in known and cell not in came)
    named = (*others[:_MOST_NAMED], "\u2026") if len(others) > _MOST_NAMED else tuple(others)
    return Statuses(head, known, came, () if DELIVERED in fields else named)


def worded_as(profile: Profile, found: Statuses) -> Profile:
    """Let the cells of a column of statuses meet the conditions of the words of ours that they stand for."""
    told = {cell: word for cell, word in found.known.items() if cell != word}
    if not told:
        return profile
    columns = tuple(replace(one, when=_meeting(one.when, found.head, told)) for one in profile.columns)
    rules = tuple(replace(one, when=_meeting(one.when, found.head, told)) for one in profile.rules)
    return replace(profile, columns=columns, rules=rules)


def _meeting(when: Conditions, head: str, told: Mapping[str, str]) -> Conditions:
    if head not in when:
        return when
    words = when[head]
    more = [f"{sign}{cell}" for cell, word in told.items() for sign in ("", "!") if f"{sign}{word}" in words]
    return {**when, head: (*words, *more)}


def _word_of(cell: str) -> str:
    """Give the word of ours that a cell stands for: the very one, one among words that add nothing, a failure's cause.

    That stands behind its name: `Error: número inválido`.
    """
    around, (first, cause, _) = vocabulary()["log_events"]["around"], cell.partition(":")
    said = plain(cell)
    known = _words().get(said) or _words().get(" ".join(word for word in said.split() if word not in around), "")
    failed = _words().get(plain(first), "") if cause else ""
    return known or (failed if failed in words_for(STATUS)["failed"] else "")


@cache
def _words() -> Mapping[str, str]:
    known = [*vocabulary()["log_history"]["earlier"], *(word for words in words_for(STATUS).values() for word in words)]
    return {plain(word): word for word in known}


@cache
def _incoming() -> frozenset[str]:
    return frozenset(map(plain, vocabulary()["log_events"]["inbound"]))

"""Telling from a log's cells who wrote to whom, and what of, where the words of its heads do not (formats.md §2.3)."""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import islice

import duckdb

from auditor.core.records import NOTHING
from auditor.core.records import Account
from auditor.readers.logs.cell_words import DIRECTION
from auditor.readers.logs.cell_words import OWNED
from auditor.readers.logs.cell_words import SPOKEN
from auditor.readers.logs.cell_words import is_owner
from auditor.readers.logs.cell_words import words_for
from auditor.readers.logs.cell_words import words_of_cells
from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.statuses import Statuses
from auditor.readers.logs.statuses import statuses
from auditor.readers.logs.statuses import worded_as
from auditor.readers.logs.words import SENT
from auditor.readers.logs.words import parties
from auditor.readers.logs.words import spoken_fields
from auditor.readers.logs.words import spoken_profile
from auditor.readers.sql_text import among_sql
from auditor.readers.sql_text import text_sql
from auditor.readers.tables.identity import digits
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import squeezed
from auditor.readers.values.words import vocabulary

# So many columns of which the head says nothing are looked into.
_MOST_OFFERS = 64
_ADDRESS = "[0-9]{7,18}(:[0-9]+)?@(c[.]us|s[.]whatsapp[.]net)"
_BARE_ID = "id"
_KINDS = ("0", "1", "2", "3")
# Whom a cell names: its digits or, without any, its words.
_BARE = "coalesce(nullif(regexp_replace({0}, '[^0-9]', '', 'g'), ''), lower(trim({0})))"


def profile_by_words(
    connection: duckdb.DuckDBPyConnection,
    heads: Sequence[str],
    texts: Mapping[str, str],
    source: str,
    account: Account,
) -> tuple[Profile | None, Statuses]:
    """Give the profile that the words of the heads make, and what the cells of its statuses say.

    Where no head tells directions, a column of such words does, or statuses that name what customers wrote. So does a
    column of categories, and one of WhatsApp's own addresses tells customers; and who wrote is told where the
    account's numbers stand among senders and receivers. Without directions a table is taken for a report of what was
    sent, unless it has more senders than the account numbers, or its kinds of messages are numbers (0 may have come
    and 1 gone): then no profile is given. `texts` are the SQL of each column's text, `source` of the table.
    """
    few = f"(SELECT * FROM {source} LIMIT {FIRST_ROWS})"
    said = statuses(connection, heads, texts, source, few)
    told = {**_addressed(connection, heads, texts, few), **_with_metas_ids(connection, heads, texts, few)}
    profile = spoken_profile(heads, told)
    if profile is None and not _lacks_direction({**spoken_fields(heads), **told}):
        return None, said
    open_ = {DIRECTION} if profile is None else {*profile.missing, *profile.constants}
    told |= _told_by_words(connection, heads, texts, few, open_)
    came = said.came if DIRECTION in open_ - told.keys() else ()
    if told or came:
        profile = spoken_profile(heads, told, came=came) or (None if DIRECTION in told else profile)
    if profile is None and not told and parties(heads)[1]:
        profile = _of_own_numbers(connection, heads, texts, source, account)
        return (worded_as(profile, said) if profile else None), said
    if profile is None or (DIRECTION in profile.missing and _numbers_kinds(connection, heads, texts, few)):
        return None, said
    profile = _by_parties(connection, profile, heads, texts, source, account, told)
    return (worded_as(profile, said) if profile else None), said


def _told_by_words(
    connection: duckdb.DuckDBPyConnection,
    heads: Sequence[str],
    texts: Mapping[str, str],
    few: str,
    open_: Collection[str],
) -> Mapping[str, str]:
    """Give the columns whose cells tell a field of `SPOKEN` that is open."""
    told: dict[str, str] = {}
    for field in (name for name in SPOKEN if name in open_):
        offers = dict(islice(_tells(field, heads).items(), _MOST_OFFERS))
        tests = [_tells_sql(texts[head], words, _customers(field)) for head, words in offers.items()]
        answers = connection.execute(f"SELECT {', '.join(tests)} FROM {few}").fetchall()[0] if tests else ()
        found = next((head for head, answer in zip(offers, answers, strict=True) if answer), "")
        told |= {field: found} if found else {}
    return told


def _addressed(
    connection: duckdb.DuckDBPyConnection, heads: Sequence[str], texts: Mapping[str, str], few: str
) -> Mapping[str, str]:
    """Give the column of customers that no head names, if all its cells are WhatsApp's addresses: `51...@c.us`."""
    fields = spoken_fields(heads)
    if not {"user", "from", "to"}.isdisjoint(fields):
        return NOTHING
    head = _all_of(connection, f"regexp_full_match(trim({{0}}), {text_sql(_ADDRESS)})", heads, texts, few)
    return {"user": head} if head else NOTHING


def _with_metas_ids(
    connection: duckdb.DuckDBPyConnection, heads: Sequence[str], texts: Mapping[str, str], few: str
) -> Mapping[str, str]:
    """Give the column of Meta's own ids of messages, `wamid.…`, where no head but a bare `ID` tells of any."""
    fields = spoken_fields(heads)
    if squeezed(fields.get("message_id", _BARE_ID)) != _BARE_ID:
        return NOTHING
    head = _all_of(connection, "starts_with(trim({0}), 'wamid.')", heads, texts, few)
    return {"message_id": head} if head else NOTHING


def _all_of(
    connection: duckdb.DuckDBPyConnection, test: str, heads: Sequence[str], texts: Mapping[str, str], few: str
) -> str:
    """Give the first column that no head names, all of whose cells, `{0}` in SQL, stand a test; empty if none."""
    named = spoken_fields(heads).values()
    others = [head for head in heads if head.strip() and head not in named][:_MOST_OFFERS]
    tests = [f"bool_and({test.replace('{0}', texts[head])})" for head in others]
    found = connection.execute(f"SELECT {', '.join(tests)} FROM {few}").fetchall()[0] if tests else ()
    return next((head for head, answer in zip(others, found, strict=True) if answer), "")


def _by_parties(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    heads: Sequence[str],
    texts: Mapping[str, str],
    source: str,
    account: Account,
    told: Mapping[str, str],
) -> Profile | None:
    """Give the profile as senders and receivers let it be; None where they leave open who wrote."""
    few = f"(SELECT * FROM {source} LIMIT {FIRST_ROWS})"
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


def _of_own_numbers(
    connection: duckdb.DuckDBPyConnection,
    heads: Sequence[str],
    texts: Mapping[str, str],
    source: str,
    account: Account,
) -> Profile | None:
    """Give the profile of senders and receivers among which the account's own numbers tell every direction."""
    sender, receiver = parties(heads)
    own = _own_senders(connection, texts[sender], texts[receiver], source, account) if sender else ()
    return spoken_profile(heads, own=own) if own else None


def _numbers_kinds(
    connection: duckdb.DuckDBPyConnection, heads: Sequence[str], texts: Mapping[str, str], few: str
) -> bool:
    """Tell whether a column of kinds of messages holds several of the first numbers, and nothing else."""
    kinds = {squeezed(word) for word in vocabulary()["log_kinds"]["heads"]}
    cells = [f"nullif(trim({texts[head]}), '')" for head in heads if squeezed(head) in kinds]
    tests = [f"bool_and({among_sql(cell, _KINDS)}) AND count(DISTINCT {cell}) > 1" for cell in cells]
    return bool(tests) and any(connection.execute(f"SELECT {', '.join(tests)} FROM {few}").fetchall()[0])


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


def _tells_sql(
    text: str, words: tuple[Sequence[str], Sequence[str]], customers: tuple[Sequence[str], Sequence[str]]
) -> str:
    """Tell in SQL whether every cell of a column is one of the first words, and one at least one of the others.

    A user may be a customer, but beside customers who are called so he is one of the business: then nothing is told.
    """
    cell = f"nullif(lower(trim({text})), '')"
    either = " AND ".join(f"bool_or({among_sql(cell, names)})" for names in customers if names)
    both = f" AND NOT coalesce({either}, false)" if either else ""
    return f"bool_and({among_sql(cell, words[0])}) AND bool_or({among_sql(cell, words[1])}){both}"


def _tells(field: str, heads: Sequence[str]) -> Mapping[str, tuple[Sequence[str], Sequence[str]]]:
    """Give the columns whose words may tell a field of `SPOKEN`, as their heads say nothing else, and these words.

    Besides those of them of which one at least must stand there: what has none is no column of categories.
    """
    said = {head for name, head in spoken_fields(heads).items() if name != "from"}
    known = words_of_cells()[field]
    # What was received may have been so by a customer, but where a head says that it is of kinds.
    also = {*words_for("status")["sent"], *words_for("status")["received"]} if field == DIRECTION else set()
    kinds = {squeezed(word) for word in vocabulary()["log_kinds"]["heads"]}
    found = {}
    for head in heads:
        if not head.strip() or head in said:
            continue
        words = [word for word in known if word not in also or squeezed(head) in kinds]
        machines = vocabulary()["log_senders"]["machine"] if field == DIRECTION else ()
        decisive = [word for word in words if known[word] and word not in machines]
        if field == DIRECTION and is_owner(head):
            words = decisive = [*OWNED]
        elif field == DIRECTION and squeezed(head) in kinds:
            words = [*words, *vocabulary()["log_kinds"]["templates"]]  # which only the business sends
        found[head] = (words, decisive)
    return found


def _customers(field: str) -> tuple[Sequence[str], Sequence[str]]:
    """Give the words for who may be a customer, and for who is one, in a column that tells directions."""
    words = vocabulary()["log_senders"] if field == DIRECTION else {}
    return words.get("perhaps", ()), words.get("sure", ())


def _lacks_direction(fields: Mapping[str, str]) -> bool:
    """Tell the fields of single messages, with ids and times, that lack nothing but which way they went."""
    named = "user" in fields or fields.keys() >= {"from", "to"}
    return named and fields.keys() >= {"message_id", SENT} and DIRECTION not in fields

"""The message log of an audit file as the engine's columns: hashed and coded by DuckDB, never Python objects."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt

from auditor.core.kinds import AGENT
from auditor.core.kinds import API
from auditor.core.kinds import APP
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import FAILED
from auditor.core.kinds import ORIGIN_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import REFERRAL
from auditor.core.kinds import REFERRAL_KNOWN
from auditor.core.kinds import TEMPLATES
from auditor.core.logged import BILLABLE
from auditor.core.logged import BILLABLE_SHIFT
from auditor.core.logged import CATEGORIES
from auditor.core.logged import CATEGORY_SHIFT as LOGGED_CATEGORY_SHIFT
from auditor.core.logged import MODEL_SHIFT
from auditor.core.logged import MODELS
from auditor.core.logged import NOT_BILLABLE
from auditor.core.logged import OTHER_CATEGORY
from auditor.core.logged import OTHER_TYPE
from auditor.core.logged import TYPE_SHIFT
from auditor.core.logged import TYPES
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.rows import ROW_KINDS
from auditor.core.tables import NEVER
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.project.columns import FILE_SHIFT
from auditor.project.columns import Columns
from auditor.project.columns import batches

_AT_ONCE = 1000  # rows that are handed on at once: no other thread runs meanwhile
_FEW = 16  # rows that are sooner named one by one than joined with
_TEMPLATES = 100  # names that are told apart: a column of something else has as many as rows
_ORIGINS = {"api": API, "app": APP, "agent": AGENT}
# A phone number is its own key; longer ones, or with a leading zero, keep four digits for their market as `+1234`.
_NUMBER = 'try_cast("user" as bigint)'
_PHONE = f'coalesce({_NUMBER} between 1 and 999999999999999999 and {_NUMBER}::varchar = "user", false)'
# Few users can be such a number at all: the others are spared the pattern.
_COUNTRY = (
    'case when ("user" < \'1\' or strlen("user") > 18) and regexp_full_match("user", \'[0-9]+\') '
    "then '+' || left(\"user\", 4) else upper(country) end"
)
USER_KEY = f'case when {_PHONE} then "user"::bigint else -2 - (hash("user") >> 2)::bigint end'
"""SQL of the key by which the engine knows a user."""


_LOGGED_COLUMNS = ("pricing_model", "pricing_type", "pricing_category", "billable")
_LOGGED = "regexp_replace(replace(lower(pricing_{}), '-', '_'), 'group_', '')"


def _cases(column: str, words: Mapping[str, int], shift: int, other: int = 0) -> str:
    arms = " ".join(f"when '{word}' then {int(code) << shift}" for word, code in words.items())
    rest = f"case when {column} is null then 0 else {other << shift} end" if other else "0"
    return f"(case {column} {arms} else {rest} end)"


_OF_KIND = f" | (case when failed_at is null then 0 else {FAILED} end)"
# 32 bits of a message id that owe nothing to `id_hash`: a sign before it moves every other one within the words that
# are hashed, and costs less than turning it round.
_SECOND = "(hash(':' || message_id) >> 32)::uinteger"
# The columns of `Messages` that are instants, and where they come from.
_TIMES = {
    "sent": "sent_at", "delivered": "delivered_at", "read": "read_at", "failed": "failed_at",
    "expires": "conversation_expires_at",
}  # fmt: skip
_SQL_KINDS = {
    np.int16: "smallint", np.int32: "integer", np.int64: "bigint", np.uint16: "usmallint", np.uint64: "ubigint"
}  # fmt: skip


class StoredLog:
    """The `Rows` of the files in force, in the order of import. `names` looks up what the columns only hash."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Sequence[int],
        account: Account,
        progress: Progress = unwatched,
    ) -> None:
        """Get to know these files' rows."""
        self._connection = connection
        self._progress = progress
        # Not `in (...)`: from five numbers on that becomes a join, which does not keep the rows in their order.
        arms = " ".join(f"when {number} then true" for number in files)
        self._from = f"message where case file {arms} else false end" if files else "message where false"
        asked = ("*", "waba_id", "conversation_expires_at", "failed_at", *_LOGGED_COLUMNS)
        self._size, owned, expiring, failed, *logged = self._counts(*asked)
        self._first, last, self._phones, self._placed = self._span()
        self._country = "upper(country)" if self._phones else _COUNTRY
        self.numbers, wabas, self.countries, self.groups, paid, limits = self._texts(
            "phone_number_id", "waba_id", self._country, "group_id", "logged_amount", "max_price"
        )
        self._amounts = tuple(sorted({*paid, *limits}))
        self.amounts = tuple(Decimal(text) for text in self._amounts)
        self._wabas = tuple(one.id for one in account.wabas)
        self._sql = self._columns()
        self._without_gap = last - self._first + 1 == self._size
        owners = wabas if owned == self._size else ()
        self.constants = self._constants(owners, expires=not expiring, logged=not any(logged))
        self._alike = self.constants if failed else {**self.constants, "failed": int(NEVER)}
        self._whole: Messages | None = None
        self._stored_rows: Int64 | None = None

    def __len__(self) -> int:
        """Give the number of rows."""
        return self._size

    def users_of_one_key(self) -> list[str]:
        """Give two users who have one key, if any; a phone number is its own key."""
        both = f'select min("user"), max("user") from {self._from} and not ({_PHONE}) group by {self._sql["user"]}'  # noqa: S608 - own names
        found = self._connection.execute(f'{both} having min("user") <> max("user") limit 1').fetchall()
        return [str(user) for pair in found for user in pair]

    def batches(self) -> Iterator[Columns]:
        """Give the columns of all rows, batch by batch, with the `second` hash of each."""
        return self._all_columns(f"{_SECOND} as second")

    def with_origins(self) -> Iterator[Columns]:
        """Give the columns of all rows, batch by batch, with the `rowid` of each (`origin`) and its `second` hash."""
        return self._all_columns(f"rowid as origin, {_SECOND} as second")

    def _all_columns(self, more: str) -> Iterator[Columns]:
        """Give all columns and some more; those that are alike in every row are not read."""
        at = 0
        read = [name for name in ROW_KINDS if name not in self.constants]
        same = {name: np.array(value, ROW_KINDS[name]) for name, value in self.constants.items()}
        for batch in self._read(read, _OF_KIND, more):
            count = len(batch["user"])
            at += count
            self._progress("load", at, self._size)
            yield batch | {name: np.broadcast_to(value, count) for name, value in same.items()}

    def ranked_rows(self, rows: Int64) -> Int64:
        """Give the order of rows of `messages` by message id."""
        return self.ranked(self._origins(rows))

    def ranked(self, origins: Int64) -> Int64:
        """Give the order of rows, known by their `rowid`, by message id."""
        asked = {"asked": origins, "place": np.arange(len(origins), dtype=np.int64)}
        self._connection.register("asked", asked)
        try:
            query = (
                "select asked.place from asked join message on message.rowid = asked.asked "
                "order by message.message_id, asked.place"
            )
            found = self._connection.execute(query).fetchnumpy()["place"]
        finally:
            self._connection.unregister("asked")
        ranks = np.empty(len(origins), np.int64)
        ranks[np.asarray(found, np.int64)] = np.arange(len(origins))
        return ranks

    def whole(self) -> Messages:
        """Give all rows as columns in memory; they are kept from then on. What is alike in all takes no room."""
        if self._whole is None:
            names = [name for name in self._sql if name not in self._alike]
            made = {name: np.empty(self._size, _kind_of(name)) for name in names}
            at = 0
            for batch in self._read(names):
                end = at + len(batch["user"])
                for name, column in batch.items():
                    made[name][at:end] = column
                at = end
            same = {name: np.array(value, _kind_of(name)) for name, value in self._alike.items()}
            made |= {name: np.broadcast_to(value, self._size) for name, value in same.items()}
            self._whole = Messages(
                **made, numbers=self.numbers, wabas=self._wabas, countries=self.countries, groups=self.groups,
                amounts=self.amounts,
            )  # fmt: skip
        return self._whole

    def templates(self) -> tuple[tuple[str, ...], Int32]:
        """Give the names of templates, the commonest first, and each row's place among them (-1: of none of these)."""
        often = "group by template_name order by count(*) desc, template_name"
        query = f"select template_name from {self._from} and template_name is not null {often} limit {_TEMPLATES}"  # noqa: S608 - own names
        names = tuple(str(name) for (name,) in self._connection.execute(query).fetchall())
        made, at = np.full(self._size, -1, np.int32), 0
        query = f"select ({_place(names, 'template_name')})::integer as template from {self._from}"  # noqa: S608 - own names
        for batch in batches(self._connection, query) if names else ():
            end = at + len(batch["template"])
            made[at:end] = batch["template"]
            at = end
        return names, made

    @property
    def stored_rows(self) -> Int64:
        """Give the `rowid` of each row in the table `message`."""
        if self._stored_rows is None:
            query = f"select rowid as row from {self._from}"  # noqa: S608 - own names
            self._stored_rows = self._found(query)
        return self._stored_rows

    def _found(self, query: str, values: Sequence[str] = ()) -> Int64:
        """Give the `rowid`s, named `row`, that a query finds."""
        found = [batch["row"].copy() for batch in batches(self._connection, query, values)]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def _origins(self, rows: Int64) -> Int64:
        """Give the `rowid` of rows: mostly they lie without a gap, so that it need not be read."""
        return rows + self._first if self._without_gap else self.stored_rows[rows]

    def _read(self, names: Sequence[str], of_kind: str = "", more: str = "") -> Iterator[Columns]:
        selected = ", ".join(
            f'({self._sql[name]}{of_kind if name == "kind" else ""})::{_SQL_KINDS[_kind_of(name)]} as "{name}"'
            for name in names
        )
        selected += f", {more}" if more else ""
        return batches(self._connection, f"select {selected} from {self._from}")  # noqa: S608 - own names

    def _columns(self) -> Mapping[str, str]:
        """Give the SQL of every column."""
        kind = " | ".join((
            f"(case direction when 'outbound' then {OUTBOUND} else 0 end)",
            _cases("template_category", TEMPLATES, CATEGORY_SHIFT),
            _cases("origin", _ORIGINS, ORIGIN_SHIFT),
            f"(case when referral is null then 0 else {REFERRAL_KNOWN} end)",
            f"(case when referral then {REFERRAL} else 0 end)",
        ))  # fmt: skip
        logged = " | ".join((
            _cases("lower(pricing_model)", MODELS, MODEL_SHIFT),
            _cases(_LOGGED.format("type"), TYPES, TYPE_SHIFT, OTHER_TYPE),
            _cases(_LOGGED.format("category"), CATEGORIES, LOGGED_CATEGORY_SHIFT, OTHER_CATEGORY),
            _cases("billable", {"true": BILLABLE, "false": NOT_BILLABLE}, BILLABLE_SHIFT),
        ))  # fmt: skip
        return {
            "number": _place(self.numbers, "phone_number_id"),
            "waba": _place(tuple(dict.fromkeys(self._wabas)), "waba_id"),
            "user": '"user"::bigint' if self._phones else USER_KEY,
            "country": _place(self.countries, self._country),
            "group": _place(self.groups, "group_id"),
            "id_hash": "hash(message_id)",
            "kind": kind,
            **{name: f"coalesce({stored}, {int(NEVER)})" for name, stored in _TIMES.items()},
            "paid": _place(self._amounts, "logged_amount"),
            "limit": _place(self._amounts, "max_price"),
            "logged": logged,
        }

    def _texts(self, *expressions: str) -> list[tuple[str, ...]]:
        """Give the distinct texts of each expression, in order."""
        lists = ", ".join(f"list(distinct ({one})::varchar)" for one in expressions)
        found = self._connection.execute(f"select {lists} from {self._from}").fetchall()[0]  # noqa: S608 - own names
        return [tuple(sorted(text for text in texts or () if text is not None)) for texts in found]

    def _counts(self, *columns: str) -> list[int]:
        """Count the rows in which each column says something; `*` counts them all."""
        counts = ", ".join(f"count({column})" for column in columns)
        return [int(count) for count in self._connection.execute(f"select {counts} from {self._from}").fetchall()[0]]  # noqa: S608 - own names

    def _span(self) -> tuple[int, int, bool, bool]:
        """Give the first and last `rowid`, whether all users are known to be phone numbers, and rows have a `place`."""
        names = [row[0] for row in self._connection.execute("select * from message limit 0").description]
        # A log that was copied into the audit has no such columns.
        placed = "phones" in names
        phones = "coalesce(bool_and(phones), false)" if placed else "false"
        query = f"select coalesce(min(rowid), 0), coalesce(max(rowid), 0), {phones} from {self._from}"  # noqa: S608 - own names
        first, last, known = self._connection.execute(query).fetchall()[0]
        return int(first), int(last), bool(known), placed

    def _constants(self, owners: Sequence[str], *, expires: bool, logged: bool) -> dict[str, int]:
        """Give the columns that have one value in every row: most logs leave half of them empty."""
        found = {
            "country": -1 if not self.countries else None,
            "group": -1 if not self.groups else None,
            "paid": -1 if not self._amounts else None,
            "limit": -1 if not self._amounts else None,
            "expires": int(NEVER) if expires else None,
            "logged": 0 if logged else None,
            "waba": self._wabas.index(owners[0]) if len(owners) == 1 and owners[0] in self._wabas else None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def names(self, rows: Int64) -> list[tuple[str, str]]:
        """Give message id and user of rows of `messages`, in the order asked for."""
        found = self.look_up(rows, ("message_id", "user"))
        return [(str(message_id), str(user)) for message_id, user in found]

    def names_of(self, origins: Int64) -> list[tuple[str, str]]:
        """Give message id and user of rows known by their `rowid`, in the order asked for."""
        found = self._look_up(origins, ("message_id", "user"))
        return [(str(message_id), str(user)) for message_id, user in found]

    def holding(self, text: str) -> npt.NDArray[np.bool_]:
        """Tell of each row of `messages` whether its user or message id has a text in it, in any case."""
        # A number, which is mostly looked for, has no case: not to look for one takes half the time. So does it to look
        # in one column after the other, and row by row for neither.
        holds = "contains({0}, ?)" if text.lower() == text.upper() else "contains(lower({0}), lower(?))"
        found = f"select rowid as row from message where {holds}"  # noqa: S608 - own names
        query = " union all ".join(found.format(column) for column in ("message_id", '"user"'))
        held = np.zeros(self._size, np.bool_)
        held[self._rows_at(self._found(query, [text] * 2))] = True
        return held

    def _rows_at(self, origins: Int64) -> Int64:
        """Give the rows of `messages` with these `rowid`s; the table may hold rows of files no longer in force."""
        if self._without_gap:
            rows = origins - self._first
            return rows[(rows >= 0) & (rows < self._size)]
        places: Int64 = np.searchsorted(self.stored_rows, origins).astype(np.int64)
        there = places < self._size
        places, origins = places[there], origins[there]
        held: Int64 = places[self.stored_rows[places] == origins]
        return held

    @cached_property
    def source_rows(self) -> Int64:
        """Give the row in its file of each row of `messages`."""
        return self._numbers("source_row")

    @cached_property
    def files(self) -> Int64:
        """Give the number of the file of each row of `messages`."""
        return self._numbers("file")

    def _numbers(self, column: str) -> Int64:
        query = f"select {column} from {self._from}"  # noqa: S608 - own names
        found = [batch[column].astype(np.int64) for batch in batches(self._connection, query)]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def ranks(self, column: str) -> Int32:
        """Give the rank of each row of `messages` by the text of a column: alike share one, and none at all is least.

        Texts that follow one another are held to be alike where their hashes are.
        """
        query = f'select rowid as row, hash("{column}") as hash from {self._from} order by "{column}" nulls first'  # noqa: S608 - own names
        found, last = [], np.zeros(1, np.uint64)
        for batch in batches(self._connection, query):
            changes = np.diff(batch["hash"], prepend=last) != 0
            last = batch["hash"][-1:].copy()
            found.append((batch["row"].copy(), np.cumsum(changes, dtype=np.int32)))
        ranks, rank = np.empty(self._size, np.int32), -1
        for rows, steps in found:
            ranks[self._rows_at(rows)] = rank + steps
            rank += int(steps[-1])
        return ranks

    def look_up(self, rows: Int64, columns: Sequence[str]) -> list[tuple[object, ...]]:
        """Give columns of rows of `messages`, in the order asked for."""
        return self._look_up(self._origins(rows), columns) if len(rows) else []

    def _look_up(self, origins: Int64, columns: Sequence[str]) -> list[tuple[object, ...]]:
        asked = {"asked": origins, "place": np.arange(len(origins), dtype=np.int64)}
        chosen = ", ".join(f'message."{name}"' for name in columns)
        self._connection.register("asked", asked)
        try:
            join = "asked join message on message.rowid = asked.asked"
            query = f"select {chosen} from {join} {self._where(origins)} order by asked.place"  # noqa: S608 - own names
            found, rows = self._connection.execute(query), list[tuple[object, ...]]()
            while some := found.fetchmany(_AT_ONCE):
                rows += some
            return rows
        finally:
            self._connection.unregister("asked")

    def _where(self, origins: Int64) -> str:
        """Give SQL that names a few rows one by one: of a file that is read in place little else is then read."""
        if not 0 < len(origins) <= _FEW:
            return ""
        if not self._placed:
            return f"where {' or '.join(f'message.rowid = {one}' for one in origins.tolist())}"
        parts = [divmod(one, 1 << FILE_SHIFT) for one in origins.tolist()]
        return f"where {' or '.join(f'(message.file = {file} and message.place = {place})' for file, place in parts)}"

    def rows_of(self, phone_number_id: str, user: str) -> Int64:
        """Give the rows of `messages` of one thread."""
        query = f'select rowid as row from {self._from} and phone_number_id = ? and "user" = ?'  # noqa: S608 - own names
        found = self._found(query, [phone_number_id, user])
        return np.searchsorted(self.stored_rows, np.sort(found))


def _kind_of(name: str) -> type[np.generic]:
    return ROW_KINDS.get(name, np.int64)


def _place(values: Sequence[str], expression: str) -> str:
    """Give SQL for the place of a text among values (from 0), -1 where it is not among them."""
    if not values:
        return "-1"
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"coalesce(enum_code(try_cast(({expression}) as enum({listed}))), -1)"

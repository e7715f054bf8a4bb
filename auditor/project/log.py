"""The message log of an audit file as the engine's columns: hashed and coded by DuckDB, never Python objects."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal

import duckdb
import numpy as np

from auditor.core.kinds import AGENT
from auditor.core.kinds import API
from auditor.core.kinds import APP
from auditor.core.kinds import CATEGORY_SHIFT
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
from auditor.core.tables import NEVER
from auditor.core.tables import Account
from auditor.core.tables import Int64
from auditor.core.tables import Messages

_ORIGINS = {"api": API, "app": APP, "agent": AGENT}
# A phone number is its own key; longer ones, or with a leading zero, keep four digits for their market as `+1234`.
_PHONE = "regexp_full_match(\"user\", '[1-9][0-9]{0,17}')"
_COUNTRY = (
    "case when \"user\" similar to '[0-9]+' and not "
    + _PHONE
    + " then '+' || left(\"user\", 4) else upper(country) end"
)


_LOGGED = "regexp_replace(replace(lower(pricing_{}), '-', '_'), 'group_', '')"


def _cases(column: str, words: Mapping[str, int], shift: int, other: int = 0) -> str:
    arms = " ".join(f"when '{word}' then {int(code) << shift}" for word, code in words.items())
    rest = f"case when {column} is null then 0 else {other << shift} end" if other else "0"
    return f"(case {column} {arms} else {rest} end)"


class StoredLog:
    """The rows of the files in force, in the order of import. `names` looks up what the columns only hash."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, files: Sequence[int], account: Account) -> None:
        """Read the columns of these files' rows."""
        self._connection = connection
        # Not `in (...)`: from five numbers on that becomes a join, which does not keep the rows in their order.
        arms = " ".join(f"when {number} then true" for number in files)
        self._from = f"message where case file {arms} else false end" if files else "message where false"
        self._account = account
        self.messages = self._load()

    def _load(self) -> Messages:
        coded = {
            "number": self._code("phone_number_id", "varchar"),
            "country": self._code(_COUNTRY, "varchar"),
            "groups": self._code("group_id", "varchar"),
            "amounts": self._code("logged_amount", "varchar", "max_price"),
        }
        waba = _enum([one.id for one in self._account.wabas])
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
        columns = {
            "row": ("rowid", "bigint"),
            "number": (_place(coded["number"], "phone_number_id"), "integer"),
            "waba": (_place(waba, "waba_id"), "smallint"),
            "user": (f'case when {_PHONE} then "user"::bigint else -2 - (hash("user") >> 2)::bigint end', "bigint"),
            "country": (_place(coded["country"], _COUNTRY), "smallint"),
            "group": (_place(coded["groups"], "group_id"), "integer"),
            "id_hash": ("hash(message_id)", "ubigint"),
            "kind": (kind, "usmallint"),
            "sent": ("sent_at", "bigint"),
            "delivered": ("delivered_at", "bigint"),
            "read": ("read_at", "bigint"),
            "failed": ("failed_at", "bigint"),
            "expires": ("conversation_expires_at", "bigint"),
            "paid": (_place(coded["amounts"], "logged_amount"), "integer"),
            "limit": (_place(coded["amounts"], "max_price"), "integer"),
            "logged": (logged, "usmallint"),
        }
        never = {"sent", "delivered", "read", "failed", "expires"}
        selected = ", ".join(
            f'coalesce({text}, {int(NEVER) if name in never else -1})::{kind_} as "{name}"'
            if name not in {"id_hash", "kind", "logged"}
            else f'({text})::{kind_} as "{name}"'
            for name, (text, kind_) in columns.items()
        )
        arrays = self._connection.execute(f"select {selected} from {self._from}").fetchnumpy()  # noqa: S608 - own names
        self.stored_rows: Int64 = np.asarray(arrays.pop("row"))
        made = {name: np.ascontiguousarray(np.asarray(array)) for name, array in arrays.items()}
        return Messages(
            **made,
            numbers=tuple(coded["number"]),
            wabas=tuple(one.id for one in self._account.wabas),
            countries=tuple(coded["country"]),
            groups=tuple(coded["groups"]),
            amounts=tuple(Decimal(text) for text in coded["amounts"]),
        )

    def _code(self, expression: str, kind: str, *more: str) -> list[str]:
        """Give the distinct texts of a column (or several), in order."""
        parts = " union ".join(
            f"select distinct ({one})::{kind} as value from {self._from}"  # noqa: S608 - own names
            for one in (expression, *more)
        )
        query = f"select value from ({parts}) where value is not null order by value"  # noqa: S608 - own names
        return [row[0] for row in self._connection.execute(query).fetchall()]

    def names(self, rows: Int64) -> list[tuple[str, str]]:
        """Give message id and user of rows of `messages`, in the order asked for."""
        found = self.look_up(rows, ("message_id", "user"))
        return [(str(message_id), str(user)) for message_id, user in found]

    def look_up(self, rows: Int64, columns: Sequence[str]) -> list[tuple[object, ...]]:
        """Give columns of rows of `messages`, in the order asked for."""
        if not len(rows):
            return []
        asked = {"asked": self.stored_rows[rows], "place": np.arange(len(rows), dtype=np.int64)}
        chosen = ", ".join(f'message."{name}"' for name in columns)
        self._connection.register("asked", asked)
        try:
            query = f"select {chosen} from asked join message on message.rowid = asked.asked order by asked.place"  # noqa: S608
            return self._connection.execute(query).fetchall()
        finally:
            self._connection.unregister("asked")

    def rows_of(self, phone_number_id: str, user: str) -> Int64:
        """Give the rows of `messages` of one thread."""
        query = f'select rowid as row from {self._from} and phone_number_id = ? and "user" = ?'  # noqa: S608 - own names
        found = self._connection.execute(query, [phone_number_id, user]).fetchnumpy()["row"]
        return np.searchsorted(self.stored_rows, np.sort(np.asarray(found, np.int64)))


def _enum(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _place(values: Sequence[str], expression: str) -> str:
    """Give SQL for the place of a text among values (from 0), -1 where it is not among them."""
    if not values:
        return "-1"
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"enum_code(try_cast(({expression}) as enum({listed})))"

"""CHARGES: one row per conversation or message (formats.md §8), as CSV or Parquet, written by DuckDB from columns."""

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from auditor.core.money import plain
from auditor.core.tables import NEVER
from auditor.core.tables import UNCERTAIN
from auditor.core.tables import Category
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import reason_words
from auditor.core.terms import Terms
from auditor.core.timeline import EPOCH
from auditor.core.timeline import month_text
from auditor.working import database_words
from auditor.writers.whole_file import whole_file

CHARGE_COLUMNS = (
    "unit", "unit_id", "waba_id", "phone_number_id", "user", "regime", "market", "category", "pricing_type",
    "billed_at", "local_date", "period", "ends_at", "messages", "tier_from", "rate", "currency", "amount",
    "amount_low", "amount_high", "certainty", "reason",
)  # fmt: skip
Parts = Iterable[tuple[Charges, Int64]]
"""Charges in one or more parts, at least one, all of the same kinds, each with its opener's `rowid` in `message`."""

# What the system says within what the database makes of it.
_REASONS = re.compile("No space left on device|File too large|Permission denied|Read-only file system")
Checks = Iterable[Callable[[], None]]

_INSTANT = (
    "case when {0} = {never} then null else strftime(make_timestamp({0}), '%Y-%m-%dT%H:%M:%S')"
    " || case when {0} % 1000000 = 0 then '' else '.' || lpad(({0} % 1000000)::varchar, 6, '0') end || 'Z' end"
)


def write_charges(
    path: Path, connection: duckdb.DuckDBPyConnection, parts: Parts, terms: Terms, checks: Checks = ()
) -> None:
    """Write every charge to `path` (Parquet if it ends so, else CSV), replacing it in one step.

    `checks` are made of what the rows were read from, before the file takes its place.
    Raises `AuditorError` (`file_not_writable`) if the place cannot be written.
    """
    kind = "parquet" if path.suffix.lower() == ".parquet" else "csv, header true"
    # Into the working file itself: one of the database's own beside it would stay for good where the program is killed.
    options = f"format {kind}, use_tmp_file false"
    with whole_file(path) as beside:
        try:
            with charge_query(connection, parts, terms) as query:
                connection.execute(f"copy ({query}) to '{_quoted(str(beside))}' ({options})")
        except (duckdb.IOException, UnicodeDecodeError) as error:
            said = database_words(error)
            reason = _REASONS.search(said)
            raise OSError(reason[0] if reason else said) from error  # `whole_file` says so, as of any other file
        for check in checks:
            check()


@contextmanager
def charge_query(connection: duckdb.DuckDBPyConnection, parts: Parts, terms: Terms) -> Iterator[str]:
    """Give the query of the rows of CHARGES, in their order, which holds for as long as its tables are lent.

    What comes in one part is read where it stands, several are put together in a table on the disk.
    """
    lent: list[str] = []
    try:
        for number, (charges, stored) in enumerate(parts):
            if not number:
                lent += _lend_words(connection, charges.kinds, terms)
            if number == 1:
                connection.execute("create or replace temp table charge_rows as select * from charge")
            connection.register("charge", _columns(charges, stored))
            if number:
                connection.execute("insert into charge_rows select * from charge")
        lent.append("charge")
        yield _query("charge_rows" if number else "charge")
    finally:
        for name in lent:
            connection.unregister(name)
        connection.execute("drop table if exists temp.charge_rows")


def _lend_words(connection: duckdb.DuckDBPyConnection, kinds: ChargeKinds, terms: Terms) -> list[str]:
    """Lend the texts that coded columns stand for, and give the names of the tables."""
    lent = []
    for name, texts in _dictionaries(kinds, terms).items():
        words = {"code": np.arange(-1, len(texts)), "word": np.array(["", *texts], object)}
        connection.register(f"words_{name}", words)
        lent.append(f"words_{name}")
    return lent


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _columns(c: Charges, stored: Int64) -> dict[str, npt.NDArray[np.generic]]:
    return {
        "stored": stored, "conversation": c.conversation, "grouped": c.grouped, "waba": c.waba,
        "number": c.number, "regime": c.regime, "market": c.market, "category": c.category,
        "pricing_type": c.pricing_type, "billed_at": c.billed_at, "day": c.day, "month": c.month, "ends_at": c.ends_at,
        "messages": c.messages, "tier_from": c.tier_from, "rate": c.rate, "amount": c.amount, "low": c.low,
        "high": c.high, "reasons": c.reasons,
    }  # fmt: skip


def _dictionaries(c: ChargeKinds, terms: Terms) -> dict[str, Sequence[str]]:
    """Give the texts that coded columns stand for."""
    values = [plain(value) for value in c.values]
    months = [month_text(month) for month in range(int(c.month.max()) + 1)] if len(c) else []
    return {
        "waba": [waba.id for waba in terms.account.wabas],
        "currency": [waba.currency for waba in terms.account.wabas],
        "number": terms.numbers,
        "regime": [regime.id for regime in terms.regimes],
        "market": terms.markets.names,
        "category": [category.word for category in Category],
        "pricing_type": [kind.word for kind in PricingType],
        "month": months,
        "reasons": [reason_words(bits) for bits in range(int(c.reasons.max()) + 1)] if len(c) else [],
        "value": values,
    }


# Texts of coded columns: the column of CHARGES, the dictionary, the column that points into it.
_WORDS = (
    ("waba_id", "waba", "waba"),
    ("phone_number_id", "number", "number"),
    ("regime", "regime", "regime"),
    ("market", "market", "market"),
    ("category", "category", "category"),
    ("pricing_type", "pricing_type", "pricing_type"),
    ("period", "month", "month"),
    ("rate", "value", "rate"),
    ("currency", "currency", "waba"),
    ("amount", "value", "amount"),
    ("amount_low", "value", "low"),
    ("amount_high", "value", "high"),
    ("reason", "reasons", "reasons"),
)
_OTHERS = {
    "unit": "case when c.conversation then 'conversation' else 'message' end",
    "unit_id": "m.message_id || case when c.grouped then '#' || m.\"user\" else '' end",
    "user": 'm."user"',
    "billed_at": _INSTANT.format("c.billed_at", never=int(NEVER)),
    "local_date": f"strftime(date '{EPOCH}' + c.day, '%Y-%m-%d')",
    "ends_at": _INSTANT.format("c.ends_at", never=int(NEVER)),
    "messages": "c.messages",
    "tier_from": "nullif(c.tier_from, 0)",
    "certainty": f"case when c.reasons & {UNCERTAIN} != 0 then 'uncertain' else 'certain' end",
}


def _query(table: str) -> str:
    """Give the rows of CHARGES in their order; every dictionary is joined under the name of the column it makes."""
    texts = {**_OTHERS, **{column: f"nullif(w_{column}.word, '')" for column, _, _ in _WORDS}}
    fields = ", ".join(f'{texts[column]} as "{column}"' for column in CHARGE_COLUMNS)
    joins = " ".join(
        f"left join words_{name} as w_{column} on w_{column}.code = c.{code}" for column, name, code in _WORDS
    )
    return (
        f"select {fields} from {table} as c join message as m on m.rowid = c.stored {joins} "  # noqa: S608 - own names
        "order by c.billed_at, unit_id, c.number"
    )

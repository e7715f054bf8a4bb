"""Files of earlier versions brought up to date, a version at a time, inside the transaction that is open."""

from collections.abc import Callable

import duckdb


def migrate(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """Bring the tables of a file from `version` to the present one; the caller keeps a backup and records it."""
    for step in _STEPS[version - 1 :]:
        step(connection)


def _chain(connection: duckdb.DuckDBPyConnection) -> None:
    """Version 1 had no digests: its journal is kept as it is; the store chains it."""
    connection.execute("alter table journal rename to journal_1")
    connection.execute(
        "create table journal (number integer primary key, made_at varchar not null, who varchar not null, "
        "verb varchar not null, facts varchar not null, files varchar not null, digest varchar not null)"
    )
    connection.execute(
        "insert into journal select number, made_at, who, verb, facts, '{}', '' from journal_1 order by number"
    )
    connection.execute("drop table journal_1")
    connection.execute(
        "create table result (state varchar primary key, made_at varchar not null, facts varchar not null)"
    )


def _read_anew(_connection: duckdb.DuckDBPyConnection) -> None:
    """Version 2 knew no new readings beside changed facts of the account: its program would go on with the old ones."""


def _lines_by_columns(_connection: duckdb.DuckDBPyConnection) -> None:
    """Version 3 knew lines one by one: they are sealed, and stay so; its program would not find those kept since."""


def _days_due(_connection: duckdb.DuckDBPyConnection) -> None:
    """Version 4 knew no day on which a claim is due: its program would pass over it."""


def _stretches(_connection: duckdb.DuckDBPyConnection) -> None:
    """Version 5 kept of a folder only the rows' numbers over all its files: its program would not know what to do."""


_STEPS: tuple[Callable[[duckdb.DuckDBPyConnection], None], ...] = (
    _chain,
    _read_anew,
    _lines_by_columns,
    _days_due,
    _stretches,
)

"""The audit file: one DuckDB file that holds the inputs, immutable, and an append-only journal (formats.md §9).

Inputs are never changed or deleted: what is in force follows from the journal, so that every step can be undone and
nothing is lost. Each verb is one transaction; a program killed in between leaves the last finished step.
"""

import json
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from auditor import __version__
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.tables import MESSAGE_COLUMNS

VERSION = 1
_MEMORY = "1GB"
_KIND = "application/x-auditor"

_SCHEMA = f"""
create table about (name varchar primary key, value varchar not null);
create table file (
    number integer primary key, sha256 varchar not null, name varchar not null, kind varchar not null,
    content blob, facts varchar not null
);
create table message (file integer not null, {", ".join(f'"{name}" {kind}' for name, kind in MESSAGE_COLUMNS.items())});
create table journal (
    number integer primary key, made_at varchar not null, who varchar not null, verb varchar not null,
    facts varchar not null
);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal: who did what, when. `facts` are the verb's own."""

    number: int
    at: str
    who: str
    verb: str
    facts: Mapping[str, Any]


class Store:
    """One open audit file. `connection` is DuckDB's; use it from one thread at a time."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, or make it; without a path it is in a temporary folder and gone when closed."""
        self._folder = (
            tempfile.TemporaryDirectory(prefix="auditor-", ignore_cleanup_errors=True) if path is None else None
        )
        self.path = Path(self._folder.name) / "audit.audit" if self._folder else Path(path or "")
        is_new = not self.path.exists()
        self.connection = self._connect()
        if is_new:
            with self.transaction():
                self.connection.execute(_SCHEMA)
                for name, value in (("kind", _KIND), ("version", str(VERSION)), ("program", __version__)):
                    self.connection.execute("insert into about values (?, ?)", [name, value])
        self._check()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        place = Place(self.path.name)
        try:
            connection = duckdb.connect(str(self.path), config={"memory_limit": _MEMORY})
        except duckdb.IOException as error:
            in_use = "lock" in str(error).lower() or "used by another" in str(error)
            here = "not_an_audit" if self.path.exists() else "cannot_write"
            raise AuditorError("audit_in_use" if in_use else here, place) from error
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        return connection

    def _check(self) -> None:
        place = Place(self.path.name)
        try:
            facts = dict(self.connection.execute("select name, value from about").fetchall())
        except duckdb.Error as error:
            self.close()
            raise AuditorError("not_an_audit", place) from error
        if facts.get("kind") != _KIND:
            self.close()
            raise AuditorError("not_an_audit", place)
        if int(facts["version"]) > VERSION:
            self.close()
            raise AuditorError("audit_is_newer", place, program=facts["program"])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of it or nothing."""
        self.connection.execute("begin")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def close(self) -> None:
        """Leave the file whole and free."""
        self.connection.close()
        if self._folder:
            self._folder.cleanup()

    # Inputs -------------------------------------------------------------------------------------------------------

    def add_file(self, sha256: str, name: str, kind: str, content: bytes | None, facts: Mapping[str, Any]) -> int:
        """Keep a file (whole, or only its facts where its rows are kept instead) and give its number."""
        number = int(self._value("select coalesce(max(number), 0) + 1 from file"))
        row = [number, sha256, name, kind, content, json.dumps(facts, ensure_ascii=False)]
        self.connection.execute("insert into file values (?, ?, ?, ?, ?, ?)", row)
        return number

    def add_messages(self, number: int, view: str) -> None:
        """Keep the canonical rows of a log from a staged relation, in its order."""
        names = ", ".join(f'"{name}"' for name in MESSAGE_COLUMNS)
        self.connection.execute(f"insert into message select {number}, {names} from {view}")  # noqa: S608 - own names

    def facts_of(self, number: int) -> dict[str, Any]:
        """Give what was written down about a file."""
        return dict(json.loads(str(self._value("select facts from file where number = ?", number))))

    def content_of(self, number: int) -> bytes:
        """Give a file as it was."""
        return bytes(self._value("select content from file where number = ?", number))

    def _value(self, query: str, *values: object) -> Any:
        rows = self.connection.execute(query, list(values)).fetchall()
        return rows[0][0] if rows else None

    # Journal ------------------------------------------------------------------------------------------------------

    def write(self, verb: str, who: str, facts: Mapping[str, Any]) -> None:
        """Append a line to the journal."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        number = int(self._value("select coalesce(max(number), 0) + 1 from journal"))
        row = [number, at, who, verb, json.dumps(facts, ensure_ascii=False)]
        self.connection.execute("insert into journal values (?, ?, ?, ?, ?)", row)

    def journal(self) -> Sequence[Entry]:
        """Give the whole journal in order."""
        rows = self.connection.execute(
            "select number, made_at, who, verb, facts from journal order by number"
        ).fetchall()
        return [Entry(number, at, who, verb, json.loads(facts)) for number, at, who, verb, facts in rows]

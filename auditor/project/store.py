"""The audit file: one DuckDB file that holds the inputs, immutable, and an append-only journal (formats.md §9).

Inputs are never changed or deleted: what is in force follows from the journal, so that every step can be undone and
nothing is lost. Each verb is one transaction; a program killed in between leaves the last finished step. Entries are
chained by their digests (`chain.py`). Results are kept by the digest of what they were made from, and disposable.
"""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from collections.abc import Iterable
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
from auditor.core.problems import Problem
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.project.chain import BEGINNING
from auditor.project.chain import canonical
from auditor.project.chain import digest_of
from auditor.project.chain import digest_of_all
from auditor.project.columns import FILE_SHIFT
from auditor.project.faults import file_fault
from auditor.project.migrations import migrate
from auditor.working import OFFLINE
from auditor.working import clear
from auditor.working import copy_whole
from auditor.working import database_words
from auditor.working import temporary_folder

# Raised whenever the tables change, or a journal may state what an earlier program would pass over in silence.
VERSION = 6
_CHAINED = 2
_MEMORY = "1GB"
_KIND = "application/x-auditor"
# How a copy that is locked with a passphrase begins (`copies.py`).
SEALED = b"AUDITOR LOCKED 1\n"
# Rows of a log are digested this many at a time, so that a large log needs no more memory than a small one, and the
# making of one text, during which nothing else of Python runs, holds the window up for an instant only.
_ROWS_AT_ONCE = 50_000

SCHEMA = f"""
create table about (name varchar primary key, value varchar not null);
create table file (
    number integer primary key, sha256 varchar not null, name varchar not null, kind varchar not null,
    content blob, facts varchar not null
);
create table message (file integer not null, {", ".join(f'"{name}" {kind}' for name, kind in MESSAGE_COLUMNS.items())});
create table journal (
    number integer primary key, made_at varchar not null, who varchar not null, verb varchar not null,
    facts varchar not null, files varchar not null, digest varchar not null
);
create table result (state varchar primary key, made_at varchar not null, facts varchar not null);
"""


IN_USE = "audit_in_use"
_LOCK = re.compile(r"\block\b|used by another|already open in", re.IGNORECASE)  # a damaged block is no lock
_HELD_ON_WINDOWS = (32, 33)  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: what is said of them is in its language
_DENIED = re.compile(r"permission denied|read-only file system|access is denied", re.IGNORECASE)
_HOLDER = re.compile(r"\bin\s+(?P<program>[^\n]+?) \(PID (?P<process>\d+)\)(?: by user (?P<user>[^\s.]+))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal: who did what, when. `facts` are the verb's own; `digest` closes the chain so far."""

    number: int
    at: str
    who: str
    verb: str
    facts: Mapping[str, Any]
    digest: str = ""

    @property
    def name(self) -> str:
        """Name what was done, as a key of the catalogue's `verbs` table: some verbs serve several ends."""
        return str(self.facts.get("step", self.verb))


def _lies_beside(path: Path) -> bool:
    """Tell whether steps lie beside the file: to close it brings them in."""
    beside = Path(f"{path}.wal")
    return beside.exists() and beside.stat().st_size > 0


class Store:
    """One open audit file. `connection` is DuckDB's; use it from one thread at a time."""

    def __init__(self, path: Path | None, *, read_only: bool = False, passing: bool = False) -> None:
        """Open the file, or make it; without a path it is in a temporary folder and gone when closed.

        A `passing` one is for one answer only: the rows of its logs stay where they were staged, not copied once more.
        """
        self._read_only, self._passing = read_only, passing
        self._staged: list[str] = []
        self.rests_on: list[Callable[[], None]] = []
        """What tells, by raising, that a file has changed whose rows a passing audit still reads where they lie."""
        self._folder = temporary_folder() if path is None else None
        self.path = Path(self._folder.name) / "audit.audit" if self._folder else Path(path or "")
        clear(self.path.parent)
        is_new = not self.path.exists()
        broken_off = not is_new and _lies_beside(self.path)
        self.connection = self._connect()
        if is_new:
            with self.transaction():
                self.connection.execute(SCHEMA)
                for name, value in (("kind", _KIND), ("version", str(VERSION)), ("program", __version__)):
                    self.connection.execute("insert into about values (?, ?)", [name, value])
        self._check()
        self.recovered = self.digest if broken_off else ""
        """The digest of the last finished step, where who had the file open last was ended before closing it."""

    def _connect(self) -> duckdb.DuckDBPyConnection:
        place = Place(self.path.name)
        try:
            connection = duckdb.connect(
                str(self.path), read_only=self._read_only, config={"memory_limit": _MEMORY, **OFFLINE}
            )
        except (duckdb.Error, UnicodeDecodeError) as error:  # a damaged file makes it fail in every way it has
            fault, said = file_fault(error, self.path.name), database_words(error)
            if fault and fault.code == "disk_full":
                raise fault from error
            code = self._why_not(said)
            who = {"who": holder(said)} if code == IN_USE else {}
            raise AuditorError(code, place, (), **who) from error
        if not self._read_only:  # what a program that was killed laid aside, for the file was free
            shutil.rmtree(f"{self.path}.tmp", ignore_errors=True)
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        return connection

    def _why_not(self, said: str) -> str:
        """Give the code for a file that DuckDB does not open, from what it said and how the file begins."""
        said = said.replace(str(self.path), "").replace(self.path.name, "")
        if _LOCK.search(said):
            return IN_USE
        try:
            with self.path.open("rb") as file:
                is_sealed = file.read(len(SEALED)) == SEALED
        except OSError as error:
            if sys.platform == "win32" and self._is_held():
                return IN_USE
            return "not_an_audit" if self.path.exists() and not isinstance(error, PermissionError) else "cannot_write"
        if is_sealed:
            return "audit_is_locked_copy"
        return "cannot_write" if _DENIED.search(said) else "not_an_audit"

    def _is_held(self) -> bool:
        """Tell whether Windows says that another program has the file: to open it tells no more than that it failed."""
        try:
            self.path.rename(self.path)
        except OSError as error:
            return getattr(error, "winerror", 0) in _HELD_ON_WINDOWS
        return False

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
        version = int(facts["version"])
        if version > VERSION:
            self.close()
            raise AuditorError("audit_is_newer", place, program=facts["program"])
        if version < VERSION and self._read_only:
            self.close()
            raise AuditorError("audit_is_older", place)
        if version < VERSION:
            self._migrate(version)

    def _migrate(self, version: int) -> None:
        """Bring a file of an earlier version up to this one, after a backup copy of it beside it."""
        self.connection.execute("checkpoint")
        self.connection.close()
        backup = self.path.with_name(f"{self.path.stem}.version-{version}.backup.audit")
        try:
            copy_whole(self.path, backup)
        except OSError as error:
            raise AuditorError("cannot_write", Place(str(backup))) from error
        self.connection = self._connect()
        with self.transaction():
            migrate(self.connection, version)
            if version < _CHAINED:  # later ones have their digests: made anew, they would bear out whatever was changed
                self._chain_again()
            self.connection.execute("update about set value = ? where name = 'version'", [str(VERSION)])
            self.connection.execute("update about set value = ? where name = 'program'", [__version__])
            self.write("migrate", __version__, {"from": version, "to": VERSION, "backup": backup.name})

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of it or nothing. Raises `AuditorError` where the disk is full or the file cannot be used."""
        with self.told():
            self.connection.execute("begin")
            try:
                yield
            except BaseException:
                self.connection.execute("rollback")
                raise
            self.connection.execute("commit")

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say what the disk or the file beneath is at fault for; any other fault of the database is a bug of ours."""
        try:
            yield
        except (duckdb.Error, UnicodeDecodeError) as error:
            fault = file_fault(error, self.path.name)
            if fault is None:
                raise
            raise fault from error

    def save_copy(self, path: Path) -> None:
        """Write all of it to another file, as it is now; this one stays open."""
        (home,) = self.connection.execute("select current_database()").fetchall()[0]
        with self.told():
            self.connection.execute("attach '{}' as other".format(str(path).replace("'", "''")))
            try:
                self.connection.execute(f'copy from database "{home}" to other')
                self.connection.execute("checkpoint other")
            finally:
                self.connection.execute("detach other")

    def make_whole(self) -> None:
        """Bring all that was done into the file itself: until then a part of it lies in a log of changes beside it.

        For a file that is about to be moved. Closing does it, too, but keeps quiet about a full disk.
        Raises `AuditorError("disk_full")`.
        """
        with self.told():
            self.connection.execute("checkpoint")

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

    def add_messages(self, number: int, view: str, checks: Iterable[Callable[[], None]] = ()) -> None:
        """Keep the canonical rows of a log from a staged relation, in its order.

        The `checks` of a file in which these rows still lie are kept in `rests_on` where they are not copied.
        """
        names = ", ".join(f'"{name}"' for name in MESSAGE_COLUMNS)
        if not self._passing:
            self.connection.execute(f"insert into message select {number}, {names} from {view}")  # noqa: S608
            return
        self.rests_on.extend(checks)
        row = f"{number}::bigint << {FILE_SHIFT} | place"
        names = f"{names}, place, phones"
        self._staged.append(f"select {number} as file, {row} as rowid, {names} from {view}")  # noqa: S608 - own names
        self.connection.execute(f"create or replace temp view message as {' union all '.join(self._staged)}")

    @property
    def holds_rows(self) -> bool:
        """Tell whether staged rows are copied, so that what they were staged in can be dropped."""
        return not self._passing

    def facts_of(self, number: int) -> dict[str, Any]:
        """Give what was written down about a file."""
        return dict(json.loads(str(self._value("select facts from file where number = ?", number))))

    def name_of(self, number: int) -> str:
        """Give a file's name."""
        return str(self._value("select name from file where number = ?", number))

    def content_of(self, number: int) -> bytes:
        """Give a file as it was."""
        return bytes(self._value("select content from file where number = ?", number))

    def _value(self, query: str, *values: object) -> Any:
        rows = self.connection.execute(query, list(values)).fetchall()
        return rows[0][0] if rows else None

    # Journal ------------------------------------------------------------------------------------------------------

    def write(self, verb: str, who: str, facts: Mapping[str, Any]) -> None:
        """Append a line to the journal; it seals the files that came since the line before."""
        number, previous = self._head()
        at = datetime.now(UTC).isoformat(timespec="seconds")
        files = canonical({str(file): self.digest_of_file(file) for file in self._unsealed()})
        line = [number + 1, at, who, verb, canonical(facts), files]
        digest = _entry_digest(previous, line)
        self.connection.execute("insert into journal values (?, ?, ?, ?, ?, ?, ?)", [*line, digest])

    def seal_again(self) -> None:
        """Seal every file of a copy whose rows are not those of the original, and chain its journal anew."""
        for number, files in self.connection.execute("select number, files from journal").fetchall():
            sealed = canonical({file: self.digest_of_file(int(file)) for file in json.loads(files)})
            self.connection.execute("update journal set files = ? where number = ?", [sealed, number])
        self._chain_again()

    def _chain_again(self) -> None:
        """Chain the lines of a journal whose digests are not there yet, or no longer right."""
        previous = BEGINNING
        names = "number, made_at, who, verb, facts, files"
        for line in self.connection.execute(f"select {names} from journal order by number").fetchall():  # noqa: S608
            previous = _entry_digest(previous, line)
            self.connection.execute("update journal set digest = ? where number = ?", [previous, line[0]])

    def _head(self) -> tuple[int, str]:
        """Give the number and digest of the last line of the journal."""
        rows = self.connection.execute("select number, digest from journal order by number desc limit 1").fetchall()
        return rows[0] if rows else (0, BEGINNING)

    def _unsealed(self) -> list[int]:
        sealed = self.seals()
        numbers = self.connection.execute("select number from file order by number").fetchall()
        return [number for (number,) in numbers if number not in sealed]

    def seals(self) -> dict[int, str]:
        """Give the digest of every file as the journal states it."""
        rows = self.connection.execute("select files from journal order by number").fetchall()
        return {int(number): digest for (files,) in rows for number, digest in json.loads(files).items()}

    @property
    def digest(self) -> str:
        """Give the digest that closes the journal: two files with the same one tell the same story."""
        return self._head()[1]

    def journal(self) -> Sequence[Entry]:
        """Give the whole journal in order."""
        query = "select number, made_at, who, verb, facts, digest from journal order by number"
        with self.told():
            rows = self.connection.execute(query).fetchall()
        return [
            Entry(number, at, who, verb, json.loads(facts), digest) for number, at, who, verb, facts, digest in rows
        ]

    # Proof --------------------------------------------------------------------------------------------------------

    def digest_of_file(self, number: int) -> str:
        """Give the digest of all that is kept of a file: its name, content, facts and canonical rows.

        An audit without a place of its own is gone when closed and never proved, so its rows are not digested.
        """
        query = "select sha256, name, kind, content, facts from file where number = ?"
        sha256, name, kind, content, facts = self.connection.execute(query, [number]).fetchall()[0]
        rows = "" if self._folder else digest_of_all(self._row_texts(number))
        return digest_of(str(number), sha256, name, kind, content or b"", facts, rows)

    def _row_texts(self, number: int) -> Iterator[str]:
        """Give the canonical rows of a log as text, a stretch at a time; an empty field differs from an empty text."""
        first, last = self.connection.execute(
            "select min(rowid), max(rowid) from message where file = ?", [number]
        ).fetchall()[0]
        fields = ", ".join(f"coalesce('=' || \"{name}\"::varchar, '-')" for name in MESSAGE_COLUMNS)
        query = (
            f"select string_agg(concat_ws(chr(31), {fields}) || chr(30), '' order by rowid) from message "  # noqa: S608 - own names
            "where file = ? and rowid between ? and ?"
        )
        for start in range(first or 0, (last + 1) if last is not None else 0, _ROWS_AT_ONCE):
            yield self._value(query, number, start, start + _ROWS_AT_ONCE - 1) or ""

    def tampered(self) -> list[Problem]:
        """Name every entry and file that is not as it was written: empty when the chain holds."""
        with self.told():
            return self.broken_chain() + self._tampered_files()

    def broken_chain(self) -> list[Problem]:
        """Name the first entry whose digest is not that of its words and the entry before it."""
        previous = BEGINNING
        names = "number, made_at, who, verb, facts, files"
        lines = self.connection.execute(f"select {names}, digest from journal order by number").fetchall()  # noqa: S608
        for place, (*line, digest) in enumerate(lines, 1):
            if line[0] != place or _entry_digest(previous, line) != digest:
                values = {"number": str(line[0]), "verb": str(line[3]), "at": str(line[1])}
                return [Problem("journal_tampered", Place(self.path.name), values)]
            previous = digest
        return []

    def _tampered_files(self) -> list[Problem]:
        sealed = self.seals()
        kept = self.connection.execute("select number, name, sha256, content from file order by number").fetchall()
        found = []
        for number, name, sha256, content in kept:
            whole = content is None or not sha256 or hashlib.sha256(content).hexdigest() == sha256
            if not whole or sealed.pop(number, "") != self.digest_of_file(number):
                sealed.pop(number, None)
                found.append(Problem("file_tampered", Place(self.path.name), {"name": name, "number": str(number)}))
        gone = [Problem("file_gone", Place(self.path.name), {"number": str(number)}) for number in sealed]
        return found + gone

    # Results ------------------------------------------------------------------------------------------------------

    def keep_result(self, state: str, facts: Mapping[str, Any]) -> None:
        """Keep what came out of a state of the inputs; results can be thrown away at any time."""
        if self._read_only or self._folder or self.result_of(state) == facts:
            return
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with self.transaction():
            self.connection.execute("insert or replace into result values (?, ?, ?)", [state, at, canonical(facts)])

    def result_of(self, state: str) -> dict[str, Any] | None:
        """Give what came out of a state of the inputs when it was last computed; None: it never was."""
        facts = self._value("select facts from result where state = ?", state)
        return None if facts is None else dict(json.loads(str(facts)))


def _entry_digest(previous: str, line: Sequence[Any]) -> str:
    return digest_of(previous, *(str(one) for one in line))


def holder(said: str) -> str:
    """Name the program that has a file, its process and, if it is another's, its user, from what the database says."""
    found = _HOLDER.search(said)
    if not found:
        return "?"
    program = found["program"].strip().replace("\\", "/").rpartition("/")[2]
    return ", ".join(part for part in (program, f"PID {found['process']}", found["user"]) if part)

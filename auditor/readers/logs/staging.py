"""Putting a canonical log into the database and counting what became of its rows (formats.md §1, §4).

The rows stand behind one temporary view, so that whoever takes them on need not know where they came from.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime

import duckdb

from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.records import NOTHING
from auditor.core.records import Account
from auditor.core.records import Stretch
from auditor.core.records import place_among
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.core.tables import NEVER
from auditor.readers.logs.columns import canonical_sql
from auditor.readers.logs.columns import plain_rows_sql
from auditor.readers.logs.columns import raw_columns
from auditor.readers.logs.columns import supposed_sql
from auditor.readers.logs.faults import DOUBTS
from auditor.readers.logs.faults import doubts_sql
from auditor.readers.logs.statuses import NO_STATUSES
from auditor.readers.logs.statuses import Statuses
from auditor.readers.logs.watched import watch
from auditor.readers.sql_text import name_sql
from auditor.readers.tables.profiles import Profile

# Where more rows than this share are not plain, it is as well to take none of them for plain.
_MOST_ODD = 0.01
# So many rows tell whether a log is worth being taken for plain.
FIRST_ROWS = 1_000
STATUS_TIMES = ("sent_at", "delivered_at", "read_at", "failed_at")
# What is asked of staged rows, beside their fault.
_ASKED = (
    *("count(*)", "min(source_row)", "arg_min(waba_id, source_row)", "count_if(local)"),
    *(f"{which}({name})" for which in ("min", "max") for name in STATUS_TIMES),
)
# The first row's WABA is said of faults alone, and is the dearest to find.
_ASKED_OF_GOOD = ("0", *_ASKED[:2], "''", *_ASKED[3:])
# Plain users (`log_plain`) of such lengths are phone numbers that an engine's key can hold.
_PHONES = 'coalesce(min(strlen("user")) >= 2 AND max(strlen("user")) <= 18, false)'
_COLUMNS = ", ".join(f'"{name}"' for name in MESSAGE_COLUMNS if name != "source_row")


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the rows: `counts` per fault number, each with its count, first row and that row's WABA.

    `local` good rows have a time without a zone; `first` and `last` are the span of the good rows, and `doubts` says
    how many of them have each of `DOUBTS`.
    """

    counts: Mapping[int, tuple[int, int, str]]
    local: int
    first: int
    last: int
    doubts: tuple[int, ...]

    @property
    def rows(self) -> int:
        """Give the number of rows in all."""
        return sum(count for count, _, _ in self.counts.values())


LEFT_OUT = "left_out"
"""What a column helps to tell (`Staged.helps`) by whose words rows are left out."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What a staged log came to, where it came from, how it was read, and what logs of its kind do not hold.

    `warnings` name the files of a folder that were not read. Of a table `heads` are its columns and `reads` the field
    that each becomes, empty where it is not used, or where it only `helps` to tell another's, which that names, or
    which rows are `LEFT_OUT`; they stand in `header_row`, 0 where they are no row. `zone` is that of times without
    one, where a person or a profile says which it is, `statuses` what a table's say where no profile does. Of a folder
    `stretches` tell in which file a row stands.
    """

    found: Tally
    place: Place
    decisions: tuple[Said, ...] = ()
    profile: Profile | None = None
    warnings: tuple[Said, ...] = ()
    heads: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    header_row: int = 0
    zone: str = ""
    statuses: Statuses = NO_STATUSES
    stretches: tuple[Stretch, ...] = ()

    def at(self, row: int, field: str = "") -> Place:
        """Give the place of a row, where a user finds it: in a table by the head of what the field is read from."""
        file, row = place_among(self.stretches, self.place.file, row)
        heads = [head for head, read in zip(self.heads, self.reads, strict=False) if read == field]
        return replace(self.place, file=file, row=row, column=next(iter(heads), "" if self.heads else field))


@dataclass(frozen=True, slots=True)
class Staging:
    """Where a log is staged: the connection, the view's name, the account, who watches, and what is stated of it.

    Stated are the profiles named for it, fields and types of a table by head or column letter, whether its times are
    written day or month first (`dmy`, `mdy`; empty: as all of them show), how a text is written that is not
    Unicode (empty: as Windows does), and the zone of times without one (empty: that of the row's account).

    Beside the canonical columns the view has `place`, by which its rows can be told apart, and `phones`, the same in
    all of them: whether every user is known to be a phone number. Behind it stand `<view>_all`, with the rows that
    cannot be used, and perhaps a table `<view>_rows`.
    """

    connection: duckdb.DuckDBPyConnection
    view: str
    account: Account
    progress: Progress
    profiles: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    dates: str = ""
    encoding: str = ""
    zone: str = ""
    types: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def canonical(self, raw: str, kinds: Mapping[str, str], *, comma: bool = False, plain: Collection[str] = ()) -> str:
        """Give the canonical SELECT over raw columns of these types (see `columns.canonical_sql`)."""
        now = datetime.now(UTC)
        return canonical_sql(raw, kinds, self.account, now, comma=comma, plain=plain, zone=self.zone)

    def take(
        self, raw: str, kinds: Mapping[str, str], row: str, *, comma: bool = False, supposed: bool = False
    ) -> Tally:
        """Copy the rows over raw columns (see `canonical`) into a temporary table; `row` is SQL of its number.

        `{first}` in it stands for the first `rowid`, which is not 0 for rows of a transaction that is still open.
        Columns that the log does not have are not copied: to write nothing for every row takes a quarter of the time.
        With `supposed`, rows of a log whose first ones are plain (`log_plain`) are taken as if all were.
        """
        few = f"SELECT * FROM ({raw}) LIMIT {FIRST_ROWS}" if supposed else ""
        return self._take(raw, kinds, lambda first: row.format(first=first), comma=comma, few=few)

    def take_parts(self, raw: str, kinds: Mapping[str, str], *, few: str = "") -> Tally:
        """Copy rows as `take` does, of which several may be parts of one object.

        In `raw`, `source_row` is 1 in the first row of each object and 0 in its others; their number is made of it.
        With `few`, the raw rows of the first objects, all are taken for plain if these are. To limit rows instead would
        keep, for each, the object that it is a part of: a thousand of one of nine megabytes took twelve gigabytes.
        """
        return self._take(raw, kinds, self._number_parts, comma=False, few=few)

    def _number_parts(self, first: int) -> str:
        """Count the rows that were copied by their objects, and give SQL of a row's number."""
        rows = f'"{self.view}_rows"'
        parts = self.connection.execute(f"SELECT count_if(source_row = 0) FROM {rows}").fetchall()[0][0]
        if not parts:
            return f"rowid - {first} + 1"
        counted = f"SELECT rowid AS place, sum(source_row) OVER (ORDER BY rowid) AS number FROM {rows}"
        statement = f"UPDATE {rows} SET source_row = number FROM ({counted}) WHERE {rows}.rowid = place"
        watch(self.connection, statement, self.progress)
        return "source_row"

    def _take(self, raw: str, kinds: Mapping[str, str], row: Callable[[int], str], *, comma: bool, few: str) -> Tally:
        """Copy rows as `take` does; `row` gives the SQL of a row's number from the first `rowid` of those copied."""
        found = self._take_plain(raw, kinds, row, comma=comma) if few and self._begins_plain(few, kinds) else None
        if found is None:
            first = self._copy(self.canonical(raw, kinds, comma=comma), kinds)
            found = self._show(self._copied(kinds, row(first), "fault, local"))
        return found

    def _begins_plain(self, few: str, kinds: Mapping[str, str]) -> bool:
        """Tell whether the first rows are plain and without a fault."""
        statement, columns = supposed_sql(few, kinds, self.account, datetime.now(UTC), ["count(*)"], self.zone)
        count, good, *found = self.connection.execute(statement).fetchall()[0]
        return bool(count and good) and len(columns) == len(found) and False not in found

    def _take_plain(
        self, raw: str, kinds: Mapping[str, str], row: Callable[[int], str], *, comma: bool
    ) -> Tally | None:
        """Copy rows as they are, and read anew those that turn out not to be plain; None where these are many."""
        select = plain_rows_sql(raw, kinds, self.account, datetime.now(UTC), comma=comma, zone=self.zone)
        first = self._copy(select, kinds)
        number, good = row(first), "0::UTINYINT AS fault, false AS local"
        told = self._copied(kinds, number, f"{good}, odd")
        asked = ", ".join((*self._asked(_ASKED_OF_GOOD), "count_if(odd)", _PHONES))
        *tally, odd, phones = watch(self.connection, f"SELECT {asked} FROM ({told})", self.progress)[0]
        if not odd:
            return self._show(self._copied(kinds, number, good), _tally([tally]), phones=bool(phones))
        if _whole(odd) > _whole(tally[1]) * _MOST_ODD:
            return None
        self._read_odd(kinds, comma=comma)
        return self._show(self._copied(kinds, number, "coalesce(fault, 0) AS fault, coalesce(local, false) AS local"))

    def _read_odd(self, kinds: Mapping[str, str], *, comma: bool) -> None:
        """Read the rows that are not plain from the cells that they kept, and put them into their places."""
        rows = f'"{self.view}_rows"'
        for name, kind in (("fault", "UTINYINT"), ("local", "BOOLEAN")):
            self.connection.execute(f"ALTER TABLE {rows} ADD COLUMN {name} {kind}")
        cells = ", ".join(
            f"cells[{place}]::{kinds[name]} AS {name_sql(name)}" for place, name in enumerate(raw_columns(kinds), 1)
        )
        kept = f"SELECT rowid AS source_row, from_json(message_id, '[\"VARCHAR\"]') AS cells FROM {rows} WHERE odd"
        raw = f"SELECT source_row, {cells} FROM ({kept})"
        read = self.canonical(raw, {**kinds, "source_row": "BIGINT"}, comma=comma)
        names = [name for name in MESSAGE_COLUMNS if name not in {*_absent(kinds), "source_row"}]
        changed = ", ".join(f"{name_sql(name)} = read.{name_sql(name)}" for name in (*names, "fault", "local"))
        statement = f"UPDATE {rows} SET {changed} FROM ({read}) AS read WHERE {rows}.rowid = read.source_row"
        watch(self.connection, statement, self.progress)

    def _copy(self, select: str, kinds: Mapping[str, str]) -> int:
        """Copy a canonical SELECT into the table, but for what the log does not have; gives its first `rowid`."""
        self.drop()
        left_out = f"EXCLUDE ({', '.join(map(name_sql, _absent(kinds)))})" if _absent(kinds) else ""
        statement = f'CREATE TEMP TABLE "{self.view}_rows" AS SELECT * {left_out} FROM ({select})'
        watch(self.connection, statement, self.progress)
        found = self.connection.execute(f'SELECT coalesce(min(rowid), 0) FROM "{self.view}_rows"').fetchall()
        return int(found[0][0])

    def _copied(self, kinds: Mapping[str, str], row: str, more: str) -> str:
        """Give the SELECT of what was copied, with the number of each row, its place and some columns more."""
        nothing = {name: f"NULL::{MESSAGE_COLUMNS[name]} AS {name_sql(name)}" for name in _absent(kinds)}
        columns = ", ".join(nothing.get(name, name_sql(name)) for name in MESSAGE_COLUMNS if name != "source_row")
        return f'SELECT {row} AS source_row, rowid AS place, {columns}, {more} FROM "{self.view}_rows"'

    def leave(self, select: str, found: Tally | None = None, *, phones: bool = False) -> Tally:
        """Leave the rows in their file and read them through the view; `select` gives `source_row` itself.

        `found` is what became of them, where that is known already; so is it where all users are `phones`.
        """
        self.drop()
        source = f"SELECT source_row, source_row AS place, {_COLUMNS}, fault, local FROM ({select})"
        return self._show(source, found, phones=phones)

    def leave_raw(self, raw: str, kinds: Mapping[str, str]) -> Tally:
        """Leave raw rows in their file, plain columns (`log_plain`) taken as they are.

        The rows are read once as if nothing were wrong with any: where that holds, they have been counted as well.
        """
        asked = [*self._asked(_ASKED_OF_GOOD), _PHONES]
        statement, columns = supposed_sql(raw, kinds, self.account, datetime.now(UTC), asked, self.zone)
        row = watch(self.connection, statement, self.progress)[0]
        good, *found = row[-1 - len(columns) :]
        plain = frozenset(name for name, every in zip(columns, found, strict=True) if every is not False)
        whole = good and row[1] and len(plain) == len(columns)
        phones = "user" in plain and bool(row[len(asked) - 1])
        return self.leave(self.canonical(raw, kinds, plain=plain), _tally([row]) if whole else None, phones=phones)

    def drop(self) -> None:
        """Remove the view and what stands behind it."""
        drop_log(self.connection, self.view)

    def _asked(self, of_rows: Sequence[str]) -> tuple[str, ...]:
        """Add to what is asked of staged rows how many of them are in doubt."""
        return (*of_rows, *(f"count_if({test})" for test in doubts_sql(self.account)))

    def _show(self, source: str, found: Tally | None = None, *, phones: bool = False) -> Tally:
        self.connection.execute(f'CREATE TEMP VIEW "{self.view}_all" AS {source}')
        if found is None:
            asked = ", ".join(self._asked(_ASKED))
            statement = f'SELECT fault, {asked} FROM "{self.view}_all" GROUP BY fault'
            found = _tally(watch(self.connection, statement, self.progress))
        # Where every row is good, whoever reads the view is spared the test.
        good = "WHERE fault = 0" if set(found.counts) - {0} else ""
        names = f"source_row, place, {_COLUMNS}, {phones} AS phones"
        self.connection.execute(f'CREATE TEMP VIEW "{self.view}" AS SELECT {names} FROM "{self.view}_all" {good}')
        return found


def _absent(kinds: Mapping[str, str]) -> list[str]:
    """Name the columns that a log does not have; a WABA is filled in."""
    return [name for name in MESSAGE_COLUMNS if name not in {*kinds, "waba_id", "source_row"}]


def lies_in_file(connection: duckdb.DuckDBPyConnection, view: str) -> bool:
    """Tell whether the rows of a staged log were left in their file, to be read from there each time."""
    copied = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [f"{view}_rows"]).fetchall()
    return not copied


def drop_log(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    """Remove a staged log and what stands behind it."""
    connection.execute(f'DROP VIEW IF EXISTS "{view}"')
    connection.execute(f'DROP VIEW IF EXISTS "{view}_all"')
    connection.execute(f'DROP TABLE IF EXISTS "{view}_rows"')


def _tally(rows: Sequence[Sequence[object]]) -> Tally:
    """Give what became of staged rows from their faults and what was asked of each, with the span of the good ones."""
    good = next((row for row in rows if row[0] == 0), (0, 0, 0, "", 0))
    asked = good[5:]
    times = [_whole(time) for time in asked[: 2 * len(STATUS_TIMES)] if time is not None]
    return Tally(
        counts={_whole(row[0]): (_whole(row[1]), _whole(row[2]), str(row[3] or "")) for row in rows},
        local=_whole(good[4]),
        first=min(times, default=NEVER),
        last=max(times, default=NEVER),
        doubts=tuple(map(_whole, asked[2 * len(STATUS_TIMES) :][: len(DOUBTS)])),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value

"""The first stage on a cluster: rows as they come -> canonical rows in parcels, and what each task saw of them.

Spark brings the rows of Parquet files, cell by cell, from wherever it can read. Where they lie on a disk that every
machine sees, it brings stretches of files, and each machine reads its own: that costs a fifth. Texts: see `lines.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from auditor.cluster.parcels import Batches
from auditor.cluster.parcels import parcel
from auditor.cluster.parcels import received
from auditor.cluster.parcels import spread
from auditor.cluster.parcels import told
from auditor.cluster.stages import CANONICAL
from auditor.cluster.stages import LOG
from auditor.cluster.stages import SENT
from auditor.cluster.stages import STRETCH
from auditor.cluster.stages import TOGETHER
from auditor.cluster.stages import TOLD
from auditor.cluster.stages import Audited
from auditor.cluster.stages import arrow
from auditor.cluster.stages import connected
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.columns import canonical_sql
from auditor.readers.logs.refusals import refuse_float_ids
from auditor.readers.logs.refusals import refuse_odd_kinds
from auditor.readers.sql_text import parquet_sql


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """Why a log is refused: the file as `of_file` says it, and a problem with its column and values."""

    of_file: str
    code: str
    column: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Canonised:
    """What a task saw of the rows as they came.

    `faults` gives the number of rows of each fault and the first place; `numbers` the last place of each number in the
    log, and its WABA there. `refusals` are why the log cannot be read at all.
    """

    kept: int = 0
    refusals: set[Refusal] = field(default_factory=set)
    faults: dict[int, tuple[int, tuple[str, int]]] = field(default_factory=dict)
    numbers: dict[str, tuple[tuple[str, int], str]] = field(default_factory=dict)

    def add(self, other: "Canonised") -> None:
        """Add what another task saw."""
        self.kept += other.kept
        self.refusals |= other.refusals
        for number, (count, place) in other.faults.items():
            before = self.faults.get(number, (0, place))
            self.faults[number] = (before[0] + count, min(before[1], place))
        for name, last in other.numbers.items():
            self.numbers[name] = max(self.numbers.get(name, last), last)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of a Parquet file, from `first` to before `end`; `of_file` is what orders the files."""

    of_file: str
    path: str
    first: int
    end: int


def canonise(batches: Batches, audited: Audited, partitions: int) -> Batches:
    """Read rows that Spark brings as the canonical log says (formats.md §1), each with the place where it stood.

    They are divided: rows by thread, and who had which message by the message.
    """
    reading = Reading(audited, partitions)
    for batch in batches:
        given = pa.Table.from_batches([batch])
        files = given.column("of_file").dictionary_encode()
        names = ["source_row" if name == "position" else name for name in given.column_names]
        reading.connection.register("given", given.rename_columns(names).drop_columns("of_file"))
        yield from reading.rows("select * from given", files)
    yield told(TOLD, reading.seen)


def canonise_stretches(batches: Batches, audited: Audited, partitions: int) -> Batches:
    """Read stretches of files, and divide their rows as `canonise` does."""
    reading = Reading(audited, partitions)
    for _, _, text, _ in received(batches, STRETCH):
        stretch = Stretch(**json.loads(text))
        files = pa.array([stretch.of_file]).dictionary_encode()
        yield from reading.rows(_stretch_sql(stretch, reading.connection), files)
    yield told(TOLD, reading.seen)


def _stretch_sql(stretch: Stretch, connection: duckdb.DuckDBPyConnection) -> str:
    """Give the query of a stretch under canonical names; what is none of ours stays where it is."""
    source = parquet_sql(Path(stretch.path))
    query = f"describe select * exclude file_row_number from {source}"  # noqa: S608 - the path is quoted
    heads = [str(row[0]) for row in connection.execute(query).fetchall()]
    quoted = [head.replace('"', '""') for head in heads]
    named = [f'"{head}" as "{name}"' for head, name in zip(quoted, canonical_heads(heads), strict=True) if name]
    own = f"file_row_number >= {stretch.first} and file_row_number < {stretch.end}"
    return f"select {', '.join(named)}, file_row_number as source_row from {source} where {own}"  # noqa: S608 - names are quoted


class Reading:
    """Rows on their way into parcels, divided among so many partitions, and what was seen of them."""

    def __init__(self, audited: Audited, partitions: int, *, comma: bool = False) -> None:
        """Take what every stage knows and the number of partitions; `comma`: amounts have a decimal comma."""
        self._comma = comma
        self._account = audited.read()
        self._now = audited.now
        self._partitions = partitions
        self.connection = connected()
        self.seen = Canonised()

    def rows(self, raw: str, files: pa.DictionaryArray) -> Batches:
        """Read the rows of a query; `files` says from which file each comes, or the one that all come from."""
        kinds = {str(row[0]): str(row[1]) for row in self.connection.execute(f"describe {raw}").fetchall()}
        try:
            refuse_odd_kinds(kinds, Place(""))
            refuse_float_ids(self.connection, raw, kinds, Place(""))
        except AuditorError as error:
            self.refuse(str(files[0].as_py()), error)
            return
        made = arrow(self.connection, self._query(raw, kinds))
        files = files if len(files) == len(made) else files.take(pa.array(np.zeros(len(made), np.int32)))
        rows = self._sound(made.append_column("of_file", files))
        if len(rows):
            yield from self._parcels(rows)

    def refuse(self, of_file: str, error: AuditorError) -> None:
        """Note down why the log cannot be read: the driver says so, when all have looked at their part."""
        column = error.place.column if error.place else ""
        self.seen.refusals.add(Refusal(of_file, error.code, column, tuple(sorted(error.values.items()))))

    def _query(self, raw: str, kinds: Mapping[str, str]) -> str:
        """Give the canonical rows; a column that the log does not have has no cells to be moved."""
        query = canonical_sql(raw, kinds, self._account, self._now, comma=self._comma)
        names = ", ".join(f'"{name}"' for name in CANONICAL if name in kinds or name == "waba_id")
        thread = 'hash(phone_number_id, "user") as thread'
        return f"select {names}, {thread}, source_row as position, fault::integer as fault from ({query})"  # noqa: S608 - own names

    def _sound(self, made: pa.Table) -> pa.Table:
        """Count the rows that cannot be used, and give the others."""
        fault = made.column("fault").to_numpy()
        if fault.any():
            query = (
                "select fault, count(*), min((of_file::varchar, position)) from given where fault > 0 group by fault"
            )
            self.connection.register("given", made)
            for number, count, place in self.connection.execute(query).fetchall():
                self.seen.add(Canonised(faults={number: (count, place)}))
            made = made.filter(pa.array(fault == 0))
        return made.drop_columns("fault")

    def _parcels(self, rows: pa.Table) -> Batches:
        self.seen.kept += len(rows)
        self.connection.register("given", rows)
        query = (
            "select phone_number_id, of_file::varchar, max(position), max_by(waba_id, position) from given group by all"
        )
        for number, file, position, waba in self.connection.execute(query).fetchall():
            self.seen.add(Canonised(numbers={number: ((file, position), waba)}))
        sent = arrow(
            self.connection,
            "select distinct hash(phone_number_id, message_id) as message, thread from given "
            "where direction = 'outbound'",
        )
        yield from self._divided(SENT, sent, "message")
        if "group_id" in rows.column_names:
            together = arrow(self.connection, "select distinct thread from given where group_id is not null")
            if len(together):
                yield parcel(TOGETHER, together)
        yield from self._divided(LOG, rows, "thread")

    def _divided(self, kind: str, rows: pa.Table, by: str) -> Batches:
        return spread(kind, rows, (rows.column(by).to_numpy() % self._partitions).astype(np.int32))

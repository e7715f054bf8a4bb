"""The stages that come after the second pass, when what each lot costs is known (see `stages.py`).

picked    units -> those of some lots                                                       (any units)
active    minutes in which numbers were active -> the same, added up                        (whole numbers)
checked   units, and what Meta logged of their messages -> where the two disagree           (units of a partition)
ranged    units -> the same by their place in the order of CHARGES                          (any units)
charged   units -> rows of CHARGES, in order                                                (a stretch of the order)
written   units -> the same as a file, and its name                                         (a stretch of the order)
sampled   canonical rows -> those of some users                                             (any rows)
"""

from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import duckdb
import numpy as np
import pyarrow as pa

from auditor.cluster.parcels import Batches
from auditor.cluster.parcels import gathered
from auditor.cluster.parcels import named
from auditor.cluster.parcels import parcel
from auditor.cluster.parcels import received
from auditor.cluster.parcels import spread
from auditor.cluster.parcels import told
from auditor.cluster.parcels import unpacked
from auditor.cluster.stages import ACTIVE
from auditor.cluster.stages import ACTIVE_ROWS
from auditor.cluster.stages import LOG
from auditor.cluster.stages import LOG_ROWS
from auditor.cluster.stages import LOGGED
from auditor.cluster.stages import LOGGED_ROWS
from auditor.cluster.stages import TOLD
from auditor.cluster.stages import UNIT_ROWS
from auditor.cluster.stages import UNITS
from auditor.cluster.stages import WRITTEN
from auditor.cluster.stages import Audited
from auditor.cluster.stages import arrow
from auditor.cluster.stages import connected
from auditor.cluster.stages import unit_ids
from auditor.core.checks.cross_check import Said
from auditor.core.checks.cross_check import disagreements
from auditor.core.counters import Pieces
from auditor.core.health.widening import of_some_users
from auditor.core.rates import Tariff
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.terms import Terms
from auditor.project.log import USER_KEY
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.readers.sql_text import text_sql
from auditor.writers.charge_file import charge_query

Place = tuple[str, int]
Bound = tuple[int, str]
"""Instant and id of a unit: what CHARGES is ordered by."""

_SLICE = 50_000


@dataclass(frozen=True, slots=True)
class Second:
    """The outcome of the second pass: what every lot comes to, and which units tie at an edge.

    `lots` gives each lot's place by its text, `ties` the row of a tied unit by (lot's number, message id, user).
    """

    numbers: tuple[str, ...]
    lots: Mapping[str, int]
    number: Sequence[int]
    pieces: Pieces
    kinds: ChargeKinds
    ties: Mapping[tuple[int, str, str], int]

    def terms(self, audited: Audited) -> Terms:
        """Give what names the codes of charges; prices are in the kinds already."""
        return Terms(audited.read(), regimes(), market_table(), Tariff(()), self.numbers)

    def charges(self, units: pa.Table) -> Charges:
        """Give the charges that units come to, row for row."""
        coded = units.column("lot").combine_chunks()
        places = np.array([self.lots[text] for text in coded.dictionary.to_pylist()], np.int32)
        lot = places[coded.indices.to_numpy()]
        at = units.column("billed_at").to_numpy()
        return Charges(
            row=np.arange(len(units)),
            billed_at=at,
            ends_at=units.column("ends_at").to_numpy(),
            messages=units.column("messages").to_numpy(),
            kind=self.pieces.of(lot, at, self._tied_rows(units, lot, at)),
            kinds=self.kinds,
            belongs=np.zeros(0, np.int32),
        )

    def _tied_rows(self, units: pa.Table, lot: Int32, at: Int64) -> Int64:
        """Give the rows of units at an instant at which some counter has its edge; the others need none."""
        edges = np.unique(np.array([cut.at for some in self.pieces.cuts for cut in some], np.int64))
        tied = np.flatnonzero(np.isin(at, edges))
        found = np.full(len(units), -1, np.int64)
        own = units.take(pa.array(tied))
        ids = zip(own.column("message_id").to_pylist(), own.column("user").to_pylist(), strict=True)
        for place, (message_id, user) in zip(tied.tolist(), ids, strict=True):
            found[place] = self.ties.get((self.number[lot[place]], message_id, user), -1)
        return found


@dataclass(frozen=True, slots=True)
class Checked:
    """`Disagreements` of a partition; a message is known by its place in the log."""

    compared: int
    alike: Mapping[tuple[int, ...], tuple[int, Place]]


def picked(batches: Batches, lots: frozenset[str]) -> Batches:
    """Give the units of some lots."""
    for some in gathered(batches, UNITS, UNIT_ROWS):
        coded = some.column("lot").combine_chunks()
        wanted = np.array([text in lots for text in coded.dictionary.to_pylist()], np.bool_)
        chosen = np.flatnonzero(wanted[coded.indices.to_numpy()])
        if len(chosen):
            yield parcel(UNITS, some.take(pa.array(chosen)))


def active(batches: Batches) -> Batches:
    """Add up when each number was active; the rows of a number come one after another."""
    number, counts = None, np.zeros((2, 0), np.int64)
    for _, _, name, one in received(batches, ACTIVE):
        if number is not None and name != number:
            yield _activity(number, counts)
            counts = np.zeros((2, 0), np.int64)
        number = name
        some = unpacked([one], ACTIVE_ROWS)
        bins, *events = (some.column(field).to_numpy() for field in ACTIVE_ROWS.names)
        counts = np.pad(counts, ((0, 0), (0, max(0, int(bins.max(initial=-1)) + 1 - counts.shape[1]))))
        counts[:, bins] += events
    if number is not None:
        yield _activity(number, counts)


def _activity(number: str, counts: Int64) -> pa.RecordBatch:
    (bins,) = counts[0].nonzero()
    rows = [pa.array(column.astype(np.int32)) for column in (bins, *counts[:, bins])]
    return parcel(ACTIVE, pa.table(rows, schema=ACTIVE_ROWS), text=number)


def checked(batches: Batches, audited: Audited, second: Second) -> Batches:
    """Hold what Meta logged of a partition's messages against the charges of its units."""
    found: dict[str, list[bytes]] = {UNITS: [], LOGGED: []}
    for kind, _, _, one in received(batches, UNITS, LOGGED):
        found[kind].append(one)
    if not found[LOGGED]:
        return
    logged = unpacked(found[LOGGED], LOGGED_ROWS)
    unit, opens, waba, words = (logged.column(name).to_numpy() for name in LOGGED_ROWS.names[:4])
    charges = second.charges(unpacked(found[UNITS], UNIT_ROWS))
    files, positions = logged.column("of_file").to_pylist(), logged.column("position").to_pylist()
    order = sorted(range(len(logged)), key=lambda row: (files[row], positions[row]))
    rows = np.empty(len(logged), np.int64)
    rows[order] = np.arange(len(logged))
    told_apart = disagreements(Said(rows, waba, unit, opens, words), charges, second.terms(audited))
    places = {kind: (n, (files[order[row]], positions[order[row]])) for kind, (n, row) in told_apart.alike.items()}
    yield told(TOLD, Checked(told_apart.compared, places))


def ranged(batches: Batches, bounds: Sequence[Bound]) -> Batches:
    """Divide units into stretches of the order of CHARGES; a bound is where the next stretch begins."""
    moments = np.array([at for at, _ in bounds], np.int64)
    for some in gathered(batches, UNITS, UNIT_ROWS):
        at = some.column("billed_at").to_numpy()
        place = np.searchsorted(moments, at, side="right").astype(np.int32)
        tied = np.flatnonzero(np.isin(at, moments))
        own = some.take(pa.array(tied))
        keys = zip(own.column("billed_at").to_pylist(), unit_ids(own), strict=True)
        place[tied] = [bisect_right(bounds, key) for key in keys]
        yield from spread(UNITS, some, place)


def charged(batches: Batches, audited: Audited, second: Second) -> Batches:
    """Give units as rows of CHARGES (formats.md §8), in order, by what the second pass made of their lots."""
    units = [one for _, _, _, one in received(batches, UNITS)]
    if units:
        connection = connected()
        with _query(connection, units, audited, second) as query:
            yield from arrow(connection, query).to_batches(_SLICE)


def written(batches: Batches, audited: Audited, second: Second, folder: str) -> Batches:
    """Write what `charged` would give as a file in a folder that every machine sees; tells its name and its place.

    No two attempts write the same file: which of them counts is for the driver to say.
    """
    found = list(received(batches, UNITS))
    if found:
        (_, place, _, _), *_ = found
        name = f"{uuid4()}.parquet"
        connection = connected()
        with _query(connection, [one for _, _, _, one in found], audited, second) as query:
            connection.execute(f"copy ({query}) to {text_sql(str(Path(folder, name)))} (format parquet)")
        yield named(WRITTEN, name, place)


@contextmanager
def _query(
    connection: duckdb.DuckDBPyConnection, units: Sequence[bytes], audited: Audited, second: Second
) -> Iterator[str]:
    """Give the query of the rows of CHARGES that units come to."""
    table = unpacked(units, UNIT_ROWS)
    charges = second.charges(table)
    connection.register("given", table.select(["message_id", "user"]))
    connection.execute("create table message as select * from given")
    with charge_query(connection, [(charges, charges.row)], second.terms(audited)) as query:
        yield query


def sampled(batches: Batches, weight: int) -> Batches:
    """Give the rows of every `weight`-th user."""
    connection = connected()
    for some in gathered(batches, LOG, LOG_ROWS):
        connection.register("given", some.select(["user"]))
        key = arrow(connection, f"select {USER_KEY} as key from given").column("key").to_numpy()  # noqa: S608 - own words
        chosen = np.flatnonzero(of_some_users(key, weight))
        if len(chosen):
            yield parcel(LOG, some.take(pa.array(chosen)))

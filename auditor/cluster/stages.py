"""What runs on the machines of a cluster: Arrow batches in, Arrow batches out, the desktop's own readers and kernels.

    canonise    rows as they come -> canonical rows, each with its fault             (any rows)
    candidates  canonical rows -> units, not priced, each with its lot               (whole threads)
    charged     units with their lots -> rows of CHARGES                             (any units)

Each gives the same for the same rows, whatever machine it runs on and however often it is begun anew.
"""

import json
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from auditor.core.charging import Log
from auditor.core.charging import every_unit
from auditor.core.counters import Pieces
from auditor.core.lots import Lots
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import Int64
from auditor.core.terms import Terms
from auditor.project.apart import made_ready
from auditor.project.log import StoredLog
from auditor.project.plain import from_plain
from auditor.readers.log_columns import canonical_sql
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.writers.charge_file import charge_query

Batches = Iterator[pa.RecordBatch]

CANONICAL = tuple(name for name in MESSAGE_COLUMNS if name != "source_row")
LOT_FIELDS = (
    "waba", "number", "day", "conversation", "grouped", "covered", "place", "category", "pricing_type", "regime",
    "reasons", "paid", "limit",
)  # fmt: skip
# A text that no id holds, between the fields of a lot.
_BETWEEN = "\x1f"
_SLICE = 100_000


@dataclass(frozen=True, slots=True)
class Audited:
    """What every stage knows: the account (as JSON, for it travels) and the instant at which the work began."""

    account: str
    now: datetime

    def read(self) -> Account:
        """Give the account."""
        return from_plain(Account, json.loads(self.account))


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


def canonise(batches: Batches, audited: Audited) -> Batches:
    """Read rows as the canonical log says (formats.md §1), each with its fault; `file` and `position` go along."""
    account = audited.read()
    connection = _connection()
    for batch in batches:
        given = pa.Table.from_batches([batch]).append_column("source_row", pa.array(np.arange(len(batch))))
        connection.register("given", given)
        described = connection.execute("describe select * exclude (file, position) from given").fetchall()
        kinds = {str(row[0]): str(row[1]) for row in described}
        query = canonical_sql("select * exclude (file, position) from given", kinds, account, audited.now)
        names = ", ".join(f'"{name}"' for name in CANONICAL)
        made = _arrow(connection, f"select {names}, fault::integer as fault from ({query}) order by source_row")  # noqa: S608
        for name in ("file", "position"):
            made = made.append_column(name, given.column(name))
        yield from made.to_batches()


def candidates(batches: Batches, audited: Audited) -> Batches:
    """Walk the threads of a partition: a row for each unit, and one without a lot that tells what was seen of the log.

    A partition holds whole threads, and all that a group of a number has to do with each other.
    """
    rows = list(batches)
    if not rows:
        return
    account = audited.read()
    connection = _connection()
    connection.register("given", pa.Table.from_batches(rows))
    faults = connection.execute(
        "select fault, count(*), min(file), min_by(position, (file, position)) from given "
        "where fault > 0 group by fault"
    ).fetchall()
    names = ", ".join(f'"{name}"' for name in CANONICAL)
    connection.execute(
        f"create table message as select 1 as file, 0::bigint as source_row, {names} "  # noqa: S608 - own names
        "from given where fault = 0 order by given.file, given.position"
    )
    connection.unregister("given")
    del rows
    stored = StoredLog(connection, [1], account)
    log = made_ready(stored, account, regimes())
    seen = {"rows": len(stored), "faults": faults, "tells_templates": log.folded.tells_templates}
    yield _facts(json.dumps(seen))
    # Whether the log tells templates is known of all partitions only: the second pass takes the remark back.
    log = replace(log, folded=replace(log.folded, tells_templates=True))
    yield from _units(log, stored, account, connection)


def _units(log: Log, stored: StoredLog, account: Account, connection: duckdb.DuckDBPyConnection) -> Batches:
    every = every_unit(log, Terms(account, regimes(), market_table(), Tariff(()), stored.numbers))
    lots = pa.array(_lot_texts(every.lots, stored), pa.string())
    ids = _arrow(connection, 'select message_id, "user" from message')
    units = every.units
    row, billed = log.folded.row[units.opener], log.folded.billed[units.opener]
    for first in range(0, len(units), _SLICE):
        own = slice(first, first + _SLICE)
        opened = ids.take(pa.array(row[own]))
        yield pa.RecordBatch.from_arrays(
            [
                lots.take(pa.array(every.lot[own])),
                opened.column("message_id").combine_chunks(),
                opened.column("user").combine_chunks(),
                pa.array(billed[own]),
                pa.array(units.ends_at[own]),
                pa.array(units.messages[own]),
            ],
            schema=CANDIDATE,
        )


CANDIDATE = pa.schema([
    ("lot", pa.string()), ("message_id", pa.string()), ("user", pa.string()), ("billed_at", pa.int64()),
    ("ends_at", pa.int64()), ("messages", pa.int32()),
])  # fmt: skip


def _facts(said: str) -> pa.RecordBatch:
    values = [None, said, None, None, None, None]
    return pa.RecordBatch.from_pylist([dict(zip(CANDIDATE.names, values, strict=True))], schema=CANDIDATE)


def _lot_texts(lots: Lots, stored: StoredLog) -> list[str]:
    """Write each lot down so that it means the same on every machine: numbers and amounts as they are written."""
    fields: dict[str, Sequence[Any]] = {name: getattr(lots, name).tolist() for name in LOT_FIELDS}
    fields["number"] = [stored.numbers[number] for number in fields["number"]]
    for name in ("conversation", "grouped"):
        fields[name] = [int(value) for value in fields[name]]
    for name in ("paid", "limit"):
        fields[name] = [str(stored.amounts[place]) if place >= 0 else "" for place in fields[name]]
    return [_BETWEEN.join(map(str, values)) for values in zip(*(fields[name] for name in LOT_FIELDS), strict=True)]


def lot_fields(text: str) -> dict[str, str]:
    """Read a lot that `candidates` wrote down."""
    return dict(zip(LOT_FIELDS, text.split(_BETWEEN), strict=True))


def charged(batches: Batches, audited: Audited, second: Second) -> Batches:
    """Write units as rows of CHARGES (formats.md §8), by what the second pass made of their lots."""
    terms = Terms(audited.read(), regimes(), market_table(), Tariff(()), second.numbers)
    connection = _connection()
    edges = np.unique(np.array([cut.at for some in second.pieces.cuts for cut in some], np.int64))
    for batch in batches:
        coded = batch.column("lot").dictionary_encode()
        places = np.array([second.lots[text] for text in coded.dictionary.to_pylist()], np.int32)
        lot = places[coded.indices.to_numpy()]
        at = batch.column("billed_at").to_numpy()
        row = _tied_rows(batch, lot, np.flatnonzero(np.isin(at, edges)), second)
        own = np.arange(len(batch))
        charges = Charges(
            row=own,
            billed_at=at,
            ends_at=batch.column("ends_at").to_numpy(),
            messages=batch.column("messages").to_numpy(),
            kind=second.pieces.of(lot, at, row).astype(np.int32),
            kinds=second.kinds,
            belongs=np.zeros(0, np.int64),
        )
        connection.register("given", batch.select(["message_id", "user"]))
        connection.execute("create or replace table message as select * from given")
        with charge_query(connection, [(charges, own)], terms) as query:
            yield from _arrow(connection, query).to_batches()


def _tied_rows(batch: pa.RecordBatch, lot: np.ndarray[Any, Any], tied: Int64, second: Second) -> Int64:
    """Give the rows of units at an instant at which some counter has its edge; the others need none."""
    found = np.full(len(batch), -1, np.int64)
    own = batch.take(pa.array(tied))
    ids = zip(own.column("message_id").to_pylist(), own.column("user").to_pylist(), strict=True)
    for place, (message_id, user) in zip(tied.tolist(), ids, strict=True):
        found[place] = second.ties.get((second.number[lot[place]], message_id, user), -1)
    return found


def _connection() -> duckdb.DuckDBPyConnection:
    """Open a database in memory, on one core: the cluster runs a task on each."""
    return duckdb.connect(config={"threads": 1})


def _arrow(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.sql(query).to_arrow_table()

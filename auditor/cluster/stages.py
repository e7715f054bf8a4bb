"""What runs on the machines of a cluster: Arrow batches in, Arrow batches out, the desktop's own readers and kernels.

    shared      who had which message -> threads that meet in a group of a number               (whole messages)
    divided     canonical rows -> the same by partition, threads whole                          (any rows)
    candidates  canonical rows -> units, not priced, each with its lot, and what was counted    (whole threads)

They begin where `canonical.py` ends; the later ones stand in `priced.py`. Each stage gives the same for the same rows,
whatever machine it runs on, in whatever order they reach it and however often it is begun anew.
"""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from auditor.cluster.parcels import Batches
from auditor.cluster.parcels import counted
from auditor.cluster.parcels import gathered
from auditor.cluster.parcels import parcel
from auditor.cluster.parcels import spread
from auditor.cluster.parcels import told
from auditor.core.charging import EveryUnit
from auditor.core.charging import Log
from auditor.core.charging import every_unit
from auditor.core.checks.cross_check import logged_messages
from auditor.core.checks.cross_check import said
from auditor.core.health.activity import Statuses
from auditor.core.health.activity import statuses
from auditor.core.health.trust import LogCounts
from auditor.core.health.trust import counts_of
from auditor.core.lots import Lots
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.core.tables import Bools
from auditor.core.tables import UInt64
from auditor.core.terms import Terms
from auditor.project.apart import made_ready
from auditor.project.log import StoredLog
from auditor.project.plain import from_plain
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.working import OFFLINE

STRETCH, LOG, SENT, TOGETHER, TOLD = "stretch", "log", "sent", "together", "told"
UNITS, LOT, ACTIVE, SAMPLE, LOGGED, WRITTEN = "units", "lot", "active", "sample", "logged", "written"

CANONICAL = tuple(name for name in MESSAGE_COLUMNS if name != "source_row")
LOT_FIELDS = (
    "waba", "number", "day", "conversation", "grouped", "covered", "place", "category", "pricing_type", "regime",
    "reasons", "paid", "limit",
)  # fmt: skip
_KINDS = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_()}
_TEXTS = pa.dictionary(pa.int32(), pa.string())
LOG_ROWS = pa.schema([
    *((name, _KINDS[MESSAGE_COLUMNS[name]]) for name in CANONICAL),
    ("thread", pa.uint64()), ("of_file", _TEXTS), ("position", pa.int64()),
])  # fmt: skip
SENT_ROWS = pa.schema([("message", pa.uint64()), ("thread", pa.uint64())])
TOGETHER_ROWS = pa.schema([("thread", pa.uint64())])
UNIT_ROWS = pa.schema([
    ("lot", _TEXTS), ("message_id", pa.string()), ("user", pa.string()), ("billed_at", pa.int64()),
    ("ends_at", pa.int64()), ("messages", pa.int32()),
])  # fmt: skip
ACTIVE_ROWS = pa.schema([("bin", pa.int32()), ("events", pa.int32()), ("begun", pa.int32())])
SAMPLE_ROWS = pa.schema([("billed_at", pa.int64()), ("unit_id", pa.string())])
LOGGED_ROWS = pa.schema([
    ("unit", pa.int64()), ("opens", pa.bool_()), ("waba", pa.int64()), ("logged", pa.int64()), ("of_file", _TEXTS),
    ("position", pa.int64()),
])  # fmt: skip
# A text that no id holds, between the fields of a lot.
_BETWEEN = "\x1f"
_SLICE = 100_000
_SAMPLE_OF, _FEWEST = 1000, 20


@dataclass(frozen=True, slots=True)
class Audited:
    """What every stage knows: the account (as JSON, for it travels) and the instant at which the work began."""

    account: str
    now: datetime

    def read(self) -> Account:
        """Give the account."""
        return from_plain(Account, json.loads(self.account))


@dataclass(frozen=True, slots=True)
class Walked:
    """What was counted in a partition; its `numbers` are those that `seen` and `goes_on` point into."""

    numbers: tuple[str, ...]
    counts: LogCounts
    seen: Statuses
    goes_on: Bools
    tells_templates: bool
    logged: bool


def shared(batches: Batches) -> Batches:
    """Give the threads of messages that several users of a number had: each of them is one to a group."""
    tables = list(gathered(batches, SENT, SENT_ROWS))
    if not tables:
        return
    message, thread = (np.concatenate([one.column(n).to_numpy() for one in tables]) for n in SENT_ROWS.names)
    order = np.argsort(message, kind="stable")
    message, thread = message[order], thread[order]
    first = np.flatnonzero(np.concatenate([[True], message[1:] != message[:-1]]))
    alone = np.minimum.reduceat(thread, first) == np.maximum.reduceat(thread, first)
    several = np.repeat(~alone, np.diff([*first, len(message)]))
    if several.any():
        yield parcel(TOGETHER, pa.table({"thread": np.unique(thread[several])}))


def divided(batches: Batches, partitions: int, together: UInt64) -> Batches:
    """Divide canonical rows into partitions of whole threads; threads that are `together` go with their number."""
    for some in gathered(batches, LOG, LOG_ROWS):
        thread = some.column("thread").to_numpy()
        place = (thread % partitions).astype(np.int32)
        own = np.flatnonzero(np.isin(thread, together))
        if len(own):
            numbers = some.column("phone_number_id").take(pa.array(own)).to_pylist()
            place[own] = [zlib.crc32(number.encode()) % partitions for number in numbers]
        yield from spread(LOG, some, place)


def candidates(batches: Batches, audited: Audited, numbers: int) -> Batches:
    """Walk the threads of a partition of a log of so many numbers: their units, not priced yet, and what was counted.

    A partition holds whole threads, and all that a group of a number has to do with each other.
    """
    rows = in_order(gathered(batches, LOG, LOG_ROWS, at_once=1))
    if not len(rows):
        return
    account = audited.read()
    stored = stored_log(connected(), rows, account)
    rows = rows.select(["message_id", "user", "of_file", "position"])
    log = made_ready(stored, account, regimes(), numbers)
    counts, seen = counts_of(stored, log.folded, account), statuses(log.folded, log.active)
    tells, logged = log.folded.tells_templates, bool(log.folded.logged.any())
    yield told(TOLD, Walked(stored.numbers, counts, seen, log.active.goes_on, tells, logged))
    yield from _activity(log)
    # Whether the log tells templates is known of all partitions only: the second pass takes the remark back.
    log = replace(log, folded=replace(log.folded, tells_templates=True))
    every = every_unit(log, Terms(account, regimes(), market_table(), Tariff(()), stored.numbers))
    yield from _units(log, every, stored, rows)
    if logged:
        yield from _logged(log, every, rows)


def in_order(parcels: Iterable[pa.Table]) -> pa.Table:
    """Put canonical rows in the order of the log. Whole parcels come in any order, their rows hardly ever."""
    tables = sorted(
        (one for one in parcels if len(one)), key=lambda one: (one["of_file"][0].as_py(), one["position"][0].as_py())
    )
    rows = pa.concat_tables([LOG_ROWS.empty_table(), *tables]).unify_dictionaries().combine_chunks()
    coded = rows.column("of_file").combine_chunks()
    files = np.argsort(np.argsort(np.array(coded.dictionary.to_pylist(), object)))
    file, position = files[coded.indices.to_numpy()], rows.column("position").to_numpy()
    ordered = (file[1:] > file[:-1]) | ((file[1:] == file[:-1]) & (position[1:] > position[:-1]))
    return rows if ordered.all() else rows.take(pa.array(np.lexsort((position, file))))


def stored_log(connection: duckdb.DuckDBPyConnection, rows: pa.Table, account: Account) -> StoredLog:
    """Store canonical rows, which are in the order of the log, as an audit does."""
    names = ", ".join(f'"{name}"' for name in CANONICAL)
    connection.register("given", rows)
    connection.execute(f"create table message as select 1 as file, 0::bigint as source_row, {names} from given")  # noqa: S608 - own names
    connection.unregister("given")
    return StoredLog(connection, [1], account)


def _activity(log: Log) -> Batches:
    for number, counts, begun in zip(log.rows.numbers, log.active.counts, log.active.begun, strict=True):
        (bins,) = counts.nonzero()
        some = pa.table([bins.astype(np.int32), counts[bins], begun[bins]], schema=ACTIVE_ROWS)
        yield parcel(ACTIVE, some, text=number)


def _units(log: Log, every: EveryUnit, stored: StoredLog, rows: pa.Table) -> Batches:
    texts = _lot_texts(every.lots, stored)
    yield counted(LOT, texts, every.lots.count.tolist())
    lots = pa.array(texts, pa.string())
    ids, units = rows.select(["message_id", "user"]), every.units
    row, billed = log.folded.row[units.opener], log.folded.billed[units.opener]
    for first in range(0, len(units), _SLICE):
        own = slice(first, first + _SLICE)
        opened = ids.take(pa.array(row[own]))
        lot = pa.DictionaryArray.from_arrays(pa.array(every.lot[own]), lots)
        some = pa.table(
            [
                lot,
                opened.column("message_id"),
                opened.column("user"),
                pa.array(billed[own]),
                pa.array(units.ends_at[own]),
                pa.array(units.messages[own]),
            ],
            schema=UNIT_ROWS,
        )
        yield parcel(UNITS, some)
        yield parcel(SAMPLE, _sampled(some))


def _sampled(units: pa.Table) -> pa.Table:
    """Give some units' places in the order of CHARGES, to divide them all by."""
    step = min(_SAMPLE_OF, max(1, len(units) // _FEWEST))
    some = units.take(pa.array(np.arange(0, len(units), step)))
    return pa.table([some.column("billed_at"), pa.array(unit_ids(some), pa.string())], schema=SAMPLE_ROWS)


def _logged(log: Log, every: EveryUnit, rows: pa.Table) -> Batches:
    """Give what Meta logged of messages, each with the place of its unit among the partition's."""
    message = logged_messages(log.folded)
    spoken = said(log.folded, message, every.belongs[message], log.folded.row[every.units.opener].astype(np.int64))
    places = rows.select(["of_file", "position"]).take(pa.array(spoken.row))
    columns = map(pa.array, (spoken.charge, spoken.opens, spoken.waba, spoken.logged))
    yield parcel(LOGGED, pa.table([*columns, *places.columns], schema=LOGGED_ROWS))


def unit_ids(units: pa.Table) -> list[str]:
    """Give the ids of units as CHARGES has them (formats.md §8): in groups, who received it belongs to it."""
    grouped = {text: lot_fields(text)["grouped"] == "1" for text in set(units.column("lot").to_pylist())}
    columns = (units.column(name).to_pylist() for name in ("lot", "message_id", "user"))
    return [f"{one}#{user}" if grouped[lot] else one for lot, one, user in zip(*columns, strict=True)]


def _lot_texts(lots: Lots, stored: StoredLog) -> list[str]:
    """Write each lot down so that it means the same on every machine: numbers and amounts as they are written."""
    fields: dict[str, list[Any]] = {name: getattr(lots, name).tolist() for name in LOT_FIELDS}
    fields["number"] = [stored.numbers[number] for number in fields["number"]]
    for name in ("conversation", "grouped"):
        fields[name] = [int(value) for value in fields[name]]
    for name in ("paid", "limit"):
        fields[name] = [str(stored.amounts[place]) if place >= 0 else "" for place in fields[name]]
    return [_BETWEEN.join(map(str, values)) for values in zip(*(fields[name] for name in LOT_FIELDS), strict=True)]


def lot_fields(text: str) -> dict[str, str]:
    """Read a lot that `candidates` wrote down."""
    return dict(zip(LOT_FIELDS, text.split(_BETWEEN), strict=True))


def connected() -> duckdb.DuckDBPyConnection:
    """Open a database in memory, on one core: the cluster runs a task on each."""
    return duckdb.connect(config={"threads": 1, **OFFLINE})


def arrow(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """Give the rows of a query."""
    return connection.sql(query).to_arrow_table()

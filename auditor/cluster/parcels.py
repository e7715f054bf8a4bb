"""What travels between the stages of a cluster: tables packed as bytes, so that Spark need not look at every cell.

Spark moves rows, cell by cell; a log has billions of cells and the engine looks at columns. So a row that Spark sees is
a *parcel*: what kind it is, which partition it belongs to, and a whole table inside.
"""

import pickle
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.core.tables import Int32

ROW = "kind string, place int, text string, count long, parcel binary"
"""What Spark knows of a row: its kind, where it belongs, a text and a number to add up by, and the parcel."""

Batches = Iterator[pa.RecordBatch]

Stage = Callable[..., Batches]
"""What runs on a machine: rows that Spark hands out, and whatever more it is told, into rows."""

_SCHEMA = pa.schema(
    [("kind", pa.string()), ("place", pa.int32()), ("text", pa.string()), ("count", pa.int64()),
     ("parcel", pa.binary())]
)  # fmt: skip
_ROWS_AT_ONCE = 1_000_000


def packed(table: pa.Table) -> bytes:
    """Pack a table; columns without any value are left at home."""
    kept = [name for name in table.column_names if table.column(name).null_count < len(table)]
    table = table.select(kept).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def unpacked(parcels: Iterable[bytes], schema: pa.Schema) -> pa.Table:
    """Put the tables of several parcels under each other; the columns that stayed at home are empty again."""
    tables = [pa.ipc.open_stream(parcel).read_all() for parcel in parcels]
    whole = pa.concat_tables([schema.empty_table(), *tables], promote_options="default")
    return whole.select(schema.names).unify_dictionaries()


def told(kind: str, said: object) -> pa.RecordBatch:
    """Make a row of anything that is small."""
    return _rows([(kind, 0, None, 0, pickle.dumps(said))])


def heard(parcels: Iterable[bytes]) -> list[Any]:
    """Read what `told` was told."""
    return [pickle.loads(parcel) for parcel in parcels]  # noqa: S301 - packed by a stage of this very run


def parcel(kind: str, table: pa.Table, place: int = 0, text: str | None = None) -> pa.RecordBatch:
    """Make a row of a table."""
    return _rows([(kind, place, text, len(table), packed(table))])


def named(kind: str, text: str, place: int) -> pa.RecordBatch:
    """Make a row of a text."""
    return _rows([(kind, place, text, 0, None)])


def counted(kind: str, texts: Sequence[str], counts: Sequence[int]) -> pa.RecordBatch:
    """Make a row of each text and its count."""
    return _rows([(kind, 0, text, count, None) for text, count in zip(texts, counts, strict=True)])


def spread(kind: str, table: pa.Table, place: Int32) -> Batches:
    """Divide a table by where its rows belong; their order stays."""
    order = np.argsort(place, kind="stable")
    table, place = table.take(pa.array(order)), place[order]
    places, first = np.unique(place, return_index=True)
    bounds = [*first.tolist(), len(place)]
    for one, (begin, end) in zip(places.tolist(), pairwise(bounds), strict=True):
        yield parcel(kind, table.slice(begin, end - begin), one)


def received(batches: Batches, *kinds: str) -> Iterator[tuple[str, int, str, bytes]]:
    """Give kind, place, text and parcel of the rows of some kinds, in order."""
    for batch in batches:
        names = batch.column("kind").to_pylist()
        for n, name in enumerate(names):
            if name in kinds:
                place, text, own = (batch.column(field)[n].as_py() for field in ("place", "text", "parcel"))
                yield name, place, text, own


def gathered(batches: Batches, kind: str, schema: pa.Schema, at_once: int = _ROWS_AT_ONCE) -> Iterator[pa.Table]:
    """Unpack the parcels of a kind, as many together as make a table of some `at_once` rows."""
    some: list[bytes] = []
    rows = 0
    for batch in batches:
        for name, count, one in zip(*(batch.column(c).to_pylist() for c in ("kind", "count", "parcel")), strict=True):
            if name == kind:
                some.append(one)
                rows += count
            if rows >= at_once:
                yield unpacked(some, schema)
                some, rows = [], 0
    if some:
        yield unpacked(some, schema)


def _rows(rows: Sequence[tuple[object, ...]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else [()] * len(_SCHEMA)
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA
    )

"""Where rows come from: logs as Spark reads them, and stretches of Parquet files that the machines read themselves.

Each row has its canonical names, the file and the place in it that order it.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from auditor.cluster.canonical import Stretch
from auditor.cluster.stages import CANONICAL
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.log_columns import canonical_heads
from auditor.readers.log_faults import REQUIRED

_READERS = {"csv": "csv", "json": "json", "jsonl": "json", "ndjson": "json", "parquet": "parquet"}
_PACKED = (".gz", ".bz2", ".zst", ".lz4")
_WANTED = frozenset(CANONICAL)
_DIGITS = 6
# What a machine reads at once: some rows, of one group or of several small ones.
_ROWS_AT_ONCE = 300_000


@dataclass(frozen=True, slots=True)
class Source:
    """Logs in the order given: what Spark would read and, where every machine sees the files, their stretches."""

    frame: DataFrame
    stretches: tuple[Stretch, ...]

    @property
    def rows(self) -> int:
        """Count the rows of the stretches."""
        return sum(one.end - one.first for one in self.stretches)


def opened(spark: SparkSession, logs: Sequence[str]) -> Source:
    """Look at logs. Raises `AuditorError` where a column is missing that none can do without."""
    frames = [_frame(spark, path) for path in logs]
    named = [_named(frame, number) for number, frame in enumerate(frames)]
    joined = named[0]
    for frame in named[1:]:
        joined = joined.unionByName(frame, allowMissingColumns=True)
    missing = [name for name in REQUIRED if name not in joined.columns]
    if missing:
        place = Place(", ".join(logs))
        raise AuditorError("log_columns_missing", place, columns=", ".join(missing), seen=", ".join(joined.columns))
    found = [
        _stretches(frame, number) if _kind(path) == "parquet" else ()
        for number, (path, frame) in enumerate(zip(logs, frames, strict=True))
    ]
    return Source(joined, tuple(one for some in found for one in some) if all(found) else ())


def file_of(said: str) -> str:
    """Give the file's own name of what `of_file` says."""
    return said[_DIGITS:]


def _frame(spark: SparkSession, path: str) -> DataFrame:
    kind = _kind(path)
    reader = spark.read
    if kind == "csv":
        reader = reader.options(header=True, escape='"')
    elif kind == "json":
        reader = reader.options(primitivesAsString=True)
    return reader.format(kind).load(path)


def _named(frame: DataFrame, number: int) -> DataFrame:
    heads = zip(frame.columns, canonical_heads(frame.columns), strict=True)
    named = [f.col(f"`{head}`").alias(name) for head, name in heads if name in _WANTED]
    # Rows of one message are merged in the order in which they stand (formats.md §1).
    file = f.concat(f.lit(_numbered(number)), f.col("_metadata.file_path")).alias("of_file")
    return frame.select(*named, file, f.monotonically_increasing_id().alias("position"))


def _numbered(number: int) -> str:
    return f"{number:0{_DIGITS}}"


def _stretches(frame: DataFrame, number: int) -> tuple[Stretch, ...]:
    """Divide the files of a log, if they are Parquet on a disk and hold every column that Spark finds in them.

    A column that Spark reads from the names of folders is in no file: Spark has to bring it.
    """
    found: list[Stretch] = []
    for address in sorted(frame.inputFiles()):
        parts = urlsplit(address)
        path = unquote(parts.path)
        if parts.scheme != "file":
            return ()
        try:
            facts = pq.ParquetFile(path).metadata
        except (OSError, pa.ArrowException):
            return ()  # Spark says what is wrong with it
        if not {*frame.columns} <= {*facts.schema.to_arrow_schema().names}:
            return ()
        groups = [facts.row_group(place).num_rows for place in range(facts.num_row_groups)]
        found += [Stretch(_numbered(number) + address, path, *ends) for ends in pairwise(_bounds(groups))]
    return tuple(found)


def _bounds(groups: Sequence[int]) -> Iterator[int]:
    """Say where stretches of a file begin: small groups of rows are put together, large ones cut."""
    begun, row = 0, 0
    yield 0
    for rows in groups:
        row += rows
        while row - begun >= 2 * _ROWS_AT_ONCE:
            begun += _ROWS_AT_ONCE
            yield begun
        if row - begun >= _ROWS_AT_ONCE:
            begun = row
            yield row
    if row > begun:
        yield row


def _kind(path: str) -> str:
    """Tell by its name how Spark is to read a file or folder; a name that says nothing is Parquet."""
    name = path.rstrip("/").lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return _READERS.get(name.rpartition(".")[2], "parquet")

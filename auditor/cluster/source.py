"""Logs as Spark reads them: rows of canonical names, each with the file and the place in it that order them."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from auditor.cluster.stages import CANONICAL
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.log_columns import canonical_heads
from auditor.readers.log_faults import REQUIRED

_READERS = {"csv": "csv", "json": "json", "jsonl": "json", "ndjson": "json", "parquet": "parquet"}
_PACKED = (".gz", ".bz2", ".zst", ".lz4")
_WANTED = frozenset(CANONICAL)
_DIGITS = 6


def read(spark: SparkSession, logs: Sequence[str]) -> DataFrame:
    """Read logs in the order given. Raises `AuditorError` where a column is missing that none can do without."""
    frames = [_one(spark, path, number) for number, path in enumerate(logs)]
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.unionByName(frame, allowMissingColumns=True)
    missing = [name for name in REQUIRED if name not in joined.columns]
    if missing:
        place = Place(", ".join(logs))
        raise AuditorError("log_columns_missing", place, columns=", ".join(missing), seen=", ".join(joined.columns))
    return joined


def file_of(said: str) -> str:
    """Give the file's own name of what `of_file` says."""
    return said[_DIGITS:]


def _one(spark: SparkSession, path: str, number: int) -> DataFrame:
    kind = _kind(path)
    reader = spark.read
    if kind == "csv":
        reader = reader.options(header=True, escape='"')
    elif kind == "json":
        reader = reader.options(primitivesAsString=True)
    frame = reader.format(kind).load(path)
    heads = zip(frame.columns, canonical_heads(frame.columns), strict=True)
    named = [f.col(f"`{head}`").alias(name) for head, name in heads if name in _WANTED]
    # Rows of one message are merged in the order in which they stand (formats.md §1).
    file = f.concat(f.lit(f"{number:0{_DIGITS}}"), f.col("_metadata.file_path")).alias("of_file")
    return frame.select(*named, file, f.monotonically_increasing_id().alias("position"))


def _kind(path: str) -> str:
    """Tell by its name how Spark is to read a file or folder; a name that says nothing is Parquet."""
    name = path.rstrip("/").lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return _READERS.get(name.rpartition(".")[2], "parquet")

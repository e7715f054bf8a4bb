"""Where rows come from: lines of texts and rows of Parquet that Spark brings, and stretches that the machines read.

Each row has the file and the place in it that order it.
"""

import csv
import json
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import unquote
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException
from pyspark.errors import IllegalArgumentException
from pyspark.sql import Column
from pyspark.sql import DataFrame
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from auditor.cluster.canonical import Stretch
from auditor.cluster.canonical import canonise
from auditor.cluster.canonical import canonise_stretches
from auditor.cluster.lines import Form
from auditor.cluster.lines import canonise_lines
from auditor.cluster.lines import keys_of
from auditor.cluster.parcels import Stage
from auditor.cluster.parcels import named
from auditor.cluster.stages import STRETCH
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.numbered import decoding
from auditor.readers.logs.refusals import check_required
from auditor.readers.logs.refusals import column_positions
from auditor.readers.logs.tables import UNPACKS_TO
from auditor.readers.sniff import delimiter_of

_TEXTS = {"csv": "csv", "json": "json", "jsonl": "json", "ndjson": "json"}
_PACKED = (".gz", ".bz2", ".zst", ".lz4")
_DIGITS = 6
# What a machine reads at once: some rows, of one group or of several small ones.
_ROWS_AT_ONCE = 300_000
_LOOKED_AT = 1_000
SPARKS_OWN = (AnalysisException, IllegalArgumentException, Py4JJavaError)
"""What Spark raises where an address cannot be reached or read."""


@dataclass(frozen=True, slots=True)
class Source:
    """One of the logs: what Spark hands out, the stage that reads it with `more`, and about how many rows it has."""

    frame: DataFrame
    stage: Stage
    rows: int
    more: tuple[Any, ...] = ()


def opened(spark: SparkSession, logs: Sequence[str]) -> list[Source]:
    """Look at logs, in the order given.

    Raises `AuditorError` for what Spark does not find or cannot read, and for columns that are missing or stand twice.
    """
    return [_opened(spark, path, number) for number, path in enumerate(logs)]


def file_of(said: str) -> str:
    """Give the file's own name of what `of_file` says."""
    return said[_DIGITS:]


def _opened(spark: SparkSession, path: str, number: int) -> Source:
    kind = _kind(path)
    try:
        return _text(spark, path, number, kind) if kind else _parquet(spark, path, number)
    except SPARKS_OWN as error:
        missing = isinstance(error, AnalysisException) and error.getCondition() == "PATH_NOT_FOUND"
        raise AuditorError("file_missing" if missing else "spark_unread", Place(path), reason=reason(error)) from error


def reason(error: Exception) -> str:
    """Give the first line of what Spark, or the file system beneath it, says of a failure (`SPARKS_OWN`)."""
    text = error.java_exception.getMessage() if isinstance(error, Py4JJavaError) else error
    return str(text).strip().partition("\n")[0]


def _text(spark: SparkSession, path: str, number: int, kind: str) -> Source:
    """Let Spark bring lines, whole: it would look at every cell of them, and at those of JSON twice."""
    read = spark.read.text(path).where(f.length("value") > 0)
    line = f.concat(f.col("value"), f.lit("\n")).cast("binary").alias("line")
    begins = f.col("_metadata.file_block_start").alias("begins")
    # What stands in the names of folders comes along.
    beside = [_quoted(name).cast("string").alias(name) for name in read.columns[1:]]
    frame = read.select(line, _file(number), begins, _position(), *beside)
    first = frame.limit(_LOOKED_AT).toArrow()
    lines = [one.as_py() for one in first.column("line")]
    form = _form(lines, path) if kind == "csv" else Form()
    if form.heads:
        _check([*form.heads, *read.columns[1:]], path)
    elif lines:
        keys = [*keys_of(first.column("line")), *read.columns[1:]]
        check_required(canonical_heads(keys), keys, Place(path))
    packed = any(file.endswith(_PACKED) for file in read.inputFiles())
    size = int(read._jdf.queryExecution().optimizedPlan().stats().sizeInBytes())  # noqa: SLF001 - the only way
    rows = size * (UNPACKS_TO if packed else 1) * len(lines) // max(1, sum(map(len, lines)))
    return Source(frame, canonise_lines, rows, (form,))


def _form(lines: Sequence[bytes], path: str) -> Form:
    """Tell the heads of a CSV, which are its first line, and what parts its cells."""
    texts = [line.decode(*decoding("cp1252")).rstrip("\r\n") for line in lines]
    delimiter = delimiter_of("\n".join(texts))
    try:
        heads = next(csv.reader(texts[:1], delimiter=delimiter), [])
    except csv.Error as error:
        raise AuditorError("file_not_csv", Place(path, row=1)) from error
    return Form(b"".join(lines[:1]), tuple(heads), delimiter)


def _parquet(spark: SparkSession, path: str, number: int) -> Source:
    read = spark.read.parquet(path)
    _check(read.columns, path)
    stretches = _stretches(read, number)
    if stretches:
        made = [named(STRETCH, json.dumps(asdict(one)), place) for place, one in enumerate(stretches)]
        handed_out = spark.createDataFrame(pa.Table.from_batches(made)).repartitionById(len(stretches), "place")
        return Source(handed_out, canonise_stretches, sum(one.end - one.first for one in stretches))
    heads = zip(read.columns, canonical_heads(read.columns), strict=True)
    columns = [_quoted(head).alias(name) for head, name in heads if name]
    # Parquet files say how many rows they have: none is read.
    return Source(read.select(*columns, _file(number), _position()), canonise, read.count())


def _check(heads: Sequence[str], path: str) -> None:
    place, names = Place(path), canonical_heads(heads)
    check_required(column_positions(names, place), heads, place)


def _file(number: int) -> Column:
    """Rows of one message are merged in the order in which they stand (formats.md §1)."""
    return f.concat(f.lit(_numbered(number)), f.col("_metadata.file_path")).alias("of_file")


def _position() -> Column:
    return f.monotonically_increasing_id().alias("position")


def _quoted(name: str) -> Column:
    return f.col(f"`{name}`")


def _numbered(number: int) -> str:
    return f"{number:0{_DIGITS}}"


def _stretches(frame: DataFrame, number: int) -> tuple[Stretch, ...]:
    """Divide the files of a log, if they are on a disk and hold every column of ours that Spark finds in them.

    One that Spark reads from the names of folders is in no file: Spark has to bring it. The day in such a name is none.
    """
    ours = {head for head, name in zip(frame.columns, canonical_heads(frame.columns), strict=True) if name}
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
        if not ours <= {*facts.schema.to_arrow_schema().names}:
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
    """Tell by its name how the lines of a file or folder are to be read, empty for Parquet, as is what says nothing."""
    name = path.rstrip("/").lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return _TEXTS.get(name.rpartition(".")[2], "")

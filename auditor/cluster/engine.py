"""Charge a log on a Spark cluster: read, walk by thread, price lots, write CHARGES and SUMMARY (formats.md §8).

Whole threads meet on one machine, as do all who take part in a group of a number; nobody else need know of each other.
No partition holds more than its threads, and a thread is never more than one customer's messages to one number.
"""

import json
import os
import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from auditor.cluster import stages
from auditor.cluster.second_pass import LotBook
from auditor.cluster.second_pass import lot_book
from auditor.cluster.second_pass import second_pass
from auditor.cluster.stages import Audited
from auditor.cluster.stages import Batches
from auditor.core.cells import cells
from auditor.core.charges import Priced
from auditor.core.charging import kinds_of
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import ProblemCount
from auditor.core.rates import Tariff
from auditor.core.reconcile import in_period
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.results import Cell
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.core.tables import Int64
from auditor.core.terms import Terms
from auditor.language import Language
from auditor.project.plain import to_plain
from auditor.readers.cards import meta_card
from auditor.readers.cards import read_card
from auditor.readers.log_columns import canonical_heads
from auditor.readers.log_faults import FAULTS
from auditor.readers.log_faults import IDS
from auditor.readers.log_faults import REQUIRED
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.writers.charge_file import CHARGE_COLUMNS
from auditor.writers.charge_summary import charge_totals
from auditor.writers.tables import import_summary
from auditor.writers.tables import write_json

_ROWS_IN_A_PARTITION = 400_000
_BATCH = 100_000
_SPARK_KINDS = {"VARCHAR": "string", "BIGINT": "long", "BOOLEAN": "boolean"}
_CANONICAL = ", ".join(f"`{name}` {_SPARK_KINDS[MESSAGE_COLUMNS[name]]}" for name in stages.CANONICAL)
_CANDIDATE = "lot string, message_id string, user string, billed_at long, ends_at long, messages int"
_NUMBERS = {"messages": "int", "tier_from": "long"}
_CHARGES = ", ".join(f"`{name}` {_NUMBERS.get(name, 'string')}" for name in CHARGE_COLUMNS)
_READERS = {"csv": "csv", "json": "json", "jsonl": "json", "ndjson": "json", "parquet": "parquet"}
_PACKED = (".gz", ".bz2", ".zst", ".lz4")

Stage = Callable[..., Batches]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where to run: Spark's address, its settings, and how many partitions (0: as many as the rows want)."""

    master: str = "local[*]"
    settings: Mapping[str, str] = field(default_factory=dict)
    partitions: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What charging came to: what became of the rows, the charges, alike ones counted, and the content of SUMMARY."""

    report: ImportReport
    charges: int
    cells: tuple[Cell, ...]
    summary: Mapping[str, object]


def terms_of(account: Account, cards: Sequence[Path]) -> Terms:
    """Give what decides a price: the rules, and the cards that an account names with those handed in on top."""
    named = [meta_card() if card == "meta" else read_card(Path(card)) for card in account.cards]
    return Terms(account, regimes(), market_table(), Tariff([*named, *map(read_card, cards)], meta_card()))


def charge_on_spark(
    logs: Sequence[str],
    terms: Terms,
    cluster: Cluster,
    out: str = "",
    summary: Path | None = None,
    stage: Callable[[Stage], Stage] = lambda own: own,
) -> Outcome:
    """Charge logs that Spark reads (Parquet, CSV or JSON lines, by their names), into a folder of Parquet.

    `stage` may wrap what runs on the machines. Raises `AuditorError`.
    """
    audited = Audited(json.dumps(to_plain(terms.account)), datetime.now(UTC))
    with _session(cluster) as spark:
        if out:
            _refuse_taken(spark, out)
        found = _Work(spark, cluster, audited, stage).units(logs)
        told = [json.loads(row.message_id) for row in found.where("lot is null").select("message_id").collect()]
        _refuse_damage(told)
        report = _report(logs, told)
        book = _book(found, terms, told)
        priced, second = second_pass(book, terms, _fetcher(spark, found))
        if out:
            shared = spark.sparkContext.broadcast(second)
            own = stage(stages.charged)
            rows = found.where("lot is not null").mapInArrow(lambda b: own(b, audited, shared.value), _CHARGES)
            # `Z` sorts after the point of a fraction of a second: the order is that of the instants without it.
            when = f.expr("substring(billed_at, 1, length(billed_at) - 1)")
            rows.orderBy(when, "unit_id", "phone_number_id").write.mode("errorifexists").parquet(out)
    outcome = _outcome(report, book, priced, terms)
    if summary:
        write_json(dict(outcome.summary), summary)
    return outcome


@contextmanager
def _session(cluster: Cluster) -> Iterator[SparkSession]:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(cluster.master).appName("auditor")
    usual = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_BATCH),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.pythonUDF.arrow.enabled": "true",
    }
    for name, value in {**usual, **dict(cluster.settings)}.items():
        builder = builder.config(name, value)
    before = SparkSession.getActiveSession()
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark
    finally:
        if before is None:
            spark.stop()


def _refuse_taken(spark: SparkSession, out: str) -> None:
    """Refuse a folder that is there already, wherever it is: it may be the very log that is to be read."""
    machine = spark.sparkContext._jvm  # noqa: SLF001 - Spark offers no other way to ask a file system
    assert machine is not None
    path = machine.org.apache.hadoop.fs.Path(out)
    if path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).exists(path):  # noqa: SLF001 - the same
        raise AuditorError("spark_target_taken", Place(out))


class _Work:
    """The first pass: from files to units that are not priced yet."""

    def __init__(
        self, spark: SparkSession, cluster: Cluster, audited: Audited, stage: Callable[[Stage], Stage]
    ) -> None:
        self._spark = spark
        self._cluster = cluster
        self._audited = audited
        self._stage = stage

    def units(self, logs: Sequence[str]) -> DataFrame:
        """Give the candidates for a charge, kept on the machines' disks: they are wanted several times."""
        audited, canonise, walk = self._audited, self._stage(stages.canonise), self._stage(stages.candidates)
        schema = f"{_CANONICAL}, fault int, file string, position long"
        rows = self._read(logs).mapInArrow(lambda b: canonise(b, audited), schema).persist(StorageLevel.DISK_ONLY)
        partitions = self._cluster.partitions or max(
            self._spark.sparkContext.defaultParallelism, -(-rows.count() // _ROWS_IN_A_PARTITION)
        )
        placed = self._placed(rows).repartition(partitions, "thread").drop("thread")
        return placed.mapInArrow(lambda b: walk(b, audited), _CANDIDATE).persist(StorageLevel.DISK_ONLY)

    def _read(self, logs: Sequence[str]) -> DataFrame:
        """Read all files as rows of canonical names, with the file and the place in it that order them."""
        frames = [self._one(path) for path in logs]
        joined = frames[0]
        for frame in frames[1:]:
            joined = joined.unionByName(frame, allowMissingColumns=True)
        missing = [name for name in REQUIRED if name not in joined.columns]
        if missing:
            place = Place(", ".join(logs))
            raise AuditorError("log_columns_missing", place, columns=", ".join(missing), seen=", ".join(joined.columns))
        return joined

    def _one(self, path: str) -> DataFrame:
        kind = _kind(path)
        reader = self._spark.read
        if kind == "csv":
            reader = reader.options(header=True, escape='"')
        elif kind == "json":
            reader = reader.options(primitivesAsString=True)
        frame = reader.format(kind).load(path)
        heads = zip(frame.columns, canonical_heads(frame.columns), strict=True)
        named = [f.col(f"`{head}`").alias(name) for head, name in heads if name in _WANTED]
        # Rows of one message are merged in the order in which they stand (formats.md §1).
        order = [f.col("_metadata.file_path").alias("file"), f.monotonically_increasing_id().alias("position")]
        return frame.select(*named, *order)

    def _placed(self, rows: DataFrame) -> DataFrame:
        """Say where each row belongs: its thread or, for whoever takes part in a group, all groups of its number."""
        good = rows.where("fault = 0")
        shared = (
            good.where("direction = 'outbound'")
            .groupBy(f.xxhash64("phone_number_id", "message_id").alias("message"))
            .agg(f.min(f.xxhash64("user")).alias("one"), f.max(f.xxhash64("user")).alias("other"))
            .where("one <> other")
            .select("message")
        )
        of_shared = good.join(shared, f.xxhash64("phone_number_id", "message_id") == shared.message, "left_semi")
        together = (
            of_shared.select("phone_number_id", "user")
            .union(good.where("group_id is not null").select("phone_number_id", "user"))
            .distinct()
            .withColumn("together", f.lit(True))
        )
        thread = (
            f.when(f.col("fault") > 0, f.xxhash64("position"))  # anywhere: it is only counted
            .when(f.col("together"), f.xxhash64("phone_number_id"))
            .otherwise(f.xxhash64("phone_number_id", "user"))
        )
        return rows.join(together, ["phone_number_id", "user"], "left").withColumn("thread", thread).drop("together")


_WANTED = frozenset(stages.CANONICAL)


def _kind(path: str) -> str:
    """Tell by its name how Spark is to read a file or folder; a name that says nothing is Parquet."""
    name = path.rstrip("/").lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return _READERS.get(name.rpartition(".")[2], "parquet")


def _refuse_damage(told: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a log in which a spreadsheet has turned ids into numbers, naming the first place."""
    damaged = sorted(
        (file, position, FAULTS[number - 1].column)
        for seen in told
        for number, _, file, position in seen["faults"]
        if number <= len(IDS)
    )
    if damaged:
        file, _, column = damaged[0]
        raise AuditorError("log_id_damaged", Place(file, column=column), value="")


def _book(found: DataFrame, terms: Terms, told: Sequence[Mapping[str, Any]]) -> LotBook:
    rows = found.where("lot is not null").groupBy("lot").count().collect()
    counts = {row["lot"]: int(row["count"]) for row in rows}
    return lot_book(counts, terms, tells_templates=any(seen["tells_templates"] for seen in told))


def _fetcher(
    spark: SparkSession, found: DataFrame
) -> Callable[[Sequence[str]], tuple[Sequence[str], Int64, Sequence[str], Sequence[str]]]:
    def fetch(lots: Sequence[str]) -> tuple[Sequence[str], Int64, Sequence[str], Sequence[str]]:
        wanted = f.broadcast(spark.createDataFrame([(lot,) for lot in lots], "lot string"))
        table = found.join(wanted, "lot", "left_semi").select("lot", "billed_at", "message_id", "user").toArrow()
        at = np.asarray(table.column("billed_at").to_numpy(), np.int64)
        texts, ids, users = (table.column(name).to_pylist() for name in ("lot", "message_id", "user"))
        return texts, at, ids, users

    return fetch


def _outcome(report: ImportReport, book: LotBook, priced: Priced, terms: Terms) -> Outcome:
    account = terms.account
    every, _ = cells(kinds_of(priced), replace(terms, numbers=book.numbers), book.numbers)
    own = in_period(every, account.first, account.last)
    summary = {
        **charge_totals(account, own),
        "imports": [import_summary(report, Language(account.language))],
        "regimes": list(dict.fromkeys(cell.regime for cell in own)),
        "tiers_not_on_file": dict(priced.untiered),
    }
    return Outcome(report, int(priced.pieces.count.sum()), own, summary)


def _report(logs: Sequence[str], told: Sequence[Mapping[str, Any]]) -> ImportReport:
    """Say what became of the rows; a place is a file, for Spark tells no line. Refuses a log without a usable row."""
    counts: dict[int, int] = {}
    first: dict[int, str] = {}
    for seen in told:
        for number, count, file, _ in seen["faults"]:
            counts[number] = counts.get(number, 0) + count
            first[number] = min(first.get(number, file), file)
    kept = sum(int(seen["rows"]) for seen in told)
    left_out = sum(count for number, count in counts.items() if FAULTS[number - 1].left_out)
    problems = [
        ProblemCount(FAULTS[n - 1].code, count, Place(first[n], column=FAULTS[n - 1].column))
        for n, count in sorted(counts.items(), key=lambda found: (-found[1], found[0]))
        if not FAULTS[n - 1].left_out
    ]
    read = kept + sum(counts.values())
    name = ", ".join(logs)
    if not kept:
        code = "log_nothing_usable" if read else "file_empty"
        found = [Problem(one.code, one.place) for one in problems]
        raise AuditorError(code, Place(name), found, rows=read)
    refused = read - kept - left_out
    return ImportReport(name, "log", "", 0, read, kept, left_out, refused, problems=tuple(problems))

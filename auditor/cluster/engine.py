"""Charge a log on a Spark cluster: read, walk by thread, price lots, write CHARGES and SUMMARY (formats.md §8).

Whole threads meet on one machine, as do all who take part in a group of a number; nobody else need know of each other.
No partition holds more than its threads, and a thread is never more than one customer's messages to one number.
"""

import json
import logging
import os
import signal
import sys
import threading
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
from types import FrameType

from pyspark.sql import SparkSession

from auditor.cluster.canonical import Canonised
from auditor.cluster.parcels import Stage
from auditor.cluster.priced import Second
from auditor.cluster.run import Run
from auditor.cluster.second_pass import LotBook
from auditor.cluster.second_pass import lot_book
from auditor.cluster.second_pass import second_pass
from auditor.cluster.source import SPARKS_OWN
from auditor.cluster.source import file_of
from auditor.cluster.source import reason
from auditor.cluster.stages import Audited
from auditor.cluster.stages import Walked
from auditor.cluster.trust import cross_check_of
from auditor.cluster.trust import health_of
from auditor.core.cells import cells
from auditor.core.charges import Priced
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import ProblemCount
from auditor.core.rates import Tariff
from auditor.core.reconcile import in_period
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.results import Cell
from auditor.core.results import Unlogged
from auditor.core.results_checks import CrossCheck
from auditor.core.terms import Terms
from auditor.project.plain import to_plain
from auditor.readers.logs.faults import FAULTS
from auditor.readers.logs.faults import IDS
from auditor.readers.rates.cards import meta_card
from auditor.readers.rates.cards import read_card
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.writers.charge_summary import charge_summary
from auditor.writers.tables import write_json

_BATCH = 100_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where to run: Spark's address, its settings, and how many partitions (0: as many as the rows want)."""

    master: str = "local[*]"
    settings: Mapping[str, str] = field(default_factory=dict)
    partitions: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What charging came to: what became of the rows, the charges, alike ones counted, and the content of SUMMARY.

    `unlogged` are the days and numbers of which the log has nothing.
    """

    report: ImportReport
    charges: int
    cells: tuple[Cell, ...]
    unlogged: tuple[Unlogged, ...]
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
        disk = _target(spark, out) if out else None
        run = Run(spark, audited, logs, cluster.partitions, stage)
        _refuse_damage(run.seen)
        report = _report(logs, run.seen)
        walked = run.walked()
        book = lot_book(run.lots(), terms, tells_templates=any(one.tells_templates for one in walked))
        priced, second = second_pass(book, terms, run.units_of)
        if out:
            units = int(book.lots.count.sum())
            run.write(second, units, out, disk if units else None)
        outcome = _outcome(run, walked, report, book, priced, second, terms)
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
        # What stands in the names of folders is a text: a number would lose its zeros.
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
        # A stage's partitions are ours: none is to be cut again, or joined with another.
        "spark.sql.adaptive.enabled": "false",
    }
    if cluster.master.startswith("local"):
        # Java mostly carries parcels: compiling twice, and collecting on all cores at once, cost more than they gain.
        usual["spark.driver.extraJavaOptions"] = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
    for name, value in {**usual, **dict(cluster.settings)}.items():
        builder = builder.config(name, value)
    before = SparkSession.getActiveSession()
    # What breaks off on the way to Java, as everything does on Ctrl-C, is told once, by us.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    with _uninterrupted() as asked:
        spark = builder.getOrCreate()
    try:
        if asked:
            raise KeyboardInterrupt
        spark.sparkContext.setLogLevel("ERROR")
        yield spark
    finally:
        if before is None:
            spark.stop()


@contextmanager
def _uninterrupted() -> Iterator[list[int]]:
    """Hold Ctrl-C back while Java starts, and note it: broken off there, Java would stay behind, known to nobody."""
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        if signal.getsignal(signal.SIGINT) is note:  # Spark, once there, answers it itself
            signal.signal(signal.SIGINT, before)


def _target(spark: SparkSession, out: str) -> Path | None:
    """Give the folder to be written where it lies on a disk, None where only Spark can reach it.

    Refuses what cannot be reached or written to, and a folder that is there already, wherever it is: it may be the very
    log that is to be read.
    """
    machine = spark.sparkContext._jvm  # noqa: SLF001 - Spark offers no other way to ask a file system
    assert machine is not None
    try:
        path = machine.org.apache.hadoop.fs.Path(out)
        files = path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())  # noqa: SLF001 - the same
        taken, address = files.exists(path), files.makeQualified(path).toUri()
    except SPARKS_OWN as error:
        raise AuditorError("spark_target_unreached", Place(out), reason=reason(error)) from error
    if taken:
        raise AuditorError("spark_target_taken", Place(out))
    if address.getScheme() != "file":
        return None
    disk = Path(address.getPath())
    above = next(folder for folder in disk.parents if folder.exists())
    if not (above.is_dir() and os.access(above, os.W_OK)):
        raise AuditorError("cannot_write", Place(out))
    return disk


def _refuse_damage(seen: Canonised) -> None:
    """Refuse a log that a machine could not read, or in which a spreadsheet has turned ids into numbers."""
    for one in sorted(seen.refusals)[:1]:
        raise AuditorError(one.code, Place(file_of(one.of_file), column=one.column), (), **dict(one.values))
    damaged = sorted(
        (place, FAULTS[number - 1].column) for number, (_, place) in seen.faults.items() if number <= len(IDS)
    )
    if damaged:
        (file, _), column = damaged[0]
        raise AuditorError("log_id_damaged", Place(file_of(file), column=column), value="")


def _report(logs: Sequence[str], seen: Canonised) -> ImportReport:
    """Say what became of the rows; a place is a file, for Spark tells no line. Refuses a log without a usable row."""
    counts = {number: count for number, (count, _) in seen.faults.items()}
    left_out = sum(count for number, count in counts.items() if FAULTS[number - 1].left_out)
    problems = [
        ProblemCount(FAULTS[n - 1].code, count, Place(file_of(seen.faults[n][1][0]), column=FAULTS[n - 1].column))
        for n, count in sorted(counts.items(), key=lambda found: (-found[1], found[0]))
        if not FAULTS[n - 1].left_out
    ]
    read = seen.kept + sum(counts.values())
    name = ", ".join(logs)
    if not seen.kept:
        code = "log_nothing_usable" if read else "file_empty"
        found = [Problem(one.code, one.place) for one in problems]
        raise AuditorError(code, Place(name), found, rows=read)
    refused = read - seen.kept - left_out
    return ImportReport(name, "log", "", 0, read, seen.kept, left_out, refused, problems=tuple(problems))


def _outcome(
    run: Run, walked: Sequence[Walked], report: ImportReport, book: LotBook, priced: Priced, second: Second,
    terms: Terms,
) -> Outcome:  # fmt: skip
    account = terms.account
    terms = replace(terms, numbers=book.numbers)
    every, _ = cells(second.kinds, terms, book.numbers)
    own = in_period(every, account.first, account.last)
    health = health_of(run, walked, priced, second.kinds, own, terms)
    found = cross_check_of(run, second, terms) if any(one.logged for one in walked) else CrossCheck()
    summary = charge_summary(account, own, health, [report], priced.untiered, found)
    return Outcome(report, int(priced.pieces.count.sum()), own, health.unlogged, summary)

"""One log on its way through a cluster: which stage runs on what, and what of it comes back to the driver.

Two results are kept on the machines' disks because they are wanted several times: the canonical rows, and the units.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from functools import cached_property
from functools import reduce
from itertools import pairwise
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from auditor.cluster import priced
from auditor.cluster import stages
from auditor.cluster.canonical import Canonised
from auditor.cluster.parcels import ROW
from auditor.cluster.parcels import Stage
from auditor.cluster.parcels import heard
from auditor.cluster.parcels import unpacked
from auditor.cluster.priced import Bound
from auditor.cluster.priced import Checked
from auditor.cluster.priced import Second
from auditor.cluster.source import Source
from auditor.cluster.source import opened
from auditor.cluster.stages import Audited
from auditor.cluster.stages import Walked
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.tables import UInt64
from auditor.writers.charge_file import CHARGE_COLUMNS

# Each partition sends a parcel to each of the others: of a large log they are fewer and larger.
_ROWS_IN_A_PARTITION, _MOST_ROWS, _MANY = 400_000, 1_200_000, 500
_NUMBERS = {"messages": "int", "tier_from": "long"}
_CHARGES = ", ".join(f"`{name}` {_NUMBERS.get(name, 'string')}" for name in CHARGE_COLUMNS)


class Run:
    """The stages over one log, each run when what it gives is asked for."""

    def __init__(
        self,
        spark: SparkSession,
        audited: Audited,
        logs: Sequence[str],
        partitions: int,
        stage: Callable[[Stage], Stage],
    ) -> None:
        """Take the logs; `stage` may wrap what runs on the machines, `partitions` 0: as many as the rows want."""
        self._spark = spark
        self._audited = audited
        self._logs = logs
        self._stage = stage
        self._wanted = partitions

    @cached_property
    def _sources(self) -> list[Source]:
        return opened(self._spark, self._logs)

    @cached_property
    def _canonical(self) -> DataFrame:
        read = (
            self._through(one.frame, one.stage, self._audited, self._partitions, *one.more) for one in self._sources
        )
        return reduce(DataFrame.union, read).persist(StorageLevel.DISK_ONLY)

    @cached_property
    def seen(self) -> Canonised:
        """Tell what became of the rows."""
        seen = Canonised()
        for one in heard(_parcels(self._canonical, stages.TOLD)):
            seen.add(one)
        return seen

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Give the numbers of the whole log."""
        return tuple(sorted(self.seen.numbers))

    def _for(self, rows: int) -> int:
        """Give how many partitions so many rows want."""
        own = max(_ROWS_IN_A_PARTITION, min(_MOST_ROWS, rows // _MANY))
        return self._wanted or max(self._spark.sparkContext.defaultParallelism, -(-rows // own))

    @cached_property
    def _partitions(self) -> int:
        return self._for(sum(one.rows for one in self._sources))

    @cached_property
    def _together(self) -> UInt64:
        """Give the threads that belong with all groups of their number, because they take part in one."""
        partitions = self._partitions
        if partitions == 1:
            return np.zeros(0, np.uint64)
        by_message = _of(self._canonical, stages.SENT).repartitionById(partitions, "place")
        shared = self._through(by_message, stages.shared)
        stated = _of(self._canonical, stages.TOGETHER)
        parcels = _parcels(shared.union(stated), stages.TOGETHER)
        return np.unique(unpacked(parcels, stages.TOGETHER_ROWS).column("thread").to_numpy())

    @cached_property
    def _walked(self) -> DataFrame:
        partitions = self._partitions
        divided = _of(self._canonical, stages.LOG)
        if len(self._together):
            divided = self._through(divided, stages.divided, partitions, self._together)
        placed = divided.repartitionById(partitions, "place")
        walked = self._through(placed, stages.candidates, self._audited, len(self.numbers))
        return walked.persist(StorageLevel.DISK_ONLY)

    def walked(self) -> list[Walked]:
        """Give what was counted in every partition."""
        return heard(_parcels(self._walked, stages.TOLD))

    def lots(self) -> dict[str, int]:
        """Give the lots of the whole log, and how many units each has."""
        lots = self._by_text(stages.LOT).groupBy("text").agg(f.sum("count").alias("units"))
        return {row["text"]: int(row["units"]) for row in lots.collect()}

    def units_of(self, lots: Sequence[str]) -> pa.Table:
        """Bring the units of some lots."""
        chosen = self._through(_of(self._walked, stages.UNITS), priced.picked, frozenset(lots))
        return unpacked(_parcels(chosen, stages.UNITS), stages.UNIT_ROWS)

    def activity(self) -> Iterable[tuple[str, pa.Table]]:
        """Give, for every number, the bins in which it was active, and its events in each."""
        of_numbers = self._by_text(stages.ACTIVE).sortWithinPartitions("text")
        for row in self._through(of_numbers, priced.active).toLocalIterator():
            yield row["text"], unpacked([bytes(row["parcel"])], stages.ACTIVE_ROWS)

    def sample(self, weight: int) -> pa.Table:
        """Bring the canonical rows of every `weight`-th user."""
        rows = self._through(_of(self._canonical, stages.LOG), priced.sampled, weight)
        return unpacked(_parcels(rows, stages.LOG), stages.LOG_ROWS)

    def checked(self, second: Second) -> list[Checked]:
        """Hold what Meta logged against the charges."""
        shared = self._spark.sparkContext.broadcast(second)
        own, audited = self._stage(priced.checked), self._audited
        wanted = _of(self._walked, stages.UNITS, stages.LOGGED)
        found = wanted.mapInArrow(lambda batches: own(batches, audited, shared.value), ROW)
        return heard(_parcels(found, stages.TOLD))

    def write(self, second: Second, units: int, out: str, disk: Path | None) -> None:
        """Write CHARGES as a folder of Parquet: the files, and the rows in each, are in order.

        `disk` is the folder where every machine sees it: each writes its files itself. Else Spark writes all rows.
        """
        partitions = self._for(units)
        shared = self._spark.sparkContext.broadcast(second)
        audited = self._audited
        ranged = self._through(_of(self._walked, stages.UNITS), priced.ranged, self._bounds(partitions))
        placed = ranged.repartitionById(partitions, "place")
        if disk is None:
            charged = self._stage(priced.charged)
            rows = placed.mapInArrow(lambda batches: charged(batches, audited, shared.value), _CHARGES)
            rows.write.mode("errorifexists").parquet(out)
        else:
            written = self._stage(priced.written)
            with _new_folder(disk) as beside:
                folder = str(beside)
                files = placed.mapInArrow(lambda batches: written(batches, audited, shared.value, folder), ROW)
                for file in files.collect():
                    (beside / file["text"]).rename(disk / f"part-{file['place']:05}.parquet")

    def _by_text(self, kind: str) -> DataFrame:
        return _of(self._walked, kind).repartition(self._partitions, "text")

    def _bounds(self, partitions: int) -> list[Bound]:
        """Divide the order of CHARGES into stretches about as long, by a sample of the units."""
        if partitions == 1:
            return []
        sample = unpacked(_parcels(self._walked, stages.SAMPLE), stages.SAMPLE_ROWS)
        keys = sorted(zip(sample.column("billed_at").to_pylist(), sample.column("unit_id").to_pylist(), strict=True))
        if not keys:
            return []
        ends = np.linspace(0, len(keys), partitions + 1).astype(np.int64).tolist()
        return [keys[end] for _, end in pairwise(ends[:-1])]

    def _through(self, rows: DataFrame, stage: Stage, *more: Any) -> DataFrame:
        own = self._stage(stage)
        return rows.mapInArrow(lambda batches: own(batches, *more), ROW)


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Make a folder, and lend one inside it for what is not known yet to count; a failure leaves neither.

    Refuses one that has come up since the work began: another run may be writing there.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise AuditorError("spark_target_taken", Place(str(folder))) from error
    beside = folder / "_temporary"
    try:
        beside.mkdir()
        yield beside
        rmtree(beside)
        (folder / "_SUCCESS").touch()
    except BaseException:
        rmtree(folder, ignore_errors=True)
        raise


def _of(rows: DataFrame, *kinds: str) -> DataFrame:
    """Give the rows of some kinds: the others need not travel to a stage that leaves them."""
    return rows.where(f.col("kind").isin(*kinds))


def _parcels(rows: DataFrame, kind: str) -> list[bytes]:
    found = _of(rows, kind).select("parcel").toArrow()
    return [one.as_py() for one in found.column("parcel")]

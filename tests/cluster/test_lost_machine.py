"""A machine of a cluster is lost in the middle: its Java, its Python and its disk; the rows are the desktop's.

The cluster is real but small: a master and two machines, each a Java of its own with its own folder (`local-cluster`).
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.nasty_logs import charged
from tests.cluster.nasty_logs import in_order
from tests.cluster.nasty_logs import whole
from tests.core.as_columns import charge_rows
from tests.core.nasty import SMALL_ALLOWANCE
from tests.core.nasty import nasty_case

pytestmark = pytest.mark.spark

QUICK = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""A Java that lives for seconds does not pay back what it costs to compile it well."""


@pytest.fixture(scope="module")
def machines() -> Iterator[Any]:
    """Give a Spark of two machines with a core each; what they have noted down goes with them."""
    import pyspark
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    usual = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4", "spark.executor.memory": "512m"}
    usual |= dict.fromkeys((f"spark.{who}.extraJavaOptions" for who in ("driver", "executor")), QUICK)
    builder = SparkSession.builder.master("local-cluster[2,1,512]").config(map=usual)
    session = builder.getOrCreate()
    notes = Path(pyspark.__file__).parent / "work" / session.sparkContext.applicationId
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("auditor.cluster.source._ROWS_AT_ONCE", 20)  # so that small logs have many stretches
        yield session
    session.stop()
    shutil.rmtree(notes, ignore_errors=True)


def parent_of(process: int) -> int:
    """Give the id of the process that began another."""
    return int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def losing(stage: Any, name: str, folder: Path) -> Any:
    """Lose the machine that is first to have given something of a stage, once, and what earlier stages left on it."""
    if stage.__name__ != name:
        return stage

    def run(batches: Any, *more: Any) -> Any:
        for made in stage(batches, *more):
            yield made
            try:
                (folder / "lost").touch(exist_ok=False)
            except FileExistsError:
                continue
            for disk in os.environ["SPARK_EXECUTOR_DIRS"].split(os.pathsep):
                shutil.rmtree(disk)
            os.kill(parent_of(os.getppid()), signal.SIGKILL)  # Java begins a daemon, and that its workers

    return run


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tells processes by /proc")
@pytest.mark.parametrize(("at", "kind"), [("candidates", "csv"), ("written", "parquet")])
def test_that_a_machine_that_is_lost_with_its_disk_changes_nothing(
    tmp_path: Path, machines: Any, at: str, kind: str
) -> None:
    wanted = in_order(charge_rows(*nasty_case(20), SMALL_ALLOWANCE))
    losing_one = partial(losing, name=at, folder=tmp_path)
    assert whole(charged(tmp_path, nasty_case(20), 3, losing_one, kind)) == wanted
    assert (tmp_path / "lost").exists()

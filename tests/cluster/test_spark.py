"""The engine on Spark gives the desktop's rows, however the log is divided and whatever is lost on the way.

Run by `python3 packaging/dev.py spark`, which brings Spark along; the ordinary run has none.
"""

import csv
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.core.problems import AuditorError
from auditor.core.terms import Terms
from tests.core.as_columns import Case
from tests.core.as_columns import charge_rows
from tests.core.nasty import SMALL_ALLOWANCE
from tests.core.nasty import Row
from tests.core.nasty import nasty_case
from tests.core.twin_log import COLUMNS

pytestmark = pytest.mark.spark

MASTER = "local[2,4]"  # two tasks at once, each of which may fail three times
SEEDS = range(0, 60, 10)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Give one Spark for all tests: it takes seconds to begin."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = SparkSession.builder.master(MASTER).config("spark.ui.enabled", "false").getOrCreate()
    session.conf.set("spark.sql.shuffle.partitions", "4")
    yield session
    session.stop()


def stumbling(stage: Any) -> Any:
    """Let every task of even number fail after its first batch, the first time it is tried."""

    def run(batches: Any, *more: Any) -> Any:
        from pyspark import TaskContext

        context = TaskContext.get()
        fails = context.attemptNumber() == 0 and context.partitionId() % 2 == 0
        for made in stage(batches, *more):
            yield made
            if fails:
                raise RuntimeError("the machine is gone")
        if fails:
            raise RuntimeError("the machine is gone")

    return run


def write(folder: Path, rows: list[Row], kind: str) -> list[str]:
    """Write a log as one or several files that Spark reads; one message's rows may lie in two of them."""
    folder.mkdir()
    if kind == "csv":
        path = folder / "log.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return [str(path)]
    halves = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    for name, some in zip(("a", "b"), halves, strict=True):
        lines = (json.dumps({column: row[column] for column in COLUMNS if row[column]}) for row in some)
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [str(folder / "a.jsonl"), str(folder / "b.jsonl")]


def charged(folder: Path, seed: int, partitions: int, stage: Any) -> list[Row]:
    """Charge a nasty log on Spark and give the rows of CHARGES as text."""
    import pyarrow.parquet

    from auditor.cluster.engine import Cluster
    from auditor.cluster.engine import charge_on_spark

    rows, account, cards = nasty_case(seed)
    case = Case(rows, account, cards)
    terms = Terms(case.account, case.terms.regimes, case.terms.markets, case.terms.tariff, (), SMALL_ALLOWANCE)
    logs = write(folder / "log", rows, "csv" if seed % 2 else "jsonl")
    out = folder / "charges"
    outcome = charge_on_spark(logs, terms, Cluster(MASTER, partitions=partitions), str(out), stage=stage)
    found = pyarrow.parquet.read_table(out).to_pylist()
    assert outcome.charges == len(found)
    return in_order([{name: "" if value is None else str(value) for name, value in row.items()} for row in found])


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["billed_at"], row["unit_id"], row["phone_number_id"]))


@pytest.mark.parametrize("seed", SEEDS)
def test_that_spark_gives_the_rows_of_the_desktop(tmp_path: Path, spark: Any, seed: int) -> None:
    wanted = in_order(charge_rows(*nasty_case(seed), SMALL_ALLOWANCE))
    for partitions in (1, 5):
        folder = tmp_path / str(partitions)
        folder.mkdir()
        assert charged(folder, seed, partitions, lambda own: own) == wanted, f"{partitions} partitions"


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_that_tasks_that_are_lost_and_tried_again_change_nothing(tmp_path: Path, spark: Any, seed: int) -> None:
    wanted = in_order(charge_rows(*nasty_case(seed), SMALL_ALLOWANCE))
    assert charged(tmp_path, seed, 5, stumbling) == wanted


def test_that_a_folder_that_is_there_is_not_written_over(tmp_path: Path, spark: Any) -> None:
    from auditor.cluster.engine import Cluster
    from auditor.cluster.engine import charge_on_spark

    rows, account, cards = nasty_case(1)
    logs = write(tmp_path / "log", rows, "csv")
    with pytest.raises(AuditorError) as caught:
        charge_on_spark(logs, Case(rows, account, cards).terms, Cluster(MASTER), str(tmp_path / "log"))
    assert caught.value.code == "spark_target_taken"
    assert (tmp_path / "log" / "log.csv").is_file()


def test_that_rows_that_cannot_be_used_are_counted_with_their_file(tmp_path: Path, spark: Any) -> None:
    from auditor.cluster.engine import Cluster
    from auditor.cluster.engine import charge_on_spark

    rows, account, cards = nasty_case(1)
    bad = dict(rows[0]) | {"message_id": "bad", "direction": "sideways"}
    logs = write(tmp_path / "log", [*rows, bad, bad | {"message_id": "worse"}], "csv")
    outcome = charge_on_spark(logs, Case(rows, account, cards).terms, Cluster(MASTER))
    assert (outcome.report.read, outcome.report.kept, outcome.report.refused) == (len(rows) + 2, len(rows), 2)
    (problem,) = outcome.report.problems
    assert (problem.code, problem.count, problem.place.column) == ("log_unknown_direction", 2, "direction")
    assert problem.place.file.endswith("log.csv")

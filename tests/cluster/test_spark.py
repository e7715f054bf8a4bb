"""The engine on Spark gives the desktop's rows, however the log is divided and whatever is lost on the way.

Run by `python3 packaging/dev.py spark`, which brings Spark along; the ordinary run has none.
"""

import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auditor.cli import main
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import TEMPLATES
from auditor.core.problems import AuditorError
from auditor.core.timeline import HOUR
from tests.audit_files import ACCOUNT
from tests.audit_files import CARD_COLUMNS
from tests.audit_files import write_table
from tests.cluster.nasty_logs import MASTER
from tests.cluster.nasty_logs import charged
from tests.cluster.nasty_logs import in_order
from tests.cluster.nasty_logs import whole
from tests.cluster.nasty_logs import write
from tests.cluster.nasty_logs import written
from tests.core.as_columns import Case
from tests.core.as_columns import charge_rows
from tests.core.nasty import SMALL_ALLOWANCE
from tests.core.nasty import Case as NastyCase
from tests.core.nasty import nasty_case
from tests.core.traffic import DAY
from tests.core.traffic import DELIVERED
from tests.core.traffic import FAILED
from tests.core.traffic import PRICES
from tests.core.traffic import READ
from tests.core.traffic import SENT
from tests.core.traffic import SHAPES
from tests.core.traffic import WROTE
from tests.core.traffic import Events
from tests.core.traffic import month
from tests.core.traffic import without_block
from tests.core.traffic import without_some
from tests.core.twin_log import COLUMNS
from tests.core.twin_log import EPOCH

pytestmark = pytest.mark.spark

SEEDS = range(0, 60, 10)
KINDS = ("csv", "parquet", "jsonl")
CATEGORIES = {code: word for word, code in TEMPLATES.items()}


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


def dying(stage: Any, name: str) -> Any:
    """Kill the worker that is at the first partition of a stage, once it has given something: its machine is lost."""
    if stage.__name__ != name:
        return stage

    def run(batches: Any, *more: Any) -> Any:
        from pyspark import TaskContext

        context = TaskContext.get()
        for made in stage(batches, *more):
            yield made
            if context.attemptNumber() == 0 and context.partitionId() == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return run


def write_month(folder: Path, events: Events) -> None:
    """Write a month of traffic as an account, its card and a log with a row for each event, some priced by Meta."""
    words = {SENT: "sent_at", WROTE: "sent_at", DELIVERED: "delivered_at", READ: "read_at", FAILED: "failed_at"}
    (folder / "account.toml").write_text(
        ACCOUNT.replace('["number"]', '["number0", "number1", "number2"]'), encoding="utf-8"
    )
    card = [("2019-01-01", "", "USD", "*", category, "", "", rate) for category, rate in PRICES.items()]
    write_table(folder / "contract.csv", CARD_COLUMNS, card)
    with (folder / "log.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for number, user, message, kind, what, at in zip(
            *(getattr(events, name).tolist() for name in events.__slots__), strict=True
        ):
            row = {
                "message_id": f"m{message}", "waba_id": "waba", "phone_number_id": f"number{number}", "user": str(user),
                "direction": "outbound" if kind & OUTBOUND else "inbound",
                "template_category": CATEGORIES.get((kind & CATEGORY_MASK) >> CATEGORY_SHIFT, ""),
                words[what]: (EPOCH + timedelta(microseconds=at)).isoformat(),
            }  # fmt: skip
            if what == DELIVERED and message % 3:
                row |= {"pricing_model": "PMP", "pricing_type": "regular", "pricing_category": "utility"}
            writer.writerow(row)


def summary_of(files: Path, more: list[str]) -> dict[str, Any]:
    """Give the SUMMARY that the command line writes, but for what it says of the files."""
    path = files / "summary.json"
    common = ["--account", str(files / "account.toml"), "--messages", str(files / "log.csv")]
    assert main(["charges", *common, "--summary", str(path), *more]) == 0
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    del content["imports"]
    return content


@pytest.mark.parametrize(("seed", "kind"), [*zip(SEEDS, KINDS * 2, strict=True)])
def test_that_spark_gives_the_rows_of_the_desktop(tmp_path: Path, spark: Any, seed: int, kind: str) -> None:
    wanted = in_order(charge_rows(*nasty_case(seed), SMALL_ALLOWANCE))
    for partitions in (1, 5):
        folder = tmp_path / str(partitions)
        folder.mkdir()
        assert whole(charged(folder, nasty_case(seed), partitions, kind=kind)) == wanted, f"{partitions} partitions"


def test_that_rows_are_the_same_where_only_spark_reaches_the_files(tmp_path: Path, spark: Any) -> None:
    hadoop = spark.sparkContext._jsc.hadoopConfiguration()
    hadoop.set("fs.viewfs.mounttable.far.link./data", tmp_path.as_uri())
    wanted = in_order(charge_rows(*nasty_case(20), SMALL_ALLOWANCE))
    parts = charged(tmp_path, nasty_case(20), 4, kind="parquet", under="viewfs://far/data")
    assert whole(parts) == wanted
    assert list((tmp_path / "charges").glob("part-00000-*.snappy.parquet"))  # Spark's own names


@pytest.mark.parametrize(("seed", "kind"), [*zip(SEEDS[:3], KINDS, strict=True)])
def test_that_tasks_that_are_lost_and_tried_again_change_nothing(
    tmp_path: Path, spark: Any, seed: int, kind: str
) -> None:
    wanted = in_order(charge_rows(*nasty_case(seed), SMALL_ALLOWANCE))
    assert whole(charged(tmp_path, nasty_case(seed), 5, stumbling, kind)) == wanted


@pytest.mark.parametrize("at", ["canonise_stretches", "candidates", "written"])
def test_that_a_worker_that_dies_in_the_middle_changes_nothing(tmp_path: Path, spark: Any, at: str) -> None:
    wanted = in_order(charge_rows(*nasty_case(0), SMALL_ALLOWANCE))
    assert whole(charged(tmp_path, nasty_case(0), 3, partial(dying, name=at), "parquet")) == wanted


def skewed() -> NastyCase:
    """Give a log of one number at one instant: 2,000 messages to one customer, and one to each of 2,000 others."""
    _, account, cards = nasty_case(0)
    account = account | {"audit": {"name": "skewed", "period": "2026-10", "currency": "USD", "language": "en"}}
    account |= {"waba": [{"id": "waba", "time_zone": "America/Lima", "currency": "USD", "numbers": ["01005"]}]}
    at = "2026-10-05T15:00:00Z"
    rows = [
        dict.fromkeys(COLUMNS, "")
        | {
            "message_id": f"m{n:04}", "waba_id": "waba", "phone_number_id": "01005", "direction": "outbound",
            "user": f"5191{n % 2 * n:07}", "template_category": "utility", "sent_at": at, "delivered_at": at,
        }
        for n in range(1, 4001)
    ]  # fmt: skip
    return rows, account, cards


def test_that_no_file_and_no_partition_holds_most_of_a_number_that_is_busy_at_one_instant(
    tmp_path: Path, spark: Any
) -> None:
    def watched(stage: Any) -> Any:
        if stage.__name__ != "candidates":
            return stage

        def run(batches: Any, *more: Any) -> Any:
            from pyspark import TaskContext

            some = list(batches)
            rows = sum(sum(batch.column("count").to_pylist()) for batch in some)
            (tmp_path / f"walked{TaskContext.get().partitionId()}").write_text(str(rows), encoding="utf-8")
            yield from stage(iter(some), *more)

        return run

    parts = charged(tmp_path, skewed(), 8, watched)
    assert whole(parts) == in_order(charge_rows(*skewed(), SMALL_ALLOWANCE))
    assert max(map(len, parts)) < 2000
    walked = sorted(int(path.read_text(encoding="utf-8")) for path in tmp_path.glob("walked*"))
    assert sum(walked) == 4000
    # The one customer's 2,000 are one thread; the others are about 250 in each of the eight.
    assert 2000 <= walked[-1] < 2400
    assert walked[-2] < 400


@pytest.mark.parametrize("lost", ["nothing", "block", "some"])
def test_that_the_summary_is_that_of_the_desktop(tmp_path: Path, spark: Any, lost: str) -> None:
    _, events = month("message-v2", SHAPES["several"], 2)
    start = int(events.at[0]) + 11 * DAY + 9 * HOUR
    kept = {
        "nothing": events,
        "block": without_block(events, 1, start, 20 * HOUR),
        "some": without_some(events, 0.02, np.random.default_rng(7)),
    }[lost]
    write_month(tmp_path, kept)
    wanted = summary_of(tmp_path, [])
    kinds = {"nothing": [], "block": ["block"], "some": ["loss"]}
    assert [gap["kind"] for gap in wanted["health"]["gaps"]] == kinds[lost]
    assert wanted["cross_check"]["disagreeing"] > 0
    assert summary_of(tmp_path, ["--engine", "spark", "--master", MASTER, "--partitions", "5"]) == wanted


@pytest.mark.parametrize(
    ("out", "code"),
    [
        ("{log}", "spark_target_taken"),
        ("{log}/log.csv/out.parquet", "cannot_write"),
        ("s3x://bucket/out.parquet", "spark_target_unreached"),
    ],
)
def test_that_what_is_there_is_not_written_over_and_what_cannot_be_reached_is_said(
    tmp_path: Path, spark: Any, out: str, code: str
) -> None:
    from auditor.cluster.engine import Cluster
    from auditor.cluster.engine import charge_on_spark

    rows, account, cards = nasty_case(1)
    logs = write(tmp_path / "log", rows, "csv")
    with pytest.raises(AuditorError) as caught:
        charge_on_spark(logs, Case(rows, account, cards).terms, Cluster(MASTER), out.format(log=tmp_path / "log"))
    assert caught.value.code == code
    assert (tmp_path / "log" / "log.csv").is_file()


def test_that_a_folder_that_another_run_has_made_meanwhile_is_left_alone(tmp_path: Path, spark: Any) -> None:
    theirs = tmp_path / "charges" / "_temporary"

    def overtaken(stage: Any) -> Any:
        if stage.__name__ == "written":
            theirs.mkdir(parents=True)
        return stage

    with pytest.raises(AuditorError) as caught:
        charged(tmp_path, nasty_case(0), 2, overtaken)
    assert caught.value.code == "spark_target_taken"
    assert theirs.is_dir()


def test_that_machines_read_for_themselves_what_lies_in_folders_of_days(tmp_path: Path, spark: Any) -> None:
    from auditor.cluster.canonical import canonise_stretches
    from auditor.cluster.engine import Cluster
    from auditor.cluster.engine import charge_on_spark
    from auditor.cluster.source import opened

    rows, account, cards = nasty_case(20)
    log, half = tmp_path / "log", len(rows) // 2
    log.mkdir()
    for day, some in enumerate((rows[:half], rows[half:])):
        write(log / f"day={day}", some, "parquet")
    assert [one.stage for one in opened(spark, [str(log)])] == [canonise_stretches]
    terms = replace(Case(rows, account, cards).terms, allowance_size=SMALL_ALLOWANCE)
    charge_on_spark([log.as_uri()], terms, Cluster(MASTER, partitions=2), (tmp_path / "charges").as_uri())
    wanted = in_order(charge_rows(rows, account, cards, SMALL_ALLOWANCE))
    assert whole(written(tmp_path / "charges")) == wanted


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


def test_that_ctrl_c_ends_quietly_and_leaves_no_java_behind(tmp_path: Path) -> None:
    write_month(tmp_path, month("message-v2", SHAPES["several"], 2)[1])
    command = [sys.executable, "-m", "auditor", "charges", "--account", str(tmp_path / "account.toml")]
    command += ["--messages", str(tmp_path / "log.csv"), "--engine", "spark", "--master", MASTER]
    command += ["--out", str(tmp_path / "out.parquet")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stderr is not None
        run.stderr.readline()  # Java's first word
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all of them
        said = run.stderr.read()  # to the end: until the last of them has closed it
    assert run.returncode == 130
    assert "Traceback" not in said
    assert not (tmp_path / "out.parquet").exists()

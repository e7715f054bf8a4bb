"""The engine on Spark beside the desktop's: the same log to the same totals, and how Spark takes more partitions.

    .venv-spark/bin/python tests/benchmarks/spark_overhead.py [csv|jsonl] [MESSAGES] [PARTITIONS ...]      Linux

`packaging/dev.py spark` makes `.venv-spark`. The log is Parquet on this machine's disk, or for Spark the text that is
asked for, and Spark is here (`local[2]`): this is what its way costs, not what a cluster gains. Each run is a process
of its own; starting Spark and loading the kernels is part of it. The processor's time is that of all its processes,
Java and the workers too, twice a second.
"""

# ruff: noqa: T201 - a benchmark prints

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)

from tests.benchmarks.reconcile_million import make  # noqa: E402 - the checkout goes before any installed copy

_MESSAGES, _PARTITIONS, _TEXTS = 1_000_000, (1, 2, 4, 8, 16), ("csv", "jsonl")


def spent(session: int) -> dict[str, float]:
    """Give the seconds of the processor that each process of a session has taken so far, by its id."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[3]) == session:
            found[path.parent.name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def timed(folder: Path, name: str, kind: str, *more: str) -> tuple[float, float, str]:
    """Charge the log; give the seconds that it took by the clock and of the processor, and the total."""
    summary = folder / f"{name}.json"
    common = ["--account", str(folder / "account.toml"), "--messages", str(folder / f"log.{kind}")]
    words = [sys.executable, "-m", "auditor", "charges", *common, "--summary", str(summary), *more]
    begin = time.perf_counter()
    env, seen = os.environ | {"PYTHONPATH": str(ROOT)}, dict[str, float]()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, env=env, start_new_session=True) as run:
        while run.poll() is None:
            seen |= spent(run.pid)
            with suppress(subprocess.TimeoutExpired):
                run.wait(0.5)
    if run.returncode:
        raise SystemExit(f"{name} ended with {run.returncode}")
    taken = time.perf_counter() - begin
    return taken, sum(seen.values()), json.loads(summary.read_text(encoding="utf-8"))["expected"]["USD"]["amount"]


def main() -> None:
    """Make the log, run the desktop and Spark in turn, and print the table."""
    words = sys.argv[1:]
    kind = words.pop(0) if words and words[0] in _TEXTS else "parquet"
    messages, *partitions = [*map(int, words)] or [_MESSAGES]
    with TemporaryDirectory(prefix="auditor-benchmark-") as name:
        folder = Path(name)
        print(f"{messages:,} messages in {make(folder, messages):,} rows\n")
        log = duckdb.read_csv(str(folder / "log.csv"), all_varchar=True)
        log.write_parquet(str(folder / "log.parquet"))
        duckdb.sql(f"copy log to '{folder}/log.jsonl' (format json)")
        found = {"desktop": timed(folder, "desktop", "parquet", "--out", str(folder / "desktop.parquet"))}
        for count in partitions or _PARTITIONS:
            spark = ("--engine", "spark", "--master", "local[2]", "--partitions", str(count))
            out = ("--out", str(folder / f"{count}.parquet"))
            found[f"Spark, {count} partitions"] = timed(folder, str(count), kind, *spark, *out)
    if len({total for _, _, total in found.values()}) > 1:
        raise SystemExit(f"the totals differ: {found}")
    print("| | clock s | processor s |\n|---|---|---|")
    for who, (seconds, processor, _) in found.items():
        print(f"| {who} | {seconds:.1f} | {processor:.1f} |")


if __name__ == "__main__":
    main()

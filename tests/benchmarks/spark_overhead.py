"""The engine on Spark beside the desktop's: the same log to the same totals, and how Spark takes more partitions.

    .venv-spark/bin/python tests/benchmarks/spark_overhead.py [MESSAGES] [PARTITIONS ...]      Linux, macOS

`packaging/dev.py spark` makes `.venv-spark`. Spark runs on this machine (`local[2]`): this is what its way costs, not
what a cluster gains. Each run is a process of its own; starting Spark and loading the kernels is part of it.
"""

# ruff: noqa: T201 - a benchmark prints

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)

from tests.benchmarks.reconcile_million import make  # noqa: E402 - the checkout goes before any installed copy

_MESSAGES, _PARTITIONS = 1_000_000, (2, 8, 32)


def timed(folder: Path, name: str, *more: str) -> tuple[float, str]:
    """Charge the log; give the seconds that it took by the clock, and the total."""
    summary = folder / f"{name}.json"
    common = ["--account", str(folder / "account.toml"), "--messages", str(folder / "log.csv")]
    words = [sys.executable, "-m", "auditor", "charges", *common, "--summary", str(summary), *more]
    begin = time.perf_counter()
    subprocess.run(words, check=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    taken = time.perf_counter() - begin
    return taken, json.loads(summary.read_text(encoding="utf-8"))["expected"]["USD"]["amount"]


def main() -> None:
    """Make the log, run the desktop and Spark in turn, and print the table."""
    messages, *partitions = [*map(int, sys.argv[1:])] or [_MESSAGES]
    with TemporaryDirectory(prefix="auditor-benchmark-") as name:
        folder = Path(name)
        print(f"{messages:,} messages in {make(folder, messages):,} rows\n")
        found = {"desktop": timed(folder, "desktop", "--out", str(folder / "desktop.parquet"))}
        for count in partitions or _PARTITIONS:
            spark = ("--engine", "spark", "--master", "local[2]", "--partitions", str(count))
            out = ("--out", str(folder / f"{count}.parquet"))
            found[f"Spark, {count} partitions"] = timed(folder, str(count), *spark, *out)
    if len({total for _, total in found.values()}) > 1:
        raise SystemExit(f"the totals differ: {found}")
    print("| | s |\n|---|---|")
    for who, (seconds, _) in found.items():
        print(f"| {who} | {seconds:.1f} |")


if __name__ == "__main__":
    main()

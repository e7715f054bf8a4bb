"""One CSV log to its total, four ways: dictionaries and loops, pandas, DuckDB's SQL, and the program.

`python -m tests.benchmarks.comparisons [MESSAGES] [RUNS] [NAME ...]` makes the log of `reconcile_million`, runs
everyone (or those named) in turn and prints medians: by the clock, which is what a user waits, and of the processor's
time, which others on the machine disturb little. The script and SQL, which have all the rules, must come to the
program's SUMMARY: its totals, ranges and lines; whoever says a total, to the same.
pandas is no part of the program: `.venv-spark` has it. Unix only.
"""

# ruff: noqa: T201 - a benchmark prints
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from tests.benchmarks.reconcile_million import HERE
from tests.benchmarks.reconcile_million import ROOT
from tests.benchmarks.reconcile_million import Run
from tests.benchmarks.reconcile_million import charged
from tests.benchmarks.reconcile_million import make
from tests.benchmarks.reconcile_million import measured

PROGRAM, EACH, PLAIN, PANDAS, SQL = "auditor", "auditor, every charge", "plain", "pandas", "sql"


def contestants(folder: Path) -> Mapping[str, Sequence[object]]:
    """Give what is to be run, by name."""
    files = (folder / "log.csv", folder / "card.csv", ROOT / "resources" / "tariffs" / "markets.csv")
    every_rule = (files[0], folder / "account.toml", files[2], files[1])
    charges = ("-m", "auditor", "charges", "--account", folder / "account.toml", "--messages", folder / "log.csv")
    return {
        PROGRAM: (*charges, "--summary", folder / "summary.json"),
        EACH: (*charges, "--out", folder / "ours.csv"),
        PLAIN: (HERE / "plain_charges.py", *every_rule),
        PANDAS: (HERE / "pandas_charges.py", *files),
        SQL: (HERE / "sql_charges.py", *every_rule),
    }


def same_summary(ours: Path, other: Path) -> bool:
    """Tell whether another came to the totals, ranges and lines of the program."""
    summary, found = (json.loads(path.read_text(encoding="utf-8")) for path in (ours, other))
    keys = ("waba_id", "period", "market", "category", "pricing_type", "currency", "expected_quantity")
    amounts = ("expected_amount", "expected_low", "expected_high")
    lines = [[line[name] for name in (*keys, *amounts)] for line in summary["lines"]]
    return bool(summary["expected"] == found["expected"] and lines == found["lines"])


def main(messages: int, runs: int, names: Sequence[str]) -> None:
    """Make the log, run everyone in turn, and print the table."""
    with tempfile.TemporaryDirectory(prefix="auditor-benchmark-") as name:
        folder = Path(name)
        rows = make(folder, messages)
        print(f"{messages:,} messages in {rows:,} rows; medians of {runs} interleaved runs, seconds\n")
        everyone = {who: words for who, words in contestants(folder).items() if not names or who in names}
        found: dict[str, list[Run]] = {who: [] for who in everyone}
        totals: dict[str, Decimal] = {}
        for _ in range(runs):
            for who, words in everyone.items():
                found[who].append(measured(words, folder / "said.txt"))
                if who in {PLAIN, SQL}:
                    (folder / f"{who}.json").write_bytes((folder / "said.txt").read_bytes())
                elif who not in {PROGRAM, EACH}:
                    totals[who] = Decimal((folder / "said.txt").read_text(encoding="utf-8").strip())
        if EACH in everyone:
            totals[EACH] = charged(folder / "ours.csv")
        if len(set(totals.values())) > 1:
            raise SystemExit(f"the totals differ: {totals}")
        for who in {PLAIN, SQL} & {*everyone}:
            if not same_summary(folder / "summary.json", folder / f"{who}.json"):
                raise SystemExit(f"{who} comes to another SUMMARY")
        base_clock, base = _medians(found[PROGRAM])
        print("| | by the clock | times the auditor's | of the processor | times the auditor's | peak MiB |")
        print("|---|---|---|---|---|---|")
        for who, taken in found.items():
            (clock, processor), memory = _medians(taken), statistics.median(run.memory for run in taken)
            ratios = f"{clock:.2f} | {clock / base_clock:.1f} | {processor:.2f} | {processor / base:.1f}"
            print(f"| {who} | {ratios} | {memory:,.0f} |")


def _medians(taken: Sequence[Run]) -> tuple[float, float]:
    """Give the seconds by the clock and of the processor."""
    return statistics.median(run.seconds for run in taken), statistics.median(run.processor for run in taken)


if __name__ == "__main__":
    asked = [*sys.argv[1:3], *("1000000", "3")[len(sys.argv[1:3]) :]]
    main(int(asked[0]), int(asked[1]), sys.argv[3:])

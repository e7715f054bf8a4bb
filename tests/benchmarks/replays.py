"""Another reading of a log that stands in memory, beside the first computation from the file.

`python -m tests.benchmarks.replays LOG.parquet ACCOUNT.toml [RUNS]` charges a log as `auditor charges` does, then again
under other prices, another size of the free allowance, and another zone (which walks every thread anew), and prints
medians of the processor's seconds. Kernels must be compiled: run it twice.
"""

# ruff: noqa: T201 - a benchmark prints
import statistics
import sys
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import process_time

from auditor.core.charging import charge
from auditor.core.terms import Terms
from auditor.verbs import Audit
from auditor.verbs import read_account_file


def readings(terms: Terms) -> Mapping[str, tuple[Terms, str]]:
    """Give readings by name: what decides prices, and a zone in place of the accounts' own."""
    return {
        "the same": (terms, ""),
        "another allowance": (replace(terms, allowance_size=500), ""),
        "another zone": (terms, "Asia/Kolkata"),
    }


def timed(work: Callable[[], object]) -> float:
    """Give the processor's seconds that some work takes, of all threads."""
    start = process_time()
    work()
    return process_time() - start


def main(log: Path, account_file: Path, runs: int) -> None:
    """Charge and charge again, and print how they compare."""
    account, text = read_account_file(account_file)
    audit = Audit.create(None, account, text, passing=True)
    try:

        def first() -> None:
            audit.add_files([log], kind="log")
            audit.recompute(charges_only=True)

        base = timed(first)
        print(f"first computation {base:.2f} s")
        audited = audit.answer().audited
        for name, (terms, zone) in readings(audited.terms).items():
            taken = []
            for _ in range(runs):
                for key in list(audited.log.walks)[1:]:
                    del audited.log.walks[key]
                taken.append(timed(lambda: charge(audited.log, terms, zone)))  # noqa: B023 - called here
            seconds = statistics.median(taken)
            print(f"{name}: {seconds:.2f} s, {base / seconds:.0f} times as fast")
    finally:
        audit.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else 3)

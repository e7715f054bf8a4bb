"""Another reading of a log that stands in memory, beside the first computation from the file.

`python -m tests.benchmarks.replays LOG.parquet ACCOUNT.toml [RUNS]` charges a log as `auditor charges` does, then again
under the same prices, another size of the free allowance, and other zones (each walks every thread anew and has other
edges to look up), and prints medians of the processor's seconds. Kernels must be compiled: run it twice.
"""

# ruff: noqa: T201 - a benchmark prints
import statistics
import sys
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import process_time

from auditor.core.charging import charge
from auditor.core.terms import Terms
from auditor.verbs import Audit
from auditor.verbs import read_account_file

ZONES = ("Asia/Kolkata", "UTC", "Europe/Madrid", "Asia/Kathmandu", "America/Santiago")


def readings(terms: Terms) -> Mapping[str, Sequence[tuple[Terms, str]]]:
    """Give readings by name, one for each run: what decides prices, and a zone in place of the accounts' own."""
    return {
        "the same": [(terms, "")] * len(ZONES),
        "another allowance": [(replace(terms, allowance_size=500 + 100 * n), "") for n in range(len(ZONES))],
        "another zone": [(terms, zone) for zone in ZONES],
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
        for name, some in readings(audited.terms).items():
            taken = [
                timed(lambda: charge(audited.log, terms, zone))  # noqa: B023 - called here
                for terms, zone in some[:runs]
            ]
            seconds = statistics.median(taken)
            print(f"{name}: {seconds:.2f} s, {base / seconds:.0f} times as fast")
    finally:
        audit.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else 3)

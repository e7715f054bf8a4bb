"""A month of a million messages: the program beside the script that a careful user would write instead.

`python tests/benchmarks/reconcile_million.py [MESSAGES] [RUNS]` makes a log in a temporary folder (heavy skew, 15 %
repeated status rows, out of order), runs each contestant in turn and prints medians of time and peak memory. All must
come to the same total, but for the reconciliation in another currency at a hundred daily rates. Unix only: memory is
what the system says of each child.
"""

# ruff: noqa: T201 - a benchmark prints
import csv
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import perf_counter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NUMBERS = ("1065403522429", "1065403522430", "1065403522431", "1065403522432")
START, SPAN = datetime(2026, 10, 1, 5, tzinfo=UTC), 31 * 86_400
REPEATED = 0.15
FIRST_RATE, EXCHANGE_RATES = date(2026, 8, 1), 100
COLUMNS = (
    "message_id", "phone_number_id", "user", "direction", "template_category", "referral", "sent_at", "delivered_at",
    "read_at",
)  # fmt: skip
# Out of a hundred messages; the rest are written by customers.
KINDS = ("",) * 25 + ("marketing",) * 17 + ("utility",) * 14 + ("authentication",) * 4
PREFIXES = ("519",) * 70 + ("569",) * 12 + ("573",) * 10 + ("521",) * 8
RATES = {
    "Peru": {"marketing": "0.0703", "utility": "0.0300", "authentication": "0.0300", "service": "0.0300"},
    "*": {"marketing": "0.0397", "utility": "0.0085", "authentication": "0.0085", "service": "0.0085"},
}
ACCOUNT = f"""\
[audit]
name = "A million messages"
period = "2026-10"
currency = "USD"
language = "en"
[[waba]]
id = "waba"
time_zone = "America/Lima"
currency = "USD"
numbers = {list(NUMBERS)}
[rates]
card = "card.csv"
"""


@dataclass(frozen=True)
class Run:
    """What one run took: seconds by the clock and of the processor, and peak memory in MiB."""

    seconds: float
    processor: float
    memory: float


def rows(messages: int, random: Random) -> Iterator[list[str]]:
    """Give the rows of a log: few users and numbers have most of the messages, some statuses come again, late."""
    later: list[list[str]] = []
    for n in range(messages):
        number = NUMBERS[int(len(NUMBERS) * random.random() ** 2)]
        who = int(messages / 8 * random.random() ** 3)
        user = f"{PREFIXES[who % 100]}{who:08d}"
        place = min(max(n + random.randrange(-5000, 5000), 0), messages)
        at = START + timedelta(seconds=SPAN * place // messages)
        kind = random.randrange(100)
        if kind >= len(KINDS):
            referral = "true" if random.randrange(100) < 2 else ""
            yield [f"wamid.{n:012d}", number, user, "inbound", "", referral, at.isoformat(), "", ""]
        else:
            delivered = at + timedelta(seconds=random.randrange(1, 90))
            read = (delivered + timedelta(seconds=random.randrange(1, 9000))).isoformat()
            row = [f"wamid.{n:012d}", number, user, "outbound", KINDS[kind], "", at.isoformat(), "", ""]
            row[7] = "" if random.randrange(100) < 5 else delivered.isoformat()
            row[8] = read if random.randrange(100) < 50 else ""
            yield row
            if random.random() < REPEATED * 100 / len(KINDS):
                later.append(row)
        if len(later) > 2000:
            yield later.pop(random.randrange(len(later)))
    yield from later


def write(path: Path, heads: Sequence[str], lines: Iterator[list[str]]) -> int:
    """Write a CSV file and give its number of rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        count = 0
        for line in lines:
            writer.writerow(line)
            count += 1
    return count


def make(folder: Path, messages: int) -> int:
    """Write account, card, invoice and log, and give the rows of the log.

    No line of the invoice is right, so that the search for causes has to try every reading.
    """
    (folder / "account.toml").write_text(ACCOUNT, encoding="utf-8")
    prices = (
        ["2026-10-01", "", "USD", market, category, "", "", rate]
        for market, own in RATES.items()
        for category, rate in own.items()
    )
    heads = ("effective_from", "effective_to", "currency", "market", "category", "tier_from", "tier_to", "rate")
    write(folder / "card.csv", heads, prices)
    billed = [
        [market, category, "1234", f"{100 + n}.55"]
        for n, (market, category) in enumerate(
            (market, category)
            for market in ("Peru", "Chile", "Colombia", "Mexico")
            for category in ("marketing", "utility", "authentication", "service")
        )
    ]
    write(folder / "invoice.csv", ("Market", "Category", "Quantity", "Amount (USD)"), iter(billed))
    write(folder / "exchanged.csv", ("Market", "Category", "Quantity", "Amount (PEN)"), iter(billed))
    exchanged = ACCOUNT.replace('"USD"', '"PEN"', 1) + '[fx]\nmethod = "daily"\nfile = "fx.csv"\n'
    (folder / "exchanged.toml").write_text(exchanged, encoding="utf-8")
    # No two days have the same rate.
    daily = (
        [f"{FIRST_RATE + timedelta(days=n)}", "USD", "PEN", f"3.{700 + n * 37 % EXCHANGE_RATES}"]
        for n in range(EXCHANGE_RATES)
    )
    write(folder / "fx.csv", ("date", "from", "to", "rate"), daily)
    return write(folder / "log.csv", COLUMNS, rows(messages, Random(20261031)))


def measured(words: Sequence[object], said: Path) -> Run:
    """Run a program to its end; what it says goes into a file."""
    start = perf_counter()
    with said.open("w", encoding="utf-8") as output:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        program = [sys.executable, *map(str, words)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        child = os.posix_spawn(sys.executable, program, environment, file_actions=actions)
        _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{program} failed")
    memory = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return Run(perf_counter() - start, usage.ru_utime + usage.ru_stime, memory)


def charged(path: Path) -> Decimal:
    """Add up a file of charges."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum((Decimal(row["amount"]) for row in csv.DictReader(file)), Decimal(0))


def contestants(folder: Path) -> dict[str, Callable[[], Run]]:
    """Give what is to be run, by name."""
    common = ("--account", folder / "account.toml", "--messages", folder / "log.csv")
    reconcile = ("--invoice", folder / "invoice.csv", "--summary", folder / "summary.json")
    written = ("--charges", folder / "reconciled.csv")
    exchanged = ("--account", folder / "exchanged.toml", "--messages", folder / "log.csv")
    into = ("--invoice", folder / "exchanged.csv", "--summary", folder / "exchanged.json")
    markets = ROOT / "resources" / "tariffs" / "markets.csv"
    given = (folder / "log.csv", folder / "account.toml", markets, folder / "card.csv")
    plain = (HERE / "plain_charges.py", *given, "--out", folder / "plain.csv")
    said = folder / "said.txt"
    return {
        "plain script: charges": lambda: measured(plain, said),
        "auditor charges": lambda: measured(("-m", "auditor", "charges", *common, "--out", folder / "ours.csv"), said),
        "auditor reconcile": lambda: measured(("-m", "auditor", "reconcile", *common, *reconcile, *written), said),
        "the same by daily rates": lambda: measured(("-m", "auditor", "reconcile", *exchanged, *into), said),
    }


def main() -> None:
    """Make the log, run everyone in turn, and print the table."""
    messages, runs = ([*map(int, sys.argv[1:]), *(1_000_000, 3)[len(sys.argv) - 1 :]])[:2]
    with tempfile.TemporaryDirectory(prefix="auditor-benchmark-") as name:
        folder = Path(name)
        count = make(folder, messages)
        size = (folder / "log.csv").stat().st_size / 1e6
        print(f"{messages:,} messages in {count:,} rows, {size:,.0f} MB; medians of {runs} interleaved runs\n")
        everyone = contestants(folder)
        found: dict[str, list[Run]] = {name: [] for name in everyone}
        for _ in range(runs):
            for who, go in everyone.items():
                found[who].append(go())
        totals = {charged(folder / file) for file in ("plain.csv", "ours.csv", "reconciled.csv")}
        if len(totals) > 1:
            raise SystemExit(f"the totals differ: {sorted(totals)}")
        base = statistics.median(run.seconds for run in found["plain script: charges"])
        print("| | s | times as fast | peak MiB |\n|---|---|---|---|")
        for who, taken in found.items():
            seconds = statistics.median(run.seconds for run in taken)
            memory = statistics.median(run.memory for run in taken)
            print(f"| {who} | {seconds:.1f} | {base / seconds:.1f} | {memory:,.0f} |")
        print(f"\nAll come to {totals.pop()} USD.")


if __name__ == "__main__":
    main()

"""From ten thousand to many million messages in Parquet: `auditor charges --summary` beside DuckDB's bare read.

`python -m tests.benchmarks.charges_scale [LARGEST] [RUNS] [PLOT.png]` makes logs of 10^4, 10^5, ... messages up to
LARGEST, runs both in turn and prints medians of time and peak memory, and how they grow. The bare read brings the same
columns into numpy and does nothing with them. Unix only: memory is what the system says of each child.
"""

# ruff: noqa: T201 - a benchmark prints
import statistics
import sys
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from matplotlib.figure import Figure

from tests.benchmarks.reconcile_million import ACCOUNT
from tests.benchmarks.reconcile_million import NUMBERS
from tests.benchmarks.reconcile_million import Run
from tests.benchmarks.reconcile_million import measured

BARE, PROGRAM = "bare read", "auditor charges"
SMALLEST = 10_000
# As `reconcile_million.rows`: few users and numbers have most of the messages, some statuses come again, late.
LOG = """
with drawn as (
  select range as n, (hash(range, 1) % 1000000) / 1e6 as a, (hash(range, 2) % 1000000) / 1e6 as b,
    (hash(range, 3) % 100)::int as kind, (hash(range, 4) % 100)::int as c, (hash(range, 5) % 10000)::bigint as shift,
    (hash(range, 6) % 90)::bigint as late, (hash(range, 7) % 9000)::bigint as seen, hash(range, 8) % 100 as again
  from range({messages})
), placed as (
  select *, floor(4 * a * a)::int as number, floor({messages} / 8 * b * b * b)::bigint as who,
    1790830800 + 31 * 86400 * least(greatest(n + shift - 5000, 0), {messages}) // {messages} as moment
  from drawn
), rowed as (
  select n::double as place, 'wamid.HBgLNTE5' || lpad(n::varchar, 12, '0') as message_id,
    [{numbers}][number + 1] as phone_number_id,
    case when who % 100 < 70 then '519' when who % 100 < 82 then '569' when who % 100 < 92 then '573' else '521' end
      || lpad(who::varchar, 8, '0') as "user",
    case when kind < 60 then 'outbound' else 'inbound' end as direction,
    case when kind < 25 then null when kind < 42 then 'marketing' when kind < 56 then 'utility'
      when kind < 60 then 'authentication' end as template_category,
    case when kind >= 60 and c < 2 then true end as referral, to_timestamp(moment) as sent_at,
    case when kind < 60 and c >= 5 then to_timestamp(moment + 1 + late) end as delivered_at,
    case when kind < 60 and c < 50 then to_timestamp(moment + 2 + late + seen) end as read_at, again
  from placed
)
select * exclude (place, again) from (
  select * from rowed union all
  select * replace (place + 2000 + again as place) from rowed where direction = 'outbound' and again < 25
) order by place
"""
READ = """
import sys, duckdb
duckdb.connect().execute('''
  select hash(message_id), phone_number_id::bigint, "user"::bigint, direction = 'outbound', template_category, referral,
    epoch_us(sent_at), epoch_us(delivered_at), epoch_us(read_at)
  from read_parquet(?)''', [sys.argv[1]]).fetchnumpy()
"""


WRITE = """
import sys, duckdb
duckdb.connect(config={"memory_limit": "3GB", "temp_directory": sys.argv[1]}).execute(sys.argv[2])
"""


def make(folder: Path, messages: int) -> Path:
    """Write the log of so many messages, in a process of its own: a child's peak begins at its parent's."""
    path = folder / f"log_{messages}.parquet"
    numbers = ", ".join(f"'{number}'" for number in NUMBERS)
    query = f"copy ({LOG.format(messages=messages, numbers=numbers)}) to '{path}' (format parquet)"
    measured(["-c", WRITE, folder, query], folder / "said.txt")
    return path


def runs(folder: Path, log: Path, times: int) -> dict[str, Run]:
    """Run both in turn, and give the medians."""
    account, said = folder / "account.toml", folder / "said.txt"
    account.write_text(ACCOUNT.replace('[rates]\ncard = "card.csv"\n', ""), encoding="utf-8")
    (folder / "read.py").write_text(READ, encoding="utf-8")
    words = ["-m", "auditor", "charges", "--account", account, "--messages", log, "--summary", folder / "summary.json"]
    contestants: Mapping[str, Sequence[object]] = {BARE: [folder / "read.py", log], PROGRAM: words}
    found: dict[str, list[Run]] = {name: [] for name in contestants}
    for _ in range(times):
        for name, own in contestants.items():
            found[name].append(measured(own, said))
    return {
        name: Run(*(statistics.median(getattr(run, one.name) for run in some) for one in fields(Run)))
        for name, some in found.items()
    }


def draw(found: Mapping[int, Mapping[str, Run]], path: Path) -> None:
    """Draw time and memory over the number of messages, both axes by powers of ten: a straight line is linear."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    for axes, field, name in zip(figure.subplots(1, 2), ("seconds", "memory"), ("seconds", "peak MiB"), strict=True):
        for who in (PROGRAM, BARE):
            axes.loglog(list(found), [getattr(one[who], field) for one in found.values()], marker="o", label=who)
        axes.set_xlabel("messages")
        axes.set_ylabel(name)
        axes.grid(visible=True, which="major", alpha=0.4)
        axes.legend()
    figure.savefig(path, dpi=120)


def main(largest: int, times: int, plot: str) -> None:
    """Run and print everything."""
    found: dict[int, dict[str, Run]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, messages = Path(name), SMALLEST
        while messages <= largest:
            log = make(folder, messages)
            runs(folder, log, 1)  # kernels are compiled once per installation
            found[messages] = runs(folder, log, times)
            log.unlink()
            bare, own = found[messages][BARE], found[messages][PROGRAM]
            print(
                f"{messages:>12,}  {BARE} {bare.seconds:.2f} s {bare.memory:,.0f} MiB   "
                f"{PROGRAM} {own.seconds:.2f} s {own.memory:,.0f} MiB   {own.seconds / bare.seconds:.1f} times",
                flush=True,
            )
            messages *= 10
    if plot:
        draw(found, Path(plot))


if __name__ == "__main__":
    asked = [*sys.argv[1:], *("1000000", "3", "")[len(sys.argv) - 1 :]]
    main(int(asked[0]), int(asked[1]), asked[2])

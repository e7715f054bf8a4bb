"""Random nasty logs charged on Spark, and held to the desktop's result."""

import csv
import json
from pathlib import Path
from typing import Any

from auditor.core.audit import audit
from auditor.core.terms import Terms
from auditor.writers.charge_summary import charge_summary
from tests.core.as_columns import Case
from tests.core.nasty import SMALL_ALLOWANCE
from tests.core.nasty import Case as NastyCase
from tests.core.nasty import Row
from tests.core.twin_log import COLUMNS

MASTER = "local[2,4]"
"""Two tasks at once on this machine, each of which may fail three times; a session that is there already is taken."""


def write(folder: Path, rows: list[Row], kind: str) -> list[str]:
    """Write a log as one or several files that Spark reads; one message's rows may lie in two of them."""
    import pyarrow as pa
    import pyarrow.parquet

    folder.mkdir()
    if kind == "csv":
        path = folder / "log.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return [str(path)]
    halves = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    if kind == "parquet":
        for name, some in zip(("a", "b"), halves, strict=True):
            table = pa.table({column: pa.array([row[column] or None for row in some], "string") for column in COLUMNS})
            pyarrow.parquet.write_table(table, folder / f"{name} 1.parquet", row_group_size=7)
        return [str(folder)]
    for name, some in zip(("a", "b"), halves, strict=True):
        lines = (json.dumps({column: row[column] for column in COLUMNS if row[column]}) for row in some)
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [str(folder / "a.jsonl"), str(folder / "b.jsonl")]


def charged(
    folder: Path, nasty: NastyCase, partitions: int, stage: Any = lambda own: own, kind: str = "csv", under: str = ""
) -> list[list[Row]]:
    """Charge a log on Spark, and give the rows of each file of CHARGES as text, in their order.

    `under`: the address under which Spark knows the folder, if it is not to know that it is one on this disk.
    """
    from auditor.cluster.engine import Cluster
    from auditor.cluster.engine import charge_on_spark

    rows = nasty[0]
    case = Case(*nasty)
    terms = Terms(case.account, case.terms.regimes, case.terms.markets, case.terms.tariff, (), SMALL_ALLOWANCE)
    logs = [log.replace(str(folder), under or str(folder)) for log in write(folder / "log", rows, kind)]
    out = folder / "charges"
    cluster = Cluster(MASTER, partitions=partitions)
    outcome = charge_on_spark(logs, terms, cluster, f"{under or folder}/charges", stage=stage)
    result = audit(case.log, terms, None, ()).result
    wanted = charge_summary(
        result.account, result.cells, result.health, (), result.tiers_not_on_file, result.cross_check
    )
    assert {**outcome.summary, "imports": []} == wanted
    parts = written(out)
    assert outcome.charges == sum(map(len, parts))
    assert {one.name for one in out.iterdir() if not one.name.startswith((".", "part-"))} == {"_SUCCESS"}
    return parts


def written(charges: Path) -> list[list[Row]]:
    """Give the rows of each file of CHARGES as text."""
    import pyarrow.parquet

    parts = [pyarrow.parquet.read_table(part).to_pylist() for part in sorted(charges.glob("part-*.parquet"))]
    return [
        [{name: "" if value is None else str(value) for name, value in row.items()} for row in part] for part in parts
    ]


def whole(parts: list[list[Row]]) -> list[Row]:
    """Put the files under each other."""
    return [row for part in parts for row in part]


def in_order(rows: list[Row]) -> list[Row]:
    """Sort rows of CHARGES by instant, id and number; a fraction of a second comes after none."""
    return sorted(rows, key=lambda row: (row["billed_at"].rstrip("Z"), row["unit_id"], row["phone_number_id"]))

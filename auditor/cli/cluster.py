"""`auditor charges --engine spark`: the same command on a cluster."""

import argparse
from pathlib import Path

from auditor.cli.console import check_summary
from auditor.cli.console import warn_of_charges
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.verbs import read_account_file

DONE = 0
_MASTER = "local[*]"


def charges_on_spark(parsed: argparse.Namespace) -> int:
    """Charge logs that Spark reads, and write a folder of Parquet, the totals, or both."""
    odd = [one for one in parsed.conf if "=" not in one]
    if odd:
        raise AuditorError("spark_setting_odd", value=odd[0])
    if parsed.out and Path(parsed.out).suffix.lower() != ".parquet":
        raise AuditorError("spark_writes_parquet", Place(parsed.out))
    if parsed.profile:
        raise AuditorError("spark_no_profile")
    if parsed.summary:
        check_summary(parsed.summary, [parsed.account, *map(Path, parsed.messages), *parsed.rates])
    try:
        from auditor.cluster import engine  # noqa: PLC0415 - wants an extra, and Java
    except ImportError as error:
        raise AuditorError("spark_missing", name=error.name or "") from error
    account, _ = read_account_file(parsed.account)
    settings = dict(one.split("=", 1) for one in parsed.conf)
    cluster = engine.Cluster(parsed.master or _MASTER, settings, parsed.partitions)
    terms = engine.terms_of(account, parsed.rates)
    outcome = engine.charge_on_spark(parsed.messages, terms, cluster, parsed.out or "", parsed.summary)
    warn_of_charges([outcome.report], outcome.cells, outcome.unlogged, account)
    return DONE

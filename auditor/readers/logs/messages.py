"""Message logs of every kind, staged as one canonical relation (formats.md §1, §2)."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.records import NOTHING
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.readers.books.cells import BOOKS
from auditor.readers.files import digested
from auditor.readers.logs.books import stage_book
from auditor.readers.logs.heads import LogHeads
from auditor.readers.logs.json_records import stage_records
from auditor.readers.logs.reporting import report
from auditor.readers.logs.staging import Staged
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.table_folder import stage_tables
from auditor.readers.logs.tables import stage_csv
from auditor.readers.logs.tables import stage_parquet
from auditor.readers.logs.watched import STEP
from auditor.readers.logs.webhooks import holds_webhooks
from auditor.readers.logs.webhooks import json_files
from auditor.readers.logs.webhooks import stage_webhooks
from auditor.readers.written import as_written


def stage_log(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    account: Account,
    view: str,
    progress: Progress,
    profiles: tuple[str, ...] = (),
    mapping: Mapping[str, str] = NOTHING,
    dates: str = "",
    encoding: str = "",
    zone: str = "",
    types: Mapping[str, str] = NOTHING,
) -> ImportReport:
    """Make a temporary view of `MESSAGE_COLUMNS` and `place` from a log, one row per usable row in the file's order.

    `source_row` counts as the user's program shows it (a CSV's head is row 1; of webhooks it is the line or the
    object). Rows that cannot be used are counted in the report by reason. `profiles` are named ones (by name or file),
    applied where they fit; `mapping` states fields of a table by head or column letter, `types` what their texts are,
    `dates` the order (`dmy`, `mdy`) of its times, `encoding` how a text is written that is not Unicode, `zone` that of
    times without one. Raises `AuditorError` for a file without a required column, with damaged ids or without a usable
    row; nothing of it is then left in the connection. Remove the view with `staging.drop_log`.
    """
    staging = Staging(connection, view, account, progress, profiles, mapping, dates, encoding, zone, types)
    return staged_log(staging, path)[0]


def staged_log(staging: Staging, path: Path) -> tuple[ImportReport, Staged]:
    """Stage a log as `stage_log` does, and give with the report how it was read."""
    staging.progress(STEP, 0, 0)
    try:
        with digested(path) as told:
            staged = _stage(staging, path)
            return report(staging, path, staged, told), staged
    except BaseException:
        staging.drop()
        raise


def _stage(staging: Staging, path: Path) -> Staged:
    if path.is_dir():
        try:
            taken = json_files(path)
        except AuditorError as error:
            tables = stage_tables(staging, path) if error.code == "webhook_file_unknown" else None
            if tables is None:
                raise
            return tables
        return stage_records(staging, path, *taken) or stage_webhooks(staging, path, *taken)
    sniffed = as_written(path, staging.encoding, staging.profiles)
    if sniffed.kind == "parquet":
        return stage_parquet(staging, path)
    if sniffed.kind in BOOKS:
        return stage_book(staging, path, sniffed.kind)
    records = stage_records(staging, path, *json_files(path)) if sniffed.kind == "json" else None
    if records is not None:
        return records
    if holds_webhooks(path, sniffed, LogHeads(staging.profiles, staging.mapping)):
        return stage_webhooks(staging, path, *json_files(path))
    if sniffed.kind == "csv":
        return stage_csv(staging, path, sniffed)
    raise AuditorError("log_kind_unknown", Place(path.name), kind=sniffed.kind.upper())

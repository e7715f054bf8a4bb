"""The preview of a message log: what became of its rows, and the first ones as they will be read."""

from pathlib import Path

import duckdb

from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.tables import NEVER
from auditor.core.timeline import iso
from auditor.readers.layouts import ReadOptions
from auditor.readers.log_profiles import save_log_profile
from auditor.readers.log_staging import Staging
from auditor.readers.log_staging import drop_log
from auditor.readers.messages import staged_log
from auditor.readers.recognise import LOG
from auditor.readers.sniff import Sniffed
from auditor.verbs.seen import ROWS_SHOWN
from auditor.verbs.seen import Inspection
from auditor.verbs.seen import SeenColumn
from auditor.verbs.seen import SeenRow

# What a staged row is known by; not of the file.
_OWN = frozenset({"source_row", "place"})


def see_log(path: Path, account: Account, form: Sniffed, options: ReadOptions, save_as: str) -> Inspection:
    """Stage a log in a database of its own and look at it; `save_as` names the profile that it was read with anew.

    Of the options, `profile` and `mapping` are for logs.

    Raises `AuditorError` as `stage_log` does.
    """
    with duckdb.connect() as connection:
        staging = Staging(connection, "seen", account, unwatched, options.profile, options.mapping)
        report, staged = staged_log(staging, path)
        shown = connection.execute(f"SELECT * FROM seen LIMIT {ROWS_SHOWN}")  # noqa: S608 - a number of our own
        names = [column[0] for column in shown.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in shown.fetchall()]
        local = connection.execute("SELECT count_if(local) FROM seen_all").fetchone()
        drop_log(connection, "seen")
    used = [name for name in names if name not in _OWN and any(row[name] is not None for row in rows)]
    saved = save_log_profile(save_as, staged.profile).name if save_as and staged.profile else ""
    return Inspection(
        path.name,
        LOG,
        form,
        report,
        columns=tuple(SeenColumn(head=name, field=name, kind=_kind(name)) for name in used),
        rows=tuple(_row(row) for row in rows),
        first="" if report.first == NEVER else iso(report.first),
        last="" if report.last == NEVER else iso(report.last),
        zones=tuple(sorted({waba.time_zone for waba in account.wabas})),
        local_times=int(local[0]) if local else 0,
        profile=report.profile,
        saved=saved,
        remarks=report.problems,
    )


def _kind(name: str) -> str:
    return "date" if name.endswith("_at") else "text"


def _row(row: dict[str, object]) -> SeenRow:
    fields = {name: _text(name, value) for name, value in row.items() if value is not None and name not in _OWN}
    return SeenRow(int(str(row["source_row"])), "line", fields=fields)


def _text(name: str, value: object) -> str:
    return iso(int(str(value))) if name.endswith("_at") else str(value)

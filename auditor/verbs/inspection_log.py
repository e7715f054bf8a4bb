"""The preview of a message log: what became of its rows, and the first ones as they will be read."""

from dataclasses import replace
from pathlib import Path

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.tables import NEVER
from auditor.core.timeline import iso
from auditor.readers.books.book_head import first_book_rows
from auditor.readers.books.cells import BOOKS
from auditor.readers.books.cells import column_letters
from auditor.readers.files import first_rows
from auditor.readers.logs.heads import LogHeads
from auditor.readers.logs.messages import staged_log
from auditor.readers.logs.profiles import kept_profile
from auditor.readers.logs.profiles import kind_of_field
from auditor.readers.logs.profiles import save_log_profile
from auditor.readers.logs.staging import Staged
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.staging import drop_log
from auditor.readers.logs.words import spoken_columns
from auditor.readers.logs.words import told_by_cells
from auditor.readers.recognise import LOG
from auditor.readers.sniff import Sniffed
from auditor.readers.tables.column_types import types_of
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profile_files import IGNORE
from auditor.readers.values.types import kind_of
from auditor.verbs.seen import ACCOUNTS_LISTED
from auditor.verbs.seen import ROWS_SHOWN
from auditor.verbs.seen import Inspection
from auditor.verbs.seen import SeenColumn
from auditor.verbs.seen import SeenRow
from auditor.verbs.seen import empty_report
from auditor.working import OFFLINE
from auditor.working import working_folder

# What can be mended by saying what a column means or how its times are written.
_MENDABLE = {
    "log_columns_missing", "log_number_open", "log_column_twice", "log_nothing_usable", "log_zone_open",
    "dates_ambiguous", "dates_conflict", "column_no_text", "column_no_number", "column_no_date",
}  # fmt: skip
_LOOKED_AT = (ROWS_SHOWN + 1, 64)
_ACCOUNTS = "SELECT waba_id FROM seen WHERE waba_id IS NOT NULL GROUP BY waba_id ORDER BY min(source_row) LIMIT ?"
# What a staged row is known by; not of the file.
_OWN = frozenset({"source_row", "place", "phones"})


def see_log(path: Path, account: Account, form: Sniffed, options: ReadOptions, save_as: str) -> Inspection:
    """Stage a log in a database of its own and look at it; `save_as` names the profile that it was read with anew.

    Of the options, `profile`, `mapping`, `dates`, `encoding` and `zone` are for logs. A table that cannot be read as it
    is shows its columns and first rows. Raises `AuditorError` as `stage_log` does, where not even these can be shown.
    """
    with working_folder() as spill, duckdb.connect(config={"temp_directory": str(spill), **OFFLINE}) as connection:
        staging = Staging(
            connection, "seen", account, unwatched, options.profile, options.mapping, options.dates, options.encoding,
            options.zone, options.types,
        )  # fmt: skip
        try:
            report, staged = staged_log(staging, path)
        except AuditorError as error:
            return _stopped(path, form, options, error)
        shown = connection.execute(f"SELECT * FROM seen LIMIT {ROWS_SHOWN}")  # noqa: S608 - a number of our own
        names = [column[0] for column in shown.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in shown.fetchall()]
        asked = "SELECT count_if(local), min(source_row), max(source_row) FROM seen_all"
        local, first, last = connection.execute(asked).fetchall()[0]
        named = [] if account.wabas else connection.execute(_ACCOUNTS, [ACCOUNTS_LISTED]).fetchall()
        drop_log(connection, "seen")
    used = [name for name in names if name not in _OWN and any(row[name] is not None for row in rows)]
    kept = kept_profile(staged.profile, staged.heads, options.zone, options.encoding) if save_as else None
    saved = save_log_profile(save_as, kept).name if kept else ""
    return Inspection(
        path.name,
        LOG,
        form,
        report,
        columns=_columns(staged, options)
        or tuple(SeenColumn(head=name, field=name, kind=kind_of_field(name)) for name in used),
        sheet=staged.place.sheet,
        header_row=staged.header_row,
        first_row=first or 0 if staged.header_row else 0,
        last_row=last or 0 if staged.header_row else 0,
        rows=tuple(_row(row) for row in rows),
        first="" if report.first == NEVER else iso(report.first),
        last="" if report.last == NEVER else iso(report.last),
        zones=(staged.zone,) if staged.zone else tuple(sorted({waba.time_zone for waba in account.wabas})),
        local_times=local,
        accounts=tuple(waba for (waba,) in named),
        profile=report.profile,
        saved=saved,
        remarks=report.problems,
    )


def _columns(staged: Staged, options: ReadOptions) -> tuple[SeenColumn, ...]:
    """Give the columns of a table as the file has them, with what each becomes and what that rests on."""
    named = bool(staged.profile and staged.profile.name)
    by_cells = {
        head for head, field in zip(staged.heads, staged.reads, strict=True) if told_by_cells(head, field, staged.heads)
    }
    stated = {*options.mapping}
    read = staged.profile.columns if staged.profile else ()
    dates, marks = {one.head: one.dates for one in read}, {one.head: one.decimal for one in read}
    types = types_of(staged.heads, options.types)
    made = []
    for place, (head, field) in enumerate(zip(staged.heads, staged.reads, strict=True), 1):
        letters = column_letters(place)
        basis = "profile" if named else "values" if head in by_cells else "head"
        own = "stated" if {head, letters} & stated else basis if field else ""
        made.append(
            SeenColumn(
                letters, head, field, kind_of_field(field), marks.get(head, ""), dates.get(head, ""), "", own,
                100 if own else 0, stated=types.get(place, ""),
            )
        )  # fmt: skip
    helped = zip(made, staged.helps, strict=True) if staged.helps else ()
    return tuple(replace(column, helps=field) for column, field in helped) or tuple(made)


def _stopped(path: Path, form: Sniffed, options: ReadOptions, error: AuditorError) -> Inspection:
    """Show a table that cannot be read as it is: its columns as they stand, and what stopped it."""
    if error.code not in _MENDABLE or form.kind not in {"csv", *BOOKS}:
        raise error
    rows = first_rows(path, form) if form.kind == "csv" else first_book_rows(path, form.kind, *_LOOKED_AT)
    at = LogHeads(options.profile, options.mapping).place(rows)
    heads, lines = (rows[at], rows[at + 1 :]) if rows else ([], [])
    problem = Problem(error.code, error.place or Place(path.name), error.values)
    refused = tuple(SeenRow(one.place.row, "refused", problem=one) for one in error.problems)
    found = {column.head: column.field for column in spoken_columns(heads)}
    columns, types = [], types_of(heads, options.types)
    for place, head in enumerate(heads, 1):
        letters = column_letters(place)
        stated = options.mapping.get(letters, options.mapping.get(head, ""))
        field = stated or found.get(head, "")
        basis = "stated" if stated else "head" if field else ""
        field, stated = "" if field == IGNORE else field, types.get(place, "")
        kind = kind_of(stated) or kind_of_field(field)
        columns.append(SeenColumn(letters, head, field, kind, basis=basis, sure=100, stated=stated))
    shown = [SeenRow(number, "unread", tuple(row)) for number, row in enumerate(lines[:ROWS_SHOWN], at + 2)]
    return Inspection(
        path.name, LOG, form, empty_report(path, LOG), columns=tuple(columns), rows=tuple(shown),
        sheet=problem.place.sheet, header_row=at + 1 if rows else 0, refused=refused, stopped=problem,
    )  # fmt: skip


def _row(row: dict[str, object]) -> SeenRow:
    fields = {name: _text(name, value) for name, value in row.items() if value is not None and name not in _OWN}
    return SeenRow(int(str(row["source_row"])), "line", fields=fields)


def _text(name: str, value: object) -> str:
    return iso(int(str(value))) if name.endswith("_at") else str(value)

"""Logs handed in as tables, CSV, Parquet or XLSX: with the columns of formats.md §1, or a platform's own (§2.3)."""

import csv
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from auditor.core.problems import APART
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Said
from auditor.core.records import NOTHING
from auditor.readers.books.sheetscan import NO_FACTS
from auditor.readers.books.sheetscan import Facts
from auditor.readers.files import CUT_SHORT
from auditor.readers.files import first_rows
from auditor.readers.files import plain_head
from auditor.readers.logs.cell_words import SPOKEN
from auditor.readers.logs.cell_words import is_spoken_sql
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.completed import Completed
from auditor.readers.logs.completed import completed
from auditor.readers.logs.completed import in_order
from auditor.readers.logs.dates import ORDERS
from auditor.readers.logs.dates import Order
from auditor.readers.logs.dates import by_people_sql
from auditor.readers.logs.faults import AMOUNTS
from auditor.readers.logs.faults import REQUIRED
from auditor.readers.logs.faults import TIMES
from auditor.readers.logs.faults import fault_number
from auditor.readers.logs.heads import LogHeads
from auditor.readers.logs.heads import below_titles
from auditor.readers.logs.instants import EARLIEST
from auditor.readers.logs.line_count import line_count
from auditor.readers.logs.numbered import bounded_lines
from auditor.readers.logs.numbered import check_width
from auditor.readers.logs.numbered import number_rows
from auditor.readers.logs.numbered import open_text
from auditor.readers.logs.profiles import log_profile
from auditor.readers.logs.profiles import profiled
from auditor.readers.logs.profiles import stated_profile
from auditor.readers.logs.profiles import typed_profile
from auditor.readers.logs.refusals import check_required
from auditor.readers.logs.refusals import column_positions
from auditor.readers.logs.refusals import refuse_endless_texts
from auditor.readers.logs.refusals import refuse_float_ids
from auditor.readers.logs.refusals import refuse_odd_kinds
from auditor.readers.logs.refusals import refuse_unread_delivery
from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.staging import LEFT_OUT
from auditor.readers.logs.staging import Staged
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.staging import Tally
from auditor.readers.logs.statuses import NO_STATUSES
from auditor.readers.logs.ways import profile_by_words
from auditor.readers.logs.words import DELIVERED
from auditor.readers.logs.words import UTC
from auditor.readers.logs.words import tells_more
from auditor.readers.logs.words import told_fields
from auditor.readers.sniff import Sniffed
from auditor.readers.sql_text import name_sql
from auditor.readers.sql_text import parquet_sql
from auditor.readers.sql_text import path_sql
from auditor.readers.sql_text import said_sql
from auditor.readers.sql_text import text_sql
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import squeezed
from auditor.working import working_folder

# A CSV beyond this is not copied into the database before it is taken on but read again: it costs time, not room.
LARGE = 2 << 30
# A CSV up to this is read at once as any can be: to look first whether it is plain would cost more.
SMALL = 4 << 20
# A packed text is reckoned to be so many times larger when it is unpacked.
UNPACKS_TO = 8
_READ_AT_ONCE = 64 << 20  # by the database: with its own 32 MB a large file takes it a tenth more work
_LONGEST_LINE = 2_000_000  # more than this the database is not to read
_TEXT = "VARCHAR"
# How most programs write a time.
_UTC = "%Y-%m-%dT%H:%M:%SZ"
# What the database says of a line of over two million bytes, which begins with the row's number.
_ENDLESS = re.compile(r"Original Line:\s*([0-9]+),[\s\S]*Maximum line size")
_UNREADABLE = (
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.ConversionException,
    duckdb.NotImplementedException,
    UnicodeDecodeError,  # what Windows says in its own language (`working.database_words`)
)


def stage_parquet(staging: Staging, path: Path) -> Staged:
    """Leave a Parquet file where it is and read it through the view."""
    connection, place = staging.connection, Place(path.name)
    source = parquet_sql(path)
    try:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE file_row_number FROM {source}").fetchall()
        refuse_endless_texts(connection, {row[0]: name_sql(row[0]) for row in described if row[1] == "VARCHAR"}, path)
    except duckdb.Error as error:  # damaged bytes make it fail in every way it has
        raise _unreadable(connection, path) from error
    heads = [row[0] for row in described]
    texts = {head: said_sql(name_sql(head), str(kind)) for head, kind, *_ in described}
    cells = [name_sql(head) for head in heads]
    try:
        table = _Table(heads, cells, "file_row_number + 1", place, staging, source, texts=texts)
    except duckdb.Error as error:
        raise _unreadable(connection, path) from error
    refuse_odd_kinds({name: str(row[1]) for name, row in zip(table.reads, described, strict=True) if name}, place)
    kinds = {name: str(described[position][1]) for name, position in table.positions.items()} or table.kinds
    raw = f"SELECT file_row_number + 1 AS source_row, {table.picked} FROM {source}"
    try:
        refuse_float_ids(connection, raw, kinds, place)
        found = table.staging.leave_raw(raw, {**kinds, **table.fault_kind, "source_row": "BIGINT"})
    except duckdb.Error as error:
        raise _unreadable(connection, path) from error
    return table.staged(found)


def _unreadable(connection: duckdb.DuckDBPyConnection, path: Path) -> AuditorError:
    """Tell a Parquet file whose columns are encrypted, though its footer is not, from a damaged one."""
    query = f"SELECT encryption_algorithm FROM parquet_file_metadata({path_sql(path)})"
    try:
        found = connection.execute(query).fetchone()
    except duckdb.Error:
        found = None
    return AuditorError("file_encrypted" if found and found[0] else "file_damaged", Place(path.name))


def stage_csv(staging: Staging, path: Path, sniffed: Sniffed) -> Staged:
    """Stage a CSV: by the database where it is regular, else by way of a copy with numbered rows."""
    place, comma = Place(path.name), sniffed.delimiter == ";"
    known = LogHeads(staging.profiles, staging.mapping)
    heads = _plain_heads(path, sniffed)
    first = [] if known.are(heads or ()) else first_rows(path, sniffed)
    titles = first[: known.place(first)]
    staged = _stage_plain(staging, path, sniffed, heads) if heads and not titles else None
    if staged is None:
        staging, said = below_titles(staging, titles, first[len(titles)] if first else ())
        with working_folder() as folder:
            target = folder / "rows.csv"
            row, heads = number_rows(path, sniffed, target, known, staging.progress)
            staged = stage_numbered(staging, target, (row, heads), place, faults=True, comma=comma)
            staged = replace(staged, decisions=(*said, *staged.decisions))
    if sniffed.encoding == "cp1252":
        staged = replace(staged, decisions=(*staged.decisions, Said("reading_logs.decisions.not_utf8")))
    return staged


def _plain_heads(path: Path, sniffed: Sniffed) -> list[str] | None:
    """Give the heads if they are the file's first line in UTF-8, so that the database can read it as it is."""
    if not sniffed.encoding.startswith("utf-8"):
        return None
    with open_text(path, sniffed, "utf-8-sig") as file:
        lines = csv.reader(bounded_lines(file), delimiter=sniffed.delimiter or ",")
        try:
            heads = next(lines, [])
            endless = len(file.readline(_LONGEST_LINE)) == _LONGEST_LINE  # it would unpack all of it to find that out
        except (csv.Error, UnicodeDecodeError, *CUT_SHORT):
            return None
    check_width(heads, path)
    plain = lines.line_num == 1 and not endless and any(heads) and not heads[0].lower().startswith("sep=")
    return heads if plain else None


def _stage_plain(staging: Staging, path: Path, sniffed: Sniffed, heads: list[str]) -> Staged | None:
    """Let the database read the file; None if its rows are not one a line, so that they could not be numbered."""
    place = Place(path.name)
    cells = [f"c{position}" for position in range(len(heads))]
    source = _csv_sql(path, heads, sniffed.delimiter or ",", compression=sniffed.compression or "none")
    try:
        table = _Table(heads, cells, "", Place(path.name, row=1), staging, source)
    except _UNREADABLE:
        return None
    if table.needs_rows:
        return None
    staging, picked, kinds = table.staging, table.picked, {**table.kinds, **table.fault_kind}
    comma = sniffed.delimiter == ";"
    try:
        if path.stat().st_size * (UNPACKS_TO if sniffed.compression else 1) > LARGE:
            raw = f"SELECT row_number() OVER () + 1 AS source_row, {picked} FROM {source}"
            found = staging.leave(staging.canonical(raw, {**kinds, "source_row": "BIGINT"}, comma=comma))
        else:
            row, is_large = "rowid - {first} + 2", path.stat().st_size > SMALL
            times = _csv_sql(path, heads, sniffed.delimiter or ",", sniffed.compression or "none", times=table.times)
            found = (is_large and _take_times(table, times, row, comma=comma)) or staging.take(
                f"SELECT {picked} FROM {source}", kinds, row, comma=comma, supposed=is_large
            )
    except _UNREADABLE:  # a ragged row, an open quote, a byte that is no UTF-8: the patient reader says which
        return None
    try:
        whole = found.rows + 1 == line_count(path, sniffed, staging.progress)
    except CUT_SHORT as error:  # the database takes what there is
        raise AuditorError("file_damaged", place) from error
    return table.staged(found, place, header_row=1, comma=comma) if whole else None


def _take_times(table: "_Table", source: str, row: str, *, comma: bool) -> Tally | None:
    """Take rows whose times the database reads together with the file, all written as `_UTC`; None where some is not.

    What lies before all messages may stand for a time that never was, or for a word: only its text tells.
    """
    if not table.times:
        return None
    staging, fields = table.staging, dict(table.fields)
    fields |= {name: f"make_timestamptz(epoch_us({fields[name]}))" for name in table.times}
    kinds = {**table.kinds, **table.fault_kind, **dict.fromkeys(table.times, "TIMESTAMP WITH TIME ZONE")}
    try:
        found = staging.take(f"SELECT {table.pick(fields)} FROM {source}", kinds, row, comma=comma, supposed=True)
    except _UNREADABLE:
        return None
    asked = f'SELECT min(least({", ".join(table.times)})) FROM "{staging.view}_all"'
    first = staging.connection.execute(asked).fetchall()[0][0]
    return found if first is None or first >= EARLIEST else None


def stage_numbered(
    staging: Staging,
    target: Path,
    head: tuple[int, list[str]],
    place: Place,
    *,
    faults: bool,
    comma: bool = False,
    facts: Facts = NO_FACTS,
) -> Staged:
    """Stage a copy whose first column is the row number and whose last, if `faults`, that of a fault (`log_faults`).

    `head` is the number of the row of heads and the heads; rows above it are left out. `facts` are those of a sheet.
    """
    number, heads = head
    found_before = f"c{len(heads) + 1}::INTEGER" if faults else "0"
    cells = [f"c{position + 1}" for position in range(len(heads))]
    # By the first line's end it takes the others, and a head of two lines has one that is none: no row would be found.
    columns = ["row", *heads, *(["fault"] if faults else [])]
    source = _csv_sql(target, columns, ",", more=r", new_line = '\r\n'")
    below = f"(SELECT * FROM {source} WHERE c0::BIGINT > {number})"
    try:
        table = _Table(heads, cells, "c0", place, staging, below, fault=found_before)
        _refuse_troubles(table.reads, facts, number, place)
        raw = f"SELECT c0::BIGINT AS source_row, {table.picked} FROM {below}"
        kinds = {**table.kinds, **table.fault_kind, "source_row": "BIGINT"}
        is_large = target.stat().st_size > SMALL
        found = table.staging.take(raw, kinds, "source_row", comma=comma, supposed=is_large)
    except duckdb.InvalidInputException as error:
        line = _ENDLESS.search(str(error))
        if line is None:
            raise
        raise AuditorError("log_row_endless", replace(place, row=int(line[1]))) from error
    staged = table.staged(found, header_row=number, comma=comma)
    hidden = sum(row > number for row in facts.hidden_rows)
    said = (
        *([Said("reading_logs.decisions.titles_above", {"row": number})] if number > 1 else []),
        *([Said("reading_logs.decisions.hidden_rows", {"rows": hidden})] if hidden else []),
    )
    return replace(staged, decisions=(*said, *staged.decisions))


def _refuse_troubles(reads: Sequence[str], facts: Facts, head: int, place: Place) -> None:
    """Refuse a sheet with an error, a formula nobody computed, or merged cells in a column that is read.

    But for the first of them all would seem to be empty.
    """
    cells = (cell for cell in facts.troubles if cell[0] > head and cell[1] <= len(reads) and reads[cell[1] - 1])
    for row, column in sorted(cells)[:1]:
        at = replace(place, row=row, column=reads[column - 1])
        trouble = facts.troubles[row, column]
        raise AuditorError("cell_error", at, value=trouble) if trouble else AuditorError("formula_no_value", at)
    first = next((column for column, name in enumerate(reads, 1) if name), 1)
    for top, left, bottom, right in facts.merged:
        read = [name for name in reads[left - 1 : right] if name]
        is_note = top == bottom and left <= first  # whose row has no other cell, and is refused as such
        if bottom > head and read and not is_note:
            raise AuditorError("log_cells_merged", replace(place, row=max(top, head + 1), column=read[0]))


class _Table:
    """A log's table as SQL: the canonical columns among its own, or those that a platform's profile makes of them."""

    def __init__(
        self,
        heads: Sequence[str],
        cells: Sequence[str],
        row: str,
        place: Place,
        staging: Staging,
        source: str,
        fault: str = "",
        texts: Mapping[str, str] = NOTHING,
    ) -> None:
        """Take the heads, the SQL of each column's cells, of the row's number, the table and a fault found already.

        `texts` gives the SQL of each column's text by head, where cells are of other types.
        `reads` gives the canonical name, or a profile's head, of each column that something is read from, `times` the
        cells of the canonical columns of times.
        """
        self.heads, self.place, self.account, self.order = heads, place, staging.account, Order()
        names, texts = canonical_heads(heads), texts or dict(zip(heads, cells, strict=True))
        self._connection = staging.connection
        self._numbers = sum(len(waba.numbers) for waba in self.account.wabas)
        self.statuses = NO_STATUSES
        canonical = set(REQUIRED) <= {plain_head(head) for head in heads}
        profile = log_profile(heads, staging.profiles, canonical=canonical)
        # Without a time of delivery no message would be charged: another column may tell it, or a status.
        if profile is None and (not {*REQUIRED, DELIVERED} <= set(names) or tells_more(heads)):
            profile, self.statuses = profile_by_words(staging.connection, heads, texts, source, self.account)
        if staging.mapping:
            profile = stated_profile(profile, heads, staging.mapping, place)
        if staging.types:
            profile = typed_profile(profile or stated_profile(None, heads, NOTHING, place), heads, staging.types, place)
        if profile is None and set(REQUIRED) <= set(names):
            profile = self._of_people(names, texts, source)
        self.full: Completed | None = None
        if profile is not None:
            self.full = completed(staging, heads, texts, source, _in_zone(profile, staging.zone), place)
            profile, texts = self.full.profile, self.full.texts
            profile, self.order = in_order(profile, texts, staging, source, place)
        self.staging = replace(staging, zone=profile.zone if profile else staging.zone)
        zone = self.full.zone if self.full else ""
        self.log = profiled(profile, texts, row, self.account, zone) if profile else None
        used = (self.log.used if self.log else frozenset()) | {*map(squeezed, self.full.helps if self.full else ())}
        self.reads = [head if squeezed(head) in used else "" for head in heads] if self.log else names
        self.positions = {} if self.log else column_positions(names, place)
        fields = self.log.fields if self.log else {name: cells[at] for name, at in self.positions.items()}
        only = ("phone_number_id",) if self._numbers == 1 else ()
        check_required(fields, heads, place, {*told_fields(heads), *only})
        if self.log is None and {DELIVERED, "read_at"}.isdisjoint(names):
            refuse_unread_delivery([head for head, name in zip(heads, names, strict=True) if not name], heads, place)
        if self.log and self.log.left_out != "false":
            number = fault_number("log_other_channel")
            before = f"WHEN {fault} > 0 THEN {fault} " if fault else ""  # whose cells tell nothing
            fault = f"CASE {before}WHEN {self.log.left_out} THEN {number} ELSE 0 END"
        self.fault_kind = {"fault": "INTEGER"} if fault else {}
        self.kinds = dict.fromkeys(fields, _TEXT)
        self.fields, self._fault = fields, fault
        self.picked = self.pick(fields)
        self.times = {name: cells[at] for name, at in self.positions.items() if name in TIMES}
        self.needs_rows = not row and self.log is not None and "message_id" in self.log.profile.missing

    def pick(self, fields: Mapping[str, str]) -> str:
        """Give the columns of a SELECT from the SQL of each field."""
        picked = ", ".join(f"{sql} AS {name_sql(name)}" for name, sql in fields.items())
        return picked + (f", {self._fault} AS fault" if self._fault else "")

    def _of_people(self, names: Sequence[str], texts: Mapping[str, str], source: str) -> Profile | None:
        """Give a profile to our own columns where people's words or ways of writing times stand in the first rows."""
        told = {name: texts[head] for name, head in zip(names, self.heads, strict=True) if name}
        times = ", ".join(told[name] for name in TIMES if name in told)
        words = " OR ".join(f"coalesce({is_spoken_sql(told[name], name)}, false)" for name in SPOKEN if name in told)
        few = f"(SELECT * FROM {source} LIMIT {FIRST_ROWS})"
        counts = (f"sum(len(list_filter(t, lambda x: {test})))" for test in (by_people_sql("x"), "trim(x) <> ''"))
        found = self._connection.execute(
            f"SELECT bool_or(w), {', '.join(counts)} FROM (SELECT {words} AS w, [{times}]::VARCHAR[] AS t FROM {few})"
        ).fetchall()
        spoken, by_people, filled = found[0]
        most = filled and by_people * 2 > filled
        if not (spoken or most):
            return None
        return replace(stated_profile(None, self.heads, NOTHING, self.place), missing=())

    def staged(self, found: Tally, place: Place | None = None, *, header_row: int = 0, comma: bool = False) -> Staged:
        """Say how the table was read."""
        return Staged(
            found,
            place or self.place,
            tuple(self._decisions(comma=comma)),
            self.log.profile if self.log else None,
            heads=tuple(self.heads),
            reads=self._fields_read(),
            helps=self._fields_helped(),
            header_row=header_row,
            zone=self.staging.zone,
            statuses=self.statuses if self.log and not self.log.profile.name else NO_STATUSES,
        )

    def _fields_read(self) -> tuple[str, ...]:
        """Give the field that each column becomes, the first of several."""
        if self.log is None:
            return tuple(self.reads)
        fields = {squeezed(one.head): one.field for one in reversed(self.log.profile.columns)}
        return tuple(fields.get(squeezed(head), "") for head in self.heads)

    def _fields_helped(self) -> tuple[str, ...]:
        """Give the field that each column helps to tell: with the hour of a day, or by what its words allow."""
        if self.log is None:
            return ()
        profile = self.log.profile
        fields = {squeezed(one.head): one.field for one in reversed(profile.columns)}
        found = {squeezed(head): one.field for one in reversed(profile.columns) for head in one.when}
        found |= {squeezed(head): LEFT_OUT for one in profile.rules if one.leave_out for head in one.when}
        found |= {squeezed(head): name for one in reversed(profile.rules) for head in one.when for name in one.put}
        found |= {squeezed(head): field for head, field in (self.full.helps if self.full else NOTHING).items()}
        return tuple("" if squeezed(head) in fields else found.get(squeezed(head), "") for head in self.heads)

    def _read_so(self, profile: Profile) -> Iterator[Said]:
        """Say what was read from which column, where no saved profile says it, and how its times are written."""
        if profile.name:
            yield Said("reading.decision.profile", {"name": profile.name})
        else:
            mine = {*map(squeezed, self.heads)}
            read = (f"{one.head}{APART}{one.field}" for one in profile.columns if squeezed(one.head) in mine)
            yield Said("reading_logs.decisions.columns", {"columns": APART.join(read)})
        orders = {one.dates for one in profile.columns} & {*ORDERS}
        for order in sorted(orders):
            yield Said(f"reading_logs.decisions.dates{self.order.by}", {"order": order})

    def _decisions(self, *, comma: bool) -> Iterator[Said]:
        if self.log:
            yield from self._read_so(self.log.profile)
        extra = [head for head, name in zip(self.heads, self.reads, strict=True) if head.strip() and not name]
        if extra:
            yield Said("reading_logs.decisions.extra_columns", {"columns": ", ".join(extra)})
        if comma and set(AMOUNTS) & set(self.log.fields if self.log else self.positions):
            yield Said("reading_logs.decisions.decimal_comma")


def _in_zone(profile: Profile, stated: str) -> Profile:
    """Let a zone that is stated go before the one that a profile says of its times."""
    if not stated:
        return profile
    columns = tuple(replace(one, dates="") if one.dates == UTC else one for one in profile.columns)
    return replace(profile, columns=columns, zone=stated)


def _csv_sql(
    path: Path, heads: Sequence[str], delimiter: str, compression: str = "none", more: str = "",
    times: Mapping[str, str] = NOTHING,
) -> str:  # fmt: skip
    """Read a CSV by position (`c0`, `c1`, ...), nothing guessed; `more` is what else the database is to know.

    The cells of `times` are read as such, and nothing is if some of these is written otherwise than as `_UTC`.
    """
    cells = [f"c{position}" for position in range(len(heads))]
    columns = ", ".join(f"'{cell}': '{'TIMESTAMP' if cell in times.values() else _TEXT}'" for cell in cells)
    more += f", timestampformat = '{_UTC}'" if times else ""
    return (
        f"read_csv({path_sql(path)}, auto_detect = false, header = true, delim = {text_sql(delimiter)}, "
        f"quote = '\"', escape = '\"', compression = '{compression}', columns = {{{columns}}}, "
        f"buffer_size = {_READ_AT_ONCE}, max_line_size = {_LONGEST_LINE}{more})"
    )

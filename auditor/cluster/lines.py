"""Texts on a cluster: Spark brings lines, whole, and the machines find the cells in them -> canonical rows in parcels.

A row has to be one line: where a cell goes over several, or a file has other heads than the first, the log is refused,
for no machine sees more of a file than its own part.
"""

import csv
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from auditor.cluster.canonical import Reading
from auditor.cluster.parcels import Batches
from auditor.cluster.parcels import told
from auditor.cluster.stages import TOLD
from auditor.cluster.stages import Audited
from auditor.cluster.stages import connected
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.faults import fault_number
from auditor.readers.logs.numbered import decoding
from auditor.readers.logs.numbered import is_open
from auditor.readers.sql_text import text_sql

_OWN = ("line", "of_file", "begins", "position")
_TOO_LONG, _NO_JSON = fault_number("log_row_too_long"), fault_number("webhook_not_json")
_ALL_AT_ONCE = 1 << 30


@dataclass(frozen=True, slots=True)
class Form:
    """How lines are to be read: as a CSV with this line of heads, as JSON where there are none."""

    head: bytes = b""
    heads: tuple[str, ...] = ()
    delimiter: str = ""


def canonise_lines(batches: Batches, audited: Audited, partitions: int, form: Form) -> Batches:
    """Read lines as the canonical log says (formats.md §1), and divide their rows as `canonise` does."""
    reading = Reading(audited, partitions, comma=form.delimiter == ";")
    read = _of_csv if form.heads else _of_json
    for rows in _below_heads(batches, form.head, reading) if form.heads else map(_table, batches):
        if len(rows):
            try:
                raw = read(reading, rows, form)
            except AuditorError as error:
                reading.refuse(rows.column("of_file")[0].as_py(), error)
            else:
                yield from reading.rows(raw, rows.column("of_file").dictionary_encode())
    yield told(TOLD, reading.seen)


def keys_of(lines: pa.ChunkedArray) -> list[str]:
    """Give the keys of JSON objects, one a line, in order of the alphabet; what is no JSON has none."""
    connection = connected()
    connection.register("given", pa.table({"line": _texts(lines)}))
    keys = "select unnest(json_keys(line)) as key from given where json_valid(line)"
    return [str(row[0]) for row in connection.execute(f"select distinct key from ({keys}) order by key").fetchall()]  # noqa: S608 - own words


def _table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


def _below_heads(batches: Batches, head: bytes, reading: Reading) -> Iterator[pa.Table]:
    """Take the line of heads out of the rows: the first of each file, which is the first of the part that begins it."""
    before: tuple[str, int] = ("", 0)
    for rows in map(_table, batches):
        files, begins = rows.column("of_file").dictionary_encode().combine_chunks(), rows.column("begins").to_numpy()
        file, names = files.indices.to_numpy(), files.dictionary.to_pylist()
        other = (file[1:] != file[:-1]) | (begins[1:] != begins[:-1])
        first = [(names[file[0]], int(begins[0])) != before] if len(rows) else []
        heads = np.concatenate([first, other]).astype(np.bool_) & (begins == 0)
        for row in heads.nonzero()[0].tolist():
            if _bare(rows.column("line")[row].as_py()) != _bare(head):
                reading.refuse(names[file[row]], AuditorError("log_heads_differ"))
        if len(rows):
            before = names[file[-1]], int(begins[-1])
        yield rows.filter(pa.array(~heads))


def _bare(line: bytes) -> bytes:
    return line.removeprefix(b"\xef\xbb\xbf").rstrip()


def _of_csv(reading: Reading, rows: pa.Table, form: Form) -> str:
    """Hand the cells of lines to the database; give the query of them under canonical names."""
    lines = rows.column("line").combine_chunks()
    cells, too_long = _quick_cells(lines, form), np.zeros(len(rows), np.bool_)
    if cells is None:
        cells, too_long = _patient_cells(lines, form)
    given = _beside(rows) | {name: cells[place] for place, name in enumerate(canonical_heads(form.heads)) if name}
    given["fault"] = pa.array(np.where(too_long, _TOO_LONG, 0).astype(np.int32))
    reading.connection.register("given", pa.table(given))
    return "select * from given"


def _beside(rows: pa.Table) -> dict[str, pa.ChunkedArray]:
    """Give the place of each row, and what the names of its folders say."""
    names = [name for name in rows.column_names if name not in _OWN]
    found = zip(names, canonical_heads(names), strict=True)
    return {"source_row": rows.column("position")} | {name: rows.column(own) for own, name in found if name}


def _quick_cells(lines: pa.BinaryArray, form: Form) -> list[pa.ChunkedArray] | None:
    """Give the columns of lines if each of them is one row, as long as the heads and in UTF-8."""
    odd = pc.bit_wise_and(pc.count_substring(lines, b'"'), 1)
    if pc.any(pc.equal(odd, 1)).as_py():
        return None
    names = [str(place) for place in range(len(form.heads))]
    begin, end = (memoryview(lines.buffers()[1]).cast("i")[lines.offset + place] for place in (0, len(lines)))
    try:
        read = pyarrow.csv.read_csv(
            pa.BufferReader(lines.buffers()[2].slice(begin, end - begin)),
            pyarrow.csv.ReadOptions(use_threads=False, block_size=_ALL_AT_ONCE, column_names=names),
            pyarrow.csv.ParseOptions(delimiter=form.delimiter),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
    return read.columns if len(read) == len(lines) else None


def _patient_cells(lines: pa.BinaryArray, form: Form) -> tuple[list[pa.Array], np.ndarray]:
    """Give the columns of any lines, and which are longer than the heads. Refuses a cell that its line leaves open."""
    width = len(form.heads)
    rows, too_long = [], []
    for line in _decoded(lines):
        try:
            row = next(csv.reader([line], delimiter=form.delimiter), [])
        except csv.Error as error:
            raise AuditorError("file_not_csv") from error
        if '"' in line and is_open([line], form.delimiter):
            raise AuditorError("spark_cell_over_lines")
        rows.append([*row[:width], *[""] * (width - len(row))])
        too_long.append(any(row[width:]))
    return [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)], np.array(too_long)


def _of_json(reading: Reading, rows: pa.Table, _form: Form) -> str:
    """Hand the values of lines of JSON to the database; give the query of them under canonical names.

    One value may be called `message_id`, and `messageId` in another line: who is called so to the letter goes first.
    """
    lines = _texts(rows.column("line"))
    spelled: dict[str, list[str]] = {}
    for head in keys_of(lines):
        spelled.setdefault(canonical_heads([head])[0], []).append(head)
    spelled.pop("", None)
    values = [
        f'case when sound then coalesce({_each("json_extract_string", own, name)}) end as "{name}"'
        for name, own in spelled.items()
    ]
    columns = ", ".join(["* exclude (line, sound)", *values, f"case when sound then 0 else {_NO_JSON} end as fault"])
    reading.connection.register("given", pa.table(_beside(rows) | {"line": lines}))
    reading.connection.execute(
        f"create or replace temp table fields as select {columns} "  # noqa: S608 - keys are quoted
        "from (select *, json_valid(line) and prefix(ltrim(line), '{') as sound from given)"
    )
    for name, own in spelled.items():
        _refuse_nested(reading, name, _each("json_type", own, name))
    return "select * from fields"


def _each(function: str, heads: Sequence[str], name: str) -> str:
    """Give what a function makes of the values under some keys, the canonical name first."""
    paths = ("/" + head.replace("~", "~0").replace("/", "~1") for head in sorted(heads, key=lambda head: head != name))
    return ", ".join(f"{function}(line, {text_sql(path)})" for path in paths)


def _refuse_nested(reading: Reading, name: str, kinds: str) -> None:
    """Refuse a value that is a list or an object; a text may look like one."""
    likely = f"""fault = 0 and ("{name}" like '{{%' or "{name}" like '[%')"""
    query = f"select unnest([{kinds}]) as kind from given join fields using (source_row) where {likely}"  # noqa: S608 - keys are quoted
    found = reading.connection.execute(f"select kind from ({query}) where kind in ('ARRAY', 'OBJECT')").fetchone()  # noqa: S608 - own words
    if found:
        raise AuditorError("log_column_odd_kind", Place("", column=name), column=name, kind=found[0])


def _texts(lines: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    try:
        return lines.cast(pa.string())
    except pa.ArrowInvalid:  # not UTF-8
        return pa.array(_decoded(lines), pa.string())


def _decoded(lines: Iterable[pa.BinaryScalar]) -> Iterator[str]:
    """Read lines as the desktop does: bytes that are no UTF-8 as Windows wrote them."""
    encoding, errors = decoding("cp1252")
    for line in lines:
        yield line.as_py().decode(encoding, errors)

"""What was seen in a file, as values: the preview of every shell is made of these (window.md §1.2).

All of them are immutable, and `auditor inspect --json` writes them as they stand. Rows and columns are those of the
user's program: rows count from 1, columns are letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from pathlib import Path

from auditor.core.money import plain
from auditor.core.problems import Problem
from auditor.core.problems import ProblemCount
from auditor.core.records import NOTHING
from auditor.core.records import ImportReport
from auditor.language import Language
from auditor.readers.files import digest
from auditor.readers.logs.staging import LEFT_OUT
from auditor.readers.sniff import Sniffed

# How many rows of the table, and of those above it, a preview shows.
ROWS_SHOWN = 12
# How many rows that were refused or left out it lists; the report counts them all.
ROWS_LISTED = 200
# How many accounts of a log it names.
ACCOUNTS_LISTED = 50


@dataclass(frozen=True, slots=True)
class SeenSheet:
    """A sheet of the file and its extent; `chosen` is the one that is read."""

    name: str
    hidden: bool
    rows: int
    columns: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column: its head, the field it becomes (empty: not used), its type, and how its texts are read.

    `kind` is text, number or date; `basis` says what the field rests on (`stated`, `profile`, `head`, `values`) and
    `sure` how well it fits, in percent. `currency` is what the head states. `helps` is the field of another column
    that one without a field helps to tell, as the hour beside a day does, or `left_out` if it tells which rows are.
    `stated` is the type that a person states of it (`readers/values/types.py`).
    """

    letters: str = ""
    head: str = ""
    field: str = ""
    kind: str = "text"
    decimal: str = ""
    dates: str = ""
    currency: str = ""
    basis: str = ""
    sure: int = 0
    hidden: bool = False
    helps: str = ""
    stated: str = ""


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row: the texts of its cells as they stand, and the values they become, by field.

    `kind` is `above` (the header), `header`, `line`, `refused` (then `problem` says why, and where), `unread` (all
    rows of a file that was stopped), or why the row is no line: `total`, `heading`, `note`, `repeated_header`,
    `continued`, `second_table`.
    """

    row: int
    kind: str
    cells: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    hidden: bool = False
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class SeenTotal:
    """A total that the file states (`kind` as in `ControlTotal`), and whether the lines read add up to it."""

    row: int
    label: str
    kind: str
    amount: Decimal
    currency: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class SeenSum:
    """What the lines read add up to, per currency and layer."""

    currency: str
    layer: str
    lines: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file as the importer sees it. `report` has its hash, size, counts, decisions and remarks.

    `format` is what the bytes are: kind, encoding, delimiter, compression. `first_row` and `last_row` are the table's
    first and last line, 0 if there is none. `rows` are the first ones from the top of the sheet's table on, `refused`
    and `left_out` all others that become no line, up to `ROWS_LISTED` each. `first` and `last` are the span: local
    days of an invoice, instants of a log. `zones` are those in which times without an offset are read; without an
    account there are none, and `local_times` counts the rows that need one; then, `accounts` are those that the rows
    of a log name, the first met first, up to `ACCOUNTS_LISTED`. `stopped` says why the table cannot be read as it is,
    and then there are no lines.
    """

    file: str
    kind: str
    format: Sniffed
    report: ImportReport
    sheets: tuple[SeenSheet, ...] = ()
    sheet: str = ""
    header_row: int = 0
    first_row: int = 0
    last_row: int = 0
    columns: tuple[SeenColumn, ...] = ()
    rows: tuple[SeenRow, ...] = ()
    refused: tuple[SeenRow, ...] = ()
    left_out: tuple[SeenRow, ...] = ()
    totals: tuple[SeenTotal, ...] = ()
    sums: tuple[SeenSum, ...] = ()
    first: str = ""
    last: str = ""
    zones: tuple[str, ...] = ()
    local_times: int = 0
    accounts: tuple[str, ...] = ()
    profile: str = ""
    fingerprint: str = ""
    saved: str = ""
    remarks: tuple[ProblemCount, ...] = ()
    stopped: Problem | None = None


def helping(column: SeenColumn, language: Language) -> str:
    """Say what a column without a field of its own helps to tell."""
    if column.helps == LEFT_OUT:
        return language.text("inspect.helps_to_leave_out")
    return language.text("inspect.helps", field=language.text(f"reading.field.{column.helps}"))


def empty_report(path: Path, kind: str, rows: int = 0) -> ImportReport:
    """Report on a file all of whose rows were read, if any."""
    sha256, size = digest(path)
    return ImportReport(path.name, kind, sha256, size, rows, rows, 0, 0)


def said_plainly(value: object) -> str:
    """Give a value as text: decimals plain, nothing for None."""
    return plain(value) if isinstance(value, Decimal) else "" if value is None else str(value)

"""Where the table of an invoice is, and how its columns and rows are understood: what the reading rests on (§4).

How it is found is in `finding.py`, how its numbers and dates are written in `readings.py`.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from dataclasses import replace

from auditor.core.problems import Problem
from auditor.core.records import NOTHING
from auditor.core.records import Layer
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.wide import Part

TAXES = ("tax_amount", "tax_amount_2", "tax_amount_3")
"""The fields of taxes in columns of their own beside the amount: each is a line."""
NUMBERS = ("amount", "quantity", "unit_rate", *TAXES)
DATES = ("document_date", "due_date", "period", "period_start", "period_end", "day")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user states about a file, each over what the reader would find by itself; empty is not stated.

    `decimal` is `,` or `.`; `dates` is `dmy`, `mdy` or `ymd`; `encoding` is one of `ENCODINGS`, for a text that
    is not Unicode; `zone` is that of a log's times without one; `mapping` gives fields by head or column letter,
    `types` what the texts of a column are (`values/types.py`), which goes before what is stated of all of them;
    `profile` names saved profiles or their files, each applied where its fingerprint fits. `usage` reads a usage
    export: units first, amounts only where there are any. `pair` is that of all rates in a table of exchange rates:
    `USD/PEN` are soles for a dollar. `since` is the first day of the prices of a list that states none, as an ISO date.
    """

    sheet: str = ""
    header_row: int = 0
    decimal: str = ""
    dates: str = ""
    mapping: Mapping[str, str] = dataclass_field(default_factory=lambda: NOTHING)
    profile: tuple[str, ...] = ()
    usage: bool = False
    encoding: str = ""
    zone: str = ""
    types: Mapping[str, str] = dataclass_field(default_factory=lambda: NOTHING)
    pair: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """A column of the table: `field` is empty if it is not used; `kind` is text, number or date.

    `decimal` and `dates` say how its texts are read, `currency` is what its head states. `basis` tells what the field
    rests on: `stated` (or stated to be unused), `profile`, `head` (its words) or `values`; `sure` is how well they fit,
    in percent. `part` is that of all its figures, in a table with columns for each category, month, place or layer.
    An `added` one is no column of the file: a profile puts it in. `stated` is the type that a person states of it.
    """

    column: int
    head: str
    field: str = ""
    kind: str = "text"
    decimal: str = ""
    dates: str = ""
    currency: str = ""
    basis: str = ""
    sure: int = 0
    part: Part | None = None
    added: bool = False
    stated: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something the reader decided: a key of `reading.decision` in the catalogue, and its values."""

    key: str
    values: Mapping[str, str] = dataclass_field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table is and how its rows are understood. All rows are numbers of the sheet, counted from 1.

    `data` are the rows to become lines; `totals` and `headings` (with their texts) are used but are no lines;
    `left_out` gives every other filled row below the header with the reason it is left out. `profile` names the
    profile applied, `applied` is it.
    """

    sheet: str
    header_row: int
    columns: tuple[LayoutColumn, ...]
    fingerprint: str
    profile: str = ""
    data: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()
    headings: tuple[int, ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()
    decisions: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()
    applied: Profile | None = None

    @property
    def first_row(self) -> int:
        """Give the first data row, 0 if there is none."""
        return min(self.data, default=0)

    @property
    def last_row(self) -> int:
        """Give the last data row, 0 if there is none."""
        return max(self.data, default=0)

    def parts(self) -> tuple["Layout", ...]:
        """Give the layout of each part where each has its own columns; else the layout alone."""
        parts = dict.fromkeys(column.part for column in self.columns if column.part)
        unread = [replace(column, field="", kind="text", part=None) for column in self.columns] if parts else []
        return tuple(self._of_part(part, unread) for part in parts) or (self,)

    def _of_part(self, part: Part, unread: Sequence[LayoutColumn]) -> "Layout":
        """Leave out the columns of other parts; what was counted, its price, and taxes belong to Meta's part."""
        units = {"quantity", "unit_rate", *TAXES} if part.layer not in {"", Layer.META.value} else set()
        columns = (
            column if column.part in {None, part} and column.field not in units else other
            for column, other in zip(self.columns, unread, strict=True)
        )
        return replace(self, columns=tuple(columns))

    @property
    def part(self) -> Part:
        """Give what the figures of the layout of one part have in common; nothing if it is the whole table's."""
        return next((column.part for column in self.columns if column.part), Part())

    @property
    def date_order(self) -> str:
        """Give the order in which its dates are written, empty if no column has any."""
        return next((column.dates for column in self.columns if column.dates), "")

    def field(self, name: str) -> LayoutColumn | None:
        """Give the column of a field, None if no column has it."""
        return next((column for column in self.columns if column.field == name), None)

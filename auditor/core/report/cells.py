"""The words of a report: sheets of typed cells, with formulas in plain spreadsheet notation and no file format.

A `Sheet` is loose cells (`Entry` at row and column, from 0) and tables. A formula never stands alone: its value is
beside it, computed here in exact decimals, so that whoever only reads sees the right figures (workpaper.md §2).
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = Decimal | int | str | bool | date | datetime | None

BODY = 6
"""The first row below the heading that every sheet carries: title, preparer, purpose, source, conclusion, a gap."""


EXACT_DIGITS = 6
"""Decimals to which what is not rounded to a minor unit is compared and shown."""


class Kind(StrEnum):
    """What a cell holds, hence how it is written and shown."""

    TEXT = "text"
    MONEY = "money"
    EXACT = "exact"
    COUNT = "count"
    RATE = "rate"
    PERCENT = "percent"
    DATE = "date"
    PERIOD = "period"
    INSTANT = "instant"
    CHECK = "check"


class Look(StrEnum):
    """What a cell is for, hence how it is dressed. The colour of its figure follows from where that comes from.

    `PROSE` is a line of a sentence that runs over its neighbours: without the rule that would end under its first cell.
    """

    PLAIN = "plain"
    LABEL = "label"
    HEAD = "head"
    TOTAL = "total"
    SECTION = "section"
    NOTE = "note"
    PROSE = "prose"
    TYPED = "typed"
    HEADLINE = "headline"
    TICK = "tick"


class Origin(StrEnum):
    """Where a figure comes from (the colours of workpaper.md §2): put in, computed here, or from another sheet."""

    INPUT = "input"
    FORMULA = "formula"
    CROSS = "cross"


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell: its value, and the formula that gives it. `fill` is a status's code, `link` where a click leads.

    `choices` are the words that a typed cell may hold, or the defined name under which they stand.
    """

    kind: Kind = Kind.TEXT
    value: Value = None
    formula: str = ""
    cross: bool = False
    currency: str = ""
    look: Look = Look.PLAIN
    fill: str = ""
    link: str = ""
    wrap: bool = False
    choices: tuple[str, ...] | str = ()

    @property
    def origin(self) -> Origin:
        """Tell where the figure comes from."""
        if not self.formula:
            return Origin.INPUT
        return Origin.CROSS if self.cross else Origin.FORMULA


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `name` is the defined name of its data, `tick` its tick mark; `summed` gives it a total."""

    head: str
    kind: Kind = Kind.TEXT
    name: str = ""
    tick: str = ""
    summed: bool = False
    currency: str = ""
    hidden: bool = False
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns under heads: `top` is the row of the heads, always from the first column. There is at least one row."""

    name: str
    top: int
    columns: tuple[Column, ...]
    rows: tuple[tuple[Entry, ...], ...]

    @property
    def first(self) -> int:
        """Give the first row of data."""
        return self.top + 1

    @property
    def last(self) -> int:
        """Give the last row of data."""
        return self.top + len(self.rows)

    def area(self, column: int) -> str:
        """Give the data of a column as this sheet's formulas name it: `$P$9:$P$20`."""
        letter = letters(column)
        return f"${letter}${self.first + 1}:${letter}${self.last + 1}"


@dataclass(frozen=True, slots=True)
class LongTable:
    """A table whose rows are plain values, made anew whenever they are asked for: there may be a million.

    Instants are spreadsheet serials (days since 1899-12-30, as floats). `links` gives, by number of the row from 0,
    where a click on its first cell leads.
    """

    name: str
    top: int
    columns: tuple[Column, ...]
    size: int
    rows: Callable[[], Iterator[tuple[Value | float, ...]]]
    links: Mapping[int, str] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """Give the first row of data."""
        return self.top + 1

    @property
    def last(self) -> int:
        """Give the last row of data."""
        return self.top + self.size


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a chart: the cells of its name and values on the chart's sheet (rows and column, from 0).

    `part` is `blank`, `step`, `invoiced`, `expected` or a number; `colours` overrule it point by point by such a part.
    """

    name: tuple[int, int]
    column: int
    part: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart beside its figures: `first`..`last` are the rows of its points, `labels` their column.

    `floor` is where the axis starts if not at zero; `texts` stand above the points.
    """

    kind: str
    title: str
    first: int
    last: int
    labels: int
    series: tuple[Series, ...]
    at: tuple[int, int]
    currency: str
    axis: str
    floor: Decimal | None = None
    texts: tuple[str, ...] = ()
    size: tuple[int, int] = (820, 340)

    @property
    def below(self) -> int:
        """Give the first row that it does not cover, of rows of 20 pixels."""
        return self.at[0] + self.size[1] // 20 + 1


@dataclass(frozen=True, slots=True)
class Light:
    """A fill that an area takes on where a formula, said of its first cell, holds: who changes a figure sees it move.

    `fill` is a status's code, as a cell's own; what has none becomes white.
    """

    area: tuple[int, int, int, int]
    formula: str
    fill: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the workpaper: its index code, tab name, heading, cells, tables and charts.

    `pictures` are names in the context's pictures with the row where each begins, `scales` areas (top, left, bottom,
    right) whose figures are shaded by their size. A printed page may begin at the rows in `sections`, so that no chart
    is cut in two. The columns in `hidden` are not seen, beside those that a table hides; from `aside` on, if any, they
    only feed charts and are not printed.
    """

    code: str
    name: str
    heading: tuple[str, str]
    remarks: tuple[tuple[str, str], ...]
    cells: Mapping[tuple[int, int], Entry]
    tables: tuple[Table | LongTable, ...] = ()
    charts: tuple[Chart, ...] = ()
    protected: bool = False
    frozen: tuple[int, int] = (BODY, 0)
    wide: bool = False
    widths: Mapping[int, int] = field(default_factory=dict)
    pictures: tuple[tuple[str, int], ...] = ()
    scales: tuple[tuple[int, int, int, int], ...] = ()
    sections: tuple[int, ...] = ()
    hidden: frozenset[int] = frozenset()
    aside: int = 0
    lights: tuple[Light, ...] = ()


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A name that formulas use: an area of one sheet, rows and columns from 0."""

    name: str
    sheet: str
    area: tuple[int, int, int, int]

    @property
    def reference(self) -> str:
        """Give the absolute reference: `'Tie-out'!$A$1:$B$2`."""
        top, left, bottom, right = self.area
        corner = f"${letters(left)}${top + 1}"
        rest = "" if (top, left) == (bottom, right) else f":${letters(right)}${bottom + 1}"
        return f"'{self.sheet}'!{corner}{rest}"


@dataclass(frozen=True, slots=True)
class Control:
    """A stored figure that must be found again in the written file: the engine's own, not the sheet's."""

    sheet: str
    row: int
    column: int
    value: Decimal | bool


def letters(column: int) -> str:
    """Give a column's letters: 0 is A, 26 is AA."""
    text = ""
    while column >= 0:
        column, place = divmod(column, 26)
        text = chr(65 + place) + text
        column -= 1
    return text


def at(row: int, column: int) -> str:
    """Give a cell's address in a formula: (0, 0) is A1."""
    return f"{letters(column)}{row + 1}"


def text(value: str, look: Look = Look.PLAIN, *, wrap: bool = False, link: str = "", fill: str = "") -> Entry:
    """Make a text cell."""
    return Entry(Kind.TEXT, value, look=look, wrap=wrap, link=link, fill=fill)


def count(value: int | Decimal | None, formula: str = "", *, cross: bool = False) -> Entry:
    """Make a cell of whole units."""
    return Entry(Kind.COUNT, value, formula, cross)


def head(value: str, kind: Kind = Kind.TEXT) -> Entry:
    """Make the head of a column that holds cells of a kind: it stands over them as they stand, left or right."""
    return Entry(kind, value, look=Look.HEAD)


def add_up(values: Iterable[Value]) -> Decimal:
    """Add up values as a SUM formula does: texts, truth and blanks count nothing."""
    figures = (v for v in values if isinstance(v, Decimal | int) and not isinstance(v, bool))
    return sum((Decimal(figure) for figure in figures), Decimal(0))


def summed_where(amounts: str, words: str, word: str) -> str:
    """Give the formula that sums the amounts that stand beside a word of the user's own data.

    SUMIFS would take its stars as anything, `>5` as a comparison, capitals as small letters and `1.0` as 1.
    """
    return f"=SUMPRODUCT(--EXACT({words},{word}),{amounts})"


class Page:
    """A sheet in the making: puts cells and tables, and collects the names and controls that hang on them."""

    def __init__(self, code: str, name: str) -> None:
        """Begin an empty page under an index code and a tab name."""
        self.code = code
        self.name = name
        self.cells: dict[tuple[int, int], Entry] = {}
        self.tables: list[Table | LongTable] = []
        self.charts: list[Chart] = []
        self.pictures: list[tuple[str, int]] = []
        self.scales: list[tuple[int, int, int, int]] = []
        self.sections: list[int] = []
        self.hidden: set[int] = set()
        self.lights: list[Light] = []
        self.aside = 0
        self.names: list[DefinedName] = []
        self.controls: list[Control] = []

    def put(self, row: int, column: int, entry: Entry, name: str = "", control: Decimal | bool | None = None) -> None:
        """Set a cell, name it, and note the engine's figure that must be found in it."""
        self.cells[row, column] = entry
        if name:
            self.define(name, (row, column, row, column))
        if control is not None:
            self.controls.append(Control(self.name, row, column, control))

    def light(self, area: tuple[int, int, int, int], fills: Mapping[str, str]) -> None:
        """Let an area (top, left, bottom, right) take on each fill where its formula holds of the first cell."""
        self.lights.extend(Light(area, formula, fill) for fill, formula in fills.items())

    def section(self, row: int, said: str) -> None:
        """Head what may begin a printed page."""
        self.sections.append(row)
        self.put(row, 0, text(said, Look.SECTION))

    def line(self, row: int, entries: Sequence[Entry | None], column: int = 0) -> None:
        """Set neighbouring cells of one row; None leaves a cell empty."""
        for place, entry in enumerate(entries, column):
            if entry is not None:
                self.put(row, place, entry)

    def define(self, name: str, area: tuple[int, int, int, int]) -> None:
        """Give an area of this page a name."""
        self.names.append(DefinedName(name, self.name, area))

    def table(
        self, name: str, top: int, columns: Sequence[Column], rows: Sequence[Sequence[Entry]], none: str, label: str
    ) -> Table:
        """Set a table with tick marks and totals above its heads, and define the names of its columns.

        `top` is the row of the tick marks (if any column has one), the totals' (if any is summed) or else the heads'.
        An empty table says `none` in one row, since a spreadsheet's table needs one. `label` heads the totals.
        """
        if any(column.tick for column in columns):
            self.line(top, [text(column.tick, Look.TICK) if column.tick else None for column in columns])
            top += 1
        summed = any(column.summed for column in columns)
        filled = tuple(tuple(row) for row in rows) or (_nothing(columns, none),)
        table = Table(name, top + summed, tuple(columns), filled)
        if summed:
            self._totals(top, table, label)
        self.tables.append(table)
        for place, column in enumerate(columns):
            if column.name:
                self.define(column.name, (table.first, place, table.last, place))
        return table

    def long_table(
        self, name: str, top: int, columns: Sequence[Column], size: int,
        rows: Callable[[], Iterator[tuple[Value | float, ...]]], links: Mapping[int, str],
    ) -> LongTable:  # fmt: skip
        """Set a table of plain values under its tick marks (in row `top`) and heads; there is at least one row."""
        self.line(top, [text(column.tick, Look.TICK) if column.tick else None for column in columns])
        table = LongTable(name, top + 1, tuple(columns), size, rows, links)
        self.tables.append(table)
        return table

    def _totals(self, row: int, table: Table, label: str) -> None:
        first = next(place for place, column in enumerate(table.columns) if column.summed)
        self.line(row, [text(label if place == 0 else "", Look.TOTAL) for place in range(first)])
        for place, column in enumerate(table.columns):
            if column.summed:
                value = add_up(entries[place].value for entries in table.rows)
                formula = f"=SUM({table.area(place).replace('$', '')})"
                entry = Entry(column.kind, value, formula, currency=column.currency, look=Look.TOTAL)
                self.put(row, place, entry)
            elif place > first and not column.hidden:
                self.put(row, place, text("", Look.TOTAL))


def _nothing(columns: Sequence[Column], none: str) -> tuple[Entry, ...]:
    """Make the one row of an empty table: its word in the first column of text."""
    place = next((place for place, column in enumerate(columns) if column.kind is Kind.TEXT), 0)
    return tuple(text(none if n == place else "") for n in range(len(columns)))


def filled(row: Sequence[Entry], fill: str) -> tuple[Entry, ...]:
    """Give a row the fill of a status, but leave what the reviewer types in as it is."""
    return tuple(entry if entry.look is Look.TYPED else replace(entry, fill=fill) for entry in row)

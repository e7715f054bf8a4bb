"""A profile applied to a table: its rows come out in our words, so that they are read like any other's.

Constants, parts of composite columns and what rules put in stand in columns of their own behind the table's; a row
that holds several lines becomes several rows of the same number.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from fnmatch import fnmatchcase
from types import MappingProxyType

from auditor.core.problems import Problem
from auditor.readers.books.cells import MadeRows
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.tables.profiles import Conditions
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import squeezed
from auditor.readers.values.numbers import read_number
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.words import lists

NOTHING_LEFT_OUT: Mapping[int, str] = MappingProxyType({})
# Between the heads of a figure that each line of a row takes from another column.
BESIDE = " / "
_ACCOUNTS = ("accountsid", "accountid")
_DASHES = str.maketrans("–—", "--")


@dataclass(frozen=True, slots=True)
class AddedColumn:
    """A column behind the table's own: its field, and what stands for its head."""

    column: int
    field: str
    head: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sheet whose table was put into our words, with the columns added and the rows to be left out, by reason."""

    sheet: Sheet
    added: tuple[AddedColumn, ...] = ()
    left_out: Mapping[int, str] = field(default_factory=lambda: NOTHING_LEFT_OUT)
    problems: tuple[Problem, ...] = ()


def allows(conditions: Conditions, texts: Mapping[str, str]) -> bool:
    """Tell whether a row meets every condition; one on a column that is not there is not met."""
    return all(
        (text := texts.get(squeezed(head))) is not None and _is_one(text, wanted) for head, wanted in conditions.items()
    )


def _is_one(text: str, patterns: Sequence[str]) -> bool:
    """Tell whether a text fits one of the patterns; of those with `!`, it must fit none."""
    bare = text.casefold()
    refused = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    if any(fnmatchcase(bare, pattern.casefold()) for pattern in refused):
        return False
    return not wanted or any(fnmatchcase(bare, pattern.casefold()) for pattern in wanted)


def prepared(sheet: Sheet, header: SheetRow, fields: Mapping[int, str], profile: Profile, kind: str) -> Prepared:
    """Apply a profile to the rows below a header; `fields` are those of the table's own columns."""
    return _Table(sheet, header, fields, profile, kind).prepared()


class _Table:
    """One table on its way into our words."""

    def __init__(self, sheet: Sheet, header: SheetRow, fields: Mapping[int, str], profile: Profile, kind: str) -> None:
        self.sheet = sheet
        self.header = header
        self.profile = profile
        self.lines = [line for line in profile.lines if line.only in {"", kind}]
        self.heads = {cell.column: squeezed(cell.text) for cell in header.cells if cell.text}
        self.columns = {head: column for column, head in self.heads.items()}
        self.own = {name: column for column, name in fields.items()}
        self.width = max(len(header.cells), max((len(row.cells) for row in sheet.rows), default=0))
        self.added = self._added()
        self.values = {squeezed(name): words for name, words in profile.values.items()}

    def _added(self) -> dict[str, AddedColumn]:
        """Lay out the columns that the profile adds: a figure of a line goes before the table's column of its field."""
        known = {*lists("heads")}
        figures = {name for line in self.lines for name in line.heads}
        names = {
            name: BESIDE.join(dict.fromkeys(line.heads[name] for line in self.lines if name in line.heads))
            for name in sorted(figures)
        }
        names |= {part: split.head for split in self.profile.splits for part in split.parts if part in known}
        names |= {name: f"= {value}" for name, value in self.profile.constants.items()}
        put = [*(line.put for line in self.lines), *(rule.put for rule in self.profile.rules)]
        names |= {name: self.profile.name for words in put for name in words if name not in names}
        missing = [name for name in names if name in figures or name not in self.own]
        return {name: AddedColumn(self.width + place, name, names[name]) for place, name in enumerate(missing, 1)}

    def prepared(self) -> Prepared:
        """Give the sheet in our words."""
        rows: list[SheetRow] = []
        left_out: dict[int, str] = {}
        for row in self.sheet.rows:
            if row.number <= self.header.number or not self._is_line(row):
                rows.append(row)
                continue
            texts = self._texts(row)
            reason = next((r.leave_out for r in self.profile.rules if r.leave_out and allows(r.when, texts)), "")
            made = [] if reason else list(self._put_into_words(row, texts))
            if not made:
                left_out[row.number] = reason or "not_billed"
            rows += made or [row]
        parents, problems = self._parents(row for row in rows if row.number not in left_out)
        added = tuple(self.added.values())
        return Prepared(replace(self.sheet, rows=MadeRows(rows)), added, {**left_out, **parents}, problems)

    def _is_line(self, row: SheetRow) -> bool:
        """Tell a row of the table from titles, notes, bare figures and the header again."""
        filled = row.filled
        if [squeezed(cell.text) for cell in filled] == [head for head in self.heads.values() if head]:
            return False
        return len(filled) > 1 and any(take_apart(cell.text) is None for cell in filled)

    def _texts(self, row: SheetRow) -> dict[str, str]:
        """Give the texts of a row by head and by part of its composite columns."""
        texts = {head: row.cell(column).text for column, head in self.heads.items()}
        for split in self.profile.splits:
            text = texts.get(squeezed(split.head), "").translate(_DASHES)
            rest = text.partition(split.after)[2] if split.after else text
            pieces = rest.split(split.separator, len(split.parts) - 1) if rest else []
            texts |= {squeezed(part): piece for part, piece in zip(split.parts, pieces, strict=False)}
        return texts

    def _put_into_words(self, row: SheetRow, texts: Mapping[str, str]) -> Iterator[SheetRow]:
        """Give the row in our words: once, or once for each line that it holds."""
        put = {name: value for name, value in self.profile.constants.items() if not self._stated(row, name)}
        for split in self.profile.splits:
            put |= {part: self._word(part, texts.get(squeezed(part), "")) for part in split.parts}
        for rule in reversed(self.profile.rules):
            if not rule.leave_out and allows(rule.when, texts):
                put |= dict(rule.put)
        own = self._translated(row)
        if not self.lines:
            yield self._with(own, put, {})
        for line in self.lines:
            figures = {name: row.cell(self.columns.get(squeezed(head), 0)) for name, head in line.heads.items()}
            if any(_is_something(cell) for cell in figures.values()):
                yield self._with(own, {**put, **line.put}, figures)

    def _stated(self, row: SheetRow, name: str) -> bool:
        return name in self.own and bool(row.cell(self.own[name]).text)

    def _word(self, name: str, text: str) -> str:
        """Give our word for a text, as it is where none is given."""
        words = self.values.get(squeezed(name), {})
        return next((word for pattern, word in words.items() if _is_one(text, (pattern,))), text)

    def _translated(self, row: SheetRow) -> list[SheetCell]:
        """Give the cells of a row, as many as the table is wide, with our words in them."""
        cells = [row.cell(column) for column in range(1, self.width + len(self.added) + 1)]
        fields = {column: name for name, column in self.own.items()}
        for place, cell in enumerate(cells):
            for name in (self.heads.get(cell.column, ""), fields.get(cell.column, "")):
                if name and squeezed(name) in self.values:
                    cells[place] = _text_cell(cell, self._word(name, cell.text))
                    break
        return cells

    def _with(self, own: Sequence[SheetCell], put: Mapping[str, str], figures: Mapping[str, SheetCell]) -> SheetRow:
        cells = list(own)
        for name, value in put.items():
            column = self.added[name].column if name in self.added else self.own.get(name, 0)
            if column:
                cells[column - 1] = _text_cell(cells[column - 1], value)
        for name, cell in figures.items():
            column = self.added[name].column
            cells[column - 1] = cell._replace(column=column)
        return SheetRow(own[0].row, tuple(cells))

    def _parents(self, rows: Iterable[SheetRow]) -> tuple[dict[int, str], tuple[Problem, ...]]:
        """Leave out the rows that are the sum of others: `a-b` is the parent of `a-b-c` on the same days.

        A parent that is not the sum of its parts is left out too, and said: its parts are what is listed.
        """
        column = self.columns.get(squeezed(self.profile.leaves), 0) if self.profile.leaves else 0
        amount = self.own.get("amount", 0)
        if not column or not amount:
            return {}, ()
        fields = ("period", "period_start", "period_end", "day")
        same = [self.own[name] for name in fields if name in self.own]
        same += [self.columns[head] for head in _ACCOUNTS if head in self.columns]
        groups: dict[tuple[str, ...], dict[str, SheetRow]] = defaultdict(dict)
        for row in rows:
            if row.number > self.header.number and row.cell(column).text:
                groups[tuple(row.cell(one).text for one in same)][row.cell(column).text.casefold()] = row
        left_out: dict[int, str] = {}
        problems: list[Problem] = []
        for group in groups.values():
            for name, row in group.items():
                parts = [one for other, one in group.items() if other.startswith(f"{name}-")]
                leaves = [one for one in parts if not self._has_parts(one.cell(column).text, group)]
                if leaves:
                    left_out[row.number] = "parent"
                    stated, read = (
                        _figure(row.cell(amount)),
                        sum((_figure(one.cell(amount)) for one in leaves), Decimal(0)),
                    )
                    if stated != read:
                        problems.append(Problem("parent_differs", self.sheet.place(row.number, amount), {
                            "name": row.cell(column).text, "stated": str(stated), "read": str(read)}))  # fmt: skip
        return left_out, tuple(problems)

    def _has_parts(self, name: str, group: Mapping[str, SheetRow]) -> bool:
        return any(other.startswith(f"{name.casefold()}-") for other in group)


def _text_cell(cell: SheetCell, text: str) -> SheetCell:
    return SheetCell(text or None, text.strip(), cell.row, cell.column)


def _figure(cell: SheetCell) -> Decimal:
    if isinstance(cell.value, Decimal):
        return cell.value
    number = take_apart(cell.text)
    return (read_number(number, ".") if number else None) or Decimal(0)


def _is_something(cell: SheetCell) -> bool:
    return bool(cell.text) and (isinstance(cell.value, str) or bool(cell.value)) and cell.text.strip("0.,") != ""

"""The cells that a workbook of ours invites a reviewer to fill, as they came back: on the cover, in C, F and M.

Rows are known by their hidden key, columns by their heads in the workbook's language: a sheet may have been sorted,
filtered or saved by another program. What stood in a cell when it was written is in a hidden column beside.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from typing import TypeVar

from auditor.core.causes.words import ORDER
from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.language import Language
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.values.dates import parse_day

DECISIONS = ("accepted", "disputed", "open")
CAUSES = ORDER[:-1]
ROLES = ("preparer", "reviewer")
_LINE = ("decision", "own_cause", "note", "key", "decision_was", "cause_was", "note_was")
_NOTE = ("note", "key", "note_was")
_CONDITION = ("status", "evidence", "date", "who", "key", "status_was", "evidence_was", "date_was", "who_was")
_ROWS_LOOKED_AT = 20
_ORDER = "dmy"  # of days typed in bare numbers
_Read = TypeVar("_Read")


class Typed(NamedTuple):
    """What stands in the cells of a line: decision and cause as codes (nothing: none stands there), and the note."""

    decision: str
    cause: str
    note: str


@dataclass(frozen=True, slots=True)
class ReviewedLine:
    """A difference (F) as it came back, what was `written` there when it was exported, and where it stands."""

    key: str
    typed: Typed
    written: Typed
    place: Place

    @property
    def touched(self) -> bool:
        """Tell whether a reviewer changed anything."""
        return _open(self.typed) != _open(self.written)


def _open(typed: Typed) -> Typed:
    return typed._replace(decision=typed.decision or "open")


@dataclass(frozen=True, slots=True)
class ReviewedNote:
    """The note on a row of the lead schedule (C) as it came back, and as it was written."""

    key: str
    typed: str
    written: str
    place: Place


class TypedCondition(NamedTuple):
    """What stands of a condition: `met`, `unmet` or nothing, the evidence, the day and who looked."""

    status: str
    evidence: str
    day: date | None
    who: str


@dataclass(frozen=True, slots=True)
class ReviewedCondition:
    """A condition of a business number (M) as it came back, and as it was written."""

    number: str
    check: str
    typed: TypedCondition
    written: TypedCondition
    place: Place


@dataclass(frozen=True, slots=True)
class ReviewedSignature:
    """What was typed in a role's row of the sign-off (A): name, date, extent of the work and signature, as texts."""

    role: str
    who: str
    day: str
    extent: str
    signature: str
    place: Place


class Reader:
    """Reads the cells to be typed in from the sheets of one workbook, and collects what it could not take."""

    def __init__(self, language: Language) -> None:
        """Read the words of a language."""
        self._language = language
        self.problems: list[ProblemCount] = []

    def lines(self, sheet: Sheet) -> tuple[ReviewedLine, ...]:
        """Read the differences (F)."""
        decisions = self._words("domain.decision", DECISIONS, "domain.decision.none")
        causes = self._words("domain.cause", CAUSES)

        def read(key: str, cells: Mapping[str, SheetCell], place: Place) -> ReviewedLine | None:
            said = {name: _text(cell) for name, cell in cells.items()}
            decision = self._code("review_word_unknown", decisions, cells["decision"], sheet)
            cause = self._code("review_cause_unknown", causes, cells["own_cause"], sheet)
            written = Typed(
                decisions.get(said["decision_was"].casefold(), ""),
                causes.get(said["cause_was"].casefold(), ""),
                said["note_was"],
            )
            if decision is None or cause is None:
                return None
            return ReviewedLine(key, Typed(decision, cause, said["note"]), written, place)

        return self._rows(sheet, "f", _LINE, read)

    def notes(self, sheet: Sheet) -> tuple[ReviewedNote, ...]:
        """Read the notes of the lead schedule (C)."""

        def read(key: str, cells: Mapping[str, SheetCell], place: Place) -> ReviewedNote:
            return ReviewedNote(key, _text(cells["note"]), _text(cells["note_was"]), place)

        return self._rows(sheet, "c", _NOTE, read)

    def conditions(self, sheet: Sheet) -> tuple[ReviewedCondition, ...]:
        """Read the account checklist (M)."""
        statuses = self._words("workbook.m", ("met", "unmet"), "workbook.m.not_recorded")

        def read(key: str, cells: Mapping[str, SheetCell], place: Place) -> ReviewedCondition | None:
            said = {name: _text(cell) for name, cell in cells.items()}
            status = self._code("review_status_unknown", statuses, cells["status"], sheet)
            day = parse_day(cells["date"].value, _ORDER)
            if said["date"] and day is None:
                self._refuse("review_date_unknown", sheet, cells["date"], word=said["date"])
            if status is None or (said["date"] and day is None):
                return None
            before = date.fromisoformat(said["date_was"]) if said["date_was"] else None
            written = TypedCondition(
                statuses.get(said["status_was"].casefold(), ""), said["evidence_was"], before, said["who_was"]
            )
            number, _, check = key.partition("|")
            typed = TypedCondition(status, said["evidence"], day, said["who"])
            return ReviewedCondition(number, check, typed, written, place)

        return self._rows(sheet, "m", _CONDITION, read)

    def signatures(self, sheet: Sheet) -> tuple[ReviewedSignature, ...]:
        """Read the sign-off of the cover (A), but not what the program itself wrote there of a signature."""
        say = self._language.text
        roles = {say(f"workbook.a.{role}"): role for role in ROLES}
        stands, fallen = say("workbook.a.stands"), say("workbook.a.fallen", count="\0").partition("\0")[0]
        found: dict[str, ReviewedSignature] = {}
        for row in sheet.rows:
            role = roles.get(row.cell(1).text, "")
            cells = [row.cell(column) for column in range(2, 6)]
            who, _, extent, signature = map(_text, cells)
            if not role or role in found or signature == stands or signature.startswith(fallen):
                continue
            day = parse_day(cells[1].value, _ORDER)
            said = f"{day:%d/%m/%Y}" if day else _text(cells[1])
            found[role] = ReviewedSignature(role, who, said, extent, signature, sheet.place(row.number))
        return tuple(found.values())

    def facts(self, sheet: Sheet, *keys: str) -> list[str]:
        """Give what the cover (A) says of these facts; nothing of one that is not there."""
        heads = {self._language.text(f"workbook.a.{key}"): key for key in keys}
        said = {heads.get(row.cell(1).text, ""): _text(row.cell(2)) for row in sheet.rows}
        return [said.get(key, "") for key in keys]

    def _rows(
        self,
        sheet: Sheet,
        table: str,
        names: Sequence[str],
        read: Callable[[str, Mapping[str, SheetCell], Place], _Read | None],
    ) -> tuple[_Read, ...]:
        """Read the rows under the heads by their keys; of a key that stands twice the first row only."""
        found: dict[str, _Read] = {}
        seen: set[str] = set()
        for cells in self._keyed(sheet, table, names):
            key = cells["key"].text
            if key in seen:
                self._refuse("review_line_twice", sheet, cells["key"])
                continue
            seen.add(key)
            one = read(key, cells, sheet.place(cells["key"].row))
            if one is not None:
                found[key] = one
        return tuple(found.values())

    def _keyed(self, sheet: Sheet, table: str, names: Sequence[str]) -> Iterator[dict[str, SheetCell]]:
        """Give the cells, by name, of every row that has a key and whose words are all to be had."""
        place, columns = heads(sheet, self._language, table, names)
        for row in sheet.rows[place + 1 :] if columns else ():
            cells = {name: row.cell(column) for name, column in columns.items()}
            if "|" in cells["key"].text and not self._formulas(sheet, cells.values()):
                yield cells

    def _formulas(self, sheet: Sheet, cells: Iterable[SheetCell]) -> bool:
        """Refuse what begins with `=` and gives an error, or nothing, and tell whether there is any.

        The words that were typed are not to be had: taken for none, they would clear the note that stands.
        """
        found = [cell for cell in cells if (cell.row, cell.column) in sheet.troubles]
        for cell in found:
            self._refuse("review_formula", sheet, cell)
        return bool(found)

    def _words(self, table: str, codes: Sequence[str], nothing: str = "") -> dict[str, str]:
        """Give the codes by their words in small letters; an empty cell, and the word for nothing, are no code."""
        words = {self._language.text(f"{table}.{code}").casefold(): code for code in codes}
        return words | {"": ""} | ({self._language.text(nothing).casefold(): ""} if nothing else {})

    def _code(self, problem: str, words: Mapping[str, str], cell: SheetCell, sheet: Sheet) -> str | None:
        """Give the code of a cell's word; None, and a problem, where it is none of them."""
        code = words.get(_text(cell).casefold())
        if code is None:
            self._refuse(problem, sheet, cell, word=_text(cell))
        return code

    def _refuse(self, code: str, sheet: Sheet, cell: SheetCell, **values: str) -> None:
        self.problems.append(ProblemCount(code, 1, sheet.place(cell.row, cell.column), values))


def heads(sheet: Sheet, language: Language, table: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Find the row that heads a table among the first, and its columns by name; no columns if it is not there."""
    texts = {name: language.text(f"workbook.{table}.{name}") for name in names}
    for place, row in enumerate(sheet.rows[:_ROWS_LOOKED_AT]):
        columns = {cell.text: cell.column for cell in row.filled}
        if all(text in columns for text in texts.values()):
            return place, {name: columns[text] for name, text in texts.items()}
    return 0, {}


def lines_headed(sheet: Sheet, language: Language) -> bool:
    """Tell whether a sheet holds the differences, as they are written in a language."""
    return bool(heads(sheet, language, "f", _LINE)[1])


def typed_columns(sheet: Sheet, language: Language, code: str) -> frozenset[int]:
    """Give the columns (from 1) of a sheet that are to be typed in, and the hidden ones beside; none of most sheets."""
    names = {"C": _NOTE, "F": _LINE, "M": _CONDITION}.get(code)
    return frozenset(heads(sheet, language, code.lower(), names)[1].values() if names else ())


def by_code(sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    """Give sheets by the index code that they are headed with; one that has none by its name."""
    headed = {sheet.name: title(sheet).partition(" · ") for sheet in sheets}
    return {headed[one.name][0] if headed[one.name][1] else one.name: one for one in reversed(sheets)}


def title(sheet: Sheet) -> str:
    """Give the heading of a sheet."""
    return sheet.rows[0].cell(1).text if len(sheet.rows) else ""


def _text(cell: SheetCell) -> str:
    return cell.text.replace("\r\n", "\n")

"""A workbook of ours that comes back: the decisions and notes that a reviewer typed into its differences (F).

Lines are known by their hidden key, columns by their heads in either language: the sheet may have been sorted, filtered
or saved by another program. What stood in the two columns when the workbook was written is in hidden columns beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.book_head import first_book_rows
from auditor.readers.cells import Sheet
from auditor.readers.cells import SheetRow
from auditor.readers.cells import read_sheets

DECISIONS = ("accepted", "disputed", "open")
_COLUMNS = ("decision", "note", "key", "decision_was", "note_was")
_ROWS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class ReviewedLine:
    """A line as it came back: decisions as codes (empty: nothing stands there), and where it stands.

    `decision_was` and `note_was` are what was written; `note` holds the words of a cause first, if one was put down.
    """

    key: str
    decision: str
    note: str
    decision_was: str
    note_was: str
    place: Place

    @property
    def touched(self) -> bool:
        """Tell whether a reviewer changed anything."""
        return (self.decision or "open", self.note) != (self.decision_was or "open", self.note_was)


@dataclass(frozen=True, slots=True)
class Review:
    """What came back: the workbook's language, what its heading says it is about, its lines, and what is wrong."""

    language: str
    subject: str
    lines: tuple[ReviewedLine, ...]
    problems: tuple[ProblemCount, ...]


def is_review(rows: Sequence[Sequence[str]]) -> bool:
    """Tell by the first rows of a file's first sheet whether it is a workbook of ours: by its cover's heading."""
    first = rows[0][0] if rows and rows[0] else ""
    return first.startswith(tuple(f"A · {Language(code).text('workbook.sheet.A')} — " for code in LANGUAGES))


def holds_review(path: Path) -> bool:
    """Tell whether a file is a workbook of ours."""
    return is_review(first_book_rows(path, 1, 1))


def read_review(path: Path) -> Review:
    """Read what a reviewer typed. Raises `AuditorError`: `review_without_lines` if the differences are not there."""
    if not path.is_file():
        raise AuditorError("file_missing", Place(str(path)))
    for sheet in read_sheets(path):
        for place, row in enumerate(sheet.rows[:_ROWS_LOOKED_AT]):
            found = _columns(row)
            if found:
                language, columns = found
                return _review(sheet, place, language, columns)
    raise AuditorError("review_without_lines", Place(path.name))


def _columns(row: SheetRow) -> tuple[Language, dict[str, int]] | None:
    """Give the language and the columns of a row that heads the differences."""
    heads = {cell.text: cell.column for cell in row.filled}
    for language in map(Language, LANGUAGES):
        names = {key: language.text(f"workbook.f.{key}") for key in _COLUMNS}
        if all(name in heads for name in names.values()):
            return language, {key: heads[name] for key, name in names.items()}
    return None


def _review(sheet: Sheet, place: int, language: Language, columns: dict[str, int]) -> Review:
    title = next((cell.text for row in sheet.rows[:place] for cell in row.filled), "")
    words = {language.text(f"domain.decision.{code}").casefold(): code for code in DECISIONS}
    words |= {"": "", language.text("domain.decision.none").casefold(): ""}
    lines: dict[str, ReviewedLine] = {}
    problems = []
    for row in sheet.rows[place + 1 :]:
        said = {name: row.cell(column).raw.strip() for name, column in columns.items()}
        if "|" not in said["key"]:
            continue
        where = sheet.place(row.number)
        decided = words.get(said["decision"].casefold())
        if decided is None:
            problems.append(_problem("review_word_unknown", where, word=said["decision"]))
        elif said["key"] in lines:
            problems.append(_problem("review_line_twice", where))
        else:
            was = words.get(said["decision_was"].casefold(), "")
            line = ReviewedLine(said["key"], decided, said["note"], was, said["note_was"], where)
            lines[line.key] = line
    return Review(language.code, title.partition(" — ")[2], tuple(lines.values()), tuple(problems))


def _problem(code: str, place: Place, **values: str) -> ProblemCount:
    return ProblemCount(code, 1, place, values)

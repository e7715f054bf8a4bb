"""A workbook of ours that comes back: what a reviewer typed into the cells that it invites to fill."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import read_sheets
from auditor.readers.reviews.cells import Reader
from auditor.readers.reviews.cells import ReviewedCondition
from auditor.readers.reviews.cells import ReviewedLine
from auditor.readers.reviews.cells import ReviewedNote
from auditor.readers.reviews.cells import ReviewedSignature
from auditor.readers.reviews.cells import by_code
from auditor.readers.reviews.cells import lines_headed
from auditor.readers.reviews.cells import title


@dataclass(frozen=True, slots=True)
class Review:
    """What came back: the workbook's language, what its heading says it is about, what was typed, and what is wrong.

    `inputs` and `state` are the digests that the cover states: of all that the figures came from, and of all that the
    audit rested on when the workbook was written. `sheets` are all that came back, by index code.
    """

    language: str
    subject: str
    lines: tuple[ReviewedLine, ...]
    notes: tuple[ReviewedNote, ...]
    conditions: tuple[ReviewedCondition, ...]
    signatures: tuple[ReviewedSignature, ...]
    inputs: str
    state: str
    problems: tuple[ProblemCount, ...]
    sheets: Mapping[str, Sheet]


def is_review(rows: Sequence[Sequence[str]]) -> bool:
    """Tell by the first rows of a file's first sheet whether it is a workbook of ours: by its cover's heading."""
    first = rows[0][0] if rows and rows[0] else ""
    return first.startswith(tuple(f"A · {Language(code).text('workbook.sheet.A')} — " for code in LANGUAGES))


def read_review(path: Path) -> Review:
    """Read what a reviewer typed. Raises `AuditorError`: `review_without_lines` if the differences are not there."""
    if not path.is_file():
        raise AuditorError("file_missing", Place(str(path)))
    sheets = by_code(read_sheets(path))
    differences = sheets.get("F")
    language = next((one for one in map(Language, LANGUAGES) if differences and lines_headed(differences, one)), None)
    if differences is None or language is None:
        raise AuditorError("review_without_lines", Place(path.name))
    return _review(sheets, language, differences)


def _review(sheets: Mapping[str, Sheet], language: Language, differences: Sheet) -> Review:
    reader = Reader(language)
    empty = Sheet(differences.file, "", differences.rows[:0])
    cover, lead, checklist = (sheets.get(code, empty) for code in "ACM")
    lines, notes, conditions = reader.lines(differences), reader.notes(lead), reader.conditions(checklist)
    inputs, state = reader.facts(cover, "inputs", "state")
    return Review(
        language.code,
        title(differences).partition(" — ")[2],
        lines,
        notes,
        conditions,
        reader.signatures(cover),
        inputs,
        state,
        tuple(reader.problems),
        sheets,
    )

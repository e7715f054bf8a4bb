"""Trouble in the user's data, as values that know their place.

A `Problem` is collected and shown; it is never raised. `AuditorError` stops a request: it carries the code
and values of the one sentence to show. The sentences themselves are in `resources/i18n/*/problems.toml`
under the same codes, so that every shell says them in the user's language.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from types import MappingProxyType

# Called with the step's key (`cli.step.<key>` in the catalogue), rows done and rows in all (0: not known).
Progress = Callable[[str, int, int], None]


def unwatched(step: str, done: int, total: int) -> None:
    """Watch nothing: the progress of work that nobody looks at."""


# Between the heads and the fields of the decision on a table's columns.
APART = "\x1f"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: `row` counts from 1 as the user's program shows it; 0 is the whole file."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        """Say the place as a person would look it up: `file, sheet, row, column`."""
        parts = [self.file, self.sheet, f"row {self.row}" if self.row else "", self.column]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place. `code` names its sentence, `values` fill it."""

    code: str
    place: Place
    values: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class ProblemCount:
    """A kind of trouble in a file: its code and values, how many rows have it, and the first place."""

    code: str
    count: int
    place: Place
    values: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Said:
    """Something to be said of a file: a key of the catalogue and its values, put in words for whoever reads it.

    Whole numbers are counts. `problem` is one that the sentence is about.
    """

    code: str
    values: Mapping[str, str | int] = field(default_factory=lambda: _NOTHING)
    problem: Problem | None = None

    @classmethod
    def from_text(cls, text: str) -> "Said":
        """Take a sentence that an earlier version kept, in the language of its day."""
        return cls("", {"text": text})


class AuditorError(Exception):
    """A request that cannot be met: the code and values of the sentence to show, and what it rests on.

    `place` is where the user has to look; `problems` are the single findings behind the refusal, if any.
    """

    def __init__(
        self, code: str, place: Place | None = None, problems: Sequence[Problem] = (), **values: object
    ) -> None:
        """Keep the parts; the sentence is made by `auditor.language` when it is shown."""
        self.code = code
        self.place = place
        self.problems = tuple(problems)
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(code, self.values, str(place or ""))


class Cancelled(Exception):  # noqa: N818 - not an error: the user asked for it
    """Raised by a progress callback to stop the work it watches; the worker leaves nothing half done."""

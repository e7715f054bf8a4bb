"""All that can be done to an audit. Each verb is recorded in its journal, and what changes the audit can be undone."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.core.problems import Progress
from auditor.core.tables import Account
from auditor.core.tables import ImportReport
from auditor.core.tables import Reconciliation


def no_progress(step: str, done: int, total: int) -> None:
    """Watch nothing: the progress of work that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user decided about a difference: `accepted`, `disputed` or nothing, a cause of his own, a note."""

    decision: str = ""
    cause: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A charge behind a difference, down to its source: ids as text, times in microseconds UTC (`NEVER`: none)."""

    unit_id: str
    user: str
    phone_number_id: str
    waba_id: str
    regime: str
    category: str
    pricing_type: str
    market: str
    billed_at: int
    local_date: str
    ends_at: int
    messages: int
    rate: str
    amount: str
    certainty: str
    reason: str
    file: str
    source_row: int


@dataclass(frozen=True, slots=True)
class ThreadEvent:
    """A message of one thread on its time line, and the charge it fell under."""

    at: int
    direction: str
    category: str
    referral: bool
    message_id: str
    charge: int


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread (business number and user) as the time line draws it: events, windows and charges."""

    phone_number_id: str
    user: str
    events: tuple[ThreadEvent, ...]
    windows: tuple[tuple[int, int], ...]
    charges: tuple[EvidenceRow, ...]


class Audit:
    """An open audit: one project file, what is in it, and what can be done to it. Use from one thread at a time."""

    account: Account
    sources: tuple[ImportReport, ...]
    result: Reconciliation | None
    decisions: Mapping[str, Decision]
    undo_name: str
    redo_name: str

    @classmethod
    def create(cls, path: Path | None, account: Account, account_text: str = "") -> "Audit":
        """Make a new audit file at `path` (None: one in a temporary folder, gone when closed)."""

    @classmethod
    def open(cls, path: Path) -> "Audit":
        """Open an audit file; refuses one that is newer, damaged or already open, with a sentence."""

    def close(self) -> None:
        """Leave the file whole and free."""

    def set_account(self, account: Account, account_text: str) -> None:
        """Replace the account facts."""

    def add_files(self, files: Sequence[Path], progress: Progress = no_progress) -> tuple[ImportReport, ...]:
        """Recognise each file (log, invoice, card, FX) and take it in: all of them or, if one is refused, none."""

    def remove_file(self, sha256: str) -> None:
        """Take a file's rows out of the audit again."""

    def recompute(self, progress: Progress = no_progress) -> Reconciliation:
        """Charge the log, reconcile the invoice, find the causes; also sets `result`."""

    def accept(self, keys: Sequence[str], note: str = "") -> None:
        """Accept differences as they are billed."""

    def dispute(self, keys: Sequence[str], note: str = "") -> None:
        """Mark differences to be claimed."""

    def assign_cause(self, keys: Sequence[str], cause: str) -> None:
        """Put down a cause the user knows."""

    def annotate(self, keys: Sequence[str], note: str) -> None:
        """Write a note on differences."""

    def clear(self, keys: Sequence[str]) -> None:
        """Take decisions back."""

    def undo(self) -> None:
        """Undo the last verb (its name: `undo_name`)."""

    def redo(self) -> None:
        """Do again what was undone last (its name: `redo_name`)."""

    def evidence(self, key: str, offset: int = 0, limit: int = 500) -> tuple[EvidenceRow, ...]:
        """Give the charges behind a difference, in order of billing, a page at a time."""

    def evidence_count(self, key: str) -> int:
        """Count the charges behind a difference."""

    def thread(self, phone_number_id: str, user: str) -> Thread:
        """Give one thread with its windows and charges."""

    def export_workbook(self, path: Path, progress: Progress = no_progress) -> Path:
        """Write the reconciliation as a workbook, read it back and check every stored total before saying so."""

    def export_charts(self, folder: Path, progress: Progress = no_progress) -> tuple[Path, ...]:
        """Write every chart as PNG, SVG and PDF."""

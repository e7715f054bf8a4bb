"""An open audit and its verbs: files in, the answer, decisions, files out. Each step is recorded and can be undone."""

from collections.abc import Sequence
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.project.store import Store
from auditor.readers.account import read_account
from auditor.readers.files import Standing
from auditor.readers.files import read_text
from auditor.readers.files import standing
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.recognise import recognise
from auditor.readers.sniff import check_regular
from auditor.verbs.account_facts import AccountFacts
from auditor.verbs.intake import Intake
from auditor.verbs.reviewing import Reviewing
from auditor.verbs.room import Room


class Audit(AccountFacts, Reviewing):
    """An open audit: one project file, what is in it, and what can be done to it. Use from one thread at a time."""

    @classmethod
    def create(
        cls, path: Path | None, account: Account, account_text: str = "", *, passing: bool = False,
        room: Room | None = None,
    ) -> "Audit":  # fmt: skip
        """Make a new audit file at `path` (None: one in a temporary folder, gone when closed).

        A `passing` one (see `Store`) is for one answer, and reads its logs from where they are. A log for which there
        is no `room` is charged in parts.
        """
        if path is not None and path.exists():
            raise AuditorError("audit_exists", Place(str(path)))
        store = Store(path, passing=passing)
        try:
            made = cls(store, room)
            made.set_account(account, account_text)
        except BaseException:
            store.close()
            if path is not None:
                path.unlink(missing_ok=True)
            raise
        return made

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> "Audit":
        """Open an audit file; refuses one that is newer, damaged or already open, with a sentence.

        A `read_only` one is only asked, perhaps by several programs at once, and may lie where nothing can be written.
        """
        if not path.is_file():
            raise AuditorError("file_is_folder" if path.is_dir() else "file_missing", Place(str(path)))
        store = Store(path, read_only=read_only)
        try:
            with store.told():
                return cls(store)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Leave the file whole and free."""
        self._spill.close()
        self.store.close()

    # Inputs ---------------------------------------------------------------------------------------------------------

    def add_files(
        self,
        files: Sequence[Path],
        progress: Progress = unwatched,
        kind: str = "",
        options: ReadOptions | None = None,
    ) -> tuple[ImportReport, ...]:
        """Recognise each file (log, invoice, usage, card, FX) and take it in: all of them or, if one is refused, none.

        A `kind` (of `recognise.py`) is taken at its word. Raises `AuditorError` for a file that is there already.
        """
        if not files:
            return ()
        self._check_open("add_files")
        intake = Intake(self.store, self.account, self.files, progress)
        try:
            stated = options or ReadOptions()
            read = [
                intake.read(path, kind or recognise(path, stated.profile, stated.mapping), stated) for path in files
            ]
            with self.store.transaction():
                taken = [file.keep() for file in read]
                self._write("add_files", files=taken, names=[path.name for path in files])
        finally:
            intake.forget()
        self._refresh()
        return tuple(self._report(number) for number in taken)

    def remove_file(self, sha256: str) -> None:
        """Take a file's rows out of the audit again."""
        number = self._number_of(sha256)
        if number:
            self._step("remove_file", file=number)

    # Decisions ------------------------------------------------------------------------------------------------------

    def accept(self, keys: Sequence[str], note: str = "") -> None:
        """Accept differences as they are billed."""
        self._step("accept", keys=list(keys), note=note)

    def dispute(self, keys: Sequence[str], note: str = "") -> None:
        """Mark differences to be claimed."""
        self._step("dispute", keys=list(keys), note=note)

    def assign_cause(self, keys: Sequence[str], cause: str) -> None:
        """Put down a cause the user knows."""
        self._step("assign_cause", keys=list(keys), cause=cause)

    def annotate(self, keys: Sequence[str], note: str) -> None:
        """Write a note on differences."""
        self._step("annotate", keys=list(keys), note=note)

    def clear(self, keys: Sequence[str]) -> None:
        """Take decisions back."""
        self._step("clear", keys=list(keys))


def read_account_file(path: Path) -> tuple[Account, str]:
    """Read an account file and give its facts and its text."""
    check_regular(path)
    with standing(Standing(path).check):
        return read_account(path), read_text(path)

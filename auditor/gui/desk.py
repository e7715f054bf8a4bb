"""Where the open audit lies: opened, made and reached here, off the window's thread, and what came of it is said.

`ask` reads, `do` changes; both take a function of the `Audit`. What the audit then is comes back as an `Opened`.
"""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Protocol
from typing import TypeVar
from weakref import WeakSet

from PySide6.QtCore import QObject
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal

from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.problems import Progress
from auditor.gui.jobs import Spare
from auditor.gui.jobs import Worker
from auditor.gui.opened import Opened
from auditor.gui.opened import snapshot
from auditor.gui.waits import Waits
from auditor.working import working_folder

if TYPE_CHECKING:
    # The engine takes a second to load: the worker does that, while the window is already there.
    from auditor.core.records import Account
    from auditor.verbs import Audit

Answer = TypeVar("Answer")
_INPUT_VERBS = frozenset(
    {
        "set_account",
        "set_thresholds",
        "add_files",
        "remove_file",
        "read_again",
        "set_rate",
        "withdraw_rate",
        "match",
        "unmatch",
    }
)
# Files that are sent as they lie are smaller; the first time, one of a million messages takes a second or two.
_LIGHT = 32_000_000
# Seconds that a system which ends the session gives a program to save its work.
_PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file was refused, and which of those that were handed in it is; None where it is about none of them."""

    reason: AuditorError
    path: Path | None


class UnreadError(Exception):
    """Files were refused, each for its reason."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        """Keep them, in the order they were handed in."""
        super().__init__(refusals[0].reason.code)
        self.refusals = tuple(refusals)


class Place(Protocol):
    """What shows the audit as it is, and is shown itself or not."""

    def isVisible(self) -> bool:
        """Tell whether it is in sight."""

    def refresh(self) -> None:
        """Show the audit as it is."""


class Desk(QObject):
    """Holds the open audit (or none). `changed` says that `opened` is another one than before."""

    changed = Signal()
    failed = Signal(object)
    cancelled = Signal()
    saved = Signal(object)
    # The folder that several files were written into, and they.
    saved_in = Signal(object, object)
    # The refusals of files that could not be taken in as they are.
    unread = Signal(object)
    _refresh = Signal(object)

    def __init__(self, answers: Path, audit_class: "type[Audit] | None" = None, parent: QObject | None = None) -> None:
        """Begin with no audit; `audit_class` opens and makes them (None: the real one), `answers` keeps what comes out.

        With an answer that is kept, an audit that was computed once opens at once.
        """
        super().__init__(parent)
        self._answers = answers
        self._given = audit_class
        self._audit: Audit | None = None
        self._path: Path | None = None
        self._paths: dict[str, Path] = {}
        # What was done lies in part beside the file still.
        self._is_part = False
        self.asked = Path()
        self.opened: Opened | None = None
        # Why what is there could not be charged or compared, the last time it was tried.
        self.obstacle: AuditorError | None = None
        # What was handed in and waits for a word about it.
        self.waits = Waits(self)
        self.worker = Worker(self)
        self._places: WeakSet[Place] = WeakSet()
        self._refresh.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def follow(self, place: Place) -> None:
        """Keep a place up to date: at once while it is in sight, in its turn otherwise."""
        self._places.add(place)

    # -- the audit as a whole

    def warm_up(self) -> None:
        """Load the engine now, so that the first file need not wait for it."""
        self.compute(self._class, lambda _engine: None)

    def create(self, path: Path, account_text: str) -> None:
        """Make a new audit from the text of its `account.toml` (formats.md §7)."""

        def work(_progress: Progress) -> Opened:
            account = account_of(account_text)
            path.parent.mkdir(parents=True, exist_ok=True)
            return self._take(self._class().create(path, account, account_text), path)

        self._submit(work, shown=True)

    def open(self, path: Path) -> None:
        """Open an audit file; `asked` names it, should it prove to be a locked copy."""
        self.asked = path

        self._submit(lambda progress: self._brought(path, progress), shown=True)

    def open_locked(self, locked: Path, path: Path, passphrase: str) -> None:
        """Unlock a copy that came with a passphrase into `path`, and open that."""

        def work(progress: Progress) -> Opened:
            from auditor.verbs.sharing import open_locked  # noqa: PLC0415 - see the head of this module

            progress("unlock", 0, 0)
            path.parent.mkdir(parents=True, exist_ok=True)
            open_locked(locked, path, passphrase)
            return self._brought(path, progress)

        self._submit(work, shown=True)

    def carry_forward(self, path: Path, name: str, first: date, last: date) -> None:
        """Begin the audit of a later period with what this one knows, and open it."""

        def work(_progress: Progress) -> Opened:
            from auditor.verbs.carry import carry_forward  # noqa: PLC0415 - see the head of this module

            path.parent.mkdir(parents=True, exist_ok=True)
            return self._take(carry_forward(self._open_audit(), path, name, first, last), path)

        self._submit(work, shown=True)

    def open_account(self, account_file: Path, path: Path) -> None:
        """Make a new audit from a user's own `account.toml`."""

        def work(_progress: Progress) -> Opened:
            from auditor.verbs import read_account_file  # noqa: PLC0415 - see the head of this module

            account, text = read_account_file(account_file)
            return self._take(self._class().create(path, account, text), path)

        self._submit(work, shown=True)

    def open_sample(self, folder: Path, language: str = "es") -> None:
        """Write the sample audit in a language, make an audit of it and reconcile it: everything in one go."""
        path = folder / "sample.audit"

        def work(progress: Progress) -> Opened:
            from auditor.sample import write_sample  # noqa: PLC0415 - the sample's generator is not needed otherwise
            from auditor.verbs import read_account_file  # noqa: PLC0415 - see the head of this module

            self._leave()
            path.unlink(missing_ok=True)
            folder.mkdir(parents=True, exist_ok=True)
            sample = write_sample(folder, language)
            self._paths[sample.messages.name] = sample.messages
            account, text = read_account_file(sample.account)
            audit = self._class().create(path, account, text)
            self._take(audit, path)
            audit.add_files([sample.messages, sample.invoice], progress)
            self._reconcile(audit, progress)
            return snapshot(audit, path)

        self._submit(work, shown=True)

    def close(self) -> None:
        """Stop what runs, leave the file whole and end the thread."""
        self.worker.cancel()
        if self.worker.has_begun:
            self.worker.submit(lambda _progress: self._leave(), lambda _none: None, lambda _error: None)
        self.worker.close()

    def keep_whole(self) -> None:
        """Bring all that was done into the file itself, before the system ends the session: it stays open."""

        def work() -> None:
            if self._audit is not None:
                self._audit.store.make_whole()

        self.worker.finish(work, _PATIENCE)

    # -- the two ways to reach it

    def do(
        self,
        verb: "Callable[[Audit, Progress], Answer]",
        done: Callable[[Answer], object] | None = None,
        *,
        shown: bool = False,
    ) -> None:
        """Change the audit in the background; `changed` follows, then `done` with what the verb gave back."""

        def work(progress: Progress) -> tuple[Answer, Opened]:
            audit, self._is_part = self._open_audit(), True
            try:
                answer = verb(audit, progress)
            except Exception:
                # What came before the fault may stand (a file taken in, then cancelled): show what is.
                self._refresh.emit(snapshot(audit, self._path))
                raise
            return answer, snapshot(audit, self._path)

        def finished(both: tuple[Answer, Opened]) -> None:
            answer, opened = both
            self._show(opened)
            if done is not None:
                done(answer)

        self.worker.submit(work, finished, self._fail, shown=shown)

    def ask(
        self,
        query: "Callable[[Audit], Answer]",
        done: Callable[[Answer], object],
        refused: Callable[[AuditorError], object] | None = None,
    ) -> None:
        """Read from the audit in the background; `done` gets the answer, unless the audit was left meanwhile.

        A refusal goes to `refused`, where that is given; it is told by `failed` otherwise, as faults are.
        """

        def failed(error: Exception) -> None:
            if refused is not None and isinstance(error, AuditorError):
                refused(error)
            else:
                self._fail(error)

        self._inquire(lambda audit, _progress: query(audit), done, failed, shown=False)

    def find_out(self, query: "Callable[[Audit, Progress], Answer]", done: Callable[[Answer], object]) -> None:
        """Read what takes a while, with progress, and can be cancelled; `done` as for `ask`."""
        self._inquire(query, done, self._fail, shown=True)

    def compute(self, work: Callable[[], Answer], done: Callable[[Answer], object]) -> None:
        """Do work for the eye (rows, pictures) off the window's thread."""
        self.worker.submit(lambda _progress: work(), done, self._fail)

    # -- inside

    def _inquire(
        self,
        query: "Callable[[Audit, Progress], Answer]",
        done: Callable[[Answer], object],
        failed: Callable[[Exception], object],
        *,
        shown: bool,
    ) -> None:
        asked_of = self.opened.path if self.opened else None

        def told(answer: Answer) -> None:
            if self.opened is not None and self.opened.path == asked_of:
                done(answer)

        def work(progress: Progress) -> Answer:
            audit = self._open_audit()
            before = audit.result
            answer = query(audit, progress)
            if audit.result is not before:
                # What was kept of it proved to be out of date as soon as one looked behind it.
                self._refresh.emit(snapshot(audit, self._path))
            return answer

        self.worker.submit(work, told, failed, shown=shown)

    def _submit(self, work: Callable[[Progress], Opened], *, shown: bool) -> None:
        self.worker.submit(work, self._show, self._fail, shown=shown)

    def _brought(self, path: Path, progress: Progress) -> Opened:
        """Open an audit file in the place of what was open, and reconcile it (on the worker's thread)."""
        if path == self._path:
            # An audit can be open only once; another one is left only when this one has proved to open.
            self._leave()
        self._refresh.emit(self._take(self._class().open(path), path))
        audit = self._open_audit()
        self._reconcile(audit, progress)
        return snapshot(audit, path)

    def _reconcile(self, audit: "Audit", progress: Progress) -> None:
        """Reconcile as soon as there is something to charge, and check an invoice by itself as soon as it is there."""
        self.obstacle = None
        if any(source.kind in {"log", "invoice"} for source in audit.sources):
            try:
                audit.recall(self._answers, progress)
            except AuditorError as error:
                self.obstacle = error
                raise

    def _step(self, audit: "Audit", verb: str, step: Callable[[], object], progress: Progress) -> None:
        """Undo or redo a verb; one that touched the inputs makes the result another."""
        step()
        if verb in _INPUT_VERBS:
            self._reconcile(audit, progress)

    def _take(self, audit: "Audit", path: Path) -> Opened:
        """Put a newly opened audit in the place of the old one (on the worker's thread)."""
        self._leave()
        self._audit, self._path, self.obstacle = audit, path, None
        return snapshot(audit, path)

    def _class(self) -> "type[Audit]":
        if self._given is None:
            from auditor.verbs import Audit  # noqa: PLC0415 - see the head of this module

            self._given = Audit
        return self._given

    def _leave(self) -> None:
        if self._audit is not None:
            self._audit.close()
            self._audit = None

    def _open_audit(self) -> "Audit":
        if self._audit is None:
            raise LookupError("no audit is open")
        return self._audit

    def _show(self, opened: Opened) -> None:
        if self.opened is not None and self.opened.path != opened.path:
            self.waits.forget_all()  # it was handed to the one before
        self.opened = opened
        self.worker.when_idle(Spare(self._settle, self._break_off, self._fail))
        self.changed.emit()
        for place in tuple(self._places):
            if place.isVisible():
                place.refresh()
            else:
                self.worker.in_turn(place.refresh)

    def _settle(self) -> bool:
        """Make the file whole, for who copies it meanwhile, and put ten million charges in any order beforehand."""
        if self._audit is None:
            return False
        if self._is_part and self._path is not None and self._path.stat().st_size < _LIGHT:
            self._audit.store.make_whole()
            self._is_part = False
            return True
        return self._audit.has_charges and self._audit.prepare_orders()

    def _break_off(self) -> None:
        if self._audit is not None:
            self._audit.break_off()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            self.cancelled.emit()
        elif isinstance(error, UnreadError):
            self.unread.emit(error.refusals)
        else:
            from auditor.project.faults import file_fault  # noqa: PLC0415 - see the head of this module

            self.failed.emit(file_fault(error, self._path.name if self._path else "") or error)


def account_of(text: str) -> "Account":
    """Read the form's facts through the one reader of account files, so that both are checked alike."""
    from auditor.verbs import read_account_file  # noqa: PLC0415 - see the head of this module

    with working_folder() as folder:
        file = folder / "account.toml"
        file.write_text(text, encoding="utf-8")
        return read_account_file(file)[0]

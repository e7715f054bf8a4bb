"""The one object that owns the open audit. Views ask it and tell it; it works off the window's thread and says so.

`ask` reads, `do` changes; both take a function of the `Audit`. What the audit then is comes back as an `Opened`:
a snapshot, since the audit itself may be used from the worker's thread only.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal

from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.problems import Progress
from auditor.core.tables import Account
from auditor.core.tables import ImportReport
from auditor.core.tables import Reconciliation
from auditor.gui.jobs import Worker

if TYPE_CHECKING:
    # The engine takes a second to load: the worker does that, while the window is already there.
    from auditor.readers.layouts import ReadOptions
    from auditor.verbs import Attachment
    from auditor.verbs import Audit
    from auditor.verbs import Decision
    from auditor.verbs import RateByHand
    from auditor.verbs.open_points import OpenPoint
    from auditor.verbs.signoff import Lock
    from auditor.verbs.signoff import SignOff

Answer = TypeVar("Answer")
_INPUT_VERBS = frozenset(
    {"set_account", "add_files", "remove_file", "read_again", "set_rate", "withdraw_rate", "match", "unmatch"}
)


class _UnreadError(Exception):
    """A file was refused: why, and which of those that were handed in."""

    def __init__(self, reason: AuditorError, path: Path | None) -> None:
        super().__init__(reason.code)
        self.reason, self.path = reason, path


@dataclass(frozen=True, slots=True)
class Opened:
    """The audit as it was when the last job ended."""

    path: Path | None
    account: Account
    sources: tuple[ImportReport, ...]
    result: Reconciliation | None
    decisions: "Mapping[str, Decision]"
    undo_name: str
    redo_name: str
    undo_count: int
    redo_count: int
    rates_by_hand: "Mapping[int, RateByHand]"
    matches: frozenset[int]
    attachments: "Mapping[str, tuple[Attachment, ...]]"
    sign_offs: "tuple[SignOff, ...]"
    lock: "Lock | None"
    points: "tuple[OpenPoint, ...]"


class Workspace(QObject):
    """Owns the open audit (or none). `changed` says that `opened` is another one than before."""

    changed = Signal()
    failed = Signal(object)
    cancelled = Signal()
    saved = Signal(object)
    # A file that could not be read as it is, and why.
    unread = Signal(object, object)
    _refresh = Signal(object)

    def __init__(self, audit_class: "type[Audit] | None" = None, parent: QObject | None = None) -> None:
        """Begin with no audit; `audit_class` opens and makes them (None: the real one)."""
        super().__init__(parent)
        self._given = audit_class
        self._audit: Audit | None = None
        self._path: Path | None = None
        self._paths: dict[str, Path] = {}
        self.opened: Opened | None = None
        self.worker = Worker(self)
        self._refresh.connect(self._show, Qt.ConnectionType.QueuedConnection)

    # -- the audit as a whole

    def warm_up(self) -> None:
        """Load the engine now, so that the first file need not wait for it."""
        self.compute(self._class, lambda _engine: None)

    def create(self, path: Path, account_text: str) -> None:
        """Make a new audit from the text of its `account.toml` (formats.md §7)."""

        def work(_progress: Progress) -> Opened:
            account = _account(account_text)
            path.parent.mkdir(parents=True, exist_ok=True)
            return self._take(self._class().create(path, account, account_text), path)

        self._submit(work, shown=True)

    def open(self, path: Path) -> None:
        """Open an audit file."""

        def work(progress: Progress) -> Opened:
            self._leave()
            self._refresh.emit(self._take(self._class().open(path), path))
            # What was computed is not kept in the file: inputs and decisions are, and the rest follows from them.
            audit = self._open_audit()
            _recompute(audit, progress)
            return _snapshot(audit, path)

        self._submit(work, shown=True)

    def open_account(self, account_file: Path, path: Path) -> None:
        """Make a new audit from a user's own `account.toml`."""

        def work(_progress: Progress) -> Opened:
            from auditor.verbs import read_account_file  # noqa: PLC0415 - see the head of this module

            account, text = read_account_file(account_file)
            return self._take(self._class().create(path, account, text), path)

        self._submit(work, shown=True)

    def open_sample(self, folder: Path) -> None:
        """Write the sample audit, make an audit of it and reconcile it: everything in one go."""
        path = folder / "sample.audit"

        def work(progress: Progress) -> Opened:
            from auditor.sample import write_sample  # noqa: PLC0415 - the sample's generator is not needed otherwise
            from auditor.verbs import read_account_file  # noqa: PLC0415 - see the head of this module

            self._leave()
            path.unlink(missing_ok=True)
            folder.mkdir(parents=True, exist_ok=True)
            sample = write_sample(folder)
            self._paths[sample.messages.name] = sample.messages
            account, text = read_account_file(sample.account)
            audit = self._class().create(path, account, text)
            self._take(audit, path)
            audit.add_files([sample.messages, sample.invoice], progress)
            audit.recompute(progress)
            return _snapshot(audit, path)

        self._submit(work, shown=True)

    def close(self) -> None:
        """Stop what runs, leave the file whole and end the thread."""
        self.worker.cancel()
        self.worker.submit(lambda _progress: self._leave(), lambda _none: None, lambda _error: None)
        self.worker.close()

    # -- what is in it and what becomes of it

    def add_files(self, files: Sequence[Path], options: "ReadOptions | None" = None) -> None:
        """Take files in and reconcile once there is a message log; `unread` names one that cannot be read as it is."""
        self._paths.update({path.name: path for path in files})

        def verb(audit: "Audit", progress: Progress) -> None:
            try:
                audit.add_files(files, progress, options=options)
            except AuditorError as error:
                place = error.place.file if error.place else ""
                raise _UnreadError(error, next((path for path in files if path.name == place), None)) from error
            _recompute(audit, progress)

        self.do(verb, shown=True)

    def path_of(self, source: ImportReport | None) -> Path | None:
        """Give where a message log was taken from, if that is known and still there; other files are in the audit."""
        path = self._paths.get(source.file) if source and source.kind == "log" else None
        return path if path and path.exists() else None

    def read_again(self, sha256: str, options: "ReadOptions") -> None:
        """Read a file of the audit another way, and reconcile."""

        def verb(audit: "Audit", progress: Progress) -> None:
            audit.read_again(sha256, options, progress)
            _recompute(audit, progress)

        self.do(verb, shown=True)

    def remove_file(self, sha256: str) -> None:
        """Take a file out again and reconcile what is left."""

        def verb(audit: "Audit", progress: Progress) -> None:
            audit.remove_file(sha256)
            _recompute(audit, progress)

        self.do(verb, shown=True)

    def recompute(self) -> None:
        """Charge and reconcile anew."""
        self.do(lambda audit, progress: audit.recompute(progress), shown=True)

    def undo(self) -> None:
        """Undo the last change, and reconcile again if it touched the inputs."""
        self.do(lambda audit, progress: _step(audit, audit.undo_name, audit.undo, progress), shown=True)

    def redo(self) -> None:
        """Do the last undone change again."""
        self.do(lambda audit, progress: _step(audit, audit.redo_name, audit.redo, progress), shown=True)

    def accept(self, keys: Sequence[str]) -> None:
        """Accept differences as they are billed."""
        self.do(lambda audit, _progress: audit.accept(keys))

    def dispute(self, keys: Sequence[str]) -> None:
        """Mark differences to be claimed."""
        self.do(lambda audit, _progress: audit.dispute(keys))

    def assign_cause(self, keys: Sequence[str], cause: str) -> None:
        """Put down the cause the user knows."""
        self.do(lambda audit, _progress: audit.assign_cause(keys, cause))

    def annotate(self, keys: Sequence[str], note: str) -> None:
        """Write a note on differences."""
        self.do(lambda audit, _progress: audit.annotate(keys, note))

    def clear(self, keys: Sequence[str]) -> None:
        """Take decisions back."""
        self.do(lambda audit, _progress: audit.clear(keys))

    def attach(self, keys: Sequence[str], files: Sequence[Path]) -> None:
        """Keep files as evidence beside differences."""

        def verb(audit: "Audit", _progress: Progress) -> None:
            for path in files:
                audit.attach(keys, path)

        self.do(verb, shown=True)

    def sign(self, role: str, who: str, note: str) -> None:
        """Sign as preparer or reviewer."""
        self.do(lambda audit, _progress: audit.sign(role, who.strip(), note.strip()))

    def withdraw(self, role: str, who: str, reason: str) -> None:
        """Take a signature back."""
        self.do(lambda audit, _progress: audit.withdraw(role, who.strip(), reason.strip()))

    def lock(self, who: str) -> None:
        """Lock the audit."""
        self.do(lambda audit, _progress: audit.lock(who))

    def unlock(self, who: str, reason: str) -> None:
        """Open a locked audit again."""
        self.do(lambda audit, _progress: audit.unlock(who, reason))

    def set_rate(self, rate: "RateByHand") -> None:
        """Set a rate over every card, and reconcile."""
        self._change(lambda audit: audit.set_rate(rate))

    def withdraw_rate(self, number: int, reason: str) -> None:
        """Let the cards hold again, and reconcile."""
        self._change(lambda audit: audit.withdraw_rate(number, reason))

    def match(self, lines: Sequence[int], key: str, reason: str) -> None:
        """Hold invoice lines against the charges of a difference, and reconcile."""
        self._change(lambda audit: audit.match(lines, key, reason))

    def unmatch(self, lines: Sequence[int], reason: str) -> None:
        """Take matches by hand back, and reconcile."""
        self._change(lambda audit: audit.unmatch(lines, reason))

    def _change(self, change: "Callable[[Audit], object]") -> None:
        def verb(audit: "Audit", progress: Progress) -> None:
            change(audit)
            _recompute(audit, progress)

        self.do(verb, shown=True)

    def export_workbook(self, path: Path) -> None:
        """Write the workbook; `saved` tells where it is."""
        self.do(lambda audit, progress: audit.export_workbook(path, progress), self.saved.emit, shown=True)

    def export_charts(self, folder: Path) -> None:
        """Write every chart into a folder; `saved` tells where."""

        def told(files: Sequence[Path]) -> None:
            self.saved.emit(files[0].parent if files else folder)

        self.do(lambda audit, progress: audit.export_charts(folder, progress), told, shown=True)

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
            audit = self._open_audit()
            try:
                answer = verb(audit, progress)
            except Exception:
                # What came before the fault may stand (a file taken in, then cancelled): show what is.
                self._refresh.emit(_snapshot(audit, self._path))
                raise
            return answer, _snapshot(audit, self._path)

        def finished(both: tuple[Answer, Opened]) -> None:
            answer, opened = both
            self._show(opened)
            if done is not None:
                done(answer)

        self.worker.submit(work, finished, self._fail, shown=shown)

    def ask(self, query: "Callable[[Audit], Answer]", done: Callable[[Answer], object]) -> None:
        """Read from the audit in the background; `done` gets the answer, unless the audit was left meanwhile."""
        asked_of = self.opened.path if self.opened else None

        def told(answer: Answer) -> None:
            if self.opened is not None and self.opened.path == asked_of:
                done(answer)

        self.worker.submit(lambda _progress: query(self._open_audit()), told, self._fail)

    def compute(self, work: Callable[[], Answer], done: Callable[[Answer], object]) -> None:
        """Do work for the eye (rows, pictures) off the window's thread."""
        self.worker.submit(lambda _progress: work(), done, self._fail)

    # -- inside

    def _submit(self, work: Callable[[Progress], Opened], *, shown: bool) -> None:
        self.worker.submit(work, self._show, self._fail, shown=shown)

    def _take(self, audit: "Audit", path: Path) -> Opened:
        """Put a newly opened audit in the place of the old one (on the worker's thread)."""
        self._leave()
        self._audit, self._path = audit, path
        return _snapshot(audit, path)

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
        self.opened = opened
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            self.cancelled.emit()
        elif isinstance(error, _UnreadError):
            self.failed.emit(error.reason)
            if error.path is not None:
                self.unread.emit(error.path, error.reason)
        else:
            self.failed.emit(error)


def _snapshot(audit: "Audit", path: Path | None) -> Opened:
    from auditor.verbs.open_points import open_points  # noqa: PLC0415 - see the head of this module

    # Without a log there is nothing to hold the invoice against, whatever was computed before.
    result = audit.result if any(source.kind == "log" for source in audit.sources) else None
    return Opened(
        path=path,
        account=audit.account,
        sources=tuple(audit.sources),
        result=result,
        decisions=dict(audit.decisions),
        undo_name=audit.undo_name,
        redo_name=audit.redo_name,
        undo_count=audit.undo_count,
        redo_count=audit.redo_count,
        rates_by_hand=dict(audit.rates_by_hand),
        matches=audit.matches,
        attachments=dict(audit.attachments),
        sign_offs=audit.sign_offs,
        lock=audit.lock_in_force,
        points=open_points(result, audit.sources, audit.decisions),
    )


def _recompute(audit: "Audit", progress: Progress) -> None:
    """Reconcile as soon as there is something to charge."""
    if any(source.kind == "log" for source in audit.sources):
        audit.recompute(progress)


def _step(audit: "Audit", verb: str, step: Callable[[], Any], progress: Progress) -> None:
    """Undo or redo a verb; one that touched the inputs makes the result another."""
    step()
    if verb in _INPUT_VERBS:
        _recompute(audit, progress)


def _account(text: str) -> Account:
    """Read the form's facts through the one reader of account files, so that both are checked alike."""
    from auditor.verbs import read_account_file  # noqa: PLC0415 - see the head of this module

    with TemporaryDirectory() as folder:
        file = Path(folder) / "account.toml"
        file.write_text(text, encoding="utf-8")
        return read_account_file(file)[0]

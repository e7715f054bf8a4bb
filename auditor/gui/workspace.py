"""The one object through which views use the open audit: its verbs, each done in the background and said when done."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Progress
from auditor.gui.desk import Desk
from auditor.gui.desk import Refusal
from auditor.gui.desk import UnreadError
from auditor.gui.desk import account_of
from auditor.working import working_folder

# As many rows are brought at once where many are wanted.
_GATHERED = 5_000

if TYPE_CHECKING:
    # The engine takes a second to load: the worker does that, while the window is already there.
    from auditor.core.records import ImportReport
    from auditor.gui.tables.record_model import Run
    from auditor.gui.tables.rows import Row
    from auditor.readers.tables.layouts import ReadOptions
    from auditor.verbs import Audit
    from auditor.verbs import RateByHand
    from auditor.verbs.conditions import Condition
    from auditor.verbs.proof import Verification
    from auditor.verbs.reasoning import Reason
    from auditor.verbs.reviewing import Proposal
    from auditor.verbs.reviewing import Reviewed


class Workspace(Desk):
    """What the window can do to the audit. Whatever takes time is `shown`, with progress, and can be cancelled."""

    def add_files(self, files: Sequence[Path], options: "ReadOptions | None" = None, kind: str = "") -> None:
        """Take files in and reconcile once there is a log; `unread` names those that cannot be read as they are.

        All at once, so that they are undone at once; where one cannot be read, the others still come in.
        """
        self._paths.update({path.name: path for path in files})

        def verb(audit: "Audit", progress: Progress) -> None:
            try:
                audit.add_files(files, progress, kind=kind, options=options)
            except AuditorError as error:
                refusals = [_refused(error, files)]
                if len(files) > 1:
                    refusals = self._add_singly(audit, files, progress) or refusals
                    with suppress(AuditorError):  # it is kept as what is in the way; the refusals are to be told
                        self._reconcile(audit, progress)
                raise UnreadError(refusals) from error
            self._reconcile(audit, progress)

        self.do(verb, shown=True)

    @staticmethod
    def _add_singly(audit: "Audit", files: Sequence[Path], progress: Progress) -> list[Refusal]:
        """Take in those that can be read, and give the refusals of the others."""
        refusals: list[Refusal] = []
        for path in files:
            try:
                audit.add_files([path], progress)
            except AuditorError as error:
                refusals.append(_refused(error, [path]))
        return refusals

    def path_of(self, source: "ImportReport | None") -> Path | None:
        """Give where a message log was taken from, if that is known and still there; other files are in the audit."""
        path = self._paths.get(source.file) if source and source.kind == "log" else None
        return path if path and path.exists() else None

    def read_again(self, sha256: str, options: "ReadOptions", log: Path | None = None) -> None:
        """Read a file of the audit another way, a message log from where it lies, and reconcile."""

        def verb(audit: "Audit", progress: Progress) -> None:
            audit.read_again(sha256, options, progress, log)
            self._reconcile(audit, progress)

        self.do(verb, shown=True)

    def remove_file(self, sha256: str) -> None:
        """Take a file out again and reconcile what is left."""

        def verb(audit: "Audit", progress: Progress) -> None:
            audit.remove_file(sha256)
            self._reconcile(audit, progress)

        self.do(verb, shown=True)

    def recompute(self) -> None:
        """Charge and reconcile anew."""
        self.do(lambda audit, progress: audit.recompute(progress), shown=True)

    def bring_charges(self, done: Callable[[], object]) -> None:
        """Make the charges behind an answer that was kept, then call `done`: a large log takes a while."""
        self.do(lambda audit, progress: audit.answer(progress), lambda _answer: done(), shown=True)

    def undo(self) -> None:
        """Undo the last change, and reconcile again if it touched the inputs."""
        self.do(lambda audit, progress: self._step(audit, audit.undo_name, audit.undo, progress), shown=True)

    def redo(self) -> None:
        """Do the last undone change again."""
        self.do(lambda audit, progress: self._step(audit, audit.redo_name, audit.redo, progress), shown=True)

    def accept(self, keys: Sequence[str]) -> None:
        """Accept differences as they are billed."""
        self.do(lambda audit, _progress: audit.accept(keys))

    def dispute(self, keys: Sequence[str]) -> None:
        """Mark differences to be claimed."""
        self.do(lambda audit, _progress: audit.dispute(keys))

    def assign_cause(self, keys: Sequence[str], cause: str) -> None:
        """Put down the cause the user knows."""
        self.do(lambda audit, _progress: audit.assign_cause(keys, cause))

    def annotate(self, keys: Sequence[str], note: str, done: Callable[[], object] | None = None) -> None:
        """Write a note on differences, then call `done`."""
        self.do(lambda audit, _progress: audit.annotate(keys, note), lambda _none: done() if done else None)

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

    def set_thresholds(self, materiality: tuple[Decimal, Decimal], tolerance: tuple[Decimal, Decimal]) -> None:
        """Set materiality and tolerance, an amount and a percentage each, and reconcile."""
        from auditor.core.records import Tolerance  # noqa: PLC0415 - loads the engine

        self._change(lambda audit: audit.set_thresholds(Tolerance(*materiality), Tolerance(*tolerance)))

    def change_account(self, account_text: str, done: Callable[[], object]) -> None:
        """Put the facts of the form in force, read anew what they touch, and reconcile; then call `done`."""

        def verb(audit: "Audit", progress: Progress) -> None:
            from auditor.verbs.account_facts import typed_over  # noqa: PLC0415 - loads the engine

            facts = typed_over(audit.account, account_of(account_text))
            audit.change_account(facts, self._paths.values(), progress)
            with suppress(AuditorError):  # it is kept as what is in the way
                self._reconcile(audit, progress)

        self.do(verb, lambda _none: done(), shown=True)

    def set_account(self, account_file: Path, done: Callable[[], object]) -> None:
        """Put the facts of an account file in force, with the cards and exchange rates it names; then call `done`."""

        def verb(audit: "Audit", progress: Progress) -> None:
            from auditor.verbs import read_account_file  # noqa: PLC0415 - loads the engine

            audit.set_account(*read_account_file(account_file), (), self._paths.values(), progress)
            with suppress(AuditorError):  # it is kept as what is in the way
                self._reconcile(audit, progress)

        self.do(verb, lambda _none: done(), shown=True)

    def set_currency(self, currency: str) -> None:
        """Let the audit be in the currency of its invoice, and reconcile."""

        def verb(audit: "Audit", progress: Progress) -> None:
            audit.set_currency(currency, progress)
            self._reconcile(audit, progress)

        self.do(verb, shown=True)

    def price_in(self, currency: str, instead_of: str) -> None:
        """Charge the accounts whose rates are in a currency at prices in another, and reconcile."""

        def verb(audit: "Audit", progress: Progress) -> None:
            audit.price_in(currency, instead_of, progress)
            self._reconcile(audit, progress)

        self.do(verb, shown=True)

    def take_rates(self, table: Path, side: str) -> None:
        """Take in a table of exchange rates with two sides, of which the one that the bank buys or sells at serves."""

        def verb(audit: "Audit", progress: Progress) -> None:
            audit.set_exchange_side(side, progress)
            audit.add_files([table], progress)
            self._reconcile(audit, progress)

        self.do(verb, shown=True)

    def seal(self) -> None:
        """Seal what is expected, before an invoice is known."""
        self.do(lambda audit, _progress: audit.seal())

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
            self._reconcile(audit, progress)

        self.do(verb, shown=True)

    def set_due(self, claim: str, day: date | None) -> None:
        """Put down by when a claim is to be answered, or that there is no such day."""
        self.do(lambda audit, _progress: audit.set_due(claim, day))

    def settle(self, claim: str, amount: Decimal, reason: str) -> None:
        """Put down what a claim was credited, or that it was given up."""
        self.do(lambda audit, _progress: audit.settle(claim, amount, reason))

    def record(self, found: "Condition", file: Path | None) -> None:
        """Put down what was found of a business number's condition, with the file that shows it."""
        self.do(lambda audit, _progress: audit.record(found, file))

    def save_copy(self, path: Path, passphrase: str, *, without_people: bool) -> None:
        """Save a copy to be sent: locked where there is a passphrase; `saved` tells where it is."""

        def verb(audit: "Audit", progress: Progress) -> Path:
            from auditor.verbs.sharing import save_locked  # noqa: PLC0415 - loads the engine
            from auditor.verbs.sharing import save_without_people  # noqa: PLC0415

            progress("copy", 0, 0)
            if passphrase:
                return save_locked(audit, path, passphrase, without_people=without_people)
            return save_without_people(audit, path)

        self.do(verb, self.saved.emit, shown=True)

    def gather(
        self,
        page: "Callable[[Audit, int, int], Iterable[Row[Any]]]",
        runs: "Sequence[Run]",
        word: "Callable[[Row[Any]], Any]",
        done: Callable[[Sequence[Any]], object],
    ) -> None:
        """Bring rows by their number, however many, and hand what `word` says of each to `done`.

        `page` gives the rows from an offset on, up to a limit; `runs` are the offset and number of those wanted.
        """
        total = sum(count for _, count in runs)

        def query(audit: "Audit", progress: Progress) -> list[Any]:
            said: list[Any] = []
            for first, count in runs:
                for offset in range(first, first + count, _GATHERED):
                    progress("rows", len(said), total)
                    said += map(word, page(audit, offset, min(_GATHERED, first + count - offset)))
            return said

        self.find_out(query, done)

    def verify(self, done: "Callable[[Verification], object]") -> None:
        """Perform the audit again from its inputs, on a copy, and hand on what that showed."""

        def verb(audit: "Audit", progress: Progress) -> "Verification":
            from auditor.verbs.proof import verify  # noqa: PLC0415 - loads the engine

            with working_folder() as folder:
                # The file itself is open: what is verified is a copy, with the same content.
                copy = folder / (self._path.name if self._path else "audit.audit")
                audit.store.save_copy(copy)
                return verify(copy, progress)

        self.do(verb, done, shown=True)

    def read_reviewed(self, path: Path, done: "Callable[[Reviewed], object]") -> None:
        """Read what a reviewer typed into a workbook of this audit, and hand on the proposals."""
        self.do(lambda audit, progress: audit.read_reviewed(path, progress), done, shown=True)

    def take_review(self, reviewed: "Reviewed", accepted: "Sequence[Proposal]") -> None:
        """Take over the proposals that were accepted."""
        self.do(lambda audit, _progress: audit.take_review(reviewed, accepted))

    def export_workbook(self, path: Path) -> None:
        """Write the workbook; `saved` tells where it is."""
        self.do(lambda audit, progress: audit.export_workbook(path, progress), self.saved.emit, shown=True)

    def export_claim_pack(self, folder: Path) -> None:
        """Write letter, line list and masked evidence of what is disputed; `saved_in` tells where."""
        self.do(
            lambda audit, progress: audit.export_claim_pack(folder, progress),
            lambda pack: self.saved_in.emit(folder, pack.files),
            shown=True,
        )

    def export_reasons(self, reasons: "Sequence[Reason]", path: Path) -> None:
        """Write the messages behind causes; `saved` tells where they are."""
        self.do(lambda audit, progress: audit.export_reasons(reasons, path, progress), self.saved.emit, shown=True)

    def export_charts(self, folder: Path) -> None:
        """Write every chart into a folder; `saved_in` tells where."""

        def told(files: Sequence[Path]) -> None:
            self.saved_in.emit(files[0].parent if files else folder, files)

        self.do(lambda audit, progress: audit.export_charts(folder, progress), told, shown=True)


def _refused(error: AuditorError, files: Sequence[Path]) -> Refusal:
    """Say which of the files an error is about."""
    place = error.place.file if error.place else ""
    return Refusal(error, next((path for path in files if path.name == place), None))

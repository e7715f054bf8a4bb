"""The verbs that write files: the workpaper, charts, charges, summaries and the claim pack."""

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.core.money import plain
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.verbs import export
from auditor.verbs.claims import Claims
from auditor.verbs.conditions import Conditions
from auditor.verbs.reasoning import Reasoning
from auditor.verbs.sealing import Sealing
from auditor.verbs.signoff import Signing

if TYPE_CHECKING:
    from auditor.verbs.claim_pack import Pack


class Exports(Conditions, Claims, Sealing, Signing, Reasoning):
    """The verbs that write files out of the answer; part of `Audit`."""

    def export_workbook(self, path: Path, progress: Progress = unwatched) -> Path:
        """Write the reconciliation as a workbook, read it back and check every stored total before saying so.

        Evidence of which it shows only a part is written beside it.
        """
        return self._workbook(path, progress, cells_only=False)

    def _workbook(self, path: Path, progress: Progress, *, cells_only: bool) -> Path:
        answer = self.answer(progress)
        progress("workbook", 0, 0)
        return export.workbook(
            answer,
            self.decisions,
            self.journal,
            export.Kept(self.conditions, self.lead_notes, self.claims, self.sign_offs, self.lock_in_force, self.fixed),
            (self.figures_digest, self.state_digest),
            self._charges_file,
            path,
            progress,
            cells_only=cells_only,
        )

    def export_charts(self, folder: Path, progress: Progress = unwatched) -> tuple[Path, ...]:
        """Write every chart as PNG, SVG and PDF."""
        answer = self.answer(progress)
        progress("charts", 0, 0)
        return export.charts(answer, folder)

    def export_charges(self, path: Path, progress: Progress = unwatched) -> Path:
        """Write CHARGES, every charge of the log, as CSV or Parquet by the file's name (formats.md §8)."""
        answer = self.answer(progress)
        progress("charges", 0, 0)
        self._charges_file = path.name
        return export.charges(answer, self.store.connection, path, self.store.rests_on)

    def export_claim_pack(self, folder: Path, progress: Progress = unwatched) -> "Pack":
        """Write the letter, line list and masked evidence of what is disputed; the journal keeps what was claimed.

        Raises `AuditorError`: `claim_nothing`, `file_not_writable`. Also done on a locked audit: it changes nothing.
        """
        from auditor.verbs.claim_pack import Behind  # noqa: PLC0415 - a second of imports that only this export needs

        answer = self.answer(progress)
        disputed = any(one.decision == "disputed" for one in self.decisions.values())
        reasons = self.reasons(progress=progress) if disputed else ()
        behind = Behind(self.counted(reasons), lambda: self.rows_behind(reasons))
        pack = export.claim_pack(answer, self.decisions, self.journal, self.claims, behind, folder, progress)
        names = [file.name for file in pack.files]
        self._step("claim_pack", keys=list(pack.keys), names=names, amount=plain(pack.amount), currency=pack.currency)
        return pack

    def export_charges_summary(self, path: Path, progress: Progress = unwatched) -> Path:
        """Write the totals of the charges alone as JSON, per currency (formats.md §8)."""
        return export.charge_summary(self.answer(progress).result, path)

    def export_summary(self, path: Path, progress: Progress = unwatched) -> Path:
        """Write SUMMARY as JSON (formats.md §8)."""
        return export.summary(self.answer(progress).result, self.fixed, path)

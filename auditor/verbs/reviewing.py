"""A reviewed workbook dropped back: what was typed comes as proposals, and counts only when someone accepts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.core.report_facts import subject_of
from auditor.language import Language
from auditor.readers.files import digest
from auditor.readers.reviews import ReviewedLine
from auditor.readers.reviews import read_review
from auditor.verbs.decision import Decision
from auditor.verbs.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a reviewer would have decided on a difference: `proposed` beside what stands `now`, and where it was typed.

    `moved`: the audit decided otherwise since the workbook was written, so the reviewer did not see what stands now.
    """

    key: str
    now: Decision
    proposed: Decision
    moved: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The proposals of one workbook, what could not be taken from it, and the file they come from."""

    proposals: tuple[Proposal, ...]
    problems: tuple[ProblemCount, ...]
    file: str
    sha256: str


class Reviewing(Ledger):
    """The verbs that take a reviewed workbook back in; part of `Audit`."""

    def read_reviewed(self, path: Path) -> Reviewed:
        """Give what a reviewer typed into a workbook of this audit, as proposals; changes nothing.

        Raises `AuditorError`: `review_without_lines`, `review_other_audit` (another entity, period or currency).
        """
        review = read_review(path)
        language = Language(review.language)
        own = subject_of(self.account, language.text)
        if review.subject != own:
            raise AuditorError("review_other_audit", Place(path.name), theirs=review.subject, own=own)
        there = {line.key for line in self.result.differences} if self.result else None
        touched = [line for line in review.lines if line.touched]
        gone = [line for line in touched if there is not None and line.key not in there]
        problems = (*review.problems, *(ProblemCount("review_line_gone", 1, line.place) for line in gone))
        proposals = [self._proposal(language, line) for line in touched if line not in gone]
        changes = tuple(one for one in proposals if one.proposed != one.now)
        return Reviewed(changes, problems, path.name, digest(path)[0])

    def _proposal(self, language: Language, line: ReviewedLine) -> Proposal:
        now = self.decisions.get(line.key, Decision())
        cause = language.text(f"domain.cause.{now.cause}") if now.cause else ""
        note = _without(line.note, cause)
        decided = "" if line.decision == "open" else line.decision
        moved = (now.decision, now.note) != ("" if line.decision_was == "open" else line.decision_was,
                                             _without(line.note_was, cause))  # fmt: skip
        return Proposal(line.key, now, Decision(decided, now.cause, note), moved, line.place)

    def take_review(self, reviewed: Reviewed, accepted: Sequence[Proposal], who: str = "") -> None:
        """Take over the proposals that were accepted, as one step; `who` typed them (else: the audit's reviewer)."""
        if not accepted:
            return
        decided = [{"key": one.key, "decision": one.proposed.decision, "note": one.proposed.note} for one in accepted]
        self._step(
            "review", who or self.account.reviewer, keys=[one.key for one in accepted], decided=decided,
            names=[reviewed.file], sha256=reviewed.sha256,
        )  # fmt: skip


def _without(note: str, cause: str) -> str:
    """Give a note without the words of the cause that the workbook puts before it."""
    if cause and note == cause:
        return ""
    return note.removeprefix(f"{cause}; ") if cause else note

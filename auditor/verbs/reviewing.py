"""A reviewed workbook dropped back: what was typed comes as proposals, and counts only when someone accepts them."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.records import CHECKS
from auditor.core.results import business_numbers
from auditor.language import Language
from auditor.readers.books.cells import read_sheets
from auditor.readers.files import digest
from auditor.readers.reviews.cells import ReviewedCondition
from auditor.readers.reviews.cells import ReviewedLine
from auditor.readers.reviews.cells import ReviewedNote
from auditor.readers.reviews.cells import ReviewedSignature
from auditor.readers.reviews.cells import Typed
from auditor.readers.reviews.cells import TypedCondition
from auditor.readers.reviews.cells import by_code
from auditor.readers.reviews.reviews import Review
from auditor.readers.reviews.reviews import read_review
from auditor.verbs.conditions import MET
from auditor.verbs.conditions import Condition
from auditor.verbs.decision import Decision
from auditor.verbs.exports import Exports
from auditor.verbs.signoff import check_signer
from auditor.working import working_folder


@dataclass(frozen=True, slots=True)
class LineProposal:
    """What a reviewer would decide on a difference: `proposed` beside what stands `now`, and where it was typed.

    `moved`: the audit decided otherwise since the workbook was written, so the reviewer did not see what stands now.
    """

    key: str
    now: Decision
    proposed: Decision
    moved: bool
    place: Place


@dataclass(frozen=True, slots=True)
class NoteProposal:
    """The note that a reviewer would put on a row of the lead schedule; `moved` as in `LineProposal`."""

    key: str
    now: str
    proposed: str
    moved: bool
    place: Place


@dataclass(frozen=True, slots=True)
class ConditionProposal:
    """What a reviewer found of a condition of a business number; `moved` as in `LineProposal`."""

    now: Condition | None
    proposed: Condition
    moved: bool
    place: Place


@dataclass(frozen=True, slots=True)
class SignatureProposal:
    """A signature on the cover: the audit is what the workbook says, so that it can be signed in the audit itself."""

    role: str
    who: str
    note: str
    place: Place
    moved: bool = False


Proposal: TypeAlias = LineProposal | NoteProposal | ConditionProposal | SignatureProposal


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The proposals of one workbook, what could not be taken from it, and the file they come from."""

    proposals: tuple[Proposal, ...]
    problems: tuple[ProblemCount, ...]
    file: str
    sha256: str


class Reviewing(Exports):
    """The verbs that take a reviewed workbook back in; part of `Audit`."""

    def read_reviewed(self, path: Path, progress: Progress = unwatched) -> Reviewed:
        """Give what a reviewer typed into a workbook of this audit, as proposals; changes nothing.

        Raises `AuditorError`: `review_without_lines`, `review_other_audit` (another entity, period or currency).
        """
        from auditor.core.report.facts import subject_of  # noqa: PLC0415 - what only a reviewed workbook needs

        review = read_review(path)
        own = subject_of(self.account, Language(review.language).text)
        if review.subject != own:
            raise AuditorError("review_other_audit", Place(path.name), theirs=review.subject, own=own)
        problems = list(review.problems)
        proposals: list[Proposal] = [
            *self._lines(review.lines, problems),
            *self._notes(review.notes, problems),
            *self._found(review.conditions, problems),
        ]
        proposals += self._signatures(review, problems, changed=bool(proposals))
        problems += self._elsewhere(review, path, progress)
        return Reviewed(tuple(proposals), tuple(problems), path.name, digest(path)[0])

    def _elsewhere(self, review: Review, path: Path, progress: Progress) -> list[ProblemCount]:
        """Say what was typed where nothing is taken back: held against the workbook that the audit writes now.

        In its pictures, and in what would stand beside that one, millions of rows of evidence, nobody typed.
        """
        from auditor.readers.reviews.elsewhere import typed_elsewhere  # noqa: PLC0415 - the same

        if (review.inputs, review.language) != (self.figures_digest, self.account.language):
            return [ProblemCount("review_elsewhere_unseen", 1, Place(path.name))]
        with working_folder() as folder:
            fresh = by_code(read_sheets(self._workbook(folder / path.name, progress, cells_only=True)))
        moved = review.state != self.state_digest
        return typed_elsewhere(path, review.sheets, fresh, Language(review.language), moved=moved)

    def _lines(self, lines: Sequence[ReviewedLine], problems: list[ProblemCount]) -> Iterator[LineProposal]:
        there = {line.key for line in self.result.differences} if self.result else None
        for line in lines:
            if line.touched and there is not None and line.key not in there:
                problems.append(ProblemCount("review_line_gone", 1, line.place))
            elif line.touched:
                now = self.decisions.get(line.key, Decision())
                proposed = _decision(line.typed)
                if proposed != now:
                    yield LineProposal(line.key, now, proposed, now != _decision(line.written), line.place)

    def _notes(self, notes: Sequence[ReviewedNote], problems: list[ProblemCount]) -> Iterator[NoteProposal]:
        lines = self.result.differences if self.result else None
        there = {f"{line.waba_id}|{line.period}|{line.category}" for line in lines or ()}
        for one in notes:
            now = self.lead_notes.get(one.key, "")
            if one.typed in (one.written, now):
                continue
            if lines is not None and one.key not in there:
                problems.append(ProblemCount("review_line_gone", 1, one.place))
            else:
                yield NoteProposal(one.key, now, one.typed, now != one.written, one.place)

    def _found(
        self, conditions: Sequence[ReviewedCondition], problems: list[ProblemCount]
    ) -> Iterator[ConditionProposal]:
        known = {number.id for _, number in business_numbers(self.account, self.result)}
        for one in conditions:
            now = self.conditions.get((one.number, one.check))
            stands = TypedCondition(now.status, now.evidence, now.day, now.who) if now else _NOTHING
            if one.typed in (one.written, stands):
                continue
            status, evidence, day, who = one.typed
            if one.number not in known or one.check not in CHECKS:
                problems.append(ProblemCount("review_line_gone", 1, one.place))
            elif not status or day is None or not who or (status == MET and not evidence):
                problems.append(ProblemCount("review_condition_incomplete", 1, one.place))
            else:
                proposed = Condition(one.number, one.check, status, evidence, day, who)
                yield ConditionProposal(now, proposed, stands != one.written, one.place)

    def _signatures(
        self, review: Review, problems: list[ProblemCount], *, changed: bool
    ) -> Iterator[SignatureProposal]:
        """Give the signatures on the cover that can be made here: of what was signed, and by whom the audit allows.

        Whoever signs stands behind what the workbook says. So nothing may have changed since, nor by its other cells.
        """
        say = Language(review.language).text
        for one in review.signatures:
            values = {"role": say(f"workbook.a.{one.role}"), "who": one.who}
            if not one.day and not one.signature:
                if one.extent or one.who != self._named(one.role):
                    problems.append(ProblemCount("review_signature_incomplete", 1, one.place, values))
                continue
            if self._signed_already(one):
                continue
            if changed or review.state != self.state_digest:
                problems.append(ProblemCount("review_signature_moved", 1, one.place, values))
                continue
            try:
                check_signer(one.role, one.who, self.sign_offs)
            except AuditorError as error:
                problems.append(ProblemCount(error.code, 1, one.place, error.values))
                continue
            signed = say("domain.review.signed_on", day=one.day) if one.day else ""
            yield SignatureProposal(one.role, one.who, "; ".join(filter(None, (one.extent, signed))), one.place)

    def _named(self, role: str) -> str:
        return self.account.preparer if role == "preparer" else self.account.reviewer

    def _signed_already(self, one: ReviewedSignature) -> bool:
        return any(own.role == one.role and own.who == one.who and own.stands for own in self.sign_offs)

    def take_review(self, reviewed: Reviewed, accepted: Sequence[Proposal], who: str = "") -> None:
        """Take over the proposals that were accepted, as one step; `who` typed them (else: the audit's reviewer).

        A signature is no step that can be undone: it is made as by `sign`, which may refuse it.
        """
        lines = [one for one in accepted if isinstance(one, LineProposal)]
        notes = [one for one in accepted if isinstance(one, NoteProposal)]
        found = [one.proposed for one in accepted if isinstance(one, ConditionProposal)]
        keys = [one.key for some in (lines, notes, found) for one in some]
        if keys:
            self._step(
                "review", who or self.account.reviewer, keys=keys,
                decided=[
                    {
                        "key": one.key, "decision": one.proposed.decision, "cause": one.proposed.cause,
                        "note": one.proposed.note,
                    }
                    for one in lines
                ],
                notes=[{"key": one.key, "note": one.proposed} for one in notes],
                conditions=[one.facts() for one in found],
                names=[reviewed.file], sha256=reviewed.sha256,
            )  # fmt: skip
        for one in accepted:
            if isinstance(one, SignatureProposal):
                self.sign(one.role, one.who, one.note)


_NOTHING = TypedCondition("", "", None, "")


def _decision(typed: Typed) -> Decision:
    """Give what was typed as a decision; an open one is none."""
    return Decision("" if typed.decision == "open" else typed.decision, typed.cause, typed.note)

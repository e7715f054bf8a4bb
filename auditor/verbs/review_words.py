"""The words for what a reviewed workbook proposes, as the command line and the window both show it."""

from collections.abc import Callable
from dataclasses import dataclass

from auditor.core.numbers_called import numbers_in_full
from auditor.core.records import Account
from auditor.language import Language
from auditor.verbs.conditions import Condition
from auditor.verbs.decision import Decision
from auditor.verbs.decision import lead_as_line
from auditor.verbs.reviewing import ConditionProposal
from auditor.verbs.reviewing import LineProposal
from auditor.verbs.reviewing import NoteProposal
from auditor.verbs.reviewing import Proposal


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal in words: what it is about, what stands and what is proposed, each with its note."""

    about: str
    now: str
    proposed: str
    note_now: str
    note: str


def shown(one: Proposal, language: Language, account: Account, line: Callable[[str], str]) -> Shown:
    """Say a proposal; `line` names a difference by its key."""
    say = language.text
    if isinstance(one, LineProposal):
        now, proposed = _decided(one.now, language), _decided(one.proposed, language)
        return Shown(line(one.key), now, proposed, one.now.note, one.proposed.note)
    if isinstance(one, NoteProposal):
        about = f"{say('workbook.sheet.C')}: {line(lead_as_line(one.key))}"
        return Shown(about, "", "", one.now, one.proposed)
    if isinstance(one, ConditionProposal):
        number = one.proposed.number
        about = f"{numbers_in_full(account).get(number, number)}: {say(f'workbook.condition.{one.proposed.check}')}"
        now, note_now = _found(one.now, language)
        proposed, note = _found(one.proposed, language)
        return Shown(about, now, proposed, note_now, note)
    return Shown(f"{say('workbook.a.sign_off')}: {say(f'workbook.a.{one.role}')}", "", one.who, "", one.note)


def _decided(one: Decision, language: Language) -> str:
    words = [language.text(f"domain.decision.{one.decision or 'open'}")]
    return " · ".join(words + ([language.text(f"domain.cause.{one.cause}")] if one.cause else []))


def _found(one: Condition | None, language: Language) -> tuple[str, str]:
    """Give the status of a condition, and what it rests on: evidence, day and who looked."""
    if one is None:
        return language.text("workbook.m.not_recorded"), ""
    parts = (one.evidence, language.day(one.day), one.who)
    return language.text(f"workbook.m.{one.status}"), " · ".join(part for part in parts if part)

"""The words for what an entry of the journal is about, as the workbook shows them."""

from datetime import date

from auditor.core.numbers_called import numbers_in_full
from auditor.core.records import Account
from auditor.language import Language
from auditor.project.store import Entry
from auditor.verbs.decision import lead_as_line
from auditor.verbs.line_words import line_words
from auditor.verbs.line_words import names_of


def detail(entry: Entry, language: Language, account: Account) -> str:
    """Say which files, lines or condition an entry is about, what was found, and the reason given for it."""
    facts = entry.facts
    cause = facts.get("cause")
    parts = [
        *facts.get("names", ()),
        *(_subject(key, language, account) for key in facts.get("keys", ())),
        _condition(facts["number"], facts["check"], language, account) if "check" in facts else "",
        language.text(f"domain.cause.{cause}") if cause else "",
        facts.get("note"),
        facts.get("reason"),
        facts.get("evidence"),
        _due(facts["due"], language) if "due" in facts else "",
    ]
    return "; ".join(str(part) for part in parts if part)


def _due(day: str, language: Language) -> str:
    """Say by when a claim is to be answered, or that no day is set."""
    if not day:
        return language.text("domain.claim.undated")
    return language.text("domain.claim.due", day=language.day(date.fromisoformat(day)))


def _subject(key: str, language: Language, account: Account) -> str:
    """Name what a key stands for: a condition of the checklist, a row of the lead schedule, or a difference."""
    kind, *rest = key.split("|")
    if kind == "condition":
        return _condition(rest[0], rest[1], language, account)
    return line_words(lead_as_line(key) if len(rest) == 2 else key, language, names_of(account))


def _condition(number: str, check: str, language: Language, account: Account) -> str:
    return f"{numbers_in_full(account).get(number, number)}: {language.text(f'workbook.condition.{check}')}"

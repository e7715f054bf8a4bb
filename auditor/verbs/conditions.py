"""The account checklist: what was found of the platform's conditions of each business number (window.md §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.records import CHECKS
from auditor.core.results import business_numbers
from auditor.verbs.by_hand import ByHand

MET, UNMET = "met", "unmet"


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found of one condition of one business number: the evidence is a link or a document's name."""

    number: str
    check: str
    status: str
    evidence: str
    day: date
    who: str

    @property
    def key(self) -> str:
        """Give the key under which a file is attached to it."""
        return condition_key(self.number, self.check)

    def facts(self) -> dict[str, str]:
        """Give it as the journal keeps it."""
        return {
            "number": self.number,
            "check": self.check,
            "status": self.status,
            "evidence": self.evidence,
            "day": self.day.isoformat(),
            "who": self.who,
        }


def condition_key(number: str, check: str) -> str:
    """Give the key under which files are attached to a condition, which no difference has."""
    return f"condition|{number}|{check}"


class Conditions(ByHand):
    """The verb and the query of the checklist; part of `Audit`."""

    @property
    def conditions(self) -> Mapping[tuple[str, str], Condition]:
        """Give what was recorded last, by number and check."""
        return {
            key: Condition(
                facts["number"],
                facts["check"],
                facts["status"],
                facts["evidence"],
                date.fromisoformat(facts["day"]),
                facts["who"],
            )
            for key, facts in self._state.conditions.items()
        }

    def record(self, condition: Condition, file: Path | None = None) -> None:
        """Put down what was found, and keep the file that shows it.

        Raises `AuditorError`: `condition_unknown` for a number or check that there is not, `condition_evidence` where a
        condition is said to be met and nothing shows it, `condition_who` without who found it.
        """
        known = {number.id for _, number in business_numbers(self.account, self.result)}
        if condition.number not in known or condition.check not in CHECKS or condition.status not in {MET, UNMET}:
            raise AuditorError("condition_unknown", number=condition.number)
        if condition.status == MET and not condition.evidence.strip():
            raise AuditorError("condition_evidence")
        if not condition.who.strip():
            raise AuditorError("condition_who")
        if file is not None:
            self.attach([condition.key], file)
        self._step("condition", **condition.facts())

"""Proof: an audit file performed again from its inputs, and compared with what it says of itself (formats.md §8, §9).

Three things are shown: the chain of digests holds; each file that is kept whole is still read as it was; and the
figures come out as they did when the audit was last computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.core.money import plain
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import Progress
from auditor.verbs.audit import Audit
from auditor.verbs.outcome import FIGURES
from auditor.verbs.outcome import Outcome
from auditor.verbs.outcome import outcome
from auditor.working import working_folder


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying an audit showed: nothing wrong when `problems` is empty.

    `digest` closes the journal; `figures` are the totals as computed now, as plain texts.
    """

    problems: tuple[Problem, ...]
    entries: int
    files: int
    digest: str
    figures: Mapping[str, str]
    currency: str


def verify(path: Path, progress: Progress) -> Verification:
    """Perform an audit again from its inputs; the file itself is not touched. Raises `AuditorError` if it cannot be."""
    audit = Audit.open(path, read_only=True)
    try:
        problems = audit.store.tampered()
        problems += _readings(audit, progress)
        result = audit.recompute(progress)
        problems += _figures(audit.kept_outcome(), outcome(result))
        place = Place(path.name)
        return Verification(
            tuple(Problem(one.code, place, one.values) for one in problems),
            len(audit.journal),
            len(audit.sources),
            audit.store.digest,
            {name: plain(getattr(result, name)) for name in FIGURES},
            result.account.currency,
        )
    finally:
        audit.close()


def _readings(audit: Audit, progress: Progress) -> list[Problem]:
    """Read each file that is kept whole once more, and name those that are read differently now."""
    found = []
    with working_folder() as folder:
        for number, name in audit.kept_whole():
            before, now = audit.reread(number, folder, progress)
            if before != now:
                found.append(Problem("reading_differs", Place(name), {"name": name}))
    return found


def _figures(before: Outcome | None, now: Outcome) -> list[Problem]:
    """Name the figures that come out otherwise than when the audit was last computed."""
    place = Place("")
    if before is None:
        return [Problem("result_never_computed", place)]
    found = [
        Problem("result_differs", place, {"figure": name, "before": before[name], "after": now[name]})
        for name in (*FIGURES, "digest")
        if before[name] != now[name]
    ]
    if found and before["rules"] != now["rules"]:
        found.insert(0, Problem("rules_differ", place))
    return found

"""What still stands between an audit and a signature: the points a reviewer would ask about, each with its size."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from auditor.core.records import ImportReport
from auditor.core.results import SETTLED
from auditor.core.results import Reconciliation
from auditor.verbs.decision import Decision

# Signs on the log that need no answer: they change nothing in the result.
_HARMLESS = frozenset({"duplicates", "read_without_delivered", "times_of_sending_not_kept"})


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """A point of the checklist: its code, whether it is met, how many things are open and what money they hold."""

    code: str
    met: bool
    count: int = 0
    amount: Decimal | None = None


def open_points(
    result: Reconciliation | None, sources: Sequence[ImportReport], decisions: Mapping[str, Decision]
) -> tuple[OpenPoint, ...]:
    """Go through the checklist, in the order of the work."""
    kinds = {source.kind for source in sources}
    points = [OpenPoint("log", "log" in kinds), OpenPoint("invoice", "invoice" in kinds)]
    refused = sum(source.refused for source in sources)
    points.append(OpenPoint("refused_rows", not refused, refused))
    if result is None:
        return tuple(points)
    warnings = [finding for finding in result.health.findings if finding.code not in _HARMLESS]
    points.append(OpenPoint("log_health", not warnings, len(warnings)))
    if "invoice" in kinds:  # without one there is nothing to decide on or to explain: what is expected is an accrual
        points += _comparison(result, decisions)
    bare = [line for line in result.differences if _is_bare(decisions.get(line.key, Decision()))]
    points.append(OpenPoint("bare_disputes", not bare, len(bare)))
    there = {line.key for line in result.differences}
    lost = [key for key in decisions if key not in there]
    points.append(OpenPoint("lost_decisions", not lost, len(lost)))
    return tuple(points)


def _comparison(result: Reconciliation, decisions: Mapping[str, Decision]) -> list[OpenPoint]:
    """Give the points of an invoice that was held against the log."""
    waiting = [
        line
        for line in result.differences
        if line.status not in SETTLED and not decisions.get(line.key, Decision()).decision
    ]
    weight = sum((abs(line.difference) for line in waiting), Decimal(0))
    return [
        OpenPoint("undecided", not waiting, len(waiting), weight),
        OpenPoint("unexplained", not (result.unexplained or result.offset), 0, result.unexplained),
    ]


def _is_bare(decision: Decision) -> bool:
    """Tell whether a line is disputed without a word about why."""
    return decision.decision == "disputed" and not decision.note

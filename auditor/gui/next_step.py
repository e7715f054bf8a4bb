"""What comes next once files are in: the other file, or the lines that differ."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.core.records import ImportReport
from auditor.core.results import SETTLED
from auditor.core.results import Reconciliation
from auditor.gui.words import Words


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step by its code: `log` or `invoice` is to be added, the lines `differ` or `agree`; and what its text names."""

    code: str
    values: Mapping[str, str]


def next_step(sources: Sequence[ImportReport], result: Reconciliation | None, words: Words) -> NextStep | None:
    """Tell what comes next; None: nothing was added yet, or something is being computed."""
    kinds = {source.kind for source in sources}
    if "log" not in kinds:
        return NextStep("log", {}) if "invoice" in kinds else None
    if result is None:
        return None
    if "invoice" not in kinds:
        return NextStep("invoice", {"amount": words.money(result.expected)})
    differing = sum(line.status not in SETTLED for line in result.differences)
    lines = words.count(len(result.differences))
    if not differing:
        return NextStep("agree", {"lines": lines})
    return NextStep(
        "differ", {"count": words.count(differing), "lines": lines, "amount": words.signed_money(result.difference)}
    )

"""What comes next once files are in: the other file, or the lines that differ."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.core.records import ImportReport
from auditor.core.results import SETTLED
from auditor.core.results import Reconciliation
from auditor.core.totals import unrated_of
from auditor.gui.words import Words


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step by its code, and what its text names.

    `log`, `invoice` or, for what is `unrated`, a rate card is to be added; or the lines `differ` or `agree`.
    """

    code: str
    values: Mapping[str, str]


def next_step(sources: Sequence[ImportReport], result: Reconciliation | None, words: Words) -> NextStep | None:
    """Tell what comes next; None: nothing was added yet, or something is being computed."""
    kinds = {source.kind for source in sources}
    if "log" not in kinds:
        return NextStep("log", {}) if "invoice" in kinds else None
    if result is None:
        return None
    unrated = unrated_of(result.cells)
    if unrated:
        currencies = dict.fromkeys(words.currency_of(cell.waba_id) for cell in unrated)
        count = words.count(sum(cell.quantity for cell in unrated))
        return NextStep("unrated", {"count": count, "currency": ", ".join(currencies)})
    if "invoice" not in kinds:
        return NextStep("invoice", {"amount": words.money(result.expected)})
    differing = sum(line.status not in SETTLED for line in result.differences)
    lines = words.count(len(result.differences))
    if not differing:
        return NextStep("agree", {"count": lines, "lines": lines})
    return NextStep(
        "differ", {"count": words.count(differing), "lines": lines, "amount": words.signed_money(result.difference)}
    )

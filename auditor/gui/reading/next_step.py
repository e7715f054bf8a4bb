"""What comes next: a word about what was handed in, the file that is still to come, or the lines that differ."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.core.results import SETTLED
from auditor.core.totals import unrated_of
from auditor.gui.context import Context

if TYPE_CHECKING:
    from auditor.core.results import Reconciliation
    from auditor.gui.opened import Opened
    from auditor.gui.words import Words

# Steps that are taken in another place than Sources, and the texts of their buttons.
LED = {"unrated": "sources.next.by_hand", "claim": "sources.next.pack", "close": "sources.next.sign"}
# A log that does not say which messages are templates has but the first.
_FREE_FORM, _TEMPLATES = "service", frozenset({"marketing", "utility", "authentication"})


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step by its code, and how it is said.

    Files are `unread`, the `side` of exchange rates is open, an `obstacle` is in the way; `log`, `invoice` or, for what
    is `unrated`, a rate card is to be added; the log is `uncategorised`; the lines `differ` or `agree`. Once all that
    differ are decided there is a `claim` to be made, or the audit to `close`.
    """

    code: str
    text: str


def next_step(context: Context, shown: Path | None = None) -> NextStep | None:
    """Tell what comes next; None: nothing was added yet, or something is being computed.

    `shown` is the file of which is asked in view how it is read: of it nothing more is said, and nothing else is next.
    """
    waits, opened, words = waiting_step(context, shown), context.workspace.opened, context.words()
    if waits is not None or opened is None or words is None or shown is not None:
        return waits
    code, values = _work(opened, words)
    return NextStep(code, context.speech.text(f"sources.next.{code}", **values)) if code else None


def waiting_step(context: Context, shown: Path | None = None) -> NextStep | None:
    """Tell what of what was handed in waits for a word of the user, said under Sources: nothing is added before."""
    workspace, say = context.workspace, context.speech.text
    unread = [path.name for path in workspace.waits.files if path != shown]
    if unread:
        return NextStep("unread", say("sources.next.unread", files=", ".join(unread)))
    if workspace.waits.two_sided is not None:
        return NextStep("side", say("sources.next.side", file=workspace.waits.two_sided.name))
    if workspace.obstacle is not None:
        return NextStep("obstacle", context.speech.error(workspace.obstacle))
    return None


def _work(opened: "Opened", words: "Words") -> tuple[str, dict[str, str]]:
    """Give the next step of the work, and what its text names."""
    kinds, result = {source.kind for source in opened.sources}, opened.result
    if "log" not in kinds:
        return ("log" if "invoice" in kinds else ""), {}
    if result is None:
        return "", {}
    unrated = unrated_of(result.cells)
    if unrated:
        currencies = dict.fromkeys(words.currency_of(cell.waba_id) for cell in unrated)
        count = words.count(sum(cell.quantity for cell in unrated))
        return "unrated", {"count": count, "currency": ", ".join(currencies)}
    if "invoice" not in kinds:
        return "invoice", {"amount": words.money(result.expected)}
    if _is_uncategorised(result):
        return "uncategorised", {}
    differing = sum(line.status not in SETTLED for line in result.differences)
    lines = words.count(len(result.differences))
    if not differing:
        return "agree", {"count": lines, "lines": lines}
    if opened.lock is None and "undecided" not in {point.code for point in opened.points if not point.met}:
        return _end(opened, result, words)
    amount = words.signed_money(result.difference)
    return "differ", {"count": words.count(differing), "lines": lines, "amount": amount}


def _end(opened: "Opened", result: "Reconciliation", words: "Words") -> tuple[str, dict[str, str]]:
    """Give the step after the last decision: to claim what is disputed, once that is done to close the audit."""
    disputed = {key for key, one in opened.decisions.items() if one.decision == "disputed"}
    claimed = [line.difference for line in result.differences if line.key in disputed]
    if not claimed or opened.packed:
        return "close", {}
    return "claim", {"count": words.count(len(claimed)), "amount": words.signed_money(sum(claimed, Decimal(0)))}


def _is_uncategorised(result: "Reconciliation") -> bool:
    """Tell whether templates are billed and the log names none: it may not say which messages are."""
    billed = {line.category for line in result.invoice_lines}
    if billed.isdisjoint(_TEMPLATES) or not result.cells:
        return False
    return all(cell.category == _FREE_FORM for cell in result.cells)

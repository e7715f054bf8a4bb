"""The open audit as a view sees it: a snapshot, since the audit itself may be used from the worker's thread only."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.core.records import Account
    from auditor.core.records import ImportReport
    from auditor.core.records import InvoiceLine
    from auditor.core.results import Fixed
    from auditor.core.results import Reconciliation
    from auditor.core.results_checks import LineFinding
    from auditor.project.store import Entry

    # The engine takes a second to load: the worker does that, while the window is already there.
    from auditor.verbs import Attachment
    from auditor.verbs import Audit
    from auditor.verbs import Decision
    from auditor.verbs import RateByHand
    from auditor.verbs.claims import Claim
    from auditor.verbs.claims import Credit
    from auditor.verbs.conditions import Condition
    from auditor.verbs.open_points import OpenPoint
    from auditor.verbs.outcome import Outcome
    from auditor.verbs.signoff import Lock
    from auditor.verbs.signoff import SignOff


@dataclass(frozen=True, slots=True)
class Recorded:
    """The figures that an audit file records of its result when it was last computed, in the audit's currency."""

    billed: Decimal
    expected: Decimal
    difference: Decimal
    unexplained: Decimal

    def same_as(self, result: "Reconciliation") -> bool:
        """Tell whether a result has these figures."""
        return all(getattr(self, name) == getattr(result, name) for name in Recorded.__slots__)


@dataclass(frozen=True, slots=True)
class Opened:
    """The audit as it was when the last job ended.

    `recorded` is what the file says came out of it, while there is no result yet. `findings`, `invoice_lines` and
    `credits` are there without a message log, too; `charged` tells whether what is behind the result need only be
    looked up, `packed` whether what is disputed stands in a claim pack already.
    """

    path: Path | None
    account: "Account"
    sources: "tuple[ImportReport, ...]"
    result: "Reconciliation | None"
    findings: "tuple[LineFinding, ...]"
    decisions: "Mapping[str, Decision]"
    undo_name: str
    redo_name: str
    undo_count: int
    redo_count: int
    rates_by_hand: "Mapping[int, RateByHand]"
    matches: frozenset[int]
    attachments: "Mapping[str, tuple[Attachment, ...]]"
    sign_offs: "tuple[SignOff, ...]"
    lock: "Lock | None"
    points: "tuple[OpenPoint, ...]"
    claims: "tuple[Claim, ...]"
    invoice_lines: "tuple[InvoiceLine, ...]"
    credits: "tuple[Credit, ...]"
    conditions: "Mapping[tuple[str, str], Condition]"
    fixed: "Fixed"
    charged: bool
    packed: bool
    recorded: "Recorded | None" = None
    # The last step in an audit that was ended before it was closed, until another one is taken.
    recovered: "Entry | None" = None


def snapshot(audit: "Audit", path: Path | None) -> Opened:
    """Give an audit as it is now (on the worker's thread)."""
    from auditor.verbs.open_points import open_points  # noqa: PLC0415 - loads the engine

    # Without a log there is nothing to hold the invoice against, whatever was computed before.
    has_log = any(source.kind == "log" for source in audit.sources)
    result = audit.result if has_log else None
    return Opened(
        path=path,
        account=audit.account,
        sources=tuple(audit.sources),
        result=result,
        findings=audit.result.line_findings if audit.result else (),
        decisions=dict(audit.decisions),
        undo_name=audit.undo_name,
        redo_name=audit.redo_name,
        undo_count=audit.undo_count,
        redo_count=audit.redo_count,
        rates_by_hand=dict(audit.rates_by_hand),
        matches=audit.matches,
        attachments=dict(audit.attachments),
        sign_offs=audit.sign_offs,
        lock=audit.lock_in_force,
        points=open_points(result, audit.sources, audit.decisions),
        claims=audit.claims,
        invoice_lines=audit.result.invoice_lines if audit.result else (),
        credits=audit.credits(),
        conditions=dict(audit.conditions),
        fixed=audit.fixed,
        charged=audit.has_charges,
        packed=audit.is_packed,
        recovered=_recovered(audit),
        recorded=_recorded(audit.kept_outcome()) if has_log and result is None else None,
    )


def _recovered(audit: "Audit") -> "Entry | None":
    """Give the last finished step of an audit that was broken off before it was opened, if nothing was done since."""
    recovered = audit.store.recovered
    return audit.journal[-1] if recovered and recovered == audit.store.digest else None


def _recorded(outcome: "Outcome | None") -> Recorded | None:
    """Give the figures of an outcome; None where there is none, or what stands there are no figures."""
    if outcome is None:
        return None
    try:
        return Recorded(**{name: Decimal(outcome[name]) for name in Recorded.__slots__})
    except (KeyError, ArithmeticError):
        return None

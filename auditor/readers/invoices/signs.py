"""The signs of an invoice's amounts, where credits have none, or charges have a minus (formats.md §4).

Credit notes and discounts are often written without a minus; a prepaid balance, and a ledger, write charges with one.
"""

from bisect import bisect_left
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import accumulate
from itertools import pairwise
from typing import NamedTuple

from auditor.core.problems import Problem
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.invoices.controls import check_controls
from auditor.readers.invoices.controls import credits_taken_off
from auditor.readers.invoices.controls import is_positive_credit
from auditor.readers.tables.layouts import Decision
from auditor.readers.values.vocabulary import may_be_credit

_CREDIT = "credit_memo"
_SUMS = frozenset({"total", "subtotal"})
_ENDS = 3


class Signed(NamedTuple):
    """Lines and totals with the signs that they mean, what was decided of them, and what stays open."""

    lines: list[InvoiceLine]
    controls: list[ControlTotal]
    decisions: list[Decision]
    remarks: list[Problem]


def settle_signs(
    lines: Sequence[InvoiceLine],
    controls: Sequence[ControlTotal],
    wording: Callable[[InvoiceLine], str],
    *,
    by_profile: bool,
) -> Signed:
    """Turn credit notes, discounts and statements of a balance; `wording` gives the words that make a line a credit.

    Charges with a minus that are not turned are remarked, unless a profile says how amounts are written.
    """
    turned = "credit_turned" if _is_positive_credit(lines) else "wallet_turned" if _is_wallet(lines) else ""
    if turned:
        return Signed(
            [replace(line, amount=-line.amount) for line in lines],
            [_turned(control) for control in controls],
            [Decision(turned)],
            [],
        )
    known, decisions = _turned_documents(lines, controls)
    settled = credits_taken_off(controls, known)
    if settled:
        count = sum(map(is_positive_credit, known))
        decisions.append(Decision("credits_taken_off", {"count": str(count)}))
        return Signed(list(settled), list(controls), decisions, [])
    section = _section_taken_off(controls, known)
    if section:
        decisions.append(Decision("section_taken_off", {"count": str(section.turned)}))
        return Signed(section.lines, section.controls, decisions, [])
    remarks = (_credits_added if _agrees(known, controls) else _signs_open)(known, wording)
    remarks += [] if by_profile else _all_negative(known)
    return Signed(known, list(controls), decisions, remarks)


def _is_positive_credit(lines: Sequence[InvoiceLine]) -> bool:
    """Tell a credit note that comes to more than nothing."""
    return {line.document_type for line in lines} == {_CREDIT} and sum(line.amount for line in lines) > 0


def _is_wallet(lines: Sequence[InvoiceLine]) -> bool:
    """Tell the statement of a prepaid balance: what is charged has a minus, what was paid in has none."""
    paid_in = [line.amount for line in lines if line.layer == Layer.TOP_UP]
    charged = [line.amount for line in lines if line.layer == Layer.META]
    return bool(paid_in and charged) and min(paid_in) > 0 and max(charged) <= 0 and min(charged) < 0


def _turned(control: ControlTotal) -> ControlTotal:
    return control if control.kind == "quantity" else replace(control, amount=-control.amount)


def _turned_documents(
    lines: Sequence[InvoiceLine], controls: Sequence[ControlTotal]
) -> tuple[list[InvoiceLine], list[Decision]]:
    """Take the credit notes among other documents as negative, where they come to more than nothing."""
    memos: dict[str, Decimal] = {}
    for line in lines:
        if line.document_type == _CREDIT:
            memos[line.document] = memos.get(line.document, Decimal(0)) + line.amount
    positive = {document for document, amount in memos.items() if amount > 0}
    if not positive or _agrees(lines, controls):
        return list(lines), []
    turned = [
        replace(line, amount=-line.amount) if line.document_type == _CREDIT and line.document in positive else line
        for line in lines
    ]
    return turned, [Decision("memos_turned", {"documents": ", ".join(sorted(positive)) or "-"})]


def _agrees(lines: Sequence[InvoiceLine], controls: Sequence[ControlTotal]) -> bool:
    """Tell whether lines as they are come to a total that the table states."""
    return any(control.kind == "total" for control in check_controls(controls, lines)[0])


class _Section(NamedTuple):
    """Lines and totals with a section of credits turned, and how many lines that has."""

    lines: list[InvoiceLine]
    controls: list[ControlTotal]
    turned: int


def _section_taken_off(controls: Sequence[ControlTotal], lines: Sequence[InvoiceLine]) -> _Section | None:
    """Turn the lines between two totals that are written without a minus, and taken off in the last total alone.

    The first total is of the lines above it, the second of the section, and the last of what the one leaves of the
    other: so a section of credits ends. None where the lines come to a total as they are, or nothing proves it.
    """
    ends = sorted((one for one in controls if one.kind in _SUMS), key=lambda one: one.source.row)
    ordered = sorted(lines, key=lambda line: line.source.row)
    rows = [line.source.row for line in ordered]
    added = [*accumulate((line.amount for line in ordered), initial=Decimal(0))]
    sums, every = {added[bisect_left(rows, one.source.row)] for one in ends}, added[-1]
    if len(ends) < _ENDS or ends[-1].amount == every or ends[0].amount not in sums:
        return None
    for before, after in pairwise(ends):
        if ends[-1].amount != every - 2 * after.amount:
            continue
        mine = {id(one) for one in lines if before.source.row < one.source.row < after.source.row}
        section = sum((line.amount for line in lines if id(line) in mine), Decimal(0))
        if section > 0 and after.amount == section:
            turned = [replace(one, amount=-one.amount) if id(one) in mine else one for one in lines]
            return _Section(turned, [_turned(one) if one is after else one for one in controls], len(mine))
    return None


def _signs_open(lines: Sequence[InvoiceLine], wording: Callable[[InvoiceLine], str]) -> list[Problem]:
    """Remark the credits without a minus of which no total settles whether they are taken off."""
    return [
        Problem("credit_sign_open", line.source, {"text": wording(line), "value": str(line.amount)})
        for line in lines
        if is_positive_credit(line) or _may_be_credit(line, wording)
    ]


def _credits_added(lines: Sequence[InvoiceLine], wording: Callable[[InvoiceLine], str]) -> list[Problem]:
    """Remark the credits of a category that the total adds: they may be what was spent and is asked for."""
    return [
        Problem("credit_added", line.source, {"text": wording(line), "value": str(line.amount)})
        for line in lines
        if line.category and is_positive_credit(line)
    ]


def _may_be_credit(line: InvoiceLine, wording: Callable[[InvoiceLine], str]) -> bool:
    """Tell a charge of no kind we know under a word that may be money given back: a bare `Abono`."""
    return line.layer == Layer.OTHER and line.amount > 0 and may_be_credit(wording(line))


def _all_negative(lines: Sequence[InvoiceLine]) -> list[Problem]:
    """Remark charges that all have a minus, in what is said to be no credit note: a ledger may write them so."""
    charges = [line for line in lines if line.layer == Layer.META and line.amount]
    noted = any(line.document_type == _CREDIT for line in charges)
    if noted or not charges or any(line.amount > 0 for line in charges):
        return []
    return [Problem("charges_negative", charges[0].source, {"count": str(len(charges))})]

"""Units that are billed beyond those of the log, or not billed of them, each at the price that is due (formats.md §8).

Such a line has no wrong price. Whether the log lacks messages or the invoice counts what was not sent nothing tells, so
that it explains nothing; where the log has nothing of a number that it should have, that is said.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from auditor.core.money import ZERO
from auditor.core.money import plain
from auditor.core.money import total
from auditor.core.reconcile import rounding_reach
from auditor.core.reconcile import tell_quantities
from auditor.core.records import Account
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Status
from auditor.core.results import Unlogged

_OF_LINES = frozenset({"log_gap", "quantity", "missing_line", "unexpected_line"})  # which say as much


def with_units_beyond(
    differences: Sequence[Difference], missing: Sequence[Unlogged], account: Account
) -> list[Difference]:
    """Offer other units at the price due for what no cause accounts for, nor one that is possible and says as much.

    Beside such a one as well where the log has nothing of a number of the account, and more units are billed.
    """
    if not tell_quantities(differences, account.currency):
        return list(differences)
    return [_told(line, missing) if _is_of_units(line, account.currency) else line for line in differences]


def _is_of_units(line: Difference, currency: str) -> bool:
    """Tell whether all that is wrong with a line is the count of its units, to within rounding."""
    if line.status == Status.NOT_COMPARABLE or not (line.lines and line.expected_quantity and line.billed_quantity):
        return False
    others = {cause.cause for cause in line.causes if cause.proof == "found"} - {"rounding"}
    off, effect = line.billed_quantity - line.expected_quantity, line.rate_effect
    right = effect is not None and abs(effect) <= rounding_reach(len(line.lines) + 1, currency)
    return right and off * line.unexplained > 0 and not others


def _told(line: Difference, missing: Sequence[Unlogged]) -> Difference:
    concerned = missing if line.unexplained > 0 else ()
    gone = [one.phone_number_id for one in concerned if one.phone_number_id and line.waba_id in {"", one.waba_id}]
    other = (one for one in line.causes if one.proof != "found")
    if not gone and any(one.amount == line.unexplained or one.cause in _OF_LINES for one in other):
        return line
    figures = {"billed": plain(line.billed_quantity or ZERO), "expected": f"{line.expected_quantity}"}
    kind = {"kind": "unlogged", "numbers": ", ".join(gone)} if gone else {"kind": "units"}
    made = CauseAmount("quantity", line.unexplained, "possible", {**figures, **kind})
    return replace(line, causes=(*line.causes, made))


def beyond_in_all(differences: Sequence[Difference]) -> CauseAmount | None:
    """Give what lines bill beyond the log at the price due together, in the words for one; None where none does."""
    found = [one for line in differences for one in line.causes if one.values.get("kind") in {"units", "unlogged"}]
    if not found:
        return None
    figures = {name: plain(total(Decimal(one.values[name]) for one in found)) for name in ("billed", "expected")}
    gone = dict.fromkeys(one.values["numbers"] for one in found if "numbers" in one.values)
    kind = {"kind": "unlogged", "numbers": ", ".join(gone)} if gone else {"kind": "units"}
    return CauseAmount("quantity", total(one.amount for one in found), "possible", {**figures, **kind})

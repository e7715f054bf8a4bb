"""Lines that nothing but rounding puts off: they are within tolerance, whatever the account allows besides.

A supplier that bills by day or by number rounds every line; compared by month, their sum is off by what each was
rounded by. That is no difference of the invoice (formats.md §8: at most half a minor unit per rounded figure).
"""

from collections.abc import Sequence
from dataclasses import replace

from auditor.core.reconcile import rounding_reach
from auditor.core.records import Account
from auditor.core.results import Difference
from auditor.core.results import Status


def settled(differences: Sequence[Difference], account: Account) -> list[Difference]:
    """Widen the tolerance of lines that are off by no more than what their figures are rounded by, and by that alone.

    What is rounded are the amounts of the invoice's lines, twice where tax is taken out of them, and what is expected.
    Another way of rounding (each unit, say) is a cause like others and leaves the line different.
    """
    figures = 2 if account.tax and account.tax.included else 1
    made = []
    for line in differences:
        reach = rounding_reach(len(line.lines) * figures + 1, account.currency)
        if line.status == Status.DIFFERENT and _only_rounded(line) and abs(line.difference) <= reach:
            made.append(replace(line, status=Status.WITHIN_TOLERANCE, tolerance=max(line.tolerance, reach)))
        else:
            made.append(line)
    return made


def _only_rounded(line: Difference) -> bool:
    found = [cause for cause in line.causes if cause.proof == "found"]
    return not line.unexplained and all(cause.cause == "rounding" and not cause.values for cause in found)

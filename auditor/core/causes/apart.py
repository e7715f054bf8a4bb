"""Lines that name no market, but the rate of each: every rate is held against the units of its own price.

Where lines of one key state the rates that tell its prices apart, each price stands for a line of its own. What is
wrong with one is then seen whatever is wrong with another, and a line that is right is not held against what the others
leave (formats.md §8).
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal

from auditor.core.causes.slips import Slips
from auditor.core.causes.stated import Stated
from auditor.core.causes.verdict import NAMED
from auditor.core.causes.verdict import WRONG
from auditor.core.causes.verdict import Part
from auditor.core.causes.verdict import Verdict
from auditor.core.causes.verdict import named
from auditor.core.money import times
from auditor.core.money import to_minor
from auditor.core.reconcile import Side

_ONE = 1  # slip under one key: of two that give themselves away nobody tells what else is wrong
_OFF = 3  # prices at most: one without a line, and one that is billed at a rate which none has


Errors = Callable[[Stated, Side], Iterable[Verdict]]
"""What may be wrong with lines of one price that says itself what it is."""


def errors_by_price(own: Stated, side: Side, slips: Slips, errors: Errors) -> list[Verdict] | None:
    """Give the account of lines of which one is wrong in a way that is named, and the others are right; else nothing.

    One price may have no line besides. None where the rates of the lines do not tell the prices apart.
    """
    by_price = own.by_price(side)
    if by_price is None:
        return None
    if len(own.off_by_price(side)) > _OFF:
        return []
    slipped: list[Verdict] = []
    missing: list[Side] = []
    for price, units in side.prices:
        due = Side(units, times(price.each, units), rates=price.rates)
        stated = slips.sums(by_price[price])
        if not stated.lines:
            missing += [due] if price.each else []
        elif not stated.fits(due):
            slipped.append(_shortest(stated, due, errors))
    for line in by_price.get(None, ()):
        stated = slips.sums([line])
        ways = {id(due): slip for due in missing if (slip := _shortest(stated, due, errors)).whole}
        slipped.append(next(iter(ways.values())) if len(ways) == _ONE else _NOT_NAMED)
        missing = [due for due in missing if id(due) not in ways]
    if max(len(slipped), len(missing)) > _ONE or not all(one.whole for one in slipped):
        return []
    found = [*slipped, *(named(NAMED, *_left_out(due, slips.currency)) for due in missing)]
    return [named(sum(one.bits for one in found), *(part for one in found for part in one.parts))] if found else []


_NOT_NAMED = Verdict(WRONG, WRONG)


def _shortest(stated: Stated, due: Side, errors: Errors) -> Verdict:
    """Give the error that accounts for the lines of one price in the fewest bits, no more than none would take."""
    found = [one for one in errors(stated, due) if one.bits < WRONG + stated.evidence(due)]
    return min(found, key=lambda one: one.bits, default=_NOT_NAMED)


def _left_out(due: Side, currency: str) -> Sequence[Part]:
    amount = to_minor(due.amount, currency)
    return [Part("missing_line", -amount)] if amount > Decimal(0) else []

"""Lines that are missing among others of one key: of one price of several, or of one template (formats.md §8)."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from auditor.core.causes.stated import Stated
from auditor.core.causes.stated import stated_of
from auditor.core.causes.verdict import NAMED
from auditor.core.causes.verdict import Part
from auditor.core.causes.verdict import Verdict
from auditor.core.causes.verdict import named
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import Side

_MANY = 10  # units that are hardly of one price by chance
_MESSAGE_LINES = 40  # of invoices that name messages each, or their recipients, templates are not looked for
Templates = Sequence[tuple[int, Decimal]]
"""The units and the amount that are due of each template, by the rules."""


def left_out(lines: Stated, side: Side, templates: Templates) -> list[Verdict]:
    """Take a line as left out where what is billed lacks exactly the units of one price of several, or of a template.

    It lacks all that are due at that price, by no other of the prices: what units come to at their average is no
    line of its own. Where the lines that are there do not state their rates it takes many: any unit that is lost
    has a price, and of a few all may have the usual one.
    """
    if lines.quantity is None or lines.quantity >= side.quantity:
        return []
    units, amount = side.quantity - lines.quantity, side.amount - lines.amount
    if not (_is_of_a_price(lines, side, units, amount) or _is_of_a_template(lines, side, amount, templates)):
        return []
    return [named(NAMED, Part("missing_line", -to_minor(amount, lines.currency)))]


def tells_templates(lines: Sequence[object], named_by: Sequence[int]) -> bool:
    """Tell whether lines may each be of one template, by what they name."""
    return 0 < len(lines) <= _MESSAGE_LINES and 0 not in named_by and len(set(named_by)) == len(lines)


def _is_of_a_price(lines: Stated, side: Side, units: Decimal, amount: Decimal) -> bool:
    if not side.prices or (not lines.rates and units < _MANY):
        return False
    stated = frozenset[Decimal]().union(*({one} & side.rates or stated_of(one, side.rates) for one in lines.rates))
    due = {price.each: count for price, count in side.prices if stated.isdisjoint(price.rates)}
    usual = side.amount / side.quantity
    near = [each for each in (*side.rates, usual) if abs(units * each - amount) <= lines.reach]
    return len(near) == 1 and due.get(near[0]) == units


def _is_of_a_template(lines: Stated, side: Side, amount: Decimal, templates: Templates) -> bool:
    """Tell whether each line bills all units of one template that the log names, and one template has no line.

    Whatever the prices are, as long as there are as many units: all of them are then scaled alike.
    """
    due = total(price for _, price in templates)
    if not tells_templates(lines.lines, [one.message for one in lines.lines]) or not due:
        return False
    if sum(units for units, _ in templates) != side.quantity:
        return False
    left = Counter(Decimal(units) for units, _ in templates if units)
    left.subtract(one.quantity for one in lines.lines if one.quantity is not None)
    if any(count < 0 for count in left.values()) or left.total() != 1:
        return False
    missing = next(units for units, count in left.items() if count)
    return any(
        units == missing and abs(side.amount * price / due - amount) <= lines.reach for units, price in templates
    )

"""The one figure by which lines that are off would be right: what is billed against what is due (formats.md §8)."""

from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Sequence
from decimal import ROUND_CEILING
from decimal import Decimal
from math import log2

from auditor.core.causes.bench import Sides
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.rates import decimals
from auditor.core.money import ZERO
from auditor.core.reconcile import Side

FACTOR_DIGITS = 12
# Bits for a factor of a part of a per cent where amounts are exchanged: of exchange rates about one in 20 comes by
# chance to the usual one times such a factor, to within rounding.
_ODD, _PER_CENT = 4.5, 2
_FEW, _AS_SHORT = 3, 9  # figures that are tried at least, and of those that are as short
BORNE_OUT = 3  # lines that say so where one or two may by chance
_CLOSE = 100  # times that a sum is more than what rounding leaves of it, where two lines are enough
_ALIKE = 2  # a factor that one line alone implies fits any amount
Ratio = tuple[Decimal, Decimal, Decimal]
"""What is billed, what is due, and how far rounding reaches."""


def bits_of(figure: Decimal, usual: Decimal) -> float:
    """Give the bits of a figure that nothing states: the more, the more decimals and the farther from the usual."""
    decimals = max(0, -int(figure.normalize().as_tuple().exponent))
    return 4.0 + decimals + log2(1 + float(abs(figure - usual).scaleb(decimals)))


def odd(factor: Decimal, *, exchanged: bool) -> float:
    """Give the bits by which a factor is less likely where an exchange rate may come to the same."""
    return _ODD if exchanged and decimals(factor) > _PER_CENT else 0.0


def ratios_of(lines: Iterable[Witness], sides: Sides, slack: Decimal, added: Sides) -> list[Ratio]:
    """Give the ratios of lines, without what is `added` to each unit whatever its price."""
    made = []
    for line in lines:
        side, more = sides[line.key], added.get(line.key, NO_SIDE)
        billed, due, reach = ratio_of(line, side, slack)
        by_unit = (billed, due) != (line.billed, side.amount)
        rest = min(more.rates, default=ZERO) if by_unit else more.amount
        made.append((billed - rest, due - rest, reach))
    return made


def ratio_of(witness: Witness, side: Side, slack: Decimal) -> Ratio:
    """Give what is billed against what is due, and how far rounding reaches: rates where a line states one.

    Rates as well where it bills other units than are due: those are wrong for a reason of their own.
    """
    stated = witness.own[0].unit_rate
    if stated and len(side.rates) == 1 and min(side.rates):
        return stated, min(side.rates), Decimal(5).scaleb(int(stated.as_tuple().exponent) - 1) + slack
    if witness.counted and witness.counted != side.quantity and len(side.rates) == 1:
        return witness.billed / witness.counted, min(side.rates), witness.last_place / abs(witness.counted) + slack
    return witness.billed, side.amount, witness.last_place + slack * side.quantity


def common_factors(lines: Sequence[Ratio], *, several: bool) -> list[Decimal]:
    """Give the shortest factor that turns most amounts into what is billed: (billed, amount, rounding), 1 apart.

    Where `several` are asked for, give the next ones too; of many that are as short those in the middle.
    """
    spans = [((billed - reach) / amount, (billed + reach) / amount) for billed, amount, reach in lines if amount > 0]
    starts, ends = sorted(span[0] for span in spans), sorted(span[1] for span in spans)
    open_at = [n + 1 - bisect_left(ends, start) for n, start in enumerate(starts)]
    most = max(open_at, default=0)
    if most < _ALIKE or 2 * most < len(spans):
        return []
    low = starts[open_at.index(most)]  # where most spans overlap, one of them begins, and the next thing is an end
    high = ends[bisect_left(ends, low)]
    found: list[Decimal] = []
    for digits in range(FACTOR_DIGITS + 1):
        step = Decimal(1).scaleb(-digits)
        first = low.quantize(step, rounding=ROUND_CEILING)
        count = max(0, int((high - first) / step) + 1) if first <= high else 0
        skipped = max(0, count - _AS_SHORT) // 2
        found += [
            one for n in range(skipped, min(count, skipped + _AS_SHORT)) if (one := first + n * step) not in found
        ]
        if len(found) >= (_FEW if several else 1):
            break
    return [factor for factor in (found if several else found[:1]) if factor > 0 and factor != 1]


def common_sums(lines: Sequence[Ratio]) -> list[Decimal]:
    """Give the sum on each unit that most lines imply, where several do or hardly any rounding is left of it."""
    found = []
    for plus in common_factors(lines, several=False):
        near = [reach / each for billed, each, reach in lines if each and abs(billed - plus * each) <= reach]
        if len(near) >= BORNE_OUT or all(_CLOSE * one <= plus for one in near):
            found.append(plus)
    return found

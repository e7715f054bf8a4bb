"""Figures that the lines imply for a share of what they bill: one number, account, market or category (formats.md §8).

Where the invoice tells a scope apart, its lines imply the figure themselves (`implied.py`). Where every line puts it
together with others, what is billed above the rest must be one factor, sum or exchange rate upon the share of each.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from functools import partial

import numpy as np

from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Sides
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.prices import implied_exchange
from auditor.core.causes.prices import implied_mark_up
from auditor.core.causes.prices import implied_sum
from auditor.core.causes.prices import other_factor
from auditor.core.causes.prices import other_plus
from auditor.core.causes.prices import unagreed
from auditor.core.causes.ratios import BORNE_OUT
from auditor.core.causes.ratios import FACTOR_DIGITS
from auditor.core.causes.ratios import bits_of
from auditor.core.causes.ratios import common_factors
from auditor.core.causes.ratios import common_sums
from auditor.core.causes.ratios import odd
from auditor.core.causes.reading import STATED
from auditor.core.causes.reading import Reading
from auditor.core.causes.screen import Float64
from auditor.core.causes.screen import Share
from auditor.core.causes.words import SINCE
from auditor.core.causes.words import UNTIL
from auditor.core.money import ZERO
from auditor.core.money import plain
from auditor.core.money import rounded
from auditor.core.records import Account
from auditor.core.records import RateRow
from auditor.core.terms import Terms

_ONE = Decimal(1)
_NEARLY = 0.02  # of what a line is over: readings that are taken already change shares a little
_LEAST = 1e-9
_MOST = 0.75  # of the lines that are off: others may be wrong besides


@dataclass(frozen=True, slots=True)
class Figure:
    """A kind of figure: the reading that one makes, the usual one, and bits by which one is less likely besides."""

    reading: Callable[[Decimal, float], Reading]
    usual: Decimal
    less_likely: Callable[[Decimal], float] = lambda _figure: 0.0
    is_sum: bool = False

    def bits(self, figure: Decimal) -> float:
        """Give the bits of a figure that nothing states."""
        return bits_of(figure, self.usual) + self.less_likely(figure)


def figures_of_prices(terms: Terms, agreed: Sequence[RateRow], exchange: Decimal) -> list[Figure]:
    """Give the kinds of figures that may be put on prices: in place of those `agreed`, and of the usual `exchange`."""
    own = {waba.currency for waba in terms.account.wabas}
    made = []
    if agreed:
        factor, plus = min((row.factor for row in agreed if row.factor), default=_ONE), max(row.plus for row in agreed)
        made.append(Figure(other_factor, factor, partial(odd, exchanged=bool(exchange))))
        made.append(Figure(other_plus, plus, is_sum=True))
    else:
        made.append(Figure(implied_mark_up, _ONE, partial(unagreed, exchanged=bool(exchange))))
        if len(own) == 1:
            made.append(Figure(partial(_sum, min(own), exchanged=bool(exchange)), ZERO, is_sum=True))
    if exchange:
        made.append(Figure(implied_exchange, exchange))
    return made


def _sum(currency: str, plus: Decimal, bits: float, *, exchanged: bool) -> Reading:
    return implied_sum(plus, currency, bits, exchanged=exchanged)


def may_serve(share: Share, over: Mapping[int, tuple[float, float]], *, mixed: bool) -> bool:
    """Tell whether one figure upon a share may account for most of what lines are `over`, each to within so much.

    It is then a factor of its amounts or a sum on its units; where contracts have both (`mixed`) it need be neither.
    Guessed from what the rules come to, generously: a replay of a scope takes longer than all of this.
    """
    at = [n for n, line in enumerate(share.lines.tolist()) if line in over]
    most = max(BORNE_OUT, _MOST * len(over))
    if len(at) < most or mixed:
        return len(at) >= most
    more, reach = np.array([over[line] for line in share.lines[at].tolist()]).T
    reach = reach + _NEARLY * np.abs(more)
    return any(_in_common(more / part, reach / part) >= most for part in (share.amounts[at], share.units[at]))


def spread(share: Share, over: Mapping[int, tuple[float, float]]) -> float:
    """Give the part of itself by which one figure upon a share misses most lines that are `over`, beyond rounding."""
    at = [n for n, line in enumerate(share.lines.tolist()) if line in over]
    most = int(np.ceil(max(BORNE_OUT, _MOST * len(over))))
    if len(at) < most:
        return np.inf
    more, reach = np.array([over[line] for line in share.lines[at].tolist()]).T
    found = []
    for part in (share.amounts[at], share.units[at]):
        figures = more / part
        middle = np.median(figures)
        left = np.maximum(np.abs(figures - middle) - reach / part, 0.0) / max(abs(middle), _LEAST)
        found.append(float(np.sort(left)[most - 1]))
    return min(found)


def _in_common(middles: Float64, reach: Float64) -> int:
    """Count the most of some intervals that have a point in common."""
    ends = np.concatenate([middles - reach, middles + reach])
    is_end = np.repeat([False, True], len(middles))
    return int(np.cumsum(np.where(is_end[np.lexsort((is_end, ends))], -1, 1)).max())


def implied_of_shares(
    bench: Bench, scope: tuple[str, str], figures: Sequence[Figure], off: Sequence[Witness], chosen: Chosen
) -> Iterator[Reading]:
    """Propose the figures by which lines that are `off` would be right: most of them, and three at least."""
    due, rest = bench.sides(chosen) or {}, _under(bench, implied_mark_up(ZERO, 0.0), scope, chosen)
    if not any(0 < rest.get(line.key, NO_SIDE).amount < due[line.key].amount for line in off):
        return  # each is all of it, or none
    for figure in figures:
        none, one = (_under(bench, figure.reading(Decimal(n), 0.0), scope, chosen) for n in (0, 1))
        ratios = []
        for line in off:
            without = none.get(line.key, NO_SIDE).amount
            more = one.get(line.key, NO_SIDE).amount - without
            ratios += [(line.billed - without, more, line.last_place)] if more > 0 else []
        for value in common_sums(ratios) if figure.is_sum else common_factors(ratios, several=False):
            right = sum(abs(billed - value * share) <= reach for billed, share, reach in ratios)
            if value != figure.usual and right >= max(BORNE_OUT, _MOST * len(off)):
                reading = figure.reading(value, figure.bits(value))
                name = scope[0] if scope[0] in {SINCE, UNTIL} else "scope"
                yield replace(reading, scope=scope, values={**reading.values, name: scope[1]})


def _under(bench: Bench, reading: Reading, scope: tuple[str, str], chosen: Chosen) -> Sides:
    return bench.sides(in_order((*chosen, replace(reading, scope=scope)))) or {}


def fees_shared_out(account: Account, due: Decimal, billed: Decimal) -> Iterator[Reading]:
    """Share a fee that the contract states for the month out over all lines, in proportion to what they come to.

    That is what is `due` there; or, whatever is wrong with the lines besides, what is `billed` without the fee.
    """
    for amount in account.fees_within(account.currency):
        for whole in dict.fromkeys((due, billed - amount)):
            if whole > 0:
                factor = rounded(1 + amount / whole, FACTOR_DIGITS)
                values = {"kind": "shared", "fee": plain(amount), "factor": plain(factor)}
                name = f"{plain(amount)} shared out at {plain(factor)}"
                made = implied_mark_up(factor, STATED + 1)
                yield replace(made, cause="provider_fee", variant=name, values=values, whole=True)


def off_of(lines: Iterable[Witness], due: Sides) -> list[Witness]:
    """Give the lines that bill something for which something else is due."""
    return [one for one in lines if one.own and due.get(one.key, NO_SIDE).amount and not one.verdict(due[one.key]).fits]


def over_of(line: Witness, due: Sides) -> tuple[float, float]:
    """Give by how much a line is over, and how far rounding puts it off."""
    return float(line.billed - due[line.key].amount), float(line.last_place)

"""Whether an invoice cuts the cents of its lines off, or rounds them up, instead of half up (formats.md §8).

Lines tell by their own units at the price that is due, however many of them are: what else is wrong moves units, and
leaves the cents of a line to its own product.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Sides
from auditor.core.causes.grain import FineGrain
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.search import PRICED
from auditor.core.causes.search import Search
from auditor.core.causes.stated import stated_of
from auditor.core.reconcile import Side
from auditor.core.records import InvoiceLine

CUT = 6.0  # bits by which an account must be shorter that takes all cents for cut off, or rounded up
_LIKELY = 8  # accounts under which it is looked for
_ROUNDING = "rounding"
_HALF = Decimal("0.5")
_MANY, _SEVERAL = 4, 2  # lines off by more than rounding makes that tell by themselves, and beside others
# Bits that each of the latter says, where one that is off by less says one by its sign; and what must be said.
_SAYS, _ENOUGH = 3, 7


class _Off(NamedTuple):
    """How many minor units a line bills above what it comes to, which is so much; its units and rate, where stated."""

    far: Decimal
    due: Decimal
    units: Decimal | None
    rate: Decimal | None


def near_what_is_billed(search: Search, best: Account) -> Iterator[Chosen]:
    """Give readings that come near what is billed, by no figure made to fit, unless one alone accounts for all.

    What the best has besides a rounding, those that price units otherwise, and of those by the same causes the nearest:
    the cents are of what these come to.
    """
    simple = len(best.chosen) < _SEVERAL and not any(one.is_solved for one in best.chosen)
    if simple and all(verdict.fits for verdict in best.verdicts.values()):
        return
    near = sorted(search.accounts.values(), key=lambda one: one.hint)
    stated = [one for one in near if not any(reading.scope or reading.is_solved for reading in one.chosen)]
    priced = (one.chosen for one in stated if any(reading.cause in PRICED for reading in one.chosen))
    nearest: dict[frozenset[str], Chosen] = {}
    for account in stated:
        nearest.setdefault(frozenset(one.cause for one in account.chosen), account.chosen)
    rest = tuple(one for one in best.chosen if one.cause != _ROUNDING and not one.is_solved)
    yield from dict.fromkeys((rest, *islice(priced, _LIKELY), *islice(nearest.values(), _LIKELY)))


def are_cut(
    own: Mapping[str, Sequence[InvoiceLine]], due: Sides, unit: Decimal, *, quantities: bool, sure: bool = False
) -> bool:
    """Tell whether lines, by the keys under which they stand, are off by up to a whole minor `unit`, all one way.

    Half of them must be off by less, some by more than rounding makes, and none the other way. A few are enough that
    state their units, where others are off the same way. Where they state no rate, that is the price due, they may have
    it of what all have in common, as of an exchange rate, or a sum on each unit, that is slightly another.
    """
    rates: dict[str, frozenset[Decimal]] = {}
    for key, side in due.items():
        rates[_priced(key)] = rates.get(_priced(key), frozenset()) | side.rates
    off = [
        one._replace(far=one.far / unit)
        for key, lines in own.items()
        for one in _off(lines, due.get(key, NO_SIDE), rates.get(_priced(key), frozenset()), quantities=quantities)
    ]
    near = [one for one in off if abs(one.far) < 1]
    one_way = all(one.far <= 0 for one in near) or all(one.far >= 0 for one in near)
    beyond = [one for one in near if abs(one.far) > _HALF]
    if not one_way or 2 * len(near) < len(own):
        return False
    told = [one for one in beyond if one.units is not None]
    within = sum(one.far != 0 for one in near) - len(beyond)
    enough = len(told) >= _SEVERAL and within + _SAYS * len(told) >= _ENOUGH
    if not sure and (len(beyond) >= _MANY or (enough and all(one.rate is not None for one in told))):
        return True
    many = enough or len(beyond) >= _MANY
    return many and not any(_in_proportion(near, [one[n] for one in near]) for n in (1, 2))


def _in_proportion(off: Sequence[_Off], sizes: Sequence[Decimal | None]) -> bool:
    """Tell whether lines may be off in proportion to their sizes, to within rounding; None is no size."""
    known = [(one.far if size > 0 else -one.far, abs(size)) for one, size in zip(off, sizes, strict=True) if size]
    least = max(((far - _HALF) / size for far, size in known), default=Decimal(1))
    return least <= min(((far + _HALF) / size for far, size in known), default=Decimal(0))


def _off(lines: Sequence[InvoiceLine], side: Side, rates: frozenset[Decimal], *, quantities: bool) -> Iterator[_Off]:
    """Give how far lines are off what their own units come to at the price that is due, there or on a line like it."""
    for line in lines:
        usual = side.rates or rates
        stated = usual if line.unit_rate is None else stated_of(line.unit_rate, usual)
        if quantities and line.quantity is not None and len(stated) == 1:
            due = line.quantity * min(stated)
            yield _Off(line.amount - due, due, line.quantity, line.unit_rate)
        elif len(lines) == 1 and side.amount and (not quantities or line.quantity in {None, side.quantity}):
            yield _Off(line.amount - side.amount, side.amount, line.quantity if quantities else None, line.unit_rate)


def _priced(key: str) -> str:
    """Give what of a key tells its price: that of units of other accounts, numbers and days is the same."""
    return FineGrain.coarse(key).split("|", 1)[1]

"""Slips of the pen that are met by chance: where many lines are off, some look like one (formats.md §8)."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from math import log2

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Bench
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.slips import MISREAD
from auditor.core.causes.slips import misread
from auditor.core.causes.stated import states
from auditor.core.causes.verdict import Part
from auditor.core.money import ZERO
from auditor.core.money import total
from auditor.core.reconcile import Side
from auditor.core.records import InvoiceLine

_SEVERAL, _FEW = 2, 3
_DAYS = 31
_ALONE = frozenset({"missing_line", "unexpected_line"})
Rates = tuple[str, str]
"""What was billed for which."""


class Chance:
    """Tells the slips of lines that others show to be none."""

    def __init__(self, bench: Bench, own: Mapping[str, Sequence[InvoiceLine]], unit: Decimal) -> None:
        """Take what is expected, the lines under each key, and the minor unit."""
        self._bench, self._own, self._unit = bench, own, unit
        # What the lines of an account come to together; each is kept with it: no other takes its place in memory.
        self._known: dict[int, tuple[Account, Sequence[str], int, AbstractSet[Rates], int]] = {}

    def met(self, parts: Sequence[Part], keys: Sequence[str], account: Account) -> bool:
        """Tell whether a rate or a count looks misread by chance: of many lines that are off some do.

        Where a rate is stated, it is no slip of a pen if other lines that stay open state others than are due as well;
        nor are several that days rounded one by one would come to, or more than a few that are no misreadings. Of
        counts those that stay open tell that are off the same way, and of a few units of a price without a line those
        of lines that are short as well. A line is not surely missing, nor unexpected, where several that stay open are
        off by as many units, either way: the log may lack what makes free, or opens, what is due there; nor where of
        what one difference is about one day lacks a line and another has one too many. Nobody works out more than a
        few products wrongly.
        """
        left, alike, odd, products = self._together(account)
        named = {part.cause for part in parts}
        if named >= _ALONE or (products > _FEW and any(map(_is_product, parts))):
            return True
        if any(self._is_as_others(off, left, account) for off in self._off(parts, keys, account)):
            return True
        if not named.isdisjoint(_ALONE) and self._is_as_small(keys, left, account):
            return True
        rates = [part for part in parts if part.cause == "rate"]
        if alike > _SEVERAL and self._is_slight(parts, keys):
            return True
        if len(odd) > _FEW and not odd.isdisjoint(_odd(parts)):
            return True
        if not left or not rates:
            return False
        if any(line.unit_rate is not None for key in keys for line in self._own.get(key, ())):
            return sum(self._is_odd(key, account) for key in left) >= _SEVERAL
        enough = MISREAD + log2(1 + len(left))
        return any(log2(2 * float(abs(one.amount) / self._unit) + 1) < enough for one in rates)

    def _together(self, account: Account) -> tuple[Sequence[str], int, AbstractSet[Rates], int]:
        """Give the lines that stay open under an account, and of the others those with rates slightly off (how many).

        Then their rates that are not misread, and how many products are worked out wrongly.
        """
        if id(account) not in self._known:
            left = [key for key, verdict in account.verdicts.items() if not verdict.whole]
            alike = sum(self._is_slight(one.parts, (key,)) for key, one in account.verdicts.items())
            every = [part for one in account.verdicts.values() for part in one.parts]
            self._known[id(account)] = account, left, alike, _odd(every), sum(map(_is_product, every))
        return self._known[id(account)][1:]

    def _is_slight(self, parts: Sequence[Part], keys: Sequence[str]) -> bool:
        """Tell whether lines have rates that are off by no more than half a minor unit for each day, or each unit."""
        rates = [part for part in parts if part.cause == "rate"]
        stated = (line.quantity or ZERO for key in keys for line in self._own.get(key, ()))
        most = max(_SEVERAL * self._unit, min(Decimal(_DAYS), total(stated)) * self._unit / 2)
        return bool(rates) and all(abs(one.amount) <= most for one in rates)

    def _off(self, parts: Sequence[Part], keys: Sequence[str], account: Account) -> list[Decimal]:
        """Give by how many units counts are misread, and lines lack what has no line of its own price among them."""
        slips = [part.values for part in parts if part.cause == "quantity"]
        off = [Decimal(values["billed"]) - Decimal(values["expected"]) for values in slips]
        if any(part.cause == "missing_line" for part in parts):
            off += [over for key in keys if (over := self._over(key, account)) < 0]
        return off

    def _is_as_others(self, off: Decimal, left: Sequence[str], account: Account) -> bool:
        """Tell whether units are off by no more than those of one of several lines would be that are off like them.

        Where more than a few lines are off, either way, they are all alike: something is wrong of which nobody knows.
        """
        overs = [over for key in left if (over := self._over(key, account))]
        alike = len(overs) if len(overs) > _FEW else sum(over * off > 0 for over in overs)
        return alike >= _SEVERAL and log2(2 * float(abs(off)) + 1) < MISREAD + log2(1 + alike)

    def _is_as_small(self, keys: Sequence[str], left: Sequence[str], account: Account) -> bool:
        """Tell whether several lines that stay open are off by no fewer units than these are that one has no line of.

        That is all that is due, or billed, alone; or what is due of one price of several, beside the others. Where more
        than a few lines stay open, one of them is enough: a day that the log lacks leaves each a unit or two off.
        """
        off = (
            abs(self._over(key, account)) if self._own.get(key) else self._side(key, account).quantity for key in keys
        )
        units = max(off, default=0)
        overs = [over for key in left if (over := abs(self._over(key, account)))]
        enough = 1 if len(overs) > _FEW else _SEVERAL
        return units > 0 and sum(over >= units for over in overs) >= enough

    def _over(self, key: str, account: Account) -> Decimal:
        """Give how many units lines state above what is due; 0 where one states none."""
        stated = [line.quantity for line in self._own.get(key, ()) if line.quantity is not None]
        if not stated or len(stated) < len(self._own[key]):
            return ZERO
        return total(stated) - self._side(key, account).quantity

    def _is_odd(self, key: str, account: Account) -> bool:
        """Tell whether lines state a rate that is not due under the readings that they stand under."""
        side = self._side(key, account)
        stated = (line.unit_rate for line in self._own.get(key, ()) if line.unit_rate is not None)
        return bool(side.quantity) and any(not states(rate, side) for rate in stated)

    def _side(self, key: str, account: Account) -> Side:
        return (self._bench.sides(account.stands[key]) or {}).get(key, NO_SIDE)


def _odd(parts: Iterable[Part]) -> AbstractSet[Rates]:
    """Give the rates that stand on no card, and are not what is due with its digits swapped or its point shifted."""
    stated = ((part.values["billed"], part.values["expected"]) for part in parts if _is_of_rate(part))
    return {one for one in stated if not misread(*map(Decimal, one))}


def _is_of_rate(part: Part) -> bool:
    return part.cause == "rate" and not _is_product(part)


def _is_product(part: Part) -> bool:
    return part.cause == "rate" and part.values.get("kind") == "product"

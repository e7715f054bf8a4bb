"""Slips of the pen that are met by chance: where many lines are off, some look like one (formats.md §8)."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from math import log2

from auditor.core.explain_account import Account
from auditor.core.explain_bench import Bench
from auditor.core.explain_lines import NO_SIDE
from auditor.core.explain_slips import MISREAD
from auditor.core.explain_stated import states
from auditor.core.explain_verdict import Part
from auditor.core.money import ZERO
from auditor.core.money import total
from auditor.core.reconcile import Side
from auditor.core.records import InvoiceLine

_SEVERAL = 2


class Chance:
    """Tells the slips of lines that others show to be none."""

    def __init__(self, bench: Bench, own: Mapping[str, Sequence[InvoiceLine]], unit: Decimal) -> None:
        """Take what is expected, the lines under each key, and the minor unit."""
        self._bench, self._own, self._unit = bench, own, unit

    def met(self, parts: Sequence[Part], keys: Sequence[str], account: Account) -> bool:
        """Tell whether a rate or a count looks misread by chance: of many lines that are off some do.

        Where a rate is stated, it is no slip of a pen if other lines that stay open state others than are due as well;
        nor are several slips of a minor unit. Of counts those that stay open tell that are off the same way.
        """
        left = [key for key, verdict in account.verdicts.items() if not verdict.whole]
        counts = [part for part in parts if part.cause == "quantity"]
        if any(self._is_short_like_others(part, left, account) for part in counts):
            return True
        rates = [part for part in parts if part.cause == "rate"]
        others = sum(any(part.cause == "rate" for part in one.parts) for one in account.verdicts.values())
        if rates and others > _SEVERAL and all(abs(one.amount) <= _SEVERAL * self._unit for one in rates):
            return True
        if not left or not rates:
            return False
        if any(line.unit_rate is not None for key in keys for line in self._own.get(key, ())):
            return sum(self._is_odd(key, account) for key in left) >= _SEVERAL
        enough = MISREAD + log2(1 + len(left))
        return any(log2(2 * float(abs(one.amount) / self._unit) + 1) < enough for one in rates)

    def _is_short_like_others(self, part: Part, left: Sequence[str], account: Account) -> bool:
        """Tell whether a count is off by no more than one of several lines would be by chance that are off like it."""
        off = Decimal(part.values["billed"]) - Decimal(part.values["expected"])
        alike = sum(self._over(key, account) * off > 0 for key in left)
        return alike >= _SEVERAL and log2(2 * float(abs(off)) + 1) < MISREAD + log2(1 + alike)

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

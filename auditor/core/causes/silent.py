"""Days on which the log has nothing of a number that is otherwise busy: it may lack them (formats.md §6, §8).

A single day at the end of a log, or a few here and there, are too little to be told for gaps by how money would move
(`health/gaps.py`), or to leave lines open as a whole (`health/unlogged.py`). They are enough to leave lines with a few
units too many, and of many readings that hold in part some bills just these.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from datetime import timedelta
from decimal import Decimal
from math import exp

from auditor.core.causes.room import names_of
from auditor.core.causes.room import within
from auditor.core.money import ZERO
from auditor.core.records import Account
from auditor.core.records import InvoiceLine

_FEWEST_DAYS = 5  # of activity: fewer make no habit
_BY_CHANCE = 0.2  # silent days of so busy a number are none
_MANY_TIMES = 3  # what is usual on so many days


class SilentDays:
    """Tells how many units lines may bill of days that the log may lack."""

    def __init__(self, per_day: Mapping[tuple[str, date], int], account: Account) -> None:
        """Take the messages of each number and local day."""
        self._account = account
        self._period = [account.first + timedelta(n) for n in range((account.last - account.first).days + 1)]
        counts: dict[str, dict[date, int]] = {}
        for (number, day), count in per_day.items():
            counts.setdefault(number, {})[day] = count
        found = {number: frozenset(self._against_habit(some)) for number, some in counts.items()}
        self._silent = {number: days for number, days in found.items() if days}
        self._of_name: dict[str, Mapping[str, Sequence[AbstractSet[date]]]] = {}

    def units(self, waba_id: str, period: str, own: Sequence[InvoiceLine], due: int) -> Decimal:
        """Give how many units of an account and month lines may bill more than are due, for what the log lacks.

        None where it has something on every day. Nobody sends on a day many times what is usual.
        """
        if not self._silent:
            return ZERO
        of_name = self._named(waba_id)
        named = [of_name.get(name, ()) for name in ({one.phone_number_id for one in own} or {""})]
        gone = max((sum(self._is_of(day, period, own) for day in days) for some in named for days in some), default=0)
        billed = sum(self._is_of(day, period, own) for day in self._period) if gone else 0
        return Decimal(_MANY_TIMES) * (Decimal(due * gone) / max(1, billed - gone) + 1) if gone else ZERO

    def _named(self, waba_id: str) -> Mapping[str, Sequence[AbstractSet[date]]]:
        """Give the silent days of numbers by what lines of an account may call each, "" for any, each days once."""
        if waba_id not in self._of_name:
            made: dict[str, dict[AbstractSet[date], None]] = {}
            for number, days in self._silent.items():
                for name in names_of(number, waba_id, self._account):
                    made.setdefault(name, {})[days] = None
            self._of_name[waba_id] = {name: tuple(some) for name, some in made.items()}
        return self._of_name[waba_id]

    @staticmethod
    def _is_of(day: date, period: str, own: Sequence[InvoiceLine]) -> bool:
        inside = not own or any(within(day, one.period_start, one.period_end) for one in own)
        return inside and period in {"", f"{day:%Y-%m}"}

    def _against_habit(self, counts: Mapping[date, int]) -> Iterator[date]:
        """Give the days of the period without a message, of which by the other days there would be none.

        A weekday on which there mostly is none is a day on which the shop is closed.
        """
        busy = [counts[day] for day in self._period if day in counts]
        if len(busy) < _FEWEST_DAYS or _empty(busy) * len(self._period) > _BY_CHANCE:
            return
        for day in self._period:
            alike = [other in counts for other in self._period if other != day and other.weekday() == day.weekday()]
            if day not in counts and 2 * sum(alike) >= len(alike):
                yield day


def _empty(busy: Sequence[int]) -> float:
    """Give the share of days without any message, where the others have so many, and differ as much."""
    mean = sum(busy) / len(busy)
    variance = sum((one - mean) ** 2 for one in busy) / (len(busy) - 1)
    if variance <= mean:
        return exp(-mean)
    return float((mean / variance) ** (mean * mean / (variance - mean)))

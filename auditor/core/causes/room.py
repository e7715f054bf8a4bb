"""How much of what a line bills may be of messages that the log lost (formats.md §6, §8).

A gap of the log widens the expected range of its numbers and days. A line that covers these may be off by as much
although nothing is wrong with it: such a line speaks neither for a cause nor against one.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from auditor.core.money import ZERO
from auditor.core.money import total
from auditor.core.reconcile import Side
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.results import Widened

Stretch = tuple[date | None, date | None, str]


@dataclass(frozen=True, slots=True)
class Room:
    """How far what is due for a line may lie below and above what the log comes to, in the invoice's currency."""

    below: Decimal = ZERO
    above: Decimal = ZERO

    def holds(self, rest: Decimal, reach: Decimal) -> bool:
        """Tell whether an amount that is billed otherwise than due may be what the log lost, to within rounding."""
        return bool(self.below or self.above) and -self.below - reach <= rest <= self.above + reach

    def holds_all(self, rests: Sequence[Decimal]) -> bool:
        """Tell whether amounts that are billed otherwise may be lost together, the one sign and the other apart."""
        more, less = total(one for one in rests if one > 0), total(one for one in rests if one < 0)
        return -self.below <= less and more <= self.above

    def holds_units(self, units: Decimal, rest: Decimal, side: Side, reach: Decimal) -> bool:
        """Tell whether units that are billed otherwise than due may be lost, at what a unit costs on that side.

        Where units have several prices others may be due than are lost, for what opens a window is lost as well; where
        none is due there is no price.
        """
        if not units or not self.holds(rest, reach):
            return False
        return len(side.rates) != 1 or abs(units * min(side.rates) - rest) <= reach


NO_ROOM = Room()


class Rooms:
    """Gives lines the room that the gaps of a log leave on their numbers and days."""

    def __init__(self, widened: Sequence[Widened], account: Account) -> None:
        """Take what gaps add to the range, by number and day."""
        self._account = account
        self._widened: dict[str, list[Widened]] = {}
        for one in widened:
            self._widened.setdefault(one.phone_number_id, []).append(one)
        self._known: dict[tuple[str, str, frozenset[Stretch]], Room] = {}

    def of(self, waba_id: str, period: str, own: Sequence[InvoiceLine]) -> Room:
        """Give the room of lines of an account and month, where either is broken down (else empty); none of no line."""
        if not self._widened or not own:
            return NO_ROOM
        stretches = frozenset((one.period_start, one.period_end, one.phone_number_id) for one in own)
        about = (waba_id, period, stretches)
        if about not in self._known:
            found = list(self._covered(*about))
            self._known[about] = Room(total(one.below for one in found), total(one.above for one in found))
        return self._known[about]

    def _covered(self, waba_id: str, period: str, stretches: frozenset[Stretch]) -> Iterator[Widened]:
        for number, some in self._widened.items():
            names = names_of(number, waba_id, self._account)
            own = [one for one in stretches if one[2] in names]
            for one in some if own else ():
                if period in {"", f"{one.day:%Y-%m}"} and any(within(one.day, *days[:2]) for days in own):
                    yield one


def unlogged(own: Sequence[InvoiceLine], logged: AbstractSet[date]) -> Room:
    """Give room for whatever lines bill of days of which the log has nothing, seen as a gap or not; else none."""
    if any(_is_logged(line, logged) for line in own):
        return NO_ROOM
    return Room(above=total(line.amount for line in own))


def is_silent(
    own: Sequence[InvoiceLine], waba_id: str, logged: Mapping[str, AbstractSet[date]], account: Account
) -> bool:
    """Tell whether the log has nothing, on all days of a line, of a number that it may bill: these it may lack."""
    return any(
        not any(within(day, line.period_start, line.period_end) for day in days)
        for number, days in logged.items()
        for line in own
        if line.phone_number_id in names_of(number, waba_id, account)
    )


def _is_logged(line: InvoiceLine, logged: AbstractSet[date]) -> bool:
    if line.period_start is None or line.period_end is None:
        return True
    return any(within(day, line.period_start, line.period_end) for day in logged)


def names_of(number: str, waba_id: str, account: Account) -> frozenset[str]:
    """Give the names by which lines of an account may bill a number, "" for none; nothing where it is another's."""
    owners = [(waba.id, known.phone) for waba in account.wabas for known in waba.numbers if known.id == number]
    if waba_id and any(waba != waba_id for waba, _ in owners):
        return frozenset()
    return frozenset({"", number, *(phone for _, phone in owners)})


def within(day: date, first: date | None, last: date | None) -> bool:
    """Tell whether a day lies in the days that a line states; in all where it states none."""
    return (first or day) <= day <= (last or day)

"""Days of the period of which the log has nothing: what is billed for them, no log can disprove (formats.md §6, §8).

An export that ends in the middle of the month, an account or a number that was left out of it: then less is expected
than was due, and any cause that bills units can be made to fit the rest. A few silent days are nobody's error, so a
stretch counts only where the account's habit makes such a silence next to impossible.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import Waba
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Unlogged

_FEWEST_DAYS = 5  # of activity: fewer make no habit
_IMPOSSIBLE = 0.001  # the chance of a silence that counts
_FEW = 0.2  # of the days that a line bills; of the lines that the log may lack days of
_MANY_TIMES = 3
_BY_THEMSELVES = frozenset({"duplicate_line"})
_MOVING = frozenset({"market", "category", "authentication_international"})  # what carries units from line to line
_DAY = timedelta(days=1)


def unlogged(
    per_day: Mapping[tuple[str, date], int], owner: Mapping[str, str], account: Account
) -> tuple[Unlogged, ...]:
    """Give the stretches of days of the period of which the log has nothing, by account, and numbers it never names.

    `per_day` has the messages of each number and local day, `owner` the account of each number.
    """
    days: dict[str, set[date]] = {}
    for number, day in per_day:
        days.setdefault(owner.get(number, ""), set()).add(day)
    known = {number for number, _ in per_day}
    return tuple(one for waba in account.wabas for one in _of_account(waba, days.get(waba.id, set()), known, account))


def _of_account(waba: Waba, active: set[date], known: set[str], account: Account) -> Iterator[Unlogged]:
    if not any(account.first <= day <= account.last for day in active):
        yield Unlogged(waba.id, "", account.first, account.last)
        return
    yield from (Unlogged(waba.id, "", *days) for days in _silent(account, active) if _is_odd(days, active))
    for number in waba.numbers:
        if number.id not in known:
            yield Unlogged(waba.id, number.id, account.first, account.last)


def _silent(account: Account, active: set[date]) -> Iterator[tuple[date, date]]:
    """Give the stretches of the period without a message."""
    for silent, days in groupby(_days(account.first, account.last), lambda day: day not in active):
        stretch = list(days)
        if silent:
            yield stretch[0], stretch[-1]


def _is_odd(stretch: tuple[date, date], active: set[date]) -> bool:
    """Tell whether so long a silence has next to no chance, by the share of the log's other days that have messages.

    One day of either kind is added to those that were seen: no habit is without exception.
    """
    if len(active) < _FEWEST_DAYS:
        return False
    first, last = min(active), max(active)
    inside = max(0, (min(last, stretch[1]) - max(first, stretch[0])).days + 1)
    others = (last - first).days + 1 - inside
    share = (len(active) + 1) / (others + 2)
    return (1 - share) ** ((stretch[1] - stretch[0]).days + 1) < _IMPOSSIBLE


def unproved(
    differences: Sequence[Difference], lines: Sequence[InvoiceLine], missing: Sequence[Unlogged], account: Account
) -> list[Difference]:
    """Leave open what is billed above the expected for days, or a number, of which the log has nothing.

    What a line says against itself stays found; every other cause is possible, and the amount unexplained. So is what
    takes away elsewhere the units that it brings to such a line. Where charging the log otherwise accounts for nearly
    every such line to the cent, that is its proof, and only the others are left open.
    """
    touched = {
        one.key
        for one in differences
        if _bills_more(one) and _may_be_of(one, [lines[place] for place in one.lines], missing, account)
    }
    open_ = {one.key for one in differences if one.key in touched and (one.unexplained or _by_default(one))}
    if len(open_) <= _FEW * len(touched):
        touched = open_
    moved = [
        (cause.cause, cause.values)
        for one in differences
        if one.key in touched
        for cause in one.causes
        if cause.cause in _MOVING and cause.proof == "found"
    ]
    return [replace(one, causes=_left_open(one)) if one.key in touched else _without(one, moved) for one in differences]


def _without(line: Difference, moved: Sequence[tuple[str, Mapping[str, str]]]) -> Difference:
    """Leave open what carries units from a line to others that are left open."""
    causes = (replace(one, proof="possible") if (one.cause, one.values) in moved else one for one in line.causes)
    return replace(line, causes=tuple(causes)) if moved else line


def _bills_more(line: Difference) -> bool:
    """Tell whether a line bills units that the log does not have; where it states none, its amount tells."""
    billed, expected = _units(line)
    return billed > expected


def _units(line: Difference) -> tuple[Decimal, Decimal]:
    if line.billed_quantity is None or line.expected_quantity is None:
        return line.billed, line.expected
    return line.billed_quantity, Decimal(line.expected_quantity)


def _by_default(line: Difference) -> bool:
    """Tell whether a line counts as unexpected only since the log has nothing that it might bill."""
    return any(cause.cause == "unexpected_line" and cause.proof == "found" for cause in line.causes)


def _left_open(line: Difference) -> tuple[CauseAmount, ...]:
    return tuple(one if one.cause in _BY_THEMSELVES else replace(one, proof="possible") for one in line.causes)


def _may_be_of(
    line: Difference, own: Sequence[InvoiceLine], missing: Sequence[Unlogged], account: Account
) -> bool:  # fmt: skip
    """Tell whether what a line bills above the expected may be of the days, or the number, that the log lacks."""
    concerned = [one for one in missing if line.waba_id in {"", one.waba_id}]
    if not concerned:
        return False
    if any(one.phone_number_id and _names(own, one.phone_number_id, account) for one in concerned):
        return True
    spans = {(one.period_start or account.first, one.period_end or account.last) for one in own}
    billed = {day for span in spans for day in _days(*span)}
    gone = billed & {day for one in concerned if not one.phone_number_id for day in _days(one.first, one.last)}
    if len(gone) > _FEW * len(billed):
        return True
    # A few days hold about their share of what the others hold, and surely not many times that.
    units, expected = _units(line)
    return bool(gone) and units - expected <= _MANY_TIMES * (expected * len(gone) / (len(billed) - len(gone)) + 1)


def _names(own: Sequence[InvoiceLine], number: str, account: Account) -> bool:
    """Tell whether lines bill a number by name, or none by name."""
    known = [one.phone for waba in account.wabas for one in waba.numbers if one.id == number]
    return any(one.phone_number_id in {"", number, *known} for one in own)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * _DAY for n in range((last - first).days + 1))

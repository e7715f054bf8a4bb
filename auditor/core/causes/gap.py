"""Gaps of the log as a possible cause: never found, and no further than the range of their days (formats.md §8)."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from auditor.core.causes.room import names_of
from auditor.core.causes.room import within
from auditor.core.money import minor_digits
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Widened

Left = dict[tuple[str, date], list[Decimal]]
"""How far each number and day may be due less, and more, for what the log lost: what is not taken yet."""


def with_gaps(
    differences: Sequence[Difference], lines: Sequence[InvoiceLine], widened: Sequence[Widened], account: Account
) -> list[Difference]:
    """Offer what the log lost for what no cause accounts for, the largest first: what one line takes no other can.

    A line that is missing, all of which may be due only for what the log lost (the start of a free window), proves
    nothing either; nor does one that is not expected, where a gap may hold it: of any number, for what was lost of all
    may be seen of one alone.
    """
    left = {(one.phone_number_id, one.day): [one.below, one.above] for one in widened}
    differences = [_open_where_undue(line, left, account) for line in differences]
    made = {}
    for line in sorted(differences, key=lambda line: -abs(line.unexplained)):
        taken = list(_taken(line, lines, left, account)) if line.unexplained and left else []
        amount = to_minor(total(part for _, part in taken), account.currency)
        if not amount:
            continue
        days = sorted({day for day, _ in taken})
        values = {"first": days[0].isoformat(), "last": days[-1].isoformat()}
        signed = amount if line.unexplained > 0 else -amount
        made[line.key] = replace(line, causes=(*line.causes, CauseAmount("log_gap", signed, "possible", values)))
    return [made.get(line.key, line) for line in differences]


def _open_where_undue(line: Difference, left: Left, account: Account) -> Difference:
    """Leave a missing line open where less may be due by as much as all of it, and one not expected where more may."""
    missing, unexpected = (_found(line, cause) for cause in ("missing_line", "unexpected_line"))
    places = [place for place in left if _covers(line, [], *place, account)]
    less = total(_whole(left[place][0], account) for place in places)
    more = total(_whole(room[1], account) for room in left.values())
    if not (not line.lines and 0 < -missing <= less) and not 0 < unexpected <= more:
        return line
    opened = {"missing_line", "unexpected_line", "rounding"} if line.lines else {one.cause for one in line.causes}
    return replace(
        line, causes=tuple(replace(one, proof="possible") if one.cause in opened else one for one in line.causes)
    )


def _found(line: Difference, cause: str) -> Decimal:
    return total(one.amount for one in line.causes if one.cause == cause and one.proof == "found")


def _taken(
    line: Difference, lines: Sequence[InvoiceLine], left: Left, account: Account
) -> Iterator[tuple[date, Decimal]]:
    """Take from the days and numbers that a line covers what it wants, as far as it reaches: each day's part."""
    wanted, side = abs(line.unexplained), int(line.unexplained > 0)
    for (number, day), room in sorted(left.items()):
        if not _covers(line, [lines[n] for n in line.lines], number, day, account):
            continue
        part = min(wanted, _whole(room[side], account))
        if part:
            room[side] -= part
            wanted -= part
            yield day, part


def _covers(line: Difference, own: Sequence[InvoiceLine], number: str, day: date, account: Account) -> bool:
    """Tell whether a line may hold what a number lost on a day."""
    names = names_of(number, line.waba_id or "", account)
    if not names or (line.period and line.period != f"{day:%Y-%m}"):
        return False
    return not own or any(within(day, one.period_start, one.period_end) and one.phone_number_id in names for one in own)


def _whole(amount: Decimal, account: Account) -> Decimal:
    """Cut an amount down to the minor unit, so that nothing is taken that is not there."""
    unit = Decimal(1).scaleb(-minor_digits(account.currency))
    return amount // unit * unit

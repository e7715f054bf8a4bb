"""What lines bill above an account, and whether the gaps of a log hold it (formats.md §6, §8)."""

from decimal import Decimal

from auditor.core.causes.account import Account
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.room import Room
from auditor.core.causes.search import Search
from auditor.core.money import ZERO


def above(search: Search, key: str, account: Account) -> Decimal:
    """Give the amount that a line bills above the readings that it stands under; 0 where it is within rounding."""
    line, stands = search.lines[key], account.stands.get(key)
    side = NO_SIDE if stands is None else (search.bench.sides(stands) or {}).get(key, NO_SIDE)
    over = line.billed - side.amount
    return over if abs(over) > line.reach else ZERO


def gaps_hold(search: Search, account: Account) -> bool:
    """Tell whether the log may have lost all together of what lines bill otherwise that it may have lost singly."""
    left = dict[Room, list[Decimal]]()
    for key, verdict in account.verdicts.items():
        if verdict.lost:
            left.setdefault(search.lines[key].room, []).append(above(search, key, account))
    return all(room.holds_all(some) for room, some in left.items())

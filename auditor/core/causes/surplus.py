"""What lines bill above an account, and whether the gaps of a log hold it (formats.md §6, §8)."""

from decimal import Decimal

from auditor.core.causes.account import Account
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.room import Room
from auditor.core.causes.search import Search
from auditor.core.money import ZERO
from auditor.core.reconcile import Side


def side_under(search: Search, key: str, account: Account) -> Side:
    """Give what is expected of a line under the readings that it stands under; nothing where it stands under none."""
    stands = account.stands.get(key)
    return NO_SIDE if stands is None else (search.bench.sides(stands) or {}).get(key, NO_SIDE)


def above(search: Search, key: str, account: Account) -> Decimal:
    """Give the amount that a line bills above the readings that it stands under; 0 where it is within rounding."""
    line = search.lines[key]
    over = line.billed - side_under(search, key, account).amount
    return over if abs(over) > line.reach else ZERO


def gaps_hold(search: Search, account: Account) -> bool:
    """Tell whether the log may have lost all together of what lines bill otherwise that it may have lost singly."""
    left = dict[Room, list[Decimal]]()
    for key, verdict in account.verdicts.items():
        if verdict.lost:
            left.setdefault(search.lines[key].room, []).append(above(search, key, account))
    return all(room.holds_all(some) for room, some in left.items())

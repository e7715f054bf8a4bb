"""Accounts of an invoice that a search weighs, and those of them that are worth carrying on (formats.md §8)."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

from auditor.core.causes.bench import Chosen
from auditor.core.causes.reading import STATED
from auditor.core.causes.reading import Reading
from auditor.core.causes.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Account:
    """How a hypothesis accounts for the invoice: its cost, and for each line the readings that show there.

    `stands` are all readings that a line is taken under, also those that show no more under the others. `hint` tells
    how near the hypothesis is to fitting more. `price` is what its readings cost where it is known which lines are
    wrong: it takes less to say for which of these a reading holds than for which of all. `partial` are the readings
    that do not hold for every line they would change, `shown` those that show at some line.
    """

    bits: float
    hint: float
    price: float
    chosen: Chosen
    holds: Mapping[str, Chosen]
    stands: Mapping[str, Chosen]
    verdicts: Mapping[str, Verdict]
    partial: frozenset[Reading] = frozenset()
    shown: frozenset[Reading] = frozenset()


NOTHING_WRONG = Account(0.0, 0.0, 0.0, (), {}, {}, {})


def leading(found: Iterable[Account], width: int) -> list[Account]:
    """Give the accounts that come nearest: half of them whatever they name, then the nearest of each set of causes.

    A figure that nothing states has so many neighbours that they would leave no room for anything else.
    """
    ordered = sorted(found, key=lambda one: one.hint)
    nearest: dict[frozenset[str], Account] = {}
    for account in ordered:
        nearest.setdefault(frozenset(one.cause for one in account.chosen), account)
    kept = ordered[: width // 2]
    return [*kept, *(one for one in nearest.values() if one not in kept)][:width]


def is_settled(account: Account, key: str) -> bool:
    """Tell whether what is billed under a key is accounted for, but for what the log may have lost."""
    return account.verdicts[key].whole or account.verdicts[key].lost


def keeps_what_is_stated(account: Account, other: Account) -> bool:
    """Tell whether another account has no figure that nothing states in the place of what the contract states."""
    stated = {one for one in account.chosen if one.bits <= STATED}
    return stated.issubset(other.chosen) or not any(one.is_implied for one in other.chosen)

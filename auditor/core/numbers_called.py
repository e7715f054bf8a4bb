"""What the business numbers of an account are called: people know them by name, auditors look them up by telephone."""

from collections import Counter

from auditor.core.records import Account
from auditor.core.records import Number


def numbers_called(account: Account) -> dict[str, str]:
    """Give, by its id, each number's name, with its telephone where others share the name; else telephone or id."""
    numbers = _numbers(account)
    shared = Counter(one.name for one in numbers)
    return {one.id: one.name if shared[one.name] == 1 and one.name else _in_full(one) for one in numbers}


def numbers_in_full(account: Account) -> dict[str, str]:
    """Give, by its id, each number's name with its telephone beside it: `Ventas (51987654321)`; else the latter."""
    return {one.id: _in_full(one) for one in _numbers(account)}


def _in_full(number: Number) -> str:
    telephone = number.phone or number.id
    return f"{number.name} ({telephone})" if number.name else telephone


def _numbers(account: Account) -> list[Number]:
    return [number for waba in account.wabas for number in waba.numbers]

"""Errors that no code of formats.md §8 covers: each must stay unexplained, under whatever name it might come near.

`uncovered_case(seed, kind)` changes what the twin bills for a month without any error. The slips of `SLIPS` are named
where a line bears them out itself (`rate`, `quantity`), and a line all of whose units are left out is missing; nothing
else may be *found*.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random

from tests.core.causes.planted import PLAIN
from tests.core.causes.planted import Books
from tests.core.causes.planted import Case
from tests.core.causes.planted import Line
from tests.core.causes.planted import Row
from tests.core.causes.planted import apart
from tests.core.causes.planted import cents
from tests.core.causes.planted import invoice
from tests.core.causes.planted import planted_case
from tests.core.causes.planted import total

SLIPS = frozenset({"rate", "quantity", "missing_line", "rounding", "unexplained"})
Counts = Callable[[Books, list[Row]], list[int]]


def _counted(case: Case, counts: Counts) -> Sequence[Line]:
    return invoice(replace(case.books, counts=(*case.books.counts, counts)), case.grain)


def _users_twice(random: Random, case: Case) -> Sequence[Line]:
    """Bill some customers twice."""
    users = sorted({row["user"] for row in case.books.rows})
    some = set(random.sample(users, max(1, len(users) // 12)))
    return _counted(case, lambda _books, rows: [1 + (row["user"] in some) for row in rows])


def _some_twice(random: Random, case: Case) -> Sequence[Line]:
    """Bill every so many-th unit twice."""
    step = random.randint(5, 13)
    return _counted(case, lambda _books, rows: [1 + (n % step == 0) for n in range(len(rows))])


def _day_left_out(random: Random, case: Case) -> Sequence[Line]:
    """Bill nothing of one day."""
    day = case.books.first.replace(day=random.randint(1, 28)).isoformat()
    return _counted(case, lambda _books, rows: [int(row["local_date"] != day) for row in rows])


def _digit(random: Random, case: Case) -> Sequence[Line]:
    """Type one digit of an amount wrong."""
    n = random.randrange(len(case.lines))
    text = list(str(case.lines[n].amount))
    place = random.choice([place for place, digit in enumerate(text) if digit.isdigit()])
    text[place] = random.choice([digit for digit in "0123456789" if digit != text[place]])
    return _with(case, {n: Decimal("".join(text))})


def _swapped(random: Random, case: Case) -> Sequence[Line]:
    """Put the amounts of two lines in each other's place."""
    one, other = random.sample(range(len(case.lines)), 2)
    return _with(case, {one: case.lines[other].amount, other: case.lines[one].amount})


def _surcharge(random: Random, case: Case) -> Sequence[Line]:
    """Put any few cents on every line."""
    return _with(case, {n: line.amount + Decimal(random.randint(1, 40)) / 100 for n, line in enumerate(case.lines)})


def _percent(random: Random, case: Case) -> Sequence[Line]:
    """Put any part of its amount on some lines."""
    some = random.sample(range(len(case.lines)), random.randint(1, max(1, len(case.lines) // 2)))
    return _with(case, {n: cents(case.lines[n].amount * (1 + Decimal(random.randint(20, 400)) / 1000)) for n in some})


def _with(case: Case, amounts: Mapping[int, Decimal]) -> Sequence[Line]:
    return [replace(line, amount=amounts.get(n, line.amount)) for n, line in enumerate(case.lines)]


UNCOVERED: Mapping[str, Callable[[Random, Case], Sequence[Line]]] = {
    "users_twice": _users_twice,
    "some_twice": _some_twice,
    "day_left_out": _day_left_out,
    "digit": _digit,
    "swapped": _swapped,
    "surcharge": _surcharge,
    "percent": _percent,
}


def uncovered_case(seed: int, kind: str) -> Case | None:
    """Make the case of a seed, without the rates; None where there is no room for the error."""
    case = planted_case(seed, [])
    if case is None or len(case.lines) < 3:
        return None
    lines = UNCOVERED[kind](Random(f"unc {seed}"), case)
    if apart(lines, case.lines) < PLAIN:
        return None
    return replace(case, lines=lines, with_rate=False, planted={"unexplained": total(lines) - total(case.lines)})

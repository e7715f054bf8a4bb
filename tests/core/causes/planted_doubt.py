"""Which planted errors no one can tell from the files: told by the twin alone, before any answer is seen.

A case is *alike* where another error in the place of one, all the others made, comes to the very same figures: another
cause, or another figure of the same by which its amount is another. Two accounts of one invoice are then both true to
all that the files say, and nothing else is at hand to choose by. The rival is made and its lines are compared with
those of the case: none is set apart because its error is small, or hard to find.

An error that shows on several lines is held against errors of its own sort (of units, of prices, or of a country in
each market of Meta's card) in all the kinds that are planted: their lines must be the same throughout. One that shows
on a single line is held against all of them, by that line alone: a biller may err on some lines and not on others
(`partly_planted`), so that the others do not speak against it.

Messages billed by conversation, as before July 2025, are billed in open windows as well: `window_utility` and `unit`
are then two halves of one error while such messages are free, and an invoice does not say whether one was made or two.
"""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from random import Random

from tests.core.causes.planted import MONTHS
from tests.core.causes.planted import PREFIXES
from tests.core.causes.planted import About
from tests.core.causes.planted import Books
from tests.core.causes.planted import Case
from tests.core.causes.planted import Line
from tests.core.causes.planted import all_but
from tests.core.causes.planted import charges
from tests.core.causes.planted import invoice
from tests.core.causes.planted import steps
from tests.core.causes.planted import total
from tests.core.causes.planted_causes import PLANTS
from tests.core.twin_tariff import Place
from tests.core.twin_tariff import meta_card
from tests.core.twin_threads import Unit

UNITS = ("month_cut", "free_allowance", "free_entry_point", "window_utility", "undelivered_billed", "duplicate_billed",
         "unit")  # fmt: skip
PRICES = ("rate_card", "card_currency", "category", "authentication_international", "tier", "mark_up", "fx", "rounding")
KINDS = {"month_cut": 6, "free_allowance": 8, "undelivered_billed": 6, "rate_card": 4, "category": 20, "tier": 4,
           "mark_up": 6, "fx": 14}  # fmt: skip
FREE_IN_WINDOWS = "message-v1"
Stated = tuple[About, int, Decimal, Decimal]


def undecidable(case: Case) -> str:
    """Say why nobody can tell what was planted: `alike` and what makes the same lines, or nothing."""
    if set(case.planted) == {"window_utility", "unit"} and _begins_in(case, FREE_IN_WINDOWS):
        return "alike: by conversation"
    due = invoice(case.books, case.grain)
    rivals = (_rival_of(case, cause, due) for cause in case.planted if cause in PLANTS)
    return next((f"alike: {rival}" for rival in rivals if rival), "")


def _begins_in(case: Case, regime: str) -> bool:
    return case.books.first.isoformat()[:7] in MONTHS[regime]


def _shown(case: Case, cause: str, due: Sequence[Line]) -> list[About]:
    """Give the lines that are otherwise with an error than without it."""
    others = {line.about: line for line in all_but(case, cause, due) or ()}
    here = {line.about: line for line in case.lines}
    return [about for about in {**others, **here} if others.get(about) != here.get(about)]


def _rival_of(case: Case, cause: str, due: Sequence[Line]) -> str:
    """Name an error by which, in the place of one, the same figures come about with other amounts."""
    order = list(case.places)
    place = order.index(cause)
    books, lines = [(case.books, due), *steps(case, order[:place], case.books, due)][-1]
    shown = _shown(case, cause, due)
    single = len(shown) == 1
    for rival, changed in _rivals(case, cause, books, shown):
        wrong = invoice(changed, case.grain)
        made = steps(case, order[place + 1 :], changed, wrong)
        if len(made) < len(order) - place - 1:
            continue
        after = made[-1][1] if made else wrong
        if single:
            same = _stated(case, after, shown) == _stated(case, case.lines, shown)
            other = rival != cause
        else:
            same = _stated(case, after) == _stated(case, case.lines)
            other = rival != cause or total(wrong) - total(lines) != case.planted[cause]
        if same and other:
            return rival
    return ""


def _stated(case: Case, lines: Sequence[Line], only: Collection[About] = ()) -> list[Stated]:
    """Give what an invoice says, or only some lines of it."""
    return sorted(
        (
            line.about,
            line.quantity if case.with_quantity else 0,
            (line.rate or Decimal(0)) if case.with_rate else Decimal(0),
            line.amount,
        )
        for line in lines
        if not only or line.about in only
    )


def _rivals(case: Case, cause: str, books: Books, shown: Sequence[About]) -> Iterator[tuple[str, Books]]:
    """Make other errors instead: of the same sort, or of either where one shows on a single line."""
    for rival in [one for sort in (UNITS, PRICES) for one in sort if len(shown) == 1 or cause in sort]:
        if rival == cause or rival not in case.places:
            made = (PLANTS[rival](Random(n), books) for n in range(KINDS.get(rival, 1)))
            yield from ((rival, one) for one in made if one is not None)
    if cause == "market" or (len(shown) == 1 and "market" not in case.places):
        yield from (("market", one) for one in _markets_mistaken(books, shown))
    if cause == "fx":
        for n in range(360, 391):
            yield cause, replace(books, convert=partial(_flat, Decimal(n) / 100))
    if cause == "mark_up" and len(books.cards) > 1:
        for n in range(100, 141):
            rows = [{**row, "factor": str(Decimal(n) / 100)} for row in books.cards[1]]
            yield cause, replace(books, cards=[books.cards[0], rows])


def _markets_mistaken(books: Books, shown: Sequence[About]) -> Iterator[Books]:
    """Count each country whose units stand on some lines in each market."""
    markets = sorted({row["market"] for row in meta_card()} - {"*"})
    names = [name for name, _ in shown[0]] if shown else []
    users = [row["user"] for row in charges(books) if tuple((name, row[name]) for name in names) in shown]
    for prefix in sorted({prefix for prefix in PREFIXES for user in users if user.startswith(prefix)}):
        for market in markets:
            yield replace(books, units=(*books.units, partial(_count_in, prefix, market)))


def _count_in(prefix: str, market: str, units: list[Unit]) -> None:
    for unit in units:
        if unit.message.user.startswith(prefix):
            unit.place = Place(market, unit.place.countries)


def _flat(rate: Decimal, _books: Books, _day: date) -> Decimal:
    return rate

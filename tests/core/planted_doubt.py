"""Which planted errors no one can tell from the files: a rule about the invoice, told before any answer is seen.

A case is *slight* where, all other errors made, one of them changes the amount of a single line by less than one unit
of the currency, no rate that the line states, and its quantity, if it states one, by no more than a single message:
some hundred readings of the rules are tried, so that some fits any such figure by chance. It is *alike* where another
cause in the place of one, or another figure of it by which its amount is another, makes the very same lines. Bills by
conversation hold utility in open windows too: both errors together are one of them.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from random import Random

from tests.core.planted import About
from tests.core.planted import Books
from tests.core.planted import Case
from tests.core.planted import Line
from tests.core.planted import all_but
from tests.core.planted import invoice
from tests.core.planted import steps
from tests.core.planted import total
from tests.core.planted_causes import PLANTS

BARE = Decimal(1)
UNITS = ("month_cut", "free_allowance", "free_entry_point", "window_utility", "undelivered_billed", "duplicate_billed",
         "unit")  # fmt: skip
PRICES = ("rate_card", "card_currency", "category", "authentication_international", "tier", "mark_up", "fx", "rounding")
KINDS = {"month_cut": 6, "free_allowance": 8, "undelivered_billed": 6, "rate_card": 4, "category": 20, "tier": 4,
           "mark_up": 6, "fx": 6}  # fmt: skip
Stated = tuple[About, int, Decimal, Decimal]


def undecidable(case: Case) -> str:
    """Say why nobody can tell what was planted: `slight`, `alike`, or nothing."""
    if set(case.planted) == {"window_utility", "unit"}:
        return "alike"
    due = invoice(case.books, case.grain)
    made = [cause for cause in case.planted if cause in PLANTS]
    if any(_is_slight(case, cause, due) for cause in made):
        return "slight"
    return "alike" if any(_has_a_rival(case, cause, due) for cause in made) else ""


def _is_slight(case: Case, cause: str, due: Sequence[Line]) -> bool:
    others = {line.about: line for line in all_but(case, cause, due) or ()}
    here = {line.about: line for line in case.lines}
    changed = [about for about in {**others, **here} if others.get(about) != here.get(about)]
    if len(changed) != 1 or changed[0] not in others or changed[0] not in here:
        return False
    before, after = others[changed[0]], here[changed[0]]
    said = case.with_quantity and abs(before.quantity - after.quantity) > 1
    said = said or (case.with_rate and before.rate != after.rate)
    return not said and abs(after.amount - before.amount) < BARE


def _has_a_rival(case: Case, cause: str, due: Sequence[Line]) -> bool:
    """Tell whether the same lines come about with another cause, or another figure, in the place of one."""
    order = list(case.places)
    place = order.index(cause)
    books, lines = [(case.books, due), *steps(case, order[:place], case.books, due)][-1]
    for rival, changed in _rivals(case, cause, books):
        wrong = invoice(changed, case.grain)
        made = steps(case, order[place + 1 :], changed, wrong)
        whole = len(made) == len(order) - place - 1
        same = whole and _stated(case, made[-1][1] if made else wrong) == _stated(case, case.lines)
        if same and (rival != cause or total(wrong) - total(lines) != case.planted[cause]):
            return True
    return False


def _stated(case: Case, lines: Sequence[Line]) -> list[Stated]:
    """Give what an invoice says."""
    return sorted(
        (
            line.about,
            line.quantity if case.with_quantity else 0,
            (line.rate or Decimal(0)) if case.with_rate else Decimal(0),
            line.amount,
        )
        for line in lines
    )


def _rivals(case: Case, cause: str, books: Books) -> Iterator[tuple[str, Books]]:
    """Make other errors of the same sort instead: of units, or of prices."""
    for rival in next((sort for sort in (UNITS, PRICES) if cause in sort), ()):
        if rival == cause or rival not in case.places:
            made = (PLANTS[rival](Random(n), books) for n in range(KINDS.get(rival, 1)))
            yield from ((rival, one) for one in made if one is not None)
    if cause == "fx":
        for n in range(360, 391):
            yield cause, replace(books, convert=partial(_flat, Decimal(n) / 100))
    if cause == "mark_up" and len(books.cards) > 1:
        for n in range(100, 141):
            rows = [{**row, "factor": str(Decimal(n) / 100)} for row in books.cards[1]]
            yield cause, replace(books, cards=[books.cards[0], rows])


def _flat(rate: Decimal, _books: Books, _day: date) -> Decimal:
    return rate

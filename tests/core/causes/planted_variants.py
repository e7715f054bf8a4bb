"""Errors that are planted in the place of the usual ones of their codes: other figures, tiers and slips."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random

from tests.core.causes.planted import Books
from tests.core.causes.planted import Line
from tests.core.causes.planted import cents
from tests.core.twin_log import Message
from tests.core.twin_tariff import Place
from tests.core.twin_threads import Thread
from tests.core.twin_threads import Unit
from tests.core.twin_till import Till

LARGER = 20  # counts of which one digit is lost or doubled: smaller ones are soon another's


def of_another_size(random: Random, books: Books) -> Books:
    """Give fewer units a month for nothing."""
    return replace(books, allowance=random.choice((100, 250, 400, 500, 900)))


class _TierReached(Till):
    """Prices all units of a month by the tier that the last of them is in."""

    reached: dict[tuple[str, str, str, str], int] | None = None

    def price_all(self, units: Sequence[Unit]) -> None:
        super().price_all(units)
        self.reached = dict(self.charged)
        self.charged.clear()
        super().price_all(units)

    def _next_ordinal(self, category: str, message: Message, place: Place) -> int | None:
        ordinal = super()._next_ordinal(category, message, place)
        if ordinal is None or self.reached is None:
            return ordinal
        counter = self._counter(category, message, place)
        return self.opening.get(counter, 0) + self.reached[counter]


def tier_reached(random: Random, books: Books) -> Books:
    """Price everything back to the first unit by the tier that was reached."""
    return replace(books, till=_TierReached)


class _EachMessage(Thread):
    """Charges each message by its own category and window, as if a conversation lasted no time."""

    def _open(self, message: Message, category: str, end: datetime) -> Unit:
        return super()._open(message, category, end if category == "referral_conversion" else message.billed)


def each_message(random: Random, books: Books) -> Books:
    """Bill every message, and not as one more of the conversation that it is in."""
    return replace(books, thread=_EachMessage)


def with_a_digit_off(
    random: Random, lines: list[Line], books: Books, with_quantity: bool, with_rate: bool
) -> list[Line] | None:
    """Lose one digit of a count, or type it twice."""
    fit = [n for n, line in enumerate(lines) if line.quantity >= LARGER and line.rate is not None]
    if not fit:
        return None
    n = random.choice(fit)
    line, text = lines[n], str(lines[n].quantity)
    place = random.randrange(len(text))
    quantity = int(text[:place] + random.choice(("", 2 * text[place])) + text[place + 1 :])
    if quantity < LARGER:
        return None
    lines[n] = replace(line, quantity=quantity, amount=cents((line.rate or Decimal(0)) * quantity))
    return lines


def at_one_rate(random: Random, books: Books) -> Books | None:
    """Exchange all of a month at one rate that no table has."""
    if not books.convert:
        return None
    rate = Decimal(random.randint(36000, 39000)) / 10000
    return replace(books, convert=lambda _books, _day: rate)


def rounded_before(random: Random, books: Books) -> Books:
    """Round the price of each unit to cents, and put a tax or a fee on that."""
    return replace(books, price=(cents, *books.price))


def category_of_one_country(
    form: str, random: Random, books: Books
) -> Books | None:  # fmt: skip
    """Bill a category of one country as another: its `units`, what is `sent` there, or its `price` alone."""
    source, target = random.sample(("marketing", "utility", "authentication"), 2)
    prefix = random.choice(sorted({row["user"][:3] for row in books.rows if row.get("template_category") == source}))
    if form == "sent":
        rows = [{**row, "template_category": target} if _is_sent(row, source, prefix) else row for row in books.rows]
        return replace(books, rows=rows)
    if form == "price":
        return replace(books, till=_priced_as(source, target, prefix))

    def change(units: list[Unit]) -> None:
        for unit in units:
            if unit.category == source and not unit.free and unit.message.user.startswith(prefix):
                unit.category = target

    return replace(books, units=(*books.units, change))


def _is_sent(row: Mapping[str, str], category: str, prefix: str) -> bool:
    return row.get("template_category") == category and row["user"].startswith(prefix)


def _priced_as(source: str, target: str, prefix: str) -> type[Till]:
    """Make a till that prices a category of one country as another, and leaves it what it is."""

    class _PricedAs(Till):
        def _charge_by_card(self, unit: Unit) -> None:
            own = unit.category
            if own == source and unit.message.user.startswith(prefix):
                unit.category = target
            super()._charge_by_card(unit)
            unit.category = own

    return _PricedAs

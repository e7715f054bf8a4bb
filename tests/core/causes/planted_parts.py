"""Errors of the usual codes made in a part of the business alone: on one day, at one number, for one template."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import partial
from random import Random
from typing import cast
from unittest.mock import patch

from tests.core.causes.planted import Books
from tests.core.causes.planted import CardRows
from tests.core.causes.planted import Case
from tests.core.causes.planted import Plant
from tests.core.causes.planted import Row
from tests.core.causes.planted import charges
from tests.core.causes.planted import planted_case
from tests.core.causes.planted_causes import AGREED
from tests.core.causes.planted_causes import PLANTS
from tests.core.twin_log import Message
from tests.core.twin_threads import ENTRY_POINT
from tests.core.twin_threads import Thread
from tests.core.twin_threads import Unit

DAY = timedelta(days=1)


def billed_again(part: str, random: Random, books: Books) -> Books | None:
    """Bill twice what one `local_date`, or one `phone_number_id`, has in the month."""
    parts = sorted({row[part] for row in charges(books) if row["amount"] and _is_of_the_month(row, books)})
    if len(parts) < 2:
        return None
    again = random.choice(parts)

    def count(_books: Books, rows: list[Row]) -> list[int]:
        return [1 + (row[part] == again) for row in rows]

    return replace(books, counts=(*books.counts, count))


def _with_templates(_random: Random, books: Books) -> Books:
    """Name two templates of each category, and send by turns the one and the other."""

    def name(row: Row) -> str:
        category = row.get("template_category", "")
        return f"{category} {int(row['message_id'].removeprefix('out')) % 2}" if category else ""

    return replace(books, rows=[{**row, "template_name": name(row)} for row in books.rows])


def template_again(random: Random, books: Books) -> Books | None:
    """Bill twice what opened, or was, a message of one template."""
    again = random.choice(sorted({row["template_name"] for row in books.rows} - {""}))
    sent = {row["message_id"] for row in books.rows if row["template_name"] == again}

    def count(_books: Books, rows: list[Row]) -> list[int]:
        return [1 + (row["unit_id"] in sent) for row in rows]

    return replace(books, counts=(*books.counts, count))


def _is_of_the_month(row: Row, books: Books) -> bool:
    return row["pricing_type"] == "regular" and books.first <= date.fromisoformat(row["local_date"]) <= books.last


def undelivered_of_one(part: str, random: Random, books: Books) -> Books | None:
    """Bill what one `phone_number_id` sent, or what was sent of one `template_category`, and never arrived."""
    lost = [row for row in books.rows if row["direction"] == "outbound" and not row.get("delivered_at") and row[part]]
    if not lost:
        return None
    billed = random.choice(sorted({row[part] for row in lost}))

    def change(row: Row) -> Row:
        return {**row, "delivered_at": row["sent_at"]} if row in lost and row[part] == billed else row

    return replace(books, rows=[change(row) for row in books.rows])


class _ShortEntryPoint(Thread):
    """Ends what is free after an ad a day after its first answer."""

    def _per_message(self, message: Message) -> None:
        super()._per_message(message)
        for entry in self.entry_points:
            entry.end = min(entry.end, entry.start + DAY)

    def _open_entry_point(self, message: Message, end: datetime) -> None:
        super()._open_entry_point(message, min(end, message.billed + DAY))


def entry_point_of_a_day(random: Random, books: Books) -> Books:
    """Give 24 hours for nothing to who came by an ad, and not 72."""
    return replace(books, thread=_ShortEntryPoint)


class _FromReferral(Thread):
    """Counts what is free after an ad from what the user wrote, and not from its first answer."""

    referred: datetime | None = None

    def _answers(self, message: Message) -> bool:
        before = set(self.answered)
        answers = super()._answers(message)
        self.referred = max(self.answered - before, default=None)
        return answers

    def _per_message(self, message: Message) -> None:
        super()._per_message(message)
        if self.referred and self.entry_points[-1].opener is message:
            self.entry_points[-1].end = self.referred + ENTRY_POINT

    def _open_entry_point(self, message: Message, end: datetime) -> None:
        super()._open_entry_point(message, end - (message.billed - (self.referred or message.billed)))


def entry_point_from_the_referral(random: Random, books: Books) -> Books:
    """Give 72 hours for nothing from when the user came by an ad, and not from when he was answered."""
    return replace(books, thread=_FromReferral)


def entry_points_as_marketing(random: Random, books: Books) -> Books:
    """Bill the conversations that an ad began as those of marketing."""

    def change(units: list[Unit]) -> None:
        for unit in units:
            if unit.category == "referral_conversion":
                unit.category, unit.free = "marketing", ""

    return replace(books, units=(*books.units, change))


def window_of_one_country(random: Random, books: Books) -> Books | None:
    """Bill utility inside the window to one country alone."""
    prefix = random.choice(sorted({row["user"][:3] for row in books.rows if row.get("template_category") == "utility"}))

    def change(units: list[Unit]) -> None:
        for unit in units:
            message = unit.message
            in_window = message.template == "utility" and unit.free == "free_customer_service"
            if in_window and not unit.reasons and message.user.startswith(prefix):
                unit.free = ""

    return replace(books, units=(*books.units, change))


def by_a_card_of_one(part: str, random: Random, books: Books) -> Books | None:
    """Price one `market`, or one `category`, by the card of the day before the month."""
    day = (books.first - DAY).isoformat()
    chosen = random.choice(sorted({row[part] for row in charges(books) if row["amount"]}))

    def of_the_day_before(card: CardRows) -> CardRows:
        held = [row for row in card if row["effective_from"] <= day <= (row.get("effective_to") or "9999")]
        before = [{**row, "effective_from": "2020-01-01", "effective_to": ""} for row in held if row[part] == chosen]
        return [*before, *(row for row in card if row[part] != chosen or not before)]

    return replace(books, cards=[of_the_day_before(card) for card in books.cards])


def days_off(random: Random, books: Books) -> Books:
    """Begin or end the month a day early or late."""
    first, last = random.choice(((0, 1), (-1, 0), (0, -1), (1, 0), (-1, -1), (1, 1)))
    return replace(books, first=books.first + first * DAY, last=books.last + last * DAY)


PARTS: Mapping[str, tuple[str, Plant]] = {  # what is done: the code that covers it, and how it is made
    "a day again": ("duplicate_billed", partial(billed_again, "local_date")),
    "a number again": ("duplicate_billed", partial(billed_again, "phone_number_id")),
    "a template again": ("duplicate_billed", template_again),
    "undelivered of a number": ("undelivered_billed", partial(undelivered_of_one, "phone_number_id")),
    "undelivered of a category": ("undelivered_billed", partial(undelivered_of_one, "template_category")),
    "a day free after an ad": ("free_entry_point", entry_point_of_a_day),
    "three days from an ad": ("free_entry_point", entry_point_from_the_referral),
    "ads as marketing": ("free_entry_point", entry_points_as_marketing),
    "the window of a country": ("window_utility", window_of_one_country),
    "an old card for a market": ("rate_card", partial(by_a_card_of_one, "market")),
    "an old card for a category": ("rate_card", partial(by_a_card_of_one, "category")),
    "a day off": ("month_cut", days_off),
}


def in_a_part(seed: int, part: str) -> Case | None:
    """Make the case of a seed with this error alone; None where there is no room for it."""
    cause, plant = PARTS[part]
    agreed = {cause: _with_templates} if plant is template_again else {}
    with (
        patch.dict(cast("dict[str, Plant]", PLANTS), {cause: plant}),
        patch.dict(cast("dict[str, Plant]", AGREED), agreed),
    ):
        return planted_case(seed, [cause])

"""Silences of a number of few customers: whole days are often empty where all comes in chats (formats.md §6)."""

from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from random import Random

from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

_LOGS = 40
_FIRST = datetime.fromisoformat("2026-10-01 09:00")


def chats(seed: int) -> list[Row]:
    """Give a complete month: 25 customers, who each chat on one to three days that follow each other."""
    draw = Random(seed)
    rows: list[Row] = []
    for customer in range(25):
        user, start = f"519870{customer:05}", _FIRST + timedelta(minutes=draw.randrange(29 * 24 * 60))
        for day in range(draw.randint(1, 3)):
            at = start + timedelta(days=day, minutes=draw.randrange(-180, 180))
            for _ in range(draw.randint(2, 6)):
                rows += wrote(f"{at:%Y-%m-%d %H:%M}", user)
                rows += sent("", draw.randint(1, 2), f"{at + timedelta(minutes=3):%Y-%m-%d %H:%M}", user)
                at += timedelta(minutes=draw.randint(5, 60))
    return rows


def test_that_empty_days_of_few_chats_are_no_gaps() -> None:
    # None should be. Five of forty are, by silences of four days and more; ten were, judged by parts of days alone.
    widened = [seed for seed in range(_LOGS) if audited(chats(seed), ()).result.health.gaps]
    assert len(widened) <= 5, widened


_SHUT = datetime.fromisoformat("2026-10-14 00:00"), datetime.fromisoformat("2026-10-14 14:00")


def steadily(*, shut: bool = False, lost: bool = False) -> list[Row]:
    """Give a message every ten minutes, delivered three hours later; once none is sent for a while, or none logged."""
    rows: list[Row] = []
    for n in range(31 * 144):
        start = datetime.fromisoformat("2026-10-01") + timedelta(minutes=10 * n)
        if shut and _SHUT[0] <= start < _SHUT[1]:
            continue
        (own,) = sent("marketing", at=str(start), user=f"5198{n % 400:07}")
        for name, at in (("sent_at", start), ("delivered_at", start + timedelta(hours=3))):
            if not (lost and _SHUT[0] <= at < _SHUT[1]):
                rows.append(own | {"sent_at": "", "delivered_at": "", name: str(at)})
    return rows


def test_that_a_silence_is_a_gap_only_where_it_leaves_what_other_days_would_have_left() -> None:
    # Of fourteen hours 84 messages at 0.10 are missing, either way: those sent in them, or those delivered in them. Of
    # any other day's, 18 are delivered in the three hours after; when nothing was sent none are, and nothing is lost.
    whole, shut, lost = (audited(rows).result for rows in (steadily(), steadily(shut=True), steadily(lost=True)))
    assert whole.expected - shut.expected == whole.expected - lost.expected == Decimal("8.40")
    assert (whole.health.gaps, shut.health.gaps) == ((), ())
    (gap,) = lost.health.gaps
    assert gap.traces > 0
    assert Decimal("8.40") <= gap.above < Decimal("16.80")

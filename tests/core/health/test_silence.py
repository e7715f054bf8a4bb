"""Silences of a number of few customers: whole days are often empty where all comes in chats (formats.md §6)."""

from datetime import datetime
from datetime import timedelta
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

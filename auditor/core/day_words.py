"""Days as a reader of a language writes them: 5/10 is May to one and October to another, so English names the month."""

from collections.abc import Callable
from datetime import date


def day_words(day: date, say: Callable[..., str]) -> str:
    """Give a day with its year; `say` gives a text of the catalogue with its places filled."""
    return say("domain.day.whole", day=day, month=say(f"domain.month_short.{day.month}"))


def short_day_words(day: date, say: Callable[..., str]) -> str:
    """Give a day without its year, which stands beside it."""
    return say("domain.day.short", day=day, month=say(f"domain.month_short.{day.month}"))

"""Hours of a log that stand in columns of their own, beside the day that they are of (formats.md §2.3)."""

from collections.abc import Mapping

from auditor.readers.sql_text import text_sql
from auditor.readers.tables.profiles import squeezed

_DAYS_AND_CLOCKS = (("fecha", "hora"), ("data", "hora"), ("date", "time"))
# A time of day alone, and a day before one, up to its minute.
_CLOCK_ALONE = "[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?"
_DAY_AND_CLOCK = "^(.*[T ])([0-2][0-9]:[0-5][0-9])(:[0-5][0-9])?$"


def clock_heads(bare: Mapping[str, str]) -> Mapping[str, str]:
    """Give the head of the hours that stand beside each head of days: `Fecha de envío` and `Hora de envío`.

    `bare` gives what each head is without a zone that it names: `Hora` of `Hora (GMT-5)`.
    """
    found = {squeezed(told): head for head, told in reversed([*bare.items()])}
    named = {
        head: found.get(squeezed(told).replace(day, clock, 1), "")
        for head, told in bare.items()
        for day, clock in _DAYS_AND_CLOCKS
        if day in squeezed(told)
    }
    return {head: clock for head, clock in named.items() if clock}


def with_clock_sql(day: str, clock: str, zone: str = "") -> str:
    """Give SQL of a day with the hour beside it, where it has none itself, and the zone that the hour's head names."""
    bare = f"regexp_replace(trim({day}), '[T ]00:00(:00)?$', '')"
    alone = f"coalesce({bare}, '') = '' OR contains({bare}, ':') OR coalesce(trim({clock}), '') = ''"
    return f"CASE WHEN {alone} THEN {day} ELSE {bare} || ' ' || trim({clock}){_behind(zone)} END"


def with_day_sql(time: str, sent: str, zone: str = "") -> str:
    """Give SQL of a time of day on the day that a message was sent, `sent` with its hour, and the zone of both.

    One before that hour is of another day, and which is not said: it stays as it is.
    """
    parts = [f"regexp_extract(trim({sent}), {text_sql(_DAY_AND_CLOCK)}, {part})" for part in (1, 2)]
    fits = f"{is_clock_sql(time)} AND left(trim({time}), 5) >= {parts[1]}"
    return f"CASE WHEN {fits} THEN {parts[0]} || trim({time}){_behind(zone)} ELSE {time} END"


def _behind(zone: str) -> str:
    return f" || {text_sql(zone)}" if zone else ""


def is_clock_sql(text: str) -> str:
    """Tell in SQL whether a text is a time of day and no more."""
    return f"regexp_full_match(trim({text}), {text_sql(_CLOCK_ALONE)})"

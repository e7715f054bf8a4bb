"""The time zones that there are."""

from functools import cache
from zoneinfo import available_timezones


@cache
def known_zones() -> frozenset[str]:
    """Give the zones there are: asking looks through folders, too slow to be done for each of a thousand WABAs."""
    return frozenset(available_timezones())

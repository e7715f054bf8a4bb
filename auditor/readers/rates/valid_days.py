"""From which day to which a title or a note says that prices hold: `Vigente desde el 1 de octubre de 2026`."""

import re
from datetime import date

from auditor.readers.rates.list_heads import VALID
from auditor.readers.values.dates import parse_day
from auditor.readers.values.dates import parse_period

ENGLISH = frozenset({"effective", "valid", "as of", "from"})
"""Words behind which a month may stand first."""
_LONGEST = 120  # the days stand right behind
_PARTS = re.compile(r"[,;(.]|\s[-\u2013\u2014|\u00b7]\s|$")


def valid_days(title: str) -> tuple[date, date | None] | None:
    """Read from which day prices hold, and to which if it is stated."""
    title = title.replace("_", " ")  # as JSON has it: `effective_from 2026-10-01`
    ends = ((title[said.end() :][:_LONGEST], said["said"].lower() in ENGLISH) for said in VALID.finditer(title))
    return next((days for rest, english in ends if (days := _days_in(rest, "" if english else "dmy"))), None)


def _days_in(rest: str, order: str) -> tuple[date, date | None] | None:
    """Read the days with which a text begins."""
    for end in reversed([part.start() for part in _PARTS.finditer(rest)]):
        text = rest[:end].strip()
        if day := parse_day(text, order):
            return day, None
        period = parse_period(text, order) if any(letter.isdigit() for letter in text) else None
        if period and period[0] < period[1]:
            return period
    return None

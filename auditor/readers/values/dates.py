"""Dates and periods as invoices write them, in three languages (formats.md §4).

A date of bare numbers can be day-first or month-first; `date_orders` says which orders a text allows, so that the
order can be decided for a whole table. Days are local dates of the invoice, a period's end is inclusive.
"""

import re
from calendar import monthrange
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from functools import cache
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

from auditor.readers.values.words import LANGUAGES
from auditor.readers.values.words import plain
from auditor.readers.values.words import small_words

ORDERS = ("dmy", "mdy", "ymd")
_FIELDS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}
_MONTHS = re.compile(
    r"([^\W\d_]{3,10})\.?\s*(?:[-\u2013/]|\s(?:a|al|to|at\u00e9)\s)\s*([^\W\d_]{3,10})\.?[\s,]*(?:del? )?(20[0-9]{2})"
)
_REMEMBERED = 1 << 14
_CENTURY = 2000
_FIRST_YEAR = 2015
_LAST_YEAR = 2099
_SERIAL_ZERO = date(1899, 12, 30)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})(?!\d)")
_EPOCH = re.compile(r"1[0-9]{9}(?:000)?")
_DAY_SECONDS = 86_400
_CLOCK = re.compile(
    r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[ap]\.? ?m\.?)?( ?(Z|UTC|GMT)| ?[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)
_RANGE = re.compile(
    r"\s+(?:-|–|—|al?|au|bis|to|hasta(?: el)?|até|ate|through|thru|y|and)\s+|\s*[–—→]\s*|\.\.+", re.IGNORECASE
)
_ISO_RANGE = re.compile(r"(?<=\d{4}-\d\d-\d\d)[/-](?=\d{4}-)")
_TIGHT_RANGE = re.compile(r"(?<=\d)-(?=\d{1,2}[/.]\d)")
_LEAD = re.compile(r"^(?:from|desde|del|de|du|dal|vom|entre|between)\s+(?:el\s+)?", re.IGNORECASE)
# A figure of a day or year stands alone, or beside a month or ordinal: `x0_17` is none. None has a hundred letters.
_MAY_BE_PERIOD = re.compile(r"(?=[^\d]*\d)[^_]{4,99}")
_SHORT_YEAR = re.compile(r"[^\W\d]+\.?[-/'’]\d\d")
# The days of a week behind its number: `Sem 41 (05/10 al 11/10/2026)`, `Week 41: 5 Oct 2026 - 11 Oct 2026`.
_NUMBERED_WEEK = re.compile(r"(?:s|sem(?:ana)?|w(?:ee)?k?|[kc]w)\.? ?\d\d?\s*[-:(,]+\s*([^()]{8,})\)?", re.IGNORECASE)
_WEEK = re.compile(r"(20\d\d)-?W(\d\d)", re.IGNORECASE)
# `Q4 2026`, `T4-2026`, `2026 Q4`, `4T2026`, `1er trimestre de 2026`, `IV trim. 2026`.
_QUARTER = re.compile(
    r"(?:Q|T)(?P<a>[1-4])[ \-/]*(?P<b>20\d\d)|(?P<d>20\d\d)[ \-/]*(?:Q|T)(?P<c>[1-4])"
    r"|(?P<e>[1-4]|I{1,3}|IV)(?:er|do|to|\.?[º°o])?\s*(?:Q|T|trim(?:estre)?)\.?\s*(?:del? )?(?P<f>20\d\d)",
    re.IGNORECASE,
)
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
_TIGHT_MONTH = re.compile(r"(?<=\d)(?=[^\W\d]{3})|(?<=[^\W\d]{3})(?=\d)")
# Both days behind one month: `October 1 - 31, 2026`.
_MONTH_FIRST = re.compile(r"([^\W\d]+\.?) (\d{1,2})\s*[-\u2013]\s*(\d{1,2},? 20\d\d)")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|º|°|er|o)\b", re.IGNORECASE)


@lru_cache(_REMEMBERED)
def date_orders(text: str, latest: int = _LAST_YEAR) -> frozenset[str]:
    """Tell which orders (`dmy`, `mdy`, `ymd`) the bare numbers of a date or range allow; all if it needs none.

    Years of two digits are 20yy and count as possible up to the year `latest`. Nobody's custom is to write the month
    first before a dot: `05.10.2026` is a day of October.
    """
    allowed = frozenset(ORDERS)
    for first, mark, second, third in _NUMERIC.findall(text):
        if len(first) < 4:
            found = {order for order in ORDERS if _is_plausible(order, (first, second, third), latest)}
            allowed &= found - {"mdy"} if mark == "." and "dmy" in found else found
    return allowed


def _is_plausible(order: str, parts: tuple[str, str, str], latest: int) -> bool:
    day = _numeric_day(order, parts)
    long_year = len(parts[2]) == 4
    if day is None or (long_year and order == "ymd"):
        return False
    return long_year or _FIRST_YEAR <= day.year <= latest


def _numeric_day(order: str, parts: tuple[str, ...]) -> date | None:
    year, month, day = (parts[place] for place in _FIELDS[order])
    return _day(int(year) + (_CENTURY if len(year) <= 2 else 0), int(month), int(day))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(_REMEMBERED)
def parse_day(value: object, order: str = "") -> date | None:
    """Read a day: a stored date, an Excel serial, an epoch in seconds or milliseconds (UTC), or a text.

    `order` is used for bare numbers; without it only those read that need none. None if it is no day.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, Decimal):
        return _counted_day(value)
    text = _CLOCK.sub("", str(value or "").strip()).strip().rstrip(".,")
    weekday, _, rest = text.partition(" ")
    # `mar. 6 oct 2026` is a Tuesday, and `Mar 6, 2026` is a day of March.
    on_weekday = _day_in(rest, order) if plain(weekday) in _weekdays() else None
    return on_weekday or _day_in(text, order)


def _day_in(text: str, order: str) -> date | None:
    if re.fullmatch(r"\d{5}(\.\d+)?|\d{10}|\d{13}", text):
        return _counted_day(Decimal(text))
    if re.fullmatch(r"(19|20)\d{6}", text):
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]))
    numeric = _NUMERIC.fullmatch(text)
    if numeric is None:
        return _named_day(text)
    parts = numeric[1], numeric[3], numeric[4]
    if len(parts[0]) == 4:
        return _day(*map(int, parts))
    return _numeric_day(order, parts) if order else None


def _counted_day(value: Decimal) -> date | None:
    """Read an Excel serial, an epoch, or eight digits year-month-day."""
    number = int(value)
    if 20_000 <= number < 80_000:
        return _SERIAL_ZERO + timedelta(days=number)
    if 19_000_101 <= number <= 20_991_231:
        return _day(number // 10_000, number // 100 % 100, number % 100)
    if 10**9 <= number < 10**10 or 10**12 <= number < 10**13:
        return datetime.fromtimestamp(number if number < 10**11 else number // 1000, tz=UTC).date()
    return None


def counted_span(first: str, last: str, zone: str) -> tuple[date, date] | None:
    """Read two epochs as the days that they span; None if they are none. An end at midnight is no part of a span.

    A day begins at the first one where that is midnight in the `zone`; else it is the day in UTC.
    """
    if not (_EPOCH.fullmatch(first) and _EPOCH.fullmatch(last)):
        return None
    start, end = (int(text[:10]) for text in (first, last))
    if end < start:
        return None
    local = datetime.fromtimestamp(start, tz=ZoneInfo(zone))
    day = (local if local.time() == time.min else datetime.fromtimestamp(start, tz=UTC)).date()
    return day, day + max(round((end - start) / _DAY_SECONDS) - 1, 0) * timedelta(days=1)


@cache
def month_names() -> dict[str, int]:
    """Give the names of the months and their abbreviations in the languages of the vocabulary."""
    names = {"sept": 9, "set": 9, "setiembre": 9, "ene": 1}
    for language in LANGUAGES:
        months = Locale(language).months
        for kind in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[kind][width].items():
                    names[plain(name)] = number
    return names


@cache
def _weekdays() -> frozenset[str]:
    """Give the names of the days of the week, whole, by their first word and abbreviated, in the same languages."""
    days = [Locale(language).days["format"][width] for language in LANGUAGES for width in ("wide", "abbreviated")]
    names = {plain(name) for named in days for name in named.values()}
    return frozenset(names | {name.split()[0] for name in names})


def _month_and_numbers(text: str) -> tuple[int, list[str]] | None:
    """Give the one month named in a text and the numbers beside it; None if there are other words."""
    words = [word for word in plain(_ORDINAL.sub("", text)).split() if word not in small_words()]
    months = [month_names()[word] for word in words if word in month_names()]
    numbers = [word for word in words if word.isdecimal()]
    if len(months) != 1 or len(months) + len(numbers) != len(words):
        return None
    return months[0], numbers


def _named_day(text: str) -> date | None:
    """Read `9 de jul de 2026`, `October 1, 2026`, `01-oct-26`, `01Oct26`, `2026 Oct 1`."""
    found = _month_and_numbers(_TIGHT_MONTH.sub(" ", text))
    if found is None or len(found[1]) != 2:
        return None
    month, (first, second) = found
    year, day = (first, second) if len(first) == 4 else (second, first)
    return _day(int(year) + (_CENTURY if len(year) <= 2 else 0), month, int(day))


def parse_month(text: str) -> tuple[int, int] | None:
    """Read a month as (year, month): `octubre 2026`, `Oct-26`, `2026-10`, `10/2026`, `202610`."""
    numeric = re.fullmatch(r"(20\d\d)[-/. ]?(0[1-9]|1[0-2])|(0?[1-9]|1[0-2])[-/. ](20\d\d)", text)
    if numeric:
        year, month = (numeric[1], numeric[2]) if numeric[1] else (numeric[4], numeric[3])
        return int(year), int(month)
    found = _month_and_numbers(text)
    if found is None or len(found[1]) != 1:
        return None
    # `Oct-26` is a month; `Oct 26` is a day of no year.
    if len(found[1][0]) != 4 and not _SHORT_YEAR.fullmatch(text):
        return None
    year = int(found[1][0])
    year = year if year > 99 else year + _CENTURY
    return (year, found[0]) if _CENTURY <= year < _CENTURY + 100 else None


@lru_cache(_REMEMBERED)
def parse_period(value: object, order: str = "") -> tuple[date, date] | None:
    """Read a period: a quarter, a month, a week, a day, or a range of them; both ends inclusive. None if it is none."""
    if not isinstance(value, str):
        day = parse_month(str(value)) if isinstance(value, Decimal) else None
        return _whole(day) if day else _same(parse_day(value))
    week = _NUMBERED_WEEK.fullmatch(value.strip())
    text = _LEAD.sub("", week[1].strip() if week else value.strip())
    single = _end(text, order) or _week(text) or parse_quarter(text) or parse_months(text)
    if single:
        return single
    within = _MONTH_FIRST.fullmatch(text)
    if within:
        return _joined(within[2], f"{within[1]} {within[3]}", order)
    for cut in (_RANGE, _ISO_RANGE, _TIGHT_RANGE):
        parts = cut.split(text)
        if len(parts) == 2:
            return _joined(parts[0].strip(), parts[1].strip(), order)
    bare = re.fullmatch(r"(\d{1,2})\s*[-\u2013]\s*(\d{1,2}\D.*)", text)
    return _joined(bare[1], bare[2], order) if bare else None


def names_period(text: str) -> bool:
    """Tell whether a text is a day or a period in any order of day, month and year: figures, and few words with them.

    Tables have millions of cells that are none.
    """
    if not _MAY_BE_PERIOD.fullmatch(text):
        return False
    return any(parse_period(text, order) for order in (ORDERS if _NUMERIC.search(text) else ORDERS[:1]))


def _joined(first: str, last: str, order: str) -> tuple[date, date] | None:
    """Join the two ends of a range; the first may leave out the month or year that the last one states."""
    end = _end(last, order)
    if end is None:
        return None
    if first.isdecimal() and len(first) <= 2:
        start = _same(_day(end[1].year, end[1].month, int(first)))
    else:
        start = _end(first, order) or next(
            (one for mark in " /-." if (one := _end(f"{first}{mark}{end[1].year}", order))), None
        )
    return (start[0], end[1]) if start and start[0] <= end[1] else None


def _end(text: str, order: str) -> tuple[date, date] | None:
    month = parse_month(text)
    return _whole(month) if month else _same(parse_day(text, order))


def _week(text: str) -> tuple[date, date] | None:
    """Read a week of ISO 8601, Monday to Sunday: `2026-W41`."""
    found = _WEEK.fullmatch(text)
    try:
        first = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None
    return (first, first + timedelta(days=6)) if first else None


def parse_quarter(text: str) -> tuple[date, date] | None:
    """Read a quarter of a year: `Q4 2026`, `1er trimestre 2026`."""
    found = _QUARTER.fullmatch(text.strip())
    if found is None:
        return None
    number, year = (found["a"] or found["c"] or found["e"]).upper(), int(found["b"] or found["d"] or found["f"])
    last = 3 * (_ROMAN.get(number) or int(number))
    return _whole((year, last - 2))[0], _whole((year, last))[1]


def parse_months(text: str) -> tuple[date, date] | None:
    """Read two months of one year, from the first of the one to the last of the other: `Ene-Mar 2025`."""
    found = _MONTHS.fullmatch(text.strip())
    first, last = (month_names().get(plain(name), 0) for name in found.groups()[:2]) if found else (0, 0)
    if not found or not 0 < first < last:
        return None
    return _whole((int(found[3]), first))[0], _whole((int(found[3]), last))[1]


def _whole(month: tuple[int, int]) -> tuple[date, date]:
    return date(*month, 1), date(*month, monthrange(*month)[1])


def _same(day: date | None) -> tuple[date, date] | None:
    return (day, day) if day else None

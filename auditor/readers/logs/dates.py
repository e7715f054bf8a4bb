"""Times of a log as people, spreadsheets and mail write them: `05/11/2026 3:15:00 p. m.`, `Mon, 05 Oct 2026 15:00`.

Whether day or month comes first is decided by all times of the table together, never by one; else by dots between
them, or by the days audited where the heads are in a language that writes the day first. Where nothing decides it, it
is asked.
"""

from collections.abc import Sequence
from datetime import date
from datetime import timedelta
from typing import NamedTuple

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.sql_text import text_sql
from auditor.readers.sql_text import with_sql

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
ORDERS = (DAY_FIRST, MONTH_FIRST)
_WRITTEN = "^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})"
_MONTHS = 12
# So many days before and behind those audited a log may go on.
_AROUND_AUDITED = timedelta(days=7)
_BLANK = "[\\s\\x{a0}\\x{202f}]"
_NOON = f"(?i)^(.*[T ][0-9:.]+){_BLANK}*([ap])[.]?{_BLANK}*m[.]?$"
_CLOCKS = ["%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p"]
_WEEKDAY = "(?i)^(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mi[eé]|jue|vie|s[aá]b|dom|seg|ter|qua|qui|sex)[^0-9 ]*[.,]* +"
_DAY_WORD = "(?i)^([0-9]{1,2})(?: +de +|[ ./-]+)([a-zç]{3,10})[.]?(?: +del? +|[ ./,-]+)([0-9]{4})"
_WORD_DAY = "(?i)^([a-zç]{3,10})[. -]+([0-9]{1,2})(?:,? +|-)([0-9]{4})"
# The months of three languages differ in their first three letters wherever they are not the same month.
_MONTH_NAMES = (
    ("jan", "ene"), ("feb", "fev"), ("mar",), ("apr", "abr"), ("may", "mai"), ("jun",),
    ("jul",), ("aug", "ago"), ("sep", "set"), ("oct", "out"), ("nov",), ("dec", "dic", "dez"),
)  # fmt: skip
# What stands between day and clock, and behind the clock.
_BETWEEN = f"(?i)^([0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}})(?:,|{_BLANK}|-|a las|às|at|@|T)+([0-9]{{1,2}}[:.])"
_BEHIND = f"(?i){_BLANK}*(?:\\([^()]*\\)|h|hs|hrs[.]?|horas)$"
_OFFSET = f"(?i){_BLANK}*(?:GMT|UTC)([+-][0-9])"
_SERIAL = "^[45][0-9]{4}([.,][0-9]+)?$"
_FIRST_SERIAL, _SECONDS = 25_569, 86_400  # of 1970-01-01, as a spreadsheet counts days
_PLAIN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.,]+)?(Z|[+-][0-9:]+)?$|^[0-9]{6,}$"
_BY_PEOPLE = "|".join((_WRITTEN, _NOON, _DAY_WORD, _WORD_DAY, f"{_WEEKDAY}[a-z0-9]", _SERIAL))


class Order(NamedTuple):
    """An order in which times are written (empty: none is needed), and what tells it if not all of them: a word."""

    order: str = ""
    by: str = ""


def written_order(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    cells: Sequence[str],
    place: Place,
    audited: tuple[date, date] | None = None,
) -> Order:
    """Give the order in which the times in `cells` (SQL of text columns of `source`) are written.

    `audited` days are given where the heads are in a language that writes the day first. Raises `AuditorError`:
    `dates_ambiguous`, `dates_conflict`.
    """
    if not cells:
        return Order()
    each = " UNION ALL ".join(f"SELECT trim({cell}) AS t FROM {source}" for cell in cells)
    first, second, year = (f"regexp_extract(t, {text_sql(_WRITTEN)}, {part})::INTEGER" for part in (1, 2, 3))
    dotted = "bool_and(regexp_matches(t, '^[0-9]+[.][0-9]+[.]'))"
    inside = ", ".join(_inside_sql(one, audited) for one in ("(y, b, a)", "(y, a, b)"))
    found = connection.execute(
        f"SELECT max(a), arg_max(t, a), max(b), arg_max(t, b), {dotted}, {inside} "
        f"FROM (SELECT t, {first} AS a, {second} AS b, {year} AS y FROM ({each}) "
        f"WHERE regexp_matches(t, {text_sql(_WRITTEN)}))"
    ).fetchone()
    if found is None or found[0] is None:
        return Order()
    by_day, by_month = found[0] > _MONTHS, found[2] > _MONTHS
    if by_day and by_month:
        raise AuditorError("dates_conflict", place, value=found[3])
    if by_day or by_month:
        return Order(DAY_FIRST if by_day else MONTH_FIRST)
    if found[4]:  # nobody writes dots behind a month that comes first
        return Order(DAY_FIRST, "_dotted")
    if found[5] and not found[6]:
        return Order(DAY_FIRST, "_audited")
    raise AuditorError("dates_ambiguous", place, value=found[1])


def _inside_sql(written: str, audited: tuple[date, date] | None) -> str:
    """Tell in SQL whether all days, as their year, month and day, are within those audited or a week around them."""
    if audited is None:
        return "false"
    first, last = audited
    first, last = max(first, date.min + _AROUND_AUDITED), min(last, date.max - _AROUND_AUDITED)
    ends = ((day.year, day.month, day.day) for day in (first - _AROUND_AUDITED, last + _AROUND_AUDITED))
    return f"bool_and({written} BETWEEN {' AND '.join(map(str, ends))})"


def by_people_sql(text: str) -> str:
    """Give SQL that tells a time as people and spreadsheets write it from one that a program writes for another."""
    return f"regexp_matches(trim({text}), {text_sql(_BY_PEOPLE)})"


def written_sql(text: str, order: str) -> str:
    """Give SQL of a time with the year first, its month a number and its hours up to 24, where it is written otherwise.

    `order` is that of days and months which are both numbers; empty: these stay as they are.
    """
    named = (
        f"CASE WHEN {_matches('b', _DAY_WORD)} THEN {_spelt('b', _DAY_WORD, 1, 2)} "
        f"WHEN {_matches('b', _WORD_DAY)} THEN {_spelt('b', _WORD_DAY, 2, 1)} ELSE {_turned('b', order)} END"
    )
    tidy = with_sql(f"regexp_replace(t, {text_sql(_WEEKDAY)}, '')", "b", named)
    for pattern, by in ((_BEHIND, ""), (_OFFSET, "\\1"), (_BETWEEN, "\\1 \\2")):
        tidy = f"regexp_replace({tidy}, {text_sql(pattern)}, '{by}')"
    whole = f"(TRY_CAST(replace(t, ',', '.') AS DOUBLE) - {_FIRST_SERIAL}) * {_SECONDS}"
    counted = f"strftime(make_timestamp(round({whole})::BIGINT * 1000000), '%Y-%m-%d %H:%M:%S')"
    read = (
        f"CASE WHEN {_matches('t', _PLAIN)} THEN t WHEN {_matches('t', _SERIAL)} THEN {counted} "
        f"ELSE {with_sql(tidy, 'h', _halved('h'))} END"
    )
    return with_sql(text, "t", read)


def _matches(text: str, pattern: str) -> str:
    return f"regexp_matches({text}, {text_sql(pattern)})"


def _turned(text: str, order: str) -> str:
    if order not in ORDERS:
        return text
    month, day = ("\\2", "\\1") if order == DAY_FIRST else ("\\1", "\\2")
    return f"regexp_replace({text}, {text_sql(_WRITTEN)}, '\\3-{month}-{day}')"


def _spelt(text: str, pattern: str, day: int, name: int) -> str:
    """Give a day whose month is a word with a number for it; one whose word is no month stays as it is."""
    word = f"lower(regexp_extract({text}, {text_sql(pattern)}, {name})[:3])"
    cases = " ".join(
        f"WHEN {text_sql(begin)} THEN '{number:02}'" for number, names in enumerate(_MONTH_NAMES, 1) for begin in names
    )
    year, number = (f"regexp_extract({text}, {text_sql(pattern)}, {part})" for part in (3, day))
    rest = f"regexp_replace({text}, {text_sql(pattern)}, '')"
    return f"coalesce({year} || '-' || CASE {word} {cases} END || '-' || {number} || {rest}, {text})"


def _halved(text: str) -> str:
    """Give a time of a clock of twelve hours as one of 24."""
    noon = f"regexp_replace({text}, {text_sql(_NOON)}, '\\1 \\2m')"
    clocks = ", ".join(map(text_sql, _CLOCKS))
    halved = f"strftime(try_strptime({noon}, [{clocks}]), '%Y-%m-%d %H:%M:%S')"
    return f"CASE WHEN {_matches(text, _NOON)} THEN coalesce({halved}, {text}) ELSE {text} END"

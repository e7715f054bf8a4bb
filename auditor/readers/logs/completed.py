"""Columns of a log that complete others: the hour of a day, the zone of times, the dial code of a number (§2.3)."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import NOTHING
from auditor.core.records import Account
from auditor.readers.logs.clocks import is_clock_sql
from auditor.readers.logs.clocks import with_clock_sql
from auditor.readers.logs.clocks import with_day_sql
from auditor.readers.logs.dates import Order
from auditor.readers.logs.dates import written_order
from auditor.readers.logs.faults import TIMES
from auditor.readers.logs.heads import zone_named
from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.words import SENT
from auditor.readers.logs.words import clocks_beside
from auditor.readers.logs.words import dial_head
from auditor.readers.logs.words import letters_headed
from auditor.readers.logs.words import zone_head
from auditor.readers.logs.words import zone_headed
from auditor.readers.sql_text import text_sql
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import squeezed
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_USER, _COUNTRY = "user", "country"
# More zones than these no log is of.
_MOST_ZONES = 64
_CODE = "^(?:[+]|00)?[1-9][0-9]{0,3}$"


class Completed(NamedTuple):
    """A log's table with its columns completed: the SQL of each column's text, and of the zone behind a row's times.

    `helps` gives, by head, the field that a column helped to tell.
    """

    profile: Profile
    texts: Mapping[str, str]
    zone: str = ""
    helps: Mapping[str, str] = NOTHING


def completed(
    staging: Staging, heads: Sequence[str], texts: Mapping[str, str], source: str, profile: Profile, place: Place
) -> Completed:
    """Complete the columns of a table; `texts` are the SQL of each column's text, `source` of the table.

    Raises `AuditorError`: `log_zone_open`.
    """
    clocks = clocks_beside(heads)
    _refuse_open_zones(profile, heads, clocks, staging.account, place)
    connection = staging.connection
    few = f"(SELECT * FROM {source} LIMIT {FIRST_ROWS})"
    fields = {squeezed(one.head): one.field for one in reversed(profile.columns)}
    helps = {clock: fields[squeezed(day)] for day, clock in clocks.items() if squeezed(day) in fields}
    zones = {day: "" if zone_headed(day) else zone_headed(clock) for day, clock in clocks.items()}
    told = {**texts, **{day: with_clock_sql(texts[day], texts[clock]) for day, clock in clocks.items()}}
    told = {**_with_days(connection, told, few, profile, zones)}
    told |= {day: with_clock_sql(texts[day], texts[clocks[day]], zone) for day, zone in zones.items()}
    zone = zone_head(heads)
    dial = dial_head(heads)
    users = [one.head for one in profile.columns if one.field == _USER and one.head in told]
    if dial and len({*users}) == 1 and _are_codes(connection, texts[dial], few):
        told = {**told, users[0]: _with_code(connection, told[users[0]], texts[dial], few)}
        own = (one for one in profile.columns if not (one.field == _COUNTRY and one.head == dial))
        profile = replace(profile, columns=tuple(own))
        helps[dial] = _USER
    if not zone or profile.zone or any(one.head == zone for one in profile.columns):
        return Completed(profile, told, helps=helps)
    return Completed(profile, told, _zone_sql(connection, texts[zone], source), {**helps, zone: SENT})


def _with_days(
    connection: duckdb.DuckDBPyConnection,
    told: Mapping[str, str],
    few: str,
    profile: Profile,
    zones: Mapping[str, str],
) -> Mapping[str, str]:
    """Give the SQL of each column's text with times of day on the day of their row.

    `zones` gives what the hours beside heads of days are of. A time of another zone may be of another day.
    """
    by_field = {one.field: one.head for one in reversed(profile.columns) if one.field in TIMES and one.head in told}
    sent = by_field.pop(SENT, "")
    zone = zones.get(sent, "") or zone_headed(sent)
    others = [head for head in dict.fromkeys(by_field.values()) if sent and head not in (sent, *zones)]
    others = [head for head in others if zone_headed(head) in ("", zone)]
    if not others:
        return told
    tests = ", ".join(f"coalesce(bool_or({is_clock_sql(told[head])}), false)" for head in others)
    found = connection.execute(f"SELECT {tests} FROM {few}").fetchall()[0]
    bare = [head for head, alone in zip(others, found, strict=True) if alone]
    return {**told, **{head: with_day_sql(told[head], told[sent], "" if zone_headed(head) else zone) for head in bare}}


def _are_codes(connection: duckdb.DuckDBPyConnection, code: str, few: str) -> bool:
    """Tell a column of dial codes from one of the names or letters of countries."""
    filled = f"nullif(trim({code}), '')"
    found = connection.execute(f"SELECT bool_and(regexp_matches({filled}, {text_sql(_CODE)})) FROM {few}").fetchall()
    return bool(found[0][0])


def _with_code(connection: duckdb.DuckDBPyConnection, number: str, code: str, few: str) -> str:
    """Give SQL of a number with the dial code that stands beside it, where it has none itself.

    Whether one that begins with the figures of its code has it is told by most of the first numbers.
    """
    digits, figures = (f"regexp_replace({text}, '[^0-9]', '', 'g')" for text in (number, code))
    figures = f"regexp_replace({figures}, '^00', '')"
    begun = f"starts_with({digits}, {figures})"
    most = connection.execute(f"SELECT avg(({begun})::INTEGER) > 0.5 FROM {few} WHERE {figures} <> ''").fetchall()[0][0]
    whole = (
        f"regexp_matches(trim({number}), '^([+]|00)') OR coalesce({figures}, '') = '' OR coalesce({digits}, '') = ''"
    )
    whole += f" OR {begun}" if most else ""
    return f"CASE WHEN {whole} THEN {number} ELSE {figures} || regexp_replace({digits}, '^0+', '') END"


def _zone_sql(connection: duckdb.DuckDBPyConnection, cell: str, source: str) -> str:
    """Give SQL of what a row's zone is called behind a time; one that nobody knows as it stands, to be refused."""
    said = f"nullif(trim({cell}), '')"
    found = connection.execute(f"SELECT DISTINCT {said} FROM {source} LIMIT {_MOST_ZONES}").fetchall()
    known = {text: zone for (text,) in found if text and (zone := zone_named(text))}
    cases = " ".join(f"WHEN {text_sql(text)} THEN {text_sql(f' {zone}')}" for text, zone in known.items())
    return f"CASE {said} {cases} ELSE coalesce(' ' || {said}, '') END" if cases else f"coalesce(' ' || {said}, '')"


def _refuse_open_zones(
    profile: Profile, heads: Sequence[str], clocks: Mapping[str, str], account: Account, place: Place
) -> None:
    """Raise `log_zone_open` for a head of times with letters that may be of several zones: `Sent At (IST)`.

    They are those of the account's own zone, if its clock is called so in winter or summer.
    """
    times = {squeezed(one.head) for one in profile.columns if one.field in TIMES} | {*map(squeezed, clocks.values())}
    zones = {ZoneInfo(waba.time_zone) for waba in account.wabas}
    days = [datetime(account.last.year, month, 1, tzinfo=zone) for month in (1, 7) for zone in zones]
    own = {day.tzname() for day in days}
    for head in heads:
        letters = letters_headed(head)
        if letters and letters not in own and squeezed(head) in times and not profile.zone:
            raise AuditorError("log_zone_open", replace(place, column=head), zone=letters)


def in_order(
    profile: Profile, texts: Mapping[str, str], staging: Staging, source: str, place: Place
) -> tuple[Profile, Order]:
    """Say of each column of times in which order they are written, where the profile leaves it open; and this order.

    Raises `AuditorError`: `dates_ambiguous`, `dates_conflict`.
    """
    by_head = {squeezed(head): sql for head, sql in texts.items()}
    open_ = [one for one in profile.columns if one.field in TIMES and not one.dates and squeezed(one.head) in by_head]
    cells = list(dict.fromkeys(by_head[squeezed(one.head)] for one in open_))
    words = {word for head in texts for word in key(head).split()}
    audited = (staging.account.first, staging.account.last)
    language = None if words.isdisjoint(lists("day_first")["words"]) else audited
    found = (
        Order(staging.dates, "_stated")
        if staging.dates
        else written_order(staging.connection, source, cells, place, language)
    )
    if not found.order:
        return profile, found
    columns = [replace(one, dates=found.order) if one in open_ else one for one in profile.columns]
    return replace(profile, columns=tuple(columns)), found

"""Finding the heads of a message log below its titles, and the zone and number that these state (formats.md §4)."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

from auditor.core.problems import Said
from auditor.core.records import NOTHING
from auditor.core.records import Account
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.faults import REQUIRED
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.words import speaks_of_messages
from auditor.readers.logs.words import spoken_fields
from auditor.readers.logs.words import told_fields
from auditor.readers.tables.headers import named_column
from auditor.readers.tables.identity import digits
from auditor.readers.tables.profile_files import load_profiles
from auditor.readers.tables.profiles import LOG
from auditor.readers.tables.profiles import fitting
from auditor.readers.values.words import exact
from auditor.readers.values.words import key
from auditor.readers.values.zones import known_zones

ROWS_LOOKED_AT = 20
_ZONE = re.compile(r"\b(?:zona horaria|huso horario|fuso hor[aá]rio|time ?zone)\b\W*(?P<said>.+)", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[0-9](?:[ ().-]?[0-9]){6,}")
# What may tell the business's number in each row.
_NUMBERED = frozenset({"phone_number_id", "from", "to"})
_OFFSET = re.compile(r"\(?(?:UTC|GMT)\s*(?:(?P<sign>[+\-\u2212])0?(?P<hours>1?[0-9])(?::?00)?)?\b")


class LogHeads:
    """What a log's heads are known by: our own names or people's, a profile, or the columns that a person states."""

    def __init__(self, named: Sequence[str] = (), mapping: Mapping[str, str] = NOTHING) -> None:
        """Take the profiles named, by name or file, and the columns stated. Raises as `load_profiles` does."""
        self._mapping = mapping
        self._profiles = load_profiles(named)

    def are(self, row: Sequence[str]) -> bool:
        """Tell whether a row holds the heads of a log."""
        if self._mapping:
            columns = [named_column(row, name) for name in self._mapping]
            return all(column and row[column - 1].strip() for column in columns)
        known = set(REQUIRED) <= {*canonical_heads(row)} or fitting(self._profiles, row, (LOG,)) is not None
        return known or speaks_of_messages(row)

    def place(self, rows: Sequence[Sequence[str]]) -> int:
        """Give the place of the heads among the first rows; failing them, of the row that comes closest, or 0."""
        looked_at = rows[:ROWS_LOOKED_AT]
        found = next((place for place, row in enumerate(looked_at) if self.are(row)), None)
        if found is not None:
            return found
        known = [len(spoken_fields(row)) for row in looked_at]
        return known.index(max(known)) if known else 0


def zone_above(rows: Sequence[Sequence[str]]) -> str:
    """Give the zone that titles say all times below are of, by its name, place or offset; empty if they say none."""
    said = (_ZONE.search(" ".join(filter(None, row))) for row in rows)
    return next((zone for found in said if found and (zone := zone_named(found["said"]))), "")


def below_titles(
    staging: Staging, rows: Sequence[Sequence[str]], heads: Sequence[str]
) -> tuple[Staging, tuple[Said, ...]]:
    """Give the staging with what titles state of all rows below, the zone of times and the number, and what to say."""
    before, account = staging.account, _of_one_number(rows, heads, staging.account)
    numbers = [number for waba in account.wabas for number in waba.numbers]
    said = [Said("reading_logs.decisions.number_above", {"number": one.phone or one.id}) for one in numbers]
    staging = replace(staging, zone=staging.zone or zone_above(rows), account=account)
    return staging, tuple(said if account is not before else ())


def _of_one_number(rows: Sequence[Sequence[str]], heads: Sequence[str], account: Account) -> Account:
    """Give the account with no number but the one that titles name, for a log without a column of such numbers.

    As it stands where they name none or several, by id or phone.
    """
    known = {told: number for waba in account.wabas for number in waba.numbers for told in (number.id, number.phone)}
    by_digits = {digits(told): number for told, number in known.items() if digits(told)}
    stated = {digits(found) for row in rows for cell in row for found in _NUMBER.findall(cell)}
    named = {*map(by_digits.get, stated & by_digits.keys())}
    if len(named) != 1 or not told_fields(heads).isdisjoint(_NUMBERED):
        return account
    wabas = (replace(waba, numbers=tuple(one for one in waba.numbers if one in named)) for waba in account.wabas)
    return replace(account, wabas=tuple(waba for waba in wabas if waba.numbers))


def zone_named(text: str) -> str:
    """Give the zone that a text names or begins with: by its name, a place of our clocks, or an offset; else empty."""
    said = text.strip()
    by_name = next((word for word in re.split(r"[\s()]+", said) if word in known_zones() and "/" in word), "")
    offset = _OFFSET.match(said)
    if by_name or not offset:
        return by_name or exact(key(said), "clocks")
    sign, hours = offset["sign"], offset["hours"]
    # Such a name counts from there to Greenwich.
    return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if sign else "UTC"

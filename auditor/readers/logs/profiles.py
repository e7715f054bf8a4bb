"""Message logs of other platforms: a profile of the kind `log` as SQL over the table's own columns (formats.md §2.3).

A column may feed several fields, each in the rows that its condition allows; rules put in what a platform does not
write, or leave rows out; a business number that is written as a phone is matched with the account.
"""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import NOTHING
from auditor.core.records import Account
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.readers.logs.cell_words import DIRECTION
from auditor.readers.logs.cell_words import words_of_cells
from auditor.readers.logs.columns import AROUND
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.dates import written_sql
from auditor.readers.logs.faults import AMOUNTS
from auditor.readers.logs.faults import TIMES
from auditor.readers.logs.instants import is_epoch_sql
from auditor.readers.logs.instants import states_zone_sql
from auditor.readers.logs.words import UTC
from auditor.readers.logs.words import lacking
from auditor.readers.logs.words import spoken_columns
from auditor.readers.logs.words import spoken_fields
from auditor.readers.logs.words import zone_headed
from auditor.readers.sql_text import text_sql
from auditor.readers.sql_text import with_sql
from auditor.readers.tables.column_types import check_type
from auditor.readers.tables.column_types import types_of
from auditor.readers.tables.headers import named_column
from auditor.readers.tables.identity import digits
from auditor.readers.tables.profile_files import IGNORE
from auditor.readers.tables.profile_files import known_fields
from auditor.readers.tables.profile_files import load_profiles
from auditor.readers.tables.profile_files import write_profile
from auditor.readers.tables.profiles import LOG
from auditor.readers.tables.profiles import Conditions
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import ProfileColumn
from auditor.readers.tables.profiles import fingerprint
from auditor.readers.tables.profiles import fitting
from auditor.readers.tables.profiles import squeezed
from auditor.readers.values.types import DATE
from auditor.readers.values.types import NUMBER
from auditor.readers.values.types import TEXT
from auditor.readers.values.types import mark_of
from auditor.readers.values.types import order_of

_FIELDS = frozenset(MESSAGE_COLUMNS) - {"source_row"}
_NUMBER, _ID, _SENT = "phone_number_id", "message_id", "sent_at"


@dataclass(frozen=True, slots=True)
class ProfiledLog:
    """How a platform's table becomes a message log: SQL of each field, and of whether a row is left out.

    `used` are the heads that something is read from.
    """

    profile: Profile
    fields: Mapping[str, str]
    left_out: str
    used: frozenset[str]


def log_profile(heads: Sequence[str], named: Sequence[str], *, canonical: bool) -> Profile | None:
    """Give the profile that knows a log by its heads: those named go before the user's, and the user's before ours.

    A log with our own columns is read with a profile only if one is named for it, or was saved for these very heads.
    Raises as `load_profiles` does.
    """
    known = load_profiles(named)
    if canonical:
        known = (*known[: len(named)], *(one for one in known[len(named) :] if one.fingerprint))
    found = fitting(known, heads, (LOG,))
    if found and not found.fingerprint:  # one of a platform, whose logs may have got a column more
        found = _with_others(found, heads)
    return found and replace(found, missing=tuple(dict.fromkeys((*found.missing, *_absent(found, heads)))))


def _with_others(profile: Profile, heads: Sequence[str]) -> Profile:
    """Add the columns whose heads tell what logs of the platform mostly lack: `TemplateCategory` in one of Twilio."""
    known = {squeezed(one.head) for one in profile.columns}
    spoken = {name: head for name, head in spoken_fields(heads).items() if squeezed(head) not in known}
    others = tuple(ProfileColumn(spoken[name], name) for name in profile.missing if name in spoken)
    missing = tuple(name for name in profile.missing if name not in spoken)
    values = {**{one.field: words_of_cells().get(one.field, NOTHING) for one in others}, **profile.values}
    return replace(profile, columns=(*profile.columns, *others), missing=missing, values=values)


def _absent(profile: Profile, heads: Sequence[str]) -> Iterator[str]:
    """Name what a profile has columns for and this table none, of what charges depend on."""
    there = {squeezed(head) for head in heads}
    told = {name: False for name in lacking(()) if any(one.field == name for one in profile.columns)}
    told |= {one.field: True for one in profile.columns if one.field in told and squeezed(one.head) in there}
    yield from (name for name, is_there in told.items() if not is_there)


def stated_profile(known: Profile | None, heads: Sequence[str], mapping: Mapping[str, str], place: Place) -> Profile:
    """Make the profile of a log whose columns a person states; the others mean what they would without that.

    Raises `AuditorError`: `map_unknown_field`, `map_unknown_column`, `log_column_twice`.
    """
    stated = [ProfileColumn(_head(heads, name, place), field) for name, field in mapping.items()]
    fields = known_fields(LOG)
    for name, field in mapping.items():
        if field not in fields:
            raise AuditorError("map_unknown_field", place, column=name, field=field, known=", ".join(sorted(fields)))
    names = zip(heads, canonical_heads(heads), strict=True)
    others = known.columns if known else [ProfileColumn(head, name) for head, name in names if name]
    if known is None:
        said = {one.field for one in others}
        others = [*others, *(one for one in spoken_columns(heads) if one.field not in said)]
    heads_stated, fields_stated = {squeezed(one.head) for one in stated}, {one.field for one in stated}
    kept = [one for one in others if squeezed(one.head) not in heads_stated and one.field not in fields_stated]
    columns = (*(one for one in stated if one.field != IGNORE), *kept)
    twice = [field for field, count in Counter(one.field for one in columns if not one.when).items() if count > 1]
    if twice and known is None:
        raise AuditorError("log_column_twice", place, column=twice[0])
    own = known or Profile("", "", (), LOG, values=words_of_cells())
    missing = own.missing
    if not own.name:  # what is stated is not to be supposed
        constants = {field: text for field, text in own.constants.items() if field not in fields_stated}
        rules = tuple(rule for rule in own.rules if fields_stated.isdisjoint(rule.put))
        own = replace(own, constants=constants, rules=rules)
        missing = (*lacking(columns), *(name for name in missing if name in {DIRECTION, _ID} - fields_stated))
    return replace(own, name="", fingerprint=fingerprint(heads), heads=(), columns=columns, missing=missing)


def typed_profile(profile: Profile, heads: Sequence[str], types: Mapping[str, str], place: Place) -> Profile:
    """Give a profile with what a person states of how columns are written: the order of dates, the decimal mark.

    Raises as `check_type` does.
    """
    stated = {squeezed(heads[column - 1]): one for column, one in types_of(heads, types).items()}
    columns = []
    for column in profile.columns:
        one = stated.get(squeezed(column.head), "")
        check_type(column.head, one, kind_of_field(column.field), replace(place, column=column.head))
        dates, decimal = order_of(one) or column.dates, mark_of(one) or column.decimal
        columns.append(replace(column, dates=dates, decimal=decimal))
    return replace(profile, name="" if stated else profile.name, columns=tuple(columns))


def kind_of_field(field: str) -> str:
    """Give what the texts of a field are."""
    return DATE if field in TIMES else NUMBER if field in AMOUNTS else TEXT


def _head(heads: Sequence[str], name: str, place: Place) -> str:
    """Find a column by head or letter. One whose head stands over another column, too, cannot be told from it."""
    column = named_column(heads, name)
    if not column:
        raise AuditorError("map_unknown_column", place, column=name, seen=", ".join(filter(None, heads))[:500])
    head = heads[column - 1]
    if sum(squeezed(one) == squeezed(head) for one in heads) > 1:
        raise AuditorError("log_column_twice", place, column=head or name)
    return head


def kept_profile(profile: Profile | None, heads: Sequence[str], zone: str, encoding: str) -> Profile | None:
    """Give what is to be kept of how a log was read: of one with our own columns, what is stated of zone or letters."""
    if profile is None and not (zone or encoding):
        return None
    own = profile or stated_profile(None, heads, NOTHING, Place(""))
    return replace(own, zone=zone or own.zone, encoding=encoding or own.encoding)


def save_log_profile(name: str, profile: Profile) -> Path:
    """Save the profile that a log was read with under a name of the user's, to be applied by itself; give the file."""
    return write_profile(replace(profile, name=name))


def profiled(profile: Profile, cells: Mapping[str, str], row: str, account: Account, zone: str = "") -> ProfiledLog:
    """Apply a profile to a table; `cells` gives the SQL of each column's text by head, `row` of the row's number.

    `zone` is SQL of what stands behind a row's times for the zone that a column of its own states; empty: none does.

    A column of times says how they are written (`dates`), where that needs saying.
    """
    return _Reading(profile, {squeezed(head): sql for head, sql in cells.items()}, account, zone).log(row)


class _Reading:
    """One profile on one table."""

    def __init__(self, profile: Profile, cells: Mapping[str, str], account: Account, zone: str) -> None:
        self.profile = profile
        self.zone = zone
        self.cells = cells
        self.account = account
        self.values = {squeezed(name): words for name, words in profile.values.items()}

    def log(self, row: str) -> ProfiledLog:
        """Give every field's SQL."""
        put = [name for rule in self.profile.rules for name in rule.put]
        names = dict.fromkeys([*(one.field for one in self.profile.columns), *self.profile.constants, *put])
        fields = {name: self._field(name) for name in names if name in _FIELDS}
        own = [number.id for waba in self.account.wabas for number in waba.numbers]
        if _NUMBER in fields and self._states(_NUMBER):
            number = self._number(fields[_NUMBER])
            # Where a row names none, as one that tells of the sender or the receiver alone, there is but one to be it.
            fields[_NUMBER] = f"coalesce({number}, {text_sql(own[0])})" if len(own) == 1 else number
        elif len(own) == 1:
            fields[_NUMBER] = text_sql(own[0])
        if _ID not in fields and _ID in self.profile.missing:
            # With its time: there is a row of this number in every file.
            fields[_ID] = f"'row ' || {row} || coalesce(' ' || ({fields.get(_SENT, 'NULL')}), '')"
        left_out = [self._meets(rule.when) for rule in self.profile.rules if rule.leave_out]
        conditions = [*(one.when for one in self.profile.columns), *(rule.when for rule in self.profile.rules)]
        used = {one.head for one in self.profile.columns} | {head for when in conditions for head in when}
        return ProfiledLog(self.profile, fields, " OR ".join(left_out) or "false", frozenset(map(squeezed, used)))

    def _states(self, name: str) -> bool:
        """Tell whether the table has a column for a field, or the profile itself says what it is."""
        columns = any(one.field == name and squeezed(one.head) in self.cells for one in self.profile.columns)
        return columns or name in self.profile.constants or any(name in rule.put for rule in self.profile.rules)

    def _field(self, name: str) -> str:
        """Give a field: by the first rule that puts it in, else from its columns, else its constant."""
        columns = [one for one in self.profile.columns if one.field == name and squeezed(one.head) in self.cells]
        stated = [self._column(one) for one in columns]
        constant = self.profile.constants.get(name, "")
        found = f"coalesce({', '.join([*stated, text_sql(constant) if constant else 'NULL'])})"
        rules = [rule for rule in self.profile.rules if name in rule.put]
        cases = " ".join(f"WHEN {self._meets(rule.when)} THEN {text_sql(rule.put[name])}" for rule in rules)
        return f"CASE {cases} ELSE {found} END" if cases else found

    def _column(self, column: ProfileColumn) -> str:
        """Give a column's text in our words, in the rows that its condition allows."""
        cell = f"nullif(trim({self.cells[squeezed(column.head)]}), '')"
        words = self.values.get(squeezed(column.head)) or self.values.get(squeezed(column.field)) or {}
        cases = " ".join(
            f"WHEN {_is_one(cell, (pattern,))} THEN nullif({text_sql(word)}, '')" for pattern, word in words.items()
        )
        text = f"CASE {cases} ELSE {cell} END" if cases else cell
        if column.field in TIMES:
            text = written_sql(text, column.dates)
        elif column.field in AMOUNTS and column.decimal:
            apart = "." if column.decimal == "," else ","
            text = f"replace(replace({text}, '{apart}', ''), ',', '.')"
        zone = self._zone_of(column) if column.field in TIMES else ""
        if zone:
            stated = f"{states_zone_sql('w')} OR {is_epoch_sql('w')} OR NOT regexp_matches(w, '[0-9]')"
            text = with_sql(text, "w", f"CASE WHEN w IS NULL OR {stated} THEN w ELSE w || {zone} END")
        return f"CASE WHEN {self._meets(column.when)} THEN {text} END" if column.when else text

    def _zone_of(self, column: ProfileColumn) -> str:
        """Give SQL of the zone of times without one, as it stands behind them; empty where the profile says it."""
        stated = "Z" if column.dates == UTC else "" if self.profile.zone else zone_headed(column.head)
        return text_sql(stated) if stated else self.zone

    def _meets(self, conditions: Conditions) -> str:
        """Tell in SQL whether a row meets every condition; one on a column that is not there is not met."""
        tests = [
            _is_one(f"trim({self.cells[squeezed(head)]})", patterns) if squeezed(head) in self.cells else "false"
            for head, patterns in conditions.items()
        ]
        return f"({' AND '.join(tests)})"

    def _number(self, number: str) -> str:
        """Give the id of a business number that is written as a phone or a name; else its digits, or as it stands."""
        bare = f"regexp_replace({number}, {text_sql(AROUND)}, '', 'g')"
        written = f"regexp_full_match({bare}, '[+( ]*[0-9][0-9 ().-]*')"
        phone = f"CASE WHEN {written} THEN regexp_replace({bare}, '[^0-9]', '', 'g') END"
        cases = []
        for own in (number for waba in self.account.wabas for number in waba.numbers):
            if digits(own.phone):
                cases.append(f"WHEN {phone} = {text_sql(digits(own.phone))} THEN {text_sql(own.id)}")
            if own.name:
                cases.append(f"WHEN lower({bare}) = {text_sql(own.name.lower())} THEN {text_sql(own.id)}")
        known = f"CASE {' '.join(cases)} END" if cases else "NULL"
        return f"coalesce({known}, {phone}, {bare})"


def _is_one(text: str, patterns: Iterable[str]) -> str:
    """Tell in SQL whether a text fits one of the patterns; of those with `!`, it must fit none."""
    bare = f"lower(coalesce({text}, ''))"
    refused = [_fits(bare, pattern[1:]) for pattern in patterns if pattern.startswith("!")]
    wanted = [_fits(bare, pattern) for pattern in patterns if not pattern.startswith("!")]
    tests = [*(f"NOT {test}" for test in refused), *([f"({' OR '.join(wanted)})"] if wanted else [])]
    return f"({' AND '.join(tests)})"


def _fits(text: str, pattern: str) -> str:
    bare = pattern.lower()
    if "*" not in bare:
        return f"{text} = {text_sql(bare)}"
    for sign in ("\\", "%", "_"):
        bare = bare.replace(sign, f"\\{sign}")
    return f"{text} LIKE {text_sql(bare.replace('*', '%'))} ESCAPE '\\'"

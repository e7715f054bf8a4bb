"""Profiles as TOML files: in `resources/layouts/`, in the user's folder, or wherever the user names one.

A file states what a `Profile` holds, under the same names; a condition is a text or a list of texts, in which `*`
stands for anything and a leading `!` for "not". Such a file can be edited and handed on.
"""

import json
import tomllib
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from decimal import InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import Layer
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.language import currencies
from auditor.paths import file_stem
from auditor.paths import resources
from auditor.paths import user_data
from auditor.readers.encodings import ENCODINGS
from auditor.readers.tables.profiles import CARD
from auditor.readers.tables.profiles import FX
from auditor.readers.tables.profiles import KINDS
from auditor.readers.tables.profiles import LOG
from auditor.readers.tables.profiles import Conditions
from auditor.readers.tables.profiles import PartLine
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import ProfileColumn
from auditor.readers.tables.profiles import Rule
from auditor.readers.tables.profiles import Split
from auditor.readers.tables.profiles import squeezed
from auditor.readers.tables.told_apart import TOLD_APART
from auditor.readers.values.rate_fields import CARD_FIELDS
from auditor.readers.values.rate_fields import FX_FIELDS
from auditor.readers.values.words import lists
from auditor.readers.values.words import plain
from auditor.readers.values.zones import known_zones
from auditor.working import put_in_place
from auditor.working import working_file

IGNORE = "ignore"
_VOCABULARY = "vocabulary.toml"
_KNOWN = {
    "name", "kind", "source", "fingerprint", "heads", "column", "constants", "values", "rule", "split", "line",
    "leaves", "credit", "negative", "exclusive", "missing", "encoding", "zone",
}  # fmt: skip
_OF_RATES = {CARD: CARD_FIELDS, FX: FX_FIELDS}
LEFT_OUT = ("parent", "running_total", "other_product", "other_channel", "not_billed")
_LINE_FIGURES = ("amount", "quantity", "unit_rate")


def load_profiles(named: Iterable[str]) -> tuple[Profile, ...]:
    """Give the profiles that may be applied: those named (by name or file) first, then the user's, then our own.

    Of those known by some of their heads, the ones that ask for more heads go first. Raises `AuditorError`:
    `profile_unknown`, `profile_damaged`.
    """
    own = [_read(path) for path in _files(user_data() / "layouts")]
    saved = [*sorted(own, key=_openness), *_built_in(resources() / "layouts")]
    return tuple([_named(name, saved) for name in named] + saved)


@cache
def _built_in(folder: Path) -> tuple[Profile, ...]:
    """Give our own profiles, read once: they are asked for several times of each file."""
    return tuple(sorted(map(_read, _files(folder)), key=_openness))


def _openness(profile: Profile) -> int:
    return -len(profile.heads) if profile.heads else -1000


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.toml") if path.name != _VOCABULARY)


def _named(name: str, saved: Sequence[Profile]) -> Profile:
    found = next((profile for profile in saved if plain(profile.name) == plain(name)), None)
    if found:
        return found
    if not Path(name).is_file():
        raise AuditorError("profile_unknown", name=name, known=", ".join(profile.name for profile in saved) or "-")
    return _read(Path(name))


# ---------------------------------------------------------------- reading


def _read(path: Path) -> Profile:
    try:
        profile = _profile(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation, RecursionError) as error:
        raise AuditorError("profile_damaged", Place(path.name)) from error
    _check_words(profile, Place(path.name))
    _check_heads(profile, Place(path.name))
    return profile


def _check_heads(profile: Profile, place: Place) -> None:
    """Refuse two fields for one head, but in a log, where a column may feed several, and where columns go by place."""
    fields: dict[str, str] = {}
    for column in profile.columns if profile.heads and profile.kind != LOG else ():
        first = fields.setdefault(squeezed(column.head), column.field)
        if first != column.field:
            name, head, second = profile.name, column.head, column.field
            raise AuditorError("profile_head_twice", place, name=name, head=head, first=first, second=second)


def _check_words(profile: Profile, place: Place) -> None:
    """Refuse a profile that puts in a field, or a word into one, that nothing here knows."""
    fields = known_fields(profile.kind)
    put = [profile.constants, *(rule.put for rule in profile.rules), *(line.put for line in profile.lines)]
    for name in (*(column.field for column in profile.columns), *(name for words in put for name in words)):
        if name not in fields:
            raise AuditorError("profile_unknown_field", place, field=name, known=", ".join(sorted(fields)))
    for name, word in (pair for words in put for pair in words.items()):
        known = _known_words().get(name)
        if known and word not in known:
            raise AuditorError("profile_unknown_word", place, field=name, value=word, known=", ".join(sorted(known)))


@cache
def known_fields(kind: str) -> frozenset[str]:
    """Give the fields that a column of a kind of file may be stated to be, by hand or in a profile."""
    if kind == LOG:
        return frozenset({*MESSAGE_COLUMNS, IGNORE}) - {"source_row"}
    if kind in _OF_RATES:
        return frozenset({*_OF_RATES[kind], IGNORE})
    return frozenset({*lists("heads"), *TOLD_APART, IGNORE})


@cache
def _known_words() -> Mapping[str, frozenset[str]]:
    """Give, of the fields that hold words of ours, those words."""
    return {
        "layer": frozenset(layer.value for layer in Layer),
        "category": frozenset({*lists("categories")}),
        "pricing_type": frozenset({*lists("pricing_types")}),
        "unit": frozenset({*lists("units")}),
        "document_type": frozenset({*lists("document_types")}),
        "currency": currencies(),
        "direction": frozenset({"inbound", "outbound"}),
    }


def _profile(table: Mapping[str, Any]) -> Profile:
    _check(not set(table) - _KNOWN)
    kind = str(table.get("kind", KINDS[0]))
    _check(kind in KINDS and bool(table.get("fingerprint") or table.get("heads")))
    encoding, zone = str(table.get("encoding", "")), str(table.get("zone", ""))
    _check(encoding in {"", *ENCODINGS} and (not zone or zone in known_zones()))
    credit = table.get("credit")
    return Profile(
        name=str(table["name"]),
        fingerprint=str(table.get("fingerprint", "")),
        columns=tuple(_column(row) for row in table["column"]),
        kind=kind,
        heads=_texts(table.get("heads", ())),
        constants=_words(table.get("constants", {})),
        values={str(head): _words(words) for head, words in table.get("values", {}).items()},
        rules=tuple(_rule(row) for row in table.get("rule", ())),
        splits=tuple(_split(row) for row in table.get("split", ())),
        lines=tuple(_line(row) for row in table.get("line", ())),
        leaves=str(table.get("leaves", "")),
        credit=None if credit is None else Decimal(str(credit)),
        negative=table.get("negative", False) is True,
        exclusive=table.get("exclusive", False) is True,
        missing=_texts(table.get("missing", ())),
        encoding=encoding,
        zone=zone,
        source=str(table.get("source", "")),
    )


def _check(right: bool) -> None:
    if not right:
        raise ValueError


def _column(row: Mapping[str, Any]) -> ProfileColumn:
    when = _conditions(row.get("when", {}))
    return ProfileColumn(**{name: str(value) for name, value in row.items() if name != "when"}, when=when)


def _rule(row: Mapping[str, Any]) -> Rule:
    reason = str(row.get("leave_out", ""))
    _check(reason in {"", *LEFT_OUT} and bool(row["when"]))
    return Rule(_conditions(row["when"]), _words(row.get("put", {})), reason)


def _split(row: Mapping[str, Any]) -> Split:
    _check(bool(row["separator"]))
    return Split(str(row["head"]), str(row["separator"]), _texts(row["parts"]), str(row.get("after", "")))


def _line(row: Mapping[str, Any]) -> PartLine:
    heads = {name: str(row[name]) for name in _LINE_FIGURES if name in row}
    _check(bool(heads))
    return PartLine(heads, _words(row.get("put", {})), str(row.get("only", "")))


def _texts(values: Any) -> tuple[str, ...]:
    _check(not isinstance(values, str))
    return tuple(str(value) for value in values)


def _words(table: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in table.items()}


def _conditions(table: Mapping[str, Any]) -> Conditions:
    return {str(head): (value,) if isinstance(value, str) else _texts(value) for head, value in table.items()}


# ---------------------------------------------------------------- writing


def write_profile(profile: Profile) -> Path:
    """Save a profile in the user's folder, in place of one of the same name, and give its file."""
    folder = user_data() / "layouts"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{file_stem(plain(profile.name).replace(' ', '-')) or 'profile'}.toml"
    with working_file(target, ".part") as working:
        working.write_text("\n".join(_toml(profile)) + "\n", encoding="utf-8", newline="\n")
        put_in_place(working, target)
    return target


def _toml(profile: Profile) -> Iterator[str]:
    yield from _pairs({"name": profile.name, "kind": profile.kind, "source": profile.source})
    yield from _pairs({"fingerprint": profile.fingerprint, "heads": profile.heads, "leaves": profile.leaves})
    yield from _pairs({"missing": profile.missing, "negative": profile.negative, "exclusive": profile.exclusive})
    yield from _pairs({"encoding": profile.encoding, "zone": profile.zone})
    if profile.credit is not None:
        yield f"credit = {_value(str(profile.credit))}"
    yield from _table("[constants]", profile.constants)
    for head, words in profile.values.items():
        yield from _table(f"[values.{_value(head)}]", words)
    for column in profile.columns:
        yield from _table(
            "[[column]]", {"head": column.head, "field": column.field}, decimal=column.decimal, dates=column.dates,
            when=column.when,
        )  # fmt: skip
    for split in profile.splits:
        yield from _table("[[split]]", {"head": split.head, "separator": split.separator, "parts": split.parts},
                          after=split.after)  # fmt: skip
    for rule in profile.rules:
        yield from _table("[[rule]]", {"when": rule.when}, put=rule.put, leave_out=rule.leave_out)
    for line in profile.lines:
        yield from _table("[[line]]", line.heads, put=line.put, only=line.only)


def _table(heading: str, stated: Mapping[str, object], **optional: object) -> Iterator[str]:
    if stated:
        yield from ("", heading, *(f"{_key(name)} = {_value(value)}" for name, value in stated.items()))
        yield from _pairs(optional)


def _pairs(values: Mapping[str, object]) -> Iterator[str]:
    yield from (f"{_key(name)} = {_value(value)}" for name, value in values.items() if value)


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").isalnum() else _value(name)


def _value(value: object) -> str:
    """Write a value as TOML, whose basic strings are those of JSON but for the delete character."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(name))} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

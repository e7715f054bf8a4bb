"""Mapping profiles: how the columns of one layout are read, kept under the fingerprint of its heads (formats.md §4)."""

import hashlib
import json
import os
import tempfile
import tomllib
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.paths import resources
from auditor.paths import user_data
from auditor.readers.words import plain

_VOCABULARY = "vocabulary.toml"


@dataclass(frozen=True, slots=True)
class ProfileColumn:
    """How one column is read: its field (`ignore` for none), decimal mark and date order (empty: decided anew)."""

    head: str
    field: str
    decimal: str = ""
    dates: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A saved mapping; it fits every table whose heads have its fingerprint."""

    name: str
    fingerprint: str
    columns: tuple[ProfileColumn, ...]


def fingerprint(heads: Sequence[str]) -> str:
    """Give the SHA-256 of a table's heads, case, accents and punctuation set aside; empty heads at the end drop out."""
    plain_heads = [plain(head) for head in heads]
    while plain_heads and not plain_heads[-1]:
        plain_heads.pop()
    return hashlib.sha256("\x1f".join(plain_heads).encode()).hexdigest()


def write_profile(profile: Profile) -> Path:
    """Save a profile in the user's folder, in place of one of the same name, and give its file."""
    folder = user_data() / "layouts"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{plain(profile.name).replace(' ', '-') or 'profile'}.toml"
    handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(_toml(profile))
    Path(temporary).replace(target)
    return target


def _toml(profile: Profile) -> str:
    lines = [f"name = {_quoted(profile.name)}", f"fingerprint = {_quoted(profile.fingerprint)}"]
    for column in profile.columns:
        lines += ["", "[[column]]", f"head = {_quoted(column.head)}", f"field = {_quoted(column.field)}"]
        lines += [f"{name} = {_quoted(value)}" for name, value in _stated(column)]
    return "\n".join(lines) + "\n"


def _stated(column: ProfileColumn) -> Iterable[tuple[str, str]]:
    return [(name, value) for name, value in (("decimal", column.decimal), ("dates", column.dates)) if value]


def _quoted(text: str) -> str:
    """Quote a text for TOML, whose basic strings are those of JSON but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def load_profiles(named: Iterable[str]) -> tuple[Profile, ...]:
    """Give the profiles that may be applied: those named (by name or file) first, then the user's, then our own.

    Raises `AuditorError`: `profile_unknown`, `profile_damaged`.
    """
    saved = [_read(path) for path in _files(user_data() / "layouts")]
    saved += [_read(path) for path in _files(resources() / "layouts")]
    return tuple([_named(name, saved) for name in named] + saved)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.toml") if path.name != _VOCABULARY)


def _named(name: str, saved: Sequence[Profile]) -> Profile:
    found = next((profile for profile in saved if plain(profile.name) == plain(name)), None)
    if found:
        return found
    if not Path(name).is_file():
        raise AuditorError("profile_unknown", name=name, known=", ".join(profile.name for profile in saved) or "-")
    return _read(Path(name))


def _read(path: Path) -> Profile:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        columns = tuple(ProfileColumn(**{name: str(value) for name, value in row.items()}) for row in table["column"])
        return Profile(str(table["name"]), str(table["fingerprint"]), columns)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AuditorError("profile_damaged", Place(path.name)) from error

"""How a text that is not Unicode is written: as stated or, failing that, as the profile says that knows its heads."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from auditor.readers.encodings import ENCODINGS
from auditor.readers.files import first_rows
from auditor.readers.sniff import Sniffed
from auditor.readers.sniff import sniff
from auditor.readers.tables.profile_files import load_profiles


def as_written(path: Path, stated: str = "", named: Sequence[str] = ()) -> Sniffed:
    """Tell what a file is and how its text is written; `stated` is one of `ENCODINGS`, `named` are profiles.

    Raises `AuditorError` as `sniff` and `load_profiles` do.
    """
    found = sniff(path)
    if found.kind != "csv" or found.encoding not in ENCODINGS:
        return found
    return replace(found, encoding=stated or _kept(path, found, named) or found.encoding)


def _kept(path: Path, found: Sniffed, named: Sequence[str]) -> str:
    """Give the encoding of the first profile that knows a row of heads once the text is read in it."""
    for profile in load_profiles(named):
        if profile.encoding:
            rows = first_rows(path, replace(found, encoding=profile.encoding))
            if any(map(profile.fits, rows)):
                return profile.encoding
    return ""

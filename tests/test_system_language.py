"""The language to speak before an account says one: what the system tells, each in its own way."""

import plistlib
import sys
from pathlib import Path

import pytest

from auditor.language import system_language


@pytest.fixture(autouse=True)
def untold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the program as a desktop does, which states no locale in the environment."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("stated", "spoken"), [("es_PE.UTF-8", "es"), ("en_GB.UTF-8", "en"), ("pt_BR", "en")])
def test_that_the_locale_of_the_environment_goes_first(
    stated: str, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", stated)
    assert system_language() == spoken


@pytest.mark.parametrize(
    ("preferences", "spoken"),
    [
        ({"AppleLanguages": ["es-PE", "en-PE"]}, "es"),
        ({"AppleLanguages": ["en-PE", "es-PE"]}, "en"),
        ({"AppleLanguages": []}, "en"),
        ({}, "en"),
        (None, "en"),
    ],
)
def test_that_from_the_finder_the_language_is_the_one_preferred_on_the_mac(
    preferences: dict[str, object] | None, spoken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Library" / "Preferences"
    folder.mkdir(parents=True)
    if preferences is not None:
        raw = plistlib.dumps(preferences, fmt=plistlib.FMT_BINARY)
        (folder / ".GlobalPreferences.plist").write_bytes(raw)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system_language() == spoken

"""Preferences: kept between two starts, and never in the way."""

import errno
from pathlib import Path
from threading import Event

import pytest

from auditor import settings as settings_module
from auditor.settings import Preferences
from auditor.settings import Settings
from auditor.settings import load
from auditor.settings import save


def test_that_settings_come_back_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    settings = Settings("es", "dark", ("a.audit",), "/home/ñ", "AAAA", {"lines": "BBBB"}, {"sources": "CCCC"})
    save(settings, file)
    assert load(file) == settings


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"recent": 7, "theme": 1, "unknown": true}'])
def test_that_damaged_settings_are_the_defaults(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(text, encoding="utf-8")
    assert load(file) == Settings()


def test_that_the_newest_audit_leads_the_recent_ones_once(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "settings.json")
    for name in ("a", "b", "a"):
        preferences.remember_audit(tmp_path / name)
    assert preferences.settings.recent == (str(tmp_path / "a"), str(tmp_path / "b"))
    assert load(tmp_path / "settings.json").recent == preferences.settings.recent


def test_that_a_recent_audit_on_a_lost_or_silent_server_keeps_nobody_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences = Preferences(tmp_path / "settings.json")
    names = ("here", "gone", "lost", "silent")
    for name in reversed(names):
        preferences.remember_audit(tmp_path / name)
    (tmp_path / "here").touch()
    exists, answers = Path.exists, Event()

    def asked(path: Path) -> bool:
        if path.name == "lost":
            raise OSError(errno.EHOSTDOWN, "The network path was not found")
        if path.name == "silent":
            answers.wait()
        return exists(path)

    monkeypatch.setattr(Path, "exists", asked)
    monkeypatch.setattr(settings_module, "_PATIENCE", 0.05)
    assert preferences.recent == [tmp_path / "here", tmp_path / "silent"]  # the last may be there
    answers.set()


def test_that_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "missing" / "settings.json")
    preferences.change(theme="dark")
    assert preferences.settings.theme == "dark"


def test_that_a_path_as_it_was_typed_is_remembered_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    preferences = Preferences(tmp_path / "settings.json")
    preferences.remember_audit(Path("a.audit"))
    preferences.remember_audit(tmp_path / "a.audit")
    assert preferences.settings.recent == (str(tmp_path / "a.audit"),)
    assert preferences.settings.folder == str(tmp_path)


def test_that_files_are_not_looked_for_where_the_program_keeps_its_audits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.settings.user_data", lambda: tmp_path / "own")
    preferences = Preferences(tmp_path / "settings.json")
    preferences.remember_audit(tmp_path / "own" / "audits" / "a.audit")
    assert preferences.settings.folder == ""
    preferences.remember_audit(tmp_path / "theirs" / "b.audit")
    preferences.remember_audit(tmp_path / "own" / "audits" / "a.audit")
    assert preferences.settings.folder == str(tmp_path / "theirs")

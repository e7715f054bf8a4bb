"""Names of files that the program makes: such as Windows, macOS and Linux all take."""

import tempfile
from pathlib import Path

import platformdirs
import pytest

from auditor import paths
from auditor.working import writable


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Andina: octubre/2026?", "Andina octubre 2026"),
        ("Ñandú S.A.C.", "Ñandú S.A.C"),
        ("CON", "_CON"),
        ("nul.octubre", "_nul.octubre"),
        ("Com1", "_Com1"),
        ("LPT¹ .x", "_LPT¹ .x"),
        ("Contado", "Contado"),
        ("COM10", "COM10"),
        ("../..", ""),
        ("a" * 79 + " . b", "a" * 79),
        ("x" * 300, "x" * 80),
        ("\U00020000" * 80, "\U00020000" * 50),  # four bytes each, of 200
    ],
)
def test_that_a_name_becomes_one_that_every_system_takes(name: str, stem: str) -> None:
    assert paths.file_stem(name) == stem


def test_that_an_audit_never_takes_the_place_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "user_data", lambda: tmp_path)
    (tmp_path / "audits").mkdir()
    assert paths.free_audit_file("???") == tmp_path / "audits" / "audit.audit"
    for taken in ("Andina.audit", "Andina (2).audit"):
        (tmp_path / "audits" / taken).touch()
    assert paths.free_audit_file("Andina") == tmp_path / "audits" / "Andina (3).audit"


def test_that_without_a_home_what_can_be_made_again_goes_to_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_names, **_more: tmp_path / "file" / "auditor")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert paths.user_cache() == tmp_path / "file" / "auditor"  # nothing is there, and nobody is told of it
    assert writable(paths.user_cache()).parent == tmp_path

"""Names of files that the program makes: such as Windows, macOS and Linux all take."""

from pathlib import Path

import pytest

from auditor import paths


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

"""LIBRARY.md is run as it stands, from top to bottom, and prints what it says it prints."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from auditor.core import audit

_BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGE = Path(__file__).resolve().parents[1] / "LIBRARY.md"


def test_that_the_examples_of_the_library_print_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert [kind for kind, _ in blocks] == ["python", "text"] * (len(blocks) // 2)
    room: dict[str, object] = {"__name__": "library"}
    for (_, code), (_, wanted) in zip(blocks[::2], blocks[1::2], strict=True):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code, str(PAGE), "exec"), room)  # noqa: S102 - our own page
        assert said.getvalue() == wanted
    assert (tmp_path / "sample" / "reconciliation.xlsx").is_file()


def test_that_type_checkers_find_what_the_examples_take_of_the_engine() -> None:
    """They see of another module's names only those that are offered."""
    used = set(re.findall(r"\baudit\.([a-z_]+)\(", PAGE.read_text(encoding="utf-8")))
    assert used
    assert used <= set(audit.__all__)

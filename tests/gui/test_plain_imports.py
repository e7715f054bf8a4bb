"""What PySide6 puts in front of every import is taken away."""

import linecache
import sys
from pathlib import Path

import pytest

import auditor.gui  # noqa: F401 - it is this import that is looked at


def test_that_the_source_of_what_is_imported_beside_the_window_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "imported_beside_the_window.py"
    module.write_text("number = 7\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    import imported_beside_the_window  # type: ignore[import-not-found]

    sys.modules.pop(module.stem)
    assert imported_beside_the_window.number == 7
    assert str(module) not in linecache.cache

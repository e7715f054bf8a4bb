"""What a killed program left is cleared by the next; what belongs to one at work, or to another machine, stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor import working
from auditor.project.store import Store


def _left(folder: Path, process: int, machine: str = "") -> Path:
    """Leave a file, and a folder with something in it, as a killed program would."""
    name = f".auditor-{machine or working._machine()}-{process}-x.xlsx"
    (folder / name).write_text("half", encoding="utf-8")
    (folder / f"{name}.wal").write_text("half", encoding="utf-8")
    inner = folder / name[1:].replace("xlsx", "d")
    inner.mkdir()
    (inner / "audit.audit").write_text("messages", encoding="utf-8")
    return folder / name


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    return ended.pid


def test_that_what_a_killed_program_left_is_cleared(tmp_path: Path) -> None:
    _left(tmp_path, _dead_process())
    (tmp_path / "auditor-notes").mkdir()
    (tmp_path / "report.xlsx").write_text("mine", encoding="utf-8")
    with working.working_file(tmp_path / "new.xlsx") as path:
        assert _names(tmp_path) == [path.name, "auditor-notes", "report.xlsx"]
        path.with_name(f"{path.name}.wal").write_text("of the database", encoding="utf-8")
    assert _names(tmp_path) == ["auditor-notes", "report.xlsx"]


def test_that_what_another_program_or_machine_works_on_stays(tmp_path: Path) -> None:
    _left(tmp_path, os.getppid())
    _left(tmp_path, 10**30, "0" * 8)
    before = _names(tmp_path)
    working.clear(tmp_path)
    assert _names(tmp_path) == before
    working.clear(tmp_path / "not there")


def test_that_a_folder_goes_with_its_work_and_with_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _left(tmp_path, _dead_process())
    with working.working_folder() as folder:
        (folder / "rows.csv").write_text("a", encoding="utf-8")
        assert _names(tmp_path) == [folder.name]
    kept = working.kept_folder()
    working.clear(tmp_path)
    assert _names(tmp_path) == [kept.name]


def test_that_a_copy_is_whole_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        working.copy_whole(tmp_path / "missing", tmp_path / "copy")
    assert _names(tmp_path) == []
    (tmp_path / "a").write_text("all of it", encoding="utf-8")
    working.copy_whole(tmp_path / "a", tmp_path / "copy")
    assert (tmp_path / "copy").read_text(encoding="utf-8") == "all of it"
    assert _names(tmp_path) == ["a", "copy"]


def test_that_opening_an_audit_clears_what_was_left_beside_it(tmp_path: Path) -> None:
    Store(tmp_path / "a.audit").close()
    _left(tmp_path, _dead_process())
    Store(tmp_path / "a.audit", read_only=True).close()
    assert _names(tmp_path) == ["a.audit"]

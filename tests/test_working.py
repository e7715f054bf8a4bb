"""What a killed program left is cleared by the next; what belongs to one at work, or to another machine, stays."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor import working
from auditor.core.problems import AuditorError
from auditor.project.store import Store
from auditor.writers.whole_file import whole_file


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


def _held(step: Callable[..., object], winerror: int, times: int) -> Callable[..., object]:
    """Give a step that Windows refuses so many times, because another program has the file."""
    left = [times]

    def tried(*arguments: object, **named: object) -> object:
        if left[0]:
            left[0] -= 1
            error = PermissionError(13, "El proceso no tiene acceso al archivo")
            error.winerror = winerror  # type: ignore[attr-defined, unused-ignore] # Windows alone has it
            raise error
        return step(*arguments, **named)

    return tried


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give a list of the seconds that were waited, in no time."""
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


@pytest.mark.parametrize("winerror", [5, 32, 33])
def test_that_a_file_which_another_program_holds_for_an_instant_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float], winerror: int
) -> None:
    replace, target = Path.replace, tmp_path / "book.xlsx"
    monkeypatch.setattr(Path, "replace", _held(replace, winerror, 2))
    with whole_file(target) as part:
        part.write_text("new", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", _held(replace, winerror, 2))
    working.copy_whole(target, tmp_path / "copy.xlsx")
    assert _names(tmp_path) == ["book.xlsx", "copy.xlsx"]
    assert (tmp_path / "copy.xlsx").read_text(encoding="utf-8") == "new"
    assert len(waited) == 4


def test_that_a_file_which_stays_open_elsewhere_is_named_within_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    monkeypatch.setattr(Path, "replace", _held(Path.replace, 32, 99))
    with pytest.raises(AuditorError) as refused, whole_file(tmp_path / "book.xlsx"):
        pass
    assert refused.value.code == "file_not_writable"
    assert 0.5 < sum(waited) < 1
    assert _names(tmp_path) == []


def test_that_what_is_refused_for_good_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    monkeypatch.setattr(Path, "replace", _held(Path.replace, 17, 1))  # another drive
    with pytest.raises(AuditorError), whole_file(tmp_path / "book.xlsx"):
        pass
    assert waited == []


def test_that_a_working_file_which_is_held_hides_no_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    monkeypatch.setattr(Path, "unlink", _held(Path.unlink, 32, 99))
    with pytest.raises(LookupError, match="the reason"), working.working_file(tmp_path / "a.xlsx"):
        raise LookupError("the reason")
    assert sum(waited) < 3


def test_that_opening_an_audit_clears_what_was_left_beside_it(tmp_path: Path) -> None:
    Store(tmp_path / "a.audit").close()
    _left(tmp_path, _dead_process())
    Store(tmp_path / "a.audit", read_only=True).close()
    assert _names(tmp_path) == ["a.audit"]

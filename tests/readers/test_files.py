"""The files of a folder: those that systems hide are passed over, and nothing that may hold what was meant is."""

import os
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.files import folder_files
from auditor.readers.files import others_in
from auditor.readers.sniff import sniff


def test_that_the_files_below_a_folder_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/2.json", "a.json", "b/1.json", ".git/x.json", "b/~$1.xlsx", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "c.json").symlink_to("a.json")
    (tmp_path / ".#a.json").symlink_to("ana@andina.4711")
    assert [str(path.relative_to(tmp_path)) for path in folder_files(tmp_path)] == [
        "a.json",
        "b/1.json",
        "b/2.json",
        "c.json",
    ]


@pytest.mark.parametrize("target", ["nowhere.json", "link", "b"])
def test_that_a_link_which_leads_to_no_file_is_told_and_not_passed_over(tmp_path: Path, target: str) -> None:
    (tmp_path / "logs" / "b").mkdir(parents=True)
    (tmp_path / "logs" / "link").symlink_to(target)
    assert folder_files(tmp_path / "logs") == []
    (lost,) = others_in(tmp_path / "logs")
    with pytest.raises(AuditorError) as refused:
        sniff(lost)
    assert refused.value.code == ("file_is_folder" if target == "b" else "link_not_followed")


def test_that_a_pipe_among_the_files_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "a.jsonl")
    (pipe,) = others_in(tmp_path)
    with pytest.raises(AuditorError) as refused:
        sniff(pipe)
    assert (pipe.name, refused.value.code) == ("a.jsonl", "file_not_regular")


def test_that_a_folder_which_may_not_be_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def walk(top: Path, onerror: object) -> list[object]:
        assert callable(onerror)
        onerror(PermissionError(13, "Permission denied", str(top / "closed")))
        return []

    monkeypatch.setattr("auditor.readers.files.os.walk", walk)
    with pytest.raises(AuditorError) as refused:
        folder_files(tmp_path)
    assert (refused.value.code, refused.value.values["reason"]) == ("file_unreadable", "Permission denied")

"""Files that change while they are read: told, and nothing of them kept or written (formats.md §4)."""

import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.problems import Progress
from auditor.core.results import Reconciliation
from auditor.readers.files import Standing
from auditor.readers.files import standing
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.inspection import ReadOptions
from auditor.verbs.inspection import inspect
from tests.audit_files import Files
from tests.audit_files import write_files

Change = Callable[[Path], object]


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def replace(path: Path) -> None:
    """Put another file of the same size and time in its place."""
    other, stat = path.with_suffix(".other"), path.stat()
    other.write_bytes(b"y" * stat.st_size)
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(path)


def fail(path: Path, change: Change, error: Exception) -> None:
    change(path)
    raise error


@pytest.mark.parametrize("change", [append, cut, replace, Path.unlink])
def test_that_a_file_that_changes_is_told_whatever_reading_it_came_to(tmp_path: Path, change: Change) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"x" * 100)
    with pytest.raises(AuditorError, match="file_changed"), standing(Standing(path).check):
        change(path)
    path.write_bytes(b"x" * 100)
    with pytest.raises(AuditorError, match="file_changed"), standing(Standing(path).check):
        fail(path, change, OSError())


def test_that_a_folder_changes_with_its_files(tmp_path: Path) -> None:
    still = Standing(tmp_path)
    still.check()
    (tmp_path / "new.jsonl").write_text("{}")
    with pytest.raises(AuditorError, match="file_changed"):
        still.check()


def test_that_a_file_that_changes_while_it_is_looked_at_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bill.csv"
    path.write_text("Market,Category,Quantity,Amount\nPeru,Marketing,10,1.00\n", encoding="utf-8")
    monkeypatch.setattr("auditor.verbs.inspection.see_invoice", lambda *_: append(path))
    with pytest.raises(AuditorError, match="file_changed"):
        inspect(path, ReadOptions())


def test_that_who_stops_the_reading_is_told_no_more(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"x")
    with pytest.raises(Cancelled), standing(Standing(path).check):
        fail(path, append, Cancelled())


def parquet_of(files: Files) -> Path:
    """Give the log as Parquet, which is read from where it lies."""
    path = files.log.with_suffix(".parquet")
    duckdb.read_csv(str(files.log), all_varchar=True).write_parquet(str(path))
    return path


@pytest.mark.parametrize("change", [append, cut])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_that_nothing_is_kept_of_a_log_that_something_writes_to(tmp_path: Path, kind: str, change: Change) -> None:
    files = write_files(tmp_path)
    log = files.log if kind == "csv" else parquet_of(files)

    def writing(step: str, done: int, total: int) -> None:
        if step == "store":
            change(log)

    with closing(Audit.create(None, *read_account_file(files.account))) as audit:
        with pytest.raises(AuditorError, match="file_changed"):
            audit.add_files([log], writing)
        assert [source.kind for source in audit.sources] == ["card"]
        assert [entry.verb for entry in audit.journal] == ["set_account"]


@pytest.mark.parametrize("change", [append, cut])
def test_that_no_charges_are_written_of_a_log_that_changed_after_it_was_charged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], change: Change
) -> None:
    files, target = write_files(tmp_path), tmp_path / "charges.csv"
    log, export = parquet_of(files), Audit.export_charges

    def changed(audit: Audit, path: Path, *more: object) -> Path:
        change(log)
        return export(audit, path)

    monkeypatch.setattr(Audit, "export_charges", changed)
    words = ["charges", "--account", files.account, "--messages", log, "--out", target]
    assert main([str(word) for word in words]) == 2
    assert "messages.parquet: The file was changed while it was read" in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize("change", [append, cut, Path.unlink])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_that_no_answer_is_given_from_a_log_that_is_still_read_in_its_file_and_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str, change: Change
) -> None:
    files = write_files(tmp_path)
    log, recompute = files.log if kind == "csv" else parquet_of(files), Audit.recompute
    out = [tmp_path / f"{name}.json" for name in ("still", "changed")]
    words = ["reconcile", "--account", files.account, "--messages", log, "--invoice", files.invoice, "--summary"]
    assert main([str(word) for word in [*words, out[0]]]) == 0
    capsys.readouterr()

    def changed(audit: Audit, *more: Progress) -> Reconciliation:
        change(log)
        return recompute(audit, *more)

    monkeypatch.setattr(Audit, "recompute", changed)
    status = main([str(word) for word in [*words, out[1]]])
    if kind == "parquet":
        assert status == 2
        assert "messages.parquet: The file was changed while it was read" in capsys.readouterr().err
        assert not out[1].exists()
    else:  # whose rows were copied when it was read
        assert status == 0
        first, second = (json.loads(path.read_text("utf-8")) for path in out)
        assert first["lines"] == second["lines"]
        assert first["imports"] == second["imports"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_that_it_makes_no_difference_whether_the_rows_are_kept_in_an_audit(tmp_path: Path, kind: str) -> None:
    files = write_files(tmp_path)
    log = files.log if kind == "csv" else parquet_of(files)
    words = ["reconcile", "--account", files.account, "--messages", log, "--invoice", files.invoice]
    found = []
    for name, more in (("passing", ()), ("kept", ("--audit", tmp_path / "kept.audit"))):
        charges, summary = tmp_path / f"{name}.csv", tmp_path / f"{name}.json"
        assert main([str(word) for word in (*words, *more, "--charges", charges, "--summary", summary)]) == 0
        told = json.loads(summary.read_text("utf-8"))
        told["fixed"] = {one: at for one, at in told["fixed"].items() if not one.endswith("_at")}
        found.append((charges.read_bytes(), told))
    assert found[0] == found[1]

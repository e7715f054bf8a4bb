"""A log for which there is no room is charged in parts: the same files come out, and nothing is left behind."""

import csv
import errno
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.rows import width
from auditor.project import spill
from auditor.settings import Settings
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.room import Room
from auditor.verbs.room import machine_memory
from tests.audit_files import Files
from tests.core.as_columns import account_of
from tests.core.nasty import nasty_case
from tests.core.twin_log import COLUMNS

LITTLE = 100 * 10
"""Room for ten rows."""


def written(folder: Path, seed: int, room: Room, kind: str) -> tuple[bytes, bytes, int]:
    """Charge a nasty log; give CHARGES, SUMMARY, and in how many parts it was done."""
    rows, facts, _ = nasty_case(seed)
    log = folder / "log.csv"
    with log.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    account = replace(account_of(facts), cards=("meta",))
    audit = Audit.create(None, account, passing=True, room=room)
    try:
        audit.add_files([log], kind="log")
        audit.recompute(charges_only=True)
        charges = audit.export_charges(folder / f"charges.{kind}").read_bytes()
        summary = audit.export_charges_summary(folder / "summary.json").read_bytes()
        return charges, summary, len(list(audit.answer().audited.log.parts()))
    finally:
        audit.close()


@pytest.mark.parametrize("seed", [58, 190])
def test_that_the_files_are_those_of_a_log_in_memory(tmp_path: Path, seed: int) -> None:
    whole, summary, one = written(tmp_path, seed, Room(), "csv")
    in_parts, again, several = written(tmp_path, seed, Room(LITTLE), "csv")
    assert one == 1
    assert several > 1
    assert in_parts == whole
    assert again == summary
    assert len(whole.splitlines()) > 2


def test_that_the_command_takes_its_room_from_the_settings(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    words = ["charges", "--account", str(files.account), "--messages", str(files.log), "--summary"]
    assert main([*words, str(tmp_path / "whole.json")]) == 0
    monkeypatch.setattr("auditor.cli.commands.load", lambda: Settings(memory="1", temporary=str(tmp_path)))
    monkeypatch.setattr("auditor.verbs.room._BESIDE", 1 << 20)
    assert main([*words, str(tmp_path / "parts.json")]) == 0
    assert (tmp_path / "parts.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    before = sorted(tmp_path.iterdir())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spill, "_write", full)
    capsys.readouterr()
    assert main([*words, str(tmp_path / "full.json")]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert "full" in said
    assert sorted(tmp_path.iterdir()) == before, "neither a summary nor anything laid aside"


def test_that_whoever_stops_it_gets_the_room_back(files: Files, tmp_path: Path) -> None:
    laid = tmp_path / "laid"
    laid.mkdir()
    audit = Audit.create(None, *read_account_file(files.account), passing=True, room=Room(1, laid))
    audit.add_files([files.log], kind="log")

    def stop(step: str, _done: int, _all: int) -> None:
        if step == "charge":
            raise Cancelled

    with pytest.raises(Cancelled):
        audit.recompute(stop, charges_only=True)
    audit.close()
    assert not list(laid.iterdir())


def test_that_a_log_is_divided_when_it_does_not_fit() -> None:
    assert machine_memory() > 256 << 20
    room = Room.stated("100", "")
    assert room == Room(100 << 20)
    # Number 4, user 8, id 8, kind 2, sent 8 and billed 8 vary in all logs; the rest may be alike: another 26 bytes.
    least = width(dict.fromkeys(("waba", "country", "group", "expires", "paid", "limit", "logged"), 0))
    assert (least, width({})) == (38, 38 + 2 + 2 + 4 + 8 + 4 + 4 + 2)
    assert room.parts(100 * (1 << 20) // 86, least) == 1
    assert room.parts(100 * (1 << 20) // 86, width({})) == 2
    assert room.parts(10_000_000, least) == 13  # 0.86 GB in parts of 67 MiB: half as much is laid aside meanwhile
    assert Room(8 << 30).parts(115_000_000, least) == 14  # 9.9 GB in parts of two thirds of a GiB
    assert Room(8 << 30, singly=True).parts(115_000_000, least) == 35  # 24.4 GB with every charge
    assert Room.stated("", "/somewhere") == Room(0, Path("/somewhere"))
    assert Room.stated("plenty", "") == Room()
    assert Room(1).parts(1 << 40, least) == 200


def test_that_a_log_in_parts_is_charged_and_no_more(files: Files) -> None:
    audit = Audit.create(None, *read_account_file(files.account), passing=True, room=Room(1))
    audit.add_files([files.log], kind="log")
    audit.recompute(charges_only=True)
    assert audit.answer().audited.in_parts
    with pytest.raises(AssertionError):
        _ = audit.answer().audited.whole
    audit.recompute()
    assert not audit.answer().audited.in_parts
    audit.close()


def test_that_a_folder_that_cannot_be_written_is_said(files: Files, tmp_path: Path) -> None:
    audit = Audit.create(None, *read_account_file(files.account), passing=True, room=Room(1, tmp_path / "none"))
    audit.add_files([files.log], kind="log")
    with pytest.raises(AuditorError) as refused:
        audit.recompute(charges_only=True)
    assert refused.value.code == "cannot_write"
    audit.close()

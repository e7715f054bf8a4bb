"""A profile named on the command line is applied to a message log, too, where it fits (formats.md §8)."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.cli import main
from tests.audit_files import LOG_COLUMNS
from tests.audit_files import ROWS
from tests.audit_files import Files
from tests.audit_files import write_files
from tests.audit_files import write_table

_HEADS = {name: f"Campo {place}" for place, name in enumerate(LOG_COLUMNS, 1)}
_DIRECTIONS = {"outbound": "salida", "inbound": "entrada"}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "in")


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """Write the log with heads and words that nothing here knows."""
    rows = [{**row, "direction": _DIRECTIONS[row["direction"]]} for row in ROWS]
    cells = [[row.get(name, "") for name in reversed(LOG_COLUMNS)] for row in rows]
    return write_table(tmp_path / "strange.csv", [_HEADS[name] for name in reversed(LOG_COLUMNS)], cells)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Write the profile that says what they mean."""
    words = "\n".join(f'{theirs} = "{ours}"' for ours, theirs in _DIRECTIONS.items())
    columns = "\n".join(f'[[column]]\nhead = "{head}"\nfield = "{name}"' for name, head in _HEADS.items())
    own = f'["{_HEADS["message_id"]}", "{_HEADS["direction"]}"]'
    target = tmp_path / "ours.toml"
    target.write_text(f'name = "Our CRM"\nkind = "log"\nheads = {own}\n[values.direction]\n{words}\n{columns}\n')
    return target


def test_that_a_log_is_charged_with_the_profile_that_is_named(
    files: Files, strange: Path, profile: Path, tmp_path: Path
) -> None:
    target = tmp_path / "charges.csv"
    words = ["charges", "--account", files.account, "--messages", strange, "--out", target, "--profile", profile]
    assert main([str(word) for word in words]) == 0
    assert len(target.read_text().splitlines()) == 1 + sum(row["direction"] == "outbound" for row in ROWS)


def test_that_the_columns_of_a_log_can_be_stated_and_saved(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = {"direction": "Sentido", "sent_at": "Hora"}
    heads = [odd.get(name, name) for name in LOG_COLUMNS]
    log = write_table(tmp_path / "odd.csv", heads, [[row.get(name, "") for name in LOG_COLUMNS] for row in ROWS])
    words = [
        "inspect",
        log,
        "--json",
        "--account",
        files.account,
        "--map",
        "Sentido=direction",
        "--map",
        "Hora=sent_at",
    ]
    assert main([str(word) for word in (*words, "--save-profile", "Odd")]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["kind"], seen["report"]["kept"], seen["saved"]) == ("log", len(ROWS), "odd.toml")
    assert seen["rows"][0]["fields"]["sent_at"]
    assert _charges(files, log, tmp_path / "odd_charges.csv") == _charges(files, files.log, tmp_path / "charges.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--map", "direction=sent"], "sent_at"),  # the fields that there are
        (["--map", "Sentido=direction"], "Sentido"),
        (["--dates", "dmy"], "--dates"),
        (["--decimal", ",", "--sheet", "x"], "--sheet, --decimal"),
        (["--save-profile", "Nothing"], "--save-profile"),
    ],
)
def test_that_what_cannot_be_stated_of_a_log_is_refused(
    files: Files, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["inspect", str(files.log), "--account", str(files.account), *words]) == 2
    assert said in capsys.readouterr().err


def _charges(files: Files, log: Path, target: Path, *more: object) -> list[Mapping[str, str]]:
    words = ["reconcile", "--account", files.account, "--messages", log, "--charges", target, *more]
    assert main([str(word) for word in words]) == 0
    with target.open(encoding="utf-8", newline="") as file:
        return [{**row, "file": ""} for row in csv.DictReader(file)]


def test_that_a_log_read_with_a_named_profile_is_charged_as_the_canonical_one(
    files: Files, strange: Path, profile: Path, tmp_path: Path
) -> None:
    expected = _charges(files, files.log, tmp_path / "canonical.csv")
    assert _charges(files, strange, tmp_path / "strange_charges.csv", "--profile", profile) == expected
    assert len(expected) == len([row for row in ROWS if row["direction"] == "outbound"])


def test_that_a_strange_log_is_refused_where_no_profile_is_named(
    files: Files, strange: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reconcile", "--account", str(files.account), "--messages", str(strange)]) == 2
    assert "message_id" in capsys.readouterr().err


def test_that_a_profile_that_does_not_fit_leaves_a_log_as_it_is(files: Files, profile: Path, tmp_path: Path) -> None:
    expected = _charges(files, files.log, tmp_path / "canonical.csv")
    assert _charges(files, files.log, tmp_path / "again.csv", "--profile", profile) == expected


def test_that_a_profile_for_a_log_can_be_looked_at_and_saved(
    files: Files, strange: Path, profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["inspect", strange, "--json", "--account", files.account, "--profile", profile, "--save-profile", "Mine"]
    assert main([str(word) for word in words]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["kind"], seen["profile"], seen["saved"]) == ("log", "Our CRM", "mine.toml")
    expected = _charges(files, files.log, tmp_path / "canonical.csv")
    assert _charges(files, strange, tmp_path / "by_itself.csv") == expected


@pytest.mark.usefixtures("own_profiles")
def test_that_zone_and_letters_are_kept_with_a_profile_and_applied_by_themselves(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.csv"
    times = "message_id,direction,phone_number_id,user,sent_at,Categoría"
    log.write_text(f"{times}\nm1,outbound,n1,51911111111,2026-10-05 10:00:00,utility\n", encoding="cp850")
    words = ["inspect", log, "--json"]
    stated = ["--zone", "America/New_York", "--encoding", "cp850", "--save-profile", "CRM"]
    assert main([str(word) for word in [*words, *stated]]) == 0
    capsys.readouterr()
    assert main([str(word) for word in words]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["profile"], seen["format"]["encoding"], seen["zones"]) == ("CRM", "cp850", ["America/New_York"])
    # Four hours behind Greenwich in October.
    assert seen["rows"][0]["fields"]["sent_at"].startswith("2026-10-05T14:00:00")
    # A zone that is stated goes before the one that is kept.
    assert main([str(word) for word in [*words, "--zone", "America/Lima"]]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert seen["rows"][0]["fields"]["sent_at"].startswith("2026-10-05T15:00:00")


@pytest.mark.usefixtures("own_profiles")
def test_that_the_letters_of_an_invoice_are_kept_with_its_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invoice = tmp_path / "factura.csv"
    invoice.write_text("País de destino;Categoría;Cantidad;Importe USD\nMéxico;Utilidad;2;0,06\n", encoding="cp850")
    assert main(["inspect", str(invoice), "--encoding", "cp850", "--save-profile", "Proveedor", "--json"]) == 0
    capsys.readouterr()
    assert main(["inspect", str(invoice), "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["format"]["encoding"], seen["columns"][0]["head"]) == ("cp850", "País de destino")
    assert [row["cells"][0] for row in seen["rows"] if row["kind"] == "line"] == ["México"]


def test_that_a_zone_that_says_nothing_of_a_file_or_is_none_is_refused(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("message_id,direction,phone_number_id,user,sent_at\nm1,outbound,n1,519,2026-10-05T10:00:00Z\n")
    assert main(["inspect", str(log), "--zone", "America/Lima"]) == 2
    assert "--zone" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["inspect", str(files.log), "--zone", "Lima"])
    assert "America/Lima" in capsys.readouterr().err

"""Proof on demand: each cause in a sentence of both languages, with the very messages that it is about."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.cli import main
from tests.audit_files import Files
from tests.audit_files import write_files
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

# Peru: 10 of marketing at 0.10 and 4 of utility at 0.02, in a window; 3 more of marketing failed, and are billed too.
MARKETING = [row | {"message_id": f"m{n}"} for n, row in enumerate(sent("marketing", 13))]
FAILED = [row | {"delivered_at": "", "failed_at": row["delivered_at"]} for row in MARKETING[10:]]
UTILITY = [row | {"message_id": f"u{n}"} for n, row in enumerate(sent("utility", 4, at="2026-10-06 10:00"))]
LINES = (("Peru", "Marketing", "13", "0.10", "1.30"), ("Peru", "Utility", "4", "0.02", "0.08"))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "in", [*wrote("2026-10-05 09:00"), *MARKETING[:10], *FAILED, *UTILITY], LINES)


@pytest.fixture
def kept(files: Files, tmp_path: Path) -> Path:
    path = tmp_path / "kept.audit"
    given = ["--account", files.account, "--messages", files.log, "--invoice", files.invoice, "--audit", path]
    assert main(["reconcile", *map(str, given)]) == 0
    return path


def messages(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_that_a_cause_is_told_in_both_languages_with_its_messages(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "messages.csv"
    capsys.readouterr()
    assert main(["why", str(kept), "--out", str(target)]) == 0
    said = capsys.readouterr().out
    assert "US$ 0.30 too much was billed, on 3 messages" in said
    assert "se cobraron US$ 0.30 de más, en 3 mensajes" in said
    rows = messages(target)
    assert [(one["cause"], one["message_id"]) for one in rows] == [
        ("undelivered_billed", f"m{n}") for n in (10, 11, 12)
    ]
    first = rows[0]
    assert (first["due_amount"], first["billed_amount"], first["difference"], first["currency"]) == (
        "0", "0.1", "0.1", "USD",
    )  # fmt: skip
    # Sent at 10:10 in Lima, after the customer had written at 09:00.
    assert (first["sent_at"], first["window_opened_at"]) == ("2026-10-05T15:10:00Z", "2026-10-05T14:00:00Z")
    assert (first["billed_category"], first["file"], first["line"]) == (
        "marketing", "messages.csv", "||Peru||marketing|",
    )  # fmt: skip


def test_that_a_cause_or_a_line_alone_may_be_asked_for(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, found in (
        (["--cause", "undelivered_billed"], True), (["--cause", "month_cut"], False),
        (["--line", "||Peru||marketing|"], True), (["--line", "||Peru||utility|"], False),
    ):  # fmt: skip
        capsys.readouterr()
        assert main(["why", str(kept), *words]) == 0
        said = capsys.readouterr().out
        assert ("3 messages" in said) == found
        assert ("No cause was found" in said) == (not found)

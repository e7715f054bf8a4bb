"""Proof on demand: each cause in a sentence of both languages, with the very messages that it is about."""

import csv
import gzip
from collections.abc import Mapping
from pathlib import Path

import pytest
from docx import Document

from auditor.cli import main
from auditor.core.report.facts import mask_user
from auditor.verbs import Audit
from tests.audit_files import ACCOUNT
from tests.audit_files import Files
from tests.audit_files import write_card
from tests.audit_files import write_files
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

FROZEN = Path(__file__).parents[1] / "project" / "frozen"
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


def test_that_a_claim_pack_holds_the_messages_that_its_causes_rest_on(kept: Path, tmp_path: Path) -> None:
    audit = Audit.open(kept)
    audit.dispute(["||Peru||marketing|"])
    pack = audit.export_claim_pack(tmp_path / "pack")
    key = audit.journal[0].digest[:32]
    audit.close()
    (proof,) = (file for file in pack.files if file.name == "claim_proof.csv")
    rows = messages(proof)
    # The three that failed, and not the ten that are due; the ids of this log hold no number, the customer's is masked.
    assert [one["message"] for one in rows] == ["m10", "m11", "m12"]
    assert {(one["line"], one["cause"], one["billed_amount"], one["difference"]) for one in rows} == {
        ("1", "undelivered_billed", "0.1", "0.1")
    }
    assert {one["user"] for one in rows} == {mask_user(str(MARKETING[0]["user"]))}
    said = [paragraph.text for paragraph in Document(str(pack.files[0])).paragraphs]
    assert any("rest on: 3, one by one in claim_proof" in text for text in said), said
    assert key in "".join(said)


def test_that_an_audit_is_asked_while_others_ask_it_and_stays_as_it_is(kept: Path) -> None:
    # So it can be where nothing may be written: another one has it open for reading, which keeps all from writing.
    before = kept.read_bytes()
    asking = Audit.open(kept, read_only=True)
    try:
        assert main(["why", str(kept)]) == 0
    finally:
        asking.close()
    assert kept.read_bytes() == before


def test_that_an_audit_of_an_earlier_version_is_brought_up_to_date_to_be_asked(tmp_path: Path) -> None:
    path = tmp_path / "old.audit"
    path.write_bytes(gzip.decompress((FROZEN / "version_1.audit.gz").read_bytes()))
    assert main(["why", str(path)]) == 0
    assert (tmp_path / "old.version-1.backup.audit").exists()


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


def test_that_a_cause_that_is_left_open_everywhere_is_not_told_as_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A log of six days and an invoice of the month: the failed messages of the six days fit one line of it, 13 at 0.10,
    # but the log has nothing of the other days, and the utility of these is billed, 900 at 0.02, and not expected.
    days = [wrote(f"2026-10-{day:02} 09:00") for day in range(2, 8)]
    rows = [*(row for some in days for row in some), *MARKETING[:10], *FAILED]
    lines = (LINES[0], ("Peru", "Utility", "900", "0.02", "18.00"))
    files, path = write_files(tmp_path / "half", rows, lines), tmp_path / "half.audit"
    given = ["--account", files.account, "--messages", files.log, "--invoice", files.invoice, "--audit", path]
    assert main(["reconcile", *map(str, given)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The log has nothing of waba from 08 Oct 2026 to 31 Oct 2026" in said
    assert "Unexplained US$ 18.30" in said  # 3 x 0.10 and 900 x 0.02
    assert main(["why", str(path)]) == 0
    assert "No cause was found by charging the log otherwise" in capsys.readouterr().out
    # Who asks for those that nothing proves gets the three messages, 3 x 0.10 to check, and is told so.
    target = tmp_path / "possible.csv"
    assert main(["why", str(path), "--possible", "--out", str(target)]) == 0
    said = capsys.readouterr().out
    assert "Only possible, nothing proves it. If it is so: " in said
    assert "US$ 0.30 too much was billed, on 3 messages" in said
    assert [one["message_id"] for one in messages(target)] == ["m10", "m11", "m12"]


def test_that_messages_of_a_line_on_which_a_proved_cause_is_only_possible_prove_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The month is cut in UTC: of marketing 3 come in and 1 goes out, of utility 4 and 1, and both are billed so, 0.20
    # and 0.06 too much. Of authentication 5 come in and 1 goes out, which is 27 of 23; but 25 are billed.
    day, before, after = "2026-10-05 10:00", "2026-09-30 20:00", "2026-10-31 20:00"
    rows, said = [], (("marketing", 20, 3, "0.10"), ("utility", 21, 4, "0.02"), ("authentication", 22, 5, "0.03"))
    for category, own, more, _ in said:
        for at, count in ((day, own), (before, more), (after, 1)):
            name = f"{category[0]}{at[8:10]}"
            rows += [row | {"message_id": f"{name}-{n}"} for n, row in enumerate(sent(category, count, at=at))]
    lines = (
        ("Peru", "Marketing", "23", "0.10", "2.30"), ("Peru", "Utility", "25", "0.02", "0.50"),
        ("Peru", "Authentication", "25", "0.03", "0.75"),
    )  # fmt: skip
    files, path, target = write_files(tmp_path / "cut", rows, lines), tmp_path / "cut.audit", tmp_path / "cut.csv"
    given = ["--account", files.account, "--messages", files.log, "--invoice", files.invoice, "--audit", path]
    assert main(["reconcile", *map(str, given)]) == 0
    assert main(["why", str(path), "--out", str(target)]) == 0
    assert "US$ 0.26 too much was billed, on 9 messages" in capsys.readouterr().out
    assert {one["line"] for one in messages(target)} == {"||Peru||marketing|", "||Peru||utility|"}
    assert main(["why", str(path), "--line", "||Peru||authentication|"]) == 0
    assert "No cause was found" in capsys.readouterr().out
    assert main(["why", str(path), "--line", "||Peru||authentication|", "--possible"]) == 0
    assert "Only possible, nothing proves it." in capsys.readouterr().out


def test_that_a_single_message_behind_a_cause_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (("Peru", "Marketing", "11", "0.10", "1.10"), LINES[1])
    files, path = write_files(tmp_path / "one", [*MARKETING[:10], FAILED[0], *UTILITY], lines), tmp_path / "one.audit"
    given = ["--account", files.account, "--messages", files.log, "--invoice", files.invoice, "--audit", path]
    assert main(["reconcile", *map(str, given)]) == 0
    assert main(["why", str(path), "--possible"]) == 0
    said = capsys.readouterr().out
    assert "US$ 0.10 too much was billed, on one message." in said
    assert "se cobraron US$ 0.10 de más, en un mensaje." in said


def test_that_what_a_month_of_conversations_rests_on_is_told_in_conversations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # May 2025: 13 of marketing are billed at 0.10, each to another customer; three of them failed.
    users = [f"5199900{n:04}" for n in range(17)]
    rows = [row for user in users[:13] for row in sent("marketing", at="2025-05-05 10:00", user=user)]
    rows[10:] = [row | {"delivered_at": "", "failed_at": row["delivered_at"]} for row in rows[10:]]
    rows += [row for user in users[13:] for row in sent("utility", at="2025-05-06 10:00", user=user)]
    files = write_files(tmp_path / "may", rows, LINES, ACCOUNT.replace("2026-10", "2025-05"))
    prices = (("marketing", "0.10"), ("utility", "0.02"))
    write_card(files.card, [priced("Peru", name, rate, "2025-01-01") for name, rate in prices])
    path = tmp_path / "may.audit"
    given = ["--account", files.account, "--messages", files.log, "--invoice", files.invoice, "--audit", path]
    assert main(["reconcile", *map(str, given)]) == 0
    assert main(["why", str(path)]) == 0
    said = capsys.readouterr().out
    assert "US$ 0.30 too much was billed, on 3 conversations" in said
    assert "se cobraron US$ 0.30 de más, en 3 conversaciones" in said

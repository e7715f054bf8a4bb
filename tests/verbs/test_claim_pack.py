"""The claim pack: letter, line list and masked evidence say what is disputed, and give no customer away."""

import csv
import hashlib
import hmac
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from docx import Document

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.core.records import Tax
from auditor.core.report.facts import Facts
from auditor.verbs import Audit
from auditor.verbs.claim_pack import Pack
from auditor.verbs.claim_pack import write_pack
from auditor.verbs.claims import Claim
from tests.audit_files import UTILITY
from tests.writers.recalculation import recalculated
from tests.writers.sample_result import Decision
from tests.writers.sample_result import evidence
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result
from tests.writers.strictness import faults

KEY = "0123456789abcdef" * 2
OVER = (0, 1, 4, 8)  # of the sample's plans: +17.58, +19.00, -39.06, +28.12
CARRIED = Claim(
    "2026-09 x", "2026-09", "||Chile||utility|", Decimal("9.00"), "USD", date(2026, 10, 6), "", Decimal(2), carried=True
)


def silent(step: str, done: int, total: int) -> None:
    """Watch nothing."""


def sample(language: str = "en", note: str = "=1+1") -> Facts:
    """Give the sample with four lines disputed, one of them an undercharge."""
    result = sample_result()
    result = replace(result, account=replace(result.account, tax=Tax("IGV", Decimal(18))))
    decisions = {result.differences[place].key: Decision("disputed", "", note) for place in OVER}
    return Facts(result, sample_context(language, result, decisions=decisions, charges=3))


def pack(folder: Path, facts: Facts | None = None) -> Pack:
    facts = facts or sample()
    return write_pack(facts.result, replace(facts.context, claims=(CARRIED,)), KEY, folder, silent)


def file_of(made: Pack, stem: str, ending: str) -> Path:
    return next(file for file in made.files if stem in file.stem and file.suffix == ending)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def words_of(file: Path) -> str:
    """Give all that a letter says, tables included."""
    letter = Document(str(file))
    cells = [cell.text for table in letter.tables for row in table.rows for cell in row.cells]
    said = "\n".join([*(paragraph.text for paragraph in letter.paragraphs), *cells])
    return said.replace("\N{NO-BREAK SPACE}", " ")


def test_that_the_letter_says_line_amount_rule_and_evidence(tmp_path: Path) -> None:
    """17.58 + 19.00 + 28.12 = 64.70 is claimed; billed 889.30 + 183.00 + 309.32, due 871.72 + 164.00 + 281.20."""
    made = pack(tmp_path)
    assert made.amount == Decimal("64.70")
    assert len(made.keys) == 3
    said = words_of(file_of(made, "letter", ".docx"))
    for words in (
        "Claim on invoice F001-000123: WhatsApp charges, October 2026",
        "We dispute 3 of its lines. US$ 1,381.62 was billed on them where US$ 1,316.92 was due: US$ 64.70 too much.",
        "Amounts stand before IGV (18 %).",
        "Line 2: Peru · Utility · October 2026 · Andina",
        "F001-000123, factura_octubre_2026.xlsx, Detalle, row 6",
        "9,150 × 0.02 = US$ 183.00",
        "8,200 × 0.02 = US$ 164.00",
        "Utility inside the service window, US$ 19.00. Utility messages inside an open customer service window were",
        "0.02 USD from 01 Oct 2026 (rate card: Meta). Meta USD card effective 2026-10-01, downloaded 2026-10-09",
        "3 charges, one by one in the enclosed evidence under this line's number.",
        "The first arose on 30 Sep 2026 19:00, the last on 02 Oct 2026 21:02.",  # 00:00 and 02:02 UTC, in Lima
        "=1+1",
    ):
        assert words in said, words


def test_that_what_was_billed_too_little_stands_beside(tmp_path: Path) -> None:
    """Chile 39.06 and Brazil 50.00 too little: 89.06; 64.70 less 89.06 is 24.36 the other way."""
    made = pack(tmp_path)
    said = words_of(file_of(made, "letter", ".docx"))
    assert "found US$ 89.06 billed too little (lines: 2)" in said
    assert "US$ 64.70 is claimed on the disputed lines, -US$ 24.36 is what remains" in said
    lines = rows_of(file_of(made, "lines", ".csv"))
    assert [(line["direction"], line["difference"]) for line in lines] == [
        ("overcharge", "28.12"), ("overcharge", "19"), ("overcharge", "17.58"),
        ("undercharge", "-50"), ("undercharge", "-39.06"),
    ]  # fmt: skip
    book = openpyxl.load_workbook(file_of(made, "lines", ".xlsx"), data_only=True)
    assert book.sheetnames == ["Disputed lines", "Billed too little"]
    figures = {row[0]: row[15] for row in book["Disputed lines"].iter_rows(values_only=True) if len(row) > 15}
    assert [figures[name] for name in ("Claimed", "Billed too little", "Net of both")] == [64.7, -89.06, -24.36]
    assert recalculated(file_of(made, "lines", ".xlsx"), tmp_path).different == ()
    assert faults(file_of(made, "lines", ".xlsx")) == []


def test_that_no_file_gives_a_customer_away_and_each_message_can_be_matched(tmp_path: Path) -> None:
    made = pack(tmp_path)
    secret = evidence(3)
    for file in made.files:
        contents = [file.read_bytes()]
        if file.suffix in {".docx", ".xlsx"}:
            with ZipFile(file) as parts:
                contents = [parts.read(name) for name in parts.namelist()]
        for one in secret:
            assert not [content for content in contents if one.user.encode() in content]
            assert not [content for content in contents if one.unit_id.encode() in content]
    rows = rows_of(file_of(made, "evidence", ".csv"))
    assert len(rows) == 5 * 3
    expected = [hmac.new(KEY.encode(), one.unit_id.encode(), hashlib.sha256).hexdigest()[:32] for one in secret]
    assert [row["message"] for row in rows[:3]] == expected
    assert rows[0]["user"] == "5198•••••00"
    assert KEY in words_of(file_of(made, "letter", ".docx"))


def test_that_tables_for_spreadsheets_hold_no_formula_of_others(tmp_path: Path) -> None:
    made = pack(tmp_path)
    lines = rows_of(file_of(made, "lines", ".csv"))
    assert lines[0]["note"] == "'=1+1"
    assert lines[-1]["difference"] == "-39.06"
    sheet = openpyxl.load_workbook(file_of(made, "lines", ".xlsx"))["Disputed lines"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"} == {"s"}


def test_that_claims_of_earlier_periods_are_listed(tmp_path: Path) -> None:
    said = words_of(file_of(pack(tmp_path), "letter", ".docx"))
    assert "Claims of earlier periods that are still open" in said
    assert "US$ 7.00" in said


def test_that_both_letters_are_of_several_pages_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    one, two = pack(tmp_path / "one", sample("es")), pack(tmp_path / "two", sample("es"))
    assert [file.name for file in one.files] == [
        "reclamo_carta.docx", "reclamo_carta.pdf", "reclamo_lineas.xlsx", "reclamo_lineas.csv", "reclamo_sustento.csv",
    ]  # fmt: skip
    assert [file.read_bytes() for file in one.files] == [file.read_bytes() for file in two.files]
    pdf = one.files[1].read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 2


def test_that_nothing_disputed_is_nothing_to_claim(audit: Audit, tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        audit.export_claim_pack(tmp_path / "pack")
    assert refused.value.code == "claim_nothing"
    assert not (tmp_path / "pack").exists()


def test_that_the_journal_keeps_what_was_claimed_and_nothing_else_changes(audit: Audit, tmp_path: Path) -> None:
    audit.dispute([UTILITY], "rate of no card")
    audit.sign("preparer", "Rosa Quispe")
    audit.sign("reviewer", "Luis Paredes")
    audit.lock("Luis Paredes")
    made = audit.export_claim_pack(tmp_path / "pack")
    entry = audit.journal[-1]
    assert (entry.verb, entry.facts["keys"], entry.facts["amount"]) == ("claim_pack", [UTILITY], "0.25")
    assert entry.facts["names"] == [file.name for file in made.files]
    assert [one.stands for one in audit.sign_offs] == [True, True]
    assert audit.undo_name == "dispute"
    assert len(rows_of(file_of(made, "evidence", ".csv"))) == 5


def test_that_a_file_in_the_place_of_the_folder_is_said(audit: Audit, tmp_path: Path) -> None:
    audit.dispute([UTILITY])
    (tmp_path / "pack").write_text("a file")
    with pytest.raises(AuditorError) as refused:
        audit.export_claim_pack(tmp_path / "pack")
    assert refused.value.code == "target_is_file"


def test_that_the_command_writes_the_pack_or_says_what_to_do_first(
    audit: Audit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit.close()
    command = ["claim", str(audit.store.path), "--out", str(tmp_path / "pack")]
    assert main(command) == 2
    assert "there is nothing to claim" in capsys.readouterr().err
    opened = Audit.open(audit.store.path)
    opened.dispute([UTILITY])
    opened.close()
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "Claimed: US$ 0.25 in all (lines: 1)." in said
    assert str(tmp_path / "pack" / "claim_letter.pdf") in said

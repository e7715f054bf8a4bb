"""Receipts without an invoice are held against the expected charge as a whole; beside one, they are control totals."""

from decimal import Decimal
from pathlib import Path

import fpdf
import pytest

from auditor.verbs import Audit
from auditor.verbs import read_account_file
from tests.audit_files import Files
from tests.audit_files import write_files


def _receipt(folder: Path, number: str, total: str) -> Path:
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("helvetica", size=11)
    for line in (
        "Receipt for Case",
        f"Reference number: {number}",
        "Invoice date: Oct 9, 2026",
        f"Total   USD {total}",
    ):
        document.cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
    document.output(str(folder / f"{number}.pdf"))
    return folder / f"{number}.pdf"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "in")


def test_that_receipts_alone_are_held_against_the_charge_as_a_whole(files: Files, tmp_path: Path) -> None:
    # Charged 1.00 of marketing and 0.10 of utility; paid 0.80 and 0.55 on the card: 0.25 too much.
    audit = Audit.create(tmp_path / "a.audit", *read_account_file(files.account))
    paid = [_receipt(tmp_path, number, total) for number, total in (("QWERT1", "0.80"), ("QWERT2", "0.55"))]
    audit.add_files([files.log, *paid])
    result = audit.recompute()
    assert (result.billed, result.expected, result.difference) == (Decimal("1.35"), Decimal("1.10"), Decimal("0.25"))
    assert [len(line.lines) for line in result.differences] == [2]
    audit.add_files([files.invoice])  # 1.00 and 0.35: now the receipts are totals, and nothing is billed twice
    result = audit.recompute()
    assert (result.billed, len(result.invoice_lines)) == (Decimal("1.35"), 2)
    audit.close()
    again = Audit.open(tmp_path / "a.audit")
    assert again.answer().audited.result.billed == Decimal("1.35")
    again.close()

"""The journal of the workbook says in words what its entries are about."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from auditor.verbs import Audit
from auditor.verbs.conditions import Condition
from tests.audit_files import ACCOUNT
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path, account=ACCOUNT.replace('language = "en"', 'language = "es"'))


def test_that_the_journal_has_words_for_lines_causes_and_conditions(audit: Audit, tmp_path: Path) -> None:
    audit.dispute([UTILITY], "no está en el tarifario")
    audit.assign_cause([UTILITY], "rate")
    audit.record(Condition("number", "display_name_approved", "met", "captura", date(2026, 10, 5), "Rosa"))
    audit.set_due(audit.claims[0].name, date(2026, 12, 15))
    audit.set_due(audit.claims[0].name, None)
    book = openpyxl.load_workbook(audit.export_workbook(tmp_path / "octubre.xlsx"))
    journal = next(sheet for sheet in book.worksheets if str(sheet["A1"].value).startswith("N · "))
    details = [str(row[4].value) for row in journal.iter_rows() if isinstance(row[0].value, int)]
    assert details[-5:] == [
        "Perú · Utilidad; no está en el tarifario",
        "Perú · Utilidad; Tarifa",
        "number: El nombre visible está aprobado; captura",
        "Perú · Utilidad; vence el 15/12/2026",
        "Perú · Utilidad; sin vencimiento",
    ]

"""The written workbook: recalculated, opened again, attacked, and refused when a figure is not the engine's."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.report import Report
from auditor.core.report import build_report
from auditor.core.report_cells import Control
from auditor.language import Language
from auditor.writers.workbook import write_workbook
from auditor.writers.workbook_style import clean
from tests.writers.recalculation import recalculated
from tests.writers.sample_result import MADE_AT
from tests.writers.sample_result import Decision
from tests.writers.sample_result import account
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result


def report(language: str = "en", currency: str = "USD", count: int = 12, **changes: object) -> Report:
    """Build the sample's report."""
    result = sample_result(currency, count)
    return build_report(result, replace(sample_context(language, result), **changes))  # type: ignore[arg-type]


def texts(file: Path) -> dict[str, list[object]]:
    """Give every stored value of every sheet."""
    book = openpyxl.load_workbook(file, data_only=True)
    return {sheet.title: [cell.value for row in sheet.iter_rows() for cell in row] for sheet in book}


@pytest.mark.parametrize(
    ("language", "currency", "count"), [("en", "USD", 0), ("es", "PEN", 1), ("en", "PEN", 12), ("es", "USD", 50)]
)
def test_that_recalculation_gives_every_stored_value_and_no_error(
    tmp_path: Path, language: str, currency: str, count: int
) -> None:
    file = write_workbook(report(language, currency, count), tmp_path / "audit.xlsx")
    compared = recalculated(file, tmp_path)
    assert compared.different == ()
    assert compared.cells > 100


def test_that_recalculation_would_find_a_wrong_stored_value(tmp_path: Path) -> None:
    made = report(count=1)
    cover = made.sheets[0]
    wrong = {
        place: replace(entry, value=Decimal(7)) if entry.formula == "=total_invoiced" else entry
        for place, entry in cover.cells.items()
    }
    broken = replace(made, sheets=(replace(cover, cells=wrong), *made.sheets[1:]), controls=())
    compared = recalculated(write_workbook(broken, tmp_path / "audit.xlsx"), tmp_path)
    assert [sheet for sheet, *_ in compared.different] == ["Cover"]


def test_that_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    attacks = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://example.com/a", "\t=1"]
    result = sample_result()
    decisions = {
        line.key: Decision("disputed", "", attack) for line, attack in zip(result.differences, attacks, strict=False)
    }
    made = build_report(result, sample_context("en", result, decisions=decisions))
    file = write_workbook(made, tmp_path / "audit.xlsx")
    sheet = openpyxl.load_workbook(file)["Differences"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value in attacks]
    assert len(cells) == len(attacks)
    assert all(cell.data_type == "s" for cell in cells)
    assert "=cmd|' /C calc'!A0" in texts(file)["Journal"]
    with ZipFile(file) as parts:
        assert not [name for name in parts.namelist() if "externalLink" in name or "vba" in name]


def test_that_the_same_audit_is_the_same_file_but_for_the_export_time(tmp_path: Path) -> None:
    one = write_workbook(report("es", "PEN"), tmp_path / "one.xlsx").read_bytes()
    two = write_workbook(report("es", "PEN"), tmp_path / "two.xlsx").read_bytes()
    later = write_workbook(report("es", "PEN", made_at=MADE_AT + timedelta(hours=1)), tmp_path / "later.xlsx")
    assert one == two
    assert later.read_bytes() != one


def test_that_a_stored_figure_that_is_not_the_engines_keeps_the_old_file(tmp_path: Path) -> None:
    made = report()
    target = tmp_path / "audit.xlsx"
    target.write_bytes(b"the old one")
    first = made.controls[0]
    broken = replace(
        made, controls=(Control(first.sheet, first.row, first.column, Decimal("123.45")), *made.controls[1:])
    )
    with pytest.raises(AuditorError) as refused:
        write_workbook(broken, target)
    assert refused.value.code == "workbook_differs"
    assert target.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [target]
    for language in ("en", "es"):
        assert "123.45" in Language(language).error(refused.value)


def test_that_cancelling_leaves_nothing_half_done(tmp_path: Path) -> None:
    def stop(step: str, done: int, total: int) -> None:
        if done == 3:
            raise Cancelled(step, total)

    with pytest.raises(Cancelled):
        write_workbook(report(count=1), tmp_path / "audit.xlsx", stop)
    assert list(tmp_path.iterdir()) == []


def test_that_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        write_workbook(report(), tmp_path / "no such folder" / "audit.xlsx")
    assert refused.value.code == "file_not_writable"


def test_that_text_a_spreadsheet_cannot_hold_is_cleaned_and_what_is_cut_is_said() -> None:
    assert clean("a\x00b\ud800c\r\nd", "") == "a�b�c\nd"
    cut = clean("x" * 40_000, "{text}… [cut here: the text has {length} characters]")
    assert cut.endswith("… [cut here: the text has 40000 characters]")
    assert len(cut) < 32_767


def test_that_a_lone_surrogate_in_a_name_does_not_lose_the_export(tmp_path: Path) -> None:
    result = replace(sample_result(count=1), account=replace(account(), entity="Andina \ud800 \x07 & Hijos"))
    file = write_workbook(build_report(result, sample_context("en", result)), tmp_path / "audit.xlsx")
    assert "A · Cover — Andina � � & Hijos · October 2026 · USD" in texts(file)["Cover"]


def sheets(tmp_path: Path, language: str = "es") -> dict[str, Worksheet]:
    """Write the sample and give its sheets by index code."""
    made = report(language, "PEN")
    book = openpyxl.load_workbook(write_workbook(made, tmp_path / "audit.xlsx"))
    return {sheet.code: book[sheet.name] for sheet in made.sheets}


def test_that_sheets_are_set_up_to_be_read_and_printed(tmp_path: Path) -> None:
    for code, sheet in sheets(tmp_path).items():
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        footer = sheet.oddFooter
        assert footer is not None
        assert footer.left is not None
        assert code in str(footer.left.text)
        assert sheet.freeze_panes
        assert sheet.protection.sheet is (code in "ACD")
        assert sheet.protection.password is None
        assert sheet.print_area


def test_that_data_sheets_hold_filtered_tables_under_frozen_and_repeated_heads(tmp_path: Path) -> None:
    for code, sheet in sheets(tmp_path).items():
        for table in sheet.tables.values():
            assert table.autoFilter is not None
        if len(sheet.tables) == 1:
            head = int(next(iter(sheet.tables.values())).ref.split(":")[0].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            assert sheet.print_title_rows == f"${head}:${head}", code
            assert str(sheet.freeze_panes).strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(head + 1)


def test_that_formats_follow_currency_and_kind_and_colours_follow_origin(tmp_path: Path) -> None:
    sheet = sheets(tmp_path)["F"]
    heads = {cell.value: cell for cell in sheet[9] if isinstance(cell, Cell)}
    row = {head: sheet[f"{cell.column_letter}10"] for head, cell in heads.items()}
    assert row["Facturado"].number_format.startswith('"S/" #,##0.00')
    assert row["Facturado"].font.color.rgb == "FF1E6B3A"
    assert row["Diferencia"].font.color.rgb == "FF000000"
    assert row["Cantidad facturada"].font.color.rgb == "FF1F4E9E"
    assert row["Mes"].is_date
    assert row["Mes"].number_format == "[$-280A]mmm\\ yyyy" or row["Mes"].number_format == "[$-280A]mmm yyyy"
    assert row["Clave"].data_type == "s"
    assert sheet.column_dimensions[row["Clave"].column_letter].hidden


def test_that_ids_are_texts(tmp_path: Path) -> None:
    found = [cell for row in sheets(tmp_path)["M"].iter_rows() for cell in row if cell.value == "106540352242944"]
    assert found
    assert all(cell.data_type == "s" for cell in found)


def test_that_the_bridge_has_native_charts_beside_their_figures(tmp_path: Path) -> None:
    write_workbook(report("en"), tmp_path / "audit.xlsx")
    with ZipFile(tmp_path / "audit.xlsx") as parts:
        drawn = [parts.read(name).decode() for name in sorted(parts.namelist()) if name.startswith("xl/charts/chart")]
    assert len(drawn) == 4
    assert "Invoiced less expected: US$ 18.82; unexplained: US$ 29.32" in drawn[0]
    assert "axis starts at US$ 1,620.00" in drawn[0]
    assert "By category" in drawn[1]
    assert "By market" in drawn[2]
    assert "Expected charges by day" in drawn[3]


def test_that_progress_counts_the_sheets(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    write_workbook(report(count=1), tmp_path / "audit.xlsx", lambda step, done, total: seen.append((step, done, total)))
    assert list(dict.fromkeys(seen)) == [("workbook", n, 14) for n in range(1, 15)]

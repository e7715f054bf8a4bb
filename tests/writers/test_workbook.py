"""The written workbook: recalculated, opened again, attacked, and refused when a figure is not the engine's."""

import errno
import os
import re
import tempfile
from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.problems import Place
from auditor.core.records import ControlTotal
from auditor.core.report.cells import Column
from auditor.core.report.cells import Control
from auditor.core.report.cells import Entry
from auditor.core.report.cells import LongTable
from auditor.core.report.cells import Table
from auditor.core.report.workpaper import Report
from auditor.core.report.workpaper import build_report
from auditor.core.results import Reconciliation
from auditor.language import Language
from auditor.writers.charts import charts
from auditor.writers.charts import picture
from auditor.writers.charts import thread
from auditor.writers.close_book import close_book
from auditor.writers.whole_file import whole_file
from auditor.writers.workbook import write_workbook
from auditor.writers.workbook_style import clean
from tests.writers.recalculation import convert
from tests.writers.recalculation import recalculated
from tests.writers.sample_result import MADE_AT
from tests.writers.sample_result import Decision
from tests.writers.sample_result import account
from tests.writers.sample_result import office_hours
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result
from tests.writers.sample_result import sample_thread


def report(language: str = "en", currency: str = "USD", count: int = 12, **changes: object) -> Report:
    """Build the sample's report."""
    result = sample_result(currency, count)
    return build_report(result, replace(sample_context(language, result), **changes))  # type: ignore[arg-type]


def rows_of(table: Table | LongTable) -> tuple[tuple[Entry, ...], ...]:
    """Give the rows of a table of dressed cells."""
    assert isinstance(table, Table)
    return table.rows


def texts(file: Path) -> dict[str, list[object]]:
    """Give every stored value of every sheet."""
    book = openpyxl.load_workbook(file, data_only=True)
    return {sheet.title: [cell.value for row in sheet.iter_rows() for cell in row] for sheet in book}


@pytest.mark.parametrize(
    ("language", "currency", "count"), [("en", "USD", 0), ("es", "PEN", 1), ("en", "PEN", 12), ("es", "USD", 1_000)]
)
def test_that_recalculation_gives_every_stored_value_and_no_error(
    tmp_path: Path, language: str, currency: str, count: int
) -> None:
    result = sample_result(currency, count)
    made = build_report(result, sample_context(language, result, charges=2))
    compared = recalculated(write_workbook(made, tmp_path / "audit.xlsx"), tmp_path)
    assert compared.different == ()
    assert compared.cells > 100 + 16 * count


def test_that_of_very_many_lines_each_formula_names_the_rows_where_its_own_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = report("es", "PEN", 40)
    monkeypatch.setattr("auditor.core.report.sums._MOST_LOOKED_AT", 100)
    by_place = report("es", "PEN", 40)
    assert [control.value for control in by_place.controls] == [control.value for control in whole.controls]
    sheets = {sheet.code: sheet for sheet in by_place.sheets}
    tables = {
        sheets[code].name: (sheets[code].tables[n], column)
        for code, n, column in (("F", 0, 1), ("G", 0, 0), ("L", 2, 3))
    }
    formulas = [entry.formula for entry in sheets["C"].cells.values()]
    formulas += [entry.formula for row in rows_of(tables["Diferencias"][0]) for entry in row]
    areas = re.findall(r"IFS\('([^']+)'!\$[A-Z]+\$(\d+)(?::\$[A-Z]+\$(\d+))?", " ".join(formulas))
    for sheet, first, last in areas:
        table, column = tables[sheet]
        own = rows_of(table)[int(first) - 1 - table.first : int(last or first) - table.first]
        assert len({row[column].value for row in own}) == 1
    assert {sheet for sheet, *_ in areas} == set(tables)
    assert "solo las filas de G, L" in sheets["F"].remarks[2][1]
    assert "solo las filas de F" in sheets["C"].remarks[2][1]
    assert recalculated(write_workbook(by_place, tmp_path / "audit.xlsx"), tmp_path).different == ()


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


def changed(file: Path, folder: Path, sheet: str, find: tuple[object, ...], column: int, value: float) -> Workbook:
    """Do as a reviewer does: change one cell of the row that holds some values, recalculate, and give the workbook."""
    book = openpyxl.load_workbook(file)
    own = book[sheet]
    row = next(row for row in own.iter_rows() if set(find) <= {cell.value for cell in row})
    row[column].value = value
    book.save(file)
    return openpyxl.load_workbook(convert(file, folder, "xlsx:Calc MS Excel 2007 XML"), data_only=True)


def found(sheet: Worksheet, *values: object) -> list[Any]:
    """Give the first row of a sheet that holds all of some values."""
    rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    return next(row for row in rows if set(values) <= set(row))


def test_that_a_rate_that_is_changed_moves_charges_lines_totals_and_lights(tmp_path: Path) -> None:
    # 3,000 authentication messages to Peru at 0.02 are 60.00, as billed; at 0.03 they are 90.00, and 30.00 are missing.
    file = write_workbook(report(), tmp_path / "audit.xlsx")
    book = changed(file, tmp_path, "Rates and FX", ("Peru", "Authentication"), 6, 0.03)
    assert 90 in found(book["Expected charges"], "Peru", "Authentication")
    line = found(book["Differences"], "Peru", "Authentication")
    assert {90, -30, 0.03, "Different"} <= set(line)
    assert False in found(book["Tie-out"], "Expected is as it was at export")
    assert False in found(book["Tie-out"], "Overall: all checks agree")
    assert "✗ A check does not agree" in [row[1].value for row in book["Cover"].iter_rows()]


def test_that_an_exchange_rate_that_is_changed_moves_what_it_converted(tmp_path: Path) -> None:
    # 60.00 USD at 3.75 are 225.00 PEN; at 4 they are 240.00.
    made = build_report(sample_result("PEN"), sample_context("en", sample_result("PEN")))
    file = write_workbook(made, tmp_path / "audit.xlsx")
    assert 225 in found(openpyxl.load_workbook(file, data_only=True)["Expected charges"], "Peru", "Authentication")
    book = changed(file, tmp_path, "Rates and FX", ("USD", "PEN"), 6, 4)
    assert 240 in found(book["Expected charges"], "Peru", "Authentication")


def test_that_a_tolerance_that_is_changed_moves_the_status_of_its_lines_and_what_is_to_be_reviewed(
    tmp_path: Path,
) -> None:
    # Of ten lines to review five are off by at most 20: 17.58, 19.00, 12.50, 0.25 and 10.17.
    file = write_workbook(report(), tmp_path / "audit.xlsx")
    before = openpyxl.load_workbook(file, data_only=True)
    assert found(before["Cover"], "Lines that need review")[1] == 10
    book = changed(file, tmp_path, "Cover", ("Tolerance of a line, amount",), 1, 20)
    assert found(book["Cover"], "Lines that need review")[1] == 5
    assert "Within tolerance" in found(book["Differences"], "Peru", "Marketing", 17.58)
    assert "Different" in found(book["Differences"], "Chile", "Marketing", -39.06)


def test_that_lights_and_lines_take_another_fill_where_their_formulas_come_to_something_else(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_workbook(report(), tmp_path / "audit.xlsx"))
    fills = {
        (sheet, rule.formula[0]): rule.dxf.fill.bgColor.rgb[2:]
        for sheet in ("Cover", "Tie-out", "Differences")
        for area in book[sheet].conditional_formatting
        for rule in area.rules
    }
    red, green = "F8D9D6", "E1F0E2"
    overall = book.defined_names["tie_out_ok"].attr_text.split("!")[1].replace("$", "")
    assert fills["Tie-out", f"NOT({overall})"] == red
    assert fills["Tie-out", overall] == green
    assert sorted(fill for (sheet, _), fill in fills.items() if sheet == "Cover") == [green, green, red, red]
    # A line that comes to be even loses its fill; one within its tolerance takes that one's.
    assert [fill for (sheet, _), fill in fills.items() if sheet == "Differences"] == ["FFFFFF", "F0F5E3", "FBE8CC"]


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
    assert len(cells) == 2 * len(attacks)  # what was typed, and what it was at the export
    assert all(cell.data_type == "s" for cell in cells)
    assert "=cmd|' /C calc'!A0" in texts(file)["Journal"]
    with ZipFile(file) as parts:
        assert not [name for name in parts.namelist() if "externalLink" in name or "vba" in name]


def test_that_the_same_audit_is_the_same_file_but_for_the_export_time(tmp_path: Path) -> None:
    one = write_workbook(report("es", "PEN"), tmp_path / "one.xlsx").read_bytes()
    two = write_workbook(report("es", "PEN"), tmp_path / "two.xlsx").read_bytes()
    assert one == two
    later = write_workbook(report("es", "PEN", made_at=MADE_AT + timedelta(hours=1)), tmp_path / "later.xlsx")
    with ZipFile(tmp_path / "one.xlsx") as before, ZipFile(later) as after:
        assert before.namelist() == after.namelist()
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
        cover = [part.read("xl/worksheets/sheet1.xml").split(b"<c ") for part in (before, after)]
    assert changed == {"docProps/core.xml", "xl/worksheets/sheet1.xml"}
    moved = [(b, a) for b, a in zip(*cover, strict=True) if b != a]
    hours = [round(float(cell.split(b"<v>")[1].split(b"</v>")[0]) * 24) for cell in moved[0]]
    assert len(moved) == 1
    assert hours[1] - hours[0] == 1


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


def test_that_what_keeps_the_writer_of_workbooks_from_a_file_is_the_systems_own_error(tmp_path: Path) -> None:
    # So that a disk that is full is told as one: XlsxWriter has an error of its own for it, which nobody awaits.
    with pytest.raises(OSError, match="No such file"):
        close_book(xlsxwriter.Workbook(str(tmp_path / "no such folder" / "audit.xlsx")))


@pytest.mark.parametrize(("name", "last_key"), [("Lead schedule", 4), ("Differences", 7)])
def test_that_sheets_of_many_columns_are_printed_in_letters_that_can_be_read(
    tmp_path: Path, name: str, last_key: int
) -> None:
    book = openpyxl.load_workbook(write_workbook(report(), tmp_path / "audit.xlsx"))
    sheet = book[name]
    # A width of 1 is seven pixels of a 96th of an inch; A3 has 399.7 mm within its margins.
    widths = {
        column: one.width * 7 * 25.4 / 96
        for one in sheet.column_dimensions.values()
        if not one.hidden
        for column in range(one.min or 0, (one.max or 0) + 1)
    }
    pages = int(sheet.page_setup.fitToWidth or 1)
    keys = sum(width for column, width in widths.items() if column <= last_key)
    a_page = (sum(widths.values()) + (pages - 1) * keys) / pages
    assert 399.7 / a_page >= 0.6
    if pages > 1:
        assert sheet.print_title_cols == f"$A:${get_column_letter(last_key)}"
        # What reaches beyond the repeated columns is cut on the second page.
        assert all(one.max_col <= last_key for one in sheet.merged_cells.ranges if one.min_row <= 5)


def test_that_the_parts_of_a_workbook_lie_in_a_folder_that_goes_with_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # XlsxWriter takes them away one by one as it packs them: on a full disk, or killed, it would leave the rest.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lain: list[str] = []

    def full(_part: str, _times: tuple[float, float]) -> None:
        lain.extend(str(path.relative_to(tmp_path).parent) for path in tmp_path.rglob("tmp*"))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.os.utime", full)
    book = xlsxwriter.Workbook(str(tmp_path / "audit.xlsx"))
    book.add_worksheet("customers")
    with pytest.raises(OSError, match="No space left"):
        close_book(book)
    assert lain
    assert all(folder.startswith("auditor-") for folder in lain)
    assert list(tmp_path.rglob("tmp*")) == []


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_that_a_full_disk_is_said_and_not_taken_for_a_file_that_is_open_elsewhere(tmp_path: Path, fault: int) -> None:
    path = tmp_path / "audit.xlsx"

    def write() -> None:
        with whole_file(path) as beside:
            beside.write_bytes(b"half")
            raise OSError(fault, os.strerror(fault))

    with pytest.raises(AuditorError) as refused:
        write()
    assert (refused.value.code, refused.value.place) == ("output_full", Place(str(path)))
    assert list(tmp_path.iterdir()) == []


def test_that_a_device_or_a_pipe_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "audit.xlsx"
    os.mkfifo(pipe)
    with pytest.raises(AuditorError) as refused:
        write_workbook(report(), pipe)
    assert refused.value.code == "target_is_device"
    assert pipe.is_fifo()


def test_that_text_a_spreadsheet_cannot_hold_is_cleaned_and_what_is_cut_is_said() -> None:
    assert clean("a\x00b\ud800c\r\nd", "") == "a�b�c\nd"
    cut = clean("x" * 40_000, "{text}… [cut here: the text has {length} characters]")
    assert cut.endswith("… [cut here: the text has 40000 characters]")
    assert len(cut) < 32_767


def test_that_text_is_measured_as_a_spreadsheet_does() -> None:
    """A cell holds 32,767 UTF-16 units, and a character beyond the first plane takes two."""
    cut = clean("a" + "😀" * 20_000, "{text}…{length}")
    assert cut.endswith("😀…20001")
    assert len(cut.encode("utf-16-le")) // 2 < 32_767


def hostile(count: int = 12) -> Reconciliation:
    """Give the sample with names that a criterion of SUMIFS would not take at their word."""
    names = ("lima", "Lima", "LIMA", "Lim*", "L?ma", "~Lima", ">5", "=1", "1.0", "1", "<>", "x" * 300)
    made = sample_result(count=count)
    lines = tuple(replace(line, market=name) for line, name in zip(made.differences, names, strict=True))
    files = [("FACTURA*.xlsx", "factura*.xlsx")[place % 2] for place in range(len(made.invoice_lines))]
    sums = dict.fromkeys(files, Decimal(0))
    for file, line in zip(files, made.invoice_lines, strict=True):
        sums[file] += line.amount
    return replace(
        made,
        differences=lines,
        invoice_lines=tuple(
            replace(line, source=replace(line.source, file=file))
            for file, line in zip(files, made.invoice_lines, strict=True)
        ),
        control_totals=tuple(
            ControlTotal("total", amount, "USD", Place(file, "Detalle", 92), "TOTAL") for file, amount in sums.items()
        ),
    )


def test_that_names_that_differ_by_case_or_hold_marks_of_a_criterion_are_summed_apart(tmp_path: Path) -> None:
    result = hostile()
    file = write_workbook(build_report(result, sample_context("en", result)), tmp_path / "audit.xlsx")
    assert recalculated(file, tmp_path).different == ()
    sheet = openpyxl.load_workbook(file, data_only=True)["Bridge"]
    sums = {name: amount for name, amount in sheet.iter_rows(max_col=2, values_only=True) if amount is not None}
    first_three = {name: sums[name] for name in ("lima", "Lima", "LIMA")}
    assert first_three == {"lima": 889.3, "Lima": 183, "LIMA": 60}  # as the sample's plans have them


def test_that_more_invoice_lines_than_may_be_shown_stand_together_and_still_tie(tmp_path: Path) -> None:
    """Eleven lines of differences and two others, each of them cut in two: 1.00, and the rest."""
    whole = sample_result()
    cut = [
        replace(line, amount=amount, quantity=None)
        for line in whole.invoice_lines
        for amount in (Decimal(1), line.amount - 1)
    ]
    lines = [
        replace(line, lines=tuple(half for place in line.lines for half in (2 * place, 2 * place + 1)))
        for line in whole.differences
    ]
    result = replace(whole, invoice_lines=tuple(cut), differences=tuple(lines))
    for limit, rows in ((26, 26), (25, 13)):
        made = build_report(result, sample_context("en", result, lines_limit=limit))
        assert len(made.sheets[11].tables[2].rows) == rows  # type: ignore[arg-type]
        file = write_workbook(made, tmp_path / "audit.xlsx")
        assert recalculated(file, tmp_path).different == ()
        assert "All checks agree" in str(texts(file)["Cover"])
    assert "Invoice lines as read: 26 lines, those that are alike together in 13 rows" in texts(file)["Imports"]
    assert "Detalle rows 5 to 5: 2 lines" in texts(file)["Imports"]


def test_that_cells_to_type_in_leave_room_for_it(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_workbook(report(count=1), tmp_path / "audit.xlsx"))
    for name, heads in (
        ("Lead schedule", {"Note": 26}),
        ("Differences", {"Decision": 13, "Cause, by the reviewer": 26, "Note": 26}),
        ("Account checklist", {"Status": 13, "Evidence": 26, "Date": 13, "Who": 13}),
    ):
        cells = [cell for row in book[name].iter_rows(max_row=12) for cell in row if cell.value in heads]
        spans = [(one.min or 0, one.max or 0, one.width) for one in book[name].column_dimensions.values()]
        found = {
            str(cell.value): width for cell in cells for first, last, width in spans if first <= cell.column <= last
        }
        assert found.keys() == heads.keys()
        assert all(found[head] >= width for head, width in heads.items())


def test_that_a_sheet_of_more_rows_than_a_spreadsheet_holds_is_refused_before_it_is_written(tmp_path: Path) -> None:
    made = report(count=1)
    endless = LongTable("T_H", 7, (Column("No."),), 1_048_576, lambda: iter(()))
    sheets = tuple(replace(sheet, tables=(endless,)) if sheet.code == "H" else sheet for sheet in made.sheets)
    with pytest.raises(AuditorError) as refused:
        write_workbook(replace(made, sheets=sheets), tmp_path / "audit.xlsx")
    assert refused.value.code == "sheet_too_long"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_that_heads_and_names_differ_by_more_than_case(language: str) -> None:
    """Excel repairs a table of two heads that differ by case only, and a book of two such names."""
    made = report(language)
    heads = [[column.head.casefold() for column in table.columns] for sheet in made.sheets for table in sheet.tables]
    names = [name.name.casefold() for name in made.names]
    for words in (*heads, names, [table.name for sheet in made.sheets for table in sheet.tables]):
        assert len(set(words)) == len(words)


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
        if sheet.tables and code != "I":  # there other figures follow
            head = max(
                int(table.ref.split(":")[0].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for table in sheet.tables.values()
            )
            assert sheet.print_title_rows == f"${head}:${head}", code
        if len(sheet.tables) == 1 and code != "I":
            assert str(sheet.freeze_panes).strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(head + 1)


def test_that_no_chart_is_cut_in_two_by_the_end_of_a_printed_page(tmp_path: Path) -> None:
    made = report("es", "PEN", 12)
    sheet = openpyxl.load_workbook(write_workbook(made, tmp_path / "audit.xlsx"))["Cuotas gratuitas"]
    pages = [tuple(int(row) for row in re.findall(r"\d+", area)) for area in str(sheet.print_area).split(",")]
    assert (
        len(pages) == 3
    )  # the table with the first counter; of 31 days each of the others fills more than half of one
    assert [first for first, _ in pages[1:]] == [last + 1 for _, last in pages[:-1]]
    charts = next(one for one in made.sheets if one.code == "I").charts
    assert len(charts) == 3
    for chart in charts:
        top, bottom = chart.at[0] + 1, chart.at[0] + 18
        assert any(first <= top and bottom <= last for first, last in pages)


@pytest.mark.parametrize("language", ["en", "es"])
def test_that_no_label_of_the_cover_is_cut_by_the_figure_beside_it(tmp_path: Path, language: str) -> None:
    page = sheets(tmp_path, language)["A"]
    labels = [str(row[0].value) for row in page.iter_rows(min_row=7) if row[0].value and row[1].value is not None]
    width = page.column_dimensions["A"].width
    assert labels
    # The column is measured in digits, which are wider than letters.
    assert [label for label in labels if len(label) > width + 2] == []


def test_that_formats_follow_currency_and_kind_and_colours_follow_origin(tmp_path: Path) -> None:
    sheet = sheets(tmp_path)["F"]
    heads = {cell.value: cell for cell in sheet[9] if isinstance(cell, Cell)}
    row = {head: sheet[f"{cell.column_letter}10"] for head, cell in heads.items()}
    assert row["Facturado"].number_format.startswith('"S/" #,##0.00')
    assert row["Facturado"].font.color.rgb == "FF1E6B3A"
    assert row["Diferencia"].font.color.rgb == "FF000000"
    assert row["Cantidad facturada"].font.color.rgb == "FF1E6B3A"
    assert row["Tarifa facturada"].font.color.rgb == "FF1F4E9E"
    assert row["Mes"].is_date
    assert row["Mes"].number_format == "[$-280A]mmm\\ yyyy" or row["Mes"].number_format == "[$-280A]mmm yyyy"
    assert row["Clave"].data_type == "s"
    assert sheet.column_dimensions[row["Clave"].column_letter].hidden


@pytest.mark.parametrize("language", ["en", "es"])
def test_that_no_rule_runs_through_the_words_that_explain_a_table(tmp_path: Path, language: str) -> None:
    """They run over several columns, and a rule under the first alone ended in the midst of them."""
    said = Language(language).text("domain.widening.no_trace").split()
    page = sheets(tmp_path, language)["K"]
    lines = [cell for cell in page["A"] if str(cell.value).split()[:3] in (said[:3], said[-3:])]
    assert lines
    assert not [cell.coordinate for cell in lines if cell.border.bottom.style]


@pytest.mark.parametrize("language", ["en", "es"])
def test_that_the_rule_under_a_head_ends_with_its_table_where_a_chart_stands_beside(
    tmp_path: Path, language: str
) -> None:
    made = next(one for one in report(language, "PEN").sheets if one.code == "E")
    page = sheets(tmp_path, language)["E"]
    edge = made.charts[0].at[1]
    ends = []
    for section in made.sections:
        rule, head = page[section + 1], page[section + 2]
        ruled = [place for place, cell in enumerate(rule) if cell.border.bottom.style == "medium"]
        heads = [place for place, cell in enumerate(head[:edge]) if cell.value]
        ends.append((max(ruled), max(heads)))
    # By category and by market, five columns; the largest differences, and three categories by day with their sum, six.
    assert ends == [(4, 4), (4, 4), (5, 5), (5, 5)]


def test_that_ids_are_texts(tmp_path: Path) -> None:
    found = [cell for row in sheets(tmp_path)["M"].iter_rows() for cell in row if cell.value == "106540352242944"]
    assert found
    assert all(cell.data_type == "s" for cell in found)


def test_that_every_chart_of_the_workbook_says_the_finding_of_its_figure(tmp_path: Path) -> None:
    """Bridge, categories, markets, largest differences and days on E, three counters on I: native charts."""
    result = office_hours(d18h14=0)
    result = replace(result, rates=(replace(result.rates[0], first=date(2026, 10, 20)), *result.rates[1:]))
    png = picture(thread(result, sample_thread(), Language("en").text))
    made = build_report(result, sample_context("en", result, pictures={"thread": png}))
    file = write_workbook(made, tmp_path / "audit.xlsx")
    with ZipFile(file) as parts:
        names = sorted(parts.namelist(), key=lambda name: (len(name), name))
        drawn = [parts.read(name).decode() for name in names if name.startswith("xl/charts/chart")]
        held = [parts.read(name) for name in names if name.startswith("xl/media/")]
    titles = [figure().texts[0].get_text() for figure in charts(result, Language("en").text).values()]
    bridge, categories, markets, _, pareto, days, _, _ = titles
    for chart, title in zip(drawn, (bridge, categories, markets, pareto, days), strict=False):
        assert escape(title) in chart
    assert len(drawn) == 5 + 3
    assert "axis starts at US$ 1,620.00" in drawn[0]
    assert "new rates" in drawn[4]
    assert "Andina Lima · Service: 1,450 of 1,000" in drawn[5]
    assert held == [png]
    assert next(one for one in made.sheets if one.code == "O").remarks[-1][1] == titles[3]


def test_that_the_day_by_hour_map_marks_holes_and_adds_up(tmp_path: Path) -> None:
    """Ten messages an hour from 8 to 20 o'clock on 31 days, but for one hour: 31 x 120 - 10."""
    result = office_hours(d18h14=0)
    file = write_workbook(build_report(result, sample_context("en", result)), tmp_path / "audit.xlsx")
    assert recalculated(file, tmp_path).different == ()
    rows = list(openpyxl.load_workbook(file, data_only=True)["Hours and thread"].values)
    messages, differing = (row for row in rows if row[0] == datetime(2026, 10, 18))  # noqa: DTZ001 - a day of the sheet
    assert (messages[14], messages[15], messages[25]) == (10, "✕", 110)
    assert differing[15] is None
    assert [row[25] for row in rows if row[0] == "Total"] == [31 * 120 - 10, 31 * 5]


def test_that_progress_counts_the_sheets(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    write_workbook(report(count=1), tmp_path / "audit.xlsx", lambda step, done, total: seen.append((step, done, total)))
    assert list(dict.fromkeys(seen)) == [("workbook", n, 17) for n in range(1, 18)]

"""What stands beside the values of XLS, XLSB and ODS sheets is told as of XLSX: hidden parts, errors, formulas."""

import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import read_sheets
from auditor.readers.books.facts_ods import ods_facts
from auditor.readers.books.facts_xls import xls_facts
from auditor.readers.books.facts_xlsb import xlsb_facts
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.xls import Cell as OldCell
from tests.readers.fixtures.xls import formula
from tests.readers.fixtures.xls import hidden_columns
from tests.readers.fixtures.xls import hidden_row
from tests.readers.fixtures.xls import write_xls
from tests.readers.fixtures.xlsb import Cell
from tests.readers.fixtures.xlsb import Formula
from tests.readers.fixtures.xlsb import write_xlsb

_NAMES = " ".join(
    f'xmlns:{short}="{name}"'
    for short, name in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)


def _ods(path: Path, tables: str) -> Path:
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = f'<?xml version="1.0"?><office:document-content {_NAMES}>{body}</office:document-content>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def _facts(sheet: Sheet) -> tuple[list[int], list[int], dict[tuple[int, int], str]]:
    return [row.number for row in sheet.rows if row.hidden], sorted(sheet.hidden_columns), sheet.troubles


def test_that_an_old_workbook_tells_what_is_hidden_and_what_is_broken(tmp_path: Path) -> None:
    beside = hidden_row(2) + hidden_columns(2, 3) + formula(3, 2, "#DIV/0!") + formula(3, 3, 4.0, options=2)
    chart = b"\x09\x08\x04\x00\x00\x06\x20\x00" + b"\x09\x10\x06\x00" + bytes(6) + hidden_row(1) + b"\x0a\x00\x00\x00"
    rows: list[list[OldCell]] = [["a", "b", "c"], [1.0, "#REF!", 3.0], [1.0]]
    book = write_xls(tmp_path / "a.xls", {"First": [["x"]], "Second": rows}, {"Second": chart + beside})
    assert [_facts(sheet) for sheet in read_sheets(book)] == [
        ([], [], {}),
        ([2], [2, 3], {(2, 2): "#REF!", (3, 2): "#DIV/0!"}),
    ]


def test_that_zeros_of_formulas_nobody_computed_are_no_values(tmp_path: Path) -> None:
    beside = formula(2, 1, 0.0, options=2) + formula(2, 2, 0.0, options=2)
    book = write_xls(tmp_path / "a.xls", {"One": [["a", "b"]]}, {"One": beside})
    assert read_sheets(book)[0].troubles == {(2, 1): "", (2, 2): ""}
    # One of them came to something: so they were computed, and the other is zero.
    book = write_xls(tmp_path / "b.xls", {"One": [["a", "b"]]}, {"One": beside + formula(3, 1, 2.5, options=2)})
    assert read_sheets(book)[0].troubles == {}


def test_that_a_binary_workbook_tells_what_is_hidden_and_what_is_broken(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["a", "b", "c"], [1, "#REF!", 3], [1, 2, 3]]
    book = write_xlsb(tmp_path / "a.xlsb", {"One": rows}, hidden_rows=[3], hidden_columns=(1, 2))
    assert [_facts(sheet) for sheet in read_sheets(book)] == [([3], [1, 2], {(2, 2): "#REF!"})]


def test_that_a_binary_workbook_whose_formulas_were_never_computed_is_told_from_one_with_zeros(tmp_path: Path) -> None:
    never = Formula(0.0, on_load=True)
    book = write_xlsb(tmp_path / "a.xlsb", {"One": [["a", "b"], [never, 2.0]], "Two": [[Formula(0.0), never]]})
    assert [sheet.troubles for sheet in read_sheets(book)] == [{(2, 1): ""}, {(1, 2): ""}]
    book = write_xlsb(tmp_path / "b.xlsb", {"One": [["a", "b"], [never, Formula(2.5, on_load=True)]]})
    assert [sheet.troubles for sheet in read_sheets(book)] == [{}]


def test_that_an_ods_tells_what_is_hidden_and_what_is_broken(tmp_path: Path) -> None:
    one = '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    error = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'calcext:value-type="error" table:number-columns-repeated="2"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    never = '<table:table-cell table:formula="of:=1+1"><office:annotation><text:p>note</text:p></office:annotation>'
    tables = (
        '<table:table table:name="First"/><table:table table:name="Second"><table:table-column/>'
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
        f"<table:table-row>{one}{one}{one}</table:table-row><table:table-row-group>"
        f'<table:table-row table:visibility="filter" table:number-rows-repeated="2">{one}</table:table-row>'
        f"</table:table-row-group><table:table-row>{one}{error}{never}</table:table-cell></table:table-row></table:table>"
    )
    sheets = read_sheets(_ods(tmp_path / "a.ods", tables))
    troubles = {(4, 2): "#DIV/0!", (4, 3): "#DIV/0!", (4, 4): ""}
    assert [_facts(sheet) for sheet in sheets] == [([], [], {}), ([2, 3], [2, 3], troubles)]


def test_that_rows_said_to_repeat_for_ever_end_with_the_sheet(tmp_path: Path) -> None:
    far = '<table:table-row table:visibility="collapse" table:number-rows-repeated="999999999999"/>'
    columns = '<table:table-column table:visibility="collapse" table:number-columns-repeated="999999999999"/>'
    facts = ods_facts(_ods(tmp_path / "a.ods", f'<table:table table:name="One">{columns}{far}{far}</table:table>'))
    assert [(len(fact.hidden_rows), len(fact.hidden_columns)) for fact in facts] == [(1_048_576, 16_384)]


@pytest.mark.parametrize("column", range(5))
def test_that_a_row_with_an_error_is_refused_and_not_left_out(tmp_path: Path, column: int) -> None:
    heads: list[str] = ["Category", "Market", "Quantity", "Rate", "Amount USD"]
    right: list[str | float] = ["Marketing", "Peru", 100.0, 0.0703, 7.03]
    wrong: list[str | float] = ["Utility", "Peru", 10.0, 0.02, 0.2]
    rows = [right, [*wrong[:column], "#REF!", *wrong[column + 1 :]]]
    for book in (
        write_xls(tmp_path / "a.xls", {"One": [heads, *rows]}, {"One": hidden_row(2)}),
        write_xlsb(tmp_path / "a.xlsb", {"One": [heads, *rows]}, hidden_rows=[2]),
    ):
        found = read_invoice(book)
        assert len(found.lines) == 1
        assert [(one.code, one.place.row) for one in found.report.problems] == [("cell_error", 3), ("rows_hidden", 2)]


def test_that_a_total_with_an_error_is_said_to_hold_nothing(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [["Category", "Amount USD"], ["Marketing", 7.03], ["Total", "#REF!"]]
    found = read_invoice(write_xls(tmp_path / "a.xls", {"One": rows}, {}))
    said = [(one.code, one.place.row, one.place.column) for one in found.report.problems]
    assert ("cell_error", 3, "B") in said
    assert (found.report.kept, found.report.refused) == (1, 0)


def test_that_an_error_above_blanks_is_not_passed_over_for_the_category_before_it(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [
        ["Category", "Market", "Quantity", "Amount USD"],
        ["Marketing", "Peru", 100.0, 7.03],
        ["", "Chile", 10.0, 0.889],
        ["#REF!", "Peru", 10.0, 0.2],
        ["", "Chile", 10.0, 0.2],
    ]
    found = read_invoice(write_xls(tmp_path / "a.xls", {"One": rows}, {}))
    assert [(line.category, line.market, line.amount) for line in found.lines] == [
        ("marketing", "Peru", Decimal("7.03")),
        ("marketing", "Chile", Decimal("0.889")),
    ]
    assert [(one.code, one.count, one.place.row) for one in found.report.problems] == [("cell_error", 2, 4)]


@pytest.mark.parametrize("kept", [8, 600, 1100])
def test_that_a_workbook_cut_off_anywhere_ends_in_a_sentence(tmp_path: Path, kept: int) -> None:
    whole = write_xls(tmp_path / "whole.xls", {"One": [["a"]]}, {}).read_bytes()
    (tmp_path / "a.xls").write_bytes(whole[:kept])
    (tmp_path / "a.zip").write_bytes(write_xlsb(tmp_path / "b.xlsb", {"One": [["a"]]}).read_bytes()[:kept])
    for read, name in ((xls_facts, "a.xls"), (xlsb_facts, "a.zip"), (ods_facts, "a.zip")):
        with pytest.raises(AuditorError) as refused:
            read(tmp_path / name)
        assert refused.value.code == "file_damaged"

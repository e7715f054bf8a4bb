"""Figures are in the currency in whose sign their cells show them, where no word says otherwise (formats.md §4)."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from auditor.core.records import InvoiceLine
from auditor.readers.books.cells import read_sheets
from auditor.readers.books.shown import format_currency
from auditor.readers.books.shown import style_currencies
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina
from tests.readers.fixtures.xls import styled_in
from tests.readers.fixtures.xls import write_xls

_POUNDS = "[$£-809]#,##0.00"
_LINES: tuple[tuple[str, float], ...] = (("Marketing", 70.3), ("Utility", 0.0))


@pytest.mark.parametrize(
    ("code", "currency"),
    [
        (_POUNDS, "GBP"),
        ("#,##0.00 [$€-C0A];[Red]-#,##0.00 [$€-C0A]", "EUR"),
        ('_-"S/"* #,##0.00_-;\\-"S/"* #,##0.00_-', "PEN"),
        ("[$USD] #,##0.00", "USD"),
        ("\\S\\/#,##0.00", "PEN"),
        ("£#,##0.00", "GBP"),
        ("[$COP] #,##0.00", "COP"),
        ("[$-409]mmm yyyy", ""),
        ("[$$-409]#,##0.00", ""),  # a bare dollar is the sign of many currencies
        ('"$"#,##0.00', ""),
        ('#,##0 "msgs"', ""),
        ('0.00;"£"0.00', ""),  # only what is given back would be in pounds
        ("General", ""),
    ],
)
def test_that_a_format_tells_the_currency_by_its_sign(code: str, currency: str) -> None:
    assert format_currency(code) == currency


def test_that_styles_which_cannot_be_read_tell_nothing() -> None:
    assert style_currencies(b'<!DOCTYPE x [<!ENTITY a "b">]><styleSheet><numFmts/></styleSheet>') == {}


def _book(path: Path, formats: Sequence[str], heads: Sequence[str] = ("Category", "Amount")) -> list[InvoiceLine]:
    """Read a workbook with a line of each format."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(heads))
    for number, (line, code) in enumerate(zip(_LINES, formats, strict=True), 2):
        sheet.append(list(line))
        sheet.cell(number, 2).number_format = code
    book.save(path)
    return list(read_invoice(path, andina()).lines)


def test_that_each_figure_is_in_the_currency_it_is_shown_in(tmp_path: Path) -> None:
    lines = _book(tmp_path / "a.xlsx", (_POUNDS, "#,##0.00 [$€-C0A]"))
    assert [(line.currency, str(line.amount), line.raw["amount"]) for line in lines] == [
        ("GBP", "70.3", "GBP 70.3"),
        ("EUR", "0", "EUR 0"),
    ]


def test_that_words_overrule_a_format_which_is_then_said(tmp_path: Path) -> None:
    lines = _book(tmp_path / "a.xlsx", (_POUNDS, _POUNDS), ("Category", "Amount USD"))
    assert {line.currency for line in lines} == {"USD"}
    found = read_invoice(tmp_path / "a.xlsx", andina()).report.problems
    said = [(one.code, one.count, dict(one.values)) for one in found if one.code == "currency_shown_otherwise"]
    assert said == [("currency_shown_otherwise", 2, {"shown": "GBP", "said": "USD"})]


def test_that_an_old_workbook_tells_it_too(tmp_path: Path) -> None:
    book = write_xls(tmp_path / "a.xls", {"A": [["x", 1.5], ["y", 2.0]]}, {}, styled_in('"S/"#,##0.00'))
    (sheet,) = read_sheets(book)
    assert [[cell.text for cell in row.cells] for row in sheet.rows] == [["x", "PEN 1.5"], ["y", "PEN 2"]]


@pytest.mark.parametrize(
    ("kind", "styles"),
    [("currency", ""), ("float", "<number:number-style><number:text>S/ </number:text></number:number-style>")],
)
def test_that_an_ods_workbook_tells_it_by_what_it_shows(tmp_path: Path, kind: str, styles: str) -> None:
    cell = (
        f'<table:table-cell office:value-type="{kind}" office:value="1.5"><text:p>S/ 1.50</text:p></table:table-cell>'
    )
    rows = f'<table:table-row table:number-rows-repeated="2">{cell}</table:table-row>'
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    table = f'<table:table table:name="A">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"<office:document-content {names}>{body}</office:document-content>")
        archive.writestr("styles.xml", f"<styles>{styles}</styles>")
    (sheet,) = read_sheets(tmp_path / "a.ods")
    assert [row.cells[0].text for row in sheet.rows] == ["PEN 1.5", "PEN 1.5"]

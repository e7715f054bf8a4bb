"""What is broken or meant to harm ends in one sentence; nothing else escapes a reader, whatever bytes it is given.

The fuzz is the same in every run. `FUZZ=100 python3 packaging/dev.py test tests/readers/test_hostile.py` tries a
hundred times as much, with other seeds. Message logs: `test_hostile_logs.py`.
"""

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.account import read_account
from auditor.readers.books.book_head import first_book_rows
from auditor.readers.books.sheetscan import SheetScan
from auditor.readers.books.ubl import document_table
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.invoices.usage import read_usage
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.fx import read_fx
from auditor.readers.recognise import recognise
from auditor.readers.sniff import sniff
from auditor.readers.tables.profile_files import load_profiles
from tests.readers.fixtures.accounts import andina
from tests.readers.fixtures.books import raw_book
from tests.readers.fixtures.spoilt import FOR_SO_LONG
from tests.readers.fixtures.spoilt import seeds
from tests.readers.fixtures.spoilt import spoilt
from tests.readers.fixtures.spoilt import survives
from tests.readers.fixtures.xls import write_xls

_INVOICE = (
    b"Periodo;Categor\xeda;Pa\xeds;Cantidad;Tarifa;Importe USD\n2026-10;Marketing;Per\xfa;1.000;0,0703;70,30\n"
    b"2026-10;Utilidad;Chile;10;0,02;0,20\nTotal;;;;;70,50\n"
)
_FX = b"Fecha;Compra;Venta\n01/10/2026;3,748;3,752\n02/10/2026;3,750;3,755\n"
_CARD = b"effective_from,effective_to,currency,market,category,rate\n2026-10-01,,USD,Peru,marketing,0.0703\n"
_ACCOUNT = (
    b'[audit]\nname = "x"\nperiod = "2026-10"\ncurrency = "USD"\n[[waba]]\nid = "1"\ntime_zone = "America/Lima"\n'
)
_USAGE = b'{"data": [{"data_points": [{"start": 1790000000, "end": 1790086400, "volume": 3, "country": "PE"}]}]}'
_UBL = (
    b'<?xml version="1.0"?><Invoice><ID>F1</ID><DocumentCurrencyCode>USD</DocumentCurrencyCode><InvoiceLine>'
    b'<InvoicedQuantity>2</InvoicedQuantity><LineExtensionAmount currencyID="USD">4</LineExtensionAmount>'
    b"<Item><Description>WhatsApp marketing</Description></Item></InvoiceLine></Invoice>"
)
_SHEET = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Categoria</t></is></c><c r="B1" t="str"><v>Importe USD</v></c></row>'
    '<row r="2" hidden="1"><c r="A2" t="inlineStr"><is><t>Marketing</t></is></c>'
    '<c r="B2" s="1"><f>1+1</f><v>2</v></c></row>'
)


@FOR_SO_LONG
@pytest.mark.parametrize(
    ("content", "count", "read"),
    [
        (_INVOICE, 250, lambda path: read_invoice(path, andina())),
        (_INVOICE.decode("cp1252").encode("utf-16"), 100, lambda path: read_invoice(path, andina())),
        (_FX, 150, lambda path: read_fx(path, "sell")),
        (_CARD, 150, read_card),
        (_ACCOUNT, 150, read_account),
        (_USAGE, 150, lambda path: read_usage(path, andina())),
        (_UBL, 300, lambda path: document_table(str(path))),
        (gzip.compress(_INVOICE), 60, lambda path: read_invoice(path, andina())),
        (_INVOICE, 150, recognise),
    ],
    ids=["csv", "utf16", "fx", "card", "account", "usage", "ubl", "gzip", "recognise"],
)
def test_that_no_spoilt_text_breaks_its_reader(
    tmp_path: Path, content: bytes, count: int, read: Callable[[Path], object]
) -> None:
    path = tmp_path / "a.txt"
    for seed in seeds(count):
        path.write_bytes(spoilt(content, seed))
        survives(lambda: read(path))


@FOR_SO_LONG
def test_that_no_spoilt_sheet_breaks_the_scan_of_its_bytes(tmp_path: Path) -> None:
    sound = f'<worksheet><sheetData>{_SHEET}</sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>'
    for seed in seeds(500):
        broken = spoilt(sound.encode(), seed)

        def scan(broken: bytes = broken) -> None:
            scanned = SheetScan(broken, {b"1": "GBP"})
            for start in range(0, len(broken), 37):
                scanned.take(broken[start : start + 37])
            scanned.facts()

        survives(scan)
    path = tmp_path / "a.xlsx"
    for seed in seeds(150):
        raw_book(path, spoilt(_SHEET.encode(), seed).decode("latin-1"))
        survives(lambda: first_book_rows(path, "xlsx", 20, 64))


@FOR_SO_LONG
def test_that_no_spoilt_workbook_breaks_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    for seed in seeds(9):
        raw_book(path, spoilt(_SHEET.encode(), seed).decode("latin-1"))
        survives(lambda: read_invoice(path, andina()))
    sound = raw_book(tmp_path / "b.xlsx", _SHEET).read_bytes()
    for seed in seeds(9):
        path.write_bytes(spoilt(sound, seed))
        survives(lambda: read_invoice(path, andina()))


def test_that_a_spoilt_profile_of_the_user_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "own" / "layouts"
    folder.mkdir(parents=True)
    monkeypatch.setattr("auditor.readers.tables.profile_files.user_data", lambda: tmp_path / "own")
    sound = (
        b'name = "a"\nheads = ["x"]\n[[column]]\nhead = "x"\nfield = "amount"\n[[rule]]\nwhen = { x = "1" }\nput = {}\n'
    )
    for seed in seeds(100):
        (folder / "a.toml").write_bytes(spoilt(sound, seed))
        survives(lambda: load_profiles(()))


# ------------------------------------------------------------------ files that are meant to harm, one by one


def _zip(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _ods(path: Path, table: str) -> Path:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    content = f'<?xml version="1.0"?><office:document-content {spaces}>{body}</office:document-content>'
    return _zip(path, {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": b"<a/>",
        "content.xml": content.encode(),
    })  # fmt: skip


_ENDLESS = (
    '<table:table table:name="a"><table:table-row table:number-rows-repeated="1048576"><table:table-cell '
    'table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row></table:table>'
)
_MACROS = {
    "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0Sub Auto_Open()",
    "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("columns", b"Importe;" * 20_000 + b"\n" + b"1;" * 20_000, "too_many_columns"),
        ("delimiters", b";" * 12_600_001, "cells_too_many"),
        ("rows", b"a\r" * 1_048_577, "cells_too_many"),
        ("long_head", b"Mercado;" + b"Importe " * 3_000 + b";Cantidad\nPeru;1,00;2\n", "no_amount_column"),
        ("quotes", b'a;"b\n' * 50_000, "csv_quotes"),
        ("one_line", b"a" * 20_000_000, "cell_too_long"),
        ("nothing", b"\n" * 1_000_000, "file_empty"),
        ("nul", b"Importe;Pa\0s\n1;2\n", "file_binary"),
        ("deep", b'{"a":' * 100_000, "kind_not_read"),
        ("gzip_bomb", gzip.compress(b"0;" * 140_000_000, 1), "file_unpacks_too_far"),
        ("gzip_cut", gzip.compress(_INVOICE * 1000)[:400], "file_damaged"),
    ],
)
def test_that_a_hostile_text_ends_in_a_sentence(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_bytes(content)
    survives(lambda: recognise(path))
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    assert refused.value.code == code


def test_that_a_hostile_workbook_ends_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _ods(path, _ENDLESS)
    refused = [_code(path)]
    raw_book(path, "".join(f'<row r="{row}"/>' for row in range(1, 200_000)))
    refused.append(_code(path))
    raw_book(path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    refused.append(_code(path))
    raw_book(
        path, _SHEET, parts={"xl/comments1.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'}
    )
    refused.append(_code(path))
    assert refused == ["file_damaged", "no_header", "book_extent", "book_unsafe"]


def _repeated(rows: int, columns: int) -> str:
    cell = f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/>'
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    return f'<table:table table:name="a">{row}</table:table>'


@pytest.mark.parametrize(("rows", "columns"), [(10**9, 1), (1, 10**9), (1_048_577, 1), (1, 16_385)])
def test_that_cells_repeated_beyond_a_sheet_are_not_laid_out(tmp_path: Path, rows: int, columns: int) -> None:
    assert _code(_ods(tmp_path / "a.ods", _repeated(rows, columns))) == "book_extent"
    assert _code(_ods(tmp_path / "b.ods", _repeated(min(rows, 9), min(columns, 9)))) == "no_header"


def test_that_a_chain_of_sectors_in_a_circle_is_not_followed(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "a.xls", {"Hoja": [["Categoria", "Importe USD"], ["Marketing", 7.0]]}, {})
    assert [str(line.amount) for line in read_invoice(path, andina()).lines] == ["7"]
    sound = path.read_bytes()
    # The book's stream, said to be a gigabyte; and the list of sectors, said to fill as much.
    entry = sound.index("Workbook".encode("utf-16-le"))
    for place in (entry + 120, 44, 72):
        path.write_bytes(sound[:place] + (1 << 30).to_bytes(4, "little") + sound[place + 4 :])
        assert _code(path) == "file_damaged"


def test_that_a_workbook_without_its_list_of_sheets_is_damaged(tmp_path: Path) -> None:
    path = raw_book(tmp_path / "a.xlsx", _SHEET)
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist() if name != "xl/workbook.xml"}
    assert _code(_zip(path, parts)) == "file_damaged"


@pytest.mark.parametrize(
    ("figure", "code"),
    [
        ('<c r="B3"><v>7&#46;03</v></c>', "cell_error"),  # read up to the entity it would be 7
        ('<c r="B3"><v>7.03<!-- x -->5</v></c>', "cell_error"),
        ('<c r="B3"><v>NaN</v></c>', "number_unreadable"),
        ('<c r="B3"><v>1E400</v></c>', "number_unreadable"),
    ],
)
def test_that_a_figure_that_readers_take_otherwise_is_refused(tmp_path: Path, figure: str, code: str) -> None:
    row = f'<row r="3"><c r="A3" t="inlineStr"><is><t>Marketing</t></is></c>{figure}</row>'
    invoice = read_invoice(raw_book(tmp_path / "a.xlsx", _SHEET + row), andina())
    assert [str(line.amount) for line in invoice.lines] == ["2"]
    assert [(problem.code, problem.place.row) for problem in invoice.refusals] == [(code, 3)]


def test_that_a_workbook_that_says_a_thing_twice_is_refused(tmp_path: Path) -> None:
    row, cell = '<row r="{}">{}</row>', '<c r="A{}"><v>1</v></c>'
    twice = [row.format(2, cell.format(2)) * 2, row.format(2, cell.format(2) * 2)]
    codes = [_code(raw_book(tmp_path / "a.xlsx", _SHEET.replace('r="2"', 'r="9"') + one)) for one in twice]
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw_book(tmp_path / "b.xlsx", _SHEET, parts={"xl/worksheets/sheet1.xml": b"<worksheet/>"})
    assert [*codes, _code(tmp_path / "b.xlsx")] == ["file_damaged", "file_damaged", "book_unsafe"]


def test_that_a_row_whose_figures_stand_under_the_wrong_heads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = ("Marketing,Peru,100,7,03", "Marketing;Peru;100;7.03", "utility,Peru,1,4")
    path.write_text("\n".join(("Categoria,Pais,Cantidad,Importe USD", *rows)))
    invoice = read_invoice(path, andina())
    assert [str(line.amount) for line in invoice.lines] == ["4"]
    assert [(one.code, one.place.row) for one in invoice.refusals] == [("row_too_long", 2), ("amount_missing", 3)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"MIME-Version: 1.0\nContent-Type: text/html\n\n<html>", "file_is_html"),
        (b"{\\rtf1 hello}", "file_binary"),
        (b"SQLite format 3\0" + b"\0" * 99, "file_binary"),
        (b"PARE" + b"\0" * 99, "file_encrypted"),
        (b"\x09\0\x04\0\x02\0\x10\0" + b"\0" * 99, "file_binary"),  # Excel 2
        (b"a.csv".ljust(257, b"\0") + b"ustar" + b"\0" * 99, "file_is_zip"),
    ],
)
def test_that_what_is_no_table_is_called_by_its_name(tmp_path: Path, text: bytes, code: str) -> None:
    (tmp_path / "a.csv").write_bytes(text)
    assert _code(tmp_path / "a.csv") == code


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16-be"])
def test_that_a_text_of_wide_letters_is_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes("Categoria;Importe USD\nMarketing;7.03\nUtilidad;4.00\n".encode(encoding))
    assert [str(line.amount) for line in read_invoice(tmp_path / "a.csv", andina()).lines] == ["7.03", "4.00"]


def test_that_macros_and_links_of_a_workbook_are_left_alone(tmp_path: Path) -> None:
    path = raw_book(tmp_path / "a.xlsm", _SHEET, parts=_MACROS)
    assert [str(line.amount) for line in read_invoice(path, andina()).lines] == ["2"]


@pytest.mark.parametrize("blank", ["\n" * 9, ";;\n" * 9, " ;\t;\r\n\r\n;;", '"";"";""\n;;\n', "\r\r;;\r"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_that_blank_rows_at_the_end_take_no_cell_of_the_last_row_with_them(
    tmp_path: Path, blank: str, end: str
) -> None:
    path = tmp_path / "a.csv"
    rows = ["Categoria;Importe USD;Nota", "Marketing;7.03;", "Utilidad;4.00;;;"]
    path.write_text(end.join(rows) + end + blank, newline="")
    invoice = read_invoice(path, andina())
    assert [(str(line.amount), line.source.row) for line in invoice.lines] == [("7.03", 2), ("4.00", 3)]
    path.write_text(end.join([*rows, 'Utilidad;"4.00']) + end + blank.replace('"', ""), newline="")
    assert _code(path) == "csv_quotes"


def test_that_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        sniff(tmp_path / "a\udcff.csv")
    assert refused.value.code == "file_name_no_text"
    assert str(refused.value.place).endswith("a?.csv")


def test_that_the_programs_own_files_are_read_wherever_it_was_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "pe\udcf1on"
    try:
        home.mkdir()
    except OSError:  # neither macOS nor Windows makes such a folder
        return
    (home / "card.csv").write_bytes(_CARD)
    with pytest.raises(AuditorError, match="file_name_no_text"):
        read_card(home / "card.csv")
    monkeypatch.setattr("auditor.readers.sniff.resources", lambda: home)
    assert len(read_card(home / "card.csv").rows) == 1


def test_that_a_pipe_is_no_file(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):  # Windows has none
        return
    os.mkfifo(tmp_path / "a.csv")
    for read in (recognise, lambda path: read_invoice(path, andina()), read_card, read_fx):
        with pytest.raises(AuditorError, match="file_not_regular"):
            read(tmp_path / "a.csv")


def _code(path: Path) -> str:
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    return refused.value.code


def test_that_amounts_which_are_all_formulas_nobody_computed_are_called_so(tmp_path: Path) -> None:
    path = tmp_path / "bill.xlsx"
    book = openpyxl.Workbook()
    for row in (["Category", "Country", "Amount USD"], ["Marketing", "", "=1+1"], ["Utility", "", "=1+2"]):
        book.worksheets[0].append(row)
    book.save(path)
    with pytest.raises(AuditorError) as caught:
        read_invoice(path)
    assert (caught.value.code, caught.value.place) == ("formula_no_value", Place("bill.xlsx", "Sheet", 2, "C"))


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"Category,Amount,Note\nMarketing,7.03,ok\nUtility,1.00," + b"x" * 1_100_000, "cell_too_long", 3),
        (b'Category,Amount,Note\nMarketing,7.03,ok\nUtility,1.00,"' + b"x\n" * 600_000, "csv_quotes", 3),
    ],
    ids=["cell", "quote"],
)
def test_that_a_cell_beyond_all_measure_is_told_from_an_open_quotation_mark(
    tmp_path: Path, content: bytes, code: str, row: int
) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(content)
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    assert (refused.value.code, refused.value.place) == (code, Place("bill.csv", row=row))


def test_that_a_card_with_such_a_cell_is_refused_as_well(tmp_path: Path) -> None:
    path = tmp_path / "card.csv"
    path.write_bytes(_CARD + b"2026-10-01,,USD,Peru," + b"x" * 17_000_000 + b",0.02\n")
    with pytest.raises(AuditorError, match="cell_too_long"):
        read_card(path)


def test_that_a_figure_beyond_all_measure_is_refused_with_its_cell(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="str"><v>Marketing</v></c><c r="B{row}"><v>{value}</v></c></row>'
        for row, value in ((2, "7.03"), (3, "1E308"), (4, "9" * 40))
    )
    path = raw_book(tmp_path / "bill.xlsx", _SHEET.partition('<row r="2"')[0] + rows)
    invoice = read_invoice(path, andina())
    assert [str(line.amount) for line in invoice.lines] == ["7.03"]
    assert [(one.code, one.place.row) for one in invoice.refusals] == [
        ("number_unreadable", 3),
        ("number_unreadable", 4),
    ]

"""Cells keep their value, their text and their place; a hostile workbook ends in a sentence."""

import csv
import errno
import multiprocessing
import os
import signal
import zipfile
from collections.abc import Callable
from datetime import date
from datetime import datetime
from decimal import Decimal
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.apart import child_ready
from auditor.readers.apart import run_apart
from auditor.readers.books.bookcheck import BookCheck
from auditor.readers.books.cells import column_letters
from auditor.readers.books.cells import first_rows_apart
from auditor.readers.books.cells import read_sheets
from auditor.readers.books.cells import sheet_to_csv
from auditor.readers.books.sheetscan import Facts
from tests.readers.fixtures.books import raw_book
from tests.readers.fixtures.xlsb import Cell
from tests.readers.fixtures.xlsb import Formula
from tests.readers.fixtures.xlsb import Shared
from tests.readers.fixtures.xlsb import write_xlsb

_ONE_CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def _refusal(act: Callable[[], object]) -> AuditorError:
    with pytest.raises(AuditorError) as refused:
        act()
    for language in LANGUAGES:
        assert Language(language).error(refused.value)
    return refused.value


@pytest.mark.parametrize("odd", ["", ",", ",,", '"', '="1"', "a,b", "a\nb", "a\rb", " ", "'"])
def test_that_a_sheet_becomes_the_same_csv_whatever_one_of_its_cells_holds(tmp_path: Path, odd: str) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "a.csv"
    rows: list[list[object]] = [
        ["id", "user", "at"],
        ["a", "", "b"],
        ["", odd, ""],
        ["", "", ""],
        ["c", 5, 0.5],
        ["", "", "d"],
    ]
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    sheet = book.add_worksheet("Log")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    sheet_to_csv(path, "", target)
    with target.open(encoding="utf-8", newline="") as file:
        found = list(csv.reader(file))
    said = [[str(number), *(f"{cell}" for cell in row)] for number, row in enumerate(rows, 1)]
    assert found == [row for row in said if any(row[1:])]


def test_that_a_stored_double_is_the_decimal_excel_shows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Uso")
    sheet.write_row(0, 0, [0.0703, 0.1 + 0.2, 1050, 102290129340398.0, True])
    sheet.write_datetime(1, 0, date(2026, 10, 1), book.add_format({"num_format": "dd/mm/yyyy"}))
    book.close()
    first, second = read_sheets(path)[0].rows
    assert [cell.value for cell in first.cells] == [
        Decimal("0.0703"),
        Decimal("0.3"),
        Decimal(1050),
        Decimal(102290129340398),
        True,
    ]
    assert first.cells[0].text == "0.0703"
    assert first.cells[3].text == "1.02290129340398e+14"
    assert second.cells[0].value == date(2026, 10, 1)


def test_that_cells_and_hidden_merged_and_broken_ones_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Factura", 0)
    sheet["B3"] = "Importe"
    sheet["B4"] = "=1+1"
    sheet["A6"] = 5
    sheet.merge_cells("A4:A5")
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.create_sheet("Oculta").sheet_state = "hidden"
    book.save(path)
    read = {sheet.name: sheet for sheet in read_sheets(path)}
    factura = read["Factura"]
    assert factura.rows[2].cells[1].text == "Importe"
    assert factura.place(3, 2) == Place("a.xlsx", "Factura", 3, "B")
    assert factura.troubles == {(4, 2): ""}
    assert factura.merged == ((4, 1, 5, 1),)
    assert [row.number for row in factura.rows if row.hidden] == [6]
    assert factura.hidden_columns == {2}
    assert read["Oculta"].hidden
    assert {*first_rows_apart(path, "xlsx", 1, 1)} == {"Factura", "Sheet", "Oculta"}


def test_that_an_error_cell_keeps_its_error(tmp_path: Path) -> None:
    path = raw_book(tmp_path / "a.xlsx", '<row r="1"><c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>')
    assert read_sheets(path)[0].troubles == {(1, 1): "#DIV/0!"}


def test_that_a_formula_with_an_empty_text_as_result_is_no_trouble(tmp_path: Path) -> None:
    cells = '<c r="A1" t="str"><f>""</f><v></v></c><c r="B1"><v>1</v></c>'
    path = raw_book(tmp_path / "a.xlsx", f'<row r="1">{cells}</row>')
    assert read_sheets(path)[0].troubles == {}


def test_that_a_log_sheet_streams_to_csv_with_row_numbers(tmp_path: Path) -> None:
    path, target = tmp_path / "log.xlsx", tmp_path / "log.csv"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Vacía")
    sheet = book.add_worksheet("Log")
    sheet.write_row(1, 0, ["message_id", "waba_id", "sent_at", "billable"])
    sheet.write_row(3, 0, ['wamid "x", y', 102290129340398, 1790000000, True])
    moment = datetime(2026, 10, 1, 5, 0, 1)  # noqa: DTZ001 - a spreadsheet's times have no zone
    sheet.write_datetime(4, 2, moment, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}))
    sheet.write_number(4, 3, 0.0703)
    book.close()
    assert sheet_to_csv(path, "", target) == ("Log", Facts())
    assert target.read_text(encoding="utf-8").splitlines() == [
        "2,message_id,waba_id,sent_at,billable",
        '4,"wamid ""x"", y",1.02290129340398e+14,1790000000,true',
        "5,,,2026-10-01T05:00:01,0.0703",
    ]
    assert _refusal(lambda: sheet_to_csv(path, "Nada", target)).values == {"sheet": "Nada", "sheets": "Vacía, Log"}


@pytest.mark.parametrize(
    ("sheet_data", "after"),
    [
        (f'{_ONE_CELL}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', ""),
        ('<row r="99999999999"><c r="ZZZZ99999999999"><v>1</v></c></row>', ""),
        ("<row r='1'><c\tr = 'XFD1'><v>1</v></c></row><row r='9999'><c\nr='A9999'><v>1</v></c></row>", ""),
        (_ONE_CELL, '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    ],
)
def test_that_a_workbook_that_kills_its_reader_ends_in_a_sentence(tmp_path: Path, sheet_data: str, after: str) -> None:
    path = raw_book(tmp_path / "killer.xlsx", sheet_data, after)
    refused = _refusal(lambda: read_sheets(path))
    assert (refused.code, refused.place) == ("book_extent", Place("killer.xlsx"))
    assert _refusal(lambda: sheet_to_csv(path, "", tmp_path / "x.csv")).code == "book_extent"


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("book_too_big", {"xl/sharedStrings.xml": b"<sst>" + b"a" * 30_000_000 + b"</sst>"}),
        ("book_too_big", {f"xl/media/{number}.png": b"" for number in range(5000)}),
        ("book_unsafe", {"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><sst/>'}),
        ("book_unsafe", {"xl/s.xml": "<?xml version='1.0'?><!DOCTYPE a>".encode("utf-16")}),
        ("book_unsafe", {"../../x": b"x"}),
    ],
)
def test_that_bombs_entities_and_strange_parts_are_refused(tmp_path: Path, code: str, parts: dict[str, bytes]) -> None:
    path = raw_book(tmp_path / "a.xlsx", _ONE_CELL, parts=parts)
    assert _refusal(lambda: read_sheets(path)).code == code


def test_that_the_unpacked_size_is_bounded(tmp_path: Path) -> None:
    sound = raw_book(tmp_path / "sound.xlsx", _ONE_CELL)
    assert list(BookCheck(sound, 1 << 20).steps())
    assert _refusal(lambda: BookCheck(sound, 100)).code == "book_too_big"


def test_that_a_reader_that_dies_hangs_or_is_stopped_ends_in_a_sentence() -> None:
    place = Place("x.xlsx")
    assert _refusal(lambda: run_apart(os.abort, place=place)).code == "reader_crashed"
    assert _refusal(lambda: run_apart(sum, range(10**12), place=place, seconds=0.3)).code == "reader_too_slow"
    assert _refusal(lambda: run_apart(bytearray, 1 << 62, place=place)).code == "reader_out_of_memory"

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_apart(sum, range(10**12), place=place, watch=stop)


def test_that_a_reader_that_dies_between_two_questions_ends_in_a_sentence_on_windows_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poll, asked = Connection.poll, list[float]()

    def ended(pipe: Connection, seconds: float) -> bool:
        asked.append(seconds)
        if len(asked) > 1:
            raise BrokenPipeError(errno.EPIPE, "The pipe has been ended")
        return poll(pipe, 60)

    monkeypatch.setattr(Connection, "poll", ended)
    assert _refusal(lambda: run_apart(os.abort, place=Place("x.xlsx"))).code == "reader_crashed"


@pytest.mark.parametrize("program", ["/bin/false", "/no/such/program"])
def test_that_a_reader_that_cannot_begin_is_not_called_a_bad_workbook(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # one that runs would lend its own program
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", program.encode())
    place = Place("x.xlsx")
    with child_ready(sum):
        assert _refusal(lambda: run_apart(os.getpid, place=place)).code == "reader_not_started"


def test_that_a_child_made_ready_is_taken_by_the_first_task_and_ended_if_there_is_none() -> None:
    place = Place("x.xlsx")
    with child_ready(sum):
        (process,) = (child.pid for child in multiprocessing.active_children())
        assert run_apart(os.getpid, place=place) == process
        assert run_apart(os.getpid, place=place) != process
    with child_ready(sum):
        (ready,) = multiprocessing.active_children()
        os.kill(ready.pid or 0, signal.SIGTERM)
        ready.join()
        code = _refusal(lambda: run_apart(os.getpid, place=place)).code
        assert code in {"reader_crashed", "reader_not_started"}  # it may have begun before it was ended
    with child_ready(sum):
        assert multiprocessing.active_children()
    assert not multiprocessing.active_children()


def test_that_a_text_keeps_the_row_numbers_a_person_sees(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('a;b\r\n"two\r\nlines";1\r\n\r\nx;"say ""so"""\r\n'.encode("utf-8-sig"))
    rows = read_sheets(path)[0].rows
    assert [(row.number, [cell.text for cell in row.filled]) for row in rows] == [
        (1, ["a", "b"]),
        (2, ["two\r\nlines", "1"]),
        (4, []),
        (5, ["x", 'say "so"']),
    ]


def test_that_a_quote_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n"3,4\n5,6\n', encoding="utf-8")
    refused = _refusal(lambda: read_sheets(path))
    assert (refused.code, refused.place) == ("csv_quotes", Place("a.csv", row=3))


def test_that_kinds_without_cells_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('{"a": 1}', encoding="utf-8")
    assert _refusal(lambda: read_sheets(path)).values == {"kind": "JSON"}


def test_that_columns_have_letters() -> None:
    assert [column_letters(number) for number in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_that_a_binary_workbook_is_read_cell_by_cell(tmp_path: Path) -> None:
    day = date(2026, 10, 1)
    rows: list[list[Cell]] = [
        [Shared("Categoría"), "Fecha", "Cantidad", "Importe USD", "Facturado"],
        [Shared("Marketing"), day, 1000, 70.3, True],
        ["Utilidad", day, -200, Formula(4.25), None],
        [Shared("Marketing"), None, 0, "#REF!", False],
    ]
    hidden, sheet = read_sheets(write_xlsb(tmp_path / "a.csv", {"Notas": [["x"]], "Octubre": rows}, ["Notas"]))
    assert (hidden.name, hidden.hidden, sheet.name, sheet.hidden) == ("Notas", True, "Octubre", False)
    assert [[cell.value for cell in row.cells] for row in sheet.rows] == [
        ["Categoría", "Fecha", "Cantidad", "Importe USD", "Facturado"],
        ["Marketing", day, Decimal(1000), Decimal("70.3"), True],
        ["Utilidad", day, Decimal(-200), Decimal("4.25"), None],
        ["Marketing", None, Decimal(0), None, False],
    ]


def test_that_a_binary_workbook_that_breaks_its_reader_ends_in_a_sentence(tmp_path: Path) -> None:
    path = write_xlsb(tmp_path / "a.xlsb", {"Octubre": [["Categoría", "Importe"], [Shared("Marketing"), 1.5]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/sharedStrings.bin"] = b""  # the text that a cell names is not there
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert _refusal(lambda: read_sheets(path)).code in {"reader_crashed", "file_damaged"}


def test_that_blank_rows_at_the_end_of_a_text_are_no_rows_and_those_within_keep_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Market,Amount\n,\nPeru,1.00\n" + " ,\n" * 5_000, encoding="utf-8")
    (sheet,) = read_sheets(path)
    assert [row.number for row in sheet.rows] == [1, 2, 3]

"""Invoices as many makers write them come in right, untouched: as a workbook, and as text in either notation."""

import csv
import gzip
import re
import tomllib
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditor.core.records import InvoiceLine
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.values.places import place_named
from tests.readers.fixtures.accounts import andina

_ARRIVALS = tomllib.loads((Path(__file__).parent / "fixtures" / "arrivals.toml").read_text(encoding="utf-8"))["invoice"]
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]+)?")
_OCTOBER = ["2026-10-01", "2026-10-31"]


def _cells(rows: str) -> list[list[str]]:
    return [[cell.strip().replace("\\n", "\n") for cell in line.split("|")] for line in rows.splitlines()]


def _write_book(path: Path, invoice: Mapping[str, Any]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in invoice.get("sheet", [invoice]):
        page = book.create_sheet(sheet["name"])
        for number, cells in enumerate(_cells(sheet["rows"]), 1):
            for column, text in enumerate(cells, 1):
                if text:
                    page.cell(number, column, float(text) if _NUMBER.fullmatch(text) else text)
        for area in sheet.get("merged", ()):
            page.merge_cells(area)
    book.save(path)


def _write_text(path: Path, invoice: Mapping[str, Any], delimiter: str, marks: Mapping[int, int]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        for cells in _cells(invoice["rows"]):
            writer.writerow([_written(text).translate(marks) if _NUMBER.fullmatch(text) else text for text in cells])


def _written(text: str) -> str:
    whole, dot, part = text.partition(".")
    return f"{int(whole):,}{dot}{part}" if whole not in {"-0", "0"} else text


def _line(line: InvoiceLine) -> str:
    named = place_named(line.market, prefer_country=True) if line.market else None
    place = line.country or (named or ("", ""))[1] or line.market
    quantity = "" if line.quantity is None else _plain(line.quantity)
    return f"{line.layer.value}|{line.category}|{place}|{quantity}|{_plain(line.amount)}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _expected(text: str) -> str:
    *words, quantity, amount = text.split("|")
    return "|".join((*words, _plain(Decimal(quantity)) if quantity else "", _plain(Decimal(amount))))


def _check(read: Invoice, invoice: Mapping[str, Any]) -> None:
    assert [_line(line) for line in read.lines] == [_expected(line) for line in invoice["lines"].strip().splitlines()]
    assert {line.currency for line in read.lines} == {invoice.get("currency", "USD")}
    days = sorted({day.isoformat() for line in read.lines for day in (line.period_start, line.period_end) if day})
    assert _ends(days) == invoice.get("period", _OCTOBER)
    report = read.report
    assert report.read == report.kept + report.left_out + report.refused
    assert report.refused == 0


def _ends(days: Sequence[str]) -> list[str]:
    return [days[0], days[-1]] if days else []


@pytest.mark.parametrize("invoice", _ARRIVALS, ids=lambda invoice: str(invoice["name"]))
def test_that_an_invoice_comes_in_as_its_reader_reads_it(invoice: Mapping[str, Any], tmp_path: Path) -> None:
    book, english, spanish = (tmp_path / name for name in ("a.xlsx", "b.csv", "c.csv"))
    _write_book(book, invoice)
    _check(read_invoice(book, andina()), invoice)
    if "sheet" not in invoice:
        _write_text(english, invoice, ",", {})
        _check(read_invoice(english, andina()), invoice)
        _write_text(spanish, invoice, ";", {ord(","): ord("."), ord("."): ord(",")})
        _check(read_invoice(spanish, andina()), invoice)


def test_that_a_zipped_text_comes_in_as_it_is_inside(tmp_path: Path) -> None:
    path = tmp_path / "factura.csv.gz"
    rows = "Periodo;Categoría;País;Cantidad;Importe USD\r\n2026-10;Marketing;Perú;1.000;70,30\r\n"
    path.write_bytes(gzip.compress(rows.encode("cp1252")))
    assert [_line(line) for line in read_invoice(path, andina()).lines] == ["meta|marketing|PE|1000|70.3"]

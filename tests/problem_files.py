"""The files of `tests/problems/` that are no plain text, each by the words in which a case asks for it."""

import gzip
import io
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
from openpyxl import Workbook


def _bytes(stated: str) -> bytes:
    return bytes.fromhex(stated)


def _zip(name: str, flags: int = 0) -> bytes:
    """Give an archive with one small file, as locked where the flags say so."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "Market,Amount\nPeru,1.00\n")
    packed = target.getvalue()
    # Bit 0 of the flags, in the file's own head and in the directory, says that it is encrypted.
    return packed.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00" + bytes([flags])).replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00" + bytes([flags])
    )


def _locked(name: str) -> bytes:
    return _zip(name, 1)


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _book(stated: str) -> Workbook:
    """Give a workbook; cells are parted by a bar, rows by a semicolon."""
    book = Workbook()
    for row in stated.split(";"):
        book.worksheets[0].append([cell.strip() or None for cell in row.split("|")])
    return book


def _workbook(stated: str) -> bytes:
    return _saved(_book(stated))


def _hidden_row(stated: str) -> bytes:
    """Give a workbook whose last row is hidden."""
    book = _book(stated)
    sheet = book.worksheets[0]
    sheet.row_dimensions[sheet.max_row].hidden = True
    return _saved(book)


def _hidden_column(stated: str) -> bytes:
    """Give a workbook whose third column is hidden."""
    book = _book(stated)
    book.worksheets[0].column_dimensions["C"].hidden = True
    return _saved(book)


def _in_soles(stated: str) -> bytes:
    """Give a workbook whose last column holds figures that are shown in soles."""
    book = _book(stated)
    sheet = book.worksheets[0]
    for row in range(2, sheet.max_row + 1):
        cell = sheet.cell(row, sheet.max_column)
        cell.value, cell.number_format = float(str(cell.value)), '"S/"#,##0.00'
    return _saved(book)


def _with_part(stated: str) -> bytes:
    """Give a workbook that holds a program beside its sheets."""
    target = io.BytesIO(_workbook(stated))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("../xl/vbaProject.bin", b"")
    return target.getvalue()


def _parquet(select: str) -> bytes:
    """Give the Parquet of a query."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "a.parquet"
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


def _book_of_sheets(stated: str) -> Workbook:
    """Give a workbook with several sheets, which a slash parts."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(stated.split("/"), start=1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows.split(";"):
            sheet.append([cell.strip() or None for cell in row.split("|")])
    return book


def _sheets(stated: str) -> bytes:
    return _saved(_book_of_sheets(stated))


def _hidden_sheet(stated: str) -> bytes:
    """Give a workbook whose last sheet is hidden."""
    book = _book_of_sheets(stated)
    book.worksheets[-1].sheet_state = "hidden"
    return _saved(book)


def _blanks(stated: str) -> bytes:
    """Give a text, and so many million blanks behind it."""
    millions, _, text = stated.partition(" ")
    return text.encode() + b" " * (int(millions) << 20)


def _half(stated: str) -> bytes:
    whole = _workbook(stated)
    return whole[: len(whole) // 2]


def _packed(stated: str) -> bytes:
    """Give gzip of a text and so many million blanks behind it."""
    millions, _, text = stated.partition(" ")
    return gzip.compress(text.encode() + b" " * (int(millions) << 20))


def _frozen(name: str) -> bytes:
    """Give an audit as an earlier version of the program wrote it."""
    return gzip.decompress((Path(__file__).parent / "project" / "frozen" / name).read_bytes())


MAKERS: dict[str, Callable[[str], bytes]] = {
    "bytes": _bytes,
    "zip": _zip,
    "locked": _locked,
    "workbook": _workbook,
    "sheets": _sheets,
    "half": _half,
    "blanks": _blanks,
    "packed": _packed,
    "frozen": _frozen,
    "hidden_row": _hidden_row,
    "hidden_sheet": _hidden_sheet,
    "in_soles": _in_soles,
    "hidden_column": _hidden_column,
    "with_part": _with_part,
    "parquet": _parquet,
}


def make(how: str, path: Path) -> None:
    """Make a file as its words say: the kind, then what is in it; or a pipe or a link, which is no file."""
    kind, _, stated = how.partition(" ")
    if kind == "pipe":
        os.mkfifo(path)
        return
    if kind == "link":
        path.symlink_to(stated)
        return
    if kind == "folder":
        path.mkdir()
        return
    if kind == "sparse":  # so many million bytes, of which the disk keeps but the first few
        millions, _, text = stated.partition(" ")
        path.write_text(text, encoding="utf-8")
        os.truncate(path, int(millions) << 20)
        return
    path.write_bytes(MAKERS[kind](stated))

"""A file is what its content says, whatever its name."""

import gzip
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from auditor.core.problems import AuditorError
from auditor.readers.files import digest
from auditor.readers.sniff import Sniffed
from auditor.readers.sniff import sniff

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _book() -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("Factura")["A1"] = "x"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _encrypted() -> bytes:
    content = io.BytesIO()
    OOXMLFile(io.BytesIO(_book())).encrypt("secret", content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n", Sniffed("csv", "utf-8", ",")),
        ("a,b\nñ,2\n".encode("utf-8-sig"), Sniffed("csv", "utf-8-sig", ",")),
        ("a;b\n1,5;2,5\nAutenticación;1\n".encode("cp1252"), Sniffed("csv", "cp1252", ";")),
        ("a\tb\n1\t2\n".encode("utf-16"), Sniffed("csv", "utf-16", "\t")),
        ("a\tb\n1\t2\n".encode("utf-16-be"), Sniffed("csv", "utf-16-be", "\t")),
        (b"sep=;\na;b\n1;2\n", Sniffed("csv", "utf-8", ";")),
        (b"only one column\n1\n", Sniffed("csv", "utf-8", ",")),
        (b'{"object": "whatsapp_business_account"}\n', Sniffed("json", "utf-8")),
        (b'\n[{"a": 1}]', Sniffed("json", "utf-8")),
        (b'<?xml version="1.0"?><Invoice/>', Sniffed("xml", "utf-8")),
        (b"PAR1....PAR1", Sniffed("parquet")),
        (gzip.compress(b'{"a": 1}\n', mtime=0), Sniffed("json", "utf-8", "", "gzip")),
        (gzip.compress(b"a;b\n1;2\n", mtime=0), Sniffed("csv", "utf-8", ";", "gzip")),
    ],
)
def test_that_a_text_is_told_from_its_content(tmp_path: Path, content: bytes, expected: Sniffed) -> None:
    path = tmp_path / "download.xlsx"
    path.write_bytes(content)
    assert sniff(path) == expected


def test_that_a_workbook_named_csv_is_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_bytes(_book())
    assert sniff(path) == Sniffed("xlsx")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: b"", "file_empty"),
        (lambda: b"\xef\xbb\xbf \r\n\r\n", "file_empty"),
        (lambda: gzip.compress(b"", mtime=0), "file_empty"),
        (lambda: b"%PDF-1.7\n...", "file_is_pdf"),
        (lambda: b"\r\n<html><body><table>", "file_is_html"),
        (lambda: b"<?xml version='1.0'?><html xmlns='x'><table/></html>", "file_is_html"),
        ("12/3/25, 14:05 - Ana: hola\n12/3/25, 14:06 - Luis: ¿a qué hora?\n".encode, "file_is_chat"),
        ("\u200e[12/03/2025, 2:05:22\u202fp. m.] Ana: hola, qué tal\n".encode, "file_is_chat"),
        (lambda: b"/*!40101 SET NAMES utf8 */;\nINSERT INTO `messages` VALUES (1,'51911222333');\n", "file_is_sql"),
        (lambda: b"12.03.25, 14:05 - Gruppe erstellt\n12.03.25, 14:06 - Ana: hallo; bis gleich\n", "file_is_chat"),
        (lambda: b"\x89PNG\r\n\x1a\n", "file_is_image"),
        (lambda: b"Rar!\x1a\x07", "file_is_zip"),
        (lambda: _book()[:1500], "file_damaged"),
        (lambda: gzip.compress(b"abcdef" * 100, mtime=0)[:20], "file_damaged"),
        (lambda: _OLE + bytes(3000), "file_damaged"),
        (_encrypted, "file_encrypted"),
        (lambda: bytes(range(256)) * 20, "file_binary"),
        # One program appended to what another had written.
        (
            lambda: b"Category,Country,Amount\nMarketing,Peru,1.00\n" * 2 + "a,b\n1,2\n".encode("utf-16") * 40,
            "file_damaged",
        ),
        (
            lambda: "a,b\n1,2\n".encode("utf-16") * 9 + b"Category,Country,Amount\nMarketing,Peru,1.00\n" * 2,
            "file_damaged",
        ),
    ],
)
def test_that_what_cannot_be_read_is_refused_by_its_true_name(
    tmp_path: Path, content: Callable[[], bytes], code: str
) -> None:
    path = tmp_path / "factura.xlsx"
    path.write_bytes(content())
    with pytest.raises(AuditorError) as refused:
        sniff(path)
    assert refused.value.code == code
    assert refused.value.place is not None
    assert refused.value.place.file == "factura.xlsx"


def test_that_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "gone.csv", "file_missing"), (tmp_path, "file_is_folder")):
        with pytest.raises(AuditorError) as refused:
            sniff(path)
        assert refused.value.code == code


def test_that_a_late_accent_in_a_long_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"id,name\n" + b"1,plain\n" * 400_000 + "2,José\n".encode("cp1252"))
    assert sniff(path).encoding == "cp1252"


def test_that_a_pipe_is_not_waited_for_where_a_file_is_known_by_its_hash(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):  # Windows has none
        return
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(AuditorError) as refused:
        digest(tmp_path / "pipe.csv")
    assert refused.value.code == "file_not_regular"


def test_that_rows_of_two_tables_tell_the_delimiter_of_both(tmp_path: Path) -> None:
    # Eight rows have a decimal comma, and of no one width are there as many; all have semicolons.
    tables = "Categoría;Mensajes;USD\nMarketing;200;14,06\nUtilidad;100;2,00\nTotal;300;16,06\n\n"
    tables += "Fecha;Categoría;Mensajes;USD\n" + "13/10/2026;Marketing;100;7,03\n" * 5
    path = tmp_path / "resumen.csv"
    path.write_text(tables, encoding="utf-8")
    assert sniff(path).delimiter == ";"


def test_that_gzip_is_judged_by_what_comes_out_and_not_by_what_its_end_says(tmp_path: Path) -> None:
    """Text of 16 MB and more, of which a byte in two hundred is left, is refused; one of fewer, or cut off, is not."""
    path = tmp_path / "log.csv.gz"
    head = b"message_id,direction,phone_number_id\n"
    path.write_bytes(gzip.compress(head + b"a" * (17 << 20)))
    with pytest.raises(AuditorError) as refused:
        sniff(path)
    assert refused.value.code == "file_unpacks_too_far"
    path.write_bytes(gzip.compress(head + b"a" * (15 << 20)))
    assert sniff(path).compression == "gzip"
    rows = b"".join(hashlib.sha256(b"%d" % at).hexdigest().encode() + b",x,1\n" for at in range(20_000))
    cut = gzip.compress(head + rows)[:-12]
    assert int.from_bytes(cut[-4:], "little") > 200 * len(cut)  # what stands at its end is no size
    path.write_bytes(cut)
    assert sniff(path).kind == "csv"


@pytest.mark.parametrize("members", [1, 2])
def test_that_gzip_which_begins_plainly_and_lies_about_its_size_is_refused(tmp_path: Path, members: int) -> None:
    """A packed beginning of 0.1 MB, and 48 MB of one letter behind it, in the same stream or in another after it."""
    plain = b"id,sum\n" + b"".join(hashlib.sha256(b"%d" % at).hexdigest().encode() + b",1\n" for at in range(3_000))
    bomb = b"a" * (48 << 20)
    packed = gzip.compress(plain + bomb) if members == 1 else gzip.compress(plain) + gzip.compress(bomb)
    path = tmp_path / "log.csv.gz"
    path.write_bytes(packed[:-4] + len(plain).to_bytes(4, "little"))
    with pytest.raises(AuditorError) as refused:
        sniff(path)
    assert refused.value.code == "file_unpacks_too_far"
    path.write_bytes(gzip.compress(plain) + gzip.compress(plain))
    assert sniff(path).compression == "gzip"

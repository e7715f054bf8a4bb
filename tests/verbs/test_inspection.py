"""The preview: everything the importer sees in a file, before anything is taken in (window.md §1.2)."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.language import Language
from auditor.readers.files import digest
from auditor.verbs import read_account_file
from auditor.verbs.inspection import ReadOptions
from auditor.verbs.inspection import inspect
from auditor.verbs.inspection import preview
from auditor.verbs.inspection_text import inspection_json
from auditor.verbs.inspection_text import inspection_text
from tests.audit_files import Files
from tests.audit_files import write_files

INVOICE = """\
Factura;F001-12
Periodo;octubre 2026

Categoría;País;Cantidad;Tarifa;Importe US$
Marketing;Perú;1.000;0,0703;70,30
Utilidad;Perú;2.000;0,02;40,00
Utilidad;Narnia;1;0,02;0,02
Total;;;;110,30
"""


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "factura.csv"
    path.write_text(INVOICE, encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "in")


def test_that_everything_the_importer_sees_in_an_invoice_is_told(invoice: Path) -> None:
    seen = inspect(invoice, ReadOptions())
    assert (seen.kind, seen.format.kind, seen.format.encoding, seen.format.delimiter) == (
        "invoice",
        "csv",
        "utf-8",
        ";",
    )
    assert (seen.header_row, seen.first_row, seen.last_row) == (4, 5, 6)
    assert [(one.letters, one.field, one.decimal, one.basis, one.sure) for one in seen.columns] == [
        ("A", "category", "", "head", 100),
        ("B", "country", "", "head", 100),
        ("C", "quantity", ",", "head", 98),  # the heads that say that it is billed come first
        ("D", "unit_rate", ",", "head", 98),
        ("E", "amount", ",", "head", 100),
    ]
    assert [(row.row, row.kind) for row in seen.rows] == [
        (1, "above"), (2, "above"), (4, "header"), (5, "line"), (6, "line"), (7, "refused"), (8, "total"),
    ]  # fmt: skip
    assert seen.rows[3].cells == ("Marketing", "Perú", "1.000", "0,0703", "70,30")
    assert seen.rows[3].fields["amount"] == "70.3"
    (refused,) = seen.refused
    assert refused.problem is not None
    assert (refused.problem.code, refused.problem.place.row, refused.problem.place.column) == (
        "country_unknown",
        7,
        "B",
    )
    (total,) = seen.totals
    assert (total.row, total.label, total.amount, total.agrees) == (8, "Total", Decimal("110.30"), True)
    assert [(one.currency, one.layer, one.lines, one.quantity, one.amount) for one in seen.sums] == [
        ("USD", "meta", 2, Decimal(3000), Decimal("110.30"))
    ]
    assert (seen.first, seen.last) == ("2026-10-01", "2026-10-31")
    assert seen.report.sha256 == digest(invoice)[0]


def test_that_what_is_stated_goes_before_what_is_found(invoice: Path) -> None:
    seen = inspect(invoice, ReadOptions(mapping={"Tarifa": "ignore", "B": "description"}, decimal=","))
    assert [(one.field, one.basis) for one in seen.columns][1] == ("description", "stated")
    assert seen.columns[3].field == ""
    assert not seen.refused


def test_that_a_table_which_cannot_be_read_is_shown_with_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Category;Amount\nMarketing;1,234\n", encoding="utf-8")
    seen = preview(path, ReadOptions())
    assert seen.stopped is not None
    assert (seen.stopped.code, seen.stopped.place.column) == ("decimal_ambiguous", "B")
    assert [column.field for column in seen.columns] == ["category", "amount"]
    assert seen.rows[1].cells == ("Marketing", "1,234")
    assert preview(path, ReadOptions(decimal=".")).rows[1].fields["amount"] == "1234"
    with pytest.raises(AuditorError) as caught:
        inspect(path, ReadOptions())
    assert caught.value.code == "decimal_ambiguous"


def test_that_a_table_without_any_known_head_still_shows_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("uno;dos\nx;y\n", encoding="utf-8")
    seen = preview(path, ReadOptions())
    assert seen.stopped is not None
    assert seen.stopped.code == "no_header"
    assert [row.cells for row in seen.rows] == [("uno", "dos"), ("x", "y")]
    assert [(column.letters, column.field) for column in seen.columns] == [("A", ""), ("B", "")]


def test_that_the_columns_of_a_table_without_heads_are_named_by_their_letters(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Octubre 2026\n5/10/2026;Perú;MKT;84,36\n20/10/2026;Chile;UTL;2,00\n", encoding="utf-8")
    one = preview(path, ReadOptions(mapping={"B": "country"}))
    assert [column.field for column in one.columns] == ["", "country", "", ""]
    stated = {"B": "country", "C": "category", "D": "amount"}
    seen = inspect(path, ReadOptions(mapping=stated))
    assert [row.fields["amount"] for row in seen.rows if row.kind == "line"] == ["84.36", "2"]
    assert [row.fields["country"] for row in seen.rows if row.kind == "line"] == ["PE", "CL"]
    assert (seen.first_row, seen.last_row, seen.first) == (2, 3, "2026-10-01")


def test_that_a_log_is_shown_without_an_account_and_says_that_it_needs_a_zone(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "message_id,phone_number_id,user,direction,sent_at\na,n,51999,inbound,2026-10-05 09:00\n", encoding="utf-8"
    )
    seen = inspect(path, ReadOptions())
    assert (seen.kind, seen.local_times, seen.zones, seen.report.kept) == ("log", 1, (), 1)
    assert seen.rows[0].fields["sent_at"] == "2026-10-05T09:00:00Z"
    assert "--account" in inspection_text(seen, "en")


def test_that_a_log_is_shown_in_the_zones_of_its_account(files: Files) -> None:
    account, _ = read_account_file(files.account)
    seen = inspect(files.log, ReadOptions(), account)
    assert seen.zones == ("America/Lima",)
    fields = {column.field for column in seen.columns}
    assert {"message_id", "direction", "sent_at"} <= fields
    assert fields.isdisjoint({"source_row", "place"})
    assert set(seen.rows[0].fields) <= fields


def test_that_cards_and_accounts_are_shown_too(files: Files) -> None:
    card = inspect(files.card, ReadOptions())
    assert (card.kind, card.rows[0].fields["market"]) == ("card", "Peru")
    account = inspect(files.account, ReadOptions())
    assert (account.kind, account.first, account.zones) == ("account", "2026-10-01", ("America/Lima",))


def test_that_text_and_json_say_the_same(invoice: Path) -> None:
    seen = inspect(invoice, ReadOptions())
    text, content = inspection_text(seen, "es"), json.loads(inspection_json(seen, "es"))
    assert "Narnia" in text
    assert "Narnia" in content["refused"][0]["problem"]["sentence"]
    assert content["sums"][0]["amount"] == "110.30"
    assert content["format"] == {"kind": "csv", "encoding": "utf-8", "delimiter": ";", "compression": ""}
    assert all(sentence in text for sentence in content["report"]["decisions"])
    # The span is told once, as days; an invoice has no instants.
    assert not {"first", "last"} & set(content["report"])


def test_that_a_log_shows_where_its_heads_stand_and_what_its_cells_told(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Mensajes"
    sheet.append(["Reporte de mensajes"])
    sheet.append(["ID mensaje", "Línea", "Cliente", "Sentido", "Motivo", "Fecha envío", "Fecha entrega"])
    sheet.append(["a", "n", "51999", "Saliente", "Marketing", "2026-10-05T09:00:00Z", "2026-10-05T09:00:01Z"])
    sheet.append(["b", "n", "51999", "Saliente", "Utilidad", "2026-10-05T09:10:00Z", "2026-10-05T09:10:01Z"])
    book.save(path)
    seen = inspect(path, ReadOptions())
    assert (seen.sheet, seen.header_row, seen.first_row, seen.last_row) == ("Mensajes", 2, 3, 4)
    basis = {column.head: (column.field, column.basis) for column in seen.columns}
    assert basis["Sentido"] == ("direction", "head")
    assert basis["Motivo"] == ("template_category", "values")
    assert "header in row 2, lines in rows 3 to 4" in inspection_text(seen, "en")


def test_that_no_name_is_said_at_greater_length_than_can_be_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "factura.csv"
    path.write_text(f"Categoría,Importe USD,{'x' * 9_000}\nMarketing,1.00,{'y' * 9_000}\n", encoding="utf-8")
    seen = inspect(path, ReadOptions())
    long = replace(seen, sheet="h" * 9_000, sheets=tuple(replace(seen.sheets[0], name="h" * 9_000) for _ in range(2)))
    assert all(letter * 601 not in inspection_text(long, "es") for letter in "hxy")
    assert "h" * 601 not in Language("es").place(Place("factura.ods", "h" * 9_000, 1))


def test_that_every_column_that_had_a_part_in_a_reading_says_which(tmp_path: Path) -> None:
    log = tmp_path / "reporte.csv"
    log.write_text(
        "ID mensaje;Fecha;Hora;Número de la empresa;Número cliente;Dirección;Estado;Canal;Nota\n"
        "m1;25/10/2026;10:00:01;51987654321;51911111111;Saliente;Entregado;WhatsApp;x\n",
        encoding="utf-8",
    )
    seen = inspect(log, ReadOptions())
    helps = {column.head: column.helps for column in seen.columns if not column.field}
    assert helps == {"Hora": "sent_at", "Estado": "delivered_at", "Canal": "left_out", "Nota": ""}
    text = inspection_text(seen, "es")
    assert "C Hora -> ayuda a conocer «enviado»" in text
    assert "H Canal -> indica qué filas se dejan fuera" in text
    bill = tmp_path / "factura.csv"
    bill.write_text("Año;Mes;Categoría;Importe USD\n2026;octubre;Marketing;70,30\n", encoding="utf-8")
    assert [column.helps for column in inspect(bill, ReadOptions()).columns] == ["period", "", "", ""]

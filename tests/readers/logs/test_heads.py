"""Logs whose heads stand below titles or on another sheet, and what their workbooks hide or never computed."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from auditor.core.problems import Said
from auditor.core.records import Number
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.messages import stage_log
from auditor.readers.logs.messages import staged_log
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.words import spoken_fields
from auditor.readers.recognise import LOG
from auditor.readers.recognise import recognise
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import andina
from tests.readers.logs.test_messages import HEAD
from tests.readers.logs.test_messages import account
from tests.readers.logs.test_messages import failure
from tests.readers.logs.test_messages import stage
from tests.readers.logs.test_messages import unwatched
from tests.readers.logs.test_messages import values

_HEADS = HEAD.split(",")
_OUR_HEADS = "message_id,direction,user,phone_number_id,sent_at,delivered_at"
_ROWS = [
    ("a", "100", "500", "51999888777", "inbound", "1790856000"),
    ("b", "100", "500", "5", "outbound", "1790856001"),
]
_TITLES = "Andina Retail S.A.C.\nReporte de mensajes;octubre 2026\n\n"
_TEXT = "\n".join([HEAD, *map(",".join, _ROWS)]) + "\n"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def _book(path: Path, *sheets: list[tuple[object, ...]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Hoja{number}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def _said(row: int) -> Said:
    return Said("reading_logs.decisions.titles_above", {"row": row})


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("titles", [[], [("Reporte de\nmensajes",)]], ids=["", "below a title of two lines"])
def test_that_heads_of_two_lines_are_heads(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, end: str, titles: list[tuple[str]]
) -> None:
    heads = [head.replace("_", end) for head in _HEADS]
    path = tmp_path / f"log.{kind}"
    if kind == "xlsx":
        _book(path, [*titles, tuple(heads), *_ROWS])
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator=end).writerows([*titles, heads, *_ROWS])
    assert stage(connection, path).kept == 2
    assert values(connection, "message_id") == ["a", "b"]


@pytest.mark.parametrize("packed", [False, True])
def test_that_heads_below_titles_are_found_and_said(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, *, packed: bool
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(gzip.compress((_TITLES + _TEXT).encode()) if packed else (_TITLES + _TEXT).encode())
    report = stage(connection, path)
    assert values(connection, "source_row", "message_id") == [(5, "a"), (6, "b")]
    assert _said(4) in report.decisions
    assert (report.read, report.kept) == (2, 2)


def test_that_a_table_without_such_heads_is_refused_by_the_row_that_comes_closest(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(_TITLES + _TEXT.replace("direction", "camino"), encoding="utf-8")
    refused = failure(connection, path)
    assert (refused.code, refused.values["columns"]) == ("log_columns_missing", "direction")
    assert "camino" in str(refused.values["seen"])


def test_that_an_object_with_a_customer_holds_the_message_where_its_id_says_so() -> None:
    tags = ("tags.whatsapp:messageId", "tags.whatsapp:userPhone")
    named = spoken_fields(["id", "conversationId", "direction", *tags, "createdAt"])
    assert (named["message_id"], named["user"]) == tags
    of_person = spoken_fields(["id", "direction", "contact.id", "contact.userPhone", "createdAt"])
    assert of_person["message_id"] == "id"


def test_that_stated_columns_tell_the_row_of_heads(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(_TITLES + _TEXT.replace("direction", "camino"), encoding="utf-8")
    stage_log(connection, path, account(), "log", unwatched, mapping={"camino": "direction"})
    assert values(connection, "source_row", "direction") == [(5, "inbound"), (6, "outbound")]


def test_that_a_sheet_has_titles_and_hidden_rows(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    book = _book(path, [("Reporte",), (), tuple(_HEADS), *_ROWS])
    book.worksheets[0].row_dimensions[5].hidden = True
    book.worksheets[0].row_dimensions[1].hidden = True
    book.save(path)
    report = stage(connection, path)
    assert values(connection, "source_row", "message_id") == [(4, "a"), (5, "b")]
    assert _said(3) in report.decisions
    assert Said("reading_logs.decisions.hidden_rows", {"rows": 1}) in report.decisions


def test_that_a_log_behind_a_cover_sheet_is_found(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    _book(path, [("Portada",), ("Andina", "octubre")], [("Reporte",), tuple(_HEADS), *_ROWS])
    report, staged = staged_log(Staging(connection, "log", account(), unwatched), path)
    assert (report.kept, staged.place.sheet) == (2, "Hoja2")
    _book(path, [tuple(_HEADS), _ROWS[0]], [("Reporte",), tuple(_HEADS), _ROWS[1]])
    refused = failure(connection, path)
    assert (refused.code, refused.values) == ("log_on_sheets", {"sheets": "Hoja2"})


@pytest.mark.parametrize(("value", "code"), [("=1+1", "formula_no_value"), ("#N/A", "cell_error")])
def test_that_a_cell_without_a_value_is_not_an_empty_one(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, value: str, code: str
) -> None:
    path = tmp_path / "log.xlsx"
    _book(path, [(*_HEADS, "template_category", "nota"), (*_ROWS[0], "", value), (*_ROWS[1], value, "")])
    refused = failure(connection, path)
    assert refused.place is not None
    assert (refused.code, refused.place.row, refused.place.column) == (code, 3, "template_category")
    _book(path, [(*_HEADS, "template_category", "nota"), (*_ROWS[0], "", value), (*_ROWS[1], "utility", "")])
    assert stage(connection, path).kept == 2


@pytest.mark.parametrize(
    ("area", "row", "column"),
    [
        ("D3:D4", 3, "user"),
        ("G2:G4", 3, "template_category"),
        ("E4:F4", 4, "direction"),
        ("A4:G4", 0, ""),
        ("A1:G1", 0, ""),
        ("H3:H4", 0, ""),
    ],
)
def test_that_merged_cells_of_a_log_are_not_taken_for_empty_ones(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, area: str, row: int, column: str
) -> None:
    path = tmp_path / "log.xlsx"
    heads = (*_HEADS, "template_category", "nota")
    book = _book(path, [("Reporte",), heads, *((*cells, "utility", "") for cells in _ROWS)])
    book.worksheets[0].merge_cells(area)
    book.save(path)
    if not column:
        assert stage(connection, path).kept >= 1
        return
    refused = failure(connection, path)
    assert refused.place is not None
    assert (refused.code, refused.place.row, refused.place.column) == ("log_cells_merged", row, column)


def test_that_a_log_with_a_further_column_on_another_sheet_is_not_passed_over(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.xlsx"
    _book(path, [tuple(_HEADS), _ROWS[0]], [(*_HEADS, "nota"), (*_ROWS[1], "")])
    refused = failure(connection, path)
    assert (refused.code, refused.values) == ("log_on_sheets", {"sheets": "Hoja2"})


def test_that_a_return_within_a_cell_ends_no_row(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    rows = [("a_x000D_b", *_ROWS[0][1:]), *_ROWS]
    _book(path, [tuple(_HEADS), *rows])
    assert stage(connection, path).kept == 3
    assert values(connection, "message_id") == ["a\rb", "a", "b"]


def test_that_two_sheets_of_a_log_behind_a_cover_are_named(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.xlsx"
    _book(path, [("Portada",)], [tuple(_HEADS), _ROWS[0]], [tuple(_HEADS), _ROWS[1]])
    refused = failure(connection, path)
    assert (refused.code, refused.values) == ("log_on_sheets", {"sheets": "Hoja2, Hoja3"})


def test_that_a_report_headed_by_what_was_done_and_with_local_times_is_known_as_a_log(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "registro.csv"
    text = (
        "Exportación de mensajes;;;;;\n;;;;;\n"
        "ID mensaje;Número de la empresa;Cliente;Dirección;Enviado;Entregado\n"
        "a;500;51999888777;saliente;13/10/2026 20:00:00;13/10/2026 20:00:05\n"
    )
    path.write_bytes(text.encode("cp1252"))
    assert recognise(path) == LOG
    stage(connection, path)
    # 20:00 in Lima is 01:00 of the next day in UTC.
    sent = datetime(2026, 10, 14, 1, tzinfo=UTC)
    micros = int(sent.timestamp()) * 1_000_000
    assert values(connection, "message_id", "direction", "sent_at", "delivered_at") == [
        ("a", "outbound", micros, micros + 5_000_000)
    ]


@pytest.mark.parametrize(
    ("heads", "sent"),
    [
        ("message_id,direction,user_phone,phone_number_id,sent_at,delivered_at", "2026-10-05T15:00:00Z"),
        (
            "message.id,message.direction,contact.wa_id,channel.phone_number_id,timestamps.sent,timestamps.delivered",
            "2026-10-05T15:00:00Z",
        ),
        (_OUR_HEADS, "1791212400000000"),
        (_OUR_HEADS, "1791212400000000000"),
        ("_id,message_id,direction,user,phone_number_id,sent_at,delivered_at", '"Oct 5, 2026 @ 10:00:00.000"'),
    ],
)
def test_that_what_databases_export_is_one_log(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, heads: str, sent: str
) -> None:
    path = tmp_path / "log.csv"
    first = "e1," if heads.startswith("_id") else ""
    path.write_text(f"{heads}\n{first}wamid.A,inbound,51987654321,{NUMBER},{sent},\n", encoding="utf-8")
    assert recognise(path) == LOG
    stage_log(connection, path, andina(), "log", unwatched)
    # 10:00 in Lima is 15:00 UTC, 1,791,212,400 seconds after 1970.
    found = connection.execute('SELECT message_id, direction, "user", sent_at FROM log').fetchall()
    assert found == [("wamid.A", "inbound", "51987654321", 1_791_212_400_000_000)]


@pytest.mark.parametrize(
    ("sent", "delivered"), [("Enviado em", "Entregue em"), ("Data/hora de envio", "Data/hora de entrega")]
)
def test_that_a_report_with_portuguese_heads_is_a_log(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, sent: str, delivered: str
) -> None:
    path = tmp_path / "mensagens.csv"
    heads = f"ID da mensagem,Número da empresa,Cliente,Sentido,Categoria,{sent},{delivered}"
    row = "wamid.a,500,5511987654321,Saída,Utilidade,2026-10-05T10:00:00-03:00,2026-10-05T10:00:03-03:00"
    path.write_text(f"{heads}\n{row}\n", encoding="utf-8")
    assert recognise(path) == LOG
    stage(connection, path)
    # 10:00:03 three hours behind UTC, in microseconds since 1970
    delivered_at = int(datetime(2026, 10, 5, 13, 0, 3, tzinfo=UTC).timestamp()) * 1_000_000
    assert values(connection, "direction", "delivered_at") == [("outbound", delivered_at)]


def test_that_a_name_of_ours_in_brackets_names_the_column() -> None:
    heads = ["Mensaje (message_id)", "Número (phone_number_id)", "Cliente (user)", "Sentido", "Monto (USD)"]
    assert canonical_heads(heads) == ["message_id", "phone_number_id", "user", "", ""]


@pytest.mark.parametrize(
    ("title", "sent"),
    [
        ("Zona horaria: UTC", "15:00"), ("Time zone,America/Bogota (UTC-5)", "20:00"),
        ("Fuso horário: GMT-03:00", "18:00"),
        ("Zona horaria: Chile", "18:00"), ("Zona horaria: de la empresa", "20:00"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_that_titles_may_state_the_zone_of_all_times(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, title: str, sent: str
) -> None:
    # 15:00 by that clock; where none is named it is that of the account, five hours behind.
    rows = [
        title.split(","),
        _OUR_HEADS.split(","),
        ["m1", "inbound", "51999888777", NUMBER, "2026-10-05 15:00:00", ""],
    ]
    path = tmp_path / f"log.{kind}"
    if kind == "xlsx":
        _book(path, [tuple(row) for row in rows])
    else:
        path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    stage_log(connection, path, andina(), "log", unwatched)
    (found,) = connection.execute("SELECT sent_at FROM log").fetchone() or ()
    assert datetime.fromtimestamp(found // 1_000_000, UTC).strftime("%H:%M") == sent


@pytest.mark.parametrize(
    ("kind", "title", "number"),
    [
        ("csv", "Cuenta: Andina | Línea: +51 987 654 321", NUMBER),
        ("xlsx", "Number 51-912-345-678", "7"),
        ("csv", f"Phone number ID {NUMBER}", NUMBER),
        ("csv", "Líneas 51987654321 y 51912345678", ""),
        ("csv", "Desde 01/10/2026 hasta 31/10/2026", ""),
    ],
)
def test_that_a_title_names_the_number_of_a_log_without_a_column_of_them(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, title: str, number: str
) -> None:
    own = andina().wabas[0]
    owner = replace(andina(), wabas=(replace(own, numbers=(*own.numbers, Number("7", phone="+51 912 345 678"))),))
    heads, row = _OUR_HEADS.replace("phone_number_id,", ""), "a,outbound,51999888777,1790856000,1790856001"
    path = tmp_path / f"log.{kind}"
    if kind == "xlsx":
        _book(path, [(title,), (), tuple(heads.split(",")), tuple(row.split(","))])
    else:
        path.write_text(f"{title}\n\n{heads}\n{row}\n", encoding="utf-8")
    if not number:
        refused = failure(connection, path, owner)
        assert refused.code == "log_number_open"
        return
    report = stage(connection, path, owner)
    assert values(connection, "phone_number_id") == [number]
    phone = "+51 987 654 321" if number == NUMBER else "+51 912 345 678"
    assert Said("reading_logs.decisions.number_above", {"number": phone}) in report.decisions


def test_that_a_column_of_numbers_goes_before_the_one_of_a_title(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    row = "a,outbound,51999888777,7,1790856000,1790856001"
    path.write_text(f"Phone +51 987 654 321\n\n{_OUR_HEADS}\n{row}\n", encoding="utf-8")
    stage(connection, path, andina())
    assert values(connection, "phone_number_id") == ["7"]


def test_that_a_backslash_before_a_quotation_mark_within_a_cell_is_mysqls(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    head = f"{HEAD},body\n"
    rows = [f'"{word}"' for word in ('hola \\"amigo\\", mira', "C:\\\\", "linea\\\ndos", '5\\"')]
    text = "".join(f"{','.join(row)},{body}\n" for row, body in zip(_ROWS * 2, rows, strict=True))
    path = tmp_path / "log.csv"
    path.write_text(head + text, encoding="utf-8")
    report = stage_log(connection, path, account(), "log", unwatched)
    assert (report.kept, report.refused, report.problems) == (4, 0, ())


def test_that_the_phone_of_a_firm_is_the_business_number() -> None:
    for head in ("Número negocio", "Celular de la tienda", "store_phone", "Teléfono del comercio"):
        assert spoken_fields([head, "Número cliente"]) == {"phone_number_id": head, "user": "Número cliente"}


def test_that_what_a_database_puts_behind_its_times_goes_without_saying() -> None:
    heads = ["wamid", "to", "sentAt.$date", "deliveredAt.$date.$numberLong"]
    times = {"sent_at": heads[2], "delivered_at": heads[3]}
    assert spoken_fields(heads) == {"message_id": "wamid", "to": "to", **times}
    assert spoken_fields(["wamid", "occurred_at"])["done"] == "occurred_at"

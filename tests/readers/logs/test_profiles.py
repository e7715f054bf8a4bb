"""Other platforms' message logs come in by themselves, and say what they do not hold."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.timeline import iso
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.logs.messages import stage_log
from auditor.readers.logs.words import told_fields
from auditor.readers.recognise import LOG
from auditor.readers.recognise import recognise
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import WABA
from tests.readers.fixtures.accounts import andina

_LOGS = Path(__file__).parents[1] / "fixtures" / "logs"


_RAPIDPRO = """
Date|Contact UUID|Contact Name|URN Scheme|URN Value|Flow|Direction|Text|Status|Channel
2026-10-05 10:00:00|u1|Ana|whatsapp|51911111111||OUT|hola|delivered|Ventas
2026-10-05 10:02:00|u1|Ana|whatsapp|51911111111||IN|si|handled|Ventas
2026-10-05 10:03:00|u2|Luis|telegram|123||IN|hi|handled|Bot
"""


def _staged(path: Path, account: Account) -> tuple[list[tuple[str, ...]], ImportReport]:
    assert recognise(path) == LOG
    with duckdb.connect() as connection:
        report = stage_log(connection, path, account, "log", lambda *_: None)
        rows = connection.execute(
            'SELECT message_id, waba_id, phone_number_id, "user", direction, sent_at, delivered_at, failed_at '
            "FROM log ORDER BY source_row"
        ).fetchall()
    return [tuple(_said(value) for value in row) for row in rows], report


def _said(value: object) -> str:
    return iso(value)[11:19] if isinstance(value, int) else str(value or "")


def _sent(name: str, user: str, sent: str, delivered: str = "", failed: str = "") -> tuple[str, ...]:
    return (name, WABA, NUMBER, user, "outbound", sent, delivered, failed)


def _came(name: str, user: str, sent: str) -> tuple[str, ...]:
    return (name, WABA, NUMBER, user, "inbound", sent, "", "")


@pytest.mark.parametrize(
    ("name", "expected", "left_out"),
    [
        ("twilio", [_sent("SM1", "51911111111", "15:00:00", "15:00:00"),
                  _sent("SM2", "51911111112", "15:01:00", "", "15:01:00"),
                  _came("SM3", "51911111111", "15:02:00")], 1),
        ("vonage", [_sent("m1", "51911111111", "15:00:00", "15:00:09"),
                  _sent("m2", "51911111112", "15:01:00", "", "15:01:02"),
                  _came("m3", "51911111111", "15:02:00")], 1),
        ("kaleyra", [_sent("m1", "51911111111", "15:00:00", "15:00:09"),
                   _sent("m2", "51911111112", "15:01:00", "", "15:01:02"),
                   _came("m3", "51911111111", "15:02:00")], 0),
        ("route_mobile", [_sent("m1", "51911111111", "15:00:00", "15:00:09"),
                 _sent("m2", "51911111112", "15:01:00", "", "15:01:02")], 0),
    ],
)  # fmt: skip
def test_that_a_platforms_log_comes_in_by_itself(name: str, expected: Sequence[tuple[str, ...]], left_out: int) -> None:
    rows, report = _staged(_LOGS / f"{name}.csv", andina())
    assert rows == list(expected)
    assert (report.kept, report.left_out, report.refused) == (len(expected), left_out, 0)
    assert report.profile
    assert "log_lacks_template_category" in [problem.code for problem in report.problems]
    for language in LANGUAGES:
        for problem in report.problems:
            assert Language(language).text(f"problems.{problem.code}", **problem.values)


def test_that_an_export_without_ids_counts_its_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for line in _RAPIDPRO.strip().splitlines():
        page.append(line.split("|"))
    book.save(tmp_path / "a.xlsx")
    rows, report = _staged(tmp_path / "a.xlsx", andina())
    # Lima is five hours behind UTC.
    assert rows == [
        _sent("row 2 2026-10-05 10:00:00", "51911111111", "15:00:00", "15:00:00"),
        _came("row 3 2026-10-05 10:02:00", "51911111111", "15:02:00"),
    ]
    assert report.left_out == 1


def test_that_a_log_that_names_no_number_needs_an_account_of_one() -> None:
    account = Account("x", andina().first, andina().last, "USD", ())
    with pytest.raises(AuditorError, match="log_number_open"):
        _staged(_LOGS / "route_mobile.csv", account)


@pytest.mark.parametrize("user", ["'whatsapp:+51911111111'", "51911111111::BIGINT", "51911111111::DOUBLE"])
@pytest.mark.parametrize(
    "time", ["TIMESTAMP '2026-10-05 15:00:00'", "TIMESTAMPTZ '2026-10-05 15:00:00+00'", "1791212400::BIGINT"]
)
def test_that_a_platforms_parquet_may_hold_times_and_numbers_as_such(tmp_path: Path, user: str, time: str) -> None:
    path = tmp_path / "twilio.parquet"
    cells = {"From": "'whatsapp:+51900000000'", "To": user, "Status": "'sent'", "Direction": "'outbound-api'",
             "Sid": "'SM1'", "SentDate": time}  # fmt: skip
    with duckdb.connect() as connection:
        columns = ", ".join(f'{sql} AS "{head}"' for head, sql in cells.items())
        connection.sql(f"SELECT {columns}").write_parquet(str(path))
        connection.execute("SET TimeZone = 'Asia/Kolkata'")
        report = stage_log(connection, path, andina(), "log", lambda *_: None)
        rows = connection.execute('SELECT "user", sent_at FROM log').fetchall()
    assert (report.profile, report.kept) == ("Twilio messages", 1)
    assert [(row[0], iso(row[1])) for row in rows] == [("51911111111", "2026-10-05T15:00:00Z")]


_SPANISH = """
Id del mensaje;Fecha de envío;Fecha de entrega;Número de la empresa;Teléfono del cliente;Sentido;Categoría
m1;31/10/2026 10:00:00;31/10/2026 10:00:02;+51 987 654 321;+51 911 111 111;Saliente;Utilidad
m2;01/11/2026 3:15:00 p. m.;;51987654321;51911111111;Entrante;
m3;02/11/2026 00:30:00;02/11/2026 00:30:01;51987654321;51911111111;SALIENTE;Autenticación
m4;02/11/2026 00:40:00;02/11/2026 00:40:01;51987654321;51911111111;Saliente;Servicio
"""
_HEADS = (
    "Id del mensaje;Fecha de envío;Fecha de entrega;Número de la empresa;Teléfono del cliente;Sentido;Categoría",
    "Message ID;Sent;Delivered;Business number;Phone;Direction;Category",
)


def _written(tmp_path: Path, text: str, encoding: str = "cp1252") -> Path:
    path = tmp_path / "reporte.csv"
    path.write_text(text.lstrip(), encoding=encoding)
    return path


def test_that_a_log_is_known_by_the_words_of_its_heads_and_says_what_it_took_for_what(tmp_path: Path) -> None:
    path = _written(tmp_path, _SPANISH)
    rows, report = _staged(path, andina())
    assert rows == [
        _sent("m1", "51911111111", "15:00:00", "15:00:02"),
        _came("m2", "51911111111", "20:15:00"),
        _sent("m3", "51911111111", "05:30:00", "05:30:01"),
        _sent("m4", "51911111111", "05:40:00", "05:40:01"),
    ]
    assert (report.kept, report.refused, report.profile) == (4, 0, "")
    said = [Language("en").said(one) for one in report.decisions]
    assert "Times such as 5/11/2026 were read day first, as all of them together show." in said
    assert any("Sentido = direction; Categoría = template's category" in one for one in said)


def test_that_the_words_of_cells_are_read_as_categories(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        stage_log(connection, _written(tmp_path, _SPANISH), andina(), "log", lambda *_: None)
        found = connection.execute("SELECT template_category FROM log ORDER BY source_row").fetchall()
    assert found == [("utility",), (None,), ("authentication",), (None,)]


@pytest.mark.parametrize(
    "head", ["Cuenta WhatsApp (WABA)", "Cuenta WABA", "Cuenta WhatsApp Business", "WhatsApp Business Account ID"]
)
def test_that_the_account_of_a_row_is_the_one_that_its_own_column_names(tmp_path: Path, head: str) -> None:
    first, *rows = _SPANISH.strip().split("\n")
    text = "\n".join([f"{first};{head}", *(f"{row};{waba}" for row, waba in zip(rows, "1221", strict=True))])
    account = andina()
    both = replace(account, wabas=tuple(replace(account.wabas[0], id=name, numbers=()) for name in "12"))
    with duckdb.connect() as connection:
        stage_log(connection, _written(tmp_path, text), both, "log", lambda *_: None)
        found = connection.execute("SELECT waba_id FROM log ORDER BY source_row").fetchall()
    assert found == [("1",), ("2",), ("2",), ("1",)]


def test_that_a_fault_stands_in_the_column_as_the_file_calls_it(tmp_path: Path) -> None:
    _, report = _staged(_written(tmp_path, _SPANISH.replace("02/11/2026 00:40:00", "pronto", 1)), andina())
    assert [(one.code, one.place.row, one.place.column) for one in report.problems if one.place.row] == [
        ("time_unreadable", 5, "Fecha de envío")
    ]
    # What a row lacks of which the file has no column stands in none.
    account = andina()
    two = replace(account, wabas=tuple(replace(account.wabas[0], id=name, numbers=()) for name in "12"))
    with duckdb.connect() as connection, pytest.raises(AuditorError) as refused:
        stage_log(connection, _written(tmp_path, _SPANISH), two, "log", lambda *_: None)
    (reason,) = refused.value.problems
    assert (reason.code, reason.place.row, reason.place.column) == ("log_no_waba", 2, "")


def test_that_times_that_can_be_day_or_month_first_are_asked_for(tmp_path: Path) -> None:
    text = _SPANISH.replace("31/10/2026", "03/10/2025").replace("/2026", "/2025")  # of no audited day either way
    with duckdb.connect() as connection, pytest.raises(AuditorError) as refused:
        stage_log(connection, _written(tmp_path, text), andina(), "log", lambda *_: None)
    assert refused.value.code == "dates_ambiguous"
    with duckdb.connect() as connection:
        stage_log(connection, _written(tmp_path, text), andina(), "log", lambda *_: None, dates="mdy")
        first = connection.execute("SELECT sent_at FROM log ORDER BY source_row LIMIT 1").fetchall()
    # The tenth of March, ten o'clock in Lima.
    assert iso(first[0][0]) == "2025-03-10T15:00:00Z"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_SPANISH.replace("31/10/2026", "03/10/2026"), "only so are all of them in the audited period"),
        (_SPANISH.replace("31/10/2026", "03/10/2025").replace("/", "."), "they have dots"),
    ],
)
def test_that_open_times_are_read_day_first_by_the_audited_days_or_by_their_dots(
    text: str, said: str, tmp_path: Path
) -> None:
    with duckdb.connect() as connection:
        report = stage_log(connection, _written(tmp_path, text), andina(), "log", lambda *_: None)
        first = connection.execute("SELECT sent_at FROM log ORDER BY source_row LIMIT 1").fetchall()
    # The third of October, ten o'clock in Lima.
    assert iso(first[0][0])[4:] == "-10-03T15:00:00Z"
    assert any(said in Language("en").said(one) for one in report.decisions)


def test_that_english_heads_leave_open_times_open_whatever_is_audited(tmp_path: Path) -> None:
    text = _SPANISH.replace("31/10/2026", "03/10/2026").replace(*_HEADS)
    with duckdb.connect() as connection, pytest.raises(AuditorError, match="dates_ambiguous"):
        stage_log(connection, _written(tmp_path, text), andina(), "log", lambda *_: None)


def test_that_times_in_both_orders_are_refused(tmp_path: Path) -> None:
    text = _SPANISH.replace("01/11/2026", "11/30/2026")
    with duckdb.connect() as connection, pytest.raises(AuditorError) as refused:
        stage_log(connection, _written(tmp_path, text), andina(), "log", lambda *_: None)
    assert refused.value.code == "dates_conflict"


def test_that_a_status_stands_for_the_time_of_delivery_that_is_not_there(tmp_path: Path) -> None:
    text = """
ID mensaje,Fecha y hora,Estado,Número de empresa,Cliente,Dirección,Categoría
a,2026-10-05 10:00:00,Entregado,51987654321,51911111111,saliente,marketing
b,2026-10-05 10:01:00,Fallido,51987654321,51911111111,saliente,marketing
c,2026-10-05 10:02:00,Leído,51987654321,51911111111,saliente,marketing
d,2026-10-05 10:03:00,Enviado,51987654321,51911111111,saliente,marketing
"""
    rows, report = _staged(_written(tmp_path, text, "utf-8"), andina())
    assert rows == [
        _sent("a", "51911111111", "15:00:00", "15:00:00"),
        _sent("b", "51911111111", "15:01:00", failed="15:01:00"),
        _sent("c", "51911111111", "15:02:00", "15:02:00"),
        _sent("d", "51911111111", "15:03:00"),
    ]
    assert [problem.code for problem in report.problems] == ["log_lacks_delivered_at"]


def test_that_the_heads_of_an_invoice_are_not_those_of_a_log(tmp_path: Path) -> None:
    text = "Fecha,Cliente,Categoría,Dirección,Cantidad,Importe\n2026-10-05,Andina,marketing,Av. 1,3,0.21\n"
    assert recognise(_written(tmp_path, text)) != LOG


def test_that_a_column_of_a_log_that_is_only_called_id_holds_the_messages_ids(tmp_path: Path) -> None:
    heads = "ID;Número de la empresa;Cliente;Sentido;Categoría;Enviado;Entregado;Estado\n"
    row = "m1;500;51999888777;saliente;marketing;2026-10-05T15:00:00Z;2026-10-05T15:00:05Z;entregado\n"
    rows, report = _staged(_written(tmp_path, heads + row, "utf-8"), andina())
    assert rows[0][0] == "m1"
    # The state says what did not arrive: it is no column that was not read.
    assert "reading_logs.decisions.extra_columns" not in [one.code for one in report.decisions]


def test_that_one_column_stated_is_enough_where_the_others_speak_for_themselves(tmp_path: Path) -> None:
    text = _SPANISH.replace("Sentido", "Hacia")
    with duckdb.connect() as connection:
        path = _written(tmp_path, text)
        report = stage_log(connection, path, andina(), "log", lambda *_: None, mapping={"Hacia": "direction"})
    assert (report.kept, report.refused) == (4, 0)


def test_that_a_phone_is_the_customer_and_a_name_beside_it_is_not(tmp_path: Path) -> None:
    heads = "ID del mensaje,Número de la empresa,Cliente,Teléfono,Sentido,Fecha de envío,Fecha de entrega\n"
    row = "m1,500,Juan Pérez,+51 999 888 777,Saliente,2026-10-05T15:00:00Z,2026-10-05T15:00:05Z\n"
    rows, _ = _staged(_written(tmp_path, heads + row, "utf-8"), andina())
    assert [one[3] for one in rows] == ["51999888777"]


def test_that_a_status_is_looked_for_where_our_own_columns_tell_no_delivery(tmp_path: Path) -> None:
    heads = "message_id,phone_number_id,user,direction,template_category,status,timestamp\n"
    sent, came = "m1,500,51999888777,outbound,marketing,", "2026-10-05T15:00:0"
    text = f"{heads}{sent}sent,{came}0Z\n{sent}delivered,{came}5Z\n"
    rows, report = _staged(_written(tmp_path, text), andina())
    assert [one[6] for one in rows] == ["", "15:00:05"]
    assert "log_lacks_delivered_at" in [problem.code for problem in report.problems]


@pytest.mark.parametrize(
    ("sent", "delivered"),
    [
        ("13/10/2026 10:00", "13/10/2026 22:00:05"),
        ("10/13/2026 10:00 AM", "10/13/2026 10:00:05 PM"),
        ("13/10/2026 10:00:00 a.\u00a0m.", "13/10/2026 10:00:05\u202fp.\u202fm."),
        ("13/10/2026, 10:00:00", "13/10/2026, 22:00:05"),
        ("13/10/2026 a las 10:00:00", "13/10/2026 - 22:00:05 hrs"),
        ("13 de octubre de 2026 10:00", "13 oct. 2026 10:00:05 p. m."),
        ("13-Oct-2026 10:00", "Oct 13, 2026 22:00:05"),
        ("13 out 2026 10:00", "ter., 13 de out. de 2026 22:00:05"),
        ("Tue, 13 Oct 2026 15:00:00 +0000", "Tue, 13 Oct 2026 22:00:05 -0500"),
        ("Tue Oct 13 2026 10:00:00 GMT-0500 (Peru Standard Time)", "Tue Oct 13 2026 22:00:05 GMT-0500 (-05)"),
        ("46308.4166666667", "46308.9167245370"),
        ("2026-10-13 10:00:00 a. m.", "2026-10-13 10:00:05 PM"),
    ],
)
def test_that_our_own_columns_may_hold_times_as_people_and_spreadsheets_write_them(
    tmp_path: Path, sent: str, delivered: str
) -> None:
    heads = "message_id,phone_number_id,user,direction,template_category,sent_at,delivered_at\n"
    row = f'm1,{NUMBER},51911111111,outbound,marketing,"{sent}","{delivered}"\n'
    rows, report = _staged(_written(tmp_path, heads + row, "utf-8"), andina())
    assert rows == [_sent("m1", "51911111111", "15:00:00", "03:00:05")]
    assert report.problems == ()


@pytest.mark.parametrize(("out", "category"), [("Saliente", "Utilidad"), ("ENVIADA", "Utilidade"), ("MT", "utility")])
def test_that_our_own_columns_may_hold_the_words_of_people(tmp_path: Path, out: str, category: str) -> None:
    heads = "message_id,phone_number_id,user,direction,template_category,delivered_at\n"
    row = f"m1,{NUMBER},51911111111,{out},{category},2026-10-05T15:00:00Z\n"
    rows, report = _staged(_written(tmp_path, heads + row), andina())
    assert rows == [_sent("m1", "51911111111", "", "15:00:00")]
    assert report.problems == ()


@pytest.mark.parametrize(
    ("heads", "day", "hour"),
    [
        ("Fecha,Hora", "13/10/2026", "10:00:00 a. m."),
        ("Hora de envío,Fecha de envío", "10:00", "13/10/2026"),
        ("Date,Time", "2026-10-13T00:00:00", "10:00:00"),
        ("Data,Hora", "13/10/2026 10:00", "23:59"),
        ("Fecha,Hora", "13 de octubre de 2026 10:00", ""),
    ],
)
def test_that_a_day_and_its_hour_may_stand_in_two_columns(tmp_path: Path, heads: str, day: str, hour: str) -> None:
    text = f"message_id,Teléfono,Sentido,Categoría,{heads},Entregado\n"
    row = f"m1,51911111111,Saliente,Marketing,{day},{hour},2026-10-13T15:00:05Z\n"
    rows, report = _staged(_written(tmp_path, text + row), andina())
    assert rows == [_sent("m1", "51911111111", "15:00:00", "15:00:05")]
    assert report.problems == ()


@pytest.mark.parametrize("head", ["Celular paciente", "Teléfono del alumno", "patient_phone", "WhatsApp do contato"])
@pytest.mark.parametrize("unit", ["sent_ms;delivered_ms", "created_ts;delivered_ts", "Created (epoch);Delivered (ms)"])
def test_that_the_phone_of_a_person_is_the_customers_and_a_unit_of_time_goes_without_saying(
    tmp_path: Path, head: str, unit: str
) -> None:
    text = f"Cód. mensaje;Línea;{head};dir;{unit}\nm1;{NUMBER};51911111111;out;1791212400250;1791212403999\n"
    rows, _ = _staged(_written(tmp_path, text), andina())
    assert rows == [_sent("m1", "51911111111", "15:00:00", "15:00:03")]


@pytest.mark.parametrize(
    ("clock", "sent"),
    [("(hora Perú)", "15:00:00"), ("(hora de Bogotá)", "15:00:00"), ("en hora de Chile", "13:00:00"),
     ("(hora local)", "15:00:00"), ("(local)", "15:00:00"), ("(PET)", "15:00:00")],
)  # fmt: skip
def test_that_the_clock_of_a_place_in_a_head_is_that_of_the_times_below(tmp_path: Path, clock: str, sent: str) -> None:
    heads = f"ID mensaje;Celular cliente;Tipo;Enviado {clock};Entregado {clock}"
    rows = "m1;51911111111;Enviado;{0} 10:00:00 a. m.;{0} 10:00:03 a. m.\nTotal;1;;;\n".format("13/10/2026")
    found, report = _staged(_written(tmp_path, f"{heads}\n{rows}"), andina())
    assert found == [_sent("m1", "51911111111", sent, f"{sent[:-1]}3")]
    assert report.refused == 1


def test_that_a_column_more_tells_what_logs_of_a_platform_lack(tmp_path: Path) -> None:
    text = (
        "From,To,Status,SentDate,Sid,Direction,TemplateCategory\n"
        "whatsapp:+51987654321,whatsapp:+51911111111,delivered,2026-10-05T15:00:00Z,SM1,outbound-api,UTILITY\n"
    )
    path = _written(tmp_path, text)
    with duckdb.connect() as connection:
        report = stage_log(connection, path, andina(), "log", lambda *_: None)
        assert connection.execute("SELECT template_category FROM log").fetchall() == [("utility",)]
    assert (report.profile, [one.code for one in report.problems]) == (
        "Twilio messages", ["log_lacks_referral", "log_lacks_delivered_at"],
    )  # fmt: skip


def test_that_an_offset_may_be_of_one_figure(tmp_path: Path) -> None:
    heads = "ID mensaje;Celular cliente;Dirección;Enviado;Entregado"
    row = "m1;51911111111;Salida;2026-10-05 10:00:00 GMT-5;2026-10-05 17:00:03.5 UTC+2"
    found, _ = _staged(_written(tmp_path, f"{heads}\n{row}\n"), andina())
    assert found == [_sent("m1", "51911111111", "15:00:00", "15:00:03")]


@pytest.mark.parametrize(("short", "said"), [(1, 0), (2, 1)])
def test_that_a_few_numbers_without_a_countrys_code_are_told_from_those_of_an_island(
    tmp_path: Path, short: int, said: int
) -> None:
    users = ["999888777" if row < short else f"519{row:08}" for row in range(60)]
    rows = [f"m{row},{NUMBER},{user},outbound,2026-10-05T15:00:00Z" for row, user in enumerate(users)]
    path = _written(tmp_path, "\n".join(["message_id,phone_number_id,user,direction,delivered_at", *rows]))
    _, report = _staged(path, andina())
    assert [problem.count for problem in report.problems] == [short] * said


def test_that_a_text_at_length_is_no_head_and_is_not_searched_for_what_it_names() -> None:
    assert told_fields(["Entregado"]) == {"delivered_at"}
    assert told_fields(["Entregado" + " (" * 300]) == frozenset()

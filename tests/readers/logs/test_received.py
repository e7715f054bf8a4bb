"""Reports of what customers wrote, messages on several sheets, times of day beside one day (formats.md §2.3, §4)."""

from pathlib import Path

import duckdb
import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.readers.logs.messages import stage_log
from tests.readers.fixtures.accounts import andina
from tests.readers.logs.test_reports import ANA
from tests.readers.logs.test_reports import OURS
from tests.readers.logs.test_reports import read

_SENT_HEADS = ("ID mensaje", "Destinatario", "Plantilla", "Categoría", "Enviado el", "Entregado el")
_SENT = ("a", ANA, "promo", "MARKETING", "2026-10-05T15:00:00Z", "2026-10-05T15:00:02Z")
_CAME_HEADS = ("ID mensaje", "Remitente", "Recibido el", "Texto")
_CAME = ("b", ANA, "2026-10-05T15:05:00Z", "hola")


def test_that_a_table_of_senders_and_receipt_is_of_what_customers_wrote(tmp_path: Path) -> None:
    rows, codes, _ = read(tmp_path, ",".join(_CAME_HEADS) + "\n" + ",".join(_CAME) + "\n")
    assert rows == [("b", ANA, "inbound", "15:05:00", "", "", "")]
    assert codes == []


@pytest.mark.parametrize(
    "text",
    [
        f"ID mensaje,Remitente,Recibido el\na,{OURS},2026-10-05T15:00:00Z\nb,{ANA},2026-10-05T15:05:00Z\n",
        f"ID mensaje,Remitente,Fecha\na,{ANA},2026-10-05T15:00:00Z\n",
    ],
)
def test_that_senders_that_may_be_the_business_are_no_customers(tmp_path: Path, text: str) -> None:
    with pytest.raises(AuditorError) as refused:
        read(tmp_path, text)
    assert refused.value.code == "log_columns_missing"


def test_that_the_words_of_a_column_go_before_what_receipt_says(tmp_path: Path) -> None:
    text = f"ID mensaje,Remitente,Recibido el,Tipo\na,{ANA},{_SENT[4]},Saliente\nb,{ANA},{_CAME[2]},Entrante\n"
    with pytest.raises(AuditorError):  # whom the business wrote to, nothing says
        read(tmp_path, text)


@pytest.mark.parametrize("order", [("Enviados", "Recibidos"), ("Recibidos", "Enviados")])
def test_that_messages_on_a_sheet_of_other_columns_are_not_passed_over(tmp_path: Path, order: tuple[str, str]) -> None:
    sheets = {"Enviados": (_SENT_HEADS, _SENT), "Recibidos": (_CAME_HEADS, _CAME)}
    book = openpyxl.Workbook()
    book.worksheets[0].title = order[0]
    book.create_sheet(order[1])
    book.create_sheet("Plantillas").append(("ID", "Nombre", "Fecha de creación"))
    for sheet in book.worksheets[:2]:
        for row in sheets[sheet.title]:
            sheet.append(row)
    book.save(tmp_path / "log.xlsx")
    with duckdb.connect() as connection, pytest.raises(AuditorError) as refused:
        stage_log(connection, tmp_path / "log.xlsx", andina(), "log", lambda *_: None)
    assert (refused.value.code, refused.value.values) == ("log_on_sheets", {"sheets": order[1]})


@pytest.mark.parametrize(
    ("delivered", "shown", "codes"),
    [
        ("15:00:02", "15:00:02", []),
        ("15:00", "15:00:00", []),  # to the minute
        ("00:10:00", "", ["time_unreadable"]),  # of the day after, or of which?
    ],
)
def test_that_a_time_of_day_is_of_the_day_of_its_row(
    tmp_path: Path, delivered: str, shown: str, codes: list[str]
) -> None:
    heads = "ID,Fecha,Hora,Sentido,Celular,Categoría plantilla,Hora entrega"
    row = f"2026-10-05,15:00:00,Enviado,{ANA},UTILITY"
    path = tmp_path / "report.csv"
    path.write_text(f"{heads}\na,{row},{delivered}\nb,{row},15:00:09\n", encoding="utf-8")
    with duckdb.connect() as connection:
        report = stage_log(connection, path, andina(), "log", lambda *_: None)
        found = connection.execute("SELECT delivered_at - sent_at FROM log WHERE message_id = 'a'").fetchall()
    assert [problem.code for problem in report.problems if problem.code == "time_unreadable"] == codes
    seconds = {"15:00:02": 2, "15:00:00": 0}
    assert [one for (one,) in found] == ([seconds[shown] * 1_000_000] if shown else [])


def test_that_portuguese_reports_and_addresses_of_blip_are_read(tmp_path: Path) -> None:
    text = (
        "Id da mensagem,De,Para,Data/Hora envio,Data/Hora entrega,Categoria do modelo,Situação\n"
        f"a,{OURS}@wa.gw.msging.net,{ANA}@wa.gw.msging.net,{_SENT[4]},{_SENT[5]},Utilidade,Entregue\n"
        f"b,{ANA}@wa.gw.msging.net,{OURS}@wa.gw.msging.net,{_CAME[2]},,,Recebida\n"
    )
    rows, codes, _ = read(tmp_path, text)
    assert rows == [
        ("a", ANA, "outbound", "15:00:00", "15:00:02", "", ""),
        ("b", ANA, "inbound", "15:05:00", "", "", ""),
    ]
    assert codes == []


def test_that_a_client_is_the_customer_and_not_the_business_s_whatsapp(tmp_path: Path) -> None:
    heads = "msg_uuid,wa_number,client,is_incoming,created_ts,delivered_ts,seen_ts"
    text = f"{heads}\na,{OURS},{ANA},0,{_SENT[4]},{_SENT[5]},\n"
    assert read(tmp_path, text)[0] == [("a", ANA, "outbound", "15:00:00", "15:00:02", "", "")]


def test_that_the_kind_of_sender_tells_directions_beside_names(tmp_path: Path) -> None:
    text = (
        "Mensaje ID,Emisor,Receptor,Tipo emisor,Fecha,Estado entrega\n"
        f"a,{OURS},{ANA},Agente,{_SENT[4]},entregado\nb,{ANA},{OURS},Cliente,{_CAME[2]},\n"
    )
    assert [row[:3] for row in read(tmp_path, text)[0]] == [("a", ANA, "outbound"), ("b", ANA, "inbound")]


_HISTORY = (
    '{"status": "queued", "at": "2026-10-05T14:59:59Z"}, {"status": "sent", "at": "2026-10-05T15:00:00Z"}, '
    '{"status": "delivered", "at": "2026-10-05T15:00:02Z"}, {"status": "delivered", "at": "2026-10-05T15:07:00Z"}'
)


_READ = ("15:00:00", "15:00:02", "15:07:00", "")


@pytest.mark.parametrize(
    ("history", "times"),
    [
        (_HISTORY, ("15:00:00", "15:00:02", "", "")),
        (_HISTORY.replace('"delivered", "at": "2026-10-05T15:07', '"leído", "at": "2026-10-05T15:07'), _READ),
        (_HISTORY.replace('"queued"', '"received"'), ("15:00:00", "15:00:02", "", "")),
        (_HISTORY.replace('"queued", "at"', '"anything", "at"'), None),  # a list of other things
        (_HISTORY.replace('"at"', '"updated": "2026-10-06T15:00:00Z", "at"'), None),  # which of two times?
    ],
)
def test_that_the_history_of_statuses_within_a_message_tells_its_times(
    tmp_path: Path, history: str, times: tuple[str, ...] | None
) -> None:
    message = f'{{"id": "a", "to": "{ANA}", "direction": "outbound", "history": [{history}]}}'
    text = f'{{"messages": [{message}, {message.replace(chr(34) + "a" + chr(34), chr(34) + "b" + chr(34))}]}}'
    if times is None:
        with pytest.raises(AuditorError):
            read(tmp_path, text)
    else:
        assert read(tmp_path, text)[0] == [("a", ANA, "outbound", *times), ("b", ANA, "outbound", *times)]


def test_that_receipt_tells_when_customers_wrote_where_nothing_was_sent(tmp_path: Path) -> None:
    text = (
        "ID mensaje,Remitente,Destinatario,Fecha recepción,Fecha envío,Fecha entrega,Dirección\n"
        f"a,{OURS},{ANA},,{_SENT[4]},{_SENT[5]},Saliente\nb,{ANA},{OURS},{_CAME[2]},,,Entrante\n"
    )
    assert read(tmp_path, text)[0] == [
        ("a", ANA, "outbound", "15:00:00", "15:00:02", "", ""),
        ("b", ANA, "inbound", "15:05:00", "", "", ""),
    ]


def test_that_the_one_number_of_the_business_is_whose_rows_are_that_name_one_side_alone(tmp_path: Path) -> None:
    text = f"ID,Direction,From,To,Sent at,Delivered at\na,OUT,,{ANA},{_SENT[4]},{_SENT[5]}\nb,IN,{ANA},,{_CAME[2]},\n"
    assert [row[:3] for row in read(tmp_path, text)[0]] == [("a", ANA, "outbound"), ("b", ANA, "inbound")]


def test_that_a_message_of_a_customer_was_written_when_its_history_has_it_received(tmp_path: Path) -> None:
    sent = f'{{"messageId": "a", "direction": "OUT", "to": "{ANA}", "events": [{_HISTORY}]}}'
    receipt = f'[{{"type": "RECEIVED", "at": "{_CAME[2]}"}}]'
    came = f'{{"messageId": "b", "direction": "IN", "from": "{ANA}", "events": {receipt}}}'
    rows, _, _ = read(tmp_path, f"[{sent}, {came}]")
    assert rows[1] == ("b", ANA, "inbound", "15:05:00", "", "", "")

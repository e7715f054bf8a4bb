"""Reports of what platforms sent, as they are exported: who wrote to whom and what became of it (formats.md §2.3)."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.core.timeline import iso
from auditor.readers.logs.messages import stage_log
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import andina

OURS, ANA = "51987654321", "51911111111"
_SHOWN = (
    'SELECT message_id, "user", phone_number_id, direction, sent_at, delivered_at, read_at, failed_at '
    "FROM log ORDER BY source_row"
)
_DAY = "2026-10-05T"
# id, user, direction, then the hours of sent, delivered, read, failed
Row = tuple[str, str, str, str, str, str, str]
SENT: Row = ("a", ANA, "outbound", "15:00:00", "15:00:02", "", "")


def read(tmp_path: Path, text: str) -> tuple[list[Row], list[str], int]:
    """Read a log; give its rows, the codes of its problems, and how many rows were left out."""
    path = tmp_path / "report.csv"
    path.write_text(text.lstrip(), encoding="utf-8")
    with duckdb.connect() as connection:
        report = stage_log(connection, path, andina(), "log", lambda *_: None)
        rows = connection.execute(_SHOWN).fetchall()
    assert {row[2] for row in rows} == {NUMBER}
    found = [
        (row[0], row[1], row[3], *(iso(at).removeprefix(_DAY)[:8] if at else "" for at in row[4:])) for row in rows
    ]
    return found, [problem.code for problem in report.problems], report.left_out


def lacks(*fields: str) -> list[str]:
    """Give the codes of what a log lacks."""
    return [f"log_lacks_{field}" for field in fields]


@pytest.mark.parametrize(
    ("text", "rows", "lacking"),
    [
        (  # a time of the last status: what it is the time of, the status says
            f"""
Message Id,From,To,Send At,Done At,Status,Category
a,{OURS},{ANA},{_DAY}15:00:00Z,{_DAY}15:00:02Z,Delivered,marketing
b,{OURS},{ANA},{_DAY}15:01:00Z,{_DAY}15:09:00Z,Seen,marketing
c,{OURS},{ANA},{_DAY}15:02:00Z,{_DAY}15:02:01Z,Rejected,marketing
""",
            [
                SENT,
                ("b", ANA, "outbound", "15:01:00", "", "15:09:00", ""),
                ("c", ANA, "outbound", "15:02:00", "", "", "15:02:01"),
            ],
            lacks("direction"),
        ),
        (  # some state when it was delivered also of what failed: the status says that it was not
            f"""
Id mensaje;Teléfono del cliente;Número;Dirección;Categoría;Estado;Fecha y hora envío;Fecha y hora entrega
a;{ANA};{OURS};saliente;marketing;Entregado;{_DAY}15:00:00Z;{_DAY}15:00:02Z
b;{ANA};{OURS};saliente;marketing;Rechazado;{_DAY}15:01:00Z;{_DAY}15:01:05Z
""",
            [SENT, ("b", ANA, "outbound", "15:01:00", "", "", "15:01:00")],
            [],
        ),
        (  # the customer is whoever is not the business
            f"""
Message Id,Direction,From,To,Sent At,Status,Category
a,OUTGOING,+{OURS},+{ANA},{_DAY}15:00:00Z,SENT,marketing
b,INCOMING,+{ANA},+{OURS},{_DAY}15:01:00Z,RECEIVED,
""",
            [("a", ANA, "outbound", "15:00:00", "", "", ""), ("b", ANA, "inbound", "15:01:00", "", "", "")],
            lacks("delivered_at"),
        ),
        (  # a column of directions under a head that says nothing
            f"""
Message Id,Contact Phone Number,Message Type,Date,Status,Category
a,+{ANA},outgoing,{_DAY}15:00:00Z,sent,marketing
b,+{ANA},incoming,{_DAY}15:01:00Z,,
""",
            [("a", ANA, "outbound", "15:00:00", "", "", ""), ("b", ANA, "inbound", "15:01:00", "", "", "")],
            lacks("delivered_at"),
        ),
        (  # a column of kinds: of directions, though the words could be of statuses
            f"""
Tipo,ID,Cliente,Enviado,Entregado,Categoría
Enviado,a,{ANA},{_DAY}15:00:00Z,{_DAY}15:00:02Z,marketing
Recibido,b,{ANA},{_DAY}15:01:00Z,,
""",
            [SENT, ("b", ANA, "inbound", "15:01:00", "", "", "")],
            [],
        ),
        (  # a table of Evolution's
            f"""
id,keyId,remoteJid,fromMe,messageTimestamp,status
a,3EB0,{ANA}@s.whatsapp.net,true,1791212400,DELIVERY_ACK
b,3EB1,{ANA}@s.whatsapp.net,false,1791212460,
""",
            [("a", ANA, "outbound", "15:00:00", "15:00:00", "", ""), ("b", ANA, "inbound", "15:01:00", "", "", "")],
            lacks("delivered_at", "template_category"),
        ),
        (  # and of categories
            f"""
ID mensaje,Cliente,Dirección,Enviado,Entregado,Tipo
a,{ANA},saliente,{_DAY}15:00:00Z,{_DAY}15:00:02Z,Marketing
""",
            [SENT],
            [],
        ),
        (  # but not of what is sent
            f"""
ID mensaje,Cliente,Dirección,Enviado,Entregado,Tipo
a,{ANA},saliente,{_DAY}15:00:00Z,{_DAY}15:00:02Z,plantilla
""",
            [SENT],
            lacks("template_category"),
        ),
        (  # times that stand empty: by the status it was delivered, or read, at the latest when it was read
            f"""
Message Id,Recipient,Status,Sent Time,Delivered Time,Read Time,Category
a,{ANA},Delivered,{_DAY}15:00:00Z,{_DAY}15:00:02Z,,marketing
b,{ANA},Read,{_DAY}15:01:00Z,,,marketing
c,{ANA},Read,{_DAY}15:02:00Z,,{_DAY}15:07:00Z,marketing
d,{ANA},Failed,{_DAY}15:03:00Z,,,marketing
""",
            [
                SENT,
                ("b", ANA, "outbound", "15:01:00", "15:01:00", "", ""),
                ("c", ANA, "outbound", "15:02:00", "", "15:07:00", ""),
                ("d", ANA, "outbound", "15:03:00", "", "", "15:03:00"),
            ],
            lacks("direction"),
        ),
        (  # no ids: two rows are two messages
            f"""
Destinatario,Categoría,Fecha de envío,Fecha de entrega
{ANA},Marketing,{_DAY}15:00:00Z,{_DAY}15:00:02Z
{ANA},Marketing,{_DAY}15:00:00Z,{_DAY}15:00:02Z
""",
            [(f"row {n} {_DAY}15:00:00Z", *SENT[1:]) for n in (2, 3)],
            lacks("direction", "message_id"),
        ),
        (  # times in UTC, by their heads; and one that never was
            f"""
message_id,phone_number_id,user,direction,template_category,sent_at_utc,Delivered at (UTC),read_at (UTC+00:00)
a,{NUMBER},{ANA},outbound,marketing,2026-10-05 15:00:00,2026-10-05 15:00:02,0001-01-01T00:00:00Z
b,{NUMBER},{ANA},outbound,marketing,2026-10-05 15:01:00,NaT,None
""",
            [SENT, ("b", ANA, "outbound", "15:01:00", "", "", "")],
            [],
        ),
        (  # times of a zone that their heads name, day before month: 15:00 is ten o'clock in Lima, and five in Madrid
            f"""
Id;Fecha de envío (UTC-5);Fecha de entrega (UTC-05:00);Leído (Europe/Madrid);De;A;Dirección;Categoría
a;05/10/2026 10:00:00;05/10/2026 10:00:02;;{NUMBER};{ANA};saliente;Marketing
b;05/10/2026 10:01:00;;05/10/2026 17:01:03;{NUMBER};{ANA};saliente;
c;13/10/2026 10:01:00;;;{NUMBER};{ANA};saliente;
""",
            [
                SENT,
                ("b", ANA, "outbound", "15:01:00", "", "15:01:03", ""),
                ("c", ANA, "outbound", "2026-10-", "", "", ""),
            ],
            [],
        ),
        (  # our own columns, but for a day and its hour beside it
            f"""
message_id,phone_number_id,user,direction,template_category,fecha,hora,delivered_at
a,{NUMBER},{ANA},outbound,marketing,2026-10-05,10:00:00,{_DAY}15:00:02Z
""",
            [SENT],
            [],
        ),
    ],
)
def test_that_a_report_is_read_by_what_its_columns_tell(
    tmp_path: Path, text: str, rows: Sequence[Row], lacking: Sequence[str]
) -> None:
    found, problems, _ = read(tmp_path, text)
    assert found == rows
    assert sorted(problems) == sorted(lacking)


def test_that_what_went_over_another_channel_is_left_out(tmp_path: Path) -> None:
    text = f"""
Message Id,To,Sent At,Delivered At,Channel,Category
a,{ANA},{_DAY}15:00:00Z,{_DAY}15:00:02Z,WHATSAPP,marketing
b,{ANA},{_DAY}15:00:00Z,{_DAY}15:00:02Z,SMS,
c,{ANA},{_DAY}15:00:00Z,{_DAY}15:00:02Z,Instagram Direct,
"""
    assert read(tmp_path, text) == ([SENT], lacks("direction"), 2)


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        # customers write as well, and nothing tells their messages from ours
        (
            f"Id mensaje,De,Para,Enviado,Entregado\na,5198,{ANA},{_DAY}15:00:00Z,\nb,{ANA},5198,{_DAY}15:01:00Z,\n",
            "log_columns_missing",
            "direction",
        ),
        # a customer known by a number of the platform's only
        (f"Message Id,Contact ID,Direction,Date,Status\na,9,out,{_DAY}15:00:00Z,read\n", "log_columns_missing", "user"),
        # our own log lacks what is required
        (
            f"message_id,user,sent_at,delivered_at\na,{ANA},{_DAY}15:00:00Z,{_DAY}15:00:02Z\n",
            "log_columns_missing",
            "direction",
        ),
        # delivered, but in which zone?
        (
            f"message_id,phone_number_id,user,direction,sent_at,delivered_at (CST)\na,1,{ANA},outbound,,\n",
            "log_zone_open",
            "",
        ),
        # received by whom?
        (f"Destinatario,Fecha de envío,Estado\n{ANA},{_DAY}15:00:00Z,Recibido\n", "log_nothing_usable", ""),
    ],
)
def test_that_a_report_that_does_not_tell_enough_is_refused_and_says_what_is_missing(
    tmp_path: Path, text: str, code: str, column: str
) -> None:
    with pytest.raises(AuditorError) as refused:
        read(tmp_path, text)
    assert (refused.value.code, refused.value.values.get("columns", "")) == (code, column)


@pytest.mark.parametrize(
    ("head", "cells"), [("from_me", ("true", "false")), ("is_incoming", ("0", "1")), ("Saliente", ("Sí", "No"))]
)
def test_that_yes_and_no_tell_who_wrote(tmp_path: Path, head: str, cells: tuple[str, str]) -> None:
    out, came = cells
    text = f"""
message_id,{head},phone,timestamp,ack,category
a,{out},{ANA},{_DAY}15:00:00Z,delivered,marketing
b,{came},{ANA},{_DAY}15:01:00Z,received,
"""
    rows, codes, _ = read(tmp_path, text)
    assert rows == [
        ("a", ANA, "outbound", "15:00:00", "15:00:00", "", ""),
        ("b", ANA, "inbound", "15:01:00", "", "", ""),
    ]
    assert codes == lacks("delivered_at")


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("Type", ("Template", "Incoming", "Outgoing")),
        ("Tipo", ("Plantilla", "Entrante", "Saliente")),
        ("Message Type", ("outgoing", "incoming", "outgoing")),
        ("Owner", ("true", "false", "true")),
    ],
)
@pytest.mark.parametrize("delivered", [True, False])
def test_that_kinds_tell_who_wrote(tmp_path: Path, head: str, cells: tuple[str, str, str], *, delivered: bool) -> None:
    """Only the business sends templates. Without a time of delivery one is taken as delivered when it was sent."""
    template, came, went = cells
    also = ["Delivered At", f"{_DAY}15:00:00Z", "", f"{_DAY}15:02:00Z"] if delivered else [""] * 4
    text = f"""
Message ID,Sender Type,Phone,{head},Template Category,Sent At,{also[0]}
a,user,{ANA},{template},MARKETING,{_DAY}15:00:00Z,{also[1]}
b,contact,{ANA},{came},,{_DAY}15:01:00Z,{also[2]}
c,user,{ANA},{went},,{_DAY}15:02:00Z,{also[3]}
"""
    rows, codes, _ = read(tmp_path, text)
    assert [(row[0], row[2]) for row in rows] == [("a", "outbound"), ("b", "inbound"), ("c", "outbound")]
    assert codes == ([] if delivered else lacks("delivered_at"))


def test_that_bots_and_agents_write_for_the_business(tmp_path: Path) -> None:
    text = f"""
id,creationTime,chat.chatId,chat.channelId,chat.contactId,from,agentId,whatsappTemplateName
a,{_DAY}15:00:00.000Z,C1,andina-whatsapp-{OURS},{ANA},bot,,promo
b,{_DAY}15:01:00.000Z,C1,andina-whatsapp-{OURS},{ANA},user,,
c,{_DAY}15:02:00.000Z,C1,andina-whatsapp-{OURS},{ANA},agent,a1,
d,{_DAY}15:03:00.000Z,C2,andina-webchat-1,W7,bot,,
"""
    rows, codes, left_out = read(tmp_path, text)
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("a", ANA, "outbound"),
        ("b", ANA, "inbound"),
        ("c", ANA, "outbound"),
    ]
    assert (codes, left_out) == (lacks("delivered_at", "template_category"), 1)


def test_that_kinds_without_a_way_tell_nobody(tmp_path: Path) -> None:
    times = f"{_DAY}15:00:00Z,{_DAY}15:00:02Z"
    head = "Message ID,Phone,Type,Template Category,Sent At,Delivered At"
    _, codes, _ = read(tmp_path, f"{head}\na,{ANA},Template,MARKETING,{times}\nb,{ANA},Text,,{times}\n")
    assert codes == lacks("direction")


def test_that_a_log_of_events_has_a_row_for_each_of_a_message(tmp_path: Path) -> None:
    text = f"""
eventType,messageId,destination,source,eventTs,templateCategory
sent,a,{ANA},{OURS},1791212400000,MARKETING
delivered,a,{ANA},{OURS},1791212402000,MARKETING
failed,b,{ANA},{OURS},1791212460000,MARKETING
"""
    rows, codes, _ = read(tmp_path, text)
    assert rows == [
        ("a", ANA, "outbound", "15:00:00", "", "", ""),
        ("a", ANA, "outbound", "", "15:00:02", "", ""),
        ("b", ANA, "outbound", "", "", "", "15:01:00"),
    ]
    assert codes == lacks("direction")


@pytest.mark.parametrize(
    "heads",
    [
        # an export of customers' conversations, whose heads say of each column that it is the message's
        "Record ID,Channel account,Associated contact phone,Message direction,Message sent at,Message delivered at",
        "id mensaje,numero de la empresa,telefono del cliente,direccion del mensaje,enviado a las,entregado a las",
        "wamid,business_phone_id,customer_phone,message_direction,sent_ts,delivered_ts",
    ],
)
def test_that_heads_which_say_that_they_are_of_messages_are_known(tmp_path: Path, heads: str) -> None:
    row = f"a,{NUMBER},{ANA},outbound,{_DAY}15:00:00Z,{_DAY}15:00:02Z"
    assert read(tmp_path, f"{heads}\n{row}\n")[0] == [SENT]


def test_that_what_a_customer_wrote_was_sent_when_it_was_received(tmp_path: Path) -> None:
    heads = "id,direction,from,to,status,date_received,date_finalized"
    text = f"{heads}\na,inbound,{ANA},{NUMBER},delivered,{_DAY}15:00:00Z,\n"
    assert [row[:4] for row in read(tmp_path, text)[0]] == [("a", ANA, "inbound", "15:00:00")]


def test_that_the_ways_of_an_interface_are_ways(tmp_path: Path) -> None:
    row = f"a,outbound-api,{NUMBER},{ANA},,{_DAY}15:00:00Z,{_DAY}15:00:02Z"
    text = f"id,direction,from,to,status,sent at,delivered at\n{row}\n"
    assert read(tmp_path, text)[0] == [SENT]


def test_that_the_accounts_own_numbers_among_the_senders_tell_who_wrote(tmp_path: Path) -> None:
    text = f"""
ID,Remetente,Destinatário,Data,Hora,Situação
a,+51 987 654 321,{ANA},2026-10-05,10:00:00,Entregue
b,{ANA},Ventas,2026-10-05,10:01:00,Recebida
c,{OURS},{ANA},2026-10-05,10:02:00,Falhou
"""
    rows, said, _ = read(tmp_path, text)
    assert rows == [
        ("a", ANA, "outbound", "15:00:00", "15:00:00", "", ""),
        ("b", ANA, "inbound", "15:01:00", "", "", ""),
        ("c", ANA, "outbound", "15:02:00", "", "", "15:02:00"),
    ]
    assert "log_lacks_direction" not in said


def test_that_a_row_between_strangers_leaves_open_who_wrote(tmp_path: Path) -> None:
    text = (
        f"Id mensaje,De,Para,Enviado,Entregado\na,{OURS},{ANA},{_DAY}15:00:00Z,\nb,{ANA},{OURS},{_DAY}15:01:00Z,\n"
        f"c,{ANA},51922222222,{_DAY}15:02:00Z,\n"
    )
    with pytest.raises(AuditorError) as refused:
        read(tmp_path, text)
    assert refused.value.code == "log_columns_missing"


def test_that_what_customers_wrote_has_the_time_at_which_it_came_to_be(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        f"message_id,sender,recipient,type,created,sent,delivered\n"
        f"k1,51987654321,51911222333,outgoing,{_DAY}12:00:00Z,{_DAY}12:00:01Z,{_DAY}12:00:04Z\n"
        f"k2,51911222333,51987654321,incoming,{_DAY}12:06:00Z,,\n",
        encoding="utf-8",
    )
    with duckdb.connect() as connection:
        report = stage_log(connection, path, andina(), "log", lambda *_: None)
        found = connection.execute("SELECT message_id, sent_at FROM log ORDER BY source_row").fetchall()
    assert report.kept == 2
    assert [(name, iso(at)[11:19]) for name, at in found] == [("k1", "12:00:01"), ("k2", "12:06:00")]


def test_that_kinds_of_messages_that_are_numbers_leave_open_who_wrote(tmp_path: Path) -> None:
    rows = f"1,{ANA},1,2026-10-05T15:00:00Z,sent\n2,{ANA},{{}},2026-10-05T15:01:00Z,sent\n"
    text = f"id,phone,message_type,created_at,status\n{rows}"
    with pytest.raises(AuditorError) as refused:
        read(tmp_path, text.format("0"))
    assert (refused.value.code, refused.value.values["columns"]) == ("log_columns_missing", "direction")
    assert [row[2] for row in read(tmp_path, text.format("1"))[0]] == ["outbound", "outbound"]


def test_that_events_tell_what_customers_wrote_and_what_became_of_the_rest(tmp_path: Path) -> None:
    text = f"""
Event Type,WA Message Id,Customer Phone,Event Time
message_sent,a,{ANA},{_DAY}15:00:00Z
message.delivered,a,{ANA},{_DAY}15:00:02Z
Message read,a,{ANA},{_DAY}15:09:00Z
message_received,b,{ANA},{_DAY}15:10:00Z
"""
    rows, said, _ = read(tmp_path, text)
    assert [(row[0], row[2], *row[3:]) for row in rows] == [
        ("a", "outbound", "15:00:00", "", "", ""),
        ("a", "outbound", "", "15:00:02", "", ""),
        ("a", "outbound", "", "", "15:09:00", ""),
        ("b", "inbound", "15:10:00", "", "", ""),
    ]
    assert "log_lacks_direction" not in said


def test_that_statuses_are_known_in_other_words_and_of_the_rest_it_is_said(tmp_path: Path) -> None:
    text = f"""
Message Id,To,Direction,Sent At,Status
a,{ANA},outbound,{_DAY}15:00:00Z,Entregado al usuario
b,{ANA},outbound,{_DAY}15:01:00Z,DELIVRD
c,{ANA},outbound,{_DAY}15:02:00Z,3
d,{ANA},outbound,{_DAY}15:03:00Z,Message queued
e,{ANA},outbound,{_DAY}15:04:00Z,Error: número inválido
"""
    rows, said, _ = read(tmp_path, text)
    assert [row[4] for row in rows] == ["15:00:00", "15:01:00", "", "", ""]
    assert [row[6] for row in rows] == ["", "", "", "", "15:04:00"]
    assert "log_status_unknown" in said
    assert "log_status_unknown" not in read(tmp_path, text.replace(",3\n", ",read\n"))[1]


def test_that_a_campaign_is_of_the_business_beside_what_customers_sent(tmp_path: Path) -> None:
    heads = "contact_phone,sent_by,message_id,sent_at_utc,delivered_at_utc"
    text = f"{heads}\n{ANA},campaign,a,2026-10-05T15:00:00,2026-10-05T15:00:02\n{ANA},customer,b,2026-10-05T15:10:00,\n"
    assert [row[:3] for row in read(tmp_path, text)[0]] == [("a", ANA, "outbound"), ("b", ANA, "inbound")]


def test_that_an_address_of_whatsapps_own_is_the_customers(tmp_path: Path) -> None:
    text = f"message_id,chat_id,from_me,timestamp\na,{ANA}@c.us,1,{_DAY}15:00:00Z\nb,{ANA}@c.us,0,{_DAY}15:10:00Z\n"
    assert [row[:3] for row in read(tmp_path, text)[0]] == [("a", ANA, "outbound"), ("b", ANA, "inbound")]
    with pytest.raises(AuditorError) as refused:
        read(tmp_path, text.replace("@c.us", "@g.us"))
    assert refused.value.code == "log_columns_missing"


@pytest.mark.parametrize("heads", ["ID externo", "Código"])
def test_that_metas_own_ids_are_taken_before_a_bare_number_of_the_row(tmp_path: Path, heads: str) -> None:
    text = f"ID,Teléfono,Tipo,Estado,Fecha de creación,{heads}\n1,{ANA},Enviado,Leído,{_DAY}15:00:00Z,wamid.a\n"
    assert [row[0] for row in read(tmp_path, f"{text}2,{ANA},Recibido,,{_DAY}15:10:00Z,wamid.b\n")[0]] == [
        "wamid.a",
        "wamid.b",
    ]


def test_that_numbers_are_written_for_short(tmp_path: Path) -> None:
    text = f"ID,Fecha,Sentido,Nº cliente,N° empresa,Estado final\na,{_DAY}15:00:00Z,Salida,{ANA},{OURS},Leído\n"
    assert [row[:4] for row in read(tmp_path, text)[0]] == [("a", ANA, "outbound", "15:00:00")]


def test_that_a_status_that_comes_late_is_known_or_said(tmp_path: Path) -> None:
    first = "".join(f"m{place},{ANA},outbound,{_DAY}15:00:00Z,delivered\n" for place in range(1_000))
    last = f"x,{ANA},outbound,{_DAY}15:01:00Z,ENTREGADO\ny,{ANA},outbound,{_DAY}15:02:00Z,zugestellt\n"
    rows, said, _ = read(tmp_path, f"Message Id,To,Direction,Sent At,Status\n{first}{last}")
    assert [(row[0], row[4]) for row in rows[-2:]] == [("x", "15:01:00"), ("y", "")]
    assert "log_status_unknown" in said


@pytest.mark.parametrize(
    "text",
    [  # HubSpot, Salesforce, Odoo
        (
            f"Message ID,Message direction,Contact phone,Create date,Message status\na,Outgoing,{ANA},{{0}},Delivered\n"
            f"b,Incoming,{ANA},{{1}},Received\n"
        ),
        (
            f"MessageIdentifier,ActorType,EndUserPhone,EntryTime,MessageStatus\na,Agent,{ANA},{{0}},Delivered\n"
            f"b,EndUser,{ANA},{{1}},\n"
        ),
        (
            f"ID,Created on,Type,Phone,State,Message UID\n7,{{0}},Outbound,{ANA},Delivered,a\n"
            f"8,{{1}},Inbound,{ANA},Received,b\n"
        ),
    ],
)
def test_that_logs_of_programs_for_customers_are_known(tmp_path: Path, text: str) -> None:
    filled = text.format(f"{_DAY}15:00:00Z", f"{_DAY}15:10:00Z")
    found = [(row[1:6]) for row in read(tmp_path, filled)[0]]
    assert found == [(ANA, "outbound", "15:00:00", "15:00:00", ""), (ANA, "inbound", "15:10:00", "", "")]


@pytest.mark.parametrize(("came", "went"), [("←", "→"), ("↓", "↑"), ("<<", ">>"), ("<-", "->")])
def test_that_arrows_tell_which_way_a_message_went(tmp_path: Path, came: str, went: str) -> None:
    text = f"""
Id,Cliente,Sentido,Fecha y hora,Entregado,Categoría
a,{ANA},{went},{_DAY}15:00:00Z,{_DAY}15:00:02Z,Marketing
b,{ANA},{came},{_DAY}15:05:00Z,,
"""
    assert read(tmp_path, text) == ([SENT, ("b", ANA, "inbound", "15:05:00", "", "", "")], [], 0)


def test_that_the_own_numbers_among_senders_and_receivers_tell_directions_without_any_status(tmp_path: Path) -> None:
    heads = "timestamp,from,to,body,wamid,type,template category\n"
    sent = f"{_DAY}15:00:00Z,{OURS},{ANA},promo,a,template,MARKETING\n"
    came = f"{_DAY}15:05:00Z,{ANA},{OURS},si,b,text,\n"
    rows, codes, _ = read(tmp_path, heads + sent + came)
    assert rows == [("a", ANA, "outbound", "15:00:00", "", "", ""), ("b", ANA, "inbound", "15:05:00", "", "", "")]
    assert codes == lacks("delivered_at")
    with pytest.raises(AuditorError) as refused:  # that of somebody else tells nothing
        read(tmp_path, heads + sent.replace(OURS, "51900000000") + came.replace(OURS, "51900000000"))
    assert refused.value.code == "log_columns_missing"

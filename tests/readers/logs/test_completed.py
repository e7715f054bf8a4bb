"""Columns of a log that others complete: the zone of a row's times, and the dial code of a number (formats.md §2.3)."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.readers.logs.messages import stage_log
from tests.readers.fixtures.accounts import andina
from tests.readers.logs.test_reports import ANA
from tests.readers.logs.test_reports import SENT
from tests.readers.logs.test_reports import read

_INTERAKT = "Country Code,Phone Number,Message ID,Template Category,Sent At{0},Delivered At{0}\n"


@pytest.mark.parametrize(
    ("zone", "times"),
    [
        ("UTC+00:00", "2026-10-05 15:00:00,2026-10-05 15:00:02"),
        ("GMT-5", "2026-10-05 10:00:00,2026-10-05 10:00:02"),
        ("America/Mexico_City", "2026-10-05 09:00:00,2026-10-05 09:00:02"),  # six hours behind, all the year
    ],
)
@pytest.mark.parametrize("head", ["Time zone", "Zona horaria", "tz"])
def test_that_times_are_of_the_zone_that_their_row_states(tmp_path: Path, zone: str, times: str, head: str) -> None:
    heads = f"Message ID,Phone,Direction,Sent time,Delivered time,{head},Category"
    assert read(tmp_path, f"{heads}\na,{ANA},outbound,{times},{zone},utility\n") == ([SENT], [], 0)
    own = f"message_id,user,direction,sent_at,delivered_at,{head}\na,{ANA},outbound,{times},{zone}\n"
    assert read(tmp_path, own)[0] == [SENT]


def test_that_a_row_of_a_zone_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    head = "Message ID,Phone,Direction,Sent time,Delivered time,Time zone\n"
    rows = f"a,{ANA},outbound,2026-10-05 15:00:00,2026-10-05 15:00:02,%s\n"
    found, codes, _ = read(tmp_path, head + rows % "UTC" + rows.replace("a,", "b,", 1) % "Narnia")
    assert found == [SENT]
    assert "time_unreadable" in codes


@pytest.mark.parametrize(
    ("code", "number"),
    [("51", "911111111"), ("+51", "911 111 111"), ("0051", "0911111111"), ("51", ANA), ("", ANA), ("51", f"+{ANA}")],
)
def test_that_a_number_has_the_dial_code_beside_it(tmp_path: Path, code: str, number: str) -> None:
    heads = "Country Code,Cellphone,Message ID,Sent At,Delivered At"
    row = f"{code},{number},a,2026-10-05T15:00:00Z,2026-10-05T15:00:02Z"
    assert read(tmp_path, f"{heads}\n{row}\n")[0] == [SENT]


def test_that_national_numbers_may_begin_with_the_figures_of_their_code(tmp_path: Path) -> None:
    """Of most numbers it is plain that the code is not in them: area 55 of Brazil, whose code is 55."""
    times = "2026-10-05T15:00:00Z,2026-10-05T15:00:02Z"
    numbers = ("11987654321", "21987654321", "55987654321")
    rows = "".join(f"55,{number},{at},{times}\n" for at, number in enumerate(numbers))
    found, _, _ = read(tmp_path, f"DDI,Celular,Message ID,Sent At,Delivered At\n{rows}")
    assert [row[1] for row in found] == [f"55{number}" for number in numbers]


def test_that_names_and_letters_of_countries_are_no_dial_codes(tmp_path: Path) -> None:
    times = "2026-10-05T15:00:00Z,2026-10-05T15:00:02Z"
    found, _, _ = read(tmp_path, f"Código de país,Celular,Message ID,Sent At,Delivered At\nPE,{ANA},a,{times}\n")
    assert found == [SENT]


def test_that_letters_of_several_zones_are_those_of_the_account_or_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    rows = "+91,9876543210,a,marketing,2026-10-05 20:30:00,2026-10-05 20:30:02\n"
    path.write_text(_INTERAKT.format(" (IST)") + rows, encoding="utf-8")
    with duckdb.connect() as connection, pytest.raises(AuditorError) as refused:
        stage_log(connection, path, andina(), "log", lambda *_: None)
    assert (refused.value.code, refused.value.values["zone"]) == ("log_zone_open", "IST")
    lima = andina()
    indian = replace(lima, wabas=tuple(replace(waba, time_zone="Asia/Kolkata") for waba in lima.wabas))
    with duckdb.connect() as connection:
        stage_log(connection, path, indian, "log", lambda *_: None)
        stored = connection.execute("SELECT \"user\", strftime(make_timestamp(sent_at), '%H:%M') FROM log").fetchall()
    assert stored == [("919876543210", "15:00")]  # five hours and a half ahead


@pytest.mark.parametrize(
    ("heads", "times"),
    [  # ten in the morning in Lima is three in the afternoon in UTC
        ("Fecha,Hora (GMT-5),Hora entrega (GMT-5)", "2026-10-05,10:00:00,10:00:02"),
        ("Fecha,Hora (GMT-5),Hora entrega", "2026-10-05,10:00:00,10:00:02"),
        ("Fecha,Hora (UTC),Hora entrega (UTC)", "2026-10-05,15:00:00,15:00:02"),
        ("Fecha,Hora (Perú),Hora entrega", "2026-10-05,10:00:00,10:00:02"),
        ("Data,Hora (Brasília),Entregue às", "2026-10-05,12:00:00,12:00:02"),  # two hours before Lima
        ("Fecha (UTC),Hora (UTC),Hora entrega (UTC)", "2026-10-05,15:00:00,15:00:02"),
        ("Fecha (UTC),Hora,Hora entrega", "2026-10-05,15:00:00,15:00:02"),
        ("Fecha,Hora,Hora entrega", "2026-10-05,10:00:00,10:00:02"),
    ],
)
def test_that_hours_are_of_the_zone_that_their_own_head_names(tmp_path: Path, heads: str, times: str) -> None:
    text = f"Código de mensaje,Teléfono cliente,Sentido,{heads},Categoría\na,{ANA},Saliente,{times},Utilidad\n"
    assert read(tmp_path, text)[0] == [SENT]


def test_that_an_hour_of_another_zone_is_not_put_on_the_day(tmp_path: Path) -> None:
    """Ten at night in Lima is of the next day in UTC: which day a bare hour in UTC is of, its row does not say."""
    heads = "Código de mensaje,Teléfono cliente,Sentido,Fecha,Hora (GMT-5),Hora entrega (UTC)"
    rows, codes, _ = read(
        tmp_path,
        f"{heads}\na,{ANA},Saliente,2026-10-05,10:00:00,15:00:02\nb,{ANA},Entrante,2026-10-05,10:05:00,\n",
    )
    assert [row[3] for row in rows] == ["15:05:00"]
    assert "time_unreadable" in codes


def test_that_letters_of_several_zones_in_the_head_of_hours_are_asked_for(tmp_path: Path) -> None:
    heads = "Código de mensaje,Teléfono cliente,Sentido,Date,Time (IST),Categoría"
    text = f"{heads}\na,{ANA},outbound,2026-10-05,20:30:00,utility\n"
    with pytest.raises(AuditorError) as refused:
        read(tmp_path, text)
    assert (refused.value.code, refused.value.values["zone"]) == ("log_zone_open", "IST")

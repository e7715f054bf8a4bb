"""Dates and periods are read in three languages; an open order is told, not guessed."""

from datetime import date
from datetime import datetime
from decimal import Decimal

import pytest

from auditor.readers.values.dates import date_orders
from auditor.readers.values.dates import names_period
from auditor.readers.values.dates import parse_day
from auditor.readers.values.dates import parse_period

_OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


@pytest.mark.parametrize(
    "value",
    [
        "2026-10-01",
        "2026/10/01",
        "20261001",
        "2026-10-01T05:00:00Z",
        "2026-10-01 05:00:00.123 -05:00",
        "01/10/2026",
        "1.10.2026",
        "01/10/26",
        "1/10/2026 05:00 a. m.",
        "1 de octubre de 2026",
        "1º de outubro de 2026",
        "October 1st, 2026",
        "01-oct-26",
        "1 out 2026",
        "jue. 01 oct. 2026",
        "quinta-feira, 1 de outubro de 2026",
        "Thursday, October 1, 2026",
        "jueves 2026-10-01",
        "46296",
        Decimal(46296),
        Decimal(20261001),
        "1790812800",
        "1790812800000",
        date(2026, 10, 1),
        datetime(2026, 10, 1, 12),  # noqa: DTZ001 - a spreadsheet's dates have no zone
    ],
)
def test_that_a_day_is_read(value: object) -> None:
    assert parse_day(value, "dmy") == date(2026, 10, 1)


@pytest.mark.parametrize("value", ["", "soon", "32/10/2026", "2026-13-01", "12", Decimal(5), None])
def test_that_what_is_no_day_is_none(value: object) -> None:
    assert parse_day(value, "dmy") is None


def test_that_a_bare_date_is_not_read_without_its_order() -> None:
    assert parse_day("01/10/2026") is None
    assert parse_day("01/10/2026", "mdy") == date(2026, 1, 10)


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("01/10/2026", {"dmy", "mdy"}),
        ("13/10/2026", {"dmy"}),
        ("05.10.2026", {"dmy"}),
        ("10.13.2026", {"mdy"}),
        ("10/13/2026", {"mdy"}),
        ("01/10/2026 - 31/10/2026", {"dmy"}),
        ("31/10/26", {"dmy"}),
        ("26-10-31", {"ymd"}),
        ("25/10/26", {"dmy", "ymd"}),
        ("2026-10-01", {"dmy", "mdy", "ymd"}),
        ("octubre 2026", {"dmy", "mdy", "ymd"}),
        ("31/31/2026", set()),
    ],
)
def test_that_a_date_tells_the_orders_it_allows(text: str, orders: set[str]) -> None:
    assert date_orders(text, 2027) == orders


@pytest.mark.parametrize(
    "text",
    [
        "2026-10",
        "10/2026",
        "202610",
        "octubre 2026",
        "Octubre de 2026",
        "October 2026",
        "Outubro/2026",
        "Oct-26",
        "01/10/2026 - 31/10/2026",
        "01/10/2026-31/10/2026",
        "01/10/2026 al 31/10/2026",
        "2026-10-01 to 2026-10-31",
        "2026-10-01/2026-10-31",
        "del 1 al 31 de octubre de 2026",
        "1-31 October 2026",
        "Oct 1 - Oct 31, 2026",
        "October 1 - 31, 2026",
        "Oct 1–31, 2026",
    ],
)
def test_that_a_month_is_read_as_a_period(text: str) -> None:
    assert parse_period(text, "dmy") == _OCTOBER


def test_that_other_periods_are_read() -> None:
    assert parse_period("enero a marzo 2026") == (date(2026, 1, 1), date(2026, 3, 31))
    assert parse_period("15/10/2026", "dmy") == (date(2026, 10, 15), date(2026, 10, 15))
    assert parse_period("31/10/2026 - 01/10/2026", "dmy") is None
    assert parse_period("2026-W41") == (date(2026, 10, 5), date(2026, 10, 11))
    assert parse_period("2026-W60") is None
    for text in ("Sem 41 (05/10 al 11/10/2026)", "Week 41: 05/10/2026 - 11/10/2026", "S41 (5-11 oct 2026)"):
        assert parse_period(text, "dmy") == (date(2026, 10, 5), date(2026, 10, 11))
    assert parse_period("Semana 41") is None
    assert parse_period("the whole month") is None
    assert parse_period("Oct 1 - Oct 31") is None


def test_that_tuesday_is_told_from_march() -> None:
    # Both are `mar.` in Spanish, in French and in Italian.
    assert parse_day("mar. 06 oct 2026") == date(2026, 10, 6)
    assert parse_day("Mar 6, 2026") == date(2026, 3, 6)
    assert date_orders("mié 07/10/2026") == {"dmy", "mdy"}
    assert parse_day("mié 07/10/2026", "dmy") == date(2026, 10, 7)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Del jueves 1 de octubre de 2026 al sábado 31 de octubre de 2026", True),
        ("10/11/2026", True),
        ("2026-W41", True),
        ("oct-26", True),
        ("x0_17", False),
        ("Marketing", False),
        ("1000", False),
    ],
)
def test_that_a_period_is_told_whatever_the_order_of_its_figures(text: str, is_one: bool) -> None:
    assert names_period(text) == is_one


@pytest.mark.parametrize("text", ["Q4 2026", "2026-Q4", "T4 2026", "4T2026", "4.º trimestre de 2026", "IV trim. 2026"])
def test_that_a_quarter_is_three_months(text: str) -> None:
    assert parse_period(text) == (date(2026, 10, 1), date(2026, 12, 31))


@pytest.mark.parametrize("text", ["Q5 2026", "T1", "Q1 26000", "Q2 plan 2026"])
def test_that_other_words_with_a_q_or_t_are_no_quarter(text: str) -> None:
    assert parse_period(text) is None


@pytest.mark.parametrize(
    "text", ["Ene-Mar 2025", "enero - marzo 2025", "Ene a Mar de 2025", "Jan–Mar 2025", "January to March 2025"]
)
def test_that_months_of_one_year_are_a_period(text: str) -> None:
    assert parse_period(text) == (date(2025, 1, 1), date(2025, 3, 31))


@pytest.mark.parametrize("text", ["Mar-Ene 2025", "Ene-Ene 2025", "Plan-Mar 2025", "Ene-Mar"])
def test_that_other_words_beside_a_year_are_no_months(text: str) -> None:
    assert parse_period(text) is None

"""Numbers are read exactly, and the decimal mark is decided for a whole column."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.readers.values.numbers import column_marks
from auditor.readers.values.numbers import is_unclear
from auditor.readers.values.numbers import possible_marks
from auditor.readers.values.numbers import read_number
from auditor.readers.values.numbers import settle
from auditor.readers.values.numbers import take_apart


@pytest.mark.parametrize(
    ("text", "mark", "value", "currency"),
    [
        ("1.234,56", ",", "1234.56", ""),
        ("1,234.56", ".", "1234.56", ""),
        ("'1\u00a0000", ".", "1000", ""),  # the apostrophe makes a text of it
        ("US$1,22", ",", "1.22", "USD"),
        ("$1,580.30 MXN", ".", "1580.30", "MXN"),
        ("US$-1.22 USD", ".", "-1.22", "USD"),
        ("MXN $5,200.00", ".", "5200.00", "MXN"),
        ("USD$ 70.30", ".", "70.30", "USD"),
        ("PEN S/. -3,50", ",", "-3.50", "PEN"),
        ("(USD US$ 3.50)", ".", "-3.50", "USD"),
        ("$US 3.5", ".", "3.5", "USD"),
        ("S/ 3.50", ".", "3.50", "PEN"),
        ("S/. 3.50", ".", "3.50", "PEN"),
        ("₹ 1,23,456.70", ".", "123456.70", "INR"),
        ("R$ 1.234,5", ",", "1234.5", "BRL"),
        ("R 10 350,00", ",", "10350", "ZAR"),
        ("1.234,56 €", ",", "1234.56", "EUR"),
        ("$ 50.00", ".", "50.00", ""),
        ("US$ 70.30 *", ".", "70.30", "USD"),
        ("1.050**", ",", "1050", ""),
        ("(12.30)", ".", "-12.30", ""),
        ("$ (1,012.30)", ".", "-1012.30", ""),
        ("S/ (12,30)", ",", "-12.30", "PEN"),
        ("(US$ 12.30)", ".", "-12.30", "USD"),
        ("12,30-", ",", "-12.30", ""),
        ("USD -89.59", ".", "-89.59", "USD"),
        ("-USD 89.59", ".", "-89.59", "USD"),
        ("\u221212.5", ".", "-12.5", ""),
        ("12.30 CR", ".", "-12.30", ""),
        ("1\u00a0234,56", ",", "1234.56", ""),
        ("1'234.56", ".", "1234.56", ""),
        ("1.234.567", ",", "1234567", ""),
        ("0,123", ",", "0.123", ""),
        (".5", ".", "0.5", ""),
        ("1,2345", ",", "1.2345", ""),
        ("-", ".", "0", ""),
        ("7.03E-02", ".", "0.0703", ""),
        ("7,03e-02", ",", "0.0703", ""),
        ("-2E-3", ",", "-0.002", ""),
        ("5 soles", ".", "5", "PEN"),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665", ".", "1234.5", ""),
        ("\uff11\uff12\uff0e\uff15", ".", "12.5", ""),
        ("\u202a12.30\u202c\u200b", ".", "12.30", ""),
    ],
)
def test_that_a_number_is_read_as_it_is_written(text: str, mark: str, value: str, currency: str) -> None:
    number = take_apart(text)
    assert number is not None
    assert mark in possible_marks(number.body)
    assert read_number(number, mark) == Decimal(value)
    assert number.currency == currency


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "5 manzanas",
        "18%",
        "12,3,4",
        "1,23,45",
        "--5",
        "(-5)",
        "US$ 5 EUR",
        "MXN S/ 3.50",
        "01/10/2026",
        "1 23",
        "1.02E+14",
        "7.03E+00",
    ],
)
def test_that_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    assert take_apart(text) is None


def test_that_one_value_decides_the_mark_of_its_column() -> None:
    assert column_marks(["1.234", "12", "0,07"]) == (frozenset(","), frozenset(","))
    assert column_marks(["1,234", "12", "n/a"]) == (frozenset(".,"), frozenset())
    assert column_marks(["1.50", "1,50"]) == (frozenset(), frozenset(".,"))


def test_that_only_a_number_with_two_readings_is_unclear() -> None:
    assert [text for text in ("1,234", "1.234", "12", "1,23", "0.123", "x") if is_unclear(text)] == ["1,234", "1.234"]


def test_that_quantity_times_rate_settles_an_open_mark() -> None:
    # 1234 x 0.07 = 86.38; 1.234 x 0.07 would be 0.08638
    rows = [{"quantity": "1.234", "unit_rate": "0,07", "amount": "86,38"}]
    marks = {"quantity": [",", "."], "unit_rate": [","], "amount": [","]}
    assert settle(marks, rows) == {"quantity": ",", "unit_rate": ",", "amount": ","}


def test_that_two_open_columns_that_scale_together_stay_open() -> None:
    # 1234 x 2 = 2468, and 1.234 x 2 = 2.468
    rows: list[dict[str, str | Decimal]] = [{"quantity": "1,234", "unit_rate": Decimal(2), "amount": "2,468"}]
    marks = {"quantity": [",", "."], "unit_rate": ["."], "amount": [",", "."]}
    assert settle(marks, rows) is None


@given(st.decimals(min_value=0, max_value=10**9, places=4), st.sampled_from([(",", "."), (".", ",")]))
def test_that_any_grouped_number_reads_back(value: Decimal, style: tuple[str, str]) -> None:
    group, mark = style
    text = f"{value:,.4f}".replace(",", "_").replace(".", mark).replace("_", group)
    number = take_apart(text)
    assert number is not None
    assert read_number(number, mark) == value


@pytest.mark.parametrize(
    "text", ["1\u200b00", "7\u200e.03", "\u202e30.7", "\u202e30.7\u202c", "12\u00ad34", "\u202b1 200-"]
)
def test_that_figures_with_a_mark_that_is_not_seen_between_them_or_that_turns_them_are_no_number(text: str) -> None:
    assert take_apart(text) is None


@pytest.mark.parametrize("text", ["\u200e7.03\u200e", "\u202a7.03\u202c", "US$\u200b7.03", "\ufeff7.03"])
def test_that_marks_around_a_number_say_nothing(text: str) -> None:
    number = take_apart(text)
    assert number is not None
    assert number.body == "7.03"

"""Meta's own rate-card downloads, as they come: workbooks named `.csv`, with notes above the heads (formats.md §5)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import RateRow
from auditor.language import Language
from auditor.readers.rates.cards import read_card
from auditor.readers.recognise import CARD
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import recognise
from tests.readers.card_files import LIST
from tests.readers.card_files import LIST_HEADS
from tests.readers.card_files import TIERS
from tests.readers.card_files import as_book
from tests.readers.card_files import as_text


def facts(rows: Sequence[RateRow]) -> list[tuple[str, str, int | None, int | None, str]]:
    return [(row.market, row.category, row.tier_from, row.tier_to, str(row.rate)) for row in rows]


LISTED = [
    ("Peru", "marketing", None, None, "0.0703"),
    ("Peru", "utility", None, None, "0.03"),
    ("Peru", "authentication", None, None, "0.03"),
    ("Peru", "service", None, None, "0.03"),
    ("India", "marketing", None, None, "0.0118"),
    ("India", "utility", None, None, "0.0014"),
    ("India", "authentication", None, None, "0.0014"),
    ("India", "authentication_international", None, None, "0.0304"),
]
TIERED = [
    ("Peru", "utility", 1, 250000, "0.03"),
    ("Peru", "authentication", 1, 250000, "0.03"),
    ("Peru", "utility", 250001, None, "0.0285"),
    ("Peru", "authentication", 250001, 2000000, "0.0285"),
    ("Peru", "authentication", 2000001, None, "0.027"),
    ("India", "authentication_international", 1, None, "1940.13"),
]


@pytest.mark.parametrize("write", [as_text, as_book])
def test_that_the_list_card_is_read_as_it_comes(tmp_path: Path, write: object) -> None:
    path = write(tmp_path / "Pricing.csv", LIST)  # type: ignore[operator]
    card = read_card(path)
    assert facts(card.rows) == LISTED
    assert {(row.first, row.last, row.currency, row.basis) for row in card.rows} == {
        (date(2026, 10, 1), None, "USD", "read")
    }
    assert card.rows[0].source == "Pricing.csv: Cost per message in USD, effective October 1, 2026"
    assert recognise(path) == CARD


@pytest.mark.parametrize("write", [as_text, as_book])
def test_that_the_tier_card_is_read_group_by_group(tmp_path: Path, write: object) -> None:
    path = write(tmp_path / "Tier Pricing.csv", TIERS)  # type: ignore[operator]
    card = read_card(path, date(2026, 10, 1))
    assert facts(card.rows) == TIERED
    assert {row.first for row in card.rows} == {date(2026, 10, 1)}
    assert recognise(path) == CARD


@pytest.mark.parametrize(
    ("sign", "currency", "rate"),
    [
        ("$US", "USD", "0.0703"), ("₹", "INR", "6.1234"), ("A$", "AUD", "0.1093"), ("£", "GBP", "0.0519"),
        ("GBD", "GBP", "0.0519"), ("RP", "IDR", "1,940.13"),
    ],
)  # fmt: skip
def test_that_currencies_are_read_as_meta_writes_them(tmp_path: Path, sign: str, currency: str, rate: str) -> None:
    path = as_text(tmp_path / "Pricing.csv", [*LIST[:3], LIST_HEADS, ("Peru", sign, rate, "n/a", "n/a", "n/a", "")])
    (row,) = read_card(path).rows
    assert (row.currency, row.rate) == (currency, Decimal(rate.replace(",", "")))


def test_that_every_sheet_of_a_book_that_is_a_card_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    rupees = [*LIST[:4], ("India", "₹", "1.01", "0.12", "0.12", "2.59", "n/a")]
    for rows in (LIST, TIERS, [["Notes"], ["Rates exclude taxes."]], rupees):
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(list(row))
    book.save(tmp_path / "cards.xlsx")
    card = read_card(tmp_path / "cards.xlsx", date(2026, 10, 1)).rows
    assert facts(card)[: len(LISTED) + len(TIERED)] == [*LISTED, *TIERED]
    assert [(row.currency, str(row.rate)) for row in card[-4:]] == [
        ("INR", "1.01"), ("INR", "0.12"), ("INR", "0.12"), ("INR", "2.59"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "note",
    [
        "Rates effective as of 1 October 2026",
        "Cost per message, effective October 1st, 2026",
        "Cost per message. Effective: 2026-10-01",
        "Tarifas (rates), vigentes desde el 1 de octubre de 2026",
    ],
)
def test_that_the_day_is_read_however_the_note_words_it(tmp_path: Path, note: str) -> None:
    card = read_card(as_text(tmp_path / "Pricing.csv", [(note,), *LIST[1:]]))
    assert {row.first for row in card.rows} == {date(2026, 10, 1)}


def test_that_a_card_without_its_day_asks_for_it(tmp_path: Path) -> None:
    path = as_text(tmp_path / "Tier Pricing.csv", TIERS)
    assert refused(path).code == "card_no_first_day"
    assert read_card(path, date(2026, 7, 1)).rows[0].first == date(2026, 7, 1)


def test_that_a_day_that_contradicts_the_card_is_refused(tmp_path: Path) -> None:
    error = refused(as_text(tmp_path / "Pricing.csv", LIST), date(2026, 7, 1))
    assert (error.code, error.values) == ("card_first_day_differs", {"stated": "2026-10-01", "given": "2026-07-01"})


def peru(*cells: str) -> list[Sequence[str]]:
    return [*LIST[:3], LIST_HEADS, ("Peru", "$US", *cells)]


def tier(*cells: str) -> list[Sequence[str]]:
    return [*TIERS[:5], ("Peru", "$US", *cells)]


NONE = ("n/a",) * 5


@pytest.mark.parametrize(
    # A head broken over two lines makes every row after it begin a line later.
    ("rows", "code", "row", "column"),
    [
        (peru("-0.07", "n/a", "n/a", "n/a", "n/a"), "card_negative", 6, "C"),
        (peru("0.07", "0,07", "n/a", "n/a", "n/a"), "card_not_a_decimal", 6, "D"),
        (peru("free", "n/a", "n/a", "n/a", "n/a"), "card_not_a_decimal", 6, "C"),
        (peru("", "", "", "", ""), "card_no_rate", 6, "C"),
        ([*LIST[:5], ("Narnia", "$US", "0.1", "", "", "", "")], "card_unknown_market", 7, "market"),
        ([*LIST[:5], ("Chile", "$", "0.1", "", "", "", "")], "card_unknown_currency", 7, "currency"),
        ([*LIST[:5], ("Peru", "$US", "0.1", "", "", "", "")], "card_rows_overlap", 7, ""),
        ([*LIST[:3], (*LIST_HEADS, "Surcharge"), (*LIST[4], "1")], "card_column_unknown", 4, "H"),
        ([*TIERS[:2], (), *TIERS[3:]], "card_group_unknown", 5, "C"),
        (tier("1", "1,000", "List rate", "", "0%", *NONE, *NONE), "card_no_rate", 7, "F"),
        (tier("1", "1,000", "List rate", "0.03", "0%", *NONE, *NONE), "card_tier_no_end", 7, ""),
        (tier("5", "--", "List rate", "0.03", "0%", *NONE, *NONE), "card_tier_hole", 7, ""),
        (tier("1", "many", "List rate", "0.03", "0%", *NONE, *NONE), "card_not_whole", 7, "D"),
    ],
)
def test_that_what_is_wrong_in_a_download_is_named_with_its_place(
    tmp_path: Path, rows: Sequence[Sequence[str]], code: str, row: int, column: str
) -> None:
    day = date(2026, 10, 1)
    error = refused(as_text(tmp_path / "card.csv", rows), day)
    assert error.code == "card_refused"
    assert (code, row, column) in [(one.code, one.place.row, one.place.column) for one in error.problems]


def test_that_an_invoice_with_a_column_per_category_is_no_card(tmp_path: Path) -> None:
    rows = [("Factura F001-77",), LIST_HEADS, ("Peru", "USD", "70.30", "20.00", "0", "0", "0")]
    assert recognise(as_text(tmp_path / "invoice.csv", rows)) == INVOICE


def test_that_a_book_that_is_no_card_says_what_is_missing(tmp_path: Path) -> None:
    assert refused(as_book(tmp_path / "card.xlsx", [("Fruit", "Price")])).code == "card_columns_missing"


def refused(path: Path, first: date | None = None) -> AuditorError:
    with pytest.raises(AuditorError) as caught:
        read_card(path, first)
    for language in (Language("en"), Language("es")):
        assert language.error(caught.value)
        assert all(language.problem(problem) for problem in caught.value.problems)
    return caught.value


def test_that_the_day_is_found_in_a_note_that_a_text_parted_at_its_comma(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    note, heads = "Pricing - effective October 1, 2026", "Market,Currency,Marketing,Utility"
    path.write_text(f"{note}\n{heads}\nPeru,$US,0.0703,0.0200\n", encoding="utf-8")
    assert {str(row.first) for row in read_card(path).rows} == {"2026-10-01"}


def test_that_a_note_may_say_that_the_prices_are_of_a_million_messages(tmp_path: Path) -> None:
    notes = [("Prices per 1,000,000 messages",), ("Valid from 1 October 2026",)]
    path = as_text(tmp_path / "Pricing.csv", [*notes, LIST_HEADS[:4], ("Peru", "USD", "70300", "20000")])
    assert [(str(row.first), str(row.rate)) for row in read_card(path).rows] == [
        ("2026-10-01", "0.0703"), ("2026-10-01", "0.02")
    ]  # fmt: skip


def test_that_a_card_which_a_spreadsheet_saved_with_decimal_commas_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    heads = "Rates effective October 1, 2026\nMarket;Currency;Marketing;Utility\n"
    path.write_text(f"{heads}Peru;$US;0,0703;0,0200\nChile;$US;0,0889;n/a\n", encoding="utf-8-sig")
    found = {(row.market, row.category, row.rate) for row in read_card(path).rows}
    assert found == {
        ("Peru", "marketing", Decimal("0.0703")), ("Peru", "utility", Decimal("0.02")),
        ("Chile", "marketing", Decimal("0.0889")),
    }  # fmt: skip
    path.write_text(f"{heads}Peru;$US;0,0703;0.0200\n", encoding="utf-8")  # one of each: none can be trusted
    assert refused(path).code == "card_refused"


@pytest.mark.parametrize(
    ("heads", "row", "code"),
    [
        ("Market,Currency,Category,From,To,Rate", "Peru,USD,Marketing,2026-10-01,2026-12-31,0.0703", ""),
        ("Market,Currency,From,To,Messages,Cost", "Peru,USD,2026-10-01,2026-10-31,1000,70.30", "card_columns_missing"),
        ("From,Market,Currency,Messages,Amount", "51999888777,Peru,USD,100,7.03", "card_columns_missing"),
    ],
)
def test_that_a_from_of_another_table_makes_no_tier_card(tmp_path: Path, heads: str, row: str, code: str) -> None:
    path = tmp_path / "tarifas.csv"
    path.write_text(f"{heads}\n{row}\n", encoding="utf-8")
    if code:
        with pytest.raises(AuditorError) as refused:
            read_card(path)
        assert refused.value.code == code
    else:
        (one,) = read_card(path).rows
        assert (one.first, one.last, one.rate) == (date(2026, 10, 1), date(2026, 12, 31), Decimal("0.0703"))

"""Rate cards: the canonical CSV, its contradictions, and Meta's own cards (formats.md §5)."""

import re
from calendar import monthrange
from datetime import date
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import process_time

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.report.facts import source_words
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.rates.cards import check_rows
from auditor.readers.rates.cards import meta_card
from auditor.readers.rates.cards import read_card
from auditor.readers.recognise import CARD
from auditor.readers.recognise import recognise

HEAD = "effective_from,effective_to,currency,market,category,tier_from,tier_to,rate,factor,plus,basis,source\n"
PLAIN = "2026-01-01,,PEN,Peru,utility,,,0.07,,,,\n"


def card(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "contract.csv"
    path.write_text(head + "".join(rows), encoding="utf-8")
    return path


def findings(path: Path) -> list[tuple[str, int, str]]:
    """Give code, row and column of each problem, and see that both languages have the sentences."""
    with pytest.raises(AuditorError) as caught:
        read_card(path)
    error = caught.value
    assert error.code == "card_refused"
    for language in (Language("en"), Language("es")):
        assert language.error(error)
        assert all(language.problem(problem) for problem in error.problems)
    return [(problem.code, problem.place.row, problem.place.column) for problem in error.problems]


def test_that_a_contract_is_read_row_by_row(tmp_path: Path) -> None:
    path = card(
        tmp_path,
        "2026-01-01,2026-12-31,PEN,*,marketing,,,0.23,,,contract,Contract 7\n",
        "\n",
        "2026-01-01,,USD,Peru,authentication-international,,,,1.15,0.002,,\n",
    )
    found = read_card(path)
    first, second = found.rows
    assert found.name == "contract.csv"
    assert (first.first, first.last, first.market) == (date(2026, 1, 1), date(2026, 12, 31), "*")
    assert (first.rate, first.factor, first.plus) == (Decimal("0.23"), None, Decimal(0))
    assert (first.basis, first.source, first.place.row) == ("contract", "Contract 7", 2)
    assert (second.last, second.category) == (None, "authentication_international")
    assert (second.rate, second.factor, second.plus) == (None, Decimal("1.15"), Decimal("0.002"))
    assert second.place.row == 4


def test_that_optional_columns_may_be_missing_and_a_semicolon_may_part_them(tmp_path: Path) -> None:
    head = "Effective from;effective_to;Currency;market;category;tier_from;tier_to;rate\n"
    path = card(tmp_path, "2026-01-01;;PEN;peru;service;;;0.0300\n", head=head)
    (row,) = read_card(path).rows
    assert (row.market, row.rate, row.basis) == ("Peru", Decimal("0.0300"), "contract")


def test_that_a_plus_alone_is_added_to_the_whole_rate_beneath(tmp_path: Path) -> None:
    (row,) = read_card(card(tmp_path, "2026-01-01,,USD,*,utility,,,,,0.001,,\n")).rows
    assert (row.rate, row.factor, row.plus) == (None, Decimal(1), Decimal("0.001"))


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("01/10/2026,,PEN,Peru,utility,,,0.07,,,,\n", "card_not_a_date", "effective_from"),
        ("20261001,,PEN,Peru,utility,,,0.07,,,,\n", "card_not_a_date", "effective_from"),
        ("2026-02-30,,PEN,Peru,utility,,,0.07,,,,\n", "card_not_a_date", "effective_from"),
        ("2026-10-02,2026-10-01,PEN,Peru,utility,,,0.07,,,,\n", "card_dates_backwards", "effective_to"),
        ("2026-10-01,,S/,Peru,utility,,,0.07,,,,\n", "card_unknown_currency", "currency"),
        ("2026-10-01,,PEN,Narnia,utility,,,0.07,,,,\n", "card_unknown_market", "market"),
        ("2026-10-01,,PEN,Peru,sms,,,0.07,,,,\n", "card_unknown_category", "category"),
        ("2026-10-01,,PEN,Peru,utility,,,-0.07,,,,\n", "card_negative", "rate"),
        ('2026-10-01,,PEN,Peru,utility,,,"0,07",,,,\n', "card_not_a_decimal", "rate"),
        ("2026-10-01,,PEN,Peru,utility,,,NaN,,,,\n", "card_not_a_decimal", "rate"),
        ("2026-10-01,,PEN,Peru,utility,,,,,,,\n", "card_no_rate", "rate"),
        ("2026-10-01,,PEN,Peru,utility,,,0.07,1.1,,,\n", "card_rate_and_factor", "factor"),
        ("2026-10-01,,PEN,Peru,utility,,,0.07,,0.1,,\n", "card_rate_and_factor", "plus"),
        ("2026-10-01,,PEN,Peru,utility,,1000,0.07,,,,\n", "card_tier_without_start", "tier_from"),
        ("2026-10-01,,PEN,Peru,utility,10,9,0.07,,,,\n", "card_tier_backwards", "tier_to"),
        ("2026-10-01,,PEN,Peru,utility,1.000,,0.07,,,,\n", "card_not_whole", "tier_from"),
        ("2026-10-01,,PEN,Peru,utility,,,0.07,,,guess,\n", "card_unknown_basis", "basis"),
    ],
)
def test_that_a_bad_value_is_refused_with_row_and_column(tmp_path: Path, row: str, code: str, column: str) -> None:
    assert findings(card(tmp_path, "2020-01-01,2020-12-31,PEN,Peru,utility,,,1,,,,\n", row)) == [(code, 3, column)]


def test_that_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    bad = "x,,PEN,Narnia,utility,,,0.07,,,,\n"
    assert [row for _, row, _ in findings(card(tmp_path, bad, PLAIN, bad))] == [2, 2, 4, 4]


def test_that_two_rates_for_one_day_are_refused(tmp_path: Path) -> None:
    later = "2026-06-30,2026-07-31,PEN,Peru,utility,,,0.08,,,,\n"
    assert findings(card(tmp_path, PLAIN, later)) == [("card_rows_overlap", 3, "")]
    assert findings(card(tmp_path, later, PLAIN)) == [("card_rows_overlap", 3, "")]


def test_that_rows_which_only_touch_are_fine(tmp_path: Path) -> None:
    rows = ("2026-01-01,2026-06-30,PEN,Peru,utility,,,0.07,,,,\n", "2026-07-01,,PEN,Peru,utility,,,0.08,,,,\n")
    assert len(read_card(card(tmp_path, *rows)).rows) == 2


def test_that_a_named_market_stands_beside_every_market(tmp_path: Path) -> None:
    assert len(read_card(card(tmp_path, PLAIN, PLAIN.replace("Peru", "*"))).rows) == 2


def test_that_a_list_row_stands_beside_tiers(tmp_path: Path) -> None:
    tiers = ("2026-01-01,,PEN,Peru,utility,0,1000,0.07,,,,\n", "2026-01-01,,PEN,Peru,utility,1001,,0.06,,,,\n")
    rows = read_card(card(tmp_path, PLAIN, *tiers)).rows
    assert [(row.tier_from, row.tier_to) for row in rows] == [(None, None), (1, 1000), (1001, None)]


@pytest.mark.parametrize(
    ("tiers", "code", "row"),
    [
        (((1, 1000), (1000, "")), "card_rows_overlap", 3),
        (((1, 1000), (1002, "")), "card_tier_hole", 3),
        (((2, ""),), "card_tier_hole", 2),
        (((1, 1000), (1001, 5000)), "card_tier_no_end", 3),
        (((1, ""), (5, 9)), "card_rows_overlap", 3),
    ],
)
def test_that_tiers_neither_overlap_nor_leave_a_hole(
    tmp_path: Path, tiers: tuple[tuple[object, object], ...], code: str, row: int
) -> None:
    rows = [f"2026-01-01,,PEN,Peru,utility,{low},{high},0.07,,,,\n" for low, high in tiers]
    assert findings(card(tmp_path, *rows)) == [(code, row, "")]


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        # From July the first tier is gone, and with it the second's start.
        (((1, 6, 1, 10), (1, 12, 11, 20), (1, 12, 21, 0)), [("card_tier_hole", 3)]),
        # From July the second tier is gone, from October the third has another before it.
        (((1, 12, 1, 10), (1, 6, 11, 20), (1, 12, 21, 0), (10, 12, 11, 20)), [("card_tier_hole", 4)]),
        # In December there is no price beyond the twentieth message.
        (((1, 12, 1, 20), (1, 11, 21, 0)), [("card_tier_no_end", 2)]),
    ],
    ids=["the first ends", "one between ends", "the last ends"],
)
def test_that_holes_are_found_on_the_day_on_which_they_open(
    tmp_path: Path, steps: tuple[tuple[int, ...], ...], codes: list[tuple[str, int]]
) -> None:
    rows = [
        f"2026-{first:02}-01,2026-{last:02}-{monthrange(2026, last)[1]},PEN,Peru,utility,{low},{high or ''},0.07,,,,\n"
        for first, last, low, high in steps
    ]
    assert [(code, row) for code, row, _ in findings(card(tmp_path, *rows))] == codes


def test_that_a_card_whose_tiers_change_every_day_takes_no_longer_for_its_many_days(tmp_path: Path) -> None:
    days = [date(1900, 1, 1) + timedelta(days=day) for day in range(20_000)]
    rows = [f"{day},,PEN,Peru,utility,{10 * at + 1},{10 * at + 10},0.07,,,,\n" for at, day in enumerate(days)]
    path = card(tmp_path, *rows)
    begun = process_time()
    assert {code for code, _, _ in findings(path)} == {"card_tier_no_end"}
    assert process_time() - begun < 20  # by each day's whole ladder it took minutes


def test_that_a_tier_that_ends_earlier_than_its_neighbour_leaves_a_hole(tmp_path: Path) -> None:
    path = card(
        tmp_path,
        "2026-01-01,2026-06-30,PEN,Peru,utility,1,1000,0.07,,,,\n",
        "2026-01-01,,PEN,Peru,utility,1001,,0.06,,,,\n",
    )
    assert findings(path) == [("card_tier_hole", 3, "")]


def test_that_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_card(card(tmp_path, "2026-01-01,PEN,Peru\n", head="effective_from,currency,market\n"))
    assert (caught.value.code, caught.value.values) == ("card_columns_missing", {"columns": "category, rate"})


def test_that_a_card_without_rows_is_empty(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_card(card(tmp_path))
    assert caught.value.code == "file_empty"


@pytest.mark.parametrize("code", LANGUAGES)
def test_that_every_source_of_metas_cards_is_said_in_every_language(code: str) -> None:
    say = Language(code).text
    sources = {row.source for row in meta_card().rows if not re.fullmatch(r"https://[^ ]+", row.source)}
    assert len(sources) > 20
    assert {source for source in sources if source_words(source, say) == source} == set()
    assert source_words("contract of 2026", say) == "contract of 2026"


def test_that_metas_cards_load_as_one_layer_without_contradiction() -> None:
    found = meta_card()
    peru = [
        row.rate
        for row in found.rows
        if (row.currency, row.market, row.category) == ("USD", "Peru", "marketing") and row.first == date(2026, 10, 1)
    ]
    assert found.name == "meta"
    assert meta_card() is found
    assert peru == [Decimal("0.0703")]
    assert check_rows(list(found.rows)) == []
    assert all(row.source and row.basis != "contract" for row in found.rows)


def test_that_a_card_of_more_rows_than_any_has_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.readers.rates.cards.MOST_ROWS", 2)
    rows = [PLAIN, PLAIN.replace("utility", "marketing"), PLAIN.replace("utility", "authentication")]
    assert len(read_card(card(tmp_path, *rows[:2])).rows) == 2
    with pytest.raises(AuditorError, match="card_too_long"):
        read_card(card(tmp_path, *rows))


def test_that_our_own_columns_are_read_from_a_workbook_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows: list[list[str | int | float | date | None]] = [
        [*HEAD.strip().split(",")],
        [date(2026, 10, 1), None, "USD", "Peru", "utility", 1, 100_000, 0.02, None, None, "contract", "C1"],
        [date(2026, 10, 1), None, "USD", "Peru", "utility", 100_001, None, 0.019, None, None, "contract", "C1"],
    ]
    for row in rows:
        book.worksheets[0].append(row)
    path = tmp_path / "contract.xlsx"
    book.save(path)
    assert recognise(path) == CARD
    assert [(row.first, row.tier_from, row.tier_to, row.rate, row.place.row) for row in read_card(path).rows] == [
        (date(2026, 10, 1), 1, 100_000, Decimal("0.02"), 2), (date(2026, 10, 1), 100_001, None, Decimal("0.019"), 3),
    ]  # fmt: skip


def test_that_a_rate_with_a_mark_that_is_not_seen_is_refused(tmp_path: Path) -> None:
    path = card(tmp_path, PLAIN, "2026-01-01,,PEN,Peru,marketing,,,0.2\u200b3,,,,\n")
    with pytest.raises(AuditorError) as caught:
        read_card(path)
    assert (caught.value.code, caught.value.place, caught.value.values["value"]) == (
        "figures_hide",
        Place("contract.csv", row=3),
        "0.23",
    )

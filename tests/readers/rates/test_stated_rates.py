"""Rate cards and exchange rates whose columns a person states, or a profile that was saved of that (window.md §1.2)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.fx import read_fx
from auditor.readers.recognise import recognise
from auditor.readers.tables.layouts import ReadOptions
from auditor.verbs.inspection import preview

_CARD = """Lista interna;;;;
Rige;Plata;Destino;Clase;Vale;Nota
02/01/2026;PEN;Perú;Marketing;0,2900;1.500
02/01/2026;PEN;Perú;Utilidad;0,1250;
"""
_MEANT = {"A": "effective_from", "B": "currency", "C": "market", "D": "category", "E": "rate"}
_FX = "Jornada;Cotiza\n02/01/2026;3,75\n03/01/2026;3,76\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "rates.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_that_a_card_of_unknown_heads_is_read_once_its_columns_are_stated(tmp_path: Path) -> None:
    path = written(tmp_path, _CARD)
    assert preview(path, ReadOptions(), kind="card").stopped is not None
    options = ReadOptions(header_row=2, mapping=_MEANT)
    rows = read_card(path, options=options).rows
    # A Spanish list writes the day first.
    assert [(row.first, row.market, row.category, row.rate) for row in rows] == [
        (date(2026, 1, 2), "Peru", "marketing", Decimal("0.29")),
        (date(2026, 1, 2), "Peru", "utility", Decimal("0.125")),
    ]
    months_first = ReadOptions(header_row=2, mapping=_MEANT, types={"A": "mdy"})
    assert {row.first for row in read_card(path, options=months_first).rows} == {date(2026, 2, 1)}
    # The letters of another column: 1.500 are fifteen hundred where its decimals stand behind a comma.
    others = {**_MEANT, "E": "ignore", "F": "rate"}
    alone = written(tmp_path, _CARD.rsplit("\n", 2)[0])
    commas = ReadOptions(header_row=2, mapping=others, types={"F": "number_comma"})
    assert [row.rate for row in read_card(alone, options=commas).rows] == [Decimal(1500)]


def test_that_columns_of_categories_and_what_stands_instead_of_a_rate_can_be_stated(tmp_path: Path) -> None:
    path = written(tmp_path, "Desde;Moneda;Mercado;M;U\n01/01/2026;PEN;*;0,29;0,125\n")
    options = ReadOptions(mapping={"D": "rate_marketing", "E": "rate_utility"})
    rows = read_card(path, options=options).rows
    assert [(row.market, row.category, row.rate) for row in rows] == [
        ("*", "marketing", Decimal("0.29")),
        ("*", "utility", Decimal("0.125")),
    ]
    path = written(tmp_path, "Desde;Moneda;Mercado;Clase;Por\n01/01/2026;USD;*;Marketing;1,2\n")
    options = ReadOptions(mapping={"D": "category", "E": "factor"})
    (row,) = read_card(path, options=options).rows
    assert (row.rate, row.factor, row.plus) == (None, Decimal("1.2"), Decimal(0))


def test_that_a_misspelt_column_of_our_own_is_put_right_by_what_it_means(tmp_path: Path) -> None:
    heads = "effective_from,efective_to,currency,market,category,rate"
    path = written(tmp_path, f"{heads}\n2026-01-01,2026-12-31,PEN,*,marketing,0.29\n")
    with pytest.raises(AuditorError, match="card_column_misspelt"):
        read_card(path)
    (row,) = read_card(path, options=ReadOptions(mapping={"B": "effective_to"})).rows
    assert (row.first, row.last) == (date(2026, 1, 1), date(2026, 12, 31))


def test_that_exchange_rates_are_read_once_their_columns_and_currencies_are_stated(tmp_path: Path) -> None:
    path = written(tmp_path, _FX)
    seen = preview(path, ReadOptions(), kind="fx")
    assert seen.stopped is not None
    assert [column.letters for column in seen.columns] == ["A", "B"]
    mapping = {"A": "day", "B": "rate"}
    with pytest.raises(AuditorError) as refused:
        read_fx(path, options=ReadOptions(mapping=mapping))
    assert refused.value.values == {"columns": "from, to"}
    rates = read_fx(path, options=ReadOptions(mapping=mapping, pair="USD/PEN"))
    assert [(one.day, one.source_currency, one.target_currency, one.rate) for one in rates] == [
        (date(2026, 1, 2), "USD", "PEN", Decimal("3.75")),
        (date(2026, 1, 3), "USD", "PEN", Decimal("3.76")),
    ]
    months_first = ReadOptions(mapping=mapping, pair="USD/PEN", types={"A": "mdy"})
    assert [one.day for one in read_fx(path, options=months_first)] == [date(2026, 2, 1), date(2026, 3, 1)]


def test_that_of_two_sides_one_can_be_stated_to_be_the_rate(tmp_path: Path) -> None:
    path = written(tmp_path, "Fecha;Compra;Venta\n15/10/2026;3,75;3,76\n")
    assert [one.rate for one in read_fx(path, options=ReadOptions(mapping={"C": "rate"}))] == [Decimal("3.76")]
    assert [one.rate for one in read_fx(path, "buy", ReadOptions(header_row=1))] == [Decimal("3.75")]
    with pytest.raises(AuditorError, match="fx_side_open"):
        read_fx(path, options=ReadOptions(header_row=1))


def test_that_what_was_stated_is_saved_and_the_next_file_is_read_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.readers.tables.profile_files.user_data", lambda: tmp_path / "own")
    path = written(tmp_path, _FX)
    options = ReadOptions(mapping={"A": "day", "B": "rate"}, pair="USD/PEN", types={"A": "mdy"})
    assert preview(path, options, kind="fx", save_as="Banco").saved == "banco.toml"
    path = written(tmp_path, "Jornada;Cotiza\n04/01/2026;3,77\n")
    assert recognise(path) == "fx"
    (rate,) = read_fx(path)
    assert (rate.day, rate.source_currency, rate.rate) == (date(2026, 4, 1), "USD", Decimal("3.77"))
    card = written(tmp_path, _CARD)
    stated = ReadOptions(header_row=2, mapping=_MEANT)
    assert preview(card, stated, kind="card", save_as="Tarifas").saved == "tarifas.toml"
    assert recognise(card) == "card"
    assert [row.rate for row in read_card(card, options=ReadOptions()).rows] == [Decimal("0.29"), Decimal("0.125")]


def test_that_a_type_that_a_meaning_cannot_be_of_is_told_with_the_columns_in_view(tmp_path: Path) -> None:
    options = ReadOptions(header_row=2, mapping=_MEANT, types={"E": "text"})
    seen = preview(written(tmp_path, _CARD), options, kind="card")
    assert seen.stopped is not None
    assert (seen.stopped.code, seen.stopped.place.column, seen.columns[4].stated) == ("column_no_number", "E", "text")
    with pytest.raises(AuditorError, match="map_unknown_column"):
        read_card(tmp_path / "rates.csv", options=ReadOptions(mapping={"Z": "rate"}))


def test_that_a_column_of_each_market_is_read_whatever_is_stated_of_another(tmp_path: Path) -> None:
    text = "Precios en USD desde 01/10/2026\nClase;Perú;Chile;Nota\nMarketing;0,29;0,37;x\nUtilidad;0,08;0,09;\n"
    rows = read_card(written(tmp_path, text), options=ReadOptions(mapping={"Clase": "category", "Nota": "ignore"})).rows
    assert [(row.market, row.category, row.rate) for row in rows] == [
        ("Peru", "marketing", Decimal("0.29")),
        ("Chile", "marketing", Decimal("0.37")),
        ("Peru", "utility", Decimal("0.08")),
        ("Chile", "utility", Decimal("0.09")),
    ]


def test_that_ones_own_prices_beside_metas_are_those_shown_and_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.readers.tables.profile_files.user_data", lambda: tmp_path / "own")
    rows = "Peru;Marketing;0.0703;0.0773\nPeru;Utility;0.0200;0.0220\n"
    path = written(tmp_path, f"Valid from 1 October 2026 (USD)\nMarket;Category;Meta rate;Your rate\n{rows}")
    shown = preview(path, ReadOptions(), kind="card", save_as="Ours")
    assert {one.head: one.field for one in shown.columns} == {
        "Market": "market", "Category": "category", "Meta rate": "", "Your rate": "rate"
    }  # fmt: skip
    assert shown.saved == "ours.toml"
    assert [row.rate for row in read_card(path).rows] == [Decimal("0.0773"), Decimal("0.022")]

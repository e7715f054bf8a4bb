"""Price lists in people's words, of a reseller or in a contract, are read as rate cards (formats.md §5)."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import Card
from auditor.readers.rates.cards import read_card
from auditor.readers.recognise import CARD
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import recognise
from auditor.readers.tables.layouts import ReadOptions


def _card(folder: Path, text: str, first: date | None = None) -> Card:
    path = folder / "precios.csv"
    path.write_text(text, encoding="utf-8")
    assert recognise(path) == CARD
    return read_card(path, first)


def _facts(card: Card) -> list[tuple[str, str, str, str]]:
    return [(row.market, row.category, row.currency, str(row.rate)) for row in card.rows]


def test_that_a_price_list_has_a_row_for_each_price_and_its_own_days(tmp_path: Path) -> None:
    card = _card(
        tmp_path,
        "Vigente desde;Vigente hasta;Moneda;País;Categoría;Tarifa\n"
        "01/10/2026;31/12/2026;USD;Perú;Marketing;0,0703\n01/10/2026;;USD;Todos;Utilidad;0,0200\n",
    )
    assert _facts(card) == [("Peru", "marketing", "USD", "0.0703"), ("*", "utility", "USD", "0.02")]
    assert [(row.first, row.last, row.basis) for row in card.rows] == [
        (date(2026, 10, 1), date(2026, 12, 31), "contract"),
        (date(2026, 10, 1), None, "contract"),
    ]


def test_that_places_may_stand_down_and_categories_across_under_a_title_with_currency_and_days(tmp_path: Path) -> None:
    card = _card(
        tmp_path,
        "Tarifas de mensajería en soles\nVigencia: del 01/10/2026 al 31/12/2026\n"
        "País;Marketing;Utilidad;Autenticación\nPerú;0,27;0,08;0,08\nChile;S/ 0,34;0,08;n/a\n"
        "No incluye IGV\n",
    )
    assert _facts(card) == [
        ("Peru", "marketing", "PEN", "0.27"),
        ("Peru", "utility", "PEN", "0.08"),
        ("Peru", "authentication", "PEN", "0.08"),
        ("Chile", "marketing", "PEN", "0.34"),
        ("Chile", "utility", "PEN", "0.08"),
    ]
    assert {(row.first, row.last) for row in card.rows} == {(date(2026, 10, 1), date(2026, 12, 31))}


def test_that_places_before_the_heads_need_none_of_their_own(tmp_path: Path) -> None:
    heads = "Vigencia: desde el 1 de octubre de 2026;;;\n;Marketing;Utility;Moneda\n"
    card = _card(tmp_path, heads + "Perú;0,0773;0,0220;USD\nMéxico;0,0480;0,0094;USD\n")
    assert _facts(card) == [
        ("Peru", "marketing", "USD", "0.0773"),
        ("Peru", "utility", "USD", "0.022"),
        ("Mexico", "marketing", "USD", "0.048"),
        ("Mexico", "utility", "USD", "0.0094"),
    ]


def test_that_a_list_without_places_holds_for_all_of_them_where_its_title_says_what_it_is(tmp_path: Path) -> None:
    card = _card(
        tmp_path,
        # As many rows are cut in two by the comma as by the semicolon.
        "Tarifario 2026, sin IGV\nVigente desde el 1 de enero de 2026\n"
        "Categoría;Precio por mensaje (S/)\nMarketing;0,28\nUtilidad;0,11\n",
    )
    assert _facts(card) == [("*", "marketing", "PEN", "0.28"), ("*", "utility", "PEN", "0.11")]
    assert {(row.first, row.last) for row in card.rows} == {(date(2026, 1, 1), None)}
    # Without such a title it may be anything: a bill of which the amounts were left out, say.
    untitled = tmp_path / "resumen.csv"
    untitled.write_text("Categoría;Precio por mensaje (S/)\nMarketing;0,28\nUtilidad;0,11\n", encoding="utf-8")
    assert recognise(untitled) == INVOICE


def test_that_currencies_may_stand_in_heads_and_the_first_day_be_stated_beside(tmp_path: Path) -> None:
    card = _card(
        tmp_path,
        "Country,Marketing (USD),Utility (USD)\nMexico,0.0436,0.0085\nRest of Latin America,0.0740,0.0113\n",
        date(2026, 10, 1),
    )
    assert _facts(card) == [
        ("Mexico", "marketing", "USD", "0.0436"),
        ("Mexico", "utility", "USD", "0.0085"),
        ("Rest of Latin America", "marketing", "USD", "0.074"),
        ("Rest of Latin America", "utility", "USD", "0.0113"),
    ]


def test_that_the_first_day_of_a_list_that_says_none_may_be_stated_of_the_file_and_contradicts_no_title(
    tmp_path: Path,
) -> None:
    path, stated = tmp_path / "anexo.csv", ReadOptions(since="2026-10-01")
    path.write_text("Tarifario 2026\nPaís,Categoría,Tarifa S/\nPerú,Marketing,0.285\n", encoding="utf-8")
    (row,) = read_card(path, options=stated).rows
    assert (row.first, row.currency, row.rate) == (date(2026, 10, 1), "PEN", Decimal("0.285"))
    path.write_text("Precios en USD desde 2026-09-01\nPaís,Categoría,Tarifa\nPerú,Marketing,0.285\n", encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        read_card(path, options=stated)
    assert refused.value.code == "card_first_day_differs"


@pytest.mark.parametrize(
    "text",
    [
        "Price list valid from 2026-10-01\nCountry,Category,Price\nPeru,Marketing,0.0703\n",
        "Precios en USD\nPaís,Marketing,Utilidad\nPerú,0.0703,0.0200\n",
        "Precios en USD desde 2026, incluyen IGV\nPaís,Marketing,Utilidad\nPerú,0.0830,0.0236\n",
        "Tarifas en USD vigentes desde el 1 de octubre de 2026\nPaís,Marketing,Utilidad\nBolivia,0.0740,0.0113\n",
    ],
)
def test_that_a_price_list_that_does_not_say_all_is_refused(tmp_path: Path, text: str) -> None:
    codes = ["card_no_currency", "price_list_no_first_day", "card_tax_inside", "card_refused"]
    texts = ["Price list valid", "Precios en USD\n", "incluyen IGV", "Bolivia"]
    with pytest.raises(AuditorError) as refused:
        _card(tmp_path, text)
    assert refused.value.code == codes[next(place for place, part in enumerate(texts) if part in text)]


@pytest.mark.parametrize(
    "text",
    [
        "País,Marketing,Utilidad\nPerú,70.30,10.00\n",
        "Consumo de octubre en USD\nPaís,Marketing,Utilidad,Total\nPerú,0.070,0.020,0.090\n",
        "Country,Category,Messages,Rate,Amount\nPeru,Marketing,1000,0.0703,70.30\n",
        "Precios y consumo\nPaís,Marketing,Utilidad\nPerú,70.30,10.00\nTotal,70.30,10.00\n",
    ],
)
def test_that_what_was_charged_is_no_price_list(tmp_path: Path, text: str) -> None:
    path = tmp_path / "consumo.csv"
    path.write_text(text, encoding="utf-8")
    assert recognise(path) == INVOICE


@pytest.mark.parametrize(
    "text",
    [
        (
            "Market,Category,Currency,From,To,Rate,Effective from\nPeru,utility,USD,1,100000,0.0200,2026-10-01\n"
            "Peru,utility,USD,100001,,0.0190,2026-10-01\n"
        ),
        (
            "País;Categoría;Moneda;Desde;Hasta;Tarifa;Vigente desde\nPerú;utilidad;USD;0;100.000;0,0200;01/10/2026\n"
            "Perú;utilidad;USD;100.001;en adelante;0,0190;01/10/2026\n"
        ),
        (
            "Market,Category,Currency,Tier from,Tier to,Price,Valid from\nPeru,utility,USD,1,100000,0.0200,2026-10-01\n"
            "Peru,utility,USD,100001,and above,0.0190,2026-10-01\n"
        ),
        (
            "Preços vigentes desde 01/10/2026\nPaís;Categoria;Moeda;De;Até;Preço\nPeru;Utilidade;USD;1;100.000;0,0200\n"
            "Peru;Utilidade;USD;100.001;;0,0190\n"
        ),
        (
            "Tarifario 2026 - vigente desde 01/10/2026\nPaís;Categoría;Moneda;Tramo;Precio\n"
            "Perú;Utilidad;USD;1 - 100.000;0,0200\nPerú;Utilidad;USD;Más de 100.000;0,0190\n"
        ),
        (
            "Prices valid from October 1, 2026 (USD)\nMarket,Category,Volume tier,Price\n"
            'Peru,Utility,"Up to 100,000",0.0200\nPeru,Utility,"100,001+",0.0190\n'
        ),
        (
            "Mercado;Categoría;Desde (mensajes/mes);Tarifa USD;Vigencia\nPerú;Utilidad;1;0,0200;01/10/2026\n"
            "Perú;Utilidad;100001;0,0190;01/10/2026\n"
        ),
        (
            "Mercado;Categoría;Hasta (mensajes/mes);Tarifa USD;Vigencia\nPerú;Utilidad;100000;0,0200;01/10/2026\n"
            "Perú;Utilidad;;0,0190;01/10/2026\n"
        ),
    ],
    ids=["beside a day", "spanish", "named", "by a title", "in words", "open ends", "first ones", "last ones"],
)
def test_that_a_price_list_may_have_tiers(tmp_path: Path, text: str) -> None:
    found = [
        (str(row.first), row.last, row.market, row.currency, row.category, row.tier_from, row.tier_to, str(row.rate))
        for row in _card(tmp_path, text).rows
    ]
    assert [one[:5] for one in found] == [("2026-10-01", None, "Peru", "USD", "utility")] * 2
    assert [(low, high, Decimal(rate)) for *_, low, high, rate in found] == [
        (1, 100_000, Decimal("0.02")),
        (100_001, None, Decimal("0.019")),
    ]


def test_that_a_tier_that_is_only_numbered_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        _card(
            tmp_path,
            "Prices in USD from 2026\nMarket,Category,Tier,Price\nPeru,Utility,Tier 1,0.02\n",
            date(2026, 10, 1),
        )
    assert [(one.code, one.values["value"]) for one in refused.value.problems] == [("card_not_whole", "Tier 1")]


def test_that_dates_below_from_and_to_stay_days(tmp_path: Path) -> None:
    card = _card(tmp_path, "Market,Category,Currency,From,To,Rate\nPeru,utility,USD,2026-10-01,2026-12-31,0.0200\n")
    assert [(row.first, row.last, row.tier_from) for row in card.rows] == [
        (date(2026, 10, 1), date(2026, 12, 31), None)
    ]


def test_that_a_place_holds_for_the_rows_below_it_that_state_none(tmp_path: Path) -> None:
    card = _card(
        tmp_path,
        "Precios en USD vigentes desde 01/10/2026\nPaís;Categoría;Precio\n"
        "Perú;Marketing;0,0703\n;Utilidad;0,0200\nTodos;Marketing;0,0900\n",
    )
    assert [(row.market, row.category) for row in card.rows] == [
        ("Peru", "marketing"), ("Peru", "utility"), ("*", "marketing"),
    ]  # fmt: skip


def test_that_a_list_without_places_is_of_the_place_that_its_title_names(tmp_path: Path) -> None:
    text = "Tarifas{of} en MXN\nVigencia: 01/10/2026\nCategoría;Precio\nUtilidad;0,1600\nMarketing;0,7900\n"
    assert {row.market for row in _card(tmp_path, text.format(of=" por mensaje - México")).rows} == {"Mexico"}
    assert {row.market for row in _card(tmp_path, text.format(of="")).rows} == {"*"}


_PRICES = "Vigente desde el 1 de octubre de 2026\nCategoría;Precio USD\nMarketing;0,0703\nUtilidad;0,0200\n"


@pytest.mark.parametrize(
    ("title", "market"),
    [
        ("Tarifario Perú", "Peru"),
        ("Tarifas WhatsApp Business API Perú 2026", "Peru"),
        ("LISTA DE PRECIOS PERÚ", "Peru"),
        ("Precios para clientes de México", "Mexico"),
        ("Tarifas por volumen - México", "Mexico"),
        ("Price list Andina", "*"),
    ],
)
def test_that_a_title_of_prices_names_the_market_of_a_list_without_places(
    tmp_path: Path, title: str, market: str
) -> None:
    assert {row.market for row in _card(tmp_path, f"{title}\n{_PRICES}").rows} == {market}


@pytest.mark.parametrize(
    "title",
    [
        "Tarifario Perú y México",
        "Tarifas Perú\nTarifas México",
        "Andina Perú – precios",
        "Lista de precios de Andina Perú",
        "Lista de precios – Mensajería Colombia S.A.S.",
        "Tarifario Bolivia",  # which is no market of its own
    ],
)
def test_that_a_place_in_a_title_that_may_be_no_market_of_the_list_is_asked_for(tmp_path: Path, title: str) -> None:
    with pytest.raises(AuditorError) as caught:
        _card(tmp_path, f"{title}\n{_PRICES}")
    assert caught.value.code == "price_list_market_open"


def test_that_what_is_free_costs_nothing(tmp_path: Path) -> None:
    text = "Price list in USD valid from 2026-10-01\nCountry,Marketing,Utility,Service\nPeru,$0.0773,$0.0220,free\n"
    assert _facts(_card(tmp_path, text))[-1] == ("Peru", "service", "USD", "0")


def test_that_the_code_of_a_country_may_stand_beside_its_name(tmp_path: Path) -> None:
    text = "Rate card in EUR valid from 2026-11-01\nCountry,Country code,Marketing,Utility\nSpain,ES,0.0615,0.0200\n"
    assert _facts(_card(tmp_path, text)) == [
        ("Spain", "marketing", "EUR", "0.0615"), ("Spain", "utility", "EUR", "0.02"),
    ]  # fmt: skip


def test_that_a_text_too_long_for_a_title_names_no_market(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        _card(tmp_path, f"Tarifario Perú {'Andina Perú ' * 1_000}\n{_PRICES}")
    assert caught.value.code == "price_list_market_open"


def test_that_a_date_of_effect_and_short_names_of_categories_are_known(tmp_path: Path) -> None:
    # The column of utility was left out without a word.
    path = tmp_path / "prices.csv"
    path.write_text(
        'Price list - WhatsApp\nEffective date,"October 1, 2026"\nCurrency,USD\n'
        "Destination,MKT,UTL,AUTH\nPeru,0.0703,0.02,0.021\n",
        encoding="utf-8",
    )
    rows = read_card(path).rows
    assert {(row.first, row.market, row.category, row.rate) for row in rows} == {
        (date(2026, 10, 1), "Peru", "marketing", Decimal("0.0703")),
        (date(2026, 10, 1), "Peru", "utility", Decimal("0.02")),
        (date(2026, 10, 1), "Peru", "authentication", Decimal("0.021")),
    }


def test_that_a_column_of_codes_or_of_shares_is_no_price_that_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(
        "Prices in USD - valid from 1 October 2026\nCountry,Dial code,Marketing,Utility,Discount %\n"
        "Peru,51,0.0703,0.02,0.10\n",
        encoding="utf-8",
    )
    assert len(read_card(path).rows) == 2


@pytest.mark.parametrize("head", ["Vigencia", "Effective date", "Valid from"])
@pytest.mark.parametrize("day", ["2026-10-01", "desde 2026-10-01", "From 1 October 2026"])
def test_that_a_column_of_days_from_which_prices_hold_may_be_called_so_alone(
    tmp_path: Path, head: str, day: str
) -> None:
    card = _card(tmp_path, f"País;Moneda;Marketing;Utilidad;{head}\nPerú;PEN;0,2640;0,0751;{day}\n")
    assert {row.first for row in card.rows} == {date(2026, 10, 1)}


def test_that_categories_may_stand_down_and_places_across(tmp_path: Path) -> None:
    card = _card(
        tmp_path,
        "Rates in USD per message from 1 October 2026\n"
        "Category,Peru,Chile\nMarketing,0.0703,0.0889\nUtility,0.0200,n/a\n",
    )
    assert _facts(card) == [
        ("Peru", "marketing", "USD", "0.0703"),
        ("Chile", "marketing", "USD", "0.0889"),
        ("Peru", "utility", "USD", "0.02"),
    ]
    assert {row.first for row in card.rows} == {date(2026, 10, 1)}


def test_that_one_day_tells_the_order_of_all_in_a_list(tmp_path: Path) -> None:
    text = "Market,Category,Currency,Rate,Valid from,Valid to\nPeru,Marketing,USD,0.0703,01/10/2026,31/12/2026\n"
    (row,) = _card(tmp_path, text).rows
    assert (row.first, row.last) == (date(2026, 10, 1), date(2026, 12, 31))


@pytest.mark.parametrize("last", ["11/12/2026", "12/31/2026\nPeru,Utility,USD,0.02,13/10/2026,31/12/2026"])
def test_that_days_which_no_one_order_reads_are_refused(tmp_path: Path, last: str) -> None:
    text = f"Market,Category,Currency,Rate,Valid from,Valid to\nPeru,Marketing,USD,0.0703,01/10/2026,{last}\n"
    with pytest.raises(AuditorError) as refused:
        _card(tmp_path, text)
    assert {one.code for one in refused.value.problems} == {"card_not_a_date"}


_TIERED = [("1", "100000"), ("100001", "500000"), ("500001", "None")]


def _tiers(card: Card) -> list[tuple[str, str]]:
    return [(str(row.tier_from), str(row.tier_to)) for row in card.rows]


@pytest.mark.parametrize(
    "ranges",
    [
        ("De 0 a 100.000 mensajes", "De 100.001 a 500.000 mensajes", "Más de 500.000 mensajes"),
        ("Hasta 100 mil", "De 100 mil a 500 mil", "Más de 500 mil"),
        ("Up to 100K", "100K - 500K", "500K+"),
        ("up to 0.1M", "0.1M to 0.5 million", "over 0.5 million"),
        ("Hasta 0,1 millones", "0,1 a 0,5 millones", "más de 0,5 millones"),
        ("0–100.000", "100.000–500.000", "500.000 en adelante"),
        ("Hasta 100.000", "Hasta 500.000", "Más de 500.000"),
        ("Desde 1 mensaje", "Desde 100.001 mensajes", "Desde 500.001 mensajes"),
    ],
)
@pytest.mark.parametrize("head", ["Volumen mensual", "Rango de mensajes", "Volume"])
def test_that_tiers_may_be_in_words(tmp_path: Path, ranges: tuple[str, str, str], head: str) -> None:
    if ranges[1].startswith("0,1 a"):  # of which figure are these millions?
        ranges = (ranges[0], "0,1 millones a 0,5 millones", ranges[2])
    rows = "".join(f"Perú;Utilidad;{each};0,0{20 - at}\n" for at, each in enumerate(ranges))
    card = _card(tmp_path, f"Vigente desde 01/10/2026\nMercado;Categoría;{head};Precio USD\n{rows}")
    assert _tiers(card) == _TIERED
    assert _facts(card) == [("Peru", "utility", "USD", rate) for rate in ("0.02", "0.019", "0.018")]


def test_that_a_volume_that_is_a_count_is_a_bill(tmp_path: Path) -> None:
    path = tmp_path / "factura.csv"
    path.write_text("Mercado;Categoría;Volumen mensual;Precio USD\nPerú;Utilidad;100.000;0,02\n", encoding="utf-8")
    assert recognise(path) == INVOICE


@pytest.mark.parametrize(
    "titles",
    [
        "Tarifario Utilidad Perú - vigente desde 01/10/2026",
        "Lista de precios Perú\nVigente desde 01/10/2026\nUTILIDAD",
    ],
)
def test_that_the_category_of_tiers_may_stand_above_them(tmp_path: Path, titles: str) -> None:
    rows = "0;100.000;0,020\n100.001;500.000;0,019\n500.001;en adelante;0,018\n"
    card = _card(tmp_path, f"{titles}\nDesde;Hasta;Precio (USD)\n{rows}")
    assert _tiers(card) == _TIERED
    assert _facts(card) == [("Peru", "utility", "USD", rate) for rate in ("0.02", "0.019", "0.018")]


def test_that_each_category_may_head_tiers_of_its_own(tmp_path: Path) -> None:
    head = "Desde;Hasta;Precio (USD)\n"
    utility, authentication = "1;100.000;0,0085\n100.001;;0,0080\n", "1;250.000;0,0084\n250.001;;0,0079\n"
    titles = "Lista de precios México\nVigente desde 01/10/2026\n"
    card = _card(tmp_path, f"{titles}UTILIDAD\n{head}{utility}AUTENTICACIÓN\n{head}{authentication}")
    assert _facts(card) == [
        ("Mexico", "utility", "USD", "0.0085"),
        ("Mexico", "utility", "USD", "0.008"),
        ("Mexico", "authentication", "USD", "0.0084"),
        ("Mexico", "authentication", "USD", "0.0079"),
    ]
    assert _tiers(card) == [("1", "100000"), ("100001", "None"), ("1", "250000"), ("250001", "None")]


def test_that_a_column_of_concepts_may_be_of_categories(tmp_path: Path) -> None:
    rows = "Perú;Plantilla de marketing;0,2450;PEN\nPerú;Plantilla de utilidad;0,0750;PEN\n"
    titles = "ANEXO 2: PRECIOS\nVigencia: 01/10/2026 - 31/03/2027\n"
    card = _card(tmp_path, f"{titles}País;Concepto;Precio unitario;Moneda\n{rows}")
    assert _facts(card) == [("Peru", "marketing", "PEN", "0.245"), ("Peru", "utility", "PEN", "0.075")]
    assert {(row.first, row.last) for row in card.rows} == {(date(2026, 10, 1), date(2027, 3, 31))}


@pytest.mark.parametrize("code", ["51", "+51", "0051"])
def test_that_a_place_may_be_its_calling_code(tmp_path: Path, code: str) -> None:
    rows = f"{code};Marketing;0,0703\n"
    card = _card(tmp_path, f"Precios vigentes desde 01/10/2026\nPrefijo;Categoría;Precio (USD)\n{rows}")
    assert _facts(card) == [("Peru", "marketing", "USD", "0.0703")]


@pytest.mark.parametrize("head", ["destino;categoria;precio", "Country;Marketing;Utility"])
def test_that_telephones_are_no_places_of_a_price_list(tmp_path: Path, head: str) -> None:
    cells = ("marketing;0,0703", "utilidad;0,0200") if "categoria" in head else ("0.0703;0.0200", "0.0703;0.0200")
    path = tmp_path / "mensajes.csv"
    path.write_text(f"{head}\n51911222333;{cells[0]}\n51911222334;{cells[1]}\n", encoding="utf-8")
    assert recognise(path) == INVOICE


def test_that_a_price_list_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    prices = {"marketing": "0.0703", "utility": "0.02"}
    one = {"market": "Peru", "currency": "USD", "effective_from": "2026-10-01", "prices": prices}
    path.write_text(json.dumps([one]), encoding="utf-8")
    assert recognise(path) == CARD
    assert _facts(read_card(path)) == [("Peru", "marketing", "USD", "0.0703"), ("Peru", "utility", "USD", "0.02")]


def test_that_one_price_of_all_may_stand_beside_tiers(tmp_path: Path) -> None:
    rows = "Mexico;Marketing;All;0.035\nMexico;Utility;1 - 100,000;0.0095\nMexico;Utility;> 100,000;0.009\n"
    card = _card(tmp_path, f"Effective 2026-10-01\nCountry;Category;Monthly volume;Price USD\n{rows}")
    assert _tiers(card) == [("None", "None"), ("1", "100000"), ("100001", "None")]
    assert _facts(card) == [
        ("Mexico", "marketing", "USD", "0.035"),
        ("Mexico", "utility", "USD", "0.0095"),
        ("Mexico", "utility", "USD", "0.009"),
    ]


@pytest.mark.parametrize("title", ["Price list, effective 2026-10-01", "Effective 2026-10-01"])
def test_that_the_tiers_of_a_category_may_stand_side_by_side_below_it(tmp_path: Path, title: str) -> None:
    heads = "Market;Marketing;Utility;;;Authentication;\n;All;0-100K;100K-1M;1M+;0-250K;250K+\n"
    card = _card(tmp_path, f"{title}, USD\n{heads}Mexico;0.0305;0.0085;0.0080;0.0075;0.0085;0.0070\n")
    found = {(row.category, row.tier_from, row.tier_to): str(row.rate) for row in card.rows}
    assert found == {
        ("marketing", None, None): "0.0305",
        ("utility", 1, 100_000): "0.0085",
        ("utility", 100_001, 1_000_000): "0.008",
        ("utility", 1_000_001, None): "0.0075",
        ("authentication", 1, 250_000): "0.0085",
        ("authentication", 250_001, None): "0.007",
    }


def test_that_a_note_below_may_say_from_when_prices_hold_and_another_head_in_what_they_are(tmp_path: Path) -> None:
    rows = "Peru;0.0773;0.022;Free\nMexico;0.0336;0.0094;Free\n"
    note = "Prices effective from 1 October 2026, taxes excluded;;;\n"
    card = _card(tmp_path, f"Destination;Marketing (USD);Utility (USD);Service\n{rows}{note}")
    assert {row.first for row in card.rows} == {date(2026, 10, 1)}
    assert _facts(card) == [
        ("Peru", "marketing", "USD", "0.0773"),
        ("Peru", "utility", "USD", "0.022"),
        ("Peru", "service", "USD", "0"),
        ("Mexico", "marketing", "USD", "0.0336"),
        ("Mexico", "utility", "USD", "0.0094"),
        ("Mexico", "service", "USD", "0"),
    ]


def test_that_each_column_of_prices_may_be_in_a_currency_of_its_own(tmp_path: Path) -> None:
    card = _card(
        tmp_path,
        "Tarifario vigente desde 01/10/2026\nPaís;Categoría;Precio USD;Precio S/\nPerú;Marketing;0,0773;0,2900\n",
    )
    assert _facts(card) == [("Peru", "marketing", "USD", "0.0773"), ("Peru", "marketing", "PEN", "0.29")]


def test_that_a_fee_and_another_beside_their_total_are_a_list_of_that(tmp_path: Path) -> None:
    heads = "Country,Category,Meta fee,Platform fee,Total price,Currency,Effective date\n"
    card = _card(tmp_path, f"{heads}Peru,Marketing,0.0703,0.0050,0.0753,USD,2026-10-01\n")
    assert _facts(card) == [("Peru", "marketing", "USD", "0.0753")]


def test_that_an_amount_beside_a_first_day_is_no_price_where_it_is_large(tmp_path: Path) -> None:
    path = tmp_path / "factura.csv"
    path.write_text(
        "Country,Category,Total,Currency,Valid from\nPeru,Marketing,70.30,USD,2026-10-01\n", encoding="utf-8"
    )
    assert recognise(path) == INVOICE


def test_that_the_object_around_a_list_of_prices_may_say_from_when_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    prices = [{"country": "PE", "marketing": 0.0773, "utility": 0.022}]
    path.write_text(json.dumps({"currency": "USD", "effective_from": "2026-10-01", "prices": prices}), encoding="utf-8")
    assert recognise(path) == CARD
    card = read_card(path)
    assert _facts(card) == [("Peru", "marketing", "USD", "0.0773"), ("Peru", "utility", "USD", "0.022")]
    assert {row.first for row in card.rows} == {date(2026, 10, 1)}


def test_that_metas_prices_beside_ones_own_are_not_what_is_charged(tmp_path: Path) -> None:
    heads = "Valid from 1 October 2026 (USD)\nMarket,Category,Meta rate,Your rate\n"
    card = _card(tmp_path, f"{heads}Peru,Marketing,0.0703,0.0773\nPeru,Utility,0.0200,0.0220\n")
    assert _facts(card) == [("Peru", "marketing", "USD", "0.0773"), ("Peru", "utility", "USD", "0.022")]
    assert {row.source for row in card.rows} == {"precios.csv: Valid from 1 October 2026 (USD): Your rate"}
    with pytest.raises(AuditorError) as refused:  # of which one is lower nobody knows what it is
        _card(tmp_path, f"{heads}Peru,Marketing,0.0703,0.0773\nPeru,Utility,0.0200,0.0120\n")
    assert refused.value.code == "card_prices_twice"


def test_that_words_of_categories_are_these_whatever_their_head_says(tmp_path: Path) -> None:
    heads = "Tarifa por mensaje;Perú;Otros países\n"
    card = _card(tmp_path, f"{heads}Marketing;US$ 0,0773;US$ 0,0664\nVigencia: 01/10/2026 al 31/12/2026;;\n")
    assert _facts(card) == [("Peru", "marketing", "USD", "0.0773"), ("Other", "marketing", "USD", "0.0664")]


@pytest.mark.parametrize(
    ("title", "head", "rate"),
    [
        ("Precios por millar de mensajes", "Marketing", "0.0773"),
        ("Prices per thousand messages", "Marketing", "0.0773"),
        ("Precios en USD", "Marketing (por cada 1,000)", "0.0773"),
        ("Prices", "Marketing (USD/1K)", "0.0773"),
        ("Precios en centavos de dólar", "Marketing", "0.773"),
        ("Precios desde 1,000 mensajes", "Marketing", "77.3"),
        ("Precios por 1,000,000 de mensajes", "Marketing", "0.0000773"),
        ("Precios por 1 000 000 de mensajes", "Marketing", "0.0000773"),
        ("Preços por milhão de mensagens", "Marketing", "0.0000773"),
        ("Precios con recarga mínima de S/ 1,000", "Marketing", "77.3"),
        ("Costo por mensaje", "Marketing", "77.3"),
    ],
)
def test_that_prices_of_a_thousand_messages_or_in_cents_are_brought_down_to_one(
    tmp_path: Path, title: str, head: str, rate: str
) -> None:
    card = _card(tmp_path, f'"{title}"\nVigencia: 01/10/2026\nPaís,"{head}",Utilidad,Moneda\nPerú,77.3,,USD\n')
    assert _facts(card) == [("Peru", "marketing", "USD", rate)]


def test_that_a_card_of_metas_in_spanish_is_read_with_its_signs(tmp_path: Path) -> None:
    title = "Costo por mensaje en USD, vigente desde el 1 de octubre de 2026\n"
    heads = "Mercado;Moneda;Marketing;Utilidad;Autenticación;Autenticación internacional;Servicio\n"
    card = _card(tmp_path, f"{title}{heads}Perú;$US;0.0703;0.02;0.03;n/a;0.02\n")
    assert _facts(card) == [
        ("Peru", "marketing", "USD", "0.0703"),
        ("Peru", "utility", "USD", "0.02"),
        ("Peru", "authentication", "USD", "0.03"),
        ("Peru", "service", "USD", "0.02"),
    ]


def test_that_the_head_of_the_prices_may_say_that_they_are_of_a_thousand(tmp_path: Path) -> None:
    text = "Vigencia: 01/10/2026\nPaís;Categoría;Precio por millar (US$)\nPerú;Marketing;77,30\n"
    assert _facts(_card(tmp_path, text)) == [("Peru", "marketing", "USD", "0.0773")]


def test_that_a_heading_between_the_prices_says_from_when_those_below_it_hold(tmp_path: Path) -> None:
    first = "Precios en USD\nVigencia: 01/07/2026 - 30/09/2026\nPaís;Marketing;Utilidad\nPerú;0,0773;0,0220\n"
    card = _card(tmp_path, f"{first}Vigencia: desde 01/10/2026\nPaís;Marketing;Utilidad\nPerú;0,0800;0,0230\n")
    july, october = (date(2026, 7, 1), date(2026, 9, 30)), (date(2026, 10, 1), None)
    assert [(str(row.rate), (row.first, row.last)) for row in card.rows] == [
        ("0.0773", july), ("0.022", july), ("0.08", october), ("0.023", october)
    ]  # fmt: skip

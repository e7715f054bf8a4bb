"""Tables of exchange rates (formats.md §7)."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import FxRate
from auditor.language import Language
from auditor.readers.rates.fx import read_fx
from auditor.readers.recognise import FX
from auditor.readers.recognise import recognise


def table(folder: Path, *rows: str, head: str = "date,from,to,rate,source") -> Path:
    path = folder / "fx.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def test_that_stated_rates_are_read_in_order(tmp_path: Path) -> None:
    found = read_fx(table(tmp_path, "2026-10-02,USD,PEN,3.7520,SBS", "2026-10-01,usd,PEN,3.75,"))
    assert found == (
        FxRate(date(2026, 10, 2), "USD", "PEN", Decimal("3.7520"), "SBS"),
        FxRate(date(2026, 10, 1), "USD", "PEN", Decimal("3.75"), ""),
    )


def test_that_marks_which_are_not_seen_change_nothing(tmp_path: Path) -> None:
    plain = read_fx(table(tmp_path, "2026-10-02,USD,PEN,3.7520,SBS"))
    marked = table(
        tmp_path, "\u200e2026-10-02,USD\u200b,\ufeffPEN,3.7520\u00a0,SBS", head="date,fr\u00adom,to,rate,source"
    )
    assert read_fx(marked) == plain


def test_that_the_same_rate_twice_is_one(tmp_path: Path) -> None:
    assert len(read_fx(table(tmp_path, "2026-10-02,USD,PEN,3.7520,SBS", "2026-10-02,USD,PEN,3.752,SUNAT"))) == 1


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("02/10/2026,USD,PEN,3.75,", "fx_not_a_date", "date"),
        (f"2026-10-02,USD,PEN,3.{'7' * 21},", "decimal_too_long", "rate"),
        ("2026-10-02,US,PEN,3.75,", "fx_unknown_currency", "from"),
        ("2026-10-02,USD,S/,3.75,", "fx_unknown_currency", "to"),
        ("2026-10-02,USD,PEN,0,", "fx_not_a_rate", "rate"),
        ("2026-10-02,USD,PEN,-3.75,", "fx_not_a_rate", "rate"),
        ("2026-10-02,USD,PEN,tres,", "fx_not_a_rate", "rate"),
        ("2026-10-02,USD,USD,1,", "fx_same_currency", ""),
        ("2026-10-01,USD,PEN,3.76,", "fx_stated_twice", ""),
    ],
)
def test_that_a_bad_row_is_refused_with_its_place(tmp_path: Path, row: str, code: str, column: str) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(table(tmp_path, "2026-10-01,USD,PEN,3.75,", row))
    (problem,) = caught.value.problems
    assert (caught.value.code, problem.code) == ("fx_refused", code)
    assert (problem.place.row, problem.place.column) == (3, column)
    for language in (Language("en"), Language("es")):
        assert language.error(caught.value)
        assert language.problem(problem)


def test_that_a_day_under_another_name_is_not_missing(tmp_path: Path) -> None:
    path = tmp_path / "fx.csv"
    path.write_text('"Fecha","Último","Apertura","% var."\n"02.10.2026","3,7490","3,7520","-0,08%"\n', encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        read_fx(path)
    assert refused.value.values["columns"] == "from, to, rate"


def test_that_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(table(tmp_path, "2026-10-01,3.75", head="date,rate"))
    assert (caught.value.code, caught.value.values["columns"]) == ("fx_columns_missing", "from, to")


def test_that_a_table_without_rows_is_empty(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(table(tmp_path))
    assert caught.value.code == "file_empty"


_SBS = """Superintendencia de Banca, Seguros y AFP
Tipo de cambio promedio ponderado;Dólar de N.A.
FECHA;MONEDA;COMPRA (S/);VENTA (S/)
01/10/2026;Dólar de N.A.;3,748;3,752
01/10/2026;Euro;4,021;4,188
02/10/2026;Dólar de N.A.;3,750;3,755
"""
_SUNAT_MONTH = """Tipo de Cambio Oficial - Octubre 2026
Día,Compra,Venta,Día,Compra,Venta
1,3.748,3.752,2,3.750,3.755
3,3.751,3.756,,,
"""
_SUNAT_TEXT = "01/10/2026|3.748|3.752|\n02/10/2026|3.750|3.755|\n"
_BCRP = """"Día/Mes/Año","Tipo de cambio - TC Sistema bancario SBS (S/ por US$) - Venta"
"01.Oct.26","3.752"
"02.Oct.26","n.d."
"""
_SERIES = "Tipo de cambio - TC Sistema bancario SBS (S/ por {}) - {} - PD0464{}PD"
_BCRP_BOTH = f"""Día/Mes/Año,{_SERIES.format("US$", "Compra", 0)},{_SERIES.format("US$", "Venta", 1)}
01Oct26,3.748,3.752
02Oct26,3.750,3.755
03Oct26,s/d,n.d.
"""
_SOLD = [(date(2026, 10, 1), Decimal("3.752")), (date(2026, 10, 2), Decimal("3.755"))]


def _published(folder: Path, text: str) -> Path:
    path = folder / "tc.csv"
    path.write_text(text, encoding="cp1252")
    assert recognise(path) == FX
    return path


def _dollars(rates: tuple[FxRate, ...]) -> list[tuple[date, Decimal]]:
    assert {rate.target_currency for rate in rates} == {"PEN"}
    return [(rate.day, rate.rate) for rate in rates if rate.source_currency == "USD"]


@pytest.mark.parametrize("text", [_SBS, _SUNAT_MONTH, _SUNAT_TEXT, _BCRP_BOTH])
def test_that_what_sbs_and_sunat_publish_is_read(tmp_path: Path, text: str) -> None:
    path = _published(tmp_path, text)
    assert _dollars(read_fx(path, "sell"))[:2] == _SOLD
    assert _dollars(read_fx(path, "buy"))[:2] == [(_SOLD[0][0], Decimal("3.748")), (_SOLD[1][0], Decimal("3.75"))]


def test_that_perus_central_bank_names_its_series_by_codes(tmp_path: Path) -> None:
    text = "Tipo de cambio\nFecha;PD04639PD;PD04640PD\n01.Oct.26;3.504;3.507\n02Oct26;3.514;3.517\n"
    rates = read_fx(_published(tmp_path, text), "sell")
    assert [(one.day.day, one.source_currency, one.target_currency, str(one.rate)) for one in rates] == [
        (1, "USD", "PEN", "3.507"),
        (2, "USD", "PEN", "3.517"),
    ]


def test_that_nothing_need_be_written_over_the_days_of_a_series(tmp_path: Path) -> None:
    heads = ",".join(f'"{_SERIES.format("US$", side, code)}"' for side, code in (("Compra", 9), ("Venta", 0)))
    text = f'"",{heads}\n"01.Oct.26","3.504","3.507"\n"02.Oct.26","n.d.","n.d."\n"05.Oct.26","3.514","3.517"\n'
    path = _published(tmp_path, text)
    assert recognise(path) == FX
    assert [(one.day.day, str(one.rate)) for one in read_fx(path, "sell")] == [(1, "3.507"), (5, "3.517")]


def test_that_a_series_of_another_currency_is_not_taken_for_dollars(tmp_path: Path) -> None:
    (tmp_path / "tc.csv").write_text(f"Fecha,{_SERIES.format('Euro', 'Venta', 9)}\n01Oct26,4.188\n", encoding="utf-8")
    with pytest.raises(AuditorError) as caught:
        read_fx(tmp_path / "tc.csv", "sell")
    assert caught.value.code == "fx_columns_missing"


@pytest.mark.parametrize(
    ("rates", "at_fault"),
    [
        ("3.75 37.52 3.76", ["37.52"]),
        ("0.375 3.75 3.76", ["0.375"]),
        ("3.75 3.76 3.74 3760", ["3760"]),
        # A currency that falls by half in a night, or is stated once or twice, is believed.
        ("366 366 800 801", []),
        ("3.75 37.52", []),
    ],
)
def test_that_a_rate_far_from_those_beside_it_is_refused(tmp_path: Path, rates: str, at_fault: list[str]) -> None:
    path = table(tmp_path, *(f"2026-10-{day:02},USD,PEN,{rate}," for day, rate in enumerate(rates.split(), 1)))
    if not at_fault:
        assert len(read_fx(path)) == len(rates.split())
        return
    with pytest.raises(AuditorError) as caught:
        read_fx(path)
    assert [(one.code, one.values["rate"]) for one in caught.value.problems] == [("fx_far_off", at_fault[0])]


def test_that_other_currencies_come_along(tmp_path: Path) -> None:
    rates = read_fx(_published(tmp_path, _SBS), "sell")
    assert [(rate.source_currency, rate.rate) for rate in rates if rate.source_currency != "USD"] == [
        ("EUR", Decimal("4.188"))
    ]


@pytest.mark.parametrize(("text", "side", "code"), [(_SBS, "", "fx_side_open"), (_BCRP, "buy", "fx_side_missing")])
def test_that_the_side_is_chosen_and_never_guessed(tmp_path: Path, text: str, side: str, code: str) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(_published(tmp_path, text), side)
    assert caught.value.code == code
    assert Language("es").error(caught.value)


def test_that_a_published_rate_which_is_none_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(_published(tmp_path, _BCRP.replace("n.d.", "tres")))
    assert [(one.code, one.place.row) for one in caught.value.problems] == [("fx_not_a_rate", 3)]


def test_that_a_holiday_without_a_rate_says_nothing(tmp_path: Path) -> None:
    assert _dollars(read_fx(_published(tmp_path, _BCRP), "sell")) == _SOLD[:1]


def test_that_an_invoice_with_its_sale_value_is_no_exchange_rate(tmp_path: Path) -> None:
    path = tmp_path / "factura.csv"
    for head in ("Fecha;Descripción;Valor venta;IGV", "Fecha;Descripción;Venta", "Fecha;Compra;Saldo;Total"):
        path.write_text(f"{head}\n01/10/2026;Marketing;7,03;1,27\n", encoding="utf-8")
        assert recognise(path) != FX


def test_that_a_workbook_is_read_in_either_form(tmp_path: Path) -> None:
    path = tmp_path / "tc.xlsx"
    tables: list[list[list[Any]]] = [
        [["Tipo de cambio"], ["Fecha", "Compra", "Venta"], [date(2026, 10, 1), 3.748, 3.752]],
        [["date", "from", "to", "rate"], [date(2026, 10, 1), "USD", "PEN", 3.752]],
    ]
    for rows in tables:
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(path)
        assert recognise(path) == FX
        assert _dollars(read_fx(path, "sell")) == _SOLD[:1]


@pytest.mark.parametrize(
    "heads",
    ["Fecha;Compra USD;Venta USD;Compra EUR;Venta EUR", "Fecha;Dólar compra;Dólar venta;Euro compra;Euro venta"],
)
def test_that_the_currencies_in_the_heads_of_the_sides_are_told_apart(tmp_path: Path, heads: str) -> None:
    path = tmp_path / "tc.csv"
    path.write_text(f"{heads}\n01/10/2026;3,741;3,748;4,012;4,120\n", encoding="utf-8")
    assert recognise(path) == FX
    found = [(one.source_currency, one.target_currency, one.rate) for one in read_fx(path, "sell")]
    assert found == [("USD", "PEN", Decimal("3.748")), ("EUR", "PEN", Decimal("4.120"))]


def test_that_a_rate_that_lost_its_decimal_mark_is_none(tmp_path: Path) -> None:
    path = tmp_path / "tc.csv"
    path.write_text("Fecha;Compra;Venta\n01/10/2026;3741;3748\n", encoding="utf-8")
    with pytest.raises(AuditorError) as caught:
        read_fx(path, "sell")
    assert [(one.code, one.values["value"]) for one in caught.value.problems] == [("fx_not_a_rate", "3748")]


_FIX = "Banco de México\n\nTítulo,Tipo de cambio pesos por dólar E.U.A. para pagos (FIX)\nFecha,SF43718\n"


def _pairs(path: Path) -> list[tuple[int, str, str, Decimal]]:
    return [(one.day.day, one.source_currency, one.target_currency, one.rate) for one in read_fx(path)]


def test_that_banxicos_fix_is_pesos_for_a_dollar(tmp_path: Path) -> None:
    path = _published(tmp_path, f"{_FIX}01/10/2026,18.2510\n02/10/2026,N/E\n05/10/2026,18.3025\n")
    assert _pairs(path) == [(1, "USD", "MXN", Decimal("18.2510")), (5, "USD", "MXN", Decimal("18.3025"))]


@pytest.mark.parametrize(
    "text",
    [
        (
            'VALOR,UNIDAD,VIGENCIADESDE,VIGENCIAHASTA\n"4,012.55",COP,2026-10-02,2026-10-02\n'
            '"4,031.75",COP,2026-10-03,2026-10-05\n'
        ),
        (
            "Tasa de cambio representativa del mercado (TRM)\nVigencia desde,Vigencia hasta,Valor\n"
            '02/10/2026,02/10/2026,"$ 4.012,55"\n03/10/2026,05/10/2026,"$ 4.031,75"\n'
        ),
        'Vigencia desde,Vigencia hasta,TRM\n02/10/2026,02/10/2026,"$ 4.012,55"\n03/10/2026,05/10/2026,"$ 4.031,75"\n',
    ],
)
def test_that_colombias_trm_holds_from_one_day_to_another(tmp_path: Path, text: str) -> None:
    path = _published(tmp_path, text)
    held = [(3, Decimal("4031.75")), (4, Decimal("4031.75")), (5, Decimal("4031.75"))]
    assert [(day, rate) for day, _, _, rate in _pairs(path)] == [(2, Decimal("4012.55")), *held]
    assert {pair[1:3] for pair in _pairs(path)} == {("USD", "COP")}


def test_that_a_series_with_a_decimal_comma_is_read(tmp_path: Path) -> None:
    path = _published(tmp_path, "Día;Dólar observado\n01-10-2026;951,32\n02-10-2026;948,7\n")
    assert _pairs(path) == [(1, "USD", "CLP", Decimal("951.32")), (2, "USD", "CLP", Decimal("948.7"))]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (f"{_FIX}01/10/2026,cerrado\n02/10/2026,18.3\n", ["fx_not_a_rate"] * 2),
        (f"{_FIX}ayer,18.2510\n", ["fx_not_a_date"]),
        ("Fecha,TRM\n01/10/2026,4.012\n02/10/2026,4.020\n", ["fx_not_a_rate"] * 2),  # four pesos, or four thousand
        ("valor,unidad,vigenciadesde,vigenciahasta\n4012.55,XX,2026-10-01,2026-10-01\n", ["fx_unknown_currency"]),
        ("valor,unidad,vigenciadesde,vigenciahasta\n4012.55,COP,2026-10-01,2029-10-01\n", ["fx_not_a_date"]),
    ],
)
def test_that_a_series_which_cannot_be_trusted_is_refused(tmp_path: Path, text: str, codes: list[str]) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(_published(tmp_path, text))
    assert (caught.value.code, [one.code for one in caught.value.problems]) == ("fx_refused", codes)


@pytest.mark.parametrize("heads", ["Fecha,SF43718,SF60653", "Fecha,Publicación DOF,Para pagos"])
def test_that_several_rates_of_one_pair_are_asked_about_where_they_differ(tmp_path: Path, heads: str) -> None:
    with pytest.raises(AuditorError, match="fx_column_open"):
        read_fx(_published(tmp_path, f"{heads}\n01/10/2026,18.25,18.30\n"))
    (rate,) = read_fx(_published(tmp_path, f"{heads}\n01/10/2026,18.25,18.25\n"))
    assert (rate.target_currency, str(rate.rate)) == ("MXN", "18.25")


def test_that_an_average_below_the_days_is_no_rate_of_one(tmp_path: Path) -> None:
    rows = ("01/10/2026;3,412;3,418", "02/10/2026;3,409;3,415", "Promedio;3,4105;3,4165", "Mínimo;3,409;3,415")
    found = read_fx(table(tmp_path, *rows, head="Fecha;Compra;Venta"), "sell")
    assert [(one.day.day, str(one.rate)) for one in found] == [(1, "3.418"), (2, "3.415")]


def test_that_a_rate_that_hides_a_mark_is_refused_for_that(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        read_fx(table(tmp_path, "01/10/2026;3,4\u200b12;3,418", head="Fecha;Compra;Venta"), "buy")
    assert [one.code for one in refused.value.problems] == ["figures_hide"]


_PTAX_HEADS = "Data;Cod Moeda;Tipo;Moeda;Taxa Compra;Taxa Venda;Paridade Compra;Paridade Venda\n"


@pytest.mark.parametrize(
    "text",
    [
        "01102026;220;A;USD;5,3190;5,3196;1,0000;1,0000\n02102026;220;A;USD;5,3290;5,3296;1,0000;1,0000\n",
        (
            f"{_PTAX_HEADS}01/10/2026;220;A;USD;5,3190;5,3196;1,0000;1,0000\n"
            "02/10/2026;220;A;USD;5,3290;5,3296;1,0000;1,0000\n"
        ),
        (
            "dataHoraCotacao,cotacaoCompra,cotacaoVenda\n"
            "2026-10-01 13:09:02.871,5.3190,5.3196\n2026-10-02 13:09:02.871,5.3290,5.3296\n"
        ),
        'Data,Compra (R$),Venda (R$)\n01/10/2026,"5,3190","5,3196"\n02/10/2026,"5,3290","5,3296"\n',
    ],
)
def test_that_rates_of_the_bank_of_brazil_are_reais(tmp_path: Path, text: str) -> None:
    # They were taken for soles, or the file for an invoice.
    path = tmp_path / "ptax.csv"
    path.write_text(text, encoding="utf-8")
    assert recognise(path) == FX
    assert [(one.day.day, one.source_currency, one.target_currency, one.rate) for one in read_fx(path, "sell")] == [
        (1, "USD", "BRL", Decimal("5.3196")),
        (2, "USD", "BRL", Decimal("5.3296")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Fecha;Moneda;Compra;Venta;Fuente\n01/10/2026;USD;3,471;3,478;SUNAT\n",
        "fecha,precio_compra,precio_venta,moneda\n2026-10-01,3.471,3.478,USD\n",
        "Fecha de publicación,Valor de compra,Valor de venta\n01/10/2026,3.471,3.478\n",
    ],
)
def test_that_words_about_the_sides_say_nothing_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tc.csv"
    path.write_text(text, encoding="utf-8")
    assert recognise(path) == FX
    (rate,) = read_fx(path, "sell")
    assert (rate.source_currency, rate.target_currency, rate.rate) == ("USD", "PEN", Decimal("3.478"))


@pytest.mark.parametrize("head", ["Fecha,Valor venta", "Fecha,Categoría,Compra,Venta"])
def test_that_a_price_at_which_something_is_sold_is_no_exchange_rate(tmp_path: Path, head: str) -> None:
    # A daily invoice of Peru, and what a reseller pays and asks for each kind of message.
    path = tmp_path / "ventas.csv"
    path.write_text(f"{head}\n01/10/2026,{'Marketing,' * head.count('Cat')}3.471,3.478\n", encoding="utf-8")
    assert recognise(path) != FX


@pytest.mark.parametrize("heads", ["Date;USD/EUR;USD/MXN", "Fecha;Tipo de cambio USD/MXN", "Fecha;TC"])
def test_that_pairs_are_told_for_rates_and_left_to_be_stated(tmp_path: Path, heads: str) -> None:
    # `PEN/USD 3.75` is what many write for soles in a dollar: a pair does not say which is counted in which.
    path = tmp_path / "pairs.csv"
    path.write_text(f"{heads}\n2026-10-01{';3.75' * heads.count(';')}\n", encoding="utf-8")
    assert recognise(path) == FX
    with pytest.raises(AuditorError, match="fx_columns_missing"):
        read_fx(path)


@pytest.mark.parametrize(
    ("head", "rate"), [("USDPEN", "3,750"), ("PEN/USD", "3.75"), ("USD-PEN", "3.750"), ("PEN per USD", "3.75")]
)
def test_that_a_pair_is_read_where_its_figures_can_mean_one_thing_only(tmp_path: Path, head: str, rate: str) -> None:
    # Nobody ever gave 3.75 dollars for a sol: whichever stands first, these are soles in a dollar.
    path = tmp_path / "pairs.csv"
    path.write_text(f"Fecha;{head}\n2026-10-01;{rate}\n", encoding="utf-8")
    (found,) = read_fx(path)
    assert (found.source_currency, found.target_currency, found.rate) == ("USD", "PEN", Decimal("3.75"))


@pytest.mark.parametrize(("head", "rate"), [("USD/PEN", "0.2667"), ("KWD/USD", "3.26"), ("GBP/USD", "0.76")])
def test_that_a_pair_whose_figures_can_mean_both_is_refused(tmp_path: Path, head: str, rate: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(f"Fecha,{head}\n2026-10-01,{rate}\n", encoding="utf-8")
    with pytest.raises(AuditorError, match="fx_columns_missing"):
        read_fx(path)


@pytest.mark.parametrize(
    "table",
    [
        "Fecha;Compra (MX$)\n01/10/2026;18,20\n",
        "Cotação do euro (EUR)\nData;Compra;Venda\n01/10/2026;1,0820;1,0830\n",
        "Fecha;Compra EUR;Venta EUR\n01/10/2026;0,92;0,93\n",
    ],
)
def test_that_what_no_currency_ever_cost_is_refused(tmp_path: Path, table: str) -> None:
    # Pesos in a dollar, not soles in a peso; dollars in a euro, not reais; euros in a dollar, not soles in a euro.
    path = tmp_path / "rates.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(AuditorError, match="fx_refused") as refused:
        read_fx(path, "both")
    assert {one.code for one in refused.value.problems} == {"fx_base_open"}


def test_that_days_may_stand_in_three_columns(tmp_path: Path) -> None:
    path = _published(tmp_path, "Día;Mes;Año;Compra;Venta\n1;10;2026;3,451;3,459\n2;Octubre;2026;3,452;3,460\n")
    assert [(one.day, one.rate) for one in read_fx(path, "sell")] == [
        (date(2026, 10, 1), Decimal("3.459")),
        (date(2026, 10, 2), Decimal("3.460")),
    ]


@pytest.mark.parametrize(
    ("title", "pair", "rates"),
    [
        ("Tipo de cambio venta 2026 (S/ por US$)", ("USD", "PEN"), ("3,529", "3,511", "3,462")),
        ("Dólar observado 2026", ("USD", "CLP"), ("950,12", "948,30", "1.001,25")),
        (
            "Tipo de cambio para solventar obligaciones denominadas en dólares, 2026",
            ("USD", "MXN"),
            ("18,4512", "18,4630", "18,5"),
        ),
    ],
)
def test_that_the_months_of_a_year_may_stand_side_by_side(
    tmp_path: Path, title: str, pair: tuple[str, str], rates: tuple[str, str, str]
) -> None:
    first, second, third = rates
    text = f"{title};;\nDía;Septiembre;Octubre\n1;{first};{second}\n31;;{third}\nPromedio;{first};{second}\n"
    found = read_fx(_published(tmp_path, text), "sell")
    assert {(one.source_currency, one.target_currency) for one in found} == {pair}
    assert [(one.day, one.rate) for one in found] == [
        (date(2026, 9, 1), Decimal(first.replace(",", "."))),
        (date(2026, 10, 1), Decimal(second.replace(",", "."))),
        (date(2026, 10, 31), Decimal(third.replace(".", "").replace(",", "."))),
    ]


@pytest.mark.parametrize(
    ("title", "rows", "side", "code"),
    [
        ("Tipo de cambio venta 2026", "1;3,45;3,46", "buy", "fx_side_missing"),
        ("Tipo de cambio 2026", "1;3,45;3,46", "", "fx_columns_missing"),
        ("Tipo de cambio venta 2026", "31;3,45;3,46", "", "fx_refused"),  # no 31st of September
        ("Tipo de cambio venta 2026", "1;3,45;tres", "", "fx_refused"),
    ],
)
def test_that_months_side_by_side_are_refused_where_they_do_not_tell_enough(
    tmp_path: Path, title: str, rows: str, side: str, code: str
) -> None:
    with pytest.raises(AuditorError) as refused:
        read_fx(_published(tmp_path, f"{title};;\nDía;Septiembre;Octubre\n{rows}\n"), side)
    assert refused.value.code == code


def test_that_a_table_of_what_was_spent_by_month_is_none_of_rates(tmp_path: Path) -> None:
    path = tmp_path / "gasto.csv"
    path.write_text("Gasto 2026, tipo de cambio 3.75\nDía,Ago,Sep\n1,12.5,13.1\n2,14.5,11.1\n", encoding="utf-8")
    assert recognise(path) != FX


_BY_DAY = '{"base": "USD", "target": "PEN", "rates": {"2026-10-01": 3.459, "2026-10-02": 3.462}}'
_BY_BOTH = (
    '{"amount": 1, "base": "USD", "rates": {"2026-10-01": {"PEN": 3.459}, "2026-10-02": {"PEN": 3.462, "USD": 1}}}'
)
_OF_SIDES = """[{"fecha": "2026-10-01", "moneda": "USD", "compra": 3.45, "venta": 3.459},
 {"fecha": "2026-10-02", "moneda": "USD", "compra": 3.45, "venta": 3.462}]"""


_OF_SERIES = """{"config": {"title": "x", "series": [{"name": "TC Sistema bancario SBS (S/ por US$) - Venta"}]},
 "periods": [{"name": "01.Oct.26", "values": ["3.459"]}, {"name": "02.Oct.26", "values": ["3.462"]},
  {"name": "03.Oct.26", "values": ["n.d."]}]}"""


@pytest.mark.parametrize("text", [_BY_DAY, _BY_BOTH, _OF_SIDES, _OF_SERIES])
def test_that_rates_are_read_as_the_services_that_sell_them_answer(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rates.json"
    path.write_text(text)
    assert recognise(path) == FX
    found = read_fx(path, "sell")
    assert [(str(one.day), one.source_currency, one.target_currency, str(one.rate)) for one in found] == [
        ("2026-10-01", "USD", "PEN", "3.459"),
        ("2026-10-02", "USD", "PEN", "3.462"),
    ]


def test_that_banxicos_service_is_read_by_the_ids_of_its_series(tmp_path: Path) -> None:
    path = tmp_path / "rates.json"
    days = '{"fecha": "01/10/2026", "dato": "18.2510"}, {"fecha": "02/10/2026", "dato": "N/E"}'
    path.write_text(f'{{"bmx": {{"series": [{{"idSerie": "SF60653", "titulo": "x", "datos": [{days}]}}]}}}}')
    assert recognise(path) == FX
    assert _pairs(path) == [(1, "USD", "MXN", Decimal("18.2510"))]


def test_that_days_may_stand_behind_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "rates.json"
    day = '"cotacaoCompra": 5.3190, "cotacaoVenda": 5.3196, "dataHoraCotacao": "2026-10-01 13:09:27.108"'
    path.write_text(f'{{"@odata.context": "x", "value": [{{{day}}}]}}')
    assert [(one.source_currency, one.target_currency, one.rate) for one in read_fx(path, "sell")] == [
        ("USD", "BRL", Decimal("5.3196"))
    ]
    # With what it is worth in dollars beside it, it is one of any currency: of which, nothing says.
    path.write_text(f'{{"value": [{{"paridadeCompra": 1.1689, "paridadeVenda": 1.1690, {day}}}]}}')
    assert recognise(path) != FX


_ECB = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref"


def test_that_the_rates_of_the_ecb_are_what_a_euro_costs(tmp_path: Path) -> None:
    path = tmp_path / "eurofxref.xml"
    day = "<Cube time='2026-10-05'><Cube currency='USD' rate='1.1690'/><Cube currency='JPY' rate='172.10'/></Cube>"
    gesmes = "http://www.gesmes.org/xml/2002-08-01"
    path.write_text(
        f'<?xml version="1.0"?><gesmes:Envelope xmlns:gesmes="{gesmes}" xmlns="{_ECB}">'
        f"<Cube>{day}</Cube></gesmes:Envelope>"
    )
    assert recognise(path) == FX
    assert _pairs(path) == [(5, "EUR", "USD", Decimal("1.1690")), (5, "EUR", "JPY", Decimal("172.10"))]


@pytest.mark.parametrize(
    ("heads", "figures", "base"),
    [
        ("USD, JPY, GBP, CHF", "1.1690, 172.10, 0.8712, 0.9312", "EUR"),
        ("EUR, JPY, GBP, CHF", "0.8554, 147.22, 0.7453, 0.7966", "USD"),
        # What one of each costs in euros; all five; and too few to tell.
        ("USD, JPY, GBP, CHF", "0.8554, 0.0058, 1.1479, 1.0739", ""),
        ("EUR, USD, JPY, GBP, CHF", "4.21, 3.52, 0.024, 4.71, 4.44", ""),
        ("USD, JPY, GBP", "1.1690, 172.10, 0.8712", ""),
    ],
)
def test_that_of_the_great_currencies_the_one_that_is_not_there_is_what_the_others_are_paid_for(
    tmp_path: Path, heads: str, figures: str, base: str
) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(f"Date, {heads}, \n05 October 2026, {figures}, \n")
    assert recognise(path) == FX
    if not base:
        with pytest.raises(AuditorError, match="fx_base_open"):
            read_fx(path)
        return
    stated = zip(heads.split(", "), figures.split(", "), strict=True)
    assert _pairs(path) == [(5, base, code, Decimal(figure)) for code, figure in stated]


def test_that_notes_may_stand_beside_the_sides_of_several_currencies(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(
        "Fecha;Dólar venta;Euro venta;Obs.\nlunes 5 de octubre de 2026;3,524;4,21;cierre\n", encoding="utf-8"
    )
    assert recognise(path) == FX
    assert _pairs(path) == [(5, "USD", "PEN", Decimal("3.524")), (5, "EUR", "PEN", Decimal("4.21"))]


@pytest.mark.parametrize(
    "stated",
    [
        {"base": "USD", "rates": {"2026-10-01": 3.752, "2026-10-02": 3.749}},
        {"rates": {"2026-10-01": {"PEN": 3.752}}},
        {"target": "PEN", "rates": {"2026-10-01": 3.752}},
        {"base": "us dollar", "target": "PEN", "rates": {"2026-10-01": 3.752}},
    ],
)
def test_that_rates_by_day_without_their_two_currencies_are_refused_as_that(tmp_path: Path, stated: object) -> None:
    path = tmp_path / "rates.json"
    path.write_text(json.dumps(stated), encoding="utf-8")
    assert recognise(path) == FX
    with pytest.raises(AuditorError) as refused:
        read_fx(path)
    assert (refused.value.code, refused.value.values["heads"]) == ("fx_base_open", "2026-10-01, …")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"date": "2026-10-01", "rate": 3.752}, {"date": "2026-10-02", "rate": 3.749}]'),
        ("b.csv", 'Date,Open,High,Low,Close,Change %\n"Oct 01, 2026",17.95,17.98,17.90,17.93,0.05%\n'),
        ("c.csv", "Fecha;Dólar EE.UU.;Euro;Real\n01/10/2026;950,12;1.102,30;171,20\n"),
    ],
)
def test_that_tables_of_rates_that_name_no_pair_ask_for_it(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert recognise(path) == FX
    with pytest.raises(AuditorError) as refused:
        read_fx(path)
    assert refused.value.code == "fx_columns_missing"
    assert "from, to" in str(refused.value.values["columns"])


_MONTHS_OF_SIDES = ";;;;\nDía;Setiembre;;Octubre;\n;Compra;Venta;Compra;Venta\n"


def test_that_months_side_by_side_may_each_have_both_sides_below(tmp_path: Path) -> None:
    rows = "1;3,751;3,758;3,745;3,752\n31;;;3,739;3,747\n"
    path = _published(tmp_path, f"Tipo de cambio 2026 - SBS{_MONTHS_OF_SIDES}{rows}")
    assert recognise(path) == FX
    assert [(one.day, str(one.rate)) for one in read_fx(path, "sell")] == [
        (date(2026, 9, 1), "3.758"),
        (date(2026, 10, 1), "3.752"),
        (date(2026, 10, 31), "3.747"),
    ]
    assert [str(one.rate) for one in read_fx(path, "buy")] == ["3.751", "3.745", "3.739"]
    assert {(one.source_currency, one.target_currency) for one in read_fx(path, "buy")} == {("USD", "PEN")}


@pytest.mark.parametrize(
    ("title", "side", "code"),
    [("Tipo de cambio 2026", "", "fx_side_open"), ("Tipo de cambio", "sell", "fx_columns_missing")],
)
def test_that_months_of_both_sides_ask_for_one_and_for_their_year(
    tmp_path: Path, title: str, side: str, code: str
) -> None:
    with pytest.raises(AuditorError) as refused:
        read_fx(_published(tmp_path, f"{title}{_MONTHS_OF_SIDES}1;3,751;3,758;3,745;3,752\n"), side)
    assert refused.value.code == code


@pytest.mark.parametrize("head", ["T.C. Venta SUNAT", "TC venta", "T.C. venta (S/)"])
def test_that_the_side_alone_beside_the_day_may_have_whose_it_is_behind(tmp_path: Path, head: str) -> None:
    path = _published(tmp_path, f"Fecha;{head}\n01/10/2026;3,752\n")
    assert recognise(path) == FX
    assert [(one.day, str(one.rate)) for one in read_fx(path, "sell")] == [(date(2026, 10, 1), "3.752")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Moneda origen;Moneda destino;Fecha;Tasa\nUSD;PEN;01/10/2026;3,752\neur;PEN;02/10/2026;4,410\n", ""),
        ("Date;From currency;To currency;Rate\n2026-10-01;USD;PEN;3.752\n2026-10-02;EUR;PEN;4.410\n", ""),
        ("Date;From currency;To currency;Rate\n10/01/2026;USD;PEN;3.752\n", "fx_refused"),  # or the tenth of January
        ("Moneda origen;Moneda destino;Fecha;Tasa\nUSD;PEN;01/10/2026;tres\n", "fx_refused"),
        ("Moneda origen;Moneda destino;Fecha;Tasa\nUSD;COP;01/10/2026;4,120\n", "fx_refused"),  # or four thousand
    ],
)
def test_that_rates_below_each_other_may_have_heads_in_words(tmp_path: Path, text: str, code: str) -> None:
    path = _published(tmp_path, text)
    assert recognise(path) == FX
    if code:
        with pytest.raises(AuditorError, match=code):
            read_fx(path)
        return
    assert [(one.day, one.source_currency, one.target_currency, str(one.rate)) for one in read_fx(path)] == [
        (date(2026, 10, 1), "USD", "PEN", "3.752"),
        (date(2026, 10, 2), "EUR", "PEN", "4.410"),
    ]


def test_that_the_decimal_mark_of_such_rates_is_that_of_all_of_their_pair(tmp_path: Path) -> None:
    rows = "01/10/2026;USD;COP;4.120,50\n02/10/2026;USD;COP;4.118\n01/10/2026;USD;PEN;3,752\n"
    path = _published(tmp_path, f"Fecha;Moneda origen;Moneda destino;Tasa\n{rows}")
    assert [str(one.rate) for one in read_fx(path)] == ["4120.50", "4118", "3.752"]


def test_that_such_rates_may_stand_in_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Fecha", "Moneda origen", "Moneda destino", "Tipo de cambio"])
    sheet.append([date(2026, 10, 1), "USD", "PEN", 3.752])
    book.save(tmp_path / "fx.xlsx")
    assert recognise(tmp_path / "fx.xlsx") == FX
    assert [(one.day, str(one.rate)) for one in read_fx(tmp_path / "fx.xlsx")] == [(date(2026, 10, 1), "3.752")]


def test_that_a_pair_of_two_strong_currencies_is_read_where_only_the_dearer_can_cost_so_much(tmp_path: Path) -> None:
    text = "Date,{},USD/PEN\n2026-10-01,{},3.752\n"
    for head in ("EUR/USD", "USD/EUR"):
        found = read_fx(_published(tmp_path, text.format(head, "1.1021")))
        assert [(one.source_currency, one.target_currency, str(one.rate)) for one in found] == [
            ("EUR", "USD", "1.1021"), ("USD", "PEN", "3.752")
        ]  # fmt: skip
    with pytest.raises(AuditorError, match="fx_columns_missing"):  # a euro in dollars, or a dollar in euros
        read_fx(_published(tmp_path, text.format("EUR/USD", "0.9912")))


def test_that_days_and_what_was_paid_on_them_are_no_exchange_rates(tmp_path: Path) -> None:
    path = tmp_path / "pagos.csv"
    path.write_text("Fecha;Para pagos\n01/10/2026;17.99\n", encoding="utf-8")
    assert recognise(path) != FX


def test_that_base_and_quote_of_closing_rates_are_known(tmp_path: Path) -> None:
    (rate,) = read_fx(_published(tmp_path, "Base currency,Quote currency,Date,Close\nUSD,CLP,2026-10-01,951.32\n"))
    assert (rate.source_currency, rate.target_currency, str(rate.rate)) == ("USD", "CLP", "951.32")


def test_that_the_table_of_the_european_central_bank_says_what_it_is_in(tmp_path: Path) -> None:
    heads = "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,TIME_PERIOD,OBS_VALUE"
    path = _published(tmp_path, f"{heads}\nEXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,2026-10-01,1.1702\n")
    assert _pairs(path) == [(1, "EUR", "USD", Decimal("1.1702"))]


def test_that_codes_over_rates_are_rates_of_whose_money_nothing_says(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        read_fx(_published(tmp_path, "Fecha;USD;EUR\n01/10/2026;3,752;4,391\n"))
    assert refused.value.code == "fx_columns_missing"

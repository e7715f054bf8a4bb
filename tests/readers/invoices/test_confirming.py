"""What confirms the amounts of an invoice is said, and that nothing does; what proofs show is read."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina

_NAMES = {"PE": "Peru", "CL": "Chile"}
_PROOFS = ("confirmed_by_", "total_agrees")


def _read(folder: Path, text: str) -> Invoice:
    path = folder / "factura.csv"
    path.write_text(text, encoding="utf-8")
    return read_invoice(path, andina())


def _proofs(invoice: Invoice) -> list[str]:
    keys = (said.code.removeprefix("reading.decision.") for said in invoice.report.decisions)
    return [key for key in keys if key.startswith(_PROOFS)]


def _codes(invoice: Invoice) -> list[str]:
    return [one.code for one in invoice.report.problems]


def _lines(invoice: Invoice) -> list[tuple[str, str, str, str, str]]:
    return [
        (one.layer.value, one.category, _NAMES.get(one.country, one.market), f"{one.quantity}", f"{one.amount}")
        for one in invoice.lines
    ]


@pytest.mark.parametrize(
    ("text", "proofs"),
    [
        # 1000 x 0.0810 = 81.00 and 500 x 0.0230 = 11.50
        (
            "Tipo,País,Cantidad,Tarifa,Importe USD\nMarketing,Perú,1000,0.081,81.00\nUtilidad,Perú,500,0.023,11.50\n",
            ["confirmed_by_product"],
        ),
        ("Categoría,País,Importe USD\nMarketing,Perú,81.00\nUtilidad,Perú,11.50\nTotal,,92.50\n", ["total_agrees"]),
        # 1000 x 0.0703, Meta's price of marketing in Peru, is 70.30
        ("Categoría,País,Cantidad,Importe USD\nMarketing,Perú,1000,70.30\n", ["confirmed_by_card"]),
        # 18 % of 81.00 is 14.58, of 11.50 it is 2.07
        (
            "Categoría,País,Importe USD,IGV\nMarketing,Perú,81.00,14.58\nUtilidad,Perú,11.50,2.07\n",
            ["confirmed_by_tax"],
        ),
        # 500 - 81 = 419, - 11.50 = 407.50, - 7.25 = 400.25
        (
            (
                "Concepto,Importe USD,Saldo\nMarketing Perú,81.00,419.00\nUtilidad Perú,11.50,407.50\n"
                "Utilidad Chile,7.25,400.25\n"
            ),
            ["confirmed_by_balance"],
        ),
        # 90.00 - 9.00 = 81.00, 12.00 - 0.50 = 11.50
        (
            (
                "Concepto,Valor bruto USD,Descuento USD,Valor neto USD\nMarketing Perú,90.00,9.00,81.00\n"
                "Utilidad Perú,12.00,0.50,11.50\n"
            ),
            ["confirmed_by_credit"],
        ),
        # 81.00 + 11.50 = 92.50, 20.00 + 4.00 = 24.00
        (
            "País,Marketing (USD),Utilidad (USD),Suma\nPerú,81.00,11.50,92.50\nChile,20.00,4.00,24.00\n",
            ["confirmed_by_sum"],
        ),
    ],
)
def test_that_what_confirms_the_amounts_is_said(tmp_path: Path, text: str, proofs: list[str]) -> None:
    invoice = _read(tmp_path, text)
    assert (_proofs(invoice), _codes(invoice)) == (proofs, [])


def test_that_amounts_that_nothing_confirms_are_remarked_with_the_other_columns_of_money(tmp_path: Path) -> None:
    alone = _read(tmp_path, "Categoría,País,Importe USD\nMarketing,Perú,81.00\nUtilidad,Perú,11.50\n")
    assert [(one.code, dict(one.values)) for one in alone.report.problems] == [
        ("amounts_unconfirmed", {"head": "Importe USD"})
    ]
    heads = "Categoría,País,Importe USD,Referencia A,Orden"
    rows = "Marketing,Perú,81.00,83.40,1\nUtilidad,Perú,11.50,11.90,2\n"
    # A total of the column itself does not tell it from the one beside it.
    for more in ("", "Total,,92.50,95.30,\n"):
        beside = _read(tmp_path, f"{heads}\n{rows}{more}")
        assert [(one.code, dict(one.values)) for one in beside.report.problems] == [
            ("amounts_unconfirmed_of_many", {"head": "Importe USD", "others": "Referencia A"})
        ]
    above = _read(tmp_path, f"Total a pagar USD: 92.50\n{heads}\n{rows}")
    assert (_proofs(above), _codes(above)) == (["total_agrees"], [])


def test_that_running_counts_are_refused_where_the_amounts_show_them(tmp_path: Path) -> None:
    # At 0.08: 100 -> 8.00, 150 more -> 12.00, 60 more -> 4.80.
    rows = [("2026-10-01", 100, "8.00"), ("2026-10-02", 250, "12.00"), ("2026-10-03", 310, "4.80")]
    heads = "Fecha,Categoría,País,Cantidad,Importe USD\n"
    text = heads + "".join(f"{day},Marketing,PE,{count},{amount}\n" for day, count, amount in rows)
    with pytest.raises(AuditorError) as refused:
        _read(tmp_path, text)
    assert (refused.value.code, dict(refused.value.values)) == ("quantity_running", {"head": "Cantidad"})
    # 250 x 0.08 = 20.00 and 310 x 0.08 = 24.80: those grow, and are counts of their own.
    grown = _read(tmp_path, text.replace("12.00", "20.00").replace("4.80", "24.80"))
    assert [str(line.quantity) for line in grown.lines] == ["100", "250", "310"]


def test_that_a_section_of_credits_is_taken_off_where_the_last_total_says_so(tmp_path: Path) -> None:
    text = (
        "Concepto,País,Cantidad,Tarifa,Importe USD\nMarketing,Perú,1000,0.0810,81.00\nUtilidad,Perú,500,0.0230,11.50\n"
        "Total cargos,,,,92.50\nMarketing,Perú,100,0.0810,8.10\nTotal abonos,,,,8.10\nTotal a pagar,,,,{}\n"
    )
    taken = _read(tmp_path, text.format("84.40"))  # 92.50 - 8.10
    assert [str(line.amount) for line in taken.lines] == ["81.00", "11.50", "-8.10"]
    assert len(taken.agreed) == 3
    added = _read(tmp_path, text.format("100.60"))  # 92.50 + 8.10
    assert [str(line.amount) for line in added.lines] == ["81.00", "11.50", "8.10"]


def test_that_a_tax_that_is_part_of_the_price_is_no_line_besides(tmp_path: Path) -> None:
    head = "Serviço,Destino,Qtde,Valor unitário,Valor total USD,{}\n"
    rows = "Conversa Marketing,Brasil,1000,0.40,400.00,20.00\nConversa Utilidade,Brasil,500,0.06,30.00,1.50\n"
    for inner in ("ISS", "ISS 5% (incluso)", "IVA incluido"):
        assert [line.layer.value for line in _read(tmp_path, head.format(inner) + rows).lines] == ["meta", "meta"]
    assert sum(line.amount for line in _read(tmp_path, head.format("IVA") + rows).lines) == Decimal("451.50")


@pytest.mark.parametrize(
    "text",
    [
        # Item codes under a head of categories, the words beside them.
        (
            "Cod Categoria;Descripcion;Cant;PrecUnit;Importe USD\nWA-01;Marketing Perú;1000;0.081;81.00\n"
            "WA-02;Utilidad Chile;500;0.023;11.50\n"
        ),
        # Places below a head that says nothing to us.
        "type;zz;units;rate;amount USD\nmarketing;PE;1000;0.081;81.00\nutility;CL;500;0.023;11.50\n",
        # A prepaid balance tells which figures are spent: 500 - 81 = 419 ...
        (
            "Description;Messages;Debit;Balance\nMarketing Peru;1000;81.00;419.00\nUtility Chile;500;11.50;407.50\n"
            "Utility Peru;100;2.30;405.20\n"
        ),
        # The names of what a table is indexed by, in a row of their own.
        (
            ";;volume;price;cost\n;;messages;usd_per_msg;usd\ncategory;country;;;\nmarketing;PE;1000;0.081;81.00\n"
            "utility;CL;500;0.023;11.50\n"
        ),
    ],
)
def test_that_columns_are_told_by_what_their_values_prove(tmp_path: Path, text: str) -> None:
    assert _lines(_read(tmp_path, text))[:2] == [
        ("meta", "marketing", "Peru", "1000", "81.00"),
        ("meta", "utility", "Chile", "500", "11.50"),
    ]


def test_that_of_two_amounts_each_beside_its_currency_that_of_the_account_is_read(tmp_path: Path) -> None:
    text = (
        "Text;Quantity;Amount in LC;LCurr;Amount in doc. curr.;Curr.\nWA Marketing Peru;1000;303.91;PEN;81.00;USD\n"
        "WA Utility Chile;500;43.15;PEN;11.50;USD\n"
    )
    lines = _read(tmp_path, text).lines
    assert [(str(one.amount), one.currency) for one in lines] == [("81.00", "USD"), ("11.50", "USD")]


def test_that_the_subtotal_of_a_number_is_no_line(tmp_path: Path) -> None:
    text = (
        "Número,Concepto,Importe USD\n51987654321,Marketing Perú,81.00\n51987654321,Utilidad Perú,11.50\n"
        "51987654321 subtotal,,92.50\n51912345678,Utilidad Chile,2.30\n51912345678 subtotal,,2.30\nTotal,,94.80\n"
    )
    assert [str(one.amount) for one in _read(tmp_path, text).lines] == ["81.00", "11.50", "2.30"]


_OF_TWO = [("provider_fee", "", "Peru", "None", "0.10"), ("meta", "marketing", "Peru", "100", "7.03")]


@pytest.mark.parametrize(
    ("heads", "row", "lines"),
    [
        ("Messages,GS Charges,WA Charges", "100,0.10,7.03", _OF_TWO),
        ("Messages,GS Charges,WA Charges,Total Charges", "100,0.10,7.03,7.13", _OF_TWO),
        ("Messages,Amount,Platform fee,Total", "100,7.03,0.10,7.13", _OF_TWO[::-1]),
        ("Messages,Net,Platform fee,Amount", "100,7.03,0.10,7.13", _OF_TWO[::-1]),
        # Nothing shows whether the fee is in the amount, as it is where the rate holds it.
        ("Messages,Amount,Platform fee", "100,7.03,0.10", [_OF_TWO[1]]),
    ],
)
def test_that_the_providers_charges_beside_metas_are_lines_of_their_own(
    tmp_path: Path, heads: str, row: str, lines: list[tuple[str, ...]]
) -> None:
    invoice = _read(tmp_path, f"Country,Category,{heads}\nPeru,Marketing,{row}\n")
    assert _lines(invoice) == lines


@pytest.mark.parametrize(
    ("head", "figures", "said"),
    [
        ("Zusatz X", ("0.55", "0.45"), "Zusatz X (1.00)"),
        ("Handling", ("0.01", "0.01"), "Handling (0.02)"),
        ("Platform fee", ("0.70", "0.17"), "Platform fee (0.87)"),  # a tenth of the amount, and perhaps besides
        ("Amount PEN", ("26.01", "6.29"), ""),  # at 3.70 a dollar
        ("Tipo de cambio", ("3.70", "3.70"), ""),
        ("Precio de lista", ("0.08", "0.01"), ""),
        ("Saldo", ("92.97", "91.27"), ""),
        ("Previous month", ("6.50", "1.10"), ""),
    ],
)
def test_that_no_column_of_money_is_left_aside_without_a_word(
    tmp_path: Path, head: str, figures: tuple[str, str], said: str
) -> None:
    heads = f"Country,Category,Messages,Rate,Amount,{head}"
    rows = f"Peru,Marketing,100,0.0703,7.03,{figures[0]}\nPeru,Utility,200,0.0085,1.70,{figures[1]}\n"
    invoice = _read(tmp_path, f"{heads}\n{rows}")
    assert [one.values["heads"] for one in invoice.report.problems if one.code == "money_unread"] == [said] * bool(said)


def test_that_money_is_not_said_to_be_unread_where_a_total_of_all_leaves_no_room_for_it(tmp_path: Path) -> None:
    table = "Country,Category,Messages,Rate,Amount,Zusatz X\nPeru,Marketing,100,0.0703,7.03,0.55\n"
    assert "money_unread" in _codes(_read(tmp_path, table))
    assert "money_unread" not in _codes(_read(tmp_path, f"Total due: 7.03\n{table}"))


def test_that_a_tax_beside_metas_and_the_providers_charges_is_counted_once(tmp_path: Path) -> None:
    heads = "Country,Category,Messages,Meta cost,Platform fee,Tax"
    both = [_OF_TWO[1], ("tax", "", "Peru", "None", "1.28"), _OF_TWO[0]]
    bare = _read(tmp_path, f"{heads}\nPeru,Marketing,100,7.03,0.10,1.28\n")
    assert sorted(_lines(bare)) == sorted(both)
    whole = _read(tmp_path, f"{heads},Total\nPeru,Marketing,100,7.03,0.10,1.28,8.41\n")  # 7.03 + 0.10 + 1.28
    assert sorted(_lines(whole)) == sorted(both)
    assert "money_unread" not in _codes(whole)


def test_that_a_head_of_a_category_tells_counts_from_money_by_its_other_words(tmp_path: Path) -> None:
    heads = "Month,Template marketing messages,Template marketing spend,Service messages,Service spend"
    invoice = _read(tmp_path, f"{heads}\nOct 2026,1000,70.30,300,0.00\n")
    assert _lines(invoice) == [
        ("meta", "marketing", "", "1000", "70.30"),
        ("meta", "service", "", "300", "0.00"),
    ]


def test_that_prices_in_another_currency_are_no_prices_of_the_amounts(tmp_path: Path) -> None:
    # 1000 x 0.0703 x 3.65 = 256.595, 500 x 0.03 x 3.65 = 54.75
    rows = "Marketing,Perú,1000,0.0703,256.60\nUtilidad,Perú,500,0.03,54.75\n"
    path = tmp_path / "soles.csv"
    path.write_text(f"Tipo,País,Cantidad,Tarifa US$,Importe S/\n{rows}", encoding="utf-8")
    invoice = read_invoice(path, replace(andina(), currency="PEN"))
    assert [(one.quantity, one.unit_rate, one.currency) for one in invoice.lines] == [
        (Decimal(1000), None, "PEN"),
        (Decimal(500), None, "PEN"),
    ]
    said = {one.code.removeprefix("reading.decision."): one.values for one in invoice.report.decisions}
    assert said["rate_of_other"] == {"head": "Tarifa US$", "currency": "USD"}
    assert said["confirmed_by_exchange"]["exchange"] == "3.65"
    assert _codes(invoice) == []
    same = _read(tmp_path, f"Tipo,País,Cantidad,Tarifa US$,Importe US$\n{rows.replace('256.60', '70.30')}")
    assert [one.unit_rate for one in same.lines] == [Decimal("0.0703"), Decimal("0.03")]

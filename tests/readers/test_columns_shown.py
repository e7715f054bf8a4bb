"""Columns that are told by more than one word over them: cents apart, joined heads, cross tables, counts (§4)."""

from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.rate_magnitudes import odd_rates


def _read(folder: Path, text: str, options: ReadOptions | None = None) -> Invoice:
    path = folder / "factura.csv"
    path.write_text(text, encoding="utf-8")
    return read_invoice(path, options=options)


def _codes(invoice: Invoice) -> list[str]:
    return [problem.code for problem in invoice.report.problems]


def _confirmed(invoice: Invoice) -> list[str]:
    return [code for one in invoice.report.decisions if (code := one.code.split(".")[-1]).startswith("confirmed_")]


def test_that_cents_in_a_column_of_their_own_belong_to_the_amount_beside_them(tmp_path: Path) -> None:
    rows = "Marketing Perú;1000;1.263;63\nUtilidad Perú;500;37;5\nDescuento;;-10;40\nTotal;;1.290;28\n"
    invoice = _read(tmp_path, f"Concepto;Cantidad;Soles;Céntimos\n{rows}")
    assert [line.amount for line in invoice.lines] == [Decimal("1263.63"), Decimal("37.05"), Decimal("-10.40")]
    assert {line.currency for line in invoice.lines} == {"PEN"}
    assert [control.amount for control in invoice.agreed] == [Decimal("1290.28")]
    assert _codes(invoice) == ["cents_joined"]


def test_that_figures_that_are_no_cents_stay_where_they_are(tmp_path: Path) -> None:
    rows = "Marketing Perú,1000,70.30,7030\nUtilidad Perú,500,10.00,1000\n"
    invoice = _read(tmp_path, f"Concepto,Cantidad,Importe USD,Centavos\n{rows}")
    assert [line.amount for line in invoice.lines] == [Decimal("70.30"), Decimal("10.00")]


@pytest.mark.parametrize(
    "heads",
    ["n_msgs,unit_usd,ext_usd", "Qty,UnitUSD,AmountUSD", "msg_count,usd_rate,usd_amount", "msgs,price_USD,ext_USD"],
)
def test_that_a_currency_joined_to_a_word_is_one(tmp_path: Path, heads: str) -> None:
    rows = "PE,marketing,1000,0.0703,70.30\nPE,utility,500,0.02,10.00\n"
    invoice = _read(tmp_path, f"country,category,{heads}\n{rows}")
    read = [(line.quantity, line.unit_rate, line.amount, line.currency) for line in invoice.lines]
    assert read == [
        (Decimal(1000), Decimal("0.0703"), Decimal("70.30"), "USD"),
        (Decimal(500), Decimal("0.02"), Decimal("10.00"), "USD"),
    ]
    assert _confirmed(invoice) == ["confirmed_by_product", "confirmed_by_card"]


def test_that_a_cross_table_with_nothing_in_its_corner_is_read(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Costo USD octubre 2026;;;\n;Perú;México;Total\nMarketing;70,30;43,60;113,90\nUtilidad;10,00;8,50;18,50\n"
        "Total;80,30;52,10;132,40\n",
    )
    assert [(line.category, line.country, str(line.amount)) for line in invoice.lines] == [
        ("marketing", "PE", "70.30"),
        ("marketing", "MX", "43.60"),
        ("utility", "PE", "10.00"),
        ("utility", "MX", "8.50"),
    ]
    assert _codes(invoice) == []


def test_that_of_two_cross_tables_the_counts_are_not_read_as_money(tmp_path: Path) -> None:
    counts = "Mensajes\n,Perú,México\nMarketing,1000,1000\nUtilidad,500,1000\n"
    money = "Costo USD\n,Perú,México\nMarketing,70.30,30.50\nUtilidad,10.00,8.50\n"
    read = [str(line.amount) for line in _read(tmp_path, counts + money).lines]
    assert read == ["70.30", "30.50", "10.00", "8.50"]
    with pytest.raises(AuditorError) as refused:
        _read(tmp_path, money + counts)
    assert refused.value.code == "parts_without_money"


def test_that_a_quantity_beside_other_counts_is_shown_by_a_rate_or_a_price_or_doubted(tmp_path: Path) -> None:
    priced = "Categoría,País,{},Importe USD\nMarketing,Perú,{}70.30\nUtilidad,Perú,{}10.00\n"
    wrong = _read(tmp_path, priced.format("Cantidad,Entregados", "1010,1000,", "505,500,"))
    # 70.30 / 0.0703 and 10.00 / 0.0200 are what was delivered.
    assert [(one.code, dict(one.values)) for one in wrong.report.problems if "quantity" in one.code] == [
        ("quantity_elsewhere", {"head": "Cantidad", "other": "Entregados"})
    ]
    right = _read(tmp_path, priced.format("Entregados,Enviados", "1000,1010,", "500,505,"))
    assert not [code for code in _codes(right) if "quantity" in code]
    ours = priced.replace("70.30", "81.11").replace("10.00", "14.03")
    doubted = _read(tmp_path, ours.format("Cantidad,Piezas", "1010,1000,", "505,500,"))
    assert "quantity_unconfirmed" in _codes(doubted)
    stated = ReadOptions(mapping={"Piezas": "quantity"})
    assert "quantity_unconfirmed" not in _codes(
        _read(tmp_path, ours.format("Cantidad,Piezas", "1010,1000,", "505,500,"), stated)
    )
    # A head that says that its counts are charged needs no other proof.
    said = _read(tmp_path, ours.format("Facturados,Entregados", "1000,1010,", "500,505,"))
    assert "quantity_unconfirmed" not in _codes(said)
    # What was read or failed is charged to nobody, and numbers of rows count nothing.
    other = _read(tmp_path, ours.format("Cantidad,Leídos,N°", "1010,800,1,", "505,300,2,"))
    assert "quantity_unconfirmed" not in _codes(other)


def test_that_what_a_percentage_leaves_of_the_product_confirms_the_amount(tmp_path: Path) -> None:
    rows = "Marketing Perú,1000,0.0703,10,63.27\nUtilidad Perú,500,0.0200,5,9.50\n"
    text = f"Concepto,Cantidad,Precio,Descuento %,Importe\n{rows}"
    assert _confirmed(_read(tmp_path, text)) == ["confirmed_by_discount"]
    assert _confirmed(_read(tmp_path, text.replace("9.50", "9.20"))) == []


def test_that_a_share_may_be_a_part_of_one_or_have_its_sign(tmp_path: Path) -> None:
    heads = "Servicio,Cantidad,Precio lista,Dscto %,Importe\n"
    for tenth, twentieth in (("0.1", "0.05"), ("10%", "5 %")):
        rows = f"Marketing Perú,1000,0.0781,{tenth},70.29\nUtilidad Perú,500,0.03,{twentieth},14.25\n"
        assert _confirmed(_read(tmp_path, heads + rows)) == ["confirmed_by_discount"]


def test_that_a_place_that_is_said_once_is_that_of_the_lines_below_it(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "País,Categoría,Cantidad,Monto USD\nPerú,Marketing,1000,70.30\n,Utilidad,500,10.00\n,,1500,80.30\n"
        "Chile,Marketing,100,8.89\n,Utilidad,200,4.00\n,,300,12.89\nTotal general,,1800,93.19\n",
    )
    assert [(one.country, one.category, str(one.amount)) for one in invoice.lines] == [
        ("PE", "marketing", "70.30"),
        ("PE", "utility", "10.00"),
        ("CL", "marketing", "8.89"),
        ("CL", "utility", "4.00"),
    ]
    stated = {control.amount for control in invoice.agreed if control.kind != "quantity"}
    assert stated == {Decimal("80.30"), Decimal("12.89"), Decimal("93.19")}


def test_that_a_kind_of_tax_is_no_category_and_what_is_without_tax_no_tax(tmp_path: Path) -> None:
    xero = _read(
        tmp_path,
        "Description,Quantity,UnitAmount,LineAmount,TaxType,TaxAmount,Currency\n"
        "WhatsApp Marketing Peru,2000,0.0703,140.60,18% VAT,25.31,USD\n"
        "WhatsApp Utility Peru,500,0.02,10.00,18% VAT,1.80,USD\n",
    )
    assert [(line.layer.value, str(line.amount)) for line in xero.lines] == [
        ("meta", "140.60"), ("tax", "25.31"), ("meta", "10.00"), ("tax", "1.80"),
    ]  # fmt: skip
    net = _read(
        tmp_path, "Product,Volume (k),CPM (£),Ex-VAT (£)\nMarketing UK,3.0,45.00,135.00\nUtility UK,5.2,18.00,93.60\n"
    )
    assert [(line.quantity, line.unit_rate, line.amount, line.currency) for line in net.lines] == [
        (Decimal(3000), Decimal("0.045"), Decimal(135), "GBP"),
        (Decimal(5200), Decimal("0.018"), Decimal("93.60"), "GBP"),
    ]


def test_that_packets_are_told_within_a_head(tmp_path: Path) -> None:
    heads = "Producto,Paquetes de 100 mensajes,Precio por paquete,Importe USD\n"
    invoice = _read(tmp_path, f"{heads}Marketing Perú,10,7.03,70.30\nUtilidad Perú,5,2.00,10.00\n")
    assert [(line.quantity, line.unit_rate) for line in invoice.lines] == [
        (Decimal(1000), Decimal("0.0703")),
        (Decimal(500), Decimal("0.02")),
    ]


def test_that_a_rate_that_lost_its_decimal_point_is_remarked_and_read_as_it_stands(tmp_path: Path) -> None:
    heads = "effective_from,effective_to,currency,market,category,tier_from,tier_to,rate\n"
    path = tmp_path / "card.csv"
    # Meta has asked 0.0099 to 0.1597 USD for a marketing message: ten times the highest is 1.597.
    for rate, odd in (("703", ["card_rate_high"]), ("1.60", ["card_rate_high"]), ("1.59", []), ("0", []), ("0.07", [])):
        path.write_text(f"{heads}2026-10-01,,USD,Peru,marketing,,,{rate}\n", encoding="utf-8")
        card = read_card(path)
        assert card.rows[0].rate == Decimal(rate)
        assert [one.code for one in odd_rates(card)] == odd

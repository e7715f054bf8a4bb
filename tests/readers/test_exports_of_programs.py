"""Tables as the programs of accountants and the portals of providers export them (formats.md §3, §4)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.tables.factors import says_thousands
from auditor.readers.values.total_words import balance_named
from auditor.readers.values.vocabulary import title_field


def _read(folder: Path, text: str) -> Invoice:
    path = folder / "export.csv"
    path.write_text(text, encoding="utf-8")
    return read_invoice(path)


def _figures(invoice: Invoice) -> list[tuple[str, str, Decimal | None, Decimal]]:
    return [(line.category, line.country or line.market, line.quantity, line.amount) for line in invoice.lines]


def test_that_what_is_said_of_a_document_once_holds_for_its_lines(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Número,Fecha de factura,Moneda,Líneas de factura/Etiqueta,Líneas de factura/Cantidad,"
        "Líneas de factura/Subtotal\n"
        "FACTU/2026/11/0012,2026-11-02,USD,WhatsApp marketing Perú,1000,70.30\n,,,WhatsApp utilidad Perú,500,10.00\n",
    )
    assert [(line.document, line.currency, line.phone_number_id) for line in invoice.lines] == [
        ("FACTU/2026/11/0012", "USD", "")
    ] * 2


def test_that_a_number_of_digits_alone_stays_the_telephones(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Número,Categoría,Cantidad,Importe\n51640912000,Marketing,1000,70.30\n51640912001,Utilidad,500,10.00\n",
    )
    assert [line.phone_number_id for line in invoice.lines] == ["51640912000", "51640912001"]
    assert {line.document for line in invoice.lines} == {""}


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Factura electrónica de venta No", "document"),
        ("Factura de venta N°", "document"),
        ("Factura comercial", "document"),
        ("Folio factura", ""),
        ("Total No", ""),
    ],
)
def test_that_the_sign_of_a_number_may_stand_behind_a_title(label: str, field: str) -> None:
    assert title_field(label) == field


def test_that_an_unknown_head_whose_cells_name_charges_goes_before_a_description_that_names_none(
    tmp_path: Path,
) -> None:
    invoice = _read(
        tmp_path,
        "product,meter,country,quantity,unit_price,total\n"
        "channels,whatsapp.template.marketing,PE,1000,0.0703,70.30\nchannels,bird.processing.fee,,1500,0.005,7.50\n",
    )
    assert [(line.layer.value, line.category) for line in invoice.lines] == [
        ("meta", "marketing"),
        ("provider_fee", ""),
    ]


def test_that_of_total_free_and_paid_messages_the_paid_are_charged(tmp_path: Path) -> None:
    rows = "Marketing,Peru,1000,100,900,63.27\nUtility,Peru,900,400,500,10.00\n"
    invoice = _read(tmp_path, f"Category,Country,Total Messages,Free,Paid,Fees (USD)\n{rows}")
    assert [line.quantity for line in invoice.lines] == [Decimal(900), Decimal(500)]
    assert not {"quantity_of_two", "quantity_unconfirmed"} & {one.code for one in invoice.report.problems}


@pytest.mark.parametrize(
    ("label", "named"),
    [
        ("Closing WCC balance", "closing"),
        ("Saldo final de la billetera", "closing"),
        ("Opening wallet balance", "opening"),
        ("Final message balance adjustment fee", ""),
        ("Saldo a favor", ""),
    ],
)
def test_that_a_balance_may_name_its_account(label: str, named: str) -> None:
    assert balance_named(label) == named


def test_that_what_an_account_holds_in_the_end_is_no_charge(tmp_path: Path) -> None:
    rows = "Marketing,India,12345,0.88,10863.60\nTotal charges,,12345,,10863.60\nClosing WCC balance,,,,6573.90\n"
    invoice = _read(tmp_path, f"Category,Country,Count,Rate,Charges\n{rows}")
    assert _figures(invoice) == [("marketing", "IN", Decimal(12345), Decimal("10863.60"))]


def test_that_the_amounts_of_a_list_of_sap_are_those_of_the_document(tmp_path: Path) -> None:
    rule = "-" * 60
    invoice = _read(
        tmp_path,
        f"Vendor line items\n{rule}\n|DocumentNo|Text                |Quantity |Amt in doc.cur.|Crcy|\n{rule}\n"
        "|19000112  |Marketing Peru      |1.000,000|         70,30 |USD |\n"
        f"|19000112  |Utility Peru        |  500,000|         10,00 |USD |\n{rule}\n"
        f"|*         |                    |         |         80,30 |USD |\n{rule}\n",
    )
    assert _figures(invoice) == [
        ("marketing", "Peru", Decimal(1000), Decimal("70.30")),
        ("utility", "Peru", Decimal(500), Decimal("10.00")),
    ]
    assert {line.currency for line in invoice.lines} == {"USD"}


def test_that_the_words_of_a_wallets_rows_say_more_than_their_side(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Date,Txn Type,Description,Amount (USD)\n2026-10-01,Credit,Wallet recharge,200.00\n"
        "2026-10-31,Debit,WhatsApp fee - Marketing - PE - 1000 msgs,70.30\n"
        "2026-10-31,Debit,Gupshup platform fee,1.50\n",
    )
    assert [(line.layer.value, line.category, line.country) for line in invoice.lines] == [
        ("top_up", "", ""),
        ("meta", "marketing", "PE"),
        ("provider_fee", "", ""),
    ]


def test_that_lines_of_another_channel_are_none_of_whatsapp(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Communication channel,Country name,Message category,Volume,Total price\n"
        "WHATSAPP,Peru,MARKETING,600,42.18\nSMS,Peru,,300,4.50\n",
    )
    assert [line.layer.value for line in invoice.lines] == ["meta", "other"]


def test_that_a_bill_number_is_that_of_the_document(tmp_path: Path) -> None:
    rows = "B-1190,WhatsApp marketing India,10000,8631.00\n"
    invoice = _read(tmp_path, f"Bill Number,Item Name,Quantity,Item Total\n{rows}")
    assert [line.document for line in invoice.lines] == ["B-1190"]


def test_that_a_count_of_months_is_no_period(tmp_path: Path) -> None:
    invoice = _read(tmp_path, "Concepto;Meses;Precio;Importe\nPlan empresarial;1;99.00;99.00\n")
    assert [(line.amount, line.period_start) for line in invoice.lines] == [(Decimal("99.00"), None)]


@pytest.mark.parametrize(("other", "said"), [("Sent", False), ("Recipients", True)])
def test_that_delivered_messages_need_no_proof_beside_those_sent(tmp_path: Path, other: str, *, said: bool) -> None:
    rows = "MARKETING,1020,1000,70.30\nUTILITY,510,500,10.00\n"
    invoice = _read(tmp_path, f"Category,{other},Delivered messages,Cost (USD)\n{rows}")
    assert [line.quantity for line in invoice.lines] == [Decimal(1000), Decimal(500)]
    codes = {one.code for one in invoice.report.problems}
    assert bool({"quantity_unconfirmed", "units_of_two"} & codes) == said


def test_that_a_place_which_may_be_the_customers_is_asked_for(tmp_path: Path) -> None:
    def said(head: str, place: str) -> bool:
        invoice = _read(
            tmp_path, f"{head},Category,Quantity,Amount\n{place},Marketing,10,0.70\n{place},Utility,5,0.10\n"
        )
        return "place_unread" in {one.code for one in invoice.report.problems}

    assert said("Sede", "Perú")
    assert not said("Language", "es")
    assert not said("Und.", "NIU")  # a unit by its code, and not the country of Niue
    assert not said("Country", "Perú")  # which is read


def test_that_a_currency_may_be_written_small(tmp_path: Path) -> None:
    invoice = _read(tmp_path, "pais,tipo,mensajes,total usd\nPE,Marketing,1000,70.30\n")
    assert [(line.currency, line.amount) for line in invoice.lines] == [("USD", Decimal("70.30"))]


def test_that_codes_of_a_message_type_are_no_categories_where_the_product_tells_most(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Product,Destination Country,Message Type,Units,Unit Price,Charge\n"
        "WhatsApp Template Marketing,Mexico,MT,1000,0.0436,43.60\nWhatsApp Template Utility,Mexico,MT,200,0.0085,1.70\n"
        "SMS MT,Mexico,MT,500,0.0200,10.00\n",
    )
    assert [(line.layer.value, line.category, line.amount) for line in invoice.lines] == [
        ("meta", "marketing", Decimal("43.60")),
        ("meta", "utility", Decimal("1.70")),
        ("other", "", Decimal("10.00")),
    ]


def test_that_kinds_below_the_titles_of_countries_are_no_places(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "País / Tipo,Entregados,Costo unitario USD,Costo USD\nPERÚ,,,\nMarketing,1000,0.0703,70.30\n"
        "Utilidad,500,0.0200,10.00\nCHILE,,,\nMarketing,200,0.0889,17.78\n",
    )
    assert _figures(invoice) == [
        ("marketing", "Peru", Decimal(1000), Decimal("70.30")),
        ("utility", "Peru", Decimal(500), Decimal("10.00")),
        ("marketing", "Chile", Decimal(200), Decimal("17.78")),
    ]


def test_that_heads_which_stand_twice_are_told_apart_by_what_spans_them(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        ",,Meta pass-through,,Bird,\nDestination,Category,Messages,Amount (USD),Messages,Amount (USD)\n"
        "Peru,Marketing,1000,70.30,1000,5.00\nPeru,Utility,500,10.00,500,2.50\n",
    )
    assert sorted((line.layer.value, line.amount) for line in invoice.lines) == [
        ("meta", Decimal("10.00")),
        ("meta", Decimal("70.30")),
        ("provider_fee", Decimal("2.50")),
        ("provider_fee", Decimal("5.00")),
    ]


def test_that_an_annexure_names_its_document(tmp_path: Path) -> None:
    titles = "Annexure to Invoice GS/26-27/10442\n\n"
    invoice = _read(tmp_path, f"{titles}Category,Quantity,Amount\nMarketing,1000,70.30\nUtility,500,10.00\n")
    assert {line.document for line in invoice.lines} == {"GS/26-27/10442"}


def test_that_heads_joined_by_low_lines_name_their_category(tmp_path: Path) -> None:
    heads = "mes;plantillas_mkt;costo_mkt_usd;plantillas_util;costo_util_usd"
    invoice = _read(tmp_path, f"{heads}\n2026-10;1000;70.30;500;10.00\n")
    assert _figures(invoice) == [
        ("marketing", "", Decimal(1000), Decimal("70.30")),
        ("utility", "", Decimal(500), Decimal("10.00")),
    ]


def test_that_what_numbers_a_document_is_no_month(tmp_path: Path) -> None:
    text = "Factura de venta {}\nCategoría,Cantidad,Importe USD\nMarketing,1000,70.30\nUtilidad,500,10.00\n"
    for number in ("FEV-2231", "FEV-2026"):
        invoice = _read(tmp_path, text.format(number))
        assert {(line.document, line.period_start) for line in invoice.lines} == {(number, None)}


def test_that_what_was_paid_into_a_wallet_is_known_by_its_operation(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Fecha;Operación;Categoría;País;Cantidad;Monto, USD;Saldo, USD\n01.10.2026;Recarga;;;;100,00;104,50\n"
        "10.10.2026;Cargo por mensajes;Marketing;Perú;1000;-70,30;34,20\n"
        "31.10.2026;Cargo por mensajes;Utilidad;Perú;500;-10,00;24,20\n",
    )
    assert [(line.layer.value, line.amount) for line in invoice.lines] == [
        ("top_up", Decimal(-100)), ("meta", Decimal("70.30")), ("meta", Decimal(10)),
    ]  # fmt: skip


@pytest.mark.parametrize(("amounts", "taxes"), [((420_000, 102_000), 0), ((1, 1), 2)])
def test_that_the_rate_of_a_tax_is_no_tax(tmp_path: Path, amounts: tuple[int, int], taxes: int) -> None:
    rows: list[tuple[str | float, ...]] = [
        ("Descripción", "Cant", "Total COP", "IVA"),
        ("WhatsApp marketing Colombia", 8000, amounts[0], 0.19),
        ("WhatsApp utilidad Colombia", 30000, amounts[1], 0.19),
    ]
    path = tmp_path / "bill.xlsx"
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append([*row])
    book.save(path)
    layers = [line.layer.value for line in read_invoice(path).lines]
    assert (layers.count("meta"), layers.count("tax")) == (2, taxes)


@pytest.mark.parametrize(
    ("title", "thousands"),
    [
        ("(cifras en miles de soles)", True),
        ("Amounts in thousands", True),
        ("Valores em milhares de reais", True),
        ("Importes (USD 000s)", True),
        ("Resumen en millones de pesos", True),
        ("Consumo de octubre, miles de clientes atendidos", False),
        ("Total USD 10,000", False),
        ("Los Miles S.A.C.", False),
    ],
)
def test_that_a_title_tells_figures_in_thousands(title: str, *, thousands: bool) -> None:
    assert says_thousands(title) == thousands


@pytest.mark.parametrize(
    ("table", "amounts"),
    [
        (
            "Invoice,Description,Amount,Paid,Due\nF1,Marketing Peru,7.03,7.03,0.00\nF1,Utility Peru,1.00,0.50,0.50\n",
            ["7.03", "1.00"],
        ),
        (
            "Descripción,Importe,Pagado,Saldo\nMarketing Perú,703.00,703.00,0.00\nUtilidad Perú,99.00,0.00,99.00\n",
            ["703.00", "99.00"],
        ),
        ("Country,Category,Paid\nPeru,marketing,7.03\nPeru,utility,1.00\n", ["7.03", "1.00"]),
    ],
    ids=["part paid", "whole figures", "alone"],
)
def test_that_what_was_paid_in_money_is_no_count(tmp_path: Path, table: str, amounts: list[str]) -> None:
    invoice = _read(tmp_path, table)
    assert [line.quantity for line in invoice.lines] == [None, None]
    assert [line.amount for line in invoice.lines] == [Decimal(amount) for amount in amounts]


def test_that_the_statement_of_a_wallet_with_its_balance_is_a_ledger(tmp_path: Path) -> None:
    # 100.00 + 200.00 - 70.30 - 10.00 - 50.00 = 169.70: the balance rises with credits and falls with debits.
    text = (
        "Transaction ID,Date,Type,Description,Credit (USD),Debit (USD),Balance (USD)\n"
        "T1,2026-10-01,Opening balance,,,,100.00\n"
        "T2,2026-10-02,Recharge,Wallet recharge,200.00,,300.00\n"
        "T3,2026-10-05,Deduction,WhatsApp marketing - 1000 messages PE,,70.30,229.70\n"
        "T4,2026-10-09,Deduction,WhatsApp utility - 500 messages PE,,10.00,219.70\n"
        "T5,2026-10-31,Deduction,Monthly platform fee,,50.00,169.70\n"
    )
    lines = _read(tmp_path, text).lines
    assert [(line.layer, line.category, str(line.amount)) for line in lines] == [
        ("top_up", "", "-200.00"),
        ("meta", "marketing", "70.30"),
        ("meta", "utility", "10.00"),
        ("provider_fee", "", "50.00"),
    ]
    with pytest.raises(AuditorError, match="credits_left_out"):  # a balance that is not what the entries come to
        _read(tmp_path, text.replace("219.70", "219.71"))


def test_that_months_below_a_title_with_their_year_are_of_it(tmp_path: Path) -> None:
    text = "{title}\nMes,Marketing,Utilidad,Total\nEnero,120.50,30.00,150.50\nMarzo,0.00,12.34,12.34\n"
    lines = _read(tmp_path, text.format(title="Consumo WhatsApp USD 2026")).lines
    assert [(line.period_start, line.period_end, str(line.amount)) for line in lines if line.amount] == [
        (date(2026, 1, 1), date(2026, 1, 31), "120.50"),
        (date(2026, 1, 1), date(2026, 1, 31), "30.00"),
        (date(2026, 3, 1), date(2026, 3, 31), "12.34"),
    ]
    with pytest.raises(AuditorError, match="no_lines"):  # of which year, nothing says
        _read(tmp_path, text.format(title="Consumo WhatsApp USD 2025 y 2026"))


def test_that_the_sum_of_an_account_by_a_name_of_its_own_is_no_charge(tmp_path: Path) -> None:
    # 500.00 + 81.60 = 581.60; 61.80; both 643.40.
    lines = _read(
        tmp_path,
        "Conta,Tipo,País,Volume,Tarifa (US$),Total (US$)\nLoja Norte,Marketing,Brasil,8000,0.0625,500.00\n"
        "Loja Norte,Utilidade,Brasil,12000,0.0068,81.60\nLoja Norte - Total,,,20000,,581.60\n"
        "Loja Sul,Marketing,Argentina,1000,0.0618,61.80\nTotal Loja Sul,,,1000,,61.80\nTOTAL GERAL,,,21000,,643.40\n",
    )
    assert [str(line.amount) for line in lines.lines] == ["500.00", "81.60", "61.80"]
    assert [problem.code for problem in lines.report.problems] == []


def test_that_what_the_customer_keeps_back_for_taxes_in_peru_is_no_charge(tmp_path: Path) -> None:
    text = (
        "Cantidad,Descripción,Valor Unitario,Valor de Venta\n1000,Mensajes WhatsApp marketing Perú,0.0703,70.30\n"
        ",,Sub Total Ventas,70.30\n,,IGV,12.65\n,,Importe Total,82.95\n"
        "Operación sujeta al SPOT - Detracción 12%,,,9.95\n"
    )
    assert [str(line.amount) for line in _read(tmp_path, text).lines] == ["70.30", "12.65"]


def test_that_a_row_that_states_the_currency_is_no_head(tmp_path: Path) -> None:
    invoice = _read(tmp_path, "Resumen,\nMoneda,USD\nMarketing Perú,843.60\nUtilidad Perú,600.00\n")
    assert [(str(line.amount), line.currency) for line in invoice.lines] == [("843.60", "USD"), ("600.00", "USD")]


def test_that_a_bill_of_conversations_is_of_the_days_on_which_they_started(tmp_path: Path) -> None:
    heads = "Conversation ID,Started at,Ended at,Country,Category,Cost (USD)\n"
    invoice = _read(tmp_path, f"{heads}c-1,2026-10-05 07:00,2026-10-06 07:00,Peru,Marketing,0.0703\n")
    assert [(str(line.period_start), str(line.period_end)) for line in invoice.lines] == [("2026-10-05", "2026-10-05")]

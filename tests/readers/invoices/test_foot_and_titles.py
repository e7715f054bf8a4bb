"""What stands at the foot of a bill and above it: payments, taxes kept back, documents' totals, the category (§4)."""

from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina
from tests.readers.fixtures.written import invoice_of
from tests.readers.fixtures.written import remarks


def _amounts(invoice: Invoice) -> list[tuple[str, str]]:
    return [(line.layer, f"{line.amount:f}") for line in invoice.lines]


@pytest.mark.parametrize("paid", ["-82.95", "82.95"])
@pytest.mark.parametrize("words", ["Amount paid", "Importe pagado", "Valor pago"])
def test_that_what_was_paid_already_is_no_part_of_the_bill(tmp_path: Path, words: str, paid: str) -> None:
    foot = f"Subtotal,,70.30\nIGV 18%,,12.65\nTotal,,82.95\n{words},,{paid}\nAmount due,,0.00\n"
    invoice = invoice_of(tmp_path, f"Descripción,Cantidad,Importe USD\nMarketing Perú,1000,70.30\n{foot}")
    assert _amounts(invoice) == [("meta", "70.30"), ("tax", "12.65")]
    assert remarks(invoice) == []


@pytest.mark.parametrize(
    ("total", "amount", "codes"),
    [
        ("Valor líquido;;98,00", "-2.00", []),  # 100 less what is kept back
        ("Total da nota;;102,00", "2.00", []),
        ("Valor líquido;;77,00", "2.00", ["total_differs"]),
    ],
)
@pytest.mark.parametrize("head", ["Categoria", "Descrição"])
def test_that_a_tax_kept_back_is_taken_off_where_the_total_shows_it(
    tmp_path: Path, head: str, total: str, amount: str, codes: list[str]
) -> None:
    text = f"{head};Entregues;Valor total (R$)\nMarketing;200;80,00\nUtilidade;500;20,00\nTotal;;100,00\n"
    invoice = invoice_of(tmp_path, f"{text}ISS retido (2%);;2,00\n{total}\n")
    assert _amounts(invoice) == [("meta", "80.00"), ("meta", "20.00"), ("tax", amount)]
    assert [one for one in remarks(invoice) if one != "currency_not_account"] == codes


def test_that_a_tax_named_under_the_head_of_figures_is_a_tax(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["País", "Marketing", None, "Utilidad", None, "Total US$"],
        [None, "Cant.", "Importe US$", "Cant.", "Importe US$", None],
        ["Perú", 1000, 70.3, 2000, 40, 110.3],
        ["Chile", 100, 8.89, 100, 2, 10.89],
        [None, None, None, None, "Valor venta", 121.19],
        [None, None, None, None, "IGV (18%)", 21.81],
        [None, None, None, None, "Importe total", 143],
    ):
        sheet.append(row)
    for area in ("A1:A2", "B1:C1", "D1:E1", "F1:F2"):
        sheet.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    invoice = read_invoice(tmp_path / "a.xlsx", andina())
    assert _amounts(invoice)[-1] == ("tax", "21.81")  # 18 % of 121.19
    assert sum(line.amount for line in invoice.lines) == 143
    assert remarks(invoice) == []


_ZOHO = (
    "Invoice Number,Exchange Rate,Item Name,Quantity,Item Price,Item Total,"
    "CGST Rate %,CGST,SGST Rate %,SGST,SubTotal,Total\n"
)
_ROWS = (
    "INV-1,1.00,WhatsApp Marketing - India,1000,0.80,800.00,9,72.00,9,72.00,930.00,1097.40\n"
    "INV-1,1.00,WhatsApp Utility - India,1000,0.13,130.00,9,11.70,9,11.70,930.00,1097.40\n"
)


def test_that_both_taxes_and_the_totals_beside_each_line_of_a_document_are_known(tmp_path: Path) -> None:
    invoice = invoice_of(tmp_path, _ZOHO + _ROWS)
    taxes = [("tax", "72.00"), ("tax", "72.00")], [("tax", "11.70"), ("tax", "11.70")]
    assert _amounts(invoice) == [("meta", "800.00"), *taxes[0], ("meta", "130.00"), *taxes[1]]
    assert [str(line.unit_rate) for line in invoice.lines if line.layer == "meta"] == ["0.80", "0.13"]
    assert "money_unread" not in remarks(invoice)


def test_that_a_column_that_is_not_what_the_documents_come_to_is_said(tmp_path: Path) -> None:
    invoice = invoice_of(tmp_path, (_ZOHO + _ROWS).replace("1097.40", "1147.40"))
    said = [one.values["heads"] for one in invoice.report.problems if one.code == "money_unread"]
    assert said == ["Total (2294.80)"]  # twice 1147.40


def test_that_a_document_says_its_total_beside_its_first_line_alone(tmp_path: Path) -> None:
    rows = "F1,Marketing Perú,10,7.00,9.00,1.62\n,Utilidad Perú,100,2.00,,\n"
    invoice = invoice_of(tmp_path, f"Número,Etiqueta,Cantidad,Subtotal USD,Base imponible,Impuesto\n{rows}")
    assert str(sum(line.amount for line in invoice.lines)) == "10.62"  # 7 + 2 + 1.62
    assert "money_unread" not in remarks(invoice)


@pytest.mark.parametrize(
    ("title", "category", "place"),
    [
        ("Detalle de facturación - Utilidad México - Octubre 2026", "utility", ("Mexico", "")),
        ("Mensajes de marketing en Perú, octubre 2026", "marketing", ("Peru", "")),
        ("WhatsApp Authentication messages", "authentication", ("", "")),
        ("Costo de mensajes de marketing por país USD", "marketing", ("", "")),
        ("Marketing messages cost (USD) per country", "marketing", ("", "")),
        ("Marketing Perú - Octubre 2026", "", ("", "")),  # a department perhaps
        ("Utilidad del mes", "", ("", "")),  # a profit
        ("Agencia Marketing Digital - Mensajes de octubre 2026", "", ("", "")),
        ("Mensajes de marketing - Mensajes de utilidad", "", ("", "")),
    ],
)
def test_that_a_title_says_the_category_of_all_lines(
    tmp_path: Path, title: str, category: str, place: tuple[str, str]
) -> None:
    table = "Tramo,Mensajes,Tarifa USD,Importe USD\n1,1000,0.02,20.00\n2,500,0.01,5.00\nTotal,1500,,25.00\n"
    invoice = invoice_of(tmp_path, f'"{title}",,,\n{table}')
    assert {(line.category, line.market or line.country) for line in invoice.lines} == {(category, place[0])}
    said = [one for one in invoice.report.decisions if one.code.endswith("category_in_title")]
    assert bool(said) == bool(category)


def test_that_two_titles_that_say_several_categories_say_none(tmp_path: Path) -> None:
    table = "Mensajes,Importe USD\n1000,20.00\n500,5.00\n"
    invoice = invoice_of(tmp_path, f"Mensajes de marketing,\nMensajes de utilidad,\n{table}")
    assert {line.category for line in invoice.lines} == {""}


def test_that_short_names_and_codes_beside_names_are_places(tmp_path: Path) -> None:
    rows = "Marketing messages UK,10,1.00\nUtility messages US,10,1.00\nUtility messages Mexico,10,1.00\n"
    invoice = invoice_of(tmp_path, f"Description,Quantity,Amount USD\n{rows}")
    assert [line.country or line.market for line in invoice.lines] == ["GB", "US", "Mexico"]
    invoice = invoice_of(tmp_path, f"Description,Quantity,Amount USD\n{rows}Marketing messages,10,1.00\n")
    assert [line.country or line.market for line in invoice.lines] == ["GB", "", "Mexico", ""]


def test_that_days_by_their_number_are_of_the_month_in_the_title(tmp_path: Path) -> None:
    title = "Mensajes de autenticación - Colombia - octubre 2026,,\n"
    invoice = invoice_of(tmp_path, f"{title}Día,Mensajes,Costo (USD)\n1,100,0.77\n31,200,1.54\nTotal,300,2.31\n")
    assert [str(line.period_start) for line in invoice.lines] == ["2026-10-01", "2026-10-31"]
    assert {line.market or line.country for line in invoice.lines} == {"Colombia"}
    invoice = invoice_of(tmp_path, f"{title}Día,Mensajes,Costo (USD)\n1,100,0.77\n45,200,1.54\nTotal,300,2.31\n")
    assert [one.code for one in invoice.refusals] == ["date_unreadable"]


@pytest.mark.parametrize("words", ["Saldo por pagar", "Importe pendiente", "Balance due"])
def test_that_what_is_left_to_pay_is_a_total_less_what_was_paid(tmp_path: Path, words: str) -> None:
    foot = f"IGV 18%,,12.65\nImporte Total,,82.95\nMonto pagado,,50.00\n{words},,32.95\n"
    invoice = invoice_of(tmp_path, f"DESCRIPCIÓN,CANT.,V. VENTA US$\nMarketing Perú,1000,70.30\n{foot}")
    assert _amounts(invoice) == [("meta", "70.30"), ("tax", "12.65")]
    assert remarks(invoice) == []


def test_that_a_tax_named_under_the_amounts_with_its_figure_beside_them_is_a_tax(tmp_path: Path) -> None:
    rows = "Marketing España,4000,0.062,248.00,300.08\nUtilidad España,10000,0.021,210.00,254.10\n"
    foot = ",,,Base imponible,458.00\n,,,IVA 21%,96.18\n,,,Total €,554.18\n"  # 21 % of 458.00
    invoice = invoice_of(tmp_path, f"Concepto,Unidades,Precio,Subtotal,Total\n{rows}{foot}")
    assert _amounts(invoice) == [("meta", "248.00"), ("meta", "210.00"), ("tax", "96.18")]
    assert "total_differs" not in remarks(invoice)


@pytest.mark.parametrize(
    "title", ["Fecha: 2 de noviembre de 2026", "Emitido el 2 de noviembre 2026", "Date: 2 November 2026"]
)
def test_that_the_month_of_a_day_is_no_period(tmp_path: Path, title: str) -> None:
    rows = "Marketing Perú (octubre 2026),1000,70.30\nUtilidad Perú (octubre 2026),100,2.00\n"
    for above in ("", "Consumo de octubre 2026,,\n"):
        invoice = invoice_of(tmp_path, f"{title},,\n{above}Descripción,Cantidad,Importe US$\n{rows}")
        assert {str(line.period_start) for line in invoice.lines} == {"2026-10-01"}


@pytest.mark.parametrize(
    ("title", "supplier"),
    [
        ("Proveedor: ChatSur S.A.C.", "ChatSur S.A.C."),
        ("Emitida por ChatSur S.A.C.", "ChatSur S.A.C."),
        ("Factura emitida por:,ChatSur S.A.C.", "ChatSur S.A.C."),
        ("Issued by: Kite Messaging Ltd", "Kite Messaging Ltd"),
        ("Faturado por Zen Ltda", "Zen Ltda"),
        ("Emitida: 03/11/2026", ""),
        ("Emitida el 3 de noviembre", ""),
    ],
)
def test_that_titles_name_who_issued_the_invoice(tmp_path: Path, title: str, supplier: str) -> None:
    titles = f"{title}\nFactura F001-123\nFecha de emisión: 03/11/2026\nOctubre 2026\n"
    invoice = invoice_of(tmp_path, f"{titles}Categoría,Cantidad,Importe US$\nMarketing,1000,70.30\n")
    (line,) = invoice.lines
    assert (line.supplier, line.document, str(line.document_date)) == (supplier, "F001-123", "2026-11-03")


_NETO = "Producto,Cantidad,Precio,Neto,Descuento,IVA,Total\n"


@pytest.mark.parametrize(
    ("rows", "amounts"),
    [
        (  # 16 % of what is left of each
            "Marketing México,100,0.72,72.00,0.00,11.52,83.52\nLicencia mensual,1,50.00,50.00,10.00,6.40,46.40\n",
            [("meta", "72.00"), ("tax", "11.52"), ("subscription", "40.00"), ("tax", "6.40")],
        ),
        (  # its total says that nothing was taken off
            "Marketing México,100,0.72,72.00,0.00,11.52,83.52\nLicencia mensual,1,50.00,50.00,10.00,6.40,56.40\n",
            None,
        ),
    ],
)
def test_that_discounts_are_taken_off_the_amounts_where_the_totals_of_lines_show_it(
    tmp_path: Path, rows: str, amounts: list[tuple[str, str]] | None
) -> None:
    if amounts is None:
        with pytest.raises(AuditorError) as refused:
            invoice_of(tmp_path, _NETO + rows)
        assert refused.value.code == "credits_left_out"
        return
    invoice = invoice_of(tmp_path, _NETO + rows)
    assert _amounts(invoice) == amounts
    assert "discounts_taken_off" in remarks(invoice)


@pytest.mark.parametrize(("total", "read"), [("110.00", True), ("120.00", False)])
def test_that_discounts_are_taken_off_the_amounts_where_the_total_below_shows_it(
    tmp_path: Path, total: str, read: bool
) -> None:
    text = f"Concepto,Importe USD,Descuento\nMarketing Perú,70.00,10.00\nUtilidad Perú,50.00,\nTotal,{total},\n"
    if read:
        assert _amounts(invoice_of(tmp_path, text)) == [("meta", "60.00"), ("meta", "50.00")]
    else:
        with pytest.raises(AuditorError):
            invoice_of(tmp_path, text)


def test_that_other_countries_are_no_hundredths_and_paise_are(tmp_path: Path) -> None:
    invoice = invoice_of(tmp_path, "Categoría;Perú US$;Otros países US$\nMarketing;70,30;700,00\n")
    assert _amounts(invoice) == [("meta", "70.30"), ("meta", "700.00")]
    invoice = invoice_of(tmp_path, "Category;Country;Amount INR (paise)\nMarketing;India;86310\n")
    assert _amounts(invoice) == [("meta", "863.10")]


def test_that_a_number_may_stand_beside_its_name_in_one_cell(tmp_path: Path) -> None:
    invoice = invoice_of(tmp_path, "Línea;Total US$\n987 654 321 (Tienda);70,30\n999 999 999 (Otra);5,00\n")
    numbers = [line.phone_number_id for line in invoice.lines]
    assert numbers == [andina().wabas[0].numbers[0].id, "999 999 999 (Otra)"]

"""An invoice becomes lines, the totals it states, and a report in which every row is counted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import InvoiceLine
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import WABA
from tests.readers.fixtures.accounts import andina
from tests.saying import sentences

_OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


def _read(folder: Path, text: str, options: ReadOptions | None = None, encoding: str = "utf-8") -> Invoice:
    path = folder / "factura.csv"
    path.write_bytes(text.encode(encoding))
    invoice = read_invoice(path, andina(), options)
    _check_counts(invoice)
    return invoice


def _check_counts(invoice: Invoice) -> None:
    report = invoice.report
    assert report.read == report.kept + report.left_out + report.refused
    assert report.refused == len(invoice.refusals)
    for language in LANGUAGES:
        for problem in report.problems:
            assert Language(language).text(f"problems.{problem.code}", **problem.values)


def _refused(folder: Path, text: str, options: ReadOptions | None = None) -> AuditorError:
    with pytest.raises(AuditorError) as refused:
        _read(folder, text, options)
    for language in LANGUAGES:
        assert Language(language).error(refused.value)
    return refused.value


def _facts(lines: tuple[InvoiceLine, ...], *names: str) -> list[tuple[object, ...]]:
    return [tuple(_shown(getattr(line, name)) for name in names) for line in lines]


def _shown(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _stated(invoice: Invoice) -> list[tuple[str, str]]:
    return [(control.kind, str(control.amount)) for control in invoice.controls]


_SPANISH = """Andina BSP S.A.C.;;;;
RUC: 20555555555;;;;
Factura N° F001-123;;;;
Fecha de emisión: 31/10/2026;;;;
Cliente: Andina Retail;RUC: 20123456789;;;
Período: octubre 2026;;;;
;;;;
Categoría;Mercado;Cantidad;Tarifa unitaria;Importe (USD)
Marketing;Perú;1.000;0,0703;70,30
Marketing;Resto de Latinoamérica;200;0,0740;14,80
Subtotal marketing;;1.200;;85,10
Utilidad;Perú;500;0,0200;10,00

Autenticación;México;10;0,0239;0,24
Comisión por mensaje;;1.710;0,005;8,55
Mensualidad de la plataforma;;;;250,00
Subtotal;;;;353,89
IGV 18%;;;;63,70
Total;;;;417,59

Nota: los precios no incluyen descuentos;;;;
"""


@pytest.mark.parametrize("encoding", ["mac-roman", "cp850"])
@pytest.mark.parametrize("text", ["spanish", "portuguese"])
def test_that_a_text_of_a_mac_or_of_dos_is_read_as_its_words_show(tmp_path: Path, encoding: str, text: str) -> None:
    content = _SPANISH if text == "spanish" else _SPANISH.replace("ción", "ção").replace("Nota", "Preço")
    plain = _read(tmp_path, content)
    read = _read(tmp_path, content, encoding=encoding)
    assert [(one.category, one.description) for one in read.lines] == [
        (one.category, one.description) for one in plain.lines
    ]
    assert "encoding_doubtful" not in {one.code for one in read.report.problems}


def test_that_words_of_windows_and_of_a_mac_in_one_text_are_said_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    rows = ("Categoria;Importe USD\nAutenticación;1,00\n".encode("mac-roman"), "Promoción;2,00\n".encode("cp1252"))
    path.write_bytes(b"".join(rows))
    doubts = [one for one in read_invoice(path, andina()).report.problems if one.code == "encoding_doubtful"]
    assert [one.values["encoding"] for one in doubts] == ["mac-roman"]
    told = read_invoice(path, andina(), ReadOptions(encoding="mac-roman"))
    assert "encoding_doubtful" not in {one.code for one in told.report.problems}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Periodo desde", "Periodo hasta"), ("Período inicial", "Período final"), ("Start of period", "End of period"),
        ("Billing period from", "Billing period to"), ("Fecha Inicial", "Fecha Final"), ("Del", "Al"),
        ("From", "Through"), ("First day", "Last day"), ("Periodo", "Fecha fin"), ("Período de", "Período até"),
        ("Begin Date", "End Date"), ("Periodo facturado desde", "Periodo facturado hasta"),
    ],
)  # fmt: skip
def test_that_beginning_and_end_of_a_period_are_known_by_their_heads(tmp_path: Path, first: str, last: str) -> None:
    text = f"{first};{last};Category;Country;Amount USD\n01/10/2026;31/10/2026;Marketing;PE;7.03\n"
    (line,) = _read(tmp_path, text).lines
    assert (line.period_start, line.period_end) == (date(2026, 10, 1), date(2026, 10, 31))


def test_that_days_of_contracts_beside_a_period_are_no_period(tmp_path: Path) -> None:
    text = (
        "Contract from;Contract to;Period start;Period end;Category;Country;Amount USD\n"
        "01/01/2026;31/12/2026;01/10/2026;31/10/2026;Marketing;PE;7.03\n"
    )
    (line,) = _read(tmp_path, text).lines
    assert (line.period_start, line.period_end) == (date(2026, 10, 1), date(2026, 10, 31))


def test_that_letters_are_read_as_stated_where_the_text_is_not_unicode(tmp_path: Path) -> None:
    told = ReadOptions(encoding="cp850")
    markets = [line.market for line in _read(tmp_path, _SPANISH, told, encoding="cp850").lines]
    assert markets[:4] == ["Peru", "Rest of Latin America", "Peru", "Mexico"]
    # A text that is valid Unicode is Unicode, whatever is stated.
    assert [line.market for line in _read(tmp_path, _SPANISH, told).lines] == markets


def test_that_a_spanish_invoice_in_windows_1252_is_read_whole(tmp_path: Path) -> None:
    invoice = _read(tmp_path, _SPANISH, encoding="cp1252")
    assert _facts(invoice.lines, "layer", "category", "market", "quantity", "unit_rate", "amount") == [
        ("meta", "marketing", "Peru", "1000", "0.0703", "70.30"),
        ("meta", "marketing", "Rest of Latin America", "200", "0.0740", "14.80"),
        ("meta", "utility", "Peru", "500", "0.0200", "10.00"),
        ("meta", "authentication", "Mexico", "10", "0.0239", "0.24"),
        ("provider_fee", "", "", "1710", "0.005", "8.55"),
        ("subscription", "", "", None, None, "250.00"),
        ("tax", "", "", None, None, "63.70"),
    ]
    line = invoice.lines[0]
    assert (line.document, line.document_date, line.supplier_tax_id) == ("F001-123", date(2026, 10, 31), "20555555555")
    assert (line.period_start, line.period_end) == _OCTOBER
    assert line.currency == "USD"
    assert line.source == Place("factura.csv", row=9)
    assert line.raw["amount"] == "70,30"
    assert line.raw["period"] == "octubre 2026"
    assert [(control.kind, str(control.amount), control.label) for control in invoice.controls] == [
        ("subtotal", "85.10", "Subtotal marketing"),
        ("quantity", "1200", "Subtotal marketing"),
        ("subtotal", "353.89", "Subtotal"),
        ("total", "417.59", "Total"),
    ]
    # 70.30 + 14.80 + 10.00 + 0.24 + 8.55 + 250.00 + 63.70
    assert invoice.report.total == Decimal("417.59")
    assert (invoice.report.read, invoice.report.kept, invoice.report.left_out, invoice.report.refused) == (11, 7, 4, 0)
    assert invoice.report.problems == ()


def test_that_a_workbook_with_merged_titles_and_groups_is_read(tmp_path: Path) -> None:
    path = tmp_path / "factura.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("Detalle")
    sheet["B2"] = "Detalle de consumo - octubre 2026"
    sheet.merge_cells("B2:F2")
    for row in (
        ["", "Mercado", "Categoría", "Mensajes", "Tarifa", "Importe US$"],
        ["", "Perú", "Marketing", 1050, 0.0703, 73.815],
        ["", None, "Utilidad", 500, 0.02, 10],
        ["", "Brasil", "Marketing", 10, 0.0625, 0.625],
        [],
        ["", "TOTAL", None, 1560, None, 84.44],
    ):
        sheet.append(row)
    sheet.merge_cells("B4:B5")
    sheet.row_dimensions[5].hidden = True
    book.save(path)
    invoice = read_invoice(path, andina())
    _check_counts(invoice)
    assert _facts(invoice.lines, "market", "category", "quantity", "unit_rate", "amount", "unit") == [
        ("Peru", "marketing", "1050", "0.0703", "73.815", "message"),
        ("Peru", "utility", "500", "0.02", "10", "message"),
        ("Brazil", "marketing", "10", "0.0625", "0.625", "message"),
    ]
    assert (invoice.lines[0].period_start, invoice.lines[0].period_end) == _OCTOBER
    assert [(problem.code, problem.place) for problem in invoice.report.problems] == [
        ("rows_hidden", Place("factura.xlsx", "Detalle", 5))
    ]


def test_that_the_lines_of_the_user_initiated_bill_are_read_from_their_descriptions(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Descripción,Cantidad,Precio unitario,Importe S/\n"
        "Conversaciones iniciadas por el usuario,50,0.07,3.50\n"
        "Soporte técnico,1,100.00,100.00\n",
    )
    assert _facts(invoice.lines, "layer", "category", "unit", "quantity", "unit_rate", "amount", "currency") == [
        ("meta", "user_initiated", "conversation", "50", "0.07", "3.50", "PEN"),
        ("other", "", "", "1", "100.00", "100.00", "PEN"),
    ]
    assert [problem.code for problem in invoice.report.problems] == ["currency_not_account"]


@pytest.mark.parametrize("of", [("102290129340398", "208870991234567"), ("Andina Tienda", "Andina Banco")])
def test_that_a_column_of_any_head_whose_texts_the_account_knows_tells_whose_the_charges_are(
    tmp_path: Path, of: tuple[str, str]
) -> None:
    rows = "".join(f"{one};Marketing;1000;70,30\n" for one in of)
    path = tmp_path / "bill.csv"
    path.write_text(f"Sede;Categoría;Cantidad;Importe USD\n{rows}")
    known = andina()
    account = replace(
        known,
        wabas=tuple(
            replace(known.wabas[0], id=id_, name=name, numbers=())
            for id_, name in zip(("102290129340398", "208870991234567"), ("Andina Tienda", "Andina Banco"), strict=True)
        ),
    )
    invoice = read_invoice(path, account)
    assert [line.waba_id for line in invoice.lines] == ["102290129340398", "208870991234567"]
    # The one name of the customer beside every line says nothing of whose number it was.
    path.write_text(f"Sede;Categoría;Cantidad;Importe USD\n{rows.replace(of[1], of[0])}")
    own = of[0] if of[0].isdigit() else ""
    assert [line.waba_id for line in read_invoice(path, account).lines] == [own, own]


def test_that_phones_names_and_ids_find_their_number_and_waba(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Phone number;Category;Country;Messages;Amount\n"
        "+51 987 654 321;MARKETING;PE;10;0.70\n"
        "51987654321;Utility;Perú;10;0.20\n"
        f"{NUMBER};Utility;Bolivia;10;0.20\n"
        "ventas;Service;PE;5;-\n"
        "+1 555 0100;Service;PE;5;0.10\n",
    )
    assert _facts(invoice.lines, "waba_id", "phone_number_id", "country", "amount") == [
        (WABA, NUMBER, "PE", "0.70"),
        (WABA, NUMBER, "PE", "0.20"),
        (WABA, NUMBER, "BO", "0.20"),
        (WABA, NUMBER, "PE", "0"),
        ("", "+1 555 0100", "PE", "0.10"),
    ]
    assert [problem.code for problem in invoice.report.problems] == [
        "invoice_number_unknown",
        "currency_supposed",
        "amounts_unconfirmed",
    ]


def test_that_headings_above_rows_hold_for_them(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Item,Qty,Total\n"
        "Perú,,\nMarketing,10,0.70\nUtility,10,0.20\nTotal Perú,,0.90\n"
        "Brazil,,\nMarketing,10,0.60\n,,1.50\n",
    )
    assert _facts(invoice.lines, "market", "category", "amount") == [
        ("Peru", "marketing", "0.70"),
        ("Peru", "utility", "0.20"),
        ("Brazil", "marketing", "0.60"),
    ]


def test_that_a_figure_without_words_is_a_total_only_if_it_is_the_sum(tmp_path: Path) -> None:
    text = "Category,Quantity,Amount\nMarketing,10,0.70\nUtility,10,0.20\n,20,{}\n"
    summed = _read(tmp_path, text.format("0.90"))
    assert _stated(summed) == [("total", "0.90"), ("quantity", "20")]
    assert not summed.refusals
    other = _read(tmp_path, text.format("0.95"))
    assert [problem.code for problem in other.refusals] == ["row_only_amount"]


def test_that_free_units_are_lines_with_their_reason(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Category,Pricing type,Volume,Cost\n"
        "UTILITY,FREE_CUSTOMER_SERVICE,10,0\n"
        "UTILITY,REGULAR,5,0.10\n"
        "SERVICE,FREE_ENTRY_POINT,5,0\n"
        "Service,Free tier,5,0\n"
        "Marketing,gratis,5,\n",
    )
    assert _facts(invoice.lines, "category", "pricing_type", "amount") == [
        ("utility", "free_customer_service", "0"),
        ("utility", "regular", "0.10"),
        ("service", "free_entry_point", "0"),
        ("service", "free_tier", "0"),
        ("marketing", "free_customer_service", "0"),
    ]


def test_that_periods_come_from_their_columns(tmp_path: Path) -> None:
    text = "Category,{},Amount\nMarketing,{},0.70\n"
    for head, value in (
        ("Period", "2026-10"),
        ("Periodo", "octubre 2026"),
        ("Period", "01/10/2026 - 31/10/2026"),
        ("From,To", "01/10/2026,31/10/2026"),
    ):
        line = _read(tmp_path, text.format(head, value)).lines[0]
        assert (line.period_start, line.period_end) == _OCTOBER
    day = _read(tmp_path, text.format("Date", "13/10/2026")).lines[0]
    assert (day.period_start, day.period_end) == (date(2026, 10, 13), date(2026, 10, 13))


def test_that_one_date_after_the_period_on_every_line_is_the_document_s(tmp_path: Path) -> None:
    invoice = _read(tmp_path, "Fecha,Categoría,Importe\n2026-11-03,Marketing,0.70\n2026-11-03,Utilidad,0.10\n")
    assert _facts(invoice.lines, "document_date", "period_start") == [(date(2026, 11, 3), None)] * 2


def test_that_the_tax_of_a_brazilian_service_note_is_no_message(tmp_path: Path) -> None:
    """Its `Discriminação` was no known head: without it the tax had no word, and counted among the messages."""
    heads = "Discriminação dos serviços;Qtd;Vlr. Unit. R$;Vlr. Total R$"
    rows = "Marketing Brasil;10.000;0,3500;3.500,00\nUtilidade Brasil;5.000;0,0400;200,00\nISS (2%);;;74,00"
    invoice = _read(tmp_path, f"{heads}\n{rows}\nValor líquido;;;3.774,00\n")
    assert _facts(invoice.lines, "layer", "category", "unit_rate", "amount") == [
        ("meta", "marketing", "0.3500", "3500.00"),
        ("meta", "utility", "0.0400", "200.00"),
        ("tax", "", None, "74.00"),
    ]


def test_that_a_tax_column_becomes_tax_lines(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path, "Categoría,Subtotal,IGV,Total\nMarketing,100.00,18.00,118.00\nTotal,100.00,18.00,118.00\n"
    )
    assert _facts(invoice.lines, "layer", "category", "amount") == [
        ("meta", "marketing", "100.00"),
        ("tax", "", "18.00"),
    ]
    assert _stated(invoice) == [("total", "100.00"), ("tax", "18.00")]
    assert invoice.report.total == Decimal(118)
    assert _codes(invoice) == ["currency_supposed"]


@pytest.mark.parametrize(
    ("heads", "marketing", "utility", "total"),
    [
        ("Concepto;Cantidad;Base imponible;IGV 18%;Total", "1000;80,00;14,40;94,40", "1000;20,00;3,60;23,60",
         "2000;100,00;18,00;118,00"),
        ("Concepto;Cantidad;Total;IGV;Gravado", "1000;94,40;14,40;80,00", "1000;23,60;3,60;20,00",
         "2000;118,00;18,00;100,00"),
        ("Concepto;Cantidad;Op. grav.;IVA;Importe", "1000;80.00;14.40;94.40", "1000;20.00;3.60;23.60",
         "2000;100.00;18.00;118.00"),
    ],
)  # fmt: skip
def test_that_a_tax_within_the_total_of_a_row_is_not_counted_twice(
    tmp_path: Path, heads: str, marketing: str, utility: str, total: str
) -> None:
    text = f"{heads}\nMarketing Perú;{marketing}\nUtilidad Perú;{utility}\nTotal;{total}\n"
    invoice = _read(tmp_path, text)
    assert [(line.layer.value, str(line.amount)) for line in invoice.lines] == [
        ("meta", "80.00"), ("tax", "14.40"), ("meta", "20.00"), ("tax", "3.60"),
    ]  # fmt: skip
    assert _codes(invoice) == ["currency_supposed"]


@pytest.mark.parametrize("row", ["1;80,00;14,40;94,40", "1.000;0,08;14,40;94,40"])
def test_that_amounts_that_hold_the_tax_beside_them_are_refused(tmp_path: Path, row: str) -> None:
    text = f"Concepto;Cantidad;Precio unitario;IGV;Total\nMarketing Perú;{row}\n"
    error = _refused(tmp_path, text)
    assert (error.code, error.values) == ("amount_holds_tax", {"head": "Total", "tax": "IGV"})
    invoice = _read(tmp_path, text, ReadOptions(mapping={"IGV": "ignore"}))
    assert [str(line.amount) for line in invoice.lines] == ["94.40"]


@pytest.mark.parametrize(
    ("heads", "row"),
    [
        ("Concept;Charges (USD);Credits (USD)", "100.00;30.00"),
        ("Concepto;Cargos (USD);Abonos (USD)", "100,00;30,00"),
        ("Concepto;Importe USD;Descuento", "100,00;-30,00"),
    ],
)
def test_that_credits_beside_the_charges_are_never_left_out_unsaid(tmp_path: Path, heads: str, row: str) -> None:
    text = f"{heads}\nMarketing Perú;{row}\n"
    error = _refused(tmp_path, text)
    names = heads.split(";")
    assert (error.code, error.values) == ("credits_left_out", {"head": names[2], "amount": names[1]})
    invoice = _read(tmp_path, text, ReadOptions(mapping={names[2]: "ignore"}))
    assert [str(line.amount) for line in invoice.lines] == ["100.00"]


@pytest.mark.parametrize(
    ("heads", "row"),
    [
        ("Concepto;Bruto;Descuento;Importe USD", "100,00;30,00;70,00"),
        ("Concepto;Importe USD;Descuento;Neto", "100,00;30,00;70,00"),
        ("Concepto;Cantidad;Precio unitario;Descuento;Importe USD", "1.000;0,10;-30,00;70,00"),
        ("Concepto;Importe USD;Descuento", "70,00;0,00"),
        ("Concepto;Importe USD;Credits", "70,00;700"),
    ],
)
def test_that_amounts_after_credits_are_read(tmp_path: Path, heads: str, row: str) -> None:
    invoice = _read(tmp_path, f"{heads}\nMarketing Perú;{row}\n")
    assert [str(line.amount) for line in invoice.lines] == ["70.00"]


@pytest.mark.parametrize(
    "names",
    [("Quantity", "Rate USD", "Amount USD"), ("Cantidad", "Tarifa", "Importe USD"), ("Messages", "", "Cost (USD)")],
)
@pytest.mark.parametrize(
    ("heads", "turns"), [("Marketing Peru,Utility Peru,Total", True), ("Septiembre,Octubre,Total", False)]
)
def test_that_a_table_on_its_side_is_turned_where_its_columns_are_charges(
    tmp_path: Path, names: tuple[str, str, str], heads: str, turns: bool
) -> None:
    figures = ("500,500,1000", "0.1,0.05,", "50,25,75")
    rows = "".join(f"{name},{row}\n" for name, row in zip(names, figures, strict=True) if name)
    if not turns:
        assert _refused(tmp_path, f"Concept,{heads}\n{rows}").code == "table_transposed"
        return
    invoice = _read(tmp_path, f"Concept,{heads}\n{rows}")
    assert [(line.category, str(line.amount)) for line in invoice.lines] == [("marketing", "50"), ("utility", "25")]
    assert [one.code for one in invoice.report.problems] == ["table_turned"]
    assert next((str(one.amount), one in invoice.agreed) for one in invoice.controls) == ("75", True)


def test_that_counts_under_words_of_their_own_are_those_that_make_the_amounts(tmp_path: Path) -> None:
    # 1,500 x 0.0703 = 105.45 and 2,200 x 0.02 = 44.00; of what was free nothing is.
    rows = "Marketing,0,1500,0.0703,105.45\nUtilidad,620,2200,0.02,44.00\n"
    invoice = _read(tmp_path, f"Categoría,Enviados gratis,Enviados con costo,Tarifa USD,Costo USD\n{rows}")
    assert [str(line.quantity) for line in invoice.lines] == ["1500", "2200"]


def test_that_debits_and_credits_may_be_told_by_a_column_of_types(tmp_path: Path) -> None:
    # 512.40 of balance less 7.03 and 0.80.
    rows = (
        "2026-10-01,Top up,Credit,500.00,512.40\n2026-10-05,Marketing Peru,Debit,7.03,505.37\n"
        "2026-10-06,Utility Peru,Debit,0.80,504.57\n"
    )
    text = f"Date,Description,Type,Amount,Balance\n{rows}"
    assert [str(line.amount) for line in _read(tmp_path, text).lines] == ["-500.00", "7.03", "0.80"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("Marketing Perú;70,30;\nAbono;;9,03\n", "ledger_open"),  # nothing shows that one is taken off the other
        ("Marketing Perú;70,30;\nAbono;;9,03\nTotal;79,33;\n", "ledger_open"),  # and here it is not
        ("Marketing Perú;70,30;\nAbono;;9,03\nTotal;61,27;\n", ""),
        ("Marketing Perú;70,30;\nAbono;;9,03\nTotal;70,30;9,03\n", ""),
    ],
)
def test_that_debits_less_credits_are_the_amounts_where_the_totals_say_so(tmp_path: Path, rows: str, code: str) -> None:
    text = f"Glosa;Debe;Haber\n{rows}"
    if code:
        assert _refused(tmp_path, text).code == code
        return
    invoice = _read(tmp_path, text)
    assert [str(line.amount) for line in invoice.lines] == ["70.30", "-9.03"]
    assert invoice.report.problems[0].values == {"debit": "Debe", "credit": "Haber", "amount": "61.27"}


@pytest.mark.parametrize(
    ("rows", "amounts"),
    [
        # 351.50 + 148.50 were taken off the 500.00 that were paid before: nothing is left.
        (
            "Recarga;;500,00;500,00\nMarketing;351,50;;148,50\nUtilidad;148,50;;0,00\n",
            ["-500.00", "351.50", "148.50"],
        ),
        ("Marketing;70,30;;70,30\nUtilidad;10,00;;80,30\nPago;;80,30;0,00\n", ["70.30", "10.00", "-80.30"]),
        ("Marketing;70,30;;\nPago;;70,30;\nTotal;70,30;70,30;\n", ["70.30", "-70.30"]),
        ("Marketing;70,30;;\nPago;;70,30;\nTotal;0,00;;\n", []),  # of no entries at all the total were zero, too
    ],
)
def test_that_a_ledger_that_is_paid_up_is_read_where_its_balance_or_both_totals_say_so(
    tmp_path: Path, rows: str, amounts: list[str]
) -> None:
    text = f"Glosa;Debe;Haber;Saldo\n{rows}"
    if not amounts:
        assert _refused(tmp_path, text).code == "ledger_open"
        return
    assert [str(line.amount) for line in _read(tmp_path, text).lines] == amounts


@pytest.mark.parametrize("heads", ["Category,Country,Amount USD", "Category,Amount USD"])
def test_that_figures_that_all_hide_a_mark_are_refused_for_that(tmp_path: Path, heads: str) -> None:
    row = "Marketing,Peru,\u202e30.7" if "Country" in heads else "Marketing,\u202e30.7"
    refused = _refused(tmp_path, f"{heads}\n{row}\n")
    assert (refused.code, refused.place.row if refused.place else 0) == ("figures_hide", 2)


@pytest.mark.parametrize("end", [b"M", b"\x00\xd8a\x00"])  # half a letter
def test_that_utf_16_that_breaks_off_is_damaged(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "factura.csv"
    path.write_bytes("Category,Amount USD\nMarketing,7.03\n".encode("utf-16") + end)
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    assert refused.value.code == "file_damaged"


@pytest.mark.parametrize(
    ("total", "amount", "codes"),
    [
        ("Total;61,27\n", "-9.03", []),
        ("Total;79,33\n", "9.03", []),
        ("", "9.03", ["amounts_unconfirmed", "credit_sign_open"]),
        ("Total;50,00\n", "9.03", ["credit_sign_open", "total_differs"]),
    ],
)
def test_that_the_total_tells_whether_a_discount_without_a_minus_is_taken_off(
    tmp_path: Path, total: str, amount: str, codes: list[str]
) -> None:
    invoice = _read(tmp_path, f"Descripción;Importe USD\nMarketing Perú;70,30\nDescuento;9,03\n{total}")
    assert [str(line.amount) for line in invoice.lines] == ["70.30", amount]
    assert sorted(one.code for one in invoice.report.problems) == codes


def test_that_figures_of_months_that_may_be_counts_are_no_money(tmp_path: Path) -> None:
    error = _refused(tmp_path, "Categoría;Sep 2026;Oct 2026\nMarketing;100;70\nUtilidad;30;20\n")
    assert (error.code, error.values) == ("parts_without_money", {"heads": "Sep 2026, Oct 2026"})


@pytest.mark.parametrize(("other", "read"), [("7,03", True), ("8,03", False), ("", True)])
def test_that_a_second_column_of_amounts_that_says_otherwise_is_refused(tmp_path: Path, other: str, read: bool) -> None:
    text = f"Categoría;Importe USD;;Importe USD\nMarketing;7,03;;{other}\n"
    if read:
        assert [str(line.amount) for line in _read(tmp_path, text).lines] == ["7.03"]
    else:
        assert _refused(tmp_path, text).code == "amounts_twice"
        stated = _read(tmp_path, text, ReadOptions(mapping={"D": "amount"}))
        assert [str(line.amount) for line in stated.lines] == [other.replace(",", ".")]


def test_that_an_amount_that_no_number_stands_under_is_named(tmp_path: Path) -> None:
    error = _refused(tmp_path, "Categoría;Cantidad;Importe USD\nMarketing;10;7.03E+00\n")
    assert (error.code, error.values) == ("amounts_unreadable", {"head": "Importe USD", "value": "7.03E+00"})


def test_that_a_credit_note_is_negative(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path, "Nota de crédito electrónica FC01-9,,\nCategoría,Cantidad,Importe\nMarketing,10,0.70\nTotal,,0.70\n"
    )
    assert _facts(invoice.lines, "document", "document_type", "amount") == [("FC01-9", "credit_memo", "-0.70")]
    assert str(invoice.controls[0].amount) == "-0.70"
    assert _codes(invoice) == ["currency_supposed"]


def test_that_a_bill_of_credit_is_negative_and_no_product_of_it_is_doubted(tmp_path: Path) -> None:
    rows = "Marketing,10,0.07,0.70\nUtilidad,20,0.02,0.40\nTotal,,,1.10\n"
    invoice = _read(tmp_path, f"FACTURA DE ABONO,,,\nCategoría,Cantidad,Precio,Importe USD\n{rows}")
    assert _facts(invoice.lines, "document_type", "amount") == [("credit_memo", "-0.70"), ("credit_memo", "-0.40")]
    assert invoice.report.problems == ()


@pytest.mark.parametrize(
    ("title", "kind", "amount"),
    [
        ("FACTURA RECTIFICATIVA", "credit_memo", "-0.70"),
        ("FACTURA RECTIFICATIVA;por sustitución de la factura F-1", "invoice", "0.70"),
    ],
)
def test_that_a_bill_in_place_of_another_is_no_credit(tmp_path: Path, title: str, kind: str, amount: str) -> None:
    invoice = _read(tmp_path, f"{title}\nCategoría;Cantidad;Importe USD\nMarketing;10;0,70\nTotal;;0,70\n")
    assert _facts(invoice.lines, "document_type", "amount") == [(kind, amount)]


def test_that_what_was_spent_at_meta_s_and_is_asked_for_is_meta_s_charge(tmp_path: Path) -> None:
    rows = "Reembolso custos Meta WhatsApp - marketing;R$ 1.234,56\nReembolso marketing;R$ 10,00\nTotal;R$ 1.244,56\n"
    invoice = _read(tmp_path, f"Nota de débito;ND-77\nDescrição;Valor\n{rows}")
    assert _facts(invoice.lines, "layer", "amount") == [("meta", "1234.56"), ("credit", "10.00")]
    assert "credit_added" in _codes(invoice)


def test_that_charges_said_to_be_paid_are_charges(tmp_path: Path) -> None:
    rows = "Marketing,PAID,10,0.70\nUtility,Message,5,0\n"
    invoice = _read(tmp_path, f"Category,Charge type,Count,Amount USD\n{rows}")
    assert _facts(invoice.lines, "layer", "amount") == [("meta", "0.70"), ("meta", "0")]


def test_that_a_balance_in_a_currency_is_never_the_amount(tmp_path: Path) -> None:
    # 300.00 less 92.10 and 57.70, and 200.00 paid in: 350.20.
    rows = (
        "Opening balance,,,300.00", "WhatsApp marketing UAE,92.10,,207.90", "Top-up card,,200.00,407.90",
        "WhatsApp utility UAE,57.70,,350.20",
    )  # fmt: skip
    invoice = _read(tmp_path, "\n".join(["Details,Withdrawal,Deposit,Balance (AED)", *rows]) + "\n")
    assert _facts(invoice.lines, "layer", "amount") == [("meta", "92.10"), ("top_up", "-200.00"), ("meta", "57.70")]


def test_that_counts_may_stand_with_their_unit(tmp_path: Path) -> None:
    rows = "Marketing;5.000 uds;307,50\nUtilidad;12.000 uds;240,00\nTOTAL;17.000 uds;547,50\n"
    invoice = _read(tmp_path, f"Descripción;Consumo;Total (EUR)\n{rows}")
    assert _facts(invoice.lines, "quantity", "amount") == [("5000", "307.50"), ("12000", "240.00")]


@pytest.mark.parametrize(
    ("balances", "amounts"),
    [
        # 25,000.00 after the recharge, less 8,631.00 for 10,000 messages at 0.8631: 16,369.00
        (('"25,000.00"', '"16,369.00"', '"16,455.31"'), ["-20000.00", "8631.00", "-86.31"]),
        (('"25,000.00"', '"33,631.00"', '"33,717.31"'), []),  # which is what all of them are together
        (("", "", ""), []),
    ],
)
def test_that_the_balance_tells_what_debits_and_credits_in_one_column_are(
    tmp_path: Path, balances: tuple[str, str, str], amounts: list[str]
) -> None:
    rows = ('Recharge,Cr,"20,000.00"', 'WhatsApp marketing India,Dr,"8,631.00"', "Refund of marketing,Cr,86.31")
    table = "\n".join(",".join(pair) for pair in zip(rows, balances, strict=True))
    text = f"Particulars,Dr/Cr,Amount (INR),Balance (INR)\n{table}\n"
    if not amounts:
        assert _refused(tmp_path, text).code == "sides_open"
        return
    invoice = _read(tmp_path, text)
    assert [str(line.amount) for line in invoice.lines] == amounts
    assert [line.layer for line in invoice.lines] == ["top_up", "meta", "credit"]


def test_that_a_stated_total_that_is_not_the_sum_is_said(tmp_path: Path) -> None:
    invoice = _read(tmp_path, "Total a pagar: 1.00,,\nCategory,Quantity,Amount\nMarketing,10,0.70\nTotal,,0.80\n")
    assert [(problem.code, problem.count) for problem in invoice.report.problems] == [
        ("total_differs", 2),
        ("currency_supposed", 1),
    ]
    assert invoice.report.problems[0].values == {"label": "Total", "stated": "0.80", "read": "0.70"}


@pytest.mark.parametrize(
    ("words", "code", "values"),
    [
        ("Mensajes WhatsApp octubre 2026", "period_in_words", {"count": "1", "lines": "2"}),
        ("Mensajes WhatsApp", "no_period", {}),
    ],
)
def test_that_it_is_said_what_dates_lines_where_no_column_does(
    tmp_path: Path, words: str, code: str, values: dict[str, str]
) -> None:
    invoice = _read(tmp_path, f"Descripción,Cantidad,Importe USD\n{words},100,7.03\nSuscripción mensual,1,75.00\n")
    said = {one.code.rpartition(".")[2]: dict(one.values) for one in invoice.report.decisions}
    assert said[code] == values
    assert {"period_in_words", "no_period", "period"} & set(said) == {code}


def test_that_the_total_of_unrounded_lines_may_be_rounded(tmp_path: Path) -> None:
    # 5.363 + 5.8058 = 11.1688
    table = "Category,Quantity,Amount USD\nService,173,5.363\nMarketing,91,5.8058\nTotal,,{}\n"
    right = _read(tmp_path, table.format("11.17"))
    assert [str(one.amount) for one in right.agreed] == ["11.17"]
    assert _codes(right) == []
    assert "total_agrees" in {one.code.rpartition(".")[2] for one in right.report.decisions}
    assert [_codes(_read(tmp_path, table.format(wrong))) for wrong in ("11.16", "11.18", "11.169")] == [
        ["total_differs"]
    ] * 3


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("Promo especial,Perú,10,0.70", "category_unknown", "A"),
        ("Marketing,Narnia,10,0.70", "market_unknown", "B"),
        ("Marketing,Perú,10,", "amount_missing", "D"),
        ("Marketing,Perú,ten,0.70", "number_unreadable", "C"),
        ("Marketing,Perú,10,n/a", "number_unreadable", "D"),
        ("Marketing,Perú,10,S/ 0.70", "currency_conflict", "D"),
    ],
)
def test_that_a_row_that_is_not_understood_is_refused_with_its_cell(
    tmp_path: Path, row: str, code: str, column: str
) -> None:
    invoice = _read(tmp_path, f"Category,Market,Quantity,Amount USD\n{row}\nUtility,Perú,1,0.02\n")
    assert [(problem.code, problem.place) for problem in invoice.refusals] == [
        (code, Place("factura.csv", row=2, column=column))
    ]
    assert len(invoice.lines) == 1


def test_that_one_day_of_all_lines_is_the_documents_where_they_name_a_month(tmp_path: Path) -> None:
    heads = "Fecha,Serie,Numero,Moneda,Descripción,Cantidad,Valor unitario,Subtotal\n"
    rows = [f"31/10/2026,F001,2231,USD,WHATSAPP {name} OCT-26,1000,0.02,20.00\n" for name in ("MARKETING", "UTILITY")]
    for count in (1, 2):
        invoice = _read(tmp_path, heads + "".join(rows[:count]))
        assert {line.document for line in invoice.lines} == {"2231"}
        assert {line.phone_number_id for line in invoice.lines} == {""}
    assert {(line.period_start, line.period_end, line.document_date) for line in invoice.lines} == {
        (date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 31))
    }


@pytest.mark.parametrize(("month", "first"), [("Octubre", date(2026, 10, 1)), ("Diciembre", date(2025, 12, 1))])
def test_that_a_month_whose_year_stands_nowhere_is_the_last_one_until_the_audit(
    tmp_path: Path, month: str, first: date
) -> None:
    invoice = _read(tmp_path, f"Mes,Categoría,Importe USD\n{month},Marketing,0.70\n")
    assert [line.period_start for line in invoice.lines] == [first]


def test_that_kinds_of_fees_by_name_are_kinds_of_charges_beside_categories(tmp_path: Path) -> None:
    rows = "Meta fee,Marketing,10,0.0703,0.70\nPlatform fee,Marketing,10,0.005,0.05\n"
    invoice = _read(tmp_path, f"Fee type,Category,Messages,Unit fee,Total fee USD\n{rows}")
    assert [(line.layer.value, line.category) for line in invoice.lines] == [
        ("meta", "marketing"),
        ("provider_fee", "marketing"),
    ]
    rows = "WhatsApp,Marketing,10,0.70\nEmail,Boletín,10,0.05\n"
    invoice = _read(tmp_path, f"Canal,Tipo,Mensajes,Costo USD\n{rows}")
    assert [(line.layer.value, line.category) for line in invoice.lines] == [("meta", "marketing"), ("other", "")]


@pytest.mark.parametrize(
    ("zone", "start", "end", "days"),
    [
        # 05:00 UTC is midnight in Lima: October up to the first of November, and one day.
        ("America/Lima", "1790830800", "1793509200", ("2026-10-01", "2026-10-31")),
        ("America/Lima", "1790830800000", "1790917200000", ("2026-10-01", "2026-10-01")),
        # 22:00 UTC on 30 September is midnight in Madrid, where October has an hour more.
        ("Europe/Madrid", "1790805600", "1793487600", ("2026-10-01", "2026-10-31")),
        # Midnight in UTC, to the last second of the month, and to the first of the next.
        ("America/Lima", "1790812800", "1793491199", ("2026-10-01", "2026-10-31")),
        ("America/Lima", "1790812800", "1793491200", ("2026-10-01", "2026-10-31")),
        ("America/Lima", "2026-10-01", "2026-11-01", ("2026-10-01", "2026-10-31")),
        ("America/Lima", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", ("2026-10-01", "2026-10-31")),
        ("America/Lima", "2026-10-01", "2026-10-31", ("2026-10-01", "2026-10-31")),
        ("America/Lima", "2026-10-01", "2026-10-01", ("2026-10-01", "2026-10-01")),
    ],
)
def test_that_the_instant_at_which_a_span_ends_is_no_day_of_it(
    tmp_path: Path, zone: str, start: str, end: str, days: tuple[str, str]
) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"start,end,country,pricing_category,volume,cost\n{start},{end},PE,MARKETING,10,0.703\n")
    account = andina()
    line = read_invoice(path, replace(account, wabas=(replace(account.wabas[0], time_zone=zone),))).lines[0]
    assert (str(line.period_start), str(line.period_end)) == days


def test_that_a_published_layout_says_by_itself_whether_its_spans_hold_their_end(tmp_path: Path) -> None:
    # The last day of a canonical line is a day of it (formats.md §3).
    path = tmp_path / "lines.csv"
    heads = "layer,category,quantity,amount,currency,period_start,period_end"
    path.write_text(f"{heads}\nmeta,marketing,10,0.70,USD,2026-10-01,2026-11-01\n")
    line = read_invoice(path, andina()).lines[0]
    assert (str(line.period_start), str(line.period_end)) == ("2026-10-01", "2026-11-01")


def test_that_service_and_a_place_are_the_category_where_others_are_called_alike(tmp_path: Path) -> None:
    rows = "Marketing Perú,1000,70.30\nServicio Perú,700,-\nServicio mensual Perú,1,5\n"
    invoice = _read(tmp_path, f"Detalle,Cantidad,Importe US$\n{rows}")
    assert _facts(invoice.lines, "layer", "category", "market", "amount")[:2] == [
        ("meta", "marketing", "Peru", "70.30"),
        ("meta", "service", "Peru", "0"),
    ]
    assert invoice.lines[2].category == ""
    alone = _read(tmp_path, "Detalle,Cantidad,Importe US$\nServicio Perú,1,150\nSoporte,1,20\n")
    assert [line.category for line in alone.lines] == ["", ""]


def test_that_service_apart_behind_conversations_is_the_category_and_a_mere_service_is_none(tmp_path: Path) -> None:
    rows = "Conversaciones WhatsApp - Service - Perú,10,0\nServicio - Mensajes WhatsApp,1,5\nMarketing,1,1\n"
    invoice = _read(tmp_path, f"Concepto,Cantidad,Importe USD\n{rows}")
    assert [line.category for line in invoice.lines] == ["service", "", "marketing"]


def test_that_kinds_of_movements_that_are_no_documents_tell_what_was_paid_in(tmp_path: Path) -> None:
    # A balance of 300.00 that charges of 8.44 are taken off: what was charged is 8.44, and 300.00 was paid in.
    heads = "Date,Transaction type,Description,Amount (USD)\n"
    rows = "2026-10-01,Top-up,Card payment,300.00\n2026-10-02,Conversation charge,Marketing - Peru (x120),-8.44\n"
    invoice = _read(tmp_path, heads + rows)
    assert [(line.layer.value, line.amount) for line in invoice.lines] == [
        ("top_up", Decimal("-300.00")),
        ("meta", Decimal("8.44")),
    ]


def test_that_a_category_is_known_beside_its_place(tmp_path: Path) -> None:
    invoice = _read(tmp_path, "Categoría,Importe USD\nMarketing Perú,0.70\nServicio Perú,0.00\n")
    assert [(line.category, line.market) for line in invoice.lines] == [("marketing", "Peru"), ("service", "Peru")]


@pytest.mark.parametrize("value", ["1.02290129340398E+14", "1,02290129340398e14"])
def test_that_an_id_damaged_by_a_spreadsheet_is_refused_with_its_cell(tmp_path: Path, value: str) -> None:
    refused = _refused(tmp_path, f"Category;WABA ID;Amount\nMarketing;{value};0.70\n")
    assert (refused.code, refused.place) == ("id_damaged", Place("factura.csv", row=2, column="B"))


def test_that_an_id_stored_as_a_long_number_is_refused_and_a_short_phone_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    for value, damaged in ((102290129340398.0, True), (12345678901234567, True), (51987654321, False)):
        book = xlsxwriter.Workbook(path)
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Category", "Phone number", "Amount"])
        sheet.write_row(1, 0, ["Marketing", value, 0.7])
        book.close()
        if damaged:
            with pytest.raises(AuditorError) as refused:
                read_invoice(path, andina())
            assert (refused.value.code, refused.value.place) == ("id_damaged", Place("a.xlsx", "Sheet1", 2, "B"))
        else:
            assert read_invoice(path, andina()).lines[0].phone_number_id == NUMBER


def test_that_a_formula_without_its_result_names_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Category", "Quantity", "Amount"])
    sheet.append(["Marketing", 10, "=B2*0.07"])
    book.save(path)
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    assert (refused.value.code, refused.value.place) == ("formula_no_value", Place("a.xlsx", "Sheet", 2, "C"))


def test_that_an_unknown_currency_and_a_table_without_lines_are_refused(tmp_path: Path) -> None:
    unknown = _refused(tmp_path, "Category,Currency,Amount\nMarketing,XYZ,0.70\n")
    assert (unknown.code, unknown.place) == ("currency_unknown", Place("factura.csv", row=2, column="B"))
    nothing = _refused(tmp_path, "Category,Amount\nPromo,0.70\n")
    assert nothing.code == "no_lines"
    assert [problem.code for problem in nothing.problems] == ["category_unknown"]


def test_that_currencies_come_from_column_sign_head_title_or_account(tmp_path: Path) -> None:
    texts = {
        "Category,Currency,Amount\nMarketing,pen,0.70\n": "PEN",
        "Category,Moneda,Importe\nMarketing,Soles,0.70\n": "PEN",
        "Category,Amount\nMarketing,S/ 0.70\n": "PEN",
        "Category,Amount (EUR)\nMarketing,0.70\n": "EUR",
        "Moneda: Soles,\nCategory,Amount\nMarketing,0.70\n": "PEN",
        "Category,Amount\nMarketing,$ 0.70\n": "USD",
    }
    assert [_read(tmp_path, text).lines[0].currency for text in texts] == list(texts.values())


@pytest.mark.parametrize(("amount", "currency"), [("6.70", "ZAR"), ("7.10", "USD")])
def test_that_the_head_of_the_prices_names_the_currency_of_what_they_make(
    tmp_path: Path, amount: str, currency: str
) -> None:
    # 10 x 0.67 is 6.70 rand; 7.10 may be what that is in another currency.
    invoice = _read(tmp_path, f"Description,Qty,Price (ZAR),Amount\nWhatsApp marketing,10,0.67,{amount}\n")
    assert [line.currency for line in invoice.lines] == [currency]


def test_that_a_preview_needs_no_account(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Category,WABA ID,Amount\nMarketing,1,0.70\n", encoding="utf-8")
    preview = read_invoice(path)
    assert preview.lines[0].waba_id == "1"
    assert _codes(preview) == ["currency_supposed", "amounts_unconfirmed"]


def test_that_what_was_decided_is_said_in_the_reader_s_language(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Categoría;Importe\nMarketing;0,70\n", encoding="utf-8")
    report = read_invoice(path, andina("es")).report
    assert "Columns read: Categoría = category; Importe = amount." in sentences(report.decisions)
    decisions = sentences(report.decisions, "es")
    assert "Columnas leídas: Categoría = categoría; Importe = importe." in decisions
    assert "Los números de «Importe» usan «,» como signo decimal, según muestran sus valores." in decisions


def test_that_thousands_are_read_as_single_units_and_said(tmp_path: Path) -> None:
    text = "Periodo,País,Categoría,Cantidad (miles),Tarifa por mil,Importe\n2026-10,PE,MKT,12.5,70.30,878.75\n"
    invoice = _read(tmp_path, text)
    line = invoice.lines[0]
    assert (line.quantity, line.unit_rate, line.raw["quantity"]) == (Decimal(12500), Decimal("0.0703"), "12.5")
    said = [one.values for one in invoice.report.decisions if one.code == "reading.decision.factored"]
    assert said == [{"columns": "Cantidad (miles); Tarifa por mil"}]


@pytest.mark.parametrize("head", ["Tipo IVA", "% IVA", "Taux TVA", "MwSt.-Satz", "ISS retido", "IVA retenido"])
def test_that_a_rate_of_tax_or_what_is_kept_back_is_no_tax(tmp_path: Path, head: str) -> None:
    text = f"Periodo,País,Categoría,Cantidad,Importe,{head}\n2026-10,PE,Marketing,1000,70.30,18.00\n"
    assert [line.amount for line in _read(tmp_path, text).lines] == [Decimal("70.30")]


def test_that_amounts_in_thousands_or_cents_are_read_in_the_currency_with_their_totals(tmp_path: Path) -> None:
    rows = "2026-10,PE,Marketing,{}\n2026-10,PE,Utilidad,{}\nTotal,,,{}\n"
    for head, figures, amounts in (
        ("Importe (miles de USD)", ("70.3", "2", "72.3"), [Decimal(70300), Decimal(2000)]),
        ("Importe (centavos de USD)", ("7030", "200", "7230"), [Decimal("70.30"), Decimal("2.00")]),
    ):
        invoice = _read(tmp_path, f"Periodo,País,Categoría,{head}\n" + rows.format(*figures))
        assert [line.amount for line in invoice.lines] == amounts
        assert [control.amount for control in invoice.agreed] == [sum(amounts)]


@pytest.mark.parametrize("head", ["Montant TTC", "Gross amount", "Importe bruto"])
def test_that_amounts_said_to_hold_their_tax_are_not_added_to_it(tmp_path: Path, head: str) -> None:
    text = f"Periodo,País,Categoría,Cantidad,{head},IVA\n2026-10,FR,Marketing,1000,142.32,23.72\n"
    assert _refused(tmp_path, text).code == "amount_holds_tax"


def test_that_units_of_which_no_word_is_said_are_messages(tmp_path: Path) -> None:
    rows = ["2026-10-01,,10,0.70,USD", "2026-10-02,,20,1.40,USD", "2026-10-03,Sundries,,2.00,USD"]
    days = _read(tmp_path, "\n".join(["Date,Description,Quantity,Amount,Currency", *rows]))
    assert _facts(days.lines, "layer", "quantity", "amount") == [
        ("meta", "10", "0.70"),
        ("meta", "20", "1.40"),
        ("other", None, "2.00"),
    ]


def test_that_a_price_of_one_unit_and_a_kind_of_tax_are_no_amount(tmp_path: Path) -> None:
    text = "Description;Quantity;UnitAmount;TaxType;TaxAmount\nMarketing Peru;1000;0.0703;18% (IGV);12.65\n"
    assert _refused(tmp_path, text).code == "no_amount_column"


def test_that_a_tax_told_by_its_percentage_alone_is_found_in_the_amounts(tmp_path: Path) -> None:
    text = "Ítem,Cantidad,Precio,Impuesto,Total\nMarketing CO,10000,50.00,{},595000\nUtility CO,20000,3.00,{},71400\n"
    assert _refused(tmp_path, text.format("IVA (19%)", "IVA (19%)")).code == "amount_holds_tax"
    assert _refused(tmp_path, text.replace("Impuesto", "% IVA").format("19", "19")).code == "amount_holds_tax"


def test_that_a_discount_beside_an_amount_before_it_is_not_passed_over(tmp_path: Path) -> None:
    text = "Concepto,Cantidad,Precio,Neto,Desc 1\nMarketing México,1000,0.85,850.00,85.00\n"
    assert _refused(tmp_path, text).code == "credits_left_out"
    percent = "Concepto,Ctd.,Precio,% Dto.,Subtotal\nMarketing Perú,1000,0.0781,10,70.29\n"
    assert [str(line.amount) for line in _read(tmp_path, percent).lines] == ["70.29"]


def test_that_the_counts_are_those_that_at_the_rate_make_the_amounts(tmp_path: Path) -> None:
    text = (
        "Concepto,Piezas,Piezas libres,Precio,Total\nMarketing Perú,1000,10,0.07,70.00\nUtility Perú,500,0,0.02,10.00\n"
    )
    assert [line.quantity for line in _read(tmp_path, text).lines] == [Decimal(1000), Decimal(500)]


def test_that_the_tax_is_written_as_the_amount_beside_it_is(tmp_path: Path) -> None:
    rows = "Mensajes marketing Chile;1.050.000;199.500\nMensajes utilidad Chile;570.000;108.300\n"
    invoice = _read(tmp_path, "Detalle;Neto;IVA\n" + rows)
    assert [line.amount for line in invoice.lines] == [Decimal(one) for one in (1050000, 199500, 570000, 108300)]


@pytest.mark.parametrize("head", ["Consumo octubre 2026 (US$)", "Montos en dólares americanos", "IMPORTES EN USD"])
def test_that_a_title_names_the_currency_in_passing(tmp_path: Path, head: str) -> None:
    text = f"{head}\nCategoría,País,Importe\nMarketing,Perú,70.30\n"
    assert _currency_in(tmp_path, text) == "USD"
    assert _currency_in(tmp_path, f"Av. El Sol 123\n{text}") == "USD"
    assert _currency_in(tmp_path, f"{head}\nTOTALES EN S/\n{text}") == "PEN"


def _currency_in(tmp_path: Path, text: str) -> str:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return read_invoice(path, replace(andina(), currency="PEN")).lines[0].currency


def test_that_counts_with_a_row_of_rates_and_one_of_amounts_below_are_no_money(tmp_path: Path) -> None:
    days = "Fecha,Marketing,Utilidad\n2026-10-05,600,300\n2026-10-06,400,200\n"
    assert _refused(tmp_path, f"{days}Tarifa US$,0.0703,0.02\nImporte US$,70.3,10\n").code == "table_transposed"


@pytest.mark.parametrize("title", ["Los precios incluyen IGV", "Prices include VAT", "Alle Preise inkl. MwSt."])
def test_that_amounts_said_to_hold_the_tax_are_remarked_unless_it_is_denied(tmp_path: Path, title: str) -> None:
    rows = "Categoría,País,Importe USD\nMarketing,Perú,82.95\nTotal,,82.95\n"
    assert _codes(_read(tmp_path, f"{title}\n{rows}")) == ["tax_inside"]
    assert _codes(_read(tmp_path, rows.replace("Importe", "Importe bruto"))) == ["tax_inside"]
    # A tax at the foot that the amounts hold is no charge besides.
    foot = _read(tmp_path, f"{rows}IGV 18% (incluido),,12.65\n")
    assert (_codes(foot), [str(line.amount) for line in foot.lines]) == (["tax_inside"], ["82.95"])
    for other in ("Montos no incluyen IGV", "Total a pagar (IGV incluido): 82.95", "VAT not included"):
        assert _codes(_read(tmp_path, f"{other}\n{rows}")) == []


def test_that_of_two_categories_or_countries_in_a_text_none_is_told(tmp_path: Path) -> None:
    texts = ("Marketing and utility - Peru", "Marketing Perú y Chile", "Authentication international India")
    rows = "".join(f"{text},10,1.00\n" for text in texts)
    lines = _read(tmp_path, f"Description,Quantity,Amount\n{rows}").lines
    assert [(line.category, line.country or line.market) for line in lines] == [
        ("", ""),
        ("marketing", ""),
        ("authentication_international", "India"),
    ]


@pytest.mark.parametrize("heads", ["País,Destino", "Country,Recipient country", "Destino,País"])
def test_that_the_place_is_where_messages_went(tmp_path: Path, heads: str) -> None:
    places = "Chile,Perú" if heads == "Destino,País" else "Perú,Chile"
    lines = _read(tmp_path, f"{heads},Categoría,Mensajes,Importe\n{places},Marketing,10,0.70\n").lines
    assert [line.country for line in lines] == ["CL"]


def test_that_a_bare_abono_without_a_minus_is_remarked_unless_a_total_settles_it(tmp_path: Path) -> None:
    text = "Concepto,Cantidad,Importe USD\nMarketing Perú,1000,70.30\nAbono,,7.03\n"
    assert _codes(_read(tmp_path, text)) == ["credit_sign_open"]
    assert _codes(_read(tmp_path, f"{text}Total,,77.33\n")) == []


def test_that_the_one_column_of_figures_in_a_currency_is_the_amount(tmp_path: Path) -> None:
    fee = "Conversation type,Destination,Count,Fee USD\nMarketing,PE,1000,70.30\n"
    assert [str(line.amount) for line in _read(tmp_path, fee).lines] == ["70.30"]
    both = "Concepto,Mensajes,S/,US$,Saldo\nMarketing Perú,1000,263.63,70.30,12\n"
    assert [str(line.amount) for line in _read(tmp_path, both).lines] == ["70.30"]


def test_that_a_column_of_what_the_lines_come_to_so_far_is_not_their_amount(tmp_path: Path) -> None:
    rows = "600,42.18,42.18\n400,70.30,28.12\n200,84.36,14.06\n"
    text = "Categoría,Mensajes,Total,Propio\n" + "".join(f"Marketing,{row}\n" for row in rows.splitlines())
    assert [str(line.amount) for line in _read(tmp_path, text).lines] == ["42.18", "28.12", "14.06"]


def test_that_amounts_off_their_products_are_remarked_only_where_nothing_explains_them(tmp_path: Path) -> None:
    heads, row = "Concepto,Cantidad,Precio,Importe USD", "{} Perú,{},{},{}\n"
    off = row.format("Marketing", 1000, "0.0703", "82.95") + row.format("Utilidad", 500, "0.0236", "13.92")
    assert _codes(_read(tmp_path, f"{heads}\n{off}")) == ["products_times"]
    one = row.format("Marketing", 1000, "0.0703", "82.95") + row.format("Utilidad", 500, "0.0236", "11.80")
    assert _codes(_read(tmp_path, f"{heads}\n{one}")) == ["amounts_unconfirmed"]
    # 70.30 and 11.80 in whole units: the products show the amounts as far as these are written.
    whole = row.format("Marketing", 1000, "0.0703", "70") + row.format("Utilidad", 500, "0.0236", "12")
    assert _codes(_read(tmp_path, f"{heads}\n{whole}")) == []
    # A unit more or less is half of such small amounts: they show nothing.
    small = row.format("Marketing", 20, "0.0703", "1") + row.format("Utilidad", 50, "0.0236", "1")
    assert _codes(_read(tmp_path, f"{heads}\n{small}")) == ["amounts_unconfirmed"]


def _codes(invoice: Invoice) -> list[str]:
    return [problem.code for problem in invoice.report.problems]


def test_that_a_number_is_read_before_the_date_behind_it_and_a_total_in_a_sentence(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Factura F002-00012 · 31/10/2026\nEl importe total de octubre es de US$ 90.30 y vence pronto\n"
        "Periodo: octubre 2026\nCategoría,País,Mensajes,Importe USD\n"
        "Marketing,Perú,1000,70.30\nUtilidad,Perú,500,10.00\n",
    )
    assert {line.document for line in invoice.lines} == {"F002-00012"}
    values = [dict(one.values) for one in invoice.report.problems if one.code == "total_differs"]
    label = "El importe total de octubre es de US$ 90.30 y vence pronto"
    assert values == [{"label": label, "stated": "90.30", "read": "80.30"}]


def test_that_one_amount_that_is_not_the_product_is_said_where_another_column_is_in_every_line(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Categoría,País,Mensajes,Tarifa,Importe USD,Importe exacto\n"
        "Marketing,Perú,1000,0.0703,70,70.30\nUtilidad,Perú,500,0.02,10,10.00\n",
    )
    assert [one.code for one in invoice.report.problems] == ["products_elsewhere"]


def test_that_month_and_year_are_read_from_two_columns_and_a_share_is_no_quantity(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Año,Mes,Concepto,País,Cantidad,Monto USD\n2026,10,Marketing,Perú,1000,70.30\n"
        "2026,octubre,Utilidad,Perú,500,10.00\n2026,10,Descuento por volumen,,5%,-4.02\n",
    )
    assert {(line.period_start, line.period_end) for line in invoice.lines} == {_OCTOBER}
    assert [line.quantity for line in invoice.lines] == [Decimal(1000), Decimal(500), None]


def test_that_notes_with_an_amount_are_named_with_their_sum(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        "Estado de cuenta - octubre 2026\nMovimiento,Mensajes,US$\nSaldo inicial,,200.00\nMarketing Perú,1000,70.30\n"
        "Utilidad Perú,500,10.00\nSaldo final,,119.70\n",
    )
    said = [one.values for one in invoice.report.decisions if one.code == "reading.decision.figures_left_out"]
    assert [dict(one) for one in said] == [{"rows": "Saldo inicial 200.00; Saldo final 119.70", "sum": "319.70"}]
    assert [str(line.amount) for line in invoice.lines] == ["70.30", "10.00"]


@pytest.mark.parametrize(
    ("heads", "row", "line"),
    [
        ("Category,Messages", "Inbound,5000", ("provider_fee", "")),
        ("Categoría,Mensajes", "Mensajes entrantes,5000", ("provider_fee", "")),
        ("Categoria,Mensagens", "Mensagens recebidas,5000", ("provider_fee", "")),
        ("Description,Messages", "Inbound WhatsApp service message,5000", ("provider_fee", "")),
        ("Direction,Category,Messages", "inbound,Service,5000", ("provider_fee", "")),
        ("Entrada/Saída,Categoria,Mensagens", "Entrada,Serviço,5000", ("provider_fee", "")),
        ("Direction,Category,Messages", "outbound,Service,5000", ("meta", "service")),
        # What a customer begins is a conversation that Meta did charge.
        ("Direction,Category,Conversations", "inbound,Service,5000", ("meta", "service")),
        ("Description,Quantity", "Inbound user initiated conversation,5000", ("meta", "user_initiated")),
        ("Description,Quantity", "Inbound SMS,5000", ("other", "")),
        ("Category,Messages", "Marketing inbound,5000", ("meta", "marketing")),
    ],
)
def test_that_messages_of_customers_are_charged_by_the_provider_and_not_by_meta(
    tmp_path: Path, heads: str, row: str, line: tuple[str, str]
) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(f"{heads},Amount\n{row},25.00\n", encoding="utf-8")
    (read,) = read_invoice(path, andina()).lines
    assert (read.layer.value, read.category, read.amount) == (*line, Decimal("25.00"))


def test_that_totals_above_the_table_are_of_messages_or_of_money(tmp_path: Path) -> None:
    # The count stood above the lines, was held against nothing, and was called a total in money that differs.
    text = "Total a facturar,USD 110.30\nTotal mensajes,3000\n\nCategoría,Mensajes,USD\nMarketing,1000,70.30\n"
    path = tmp_path / "resumen.csv"
    path.write_text(text + "Utilidad,2000,40.00\n", encoding="utf-8")
    invoice = read_invoice(path, andina())
    assert [one.code for one in invoice.report.problems] == []
    assert {(one.kind, one.amount) for one in invoice.agreed} == {
        ("total", Decimal("110.30")),
        ("quantity", Decimal(3000)),
    }


def test_that_a_total_by_whatever_document_it_names_is_held_against_the_lines(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.append(["Valor total da fatura", "R$ 300,30"])
    lines = book.create_sheet("Detalhe")
    for row in (["Categoria", "Quantidade", "Valor (R$)"], ["Marketing", 800, 250.00], ["Utilidade", 1000, 50.00]):
        lines.append(row)
    path = tmp_path / "fatura.xlsx"
    book.save(path)
    # 250.00 + 50.00 = 300.00, and the cover says 300.30
    (said,) = (one for one in read_invoice(path, andina()).report.problems if one.code == "total_differs")
    assert (said.values["stated"], said.values["read"]) == ("300.30", "300")


def test_that_what_was_delivered_is_charged_and_not_what_was_sent(tmp_path: Path) -> None:
    path = tmp_path / "uso.csv"
    path.write_text(
        "Date,Country,Template category,Messages sent,Messages delivered,Cost\n"
        "2026-10-01,PE,MARKETING,110,100,7.03\n2026-10-02,PE,UTILITY,210,200,4.00\n",
        encoding="utf-8",
    )
    assert [line.quantity for line in read_invoice(path, andina()).lines] == [100, 200]


def test_that_a_column_of_exchange_rates_is_no_money_unread(tmp_path: Path) -> None:
    path = tmp_path / "fatura.csv"
    path.write_text(
        "Serviço;Volume;Subtotal (US$);Câmbio\nMarketing;10000;625.10;5.3196\nUtilidade;20000;160.20;5.3196\n",
        encoding="utf-8",
    )
    assert "money_unread" not in {one.code for one in read_invoice(path, andina()).report.problems}


def test_that_a_bare_sign_of_pesos_says_that_a_column_is_money(tmp_path: Path) -> None:
    path = tmp_path / "diario.csv"
    path.write_text(
        "Fecha;Marketing cant.;Marketing $;Utilidad cant.;Utilidad $\n"
        "01-oct-2026;100;$ 5.500,50;200;$ 800,25\n02-oct-2026;50;$ 2.750,25;150;$ 600,20\n",
        encoding="utf-8",
    )
    # 5500.50 + 800.25 + 2750.25 + 600.20 = 9651.20 of 100 + 200 + 50 + 150 = 500 messages
    invoice = read_invoice(path, andina())
    assert sum(line.amount for line in invoice.lines) == Decimal("9651.20")
    assert sum(line.quantity or 0 for line in invoice.lines) == 500


def test_that_each_of_many_subtotals_is_that_of_the_lines_above_it(tmp_path: Path) -> None:
    path = tmp_path / "secciones.csv"
    sections = "".join(f"Marketing,Perú,{n}.00\nUtilidad,Perú,1.00\nSubtotal,,{n + 1}.00\n" for n in range(1, 300))
    path.write_text(f"Categoría,País,Importe USD\n{sections}Marketing,Perú,5.00\nSubtotal,,9.00\n", encoding="utf-8")
    invoice = read_invoice(path, andina())
    assert len([one for one in invoice.agreed if one.kind == "subtotal"]) == 299
    # The last section is of 5.00, and no sum of the last lines is 9.00: 5 + 1 = 6, and 6 + 299 = 305.
    (wrong,) = (one for one in invoice.report.problems if one.code == "total_differs")
    assert (wrong.count, wrong.values["stated"]) == (1, "9.00")


@pytest.mark.parametrize(
    ("heads", "days", "found"),
    [
        ("Fecha;Categoría;Importe", ("01/10/2026", "03/10/2026"), ["2026-10-01", "2026-10-03"]),
        ("Date;Category;Amount", ("01/10/2026", "03/10/2026"), []),  # may be the tenth of January and of March
        ("Fecha;Categoría;Importe", ("01/10/2026", "01/10/2026"), []),  # one date may be that of the document
        ("Fecha;Categoría;Importe", ("01/09/2026", "03/10/2026"), []),
        ("Fecha;Categoría;Importe", ("10/10/2026", "10/10/2026"), ["2026-10-10", "2026-10-10"]),
    ],
)
def test_that_open_dates_are_day_first_where_language_and_audited_days_say_so(
    tmp_path: Path, heads: str, days: tuple[str, str], found: list[str]
) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(f"{heads}\n{days[0]};Marketing;7,03\n{days[1]};Utilidad;2,00\n", encoding="utf-8")
    if found:
        assert [str(line.period_start) for line in read_invoice(path, andina()).lines] == found
        return
    with pytest.raises(AuditorError, match="dates_ambiguous"):
        read_invoice(path, andina())


@pytest.mark.parametrize(
    ("phone", "number"),
    [("987654321", NUMBER), ("0987654321", NUMBER), ("7654321", "7654321"), ("87654329", "87654329")],
)
def test_that_a_phone_may_be_written_without_the_code_of_its_country(tmp_path: Path, phone: str, number: str) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(f"Phone number;Category;Amount\n{phone};Marketing;7,03\n", encoding="utf-8")
    assert [line.phone_number_id for line in read_invoice(path, andina()).lines] == [number]


@pytest.mark.parametrize("text", ["Chat App Message Service", "Serviço de mensagens WhatsApp", "Servicio de mensajes"])
def test_that_what_a_product_is_called_is_no_service_message(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(f"Description;Quantity;Amount\n{text};10;7,03\nService messages;10;2,00\n", encoding="utf-8")
    assert [line.category for line in read_invoice(path, andina()).lines] == ["", "service"]

"""The table of an invoice is found by its heads, and its rows are told apart."""

import csv
from pathlib import Path

import openpyxl
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import Layer
from auditor.core.tables import Category
from auditor.paths import resources
from auditor.readers.books.cells import read_sheets
from auditor.readers.tables.finding import find_layouts
from auditor.readers.tables.finding import save_profile
from auditor.readers.tables.headers import assign_fields
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profiles import fingerprint
from auditor.readers.tables.readings import decide_readings
from auditor.readers.values.currency_words import sure_currency
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.places import place_in
from auditor.readers.values.places import place_named
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import layer_named
from auditor.readers.values.words import lists


def _layout(folder: Path, text: str, options: ReadOptions | None = None) -> Layout:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    options = options or ReadOptions()
    ((sheet, layout),) = find_layouts(read_sheets(path), options, "USD")
    return decide_readings(sheet, layout, options, 2027)


def _fields(layout: Layout) -> dict[str, str]:
    return {column.head: column.field for column in layout.columns if column.field}


@pytest.mark.parametrize(
    ("heads", "fields"),
    [
        (
            ["Categoría de conversación", "País", "Cantidad", "Tarifa unitaria (US$)", "Importe total (US$)"],
            ["category", "country", "quantity", "unit_rate", "amount"],
        ),
        (["Concepto", "Cant.", "P. Unit.", "Importe"], ["description", "quantity", "unit_rate", "amount"]),
        (["Date", "Market", "Message category", "Volume", "Cost"], ["day", "market", "category", "quantity", "amount"]),
        (["Categoria", "Mensagens", "Preço unitário", "Valor"], ["category", "quantity", "unit_rate", "amount"]),
        (["Descripción", "Cantidad", "Precio", "Total"], ["description", "quantity", "unit_rate", "amount"]),
        (
            ["WABA ID", "Phone number", "Desde", "Hasta", "Monto S/"],
            ["waba_id", "phone_number_id", "period_start", "period_end", "amount"],
        ),
        (["Descripción", "Subtotal", "IGV", "Total"], ["description", "amount", "tax_amount", ""]),
        (["Item", "Amount (PEN)", "Amount (USD)"], ["description", "", "amount"]),
    ],
)
def test_that_columns_are_known_by_their_heads(heads: list[str], fields: list[str]) -> None:
    found, _ = assign_fields(heads, {}, "USD")
    assert [found[column].field if column in found else "" for column in range(1, len(heads) + 1)] == fields


def test_that_the_table_is_found_below_its_titles_and_ends_where_it_ends(tmp_path: Path) -> None:
    layout = _layout(
        tmp_path,
        "Consumo de WhatsApp\n\n"
        "Categoría,Cantidad,Importe\n"
        "Marketing,10,0.70\n\n"
        "Utilidad,5,0.10\n"
        "Subtotal,15,0.80\n"
        "Categoría,Cantidad,Importe\n"
        "Autenticación,1,0.02\n"
        "Total,16,0.82\n"
        "Nota: precios sin IGV,,\n"
        "Tipo de cambio,,3.75\n\n"
        "Fecha,Recarga,Saldo\n"
        "2026-10-01,50,49.18\n",
    )
    assert (layout.header_row, layout.first_row, layout.last_row) == (3, 4, 9)
    assert layout.data == (4, 6, 9)
    assert layout.totals == (7, 10)
    assert layout.left_out == (
        (8, "repeated_header"),
        (11, "note"),
        (12, "note"),
        (14, "second_table"),
        (15, "second_table"),
    )
    assert [(problem.code, problem.place) for problem in layout.problems] == [("second_table", Place("a.csv", row=14))]


def test_that_the_sheet_with_the_lines_is_chosen_and_the_other_one_said(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    cover = book.create_sheet("Resumen", 0)
    cover.append(["Concepto", "Importe"])
    cover.append(["Todo", 0.8])
    lines = book.create_sheet("Detalle", 1)
    for row in (["Categoría", "Cantidad", "Importe"], ["Marketing", 10, 0.7], ["Utilidad", 5, 0.1]):
        lines.append(row)
    secret = book.create_sheet("Oculta", 2)
    secret.append(["Categoría", "País", "Cantidad", "Tarifa", "Importe"])
    secret.sheet_state = "hidden"
    book.save(path)
    ((sheet, layout),) = find_layouts(read_sheets(path), ReadOptions())
    assert sheet.name == "Detalle"
    assert [(problem.code, problem.place.sheet) for problem in layout.problems] == [("other_table", "Resumen")]
    assert find_layouts(read_sheets(path), ReadOptions(sheet="resumen"))[0][0].name == "Resumen"
    secret.append(["Marketing", "Peru", 10, 0.07, 0.7])
    book.save(path)
    ((_, layout),) = find_layouts(read_sheets(path), ReadOptions())
    assert ("sheet_hidden", "Oculta") in [(problem.code, problem.place.sheet) for problem in layout.problems]
    ((_, layout),) = find_layouts(read_sheets(path), ReadOptions(sheet="Detalle"))
    assert not layout.problems


def test_that_a_mapping_goes_before_the_words(tmp_path: Path) -> None:
    text = "Tipo,X9,Importe\nMarketing,0.70,9\n"
    layout = _layout(tmp_path, text, ReadOptions(mapping={"X9": "amount", "C": "ignore"}))
    assert _fields(layout) == {"Tipo": "category", "X9": "amount"}


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("hello,world\n1,2\n", ReadOptions(), "no_header"),
        ("Category,Quantity\nMarketing,2\n", ReadOptions(), "no_amount_column"),
        ("Category,Amount\nMarketing,2\n", ReadOptions(mapping={"Nada": "amount"}), "map_unknown_column"),
        ("Category,Amount\nMarketing,2\n", ReadOptions(mapping={"Amount": "money"}), "map_unknown_field"),
        ("Category,Amount\nMarketing,2\n", ReadOptions(profile=("nobody's",)), "profile_unknown"),
        ("Category,Amount\nMarketing,2\n", ReadOptions(sheet="Uno"), "sheet_unknown"),
        ("Category;Amount\nMarketing;1,234\n", ReadOptions(), "decimal_ambiguous"),
        ("Category;Amount\nMarketing;1,23\nUtility;1.23\n", ReadOptions(), "decimal_conflict"),
        ("Category,Date,Amount\nMarketing,01/10/2026,2\n", ReadOptions(), "dates_ambiguous"),
        ("Category,Date,Amount\nA,13/10/2026,2\nB,10/13/2026,2\n", ReadOptions(), "dates_conflict"),
    ],
)
def test_that_what_is_not_clear_is_an_error_with_its_remedy(
    tmp_path: Path, text: str, options: ReadOptions, code: str
) -> None:
    with pytest.raises(AuditorError) as refused:
        _layout(tmp_path, text, options)
    assert refused.value.code == code


def test_that_stated_marks_and_orders_are_used(tmp_path: Path) -> None:
    text = "Category;Date;Amount\nMarketing;01/10/2026;1,234\n"
    layout = _layout(tmp_path, text, ReadOptions(decimal=",", dates="mdy"))
    amount, day = layout.field("amount"), layout.field("day")
    assert amount is not None
    assert day is not None
    assert (amount.decimal, day.dates) == (",", "mdy")


def test_that_counts_are_whole_and_the_rest_follows_by_multiplication(tmp_path: Path) -> None:
    rows = "Marketing;1.000;55;55.000\nUtilidad;2.500;4;10.000\n"
    layout = _layout(tmp_path, "Categoría;Cantidad;Tarifa;Importe\n" + rows)
    decided = [(one.key, one.values["head"], one.values["mark"]) for one in layout.decisions if "mark" in one.values]
    assert decided == [("decimal_by_count", "Cantidad", ","), ("decimal_by_product", "Importe", ",")]


def test_that_multiplication_settles_the_mark_and_is_said(tmp_path: Path) -> None:
    layout = _layout(tmp_path, "Category;Qty;Rate;Amount\nMarketing;1.234;0,07;86,38\n")
    quantity = layout.field("quantity")
    assert quantity is not None
    assert quantity.decimal == ","
    assert "decimal_by_product" in [decision.key for decision in layout.decisions]


def test_that_a_start_column_takes_its_order_from_the_end_column(tmp_path: Path) -> None:
    layout = _layout(tmp_path, "Category,From,To,Amount\nMarketing,01/10/2026,31/10/2026,2\n")
    assert {column.dates for column in layout.columns if column.kind == "date"} == {"dmy"}


def test_that_a_saved_profile_applies_by_itself_to_the_same_heads(tmp_path: Path) -> None:
    options = ReadOptions(decimal=",", mapping={"Q": "quantity", "V": "amount", "K": "category"})
    first = _layout(tmp_path, "K;Q;V\nMarketing;1.000;1,234\n", options)
    saved = save_profile("Mi «proveedor»", first)
    assert saved.name == "mi-proveedor.toml"
    again = _layout(tmp_path, "Título\n\n k ; q. ;V\nUtility;2.000;5,678\n")
    assert (again.profile, again.header_row) == ("Mi «proveedor»", 3)
    assert [(column.field, column.decimal) for column in again.columns] == [
        ("category", ""),
        ("quantity", ","),
        ("amount", ","),
    ]
    by_file = _layout(tmp_path, "K;Q;V\nMarketing;1.000;1,234\n", ReadOptions(profile=(str(saved),)))
    assert by_file.profile == "Mi «proveedor»"
    saved.write_text(saved.read_text(encoding="utf-8"), encoding="utf-8-sig")  # as an editor on Windows may save it
    assert _layout(tmp_path, "K;Q;V\nMarketing;1.000;1,234\n").profile == "Mi «proveedor»"
    saved.write_text("name = 1", encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        _layout(tmp_path, "K;Q;V\nMarketing;1.000;1,234\n")
    assert refused.value.code == "profile_damaged"


def test_that_a_fingerprint_ignores_case_accents_and_empty_heads_at_the_end() -> None:
    assert fingerprint(["Categoría", "Importe (USD)", ""]) == fingerprint(["CATEGORIA", "importe usd"])
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Marketing", "marketing"),
        ("Mensajes de marketing", "marketing"),
        ("utilitarios", "utility"),
        ("Utilidade", "utility"),
        ("Autenticación", "authentication"),
        ("AUTHENTICATION_INTERNATIONAL", "authentication_international"),
        ("authentication-international", "authentication_international"),
        ("Autenticação internacional", "authentication_international"),
        ("Marketing Lite", "marketing_lite"),
        ("Servicio", "service"),
        ("Conversaciones de servicio", "service"),
        ("Iniciadas por el usuario", "user_initiated"),
        ("Business-initiated conversations", "business_initiated"),
        ("Iniciada pela empresa", "business_initiated"),
        ("FEP", "referral_conversion"),
    ],
)
def test_that_a_category_is_understood_in_three_languages(text: str, category: str) -> None:
    meaning = category_meaning(text)
    assert meaning is not None
    assert meaning.category == category


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("IGV 18%", "tax"),
        ("PIS/COFINS", "tax"),
        ("MwSt. 19 %", "tax"),
        ("TVA 20 %", "tax"),
        ("PPN 11%", "tax"),
        ("KDV %20", "tax"),
        ("Comisión por mensaje", "provider_fee"),
        ("Tarifa de plataforma por mensaje de marketing", "provider_fee"),
        ("Tarifa de servicio del proveedor", "provider_fee"),
        ("Mensualidad", "subscription"),
        ("Licencia mensual", "subscription"),
        ("Nota de crédito", "credit"),
        ("Recarga", "top_up"),
        ("Wallet recharge (incl. GST 18%)", "top_up"),
        ("Recarga de saldo, IGV incluido", "top_up"),
        ("IGV incluido", ""),
        ("Mensajes de marketing - Perú", "meta"),
        ("Servicio de soporte", "other"),
    ],
)
def test_that_the_words_of_a_line_tell_its_layer(text: str, layer: str) -> None:
    assert described(text).layer == layer


def test_that_what_explains_a_category_in_brackets_need_not_be_known() -> None:
    meanings = map(category_meaning, ("Servicio (24 horas)", "Sessão (mensagens livres)"))
    assert [meaning and meaning.category for meaning in meanings] == ["service", "service"]


def test_that_service_in_free_text_is_a_category_only_in_its_context() -> None:
    assert described("Servicio de WhatsApp, octubre").category == ""
    assert described("Mensajes de servicio").category == "service"


@pytest.mark.parametrize(
    ("text", "as_market", "as_country"),
    [
        ("Perú", ("Peru", ""), ("", "PE")),
        ("PE", ("", "PE"), ("", "PE")),
        ("+51", ("", "PE"), ("", "PE")),
        ("México", ("Mexico", ""), ("", "MX")),
        ("Bolivia", ("", "BO"), ("", "BO")),
        ("Estados Unidos", ("", "US"), ("", "US")),
        ("Resto de Latinoamérica", ("Rest of Latin America", ""), ("Rest of Latin America", "")),
        ("Resto da América Latina", ("Rest of Latin America", ""), ("Rest of Latin America", "")),
        ("Norteamérica", ("North America", ""), ("North America", "")),
        ("Rest of Western Europe", ("Rest of Western Europe", ""), ("Rest of Western Europe", "")),
        ("Otros", ("Other", ""), ("Other", "")),
        ("Todos", ("", ""), ("", "")),
        ("NA", None, ("", "NA")),
        ("N/A", ("", ""), ("", "")),
        ("Narnia", None, None),
    ],
)
def test_that_markets_and_countries_are_told_apart(
    text: str, as_market: tuple[str, str] | None, as_country: tuple[str, str] | None
) -> None:
    assert place_named(text, prefer_country=False) == as_market
    assert place_named(text, prefer_country=True) == as_country


def test_that_every_word_of_the_program_is_understood() -> None:
    text = (resources() / "tariffs" / "markets.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    for row in rows:
        assert place_named(row["market"], prefer_country=False) == (row["market"], "")
        assert place_named(row["iso2"], prefer_country=True) == ("", row["iso2"])
        assert place_named(row["country"], prefer_country=True) == ("", row["iso2"])
    for category in Category:
        assert category_meaning(category.word) is not None
        assert category_meaning(category.word).category == category.word  # type: ignore[union-attr]
    for layer in Layer:
        assert layer_named(layer.value) == layer
    heads = [field for field in lists("heads") if field != "day"]
    fields, _ = assign_fields(heads, {})
    assert [fields[column].field for column in range(1, len(heads) + 1)] == heads


def test_that_a_place_is_found_in_a_description() -> None:
    assert place_in("Plantillas de utilidad a México, octubre") == ("Mexico", "")
    assert place_in("Plantillas de utilidad") is None
    assert place_in("WhatsApp marketing messages UAE") == ("", "AE")
    assert place_in("La promo usa plantillas de marketing") is None  # a word, and no country in capitals


@pytest.mark.parametrize(
    ("head", "currency"),
    [
        ("Total (Rp)", "IDR"),
        ("Marketing Amount (R)", "ZAR"),
        ("WhatsApp(R) cost", ""),
        ("Monto RM", "MYR"),
        ("Rate (Rs)", "INR"),
        ("Rpta", ""),
        ("rp", ""),
    ],
)
def test_that_a_sign_of_letters_is_one_where_it_is_a_word(head: str, currency: str) -> None:
    assert text_currency(head) == currency


def test_that_in_a_sheet_of_thousands_of_columns_the_head_is_looked_for_in_the_first_rows(tmp_path: Path) -> None:
    # Each row that may be a head is judged by fifty rows below it: a hundred and fifty such took two minutes.
    path = tmp_path / "wide.csv"
    rows = [[f"x{row}y{column}" for column in range(1000)] for row in range(25)]
    rows += [["Categoría", "País", "Importe USD"], ["Marketing", "Perú", "70.30"], ["Utilidad", "Perú", "40.00"]]
    path.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    sheets = read_sheets(path)
    with pytest.raises(AuditorError, match="no_header"):
        find_layouts(sheets, ReadOptions())
    assert find_layouts(sheets, ReadOptions(header_row=26))[0][1].data == (27, 28)
    path.write_text("\n".join(map(",".join, rows[20:])), encoding="utf-8")
    assert find_layouts(read_sheets(path), ReadOptions())[0][1].header_row == 6


def test_that_totals_are_known_by_their_labels() -> None:
    assert {total_kind(label) for label in ("Total", "TOTAL USD", "Total a pagar S/", "Valor total da fatura")} == {
        "total"
    }
    assert {total_kind(label) for label in ("Sub-total", "Total Marketing", "Total Perú")} == {"subtotal"}
    assert total_kind("Importe total / Total amount") == "total"
    assert total_kind("Marketing") == ""


def test_that_heads_over_two_rows_keep_the_counts_of_each_category_whatever_they_are_called(tmp_path: Path) -> None:
    rows = ["País,Marketing,,Utilidad,", ",N° mensajes,Monto CLP,Cant. de mensajes,Monto CLP", "Chile,6,510,12,228"]
    layout = _layout(tmp_path, "\n".join([*rows, "Perú,1,67,5,95", "Total,7,577,17,323"]))
    assert [column.field for column in layout.columns] == ["country", "quantity", "amount", "quantity", "amount"]


def test_that_a_country_called_for_short_divides_a_table_like_another(tmp_path: Path) -> None:
    rows = ["Category,India,,UAE,", ",Count,INR,Count,INR", "Marketing,1000,863.1,10,28.2", "Utility,5000,575,20,26"]
    layout = _layout(tmp_path, "\n".join(rows))
    assert [column.field for column in layout.columns] == ["category", "quantity", "amount", "quantity", "amount"]


def test_that_what_an_index_is_called_below_three_rows_of_heads_is_its_name(tmp_path: Path) -> None:
    # As pandas writes a pivot table: what is summed, the categories with their name, and the name of the index.
    rows = [",cost_usd,,messages,", "category,MARKETING,UTILITY,MARKETING,UTILITY", "date,,,,", "2026-10-01,7,1,10,5"]
    layout = _layout(tmp_path, "\n".join([*rows, "2026-10-02,14,2,20,10"]))
    assert [column.field for column in layout.columns] == ["day", "amount", "amount", "quantity", "quantity"]
    assert layout.data == (4, 5)


@pytest.mark.parametrize(
    ("title", "currency"),
    [
        ("CONSUMO DE OCTUBRE - EXPRESADO EN SOLES", "PEN"),
        ("Amounts in euros", "EUR"),
        ("Valores em reais", "BRL"),
        ("Tienda en Sol de la Molina", ""),
    ],
)
def test_that_a_title_names_the_currency_in_which_something_is_stated(title: str, currency: str) -> None:
    assert sure_currency(title) == currency


def test_that_item_codes_beside_charges_in_a_column_of_another_meaning_stay_as_they_are(tmp_path: Path) -> None:
    # A line lost its beginning, so that the charges stand under the head of the countries: no column is free for them.
    with pytest.raises(AuditorError, match="no_amount_column"):
        _layout(tmp_path, "Categoría;País;Cantidad2Importe\n2026-10;Marketing;Perú;1,00\n2026-10;Utilidad;Chile;2,00\n")


@pytest.mark.parametrize(
    ("rows", "mark", "order"),
    [
        ("meta;utility;31/10/2026;1.500;0,65;USD\n", ",", "dmy"),
        ("meta;utility;2026-10-31;1500;0.65;USD\n", ".", "ymd"),
        # One cell that is otherwise does not make the others doubtful: it is refused when its row is read.
        ("meta;utility;2026-10-31;1500;0.65;USD\n;;;;0,65;\n", ".", "ymd"),
    ],
)
def test_that_a_file_saved_again_by_a_spreadsheet_is_read_as_that_writes_and_not_as_the_profile_says(
    tmp_path: Path, rows: str, mark: str, order: str
) -> None:
    layout = _layout(tmp_path, f"layer;category;period_start;quantity;amount;currency\n{rows}")
    columns = {column.field: column for column in layout.columns}
    assert layout.profile == "Canonical invoice lines"
    assert (columns["amount"].decimal, columns["period_start"].dates) == (mark, order)

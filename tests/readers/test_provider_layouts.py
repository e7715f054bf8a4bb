"""Published layouts come in by themselves; expected lines are worked out by hand from tiny invented files."""

import csv
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import InvoiceLine
from auditor.core.records import UsageLine
from auditor.language import Language
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.invoices.usage import read_usage
from auditor.readers.recognise import recognise
from auditor.readers.tables.finding import save_profile
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profile_files import load_profiles
from auditor.verbs.inspection import inspect
from auditor.verbs.inspection_text import inspection_text
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import WABA
from tests.readers.fixtures.accounts import andina
from tests.saying import sentences

Rows = Sequence[Sequence[str]]

AWS = (
    ("lineItem/LineItemType", "lineItem/UsageStartDate", "lineItem/UsageEndDate", "lineItem/UsageType",
     "lineItem/UsageAmount", "lineItem/CurrencyCode", "lineItem/UnblendedRate", "lineItem/UnblendedCost"),
    ("Usage", "2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z", "USE1-WhatsApp-PE-MetaTemplateMessageFee-Marketing",
     "12", "USD", "0.0703", "0.8436"),
    ("Usage", "2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z", "USE1-WhatsApp-PE-MessageFee-Standard", "12", "USD",
     "0.005", "0.06"),
    ("Usage", "2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z",
     "WhatsApp–IN–MetaTemplateMessageFee–Authentication–International", "2", "USD", "0.03", "0.06"),
    ("Usage", "2025-06-05T00:00:00Z", "2025-06-05T01:00:00Z", "USW2-WhatsApp-PE-ConversationFee-Utility", "3", "USD",
     "0.02", "0.06"),
    ("Usage", "2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z", "USE1-BoxUsage:t3.micro", "24", "USD", "0.01", "0.24"),
)  # fmt: skip
TWILIO = (
    ("account_sid", "category", "description", "start_date", "end_date", "count", "count_unit", "price", "price_unit"),
    *(
        ("AC1", category, "x", "2026-10-01", "2026-10-31", count, "messages", price, "usd")
        for category, count, price in (
            ("totalprice", "0", "20.4436"),
            ("channels-messaging", "32", "0.16"),
            ("channels-messaging-inbound", "20", "0.10"),
            ("channels-messaging-outbound", "12", "0.06"),
            ("channels-whatsapp", "15", "0.9036"),
            ("channels-whatsapp-template-marketing", "12", "0.8436"),
            ("channels-whatsapp-template-utility", "3", "0.06"),
            ("sms", "100", "19.38"),
        )
    ),
)
GUPSHUP = (
    ("appId", "appName", "date", "currency", "totalMsg", "marketing", "utility", "service", "fep", "gsFees", "waFees",
     "totalFees", "cumulativeBill"),
    ("a1", "Shop", "2026-10-05", "USD", "12", "4", "1", "3", "0", "0.012", "0.345", "0.357", "10.357"),
    ("a1", "Shop", "2026-10-06", "USD", "0", "0", "0", "0", "0", "0", "0", "0", "10.357"),
)  # fmt: skip
WATI = (
    ("Timestamp (UTC)", "Credit Amount", "Destination Country", "Conversation Type"),
    ("2026-10-05 14:00:00", "7.03", "Peru", "Marketing"),
    ("2026-10-05 15:00:00", "2.00", "Peru", "Utility"),
)


def table(folder: Path, rows: Rows, delimiter: str = ",") -> Path:
    path = folder / "export.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def values(lines: Iterable[InvoiceLine | UsageLine], *names: str) -> list[tuple[object, ...]]:
    """Give some fields of lines, decimals and words as texts."""
    return [tuple(str(getattr(line, name) or "") for name in names) for line in lines]


def test_that_aws_usage_types_are_taken_apart_and_both_fees_told(tmp_path: Path) -> None:
    path = table(tmp_path, AWS)
    invoice = read_invoice(path, andina())
    assert (recognise(path), invoice.layout.profile) == ("invoice", "AWS cost and usage line items")
    assert values(invoice.lines, "layer", "country", "category", "unit", "quantity", "unit_rate", "amount") == [
        ("meta", "PE", "marketing", "message", "12", "0.0703", "0.8436"),
        ("provider_fee", "PE", "", "message", "12", "0.005", "0.06"),
        ("meta", "IN", "authentication_international", "message", "2", "0.03", "0.06"),
        ("meta", "PE", "utility", "conversation", "3", "0.02", "0.06"),
    ]
    # The end of a span is not part of it; an hour within one day is that day.
    assert {(line.period_start, line.period_end) for line in invoice.lines} == {
        (date(2026, 10, 5), date(2026, 10, 5)), (date(2025, 6, 5), date(2025, 6, 5)),
    }  # fmt: skip
    assert (invoice.report.kept, invoice.report.left_out, invoice.layout.left_out) == (4, 1, ((6, "other_product"),))


def test_that_the_tax_of_the_product_on_a_bill_of_aws_is_a_line_and_that_of_others_is_none(tmp_path: Path) -> None:
    products = ("lineItem/ProductCode", *["AWSEndUserMessaging"] * (len(AWS) - 1))
    rows = [(*row, product) for row, product in zip(AWS, products, strict=True)]
    tax = [("Tax", *AWS[1][1:3], "", "1", "USD", "", amount, product) for amount, product in (
        ("0.15", "AWSEndUserMessaging"), ("9.99", "AmazonEC2"),
    )]  # fmt: skip
    lines = read_invoice(table(tmp_path, (*rows, *tax)), andina()).lines
    assert [str(line.amount) for line in lines if line.layer == "tax"] == ["0.15"]


def test_that_the_newer_names_of_aws_columns_are_the_same_layout(tmp_path: Path) -> None:
    heads = [head.replace("lineItem/", "line_item_").replace("UsageType", "usage_type") for head in AWS[0]]
    heads = [head.replace("UsageAmount", "usage_amount").replace("UnblendedCost", "unblended_cost") for head in heads]
    invoice = read_invoice(table(tmp_path, (heads, *AWS[1:3])), andina())
    assert values(invoice.lines, "layer", "amount") == [("meta", "0.8436"), ("provider_fee", "0.06")]


def test_that_the_detailed_billing_report_of_aws_is_read_alike(tmp_path: Path) -> None:
    heads = ("InvoiceID", "RecordType", "UsageType", "UsageStartDate", "UsageEndDate", "UsageQuantity", "UnBlendedCost")
    span = ("2026-10-05 00:00:00", "2026-10-06 00:00:00")
    rows = (
        heads,
        ("1", "LineItem", "USE1-WhatsApp-PE-MetaTemplateMessageFee-Marketing", *span, "12", "0.8436"),
        ("1", "LineItem", "USE1-WhatsApp-PE-MessageFee-Standard", *span, "12", "0.06"),
        ("1", "LineItem", "USE1-BoxUsage", *span, "24", "0.24"),
        ("1", "InvoiceTotal", "", "", "", "", "1.1436"),
    )
    invoice = read_invoice(table(tmp_path, rows), andina())
    assert values(invoice.lines, "layer", "country", "category", "quantity", "amount", "period_end") == [
        ("meta", "PE", "marketing", "12", "0.8436", "2026-10-05"),
        ("provider_fee", "PE", "", "12", "0.06", "2026-10-05"),
    ]


def test_that_of_twilio_usage_only_leaves_are_charges(tmp_path: Path) -> None:
    invoice = read_invoice(table(tmp_path, TWILIO), andina())
    assert values(invoice.lines, "layer", "category", "quantity", "amount", "currency", "supplier") == [
        ("provider_fee", "", "20", "0.10", "USD", "Twilio"),
        ("provider_fee", "", "12", "0.06", "USD", "Twilio"),
        ("meta", "marketing", "12", "0.8436", "USD", "Twilio"),
        ("meta", "utility", "3", "0.06", "USD", "Twilio"),
    ]
    # 0.10 + 0.06 + 0.8436 + 0.06
    assert (invoice.report.total, invoice.report.read, invoice.report.left_out) == (Decimal("1.0636"), 8, 4)
    assert dict(invoice.layout.left_out) == {2: "other_product", 3: "parent", 6: "parent", 9: "other_product"}
    assert invoice.report.problems == ()
    assert (invoice.lines[0].period_start, invoice.lines[0].period_end) == (date(2026, 10, 1), date(2026, 10, 31))


def test_that_a_parent_that_is_not_the_sum_of_its_parts_is_said(tmp_path: Path) -> None:
    rows = [row for row in TWILIO if row[1] != "channels-whatsapp-template-utility"]
    problems = read_invoice(table(tmp_path, rows), andina()).report.problems
    assert [(problem.code, problem.place.row, problem.values["read"]) for problem in problems] == [
        ("parent_differs", 6, "0.8436")
    ]


def test_that_gupshup_fees_are_two_lines_and_running_totals_are_none(tmp_path: Path) -> None:
    path = table(tmp_path, GUPSHUP)
    invoice = read_invoice(path, andina())
    assert values(invoice.lines, "layer", "quantity", "amount", "period_start", "description") == [
        ("meta", "", "0.345", "2026-10-05", "Shop"),
        ("provider_fee", "12", "0.012", "2026-10-05", "Shop"),
    ]
    assert (invoice.report.total, invoice.report.read, invoice.report.kept, invoice.report.left_out) == (
        Decimal("0.357"), 2, 1, 1,
    )  # fmt: skip


def test_that_gupshup_usage_counts_by_category(tmp_path: Path) -> None:
    usage = read_usage(table(tmp_path, GUPSHUP), andina())
    assert values(usage.lines, "layer", "category", "quantity") == [
        ("meta", "", ""),
        ("provider_fee", "", "12"),
        ("meta", "marketing", "4"),
        ("meta", "utility", "1"),
        ("meta", "service", "3"),
    ]
    assert [line.amount for line in usage.lines] == [Decimal("0.345"), Decimal("0.012"), None, None, None]
    assert (usage.report.kind, usage.report.read, usage.report.kept) == ("usage", 2, 1)


def test_that_infobip_usage_is_read_and_other_channels_left_out(tmp_path: Path) -> None:
    rows = (
        ("Category", "Unit", "Unit price", "Quantity", "Total per unit", "Currency"),
        ("WHATSAPP", "Messages", "0.0703", "12", "0.8436", "USD"),
        ("SMS", "Messages", "0.01", "5", "0.05", "USD"),
    )
    invoice = read_invoice(table(tmp_path, rows), andina())
    assert values(invoice.lines, "unit", "quantity", "unit_rate", "amount", "supplier") == [
        ("message", "12", "0.0703", "0.8436", "Infobip")
    ]


def test_that_infobip_usage_of_several_channels_is_read_by_its_traffic(tmp_path: Path) -> None:
    rows = (
        ("Channel", "Traffic Type", "Country", "Unit", "Quantity", "Unit Price", "Total Per Unit", "Currency"),
        ("WHATSAPP", "MARKETING TEMPLATE", "Peru", "MESSAGES", "1000", "0.0703", "70.30", "USD"),
        ("WHATSAPP", "OUTBOUND MESSAGE FEE", "Peru", "MESSAGES", "1000", "0.005", "5.00", "USD"),
        ("SMS", "OUTBOUND", "Peru", "MESSAGES", "500", "0.03", "15.00", "USD"),
    )
    invoice = read_invoice(table(tmp_path, rows), andina())
    assert values(invoice.lines, "layer", "category", "country", "amount") == [
        ("meta", "marketing", "PE", "70.30"),
        ("provider_fee", "", "PE", "5.00"),
    ]


def test_that_columns_of_which_a_layout_says_nothing_tell_what_is_charged_and_where(tmp_path: Path) -> None:
    rows = (
        ("Service", "Network", "Unit", "Unit price", "Quantity", "Total per unit", "Currency"),
        ("WhatsApp Marketing template", "Peru", "Message", "0.0703", "1000", "70.30", "USD"),
        ("WhatsApp traffic fee", "Peru", "Message", "0.0030", "1000", "3.00", "USD"),
    )
    invoice = read_invoice(table(tmp_path, rows), andina())
    assert values(invoice.lines, "layer", "category", "country", "amount", "supplier") == [
        ("meta", "marketing", "PE", "70.30", "Infobip"),
        ("provider_fee", "", "PE", "3.00", "Infobip"),
    ]
    regions = [(row[0], place, *row[2:]) for row, place in zip(rows, ("Network", "eu-west-1", "Peru"), strict=True)]
    invoice = read_invoice(table(tmp_path, regions), andina())  # no country: nothing is refused for it
    assert values(invoice.lines, "layer", "country") == [("meta", ""), ("provider_fee", "")]


def test_that_metas_fee_by_the_message_is_metas_beside_a_product_of_one_name(tmp_path: Path) -> None:
    rows = (
        ("Billing Cycle", "Product", "Billable Item", "Country", "Category", "Usage", "Unit Price",
         "Pretax Gross Amount", "Currency"),
        ("202610", "Chat App Message Service", "Meta message fee", "PE", "MARKETING", "1000", "0.0703", "70.3", "USD"),
        ("202610", "Chat App Message Service", "Platform fee", "PE", "", "1000", "0.002", "2", "USD"),
    )  # fmt: skip
    invoice = read_invoice(table(tmp_path, rows), andina())
    assert values(invoice.lines, "layer", "category", "amount") == [
        ("meta", "marketing", "70.3"),
        ("provider_fee", "", "2"),
    ]
    assert "tax_inside" not in [one.code for one in invoice.report.problems]


def test_that_a_document_of_meta_platforms_is_no_fee_of_a_platform(tmp_path: Path) -> None:
    rows = (
        ("invoice_id", "invoice_date", "billing_period", "entity", "amount", "currency"),
        ("25010", "2026-11-01", "2026-10", "Meta Platforms Ireland Limited", "350.72", "USD"),
    )
    assert values(read_invoice(table(tmp_path, rows), andina()).lines, "layer", "amount") == [("meta", "350.72")]


def test_that_azure_meters_tell_the_category_in_their_names_and_not_in_their_categories(tmp_path: Path) -> None:
    rows = (
        ("Date", "MeterCategory", "MeterName", "Quantity", "EffectivePrice", "CostInBillingCurrency",
         "BillingCurrencyCode"),
        ("2026-10-05", "Messaging", "WhatsApp Usage Fee - Outbound", "1000", "0.005", "5.00", "USD"),
        ("2026-10-05", "Messaging", "WhatsApp Channel Fee - Marketing - Peru", "1000", "0.0703", "70.30", "USD"),
    )  # fmt: skip
    invoice = read_invoice(table(tmp_path, rows), andina())
    assert values(invoice.lines, "layer", "category", "market", "amount") == [
        ("provider_fee", "", "", "5.00"),
        ("meta", "marketing", "Peru", "70.30"),
    ]


def test_that_an_alibaba_bill_is_read_before_its_coupons(tmp_path: Path) -> None:
    rows = (
        ("Billing Cycle", "Product Name", "Billing Item", "WABA ID", "Phone Number", "Usage", "List Price",
         "Pretax Gross Amount", "Deducted By Coupons", "Currency"),
        ("2026-10", "Chat App", "Marketing message Peru", WABA, "51987654321", "12", "0.0703", "0.8436", "0.1", "USD"),
        ("2026-10", "ECS", "Instance", "", "", "1", "5", "5", "0", "USD"),
    )  # fmt: skip
    invoice = read_invoice(table(tmp_path, rows), andina())
    assert values(invoice.lines, "category", "market", "waba_id", "phone_number_id", "quantity", "amount") == [
        ("marketing", "Peru", WABA, NUMBER, "12", "0.8436")
    ]
    assert (invoice.lines[0].period_start, invoice.lines[0].period_end) == (date(2026, 10, 1), date(2026, 10, 31))


def test_that_wati_credits_are_no_money_until_their_worth_is_stated(tmp_path: Path) -> None:
    path = table(tmp_path, WATI)
    assert recognise(path) == "usage"
    usage = read_usage(path, andina())
    assert values(usage.lines, "country", "category", "unit", "quantity", "amount") == [
        ("PE", "marketing", "credit", "7.03", ""),
        ("PE", "utility", "credit", "2.00", ""),
    ]
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    assert refused.value.code == "credits_without_worth"


@pytest.mark.parametrize(
    "rows",
    [
        [row[:3] for row in WATI],
        [("Date", "Destination Country", "Messages", "Credit Amount"), ("2026-10-05", "Peru", "100", "7.03")],
        [("Month", "Conversation Type", "Destination Country", "Credit Amount"), ("Oct 2026", "Utility", "Peru", "2")],
    ],
)
def test_that_credits_are_never_read_as_money(tmp_path: Path, rows: Rows) -> None:
    path = table(tmp_path, rows)
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    assert refused.value.code == "credits_without_worth"
    assert {line.amount for line in read_usage(path, andina()).lines} == {None}


@pytest.mark.parametrize(
    ("heads", "titles", "code"),
    [
        ("Category,Quantity,Credit amount", "", "amount_in_credits"),
        ("Categoría,Cantidad,Importe (créditos)", "", "amount_in_credits"),
        ("Categoría,Cantidad,Total créditos", "", "amount_in_credits"),
        ("Category,Quantity,Credit amount (USD)", "", ""),
        ("Category,Quantity,Credit amount", "Credit note CN-1,,\n", ""),
    ],
)
def test_that_amounts_headed_as_credits_are_asked_about(tmp_path: Path, heads: str, titles: str, code: str) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(f"{titles}{heads}\nMarketing,100,7.03\n", encoding="utf-8")
    if not code:
        assert [line.amount.copy_abs() for line in read_invoice(path, andina()).lines] == [Decimal("7.03")]
        return
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    assert refused.value.code == code
    stated = ReadOptions(mapping={heads.split(",")[2]: "amount"})
    assert [line.amount for line in read_invoice(path, andina(), stated).lines] == [Decimal("7.03")]


def test_that_a_profile_of_ours_can_be_saved_and_changed(tmp_path: Path) -> None:
    path = table(tmp_path, WATI)
    layout = read_usage(path, andina()).layout
    assert layout is not None
    saved = save_profile("Our WATI", layout)
    text = saved.read_text(encoding="utf-8")
    assert 'credit = "0"' in text
    assert 'head = "Credit Amount"\nfield = "ignore"\ndecimal = "."' in text
    text = text.replace('credit = "0"', 'credit = "0.01"').replace('supplier = "WATI"', 'supplier = "WATI Ltd"')
    saved.write_text(text, encoding="utf-8")
    invoice = read_invoice(path, andina())
    # 7.03 credits of 0.01 are 0.0703; 2 are 0.02.
    assert (invoice.layout.profile, [line.amount for line in invoice.lines]) == (
        "Our WATI", [Decimal("0.0703"), Decimal("0.02")],
    )  # fmt: skip
    assert {line.supplier for line in invoice.lines} == {"WATI Ltd"}


def test_that_the_preview_saves_how_a_usage_table_is_read(tmp_path: Path) -> None:
    seen = inspect(table(tmp_path, WATI), ReadOptions(), None, "Our WATI")
    assert (seen.kind, seen.report.kind, seen.saved) == ("usage", "usage", "our-wati.toml")
    assert "Our WATI" in [profile.name for profile in load_profiles(())]


@pytest.mark.parametrize(
    "heads",
    [
        ("Fecha", "Grupo", "Descripción", "Cantidad", "Total", "Saldo"),
        ("Date", "Group", "Description", "Quantity", "Total", "Balance"),
    ],
)
def test_that_zenvia_movements_are_read_and_the_balance_is_not(tmp_path: Path, heads: Sequence[str]) -> None:
    rows = (
        heads,
        ("05/10/2026", "WhatsApp", "Mensajes de marketing", "12", "USD 0,84", "USD -89,59"),
        ("13/10/2026", "Recargas", "Recarga", "1", "USD -50,00", "USD -39,59"),
    )
    invoice = read_invoice(table(tmp_path, rows, ";"), andina())
    assert values(invoice.lines, "layer", "category", "quantity", "amount", "currency", "period_start") == [
        ("meta", "marketing", "12", "0.84", "USD", "2026-10-05"),
        ("top_up", "", "1", "-50.00", "USD", "2026-10-13"),
    ]


def test_that_canonical_lines_come_in_as_they_are(tmp_path: Path) -> None:
    rows = (
        ("document", "layer", "period_start", "period_end", "waba_id", "country", "category", "pricing_type", "unit",
         "quantity", "unit_rate", "amount", "currency"),
        ("F1", "meta", "2026-10-01", "2026-10-31", WABA, "PE", "utility", "regular", "message", "1000", "0.02",
         "20.000", "USD"),
        ("F1", "subscription", "2026-10-01", "2026-10-31", "", "", "", "", "", "", "", "250.000", "PEN"),
    )  # fmt: skip
    invoice = read_invoice(table(tmp_path, rows), andina())
    assert values(invoice.lines, "document", "layer", "category", "pricing_type", "quantity", "amount", "currency") == [
        ("F1", "meta", "utility", "regular", "1000", "20.000", "USD"),
        ("F1", "subscription", "", "", "", "250.000", "PEN"),
    ]


def test_that_every_profile_of_ours_says_where_its_columns_are_published() -> None:
    profiles = load_profiles(())
    assert len({profile.name for profile in profiles}) == len(profiles) > 8
    assert [profile.name for profile in profiles if not profile.source] == []


@pytest.mark.parametrize(
    "text",
    [
        "name = 1",
        "name = " + "[" * 5000,
        'name = "a"\ncolumn = []',
        'name = "a"\nheads = "Amount"\ncolumn = []',
        'name = "a"\nheads = ["x"]\nkind = "song"\ncolumn = []',
        'name = "a"\nheads = ["x"]\ncolour = "red"\ncolumn = []',
        'name = "a"\nheads = ["x"]\ncolumn = []\n[[rule]]\nwhen = { x = "1" }\nleave_out = "whim"',
        'name = "a"\nheads = ["x"]\ncolumn = []\n[[split]]\nhead = "x"\nseparator = ""\nparts = ["a"]',
        'name = "a"\nheads = ["x"]\ncolumn = []\n[[line]]\nput = { layer = "meta" }',
        'name = "a"\nheads = ["x"]\ncredit = "much"\ncolumn = []',
    ],
)
def test_that_a_profile_that_is_not_one_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        read_invoice(table(tmp_path, WATI), andina(), ReadOptions(profile=(str(path),)))
    assert (refused.value.code, str(refused.value.place)) == ("profile_damaged", "mine.toml")


def test_that_a_preview_shows_every_line_of_a_row_and_no_letters_for_what_a_profile_adds(tmp_path: Path) -> None:
    seen = inspect(table(tmp_path, GUPSHUP), ReadOptions(), andina())
    shown = [(row.row, row.fields.get("layer", ""), row.fields.get("category", "")) for row in seen.rows if row.fields]
    first = [row for row in shown if row[0] == 2]
    assert len(first) > 1
    assert len(set(first)) == len(first)
    added = [column for column in seen.columns if not column.letters]
    assert {column.basis for column in added} == {"profile"}


def test_that_a_preview_of_credits_shows_no_money(tmp_path: Path) -> None:
    seen = inspect(table(tmp_path, WATI), ReadOptions(), None, language="es")
    lines = [row.fields for row in seen.rows if row.fields]
    assert [(line["quantity"], "amount" in line, "currency" in line) for line in lines] == [
        ("7.03", False, False),
        ("2", False, False),
    ]
    assert "XXX" not in inspection_text(seen, "es")
    assert not any("XXX" in decision or "Columns" in decision for decision in sentences(seen.report.decisions, "es"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[[column]]\nhead = "x"\nfield = "amout"\n', "profile_unknown_field"),
        ('column = []\n[constants]\nlayer = "metta"\n', "profile_unknown_word"),
        ('column = []\n[[rule]]\nwhen = { x = "1" }\nput = { category = "promo" }\n', "profile_unknown_word"),
        ('kind = "log"\ncolumn = []\n[[rule]]\nwhen = { x = "1" }\nput = { amount = "1" }\n', "profile_unknown_field"),
    ],
)
def test_that_a_profile_with_a_wrong_word_is_refused_by_that_word(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'name = "Mine"\nheads = ["x"]\n{text}', encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        load_profiles([str(path)])
    assert refused.value.code == code
    assert Language("es").error(refused.value)

"""Tables with columns for each part of a charge: days, what heads above name, and the signs of currencies."""

from dataclasses import replace
from datetime import date
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.core.records import InvoiceLine
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.tables.finding import save_profile
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.tables.wide import Part
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import andina


def _read(folder: Path, *rows: str) -> tuple[InvoiceLine, ...]:
    path = folder / "invoice.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return read_invoice(path, andina()).lines


@pytest.mark.parametrize("days", ["13/10/2026;14/10/2026", "2026-10-13;2026-10-14", "10/13/2026;10/14/2026"])
def test_that_days_across_are_those_of_their_figures_and_their_sums_no_lines(tmp_path: Path, days: str) -> None:
    lines = _read(
        tmp_path, "Daily cost US$;;;", f"Category;{days};Total", "Marketing;7.03;14.06;21.09", "Utility;1.00;2.00;3.00"
    )
    assert [(str(line.period_start), line.category, str(line.amount)) for line in lines] == [
        ("2026-10-13", "marketing", "7.03"),
        ("2026-10-14", "marketing", "14.06"),
        ("2026-10-13", "utility", "1.00"),
        ("2026-10-14", "utility", "2.00"),
    ]


def test_that_first_days_of_months_across_are_months(tmp_path: Path) -> None:
    lines = _read(tmp_path, "Cost US$;;", "Category;2026-09-01;2026-10-01", "Marketing;7.03;14.06")
    assert [str(line.period_end) for line in lines] == ["2026-10-31"]  # September is no month of the audit


def test_that_a_total_called_a_fee_is_none_and_the_tax_below_it_a_line(tmp_path: Path) -> None:
    lines = _read(
        tmp_path,
        *("Category;Messages;WA fee (INR);GS fee (INR);Total fee (INR)", "Marketing;1000;863.10;100.00;963.10"),
        *("Total;1000;863.10;100.00;963.10", "IGST 18%;;;;173.36", "Grand total;;;;1136.46"),
    )
    assert [(line.layer.value, str(line.amount)) for line in lines] == [
        ("meta", "863.10"),
        ("provider_fee", "100.00"),
        ("tax", "173.36"),
    ]


_HEADS = "Category;Messages;Rate;Amount US$;Messages;Rate;Amount US$"
_ROW = "Utility;1000;0.02;20.00;500;0.01;5.00"


def test_that_tiers_across_are_lines_of_their_own(tmp_path: Path) -> None:
    lines = _read(tmp_path, ";Tier 1;;;Tier 2;;", _HEADS, _ROW)
    assert [(line.tier, str(line.quantity), str(line.amount)) for line in lines] == [
        ("Tier 1", "1000", "20.00"),
        ("Tier 2", "500", "5.00"),
    ]


@pytest.mark.parametrize(("whole", "amounts"), [("25.00", ["20.00", "5.00"]), ("20.00", ["20.00"])])
def test_that_other_parts_across_are_lines_where_a_column_is_their_sum(
    tmp_path: Path, whole: str, amounts: list[str]
) -> None:
    lines = _read(tmp_path, ";North;;;South;;;", f"{_HEADS};Charged US$", f"{_ROW};{whole}")
    assert [str(line.amount) for line in lines] == amounts


@pytest.mark.parametrize("heads", ["Category;Price;;Amount;", "Category;;Price;;Amount"])
def test_that_signs_beside_the_figures_tell_their_currency_wherever_the_head_stands(tmp_path: Path, heads: str) -> None:
    lines = _read(tmp_path, heads, "Marketing;S/;0.2450;S/;245.00", "Utility;S/;0.0692;S/;138.40", "Total;;;S/;383.40")
    assert [(str(line.unit_rate), str(line.amount), line.currency) for line in lines] == [
        ("0.2450", "245.00", "PEN"),
        ("0.0692", "138.40", "PEN"),
    ]


def test_that_a_column_of_currencies_keeps_its_head(tmp_path: Path) -> None:
    lines = _read(tmp_path, "Category;Currency;;Amount", "Marketing;USD;5;0.70", "Utility;PEN;6;0.10")
    assert [(str(line.amount), line.currency) for line in lines] == [("0.70", "USD"), ("0.10", "PEN")]


def test_that_figures_of_a_plan_are_not_read_for_what_came_of_it(tmp_path: Path) -> None:
    lines = _read(
        tmp_path, ";Budget;;Actual;", "Category;Messages;Amount US$;Messages;Amount US$", "Marketing;20;1.40;10;0.70"
    )
    assert [(str(line.quantity), str(line.amount)) for line in lines] == [("10", "0.70")]


def test_that_counts_by_day_above_the_costs_by_day_are_no_money(tmp_path: Path) -> None:
    heads = "Category;13/10/2026;14/10/2026;Total"
    lines = _read(
        tmp_path, "Messages;;;", heads, "Marketing;100;200;300", "Cost US$;;;", heads, "Marketing;7.03;14.06;21.09"
    )
    assert [str(line.amount) for line in lines] == ["7.03", "14.06"]


_OURS, _OTHER = "51987654321", "51912345678"


def _by_number(lines: tuple[InvoiceLine, ...]) -> list[tuple[str, str, str]]:
    return [(line.phone_number_id.translate(_BARE), line.category, str(line.amount)) for line in lines]


_BARE = {ord(sign): "" for sign in "+ -"}
_AMOUNTS = [
    (NUMBER, "marketing", "70.30"), (_OTHER, "marketing", "7.03"), (NUMBER, "utility", "20.00"),
    (_OTHER, "utility", "2.00"),
]  # fmt: skip


@pytest.mark.parametrize(
    "heads", [f"{_OURS};{_OTHER}", "+51 987 654 321;+51 912-345-678", f"Ventas ({_OURS});Soporte ({_OTHER})"]
)
def test_that_each_number_of_the_business_may_have_a_column(tmp_path: Path, heads: str) -> None:
    rows = ("Marketing;70.30;7.03;77.33", "Utility;20.00;2.00;22.00", "Total;90.30;9.03;99.33")
    assert _by_number(_read(tmp_path, f"Category;{heads};Total", *rows)) == _AMOUNTS


def test_that_a_number_may_stand_over_counts_and_amounts(tmp_path: Path) -> None:
    heads = (f";+{_OURS};;+{_OTHER};", "Category;Messages;Amount USD;Messages;Amount USD")
    lines = _read(tmp_path, *heads, "Marketing;1000;70.30;100;7.03", "Utility;1000;20.00;100;2.00")
    assert _by_number(lines) == _AMOUNTS
    assert [str(line.quantity) for line in lines] == ["1000", "100", "1000", "100"]


def test_that_a_number_without_its_code_is_known_by_the_name_before_it(tmp_path: Path) -> None:
    lines = _read(tmp_path, "Category;Ventas (987654321);Soporte (912345678)", "Marketing;70.30;7.03")
    assert [line.phone_number_id for line in lines] == [NUMBER, "912345678"]


def test_that_months_to_months_across_are_periods(tmp_path: Path) -> None:
    lines = _read(tmp_path, "Category;Jul-Sep 2026;Oct-Dec 2026;Total US$", "Marketing;7.03;14.06;21.09")
    assert [(str(line.period_start), str(line.period_end), str(line.amount)) for line in lines] == [
        ("2026-10-01", "2026-12-31", "14.06")  # the others are no months of the audit
    ]


def test_that_of_two_heads_of_categories_the_one_whose_words_are_some_counts(tmp_path: Path) -> None:
    rows = ("Template;MARKETING;1000;70.30", "Template;UTILITY;100;2.00", "Session;;50;0.00")
    lines = _read(tmp_path, "Message type;Conversation / template category;Messages;Cost USD", *rows)
    assert [(line.category, str(line.quantity)) for line in lines] == [
        ("marketing", "1000"),
        ("utility", "100"),
        ("service", "50"),
    ]


def test_that_the_columns_of_other_parts_are_laid_aside_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twelve hundred columns of days each was made anew for each of the others: a minute."""
    days = [Part(period=(day, day)) for day in (date(2026, 1, 1) + timedelta(at) for at in range(50))]
    columns = tuple(LayoutColumn(at, str(at), "amount", part=part) for at, part in enumerate(days, 1))
    made: list[LayoutColumn] = []

    def counted(one: object, **changes: object) -> object:
        made.extend([one] if isinstance(one, LayoutColumn) else [])
        return replace(one, **changes)  # type: ignore[type-var]  # either of two dataclasses

    monkeypatch.setattr("auditor.readers.tables.layouts.replace", counted)
    parts = Layout("", 1, columns, "").parts()
    assert len(made) == 50
    assert [[one.column for one in part.columns if one.field] for part in parts] == [[at] for at in range(1, 51)]


_WIDE = ("País;Marketing (USD);Utilidad (USD);Total (USD)", "Perú;70,30;60,00;130,30", "Chile;8,89;2,00;10,89")
_BY_PART = [("marketing", "70.30"), ("utility", "60.00"), ("marketing", "8.89"), ("utility", "2.00")]


def _by_category(invoice: Invoice) -> list[tuple[str, str]]:
    return [(line.category, str(line.amount)) for line in invoice.lines]


def test_that_a_saved_table_of_parts_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "invoice.csv"
    path.write_text("\n".join(_WIDE), encoding="utf-8")
    save_profile("Wide", read_invoice(path, andina()).layout)
    saved = read_invoice(path, andina())
    assert (saved.layout.profile, _by_category(saved)) == ("Wide", _BY_PART)


def test_that_what_is_stated_of_another_column_leaves_parts_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "invoice.csv"
    path.write_text("\n".join(_WIDE), encoding="utf-8")
    assert _by_category(read_invoice(path, andina(), ReadOptions(mapping={"País": "country"}))) == _BY_PART
    whole = read_invoice(path, andina(), ReadOptions(mapping={"Total (USD)": "amount"}))
    assert [str(line.amount) for line in whole.lines] == ["130.30", "10.89"]


def test_that_categories_may_stand_below_their_places_in_one_column_without_a_head(tmp_path: Path) -> None:
    lines = _read(
        tmp_path, ";Mensajes;US$", "Perú;5000;150,30", "Marketing;1000;70,30", "Utilidad;4000;80,00", "Chile;300;6,00",
        "Utilidad;300;6,00", "Total general;5300;156,30",
    )  # fmt: skip
    assert [(line.market, line.category, str(line.amount)) for line in lines] == [
        ("Peru", "marketing", "70.30"),
        ("Peru", "utility", "80.00"),
        ("Chile", "utility", "6.00"),
    ]


def test_that_what_was_paid_counts_beside_what_was_delivered(tmp_path: Path) -> None:
    heads = "Categoria;Entregues;Pagas;Gratuitas;Cobrança aproximada"
    lines = _read(tmp_path, heads, "Marketing;1000;1000;0;US$ 70,30", "Utilidade;5000;4000;1000;US$ 80,00")
    assert [(str(line.quantity), str(line.amount)) for line in lines] == [("1000", "70.30"), ("4000", "80.00")]


@pytest.mark.parametrize(("total", "fees"), [("12.38", ["0.35"]), ("12.03", [])])
def test_that_a_fee_beside_columns_of_categories_is_a_line_where_the_total_holds_it(
    tmp_path: Path, total: str, fees: list[str]
) -> None:
    heads = "day,mkt_count,mkt_amount,util_count,util_amount,auth_count,auth_amount,platform_fee,total_amount"
    lines = _read(tmp_path, heads, f"2026-10-01,100,7.03,200,4.00,50,1.00,0.35,{total}")
    meta = [("meta", "marketing", "7.03"), ("meta", "utility", "4.00"), ("meta", "authentication", "1.00")]
    assert [(line.layer, line.category, str(line.amount)) for line in lines] == [
        *meta,
        *(("provider_fee", "", fee) for fee in fees),
    ]

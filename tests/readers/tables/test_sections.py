"""What rows between the lines say of those below them: another account, another number, another invoice."""

from pathlib import Path

import pytest

from auditor.core.records import InvoiceLine
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import WABA
from tests.readers.fixtures.accounts import andina

_HEADS = "Category;Country;Messages;Amount USD"


def _read(tmp_path: Path, *rows: str) -> tuple[InvoiceLine, ...]:
    path = tmp_path / "invoice.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return read_invoice(path, andina()).lines


def test_that_sections_of_accounts_keep_theirs(tmp_path: Path) -> None:
    lines = _read(
        tmp_path,
        *("October 2026", f"Account: Andina ({WABA})", _HEADS, "Marketing;Peru;10;0.70", "Total account;;10;0.70"),
        *("Account: Andina Norte (102290129340399)", _HEADS, "Marketing;Peru;20;1.40", "Total account;;20;1.40"),
        *("Account: closed", _HEADS, "Utility;Peru;5;0.10", "Total account;;5;0.10"),
    )
    assert [line.waba_id for line in lines] == [WABA, "102290129340399", ""]


def test_that_a_page_which_names_no_account_goes_on_as_before(tmp_path: Path) -> None:
    lines = _read(
        tmp_path,
        *("October 2026", f"WABA {WABA}", _HEADS, "Marketing;Peru;10;0.70", "Page 1 of 2"),
        *(_HEADS, "Utility;Peru;5;0.10"),
    )
    assert [line.waba_id for line in lines] == [WABA, WABA]


def test_that_phones_and_names_count_only_where_sections_name_several(tmp_path: Path) -> None:
    phone = "+51 987 654 321"
    one = ("October 2026", "Customer: Andina", f"Phone: {phone}", _HEADS, "Marketing;Peru;10;0.70")
    assert [(line.waba_id, line.phone_number_id) for line in _read(tmp_path, *one)] == [("", "")]
    lines = _read(
        tmp_path, *one[:1], f"Line: {NUMBER}", *one[3:], "Line: +51 900 000 000", _HEADS, "Utility;Peru;5;0.1"
    )
    assert [line.phone_number_id for line in lines] == [NUMBER, ""]


@pytest.mark.parametrize("total", ["Total;;;{}", "Amount due;;;{}"])
def test_that_invoices_below_each_other_keep_number_and_period(tmp_path: Path, total: str) -> None:
    lines = _read(
        tmp_path,
        *("Invoice: F001-1", "Period: October 2026", _HEADS, "Marketing;Peru;10;0.70", total.format("0.70")),
        *("Invoice: F001-2", "Period: September 2026", _HEADS, "Utility;Peru;5;0.10", total.format("0.10")),
    )
    assert [(line.document, str(line.period_start)) for line in lines] == [
        ("F001-1", "2026-10-01"),
        ("F001-2", "2026-09-01"),
    ]


def test_that_an_account_named_twice_above_a_table_counts_by_its_id(tmp_path: Path) -> None:
    lines = _read(tmp_path, "Account;Andina", f"WABA;{WABA}", _HEADS, "Marketing;Peru;10;0.70")
    assert [line.waba_id for line in lines] == [WABA]


@pytest.mark.parametrize("heading", ["{}", "Consumption of {}", "{}:"])
def test_that_months_above_their_lines_are_of_those_alone(tmp_path: Path, heading: str) -> None:
    lines = _read(
        tmp_path,
        *(_HEADS, heading.format("September 2026"), "Marketing;Peru;20;1.40", "Subtotal;;20;1.40"),
        *(heading.format("October 2026"), "Marketing;Peru;10;0.70", "Utility;Peru;5;0.10", "Subtotal;;15;0.80"),
    )
    assert [str(line.period_start) for line in lines] == ["2026-09-01", "2026-10-01", "2026-10-01"]


def test_that_a_note_that_ends_with_a_month_is_of_no_section(tmp_path: Path) -> None:
    lines = _read(
        tmp_path,
        *("Consumption of October 2026", _HEADS, "Marketing;Peru;10;0.70"),
        *("Prices of our offer of July 2026", "Utility;Peru;5;0.10"),
    )
    assert [str(line.period_start) for line in lines] == ["2026-10-01", "2026-10-01"]


def test_that_months_are_not_taken_from_titles_that_state_days(tmp_path: Path) -> None:
    lines = _read(
        tmp_path,
        "October 2026",
        "Period: 2026-10-13 - 2026-10-31",
        _HEADS,
        "Marketing;Peru;10;0.70",
        "Utility;Peru;5;0.1",
    )
    assert {(str(line.period_start), str(line.period_end)) for line in lines} == {("2026-10-13", "2026-10-31")}


def test_that_months_over_their_categories_in_an_outline_are_of_those(tmp_path: Path) -> None:
    lines = _read(
        tmp_path,
        *("Month / category;Messages;Amount USD", "September 2026;30;2.10", "Marketing;20;1.40", "Utility;10;0.70"),
        *("October 2026;25;1.20", "Marketing;15;1.00", "Utility;10;0.20", "Total;55;3.30"),
    )
    assert [str(line.period_start) for line in lines] == ["2026-09-01"] * 2 + ["2026-10-01"] * 2


@pytest.mark.parametrize("rate", ["No charge", "Free", "0"])
def test_that_words_for_no_charge_stand_for_a_price_too(tmp_path: Path, rate: str) -> None:
    lines = _read(
        tmp_path,
        *("Concept;Country;Messages;Rate;Amount USD", "Marketing;Peru;10;0.07;0.70", f"Service;Peru;8;{rate};{rate}"),
    )
    assert [(str(line.quantity), str(line.amount)) for line in lines] == [("10", "0.70"), ("8", "0")]

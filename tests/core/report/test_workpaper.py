"""The workpaper's sheets: what they hold, that they tie, and that nothing private or unsaid slips in."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from auditor.core.problems import Place
from auditor.core.records import ControlTotal
from auditor.core.report.cells import Entry
from auditor.core.report.cells import LongTable
from auditor.core.report.cells import Look
from auditor.core.report.cells import Origin
from auditor.core.report.cells import Sheet
from auditor.core.report.cells import Table
from auditor.core.report.cells import add_up
from auditor.core.report.cells import letters
from auditor.core.report.facts import catalogue_key
from auditor.core.report.facts import mask_unit
from auditor.core.report.facts import mask_user
from auditor.core.report.workpaper import Report
from auditor.core.report.workpaper import build_report
from auditor.core.results import FxUsed
from auditor.core.results import HealthFinding
from auditor.core.results import Status
from auditor.language import Language
from tests.writers.sample_result import INVOICE
from tests.writers.sample_result import evidence
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result

_ALLOWED = {
    "ABS", "AND", "COUNT", "COUNTIFS", "EXACT", "IF", "INDEX", "MATCH", "MAX", "MIN", "ROUND", "SIGN", "SUM", "SUMIFS",
    "SUMPRODUCT",
}  # fmt: skip


def report(language: str = "en", currency: str = "USD", count: int = 12, **changes: object) -> Report:
    """Build the sample's report."""
    result = sample_result(currency, count)
    return build_report(result, replace(sample_context(language, result), **changes))  # type: ignore[arg-type]


def entries(sheet: Sheet) -> Iterator[Entry]:
    """Give every cell of a sheet."""
    yield from sheet.cells.values()
    for table in sheet.tables:
        if isinstance(table, Table):
            for row in table.rows:
                yield from row


def placed(made: Report, code: str, number: int = 0) -> Table:
    """Give a table of dressed cells."""
    table = sheet(made, code).tables[number]
    assert isinstance(table, Table)
    return table


def sheet(made: Report, code: str) -> Sheet:
    """Give the sheet of an index code."""
    return next(one for one in made.sheets if one.code == code)


def named(made: Report, name: str) -> Entry:
    """Give the cell that a defined name stands for."""
    found = next(one for one in made.names if one.name == name)
    own = next(one for one in made.sheets if one.name == found.sheet)
    return own.cells[found.area[:2]]


def column(made: Report, code: str, head: str) -> list[Any]:
    """Give the values of a table's column by its head."""
    table = sheet(made, code).tables[0]
    place = [one.head for one in table.columns].index(head)
    if isinstance(table, LongTable):
        return [row[place] for row in table.rows()]
    return [row[place].value for row in table.rows]


def test_that_the_sheets_stand_in_the_order_of_their_index_codes(language: Language) -> None:
    made = report(language.code)
    assert "".join(one.code for one in made.sheets) == "ABCDEFGHIJKLMNORS"
    assert [one.name for one in made.sheets] == [
        language.text(f"workbook.sheet.{code}") for code in "ABCDEFGHIJKLMNORS"
    ]
    assert all(len(one.name) <= 31 for one in made.sheets)


def test_that_every_sheet_says_who_what_when_purpose_source_and_conclusion() -> None:
    for one in report().sheets:
        title, who = one.heading
        assert one.code in title
        assert "Andina Retail S.A.C." in title
        assert "October 2026" in title
        assert "Rosa Quispe" in who
        assert "22 Nov 2026" in who
        assert [label for label, _ in one.remarks] == ["Purpose", "Source", "Conclusion"]
        assert all(said for _, said in one.remarks)


@pytest.mark.parametrize("currency", ["USD", "PEN"])
@pytest.mark.parametrize("count", [0, 1, 12, 50])
def test_that_every_check_holds_and_the_bridge_ends_at_the_invoice(currency: str, count: int) -> None:
    made = report("es", currency, count)
    assert named(made, "cuadre_conforme").value is True
    assert named(made, "residuo_del_puente").value == 0
    assert named(made, "total_del_puente").value == sample_result(currency, count).difference


def test_that_differences_lead_and_cover_show_the_engines_totals() -> None:
    made, result = report(), sample_result()
    assert add_up(column(made, "F", "Invoiced")) == Decimal("1723.77")
    assert named(made, "total_invoiced").value == result.billed == Decimal("1723.77")
    assert named(made, "total_expected").value == result.expected == Decimal("1704.95")
    assert named(made, "total_difference").value == Decimal("18.82")
    assert named(made, "total_unexplained").value == result.unexplained == Decimal("29.32")
    figures = [entry.value for entry in sheet(made, "A").cells.values()]
    assert {result.billed, result.expected, result.difference, result.unexplained} <= set(figures)


def test_that_what_rounding_line_by_line_moves_is_shown_on_its_own_row() -> None:
    # 1,704.945 is expected exactly: 1,704.95 as a total, and also line by line (6.17 for 6.165).
    made = report("en", "PEN")
    lines, total = named(made, "lines_expected").value, named(made, "total_expected").value
    assert lines == Decimal("6393.56")
    assert total == Decimal("6393.54")
    assert named(made, "total_cause_rounding").value == sum(
        (
            cause.amount
            for line in sample_result("PEN").differences
            for cause in line.causes
            if cause.cause == "rounding"
        ),
        Decimal("0.02"),
    )


def test_that_a_stated_total_that_is_not_the_sum_of_the_lines_puts_the_light_out() -> None:
    result = sample_result()
    wrong = ControlTotal("total", Decimal("9999.99"), "USD", Place(INVOICE, "Detalle", 92))
    made = build_report(replace(result, control_totals=(wrong,)), sample_context("en", result))
    assert named(made, "tie_out_ok").value is False
    assert any(entry.value == "✗ A check does not agree" for entry in sheet(made, "A").cells.values())


def test_that_the_invoices_own_wrong_arithmetic_is_a_finding_and_not_a_failed_check() -> None:
    # Two lines of the sample: 450 x 0.0137 is 6.17 but 6.16 is billed; 900 x 0.0113 is 10.17 but 20.34 is.
    made = report()
    assert named(made, "tie_out_ok").value is True
    held = sum(one.value is True and one.look == Look.PLAIN for one in sheet(made, "D").cells.values())
    said = f"All {held} checks agree. Lines of the invoice whose amount is not quantity × rate: 2."
    assert dict(sheet(made, "D").remarks)["Conclusion"] == said
    assert sum(entry.value is False for entry in sheet(made, "D").cells.values()) == 1


def test_that_quantity_and_rate_effects_are_formulas_that_give_the_engines_figures() -> None:
    made = report()
    table = placed(made, "F")
    heads = [one.head for one in table.columns]
    quantity, rate = (table.rows[0][heads.index(head)] for head in ("Quantity effect", "Rate effect"))
    # (12,650 - 12,400) x 0.0703 = 17.575 -> 17.58; the rates are the same.
    assert (quantity.value, rate.value) == (Decimal("17.58"), Decimal("0.00"))
    assert quantity.origin is Origin.FORMULA
    assert rate.origin is Origin.FORMULA


def test_that_formulas_are_short_and_use_plain_functions_only(language: Language) -> None:
    for one in report(language.code, "PEN").sheets:
        for entry in entries(one):
            if entry.formula:
                assert entry.formula.startswith("=")
                assert len(entry.formula) < 110, entry.formula
                assert set(re.findall(r"([A-Z]+)\(", entry.formula)) <= _ALLOWED


def test_that_the_heads_of_a_table_are_told_apart(language: Language) -> None:
    for one in report(language.code).sheets:
        for table in one.tables:
            heads = [column.head.casefold() for column in table.columns]
            assert len(set(heads)) == len(heads), one.code


def test_that_what_is_missing_from_the_invoice_is_billed_nought_times() -> None:
    assert column(report(), "F", "Quantity difference")[7] == Decimal(-800)


def test_that_amounts_beyond_fifteen_digits_are_said_not_to_be_kept() -> None:
    result = sample_result()
    vast = replace(result, billed=Decimal("12345678901234.56"))
    said = [entry.value for entry in sheet(build_report(vast, sample_context("en", vast)), "A").cells.values()]
    assert any("more digits than a spreadsheet keeps" in str(value) for value in said)


def test_that_a_formula_is_green_only_where_it_looks_at_another_sheet() -> None:
    made = report()
    own = {name.name: name.sheet for name in made.names}
    for one in made.sheets:
        for entry in entries(one):
            elsewhere = {own[word] for word in re.findall(r"[A-Za-z_]+", entry.formula) if word in own} - {one.name}
            if entry.origin is Origin.FORMULA:
                constants = {"Index and legend"}
                assert elsewhere <= constants, (one.code, entry.formula)


def test_that_customers_and_message_ids_are_masked() -> None:
    assert mask_user("51987654321") == "5198•••••21"
    assert mask_user("12345") == "•••45"
    assert mask_user("") == ""
    assert mask_unit("wamid.HBgLNTE5ODc2NTQzMjEVAgARGBI5AA==", "51987654321") == "wamid.•••GBI5AA=="
    assert mask_unit("order-51987654321-7", "51987654321") == "order-5198•••••21-7"
    assert mask_unit("gm1#51987654321", "51987654321") == "gm1#5198•••••21"
    shown = " ".join(str(entry.value) for entry in entries(sheet(report(), "H")))
    assert "51987650" not in shown
    assert "HBgLNTE5ODc2NTQz" not in shown


def test_that_evidence_is_shared_among_the_differing_lines_and_the_rest_is_said() -> None:
    result = sample_result()
    differing = [line for line in result.differences if line.status not in (Status.MATCHED, Status.WITHIN_TOLERANCE)]
    rows = {line.key: evidence(3 if n == 0 else 100) for n, line in enumerate(differing)}
    context = sample_context(
        "en", result, evidence=rows, evidence_counts={key: len(own) for key, own in rows.items()},
        evidence_limit=50, evidence_file="charges.csv",
    )  # fmt: skip
    made = build_report(result, context)
    numbers = column(made, "H", "Line of F")
    assert len(numbers) == 50
    assert set(numbers) == {result.differences.index(line) + 1 for line in differing}
    assert numbers.count(1) == 3
    said = dict(sheet(made, "H").remarks)["Conclusion"]
    assert (
        said
        == "50 of 903 units behind the differing lines are shown, free ones included; the other 853 are in charges.csv."
    )


def test_that_instants_stand_in_the_accounts_own_time() -> None:
    first = column(report(), "H", "Opened or delivered (local time)")[0]
    assert str(datetime(1899, 12, 30) + timedelta(first)) == "2026-09-30 19:00:00"  # noqa: DTZ001 - a wall clock; 00:00 UTC in Lima


def test_that_each_charge_of_the_evidence_stands_with_its_currency() -> None:
    assert set(column(report(), "H", "Currency")) == {"USD"}


def test_that_without_an_invoice_everything_expected_is_not_invoiced_yet() -> None:
    result = sample_result(count=2)
    bare = [
        replace(line, lines=(), billed=Decimal(0), difference=Decimal(0), causes=(), billed_quantity=None,
                billed_rate=None, quantity_effect=None, rate_effect=None, status=Status.NOT_COMPARABLE)
        for line in result.differences
    ]  # fmt: skip
    accrual = replace(
        result, differences=tuple(bare), bridge=(), billed=Decimal(0), difference=Decimal(0),
        unexplained=Decimal(0),
        invoice_lines=(), control_totals=(), by_layer={},
    )  # fmt: skip
    made = build_report(accrual, sample_context("en", accrual))
    assert named(made, "bridge_residual").value == 0
    assert named(made, "total_cause_line_not_billed").value == -result.expected
    assert "accrual" in dict(sheet(made, "A").remarks)["Conclusion"]


def test_that_the_checklist_has_every_condition_of_every_number_open() -> None:
    made = report()
    assert len(column(made, "M", "Condition")) == 3 * 4
    assert set(column(made, "M", "Status")) == {"Not recorded"}


def test_that_silent_days_of_a_number_are_listed_with_nothing() -> None:
    table = placed(report(), "K", 2)
    silent = [row[1].value for row in table.rows if row[2].value == 0]
    assert silent == [date(2026, 10, 18), date(2026, 10, 19)]


def test_that_silent_days_in_a_row_are_one_sign_and_others_their_own() -> None:
    """The 18th and 19th follow each other; the 21st, and another number's 22nd, stand alone."""
    result = sample_result()
    number = result.health.findings[-1].phone_number_id
    more = [
        HealthFinding("day_without_messages", who, date(2026, 10, day), 0) for who, day in ((number, 21), ("other", 22))
    ]
    health = replace(result.health, findings=(*result.health.findings, *more))
    result = replace(result, health=health)
    rows = placed(build_report(result, sample_context("en", result)), "K").rows
    assert [(row[2].value, row[3].value) for row in rows] == [
        (None, 212), (date(2026, 10, 18), 2), (date(2026, 10, 21), 0), (date(2026, 10, 22), 0),
    ]  # fmt: skip
    assert str(rows[1][0].value).startswith("Days in a row")


def test_that_days_in_a_row_of_one_exchange_rate_are_one_row() -> None:
    """A Friday's rate stands for the weekend; Monday has its own, and the Wednesday after a day without is apart."""
    days = ((2, 2, "3.75"), (3, 2, "3.75"), (4, 2, "3.75"), (5, 5, "3.76"), (7, 7, "3.76"))
    fx = [
        FxUsed(date(2026, 10, day), date(2026, 10, stated), "USD", "PEN", Decimal(rate), "SBS")
        for day, stated, rate in days
    ]
    result = replace(sample_result("PEN"), fx=tuple(fx))
    made = build_report(result, sample_context("en", result))
    shown = [" ".join(str(entry.value) for entry in row[4:9]) for row in placed(made, "J").rows]
    assert shown == [
        "2026-10-02 2026-10-04 3.75 2026-10-02 2026-10-02",
        "2026-10-05 2026-10-05 3.76 2026-10-05 2026-10-05",
        "2026-10-07 2026-10-07 3.76 2026-10-07 2026-10-07",
    ]
    assert "exchange rates used: 3." in dict(sheet(made, "J").remarks)["Conclusion"]


def test_that_a_market_is_known_with_and_without_its_accent() -> None:
    assert catalogue_key("México") == catalogue_key("Mexico") == "mexico"
    assert catalogue_key("Rest of Latin America") == "rest_of_latin_america"


def test_that_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [letters(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]

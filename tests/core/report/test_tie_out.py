"""Of the tie-out (D): the three-way comparison, the findings on lines, and the arithmetic of the invoice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.checks.three_way_words import logged_sentence
from auditor.core.problems import Place
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.report.facts import Facts
from auditor.core.report.tieout import checks
from auditor.core.results_checks import CrossCheck
from auditor.core.results_checks import LineFinding
from auditor.core.results_checks import LoggedPattern
from auditor.core.results_checks import ThreeWay
from auditor.language import Language
from tests.core.report.test_pages import made_of
from tests.core.report.test_pages import texts
from tests.core.report.test_workpaper import sheet
from tests.writers.sample_result import INVOICE
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result


def test_that_the_three_way_tie_out_names_the_line_its_figures_and_who_stands_alone() -> None:
    held = ThreeWay(
        "", "Peru", "utility", Decimal(150), Decimal("3.00"), Decimal(100), Decimal("2.00"), 100, 140,
        Decimal("2.00"), counts_free=True, door="billing",
    )  # fmt: skip
    bare = replace(held, market="", category="", billed_quantity=None, exported=None, door="open")
    result = replace(sample_result(), three_way=(held, bare), cross_check=CrossCheck(compared=90, disagreeing=4))
    made = made_of(result)
    say = Language("en").text
    said = texts(made, "D")
    assert "Peru · utility" in [text.replace("Utility", "utility") for text in said]
    assert {say("checks.door.billing"), say("checks.door.open"), say("workbook.d.three_way_free")} <= set(said)
    assert say("workbook.d.three_way_logged", compared="90", disagreeing="4") in said
    assert say("workbook.d.three_way_none") in texts(made_of(sample_result()), "D")


def test_that_what_meta_logged_otherwise_is_listed_with_its_money_also_without_an_export() -> None:
    free = LoggedPattern(
        "message-v1", "utility", "regular", False, "PMP", "utility", "free_customer_service", False, "USD", 10, 0,
        Decimal("0.20"), Decimal("0.01"), 0,
    )  # fmt: skip
    unknown = replace(free, logged_category="other", logged=None)
    cross = CrossCheck(compared=90, disagreeing=20, patterns=(free, unknown))
    made = made_of(replace(sample_result(), cross_check=cross))
    say = Language("en").text
    assert {say("workbook.d.logged"), logged_sentence(free, say), logged_sentence(unknown, say)} <= set(
        texts(made, "D")
    )
    # 0.01 by Meta's words against 0.20 by the rules.
    assert Decimal("-0.19") in [entry.value for entry in sheet(made, "D").cells.values()]
    many = replace(cross, patterns=(free,) * 101)
    assert say("workbook.d.logged_more", more="1") in texts(made_of(replace(sample_result(), cross_check=many)), "D")
    assert say("workbook.d.logged") not in texts(made_of(sample_result()), "D")


def test_that_the_days_of_an_export_that_ends_early_stand_below_the_three() -> None:
    held = ThreeWay(
        "", "Peru", "utility", Decimal(4), Decimal("0.08"), Decimal(2), None, 4, 4, Decimal("0.08"), counts_free=False,
        door="part", first=date(2026, 10, 1), last=date(2026, 10, 15),
    )  # fmt: skip
    said = texts(made_of(replace(sample_result(), three_way=(held,))), "D")
    assert "The usage export has 01 Oct 2026 to 15 Oct 2026 only." in said


def test_that_a_finding_on_a_line_stands_with_its_place_and_what_is_at_stake() -> None:
    place = Place(INVOICE, "Detalle", 9)
    twice = LineFinding("repeated", (place,), "USD", Decimal("14.31"), {"amount": "14.31"})
    unknown = LineFinding("repeated", (place,), "USD", None, {"amount": "14.31"})
    made = made_of(replace(sample_result(), line_findings=(twice, unknown)))
    figures = [entry.value for entry in sheet(made, "D").cells.values()]
    assert Decimal("14.31") in figures
    assert sum(INVOICE in text and "9" in text for text in texts(made, "D")) >= 2


def test_that_a_credit_note_without_a_minus_before_its_quantity_is_no_wrong_product() -> None:
    # 10 x 0.07 = 0.70 back: right. 0.80 back is not, nor is 0.70 off in an invoice.
    def wrong(amount: str, kind: str) -> int:
        one = InvoiceLine(Decimal(amount), "USD", Place(INVOICE, "Detalle", 90), document_type=kind)
        one = replace(one, quantity=Decimal(10), unit_rate=Decimal("0.07"), layer=Layer.OTHER)
        result = sample_result()
        made = made_of(replace(result, invoice_lines=(*result.invoice_lines, one)))
        left = [cell.value for cell in sheet(made, "D").cells.values() if cell.formula.endswith("L_wrong)")]
        return int(str(left[0]))

    before = wrong("0.70", "invoice")
    assert wrong("-0.70", "credit_memo") == before
    assert (wrong("-0.80", "credit_memo"), wrong("-0.70", "invoice")) == (before + 1, before + 1)


@pytest.mark.parametrize(("more", "holds"), [("0.0049", True), ("0.0051", False)])
def test_that_a_stated_total_may_be_rounded_to_half_a_cent(more: str, *, holds: bool) -> None:
    # The sample's lines come to its total to the cent; one line gets a part of a cent more.
    result = sample_result()
    context = sample_context("en", result)
    first, *others = result.invoice_lines
    lines = (replace(first, amount=first.amount + Decimal(more)), *others)
    held = checks(Facts(replace(result, invoice_lines=lines), context))
    assert [(one.holds, one.allowed.value) for one in held if one.key == "stated"] == [(holds, Decimal("0.005"))]
    (exact,) = result.control_totals
    stated = replace(exact, amount=exact.amount + Decimal("0.001"))  # not of whole cents: then to the last decimal
    held = checks(Facts(replace(result, control_totals=(stated,)), context))
    assert [(one.holds, one.allowed.value) for one in held if one.key == "stated"] == [(False, Decimal(0))]


def test_that_a_total_of_a_part_is_no_total_of_the_invoice() -> None:
    result = sample_result()
    part = ControlTotal("subtotal", Decimal("1.00"), "USD", Place(INVOICE, "Detalle", 50), "Subtotal")
    one, other = (
        made_of(replace(result, control_totals=totals))
        for totals in (result.control_totals, (*result.control_totals, part))
    )
    assert [entry.value for entry in sheet(one, "D").cells.values()] == [
        entry.value for entry in sheet(other, "D").cells.values()
    ]

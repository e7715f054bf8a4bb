"""The footer: what is set off in the difference stands under it, and under what is invoiced the whole invoice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pytestqt.qtbot import QtBot

from auditor.core.results import Cell
from auditor.gui.context import Context
from auditor.gui.differences.tie_out import TieOut
from auditor.gui.words import Words
from auditor.language import Language
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import sample_result


def unrated(quantity: int) -> Cell:
    """Give units that no card has a rate for."""
    place = ("102290129340398", "106540352242922", "2026-10", date(2026, 10, 5), "message-v2", "Peru", "PE", "utility")
    return Cell(*place, "unrated", 0, None, "USD", quantity, None, None, None, certain=True, reasons="")


def test_that_what_is_over_and_what_is_under_stand_beneath_the_net(qtbot: QtBot, context: Context) -> None:
    foot, result, words = TieOut(context), sample_result(), Words(Language("en"), ACCOUNT)
    qtbot.addWidget(foot)
    foot.show_result(result, words)
    # Over: 23.80 + 20.00 + 0.25 + 0.01 + 56.90 + 8.88; under: 2,510 x 0.0131 = 32.88 and 310 x 0.0260 = 8.06.
    assert foot.beneath["difference"].text() == "+109.84 and -40.94"
    one_way = replace(result, differences=tuple(line for line in result.differences if line.difference >= 0))
    foot.show_result(replace(one_way, difference=Decimal("109.84")), words)
    assert foot.beneath["difference"].isHidden()


def test_that_cents_by_which_rounded_lines_come_to_another_sum_are_said(qtbot: QtBot, context: Context) -> None:
    foot, result, words = TieOut(context), sample_result(), Words(Language("en"), ACCOUNT)
    qtbot.addWidget(foot)
    # Lines of +109.84 and -40.94 come to +68.90; all together, rounded once, to a cent less.
    foot.show_result(replace(result, difference=Decimal("68.89")), words)
    assert foot.beneath["difference"].text() == "+109.84 and -40.94, rounding -0.01"
    one_way = tuple(line for line in result.differences if line.difference >= 0)
    foot.show_result(replace(result, differences=one_way, difference=Decimal("109.83")), words)
    assert foot.beneath["difference"].text() == "lines +109.84, rounding -0.01"


def test_that_the_whole_invoice_stands_beneath_where_it_bills_more_than_messages(
    qtbot: QtBot, context: Context
) -> None:
    foot, result, words = TieOut(context), sample_result(), Words(Language("en"), ACCOUNT)
    qtbot.addWidget(foot)
    foot.show_result(result, words)
    assert foot.beneath["invoiced"].isHidden()
    layers = {"meta": result.billed, "subscription": Decimal("150.00"), "tax": Decimal("62.62")}
    foot.show_result(replace(result, by_layer=layers), words)
    assert foot.beneath["invoiced"].text() == f"of {words.money(result.billed + Decimal('212.62'))} on the invoice"
    assert f"Tax: {words.money(Decimal('62.62'))}" in foot.beneath["invoiced"].toolTip()


def test_that_an_accrual_has_no_difference_not_one_of_nothing(qtbot: QtBot, context: Context) -> None:
    foot, words = TieOut(context), Words(Language("en"), ACCOUNT)
    qtbot.addWidget(foot)
    accrual = replace(sample_result(), invoice_lines=(), billed=Decimal(0), difference=Decimal(0))
    foot.show_result(accrual, words)
    texts = {name: figure.text() for name, figure in foot.figures.items()}
    expected = words.money(accrual.expected)
    assert texts == dict.fromkeys(texts, "—") | {"expected": expected}
    assert foot.figures["difference"].property("tone") == ""


def test_that_units_without_a_rate_are_named_beneath_what_is_expected(qtbot: QtBot, context: Context) -> None:
    foot, result, words = TieOut(context), sample_result(), Words(Language("en"), ACCOUNT)
    qtbot.addWidget(foot)
    foot.show_result(result, words)
    assert "rate" not in foot.beneath["expected"].text()
    foot.show_result(replace(result, cells=(unrated(1200), unrated(10))), words)
    assert foot.beneath["expected"].text() == "without a rate: 1,210"

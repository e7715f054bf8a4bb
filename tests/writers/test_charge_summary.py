"""The SUMMARY of charges alone: totals per currency with their range (formats.md §6, §8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from auditor.core.results import Cell
from auditor.core.results import LogGap
from auditor.writers.charge_summary import charge_totals
from tests.writers.sample_result import LIMA
from tests.writers.sample_result import WABA
from tests.writers.sample_result import account


def cell(currency: str, amount: str, low: str) -> Cell:
    """Give ten utility messages to Peru."""
    return Cell(
        waba_id=WABA, phone_number_id=LIMA, period="2026-10", day=date(2026, 10, 5), regime="message-v2",
        market="Peru", country="", category="utility", pricing_type="regular", tier_from=0, rate=None,
        currency=currency, quantity=10, amount=Decimal(amount), low=Decimal(low), high=Decimal(amount),
        certain=amount == low, reasons="",
    )  # fmt: skip


def gap(below: str, above: str) -> LogGap:
    """Give a trace of lost events."""
    return LogGap("block", LIMA, 0, 1, 5, 0, Decimal(below), Decimal(above))


def test_that_gaps_of_the_log_widen_the_range_in_the_currency_of_all_that_is_charged() -> None:
    """The invoice is in PEN, and its one WABA is charged in USD: 1.00 to 1.10."""
    totals = charge_totals(replace(account(), currency="PEN"), [cell("USD", "1.00", "1.00")], [gap("0", "0.10")])
    assert totals["expected"] == {"USD": {"amount": "1.00", "low": "1.00", "high": "1.10"}}


def test_that_gaps_of_the_log_take_no_more_off_than_was_charged() -> None:
    totals = charge_totals(account(), [cell("USD", "1.50", "1.30")], [gap("2.00", "0.10")])
    assert totals["expected"] == {"USD": {"amount": "1.50", "low": "0.00", "high": "1.60"}}  # not 1.30 - 2.00


def test_that_gaps_of_the_log_widen_the_range_in_the_accounts_own_currency_where_there_are_several() -> None:
    cells = [cell("USD", "1.00", "0.80"), cell("USD", "0.50", "0.50"), cell("PEN", "3.70", "3.70")]
    second = replace(account().wabas[0], id="second", currency="PEN")
    of_two = replace(account(), wabas=(*account().wabas, second))
    totals = charge_totals(of_two, cells, [gap("0.02", "0.10"), gap("0", "1.31")])
    assert totals["expected"] == {
        "PEN": {"amount": "3.70", "low": "3.70", "high": "3.70"},
        "USD": {"amount": "1.50", "low": "1.28", "high": "2.91"},  # 1.30 - 0.02 and 1.50 + 0.10 + 1.31
    }
    assert charge_totals(account(), cells[:2], [])["expected"] == {
        "USD": {"amount": "1.50", "low": "1.30", "high": "1.50"}
    }

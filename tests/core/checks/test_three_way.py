"""Invoice, usage export and log against each other: two that agree lay the difference at the door of the third.

Prices as in `invoicing.py`: in October 2026 marketing in Peru 0.10 and elsewhere 0.20, utility 0.02.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from auditor.core.audit import Invoice
from auditor.core.audit import audit
from auditor.core.charging import prepare
from auditor.core.checks.three_way import doors
from auditor.core.problems import Place
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import FxRate
from auditor.core.records import InvoiceLine
from auditor.core.records import Tolerance
from auditor.core.records import UsageLine
from auditor.core.results_checks import ThreeWay
from auditor.core.terms import Terms
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from tests.core.as_columns import card_of
from tests.core.as_columns import messages_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import FIRST
from tests.core.invoicing import LAST
from tests.core.invoicing import PRICES
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import Row
from tests.core.invoicing import line
from tests.core.invoicing import sent
from tests.core.invoicing import wrote


def exported(quantity: str, amount: str = "", **more: object) -> UsageLine:
    """Give a line of an export that breaks down by category and kind of price, over the whole month."""
    made = UsageLine(
        Decimal(quantity) if quantity else None,
        Place("usage.json", row=1),
        "pricing_analytics",
        amount=Decimal(amount) if amount else None,
        period_start=FIRST,
        period_end=LAST,
        category="marketing",
        pricing_type="regular",
    )
    return replace(made, **more)  # type: ignore[arg-type]  # the line's own fields


def held(
    rows: Sequence[Row], lines: Sequence[InvoiceLine], usage: Sequence[UsageLine], account: Account = ACCOUNT,
    prices: Sequence[Row] = PRICES, fx: Sequence[FxRate] = (),
) -> tuple[ThreeWay, ...]:  # fmt: skip
    """Audit with an export."""
    names = [(row["message_id"], row["user"]) for row in rows]
    terms = Terms(account, regimes(), market_table(), Tariff([card_of(prices, "contract")]))
    log = prepare(messages_of(rows, account), lambda some: [names[n] for n in some], account, regimes())
    return audit(log, terms, Invoice(tuple(lines)), fx, usage=usage).result.three_way


def billed(quantity: str, amount: str) -> InvoiceLine:
    return line(amount, quantity, category="marketing")


# 10 of marketing in Peru: 1.00.
TEN = sent("marketing", 10)


@pytest.mark.parametrize(
    ("quantity", "amount", "export", "cost", "door"),
    [
        ("10", "1.00", "10", "1.00", "agree"),
        ("12", "1.20", "10", "1.00", "billing"),  # the export counts what the log counts
        ("10", "1.20", "10", "1.00", "billing"),  # a price of the supplier's own
        ("10", "1.20", "10", "", "billing"),
        ("10", "1.20", "10", "1.20", "rates"),  # Meta's own cost bears the price out: not so the card on file
        ("10", "1.00", "12", "1.20", "export"),
        ("12", "1.20", "12", "1.20", "log"),  # messages that the log lacks
        ("12", "1.20", "11", "1.10", "open"),
        ("10", "1.00", "", "1.00", "agree"),  # volumes withheld: the cost decides
        ("12", "1.20", "", "1.20", "log"),
    ],
)
def test_that_two_against_one_tell_whose_the_difference_is(
    quantity: str, amount: str, export: str, cost: str, door: str
) -> None:
    (one,) = held(TEN, [billed(quantity, amount)], [exported(export, cost)])
    assert (one.door, one.expected_quantity, one.expected, one.billed) == (
        door,
        10,
        Decimal("1.00"),
        Decimal(amount),
    )


def test_that_an_export_that_counts_free_units_is_held_against_all_of_them() -> None:
    # Three customers' answers are free in their windows: 10 charged, 13 in all.
    rows = [*TEN, *wrote("2026-10-06 09:00"), *sent("", 3, at="2026-10-06 09:05")]
    usage = [exported("13", "1.00", category="", pricing_type="")]
    lines = [line("1.00", "10")]
    (one,) = held(rows, lines, usage)
    assert (one.door, one.expected_all, one.expected_quantity, one.counts_free) == ("agree", 13, 10, True)
    (off,) = held(rows, lines, [exported("14", "1.00", category="", pricing_type="")])
    assert off.door == "export"


def test_that_an_export_that_does_not_say_whether_it_counts_free_units_may_leave_them_out() -> None:
    # 10 charged, 13 in all. An export of 10 counts the charged ones: 12 billed stand alone. One of 12 is with the bill.
    rows = [*TEN, *wrote("2026-10-06 09:00"), *sent("", 3, at="2026-10-06 09:05")]
    for export, door in (("10", "billing"), ("13", "billing"), ("12", "log"), ("11", "open")):
        (one,) = held(rows, [line("1.20", "12")], [exported(export, category="", pricing_type="")])
        assert one.door == door


def test_that_the_roundings_of_many_lines_are_no_difference() -> None:
    # 5 of marketing in Peru: 0.50, billed day by day.
    account = replace(ACCOUNT, tolerance=Tolerance(Decimal("0.00"), Decimal(0)))
    rows = [row for day in range(5, 10) for row in sent("marketing", 1, at=f"2026-10-{day:02} 10:00")]
    daily = [replace(billed("1", "0.10"), source=Place("invoice.xlsx", row=n)) for n in range(4)]
    # Each line may be half a cent off: 5 x 0.005 = 0.025. 0.52 is 0.02 off, 0.53 is 0.03 off.
    for last, door in (("0.12", "agree"), ("0.13", "billing")):
        lines = [*daily, replace(billed("1", last), source=Place("invoice.xlsx", row=9))]
        (one,) = held(rows, lines, [exported("5")], account)
        assert one.door == door


MONTH = [row for day in (2, 12, 22, 30) for row in sent("marketing", 1, at=f"2026-10-{day:02} 10:00")]
"""4 of marketing in Peru over the month: 0.40."""


def days(first: int, last: int) -> dict[str, Any]:
    return {"period_start": date(2026, 10, first), "period_end": date(2026, 10, last)}


def test_that_an_export_of_a_part_of_the_period_is_no_witness_for_the_rest() -> None:
    # To 15 October the log has 2 of the 4.
    for count, door in (("2", "part"), ("3", "part_off")):
        for units, amount in (("4", "0.40"), ("6", "0.60")):
            (one,) = held(MONTH, [billed(units, amount)], [exported(count, **days(1, 15))])
            assert (one.door, one.first, one.last) == (door, FIRST, date(2026, 10, 15))
    assert held(MONTH, [billed("6", "0.60")], [exported("4")])[0].door == "billing"


def test_that_free_units_beyond_an_exports_days_count_where_it_counts_them() -> None:
    # Three answers of 20 October are free; the export ends on the 15th and has all 10 that were charged, on the 5th.
    rows = [*TEN, *wrote("2026-10-20 09:00"), *sent("", 3, at="2026-10-20 09:05")]
    (one,) = held(rows, [line("1.20", "12")], [exported("10", category="", pricing_type="", **days(1, 15))])
    assert one.door == "part"


def test_that_a_log_and_an_export_that_both_end_early_do_not_accuse_the_bill() -> None:
    # Log and export end on the 12th: neither tells what was sent after it, so 4 billed against 2 proves nothing.
    daily = [exported("1", **days(day, day)) for day in (2, 12)]
    month = [exported("0", **days(day, day)) for day in (1, 31)]
    assert held(MONTH[:2], [billed("4", "0.40")], daily)[0].door == "part"
    # The same two days of an export that goes on to the 31st do; a price, for units that agree, is wrong on any day.
    assert held(MONTH[:2], [billed("4", "0.40")], [*daily, *month])[0].door == "billing"
    assert held(MONTH[:2], [billed("2", "0.40")], daily)[0].door == "billing"


def test_that_an_account_or_number_of_which_the_export_has_nothing_is_not_compared() -> None:
    account = replace(ACCOUNT, wabas=(*ACCOUNT.wabas, SECOND_WABA))
    rows = [*TEN, *sent("marketing", 2, user=CHILE, number="number2")]
    lines = [
        line("1.00", "10", category="marketing", waba_id="waba"),
        line("0.40", "2", category="marketing", waba_id="waba2"),
    ]
    found = held(rows, lines, [exported("10", waba_id="waba")], account)
    assert [(one.waba_id, one.door, one.first) for one in found] == [
        ("waba", "agree", FIRST),
        ("waba2", "absent", None),
    ]
    # An invoice that does not tell the accounts apart: of 12 units the export can have but 10.
    (one,) = held(rows, [line("1.40", "12", category="marketing")], [exported("10", waba_id="waba")], account)
    assert one.door == "part"


def test_that_days_cut_at_another_midnight_are_said_and_accuse_neither_log_nor_bill_alone() -> None:
    # 11 in the month by Lima's days; by those of UTC one of them falls into November.
    rows = [*TEN, *sent("marketing", 1, at="2026-10-31 21:00", user="51900000099")]
    utc = exported("10", "1.00", zone="UTC")
    assert held(rows, [billed("11", "1.10")], [utc])[0].door == "export_days"
    assert held(rows, [billed("10", "1.00")], [utc])[0].door == "log_days"
    assert held(rows, [billed("11", "1.10")], [replace(utc, zone="America/Lima")])[0].door == "export"


def test_that_free_units_that_the_export_tells_apart_are_left_out() -> None:
    rows = [*TEN, *wrote("2026-10-06 09:00"), *sent("", 3, at="2026-10-06 09:05")]
    usage = [exported("10", "1.00"), exported("3", "0", category="service", pricing_type="free_customer_service")]
    assert [(one.category, one.door) for one in held(rows, [billed("10", "1.00")], usage)] == [("marketing", "agree")]


def test_that_countries_meet_markets_and_accounts_are_told_by_their_numbers() -> None:
    # 10 in Peru at 0.10 under the one account; 2 in Chile at 0.20 under the other.
    account = replace(ACCOUNT, wabas=(*ACCOUNT.wabas, SECOND_WABA))
    rows = [*TEN, *sent("marketing", 2, user=CHILE, number="number2")]
    lines = [
        line("1.00", "10", market="Peru", category="marketing", phone_number_id="number"),
        line("0.40", "2", market="Chile", category="marketing", waba_id="waba2"),
    ]
    usage = [
        exported("10", country="PE", waba_id="waba"),
        exported("3", country="CL", phone_number_id="number2"),
    ]
    found = held(rows, lines, usage, account)
    assert [(one.waba_id, one.market, one.door) for one in found] == [
        ("waba", "Peru", "agree"),
        ("waba2", "Chile", "export"),
    ]


def test_that_a_dimension_which_one_does_not_state_is_left_out() -> None:
    (one,) = held(TEN, [line("1.00", "10", market="Peru", category="marketing")], [exported("10")])
    assert (one.waba_id, one.market, one.category, one.door) == ("waba", "", "marketing", "agree")


def test_that_days_outside_the_period_are_no_witnesses() -> None:
    september = exported("99", period_start=date(2026, 9, 1), period_end=date(2026, 9, 30))
    (one,) = held(TEN, [billed("10", "1.00")], [exported("10"), september])
    assert one.exported_quantity == 10
    assert held(TEN, [billed("10", "1.00")], [september]) == ()


def test_that_a_cost_in_another_currency_is_not_compared() -> None:
    (one,) = held(TEN, [billed("10", "1.20")], [exported("10", "1.20", currency="PEN")])
    assert (one.exported, one.door) == (None, "billing")


def test_that_what_the_log_costs_is_held_against_the_invoice_in_its_currency() -> None:
    # 10 x 0.10 USD at 3.75 are 3.75 PEN; at 3.90 PEN the supplier has a price or a rate of its own.
    account = replace(ACCOUNT, currency="PEN")
    fx = [FxRate(date(2026, 10, 5), "USD", "PEN", Decimal("3.75"))]
    for amount, door in (("3.75", "agree"), ("3.90", "billing")):
        bill = replace(billed("10", amount), currency="PEN")
        (one,) = held(TEN, [bill], [exported("10")], account, fx=fx)
        assert (one.door, one.expected) == (door, Decimal("3.75"))


def test_that_nobody_is_accused_where_no_card_prices_what_was_sent() -> None:
    # Units of all three agree, and so they do not: what the ten should have cost nobody knows.
    utility = [one for one in PRICES if one["category"] == "utility"]
    for export in ("10", "12"):
        (one,) = held(TEN, [billed("10", "1.00")], [exported(export)], prices=utility)
        assert (one.door, one.expected, one.expected_quantity) == ("open", None, 10)


def test_that_lines_are_counted_by_what_stands_alone() -> None:
    # One agrees; of the other the log has none of what invoice and export both have.
    both = held(TEN, [billed("10", "1.00")], [exported("10", "1.00")])
    alone = held([], [billed("10", "1.00")], [exported("10", "1.00")])
    assert doors([*both, *both, *alone]) == {both[0].door: 2, alone[0].door: 1}
    assert both[0].door == "agree"

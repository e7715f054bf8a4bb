"""Billed - expected at the grain both sides have (formats.md §8). Expected figures are worked out by hand.

Prices: `invoicing.py`. A log of ten marketing messages to Peru is expected at 10 x 0.10 = 1.00.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from auditor.core.money import ZERO
from auditor.core.problems import AuditorError
from auditor.core.reconcile import line_period
from auditor.core.reconcile import rounding_reach
from auditor.core.records import FxMethod
from auditor.core.records import FxRate
from auditor.core.records import Layer
from auditor.core.records import Tax
from auditor.core.records import Tolerance
from auditor.core.results import Difference
from auditor.core.results import Status
from auditor.core.tolerances import tolerance_of
from auditor.language import Language
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import FIRST
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PRICES
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import WABA
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import fee_line
from tests.core.invoicing import line
from tests.core.invoicing import only
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

# Peru: 10 x 0.10 = 1.00 and 5 x 0.02 = 0.10; Chile: 4 x 0.20 = 0.80 and 2 x 0.02 = 0.04.
MIXED = [
    *sent("marketing", 10),
    *sent("utility", 5),
    *sent("marketing", 4, user=CHILE),
    *sent("utility", 2, user=CHILE),
]


# Grain


def test_that_a_line_meets_the_charges_it_speaks_of() -> None:
    found = by_name(audited(MIXED, [
        line("1.00", "10", "0.10", market="Peru", category="marketing"),
        line("0.10", "5", "0.02", market="Peru", category="utility"),
        line("0.80", "4", "0.20", market="Chile", category="marketing"),
        line("0.04", "2", "0.02", market="Chile", category="utility"),
    ]))  # fmt: skip
    assert {name: (one.expected, one.expected_quantity, one.status) for name, one in found.items()} == {
        ("Peru", "marketing"): (Decimal("1.00"), 10, Status.MATCHED),
        ("Peru", "utility"): (Decimal("0.10"), 5, Status.MATCHED),
        ("Chile", "marketing"): (Decimal("0.80"), 4, Status.MATCHED),
        ("Chile", "utility"): (Decimal("0.04"), 2, Status.MATCHED),
    }


def test_that_an_invoice_without_markets_is_met_by_category() -> None:
    found = by_name(audited(MIXED, [line("1.80", "14", category="marketing"), line("0.14", "7", category="utility")]))
    assert {name: (one.expected, one.expected_quantity, one.difference) for name, one in found.items()} == {
        ("marketing",): (Decimal("1.80"), 14, ZERO),
        ("utility",): (Decimal("0.14"), 7, ZERO),
    }


def test_that_one_line_for_everything_meets_everything() -> None:
    one = only(audited(MIXED, [line("2.00", "21")]))
    assert (one.expected, one.expected_quantity, one.difference, one.key) == (Decimal("1.94"), 21, Decimal("0.06"),
                                                                               "|||||")  # fmt: skip


def test_that_a_line_by_country_meets_that_country() -> None:
    found = by_name(audited(MIXED, [line("1.10", country="PE"), line("0.84", country="CL")]))
    assert {name: one.difference for name, one in found.items()} == {("Peru", "PE"): 0, ("Chile", "CL"): 0}


def test_that_a_country_of_a_shared_code_is_met_under_the_main_one() -> None:
    rows = sent("marketing", 3, user="14165551234")  # Toronto: +1 cannot tell Canada from the United States
    one = only(audited(rows, [line("0.60", "3", country="CA")]))
    assert (one.difference, one.country, one.market) == (ZERO, "US", "North America")


def test_that_a_country_is_read_in_the_market_of_its_period() -> None:
    one = only(audited(sent("marketing", 3, user=CHILE), [line("0.60", country="CL", period_start=FIRST)]))
    assert (one.difference, one.market, one.period) == (ZERO, "Chile", "2026-10")


def test_that_what_no_line_speaks_of_is_missing_at_the_invoices_grain() -> None:
    found = by_name(audited(MIXED, [line("1.80", "14", category="marketing")]))
    assert found["utility",].status == Status.MISSING
    assert (found["utility",].difference, found["utility",].billed) == (Decimal("-0.14"), ZERO)
    assert (found["utility",].quantity_effect, found["utility",].rate_effect) == (Decimal("-0.14"), ZERO)


def test_that_what_the_log_knows_nothing_of_is_unexpected() -> None:
    found = by_name(audited(sent("marketing", 10), [
        line("1.00", "10", market="Peru", category="marketing"), line("5.93", "96", market="Argentina",
                                                                      category="marketing"),
    ]))  # fmt: skip
    argentina = found["Argentina", "marketing"]
    assert (argentina.status, argentina.expected, argentina.difference) == (Status.UNEXPECTED, ZERO, Decimal("5.93"))


def test_that_lines_of_one_thing_are_one_difference() -> None:
    one = only(audited(sent("marketing", 10), [line("0.40", "4", category="marketing"),
                                               line("0.60", "6", category="marketing", row=2)]))  # fmt: skip
    assert (one.status, one.lines, one.billed_quantity) == (Status.MATCHED, (0, 1), Decimal(10))


def test_that_lines_that_overlap_are_compared_together() -> None:
    # "Peru" and "marketing" both speak of Peru's marketing: only their sum means something. Chile's utility is apart.
    lines = [line("1.10", market="Peru"), line("0.80", category="marketing")]
    found = audited(MIXED, lines).result.differences
    together = next(one for one in found if one.lines)
    assert (together.lines, together.expected, together.status) == ((0, 1), Decimal("1.90"), Status.MATCHED)
    (apart,) = [one for one in found if not one.lines]
    assert (apart.market, apart.category, apart.expected) == ("Chile", "utility", Decimal("0.04"))


def test_that_two_accounts_are_told_apart() -> None:
    account = replace(ACCOUNT, wabas=(WABA, SECOND_WABA))
    rows = [*sent("marketing", 10), *sent("marketing", 3, number="number2")]
    lines = [line("1.00", waba_id="waba"), line("0.20", waba_id="waba2")]
    found = by_name(audited(rows, lines, account))
    assert found["waba",].status == Status.MATCHED
    assert (found["waba2",].expected, found["waba2",].difference) == (Decimal("0.30"), Decimal("-0.10"))


def test_that_a_line_by_phone_number_is_met_by_its_account() -> None:
    account = replace(ACCOUNT, wabas=(WABA, SECOND_WABA))
    rows = [*sent("marketing", 10), *sent("marketing", 3, number="number2")]
    lines = [line("1.00", phone_number_id="number"), line("0.30", phone_number_id="number2")]
    assert {one.waba_id: one.status for one in audited(rows, lines, account).result.differences} == {
        "waba": Status.MATCHED,
        "waba2": Status.MATCHED,
    }


def test_that_months_are_told_apart_where_lines_state_them() -> None:
    account = replace(ACCOUNT, last=date(2026, 11, 30))
    rows = [*sent("marketing", 10), *sent("marketing", 3, at="2026-11-02 10:00")]
    months = [(date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 30))]
    lines = [
        line(amount, period_start=start, period_end=end)
        for amount, (start, end) in zip(("1.00", "0.30"), months, strict=True)
    ]
    found = {one.period: one.difference for one in audited(rows, lines, account).result.differences}
    assert found == {"2026-10": 0, "2026-11": 0}


def test_that_a_period_of_several_months_is_not_broken_down() -> None:
    assert line_period(line("1", period_start=FIRST, period_end=date(2026, 11, 30))) == ""
    assert line_period(line("1", period_start=FIRST)) == "2026-10"
    assert line_period(line("1")) == ""


def test_that_marketing_lite_without_a_line_of_its_own_is_marketing() -> None:
    rows = [*sent("marketing", 10), *sent("marketing_lite", 2)]
    one = only(audited(rows, [line("1.20", "12", category="marketing")]))
    assert (one.expected_quantity, one.status) == (12, Status.MATCHED)


def test_that_marketing_lite_with_a_line_of_its_own_stands_apart() -> None:
    rows = [*sent("marketing", 10), *sent("marketing_lite", 2)]
    lines = [line("1.00", "10", category="marketing"), line("0.20", "2", category="marketing_lite")]
    found = by_name(audited(rows, lines))
    assert {name: one.status for name, one in found.items()} == {
        ("marketing",): Status.MATCHED,
        ("marketing_lite",): Status.MATCHED,
    }


def test_that_free_units_that_no_line_lists_are_not_missing() -> None:
    rows = [*wrote("2026-10-05 09:00"), *sent("", 3, at="2026-10-05 09:10"), *sent("marketing", 10)]
    one = only(audited(rows, [line("1.00", "10", category="marketing")]))
    assert (one.category, one.status) == ("marketing", Status.MATCHED)


SPLIT_PRICES = (priced("*", "utility", "0.02", "2025-07-01"),)
# The customer wrote at 10:00 of the 5th: what was sent at 09:59 of the 6th and came at 10:01 is free, or 0.02.
SPLIT = [
    *wrote("2026-09-05 10:00"),
    *sent("utility", at="2026-09-06 09:59", delivered_at="2026-09-06 10:01"),
    *sent("utility", 2, at="2026-09-20 10:00"),
]
SEPTEMBER = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))


@pytest.mark.parametrize("market", ["", "Peru"])
def test_that_the_range_of_a_line_reaches_to_free_units_that_may_be_charged(market: str) -> None:
    """Two are charged, 2 x 0.02 = 0.04; the third may come to 0.02 more (pricing.md §5.4): 0.04 to 0.06."""
    result = audited(SPLIT, [line("0.04", "2", market=market)], SEPTEMBER, SPLIT_PRICES)
    one = only(result)
    assert (one.expected_quantity, one.low, one.expected, one.high) == (2, *map(Decimal, ("0.04", "0.04", "0.06")))
    assert (result.result.low, result.result.high) == (one.low, one.high)


def test_that_the_range_of_free_units_with_a_line_of_their_own_is_there_alone() -> None:
    found = by_name(audited(SPLIT, [
        line("0.04", "2", category="utility", pricing_type="regular"),
        line("0.00", "1", category="utility", pricing_type="free_customer_service"),
    ], SEPTEMBER, SPLIT_PRICES))  # fmt: skip
    ranges = {name[-1]: (one.low, one.high) for name, one in found.items()}
    assert ranges == {
        "regular": (Decimal("0.04"), Decimal("0.04")),
        "free_customer_service": (ZERO, Decimal("0.02")),
    }


def test_that_free_units_that_the_invoice_lists_are_counted() -> None:
    rows = [*wrote("2026-10-05 09:00"), *sent("", 3, at="2026-10-05 09:10"), *sent("marketing", 10)]
    lines = [
        line("1.00", "10", category="marketing", pricing_type="regular"),
        line("0.00", "3", category="service", pricing_type="free_customer_service"),
    ]
    found = by_name(audited(rows, lines))
    free = found["service", "free_customer_service"]
    assert (free.expected_quantity, free.billed_quantity, free.status) == (3, Decimal(3), Status.MATCHED)
    assert found["marketing", "regular"].status == Status.MATCHED


def test_that_only_the_period_is_reconciled() -> None:
    rows = [*sent("marketing", 10), *sent("marketing", 5, at="2026-09-30 10:00"),
            *sent("marketing", 5, at="2026-11-01 00:00")]  # fmt: skip
    one = only(audited(rows, [line("1.00", "10", category="marketing")]))
    assert (one.expected_quantity, one.status) == (10, Status.MATCHED)


# Statuses and tolerance


def test_that_a_difference_within_tolerance_says_so() -> None:
    account = replace(ACCOUNT, tolerance=Tolerance(Decimal("0.05"), Decimal(0)))
    statuses = {
        amount: only(audited(sent("marketing", 10), [line(amount, category="marketing")], account)).status
        for amount in ("1.00", "1.05", "0.95", "1.06", "0.94")
    }
    within, beyond = Status.WITHIN_TOLERANCE, Status.DIFFERENT
    assert statuses == {"1.00": Status.MATCHED, "1.05": within, "0.95": within, "1.06": beyond, "0.94": beyond}


def test_that_units_without_a_rate_cannot_be_compared() -> None:
    prices = [one for one in PRICES if one["category"] != "authentication"]
    result = audited(sent("authentication", 2), [line("0.06", "2", category="authentication")], prices=prices)
    one = only(result)
    assert (one.status, one.expected_quantity, one.causes) == (Status.NOT_COMPARABLE, 2, ())
    assert one.unexplained == one.difference == Decimal("0.06")


def test_that_units_without_a_rate_and_without_a_line_are_not_missing() -> None:
    # What they should have cost is not known, so nobody can say that something is missing.
    prices = [one for one in PRICES if one["category"] != "authentication"]
    rows = [*sent("marketing", 10), *sent("authentication", 2)]
    found = by_name(audited(rows, [line("1.00", "10", category="marketing")], prices=prices))
    assert found["authentication",].status == Status.NOT_COMPARABLE


def test_that_units_that_cost_nothing_are_not_missing() -> None:
    prices = [one for one in PRICES if one["category"] != "utility"] + [priced("*", "utility", "0")]
    found = by_name(audited(MIXED, [line("1.80", category="marketing")], prices=prices))
    assert (found["utility",].status, found["utility",].difference) == (Status.MATCHED, ZERO)


def test_that_without_an_invoice_the_expected_side_stands_alone() -> None:
    result = audited(MIXED).result
    assert {one.status for one in result.differences} == {Status.NOT_COMPARABLE}
    assert {(one.market, one.category) for one in result.differences} == {
        ("Peru", "marketing"), ("Peru", "utility"), ("Chile", "marketing"), ("Chile", "utility"),
    }  # fmt: skip
    assert (result.expected, result.difference, result.bridge) == (Decimal("1.94"), ZERO, ())


@pytest.mark.parametrize(
    ("category", "market", "expected", "wanted"),
    [
        ("marketing", "Peru", "100", "1"),  # both fit: the narrower
        ("marketing", "Chile", "100", "2"),
        ("utility", "Peru", "100", "3"),
        ("utility", "Chile", "100", "0.01"),
        ("utility", "Chile", "-100", "0.01"),
        ("utility", "Peru", "1000", "5"),  # 0.5 % of 1000 is more than 3
    ],
)
def test_that_the_narrowest_tolerance_counts(category: str, market: str, expected: str, wanted: str) -> None:
    account = replace(ACCOUNT, tolerances=(
        Tolerance(Decimal(2), Decimal(0), category="marketing"),
        Tolerance(Decimal(3), Decimal("0.5"), market="Peru"),
        Tolerance(Decimal(1), Decimal(0), category="marketing", market="Peru"),
    ))  # fmt: skip
    assert tolerance_of(account, category, market, Decimal(expected)) == Decimal(wanted)


# Rounding and effects


def test_that_expected_is_rounded_only_where_it_meets_the_line() -> None:
    # 3 x 0.0125 = 0.0375 -> 0.04; the exact sum is kept beside it.
    prices = [priced("*", "utility", "0.0125")]
    one = only(audited(sent("utility", 3), [line("0.04", "3")], prices=prices))
    assert (one.expected, one.expected_exact, one.status) == (Decimal("0.04"), Decimal("0.0375"), Status.MATCHED)


def test_that_the_total_is_rounded_from_the_exact_sum() -> None:
    # 1 x 0.004 three times, by market: each line 0.00, together 0.012 -> 0.01.
    prices = [priced("*", "utility", "0.004")]
    rows = [*sent("utility"), *sent("utility", user=CHILE), *sent("utility", user=MEXICO)]
    lines = [line("0.00", "1", market=market) for market in ("Peru", "Chile", "Mexico")]
    result = audited(rows, lines, prices=prices).result
    assert {one.expected for one in result.differences} == {Decimal("0.00")}
    assert (result.expected, result.difference) == (Decimal("0.01"), Decimal("-0.01"))
    assert [(step.cause, step.amount) for step in result.bridge] == [("rounding", Decimal("-0.01")), ("unexplained", 0)]


def _by_day(amounts: Sequence[str]) -> Difference:
    """Give the difference of an invoice by day: a message on each day at 0.0125, due 0.0125 a day."""
    days = [date(2026, 10, n + 1) for n in range(len(amounts))]
    rows = [row for day in days for row in sent("marketing", at=f"{day} 10:00")]
    lines = [
        line(amount, "1", row=n, category="marketing", period_start=day, period_end=day)
        for n, (day, amount) in enumerate(zip(days, amounts, strict=True))
    ]
    return only(audited(rows, lines, prices=[priced("*", "marketing", "0.0125")]))


def test_that_lines_that_are_right_to_the_cent_make_no_difference_when_added_up() -> None:
    # Nine times 0.0125 rounded is 0.09; their sum 0.1125 rounded is 0.11. Ten figures are rounded: 10 x 0.005.
    one = _by_day(["0.01"] * 9)
    assert (one.difference, one.status, one.tolerance) == (Decimal("-0.02"), Status.WITHIN_TOLERANCE, Decimal("0.05"))
    assert causes(one) == {"rounding": Decimal("-0.02")}


def test_that_an_error_on_one_day_is_not_lost_among_the_roundings_of_the_others() -> None:
    # The second day bills 0.06 for 0.0125: 0.14 for 0.11 is well within ten roundings, and still wrong.
    one = _by_day(["0.01", "0.06", *["0.01"] * 7])
    assert (one.difference, one.status, one.tolerance) == (Decimal("0.03"), Status.DIFFERENT, Decimal("0.01"))


def test_that_rounding_reaches_half_a_minor_unit_a_line() -> None:
    assert rounding_reach(1, "USD") == Decimal("0.005")
    assert rounding_reach(3, "USD") == Decimal("0.015")
    assert rounding_reach(0, "CLP") == Decimal("0.5")


@pytest.mark.parametrize(
    ("quantity", "amount", "by_quantity", "by_rate"),
    [
        ("12", "1.20", "0.20", "0.00"),
        ("10", "1.30", "0.00", "0.30"),
        ("12", "1.44", "0.20", "0.24"),  # (12 - 10) x 0.10, and 12 x (0.12 - 0.10)
        ("8", "0.96", "-0.20", "0.16"),
    ],
)
def test_that_quantity_and_rate_effect_add_up(quantity: str, amount: str, by_quantity: str, by_rate: str) -> None:
    one = only(audited(sent("marketing", 10), [line(amount, quantity, category="marketing")]))
    assert (one.quantity_effect, one.rate_effect) == (Decimal(by_quantity), Decimal(by_rate))
    assert Decimal(by_quantity) + Decimal(by_rate) == one.difference


def test_that_an_effect_is_rounded_half_up_also_over_an_average_without_end() -> None:
    # Expected 0.005 + 0.010 + 0.010 = 0.025 for 3; three more at the same average are 0.025 exactly, so 0.03.
    prices = [priced("Peru", "utility", "0.005"), priced("*", "utility", "0.010")]
    rows = [*sent("utility"), *sent("utility", user=CHILE), *sent("utility", user=MEXICO)]
    one = only(audited(rows, [line("0.05", "6", category="utility")], prices=prices))
    assert one.quantity_effect == Decimal("0.03")


def test_that_effects_need_a_quantity() -> None:
    one = only(audited(sent("marketing", 10), [line("1.30", category="marketing")]))
    assert (one.quantity_effect, one.rate_effect, one.billed_quantity) == (None, None, None)


def test_that_rates_are_the_one_met_or_an_average() -> None:
    found = by_name(audited(MIXED, [line("1.80", "14", category="marketing"), line("0.14", "7", "0.02",
                                                                                   category="utility")]))  # fmt: skip
    # 1.80 / 14 = 0.128571428... -> 0.128571
    assert (found["marketing",].expected_rate, found["marketing",].billed_rate) == (Decimal("0.128571"),) * 2
    assert (found["utility",].expected_rate, found["utility",].billed_rate) == (Decimal("0.02"), Decimal("0.02"))


# Layers, currencies, tax


def test_that_other_layers_tie_to_the_total_and_are_not_reconciled() -> None:
    lines = [
        line("1.00", "10", category="marketing"), fee_line("75.00", Layer.SUBSCRIPTION), fee_line("0.18", Layer.TAX),
    ]  # fmt: skip
    result = audited(sent("marketing", 10), lines).result
    assert result.by_layer == {"meta": Decimal("1.00"), "subscription": Decimal("75.00"), "tax": Decimal("0.18")}
    assert (result.billed, result.difference) == (Decimal("1.00"), ZERO)


def test_that_tax_inside_the_amounts_is_taken_out_before_they_are_compared() -> None:
    # 1.18 with 18 % inside is 1.00 net and 0.18 of tax.
    account = replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=True))
    result = audited(sent("marketing", 10), [line("1.18", "10", "0.118", category="marketing")], account).result
    (one,) = result.differences
    assert (one.status, one.billed, one.billed_rate) == (Status.MATCHED, Decimal("1.00"), Decimal("0.1"))
    assert result.by_layer == {"meta": Decimal("1.00"), "tax": Decimal("0.18")}


def test_that_lines_of_tax_and_of_nothing_hold_no_tax() -> None:
    account = replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=True))
    lines = [line("1.18", category="marketing"), line("0.00", category="service"), fee_line("5.00", Layer.TAX)]
    result = audited(sent("marketing", 10), lines, account).result
    assert result.by_layer == {"meta": Decimal("1.00"), "tax": Decimal("5.18")}
    assert len(result.invoice_lines) == 4


def test_that_a_line_in_another_currency_is_refused_with_its_place() -> None:
    with pytest.raises(AuditorError) as caught:
        audited(sent("marketing"), [line("1.00", currency="PEN", row=7)])
    error = caught.value
    assert (error.code, error.place and error.place.row) == ("invoice_currency", 7)
    assert "PEN" in Language("es").error(error)


def test_that_rates_in_dollars_meet_an_invoice_in_soles_by_the_day() -> None:
    # 10 x 0.10 USD on 5 October at 3.75 and 5 x 0.10 on the 6th at 3.80: 3.75 + 1.90 = 5.65 PEN.
    account = replace(ACCOUNT, currency="PEN", fx=FxMethod("daily"))
    table = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal(rate)) for day, rate in ((5, "3.75"), (6, "3.80"))]
    rows = [*sent("marketing", 10), *sent("marketing", 5, at="2026-10-06 10:00")]
    lines = [line("5.65", "15", category="marketing", currency="PEN")]
    result = audited(rows, lines, account, fx=table).result
    assert [(one.expected, one.status) for one in result.differences] == [(Decimal("5.65"), Status.MATCHED)]
    assert [(used.day.day, used.rate) for used in result.fx] == [(5, Decimal("3.75")), (6, Decimal("3.80"))]


def test_that_a_day_without_an_exchange_rate_is_named() -> None:
    account = replace(ACCOUNT, currency="PEN", fx=FxMethod("daily"))
    with pytest.raises(AuditorError) as caught:
        audited(sent("marketing"), [line("1", currency="PEN")], account)
    assert (caught.value.code, caught.value.values["day"]) == ("fx_missing", "2026-10-05")


# One message more, on 30 September at 20:00 in Lima: cut in UTC it would be October's.
AT_THE_EDGE = [*sent("marketing", 10), *sent("marketing", 1, at="2026-09-30 20:00")]


def test_that_the_search_for_causes_needs_no_other_exchange_rates() -> None:
    account = replace(ACCOUNT, currency="PEN", fx=FxMethod("daily"))
    table = [FxRate(date(2026, 10, 5), "USD", "PEN", Decimal("3.75"))]
    lines = [line("4.37", "11", category="marketing", currency="PEN"), line("0.01", category="other", currency="PEN")]
    found = by_name(audited([*AT_THE_EDGE, *sent("utility")], lines, account, fx=table))
    marketing, utility = found["marketing",], found["utility",]
    assert (marketing.expected, marketing.difference) == (Decimal("3.75"), Decimal("0.62"))
    assert (causes(marketing), marketing.unexplained) == ({}, Decimal("0.62"))
    assert causes(utility) == {"missing_line": Decimal("-0.08")}


def test_that_exchange_rates_that_only_the_search_met_are_not_shown_as_used() -> None:
    account = replace(ACCOUNT, currency="PEN", fx=FxMethod("daily"))
    table = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal("3.75")) for day in (1, 5)]
    result = audited(AT_THE_EDGE, [line("5", category="marketing", currency="PEN")], account, fx=table).result
    assert [used.day for used in result.fx] == [date(2026, 10, 5)]


# What always holds


@pytest.mark.parametrize("seed", range(12))
def test_that_the_bridge_adds_up_to_the_difference_for_any_invoice(seed: int) -> None:
    random = Random(seed)
    lines = []
    for n in range(random.randrange(1, 7)):
        billed = line(
            f"{random.randrange(-50, 300) / 100:.2f}",
            random.choice(("", str(random.randrange(20)))),
            random.choice(("", "0.10")),
            n,
            market=random.choice(("", "Peru", "Chile", "Argentina")),
            category=random.choice(("", "marketing", "utility", "service")),
            pricing_type=random.choice(("", "", "", "regular", "free_customer_service")),
        )
        lines.extend([billed] * random.choice((1, 1, 1, 2)))
    rows = [*MIXED, *wrote("2026-10-05 09:00"), *sent("", 3, at="2026-10-05 09:10"),
            *sent("marketing", 2, at="2026-09-30 22:00")]  # fmt: skip
    result = audited(rows, lines).result
    assert result.difference == result.billed - result.expected
    assert sum((step.amount for step in result.bridge), Decimal(0)) == result.difference
    assert result.bridge[-1].cause == "unexplained"
    assert result.bridge[-1].amount == result.unexplained
    assert sorted(n for one in result.differences for n in one.lines) == list(range(len(lines)))
    free = {n for n, cell in enumerate(result.cells) if cell.pricing_type.startswith("free")}
    met = [n for one in result.differences for n in one.cells]
    assert len(met) == len(set(met))
    assert set(range(len(result.cells))) - set(met) <= free
    for one in result.differences:
        assert one.difference == one.billed - one.expected
        if one.quantity_effect is not None and one.rate_effect is not None:
            assert one.quantity_effect + one.rate_effect == one.difference

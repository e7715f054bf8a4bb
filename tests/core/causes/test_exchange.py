"""An exchange at the rates of other days is found, and those days are said (pricing.md §9.5, formats.md §8).

Prices: `invoicing.py`. Marketing in Peru costs 0.10 USD, utility 0.02; both are sent on the 10th and the 20th.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.records import FxRate
from auditor.core.records import Layer
from auditor.core.records import Tax
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent

TABLE = {
    8: "3.7102", 9: "3.6012", 10: "3.8003", 11: "3.8221", 12: "3.6634",
    18: "3.9503", 19: "3.6507", 20: "3.7701", 21: "3.9906", 22: "3.8118",
}  # fmt: skip
ROWS = [
    row
    for category, day, count in (
        ("marketing", 10, 50), ("marketing", 20, 50), ("utility", 10, 40), ("utility", 20, 60)
    )
    for row in sent(category, count, at=f"2026-10-{day} 10:00")
]  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "difference", "values"),
    [
        # Due by the day are 5 x 3.8003 + 5 x 3.7701 = 37.852 and 0.8 x 3.8003 + 1.2 x 3.7701 = 7.56436.
        # Two days before: 5 x 3.7102 + 5 x 3.9503 = 38.3025, 0.8 x 3.7102 + 1.2 x 3.9503 = 7.70852.
        (("38.30", "7.71"), "0.60", {"kind": "days_before", "days": "2"}),
        # Two days after: 5 x 3.6634 + 5 x 3.8118 = 37.376, 0.8 x 3.6634 + 1.2 x 3.8118 = 7.50488.
        (("37.38", "7.50"), "-0.53", {"kind": "days_after", "days": "2"}),
        # All at the 9th's: 10 x 3.6012 = 36.012 and 2 x 3.6012 = 7.2024.
        (("36.01", "7.20"), "-2.20", {"kind": "on_day", "day": "2026-10-09"}),
    ],
)
def test_that_an_exchange_at_the_rates_of_other_days_is_found(
    amounts: tuple[str, str], difference: str, values: dict[str, str]
) -> None:
    account = replace(ACCOUNT, currency="PEN")
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal(rate)) for day, rate in TABLE.items()]
    billed = [
        line(amount, "100", row=row, category=category, currency="PEN")
        for row, (amount, category) in enumerate(zip(amounts, ("marketing", "utility"), strict=True), 1)
    ]
    result = audited(ROWS, billed, account, fx=fx).result
    causes = [cause for one in result.differences for cause in one.causes if cause.cause != "rounding"]
    assert [(cause.cause, cause.proof, dict(cause.values)) for cause in causes] == [("fx", "found", values)] * 2
    assert sum((cause.amount for cause in causes), Decimal(0)) == Decimal(difference)


def test_that_a_count_is_misread_on_one_of_several_lines_that_are_exchanged_by_the_day() -> None:
    # Of the 100 of marketing one line bills 18 of the 10th, 6.84; one 45 of the 20th, 16.96545 or 16.97; and one the 32
    # and 5 that are left, 12.16096 + 1.88505 or 14.05. The 18 were read as 81, which are 30.78. By what the other two
    # leave, of which each is rounded up, 18 are 6.832 and 81 would be 30.74. All of it is due with 45.41636.
    account = replace(ACCOUNT, currency="PEN")
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal(rate)) for day, rate in TABLE.items()]
    billed = (("30.78", "81", "a"), ("16.97", "45", "b"), ("14.05", "37", "c"))
    lines = [
        line(amount, count, row=row, category="marketing", currency="PEN", description=name)
        for row, (amount, count, name) in enumerate(billed, 1)
    ]
    lines.append(line("7.56", "100", row=4, category="utility", currency="PEN"))
    result = audited(ROWS, lines, account, fx=fx).result
    steps = {one.cause: one.amount for one in result.bridge if one.amount}
    assert steps == {"quantity": Decimal("23.95"), "rounding": Decimal("-0.01")}
    (cause,) = [one for line in result.differences for one in line.causes if one.cause == "quantity"]
    assert dict(cause.values) == {"billed": "81", "expected": "18"}


def test_that_an_exchange_at_the_rate_of_the_last_day_of_each_month_is_found_where_the_period_ends_before_it() -> None:
    # At 3.75 and 3.80 due are 10 x 3.75 and 10 x 3.80, 75.50; at 3.70 of 30 September and 3.90 of 31 October 76.00.
    account = replace(ACCOUNT, first=date(2026, 9, 21), last=date(2026, 10, 15), currency="PEN")
    table = {
        date(2026, 9, 25): "3.75",
        date(2026, 9, 30): "3.70",
        date(2026, 10, 5): "3.80",
        date(2026, 10, 31): "3.90",
    }
    fx = [FxRate(day, "USD", "PEN", Decimal(rate)) for day, rate in table.items()]
    card = [priced("*", "marketing", "0.10", "2025-07-01")]
    rows = [*sent("marketing", 100, "2026-09-25 10:00"), *sent("marketing", 100, "2026-10-05 10:00")]
    billed = [
        line(
            amount, "100", row=month, currency="PEN", period_start=date(2026, month, 1), period_end=date(2026, month, n)
        )
        for month, n, amount in ((9, 30, "37.00"), (10, 31, "39.00"))
    ]
    result = audited(rows, billed, account, card, fx).result
    causes = [(one.cause, one.amount, dict(one.values)) for line in result.differences for one in line.causes]
    kind = {"kind": "month_end"}
    assert causes == [("fx", Decimal("-0.50"), kind), ("fx", Decimal("1.00"), kind)]


def test_that_an_exchange_at_the_rate_of_the_day_before_the_document_is_found() -> None:
    # 10 USD and 5 USD at 3.7501: 37.50 and 18.75. At the rate of the day before 3 November 38.207 and 19.1035.
    document = date(2026, 11, 3)
    table = {date(2026, 10, 5): "3.7501", date(2026, 11, 2): "3.8207", document: "3.9104"}
    fx = [FxRate(day, "USD", "PEN", Decimal(rate)) for day, rate in table.items()]
    billed = [
        line(amount, units, row=row, category=category, currency="PEN", document_date=document)
        for row, (category, units, amount) in enumerate((("marketing", "100", "38.21"), ("utility", "250", "19.10")))
    ]
    rows = [*sent("marketing", 100), *sent("utility", 250)]
    result = audited(rows, billed, replace(ACCOUNT, currency="PEN"), fx=fx).result
    causes = [(cause.cause, cause.amount, dict(cause.values)) for one in result.differences for cause in one.causes]
    previous = {"kind": "previous_day"}
    assert causes == [("fx", Decimal("0.71"), previous), ("fx", Decimal("0.35"), previous)]


def test_that_a_rate_is_no_slip_where_an_exchange_that_others_rival_comes_to_it() -> None:
    # Due at 3.76 are 376.00, 37.60 and 150.40. A mark-up of 1.009 and a rate of 3.7938 both come to what is billed:
    # 379.38, 37.94 and 151.75. The rate that one line states, 0.3794, is then no misread 0.376.
    prices = [priced("*", "marketing", "1.00"), priced("*", "utility", "0.10"), priced("*", "authentication", "0.40")]
    names = [row["category"] for row in prices]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal("3.76")) for day in range(1, 32)]
    billed = [("379.38", "100", ""), ("37.94", "100", "0.3794"), ("151.75", "100", "")]
    lines = [
        line(*said, row=row, category=name, currency="PEN")
        for row, (said, name) in enumerate(zip(billed, names, strict=True), 1)
    ]
    rows = [row for name in names for row in sent(name, 100)]
    result = audited(rows, lines, replace(ACCOUNT, currency="PEN"), prices, fx).result
    causes = [(cause.cause, cause.proof) for one in result.differences for cause in one.causes]
    assert {cause for cause, proof in causes if proof == "found"} <= {"rounding"}
    assert {"fx", "mark_up", "rate"} <= {cause for cause, proof in causes if proof == "possible"}


@pytest.mark.parametrize(
    ("amounts", "found", "possible"),
    [
        # 1.009 times what is due is 379.384, 37.9384 and 151.7536. At 3.7938 it is 379.38, 37.938 and 151.752: which of
        # the two it was nobody can tell, and a mark-up of nine tenths of a per cent is as odd as a rate.
        (("379.38", "37.94", "151.75"), set(), {"fx", "mark_up"}),
        # 1.15 times what is due; at one rate, 4.324, it would be 15 % off the usual.
        (("432.40", "43.24", "172.96"), {"mark_up"}, set()),
    ],
)
def test_that_a_mark_up_of_a_part_of_a_per_cent_is_not_told_from_an_exchange_rate(
    amounts: tuple[str, ...], found: set[str], possible: set[str]
) -> None:
    # Due at 3.76 are 376.00, 37.60 and 150.40: 100, 10 and 40 USD.
    prices = [priced("*", "marketing", "1.00"), priced("*", "utility", "0.10"), priced("*", "authentication", "0.40")]
    names = [row["category"] for row in prices]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal("3.76")) for day in range(1, 32)]
    lines = [
        line(amount, "100", row=row, category=name, currency="PEN")
        for row, (amount, name) in enumerate(zip(amounts, names, strict=True), 1)
    ]
    rows = [row for name in names for row in sent(name, 100)]
    result = audited(rows, lines, replace(ACCOUNT, currency="PEN"), prices, fx).result
    for one in result.differences:
        made = {proof: {cause.cause for cause in one.causes if cause.proof == proof} for proof in ("found", "possible")}
        assert {proof: some - {"rounding"} for proof, some in made.items()} == {"found": found, "possible": possible}


@pytest.mark.parametrize(
    ("count", "amounts", "step"),
    [
        # Due at 3.76 are 451.20, 45.12 and 180.48. At 3.8303 they are 459.64, 45.96 and 183.85, and so they are at
        # 1.0187 times as much: that figure is shorter, but nobody agreed on two factors.
        (100, ("459.64", "45.96", "183.85"), {"fx": Decimal("12.65")}),
        # Due are 45.12, 4.51 and 18.05. At 3.8542 they are 46.25, 4.63 and 18.50, and so they are by 1.2301 in place of
        # 1.2: a contract of a hundredth of a per cent is as odd as a rate, and nobody can tell which of the two it was.
        (10, ("46.25", "4.63", "18.50"), {"unexplained": Decimal("1.70")}),
    ],
)
def test_that_an_exchange_rate_is_no_odd_factor_on_top_of_the_contract_s_or_in_its_place(
    count: int, amounts: tuple[str, ...], step: dict[str, Decimal]
) -> None:
    # The contract multiplies the list by 1.2.
    names, rates = ("marketing", "utility", "authentication"), ("1.00", "0.10", "0.40")
    listed = [priced("*", name, rate) for name, rate in zip(names, rates, strict=True)]
    contract = [priced("*", name, "") | {"factor": "1.2"} for name in names]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal("3.76")) for day in range(1, 32)]
    lines = [
        line(amount, str(count), row=row, category=name, currency="PEN")
        for row, (amount, name) in enumerate(zip(amounts, names, strict=True), 1)
    ]
    rows = [row for name in names for row in sent(name, count)]
    result = audited(rows, lines, replace(ACCOUNT, currency="PEN"), contract, fx, listed).result
    assert {one.cause: one.amount for one in result.bridge if one.amount} == step
    assert {one.cause for line in result.differences for one in line.causes} >= {"fx"}


def test_that_the_card_of_another_currency_converted_at_the_rate_of_one_day_is_one_cause() -> None:
    # Due are 400 x 0.10, 600 x 0.02 and 500 x 0.03 USD: 40.00, 12.00 and 15.00. The EUR card has 0.08, 0.015 and 0.02;
    # at 1.15, the rate of the month's last day, they are 36.80, 10.35 and 11.50.
    names, listed, counts = ("marketing", "utility", "authentication"), ("0.10", "0.02", "0.03"), (400, 600, 500)
    prices = [priced("*", name, rate) for name, rate in zip(names, listed, strict=True)]
    prices += [
        priced("*", name, rate) | {"currency": "EUR"}
        for name, rate in zip(names, ("0.08", "0.015", "0.02"), strict=True)
    ]
    fx = [FxRate(date(2026, 10, day), "EUR", "USD", Decimal("1.09") + Decimal(day) / 1000) for day in range(1, 31)]
    fx.append(FxRate(date(2026, 10, 31), "EUR", "USD", Decimal("1.15")))
    rows = [
        row
        for name, count in zip(names, counts, strict=True)
        for day in (10, 20)
        for row in sent(name, count // 2, at=f"2026-10-{day} 10:00")
    ]
    lines = [
        line(amount, str(count), row=row, category=name)
        for row, (amount, count, name) in enumerate(zip(("36.80", "10.35", "11.50"), counts, names, strict=True), 1)
    ]
    result = audited(rows, lines, prices=prices, fx=fx).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {"card_currency": Decimal("-8.35")}


def test_that_the_card_of_another_currency_is_converted_at_the_rate_of_each_day() -> None:
    # 100 of marketing at 0.09 EUR on the 5th at 1.10 and as many on the 20th at 1.20 are 20.70 USD, and not 20.00. Of
    # utility 50 and 150 at 0.015 are 3.525, and not 4.00; of authentication 40 and 10 at 0.025 are 1.40, and not 1.50.
    names, counts = ("marketing", "utility", "authentication"), ((100, 100), (50, 150), (40, 10))
    prices = [
        priced("*", name, rate) | {"currency": currency}
        for currency, rates in (("USD", ("0.10", "0.02", "0.03")), ("EUR", ("0.09", "0.015", "0.025")))
        for name, rate in zip(names, rates, strict=True)
    ]
    fx = [FxRate(date(2026, 10, day), "EUR", "USD", Decimal(rate)) for day, rate in ((5, "1.10"), (20, "1.20"))]
    rows = [
        row
        for name, some in zip(names, counts, strict=True)
        for day, count in zip(("05", "20"), some, strict=True)
        for row in sent(name, count, at=f"2026-10-{day} 10:00")
    ]
    lines = [
        line(amount, str(sum(some)), row=row, category=name)
        for row, (amount, some, name) in enumerate(zip(("20.70", "3.53", "1.40"), counts, names, strict=True), 1)
    ]
    result = audited(rows, lines, prices=prices, fx=fx).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {"card_currency": Decimal("0.13")}


def test_that_the_card_of_another_currency_converted_at_a_rate_of_no_table_is_one_cause() -> None:
    # 400 of marketing at 0.08 EUR, 600 of utility at 0.015 and 500 of authentication at 0.02 are 32.00, 9.00 and 10.00;
    # at 1.12 these are 35.84, 10.08 and 11.20 USD, where 40.00, 12.00 and 15.00 are due. Nothing states any rate.
    names, counts = ("marketing", "utility", "authentication"), (400, 600, 500)
    prices = [
        priced("*", name, rate) | {"currency": currency}
        for currency, rates in (("USD", ("0.10", "0.02", "0.03")), ("EUR", ("0.08", "0.015", "0.02")))
        for name, rate in zip(names, rates, strict=True)
    ]
    rows = [row for name, count in zip(names, counts, strict=True) for row in sent(name, count)]
    lines = [
        line(amount, str(count), row=row, category=name)
        for row, (amount, count, name) in enumerate(zip(("35.84", "10.08", "11.20"), counts, names, strict=True), 1)
    ]
    result = audited(rows, lines, prices=prices).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {"card_currency": Decimal("-9.88")}
    values = {"kind": "implied", "currency": "EUR", "rate": "1.12"}
    assert [cause.values for one in result.differences for cause in one.causes] == [values] * 3


def test_that_the_card_of_another_currency_is_found_for_all_but_one_market_that_is_billed_by_the_card_before() -> None:
    # 400, 600 and 500 at 0.08, 0.015 and 0.02 EUR are 32.00, 9.00 and 10.00; at 1.12 these are 35.84, 10.08 and 11.20
    # USD, where 40.00, 12.00 and 15.00 are due: 9.88 less. Chile's 200 are billed at September's 0.12 USD, 24.00, where
    # 30.00 are due at 0.15, and 300 at 0.023, 6.90, for 6.00: 5.10 less.
    names, counts = ("marketing", "utility", "authentication"), (400, 600, 500)
    prices = [
        priced("*", name, rate) | {"currency": currency}
        for currency, rates in (("USD", ("0.10", "0.02", "0.03")), ("EUR", ("0.08", "0.015", "0.02")))
        for name, rate in zip(names, rates, strict=True)
    ]
    prices += [priced("Chile", "marketing", "0.15"), priced("Chile", "marketing", "0.13") | {"currency": "EUR"}]
    before = {"USD": ("0.11", "0.023", "0.034", "0.12"), "EUR": ("0.09", "0.017", "0.023", "0.08")}
    prices += [
        priced(market, name, rate, "2026-01-01", "2026-09-30") | {"currency": currency}
        for currency, rates in before.items()
        for market, name, rate in zip(("*", "*", "*", "Chile"), (*names, "marketing"), rates, strict=True)
    ]
    places = (("Peru", PERU), ("Mexico", MEXICO), ("Spain", "34600000001"))
    rows = [
        row
        for name, count, (_, user) in zip(names, counts, places, strict=True)
        for row in sent(name, count, user=user)
    ]
    rows += [*sent("marketing", 200, user=CHILE), *sent("utility", 300, "2026-10-06 10:00", CHILE)]
    rates = (("35.84", "0.0896"), ("10.08", "0.0168"), ("11.20", "0.0224"))
    lines = [
        line(amount, str(count), rate, row=row, category=name, market=place)
        for row, ((amount, rate), count, name, (place, _)) in enumerate(
            zip(rates, counts, names, places, strict=True), 1
        )
    ]
    lines.append(line("24.00", "200", "0.12", row=4, category="marketing", market="Chile"))
    lines.append(line("6.90", "300", "0.023", row=5, category="utility", market="Chile"))
    result = audited(rows, lines, prices=prices).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {
        "card_currency": Decimal("-9.88"),
        "rate_card": Decimal("-5.10"),
    }


def test_that_a_mark_up_of_no_contract_competes_with_the_card_of_another_currency_at_a_rate_of_no_table() -> None:
    # 100 each of marketing, utility and authentication are due at 0.10, 0.02 and 0.03: 10.00, 2.00 and 3.00. 0.83 times
    # that is 8.30, 1.66 and 2.49; at 0.0113 USD for one INR, 734.5, 146.9 and 220.35 INR are the same.
    names = ("marketing", "utility", "authentication")
    listed = {"USD": ("0.10", "0.02", "0.03"), "INR": ("7.345", "1.469", "2.2035")}
    prices = [
        priced("*", name, rate) | {"currency": currency}
        for currency, rates in listed.items()
        for name, rate in zip(names, rates, strict=True)
    ]
    rows = [row for name in names for row in sent(name, 100)]
    billed = [
        line(amount, "100", row=n, category=name)
        for n, (name, amount) in enumerate(zip(names, ("8.30", "1.66", "2.49"), strict=True), 1)
    ]
    result = audited(rows, billed, prices=prices).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {"unexplained": Decimal("-2.55")}
    possible = {(one.cause, one.amount, one.proof) for line in result.differences for one in line.causes}
    assert {(one, Decimal("-1.70"), "possible") for one in ("mark_up", "card_currency")} <= possible


def test_that_a_contract_puts_its_mark_up_on_the_list_of_another_currency_as_on_its_own() -> None:
    # By the contract units cost 1.25 times the list and 0.003 more: 0.128, 0.028 and 0.0405 USD; the EUR list has 0.08,
    # 0.014 and 0.021: 0.103, 0.0205 and 0.02925. Due are 400 x 0.128 = 51.20, 600 x 0.028 = 16.80 and 500 x 0.0405 =
    # 20.25; billed are 41.20, 12.30 and 14.625. On the EUR list without the mark-up: 32.00, 8.40 and 10.50.
    names, counts = ("marketing", "utility", "authentication"), (400, 600, 500)
    listed = [
        priced("*", name, rate) | {"currency": currency}
        for currency, rates in (("USD", ("0.10", "0.02", "0.03")), ("EUR", ("0.08", "0.014", "0.021")))
        for name, rate in zip(names, rates, strict=True)
    ]
    prices = [{**priced("*", name, ""), "factor": "1.25", "plus": "0.003"} for name in names]
    rows = [row for name, count in zip(names, counts, strict=True) for row in sent(name, count)]
    lines = [
        line(amount, str(count), rate, row, category=name)
        for row, (amount, count, rate, name) in enumerate(
            zip(("41.20", "12.30", "14.63"), counts, ("0.103", "0.0205", "0.02925"), names, strict=True), 1
        )
    ]
    result = audited(rows, lines, prices=prices, listed=listed).result
    causes = {step.cause: step.amount for step in result.bridge if step.amount}
    assert causes == {"card_currency": Decimal("-20.12")}  # 51.20 - 41.20, 16.80 - 12.30, 20.25 - 14.63


@pytest.mark.parametrize(("taxes", "cause"), [(False, "tax_included"), (True, "card_currency")])
def test_that_a_tax_on_a_line_of_its_own_speaks_for_a_card_that_comes_to_the_same_as_the_tax(
    *, taxes: bool, cause: str
) -> None:
    # Due are 10.00, 2.00 and 3.00 USD; with 18 % in them 11.80, 2.36 and 3.54, and so has the EUR card, as it stands.
    # 18 % of 17.70 are 3.19.
    names, listed = ("marketing", "utility", "authentication"), ("0.10", "0.02", "0.03")
    prices = [priced("*", name, rate) for name, rate in zip(names, listed, strict=True)]
    prices += [
        priced("*", name, rate) | {"currency": "EUR"}
        for name, rate in zip(names, ("0.118", "0.0236", "0.0354"), strict=True)
    ]
    lines = [
        line(amount, "100", row=row, category=name)
        for row, (amount, name) in enumerate(zip(("11.80", "2.36", "3.54"), names, strict=True), 1)
    ]
    lines += [replace(line("3.19", row=4, category=""), layer=Layer.TAX)] if taxes else []
    rows = [row for name in names for row in sent(name, 100)]
    result = audited(rows, lines, replace(ACCOUNT, tax=Tax("IGV", Decimal(18))), prices).result
    assert {step.cause: step.amount for step in result.bridge if step.amount} == {cause: Decimal("2.70")}


def test_that_a_month_cut_elsewhere_is_exchanged_by_the_days_that_units_have_here() -> None:
    # At 20:00 in Lima the next day has begun at UTC: what is sent then on the 31st is November's there. Nothing else
    # changes: the evenings of the 10th and the 20th are exchanged at these days' rates. Due at 3.8003, 3.7701 and 3.70:
    # marketing 5 x 3.8003 + 5 x 3.7701 + (1 + 2) x 3.70 = 48.952, of which 2 x 3.70 = 7.40 is November's at UTC;
    # utility 0.80 x 3.8003 + 1.20 x 3.7701 + (0.20 + 0.60) x 3.70 = 10.52436, of which 2.22;
    # marketing in Chile 2 x 3.8003 + 1 x 3.7701 + (1 + 1) x 3.70 = 18.7707, of which 3.70.
    sizes = {
        ("marketing", PERU): (50, 50, 10, 20),
        ("utility", PERU): (40, 60, 10, 30),
        ("marketing", CHILE): (10, 5, 5, 5),
    }
    days = ("10 20:00", "20 20:00", "31 10:00", "31 20:00")
    rows = [
        row
        for (category, user), counts in sizes.items()
        for day, count in zip(days, counts, strict=True)
        for row in sent(category, count, f"2026-10-{day}", user)
    ]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal(rate)) for day, rate in {**TABLE, 31: "3.70"}.items()]
    billed = [
        line("41.55", "110", market="Peru", category="marketing", currency="PEN"),
        line("8.30", "110", market="Peru", category="utility", currency="PEN", row=2),
        line("15.07", "20", market="Chile", category="marketing", currency="PEN", row=3),
    ]
    result = audited(rows, billed, replace(ACCOUNT, currency="PEN"), fx=fx).result
    steps = {step.cause: step.amount for step in result.bridge if step.amount}
    # Of the three totals 78.24716 is rounded to 78.25, the lines one by one to 78.24.
    assert steps == {"month_cut": Decimal("-13.32"), "rounding": Decimal("-0.01")}


def test_that_each_month_may_be_exchanged_at_its_own_last_day() -> None:
    # September and October on one invoice, each at the rate of its last day: 3.70 and 3.80. Due by the day are
    # 4.00 x 3.60 and 5.00 x 3.90 for marketing, at 0.08 and 0.10, and 0.40 x 3.60 and 1.20 x 3.90 for utility, at 0.01
    # and 0.02: 14.40, 19.50, 1.44 and 4.68. Billed: 14.80, 19.00, 1.48 and 4.56.
    account = replace(ACCOUNT, first=date(2026, 9, 1), currency="PEN")
    rates = {(9, 10): "3.60", (9, 30): "3.70", (10, 10): "3.90", (10, 31): "3.80"}
    fx = [FxRate(date(2026, month, day), "USD", "PEN", Decimal(rate)) for (month, day), rate in rates.items()]
    sizes = {("marketing", 9): 50, ("marketing", 10): 50, ("utility", 9): 40, ("utility", 10): 60}
    rows = [row for (name, month), count in sizes.items() for row in sent(name, count, at=f"2026-{month:02d}-10 10:00")]
    billed = [
        line(
            amount, str(count), row=row, category=name, currency="PEN",
            period_start=date(2026, month, 1), period_end=date(2026, month, 30),
        )
        for row, (amount, ((name, month), count)) in enumerate(
            zip(("14.80", "19.00", "1.48", "4.56"), sizes.items(), strict=True), 1
        )
    ]  # fmt: skip
    result = audited(rows, billed, account, fx=fx).result
    causes = [cause for one in result.differences for cause in one.causes]
    assert [(one.cause, one.proof, dict(one.values)) for one in causes] == [("fx", "found", {"kind": "period_end"})] * 4
    assert sum((one.amount for one in causes), Decimal(0)) == Decimal("0.40") - Decimal("0.50") + Decimal(
        "0.04"
    ) - Decimal("0.12")


def test_that_a_slight_error_is_found_in_lines_that_are_not_rounded_and_come_out_to_the_last_decimal() -> None:
    # All is exchanged at the 20th's 3.7701: 1.00, 0.20 and 0.60 USD. By the day 3.7852, 0.756436 and 2.27414 are due,
    # of which nobody would see three cents if the lines were rounded to these.
    sizes = {("marketing", PERU): (5, 5), ("utility", PERU): (4, 6), ("marketing", CHILE): (2, 1)}
    rows = [
        row
        for (category, user), counts in sizes.items()
        for day, count in zip((10, 20), counts, strict=True)
        for row in sent(category, count, f"2026-10-{day} 10:00", user)
    ]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal(rate)) for day, rate in TABLE.items()]
    billed = [
        line(amount, str(sum(counts)), row=row, category=category, market=market, currency="PEN")
        for row, (amount, market, ((category, _), counts)) in enumerate(
            zip(("3.7701", "0.75402", "2.26206"), ("Peru", "Peru", "Chile"), sizes.items(), strict=True), 1
        )
    ]
    result = audited(rows, billed, replace(ACCOUNT, currency="PEN"), fx=fx).result
    found = {cause.cause for one in result.differences for cause in one.causes if cause.proof == "found"}
    assert found - {"rounding"} == {"fx"}

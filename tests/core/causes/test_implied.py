"""A sum on each unit that no contract states, and several lines imply (formats.md §8, `mark_up`).

Prices: `invoicing.py`. In Peru marketing costs 0.10, utility 0.02, authentication 0.03.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.audit import Audited
from auditor.core.records import Fee
from auditor.core.records import FxRate
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import Number
from auditor.core.records import Tax
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import WABA
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent

NAMES = ("marketing", "utility", "authentication")


def billed(rows: Sequence[Row], figures: Sequence[tuple[str, str, str]], currency: str = "USD") -> Audited:
    """Audit an invoice of amounts, quantities and rates by category."""
    lines = [
        line(amount, count, rate, row, category=name, currency=currency)
        for row, ((amount, count, rate), name) in enumerate(zip(figures, NAMES, strict=True), 1)
    ]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal(rate)) for day, rate in ((10, "3.8003"), (20, "3.7701"))]
    return audited(rows, lines, replace(ACCOUNT, currency=currency), fx=fx)


def named(answer: Audited) -> dict[str, Decimal]:
    return {step.cause: step.amount for step in answer.result.bridge if step.amount}


def said(answer: Audited) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(cause.values.items()) for one in answer.result.differences for cause in one.causes if cause.values}


@pytest.mark.parametrize("rates", [("", "", ""), ("0.103", "0.023", "0.033")])
def test_that_a_sum_on_each_unit_is_found(rates: Sequence[str]) -> None:
    # 40, 150 and 70 units, 0.003 more on each: 4.00 + 0.12, 3.00 + 0.45 and 2.10 + 0.21.
    rows = [row for name, count in zip(NAMES, (40, 150, 70), strict=True) for row in sent(name, count)]
    figures = zip(("4.12", "3.45", "2.31"), ("40", "150", "70"), rates, strict=True)
    answer = billed(rows, list(figures))
    assert named(answer) == {"mark_up": Decimal("0.78")}
    assert said(answer) == {(("kind", "sum"), ("plus", "0.003"), ("currency", "USD"))}


def test_that_a_sum_is_found_that_is_exchanged_with_the_rate() -> None:
    # Due are 50 + 50, 40 + 60 and 30 + 90 units at 3.8003 and 3.7701: 37.852, 7.56436 and 13.59954. 0.005 USD more on
    # each are 1.8926, 1.89109 and 2.26659: 39.74, 9.46 and 15.87 in place of 37.85, 7.56 and 13.60, 6.06 more. Due in
    # all are 59.0159, a cent more than by lines.
    counts = ((50, 50), (40, 60), (30, 90))
    rows = [
        row
        for name, some in zip(NAMES, counts, strict=True)
        for day, count in zip((10, 20), some, strict=True)
        for row in sent(name, count, f"2026-10-{day} 10:00")
    ]
    answer = billed(rows, [("39.74", "100", ""), ("9.46", "100", ""), ("15.87", "120", "")], "PEN")
    assert named(answer) == {"mark_up": Decimal("6.06"), "rounding": Decimal("-0.01")}
    assert said(answer) == {(("kind", "sum"), ("plus", "0.005"), ("currency", "USD"))}


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        # 36, 21 and 7 units, 0.001 more on each: 3.600 + 0.036, 0.420 + 0.021 and 0.210 + 0.007. Cents more, but where
        # one line has implied the sum the two others come right to the last of three decimals. By lines it is 0.04,
        # 0.02 and 0.01, in all 0.064.
        (("3.636", "0.441", "0.217"), {"mark_up": "0.07", "rounding": "-0.01"}),
        # In whole cents 0.04 more, 0.02 more and 0.01 more, which many a sum comes to.
        (("3.64", "0.44", "0.22"), {"unexplained": "0.07"}),
    ],
)
def test_that_a_sum_of_cents_is_found_where_lines_come_right_to_their_last_decimal(
    amounts: Sequence[str], expected: dict[str, str]
) -> None:
    counts = (36, 21, 7)
    rows = [row for name, count in zip(NAMES, counts, strict=True) for row in sent(name, count)]
    figures = zip(amounts, map(str, counts), ("", "", ""), strict=True)
    assert named(billed(rows, list(figures))) == {cause: Decimal(amount) for cause, amount in expected.items()}


def test_that_two_lines_alone_imply_no_sum() -> None:
    # As above; marketing is right.
    rows = [row for name, count in zip(NAMES, (40, 150, 70), strict=True) for row in sent(name, count)]
    answer = billed(rows, [("4.00", "40", ""), ("3.45", "150", ""), ("2.31", "70", "")])
    assert named(answer) == {"unexplained": Decimal("0.66")}


def test_that_a_sum_on_each_unit_is_found_on_two_lines_that_leave_it_no_room() -> None:
    # 0.013 on each of 100 of marketing and 200 of utility, whose lines state 0.1130 and 0.0330: 3.90, and no two slips.
    rows = [*sent("marketing", 100), *sent("utility", 200, "2026-10-06 10:00")]
    lines = [
        line("11.30", "100", "0.1130", 1, category="marketing"),
        line("6.60", "200", "0.0330", 2, category="utility"),
    ]
    found = audited(rows, lines).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"mark_up": Decimal("3.90")}


def test_that_a_factor_that_the_stated_tax_comes_to_is_the_tax_though_a_line_states_it_as_well() -> None:
    # 10.00 and 4.00 are due and billed at 1.18 times as much, 2.52 more, beside a line of the tax.
    rows = [*sent("marketing", 100), *sent("utility", 200, "2026-10-06 10:00")]
    lines = [
        line("11.80", "100", row=1, category="marketing"),
        line("4.72", "200", row=2, category="utility"),
        line("2.97", row=3, layer=Layer.TAX),
    ]
    found = audited(rows, lines, replace(ACCOUNT, tax=Tax("IGV", Decimal(18)))).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"tax_included": Decimal("2.52")}


PLUS = [{**priced("*", name, ""), "factor": "1", "plus": "0.005"} for name in NAMES]
LISTED = [priced("*", name, rate) for name, rate in zip(NAMES, ("0.10", "0.02", "0.03"), strict=True)]


@pytest.mark.parametrize(
    ("amounts", "tax", "expected"),
    [
        # 40 at 0.105, 150 at 0.025 and 70 at 0.035 are due: 4.20, 3.75 and 2.45. With 0.001 on each in place of 0.005
        # they are 4.04, 3.15 and 2.17.
        (("4.04", "3.15", "2.17"), None, {"mark_up": "-1.04"}),
        # With 18 % in these: 4.7672, 3.717 and 2.5606, which is 0.73, 0.57 and 0.39 more.
        (("4.77", "3.72", "2.56"), Tax("IGV", Decimal(18)), {"mark_up": "-1.04", "tax_included": "1.69"}),
    ],
)
def test_that_another_sum_on_each_unit_is_found_for_the_one_of_the_contract(
    amounts: Sequence[str], tax: Tax | None, expected: dict[str, str]
) -> None:
    counts = (40, 150, 70)
    rows = [row for name, count in zip(NAMES, counts, strict=True) for row in sent(name, count)]
    lines = [
        line(amount, str(count), row=row, category=name)
        for row, (amount, count, name) in enumerate(zip(amounts, counts, NAMES, strict=True), 1)
    ]
    answer = audited(rows, lines, replace(ACCOUNT, tax=tax), PLUS, listed=LISTED)
    assert named(answer) == {cause: Decimal(amount) for cause, amount in expected.items()}
    assert (("kind", "plus"), ("plus", "0.001")) in said(answer)


def test_that_a_line_to_which_the_contract_adds_nothing_implies_no_sum() -> None:
    # Marketing and utility are marked up, authentication has a price of its own and is right but for its count: 7 for
    # 70, a digit lost at 0.03 each. The others are billed with 0.001 on each unit for the contract's 0.005.
    figures = {
        ("marketing", PERU): ("4.04", "40", "0.101"),
        ("utility", PERU): ("3.15", "150", "0.021"),
        ("authentication", PERU): ("0.21", "7", "0.03"),
        ("marketing", CHILE): ("9.09", "90", "0.101"),
    }
    counts = (40, 150, 70, 90)
    rows = [row for (name, user), count in zip(figures, counts, strict=True) for row in sent(name, count, user=user)]
    lines = [
        line(*said, row=row, category=name, market="Peru" if user == PERU else "Chile")
        for row, ((name, user), said) in enumerate(figures.items(), 1)
    ]
    answer = audited(rows, lines, prices=[*PLUS[:2], LISTED[2]], listed=LISTED[:2])
    assert named(answer) == {"mark_up": Decimal("-1.12"), "quantity": Decimal("-1.89")}


def test_that_a_round_factor_beside_the_stated_tax_goes_before_one_for_both() -> None:
    # Due are 10.00, 4.00 and 9.00. A tenth more is 2.30 in all; with 18 % in it 12.98, 5.192 and 11.682, which is 1.98,
    # 0.79 and 1.78 more. One factor of 1.298 would come to the same.
    rows = [row for name, count in zip(NAMES, (100, 200, 300), strict=True) for row in sent(name, count)]
    lines = [
        line(amount, count, row=row, category=name)
        for row, (amount, count, name) in enumerate(
            zip(("12.98", "5.19", "11.68"), ("100", "200", "300"), NAMES, strict=True), 1
        )
    ]
    answer = audited(rows, lines, replace(ACCOUNT, tax=Tax("IGV", Decimal(18))))
    assert named(answer) == {"mark_up": Decimal("2.30"), "tax_included": Decimal("4.55")}


def test_that_figures_of_six_decimals_imply_no_rate_that_comes_near_them() -> None:
    # 30, 20 and 10 at 0.10, 0.02 and 0.03 USD times 1.05 are due at 3.60; billed are they at 1.12 and 3.63, the last
    # day's rate: 12.1968, 1.62624 and 1.21968, and not 11.34, 1.512 and 1.134. 3.87 in place of 3.8720 comes near.
    rows = [row for name, count in zip(NAMES, (30, 20, 10), strict=True) for row in sent(name, count)]
    lines = [
        line(amount, count, row=row, category=name, currency="PEN")
        for row, (amount, count, name) in enumerate(
            zip(("12.1968", "1.62624", "1.21968"), ("30", "20", "10"), NAMES, strict=True), 1
        )
    ]
    prices = [{**priced("*", name, ""), "factor": "1.05"} for name in NAMES]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal(rate)) for day, rate in ((5, "3.60"), (31, "3.63"))]
    answer = audited(rows, lines, replace(ACCOUNT, currency="PEN"), prices, fx, listed=LISTED)
    # To the cent: from 11.34, 1.51 and 1.13 by the mark-up to 12.10, 1.61 and 1.21, and by the exchange to 12.20, 1.63
    # and 1.22. In all 15.04 are billed, and 13.99 due: 1.05, where the lines are 1.07 apart.
    found = {"mark_up": Decimal("0.94"), "fx": Decimal("0.13"), "rounding": Decimal("-0.02")}
    assert named(answer) == found


def test_that_a_mark_up_on_one_category_is_no_slip_of_the_two_lines_that_have_it() -> None:
    # 100 of utility in Peru at 0.02 and 50 in Chile at 0.05 are 2.00 and 2.50; both rates are a fifth more on the
    # invoice. Marketing, 10 at 0.10 and 10 at 0.20, is right.
    rows = [
        row
        for user in (PERU, CHILE)
        for name, count in (("utility", 100 if user == PERU else 50), ("marketing", 10))
        for row in sent(name, count, user=user)
    ]
    lines = [
        line("2.40", "100", "0.024", 1, market="Peru", category="utility"),
        line("3.00", "50", "0.060", 2, market="Chile", category="utility"),
        line("1.00", "10", "0.10", 3, market="Peru", category="marketing"),
        line("2.00", "10", "0.20", 4, market="Chile", category="marketing"),
    ]
    answer = audited(rows, lines, prices=[*PRICES, priced("Chile", "utility", "0.05")])
    assert named(answer) == {"mark_up": Decimal("0.90")}
    assert said(answer) == {(("kind", "implied"), ("factor", "1.2"), ("scope", "utility"))}


TWO = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("number2"))),))
OF_TWO = [
    row
    for number, counts in (("number", (40, 150, 70)), ("number2", (20, 70, 30)))
    for name, count in zip(NAMES, counts, strict=True)
    for row in sent(name, count, number=number)
]


@pytest.mark.parametrize(
    ("amounts", "more", "values"),
    [
        # 0.01 more on each unit of the second number: 0.20, 0.70 and 0.30.
        (("6.20", "5.10", "3.30"), "1.20", (("kind", "sum"), ("plus", "0.01"), ("currency", "USD"))),
        # A fifth more on what it is charged: 2.00, 1.40 and 0.90 become 2.40, 1.68 and 1.08.
        (("6.40", "4.68", "3.18"), "0.86", (("kind", "implied"), ("factor", "1.2"))),
    ],
)
def test_that_a_figure_is_found_for_one_number_where_lines_put_it_together_with_another(
    amounts: Sequence[str], more: str, values: tuple[tuple[str, str], ...]
) -> None:
    # Both numbers together are due 60 x 0.10 = 6.00, 220 x 0.02 = 4.40 and 100 x 0.03 = 3.00.
    lines = [
        line(amount, count, row=row, category=name)
        for row, (amount, count, name) in enumerate(zip(amounts, ("60", "220", "100"), NAMES, strict=True), 1)
    ]
    answer = audited(OF_TWO, lines, TWO)
    assert named(answer) == {"mark_up": Decimal(more)}
    assert said(answer) == {(*values, ("scope", "number2"))}


def test_that_an_exchange_rate_is_found_that_holds_for_fewer_than_half_of_the_lines() -> None:
    # Due at 3.76 are 500, 300 and 200 USD of utility: 1,880.00, 1,128.00 and 752.00. At 3.9413 they are 1,970.65,
    # 1,182.39 and 788.26, which is 181.30 more. The six lines of marketing and authentication are right.
    places = {PERU: ("Peru", 500), CHILE: ("Chile", 300), MEXICO: ("Mexico", 200)}
    prices = [priced("*", name, "1.00") for name in NAMES]
    rows, lines = list[Row](), list[InvoiceLine]()
    for (user, (market, count)), amount in zip(places.items(), ("1970.65", "1182.39", "788.26"), strict=True):
        for name in NAMES:
            rows += sent(name, count, user=user)
            billed_at = amount if name == "utility" else str(count * Decimal("3.76"))
            place = {"market": market, "category": name, "currency": "PEN"}
            lines.append(line(billed_at, str(count), row=len(lines) + 1, **place))
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal("3.76")) for day in range(1, 32)]
    assert named(audited(rows, lines, replace(ACCOUNT, currency="PEN"), prices, fx)) == {"fx": Decimal("181.30")}


def _sharing(amounts: Sequence[str], counts: Sequence[int], fee: str, **more: object) -> Audited:
    """Audit three lines with a fee of the month that the contract states; `more` is passed on."""
    rows = [row for name, count in zip(NAMES, counts, strict=True) for row in sent(name, count)]
    lines = [
        line(amount, str(count), row=row, category=name)
        for row, (amount, count, name) in enumerate(zip(amounts, counts, NAMES, strict=True), 1)
    ]
    account = replace(ACCOUNT, fees=(Fee("subscription", Decimal(fee), "USD", "month"),))
    return audited(rows, lines, account, **more)  # type: ignore[arg-type]  # the prices


def test_that_a_fee_for_the_month_is_found_that_is_shared_out_over_the_lines() -> None:
    # Due are 400 x 0.10 = 40.00, 1,500 x 0.02 = 30.00 and 1,000 x 0.03 = 30.00. Of a fee of 25.00 they bear 10.00, 7.50
    # and 7.50.
    answer = _sharing(("50.00", "37.50", "37.50"), (400, 1500, 1000), "25.00")
    assert named(answer) == {"provider_fee": Decimal("25.00")}
    assert said(answer) == {(("kind", "shared"), ("fee", "25"), ("factor", "1.25"))}


def test_that_a_fee_is_shared_out_over_what_lines_come_to_by_another_cause() -> None:
    # By the card of before 400 x 0.08 = 32.00, 1,500 x 0.01 = 15.00 and 30.00: 23.00 less than is due. Of the fee they
    # bear 25 x 32 / 77 = 10.39, 4.87 and 9.74.
    answer = _sharing(("42.39", "19.87", "39.74"), (400, 1500, 1000), "25.00")
    assert named(answer) == {"rate_card": Decimal("-23.00"), "provider_fee": Decimal("25.00")}


def test_that_a_fee_is_shared_out_over_what_lines_come_to_whatever_else_is_wrong_with_one() -> None:
    # Marketing alone has a rate of 0.1370, which nothing states: 400 x 0.1370 = 54.80, with 30.00 and 30.00, is 114.80.
    # Of the fee of 25.00 they bear 11.93, 6.53 and 6.53: without it 66.73 - 25 x 54.80 / 114.80.
    answer = _sharing(("66.73", "36.53", "36.53"), (400, 1500, 1000), "25.00")
    fees = {name: causes(one).get("provider_fee") for name, one in by_name(answer).items()}
    assert (fees["utility",], fees["authentication",]) == (Decimal("6.53"), Decimal("6.53"))


def test_that_a_fee_that_is_shared_out_is_not_found_for_one_business_number_alone() -> None:
    # 3 % more is billed for the first number: 41.20 and 30.90 for 40.00 and 30.00, with 30.00 and 20.00 of the other
    # 122.10. Of the fee of 25.00 they bear 8.44, 6.33, 6.14 and 4.10.
    account = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("number2"))),))
    account = replace(account, fees=(Fee("subscription", Decimal("25.00"), "USD", "month"),))
    billed = [("number", "marketing", 400, "49.64"), ("number", "utility", 1500, "37.23")]
    billed += [("number2", "marketing", 300, "36.14"), ("number2", "utility", 1000, "24.10")]
    rows = [row for number, name, count, _ in billed for row in sent(name, count, number=number)]
    lines = [
        line(amount, str(count), row=n, category=name, phone_number_id=number)
        for n, (number, name, count, amount) in enumerate(billed, 1)
    ]
    answer = audited(rows, lines, account)
    fees = [causes(one).get("provider_fee", Decimal(0)) for one in answer.result.differences]
    assert all(fees)
    assert abs(sum(fees, Decimal(0)) - 25) < 1


def test_that_a_fee_is_shared_out_over_lines_that_were_rounded_before() -> None:
    # 89 x 0.0515 = 4.5835, 10 x 0.00145 = 0.0145 and 30 x 0.0033 = 0.099: 4.58, 0.01 and 0.10 are 4.69. Of 35.00 they
    # bear 34.18, 0.07 and 0.75; of what is not rounded the second would bear 0.11.
    prices = [priced("*", name, rate) for name, rate in zip(NAMES, ("0.0515", "0.00145", "0.0033"), strict=True)]
    answer = _sharing(("38.76", "0.08", "0.85"), (89, 10, 30), "35.00", prices=prices)
    assert named(answer).keys() == {"provider_fee", "rounding"}


def test_that_a_sum_is_found_for_one_market_where_each_price_is_rounded_besides() -> None:
    # The contract has 1.10 times what is listed; each price is rounded to the cent, and in Peru a cent put on top.
    # Peru: 40 x 0.07 = 2.80 for 40 x 0.05830 = 2.33; 30 x 0.04 = 1.20 for 30 x 0.02530 = 0.76; 50 x 0.05 = 2.50 for
    # 50 x 0.04180 = 2.09: 0.40, 0.30 and 0.50 of them are that cent. Chile: 60 x 0.08 = 4.80 for 60 x 0.08360 = 5.02;
    # 20 x 0.02 = 0.40 for 20 x 0.01540 = 0.31; 35 x 0.03 = 1.05 for 35 x 0.03410 = 1.19. Mexico: 45 x 0.05 = 2.25 for
    # 45 x 0.04620 = 2.08; 25 x 0.01 = 0.25 for 25 x 0.01430 = 0.36; 70 x 0.02 = 1.40 for 70 x 0.02420 = 1.69.
    due = {
        ("Peru", "marketing"): (40, "0.053", "2.80", {"mark_up": "0.40", "rounding": "0.07"}),
        ("Peru", "utility"): (30, "0.023", "1.20", {"mark_up": "0.30", "rounding": "0.14"}),
        ("Peru", "authentication"): (50, "0.038", "2.50", {"mark_up": "0.50", "rounding": "-0.09"}),
        ("Chile", "marketing"): (60, "0.076", "4.80", {"rounding": "-0.22"}),
        ("Chile", "utility"): (20, "0.014", "0.40", {"rounding": "0.09"}),
        ("Chile", "authentication"): (35, "0.031", "1.05", {"rounding": "-0.14"}),
        ("Mexico", "marketing"): (45, "0.042", "2.25", {"rounding": "0.17"}),
        ("Mexico", "utility"): (25, "0.013", "0.25", {"rounding": "-0.11"}),
        ("Mexico", "authentication"): (70, "0.022", "1.40", {"rounding": "-0.29"}),
    }
    users = {"Peru": PERU, "Chile": CHILE, "Mexico": MEXICO}
    rows, lines, listed = list[Row](), list[InvoiceLine](), list[Row]()
    for n, ((market, word), (count, rate, amount, _)) in enumerate(due.items()):
        rows += sent(word, count, user=users[market])
        lines.append(line(amount, str(count), row=n, market=market, category=word))
        listed.append(priced(market, word, rate))
    contract = [priced("*", word, "") | {"factor": "1.10"} for word in NAMES]
    found = by_name(audited(rows, lines, prices=contract, listed=listed))
    assert {key: causes(found[key]) for key in due} == {
        key: {cause: Decimal(step) for cause, step in steps.items()} for key, (*_, steps) in due.items()
    }


def test_that_another_rate_of_a_category_is_found_beside_units_that_are_billed_as_it() -> None:
    # Authentication is billed as marketing, at 3.75, and marketing itself at 3.90: in Peru 40 x 0.10 x 3.90 = 15.60 and
    # 20 x 0.10 x 3.75 = 7.50, in Chile 30 x 0.20 x 3.90 = 23.40 and 10 x 0.20 x 3.75 = 7.50, in Mexico 25 x 0.20 x
    # 3.90 = 19.50 and 12 x 0.20 x 3.75 = 9.00. At 3.75 the marketing is 15.00, 22.50 and 18.75.
    billed = {"Peru": (PERU, 40, 20, "23.10"), "Chile": (CHILE, 30, 10, "30.90"), "Mexico": (MEXICO, 25, 12, "28.50")}
    rows, lines = list[Row](), list[InvoiceLine]()
    for n, (market, (user, marketing, codes, amount)) in enumerate(billed.items()):
        rows += [*sent("marketing", marketing, user=user), *sent("authentication", codes, user=user)]
        lines.append(line(amount, str(marketing + codes), row=n, market=market, category="marketing", currency="PEN"))
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal("3.75")) for day in range(1, 32)]
    found = by_name(audited(rows, lines, replace(ACCOUNT, currency="PEN"), fx=fx))
    for market, category, rate in (("Peru", "7.50", "0.60"), ("Chile", "7.50", "0.90"), ("Mexico", "9.00", "0.75")):
        assert causes(found[market, "marketing"]) == {"category": Decimal(category), "fx": Decimal(rate)}

"""A reading may hold from a day of the period on, or until one, where that day is proved (formats.md §8).

Prices: `invoicing.py`. Marketing in Peru costs 0.10 and cost 0.08 before, utility 0.02 and 0.01.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.audit import Audited
from auditor.core.causes import days as by_days
from auditor.core.causes import days_beside
from auditor.core.causes import twice
from auditor.core.causes.account import Account
from auditor.core.causes.bench import in_order
from auditor.core.causes.messages import amount_of
from auditor.core.causes.reading import Reading
from auditor.core.causes.search import Search
from auditor.core.causes.verdict import FITS
from auditor.core.records import FxRate
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
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent


def month(*days: tuple[int, int, int]) -> list[Row]:
    """Send on so many days so many of marketing and of utility each, one stretch after another."""
    counts = [(marketing, utility) for number, marketing, utility in days for _ in range(number)]
    made: list[Row] = []
    for n, (marketing, utility) in enumerate(counts, 1):
        at = f"2026-10-{n:02} 10:00"
        made += [*sent("marketing", marketing, at), *sent("utility", utility, at)]
    return made


# Ten days of 5 and 9, and twenty of 8 and 3: 210 x 0.10 = 21.00 and 150 x 0.02 = 3.00.
UNEVEN = month((10, 5, 9), (20, 8, 3))


def explained(rows: Sequence[Row], *amounts: str) -> tuple[dict[str, Decimal], Audited]:
    """Give the bridge where these amounts are billed for all marketing and utility."""
    counts = [str(sum(row["template_category"] == one for row in rows)) for one in ("marketing", "utility")]
    lines = [
        line(amount, count, row=row, category=category)
        for row, (amount, count, category) in enumerate(zip(amounts, counts, ("marketing", "utility"), strict=True), 1)
    ]
    audit = audited(rows, lines)
    return {step.cause: step.amount for step in audit.result.bridge if step.amount}, audit


def values(audit: Audited) -> list[dict[str, str]]:
    """Give the figures with which found causes are said, line by line."""
    found = (one for line_ in audit.result.differences for one in line_.causes if one.proof == "found")
    return [dict(one.values) for one in found]


def test_that_the_card_of_before_is_found_until_the_day_to_which_it_was_used() -> None:
    # Until the 12th 50 + 16 = 66 of marketing at 0.08 and 90 + 6 = 96 of utility at 0.01: 1.32 and 0.96 less.
    steps, audit = explained(UNEVEN, "19.68", "2.04")
    assert steps == {"rate_card": Decimal("-2.28")}
    assert {one["until"] for one in values(audit)} == {"2026-10-12"}
    assert audit.causes is not None
    (reading,) = audit.causes.readings
    assert len(audit.causes.of(reading)) == 66 + 96


def test_that_the_card_of_before_is_found_from_the_day_on_which_it_came_to_be_used() -> None:
    # From the 13th on 18 x 8 = 144 of marketing and 18 x 3 = 54 of utility: 2.88 and 0.54 less.
    steps, audit = explained(UNEVEN, "18.12", "2.46")
    assert steps == {"rate_card": Decimal("-3.42")}
    assert {one["since"] for one in values(audit)} == {"2026-10-13"}


def test_that_a_card_of_some_days_is_found_beside_a_tax_on_all() -> None:
    # Until the 12th at the prices of before, 1.32 and 0.96 less; authentication, 10 on each of the thirty days, is
    # 300 x 0.03 = 9.00. With 18 % on all: 19.68 x 1.18 = 23.2224, 2.04 x 1.18 = 2.4072, 9.00 x 1.18 = 10.62.
    rows = UNEVEN + [row for day in range(1, 31) for row in sent("authentication", 10, f"2026-10-{day:02} 12:00")]
    billed = (("marketing", "23.22", "210"), ("utility", "2.41", "150"), ("authentication", "10.62", "300"))
    lines = [line(amount, count, row=n, category=name) for n, (name, amount, count) in enumerate(billed, 1)]
    audit = audited(rows, lines, replace(ACCOUNT, tax=Tax("IGV", Decimal(18))))
    # 23.22 - 19.68 = 3.54, 2.41 - 2.04 = 0.37 and 1.62 of tax.
    assert {step.cause: step.amount for step in audit.result.bridge if step.amount} == {
        "rate_card": Decimal("-2.28"), "tax_included": Decimal("5.53"),
    }  # fmt: skip
    assert {one["until"] for one in values(audit) if "until" in one} == {"2026-10-12"}


# Beside the lines of UNEVEN, in Chile until the 12th alone: 72 of marketing at 0.20, 60 of utility at 0.02. By the card
# of before they were 0.16 and 0.016: 2.88 and 0.24 less of 14.40 and 1.20.
IN_CHILE = [
    row
    for day in range(1, 13)
    for category, count in (("marketing", 6), ("utility", 5))
    for row in sent(category, count, f"2026-10-{day:02} 13:00", CHILE)
]
OLDER = [
    priced("Chile", name, rate, "2025-07-01", "2026-09-30")
    for name, rate in (("marketing", "0.16"), ("utility", "0.016"))
]


@pytest.mark.parametrize(
    ("chile", "found"),
    [
        # Units misread: 600 at 0.016 are 9.60, not 0.96.
        ([("marketing", "11.52", "72"), ("utility", "9.60", "600")], {"rate_card": "-5.40", "quantity": "8.64"}),
        ([("marketing", "11.52", "72")], {"rate_card": "-5.40", "missing_line": "-0.96"}),
        (
            [("marketing", "11.52", "72"), *[("utility", "0.96", "60")] * 2],
            {"rate_card": "-5.40", "duplicate_line": "0.96"},
        ),
    ],
)
def test_that_a_card_of_some_days_is_found_beside_a_line_that_is_wrong_besides(
    chile: Sequence[tuple[str, str, str]], found: Mapping[str, str]
) -> None:
    # In Peru until the 12th at the prices of before: 1.32 and 0.96 less, with Chile 5.40.
    billed = [("Peru", "marketing", "19.68", "210"), ("Peru", "utility", "2.04", "150")]
    billed += [("Chile", *one) for one in chile]
    lines = [
        line(amount, count, row=n, category=name, market=market)
        for n, (market, name, amount, count) in enumerate(billed, 1)
    ]
    audit = audited(UNEVEN + IN_CHILE, lines, prices=[*PRICES, *OLDER])
    assert {step.cause: str(step.amount) for step in audit.result.bridge if step.amount} == found
    assert {one["until"] for one in values(audit) if "card" in one} == {"2026-10-12"}


def test_that_what_parts_are_put_together_to_gives_way_to_one_reading_from_a_day_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As where marketing and utility each come right by something of their own, which takes more to say than a day.
    parts = in_order((Reading("mark_up", "any", {}, 30.0, scope=("market", "Peru")), Reading("tier", "any", {}, 30.0)))
    usual = Search.best

    def pieced(search: Search, readings: Sequence[Reading]) -> Account:
        best = usual(search, readings)
        return replace(best, chosen=parts, bits=60.0, verdicts=dict.fromkeys(best.verdicts, FITS), partial=frozenset())

    monkeypatch.setattr(Search, "best", pieced)
    steps, audit = explained(UNEVEN, "18.12", "2.46")
    assert steps == {"rate_card": Decimal("-3.42")}
    assert {one["since"] for one in values(audit)} == {"2026-10-13"}


def test_that_each_reading_of_the_best_account_is_tried_by_a_day_beside_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(by_days, "likely_beside", lambda _search, _readings: [])  # as where others come nearer
    # In Peru at the prices of before until the 12th: 66 x 0.02 and 96 x 0.01 less of 21.00 and 3.00. In Chile, where
    # nothing was sent later, 72 at 0.16 for 0.20 and 60 at 0.016 for 0.02: 2.88 and 0.24 less of 14.40 and 1.20. With
    # 18 % on all: 19.68, 2.04, 11.52 and 0.96 are 23.2224, 2.4072, 13.5936 and 1.1328.
    prices = [*PRICES, priced("Chile", "marketing", "0.16", "2025-07-01", "2026-09-30")]
    prices.append(priced("Chile", "utility", "0.016", "2025-07-01", "2026-09-30"))
    rows = list(UNEVEN)
    for day in range(1, 13):
        rows += sent("marketing", 6, f"2026-10-{day:02} 13:00", CHILE)
        rows += sent("utility", 5, f"2026-10-{day:02} 14:00", CHILE)
    billed = [("Peru", "marketing", "23.22", "210"), ("Peru", "utility", "2.41", "150")]
    billed += [("Chile", "marketing", "13.59", "72"), ("Chile", "utility", "1.13", "60")]
    lines = [
        line(amount, count, row=n, category=name, market=market)
        for n, (market, name, amount, count) in enumerate(billed, 1)
    ]
    audit = audited(rows, lines, replace(ACCOUNT, tax=Tax("IGV", Decimal(18))), prices)
    # Of tax 23.22 - 19.68 = 3.54, 0.37, 2.07 and 0.17.
    assert {step.cause: step.amount for step in audit.result.bridge if step.amount} == {
        "rate_card": Decimal("-5.40"), "tax_included": Decimal("6.15"),
    }  # fmt: skip
    assert {one["until"] for one in values(audit) if "until" in one} == {"2026-10-12"}


def test_that_a_card_of_some_days_is_found_beside_a_tax_on_one_market_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days_beside, "_GROUNDS", 0)  # as where more accounts come nearer than the tax alone does
    # Until the 12th at the prices of before: 66 of marketing and 96 of utility in Peru are 1.32 and 0.96 less; in Chile
    # 72 at 0.16 and 72 at 0.20 are 25.92, 60 at 0.016 and 180 at 0.02 are 4.56: 2.88 and 0.24 less. With 18 % on these:
    # 25.92 x 1.18 = 30.5856, 4.56 x 1.18 = 5.3808.
    prices = [*PRICES, priced("Chile", "marketing", "0.16", "2025-07-01", "2026-09-30")]
    prices.append(priced("Chile", "utility", "0.016", "2025-07-01", "2026-09-30"))
    rows = list(UNEVEN)
    for day in range(1, 31):
        marketing, utility = (6, 5) if day <= 12 else (4, 10)
        rows += sent("marketing", marketing, f"2026-10-{day:02} 13:00", CHILE)
        rows += sent("utility", utility, f"2026-10-{day:02} 14:00", CHILE)
    billed = [("Peru", "marketing", "19.68", "210"), ("Peru", "utility", "2.04", "150")]
    billed += [("Chile", "marketing", "30.59", "144"), ("Chile", "utility", "5.38", "240")]
    lines = [
        line(amount, count, row=n, category=name, market=market)
        for n, (market, name, amount, count) in enumerate(billed, 1)
    ]
    audit = audited(rows, lines, replace(ACCOUNT, tax=Tax("IGV", Decimal(18))), prices)
    # 30.59 - 25.92 = 4.67 and 5.38 - 4.56 = 0.82 of tax.
    assert {step.cause: step.amount for step in audit.result.bridge if step.amount} == {
        "rate_card": Decimal("-5.40"), "tax_included": Decimal("5.49"),
    }  # fmt: skip
    assert {one["until"] for one in values(audit) if "until" in one} == {"2026-10-12"}
    assert {one["scope"] for one in values(audit) if "scope" in one} == {"Chile"}


def summed(rows: Sequence[Row], codes: Sequence[int], abroad: Sequence[int], *amounts: str) -> Audited:
    """Audit four lines: of what is sent besides, so many codes each day and so much marketing in Chile."""
    rows = list(rows)
    for day, (code, other) in enumerate(zip(codes, abroad, strict=True), 1):
        rows += sent("authentication", code, f"2026-10-{day:02} 12:00")
        rows += sent("marketing", other, f"2026-10-{day:02} 13:00", CHILE)
    names = [("marketing", PERU), ("utility", PERU), ("authentication", PERU), ("marketing", CHILE)]
    counts = [sum((row["template_category"], row["user"]) == name for row in rows) for name in names]
    return audited(rows, [
        line(amount, str(count), row=n, category=name, market="Peru" if user == PERU else "Chile")
        for n, ((name, user), amount, count) in enumerate(zip(names, amounts, counts, strict=True), 1)
    ])  # fmt: skip


def test_that_a_sum_that_nothing_states_is_found_from_the_day_on_which_it_came_to_be_added() -> None:
    # From the 13th on 0.03 more on each unit: 8 x 8 + 10 x 2 = 84 of marketing, 8 x 3 + 10 x 14 = 164 of utility,
    # 8 x 10 + 10 x 4 = 120 codes and 8 + 10 x 3 = 38 in Chile: 2.52, 4.92, 3.60 and 1.14 more than 15.00, 5.20, 7.20
    # and 7.60.
    rows = month((10, 5, 9), (10, 8, 3), (10, 2, 14))
    codes, abroad = [10] * 20 + [4] * 10, [0] * 12 + [1] * 8 + [3] * 10
    audit = summed(rows, codes, abroad, "17.52", "10.12", "10.80", "8.74")
    assert {step.cause: step.amount for step in audit.result.bridge if step.amount} == {"mark_up": Decimal("12.18")}
    assert {(one["plus"], one["since"]) for one in values(audit)} == {("0.03", "2026-10-13")}
    assert not any("scope" in one for one in values(audit))


def test_that_the_card_of_before_is_no_factor_until_a_day_where_a_line_is_wrong_besides() -> None:
    # The card of before has four fifths of each rate. Until the 12th 66 of marketing are 1.32 less than 15.00, 96 of
    # utility 0.384 less than 5.20, 120 codes 0.72 less than 7.20 and 24 in Chile 0.96 less than 12.40; utility, 4.816,
    # is billed twice.
    rates = {"marketing": ("0.16", "0.20"), "utility": ("0.016", "0.02"), "authentication": ("0.024", "0.03")}
    prices = [priced("Peru", "marketing", "0.08", "2025-07-01", "2026-09-30"), priced("Peru", "marketing", "0.10")]
    prices += [priced("*", name, before, "2025-07-01", "2026-09-30") for name, (before, _) in rates.items()]
    prices += [priced("*", name, now) for name, (_, now) in rates.items()]
    rows = month((10, 5, 9), (10, 8, 3), (10, 2, 14))
    for day, (code, other) in enumerate([(10, 2)] * 12 + [(10, 1)] * 8 + [(4, 3)] * 10, 1):
        rows += sent("authentication", code, f"2026-10-{day:02} 12:00")
        rows += sent("marketing", other, f"2026-10-{day:02} 13:00", CHILE)
    billed = (
        ("marketing", "Peru", "13.68", "150"), ("utility", "Peru", "4.82", "260"), ("utility", "Peru", "4.82", "260"),
        ("authentication", "Peru", "6.48", "240"), ("marketing", "Chile", "11.44", "62"),
    )  # fmt: skip
    lines = [
        line(amount, count, row=n, category=name, market=market)
        for n, (name, market, amount, count) in enumerate(billed, 1)
    ]
    audit = audited(rows, lines, prices=prices)
    steps = {step.cause: step.amount for step in audit.result.bridge if step.amount}
    assert steps == {"rate_card": Decimal("-3.38"), "duplicate_line": Decimal("4.82")}


def test_that_no_sum_is_named_that_another_one_from_another_day_comes_to_as_well() -> None:
    # From the 13th to the 30th each day has 8, 3, 10 and 1: 0.03 on those of 18 days is 4.32, 1.62, 5.40 and 0.54, and
    # so is 0.06 on those of the last nine, or 0.09 on those of the last six.
    audit = summed(UNEVEN, [10] * 30, [0] * 12 + [1] * 18, "25.32", "4.62", "14.40", "4.14")
    assert {step.cause: step.amount for step in audit.result.bridge if step.amount} == {"unexplained": Decimal("11.88")}


def test_that_no_day_is_named_which_lines_do_not_prove() -> None:
    # A cent more on one line: no day fits both.
    assert explained(UNEVEN, "19.68", "2.05")[0] == {"unexplained": Decimal("-2.27")}
    # The first twelve of thirty days that are alike come to the same as the last twelve: 7 x 12 x 0.02 = 1.68 and
    # 11 x 12 x 0.01 = 1.32 less than 21.00 and 6.60.
    assert explained(month((30, 7, 11)), "19.32", "5.28")[0] == {"unexplained": Decimal("-3.00")}
    # One line alone is no proof of a day.
    assert explained(UNEVEN, "19.68", "3.00")[0] == {"unexplained": Decimal("-1.32")}


def test_that_of_days_between_which_nothing_changes_but_by_rounding_the_nearest_is_said() -> None:
    # Until the 5th at the prices of before: 100 x 0.08 + 50 x 0.10 and 100 x 0.018 + 51 x 0.02, 2.00 and 0.20 less. The
    # only message of the 6th is one of utility, and 0.002 less for it is no cent.
    prices = [*PRICES[:1], priced("Peru", "marketing", "0.10"), priced("*", "utility", "0.02")]
    prices.append(priced("*", "utility", "0.018", "2025-07-01", "2026-09-30"))
    rows = [*sent("marketing", 100), *sent("utility", 100), *sent("utility", 1, "2026-10-06 10:00")]
    rows += [*sent("marketing", 50, "2026-10-15 10:00"), *sent("utility", 50, "2026-10-15 10:00")]
    lines = [line("13.00", "150", row=1, category="marketing"), line("2.82", "151", row=2, category="utility")]
    audit = audited(rows, lines, prices=prices)
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {"rate_card": Decimal("-2.20")}
    assert {one["until"] for one in values(audit)} == {"2026-10-05"}


EDGES = [
    *sent("marketing", 20),
    *sent("utility", 30),
    *sent("marketing", 4, "2026-10-31 02:00"),
    *sent("utility", 7, "2026-10-31 02:00"),
    *sent("marketing", 3, "2026-11-01 12:00"),
    *sent("utility", 5, "2026-11-01 12:00"),
]


@pytest.mark.parametrize(
    ("marketing", "utility", "last", "amount"),
    [(20, 30, "2026-10-30", "-0.54"), (27, 42, "2026-11-01", "0.40")],  # 4 and 7 less, 3 and 5 more, at 0.10 and 0.02
)
def test_that_a_month_cut_a_day_early_or_late_is_found(marketing: int, utility: int, last: str, amount: str) -> None:
    lines = [
        line(str(marketing * Decimal("0.10")), str(marketing), row=1, category="marketing"),
        line(str(utility * Decimal("0.02")), str(utility), row=2, category="utility"),
    ]
    audit = audited(EDGES, lines)
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {"month_cut": Decimal(amount)}
    assert {(one["first"], one["last"]) for one in values(audit)} == {("2026-10-01", last)}
    assert audit.causes is not None
    (reading,) = audit.causes.readings
    assert amount_of(audit.causes.of(reading)) == Decimal(amount)


def month_of(number: str, *days: tuple[int, int]) -> list[Row]:
    """Send on each day so many of marketing and of utility by a business number."""
    made: list[Row] = []
    for n, (marketing, utility) in enumerate(days, 1):
        at = f"2026-10-{n:02} 10:00"
        made += [*sent("marketing", marketing, at, number=number), *sent("utility", utility, at, number=number)]
    return made


TWO_NUMBERS = replace(ACCOUNT, wabas=(replace(WABA, numbers=(Number("number"), Number("number2"))),))
# 45 and 47 by one number, 30 and 30 by the other.
BUSY = [*month_of("number", (9, 14), (25, 12), (11, 21)), *month_of("number2", (13, 7), (6, 19), (11, 4))]


def test_that_a_day_that_was_billed_twice_is_found() -> None:
    # The 2nd again: 25 + 6 = 31 of marketing at 0.10 and 12 + 19 = 31 of utility at 0.02.
    lines = [
        line("10.60", "106", row=1, category="marketing"),
        line("2.16", "108", row=2, category="utility"),
    ]
    audit = audited(BUSY, lines, TWO_NUMBERS)
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {"duplicate_billed": Decimal("3.72")}
    assert [(one["kind"], one["day"], one.get("scope")) for one in values(audit)] == [("day", "2026-10-02", None)] * 2


def test_that_a_day_of_one_business_number_that_was_billed_twice_is_found() -> None:
    # The 3rd of the first number again: 11 x 0.10 and 21 x 0.02.
    lines = [
        line("8.60", "86", row=1, category="marketing"),
        line("1.96", "98", row=2, category="utility"),
    ]
    audit = audited(BUSY, lines, TWO_NUMBERS)
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {"duplicate_billed": Decimal("1.52")}
    assert {(one["day"], one["scope"]) for one in values(audit)} == {("2026-10-03", "number")}
    assert audit.causes is not None
    (reading,) = audit.causes.readings
    assert len(audit.causes.of(reading)) == 11 + 21


def test_that_a_day_billed_twice_is_found_beside_what_else_is_wrong() -> None:
    # Everything at the prices of before, and the 2nd again: 106 x 0.08 and 108 x 0.01.
    lines = [
        line("8.48", "106", row=1, category="marketing"),
        line("1.08", "108", row=2, category="utility"),
    ]
    audit = audited(BUSY, lines, TWO_NUMBERS)
    # 75 x 0.02 and 77 x 0.01 less, and then 31 x 0.08 and 31 x 0.01 more.
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {
        "rate_card": Decimal("-2.27"),
        "duplicate_billed": Decimal("2.79"),
    }


def test_that_days_billed_twice_are_found_beside_what_is_wrong_with_one_category_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twice, "_LIKELY", 0)  # as where more accounts come nearer than the card of before does
    # Utility at a price of before of 0.04, 77 x 0.02 more, and the 2nd again: 31 x 0.10 of marketing, 31 x 0.04 of
    # utility and 30 x 0.03 of authentication.
    prices = [PRICES[0], priced("Peru", "utility", "0.04", "2025-07-01", "2026-09-30"), *PRICES[2:]]
    rows = [*BUSY, *sent("authentication", 30, "2026-10-02 15:00"), *sent("authentication", 8, "2026-10-03 15:00")]
    lines = [
        line("10.60", "106", row=1, category="marketing"),
        line("4.32", "108", "0.04", row=2, category="utility"),
        line("2.04", "68", row=3, category="authentication"),
    ]
    audit = audited(rows, lines, TWO_NUMBERS, prices)
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {
        "rate_card": Decimal("1.54"), "duplicate_billed": Decimal("5.24"),
    }  # fmt: skip
    assert {one["scope"] for one in values(audit) if "scope" in one} == {"utility"}


def test_that_days_on_end_that_were_billed_twice_are_found() -> None:
    # The 2nd and the 3rd again: 25 + 6 + 11 + 11 = 53 of marketing at 0.10, 12 + 19 + 21 + 4 = 56 of utility at 0.02.
    lines = [
        line("12.80", "128", row=1, category="marketing"),
        line("2.66", "133", row=2, category="utility"),
    ]
    audit = audited(BUSY, lines, TWO_NUMBERS)
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {"duplicate_billed": Decimal("6.42")}
    assert [(one["kind"], one["first"], one["last"]) for one in values(audit)] == [
        ("days", "2026-10-02", "2026-10-03")
    ] * 2
    assert audit.causes is not None
    (reading,) = audit.causes.readings
    assert amount_of(audit.causes.of(reading)) == Decimal("6.42")


def test_that_a_day_billed_twice_is_found_beside_what_is_wrong_in_a_part_alone() -> None:
    # Four lines by number: at the prices of before for the first number, and the 2nd again for both.
    # Marketing 45 and 30, again 25 and 6; utility 47 and 30, again 12 and 19.
    lines = [
        line("5.60", "70", row=1, category="marketing", phone_number_id="number"),
        line("0.59", "59", row=2, category="utility", phone_number_id="number"),
        line("3.60", "36", row=3, category="marketing", phone_number_id="number2"),
        line("0.98", "49", row=4, category="utility", phone_number_id="number2"),
    ]
    audit = audited(BUSY, lines, TWO_NUMBERS)
    # 45 x 0.02 and 47 x 0.01 less; then 25 x 0.08 + 12 x 0.01 and 6 x 0.10 + 19 x 0.02 more.
    steps = {one.cause: one.amount for one in audit.result.bridge if one.amount}
    assert steps == {"rate_card": Decimal("-1.37"), "duplicate_billed": Decimal("3.10")}
    assert audit.causes is not None
    made = {one.cause: amount_of(audit.causes.of(one)) for one in audit.causes.readings}
    assert made == steps


@pytest.mark.parametrize(("billed", "missing"), [("0.42", False), (None, True)])
def test_that_the_day_billed_twice_is_the_one_by_which_most_lines_come_right(
    billed: str | None, *, missing: bool
) -> None:
    # The 2nd again: 4 x 0.10, 3 x 0.02, 5 x 0.05 for Mexico and 2 x 0.03. The 9th has as many of the first two alone.
    # Where codes are not billed at all, of the 2nd there are three lines to come right.
    rows = [
        row
        for day, codes, others in (("02", 2, 5), ("09", 0, 0), ("20", 10, 20))
        for row in (
            *sent("marketing", 14 if day == "20" else 4, f"2026-10-{day} 10:00"),
            *sent("utility", 13 if day == "20" else 3, f"2026-10-{day} 11:00"),
            *sent("authentication", codes, f"2026-10-{day} 12:00"),
            *sent("marketing", others, f"2026-10-{day} 13:00", MEXICO),
        )
    ]
    prices = [*PRICES, priced("Peru", "authentication", "0.03"), priced("Mexico", "marketing", "0.05")]
    lines = [
        line("2.60", "26", row=1, category="marketing", market="Peru"),
        line("0.44", "22", row=2, category="utility", market="Peru"),
        line("1.50", "30", row=3, category="marketing", market="Mexico"),
    ]
    lines += [line(billed, "14", row=4, category="authentication", market="Peru")] if billed else []
    audit = audited(rows, lines, prices=prices)
    steps = {one.cause: one.amount for one in audit.result.bridge if one.amount}
    # 0.40 + 0.06 + 0.25 + 0.06 = 0.77; of a line that is missing 12 x 0.03 are due, twice on the 2nd 14 x 0.03
    expected = {"duplicate_billed": Decimal("0.77")} | ({"missing_line": Decimal("-0.42")} if missing else {})
    assert steps == expected
    assert {one["day"] for one in values(audit) if "day" in one} == {"2026-10-02"}


@pytest.mark.parametrize(("utility", "found"), [(2, "unexplained"), (3, "duplicate_billed")])
def test_that_a_day_of_a_few_units_is_not_said_to_be_billed_twice(utility: int, found: str) -> None:
    # Two of marketing on the 2nd at 100.13, and two or three of utility at 40.07: of four units in all some day is met
    # by chance, whatever they cost.
    prices = [priced("*", "marketing", "100.13"), priced("*", "utility", "40.07")]
    counts = {"marketing": 20 + 2 * 2, "utility": 35 + 2 * utility}
    lines = [
        line(str(counts["marketing"] * Decimal("100.13")), row=1, category="marketing"),
        line(str(counts["utility"] * Decimal("40.07")), row=2, category="utility"),
    ]
    audit = audited(month_of("number", (9, 14), (2, utility), (11, 21)), lines, prices=prices)
    difference = 2 * Decimal("100.13") + utility * Decimal("40.07")
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {found: difference}


def test_that_no_day_is_said_to_be_billed_twice_of_which_there_are_two_alike() -> None:
    rows = month_of("number", (9, 14), (25, 12), (25, 12))
    lines = [line("8.40", "84", row=1, category="marketing"), line("1.00", "50", row=2, category="utility")]
    audit = audited(rows, lines)
    assert [one.cause for one in audit.result.bridge if one.amount] == ["unexplained"]


def test_that_a_day_that_was_billed_twice_is_found_by_its_units_where_all_is_exchanged_at_another_rate() -> None:
    # Due at 3.76 are 150 x 1.00, 240 x 0.10 and 360 x 0.40: 564.00, 90.24 and 541.44. With the 50, 40 and 60 of the
    # 15th once more they are 752.00, 105.28 and 631.68, and at 3.8123 762.46, 106.7444 and 640.4664.
    names, rates = ("marketing", "utility", "authentication"), ("1.00", "0.10", "0.40")
    prices = [priced("*", name, rate) for name, rate in zip(names, rates, strict=True)]
    fx = [FxRate(date(2026, 10, day), "USD", "PEN", Decimal("3.76")) for day in range(1, 32)]
    rows = [
        row
        for name, day, count, twice in zip(names, (10, 11, 12), (100, 200, 300), (50, 40, 60), strict=True)
        for row in (*sent(name, count, f"2026-10-{day} 10:00"), *sent(name, twice, "2026-10-15 10:00"))
    ]
    billed = (("762.46", "200"), ("106.74", "280"), ("640.47", "420"))
    lines = [
        line(*said, row=row, category=name, currency="PEN")
        for row, (said, name) in enumerate(zip(billed, names, strict=True), 1)
    ]
    result = audited(rows, lines, replace(ACCOUNT, currency="PEN"), prices, fx).result
    steps = {step.cause: step.amount for step in result.bridge if step.amount}
    assert steps == {"duplicate_billed": Decimal("293.28"), "fx": Decimal("20.71")}
    days = {cause.values.get("day") for one in result.differences for cause in one.causes if cause.cause != "fx"}
    assert days == {"2026-10-15"}


def test_that_days_billed_twice_are_found_by_their_units_beside_what_is_wrong_with_one_number_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twice, "_by_amounts", lambda _search, _upon: None)  # as where amounts tell nothing
    # The 2nd again for both numbers, and all of the first one's at ten times the price, as before October: of marketing
    # 70 x 1.00 + 36 x 0.10, of utility 59 x 0.20 + 49 x 0.02; of authentication (12 and 20, again 5 and 9) 17 x 0.30 +
    # 29 x 0.03.
    dear = (("marketing", "0.10"), ("utility", "0.02"), ("authentication", "0.03"))
    prices = [priced("*", name, f"{10 * Decimal(rate)}", "2025-07-01", "2026-09-30") for name, rate in dear]
    prices += [priced("*", name, rate) for name, rate in dear]
    counts = (("number", 1, 7), ("number", 2, 5), ("number2", 2, 9), ("number2", 3, 11))
    rows = [
        row for number, day, n in counts for row in sent("authentication", n, f"2026-10-{day:02} 15:00", number=number)
    ]
    lines = [
        line("73.60", "106", row=1, category="marketing"),
        line("12.78", "108", row=2, category="utility"),
        line("5.97", "46", row=3, category="authentication"),
    ]
    audit = audited([*BUSY, *rows], lines, TWO_NUMBERS, prices)
    # 45 x 0.90, 47 x 0.18 and 12 x 0.27 more; then 25 + 0.60, 2.40 + 0.38 and 1.50 + 0.27.
    assert {one.cause: one.amount for one in audit.result.bridge if one.amount} == {
        "rate_card": Decimal("52.20"), "duplicate_billed": Decimal("30.15"),
    }  # fmt: skip

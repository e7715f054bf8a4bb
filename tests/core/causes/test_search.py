"""The search carries on what differs, and holds what nothing agrees to be less likely (formats.md §8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from typing import cast

import numpy as np

from auditor.core.causes.account import NOTHING_WRONG
from auditor.core.causes.account import Account
from auditor.core.causes.account import leading
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import in_order
from auditor.core.causes.prices import implied_mark_up
from auditor.core.causes.reading import Reading
from auditor.core.causes.screen import Change
from auditor.core.causes.search import Search
from auditor.core.records import Fee
from auditor.core.records import FxRate
from auditor.core.records import Number
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import WABA
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent


def account(hint: float, *readings: Reading) -> Account:
    """Give an account that comes so near."""
    return replace(NOTHING_WRONG, hint=hint, chosen=readings)


def test_that_the_neighbours_of_one_figure_leave_room_for_other_causes() -> None:
    waba = Reading("free_allowance", "waba", {}, 3.5)
    near = [account(n, waba, implied_mark_up(Decimal(f"1.17{n}"), 9.0)) for n in range(1, 8)]
    fee, tax = (
        account(n, waba, Reading(cause, "", {}, 1.0)) for n, cause in ((20, "provider_fee"), (30, "tax_included"))
    )
    again = account(25, waba, Reading("provider_fee", "other", {}, 1.0))
    # Of six, three as they come: 1.171, 1.172 and 1.173. Then the nearest of each two causes that are not there yet.
    assert leading([tax, *reversed(near), again, fee], 6) == [*near[:3], fee, tax]


def test_that_what_a_reading_leads_to_is_tried_with_variants_of_the_others() -> None:
    # Messages and a template labelled otherwise come near; templates, and that one sent otherwise, are what was billed.
    sent_so = Reading("category", "sent", {}, 9.0, whole=True)
    labelled = Reading("category", "labelled", {}, 8.0, whole=True, leads=(sent_so,))
    by_message, templates = Reading("unit", "by message", {}, 4.5), Reading("unit", "templates", {}, 4.5)
    none = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    weighed: list[Chosen] = []
    search: Any = Search.__new__(Search)
    search.accounts, search.weigh = {}, weighed.append
    search._likely = lambda stack, *_: [one.reading for one in cast("list[Change]", stack.changes)]
    best = account(1, *in_order((by_message, labelled)))
    search._vary(best, [Change(one, *none) for one in (by_message, templates, labelled)])
    assert in_order((templates, sent_so)) in weighed


def test_that_a_figure_made_to_fit_one_variant_is_left_out_beside_another() -> None:
    # A mark-up of 0.9996 makes good what the month is cut an hour off; cut where it was, it accounts for nothing.
    off, right = Reading("month_cut", "Etc/GMT-8", {}, 8.0), Reading("month_cut", "Etc/GMT-9", {}, 8.0)
    daily, fitted = Reading("fx", "daily", {}, 3.0), implied_mark_up(Decimal("0.9996"), 19.8)
    none = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    weighed: list[Chosen] = []
    search: Any = Search.__new__(Search)
    search.accounts, search.weigh = {}, weighed.append
    search._likely = lambda stack, *_: [one.reading for one in cast("list[Change]", stack.changes)]
    search._vary(account(1, *in_order((off, daily, fitted))), [Change(one, *none) for one in (off, right, daily)])
    assert in_order((right, daily)) in weighed


def test_that_an_exchange_rate_is_found_where_a_mark_up_that_no_contract_states_comes_to_the_same() -> None:
    # Half of each category is sent at 3.80 and half at 3.84: 10 USD, 2 and 3 are 38.20, 7.64 and 11.46. At 3.87 they
    # are 38.70, 7.74 and 11.61; 1.013 times what is due is that as well: 38.6966, 7.73932 and 11.60898.
    abroad = replace(ACCOUNT, currency="PEN")
    fx = [FxRate(date(2026, 10, n), "USD", "PEN", Decimal("3.80" if n < 6 else "3.84")) for n in range(1, 32)]
    prices = [priced("*", "marketing", "0.10"), priced("*", "utility", "0.02"), priced("*", "authentication", "0.03")]
    billed = {"marketing": "38.70", "utility": "7.74", "authentication": "11.61"}
    rows = [row for name in billed for day in (5, 6) for row in sent(name, 50, at=f"2026-10-0{day} 10:00")]
    lines = [
        replace(line(amount, "100", row=row, category=name), currency="PEN")
        for row, (name, amount) in enumerate(billed.items(), 1)
    ]
    found = by_name(audited(rows, lines, abroad, prices, fx))
    assert {name: causes(found[name,]) for name in billed} == {
        "marketing": {"fx": Decimal("0.50")},
        "utility": {"fx": Decimal("0.10")},
        "authentication": {"fx": Decimal("0.15")},
    }
    assert found["marketing",].causes[0].values == {"kind": "implied", "rate": "3.87"}


def test_that_service_that_is_free_is_found_billed_as_utility() -> None:
    # September 2026: 100 of utility at 0.01 are 1.00; 40 answers are free, and billed with them 140 x 0.01 = 1.40.
    september = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
    rows = [*sent("utility", 100, at="2026-09-05 10:00"), *sent("", 40, at="2026-09-06 10:00"),
            *sent("marketing", 10, at="2026-09-07 10:00")]  # fmt: skip
    lines = [line("1.40", "140", category="utility"), line("0.80", "10", row=2, category="marketing")]
    found = by_name(audited(rows, lines, september))
    assert causes(found["utility",]) == {"category": Decimal("0.40")}
    assert found["utility",].causes[0].values == {"from": "service", "to": "utility"}
    assert causes(found["marketing",]) == {}


def test_that_an_exchange_rate_is_found_beside_a_fee_on_each_unit_that_it_does_not_multiply() -> None:
    # Due at 3.75: 37.50, 7.50 and 11.25. At 3.82 they are 38.20, 7.64 and 11.46, and 100 x 0.01 more with the fee on
    # each unit: 39.20, 8.64 and 12.46, which are no one rate times the prices with the fee on them.
    fee = Fee("provider_fee", Decimal("0.01"), "PEN", "unit")
    abroad = replace(ACCOUNT, currency="PEN", fees=(fee,))
    fx = [FxRate(date(2026, 10, n), "USD", "PEN", Decimal("3.75")) for n in range(1, 32)]
    prices = [priced("*", "marketing", "0.10"), priced("*", "utility", "0.02"), priced("*", "authentication", "0.03")]
    billed = {"marketing": "39.20", "utility": "8.64", "authentication": "12.46"}
    rows = [row for name in billed for row in sent(name, 100)]
    lines = [
        replace(line(amount, row=row, category=name), currency="PEN")
        for row, (name, amount) in enumerate(billed.items(), 1)
    ]
    found = by_name(audited(rows, lines, abroad, prices, fx))
    assert {name: causes(found[name,]) for name in billed} == {
        "marketing": {"fx": Decimal("0.70"), "provider_fee": Decimal("1.00")},
        "utility": {"fx": Decimal("0.14"), "provider_fee": Decimal("1.00")},
        "authentication": {"fx": Decimal("0.21"), "provider_fee": Decimal("1.00")},
    }


def test_that_what_is_wrong_with_authentication_alone_holds_abroad_as_well() -> None:
    # Each unit of authentication rounded up: 12 x 0.10 for 12 x 0.091 = 1.09 (+0.11), 7 x 0.08 for 7 x 0.073 = 0.51
    # (+0.05), 6 x 0.04 for 6 x 0.037 = 0.22 (+0.02), and abroad 4 x 0.19 for 4 x 0.185 = 0.74 (+0.02). And 3 messages
    # of marketing at 0.3406 that failed in each of three markets: 38 x 0.3406 = 12.94 for 35 x 0.3406 = 11.92.
    waba = replace(WABA, authentication_international={"ID": 0})
    users = {"Peru": (PERU, 12, "0.091", "1.20"), "Chile": (CHILE, 7, "0.073", "0.56")}
    users["Mexico"] = (MEXICO, 6, "0.037", "0.24")
    rows = sent("authentication", 4, user="6281234567890")
    lines = [line("0.76", "4", row=9, category="authentication_international", market="Indonesia")]
    prices = [priced("Indonesia", "authentication_international", "0.185")]
    for n, (market, (user, count, rate, amount)) in enumerate(users.items()):
        failed = [row | {"delivered_at": "", "failed_at": row["sent_at"]} for row in sent("marketing", 3, user=user)]
        rows += [*failed, *sent("authentication", count, user=user), *sent("marketing", 35, "2026-10-06 10:00", user)]
        prices += [priced(market, "authentication", rate), priced(market, "marketing", "0.3406")]
        lines += [
            line(amount, str(count), row=2 * n, category="authentication", market=market),
            line("12.94", "38", row=2 * n + 1, category="marketing", market=market),
        ]
    found = by_name(audited(rows, lines, replace(ACCOUNT, wabas=(waba,)), prices))
    rounded = {name: one for name, one in found.items() if name[-1] != "marketing"}
    assert [causes(one) for one in found.values() if one not in rounded.values()] == [
        {"undelivered_billed": Decimal("1.02")}
    ] * 3
    assert [(one.difference, causes(one)) for one in rounded.values()] == [
        (Decimal(step), {"rounding": Decimal(step)}) for step in ("0.05", "0.02", "0.02", "0.11")
    ]
    assert {cause.values.get("scope") for one in rounded.values() for cause in one.causes} == {"authentication"}


def test_that_a_month_cut_elsewhere_is_found_by_what_it_takes_of_an_allowance_that_is_counted_otherwise() -> None:
    # 600 answers of each number are free, for each has 1,000; of the account 200 are beyond. Cut an hour early, 40 more
    # are in October, and 240 beyond: the last ones, in turn to Chile and to Mexico. 10 are sent in the hour before
    # those, 20 in the two before these, 30 in the morning.
    both = replace(WABA, numbers=(*WABA.numbers, Number("number2")))
    rows = [*sent("", 600), *sent("", 40, "2026-09-30 23:10"), *sent("", 10, "2026-09-30 22:10")]
    rows += [*sent("", 20, "2026-09-30 20:10"), *sent("", 30, "2026-09-30 10:10")]
    for n, user in enumerate((CHILE, MEXICO)):
        for hour in range(10):
            rows += sent("", 30, f"2026-10-{6 + hour:02} {10 + n}:00", user, "number2")
    lines = [line("1.20", "120", "0.01", n, market=to, category="service") for n, to in enumerate(("Chile", "Mexico"))]
    found = by_name(audited(rows, lines, replace(ACCOUNT, wabas=(both,))))
    assert {key[0]: causes(one) for key, one in found.items()} == {
        "Chile": {"free_allowance": Decimal("1.20")},
        "Mexico": {"free_allowance": Decimal("1.20")},
    }


def test_that_what_holds_for_a_part_of_the_lines_is_told_by_the_category_that_is_this_part() -> None:
    # Ten of authentication and twenty of utility on each of six days; 0.005 more on each unit of the former alone:
    # 6 x 10 x 0.005 = 0.30. Which of twelve lines it holds for takes more to say than that it is one category.
    agreed = replace(ACCOUNT, fees=(Fee("provider_fee", Decimal("0.005"), "USD", "unit"),))
    days = [date(2026, 10, n) for n in range(5, 11)]
    rows = [row for day in days for row in sent("authentication", 10, f"{day} 10:00")]
    rows += [row for day in days for row in sent("utility", 20, f"{day} 12:00")]
    lines = [
        line(amount, units, rate, row=n, category=category, period_start=day, period_end=day)
        for category, units, rate, amount in (
            ("authentication", "10", "0.035", "0.35"),
            ("utility", "20", "0.02", "0.40"),
        )
        for n, day in enumerate(days)
    ]
    found = by_name(audited(rows, lines, agreed))["authentication",]
    assert causes(found) == {"provider_fee": Decimal("0.30")}
    assert [dict(one.values) for one in found.causes] == [{"kind": "unit", "fee": "0.005", "scope": "authentication"}]


def test_that_a_stated_fee_gives_no_place_to_a_sum_that_nothing_states_where_it_leaves_a_line_open() -> None:
    # 1.25 times what Meta lists and 0.002 more, at 3.75, and the fee: 300 x 0.10625, 40 x 0.48125 and 50 x 0.153125.
    # Each price is rounded to four decimals: 300 x 0.1063 = 31.89, which is a cent and a half more, and 19.25 and 7.66.
    # A flat exchange rate that is hardly another would do as well; a sum of 0.00334 in place of 0.002 as well as both.
    agreed = replace(ACCOUNT, currency="PEN", fees=(Fee("provider_fee", Decimal("0.005"), "PEN", "unit"),))
    contract = [
        {**priced("*", name, ""), "factor": "1.25", "plus": "0.002"}
        for name in ("marketing", "utility", "authentication")
    ]
    rows = [*sent("utility", 300), *sent("marketing", 40, "2026-10-06 10:00")]
    rows += sent("authentication", 50, "2026-10-07 10:00")
    fx = [FxRate(date(2026, 10, n), "USD", "PEN", Decimal("3.75")) for n in (5, 6, 7)]
    lines = [
        line(amount, units, row=n, category=name, currency="PEN")
        for n, (name, units, amount) in enumerate(
            (("utility", "300", "31.89"), ("marketing", "40", "19.25"), ("authentication", "50", "7.66"))
        )
    ]
    found = audited(rows, lines, agreed, contract, fx, listed=PRICES).result
    # 390 x 0.005 = 1.95; the cent and a half stay with the line that has them.
    steps = {step.cause: step.amount for step in found.bridge if step.amount}
    assert steps == {"provider_fee": Decimal("1.95"), "rounding": Decimal("0.01"), "unexplained": Decimal("0.01")}

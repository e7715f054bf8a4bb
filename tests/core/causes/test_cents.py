"""Cents that are cut off, or rounded up, are told by a few lines beside whatever else is wrong (formats.md §8)."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from auditor.core.causes.account import NOTHING_WRONG
from auditor.core.causes.cents import are_cut
from auditor.core.causes.cents import near_what_is_billed
from auditor.core.causes.reading import Reading
from auditor.core.causes.verdict import FITS
from auditor.core.reconcile import Side
from auditor.core.records import InvoiceLine
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent

CENT = Decimal("0.01")
USERS = {"Peru": PERU, "Chile": CHILE, "Mexico": MEXICO}


def bridged(rows: Sequence[Row], lines: Sequence[InvoiceLine], prices: Sequence[Mapping[str, str]]) -> object:
    """Give the steps of the bridge that come to something."""
    return {one.cause: one.amount for one in audited(rows, lines, prices=prices).result.bridge if one.amount}


def test_that_two_lines_a_cent_short_tell_that_cents_are_cut_off_where_others_are_short_by_less() -> None:
    # 3, 5 and 2 messages that failed are billed: 13 x 0.0703 = 0.9139, 14 x 0.0889 = 1.2446 and 22 x 0.02 = 0.44 for
    # 0.70, 0.80 and 0.40. 13 x 0.0305 = 0.3965 and 7 x 0.0113 = 0.0791 are billed as 0.39 and 0.07.
    due = {
        ("Peru", "marketing"): (10, 3, "0.0703", "0.91"),
        ("Chile", "marketing"): (9, 5, "0.0889", "1.24"),
        ("Mexico", "marketing"): (13, 0, "0.0305", "0.39"),
        ("Peru", "utility"): (7, 0, "0.0113", "0.07"),
        ("Chile", "utility"): (20, 2, "0.02", "0.44"),
    }
    rows, lines, prices = list[Row](), list[InvoiceLine](), list[Row]()
    for n, ((market, word), (count, failed, rate, amount)) in enumerate(due.items()):
        bare = sent(word, failed, at="2026-10-06 10:00", user=USERS[market])
        rows += [*sent(word, count, user=USERS[market]), *(one | {"delivered_at": ""} for one in bare)]
        lines.append(line(amount, str(count + failed), rate, n + 1, market=market, category=word))
        prices.append(priced(market, word, rate))
    assert bridged(rows, lines, prices) == {"undelivered_billed": Decimal("0.69"), "rounding": Decimal("-0.02")}


def test_that_cents_cut_off_are_told_at_the_prices_of_another_card() -> None:
    # By the card before: 0.9139, 0.8001, 0.3965, 0.0791, 0.414 and 0.2262, all cut off, for 1.17, 0.98, 0.53, 0.15,
    # 0.60 and 0.29. Rounded they would be 0.91, 0.80, 0.40, 0.08, 0.41 and 0.23: 0.89 less, and 0.03 are cut off.
    due = {
        ("Peru", "marketing"): (13, "0.0703", "0.0903", "0.91"),
        ("Chile", "marketing"): (9, "0.0889", "0.1089", "0.80"),
        ("Mexico", "marketing"): (13, "0.0305", "0.0405", "0.39"),
        ("Peru", "utility"): (7, "0.0113", "0.0213", "0.07"),
        ("Chile", "utility"): (20, "0.0207", "0.03", "0.41"),
        ("Mexico", "utility"): (6, "0.0377", "0.0477", "0.22"),
    }
    rows, lines, prices = list[Row](), list[InvoiceLine](), list[Row]()
    for n, ((market, word), (count, before, rate, amount)) in enumerate(due.items()):
        rows += sent(word, count, user=USERS[market])
        lines.append(line(amount, str(count), row=n + 1, market=market, category=word))
        prices += [priced(market, word, before, "2025-07-01", "2026-09-30"), priced(market, word, rate)]
    assert bridged(rows, lines, prices) == {"rate_card": Decimal("-0.89"), "rounding": Decimal("-0.03")}


def of(market: str, waba: str = "waba") -> str:
    return f"{waba}|2026-10|{market}||marketing|"


def side(units: int, rate: str) -> Side:
    return Side(units, units * Decimal(rate), rates=frozenset({Decimal(rate)}))


@pytest.mark.parametrize("stated", [False, True])
def test_that_lines_off_in_proportion_to_what_they_come_to_are_cut_only_if_their_rates_are_as_due(
    stated: bool,
) -> None:
    # 6.004, 5.003 and 3.007 are billed as 6.01, 5.01 and 3.01: rounded up, or a thousandth more.
    due = {of("Peru"): side(100, "0.06004"), of("Chile"): side(100, "0.05003"), of("Mexico"): side(100, "0.03007")}
    billed = zip(due, ("6.01", "5.01", "3.01"), strict=True)
    own = {key: [line(amount, "100", str(min(due[key].rates)) if stated else "")] for key, amount in billed}
    assert are_cut(own, due, CENT, quantities=True) == stated


def test_that_lines_of_an_account_of_which_all_is_free_tell_by_the_prices_of_another() -> None:
    # 43 x 0.0598 = 2.5714 and 8 x 0.0706 = 0.5648 are billed as 2.58 and 0.57; 10 x 0.0598 = 0.598 as 0.60,
    # and 100 x 0.05 as what they come to: no line is off for its size.
    due = {of("Peru"): side(10, "0.0598"), of("Chile"): side(10, "0.0706"), of("Mexico"): side(100, "0.05")}
    own = {
        of("Peru"): [line("0.60", "10")],
        of("Chile"): [line("0.71", "10")],
        of("Mexico"): [line("5.00", "100")],
        of("Peru", "waba2"): [line("2.58", "43")],
        of("Chile", "waba2"): [line("0.57", "8")],
    }
    assert are_cut(own, due, CENT, quantities=True)
    assert not are_cut(own, {key: side(10, "0.06") for key in due}, CENT, quantities=True)


def test_that_cents_are_looked_at_without_the_rounding_of_prices_that_accounts_for_all_of_them() -> None:
    # A rate of another day, and each price rounded up, leave nothing open: what the first comes to may be cut as well.
    daily = Reading("fx", "daily", {"kind": "daily"}, 3.0)
    rounded = Reading("rounding", "unit 3 up", {"kind": "unit", "digits": "3"}, 7.0)
    best = replace(NOTHING_WRONG, chosen=(daily, rounded), verdicts={"line": FITS})
    search: Any = SimpleNamespace(accounts={best.chosen: best})
    assert next(near_what_is_billed(search, best)) == (daily,)
    alone = replace(best, chosen=(daily,))
    assert not [*near_what_is_billed(search, alone)]

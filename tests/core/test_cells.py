"""Charges that are alike are counted as one, and none that are not (formats.md §8)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from auditor.core.cells import amounts_by_day
from auditor.core.cells import cells
from auditor.core.cells import rates_used
from auditor.core.charging import charge
from auditor.core.rates import Tariff
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import PricingType
from auditor.core.tables import Reason
from auditor.core.terms import Terms
from auditor.core.timeline import day_number
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from tests.core.as_columns import card_of
from tests.core.as_columns import charge_row
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import sent

NUMBERS = ("number",)
MARKETS = market_table()
TERMS = Terms(ACCOUNT, regimes(), MARKETS, Tariff([card_of(PRICES, "contract")]), NUMBERS)


def kinds_of(amounts: Sequence[int], values: Sequence[Decimal], places: Sequence[int] | None = None) -> ChargeKinds:
    """Give marketing messages of 2026-10-05, one of each kind, whose rate, amounts and countries are these places."""
    n = len(amounts)
    at = np.array(amounts, np.int32)
    country = np.array(places if places is not None else [1] * n, np.int16)
    return ChargeKinds(
        conversation=np.zeros(n, bool),
        regime=np.full(n, len(regimes()) - 1, np.int8),
        waba=np.zeros(n, np.int16),
        number=np.zeros(n, np.int32),
        market=np.full(n, MARKETS.index("Peru"), np.int16),
        country=country,
        category=np.full(n, Category.MARKETING, np.int8),
        pricing_type=np.full(n, PricingType.REGULAR, np.int8),
        day=np.full(n, day_number(date(2026, 10, 5)), np.int32),
        month=np.full(n, 2026 * 12 + 9, np.int32),
        tier_from=np.zeros(n, np.int64),
        rate=at, amount=at, low=at, high=at,
        reasons=np.zeros(n, np.uint16),
        grouped=np.zeros(n, bool),
        count=np.ones(n, np.int64),
        values=tuple(values),
    )  # fmt: skip


def test_that_no_charges_are_no_cells() -> None:
    made, of = cells(kinds_of([], []), TERMS, NUMBERS)
    assert made == ()
    assert len(of) == 0


def test_that_charges_alike_are_counted_and_summed_exactly() -> None:
    made, of = cells(kinds_of([1, 1, 2, 1], [Decimal(0), Decimal("0.1"), Decimal("0.25")]), TERMS, NUMBERS)
    assert [(cell.rate, cell.quantity, cell.amount) for cell in made] == [
        (Decimal("0.1"), 3, Decimal("0.3")),
        (Decimal("0.25"), 1, Decimal("0.25")),
    ]
    assert of.tolist() == [0, 0, 1, 0]


def test_that_unrated_charges_have_no_sum() -> None:
    (cell,), _ = cells(kinds_of([-1, -1], [Decimal(0)]), TERMS, NUMBERS)
    assert (cell.quantity, cell.rate, cell.amount, cell.low, cell.high) == (2, None, None, None, None)


def test_that_very_many_different_amounts_stay_apart() -> None:
    # A log may state an amount of its own for every marketing message (pricing.md §8).
    values = [Decimal(n) for n in range(70_000)]
    charges = kinds_of([0, 65_535, 65_536, 65_537, 69_999], values)
    made, _ = cells(replace(charges, rate=np.zeros(5, np.int32)), TERMS, NUMBERS)
    assert sorted(cell.amount or Decimal(0) for cell in made) == [0, 65_535, 65_536, 65_537, 69_999]


def test_that_a_country_with_several_codes_is_one_cell() -> None:
    codes = [n for n in range(len(MARKETS.places)) if MARKETS.country_of(n) == "PE"]
    assert len(codes) == 2  # its calling code, and its name where no number is known
    charges = kinds_of([1, 1, 1], [Decimal(0), Decimal("0.1")], [codes[0], codes[1], codes[0]])
    (cell,), of = cells(charges, TERMS, NUMBERS)
    assert (cell.country, cell.quantity, of.tolist()) == ("PE", 3, [0, 0, 0])


@pytest.mark.parametrize(
    ("name", "value", "column", "text"),
    [
        ("ends_at", 1_790_000_000_000_001, "ends_at", "2026-09-21T14:13:20.000001Z"),
        ("conversation", True, "unit", "conversation"),
        ("grouped", True, "unit_id", "m1#51987654321"),
        ("tier_from", 100_001, "tier_from", "100001"),
        ("market", -1, "market", ""),
        ("reasons", Reason.NO_RATE, "certainty", "uncertain"),
        ("reasons", Reason.FAILED_AFTER_DELIVERY, "certainty", "certain"),
        ("reasons", Reason.NO_RATE | Reason.OUTSIDE_WINDOW, "reason", "no_rate;outside_window"),
        ("low", 0, "amount_low", "0"),
        ("amount", -1, "amount", ""),
    ],
)
def test_that_a_charge_is_written_as_a_row(name: str, value: int, column: str, text: str) -> None:
    kinds = kinds_of([1], [Decimal(0), Decimal("0.0703000")])
    single = Charges(
        row=np.zeros(1, np.int64), billed_at=np.full(1, 1_790_000_000_000_000, np.int64),
        ends_at=np.full(1, NEVER, np.int64), messages=np.ones(1, np.int32), kind=np.zeros(1, np.int32), kinds=kinds,
        belongs=np.zeros(1, np.int32),
    )  # fmt: skip
    owner = single if hasattr(single, name) and not hasattr(kinds, name) else kinds
    changed = replace(owner, **{name: np.full(1, value, getattr(owner, name).dtype)})  # type: ignore[arg-type]
    charges = changed if isinstance(changed, Charges) else replace(single, kinds=changed)
    row = charge_row(charges, 0, TERMS, NUMBERS, ("m1", "51987654321"))
    assert row[column] == text
    assert (row["rate"], row["currency"], row["period"]) == ("0.0703", "USD", "2026-10")


def test_that_rates_used_say_what_they_priced_and_where_they_stand() -> None:
    rows: list[Row] = [*sent("marketing", 3), *sent("marketing", 2, user=CHILE), *sent("marketing", 1, user=PERU[:-1])]
    used = rates_used(audited(rows).result.cells, TERMS)
    assert [(one.market, one.rate, one.units, one.card) for one in used] == [
        ("Chile", Decimal("0.20"), 2, "contract"),
        ("Peru", Decimal("0.10"), 4, "contract"),
    ]


def test_that_a_rate_is_used_in_each_tier() -> None:
    def tier(first: str, last: str, rate: str) -> Row:
        return {"effective_from": "2026-10-01", "currency": "USD", "market": "Peru", "category": "utility",
                "tier_from": first, "tier_to": last, "rate": rate}  # fmt: skip

    prices = [tier("1", "2", "0.02"), tier("3", "", "0.01"), *PRICES]
    result = audited(sent("utility", 5), prices=prices).result
    used = [(one.tier_from, one.rate, one.units) for one in result.rates]
    assert used == [(1, Decimal("0.02"), 2), (3, Decimal("0.01"), 3)]


def test_that_each_rate_of_a_marked_up_tier_is_used() -> None:
    # Meta's tiers 1-2 at 0.02 and from 3 on at 0.01; the contract doubles all of them in one row that begins at 1.
    meta = [
        {"effective_from": "2026-10-01", "currency": "USD", "market": "Peru", "category": "utility"} | tier
        for tier in ({"tier_from": "1", "tier_to": "2", "rate": "0.02"}, {"tier_from": "3", "rate": "0.01"})
    ]
    doubled = {"effective_from": "2026-10-01", "currency": "USD", "market": "*", "category": "utility",
               "factor": "2", "tier_from": "1"}  # fmt: skip
    terms = replace(TERMS, tariff=Tariff([card_of(meta, "meta"), card_of([doubled], "contract")]))
    case = audited(sent("utility", 5), prices=meta)
    charged, _ = cells(charge(case.log, terms).kinds, terms, NUMBERS)
    used = [(one.tier_from, one.rate, one.units, one.card) for one in rates_used(charged, terms)]
    assert used == [(1, Decimal("0.02"), 3, "contract"), (1, Decimal("0.04"), 2, "contract")]


def test_that_amounts_by_day_leave_out_what_is_outside_the_period_or_the_audit_or_has_no_price() -> None:
    # Twice 0.10, 0.10, 0.03, none, 0.10 on the day before the period, 0.10 outside the audit: 0.33 count.
    kinds = kinds_of([0, 0, 1, -1, 0, 0], [Decimal("0.10"), Decimal("0.03")])
    kinds.count[0] = 2
    kinds.day[4] = day_number(date(2026, 9, 30))
    kinds.pricing_type[5] = PricingType.OUTSIDE_AUDIT
    found = list(amounts_by_day(kinds, TERMS))
    assert {(day, currency) for day, currency, _ in found} == {(date(2026, 10, 5), "USD")}
    assert sum(amount for _, _, amount in found) == Decimal("0.33")


def test_that_amounts_of_two_currencies_are_kept_apart() -> None:
    kinds = kinds_of([0, 0, 0], [Decimal("0.10")])
    kinds.waba[1:] = 1
    kinds.day[2] = day_number(date(2026, 10, 6))
    wabas = (ACCOUNT.wabas[0], replace(ACCOUNT.wabas[0], id="other", currency="EUR"))
    found = set(amounts_by_day(kinds, replace(TERMS, account=replace(ACCOUNT, wabas=wabas))))
    assert found == {
        (date(2026, 10, 5), "USD", Decimal("0.10")),
        (date(2026, 10, 5), "EUR", Decimal("0.10")),
        (date(2026, 10, 6), "EUR", Decimal("0.10")),
    }


def test_that_a_rate_that_the_log_states_itself_is_none_of_a_cards() -> None:
    # Marketing in Peru is 0.10 on the card; a maximum price of 0.07 was paid, and is listed under no card.
    (cell,) = audited(sent("marketing", 3)).result.cells
    (used,) = rates_used([cell], TERMS)
    assert (used.rate, used.card, used.units) == (Decimal("0.10"), "contract", 3)
    assert rates_used([cell, replace(cell, rate=Decimal("0.07"))], TERMS) == (used,)

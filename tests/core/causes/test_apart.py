"""Lines that name no market but the rate of each: what is wrong with one price, beside the others (formats.md §8).

Prices: `invoicing.py`, and marketing in Mexico at 0.05. Due are 10 in Peru x 0.10, 8 in Chile x 0.20, 6 in Mexico x
0.05: 24 for 1.00 + 1.60 + 0.30 = 2.90.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.core.causes.stated import Rounding
from auditor.core.causes.stated import Stated
from auditor.core.money import ZERO
from auditor.core.reconcile import Side
from auditor.core.reconcile import UnitPrice
from auditor.core.records import Fee
from auditor.core.records import InvoiceLine
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PRICES
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import only
from tests.core.invoicing import priced
from tests.core.invoicing import sent

SENT = [*sent("marketing", 10), *sent("marketing", 8, user=CHILE), *sent("marketing", 6, user=MEXICO)]
CARD = [*PRICES, priced("Mexico", "marketing", "0.05", "2025-07-01")]
Row = tuple[str, str, str]


def marketing(*rows: Row) -> list[InvoiceLine]:
    """Bill marketing, a row for each rate: (amount, units, rate)."""
    return [line(*row, row=n + 2, category="marketing") for n, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        # A rate whose point is shifted, 10 x 1.00 for 1.00, and the 6 x 0.05 of Mexico left out.
        ([("10.00", "10", "1.00"), ("1.60", "8", "0.20")], {"rate": "9.00", "missing_line": "-0.30"}),
        # 8 x 0.20 misread as 80: 16.00 for 1.60.
        ([("1.00", "10", "0.10"), ("16.00", "80", "0.20")], {"quantity": "14.40", "missing_line": "-0.30"}),
        # A row added up wrongly, 8 x 0.20 as 2.00.
        ([("1.00", "10", "0.10"), ("2.00", "8", "0.20")], {"rate": "0.40", "missing_line": "-0.30"}),
        # A row printed twice beside one that is wanting.
        (
            [("1.00", "10", "0.10"), ("1.60", "8", "0.20"), ("1.60", "8", "0.20")],
            {"duplicate_line": "1.60", "missing_line": "-0.30"},
        ),
    ],
)
def test_that_a_line_left_out_is_seen_beside_another_error(rows: list[Row], wanted: dict[str, str]) -> None:
    one = only(audited(SENT, marketing(*rows), prices=CARD))
    found = {cause: Decimal(amount) for cause, amount in wanted.items()}
    assert (causes(one), one.unexplained) == (found, ZERO)


@pytest.mark.parametrize(
    ("amount", "rate", "wanted"),
    [
        ("121.60", "0.20", {"provider_fee": "120.00"}),  # 8 x 0.20 and the fee
        ("121.60", "2.00", {}),  # neither 8 x 2.00 nor this and the fee
        ("136.00", "2.00", {"rate": "14.40", "provider_fee": "120.00"}),  # a point shifted: 8 x 2.00, and the fee
        ("120.00", "0.20", {"rate": "118.40"}),  # what stands in the place of 1.60 is added to nothing
    ],
)
def test_that_a_monthly_fee_is_found_inside_the_line_of_one_price(
    amount: str, rate: str, wanted: dict[str, str]
) -> None:
    account = replace(ACCOUNT, fees=(Fee("provider_fee", Decimal("120.00"), "USD", "month"),))
    rows = marketing(("1.00", "10", "0.10"), (amount, "8", rate), ("0.30", "6", "0.05"))
    log = [*SENT, *sent("utility", 50, "2026-10-06 10:00")]
    found = by_name(audited(log, [*rows, line("1.00", "50", "0.02", 9, category="utility")], account, prices=CARD))
    assert causes(found["marketing",]) == {cause: Decimal(some) for cause, some in wanted.items()}
    assert causes(found["utility",]) == {}  # what is shared out would be on this line, too


def test_that_a_row_left_out_is_no_older_card_on_which_its_price_alone_is_not_listed() -> None:
    # Before October 2026 the card has no rate for Mexico, and one for Peru: by it the 6 of Mexico were not billed. But
    # the others would be billed by it too.
    card = [*PRICES, priced("Mexico", "marketing", "0.05")]
    one = only(audited(SENT, marketing(("1.00", "10", "0.10"), ("1.60", "8", "0.20")), prices=card))
    assert (causes(one), one.unexplained) == ({"missing_line": Decimal("-0.30")}, ZERO)


@pytest.mark.parametrize(
    "rows",
    [
        # Two more in Peru than are due is no slip, and no missing line makes it one: 1.20 + 1.60 for 2.90.
        [("1.20", "12", "0.10"), ("1.60", "8", "0.20")],
        # Two slips are no slips.
        [("10.00", "10", "1.00"), ("16.00", "80", "0.20")],
        # 9 more at 0.20, all others right: that the 10 of Peru are what the others leave, 1, times ten is none either.
        [("1.00", "10", "0.10"), ("3.40", "17", "0.20"), ("0.30", "6", "0.05")],
        # Two rates without a row.
        [("1.00", "10", "0.10"), ("0.21", "3", "0.07")],
    ],
)
def test_that_nothing_is_named_where_one_price_is_wrong_in_no_way_that_has_a_name(rows: list[Row]) -> None:
    one = only(audited(SENT, marketing(*rows), prices=CARD))
    assert causes(one) == {}
    assert one.unexplained == one.difference


@pytest.mark.parametrize(
    ("units", "last", "fits"), [((10, 8, 6), "0.05", True), ((7, 9, 8), "0.05", False), ((10, 6, 8), "0.0875", False)]
)
def test_that_each_price_has_its_own_units_whatever_they_come_to_together(
    units: tuple[int, int, int], last: str, fits: bool
) -> None:
    # 7 x 0.10 + 9 x 0.20 + 8 x 0.05 are 2.90 for 24 as well, and 10 x 0.10 + 6 x 0.20 + 8 x 0.0875: the sums agree, no
    # price does, or one stands there that is none.
    rates = [Decimal(rate) for rate in ("0.10", "0.20", "0.05")]
    prices = frozenset((UnitPrice(rate, frozenset({rate})), n) for rate, n in zip(rates, (10, 8, 6), strict=True))
    due = Side(24, Decimal("2.90"), rates=frozenset(rates), prices=prices)
    said = [*rates[:2], Decimal(last)]
    rows = marketing(*((str(rate * n), str(n), str(rate)) for rate, n in zip(said, units, strict=True)))
    stated = Stated.of(rows, Rounding.of(rows, ACCOUNT), "USD", quantities=True)
    assert stated.amount == due.amount
    assert stated.fits(due) is fits


def test_that_a_fee_on_the_units_of_one_account_is_found_where_rates_are_stated_without_it() -> None:
    # 0.01 on each of the 40 and 100 units of one account, and on none of the 20 and 50 of the other.
    fee = Fee("provider_fee", Decimal("0.01"), "USD", "unit")
    account = replace(ACCOUNT, wabas=(*ACCOUNT.wabas, SECOND_WABA), fees=(fee,))
    rows = [*sent("marketing", 40), *sent("utility", 100, "2026-10-06 10:00")]
    rows += [*sent("marketing", 20, number="number2"), *sent("utility", 50, "2026-10-06 10:00", number="number2")]
    lines = [line("6.40", "60", "0.10", 1, category="marketing"), line("4.00", "150", "0.02", 2, category="utility")]
    found = by_name(audited(rows, lines, account))
    for category, amount in (("marketing", "0.40"), ("utility", "1.00")):
        assert causes(found[category,]) == {"provider_fee": Decimal(amount)}


def test_that_a_rate_stated_to_fewer_decimals_than_tell_prices_apart_tells_none() -> None:
    # 0.018 and 0.02 are both 0.02 in a column of two decimals; beside a rate of three, 0.02 is no 0.018.
    prices = frozenset((UnitPrice(rate, frozenset({rate})), 10) for rate in (Decimal("0.018"), Decimal("0.020")))
    due = Side(20, Decimal("0.38"), rates=frozenset({Decimal("0.018"), Decimal("0.020")}), prices=prices)
    for rates, told in ((("0.02", "0.05"), False), (("0.02", "0.018"), True)):
        rows = marketing(*(("0.19", "10", rate) for rate in rates))
        stated = Stated.of(rows, Rounding.of(rows, ACCOUNT), "USD", quantities=True)
        assert (stated.placed(due) is not None) is told


def test_that_a_rate_is_misread_on_the_one_line_that_states_any_where_the_others_tell_its_price() -> None:
    # 10 in Peru at 0.1033 are 1.03, and 8 in Chile at 0.20 1.60: billed as 8 x 0.02 = 0.16. What the first line leaves
    # of 2.633 is 1.603, which is 8 units at 0.20, and hardly at 0.200375.
    card = [priced("Peru", "marketing", "0.1033"), priced("*", "marketing", "0.20")]
    rows = [*sent("marketing", 10), *sent("marketing", 8, user=CHILE)]
    one = only(audited(rows, marketing(("1.03", "10", ""), ("0.16", "8", "0.02")), prices=card))
    assert (causes(one), one.unexplained) == ({"rate": Decimal("-1.44")}, ZERO)

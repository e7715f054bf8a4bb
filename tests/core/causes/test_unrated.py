"""Lines of which a part of the units has no rate on file (formats.md §8).

Authentication is priced in Peru alone: 0.03, and 0.04 before. Utility costs 0.02, and cost 0.01 before; marketing 0.10,
and 0.08 before.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.core.money import ZERO
from auditor.core.results import Status
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import PRICES
from tests.core.invoicing import WABA
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import causes
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent

CARD = [
    *(row for row in PRICES if row["category"] != "authentication"),
    priced("Peru", "authentication", "0.04", "2025-07-01", "2026-09-30"),
    priced("Peru", "authentication", "0.03"),
]


@pytest.mark.parametrize(
    ("amounts", "units", "found", "left"),
    [
        (["0.80"], 20, {"rate_card": Decimal("0.20")}, ZERO),  # the 20 of Peru at 0.04 for 0.60
        (["0.80", "0.80"], 20, {"rate_card": Decimal("0.20"), "duplicate_line": Decimal("0.80")}, ZERO),
        (["0.96"], 24, {}, Decimal("0.36")),  # which of the 25 these are nobody knows
        (["0.80"], 25, {}, Decimal("0.20")),
    ],
)
def test_that_a_line_is_explained_that_bills_just_the_units_that_have_a_rate(
    amounts: list[str], units: int, found: dict[str, Decimal], left: Decimal
) -> None:
    rows = [*sent("authentication", 20), *sent("authentication", 5, user=CHILE)]
    rows += [*sent("utility", 50, "2026-10-06 10:00"), *sent("marketing", 40, "2026-10-07 10:00")]
    lines = [
        line("0.50", "50", row=2, category="utility"),
        line("3.20", "40", row=3, category="marketing"),
        *(line(one, str(units), row=n + 4, category="authentication") for n, one in enumerate(amounts)),
    ]
    names = by_name(audited(rows, lines, prices=CARD))
    one = names["authentication",]
    assert (one.status, one.expected_quantity) == (Status.NOT_COMPARABLE, 25)
    assert (causes(one), one.unexplained) == (found, left)


def test_that_units_that_a_reading_leaves_without_a_rate_are_no_line_left_out() -> None:
    # The line of 40 codes to Chile, 1.20, is left out. Billed as international ones, for which the card has a rate in
    # India alone, they would have none, and be in no line either.
    prices = [*PRICES, priced("India", "authentication_international", "0.05")]
    rows = [*sent("authentication", 51), *sent("authentication", 40, user=CHILE), *sent("utility", 50)]
    lines = [
        line("1.53", "51", "0.03", 2, market="Peru", category="authentication"),
        line("1.00", "50", "0.02", 3, market="Peru", category="utility"),
    ]
    account = replace(ACCOUNT, wabas=(replace(WABA, primary_location="PE"),))
    found = audited(rows, lines, account, prices).result
    assert {step.cause: step.amount for step in found.bridge if step.amount} == {"missing_line": Decimal("-1.20")}

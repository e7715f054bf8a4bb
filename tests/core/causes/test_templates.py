"""One template billed otherwise, where another cause moves units of it besides (formats.md §8).

Prices: `invoicing.py`. In September marketing in Peru costs 0.08, utility 0.01 outside an open window.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import PRICES
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

SEPTEMBER = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
LATE = "2026-09-30 20:00"  # October's at UTC


def test_that_a_template_of_another_category_is_found_where_the_month_is_cut_within_it() -> None:
    # Cut at UTC 7 offers and 5 receipts of the last evening are October's, 12 x 0.01, as are 3 of marketing in Peru at
    # 0.08 and 6 in Chile at 0.20: 0.12 + 0.24 + 1.20 = 1.56 less. The 30 offers that are left and charged are billed as
    # marketing: 30 x (0.08 - 0.01) = 2.10 more. The 40 inside the open window stay free.
    rows = [*wrote("2026-09-05 09:00"), *sent("utility", 60, at="2026-09-05 10:00", template_name="receipt")]
    rows += sent("utility", 40, at="2026-09-05 12:00", template_name="offer")
    rows += sent("utility", 30, at="2026-09-20 12:00", template_name="offer")
    rows += sent("utility", 20, at="2026-09-20 13:00", template_name="receipt")
    rows += sent("utility", 7, LATE, template_name="offer")
    rows += sent("utility", 5, "2026-09-30 21:00", template_name="receipt")
    for user, count, late in (("51987654321", 4, 3), (CHILE, 8, 6)):
        rows += sent("marketing", count, "2026-09-10 10:00", user, template_name="news")
        rows += sent("marketing", late, LATE, user, template_name="news")
    billed = [
        line("0.20", "20", market="Peru", category="utility"),
        line("2.72", "34", market="Peru", category="marketing", row=2),
        line("1.60", "8", market="Chile", category="marketing", row=3),
    ]
    prices = [*PRICES, priced("*", "marketing", "0.20", "2025-07-01", "2026-09-30")]
    audit = audited(rows, billed, SEPTEMBER, prices)
    steps = {step.cause: step.amount for step in audit.result.bridge if step.amount}
    assert steps == {"month_cut": Decimal("-1.56"), "category": Decimal("2.10")}
    assert audit.causes is not None
    behind = {one.cause: audit.causes.of(one) for one in audit.causes.readings}
    assert [len(behind[cause]) for cause in ("month_cut", "category")] == [7 + 5 + 3 + 6, 30]

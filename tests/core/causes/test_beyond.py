"""What is billed beyond the log at the price due is said to be so, and explains nothing (formats.md §8).

Prices: `invoicing.py`. Marketing in Peru costs 0.10, utility 0.02, authentication 0.03.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.core.records import Number
from auditor.core.results import Difference
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import WABA
from tests.core.invoicing import audited
from tests.core.invoicing import by_name
from tests.core.invoicing import line
from tests.core.invoicing import sent

ROWS = [*sent("utility", 53), *sent("marketing", 40, "2026-10-06 10:00")]
RIGHT = line("4.00", "40", row=2, category="marketing")


def offered(one: Difference) -> list[tuple[str, Decimal, str, dict[str, str]]]:
    return [(cause.cause, cause.amount, cause.proof, dict(cause.values)) for cause in one.causes]


@pytest.mark.parametrize(
    ("units", "amount", "beyond"),
    [
        ("116", "2.32", "1.26"),  # 63 more at 0.02
        ("17", "0.34", "-0.72"),  # 36 fewer
        ("116", "2.90", None),  # at 0.025 each
    ],
)
def test_that_other_units_at_the_price_due_are_told(units: str, amount: str, beyond: str | None) -> None:
    found = by_name(audited(ROWS, [line(amount, units, category="utility"), RIGHT]))["utility",]
    values = {"kind": "units", "billed": units, "expected": "53"}
    made = [("quantity", Decimal(beyond), "possible", values)] if beyond else []
    assert offered(found) == made
    assert found.unexplained == found.difference


@pytest.mark.parametrize(
    ("numbers", "amount", "units", "kind"),
    [
        (("number",), "2.32", "116", {"kind": "units"}),
        (("number", "number2"), "2.32", "116", {"kind": "unlogged", "numbers": "number2"}),
        (("number", "number2"), "0.34", "17", {"kind": "units"}),  # too few are none of another number
    ],
)
def test_that_a_number_of_which_the_log_has_nothing_is_named(
    numbers: tuple[str, ...], amount: str, units: str, kind: dict[str, str]
) -> None:
    account = replace(ACCOUNT, wabas=(replace(WABA, numbers=tuple(map(Number, numbers))),))
    found = by_name(audited(ROWS, [line(amount, units, category="utility"), RIGHT], account))["utility",]
    assert [values for _, _, _, values in offered(found)] == [{"billed": units, "expected": "53", **kind}]

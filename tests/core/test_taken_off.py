"""What a credit note takes off is counted below zero, and only where it takes units off (`core/taken_off.py`)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.core.problems import Place
from auditor.core.records import InvoiceLine
from auditor.core.results import Status
from auditor.core.taken_off import units_taken_off
from tests.core.invoicing import audited
from tests.core.invoicing import only
from tests.core.invoicing import sent


def line(amount: str, quantity: str | None, rate: str | None = None, market: str = "Peru") -> InvoiceLine:
    """Give a line of marketing."""
    figures = (None if one is None else Decimal(one) for one in (quantity, rate))
    units, price = figures
    return InvoiceLine(
        Decimal(amount), "USD", Place("f"), market=market, category="marketing", quantity=units, unit_rate=price
    )


BILLED = line("70.30", "1000", "0.0703")


@pytest.mark.parametrize(
    ("credit", "units"),
    [
        (line("-7.03", "100", "0.0703"), "-100"),
        (line("-7.03", "100", "-0.0703"), "-100"),  # a minus before the price as well
        (line("-7.03", "100"), "-100"),  # 100 x 0.0703 = 7.03
        (line("-7.03", "100", "0.0703", market=""), "-100"),  # it does not say where
        (line("-7.03", "-100", "0.0703"), "-100"),  # as it stands
        (line("-2.00", "100", "0.02"), "100"),  # the price was 0.02 too high: none of the messages is taken off
        (line("-2.00", "100"), "100"),
        (line("-7.03", "100", "0.0703", market="Chile"), "100"),  # nothing is billed there
        (line("-7.03", None), None),
    ],
)
def test_that_units_credited_at_their_price_are_taken_off(credit: InvoiceLine, units: str | None) -> None:
    billed, taken = units_taken_off([BILLED, credit])
    assert billed == BILLED
    assert taken.quantity == (None if units is None else Decimal(units))
    assert taken.amount == credit.amount
    assert taken.unit_rate is None or taken.unit_rate == abs(credit.unit_rate or 0)


def test_that_prices_which_only_amounts_tell_are_met_to_the_cent() -> None:
    billed = line("70.30", "1000")
    assert [one.quantity for one in units_taken_off([billed, line("-7.04", "100"), line("-7.05", "100")])] == [
        Decimal(1000), Decimal(-100), Decimal(100),  # 7.03 and a cent; two cents are another price
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent_", "difference", "status"), [(10, "0.00", Status.MATCHED), (7, "0.30", Status.DIFFERENT)]
)
def test_that_an_invoice_and_its_credit_note_bill_what_is_left(sent_: int, difference: str, status: Status) -> None:
    # 12 x 0.10 less 2 x 0.10: 10 for 1.00, where 10 were sent, or 7 for 0.70.
    lines = [line("1.20", "12", "0.10"), replace(line("-0.20", "2", "0.10"), document_type="credit_memo")]
    found = only(audited(sent("marketing", sent_), lines))
    assert (found.billed_quantity, found.billed) == (Decimal(10), Decimal("1.00"))
    assert (found.difference, found.status) == (Decimal(difference), status)
    assert (found.quantity_effect, found.rate_effect) == (Decimal(difference), Decimal(0))

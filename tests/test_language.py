"""Figures as they are written in the reader's language."""

from decimal import Decimal

import pytest

from auditor.language import LANGUAGES
from auditor.language import Language


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_an_amount_is_rounded_half_up_alike_with_and_without_its_currency(language: str) -> None:
    # 150 messages at 0.0703 are 10.545: halves go away from zero, to 10.55, and not to the even cent before it.
    amount = 150 * Decimal("0.0703")
    said = Language(language)
    assert said.number(amount, 2) == "10.55"
    assert said.number(-amount, 2) == "-10.55"
    assert said.money(amount, "PEN") == "S/ 10.55"
    assert said.money(-amount, "USD") == "-US$ 10.55"


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_what_rounds_to_nothing_has_no_sign(language: str) -> None:
    said = Language(language)
    assert said.number(Decimal("-0.004"), 2) == "0.00"
    assert said.money(Decimal("-0.004"), "USD") == "US$ 0.00"

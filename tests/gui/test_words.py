"""The words and figures of one audit as the window shows them."""

from dataclasses import replace
from decimal import Decimal

from auditor.gui.words import Words
from auditor.language import Language
from tests.gui.fake_audit import ACCOUNT


def test_that_a_difference_that_rounds_to_nothing_has_no_sign() -> None:
    words = Words(Language("en"), replace(ACCOUNT, currency="USD"))
    assert words.signed(Decimal("0.004")) == "0.00"
    assert words.signed_money(Decimal("0.004")) == "US$\N{NO-BREAK SPACE}0.00"
    # A half goes up to a cent, which is over.
    assert words.signed(Decimal("0.005")) == "+0.01"
    assert words.signed_money(Decimal("-0.005")) == "-US$\N{NO-BREAK SPACE}0.01"

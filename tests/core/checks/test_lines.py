"""What an invoice's lines say against themselves, each other and the contract: no log is there (formats.md §7).

Prices as in `invoicing.py`: in October 2026 marketing in Peru 0.10 and elsewhere 0.20, utility 0.02.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from auditor.core.checks.lines import line_findings
from auditor.core.checks.lines import sentence
from auditor.core.problems import Place
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import Fee
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import Tax
from auditor.core.results_checks import LineFinding
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.rulebook import market_table
from tests.core.as_columns import card_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import FIRST
from tests.core.invoicing import LAST
from tests.core.invoicing import PRICES
from tests.core.invoicing import fee_line
from tests.core.invoicing import line
from tests.core.invoicing import priced

WHOLE: dict[str, Any] = {"period_start": FIRST, "period_end": LAST}
PERU: dict[str, Any] = {"market": "Peru", "category": "marketing"}


def found(
    *lines: InvoiceLine,
    account: Account = ACCOUNT,
    controls: Sequence[ControlTotal] = (),
    more: Sequence[dict[str, str]] = (),
) -> tuple[LineFinding, ...]:
    """Check lines by themselves, and see that each finding has its sentence in every language."""
    tariff = Tariff([card_of([*PRICES, *more], "contract")])
    made = line_findings(lines, controls, account, tariff, market_table())
    for language in LANGUAGES:
        for one in made:
            spoken = Language(language)
            assert "{" not in sentence(one, spoken.text, spoken.money)
    return made


def told(*lines: InvoiceLine, account: Account = ACCOUNT) -> list[tuple[str, str]]:
    """Give code and amount at stake of each finding."""
    return [(one.code, str(one.amount)) for one in found(*lines, account=account)]


def test_that_a_sound_invoice_has_no_finding() -> None:
    lines = (
        line("3.00", "30", "0.10", 1, **PERU, **WHOLE, waba_id="waba", phone_number_id="number"),
        line("0.10", "5", "0.02", 2, market="Chile", category="utility", **WHOLE),
        line("1.00", row=3),
    )
    control = ControlTotal("total", Decimal("4.10"), "USD", Place("invoice.xlsx", "Sheet1", 4))
    assert found(*lines, controls=[control]) == ()


def test_that_an_amount_is_held_against_quantity_times_rate() -> None:
    # 30 x 0.10 = 3.00, billed 3.90.
    (one,) = found(line("3.90", "30", "0.10", 7, **PERU))
    assert (one.code, one.amount, one.places[0].row) == ("product", Decimal("0.90"), 7)
    assert dict(one.values) == {"quantity": "30", "rate": "0.1", "right": "3.00", "billed": "3.90"}


def test_that_amounts_are_said_in_their_currency() -> None:
    (one,) = found(line("1203.90", "30", "0.10", 7, **PERU))
    english, spanish = (Language(code) for code in ("en", "es"))
    assert "30 x 0.1 = US$ 3.00, but the line bills US$ 1,203.90." in sentence(one, english.text, english.money)
    soles = replace(one, currency="PEN")
    assert "30 x 0.1 = S/ 3.00, pero la línea cobra S/ 1,203.90." in sentence(soles, spanish.text, spanish.money)


def test_that_half_a_cent_of_rounding_is_no_finding() -> None:
    # 3 x 0.025 = 0.075: 0.08 rounded up, or left as it is.
    assert found(line("0.08", "3", "0.025")) == ()
    assert found(line("0.075", "3", "0.025")) == ()
    # 2 x 0.0225 = 0.045: 0.05 rounded up, 0.04 rounded to the even digit; 0.03 is neither.
    assert found(line("0.05", "2", "0.0225"), line("0.04", "2", "0.0225", 2)) == ()
    assert [one.amount for one in found(line("0.03", "2", "0.0225"))] == [Decimal("-0.02")]


def test_that_a_printed_rate_which_stands_on_no_card_may_be_rounded() -> None:
    # 1000 x 0.083 = 83.00; the exact rate may be 0.08254, so up to 0.50 is not proved wrong, 0.51 is.
    loose, strict = (told(line(amount, "1000", "0.083"))[0] for amount in ("82.54", "82.49"))
    assert (loose, strict) == (("rounded_rate", "-0.46"), ("product", "-0.51"))


def test_that_a_rate_of_the_card_is_not_taken_for_a_rounded_one() -> None:
    # 0.10 is Peru's rate: 1000 x 0.10 = 100.00, so 100.40 is wrong.
    assert told(line("100.40", "1000", "0.10", **PERU)) == [("product", "0.40")]


def test_that_a_rate_is_held_against_the_cards_in_force() -> None:
    # Marketing in Peru costs 0.10 in October, 0.08 in September: 30 x 0.02 less.
    (one,) = found(line("2.40", "30", "0.08", **PERU, **WHOLE))
    assert (one.code, one.amount, one.values["rates"]) == ("card_rate_before", Decimal("-0.60"), "0.1")
    september: dict[str, Any] = {"period_start": date(2026, 9, 16), "period_end": date(2026, 10, 15)}
    assert [code for code, _ in told(line("2.40", "30", "0.08", **PERU, **september))] == ["other_period"]


def test_that_what_is_listed_at_nothing_is_held_against_no_card() -> None:
    assert not found(line("0", "30", "0", **PERU))


def test_that_an_amount_without_a_rate_is_held_against_the_highest_that_the_cards_have() -> None:
    # 30 x 0.10 = 3.00. Less than that may hold free units, and says nothing.
    (one,) = found(line("3.50", "30", **PERU))
    assert (one.code, one.amount, one.values["right"]) == ("card_amount", Decimal("0.50"), "3.00")
    assert told(line("3.00", "30", **PERU)) == []
    assert told(line("2.50", "30", **PERU)) == []
    assert told(line("3.50", "30", **PERU, pricing_type="free_customer_service")) == []
    # 0.08 until the middle of the stretch, 0.10 from then on: at most 3.00, but what is too much is not known.
    days: dict[str, Any] = {"period_start": date(2026, 9, 16), "period_end": LAST}
    assert next((one.code, one.amount) for one in found(line("3.50", "30", **PERU, **days))) == ("card_amount", None)


def test_that_a_country_has_its_markets_rate_and_an_unknown_category_none() -> None:
    assert told(line("0.90", "3", "0.30", country="PE", category="marketing")) == [("card_rate", "0.60")]
    assert told(line("0.90", "3", "0.30", market="Peru", category="referral")) == []


def test_that_a_line_of_no_market_is_held_against_what_all_markets_have_alike() -> None:
    # Marketing is 0.10 in Peru and 0.20 elsewhere, so neither is wrong, nor 30 x 0.15 of some of both; utility is 0.02.
    for rate, amount in (("0.10", "3.00"), ("0.20", "6.00"), ("0.15", "4.50")):
        assert told(line(amount, "30", rate, category="marketing")) == []
    assert told(line("4.50", "30", category="marketing")) == []
    assert told(line("0.90", "30", "0.03", category="utility")) == [("card_rate", "0.30")]


def test_that_rates_in_another_currency_than_the_accounts_are_not_compared() -> None:
    soles = replace(ACCOUNT, currency="PEN")
    assert told(line("0.90", "3", "0.30", **PERU, currency="PEN"), account=soles) == []


def test_that_tax_in_the_rate_is_allowed_for() -> None:
    # 0.10 + 18 % = 0.118.
    taxed = replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=True))
    assert told(line("3.54", "30", "0.118", **PERU), account=taxed) == []
    assert told(line("3.00", "30", "0.10", **PERU), account=taxed) == [("card_rate", "-0.54")]


def test_that_a_rate_divided_out_of_a_rounded_amount_is_held_against_the_cards_by_that() -> None:
    # 0.118 x 3, 7 and 9 are 0.354, 0.826 and 1.062; rounded and divided again they give prices of no card. No rate
    # gives 0.45 for 3: 3 x (0.15 - 0.118), 0.096, too much.
    taxed = replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=True))
    divided = [("0.35", "3", "0.116667"), ("0.83", "7", "0.118571"), ("1.06", "9", "0.117778")]
    lines = [line(*one, row, **PERU) for row, one in enumerate(divided, 1)]
    rates = [one for one in told(*lines, account=taxed) if one[0] == "card_rate"]
    assert rates == []
    lines.append(line("0.45", "3", "0.15", 4, **PERU))
    rates = [one for one in told(*lines, account=taxed) if one[0] == "card_rate"]
    assert rates == [("card_rate", "0.10")]


def test_that_a_rate_by_the_thousand_is_held_against_the_cards_as_one_by_the_unit() -> None:
    lines = [line("3.00", "30", "100", 1, **PERU), line("4.00", "20", "200", 2, market="Chile", category="marketing")]
    assert [code for code, _ in told(*lines) if code == "card_rate"] == []


def test_that_a_rate_of_the_card_before_or_of_another_currency_is_called_so() -> None:
    # 0.08 was Peru's until 30 September; 0.09 is on no card in dollars.
    (old,) = found(line("2.40", "30", "0.08", **PERU, **WHOLE))
    assert (old.code, old.values["before"]) == ("card_rate_before", "2026-10-01")
    soles = priced("Peru", "marketing", "0.37") | {"currency": "PEN"}
    for rate, amount, code in (("0.37", "11.10", "card_rate_currency"), ("0.36", "10.80", "card_rate")):
        (one,) = found(line(amount, "30", rate, **PERU, **WHOLE), more=[soles])
        assert (one.code, one.values.get("currency")) == (code, "PEN" if code == "card_rate_currency" else None)
    # 0.37 + 18 % = 0.4366.
    taxed = replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=True))
    (one,) = found(line("13.10", "30", "0.4366", **PERU, **WHOLE), account=taxed, more=[soles])
    assert one.code == "card_rate_currency"


def test_that_what_is_given_back_may_be_written_without_a_minus() -> None:
    # 10 x 0.10 = 1.00 back; 1.40 is wrong whatever the sign. In an invoice, a minus needs one before the quantity.
    memo: dict[str, Any] = {"document_type": "credit_memo", **PERU}
    assert told(line("-1.00", "10", "0.10", **memo)) == []
    assert told(line("-1.40", "10", "0.10", **memo)) == [("product", "-0.40")]
    assert told(line("-1.00", "10", "0.10", layer=Layer.CREDIT)) == []
    assert told(line("-1.00", "10", "0.10", **PERU)) == [("product", "-2.00"), ("negative_line", "-1.00")]


def test_that_rates_by_the_thousand_are_those_of_all_lines() -> None:
    # 30 x 100 / 1000 = 3.00, 20 x 200 / 1000 = 4.00: alike in both. One alone may have lost its decimal mark.
    first, second = line("3.00", "30", "100", 1, **PERU), line("4.00", "20", "200", 2, market="Chile")
    thousands = [line("250.00", "1", "0.25", 1, **PERU), line("500.00", "2", "0.25", 2, **PERU)]
    assert [code for code, _ in told(first, second) if code == "product"] == []
    assert [code for code, _ in told(*thousands) if code == "product"] == []
    assert ("product", "-2997.00") in told(first)
    assert [code for code, _ in told(first, replace(second, amount=Decimal("4.02"))) if code == "product"] == [
        "product"
    ] * 2
    assert found(line("-4.92", "0", "0", layer=Layer.CREDIT)) == ()


def test_that_what_a_discount_would_account_for_is_not_called_wrong() -> None:
    # 1000 x 0.0781 = 78.10: 10 % less is 70.29. 84.00 less 4.00 is 80.00. 78.10 - 70.00 is 8.10, 10.4 %.
    less = [("70.29", "1000", "0.0781"), ("80.00", "4000", "0.021"), ("70.00", "1000", "0.0781")]
    codes = [told(line(*one))[0] for one in less]
    assert codes == [("product_less", "-7.81"), ("product_less", "-4.00"), ("product", "-8.10")]
    assert told(line("85.91", "1000", "0.0781"))[0] == ("product", "7.81")
    assert told(line("8.10", "1000", "0.0781"))[0] == ("product", "-70.00")  # a round sum, but most of it


def test_that_a_total_may_be_of_a_section_of_what_is_above_or_with_the_stated_tax() -> None:
    def stated(amount: str, row: int, kind: str = "total") -> ControlTotal:
        return ControlTotal(kind, Decimal(amount), "USD", Place("invoice.xlsx", "Sheet1", row), "Sum")

    lines = [line("1.00", "2", row=1), line("2.00", "3", row=2), line("4.00", "5", row=5)]
    # 1.00 + 2.00 = 3.00 above row 3; 4.00 between the totals; 7.00 in all, 8.26 with 18 %; 10 units.
    taxed = replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=False))
    right = [stated("3.00", 3), stated("4.00", 6), stated("7.00", 7), stated("8.26", 8), stated("10", 9)]
    assert found(*lines, controls=right, account=taxed) == ()
    wrong = [stated("3.10", 3), stated("4.10", 6), stated("7.00", 7)]
    assert [(one.code, one.amount) for one in found(*lines, controls=wrong)] == [
        ("total", Decimal("-3.90")),
        ("total", Decimal("-2.90")),
    ]
    paid = line("50.00", row=10, layer=Layer.TOP_UP)
    assert found(*lines, paid, controls=[stated("7.00", 11)]) == ()


def test_that_a_total_of_nothing_below_a_total_is_none_and_other_controls_are_not_held_against_sums() -> None:
    def stated(amount: str, row: int, kind: str = "total") -> ControlTotal:
        return ControlTotal(kind, Decimal(amount), "USD", Place("invoice.xlsx", "Sheet1", row), "Sum")

    lines = [line("1.00", row=1), line("2.00", row=2)]
    # No lines stand between the totals of rows 3 and 4: 0.00 is what they come to, and yet no total of the invoice's.
    (one,) = found(*lines, controls=[stated("3.00", 3), stated("0.00", 4)])
    assert (one.code, one.amount, one.places[0].row) == ("total", Decimal("-3.00"), 4)
    # A tax or a quantity that is stated is no sum of amounts, and ends no section: 3.00 is that of both lines.
    more = line("4.00", row=5)
    for kind in ("tax", "quantity"):
        controls = [stated("0.54", 3, kind), stated("7.77", 4, kind), stated("3.00", 4)]
        assert found(*lines, more, controls=controls) == ()


def test_that_a_subtotal_is_held_against_its_section() -> None:
    def subtotal(amount: str, row: int) -> ControlTotal:
        return ControlTotal("subtotal", Decimal(amount), "USD", Place("invoice.xlsx", "Sheet1", row), "Subtotal Peru")

    peru = [line("1.00", row=1, market="Peru"), line("2.00", row=2, market="Peru")]
    chile = [line("4.00", row=4, market="Chile"), line("5.00", row=5, market="Chile")]
    (one,) = found(*peru, *chile, controls=[subtotal("4.00", 3), subtotal("9.00", 6)])
    assert (one.code, one.amount, one.values["sum"]) == ("subtotal", Decimal("1.00"), "3.00")
    # Those of Peru below all lines, and 2.00 + 4.00 + 5.00, the last three.
    assert found(*peru, *chile, controls=[subtotal("3.00", 6), subtotal("11.00", 7), subtotal("0.00", 8)]) == ()
    assert found(*peru, controls=[subtotal("7.77", 1)]) == ()  # nothing stands above it


def test_that_totals_of_unrounded_lines_may_be_rounded() -> None:
    def stated(kind: str, amount: str, row: int) -> ControlTotal:
        return ControlTotal(kind, Decimal(amount), "USD", Place("invoice.xlsx", "Sheet1", row), "Sum")

    # 5.363 + 5.8058 = 11.1688; 0.748 + 0.9999 = 1.7479; 12.9167 in all; of service 5.363 + 0.748 = 6.111.
    first = [line("5.363", row=1, category="service"), line("5.8058", row=2, category="marketing")]
    then = [line("0.748", row=4, category="service"), line("0.9999", row=5, category="marketing")]
    right = [stated("subtotal", "11.17", 3), stated("subtotal", "1.75", 6), stated("total", "12.92", 7)]
    assert found(*first, *then, controls=[*right, stated("subtotal", "6.11", 8)]) == ()
    # To the cent, and no further: 12.917 is no sum rounded to cents, and 12.91 is another one.
    for wrong in ("12.91", "12.93", "12.917"):
        assert [one.code for one in found(*first, *then, controls=[*right[:2], stated("total", wrong, 7)])] == ["total"]
    for wrong in ("11.16", "11.18"):
        assert [one.code for one in found(*first, *then, controls=[stated("subtotal", wrong, 3)])] == ["subtotal"]


def test_that_a_percentage_is_held_against_what_it_may_be_of() -> None:
    # 10 % of 3.00 and 1.00 is 0.40; of the 1.00 alone 0.10, of the 3.00 alone 0.30; 0.25 is of nothing.
    lines = [line("3.00", row=1, market="Peru"), line("1.00", row=2, market="Chile")]
    for amount in ("-0.40", "-0.10", "-0.30"):
        assert told(*lines, line(amount, row=3, layer=Layer.CREDIT, description="Discount 10 %")) == []
    # 10 % of 2.50, which Chile's 1.00 and 1.50 come to, and no line nor all of them.
    chile = line("1.50", row=4, market="Chile")
    assert told(*lines, chile, line("-0.25", row=5, layer=Layer.CREDIT, description="Discount 10 %")) == []
    (one,) = found(*lines, line("-0.25", row=3, layer=Layer.CREDIT, description="Dscto. 10,0%"))
    assert (one.code, one.amount, one.values["right"], one.values["percent"]) == (
        "percent", Decimal("0.15"), "-0.40", "10",
    )  # fmt: skip
    for other in ("Discount", "Discount 10 % of 5 %", "Discount 0 %"):
        assert told(*lines, line("-0.25", row=3, layer=Layer.CREDIT, description=other)) == []
    alone = line("-0.25", row=3, layer=Layer.CREDIT, description="Discount 10 %")
    assert told(alone) == []


def test_that_a_stated_total_is_held_against_the_lines() -> None:
    lines = (line("1.00", row=1), line("2.00", row=2))
    control = ControlTotal("total", Decimal("3.50"), "USD", Place("invoice.xlsx", "Sheet1", 3))
    (one,) = found(*lines, controls=[control])
    assert (one.code, one.amount, one.values["sum"]) == ("total", Decimal("0.50"), "3.00")


def test_that_a_total_beside_taxes_may_be_with_or_without_them() -> None:
    # 1.00 + 2.00 = 3.00, and 0.54 of tax: 3.54. 2.54 is a line less.
    tax = replace(line("0.54", row=2), layer=Layer.TAX)
    lines = (line("1.00", row=1), line("2.00", row=2), tax)
    for stated, off in (("3.00", []), ("3.54", []), ("2.54", [("total", Decimal("-1.00"))])):
        control = ControlTotal("total", Decimal(stated), "USD", Place("invoice.xlsx", "Sheet1", 3))
        made = found(*lines, controls=[control])
        assert [(one.code, one.amount) for one in made if one.code == "total"] == off


def test_that_a_repeated_line_is_said_with_both_places() -> None:
    twice: dict[str, Any] = {"quantity": "30", "rate": "0.10", **PERU, **WHOLE}
    first, second = (line("3.00", row=row, **twice) for row in (4, 9))
    (one,) = found(first, line("1.00", row=5), second)
    assert (one.code, one.amount, [place.row for place in one.places]) == ("repeated", Decimal("3.00"), [4, 9])


def test_that_lines_of_different_messages_are_no_repetition() -> None:
    def of(row: int, message: int, units: str = "1") -> InvoiceLine:
        return line("0.07", units, row=row, message=message, **PERU, **WHOLE)

    (one,) = found(of(1, 1), of(2, 2), of(3, 1))
    assert (one.code, [place.row for place in one.places]) == ("repeated", [1, 3])
    # Messages listed one by one without a name may well be alike; beside a line of several they are none.
    assert found(of(1, 0), of(2, 0)) == ()
    assert [one.code for one in found(of(1, 0), of(2, 0), of(3, 0, "2"))] == ["repeated"]


def test_that_lines_of_overlapping_days_are_said_and_days_that_touch_are_not() -> None:
    def of(first: int, last: int, amount: str, row: int) -> InvoiceLine:
        days: dict[str, Any] = {"period_start": date(2026, 10, first), "period_end": date(2026, 10, last)}
        return line(amount, row=row, **PERU, **days)

    (one,) = found(of(1, 31, "3.00", 1), of(25, 31, "0.70", 2))
    assert (one.code, one.amount, [place.row for place in one.places]) == ("overlap", Decimal("0.70"), [1, 2])
    assert dict(one.values) == {"first": "2026-10-25", "last": "2026-10-31", "amount": "0.70"}
    (half,) = found(of(1, 20, "3.00", 1), of(15, 31, "0.70", 2))
    assert (half.code, half.amount) == ("overlap", None)
    assert found(of(1, 15, "3.00", 1), of(15, 31, "0.70", 2)) == ()
    assert found(of(1, 31, "3.00", 1), of(1, 31, "0.70", 2)) == ()  # two rates of a month


def test_that_signs_that_are_odd_are_said() -> None:
    assert told(line("-2.00")) == [("negative_line", "-2.00")]
    assert told(line("-2.00", layer=Layer.CREDIT)) == []
    assert told(line("2.00", document_type="credit_memo")) == [("charge_in_credit", "2.00")]


def test_that_a_document_in_two_files_is_said() -> None:
    first = line("1.00", document="F1")
    assert told(first, line("2.00", row=2, document="F1"), line("3.00", row=3, document="F2")) == []
    other = replace(line("2.00", document="F1"), source=Place("copy.xlsx", "Sheet1", 1))
    assert told(first, other) == [("document_differs", "None")]
    # The same two lines in another order: one finding, of 1.00 + 2.00, and none for each line.
    again = [
        replace(line(amount, document="F1"), source=Place("copy.xlsx", "Sheet1", 1)) for amount in ("2.00", "1.00")
    ]
    lines = (first, line("2.00", row=2, document="F1"), *again)
    (one,) = found(*lines)
    assert (one.code, one.amount, one.values["amounts"]) == ("repeated_document", Decimal("3.00"), "3.00 / 3.00")
    # A line that stands twice within each of them is said, once for the document and once for the line.
    twice = replace(first, source=Place("invoice.xlsx", "Sheet1", 3))
    copied = replace(twice, source=Place("copy.xlsx", "Sheet1", 4))
    assert [code for code, _ in told(twice, *lines, copied)] == ["repeated", "repeated_document"]


def test_that_lines_of_others_and_of_other_months_are_said() -> None:
    september: dict[str, Any] = {"period_start": date(2026, 9, 1), "period_end": date(2026, 9, 30)}
    assert told(line("1.00", waba_id="stranger")) == [("not_our_account", "1.00")]
    assert told(line("2.00", phone_number_id="other")) == [("not_our_number", "2.00")]
    assert told(line("3.00", **september)) == [("other_period", "3.00")]


@pytest.mark.parametrize(
    ("per", "units", "due"),
    [("month", "", "250.00"), ("number", "", "250.00"), ("unit", "30", "7500.00")],  # one number; 30 x 250
)
def test_that_fees_are_held_against_the_contract(per: str, units: str, due: str) -> None:
    account = replace(ACCOUNT, fees=(Fee("provider_fee", Decimal(250), "USD", per),))
    messages = line("3.00", units, **PERU)
    assert told(messages, fee_line(due, Layer.PROVIDER_FEE), account=account) == []
    over = str(Decimal(due) + 50)
    assert told(messages, fee_line(over, Layer.PROVIDER_FEE), account=account) == [("fee", "50.00")]


def test_that_a_fee_by_unit_is_due_on_units_whose_price_is_rounded_to_nothing() -> None:
    account = replace(ACCOUNT, fees=(Fee("provider_fee", Decimal("0.50"), "USD", "unit"),))
    messages = [line("3.00", "100", **PERU), line("0.00", "4", unit_rate=Decimal("0.0008"))]
    free = line("0.00", "90", unit_rate=Decimal(0))
    # (100 + 4) x 0.50 = 52.00; what is billed at a rate of nothing owes no fee
    assert told(*messages, free, fee_line("52.00", Layer.PROVIDER_FEE), account=account) == []
    assert told(*messages, free, fee_line("50.00", Layer.PROVIDER_FEE), account=account) == [("fee", "-2.00")]


def test_that_a_fee_by_unit_may_be_due_on_few_units_of_no_stated_price() -> None:
    # At 0.01 / 8 = 0.00125 each 3 come to nothing, 9 would come to 0.01: those 9 are free, the 3 may be charged.
    account = replace(ACCOUNT, fees=(Fee("provider_fee", Decimal("0.50"), "USD", "unit"),))
    lines = [line("3.00", "100", **PERU), line("0.01", "8"), line("0.00", "3"), line("0.00", "9")]
    # (100 + 8) x 0.50 = 54.00 at least, (100 + 8 + 3) x 0.50 = 55.50 at most
    for fee, told_of in (("54.00", []), ("55.50", []), ("53.50", ["-0.50"]), ("60.00", ["4.50"])):
        found = told(*lines, fee_line(fee, Layer.PROVIDER_FEE), account=account)
        assert found == [("fee", off) for off in told_of]


def test_that_a_fee_without_contract_and_a_contract_without_fee_are_said() -> None:
    assert told(fee_line("9.00", Layer.SUBSCRIPTION)) == [("fee_not_stated", "9.00")]
    account = replace(ACCOUNT, fees=(Fee("subscription", Decimal(250), "USD", "month"),))
    assert told(line("3.00"), account=account) == [("fee_missing", "-250.00")]
    assert (
        told(line("3.00", **PERU), line("250.00"), account=account) == []
    )  # among the messages, which it names none of


def test_that_tax_is_held_against_its_rate() -> None:
    # 18 % of 100.00 + 50.00 = 27.00.
    account = replace(ACCOUNT, tax=Tax("IGV", Decimal(18), included=False))
    lines = (line("100.00"), line("50.00", layer=Layer.OTHER))
    assert told(*lines, fee_line("27.00", Layer.TAX), account=account) == []
    assert told(*lines, fee_line("28.50", Layer.TAX), account=account) == [("tax", "1.50")]

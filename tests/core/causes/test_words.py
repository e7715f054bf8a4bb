"""What a cause was is said in both languages, for every kind that a reading can be of."""

from decimal import Decimal

import pytest

from auditor.core.causes.words import KINDS
from auditor.core.causes.words import PLAIN
from auditor.core.causes.words import cause_sentence
from auditor.core.causes.words import support_sentence
from auditor.core.results import Support
from auditor.language import Language

FIGURES = (
    dict.fromkeys(
        (
            "zone",
            "size",
            "currency",
            "category",
            "tax",
            "rate",
            "fee",
            "rows",
            "billed",
            "expected",
            "hours",
            "factor",
            "plus",
            "digits",
            "days",
            "template",
            "numbers",
        ),
        "77",
    )
    | dict.fromkeys(("day", "first", "last"), "2026-10-14")
    | {"market": "Chile", "country": "Peru", "from": "utility", "to": "marketing"}
)


def said(code: str, cause: str, **values: str) -> str:
    return cause_sentence(cause, values, Language(code).text, lambda name: name)


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_every_kind_of_cause_has_its_sentence(code: str) -> None:
    for cause in PLAIN:
        assert len(said(code, cause, **FIGURES)) > len(said(code, cause))
    for cause, kinds in KINDS.items():
        alone = said(code, cause)
        sentences = {said(code, cause, **FIGURES, kind=kind) for kind in kinds}
        assert len(sentences) == len(kinds)
        assert all(
            sentence != alone and (sentence.startswith(alone) or cause in {"quantity", "rate"})
            for sentence in sentences
        )


def test_that_a_sentence_names_categories_and_the_part_it_concerns() -> None:
    sentence = said("es", "category", **{"from": "utility", "to": "marketing", "scope": "Peru"})
    assert sentence.endswith("Coincide con unidades de Utilidad facturadas como Marketing. Solo para Peru.")


def test_that_a_sentence_names_the_day_from_which_or_until_which_a_cause_holds() -> None:
    assert said("en", "mark_up", kind="none", since="2026-10-16").endswith(" Only from 16 Oct 2026 on.")
    assert said("es", "mark_up", kind="none", until="2026-10-15").endswith(" Solo hasta el 15/10/2026.")


def test_that_the_days_of_a_cause_are_said_as_all_days_are() -> None:
    assert said("en", "fx", kind="on_day", day="2026-10-14").endswith(" It fits the rate of 14 Oct 2026 for every day.")
    gap = {"first": "2026-10-14", "last": "2026-10-15"}
    assert said("en", "log_gap", **gap).endswith(" days from 14 Oct 2026 to 15 Oct 2026 reaches that far.")
    assert "14/10/2026" in said("es", "log_gap", **gap)


def test_that_a_cause_without_figures_says_what_it_means() -> None:
    assert said("en", "missing_line") == "Charges were expected that the invoice does not list."


def test_that_a_wrong_rate_and_a_wrong_product_are_not_said_of_one_line() -> None:
    product = {"kind": "product", "billed": "0.80", "expected": "0.68"}
    assert said("en", "rate", billed="0.0275", expected="0.02") == (
        "The rate billed is on no rate card. Billed at 0.0275; the card says 0.02."
    )
    assert said("en", "rate", **product) == (
        "The line's amount is not its quantity times its rate. The amount is 0.80, but quantity times rate is 0.68."
    )
    assert said("es", "rate", **product) == (
        "El importe de la línea no es su cantidad por su tarifa. El monto es 0.80, pero cantidad por tarifa da 0.68."
    )


def test_that_what_speaks_for_a_cause_and_against_it_is_said() -> None:
    alone, beside = Support(3, 5, Decimal("0.833"), 0), Support(1200, 1201, Decimal(1), 2, ("fx", "unit"))
    assert support_sentence(alone, Language("en").text) == (
        "For it: lines that differ and come right: 3 of 5, with 83.3\N{NO-BREAK SPACE}% of the amounts that differ. "
        "No line that it changes speaks against it."
    )
    assert support_sentence(beside, Language("es").text) == (
        "Junto con: Tipo de cambio, Conversación contra mensaje. A favor: líneas con diferencia que quedan conformes: "
        "1,200 de 1,201, con el 100\N{NO-BREAK SPACE}% de los importes que difieren. "
        "En contra: líneas que cambia y que no quedan conformes: 2."
    )


def test_that_it_is_said_why_a_cause_is_not_found_for_which_everything_speaks() -> None:
    said = support_sentence(Support(3, 3, Decimal(1), 0), Language("en").text)
    assert said.endswith(
        "It is not proved: other causes come to the same, or the lines are too few to rule out chance."
    )
    assert "not proved" not in support_sentence(Support(3, 3, Decimal(1), 1), Language("en").text)

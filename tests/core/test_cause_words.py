"""What a cause was is said in both languages, for every kind that a reading can be of."""

import pytest

from auditor.core.cause_words import KINDS
from auditor.core.cause_words import PLAIN
from auditor.core.cause_words import cause_sentence
from auditor.language import Language

FIGURES = dict.fromkeys(
    (
        "zone",
        "currency",
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
        "first",
        "last",
        "template",
    ),
    "77",
) | {"market": "Chile", "country": "Peru", "from": "utility", "to": "marketing"}


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
        assert all(sentence.startswith(alone) and sentence != alone for sentence in sentences)


def test_that_a_sentence_names_categories_and_the_part_it_concerns() -> None:
    sentence = said("es", "category", **{"from": "utility", "to": "marketing", "scope": "Peru"})
    assert sentence.endswith("Coincide con Utilidad facturada como Marketing. Solo para Peru.")


def test_that_a_cause_without_figures_says_what_it_means() -> None:
    assert said("en", "missing_line") == "Charges were expected that the invoice does not list."

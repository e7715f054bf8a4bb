"""Of the three-way tie-out and of Meta's own verdicts, in words: every word is there in every language."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.checks.three_way_words import logged_sentence
from auditor.core.checks.three_way_words import short_exports
from auditor.core.results_checks import LoggedPattern
from auditor.core.results_checks import ThreeWay
from auditor.language import Language

PATTERN = LoggedPattern(
    regime="message-v1",
    category="utility",
    pricing_type="regular",
    covered=False,
    logged_model="PMP",
    logged_category="utility",
    logged_type="free_customer_service",
    billable=False,
    currency="USD",
    messages=10,
    unrated=0,
    expected=Decimal("0.20"),
    logged=Decimal(0),
    row=0,
)
HELD = ThreeWay(
    "waba", "Peru", "utility", Decimal(4), Decimal("0.08"), Decimal(2), None, 4, 4, Decimal("0.08"),
    counts_free=False, door="part", first=date(2026, 3, 1), last=date(2026, 3, 15),
)  # fmt: skip


def test_that_both_verdicts_are_said() -> None:
    english, spanish = (logged_sentence(PATTERN, Language(language).text) for language in ("en", "es"))
    assert english == "By the rules: Utility · Charged. By Meta's own log: Utility · Free: customer service window."
    ours, theirs = "Según las reglas: Utilidad · Con cargo.", "Utilidad · Gratis: ventana de atención."
    assert spanish == f"{ours} Según el propio registro de Meta: {theirs}"


@pytest.mark.parametrize(
    ("words", "theirs"),
    [
        ({"logged_type": ""}, "Utility · not billable"),
        ({"logged_type": "", "billable": True}, "Utility · billable"),
        ({"logged_type": "", "billable": None}, "Utility"),
        ({"logged_type": "other", "logged_category": "other"}, "a kind of its own"),
        ({"logged_type": "", "billable": None, "logged_category": "other"}, "a kind of its own"),
    ],
)
def test_that_what_meta_left_out_is_told_by_what_it_said(words: dict[str, object], theirs: str) -> None:
    pattern = replace(PATTERN, **words)  # type: ignore[arg-type]  # the pattern's own fields
    assert logged_sentence(pattern, Language("en").text).endswith(f"By Meta's own log: {theirs}.")
    covered = logged_sentence(replace(pattern, covered=True), Language("en").text)
    assert "within an open conversation" in covered


def test_that_the_days_of_a_short_export_are_said_once_for_an_account() -> None:
    say = Language("en").text
    alike = [HELD, replace(HELD, category="marketing", door="part_off"), replace(HELD, market="Chile", door="agree")]
    said = "The usage export has Andina from 01 Mar 2026 to 15 Mar 2026 only."
    assert list(short_exports(alike, say, {"waba": "Andina"}.__getitem__)) == [said]
    (whole,) = short_exports([replace(HELD, waba_id="")], say, str)
    assert whole == "The usage export has 01 Mar 2026 to 15 Mar 2026 only."
    assert not list(short_exports([replace(HELD, door="billing")], say, str))

"""Other errors of the codes that are planted are found with their exact amounts, alone and in pairs (formats.md §8)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from tests.core.causes.planted import planted_case
from tests.core.causes.planted_causes import LINES
from tests.core.causes.planted_causes import PLANTS
from tests.core.causes.planted_causes import ROOM
from tests.core.causes.planted_score import Score
from tests.core.causes.planted_score import audited
from tests.core.causes.planted_score import named
from tests.core.causes.planted_variants import at_one_rate
from tests.core.causes.planted_variants import category_of_one_country
from tests.core.causes.planted_variants import each_message
from tests.core.causes.planted_variants import of_another_size
from tests.core.causes.planted_variants import rounded_before
from tests.core.causes.planted_variants import tier_reached
from tests.core.causes.planted_variants import with_a_digit_off

UNITS, SENT, PRICE = (("category", partial(category_of_one_country, form)) for form in ("units", "sent", "price"))
BEFORE = ("rounding", rounded_before)
MESSAGE, RATE = ("unit", each_message), ("fx", at_one_rate)
SIZE, TIER, DIGIT = ("free_allowance", of_another_size), ("tier", tier_reached), ("quantity", with_a_digit_off)


@pytest.mark.parametrize(
    ("variant", "causes", "seed"),
    [
        (SIZE, ["free_allowance", "rate"], 0),
        (TIER, ["month_cut", "tier"], 2),
        (MESSAGE, ["unit", "mark_up"], 2),
        (RATE, ["fx"], 23),
        (DIGIT, ["quantity"], 90),
        (UNITS, ["category", "tax_included"], 1001),
        (SENT, ["category"], 16),
        (PRICE, ["category"], 8),
        (BEFORE, ["tax_included", "rounding"], 1),
        (BEFORE, ["provider_fee", "rounding"], 1),
    ],
)
def test_that_another_error_of_the_code_is_found(
    variant: tuple[str, Any], causes: Sequence[str], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cause, plant = variant
    monkeypatch.setitem(PLANTS if cause in PLANTS else LINES, cause, plant)
    case, score = planted_case(seed, causes), Score()
    assert case is not None
    answer = audited(case)
    assert score.add(case, named(answer), answer.result), (case.planted, named(answer))


@pytest.mark.parametrize(("causes", "seed"), [(["unit"], 2), (["unit", "unexpected_line"], 1)])
def test_that_messages_are_billed_by_who_began_the_conversation_that_each_would_be(
    causes: Sequence[str], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PLANTS, *MESSAGE)
    monkeypatch.setitem(ROOM, "unit", {"regimes": ("conversation-v1",), "service": 1150})  # beyond the free 1,000
    case, score = planted_case(seed, causes), Score()
    assert case is not None
    answer = audited(case)
    assert score.add(case, named(answer), answer.result), (case.planted, named(answer))

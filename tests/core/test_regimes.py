"""The dated table of regimes (pricing.md §2)."""

from datetime import date

import pytest

from auditor.core.regimes import CATEGORY
from auditor.core.regimes import FREE_SERVICE
from auditor.core.regimes import FREE_UTILITY_IN_WINDOW
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import LOGGED_EXPIRY
from auditor.core.regimes import MESSAGE
from auditor.core.regimes import Allowance
from auditor.core.regimes import columns
from auditor.core.regimes import regimes
from auditor.core.timeline import HOUR
from auditor.core.timeline import day_number

MESSAGES = {"id": "b", "first": date(2026, 10, 1), "unit": "message", "source": "s", "tiers": True}
CONVERSATIONS = {
    "id": "a", "first": date(2023, 6, 1), "unit": "category", "source": "s", "free_entry_point_hours": 72,
    "logged_expiry": True, "free_service": True, "allowance": {"size": 1000, "of": "service", "per": "waba"},
}  # fmt: skip


def test_that_regimes_stand_in_order_of_their_first_day() -> None:
    made = regimes([MESSAGES, CONVERSATIONS])
    assert [one.id for one in made] == ["a", "b"]
    assert made[0].allowance == Allowance(1000, "service", "waba")
    assert (made[1].allowance, made[1].tiers, made[1].unit) == (None, True, MESSAGE)


def test_that_kernels_get_the_rules_as_columns() -> None:
    found = columns(regimes([MESSAGES | {"free_utility_in_window": True}, CONVERSATIONS]))
    assert found.first.tolist() == [day_number(date(2023, 6, 1)), day_number(date(2026, 10, 1))]
    assert found.unit.tolist() == [CATEGORY, MESSAGE]
    assert found.free_entry_point.tolist() == [72 * HOUR, 0]
    assert found.rules.tolist() == [FREE_SERVICE | LOGGED_EXPIRY, FREE_UTILITY_IN_WINDOW]


def test_that_a_unit_that_is_not_known_is_an_error() -> None:
    with pytest.raises(KeyError):
        regimes([MESSAGES | {"unit": "token"}])


def test_that_the_units_are_told_apart() -> None:
    assert regimes([MESSAGES | {"unit": "initiator"}])[0].unit == INITIATOR

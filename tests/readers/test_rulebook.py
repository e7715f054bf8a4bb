"""The built-in rules as the engine takes them (pricing.md §§1, 2)."""

from datetime import date

import numpy as np
import pytest

from auditor.core.markets import place_of_number
from auditor.core.regimes import CATEGORY
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import MESSAGE
from auditor.core.regimes import NOTIFICATION
from auditor.core.regimes import Allowance
from auditor.core.timeline import day_number
from auditor.language import LANGUAGES
from auditor.language import catalogue
from auditor.readers.rates.cards import meta_card
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes


def test_that_the_regimes_are_those_of_the_rules() -> None:
    found = [(one.id, one.first, one.unit, one.free_entry_point_hours, one.allowance) for one in regimes()]
    any_per_waba, service_per_waba = Allowance(1000, "any", "waba"), Allowance(1000, "service", "waba")
    assert found == [
        ("notification", date(1, 1, 1), NOTIFICATION, 0, None),
        ("conversation-v1", date(2022, 2, 1), INITIATOR, 24, any_per_waba),
        ("conversation-v1", date(2023, 3, 1), INITIATOR, 72, any_per_waba),
        ("conversation-v2", date(2023, 6, 1), CATEGORY, 72, service_per_waba),
        ("conversation-v2-free-service", date(2024, 11, 1), CATEGORY, 72, None),
        ("message-v1", date(2025, 7, 1), MESSAGE, 72, None),
        ("message-v2", date(2026, 10, 1), MESSAGE, 72, Allowance(1000, "service", "number")),
    ]
    assert [one.id for one in regimes() if one.tiers] == ["message-v1", "message-v2"]
    assert [one.id for one in regimes() if one.free_utility_in_window] == ["message-v1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_every_regime_has_its_name_and_says_what_it_charges(language: str) -> None:
    words = catalogue(language)
    for one in regimes():
        assert words[f"domain.regime.{one.id}"]
        assert words[f"window.rates.regime.{one.id}"]


@pytest.mark.parametrize(
    ("number", "day", "country", "market"),
    [
        (51987654321, date(2026, 10, 5), "PE", "Peru"),
        (56987654321, date(2026, 10, 5), "CL", "Chile"),
        (525512345678, date(2026, 10, 5), "MX", "Mexico"),
        (14165551234, date(2026, 10, 5), "US", "North America"),
        (13055551234, date(2026, 10, 5), "US", "North America"),
        (447911123456, date(2026, 10, 5), "GB", "United Kingdom"),
        (85212345678, date(2026, 6, 30), "HK", "Rest of Asia Pacific"),
        (99912345678, date(2026, 10, 5), "", "Other"),
    ],
)
def test_that_numbers_lie_in_the_market_of_their_day(number: int, day: date, country: str, market: str) -> None:
    table = market_table()
    place = place_of_number(number, table.prefixes)
    found = table.of(np.array([place], np.int16), np.array([day_number(day)], np.int32))
    assert (table.country_of(place), table.names[int(found[0])]) == (country, market)


def test_that_every_market_with_a_rate_is_in_the_table_of_markets() -> None:
    assert {row.market for row in meta_card().rows} - {"*"} <= set(market_table().names)


def test_that_no_country_is_in_two_markets_at_once() -> None:
    table = market_table()
    for iso2 in table.country_place:
        markets = {
            table.market_of_country(iso2, date(year, month, 1)) for year in range(2022, 2027) for month in (1, 7)
        }
        assert "" not in markets, iso2
